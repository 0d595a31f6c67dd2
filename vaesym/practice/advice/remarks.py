"""What is odd about data, in sentences: repeated rows, a row or column beside which others vanish, one that counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.practice.data.matrix import Array, row_chunks

#: Share of the variance from which on one column is said to hold nearly all, and of distinct rows below which
#: repetitions are mentioned.
_NEARLY_ALL, _DISTINCT = 0.99, 0.9
#: Share of the variance from which on one sample is mentioned.
_MOST = 0.5
#: Samples from which on a column can be told to count them, and one of them to be odd.
_MANY = 10


def about(variances: Floats, rows: Array, energies: Floats, matrix: Any,
          scaling: float | Floats = 1.0) -> tuple[str, ...]:
    """Return remarks on data.

    ``variances`` (N) are those of the columns of ``scaling * matrix``; ``rows`` are its samples, or a random subset,
    and ``energies`` their squared distances from the mean.

    >>> about(np.array([1e6, 1.0]), np.eye(3), np.ones(3), np.eye(3))
    ('column 0 (counted from 0) holds 100.0 % of the variance: standardise the columns (--standardise), unless their \
scales mean something',)
    """
    return (*_scales(variances), *_alone(energies, len(matrix)), *_counting(variances, matrix, scaling),
            *_repetitions(rows))


def _scales(variances: Floats) -> tuple[str, ...]:
    share = float(variances.max() / variances.sum())
    if len(variances) < 2 or share < _NEARLY_ALL:
        return ()
    return (f"column {int(variances.argmax())} (counted from 0) holds {share:.1%} of the variance: standardise the "
            "columns (--standardise), unless their scales mean something".replace("%", " %"),)


def _alone(energies: Floats, samples: int) -> tuple[str, ...]:
    most, total = float(energies.max(initial=0)), float(energies.sum())
    if len(energies) < _MANY or most < _MOST * total:
        return ()
    which = f"row {int(energies.argmax())} (counted from 0)" if len(energies) == samples else "one row"
    return (f"{which} holds {100 * most / total:.1f} % of the variance: an outlier, or a code for missing values?",)


def _counting(variances: Floats, matrix: Any, scaling: float | Floats) -> tuple[str, ...]:
    """Say which columns rise evenly from sample to sample, or hold whole numbers in a row in whatever order.

    The variance of P numbers in a row is (P² − 1)/12 times the square of their step.
    """
    samples = len(matrix)
    if samples < _MANY:
        return ()
    ends = np.stack([matrix[row] for row in (0, 1, samples - 1)]).astype(np.float64)
    step, plain = (ends[2] - ends[0]) / (samples - 1), np.where(np.equal(scaling, 0), np.inf, scaling) ** 2
    found = 12 * variances / plain / (samples**2 - 1.0)
    with np.errstate(over="ignore"):
        evenly = (step != 0) & np.isclose(ends[1] - ends[0], step, rtol=1e-3, atol=0)
        evenly &= np.isclose(found, step**2, rtol=1e-6, atol=0)
    whole = np.isclose(found, 1, rtol=1e-9, atol=0) & (ends == np.floor(ends)).all(axis=0)
    names = [str(column) for column in np.flatnonzero(evenly | whole)]
    if not names:
        return ()
    return (f"column{'s' * (len(names) > 1)} {', '.join(names[:3])}{' ...' * (len(names) > 3)} (counted from 0) "
            f"number{'s' * (len(names) == 1)} the samples one by one, as an index or a time: leave such out, unless "
            "your network is given it",)


def _repetitions(rows: Array) -> tuple[str, ...]:
    distinct = len({hash(row.tobytes()) for _, chunk in row_chunks(rows) for row in chunk}) if len(rows) else 0
    if distinct >= _DISTINCT * len(rows):
        return ()
    return (f"only {distinct:,} of {len(rows):,} rows looked at are distinct: if samples were repeated, α, the signals "
            "and the intervals count them as new ones; drop the repetitions",)
