"""Wrong versions of a statement: a check that lets one pass is no check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import sympy as sp

from vaesym.algebra.checks import compare
from vaesym.algebra.domain import Domain
from vaesym.algebra.entries import entries, is_sequence

Change = Callable[[Any], Any]


def _rebuild(statement: Any, change: Change) -> Any:
    """Apply ``change`` to every entry; of an equation to the right side, for both sides changed alike stay equal."""
    if is_sequence(statement):
        return tuple(_rebuild(part, change) for part in statement)
    if isinstance(statement, sp.MatrixBase):
        return sp.ImmutableMatrix(statement.applyfunc(change))
    if isinstance(statement, sp.Eq):
        return sp.Eq(statement.lhs, _rebuild(statement.rhs, change), evaluate=False)
    return change(sp.sympify(statement))


def _first_sum(expression: Any) -> Any:
    """Return the outermost sum; without one the whole, as a sum of one term."""
    return next((node for node in sp.preorder_traversal(expression) if isinstance(node, sp.Add)), expression)


def _times(factor: int) -> Change:
    """Give the last term of the outermost sum a factor."""
    def change(expression: Any) -> Any:
        node = _first_sum(expression)
        *head, last = sp.Add.make_args(node)
        return expression.xreplace({node: sp.Add(*head, factor * last)})

    return change


def _drop_term(expression: Any) -> Any:
    """Drop the first term of the outermost sum."""
    node = _first_sum(expression)
    return expression.xreplace({node: sp.Add(*sp.Add.make_args(node)[1:])})


def _drop_factor(expression: Any) -> Any:
    """Drop the last symbolic factor of the last term of the outermost sum."""
    node = _first_sum(expression)
    *head, last = sp.Add.make_args(node)
    factors = [factor for factor in sp.Mul.make_args(last) if factor.free_symbols]
    if not factors:
        return expression
    return expression.xreplace({node: sp.Add(*head, last / factors[-1])})


def _swap(a: Any, b: Any) -> Change:
    return lambda entry: entry.xreplace({a: b, b: a})


def _domain(symbol: Any) -> Domain:
    """An interval that suits what is assumed of the symbol."""
    if symbol.is_positive or symbol.is_nonnegative:
        return Domain(sp.Rational(1, 3), 3)
    if symbol.is_negative or symbol.is_nonpositive:
        return Domain(-3, sp.Rational(-1, 3), "uniform")
    return Domain(-2, 2, "uniform")


def _equal(original: Any, mutant: Any, domains: dict[Any, Domain]) -> bool:
    """Whether a mutant is the original in another form, by numbers; by structure where there are none."""
    if original == mutant:
        return True
    try:
        return compare(original, mutant, domains, points=2, exact=False).passed
    except ValueError:
        return False


def mutations(typed: Any) -> Iterator[tuple[str, Any]]:
    """Yield named wrong versions of a typed statement.

    A sign flipped, a term or a factor dropped, a factor 2, the whole negated or shifted, and every pair of symbols
    swapped; of an equation, the right side is changed. Versions that equal the original are left out: a symmetric
    statement has fewer.

    >>> x, y = sp.symbols("x y")
    >>> [name for name, _ in mutations(x - y**2)]
    ['flip a sign', 'drop a term', 'double a factor', 'drop a factor', 'negate', 'add one', 'swap x and y']
    >>> [name for name, _ in mutations(x + x * y + y)]
    ['flip a sign', 'drop a term', 'double a factor', 'drop a factor', 'negate', 'add one']
    """
    original = _rebuild(typed, lambda entry: entry)
    found: set[Any] = {symbol for entry in entries(original) for symbol in entry.free_symbols}
    symbols = sorted(found, key=lambda symbol: symbol.name)
    changes: list[tuple[str, Change]] = [
        ("flip a sign", _times(-1)),
        ("drop a term", _drop_term),
        ("double a factor", _times(2)),
        ("drop a factor", _drop_factor),
        ("negate", lambda entry: -entry),
        ("add one", lambda entry: entry + 1),
    ]
    changes += [(f"swap {a} and {b}", _swap(a, b)) for a, b in combinations(symbols, 2)]
    domains = {symbol: _domain(symbol) for symbol in symbols}
    for name, change in changes:
        mutant = _rebuild(typed, change)
        if not _equal(original, mutant, domains):
            yield name, mutant
