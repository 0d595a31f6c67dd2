r"""Finite-size fluctuations of the outlier and its eigenvector, and the error bars that follow.

Let y be the P components of the samples along the signal, of variance ℓ = ρ+η, and K the P × P Gram matrix of all
other components over P. The outlier Λ solves q(Λ) = 1 with :math:`q(\zeta) = \frac1P y^T(\zeta - K)^{-1}y`, and its
squared overlap is o = −1/(Λ q'(Λ)) (Schur complement). To leading order q fluctuates through y alone.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.model.exact import stationarity_cubic
from vaesym.model.random_matrix import inverse_resolvent, sample_eigenvalue
from vaesym.model.symbols import (
    Q,
    alpha,
    beta,
    companion,
    eigenvalue,
    eta,
    lam,
    overlap,
    population,
    resolvent,
    rho,
    spectral,
    sym,
)

samples = sym("samples")


def companion_of_resolvent() -> sp.Expr:
    """Return u(ζ) = tr(K − ζ)⁻¹/P in terms of g: K has the eigenvalues of S, and P − N more that vanish."""
    return -(resolvent / alpha + (1 - 1 / alpha) / spectral)


def companion_residual() -> sp.Expr:
    """Return ζ + 1/u − (η/α)/(1+ηu) on the spectrum's equation, with g as the parameter; it vanishes."""
    at = inverse_resolvent()
    u = companion_of_resolvent().xreplace({spectral: at})
    return sp.cancel(sp.together(at + 1 / u - (eta / alpha) / (1 + eta * u)))


def companion_inverse() -> sp.Expr:
    """Return ζ(u), and check that the resolvent solves it."""
    if companion_residual() != 0:
        raise ArithmeticError(f"expected the companion's equation; received {companion_residual()}; "
                              "mend fluctuations.py")
    return -1 / companion + (eta / alpha) / (1 + eta * companion)


@cache
def companion_derivatives() -> tuple[sp.Expr, ...]:
    """Return (u', u'', u''') at the outlier, in terms of ℓ: u is the inverse of ζ(u), and u = −1/ℓ there."""
    slope = 1 / sp.diff(companion_inverse(), companion)
    chain = [slope]
    for _ in range(2):
        chain.append(sp.cancel(sp.together(sp.diff(chain[-1], companion) * slope)))
    return tuple(sp.factor(term.subs(companion, -1 / population)) for term in chain)


def quadratic_form_variance() -> sp.Expr:
    r"""Return the variance of gᵀBg over standard normal g (2 × 2), from its cumulants −½ ln det(1 − 2tB)."""
    t = sp.Symbol("t", real=True)
    entries = sp.symbols("B_11 B_12 B_22", real=True)
    form = sp.Matrix([[entries[0], entries[1]], [entries[1], entries[2]]])
    cumulants = -sp.log((sp.eye(2) - 2 * t * form).det()) / 2
    return sp.expand(sp.diff(cumulants, t, 2).subs(t, 0))


@cache
def covariance() -> sp.ImmutableMatrix:
    """Return P times the covariance of (Λ, o), in terms of ℓ, by linear response of q(Λ) = 1 and o = −1/(Λq')."""
    ell, top = population, sample_eigenvalue(population)
    first, second, third = companion_derivatives()
    noise = sp.Matrix([[2 * ell**2 * first, ell**2 * second], [ell**2 * second, ell**2 * third / 3]])
    # q̄ = −ℓu: to first order δΛ = ξ/(ℓu') and δq' = −ℓu''δΛ + ξ', with noise (ξ, ξ') in q and q'.
    shift = sp.Matrix([[1 / (ell * first), 0]])
    slope = -ell * second * shift + sp.Matrix([[0, 1]])
    squared = 1 / (top * ell * first)
    response = sp.Matrix.vstack(shift, squared * (slope / (ell * first) - shift / top))
    return sp.ImmutableMatrix((response * noise * response.T).applyfunc(lambda e: sp.factor(sp.cancel(sp.together(e)))))


def signal_covariance() -> sp.ImmutableMatrix:
    """Return the covariance of (Λ, o) in terms of ρ, η, α and P."""
    return sp.ImmutableMatrix((covariance() / samples).xreplace({population: rho + eta}).applyfunc(sp.factor))


def overlap_from_schur() -> sp.Expr:
    """Return o = −1/(Λq'(Λ)) = 1/(Λℓu') at ℓ = ρ+η; it is the overlap of the replica method."""
    top = sample_eigenvalue(population)
    return sp.factor((1 / (top * population * companion_derivatives()[0])).xreplace({population: rho + eta}))


@cache
def norm_response() -> sp.Expr:
    """Return dQ/dΛ of the active state, by the implicit function theorem on the cubic."""
    cubic = stationarity_cubic().as_expr()
    return sp.factor(sp.cancel(-sp.diff(cubic, eigenvalue) / sp.diff(cubic, Q)))


def error_bar(observable: sp.Expr) -> sp.Expr:
    """Return the variance of an observable of (Q, Λ, o), by the delta method on the covariance of (Λ, o)."""
    return _propagate(observable, norm_response())


def error_bar_without_decay(observable: sp.Expr) -> sp.Expr:
    """Return the same without weight decay, where Q = Λ − β and dQ/dΛ = 1."""
    response = sp.cancel(norm_response().subs(lam, 0).subs(beta, eigenvalue - Q))
    return _propagate(observable, response)


def _propagate(observable: sp.Expr, response: sp.Expr) -> sp.Expr:
    slope = sp.diff(observable, eigenvalue) + sp.diff(observable, Q) * response
    gradient = sp.Matrix([[slope, sp.diff(observable, overlap)]])
    return (gradient * signal_covariance() * gradient.T)[0, 0]
