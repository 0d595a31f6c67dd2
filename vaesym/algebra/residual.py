"""How far two sides are apart at points, relative to their size, and told apart from rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import mpmath
import sympy as sp
from mpmath.libmp import NoConvergence
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.printing.pycode import MpmathPrinter

#: Extra digits carried while evaluating, lost to cancellation inside the expressions.
GUARD_DIGITS = 40
#: Expressions of at most so many nodes are evaluated as they stand.
_SMALL = 400

Sides = tuple[Sequence[Any], Sequence[Any]]


def has_no_value(entries: Iterable[Any]) -> bool:
    """Whether NaN or an unsigned infinity stands in an expression."""
    return any(entry.has(sp.nan, sp.zoo) for entry in entries)


@lru_cache(maxsize=64)
def _compiled(entries: tuple[Any, ...]) -> tuple[tuple[Any, ...], Callable[..., Sequence[Any]]]:
    """Return the symbols of the entries and a function of them; mutants of one statement are compared in a row."""
    found: set[Any] = {symbol for entry in entries for symbol in entry.free_symbols}
    symbols = tuple(sorted(found, key=lambda symbol: symbol.name))
    # Common parts of an integrand must not move out of the integral that binds their variable. To look for them in what
    # is small takes longer than to evaluate them again at the few points.
    bound = any(entry.has(ExprWithLimits, sp.Derivative, sp.Subs, sp.Lambda) for entry in entries)
    large = next(islice(sp.preorder_traversal(entries), _SMALL, None), None) is not None
    # The terms of sums need no order, and nobody reads the docstring.
    printer = MpmathPrinter({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True,
                             "order": "none"})
    try:
        return symbols, sp.lambdify(symbols, list(entries), "mpmath", printer=printer, cse=large and not bound,
                                    docstring_limit=0)
    except (KeyError, NotImplementedError, ValueError) as error:
        raise _cannot_evaluate(entries, error) from error


def _cannot_evaluate(entries: tuple[Any, ...], error: Exception) -> ValueError:
    reason = str(error).partition("\n")[0]
    return ValueError(f"expected expressions that mpmath can evaluate; received {list(entries)} ({reason}); "
                      "carry out derivatives and define every function")


def _values(entries: tuple[Any, ...], point: Mapping[Any, Any], digits: int) -> tuple[Any, ...]:
    """Evaluate to ``digits`` digits; NaN in every place if the point is a pole."""
    return _at(entries, tuple(point[symbol] for symbol in _compiled(entries)[0]), digits)


@lru_cache(maxsize=256)
def _at(entries: tuple[Any, ...], numbers: tuple[Any, ...], digits: int) -> tuple[Any, ...]:
    """Evaluate at numbers in the order of the symbols; many mutants are compared with one result at the same points."""
    function = _compiled(entries)[1]
    with mpmath.workdps(digits):
        try:
            found = function(*[mpmath.mpf(number.p) / number.q for number in numbers])
            return tuple(+mpmath.mpmathify(value) for value in found)
        except (ArithmeticError, ValueError, NoConvergence):
            return (mpmath.nan,) * len(entries)
        except (NameError, TypeError, AttributeError) as error:
            raise _cannot_evaluate(entries, error) from error


def _pairs(left: tuple[Any, ...], right: tuple[Any, ...], point: Mapping[Any, Any],
           digits: int) -> list[tuple[Any, Any]]:
    return list(zip(_values(left, point, digits), _values(right, point, digits), strict=True))


def _scale(a: Any, b: Any) -> Any:
    return max(abs(a), abs(b)) if mpmath.isfinite(a) and mpmath.isfinite(b) else mpmath.inf


def _relative(a: Any, b: Any) -> Any:
    """Return |a − b| over the larger of both; 0 for two zeros, infinite for a pole."""
    scale = _scale(a, b)
    if scale == 0 or not mpmath.isfinite(scale):
        return mpmath.mpf(scale)
    return abs(a - b) / scale


def _shrank(coarse: tuple[Any, Any], fine: tuple[Any, Any], digits: int) -> bool:
    """Whether both sides became smaller by so many digits."""
    before, after = _scale(*coarse), _scale(*fine)
    return bool(mpmath.isfinite(before) and after <= before * mpmath.mpf(10) ** -digits)


def _refined(coarse: tuple[Any, Any], fine: tuple[Any, Any], digits: int, tolerance: Any) -> Any:
    """Return the residual, at twice the ``digits`` if need be; what shrank with the rounding is zero on both sides."""
    if _relative(*coarse) <= tolerance:
        return _relative(*coarse)
    return mpmath.mpf(0) if _shrank(coarse, fine, 2 * digits // 3) else _relative(*fine)


def worst_residual(sides: Sides, points: Iterable[Mapping[Any, Any]], digits: int) -> tuple[Any, int]:
    """Return the largest residual over entries and points, and the number of points looked at.

    Both sides must agree to ``digits`` digits of the larger one; the first point where they do not ends the search.
    Sides that seem to differ are evaluated once more with twice the digits: a difference by rounding shrinks, and
    so does a zero that is a sum of cancelling terms, whereas a value that is truly small stays. Where they shrink, but
    not by as much, as when rounding cancelled by chance, twice as many digits again tell.
    """
    left, right = tuple(sides[0]), tuple(sides[1])
    working, worst, count = digits + GUARD_DIGITS, mpmath.mpf(0), 0
    tolerance = mpmath.mpf(10) ** -digits
    for point in points:
        count += 1
        coarse = _pairs(left, right, point, working)
        found = max((_relative(*pair) for pair in coarse), default=mpmath.mpf(0))
        digits = working
        while found > tolerance and digits < 4 * working:
            fine = _pairs(left, right, point, 2 * digits)
            found = max(_refined(*pairs, digits, tolerance) for pairs in zip(coarse, fine, strict=True))
            if not any(_shrank(*pairs, digits // 3) for pairs in zip(coarse, fine, strict=True)):
                break
            coarse, digits = fine, 2 * digits
        worst = max(worst, found)
        if worst > tolerance:
            break
    return worst, count
