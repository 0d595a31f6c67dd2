"""Results under their labels: the Dataset of a block, and the one Dataset of all blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from vaesym.inputs import InputError
from validation.runner.experiment import RESERVED, Block, Results


def storable(values: NDArray[Any]) -> NDArray[Any]:
    """Return strings as objects, other values as they are."""
    # Zarr 3 specifies strings of variable length only, which xarray writes from objects.
    return values.astype(object) if values.dtype.kind == "U" else values


def _checked(block: Block, results: Results) -> dict[str, tuple[tuple[str, ...], NDArray[Any]]]:
    checked = {}
    for name, (dims, values) in results.items():
        names, array = (dims,) if isinstance(dims, str) else tuple(map(str, dims)), np.asarray(values)
        fits = array.dtype.kind in "biufU" and array.ndim == len(names) > 0
        own = fits and names == (name,) and len(np.unique(array)) == len(array)
        along = fits and names[0] == "run" and array.shape[0] == block.runs
        if not (own or along) or name in RESERVED | set(block.parameters):
            raise InputError("results along the runs (dimension run first), or distinct coordinates of a dimension",
                             f"{name!r} of dimensions {names}, shape {array.shape} and type {array.dtype} for "
                             f"{block.runs} runs in block {block.key}", "correct the result of the training")
        checked[name] = (names, storable(array))
    return checked


def block_dataset(block: Block, first_run: int, results: Results) -> xr.Dataset:
    """Return the results of a block with its parameters as coordinates along ``run``.

    Dimensions without coordinates get the whole numbers, so that blocks of different sizes can be put together.

    Raises :class:`vaesym.InputError`: results that do not fit the runs or take the name of a parameter.

    >>> block = Block("a", {"beta": [0.5, 1.0]}, task=None)
    >>> dataset = block_dataset(block, 4, {"loss": ("run", [1.0, 2.0])})
    >>> dataset.run.values, dataset.loss.sel(run=5).item(), dataset.block.values[0]
    (array([4, 5]), 2.0, 'a')
    """
    checked = _checked(block, results)
    along_runs = {name: ("run", storable(np.asarray(values))) for name, values in block.parameters.items()}
    coords: dict[str, Any] = {"run": np.arange(first_run, first_run + block.runs),
                              "block": ("run", np.full(block.runs, block.key, dtype=object)), **along_runs}
    coords |= {name: pair for name, pair in checked.items() if pair[0] == (name,)}
    dataset = xr.Dataset({name: pair for name, pair in checked.items() if pair[0] != (name,)}, coords)
    return dataset.assign_coords({dim: np.arange(size) for dim, size in dataset.sizes.items() if dim not in coords})


def _plain(variable: xr.Variable) -> xr.Variable:
    """Return a variable that padding made one of objects, as strings or as numbers."""
    if variable.dtype != object:
        return variable
    flat = variable.values.ravel()
    if any(isinstance(value, str) for value in flat):
        return variable.copy(data=np.where(variable.isnull(), "", variable.values).astype(object))
    return variable.astype(np.float64)


def merged(datasets: Sequence[xr.Dataset], record: Mapping[str, Any]) -> xr.Dataset:
    """Return one Dataset of all blocks, along ``run``, with what made it as attributes.

    What a block lacks (a shorter history, fewer latents, another result) is NaN, or the empty string; whole numbers
    and flags become floats where that happens.

    >>> blocks = [Block(key, {"seed": [0]}, task=None) for key in "ab"]
    >>> parts = [block_dataset(block, first, {"D": (("run", "latent"), np.ones((1, first + 1)))})
    ...          for first, block in enumerate(blocks)]
    >>> merged(parts, {"experiment": "e", "version": "1", "device": "cpu", "settings": {}, "software": {}}).D.values
    array([[ 1., nan],
           [ 1.,  1.]])
    """
    dataset = xr.concat(list(datasets), dim="run", data_vars="minimal", coords="minimal", compat="override",
                        join="outer", combine_attrs="drop").drop_encoding()
    attributes = {name: record[name] for name in ("experiment", "version", "device")}
    attributes |= {**record["software"], "settings": json.dumps(record["settings"], sort_keys=True)}
    return dataset.assign({name: _plain(dataset[name].variable) for name in dataset.data_vars}).assign_attrs(attributes)
