"""How large a report is: sizes, seeds, points, epochs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vaesym import inputs
from vaesym.inputs import InputError
from validation.simulate.data import MEMORY, moments_memory, one_of, require_memory


@dataclass(frozen=True)
class Preset:
    """The scale of an agreement report.

    Attributes
    ----------
    name : how it is asked for
    sizes, seeds : dimensions N of the exact minimiser, and number of data sets of a point at each
    points, near_points : points away from transitions, and near one
    trained_sizes, trained_seeds, trained_points : the same for trainings
    epochs, learning_rate : of Adam, which L-BFGS finishes
    spread_sizes, spread_seeds : dimensions and number of data sets for the fluctuations
    curve_size, curve_seeds, curve_points : of the figures
    onset_sizes, onset_seeds, onset_epochs, onset_grid : of the trainings near boundaries (those for hysteresis are
        twice as long), and number of values of β
    hysteresis_seeds : number of data sets of each first-order boundary and size
    moving_sizes, moving_runs : dimensions of the trainings in time, and number of runs of a point at each
    absolute_sizes, absolute_runs : the same under absolute values as the penalty
    boundaries : which of the boundaries, by their numbers
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
    hysteresis_seeds: int
    moving_sizes: tuple[int, ...]
    moving_runs: tuple[int, ...]
    absolute_sizes: tuple[int, ...]
    absolute_runs: tuple[int, ...]
    boundaries: tuple[int, ...] = tuple(range(15))


_TINY = Preset(
    "tiny", sizes=(60, 90, 120), seeds=(6, 6, 6), points=12, near_points=2, trained_sizes=(60, 120), trained_seeds=4,
    trained_points=3, epochs=200, learning_rate=0.02, spread_sizes=(60, 120), spread_seeds=(60, 40), curve_size=60,
    curve_seeds=3, curve_points=5, onset_sizes=(60, 90), onset_seeds=2, onset_epochs=600, onset_grid=12,
    hysteresis_seeds=3, moving_sizes=(60, 120), moving_runs=(24, 24), absolute_sizes=(40, 80), absolute_runs=(6, 6),
    boundaries=(0, 2, 4, 6, 7, 8, 12, 13))
_SMALL = Preset(
    "small", sizes=(80, 160, 320), seeds=(20, 16, 12), points=75, near_points=8, trained_sizes=(60, 120),
    trained_seeds=8, trained_points=10, epochs=1500, learning_rate=0.01, spread_sizes=(80, 240),
    spread_seeds=(2000, 1100), curve_size=160, curve_seeds=6, curve_points=9, onset_sizes=(80, 160), onset_seeds=8,
    onset_epochs=600, onset_grid=21, hysteresis_seeds=24, moving_sizes=(60, 120, 240), moving_runs=(96, 64, 48),
    absolute_sizes=(40, 80, 160), absolute_runs=(24, 16, 8))
_FULL = Preset(
    "full", sizes=(125, 250, 500, 1000, 2000), seeds=(96, 64, 48, 32, 16), points=120, near_points=24,
    trained_sizes=(125, 250, 500, 1000), trained_seeds=8, trained_points=24, epochs=15_000, learning_rate=1e-3,
    spread_sizes=(125, 500), spread_seeds=(4000, 2000), curve_size=500, curve_seeds=12, curve_points=15,
    onset_sizes=(125, 250, 500), onset_seeds=16, onset_epochs=2000, onset_grid=49, hysteresis_seeds=24,
    moving_sizes=(125, 250, 500), moving_runs=(128, 96, 64), absolute_sizes=(100, 200, 400), absolute_runs=(48, 32, 16))
#: Below this dimension few points are away from transitions; and how many dimensions there may be.
LEAST_SIZE, _MOST_SIZES = 60, 8
#: The presets by name; the tiny one is for tests.
PRESETS = {preset.name: preset for preset in (_TINY, _SMALL, _FULL)}


def preset(name: str) -> Preset:
    """Return the preset of that name, or raise :class:`vaesym.InputError` naming those there are.

    >>> preset("small").sizes
    (80, 160, 320)
    """
    one_of("preset", name, tuple(PRESETS))
    return PRESETS[name]


def _whole_numbers(text: str) -> tuple[int, ...]:
    """The numbers between commas; none where one of them is no positive whole number."""
    try:
        return tuple(inputs.count("sizes", int(part)) for part in text.split(","))
    except ValueError:
        return ()


def with_sizes(chosen: Preset, text: str) -> Preset:
    """Return the preset with other dimensions of the exact minimiser.

    Its numbers of data sets are kept, the last for all sizes beyond; ``text`` is as on the command line.

    Raises :class:`vaesym.InputError`: not 2 to 8 growing whole numbers from LEAST_SIZE on, or more memory needed than a
    data set may take.

    >>> changed = with_sizes(preset("small"), "100,200")
    >>> changed.sizes, changed.seeds
    ((100, 200), (20, 16))
    """
    sizes = _whole_numbers(text)
    if not 2 <= len(sizes) <= _MOST_SIZES or list(sizes) != sorted(set(sizes)) or sizes[0] < LEAST_SIZE:
        raise InputError(f"2 to {_MOST_SIZES} growing sizes, whole numbers >= {LEAST_SIZE}", f"{text!r}",
                         "write e.g. 80,160,320")
    require_memory(moments_memory(sizes[-1], sizes[-1]), MEMORY, f"the second moments of {sizes[-1]} features")
    return replace(chosen, sizes=sizes, seeds=tuple(chosen.seeds[min(i, len(chosen.seeds) - 1)]
                                                    for i in range(len(sizes))))
