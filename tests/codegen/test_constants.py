"""Numbers of every kind in every backend: rational, irrational, large, small, floating."""

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from vaesym.codegen import lower, source_of
from vaesym.codegen.supported import with_numbers

x, y = sp.symbols("x y", positive=True)
THIRD = sp.Rational(1, 3)
CONSTANTS: dict[str, sp.Expr] = {
    "pi": sp.pi, "e": sp.E, "Euler": sp.EulerGamma, "Catalan": sp.Catalan, "golden ratio": sp.GoldenRatio,
    "root": sp.sqrt(2), "root of a rational": sp.sqrt(sp.Rational(2, 3)), "cube root": sp.cbrt(2),
    "reciprocal root": 1 / sp.sqrt(3), "log": sp.log(2), "exp": sp.exp(THIRD), "negative": sp.sqrt(2) - sp.pi,
    "nested": sp.sqrt(1 + sp.sqrt(2)), "log of a constant": sp.log(sp.pi - 3),
    "half power": sp.pi ** sp.Rational(-3, 2), "power": sp.pi ** sp.sqrt(2),
    "absolute value": sp.Abs(1 - sp.pi), "sign": sp.sign(3 - sp.pi),
    "product": 2 * sp.sqrt(3) * sp.pi / 7, "large": sp.Integer(10) ** 25, "large negative": -(sp.Integer(10) ** 25),
    "rational of large numbers": sp.Rational(10**30, 3 * 10**29 + 1),
}
USES = {
    "alone": lambda c: c, "factor": lambda c: c * x, "summand": lambda c: x + c, "subtracted": lambda c: x - c,
    "in a denominator": lambda c: y / (c**2 * x + 1), "power of a sum": lambda c: (x + c) ** 2,
    "power of a product": lambda c: (c * x) ** 3, "twice": lambda c: c * x * (c + y),
    "in a root": lambda c: sp.sqrt(x + c**2),
}


def value(backend: str, number: float) -> Any:
    if backend == "torch":
        torch = pytest.importorskip("torch")
        return torch.tensor(number, dtype=torch.float64)
    return mpmath.mpf(number) if backend == "mpmath" else number


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "torch", "numba", "javascript"])
def test_constants_have_the_precision_of_the_backend(backend: str, run_javascript: Any) -> None:
    """Working precision in mpmath, double elsewhere; all in one function, for writing it takes the time."""
    names = [(name, use) for name in CONSTANTS for use in USES]
    expressions = [USES[use](CONSTANTS[name]) for name, use in names]
    at = {x: sp.Rational(1, 2), y: sp.Rational(3, 4)}
    if backend == "numba":
        pytest.importorskip("numba")
    with mpmath.workdps(50):
        if backend == "javascript":
            found = run_javascript(source_of("f", expressions, {"x": x, "y": y}, backend)[0], "f", [[0.5, 0.75]])[0]
        else:
            found = lower("f", expressions, [x, y], backend)(value(backend, 0.5), value(backend, 0.75))
        allowed = mpmath.mpf(10) ** -47 if backend == "mpmath" else 2e-15
        for name, expression, number in zip(names, expressions, found, strict=True):
            true = mpmath.mpf(expression.xreplace(at).evalf(60))
            assert abs((number if backend == "mpmath" else float(number)) - true) <= abs(true) * allowed, name


def test_constants_alone_are_numbers_of_the_backend() -> None:
    torch = pytest.importorskip("torch")
    assert isinstance(lower("f", sp.pi, [x], "mpmath")(1), mpmath.mpf)
    assert lower("f", sp.pi, [x], "torch")(torch.ones(3)).dtype == torch.float32
    np.testing.assert_array_equal(lower("f", [sp.pi, sp.E], [x])(np.ones(2)), [[np.pi, np.e]] * 2)
    assert lower("f", sp.sqrt(2), [])() == 2**0.5
    assert float(lower("f", sp.sqrt(2), [], "torch")()) == 2**0.5


def test_constants_are_written_once_and_rounded_once() -> None:
    """A constant part is one double, correctly rounded; rationals stay as they are."""
    product, total = 2 * sp.sqrt(2) * sp.pi * x, x / 3 + sp.log(2) + 1
    for backend in ("numpy", "torch"):
        assert source_of("f", product, {"x": x}, backend)[0].endswith("return 8.885765876316732*x\n")
        assert source_of("f", total, {"x": x}, backend)[0].endswith("return (1/3)*x + 1.6931471805599454\n")
    assert source_of("f", product, {"x": x}, "mpmath")[0].endswith("return 2*xp.sqrt(2)*xp.pi*x\n")


@pytest.mark.parametrize("expression", [x, THIRD, x**2 / 3 + 1, sp.sqrt(x + 2) * (x - THIRD), sp.log(2 * x) ** 2 / 7])
def test_rational_numbers_are_left_alone(expression: sp.Expr) -> None:
    assert with_numbers(expression) == expression
    assert not with_numbers(expression).atoms(sp.Float)


def test_mpmath_floats_keep_their_digits() -> None:
    with mpmath.workdps(50):
        tenth = lower("f", sp.Float("0.1", 50) * x, [x], "mpmath")(1)
        assert abs(tenth - mpmath.mpf(1) / 10) < mpmath.mpf(10) ** -49
        for exact in (0.1, -2.5, 1e-300, 0.0, 3.0):
            assert lower("f", sp.Float(exact) + x, [x], "mpmath")(0) == mpmath.mpf(exact)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("number", [0.1, -2.5, 1e-300, 3.0])
def test_floats_are_printed_to_the_last_bit(backend: str, number: float) -> None:
    assert float(lower("f", sp.Float(number) * x, [x], backend)(value(backend, 1.0))) == number


def test_integers_beyond_64_bits() -> None:
    torch = pytest.importorskip("torch")
    one = torch.tensor(1.0, dtype=torch.float64)
    for number in (10**20, -(10**20), 2**63, 2**63 - 1, 10**300):
        assert float(lower("f", number * x, [x], "torch")(one)) == float(number)
        assert float(lower("f", number + x, [x], "torch")(0 * one)) == float(number)
        assert lower("f", number * x, [x])(1.0) == float(number)
        with mpmath.workdps(400):
            assert lower("f", number * x, [x], "mpmath")(1) == number


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("number", [
    sp.Integer(10) ** 400, -(sp.Integer(10) ** 400), sp.Float("1e400"), sp.Float("1e-400")])
def test_numbers_beyond_double_precision_are_refused(backend: str, number: sp.Expr) -> None:
    with pytest.raises(ValueError, match=r"expected numbers within double precision; received .*; choose other units"):
        lower("f", number * x, [x], backend)
    assert lower("f", number * x, [x], "mpmath")(1) == mpmath.mpf(number)
