"""Matrices that are no NumPy arrays and of which a few rows at a time are made dense: in a file, or sparse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats

#: Entries of a sparse matrix whose squares are summed at once.
_ENTRIES = 2**20


class Rows:
    """A matrix (samples × features) whose rows and columns are read when they are asked for, by slices or numbers.

    ``dense(key)`` returns what it is asked for as an array; the whole is made one by ``numpy.asarray`` only.

    >>> rows = StoredRows(np.arange(12).reshape(2, 3, 2))
    >>> rows.shape, rows[1:].tolist(), rows.T[:2].tolist()
    ((2, 6), [[6, 7, 8, 9, 10, 11]], [[0, 6], [1, 7]])
    """

    ndim = 2

    def __init__(self, shape: tuple[int, int], dtype: Any) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.size = shape[0] * shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype)

    def __getitem__(self, key: Any) -> NDArray[Any]:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(rows, (int, np.integer)):
            return self.dense(slice(int(rows), int(rows) + 1 or None), columns)[0]
        return self.dense(rows, columns)

    def dense(self, rows: Any, columns: Any) -> NDArray[Any]:
        """Return some rows of some columns as an array."""
        raise NotImplementedError

    @property
    def T(self) -> Rows:
        """The transpose, read in columns."""
        return _Transposed(self)


class _Transposed(Rows):
    """The transpose of other rows."""

    def __init__(self, base: Rows) -> None:
        super().__init__((base.shape[1], base.shape[0]), base.dtype)
        self._base = base

    def dense(self, rows: Any, columns: Any) -> NDArray[Any]:
        return self._base[columns, rows].T


class StoredRows(Rows):
    """An array in a file, such as a data set of h5py, read in slices; more than two dimensions are flattened."""

    def __init__(self, stored: Any) -> None:
        super().__init__((int(stored.shape[0]), math.prod(map(int, stored.shape[1:]))), stored.dtype)
        self._stored = stored

    def dense(self, rows: Any, columns: Any) -> NDArray[Any]:
        """Return some rows of some columns as an array."""
        if self._stored.ndim == 2:
            return np.asarray(self._stored[rows, columns])
        part = np.asarray(self._stored[rows])
        return part.reshape(len(part), -1)[:, columns]


class SparseRows(Rows):
    """A sparse matrix of SciPy; products with it go through :meth:`times` and :meth:`into`, which never make it dense.

    >>> from scipy import sparse
    >>> SparseRows(sparse.csr_array(np.eye(3)))[1].tolist()
    [0.0, 1.0, 0.0]
    """

    def __init__(self, matrix: Any) -> None:
        compressed = matrix.tocsr()
        if not compressed.has_canonical_format:  # entries given twice are sums
            compressed = compressed.copy()
            compressed.sum_duplicates()
        super().__init__(compressed.shape, compressed.dtype)
        self.matrix = compressed

    def dense(self, rows: Any, columns: Any) -> NDArray[Any]:
        """Return some rows of some columns as an array."""
        part = self.matrix[rows]
        whole = isinstance(columns, slice) and columns == slice(None)
        return part.toarray() if whole else part[:, columns].toarray()

    def in_double(self) -> SparseRows:
        """Return the matrix with entries of float64, so that no product has to convert them; places are shared."""
        if self.dtype == np.float64:
            return self
        found = object.__new__(SparseRows)
        Rows.__init__(found, self.shape, np.float64)
        found.matrix = self.matrix.astype(np.float64, copy=False)
        return found

    def times(self, vector: Floats) -> Floats:
        """Return the product of the matrix with a vector (features)."""
        return self.matrix @ vector

    def into(self, vector: Floats) -> Floats:
        """Return the product of a vector (samples) with the matrix."""
        return self.matrix.T @ vector

    def moments(self, center: bool) -> tuple[Floats, Floats]:
        """Return means of the columns, or zeros, and the mean squares around them; no large mean cancels in these."""
        samples, features = self.shape
        mean, squares, counts = np.zeros(features), np.zeros(features), np.zeros(features)
        if center:
            for places, values in self._entries():
                mean += np.bincount(places, values, features)
            mean /= samples
        for places, values in self._entries():
            squares += np.bincount(places, (values - mean[places]) ** 2, features)
            counts += np.bincount(places, minlength=features)
        return mean, (squares + (samples - counts) * mean**2) / samples

    def _entries(self) -> Iterator[tuple[NDArray[Any], Floats]]:
        """Yield columns and values of the entries that are stored, some at a time."""
        for start in range(0, len(self.matrix.data), _ENTRIES):
            part = slice(start, start + _ENTRIES)
            yield self.matrix.indices[part], self.matrix.data[part].astype(np.float64)

    def extremes(self) -> tuple[Floats, Floats]:
        """Return the least and the largest value of each column, with the zeros that are not stored."""
        return (np.asarray(self.matrix.min(axis=0).todense(), np.float64).ravel(),
                np.asarray(self.matrix.max(axis=0).todense(), np.float64).ravel())
