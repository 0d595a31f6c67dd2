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

from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.fields import LATENT_FIELDS, MODEL_FIELDS, PARAMETERS, Phase, phase_names
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.point.solution import Solution, solve
from vaesym.linear_vae.states.records import overflowed
from vaesym.output import replacing, write_netcdf

#: Which points of a grid, their parameters, and their solution.
Piece = tuple[slice, dict[str, Floats], Solution]
#: Endings of the files that can be written.
SUFFIXES = (".nc", ".csv")
#: Values of one field that are computed at a time: bounds the memory of temporaries.
PIECE = 100_000
_FIELDS = (*LATENT_FIELDS, *MODEL_FIELDS)
#: Points of a grid, and bytes of a result that is held in memory, that are accepted.
_MOST_POINTS = 1_000_000_000
_MOST_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Grid:
    """The outer product of six axes, in the order alpha, beta, lam, rho, eta, decoder_variance.

    ``spikes`` and ``backend`` as in :func:`vaesym.solve`.

    >>> grid = Grid({name: np.ones(2) for name in PARAMETERS})
    >>> grid.shape, grid.size
    ((2, 2, 2, 2, 2, 2), 64)
    """

    axes: dict[str, Floats]
    latents: int = 1
    spikes: int | tuple[float, ...] = 1
    backend: str | None = None

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
    """What a sweep found: points, latents in each phase by name, and values that overflowed (NaN or infinite).

    The free energy −∞ of unlimited data is no overflow.
    """

    points: int = 0
    phases: Counter[str] = field(default_factory=lambda: Counter({phase.name: 0 for phase in Phase}))
    not_finite: int = 0

    def add(self, solution: Solution, points: int) -> None:
        """Count a piece."""
        self.points += points
        for phase in Phase:
            self.phases[phase.name] += int(np.count_nonzero(solution.phase == phase))
        self.not_finite += sum(int(np.count_nonzero(overflowed(solution, name))) for name in MODEL_FIELDS)


def _solve(values: dict[str, Any], grid: Grid) -> Solution:
    with np.errstate(all="ignore"):  # values that overflow are counted, and reported once
        return solve(**values, latents=grid.latents, spikes=grid.spikes, backend=grid.backend).to_numpy()


def pieces(grid: Grid, values: int = PIECE) -> Iterator[Piece]:
    """Solve the grid piece by piece, in C order of its points: (which points, their parameters, solution).

    >>> grid = Grid({name: np.ones(2) for name in PARAMETERS})
    >>> [where.stop - where.start for where, _, _ in pieces(grid, values=40)]
    [40, 24]
    """
    step = max(1, values // grid.latents)
    for start in range(0, grid.size, step):
        where = slice(start, min(start + step, grid.size))
        index = np.unravel_index(np.arange(where.start, where.stop), grid.shape)
        parameters = {name: grid.axes[name][i] for name, i in zip(PARAMETERS, index, strict=True)}
        yield where, parameters, _solve(parameters, grid)


def write(grid: Grid, target: Path, report: Callable[[int], None] = lambda points: None) -> Summary:
    """Solve over a grid and write the result; the file appears only when it is whole.

    A file ``.nc`` (NetCDF 3) is held in memory while it is computed, ``.csv`` written piece by piece: one row a point,
    phases by name; with several latents their fields are Q_1, Q_2, … ``report`` is told the number of points of each
    piece.

    Raises :class:`vaesym.InputError`: a grid that is too large, or a file that cannot be written.

    >>> import tempfile
    >>> from vaesym.cli.frame.specs import axis
    >>> axes = {name: axis(name, spec) for name, spec in zip(PARAMETERS, ["1:4:4", "0.5,1", *"1111"])}
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
            _write_netcdf(grid, scratch, solved)
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
            for name in _FIELDS:
                value = getattr(solution, name)
                columns += np.atleast_2d((phase_names(value) if name == "phase" else value).T).tolist()
            writer.writerows(zip(*columns, strict=True))


def _write_netcdf(grid: Grid, scratch: Path, solved: Iterator[Piece]) -> None:
    latent = {"latent": np.arange(1, grid.latents + 1, dtype=np.int32)} if grid.latents > 1 else {}
    shapes = {name: (grid.size, *([grid.latents] if latent and name in LATENT_FIELDS else [])) for name in _FIELDS}
    data = {name: np.empty(shape, np.int32 if name == "phase" else float) for name, shape in shapes.items()}
    for where, _, solution in solved:
        for name, array in data.items():
            array[where] = getattr(solution, name)
    dims = (*PARAMETERS, "latent")
    fields = {name: (dims[: len(PARAMETERS) + array.ndim - 1], array.reshape(grid.shape + array.shape[1:]))
              for name, array in data.items()}
    whole = States(fields, {name: ((name,), axis) for name, axis in {**grid.axes, **latent}.items()}, {
        "title": "exact solution of the linear beta-VAE on spiked data", "parameters": ", ".join(PARAMETERS),
        "latents": grid.latents, "spikes": grid.spikes})
    write_netcdf(whole.to_xarray(), scratch)
