"""Chapter: which β recovers the signal best, and three questions the literature left open."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from vaesym.algebra import Step
from vaesym.linear_vae.exact import eigenvector, limits, minimum
from vaesym.linear_vae.exact.collapse import collapse_threshold
from vaesym.linear_vae.exact.eigenvector import observable
from vaesym.linear_vae.exact.limits import large_data_norm, norm_correction, threshold_correction
from vaesym.linear_vae.exact.minimum import norm_derivative, norm_without_decay, stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import signal
from vaesym.linear_vae.statement.symbols import (
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



_DOMAINS = domains_of()
_C, _TAU = population, sym("noise_ratio")
_FOLD = {_C: rho + eta, _TAU: eta / rho}
_T = alpha * eigenvalue
_DELTA = lam / _T
_DETECTED = (alpha * rho**2 > eta**2,)
_LAMBDA = (rho + eta) * (1 + eta / (alpha * rho))
_O = (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))


STEPS = folded((
    Step("recovery", "Signal recovery error", sp.Symbol("epsilon"),
         lambda: eigenvector.observable("signal_recovery_error"),
         (sp.sqrt(Q) - sp.sqrt(rho * overlap)) ** 2 + rho * (1 - overlap), _DOMAINS, "new",
         prose=r"The recovery error $\epsilon=\rho-2\sqrt\rho\,\lvert m\rvert+Q$ is a square plus what no decoder "
               r"along "
               r"the top eigenvector recovers, at any $\beta$ and weight decay (other penalties, "
               r"Figure~\ref{figure:recovery}, and training that is stopped, Figure~\ref{figure:dynamics}, may find "
               r"more in the same samples):"),
    Step("best-error", "The least error", sp.Symbol(r"\epsilon^{*}"), best_error,
         eta * (rho + eta) / (alpha * rho + eta), _DOMAINS, "new", ("α > α_B", "Q = ρo can be reached"), _DETECTED,
         prose=r"So the best $\beta$ puts $Q$ at $\rho o$, and the best error is $\rho(1-o)$ whatever the weight "
               r"decay. This is what more data buy:"),
    Step("condition", "The condition on β", sp.Tuple(*sp.symbols("b_3 b_2 b_1 b_0")),
         lambda: tuple(limits.optimal_beta_coefficients()),
         (alpha + lam, 2 * (alpha + lam) * (Q + _DELTA) + lam * Q - _T,
          (alpha + lam) * (Q + _DELTA) ** 2 + 2 * lam * Q * (Q + _DELTA) - lam - _T * Q,
          lam * Q * ((Q + _DELTA) ** 2 - 1)),
         _DOMAINS, "new", ("coefficients of β³, β², β, 1 at Q = ρo",),
         prose=r"It solves the stationarity condition at $Q=\rho o$, a cubic in $\beta$ with the coefficients"),
    Step("no-decay", "Without weight decay", sp.Symbol(r"\beta^{*}"), best_beta_without_decay,
         _LAMBDA - rho * _O, _DOMAINS, "new", ("λ = 0", "α > α_B"), _DETECTED,
         prose=r"Without weight decay $Q=\Lambda-\beta$, so $\beta^*=\Lambda-\rho o$:"),
    Step("expansion", "Many samples", sp.Symbol(r"\beta^{*(1)}"), best_beta_correction,
         2 * _TAU * _C + lam * (1 - _C**2) / eta - 2 * lam / _C, _DOMAINS, "new",
         prose=r"With many samples $\beta^*=\eta+\beta^{*(1)}/\alpha+O(\alpha^{-2})$ for any weight decay, with "
               r"$\beta^{*(1)}$ as below, $\ell=\rho+\eta$ and $\tau=\eta/\rho$; for $\lambda=0$ it comes from above, "
               r"$\beta^*=\eta+2\eta(\rho+\eta)/(\rho\alpha)$:"),
    Step("small-beta", "What can be reached", sp.Symbol(r"Q(\beta\to0)"), norm_at_small_beta,
         1 - lam / _T, _DOMAINS, "new", ("0 < λ < αΛ",), (lam < _T,),
         prose=r"Can $Q=\rho o$ be reached? With weight decay $Q$ tends to a limit below $1$ as $\beta\to0$ (the "
               r"variance of the prior; without weight decay to $\Lambda$: the limits of $\beta$ and $\lambda$ do not "
               r"commute). "
               r"For smaller $\rho o$ the condition is negative at $\beta=0$ and has a positive root, "
               r"which is reached if it belongs to the global minimum; with a first-order transition $\rho o$ must not "
               r"be below the $Q$ at coexistence, else the best $\beta$ is just before the jump. The limit is"),
    Step("small-beta-slope", "Near the limit", sp.Symbol(r"\partial_{\beta}Q"), norm_slope_at_small_beta,
         (_T - 2 * lam) * (_T - lam) / (2 * lam * (_T - lam)) - alpha / (2 * lam) * _T / (_T - lam), _DOMAINS, "new",
         ("β → 0", "0 < λ < αΛ"), (lam < _T,),
         prose=r"from there $Q$ first rises with $\beta$ iff the slope below is positive, so that $Q(\beta)$ need "
               r"not be monotone. For larger $\rho o$ two values of $\beta$ share the optimum or there is none: "
               r"then the best $\beta$ is where $Q$ is largest:"),
    Step("gap", "How the best β relates to the threshold",
         sp.Tuple(sp.Symbol(r"\beta_c-\beta^{*}"), sp.Symbol(r"\beta_c^{(1)}-\beta^{*(1)}")),
         threshold_gap, (rho * _O, -_TAU * _C - lam * _C + lam / _C + lam * (_C**2 - 1) / eta), _DOMAINS, "new",
         ("first: λ = 0", "second: any λ"), _DETECTED,
         prose=r"The best $\beta$ lies below the threshold by the signal that the data show, $\rho o$, at $\lambda=0$; "
               r"for any $\lambda$ by $\rho+(\beta_c^{(1)}-\beta^{*(1)})/\alpha+O(\alpha^{-2})$:"),
    Step("no-decay-norm", "Why: nothing but shrinkage", Q, minimum.norm_without_decay, eigenvalue - beta, _DOMAINS,
         "[LZ]", ("λ = 0",), (eigenvalue > beta,),
         prose=r"since, by \eqref{collapse:active-norm}, without weight decay the KL term only shrinks, by $\beta$, "
               r"the variance that principal component analysis would give the latent:"),
), _FOLD)

CHAPTER = Chapter(
    "choosing-beta", "Choosing beta",
    r"Three questions find their answers here and in the next chapters. \emph{What sets the length of the "
    r"plateau?} The larger root of the quadratic of Chapter~\ref{chapter:phases}, which diverges as "
    r"$1/(\rho+\eta-\beta)$. \emph{How is the best $\beta$ related to the threshold?} Without weight decay it lies "
    r"below it by $\rho o$, in general by $\rho$ and a term in $1/\alpha$, \eqref{choosing-beta:gap}. "
    r"\emph{How does the rate-distortion curve depend on the size of the data set?} Without weight decay, on the "
    r"training set not at all in form: it is that of a Gaussian source with the variance $\Lambda$ that the data show; "
    r"on fresh data it is worse by an excess that vanishes as $1/\alpha$.", STEPS,
    question="Which $\\beta$ recovers the signal best, and how well?",
    answer=r"The one at which $Q=\rho o$, where that can be reached: the error is then $\rho(1-o)$, whatever the "
           r"weight "
           r"decay. Without weight decay $\beta^*=\Lambda-\rho o$, with many samples $\eta$ and a little more.")
