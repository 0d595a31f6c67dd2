"""Source for Arb's balls: its results hold the exact ones, whatever the precision."""

import flint
import mpmath
import pytest
import sympy as sp
from sympy.codegen.cfunctions import log1p

from vaesym.codegen import BACKENDS, Let, Program, Repeat, Where, header, lower, source_of

x, y = sp.symbols("x y", positive=True)
ARGUMENTS = {"x": x, "y": y}
CONSTANTS = [sp.pi, sp.E, sp.EulerGamma, sp.Catalan, sp.GoldenRatio, sp.sqrt(2), sp.cbrt(2), sp.log(3), sp.Float("0.1"),
             2 ** sp.Float("0.3"), sp.Rational(1, 3), sp.Integer(2**80), sp.exp(sp.Rational(-1, 7)), 1 / sp.sqrt(3),
             sp.Abs(sp.log(sp.Rational(1, 2))), sp.sign(sp.pi - 4), sp.sqrt(2 + sp.sqrt(3))]
EXPRESSIONS = [x**2 / 3 - y, sp.sqrt(x + y), x ** sp.Rational(3, 2), x ** sp.Rational(-3, 2), 1 / sp.sqrt(x * y),
               sp.log(x) * sp.exp(-y), log1p(x / y), sp.Abs(x - y), sp.sign(x - y), (x - y) ** -3,
               sp.pi * x + sp.sqrt(2), Where(x - y, sp.sqrt(x), 1 / y), -x / 2, 1 / (2 * x),
               sp.tanh(x - y), sp.erf(x), sp.erfc(y / 9), sp.Max(x, y, 3), sp.Min(x, y, sp.pi), sp.Heaviside(x - y)]


def namespace(expression, arguments=ARGUMENTS):
    source, _ = source_of("f", expression, arguments, "arb")
    names: dict = {}
    exec(f"{header('arb')}\n\n\n{source}", names)
    return names


def close(ball, value, digits):
    """Whether a ball holds a number that is known to so many digits, and is itself narrow."""
    middle, radius = (mpmath.ldexp(int(m), int(e)) for m, e in (ball.mid().man_exp(), ball.rad().man_exp()))
    return abs(middle - value) <= radius + abs(value) * mpmath.mpf(10) ** -digits and radius <= abs(value) * 1e-15


@pytest.mark.parametrize("bits", [64, 300])
@pytest.mark.parametrize("expression", [*CONSTANTS, *EXPRESSIONS], ids=str)
def test_balls_hold_the_exact_value(expression, bits):
    function = namespace([expression, x])["f"]
    for point in ((sp.Rational(7, 3), sp.Rational(1, 5)), (sp.Rational(1, 10), sp.Integer(40))):
        with flint.ctx.workprec(bits):
            ball = flint.arb(function(*[flint.arb(flint.fmpq(p.p, p.q)) for p in point])[0])
        truth = sp.sympify(expression).xreplace(dict(zip((x, y), point, strict=True)))
        truth = truth.replace(log1p, lambda argument: sp.log(1 + argument))
        with mpmath.workdps(130):
            value = mpmath.mpf(str(sp.N(truth if not truth.has(sp.Float) else sp.nsimplify(truth), 120)))
            if expression in (sp.Float("0.1"), 2 ** sp.Float("0.3")):  # what the float is, not what it was meant to be
                value = mpmath.mpf(str(sp.N(sp.Rational(expression) if expression.is_Float else expression, 120)))
            assert close(ball, value, 100)


def test_rational_arguments_stay_rational():
    function = namespace([x / 3 + 1 / y, (x - y) ** 2, Where(x - y, 1, 2)])["f"]
    third, rest, chosen = function(flint.fmpq(1, 2), flint.fmpq(3, 4))
    assert (third, rest, chosen) == (flint.fmpq(3, 2), flint.fmpq(1, 16), 2)
    assert isinstance(third, flint.fmpq)
    assert namespace(sp.sqrt(x))["f"](flint.fmpq(4, 9), flint.fmpq(1)) == flint.fmpq(2, 3)


def test_a_choice_that_is_not_decided_is_refused():
    names = namespace(Where(x - y, x, y))
    wide = flint.arb(1, 0.5)
    assert names["f"](flint.arb(2), wide) == 2
    assert names["f"](flint.arb(1), flint.arb(1)) == 1
    for test in (flint.arb(1), flint.arb("nan")):
        with pytest.raises(names["Undecided"], match="raise the precision"):
            names["f"](test, wide)


def test_definitions_are_written_and_loops_refused():
    half = sp.Symbol("half")
    assert namespace(Program((Let(half, x / 2),), {"z": half**2}))["f"](flint.fmpq(3), 0) == flint.fmpq(9, 4)
    with pytest.raises(ValueError, match="without loops for balls"):
        namespace(Program((Repeat(half, x, (half + x / half) / 2, 5),), {"z": half}))


def test_balls_are_text_only():
    assert "arb" not in BACKENDS
    with pytest.raises(ValueError, match="take its text from source_of"):
        lower("f", x, [x], "arb")


def test_names_of_the_prelude_are_free():
    names = {"x": x, "y": y}
    shadow = [sp.Symbol(name) for name in ("arb", "fmpq", "positive", "Undecided")]
    lets = tuple(Let(symbol, x + i) for i, symbol in enumerate(shadow))
    function = namespace(Program(lets, {"z": sum(shadow) + sp.sqrt(2) * 0 + sp.Rational(1, 2)}), names)["f"]
    assert function(flint.fmpq(1), flint.fmpq(1)) == flint.fmpq(21, 2)
