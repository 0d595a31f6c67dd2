"""Limits and consequences of the exact solution: large data, and the best β."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.exact.collapse import collapse_threshold
from vaesym.linear_vae.exact.eigenvector import along_eigenvector, observable
from vaesym.linear_vae.exact.minimum import stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import signal
from vaesym.linear_vae.statement.symbols import D, Q, alpha, beta, eigenvalue, eta, indexed, overlap, rho, sym


@cache
def large_data_threshold() -> sp.Expr:
    """Return the limit α → ∞ of the collapse threshold, ρ + η whatever λ is."""
    return sp.factor(sp.limit(collapse_threshold().xreplace({eigenvalue: signal()[0]}), alpha, sp.oo))


@cache
def large_data_norm() -> sp.Expr:
    """Return the limit α → ∞ of Q below the threshold, ρ + η − β."""
    cubic = stationarity_cubic().as_expr().xreplace({eigenvalue: signal()[0]})
    leading = sp.Poly(sp.numer(sp.together(cubic)), alpha).LC()
    solutions = sp.solve(leading, Q)
    return next(s for s in solutions if s != -beta)


def large_data_cubic() -> sp.Expr:
    """Return the limit α → ∞ of the cubic of the stationary points over α, at fixed λ."""
    cubic = stationarity_cubic().as_expr().xreplace({eigenvalue: signal()[0]})
    return sp.factor(sp.limit(lowest_terms(cubic / alpha), alpha, sp.oo))


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


@cache
def large_data_observable(name: str) -> sp.Expr:
    """Return the limit α → ∞ of an observable below the threshold."""
    top, squared = signal()
    expression = observable(name).subs({eigenvalue: top, overlap: squared}).subs(Q, large_data_norm())
    rational, logarithms = forms.split(sp.expand(expression))
    limit = sp.limit(lowest_terms(rational), alpha, sp.oo)
    return sp.factor(limit) + forms.factor_logarithms(logarithms)


def large_data_variance() -> sp.Expr:
    """Return the limit α → ∞ of D below the threshold."""
    return sp.factor(along_eigenvector(D).subs(Q, large_data_norm()))


def norm_correction() -> sp.Expr:
    """Return q₁ of Q = Q(∞) + q₁/α + O(α⁻²), by perturbation of the cubic."""
    small, first = sp.symbols("epsilon q_1", positive=True)
    cubic = stationarity_cubic().as_expr().xreplace({eigenvalue: signal()[0]})
    perturbed = sp.numer(sp.together(cubic.subs({Q: large_data_norm() + small * first, alpha: 1 / small})))
    (solution,) = sp.solve(sp.diff(perturbed, small).subs(small, 0), first)
    return sp.factor(solution)


def threshold_correction() -> sp.Expr:
    """Return b₁ of β_c = ρ + η + b₁/α + O(α⁻²)."""
    excess = collapse_threshold().xreplace({eigenvalue: signal()[0]}) - large_data_threshold()
    return sp.factor(sp.limit(alpha * sp.factor(excess), alpha, sp.oo))


def large_data_optimal_beta() -> sp.Expr:
    """Return the β that minimises the recovery error of unlimited data, its stationary point."""
    (solution,) = sp.solve(sp.diff(large_data_recovery_error(), beta), beta)
    return solution


def rate_of_distortion() -> sp.Expr:
    """Return the rate as a function of the distortion, β eliminated."""
    distortion = sym("distortion")
    (weight,) = sp.solve(large_data_observable("distortion") - distortion, beta)
    return large_data_observable("rate").subs(beta, weight)


def gaussian_source() -> sp.Expr:
    """Return the rate-distortion function of two Gaussian components at a common water level.

    Minimise Σ ½ ln(ℓ_i/D_i) + μ(Σ D_i − D) over the distortions D_i: they are equal (reverse water-filling).
    """
    sources = [indexed("population", 1), indexed("population", 2)]
    parts, total = sp.symbols("D_1 D_2", positive=True), sym("distortion")
    price = sp.Symbol("mu", positive=True)
    rate = sp.Add(*[sp.log(source / part) / 2 for source, part in zip(sources, parts, strict=True)])
    lagrangian = rate + price * (sum(parts) - total)
    (solution,) = sp.solve([sp.diff(lagrangian, x) for x in (*parts, price)], (*parts, price), dict=True)
    return rate.subs(solution)


def two_latent_rate() -> sp.Expr:
    """Return the rate of two active latents on two directions, at the β of the given total distortion."""
    sources = [indexed("population", 1), indexed("population", 2)]
    rate, level = large_data_observable("rate"), large_data_observable("distortion")
    weight = sp.solve(2 * level - sym("distortion"), beta)[0]
    return sp.Add(*[rate.subs({rho: source - eta, beta: weight}, simultaneous=True) for source in sources])
