"""Eigenvalues of the data's covariance, all or the top ones, with the samples' components along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import linalg

from vaesym.inputs import Floats, InputError
from vaesym.practice.data import iterative
from vaesym.practice.data.matrix import Advance, Array
from vaesym.practice.data.moments import moments
from vaesym.practice.data.spectrum import Spectrum

Solver = Literal["auto", "full", "top"]
SOLVERS = ("auto", "full", "top")
#: min(P, N) beyond which the covariance is not formed unless the user asks for it: 512 MB.
_LARGE = 8000


@dataclass(frozen=True)
class Decomposition:
    """A spectrum, and of n samples the components along its top k eigenvectors and their squared lengths.

    Attributes
    ----------
    spectrum : all eigenvalues, or the top ones and the trace
    scores : components y_l (n × k), in sample; n = P or a random subset, k as asked for
    energies : squared lengths of these samples, centred (n)
    """

    spectrum: Spectrum
    scores: Floats
    energies: Floats


def spectrum_of(matrix: Array, *, scaling: float = 1.0, center: bool = True) -> Spectrum:
    """Return the spectrum of the covariance of ``scaling * matrix`` (samples × features).

    Parameters
    ----------
    matrix : two-dimensional and of real numbers, in memory or a memory map
    scaling : factor on the values
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

    Raises
    ------
    vaesym.InputError
        Another name.

    Examples
    --------
    >>> chosen_solver("auto", np.empty((20, 3)))
    'full'
    """
    if not isinstance(solver, str) or solver not in SOLVERS:
        raise InputError(f"solver as one of {', '.join(SOLVERS)}", f"{solver!r}", "leave it at auto if in doubt")
    if solver == "auto":
        return "full" if min(matrix.shape) <= _LARGE else "top"
    return "full" if solver == "full" else "top"


def decompose(matrix: Array, top: int, *, scaling: float = 1.0, center: bool = True, solver: Solver = "auto",
              seed: int = 0, advance: Advance | None = None) -> Decomposition:
    """Return the spectrum of ``scaling * matrix``, with scores along the ``top`` leading eigenvectors.

    Parameters
    ----------
    matrix, scaling, center : as for :func:`spectrum_of`
    top : eigenvectors that are wanted, at most min(P, N); 0 for none
    solver : "full" forms the covariance in one pass and finds all eigenvalues; "top" finds the leading ones by
        Lanczos iterations, each a pass over the data, to 1e-9 of each; "auto" is "top" for min(P, N) > 8000
    seed : of the subset of samples and of the first Lanczos vector
    advance : told how many rows of the first pass have been read

    Raises
    ------
    vaesym.InputError
        As for :func:`spectrum_of`; iterations that do not converge.

    Examples
    --------
    >>> data = np.random.default_rng(0).normal(size=(500, 20)) * np.geomspace(4, 1, 20)
    >>> full, part = (decompose(data, 2, solver=solver).spectrum for solver in ("full", "top"))
    >>> bool(np.allclose(full.eigenvalues[:2], part.eigenvalues[:2], rtol=1e-9))
    True
    """
    # Lanczos finds fewer eigenvalues than there are; of a matrix that small it would be no gain.
    if chosen_solver(solver, matrix) == "top" and top + 1 < min(matrix.shape):
        return _top(matrix, top, scaling, center, seed, advance)
    found = moments(matrix, scaling=scaling, center=center, seed=seed, advance=advance)
    eigenvalues = np.ascontiguousarray(np.maximum(np.linalg.eigvalsh(found.product)[::-1], 0.0))
    spectrum = Spectrum(eigenvalues, found.n_samples, found.varying)
    if not top:
        return Decomposition(spectrum, np.empty((len(found.kept), 0)), (found.kept**2).sum(axis=1))
    size = len(eigenvalues)
    vectors = linalg.eigh(found.product, subset_by_index=(size - top, size - 1))[1][:, ::-1]
    if found.n_samples < found.n_features:
        scores = vectors * np.sqrt(found.n_samples * eigenvalues[:top])
        return Decomposition(spectrum, scores, found.n_samples * found.product.diagonal())
    return Decomposition(spectrum, found.kept @ vectors, (found.kept**2).sum(axis=1))


def _top(matrix: Array, top: int, scaling: float, center: bool, seed: int, advance: Advance | None) -> Decomposition:
    centred = iterative.centre(matrix, center=center, seed=seed, advance=advance)
    # One more than is wanted tells whether all signals have been seen.
    values, vectors = iterative.leading(matrix, centred.mean, top + 1, seed)
    kept = scaling * centred.kept
    spectrum = Spectrum(values * scaling**2, len(matrix), centred.varying, centred.trace * scaling**2)
    return Decomposition(spectrum, kept @ vectors[:, :top], (kept**2).sum(axis=1))
