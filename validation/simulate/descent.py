"""Descent: many runs of one shape trained as one batched tensor program that can be stopped and continued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaesym.inputs import Floats, InputError
from validation.simulate.data import require_memory, second_moments
from validation.simulate.loss import moment_gradient, moment_loss
from validation.simulate.minimisers import DirectMinimisation, by_lbfgs
from validation.simulate.observables import report
from validation.simulate.runs import Parameters, Run, Settings, blocks, same_shape, starts

#: Number of epochs at which the loss is recorded, spaced in the logarithm.
_RECORDED = 60


class Trained(NamedTuple):
    """What is trained, or its gradient: weights (B, 2M, N), ln D (B, M) and ln σ² (B,)."""

    weights: Tensor
    logs: Tensor
    decoder_log: Tensor


def by_data(runs: Sequence[Run]) -> list[list[int]]:
    """Return the positions of the runs on each data set, in the order in which the sets first come.

    >>> from validation.simulate.data import SpikedData
    >>> by_data([Run(SpikedData(5, 9, seed=seed)) for seed in (1, 2, 1)])
    [[0, 2], [1]]
    """
    sets: dict[object, list[int]] = {}
    for i, run in enumerate(runs):
        sets.setdefault(run.data, []).append(i)
    return list(sets.values())


class _Source:
    """Where gradients come from, for runs that stand ordered by data set: their second moments.

    The cost of an epoch does not depend on P. Plain gradient descent takes the same path in any orthonormal basis: it
    is taken in that of the eigenvectors of S, where a product with S costs N multiplications instead of N².
    """

    def __init__(self, runs: Sequence[Run], settings: Settings, device: torch.device) -> None:
        self.runs, self.settings, self.device = list(runs), settings, device
        self.features, self.latents = runs[0].data.features, runs[0].latents
        self.dtype: torch.dtype = getattr(torch, settings.precision)
        groups = by_data(runs)
        self.sets = [runs[members[0]].data for members in groups]
        self.owner = torch.as_tensor(np.repeat(np.arange(len(groups)), [len(members) for members in groups]))
        self.owner = self.owner.to(device)
        require_memory(sum(settings.bytes_of(runs[members[0]]) for members in groups), settings.memory,
                       f"the data of {len(groups)} data sets at once")
        self.samples = self._column([run.data.samples for run in runs])
        learned = self._column([float(run.learn_decoder_variance) for run in runs])
        self._terms = (self._column([run.beta for run in runs]), self._column([run.lam for run in runs]),
                       learned if bool(learned.any()) else None)
        self._narrow = [None if term is None else term.to(self.dtype) for term in (self.samples, *self._terms)]
        self.basis: Tensor | None = None
        self._load()

    def _column(self, values: Sequence[float]) -> Tensor:
        """Return one number for each run, on the device and in double precision."""
        return torch.tensor(values, dtype=torch.float64, device=self.device)

    def _load(self) -> None:
        shape, diagonal = (len(self.sets), self.features, self.features), self.settings.method == "sgd"
        kept = torch.empty(shape, dtype=torch.float64 if diagonal else self.dtype, device=self.device)
        levels, energies = np.empty(shape[:2]), []
        for i, data in enumerate(self.sets):
            moments = second_moments(data, self.settings.memory)
            energies.append(np.trace(moments) * self.features / 2)
            if diagonal:
                levels[i], moments = np.linalg.eigh(moments)
            kept[i] = torch.from_numpy(moments)
        self.energy = self._column(energies)[self.owner]
        if diagonal:
            self.basis, self._levels = kept, torch.from_numpy(levels).to(self.device)[self.owner, None]
            self._narrow_levels = self._levels.to(self.dtype)
            return
        if len(set(torch.bincount(self.owner).tolist())) > 1:
            require_memory(self.settings.bytes_of(self.runs[0]) * len(self.runs), self.settings.memory,
                           "runs that share data unequally")
            kept = kept[self.owner]
        self._moments = kept

    def turned(self, weights: Tensor, *, back: bool = False) -> Tensor:
        """Return weights (B, 2M, N) in the basis of the descent, or back in that of the data, in double precision."""
        if self.basis is None:
            return weights
        parts = [one @ (self.basis[i].mT if back else self.basis[i])
                 for one, i in zip(weights.double(), self.owner.tolist(), strict=True)]
        return torch.stack(parts)

    def gradient(self, at: Trained) -> Sequence[Tensor]:
        """Return the gradient of R."""
        samples, *terms = self._narrow
        return moment_gradient(self._fields(at.weights), self.energy.to(self.dtype), samples, *at, *terms)

    def _fields(self, weights: Tensor) -> Tensor:
        """Return weights·S (B, 2M, N), in the precision of the weights."""
        if self.basis is not None:
            return weights * (self._narrow_levels if weights.dtype is self.dtype else self._levels)
        # Runs on the same data stand side by side: one product serves them all.
        stacked = weights.view(len(self._moments), -1, self.features)
        if weights.dtype is self._moments.dtype:
            return torch.bmm(stacked, self._moments).view_as(weights)
        # One by one, since all of them in double precision may not fit.
        return torch.stack([one @ moments.double() for one, moments in zip(stacked, self._moments, strict=True)]
                           ).view_as(weights)

    def evaluate(self, at: Trained) -> tuple[Tensor, Tensor]:
        """Return R/N (B,) and the norm of its gradient in (W/√N, V/√N, ln D, ln σ²) (B,), in double precision."""
        at = Trained(*(part.detach().double() for part in at))
        given = self._fields(at.weights), self.energy, self.samples, *at, *self._terms
        weights, logs, decoder_log = moment_gradient(*given)
        squares = (weights**2).sum((1, 2)) * self.features + (logs**2).sum(1) + decoder_log**2
        return moment_loss(*given) / self.features, squares.sqrt() / self.features


def recorded_epochs(epochs: int) -> NDArray[np.int64]:
    """Return the epochs at which the loss is recorded: 0, then spaced in the logarithm up to the last.

    >>> recorded_epochs(3)
    array([0, 1, 2, 3])
    """
    spaced = np.geomspace(1, epochs, _RECORDED).round().astype(np.int64)
    return np.unique(np.concatenate([np.array([0, epochs]), spaced]))


class BatchedTraining:
    """Descent of runs of one shape (N, M, M*), all at once; it can be stopped and continued at any epoch.

    Runs on the same data share their moments. ``steps`` is the number of epochs in all, ``done`` of those done; with
    ``finish``, one more for each run.

    Attributes
    ----------
    steps, done : number of epochs in all, and of those done; with ``finish``, one more for each run

    Raises :class:`vaesym.InputError`: runs of several shapes, another method, an absent device, or data beyond the
    memory budget (see ``blocks``).

    Notes
    -----
    Adam is torch's, on the loss R as in [IH]; its updates are elementwise, so that each run is trained as if alone.
    SGD descends R/P in w = W/√N, v = V/√N and ln D. On one machine, device and number of threads the numbers are
    the same bit for bit whether or not a training was interrupted.

    >>> from validation.simulate.data import SpikedData
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
        self.steps, self.done = settings.epochs + settings.finish * len(self.runs), 0
        device = torch.device(settings.resolved_device())
        self._order = np.array([i for members in by_data(self.runs) for i in members])
        ordered = [self.runs[i] for i in self._order]
        self._source = _Source(ordered, settings, device)
        self._epochs = recorded_epochs(settings.epochs)
        self._history = np.full((len(self._epochs), len(ordered)), np.nan)
        # All parameters of all runs stand in one vector: a step of the optimiser is one kernel.
        self._flat = self._beginning(ordered).to(device, self._source.dtype)
        self._flat.grad = torch.zeros_like(self._flat)
        self._trained, self._slope = self._views(self._flat), self._views(self._flat.grad)
        self._trained.weights.copy_(self._source.turned(self._trained.weights))
        self._moments: tuple[object, Floats] | None = None
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
                if self.done < self.settings.epochs:
                    self._descend()
                else:
                    self._finish(self.done - self.settings.epochs)
                self.done += 1
                self._record()

    def _descend(self) -> None:
        source, scales = self._source, (1.0, 1.0, 1.0)
        if self.settings.method == "sgd":
            # Steps of R/P in the units of W/√N; ln σ² takes 1/N of it.
            samples = source.samples.to(source.dtype)
            scales = (source.features / samples)[:, None, None], 1 / samples[:, None], 1 / (samples * source.features)
        for kept, part, scale in zip(self._slope, source.gradient(self._trained), scales, strict=True):
            torch.mul(part, scale, out=kept)
        self._optimiser.step()

    def _finish(self, i: int) -> None:
        """Let L-BFGS take a run from where the descent ended to the minimum that it was on the way to."""
        run = self.runs[self._order[i]]
        if self._moments is None or self._moments[0] != run.data:
            self._moments = run.data, second_moments(run.data, self.settings.memory)
        found = vars(by_lbfgs(run, self._moments[1], self._parameters(), i))
        weights = torch.from_numpy(np.concatenate([found["decoder"], found["encoder"]], axis=2).swapaxes(1, 2).copy())
        if self._source.basis is not None:
            weights = weights.to(self._flat.device) @ self._source.basis[self._source.owner[i]]
        values = weights, np.log(found["variances"]), np.log(found["decoder_variance"])
        for kept, value in zip(self._trained, values, strict=True):
            kept[i] = torch.as_tensor(value)[0]

    def _parameters(self) -> Parameters:
        weights, logs, decoder_log = (
            part.double().cpu().numpy()
            for part in self._trained._replace(weights=self._source.turned(self._trained.weights, back=True)))
        latents = logs.shape[1]
        return Parameters(weights[:, :latents].swapaxes(1, 2), weights[:, latents:].swapaxes(1, 2), np.exp(logs),
                          np.exp(decoder_log))

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
        found = self._parameters()
        ordered = report([self.runs[i] for i in self._order], found, loss, gradient)
        ordered["loss_history"] = self._history.T
        back = np.argsort(self._order)
        return {**{name: array[back] for name, array in ordered.items()}, "epochs": self._epochs.copy()}


def training(runs: Sequence[Run], settings: Settings) -> BatchedTraining | DirectMinimisation:
    """Return the training of runs of one shape by the method of the settings, not yet begun.

    >>> from validation.simulate.data import SpikedData
    >>> training([Run(SpikedData(10, 20))], Settings(method="exact")).steps
    1
    """
    direct = settings.method in {"exact", "lbfgs"}
    return DirectMinimisation(runs, settings) if direct else BatchedTraining(runs, settings)


def train(runs: Sequence[Run], settings: Settings) -> list[dict[str, Floats]]:
    """Train runs of any shapes, batch by batch within the memory budget; return one result for each run, in order.

    Each holds what ``result`` does, without the axis of runs.

    >>> from validation.simulate.data import SpikedData
    >>> runs = [Run(SpikedData(n, 30, strengths=(4.0,))) for n in (10, 12)]
    >>> [one["loss"] < 0 for one in train(runs, Settings(method="exact"))]
    [np.True_, np.True_]
    """
    found: list[dict[str, Floats]] = [{} for _ in runs]
    for block in blocks(runs, settings):
        batch = training([runs[i] for i in block], settings)
        batch.advance(batch.steps)
        result = batch.result()
        shared = {"epochs": result.pop("epochs")} if "epochs" in result else {}
        for row, i in enumerate(block):
            found[i] = {**{name: array[row] for name, array in result.items()}, **shared}
    return found
