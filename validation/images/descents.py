"""Networks trained once, each at its β, and then measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from validation.images.ensemble import Descent, Ensemble
from validation.images.material import Material, Prepared
from validation.images.networks import Architecture
from validation.runner.experiment import Arrays, Results
from validation.threads import limited_threads

#: Measures networks after their descent, from the ensemble and the images.
Measure = Callable[[Ensemble, Prepared], Results]


@dataclass(frozen=True)
class DescentTask:
    """Begins the descent of networks of one architecture on samples of one size.

    ``betas`` and ``seeds`` have one entry a network; ``measure`` makes the results.
    """

    material: Material
    architecture: Architecture
    descent: Descent
    samples: int
    betas: tuple[float, ...]
    seeds: tuple[int, ...]
    measure: Measure
    device: str = "cpu"

    def start(self) -> DescentTraining:
        """Return the descent, not yet begun."""
        return DescentTraining(self)


class DescentTraining:
    """A descent under way, as the runner wants it."""

    def __init__(self, task: DescentTask) -> None:
        self._task, self._step = task, 0
        images, members = task.material.training(task.samples, task.seeds)
        self._ensemble = Ensemble(task.architecture, task.descent, images, members, task.seeds, task.device)
        self._beta = torch.tensor(task.betas, dtype=torch.float32)

    @property
    def total(self) -> int:
        """Steps of the descent."""
        return self._task.descent.steps

    def advance(self, until: int) -> None:
        """Descend until so many steps are done."""
        with limited_threads(self._task.descent.threads):
            while self._step < until:
                self._ensemble.step(self._step, self._beta)
                self._step += 1

    def state(self) -> Arrays:
        """Return all that :meth:`restore` needs."""
        return {**self._ensemble.state(), "step": torch.tensor(self._step).numpy()}

    def restore(self, state: Arrays) -> None:
        """Continue from a saved state."""
        self._ensemble.restore(state)
        self._step = int(state["step"])

    def result(self) -> Results:
        """Return what is measured."""
        with limited_threads(self._task.descent.threads):
            return self._task.measure(self._ensemble, self._task.material.prepared)
