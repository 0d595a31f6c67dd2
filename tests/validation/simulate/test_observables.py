"""Observables of weights: against sums over drawn samples, and against the theory of the limit."""

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError
from validation.simulate.data import SpikedData, all_samples
from validation.simulate.descent import training
from validation.simulate.observables import measure, observables
from validation.simulate.runs import Run, Settings

N, FRESH = 7, 200_000


@pytest.mark.parametrize(("latents", "strengths"), [(1, (1.5,)), (2, (2.0, 0.5)), (3, (1.0,)), (1, (2.0, 1.0))])
def test_observables_are_means_over_fresh_data(latents, strengths):
    rng = np.random.default_rng(latents)
    data = SpikedData(N, FRESH, strengths=strengths, noise=0.6, seed=7)
    w, v, d = rng.normal(size=(N, latents)), rng.normal(size=(N, latents)), rng.uniform(0.2, 2, latents)
    sigma2 = 0.8
    overlaps = measure(w[None], v[None], d[None], data.weights()[None])
    found = observables(overlaps, np.array([strengths]), np.array([0.6]), np.array([sigma2]))
    x = all_samples(data)
    h, z_noise = x @ v / np.sqrt(N), rng.standard_normal((FRESH, latents)) * np.sqrt(d)
    rate = (h**2 + d - 1 - np.log(d)).sum(1) / 2
    distortion = ((x - (h + z_noise) @ w.T / np.sqrt(N)) ** 2).sum(1) - (N - len(strengths)) * 0.6
    precision = np.eye(latents) + w.T @ w / N / sigma2
    error = h - x @ w / np.sqrt(N) @ np.linalg.inv(precision) / sigma2
    kl = (d @ np.diag(precision) + np.einsum("pi,ij,pj->p", error, precision, error) - latents
          - np.log(d).sum() - np.linalg.slogdet(precision)[1]) / 2
    for name, values in (("rate", rate), ("distortion", distortion), ("kl_posterior", kl)):
        assert abs(values.mean() - found[name][0]) < 4 * values.std() / np.sqrt(FRESH), name


def test_signal_recovery_error_is_the_least_over_rotations():
    rng = np.random.default_rng(3)
    data = SpikedData(N, 5, strengths=(2.0, 0.7), seed=1)
    w, directions = rng.normal(size=(N, 2)), data.weights()
    zero = measure(w[None], w[None], np.ones((1, 2)), directions[None])
    found = observables(zero, np.array([data.strengths]), np.ones(1), np.ones(1))["signal_recovery_error"][0]
    angles = np.linspace(0, 2 * np.pi, 20_001)
    cos, sin = np.cos(angles), np.sin(angles)
    target = directions * np.sqrt(data.strengths)
    products = w.T @ target / N
    traces = np.maximum(cos * (products[0, 0] + products[1, 1]) + sin * (products[1, 0] - products[0, 1]),
                        cos * (products[0, 0] - products[1, 1]) + sin * (products[1, 0] + products[0, 1]))
    assert found == pytest.approx((np.sum(w**2) + np.sum(target**2)) / N - 2 * traces.max(), abs=1e-6)


def test_the_exact_minimum_of_large_data_has_the_observables_of_the_theory():
    runs = [Run(SpikedData(400, 1600, seed=seed), 0.5, 0.5) for seed in range(12)]
    batch = training(runs, Settings(method="exact"))
    batch.advance(batch.steps)
    found, theory = batch.result(), vaesym.solve(4.0, 0.5, lam=0.5)
    for name in ("signal_recovery_error", "rate", "distortion"):
        values = found[name]
        error = np.hypot(values.std(ddof=1) / np.sqrt(len(values)), 2 / 400)
        assert abs(values.mean() - float(getattr(theory, name))) < 4 * error, name


def test_shapes_that_do_not_fit_are_refused():
    w = np.ones((1, 4, 1))
    with pytest.raises(InputError, match="shapes"):
        measure(w, w, np.ones((1, 2)), w)
