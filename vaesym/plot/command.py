"""``vaesym phase | curve | rd``: draw a labelled dataset, write it as NetCDF or CSV, or print it as JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from vaesym import theory
from vaesym.inputs import Floats, InputError
from vaesym.output import console, output_path, print_json, replacing, write_netcdf
from vaesym.plot import curves, diagrams
from vaesym.plot.frame import save
from vaesym.records import plain
from vaesym.theory.fields import phase_names

if TYPE_CHECKING:
    import xarray as xr

#: Endings of the files that can be written.
SUFFIXES = (".png", ".pdf", ".svg", ".nc", ".csv")
_MOST_POINTS = 4_000_000
_BOUNDARIES = ("alpha", "collapse_threshold", "global_collapse_threshold", "spinodal", "coexistence",
               "tricritical_alpha", "tricritical_beta", "detection_threshold")
Draw = Callable[["xr.Dataset"], Figure]


def phase(alpha: Floats, beta: Floats, *, lam: float, rho: float, eta: float, output: str, overwrite: bool,
          as_json: bool) -> None:
    """Write the phase diagram and print its boundaries as JSON, or where it was written."""
    target = output_path(output, SUFFIXES, overwrite=overwrite)
    _check_size(alpha, beta)
    diagram = theory.phase_diagram(alpha, beta, lam=lam, rho=rho, eta=eta)
    write(diagram, target, diagrams.phase_diagram)
    if as_json:
        print_json({"output": str(target), "parameters": {"lam": lam, "rho": rho, "eta": eta},
                    **{name: plain(name, diagram[name].values) for name in _BOUNDARIES}})
        return
    out = console()
    out.print(f"phase diagram at lam = {lam:g}, rho = {rho:g}, eta = {eta:g} written to", output, soft_wrap=True)
    out.print(f"signal detectable from alpha = {float(diagram.detection_threshold):.6g}")


def curve(alpha: Floats, beta: Floats, lam: Floats, *, rho: float, eta: float, output: str | None, overwrite: bool,
          as_json: bool) -> None:
    """Write learning curves, or print them as JSON."""
    target = _target(output, overwrite, as_json)
    _check_size(alpha, beta, lam)
    given = [_number_if_one(axis) for axis in (alpha, beta, lam)]
    dataset = theory.learning_curve(given[0], beta=given[1], lam=given[2], rho=rho, eta=eta)
    _deliver(dataset, "learning curve", target, output, curves.learning_curve, as_json)


def rd(alpha: Floats, beta: Floats | None, *, lam: float, rho: float, eta: float, output: str | None, overwrite: bool,
       as_json: bool) -> None:
    """Write curves of rate and distortion, or print them as JSON."""
    target = _target(output, overwrite, as_json)
    _check_size(alpha, np.empty(200) if beta is None else beta)
    weights = None if beta is None else _number_if_one(beta)
    dataset = theory.rate_distortion(_number_if_one(alpha), beta=weights, lam=lam, rho=rho, eta=eta)
    _deliver(dataset, "rate and distortion", target, output, curves.rate_distortion, as_json)


def write(dataset: xr.Dataset, target: Path, draw: Draw) -> None:
    """Write a dataset in the format of the ending of ``target``; the file appears only when it is whole.

    Raises
    ------
    vaesym.InputError
        A dataset that the figure cannot show, or a file that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> curve = theory.learning_curve([0.5, 2.0], beta=1.0, lam=1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(curve, Path(folder, "curve.csv"), curves.learning_curve)
    ...     Path(folder, "curve.csv").read_text().splitlines()[0]
    'alpha,beta,lam,signal_recovery_error,rate,distortion,phase,Q,m'
    """
    kind = target.suffix.lower()
    figure = None if kind in {".nc", ".csv"} else draw(dataset)
    with replacing(target) as scratch:
        if figure is not None:
            save(figure, scratch)
        elif kind == ".nc":
            write_netcdf(dataset, scratch)
        else:
            _write_csv(dataset, scratch)


def _write_csv(dataset: xr.Dataset, scratch: Path) -> None:
    """One row a point of the grid, phases by name."""
    flat = dataset.drop_dims("tricritical", errors="ignore")
    frame: Any = (flat if flat.dims else flat.expand_dims("alpha")).to_dataframe().reset_index()
    first = [name for name in ("alpha", "beta", "lam") if name in frame]
    frame = frame[[*first, *(name for name in frame if name not in first)]]
    frame["phase"] = phase_names(frame["phase"])
    frame.to_csv(scratch, index=False, lineterminator="\n")


def _target(output: str | None, overwrite: bool, as_json: bool) -> Path | None:
    if output is None and not as_json:
        raise InputError("--output FILE or --json", "neither", f"name a file ending in {' or '.join(SUFFIXES)}")
    return None if output is None else output_path(output, SUFFIXES, overwrite=overwrite)


def _check_size(*axes: Floats) -> None:
    size = int(np.prod([axis.size for axis in axes], dtype=float))
    if size > _MOST_POINTS:
        raise InputError(f"at most {_MOST_POINTS:,} points", f"{size:,}", "make the ranges coarser")


def _number_if_one(axis: Floats) -> Floats | float:
    return float(axis[0]) if axis.size == 1 else axis


def _deliver(dataset: xr.Dataset, what: str, target: Path | None, output: str | None, draw: Draw,
             as_json: bool) -> None:
    if target is not None:
        write(dataset, target, draw)
    if as_json:
        print_json({"output": None if target is None else str(target), "title": dataset.attrs["title"],
                    "parameters": {name: dataset.attrs[name] for name in ("lam", "rho", "eta")
                                   if name in dataset.attrs},
                    "dims": list(dataset.phase.dims),
                    **{str(name): plain(str(name), variable.values) for name, variable in dataset.variables.items()}})
        return
    console().print(f"{what}, {dataset.phase.size:,} points, written to", output, soft_wrap=True)
