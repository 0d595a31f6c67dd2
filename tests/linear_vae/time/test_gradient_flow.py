"""Gradient flow: its limit in time, finite samples, descent by torch, and what stopping early gains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

import vaesym
from vaesym import linear_vae
from vaesym.inputs import InputError
from vaesym.linear_vae.exact import flow as derived
from vaesym.linear_vae.statement.symbols import D, alpha, beta, lam
from vaesym.linear_vae.time.data_flow import SpectralFlow, data_flow
from vaesym.linear_vae.time.flow import spectral_measure

START = {"signal": 0.3, "decoder": 0.2, "encoder": 0.1, "D": 1.0}
NAMES = ("Q", "E", "R", "m", "d", "D", "signal_recovery_error", "rate", "distortion", "kl_variational_to_posterior",
         "kl_posterior_to_variational")


def test_speeds_are_those_derived_from_the_loss() -> None:
    values = [0.7, 1.9], [0.4, -0.2], [0.3, 0.5]
    found = SpectralFlow(np.array(values[0]), np.ones(2), *(np.array(v)[:, None] for v in values[1:]),
                         np.array([0.8]), 0.6, 0.3 / 2.0)
    where = dict(zip((*derived.EIGENVALUES, *derived.DECODERS, *derived.ENCODERS), np.ravel(values), strict=True))
    where |= {alpha: 2.0, beta: 0.6, lam: 0.3, D: 0.8}
    exact = [float(equation.xreplace(where)) for equation in derived.equations()]
    np.testing.assert_allclose(found.speed(0.0, found.first)[[0, 2, 4]], exact, rtol=1e-13)


@pytest.mark.parametrize("ratio", [0.4, 1.0, 3.0])
def test_measures_integrate_what_the_laws_do(ratio: float) -> None:
    noise, signal = spectral_measure(ratio, 0.0, 0.7), spectral_measure(ratio, 1.5, 0.7)
    low, high = linear_vae.noise_edges(ratio, eta=0.7)
    middle, half = (high + low) / 2, (high - low) / 2

    def over_noise(angle: float) -> float:
        x = middle + half * np.cos(angle)
        return float(np.exp(-x) * linear_vae.noise_density(x, ratio, eta=0.7) * half * np.sin(angle))

    whole = quad(over_noise, 0.0, np.pi, limit=200)[0] + max(0.0, 1 - ratio)
    assert (noise.masses * np.exp(-noise.nodes)).sum() == pytest.approx(whole, rel=1e-7)
    # The resolvent of W* above the spectrum, by that of the noise.
    point = 9.0
    g = (noise.masses / (point - noise.nodes)).sum()
    share = 1 - 1 / ratio + point * g / ratio
    assert (signal.masses / (point - signal.nodes)).sum() == pytest.approx(1 / (point - 2.2 * share), rel=1e-12)


@pytest.mark.parametrize(("ratio", "weight", "decay"), [
    (2.0, 1.0, 1.0), (4.0, 0.5, 0.5), (2.0, 0.3, 0.2), (4.0, 0.3, 0.0), (3.0, 3.0, 0.5), (np.inf, 0.5, 0.5)])
def test_it_ends_at_the_exact_solution(ratio: float, weight: float, decay: float) -> None:
    run = vaesym.gradient_flow(600.0, ratio, weight, lam=decay, start=START)
    state = vaesym.solve(ratio, weight, lam=decay)
    for name in NAMES:
        assert float(run[name]) == pytest.approx(float(getattr(state, name)), abs=1e-7), name


def test_below_the_detection_threshold_it_nears_the_edge_as_a_power_of_time() -> None:
    run = vaesym.gradient_flow([50.0, 200.0, 800.0], 0.6, 0.3, lam=0.2, start={**START, "encoder": 0.0})
    gaps = float(vaesym.solve(0.6, 0.3, lam=0.2).Q) - run.Q.values
    np.testing.assert_allclose(gaps[:-1] / gaps[1:], 4.0, rtol=0.15)
    assert (run.m.values[:-1] / run.m.values[1:] > 1.8).all()


def sample(ratio: float, dimension: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Data, W and V at ρ = η = 1; what starts at random is free of W*."""
    random = np.random.default_rng(seed)
    data = random.normal(size=(round(ratio * dimension), dimension))
    data[:, 0] *= np.sqrt(2.0)
    planted = np.zeros(dimension)
    planted[0] = np.sqrt(dimension)
    W = START["signal"] * planted + np.sqrt(START["decoder"]) * random.normal(size=dimension)
    return data, W, np.sqrt(START["encoder"]) * random.normal(size=dimension)


@pytest.mark.parametrize("ratio", [0.6, 4.0])
def test_finite_samples_follow_it(ratio: float) -> None:
    times, dimension = np.array([1.0, 3.0, 8.0]), 600
    exact = vaesym.gradient_flow(times, ratio, 0.3, lam=0.2, start=START)
    runs = []
    for seed in range(4):
        data, W, V = sample(ratio, dimension, seed)
        runs.append(data_flow(times, data, W[:, None], V[:, None], np.ones(1), 0.3, 0.2))
    for name in ("Q", "E", "R", "D", "C_hh"):
        found = np.array([run[name].values.reshape(len(times)) for run in runs])
        gap = found.mean(0) - exact[name].values
        assert (np.abs(gap) < 4 * found.std(0, ddof=1) / 2 + 4 / dimension).all(), name
        assert found.std(0, ddof=1).max() < 0.2


def test_torch_descends_along_it() -> None:
    torch = pytest.importorskip("torch")
    dimension, ratio, step, weight, decay = 600, 2.0, 0.03, 0.3, 0.2
    data, W, V = sample(ratio, dimension, 7)
    count, second = len(data), torch.from_numpy(data.T @ data)  # all that the loss sees of the data
    w, v, spread = (torch.tensor(value, requires_grad=True) for value in (
        W / np.sqrt(dimension), V / np.sqrt(dimension), 1.0))
    optimiser, total = torch.optim.SGD([w, v, spread], lr=step), torch.trace(second)
    for _ in range(round(6.0 / step)):
        optimiser.zero_grad()
        seen = second @ v  # Σ x h at h = v·x
        error = total - 2 * (seen @ w) + (seen @ v + count * spread) * (w @ w)    # ‖x − wz‖², averaged over z
        kl = seen @ v + count * (spread - torch.log(spread) - 1)
        loss = (error + weight * kl) / 2 + decay / 2 * dimension * (w @ w + v @ v)
        (loss / count).backward()
        optimiser.step()
    exact = vaesym.gradient_flow(6.0, ratio, weight, lam=decay, start=START)
    found = {"Q": w @ w, "E": v @ v, "R": w @ v, "m": w[0], "d": v[0], "D": spread}
    for name, value in found.items():
        assert value.item() == pytest.approx(float(exact[name]), abs=0.08), name


def test_stopping_early_is_no_substitute_for_beta() -> None:
    blind = {"signal": 1e-3, "decoder": 1e-4, "encoder": 1e-4, "D": 1.0}
    found = vaesym.best_stopping([2.0, 8.0], 0.3, lam=0.2, start=blind, until=30.0)
    assert found.stopping_time.values == pytest.approx([3.18, 8.19], abs=0.02)
    assert (found.best_error < found.stopped_error).all()
    assert (found.stopped_error < found.final_error).all()
    assert (found.stopped_error / found.best_error).values == pytest.approx([1.38, 1.13], abs=0.01)
    for ratio, time, error in zip((2.0, 8.0), found.stopping_time.values, found.stopped_error.values, strict=True):
        around = vaesym.gradient_flow(time + np.array([-0.02, 0.0, 0.02]), ratio, 0.3, lam=0.2, start=blind)
        assert around.signal_recovery_error.values.argmin() == 1
        assert float(around.signal_recovery_error[1]) == pytest.approx(error, rel=1e-7)
    # A start that knows the signal keeps what the sample does not show.
    knowing = vaesym.best_stopping(8.0, 0.3, lam=0.2, start={**blind, "signal": 0.1}, until=30.0)
    assert float(knowing.stopped_error) < float(knowing.best_error)
    # Above the best β the error only falls.
    late = vaesym.best_stopping(8.0, 1.6, lam=0.2, start=blind, until=30.0)
    assert np.isinf(late.stopping_time)


@pytest.mark.parametrize(("changes", "words"), [
    ({"time": []}, "ascending axis"), ({"alpha": [[1.0]]}, "one-dimensional axis"), ({"lam": -1.0}, "lam >= 0"),
    ({"start": {}}, "a start with signal, decoder, encoder, D"), ({"start": {**START, "decoder": -1.0}}, ">= 0"),
    ({"start": {**START, "D": [1.0, 1.0]}}, "a start of numbers"), ({"beta": np.inf}, "finite beta")])
def test_bad_input_of_the_flow_is_refused(changes: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"time": 1.0, "alpha": 2.0, "beta": 1.0, "lam": 0.1, "start": START}
    with pytest.raises(InputError, match=words):
        vaesym.gradient_flow(**{**given, **changes})
