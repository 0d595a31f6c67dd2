"""Wrong versions of a statement: a check that lets one pass is no check."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import sympy as sp


def _rebuild(expression: Any, change: Any) -> Any:
    if isinstance(expression, (tuple, list, sp.Tuple)):
        return tuple(_rebuild(part, change) for part in expression)
    if isinstance(expression, sp.MatrixBase):
        return sp.ImmutableMatrix(expression.applyfunc(change))
    return change(sp.sympify(expression))


def _first_sum(expression: sp.Expr) -> sp.Add | None:
    return next((node for node in sp.preorder_traversal(expression) if isinstance(node, sp.Add)), None)


def _flip_sign(expression: sp.Expr) -> sp.Expr:
    """Flip the sign of the last term of the outermost sum."""
    node = _first_sum(expression)
    if node is None:
        return -expression
    *head, last = sp.Add.make_args(node)
    return expression.xreplace({node: sp.Add(*head, -last)})


def _drop_term(expression: sp.Expr) -> sp.Expr:
    """Drop the first term of the outermost sum."""
    node = _first_sum(expression)
    if node is None:
        return sp.S.Zero
    return expression.xreplace({node: sp.Add(*sp.Add.make_args(node)[1:])})


def _double_factor(expression: sp.Expr) -> sp.Expr:
    """Give the last term of the outermost sum a factor 2."""
    node = _first_sum(expression)
    if node is None:
        return 2 * expression
    *head, last = sp.Add.make_args(node)
    return expression.xreplace({node: sp.Add(*head, 2 * last)})


def mutations(typed: Any) -> Iterator[tuple[str, Any]]:
    """Yield named wrong versions of a typed statement.

    A sign flipped, a term dropped, a factor 2, the whole negated or shifted, and every pair of symbols
    swapped. Versions that equal the original structurally are left out; a symmetric statement has fewer.

    >>> x, y = sp.symbols("x y")
    >>> [name for name, _ in mutations(x - y**2)]
    ['flip a sign', 'drop a term', 'double a factor', 'negate', 'add one', 'swap x and y']
    """
    original = _rebuild(typed, lambda entry: entry)
    parts = original if isinstance(original, tuple) else (original,)
    symbols = sorted({s for part in parts for s in part.free_symbols}, key=lambda s: s.name)
    changes = [
        ("flip a sign", _flip_sign),
        ("drop a term", _drop_term),
        ("double a factor", _double_factor),
        ("negate", lambda entry: -entry),
        ("add one", lambda entry: entry + 1),
    ]
    for a, b in combinations(symbols, 2):
        changes.append((f"swap {a} and {b}", lambda entry, a=a, b=b: entry.xreplace({a: b, b: a})))
    for name, change in changes:
        mutant = _rebuild(typed, change)
        if mutant != original:
            yield name, mutant
