"""Intervals: their coverage of what they are to cover, over simulated data sets, by a binomial z-test."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.linear_vae.exact import fluctuations
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.statement import symbols
from vaesym.practice.advice import intervals
from vaesym.practice.data.decomposition import decompose

SIGNALS = {
    "gaussian": lambda rng, shape: rng.normal(size=shape),
    "rademacher": lambda rng, shape: rng.choice([-1.0, 1.0], size=shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape) - 1,
}
#: Kind of the signals, method, P, N, strengths.
CASES: list[tuple[str, Any, int, int, list[float]]] = [
    ("gaussian", "bootstrap", 800, 100, [5.0, 2.0]), ("gaussian", "spiked", 800, 100, [5.0, 2.0]),
    ("rademacher", "bootstrap", 2000, 20, [5.0, 2.0]), ("exponential", "bootstrap", 5000, 20, [5.0, 2.0]),
]
#: Data sets, and those of them at which the best β is asked for as well: intervals a quarter too short are seen.
SETS, ASKED = 120, 40


def inside(interval: tuple[float, float] | None, value: float) -> bool:
    assert interval is not None
    return interval[0] <= value <= interval[1]


def typical(samples: int, features: int, rho: np.ndarray, beta: float) -> dict[str, Any]:
    alpha = np.array(samples / features)
    eigenvalue, overlap, _ = formulas.top_eigenvalue(alpha, rho, np.array(1.0))
    kl = np.log(eigenvalue / beta) / 2
    return {"eigenvalue": eigenvalue, "collapse_weight": eigenvalue, "overlap": overlap, "kl": kl,
            "signal_strength": rho}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "method", "samples", "features", "strengths"), CASES)
def test_coverage(kind: str, method: Any, samples: int, features: int, strengths: list[float]) -> None:
    rho, beta = np.array(strengths), 1.5
    wanted = typical(samples, features, rho, beta)
    best = float(wanted["eigenvalue"][0] - rho[0] * wanted["overlap"][0])
    hits: dict[str, np.ndarray] = {name: np.zeros(len(rho)) for name in wanted}
    single = dict.fromkeys(("noise", "total_variance", "total_kl", "best_kl_weight"), 0)
    for seed in range(SETS):
        rng = np.random.default_rng(seed)
        data = rng.normal(size=(samples, features))
        data[:, : len(rho)] += SIGNALS[kind](rng, (samples, len(rho))) * np.sqrt(rho)
        advice = vaesym.advise(data, latents=len(rho), beta=beta, intervals=method, seed=seed, center=False)
        for name in hits:
            hits[name] += [inside(getattr(row, f"{name}_interval"), wanted[name][i])
                           for i, row in enumerate(advice.latents)]
        single["noise"] += inside(advice.noise_interval, 1.0)
        single["total_variance"] += inside(advice.total_variance_interval, float(rho.sum()) + features)
        single["total_kl"] += inside(advice.total_kl_interval, float(wanted["kl"].sum()))
        if seed < ASKED:
            one = vaesym.advise(data, latents=1, intervals=method, seed=seed, center=False)
            single["best_kl_weight"] += inside(one.best_kl_weight_interval, best)
    counts = {name: ASKED if name == "best_kl_weight" else SETS for name in (*hits, *single)}
    z = {name: (np.atleast_1d(count) - 0.95 * counts[name]) / np.sqrt(0.95 * 0.05 * counts[name])
         for name, count in {**hits, **single}.items()}
    # Some thirty numbers are looked at, hence 3.3; what is exactly linear in another has its z.
    assert {name: value for name, value in z.items() if (np.abs(value) > 3.3).any()} == {}


@pytest.mark.parametrize(("alpha", "rho", "eta"), [(4.0, 1.0, 1.0), (0.7, 3.0, 1.0), (2.0, 1.0, 0.4)])
def test_spiked_bars_are_those_of_the_derivation(alpha: float, rho: float, eta: float) -> None:
    samples, features = 2000, round(2000 / alpha)
    alpha = samples / features
    top, overlap, _ = (float(x) for x in formulas.top_eigenvalue(*map(np.array, (alpha, rho, eta))))
    assert overlap > 0
    found = decompose(np.random.default_rng(0).normal(size=(60, 30)), 1)
    spectrum = dataclasses.replace(found.spectrum, eigenvalues=np.full(30, top), n_samples=samples, n_features=features)
    spread = intervals.spread(dataclasses.replace(found, spectrum=spectrum), eta, np.full(30, rho), "spiked", latents=1,
                              median=False)
    values = {symbols.alpha: alpha, symbols.rho: rho, symbols.eta: eta, fluctuations.samples: samples}
    variance = float(fluctuations.signal_covariance()[0, 0].xreplace(values))
    assert spread.eigenvalue_deviations[0] * top == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_bootstrap_agrees_with_resampling_where_both_hold() -> None:
    rng = np.random.default_rng(3)
    data = rng.exponential(size=(4000, 3)) @ np.diag([3.0, 2.0, 1.0])
    found = decompose(data, 3)
    spread = intervals.spread(found, 1.0, np.zeros(3), "bootstrap", latents=3, median=False)
    resampled = [np.linalg.eigvalsh(np.cov(data[rng.integers(0, 4000, 4000)].T, bias=True))[::-1] for _ in range(600)]
    # The relative error of a deviation from 600 draws is 1/√1200 = 2.9 %.
    np.testing.assert_allclose(np.log(resampled).std(axis=0), spread.eigenvalue_deviations, rtol=4 * 0.029)


@pytest.mark.parametrize("kind", ["gaussian", "rademacher"])
def test_dimensions_are_corrected_for(kind: str) -> None:
    # One sample per dimension: without the correction the deviation of Gaussian signals would be 1.7 times too large.
    features, rho, deviations, values = 200, 2.5, [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        data = rng.normal(size=(features, features))
        data[:, 0] += SIGNALS[kind](rng, features) * np.sqrt(rho)
        found = decompose(data, 1, center=False)
        spread = intervals.spread(found, 1.0, np.array([rho]), "bootstrap", latents=1, median=False)
        deviations.append(spread.eigenvalue_deviations[0])
        values.append(np.log(found.spectrum.eigenvalues[0]))
    # A deviation from 300 draws is within 4.1 %; 1/√P corrections of the theory are of the order of 3 %.
    assert np.mean(deviations) == pytest.approx(np.std(values), rel=3 * 0.041 + 0.03)


def test_median_of_noise_spreads_as_simulated_noise_does() -> None:
    rng, ratios = np.random.default_rng(5), []
    for _ in range(400):
        values = np.linalg.eigvalsh(np.cov(rng.normal(size=(90, 40)).T, bias=True))
        ratios.append(np.log(np.median(values) / values.mean()))
    predicted = np.sqrt(intervals._median_shape(90, 40))
    # Deviations from 400 and 200 draws: 3.5 % and 5 % of their own.
    assert np.std(ratios) == pytest.approx(predicted, rel=4 * 0.061)


def test_seeds_and_none() -> None:
    data = np.random.default_rng(0).normal(size=(300, 20)) * np.geomspace(6, 1, 20)
    first, again, other = (vaesym.advise(data, beta=2.0, seed=seed) for seed in (0, 0, 1))
    assert first.to_dict() == again.to_dict()
    assert first.best_kl_weight_interval != other.best_kl_weight_interval
    plain = vaesym.advise(data, beta=2.0, intervals=None).to_dict()
    assert plain["intervals"] is plain["noise_interval"] is plain["latents"][0]["kl_interval"] is None
    for name in ("noise", "best_kl_weight", "total_kl"):
        assert plain[name] == getattr(first, name)


def test_intervals_hold_their_numbers_and_follow_the_loss() -> None:
    data = np.random.default_rng(0).normal(size=(300, 20)) * np.geomspace(6, 1, 20)
    mean = vaesym.LossScale(reconstruction="mean", reconstruction_weight=1.0)
    advice = vaesym.advise(data, latents=3, beta=0.5, loss=mean)
    for row in advice.latents:
        for name in ("eigenvalue", "signal_strength", "collapse_weight", "overlap", "kl"):
            assert inside(getattr(row, f"{name}_interval"), getattr(row, name))
        assert row.collapse_weight_interval == pytest.approx([2 / 20 * end for end in row.eigenvalue_interval])
    for name in ("total_variance", "noise", "total_kl", "best_kl_weight"):
        assert inside(getattr(advice, f"{name}_interval"), getattr(advice, name))


@pytest.mark.parametrize("change", [{"intervals": "jackknife"}, {"intervals": 0.95}, {"seed": -1}, {"seed": 1.5}])
def test_bad_options(change: dict[str, Any]) -> None:
    with pytest.raises(vaesym.InputError, match=rf"{next(iter(change))} as "):
        vaesym.advise(np.eye(5), **change)
