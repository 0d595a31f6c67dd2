"""Where other linear VAEs collapse: against the book's formulas, and against training them on their exact losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize

import vaesym
from derivations import book
from vaesym.inputs import InputError
from vaesym.linear_vae.statement.symbols import sym

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(3)


def trained(loss: Callable[..., Any], shapes: list[tuple[int, ...]], size: float = 0.5, seed: int = 0) -> list[Any]:
    """Minimise a loss of arrays of these shapes from a random start."""
    lengths = [int(np.prod(shape)) for shape in shapes]

    def parts(point: Any) -> list[Any]:
        return [part.view(shape) for part, shape in zip(point.split(lengths), shapes, strict=True)]

    def value_and_slope(point: Any) -> tuple[float, Any]:
        tensor = torch.tensor(point, requires_grad=True)
        value = loss(*parts(tensor))
        value.backward()
        return value.item(), tensor.grad.numpy()

    start = size * np.random.default_rng(seed).normal(size=sum(lengths))
    found = minimize(value_and_slope, start, jac=True, method="L-BFGS-B",
                     options={"maxiter": 5000, "maxfun": 10**5, "gtol": 1e-9, "ftol": 1e-16, "maxcor": 30})
    return [part.numpy() for part in parts(torch.tensor(found.x))]


def kl(mean_squares: Any, log_variance: Any) -> Any:
    return 0.5 * (mean_squares + log_variance.exp() - log_variance - 1).sum()


def linear_loss(covariance: Any, beta: float, decoder: float, encoder: float, variance: Any = 1.0) -> Any:
    """Loss per sample of weights W, V (N × M) and ln D; weight decay is that of a sample, λ/P."""
    sigma = torch.tensor(covariance)

    def loss(w: Any, v: Any, level: Any) -> Any:
        error = sigma.trace() - 2 * (w.T @ sigma @ v).trace() + (w.T @ w @ v.T @ sigma @ v).trace() + (
            (w**2).sum(dim=0) * level.exp()).sum()
        return error / (2 * variance) + beta * kl((v.T @ sigma @ v).diagonal(), level) + (
            decoder * (w**2).sum() + encoder * (v**2).sum()) / 2

    return loss


def rotated(eigenvalues: list[float]) -> Any:
    basis, _ = np.linalg.qr(RNG.normal(size=(len(eigenvalues), len(eigenvalues))))
    return basis @ np.diag(eigenvalues) @ basis.T


def at(chapter: str, label: str, **values: float) -> Any:
    """The statement of the book at numbers; of several, all."""
    right = book()[chapter][label].statement.rhs.subs({sym(name): value for name, value in values.items()})
    return [float(part) for part in right] if isinstance(right, sp.Tuple) else float(right)


def test_formulas_are_those_of_the_book() -> None:
    point = {"alpha": 3.0, "rho": 1.3, "eta": 0.7}
    top = 2.0 * (1 + 0.7 / (3.0 * 1.3))
    assert vaesym.conditional_threshold(3.0, 0.8, lam=0.4, rho=1.3, eta=0.7) == pytest.approx(
        at("conditional", "threshold", **point, lam=0.4, covariates=0.8))
    assert vaesym.unequal_decay_threshold(3.0, lam_decoder=0.4, lam_encoder=0.2, rho=1.3, eta=0.7) == pytest.approx(
        at("extensions", "unequal-decay", **point, eigenvalue=top, decoder_decay=0.4, encoder_decay=0.2))
    assert vaesym.tied_threshold(3.0, lam=0.4, rho=1.3, eta=0.7) == pytest.approx(
        at("extensions", "tied", **point, eigenvalue=top, lam=0.4))
    assert vaesym.learned_variance_threshold(3.0, lam=0.4, rho=1.3, eta=0.7) == pytest.approx(
        at("extensions", "variance-threshold", **point, eigenvalue=top, lam=0.4, mean_eigenvalue=0.7))


def test_limits_join_the_plain_model() -> None:
    plain = vaesym.collapse_threshold([0.5, 2.0], lam=0.3)
    np.testing.assert_allclose(vaesym.conditional_threshold([0.5, 2.0], 0.0, lam=0.3), plain, rtol=1e-12)
    np.testing.assert_allclose(vaesym.unequal_decay_threshold([0.5, 2.0], lam_decoder=0.3, lam_encoder=0.3), plain,
                               rtol=1e-12)
    np.testing.assert_allclose(vaesym.learned_variance_threshold([0.5, 2.0], lam=0.3), plain, rtol=1e-12)


@pytest.mark.parametrize(("split", "product"), [(0.05, 0.04), (0.3, 0.04), (2.0, 0.5)])
def test_no_split_of_a_product_beats_the_best(split: float, product: float) -> None:
    top = 3.0
    best = top * (1 - np.sqrt(product) / (2 * top)) ** 2
    here = vaesym.unequal_decay_threshold(2.0, lam_decoder=split, lam_encoder=product / split)
    assert here <= best + 1e-12
    decoder = 2 * np.sqrt(product) / (2 * top - np.sqrt(product))
    assert vaesym.unequal_decay_threshold(2.0, lam_decoder=decoder, lam_encoder=product / decoder) == pytest.approx(
        best)


def test_covariates_take_samples_away() -> None:
    """Residuals of a spiked sample on random covariates: their top eigenvalue at N = 800."""
    features, samples, rank = 800, 1600, 480
    signal = RNG.normal(size=features)
    x = np.outer(RNG.normal(size=samples), signal / np.linalg.norm(signal)) + RNG.normal(size=(samples, features))
    basis, _ = np.linalg.qr(RNG.normal(size=(samples, rank)))
    x -= basis @ (basis.T @ x)
    top = np.linalg.eigvalsh(x.T @ x / samples)[-1]
    found = vaesym.conditional_threshold(samples / features, rank / features, lam=0.0)
    # With α − r in place of α in the whole threshold it would be far off.
    assert found == pytest.approx(top, rel=0.06)
    assert vaesym.collapse_threshold((samples - rank) / features, lam=0.0) > 1.3 * top


@pytest.mark.parametrize(("scale", "beta"), [(1.0, 0.25), (10.0, 4.0)])
def test_a_conditional_vae_is_one_on_residuals(scale: float, beta: float) -> None:
    """Trained with labels told to both networks: norms and variances of each mode, on both sides of βσ² = 1.

    One mode lies between βη² and √β·η where the printed branch would decide otherwise.
    """
    features, groups, samples = 4, 3, 90
    labels = np.repeat(np.eye(groups), samples // groups, axis=0)
    raw = RNG.normal(size=(samples, features))
    raw -= labels @ (labels.T @ raw) * groups / samples
    whitened = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / samples)).T
    eigenvalues = scale * np.array([2.0, 0.35, 0.2, 0.1])
    x = whitened @ np.diag(np.sqrt(eigenvalues)) @ rotated([1.0] * features) + labels @ RNG.normal(
        size=(groups, features)) * 3
    data, told = torch.tensor(x), torch.tensor(labels)

    def loss(w: Any, v: Any, level: Any, shift: Any, bias: Any) -> Any:
        mean = data @ v + told @ shift
        error = ((data - mean @ w.T - told @ bias) ** 2).sum() / samples + ((w**2).sum(dim=0) * level.exp()).sum()
        return error / 2 + beta * kl((mean**2).mean(dim=0), level)

    w, _, level, *_ = trained(loss, [(features, 2), (features, 2), (2,), (groups, 2), (groups, features)])
    norms, variances = np.sort(np.linalg.svd(w)[1] ** 2)[::-1], np.sort(np.exp(level))
    np.testing.assert_allclose(norms, np.maximum(eigenvalues[:2] - beta, 0), atol=2e-4 * scale)
    assert variances.prod() == pytest.approx(np.minimum(beta / eigenvalues[:2], 1).prod(), rel=1e-3)
    printed = np.where(eigenvalues >= np.sqrt(beta), beta / eigenvalues, 1.0)[:2]
    assert abs(variances.prod() - printed.prod()) > 0.02


def test_an_encoder_that_is_not_told_collapses_earlier() -> None:
    within, between = 2.0, 3.0
    expected = at("conditional", "blind", eigenvalue=within, between=between)

    def norm(beta: float) -> float:
        def loss(w: Any, v: Any, level: Any) -> Any:
            error = within * (1 - w * v) ** 2 + w**2 * level.exp()
            return (error / 2 + beta * kl(v**2 * (within + between), level)).sum()

        return float(np.abs(trained(loss, [(1,), (1,), (1,)])[0][0]))

    assert norm(0.95 * expected) > 0.1
    assert norm(1.05 * expected) < 1e-3


@pytest.mark.parametrize(("one", "two", "variance", "s"), [(1.0, 1.5, 0.4, 0.7), (2.0, 0.5, 0.9, 1.0),
                                                           (0.5, 1.0, 1.0, 2.0)])
def test_levels_die_where_the_thresholds_say(one: float, two: float, variance: float, s: float) -> None:
    """Two levels of three latents, trained on a population with modes around both thresholds."""
    limits = vaesym.hierarchical_thresholds(one, two, variance=variance, output_variance=s)
    ends = sorted({float(limits.first), float(limits.second or limits.first)})
    eigenvalues = [1.3 * ends[-1], np.sqrt(ends[0] * ends[-1]) * (1.0 if len(ends) > 1 else 0.9), 0.7 * ends[0]]
    sigma, size = torch.tensor(rotated(eigenvalues)), len(eigenvalues)
    unit = torch.eye(size, dtype=torch.float64)

    def loss(w1: Any, v1: Any, w2: Any, v2: Any, level: Any) -> Any:
        first = v1.T @ sigma @ v1 + variance * unit
        error = ((unit - w1 @ v1.T) @ sigma @ (unit - w1 @ v1.T).T).trace() + variance * (w1**2).sum()
        gap = unit - w2 @ v2.T
        own = (gap @ first @ gap.T).trace() + ((w2**2).sum(dim=0) * level.exp()).sum()
        return error / (2 * s) + one * own / 2 + two * kl((v2.T @ first @ v2).diagonal(), level)

    _, v1, w2, _, _ = trained(loss, [(size, size)] * 4 + [(size,)])
    first = np.linalg.svd(v1)[1] ** 2
    second = np.linalg.svd(w2)[1] ** 2
    assert (first > 1e-4).sum() == sum(value > limits.first for value in eigenvalues)
    assert (second > 1e-4).sum() == sum(value > limits.second for value in eigenvalues)


def test_a_learned_first_variance_kills_the_second_level() -> None:
    """β₂ > β₁: dead at an eigenvalue at which a given variance keeps it alive; β₂ < β₁: the loss falls without end."""
    def loss_at(one: float, two: float) -> Callable[..., Any]:
        def loss(w1: Any, v1: Any, w2: Any, v2: Any, level: Any, own: Any) -> Any:
            first = v1**2 * 9.0 + own.exp()
            error = (1 - w1 * v1) ** 2 * 9.0 + w1**2 * own.exp()
            upper = (1 - w2 * v2) ** 2 * first + w2**2 * level.exp() - own
            return (error / 2 + one * upper / 2 + two * kl(v2**2 * first, level)).sum()

        return loss

    dead = trained(loss_at(1.0, 1.2), [(1,)] * 6)
    assert abs(dead[2][0]) < 1e-3
    assert dead[1][0] ** 2 * 9.0 + np.exp(dead[5][0]) == pytest.approx(1.0, rel=1e-3)
    log = np.log(1e3)
    values = [float(loss_at(1.0, 0.5)(*torch.tensor([[1 / t], [t], [t], [1 / t], [-2 * np.log(t)], [2 * np.log(t)]],
                                                    dtype=torch.float64))) for t in (1e3, 1e6, 1e9)]
    np.testing.assert_allclose(np.diff(values), -log / 2, rtol=1e-5)


@pytest.mark.parametrize("ratio", [0.95, 1.05])
def test_tied_unequal_and_learned_trainings_collapse_at_their_thresholds(ratio: float) -> None:
    covariance, alpha, top = rotated([1.8, 1.1, 0.6, 0.3]), 3.0, 1.8
    sizes = [(4, 1), (4, 1), (1,)]
    tied = ratio * at("extensions", "tied", alpha=alpha, eigenvalue=top, lam=0.5)
    plain = linear_loss(covariance, tied, 0.5 / alpha, 0.0)
    weights = [trained(lambda w, level: plain(w, w, level), [(4, 1), (1,)])[0]]
    unequal = ratio * at("extensions", "unequal-decay", alpha=alpha, eigenvalue=top, decoder_decay=0.6,
                         encoder_decay=0.2)
    weights += [trained(linear_loss(covariance, unequal, 0.6 / alpha, 0.2 / alpha), sizes)[0]]
    learned = ratio * at("extensions", "variance-threshold", alpha=alpha, eigenvalue=top, lam=0.4,
                         mean_eigenvalue=3.8 / 4)

    def with_variance(w: Any, v: Any, level: Any, own: Any) -> Any:
        return linear_loss(covariance, learned, 0.4 / alpha, 0.4 / alpha, own.exp())(w, v, level) + 2 * own.sum()

    found = trained(with_variance, [*sizes, (1,)])
    weights += [found[0]]
    norms = [float((part**2).sum()) for part in weights]
    assert all(norm > 0.03 for norm in norms) if ratio < 1 else all(norm < 1e-5 for norm in norms)
    # The variance is the squared error per dimension, whatever weight decay does.
    q, variance = norms[-1], float(np.exp(found[3][0]))
    own = at("extensions", "variance-distortion", alpha=alpha, eigenvalue=top, lam=0.4, beta=learned, Q=q,
             decoder_variance=variance)
    assert variance == pytest.approx((own + 2.0) / 4, rel=1e-4)


def test_only_the_product_of_unequal_decay_matters_without_kl() -> None:
    values = [at("extensions", "gauge", alpha=2.0, eigenvalue=1.5, decoder_decay=split, encoder_decay=0.25 / split)
              for split in (0.1, 2.0)]
    covariance = np.array([[1.5]])
    found = [trained(linear_loss(covariance, 1e-7, split / 2, 0.125 / split), [(1, 1), (1, 1), (1,)])
             for split in (0.1, 2.0)]
    for (product, _, norm), (w, v, _) in zip(values, found, strict=True):
        assert float(w[0, 0] * v[0, 0]) == pytest.approx(product, rel=1e-3)
        assert float(w[0, 0] ** 2) == pytest.approx(norm, rel=1e-3)
    assert values[0][:2] == pytest.approx(values[1][:2])
    assert values[0][2] != pytest.approx(values[1][2], rel=0.1)


BAD = [
    (lambda: vaesym.conditional_threshold(2.0, 2.0, lam=0.1), "fewer covariates than samples"),
    (lambda: vaesym.conditional_threshold(2.0, -0.1, lam=0.1), "covariates >= 0"),
    (lambda: vaesym.conditional_threshold(-1.0, 0.1, lam=0.1), "alpha"),
    (lambda: vaesym.unequal_decay_threshold(2.0, lam_decoder=-1.0, lam_encoder=0.0), "lam_decoder >= 0"),
    (lambda: vaesym.tied_threshold(2.0, lam=np.nan), "finite lam"),
    (lambda: vaesym.learned_variance_threshold(2.0, lam=0.1, eta=0.0), "eta > 0"),
    (lambda: vaesym.hierarchical_thresholds(1.0, 0.0, variance=1.0), "beta_second > 0"),
    (lambda: vaesym.hierarchical_thresholds([1.0, 2.0], [1.0, 2.0, 3.0], variance=1.0), "shapes broadcast"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
