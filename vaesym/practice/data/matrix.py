"""A data matrix: what it must be, and how it is read in chunks of rows that need not fit in memory."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import InputError, check_whole
from vaesym.practice.data.rows import Rows

Array = NDArray[Any]
#: Told how many rows have been read.
Advance = Callable[[int], None]

#: Bytes of float64 that a chunk may take, and rows beyond which longer chunks are no faster.
_CHUNK_BYTES, _CHUNK_ROWS = 2**25, 4096
#: Modes in which what a memory map holds is in the file, so that its pages can be given back.
_SHARED = ("r", "r+", "w+")


def check_form(array: Any) -> Array:
    """Return ``array`` itself if it is a matrix of real numbers, samples ≥ 2 by features ≥ 1; its values are not read.

    Raises :class:`~vaesym.inputs.InputError` if it is not.

    >>> check_form(np.array([[0, 1], [2, 1]], dtype=np.uint8)).dtype
    dtype('uint8')
    """
    received = f"a {type(array).__name__}"
    if not isinstance(array, (np.ndarray, Rows)) or isinstance(array, np.ma.MaskedArray):
        raise InputError("a plain NumPy array", received, "convert it, with no entry masked")
    matrix = cast(Array, array)
    if matrix.dtype.kind not in "biuf":
        raise InputError("real numbers", f"an array of type {matrix.dtype}", "convert it to int or float; of text and "
                         "categories make numbers, such as one column of 0 and 1 for each")
    if matrix.ndim != 2:
        raise InputError("a 2-D array, samples x features", f"a {matrix.ndim}-D array, shape {matrix.shape}",
                         "put one sample in each row; of IDX files give the images, not the labels")
    if matrix.shape[0] < 2 or matrix.shape[1] < 1:
        raise InputError("at least two samples (rows) and one feature (column)", f"shape {matrix.shape}",
                         "add samples, or transpose the array if its columns are the samples")
    return matrix


def check_matrix(array: Any) -> Array:
    """Return ``array`` itself when a spectrum can be learned from it, without copying it.

    Parameters: ``array`` (samples ≥ 2, features ≥ 1), real and finite, with a column that is not constant.

    Raises :class:`~vaesym.inputs.InputError` if it is not 2-D or not real, has fewer than two samples or no
    feature, holds NaN or infinity (says how many and where the first is), or has only constant columns.

    >>> check_matrix(np.array([[0, 1], [2, 1]], dtype=np.uint8)).dtype
    dtype('uint8')
    """
    matrix = check_form(array)
    if matrix.dtype.kind == "f":
        _check_finite(matrix)
    if not any((rows != matrix[0]).any() for _, rows in row_chunks(matrix)):
        raise InputError("a column that varies", f"{len(matrix)} equal rows (no variance: nothing to learn)",
                         "check how the data were made")
    return matrix


def _check_finite(matrix: Array) -> None:
    bad, first = 0, (0, 0)
    for start, rows in row_chunks(matrix):
        wrong = ~np.isfinite(rows)
        if wrong.any():
            first = first if bad else np.argwhere(wrong)[0] + (start, 0)
            bad += int(wrong.sum())
    if bad:
        raise InputError("finite values", f"{bad} of {matrix.size} values NaN or infinite, "
                         f"the first at row {first[0]}, column {first[1]} (counted from 0)",
                         "remove or impute those samples")


def chunk_length(features: int) -> int:
    """Return how many rows of this many features make a chunk."""
    return max(1, min(_CHUNK_ROWS, _CHUNK_BYTES // (8 * features)))


def row_chunks(matrix: Array, advance: Advance | None = None) -> Iterator[tuple[int, Array]]:
    """Yield (number of the first row, rows), chunk by chunk; of a memory map no more than a chunk stays in memory.

    >>> [(start, len(rows)) for start, rows in row_chunks(np.zeros((5000, 2)))]
    [(0, 4096), (4096, 904)]
    """
    length, release = chunk_length(matrix.shape[1]), _release(matrix)
    for start in range(0, len(matrix), length):
        rows = matrix[start : start + length]
        check_whole(rows)
        yield start, rows
        release(start + len(rows))
        if advance is not None:
            advance(len(rows))


def _release(matrix: Array) -> Callable[[int], None]:
    """Return a function that gives the memory of the rows before a number back, if they are mapped from a file."""
    base, shared = cast(Any, matrix), False
    while isinstance(base, np.ndarray):
        shared = shared or (isinstance(base, np.memmap) and base.mode in _SHARED)
        base = cast(Any, base.base)
    if not (shared and isinstance(base, mmap.mmap) and matrix.flags.c_contiguous and hasattr(mmap, "MADV_DONTNEED")):
        return lambda row: None
    mapping, done = base, [0]
    offset = matrix.ctypes.data - np.frombuffer(mapping, np.uint8).ctypes.data

    def release(row: int) -> None:
        end = (offset + row * matrix.strides[0]) // mmap.PAGESIZE * mmap.PAGESIZE
        if end > done[0]:
            mapping.madvise(mmap.MADV_DONTNEED, done[0], end - done[0])
            done[0] = end

    return release
