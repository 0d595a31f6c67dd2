"""Wrong versions of statements: named, wrong, complete, and none that is right."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym.algebra import Domain, compare, mutations
from vaesym.linear_vae.statement.symbols import alpha as ratio
from vaesym.linear_vae.statement.symbols import beta as weight
from vaesym.linear_vae.statement.symbols import domains_of, eigenvalue, eta, lam

x, y, z = sp.symbols("x y z", positive=True)
DOMAINS = {s: Domain(sp.Rational(1, 3), 5) for s in (x, y, z)}


def test_named_versions_of_a_sum() -> None:
    assert dict(mutations(x - y**2)) == {
        "flip a sign": x + y**2, "drop a term": {-y**2: x, x: -y**2}[sp.Add.make_args(x - y**2)[0]],
        "double a factor": x - 2 * y**2, "drop a factor": x - 1, "negate": y**2 - x, "add one": x - y**2 + 1,
        "swap x and y": y - x**2}


def test_versions_without_a_sum() -> None:
    assert dict(mutations(x * y**2)) == {
        "flip a sign": -x * y**2, "drop a term": 0, "double a factor": 2 * x * y**2, "drop a factor": x,
        "negate": -x * y**2, "add one": x * y**2 + 1, "swap x and y": y * x**2}


def test_symmetric_statements_have_fewer_versions() -> None:
    names = [name for name, _ in mutations(x * y + z)]
    assert "swap x and y" not in names
    assert {"swap x and z", "swap y and z"} <= set(names)
    assert [version for _, version in mutations(sp.Integer(0))] == [1]


def test_sums_inside_functions_and_powers_are_reached() -> None:
    versions = dict(mutations(sp.log(1 + x) / 3))
    assert versions["flip a sign"] in (sp.log(1 - x) / 3, sp.log(x - 1) / 3)
    assert versions["drop a term"] in (sp.log(x) / 3, sp.S.Zero)


@pytest.mark.parametrize("wrap", [sp.Matrix, sp.ImmutableMatrix, tuple, list, lambda parts: sp.Tuple(*parts)])
def test_matrices_and_tuples_keep_their_shape(wrap) -> None:
    original = [x + y, x * y, x - z**2]
    for name, version in mutations(wrap(original)):
        assert len(version) == 3, name
        assert list(version) != original, name
        assert not compare(version, wrap(original), DOMAINS).passed, name


def test_matrix_versions_are_entry_by_entry() -> None:
    versions = dict(mutations(sp.Matrix([[x, 0], [1 + y, 2]])))
    assert versions["negate"] == sp.Matrix([[-x, 0], [-1 - y, -2]])
    assert versions["swap x and y"] == sp.Matrix([[y, 0], [1 + x, 2]])
    assert versions["add one"] == sp.Matrix([[x + 1, 1], [2 + y, 3]])


@pytest.mark.parametrize("typed", [
    x * (1 + y) + y,
    (x + y) ** 2 - x**2,
    sp.log(x) + sp.log(y) + sp.sqrt(x * y),
    sp.Matrix([[x * (1 + y) + y, x * y], [0, (x - y) * (y - x)]]),
    (x * (1 + y) + y, (x * y, sp.Matrix([x + y]))),
    sp.Eq((x + y) ** 2, x * (x + 2 * y) + y**2),
])
def test_versions_in_another_form_are_no_versions(typed: object) -> None:
    """Swapped, x(1 + y) + y is the same polynomial, though another tree."""
    versions = dict(mutations(typed))
    assert {"flip a sign", "drop a term", "double a factor", "drop a factor", "negate", "add one"} <= set(versions)
    assert not any(compare(typed, wrong, DOMAINS).passed for wrong in versions.values())


def test_a_swap_that_differs_in_one_entry_stays() -> None:
    assert "swap x and y" in dict(mutations((x * (1 + y) + y, x)))
    assert "swap x and y" not in dict(mutations((x * (1 + y) + y, x * y)))


def test_nested_tuples_keep_their_nesting() -> None:
    versions = dict(mutations(((x, y), x)))
    assert versions["swap x and y"] == ((y, x), y)
    assert versions["add one"] == ((x + 1, y + 1), x + 1)


def test_of_an_equation_only_the_right_side_changes() -> None:
    """Both sides changed alike would leave a true equation true."""
    versions = dict(mutations(sp.Eq(x, y)))
    assert versions["negate"] == sp.Eq(x, -y, evaluate=False)
    assert versions["add one"] == sp.Eq(x, y + 1)
    assert versions["drop a term"].args == (x, 0)
    square = sp.Eq((x + y) ** 2, x**2 + 2 * x * y + y**2)
    wrong = [name for name, version in mutations(square) if compare(version, 0, DOMAINS).passed]
    assert (compare(square, 0, DOMAINS).passed, wrong) == (True, [])
    assert sp.Matrix([y, x]) in [version.rhs for _, version in mutations(sp.Eq(sp.Matrix([1, 2]), sp.Matrix([x, y])))]


def test_versions_without_numbers_go_by_structure() -> None:
    g = sp.Function("g")
    assert dict(mutations(g(x) + y))["flip a sign"] in (g(x) - y, y - g(x))
    assert "swap x and y" not in dict(mutations(x + y + g(1)))


@st.composite
def expressions(draw: st.DrawFn) -> sp.Expr:
    """Sums of monomials with distinct exponents: expanded, so that equality is structural."""
    exponents = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2), st.integers(0, 2)),
                              min_size=1, max_size=4, unique=True))
    coefficients = draw(st.lists(st.integers(-4, 4).filter(bool), min_size=len(exponents), max_size=len(exponents)))
    return sp.Add(*[c * x**i * y**j * z**k for c, (i, j, k) in zip(coefficients, exponents, strict=True)])


@settings(max_examples=40, deadline=None)
@given(expressions())
def test_every_version_is_wrong(expression: sp.Expr) -> None:
    versions = list(mutations(expression))
    assert len(versions) >= 3
    assert len({name for name, _ in versions}) == len(versions)
    for name, version in versions:
        assert version != expression, name
        assert not compare(expression, version, DOMAINS).passed, (name, version)


def test_versions_do_not_touch_the_original() -> None:
    typed = sp.Matrix([x + y, z])
    kept = typed.copy()
    list(mutations(typed))
    assert typed == kept


def test_versions_repeat_in_order() -> None:
    typed = weight / (eigenvalue + weight) + eta * sp.log(lam + ratio)
    first, second = list(mutations(typed)), list(mutations(typed))
    assert first == second
    assert len(first) == 6 + 9  # of ten swaps, that of α and λ changes nothing
    for name, version in first:
        assert not compare(typed, version, domains_of()).passed, name
