"""Runs of a study, by what they have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr


def groups(found: xr.Dataset, *names: str) -> Iterator[tuple[tuple[Any, ...], xr.Dataset]]:
    """Yield the values of some labels, in the order in which they appear, and the runs that have them.

    >>> runs = xr.Dataset({"samples": ("run", [10, 20, 10]), "loss": ("run", [1.0, 2.0, 3.0])})
    >>> [(key, part["loss"].values.tolist()) for key, part in groups(runs, "samples")]
    [((10,), [1.0, 3.0]), ((20,), [2.0])]
    """
    keys = list(zip(*(found[name].values.tolist() for name in names), strict=True))
    for key in dict.fromkeys(keys):
        yield key, found.isel(run=[i for i, one in enumerate(keys) if one == key])
