"""Products with the data of a run, and factorisations: by NumPy, or by torch on a device."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from vaesym.inputs import Floats, InputError


class Products(Protocol):
    """What is done with matrices of data; they and factors are held where that is done, vectors come and go."""

    def hold(self, matrix: Floats) -> Any:
        """Take a matrix."""
        ...

    def times(self, matrix: Any, vectors: Floats) -> Floats:
        """Return A v."""
        ...

    def back(self, matrix: Any, vectors: Floats) -> Floats:
        """Return Aᵀv."""
        ...

    def gram(self, matrix: Any, weights: Floats | None = None) -> Any:
        """Return Aᵀ diag(weights) A, held."""
        ...

    def factor(self, gram: Any, diagonal: Floats) -> Any:
        """Return the factor of G + diag(diagonal), held; raises ``LinAlgError`` where that is not positive."""
        ...

    def solve(self, factor: Any, vector: Floats) -> Floats:
        """Return the solution for a factor."""
        ...


class ByNumpy:
    """Products by NumPy."""

    def hold(self, matrix: Floats) -> Floats:
        """Return the matrix."""
        return matrix

    def times(self, matrix: Floats, vectors: Floats) -> Floats:
        """Return A v."""
        return matrix @ vectors

    def back(self, matrix: Floats, vectors: Floats) -> Floats:
        """Return Aᵀv."""
        return matrix.T @ vectors

    def gram(self, matrix: Floats, weights: Floats | None = None) -> Floats:
        """Return Aᵀ diag(weights) A."""
        return matrix.T @ (matrix if weights is None else weights[:, None] * matrix)

    def factor(self, gram: Floats, diagonal: Floats) -> Any:
        """Return the factor of G + diag(diagonal)."""
        return cho_factor(gram + np.diag(diagonal))

    def solve(self, factor: Any, vector: Floats) -> Floats:
        """Return the solution for a factor."""
        return cho_solve(factor, vector)


class ByTorch:
    """Products by torch on a device, in double precision."""

    def __init__(self, device: str) -> None:
        import torch

        self._torch, self._device = torch, device

    def hold(self, matrix: Floats) -> Any:
        """Copy a matrix to the device."""
        return self._torch.as_tensor(np.ascontiguousarray(matrix, dtype=np.float64), device=self._device)

    def _of(self, vectors: Any) -> Floats:
        return vectors.cpu().numpy()

    def times(self, matrix: Any, vectors: Floats) -> Floats:
        """Return A v."""
        return self._of(matrix @ self.hold(vectors))

    def back(self, matrix: Any, vectors: Floats) -> Floats:
        """Return Aᵀv."""
        return self._of(matrix.T @ self.hold(vectors))

    def gram(self, matrix: Any, weights: Floats | None = None) -> Any:
        """Return Aᵀ diag(weights) A, on the device."""
        return matrix.T @ (matrix if weights is None else self.hold(weights)[:, None] * matrix)

    def factor(self, gram: Any, diagonal: Floats) -> Any:
        """Return the factor of G + diag(diagonal), on the device."""
        lower, failed = self._torch.linalg.cholesky_ex(gram + self._torch.diag(self.hold(diagonal)))
        if int(failed):
            raise LinAlgError("not positive definite")
        return lower

    def solve(self, factor: Any, vector: Floats) -> Floats:
        """Return the solution for a factor."""
        return self._of(self._torch.cholesky_solve(self.hold(vector)[:, None], factor)[:, 0])


def products_on(device: str | None) -> Products:
    """Return the products by NumPy for None, and else by torch on a device.

    Raises
    ------
    vaesym.InputError
        torch is not installed, or it has no such device.

    Examples
    --------
    >>> products_on(None).times(np.eye(2), np.ones(2)).tolist()
    [1.0, 1.0]
    """
    if device is None:
        return ByNumpy()
    if find_spec("torch") is None:
        raise InputError(f"torch for the device {device!r}", "it is not installed",
                         "pip install 'vaesym[torch]', or name no device")
    found = ByTorch(device)
    try:
        found.times(found.hold(np.eye(1)), np.ones(1))
    except (RuntimeError, AssertionError, TypeError) as error:
        raise InputError("a device of this machine on which torch computes in double precision", f"{device!r}",
                         "pass cpu, or cuda where there is one") from error
    return found
