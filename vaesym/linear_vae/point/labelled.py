"""The one result: fields over points, with dimensions, parameters, meanings and units, in arrays of any backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from vaesym.inputs import as_numpy
from vaesym.linear_vae.point.arguments import Axes
from vaesym.linear_vae.point.fields import MEANINGS, PARAMETERS, Phase, Stability, flag
from vaesym.solvers.curve import PointKind
from vaesym.solvers.newton import Status

if TYPE_CHECKING:
    import xarray as xr

#: Dimensions and values, by name.
Variables = Mapping[str, tuple[tuple[str, ...], Any]]
#: Fields of whole numbers that stand for words.
_KINDS: dict[str, type[IntEnum]] = {"phase": Phase, "closed_form_phase": Phase, "stability": Stability,
                                    "kind": PointKind, "status": Status}


@dataclass(frozen=True, repr=False, eq=False)
class States:
    """Fields over points of parameter space.

    Each field, coordinate and attribute is read by its name, as in ``states.Q``: an array (a tensor where tensors were
    given), or a scalar at a single point. Nothing starts xarray before :meth:`to_xarray` does.

    >>> states = States({"Q": (("dim_0",), np.ones(2))}, {"beta": (("dim_0",), np.ones(2))}, {"latents": 1})
    >>> states.Q, states.latents, states.to_xarray().beta.long_name
    (array([1., 1.]), 1, 'weight of the KL term')
    """

    fields: Variables
    coordinates: Variables
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def at(cls, parameters: Mapping[str, Any], fields: Mapping[str, Any], beyond: tuple[str, ...] = (),
           **attributes: Any) -> Self:
        """Return fields at parameters of one shape; ``beyond`` names the dimensions that fields have beyond theirs."""
        count = max(np.ndim(value) for value in parameters.values())
        dims = tuple(f"dim_{i}" for i in range(count))
        named = {name: ((*dims, *beyond[: np.ndim(value) - count]), value) for name, value in fields.items()}
        return cls(named, {name: (dims, value) for name, value in parameters.items()}, attributes)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the points, in calling order."""
        return {name: self.coordinates[name][1] for name in PARAMETERS if name in self.coordinates}

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__  # empty while a copy is made
        for part in ("fields", "coordinates"):
            if name in held.get(part, ()):
                return held[part][name][1]
        if name in held.get("attributes", ()):
            return held["attributes"][name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.fields, *self.coordinates, *self.attributes]

    def __repr__(self) -> str:
        with np.printoptions(threshold=8, edgeitems=2, precision=6):
            listed = [f"{name}={value}" for name, (_, value) in {**self.fields, **self.coordinates}.items()]
        return f"{type(self).__name__}({', '.join(listed)})"

    def but(self, **changes: Any) -> Self:
        """Return the same with other values of some fields."""
        return replace(self, fields={**self.fields, **{n: (self.fields[n][0], v) for n, v in changes.items()}})

    def to_numpy(self) -> Self:
        """Return the same in NumPy arrays of float64 or whole numbers; tensors leave their history behind.

        >>> from vaesym.linear_vae import solve
        >>> solve(2.0, 1.0, lam=1.0, backend="mpmath").to_numpy().D.dtype
        dtype('float64')
        """
        return replace(self, fields={name: (dims, _plain(value)[()]) for name, (dims, value) in self.fields.items()},
                       coordinates={name: (dims, _plain(value)) for name, (dims, value) in self.coordinates.items()})

    def to_xarray(self) -> xr.Dataset:
        """Return a labelled dataset: fields with their meanings and units, over the parameters as coordinates.

        Dimensions of points that are no axes are ``dim_0``, ``dim_1`` …; whole numbers that stand for words say for
        which.
        """
        import xarray as xr

        plain = self.to_numpy()
        fields, coordinates = ({name: (dims, value, _meaning(name)) for name, (dims, value) in part.items()}
                               for part in (plain.fields, plain.coordinates))
        # By name, because the root of the package lists every room and so stands above them all.
        version: str = import_module(__name__.partition(".")[0]).__version__
        dataset = xr.Dataset(fields, coordinates, {**self.attributes, "vaesym_version": version})
        for name, kinds in _KINDS.items():
            if name in fields:
                flag(dataset[name], kinds)
                dataset.attrs[f"{name}_meaning"] = ", ".join(f"{kind.value}: {kind.name.lower()}" for kind in kinds)
        return dataset


def _meaning(name: str) -> dict[str, str]:
    return MEANINGS[name if name in MEANINGS else name.removeprefix("closed_form_")].attributes


def _plain(value: Any) -> Any:
    array = as_numpy(value)
    return array if array.dtype.kind in "iubU" else array.astype(np.float64, copy=False)


def dataset(axes: Axes, title: str, values: Mapping[str, Any], **parameters: float) -> xr.Dataset:
    """Label values over a grid, or over other dimensions where they are given as (dimensions, values).

    >>> from vaesym.linear_vae.point.arguments import grid
    >>> values = {"Q": 0.5, "detection_threshold": ((), 1.0)}
    >>> dataset(grid(alpha=[1.0, 2.0]), "norms", values, lam=0.1).Q.values
    array([0.5, 0.5])
    """
    fields = {name: value if isinstance(value, tuple) else (axes.dims, np.array(np.broadcast_to(value, axes.shape)))
              for name, value in values.items()}
    return States(fields, axes.coordinates, {"title": title, **parameters}).to_xarray()
