"""Where the gradients of a batch of runs come from: second moments, or mini-batches of samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vaesym.inputs import InputError
from validation.laboratory.data import all_samples, require_memory, second_moments
from validation.laboratory.models import GramGradient, field_loss, sample_loss
from validation.laboratory.runs import Run, Settings

#: Bytes of data that are turned into double precision at a time where a loss is evaluated.
_PIECE = 2**26
#: Keeps the streams of the mini-batches apart from those of the data and the starting weights.
_STREAM = 0xBA7C


class Trained(NamedTuple):
    """What is trained, or its gradient: weights (B, 2M, N), ln D (B, M) and ln σ² (B,)."""

    weights: Tensor
    logs: Tensor
    decoder_log: Tensor


def by_data(runs: Sequence[Run]) -> list[list[int]]:
    """Return the positions of the runs on each data set, in the order in which the sets first come.

    >>> from validation.laboratory.data import SpikedData
    >>> by_data([Run(SpikedData(5, 9, seed=seed)) for seed in (1, 2, 1)])
    [[0, 2], [1]]
    """
    sets: dict[object, list[int]] = {}
    for i, run in enumerate(runs):
        sets.setdefault(run.data, []).append(i)
    return list(sets.values())


class _Source:
    """Runs that stand ordered by data set, their numbers on the device, and their loss in double precision."""

    def __init__(self, runs: Sequence[Run], settings: Settings, device: torch.device) -> None:
        self.runs, self.settings, self.device = list(runs), settings, device
        self.features, self.latents = runs[0].data.features, runs[0].latents
        self.dtype = torch.float32 if settings.precision == "float32" else torch.float64
        groups = by_data(runs)
        self.sets = [runs[members[0]].data for members in groups]
        self.owner = torch.as_tensor(np.repeat(np.arange(len(groups)), [len(members) for members in groups]))
        self.owner = self.owner.to(device)
        require_memory(sum(settings.bytes_of(runs[members[0]]) for members in groups), settings.memory,
                       f"the data of {len(groups)} data sets at once")
        self.samples = self.column([run.data.samples for run in runs])
        self.energy = torch.zeros_like(self.samples)

    def column(self, values: Sequence[float]) -> Tensor:
        """Return one number for each run, on the device and in double precision."""
        return torch.tensor(values, dtype=torch.float64, device=self.device)

    def terms(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return β, λ and whether σ² is learned."""
        return (self.column([run.beta for run in self.runs]), self.column([run.lam for run in self.runs]),
                self.column([float(run.learn_decoder_variance) for run in self.runs]))

    def written(self, samples: Tensor, share: float = 1.0) -> GramGradient:
        """Return the written gradient for a number of samples, with that share of the weight decay."""
        beta, lam, learned = self.terms()
        columns = (column.to(self.dtype) for column in (samples, beta, lam * share, learned, self.energy))
        return GramGradient(*columns, self.latents, self.features)

    def fields(self, weights: Tensor) -> Tensor:
        """Return weights·S (B, 2M, N) in double precision."""
        raise NotImplementedError

    def evaluate(self, at: Trained) -> tuple[Tensor, Tensor]:
        """Return R/N (B,) and the norm of its gradient in (W/√N, V/√N, ln D, ln σ²) (B,), in double precision."""
        at = Trained(*(part.detach().double() for part in at))
        fields, terms = self.fields(at.weights), self.terms()
        loss = field_loss(fields, self.energy, self.samples, *at, *terms)
        slope = Trained(*(torch.empty_like(part) for part in at))
        GramGradient(self.samples, *terms, self.energy, self.latents, self.features)(fields, *at, *slope)
        squares = (slope.weights**2).sum((1, 2)) * self.features + (slope.logs**2).sum(1) + slope.decoder_log**2
        return loss / self.features, squares.sqrt() / self.features


class FullBatch(_Source):
    """Gradients through second moments: the cost of an epoch does not depend on P."""

    def __init__(self, runs: Sequence[Run], settings: Settings, device: torch.device) -> None:
        super().__init__(runs, settings, device)
        features = self.features
        self._moments = torch.empty(len(self.sets), features, features, dtype=self.dtype, device=device)
        energies = []
        for moments, data in zip(self._moments, self.sets, strict=True):
            exact = second_moments(data, settings.memory)
            moments.copy_(torch.from_numpy(exact))
            energies.append(np.trace(exact) * features / 2)
        self.energy = self.column(energies)[self.owner]
        if len(set(torch.bincount(self.owner).tolist())) > 1:
            require_memory(settings.bytes_of(runs[0]) * len(runs), settings.memory, "runs that share data unequally")
            self._moments = self._moments[self.owner]
        self._gradient = self.written(self.samples)
        self._fields: Tensor | None = None

    def gradients(self, epoch: int, factor: float, at: Trained, slope: Trained) -> Iterator[None]:
        """Write the gradient of R into ``slope``, once an epoch."""
        # Runs on the same data stand side by side: one product serves them all.
        stacked = at.weights.view(len(self._moments), -1, self.features)
        if self._fields is None:
            self._fields = torch.empty_like(stacked)
        torch.bmm(stacked, self._moments, out=self._fields)
        self._gradient(self._fields.view_as(at.weights), *at, *slope, factor)
        yield

    def fields(self, weights: Tensor) -> Tensor:
        """Return weights·S (B, 2M, N) in double precision."""
        stacked = weights.view(len(self._moments), -1, self.features)
        rows = max(1, _PIECE // (8 * self.features**2))
        parts = zip(stacked.split(rows), self._moments.split(rows), strict=True)
        return torch.cat([torch.bmm(one, moments.double()) for one, moments in parts]).view_as(weights)


class MiniBatches(_Source):
    """Gradients from mini-batches of the samples, shuffled anew each epoch by the seed of the run."""

    def __init__(self, runs: Sequence[Run], settings: Settings, device: torch.device) -> None:
        super().__init__(runs, settings, device)
        if len({run.data.samples for run in runs}) > 1:
            raise InputError("runs of one number of samples for mini-batches", "several", "divide them with blocks")
        self._total = runs[0].data.samples
        self._size = min(settings.batch_size or self._total, self._total)
        self._x = torch.empty(len(self.sets), self._total, self.features, dtype=self.dtype, device=device)
        for x, data in zip(self._x, self.sets, strict=True):
            x.copy_(torch.from_numpy(all_samples(data, settings.memory)))
        self.energy = self._energies()
        sizes = {self._size, self._total % self._size} - {0}
        self._written = {size: self.written(torch.full_like(self.samples, size), size / self._total) for size in sizes}

    def _energies(self) -> Tensor:
        return torch.stack([(x.double() ** 2).sum() / 2 for x in self._x])[self.owner]

    def gradients(self, epoch: int, factor: float, at: Trained, slope: Trained) -> Iterator[None]:
        """Write an unbiased estimate of the gradient of R into ``slope``, once for each mini-batch."""
        orders, noises = self._drawn(epoch)
        for start in range(0, self._total, self._size):
            chosen = orders[:, start : start + self._size]
            x = self._x[self.owner[:, None], chosen]
            size = chosen.shape[1]
            if noises is None:
                fields = torch.bmm(torch.bmm(at.weights, x.mT), x).div_(self.features)
                self._written[size](fields, *at, *slope, factor)
            else:
                self._sampled(x, noises[:, start : start + self._size], factor, at, slope)
            for part in slope:
                part.mul_(self._total / size)
            yield

    def _drawn(self, epoch: int) -> tuple[Tensor, Tensor | None]:
        """The order of the samples of each run and, where the reconstruction is sampled, its noise."""
        orders, noises = [], []
        for run in self.runs:
            generator = np.random.default_rng(np.random.SeedSequence((run.start_seed, _STREAM, epoch)))
            orders.append(generator.permutation(self._total))
            if self.settings.sampled:
                noises.append(generator.standard_normal((self._total, self.latents)))
        drawn = torch.as_tensor(np.stack(noises)).to(self.device, self.dtype) if noises else None
        return torch.as_tensor(np.stack(orders)).to(self.device), drawn

    def _sampled(self, x: Tensor, noise: Tensor, factor: float, at: Trained, slope: Trained) -> None:
        leaves = [part.detach().requires_grad_() for part in at]
        beta, lam, learned = (column.to(self.dtype) for column in self.terms())
        with torch.enable_grad():
            loss = sample_loss(x, *leaves, beta * factor, lam * x.shape[1] / self._total, learned, noise).sum()
        for part, found, kept in zip(slope, torch.autograd.grad(loss, leaves), (1, 1, learned), strict=True):
            torch.mul(found, kept, out=part)

    def fields(self, weights: Tensor) -> Tensor:
        """Return weights·S (B, 2M, N) in double precision."""
        parts = []
        for one, x in zip(weights, (self._x[i] for i in self.owner.tolist()), strict=True):
            parts.append((one @ x.double().mT) @ x.double() / self.features)
        return torch.stack(parts)


def source(runs: Sequence[Run], settings: Settings, device: torch.device) -> FullBatch | MiniBatches:
    """Return the source of gradients that the settings ask for; runs on the same data must stand side by side."""
    return (FullBatch if settings.batch_size is None else MiniBatches)(runs, settings, device)


