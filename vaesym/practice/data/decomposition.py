"""Eigenvalues of the data's covariance, all or the top ones, with the samples' components along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from scipy import linalg

from vaesym.inputs import Floats, InputError
from vaesym.practice.advice import remarks
from vaesym.practice.data import iterative
from vaesym.practice.data.matrix import Advance, Array, row_chunks
from vaesym.practice.data.moments import Moments, moments
from vaesym.practice.data.rows import SparseRows
from vaesym.practice.data.spectrum import Spectrum

Solver = Literal["auto", "full", "top"]
SOLVERS = ("auto", "full", "top")
#: min(P, N) beyond which the covariance is not formed unless the user asks for it: 512 MB.
_LARGE = 8000
#: The same of a sparse matrix, whose covariance is dense.
_LARGE_SPARSE = 2000
#: Below this fraction of the largest eigenvalue those of a covariance lose digits, and the data are decomposed instead.
_LOST = 1e-9


@dataclass(frozen=True)
class Decomposition:
    """A spectrum, and of n samples the components along its top k eigenvectors and their squared lengths.

    Attributes
    ----------
    spectrum : all eigenvalues, or the top ones and the trace
    scores : components y_l (n × k), in sample; n = P or a random subset, k as asked for
    energies : squared lengths of these samples, centred (n)
    notes : what is odd about the data, as sentences
    """

    spectrum: Spectrum
    scores: Floats
    energies: Floats
    notes: tuple[str, ...] = ()


def spectrum_of(matrix: Array, *, scaling: float | Floats = 1.0, center: bool = True) -> Spectrum:
    """Return the spectrum of the covariance of ``scaling * matrix`` (samples × features).

    Parameters
    ----------
    matrix : two-dimensional and of real numbers, in memory or a memory map
    scaling : factor on the values, or one for each column (N)
    center : subtract the mean of every column

    Raises
    ------
    vaesym.InputError
        NaN or infinity, no column that varies, or a covariance that overflows float64.

    Examples
    --------
    >>> spectrum_of(np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]])).eigenvalues.round(4).tolist()
    [2.6667, 0.0]
    """
    return decompose(matrix, 0, scaling=scaling, center=center, solver="full").spectrum


def chosen_solver(solver: Any, matrix: Array) -> Literal["full", "top"]:
    """Return "full" or "top", as asked for or else by size.

    Raises :class:`vaesym.InputError`: another name.

    >>> chosen_solver("auto", np.empty((20, 3)))
    'full'
    """
    if not isinstance(solver, str) or solver not in SOLVERS:
        raise InputError(f"solver as one of {', '.join(SOLVERS)}", f"{solver!r}", "leave it at auto if in doubt")
    if solver == "auto":
        return "full" if min(matrix.shape) <= (_LARGE_SPARSE if isinstance(matrix, SparseRows) else _LARGE) else "top"
    return "full" if solver == "full" else "top"


def decompose(matrix: Array, top: int, *, scaling: float | Floats = 1.0, center: bool = True, solver: Solver = "auto",
              seed: int = 0, advance: Advance | None = None) -> Decomposition:
    """Return the spectrum of ``scaling * matrix``, with scores along the ``top`` leading eigenvectors.

    Parameters
    ----------
    matrix, scaling, center : as for :func:`spectrum_of`
    top : eigenvectors that are wanted, at most min(P, N); 0 for none
    solver : "full" forms the covariance in one pass and finds all eigenvalues; "top" finds the leading ones by
        Lanczos iterations, each a pass over the data, to 1e-9 of each; "auto" is "top" for min(P, N) > 8000,
        of a sparse matrix > 2000
    seed : of the subset of samples and of the first Lanczos vector
    advance : told how many rows of the first pass have been read

    Raises :class:`vaesym.InputError`: as for :func:`spectrum_of`; iterations that do not converge.

    Notes
    -----
    The covariance squares the data, and its eigenvalues below about 1e-16 of the largest are rounding. Where "full"
    finds such, the triangular factor of the centred data is made in a second pass, whose singular values keep their
    digits down to 1e-16 of the largest, so 1e-32 of the eigenvalue. Eigenvalues that rounding can explain, there or in
    the numbers themselves (of float32, for one), are 0.

    >>> data = np.random.default_rng(0).normal(size=(500, 20)) * np.geomspace(4, 1, 20)
    >>> full, part = (decompose(data, 2, solver=solver).spectrum for solver in ("full", "top"))
    >>> bool(np.allclose(full.eigenvalues[:2], part.eigenvalues[:2], rtol=1e-9))
    True
    """
    # Lanczos finds fewer eigenvalues than there are; of a matrix that small it would be no gain.
    if chosen_solver(solver, matrix) == "top" and top + 1 < min(matrix.shape):
        return _top(matrix, top, scaling, center, seed, advance)
    found = moments(matrix, scaling=scaling, center=center, seed=seed, advance=advance)
    eigenvalues, vectors = _eigen(matrix, found, top, scaling, center)
    spectrum = Spectrum(eigenvalues, found.n_samples, found.varying)
    if found.n_samples < found.n_features:
        scores, rows = vectors * np.sqrt(found.n_samples * eigenvalues[:top]), matrix
        energies = found.n_samples * found.product.diagonal()
    else:
        scores, rows, energies = found.kept @ vectors, found.kept, (found.kept**2).sum(axis=1)
    return Decomposition(spectrum, scores, energies, remarks.about(found.variances, rows, energies, matrix, scaling))


def _eigen(matrix: Array, found: Moments, top: int, scaling: float | Floats, center: bool) -> tuple[Floats, Floats]:
    """Return all eigenvalues, largest first, and the ``top`` leading eigenvectors of the product."""
    values, size = np.maximum(np.linalg.eigvalsh(found.product)[::-1], 0.0), len(found.product)
    # Constant columns, and the mean among few samples, leave eigenvalues that are exactly zero.
    most = min(found.varying, found.n_samples - (center and found.n_samples > 1))
    values[most:] = 0.0
    if values[min(most, size) - 1] > _LOST * values[0]:
        if not top:
            return np.ascontiguousarray(values), np.empty((size, 0))
        vectors = linalg.eigh(found.product, subset_by_index=(size - top, size - 1))[1][:, ::-1]
        return np.ascontiguousarray(values), vectors
    _, singular, right = np.linalg.svd(_triangle(matrix, found.mean, scaling))
    values = singular**2 / found.n_samples
    values[values <= _rounding(matrix, found, scaling, float(values[0]))] = 0.0
    values[most:] = 0.0
    return values, right[:top].T


def _triangle(matrix: Array, mean: Floats, scaling: float | Floats) -> Floats:
    """Return the triangular factor R of the centred data X or, if they are wide, of its transpose, chunk by chunk."""
    samples, features = matrix.shape
    wide, size = samples < features, min(samples, features)
    tall, shift, factors = matrix.T if wide else matrix, mean, np.broadcast_to(scaling, features)
    held, total = list[Floats](), 0
    result: Floats = np.zeros((0, size))
    for start, rows in row_chunks(tall):
        part = slice(start, start + len(rows))
        held.append((rows - shift[part, None]) * factors[part, None] if wide else (rows - shift) * factors)
        total += len(rows)
        # The larger the piece beside the triangle, the fewer triangles are made.
        if total >= size or part.stop == len(tall):
            result = cast(Floats, np.linalg.qr(np.concatenate([result, *held]), mode="r"))
            held, total = [], 0
    return result


def _rounding(matrix: Array, found: Moments, scaling: float | Floats, largest: float) -> float:
    """Return the eigenvalue that rounding can make: of the decomposition, and of the data in their own precision.

    Errors of ε/2 of each value change no singular value by more than their root of a sum of squares.
    """
    digits = np.finfo(matrix.dtype if matrix.dtype.kind == "f" else np.float64)
    own = max(float(digits.eps), float(np.finfo(np.float64).eps))
    second = float((found.variances + (found.mean * scaling) ** 2).sum())
    # The bound of numpy.linalg.matrix_rank, for the largest singular value.
    return max((max(matrix.shape) * float(np.finfo(np.float64).eps)) ** 2 * largest, (own / 2) ** 2 * second)


def _top(matrix: Array, top: int, scaling: float | Floats, center: bool, seed: int,
         advance: Advance | None) -> Decomposition:
    centred = iterative.centre(matrix, center=center, seed=seed, advance=advance)
    factors, notes = np.broadcast_to(np.float64(scaling), matrix.shape[1]), ()
    # One more than is wanted tells whether all signals have been seen.
    values, vectors = iterative.leading(matrix, centred.mean, top + 1, seed, factors)
    lost = values <= max(matrix.shape) * np.finfo(np.float64).eps * values[0]
    if lost.any():
        values[lost] = 0.0
        notes = (f"eigenvalues after the first {np.count_nonzero(~lost)} are lost in the rounding of the iterations "
                 "and count as 0: --solver full finds them",)
    kept, variances = factors * centred.kept, factors**2 * centred.variances
    energies = (kept**2).sum(axis=1)
    varying = min(centred.varying, int(np.count_nonzero(factors)))
    spectrum = Spectrum(values, len(matrix), varying, float(variances.sum()))
    return Decomposition(spectrum, kept @ vectors[:, :top], energies,
                         (*remarks.about(variances, kept, energies, matrix, factors), *notes))
