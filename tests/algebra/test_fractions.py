"""Fractions of polynomials against SymPy's own reduction, at random sums, products and powers."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym.algebra import lowest_terms
from vaesym.algebra.fractions import Fractions

x, y = sp.symbols("x y")
TREES = st.recursive(
    st.sampled_from([x, y, sp.Integer(2), sp.Rational(-3, 4)]),
    lambda parts: st.one_of(st.builds(sp.Add, parts, parts), st.builds(sp.Mul, parts, parts),
                            st.builds(sp.Pow, parts, st.sampled_from([2, 3, -1, -2]))), max_leaves=8)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_lowest_terms_are_those_of_sympy(expression: sp.Expr) -> None:
    if expression.has(sp.zoo, sp.nan):
        return
    expected = sp.cancel(sp.together(expression))
    if expected.has(sp.zoo, sp.nan):
        with pytest.raises(ZeroDivisionError):
            lowest_terms(expression)
        return
    found = lowest_terms(expression)
    assert sp.cancel(found - expected) == 0
    for ours, theirs in zip(sp.fraction(sp.together(found)), sp.fraction(expected), strict=True):
        assert sp.total_degree(ours, x, y) == sp.total_degree(theirs, x, y)


def test_what_is_not_rational_counts_as_unknown() -> None:
    part = sp.log(x + y)
    assert lowest_terms((part**2 - x**2) / (part - x)) == part + x


def test_a_vanishing_denominator_is_refused() -> None:
    field = Fractions([x, y])
    with pytest.raises(ZeroDivisionError, match="denominator that is not zero"):
        field(x) / (field((x + y) ** 2) - field(x**2 + 2 * x * y + y**2))
