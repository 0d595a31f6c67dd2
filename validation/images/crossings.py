"""Where predictions of the second latent's threshold, computed from one-latent models over β, equal their own β."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from vaesym.inputs import Floats
from validation.images.groups import groups
from validation.images.intervals import Interval, interval
from validation.images.statements import NEXT
from validation.images.studies import Workshop


@dataclass(frozen=True)
class Crossing:
    """The β that a prediction says, over the seeds: 0 for those where it lies below the grid, infinity for above.

    ``low`` and ``high`` are the ends of the grid.
    """

    places: tuple[float, ...]
    low: float
    high: float

    @property
    def interval(self) -> Interval:
        """The mean over the seeds; seeds off the grid are missing."""
        places = np.array(self.places)
        return interval(np.where((places > 0) & np.isfinite(places), places, np.nan))

    @property
    def side(self) -> float | None:
        """0 or infinity if all seeds lie on that side of the grid, else None."""
        first = self.places[0]
        off = first == 0 or np.isinf(first)
        return first if off and all(place == first for place in self.places) else None

    def __str__(self) -> str:
        if self.side is not None:
            return f"below {self.low:.3g}" if self.side == 0 else f"above {self.high:.3g}"
        return str(self.interval)


def crossings(shop: Workshop, found: xr.Dataset) -> dict[str, Crossing]:
    """Return where each prediction equals β; predictions that the networks do not have are left out."""
    second = float(shop.material.prepared.eigenvalues[1])
    rows: dict[str, list[float]] = {name: [] for name in NEXT}
    ends = float(found["beta"].min()), float(found["beta"].max())
    for _, part in groups(found, "seed"):
        ordered = part.sortby("beta")
        betas = ordered["beta"].values
        for name, places in rows.items():
            # Linear theory does not depend on the network: its place is known wherever the grid ends.
            places.append(second if name == "linear" else crossing(betas, ordered[name].values))
    return {name: Crossing(tuple(places), *ends) for name, places in rows.items() if not np.isnan(places).any()}


def crossing(betas: Floats, values: Floats) -> float:
    """Return the least β at which a prediction is no longer above β, between points of the grid on logarithmic scales.

    0 if it is below at the first point, infinity if it is above at the last, NaN for values that are not there.

    >>> float(round(crossing(np.array([8.0, 10.0, 14.0]), np.array([11.0, 11.0, 11.0])), 6))
    11.0
    """
    if np.isnan(values).any():
        return np.nan
    x, gap = np.log(betas), np.log(np.maximum(values, np.finfo(float).tiny) / betas)
    below = np.flatnonzero(gap <= 0)
    if not len(below):
        return np.inf
    i = int(below[0])
    if i == 0:
        return 0.0
    return float(np.exp(x[i - 1] + (x[i] - x[i - 1]) * gap[i - 1] / (gap[i - 1] - gap[i])))
