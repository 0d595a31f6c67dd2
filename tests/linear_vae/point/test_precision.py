"""Full precision over the whole domain, and near the critical lines, against 50-digit arithmetic."""

import mpmath
import numpy as np
import pytest

import vaesym

NAMES = ("Q", "E", "R", "m", "d", "D", "free_energy", "rate", "distortion", "signal_recovery_error",
         "kl_variational_to_posterior", "kl_posterior_to_variational")
mp = mpmath.mp.clone()
mp.dps = 60


def log_uniform(rng, low, high, count):
    return 10 ** rng.uniform(np.log10(low), np.log10(high), count)


def eigenvalue(a, r, e):
    if a > (e / r) ** 2:
        return (r + e) * (1 + e / (a * r)), (1 - e**2 / (a * r * r)) / (1 + e / (a * r))
    return e * (1 + 1 / mp.sqrt(a)) ** 2, mp.mpf(0)


def polished(start, a, b, decay, top):
    """The root of the stationarity cubic next to ``start``, to all digits."""
    kappa, x = b + decay / (a * top), mp.mpf(start)
    for _ in range(100):
        value = (decay * (x + b) + a * b) * (x + kappa) ** 2 - a * top * kappa * (x + b)
        slope = decay * (x + kappa) ** 2 + 2 * (decay * (x + b) + a * b) * (x + kappa) - a * top * kappa
        x -= value / slope
        if abs(value / slope) < abs(x) * mp.mpf(10) ** -30:
            return x
    raise ArithmeticError(f"no root next to {start}")


def exact(q, a, b, decay, r, e):
    """Every observable by its definition."""
    top, o = eigenvalue(a, r, e)
    q = polished(q, a, b, decay, top) if q > 0 else mp.mpf(0)
    kappa, v = b + decay / (a * top), e + r * o
    gain, variance = 1 / (q + kappa), b / (q + b)
    field, gap = gain**2 * q * v, (gain - 1 / (1 + q)) ** 2 * q * v
    return {
        "Q": q, "E": gain**2 * q, "R": gain * q, "m": mp.sqrt(q * o), "d": gain * mp.sqrt(q * o), "D": variance,
        "free_energy": -a * q * top / (q + kappa) / 2 + a * b * mp.log(1 + q / b) / 2 + decay * q / 2,
        "rate": (field + variance - 1 - mp.log(variance)) / 2,
        "distortion": r * (1 - o) + v * (kappa * gain) ** 2 + q * variance,
        "signal_recovery_error": (mp.sqrt(q) - mp.sqrt(r * o)) ** 2 + r * (1 - o),
        "kl_variational_to_posterior": ((1 + q) * (variance + gap) - 1 - mp.log(variance * (1 + q))) / 2,
        "kl_posterior_to_variational": ((1 / (1 + q) + gap) / variance - 1 + mp.log(variance * (1 + q))) / 2,
    }


def worst_sensitivity(q, given):
    """The relative change of any observable, per relative change of a parameter: no float64 code can do better."""
    step, worst = mp.mpf(10) ** -25, mp.mpf(1)
    base = exact(q, *given)
    for i in range(len(given)):
        moved = exact(q, *[p * (1 + step) if j == i else p for j, p in enumerate(given)])
        for name, value in base.items():
            if value != 0:
                worst = max(worst, abs(moved[name] / value - 1) / step)
    return worst


@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_points_of_the_whole_domain(seed):
    rng, count = np.random.default_rng(seed), 2500
    alpha, beta = log_uniform(rng, 1e-6, 1e8, count), log_uniform(rng, 1e-8, 1e4, count)
    rho, eta = log_uniform(rng, 1e-4, 1e4, count), log_uniform(rng, 1e-4, 1e4, count)
    lam = np.where(rng.random(count) < 0.15, 0.0, log_uniform(rng, 1e-10, 1e4, count))
    solution = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    failures = []
    for i in range(count):
        given = [mp.mpf(float(p[i])) for p in (alpha, beta, lam, rho, eta)]
        for name, value in exact(solution.Q[i], *given).items():
            found = mp.mpf(float(getattr(solution, name)[i]))
            error = abs(found - value) / abs(value) if value != 0 else abs(found)
            if error > 1e-12 and error > 1e-15 * worst_sensitivity(solution.Q[i], given):
                failures.append((name, float(error), [float(p) for p in given]))
    assert not failures


def test_the_collapse_line():
    rng, count = np.random.default_rng(3), 3000
    alpha, lam = log_uniform(rng, 1e-4, 1e6, count), log_uniform(rng, 1e-8, 1e2, count)
    lam[::7] = 0.0
    rho, eta = log_uniform(rng, 1e-3, 1e3, count), log_uniform(rng, 1e-3, 1e3, count)
    threshold = vaesym.collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    beta = np.maximum(threshold, 1e-8) * (1 + log_uniform(rng, 1e-12, 1e-3, count) * rng.choice([-1, 1], count))
    solution = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    compared = 0
    for i in np.flatnonzero(threshold > 1e-8):
        a, b, decay, r, e = (mp.mpf(float(p[i])) for p in (alpha, beta, lam, rho, eta))
        top, _ = eigenvalue(a, r, e)
        critical = a * top / (a + decay) - decay / (a * top)
        if critical * (a + 2 * decay) <= decay / top:
            continue  # of first order
        compared += 1
        distance = b / critical - 1
        assert (solution.phase[i] == 0) == (distance > 0)
        if distance < 0:
            q = polished(solution.Q[i], a, b, decay, top)
            assert abs(solution.Q[i] - q) / q <= 1e-14 / abs(distance)
    assert compared > 2000


def test_the_detection_line():
    rng, count = np.random.default_rng(5), 2000
    rho, eta = log_uniform(rng, 1e-3, 1e3, count), log_uniform(rng, 1e-3, 1e3, count)
    side = rng.choice([-1, 1], count)
    alpha = (eta / rho) ** 2 * (1 + side * log_uniform(rng, 1e-12, 1e-3, count))
    solution = vaesym.solve(alpha, 0.1 * eta, lam=0.0, rho=rho, eta=eta)
    for i in range(count):
        a, r, e = (mp.mpf(float(p[i])) for p in (alpha, rho, eta))
        distance = a * (r / e) ** 2 - 1
        assert (solution.phase[i] == vaesym.Phase.LEARNING) == (distance > 0)
        _, o = eigenvalue(a, r, e)
        assert abs(solution.overlap[i] - o) <= 1e-14 * (1 + o / abs(distance))


def test_nothing_breaks_within_a_hair_of_any_line():
    rng, count = np.random.default_rng(7), 20_000
    rho, eta = log_uniform(rng, 1e-4, 1e4, count), log_uniform(rng, 1e-4, 1e4, count)
    hair = 1 + log_uniform(rng, 1e-12, 1e-3, count) * rng.choice([-1, 1], count)
    alpha = np.where(rng.random(count) < 0.5, (eta / rho) ** 2 * hair, log_uniform(rng, 1e-6, 1e8, count))
    alpha = np.clip(alpha, 1e-6, 1e8)
    lam = log_uniform(rng, 1e-10, 1e4, count)
    local = vaesym.collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    joint = vaesym.global_collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    beta = np.clip(np.where(rng.random(count) < 0.5, local, joint) * hair, 1e-8, 1e4)
    solution = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    for name in NAMES:
        assert np.isfinite(getattr(solution, name)).all(), name
    assert (solution.free_energy <= 0).all()
    assert (solution.rate >= 0).all()
    assert (solution.distortion >= 0).all()
    best = np.where(solution.overlap > 0, rho * (1 - solution.overlap), rho)
    assert (solution.signal_recovery_error >= best * (1 - 1e-12)).all()
