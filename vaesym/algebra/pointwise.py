"""Moves and statements too large to carry symbols, run exactly at one rational point at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from vaesym.algebra.entries import entries
from vaesym.algebra.residual import worst_residual

Point = Mapping[Any, Any]


@dataclass(frozen=True)
class Pointwise:
    """A result known point by point.

    Parameters
    ----------
    symbols : the symbols that a point gives values to
    run : takes symbol → rational and returns an expression, matrix or tuple without these symbols

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> Pointwise((x,), lambda point: sp.sqrt(point[x])).at({x: sp.Rational(4)})
    2
    """

    symbols: tuple[Any, ...]
    run: Callable[[Point], Any]
    _known: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False, compare=False)

    @property
    def free_symbols(self) -> set[Any]:
        """The symbols that a point gives values to."""
        return set(self.symbols)

    def at(self, point: Point) -> Any:
        """Return the result at a point; computed once for each."""
        key = tuple(point[symbol] for symbol in self.symbols)
        if key not in self._known:
            self._known[key] = self.run(point)
        return self._known[key]


def pointwise_residual(left: Any, right: Any, points: Iterable[Point], digits: int) -> tuple[Any, int]:
    """Return the worst residual of two sides, of which at least one is pointwise, and the number of points."""

    def at(side: Any, point: Point) -> Any:
        if isinstance(side, Pointwise):
            return side.at(point)
        return [sp.sympify(entry).xreplace(dict(point)) for entry in entries(side)]

    worst, count = sp.S.Zero, 0
    for point in points:
        sides = entries(at(left, point)), entries(at(right, point))
        found, _ = worst_residual(sides, [{}], digits)
        worst, count = max(worst, found), count + 1
        if found > sp.Rational(1, 10**digits):
            break
    return worst, count
