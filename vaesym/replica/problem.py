"""The replica-symmetric free energy of any loss that is quadratic in Gaussian fields."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from vaesym.replica.limits import per_replica, zero_temperature
from vaesym.replica.matrix import REPLICAS, RSMatrix


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
    weight_decay : λ
    constant : the part c of a sample's loss that no field enters
    temperature : symbol T
    """

    loss: sp.ImmutableMatrix
    overlap: sp.ImmutableMatrix
    planted: sp.ImmutableMatrix
    susceptibility: sp.ImmutableMatrix
    signal: sp.Expr | sp.ImmutableMatrix
    noise: sp.Expr
    samples: sp.Expr
    weight_decay: sp.Expr
    constant: sp.Expr
    temperature: sp.Symbol

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
        return -self.weight_decay * self.overlaps().trace() / (2 * self.temperature)

    def field_determinant(self) -> sp.Expr:
        r"""Return det(I + ηAχ), positive where the data average of a sample exists.

        Within a replica the fields vary by ηTχ, so the Gaussian integral over them converges iff
        :math:`\chi^{-1} + \eta A \succ 0`. Together with χ ≻ 0 that is what singles out the physical solutions:
        where the samples are fewer than the dimensions, χ ≻ 0 alone also admits saddles inside the gap of the
        spectrum of the data.
        """
        return (sp.eye(self.loss.rows) + self.noise * self.loss * self.susceptibility).det()

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
