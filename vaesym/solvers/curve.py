"""What a continuation is asked for and returns: steps, points, curves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError


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
