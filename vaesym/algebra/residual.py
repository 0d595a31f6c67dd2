"""How far two sides are apart at points, relative to their size, and told apart from rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp
from mpmath.libmp import NoConvergence
from sympy.concrete.expr_with_limits import ExprWithLimits

#: Extra digits carried while evaluating, lost to cancellation inside the expressions.
GUARD_DIGITS = 40

Sides = tuple[Sequence[Any], Sequence[Any]]


def has_no_value(entries: Iterable[Any]) -> bool:
    """Whether NaN or an unsigned infinity stands in an expression."""
    return any(entry.has(sp.nan, sp.zoo) for entry in entries)


@lru_cache(maxsize=64)
def _compiled(entries: tuple[Any, ...]) -> tuple[tuple[Any, ...], Callable[..., Sequence[Any]]]:
    """Return the symbols of the entries and a function of them; mutants of one statement are compared in a row."""
    found: set[Any] = {symbol for entry in entries for symbol in entry.free_symbols}
    symbols = tuple(sorted(found, key=lambda symbol: symbol.name))
    # Common parts of an integrand must not move out of the integral that binds their variable.
    bound = any(entry.has(ExprWithLimits, sp.Derivative, sp.Subs, sp.Lambda) for entry in entries)
    try:
        return symbols, sp.lambdify(symbols, list(entries), "mpmath", cse=not bound)
    except (KeyError, NotImplementedError, ValueError) as error:
        raise _cannot_evaluate(entries, error) from error


def _cannot_evaluate(entries: tuple[Any, ...], error: Exception) -> ValueError:
    reason = str(error).partition("\n")[0]
    return ValueError(f"expected expressions that mpmath can evaluate; received {list(entries)} ({reason}); "
                      "carry out derivatives and define every function")


def _values(entries: tuple[Any, ...], point: Mapping[Any, Any], digits: int) -> list[Any]:
    """Evaluate to ``digits`` digits; NaN in every place if the point is a pole."""
    symbols, function = _compiled(entries)
    with mpmath.workdps(digits):
        try:
            found = function(*[mpmath.mpf(point[symbol].p) / point[symbol].q for symbol in symbols])
            return [+mpmath.mpmathify(value) for value in found]
        except (ArithmeticError, ValueError, NoConvergence):
            return [mpmath.nan for _ in entries]
        except (NameError, TypeError, AttributeError) as error:
            raise _cannot_evaluate(entries, error) from error


def _scale(a: Any, b: Any) -> Any:
    return max(abs(a), abs(b)) if mpmath.isfinite(a) and mpmath.isfinite(b) else mpmath.inf


def _relative(a: Any, b: Any) -> Any:
    """Return |a − b| over the larger of both; 0 for two zeros, infinite for a pole."""
    scale = _scale(a, b)
    if scale == 0 or not mpmath.isfinite(scale):
        return mpmath.mpf(scale)
    return abs(a - b) / scale


def _refined(coarse: tuple[Any, Any], fine: tuple[Any, Any], digits: int, tolerance: Any) -> Any:
    """Return the residual, at twice the ``digits`` if need be; what shrank with the rounding is zero on both sides."""
    if _relative(*coarse) <= tolerance:
        return _relative(*coarse)
    before, after = _scale(*coarse), _scale(*fine)
    if mpmath.isfinite(before) and after <= before * mpmath.mpf(10) ** -(2 * digits // 3):
        return mpmath.mpf(0)
    return _relative(*fine)


def worst_residual(sides: Sides, points: Iterable[Mapping[Any, Any]], digits: int) -> tuple[Any, int]:
    """Return the largest residual over entries and points, and the number of points looked at.

    Both sides must agree to ``digits`` digits of the larger one; the first point where they do not ends the search.
    Sides that seem to differ are evaluated once more with twice the digits: a difference by rounding shrinks, and
    so does a zero that is a sum of cancelling terms, whereas a value that is truly small stays.
    """
    left, right = tuple(sides[0]), tuple(sides[1])
    working, worst, count = digits + GUARD_DIGITS, mpmath.mpf(0), 0
    tolerance = mpmath.mpf(10) ** -digits
    for point in points:
        count += 1
        coarse = list(zip(_values(left, point, working), _values(right, point, working), strict=True))
        found = max((_relative(*pair) for pair in coarse), default=mpmath.mpf(0))
        if found > tolerance:
            fine = zip(_values(left, point, 2 * working), _values(right, point, 2 * working), strict=True)
            found = max(_refined(a, b, working, tolerance) for a, b in zip(coarse, fine, strict=True))
        worst = max(worst, found)
        if worst > tolerance:
            break
    return worst, count
