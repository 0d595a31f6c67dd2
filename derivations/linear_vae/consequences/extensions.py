"""Chapter: learnable decoder variance, unequal signals, weak and strong weight decay."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.minimum.collapse import active_gain, active_norm
from vaesym.algebra import Step, lowest_terms
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.exact.minimum import norm_derivative, norm_without_decay, potential, stationarity_cubic
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import (
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    indexed,
    indexed_domains,
    lam,
    resolvent,
    sigma,
    spectral,
    sym,
)

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



_R1, _R2 = indexed("rho", 1), indexed("rho", 2)
_DOMAINS = {**domains_of(), **indexed_domains("rho", _R1, _R2)}
_N, _K, _S, _T = sym("dimension"), sym("active"), sym("residual_variance"), sym("excess_decay")
_DELTA = lam / (alpha * eigenvalue)
_ROOM = (_N > beta * _K,)
_TOP = alpha * eigenvalue
_KAPPA = beta + 1 + _T


def _outlier(rho: sp.Expr) -> sp.Expr:
    return (rho + eta) * (1 + eta / (alpha * rho))


def _overlap(rho: sp.Expr) -> sp.Expr:
    return (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))


STEPS = (
    Step("decoder-variance", "Learnable decoder variance", sigma**2, learned_decoder_variance,
         _S / (_N - beta * _K), _DOMAINS, "new", ("λ = 0", "M_a active latents, S₀ = sum of all other eigenvalues"),
         _ROOM,
         prose=r"Let the decoder learn its variance. With $M_a$ active latents the loss per sample depends on it as "
               r"$\frac{S_0}{2\sigma^2}+\frac{N-\beta M_a}{2}\ln\sigma^2$, where $S_0$ is the sum of all eigenvalues "
               r"without an active latent. It is least at"),
    Step("decoder-threshold", "Who is active then", sp.Symbol(r"\beta\sigma^{2}"), effective_threshold,
         beta * _S / (_N - beta * _K), _DOMAINS, "new", ("λ = 0",), _ROOM,
         prose=r"so that a latent is active iff its eigenvalue exceeds"),
    Step("probabilistic-pca", "Probabilistic PCA", Q, principal_component_norm, eigenvalue - sigma**2,
         _DOMAINS, "Tipping and Bishop 1999", ("β = 1, λ = 0",), (eigenvalue > sigma**2,),
         prose=r"At $\beta=1$ that is probabilistic principal component analysis: $\sigma^2=S_0/(N-M_a)$ is the mean "
               r"of the discarded eigenvalues, and"),
    Step("unequal-tilts", "Unequal signals", sp.Symbol(r"(\partial_{m_1}f_1/m_1,\partial_{m_2}f_1/m_2)"),
         tilts, tuple(alpha / resolvent - alpha * r / (1 - eta * resolvent / alpha) for r in (_R1, _R2)),
         _DOMAINS, "new",
         prose=r"Two signals of strengths $\rho_1,\rho_2$ give the same one-field problem two planted overlaps. "
               r"Stationarity in both at once would need $\rho_1=\rho_2$, so each outlier belongs to one signal:"),
    Step("unequal-outliers", "Their outliers", sp.Tuple(indexed("eigenvalue", 1), indexed("eigenvalue", 2)),
         outliers, (_outlier(_R1), _outlier(_R2)), _DOMAINS, "new",
         prose=r"each signal has its own eigenvalue,"),
    Step("unequal-overlaps", "Their overlaps", sp.Tuple(indexed("overlap", 1), indexed("overlap", 2)),
         overlaps, (_overlap(_R1), _overlap(_R2)), _DOMAINS, "new", ("α > α_B of each",),
         (alpha * _R1**2 > eta**2, alpha * _R2**2 > eta**2),
         prose=r"its own overlap and its own detection threshold $(\eta/\rho_i)^2$. The rest decouples as before: "
               r"the $l$-th latent minimises $\Phi$ at the $l$-th eigenvalue:"),
    Step("weak-decay", "Weak weight decay", sp.Symbol(r"\partial_{\lambda}Q"), weak_decay_correction,
         -(2 / _TOP + (eigenvalue**2 - 1) / (alpha * beta)), _DOMAINS, "new",
         ("λ → 0 at β < Λ",), (eigenvalue > beta,),
         prose=r"As $\lambda\to0$ the active state tends to $Q=\Lambda-\beta$, from below if $\Lambda>1$, "
               r"with the slope"),
    Step("strong-decay", "Strong weight decay", sp.Tuple(*sp.symbols("p_3 p_2 p_1 p_0")), decay_margin,
         (_TOP * (1 + _T), beta * (alpha + _TOP * (1 + _T)) + 2 * _TOP * (1 + _T) * _KAPPA,
          _KAPPA * (2 * beta * (alpha + _TOP * (1 + _T)) + _TOP * ((1 + _T) * _KAPPA - 1)),
          beta * _KAPPA * ((alpha + _TOP * (1 + _T)) * _KAPPA - _TOP)), _DOMAINS, "new", ("λ = αΛ(1+t), t ≥ 0",),
         prose=r"For $\lambda\ge\alpha\Lambda$ all coefficients of the cubic are positive, with $\kappa=\beta+1+t$: "
               r"no active state exists, and the latent collapses at every $\beta$:"),
    Step("strong-decay-gain", "and not before", sp.Tuple(Q, sp.Symbol(r"\Phi(\beta\to0)")),
         lambda: (strong_decay_norm(), strong_decay_gain()),
         (1 - _DELTA, -((_TOP - lam) ** 2) / (2 * _TOP)), _DOMAINS, "new", ("λ < αΛ, β → 0",), (lam < _TOP,),
         prose=r"For weaker weight decay the potential at small $\beta$ is least at a positive $Q$ with a negative "
               r"value, so that some $\beta$ keeps the latent alive:"),
)

CHAPTER = Chapter(
    "extensions", "Extensions",
    "What changes if the decoder learns its variance, if signals differ in strength, and if weight decay is absent or "
    "strong.", STEPS)
