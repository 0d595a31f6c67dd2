"""The entropy through conjugate variables: delta functions, Fourier representation, one-site integral."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from vaesym.replica.determinants.problem import QuadraticProblem
from vaesym.replica.limits import per_replica, zero_temperature
from vaesym.replica.matrix import REPLICAS, RSMatrix


@dataclass(frozen=True)
class ConjugateEntropy:
    r"""Entropy and weight decay of a :class:`QuadraticProblem` written with conjugate ("hatted") variables.

    The overlaps are fixed by delta functions. Their Fourier variables are taken replica symmetric:
    :math:`\hat G/T` for the overlap within a replica, :math:`-\hat\chi/T^2` for all pairs and
    :math:`\hat\mu/T` for the planted overlap. The weights then decouple over the N sites and each site
    is a Gaussian integral with weight decay as its prior.

    Parameters
    ----------
    problem : the problem whose entropy is meant
    precision : k × k symmetric matrix Ĝ
    variance : k × k symmetric matrix χ̂
    drive : k × s matrix μ̂
    """

    problem: QuadraticProblem
    precision: sp.ImmutableMatrix
    variance: sp.ImmutableMatrix
    drive: sp.ImmutableMatrix

    def site_matrix(self) -> RSMatrix:
        """The inverse covariance of the weights of n replicas at one site."""
        problem, temperature = self.problem, self.problem.temperature
        delta = (problem.decay_matrix() + self.precision) / temperature
        return RSMatrix(delta, -self.variance / temperature**2)

    def site_exponent(self) -> sp.Expr:
        """Log of the one-site integral: the determinant and the planted drive."""
        site = self.site_matrix()
        inverse = site.inverse()
        driven = sum((inverse.quadratic_form(self.drive.col(s)) for s in range(self.drive.cols)), sp.S.Zero)
        return -site.log_det() / 2 + driven / (2 * self.problem.temperature**2)

    def coupling_exponent(self) -> sp.Expr:
        """The Fourier phases: conjugates times the overlaps that they fix."""
        problem, temperature = self.problem, self.problem.temperature
        overlaps = problem.overlaps()
        within = (self.precision * (overlaps.delta + overlaps.off)).trace() / (2 * temperature)
        pairs = (self.variance * overlaps.uniform).trace() / (2 * temperature**2)
        planted = (self.drive.T * problem.planted).trace() / temperature
        return REPLICAS * (within - pairs - planted)

    def free_part(self) -> sp.Expr:
        """Contribution to the free energy at n → 0, T → 0; its extremum over the hats is the entropy's."""
        temperature = self.problem.temperature
        exponents = (self.site_exponent(), self.coupling_exponent())
        return sp.Add(*[zero_temperature(-temperature * per_replica(e), temperature) for e in exponents])
