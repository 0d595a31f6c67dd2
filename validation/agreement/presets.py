"""How large a report is: sizes, seeds, points, epochs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from validation.laboratory.runs import one_of


@dataclass(frozen=True)
class Preset:
    """The scale of an agreement report.

    Attributes
    ----------
    name : how it is asked for
    sizes, seeds : dimensions N of the exact minimiser, and number of data sets of a point at each
    points, near_points : points away from transitions, and near one
    trained_sizes, trained_seeds, trained_points : the same for trainings
    epochs, learning_rate : of Adam
    spread_sizes, spread_seeds : dimensions and number of data sets for the fluctuations
    curve_size, curve_seeds, curve_points : of the figures
    onset_sizes, onset_seeds, onset_epochs, onset_grid : of the trainings near boundaries (those for hysteresis are
        twice as long), and number of values of β
    """

    name: str
    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    points: int
    near_points: int
    trained_sizes: tuple[int, ...]
    trained_seeds: int
    trained_points: int
    epochs: int
    learning_rate: float
    spread_sizes: tuple[int, int]
    spread_seeds: tuple[int, int]
    curve_size: int
    curve_seeds: int
    curve_points: int
    onset_sizes: tuple[int, ...]
    onset_seeds: int
    onset_epochs: int
    onset_grid: int


PRESETS = {preset.name: preset for preset in (
    Preset("tiny", (60, 90, 120), (6, 6, 6), 12, 2, (60, 120), 4, 3, 1500, 0.02, (60, 120), (60, 40), 60, 3, 5, (60, 120), 3, 300,
           12),
    Preset("small", (80, 160, 320), (20, 16, 12), 75, 8, (60, 120), 6, 10, 6000, 0.005, (80, 240), (1500, 800), 160, 6, 9, (80, 160),
           8, 600, 25),
    Preset("full", (125, 250, 500, 1000, 2000), (96, 64, 48, 32, 16), 120, 24, (125, 250, 500, 1000), 8, 24, 15_000,
           1e-3, (125, 500), (4000, 2000), 500, 12, 15, (125, 250, 500), 16, 2000, 49),
)}


def preset(name: str) -> Preset:
    """Return the preset of that name, or raise :class:`vaesym.InputError` naming those there are.

    >>> preset("small").sizes
    (80, 160, 320)
    """
    one_of("preset", name, tuple(PRESETS))
    return PRESETS[name]


def data_seed(*labels: int) -> int:
    """Return the seed of a data set from whole numbers that name it; other names, other data.

    >>> data_seed(0, 1) != data_seed(1, 0)
    True
    """
    return int(np.random.SeedSequence(labels).generate_state(1, np.uint64)[0] >> np.uint64(1))
