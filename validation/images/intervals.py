"""Means over seeds with their 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over ``count`` seeds and the half-width of its 95 % interval (NaN with one seed).

    >>> str(Interval(19.6, 0.2, 3))
    '19.60 ± 0.20'
    """

    mean: float
    half: float
    count: int

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + self.half

    def holds(self, value: float) -> bool:
        """Return whether a value is inside; never with one seed."""
        return bool(self.low <= value <= self.high)

    def __str__(self) -> str:
        if not self.count:
            return "not found"
        if not np.isfinite(self.half):
            return f"{self.mean:.3g} (1 seed)"
        if self.half < 1e-4 * abs(self.mean):
            return f"{self.mean:.4g}"
        digits = min(max(0, 1 - int(np.floor(np.log10(self.half)))), 6)
        text, error = f"{self.mean:.{digits}f}", f"{self.half:.{digits}f}"
        return f"{text} ± {error}"


def interval(values: ArrayLike, resolution: ArrayLike | None = None) -> Interval:
    """Return the mean of values with Student's 95 % interval; NaN are left out.

    ``resolution`` is the standard deviation of each value from how it was read (the width of a bracket over √12), known
    without seeds; what it gives (1.96 standard errors) is taken where it exceeds what the scatter gives.

    >>> found = interval([1.0, 2.0, 3.0])
    >>> round(found.mean, 1), round(found.half, 2)
    (2.0, 2.48)
    """
    array = np.asarray(values, dtype=float).ravel()
    good = np.isfinite(array)
    count = int(good.sum())
    if count == 0:
        return Interval(np.nan, np.nan, 0)
    mean = float(array[good].mean())
    if count == 1:
        return Interval(mean, np.nan, 1)
    half = float(stats.t.ppf((1 + LEVEL) / 2, count - 1) * array[good].std(ddof=1) / np.sqrt(count))
    if resolution is not None:
        read = np.broadcast_to(np.asarray(resolution, dtype=float), array.shape)[good]
        half = max(half, float(stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt((read**2).sum()) / count))
    return Interval(mean, half, count)


def separated(first: Interval, second: Interval) -> bool | None:
    """Return whether two means differ at the 95 % level, by their intervals taken together; None with too few seeds."""
    if first.count < 2 or second.count < 2:
        return None
    return abs(first.mean - second.mean) > float(np.hypot(first.half, second.half))
