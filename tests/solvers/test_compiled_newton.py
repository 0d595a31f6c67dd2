"""The compiled Newton takes the same steps as the other one, and ends the same way."""

from typing import NamedTuple

import numpy as np
import pytest

from vaesym.solvers import NewtonSettings, Status, newton

pytest.importorskip("numba")

from vaesym.solvers import compiled

#: One process makes what these tests share.
pytestmark = pytest.mark.xdist_group("compiled_newton")

ROOTS, LINES, ATAN, POWERS, NO_ROOT, LOGARITHM, POLE = range(7)


class Problems(NamedTuple):
    """Several systems of two equations; ``given`` is (which one, a number)."""


@compiled.scalar
def residual(x, given, out):
    kind, number = given[0], given[1]
    out[1] = x[0] * x[1] - 1.0
    if kind == ROOTS:
        out[0] = x[0] ** 2 - number
    elif kind == LINES:  # parallel ones
        out[0], out[1] = x[0] + x[1] - number, 2.0 * x[0] + 2.0 * x[1] + 1.0
    elif kind == ATAN:  # full steps from afar diverge
        out[0], out[1] = np.arctan(x[0] - number), x[1] - x[0]
    elif kind == POWERS:  # a triple root: linear convergence
        out[0], out[1] = x[0] ** 3, 1e6 * (x[1] - number)
    elif kind == NO_ROOT:
        out[0], out[1] = x[0] ** 2 + x[1] ** 2 + number, x[1] - 1.0
    elif kind == LOGARITHM:
        out[0] = np.log(x[0]) - number
    else:
        out[0] = x[0] - number
    return x[0] > 0.0 or kind != ROOTS


@compiled.scalar
def jacobian(x, given, out):
    kind, number = given[0], given[1]
    out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 0.0, 0.0, x[1], x[0]
    if kind == ROOTS:
        out[0, 0] = 2.0 * x[0]
    elif kind == LINES:
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 1.0, 1.0, 2.0, 2.0
    elif kind == ATAN:
        out[0, 0], out[1, 0], out[1, 1] = 1.0 / (1.0 + (x[0] - number) ** 2), -1.0, 1.0
    elif kind == POWERS:
        out[0, 0], out[1, 0], out[1, 1] = 3.0 * x[0] ** 2, 0.0, 1e6
    elif kind == NO_ROOT:
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 2.0 * x[0], 2.0 * x[1], 0.0, 1.0
    elif kind == LOGARITHM:
        out[0, 0] = 1.0 / x[0]
    else:
        out[0, 0] = np.inf


compiled.compile_system(Problems, residual, jacobian)
#: Kind, number, start, and how it ends.
CASES = [
    (ROOTS, 2.0, (1.0, 1.0), Status.CONVERGED),
    (ROOTS, 1e6, (3.0, -7.0), Status.CONVERGED),
    (ROOTS, 2.0, (2.0**0.5, 0.5**0.5), Status.CONVERGED),
    (ROOTS, 2.0, (-1.0, 1.0), Status.INFEASIBLE_START),
    (ROOTS, 2.0, (np.nan, 1.0), Status.INFEASIBLE_START),
    (ROOTS, 2.0, (1.0, np.inf), Status.INFEASIBLE_START),
    (LINES, 1.0, (0.3, 0.4), Status.SINGULAR),
    (ATAN, 0.5, (25.0, 3.0), Status.CONVERGED),
    (ATAN, -2.0, (1.0, 0.0), Status.CONVERGED),
    (POWERS, 1.0, (1.0, 0.0), Status.CONVERGED),
    (POWERS, 1.0, (1e9, 0.0), Status.ITERATIONS),
    (NO_ROOT, 1.0, (0.7, 3.0), Status.STALLED),
    (LOGARITHM, 0.5, (1.0, 1.0), Status.CONVERGED),
    (LOGARITHM, 0.5, (30.0, 1.0), Status.CONVERGED),  # a full step leaves the domain
    (LOGARITHM, 0.5, (-1.0, 1.0), Status.INFEASIBLE_START),
    (POLE, 0.5, (1.0, 1.0), Status.SINGULAR),
]
#: Every case many times over, so that several blocks and threads work.
GIVEN = np.tile([case[:2] for case in CASES], (10, 1))
START = np.tile([case[2] for case in CASES], (10, 1))


def by_rows(function, shape):
    """A batch callback of ``newton`` that goes point by point through the same system."""

    def call(x, rows):
        out = np.empty((len(x), *shape))
        with np.errstate(all="ignore"):
            for i, row in enumerate(rows):
                function.py_func(x[i], GIVEN[row], out[i])
        return out

    return call


@pytest.fixture(scope="module")
def results():
    settings = NewtonSettings(max_iterations=40)
    plain = newton(by_rows(residual, (2,)), by_rows(jacobian, (2, 2)), START, settings=settings,
                   feasible=lambda x, rows: (x[:, 0] > 0) | (GIVEN[rows, 0] != ROOTS))
    return plain, compiled.newton_compiled(Problems(), START, GIVEN, settings=settings)


def test_statuses_are_those_of_the_problems(results):
    expected = [case[3] for case in CASES] * 10
    for result in results:
        np.testing.assert_array_equal(result.status, expected)


def test_both_take_the_same_steps(results):
    plain, fast = results
    np.testing.assert_array_equal(fast.iterations, plain.iterations)
    np.testing.assert_allclose(fast.value, plain.value, rtol=1e-12)
    for name in ("residual", "relative_residual"):
        np.testing.assert_allclose(getattr(fast, name), getattr(plain, name), rtol=1e-9, atol=1e-15)


def test_sizes_are_what_they_are_said_to_be(results):
    for result in results:
        ended = result.status != Status.INFEASIBLE_START
        f = by_rows(residual, (2,))(result.value, np.arange(len(START)))
        np.testing.assert_allclose(np.abs(f[ended]).max(axis=-1), result.residual[ended], rtol=1e-12)
        assert np.isnan(result.residual[~ended]).all()
        assert np.isnan(result.relative_residual[~ended]).all()
        assert (result.relative_residual[result.converged] <= 1e-12).all()
        # 1e6 (y - 1) is small beside the 1e6 y in it: an absolute 1e-12 would be out of reach.
        assert (result.relative_residual <= result.residual)[ended].all()
        assert (result.iterations[~ended] == 0).all()


def test_settings_are_obeyed():
    few = compiled.newton_compiled(Problems(), START, GIVEN, settings=NewtonSettings(max_iterations=3))
    assert few.iterations.max() == 3
    assert few.status[1] == Status.ITERATIONS
    loose = compiled.newton_compiled(Problems(), START, GIVEN, settings=NewtonSettings(tolerance=1e-2))
    assert loose.converged[9]
    assert loose.iterations[9] < 10
    undamped = compiled.newton_compiled(Problems(), START, GIVEN, settings=NewtonSettings(halvings=0))
    assert undamped.status[7] == Status.STALLED


def test_starts_are_not_written_to():
    before = START.copy()
    compiled.newton_compiled(Problems(), START, GIVEN)
    np.testing.assert_array_equal(START, before)
    assert compiled.newton_compiled(Problems(), START[:0], GIVEN[:0]).value.shape == (0, 2)


def test_linear_systems_that_need_pivots():
    rng = np.random.default_rng(3)
    for size in (1, 2, 9):
        for _ in range(20):
            matrix, vector = rng.normal(size=(size, size)), rng.normal(size=size)
            matrix[0, 0] = 0.0 if size > 1 else 2.0
            matrix *= 10.0 ** rng.uniform(-8, 8, size=(size, 1))
            expected, found = np.linalg.solve(matrix, vector), vector.copy()
            assert compiled.solve_in_place(matrix.copy(), found)
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    assert not compiled.solve_in_place(np.array([[1.0, 2.0], [2.0, 4.0]]), np.ones(2))
    assert not compiled.solve_in_place(np.zeros((3, 3)), np.ones(3))
    assert not compiled.solve_in_place(np.array([[np.nan]]), np.ones(1))
