"""Observables of a latent that lies along an eigenvector (Λ, o) of the sample covariance, with decoder norm Q."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.exact.minimum import optimal_encoder, optimal_variance
from vaesym.linear_vae.statement.observables import OBSERVABLES
from vaesym.linear_vae.statement.symbols import D, E, Q, R, d, m, overlap, w


def state_along_eigenvector() -> dict[sp.Symbol, sp.Expr]:
    """Return E, R, m, d, D of a latent with decoder norm Q along an eigenvector (Λ, o)."""
    gain = sp.factor(optimal_encoder() / w)
    aligned = sp.sqrt(Q) * sp.sqrt(overlap)
    return {E: gain**2 * Q, R: gain * Q, m: aligned, d: gain * aligned, D: optimal_variance()}


@cache
def along_eigenvector(expression: sp.Expr) -> sp.Expr:
    """Return an expression in the order parameters along an eigenvector, in terms of Q, Λ and o.

    >>> from vaesym.linear_vae.statement.symbols import D, Q
    >>> along_eigenvector(Q * D)
    Q*beta/(Q + beta)
    """
    return expression.subs(state_along_eigenvector(), simultaneous=True)


@cache
def observable(name: str) -> sp.Expr:
    """Return an observable over fresh data, by its API name; the overlap with the signal is positive there.

    >>> observable("signal_recovery_error")
    -2*sqrt(Q)*sqrt(o)*sqrt(rho) + Q + rho
    """
    return along_eigenvector(OBSERVABLES[name]()).replace(sp.Abs, lambda argument: argument)
