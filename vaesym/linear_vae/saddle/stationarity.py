"""The nine stationarity equations of the free energy, their Jacobian, and the replicon."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.saddle.free_energy import free_energy, problem
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.symbols import ORDER_PARAMETERS, D
from vaesym.replica import replicon_matrix


@cache
def stationarity_equations(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    """Return the gradient of f with respect to the nine order parameters (9 × 1), which must vanish."""
    return sp.ImmutableMatrix([sp.diff(free_energy(stated), symbol) for symbol in ORDER_PARAMETERS])


@cache
def stationarity_jacobian(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    """Return the Jacobian of the nine equations, the Hessian of f (9 × 9, symmetric)."""
    gradient = stationarity_equations(stated)
    rows = [[sp.diff(gradient[i], ORDER_PARAMETERS[j]) for j in range(i, 9)] for i in range(9)]
    return sp.ImmutableMatrix(9, 9, lambda i, j: rows[min(i, j)][max(i, j) - min(i, j)])


def posterior_variance(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the D that solves its stationarity equation, in terms of β and Q."""
    (solution,) = sp.solve(stationarity_equations(stated)[ORDER_PARAMETERS.index(D)], D)
    return solution


@cache
def replicon(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    """Return χG, whose eigenvalues decide the stability of replica symmetry: αη² max|eig|² ≤ 1."""
    return replicon_matrix(problem(stated))


def field_determinant(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return det(I + ηAχ), which must be positive for the average over a sample to exist."""
    return sp.factor(problem(stated).field_determinant())
