"""The scale of a loss: the four reductions, the inverse, and what is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vaesym
from vaesym.inputs import InputError
from vaesym.practice.monitor.prediction import predict
from vaesym.practice.scale import LossScale

weights = st.floats(min_value=1e-6, max_value=1e6)
sizes = st.integers(min_value=1, max_value=100_000)
reductions = st.sampled_from(["sum", "mean"])
scales = st.builds(LossScale, reconstruction=reductions, kl=reductions, reconstruction_weight=weights,
                   kl_weight=weights)


@pytest.mark.parametrize(
    ("reconstruction", "kl", "expected"),
    [("sum", "sum", 3 / (2 * 2)), ("mean", "sum", 3 * 100 / (2 * 2)),
     ("sum", "mean", 3 / (2 * 2 * 8)), ("mean", "mean", 3 * 100 / (2 * 2 * 8))],
)
def test_the_four_combinations(reconstruction: Any, kl: Any, expected: float) -> None:
    scale = LossScale(reconstruction, kl, reconstruction_weight=2.0, kl_weight=3.0)
    assert scale.effective_beta(n_features=100, n_latents=8) == expected


@pytest.mark.parametrize(
    ("reconstruction", "kl", "expected"),
    [("sum", "sum", 3 / 2), ("mean", "sum", 3 * 100 / 2), ("sum", "mean", 3 / (2 * 8)),
     ("mean", "mean", 3 * 100 / (2 * 8))],
)
def test_the_four_combinations_of_cross_entropy(reconstruction: Any, kl: Any, expected: float) -> None:
    scale = LossScale(reconstruction, kl, 2.0, 3.0, "bernoulli")
    assert scale.effective_beta(n_features=100, n_latents=8) == expected
    assert scale.kl_weight_for(expected, n_features=100, n_latents=8) == pytest.approx(3.0, rel=1e-15)


def test_the_default_weight_is_that_of_the_theory() -> None:
    assert LossScale().reconstruction_weight == 0.5
    cross_entropy = LossScale(likelihood="bernoulli", kl_weight=0.7)
    assert cross_entropy.reconstruction_weight == 1.0
    assert cross_entropy.effective_beta(n_features=784, n_latents=16) == 0.7
    assert LossScale("sum", "sum", None, 2.0) == LossScale("sum", "sum", 0.5, 2.0)


@pytest.mark.parametrize("likelihood", ["poisson", "negative_binomial", "multinomial", "categorical",
                                        "gaussian_shared", "gaussian_diagonal"])
def test_a_negative_log_likelihood_counts_once(likelihood: Any) -> None:
    scale = LossScale("mean", "mean", likelihood=likelihood, kl_weight=3.0)
    assert scale.reconstruction_weight == 1.0
    assert scale.effective_beta(n_features=100, n_latents=8) == 3 * 100 / 8
    with pytest.raises(InputError, match="a loss of squared error"):
        vaesym.advise("digits", loss=scale)


@pytest.mark.parametrize("value", ["bce", "BERNOULLI", None, 1, ["gaussian"]])
def test_an_unknown_likelihood_lists_the_known(value: Any) -> None:
    with pytest.raises(InputError, match="likelihood as one of gaussian, bernoulli") as caught:
        LossScale(likelihood=value)
    assert repr(value) in str(caught.value)


def test_advice_is_for_squared_error_only() -> None:
    data = np.random.default_rng(0).random((20, 4))
    with pytest.raises(InputError, match="collapse_thresholds"):
        vaesym.advise(data, loss=LossScale(likelihood="bernoulli"))
    with pytest.raises(InputError, match="collapse_thresholds"):
        vaesym.Monitor(data, n_latents=2, beta=1.0, loss=LossScale(likelihood="bernoulli"))


def test_a_monitor_takes_the_thresholds_of_cross_entropy() -> None:
    data = np.random.default_rng(0).random((20, 4))
    found = vaesym.collapse_thresholds(data, likelihood="bernoulli", latents=2)
    loss = LossScale("mean", likelihood="bernoulli")
    monitor = predict(data, loss=loss, thresholds=found.thresholds, n_latents=2, n_features=None)
    np.testing.assert_allclose(monitor.thresholds(), found.thresholds / 4)


def test_the_default_is_the_loss_of_the_theory() -> None:
    assert LossScale(kl_weight=0.7).effective_beta(n_features=784, n_latents=16) == 0.7


@given(scale=scales, n_features=sizes, n_latents=sizes)
def test_it_is_the_ratio_of_the_weights_of_one_summand(scale: LossScale, n_features: int,
                                                       n_latents: int) -> None:
    """Loss of a sample built from explicit vectors: βσ² is half the ratio of the two sums' coefficients."""
    rng = np.random.default_rng(0)
    errors, divergences = rng.random(min(n_features, 50)), rng.random(min(n_latents, 50))
    reduce = {"sum": np.sum, "mean": np.mean}
    a = scale.reconstruction_weight * reduce[scale.reconstruction](errors) / errors.sum()
    w = scale.kl_weight * reduce[scale.kl](divergences) / divergences.sum()
    result = scale.effective_beta(n_features=len(errors), n_latents=len(divergences))
    assert result == pytest.approx(w / (2 * a), rel=1e-12)


@given(scale=scales, beta=weights, n_features=sizes, n_latents=sizes)
def test_kl_weight_for_inverts_effective_beta(scale: LossScale, beta: float, n_features: int,
                                              n_latents: int) -> None:
    sizes_of = {"n_features": n_features, "n_latents": n_latents}
    weight = scale.kl_weight_for(beta, **sizes_of)
    assert isinstance(weight, float)
    assert scale.effective_beta(kl_weight=weight, **sizes_of) == pytest.approx(beta, rel=1e-14)
    assert scale.kl_weight_for(scale.effective_beta(**sizes_of), **sizes_of) == pytest.approx(
        scale.kl_weight, rel=1e-14)


@given(scale=scales, factor=weights, n_features=sizes, n_latents=sizes)
def test_a_common_factor_of_the_loss_does_not_matter(scale: LossScale, factor: float, n_features: int,
                                                     n_latents: int) -> None:
    scaled = LossScale(scale.reconstruction, scale.kl, factor * scale.reconstruction_weight,
                       factor * scale.kl_weight)
    sizes_of = {"n_features": n_features, "n_latents": n_latents}
    assert scaled.effective_beta(**sizes_of) == pytest.approx(scale.effective_beta(**sizes_of), rel=1e-14)


def test_arrays_broadcast() -> None:
    scale = LossScale("mean", "mean", 1.0)
    betas = np.array([[0.5, 1.0, 2.0]])
    kl_weights = scale.kl_weight_for(betas, n_features=784, n_latents=16)
    assert isinstance(kl_weights, np.ndarray)
    assert kl_weights.shape == (1, 3)
    assert kl_weights.dtype == np.float64
    np.testing.assert_allclose(
        scale.effective_beta(n_features=784, n_latents=16, kl_weight=kl_weights), betas, rtol=1e-15)
    assert isinstance(scale.kl_weight_for(np.float64(1), n_features=2, n_latents=1), float)


def test_describe() -> None:
    assert LossScale().describe() == "0.5*sum_features(x - xhat)^2 + 1*sum_latents KL"
    assert LossScale("mean", "mean", 1, 0.00025).describe() == (
        "1*mean_features(x - xhat)^2 + 0.00025*mean_latents KL")
    assert LossScale("mean", likelihood="bernoulli").describe("β") == "1*mean_features BCE(x, xhat) + β*sum_latents KL"


def test_it_is_frozen_comparable_and_stores_floats() -> None:
    scale = LossScale(reconstruction_weight=np.float32(0.5), kl_weight=1)
    assert scale == LossScale()
    assert hash(scale) == hash(LossScale())
    assert type(scale.kl_weight) is float
    with pytest.raises(AttributeError):
        scale.kl_weight = 2.0


@pytest.mark.parametrize("name", ["reconstruction", "kl"])
@pytest.mark.parametrize("value", ["bce", "none", "SUM", None, 1, ["sum"]])
def test_an_unknown_reduction_lists_the_known_and_the_limits(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"{name} as 'sum' or 'mean'") as caught:
        LossScale(**{name: value})
    assert "binary cross-entropy is likelihood 'bernoulli', perceptual and adversarial" in str(caught.value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("name", ["reconstruction_weight", "kl_weight"])
@pytest.mark.parametrize(
    ("value", "message"),
    [(0, "> 0; received 0.0"), (-1.0, "> 0; received -1.0"), (float("nan"), "finite"),
     (float("inf"), "finite"), ("1", "real numbers"), (True, "real numbers"),
     (1j, "real numbers"), ([1.0, 2.0], "as one number"), ([[1.0], [1.0, 2.0]], "ragged")],
)
def test_a_bad_weight_is_refused_by_name(name: str, value: Any, message: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        LossScale(**{name: value})
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["n_features", "n_latents"])
@pytest.mark.parametrize("value", [0, -3, 2.0, True, "3", None])
def test_sizes_are_whole_numbers(name: str, value: Any) -> None:
    sizes_of: Any = {"n_features": 4, "n_latents": 2, name: value}
    with pytest.raises(InputError, match=name):
        LossScale().effective_beta(**sizes_of)
    with pytest.raises(InputError, match=name):
        LossScale().kl_weight_for(1.0, **sizes_of)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), "1", [1.0, -1.0]])
def test_beta_and_the_weight_of_a_sweep_are_positive(value: Any) -> None:
    with pytest.raises(InputError, match="effective_beta"):
        LossScale().kl_weight_for(value, n_features=4, n_latents=2)
    with pytest.raises(InputError, match="kl_weight"):
        LossScale().effective_beta(n_features=4, n_latents=2, kl_weight=value)


@pytest.mark.parametrize(("reconstruction_weight", "kl_weight"),
                         [(1e-300, 1e300), (1e300, 1e-300), (1e308, 1.0), (5e-324, 1.0)])
def test_a_result_outside_float64_is_an_error(reconstruction_weight: float, kl_weight: float) -> None:
    scale = LossScale(reconstruction_weight=reconstruction_weight, kl_weight=kl_weight)
    with pytest.raises(InputError, match="float64"):
        scale.effective_beta(n_features=4, n_latents=2)


@pytest.mark.parametrize(("options", "factor"), [
    ({"sigma": 0.05}, 0.0025), ({"batch_factor": 64}, 64), ({"batch_factor": 1 / 64, "kl_half": False}, 1 / 32),
    ({"sigma": 2.0, "batch_factor": 10, "kl_half": False, "reconstruction": "mean"}, 4 * 20 * 784)])
def test_sigma_sums_over_the_batch_and_a_kl_without_its_half(options, factor):
    loss = LossScale(**options, kl_weight=0.3)
    found = loss.effective_beta(n_features=784, n_latents=16)
    assert found == pytest.approx(0.3 * factor)
    assert loss.kl_weight_for(found, n_features=784, n_latents=16) == pytest.approx(0.3)
    twice = dataclasses.replace(loss, kl_weight=0.6)
    assert twice.effective_beta(n_features=784, n_latents=16) == pytest.approx(2 * found)


def test_the_batch_factor_is_that_of_sums_beside_averages():
    """A KL summed over the batch beside a reconstruction averaged over it, written out."""
    rng = np.random.default_rng(0)
    error, kl = rng.normal(size=(128, 10)) ** 2, rng.normal(size=(128, 4)) ** 2
    written = 0.5 * error.sum(axis=1).mean() + 0.3 * 2 * kl.sum()
    loss = LossScale(kl_weight=0.3, batch_factor=128, kl_half=False)
    beta = loss.effective_beta(n_features=10, n_latents=4)
    assert written == pytest.approx((0.5 * error.sum(axis=1) + beta * kl.sum(axis=1)).mean())
    assert loss.describe() == "0.5*sum_features(x - xhat)^2 + 0.3*128*2*sum_latents KL"


@pytest.mark.parametrize(("options", "words"), [
    ({"sigma": 0.0}, "sigma > 0"), ({"sigma": 1e-200}, "fits in float64"),
    ({"sigma": 1e200}, "fits in float64"), ({"sigma": [1.0, 2.0]}, "sigma as one number"),
    ({"batch_factor": -1}, "batch_factor > 0"),
    ({"sigma": 1.0, "reconstruction_weight": 2.0}, "sigma beside reconstruction_weight"),
    ({"sigma": 1.0, "likelihood": "bernoulli"}, "sigma beside likelihood"),
    ({"kl_half": 1}, "kl_half as True or False"),
    *(({"likelihood": name}, words) for name, words in (("l1", "absolute error"), ("lpips", "perceptual"),
                                                        ("LSTM", "autoregressive"), ("vq", "codebook")))])
def test_what_the_theory_does_not_cover_is_said(options, words):
    with pytest.raises(InputError, match=words):
        LossScale(**options)
