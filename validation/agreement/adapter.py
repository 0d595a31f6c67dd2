"""Runs of the laboratory as an experiment of the runner."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from vaesym.inputs import InputError
from validation.laboratory.optimisers import training
from validation.laboratory.runs import Run, Settings, blocks
from validation.runner import Block, Experiment
from validation.runner.experiment import Arrays, Results
from validation.threads import limited_threads

#: Version of what the tasks do; a store written by another one is refused.
VERSION = "1"
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

    @property
    def total(self) -> int:
        """Epochs of a descent, or runs of a direct minimisation."""
        return self._training.steps

    def advance(self, until: int) -> None:
        """Train until so many epochs are done."""
        with limited_threads():
            self._training.advance(until)

    def state(self) -> Arrays:
        """Return what :meth:`restore` needs."""
        return self._training.state()

    def restore(self, state: Arrays) -> None:
        """Continue from a saved state."""
        self._training.restore(state)

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

    Parameters
    ----------
    name : of the experiment
    runs : any number of runs of any shapes
    settings : how they are trained
    labels : more coordinates of the results by name, one value for each run
    most : largest number of runs of a block

    Returns
    -------
    Experiment whose results carry the coordinate ``position``, the place of a run among those given

    Raises
    ------
    vaesym.InputError
        No runs, labels of another length, or a run beyond the memory budget.

    Examples
    --------
    >>> from validation.laboratory.data import SpikedData
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
