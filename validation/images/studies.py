"""The studies of the experiment on images, each an experiment of the runner: searches, predictions, sweeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from vaesym.inputs import Floats
from validation.images.collapse import Search, SearchTask
from validation.images.descents import DescentTask
from validation.images.ensemble import Descent
from validation.images.material import Material
from validation.images.measures import Judge, Quality, next_latents
from validation.images.networks import Architecture
from validation.images.presets import Preset
from validation.runner import Block, Experiment, run_experiment
from validation.runner.experiment import Task

#: Version of what the tasks do; a store written by another one is refused.
VERSION = "1"
#: Networks trained as one.
_TOGETHER = 6


@dataclass(frozen=True)
class Workshop:
    """Where and how studies run.

    Parameters
    ----------
    material : the images
    preset : the scale
    store : folder of the results
    device : "cpu" or "cuda"
    scheduler : as for :func:`validation.runner.run_experiment`
    seed : first of all seeds
    judge : tells pictures apart by the features of a classifier; None for images without labels
    """

    material: Material
    preset: Preset
    store: Path
    device: str = "cpu"
    scheduler: str | None = None
    seed: int = 0
    judge: Judge | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sample sizes, none beyond the data."""
        most = len(self.material.prepared.train)
        return tuple(dict.fromkeys(min(size, most) for size in self.preset.samples))

    def seeds(self, count: int) -> tuple[int, ...]:
        """Return so many seeds."""
        return tuple(range(self.seed, self.seed + count))

    def mlp(self, latents: int) -> Architecture:
        """Return the MLP-VAE of the preset."""
        return Architecture("mlp", self.material.prepared.shape, latents, self.preset.widths)

    def run(self, name: str, blocks: Sequence[Block], **more: Any) -> xr.Dataset:
        """Run a study, or continue it, and return its results; ``more`` belongs to its settings."""
        settings = {"preset": dataclasses.asdict(self.preset), "material": dataclasses.asdict(self.material), **more}
        experiment = Experiment(f"images-{name}", VERSION, settings, blocks, self.device)
        return run_experiment(experiment, self.store / name, scheduler=self.scheduler)


@lru_cache(maxsize=64)
def sample_spectrum(material: Material, samples: int, seed: int) -> Floats:
    """Return the covariance eigenvalues of what a seed sees, largest first, in the coordinates of the networks."""
    images, members = material.training(samples, (seed,))
    values = images[members[0]].double().numpy()
    return np.maximum(np.linalg.eigvalsh(np.cov(values.T, bias=True))[::-1], 0.0)


def _block(key: str, task: Task, runs: int, cost: float, **labels: Any) -> Block:
    """Return a block; labels are one value for all runs, or one a run."""
    columns = {name: [value] * runs if np.ndim(value) == 0 else list(value) for name, value in labels.items()}
    return Block(key, columns, task, cost)


def _search(shop: Workshop, material: Material, architecture: Architecture, descent: Descent, search: Search, size: int,
            count: int) -> Block:
    seeds = shop.seeds(count)
    task = SearchTask(material, architecture, descent, search, size, seeds, shop.device)
    key = f"{architecture.kind}-P{size}-rank{search.rank}-{search.start}"
    cost = float(count * (search.trials + 1) * descent.steps * (40 if architecture.kind == "conv" else 1))
    return _block(key, task, count, cost, network=architecture.kind, samples=size, rank=search.rank,
                  start=search.start, seed=seeds, expected=search.expected)


def searches(shop: Workshop) -> xr.Dataset:
    """Return the measured thresholds: full collapse at each P, the second latent at the largest, from all starts."""
    preset, blocks = shop.preset, []
    for size in shop.sizes:
        expected = float(sample_spectrum(shop.material, size, shop.seed)[0])
        blocks += [_search(shop, shop.material, shop.mlp(2), preset.search, Search(1, expected, start, preset.trials),
                           size, preset.search_seeds) for start in ("cold", "active")]
    second = float(shop.material.prepared.eigenvalues[1])
    blocks += [_search(shop, shop.material, shop.mlp(2), preset.search, Search(2, second, start, preset.trials),
                       shop.sizes[-1], preset.next_seeds) for start in ("cold", "active", "collapsed")]
    return shop.run("searches", blocks)


def conv_searches(shop: Workshop) -> xr.Dataset | None:
    """Return the measured full collapse of the convolutional VAE, on pixels; None if the preset has none."""
    preset = shop.preset
    if preset.conv_search is None:
        return None
    pixels = dataclasses.replace(shop.material, components=None)
    size = min(preset.conv_samples, len(pixels.prepared.train))
    architecture = Architecture("conv", pixels.prepared.shape, 2, preset.channels)
    expected = float(sample_spectrum(pixels, size, shop.seed)[0])
    return shop.run("conv-searches", [
        _search(shop, pixels, architecture, preset.conv_search, Search(1, expected, start, preset.conv_trials), size,
                preset.conv_seeds) for start in ("cold", "active")])


def predictions(shop: Workshop) -> xr.Dataset:
    """Return what one-latent models predict for the second latent, over β around Λ_2, for every seed."""
    preset, size = shop.preset, shop.sizes[-1]
    second = float(shop.material.prepared.eigenvalues[1])
    betas = tuple(second * factor for factor in preset.next_betas)
    blocks = [_descents(shop, f"next-seed{seed}", 1, preset.search, size, betas, (seed,) * len(betas), next_latents)
              for seed in shop.seeds(preset.next_seeds)]
    return shop.run("predictions", blocks)


def sweeps(shop: Workshop) -> xr.Dataset:
    """Return KL, errors and Fréchet distances of two-latent models over β, for every P and seed."""
    preset, blocks = shop.preset, []
    for size in shop.sizes:
        pairs = [(beta, seed) for beta in preset.betas for seed in shop.seeds(preset.sweep_seeds)]
        for first in range(0, len(pairs), _TOGETHER):
            betas, seeds = zip(*pairs[first : first + _TOGETHER], strict=True)
            blocks.append(_descents(shop, f"sweep-P{size}-{first:03d}", 2, preset.sweep, size, betas, seeds,
                                    Quality(shop.judge)))
    return shop.run("sweeps", blocks, features=shop.judge is not None)


def _descents(shop: Workshop, key: str, latents: int, descent: Descent, size: int, betas: tuple[float, ...],
              seeds: tuple[int, ...], measure: Any) -> Block:
    task = DescentTask(shop.material, shop.mlp(latents), descent, size, betas, seeds, measure, shop.device)
    return _block(key, task, len(betas), float(len(betas) * descent.steps), samples=size, beta=betas, seed=seeds)
