"""Beyond the basic model: learnable decoder variance, unequal spikes, no and strong weight decay."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.linear_vae.minimum.stability import active_gain, active_norm
from vaesym.algebra import lowest_terms
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.exact.minimum import norm_derivative, norm_without_decay, potential, stationarity_cubic
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import Q, alpha, beta, eigenvalue, indexed, lam, resolvent, spectral, sym

#: σ² as a variable of its own, to differentiate by.
_VARIANCE = sp.Symbol("sigma2", positive=True)
#: The overlaps of one weight with two signals.
_PLANTED = (indexed("m", 1), indexed("m", 2))


def decoder_variance_loss() -> sp.Expr:
    r"""Return the terms of the loss per sample that hold σ², without weight decay and with M_a active latents.

    A decoder of variance σ² pays :math:`\frac N2\ln\sigma^2`, the variance of all directions over 2σ², and gains
    what each active latent gains at βσ²; of the actives' eigenvalues only terms free of σ² are left out.
    """
    variance = _VARIANCE
    total, active = sym("residual_variance"), sym("active")
    gain = active_gain().subs(beta, beta * variance) / variance
    # One active latent: its share Λ/(2σ²) of the variance, less its gain, is free of Λ up to a constant.
    share = sp.expand(sp.expand_log(eigenvalue / (2 * variance) - gain))
    return total / (2 * variance) + active * share + sym("dimension") * sp.log(variance) / 2


def learned_decoder_variance() -> sp.Expr:
    """Return the σ² that minimises the loss."""
    (solution,) = sp.solve(sp.diff(decoder_variance_loss(), _VARIANCE), _VARIANCE)
    return sp.factor(solution)


def effective_threshold() -> sp.Expr:
    """Return βσ² at the learned variance: an eigenvalue is active iff it exceeds this."""
    return sp.factor(beta * learned_decoder_variance())


def principal_component_norm() -> sp.Expr:
    """Return Q of an active latent at β = 1 and decoder variance σ²: that of probabilistic PCA."""
    return active_norm().subs(beta, 1)


@cache
def unequal_free_energy() -> sp.Expr:
    """Return the free energy of principal component analysis with two signals of strengths ρ₁ and ρ₂."""
    return random_matrix.problem(_PLANTED, [indexed("rho", 1), indexed("rho", 2)]).free_energy()


def tilts() -> tuple[sp.Expr, sp.Expr]:
    """Return ∂f/∂m_i over m_i: both vanish together only if ρ₁ = ρ₂."""
    energy = unequal_free_energy()
    return tuple(sp.factor(lowest_terms(sp.diff(energy, planted) / planted)) for planted in _PLANTED)


def outliers() -> tuple[sp.Expr, sp.Expr]:
    """Return the outliers of the two signals."""
    energy = unequal_free_energy()
    (of_resolvent,) = sp.solve(sp.diff(energy, Q), spectral)
    resolvents = (random_matrix.resolvent_at_outlier(energy, planted) for planted in _PLANTED)
    return tuple(sp.factor(sp.cancel(of_resolvent.xreplace({resolvent: at}))) for at in resolvents)


def overlaps() -> tuple[sp.Expr, sp.Expr]:
    """Return the squared overlaps of the two outliers with their own signals, each with the other overlap zero."""
    return tuple(random_matrix.squared_overlap(unequal_free_energy().subs(other, 0), own)
                 for own, other in (_PLANTED, _PLANTED[::-1]))


def weak_decay_correction() -> sp.Expr:
    """Return dQ/dλ at λ = 0 on the active branch."""
    return sp.factor(sp.cancel(norm_derivative(lam).subs(lam, 0).subs(Q, norm_without_decay())))


def strong_decay_potential() -> sp.Expr:
    """Return Φ in the limit β → 0, where collapse is hardest."""
    rational, _ = forms.split(potential())
    return sp.factor(lowest_terms(rational.subs(beta, 0)))


def strong_decay_norm() -> sp.Expr:
    """Return the Q at which it is least."""
    roots = sp.solve(sp.numer(sp.together(sp.diff(strong_decay_potential(), Q))), Q)
    return next(root for root in roots if root.subs({lam: 1, alpha: 2, eigenvalue: 2}) > 0)


def strong_decay_gain() -> sp.Expr:
    """Return Φ there."""
    return sp.factor(sp.cancel(strong_decay_potential().subs(Q, strong_decay_norm())))


def decay_margin() -> tuple[sp.Expr, ...]:
    r"""Return the coefficients of the stationarity cubic at λ = αΛ(1 + t), positive for t ≥ 0."""
    excess = sym("excess_decay")
    cubic = stationarity_cubic().as_expr().subs(lam, alpha * eigenvalue * (1 + excess))
    return tuple(sp.factor(coefficient) for coefficient in sp.Poly(sp.expand(cubic), Q).all_coeffs())
