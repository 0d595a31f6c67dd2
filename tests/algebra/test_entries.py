"""What a statement may be, and when two of them have one shape."""

import pytest
import sympy as sp

from vaesym.algebra import Domain, compare
from vaesym.algebra.entries import entries, require_alike

x, y = sp.symbols("x y", positive=True)
DOMAINS = {x: Domain(1, 2), y: Domain(2, 5)}
PAIR = sp.Tuple(x, y)


@pytest.mark.parametrize(("statement", "flat"), [
    (x, [x]), (3, [3]), (0.5, [sp.Float(0.5)]), ((), []), (((x, [y]), PAIR), [x, y, x, y]),
    (sp.Matrix([[x, y], [1, 2]]), [x, y, 1, 2]), (sp.ImmutableMatrix([x, y]), [x, y]), (sp.Identity(2), [1, 0, 0, 1]),
    (sp.SparseMatrix([[x, 0], [0, y]]), [x, 0, 0, y]), (sp.Eq(x, y), [x - y]),
    (sp.Eq(sp.Matrix([x, y]), sp.Matrix([1, 2])), [x - 1, y - 2]),
    (sp.Eq(PAIR, sp.Tuple(y, x), evaluate=False), [x - y, y - x]),
])
def test_entries_in_order(statement: object, flat: list[sp.Expr]) -> None:
    assert entries(statement) == flat


@pytest.mark.parametrize("statement", [sp.true, x < y, "x", None, sp.Array([x, y]), {x: y}, object(), sp.Eq(x, x)])
def test_no_statements(statement: object) -> None:
    with pytest.raises(TypeError, match=r"expected expressions, matrices, tuples .*; received .* of type"):
        compare(statement, x, DOMAINS)


@pytest.mark.parametrize(("left", "right"), [
    (sp.Matrix([[x, y]]), sp.Matrix([x, y])),
    (sp.Matrix(2, 2, [x, y, x, y]), sp.Matrix(1, 4, [x, y, x, y])),
    (sp.Matrix(2, 2, [x, y, x, y]), sp.ImmutableMatrix(4, 1, [x, y, x, y])),
    ((x, sp.Matrix([[x, y]])), (x, sp.Matrix([x, y]))),
    (((x, y), x), (x, (y, x))),
    (((x, y), (x,)), (x, y, x)),
    (sp.Eq(sp.Matrix([[x, y]]), sp.Matrix([x, y]), evaluate=False), (x, y)),
    (sp.Eq(sp.Tuple(x, y), x, evaluate=False), (x, y)),
])
def test_sides_of_other_shape_are_refused(left: object, right: object) -> None:
    with pytest.raises(ValueError, match=r"expected two sides of one shape; received .*; "):
        compare(left, right, DOMAINS)


@pytest.mark.parametrize(("left", "right"), [
    (sp.Matrix([x, y]), (x, y)), ([x, y], sp.Matrix([[x, y]])), (sp.Matrix([x]), x), ((x,), x),
    (sp.Matrix([[x, y]]), sp.ImmutableMatrix([[x, y]])), (sp.Identity(2), sp.eye(2)),
    ((x, sp.Matrix([y, x])), [x, (y, x)]), (sp.Eq(x, y), x - y)])
def test_vectors_may_stand_beside_tuples(left: object, right: object) -> None:
    require_alike(left, right)
    assert compare(left, right, DOMAINS).passed
