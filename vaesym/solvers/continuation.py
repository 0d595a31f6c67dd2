"""Pseudo-arc-length continuation: follow F(x, p) = 0 through folds, find its branch points, switch branches there.

A point is z = (x, p); the curve's tangent t spans the null space of the n × (n+1) matrix (F_x, F_p). Of the matrix
bordered by t the determinant never vanishes at a fold and changes sign at a simple branch point, on every curve through
it; dp/ds changes sign at a fold, and on one of the two curves of a pitchfork.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from vaesym.inputs import Floats, InputError
from vaesym.solvers.branching import Family, PointKind, correct, derivatives, null_tangent, refine_branch, refine_fold

#: Newton iterations below which the step grows, and above which it shrinks.
_EASY, _HARD = 4, 7


@dataclass(frozen=True)
class StepSettings:
    """Arc lengths of the first, the least and the largest step; Newton's tolerance; when to stop.

    ``turn`` is the least cosine between the tangents of neighbours, ``most_points`` the most regular points.
    """

    first: float = 0.02
    least: float = 1e-9
    largest: float = 0.2
    tolerance: float = 1e-12
    most_points: int = 2000
    turn: float = 0.97

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.first <= self.largest < np.inf:
            raise InputError("0 < least <= first <= largest step", f"{self.least}, {self.first}, {self.largest}",
                             "order the steps")
        if self.most_points < 2 or not 0 < self.turn < 1 or not 0 < self.tolerance < 1:
            raise InputError("most_points >= 2, turn and tolerance between 0 and 1",
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
        return _MESSAGES[self]


_MESSAGES = {
    CurveStatus.LEFT_INTERVAL: "the end of the parameter interval was reached",
    CurveStatus.CLOSED: "the curve closed",
    CurveStatus.STEP_TOO_SMALL: "no step above the least one converged: the curve ends, leaves the feasible points, or "
                                "turns too sharply; lower the least step",
    CurveStatus.MOST_POINTS: "the curve was cut after the most points; raise most_points or the largest step",
    CurveStatus.STOPPED: "the caller's condition to stop was met",
}


@dataclass(frozen=True)
class CurvePoint:
    """A point of a curve.

    ``x`` (n,); ``p``; ``arc``, the sum of the chords since the start; ``tangent`` (n+1,), unit; ``sign`` of det F_x, 0
    at special points; ``orientation``, the sign of the bordered determinant; ``kind``, :class:`PointKind`; ``other``
    (n+1,), the tangent of the second curve through a branch point, else NaN.
    """

    x: Floats
    p: float
    arc: float
    tangent: Floats
    sign: int
    orientation: int
    kind: PointKind
    other: Floats

    @property
    def z(self) -> Floats:
        """The point (x, p)."""
        return np.append(self.x, self.p)


@dataclass(frozen=True)
class Curve:
    """A curve: its k points in order with ``x`` (k, n), ``p``, ``arc``, ``sign`` (k,) and ``tangent`` (k, n+1).

    ``folds`` and ``branch_points`` are among the points; ``status`` and ``message`` say why it ended.
    """

    points: tuple[CurvePoint, ...]
    status: CurveStatus

    def __post_init__(self) -> None:
        for name in ("x", "p", "arc", "tangent", "sign"):
            object.__setattr__(self, name, np.array([getattr(point, name) for point in self.points]))

    x: Floats = None  # type: ignore
