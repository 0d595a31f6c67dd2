"""A step: typed by hand beside its move, checked, printed from the same objects."""

import dataclasses

import pytest
import sympy as sp

from vaesym.algebra import Domain, Kind, Step, mutations
from vaesym.linear_vae.exact import collapse
from vaesym.linear_vae.statement.symbols import alpha, domains_of, eigenvalue, lam, sym

x, y = sp.symbols("x y", positive=True)
F = sp.Symbol("F")
DOMAINS = {x: Domain(1, 2), y: Domain(1, 3)}


def square(**changes: object) -> Step:
    fields = {"label": "square", "title": "Derivative of a square", "subject": F, "move": lambda: sp.diff(x**2 * y, x),
              "typed": 2 * x * y, "domains": DOMAINS, "source": "calculus"}
    return Step(**(fields | changes))


def test_a_true_step_is_an_identity() -> None:
    verdict = square().check()
    assert (verdict.kind, verdict.points, verdict.digits, verdict.residual) == (Kind.IDENTITY, 8, 50, 0.0)
    assert verdict.seconds >= 0
    assert square().check(exact=False).kind is Kind.NUMERIC
    assert square().check(points=3, digits=70).points == 3


def test_a_left_side_that_computes_something_else_fails() -> None:
    for right, wrong in ((sp.Derivative(x**2 * y, x), sp.Derivative(x**3 * y, x)),
                         (sp.Integral(2 * y, (F, 0, x)),
                          sp.Integral(3 * y, (F, 0, x)))):
        assert square(subject=right).check().kind is Kind.IDENTITY
        assert not square(subject=wrong).check().passed
    # Of an unknown function nothing is known.
    unknown = sp.Derivative(sp.Function("f")(x), x)
    assert square(subject=unknown).check().kind is Kind.IDENTITY


def test_every_mutation_fails() -> None:
    step = square(typed=2 * x * y + 0)
    names = [name for name, _ in mutations(step.typed)]
    assert len(names) >= 4
    for name, wrong in mutations(step.typed):
        verdict = step.with_typed(wrong).check()
        assert not verdict.passed, name
        assert verdict.residual > 0


def test_the_move_runs_once_a_check_and_not_before() -> None:
    runs: list[int] = []

    def move() -> sp.Expr:
        runs.append(1)
        return 2 * x * y

    step = square(move=move)
    step.latex()
    assert runs == []
    step.check()
    step.check()
    assert runs == [1, 1]


def test_errors_of_the_move_and_of_the_statement_come_through() -> None:
    def broken() -> sp.Expr:
        raise ArithmeticError("the move broke")

    with pytest.raises(ArithmeticError, match="the move broke"):
        square(move=broken).check()
    with pytest.raises(ValueError, match=r"received none for \['y'\]"):
        square(domains={x: Domain(1, 2)}).check()
    with pytest.raises(ValueError, match="at least 50 digits"):
        square().check(digits=30)
    with pytest.raises(ValueError, match="received 1 and 2 entries"):
        square(typed=(2 * x * y, 0)).check()


def test_conditions_restrict_the_check() -> None:
    u = sp.Symbol("u", real=True)
    absolute = square(move=lambda: sp.sqrt(u**2), typed=u, domains={u: Domain(-1, 1, "uniform")})
    assert not absolute.check().passed
    assert dataclasses.replace(absolute, conditions=(u > 0,)).check().passed


@pytest.mark.parametrize("typed", [
    sp.Matrix([2 * x, y]), sp.ImmutableMatrix([2 * x, y]), (2 * x, y), [2 * x, y], sp.Tuple(2 * x, y)])
def test_several_entries(typed: object) -> None:
    step = square(move=lambda: sp.Matrix([sp.diff(x**2, x), y]), typed=typed)
    assert step.check().kind is Kind.IDENTITY
    for name, wrong in mutations(typed):
        assert not step.with_typed(wrong).check().passed, name


def test_the_statement_is_what_is_checked() -> None:
    step = square()
    assert step.statement == sp.Eq(F, 2 * x * y, evaluate=False)
    assert step.latex() == "F = 2 x y"
    assert square(typed=(x, y)).latex() == r"F = \left( x, \  y\right)"
    assert r"\begin{pmatrix}" in square(typed=sp.Matrix([[x, y], [y, x]])).latex()
    assert square(subject=sp.log(x), typed=sp.log(x)).latex() == r"\ln{\left(x \right)} = \ln{\left(x \right)}"


def test_a_statement_stays_an_equation_even_if_it_is_trivial() -> None:
    assert isinstance(square(subject=x, typed=x).statement, sp.Eq)
    assert square(subject=sp.Integer(1), typed=sp.Integer(2)).latex() == "1 = 2"


def test_steps_are_frozen_and_replaced_by_copies() -> None:
    step = square(premises=("x > 0",), conditions=(x > 0,), prose="Differentiate.")
    other = step.with_typed(3 * x)
    assert (other.typed, step.typed) == (3 * x, 2 * x * y)
    assert dataclasses.replace(other, typed=step.typed) == step
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.typed = x
    assert "Differentiate." not in repr(step)


def test_a_real_step_of_the_book() -> None:
    """N1: β_c = αΛ/(α+λ) − λ/(αΛ), typed here, from the Hessian of the loss."""
    typed = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
    step = Step("N1", "Threshold of collapse", sym("beta"), collapse.collapse_threshold, typed, domains_of(typed),
                source="new")
    assert step.check().kind is Kind.IDENTITY
    wrong = dict(mutations(typed)) | {"κ": typed - lam / alpha, "Λ²": typed.xreplace({eigenvalue: eigenvalue**2})}
    assert len(wrong) >= 10
    assert [name for name, version in wrong.items() if step.with_typed(version).check().passed] == []


def test_a_move_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaesym.algebra.step.LIMIT", 0.05)

    def endless() -> sp.Expr:
        while True:
            sp.Integer(1)

    with pytest.raises(ValueError, match=r"a move that ends within 0\.05 s; received .square."):
        square(move=endless).check()


def test_a_step_that_is_numeric_only_is_not_proved() -> None:
    verdict = square(numeric_only="too large to carry").check()
    assert (verdict.kind, verdict.points) == (Kind.NUMERIC, 8)


def test_words_that_carry_a_part_weaken_an_identity_and_nothing_else() -> None:
    spoken = square(argued="that x is small")
    assert (spoken.check().kind, spoken.check().remark) == (Kind.ARGUED, "that x is small")
    assert spoken.check().passed
    assert spoken.with_typed(x).check().kind is Kind.FAILED
    assert spoken.check(exact=False).kind is Kind.NUMERIC


def test_a_stated_sign_must_show_in_the_form() -> None:
    assert square(sign=1).check().kind is Kind.IDENTITY
    assert square(sign=-1).check().kind is Kind.FAILED
    hidden = square(move=lambda: (x - y) ** 2 + y, typed=x**2 - 2 * x * y + y**2 + y, sign=1).check()
    assert (hidden.kind, hidden.remark) == (Kind.FAILED, "its form does not show its sign")
