"""The leading eigenvalues of a covariance that is too large to be formed, by passes over the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from vaesym.inputs import Floats, InputError
from vaesym.practice.data.matrix import Advance, Array, row_chunks
from vaesym.practice.data.moments import check_result, chosen_rows, provisional_mean
from vaesym.practice.data.rows import SparseRows

#: Residual of an eigenpair over its eigenvalue, which bounds the relative error of the eigenvalue.
_ACCURACY = 1e-9
#: Lanczos vectors beyond twice the number of eigenvalues: more memory, fewer passes.
_MORE_VECTORS = 40


@dataclass(frozen=True)
class Centred:
    """Mean and variances (N), number of columns that vary, and a subset of the samples, centred (n × N)."""

    mean: Floats
    variances: Floats
    varying: int
    kept: Floats


def centre(matrix: Array, *, center: bool, seed: int, advance: Advance | None = None) -> Centred:
    """Return what one pass shows without forming the covariance; the arguments are those of ``moments``.

    Raises :class:`~vaesym.inputs.InputError` for NaN, infinity, no column that varies, or overflow.

    >>> centre(np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]]), center=True, seed=0).variances.round(4).tolist()
    [2.6667, 0.0]
    """
    samples, features = matrix.shape
    chosen = chosen_rows(samples, features, seed)
    if isinstance(matrix, SparseRows):
        found = _centre_sparse(matrix, center, chosen)
        if advance is not None:
            advance(samples)
        return found
    kept, moving = np.empty((len(chosen), features)), np.zeros(features, dtype=bool)
    sums, squares = np.zeros(features), np.zeros(features)
    with np.errstate(over="ignore", invalid="ignore"):
        origin = provisional_mean(matrix) if center else np.zeros(features)
        for start, rows in row_chunks(matrix, advance):
            block = rows - origin
            sums += block.sum(axis=0)
            squares += np.einsum("ij,ij->j", block, block)
            moving |= (rows != matrix[0]).any(axis=0)
            first, last = np.searchsorted(chosen, (start, start + len(rows)))
            kept[first:last] = block[chosen[first:last] - start]
        mean = sums / samples if center else np.zeros(features)
        variances = squares / samples - mean**2
    check_result(matrix, variances, int(np.count_nonzero(moving)))
    varying = int(np.count_nonzero(moving)) if center else features
    return Centred(origin + mean, variances, varying, kept - mean)


def _centre_sparse(matrix: SparseRows, center: bool, chosen: Any) -> Centred:
    with np.errstate(over="ignore", invalid="ignore"):
        mean, variances = matrix.moments(center)
        least, most = matrix.extremes()
    moving = int(np.count_nonzero(least != most))
    if center:
        variances[least == most] = 0.0
    check_result(cast(Any, matrix), variances, moving)
    return Centred(mean, variances, moving if center else matrix.shape[1], matrix[chosen] - mean)


def leading(matrix: Array, mean: Floats, count: int, seed: int, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Return the ``count`` largest eigenvalues (largest first) and eigenvectors (N × count) of the covariance.

    ``mean`` (N) is subtracted from the samples, and each column multiplied by its weight, if there are any (N).
    Implicitly restarted Lanczos (ARPACK), to a residual of 1e-9 of each eigenvalue: its relative error is below that,
    and below the square of it over the relative gap where the eigenvalue is well separated.

    Raises :class:`~vaesym.inputs.InputError` if the iterations do not converge.

    >>> values, _ = leading(np.diag([2.0, 1.0, 0.0, 0.0]), np.zeros(4), 1, 0)
    >>> values.round(9).tolist()
    [1.0]
    """
    samples, features = matrix.shape
    factors = 1.0 if weights is None else weights

    def times(vector: Floats) -> Floats:
        total, flat = np.zeros(features), vector.ravel() * factors
        for _, rows in row_chunks(matrix):
            # The mean is taken off the samples and not off the products, where a large one would cancel.
            block = rows - mean
            total += (block @ flat) @ block
        return factors * total / samples

    def sparse_times(vector: Floats) -> Floats:
        flat = vector.ravel() * factors
        # The mean is taken off the fields of the samples, before they are multiplied back.
        fields = sparse.times(flat) - mean @ flat
        return factors * (sparse.into(fields) - mean * fields.sum()) / samples

    sparse = cast(Any, matrix).in_double() if isinstance(matrix, SparseRows) else cast(Any, None)
    # SciPy's types know neither keyword.
    operator = cast(Any, LinearOperator)((features, features), matvec=times if sparse is None else sparse_times,
                                         dtype=np.float64)
    first = np.random.default_rng(seed).normal(size=features)
    try:
        values, vectors = cast(Any, eigsh)(operator, count, v0=first, tol=_ACCURACY,
                                           ncv=min(features, 2 * count + _MORE_VECTORS))
    except ArpackNoConvergence as error:
        raise InputError("leading eigenvalues that Lanczos iterations can separate", f"no convergence ({error})",
                         "ask for fewer latents, or pass --solver full") from error
    order = np.argsort(values)[::-1]
    return np.maximum(values[order], 0.0), vectors[:, order]
