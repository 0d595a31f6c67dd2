"""One set of expressions that every backend must pass, and what lowering refuses."""

import os
import subprocess
import sys
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.codegen.cfunctions import log1p

from vaesym.codegen import BACKENDS, Let, Program, Repeat, Where, lower, source_of, use_log1p
from vaesym.codegen.namespaces import NAMESPACES

x, y = sp.symbols("x y", positive=True)
r = sp.Symbol("r", real=True)
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
#: Every one must be right to the last digits of its largest term at positive arguments.
EXPRESSIONS: dict[str, sp.Expr] = {
    "argument": x,
    "square": x**2,
    "power": x**7 * y**3,
    "reciprocal": 1 / x,
    "negative power": x**-3 * y**-2,
    "reciprocal square": y - x**-2,
    "reciprocal of a sum": 1 / (x + y),
    "square root": sp.sqrt(x),
    "reciprocal root": 1 / sp.sqrt(x + y),
    "root of a power": sp.sqrt(x**3 + y),
    "half powers": x ** sp.Rational(3, 2) - y / x ** sp.Rational(5, 2) + 9,
    "derivative of a root": sp.diff(1 / sp.sqrt(x * y + 1), x),
    "root of a root": sp.sqrt(x + sp.sqrt(y)),
    "ratio of roots": sp.sqrt(x / y) * (1 + x) ** -2,
    "power of a sum": (x + y) ** 4 / (1 + x * y) ** 3,
    "power of a quotient": (x / (x + y)) ** 2,
    "rationals": THIRD * x + sp.Rational(22, 7) / y + sp.Rational(1, 10**12),
    "negative rational": -THIRD * x * y - sp.Rational(5, 3),
    "rational to a power": (THIRD + x) ** -2,
    "large integers": 10**18 * x / (10**17 + y),
    "log1p": log1p(x * y),
    "log": sp.log(2 + x),
    "log of a log": sp.log(1 + log1p(x + y) + HALF),
    "exp": sp.exp(-x / 3),
    "exp of a quotient": sp.exp(x / (x + y)) * sp.exp(-y),
    "absolute value": sp.Abs(-2 * r - 1) + x,
    "sign": sp.sign(r + 10) * x + sp.sign(-1 - x),
    "nested": sp.exp(-sp.sqrt(log1p(x / (y + THIRD)))) / (1 + log1p(sp.sqrt(y))) ** 2,
    "choice": Where(x - y, sp.sqrt(x), 3 + log1p(y)) * y,
    "choice of a constant": x + Where(y - 1, 1, THIRD),
    "choice in a choice": Where(1 - x, Where(y - x, y, x**2), -x) / (1 + y),
    "hyperbolic tangent": sp.tanh(r - x) * y,
    "error function": sp.erf(x / 3) + sp.erf(-y) / (1 + x),
    "complement of the error function": sp.erfc(x / 2) * y,
    "largest": sp.Max(x, y, r, 1) - x,
    "least": y + sp.Min(x * y, 2, sp.sqrt(x)),
    "shared parts": (x + y) ** 2 + 1 / (x + y) + log1p(x + y),
}
#: Those that JavaScript lacks.
ERRORS = ("error function", "complement of the error function")
CONSTANTS: dict[str, sp.Expr] = {
    "zero": sp.S.Zero, "one": sp.S.One, "negative": sp.Integer(-3), "rational": sp.Rational(-2, 7),
    "third": THIRD, "small": sp.Rational(1, 10**15)}
ARGUMENTS = {"x": x, "y": y, "r": r}
CHOICE = {"Where": lambda test, chosen, other: np.where(test > 0, chosen, other)}
moderate = st.floats(0.01, 10.0)


def on_backend(backend: str, values: Any) -> Any:
    if backend == "torch":
        return pytest.importorskip("torch").tensor(values, dtype=pytest.importorskip("torch").float64)
    return mpmath.mpf(values) if backend == "mpmath" else np.asarray(values)


@pytest.mark.parametrize("name", EXPRESSIONS)
@settings(max_examples=25, deadline=None)
@given(moderate, moderate)
def test_backends_agree_with_50_digits(name: str, at_x: float, at_y: float) -> None:
    """NumPy to 1e-14; mpmath at 50 digits with SymPy to 48."""
    expression, values = EXPRESSIONS[name], (at_x, at_y, 0.75)
    with mpmath.workdps(50):
        precise = lower("f", expression, ARGUMENTS, "mpmath")(*[mpmath.mpf(v) for v in values])
        exact = {s: sp.Rational(v) for s, v in zip(ARGUMENTS.values(), values, strict=True)}
        terms = [mpmath.mpf(term.xreplace(exact).evalf(60)) for term in sp.Add.make_args(expression)]
        size = sum(abs(term) for term in terms)
        assert abs(precise - sum(terms)) <= mpmath.mpf(10) ** -48 * size
    assert abs(float(lower("f", expression, ARGUMENTS)(*values)) - float(precise)) <= 1e-14 * float(size)


@pytest.mark.parametrize("backend", ["numba", "javascript"])
def test_compiled_code_and_javascript_agree_with_numpy(backend: str, run_javascript: Any) -> None:
    """Every expression, in one function, at forty points."""
    points = np.random.default_rng(8).uniform(0.1, 5, (3, 40))
    expressions = [e for name, e in EXPRESSIONS.items() if backend == "numba" or name not in ERRORS]
    if backend == "numba":
        pytest.importorskip("numba")
        found = lower("f", expressions, ARGUMENTS, backend)(*points)
    else:
        found = run_javascript(source_of("f", expressions, ARGUMENTS, backend)[0], "f", points.T)
    np.testing.assert_allclose(found, lower("f", expressions, ARGUMENTS)(*points), rtol=1e-13)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_torch_agrees_with_numpy_and_differentiates(name: str) -> None:
    torch = pytest.importorskip("torch")
    expression, rng = EXPRESSIONS[name], np.random.default_rng(7)
    points = rng.uniform(0.1, 5, (3, 40))
    tensors = [torch.tensor(row, requires_grad=True) for row in points]
    value = lower("f", expression, ARGUMENTS, "torch")(*tensors)
    np.testing.assert_allclose(value.detach().numpy(), lower("f", expression, ARGUMENTS)(*points), rtol=1e-13)
    gradients = torch.autograd.grad(value.sum(), tensors, allow_unused=True)
    for symbol, gradient in zip(ARGUMENTS.values(), gradients, strict=True):
        derivative = sp.diff(expression, symbol).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
        slope = sp.lambdify([*ARGUMENTS.values()], derivative, [CHOICE, "scipy", "numpy"])(*points)
        found = np.zeros(40) if gradient is None else gradient.numpy()
        np.testing.assert_allclose(found, np.broadcast_to(slope, 40), rtol=1e-12, atol=1e-15)


def test_torch_vectors_pass_gradcheck() -> None:
    torch = pytest.importorskip("torch")
    function = lower("f", [log1p(x * y), sp.sqrt(x) / y, 3, x**-2], [x, y], "torch")
    inputs = [torch.rand(2, 1, dtype=torch.float64) + 0.5, torch.rand(3, dtype=torch.float64) + 0.5]
    assert torch.autograd.gradcheck(function, [t.requires_grad_() for t in inputs])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_torch_keeps_the_type(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    kind = getattr(torch, dtype)
    for expression in [*EXPRESSIONS.values(), *CONSTANTS.values(), (x, HALF, y / 3), sp.eye(2)]:
        result = lower("f", expression, ARGUMENTS, "torch")(*torch.ones(3, 5, dtype=kind))
        assert (result.dtype, result.shape[0]) == (kind, 5)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(("left", "right", "batch"), [
    (0.5, 2.0, ()), ([0.5], 2.0, (1,)), ([0.5, 1.0, 2.0], 2.0, (3,)), ([[1.0], [2.0]], [1.0, 2.0, 3.0], (2, 3)),
    (np.ones((2, 1, 4)), np.ones((3, 1)), (2, 3, 4)), (np.ones((0, 2)), 1.0, (0, 2))])
def test_shapes(backend: str, left: Any, right: Any, batch: tuple[int, ...]) -> None:
    """The batch shape first, then that of one result; constants and unused arguments broadcast too."""
    arguments = [on_backend(backend, np.asarray(a)) for a in (left, right)]
    for expression, shape in [
        (x + y, ()), (x, ()), (THIRD, ()), ([x, 1, y], (3,)), ((x,), (1,)), (sp.Tuple(y, x), (2,)),
        (sp.Matrix([x, 2]), (2,)), (sp.Matrix([[x, 2]]), (1, 2)), (sp.Matrix([[x, y, 0], [1, x, 2]]), (2, 3)),
        (sp.ImmutableMatrix(2, 2, [1, 2, 3, 4]), (2, 2)),
    ]:
        function = lower("f", expression, [x, y], backend)
        result = function(*arguments)
        assert tuple(np.shape(result)) == batch + shape
        assert function.shape == shape
        rows = np.broadcast_to(arguments[0], batch), np.broadcast_to(arguments[1], batch)
        for index in np.ndindex(batch):
            one = dict(zip((x, y), (sp.Rational(float(row[index])) for row in rows), strict=True))
            parts = list(sp.Matrix([expression])) if isinstance(expression, sp.Expr) else list(sp.flatten(expression))
            expected = [float(sp.sympify(part).xreplace(one)) for part in parts]
            np.testing.assert_allclose(np.asarray(result)[index].ravel(), expected, rtol=1e-14)


@pytest.mark.parametrize(("backend", "names"), [
    *[(backend, [name]) for backend in BACKENDS for name in CONSTANTS if backend != "numba" or name == "third"],
    ("numba", list(CONSTANTS))])
def test_constants_broadcast(backend: str, names: list[str]) -> None:
    """One alone; compiled code, which takes its time, has all others together."""
    constants = [CONSTANTS[name] for name in names]
    function = lower("f", constants if len(names) > 1 else constants[0], ARGUMENTS, backend)
    value = function(*[on_backend(backend, 0.5)] * 3)
    found = [float(v) for v in (value if len(names) > 1 else [value])]
    np.testing.assert_allclose(found, [float(c) for c in constants], rtol=1e-16)
    if backend != "mpmath":
        many = np.asarray(function(*on_backend(backend, np.ones((3, 4, 2)))))
        assert many.shape == (4, 2, *function.shape)
        np.testing.assert_array_equal(many, np.broadcast_to(np.squeeze(found), many.shape))


def test_mpmath_results_are_exact_to_the_working_precision() -> None:
    matrix = lower("f", sp.Matrix([[x, THIRD, 0], [y / 3, 1 / x, 5]]), [x, y], "mpmath")
    with mpmath.workdps(60):
        result = matrix(mpmath.mpf(7), mpmath.mpf(2))
        assert (result.rows, result.cols) == (2, 3)
        assert [result[0, 1], result[1, 0], result[1, 1]] == [mpmath.mpf(1) / 3, mpmath.mpf(2) / 3, mpmath.mpf(1) / 7]
        vector = lower("f", [THIRD, sp.Rational(2, 7)], [x], "mpmath")(mpmath.mpf(1))
        assert (vector.rows, vector.cols, vector[1]) == (2, 1, mpmath.mpf(2) / 7)


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_of_arguments_are_free(backend: str) -> None:
    """Keywords, swapped names and the names of temporaries."""
    lam, shared = sp.Symbol("lambda", positive=True), sp.exp(x + y)
    one, two = on_backend(backend, 2.0), on_backend(backend, 3.0)
    renamed = lower("f", lam / x, {"lam": lam, "x": x}, backend)
    assert renamed.arguments == ("lam", "x")
    assert float(renamed(one, two)) == float(renamed(x=two, lam=one)) == pytest.approx(2 / 3, rel=1e-15)
    for a, b in ((x, y), sp.symbols("x y")):
        assert float(lower("f", a - 2 * b, {"y": a, "x": b}, backend)(one, two)) == -4.0
    for names in (("t0", "t1"), ("t1", "t0")):
        clash = lower("f", [shared + x, shared**2 + y, shared], dict(zip(names, (x, y), strict=True)), backend)
        values = np.array([float(v) for v in clash(one, two)])
        np.testing.assert_allclose(values, [np.exp(5) + 2, np.exp(10) + 3, np.exp(5)], rtol=1e-14)


@pytest.mark.parametrize("backend", ["jax", "NumPy", "", "math"])
def test_unknown_backends(backend: str) -> None:
    for write in (lower, source_of):
        with pytest.raises(ValueError, match=rf"a backend among \['numpy', .*\]; received '{backend}'"):
            write("f", x, ARGUMENTS, backend)


def test_the_cache_goes_by_content() -> None:
    expression = sp.sqrt(x) + y
    first = lower("f", expression, [x, y])
    assert lower("f", y + sp.Pow(x, HALF), {"x": x, "y": y}) is first
    others = [
        lower("f", expression + 1, [x, y]), lower("f", expression, [y, x]), lower("g", expression, [x, y]),
        lower("f", expression, {"x": x, "z": y}), lower("f", [expression], [x, y]),
        lower("f", expression, [x, y], "mpmath"), lower("f", expression, [x, y], "torch"),
        lower("f", expression, ARGUMENTS)]
    assert len({id(function) for function in [first, *others]}) == 1 + len(others)
    assert others[1](2.0, 9.0) == first(9.0, 2.0) == 5.0


def test_equal_names_with_other_assumptions_are_other_content() -> None:
    any_x = sp.Symbol("x")
    assert lower("f", sp.sqrt(x**2), [x]).source != lower("f", sp.sqrt(any_x**2), [any_x]).source
    assert lower("f", sp.sqrt(any_x**2), [any_x])(-3.0) == 3.0


GOLDEN = """def f(xp, a, lam):
    \"\"\"Doc.\"\"\"
    t0 = xp.sqrt(a)
    return (
        {third} + 1/t0,
        (1/2)*t0*xp.log1p(lam),
    )
"""


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "torch"])
def test_golden_source(backend: str) -> None:
    """Read it: common parts once, rationals exact for mpmath, the functions of the backend's namespace."""
    expected = GOLDEN.format(third="xp.mpf(-1)/3" if backend == "mpmath" else "-1/3")
    parts = [1 / sp.sqrt(x) - THIRD, sp.sqrt(x) * log1p(y) / 2]
    assert source_of("f", parts, {"a": x, "lam": y}, backend, "Doc.") == (expected, (2,))


def test_what_a_mask_chooses_is_to_the_bit_what_numpy_chooses() -> None:
    xp, numbers = NAMESPACES["numpy"](), np.array([np.nan, -np.inf, -1.0, -0.0, 0.0, 5e-324, 1.0, np.inf])
    for test in (numbers, numbers[::-1].copy(), numbers[:1], np.float64(1.0), np.float64(-1.0)):
        for chosen in (-numbers, np.repeat(numbers, 2)[::2], np.arange(8), np.float64(2.0), 3, np.float32(numbers)):
            for other in (0, 0.0, 1, numbers):
                found, expected = xp.where(xp.positive(test), chosen, other), np.where(test > 0, chosen, other)
                assert found.dtype == expected.dtype
                assert found.tobytes() == expected.tobytes()


def test_shared_parts_are_computed_once_before_and_after_a_loop_and_deleted_after_their_last_use() -> None:
    z = sp.Symbol("z")
    program = Program((Let(r, x * y + 1), Repeat(z, r, (z + x * y) / 2, 3)), {"": x * y * z})
    assert source_of("f", program, {"x": x, "y": y}, "numpy")[0] == """def f(xp, x, y):
    t0 = x*y
    r = t0 + 1
    def following(z):
        return (1/2)*x*y + (1/2)*z
    z = xp.repeated(following, r, 3)
    del r
    return t0*z
"""


def test_a_sign_that_decides_twice_is_tested_once() -> None:
    choices = [Where(r, x, y), Where(r, y, x) + Where(r - 1, 1, 2)]
    for backend in ("numpy", "mpmath", "torch"):
        assert source_of("f", choices, ARGUMENTS, backend)[0] == """def f(xp, x, y, r):
    if_r = xp.positive(r)
    return (
        xp.where(if_r, x, y),
        xp.where(if_r, y, x) + xp.where(r - 1 > 0, xp.like(r - 1, 1), 2),
    )
"""
        for at, found in ((0.5, [3.0, 6.0]), (-0.5, [4.0, 5.0]), (2.0, [3.0, 5.0])):
            values = lower("f", choices, ARGUMENTS, backend)(*[on_backend(backend, v) for v in (3.0, 4.0, at)])
            assert [float(v) for v in values] == found


def test_numbers_compute_only_the_side_that_is_chosen() -> None:
    """For mpmath 1/0 and the root of a negative number are no numbers."""
    guarded = lower("f", Where(r, 1 / r + sp.sqrt(r), x), ARGUMENTS, "mpmath")
    assert [guarded(7, 1, at) for at in (0, -4, 4)] == [7, 7, 2.25]


def test_source_does_not_depend_on_the_hash_seed() -> None:
    code = """import sympy as sp
from vaesym.codegen import source_of
v = sp.symbols("b a d c", positive=True)
gradient = [sp.diff(sum(v)**3 / (1 + v[0]*v[1]) * sp.log(v[2] + v[3]), s) for s in v]
print(source_of("f", gradient, {s.name: s for s in v}, "numpy")[0])"""
    texts = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True,
                            env=os.environ | {"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")]
    assert texts[0] == texts[1]
    assert len(texts[0]) > 200


def test_log1p_rewriting_keeps_small_differences() -> None:
    """ln((q+b)/b) at q/b = 1e-20 is 1e-20, not 0; also inside sums and quotients."""
    plain, better = sp.log((x + y) / y) / x + y, use_log1p(sp.log((x + y) / y) / x + y)
    assert sp.simplify(better.replace(log1p, lambda inner: sp.log(1 + inner)) - plain) == 0
    assert not better.has(sp.log)
    assert lower("f", use_log1p(sp.log(y / (x + y))), [x, y])(1e-20, 1.0) == -1e-20
    assert lower("f", use_log1p(sp.log(1 + x)), [x])(1e-300) == 1e-300
    assert use_log1p(x + sp.sqrt(y)) == x + sp.sqrt(y)
