"""Chapter: rate and distortion of a finite sample, and the distance to the true posterior."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae import plates
from vaesym.algebra import Step, lowest_terms
from vaesym.linear_vae.exact import eigenvector, forms
from vaesym.linear_vae.exact.eigenvector import along_eigenvector, observable
from vaesym.linear_vae.exact.minimum import norm_without_decay
from vaesym.linear_vae.sample.random_matrix import signal
from vaesym.linear_vae.statement.loss import kl_to_prior, reconstruction
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    OVERLAP,
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    h,
    k,
    lam,
    overlap,
    population,
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



_DOMAINS = domains_of()
_V, _OMEGA, _KAPPA = sym("learned_variance"), sym("posterior_gap"), sym("kappa")
_VARIANCE = eta + rho * overlap
_ACTIVE = (eigenvalue > beta,)
_C, _TAU = population, sym("noise_ratio")
_CHH, _DELTA = sym("field_variance"), sym("threshold")
_COUNTED = 2 * _DELTA + 1 + sp.log(D) - D
_SHORT = beta + lam / (alpha * eigenvalue)
_FOLD = {_C: rho + eta, _TAU: eta / rho, _V: _VARIANCE, _KAPPA: _SHORT,
         _OMEGA: (1 / (Q + _SHORT) - 1 / (1 + Q)) ** 2 * Q * _VARIANCE}

STEPS = folded((
    Step("training-rate", "Rate on the training set", sp.Symbol(r"\mathrm{rate}_0"), training_rate,
         sp.log(eigenvalue / beta) / 2, _DOMAINS, "new", ("λ = 0",), _ACTIVE,
         prose=r"Without weight decay $Q=\Lambda-\beta$ and $D=\beta/\Lambda$. On the training set, with averages over "
               r"its samples in place of fresh data, $h$ has the variance of the learned direction, $\Lambda$ for a "
               r"component of unit size, and the rate is"),
    Step("training-distortion", "Distortion on the training set", sp.Symbol(r"\Delta_0"), training_distortion,
         beta, _DOMAINS, "new", ("λ = 0",), _ACTIVE,
         prose=r"at the distortion (there the squared error along the learned direction) $\beta$: exactly the curve "
               r"$\frac12\ln(\Lambda/\Delta)$ of rate over distortion "
               r"$\Delta$ of a Gaussian source of variance $\Lambda$, at any number of samples:"),
    Step("fresh-rate", "Rate on fresh data", sp.Symbol(r"\mathrm{rate}"), lambda: fresh("rate"),
         ((eigenvalue - beta) * _V / eigenvalue**2 + beta / eigenvalue - 1 + sp.log(eigenvalue / beta)) / 2,
         _DOMAINS, "new", ("λ = 0",), _ACTIVE,
         prose=r"Fresh data have the smaller variance $\nu=\eta+\rho o$ there. The rate is"),
    Step("fresh-distortion", "Distortion on fresh data", sp.Symbol(r"\mathrm{distortion}"),
         lambda: fresh("distortion"),
         rho * (1 - overlap) + _V * beta**2 / eigenvalue**2 + beta * (eigenvalue - beta) / eigenvalue, _DOMAINS, "new",
         ("λ = 0",), _ACTIVE,
         prose="and the distortion, a sum of positive terms: what was not learned, bias, and sampling,"),
    Step("excess-rate", "Distance to the Gaussian source",
         sp.Symbol(r"\alpha(\mathrm{rate}-\mathrm{rate}_{\mathrm{G}})"),
         excess_rate,
         _TAU * (_C - beta) / (2 * beta), _DOMAINS, "new", ("λ = 0", "α → ∞"), (beta < rho + eta,),
         prose=r"so fresh data do not follow the curve of a Gaussian source of variance $\ell=\rho+\eta$, "
               r"$\mathrm{rate}_{\mathrm{G}}=\frac12\ln(\ell/\Delta)$ at the same distortion $\Delta$: with many "
               r"samples the rate is larger by an amount that vanishes as $1/\alpha$ ($\tau=\eta/\rho$),"),
    Step("worse-than-none", "Where a code is worse than none", sp.Symbol(r"\partial_{\beta}\Delta|_{\beta=\Lambda}"),
         lambda: sp.diff(fresh("distortion"), beta).subs(beta, eigenvalue), 2 * _V / eigenvalue - 1, _DOMAINS, "new",
         ("λ = 0",),
         prose=r"and with few samples the code may be worse than none. At $\beta=\Lambda$ fresh data have the "
               r"distortion $\rho+\eta$ of a collapsed latent; below, where the latent has a positive rate, it is at "
               r"first larger iff $\Lambda>2\nu$:"),
    Step("kl-forward", "Distance to the true posterior", sp.Symbol(r"\mathrm{KL}(q\,|\,p)"),
         lambda: eigenvector.observable("kl_variational_to_posterior"),
         ((1 + Q) * (beta / (Q + beta) + _OMEGA) - 1 - sp.log(beta * (1 + Q) / (Q + beta))) / 2, _DOMAINS, "[IH] Eq. 9",
         prose=r"The model's own posterior is $N(k/(1+Q),1/(1+Q))$. The gap between its mean and the "
               r"encoder's has over fresh data the variance $\omega=(\frac{1}{Q+\kappa}-\frac{1}{1+Q})^2Q\nu$, "
               r"and the distance of the encoder to it is, for any $\lambda$,"),
    Step("kl-reverse", "and back", sp.Symbol(r"\mathrm{KL}(p\,|\,q)"),
         lambda: eigenvector.observable("kl_posterior_to_variational"),
         ((1 / (1 + Q) + _OMEGA) * (Q + beta) / beta - 1 + sp.log(beta * (1 + Q) / (Q + beta))) / 2, _DOMAINS,
         "[IH] Eq. 9", prose="and in the other direction"),
    Step("kl-vanish", "No distance at β = 1", sp.Symbol(r"\mathrm{KL}"),
         lambda: tuple(eigenvector.observable(name).subs({beta: 1, lam: 0})
                       for name in ("kl_variational_to_posterior", "kl_posterior_to_variational")),
         (sp.S.Zero, sp.S.Zero), _DOMAINS, "[IH] Sec. 5", ("β = 1, λ = 0",),
         prose=r"Both vanish at $\beta=1$, $\lambda=0$, where the encoder is the true posterior:"),
    Step("collapse-probability", "How many samples count as collapsed", sp.Symbol(r"\Pr(\mathrm{KL}_x<\delta)"),
         collapse_probability, sp.erf(sp.sqrt(_COUNTED / (2 * _CHH))), _DOMAINS, "Lucas et al. 2019",
         ("c Gaussian",), (_COUNTED > 0,),
         prose=r"Lucas et al. call a latent collapsed if all but a small share of the samples have a KL below some "
               r"small $\delta$, $\mathrm{KL}_x<\delta$. A sample with encoder field $h$ has "
               r"$\mathrm{KL}_x=\frac12(h^2+D-1-\ln D)$, with $h\sim N(0,C_{hh})$ if $c$ is Gaussian (for any $c$ "
               r"where $d=0$). For one latent:"),
    Step("collapse-probability-two", "The same for two latents", sp.Symbol(r"\Pr(\mathrm{KL}_x<\delta)"),
         collapse_probability_of_two, 1 - sp.exp(-(_DELTA + 1 + sp.log(D) - D) / _CHH), _DOMAINS,
         "Lucas et al. 2019", ("two latents of equal $D$ and $C_{hh}$, as on equal signals, uncorrelated", "$c$ "
         "Gaussian"),
         (_DELTA + 1 + sp.log(D) > D,),
         prose=r"For $M$ latents of equal variance the sum of squares has the chi-squared law with $M$ degrees of "
               r"freedom; for two of them, whose KL add up:"),
), _FOLD)

CHAPTER = Chapter(
    "rate-distortion", "Rate and distortion",
    "A variational autoencoder is a code: its KL term is the rate, its squared error the distortion.", STEPS,
    question="How good a code does a finite sample teach, and how far is its encoder from the true posterior?",
    answer=r"On the training set, without weight decay, exactly the best code for the variance $\Lambda$ that the data "
           r"show; on fresh data a worse one: with many samples by an excess rate of order $1/\alpha$, with few near "
           r"$\beta=\Lambda$ worse than no code at all. The encoder is the true posterior "
           r"at $\beta=1$ without weight decay.",
    plates=(plates.RATE_DISTORTION,))
