"""Read a data matrix from a file, from scikit-learn's digits or from Debian's Fashion-MNIST."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import math
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

import numpy as np

from vaesym.inputs import InputError, as_numpy
from vaesym.practice.data.matrix import Array, check_form, check_matrix
from vaesym.practice.data.rows import Rows, SparseRows, StoredRows
from vaesym.practice.data.sources.files import Found, reader_of
from vaesym.practice.data.sources.objects import index_of, read_object
from vaesym.practice.data.tables import ENDINGS, read_table

FASHION_MNIST_VARIABLE = "VAESYM_FASHION_MNIST"
FASHION_MNIST_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FASHION_MNIST_FILES = ("train-images-idx3-ubyte.gz", "train-images-idx3-ubyte")

_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_READABLE = ("give a file .npy, .npz (FILE.npz:NAME picks one of its arrays), .csv or .tsv (also with .gz), .h5, "
             ".h5ad, .parquet, IDX (*-ubyte or *.idx, also with .gz), a folder of images, or one of the names digits "
             "and fashion-mnist")
#: A file that holds several arrays, and the name of one.
_MEMBER = re.compile(r"(.+\.(?:npz|h5|hdf5|hdf|h5ad)):(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A data matrix with what was done to it; ``array * scaling`` are the values to use.

    Fields: ``array`` (samples, features) of uint8, float32 or float64; ``name`` of the source; ``scaling``,
    1 or 1/255, of standardised data an array with one for each column; ``notes``, sentences for the reader; ``index``,
    the names of the samples where pandas or AnnData has given them some, be it in memory or in a file.

    >>> Loaded(np.array([[0, 255], [255, 0]], dtype=np.uint8), "mine", 1 / 255).notes
    ()
    """

    array: Array
    name: str
    scaling: float
    notes: tuple[str, ...] = ()
    index: Any = None


def load_data(source: str | os.PathLike[str], *, raw: bool = False, header: bool | None = None,
              index: bool | None = None) -> Loaded:
    """Read a matrix of samples x features.

    Parameters: ``source``, the path of a ``.npy``, ``.npz`` (one array, ``FILE.npz:NAME``, or what SciPy saved of a
    sparse matrix), ``.csv`` or ``.tsv`` (commas, semicolons or tabs, at most one header row, UTF-8), IDX (also
    gzipped), HDF5 (``FILE.h5:NAME``; h5py), ``.h5ad`` (X, or ``FILE.h5ad:layers/NAME``) or Parquet file (pyarrow), a
    folder of images of one size (Pillow; subfolders too), or the name
    ``digits`` (from scikit-learn) or ``fashion-mnist`` (training images, from the file or folder
    ``$VAESYM_FASHION_MNIST`` or else Debian's package dataset-fashion-mnist; no download).
    ``raw``: leave uint8 values as they are.
    ``header``, ``index``: whether the first row of a table in text names its columns, and the first column its rows;
    None: as :func:`vaesym.practice.data.tables.read_table` judges, and says in the notes.

    Returns :class:`Loaded`. Arrays of more than two dimensions are flattened to (samples, features).
    uint8 stays uint8 with ``scaling`` 1/255 (1 if ``raw``), float32 stays float32, the rest becomes float64.

    Raises :class:`~vaesym.inputs.InputError` for a file that is missing, unreadable, damaged or of another
    kind, and for contents that :func:`check_matrix` refuses.

    Source: the IDX layout is that of the MNIST files (two zero bytes, type, number of dimensions, sizes).

    >>> digits = load_data("digits")
    >>> digits.array.shape, digits.scaling, digits.notes
    ((1797, 64), 1.0, ('8x8 images flattened to 64 features',))
    """
    opened = _opened(source, raw=raw, mapped=False, header=header, index=index)
    rows: Any = opened.array
    array = check_matrix(np.asarray(rows) if isinstance(rows, StoredRows) else opened.array)
    opened = dataclasses.replace(opened, array=array)
    as_is = isinstance(rows, SparseRows) or array.dtype == np.uint8
    return opened if as_is else dataclasses.replace(opened, array=_as_float(array))


def open_data(source: str | os.PathLike[str], *, raw: bool = False, header: bool | None = None,
              index: bool | None = None) -> Loaded:
    """Open a matrix as :func:`load_data` does, but check and convert no value yet.

    The array of a ``.npy`` file is a memory map and that of an HDF5 file is read in slices, so that both may be larger
    than memory; arrays keep their type.

    Raises :class:`~vaesym.inputs.InputError` as :func:`load_data`, but for contents.

    >>> open_data("digits").array.shape
    (1797, 64)
    """
    return _opened(source, raw=raw, mapped=True, header=header, index=index)


def as_loaded(data: Any, *, raw: bool = False) -> Loaded:
    """Return data as they are read: names by :func:`open_data`, arrays and other objects as they are.

    Those are DataFrames of pandas and polars, sparse matrices of SciPy, AnnData, data sets of h5py, and Dataset and
    DataLoader of torch (one epoch of it, without labels).

    Raises :class:`~vaesym.inputs.InputError` as :func:`open_data`, and for what is no matrix of real numbers.

    >>> as_loaded([[0, 1], [1, 0]]).array.shape
    (2, 2)
    """
    if isinstance(data, Loaded):
        return data
    if isinstance(data, (str, os.PathLike)):
        return open_data(cast("str | os.PathLike[str]", data), raw=raw)
    try:
        values, name, notes = read_object(data)
        array: Any = values if isinstance(values, Rows) else as_numpy(values)
    except InputError:
        raise
    except (ValueError, TypeError, RuntimeError) as error:
        received = ("rows of unequal length", "pad or drop rows") if isinstance(error, ValueError) else (
            f"a {type(data).__name__} that NumPy cannot read ({error})", "give an array of its numbers")
        raise InputError("a matrix of samples x features", *received) from error
    if isinstance(data, Mapping) or (array.ndim == 0 and array.dtype == object):
        _refuse_single(data)
    array = check_form(_flat(array, notes))
    if array.dtype == np.uint8:
        notes.append("uint8 values used as they are, 0 to 255")
    return Loaded(array, name, 1.0, tuple(notes), index_of(data))


def _refuse_single(data: Any) -> None:
    """Say what an object is of which NumPy makes one entry and no array."""
    remedy = ("collect it first, e.g. np.stack(list(data))" if isinstance(data, Iterator) else
              "pass one of its values" if isinstance(data, Mapping) else "pass the array itself")
    raise InputError("a matrix of samples x features", f"an object of type {type(data).__name__}", remedy)


def _flat(array: Any, notes: list[str]) -> Any:
    """Return an array of more than two dimensions as samples x features, and note it."""
    if array.ndim <= 2:
        return array
    kind, features = "images" if array.ndim <= 4 else "arrays", math.prod(array.shape[1:])
    notes.append(f"{'x'.join(map(str, array.shape[1:]))} {kind} flattened to {features} features")
    return array.reshape(len(array), features)


def _opened(source: str | os.PathLike[str], *, raw: bool, mapped: bool, header: bool | None,
            index: bool | None) -> Loaded:
    name, array, notes, rows = _read(source, mapped, header, index)
    array = check_form(_flat(array, notes))
    if array.dtype != np.uint8:
        return Loaded(array, name, 1.0, tuple(notes), rows)
    notes.append("uint8 values kept as they are, 0 to 255" if raw else
                 "uint8 values scaled to [0, 1] (divide by 255); pass --raw to keep them")
    return Loaded(array, name, 1.0 if raw else 1 / 255, tuple(notes), rows)


def _read(source: Any, mapped: bool, header: bool | None, index: bool | None) -> tuple[str, Array, list[str], Any]:
    if not isinstance(source, (str, os.PathLike)):
        raise InputError("the path or the name of a data set", f"a {type(source).__name__}", _READABLE)
    path = Path(os.fsdecode(cast("str | os.PathLike[str]", source)))
    if path.name.lower().endswith(ENDINGS):
        return path.name, *read_file(path, header=header, index=index)
    if header is not None or index is not None:
        raise InputError("header and index beside a table in text", f"{source!r}", "leave them out")
    if source == "digits":
        # Imported here because it takes a second; by name because scikit-learn has no types.
        return "digits", import_module("sklearn.datasets").load_digits().images, [], None
    if source == "fashion-mnist":
        return "fashion-mnist", *read_file(_fashion_mnist(), mapped=mapped)
    name = os.fsdecode(cast("str | os.PathLike[str]", source))
    if found := _MEMBER.fullmatch(name):
        return f"{Path(found[1]).name}:{found[2]}", *read_file(Path(found[1]), found[2], mapped=mapped)
    return path.name, *read_file(path, mapped=mapped, named=bool(name))


def _as_float(array: Array) -> Array:
    single = array.dtype.kind == "f" and array.dtype.itemsize == 4
    with np.errstate(over="ignore"):
        result = array.astype(np.float32 if single else np.float64, copy=False)
    # Rounding can overflow (long double) or make large integers equal: check what is handed on.
    return result if result is array else check_matrix(result)


def _fashion_mnist() -> Path:
    place = Path(os.environ.get(FASHION_MNIST_VARIABLE) or FASHION_MNIST_FOLDER)
    for path in (place, *(place / file for file in FASHION_MNIST_FILES)):
        if os.path.isfile(path):
            return path
    raise InputError(f"Fashion-MNIST's {FASHION_MNIST_FILES[0]}", f"no such file at {place}",
                     "install it with `apt-get install dataset-fashion-mnist`, or set "
                     f"{FASHION_MNIST_VARIABLE} to the file (from github.com/zalandoresearch) or its folder")


def read_file(path: Path, member: str | None = None, *, mapped: bool = False, header: bool | None = None,
              index: bool | None = None, named: bool = True) -> Found:
    """Return the array of a file of any kind as it is, of any shape, notes on it, and names of its rows or None.

    ``member`` names an array of an ``.npz`` or HDF5 file; a ``mapped`` ``.npy`` is left in its file, as HDF5 always is;
    ``header`` and ``index`` are those of :func:`load_data`; without a name (``named``) no folder is meant. Raises
    :class:`~vaesym.inputs.InputError` as :func:`load_data` does, for the file; the values are not checked.

    >>> with __import__("tempfile").TemporaryDirectory() as folder:
    ...     np.save(Path(folder, "x.npy"), np.arange(3))
    ...     read_file(Path(folder, "x.npy"))
    (array([0, 1, 2]), [], None)
    """
    # The readers below raise ValueError for a damaged file; here it becomes an InputError.
    lower, read = path.name.lower(), reader_of(path) if named else None
    try:
        if read is not None:
            return read(path, member)
        with path.open("rb") as stream:
            if not stream.peek(1):
                raise ValueError("an empty file")
            if lower.endswith((".npy", ".npz")):
                return _read_numpy(stream, path, member, mapped), [], None
            if lower.endswith(ENDINGS):
                return *read_table(path, header, index), None
            if lower.endswith(".gz") or "idx" in lower or "ubyte" in lower:
                return _read_idx(stream), [], None
    except InputError:
        raise
    except UnicodeDecodeError as error:
        raise InputError("text in UTF-8", f"{path}, which is in another encoding (byte {error.start}: {error.reason})",
                         "save it again as CSV in UTF-8") from error
    except (OSError, ValueError, EOFError, zlib.error, csv.Error) as error:
        raise InputError("a readable, undamaged data file",
                         f"{str(path)!r} ({getattr(error, 'strerror', None) or error})",
                         f"check the path and the file, or {_READABLE}") from error
    raise InputError("a file of a known kind", f"{path}", _READABLE)


def _read_numpy(stream: BufferedReader, path: Path, member: str | None, mapped: bool) -> Array:
    if not stream.peek(6).startswith((b"\x93NUMPY", b"PK\x03\x04", b"PK\x05\x06")):
        raise ValueError("numpy.save or numpy.savez did not write it")
    try:
        if mapped and stream.peek(6).startswith(b"\x93NUMPY"):
            return np.load(path, mmap_mode="r", allow_pickle=False)
        loaded: Any = np.load(stream, allow_pickle=False)
        if member is None and {"indices", "indptr", "format", "shape", "data"} <= set(getattr(loaded, "files", ())):
            return cast(Any, SparseRows(import_module("scipy.sparse").load_npz(path)))
        if isinstance(loaded, np.ndarray):
            return cast(Array, loaded)
        names: list[str] = loaded.files
        if member in names or (member is None and len(names) == 1):
            return np.asarray(loaded[member or names[0]])
    except Exception as error:  # NumPy gives no closed list of what a damaged file raises.
        raise InputError("a whole file of plain numbers", f"{path}, which NumPy cannot read ({error})",
                         "save a numeric array again (arrays of Python objects are not read)") from error
    raise InputError("one array" if member is None else f"an array named {member!r}",
                     f"{path} with the arrays: {', '.join(names) or 'none'}", f"choose one: {path}:NAME")


def _read_idx(stream: BufferedReader) -> Array:
    data = stream.read()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    dimensions = data[3] if len(data) > 3 else 0
    start = 4 + 4 * dimensions
    if data[:2] != b"\0\0" or not 1 <= dimensions <= 32 or data[2] not in _IDX_TYPES or len(data) < start:
        raise ValueError(f"no header of an IDX file, but the bytes {data[:8].hex(' ')!r}")
    dtype, shape = np.dtype(_IDX_TYPES[data[2]]), tuple(np.frombuffer(data[4:start], ">u4").tolist())
    promised = start + math.prod(shape) * dtype.itemsize
    if promised != len(data):
        raise ValueError(f"the IDX header promises shape {shape}, {promised} bytes, but {len(data)} came")
    return np.frombuffer(data, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))
