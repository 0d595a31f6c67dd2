"""The simulated points of the figures of [IH]."""

from __future__ import annotations

import numpy as np

from validation.agreement.points import Point
from validation.agreement.presets import Preset
from validation.agreement.studies import Study, shared_study
from validation.laboratory.runs import Settings

#: λ of the learning curves at β = 1, β of those at λ = 0.1, and β of those at λ = 0.
DECAYS, WEIGHTS, WITHOUT_DECAY = (0.01, 0.1, 1.0), (0.25, 0.5, 1.5), (0.25, 1.0)
#: α of the curves over β, and their λ.
ALPHAS, DECAY = (2.0, 8.0, 32.0), 0.1
#: λ of the phase diagram.
PHASE_DECAY = 0.5


def alphas(preset: Preset) -> np.ndarray:
    """Return the α of the learning curves."""
    return np.geomspace(0.25, 16.0, preset.curve_points)


def betas(preset: Preset) -> np.ndarray:
    """Return the β of the curves over β."""
    return np.linspace(0.2, 2.6, preset.curve_points)


def learning_members() -> list[tuple[float, float]]:
    """Return (β, λ) of all learning curves."""
    return [*((1.0, lam) for lam in DECAYS), *((beta, DECAY) for beta in WEIGHTS), *((b, 0.0) for b in WITHOUT_DECAY)]


def learning_points(preset: Preset) -> list[list[Point]]:
    """Return the points of the learning curves, those of one α together."""
    return [[Point(float(alpha), beta, lam) for beta, lam in learning_members()] for alpha in alphas(preset)]


def beta_points(preset: Preset) -> list[list[Point]]:
    """Return the points of the curves over β, those of one α together."""
    return [[Point(alpha, float(beta), DECAY) for beta in betas(preset)] for alpha in ALPHAS]


def phase_points(preset: Preset) -> list[list[Point]]:
    """Return the points of the phase diagram, those of one α together."""
    return [[Point(float(alpha), float(beta), PHASE_DECAY) for beta in np.linspace(0.15, 2.9, 8)]
            for alpha in np.geomspace(0.25, 16.0, 8)]


def curve_studies(preset: Preset, seed: int) -> list[Study]:
    """Return the exact minimiser on learning curves, curves over β and the phase diagram, and Adam on a curve."""
    size, count, exact = preset.curve_size, preset.curve_seeds, Settings(method="exact")
    adam = Settings(epochs=preset.epochs, learning_rate=preset.learning_rate)
    one = [[group[learning_members().index((1.0, 0.1))]] for group in learning_points(preset)]
    return [shared_study("learning-curves", 60, learning_points(preset), size, count, seed, exact),
            shared_study("beta-curves", 61, beta_points(preset), size, count, seed, exact),
            shared_study("phases", 62, phase_points(preset), size, count, seed, exact),
            shared_study("trained-curve", 60, one, size, min(count, 4), seed, adam)]
