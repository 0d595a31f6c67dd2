"""Problems with a smooth loss, compiled from their lowered functions: the numbers are those of the arrays."""

import numpy as np
import pytest
import sympy as sp

from vaesym.engine import solve_problem
from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.lowered import equations_of
from vaesym.engine.plain.solve import ACCURACIES, afresh
from vaesym.engine.smooth import rows
from vaesym.problem import Data, LinearLabel, Parameter, Problem, binary, field, label, teacher, weight
from vaesym.problems import hinge, logistic

pytest.importorskip("numba")
lam, width = sp.Symbol("lam", positive=True), sp.Symbol("width", positive=True)
DECAY = (Parameter(lam, "weight decay"),)
huber = Problem(
    "huber", "", width**2 * (sp.sqrt(1 + ((label - field) / width) ** 2) - 1),
    sp.Piecewise((lam * weight**2 / 2, weight >= 0), (sp.oo, True)), Data(LinearLabel(0.8, 0.3)),
    parameters=(*DECAY, Parameter(width, "where the loss turns into a line")))
CASES = {
    "logistic": ("logistic", {"signal": 2.0, "lam": 0.1}),
    "clusters": ("gaussian_mixture", {"lam": 0.1, "separation": 1.2, "share": 0.3}),
    "huber": (huber, {"lam": 0.2, "width": 0.7}),
    "noiseless": (logistic.but(data=Data(binary(sp.Heaviside(teacher))), parameters=DECAY), {"lam": 0.1}),
    "leaning": (logistic.but(data=Data(binary(1 / (1 + sp.exp(-teacher - 1)))), parameters=DECAY), {"lam": 0.1}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_compiled_and_arrays_agree(name):
    problem, given = CASES[name]
    at = {**given, "alpha": np.geomspace(0.8, 4, 8)}
    plain, fast = (solve_problem(problem, backend=backend, **at) for backend in ("numpy", "numba"))
    np.testing.assert_array_equal(fast.status, plain.status)
    assert (fast.status == 0).all()
    assert not fast.identical(plain)  # another order of sums: the kernel did run
    for field_name in plain.data_vars:
        if field_name != "residual":
            np.testing.assert_allclose(fast[field_name], plain[field_name], rtol=1e-11, atol=1e-13)


@pytest.mark.slow
def test_the_kernel_answers_where_the_arrays_do_and_nowhere_else():
    # Without decay some of these are separable, and have no solution.
    given = {"alpha": np.array([0.7, 8.0, 0.7]), "signal": np.full(3, 2.0), "lam": np.array([0.0, 0.0, 0.1])}
    batches = [Batch(equations_of("logistic"), given, ACCURACIES[0], compiled=compiled) for compiled in (False, True)]
    with np.errstate(all="ignore"):
        (plain, missed), (fast, also) = (afresh(batch) for batch in batches)
    assert [(residual <= 1e-10).tolist() for residual in (missed, also)] == [[False, True, True]] * 2
    np.testing.assert_allclose(fast[1:], plain[1:], rtol=1e-10)


def _fits(problem, accuracy=ACCURACIES[0]):
    equations = equations_of(problem)
    return rows.fits(Batch(equations, {limits.name: np.ones(1) for limits in equations.parameters}, accuracy))


def test_the_kernel_takes_one_smooth_loss_and_a_penalty_of_parabolas():
    assert all(_fits(problem) for problem, _ in CASES.values())
    assert not _fits("logistic", Accuracy())  # panels
    assert not _fits(hinge)
    assert not _fits(logistic.but(penalty=lam * sp.sqrt(1 + weight**2)))


def test_what_the_kernel_does_not_take_is_solved_as_by_numpy():
    problem = logistic.but(penalty=lam * sp.sqrt(1 + weight**2))
    at = {"alpha": [2.0, 3.0], "signal": 2.0, "lam": 0.1}
    assert solve_problem(problem, backend="numba", **at).identical(solve_problem(problem, **at))


def test_elementary_functions_are_those_of_numpy():
    from vaesym.engine.smooth import elementary

    for x in (-650.0, -3.3, -1e-9, 0.0, 0.4, 17.0, 650.0):
        np.testing.assert_allclose(elementary.exp(x), np.exp(x), rtol=3e-16)
        np.testing.assert_allclose(elementary.cosh(x), np.cosh(x), rtol=5e-16)
        np.testing.assert_allclose(elementary.logaddexp(0.0, x), np.logaddexp(0.0, x), rtol=4e-16)
    assert np.isnan(elementary.exp(np.nan))
    assert elementary.exp(-1e9) < 1e-300
    assert elementary.exp(1e9) > 1e300
