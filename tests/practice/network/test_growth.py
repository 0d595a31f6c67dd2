"""How fast a latent grows: against gradient descent on the loss of a linear VAE, and as the monitor waits by it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.practice.network.growth import growth_rate, waiting_steps


def descended(eigenvalue: float, beta: float, rate: float, levels: list[float], slope: float = 1.0) -> list[int]:
    """Steps of gradient descent at which the information passes each level, from weights as collapse leaves them."""
    decoder, encoder, log, passed = 1e-4, 1e-4, 0.0, list[int]()
    for step in range(200_000):
        grown = 0.5 * math.log1p(encoder**2 * eigenvalue / math.exp(log))
        while len(passed) < len(levels) and grown > levels[len(passed)]:
            passed.append(step)
        if len(passed) == len(levels):
            break
        spread = math.exp(log)
        parts = (decoder * (encoder**2 * eigenvalue + spread) - encoder * eigenvalue,
                 eigenvalue * (encoder * (decoder**2 + beta) - decoder),
                 (decoder**2 * spread + beta * (spread - 1)) / 2)
        decoder, encoder, log = (old - rate * slope * part for old, part in zip((decoder, encoder, log), parts,
                                                                                strict=True))
    return passed


@pytest.mark.parametrize("eigenvalue", [1.05, 1.1, 2.0, 10.0])
def test_gradient_descent_takes_as_many_steps(eigenvalue: float) -> None:
    first, last = descended(eigenvalue, 1.0, 0.002, [1e-6, 1e-4])
    assert last - first == pytest.approx(waiting_steps(eigenvalue, 1.0, learning_rate=0.002, start=1e-6, end=1e-4),
                                         rel=0.02, abs=2)


def test_the_rate_vanishes_at_the_threshold_with_its_sign() -> None:
    beta = np.array([0.5, 1.0, 3.0])
    assert (growth_rate(beta, beta) == 0).all()
    np.testing.assert_allclose(growth_rate(beta * (1 + 1e-9), beta), 1e-9 * beta**2 / (1 + beta**2), rtol=1e-6)
    matrix = np.array([[-1.0, 2.0], [2.0, -0.7 * 2.0]])
    assert growth_rate(2.0, 0.7) == pytest.approx(np.linalg.eigvalsh(matrix)[-1])


def test_the_loss_of_the_user_sets_the_rate() -> None:
    """A reconstruction averaged over 50 features has gradients 25 times smaller than ½ of its sum."""
    loss = vaesym.LossScale("mean", reconstruction_weight=1.0)
    x = np.random.default_rng(0).normal(size=(500, 50)) * np.geomspace(3, 1, 50)
    weight = loss.kl_weight_for(2.0, n_features=50, n_latents=2)
    rates = [vaesym.Monitor(source, n_latents=2, learning_rate=0.1, **more)._prediction.rates(beta, 0.1)
             for source, beta, more in ((x, 2.0, {"beta": 2.0}), (x, weight, {"beta": weight, "loss": loss}))]
    np.testing.assert_allclose(rates[0], 25 * rates[1])
    advice = vaesym.advise(x, latents=2, beta=weight, loss=loss, intervals=None)
    np.testing.assert_allclose(vaesym.Monitor(advice)._prediction.rates(weight, 0.1), rates[1])


def stuck(**more: Any) -> tuple[int, vaesym.Monitor]:
    """When a latent that decays is called stuck."""
    rng, watched = np.random.default_rng(0), vaesym.Monitor([19.8, 12.4, 4.1], beta=3.5, n_latents=3, every=1, **more)
    for step in range(6000):
        size = np.array([0.6, 0.3, 0.02 * np.exp(-step / 80)])
        mu, log = np.sqrt(size) * rng.normal(size=(64, 3)), np.tile(np.log1p(-size), (64, 1))
        for alert in watched.update(mu, log):
            assert (alert.kind, alert.latents) == ("stuck", (2,))
            return alert.step, watched
    return 6000, watched


def test_the_monitor_waits_until_the_weakest_could_have_grown() -> None:
    free, _ = stuck()
    fast, quick = stuck(learning_rate=0.5)
    slow, patient = stuck(learning_rate=3e-3)
    assert quick.waiting_steps() < free <= fast < patient.waiting_steps() <= slow < 1.4 * patient.waiting_steps()
    again = vaesym.Monitor([19.8, 12.4, 4.1], beta=3.5, n_latents=3, every=1, learning_rate=3e-3)
    again.load_state_dict(patient.state_dict())
    assert again.waiting_steps() == patient.waiting_steps()


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, [0.1, 0.2]])
def test_bad_rates_are_refused(bad: Any) -> None:
    with pytest.raises(vaesym.InputError, match="learning_rate"):
        vaesym.Monitor([2.0, 1.0], beta=1.0, n_latents=2, learning_rate=bad)
