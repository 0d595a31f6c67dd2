"""The generated program of a point, run on a backend over arrays of any size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from vaesym.codegen.function import BACKENDS, NumericFunction
from vaesym.generated import for_arrays
from vaesym.inputs import InputError, require

#: What the program returns at a point, in order.
FIELDS: tuple[str, ...] = tuple(for_arrays.FIELDS)
#: The fields that have derivatives.
DIFFERENTIABLE: tuple[str, ...] = tuple(for_arrays.DIFFERENTIABLE)
#: Points worked on together, few enough for the temporaries to stay in the cache.
_BLOCK = 1 << 13
#: Numbers for which the temporaries of a block leave room.
_KEPT = 1 << 21


def chosen_backend(backend: str | None, arguments: Sequence[Any]) -> str:
    """Return the backend asked for; "torch" where none is and a tensor is among the arguments, otherwise "numpy".

    Raises :class:`vaesym.InputError`: a backend of that name does not exist, is not installed, or cannot take tensors
    that were given.
    """
    tensors = any(type(argument).__module__.partition(".")[0] == "torch" for argument in arguments)
    if backend is None:
        return "torch" if tensors else "numpy"
    if backend not in BACKENDS:
        raise InputError(f"a backend among {', '.join(BACKENDS)}", f"{backend!r}", "choose one of them or leave it out")
    if tensors and backend != "torch":
        raise InputError("numbers or NumPy arrays", f"torch tensors with backend={backend!r}",
                         "leave the backend out or convert the tensors")
    require(backend, f"the backend {backend!r}", "fast" if backend == "numba" else backend)
    return backend


def evaluate(name: str, backend: str, arguments: Sequence[Any]) -> Any:
    """Return the results of the generated function ``name``, one row each.

    Parameters
    ----------
    name : "point" or "point_derivatives"
    backend : where it runs
    arguments : checked arrays (tensors for torch, arrays of mpmath numbers for mpmath) whose shapes broadcast

    Returns
    -------
    array (rows, *shape) of float64, of mpmath numbers, or a list of tensors of the broadcast shape
    """
    return _RUN[backend](_function(backend, name), arguments)


@cache
def _function(backend: str, name: str) -> NumericFunction:
    module = import_module("vaesym.generated.for_numba") if backend == "numba" else for_arrays
    return NumericFunction.from_module(module, name, backend)


def _on_numpy(function: NumericFunction, arguments: Sequence[Any]) -> Any:
    """Block by block, so that memory beyond the result does not grow with the number of points.

    Arguments of one value stay so, and with them all that is computed from them alone.
    """
    out = np.empty((function.shape[0], *np.broadcast_shapes(*map(np.shape, arguments))))
    rows = out.reshape(len(out), -1)
    np.empty(_KEPT)  # Given back untouched, it tells glibc to keep memory of that size: temporaries need no new pages.
    given = [argument.reshape(1) if argument.size == 1 else argument for argument in arguments]
    varied = [i for i, argument in enumerate(given) if argument.size > 1] or [0]
    blocks: Any = np.nditer([arguments[i] for i in varied], flags=["external_loop", "buffered", "zerosize_ok"],
                            order="C", buffersize=_BLOCK)
    position = 0
    # Where the cubic has no root Newton's iterates mean nothing, and the state that they would be is rejected.
    with np.errstate(under="ignore", divide="ignore", invalid="ignore"):
        for block in blocks if rows.size else ():
            for i, values in zip(varied, block if isinstance(block, tuple) else (block,), strict=True):
                given[i] = values
            end = position + len(given[varied[0]])
            for row, value in zip(rows, function.evaluate(*given), strict=True):
                row[position:end] = value
            position = end
    return out


def _on_torch(function: NumericFunction, arguments: Sequence[Any]) -> Any:
    import torch

    like = arguments[0]
    shape = torch.broadcast_shapes(*[argument.shape for argument in arguments])
    values = function.evaluate(*arguments)
    return [torch.as_tensor(value, dtype=like.dtype, device=like.device).expand(shape) for value in values]


def _on_mpmath(function: NumericFunction, arguments: Sequence[Any]) -> Any:
    points = np.broadcast(*arguments)
    out = np.empty((function.shape[0], points.size), dtype=object)
    for i, point in enumerate(points):
        out[:, i] = function.evaluate(*point)
    return out.reshape(function.shape[0], *points.shape)


_RUN = {"numpy": _on_numpy, "numba": lambda function, arguments: function.evaluate(*arguments),
        "torch": _on_torch, "mpmath": _on_mpmath}
