"""Results known point by point: numeric evidence, and as easy to refute as any other."""

import pytest
import sympy as sp

from vaesym.algebra import Domain, Kind, Pointwise, Step, compare

x, y = sp.symbols("x y", positive=True)
DOMAINS = {x: Domain(1, 2), y: Domain(2, 5)}


def product(point):
    return point[x] * point[y]


def test_agreement_is_numeric_however_simple():
    verdict = compare(Pointwise((x, y), product), x * y, DOMAINS)
    assert verdict.kind is Kind.NUMERIC
    assert verdict.points == 8


@pytest.mark.parametrize("wrong", [x + y, 2 * x * y, -x * y, x * y + sp.Rational(1, 10**40), x / y])
def test_what_differs_is_refuted_on_either_side(wrong):
    assert compare(Pointwise((x, y), product), wrong, DOMAINS).kind is Kind.FAILED
    assert compare(wrong, Pointwise((x, y), product), DOMAINS).kind is Kind.FAILED


def test_each_point_is_computed_once():
    seen = []

    def run(point):
        seen.append(point[x])
        return point[x] ** 2

    result = Pointwise((x,), run)
    for _ in range(3):
        assert compare(result, x**2, DOMAINS).passed
    assert len(seen) == len(set(seen)) == 8


def test_matrices_and_roots():
    matrix = Pointwise((x,), lambda point: sp.Matrix([[sp.sqrt(point[x]), 1]]))
    assert compare(matrix, sp.Matrix([[sp.sqrt(x), 1]]), DOMAINS).kind is Kind.NUMERIC
    assert compare(matrix, sp.Matrix([[sp.sqrt(x), 2]]), DOMAINS).kind is Kind.FAILED


def test_a_symbol_needs_a_domain():
    with pytest.raises(ValueError, match="domain for every symbol"):
        compare(Pointwise((x, sp.Symbol("z")), product), x * y, DOMAINS)


def test_a_step_unfolds_its_statement_at_each_point():
    big = sp.MatrixSymbol("M", 2, 2)
    where = {big: sp.ImmutableMatrix([[x, 1], [1, y]])}
    step = Step("trace", "Trace of an inverse", sp.Symbol("t"),
                lambda: Pointwise((x, y), lambda p: (p[x] + p[y]) / (p[x] * p[y] - 1)), sp.Trace(big.I), DOMAINS,
                "algebra", where=where, numeric_only="to test")
    assert step.check().kind is Kind.NUMERIC
    wrong = Step("trace", "Trace of an inverse", sp.Symbol("t"), step.move, 2 * sp.Trace(big.I), DOMAINS, "algebra",
                 where=where, numeric_only="to test")
    assert wrong.check().kind is Kind.FAILED
