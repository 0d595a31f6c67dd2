"""A KL that is aimed at, and free bits: against trainings of a linear VAE on those very losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from vaesym import advise
from vaesym.inputs import InputError
from vaesym.practice.objectives.capacity import free_bits, target_kl

EIGENVALUES = np.array([4.0, 1.0, 0.5])


class Linear:
    """The exact loss of a linear VAE on data of these eigenvalues, by its weights and log-variances in one vector."""

    def __init__(self, latents: int) -> None:
        self.latents, self.size = latents, 2 * 3 * latents + latents

    def terms(self, weights: Any) -> tuple[float, Any]:
        """Return half the squared error and the KL of each latent."""
        cut = 3 * self.latents
        decoder, encoder = weights[:cut].reshape(3, -1), weights[cut : 2 * cut].reshape(3, -1)
        log = weights[2 * cut :]
        rest = np.eye(3) - decoder @ encoder.T
        error = np.trace(rest * EIGENVALUES @ rest.T) + (decoder**2 * np.exp(log)).sum()
        return error / 2, ((encoder.T**2 * EIGENVALUES).sum(axis=1) + np.expm1(log) - log) / 2

    def trained(self, cost: Any, limits: Any, starts: int = 6) -> Any:
        """Return the best weights that minimise error + cost, with slack variables t that ``limits`` bind to the KL."""
        rng, best = np.random.default_rng(0), None
        for _ in range(starts):
            start = np.append(rng.normal(size=self.size) / 2, np.ones(self.latents))
            found = minimize(lambda p: self.terms(p[: self.size])[0] + cost(p[self.size :]), start, method="SLSQP",
                             constraints=[{"type": "ineq", "fun": lambda p, bound=bound: bound(
                                 self.terms(p[: self.size])[1], p[self.size :])} for bound in limits],
                             options={"maxiter": 2000, "ftol": 1e-13})
            if found.success and (best is None or found.fun < best.fun):
                best = found
        assert best is not None
        return best


@given(values=st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=6), nats=st.floats(1e-6, 30))
def test_the_beta_of_a_target_has_its_kl(values: list[float], nats: float) -> None:
    found = target_kl(values, nats)
    kl = np.maximum(np.log(np.sort(values)[::-1]) - np.log(found.effective_beta), 0) / 2
    assert kl.sum() == pytest.approx(nats, rel=1e-9)
    np.testing.assert_allclose(found.kl, kl, atol=1e-9)
    assert found.active == np.count_nonzero(np.array(found.kl))


def test_advice_at_the_target_carries_it() -> None:
    aim = advise("digits", latents=6, target_kl=4.0, intervals=None).target_kl
    assert aim is not None
    again = advise("digits", latents=6, beta=aim.kl_weight, intervals=None)
    assert again.total_kl == pytest.approx(4.0)
    assert sum(bool(latent.active) for latent in again.latents) == aim.active
    # At the start of a latent the KL is what the stronger ones carry at its threshold.
    at = advise("digits", latents=6, beta=again.latents[3].collapse_weight, intervals=None)
    assert aim.starts[3] == pytest.approx(at.total_kl)


@pytest.mark.parametrize("gamma", [0.2, 2.0, 10.0])
def test_capacity_ends_at_its_kl_or_as_the_plain_loss_of_that_weight(gamma: float) -> None:
    """|K − C| by a slack variable above K − C and C − K."""
    capacity, linear = 0.9, Linear(2)
    found = linear.trained(lambda t: gamma * t[0], [lambda kl, t: t[0] - kl.sum() + capacity,
                                                    lambda kl, t: t[0] + kl.sum() - capacity])
    error, kl = linear.terms(found.x[: linear.size])
    aim = target_kl(EIGENVALUES[:2], capacity)
    beta = min(gamma, aim.effective_beta)
    expected = np.maximum(np.log(EIGENVALUES[:2] / beta), 0) / 2
    np.testing.assert_allclose(np.sort(kl)[::-1], expected, atol=1e-3)
    assert error == pytest.approx((np.minimum(EIGENVALUES[:2], beta).sum() + 0.5) / 2, abs=1e-5)
    assert (kl.sum() > capacity + 0.1) == (gamma < aim.effective_beta)


@pytest.mark.parametrize("beta", [0.3, 0.5, 1.0, 1.06, 1.2, 4.0])
def test_free_bits_of_each_latent(beta: float) -> None:
    free, linear = np.log(2) / 2, Linear(2)
    found = linear.trained(lambda t: beta * t.sum(), [lambda kl, t: t - kl, lambda kl, t: t - free])
    error, kl = linear.terms(found.x[: linear.size])
    answer = free_bits(EIGENVALUES[:2], free)
    assert (kl > free - 1e-4).all()
    if beta <= answer.without_effect:
        np.testing.assert_allclose(np.sort(kl), np.sort(np.log(EIGENVALUES[:2] / beta) / 2), atol=1e-3)
    assert np.allclose(kl, free, atol=1e-4) == (beta >= answer.floor_from)
    if beta >= answer.floor_from:
        # Less than latents along eigenvectors would leave, ½(4 + 1)/2: they mix, for more of the strong direction.
        assert error == pytest.approx((answer.residual * 5 + 0.5) / 2, abs=1e-6)
        assert error < 0.95 * (5 / 2 + 0.5) / 2


def test_directions_without_variance_and_many_free_nats() -> None:
    found = free_bits([4.0, 1.0, 0.0], 0.01)
    assert (found.without_effect, found.directions) == (0, 1)
    assert free_bits([4.0, 1.0, 0.0], 5.0).directions == 2
    assert target_kl([4.0, 0.0], 3.0).starts == (0.0, None)
    # One latent: its floor is reached from Λ e^(−2f) on, however small that is.
    assert free_bits([4.0], 300.0).floor_from == pytest.approx(4 * np.exp(-600))
    with pytest.raises(InputError, match="free_bits up to 300 nats"):
        free_bits([4.0], 301.0)
    with pytest.raises(InputError, match=r"float64 can hold; received .* nats"):
        target_kl([4.0], 1e9)


@pytest.mark.parametrize("bad", [0, -1.0, float("nan"), float("inf"), "much", [1.0, 2.0], True])
def test_bad_nats_are_refused(bad: Any) -> None:
    for options, name in (({"target_kl": bad}, "target_kl"), ({"free_bits": bad}, "free_bits")):
        with pytest.raises(InputError, match=name):
            advise("digits", latents=2, intervals=None, **options)


@pytest.mark.parametrize(("beta", "words"), [(0.1, "the former range"), (25.0, "0.3 or more"), (1e4, "just 0.3")])
def test_the_report_tells_the_plain_loss_from_that_with_free_bits(beta: float, words: str) -> None:
    free = advise("digits", latents=8, beta=beta, free_bits=0.3, intervals=None)
    plain = advise("digits", latents=8, beta=beta, intervals=None)
    said = " ".join(str(free).split())
    assert "The table is of the plain loss: there your" in said
    assert words in said
    assert "plain loss" not in str(plain)
    assert (free.collapsed, plain.collapsed) == (0, {0.1: 0, 25.0: 0, 1e4: 8}[beta])
