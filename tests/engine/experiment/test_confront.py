"""The theory of every shipped problem agrees with its simulation, and a wrong one does not."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from simulated_problems import LABELLED, SHIPPED, UNLABELLED, VARIANTS, Case

from vaesym.engine import Status, confront, simulate, solve_problem
from vaesym.engine.experiment.confront import plot
from vaesym.inputs import InputError

LARGE = {**SHIPPED, **LABELLED, **UNLABELLED}
#: The numbers of large simulations, by problem.
RECORD = Path(__file__).with_name("runs.npz")
RIDGE: dict[str, Any] = {"alpha": [0.5, 1.0, 2.0], "lam": 0.3, "signal": 1.0, "noise": 0.25}


@functools.cache
def _runs(name: str) -> xr.Dataset:
    return simulate(VARIANTS[name].problem, 400, 16, alpha=VARIANTS[name].alphas, **VARIANTS[name].given)


@functools.cache
def _ridge() -> tuple[xr.Dataset, xr.Dataset]:
    return solve_problem("ridge", **RIDGE), simulate("ridge", [60, 120, 240], 8, **RIDGE)


def _wrong(case: Case, alphas: tuple[float, ...]) -> xr.Dataset:
    """Return what a wrong theory says."""
    at = {"alpha": alphas, **case.given}
    if case.wrong is not None:
        return solve_problem(case.wrong, **at)
    twice = {name: 2 * value for name, value in case.given.items() if name.startswith("lam")}
    assert twice
    return solve_problem(case.problem, **{**at, **twice}).assign_coords({name: case.given[name] for name in twice})


@pytest.mark.parametrize("name", VARIANTS)
def test_theory_agrees_with_simulation(name):
    states = solve_problem(VARIANTS[name].problem, alpha=VARIANTS[name].alphas, **VARIANTS[name].given)
    assert (states.status == Status.SOLVED).all()
    result = confront(states, _runs(name))
    assert result.p_value > 0.01, result.table()
    assert set(result.table().index.get_level_values("observable")) >= {"Q", "m", "free_energy", "training_loss"}
    assert not result.data.unconverged.any()


@pytest.mark.parametrize("name", VARIANTS)
def test_a_wrong_theory_is_rejected(name):
    assert confront(_wrong(VARIANTS[name], VARIANTS[name].alphas), _runs(name)).p_value < 1e-6


def _recorded(key: str, update: bool, dimension: int | list[int], seeds: int, case: Case,
              alphas: tuple[float, ...]) -> xr.Dataset:
    """Return runs as recorded, in single precision; ``--update`` runs them anew, which takes minutes."""
    if update:
        runs = simulate(case.problem, dimension, seeds, alpha=alphas, **case.given).drop_vars("residual")
        kept = dict(np.load(RECORD)) if RECORD.exists() else {}
        kept = {name: field for name, field in kept.items() if name.split(".")[0] != key}
        np.savez_compressed(RECORD, **kept, **{f"{key}.{name}": field.astype(bool if name == "converged" else "f4")
                                               for name, field in runs.items()})
    dims = ("alpha", "seed") if isinstance(dimension, int) else ("dimension", "alpha", "seed")
    with np.load(RECORD) as record:
        fields = {name.split(".")[1]: (dims, record[name].astype(bool if name.endswith("converged") else float))
                  for name in record.files if name.split(".")[0] == key}
    return xr.Dataset(fields, {"alpha": list(alphas), "seed": range(seeds), "dimension": dimension, **case.given})


@functools.cache
def _large(name: str, update: bool) -> xr.Dataset:
    """Sixteen runs with N = 1000 at five α."""
    return _recorded(name, update, 1000, 16, LARGE[name], LARGE[name].alphas)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name in ("l1_vae", "sparse_vae") else [])
                                  for name in LARGE])
def test_theory_agrees_with_large_simulations(name, request):
    case = LARGE[name]
    at = {"alpha": case.alphas, **case.given}
    runs = _large(name, request.config.getoption("--update"))
    result = confront(solve_problem(case.problem, **at), runs)
    assert np.isfinite(result.data.score.sel(observable="m" if "m" in runs else "m_1")).all()
    assert result.p_value > 0.01, result.table()
    if name in SHIPPED:
        assert set(result.table().index.get_level_values("observable")) >= {"Q", "m", "free_energy", "training_loss"}
    assert name in LABELLED or not result.data.unconverged.any()
    # At one α a wrong theory is harder to see than at all.
    some = case.alphas[:1]
    assert confront(_wrong(case, some), runs.sel(alpha=list(some))).p_value < 1e-6


def test_the_trend_with_dimension(request):
    """Counts with an intercept, at N = 250, 500 and 1000: what is left of the deviations is of order 1/N."""
    case, alphas = LARGE["poisson_regression"], (1.0, 2.0)
    at = {"alpha": alphas, **case.given}
    runs = _recorded("trend", request.config.getoption("--update"), [250, 500, 1000], 32, case, alphas)
    states = solve_problem(case.problem, **at)
    result = confront(states, runs)
    assert result.p_value > 0.01, result.table()
    assert not result.data.unconverged.any()
    trends = (result.data.trend / result.data.trend_error).drop_sel(observable="zero_fraction")
    assert (np.abs(trends) < 4).all()
    assert confront(_wrong(case, alphas), runs).p_value < 1e-6


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name == "l1_vae" else [])
                                  for name in LARGE if name not in (*LABELLED, "sparse_vae")] + ["poisson_regression"])
def test_the_record_is_of_these_simulations(name, request):
    """One of the recorded runs, live."""
    case = LARGE[name]
    recorded = _large(name, request.config.getoption("--update")).sel(alpha=case.alphas[0], seed=3)
    run = simulate(case.problem, 1000, [3], alpha=case.alphas[0], **case.given).isel(seed=0)
    for field in ("Q", "m", "free_energy", "training_loss"):
        assert float(run[field]) == pytest.approx(float(recorded[field]), rel=1e-6)


def _planted(rng: np.random.Generator, shift: float = 0.0, bend: float = 0.0, sizes: tuple[int, ...] = (100,),
             points: int = 10) -> tuple[xr.Dataset, xr.Dataset]:
    """Theory zero; two observables, one twice the other, of unit spread at N = 1, with a bias bend/N."""
    axis = np.arange(points, dtype=float)
    first = shift + np.array([bend / n + rng.standard_normal((points, 8)) / np.sqrt(n) for n in sizes])
    dims = ("dimension", "alpha", "seed")
    coords = {"alpha": axis, "dimension": list(sizes)}
    measured = xr.Dataset({"Q": (dims, 1 + first), "m": (dims, 2 + 2 * first),
                           "converged": (dims, np.ones(first.shape, bool))}, coords | {"seed": np.arange(8)})
    states = xr.Dataset({"Q": ("alpha", np.ones(points)), "m": ("alpha", np.full(points, 2.0)),
                         "status": ("alpha", np.zeros(points, int))}, {"alpha": axis})
    return states, measured


@pytest.mark.parametrize("sizes", [(100,), (50, 100, 200)])
def test_p_values_are_no_smaller_than_chance_has_them(sizes):
    rng = np.random.default_rng(7)
    p = np.array([confront(*_planted(rng, bend=0.5 if len(sizes) > 1 else 0.0, sizes=sizes)).p_value
                  for _ in range(300)])
    for level in (0.01, 0.05, 0.2):
        assert stats.binomtest(int((p <= level).sum()), 300, level, "greater").pvalue > 0.001


@pytest.mark.parametrize("sizes", [(100,), (50, 100, 200)])
def test_scores_are_standard_normal(sizes):
    rng = np.random.default_rng(8)
    scores = np.concatenate([confront(*_planted(rng, sizes=sizes)).data.score.sel(observable="Q").values
                             for _ in range(100)])
    assert stats.kstest(scores, "norm").pvalue > 0.001
    assert scores.std() == pytest.approx(1.0, abs=0.08)


def test_a_small_common_shift_is_seen_though_no_single_score_shows_it():
    result = confront(*_planted(np.random.default_rng(9), shift=0.1, points=40))
    assert abs(result.worst["score"]) < 6
    assert result.p_value < 1e-6


def test_the_bias_of_finite_dimension_is_extrapolated():
    rng = np.random.default_rng(10)
    assert confront(*_planted(rng, bend=20.0, sizes=(100,))).p_value < 1e-6
    result = confront(*_planted(rng, bend=20.0, sizes=(50, 100, 200)))
    assert result.p_value > 0.01
    deviation = (result.data.trend.sel(observable="Q") - 20) / result.data.trend_error.sel(observable="Q")
    assert abs(deviation.mean()) < 4 / np.sqrt(10)
    assert confront(*_planted(rng, shift=0.5, bend=20.0, sizes=(50, 100, 200))).p_value < 1e-6


def test_extrapolation_of_real_runs():
    states, runs = _ridge()
    result = confront(states, runs)
    assert result.p_value > 0.01
    line = np.polyfit(1 / runs.dimension, runs.risk.mean("seed"), 1, w=np.sqrt(runs.dimension))
    np.testing.assert_allclose(result.data.measured.sel(observable="risk"), line[1])
    np.testing.assert_allclose(result.data.trend.sel(observable="risk"), line[0])


def test_points_without_an_answer_are_not_judged():
    states, measured = (data.copy(deep=True) for data in _ridge())
    states.status[0] = Status.UNSTABLE
    measured.converged[0, 1, 3] = False
    measured.Q[0, 1, 3] = 1e9
    result = confront(states, measured)
    assert result.data.unsolved.values.tolist() == [True, False, False]
    assert result.data.unconverged.values.tolist() == [0, 1, 0]
    assert set(result.table().index.get_level_values("alpha")) == {2.0}
    assert result.p_value > 0.01
    states.status[2] = Status.NO_SOLUTION_FOUND
    with pytest.raises(InputError, match="2 unsolved and 1 with unconverged runs"):
        confront(states, measured)


def test_numbers_without_spread_agree_or_do_not():
    states, measured = (data.copy(deep=True) for data in _ridge())
    assert "zero_fraction" not in confront(states, measured).table().index.get_level_values("observable")
    measured.zero_fraction[:] = 0.25
    result = confront(states, measured)
    assert result.p_value == 0
    assert result.worst["observable"] == "zero_fraction"
    assert result.worst["score"] == np.inf


def test_other_parameters_are_refused():
    states, measured = _ridge()
    with pytest.raises(InputError, match="the same lam"):
        confront(solve_problem("ridge", **RIDGE | {"lam": 0.31}), measured)
    with pytest.raises(InputError, match="the same alpha"):
        confront(states.isel(alpha=slice(2)), measured)
    with pytest.raises(InputError, match="at least 3 seeds"):
        confront(states, measured.isel(seed=slice(2)))
    with pytest.raises(InputError, match="at least 3 seeds"):
        confront(states, states)
    with pytest.raises(InputError, match="pass the theory first"):
        confront(measured, states)


def test_the_figure_shows_theory_and_simulation():
    at = RIDGE | {"lam": [0.3, 0.6]}
    result = confront(solve_problem("ridge", **at), simulate("ridge", 60, 4, **at))
    figure = plot(result, "risk")
    above, below = figure.axes
    drawn = [np.asarray(line.get_ydata(), float) for line in above.lines]
    for i in range(2):
        theory, measured = (result.data[key].sel(observable="risk").isel(lam=i) for key in ("theory", "measured"))
        assert any(np.array_equal(line, theory) for line in drawn)
        assert any(np.array_equal(line, measured) for line in drawn)
    assert len(below.lines) == 2
    assert plot(result, "risk", "lam").axes[1].get_xlabel() == "lam"
    with pytest.raises(InputError, match="an observable among Q"):
        plot(result, "rsik")
    with pytest.raises(InputError, match="an axis among alpha, lam"):
        plot(result, "risk", "noise")
