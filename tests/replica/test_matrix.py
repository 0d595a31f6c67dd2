"""Replica-symmetric matrices against explicit matrices built block by block, in exact rationals."""

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vaesym.replica import RSMatrix, per_replica
from vaesym.replica.matrix import REPLICAS

SETTINGS = settings(max_examples=20, deadline=None)
REPLICA_NUMBERS = (1, 2, 3)

rationals = st.fractions(-3, 3, max_denominator=5).map(lambda q: sp.Rational(q.numerator, q.denominator))
sizes = st.integers(1, 4)


def blocks(size: int, columns: int | None = None) -> st.SearchStrategy[sp.ImmutableMatrix]:
    columns = size if columns is None else columns
    entries = st.lists(rationals, min_size=size * columns, max_size=size * columns)
    return entries.map(lambda flat: sp.ImmutableMatrix(size, columns, flat))


@st.composite
def matrices(draw: st.DrawFn, count: int = 1) -> list[RSMatrix]:
    """Several matrices of one block size, at symbolic n."""
    size = draw(sizes)
    return [RSMatrix(draw(blocks(size)), draw(blocks(size))) for _ in range(count)]


def whole(matrix: RSMatrix, n: int) -> sp.ImmutableMatrix:
    """The matrix at n replicas, block by block: Δ + O on the diagonal, O off it; n is put in last."""
    delta, off = (block.xreplace({REPLICAS: sp.Integer(n)}) for block in (matrix.delta, matrix.off))
    return sp.ImmutableMatrix(sp.BlockMatrix(
        [[delta + off if a == b else off for b in range(n)] for a in range(n)]).as_explicit())


def at(expression: sp.Expr, n: int) -> sp.Expr:
    return expression.xreplace({REPLICAS: sp.Integer(n)})


def det(matrix: sp.MatrixBase) -> sp.Rational:
    return matrix.det(method="bareiss")


def exact_exp(logarithms: sp.Expr) -> sp.Expr:
    """The exponential of integer multiples of logarithms of numbers, term by term."""
    product = sp.S.One
    for term in sp.Add.make_args(logarithms):
        factor, log = term.as_coeff_Mul()
        product *= log.args[0] ** factor if isinstance(log, sp.log) else sp.exp(term)
    return product


@SETTINGS
@given(matrices())
def test_explicit_is_the_block_matrix(drawn: list[RSMatrix]) -> None:
    (matrix,) = drawn
    for n in REPLICA_NUMBERS:
        assert matrix.explicit(n) == whole(matrix, n)


@SETTINGS
@given(matrices(2), rationals)
def test_sum_product_scale_and_trace(drawn: list[RSMatrix], factor: sp.Rational) -> None:
    left, right = drawn
    total, product, scaled, trace = left + right, left @ right, left.scale(factor), left.trace()
    for n in REPLICA_NUMBERS:
        explicit = whole(left, n), whole(right, n)
        assert whole(total, n) == explicit[0] + explicit[1]
        assert whole(product, n) == explicit[0] * explicit[1]
        assert whole(scaled, n) == factor * explicit[0]
        assert at(trace, n) == explicit[0].trace()
        assert at((left @ right).trace(), n) == (explicit[1] * explicit[0]).trace()


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@settings(max_examples=5, deadline=None)
@given(st.data())
def test_inverse(size: int, data: st.DataObject) -> None:
    matrix = RSMatrix(data.draw(blocks(size)), data.draw(blocks(size)))
    assume(matrix.delta.det() != 0)
    symbolic = matrix.inverse()
    for n in REPLICA_NUMBERS:
        if at(matrix.uniform, n).det() == 0:
            continue
        inverse, explicit = whole(symbolic, n), whole(matrix, n)
        assert inverse * explicit == sp.eye(n * size)
        assert explicit * inverse == sp.eye(n * size)
        assert whole(RSMatrix(matrix.delta, matrix.off, sp.Integer(n)).inverse(), n) == inverse


@SETTINGS
@given(matrices(3))
def test_algebra_laws_at_symbolic_n(drawn: list[RSMatrix]) -> None:
    def same(one: RSMatrix, other: RSMatrix) -> bool:
        zero = sp.zeros(one.size)
        return (one.delta - other.delta).expand() == zero and (one.off - other.off).expand() == zero

    a, b, c = drawn
    assert same((a @ b) @ c, a @ (b @ c))
    assert same(a @ (b + c), a @ b + a @ c)
    assert same((a + b) @ c, a @ c + b @ c)
    assert same(a @ RSMatrix.identity(a.size), a)
    assert same(RSMatrix.identity(a.size) @ a, a)
    assert same(a + a.scale(-1), RSMatrix.identity(a.size).scale(0))


@SETTINGS
@given(matrices())
def test_log_det_lemma(drawn: list[RSMatrix]) -> None:
    (matrix,) = drawn
    assume(matrix.delta.det() != 0)
    log_det = matrix.log_det()
    uniform = (matrix.delta + REPLICAS * matrix.off).det()
    assert log_det == (REPLICAS - 1) * sp.log(matrix.delta.det()) + sp.log(uniform)
    for n in REPLICA_NUMBERS:
        expected = det(whole(matrix, n))
        assert matrix.delta.det() ** (n - 1) * (matrix.delta + n * matrix.off).det() == expected
        numeric = RSMatrix(matrix.delta, matrix.off, sp.Integer(n))
        assert det(numeric.explicit(n)) == expected
        if expected != 0:
            value = sp.exp(at(log_det, n)).evalf(40)
            assert abs(sp.re(value) / expected - 1) < sp.Float("1e-30")
            assert abs(sp.im(value) / expected) < sp.Float("1e-30")


@SETTINGS
@given(sizes.flatmap(lambda k: st.tuples(blocks(k), blocks(k), st.fractions(1, 3, max_denominator=4))))
def test_exp_of_log_det_is_the_determinant_exactly(parts: tuple[sp.Matrix, sp.Matrix, sp.Rational]) -> None:
    root, other, shift = parts
    size = root.rows
    matrix = RSMatrix(root * root.T + sp.Rational(shift) * sp.eye(size), other * other.T)
    for n in REPLICA_NUMBERS:
        assert exact_exp(at(matrix.log_det(), n)) == det(whole(matrix, n))


@SETTINGS
@given(matrices(), st.data())
def test_quadratic_form_and_uniform_block(drawn: list[RSMatrix], data: st.DataObject) -> None:
    (matrix,) = drawn
    source = data.draw(blocks(matrix.size, 1))
    for n in REPLICA_NUMBERS:
        stacked, explicit = sp.Matrix.vstack(*[source] * n), whole(matrix, n)
        assert at(matrix.quadratic_form(source), n) == (stacked.T * explicit * stacked)[0, 0]
        assert explicit * stacked == sp.Matrix.vstack(*[at(matrix.uniform, n) * source] * n)


@pytest.mark.parametrize(("built", "asked"), [(sp.Integer(3), 2), (sp.Integer(2), 3), (2 * REPLICAS, 2), (REPLICAS, 0),
                                               (REPLICAS, -1)])
def test_explicit_at_another_number_of_replicas(built: sp.Expr, asked: int) -> None:
    matrix = RSMatrix(sp.eye(1), sp.ones(1), built)
    with pytest.raises(ValueError, match=rf"expected at least one replica, .*; received {asked}; build the matrix"):
        matrix.explicit(asked)
    assert RSMatrix(sp.eye(1), sp.ones(1), sp.Integer(2)).explicit(2) == sp.Matrix([[2, 1], [1, 2]])


@pytest.mark.parametrize("source", [sp.Matrix([[1, 2], [3, 4]]), sp.Matrix([[1, 2]]), sp.ones(3, 1), sp.ones(1, 1)])
def test_sources_of_another_shape(source: sp.Matrix) -> None:
    with pytest.raises(ValueError, match=r"expected a source of shape \(2, 1\); received \(\d, \d\); pass one column"):
        RSMatrix(sp.eye(2), sp.ones(2)).quadratic_form(source)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("n", REPLICA_NUMBERS)
def test_identity_and_diagonal(size: int, n: int) -> None:
    block = sp.ImmutableMatrix(size, size, lambda i, j: sp.Rational(3 * i - j + 1, i + j + 2))
    identity = RSMatrix.identity(size)
    assert whole(identity, n) == sp.eye(n * size)
    assert identity.size == size
    assert at(identity.trace(), n) == n * size
    assert identity.log_det() == 0
    assert whole(RSMatrix.diagonal(block), n) == sp.diag(*[block] * n)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@settings(max_examples=8, deadline=None)
@given(st.data())
def test_limit_of_log_det(size: int, data: st.DataObject) -> None:
    root, off = data.draw(blocks(size)), data.draw(blocks(size))
    delta = root * root.T + sp.Rational(1, 3) * sp.eye(size)
    expected = sp.log(delta.det()) + (delta.inv() * off).trace()
    log_det = RSMatrix(delta, off).log_det()
    assert sp.expand(per_replica(log_det) - expected) == 0
    # The slope is approached linearly: (log_det at a small n)/n − slope = O(n).
    if (delta + sp.Rational(1, 10**30) * off).det() > 0:
        small = sp.Rational(1, 10**30)
        gap = (log_det.xreplace({REPLICAS: small}) / small - expected).evalf(25, maxn=300)
        assert abs(gap) < sp.Float("1e-24") * (1 + (delta.inv() * off).norm() ** 2).evalf()


def test_limit_of_log_det_with_symbols() -> None:
    a, b, c, p, q, r = sp.symbols("a b c p q r", positive=True)
    delta, off = sp.Matrix([[a, b], [b, c]]), sp.Matrix([[p, q], [q, r]])
    slope = per_replica(RSMatrix(delta, off).log_det())
    assert sp.simplify(slope - sp.log(delta.det()) - (delta.inv() * off).trace()) == 0
    scalar = RSMatrix(sp.Matrix([[a]]), sp.Matrix([[p]])).log_det()
    assert sp.simplify(sp.limit(scalar / REPLICAS, REPLICAS, 0) - per_replica(scalar)) == 0


@pytest.mark.parametrize("operation", [lambda a, b: a + b, lambda a, b: a @ b])
@pytest.mark.parametrize("other", [RSMatrix.identity(3), RSMatrix.identity(2, sp.Integer(3)),
                                   RSMatrix.identity(2, sp.Symbol("n"))])
def test_operands_must_be_alike(operation, other: RSMatrix) -> None:
    with pytest.raises(ValueError, match="expected two matrices with the same n and block size; received n = n"):
        operation(RSMatrix.identity(2), other)


@pytest.mark.parametrize(("delta", "off", "message"), [
    (sp.ones(2, 3), sp.ones(2, 2), r"expected a square block delta; received \(2, 3\)"),
    (sp.ones(2, 2), sp.ones(3, 2), r"expected a square block off; received \(3, 2\)"),
    (sp.eye(2), sp.eye(3), r"expected blocks of one size; received delta \(2, 2\) and off \(3, 3\)"),
])
def test_blocks_must_be_square_and_alike(delta: sp.Matrix, off: sp.Matrix, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RSMatrix(delta, off)


def test_a_matrix_keeps_its_own_copy_and_is_frozen() -> None:
    block = sp.zeros(2)
    matrix = RSMatrix(sp.eye(2), block)
    block[0, 0] = 7
    assert matrix.off == sp.zeros(2)
    with pytest.raises(AttributeError):
        matrix.off = block
    assert hash(matrix) == hash(RSMatrix.identity(2))


def test_singular_block_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="not invertible"):
        RSMatrix(sp.ones(2), sp.eye(2)).inverse()
