"""How large the experiment on images is: samples, seeds, trials, steps."""

from __future__ import annotations

from dataclasses import dataclass

from validation.images.ensemble import Descent
from validation.laboratory.runs import one_of


@dataclass(frozen=True)
class Preset:
    """The scale of the experiment.

    Attributes
    ----------
    name : how it is asked for
    components : principal components in which MLPs are trained; None for pixels
    widths, channels : of the MLP and of the convolutional VAE; without channels there is none
    samples : sample sizes P; one beyond the data stands for all of them
    search, search_seeds, trials : descent of the search for full collapse at each P, seeds, and number of descents
    next_seeds : seeds of the search for the second threshold and of its predictions, at the largest P
    next_betas : where one-latent models are trained for the predictions, in units of Λ_2
    sweep, sweep_seeds, betas : descent, seeds and β of the sweep at each P
    conv_samples, conv_search, conv_seeds, conv_trials : the convolutional VAE
    """

    name: str
    components: int | None
    widths: tuple[int, ...]
    samples: tuple[int, ...]
    search: Descent
    search_seeds: int
    trials: int
    next_seeds: int
    next_betas: tuple[float, ...]
    sweep: Descent
    sweep_seeds: int
    betas: tuple[float, ...]
    channels: tuple[int, ...] = ()
    conv_samples: int = 0
    conv_search: Descent | None = None
    conv_seeds: int = 0
    conv_trials: int = 0


def _grid(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(round(low * (high / low) ** (i / (count - 1)), 6) for i in range(count))


_TINY = Preset(
    "tiny", components=None, widths=(16,), samples=(100, 400), search=Descent(60, 64, 1e-2, threads=1), search_seeds=2,
    trials=2, next_seeds=2, next_betas=(0.6, 0.9, 1.2), sweep=Descent(60, 64, 1e-2, threads=1), sweep_seeds=2,
    betas=_grid(0.01, 3.0, 3), channels=(4, 8), conv_samples=200, conv_search=Descent(20, 64, 1e-2, threads=1),
    conv_seeds=1, conv_trials=2)
_SMALL = Preset(
    "small", components=100, widths=(128,), samples=(1000, 60_000), search=Descent(800, 256, 5e-3, threads=1),
    search_seeds=3, trials=5, next_seeds=3, next_betas=(0.75, 0.9, 1.0, 1.1),
    sweep=Descent(500, 256, 5e-3, threads=1), sweep_seeds=3, betas=_grid(0.003, 22.0, 8))
_FULL = Preset(
    "full", components=128, widths=(128,), samples=(1000, 5000, 60_000), search=Descent(2000, 256, 5e-3, threads=1),
    search_seeds=3, trials=7, next_seeds=5, next_betas=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2),
    sweep=Descent(2000, 256, 5e-3, threads=1), sweep_seeds=3, betas=_grid(0.001, 24.0, 15), channels=(32, 64),
    conv_samples=5000, conv_search=Descent(400, 128, 2e-3, threads=1), conv_seeds=2, conv_trials=4)
#: The presets by name; the tiny one is for tests.
PRESETS = {preset.name: preset for preset in (_TINY, _SMALL, _FULL)}


def preset(name: str) -> Preset:
    """Return the preset of that name, or raise :class:`vaesym.InputError` naming those there are.

    >>> preset("small").samples
    (1000, 60000)
    """
    one_of("preset", name, tuple(PRESETS))
    return PRESETS[name]
