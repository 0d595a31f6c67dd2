"""Compare two expressions: refute by numbers first, then try to reduce the difference to zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import mpmath
import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.fields import FracField

from vaesym.algebra.domain import Domain, draw_point
from vaesym.algebra.verdict import Kind, Verdict

#: Extra digits carried while evaluating, lost to cancellation inside the expressions.
_GUARD_DIGITS = 40
#: Above this many operations, ``simplify`` is not tried on a difference.
_SIMPLIFY_OPERATIONS = 400


def entries(expression: sp.Basic | sp.MatrixBase) -> list[sp.Expr]:
    """The scalar entries of an expression, matrix, tuple or equation (as left side minus right side)."""
    if isinstance(expression, sp.MatrixBase):
        return list(expression)
    if isinstance(expression, sp.Eq):
        return entries(expression.lhs - expression.rhs)
    if isinstance(expression, (sp.Tuple, tuple, list)):
        return [entry for part in expression for entry in entries(part)]
    return [sp.sympify(expression)]


def _canonical_logs(expression: sp.Expr) -> sp.Expr:
    """Split every logarithm into logarithms of irreducible factors."""
    return expression.replace(
        lambda node: isinstance(node, sp.log),
        lambda node: sp.expand_log(sp.log(sp.factor(sp.together(node.args[0])))),
    )


def _vanishes_as_rational(expression: sp.Expr) -> bool:
    """Whether the expression is zero as a rational function of its symbols and other atoms.

    Arithmetic runs in the field of fractions, where every operation is reduced to lowest terms, so that
    intermediate expressions stay small.
    """
    atoms = {node for node in sp.preorder_traversal(expression) if isinstance(node, (sp.Function, sp.Abs))
             or (isinstance(node, sp.Pow) and not node.exp.is_integer)}
    outermost = {a for a in atoms if not any(a != b and b.has(a) for b in atoms)}
    rational = expression.xreplace({atom: sp.Dummy() for atom in outermost})
    generators = sorted(rational.free_symbols, key=str)
    if not generators:
        return bool(rational == 0)
    return not FracField(generators, QQ).from_expr(rational)


def reduces_to_zero(expression: sp.Expr) -> bool:
    """Whether SymPy brings ``expression`` to exact zero; False means "not shown", not "not zero".

    >>> x = sp.Symbol("x", positive=True)
    >>> reduces_to_zero(sp.log(x**2 + x) - sp.log(x) - sp.log(1 + x))
    True
    """
    if expression == 0:
        return True
    canonical = _canonical_logs(expression)
    if _vanishes_as_rational(canonical):
        return True
    small = sp.count_ops(canonical) <= _SIMPLIFY_OPERATIONS
    return bool(small and sp.simplify(canonical) == 0)


def _evaluate(function: Any, values: list[sp.Rational]) -> list[Any]:
    return [mpmath.mpmathify(entry) for entry in function(*[mpmath.mpf(v.p) / v.q for v in values])]


def _worst_residual(left: list[sp.Expr], right: list[sp.Expr], points: list[dict[sp.Symbol, sp.Rational]],
                    digits: int) -> Any:
    """The largest |l − r| / max(1, |l|, |r|) over entries and points; NaN counts as infinite."""
    symbols = sorted({s for entry in [*left, *right] for s in entry.free_symbols}, key=lambda s: s.name)
    sides = [sp.lambdify(symbols, side, "mpmath", cse=True) for side in (left, right)]
    worst = mpmath.mpf(0)
    with mpmath.workdps(digits + _GUARD_DIGITS):
        for point in points:
            values = [point[symbol] for symbol in symbols]
            for a, b in zip(*[_evaluate(side, values) for side in sides], strict=True):
                residual = abs(a - b) / max(1, abs(a), abs(b))
                worst = max(worst, residual if mpmath.isfinite(residual) else mpmath.inf)
    return worst


def compare(
    left: Any,
    right: Any,
    domains: Mapping[sp.Symbol, Domain],
    *,
    conditions: Iterable[sp.Basic] = (),
    points: int = 8,
    digits: int = 50,
    exact: bool = True,
) -> Verdict:
    """Compare two expressions (or matrices, or tuples of them) over the domains of their symbols.

    Parameters
    ----------
    left, right : the two sides, of one shape
    domains : the domain of every free symbol
    conditions : relations that the points must satisfy
    points, digits : how many seeded points, and to how many digits both sides must agree there
    exact : also try to reduce the difference to zero; False stops at numeric evidence

    Returns
    -------
    Verdict
        ``failed`` if any point disagrees; else ``identity`` if the difference reduces to zero; else ``numeric``.

    Raises
    ------
    ValueError
        If the sides have different shapes, a symbol has no domain, or fewer than 50 digits are asked for.
    """
    sides = entries(left), entries(right)
    if len(sides[0]) != len(sides[1]):
        raise ValueError(f"expected two sides of one shape; received {len(sides[0])} and {len(sides[1])} entries; "
                         "state every entry")
    if digits < 50:
        raise ValueError(f"expected at least 50 digits; received {digits}; leave digits at its default")
    free = {s for entry in [*sides[0], *sides[1]] for s in entry.free_symbols}
    conditions = tuple(conditions)
    needed = free | {s for condition in conditions for s in condition.free_symbols}
    missing = sorted(s.name for s in needed if s not in domains)
    if missing:
        raise ValueError(f"expected a domain for every symbol; received none for {missing}; declare them")
    drawn = [draw_point({s: domains[s] for s in needed}, i, conditions) for i in range(points)]
    worst = _worst_residual(*sides, drawn, digits)
    residual = 0.0 if worst < mpmath.mpf(10) ** -(digits + _GUARD_DIGITS // 2) else float(worst)
    if worst > mpmath.mpf(10) ** -digits:
        return Verdict(Kind.FAILED, points, digits, residual)
    proved = exact and all(reduces_to_zero(a - b) for a, b in zip(*sides, strict=True))
    return Verdict(Kind.IDENTITY if proved else Kind.NUMERIC, points, digits, residual)
