"""The studies of the experiment on images: presets, networks, and what is searched, predicted and swept."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from vaesym.inputs import Floats
from vaesym.practice import collapse_thresholds
from validation.images.collapse import DescentTask, Measure, Search, SearchTask
from validation.images.data.material import Material
from validation.images.measures import Judge, Quality, next_latents
from validation.images.networks import Architecture, Descent
from validation.runner import Block, Experiment, run_experiment
from validation.runner.experiment import Task
from validation.simulate.data import one_of


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
    short = Descent(20, 64, 1e-2, threads=1)
    return Preset(
        "tiny", components=None, widths=(16,), channels=(4, 8),
        mlp=Curves((100, 400), short, 2, 2, short, 2, _grid(0.01, 1.5, 5)),
        conv=Curves((100,), Descent(8, 64, 1e-2, threads=1), 2, 2, Descent(8, 64, 1e-2, threads=1), 1,
                    _grid(0.01, 1.5, 3)),
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


@dataclass(frozen=True)
class Subject:
    """A network under a name, and the images it sees, in its coordinates."""

    name: str
    material: Material
    architecture: Architecture

    def spectrum(self, samples: int, seed: int) -> Floats:
        """Return the local thresholds around full collapse on what a seed sees, largest first.

        All of them for Gaussian pixels, the leading ones of :func:`vaesym.collapse_thresholds` for Bernoulli pixels.
        Only the first is exact for a nonlinear network.
        """
        return local_spectrum(self.material, samples, seed, self.architecture.likelihood)


@lru_cache(maxsize=64)
def local_spectrum(material: Material, samples: int, seed: int, likelihood: str = "gaussian") -> Floats:
    """Return the spectrum of :meth:`Subject.spectrum`.

    >>> values = local_spectrum(Material("digits"), 200, 0)
    >>> values.shape, bool(values[0] > values[1])
    ((64,), True)
    """
    images, members = material.training(samples, (seed,))
    values = images[members[0]].double().numpy()
    if likelihood == "bernoulli":
        return collapse_thresholds(values, likelihood="bernoulli", solver="full").thresholds
    return np.maximum(np.linalg.eigvalsh(np.cov(values.T, bias=True))[::-1], 0.0)


#: Version of what the tasks do; a store written by another one is refused.
VERSION = "3"
#: Networks trained as one.
_TOGETHER = 6


@dataclass(frozen=True)
class Workshop:
    """Where and how studies run.

    ``seed`` is the first of all seeds; ``judge`` tells pictures apart by the features of a classifier, None for images
    without labels.
    """

    material: Material
    preset: Preset
    store: Path
    device: str = "cpu"
    scheduler: str | None = None
    seed: int = 0
    judge: Judge | None = None

    def sizes(self, curves: Curves) -> tuple[int, ...]:
        """Return the sample sizes of curves, none beyond the data."""
        most = len(self.material.prepared.train)
        return tuple(dict.fromkeys(min(size, most) for size in curves.samples))

    def seeds(self, count: int) -> tuple[int, ...]:
        """Return so many seeds."""
        return tuple(range(self.seed, self.seed + count))

    @property
    def pixels(self) -> Material:
        """The images in pixels."""
        return dataclasses.replace(self.material, components=None)

    def mlp(self, latents: int = 2) -> Subject:
        """Return the MLP-VAE of the preset."""
        return Subject("MLP", self.material,
                       Architecture("mlp", self.material.prepared.shape, latents, self.preset.widths))

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """The variants of the preset; Bernoulli pixels only for images within [0, 1]."""
        train = self.pixels.prepared.train
        proper = bool(train.min() >= 0 and train.max() <= 1)
        return tuple(one for one in self.preset.variants if one.likelihood != "bernoulli" or proper)

    def check(self) -> None:
        """Raise :class:`vaesym.InputError` for images that a network of the preset cannot take."""
        for subject in self.subjects.values():
            subject.architecture.build(0)

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """All networks with two latents by name: the MLP, the convolutional one, the variants."""
        made = [self.mlp()]
        if self.preset.conv is not None:
            made.append(Subject("convolutional", self.pixels,
                                Architecture("conv", self.pixels.prepared.shape, 2, self.preset.channels)))
        for one in self.variants:
            material = self.pixels if one.likelihood == "bernoulli" else self.material
            made.append(Subject(one.name, material, Architecture("mlp", material.prepared.shape, 2, one.widths,
                                                                 one.likelihood)))
        return {subject.name: subject for subject in made}

    @property
    def measured(self) -> list[tuple[Subject, Curves]]:
        """The networks of which curves are measured."""
        both = ("MLP", self.preset.mlp), ("convolutional", self.preset.conv)
        return [(self.subjects[name], curves) for name, curves in both if curves is not None]

    def run(self, name: str, blocks: Sequence[Block], **settings: Any) -> xr.Dataset:
        """Run a study, or continue it, and return its results; ``settings`` are all that they depend on."""
        settings = {"material": dataclasses.asdict(self.material), "seed": self.seed, **settings}
        experiment = Experiment(f"images-{name}", VERSION, settings, blocks, self.device)
        return run_experiment(experiment, self.store / name, scheduler=self.scheduler)


def _block(key: str, task: Task, runs: int, cost: float, **labels: Any) -> Block:
    """Return a block; labels are one value for all runs, or one a run."""
    columns = {name: [value] * runs if np.ndim(value) == 0 else list(value) for name, value in labels.items()}
    return Block(key, columns, task, cost)


def _search(shop: Workshop, subject: Subject, descent: Descent, search: Search, size: int, count: int) -> Block:
    seeds = shop.seeds(count)
    task = SearchTask(subject.material, subject.architecture, descent, search, size, seeds, shop.device)
    key = f"{_slug(subject)}-P{size}-rank{search.rank}-{search.start}"
    cost = count * (search.trials + 1) * _cost(subject, descent)
    return _block(key, task, count, cost, network=subject.name, samples=size, rank=search.rank, start=search.start,
                  seed=seeds, expected=search.expected)


def _slug(subject: Subject) -> str:
    return subject.name.lower().replace(",", "").replace(" ", "-")


def _rounded(value: float) -> float:
    """Return a value to six digits: the last ones depend on the number of threads, and a store on all of them."""
    return float(f"{value:.6g}")


def _cost(subject: Subject, descent: Descent) -> float:
    """Return about how long a descent takes, in units of its own."""
    each = 40 if subject.architecture.kind == "conv" else subject.material.prepared.train.shape[1] / 128
    return float(descent.steps * descent.batch_size / 128 * each)


def searches(shop: Workshop) -> list[xr.Dataset]:
    """Return the measured full collapse of each network at each P, and of the variants at the largest, by study."""
    found = []
    for subject, curves in shop.measured:
        blocks = []
        for size in shop.sizes(curves):
            expected = _rounded(subject.spectrum(size, shop.seed)[0])
            blocks += [_search(shop, subject, curves.search, Search(1, expected, start, curves.trials), size,
                               curves.search_seeds) for start in ("cold", "active")]
        found.append(shop.run(f"{_slug(subject)}-collapse", blocks, network=dataclasses.asdict(subject.architecture),
                              **_used(curves, "samples", "search", "search_seeds", "trials")))
    return found + variants(shop)


def _used(part: Any, *names: str) -> dict[str, Any]:
    """Return the fields of a preset's part on which a study depends: a change of others leaves its store valid."""
    return {name: value for name, value in dataclasses.asdict(part).items() if name in names}


def variants(shop: Workshop) -> list[xr.Dataset]:
    """Return the measured full collapse of other widths, depths and likelihoods, at the largest P."""
    found = []
    for one in shop.variants:
        subject, size = shop.subjects[one.name], shop.sizes(shop.preset.mlp)[-1]
        expected = _rounded(subject.spectrum(size, shop.seed)[0])
        blocks = [_search(shop, subject, one.search, Search(1, expected, start, one.trials), size, one.seeds)
                  for start in ("cold", "active")]
        found.append(shop.run(f"{_slug(subject)}-collapse", blocks, variant=dataclasses.asdict(one), samples=size))
    return found


def second_latent(shop: Workshop) -> xr.Dataset:
    """Return the measured threshold of the MLP's second latent at the largest P, from all starts."""
    preset, curves = shop.preset, shop.preset.mlp
    first, second = (_rounded(value) for value in shop.material.prepared.eigenvalues[:2])
    # With the first latent in use and the second not, a network is trained between the two thresholds.
    begin = {"cold": None, "active": _rounded(second / 2), "collapsed": _rounded((first * second) ** 0.5)}
    return shop.run("second-latent", [
        _search(shop, shop.mlp(), curves.search, Search(2, second, start, curves.trials, begin=value),
                shop.sizes(curves)[-1], preset.next_seeds) for start, value in begin.items()],
        begin=begin, **_used(preset, "widths", "next_seeds"), **_used(curves, "samples", "search", "trials"))


def added_latent(shop: Workshop) -> xr.Dataset:
    """Return the β below which the MLP's second latent grows beside a first one that has settled at that β."""
    preset, curves, second = shop.preset, shop.preset.mlp, _rounded(shop.material.prepared.eigenvalues[1])
    search = Search(2, _rounded(0.7 * second), "added", curves.trials)
    return shop.run("added-latent", [
        _search(shop, shop.mlp(), curves.search, search, shop.sizes(curves)[-1], preset.next_seeds)],
        **_used(preset, "widths", "next_seeds"), **_used(curves, "samples", "search", "trials"))


def predictions(shop: Workshop) -> xr.Dataset:
    """Return what one-latent models predict for the second latent, over β around Λ_2, for every seed."""
    preset, curves = shop.preset, shop.preset.mlp
    second = _rounded(shop.material.prepared.eigenvalues[1])
    betas = tuple(second * factor for factor in preset.next_betas)
    blocks = [_descents(shop, f"next-seed{seed}", shop.mlp(1), curves.search, shop.sizes(curves)[-1], betas,
                        (seed,) * len(betas), next_latents) for seed in shop.seeds(preset.next_seeds)]
    return shop.run("predictions", blocks, **_used(preset, "widths", "next_betas", "next_seeds"),
                    **_used(curves, "samples", "search"))


def sweeps(shop: Workshop) -> xr.Dataset:
    """Return errors and Fréchet distances of two-latent models over β, for each network, P and seed."""
    found = []
    for subject, curves in shop.measured:
        blocks, top = [], float(shop.material.prepared.eigenvalues[0])
        for size in shop.sizes(curves):
            pairs = [(_rounded(top * factor), seed) for factor in curves.betas
                     for seed in shop.seeds(curves.sweep_seeds)]
            for first in range(0, len(pairs), _TOGETHER):
                betas, seeds = zip(*pairs[first : first + _TOGETHER], strict=True)
                blocks.append(_descents(shop, f"{_slug(subject)}-P{size}-{first:03d}", subject, curves.sweep, size,
                                        betas, seeds, Quality(shop.pixels, shop.judge)))
        found.append(shop.run(f"{_slug(subject)}-sweep", blocks, features=shop.judge is not None,
                              network=dataclasses.asdict(subject.architecture),
                              **_used(curves, "samples", "sweep", "sweep_seeds", "betas")))
    return xr.concat(found, "run")


def _descents(shop: Workshop, key: str, subject: Subject, descent: Descent, size: int, betas: tuple[float, ...],
              seeds: tuple[int, ...], measure: Measure) -> Block:
    task = DescentTask(subject.material, subject.architecture, descent, size, betas, seeds, measure, shop.device)
    return _block(key, task, len(betas), len(betas) * _cost(subject, descent), network=subject.name, samples=size,
                  beta=betas, seed=seeds)
