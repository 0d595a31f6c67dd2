"""Trainings beside the exact minimum of the same data: which converged, which ended at the global minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from validation.agreement.points import Point, chosen
from validation.agreement.presets import Preset
from validation.agreement.studies import Study, Table, point_study
from validation.laboratory.runs import Settings

#: A training has converged where the gradient of R/N in (W/√N, V/√N, ln D) is below this times α …
GRADIENT = 1e-3
#: … and is at the global minimum where its loss is above the least by no more than this share of it (or times α).
EXCESS = 1e-3
#: Starts on each data set.
STARTS = 2


def trained_points(preset: Preset) -> list[Point]:
    """Return points away from transitions for training, of all phases and laws."""
    return chosen(preset.trained_sizes[0], preset.trained_points)


def trained_studies(preset: Preset, seed: int) -> tuple[Study, Study]:
    """Return the trainings by Adam from random starts, and the exact minimiser on the same data sets."""
    points, sizes = trained_points(preset), preset.trained_sizes
    seeds = (preset.trained_seeds,) * len(sizes)
    adam = Settings(epochs=preset.epochs, learning_rate=preset.learning_rate)
    return (point_study("trained", 3, points, sizes, seeds, seed, adam, STARTS),
            point_study("trained-exact", 3, points, sizes, seeds, seed, Settings(method="exact"), STARTS))


@dataclass(frozen=True)
class Ends:
    """Where trainings ended.

    Attributes
    ----------
    converged : whether the gradient has vanished
    globally : whether the loss is the least
    excess : loss above the least one, over max(|least|, 10⁻² α)
    error_gap : difference of ε from that of the exact minimum
    """

    converged: NDArray[np.bool_]
    globally: NDArray[np.bool_]
    excess: Floats
    error_gap: Floats


def compare_ends(trained: Table, exact: Table) -> Ends:
    """Return where trainings ended beside the exact minima, run by run."""
    alpha = trained["samples"] / trained["features"]
    # Near collapse the least loss vanishes, and an excess relative to it says nothing.
    scale = np.maximum(np.abs(exact["loss"]), 1e-2 * alpha)
    excess = (trained["loss"] - exact["loss"]) / scale
    return Ends(trained["gradient"] <= GRADIENT * alpha, excess <= EXCESS, excess,
                trained["signal_recovery_error"] - exact["signal_recovery_error"])
