"""Zeros that are approached along a perturbation that fades away, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vaesym.inputs import Floats


def faded(solve: Callable[[Floats, Any, float], tuple[Floats, Floats]], start: Floats, levels: Sequence[float], *,
          tolerance: float, ceiling: float, below: Floats | None = None) -> tuple[Floats, Floats, Floats, Floats]:
    """Return what is found at the last of falling levels, each from the one before, and residuals; infinite if lost.

    Third and fourth come the values (B, n) found at the last level but one that a row reached, and these levels (B,);
    the start and ``below`` where there is none. Smaller steps can go on from these.

    Parameters
    ----------
    solve : from starts (R, n), the rows that they belong to and a level, values (R, n) and residuals (R,)
    start : values (B, n) near those of the first level, or of ``below``
    levels : sizes of the perturbation, falling to 0
    tolerance, ceiling : a row goes on while its residual is at most this, and its first value below that
    below : levels (B,) that were reached at ``start``: a row takes part only at smaller ones

    >>> def root(start, rows, level):                                    # of z² = 2 + level, by Newton's steps
    ...     for _ in range(6):
    ...         start = start - (start**2 - 2 - level) / (2 * start)
    ...     return start, np.abs(start[:, 0] ** 2 - 2 - level)
    >>> levels = [98.0, 50.0, 20.0, 5.0, 1.0, 0.0]
    >>> value, left, *_ = faded(root, np.array([[10.0]]), levels, tolerance=1e-9, ceiling=20)
    >>> round(float(value[0, 0]), 4)
    1.4142
    """
    value, residual, going = start.copy(), np.full(len(start), np.inf), np.ones(len(start), bool)
    reached = np.full(len(start), np.inf) if below is None else below.copy()
    near, last, before, earlier = start.copy(), start.copy(), start.copy(), reached.copy()
    for level in levels:
        if not going.any():
            break
        rows = np.flatnonzero(going & (level < reached))
        if not len(rows):
            continue
        found, left = solve(near[rows], rows, level)
        good = (left <= tolerance) & (found[:, 0] < ceiling)
        value[rows], residual[rows], going[rows] = found, np.where(good & (level == 0), left, np.inf), good
        rows, found = rows[good], found[good]
        before[rows], earlier[rows] = last[rows], reached[rows]
        near[rows] = found + (found - last[rows] if level < levels[1] else 0)
        last[rows], reached[rows] = found, level
    return value, residual, before, earlier
