"""How the search for a state ended."""

from __future__ import annotations

from enum import IntEnum

#: Largest relative residual of an answer, and largest quadrature error.
TOLERANCE, QUADRATURE = 1e-10, 1e-8


class Status(IntEnum):
    """What a point is: an answer only where it is SOLVED."""

    SOLVED = 0
    NO_SOLUTION_FOUND = 1
    UNSTABLE = 2
    INACCURATE = 3

    @property
    def message(self) -> str:
        """The status in words."""
        return _MESSAGES[self]


_MESSAGES = {
    Status.SOLVED: "solved",
    Status.NO_SOLUTION_FOUND: "Newton found no solution: there may be none here, as beyond a separability threshold",
    Status.UNSTABLE: "replica symmetry is unstable (replicon above 1): the numbers are no answer",
    Status.INACCURATE: "the quadrature is not accurate to 1e-8 here",
}
