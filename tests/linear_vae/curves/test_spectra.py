"""The spectrum of a finite sample: its law, and samples that follow it."""

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid, trapezoid

import vaesym
from vaesym import linear_vae

POINTS = [(4.0, 1.0, 1.0), (0.5, 2.0, 0.7), (2.0, 0.3, 1.0)]


@pytest.mark.parametrize("alpha", [0.3, 0.99, 3.0, 50.0])
def test_noise_density_integrates_to_the_eigenvalues_that_are_not_zero(alpha):
    low, high = linear_vae.noise_edges(alpha, eta=0.7)
    # Gauss–Chebyshev nodes are exact for the square-root edges but for the 1/x.
    angle = np.pi * (np.arange(20000) + 0.5) / 20000
    x = low + (high - low) * (1 - np.cos(angle)) / 2
    weight = (high - low) / 2 * np.sin(angle) * np.pi / 20000
    density = linear_vae.noise_density(x, alpha, eta=0.7)
    assert (density * weight).sum() == pytest.approx(min(1.0, alpha), rel=1e-6)
    assert (density * weight * x).sum() == pytest.approx(0.7, rel=1e-6)
    assert linear_vae.noise_density([low / 2, 2 * high, -1.0], alpha, eta=0.7).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("alpha", "rho", "eta"), POINTS)
def test_law(alpha, rho, eta):
    law = vaesym.spectrum_law(alpha, rho=rho, eta=eta)
    x = law.eigenvalue.values
    np.testing.assert_array_equal(law.density, linear_vae.noise_density(x, alpha, eta=eta))
    assert (x[0], x[-1]) == tuple(law.noise_edge.values)
    assert trapezoid(law.density, x) == pytest.approx(min(1, alpha), rel=1e-3)
    assert law.zero_fraction == max(0.0, 1 - alpha)
    if alpha > (eta / rho) ** 2:
        assert law.outlier == pytest.approx((rho + eta) * (1 + eta / (alpha * rho)), rel=1e-12)
        assert law.overlap == pytest.approx((1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho)), rel=1e-12)
    else:
        assert np.isnan(law.outlier)
        assert law.overlap == 0


def test_law_of_a_sample_survives_a_file(reread):
    law = vaesym.spectrum_law(2.0, eigenvalues=[3.0, 0.0, 1.0])
    assert law.measured.values.tolist() == [0.0, 1.0, 3.0]
    assert reread(law).attrs["alpha"] == 2.0


@pytest.mark.parametrize(("alpha", "rho", "eta"), POINTS)
def test_samples_follow_the_law(alpha, rho, eta):
    dimension = 400
    samples = round(alpha * dimension)
    values = linear_vae.sample_eigenvalues(alpha, dimension, rho=rho, eta=eta, seed=5)
    assert values.shape == (dimension,)
    assert (np.diff(values) <= 0).all()
    assert (values > 1e-9).sum() == min(samples, dimension)
    # The trace is a sum of independent squares.
    mean = rho + dimension * eta
    deviation = np.sqrt(2 * ((rho + eta) ** 2 + (dimension - 1) * eta**2) / samples)
    assert abs(values.sum() - mean) < 4 * deviation
    # The bulk: fractions below a few points, which hardly fluctuate (by order 1/N).
    law = vaesym.spectrum_law(alpha, rho=rho, eta=eta)
    below = law.zero_fraction.item() + cumulative_trapezoid(law.density, law.eigenvalue, initial=0)
    counted = np.searchsorted(values[::-1], law.eigenvalue.values, side="right") / dimension
    assert np.abs(counted - below).max() < 6 / dimension


def test_outlier_of_samples_fluctuates_as_the_theory_says():
    alpha, rho, eta, dimension = 4.0, 1.5, 0.8, 200
    tops = [linear_vae.sample_eigenvalues(alpha, dimension, rho=rho, eta=eta, seed=seed)[0] for seed in range(60)]
    deviation = (rho + eta) * np.sqrt(2 * (1 - eta**2 / (alpha * rho**2)) / (alpha * dimension))
    outlier = float(vaesym.spectrum_law(alpha, rho=rho, eta=eta).outlier)
    # The mean is off by order 1/N, a fraction of the deviation.
    assert abs(np.mean(tops) - outlier) < 4 * deviation / np.sqrt(60) + 0.2 * deviation
    assert abs(np.var(tops) / deviation**2 - 1) < 4 * np.sqrt(2 / 59)


def test_samples_are_those_of_their_seed():
    one, same, other = (linear_vae.sample_eigenvalues(2.0, 30, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()


@pytest.mark.parametrize(("call", "words"), [
    (lambda: vaesym.spectrum_law([1.0, 2.0]), "alpha as a number"),
    (lambda: vaesym.spectrum_law(np.inf), "finite alpha"),
    (lambda: vaesym.spectrum_law(np.nan), "finite alpha"),
    (lambda: vaesym.spectrum_law(1.0, rho=-1.0), "rho > 0"),
    (lambda: vaesym.spectrum_law(1.0, eta=0.0), "eta > 0"),
    (lambda: vaesym.spectrum_law(1.0, eigenvalues=[]), "eigenvalues of a covariance"),
    (lambda: vaesym.spectrum_law(1.0, eigenvalues=[-1.0, 1.0]), "eigenvalues of a covariance"),
    (lambda: vaesym.spectrum_law(1.0, eigenvalues=[0.0]), "eigenvalues of a covariance"),
    (lambda: vaesym.spectrum_law(1.0, eigenvalues=[np.nan]), "finite eigenvalues"),
    (lambda: linear_vae.sample_eigenvalues(1.0, 0), "dimension >= 1"),
    (lambda: linear_vae.sample_eigenvalues(1.0, 2.5), "dimension as a whole number"),
    (lambda: linear_vae.sample_eigenvalues(0.01, 10), "1 to 50,000,000 numbers"),
    (lambda: linear_vae.sample_eigenvalues(1.0, 10_000), "1 to 50,000,000 numbers"),
    (lambda: linear_vae.sample_eigenvalues(np.inf, 10), "finite alpha"),
    (lambda: linear_vae.sample_eigenvalues(1.0, 10, seed=-1), "seed >= 0"),
    (lambda: linear_vae.sample_eigenvalues(1.0, 10, seed=0.5), "seed as a whole number"),
    (lambda: linear_vae.sample_eigenvalues(1.0, 10, eta="x"), "eta as real numbers"),
])
def test_bad_input(call, words):
    with pytest.raises(vaesym.InputError, match=words):
        call()
