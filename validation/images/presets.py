"""How large the experiment on images is: samples, seeds, trials, steps."""

from __future__ import annotations

from dataclasses import dataclass

from validation.images.ensemble import Descent
from validation.laboratory.runs import one_of


@dataclass(frozen=True)
class Curves:
    """What is measured of one network: full collapse, KL and quality at each P.

    Attributes
    ----------
    samples : sample sizes P; one beyond the data stands for all of them
    search, search_seeds, trials : descent of the search for full collapse, seeds, and number of descents
    sweep, sweep_seeds, betas : descent, seeds and β of the sweep, in units of the largest eigenvalue Λ_1
    """

    samples: tuple[int, ...]
    search: Descent
    search_seeds: int
    trials: int
    sweep: Descent
    sweep_seeds: int
    betas: tuple[float, ...]


@dataclass(frozen=True)
class Variant:
    """Another MLP whose full collapse is sought at the largest P.

    A Gaussian one is trained in the components of the preset, one with Bernoulli pixels in pixels.
    """

    name: str
    widths: tuple[int, ...]
    likelihood: str
    search: Descent
    seeds: int
    trials: int


@dataclass(frozen=True)
class Preset:
    """The scale of the experiment.

    Attributes
    ----------
    name : how it is asked for
    components : principal components in which MLPs are trained; None for pixels
    widths, channels : of the MLP and of the convolutional VAE
    mlp, conv : what is measured of each; None leaves the convolutional VAE out
    next_seeds : seeds of the search for the second threshold and of its predictions, at the largest P
    next_betas : where one-latent models are trained for the predictions, in units of Λ_2
    variants : other MLPs
    """

    name: str
    components: int | None
    widths: tuple[int, ...]
    channels: tuple[int, ...]
    mlp: Curves
    conv: Curves | None
    next_seeds: int
    next_betas: tuple[float, ...]
    variants: tuple[Variant, ...] = ()


def _grid(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{low * (high / low) ** (i / (count - 1)):.4g}") for i in range(count))


def _tiny() -> Preset:
    short = Descent(60, 64, 1e-2, threads=1)
    return Preset(
        "tiny", components=None, widths=(16,), channels=(4, 8),
        mlp=Curves((100, 400), short, 2, 2, short, 2, _grid(0.01, 1.5, 5)),
        conv=Curves((100, 200), Descent(20, 64, 1e-2, threads=1), 2, 2, Descent(20, 64, 1e-2, threads=1), 1,
                    _grid(0.01, 1.5, 5)),
        next_seeds=2, next_betas=(0.6, 0.9, 1.2),
        variants=(Variant("MLP 24-16", (24, 16), "gaussian", short, 2, 2),
                  Variant("MLP, Bernoulli pixels", (16,), "bernoulli", short, 2, 2)))


# Adam's noise weakens latents that carry little, by about its rate over the size of its batches: near a threshold it is
# the largest error, so the searches have large batches or low rates.
def _small() -> Preset:
    return Preset(
        "small", components=100, widths=(128,), channels=(),
        mlp=Curves((1000, 60_000), Descent(800, 512, 2e-3, threads=1), 3, 4, Descent(500, 256, 5e-3, threads=1), 3,
                   _grid(0.00015, 1.2, 8)),
        conv=None, next_seeds=3, next_betas=(0.45, 0.6, 0.75, 1.0))


def _full() -> Preset:
    search = Descent(1500, 512, 2e-3, threads=1)
    gentle = Descent(500, 128, 5e-4, threads=1)
    return Preset(
        "full", components=128, widths=(128,), channels=(32, 64),
        mlp=Curves((1000, 5000, 60_000), search, 5, 5, Descent(2000, 256, 5e-3, threads=1), 3, _grid(0.00005, 1.2, 12)),
        conv=Curves((1000, 60_000), gentle, 3, 4, Descent(500, 128, 1e-3, threads=1), 2, _grid(0.0005, 1.2, 7)),
        next_seeds=5, next_betas=(0.35, 0.42, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2),
        variants=(Variant("MLP 32", (32,), "gaussian", search, 3, 4),
                  Variant("MLP 256-128", (256, 128), "gaussian", search, 3, 4),
                  Variant("MLP, Bernoulli pixels", (128,), "bernoulli", Descent(1500, 256, 1e-3, threads=1), 3, 5)))


#: The presets by name; the tiny one is for tests.
PRESETS = {preset.name: preset for preset in (_tiny(), _small(), _full())}


def preset(name: str) -> Preset:
    """Return the preset of that name, or raise :class:`vaesym.InputError` naming those there are.

    >>> preset("small").mlp.samples
    (1000, 60000)
    """
    one_of("preset", name, tuple(PRESETS))
    return PRESETS[name]
