"""How a labelled dataset leaves a command: as a figure, as NetCDF or CSV, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import figures
from vaesym.inputs import InputError
from vaesym.linear_vae.point.fields import PARAMETERS, named
from vaesym.linear_vae.states.records import plain
from vaesym.output import console, output_path, print_json, replacing, write_netcdf

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from vaesym.cli.figures import Drawn

#: Endings of the files that can be written.
SUFFIXES = (".png", ".pdf", ".svg", ".nc", ".csv")


def checked_target(output: str | None, *, overwrite: bool, as_json: bool) -> Path | None:
    """Return the file to write, None for JSON alone, or raise :class:`vaesym.InputError`."""
    if output is None and not as_json:
        raise InputError("--output FILE or --json", "neither", f"name a file ending in {' or '.join(SUFFIXES)}")
    return None if output is None else output_path(output, SUFFIXES, overwrite=overwrite)


def write(dataset: xr.Dataset, target: Path, draw: Callable[[xr.Dataset], Figure]) -> None:
    """Write a dataset in the format of the ending of ``target``; the file appears only when it is whole.

    Raises :class:`vaesym.InputError`: a dataset that the figure cannot show, or a file that cannot be written.

    >>> import tempfile
    >>> from vaesym import linear_vae
    >>> curve = linear_vae.learning_curve([0.5, 2.0], beta=1.0, lam=1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(curve, Path(folder, "curve.csv"), figures.learning_curve)
    ...     Path(folder, "curve.csv").read_text().splitlines()[0]
    'alpha,beta,lam,signal_recovery_error,rate,distortion,phase,Q,m'
    """
    kind = target.suffix.lower()
    figure = None if kind in {".nc", ".csv"} else draw(dataset)
    with replacing(target) as scratch:
        if figure is not None:
            figures.save(figure, scratch)
        elif kind == ".nc":
            write_netcdf(dataset, scratch)
        else:
            _write_csv(dataset, scratch)


def _main_dims(dataset: xr.Dataset) -> tuple[str, ...]:
    """Those of the first variable."""
    return tuple(str(name) for name in next(iter(dataset.data_vars.values())).dims)


def _write_csv(dataset: xr.Dataset, scratch: Path) -> None:
    """One row a point of the main grid, phases and the like by name; empty slots of branches are left out."""
    dims = _main_dims(dataset)
    flat: Any = dataset.drop_dims([name for name in dataset.dims if name not in dims])
    flat = flat.assign({name: (variable.dims, named(variable)) for name, variable in flat.data_vars.items()})
    if "point" in dims:
        flat = flat.assign_coords({name: flat[name] for name in dims if name not in flat.coords})
    frame: Any = (flat if flat.dims else flat.expand_dims("alpha")).to_dataframe().reset_index()
    varying = dataset.attrs.get("parameter")
    if varying is not None:
        frame = frame[frame[varying].notna()]
    if "branch" in dims and "status" in frame:
        frame = frame[frame.status != ""]
    first = [name for name in ("branch", "point", "alpha", "beta", "lam") if name in frame]
    frame = frame[[*first, *(name for name in frame if name not in first)]]
    frame.to_csv(scratch, index=False, lineterminator="\n")


def _json_values(variable: xr.DataArray | xr.Variable) -> Any:
    values = named(variable)
    if values.dtype != object:
        return plain("", values)
    values = values.copy()  # names along an axis may not be changed
    values[values == ""] = None
    return values.tolist()


def deliver(drawn: Drawn, target: Path | None, output: str | None, *, as_json: bool) -> None:
    """Write the dataset to ``target`` if there is one; print it as JSON, or where it is with remarks."""
    dataset, out = drawn.dataset, console()
    if target is not None:
        write(dataset, target, drawn.draw)
    if as_json:
        attributes = dataset.attrs
        print_json({"output": None if target is None else str(target), "title": attributes["title"],
                    "parameters": {name: plain(name, attributes[name]) for name in PARAMETERS if name in attributes},
                    "dims": list(_main_dims(dataset)), **{str(name): _json_values(dataset.variables[name])
                                                          for name in drawn.printed or dataset.variables}})
        return
    beside = {"branch"} if "answer" in dataset else set()  # states of one point
    points = int(np.prod([dataset.sizes[name] for name in _main_dims(dataset) if name not in beside]))
    out.print(f"{drawn.what}, {points:,} points, written to", output, soft_wrap=True)
    for remark in drawn.remarks:
        out.print(remark)
