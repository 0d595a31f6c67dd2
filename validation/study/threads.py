"""A fixed number of threads, so that sums are taken in the same order whoever computes them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def limited_threads(count: int = 1) -> Generator[None]:
    """Compute with so many threads, NumPy, SciPy and torch alike, and with as many as before afterwards.

    >>> with limited_threads():
    ...     torch.get_num_threads()
    1
    """
    # torch sets its number of threads when it is first asked for it, and would so undo the limit from within.
    before = torch.get_num_threads()
    with threadpool_limits(count):
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)
