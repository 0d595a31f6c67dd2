"""Chapter: rate and distortion of a finite sample, and the distance to the true posterior."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae.consequences import rates
from vaesym.algebra import Step
from vaesym.linear_vae.exact import eigenvector
from vaesym.linear_vae.statement.symbols import (
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    lam,
    overlap,
    population,
    rho,
    sym,
)

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
    Step("training-rate", "Rate on the training set", sp.Symbol("R_0"), rates.training_rate,
         sp.log(eigenvalue / beta) / 2, _DOMAINS, "new", ("λ = 0",), _ACTIVE,
         prose=r"Without weight decay $Q=\Lambda-\beta$ and $D=\beta/\Lambda$. On the training set the variance along "
               r"the learned direction is $\Lambda$ and the rate"),
    Step("training-distortion", "Distortion on the training set", sp.Symbol(r"\Delta_0"), rates.training_distortion,
         beta, _DOMAINS, "new", ("λ = 0",), _ACTIVE,
         prose=r"at the distortion $\beta$: exactly the curve $R=\frac12\ln(\Lambda/\Delta)$ of a Gaussian source of "
               r"variance $\Lambda$, at any number of samples:"),
    Step("fresh-rate", "Rate on fresh data", sp.Symbol(r"\mathrm{rate}"), lambda: rates.fresh("rate"),
         ((eigenvalue - beta) * _V / eigenvalue**2 + beta / eigenvalue - 1 + sp.log(eigenvalue / beta)) / 2,
         _DOMAINS, "new", ("λ = 0",), _ACTIVE,
         prose=r"Fresh data have the smaller variance $\nu=\eta+\rho o$ there. The rate is"),
    Step("fresh-distortion", "Distortion on fresh data", sp.Symbol(r"\mathrm{distortion}"),
         lambda: rates.fresh("distortion"),
         rho * (1 - overlap) + _V * beta**2 / eigenvalue**2 + beta * (eigenvalue - beta) / eigenvalue, _DOMAINS, "new",
         ("λ = 0",), _ACTIVE,
         prose="and the distortion, a sum of positive terms: what was not learned, bias, and sampling,"),
    Step("excess-rate", "Distance to the Gaussian source", sp.Symbol(r"\alpha(\mathrm{rate}-R_G)"), rates.excess_rate,
         _TAU * (_C - beta) / (2 * beta), _DOMAINS, "new", ("λ = 0", "α → ∞"), (beta < rho + eta,),
         prose=r"so fresh data do not follow the curve of a Gaussian source of variance $\rho+\eta$: "
               r"the rate at the same distortion is larger, by an amount that vanishes as $1/\alpha$:"),
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
    Step("collapse-probability", "How many samples count as collapsed", sp.Symbol(r"P(\mathrm{KL}_x<\delta)"),
         rates.collapse_probability, sp.erf(sp.sqrt(_COUNTED / (2 * _CHH))), _DOMAINS, "Lucas et al. 2019",
         (), (_COUNTED > 0,),
         prose=r"A latent is $(\delta,\varepsilon)$-collapsed if $P_x(\mathrm{KL}_x<\delta)\ge1-\varepsilon$. "
               r"A sample with encoder field $h$ has $\mathrm{KL}_x=\frac12(h^2+D-1-\ln D)$, with $h\sim N(0,C_{hh})$. "
               r"For one latent:"),
    Step("collapse-probability-two", "The same for two latents", sp.Symbol(r"P(\mathrm{KL}_x<\delta)"),
         rates.collapse_probability_of_two, 1 - sp.exp(-(_DELTA + 1 + sp.log(D) - D) / _CHH), _DOMAINS,
         "Lucas et al. 2019", ("two latents of equal D and C",), (_DELTA + 1 + sp.log(D) > D,),
         prose=r"For $M$ latents of equal variance the sum of squares is $\chi^2$ with $M$ degrees of freedom; "
               r"for two of them:"),
), _FOLD)

CHAPTER = Chapter(
    "rate-distortion", "Rate and distortion",
    "A variational autoencoder is a code: its KL term is the rate, its squared error the distortion. "
    "How good a code does a finite sample teach?", STEPS)
