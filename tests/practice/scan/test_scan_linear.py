"""A scan of linear networks is the exact linear theory, at every β and in every latent."""

import math
from dataclasses import replace

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError

#: Its trainings are shared by the tests of one process.
pytestmark = pytest.mark.xdist_group("scan")

pytest.importorskip("torch")

#: Variances along the axes: three signals above noise.
VARIANCES = np.array([9.0, 5.0, 2.5, *[0.5] * 9])


def gaussian(samples: int = 2000, variances: np.ndarray = VARIANCES) -> np.ndarray:
    """Data whose covariance is not diagonal."""
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(len(variances), len(variances))))[0]
    return rng.normal(size=(samples, len(variances))) * np.sqrt(variances) @ turn + 3.0


@pytest.fixture(scope="module")
def linear():
    return vaesym.scan(gaussian(), latents=3, hidden=(), epochs=400, held_out=0.0, batch=400, learning_rate=5e-3,
                       beta_range=(0.6, 12.0))


@pytest.mark.parametrize("beta", [0.8, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0])
def test_kl_of_each_latent_is_that_of_the_theory(linear, beta):
    point = linear.at(beta)
    order = np.sort(point.kl)[::-1]
    assert order == pytest.approx(point.linear.kl, abs=0.04)
    assert point.rate == pytest.approx(np.log(np.maximum(linear.ready.linear.thresholds / beta, 1)).sum() / 2, abs=0.04)
    assert point.loss == pytest.approx(point.linear.loss, rel=1e-3)
    assert point.distortion == pytest.approx(point.linear.distortion, rel=0.03)


def test_thresholds_are_the_eigenvalues(linear):
    exact = np.linalg.eigvalsh(np.cov(gaussian().T, bias=True))[::-1][:3]
    assert linear.ready.linear.thresholds == pytest.approx(exact, rel=1e-6)
    # A latent counts as active from 0.01 nats, at Λ e^{-0.02}. Where a gate closes the loss changes to third order.
    assert linear.thresholds == pytest.approx(exact * math.exp(-0.02), rel=0.06)
    assert linear.at(11.9).rate == 0.0


def test_answers_are_those_of_the_theory(linear):
    first, second, third = linear.ready.linear.thresholds
    low, high = linear.beta_for_active(1)
    # As above, a latent counts as active down to 0.01 nats.
    assert np.array([low, high]) * math.exp(0.02) == pytest.approx([second, first], rel=0.06)
    assert linear.full_collapse * math.exp(0.02) == pytest.approx(first, rel=0.06)
    # With two active, the total KL is ½ ln(Λ₁Λ₂/β²).
    beta = math.sqrt(second * third)
    nats = math.log(first * second / beta**2) / 2
    assert linear.beta_for_kl(nats) == pytest.approx(beta, rel=0.04)
    distortion = float(linear.ready.linear.error(np.array([beta]))[0])
    assert linear.beta_for_distortion(distortion) == pytest.approx(beta, rel=0.04)
    # Probabilistic PCA: the bound is best at β = 1.
    assert linear.best_elbo()[0] == pytest.approx(1.0, rel=0.15)


def test_elbo_is_below_the_likelihood_and_attains_it_at_one(linear):
    data = gaussian()
    kept = linear.ready.linear.thresholds
    covariance = np.cov(data.T, bias=True)
    values = np.linalg.eigvalsh(covariance)[::-1]
    # Model covariance: the leading eigenvalues, and 1 in all other directions.
    model = np.array([*kept, *np.ones(len(values) - 3)])
    likelihood = -(len(values) * math.log(2 * math.pi) + np.log(model).sum() + (values / model).sum()) / 2
    assert linear.at(1.0).elbo == pytest.approx(likelihood, abs=0.08)
    assert linear.at(3.0).elbo < likelihood


def test_learned_variance_lies_on_the_same_curve(linear):
    """With σ² learned the best σ² is the error that is left: at β = 1 the noise, and β σ² takes the place of β."""
    found = replace(linear, settings=replace(linear.settings, variance=None))
    low, high = found.beta_range
    assert 1.0 < low < 1.4 < high
    beta = 1.4
    point = found.at(beta)
    values = np.linalg.eigvalsh(np.cov(gaussian().T, bias=True))[::-1]
    # Nσ² = E = Kβσ² + what is left beyond the K active latents.
    variance = values[3:].sum() / (len(values) - 3 * beta)
    assert point.linear.active == 3
    assert point.linear.kl == pytest.approx(np.log(values[:3] / (beta * variance)) / 2, abs=0.01)
    assert point.variance == pytest.approx(variance, rel=0.02)
    assert point.kl == pytest.approx(np.log(values[:3] / (beta * variance)) / 2, abs=0.04)
    with pytest.raises(InputError, match="the range of this scan"):
        found.at(1e4)


def test_units_of_the_data_and_a_fixed_variance_go_into_beta():
    one, other = (vaesym.scan(factor * gaussian(400), latents=2, hidden=(), epochs=8, variance=variance,
                              beta_range=(0.6, 12.0)) for factor, variance in ((1.0, 1.0), (2.0, 4.0)))
    assert other.at(2.0).kl == pytest.approx(one.at(2.0).kl, rel=1e-3)
    assert other.at(2.0).distortion == pytest.approx(4 * one.at(2.0).distortion, rel=1e-3)
    assert other.at(2.0).elbo == pytest.approx(one.at(2.0).elbo - 12 * math.log(2), rel=1e-3)


def test_a_condition_leaves_the_covariance_of_the_residual():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 3, 1200)
    data = gaussian(1200, np.array([6.0, 2.0, 0.5, 0.5])) + 8.0 * np.eye(4)[label]
    told = vaesym.scan(data, latents=2, hidden=(), epochs=150, held_out=0.0, batch=300, learning_rate=5e-3,
                       condition=label.astype(str))
    residual = data - np.array([data[label == one].mean(axis=0) for one in range(3)])[label]
    exact = np.linalg.eigvalsh(np.cov(residual.T, bias=True))[::-1][:2]
    assert told.ready.linear.thresholds == pytest.approx(exact, rel=1e-4)
    assert told.full_collapse * math.exp(0.02) == pytest.approx(exact[0], rel=0.06)
    assert np.linalg.eigvalsh(np.cov(data.T))[-1] > 2 * exact[0]
