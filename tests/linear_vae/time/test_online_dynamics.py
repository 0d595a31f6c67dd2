"""One pass: the equations are those derived from the loss, descent follows them, and they end where they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError
from vaesym.linear_vae.exact import online as derived
from vaesym.linear_vae.statement.symbols import sym
from vaesym.linear_vae.time.online import OnePass
from vaesym.linear_vae.time.overlaps import Overlaps, observables

START = {"Q": 0.3, "E": 0.2, "R": 0.05, "m": 0.2, "d": 0.1, "D": 0.8}
SMALL = {"Q": 1e-3, "E": 1e-3, "R": 0.0, "m": 0.01, "d": 0.0, "D": 1.0}


@pytest.mark.parametrize(("latents", "signals", "sampled"), [(1, 1, 1), (2, 1, 0), (2, 2, 1)])
def test_equations_are_those_derived_from_the_loss(latents: int, signals: int, sampled: int) -> None:
    random = np.random.default_rng(latents + signals)
    W, V, planted = (random.normal(size=(40, count)) for count in (latents, latents, signals))
    planted = np.linalg.qr(planted)[0] * np.sqrt(40)
    at = Overlaps(W.T @ W / 40, V.T @ V / 40, W.T @ V / 40, W.T @ planted / 40, V.T @ planted / 40,
                  random.uniform(0.5, 1.0, latents))
    values = {"beta": 0.7, "lam": 0.3, "rho": 1.2, "eta": 0.6, "learning_rate": 0.4, "variance_rate": 0.8,
              "sampled": sampled}
    problem = derived.OnePass(latents, signals)
    where = {sym(name): value for name, value in values.items()}
    for name, symbols in problem.overlaps().items():
        where |= dict(zip(symbols, np.ravel(getattr(at, name)), strict=True))
    found = OnePass(np.full(signals, 1.2), eta=0.6, lam=0.3, rate=0.4, variance_rate=0.8, sampled=bool(sampled)).change(
        at, 0.7)
    for name, equations in problem.equations().items():
        exact = np.array(equations.xreplace(where), dtype=float)
        np.testing.assert_allclose(np.reshape(getattr(found, name), exact.shape), exact, atol=1e-13)


def descend(dimension: int, runs: int, end: float, *, beta: float, sampled: bool, seed: int) -> dict[str, np.ndarray]:
    """Stochastic gradient descent at ρ = 1, η = 0.8, λ = 0.1, rates 0.4 and 0.6, from START; overlaps at the end."""
    random, rho, eta, lam, rate, slow = np.random.default_rng(seed), 1.0, 0.8, 0.1, 0.4, 0.6
    u, v = np.zeros((2, runs, dimension))
    u[:, 0], v[:, 0], D = START["m"], START["d"], np.full(runs, START["D"])
    u[:, 1] = np.sqrt(START["Q"] - START["m"] ** 2)
    v[:, 1] = (START["R"] - START["m"] * START["d"]) / u[:, 1]
    v[:, 2] = np.sqrt(START["E"] - START["d"] ** 2 - v[:, 1] ** 2)
    for _ in range(round(end * dimension)):
        x = np.sqrt(eta) * random.normal(size=(runs, dimension))
        x[:, 0] += np.sqrt(rho) * random.choice([-1.0, 1.0], size=runs)    # any law of zero mean and unit variance
        k, h, Q = ((a * b).sum(1) for a, b in ((u, x), (v, x), (u, u)))
        z = h + sampled * np.sqrt(D) * random.normal(size=runs)
        second = z**2 if sampled else h**2 + D
        step_u = z[:, None] * x - (second + lam)[:, None] * u
        step_v = (k - Q * z - beta * h)[:, None] * x - lam * v
        u, v = u + rate / dimension * step_u, v + rate / dimension * step_v
        D = D - slow / dimension * (Q + beta - beta / D) / 2
    return {"Q": (u * u).sum(1), "E": (v * v).sum(1), "R": (u * v).sum(1), "m": u[:, 0], "d": v[:, 0], "D": D}


def theory(end: float, *, beta: float, sampled: bool) -> Any:
    return vaesym.online_dynamics(end, beta, lam=0.1, eta=0.8, rate=0.4, variance_rate=0.6, start=START,
                                  sampled=sampled)


@pytest.mark.parametrize(("beta", "sampled"), [(0.4, True), (2.5, False)])
def test_descent_deviates_by_the_root_of_the_dimension(beta: float, sampled: bool) -> None:
    exact, spreads = theory(3.0, beta=beta, sampled=sampled), []
    for dimension in (50, 200, 800):
        found = descend(dimension, 12, 3.0, beta=beta, sampled=sampled, seed=dimension)
        gaps = {name: values - float(exact[name]) for name, values in found.items()}
        spreads.append(np.sqrt(np.mean([gap**2 for gap in gaps.values()])))
    for name, gap in gaps.items():    # at the largest dimension
        assert abs(gap.mean()) < 4.5 * gap.std(ddof=1) / np.sqrt(len(gap)) + 3 / 800, name
    slope = np.polyfit(np.log([50, 200, 800]), np.log(spreads), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.2)


@pytest.mark.parametrize("beta", [0.5, 1.0, 1.7])
def test_slow_training_ends_where_unlimited_data_do(beta: float) -> None:
    run = vaesym.online_dynamics(4e5, beta, lam=0.0, rate=1e-4, variance_rate=1e-2, start={**START})
    best = vaesym.solve(np.inf, beta, lam=0.0)
    for name in ("Q", "E", "R", "m", "d", "D", "signal_recovery_error", "rate", "distortion",
                 "kl_variational_to_posterior", "kl_posterior_to_variational"):
        assert float(run[name]) == pytest.approx(float(getattr(best, name)), abs=2e-3), name


def test_collapse_is_stable_from_the_threshold_on_however_long_the_training() -> None:
    below, above = (vaesym.online_dynamics([0.0, 1e3, 6e4], beta, lam=0.0, rate=0.01, variance_rate=0.01, start=SMALL)
                    for beta in (1.9, 2.1))
    assert float(below.m[-1]) > 0.2
    assert abs(float(above.m[-1])) < 1e-9
    # Sampling z keeps the norm above zero, by the derived order of the rate.
    where = {sym("beta"): 2.1, sym("eta"): 1.0, sym("sampled"): 1}
    for name, first_order in zip("QER", derived.collapsed_overlaps(), strict=True):
        assert float(above[name][-1]) == pytest.approx(0.01 * float(first_order.xreplace(where)), rel=0.03)


def test_superfluous_latents_fit_noise_if_beta_is_below_it() -> None:
    eta, first = 0.6, {"Q": np.diag([0.02, 0.02]), "E": np.diag([0.02, 0.02]), "R": np.zeros((2, 2)),
                       "m": [[0.1], [0.0]], "d": [[0.0], [0.0]], "D": [1.0, 1.0]}

    def end(beta: float) -> Any:
        return vaesym.online_dynamics(3e4, beta, lam=0.0, eta=eta, rate=1e-2, variance_rate=1e-2, start=first,
                                      latents=2)

    fits, ignores = end(0.3), end(0.9)
    # In the limit of small rates the second latent has Q = (η − β)₊ though no signal is left, as unlimited data have.
    norms = np.linalg.eigvalsh(fits.Q.values)[::-1]
    np.testing.assert_allclose(norms, vaesym.solve(np.inf, 0.3, lam=0.0, eta=eta, latents=2).Q, atol=0.015)
    assert np.linalg.eigvalsh(ignores.Q.values)[0] < 0.01
    assert float(fits.signal_recovery_error) > float(ignores.signal_recovery_error) + 0.25


def test_a_superfluous_latent_without_overlap_does_not_slow_learning() -> None:
    given: dict[str, Any] = {"lam": 0.0, "eta": 0.6, "rate": 0.01, "variance_rate": 0.01}
    one, none = 0.01 * np.eye(2), np.zeros((2, 1))
    start = {"Q": one, "E": one, "R": 0 * one, "m": one[:, :1], "d": none, "D": np.ones(2)}
    alone = vaesym.online_dynamics([627.0, 4e3], 0.3, start={name: float(value.flat[0]) for name, value in
                                                             start.items()}, **given)
    beside = vaesym.online_dynamics([627.0, 4e3], 0.3, start=start, latents=2, **given)
    np.testing.assert_allclose(beside.m.values[:, 0, 0], alone.m.values, rtol=1e-6)
    assert float(alone.m[0]) == pytest.approx(float(alone.m[1]) / 2, rel=2e-3)


def test_latents_are_entangled_first_and_diagonal_later() -> None:
    random = np.random.default_rng(1)
    weights = random.normal(size=(60, 4)) * 0.2
    planted = np.linalg.qr(random.normal(size=(60, 2)))[0] * np.sqrt(60)
    W, V = weights[:, :2], weights[:, 2:]
    start = {"Q": W.T @ W / 60, "E": V.T @ V / 60, "R": W.T @ V / 60, "m": W.T @ planted / 60, "d": V.T @ planted / 60,
             "D": [1.0, 1.0]}
    run = vaesym.online_dynamics([0.0, 400.0, 2e5], 0.8, lam=0.0, eta=0.5, rate=5e-3, variance_rate=5e-3, start=start,
                                 latents=2, spikes=[1.0, 0.6])
    assert run.Q.dims == ("time", "latent", "other")
    assert run.m.dims == ("time", "latent", "signal")
    mixed = np.abs(run.Q.values[:, 0, 1]) / np.sqrt(run.Q.values[:, 0, 0] * run.Q.values[:, 1, 1])
    assert mixed[1] > 0.05
    assert mixed[2] < 0.01
    np.testing.assert_allclose(np.sort(np.diagonal(run.Q.values[-1]))[::-1], [0.7, 0.3], atol=0.02)


def test_observables_of_several_latents_are_those_of_the_exact_solution() -> None:
    state = vaesym.solve(3.0, 0.5, lam=0.2, latents=3, spikes=[1.0, 0.8])
    latents = (np.diag(state.Q), np.diag(state.E), np.diag(state.R), np.diag(state.m)[:, :2], np.diag(state.d)[:, :2])
    for name, value in observables(Overlaps(*latents, D=state.D), np.array([1.0, 0.8]), 1.0).items():
        assert float(value) == pytest.approx(float(getattr(state, name)), rel=1e-12), name


def test_schedules_and_axes() -> None:
    times = np.linspace(0.0, 40.0, 9)
    given = dict(lam=0.0, rate=0.2, variance_rate=0.2, start=SMALL)
    named = vaesym.online_dynamics(times, [0.5, 1.0], schedule="linear:20", **given)
    by_hand = vaesym.online_dynamics(times, 1.0, schedule=lambda t: min(t / 20, 1.0), **given)
    np.testing.assert_allclose(named.Q.sel(beta=1.0), by_hand.Q, rtol=1e-6)
    assert named.annealed_beta.sel(beta=0.5, time=10.0) == 0.25
    plain = vaesym.online_dynamics(times, 1.0, **given)
    assert float(named.m.sel(beta=1.0)[-1]) > float(plain.m[-1])
    cyclical = vaesym.online_dynamics(times, 1.0, schedule="cyclical:10", **given)
    assert cyclical.annealed_beta.values.tolist() == [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(("changes", "words"), [
    ({"time": [2.0, 1.0]}, "ascending"), ({"time": -1.0}, "time >= 0"), ({"beta": 0.0}, "beta > 0"),
    ({"rate": 0.0}, "rate > 0"), ({"start": {"Q": 1.0}}, "a start with Q, E, R, m, d, D"),
    ({"start": {**START, "m": 0.9}}, "a start that weights can have"), ({"latents": 2}, "of shape"),
    ({"start": {**START, "D": 0.0}}, "start\\['D'\\] > 0"), ({"schedule": "sudden:3"}, "linear, tanh, cyclical"),
    ({"schedule": "linear"}, "family:length"), ({"rate": 40.0, "time": 100.0}, "does not diverge"),
    ({"spikes": 0}, "spikes >= 1")])
def test_bad_input_is_refused(changes: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"time": 1.0, "beta": 1.0, "lam": 0.1, "rate": 0.1, "variance_rate": 0.1, "start": START}
    with pytest.raises(InputError, match=words):
        vaesym.online_dynamics(**{**given, **changes})
