"""Means over seeds with their 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over ``count`` of ``asked`` seeds and the half-width of its 95 % interval (NaN with one seed).

    Seeds for which nothing was found are missing from the mean, and not at random: see :attr:`complete`.

    >>> str(Interval(19.6, 0.2, 3)), str(Interval(19.6, 0.2, 2, 5))
    ('19.60 ± 0.20', '19.60 ± 0.20 (2 of 5 seeds)')
    """

    mean: float
    half: float
    count: int
    asked: int | None = None

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + self.half

    @property
    def complete(self) -> bool:
        """Whether it has a value from every seed, and more than one."""
        return self.count > 1 and self.count == (self.count if self.asked is None else self.asked)

    def __str__(self) -> str:
        if not self.count:
            return "not found"
        missing = "" if self.asked in (None, self.count) else f" ({self.count} of {self.asked} seeds)"
        if not np.isfinite(self.half):
            return f"{self.mean:.3g}{missing or ' (1 seed)'}"
        if self.half <= 1e-4 * abs(self.mean):
            return f"{self.mean:.4g}{missing}"
        digits = min(max(0, 1 - int(np.floor(np.log10(self.half)))), 6)
        return f"{self.mean:.{digits}f} ± {self.half:.{digits}f}{missing}"


def interval(values: ArrayLike, resolution: ArrayLike | None = None) -> Interval:
    """Return the mean of values with Student's 95 % interval; NaN are left out, and counted.

    ``resolution`` is the standard deviation of each value from how it was read (the width of a bracket over √12). Seeds
    read on one scale err alike: it does not shrink with their number, and comes on top of the scatter.

    >>> found = interval([1.0, 2.0, 3.0])
    >>> round(found.mean, 1), round(found.half, 2)
    (2.0, 2.48)
    """
    array = np.asarray(values, dtype=float).ravel()
    good = np.isfinite(array)
    count, asked = int(good.sum()), len(array)
    if count == 0:
        return Interval(np.nan, np.nan, 0, asked)
    mean = float(array[good].mean())
    if count == 1:
        return Interval(mean, np.nan, 1, asked)
    half = float(stats.t.ppf((1 + LEVEL) / 2, count - 1) * array[good].std(ddof=1) / np.sqrt(count))
    if resolution is not None:
        read = np.broadcast_to(np.asarray(resolution, dtype=float), array.shape)[good]
        half = float(np.hypot(half, stats.norm.ppf((1 + LEVEL) / 2) * read.mean()))
    return Interval(mean, half, count, asked)


def ratio(measured: Interval, predicted: Interval) -> Interval:
    """Return the ratio of two independent means, its relative error the root of the sum of squares of both.

    >>> str(ratio(Interval(9.0, 0.09, 3), Interval(10.0, 0.0, 3)))
    '0.9000 ± 0.0090'
    """
    mean = measured.mean / predicted.mean
    half = abs(mean) * float(np.hypot(measured.half / measured.mean, predicted.half / predicted.mean))
    asked = [one.count if one.asked is None else one.asked for one in (measured, predicted)]
    whole = measured.complete and predicted.complete
    return Interval(mean, half, min(measured.count, predicted.count), None if whole else max(asked))


def separated(first: Interval, second: Interval) -> bool | None:
    """Return whether two means differ at the 95 % level, by their intervals taken together; None with seeds missing."""
    if not first.complete or not second.complete:
        return None
    return abs(first.mean - second.mean) > float(np.hypot(first.half, second.half))
