"""Compiled functions and programs: choices, loops, derivatives, on every backend."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy as sp
from sympy.codegen.cfunctions import log1p

from vaesym.codegen import BACKENDS, Let, NumericFunction, Program, Repeat, Where, header, lower, source_of

x, y, q, root = sp.symbols("x y q lambda", positive=True)
r = sp.Symbol("r", real=True)
#: The real root of q³ + x q = y, by Newton from above, and what follows from it.
STEP = q - (q**3 + x * q - y) / (3 * q**2 + x)
CUBIC = Program(
    (Repeat(q, sp.sqrt(y) + y, STEP, 7), Let(root, STEP), Let(sp.Symbol("twice"), STEP.xreplace({q: root}))),
    {"root": sp.Symbol("twice"), "shifted": Where(sp.Symbol("twice") - 1, sp.log(sp.Symbol("twice")), 1 - x),
     "constant": sp.Rational(1, 3)})
ARGUMENTS = {"x": x, "y": y}
GOLDEN = {
    "numba": '''@scalar
def f(x, y, _results, _lane):
    """Doc."""
    q = math.sqrt(y) + y
    q = q - (q**3 + q*x - y)/(3*q**2 + x)
    q = q - (q**3 + q*x - y)/(3*q**2 + x)
    lambda_ = q - (q**3 + q*x - y)/(3*q**2 + x)
    _results[0, _lane] = (lambda_ if lambda_ - 1 > 0 else x)


@arrays
def f_over_arrays(array_0, array_1, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((2, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        for lane in range(BLOCK):
            f(given[0, lane], given[1, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)
''',
    "javascript": """/** Doc.
 * @param {number} x @param {number} y */
export function f(x, y) {
  let q = Math.sqrt(y) + y;
  for (let i = 0; i < 2; i++) {
    q = q - (Math.pow(q, 3.0) + q*x - y)/(3*(q*q) + x);
  }
  const lambda_ = q - (Math.pow(q, 3.0) + q*x - y)/(3*(q*q) + x);
  return (lambda_ - 1 > 0 ? lambda_ : x);
}
""",
}


def numbers(backend, values):
    if backend == "torch":
        return pytest.importorskip("torch").tensor(values, dtype=pytest.importorskip("torch").float64)
    if backend == "numba":
        pytest.importorskip("numba")
    return np.asarray(values)


@pytest.mark.parametrize("backend", ["numpy", "torch", "numba"])
def test_a_program_solves_and_chooses(backend):
    at_x, at_y = np.random.default_rng(1).uniform(0.1, 5, (2, 50))
    found = np.asarray(lower("f", CUBIC, ARGUMENTS, backend)(numbers(backend, at_x), numbers(backend, at_y)))
    true = np.array([np.roots([1, 0, a, -b])[2].real for a, b in zip(at_x, at_y, strict=True)])
    np.testing.assert_allclose(found[:, 0], true, rtol=1e-13)
    np.testing.assert_allclose(found[:, 1], np.where(true > 1, np.log(true), 1 - at_x), rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(found[:, 2], 1 / 3)


def test_a_loop_fills_the_digits_of_mpmath():
    with mpmath.workdps(200):
        found = lower("f", CUBIC, ARGUMENTS, "mpmath")(mpmath.mpf(2), mpmath.mpf(5))[0]
        assert abs(found**3 + 2 * found - 5) < mpmath.mpf(10) ** -197


def test_javascript_solves_and_chooses(run_javascript):
    points = np.random.default_rng(2).uniform(0.1, 5, (30, 2))
    found = run_javascript(source_of("f", CUBIC, ARGUMENTS, "javascript")[0], "f", points)
    np.testing.assert_allclose(found, lower("f", CUBIC, ARGUMENTS)(*points.T), rtol=1e-13)


def test_first_and_second_derivatives_are_those_of_the_implicit_function():
    torch = pytest.importorskip("torch")
    given = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (2.0, 5.0)]
    value = lower("f", CUBIC, ARGUMENTS, "torch")(*given)[0]
    first = torch.autograd.grad(value, given, create_graph=True)
    second = torch.autograd.grad(first[0], given)
    f = sp.Function("f")(x, y)
    slopes = {s: sp.solve((f**3 + x * f - y).diff(s), f.diff(s))[0] for s in (x, y)}
    at = {f: sp.Float(float(value.detach()), 30), x: 2, y: 5}
    for found, s in zip(first, (x, y), strict=True):
        assert float(found.detach()) == pytest.approx(float(slopes[s].xreplace(at)), rel=1e-12)
    for found, s in zip(second, (x, y), strict=True):
        curvature = slopes[x].diff(s).subs({f.diff(t): slopes[t] for t in (x, y)}).xreplace(at)
        assert float(found.detach()) == pytest.approx(float(curvature), rel=1e-12)
    moved = CUBIC.derivatives(ARGUMENTS)
    forward = lower("g", moved, ARGUMENTS)(2.0, 5.0)
    assert list(moved.results)[:2] == ["droot_D_x", "droot_D_y"]
    np.testing.assert_allclose(forward[:2], [float(g.detach()) for g in first], rtol=1e-14)
    np.testing.assert_array_equal(forward[4:], 0.0)


@pytest.mark.parametrize("backend", GOLDEN)
def test_golden_source(backend):
    loop, after, _ = CUBIC.statements
    program = Program((replace(loop, times=2), after), {"": Where(root - 1, root, x)})
    assert source_of("f", program, ARGUMENTS, backend, "Doc.") == (GOLDEN[backend], ())


def test_statements_without_use_are_dropped():
    program = Program((Let(q, x**2), Let(root, y)), {"out": root + 1})
    assert program.pruned().statements == (Let(root, y),)
    assert program.arguments() == {y}


@pytest.mark.parametrize(("statements", "message"), [
    ((Let(q, x), Let(q, y)), "expected every symbol defined once; received q twice"),
    ((Let(q, root), Let(root, y)), r"expected definitions before use; received \['lambda'\] used by q"),
    ((Let(q, q + 1),), "expected definitions before use"),
])
def test_programs_that_make_no_sense(statements, message):
    with pytest.raises(ValueError, match=message):
        Program(statements, {"out": q})


def test_loops_are_not_inlined():
    with pytest.raises(ValueError, match="expected no loop; received one for q"):
        CUBIC.inlined()


def test_a_missing_argument_of_a_program():
    with pytest.raises(ValueError, match=r"expected every symbol among the arguments; received \['y'\]"):
        source_of("f", CUBIC, {"x": x}, "numpy")


def test_choices_of_numbers_are_made_at_once():
    assert Where(sp.Integer(2), x, y) == x
    assert Where(-sp.pi, x, y) == y
    assert Where(q, x, x) == x


def test_the_side_not_chosen_may_be_nan():
    function = lower("f", Where(x - 1, sp.sqrt(x - 1), y), {"x": x, "y": y})
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(function([0.0, 5.0, np.nan], 3.0), [3.0, 2.0, 3.0])


def test_broadcasting_of_compiled_functions():
    pytest.importorskip("numba")
    function = lower("f", (x * y, x - y, 1), ARGUMENTS, "numba")
    assert function(2.0, 3.0).tolist() == [6.0, -1.0, 1.0]
    assert function(np.ones((2, 1)), np.ones(3)).shape == (2, 3, 3)
    assert function(np.ones((0, 1)), np.ones(3)).shape == (0, 3, 3)
    assert np.isinf(function(1e300, 1e300)[0])
    with pytest.raises(ValueError, match="shape"):
        function(np.ones(2), np.ones(3))


def test_a_wrong_number_of_results_is_refused_before_it_writes():
    pytest.importorskip("numba")
    whole = header("numba") + "\n\n" + source_of("f", x + y, ARGUMENTS, "numba")[0]
    with pytest.raises(ValueError, match="expected room for 1 results; generate the source again"):
        NumericFunction.from_source(whole, "f", (2,), "numba")(1.0, 2.0)


@pytest.mark.parametrize(("left", "right"), [
    ((40, 1), (30,)), ((40, 30), (30,)), ((7, 1, 9), (1, 11, 1)), ((7, 11, 9), (7, 1, 9)), ((5, 1, 1, 300), (6, 1, 1)),
    ((1, 1), (600, 1)), ((2, 3, 1, 1), (300, 5)), ((3, 1, 2, 1, 70), (4, 1, 5, 1)), ((), (513,)), ((1,), (1, 1)),
    ((0, 3), (3,)), ((257,), (257,))])
def test_arrays_of_any_shape_broadcast(left, right):
    pytest.importorskip("numba")
    rng = np.random.default_rng(4)
    a, b = rng.uniform(1, 2, left), rng.uniform(1, 2, right)
    compiled = lower("f", (x + 2 * y, x / y), ARGUMENTS, "numba")
    np.testing.assert_array_equal(compiled(a, b), lower("f", (x + 2 * y, x / y), ARGUMENTS)(a, b))
    np.testing.assert_array_equal(compiled(a.T, b.T[..., None] if 0 in left else 1.5),
                                  lower("f", (x + 2 * y, x / y), ARGUMENTS)(a.T, b.T[..., None] if 0 in left else 1.5))


@pytest.mark.parametrize("many", [1, 255, 256, 257, 1000])
def test_every_point_of_every_block_is_computed_once(many):
    pytest.importorskip("numba")
    at = np.arange(many, dtype=float)
    np.testing.assert_array_equal(lower("f", (x + 2 * y, y), ARGUMENTS, "numba")(at, 3.0)[:, 0], at + 6)


def test_threads_share_the_points_out(monkeypatch):
    numba = pytest.importorskip("numba")
    function, at = lower("f", (x + 2 * y, y), ARGUMENTS, "numba"), np.arange(20_001.0)
    threads = []
    monkeypatch.setattr(numba, "get_num_threads", lambda: threads.append(3) or 3)
    np.testing.assert_array_equal(function(at, 3.0), np.stack([at + 6, np.full(at.shape, 3.0)], axis=1))
    assert threads == [3]


def test_the_logarithm_of_compiled_code_to_an_ulp():
    """Over all magnitudes on both sides of zero, and at the edges of its domain."""
    pytest.importorskip("numba")
    function = lower("f", log1p(r), {"r": r}, "numba")
    rng = np.random.default_rng(0)
    size = np.concatenate([10 ** rng.uniform(-300, 300, 3000), 10 ** rng.uniform(-9, 2, 3000)])
    at = np.concatenate([size, -size[size < 1], -1 + 2.0 ** -np.arange(1, 53), 2.0 ** np.arange(-60, 60)])
    found = function(at)
    with mpmath.workdps(30):
        true = [mpmath.log1p(mpmath.mpf(float(v))) for v in at]
        worst = max(abs(mpmath.mpf(float(f)) - t) / abs(t) for f, t in zip(found, true, strict=True))
    assert worst < 2.3e-16
    edges = function(np.array([0.0, -1.0, -1.5, np.inf, -np.inf, np.nan]))
    np.testing.assert_array_equal(edges, [0.0, -np.inf, np.nan, np.inf, np.nan, np.nan])


def test_javascript_is_text_only():
    with pytest.raises(ValueError, match="expected a backend that runs here over arrays, among"):
        lower("f", x, [x], "javascript")
    assert "javascript" not in BACKENDS


def test_no_name_of_an_argument_hides_what_the_loop_uses():
    pytest.importorskip("numba")
    names = ["result", "points", "block", "first", "used", "given", "found", "lane", "runs", "range", "min", "len", "f",
             "np", "array_0", "k"]
    symbols = [sp.Symbol(name) for name in names]
    function = lower("f", sum(i * s for i, s in enumerate(symbols)), symbols, "numba")
    assert function(*range(len(names))) == sum(i * i for i in range(len(names)))


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "torch", "numba", "javascript"])
@pytest.mark.parametrize("nothing", [[], (), sp.zeros(0, 0)])
def test_no_result_is_refused(backend, nothing):
    with pytest.raises(ValueError, match="expected at least one result; received none"):
        source_of("f", nothing, {"x": x}, backend)
