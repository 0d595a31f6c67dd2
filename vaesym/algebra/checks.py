"""Compare two expressions: refute by numbers first, then try to reduce the difference to zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import mpmath
import sympy as sp

from vaesym.algebra.domain import Domain, draw_point
from vaesym.algebra.entries import entries, require_alike
from vaesym.algebra.pointwise import Pointwise, pointwise_residual
from vaesym.algebra.reduction import LimitReached, limited, reduces_to_zero
from vaesym.algebra.residual import GUARD_DIGITS, has_no_value, worst_residual

__all__ = ["Kind", "Verdict", "compare", "reduces_to_zero"]

#: Seconds after which evaluating the sides, or reducing their difference, is given up.
LIMIT = 120.0


class Kind(Enum):
    """How a statement was compared with the result of its move, the strongest first."""

    IDENTITY = "identity"
    ARGUED = "argued"
    NUMERIC = "numeric"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check.

    Attributes
    ----------
    kind : ``identity`` (the difference was reduced to exact zero), ``argued`` (so it was, and words carry the part of
        the proof that the remark names), ``numeric`` (agreement at seeded points, which is evidence and not proof) or
        ``failed``
    points : number of points at which both sides were evaluated; the first that refutes is the last
    digits : decimal digits to which they had to agree, relative to the larger side
    residual : the worst relative difference met, infinite at a pole
    seconds : processor time that the move and the check took
    remark : why a proof was given up, or what words carry, in words; else empty
    """

    kind: Kind
    points: int
    digits: int
    residual: float
    seconds: float = 0.0
    remark: str = ""

    @property
    def passed(self) -> bool:
        """Whether the statement stands."""
        return self.kind is not Kind.FAILED

    def __str__(self) -> str:
        worst = f"worst {self.residual:.0e}" if self.residual > 0 else "no difference"
        evidence = ", ".join([f"{self.points} points", f"{self.digits} digits", worst, *filter(None, [self.remark])])
        return f"{self.kind.value} ({evidence})"


def _symbols_of(parts: Iterable[Any], domains: Mapping[sp.Symbol, Domain]) -> list[sp.Symbol]:
    needed: set[Any] = {symbol for part in parts for symbol in part.free_symbols}
    missing = sorted(symbol.name for symbol in needed if symbol not in domains)
    if missing:
        raise ValueError(f"expected a domain for every symbol; received none for {missing}; declare them")
    return sorted(needed, key=lambda symbol: symbol.name)


def _evaluated(work: Callable[[], tuple[Any, int]], limit: float) -> tuple[Any, int]:
    try:
        return limited(limit, work)
    except LimitReached:
        raise ValueError(f"expected sides that can be evaluated within {limit:g} s; received others; write integrals "
                         "and limits out, or give a larger limit") from None


def _compare_pointwise(left: Any, right: Any, domains: Mapping[sp.Symbol, Domain], conditions: tuple[Any, ...],
                       points: int, digits: int, limit: float) -> Verdict:
    parts = [part for side in (left, right) for part in ([side] if isinstance(side, Pointwise) else entries(side))]
    needed = _symbols_of([*parts, *conditions], domains)
    drawn = (draw_point({s: domains[s] for s in needed}, i, conditions) for i in range(points))
    worst, count = _evaluated(lambda: pointwise_residual(left, right, drawn, digits), limit)
    kind = Kind.FAILED if worst > sp.Rational(1, 10**digits) else Kind.NUMERIC
    negligible = worst < sp.Rational(1, 10 ** (digits + GUARD_DIGITS // 2))
    return Verdict(kind, count, digits, 0.0 if negligible else float(worst))


def compare(
    left: Any,
    right: Any,
    domains: Mapping[sp.Symbol, Domain],
    *,
    conditions: Iterable[sp.Basic] = (),
    points: int = 8,
    digits: int = 50,
    exact: bool = True,
    limit: float = LIMIT,
) -> Verdict:
    """Compare two expressions (or matrices, or tuples of them) over the domains of their symbols.

    Parameters
    ----------
    left, right : the two sides, of one shape; either may be a :class:`Pointwise`, which leaves numeric evidence
    domains : the domain of every free symbol
    conditions : relations that the points must satisfy
    points, digits : how many seeded points, and to how many digits both sides must agree there, relative to the
        larger one; the first point where they do not ends the search
    exact : also try to reduce the difference to zero; False stops at numeric evidence
    limit : seconds after which evaluating the sides is an error, and those after which a reduction to zero is given
        up: then the verdict is numeric and its remark says so

    Returns
    -------
    Verdict
        ``failed`` if any point disagrees or is a pole; else ``identity`` if the difference reduces to zero; else
        ``numeric``.

    Raises
    ------
    ValueError
        If the sides have different shapes, a symbol has no domain, two symbols share a name, there is no point to
        look at, fewer than 50 digits are asked for, there is nothing to compare, mpmath cannot evaluate a side, or not
        within the limit.
    TypeError
        If a side is no expression, matrix, tuple of them or equation.
    """
    if digits < 50:
        raise ValueError(f"expected at least 50 digits; received {digits}; leave digits at its default")
    if points < 1:
        raise ValueError(f"expected at least one point; received {points}; leave points at its default")
    conditions = tuple(conditions)
    if isinstance(left, Pointwise) or isinstance(right, Pointwise):
        return _compare_pointwise(left, right, domains, conditions, points, digits, limit)
    require_alike(left, right)
    sides = entries(left), entries(right)
    if not sides[0]:
        raise ValueError("expected something to compare; received two sides without entries; state at least one")
    needed = _symbols_of([*sides[0], *sides[1], *conditions], domains)
    if has_no_value([*sides[0], *sides[1]]):
        return Verdict(Kind.FAILED, 0, digits, float("inf"))
    drawn = (draw_point({s: domains[s] for s in needed}, i, conditions) for i in range(points))
    worst, count = _evaluated(lambda: worst_residual(sides, drawn, digits), limit)
    residual = 0.0 if worst < mpmath.mpf(10) ** -(digits + GUARD_DIGITS // 2) else float(worst)
    if worst > mpmath.mpf(10) ** -digits:
        return Verdict(Kind.FAILED, count, digits, residual)
    proved, remark = False, ""
    try:
        proved = exact and limited(limit, lambda: all(reduces_to_zero(a - b) for a, b in zip(*sides, strict=True)))
    except LimitReached:
        remark = f"no proof within {limit:g} s"
    return Verdict(Kind.IDENTITY if proved else Kind.NUMERIC, count, digits, residual, remark=remark)
