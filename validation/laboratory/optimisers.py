"""Descent: many runs of one shape trained as one batched tensor program that can be stopped and continued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError
from validation.laboratory.minimisers import DirectMinimisation
from validation.laboratory.outcomes import Parameters, report, same_shape, starts
from validation.laboratory.runs import Run, Settings, blocks
from validation.laboratory.sources import Trained, by_data, source

#: Number of epochs at which the loss is recorded, spaced in the logarithm.
_RECORDED = 60


def recorded_epochs(epochs: int) -> NDArray[np.int64]:
    """Return the epochs at which the loss is recorded: 0, then spaced in the logarithm up to the last.

    >>> recorded_epochs(3)
    array([0, 1, 2, 3])
    """
    spaced = np.geomspace(1, epochs, _RECORDED).round().astype(np.int64)
    return np.unique(np.concatenate([np.array([0, epochs]), spaced]))


class BatchedTraining:
    """Descent of runs of one shape (N, M, M*), all at once; it can be stopped and continued at any epoch.

    Parameters
    ----------
    runs : the runs; those on the same data share their moments
    settings : of method "adam" or "sgd"

    Attributes
    ----------
    steps, done : number of epochs in all, and of those done

    Raises
    ------
    vaesym.InputError
        Runs of several shapes, another method, an absent device, or data beyond the memory budget (see ``blocks``).

    Notes
    -----
    Adam is torch's, on the loss R as in [IH]; its updates are elementwise, so that each run is trained as if alone.
    SGD descends R/P in w = W/√N, v = V/√N and ln D. On one machine, device and number of threads the numbers are
    the same bit for bit whether or not a training was interrupted.

    Examples
    --------
    >>> from validation.laboratory.data import SpikedData
    >>> runs = [Run(SpikedData(20, 60, strengths=(4.0,)), beta=beta) for beta in (0.5, 1.0)]
    >>> training = BatchedTraining(runs, Settings(epochs=50, learning_rate=0.05, device="cpu"))
    >>> training.advance(30)
    >>> resumed = BatchedTraining(runs, training.settings)
    >>> resumed.restore(training.state())
    >>> resumed.advance(50)
    >>> resumed.done, resumed.result()["loss"] < 0
    (50, array([ True,  True]))
    """

    def __init__(self, runs: Sequence[Run], settings: Settings) -> None:
        if settings.method not in {"adam", "sgd"}:
            raise InputError("method adam or sgd", f"{settings.method!r}", "use DirectMinimisation for the others")
        same_shape(runs)
        self.runs, self.settings = list(runs), settings
        self.steps, self.done = settings.epochs, 0
        device = torch.device(settings.resolved_device())
        self._order = np.array([i for members in by_data(self.runs) for i in members])
        ordered = [self.runs[i] for i in self._order]
        self._source = source(ordered, settings, device)
        self._epochs = recorded_epochs(settings.epochs)
        self._history = np.full((len(self._epochs), len(ordered)), np.nan)
        # All parameters of all runs stand in one vector: a step of the optimiser is one kernel.
        self._flat = self._beginning(ordered).to(device, self._source.dtype)
        self._flat.grad = torch.zeros_like(self._flat)
        self._trained, self._slope = self._views(self._flat), self._views(self._flat.grad)
        kind = torch.optim.Adam if settings.method == "adam" else torch.optim.SGD
        self._optimiser = kind([self._flat], lr=settings.learning_rate, fused=True)
        self._record()

    def _beginning(self, ordered: list[Run]) -> torch.Tensor:
        begin = starts(ordered)
        weights = np.concatenate([begin.decoder, begin.encoder], axis=2).swapaxes(1, 2)
        arrays = (weights, np.log(begin.variances), np.log(begin.decoder_variance))
        return torch.from_numpy(np.concatenate([array.ravel() for array in arrays]))

    def _views(self, flat: torch.Tensor) -> Trained:
        runs, latents = len(self.runs), self.runs[0].latents
        weights, logs, decoder_log = flat.split([runs * 2 * latents * self._source.features, runs * latents, runs])
        return Trained(weights.view(runs, 2 * latents, -1), logs.view(runs, latents), decoder_log)

    def advance(self, until: int) -> None:
        """Train up to an epoch (to the end, if it is beyond)."""
        with torch.no_grad():
            while self.done < min(until, self.steps):
                factor = self.settings.annealing.factor(self.done)
                for _ in self._source.gradients(self.done, factor, self._trained, self._slope):
                    if self.settings.method == "sgd":
                        self._rescale()
                    self._optimiser.step()
                self.done += 1
                self._record()

    def _rescale(self) -> None:
        """Turn the gradient of R into the step of R/P in the units of W/√N; ln σ² takes 1/N of it."""
        samples, features = self._source.samples.to(self._source.dtype), self._source.features
        self._slope.weights.mul_((features / samples)[:, None, None])
        self._slope.logs.div_(samples[:, None])
        self._slope.decoder_log.div_(samples * features)

    def _record(self) -> None:
        position = int(np.searchsorted(self._epochs, self.done))
        if position < len(self._epochs) and self._epochs[position] == self.done:
            self._history[position] = self._source.evaluate(self._trained)[0].cpu().numpy()

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to continue, as arrays: epoch, parameters, moments of Adam, loss history."""
        arrays: dict[str, NDArray[Any]] = {"done": np.array(self.done), "history": self._history.copy(),
                                           "parameters": self._flat.cpu().numpy().copy()}
        for key, value in self._optimiser.state.get(self._flat, {}).items():
            if isinstance(value, torch.Tensor):
                arrays[f"optimiser.{key}"] = value.cpu().numpy().copy()
        return arrays

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Continue from what :meth:`state` returned for the same runs and settings.

        Raises :class:`vaesym.InputError` for a state of other shapes.
        """
        shapes = {"done": (), "parameters": tuple(self._flat.shape), "history": self._history.shape}
        came = {name: np.shape(state[name]) if name in state else None for name in shapes}
        if came != shapes:
            raise InputError(f"a state of shapes {shapes}", f"{came}", "restore what state() returned for these runs")
        self.done, self._history = int(state["done"]), np.array(state["history"])
        self._flat.copy_(torch.from_numpy(np.array(state["parameters"])))
        self._optimiser.state.clear()
        kept = {key.removeprefix("optimiser."): torch.from_numpy(np.array(value)).to(self._flat.device)
                for key, value in state.items() if key.startswith("optimiser.")}
        if kept:
            self._optimiser.state[self._flat] = kept

    def result(self) -> dict[str, NDArray[Any]]:
        """Return what :func:`report` does, ``epochs`` (H,) and ``loss_history`` (runs, H), R/N at those epochs."""
        loss, gradient = (array.cpu().numpy() for array in self._source.evaluate(self._trained))
        weights, logs, decoder_log = (part.double().cpu().numpy() for part in self._trained)
        latents = logs.shape[1]
        found = Parameters(weights[:, :latents].swapaxes(1, 2), weights[:, latents:].swapaxes(1, 2), np.exp(logs),
                           np.exp(decoder_log))
        ordered = report([self.runs[i] for i in self._order], found, loss, gradient)
        ordered["loss_history"] = self._history.T
        back = np.argsort(self._order)
        return {**{name: array[back] for name, array in ordered.items()}, "epochs": self._epochs.copy()}


def training(runs: Sequence[Run], settings: Settings) -> BatchedTraining | DirectMinimisation:
    """Return the training of runs of one shape by the method of the settings, not yet begun.

    >>> from validation.laboratory.data import SpikedData
    >>> training([Run(SpikedData(10, 20))], Settings(method="exact")).steps
    1
    """
    direct = settings.method in {"exact", "lbfgs"}
    return DirectMinimisation(runs, settings) if direct else BatchedTraining(runs, settings)


def train(runs: Sequence[Run], settings: Settings,
          progress: Callable[[int, int], None] | None = None) -> list[dict[str, Floats]]:
    """Train runs of any shapes, batch by batch within the memory budget; return one result for each run.

    Parameters
    ----------
    runs : the runs
    settings : how they are trained
    progress : called after each batch with the number of runs done and of all runs

    Returns
    -------
    list of dicts in the order of the runs; each holds what ``result`` does, without the axis of runs

    Examples
    --------
    >>> from validation.laboratory.data import SpikedData
    >>> runs = [Run(SpikedData(n, 30, strengths=(4.0,))) for n in (10, 12)]
    >>> [one["loss"] < 0 for one in train(runs, Settings(method="exact"))]
    [np.True_, np.True_]
    """
    found: list[dict[str, Floats]] = [{} for _ in runs]
    done = 0
    for block in blocks(runs, settings):
        batch = training([runs[i] for i in block], settings)
        batch.advance(batch.steps)
        result = batch.result()
        shared = {"epochs": result.pop("epochs")} if "epochs" in result else {}
        for row, i in enumerate(block):
            found[i] = {**{name: array[row] for name, array in result.items()}, **shared}
        done += len(block)
        if progress is not None:
            progress(done, len(runs))
    return found
