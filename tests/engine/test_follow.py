"""Branches along one parameter: the states of the solver, thresholds as ends, and what is refused."""

import numpy as np
import pytest

import vaesym
from vaesym import InputError
from vaesym.engine import separability, solve, solve_problem


@pytest.mark.parametrize(("name", "parameter", "interval", "given"), [
    ("lasso", "lam", (0.01, 3.0), {"alpha": 0.9, "noise": 0.2, "sparsity": 0.3, "amplitude": 1.2}),
    ("logistic", "alpha", (3.0, 8.0), {"signal": 2.0, "lam": 0.1})])
def test_a_branch_is_made_of_states(name, parameter, interval, given):
    branch = vaesym.follow(name, parameter, interval, **given)
    assert (branch.status == 0).all()
    assert branch[parameter].values[[0, -1]] == pytest.approx(interval)
    assert (np.diff(branch[parameter]) > 0).all()
    assert (np.diff(branch.arc) > 0).all()
    some = branch.isel(point=[0, branch.sizes["point"] // 2, -1])
    states = solve_problem(name, **{**given, parameter: some[parameter].values})
    for field in ("Q", "m", "chi", "free_energy", "replicon"):
        np.testing.assert_allclose(some[field], states[field], rtol=1e-8)


def test_without_a_penalty_a_branch_ends_where_the_data_can_be_separated():
    branch = vaesym.follow("logistic", "alpha", (1.5, 8.0), signal=1.0, lam=0.0)
    threshold = separability("logistic", signal=1.0)
    assert threshold < float(branch.alpha[0]) < 1.3 * threshold
    assert float(branch.Q[0]) > 10
    assert "towards a threshold" in branch.attrs["ended"]
    assert float(branch.replicon.max()) < 1


def test_marks_are_where_a_field_has_the_value():
    at = {"alpha": 2.0, "signal": 1.0, "noise": 0.25}
    branch = vaesym.follow("ridge", "lam", (0.01, 10.0), marks={"risk": 0.3, "replicon": 0.2}, **at)
    for kind, field, value in (("risk = 0.3", "risk", 0.3), ("replicon = 0.2", "replicon", 0.2)):
        found = branch.where(branch.kind == kind, drop=True)
        assert found.sizes["point"] >= 1
        np.testing.assert_allclose(found[field], value, rtol=1e-9)
        states = solve_problem("ridge", lam=found.lam.values, **at)
        np.testing.assert_allclose(states[field], value, rtol=1e-9)


@pytest.mark.parametrize(("name", "interval", "changes", "words"), [
    ("lamda", (0.1, 1.0), {}, "a parameter among alpha, lam"),
    ("noise", (0.1, 1.0), {}, "which is not given as well"),
    ("lam", (1.0, 0.1), {}, "low < high"),
    ("lam", (-1.0, 0.1), {}, "lam > 0"),
    ("lam", (0.1, 1.0), {"noise": [0.1, 0.2]}, "noise as a number"),
    ("lam", (0.1, 1.0), {"marks": {"rsik": 1.0}}, "marks of some of Q"),
])
def test_what_cannot_be_followed_is_refused(name, interval, changes, words):
    with pytest.raises(InputError, match=words):
        vaesym.follow("ridge", name, interval, **{"alpha": 2.0, "signal": 1.0, "noise": 0.25, **changes})


def test_without_a_state_there_is_nothing_to_follow(monkeypatch):
    monkeypatch.setattr("vaesym.engine.solve.ACCURACIES", solve.ACCURACIES[:1])
    with pytest.raises(InputError, match="a state of the problem somewhere"):
        vaesym.follow("logistic", "alpha", (0.5, 1.0), signal=1.0, lam=0.0)
