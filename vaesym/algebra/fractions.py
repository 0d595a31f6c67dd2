"""Rational functions as pairs of FLINT's polynomials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any

import sympy as sp
from flint import Ordering, fmpq, fmpq_mpoly_ctx

#: Above this exponent a power is left standing: multiplied out it would not fit into memory.
LARGEST_POWER = 100


@dataclass(frozen=True)
class Fraction:
    """A numerator over a denominator that need not be in lowest terms.

    Only denominators that meet in a sum are freed of what they share: a numerator vanishes or not whatever it has in
    common with its denominator, and reducing it at every step is what a check would spend its time on.

    Raises
    ------
    ZeroDivisionError
        In a quotient whose denominator vanishes.
    """

    numerator: Any
    denominator: Any

    def __add__(self, other: Fraction) -> Fraction:
        a, b, c, d = self.numerator, self.denominator, other.numerator, other.denominator
        if b == d:
            return Fraction(a + c, b)
        rest = d / b.gcd(d)
        return Fraction(a * rest + c * (b * rest / d), b * rest)

    def __neg__(self) -> Fraction:
        return Fraction(-self.numerator, self.denominator)

    def __sub__(self, other: Fraction) -> Fraction:
        return self + -other

    def __mul__(self, other: Fraction) -> Fraction:
        return Fraction(self.numerator * other.numerator, self.denominator * other.denominator)

    def __pow__(self, power: int) -> Fraction:
        if power >= 0:
            return Fraction(self.numerator**power, self.denominator**power)
        if not self:
            raise ZeroDivisionError("expected a denominator that is not zero; received 0; look for a pole")
        return Fraction(self.denominator**-power, self.numerator**-power)

    def __truediv__(self, other: Fraction) -> Fraction:
        return self * other**-1

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def lowest(self) -> Fraction:
        """The same in lowest terms."""
        common = self.numerator.gcd(self.denominator)
        return Fraction(self.numerator / common, self.denominator / common)


class Fractions:
    """The rational functions of some generators.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> field = Fractions([x, y])
    >>> field.expression(field((x**2 - y**2) / (x + y)).lowest())
    x - y
    """

    def __init__(self, generators: Iterable[Any]) -> None:
        self._generators = list(generators)
        self._ring = fmpq_mpoly_ctx.get([f"x{i}" for i in range(len(self._generators))], Ordering.degrevlex)
        one = self._ring.constant(1)
        self._known = {symbol: Fraction(polynomial, one)
                       for symbol, polynomial in zip(self._generators, self._ring.gens(), strict=True)}

    def __call__(self, node: Any) -> Fraction:
        """Return a sum, product or whole power of the generators and numbers as a fraction."""
        if node not in self._known:
            self._known[node] = self._computed(node)
        return self._known[node]

    def _computed(self, node: Any) -> Fraction:
        if node.is_Rational:
            return Fraction(self._ring.constant(fmpq(int(node.p), int(node.q))), self._ring.constant(1))
        if node.is_Pow:
            return self(node.base) ** int(node.exp)
        return reduce(add if node.is_Add else mul, map(self, node.args))

    def expression(self, fraction: Fraction) -> Any:
        """Return a fraction as an expression of the generators, a number times polynomials with whole coefficients."""
        above, numerator = self._primitive(fraction.numerator)
        below, denominator = self._primitive(fraction.denominator)
        return sp.Mul(above / below, numerator, 1 / denominator)

    def _primitive(self, polynomial: Any) -> tuple[Any, Any]:
        """Split a polynomial into a number and whole coefficients without a common divisor, the first one positive."""
        terms = [(powers, sp.Rational(int(c.p), int(c.q))) for powers, c in polynomial.to_dict().items()]
        if not terms:
            return sp.S.One, sp.S.Zero
        content = reduce(sp.gcd, [c for _, c in terms]) * sp.sign(terms[0][1])
        return content, sp.Add(*[c / content * sp.Mul(*[
            g**int(e) for g, e in zip(self._generators, powers, strict=True)]) for powers, c in terms])


def as_rational(node: Any, generators: dict[Any, Any]) -> Any:
    """Rebuild ``node`` with a generator for each outermost part that is no sum, product or whole power.

    Going down from the outside, a part that also stands inside of another one gets the same generator wherever it
    stands alone. Powers of one root share the generator of the root.
    """
    if node.is_Rational:
        return node
    if node.is_Symbol:
        return generators.setdefault(node, node)
    if node.is_Add or node.is_Mul:
        return node.func(*[as_rational(part, generators) for part in node.args])
    if node.is_Pow and node.exp.is_Rational and abs(node.exp.p) <= LARGEST_POWER:
        if node.exp.q == 1:
            return as_rational(node.base, generators) ** node.exp
        root = node.base ** sp.Rational(1, node.exp.q)
        return generators.setdefault(root, sp.Dummy(f"g{len(generators)}")) ** node.exp.p
    return generators.setdefault(node, sp.Dummy(f"g{len(generators)}"))


def lowest_terms(expression: Any) -> Any:
    """Return a rational function in lowest terms; of parts that are none, as of unknowns.

    >>> x, y = sp.symbols("x y")
    >>> lowest_terms((x**2 - y**2) / (2 * x + 2 * y) + 1 / x)
    (x**2 - x*y + 2)/(2*x)
    """
    parts: dict[Any, Any] = {}
    rational = as_rational(sp.sympify(expression), parts)
    field = Fractions(parts.values())
    return field.expression(field(rational).lowest()).xreplace({unknown: part for part, unknown in parts.items()})
