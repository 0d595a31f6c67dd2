"""Learned decoder variance: the closed form against descent on the loss itself, and probabilistic PCA."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.decomposition import PCA

import vaesym
from vaesym.practice import learned_variance

VALUES = np.array([6.0, 3.5, 2.0, 1.0, 0.7, 0.4])


def loss_and_slope(flat: np.ndarray, values: np.ndarray, latents: int, beta: float) -> tuple[float, np.ndarray]:
    """Loss of a linear VAE with encoder V, decoder W, posterior variances D and decoder variance σ², all free.

    The data have a diagonal covariance; the weights are full matrices, so that nothing is assumed of their direction.
    """
    n = len(values)
    w, v = flat[: n * latents].reshape(n, latents), flat[n * latents : 2 * n * latents].reshape(n, latents)
    log_d, log_s = flat[2 * n * latents : -1], flat[-1]
    d, s = np.exp(log_d), np.exp(log_s)
    residual = np.eye(n) - w @ v.T
    error = np.einsum("ij,j,ij->", residual, values, residual) + (w**2 * d).sum()
    means = np.einsum("i,il->l", values, v**2)
    value = n * log_s / 2 + error / (2 * s) + beta / 2 * (means + d - log_d - 1).sum()
    scaled = residual * values
    slope_w = (-scaled @ v + w * d) / s
    slope_v = -(scaled.T @ w) / s + beta * values[:, None] * v
    slope_d = ((w**2).sum(axis=0) / (2 * s) + beta / 2) * d - beta / 2
    slope_s = n / 2 - error / (2 * s)
    return float(value), np.concatenate([slope_w.ravel(), slope_v.ravel(), slope_d, [slope_s]])


@pytest.mark.parametrize("latents", [1, 2, 3])
@pytest.mark.parametrize("beta", [0.5, 1.0, 1.4, 3.0])
def test_descent_on_the_loss_ends_there(latents: int, beta: float) -> None:
    predicted = learned_variance(VALUES, latents=latents, n_features=6, beta=beta)
    ends = []
    for seed in range(6):
        start = 0.3 * np.random.default_rng(seed).normal(size=2 * 6 * latents + latents + 1)
        found: Any = minimize(loss_and_slope, start, args=(VALUES, latents, beta), jac=True, method="L-BFGS-B",
                              options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-9})
        ends.append((found.fun, found.x))
    _, best = min(ends, key=lambda end: end[0])
    assert np.exp(best[-1]) == pytest.approx(predicted.variance, rel=1e-4)
    variances = np.exp(best[-1 - latents : -1])
    assert np.count_nonzero(variances < 0.99) == predicted.active


def test_slope_of_the_loss_is_right() -> None:
    point = 0.3 * np.random.default_rng(0).normal(size=27)
    _, slope = loss_and_slope(point, VALUES, 2, 1.4)
    steps = 1e-6 * np.eye(27)
    numeric = [(loss_and_slope(point + h, VALUES, 2, 1.4)[0] - loss_and_slope(point - h, VALUES, 2, 1.4)[0]) / 2e-6
               for h in steps]
    np.testing.assert_allclose(slope, numeric, atol=1e-7)


def test_at_beta_one_it_is_probabilistic_pca() -> None:
    data = np.random.default_rng(0).normal(size=(300, 8)) * np.geomspace(4, 1, 8)
    advice = vaesym.advise(data, latents=3, intervals=None)
    learned = advice.learned_variance
    # scikit-learn divides by P − 1.
    assert learned.variance == pytest.approx(PCA(3).fit(data).noise_variance_ * 299 / 300)
    assert (learned.active, learned.beta) == (3, 1.0)
    assert learned.kl_weight == pytest.approx(learned.variance)


@given(values=st.lists(st.floats(0.01, 10), min_size=2, max_size=8), beta=st.floats(0.1, 5), data=st.data())
@settings(max_examples=200, deadline=None)
def test_the_minimum_over_all_variances(values: list[float], beta: float, data: Any) -> None:
    ordered = np.sort(values)[::-1]
    latents = data.draw(st.integers(1, len(values) - 1))
    found = learned_variance(ordered, latents=latents, n_features=len(values), beta=beta)

    def loss(variance: np.ndarray) -> np.ndarray:
        level = beta * variance[:, None]
        top = np.minimum(ordered[:latents] / level, 1) * beta + beta * np.log(np.maximum(ordered[:latents] / level, 1))
        return len(values) * np.log(variance) + top.sum(axis=1) + ordered[latents:].sum() / variance

    grid = np.geomspace(1e-4, 1e2, 4001)
    assert loss(np.array([found.variance]))[0] <= loss(grid).min() + 1e-9
    active = np.count_nonzero(ordered[:latents] > beta * found.variance * (1 + 1e-9))
    assert active <= found.active <= np.count_nonzero(ordered[:latents] >= beta * found.variance * (1 - 1e-9))


@pytest.mark.parametrize(("change", "words"), [
    ({"eigenvalues": [1.0, 2.0]}, "falling"), ({"latents": 5}, "falling"), ({"latents": 0}, "latents >= 1"),
    ({"beta": 0.0}, "beta > 0"), ({"eigenvalues": [2.0, -1.0]}, "eigenvalues >= 0"),
    ({"eigenvalues": [2.0, 1.0], "latents": 2, "n_features": 2}, "leave no variance"),
    ({"eigenvalues": [2.0, 0.0], "latents": 1}, "leave no variance"),
])
def test_bad_input(change: dict[str, Any], words: str) -> None:
    with pytest.raises(vaesym.InputError, match=words):
        learned_variance(**{"eigenvalues": [2.0, 1.0, 0.5], "latents": 1, "n_features": 3, **change})


def test_no_minimum_is_no_error_of_the_advice() -> None:
    data = np.random.default_rng(0).normal(size=(40, 3))
    assert vaesym.advise(data, latents=3).learned_variance is None
