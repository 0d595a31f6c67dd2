"""Fluctuations of the outlier against drawn data, by z-scores with a fixed seed."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import eigh_tridiagonal
from scipy.stats import ks_2samp

from vaesym.linear_vae.exact import fluctuations
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import alpha, eta, rho


def draws(n, ratio, signal, noise, count, seed):
    """Outlier and overlap of ``count`` data sets, by the bidiagonal form of X (Dumitriu and Edelman, 2002).

    Reflections that leave the signal's coordinate alone turn X into a matrix with independent χ variables on its
    diagonal and above it: the law is that of whole data sets, and the outlier that of a tridiagonal matrix.
    """
    rng, samples = np.random.default_rng(seed), int(ratio * n)
    size = min(samples + 1, n)
    below = np.sqrt(noise * rng.chisquare(np.maximum(samples - np.arange(size), 1e-300), (count, size)) / samples)
    beside = np.sqrt(noise * rng.chisquare(n - 1 - np.arange(size - 1), (count, size - 1)) / samples)
    below[:, 0] *= np.sqrt((signal + noise) / noise)
    main = below**2
    main[:, 1:] += beside**2
    pairs = [eigh_tridiagonal(*parts, select="i", select_range=(size - 1, size - 1))
             for parts in zip(main, below[:, :-1] * beside, strict=True)]
    return np.array([values[0] for values, _ in pairs]), np.array([vectors[0, 0] ** 2 for _, vectors in pairs])


@pytest.mark.parametrize(("n", "ratio"), [(60, 3.0), (60, 0.5)])
def test_the_draws_have_the_law_of_whole_data_sets(n, ratio):
    rng, whole = np.random.default_rng(1), []
    for _ in range(300):
        x = rng.standard_normal((int(ratio * n), n))
        x[:, 0] *= np.sqrt(2.5)
        values, vectors = np.linalg.eigh(x.T @ x / len(x))
        whole.append((values[-1], vectors[0, -1] ** 2))
    for drawn, direct in zip(draws(n, ratio, 1.5, 1.0, 3000, seed=2), np.array(whole).T, strict=True):
        assert ks_2samp(drawn, direct).pvalue > 1e-3


@pytest.mark.parametrize(("ratio", "signal", "noise"), [(3.0, 1.5, 1.0), (0.8, 3.0, 1.0)])
def test_covariance_of_outlier_and_overlap(ratio, signal, noise):
    n, count = 200, 600
    top, squared = draws(n, ratio, signal, noise, count, seed=20)
    values = {alpha: ratio, rho: signal, eta: noise, fluctuations.samples: int(ratio * n)}
    theory = np.array(fluctuations.signal_covariance().subs(values), dtype=float)
    measured = np.cov(top, squared)
    # Standard error of a Gaussian covariance; finite N adds a bias of relative order 1/N ~ 0.5 %.
    error = np.sqrt((theory**2 + np.outer(np.diag(theory), np.diag(theory))) / count)
    z = (measured - theory) / error
    assert np.abs(z).max() < 3.5, z


def test_mean_follows_the_limit_at_the_rate_of_one_over_n():
    ratio, signal, noise = 3.0, 1.5, 1.0
    limit = float(random_matrix.signal()[0].subs({alpha: ratio, rho: signal, eta: noise}))
    gaps, errors = [], []
    for n, count in ((50, 1600), (100, 800), (200, 400)):
        top, _ = draws(n, ratio, signal, noise, count, seed=n)
        gaps.append((top.mean() - limit) * n)
        errors.append(top.std() / np.sqrt(count) * n)
    # N times the bias is constant: all pairs agree within their errors.
    for i in range(3):
        for j in range(i):
            assert abs(gaps[i] - gaps[j]) < 3.5 * np.hypot(errors[i], errors[j])


def test_the_variance_vanishes_at_detection_and_that_of_the_overlap_diverges():
    at = {rho: sp.Integer(1), eta: sp.Integer(2), fluctuations.samples: sp.Integer(1)}
    covariance = fluctuations.signal_covariance().subs(at)
    assert covariance[0, 0].subs(alpha, 4) == 0
    assert covariance[1, 1].subs(alpha, 4 + sp.Rational(1, 10**6)) > 10**3
