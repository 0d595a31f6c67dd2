"""Fréchet distance: closed forms, singular covariances, and the linear VAE fitted to digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from vaesym import LinearVAE
from vaesym.inputs import InputError
from validation.images.frechet import commuting_frechet, frechet_distance, linear_prediction, moments, pixel_frechet
from validation.images.sources import load_images

SEEDS = st.integers(0, 2**32 - 1)
VARIANCES = st.lists(st.floats(0.0, 9.0), min_size=4, max_size=4).map(np.array)


def rotation(generator: np.random.Generator, size: int = 4) -> np.ndarray:
    return np.linalg.qr(generator.normal(size=(size, size)))[0]


@settings(deadline=None)
@given(SEEDS)
def test_against_the_matrix_root_where_it_exists(seed: int) -> None:
    generator = np.random.default_rng(seed)
    (mean1, cov1), (mean2, cov2) = (
        (generator.normal(size=5), (x := generator.normal(size=(20, 5))).T @ x / 20) for _ in range(2))
    expected = np.sum((mean1 - mean2)**2) + np.trace(cov1 + cov2 - 2 * sqrtm(cov1 @ cov2).real)
    assert frechet_distance(mean1, cov1, mean2, cov2) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert frechet_distance(mean2, cov2, mean1, cov1) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(VARIANCES, VARIANCES, SEEDS)
def test_covariances_that_commute_also_singular_ones(first: np.ndarray, second: np.ndarray, seed: int) -> None:
    turn, zero = rotation(np.random.default_rng(seed)), np.zeros(4)
    # Exact zeros in the eigenbasis: rotated, they come back as ±1e-16, whose root is 1e-8.
    received = frechet_distance(zero, turn @ np.diag(first) @ turn.T, zero, turn @ np.diag(second) @ turn.T)
    assert received == pytest.approx(commuting_frechet(first, second), abs=2e-6)
    plain = frechet_distance(zero, np.diag(first), zero, np.diag(second))
    assert plain == pytest.approx(np.sum((np.sqrt(first) - np.sqrt(second))**2), abs=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_rank_one_against_any_covariance(seed: int) -> None:
    """tr (C₁^{1/2} C₂ C₁^{1/2})^{1/2} = √(uᵀC₂u) for C₁ = uuᵀ, however small the rank of C₂ is."""
    generator = np.random.default_rng(seed)
    u, factor, zero = generator.normal(size=6), generator.normal(size=(6, 2)), np.zeros(6)
    cov = factor @ factor.T
    expected = u @ u + np.trace(cov) - 2 * np.sqrt(u @ cov @ u)
    assert frechet_distance(zero, np.outer(u, u), zero, cov) == pytest.approx(expected, abs=1e-5)


def test_a_point_and_the_same_gaussian() -> None:
    cov = np.diag([3.0, 2.0, 0.0])
    assert frechet_distance(np.ones(3), np.zeros((3, 3)), np.zeros(3), cov) == 8.0
    assert frechet_distance(np.ones(3), np.zeros((3, 3)), np.ones(3), np.zeros((3, 3))) == 0.0
    assert abs(frechet_distance(np.ones(3), cov, np.ones(3), cov)) < 1e-14


def test_moments_of_bytes_do_not_overflow() -> None:
    values = np.random.default_rng(3).integers(0, 256, (10_000, 3), dtype=np.uint8)
    mean, covariance = moments(values)
    np.testing.assert_allclose(mean, values.astype(float).mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(covariance, np.cov(values.astype(float), rowvar=False, bias=True), rtol=1e-12)


def test_pixel_frechet_of_shifted_and_stretched_images() -> None:
    images = load_images("digits").scaled().astype(float)
    mean = images.mean(axis=0)
    variance = images.var(axis=0).sum()
    moved = mean + 0.25 + 3 * (images - mean)
    assert pixel_frechet(images, moved) == pytest.approx(64 * 0.25**2 + 4 * variance, rel=1e-9)
    assert pixel_frechet(images, np.tile(mean, (2, 1))) == pytest.approx(variance, rel=1e-9)


def whitened_draws(count: int, latents: int) -> np.ndarray:
    """Draws of N(0, I) moved so that their mean and covariance are exact, and nothing is left to chance."""
    z = np.random.default_rng(0).normal(size=(count, latents))
    z -= z.mean(axis=0)
    return np.linalg.qr(z)[0] * np.sqrt(count)


@pytest.mark.parametrize(("latents", "product"), [(3, 0.05), (10, 0.05), (10, 0.2), (20, 0.4), (5, 50.0)])
def test_prediction_for_digits_is_what_the_linear_vae_generates(latents: int, product: float) -> None:
    images = load_images("digits").scaled().astype(float)
    variance = 0.1
    vae = LinearVAE(latents, beta=product).fit(images)
    mean, covariance = moments(images)
    spectrum = np.linalg.eigvalsh(covariance)
    prediction = linear_prediction(np.abs(spectrum), latents, product / variance, variance=variance)
    drawn = vae.inverse_transform(whitened_draws(500, latents))
    assert pixel_frechet(images, drawn) == pytest.approx(prediction.means, abs=1e-6)
    noisy = vae.W_ @ vae.W_.T / 64 + variance * np.eye(64)
    assert frechet_distance(mean, covariance, vae.mean_, noisy) == pytest.approx(prediction.noisy, abs=1e-6)
    assert prediction.means > 0.05


def test_prediction_with_weight_decay_through_the_estimator() -> None:
    images = load_images("digits").scaled().astype(float)
    vae = LinearVAE(6, beta=0.1, lam=0.5).fit(images)
    spectrum = np.linalg.eigvalsh(moments(images)[1])[::-1]
    generated = np.zeros(64)
    generated[:6] = vae.Q_
    drawn = vae.inverse_transform(whitened_draws(300, 6))
    assert pixel_frechet(images, drawn) == pytest.approx(commuting_frechet(np.abs(spectrum), generated), abs=1e-6)


@settings(deadline=None)
@given(VARIANCES.filter(np.any), st.integers(1, 4), st.floats(0.05, 4.0), st.floats(0.1, 2.0))
def test_prediction_as_a_function_of_beta(eigenvalues: np.ndarray, latents: int, beta: float, variance: float) -> None:
    some = linear_prediction(eigenvalues, latents, [beta, 1.2 * beta, 1.0, 1e9], variance=variance)
    assert some.means[0] <= some.means[1] + 1e-12
    assert some.noisy[2] <= some.noisy.min() + 1e-12
    assert some.means[3] == pytest.approx(eigenvalues.sum())
    order = np.sort(eigenvalues)[::-1]
    kept = np.maximum(order - beta * variance, 0)
    kept[latents:] = 0
    assert some.means[0] == pytest.approx(np.sum((np.sqrt(order) - np.sqrt(kept))**2), abs=1e-12)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: frechet_distance([0.0], [[1.0]], [0.0, 0.0], np.eye(2)), "means of one shape"),
    (lambda: frechet_distance([0.0], [1.0], [0.0], [[1.0]]), r"covariance1 of shape \(1, 1\)"),
    (lambda: frechet_distance([0.0, 0], np.eye(2), [0.0, 0], [[1, 0.5], [0, 1]]), "symmetric covariance2"),
    (lambda: frechet_distance([0.0, 0], np.diag([1, -0.1]), [0.0, 0], np.eye(2)), "semidefinite covariance1"),
    (lambda: frechet_distance([0.0], [[-1.0]], [0.0], [[1.0]]), "semidefinite covariance1"),
    (lambda: frechet_distance([np.nan], [[1.0]], [0.0], [[1.0]]), "finite mean1"),
    (lambda: pixel_frechet(np.eye(3), np.eye(2)), "samples of 3 pixels"),
    (lambda: moments(np.array([[1.0, np.nan], [0.0, np.inf]])), "2 NaN or infinite out of 4"),
    (lambda: moments(np.zeros((1, 3))), "P >= 2"),
    (lambda: moments(np.zeros((2, 2), bool)), "bool"),
    (lambda: linear_prediction([1.0, 2.0], 3, 1.0), "latents from 1 to N"),
    (lambda: linear_prediction([[1.0, 2.0]], 1, 1.0), r"shape \(1, 2\)"),
    (lambda: linear_prediction([-1.0, 2.0], 1, 1.0), "eigenvalues >= 0"),
    (lambda: linear_prediction([1.0, 2.0], 1, 0.0), "beta > 0"),
    (lambda: linear_prediction([1.0, 2.0], 1, 1.0, variance=0.0), "variance > 0"),
    (lambda: commuting_frechet([1.0, 2.0], [1.0, 2.0, 3.0]), "broadcast"),
])
def test_input_that_is_refused(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
