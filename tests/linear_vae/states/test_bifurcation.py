"""Bifurcation diagrams out of the replica equations against the closed form."""

import numpy as np
import pytest
from scipy.optimize import brentq

import vaesym
from vaesym import Phase, figures
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import PROBLEM as PARAMETERS
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.linear_vae.states.bifurcation import Stability, bifurcation_diagram
from vaesym.linear_vae.states.replica_curve import replica_family
from vaesym.linear_vae.states.unknowns import from_unknowns, to_unknowns
from vaesym.solvers import PointKind

#: One process makes what these tests share.
pytestmark = pytest.mark.xdist_group("bifurcation")

#: One diagram per parameter; in the second, third and fourth the transition is of first order.
CASES = {
    "continuous": ("beta", (0.2, 4.0), {"alpha": 4.0, "lam": 0.5}),
    "first order": ("beta", (0.02, 0.5), {"alpha": 0.3, "lam": 0.8, "eta": 0.4}),
    "first order in alpha": ("alpha", (0.05, 30.0), {"beta": 0.05, "lam": 0.8, "eta": 0.4}),
    "first order, collapse always stable": ("beta", (0.002, 0.3), {"alpha": 1.5, "lam": 4.5}),
    "alpha": ("alpha", (0.3, 30.0), {"beta": 1.5, "lam": 0.5}),
    "lam": ("lam", (0.05, 5.0), {"alpha": 1.5, "beta": 0.3}),
    "rho": ("rho", (0.1, 5.0), {"alpha": 1.5, "beta": 0.3, "lam": 0.5, "rho": None}),
    "eta": ("eta", (0.1, 5.0), {"alpha": 0.5, "beta": 0.5, "lam": 0.2, "eta": None}),
}


@pytest.fixture(scope="module")
def diagrams():
    return {name: bifurcation_diagram(*axis, **given) for name, (*axis, given) in CASES.items()}


def arguments(diagram, values):
    """The five parameters over an array of the one that varies."""
    return [np.asarray(values) if name == diagram.parameter else np.full(np.shape(values), diagram.fixed[name])
            for name in PARAMETERS]


def closed_form(diagram, branch):
    """Stationary Q (k, 3) on the branch's eigenvalue."""
    alpha, beta, lam, rho, eta = arguments(diagram, branch.parameter)
    signal = branch.phase == Phase.LEARNING
    eigenvalue = formulas.top_eigenvalue(alpha, rho, eta)[0] if signal else formulas.bulk_edge(alpha, eta)
    return potential_branches(alpha, beta, lam, eigenvalue)


def of_phase(diagram, phase):
    return [branch for branch in diagram.branches if branch.phase == phase]


def test_learning_ends_at_the_collapse_threshold_and_agrees_with_solve(diagrams):
    diagram = diagrams["continuous"]
    (learning,) = of_phase(diagram, Phase.LEARNING)
    assert diagram.special(Phase.LEARNING, PointKind.BRANCH) == pytest.approx(
        [vaesym.collapse_threshold(4.0, lam=0.5)], rel=1e-8)
    inside = learning.kind == PointKind.REGULAR
    solution = vaesym.solve(4.0, learning.parameter[inside], lam=0.5)
    for name in ("Q", "E", "R", "m", "d", "D", "free_energy"):
        np.testing.assert_allclose(getattr(learning, name)[inside], getattr(solution, name), rtol=1e-9, atol=1e-9)
    assert (learning.stability[inside] == Stability.STABLE).all()


@pytest.mark.parametrize("name", CASES)
def test_every_point_is_a_stationary_point_of_the_closed_form(diagrams, name):
    diagram = diagrams[name]
    assert diagram.branches
    for branch in diagram.branches:
        inside = branch.kind == PointKind.REGULAR
        gap = np.abs(branch.Q[:, None] - closed_form(diagram, branch))[inside]
        assert np.where(np.isnan(gap), np.inf, gap).min(axis=-1).max() < 1e-9
        assert (np.linalg.eigvalsh(branch.chi) > 0).all()
        assert (branch.replicon <= 1 + 1e-6).all()


@pytest.mark.parametrize("name", CASES)
def test_stability_is_that_of_the_closed_form(diagrams, name):
    diagram = diagrams[name]
    for branch in diagram.branches:
        parameters = arguments(diagram, branch.parameter)
        solution = vaesym.solve(*parameters[:2], **dict(zip(PARAMETERS[2:], parameters[2:], strict=True)))
        alpha, beta, lam, rho, eta = parameters
        top = formulas.top_eigenvalue(alpha, rho, eta)[0]
        detected = alpha > formulas.detection_threshold(rho, eta)
        if branch.phase == Phase.REGULARIZED:
            minimum = beta > formulas.threshold(alpha, lam, top)
        else:
            upper = np.abs(branch.Q - closed_form(diagram, branch)[:, 1]) < 1e-9
            minimum = upper & (detected if branch.phase == Phase.LEARNING else ~detected)
        least = np.abs(branch.free_energy - solution.free_energy) < 1e-9
        expected = np.where(~minimum, Stability.UNSTABLE, np.where(least, Stability.STABLE, Stability.METASTABLE))
        inside = branch.kind == PointKind.REGULAR
        np.testing.assert_array_equal(branch.stability[inside], expected[inside])
        assert (branch.stability[~inside] == Stability.MARGINAL).all()


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("first order")])
def test_folds_are_spinodals(diagrams, name):
    diagram = diagrams[name]
    folds = diagram.special(Phase.LEARNING, PointKind.FOLD)
    assert len(folds) == 1

    def discriminant(value):
        alpha, beta, lam, rho, eta = arguments(diagram, np.array(value))
        c3, c2, c1, c0 = formulas.cubic_coefficients(alpha, beta, lam, formulas.top_eigenvalue(alpha, rho, eta)[0])
        return 18 * c3 * c2 * c1 * c0 - 4 * c2**3 * c0 + c2**2 * c1**2 - 4 * c3 * c1**3 - 27 * c3**2 * c0**2

    spinodal = brentq(discriminant, folds[0] * 0.99, folds[0] * 1.01, xtol=1e-15)
    assert folds[0] == pytest.approx(spinodal, rel=1e-7)
    # Both active roots of the cubic merge there.
    (merged,) = of_phase(diagram, Phase.LEARNING)
    at = merged.kind == PointKind.FOLD
    alpha, beta, lam, rho, eta = arguments(diagram, folds)
    c3, c2, c1, _ = formulas.cubic_coefficients(alpha, beta, lam, formulas.top_eigenvalue(alpha, rho, eta)[0])[0]
    assert merged.Q[at] == pytest.approx((np.sqrt(c2**2 - 3 * c3 * c1) - c2) / (3 * c3), rel=1e-7)
    (learning,) = of_phase(diagram, Phase.LEARNING)
    regular = learning.stability[learning.kind == PointKind.REGULAR]
    assert set(regular.tolist()) == {Stability.STABLE, Stability.METASTABLE, Stability.UNSTABLE}


def test_branch_points_are_the_critical_lines(diagrams):
    detection = diagrams["alpha"]
    assert detection.special(Phase.LEARNING, PointKind.BRANCH) == pytest.approx([1.0], rel=1e-8)
    assert diagrams["rho"].special(Phase.LEARNING, PointKind.BRANCH) == pytest.approx([1.5**-0.5], rel=1e-8)
    assert diagrams["eta"].special(Phase.LEARNING, PointKind.BRANCH) == pytest.approx([0.5**0.5], rel=1e-8)
    # Overfitting leaves collapse where the edge of the noise spectrum is at its threshold.
    edge = formulas.threshold(4.0, 0.5, formulas.bulk_edge(4.0, 1.0))
    assert diagrams["continuous"].special(Phase.OVERFITTING, PointKind.BRANCH) == pytest.approx([edge], rel=1e-8)
    decay = diagrams["lam"].special(Phase.LEARNING, PointKind.BRANCH)
    assert vaesym.collapse_threshold(1.5, lam=decay) == pytest.approx([0.3], rel=1e-8)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_derivatives_of_the_family(parameter):
    fixed = {"alpha": 1.7, "beta": 0.6, "lam": 0.4, "rho": 1.1, "eta": 0.8}
    p = np.log(fixed[parameter])
    family = replica_family(parameter, fixed)
    state = np.array([0.7, 0.2, 0.3, 0.5, 0.2, 0.4, 0.5, 0.2, 0.3])
    y = to_unknowns(state)
    np.testing.assert_allclose(from_unknowns(y), state, rtol=1e-14)
    step = 1e-5
    columns = [(family.residual(y + step * e, p) - family.residual(y - step * e, p)) / (2 * step) for e in np.eye(9)]
    np.testing.assert_allclose(family.jacobian(y, p), np.transpose(columns), rtol=1e-6, atol=1e-7)
    slope = (family.residual(y, p + step) - family.residual(y, p - step)) / (2 * step)
    np.testing.assert_allclose(family.derivative(y, p), slope, rtol=1e-6, atol=1e-7)


def test_dataset(diagrams):
    diagram = diagrams["first order"]
    data = diagram.to_xarray()
    assert data.sizes["branch"] == len(diagram.branches)
    assert {name: data.attrs.get(name) for name in PARAMETERS} == {"beta": None, "alpha": 0.3, "lam": 0.8, "rho": 1.0,
                                                                   "eta": 0.4}
    first = diagram.branches[0]
    np.testing.assert_array_equal(data.Q[0, :len(first.Q)], first.Q)
    np.testing.assert_array_equal(data.beta[0, :len(first.Q)], first.parameter)
    assert data.stability.flag_meanings == "stable metastable unstable marginal"
    assert data.attrs["vaesym_version"] == vaesym.__version__


@pytest.mark.parametrize("name", ["first order", "alpha", "rho"])
def test_dataset_survives_a_file(diagrams, name, reread):
    reread(diagrams[name].to_xarray())


@pytest.mark.parametrize("name", CASES)
def test_closed_form_of_the_dataset_is_stationary_and_holds_the_minimum(diagrams, name):
    diagram = diagrams[name]
    data = diagram.to_xarray()
    x = data[f"closed_form_{diagram.parameter}"].values
    assert (x[0], x[-1]) == diagram.interval
    parameters = arguments(diagram, x)
    solution = vaesym.solve(*parameters[:2], **dict(zip(PARAMETERS[2:], parameters[2:], strict=True)))
    states, phases = data.closed_form_Q.values, data.closed_form_phase.values
    gap = np.where(phases == solution.phase[:, None], np.abs(states - solution.Q[:, None]), np.inf)
    assert np.nanmin(gap, axis=1).max() < 1e-9
    # Without a signal in the spectrum nothing learns it.
    hidden = parameters[0] <= formulas.detection_threshold(*parameters[3:])
    assert np.isnan(states[hidden][:, phases == Phase.LEARNING]).all()


@pytest.mark.parametrize("name", CASES)
def test_no_point_of_a_branch_is_repeated(diagrams, name):
    for branch in diagrams[name].branches:
        points = np.column_stack([branch.parameter, branch.Q, branch.E])
        assert (np.abs(np.diff(points, axis=0)).max(axis=1) > 0).all()


@pytest.mark.parametrize("change", [
    dict(parameter="gamma"), dict(beta=1.0), dict(interval=(2.0, 1.0)), dict(interval=(0.0, 1.0)), dict(lam=0.0),
    dict(alpha=None), dict(alpha=[1.0, 2.0]), dict(alpha=np.nan),
])
def test_bad_input(change):
    good = {"parameter": "beta", "interval": (0.5, 1.0), "alpha": 2.0, "lam": 0.5}
    with pytest.raises(vaesym.InputError):
        bifurcation_diagram(**{**good, **change})


def test_where_no_state_is_found_that_is_said():
    with pytest.raises(vaesym.InputError, match="parameters at which Newton finds a state; received beta in"):
        bifurcation_diagram("beta", (0.001, 0.0012), alpha=123.38689309997798, lam=0.009204213927265089,
                            rho=0.17594823590620617, eta=7.387772754457692)


def test_the_global_minimum_changes_at_coexistence():
    """In the first-order case of the book, both curves have a point where the closed form says, and styles meet there.
    """
    diagram = vaesym.bifurcation_diagram("beta", (0.002, 0.06), alpha=1.5, lam=4.5)
    expected = brentq(lambda beta: float(vaesym.branches(1.5, beta, lam=4.5).free_energy[1]), 0.012, 0.019, xtol=1e-14)
    for phase, stable_below in ((Phase.LEARNING, True), (Phase.REGULARIZED, False)):
        (branch,) = of_phase(diagram, phase)
        upper = branch.Q[branch.kind == PointKind.FOLD].max(initial=0.0) - 1e-12 <= branch.Q
        beta, stable = branch.parameter[upper], branch.stability[upper] == Stability.STABLE
        assert np.abs(beta - expected).min() < 1e-10
        away = np.abs(beta - expected) > 1e-10
        np.testing.assert_array_equal(stable[away & (beta < branch.parameter.max())],
                                      (beta < expected)[away & (beta < branch.parameter.max())] == stable_below)
    figure = figures.bifurcation_diagram(diagram.to_xarray())
    ends = {line.get_linestyle(): np.asarray(line.get_xdata())[np.isfinite(np.asarray(line.get_ydata()))]
            for line in figure.axes[0].lines if line.get_color() == "#0072B2"}
    assert ends["-"].max() == pytest.approx(expected, rel=1e-8)
    assert ends["--"].min() == pytest.approx(expected, rel=1e-8)
