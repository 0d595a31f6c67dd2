"""A grid of parameters as blocks of points, and their fields as a labelled grid again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.engine.equations import Lowered
from vaesym.engine.grids.posed import posed
from vaesym.inputs import Floats, broadcast

if TYPE_CHECKING:
    import xarray as xr


#: Largest relative residual of an answer, and largest quadrature error.
TOLERANCE, QUADRATURE = 1e-10, 1e-8


class Status(IntEnum):
    """What a point is: an answer only where it is SOLVED."""

    SOLVED = 0
    NO_SOLUTION_FOUND = 1
    UNSTABLE = 2
    INACCURATE = 3
    SADDLE = 4

    @property
    def message(self) -> str:
        """The status in words."""
        return _MESSAGES[self]


_MESSAGES = {
    Status.SOLVED: "solved",
    Status.NO_SOLUTION_FOUND: "Newton found no solution: there may be none here, as beyond a separability threshold",
    Status.UNSTABLE: "replica symmetry is unstable (replicon above 1): the numbers are no answer",
    Status.INACCURATE: "the quadrature is not accurate to 1e-8 here",
    Status.SADDLE: "a saddle, no minimum: the loss falls from here, as where the weights gain by turning to the "
                   "planted direction; a better state lies below",
}
#: What places of a branch that hold no state hold, where it is not NaN.
UNUSED: dict[str, Any] = {"status": -1, "answer": False}


def judged(fields: Mapping[str, Floats], residual: Floats, error: Floats, saddle: Any = False) -> dict[str, Any]:
    """Return fields (B,) with the status of each point, its residual and its quadrature error; NaN without a solution.

    ``saddle`` says (B,) which states are no minimum.

    >>> found = judged({"replicon": np.array([0.5, 1.5, 0.5])}, np.array([0.0, 0.0, np.inf]), np.zeros(3))
    >>> found["status"].tolist(), found["replicon"].tolist()
    ([0, 2, 1], [0.5, 1.5, nan])
    """
    bad = ~(residual <= TOLERANCE)
    status = np.select([bad, saddle & ~bad, fields["replicon"] > 1 + 1e-9, ~(error <= QUADRATURE)],
                       [Status.NO_SOLUTION_FOUND, Status.SADDLE, Status.UNSTABLE, Status.INACCURATE], Status.SOLVED)
    return {name: np.where(bad, np.nan, value) for name, value in fields.items()} | {
        "residual": residual, "quadrature_error": np.where(bad, np.nan, error), "status": status}


def _widened(name: str, values: Any, most: int = 0) -> Any:
    """Return a field, (B,) or with states (B, n) in the first of ``most`` places."""
    if values.ndim == 1:
        return values
    return np.pad(values, ((0, 0), (0, most - values.shape[1])), constant_values=UNUSED.get(name, np.nan))


@dataclass(frozen=True)
class Grid:
    """The points of a grid in one row; the longest axis runs fastest, so that neighbours are near."""

    equations: Lowered
    checked: dict[str, Floats]

    @classmethod
    def of(cls, equations: Lowered, parameters: Mapping[str, Any]) -> Grid:
        """Return the grid that parameters span; raises :class:`vaesym.InputError` where one is not in its domain."""
        return cls(equations, posed(equations, parameters))

    @property
    def named(self) -> list[str]:
        """The axes, in calling order."""
        return [name for name, value in self.checked.items() if value.ndim]

    @property
    def dims(self) -> list[str]:
        """The axes as they run, the shortest first."""
        return sorted(self.named, key=lambda name: self.checked[name].size)

    def blocks(self, size: int) -> list[dict[str, Floats]]:
        """Return the parameters of all points, ``size`` of them at a time."""
        axes = {name: value.reshape([-1 if dim == name else 1 for dim in self.dims]) if value.ndim else value
                for name, value in self.checked.items()}
        flat = {name: np.ascontiguousarray(value).ravel()
                for name, value in zip(axes, broadcast(**axes), strict=True)}
        count = len(next(iter(flat.values())))
        return [{name: value[i:i + size] for name, value in flat.items()} for i in range(0, count, size)]

    def states(self, blocks: Sequence[Mapping[str, Any]]) -> xr.Dataset:
        """Return the fields of all blocks as a labelled grid."""
        import xarray as xr

        shape = [self.checked[name].size for name in self.dims]
        order = [self.dims.index(name) for name in self.named]
        # States beyond the first of a point lie along a further axis, as long as the longest.
        several = blocks[0]["status"].ndim > 1
        branch, most = (["branch"], [max(block["status"].shape[1] for block in blocks)]) if several else ([], [])
        order += [len(order)] * several
        data: dict[str, Any] = {
            name: ([*self.named, *branch], np.concatenate([_widened(name, block[name], *most) for block in blocks])
                   .reshape((*shape, *most)).transpose(order)) for name in blocks[0]}
        coordinates = {limits.name: ((limits.name,) if self.checked[limits.name].ndim else (),
                                     self.checked[limits.name], {"long_name": limits.meaning})
                       for limits in self.equations.parameters}
        states = xr.Dataset(data, coordinates, {"title": self.equations.title, "problem": self.equations.name})
        states.status.attrs.update(flag_values=np.array([int(s) for s in Status], np.int32),
                                   flag_meanings=" ".join(s.name.lower() for s in Status))
        return states
