"""Growth rates, the time on the plateau, and how much annealing saves."""

from __future__ import annotations

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError
from vaesym.linear_vae.exact import online as derived
from vaesym.linear_vae.statement.symbols import beta, lam, population
from vaesym.linear_vae.time.schedules import Schedule, read

BLIND = {"signal": 0.01, "decoder": 0.0, "encoder": 0.0, "D": 1.0}
SMALL = {"Q": 1e-3, "E": 1e-3, "R": 0.0, "m": 1e-2, "d": 0.0, "D": 1.0}


@pytest.mark.parametrize(("ell", "weight", "decay"), [(2.0, 1.0, 0.0), (0.7, 1.5, 0.3), (3.0, 0.1, 1.0)])
def test_growth_rate_is_the_derived_one(ell: float, weight: float, decay: float) -> None:
    exact = derived.growth_rate().xreplace({population: ell, beta: weight, lam: decay})
    assert vaesym.growth_rate(ell, weight, decay=decay) == pytest.approx(float(exact), rel=1e-12)


def test_growth_vanishes_at_the_collapse_threshold_of_any_sample() -> None:
    for alpha, decay in ((2.0, 0.5), (6.0, 1.0), (0.5, 0.1)):
        threshold = float(vaesym.collapse_threshold(alpha, lam=decay))
        top = float(vaesym.solve(alpha, 1.0, lam=decay).eigenvalue)
        assert vaesym.growth_rate(top, threshold, decay=decay / alpha) == pytest.approx(0.0, abs=1e-14)
        assert vaesym.growth_rate(top, threshold - 0.01, decay=decay / alpha) > 0


def test_growth_in_one_pass() -> None:
    run = vaesym.online_dynamics([2000.0, 4000.0], 1.0, lam=0.0, rate=1e-3, variance_rate=1e-3,
                                 start={"Q": 1e-10, "E": 1e-10, "R": 0.0, "m": 1e-5, "d": 0.0, "D": 1.0})
    measured = np.log(float(run.m[1] / run.m[0])) / 2.0
    assert measured == pytest.approx(float(vaesym.growth_rate(2.0, 1.0)), rel=3e-3)


def test_waking_time_is_exact_near_the_threshold() -> None:
    start = {**BLIND, "decoder": 0.01, "encoder": 0.01}
    top = float(vaesym.solve(4.0, 1.0, lam=0.2).eigenvalue)
    threshold, ratios = float(vaesym.collapse_threshold(4.0, lam=0.2)), []
    assert threshold < top
    for gap in (0.4, 0.1, 0.025):
        expected = float(vaesym.waking_time(4.0, threshold - gap, lam=0.2, start=start))
        times = np.linspace(0.5, 1.5, 401) * expected
        run = vaesym.gradient_flow(times, 4.0, threshold - gap, lam=0.2, start=start)
        half = float(vaesym.solve(4.0, threshold - gap, lam=0.2).m) / np.sqrt(2)
        ratios.append(float(np.interp(half, run.m.values, times)) / expected)
    assert np.abs(np.array(ratios) - 1).tolist() == sorted(np.abs(np.array(ratios) - 1), reverse=True)
    assert ratios[-1] == pytest.approx(1.0, abs=0.006)


def test_waking_time_where_there_is_none() -> None:
    assert np.isinf(vaesym.waking_time(4.0, 3.0, lam=0.0, start=BLIND))
    assert np.isinf(vaesym.waking_time(4.0, 1.0, lam=0.0, start={**BLIND, "signal": 0.0}))
    assert np.isnan(vaesym.waking_time(0.5, 1.0, lam=0.0, start=BLIND))
    assert vaesym.waking_time(4.0, 1.0, lam=0.0, start={**BLIND, "signal": 5.0}) == 0
    assert vaesym.waking_time([2.0, np.inf], [[0.5], [1.0], [1.5]], lam=0.1, start=BLIND).shape == (3, 2)


def test_annealing_saves_time_within_the_bound() -> None:
    fast = dict(rate=0.02, variance_rate=0.02, start=SMALL, until=2000.0)
    found = vaesym.best_annealing(1.5, "tanh", **fast)
    assert float(found.speedup_bound) == pytest.approx(6.6148, abs=1e-3)
    assert 2.5 < float(found.speedup) < float(found.speedup_bound)
    times = np.linspace(0.0, 2000.0, 4001)
    run = vaesym.online_dynamics(times, 1.5, lam=0.0, rate=0.02, variance_rate=0.02, start=SMALL,
                                 schedule=f"tanh:{float(found.schedule_length)}")
    away = np.abs(run.signal_recovery_error.values - float(run.signal_recovery_error[-1])) > 0.05
    assert times[np.flatnonzero(away)[-1]] == pytest.approx(float(found.annealed_settling_time), abs=1.0)
    with pytest.raises(InputError, match="settles, but not at once, before"):
        vaesym.best_annealing(1.5, rate=0.02, variance_rate=0.02, start=SMALL, until=300.0)
    with pytest.raises(InputError, match="linear, tanh, cyclical"):
        vaesym.best_annealing(1.5, "sudden", **fast)


def test_families() -> None:
    assert Schedule("cyclical", 2.0)([0.0, 0.5, 1.0, 1.9, 2.0, 7.9, 8.0]).tolist() == [0, 0.5, 1, 1, 0, 1, 1]
    assert Schedule("cyclical", 2.0).breaks()[:2] == [1.0, 2.0]
    assert read(np.sin) is np.sin
    with pytest.raises(InputError, match="length of the schedule > 0"):
        read("linear:-1")
