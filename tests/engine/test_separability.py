"""Where solutions end: the literature's numbers, and what the solver finds on both sides."""

import numpy as np
import pytest

from vaesym import InputError
from vaesym.engine import Status, solve_problem
from vaesym.engine.thresholds import separability
from vaesym.problems.hinge_classification import of_teacher


@pytest.mark.parametrize(("margin", "expected"), [(0.0, 2.0), (0.2, 1.469208), (0.5, 0.961205), (1.0, 0.519572)])
def test_the_capacity_of_gardner(margin, expected):
    assert separability("hinge", margin=margin) == pytest.approx(expected, abs=6e-7)


@pytest.mark.parametrize(("gamma", "h"), [(1e-9, 0.5), (5**0.5, 0.32559), (5.0, 0.18505)])
def test_the_separability_of_candes_and_sur(gamma, h):
    assert 1 / separability("logistic", signal=gamma**2) == pytest.approx(h, abs=6e-6)


def test_a_teachers_labels_are_always_separable():
    assert separability(of_teacher) == np.inf


@pytest.mark.parametrize(("name", "parameters"), [
    ("logistic", {"signal": 5.0}), ("gaussian_mixture", {"separation": 1.0, "share": 0.4})])
def test_solutions_without_penalty_exist_beyond_it_alone(name, parameters):
    """Close above the end the weights are long; below it none are found."""
    from vaesym import problems

    problem = getattr(problems, name)
    if name == "gaussian_mixture":
        problem = problem.but(penalty=0 * problem.penalty)
    end = separability(problem, **parameters)
    given = {limits.name: 0.0 for limits in problem.parameters if limits.name == "lam" and name == "logistic"}
    given |= {"lam": 1.0} if name == "gaussian_mixture" else {}
    states = solve_problem(problem, alpha=np.array([0.97, 1.05, 1.5]) * end, **parameters, **given)
    assert states.status.values.tolist() == [Status.NO_SOLUTION_FOUND, Status.SOLVED, Status.SOLVED]
    assert float(states.Q[1]) > 4 * float(states.Q[2])


def test_real_labels_are_refused():
    with pytest.raises(InputError, match="labels"):
        separability("ridge")
