"""Data given a condition, and standardised data: what is left once columns are scaled and labels or numbers known.

A conditional VAE gives its encoder and decoder the condition c beside x and z. Its decoder then explains E(x|c) with no
latent, and what can collapse is decided by the residual: all thresholds are those of the residual covariance (theory,
section 8), as long as condition and latents add up in the networks. For labels that is the covariance within the
classes, averaged over them; for numbers that of the residuals of a linear regression, which is what a linear decoder
can use of them (a nonlinear one can use more, so that its thresholds are lower). Fitting takes r directions from the P
samples: they are worth P − r, and α becomes α − r/N. Noise level and signals are told as those of the residuals,
(P − r)/P of what they are in the data, as the regression takes its share of both.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import os
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from vaesym.inputs import Floats, InputError, as_numpy, check_unmasked
from vaesym.practice.data.iterative import centre
from vaesym.practice.data.matrix import row_chunks
from vaesym.practice.data.readers import Loaded
from vaesym.practice.data.rows import Rows
from vaesym.practice.data.sources.objects import index_of

#: Numbers of a data set up to which each label is looked at for itself.
_NUMBERS = 2**26
#: Share of a column's variance that rounding may leave.
_ROUNDING = 1e-13


class Residuals(Rows):
    """What a regression on an orthonormal basis (samples × r) leaves of data, row by row as it is asked for.

    >>> basis = np.ones((4, 1)) / 2
    >>> Residuals(np.array([[1.0], [2.0], [3.0], [6.0]]), 1.0, basis)[:].ravel().round(9).tolist()
    [-2.0, -1.0, 0.0, 3.0]
    """

    def __init__(self, matrix: Any, scaling: float | Floats, basis: Floats) -> None:
        super().__init__(matrix.shape, np.float64)
        self._matrix, self._basis = matrix, basis
        self._scaling: Floats = np.broadcast_to(np.asarray(scaling, np.float64), matrix.shape[1]).copy()
        # The basis holds the constant: which sample is subtracted first changes nothing, but no large mean cancels.
        self._origin: Floats = matrix[0].astype(np.float64)
        self._fitted: Floats = np.zeros((basis.shape[1], matrix.shape[1]))
        squares = np.zeros(matrix.shape[1])
        for start, rows in row_chunks(matrix):
            block = (rows - self._origin) * self._scaling
            self._fitted += basis[start : start + len(rows)].T @ block
            squares += (block**2).sum(axis=0)
        # What is left of a column that the condition determines is rounding.
        known = squares - (self._fitted**2).sum(axis=0) <= _ROUNDING * squares
        self._fitted[:, known], self._scaling[known] = 0.0, 0.0

    @property
    def varying(self) -> NDArray[np.bool_]:
        """Which columns the basis does not determine (N,)."""
        return self._scaling != 0

    def dense(self, rows: Any, columns: slice) -> NDArray[Any]:
        """Return some rows of some columns as an array."""
        block = (self._matrix[rows, columns] - self._origin[columns]) * self._scaling[columns]
        return block - self._basis[rows] @ self._fitted[:, columns]


def standardised(loaded: Loaded, seed: int = 0) -> Loaded:
    """Return data whose columns are divided by their standard deviations, by their scaling; constant ones become 0.

    >>> from vaesym.practice.data.readers import as_loaded
    >>> standardised(as_loaded([[0.0, 5.0], [4.0, 5.0]])).scaling.tolist()
    [0.5, 0.0]
    """
    found = centre(loaded.array, center=True, seed=seed)
    # What rounding leaves of a column, in the precision of the data, is no variance to be blown up to 1.
    kind = loaded.array.dtype
    least = (float(np.finfo(kind if kind.kind == "f" else np.float64).eps) * found.mean) ** 2
    constant = int(np.count_nonzero(found.variances <= least))
    variances = np.where(found.variances > least, found.variances, np.inf)
    note = "columns divided by their standard deviations" + (
        f", but for {constant} constant, left out" if constant else "")
    factors = cast(Any, 1 / np.sqrt(variances))
    # What is said of a scaling does not hold any more.
    kept = [said for said in loaded.notes if not said.startswith("uint8 values")]
    return dataclasses.replace(loaded, scaling=factors, notes=(*kept, note))


def conditioned(loaded: Loaded, condition: Any) -> tuple[Loaded, Condition]:
    """Return the residual data given a condition, and the condition.

    Raises :class:`vaesym.InputError`: as :func:`read_condition` does.

    >>> from vaesym.practice.data.readers import as_loaded
    >>> rest, given = conditioned(as_loaded([[1.0], [3.0], [10.0], [14.0]]), ["a", "a", "b", "b"])
    >>> rest.array[:].ravel().round(9).tolist(), given.rank
    ([-1.0, 1.0, -2.0, 2.0], 1)
    """
    given = read_condition(condition, loaded)
    rest: Any = Residuals(loaded.array, loaded.scaling, given.basis)
    if not rest.varying.any():
        raise InputError("data that a condition leaves something of", f"{given.what} that determine all of them",
                         "leave the condition out, or check that it is not the data themselves")
    notes = [f"given {given.what}, which take {given.rank:,} of the {len(loaded.array):,} samples: residual covariance"]
    if given.labels is not None and rest.shape[0] * rest.shape[1] <= _NUMBERS:
        top = float(eigenvalues_within(rest, given.columns, 1).max())
        notes.append(f"the largest eigenvalue within one label is {top:.4g}: networks in which label and latents "
                     "interact, as an MLP told both, can keep a latent up to there")
    return dataclasses.replace(loaded, array=rest, scaling=1.0, notes=(*loaded.notes, *notes)), given


def eigenvalues_within(rest: Any, columns: NDArray[np.float32], count: int) -> Floats:
    """Return the largest eigenvalues (C, count) of the covariance within each label, of residuals (P, N).

    ``columns`` (P, C) are 1 for the label of a sample, else 0. Where networks can treat each label apart, each has a
    VAE of its own, which collapses fully at the first of them.

    >>> eigenvalues_within(np.array([[1.0], [-1.0], [3.0], [-3.0]]), np.eye(2)[[0, 0, 1, 1]], 2).tolist()
    [[1.0, 0.0], [9.0, 0.0]]
    """
    found = np.zeros((columns.shape[1], count))
    for row, column in zip(found, columns.T, strict=True):
        group = rest[np.flatnonzero(column)]
        product = group.T @ group if len(group) > group.shape[1] else group @ group.T
        size = len(product)
        top = min(count, size)
        if top:
            row[:top] = linalg.eigvalsh(product / len(group), subset_by_index=(size - top, size - 1))[::-1]
    return np.maximum(found, 0.0)


@dataclass(frozen=True, eq=False)
class Condition:
    """What is known of each sample: labels, or numbers.

    Attributes
    ----------
    columns : what networks are told, float32 (P, C): a column a label, or the numbers that vary, standardised
    basis : orthonormal, with the constant (P, r + 1)
    labels : the number of each sample's label (P,); None for numbers
    what : the condition in words
    """

    columns: NDArray[np.float32]
    basis: Floats
    labels: NDArray[np.intp] | None
    what: str

    @property
    def rank(self) -> int:
        """How many directions of the samples the condition takes, r."""
        return self.basis.shape[1] - 1


def read_condition(condition: Any, loaded: Loaded) -> Condition:
    """Return the condition of data, checked.

    Parameters
    ----------
    condition : labels (P), as text, truth values or whole numbers; or numbers (P) or (P × k), as floats; or the path of
        a file of either: ``.npy``, or text with a sample in each line, with or without a header over numbers
    loaded : the data of P samples

    Raises :class:`vaesym.InputError`: another number of samples, or other names of them where both are named, as by the
    index of pandas; missing values, one label only, or so many that no samples are left to learn from.

    >>> from vaesym.practice.data.readers import as_loaded
    >>> given = read_condition([0.0, 2.0, 4.0, 2.0], as_loaded(np.eye(4)))
    >>> given.columns.ravel(), given.labels, given.what
    (array([-1.4142135,  0.       ,  1.4142135,  0.       ], dtype=float32), None, '1 number')
    """
    samples = len(loaded.array)
    given, said = _read(condition, samples) if isinstance(condition, (str, os.PathLike)) else (_as_array(condition), "")
    if len(given) != samples:
        raise InputError(f"a condition for each of the {samples:,} samples", f"{len(given):,} of them",
                         "give one label, or one row of numbers, for each sample in their order")
    _check_index(loaded.index, index_of(condition))
    found = _labels(given) if given.ndim == 1 and given.dtype.kind != "f" else _numbers(given)
    if not found.rank:
        raise InputError("a condition that varies", found.what + ", the same for all samples", "leave it out")
    found = dataclasses.replace(found, what=found.what + said)
    if samples - found.rank < 3:
        raise InputError("more samples than a condition takes up", f"{found.what} for {samples:,} samples",
                         "merge rare labels, or give fewer numbers")
    return found


def _check_index(names: Any, given: Any) -> None:
    """Refuse a condition of other names than the samples', be it in their order alone: rows would be mixed up."""
    if names is None or given is None:
        return
    from pandas import Index  # one of which the condition has

    # Objects are equal by value, whatever their type, and gaps at the same places are.
    wanted, found = (Index(list(one), dtype=object) for one in (names, given))
    row = bisect_left(range(len(wanted)), True, key=lambda row: not wanted[: row + 1].equals(found[: row + 1]))
    if row < len(wanted):
        raise InputError("a condition with the index of the data", f"{found[row]!r} for {wanted[row]!r} in row {row}",
                         "pass condition.loc[data.index], or condition.to_numpy() if the order is the same")


def _as_array(condition: Any) -> NDArray[Any]:
    check_unmasked(condition, "condition")
    if hasattr(condition, "tocsr"):  # of SciPy
        condition = condition.toarray()
    given = as_numpy(condition.to_numpy() if hasattr(condition, "to_numpy") else condition)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    if given.dtype == object:
        if any(value is None or value != value for value in given.ravel()):
            raise InputError("a condition without gaps", "missing values in it", "fill them, or leave samples out")
        given = given.astype(str)
    if given.ndim not in (1, 2) or given.dtype.kind not in ("iufb" if given.ndim == 2 else "iufbU"):
        raise InputError("a condition of labels (samples) or numbers (samples x k)",
                         f"an array of type {given.dtype}, shape {given.shape}", "give a column of labels, or numbers")
    return given


def _read(place: str | os.PathLike[str], samples: int) -> tuple[NDArray[Any], str]:
    """Return what a file holds for each sample, and what of it was left out."""
    path = Path(os.fsdecode(place))
    try:
        if path.name.lower().endswith(".npy"):
            return _as_array(np.load(path, allow_pickle=False)), ""
        text = path.read_text(encoding="utf-8-sig")
        between = next((mark for mark in ",;\t" if mark in text.partition("\n")[0]), ",")
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=between) if row]
    except (OSError, ValueError, EOFError, csv.Error) as error:
        raise InputError("a readable file of a condition", f"{str(path)!r} "
                         f"({getattr(error, 'strerror', None) or error})",
                         "give a .npy, or a text file with a label or numbers in each line") from error
    said = ""
    if rows and len(rows[0]) > 1 and _index([row[0] for row in rows]):
        rows, said = [row[1:] for row in rows], ", their index left out"
    if not rows or any(len(row) != len(rows[0]) for row in rows) or any(not cell for row in rows for cell in row):
        raise InputError("a label or numbers in each line", f"{path} with lines of different length or gaps",
                         "give a sample in each line; numbers may have a header")
    cells = np.array(rows)
    # Where all but the first line are numbers, that is a header.
    for start, kind in itertools.product((0, 1)[: len(cells)], (np.int64, np.float64)):
        try:
            return _as_array(cells[start:].astype(kind)), said
        except ValueError:
            continue
    if len(cells) == samples + 1 and not (cells[1:] == cells[0]).any():
        cells, said = cells[1:], f"{said}, header {cells[0, 0][:40]!r} left out"
    return _as_array(cells), said


def _index(cells: list[str]) -> bool:
    """Return whether cells count 0, 1, ... or 1, 2, ..., perhaps below the name of their column, which may be empty."""
    if cells[0] not in ("0", "1"):
        cells = cells[1:]
    return len(cells) > 2 and cells[0] in ("0", "1") and cells == [str(int(cells[0]) + i) for i in range(len(cells))]


def _labels(given: NDArray[Any]) -> Condition:
    names, place, counts = np.unique(given, return_inverse=True, return_counts=True)
    columns = np.eye(len(names), dtype=np.float32)[place]
    return Condition(columns, columns / np.sqrt(counts), place, _counted(len(names), "label"))


def _numbers(given: NDArray[Any]) -> Condition:
    columns = given.reshape(len(given), -1).astype(np.float64)
    if not np.isfinite(columns).all():
        raise InputError("a condition of finite numbers", "NaN or infinity in it", "fill them, or leave samples out")
    centred = columns - columns.mean(axis=0)
    spread = np.abs(centred).max(axis=0)
    centred = centred[:, spread > 0] / spread[spread > 0]
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    kept = left[:, sizes > 1e-10 * sizes.max(initial=1e-300)]
    ones = np.full((len(given), 1), 1 / np.sqrt(len(given)))
    return Condition((centred / centred.std(axis=0)).astype(np.float32), np.hstack([ones, kept]), None,
                     _counted(columns.shape[1], "number"))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
