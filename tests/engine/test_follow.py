"""Branches along one parameter: the states of the solver, thresholds as ends, and what is refused."""

import numpy as np
import pytest

import vaesym
from vaesym import InputError
from vaesym.engine import separability, solve_problem
from vaesym.engine.plain import solve


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
    assert branch.attrs["threshold"] == pytest.approx(threshold, rel=1e-9)
    assert "the data can be separated" in branch.attrs["ended"]
    assert float(branch.replicon.max()) < 1


def test_along_another_parameter_the_threshold_is_the_same():
    branch = vaesym.follow("logistic", "signal", (0.5, 40.0), alpha=4.0, lam=0.0)
    assert separability("logistic", signal=branch.attrs["threshold"]) == pytest.approx(4.0, rel=1e-9)
    assert 0.5 * branch.attrs["threshold"] < float(branch.signal[-1]) < branch.attrs["threshold"]


@pytest.mark.parametrize(("name", "parameter", "interval", "given"), [
    ("pca", "alpha", (0.1, 2.0), {"rho": 2.0}),
    ("linear_vae", "alpha", (0.3, 6.0), {"beta": 1.0, "lam": 0.2, "rho": 1.5}),
    ("linear_autoencoder", "rho", (0.3, 2.0), {"alpha": 2.0, "lam": 0.2})])
def test_a_branch_ends_where_the_signal_is_no_longer_detected(name, parameter, interval, given):
    """Baik, Ben Arous and Péché: the first eigenvector knows of the signal from α = (η/ρ)² on."""
    branch = vaesym.follow(name, parameter, interval, eta=1.0, **given)
    at = {**given, parameter: branch.attrs["threshold"]}
    assert at["alpha"] * at["rho"] ** 2 == pytest.approx(1.0, rel=1e-8)
    assert branch.kind.values[0] == "detection"
    assert branch.attrs["ended"].startswith(f"detection at {parameter}")
    assert float(branch.Q[0]) > 0.1
    assert float(branch.m[0]) == 0 < float(branch.m[branch.kind == ""].min())


def test_a_branch_ends_where_the_posterior_collapses():
    at = {"alpha": 4.0, "lam": 0.5, "rho": 1.5, "eta": 1.0}
    branch = vaesym.follow("linear_vae", "beta", (0.5, 6.0), **at)
    assert branch.attrs["threshold"] == pytest.approx(float(vaesym.collapse_threshold(**at)), rel=1e-9)
    assert branch.kind.values[-1] == "collapse"
    assert float(branch.Q[-1]) < 1e-6
    assert (branch.status[:-1] == 0).all()
    tied = vaesym.follow("tied_autoencoder", "lam", (0.1, 20.0), alpha=3.0, rho=1.5, eta=1.0)
    # Weights vanish where the penalty outweighs twice the first eigenvalue of the samples.
    assert tied.attrs["threshold"] == pytest.approx(2 * 3.0 * 2.5 * (1 + 1 / (3.0 * 1.5)), rel=1e-9)


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
    monkeypatch.setattr("vaesym.engine.plain.solve.ACCURACIES", solve.ACCURACIES[:1])
    with pytest.raises(InputError, match="a state of the problem somewhere"):
        vaesym.follow("logistic", "alpha", (0.5, 1.0), signal=1.0, lam=0.0)
