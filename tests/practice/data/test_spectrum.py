"""Spectrum, noise level and debiasing, against simulated spiked data and against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

import vaesym
from vaesym.practice import debias, detection_edge, marchenko_pastur, noise_level, spectrum_of
from vaesym.practice.data.spectrum import Spectrum, misfit


def spiked(samples, features, strengths, noise, seed):
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(features, len(strengths))))[0]
    signal = rng.normal(size=(samples, len(strengths))) * np.sqrt(strengths) @ basis.T
    return signal + np.sqrt(noise) * rng.normal(size=(samples, features))


@pytest.mark.parametrize("shape", [(200, 30), (30, 200), (50, 50)])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
def test_eigenvalues_are_those_of_the_covariance(shape, center, kind):
    rng = np.random.default_rng(3)
    data = rng.integers(0, 256, shape).astype(kind)
    spectrum = spectrum_of(data, scaling=1 / 255, center=center)
    x = data.astype(np.float64) / 255
    x = x - x.mean(axis=0) if center else x
    wanted = np.linalg.svd(x, compute_uv=False) ** 2 / len(x)
    np.testing.assert_allclose(spectrum.eigenvalues, wanted, rtol=1e-8, atol=1e-12 * wanted[0])


def test_chunks_add_up_exactly():
    data = np.full((5000, 2), 255, dtype=np.uint8)
    data[::2, 0] = 0
    spectrum = spectrum_of(data, center=False)
    wanted = np.linalg.eigvalsh(data.astype(float).T @ data.astype(float) / 5000)[::-1]
    np.testing.assert_allclose(spectrum.eigenvalues, wanted, rtol=1e-14)


def test_a_large_mean_loses_nothing():
    data = np.random.default_rng(0).normal(size=(400, 20))
    shifted = spectrum_of(data + 1e6)
    np.testing.assert_allclose(shifted.eigenvalues, spectrum_of(data).eigenvalues, rtol=1e-8)


def test_constant_columns_do_not_count_as_dimensions():
    data = np.random.default_rng(0).normal(size=(400, 20))
    data[:, 5:10] = 3.0
    assert spectrum_of(data).n_features == 15


def test_overflow_is_an_error():
    with pytest.raises(vaesym.InputError, match="overflows"):
        spectrum_of(np.array([[1e200, 1.0], [-1e200, 0.0]]))


@pytest.mark.parametrize("alpha", [0.2, 0.9, 1.0, 1.1, 5.0, 80.0])
def test_tabulated_law_is_the_integral_of_the_density(alpha):
    x, distribution = marchenko_pastur(alpha)
    low, high = x[0], x[-1]

    def density(v):
        return np.sqrt(max((high - v) * (v - low), 0.0)) / v

    total = integrate.quad(density, low, high, limit=200)[0]
    for t in (0.2, 0.5, 0.8):
        v = low + t * (high - low)
        part = integrate.quad(density, low, v, limit=200)[0] / total
        assert np.interp(v, x, distribution) == pytest.approx(part, abs=2e-6)


@pytest.mark.parametrize("shape", [(2000, 400), (300, 600)])
def test_noise_and_signals_are_recovered(shape):
    strengths = np.array([9.0, 6.0, 4.0])
    noises, found, counts = [], [], []
    for seed in range(12):
        spectrum = spectrum_of(spiked(*shape, strengths, 1.5, seed), center=False)
        noise = noise_level(spectrum)
        edge = detection_edge(spectrum, noise)
        strength, _ = debias(spectrum.eigenvalues, spectrum.alpha, noise, edge)
        noises.append(noise)
        found.append(strength[:3])
        counts.append(np.count_nonzero(strength))
        assert misfit(spectrum, noise, 3) < 0.1
    # Three signals shift the median by about 3/(2·bulk) of its density; allow that and four standard errors.
    assert np.mean(noises) == pytest.approx(1.5, rel=0.03)
    assert np.bincount(counts).argmax() == 3
    # Relative spread of a debiased strength is √(2/P) up to a factor below 2; mean over 12 within 4 errors and 3 %.
    error = 4 * 2 * strengths * np.sqrt(2 / shape[0] / 12) + 0.03 * strengths
    assert (np.abs(np.mean(found, axis=0) - strengths) < error).all()


@given(alpha=st.floats(0.05, 100), rho=st.floats(0.1, 10), eta=st.floats(0.1, 5))
@settings(max_examples=200, deadline=None)
def test_debias_inverts_the_bias(alpha, rho, eta):
    solution = vaesym.solve(alpha, 1.0, lam=0.0, rho=rho, eta=eta)
    if solution.overlap < 1e-3:
        return
    strength, overlap = debias(np.array([solution.eigenvalue]), alpha, eta, 0.0)
    assert strength[0] == pytest.approx(rho, rel=1e-6)
    assert overlap[0] == pytest.approx(solution.overlap, rel=1e-5)


def test_below_the_edge_there_is_no_signal():
    strength, overlap = debias(np.array([5.0, 1.0]), 1.0, 1.0, 0.0)
    assert (strength > 0).tolist() == [True, False]
    assert overlap[1] == 0


def test_pure_noise_is_rarely_a_signal():
    hits = 0
    for seed in range(100):
        spectrum = spectrum_of(np.random.default_rng(seed).normal(size=(150, 60)), center=False)
        hits += spectrum.eigenvalues[0] > detection_edge(spectrum, 1.0)
    # 1 % by design; the chance of more than 6 in 100 is below 1e-3.
    assert hits <= 6


def test_contribution_rate_averages_the_tail():
    spectrum = Spectrum(np.array([6.0, 2.0, 1.0, 0.6, 0.4]), 100, 5)
    assert noise_level(spectrum, "0.75") == pytest.approx((1.0 + 0.6 + 0.4) / 3)
    assert noise_level(spectrum, "0.999") == pytest.approx(0.4)


@pytest.mark.parametrize("method", ["mean", "0", "1", "1.5", "-0.1", "nan"])
def test_unknown_noise_method(method):
    with pytest.raises(vaesym.InputError, match="median"):
        noise_level(Spectrum(np.array([2.0, 1.0]), 10, 2), method)


def test_the_component_that_crosses_the_share_is_no_noise():
    rng = np.random.default_rng(3)
    data = rng.normal(size=(20_000, 60)) * np.sqrt([200.0, 150.0, *[0.7] * 58])
    # The first signal alone has half of the variance: the second crosses 0.7, and counted as noise would raise it.
    assert noise_level(spectrum_of(data), "0.7") == pytest.approx(0.7, rel=4 * np.sqrt(2 / (20_000 * 58)))
