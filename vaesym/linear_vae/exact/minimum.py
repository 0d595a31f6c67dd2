r"""The exact global minimum for any data, by elimination: the potential Φ(Q) of one latent.

Per unit N and along one eigenvector of the sample covariance, with eigenvalue Λ and components w, v of the
weights, the loss summed over the samples is a function of (w, v, D). Eliminating D, then v, leaves Q = w².
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.loss import loss_constant, loss_matrix
from vaesym.linear_vae.statement.symbols import D, Q, alpha, beta, eigenvalue, lam, v, w


@cache
def direction_loss(stated: Assumptions = STANDARD) -> sp.Expr:
    r"""Return R/N for weights along one eigenvector: fields (k, h) with second moments Λ(w², wv, v²).

    ``Q`` in the loss matrix is kept as a symbol; it equals w² where all of W lies along the eigenvector.
    """
    weights = sp.Matrix([w, v])
    fields = (weights.T * loss_matrix(stated) * weights)[0, 0] * eigenvalue / 2
    return sp.expand(alpha * (fields + loss_constant(stated)) + lam * (w**2 + v**2) / 2)


@cache
def optimal_variance(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the D that minimises the loss, β/(Q+β)."""
    (solution,) = sp.solve(sp.diff(direction_loss(stated), D), D)
    return solution


@cache
def optimal_encoder(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the encoder component v that minimises the loss at given w: w/(Q+κ) with κ = β + λ/(αΛ)."""
    (solution,) = sp.solve(sp.diff(direction_loss(stated), v), v)
    return sp.factor(solution)


@cache
def decoder_loss(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return R/N with D and v eliminated, still with w² and Q apart."""
    reduced = direction_loss(stated).subs({v: optimal_encoder(stated)}).subs({D: optimal_variance(stated)})
    return sp.Add(*[t if t.has(sp.log) else sp.cancel(sp.together(t)) for t in sp.Add.make_args(sp.expand(reduced))])


@cache
def potential(stated: Assumptions = STANDARD) -> sp.Expr:
    r"""Return Φ(Q), whose least value is what a latent gains: R_min/N = Σ Φ(Q_l)."""
    # R/N falls with Λ at fixed w (see eigenvector_gain), so all of W lies along the top eigenvector: w² = Q.
    expression = sp.expand(decoder_loss(stated).subs(w, sp.sqrt(Q)))
    rational, logarithms = forms.split(expression)
    return sp.cancel(sp.together(rational)) + sp.factor(sp.logcombine(logarithms))


@cache
def eigenvector_gain() -> sp.Expr:
    r"""Return the derivative of the reduced loss with respect to Λ at fixed w and Q; it is negative.

    So, at given Q, weight moved from an eigenvector to one of larger eigenvalue always lowers the loss.
    """
    rational, _ = forms.split(decoder_loss())
    return sp.factor(sp.diff(rational, eigenvalue))


@cache
def stationarity_cubic(stated: Assumptions = STANDARD) -> sp.Poly:
    r"""Return the polynomial in Q whose positive roots are the stationary points of Φ.

    The numerator of Φ'(Q), normalised so that its leading coefficient is λ.
    """
    numerator = sp.Poly(sp.numer(sp.together(sp.diff(potential(stated), Q))), Q)
    return sp.Poly(sp.cancel(numerator.as_expr() * lam / numerator.LC()), Q)


@cache
def norm_without_decay() -> sp.Expr:
    """Return Q at λ = 0, the root of the cubic that is positive below the threshold."""
    return next(root for root in sp.solve(stationarity_cubic().as_expr().subs(lam, 0), Q) if root.has(eigenvalue))


def norm_derivative(parameter: sp.Symbol) -> sp.Expr:
    """Return ∂Q/∂(parameter) of an active state, by the implicit function theorem on the cubic."""
    cubic = stationarity_cubic().as_expr()
    return -sp.diff(cubic, parameter) / sp.diff(cubic, Q)


@cache
def curvature() -> sp.Expr:
    """Return Φ''(Q), positive at a local minimum."""
    return sp.cancel(sp.together(sp.diff(potential(), Q, 2)))


@cache
def root_discriminant() -> sp.Expr:
    r"""Return the discriminant of the cubic over its positive factor αΛκ; positive iff all three roots are real."""
    kappa = beta + lam / (alpha * eigenvalue)
    return sp.factor(sp.cancel(stationarity_cubic().discriminant() / (alpha * eigenvalue * kappa)))
