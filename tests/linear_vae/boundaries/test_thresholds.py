"""Thresholds against direct minimisation and against each other."""

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

import vaesym
import vaesym.linear_vae
from vaesym import Phase
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import minimise_potential

scale = st.floats(0.1, 5.0)
alphas = st.floats(0.05, 100.0)


def spread(size, *ranges, seed=0):
    """Values over ranges, evenly on the scale of their square roots, so that small ones are met; each end thrice."""
    rng = np.random.default_rng(seed)
    drawn = [rng.uniform(low**0.5, high**0.5, size) ** 2 for low, high in ranges]
    for values, ends in zip(drawn, ranges, strict=True):
        values[rng.choice(size, 6, replace=False)] = np.repeat(ends, 3)
    return drawn


def direct_minimum(alpha, beta, lam, top):
    """Least value of the potential by its definition: a scan of Q, then a bracketed search around its best."""
    kappa = beta + lam / (alpha * top)

    def phi(q):
        return -alpha / 2 * q * top / (q + kappa) + alpha * beta / 2 * np.log1p(q / beta) + lam * q / 2

    q = np.concatenate([[0.0], np.geomspace(1e-10, 1000, 4001)])
    best = int(phi(q).argmin())
    bounds = q[max(best - 1, 0)], q[min(best + 1, len(q) - 1)]
    return min(0.0, minimize_scalar(phi, bounds=bounds, method="bounded", options={"xatol": 1e-12}).fun)


def test_global_threshold_is_where_the_minimum_leaves_zero():
    """At 400 points at once: the bisection takes as long for one."""
    alpha, lam, rho, eta = spread(400, (0.05, 100.0), (0.0, 2.0), (0.1, 5.0), (0.1, 5.0))
    rng = np.random.default_rng(1)
    above, t = rng.random(400) < 0.5, 10 ** rng.uniform(-3, np.log10(0.3), 400)
    threshold = vaesym.global_collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    beta = threshold * np.where(above, 1 + t, 1 - t)
    met = threshold > 1e-6
    assert met.mean() > 0.8
    solution = vaesym.solve(alpha[met], beta[met], lam=lam[met], rho=rho[met], eta=eta[met])
    np.testing.assert_array_equal(solution.Q == 0, above[met])
    least = [direct_minimum(*point) for point in zip(alpha[met], beta[met], lam[met], solution.eigenvalue, strict=True)]
    np.testing.assert_allclose(least, solution.free_energy, rtol=1e-6, atol=1e-12)


def test_local_threshold_bounds_the_global_one():
    alpha, lam, rho, eta = spread(10_000, (0.05, 100.0), (0.0, 5.0), (0.1, 5.0), (0.1, 5.0))
    local = vaesym.collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    everywhere = vaesym.global_collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    assert (everywhere >= local).all()
    top = vaesym.solve(alpha, 1.0, lam=lam, rho=rho, eta=eta).eigenvalue
    continuous = local * (alpha + 2 * lam) > lam / top
    np.testing.assert_allclose(everywhere[continuous], np.maximum(local, 0.0)[continuous], rtol=1e-12)
    first = ~continuous & (local > 0)
    assert (everywhere[first] > local[first]).all()
    assert min(continuous.sum(), first.sum()) > 20


def test_threshold_of_unlimited_data_is_the_papers():
    assert vaesym.collapse_threshold(1e12, lam=[0.0, 0.5, 5.0], rho=0.7, eta=1.9) == pytest.approx(2.6)


def test_where_every_beta_collapses():
    assert vaesym.global_collapse_threshold(1.0, lam=4.5) == 0.0
    assert vaesym.solve(1.0, 1e-8, lam=4.5).phase == Phase.REGULARIZED
    assert vaesym.global_collapse_threshold(1.0, lam=3.9) > 0


@given(beta=st.floats(0.1, 6.0), lam=st.floats(0.0, 3.0), rho=scale, eta=scale)
@example(beta=0.5, lam=1.0, rho=0.5, eta=0.5)  # collapse turns unstable exactly at the detection threshold
@settings(max_examples=200, deadline=None)
def test_plateau_ends_where_collapse_turns_unstable(beta, lam, rho, eta):
    end = float(vaesym.plateau_end(beta, lam=lam, rho=rho, eta=eta))
    detect = (eta / rho) ** 2
    grid = detect * (1 + np.geomspace(1e-9, 1e6, 2000))
    unstable = vaesym.collapse_threshold(grid, lam=lam, rho=rho, eta=eta) > beta * (1 + 1e-9)
    if np.isinf(end):
        assert not unstable.any()
        return
    assert end >= detect * (1 - 1e-12)
    assert not unstable[grid < end * (1 - 1e-6)].any()
    if end > detect * (1 + 1e-9):
        # The root loses digits as 1/(ρ+η−β); β_c there must return β.
        assert vaesym.collapse_threshold(end, lam=lam, rho=rho, eta=eta) == pytest.approx(beta, rel=1e-9)


def test_plateau_diverges_as_one_over_the_distance():
    distance = np.array([1e-2, 1e-3, 1e-4])
    ends = vaesym.plateau_end(2.0 - distance, lam=1.0)
    products = ends * distance
    assert products == pytest.approx(products[-1], rel=0.1)
    assert np.isinf(vaesym.plateau_end(2.0, lam=1.0))
    rho = np.linspace(0.5, 3, 101)  # for many of them (ρ+η)² − β(ρ+η) does not vanish in float64
    assert np.isinf(vaesym.plateau_end(rho + 0.7, lam=6.0, rho=rho, eta=0.7)).all()
    # Below λ* = c²τ/(c²+1) = 0.8 finite data escape the collapse that unlimited data cannot.
    assert np.isfinite(vaesym.plateau_end(2.01, lam=0.5))


@pytest.mark.parametrize("decades", [1, 6, 20])
def test_boundaries_are_roots_to_the_last_digits(decades):
    """Of their polynomials as rounded: of the plateau's also next to β = ρ+η, of the best β's at any grading."""
    rng = np.random.default_rng(decades)
    alpha, lam, rho, eta = 10 ** rng.uniform(-decades, decades, (4, 400))
    lam[::5] = 0.0
    beta = (rho + eta) * (1 + rng.choice([-1, 1], 400) * 10 ** rng.uniform(-14, -0.1, 400))
    ends = vaesym.plateau_end(beta, lam=lam, rho=rho, eta=eta)
    best = vaesym.optimal_beta(alpha, lam=lam, rho=rho, eta=eta)
    top, overlap, _ = formulas.top_eigenvalue(alpha, rho, eta)
    found = minimise_potential(alpha, np.maximum(best, 1e-30), lam, top)
    cubics = formulas.optimal_beta_coefficients(alpha, lam, rho, eta, top)
    reached = np.isclose(found, rho * overlap, rtol=1e-9, atol=0.0) & (overlap > 0) & (cubics[:, 3] <= 0)  # has a root
    inside = np.isfinite(ends) & (ends != formulas.detection_threshold(rho, eta))
    assert min(reached.sum(), inside.sum()) > 20
    polynomials = [(formulas.plateau_coefficients(beta, lam, rho, eta)[inside], ends[inside]),
                   (cubics[reached], best[reached])]
    with mpmath.workdps(60):
        for coefficients, roots in polynomials:
            for polynomial, root in zip(coefficients, roots, strict=True):
                value, slope = mpmath.polyval(polynomial.tolist(), mpmath.mpf(root), derivative=True)
                terms = mpmath.polyval([abs(c) for c in polynomial.tolist()], mpmath.mpf(root))
                assert abs(value) <= 4 * 2.0**-52 * (terms + abs(slope) * root), (polynomial, root)
                assert abs(value / slope) <= 1e-9 * root, (polynomial, root)


@pytest.mark.parametrize("lam", [0.0, 0.01, 0.5, 1.5, 3.0])
@pytest.mark.parametrize("alpha", [0.3, 1.1, 3.0, 30.0])
def test_no_beta_recovers_better_than_the_best(alpha, lam):
    best = vaesym.optimal_beta(alpha, lam=lam, rho=1.0, eta=0.9)
    grid = np.geomspace(1e-5, 20, 4001)
    errors = vaesym.solve(alpha, grid, lam=lam, rho=1.0, eta=0.9).signal_recovery_error
    attained = vaesym.solve(alpha, max(best, 1e-9), lam=lam, rho=1.0, eta=0.9).signal_recovery_error
    assert attained <= errors.min() * (1 + 1e-9)


def test_best_beta_in_closed_form():
    alpha = np.array([1.5, 4.0, 100.0])
    s = vaesym.solve(alpha, 1.0, lam=0.0)
    assert vaesym.optimal_beta(alpha, lam=0.0) == pytest.approx(s.eigenvalue - s.overlap, rel=1e-12)
    # Claim 6.1: η at unlimited data, for any λ, with the correction 2η(ρ+η)/(ρα) of λ = 0.
    large = 1e6
    best = vaesym.optimal_beta(large, lam=0.0, rho=2.0, eta=0.5)
    assert (best - 0.5) * large == pytest.approx(2 * 0.5 * 2.5 / 2.0, rel=1e-4)
    assert vaesym.optimal_beta(1e8, lam=1.0, rho=2.0, eta=0.5) == pytest.approx(0.5, rel=1e-6)


def test_below_detection_nothing_beats_collapse():
    best = vaesym.optimal_beta(0.5, lam=0.3)
    assert best == vaesym.global_collapse_threshold(0.5, lam=0.3)
    assert vaesym.solve(0.5, best, lam=0.3).phase == Phase.REGULARIZED


def test_shapes():
    assert vaesym.optimal_beta(np.ones((2, 1)), lam=np.zeros(3)).shape == (2, 3)
    assert np.ndim(vaesym.collapse_threshold(1.0, lam=0.0)) == 0
    assert vaesym.plateau_end([0.5, 1.0], lam=[[0.0], [1.0]]).shape == (2, 2)


@pytest.mark.parametrize("function", [vaesym.collapse_threshold, vaesym.global_collapse_threshold,
                                      vaesym.optimal_beta, vaesym.plateau_end])
@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("-inf"), "x"])
def test_bad_input(function, bad):
    with pytest.raises(vaesym.InputError):
        function(bad, lam=0.1)
    for lam in (-0.1, float("inf"), float("nan")):
        with pytest.raises(vaesym.InputError):
            function(1.0, lam=lam)


def test_only_the_data_may_be_unlimited():
    with pytest.raises(vaesym.InputError, match="finite beta"):
        vaesym.plateau_end(float("inf"), lam=0.1)


@pytest.mark.parametrize(("rho", "eta"), [(1.0, 1.0), (0.3, 2.0), (7.0, 0.01)])
def test_unlimited_data(rho, eta):
    """[IH, Claim 6.1]: the threshold is ρ+η and the best β is η, at any weight decay; large α comes near."""
    lam = np.array([0.0, 0.1, 3.0])
    for function, limit in ((vaesym.collapse_threshold, rho + eta), (vaesym.global_collapse_threshold, rho + eta),
                            (vaesym.linear_vae.spinodal, rho + eta), (vaesym.optimal_beta, eta)):
        np.testing.assert_allclose(function(np.inf, lam=lam, rho=rho, eta=eta), limit, rtol=1e-14)
        np.testing.assert_allclose(function(1e12, lam=lam, rho=rho, eta=eta), limit, rtol=1e-5)


def test_at_a_first_order_threshold_the_solution_is_collapsed():
    """To the last digit, and not one relative 1e-12 below it: so that a best β that collapses does collapse."""
    rng = np.random.default_rng(5)
    count = 40_000
    alpha = 10 ** rng.uniform(-2, 2, count)
    lam, rho, eta = alpha * 10 ** rng.uniform(-2, 1.5, count), *(10 ** rng.uniform(-2, 2, (2, count)))
    local = vaesym.collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    end = vaesym.global_collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    first = (end > np.maximum(local, 0) * (1 + 1e-9)) & (end > 1e-12)
    assert first.sum() > 500
    at = [p[first] for p in (alpha, lam, rho, eta)]
    for factor, collapsed in ((1.0, True), (1 - 1e-9, False)):
        solution = vaesym.solve(at[0], end[first] * factor, lam=at[1], rho=at[2], eta=at[3])
        assert ((solution.phase == Phase.REGULARIZED) == collapsed).all()


def test_a_best_beta_that_collapses_does_collapse():
    given = dict(lam=0.025920502591058162, rho=0.031810005504206616, eta=0.019313974190512884)
    alpha = 0.3693897399697565
    best = vaesym.optimal_beta(alpha, **given)
    assert vaesym.solve(alpha, best, **given).signal_recovery_error == given["rho"]


def test_the_weight_decay_from_which_no_data_set_escapes():
    """The number of the book for ρ = η = 1: up to 0.8152 some sample size keeps a latent alive at β = ρ+η = 2."""
    alpha = np.geomspace(1e-3, 1e5, 4000)
    assert vaesym.global_collapse_threshold(alpha, lam=0.8151).max() > 2
    for lam in (0.8153, 0.9, 1.5, 10):
        assert vaesym.global_collapse_threshold(alpha, lam=lam).max() < 2
