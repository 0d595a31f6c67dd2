r"""The phase diagram: its lines, the order of its transitions, and where finite data escape collapse."""

from __future__ import annotations

import sympy as sp

from derivations.linear_vae.replicas.susceptibility import mode_replicon
from vaesym.algebra import lowest_terms
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.exact.collapse import collapse_threshold, plateau_polynomial
from vaesym.linear_vae.exact.minimum import potential, stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import bulk_edge, detection_threshold, outlier_overlap, signal
from vaesym.linear_vae.statement.symbols import Q, alpha, beta, eigenvalue, eta, lam, overlap, rho, root_alpha, sym

#: κ = β + λ/(αΛ) and θ = αΛκ as symbols of their own: the conditions below are linear in (λ, θ) at given κ.
KAPPA, STRENGTH = sym("kappa"), sym("theta")


def physical_replicon(spike: sp.Expr) -> sp.Expr:
    """Return the replicon value of a mode at the eigenvalue of a spike of this strength, on its physical root."""
    return sp.factor(mode_replicon(eta / (alpha * spike + eta)))


def instability_line() -> sp.Expr:
    """Return the α at which the learning phase becomes unstable to replica symmetry breaking."""
    (root,) = sp.solve(physical_replicon(rho) - 1, alpha)
    return root


def second_mode_replicons() -> tuple[sp.Expr, sp.Expr]:
    r"""Return the second mode's replicon value in terms of t > 0, for α ≥ 1 and for α ≤ 1.

    Its χ̃ = (r+η)/r and 1−x = αr/(αr+η) are positive with r < 0, so r < −η and r < −η/α.
    """
    excess = sp.Symbol("t", positive=True)
    spikes = (-eta * (1 + excess), -eta / alpha * (1 + excess))
    return tuple(sp.factor(physical_replicon(spike)) for spike in spikes)


def plateau_divergence() -> sp.Expr:
    """Return the limit β → ρ+η of (ρ+η−β) times the larger root of the plateau's polynomial."""
    polynomial = plateau_polynomial()
    # The leading coefficient vanishes at β = ρ+η: the large root is minus the next coefficient over it.
    second, first, _ = polynomial.all_coeffs()
    return sp.factor(sp.cancel(-first / second * (rho + eta - beta)).subs(beta, rho + eta))


def escape_polynomial() -> sp.Expr:
    """Return what is positive iff β_c(α) > ρ+η on the outlier: (β_c − ρ − η) times its positive denominator."""
    top = signal()[0]
    excess = collapse_threshold().xreplace({eigenvalue: top}) - (rho + eta)
    return sp.factor(lowest_terms(excess * (alpha + lam) * alpha * top))


def escape_weight_decay() -> sp.Expr:
    """Return λ*, below which β_c approaches ρ+η from above: the coefficient of α vanishes."""
    coefficient = sp.Poly(sp.expand(escape_polynomial() * rho**2), alpha).nth(1)
    return next(root for root in sp.solve(coefficient, lam) if not root.could_extract_minus_sign())


def outlier_slope() -> sp.Expr:
    """Return dβ_c/dα on the outlier."""
    return sp.diff(collapse_threshold().xreplace({eigenvalue: signal()[0]}), alpha)


def edge_threshold() -> sp.Expr:
    """Return β_c on the edge of the noise, where overfitting replaces collapse, as a function of a = √α."""
    edge = bulk_edge().subs(sp.sqrt(alpha), root_alpha).subs(alpha, root_alpha**2)
    return collapse_threshold().xreplace({eigenvalue: edge, alpha: root_alpha**2})


def double_root() -> tuple[sp.Expr, sp.Expr]:
    """Return (λ, θ) at which the cubic has the double root Q, for given β and κ: the spinodal."""
    polynomial = _cubic_in_kappa()
    (solution,) = sp.solve([polynomial, sp.diff(polynomial, Q)], (lam, STRENGTH), dict=True)
    return sp.factor(solution[lam]), sp.factor(solution[STRENGTH])


def coexistence() -> tuple[sp.Expr, sp.Expr]:
    """Return (λ, θ) at which the active state Q has the loss of collapse, for given β and κ."""
    rational, logarithm = forms.split(potential())
    # In κ and θ the gain is θQ/(2κ(Q+κ)); written so, the condition is linear in both unknowns.
    gain = STRENGTH * Q / (2 * KAPPA * (Q + KAPPA))
    kappa = beta + lam / (alpha * eigenvalue)
    at = {STRENGTH: alpha * eigenvalue * KAPPA}
    if lowest_terms(rational - lam * Q / 2 + gain.xreplace(at).xreplace({KAPPA: kappa})) != 0:
        raise ArithmeticError(f"expected the gain of the potential; received {rational}; mend phases.py")
    (solution,) = sp.solve([_cubic_in_kappa(), lam * Q / 2 - gain + logarithm], (lam, STRENGTH), dict=True)
    return solution[lam], solution[STRENGTH]


def _cubic_in_kappa() -> sp.Expr:
    """The stationarity cubic with κ and θ = αΛκ as symbols; ArithmeticError if it is another polynomial."""
    polynomial = (lam * (Q + beta) + alpha * beta) * (Q + KAPPA) ** 2 - STRENGTH * (Q + beta)
    kappa = beta + lam / (alpha * eigenvalue)
    back = polynomial.xreplace({STRENGTH: alpha * eigenvalue * KAPPA}).xreplace({KAPPA: kappa})
    if sp.expand(back - stationarity_cubic().as_expr()) != 0:
        raise ArithmeticError(f"expected the stationarity cubic; received {back}; mend phases.py")
    return polynomial


def cusp() -> sp.Expr:
    """Return the limit α ↓ α_B of (ε − ρ − Q)²/(α − α_B) at given Q: the error falls as a square root."""
    error = (sp.sqrt(Q) - sp.sqrt(rho * overlap)) ** 2 + rho * (1 - overlap)
    drop = sp.expand(error - rho - Q).xreplace({overlap: outlier_overlap()})
    return sp.factor(sp.cancel(drop**2 / (alpha - detection_threshold())).subs(alpha, detection_threshold()))


def edge_norm_slope() -> sp.Expr:
    r"""Return what has the sign of dQ/dα on the edge of the noise: minus the cubic's derivative along α.

    With L = αΛ = η(1+√α)² the cubic is
    :math:`(\lambda(Q+\beta)+\alpha\beta)(Q+\beta+\lambda/L)^2 - (\beta L+\lambda)(Q+\beta)`,
    and it rises with Q at the minimum.
    """
    cubic = stationarity_cubic().as_expr().xreplace({eigenvalue: bulk_edge()})
    return -sp.diff(cubic, alpha).subs(alpha, root_alpha**2)


def peak_ratio() -> sp.Expr:
    r"""Return the largest β/λ at which the error still rises up to α_B, as β, λ → 0.

    To leading order the cubic there is λ(Q²−1) = β(L − αQ) with L = αΛ; Q rises while dL/dα > Q.
    """
    small, ratio = sp.symbols("epsilon t", positive=True)
    cubic = stationarity_cubic().as_expr().xreplace({lam: small, beta: ratio * small})
    leading = sp.cancel(lowest_terms(cubic / (small * Q)).subs(small, 0))
    driven = leading.xreplace({eigenvalue: bulk_edge()})
    slope = sp.diff(driven, alpha)
    at = {alpha: detection_threshold()}
    (turning,) = sp.solve(slope.subs(at), Q)
    (critical,) = sp.solve(driven.subs(at).subs(Q, turning), ratio)
    return sp.factor(critical)
