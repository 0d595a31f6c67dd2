"""Limits and consequences of the exact solution: large data, and the best β."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.model.collapse import collapse_threshold
from vaesym.model.data import outlier
from vaesym.model.exact import stationarity_cubic
from vaesym.model.symbols import Q, alpha, beta, eigenvalue, rho


def large_data_threshold() -> sp.Expr:
    """Return the limit α → ∞ of the collapse threshold, ρ + η whatever λ is."""
    return sp.factor(sp.limit(collapse_threshold().xreplace({eigenvalue: outlier()[0]}), alpha, sp.oo))


def large_data_norm() -> sp.Expr:
    """Return the limit α → ∞ of Q below the threshold, ρ + η − β."""
    cubic = stationarity_cubic().as_expr().xreplace({eigenvalue: outlier()[0]})
    leading = sp.Poly(sp.numer(sp.together(cubic)), alpha).LC()
    solutions = sp.solve(leading, Q)
    return next(s for s in solutions if s != -beta)


def large_data_recovery_error() -> sp.Expr:
    """Return the limit α → ∞ of ε below the threshold: (√ρ − √(ρ+η−β))²."""
    return (sp.sqrt(rho) - sp.sqrt(large_data_norm())) ** 2


@cache
def optimal_beta_coefficients() -> tuple[sp.Expr, ...]:
    r"""Return the stationarity condition at given Q as a polynomial in β, highest power first.

    The recovery error is least where Q = ρo, so its roots at Q = ρo are the candidates for the best β.
    """
    polynomial = sp.Poly(sp.expand(stationarity_cubic().as_expr()), beta)
    return tuple(sp.factor(coefficient) for coefficient in polynomial.all_coeffs())
