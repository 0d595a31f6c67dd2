"""Ends of the collapsed and of the active state, read from trainings over grids of β."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from validation.agreement.boundaries import BOUNDARIES, Boundary
from validation.agreement.extrapolation import Limit, extrapolate, outlier_shift
from validation.agreement.studies import Table

#: A latent counts as active while its Q is above this share of the least Q of an active state.
_ALIVE = 0.5


def active(boundary: Boundary, table: Table, where: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the runs ended active.

    A descent whose loss is below that of collapse never comes back to it; where the transition is of first order an
    active state may lie above collapse, and there Q tells.
    """
    if boundary.first_order:
        return (table["Q"][where, 0, 0] > _ALIVE * boundary.least_active) | (table["loss"][where] < 0)
    return table["loss"][where] < 0


@dataclass(frozen=True)
class End:
    """A measured end of a state, in β.

    Attributes
    ----------
    boundary, start : number of the boundary, and "collapsed" (end of collapse) or "informed" (end of the active state)
    expected : the theory in the limit of many dimensions
    limit : what was measured, extrapolated
    score : standard normal number
    own : differences from the theory at each data set's own eigenvalue, in steps of the grid
    values : of each data set, at all sizes
    step : of the grid of β at the largest size
    sizes, means, errors : what was measured at each size
    missed : data sets whose end lies outside the grid
    """

    boundary: int
    start: str
    expected: float
    limit: Limit
    score: float
    own: Floats
    values: Floats
    step: float
    sizes: tuple[int, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]
    missed: int


def ends(number: int, table: Table, eigenvalues: dict[tuple[int, int, int], float]) -> list[End]:
    """Return the measured ends of one boundary.

    Parameters
    ----------
    number : of the boundary
    table : results of the study
    eigenvalues : largest eigenvalue of each data set (boundary, size, replicate)
    """
    boundary, found = BOUNDARIES[number], []
    sizes = np.unique(table["size"][table["boundary"] == number]).tolist()
    for s, start in enumerate(boundary.starts):
        groups, own, missed, step = {}, [], 0, 1.0
        for size in sizes:
            groups[size], step, outside = _read(number, table, size, s)
            missed += outside
            tops = np.array([eigenvalues[number, size, k] for k in range(len(groups[size]))])
            own.extend((groups[size] - boundary.ends_at(tops)[start]) / step)
        found.append(_ended(number, start, groups, np.array(own), step, missed))
    return found


def _read(number: int, table: Table, size: int, start: int) -> tuple[Floats, float, int]:
    """The end of each data set of one size, the step of the grid, and how many ends lie outside the grid."""
    chosen = (table["boundary"] == number) & (table["size"] == size) & (table["from"] == start)
    values, missed, step = [], 0, 1.0
    for k in np.unique(table["replicate"][chosen]).tolist():
        where = np.flatnonzero(chosen & (table["replicate"] == k))
        where = where[np.argsort(table["step"][where])]
        betas, alive = table["beta"][where], active(BOUNDARIES[number], table, where)
        step = float(betas[1] - betas[0])
        # Half way between the last β at which the latent is active and the next; steps back count for one another.
        values.append(float(betas[0] - step / 2 + step * alive.sum()))
        missed += bool(alive.all() or not alive.any())
    return np.array(values), step, missed


def _ended(number: int, start: str, groups: dict[int, Floats], own: Floats, step: float,
           missed: int) -> End:
    boundary = BOUNDARIES[number]
    expected = boundary.collapse_end if start == "collapsed" else boundary.active_end
    sizes = np.array(list(groups), dtype=float)
    shifts, spread = (outlier_shift(sizes), sizes**-0.5) if len(sizes) > 1 else (np.zeros(1), np.ones(1))
    limit = extrapolate(shifts, list(groups.values()), spread)
    # A few data sets may all fall between the same two values of β: the grid bounds the error from below.
    limit = replace(limit, error=max(limit.error, step / np.sqrt(12 * sum(map(len, groups.values())))))
    means, errors = ([float(f(v)) for v in groups.values()] for f in (np.mean, lambda v: v.std(ddof=1) / len(v) ** 0.5))
    return End(number, start, expected, limit, limit.score(expected), own, np.concatenate(list(groups.values())), step,
               tuple(groups), tuple(means), tuple(errors), missed)
