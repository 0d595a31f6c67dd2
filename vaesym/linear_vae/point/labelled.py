"""Labelled datasets over axes of parameters: dimensions, meanings, units and the version of this library."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vaesym.inputs import InputError
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.fields import CURVE_FIELDS, LATENT_FIELDS, MODEL_FIELDS, PARAMETERS, Meaning, flag
from vaesym.linear_vae.point.solution import Phase

if TYPE_CHECKING:
    import xarray as xr

#: What each variable means. There is one latent here, whose phase is that of the global minimum.
_MEANINGS = {**PARAMETERS, **LATENT_FIELDS, **MODEL_FIELDS, **CURVE_FIELDS,
             "phase": Meaning("phase of the global minimum")}


class Axes(NamedTuple):
    """Labelled axes: their dimensions in order, values shaped to broadcast together, and coordinates."""

    dims: tuple[str, ...]
    points: dict[str, Any]
    coordinates: dict[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions."""
        return tuple(len(self.coordinates[name][1]) for name in self.dims)


def grid(**axes: Any) -> Axes:
    """Lay out numbers and one-dimensional axes; a number is a coordinate without a dimension. α may be ∞.

    >>> grid(alpha=[1.0, 2.0], beta=1.0, lam=[0.0, 0.1, 0.2]).shape
    (2, 3)
    """
    values = {name: formulas.check(name, value, name == "alpha") for name, value in axes.items()}
    for name, value in values.items():
        if value.ndim > 1:
            raise InputError(f"{name} as a number or a one-dimensional axis", f"shape {value.shape}",
                             "pass e.g. numpy.geomspace")
    dims = tuple(name for name, value in values.items() if value.ndim)
    points = {name: value.reshape([-1 if dim == name else 1 for dim in dims]) if value.ndim else value
              for name, value in values.items()}
    coordinates = {name: ((name,) if value.ndim else (), value, meaning(name)) for name, value in values.items()}
    return Axes(dims, points, coordinates)


def numbers(**given: Any) -> list[float]:
    """Check parameters that must be numbers, not arrays.

    >>> numbers(lam=0, rho=1)
    [0.0, 1.0]
    """
    values = {name: formulas.parameters(**{name: value})[0] for name, value in given.items()}
    for name, value in values.items():
        if value.ndim:
            raise InputError(f"{name} as a number", f"shape {value.shape}", "call once for each value")
    return [float(value) for value in values.values()]


def meaning(name: str) -> dict[str, str]:
    """Return the attributes of a variable: its meaning and its unit."""
    return _MEANINGS[name].attributes


def dataset(axes: Axes, title: str, values: dict[str, Any], **parameters: float) -> xr.Dataset:
    """Label values over a grid; the parameters and the version of this library become attributes."""
    import xarray as xr

    shape = axes.shape
    data = {name: (axes.dims, np.array(np.broadcast_to(value, shape)), meaning(name)) for name, value in values.items()}
    # By name, because the root of the package lists every room and so stands above them all.
    version: str = import_module(__name__.partition(".")[0]).__version__
    labelled = xr.Dataset(data, axes.coordinates, {"title": title, "vaesym_version": version, **parameters})
    if "phase" in labelled:
        flag(labelled.phase, Phase)
    return labelled
