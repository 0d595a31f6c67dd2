"""A fixed number of threads, so that sums are taken in the same order whoever computes them."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

import torch
from threadpoolctl import ThreadpoolController


def libraries() -> ThreadpoolController:
    """Return the control of all matrix libraries that are loaded.

    >>> libraries() is libraries()
    True
    """
    return _libraries(len(sys.modules))


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Look for them: for each block of a run that would take longer than the block; what is imported may bring more."""
    del modules
    return ThreadpoolController()


@contextmanager
def limited_threads(count: int = 1) -> Generator[None]:
    """Compute with so many threads, NumPy, SciPy and torch alike, and with as many as before afterwards.

    >>> with limited_threads():
    ...     torch.get_num_threads()
    1
    """
    # torch sets its number of threads when it is first asked for it, and would so undo the limit from within.
    before = torch.get_num_threads()
    with libraries().limit(limits=count):
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)
