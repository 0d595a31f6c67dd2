"""All states of a problem: against those of the linear VAE, and what is known of others."""

import numpy as np
import pytest
import xarray as xr

import vaesym
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic import branches
from vaesym.engine.quadratic.points import Points, jacobian_at, residual_at
from vaesym.engine.quadratic.solve import branches as named_searches
from vaesym.engine.solve import Status
from vaesym.linear_vae.point.fields import Stability
from vaesym.output import write_netcdf

NAMES = ("alpha", "beta", "lam", "rho", "eta")
#: Where noise and collapse are states beside one another, with a barrier between, and ordinary points.
POINTS = ((0.7, 0.03, 3.0, 1.0, 1.0), (3.0, 0.01, 4.2, 1.0, 1.0), (2.0, 0.5, 0.5, 1.5, 1.0), (0.3, 1.0, 0.2, 0.5, 2.0))
L1 = {"lam_decoder": 0.5, "lam_encoder": 0.5, "rho": 1.0, "eta": 1.0}


def points_of(points):
    columns = [np.array(column, dtype=float) for column in zip(*points, strict=True)]
    return Points(equations_of("linear_vae"), dict(zip(NAMES, columns, strict=True)))


@pytest.fixture(scope="module")
def found():
    """All states at POINTS, and what the named searches found on the way."""
    points, kept = points_of(POINTS), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(branches, "branches", lambda points: kept.setdefault("named", named_searches(points)))
        return points, branches.every_state(points), kept["named"]


def differences(points, found, given):
    """Return which states of the linear VAE were missed, and which were found that are none or not what they are."""
    missed, wrong = [], []
    for i, (alpha, beta, lam, rho, eta) in enumerate(given):
        state = found.state[i][np.isfinite(found.residual[i])]
        saddles = branches.falling(points.rows(np.repeat(i, len(state))), state)
        known = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
        exact = vaesym.branches(alpha, beta, lam=lam, rho=rho, eta=eta)
        for q, m in zip(known.Q[known.status == 0], known.m[known.status == 0], strict=True):
            if not any(abs(q - x[0]) < 1e-7 * (1 + q) and abs(m - x[3]) < 1e-6 for x in state):
                missed.append((i, q, m))
        for x, saddle in zip(state, saddles, strict=True):
            same = (np.abs(exact.Q - x[0]) < 1e-7 * (1 + x[0])) & (np.abs(np.abs(exact.m) - x[3]) < 1e-6)
            if not (same & (exact.stability >= 0) & ((exact.stability == Stability.UNSTABLE) == saddle)).any():
                wrong.append((i, x[0], x[3], saddle))
    return missed, wrong


def test_states_of_the_linear_vae(found):
    points, states, _ = found
    assert differences(points, states, POINTS) == ([], [])
    assert np.isfinite(states.residual).sum(axis=1).tolist() == [3, 2, 2, 1]


@pytest.mark.slow
def test_states_of_the_linear_vae_at_random_points():
    rng = np.random.default_rng(4)
    columns = [10 ** rng.uniform(np.log10(0.05), np.log10(most), 8) for most in (50, 3, 3, 3, 3)]
    given = list(zip(*columns, strict=True))
    points = points_of(given)
    assert differences(points, branches.every_state(points), given) == ([], [])


def test_a_search_without_what_lies_between_misses_barriers(found, monkeypatch):
    """A mutant that the test above sees: the named searches alone."""
    points, _, named = found
    monkeypatch.setattr(branches, "branches", lambda points: named)
    monkeypatch.setattr(branches.Found, "search_between", lambda self: None)
    monkeypatch.setattr(branches.Found, "search_elsewhere", lambda self, begun: None)
    missed, wrong = differences(points, branches.every_state(points), POINTS)
    assert [i for i, _, _ in missed] == [0]
    assert not wrong


def test_a_sign_changed_in_the_curvature_is_seen(found, monkeypatch):
    """Another mutant: with the Jacobian turned round, minima are saddles, which the closed form denies."""
    points, states, _ = found
    monkeypatch.setattr(branches, "jacobian_at", lambda points, z: -jacobian_at(points, z))
    assert differences(points, states, POINTS)[1]


def test_states_fulfil_their_equations_and_are_distinct(found):
    points, states, _ = found
    state = states.state[0][np.isfinite(states.residual[0])]
    assert np.abs(residual_at(points.rows(np.zeros(len(state), int)), state)).max() < 1e-12
    count = np.isfinite(states.residual).sum()
    states.add(np.array([0]), state[:1] * (1 + 1e-9), np.zeros(1))
    assert np.isfinite(states.residual).sum() == count


def test_absolute_values_have_minima_beside_one_another():
    """Collapse is the deepest, the signal metastable; between them lies the branch that turned back at beta = 1.608."""
    states = vaesym.solve_problem("l1_vae", branches=True, alpha=4.0, beta=1.5, **L1)
    assert states.status.values.tolist() == [Status.SOLVED, Status.SOLVED, Status.SADDLE]
    assert states.answer.values.tolist() == [True, False, False]
    np.testing.assert_allclose(states.Q, [0, 0.50560716, 0.1164342], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(states.m, [0, 0.45812472, 0.13221827], rtol=1e-6, atol=1e-12)
    assert (np.diff(states.free_energy) > 0).all()


@pytest.mark.slow
def test_without_replica_symmetry_states_are_flagged():
    states = vaesym.solve_problem("l1_vae", branches=True, alpha=3.0, beta=0.7, **{**L1, "lam_decoder": 1.0,
                                                                                  "lam_encoder": 1.0})
    assert states.status.values.tolist() == [Status.UNSTABLE, Status.SADDLE]
    np.testing.assert_allclose(states.Q, [0.990373, 0.916788], rtol=1e-5)


@pytest.mark.parametrize("name", ["tied_autoencoder", pytest.param("linear_autoencoder", marks=pytest.mark.slow)])
def test_autoencoders(name):
    """Above α = (η/ρ)² the edge of the noise is a saddle beside the signal, below it is the minimum."""
    states = vaesym.solve_problem(name, branches=True, alpha=[0.1, 3.0], lam=0.1, rho=2.0, eta=1.0)
    solved = states.status.values == Status.SOLVED
    assert solved[:, 0].all()
    assert np.abs(states.m.values[0][solved[0]]).max() < 1e-6
    assert states.m.values[1, 0] > 0.5
    assert not solved[1, 1:].any()
    single = vaesym.solve_problem(name, alpha=[0.1, 3.0], lam=0.1, rho=2.0, eta=1.0)
    for field in ("Q", "m", "free_energy", "status"):
        np.testing.assert_array_equal(states[field].where(states.answer).max("branch"), single[field], err_msg=field)


@pytest.mark.parametrize(("name", "given"), [
    ("ridge", {"alpha": [0.5, 2.0], "lam": 0.1, "signal": 1.0, "noise": 0.5}),
    ("lasso", {"alpha": [0.5, 2.0], "lam": 0.1, "noise": 0.1, "sparsity": 0.2, "amplitude": 1.0})])
def test_convex_problems_have_one_state(name, given):
    states = vaesym.solve_problem(name, branches=True, **given)
    single = vaesym.solve_problem(name, **given)
    assert dict(states.sizes) == {"alpha": 2, "branch": 1}
    xr.testing.assert_identical(states.isel(branch=0).drop_vars("answer"), single)
    assert states.answer.values.all()


def test_blocks_and_files(tmp_path):
    given = {"alpha": [0.2, 2.0], "rho": [1.0, 2.0], "eta": 1.0}
    states = vaesym.solve_problem("pca", branches=True, derivatives="alpha", **given)
    kept = vaesym.solve_problem("pca", branches=True, derivatives="alpha", store=tmp_path / "store", **given)
    again = vaesym.solve_problem("pca", branches=True, derivatives="alpha", store=tmp_path / "store", **given)
    xr.testing.assert_identical(states, kept)
    xr.testing.assert_identical(states, again)
    assert np.isfinite(states.dm_dalpha.values[states.status == Status.SOLVED]).all()
    assert (states.status.values[0, 0] == [Status.SOLVED, -1]).all()
    write_netcdf(states, tmp_path / "states.nc")
    xr.testing.assert_equal(xr.load_dataset(tmp_path / "states.nc").astype(float), states.astype(float))
