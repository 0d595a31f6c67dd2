"""Solutions over grids of parameters, computed in pieces and written as NetCDF or CSV."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.output import replacing, write_netcdf
from vaesym.theory import Phase, Solution, model, solve
from vaesym.theory.fields import LATENT_FIELDS, MODEL_FIELDS, PARAMETERS, flag_phases, phase_names

#: Which points of a grid, their parameters, and their solution.
Piece = tuple[slice, dict[str, Floats], Solution]
#: Endings of the files that can be written.
SUFFIXES = (".nc", ".csv")
#: Values of one field that are computed at a time: bounds the memory of temporaries.
PIECE = 100_000
#: Points of an axis and of a grid, and bytes of a result that is held in memory, that are accepted.
_MOST_ON_AXIS = 10_000_000
_MOST_LATENTS = 10_000
_MOST_POINTS = 1_000_000_000
_MOST_BYTES = 2 * 2**30


def axis(name: str, spec: str) -> Floats:
    """Return the values that a specification stands for.

    Parameters
    ----------
    name : the parameter, one of alpha, beta, lam, rho and eta
    spec : a number, a list ``0.5,1,2``, or ``start:stop:count``, linear or, with ``:log`` behind it, geometric

    Raises
    ------
    vaesym.InputError
        A specification of another form, or values outside the domain of the parameter.

    Examples
    --------
    >>> axis("alpha", "1:100:3:log")
    array([  1.,  10., 100.])
    >>> axis("lam", "0:1:3"), axis("beta", "0.5,2")
    (array([0. , 0.5, 1. ]), array([0.5, 2. ]))
    """
    parts = spec.split(":")
    logarithmic = len(parts) == 4 and parts[3] == "log"
    try:
        if len(parts) not in {1, 3} and not logarithmic:
            raise ValueError(spec)
        numbers = [float(part) for part in (spec.split(",") if len(parts) == 1 else parts[:2])]
        count = int(parts[2]) if len(parts) > 1 else len(numbers)
    except ValueError as error:
        raise InputError(f"{name} as a number, a list 0.5,1,2 or a range start:stop:count[:log]", f"{spec!r}",
                         "write it e.g. as 0.1:10:50:log") from error
    # The domain is that of the theory: a sweep fails here, not at its last point.
    values = np.array(model.parameters(**{name: inputs.positive(name, numbers) if logarithmic else numbers})[0])
    if not 1 <= count <= _MOST_ON_AXIS:
        raise InputError(f"{name} with a count from 1 to {_MOST_ON_AXIS:,}", f"{count:,}", "choose another count")
    if len(parts) == 1:
        return values
    start, stop = float(values[0]), float(values[1])
    return np.geomspace(start, stop, count) if logarithmic else np.linspace(start, stop, count)


def check_counts(latents: int, spikes: int) -> None:
    """Raise :class:`vaesym.InputError` unless both are from 1 to 10,000."""
    for name, value in (("latents", latents), ("spikes", spikes)):
        if inputs.count(name, value) > _MOST_LATENTS:
            raise InputError(f"at most {_MOST_LATENTS:,} {name}", f"{value:,}",
                             f"choose fewer; the theory is for a number of {name} far below the dimension")


@dataclass(frozen=True)
class Grid:
    """The outer product of five axes, in the order alpha, beta, lam, rho, eta.

    >>> grid = Grid({name: np.ones(2) for name in PARAMETERS})
    >>> grid.shape, grid.size
    ((2, 2, 2, 2, 2), 32)
    """

    axes: dict[str, Floats]
    latents: int = 1
    spikes: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(len(self.axes[name]) for name in PARAMETERS)

    @property
    def size(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    def check(self, *, in_memory: bool) -> None:
        """Raise :class:`vaesym.InputError` if the results would be too many."""
        if self.size > _MOST_POINTS:
            raise InputError(f"a grid of at most {_MOST_POINTS:,} points", f"{self.size:,}", "make it coarser")
        needed = 8 * self.size * (self.latents * len(LATENT_FIELDS) + len(MODEL_FIELDS))
        if in_memory and needed > _MOST_BYTES:
            raise InputError(f"a NetCDF result of at most {_MOST_BYTES / 2**30:g} GiB", f"{needed / 2**30:.3g} GiB",
                             "make the grid coarser, write several files, or write .csv")


@dataclass
class Summary:
    """What a sweep found: points, latents in each phase by name, and values that overflowed (NaN or infinite)."""

    points: int = 0
    phases: Counter[str] = field(default_factory=lambda: Counter({phase.name: 0 for phase in Phase}))
    not_finite: int = 0

    def add(self, solution: Solution, points: int) -> None:
        """Count a piece."""
        self.points += points
        for phase in Phase:
            self.phases[phase.name] += int(np.count_nonzero(solution.phase == phase))
        self.not_finite += sum(int(np.count_nonzero(~np.isfinite(getattr(solution, name)))) for name in MODEL_FIELDS)


def _solve(values: dict[str, Any], latents: int, spikes: int) -> Solution:
    with np.errstate(all="ignore"):  # values that overflow are counted, and reported once
        return solve(**values, latents=latents, spikes=spikes)


def pieces(grid: Grid, values: int = PIECE) -> Iterator[Piece]:
    """Solve the grid piece by piece, in C order of its points: (which points, their parameters, solution).

    >>> grid = Grid({name: np.ones(2) for name in PARAMETERS})
    >>> [where.stop - where.start for where, _, _ in pieces(grid, values=20)]
    [20, 12]
    """
    step = max(1, values // grid.latents)
    for start in range(0, grid.size, step):
        where = slice(start, min(start + step, grid.size))
        index = np.unravel_index(np.arange(where.start, where.stop), grid.shape)
        parameters = {name: grid.axes[name][i] for name, i in zip(PARAMETERS, index, strict=True)}
        yield where, parameters, _solve(parameters, grid.latents, grid.spikes)


def write(grid: Grid, target: Path, report: Callable[[int], None] = lambda points: None, version: str = "") -> Summary:
    """Solve over a grid and write the result; the file appears only when it is whole.

    Parameters
    ----------
    grid : axes of the parameters
    target : file ending in ``.nc`` (NetCDF 3, held in memory while it is computed) or ``.csv`` (written piece by
        piece: one row a point, phases by name; with several latents their fields are Q_1, Q_2, …)
    report : called with the number of points of each piece that was solved
    version : of this library, an attribute of a NetCDF file

    Raises
    ------
    vaesym.InputError
        A grid that is too large, or a file that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> axes = {name: axis(name, spec) for name, spec in zip(PARAMETERS, ["1:4:4", "0.5,1", "1", "1", "1"])}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Grid(axes), Path(folder, "grid.csv")).points
    8
    """
    netcdf = target.suffix.lower() == ".nc"
    grid.check(in_memory=netcdf)
    summary = Summary()
    with replacing(target) as scratch:
        solved = _counted(grid, summary, report)
        if netcdf:
            _write_netcdf(grid, scratch, solved, version)
        else:
            _write_csv(grid, scratch, solved)
    return summary


def _counted(grid: Grid, summary: Summary, report: Callable[[int], None]) -> Iterator[Piece]:
    for where, parameters, solution in pieces(grid):
        yield where, parameters, solution
        points = where.stop - where.start
        summary.add(solution, points)
        report(points)


def _write_csv(grid: Grid, scratch: Path, solved: Iterator[Piece]) -> None:
    numbers = [f"_{i + 1}" for i in range(grid.latents)] if grid.latents > 1 else [""]
    names = [*PARAMETERS, *(name + number for name in LATENT_FIELDS for number in numbers), *MODEL_FIELDS]
    with scratch.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        for _, parameters, solution in solved:
            columns: list[list[Any]] = [parameters[name].tolist() for name in PARAMETERS]
            for name in (*LATENT_FIELDS, *MODEL_FIELDS):
                value = getattr(solution, name)
                columns += np.atleast_2d((phase_names(value) if name == "phase" else value).T).tolist()
            writer.writerows(zip(*columns, strict=True))


def _write_netcdf(grid: Grid, scratch: Path, solved: Iterator[Piece], version: str) -> None:
    import xarray as xr

    meanings = {**LATENT_FIELDS, **MODEL_FIELDS}
    latent = (grid.latents,) if grid.latents > 1 else ()
    data: dict[str, NDArray[Any]] = {
        name: np.empty((grid.size, *(latent if name in LATENT_FIELDS else ())), np.int32 if name == "phase" else float)
        for name in meanings}
    for where, _, solution in solved:
        for name, array in data.items():
            array[where] = getattr(solution, name)
    dims = (*PARAMETERS, "latent")
    variables = {
        name: (dims[: 4 + array.ndim], array.reshape(grid.shape + array.shape[1:]), meanings[name].attributes)
        for name, array in data.items()}
    coordinates: dict[str, Any] = {name: (name, grid.axes[name], PARAMETERS[name].attributes) for name in PARAMETERS}
    if latent:
        coordinates["latent"] = ("latent", np.arange(1, grid.latents + 1, dtype=np.int32), {"long_name": "latent"})
    dataset: Any = xr.Dataset(variables, coordinates, {
        "title": "exact solution of the linear beta-VAE on spiked data", "vaesym_version": version,
        "parameters": ", ".join(PARAMETERS), "latents": grid.latents, "spikes": grid.spikes})
    flag_phases(dataset)
    write_netcdf(dataset, scratch)
