"""Whether what an encoder gives is finite, looked at in each step at hardly any cost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import as_numpy

#: Steps after which a running sum is fetched from an accelerator, which the training has to wait for.
_FETCH = 32
_NONE = np.empty(0, np.int64)


class Finite:
    """Looks at mean and log-variance of each step. Arrays and tensors in memory are judged at once.

    Of tensors on an accelerator a running sum is kept there, which NaN and infinity turn into NaN for good; it is
    fetched every 32 steps, so that no step in between waits for it.

    >>> Finite().broken(np.array([[0.0, np.nan]]), np.zeros(2)).tolist()
    [1]
    """

    def __init__(self) -> None:
        self._sum: Any = 0.0
        self._calls = 0

    def broken(self, mu: Any, logvar: Any) -> NDArray[np.int64]:
        """Return the latents of which something is NaN or infinite, most often none; all if it is not known which.

        What cannot be read as numbers is none of its business.
        """
        try:
            if _is_far(mu) or _is_far(logvar):
                self._sum = self._sum + 0.0 * (mu.detach().float().sum() + logvar.detach().float().sum())
                self._calls += 1
                if self._calls % _FETCH:
                    return _NONE
                total, self._sum = float(self._sum), 0.0
            else:
                total = _sum(mu) + _sum(logvar)
            return _NONE if math.isfinite(total) else _where(mu, logvar, lost=_is_far(mu))
        except (TypeError, ValueError, RuntimeError, AttributeError):
            return _NONE


def _is_far(values: Any) -> bool:
    return str(getattr(values, "device", "cpu")) != "cpu"


def _sum(values: Any) -> float:
    """Return the sum of an array or tensor in memory; a tensor's without a gradient."""
    if hasattr(values, "detach"):
        return float(values.detach().sum())
    with np.errstate(all="ignore"):
        return float(np.asarray(values).sum())


def _where(mu: Any, logvar: Any, *, lost: bool) -> NDArray[np.int64]:
    """Return the columns that are not finite; a sum of finite numbers can overflow too, which is no fault."""
    parts = [as_numpy(values) for values in (mu, logvar)]
    finite = [np.isfinite(part.reshape(-1, parts[0].shape[-1])) for part in parts]
    good = np.logical_and.reduce(np.concatenate(finite))
    return np.arange(len(good)) if lost and good.all() else np.flatnonzero(~good)
