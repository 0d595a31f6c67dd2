"""Studies: sets of runs with labels, which go through the runner and come back as columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from rich.console import Console

from validation.agreement.adapter import experiment_of
from validation.agreement.points import Point
from validation.agreement.presets import Preset, data_seed
from validation.laboratory.runs import Run, Settings
from validation.runner import run_experiment
from validation.runner.durable import storage_errors

#: Results by name, in the order of the runs of a study; the first axis is the run.
Table = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Study:
    """Runs with whole-number labels.

    Attributes
    ----------
    name : names the folder of the store too
    runs : the runs
    labels : name → one number for each run
    settings : how they are trained
    """

    name: str
    runs: tuple[Run, ...]
    labels: dict[str, tuple[int, ...]]
    settings: Settings


@dataclass(frozen=True)
class Workshop:
    """Where and how studies run.

    Attributes
    ----------
    store : folder; each study has one of its own in it
    scheduler : ``local:K``, an address, or None
    device : auto, cpu or cuda
    console : where progress is shown; standard error if None
    """

    store: Path
    scheduler: str | None = None
    device: str = "auto"
    console: Console | None = None

    def run(self, study: Study) -> Table:
        """Run a study, or take from the store what is there, and return its results with its labels."""
        settings = dataclasses.replace(study.settings, device=self.device)
        experiment = experiment_of(study.name, study.runs, settings, study.labels)
        with storage_errors(self.store):
            self.store.mkdir(parents=True, exist_ok=True)
        found = run_experiment(experiment, self.store / study.name, scheduler=self.scheduler, console=self.console)
        found = found.sortby("position")
        return {str(name): found[name].values for name in found.variables}


def labelled(name: str, settings: Settings, rows: Iterable[tuple[Run, dict[str, int]]]) -> Study:
    """Return the study of pairs of a run and its labels."""
    pairs = list(rows)
    labels = {key: tuple(labels[key] for _, labels in pairs) for key in pairs[0][1]}
    return Study(name, tuple(run for run, _ in pairs), labels, settings)


def point_study(name: str, number: int, points: list[Point], sizes: tuple[int, ...], seeds: tuple[int, ...],
                seed: int, settings: Settings, starts: int = 1) -> Study:
    """Return a study of points at several sizes; every point and size has data sets of its own.

    Parameters
    ----------
    name, number : of the study; the number keeps its data apart from those of other studies
    points : the points
    sizes, seeds : dimensions, and number of data sets at each
    seed : of the report
    settings : how to train
    starts : number of random starts on each data set
    """
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i, point in enumerate(points):
            for j, (size, count) in enumerate(zip(sizes, seeds, strict=True)):
                for k in range(count):
                    for start in range(starts):
                        run = point.run(size, data_seed(seed, number, i, j, k), start)
                        yield run, {"point": i, "size": size, "replicate": k, "trial": start}

    return labelled(name, settings, rows())


def exact_study(points: list[Point], preset: Preset, seed: int, name: str = "exact", number: int = 1) -> Study:
    """Return the study of the exact minimiser at the sizes of a preset."""
    return point_study(name, number, points, preset.sizes, preset.seeds, seed, Settings(method="exact"))


def shared_study(name: str, number: int, points: list[list[Point]], size: int, count: int, seed: int,
                 settings: Settings) -> Study:
    """Return a study at one size in which the points of each list are measured on the same data sets."""
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i, group in enumerate(points):
            for k in range(count):
                for j, point in enumerate(group):
                    yield point.run(size, data_seed(seed, number, i, k)), {"group": i, "member": j, "replicate": k}

    return labelled(name, settings, rows())
