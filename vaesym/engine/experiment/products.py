"""Products with the data of runs, and factorisations: by NumPy, or by torch on a device.

Everything is stacked along a first axis, over runs, and no run depends on those beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from scipy.linalg import get_lapack_funcs

from vaesym.inputs import Floats, InputError, require

_potrf, _potrs = get_lapack_funcs(("potrf", "potrs"), dtype=np.float64)


class Products(Protocol):
    """What is done with matrices of data; they and factors are held where that is done, vectors come and go."""

    def hold(self, matrices: Floats) -> Any:
        """Take matrices (R, P, n)."""
        ...

    def some(self, held: Any, rows: Any) -> Any:
        """Return what is held of some runs, by a mask (R,)."""
        ...

    def times(self, held: Any, vectors: Floats) -> Floats:
        """Return A v of vectors (R, n) or (R, n, k)."""
        ...

    def back(self, held: Any, vectors: Floats) -> Floats:
        """Return Aᵀv of vectors (R, P) or (R, P, k)."""
        ...

    def gram(self, held: Any, weights: Floats | None = None, other: Any = None) -> Any:
        """Return Aᵀ diag(weights) B, held; B is A, and its weights (R, P) ≥ 0, unless there is another."""
        ...

    def factor(self, blocks: Sequence[Sequence[Any]], diagonal: Floats) -> tuple[Any, Any]:
        """Return the factor of G + diag(diagonal), and for which runs that is positive definite.

        ``blocks`` are the blocks of G on its diagonal and to the right of it.
        """
        ...

    def solve(self, factor: Any, vectors: Floats) -> Floats:
        """Return the solutions (R, n) for a factor."""
        ...


class ByNumpy:
    """Products by NumPy."""

    def hold(self, matrices: Floats) -> Floats:
        """Return the matrices."""
        return matrices

    def some(self, held: Floats, rows: Any) -> Floats:
        """Return those of some runs."""
        return held[rows]

    def times(self, held: Floats, vectors: Floats) -> Floats:
        """Return A v."""
        return held @ vectors if vectors.ndim == 3 else (held @ vectors[..., None])[..., 0]

    def back(self, held: Floats, vectors: Floats) -> Floats:
        """Return Aᵀv."""
        return self.times(held.swapaxes(1, 2), vectors)

    def gram(self, held: Floats, weights: Floats | None = None, other: Floats | None = None) -> Floats:
        """Return Aᵀ diag(weights) B; by the half of the products if B is A."""
        found = np.empty((len(held), held.shape[2], (held if other is None else other).shape[2]))
        for i, (left, into) in enumerate(zip(held, found, strict=True)):
            if other is not None:
                np.matmul(left.T, other[i] if weights is None else weights[i, :, None] * other[i], out=into)
                continue
            scaled = left if weights is None else np.sqrt(np.maximum(weights[i], 0))[:, None] * left
            np.matmul(scaled.T, scaled, out=into)
        return found

    def factor(self, blocks: Sequence[Sequence[Floats]], diagonal: Floats) -> tuple[Floats, Any]:
        """Return the Cholesky factor of each run."""
        ends = np.cumsum([0, *[row[0].shape[1] for row in blocks]])
        found = np.zeros((len(diagonal), ends[-1], ends[-1]))
        positive = np.zeros(len(diagonal), bool)
        for i, row in enumerate(blocks):
            for j, block in enumerate(row, i):
                found[:, ends[i]:ends[i + 1], ends[j]:ends[j + 1]] = block
        for i, matrix in enumerate(found):
            # LAPACK sees the transposed matrix, and so the half that is filled as its lower one.
            np.fill_diagonal(matrix, matrix.diagonal() + diagonal[i])
            _, failed = _potrf(matrix.T, lower=1, clean=0, overwrite_a=1)
            positive[i] = not failed and np.isfinite(matrix.diagonal()).all()
        return found, positive

    def solve(self, factor: Floats, vectors: Floats) -> Floats:
        """Return the solutions."""
        return np.stack([_potrs(matrix.T, vector, lower=1)[0] for matrix, vector in zip(factor, vectors, strict=True)])


class ByTorch:
    """Products by torch on a device, in double precision."""

    def __init__(self, device: str) -> None:
        import torch

        self._torch, self._device = torch, device

    def hold(self, matrices: Floats) -> Any:
        """Copy matrices to the device."""
        return self._torch.as_tensor(np.ascontiguousarray(matrices, dtype=np.float64), device=self._device)

    def some(self, held: Any, rows: Any) -> Any:
        """Return those of some runs."""
        return held[self._torch.as_tensor(rows, device=self._device)]

    def times(self, held: Any, vectors: Floats) -> Floats:
        """Return A v."""
        given = self.hold(vectors)
        found = held @ given if given.ndim == 3 else (held @ given[..., None])[..., 0]
        return found.cpu().numpy()

    def back(self, held: Any, vectors: Floats) -> Floats:
        """Return Aᵀv."""
        return self.times(held.transpose(1, 2), vectors)

    def gram(self, held: Any, weights: Floats | None = None, other: Any = None) -> Any:
        """Return Aᵀ diag(weights) B, on the device."""
        right = held if other is None else other
        return held.transpose(1, 2) @ (right if weights is None else self.hold(weights)[..., None] * right)

    def factor(self, blocks: Sequence[Sequence[Any]], diagonal: Floats) -> tuple[Any, Any]:
        """Return the Cholesky factors, on the device."""
        torch = self._torch
        rows = [torch.cat([*[above[i - j].transpose(1, 2) for j, above in enumerate(blocks[:i])], *row], dim=2)
                for i, row in enumerate(blocks)]
        lower, failed = torch.linalg.cholesky_ex(torch.cat(rows, dim=1) + torch.diag_embed(self.hold(diagonal)))
        sound = torch.isfinite(lower.diagonal(dim1=1, dim2=2)).all(dim=1)
        return lower, (sound & (failed == 0)).cpu().numpy()

    def solve(self, factor: Any, vectors: Floats) -> Floats:
        """Return the solutions."""
        return self._torch.cholesky_solve(self.hold(vectors)[..., None], factor)[..., 0].cpu().numpy()


def products_on(device: str | None) -> Products:
    """Return the products by NumPy for None, and else by torch on a device.

    Raises
    ------
    vaesym.InputError
        torch is not installed, or it has no such device.

    Examples
    --------
    >>> products_on(None).times(np.eye(2)[None], np.ones((1, 2))).tolist()
    [[1.0, 1.0]]
    """
    if device is None:
        return ByNumpy()
    require("torch", f"the device {device!r}", "torch")
    found = ByTorch(device)
    try:
        found.times(found.hold(np.eye(1)[None]), np.ones((1, 1)))
    except (RuntimeError, AssertionError, TypeError) as error:
        raise InputError("a device of this machine on which torch computes in double precision", f"{device!r}",
                         "pass cpu, or cuda where there is one") from error
    return found
