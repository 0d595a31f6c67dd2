"""Closed-form branches against the replica equations, the global minimum, and each other."""

import numpy as np
import pytest

import vaesym
from vaesym.linear_vae.point.evaluation import DIFFERENTIABLE
from vaesym.linear_vae.states.branches import ABSENT, BRANCHES, Branches, Stability, branches
from vaesym.solvers import Status


def draw(count, seed):
    rng = np.random.default_rng(seed)
    alpha = np.exp(rng.uniform(np.log(0.05), np.log(50), count))
    return alpha, *(rng.uniform(*r, count) for r in ((0.02, 3), (0.01, 3), (0.2, 3), (0.2, 3)))


def test_the_least_stable_branch_is_the_solution():
    alpha, beta, lam, rho, eta = draw(5000, 0)
    found = branches(alpha, beta, lam=lam, rho=rho, eta=eta, decoder_variance=0.7)
    solution = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta, decoder_variance=0.7)
    assert ((found.stability == Stability.STABLE).sum(axis=1) == 1).all()
    chosen = (found.stability == Stability.STABLE).argmax(axis=1)[:, None]
    assert (np.take_along_axis(found.phase, chosen, 1)[:, 0] == solution.phase).all()
    for name in DIFFERENTIABLE:
        value = np.take_along_axis(getattr(found, name), chosen, 1)[:, 0]
        expected = getattr(solution, name)
        np.testing.assert_allclose(value, expected, rtol=2e-12, atol=1e-14 * np.abs(expected).max(), err_msg=name)


def test_energies_are_ordered():
    """Each barrier lies above its minimum; a minimum that is not the least one is metastable."""
    rng = np.random.default_rng(1)
    alpha = np.exp(rng.uniform(np.log(0.05), np.log(50), 20_000))
    # First-order transitions need a weight decay near αΛ and a small β.
    found = branches(alpha, np.exp(rng.uniform(-8, 0, 20_000)), lam=alpha * rng.uniform(0.5, 8, 20_000))
    for minimum, barrier in ((1, 2), (3, 4)):
        both = np.isfinite(found.Q[:, barrier])
        assert both.sum() > 20
        assert (found.free_energy[both, barrier] > found.free_energy[both, minimum]).all()
        assert (found.free_energy[both, barrier] > 0).all()
        assert (found.Q[both, barrier] < found.Q[both, minimum]).all()
    detected = np.isfinite(found.Q[:, 1]) & np.isfinite(found.Q[:, 3])
    assert (found.free_energy[detected, 1] < found.free_energy[detected, 3]).all()
    metastable = found.stability == Stability.METASTABLE
    least = np.where(found.stability == Stability.STABLE, found.free_energy, np.inf).min(axis=1)
    assert metastable.sum() > 20
    assert (found.free_energy[metastable] > least[metastable.any(axis=1)]).all()


def test_the_replica_equations_have_the_same_states():
    """Where Newton on the nine equations finds a state, it is one of the branches."""
    alpha, beta, lam, rho, eta = draw(300, 2)
    points = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
    closed = branches(alpha, beta, lam=lam, rho=rho, eta=eta)
    compared = 0
    for i, slot in np.argwhere(points.status == Status.CONVERGED):
        candidates = np.flatnonzero(closed.phase[i] == points.phase[i, slot])
        gaps = [np.abs([getattr(points, n)[i, slot] - getattr(closed, n)[i, b] for n in "QERmdD"]).max()
                for b in candidates]
        assert min(gaps) < 1e-8
        assert closed.free_energy[i, candidates[np.argmin(gaps)]] == pytest.approx(
            points.free_energy[i, slot], abs=1e-9)
        compared += 1
    assert compared > 400


def test_shapes_labels_and_absent_branches():
    found = branches(np.ones((2, 1)), [0.5, 1.0, 9.0], lam=0.1)
    assert isinstance(found, Branches)
    assert found.rate.shape == (2, 3, len(BRANCHES))
    assert (found.stability[:, 2, 1:] == ABSENT).all()
    assert np.isnan(found.m[:, 2, 1:]).all()
    dataset = found.to_xarray()
    assert dataset.Q.dims == ("dim_0", "dim_1", "branch")
    assert float(dataset.D.sel(branch="collapsed")[0, 0]) == 1.0
    assert branches(np.ones((0, 2)), 1.0, lam=0.1).Q.shape == (0, 2, 5)
    assert branches(2.0, 1.0, lam=0.1).Q.shape == (5,)


@pytest.mark.parametrize("bad", [dict(alpha=0.0), dict(alpha=float("inf")), dict(beta=-1.0), dict(lam=float("nan")),
                                 dict(decoder_variance=0.0), dict(alpha=np.ones(2), beta=np.ones(3))])
def test_bad_input(bad):
    with pytest.raises(vaesym.InputError, match=r"expected .*; received .*; "):
        branches(**{"alpha": 1.0, "beta": 1.0, "lam": 0.1, **bad})
