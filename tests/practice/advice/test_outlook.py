"""What more data would buy, against the exact solution; and what is recommended when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.practice.advice.decoder import LearnedVariance
from vaesym.practice.advice.outlook import FACTORS, Outlook, outlook
from vaesym.practice.advice.recommendation import recommend

ALPHA, ETA, UNIT = 3.0, 0.5, 0.2


def predictions(strength: list[float], beta: float | None = None) -> tuple[Outlook, ...]:
    rho = np.array(strength)
    edge = np.full(rho.shape, ETA * (1 + ALPHA**-0.5) ** 2)
    values = np.where(rho > 0, (rho + ETA) * (1 + ETA / (ALPHA * np.where(rho > 0, rho, 1))), edge)
    return outlook(values, rho, ETA, ALPHA, 300, unit=UNIT, effective_beta=beta)


def test_rows_are_the_exact_solutions() -> None:
    rho = [2.0, 0.9]
    for row, factor in zip(predictions(rho, 0.8), FACTORS, strict=True):
        at = vaesym.solve(factor * ALPHA, [row.best_kl_weight / UNIT, 0.8], lam=0.0, eta=ETA, latents=2, spikes=rho)
        found = [row.recovery_error * sum(rho), row.recovery_error_at_weight * sum(rho)]
        np.testing.assert_allclose(at.signal_recovery_error, found, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(at.overlap[0], row.overlaps, rtol=1e-12)
        assert row.n_samples == (None if factor == np.inf else 300 * factor)


def test_no_other_beta_recovers_better() -> None:
    for row, factor in zip(predictions([2.0, 0.9]), FACTORS, strict=True):
        grid = np.append(np.linspace(0.01, 3, 4000), row.best_kl_weight / UNIT)
        error = vaesym.solve(factor * ALPHA, grid, lam=0.0, eta=ETA, latents=2, spikes=[2.0, 0.9]).signal_recovery_error
        assert error[-1] <= error.min() + 1e-12


def test_detectable_strength_is_where_the_overlap_begins() -> None:
    for row, factor in zip(predictions([2.0])[:3], FACTORS[:3], strict=True):
        overlap = [vaesym.solve(factor * ALPHA, 1.0, lam=0.0, rho=row.detectable * x, eta=ETA).overlap
                   for x in (0.999, 1.001)]
        assert overlap[0] == 0 < overlap[1]
    assert predictions([2.0])[3].detectable == 0


def test_without_a_signal_only_the_detectable_strength_is_said() -> None:
    for row in predictions([0.0, 0.0], 0.8):
        assert (row.overlaps, row.best_kl_weight, row.recovery_error, row.recovery_error_at_weight) == ((), *[None] * 3)
    assert predictions([0.0])[0].detectable == pytest.approx(ETA / np.sqrt(ALPHA))


def test_now_is_what_the_advice_says() -> None:
    data = np.random.default_rng(0).normal(size=(300, 60)) * np.geomspace(4, 1, 60)
    advice = vaesym.advise(data, latents=30, intervals=None)
    assert 0 < advice.signals < 30
    assert advice.outlook[0].best_kl_weight == pytest.approx(advice.best_kl_weight)


def test_twice_the_data_comes_true() -> None:
    def drawn(samples: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        data = rng.normal(size=(samples, 100))
        data[:, 0] += rng.normal(size=samples) * 2
        return data

    pairs = [(vaesym.advise(drawn(300, seed), latents=1).outlook[1].overlaps[0],
              vaesym.advise(drawn(600, seed + 1000), latents=1, intervals=None).latents[0].overlap)
             for seed in range(40)]
    gap = np.subtract(*np.transpose(pairs))
    assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(40)


LEARNED = LearnedVariance(1.0, 0.7, 2, 0.14)


@pytest.mark.parametrize(("change", "words", "weight"), [
    ({}, ["β = 1.2", "learn", "any β below 4"], 1.2),
    ({"spiked": False}, ["learn", "any β below 4", "β = 1.2"], 0.14),
    ({"best": None, "signals": 0}, ["no β helps; from 9 on", "learn", "any β below 4"], 9.0),
    ({"learned": None, "spiked": False}, ["any β below 4", "β = 1.2"], 4.0),
])
def test_what_is_recommended(change: dict[str, Any], words: list[str], weight: float) -> None:
    given = {"best": 1.2, "learned": LEARNED, "signals": 2, "spiked": True, "samples": 500, **change}
    found = recommend((9.0, 4.0), given.pop("best"), given.pop("learned"), **given)
    ways = [found.choice, *found.alternatives]
    assert [word in way.what for word, way in zip(words, ways, strict=True)] == [True] * len(words)
    assert (ways[0].kl_weight, all(way.reason for way in ways)) == (weight, True)


def test_active_latents_of_the_choices() -> None:
    found = recommend((9.0, 4.0), 5.0, LEARNED, signals=1, spiked=True, samples=500)
    assert [way.active for way in (found.choice, *found.alternatives)] == [1, 2, 2]
    assert [way.active for way in recommend((9.0, 0.0), None, None, signals=0, spiked=True,
                                            samples=5).alternatives] == [1]
