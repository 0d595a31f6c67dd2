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
from scipy.stats import multivariate_normal

from vaesym import LinearVAE
from validation.images.analysis import fresh_elbo
from validation.images.networks import gaussian_kl

RANDOM = np.random.default_rng(5)


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
