"""Fluctuations of the outlier against drawn data, by z-scores with a fixed seed."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import eigh

from vaesym.linear_vae.exact import fluctuations
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import alpha, eta, rho


def draws(n, ratio, signal, noise, count, seed):
    rng = np.random.default_rng(seed)
    top, squared = np.empty(count), np.empty(count)
    for i in range(count):
        x = np.sqrt(noise) * rng.standard_normal((int(ratio * n), n))
        x[:, 0] *= np.sqrt((signal + noise) / noise)
        values, vectors = eigh(x.T @ x / len(x), subset_by_index=(n - 1, n - 1), check_finite=False)
        top[i], squared[i] = values[0], vectors[0, 0] ** 2
    return top, squared


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
