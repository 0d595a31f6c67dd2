"""Running sums over training: a moving average, and bins over time that never outgrow a fixed number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vaesym.inputs import Floats

#: Weight of a new batch in the moving average: it looks back over about fifty batches.
_WEIGHT = 0.04
#: Bins are merged in pairs when there are so many.
_BINS = 64


class Trend(NamedTuple):
    """A positive quantity of each latent over the last half of a history: where it stands and where it goes.

    Fields: ``level`` (M,), mean over the last quarter; ``growth`` (M,), logarithm of that mean over the mean of the
    quarter before, with its standard error ``growth_error``.
    """

    level: Floats
    growth: Floats
    growth_error: Floats

    @classmethod
    def of(cls, values: Floats) -> Trend:
        """Return the trend of a series (bins, M), of which there must be eight bins or more.

        The errors come from the scatter of the bins around a straight line through each quarter. Where the quantity
        is zero throughout, growth is zero.

        >>> trend = Trend.of(np.exp(np.linspace(0, 1, 64))[:, None])
        >>> trend.growth.round(2)
        array([0.25])
        """
        quarter = len(values) // 4
        late = values[-2 * quarter :].reshape(2, quarter, -1)
        mean, error = late.mean(axis=1), _errors(late)
        tiny = np.finfo(np.float64).tiny
        growth = np.log(np.maximum(mean[1], tiny)) - np.log(np.maximum(mean[0], tiny))
        return cls(mean[1], growth, np.sqrt(((error / np.maximum(mean, tiny)) ** 2).sum(axis=0)))


class MovingAverage:
    """Exponential moving average of a vector, without the bias of its start, and its standard error.

    Parameters: ``size``, the length M of the vector.

    >>> average = MovingAverage(1)
    >>> average.add(np.array([[1.0], [3.0]]))
    >>> average.mean.round(2), average.error.round(2)
    (array([2.02]), array([1.]))
    """

    def __init__(self, size: int) -> None:
        # Rows: Σ w x, Σ w x²; then Σ w and Σ w², all decaying.
        self._sums = np.zeros((2, size))
        self._weights = np.zeros(2)

    def add(self, values: Floats) -> None:
        """Take in the values of n batches (n, size), oldest first."""
        weights = _WEIGHT * (1 - _WEIGHT) ** np.arange(len(values) - 1, -1, -1.0)
        keep = (1 - _WEIGHT) ** len(values)
        self._sums = keep * self._sums + np.stack([weights @ values, weights @ values**2])
        self._weights = np.array([keep, keep**2]) * self._weights + [weights.sum(), weights @ weights]

    @property
    def mean(self) -> Floats:
        """The average (M,); NaN before the first batch."""
        with np.errstate(invalid="ignore"):
            return self._sums[0] / self._weights[0]

    @property
    def error(self) -> Floats:
        """Standard error of the average (M,) if batches were independent; NaN before the second batch."""
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.maximum(self._sums[1] / self._weights[0] - self.mean**2, 0.0)
            share = self._weights[1] / self._weights[0] ** 2
            return np.sqrt(spread * share / (1 - share)) if share < 1 else np.full_like(spread, np.nan)

    def state(self) -> dict[str, Any]:
        """Return the sums as lists."""
        return {"sums": self._sums.tolist(), "weights": self._weights.tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        self._sums = np.array(state["sums"], float).reshape(self._sums.shape)
        self._weights = np.array(state["weights"], float).reshape(2)


class History:
    """Means of vectors over equally long stretches of time, 32 to 64 of them once there are that many batches.

    Parameters: ``size``, the length of the vectors.

    When the bins are full, neighbours are merged: memory stays fixed while a training of any length is covered.

    >>> history = History(1)
    >>> history.add(np.arange(1000.0)[:, None])
    >>> history.count, history.bins
    (1000, 62)
    """

    def __init__(self, size: int) -> None:
        self._sums = np.zeros((_BINS, size))
        self._width, self.count = 1, 0

    @property
    def bins(self) -> int:
        """Number of whole bins."""
        return self.count // self._width

    def add(self, values: Floats) -> None:
        """Take in the values of n batches (n, size), oldest first."""
        for row in values:
            if self.count == _BINS * self._width:
                self._sums[: _BINS // 2] = self._sums[::2] + self._sums[1::2]
                self._sums[_BINS // 2 :] = 0.0
                self._width *= 2
            self._sums[self.count // self._width] += row
            self.count += 1

    def clear(self) -> None:
        """Forget everything."""
        self._sums[:] = 0.0
        self._width, self.count = 1, 0

    def means(self) -> Floats:
        """Return the means of the whole bins (bins, size), oldest first."""
        return self._sums[: self.bins] / self._width

    def state(self) -> dict[str, Any]:
        """Return the bins as lists and numbers."""
        return {"sums": self._sums.tolist(), "width": self._width, "count": self.count}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        self._sums = np.array(state["sums"], float).reshape(self._sums.shape)
        self._width, self.count = int(state["width"]), int(state["count"])


def _errors(quarters: Floats) -> Floats:
    """Return the standard errors (2, size) of the means over axis 1, a straight trend taken out."""
    length = quarters.shape[1]
    place: Floats = np.arange(length, dtype=float) - (length - 1) / 2
    slope = (place[:, None] * quarters).sum(axis=1) / max(float((place**2).sum()), 1.0)
    rest = quarters - quarters.mean(axis=1, keepdims=True) - slope[:, None, :] * place[:, None]
    return np.sqrt((rest**2).sum(axis=1) / (max(length - 2, 1) * length))


