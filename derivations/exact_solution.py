"""Chapter: the exact minimum for any data, by elimination, and what the data show of the signal."""

from __future__ import annotations

import sympy as sp

from derivations.chapter import Chapter
from vaesym.algebra import Step
from vaesym.model import data, exact, observables
from vaesym.model.symbols import (
    D,
    E,
    Q,
    R,
    alpha,
    beta,
    d,
    domains_of,
    eigenvalue,
    eta,
    lam,
    m,
    overlap,
    rho,
    v,
    w,
)

_DOMAINS = domains_of()
_KAPPA = beta + lam / (alpha * eigenvalue)
_DETECTED = (alpha * rho**2 > eta**2,)
_GAIN = 1 / (Q + _KAPPA)
_VARIANCE = eta + rho * overlap


def _along(name: str) -> sp.Expr:
    expression = observables.OBSERVABLES[name]()
    return expression.subs(observables.state_along_eigenvector(), simultaneous=True).replace(sp.Abs, lambda a: a)


STEPS = (
    Step("direction-loss", "Loss along an eigenvector", sp.Symbol("R/N"), exact.direction_loss,
         alpha * (-w * v * eigenvalue + (Q + beta) * v**2 * eigenvalue / 2 + Q * D / 2
                  + beta * (D - sp.log(D) - 1) / 2) + lam * (w**2 + v**2) / 2,
         _DOMAINS, "new", ("Weights along one eigenvector of XᵀX/P with eigenvalue Λ.",),
         prose=r"Summed over the samples and divided by $N$, the loss of weights $w, v$ along an eigenvector is"),
    Step("variance", "Eliminate the posterior variance", D, exact.optimal_variance, beta / (Q + beta), _DOMAINS, "new",
         prose="Its minimum over $D$ is at"),
    Step("encoder", "Eliminate the encoder", v, exact.optimal_encoder, w / (Q + _KAPPA), _DOMAINS, "new",
         prose=r"and over $v$, with $\kappa = \beta + \lambda/(\alpha\Lambda)$, at"),
    Step("eigenvector-gain", "Why the top eigenvector", sp.Symbol(r"\partial_{\Lambda}R/N"), exact.eigenvector_gain,
         -alpha * w**2 / (2 * (Q + _KAPPA)) * (1 + lam / (alpha * eigenvalue) / (Q + _KAPPA)), _DOMAINS, "new",
         prose=r"At given $w$ and $Q$ the loss falls with $\Lambda$, so all of $W$ lies along the top eigenvector:"),
    Step("potential", "The potential of one latent", sp.Symbol(r"\Phi(Q)"), exact.potential,
         -alpha * Q * eigenvalue / (2 * (Q + _KAPPA)) + alpha * beta * sp.log(1 + Q / beta) / 2 + lam * Q / 2, _DOMAINS,
         "new", prose=r"What remains is a function of $Q=\|W\|^2/N$ alone, with $R_{\min}/N=\min_Q\Phi(Q)$:"),
    Step("cubic", "Its stationary points", sp.Symbol("p(Q)"), lambda: exact.stationarity_cubic().as_expr(),
         (lam * (Q + beta) + alpha * beta) * (Q + _KAPPA) ** 2 - alpha * eigenvalue * _KAPPA * (Q + beta), _DOMAINS,
         "new", prose=r"Stationary points with $Q>0$ are the positive roots of a cubic:"),
    Step("curvature", "Curvature of the potential", sp.Symbol(r"\Phi^{\prime\prime}(Q)"), exact.curvature,
         alpha * eigenvalue * _KAPPA / (Q + _KAPPA) ** 3 - alpha * beta / (2 * (Q + beta) ** 2), _DOMAINS, "new",
         prose="whose stability is read off the curvature"),
    Step("outlier", "What the data show of the signal", sp.Tuple(eigenvalue, overlap), data.outlier,
         ((rho + eta) * (1 + eta / (alpha * rho)), (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))),
         _DOMAINS, "Baik, Ben Arous and Péché 2005", ("α > (η/ρ)²",), _DETECTED,
         prose=r"An isolated eigenvalue $\ell$ of the population appears at $\psi(\ell)=\ell(1+\frac{\eta/\alpha}{\ell-\eta})$ "
               r"with squared overlap $\ell\psi'(\ell)/\psi(\ell)$. For the signal, $\ell=\rho+\eta$:"),
    Step("detection", "When the signal is seen at all", sp.Symbol("alpha_B"), data.detection_threshold, (eta / rho) ** 2,
         _DOMAINS, "Baik, Ben Arous and Péché 2005", prose=r"$\psi$ must increase there, which ends at"),
    Step("bulk-edge", "The edge of the noise", sp.Symbol("Lambda_0"), data.bulk_edge, eta * (1 + 1 / sp.sqrt(alpha)) ** 2,
         _DOMAINS, "Marchenko and Pastur 1967", prose=r"Below, the top eigenvalue is the edge of the noise, the minimum of $\psi$:"),
    Step("state", "Order parameters of a latent", sp.Tuple(E, R, m, d, D),
         lambda: tuple(observables.state_along_eigenvector()[s] for s in (E, R, m, d, D)),
         (_GAIN**2 * Q, _GAIN * Q, sp.sqrt(Q * overlap), _GAIN * sp.sqrt(Q * overlap), beta / (Q + beta)), _DOMAINS,
         "new", prose="The remaining order parameters of a latent follow from $Q$, the eigenvalue and the overlap:"),
    Step("rate", "Rate", sp.Symbol(r"\mathrm{rate}"), lambda: _along("rate"),
         (_GAIN**2 * Q * _VARIANCE + beta / (Q + beta) - 1 - sp.log(beta / (Q + beta))) / 2, _DOMAINS, "[IH] Eq. 8",
         prose=r"and the observables over fresh data, of variance $\eta+\rho o$ along the latent. The rate is"),
    Step("distortion", "Distortion", sp.Symbol(r"\mathrm{distortion}"), lambda: _along("distortion"),
         rho + eta - 2 * _GAIN * Q * _VARIANCE + Q * (_GAIN**2 * Q * _VARIANCE + beta / (Q + beta)), _DOMAINS,
         "[IH] Claim 5.3", prose="the distortion"),
    Step("recovery", "Signal recovery error", sp.Symbol("epsilon"), lambda: _along("signal_recovery_error"),
         (sp.sqrt(Q) - sp.sqrt(rho * overlap)) ** 2 + rho * (1 - overlap), _DOMAINS, "new",
         prose="and the signal recovery error is a square plus what no model can recover:"),
)

CHAPTER = Chapter(
    "exact-solution", "The exact solution",
    r"For any data matrix the global minimum of the loss is known: eliminate the posterior variance and the encoder, turn "
    r"the decoder to the top eigenvector, and minimise a potential of one variable. Random matrix theory then says what "
    r"a finite sample shows of the signal.", STEPS)
