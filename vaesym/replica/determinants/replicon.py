"""Stability of replica symmetry against fluctuations that tell replicas apart."""

from __future__ import annotations

import sympy as sp

from vaesym.replica.determinants.problem import QuadraticProblem
from vaesym.replica.matrix import RSMatrix, inverse


def replicon_matrix(problem: QuadraticProblem) -> sp.ImmutableMatrix:
    r"""Return χG with :math:`G = (I + \eta A\chi)^{-1}A`, the matrix that decides stability.

    The replica-symmetric solution is stable iff :math:`\alpha\eta^2\max|\mathrm{eig}(\chi G)|^2 \le 1`.
    That follows from :func:`replicon_form`: its second term is the first one behind the linear map
    :math:`B \mapsto \alpha\eta^2\,\chi G B G\chi`, whose eigenvalues are αη² times the products of two
    eigenvalues of χG, and the form is negative iff none of them exceeds 1. With fields of another covariance η is
    :meth:`QuadraticProblem.noise_gain`, which raises InputError if there is no such number.
    """
    size = problem.loss.rows
    middle = sp.eye(size) + problem.noise_gain() * problem.loss * problem.susceptibility
    product = problem.susceptibility * inverse(middle) * problem.loss
    return sp.ImmutableMatrix(product.applyfunc(lambda entry: sp.cancel(sp.together(entry))))


def replicon_form(problem: QuadraticProblem, fluctuation: sp.MatrixBase) -> sp.Expr:
    r"""Return the second-order term of the exponent of :math:`E Z^n` along a replicon fluctuation.

    The overlap matrix moves by :math:`\epsilon\,r\otimes B` where r (n × n, symmetric) has a zero diagonal and zero
    row sums, which needs n ≥ 4, and B is k × k symmetric. The order ε of the exponent then vanishes. The value is its
    Taylor coefficient of ε², that is half its second derivative in ε, divided by :math:`\frac12\mathrm{tr}\,r^2`; at
    finite temperature :math:`\Delta = T\chi` it is

    .. math:: -\tfrac12\left[\mathrm{tr}(\Delta^{-1}B\Delta^{-1}B) - \alpha\eta^2\,\mathrm{tr}(G_TBG_TB)\right],
              \qquad G_T = (I+\eta A\Delta/T)^{-1}A/T .

    Negative for all B means that the replica-symmetric saddle is stable.
    """
    delta, temperature = problem.overlaps().delta, problem.temperature
    energy = problem.energy_matrix().delta
    response = (problem.loss / temperature) * inverse(energy)
    spread = inverse(delta) * fluctuation
    driven = response * problem.moved_fields(fluctuation)
    return -((spread * spread).trace() - problem.samples * (driven * driven).trace()) / 2


#: A fluctuation between four replicas: symmetric, no diagonal, rows that sum to zero; ½ tr r² = 4.
_PATTERN = sp.ImmutableMatrix([[0, 1, -1, 0], [1, 0, 0, -1], [-1, 0, 0, 1], [0, -1, 1, 0]])


def explicit_variation(problem: QuadraticProblem, fluctuation: sp.MatrixBase) -> sp.Expr:
    r"""Return the same from the explicit matrices of four replicas, by Jacobi's formula.

    The ε² coefficient of :math:`\ln\det(X+\varepsilon Y)` is :math:`-\frac12\mathrm{tr}(X^{-1}YX^{-1}Y)`; X is the
    overlap matrix (without the planted part) for the entropy and :math:`I+\mathcal C(I\otimes A)/T` for the energy.
    """
    moved = sp.kronecker_product(_PATTERN, fluctuation)
    fields = sp.kronecker_product(_PATTERN, problem.moved_fields(fluctuation))
    planted = RSMatrix(sp.zeros(problem.loss.rows), -problem.planted * problem.planted.T)
    overlaps = (problem.overlaps() + planted).inverse().explicit(4)
    energy = problem.energy_matrix().inverse().explicit(4)
    driven = fields * sp.kronecker_product(sp.eye(4), problem.loss) / problem.temperature
    spread, response = overlaps * moved, energy * driven
    second = -(spread * spread).trace() / 4 + problem.samples * (response * response).trace() / 4
    return second / 4
