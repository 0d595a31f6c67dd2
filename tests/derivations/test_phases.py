"""Lines of the phase diagram against the numeric solution, on grids and at random points."""

import numpy as np
import pytest
import sympy as sp

import vaesym
from derivations.linear_vae.consequences import choosing_beta, rate_distortion
from derivations.linear_vae.minimum import phases
from vaesym.linear_vae.exact import limits
from vaesym.linear_vae.statement.symbols import alpha, beta, eta, lam, rho, root_alpha


def value(expression, **at):
    names = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta, "a": root_alpha}
    return float(sp.sympify(expression).subs({names[name]: number for name, number in at.items()}))


@pytest.mark.parametrize(("signal", "noise"), [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0)])
@pytest.mark.parametrize("side", [0.9, 1.1])
def test_the_error_peaks_at_detection_iff_the_ratio_says_so(signal, noise, side):
    ratio = side * value(phases.peak_ratio(), rho=signal, eta=noise)
    detection = (noise / signal) ** 2
    grid = np.concatenate([np.linspace(0.02, 1, 2000) * detection, np.linspace(1.0005, 2, 500) * detection])
    error = vaesym.solve(grid, ratio * 1e-6, lam=1e-6, rho=signal, eta=noise).signal_recovery_error
    peak = grid[error.argmax()]
    assert (abs(peak - detection) < 1e-3 * detection) == (side < 1)
    assert peak <= detection * (1 + 1e-9)


@pytest.mark.parametrize("decay", [0.1, 0.5, 0.79, 0.81, 1.2, 3.0])
def test_the_supremum_of_the_threshold(decay):
    beyond = vaesym.collapse_threshold(np.geomspace(1, 1e7, 4000), lam=decay)
    assert beyond.max() <= max(beyond[0], 2.0) * (1 + 1e-12)
    critical = value(phases.escape_weight_decay(), rho=1, eta=1)
    assert critical == pytest.approx(0.8)
    assert (beyond[-1] > 2.0) == (decay < critical)
    a = np.linspace(0.01, 1, 3000)
    edge = vaesym.collapse_threshold(a**2, lam=decay)
    slope = np.array([value(sp.diff(phases.edge_threshold(), root_alpha), a=x, lam=decay, eta=1) for x in a[::300]])
    np.testing.assert_allclose(slope[1:], np.gradient(edge, a)[::300][1:], rtol=2e-3, atol=1e-4)


def test_corrections_to_unlimited_data():
    at = {"lam": 0.7, "rho": 1.3, "eta": 0.6}
    big = 1e5
    first = value(limits.threshold_correction(), **at)
    assert (vaesym.collapse_threshold(big, **at) - 1.9) * big == pytest.approx(first, rel=1e-3)
    norm = value(limits.norm_correction(), beta=0.9, **at)
    assert (vaesym.solve(big, 0.9, **at).Q - 1.0) * big == pytest.approx(norm, rel=1e-3)
    best = value(choosing_beta.best_beta_correction(), **at)
    assert (vaesym.optimal_beta(big, **at) - 0.6) * big == pytest.approx(best, rel=1e-3)


def test_excess_rate_on_fresh_data():
    solution = vaesym.solve(1e5, 0.7, lam=0.0, rho=1.2, eta=0.8)
    excess = solution.rate - np.log(2.0 / solution.distortion) / 2
    assert excess * 1e5 == pytest.approx(value(rate_distortion.excess_rate(), beta=0.7, rho=1.2, eta=0.8), rel=1e-3)


def test_coexistence_and_spinodal_against_the_thresholds():
    # At λ = 3, α = 0.7 the transition is of first order.
    at = {"lam": 3.0}
    local = vaesym.collapse_threshold(0.7, **at)
    joint = vaesym.global_collapse_threshold(0.7, **at)
    assert joint > local
    q = vaesym.solve(0.7, joint * (1 - 1e-9), **at).Q
    top = (1 + 0.7**-0.5) ** 2
    kappa = joint + 3.0 / (0.7 * top)
    found = phases.coexistence()[0].subs({alpha: 0.7, beta: joint, phases.Q: q, phases.KAPPA: kappa})
    assert float(found) == pytest.approx(3.0, rel=1e-6)
