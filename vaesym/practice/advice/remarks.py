"""What is odd about data, in sentences: repeated rows, and a column beside which the others vanish."""

from __future__ import annotations

from vaesym.inputs import Floats
from vaesym.practice.data.matrix import Array, row_chunks

#: Share of the variance from which on one column is said to hold nearly all, and of distinct rows below which
#: repetitions are mentioned.
_NEARLY_ALL, _DISTINCT = 0.99, 0.9


def about(variances: Floats, rows: Array) -> tuple[str, ...]:
    """Return remarks on data.

    ``variances`` (N) are those of the columns; ``rows`` are the samples, or a random subset of them.

    >>> import numpy as np
    >>> about(np.array([1e6, 1.0]), np.eye(3))
    ('column 0 (counted from 0) holds 100.0 % of the variance: standardise the columns (--standardise), unless their \
scales mean something',)
    """
    return (*_scales(variances), *_repetitions(rows))


def _scales(variances: Floats) -> tuple[str, ...]:
    share = float(variances.max() / variances.sum())
    if len(variances) < 2 or share < _NEARLY_ALL:
        return ()
    return (f"column {int(variances.argmax())} (counted from 0) holds {share:.1%} of the variance: standardise the "
            "columns (--standardise), unless their scales mean something".replace("%", " %"),)


def _repetitions(rows: Array) -> tuple[str, ...]:
    distinct = len({hash(row.tobytes()) for _, chunk in row_chunks(rows) for row in chunk}) if len(rows) else 0
    if distinct >= _DISTINCT * len(rows):
        return ()
    return (f"only {distinct:,} of {len(rows):,} rows looked at are distinct: if samples were repeated, α, the signals "
            "and the intervals count them as new ones; drop the repetitions",)
