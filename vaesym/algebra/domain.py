"""Where a symbol lives, and seeded points inside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import mpmath
import sympy as sp

#: Resolution of a drawn number: enough that no two symbols ever share a value.
_RESOLUTION = 10**12


@dataclass(frozen=True)
class Domain:
    """An interval from which check points are drawn.

    Parameters
    ----------
    low, high : exact ends, with low < high; positive for the law "log"
    law : "log" draws evenly in the logarithm (scales), "uniform" evenly in the value (signed quantities)

    Raises
    ------
    ValueError
        If the interval is empty or not positive for the law "log", or the law is another.

    Examples
    --------
    >>> Domain(sp.Rational(1, 10), 10).draw("beta", 0) == Domain(sp.Rational(1, 10), 10).draw("beta", 0)
    True
    """

    low: sp.Expr | int
    high: sp.Expr | int
    law: Literal["log", "uniform"] = "log"

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, sp.Rational(getattr(self, name)))
        if self.law not in ("log", "uniform"):
            raise ValueError(f"expected a law among ['log', 'uniform']; received {self.law!r}; choose one of them")
        low, high = self._ends()
        if not low < high or (self.law == "log" and low <= 0):
            raise ValueError(f"expected low < high (and low > 0 for the law 'log'); received [{low}, {high}] "
                             f"with law {self.law!r}; give a non-empty interval")

    def draw(self, name: str, index: int) -> Any:
        """Return the ``index``-th rational point for the symbol ``name``, the same on every machine."""
        low, high = self._ends()
        digest = hashlib.sha256(f"{name}:{index}".encode()).digest()
        fraction: Any = sp.Rational(int.from_bytes(digest[:8], "big") % _RESOLUTION + 1, _RESOLUTION + 1)
        if self.law == "uniform":
            return low + (high - low) * fraction
        with mpmath.workdps(30):
            ratio = mpmath.mpf(high.p * low.q) / (high.q * low.p)
            growth = ratio ** (mpmath.mpf(fraction.p) / fraction.q)
            steps = int(mpmath.floor(growth * _RESOLUTION))
        return min(low * sp.Rational(steps, _RESOLUTION), high)

    def contains(self, value: Any) -> bool:
        """Whether ``value`` lies in the closed interval."""
        low, high = self._ends()
        return bool(low <= value <= high)

    def _ends(self) -> tuple[Any, Any]:
        return self.low, self.high


def draw_point(
    domains: Mapping[sp.Symbol, Domain],
    index: int,
    conditions: Iterable[sp.Basic] = (),
    attempts: int = 1000,
) -> dict[sp.Symbol, Any]:
    """Draw the ``index``-th point of the domains on which every condition holds.

    Raises
    ------
    ValueError
        If no draw meets the conditions within ``attempts``, or two symbols share a name: they would share every value.
    """
    names = [symbol.name for symbol in domains]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"expected one symbol to a name; received several called {repeated} that differ in their "
                         "assumptions; use the same symbol everywhere")
    conditions = tuple(conditions)
    for attempt in range(attempts):
        point = {symbol: domain.draw(symbol.name, index + 10_000 * attempt) for symbol, domain in domains.items()}
        if all(condition.xreplace(point) == sp.true for condition in conditions):
            return point
    raise ValueError(f"expected conditions {list(conditions)} that hold somewhere in the domains; received none in "
                     f"{attempts} draws; widen the domains")
