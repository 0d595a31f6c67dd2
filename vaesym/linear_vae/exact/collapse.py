"""Posterior collapse: the Hessian of the collapsed state, its threshold, the end of the plateau."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.exact.minimum import direction_loss, stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import signal
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.symbols import D, Q, alpha, beta, eigenvalue, lam, v, w


@cache
def collapsed_state(stated: Assumptions = STANDARD) -> dict[sp.Symbol, sp.Expr]:
    """Return the collapsed state: w = v = 0 and the D at which the loss is stationary there.

    Raises ArithmeticError if the loss is not stationary in the weights at w = v = 0.
    """
    loss = direction_loss(stated).subs(Q, w**2)
    silent = {w: sp.S.Zero, v: sp.S.Zero}
    if any(sp.diff(loss, weight).subs(silent) != 0 for weight in silent):
        raise ArithmeticError(f"expected a loss that is stationary without weights; received {loss}; mend the loss")
    (variance,) = sp.solve(sp.diff(loss, D).subs(silent), D)
    return {**silent, D: variance}


@cache
def collapse_hessian(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    r"""Return the Hessian of R/N in (w, v) at collapse, W = V = 0, along an eigenvector of eigenvalue Λ.

    D decouples there: the loss is even in (w, v).
    """
    hessian = sp.hessian(direction_loss(stated).subs(Q, w**2), (w, v)).subs(collapsed_state(stated))
    return sp.ImmutableMatrix(hessian.applyfunc(sp.factor))


@cache
def collapse_threshold(stated: Assumptions = STANDARD) -> sp.Expr:
    r"""Return β_c, the least β at which collapse is locally stable, by det(Hessian) = 0.

    The Hessian's first entry is positive, so it is positive definite iff its determinant is.
    """
    (solution,) = sp.solve(collapse_hessian(stated).det(), beta)
    return sp.Add(*[sp.factor(term) for term in sp.Add.make_args(sp.apart(solution, eigenvalue))])


def tricritical_condition() -> sp.Expr:
    r"""Return the expression whose zero on β = β_c ends the continuous transitions: β(α+2λ) − λ/Λ.

    On the threshold the cubic has the root Q = 0; the expression is its linear coefficient there (up to the
    positive factor κ = β + λ/(αΛ)), which decides whether a positive root branches off below or above β_c.
    """
    linear = stationarity_cubic().nth(1)
    # On the threshold, Λα = (α+λ)κ: eliminate the leading power of Λ with it.
    kappa = beta + lam / (alpha * eigenvalue)
    return sp.factor(sp.cancel(linear / kappa + alpha * eigenvalue - (alpha + lam) * kappa))


def plateau_polynomial() -> sp.Poly:
    r"""Return the polynomial in α that is positive iff β < β_c(α) for the outlier: where collapse is unstable."""
    gap = (collapse_threshold() - beta).xreplace({eigenvalue: signal()[0]})
    numerator, denominator = sp.fraction(sp.cancel(sp.together(gap)))
    sign = sp.sign(sp.Poly(denominator, alpha).LC())
    return sp.Poly(sp.expand(numerator * sign), alpha)
