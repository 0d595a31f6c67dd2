"""The one result: what every kind of states answers, and that parameters have one door."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import vaesym
from vaesym.linear_vae.point.arguments import LARGEST, PROBLEM, check, numbers, parameters
from vaesym.linear_vae.point.fields import MEANINGS, PARAMETERS, Phase, named

MAKERS = {
    "solution": lambda: vaesym.solve([0.5, 2.0], 1.0, lam=0.1, latents=2),
    "branches": lambda: vaesym.branches([0.5, 2.0], 1.0, lam=0.1),
    "saddle points": lambda: vaesym.saddle_points([0.5, 2.0], 1.0, lam=0.1),
    "diagram": lambda: vaesym.bifurcation_diagram("beta", (1.5, 3.0), alpha=4.0, lam=0.5),
    "branch of a diagram": lambda: vaesym.bifurcation_diagram("beta", (1.5, 3.0), alpha=4.0, lam=0.5).branches[0],
}


@pytest.fixture(scope="module", params=MAKERS)
def states(request):
    return MAKERS[request.param]()


def test_every_result_is_one_kind_with_meanings_and_units(states):
    assert isinstance(states, vaesym.States)
    data = states.to_xarray()
    for name, variable in data.variables.items():
        assert variable.attrs["long_name"] in {meaning.text for meaning in MEANINGS.values()}, name
        assert variable.attrs["units"], name
        np.testing.assert_array_equal(variable.values, getattr(states, str(name)))
    assert named(data.phase).ravel()[0] in {phase.name for phase in Phase}
    assert data.attrs["vaesym_version"] == vaesym.__version__


def test_copies_and_text(states):
    for other in (copy.deepcopy(states), pickle.loads(pickle.dumps(states)), states.to_numpy()):
        assert type(other) is type(states)
        np.testing.assert_array_equal(other.Q, states.Q)
    assert set(states.fields) < set(dir(states))
    assert repr(states).startswith(f"{type(states).__name__}(Q=")
    moved = states.but(Q=states.Q + 1)
    np.testing.assert_array_equal(moved.Q, states.Q + 1)
    with pytest.raises(AttributeError, match="has no attribute 'q'"):
        _ = states.q
    with pytest.raises(AttributeError):
        states.Q = 0.0
    with pytest.raises(KeyError):
        states.but(q=0.0)


def test_parameters_are_those_given_in_calling_order():
    solution = MAKERS["solution"]()
    assert list(solution.parameters) == list(PARAMETERS)
    assert list(MAKERS["branches"]().parameters) == list(PARAMETERS)
    assert list(MAKERS["saddle points"]().parameters) == list(PROBLEM)
    np.testing.assert_array_equal(solution.alpha, [0.5, 2.0])


def test_results_start_no_xarray():
    script = ("import sys, vaesym\n"
              "diagram = vaesym.bifurcation_diagram('beta', (1.5, 3.0), alpha=4.0, lam=0.5)\n"
              "repr(diagram), vaesym.branches(2.0, 1.0, lam=1.0).to_numpy()\n"
              "assert 'xarray' not in sys.modules\n")
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_door_knows_each_domain(name):
    from_zero = name == "lam"
    assert check(name, [LARGEST, 1]).tolist() == [LARGEST, 1.0]
    for bad in (-1.0, np.nan, -np.inf, 2 * LARGEST, "1", True, 1j, None, *([] if from_zero else [0.0, 1e-31])):
        with pytest.raises(vaesym.InputError, match=rf"expected .*{name}.*; received .*; "):
            check(name, bad, unlimited=True)
    assert from_zero == (MEANINGS[name].domain == ">= 0")
    if from_zero:
        assert check(name, 0) == 0
    if name == "alpha":
        assert check(name, np.inf, unlimited=True) == np.inf
    with pytest.raises(vaesym.InputError, match=f"finite {name}"):
        check(name, np.inf, unlimited=name != "alpha")


def test_the_door_knows_shapes():
    with pytest.raises(vaesym.InputError, match=r"alpha as a number; received shape \(2,\); call once"):
        numbers(alpha=[1, 2])
    for bad in (1.0, [], [[1.0]]):
        with pytest.raises(vaesym.InputError, match="beta as a one-dimensional axis"):
            check("beta", bad, shape="axis")
    with pytest.raises(vaesym.InputError, match=r"received alpha \(2,\), beta \(3,\)"):
        parameters(alpha=np.ones(2), beta=np.ones(3))
