"""The replica-symmetric free energy of any loss that is quadratic in Gaussian fields."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import sympy as sp

from vaesym.inputs import InputError
from vaesym.replica.limits import per_replica, zero_temperature
from vaesym.replica.matrix import REPLICAS, RSMatrix


def _probe(size: int) -> sp.ImmutableMatrix:
    """A symmetric matrix of stand-ins for overlaps, to read off what is linear in them."""
    return sp.ImmutableMatrix(size, size, lambda i, j: sp.Symbol(f"_B_{min(i, j)}_{max(i, j)}"))


def _is_symmetric(matrix: sp.MatrixBase, size: int) -> bool:
    return matrix.shape == (size, size) and all(
        sp.cancel(matrix[i, j] - matrix[j, i]) == 0 for i in range(size) for j in range(i))


@dataclass(frozen=True)
class QuadraticProblem:
    r"""Weights in :math:`R^{N\times k}`, trained on P = αN samples whose loss is quadratic in their fields.

    Each sample shows the weights as a k-vector of fields u, centred Gaussian over the data, with loss
    :math:`\frac12 u^T A u + c`. The weights of replicas a, b overlap as :math:`\Omega_{ab}` (k × k,
    the weights' scalar products over N) and each overlaps with the planted direction as μ (k × s,
    s planted directions). Between replicas the fields covary as
    :math:`\rho\,\mu\mu^T + \eta\,\Omega_{ab}`; weight decay adds :math:`\frac{\lambda}{2} N\,\mathrm{tr}\,\Omega_{aa}`.

    Parameters
    ----------
    loss : k × k symmetric matrix A
    overlap : k × k symmetric matrix Ω of order parameters
    planted : k × s matrix μ of order parameters
    susceptibility : k × k symmetric matrix χ; at temperature T replicas differ by Tχ
    signal, noise : ρ and η; for planted directions of unequal strength ρ is the s × s diagonal matrix of them
    samples : α = P/N
    weight_decay : λ; for weights that decay at different rates the k × k symmetric matrix of them
    constant : the part c of a sample's loss that no field enters
    temperature : symbol T

    A subclass may change how the fields covary (:meth:`fields`) or how weights decay (:meth:`decay_exponent`): energy,
    determinant, replicon and conjugates follow from these.

    Raises
    ------
    InputError
        If a matrix has the wrong shape or is not symmetric, the noise is a matrix, or the loss is no matrix or holds
        functions such as a logarithm: such a loss is not quadratic in the fields.

    Examples
    --------
    >>> Q, m, chi, T = sp.symbols("Q m chi T", positive=True)
    >>> matrix = sp.ImmutableMatrix
    >>> least_squares = QuadraticProblem(loss=matrix([[1]]), overlap=matrix([[Q]]), planted=matrix([[m]]),
    ...     susceptibility=matrix([[chi]]), signal=sp.S.One, noise=sp.S.One, samples=sp.Integer(2),
    ...     weight_decay=sp.S.One, constant=sp.S.Zero, temperature=T)
    >>> least_squares.field_determinant()
    chi + 1
    """

    loss: sp.ImmutableMatrix
    overlap: sp.ImmutableMatrix
    planted: sp.ImmutableMatrix
    susceptibility: sp.ImmutableMatrix
    signal: sp.Expr | sp.ImmutableMatrix
    noise: sp.Expr
    samples: sp.Expr
    weight_decay: sp.Expr | sp.ImmutableMatrix
    constant: sp.Expr
    temperature: sp.Symbol

    def __post_init__(self) -> None:
        loss: Any = self.loss
        if not isinstance(loss, sp.MatrixBase) or loss.has(sp.Function):
            raise InputError("a k × k matrix A without functions, for the loss ½ uᵀAu + c", str(loss),
                             "state a loss that is not quadratic as a vaesym.problem.Problem, and derive it")
        if isinstance(self.noise, sp.MatrixBase):
            raise InputError("one noise strength for all fields", str(self.noise),
                             "override fields() to say how the fields covary")
        size = self.loss.rows
        for name in ("loss", "overlap", "susceptibility", "weight_decay"):
            matrix = getattr(self, name)
            if isinstance(matrix, sp.MatrixBase) and not _is_symmetric(matrix, size):
                raise InputError(f"a symmetric {size} × {size} matrix as {name}", str(matrix),
                                 "a quadratic form has a symmetric matrix: give the mean of it and its transpose")
        if self.planted.rows != size:
            raise InputError(f"planted overlaps with {size} rows, one a field", f"{self.planted.rows} rows",
                             "give a k × s matrix")

    def overlaps(self) -> RSMatrix:
        """The overlap matrix of n replicas: Ω between replicas, Ω + Tχ within one."""
        return RSMatrix(sp.ImmutableMatrix(self.temperature * self.susceptibility), self.overlap)

    def fields(self) -> RSMatrix:
        """The covariance of the fields of n replicas over the data."""
        size, directions = self.loss.rows, self.planted.cols
        strength = self.signal if isinstance(self.signal, sp.MatrixBase) else self.signal * sp.eye(directions)
        planted = sp.ImmutableMatrix(self.planted * strength * self.planted.T)
        return self.overlaps().scale(self.noise) + RSMatrix(sp.zeros(size), planted)

    def entropy_exponent(self) -> sp.Expr:
        r"""Log-number of weights over N: :math:`\frac12\ln\det(\mathbf{\Omega} - \mu\mu^T\otimes 11^T)`.

        It is the volume of k n vectors whose components orthogonal to the planted directions have the
        given scalar products; constants drop.
        """
        planted = RSMatrix(sp.zeros(self.loss.rows), -self.planted * self.planted.T)
        return (self.overlaps() + planted).log_det() / 2

    def energy_matrix(self) -> RSMatrix:
        r"""The matrix :math:`I + \mathcal{C}(I_n\otimes A)/T` whose determinant averages one sample."""
        coupling = self.fields() @ RSMatrix.diagonal(self.loss).scale(1 / self.temperature)
        return RSMatrix.identity(self.loss.rows) + coupling

    def energy_exponent(self) -> sp.Expr:
        r"""Log of the data average of :math:`\exp(-\frac1T\sum_a \ell_a)` for one sample.

        A Gaussian integral: :math:`-\frac12\ln\det(I + \mathcal{C}(I\otimes A)/T) - n c/T`.
        """
        return -self.energy_matrix().log_det() / 2 - REPLICAS * self.constant / self.temperature

    def decay_exponent(self) -> sp.Expr:
        """Weight decay of all replicas over N, in units of the temperature."""
        decay = self.weight_decay if isinstance(self.weight_decay, sp.MatrixBase) else (
            self.weight_decay * sp.eye(self.loss.rows))
        return -(RSMatrix.diagonal(sp.ImmutableMatrix(decay)) @ self.overlaps()).trace() / (2 * self.temperature)

    def decay_matrix(self) -> sp.ImmutableMatrix:
        r"""The matrix Λ of a weight decay :math:`\frac12\mathrm{tr}\,\Lambda\Omega_{aa}`, read off the exponent.

        Raises
        ------
        InputError
            If the weight decay is no such trace.
        """
        size, probe = self.loss.rows, _probe(self.loss.rows)
        trace = sp.expand(-2 * self._on_overlaps(probe).decay_exponent() / REPLICAS)
        slopes = sp.ImmutableMatrix(
            size, size, lambda i, j: sp.diff(trace, probe[i, j]) / (1 if i == j else 2))
        if sp.expand(trace - (slopes * probe).trace()) != 0 or slopes.has(*probe.free_symbols):
            raise InputError("a weight decay that is linear in the overlaps of a replica", str(trace),
                             "write any other penalty as a vaesym.problem.Problem")
        return slopes

    def moved_fields(self, moved: sp.MatrixBase) -> sp.ImmutableMatrix:
        """The covariance by which the fields move if the overlaps move by a k × k symmetric matrix."""
        delta = self._on_overlaps(sp.ImmutableMatrix(moved)).fields().delta / self.temperature
        return sp.ImmutableMatrix(delta.applyfunc(sp.cancel))

    def noise_gain(self) -> sp.Expr:
        """The number by which overlaps that move are multiplied in the covariance of the fields: η, unless overridden.

        Raises
        ------
        InputError
            If there is no such number, since the fields do not share one noise.
        """
        size, probe = self.loss.rows, _probe(self.loss.rows)
        gain = sp.cancel(self.moved_fields(probe)[0, 0] / probe[0, 0])
        if (self.moved_fields(probe) - gain * probe).applyfunc(sp.cancel) != sp.zeros(size):
            raise InputError("fields that share one noise", str(self.moved_fields(probe)),
                             "use replicon_form, which needs no common factor")
        return gain

    def _on_overlaps(self, moved: sp.ImmutableMatrix) -> QuadraticProblem:
        """The problem with these susceptibilities and without overlaps."""
        size = self.loss.rows
        return dataclasses.replace(self, susceptibility=moved, overlap=sp.ImmutableMatrix(sp.zeros(size)),
                                   planted=sp.ImmutableMatrix(sp.zeros(*self.planted.shape)))

    def field_determinant(self) -> sp.Expr:
        r"""Return det(I + ηAχ), positive where the data average of a sample exists.

        Within a replica the fields vary by ηTχ, ``fields().delta``, so the Gaussian integral over them converges iff
        :math:`\chi^{-1} + \eta A \succ 0`. Together with χ ≻ 0 that is what singles out the physical solutions:
        where the samples are fewer than the dimensions, χ ≻ 0 alone also admits saddles inside the gap of the
        spectrum of the data.
        """
        within = self.energy_matrix().delta.applyfunc(lambda entry: sp.cancel(entry).subs(self.temperature, 0))
        return within.det()

    def replicated_exponent(self) -> sp.Expr:
        r"""The exponent of :math:`E Z^n`, over N, at the saddle of the overlaps."""
        return self.entropy_exponent() + self.decay_exponent() + self.samples * self.energy_exponent()

    def free_part(self, exponent: sp.Expr, *, factored: bool = True) -> sp.Expr:
        """Return what a part of the exponent contributes to the free energy: n → 0, then T → 0."""
        return zero_temperature(-self.temperature * per_replica(exponent), self.temperature, factored=factored)

    def free_energy(self, *, factored: bool = True) -> sp.Expr:
        r"""The function whose extremum is :math:`f = -\lim \frac{T}{N} E\ln Z` at T → 0.

        Computed by the moves of the method: exponent of :math:`E Z^n`, derivative at n = 0, limit T → 0,
        term by term; in factors unless ``factored`` is False.
        """
        parts = (self.entropy_exponent(), self.decay_exponent(), self.samples * self.energy_exponent())
        return sp.Add(*[self.free_part(part, factored=factored) for part in parts])
