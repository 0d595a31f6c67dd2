"""What lowering refuses, before it writes any source."""

import re
from typing import Any

import pytest
import sympy as sp
from sympy.codegen.cfunctions import expm1

from vaesym.codegen import BACKENDS, lower, source_of

x, y = sp.symbols("x y", positive=True)
r = sp.Symbol("r", real=True)
ARGUMENTS = {"x": x, "y": y, "r": r}
FUNCTIONS = (r"functions among \['Abs', 'Heaviside', 'Max', 'Min', 'erf', 'erfc', 'exp', 'log', 'log1p', 'sign', "
             r"'tanh'\]")


def refusal(*arguments: Any) -> str:
    """With which words these are refused; empty where they are lowered."""
    try:
        lower(*arguments)
    except ValueError as error:
        return str(error)
    return ""


REFUSED = [
    *[(power, "expected integer powers and square roots; received .*; rewrite") for power in (
        sp.cbrt(x), 1 / sp.cbrt(x), x**y, 2**x, x**sp.pi, x ** sp.Symbol("r", real=True), x ** sp.Float(0.5))],
    *[(f, rf"expected {FUNCTIONS} and powers; received .*; rewrite") for f in (
        sp.Function("g")(x), sp.LambertW(x), sp.erfi(x), 1 + sp.sinc(r), [x, sp.polylog(2, x)], sp.sin(x),
        sp.gamma(x), sp.erf2(x, y), sp.cosh(x), sp.floor(x), sp.factorial(x), expm1(x), sp.sin(1) * x,
        sp.gamma(sp.Rational(1, 3)), sp.Function("log")(x), sp.Mod(x, y))],
    (sp.Piecewise((x, x > 1), (y, True)), r"expected choices as vaesym\.codegen\.Where\(test, a, b\), .*; rewrite"),
    *[(node, rf"expected sums, products and powers of real numbers .*{FUNCTIONS}; received .*; rewrite") for node in (
        sp.I * x, sp.oo, sp.zoo, sp.nan, sp.Derivative(sp.Function("g")(x), x), sp.Integral(x, (x, 0, y)),
        sp.Sum(x, (y, 0, 2)), sp.TribonacciConstant * x)],
    *[(node, r"expected real numbers; received .*; rewrite") for node in (
        sp.sqrt(sp.pi - 4) * x, x + sp.sqrt(1 - sp.E))],
    *[(node, r"expected an expression, a matrix or a flat sequence of expressions; received .* of type .*; flatten")
      for node in (sp.Eq(x, y), x < y, sp.true, sp.Array([[x, y]]), sp.Identity(2), "x + y", None)],
    (sp.Symbol("other") + x, r"expected every symbol among the arguments; received \['other'\] besides"),
    (sp.Symbol("x") + y, r"expected one symbol for each name; received \['x'\] both .* assumptions .*; make each"),
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_refused_expressions(backend: str) -> None:
    for expression, message in REFUSED:
        for result in (expression, [x, expression]) if not isinstance(expression, list) else [expression]:
            assert re.search(message, refusal("f", result, ARGUMENTS, backend)), result


@pytest.mark.parametrize("nested", [
    [[x, y], [y, x]], [sp.Matrix([x, y]), x], ((x, y), x), [x, sp.Tuple(y)], sp.Tuple(sp.Tuple(x)), [sp.Array([x])],
    [sp.MatrixSymbol("A", 2, 2)]])
def test_nested_results_are_refused(nested: Any) -> None:
    with pytest.raises(ValueError, match=r"expected .* flat sequence of expressions; received .* for one number"):
        lower("f", nested, [x, y])


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_that_cannot_stand_in_the_source(backend: str) -> None:
    """A module that the source calls, no identifier at all; other names are passed as a mapping."""
    if backend == "torch":
        pytest.importorskip("torch")
    message = r"expected names that are Python identifiers and none of .*; received '.*'; pass a mapping"
    assert re.search(message, refusal("lambda", x, [x], backend))
    for name in ("numpy", "mpmath", "torch", "1x", "a b", "x_{1}", r"\beta", ""):
        symbol = sp.Symbol(name)
        for arguments in ([symbol], {name: symbol}, {"x": x, name: symbol}):
            assert re.search(message, refusal("f", sp.log(symbol), arguments, backend)), name
        assert re.search(message, refusal(name, x, [x], backend)), name
        assert lower("f", symbol, {"other": symbol}, backend).arguments == ("other",)


@pytest.mark.parametrize(("arguments", "message"), [
    ([x, x], "expected symbols of different names; received .*; pass a mapping"),
    ([x, sp.Symbol("x")], r"expected symbols of different names; received .* \(with other assumptions\); pass a"),
    ({"a": x, "b": x}, r"expected every symbol once among the arguments; received \['x'\] twice; name each once")])
def test_arguments_that_stand_for_the_same(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lower("f", x, arguments)


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_written_for_what_is_refused(backend: str) -> None:
    with pytest.raises(ValueError, match="received sin; rewrite"):
        source_of("f", sp.sin(x), {"x": x}, backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_derivatives_of_what_can_be_lowered_can_be_lowered(backend: str) -> None:
    if backend == "torch":
        pytest.importorskip("torch")
    expressions = [1 / sp.sqrt(x), sp.sqrt(x) / (1 + x), sp.log(x) * sp.sqrt(x), sp.exp(-sp.sqrt(x)), sp.Abs(x) ** 3,
                   sp.tanh(x), sp.erf(x / 2), sp.erfc(sp.sqrt(x))]
    derivatives = [sp.diff(expression, x, order) for expression in expressions for order in (1, 2, 3)]
    found = lower("f", derivatives, [x], backend)(4.0)
    for derivative, slope in zip(derivatives, found, strict=True):
        assert float(slope) == pytest.approx(float(derivative.subs(x, 4)), rel=1e-14), derivative
    assert float(lower("f", sp.diff(1 / sp.sqrt(x), x), [x], backend)(4.0)) == -0.0625


@pytest.mark.parametrize("backend", BACKENDS)
def test_keywords_get_an_underscore(backend: str) -> None:
    if backend == "torch":
        pytest.importorskip("torch")
    lam, other, none = sp.symbols("lambda lambda_ None")
    found = lower("f", lam - 2 * other + 3 * none, [lam, other, none], backend)
    assert found.arguments == ("lambda__", "lambda_", "None_")
    assert float(found(1.0, 2.0, 4.0)) == float(found(lambda__=1.0, lambda_=2.0, None_=4.0)) == 9.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_largest_and_least_pass_nan_on(backend: str) -> None:
    if backend == "torch":
        pytest.importorskip("torch")
    found = lower("f", [sp.Max(r, x, 1), sp.Min(x, r, 5), sp.Max(r, x).diff(r), sp.Min(r, 1).diff(r)], [x, r], backend)
    for at, expected in (((2.0, 3.0), [3, 2, 1, 0]), ((2.0, -3.0), [2, -3, 0, 1]), ((0.5, 0.5), [1, 0.5, 0.5, 1])):
        assert [float(value) for value in found(*at)] == expected
    for at in ((float("nan"), 3.0), (3.0, float("nan"))):
        assert all(float(value) != float(value) for value in list(found(*at))[:2])


def test_javascript_has_no_error_function() -> None:
    for function in (sp.erf, sp.erfc):
        with pytest.raises(ValueError, match=f"expected functions that JavaScript has; received {function}; choose"):
            source_of("f", function(x), {"x": x}, "javascript")
