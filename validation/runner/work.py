"""The work on one block, the same here and on a worker far away, and how often it stops to look around."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from vaesym.inputs import InputError, count
from validation.runner.checkpoints import start_or_resume
from validation.runner.experiment import Block
from validation.runner.labels import block_dataset
from validation.runner.store import Store

#: Seconds of work between two looks at the clock, so that progress moves and the interval in seconds is kept.
_SLICE_SECONDS = 0.5


@dataclass(frozen=True)
class CheckpointInterval:
    """How much work may be lost at most: so many seconds or, where given, so many epochs, whichever ends first.

    Parameters
    ----------
    seconds : > 0; infinity for checkpoints by epochs alone
    epochs : ≥ 1, or None for checkpoints by time alone

    Raises :class:`vaesym.InputError` for a number that is not positive, or no limit at all.

    >>> CheckpointInterval(seconds=30, epochs=1000)
    CheckpointInterval(seconds=30, epochs=1000)
    >>> CheckpointInterval(seconds=0)
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected an interval in seconds > 0; received 0; choose e.g. 60
    """

    seconds: float = 60.0
    epochs: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.seconds, bool) or not isinstance(self.seconds, int | float) or not self.seconds > 0:
            raise InputError("an interval in seconds > 0", f"{self.seconds!r}", "choose e.g. 60")
        if self.epochs is not None:
            count("epochs", self.epochs)
        elif math.isinf(self.seconds):
            raise InputError("an interval that ends", "neither seconds nor epochs", "choose e.g. seconds=60")


class Pace:
    """Says up to which epoch to advance next, and when a checkpoint is due.

    Slices of work grow and shrink so that each takes about half a second, or the interval if that is shorter.

    >>> pace = Pace(CheckpointInterval(epochs=100), epoch=0, total=250, clock=lambda: 0.0)
    >>> pace.next_stop(0), pace.next_stop(90)
    (1, 91)
    >>> [pace.checkpoint_due(epoch) for epoch in (1, 3, 100)]
    [False, False, True]
    >>> pace.next_stop(1), pace.next_stop(99)     # work that takes no time: longer slices, but never past a checkpoint
    (9, 100)
    """

    def __init__(self, interval: CheckpointInterval, epoch: int, total: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._interval, self._total, self._clock = interval, total, clock
        self._slice, self._slice_seconds = 1, min(_SLICE_SECONDS, interval.seconds)
        self._stopped = self._saved = clock()

    def next_stop(self, epoch: int) -> int:
        """Return the epoch at which to stop next, at least one further on and at most the last."""
        stop = min(epoch + self._slice, self._total)
        if self._interval.epochs is not None:
            stop = min(stop, (epoch // self._interval.epochs + 1) * self._interval.epochs)
        return stop

    def checkpoint_due(self, epoch: int) -> bool:
        """Return whether to save at this stop; also learns how fast the work goes."""
        now = self._clock()
        if now - self._stopped < self._slice_seconds / 2:
            self._slice *= 2
        elif now - self._stopped > self._slice_seconds:
            self._slice = max(1, self._slice // 2)
        self._stopped = now
        return (now - self._saved >= self._interval.seconds
                or (self._interval.epochs is not None and epoch % self._interval.epochs == 0))

    def saved(self) -> None:
        """Count the interval from now: a checkpoint was written, and the time for it is not the work's."""
        self._stopped = self._saved = self._clock()


class Event(NamedTuple):
    """What happens to a block: it starts or advances to an epoch, or there is something to say."""

    key: str
    epoch: int = 0
    total: int = 0
    started: bool = False
    text: str = ""


class StoppedError(RuntimeError):
    """The session that asked for this work has ended."""


def run_block(store: Store, block: Block, first_run: int, interval: CheckpointInterval, session: str,
              tell: Callable[[Event], None]) -> None:
    """Train a block from its latest checkpoint to the end and write its results; nothing if that was done before.

    The work ends as soon as the store names another ``session``; ``first_run`` is the number of the first run in the
    experiment, and ``tell`` receives each :class:`Event`.

    Raises
    ------
    vaesym.InputError
        The store cannot be written, or the results do not fit the runs.
    StoppedError
        The session has ended.
    """
    if store.is_finished(block.key):
        return
    checkpoints = store.checkpoints(block.key)
    training, epoch = start_or_resume(block, checkpoints, lambda text: tell(Event(block.key, text=text)))
    total = int(training.total)
    tell(Event(block.key, epoch, total, started=True))
    pace = Pace(interval, epoch, total)
    while epoch < total:
        # A task that Dask has cancelled runs on: this is how it learns that nobody waits for it.
        if store.session() != session:
            raise StoppedError(f"block {block.key}: the session that asked for it has ended")
        epoch = pace.next_stop(epoch)
        training.advance(epoch)
        if pace.checkpoint_due(epoch) and epoch < total:
            checkpoints.save(epoch, training.state())
            pace.saved()
        tell(Event(block.key, epoch, total))
    store.write_block(block.key, block_dataset(block, first_run, training.result()))
    checkpoints.clear()
