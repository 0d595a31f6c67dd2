"""Runs of linear VAEs as studies of the runner: sets of runs with labels that come back as columns."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.console import Console

from vaesym.inputs import InputError
from validation.runner import Block, Experiment, run_experiment
from validation.runner.durable import storage_errors
from validation.runner.experiment import Results
from validation.simulate.descent import training
from validation.simulate.runs import Run, Settings, blocks
from validation.study.threads import limited_threads

#: Version of what the tasks do; a store written by another one is refused.
VERSION = "2"
#: Names of the dimensions of results beyond that of the runs.
_DIMENSIONS = {"loss_history": ("epoch",), "Q": ("latent", "latent_2"), "E": ("latent", "latent_2"),
               "R": ("latent", "latent_2"), "m": ("latent", "spike"), "d": ("latent", "spike"), "D": ("latent",),
               "eigenvalues": ("latent",)}


class LaboratoryTraining:
    """A training of the laboratory, as the runner wants it.

    It computes in one thread: the numbers must not depend on the number of threads, and many small matrices gain
    nothing from more. Cores are used by several processes (``--scheduler local:K``).
    """

    def __init__(self, runs: Sequence[Run], settings: Settings) -> None:
        with limited_threads():
            self._training = training(runs, settings)
        self.state, self.restore = self._training.state, self._training.restore

    @property
    def total(self) -> int:
        """Epochs of a descent, or runs of a direct minimisation."""
        return self._training.steps

    def advance(self, until: int) -> None:
        """Train until so many epochs are done."""
        with limited_threads():
            self._training.advance(until)

    def result(self) -> Results:
        """Return the results with their dimensions."""
        with limited_threads():
            found = self._training.result()
        labelled: dict[str, tuple[Any, ArrayLike]] = {}
        if "epochs" in found:
            labelled["epoch"] = ("epoch", found.pop("epochs"))
        for name, values in found.items():
            labelled[name] = (("run", *_DIMENSIONS.get(name, ())), values)
        return labelled


@dataclass(frozen=True)
class LaboratoryTask:
    """Begins the training of a block of runs; it makes its own data."""

    runs: tuple[Run, ...]
    settings: Settings

    def start(self) -> LaboratoryTraining:
        """Return the training, not yet begun."""
        return LaboratoryTraining(self.runs, self.settings)


@dataclass(frozen=True)
class Computed:
    """A computation that is done in one go, as the runner wants it: a function and what it is called with.

    The function returns arrays over the runs by name; it and its arguments can be pickled.
    """

    function: Callable[..., Mapping[str, ArrayLike]]
    arguments: tuple[Any, ...]

    def start(self) -> _Computing:
        """Return the computation, not yet begun."""
        return _Computing(self)


class _Computing:
    total = 1

    def __init__(self, task: Computed) -> None:
        self._task, self._found = task, dict[str, NDArray[Any]]()

    def advance(self, until: int) -> None:
        if until and not self._found:
            with limited_threads():
                found = self._task.function(*self._task.arguments)
            self._found = {name: np.asarray(values) for name, values in found.items()}

    def state(self) -> dict[str, NDArray[Any]]:
        return dict(self._found)

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        self._found = dict(state)

    def result(self) -> Results:
        return {name: ("run", values) for name, values in self._found.items()}


def _parameters(runs: Sequence[Run]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "features": [run.data.features for run in runs], "samples": [run.data.samples for run in runs],
        "data": [_fingerprint(run) for run in runs], "seed": [getattr(run.data, "seed", 0) for run in runs]}
    for name in ("beta", "lam", "latents", "start", "start_seed", "learn_decoder_variance"):
        columns[name] = [getattr(run, name) for run in runs]
    # The results have the variance that was learned.
    columns["starting_decoder_variance"] = [run.decoder_variance for run in runs]
    return columns


def _fingerprint(run: Run) -> str:
    """The data in words where they are short, else a digest; every field decides."""
    text = repr(run.data)
    return text if len(text) <= 200 else hashlib.sha256(text.encode()).hexdigest()


def experiment_of(name: str, runs: Sequence[Run], settings: Settings, labels: Mapping[str, Sequence[Any]] | None = None,
                  most: int = 256) -> Experiment:
    """Return the experiment of laboratory runs.

    ``labels`` are more coordinates of the results by name, one value a run; a block has at most ``most`` runs. Results
    carry the coordinate ``position``, the place of a run among those given.

    Returns
    -------
    Experiment whose results carry the coordinate ``position``, the place of a run among those given

    Raises :class:`vaesym.InputError`: no runs, labels of another length, or a run beyond the memory budget.

    >>> from validation.simulate.data import SpikedData
    >>> runs = [Run(SpikedData(n, 20), beta=b) for b in (0.5, 1.0) for n in (8, 9)]
    >>> experiment = experiment_of("two-shapes", runs, Settings(method="exact"))
    >>> [(block.key, block.parameters["position"].tolist()) for block in experiment.blocks]
    [('0000-N8-M1', [0, 2]), ('0001-N9-M1', [1, 3])]
    """
    columns = _parameters(runs) | {key: list(values) for key, values in (labels or {}).items()}
    columns["position"] = list(range(len(runs)))
    wrong = [key for key, values in columns.items() if len(values) != len(runs)]
    if wrong:
        raise InputError(f"{len(runs)} values of {wrong[0]}", f"{len(columns[wrong[0]])}", "give one a run")
    made = []
    for number, members in enumerate(blocks(runs, settings, most)):
        features, latents, _ = runs[members[0]].shape
        parameters = {key: [values[i] for i in members] for key, values in columns.items()}
        task = LaboratoryTask(tuple(runs[i] for i in members), settings)
        made.append(Block(f"{number:04d}-N{features}-M{latents}", parameters, task, _cost(task)))
    described = {key: value for key, value in dataclasses.asdict(settings).items() if key not in {"device", "memory"}}
    return Experiment(name, VERSION, json.loads(json.dumps(described)), made, settings.resolved_device())


def _cost(task: LaboratoryTask) -> float:
    """Multiplications of a block, roughly."""
    features, latents, _ = task.runs[0].shape
    samples = {run.data: run.data.samples for run in task.runs}
    moments = sum(samples.values()) * features**2
    descent = task.settings.method in {"adam", "sgd"}
    products = task.settings.epochs * len(task.runs) * 2 * latents if descent else 4 * features * len(samples)
    return float(moments + products * features**2)


#: Results by name, in the order of the runs of a study; the first axis is the run.
Table = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Study:
    """Runs with whole-number labels, one for each run by name; the name is that of the store's folder too."""

    name: str
    runs: tuple[Run, ...]
    labels: dict[str, tuple[int, ...]]
    settings: Settings


@dataclass(frozen=True)
class Workshop:
    """Where and how studies run.

    Each study has a folder of its own in the ``store``; progress is shown on standard error if no ``console`` is given.
    """

    store: Path
    scheduler: str | None = None
    device: str = "auto"
    console: Console | None = None

    def run(self, study: Study) -> Table:
        """Run a study, or take from the store what is there, and return its results with its labels."""
        settings = dataclasses.replace(study.settings, device=self.device)
        return self._run(experiment_of(study.name, study.runs, settings, study.labels))

    def compute(self, name: str, computations: Sequence[tuple[Mapping[str, int], int, Computed]]) -> Table:
        """Run computations, each with its labels and its number of runs, or take from the store what is there."""
        blocks, first = [], 0
        for number, (labels, runs, task) in enumerate(computations):
            columns = {label: [value] * runs for label, value in labels.items()}
            positions = list(range(first, first + runs))
            blocks.append(Block(f"{number:04d}", {**columns, "position": positions}, task))
            first += runs
        arguments = [[str(argument) for argument in task.arguments] for _, _, task in computations]
        return self._run(Experiment(name, VERSION, {"arguments": arguments}, blocks))

    def _run(self, experiment: Experiment) -> Table:
        with storage_errors(self.store):
            self.store.mkdir(parents=True, exist_ok=True)
        found = run_experiment(experiment, self.store / experiment.name, scheduler=self.scheduler,
                               console=self.console).sortby("position")
        return {str(name): found[name].values for name in found.variables}


def labelled(name: str, settings: Settings, rows: Iterable[tuple[Run, dict[str, int]]]) -> Study:
    """Return the study of pairs of a run and its labels."""
    pairs = list(rows)
    labels = {key: tuple(labels[key] for _, labels in pairs) for key in pairs[0][1]}
    return Study(name, tuple(run for run, _ in pairs), labels, settings)


def data_seed(*labels: int) -> int:
    """Return the seed of a data set from whole numbers that name it; other names, other data.

    >>> data_seed(0, 1) != data_seed(1, 0)
    True
    """
    return int(np.random.SeedSequence(labels).generate_state(1, np.uint64)[0] >> np.uint64(1))
