"""Pseudo-arc-length continuation: follow F(x, p) = 0 through folds, find its branch points, switch branches there.

The determinant of DF = (F_x, F_p) bordered by the tangent keeps its sign through a fold and changes it at a simple
branch point, on either curve through it; dp/ds changes sign at a fold.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError
from vaesym.solvers.branching import (
    Family,
    correct,
    crossing_tangents,
    full_derivative,
    null_vector,
    refine_branch,
    refine_fold,
)

#: Newton iterations up to which the step grows, and from which it shrinks.
_EASY, _HARD = 4, 7
#: How much a step grows or shrinks.
_GROW, _SHRINK = 1.5, 0.6


@dataclass(frozen=True)
class StepSettings:
    """Arc lengths of the first, least and largest step, Newton's tolerance, and when to stop.

    ``most_points`` bounds the regular points, ``turn`` is the least cosine between the tangents of neighbours.
    """

    first: float = 0.02
    least: float = 1e-9
    largest: float = 0.2
    tolerance: float = 1e-12
    most_points: int = 2000
    turn: float = 0.97

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.first <= self.largest < np.inf:
            raise InputError("0 < least <= first <= largest", f"{self.least}, {self.first}, {self.largest}",
                             "order the steps")
        if self.most_points < 2 or not (0 < self.turn < 1 and 0 < self.tolerance < 1):
            raise InputError("most_points >= 2, and turn and tolerance between 0 and 1",
                             f"{self.most_points}, {self.turn}, {self.tolerance}", "keep the defaults")


class CurveStatus(IntEnum):
    """Why a curve ended."""

    LEFT_INTERVAL = 0
    CLOSED = 1
    STEP_TOO_SMALL = 2
    MOST_POINTS = 3
    STOPPED = 4

    @property
    def message(self) -> str:
        """The status in words, with what to do."""
        return ("reached the end of the parameter interval", "returned to its start",
                "no step above the least one converged: the curve ends, turns too sharply or leaves what is feasible",
                "cut at the most points; raise most_points or the largest step",
                "stopped by the caller's condition")[self]


class PointKind(IntEnum):
    """What a point of a curve is."""

    REGULAR = 0
    FOLD = 1
    BRANCH = 2


@dataclass(frozen=True)
class CurvePoint:
    """A point ``z`` = (x, p) of a curve.

    ``tangent`` (n+1,) has unit length; ``arc`` is the length of the chords since the start; ``sign`` is that of
    det F_x, 0 at folds and branch points; ``border`` is that of the bordered determinant, 0 at branch points; ``other``
    (n+1,) is the tangent of the second curve through a branch point (NaN where it is not known, or elsewhere).
    """

    z: Floats
    tangent: Floats
    arc: float
    sign: int
    border: int
    kind: PointKind
    other: Floats

    @property
    def x(self) -> Floats:
        """The unknowns (n,)."""
        return self.z[:-1]

    @property
    def p(self) -> float:
        """The parameter."""
        return float(self.z[-1])


@dataclass(frozen=True)
class Curve:
    """The ``points`` of a curve in order, its folds and branch points among them, and why it ended."""

    points: tuple[CurvePoint, ...]
    status: CurveStatus

    @property
    def x(self) -> Floats:
        """The unknowns (k, n)."""
        return np.array([point.x for point in self.points])

    @property
    def p(self) -> Floats:
        """The parameter (k,)."""
        return np.array([point.p for point in self.points])

    @property
    def arc(self) -> Floats:
        """The arc length (k,)."""
        return np.array([point.arc for point in self.points])

    @property
    def sign(self) -> NDArray[np.int64]:
        """The sign of det F_x (k,)."""
        return np.array([point.sign for point in self.points])

    @property
    def message(self) -> str:
        """Why it ended, in words."""
        return self.status.message

    def of_kind(self, kind: PointKind) -> tuple[CurvePoint, ...]:
        """Return the folds or the branch points."""
        return tuple(point for point in self.points if point.kind == kind)


def _point(family: Family, z: Floats, along: Floats, arc: float) -> CurvePoint:
    matrix = full_derivative(family, z)
    tangent = null_vector(matrix, along)
    sign, border = (int(np.linalg.slogdet(m)[0]) for m in (matrix[:, :-1], np.vstack([matrix, tangent])))
    return CurvePoint(z, tangent, arc, sign, border, PointKind.REGULAR, np.full_like(z, np.nan))


def _halfway(family: Family, old: CurvePoint, new: CurvePoint, tolerance: float) -> Floats:
    """Halve the interval in which the bordered determinant changes sign until Newton feels the branch point."""
    low, high = old.z, new.z
    for _ in range(8):
        found = correct(family, (low + high) / 2, old.tangent, tolerance)
        if found is None:
            break
        same = _point(family, found[0], old.tangent, 0.0).border == old.border
        low, high = (found[0], high) if same else (low, found[0])
    return (low + high) / 2


def _special(family: Family, old: CurvePoint, new: CurvePoint, tolerance: float) -> Generator[CurvePoint]:
    """Find the branch point or the fold between neighbours; a step is short enough to hold at most one."""
    chord = float(np.linalg.norm(new.z - old.z))
    if old.border * new.border < 0:
        z = refine_branch(family, _halfway(family, old, new, tolerance), tolerance)
        if z is not None and np.linalg.norm(z - old.z) <= 2 * chord:
            pair = crossing_tangents(family, z, new.z - old.z)
            tangent, other = pair or (old.tangent, np.full_like(z, np.nan))
            yield CurvePoint(z, tangent, old.arc + float(np.linalg.norm(z - old.z)), 0, 0, PointKind.BRANCH, other)
    elif old.tangent[-1] * new.tangent[-1] < 0 and old.border != 0:
        found = refine_fold(family, old.z, new.z, (old.tangent, new.tangent), tolerance)
        if found is not None:
            arc = old.arc + float(np.linalg.norm(found[0] - old.z))
            yield replace(_point(family, *found, arc), sign=0, kind=PointKind.FOLD)


def _clip(family: Family, old: CurvePoint, new: CurvePoint, end: float, tolerance: float) -> CurvePoint | None:
    """Return the point between neighbours at which p = ``end``, exactly."""
    fraction = (end - old.p) / (new.p - old.p)
    guess = old.z + fraction * (new.z - old.z)
    guess[-1] = end
    found = correct(family, guess, np.eye(len(guess))[-1], tolerance)
    if found is None:
        return None
    z = np.append(found[0][:-1], end)
    return _point(family, z, old.tangent, old.arc + float(np.linalg.norm(z - old.z)))


def trace(family: Family, start: CurvePoint, interval: tuple[float, float], settings: StepSettings,
          stop: Callable[[CurvePoint], bool] | None = None) -> Generator[CurvePoint, None, CurveStatus]:
    """Yield the points of a curve one by one, from ``start`` along its tangent; the generator returns the status.

    What was yielded stays valid when the caller stops asking. Arguments as in :func:`follow`.
    """
    yield start
    old, step, regular = start, settings.first, 1
    while regular < settings.most_points:
        found = correct(family, old.z + step * old.tangent, old.tangent, settings.tolerance)
        new = None if found is None else _point(family, found[0], old.tangent,
                                                old.arc + float(np.linalg.norm(found[0] - old.z)))
        if found is None or new is None or (new.tangent @ old.tangent < settings.turn and old.border != 0):
            step /= 2
            if step < settings.least:
                return CurveStatus.STEP_TOO_SMALL
            continue
        before, after = ((point.z - start.z) @ start.tangent for point in (old, new))
        closed = regular > 3 and before < 0 <= after and np.linalg.norm(new.z - start.z) <= 2 * step
        if closed:
            new = replace(start, arc=old.arc + float(np.linalg.norm(start.z - old.z)))
        outside = not interval[0] <= new.p <= interval[1]
        clipped = _clip(family, old, new, interval[int(new.p > interval[1])], settings.tolerance) if outside else new
        specials = [s for s in _special(family, old, new, settings.tolerance) if interval[0] <= s.p <= interval[1]]
        # After a branch point inside the step the other direction of its curve is wanted, hence the true chord.
        for point in [*specials, *([clipped] if clipped is not None else [])]:
            yield point
            if stop is not None and stop(point):
                return CurveStatus.STOPPED
        if closed or outside:
            return CurveStatus.CLOSED if closed else CurveStatus.LEFT_INTERVAL
        old, regular = new, regular + 1
        factor = _GROW if found[1] <= _EASY else _SHRINK if found[1] >= _HARD else 1.0
        step = float(np.clip(step * factor, settings.least, settings.largest))
    return CurveStatus.MOST_POINTS
