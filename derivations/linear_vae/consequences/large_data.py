"""Chapter: unlimited data, its first correction, and the rate-distortion function of a Gaussian source."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from vaesym.algebra import Step
from vaesym.linear_vae.exact import limits
from vaesym.linear_vae.statement.symbols import (
    D,
    beta,
    domains_of,
    eta,
    indexed,
    indexed_domains,
    lam,
    population,
    rho,
    sym,
)

_C, _TAU = population, sym("noise_ratio")
_FOLD = {_C: rho + eta, _TAU: eta / rho}
_BELOW = (beta < rho + eta,)
_DELTA = sym("distortion")
_SOURCES = (indexed("population", 1), indexed("population", 2))
_DOMAINS = {**domains_of(), **indexed_domains("population", *_SOURCES)}

STEPS = folded((
    Step("threshold", "Inevitable collapse", sp.Symbol(r"\beta_c(\infty)"), limits.large_data_threshold, rho + eta,
         _DOMAINS, "[IH] Claim 6.1", ("α → ∞ at fixed λ",),
         prose=r"As $\alpha\to\infty$ at a fixed weight decay, of any size (so that $\lambda/\alpha\to0$; a weight "
               r"decay that grows with the samples would still be felt), the threshold of local stability tends to"),
    Step("global", "No other state", sp.Symbol(r"\lim p(Q)/\alpha"), limits.large_data_cubic,
         beta * (sym("Q") + beta) * (sym("Q") + beta - _C), _DOMAINS, "new", ("α → ∞ at fixed λ",),
         argued="that the roots of a cubic follow its coefficients to their limits",
         prose=r"That is the global threshold too. With $\ell=\rho+\eta$, the cubic \eqref{exact-solution:cubic} whose "
               r"positive roots are the active states tends to a product that has one iff $\beta<\ell$, so that for "
               r"$\beta\ge\rho+\eta$ no active state is left:"),
    Step("threshold-correction", "Its first correction", sp.Symbol(r"\beta_c^{(1)}"), limits.threshold_correction,
         _C * _TAU - _C * lam - lam / _C, _DOMAINS, "new",
         prose=r"At many samples the local threshold is $\beta_c=\rho+\eta+\beta_c^{(1)}/\alpha+O(\alpha^{-2})$ "
               r"with, for $\ell=\rho+\eta$ and $\tau=\eta/\rho$,"),
    Step("norm", "Norm below the threshold", sp.Symbol(r"Q(\infty)"), limits.large_data_norm, rho + eta - beta,
         _DOMAINS, "[IH] Claim 6.1", ("α → ∞, β < ρ+η",), _BELOW,
         prose=r"Below the threshold the decoder norm tends to"),
    Step("norm-correction", "Its first correction", sp.Symbol(r"Q^{(1)}"), limits.norm_correction,
         _TAU * _C + lam * (1 - _C**2) / beta - 2 * lam / _C, _DOMAINS, "new", (), _BELOW,
         prose=r"with $Q=\rho+\eta-\beta+Q^{(1)}/\alpha+O(\alpha^{-2})$ and"),
    Step("variance", "Posterior variance", D, limits.large_data_variance, beta / (rho + eta), _DOMAINS,
         "[IH] Claim 6.1", ("α → ∞, β < ρ+η",), _BELOW, prose="the posterior variance to"),
    Step("rate", "Rate", sp.Symbol(r"\mathrm{rate}"), lambda: limits.large_data_observable("rate"),
         sp.log((rho + eta) / beta) / 2, _DOMAINS, "[IH] Claim 6.1", ("α → ∞, β < ρ+η",), _BELOW, prose="the rate to"),
    Step("distortion", "Distortion", sp.Symbol(r"\mathrm{distortion}"),
         lambda: limits.large_data_observable("distortion"), beta, _DOMAINS, "[IH] Claim 6.2", ("α → ∞, β < ρ+η",),
         _BELOW, prose=r"the distortion to $\beta$ itself,"),
    Step("recovery", "Recovery error with unlimited data", sp.Symbol(r"\epsilon(\infty)"),
         limits.large_data_recovery_error, rho - 2 * sp.sqrt(rho) * sp.sqrt(rho + eta - beta) + rho + eta - beta,
         _DOMAINS, "[IH] Claim 6.1", ("α → ∞, β < ρ+η",), _BELOW,
         prose=r"and the recovery error to $(\sqrt\rho-\sqrt{\rho+\eta-\beta})^2$,"),
    Step("optimal-beta", "The best β", sp.Symbol(r"\beta^{*}(\infty)"), limits.large_data_optimal_beta, eta, _DOMAINS,
         "[IH] Claim 6.1", ("α → ∞",), prose=r"which is least, zero, where $\beta$ equals the noise strength:"),
    Step("rate-distortion", "A Gaussian source", sp.Symbol(r"\mathrm{rate}(\Delta)"), limits.rate_of_distortion,
         sp.log((rho + eta) / _DELTA) / 2, _DOMAINS, "[IH] Claim 6.2", ("α → ∞", "Δ < ρ+η"), (_DELTA < rho + eta,),
         prose=r"Eliminate $\beta$: the rate at distortion $\Delta$ is that of the optimal code for a Gaussian source "
               r"of variance $\rho+\eta$, which the data along the signal are if $c$ is Gaussian:"),
    Step("water-filling", "Several latents", sp.Symbol(r"\mathrm{rate}(\Delta)"), limits.two_latent_rate,
         sp.log(4 * _SOURCES[0] * _SOURCES[1] / _DELTA**2) / 2, _DOMAINS, "new",
         ("two latents, two directions of variances ℓ₁, ℓ₂, both active",),
         (_DELTA < 2 * _SOURCES[0], _DELTA < 2 * _SOURCES[1]),
         prose=r"Latents decouple, so for several of them rates and distortions add. Every active latent has the "
               r"distortion $\beta$ and every other one the variance of its direction: for two,"),
    Step("gaussian-source", "Reverse water-filling", sp.Symbol(r"\mathrm{rate}_{\mathrm{G}}(\Delta)"),
         limits.gaussian_source,
         sp.log(4 * _SOURCES[0] * _SOURCES[1] / _DELTA**2) / 2, _DOMAINS, "Shannon 1959; Kolmogorov 1956",
         ("both variances above the water level Δ/2",), (_DELTA < 2 * _SOURCES[0], _DELTA < 2 * _SOURCES[1]),
         prose=r"That is the optimal code again: minimising the rate of a Gaussian source over the distortions of its "
               r"components, at a given sum, makes them equal; the common water level is $\beta$:"),
), _FOLD)

CHAPTER = Chapter(
    "large-data", "Unlimited data",
    r"When the samples outnumber the dimensions without bound, weight decay and sampling noise drop out and "
    r"everything is elementary: collapse at $\rho+\eta$ cannot be avoided, the best $\beta$ is the noise strength, "
    r"and the model of Gaussian data is an optimal code.", STEPS,
    question="What remains when data are unlimited?",
    answer=r"Collapse iff $\beta\ge\rho+\eta$. Below, the decoder holds $\rho+\eta-\beta$ of the variance, the signal "
           r"is recovered exactly at $\beta=\eta$, and rate and distortion are those of the best code for a Gaussian "
           r"source, as the data along the signal are for a Gaussian $c$.")
