"""Try to bring an expression to exact zero."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.fields import FracField

#: Above this many operations, ``simplify`` is not tried.
_SIMPLIFY_OPERATIONS = 400
#: Above this exponent a power is left standing: multiplied out it would not fit into memory.
_LARGEST_POWER = 100


def _canonical_logs(expression: Any) -> Any:
    """Split every logarithm into logarithms of irreducible factors."""
    return expression.replace(
        lambda node: isinstance(node, sp.log),
        lambda node: sp.expand_log(sp.log(sp.factor(sp.together(node.args[0])))),
    )


def _as_rational(node: Any, generators: dict[Any, Any]) -> Any:
    """Rebuild ``node`` with a generator for each outermost part that is no sum, product or whole power.

    Going down from the outside, a part that also stands inside of another one gets the same generator wherever it
    stands alone. Powers of one root share the generator of the root.
    """
    if node.is_Rational:
        return node
    if node.is_Symbol:
        return generators.setdefault(node, node)
    if node.is_Add or node.is_Mul:
        return node.func(*[_as_rational(part, generators) for part in node.args])
    if node.is_Pow and node.exp.is_Rational and abs(node.exp.p) <= _LARGEST_POWER:
        if node.exp.q == 1:
            return _as_rational(node.base, generators) ** node.exp
        root = node.base ** sp.Rational(1, node.exp.q)
        return generators.setdefault(root, sp.Dummy(f"g{len(generators)}")) ** node.exp.p
    return generators.setdefault(node, sp.Dummy(f"g{len(generators)}"))


def _vanishes_as_rational(expression: Any) -> bool:
    """Whether the expression is zero as a rational function of its symbols and other outermost parts.

    Arithmetic runs in the field of fractions, where every operation is reduced to lowest terms, so that
    intermediate expressions stay small. False means "not shown": what is no rational function is not zero as one.
    """
    if expression.has(sp.nan, sp.zoo):
        return False
    generators: dict[Any, Any] = {}
    rational = _as_rational(expression, generators)
    if rational.is_Rational:
        return bool(rational == 0)
    try:
        return not FracField(sorted(generators.values(), key=str), QQ).from_expr(rational)
    except (ValueError, ZeroDivisionError):
        return False


def _is_small(expression: Any) -> bool:
    exponents = [power.exp for power in expression.atoms(sp.Pow)]
    if any(exponent.is_Rational and abs(exponent.p) > _LARGEST_POWER for exponent in exponents):
        return False
    return bool(sp.count_ops(expression) <= _SIMPLIFY_OPERATIONS)


def reduces_to_zero(expression: Any) -> bool:
    """Whether SymPy brings ``expression`` to exact zero; False means "not shown", not "not zero".

    >>> x = sp.Symbol("x", positive=True)
    >>> reduces_to_zero(sp.log(x**2 + x) - sp.log(x) - sp.log(1 + x))
    True
    """
    expression = sp.sympify(expression)
    if expression == 0:
        return True
    canonical = _canonical_logs(expression)
    if _vanishes_as_rational(canonical):
        return True
    return _is_small(canonical) and bool(sp.simplify(canonical) == 0)
