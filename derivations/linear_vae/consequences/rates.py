"""Rate and distortion of a finite sample, on the training set and on fresh data; distance to the true posterior."""

from __future__ import annotations

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.exact.collapse import collapse_threshold
from vaesym.linear_vae.exact.eigenvector import along_eigenvector, observable
from vaesym.linear_vae.exact.limits import large_data_norm, norm_correction, threshold_correction
from vaesym.linear_vae.exact.minimum import norm_derivative, norm_without_decay, stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import signal
from vaesym.linear_vae.statement.loss import kl_to_prior, reconstruction
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    OVERLAP,
    Q,
    alpha,
    beta,
    eigenvalue,
    eta,
    h,
    k,
    lam,
    overlap,
    rho,
    sym,
    x2,
)


def without_decay(expression: sp.Expr) -> sp.Expr:
    """Return an expression along an eigenvector at λ = 0, where Q = Λ − β."""
    return forms.reduced(expression.subs(lam, 0).subs(Q, norm_without_decay()))


def training(expression: sp.Expr) -> sp.Expr:
    """Return a function of one sample's fields averaged over the training set, along an eigenvector at λ = 0."""
    averaged = average(expression, [k, h], [sp.S.Zero] * 2, eigenvalue * sp.Matrix(OVERLAP))
    return without_decay(along_eigenvector(averaged))


def training_rate() -> sp.Expr:
    """Return the rate over the training set, at λ = 0."""
    return training(kl_to_prior())


def training_distortion() -> sp.Expr:
    """Return the distortion over the training set, along the learned direction, at λ = 0."""
    return sp.expand(training(2 * reconstruction() - x2) + eigenvalue)


def fresh(name: str) -> sp.Expr:
    """Return an observable over fresh data at λ = 0."""
    return without_decay(observable(name))


def excess_rate() -> sp.Expr:
    """Return r₁ of the rate on fresh data beyond a Gaussian source at its distortion, r₁/α + O(α⁻²), at λ = 0."""
    top, squared = signal()
    excess = fresh("rate") - sp.log((rho + eta) / fresh("distortion")) / 2
    small = sp.Symbol("epsilon", positive=True)
    at = excess.xreplace({eigenvalue: top, overlap: squared}).xreplace({alpha: 1 / small})
    slope = lowest_terms(sp.diff(at, small))
    return sp.factor(slope.subs(small, 0))


def collapse_probability() -> sp.Expr:
    """Return P(KL_x < δ) of one latent: KL_x = ½(h² + D − 1 − ln D) with h normal of variance C."""
    variance, level, field = sym("field_variance"), sym("threshold"), sp.Symbol("h", real=True)
    bound = sp.Symbol("h_0", positive=True)
    density = sp.exp(-field**2 / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    probability = sp.integrate(density, (field, -bound, bound))
    return probability.subs(bound, sp.sqrt(2 * level - 2 * kl_to_prior().subs(h, 0)))


def collapse_probability_of_two() -> sp.Expr:
    """Return P(KL_x < δ) of two latents of one variance and one D: a χ² law with two degrees of freedom."""
    variance, level, square = sym("field_variance"), sym("threshold"), sp.Symbol("y", positive=True)
    bound = 2 * level - 4 * kl_to_prior().subs(h, 0)
    return sp.integrate(sp.exp(-square / (2 * variance)) / (2 * variance), (square, 0, bound))


def best_beta_without_decay() -> sp.Expr:
    """Return the β at which Q = ρo without weight decay."""
    target = rho * overlap
    (solution,) = sp.solve(norm_without_decay() - target, beta)
    top, squared = signal()
    return sp.factor(solution.xreplace({eigenvalue: top, overlap: squared}))


def best_beta_correction() -> sp.Expr:
    """Return b₁ of β* = η + b₁/α + O(α⁻²) for any λ, by matching Q = ρo to first order."""
    target = sp.limit(alpha * sp.factor(rho * signal()[1] - rho), alpha, sp.oo)
    first = sp.Symbol("b_1", real=True)
    # Q(η + b₁/α) = ρ + [q₁(η) − b₁]/α must be ρ + target/α.
    slope = sp.diff(large_data_norm(), beta)
    (solution,) = sp.solve(norm_correction().subs(beta, eta) + slope * first - target, first)
    return sp.factor(solution)


def threshold_gap() -> tuple[sp.Expr, sp.Expr]:
    """Return β_c − β* at λ = 0, exactly, and the coefficient of 1/α in it for any λ."""
    top = signal()[0]
    exact = collapse_threshold().subs(lam, 0).xreplace({eigenvalue: top}) - best_beta_without_decay()
    return sp.factor(sp.cancel(exact)), sp.expand(threshold_correction() - best_beta_correction())


def best_error() -> sp.Expr:
    """Return the recovery error at Q = ρo, in terms of the parameters."""
    at_best = observable("signal_recovery_error").subs(Q, rho * overlap)
    return sp.factor(sp.simplify(at_best).xreplace({overlap: signal()[1]}))


def norm_at_small_beta() -> sp.Expr:
    """Return the limit β → 0 of Q at λ > 0."""
    roots = sp.solve(stationarity_cubic().as_expr().subs(beta, 0), Q)
    return next(root for root in roots if root.subs({lam: 1, alpha: 2, eigenvalue: 2}) > 0)


def norm_slope_at_small_beta() -> sp.Expr:
    """Return dQ/dβ in the limit β → 0 at λ > 0."""
    return sp.factor(sp.cancel(norm_derivative(beta).subs(beta, 0).subs(Q, norm_at_small_beta())))
