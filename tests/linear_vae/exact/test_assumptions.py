"""Each assumption of the statement is changed, the theory derived again, and compared with minimisation of the loss."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize

from derivations.linear_vae.minimum import collapse as chapter
from vaesym.inputs import InputError
from vaesym.linear_vae.exact import collapse, minimum
from vaesym.linear_vae.saddle import free_energy, stationarity
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.data import field_covariance
from vaesym.linear_vae.statement.symbols import ORDER_PARAMETERS, D, Q, alpha, beta, eigenvalue, eta, lam, m, rho, v, w

CHANGED = {
    "prior": Assumptions(prior_variance=2),
    "signal": Assumptions(signal_variance=sp.Rational(3, 2)),
    "noise": Assumptions(noise_variance=sp.Rational(1, 2)),
    "reconstruction": Assumptions(reconstruction_weight=3),
    "kl": Assumptions(kl_weight=beta / 4),
    "all": Assumptions(2, sp.Rational(3, 2), sp.Rational(1, 2), 3, beta / 4),
}
POINT = {alpha: 2.0, lam: 0.5, eigenvalue: 3.0, beta: 0.8}


def brute_loss(stated: Assumptions, at: dict, top: float, weights: np.ndarray) -> float:
    """The loss over N of one latent on one eigenvector, by Gauss–Hermite over the data's field and over z ~ q."""
    first, second, log_variance = weights
    nodes, chances = np.polynomial.hermite_e.hermegauss(12)
    chances = chances / chances.sum()
    x, draw = np.meshgrid(np.sqrt(top) * nodes, nodes, indexing="ij")
    weight = np.outer(chances, chances)
    variance, prior = np.exp(log_variance), float(stated.prior_variance)
    z = second * x + np.sqrt(variance) * draw
    ratio = -0.5 * np.log(variance) - draw**2 / 2 + 0.5 * np.log(prior) + z**2 / (2 * prior)
    kl_weight = float(stated.kl_weight.subs(beta, at[beta]))
    sample = float(stated.reconstruction_weight) * ((x - first * z) ** 2 - x**2) / 2 + kl_weight * ratio
    return at[alpha] * float((weight * sample).sum()) + at[lam] / 2 * (first**2 + second**2)


def brute_minimum(stated: Assumptions, at: dict, top: float) -> tuple[float, float]:
    """The least loss and the decoder norm there, from several starts."""
    runs = [minimize(lambda x: brute_loss(stated, at, top, x), start, tol=1e-12)
            for start in ([1.0, 0.4, -0.5], [0.3, 0.3, 0.0], [2.0, 0.2, -1.5])]
    best = min(runs, key=lambda run: run.fun)
    return best.fun, best.x[0] ** 2


@pytest.mark.parametrize("name", CHANGED)
def test_collapse_and_its_threshold_follow_the_statement(name: str) -> None:
    stated = CHANGED[name]
    threshold = float(collapse.collapse_threshold(stated).subs(POINT))
    variance = float(collapse.collapsed_state(stated)[D].subs(POINT))
    silent = np.array([0.0, 0.0, np.log(variance)])
    for factor, stable in ((1.02, True), (0.98, False)):
        at = POINT | {beta: threshold * factor}
        step = 1e-3 * np.eye(3)
        curvature = [[brute_loss(stated, at, 3.0, silent + a + b) - brute_loss(stated, at, 3.0, silent + a - b)
                      - brute_loss(stated, at, 3.0, silent - a + b) + brute_loss(stated, at, 3.0, silent - a - b)
                      for a in step] for b in step]
        assert bool(np.linalg.eigvalsh(np.array(curvature) / 4e-6)[0] > 0) is stable
        slopes = [brute_loss(stated, at, 3.0, silent + a) - brute_loss(stated, at, 3.0, silent - a) for a in step]
        np.testing.assert_allclose(slopes, 0, atol=1e-8)


@pytest.mark.parametrize("name", CHANGED)
def test_the_potential_is_the_least_loss(name: str) -> None:
    stated = CHANGED[name]
    least, norm = brute_minimum(stated, POINT, 3.0)
    assert norm > 0.01
    at = {**POINT, Q: norm}
    np.testing.assert_allclose(float(minimum.potential(stated).subs(at)), least, rtol=1e-8)
    roots = np.roots([float(c.subs(POINT)) for c in minimum.stationarity_cubic(stated).all_coeffs()])
    assert min(abs(roots - norm)) < 1e-4 * norm


@pytest.mark.parametrize("name", CHANGED)
def test_replicas_find_the_same_threshold(name: str) -> None:
    stated = CHANGED[name]
    assert sp.cancel(chapter.threshold_from_modes(stated) - collapse.collapse_threshold(stated)) == 0
    saddle, state = chapter.collapsed_saddle(stated), collapse.collapsed_state(stated)
    assert sp.cancel(saddle[D] - state[D]) == 0


@pytest.mark.parametrize("name", CHANGED)
def test_several_latents_have_the_hessian_of_one(name: str) -> None:
    stated = CHANGED[name]
    hessian = chapter.latents_hessian(stated)
    top = sp.Symbol("Lambda_1", positive=True)
    block = collapse.collapse_hessian(stated).xreplace({eigenvalue: top})
    assert (hessian[:2, :2] - block).applyfunc(sp.cancel) == sp.zeros(2)


def test_the_reader_s_example() -> None:
    at = {alpha: 2, lam: sp.Rational(1, 2), eigenvalue: 3}
    assert collapse.collapse_threshold(CHANGED["prior"]).subs(at) == sp.Rational(5, 2)
    assert collapse.collapsed_state(CHANGED["prior"])[D] == 2


def test_the_law_of_the_data_moves_the_outlier() -> None:
    """Signal and noise of other variances are strengths ρ·var c and η·var n: the outlier of one sampled matrix."""
    stated = CHANGED["all"]
    values = {alpha: 4, rho: 1, eta: 1}
    top, squared = (float(part.subs(values)) for part in random_matrix.signal(stated))
    rng, dimension = np.random.default_rng(5), 800
    signal = np.ones(dimension)
    x = np.outer(rng.normal(0, np.sqrt(1.5), 4 * dimension), signal) / np.sqrt(dimension)
    x += rng.normal(0, np.sqrt(0.5), (4 * dimension, dimension))
    found, vectors = np.linalg.eigh(x.T @ x / len(x))
    spread = 2.0 * np.sqrt(2 / len(x))  # (ρ+η)√(2/P), N9
    assert abs(found[-1] - top) < 4 * spread
    assert abs((vectors[:, -1] @ signal) ** 2 / dimension - squared) < 0.05
    assert field_covariance(stated)[0, 0] == sp.Rational(3, 2) * rho * m**2 + eta * Q / 2


def test_the_replica_equations_hold_at_the_minimum() -> None:
    """With every assumption changed, the minimum found above solves those of the nine equations without χ."""
    stated = CHANGED["all"]
    equation = stationarity.stationarity_equations(stated)[ORDER_PARAMETERS.index(D)]
    assert sp.cancel(stationarity.posterior_variance(stated) - minimum.optimal_variance(stated)) == 0
    assert equation.subs(D, minimum.optimal_variance(stated)).simplify() == 0
    assert free_energy.free_energy(stated) != free_energy.free_energy(STANDARD)
    encoder = minimum.optimal_encoder(stated).subs({**POINT, w: 1.0, Q: 1.0})
    best = minimize(lambda x: brute_loss(stated, POINT, 3.0, np.array([1.0, x[0], np.log(
        float(minimum.optimal_variance(stated).subs({**POINT, Q: 1.0})))])), [0.1], tol=1e-12).x[0]
    np.testing.assert_allclose(best, float(encoder), rtol=1e-5)
    assert minimum.optimal_encoder(stated).free_symbols <= {w, Q, alpha, beta, lam, eigenvalue, v}


def test_what_cannot_be_a_variance_is_refused() -> None:
    with pytest.raises(InputError, match="a positive prior_variance"):
        Assumptions(prior_variance=0)
    with pytest.raises(InputError, match="a positive kl_weight"):
        Assumptions(kl_weight=-beta)
