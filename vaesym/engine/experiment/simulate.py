r"""Draw the data of a problem, train on them, and measure what the theory predicts.

Smooth problems are trained by Newton's method, which for quadratic ones is the closed form; others by the method of
multipliers, and those without labels by proximal steps. Runs with equally many samples and weights are trained
together: the time goes into products with the data, which torch does on a device if one is named.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.engine.equations import Lowered
from vaesym.engine.experiment.products import products_on
from vaesym.engine.experiment.sample import Sample, samples_of
from vaesym.engine.grids.posed import posed
from vaesym.engine.grids.store import in_blocks
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.lowered import equations_of, equations_of_text, text_of
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.inputs import InputError

if TYPE_CHECKING:
    import xarray as xr

#: Runs that are trained together are at most so many, and their matrices hold at most so many numbers.
_MOST_RUNS, _MOST_NUMBERS = 256, 2**23


def _listed(name: str, value: Any, least: int) -> list[int]:
    """Return one whole number or several different ones."""
    listed = np.atleast_1d(value)
    if listed.dtype.kind not in "iu" or listed.ndim > 1 or listed.min() < least or len({*listed}) < len(listed):
        raise InputError(f"{name} as different whole numbers >= {least}", f"{value!r}", "pass one or more of them")
    return listed.tolist()


def axes_of(equations: Lowered, dimension: Any, seeds: Any, device: str | None,
            parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the values of every axis, a number or an array, in the order in which runs are numbered.

    Raises :class:`vaesym.InputError`: what :func:`simulate` refuses, but for schedulers and stores.
    """
    products_on(device)
    checked = posed(equations, parameters)
    sizes = np.array(_listed("dimension", dimension, 1))
    runs = _listed("seeds", seeds, 0) if np.ndim(seeds) else list(range(inputs.count("seeds", seeds)))
    return {"dimension": sizes if np.ndim(dimension) else sizes[0], **checked, "seed": np.array(runs)}


def _parts(axes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs in parts that are trained together, each with every axis (R,)."""
    runs = list(itertools.product(*[np.atleast_1d(axis).tolist() for axis in axes.values()]))
    names, parts = list(axes), []
    for _, alike in itertools.groupby(runs, lambda run: (run[0], samples_of(run[names.index("alpha")], run[0]))):
        group = list(alike)
        count = samples_of(group[0][names.index("alpha")], group[0][0])
        most = int(np.clip(_MOST_NUMBERS // (group[0][0] * max(group[0][0], count)), 1, _MOST_RUNS))
        parts += [{name: np.array(column) for name, column in zip(names, zip(*group[i:i + most], strict=True),
                                                                  strict=True)} for i in range(0, len(group), most)]
    return parts


def run_part(equations: Lowered, device: str | None, part: dict[str, Any]) -> dict[str, Any]:
    """Return what is measured (R,) on runs that are trained together."""
    kind: Any = Sample
    if isinstance(equations, Quadratic):
        from vaesym.engine.quadratic.training import StudentsSample as kind
        from vaesym.engine.quadratic.training import train
    else:
        from vaesym.engine.experiment.training import train
    if isinstance(equations, Labelled):
        from vaesym.engine.labelled.training import LabelledSample as kind
    names = [name for name in part if name not in ("dimension", "seed")]
    samples = [kind(equations, {name: float(part[name][i]) for name in names}, int(part["dimension"][i]), int(seed))
               for i, seed in enumerate(part["seed"])]
    rows = [sample.measure(trained) for sample, trained in
            zip(samples, train(samples, products_on(device)), strict=True)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def run_text(text: str, _: str, device: str, part: dict[str, Any]) -> dict[str, Any]:
    """Do the runs of the problem that a text of :func:`vaesym.engine.lowered.text_of` stands for, in any process."""
    return run_part(equations_of_text(text), device or None, part)


def simulate(problem: Any, dimension: int | Sequence[int], seeds: int | Sequence[int], *, device: str | None = None,
             scheduler: str | None = None, store: str | Path | None = None, **parameters: Any) -> xr.Dataset:
    r"""Draw data by the laws of a problem, train, and measure.

    Parameters
    ----------
    problem : as for :func:`vaesym.engine.solve_problem`
    dimension : N, or several, which become an axis ``dimension``; there are round(αN) samples
    seeds : the number of runs at every point, or their seeds, whole numbers ≥ 0. The result of a seed is always the
        same, and independent of its result at other parameters or dimensions
    device : "cpu", "cuda" or another device of torch, on which products with the data are done; NumPy does them if not
        given. Runs are the same but for rounding. It needs the extra ``torch``
    scheduler : "local:K" for K processes, or the address of a Dask scheduler; then runs are shared among workers. The
        result is the same to the last digit. It needs the extra ``lab``
    store : a folder that keeps runs when they are done. The same call goes on where it was stopped
    parameters : each parameter of the problem by its name, a number or a one-dimensional axis; axes span a grid

    Returns
    -------
    xarray.Dataset
        Over the axes and ``seed``: the names of :func:`vaesym.engine.solve_problem` that can be measured, ``residual``
        of the optimality condition relative to its terms, and ``converged``, whether that is at most 1e-7: only there
        are the numbers those of a minimum. ``classification_error`` is exact for fresh samples, given the weights.

    Raises
    ------
    vaesym.InputError
        An unknown problem, a parameter that is missing, unknown or outside its domain, an axis of more than one
        dimension, seeds or dimensions that are no different whole numbers, a device that torch does not have, an
        unknown scheduler, an extra that is not installed, or a store of other runs.

    Examples
    --------
    >>> runs = simulate("ridge", 200, 4, alpha=2.0, lam=0.3, signal=1.0, noise=0.25)
    >>> runs.Q.dims, bool(runs.converged.all()), bool(abs(runs.Q.mean() - 0.776) < 0.1)
    (('seed',), True, True)
    """
    import xarray as xr

    equations = equations_of(problem)
    axes = axes_of(equations, dimension, seeds, device, parameters)
    parts = _parts(axes)
    if scheduler is None and store is None:
        done = [run_part(equations, device, part) for part in parts]
    else:
        done = in_blocks(run_text, (text_of(problem), "simulate", device or ""), parts, scheduler, store)
    dims = [name for name, axis in axes.items() if np.ndim(axis)]
    shape = [len(axes[name]) for name in dims]
    meaning = {limits.name: limits.meaning for limits in equations.parameters} | {
        "dimension": "dimension N of the weights", "seed": "seed of the run"}
    return xr.Dataset(
        {name: (dims, np.concatenate([block[name] for block in done]).reshape(shape)) for name in done[0]},
        {name: ((name,) if np.ndim(axis) else (), axis, {"long_name": meaning[name]})
         for name, axis in axes.items()},
        {"title": equations.title, "problem": equations.name})
