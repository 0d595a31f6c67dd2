"""Compare two expressions: refute by numbers first, then try to reduce the difference to zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import mpmath
import sympy as sp

from vaesym.algebra.domain import Domain, draw_point
from vaesym.algebra.entries import entries, require_alike
from vaesym.algebra.pointwise import Pointwise, pointwise_residual
from vaesym.algebra.reduction import reduces_to_zero
from vaesym.algebra.residual import GUARD_DIGITS, has_no_value, worst_residual
from vaesym.algebra.verdict import Kind, Verdict

__all__ = ["compare", "reduces_to_zero"]


def _symbols_of(parts: Iterable[Any], domains: Mapping[sp.Symbol, Domain]) -> list[sp.Symbol]:
    needed: set[Any] = {symbol for part in parts for symbol in part.free_symbols}
    missing = sorted(symbol.name for symbol in needed if symbol not in domains)
    if missing:
        raise ValueError(f"expected a domain for every symbol; received none for {missing}; declare them")
    return sorted(needed, key=lambda symbol: symbol.name)


def _compare_pointwise(left: Any, right: Any, domains: Mapping[sp.Symbol, Domain], conditions: tuple[Any, ...],
                       points: int, digits: int) -> Verdict:
    parts = [part for side in (left, right) for part in ([side] if isinstance(side, Pointwise) else entries(side))]
    needed = _symbols_of([*parts, *conditions], domains)
    drawn = (draw_point({s: domains[s] for s in needed}, i, conditions) for i in range(points))
    worst, count = pointwise_residual(left, right, drawn, digits)
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

    Returns
    -------
    Verdict
        ``failed`` if any point disagrees or is a pole; else ``identity`` if the difference reduces to zero; else
        ``numeric``.

    Raises
    ------
    ValueError
        If the sides have different shapes, a symbol has no domain, two symbols share a name, there is no point to
        look at, fewer than 50 digits are asked for, or mpmath cannot evaluate a side.
    TypeError
        If a side is no expression, matrix, tuple of them or equation.
    """
    if digits < 50:
        raise ValueError(f"expected at least 50 digits; received {digits}; leave digits at its default")
    if points < 1:
        raise ValueError(f"expected at least one point; received {points}; leave points at its default")
    conditions = tuple(conditions)
    if isinstance(left, Pointwise) or isinstance(right, Pointwise):
        return _compare_pointwise(left, right, domains, conditions, points, digits)
    require_alike(left, right)
    sides = entries(left), entries(right)
    needed = _symbols_of([*sides[0], *sides[1], *conditions], domains)
    if has_no_value([*sides[0], *sides[1]]):
        return Verdict(Kind.FAILED, 0, digits, float("inf"))
    drawn = (draw_point({s: domains[s] for s in needed}, i, conditions) for i in range(points))
    worst, count = worst_residual(sides, drawn, digits)
    residual = 0.0 if worst < mpmath.mpf(10) ** -(digits + GUARD_DIGITS // 2) else float(worst)
    if worst > mpmath.mpf(10) ** -digits:
        return Verdict(Kind.FAILED, count, digits, residual)
    proved = exact and all(reduces_to_zero(a - b) for a, b in zip(*sides, strict=True))
    return Verdict(Kind.IDENTITY if proved else Kind.NUMERIC, count, digits, residual)
