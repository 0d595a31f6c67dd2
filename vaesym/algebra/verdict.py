"""What a check found: an identity, numeric agreement, or failure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a statement was compared with the result of its move."""

    IDENTITY = "identity"
    NUMERIC = "numeric"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check.

    Attributes
    ----------
    kind : ``identity`` (the difference was reduced to exact zero), ``numeric`` (agreement at seeded
        points, which is evidence and not proof) or ``failed``
    points : number of points at which both sides were evaluated; the first that refutes is the last
    digits : decimal digits to which they had to agree, relative to the larger side
    residual : the worst relative difference met, infinite at a pole
    seconds : time the move and the check took
    """

    kind: Kind
    points: int
    digits: int
    residual: float
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the statement stands."""
        return self.kind is not Kind.FAILED

    def __str__(self) -> str:
        worst = f"worst {self.residual:.0e}" if self.residual > 0 else "no difference"
        evidence = f"{self.points} points, {self.digits} digits, {worst}"
        return f"{self.kind.value} ({evidence})"
