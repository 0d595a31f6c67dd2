"""Data in memory as other libraries hold them, by a table of a reader each; none of the libraries is imported here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from vaesym.inputs import InputError, as_numpy
from vaesym.practice.data.rows import SparseRows, StoredRows

#: A matrix, or what NumPy makes one of, the name of its kind, and sentences on what was done to it.
Read = tuple[Any, str, list[str]]
_LABELS = ["what comes beside the samples, such as labels, left out"]


def read_object(data: Any) -> Read:
    """Return the values of an object as an array or as :class:`~vaesym.practice.data.rows.Rows`.

    Returns values, the kind of the source, and notes.

    Parameters
    ----------
    data : a DataFrame of pandas (also sparse) or polars (also lazy), a sparse matrix of SciPy, AnnData, a data set of
        h5py, a Dataset or DataLoader of torch, or what NumPy reads

    Raises :class:`vaesym.InputError`: a column of text, categories or truth values, which is named; a data set or
    loader that yields no samples.

    >>> from scipy import sparse
    >>> read_object(sparse.eye_array(3))[0].shape
    (3, 3)
    """
    modules = [f"{base.__module__}." for base in type(data).__mro__]
    for library, methods, read in _READERS:
        ours = any(name.startswith(f"{library}.") for name in modules)
        if ours and all(hasattr(data, name) for name in methods.split()):
            return read(data)
    return data, "array", []


def index_of(data: Any) -> Any:
    """Return the names of an object's rows as pandas holds them, for itself and for AnnData; None of other objects.

    >>> index_of([1.0, 2.0]) is None
    True
    """
    index = getattr(data, "obs_names", getattr(data, "index", None))
    return index if hasattr(index, "equals") else None  # that of a list is a method


def _frame(data: Any) -> Read:
    """Read a DataFrame, whose columns must be numbers: which other kind could be meant is for the user to say."""
    kinds = [str(kind) for kind in data.dtypes]
    numbers = ("int", "uint", "float", "double", "decimal")
    wrong = [f"{name!r} ({kind})" for name, kind in zip(data.columns, kinds, strict=True)
             if not kind.removeprefix("Sparse[").lower().startswith(numbers)]
    if wrong:
        shown = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        raise InputError("columns of numbers", f"column {shown}" if len(wrong) == 1 else f"columns {shown}",
                         "leave them out, or turn them into numbers (truth values by astype(float), of categories one "
                         "column of 0 and 1 each, of times how long after the first)")
    if all(kind.startswith("Sparse[") and kind.endswith((", 0]", ", 0.0]")) for kind in kinds):
        return SparseRows(data.sparse.to_coo()), "sparse DataFrame", []
    if hasattr(data, "null_count"):
        return data.cast(sys.modules["polars"].Float64).fill_null(np.nan).to_numpy(), "DataFrame", []
    # Nullable columns mark what is missing with a mask of their own.
    plain = {kind for kind in kinds} <= {"float64", "float32", "uint8"} and len(set(kinds)) == 1
    return (data.to_numpy() if plain else data.to_numpy(np.float64, na_value=np.nan)), "DataFrame", []


def _sparse(data: Any) -> Read:
    if data.ndim != 2:
        raise InputError("a sparse matrix, samples x features", f"one of {data.ndim} dimensions", "reshape it")
    return SparseRows(data), "sparse matrix", []


def _anndata(data: Any) -> Read:
    if data.X is None:
        raise InputError("AnnData with X", "one without", f"pass one of its layers: {', '.join(data.layers) or 'none'}")
    values = data.X
    if hasattr(values, "to_memory"):  # a sparse matrix in a file
        values = values.to_memory()
    matrix, _, notes = read_object(values)
    return matrix, "AnnData", ["X of the AnnData; pass adata.layers[NAME] for a layer", *notes]


def _stored(data: Any) -> Read:
    if data.ndim < 2:
        raise InputError("a data set of samples x features", f"one of shape {tuple(data.shape)}", "name another")
    flat = [] if data.ndim == 2 else [f"{'x'.join(map(str, data.shape[1:]))} arrays flattened"]
    return StoredRows(data), f"HDF5 data set {data.name}", flat


def _dataset(data: Any) -> Read:
    if hasattr(data, "tensors"):
        return _joined([tuple(data.tensors)], type(data).__name__, lambda parts: parts[0])
    items: Iterable[Any] = (data[i] for i in range(len(data))) if hasattr(data, "__len__") else data
    return _joined(items, type(data).__name__, np.stack)


def _loader(data: Any) -> Read:
    """Read one epoch."""
    if data.batch_sampler is not None:
        return _joined(data, "DataLoader", np.concatenate)
    read = _joined(data, "DataLoader", np.stack)
    if read[0].ndim > 2:
        raise InputError("a DataLoader that makes batches", "one with batch_size=None, whose items can be samples or "
                         "batches", "pass its data set, or an array")
    return read


def _values(item: Any) -> Any:
    """Return the sample, or batch of samples, without what comes beside it: labels, indices."""
    if isinstance(item, dict):
        named = cast("dict[str, Any]", item)
        found = next((named[key] for key in ("image", "x", "X", "data", "input", "pixel_values") if key in named), None)
        if found is None:
            raise InputError("samples named image, x, X, data, input or pixel_values in a dictionary",
                             f"the keys {', '.join(map(str, named))}", "pass the array itself")
        return as_numpy(found)
    if isinstance(item, (tuple, list)) and len(cast(Any, item)):
        return _values(cast(Any, item)[0])
    values = as_numpy(item)
    if values.dtype == object:
        raise InputError("samples of numbers", f"a {type(item).__name__}", "add a transform that makes tensors of them")
    return values


def _joined(items: Iterable[Any], kind: str, join: Callable[[list[Any]], Any]) -> Read:
    parts, more = list[Any](), False
    for item in items:
        more = isinstance(item, (tuple, list, dict)) and len(cast(Any, item)) > 1
        parts.append(_values(item))
    if not parts:
        raise InputError("samples", f"a {kind} that yields none", "check its length")
    try:
        joined = join(parts)
    except ValueError as error:
        raise InputError("samples of one shape", f"a {kind} whose samples differ in shape",
                         "crop or pad them in its transform") from error
    if joined.ndim < 2:
        raise InputError("samples first in what a data set yields", f"a {kind} that yields single numbers"
                         + (" first, such as labels" if more else ""), "let it yield the sample, then its label")
    return joined, kind, list(_LABELS) if more else []


#: Module of the class or of one it derives from, what it must have, and its reader; the first that fits is taken.
_READERS: tuple[tuple[str, str, Callable[[Any], Read]], ...] = (
    ("pandas", "columns dtypes to_numpy", _frame),
    ("polars", "lazy collect", lambda data: read_object(data.collect())),
    ("polars", "columns dtypes null_count", _frame),
    ("anndata", "X layers obs", _anndata),
    ("h5py", "shape dtype ndim", _stored),
    ("scipy", "tocsr shape", _sparse),
    ("torch.utils.data", "dataset batch_size", _loader),
    ("torch.utils.data", "__getitem__", _dataset),
)
