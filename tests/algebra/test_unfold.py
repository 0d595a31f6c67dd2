"""Folded statements: matrix symbols made explicit wherever they stand."""

import pytest
import sympy as sp

from vaesym.algebra import Domain, Kind, Step, mutations

x, y = sp.symbols("x y", positive=True)
X, u = sp.MatrixSymbol("X", 2, 2), sp.MatrixSymbol("u", 2, 1)
MATRIX, VECTOR = sp.ImmutableMatrix([[x, y], [1, x * y]]), sp.ImmutableMatrix([x, 1])


def step(typed: object, result: object = 0) -> Step:
    return Step("label", "Title", sp.Symbol("F"), lambda: result, typed, {x: Domain(1, 2), y: Domain(2, 5)}, "textbook",
                where={X: MATRIX, u: VECTOR})


@pytest.mark.parametrize(("typed", "result"), [
    (X[0, 1], y),
    (sp.log(X[0, 1]) + x * X[1, 0] ** 2, sp.log(y) + x),
    ((X * u)[1, 0], x + x * y),
    (X.I[0, 0], x * y / MATRIX.det()),
    (u.T * u, sp.Matrix([[x**2 + 1]])),
    (u.T * u, x**2 + 1),
    (x * (u.T * u), x**3 + x),
    (sp.Add(x, u.T * u), x**2 + x + 1),
    (sp.log(u.T * X * u) / 2, sp.log((VECTOR.T * MATRIX * VECTOR)[0, 0]) / 2),
    (sp.sqrt(sp.Add(y, sp.MatMul(u.T, u))), sp.sqrt(x**2 + y + 1)),
    (sp.Trace(X) * sp.Determinant(X), (x + x * y) * MATRIX.det()),
    (sp.Determinant(X * sp.Trace(X)), (x + x * y) ** 2 * MATRIX.det()),
    (sp.Trace(X) * X + X[0, 1] * X.T, (x + x * y) * MATRIX + y * MATRIX.T),
    (sp.Matrix([[X[0, 1], sp.Trace(X)]]), sp.Matrix([[y, x + x * y]])),
    (((X, x), (X[0, 0], (u,))), ((MATRIX, x), (x, (VECTOR,)))),
    (sp.Integral(X[0, 1] * x, (x, 0, 1)), y / 2),
    (sp.Piecewise((X[0, 0], x > 0), (0, True)), x),
    (sp.Eq(X[0, 0] * y, X[1, 1]), 0),
    (sp.Eq(X * u, MATRIX * VECTOR, evaluate=False), (0, 0)),
    (sp.Trace(sp.Identity(2) + X), 2 + x + x * y),
    (x * y, x * y),
])
def test_unfolded_statements_stand_and_their_mutants_fall(typed: object, result: object) -> None:
    folded = step(typed, result)
    assert folded.check(exact=False).kind is Kind.NUMERIC
    assert not any(sp.sympify(entry).has(X, u) for entry in sp.flatten([folded.unfolded]))
    passed = [name for name, wrong in mutations(folded.unfolded) if folded.with_typed(wrong).check(exact=False).passed]
    assert passed == []


def test_nesting_is_kept() -> None:
    assert step(((X, x), (X[0, 0], (u,)))).unfolded == ((MATRIX, x), (x, (VECTOR,)))
    assert step(sp.Eq(X, X.T, evaluate=False)).unfolded == sp.Eq(MATRIX, MATRIX.T, evaluate=False)
    assert step(sp.Eq(X[0, 0], x, evaluate=False)).unfolded == sp.Eq(x, x, evaluate=False)


def test_folded_statements_are_printed_folded() -> None:
    assert step(X[0, 1] * sp.Trace(X)).latex() == r"F = X_{12} \operatorname{tr}\left(X \right)"


def test_matrices_among_scalars_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected a 1 x 1 matrix among scalars; received X of shape \(2, 2\); take"):
        step(sp.log(X)).check()
