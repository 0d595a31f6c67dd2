r"""Minima and averages that stay symbols: the Moreau envelope, its minimiser, and the mean over normal variables.

.. math:: M_f(x; V) = \min_u\Big[f(u) + \frac{(u-x)^2}{2V}\Big] , \qquad
          \partial_x M = \frac{x - u^*}{V} , \qquad \partial_V M = -\tfrac12\,(\partial_x M)^2 .
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from vaesym.problem.pieces import Piece, pieces


class _Minimum(sp.Expr):
    """What both nodes share: the function f as a Lambda, the point x, V, and domains of parameters for its kinks."""

    is_commutative = True
    is_real = True

    def __new__(cls, function: Any, x: Any, spread: Any, domains: Any = ()) -> Any:
        given = [(symbol, *ends) for symbol, ends in domains.items()] if isinstance(domains, Mapping) else domains
        held = [sp.Tuple(*entry) for entry in given if entry[0] in function.free_symbols]
        return sp.Expr.__new__(cls, function, sp.sympify(x), sp.sympify(spread), *([sp.Tuple(*held)] if held else []))

    @property
    def _arguments(self) -> tuple[Any, ...]:
        return self.args

    @property
    def parts(self) -> tuple[Any, Any, Any, Any]:
        """The function's expression, its variable, x and V."""
        function, x, spread, *_ = self._arguments
        return function.expr, function.variables[0], x, spread

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The smooth pieces of the function."""
        held = {symbol: (least, most) for entries in self._arguments[3:] for symbol, least, most in entries}
        return pieces(self.parts[0], self.parts[1], held)

    def _at(self, derivative: Any, place: Any) -> Any:
        return derivative.xreplace({self.parts[1]: place})


class Proximal(_Minimum):
    """The place u* of the minimum of f(u) + (u − x)²/(2V).

    Examples
    --------
    >>> u, x = sp.symbols("u x", real=True)
    >>> V = sp.Symbol("V", positive=True)
    >>> Proximal(sp.Lambda(u, u**2 / 2), x, V).doit()
    x/(V + 1)
    """

    def doit(self, **hints: Any) -> Any:
        """Return the place in closed form where f is made of parabolas and lines; itself otherwise."""
        _, u, x, spread = self.parts
        found = self.pieces
        if not all(piece.quadratic for piece in found):
            return self
        cases: list[Any] = []
        for i, piece in enumerate(found):
            last = i == len(found) - 1
            if piece.value != sp.oo:
                zero = piece.slope.xreplace({u: sp.S.Zero})
                place = sp.together((x - spread * zero) / (1 + spread * piece.curvature))
                if last:
                    cases.append((place, True))
                    break
                end = found[i + 1].start
                cases.append((place, x < end + spread * piece.slope.xreplace({u: end})))
            if last:
                cases.append((piece.start, True))
                break
            kink, following = found[i + 1].start, found[i + 1]
            if following.value != sp.oo:
                cases.append((kink, x <= kink + spread * following.slope.xreplace({u: kink})))
        return sp.Piecewise(*cases)

    def _eval_derivative(self, symbol: Any) -> Any:
        f, u, x, spread = self.parts
        slope = f.diff(u)
        response = 1 / (1 + spread * self._at(slope.diff(u), self))
        return response * (x.diff(symbol) - spread.diff(symbol) * self._at(slope, self)
                           - spread * self._at(slope.diff(symbol), self))

    def _latex(self, printer: Any) -> str:
        f, u, x, spread = (printer.doprint(part) for part in self.parts)
        return rf"\operatorname{{prox}}_{{{u}:\,{f}}}\left({x};\,{spread}\right)"


class Envelope(_Minimum):
    """The minimum of f(u) + (u − x)²/(2V) over u; its derivatives are those of the envelope theorem.

    Examples
    --------
    >>> u, x = sp.symbols("u x", real=True)
    >>> V = sp.Symbol("V", positive=True)
    >>> sp.simplify(Envelope(sp.Lambda(u, u**2 / 2), x, V).doit())
    x**2/(2*(V + 1))
    """

    @property
    def place(self) -> Proximal:
        """Where the minimum is."""
        return Proximal(*self.args)

    @property
    def slope(self) -> Any:
        """The derivative in x, (x − u*)/V."""
        _, _, x, spread = self.parts
        return (x - self.place) / spread

    def doit(self, **hints: Any) -> Any:
        """Return the minimum in closed form where its place has one; itself otherwise."""
        place = self.place.doit()
        if isinstance(place, Proximal):
            return self
        f, u, x, spread = self.parts

        def value(at: Any) -> Any:
            return sp.together(f.xreplace({u: at}) + (at - x) ** 2 / (2 * spread))

        if isinstance(place, sp.Piecewise):
            return sp.Piecewise(*[(value(case.args[0]), case.args[1]) for case in place.args])
        return value(place)

    def _eval_derivative(self, symbol: Any) -> Any:
        f, _, x, spread = self.parts
        explicit = self._at(f.diff(symbol), self.place)
        return explicit + self.slope * x.diff(symbol) - self.slope**2 / 2 * spread.diff(symbol)

    def _latex(self, printer: Any) -> str:
        f, u, x, spread = (printer.doprint(part) for part in self.parts)
        return rf"\min_{{{u}}}\left[{f} + \frac{{({u} - ({x}))^2}}{{2 {spread}}}\right]"


class Mean(sp.Expr):
    """The average of an expression over independent standard normal variables.

    Examples
    --------
    >>> z, a = sp.symbols("z a", real=True)
    >>> Mean((1 + a * z) ** 2, z).doit()
    a**2 + 1
    """

    is_commutative = True

    def __new__(cls, expression: Any, *variables: Any) -> Any:
        """Average the expression over the variables."""
        return sp.Expr.__new__(cls, sp.sympify(expression), sp.Tuple(*variables))

    @property
    def _parts(self) -> tuple[Any, Any]:
        expression, variables = self.args
        return expression, variables

    @property
    def free_symbols(self) -> set[Any]:
        """All symbols but those that are averaged over."""
        expression, variables = self._parts
        return expression.free_symbols - set(variables)

    def doit(self, **hints: Any) -> Any:
        """Return polynomials of the variables averaged exactly; what is none stays."""
        inner, averaged = self._parts
        expression, variables = inner.doit(**hints), tuple(averaged)
        try:
            polynomial = sp.Poly(sp.expand(expression), *variables)
        except sp.PolynomialError:
            return Mean(expression, *variables)
        if any(coefficient.free_symbols & set(variables) for coefficient in polynomial.coeffs()):
            return Mean(expression, *variables)
        moments = [sp.Mul(*[sp.factorial2(power - 1) if power % 2 == 0 else 0 for power in powers])
                   for powers in polynomial.monoms()]
        return sp.Add(*[moment * c for moment, c in zip(moments, polynomial.coeffs(), strict=True)])

    def _eval_derivative(self, symbol: Any) -> Any:
        expression, variables = self._parts
        return Mean(expression.diff(symbol), *variables)

    def _latex(self, printer: Any) -> str:
        expression, variables = self._parts
        names = ",".join(printer.doprint(variable) for variable in variables)
        return rf"\mathbb{{E}}_{{{names}}}\left[{printer.doprint(expression)}\right]"
