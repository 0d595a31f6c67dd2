"""Scaled noise of sampling: the threshold and the KL against the loss, minimised over a grid without theory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from vaesym import advise
from vaesym.inputs import InputError
from vaesym.practice.objectives.noise_scale import LARGEST, scaled_kl

GRID = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 200_001)])


def minimised(eigenvalue: float, beta: float, scale: float) -> float:
    """The KL at the least loss over decoder norm, posterior variance and encoder gain, these two in closed form."""
    variance = beta / (scale**2 * GRID + beta)
    gain = np.sqrt(GRID) / (GRID + beta)
    error = eigenvalue * (1 - np.sqrt(GRID) * gain) ** 2 + scale**2 * GRID * variance
    kl = (gain**2 * eigenvalue + variance - 1 - np.log(variance)) / 2
    return float(kl[np.argmin(error / 2 + beta * kl)])


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.2, LARGEST])
@pytest.mark.parametrize("ratio", [0.5, 0.98, 1.02, 3.0])
def test_kl_is_that_of_the_least_loss(scale: float, ratio: float) -> None:
    beta = 0.7
    eigenvalue = ratio * scale**2 * beta
    assert scaled_kl(eigenvalue, beta, scale) == pytest.approx(minimised(eigenvalue, beta, scale), abs=2e-5)
    assert (minimised(eigenvalue, beta, scale) > 0) == (ratio > 1)


def test_beyond_the_largest_scale_latents_live_above_the_threshold() -> None:
    assert minimised(0.97 * 2.0**2, 1.0, 2.0) > 0.1


def test_advice_has_thresholds_and_kl_of_the_scaled_noise() -> None:
    plain = advise("digits", latents=4, beta=30.0)
    half = advise("digits", latents=4, beta=30.0, noise_scale=0.5)
    for one, other in zip(plain.latents, half.latents, strict=True):
        assert other.collapse_weight == pytest.approx(4 * one.collapse_weight)
        assert other.kl == pytest.approx(scaled_kl(one.eigenvalue, 30.0, 0.5))
        assert other.collapse_weight_interval == pytest.approx(tuple(4 * end for end in one.collapse_weight_interval))
    assert (half.best_kl_weight, half.learned_variance) == (None, None)
    low, high = half.total_kl_interval
    assert low < half.total_kl < high
    assert "above 0.25 βσ²" in " ".join(str(half).split())
    assert half.recommendation.choice.kl_weight == half.latents[-1].collapse_weight


@pytest.mark.parametrize(("options", "words"), [
    ({"noise_scale": 0}, "noise_scale > 0"), ({"noise_scale": 1.5}, "noise_scale <= 1.414"),
    ({"noise_scale": math.nan}, "finite noise_scale"),
    ({"noise_scale": 0.5, "target_kl": 3.0}, "one of them at a time")])
def test_bad_scales_are_refused(options: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        advise("digits", latents=2, **options)
