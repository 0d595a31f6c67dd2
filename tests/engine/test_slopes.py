"""Derivatives of states by the parameters, against those of solutions and of closed forms."""

import numpy as np
import pytest
from test_equations import GIVEN

from vaesym import InputError
from vaesym.engine import solve_problem

CASES = {name: GIVEN[name] for name in ("ridge", "elastic_net", "logistic", "hinge", "gaussian_mixture")} | {
    "linear_vae": {"alpha": 2.0, "beta": 0.5, "lam": 0.5, "rho": 1.5, "eta": 1.0},
    "tied_autoencoder": {"alpha": 3.0, "lam": 0.3, "rho": 1.5, "eta": 1.0},
    "pca": {"alpha": 3.0, "rho": 1.5, "eta": 1.0}}
#: An eighth-order rule, independent of the engine's.
WEIGHTS = {-4: 1 / 280, -3: -4 / 105, -2: 1 / 5, -1: -4 / 5, 1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}


@pytest.mark.parametrize("name", CASES)
def test_they_are_slopes_of_solutions(name):
    given = CASES[name]
    states = solve_problem(name, derivatives=list(given), **given)
    for parameter, value in given.items():
        step = 0.01 * value
        line = solve_problem(name, **{**given, parameter: [value + k * step for k in WEIGHTS]})
        for field in set(line.data_vars) - {"residual", "quadrature_error", "status"}:
            expected = sum(w * line[field].values[i] for i, w in enumerate(WEIGHTS.values())) / step
            found = float(states[f"d{field}_d{parameter}"])
            assert found == pytest.approx(expected, rel=1e-8, abs=1e-10), (field, parameter)


def test_components_in_closed_form():
    """m² = (1 − 1/(αρ²))/(1 + 1/(αρ)) for η = 1 (Baik, Ben Arous and Péché)."""
    alpha, rho = 3.0, 1.5
    states = solve_problem("pca", derivatives="alpha", alpha=alpha, rho=rho, eta=1.0)
    above, below = 1 - 1 / (alpha * rho**2), 1 + 1 / (alpha * rho)
    expected = (1 / (alpha * rho) ** 2) / below + above / (alpha**2 * rho) / below**2
    assert float(states.dsquared_overlap_dalpha) == pytest.approx(expected, rel=1e-10)


def test_ridge_regression_in_closed_form():
    """χ of ridge regression solves λχ² + (α + λ − 1)χ − 1 = 0 (Marchenko and Pastur), and df/dλ = Q/2."""
    alpha, lam = 1.3, 0.2
    states = solve_problem("ridge", derivatives=("alpha", "lam"), alpha=alpha, lam=lam, signal=0.7, noise=0.3)
    chi = float(states.chi)
    assert lam * chi**2 + (alpha + lam - 1) * chi - 1 == pytest.approx(0, abs=1e-14)
    bend = 2 * lam * chi + alpha + lam - 1
    assert float(states.dchi_dalpha) == pytest.approx(-chi / bend, rel=1e-11)
    assert float(states.dchi_dlam) == pytest.approx(-(chi**2 + chi) / bend, rel=1e-11)
    assert float(states.dfree_energy_dlam) == pytest.approx(float(states.Q) / 2, rel=1e-12)
    assert float(states.dfree_energy_dalpha) == pytest.approx(0.5 * (float(states.risk) + 0.3) / (1 + chi), rel=1e-12)


def test_at_the_end_of_a_domain_they_are_taken_from_within():
    zero = solve_problem("logistic", derivatives="lam", alpha=6.0, signal=1.0, lam=0.0)
    near = solve_problem("logistic", derivatives="lam", alpha=6.0, signal=1.0, lam=[1e-6, 2e-6]).dQ_dlam.values
    # Nearer to the end differences lose digits to rounding; the curvature of Q is taken off.
    assert float(zero.dQ_dlam) == pytest.approx(2 * near[0] - near[1], rel=1e-7)
    assert float(zero.dfree_energy_dlam) == pytest.approx(float(zero.Q) / 2, rel=1e-9)


def test_compiled_they_are_the_same_and_unknown_ones_are_refused():
    at = {"alpha": np.linspace(0.5, 2, 5), "lam": 0.2, "noise": 0.1, "sparsity": 0.2, "amplitude": 1.0}
    pytest.importorskip("numba")
    plain, fast = (solve_problem("lasso", derivatives=["lam"], backend=backend, **at) for backend in ("numpy", "numba"))
    np.testing.assert_allclose(fast.drisk_dlam, plain.drisk_dlam, rtol=1e-11)
    with pytest.raises(InputError, match="derivatives by some of alpha, lam"):
        solve_problem("lasso", derivatives=["lamda"], **at)
    with pytest.raises(InputError, match="a backend of 'numpy', 'numba', 'torch'"):
        solve_problem("lasso", backend="jax", **at)


def test_without_a_solution_there_is_no_slope():
    states = solve_problem("logistic", derivatives=["alpha"], alpha=[1.5, 6.0], signal=1e-6, lam=0.0)
    assert np.isnan(states.dQ_dalpha.values).tolist() == [True, False]
