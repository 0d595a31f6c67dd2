"""What the engine computes is what is derived: minima, averages, derivatives; over whole domains without a NaN."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym import InputError, problems
from vaesym.algebra import Kind
from vaesym.engine import Status, solve_problem
from vaesym.engine.averages import Batch
from vaesym.engine.lowered import equations_of
from vaesym.engine.proximal import Convex
from vaesym.replica.derive import CHI_HAT, G_HAT, M_HAT, derive

GIVEN = {
    "ridge": {"alpha": 1.3, "lam": 0.2, "signal": 0.7, "noise": 0.3},
    "lasso": {"alpha": 0.9, "lam": 0.3, "noise": 0.2, "sparsity": 0.3, "amplitude": 1.2},
    "elastic_net": {"alpha": 0.9, "lam_1": 0.3, "lam_2": 0.1, "noise": 0.2, "sparsity": 0.3, "amplitude": 1.2},
    "logistic": {"alpha": 3.0, "signal": 2.0, "lam": 0.1},
    "hinge": {"alpha": 1.7, "margin": 0.8, "lam": 0.2},
    "gaussian_mixture": {"alpha": 2.5, "lam": 0.1, "separation": 1.2, "share": 0.3},
}


def batch_of(name):
    return Batch(equations_of(name), {key: np.full(1, value) for key, value in GIVEN[name].items()})


def site_of(batch):
    """The average over the weights, measured from 0.6 w*."""
    return lambda hats: batch.site(hats, np.array([0.6]))


def test_every_problem_is_tested():
    others = {name for name in problems.HOMES if getattr(problems, name).quadratic or getattr(problems, name).general}
    assert set(GIVEN) == set(problems.HOMES) - others


@pytest.mark.parametrize("name", GIVEN)
def test_the_extremum_is_the_training_loss(name):
    """At the extremum the free energy is the least loss: that of the samples and of the penalty, by two routes."""
    states = solve_problem(name, **GIVEN[name])
    assert int(states.status) == Status.SOLVED
    assert float(states.replicon) <= 1
    total = states.alpha * states.training_loss + states.penalty
    np.testing.assert_allclose(states.free_energy, total, rtol=1e-12)


@pytest.mark.parametrize("name", GIVEN)
def test_the_jacobians_are_derivatives(name):
    batch, point = batch_of(name), np.array([[1.4, 0.5, 0.8]])
    for function, at in ((batch.energy, point), (site_of(batch), np.array([[1.1, 0.7, 0.4]]))):
        slope = function(at).slope[0]
        for j in range(3):
            step = np.zeros((1, 3))
            step[0, j] = 1e-5
            numeric = (function(at + step).value - function(at - step).value)[0] / 2e-5
            np.testing.assert_allclose(slope[:, j], numeric, rtol=2e-7, atol=2e-8)


@pytest.mark.parametrize("name", GIVEN)
def test_conjugates_are_derivatives_of_the_averages(name):
    """Ĝ = 2α∂_Q, χ̂ = −2α∂_χ and μ̂ = −α∂_m of the mean envelope; Q, m, χ likewise of the site."""
    batch, point = batch_of(name), np.array([[1.4, 0.5, 0.8]])
    alpha = GIVEN[name]["alpha"]

    def slope(function, at, j):
        step = np.zeros((1, 3))
        step[0, j] = 1e-5
        return (function(at + step).more["envelope"] - function(at - step).more["envelope"])[0] / 2e-5

    expected = [2 * alpha * slope(batch.energy, point, 0), -2 * alpha * slope(batch.energy, point, 2),
                -alpha * slope(batch.energy, point, 1)]
    np.testing.assert_allclose(batch.energy(point).value[0], expected, rtol=1e-7, atol=1e-9)
    hats, site = np.array([[1.1, 0.7, 0.4]]), site_of(batch)
    expected = [2 * slope(site, hats, 0), -slope(site, hats, 2), -2 * slope(site, hats, 1)]
    np.testing.assert_allclose(site(hats).value[0], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", GIVEN)
def test_derived_and_lowered_replicon_and_energy_agree(name):
    """The symbolic theory, averaged by a rule of its own, has the engine's numbers."""
    theory, states, batch = derive(getattr(problems, name)), solve_problem(name, **GIVEN[name]), batch_of(name)
    values = {key: float(states[key]) for key in ("Q", "m", "chi")}
    m = values["m"]
    if batch.linear:
        kappa = float(batch.target[0, 0])
        about = [values["Q"] - 2 * kappa * m + kappa**2, m - kappa, values["chi"]]
    else:
        kappa, about = m, [values["Q"] - m**2, m, values["chi"]]
    energy = batch.energy(np.array([about])).value[0]
    values |= {G_HAT.name: energy[0], CHI_HAT.name: energy[1], M_HAT.name: energy[2] + kappa * energy[0], **GIVEN[name]}
    place = {symbol: sp.Float(values[symbol.name], 30) for symbol in theory.free_energy.free_symbols}
    if name in ("ridge",):
        assert float(theory.free_energy.doit().xreplace(place)) == pytest.approx(float(states.free_energy), rel=1e-13)
        for equation in theory.equations.values():
            assert float(equation.doit().xreplace(place)) == pytest.approx(0, abs=1e-13)
        assert float(theory.replicon.doit().xreplace(place)) == pytest.approx(float(states.replicon), rel=1e-13)


@pytest.mark.parametrize("name", [name for name, home in problems.HOMES.items() if home != "autoencoders"])
def test_every_derivation_with_labels_checks_itself(name):
    """Every step is an identity; of those without labels see tests/replica/test_students_theory.py."""
    verdicts = derive(getattr(problems, name)).check()
    assert verdicts
    assert {verdict.kind for verdict in verdicts.values()} == {Kind.IDENTITY}


def test_claims_are_compared():
    theory = derive(problems.ridge)
    closed = theory.free_energy.doit()
    assert theory.claim("right", closed).check()["right"].passed
    assert not theory.claim("wrong", 2 * closed).check()["wrong"].passed


def test_latex_holds_the_problem():
    text = derive(problems.logistic).latex()
    assert r"\section{Logistic regression}" in text
    assert r"\mathbb{E}" in text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(h=st.floats(-50, 50), a=st.floats(1e-3, 1e3), b=st.floats(1e-2, 1e2))
def test_minima_meet_their_condition(h, a, b):
    """a f'(u) + b u = h, with f' anywhere between its sides at a kink."""
    for name in ("logistic", "hinge", "lasso"):
        equations = equations_of(name)
        given_ = {key: np.full((1, 1), value) for key, value in GIVEN[name].items()}
        parts = equations.penalty if name == "lasso" else equations.loss[0]
        f = Convex(parts, lambda g, *v, given_=given_, equations=equations: equations.at(g, *v, given=given_))
        least = f.solve(np.full((1, 1), a), np.full((1, 1), b), np.full((1, 1), h))
        u = float(least.place[0, 0])
        assert np.isfinite(u)
        assert abs(a * float(least.slope[0, 0]) + b * u - h) <= 1e-12 * (abs(h) + a + b * abs(u))


@pytest.mark.parametrize("seed", range(8))
def test_no_silent_failure_over_the_domain(seed):
    rng = np.random.default_rng(seed)
    ends = {"alpha": (0.5, 20), "lam": (0.05, 10), "signal": (0.1, 10), "noise": (0.01, 2)}
    alpha, lam, signal, noise = (float(np.exp(rng.uniform(*np.log(end)))) for end in ends.values())
    share = float(rng.uniform(0.05, 0.95))
    points = {
        "ridge": {"alpha": alpha, "lam": lam, "signal": signal, "noise": noise},
        "lasso": {"alpha": alpha, "lam": lam, "noise": noise, "sparsity": share, "amplitude": signal},
        "logistic": {"alpha": alpha, "signal": signal, "lam": lam},
        "hinge": {"alpha": alpha, "margin": 1.0, "lam": lam},
        "gaussian_mixture": {"alpha": alpha, "lam": lam, "separation": signal, "share": share},
    }
    for name, parameters in points.items():
        states = solve_problem(name, **parameters)
        assert int(states.status) == Status.SOLVED, (name, parameters)
        assert all(np.isfinite(states[field]).all() for field in states.data_vars)
        assert float(states.Q) >= float(states.m) ** 2


def test_near_noiseless_recovery_nothing_cancels():
    """Without noise the error of ridge regression is of the order λ², however small."""
    states = solve_problem("ridge", alpha=2.0, lam=[1e-4, 1e-6, 1e-8], signal=1.0, noise=0.0)
    assert (states.status == Status.SOLVED).all()
    np.testing.assert_allclose(states.risk[1] / 1e-12, states.risk[0] / 1e-8, rtol=1e-3)
    np.testing.assert_allclose(states.risk[2] / 1e-16, states.risk[1] / 1e-12, rtol=1e-5)


def test_a_penalty_that_holds_all_weights_at_zero():
    states = solve_problem("lasso", alpha=1.0, lam=500.0, noise=0.2, sparsity=0.3, amplitude=1.0)
    assert int(states.status) == Status.SOLVED
    assert float(states.risk) == pytest.approx(0.3, rel=1e-12)
    assert float(states.zero_fraction) == pytest.approx(1, rel=1e-12)
    assert float(states.chi) < 1e-100


@settings(max_examples=25, deadline=None, derandomize=True)
@given(draw=st.data(), name=st.sampled_from(["ridge", "lasso", "elastic_net", "hinge"]))
def test_closed_problems_are_solved_over_their_whole_domain(draw, name):
    """From 1/100 to 1000 samples per dimension, and penalties over nine powers of ten."""
    ends = {"alpha": (0.01, 1e3), "noise": (1e-6, 1e2), "signal": (1e-3, 1e3), "amplitude": (0.01, 100),
            "margin": (0.01, 30), "sparsity": (0.01, 0.99)}
    at = {limits.name: float(np.exp(draw.draw(st.floats(*np.log(ends.get(limits.name, (1e-6, 1e3)))))))
          for limits in equations_of(name).parameters}
    states = solve_problem(name, **at)
    assert int(states.status) == Status.SOLVED
    assert all(np.isfinite(states[field]) for field in states.data_vars)
    assert float(states.residual) <= 1e-10


def test_grids_have_the_axes_of_their_parameters():
    states = solve_problem("ridge", alpha=[0.5, 1.0, 2.0], lam=[0.1, 1.0], signal=1.0, noise=0.5)
    assert dict(states.sizes) == {"alpha": 3, "lam": 2}
    one = solve_problem("ridge", alpha=1.0, lam=1.0, signal=1.0, noise=0.5)
    assert float(states.Q.sel(alpha=1.0, lam=1.0)) == pytest.approx(float(one.Q), rel=1e-13)


@pytest.mark.parametrize(("changes", "words"), [
    ({"lamda": 1.0}, "lamda"), ({"lam": None}, "lam"), ({"alpha": -1.0}, "alpha > 0"),
    ({"alpha": [[1.0]]}, "one-dimensional"), ({"alpha": "many"}, "real numbers")])
def test_bad_parameters_are_one_sentence(changes, words):
    parameters = {**GIVEN["ridge"], **changes}
    if changes.get("lam", 1) is None:
        del parameters["lam"]
    with pytest.raises(InputError, match=words):
        solve_problem("ridge", **parameters)


@pytest.mark.parametrize("count", [2, 70])
def test_a_function_of_many_variables_is_broadcast(count):
    """NumPy broadcasts no more than 32 or 64 arrays at once."""
    variables = [np.full((3, 1), float(place)) for place in range(count)]
    given = {"lam": np.ones((1, 4))}
    for function, expected in ((lambda *all_: sum(all_), count * (count - 1) / 2 + 1), (lambda *all_: 2.0, 2.0)):
        found = equations_of(problems.ridge).at(function, *variables, given=given)
        assert found.shape == (3, 4)
        assert (found == expected).all()


@pytest.mark.parametrize("name", ["nothing", "no.such.module:problem", "vaesym.problems:nothing"])
def test_unknown_problems_are_one_sentence(name):
    with pytest.raises(InputError, match="expected"):
        solve_problem(name, alpha=1.0)


def test_where_there_is_no_solution_none_is_reported():
    """Separable data without a penalty (α = 1.5 is below 1/h(0) = 2) have no maximum likelihood estimate."""
    states = solve_problem("logistic", alpha=1.5, signal=1e-6, lam=0.0)
    assert int(states.status) == Status.NO_SOLUTION_FOUND
    assert np.isnan(float(states.Q))
