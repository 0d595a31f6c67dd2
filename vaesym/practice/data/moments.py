"""Mean, covariance and a random subset of the samples, in one pass over the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym.inputs import Floats, InputError
from vaesym.practice.data.matrix import Advance, Array, check_matrix, chunk_length, row_chunks

#: Rows of uint8 data whose products still sum exactly in float32: 255² · 256 < 2²⁴.
_EXACT_ROWS = 256
#: Bytes of float64 that the kept samples may take, and how many are kept at least.
_KEPT_BYTES, _KEPT_LEAST = 2**25, 256


@dataclass(frozen=True)
class Moments:
    """What one pass leaves of P samples x of N features, in the units of ``scaling * matrix``.

    Attributes
    ----------
    product : covariance (N × N), or for P < N the products of samples (P × P) over P: the same non-zero eigenvalues
    varying : columns that are not constant
    kept : a random subset of the samples, centred (n × N); of no rows for P < N, where ``product`` knows all
    mean : what was subtracted (N), before scaling; 0 without centring
    variances : of the columns (N)
    """

    product: Floats
    n_samples: int
    n_features: int
    varying: int
    kept: Floats
    mean: Floats
    variances: Floats


def moments(matrix: Array, *, scaling: float | Floats = 1.0, center: bool = True, seed: int = 0,
            advance: Advance | None = None) -> Moments:
    """Return the moments of ``scaling * matrix`` (samples × features), whose form has been checked.

    ``scaling`` is a factor on the values, or one for each column (N); ``seed`` is of the choice of samples to keep;
    ``advance`` is told how many rows have been read.

    Raises :class:`vaesym.InputError`: NaN, infinity, no column that varies, or values whose squares overflow float64.

    Notes
    -----
    Sums are of float64, about the mean of the first chunk, so that a large mean cancels nothing; of uint8 they are
    exact integers.

    >>> moments(np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]])).product.round(4).tolist()
    [[2.6667, 0.0], [0.0, 0.0]]
    """
    samples, features = matrix.shape
    weights = scaling if isinstance(scaling, np.ndarray) else None
    with np.errstate(over="ignore", invalid="ignore"):
        if samples < features:
            product, varying, mean, variances = _between_samples(matrix, center, weights)
            kept = np.empty((0, features))
        else:
            chosen = chosen_rows(samples, features, seed)
            accumulate = _of_bytes if matrix.dtype == np.uint8 else _of_floats
            product, varying, kept, mean = accumulate(matrix, center, chosen, advance)
            if weights is not None:
                product *= np.multiply.outer(weights, weights)
            variances = product.diagonal().copy()
        if not isinstance(scaling, np.ndarray):
            product *= scaling**2
            variances *= scaling**2
        kept *= scaling
    if weights is not None:  # of what is left out
        varying = min(varying, int(np.count_nonzero(weights)))
    check_result(matrix, product, varying)
    return Moments(product, samples, features, varying if center else features, kept, mean, variances)


def check_result(matrix: Array, result: Floats, varying: int) -> None:
    """Raise :class:`~vaesym.inputs.InputError` with the place of the fault if the sums show one."""
    finite = np.isfinite(result).all()
    if not finite or not varying:
        check_matrix(matrix)
    if not finite:
        raise InputError("values whose squares fit in float64", "a covariance that overflows", "rescale the data")
    if not varying:
        raise InputError("a column that varies in float64", "differences too small for it (no variance: nothing to "
                         "learn)", "rescale the data, or check how they were made")


def chosen_rows(samples: int, features: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the numbers of the samples to keep, rising: all, or as many at random as memory allows."""
    most = max(_KEPT_LEAST, _KEPT_BYTES // (8 * features))
    if samples <= most:
        return np.arange(samples)
    return np.sort(np.random.default_rng(seed).choice(samples, most, replace=False))


def provisional_mean(matrix: Array) -> Floats:
    """Return the mean of the first chunk; exactly the value of a column that is constant there."""
    first = matrix[: chunk_length(matrix.shape[1])].astype(np.float64)
    return first[0] + (first - first[0]).mean(axis=0)


def _of_floats(matrix: Array, center: bool, chosen: Any,
               advance: Advance | None) -> tuple[Floats, int, Floats, Floats]:
    samples, features = matrix.shape
    shift = provisional_mean(matrix)
    origin = shift if center else np.zeros(features)
    buffer = np.empty((min(samples, chunk_length(features)), features))
    total, part, sums = np.zeros((features, features)), np.empty((features, features)), np.zeros(features)
    kept, moving = np.empty((len(chosen), features)), np.zeros(features, dtype=bool)
    for start, rows in row_chunks(matrix, advance):
        block = np.subtract(rows, origin, out=buffer[: len(rows)])
        np.matmul(block.T, block, out=part)
        total += part
        # Of a centred column that is constant every difference is exactly zero.
        moving |= part.diagonal() > 0 if center else (rows != matrix[0]).any(axis=0)
        sums += block.sum(axis=0)
        first, last = np.searchsorted(chosen, (start, start + len(rows)))
        kept[first:last] = block[chosen[first:last] - start]
    mean = sums / samples if center else np.zeros(features)
    total /= samples
    total -= np.outer(mean, mean)
    return total, int(np.count_nonzero(moving)), kept - mean, origin + mean


def _of_bytes(matrix: Array, center: bool, chosen: Any,
              advance: Advance | None) -> tuple[Floats, int, Floats, Floats]:
    samples, features = matrix.shape
    total, sums = np.zeros((features, features)), np.zeros(features)
    least, most = matrix[0].copy(), matrix[0].copy()
    kept = np.empty((len(chosen), features))
    for start, rows in row_chunks(matrix, advance):
        for begin in range(0, len(rows), _EXACT_ROWS):
            block = rows[begin : begin + _EXACT_ROWS].astype(np.float32)
            total += block.T @ block
            sums += block.sum(axis=0)
        np.minimum(least, rows.min(axis=0), out=least)
        np.maximum(most, rows.max(axis=0), out=most)
        first, last = np.searchsorted(chosen, (start, start + len(rows)))
        kept[first:last] = rows[chosen[first:last] - start]
    # Exact sums of integers: subtracting the mean afterwards loses nothing that matters.
    mean = sums / samples if center else np.zeros(features)
    total /= samples
    total -= np.outer(mean, mean)
    return total, int(np.count_nonzero(least != most)), kept - mean, mean


def _between_samples(matrix: Array, center: bool, weights: Floats | None) -> tuple[Floats, int, Floats, Floats]:
    samples, features = matrix.shape
    total, varying, width = np.zeros((samples, samples)), 0, chunk_length(samples)
    mean, variances = np.zeros(features), np.empty(features)
    for start in range(0, features, width):
        block = matrix[:, start : start + width].astype(np.float64)
        varying += int(np.count_nonzero((block != block[0]).any(axis=0)))
        if center:
            mean[start : start + width] = block.mean(axis=0)
            block -= mean[start : start + width]
        if weights is not None:
            block *= weights[start : start + width]
        total += block @ block.T
        variances[start : start + width] = (block**2).mean(axis=0)
    total /= samples
    return total, varying, mean, variances
