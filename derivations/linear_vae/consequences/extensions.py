"""Chapter: learnable decoder variance, unequal signals, weak and strong weight decay."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.consequences import extensions_formulas
from vaesym.algebra import Step
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
    sym,
)

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
    Step("decoder-variance", "Learnable decoder variance", sigma**2, extensions_formulas.learned_decoder_variance,
         _S / (_N - beta * _K), _DOMAINS, "new", ("λ = 0", "M_a active latents, S₀ = sum of all other eigenvalues"),
         _ROOM,
         prose=r"Let the decoder learn its variance. With $M_a$ active latents the loss per sample depends on it as "
               r"$\frac{S_0}{2\sigma^2}+\frac{N-\beta M_a}{2}\ln\sigma^2$, where $S_0$ is the sum of all eigenvalues "
               r"without an active latent. It is least at"),
    Step("decoder-threshold", "Who is active then", sp.Symbol(r"\beta\sigma^{2}"), extensions_formulas.effective_threshold,
         beta * _S / (_N - beta * _K), _DOMAINS, "new", ("λ = 0",), _ROOM,
         prose=r"so that a latent is active iff its eigenvalue exceeds"),
    Step("probabilistic-pca", "Probabilistic PCA", Q, extensions_formulas.principal_component_norm, eigenvalue - sigma**2,
         _DOMAINS, "Tipping and Bishop 1999", ("β = 1, λ = 0",), (eigenvalue > sigma**2,),
         prose=r"At $\beta=1$ that is probabilistic principal component analysis: $\sigma^2=S_0/(N-M_a)$ is the mean "
               r"of the discarded eigenvalues, and"),
    Step("unequal-tilts", "Unequal signals", sp.Symbol(r"(\partial_{m_1}f_1/m_1,\partial_{m_2}f_1/m_2)"),
         extensions_formulas.tilts, tuple(alpha / resolvent - alpha * r / (1 - eta * resolvent / alpha) for r in (_R1, _R2)),
         _DOMAINS, "new",
         prose=r"Two signals of strengths $\rho_1,\rho_2$ give the same one-field problem two planted overlaps. "
               r"Stationarity in both at once would need $\rho_1=\rho_2$, so each outlier belongs to one signal:"),
    Step("unequal-outliers", "Their outliers", sp.Tuple(indexed("eigenvalue", 1), indexed("eigenvalue", 2)),
         extensions_formulas.outliers, (_outlier(_R1), _outlier(_R2)), _DOMAINS, "new",
         prose=r"each signal has its own eigenvalue,"),
    Step("unequal-overlaps", "Their overlaps", sp.Tuple(indexed("overlap", 1), indexed("overlap", 2)),
         extensions_formulas.overlaps, (_overlap(_R1), _overlap(_R2)), _DOMAINS, "new", ("α > α_B of each",),
         (alpha * _R1**2 > eta**2, alpha * _R2**2 > eta**2),
         prose=r"its own overlap and its own detection threshold $(\eta/\rho_i)^2$. The rest decouples as before: "
               r"the $l$-th latent minimises $\Phi$ at the $l$-th eigenvalue:"),
    Step("weak-decay", "Weak weight decay", sp.Symbol(r"\partial_{\lambda}Q"), extensions_formulas.weak_decay_correction,
         -(2 / _TOP + (eigenvalue**2 - 1) / (alpha * beta)), _DOMAINS, "new",
         ("λ → 0 at β < Λ",), (eigenvalue > beta,),
         prose=r"As $\lambda\to0$ the active state tends to $Q=\Lambda-\beta$, from below if $\Lambda>1$, "
               r"with the slope"),
    Step("strong-decay", "Strong weight decay", sp.Tuple(*sp.symbols("p_3 p_2 p_1 p_0")), extensions_formulas.decay_margin,
         (_TOP * (1 + _T), beta * (alpha + _TOP * (1 + _T)) + 2 * _TOP * (1 + _T) * _KAPPA,
          _KAPPA * (2 * beta * (alpha + _TOP * (1 + _T)) + _TOP * ((1 + _T) * _KAPPA - 1)),
          beta * _KAPPA * ((alpha + _TOP * (1 + _T)) * _KAPPA - _TOP)), _DOMAINS, "new", ("λ = αΛ(1+t), t ≥ 0",),
         prose=r"For $\lambda\ge\alpha\Lambda$ all coefficients of the cubic are positive, with $\kappa=\beta+1+t$: "
               r"no active state exists, and the latent collapses at every $\beta$:"),
    Step("strong-decay-gain", "and not before", sp.Tuple(Q, sp.Symbol(r"\Phi(\beta\to0)")),
         lambda: (extensions_formulas.strong_decay_norm(), extensions_formulas.strong_decay_gain()),
         (1 - _DELTA, -((_TOP - lam) ** 2) / (2 * _TOP)), _DOMAINS, "new", ("λ < αΛ, β → 0",), (lam < _TOP,),
         prose=r"For weaker weight decay the potential at small $\beta$ is least at a positive $Q$ with a negative "
               r"value, so that some $\beta$ keeps the latent alive:"),
)

CHAPTER = Chapter(
    "extensions", "Extensions",
    "What changes if the decoder learns its variance, if signals differ in strength, and if weight decay is absent or "
    "strong.", STEPS)
