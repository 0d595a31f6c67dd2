"""Zeros that are approached along a perturbation that fades away, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vaesym.inputs import Floats


def faded(solve: Callable[[Floats, Any, float], tuple[Floats, Floats]], start: Floats, levels: Sequence[float], *,
          tolerance: float, ceiling: float) -> tuple[Floats, Floats]:
    """Return what is found at the last of falling levels, each from the one before, and residuals; infinite if lost.

    Parameters
    ----------
    solve : from starts (R, n), the rows that they belong to and a level, values (R, n) and residuals (R,)
    start : values (B, n) near those of the first level
    levels : sizes of the perturbation, falling to 0
    tolerance, ceiling : a row goes on while its residual is at most this, and its first value below that

    >>> def root(start, rows, level):                                    # of z² = 2 + level, by Newton's steps
    ...     for _ in range(6):
    ...         start = start - (start**2 - 2 - level) / (2 * start)
    ...     return start, np.abs(start[:, 0] ** 2 - 2 - level)
    >>> levels = [98.0, 50.0, 20.0, 5.0, 1.0, 0.0]
    >>> value, left = faded(root, np.array([[10.0]]), levels, tolerance=1e-9, ceiling=20)
    >>> round(float(value[0, 0]), 4)
    1.4142
    """
    value, residual, rows = start.copy(), np.full(len(start), np.inf), np.arange(len(start))
    near = last = start
    for level in levels:
        if not len(rows):
            break
        found, left = solve(near, rows, level)
        going = (left <= tolerance) & (found[:, 0] < ceiling)
        value[rows], residual[rows] = found, np.where(going & (level == 0), left, np.inf)
        near = found + (found - last if level < levels[1] else 0)
        rows, near, last = rows[going], near[going], found[going]
    return value, residual
