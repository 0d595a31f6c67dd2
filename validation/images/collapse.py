"""Trainings for the runner: networks that descend once, each at its β, and searches for where a latent collapses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaesym import inputs
from vaesym.inputs import Floats
from validation.images.data.material import Material, Prepared
from validation.images.networks import Architecture, Descent, Ensemble
from validation.runner.experiment import Arrays, Results
from validation.simulate.data import one_of
from validation.study.threads import limited_threads

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


class _UnderWay:
    """Networks that descend step by step as one, as the runner wants it."""

    def __init__(self, task: DescentTask | SearchTask) -> None:
        self._task, self._step = task, 0
        images, members = task.material.training(task.samples, task.seeds)
        self._ensemble = Ensemble(task.architecture, task.descent, images, members, task.seeds, task.device)

    def advance(self, until: int) -> None:
        """Descend until so many steps are done."""
        with limited_threads(self._task.descent.threads):
            while self._step < until:
                self._take()
                self._step += 1

    def _take(self) -> None:
        raise NotImplementedError

    def state(self) -> Arrays:
        """Return all that :meth:`restore` needs."""
        return {**self._ensemble.state(), "step": np.array(self._step)}

    def restore(self, state: Arrays) -> None:
        """Continue from a saved state."""
        self._ensemble.restore(state)
        self._step = int(state["step"])


class DescentTraining(_UnderWay):
    """A descent under way."""

    _task: DescentTask

    @property
    def total(self) -> int:
        """Steps of the descent."""
        return self._task.descent.steps

    def _take(self) -> None:
        self._ensemble.step(self._step, torch.tensor(self._task.betas, dtype=torch.float32))

    def result(self) -> Results:
        """Return what is measured."""
        with limited_threads(self._task.descent.threads):
            return self._task.measure(self._ensemble, self._task.material.prepared)


STARTS = ("cold", "active", "collapsed", "added")
#: Where the descents that give the active and the collapsed start take place, in units of the expected threshold, if
#: nothing else is said.
_FROM = {"active": 0.5, "collapsed": 1.6}
#: Size of an added latent's weights when it is let go, in units of initial ones.
_ADDED = 0.2
#: First factor between trials while the threshold is not yet bracketed; each further one is the square of the last.
_EXPANSION = 1.1


@dataclass(frozen=True)
class Search:
    """What is sought: the β above which fewer than ``rank`` latents are active.

    Parameters
    ----------
    rank : 1 for full collapse, 2 for the second latent, ...
    expected : where to begin, > 0
    start : "cold" (initial values), "active" (a network trained at half the expected threshold), or "collapsed" (one
        trained at 1.6 times it, so that the latent is still or again unused), or "added" (a network trained at the β of
        the trial with its last latent held at 0, which is then let go with small weights)
    begin : β of the training that makes the start, in place of the one above
    trials : descents of the search; each one after bracketing halves the bracket
    active : KL in nats above which a latent counts as active. In linear theory it falls to this at Λ·e^{−2·active}

    Raises :class:`vaesym.InputError` for a field outside its domain.
    """

    rank: int
    expected: float
    start: str = "cold"
    trials: int = 7
    active: float = 0.005
    begin: float | None = None

    def __post_init__(self) -> None:
        inputs.count("rank", self.rank)
        inputs.count("trials", self.trials)
        inputs.positive("expected", self.expected)
        inputs.positive("active", self.active)
        if self.begin is not None:
            inputs.positive("begin", self.begin)
        one_of("start", self.start, STARTS)


class Brackets:
    """Brackets of S thresholds, narrowed by one trial after another.

    >>> brackets = Brackets(Search(1, 10.0), 1)
    >>> for _ in range(7):
    ...     brackets.learn(brackets.trial() < 12.0)
    >>> bool(brackets.low[0] < 12 < brackets.high[0]), brackets.high[0] / brackets.low[0] < 1.02
    (True, np.True_)
    """

    def __init__(self, search: Search, runs: int) -> None:
        self.low, self.high = np.zeros(runs), np.full(runs, np.inf)
        self._expected = search.expected

    def trial(self) -> Floats:
        """Return the β to try next, for each run: beyond what is known, then in the middle of the bracket."""
        with np.errstate(invalid="ignore"):
            middle = np.sqrt(self.low * self.high)
            # Distances from the expected place grow as 1, 3, 7, ... in units of the first.
            up = self.low**2 / self._expected * _EXPANSION
            down = self.high**2 / self._expected / _EXPANSION
        unknown = (self.low == 0) & np.isinf(self.high)
        bracketed = (self.low > 0) & np.isfinite(self.high)
        return np.where(unknown, self._expected, np.where(bracketed, middle, np.where(self.low > 0, up, down)))

    def learn(self, active: NDArray[np.bool_]) -> None:
        """Take in which of the trials were active."""
        tried = self.trial()
        self.low, self.high = np.where(active, tried, self.low), np.where(active, self.high, tried)


@dataclass(frozen=True)
class SearchTask:
    """Begins a search for several seeds."""

    material: Material
    architecture: Architecture
    descent: Descent
    search: Search
    samples: int
    seeds: tuple[int, ...]
    device: str = "cpu"

    def start(self) -> SearchTraining:
        """Return the search, not yet begun."""
        return SearchTraining(self)


class SearchTraining(_UnderWay):
    """A search under way: one descent after another, each from the same start.

    The runner may stop it after any step. Its descents differ in the order of the images and in the noise.
    """

    _task: SearchTask

    def __init__(self, task: SearchTask) -> None:
        super().__init__(task)
        self._brackets = Brackets(task.search, len(task.seeds))
        self._start = _copied(self._ensemble.parameters)
        self._tried: list[Floats] = []
        self._kl: list[Floats] = []

    @property
    def _prepared(self) -> int:
        """Descents before the first trial."""
        return int(self._task.search.start in _FROM)

    @property
    def _each(self) -> int:
        """Descents of a trial."""
        return 2 if self._task.search.start == "added" else 1

    @property
    def total(self) -> int:
        """Steps of all descents."""
        return (self._task.search.trials * self._each + self._prepared) * self._task.descent.steps

    def _held(self, descent: int) -> bool:
        return self._each == 2 and descent % 2 == 0

    def _beta(self) -> Floats:
        search = self._task.search
        if self._prepared and self._step < self._task.descent.steps:
            begin = search.expected * _FROM[search.start] if search.begin is None else search.begin
            return np.full(len(self._task.seeds), begin)
        return self._brackets.trial()

    def _take(self) -> None:
        steps = self._task.descent.steps
        descent, number = divmod(self._step, steps)
        if self._held(descent):
            self._ensemble.set_latent(self._last)
        self._ensemble.step(number, torch.tensor(self._beta(), dtype=torch.float32), salt=descent)
        if number == steps - 1:
            self._conclude(descent)

    @property
    def _last(self) -> int:
        return self._task.architecture.latents - 1

    def _conclude(self, descent: int) -> None:
        if self._held(descent):
            small = {name: _ADDED * value for name, value in self._start.items()}
            self._ensemble.set_latent(self._last, small)
            self._ensemble.load(_copied(self._ensemble.parameters))
            return
        if descent < self._prepared:
            self._start = _copied(self._ensemble.parameters)
        else:
            kl = -np.sort(-self._ensemble.finite_kl(), axis=1)
            self._tried.append(self._brackets.trial())
            self._kl.append(kl)
            self._brackets.learn(kl[:, self._task.search.rank - 1] > self._task.search.active)
        self._ensemble.load(self._start)

    def state(self) -> Arrays:
        """Return all that :meth:`restore` needs."""
        shape = (len(self._tried), len(self._task.seeds))
        return {**super().state(), "low": self._brackets.low, "high": self._brackets.high,
                "tried": np.reshape(self._tried, shape),
                "kl": np.reshape(self._kl, (*shape, self._task.architecture.latents)),
                **{f"start.{name}": value.cpu().numpy() for name, value in self._start.items()}}

    def restore(self, state: Arrays) -> None:
        """Continue from a saved state."""
        super().restore(state)
        self._brackets.low, self._brackets.high = state["low"], state["high"]
        self._tried, self._kl = list(state["tried"]), list(state["kl"])
        self._start = {name.removeprefix("start."): torch.tensor(value, device=self._task.device)
                       for name, value in state.items() if name.startswith("start.")}

    def result(self) -> Results:
        """Return the brackets and the KL of each trial, latents in descending order."""
        return {"low": ("run", self._brackets.low), "high": ("run", self._brackets.high),
                "tried": (("run", "trial"), np.transpose(self._tried)),
                "trial_kl": (("run", "trial", "latent"), np.swapaxes(self._kl, 0, 1))}


def _copied(parameters: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in parameters.items()}


def estimates(low: Floats, high: Floats) -> Floats:
    """Return the middle of brackets, on a logarithmic scale; NaN for what was not bracketed.

    >>> estimates(np.array([4.0, 0.0]), np.array([9.0, 1.0]))
    array([ 6., nan])
    """
    good = (low > 0) & np.isfinite(high)
    with np.errstate(invalid="ignore"):
        return np.where(good, np.sqrt(low * high), np.nan)
