"""How β rises in training: the families in use, or any function of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError

#: From 0 to 1 over one length, as functions of time over it; "cyclical" restarts, and rests for half of a cycle.
FAMILIES: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda x: np.minimum(x, 1.0),
    "tanh": np.tanh,
    "cyclical": lambda x: np.where(x < _CYCLES, np.minimum(2 * np.mod(x, 1.0), 1.0), 1.0)}
_CYCLES = 4


@dataclass(frozen=True)
class Schedule:
    """β at a time, as a fraction of its final value.

    Parameters
    ----------
    family : "linear" (from 0 to 1 over the length), "tanh" (its argument is time over length), or "cyclical" (four
        cycles of the length, in the first half of which β rises from 0 to its final value)
    length : a number > 0

    Notes
    -----
    Cyclical: Fu et al. (2019), arXiv:1903.10145. Tanh: Ichikawa and Hukushima, arXiv:2310.15440.

    >>> Schedule("linear", 10.0)([0.0, 5.0, 20.0])
    array([0. , 0.5, 1. ])
    """

    family: str
    length: float

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise InputError(f"a schedule among {', '.join(FAMILIES)}", f"{self.family!r}", "write e.g. linear:10")
        inputs.positive_number("length of the schedule", self.length)

    def __call__(self, time: Any) -> Floats:
        """Return the fraction of β at these times."""
        return FAMILIES[self.family](np.asarray(time, dtype=np.float64) / self.length)

    def breaks(self) -> list[float]:
        """Return the times at which it has a kink or jumps."""
        steps = {"linear": [1.0], "tanh": [], "cyclical": [i / 2 for i in range(1, 2 * _CYCLES + 1)]}
        return [step * self.length for step in steps[self.family]]


def read(schedule: Any) -> Callable[[Any], Any] | None:
    """Return a schedule of its name ``family:length``; functions and None are returned as they are.

    Raises :class:`vaesym.InputError`: another family, no length > 0, or neither text nor a function.

    >>> read("tanh:2").length
    2.0
    """
    if schedule is None or callable(schedule):
        return schedule
    family, _, length = str(schedule).partition(":")
    try:
        return Schedule(family, float(length))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError("a schedule as a function of time, or as family:length", f"{schedule!r}",
                         f"write e.g. linear:10; families are {', '.join(FAMILIES)}") from error
