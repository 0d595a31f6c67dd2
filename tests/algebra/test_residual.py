"""Numbers that refute: relative to the size of both sides, and told apart from rounding."""

import mpmath
import pytest
import sympy as sp

from vaesym.algebra import Domain, Kind, compare, residual

x, y = sp.symbols("x y", positive=True)
DOMAINS = {x: Domain(1, 2), y: Domain(2, 5)}
#: Zero, but only after cancellation, which SymPy does not see before it is asked to.
ZERO = sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1


def kind(left: object, right: object, **options: object) -> Kind:
    return compare(left, right, DOMAINS, **options).kind


@pytest.mark.parametrize("power", [40, 55, 60, 90, 120, 300])
def test_small_values_are_compared_relatively(power: int) -> None:
    scale = sp.Rational(1, 10**power)
    assert kind(x * scale, 2 * x * scale) is Kind.FAILED
    assert kind(x * scale, 0) is Kind.FAILED
    assert kind(0, x * scale) is Kind.FAILED
    assert kind((y, x * scale), (y, y * scale)) is Kind.FAILED
    assert kind(scale * (x + y), scale * x + scale * y) is Kind.IDENTITY
    assert kind(scale * sp.log(x * y), scale * (sp.log(x) + sp.log(y)), exact=False) is Kind.NUMERIC


@pytest.mark.parametrize("power", [55, 80, 100, 120])
def test_small_values_beside_a_cancelled_zero(power: int) -> None:
    small = x / 10**power
    assert kind(ZERO + small, small, exact=False) is Kind.NUMERIC
    assert kind(ZERO + small, 0) is Kind.FAILED
    assert kind(ZERO, small) is Kind.FAILED
    assert kind(ZERO + small, small * y) is Kind.FAILED


@pytest.mark.parametrize("weight", [1, 10**30, sp.Rational(1, 10**70)])
def test_zeros_by_cancellation_agree(weight: sp.Rational) -> None:
    assert kind(weight * ZERO, 0) is Kind.IDENTITY
    assert kind(0, weight * ZERO, exact=False) is Kind.NUMERIC
    assert kind(weight * ZERO, ZERO.subs(x, y), exact=False) is Kind.NUMERIC
    assert kind((weight * ZERO, 0, x), (0, ZERO, x), exact=False) is Kind.NUMERIC
    assert compare(weight * ZERO, 0, DOMAINS).residual == 0


@pytest.mark.parametrize(("sides", "agree"), [
    # Zeros, of which one was rounded to zero by chance at the first precision; and a value below the first rounding.
    ({90: ("0", "2e-95"), 180: ("2e-151", "0"), 360: ("-1e-331", "1e-361")}, True),
    ({90: ("1e-60", "0"), 180: ("1e-100", "0"), 360: ("1e-100", "0")}, False)])
def test_rounding_that_cancels_by_chance_is_told_from_a_small_value(monkeypatch: pytest.MonkeyPatch,
                                                                    sides: dict[int, tuple[str, str]],
                                                                    agree: bool) -> None:
    left, right = x, y
    monkeypatch.setattr(residual, "_values", lambda entries, point, digits: [
        mpmath.mpf(sides[digits][entries == (right,)])])
    assert (residual.worst_residual(((left,), (right,)), [{}], 50)[0] == 0) is agree


def test_digits_lost_to_cancellation_are_recovered() -> None:
    """At the first precision 30 of 90 digits are left; the second has enough, and still refutes."""
    shifted = (10**60 + sp.log(x)) - 10**60 + ZERO * 10**60
    assert kind(shifted, sp.log(x), exact=False) is Kind.NUMERIC
    assert kind(shifted, sp.log(x) * (1 + sp.Rational(1, 10**49))) is Kind.FAILED


@pytest.mark.parametrize("left", [
    1 / ((x + y) ** 2 - x**2 - 2 * x * y - y**2), sp.zoo, sp.nan, sp.oo, 1 / ZERO, sp.log(ZERO), x / (x - y * x / y),
    sp.Matrix([x, 1 / ((x + y) ** 2 - x**2 - 2 * x * y - y**2)])])
def test_a_pole_is_a_failed_check(left: sp.Expr) -> None:
    right = sp.Matrix([x, x]) if isinstance(left, sp.MatrixBase) else x
    assert kind(left, right) is kind(right, left) is Kind.FAILED
    assert compare(left, right, DOMAINS, exact=False).residual > 0


def test_the_first_failing_point_ends_the_search() -> None:
    drawn = [DOMAINS[x].draw("x", i) for i in range(3)]
    verdict = compare(x + sp.prod([x - point for point in drawn]), x, DOMAINS)
    assert (verdict.kind, verdict.points) == (Kind.FAILED, 4)
    assert compare(x, y, DOMAINS).points == 1
    assert compare(x, x, DOMAINS).points == 8


def test_common_parts_stay_inside_of_integrals() -> None:
    """The variable of integration has the name of a symbol outside, and x·y stands twice inside."""
    integral = sp.Integral(sp.sin(x * y) + (x * y) ** 2, (x, 0, 1))
    value = (1 - sp.cos(y)) / y + y**2 / 3
    assert kind(integral, value, exact=False) is Kind.NUMERIC
    assert kind(x * y * integral, x * y * value, exact=False) is Kind.NUMERIC
    assert kind(x * y * integral, x * value) is Kind.FAILED


def test_complex_values() -> None:
    assert kind(sp.exp(sp.I * x), sp.cos(x) + sp.I * sp.sin(x)) is not Kind.FAILED
    assert kind(sp.log(-x), sp.log(x) + sp.I * sp.pi) is not Kind.FAILED
    assert kind(sp.log(-x), sp.log(x) - sp.I * sp.pi) is Kind.FAILED


@pytest.mark.parametrize("unknown", [
    sp.Function("g")(x), sp.Derivative(sp.Function("g")(x), x), sp.Derivative(x**2, x, evaluate=False)])
def test_what_has_no_numbers_is_refused(unknown: sp.Expr) -> None:
    with pytest.raises(ValueError, match=r"expected expressions that mpmath can evaluate; received .*; carry out"):
        compare(unknown, x, DOMAINS)
