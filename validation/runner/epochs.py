"""When to stop: checkpoints at intervals, slices of work between looks at the clock, log-spaced epochs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import InputError, count

#: Seconds of work between two looks at the clock, so that progress moves and the interval in seconds is kept.
_SLICE_SECONDS = 0.5


@dataclass(frozen=True)
class CheckpointInterval:
    """How much work may be lost at most: so many seconds or, where given, so many epochs, whichever ends first.

    Parameters
    ----------
    seconds : > 0; infinity for checkpoints by epochs alone
    epochs : ≥ 1, or None for checkpoints by time alone

    Raises
    ------
    vaesym.InputError
        A number that is not positive, or no limit at all.

    Examples
    --------
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

    Parameters
    ----------
    interval : how much work may be lost
    epoch, total : where the work begins and ends
    clock : seconds from any origin

    Examples
    --------
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


def log_spaced_epochs(total: int, per_decade: int = 20) -> NDArray[np.int64]:
    """Return ascending epochs from 0 to ``total``, evenly spaced in the logarithm where whole numbers allow.

    Parameters
    ----------
    total : last epoch, ≥ 1
    per_decade : epochs for each factor of ten, ≥ 1

    Raises
    ------
    vaesym.InputError
        A number that is not a whole number ≥ 1.

    Examples
    --------
    >>> log_spaced_epochs(1000, 3)
    array([   0,    1,    2,    5,   10,   22,   46,  100,  215,  464, 1000])
    """
    total, per_decade = count("total", total), count("per_decade", per_decade)
    exponents = np.arange(math.ceil(per_decade * math.log10(total)) + 1) / per_decade
    return np.unique([0, *np.minimum(np.rint(10**exponents), total).astype(np.int64), total])
