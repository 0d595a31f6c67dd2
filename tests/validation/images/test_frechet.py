"""Fréchet distance: closed forms, singular covariances, and the linear VAE fitted to digits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from validation.images.data.sources import load_images
from validation.images.measures import frechet_distance, moments

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
    assert received == pytest.approx(np.sum((np.sqrt(first) - np.sqrt(second))**2), abs=2e-6)
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


def test_distance_of_shifted_and_stretched_images() -> None:
    images = load_images("digits").scaled().astype(float)
    mean, variance = images.mean(axis=0), images.var(axis=0).sum()
    for other, expected in ((mean + 0.25 + 3 * (images - mean), 64 * 0.25**2 + 4 * variance),
                            (np.tile(mean, (2, 1)), variance)):
        assert frechet_distance(*moments(images), *moments(other)) == pytest.approx(expected, rel=1e-9)
