"""What was measured of training in time, and of absolute values as the penalty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

import vaesym
from validation.agreement.beyond import plans
from validation.agreement.measurement import Measurements
from validation.study.extrapolation import Limit, extrapolate, outlier_shift
from validation.study.judging import Equality, Finding, Score
from validation.study.simulations import Table

#: Relative deviation in time that must be seen: what is left out by a rival statement is more.
_IN_TIME = 0.25
#: The same under absolute values: weight decay has E off by more, or no weights that are zero.
_BY_PENALTY = 0.25
#: Deviations are relative to the theory, or to this where that is smaller.
_LEAST = 0.1


def limit_of(table: Table, number: int, name: str) -> Limit:
    """Return a column at a point, extrapolated over its sizes in 1/N."""
    at = table["point"] == number
    sizes = np.unique(table["size"][at])
    groups = [table[name][at & (table["size"] == size)].astype(float) for size in sizes]
    return extrapolate(outlier_shift(sizes), groups, sizes.astype(float) ** -0.5)


def _scores(table: Table, expected: Callable[[int], Mapping[str, float]], names: tuple[str, ...], where: list[str],
            grouped: tuple[str, ...]) -> tuple[Score, ...]:
    found = []
    for number, place in enumerate(where):
        aims = expected(number)
        for name in names:
            limit, aim = limit_of(table, number, name), float(aims[name])
            found.append(Score(f"{name} at {place}", aim, limit.value, limit.error, limit.score(aim),
                               max(abs(aim), _LEAST), name if name in grouped else ""))
    return tuple(found)


def _farthest(table: Table, expected: Callable[[int], Mapping[str, float]], names: tuple[str, ...],
              points: int) -> float:
    """The largest deviation from a rival statement in standard errors, over the names, at its least over points."""
    return min(max(abs(limit_of(table, i, name).score(float(expected(i)[name]))) for name in names)
               for i in range(points))


def one_pass(found: Measurements) -> Finding:
    """T1: the overlaps of one pass follow their equations."""
    def theory(number: int, **changes: float) -> Mapping[str, float]:
        course = plans.PASSES[number]
        given = {**course.given, **changes}
        time = course.time * course.given["rate"] / given["rate"]
        run = vaesym.online_dynamics(time, given.pop("beta"), sampled=bool(given.pop("sampled")),
                                     start=plans.PASS_START, **given)
        return {name: float(run[name]) for name in plans.OVERLAPS}

    def slow(number: int) -> Mapping[str, float]:
        rates = {name: plans.PASSES[number].given[name] / 50 for name in ("rate", "variance_rate")}
        return theory(number, **rates)

    table = found.tables["one-pass"]
    where = [f"β = {c.given['beta']:g}, time {c.time:g}" for c in plans.PASSES]
    far = _farthest(table, slow, plans.OVERLAPS, len(where))
    return Finding("T1", "one pass of stochastic gradient descent is a closed process of the overlaps as N → ∞",
                   f"descent at {len(where)} points, extrapolated from N = {_sizes(table)}, samples used once",
                   _scores(table, theory, plans.OVERLAPS, where, plans.OVERLAPS),
                   rival="without the terms of second order in the rate a number would be off by "
                   f"{far:.0f} standard errors or more", distinguished=far > 4, relevant=_IN_TIME)


def gradient_flow(found: Measurements) -> Finding:
    """T6: gradient flow at finite α follows the spectral measures."""
    def theory(number: int, alpha: float | None = None) -> Mapping[str, float]:
        given = dict(plans.FLOWS[number].given)
        own = given.pop("alpha")
        # Weight decay acts as λ/α: it stays when α changes.
        given["lam"] *= 1.0 if alpha is None else alpha / own
        run = vaesym.gradient_flow(plans.FLOWS[number].time, own if alpha is None else alpha, given.pop("beta"),
                                   start=plans.FLOW_START, **given)
        return {name: float(run[name]) for name in plans.OVERLAPS}

    table = found.tables["flow"]
    where = [f"α = {c.given['alpha']:g}, β = {c.given['beta']:g}, time {c.time:g}" for c in plans.FLOWS]
    far = _farthest(table, lambda number: theory(number, 1e4), plans.OVERLAPS, len(where))
    return Finding("T6", "gradient flow on a training set is exactly solvable at finite α as N → ∞",
                   f"flow of the loss by automatic differentiation at {len(where)} points, extrapolated from N = "
                   f"{_sizes(table)}", _scores(table, theory, plans.OVERLAPS, where, plans.OVERLAPS),
                   rival=f"on unlimited data a number would be off by {far:.0f} standard errors or more",
                   distinguished=far > 4, relevant=_IN_TIME)


@cache
def _absolute_state(point: tuple[float, float, float]) -> Any:
    """The state of the theory under absolute values; a search of some seconds."""
    return vaesym.solve_problem("l1_vae", **plans.absolute_parameters(point))


def _rows(state: Any) -> Mapping[str, float]:
    return {name: float(state[name]) for name in plans.ROWS}


def absolute_values(found: Measurements) -> Finding:
    """L: the states under absolute values; unstable ones are flagged."""
    def decay(number: int) -> Mapping[str, float]:
        alpha, beta, lam = plans.ABSOLUTE[number]
        state = vaesym.solve(alpha, beta, lam=lam)
        return {"E": float(state.E), "R": float(state.R), "zero_decoder": 0.0, "zero_encoder": 0.0}

    table = found.tables["absolute"]
    where = [f"α = {a:g}, β = {b:g}, λ = {lam:g}" for a, b, lam in plans.ABSOLUTE]
    flagged = _absolute_state(plans.UNSTABLE)
    far = _farthest(table, decay, ("E", "R", "zero_decoder", "zero_encoder"), len(where))
    alpha, beta, lam = plans.UNSTABLE
    return Finding(
        "L", "under λ(|w| + |v|) the replica-symmetric states are those of the least loss, where they are stable",
        f"accelerated proximal steps at {len(where)} points, W* spread evenly, extrapolated from N = {_sizes(table)}; "
        f"α = {alpha:g}, β = {beta:g}, λ = {lam:g} has the replicon {float(flagged.replicon):.4f} and is left out",
        _scores(table, lambda number: _rows(_absolute_state(plans.ABSOLUTE[number])), plans.ROWS, where, ("E", "R")),
        (Equality("trainings that have not converged", float(np.sum(~table["converged"].astype(bool))), 0.0),
         Equality("states with a replicon above 1 that pass for answers", float(flagged.status == 0), 0.0)),
        f"with λ(w² + v²)/2 E, R or the shares of zeros would be off by {far:.0f} standard errors or more", far > 4,
        _BY_PENALTY)


@cache
def _sparse_state(point: tuple[float, float, float]) -> Any:
    """The same of a sparse signal."""
    return vaesym.solve_problem("sparse_vae", share=plans.SHARE, **plans.absolute_parameters(point))


def sparse_signal(found: Measurements) -> Finding:
    """LS: under absolute values it matters how the signal is written."""
    table = found.tables["sparse"]
    where = [f"α = {a:g}, β = {b:g}, λ = {lam:g}" for a, b, lam in plans.SPARSE]
    far = _farthest(table, lambda number: _rows(_absolute_state(plans.SPARSE[number])), plans.ROWS, len(where))
    return Finding(
        "LS", f"under λ(|w| + |v|) a signal on {100 * plans.SHARE:g} % of the entries is found better than if spread",
        f"accelerated proximal steps at {len(where)} points, extrapolated from N = {_sizes(table)}",
        _scores(table, lambda number: _rows(_sparse_state(plans.SPARSE[number])), plans.ROWS, where, ("E", "R")),
        (Equality("trainings that have not converged", float(np.sum(~table["converged"].astype(bool))), 0.0),),
        f"with a signal spread evenly a number would be off by {far:.0f} standard errors or more", far > 4, _BY_PENALTY)


def _sizes(table: Table) -> str:
    return ", ".join(map(str, np.unique(table["size"]).tolist()))


#: In the order of the report.
FINDINGS: tuple[Callable[[Measurements], Finding], ...] = (one_pass, gradient_flow, absolute_values, sparse_signal)
