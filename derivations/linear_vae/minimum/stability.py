r"""Linear stability of collapse: in the replica equations, in the training dynamics, and what changes across it."""

from __future__ import annotations

import sympy as sp

from vaesym.linear_vae.exact import collapse, forms, minimum
from vaesym.linear_vae.saddle.stationarity import stationarity_jacobian
from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    D,
    E,
    Q,
    R,
    alpha,
    beta,
    d,
    eigenvalue,
    lam,
    m,
    population,
    sigma,
    v,
    w,
)

_PLANTED = [ORDER_PARAMETERS.index(symbol) for symbol in (m, d)]
_OTHERS = [i for i in range(len(ORDER_PARAMETERS)) if i not in _PLANTED]
_COLLAPSED = {Q: 0, E: 0, R: 0, m: 0, d: 0, D: 1}


def planted_block() -> sp.ImmutableMatrix:
    """Return the Jacobian of the replica equations for (m, d) in (m, d), at collapse, in terms of χ."""
    return sp.ImmutableMatrix(stationarity_jacobian().extract(_PLANTED, _PLANTED).subs(_COLLAPSED))


def cross_block() -> sp.ImmutableMatrix:
    """Return their Jacobian in the seven other order parameters at collapse; parity makes it vanish."""
    return sp.ImmutableMatrix(stationarity_jacobian().extract(_PLANTED, _OTHERS).subs(_COLLAPSED))


def threshold_from_modes() -> sp.Expr:
    """Return the β at which the replica equations lose stability: one of the collapsed modes sits on the outlier."""
    loss = sp.Matrix([[0, -1], [-1, beta]])
    singular = sp.diag(lam + alpha, lam) + alpha * eigenvalue * loss
    (solution,) = sp.solve(singular.det(), beta)
    return sp.factor(solution)


def training_map() -> tuple[sp.Expr, sp.Expr]:
    """Return the updates (w, v) of unlimited data: each weight at its best, given the other and D.

    ``population`` is the eigenvalue of the population covariance along the signal, ρ+η.
    """
    loss = (minimum.direction_loss() / alpha).subs({lam: 0, eigenvalue: population}).subs(Q, w**2)
    (decoder,) = sp.solve(sp.diff(loss, w), w)
    (encoder,) = sp.solve(sp.diff(loss, v), v)
    return sp.factor(decoder), sp.factor(encoder)


def training_jacobian() -> sp.ImmutableMatrix:
    """Return the Jacobian of the map at collapse."""
    jacobian = sp.Matrix(training_map()).jacobian([w, v])
    return sp.ImmutableMatrix(jacobian.subs({w: 0, v: 0, D: 1}))


def training_eigenvalues() -> tuple[sp.Expr, ...]:
    """Return its eigenvalues, the negative one first."""
    roots = training_jacobian().eigenvals(multiple=True)
    return tuple(sorted(roots, key=lambda root: root.subs({population: 1, beta: 1})))


def general_determinant() -> sp.Expr:
    """Return the Hessian's determinant for any covariance and decoder variance σ², without weight decay."""
    scaled = collapse.collapse_hessian().subs({beta: beta * sigma**2, lam: 0}, simultaneous=True)
    return sp.factor(scaled.det() / alpha**2)


def active_norm() -> sp.Expr:
    """Return Q of an active latent without weight decay, for decoder variance σ²."""
    return minimum.norm_without_decay().subs(beta, beta * sigma**2)


def active_kl() -> sp.Expr:
    """Return the KL of an active latent over the training set without weight decay."""
    scaled = beta * sigma**2
    gain = (minimum.optimal_encoder() / w).subs({beta: scaled, lam: 0}, simultaneous=True)
    variance = minimum.optimal_variance().subs(beta, scaled)
    kl = (gain**2 * Q * eigenvalue + variance - 1 - sp.log(variance)) / 2
    return forms.reduced(kl.subs(Q, active_norm()))


def active_gain() -> sp.Expr:
    """Return how much an active latent lowers the loss per sample, without weight decay and at σ = 1."""
    return forms.reduced(-(minimum.potential() / alpha).subs(lam, 0).subs(Q, minimum.norm_without_decay()))


def norm_slope() -> sp.Expr:
    """Return dQ/dβ where the active branch leaves Q = 0."""
    return sp.factor(sp.cancel(minimum.norm_derivative(beta).subs(Q, 0).subs(beta, collapse.collapse_threshold())))


def landau_coefficients() -> tuple[sp.Expr, sp.Expr]:
    """Return the first two coefficients of Φ(Q) = φ₁Q + φ₂Q² + …; the second one on the threshold."""
    first = sp.factor(sp.diff(minimum.potential(), Q).subs(Q, 0))
    second = sp.diff(minimum.potential(), Q, 2).subs(Q, 0) / 2
    return first, sp.factor(sp.cancel(second.subs(beta, collapse.collapse_threshold())))
