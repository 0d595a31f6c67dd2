"""Phase diagrams: grid and boundaries belong together."""

import numpy as np
import pytest

import vaesym
from vaesym import Phase, linear_vae


def test_grid_changes_phase_at_the_boundaries():
    alpha, beta = np.geomspace(0.05, 50, 60), np.linspace(0.02, 4, 70)
    diagram = vaesym.phase_diagram(alpha, beta, lam=0.5, rho=1.0, eta=1.2)
    collapsed = diagram.phase == Phase.REGULARIZED
    assert (collapsed == (diagram.beta >= diagram.global_collapse_threshold)).all()
    learning = diagram.phase == Phase.LEARNING
    assert (learning == (~collapsed & (diagram.alpha > diagram.detection_threshold))).all()
    assert diagram.detection_threshold == pytest.approx(1.44)
    assert diagram.attrs["lam"] == 0.5
    assert (diagram.global_collapse_threshold >= diagram.collapse_threshold).all()


@pytest.mark.parametrize("change", [dict(alpha=[]), dict(alpha=2.0), dict(beta=[[1.0]]), dict(lam=[0.1, 0.2]),
                                    dict(beta=[1.0, -1.0])])
def test_bad_axes(change):
    with pytest.raises(vaesym.InputError):
        vaesym.phase_diagram(**{"alpha": [1.0], "beta": [1.0], "lam": 0.1, **change})


@pytest.mark.parametrize("lam", [0.0, 0.5, 2.0, 3.9, 4.5])
def test_boundaries_agree_with_the_solution_on_both_sides(lam):
    alpha = np.geomspace(0.05, 50, 41)
    diagram = vaesym.phase_diagram(alpha, [1.0], lam=lam)
    threshold = diagram.global_collapse_threshold.values
    inside = threshold > 0
    for side, collapsed in ((1 - 1e-9, False), (1 + 1e-9, True)):
        solved = vaesym.solve(alpha[inside], threshold[inside] * side, lam=lam)
        assert ((solved.phase == Phase.REGULARIZED) == collapsed).all()
    assert (vaesym.solve(alpha[~inside], 1e-9, lam=lam).phase == Phase.REGULARIZED).all()


def test_spinodal_ends_the_active_states():
    rng = np.random.default_rng(0)
    alpha, lam = np.exp(rng.uniform(*np.log([0.05, 50.0]), 4000)), rng.uniform(0.0, 6.0, 4000)
    rho, eta = rng.uniform(0.2, 3.0, (2, 4000))
    alpha[:6], lam[3:9] = [0.05, 50.0] * 3, [0.0, 0.0, 0.0, 6.0, 6.0, 6.0]
    end, everywhere, local = (f(alpha, lam=lam, rho=rho, eta=eta) for f in (
        linear_vae.spinodal, vaesym.global_collapse_threshold, vaesym.collapse_threshold))
    assert (end >= everywhere * (1 - 1e-13)).all()
    met = end > 1e-9
    top = vaesym.solve(alpha, 1.0, lam=lam, rho=rho, eta=eta).eigenvalue
    for side, active in ((1 - 1e-9, True), (1 + 1e-9, False)):
        roots = linear_vae.potential_branches(alpha[met], end[met] * side, lam[met], top[met])[:, 1]
        assert (np.isfinite(roots) == active).all()
    order = local * (alpha + 2 * lam) * top - lam
    continuous, first = met & (local > 0) & (order > 0), met & (order < -1e-3)
    np.testing.assert_array_equal(end[continuous], local[continuous])
    assert ((end > everywhere) & (everywhere > np.maximum(local, 0.0)))[first].all()
    assert min(continuous.sum(), first.sum()) > 50


@pytest.mark.parametrize(("lam", "eta"), [(2.0, 1.0), (3.9, 1.0), (10.0, 1.0), (10.0, 0.5), (100.0, 2.0)])
def test_tricritical_points(lam, eta):
    alpha, beta = linear_vae.tricritical_points([1e-3, 1e4], lam=lam, eta=eta)
    assert len(alpha) >= 1
    top = vaesym.solve(alpha, 1.0, lam=lam, eta=eta).eigenvalue
    assert beta == pytest.approx(lam / (top * (alpha + 2 * lam)), rel=1e-12)
    for point in alpha:
        sides = point * np.array([1 - 1e-3, 1 + 1e-3])
        gap = linear_vae.spinodal(sides, lam=lam, eta=eta) - vaesym.collapse_threshold(sides, lam=lam, eta=eta)
        assert sorted(gap > 0) == [False, True]


def test_no_tricritical_point_is_an_empty_list():
    assert vaesym.phase_diagram([0.1, 10.0], [1.0], lam=0.0).sizes["tricritical"] == 0
    assert linear_vae.tricritical_points([2.0], lam=2.0)[0].shape == (0,)
    assert linear_vae.tricritical_points([], lam=2.0)[1].shape == (0,)
    assert linear_vae.spinodal([], lam=2.0).shape == (0,)
    assert np.ndim(linear_vae.spinodal(1.0, lam=2.0)) == 0


@pytest.mark.parametrize("lam", [0.1, 3.0])
@pytest.mark.parametrize("engine", [None, "scipy"])
def test_diagram_survives_a_file(reread, lam, engine):
    back = reread(vaesym.phase_diagram(np.geomspace(0.1, 10, 40), [0.1, 1.0], lam=lam), engine)
    first_order = np.isfinite(back.coexistence)
    assert bool(first_order.any()) == (lam == 3.0)
    assert (back.spinodal > back.coexistence).where(first_order, True).all()


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), "x"])
def test_bad_input_to_the_boundaries(bad):
    for function in (linear_vae.spinodal, linear_vae.tricritical_points):
        with pytest.raises(vaesym.InputError):
            function(bad, lam=0.1)
        with pytest.raises(vaesym.InputError):
            function([1.0, 2.0], lam=-1.0)
