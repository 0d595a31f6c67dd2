"""Metrics of latents against closed forms: Gaussian posteriors, the linear VAE, small mixtures by hand."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from vaesym import LinearVAE
from vaesym.inputs import InputError
from validation.images import measures as metrics
from validation.images.analysis import fresh_elbo
from validation.images.networks import gaussian_kl

RANDOM = np.random.default_rng(5)
MEANS, LOGS = RANDOM.normal(size=(7, 3)), RANDOM.normal(size=(7, 3))


def kl(means: Any, logs: Any) -> np.ndarray:
    return gaussian_kl(*(torch.tensor(np.array(values, dtype=float)) for values in (means, logs))).numpy()


@settings(deadline=None)
@given(st.floats(-5, 5), st.floats(-20, 20).filter(lambda logarithm: abs(logarithm) > 1e-3))
def test_kl_of_a_gaussian(mean: float, logarithm: float) -> None:
    with mpmath.workdps(700):
        expected = (mpmath.mpf(mean)**2 + mpmath.expm1(logarithm) - mpmath.mpf(logarithm)) / 2
    assert kl([mean], [logarithm])[0] == pytest.approx(float(expected), rel=1e-9)


def test_latents_of_the_linear_vae() -> None:
    data = RANDOM.normal(size=(200, 10)) * np.linspace(3, 0.5, 10)**2
    vae = LinearVAE(4, beta=40.0, lam=0.3).fit(data)
    found = kl(vae.transform(data), np.broadcast_to(np.log(vae.D_), (200, 4)))
    np.testing.assert_allclose(found.mean(axis=0), vae.kl(data), rtol=1e-12, atol=1e-16)
    assert vae.collapsed_.any()
    assert not vae.collapsed_.all()
    np.testing.assert_array_equal(vae.transform(data).var(axis=0) > metrics._ACTIVE, ~vae.collapsed_)


def test_elbo_of_the_linear_vae_is_its_likelihood() -> None:
    data = RANDOM.normal(size=(60, 5)) * [3, 2, 1, 0.5, 0.2]
    vae = LinearVAE(3).fit(data)
    means = vae.transform(data)
    # E_q ‖x − x̂‖²: the error of the mean and Σ_l Q_l D_l.
    error = ((data - vae.inverse_transform(means))**2).sum(axis=1).mean() + (vae.Q_ * vae.D_).sum()
    rate = kl(means, np.broadcast_to(np.log(vae.D_), means.shape)).sum(axis=1).mean()
    likelihood = multivariate_normal(vae.mean_, vae.W_ @ vae.W_.T / 5 + np.eye(5)).logpdf(data).mean()
    runs = xr.Dataset({"beta": ("run", [1.0]), "test_squared_error": ("run", [error]), "test_rate": ("run", [rate])})
    assert fresh_elbo(runs, 5)[0] == pytest.approx(likelihood, rel=1e-12)
    # In other units of x the same model has σ² = c² and the density falls by c^N.
    scaled = runs.assign(beta=("run", [49.0]), test_squared_error=("run", [49 * error]))
    assert fresh_elbo(scaled, 5)[0] == pytest.approx(likelihood - 5 * np.log(7), rel=1e-12)


@pytest.mark.parametrize(("changes", "words"), [
    ({"means": MEANS[:1], "log_variances": LOGS[:1]}, "at least two samples"), ({"population": 6}, "6"),
    ({"draws": 0}, "draws >= 1"), ({"seed": -1}, "seed")])
def test_input_that_is_refused(changes: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        metrics.mutual_information(**{"means": MEANS, "log_variances": LOGS, "seed": 0, **changes})


def test_marginal_density_of_a_small_mixture_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(11).standard_normal((2, 7, 3))
    for population, own in ((None, 1 / 7), (70, 1 / 70), (np.inf, 0.0)):
        excess = []
        for draw in noise:
            z = MEANS + np.exp(LOGS / 2) * draw
            density = np.array([[norm.pdf(one, MEANS[j], np.exp(LOGS[j] / 2)).prod() for j in range(7)] for one in z])
            weights = np.where(np.eye(7, dtype=bool), own, (1 - own) / 6)
            excess.append(np.log((weights * density).sum(axis=1)) - norm.logpdf(z).sum(axis=1))
        for piece in (1, 2**23):
            monkeypatch.setattr(metrics, "_PIECE", piece)
            parts = metrics.mutual_information(MEANS, LOGS, seed=11, population=population, draws=2)
            assert parts.marginal_kl == pytest.approx(np.mean(excess), rel=1e-12)
            assert parts.rate == pytest.approx(kl(MEANS, LOGS).sum(axis=1).mean(), rel=1e-12)
            assert parts.mutual_information == pytest.approx(parts.rate - parts.marginal_kl, rel=1e-12)
            spread = np.mean(excess, axis=0).std(ddof=1) / np.sqrt(7)
            assert parts.standard_error == pytest.approx(spread, rel=1e-12)


@pytest.mark.parametrize("lam", [0.0, 200.0])
def test_information_of_the_linear_vae(lam: float) -> None:
    """The aggregated posterior is N(0, s + D): I = ½ ln(1 + s/D), and the prior itself where λ = 0."""
    data = RANDOM.normal(size=(1500, 6)) * [2.0, 1.6, 1.2, 0.5, 0.4, 0.3]
    vae = LinearVAE(2, lam=lam).fit(data)
    means = vae.transform(data)
    spread = means.var(axis=0)
    total = spread + vae.D_
    expected = np.log1p(spread / vae.D_).sum() / 2
    marginal = (total - 1 - np.log(total)).sum() / 2
    assert (marginal > 0.01) == (lam > 0)
    logs = np.broadcast_to(np.log(vae.D_), means.shape)
    for population in (None, np.inf):
        parts = metrics.mutual_information(means, logs, seed=2, population=population)
        assert parts.rate == pytest.approx(expected + marginal, rel=1e-9)
        assert abs(parts.marginal_kl - marginal) < 4 * parts.standard_error
        assert parts.standard_error < 0.02


def test_bounds_of_the_information() -> None:
    """Few samples of many: the mixture of the given ones is below, leaving the own one out above."""
    means, logs = 3 * RANDOM.normal(size=(40, 2)), np.full((40, 2), np.log(0.1))
    truth = np.log1p(9 / 0.1)
    low, high = (metrics.mutual_information(means, logs, seed=0, population=size, draws=40).mutual_information
                 for size in (None, np.inf))
    assert low < np.log(40)
    assert low < truth < high


def test_far_apart_posteriors_carry_the_logarithm_of_their_number() -> None:
    means, logs = np.arange(50.0)[:, None], np.full((50, 1), -20.0)
    parts = metrics.mutual_information(means, logs, seed=0, draws=400)
    assert abs(parts.mutual_information - np.log(50)) < 4 * np.sqrt(np.mean(0.5 + means**2 * np.exp(-20)) / (50 * 400))
