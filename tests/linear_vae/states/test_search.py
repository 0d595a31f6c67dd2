"""Starts and absent states of the search on the replica equations, and the compiled Newton under it."""

import numpy as np
import pytest

import vaesym
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.linear_vae.states import starts
from vaesym.linear_vae.states.unknowns import chain, from_unknowns, to_unknowns
from vaesym.solvers import NewtonSettings, Status


def box(size, seed=3, alpha=(0.05, 50), beta=(0.05, 3), lam=(0.01, 2)):
    rng = np.random.default_rng(seed)
    uniform = [rng.uniform(low, high, size) for low, high in (beta, lam, (0.2, 3), (0.2, 3))]
    return [np.exp(rng.uniform(*np.log(alpha), size)), *uniform]


#: Where states coexist: few samples, strong decay, small β.
FIRST_ORDER = {"alpha": (0.05, 2), "beta": (0.001, 0.5), "lam": (0.3, 4)}


def test_susceptibility_solves_the_equations_for_the_norms():
    alpha, beta, lam, _, eta = box(300)
    rng = np.random.default_rng(4)
    norm, stiffness = rng.uniform(0, 3, 300), alpha * rng.uniform(1, 30, 300)
    kk, kh, hh = starts._susceptibility(alpha, beta, lam, eta, norm, stiffness).T
    real = np.isfinite(kk)
    assert 0.5 < real.mean() < 1
    chi = np.moveaxis(np.array([[kk, kh], [kh, hh]]), -1, 0)[real]
    loss = np.array([[np.zeros(300), -np.ones(300)], [-np.ones(300), norm + beta]]).transpose(2, 0, 1)[real]
    response = np.linalg.solve(np.eye(2) + eta[real, None, None] * loss @ chi, loss)
    left = np.linalg.inv(chi) - (alpha * eta)[real, None, None] * response
    expected = np.zeros_like(left)
    expected[:, 0, 0], expected[:, 1, 1] = (lam + stiffness)[real], lam[real]
    np.testing.assert_allclose(left, expected, atol=1e-8)
    # The branch that is continuous with χ = Y⁻¹ of no noise at all.
    weak = starts._susceptibility(alpha, beta, lam, np.full(300, 1e-9), norm, stiffness)
    np.testing.assert_allclose(weak[:, [0, 2]], 1 / np.stack([lam + stiffness, lam], axis=-1), rtol=1e-3)


def test_collapse_turns_unstable_at_the_critical_eigenvalue():
    given = box(200)
    alpha, beta, lam = given[:3]
    critical = starts.critical_eigenvalue(given)
    np.testing.assert_allclose(formulas.threshold(alpha, lam, critical), beta, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("region", [{}, FIRST_ORDER])
def test_absent_states_are_absent(region):
    given = box(4000, **region)
    alpha, beta, lam = given[:3]
    critical, several = starts.critical_eigenvalue(given), starts.coexists(given)
    for fraction in (0.2, 0.7, 0.95, 0.9999, 0.9999999):
        active = np.isfinite(potential_branches(alpha, beta, lam, fraction * critical)[:, 1])
        assert not (active & ~several).any()
    # Just below the critical eigenvalue it is an equivalence.
    assert active[several].mean() > 0.99
    assert 0 < several.sum() < len(several)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_no_state_is_missing_where_states_coexist(backend):
    if backend == "numba":
        pytest.importorskip("numba")
    alpha, beta, lam, rho, eta = box(2000, 5, **FIRST_ORDER)
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta, backend=backend)
    closed = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    top, overlap, _ = formulas.top_eigenvalue(alpha, rho, eta)
    signal, noise = (np.isfinite(potential_branches(alpha, beta, lam, value)[:, 1:]).sum(axis=1)
                     for value in (top, formulas.bulk_edge(alpha, eta)))
    # The stable state and, where collapse is stable too, the barrier before it.
    np.testing.assert_array_equal((found.phase == vaesym.Phase.LEARNING).sum(axis=1), np.where(overlap > 0, signal, 0))
    np.testing.assert_array_equal((found.phase == vaesym.Phase.OVERFITTING).sum(axis=1), noise)
    assert (noise == 2).any()
    np.testing.assert_array_equal(found.phase[:, 0], closed.phase)
    assert found.complete.all()


def test_both_backends_find_the_same():
    pytest.importorskip("numba")
    alpha, beta, lam, rho, eta = box(2000)
    plain, fast = (vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta, backend=b) for b in (None, "numba"))
    for name in ("status", "phase", "complete"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name))
    for name in ("Q", "E", "R", "m", "d", "D", "chi", "free_energy", "replicon"):
        np.testing.assert_allclose(getattr(fast, name), getattr(plain, name), rtol=1e-9, atol=1e-10)
    assert np.abs(fast.iterations - plain.iterations).mean() < 0.1


def test_compiled_system_is_the_generated_one():
    pytest.importorskip("numba")
    from vaesym.linear_vae.states import compiled

    given = box(20)
    y = to_unknowns(starts.starting_points(starts.Start("informed", 2.0), given))
    y = y[np.isfinite(y).all(axis=1)] + 0.01
    f, slope = np.empty(9), np.empty((9, 9))
    for i, point in enumerate(y):
        p = np.array([value[i] for value in given])
        x = from_unknowns(point)
        allowed = compiled.residual(point, p, f)
        compiled.jacobian(point, p, slope)
        assert allowed == (formulas.field_determinant(*p, *x) > 0)
        expected = chain(point, formulas.stationarity_jacobian(*p, *x))
        np.testing.assert_allclose(slope, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())
        if allowed:
            np.testing.assert_allclose(f, formulas.stationarity(*p, *x), rtol=1e-10, atol=1e-10)
    assert not compiled.residual(np.where(np.arange(9) == 5, -1.0, point), p, f)
    assert not compiled.residual(np.where(np.arange(9) < 1, -1.0, point), p, f)


def test_residuals_relative_to_the_terms_that_cancel():
    alpha, beta, lam, rho, eta = box(500, alpha=(20, 500))
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
    good = found.status == Status.CONVERGED
    assert found.relative_residual[good].max() < 1e-12
    # Terms grow as α²: there rounding leaves more than that in the equations themselves.
    assert found.residual[good].max() > 1e-12
    assert np.isnan(found.relative_residual[~good]).all()
    assert (found.relative_residual[good] <= found.residual[good]).all()


def test_a_missing_state_is_told():
    # Newton stopped early loses states; the other branches must not pass for all there are.
    alpha, beta, lam, rho, eta = box(1000)
    few = NewtonSettings(max_iterations=8)
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta, settings=few)
    closed = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    right = np.abs(found.free_energy[:, 0] - closed.free_energy) < 1e-9 * (1 + np.abs(closed.free_energy))
    some = found.status[:, 0] == Status.CONVERGED
    assert (some & ~right).any()
    assert right[found.complete].all()
    assert (found.status[~some, 0] > Status.CONVERGED).all()
    assert right.mean() > 0.5
    assert found.to_xarray().complete.sizes == {"dim_0": 1000}


def test_without_decay():
    alpha, beta, lam, rho, eta = box(500, lam=(0, 0))
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
    closed = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    enough = alpha > 1
    np.testing.assert_allclose(found.Q[enough, 0], closed.Q[enough], atol=1e-9)
    assert found.complete[enough].all()
    # With fewer samples than dimensions part of the encoder is free: no χ is finite.
    assert (found.status[~enough, 0] == Status.INFEASIBLE_START).all()
    assert not found.complete[~enough].any()


@pytest.mark.parametrize("backend", ["torch", "mpmath", "fortran", ""])
def test_unknown_backends(backend):
    with pytest.raises(vaesym.InputError, match=r"expected a backend of Newton among numpy, numba; received"):
        vaesym.saddle_points(1.0, 1.0, lam=0.1, backend=backend)


def test_without_numba_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "numba", None)
    with pytest.raises(vaesym.InputError, match=r"pip install 'vaesym\[fast\]'"):
        vaesym.saddle_points(1.0, 1.0, lam=0.1, backend="numba")
    assert vaesym.saddle_points(1.0, 1.0, lam=0.1).complete


def test_empty_arrays_and_numbers():
    empty = vaesym.saddle_points(np.ones(0), 1.0, lam=0.1)
    assert empty.Q.shape == (0, 5)
    assert empty.complete.shape == (0,)
    assert vaesym.saddle_points(1.0, 1.0, lam=0.1).complete.shape == ()


def test_what_is_kept_on_disk_counts_for_its_sources_only(monkeypatch, tmp_path):
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    from vaesym.linear_vae.states.compiled import ReplicaSystem, _kept_on_disk
    from vaesym.solvers.compiled import newton_compiled

    def hits(digest):
        loop = _kept_on_disk(digest)
        newton_compiled(ReplicaSystem(), np.full((1, 9), np.nan), np.ones((1, 5)), loop=loop)
        return sum(loop.stats.cache_hits.values())

    assert [hits("one"), hits("one"), hits("two")] == [0, 1, 0]
