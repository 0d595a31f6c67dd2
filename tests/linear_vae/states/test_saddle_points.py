"""Replica = random matrix: Newton on the nine generated equations against the closed form."""

import numpy as np
import pytest

import vaesym
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.solvers import Status


@pytest.fixture(scope="module")
def points():
    """10,000 seeded points: α log-uniform in [0.05, 50], β, λ, ρ, η uniform."""
    rng = np.random.default_rng(1)
    size = 10_000
    alpha = np.exp(rng.uniform(np.log(0.05), np.log(50), size))
    uniform = [rng.uniform(low, high, size) for low, high in ((0.05, 3), (0.01, 2), (0.2, 3), (0.2, 3))]
    return [alpha, *uniform]


@pytest.fixture(scope="module")
def found(points):
    alpha, beta, lam, rho, eta = points
    return vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)


@pytest.fixture(scope="module")
def closed(points):
    alpha, beta, lam, rho, eta = points
    return vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)


def test_fewer_than_one_in_a_thousand_is_flagged(found):
    failed = found.status[:, 0] != Status.CONVERGED
    assert failed.mean() < 1e-3
    assert np.isnan(found.Q[failed]).all()


def test_global_minimum_agrees_with_random_matrix_theory(found, closed):
    ok = found.status[:, 0] == Status.CONVERGED
    for name in ("Q", "E", "R", "m", "d", "D", "free_energy"):
        np.testing.assert_allclose(getattr(found, name)[ok, 0], getattr(closed, name)[ok], rtol=1e-9, atol=1e-9)
    assert (found.phase[ok, 0] == closed.phase[ok]).all()


def test_every_branch_is_a_closed_form_branch(points, found):
    alpha, beta, lam, rho, eta = points
    top, _, _ = formulas.top_eigenvalue(alpha, rho, eta)
    signal = potential_branches(alpha, beta, lam, top)
    noise = potential_branches(alpha, beta, lam, formulas.bulk_edge(alpha, eta))
    own = np.where((found.phase == vaesym.Phase.LEARNING)[..., None], signal[:, None], noise[:, None])
    gap = np.abs(found.Q[..., None] - own)
    nearest = np.where(np.isnan(gap), np.inf, gap).min(axis=-1)
    assert nearest[found.status == Status.CONVERGED].max() < 1e-9


def test_no_branch_is_missing(points, found):
    alpha, beta, lam, rho, eta = points
    top, overlap, _ = formulas.top_eigenvalue(alpha, rho, eta)
    signal = np.isfinite(potential_branches(alpha, beta, lam, top)[:, 1]) & (overlap > 0)
    noise = np.isfinite(potential_branches(alpha, beta, lam, formulas.bulk_edge(alpha, eta))[:, 1])
    found_signal = (found.phase == vaesym.Phase.LEARNING).any(axis=1)
    found_noise = (found.phase == vaesym.Phase.OVERFITTING).any(axis=1)
    assert (signal & ~found_signal).mean() < 1e-3
    assert (noise & ~found_noise).mean() < 1e-3
    assert not (found_signal & ~signal).any()
    assert not (found_noise & ~noise).any()


def test_solutions_are_physical_and_stationary(points, found):
    ok = found.status == Status.CONVERGED
    assert (np.linalg.eigvalsh(found.chi[ok]) > 0).all()
    values = [getattr(found, name) for name in "QERmdD"] + [found.chi[..., i, j] for i, j in ((0, 0), (0, 1), (1, 1))]
    given = [p[:, None] for p in points]
    with np.errstate(invalid="ignore"):
        gradient = formulas.stationarity(*given, *values)
        determinant = formulas.field_determinant(*given, *values)
    assert np.abs(gradient[ok]).max() < 1e-9
    assert (determinant[ok] > 0).all()
    np.testing.assert_allclose(np.abs(gradient[ok]).max(axis=-1), found.residual[ok], atol=1e-10)


def test_replicon_marks_the_phases(points, found):
    alpha, _, _, rho, eta = points
    values = [getattr(found, name) for name in "QERmdD"] + [found.chi[..., i, j] for i, j in ((0, 0), (0, 1), (1, 1))]
    with np.errstate(invalid="ignore"):
        gains = formulas.replicon(*[p[:, None] for p in points], *values)
    eigenvalues = np.sort(np.linalg.eigvals(np.nan_to_num(gains)).real, axis=-1)
    squared = (alpha * eta**2)[:, None, None] * eigenvalues**2
    condensed, other = squared[..., 0], squared[..., 1]
    assert (eigenvalues[found.status == Status.CONVERGED][:, 0] < 0).all()
    # On the condensed direction −1/(αρ) when learning, −1/(√α η) when overfitting: the line of BBP is that of AT.
    expected = np.broadcast_to((eta**2 / (alpha * rho**2))[:, None], condensed.shape)
    learning, overfitting = (found.phase == p for p in (vaesym.Phase.LEARNING, vaesym.Phase.OVERFITTING))
    np.testing.assert_allclose(condensed[learning], expected[learning], rtol=1e-7)
    np.testing.assert_allclose(condensed[overfitting], 1.0, rtol=1e-7)
    assert (found.replicon[found.phase == vaesym.Phase.REGULARIZED] < 1).all()
    # The other direction may carry the larger eigenvalue of the two, but never an unstable one.
    bound = np.broadcast_to(np.minimum(alpha, 1 / alpha)[:, None], other.shape)
    ok = found.status == Status.CONVERGED
    assert (other[ok] <= bound[ok] * (1 + 1e-9)).all()
    np.testing.assert_allclose(found.replicon[ok], np.maximum(condensed, other)[ok], rtol=1e-7)


def test_gap_saddles_are_rejected():
    # For α < 1 a state along the lowest eigenvector of the noise has χ ≻ 0 and is stationary, yet is no solution.
    alpha, beta, lam, rho, eta = 0.14495422, 0.28891572, 0.1538107, 0.48194225, 2.817283
    lowest = np.array(eta * (1 - alpha**-0.5) ** 2)
    spurious = potential_branches(*[np.array(p) for p in (alpha, beta, lam)], lowest)[1]
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
    converged = found.Q[found.status == Status.CONVERGED]
    assert np.abs(converged - spurious).min() > 0.1
    assert found.Q[0] == pytest.approx(float(vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta).Q), abs=1e-9)


def test_barriers_of_a_first_order_transition_are_found():
    # Small α with strong decay: collapse and an active state coexist between the two thresholds, with a barrier.
    given = {"lam": 0.8, "rho": 1.0, "eta": 0.4}
    thresholds = vaesym.collapse_threshold(0.3, **given), vaesym.global_collapse_threshold(0.3, **given)
    assert thresholds[0] < thresholds[1]
    alpha, beta, lam = (np.array(p) for p in (0.3, sum(thresholds) / 2, 0.8))
    found = vaesym.saddle_points(alpha, beta, **given)
    top, _, _ = formulas.top_eigenvalue(alpha, np.array(1.0), np.array(0.4))
    branches = potential_branches(alpha, beta, lam, top)
    signal = np.sort(found.Q[found.phase == vaesym.Phase.LEARNING])
    assert np.isfinite(branches).all()
    np.testing.assert_allclose(signal, np.sort(branches[1:]), rtol=1e-9)


def test_shapes_and_labels():
    found = vaesym.saddle_points(np.array([[0.5], [2.0]]), [0.5, 1.0, 3.0], lam=0.2)
    assert found.Q.shape == found.status.shape == (2, 3, 5)
    assert found.chi.shape == (2, 3, 5, 2, 2)
    assert (np.diff(np.where(np.isnan(found.free_energy), np.inf, found.free_energy)[..., :2]) >= 0).all()
    assert found.to_xarray().sizes["branch"] == 5
    assert (found.branches >= 1).all()


@pytest.mark.parametrize("change", [dict(alpha=-1.0), dict(lam=float("nan")), dict(beta=np.ones(2), alpha=np.ones(3))])
def test_bad_input(change):
    with pytest.raises(vaesym.InputError):
        vaesym.saddle_points(**{"alpha": 1.0, "beta": 1.0, "lam": 0.1, **change})
