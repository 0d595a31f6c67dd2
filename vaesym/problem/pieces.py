"""A convex function of one variable as smooth pieces between kinks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from vaesym.inputs import InputError


@dataclass(frozen=True)
class Piece:
    """A smooth part of a function, to the right of ``start`` (−∞ for the first) up to the start of the next."""

    start: Any
    value: Any
    slope: Any
    curvature: Any

    @property
    def quadratic(self) -> bool:
        """Whether the curvature does not depend on the variable, so that every minimum over it is closed."""
        return self.value == sp.oo or self.variable not in self.curvature.free_symbols

    variable: Any = None


def by_pieces(expression: Any) -> Any:
    """Return an expression with ``Max``, ``Min``, ``Abs`` and ``sign`` written as ``Piecewise``.

    >>> u, y = sp.symbols("u y", real=True)
    >>> by_pieces(sp.Max(y - u, 2 * (u - y)))
    Piecewise((-u + y, 3*u - 3*y <= 0), (2*u - 2*y, True))
    """
    def of(first: Any, *others: Any, sign: int) -> Any:
        if not others:
            return first
        rest = of(*others, sign=sign)
        return sp.Piecewise((first, sp.expand(sign * (first - rest)) >= 0), (rest, True))

    # SymPy's own way does not end where a condition has no leading sign.
    plain = sp.sympify(expression).replace(sp.Max, lambda *each: of(*each, sign=1))
    return plain.replace(sp.Min, lambda *each: of(*each, sign=-1)).rewrite(sp.Piecewise)


def relations(expression: Any) -> set[Any]:
    """Return the conditions in an expression."""
    return expression.atoms(sp.core.relational.Relational)


def conditions(expression: Any) -> set[Any]:
    """Return the conditions in an expression, those that ``Max``, ``Min``, ``Abs`` and ``sign`` stand for among them.

    >>> u = sp.Symbol("u", real=True)
    >>> conditions(sp.Max(0, u))
    {u <= 0}
    """
    return relations(by_pieces(expression))


def _kinks(expression: Any, variable: Any) -> list[Any]:
    """Return where the conditions on the variable change."""
    found: set[Any] = set()
    for relation in relations(expression):
        if variable not in relation.free_symbols:
            continue
        difference = sp.expand(relation.lhs - relation.rhs)
        slope = difference.diff(variable)
        if variable in slope.free_symbols or slope == 0:
            raise InputError(f"conditions that are linear in {variable}", f"{relation}",
                             "write the function with Abs, Max, Min or Piecewise of linear conditions")
        found.add(sp.simplify(-difference.subs(variable, 0) / slope))
    return list(found)


#: The least and the largest value of parameters; (0, ∞) for those that are not named.
Domains = Mapping[Any, tuple[Any, Any]]
_POSITIVE = (0, sp.oo)


def sample(symbols: Any, domains: Domains | None = None, index: int = 0) -> dict[Any, Any]:
    """Return values inside domains at which signs are looked at, all different; other values for another index.

    >>> x, y = sp.symbols("x y")
    >>> sample([x, y], {y: (-2, 0)})
    {x: 7/11, y: -22/21}
    """
    found: dict[Any, Any] = {}
    for k, symbol in enumerate(sorted(symbols, key=str)):
        least, most = (sp.nsimplify(end, rational=True) for end in (domains or {}).get(symbol, _POSITIVE))
        step = sp.Rational(7 + 3 * k, 11) if index == 0 else sp.Integer(10) ** ((3 * (k + 1) * index + k) % 7 - 3)
        if least == -sp.oo:
            found[symbol] = step * (-1) ** index if most == sp.oo else most - step
        else:
            found[symbol] = least + (step if most == sp.oo else (most - least) * step / (1 + step))
    return found


class erfcx(sp.Function):
    r"""The scaled complementary error function :math:`e^{x^2}\operatorname{erfc}(x)`, which has no small values."""

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative."""
        return 2 * self.args[0] * self - 2 / sp.sqrt(sp.pi)

    def _eval_is_real(self) -> Any:
        return self.args[0].is_real

    def _eval_evalf(self, prec: int) -> Any:
        x: Any = self.args[0]
        return (sp.exp(x**2) * sp.erfc(x))._eval_evalf(prec)

    def _numpycode(self, printer: Any) -> str:
        return f"scipy.special.erfcx({printer.doprint(self.args[0])})"


class log_erfc(sp.Function):
    """The logarithm of the complementary error function, where that underflows too."""

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative."""
        return -2 / (sp.sqrt(sp.pi) * erfcx(self.args[0]))

    def _eval_is_real(self) -> Any:
        return self.args[0].is_real

    def _eval_evalf(self, prec: int) -> Any:
        return sp.log(sp.erfc(self.args[0]))._eval_evalf(prec)

    def _numpycode(self, printer: Any) -> str:
        argument = printer.doprint(-sp.sqrt(2) * self.args[0])
        return f"({float(sp.log(2))!r} + scipy.special.log_ndtr({argument}))"


def _log_erfc(log: Any) -> Any:
    """Write ln of a multiple of erfc(x), erfc(−x), 1 + erf(x) or 1 − erf(x) such that it never underflows."""
    inner = sp.expand(log.args[0])
    for tail in inner.atoms(sp.erf, sp.erfc):
        factor, x = inner.coeff(tail), tail.args[0]
        rest = sp.simplify((inner - factor * tail) / factor)
        # erfc(-x) = 2 - erfc(x) = 1 + erf(x): by what stands beside the tail, the signs of x and of the factor.
        signs = {0: (1, 1), -2: (-1, -1)} if isinstance(tail, sp.erfc) else {-1: (1, -1), 1: (-1, 1)}
        if rest in signs:
            side, sign = signs[rest]
            return log_erfc(side * x) + sp.log(sign * factor)
    return log


@lru_cache(maxsize=1024)
def _smooth(expression: Any) -> Any:
    """Write logistic terms by tanh and cosh, which never overflow, or by the exponential that loses no small digits.

    Tails of the normal law, as of a probit loss, are written by the scaled function that keeps its digits there.
    """
    if expression.has(erfcx):
        return sp.expand(expression)
    if not expression.has(sp.exp):
        return sp.simplify(expression)
    plain = sp.expand(expression)
    if not any(power.exp.could_extract_minus_sign() and power.base.has(sp.exp) for power in plain.atoms(sp.Pow)):
        return plain
    some = sp.Wild("some")
    plain = sp.simplify(expression.rewrite(sp.tanh))
    ways = [sp.expand(plain.replace(sp.tanh(some), way)) for way in (
        1 - 2 / (sp.exp(2 * some) + 1), 2 / (1 + sp.exp(-2 * some)) - 1)]
    return min((plain, *ways), key=lambda way: (len(sp.Add.make_args(way)), sp.count_ops(way)))


def pieces(expression: Any, variable: Any, domains: Domains | None = None) -> tuple[Piece, ...]:
    """Return the smooth pieces of a convex function, from left to right.

    Parameters
    ----------
    expression : of the variable and of parameters; ``Abs``, ``Max``, ``Min`` and ``Piecewise`` are understood, and
        infinity stands where the variable may not go
    variable : the variable
    domains : the least and the largest value of a parameter, inside which kinks are put in order and convexity is
        tried; positive values if not given. :mod:`vaesym.engine.grids.posed` tries both again at values to be solved

    Raises
    ------
    vaesym.InputError
        The function is not convex, its conditions are not linear in the variable, or which pieces it has depends on
        the values of parameters.

    Examples
    --------
    >>> u = sp.Symbol("u", real=True)
    >>> [piece.slope for piece in pieces(sp.Max(0, 1 - u), u)]
    [-1, 0]
    """
    expression = sp.sympify(expression)
    folded = sp.piecewise_fold(by_pieces(expression.replace(lambda part: isinstance(part, sp.log), _log_erfc)))
    values = sample(folded.free_symbols - {variable}, domains)
    kinks = sorted(_kinks(folded, variable), key=lambda kink: float(kink.xreplace(values)))
    starts = [-sp.oo, *kinks]
    found: list[Piece] = []
    for i, start in enumerate(starts):
        ends = [float(kink.xreplace(values)) for kink in starts[i:i + 2] if kink != -sp.oo]
        inside = ends[0] + (1 if start != -sp.oo else -1) if len(ends) == 1 else sum(ends) / 2 if ends else 0.37
        place = {**values, variable: sp.Rational(inside)}
        chosen = {relation: sp.true if relation.xreplace(place) == sp.true else sp.false
                  for relation in relations(folded)}
        value: Any = sp.piecewise_fold(folded.xreplace(chosen))
        slope = sp.S.Zero if value == sp.oo else _smooth(value.diff(variable))
        curvature = sp.S.Zero if value == sp.oo else _smooth(slope.diff(variable))
        if found and found[-1].value == value:
            continue
        found.append(Piece(start, value, slope, curvature, variable))
    _require_convex(expression, variable, found, values)
    if len(found) <= len(kinks):
        _require_order(expression, kinks, domains)
    return tuple(found)


def _require_order(expression: Any, kinks: list[Any], domains: Domains | None) -> None:
    """Refuse kinks of which one is hidden by the others, and would appear if they changed places."""
    symbols = sp.Tuple(*kinks).free_symbols
    for index in range(1, 9):
        values = sample(symbols, domains, index)
        places = [kink.xreplace(values) for kink in kinks]
        if any(before > after for before, after in itertools.pairwise(places)):
            raise InputError("kinks that keep their order", f"{expression}, whose kinks {', '.join(map(str, kinks))} "
                             "change places", "give the Parameters least and most between which they do not")


def _require_convex(expression: Any, variable: Any, found: list[Piece], values: Mapping[Any, Any]) -> None:
    refusal = InputError(f"a convex function of {variable}", f"{expression}",
                         "the theory needs a unique minimum; choose a convex loss or penalty")
    finite = [piece for piece in found if piece.value != sp.oo]
    if not finite or any(piece.value == sp.oo for piece in found[1:-1]):
        raise refusal
    for i, piece in enumerate(found):
        if piece.value == sp.oo:
            continue
        low = float(piece.start.xreplace(values)) if piece.start != -sp.oo else -6.0
        high = float(found[i + 1].start.xreplace(values)) if i + 1 < len(found) else max(low, 0) + 6.0
        tried = [piece.curvature.xreplace({**values, variable: sp.Float(low + (high - low) * j / 26)})
                 for j in range(1, 26)]
        if any(not value.is_real or float(value) < -1e-12 for value in tried):
            raise refusal
        if i and found[i - 1].value != sp.oo:
            at = {**values, variable: piece.start.xreplace(values)}
            left, right = (float(part.slope.xreplace(at)) for part in (found[i - 1], piece))
            jump = float((piece.value - found[i - 1].value).xreplace(at))
            if left > right + 1e-12 or abs(jump) > 1e-12:
                raise refusal
