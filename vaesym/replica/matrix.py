"""Replica-symmetric block matrices and their closed algebra at symbolic number of replicas n."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp

#: The number of replicas. Positive here; the analytic continuation to 0 is a step of its own.
REPLICAS = sp.Symbol("n", positive=True)


def inverse(matrix: sp.ImmutableMatrix) -> sp.ImmutableMatrix:
    """Return the inverse of a symbolic matrix as its adjugate over its determinant.

    SymPy's own first tries hard to show that the determinant is not zero.

    Raises
    ------
    ValueError
        If the determinant vanishes as a polynomial of the entries.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> inverse(sp.ImmutableMatrix([[a, 1], [1, b]]))
    Matrix([
    [ b/(a*b - 1), -1/(a*b - 1)],
    [-1/(a*b - 1),  a/(a*b - 1)]])
    """
    determinant = matrix.det(method="berkowitz")
    if sp.expand(determinant) == 0:
        raise ValueError(f"expected a matrix with an inverse; received {matrix}, which is not invertible; "
                         "give independent rows")
    return sp.ImmutableMatrix(matrix.adjugate() / determinant)


@dataclass(frozen=True)
class RSMatrix:
    r"""The matrix :math:`I_n \otimes \Delta + 1 1^T \otimes O` for n replicas of a k-vector.

    ``delta`` is what distinguishes a replica from the others, ``off`` is what all pairs share: the
    diagonal blocks are Δ + O, the others O. Such matrices are closed under sums, products and
    inverses, because :math:`11^T` is n times a projector that commutes with everything.

    Parameters
    ----------
    delta, off : k × k matrices of SymPy expressions
    replicas : the symbol (or number) n

    Raises
    ------
    ValueError
        If the blocks are not square or differ in size.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> RSMatrix(sp.Matrix([[a]]), sp.Matrix([[b]])).log_det()
    (n - 1)*log(a) + log(a + b*n)
    """

    delta: sp.ImmutableMatrix
    off: sp.ImmutableMatrix
    replicas: sp.Expr = field(default=REPLICAS)

    def __post_init__(self) -> None:
        for name in ("delta", "off"):
            block = sp.ImmutableMatrix(getattr(self, name))
            object.__setattr__(self, name, block)
            if block.rows != block.cols:
                raise ValueError(f"expected a square block {name}; received {block.shape}; pass k x k blocks")
        if self.delta.shape != self.off.shape:
            raise ValueError(f"expected blocks of one size; received delta {self.delta.shape} and "
                             f"off {self.off.shape}; pass two k x k blocks")
        object.__setattr__(self, "replicas", sp.sympify(self.replicas))

    @classmethod
    def identity(cls, size: int, replicas: sp.Expr = REPLICAS) -> RSMatrix:
        """The identity on n replicas of a ``size``-vector."""
        return cls(sp.eye(size), sp.zeros(size), replicas)

    @classmethod
    def diagonal(cls, block: sp.MatrixBase, replicas: sp.Expr = REPLICAS) -> RSMatrix:
        """The same block for every replica, nothing between replicas."""
        return cls(sp.ImmutableMatrix(block), sp.zeros(block.rows), replicas)

    @property
    def size(self) -> int:
        """The size k of a block."""
        return int(self.delta.rows)

    @property
    def uniform(self) -> sp.ImmutableMatrix:
        """The block Δ + nO that acts on vectors equal in all replicas."""
        return sp.ImmutableMatrix(self.delta + self.replicas * self.off)

    def _same_replicas(self, other: RSMatrix) -> None:
        if self.replicas != other.replicas or self.size != other.size:
            raise ValueError(
                f"expected two matrices with the same n and block size; received n = {self.replicas}, "
                f"k = {self.size} and n = {other.replicas}, k = {other.size}; build both alike")

    def __add__(self, other: RSMatrix) -> RSMatrix:
        self._same_replicas(other)
        return RSMatrix(self.delta + other.delta, self.off + other.off, self.replicas)

    def __matmul__(self, other: RSMatrix) -> RSMatrix:
        self._same_replicas(other)
        off = self.delta * other.off + self.off * other.delta + self.replicas * self.off * other.off
        return RSMatrix(self.delta * other.delta, off, self.replicas)

    def scale(self, factor: sp.Expr | int) -> RSMatrix:
        """Multiply by a number."""
        return RSMatrix(self.delta * factor, self.off * factor, self.replicas)

    def inverse(self) -> RSMatrix:
        r"""The inverse, :math:`\Delta^{-1}` and :math:`-\Delta^{-1} O (\Delta + nO)^{-1}`."""
        delta = inverse(self.delta)
        return RSMatrix(delta, -delta * self.off * inverse(self.uniform), self.replicas)

    def trace(self) -> sp.Expr:
        """The trace, n tr(Δ + O)."""
        return self.replicas * (self.delta + self.off).trace()

    def log_det(self) -> sp.Expr:
        r"""The log-determinant, :math:`(n-1)\ln\det\Delta + \ln\det(\Delta + nO)`.

        The k directions equal in all replicas carry Δ + nO, the other (n − 1)k carry Δ.
        """
        # Above three rows SymPy's own choice simplifies at every step of an elimination.
        method = "bareiss" if self.size < 4 else "domain-ge"
        delta, uniform = (block.det(method=method) for block in (self.delta, self.uniform))
        return (self.replicas - 1) * sp.log(delta) + sp.log(uniform)

    def quadratic_form(self, source: sp.MatrixBase) -> sp.Expr:
        r"""The value :math:`s^T K s` for a source s equal to ``source`` (k × 1) in every replica.

        Raises
        ------
        ValueError
            If the source is no column of k entries.
        """
        if source.shape != (self.size, 1):
            raise ValueError(f"expected a source of shape {(self.size, 1)}; received {source.shape}; pass one column, "
                             "and several one by one")
        return self.replicas * (source.T * self.uniform * source)[0, 0]

    def explicit(self, replicas: int) -> sp.ImmutableMatrix:
        """The (nk) × (nk) matrix itself, at a whole number of replicas.

        Raises
        ------
        ValueError
            If there is no replica, or the matrix was built for another number of them.
        """
        if replicas < 1 or not (self.replicas.is_Symbol or self.replicas == replicas):
            raise ValueError(f"expected at least one replica, and the n = {self.replicas} of this matrix unless that "
                             f"is a symbol; received {replicas}; build the matrix at symbolic n")
        at_n: dict[Any, Any] = {self.replicas: sp.Integer(replicas)}
        delta, off = self.delta.xreplace(at_n), self.off.xreplace(at_n)
        return sp.ImmutableMatrix(
            sp.kronecker_product(sp.eye(replicas), delta) + sp.kronecker_product(sp.ones(replicas), off))
