"""Files of other libraries, by a table of a reader each: HDF5, AnnData, Parquet, folders of images."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from vaesym.inputs import InputError
from vaesym.practice.data.rows import SparseRows, StoredRows

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
#: Modes of images whose numbers are no levels of grey or colour, and those that they are read in.
_MODES = {"1": "L", "LA": "L", "P": "RGB", "PA": "RGB"}
#: Bytes of an HDF5 file that are kept for blocks to be read again.
_CACHE = 2**26

#: Values of any shape, or rows that are read when asked for, notes, and names of the rows or None.
Found = tuple[Any, list[str], Any]


def reader_of(path: Path) -> Callable[[Path, str | None], Found] | None:
    """Return the reader of a file or folder by its name; None for a kind that is not in the table.

    >>> reader_of(Path("x.npy")) is None, reader_of(Path("x.h5")) is None
    (True, False)
    """
    if os.path.isdir(path):  # of a name that the system refuses this is no error
        return _read_images
    return next((read for endings, read in _READERS.items() if path.name.lower().endswith(endings)), None)


def _library(name: str, package: str, kind: str) -> Any:
    """Return a module, or say how to install what is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"{package}, which reads {kind}", f"Python without it ({error})",
                         f"install it with `pip install {package}`") from error


def _read_hdf5(path: Path, member: str | None) -> Found:
    h5py = _library("h5py", "h5py", "HDF5 files")
    file = h5py.File(path, "r", rdcc_nbytes=_CACHE)
    if path.name.lower().endswith(".h5ad") and member is None:
        member = "X"
    names = list[str]()

    def visit(name: str, item: Any) -> None:
        if _is_matrix(item) and not any(name.startswith(f"{known}/") for known in names):
            names.append(name)

    file.visititems(visit)
    if member is None and len(names) == 1:
        member = names[0]
    if member is None or member not in file or not _is_matrix(file[member]):
        file.close()
        expected = "one matrix in the file" if member is None else f"a matrix of numbers named {member!r}"
        raise InputError(expected, f"{path} with the matrices: {', '.join(sorted(names)[:12]) or 'none'}",
                         f"choose one: {path}:NAME")
    item = file[member]
    if hasattr(item, "keys"):
        matrix, notes = _read_sparse(item), [f"{member} is sparse"]
    else:
        matrix, notes = StoredRows(item), [f"{'x'.join(map(str, item.shape[1:]))} arrays flattened"] * (item.ndim > 2)
    index = _observations(file)
    return matrix, notes, index if index is not None and len(index) == len(matrix) else None


def _observations(file: Any) -> Any:
    """Return the names of the samples in a file of AnnData, None in another."""
    table = file.get("obs")
    if not hasattr(table, "keys"):  # old files have an array of records in its place
        return None
    stored = table.get(table.attrs.get("_index", "_index"))
    if hasattr(stored, "keys"):  # a column that may have gaps
        stored = stored.get("values")
    return stored.asstr()[:] if getattr(stored, "dtype", np.dtype(int)).kind in "OS" else None


def _is_matrix(item: Any) -> bool:
    """Return whether an item of an HDF5 file is a matrix: a data set, or a group that AnnData wrote, if sparse."""
    if hasattr(item, "keys"):
        return str(item.attrs.get("encoding-type", "")) in ("csr_matrix", "csc_matrix")
    return len(item.shape or ()) >= 2 and item.dtype.kind in "biuf"


def _read_sparse(group: Any) -> SparseRows:
    from scipy import sparse

    make = sparse.csr_array if "csr" in str(group.attrs["encoding-type"]) else sparse.csc_array
    parts = group["data"][:], group["indices"][:], group["indptr"][:]
    return SparseRows(make(parts, shape=tuple(int(size) for size in group.attrs["shape"])))


def _read_parquet(path: Path, member: str | None) -> Found:
    parquet = _library("pyarrow.parquet", "pyarrow", "Parquet files")
    table = parquet.read_table(path)
    # Written by pandas, it says which columns are the index, or of which range of numbers it is.
    index = (table.schema.pandas_metadata or {}).get("index_columns", [])
    kept = [name for name in table.column_names if name not in index and not name.startswith("__index_level_")]
    notes = ["index of the rows left out"] if len(kept) < len(table.column_names) else []
    kinds = {name: str(table.schema.field(name).type) for name in kept}
    wrong = [f"{name!r} ({kind})" for name, kind in kinds.items() if not kind.startswith(("int", "uint", "float",
                                                                                           "double", "halffloat"))]
    if wrong:
        raise InputError("columns of numbers", f"{path} with {', '.join(wrong[:3])}"
                         + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""),
                         "leave them out, or turn them into numbers (one column of 0 and 1 for each category)")
    gaps = [name for name in kept if table.column(name).null_count]
    if gaps:
        raise InputError("columns without missing values", f"{path} with gaps in {gaps[0]!r}",
                         "remove or impute those samples")
    single = set(kinds.values()) == {"float"}
    columns = [table.column(name).to_numpy() for name in kept]
    matrix = np.stack(columns, axis=1).astype(np.float32 if single else np.float64, copy=False)
    return matrix, notes, _names(table, index)


def _names(table: Any, index: list[Any]) -> Any:
    """Return the names of a table's rows by its columns or ranges of an index, None where it has lost any of them."""
    found = [range(one["start"], one["stop"], one["step"]) if isinstance(one, dict) else table.column(one).to_pylist()
             for one in index if isinstance(one, dict) or one in table.column_names]
    if not found or len(found) < len(index) or any(len(names) != len(table) for names in found):
        return None
    return found[0] if len(found) == 1 else list(zip(*found, strict=True))


def _read_images(path: Path, member: str | None) -> Found:
    """Read all images below a folder, in the order of their names; subfolders may stand for labels."""
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in IMAGES)
    if not files:
        raise InputError("a readable, undamaged data file", f"{str(path)!r} (Is a directory, without images)",
                         f"check the path: of a folder the images ({', '.join(IMAGES)}) are read; digits and "
                         "fashion-mnist are names of data sets")
    image = _library("PIL.Image", "pillow", "images")
    shape, found, mode, palettes = None, list[Any](), "", True
    for file in files:
        try:
            with image.open(file) as opened:
                kept = opened.convert(_MODES[opened.mode]) if opened.mode in _MODES else opened
                values, mode, palettes = np.asarray(kept), kept.mode, palettes and opened.mode.startswith("P")
        except Exception as error:  # Pillow gives no closed list of what a damaged file raises.
            raise InputError("images that Pillow reads", f"{file} ({error})", "remove or replace that file") from error
        shape = shape or values.shape
        if values.shape != shape:
            raise InputError(f"images of one size, {'x'.join(map(str, shape))} as the first",
                             f"{file} of {'x'.join(map(str, values.shape))}", "resize them to one size and mode")
        found.append(values)
    array: Any = np.stack(found)
    if palettes and (array == array[..., :1]).all():  # of greys
        array = array[..., 0]
    notes = [f"{len(files):,} images of the folder, in the order of their names"]
    if array.ndim == 4 and array.shape[3] > 3:
        notes.append(f"images of mode {mode}: all {array.shape[3]} channels count as features")
    if array.dtype.kind in "iu" and array.dtype != np.uint8:
        notes.append(f"{array.dtype} values used as they are, {array.min()} to {array.max()}")
    return array, notes, None


_READERS: dict[tuple[str, ...], Callable[[Path, str | None], Found]] = {
    (".h5", ".hdf5", ".h5ad", ".hdf"): _read_hdf5,
    (".parquet", ".pq"): _read_parquet,
}
