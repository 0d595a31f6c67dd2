"""Chapter: posterior collapse, its threshold, and how the model behaves around it."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae.minimum import certificate, latents, stability
from vaesym.algebra import Step
from vaesym.linear_vae.exact import collapse
from vaesym.linear_vae.statement.symbols import (
    SUSCEPTIBILITY,
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    indexed,
    indexed_domains,
    lam,
    population,
    rho,
    sigma,
    spike_1,
    spike_2,
    sym,
    v,
    w,
)

_DOMAINS = domains_of()
_BETA_C = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
_TOPS = (indexed("eigenvalue", 1), indexed("eigenvalue", 2))
_MATRICES = {
    sp.MatrixSymbol("chi", 2, 2): SUSCEPTIBILITY,
    sp.MatrixSymbol("A", 2, 2): sp.ImmutableMatrix([[0, -1], [-1, beta]]),
}
_chi, _a = _MATRICES
_ONSET_AT = sym("onset")
_ONSET = (_BETA_C > 0, _BETA_C * (alpha + 2 * lam) > lam / eigenvalue)


def _block(top: sp.Expr) -> sp.Matrix:
    return sp.Matrix([[lam + alpha, -alpha * top], [-alpha * top, beta * alpha * top + lam]])


STEPS = folded((
    Step("hessian", "Hessian of the collapsed state", sp.MatrixSymbol("H", 2, 2), collapse.collapse_hessian,
         sp.Matrix([[lam + alpha, -alpha * eigenvalue], [-alpha * eigenvalue, beta * alpha * eigenvalue + lam]]),
         _DOMAINS, "new",
         prose=r"At $W=V=0$, $D=1$ the loss has, along an eigenvector of eigenvalue $\Lambda$, the Hessian"),
    Step("threshold", "Collapse threshold", sp.Symbol("beta_c"), collapse.collapse_threshold,
         alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue), _DOMAINS, "new",
         prose=r"Its first entry is positive, so collapse is locally stable iff the determinant is, "
               r"that is iff $\beta\ge\beta_c$ with"),
    Step("hessian-latents", "Two latents", sp.MatrixSymbol("H", 8, 8), latents.collapse_hessian,
         sp.diag(*[_block(top) for top in _TOPS for _ in range(2)]),
         {**_DOMAINS, **indexed_domains("eigenvalue", *_TOPS)}, "new",
         prose=r"Several latents decouple there: for two latents along two eigenvectors the Hessian is block diagonal, "
               r"each latent and eigenvector with a block of its own, so $\beta_c$ is that of the largest eigenvalue:"),
    Step("parity", "The replica equations around collapse", sp.Symbol(r"\partial_{\mu}\partial_{\cdot}f"),
         stability.cross_block, sp.zeros(2, 7), _DOMAINS, "[IH] App. C.4",
         prose="The replica equations tell the same story at any sample size. Around their collapsed saddle the "
               "overlaps $(m,d)$ decouple from the seven other order parameters by parity,"),
    Step("replica-jacobian", "Their Jacobian in the overlaps", sp.Symbol(r"\partial_{\mu}\partial_{\mu}f"),
         stability.planted_block, _chi.I + alpha * rho * (sp.Identity(2) + eta * _a * _chi).I * _a, _DOMAINS,
         "[IH] App. C.4", where=_MATRICES, prose=r"and their own Jacobian is $\chi^{-1}+\alpha\rho G$:"),
    Step("replica-stability", "Where the replica equations lose stability",
         sp.Symbol(r"\det(\chi^{-1}+\alpha\rho G)/\det H_0"), certificate.planted_determinant,
         (spike_1 - rho) * (spike_2 - rho) / ((spike_1 + 1) * (spike_2 + 1)), _DOMAINS, "new",
         ("ρ, r₁, r₂ in units of η", "s₁ = ψ(η+r₁) and s₂ = ψ(η+r₂) are the modes' eigenvalues"),
         prose=r"At the collapsed saddle its determinant factorises over the modes. It vanishes where the virtual "
               r"spike of a mode is the real one, $r_1=\rho$, that is where $s_1=\Lambda$:"),
    Step("replica-threshold", "The same threshold", sp.Symbol("beta_c"), stability.threshold_from_modes, _BETA_C,
         _DOMAINS, "new",
         prose=r"and a collapsed mode has the eigenvalue $\Lambda$ iff $\det(H_0+\alpha\Lambda A)=0$, "
               r"with $H_0=\mathrm{diag}(\lambda+\alpha,\lambda)$: at the threshold found before,"),
    Step("training-map", "Best responses with unlimited data", sp.Tuple(w, v), stability.training_map,
         (population * v / (population * v**2 + D), w / (w**2 + beta)), _DOMAINS, "[IH] App. C.4", ("α → ∞, λ/α → 0",),
         prose=r"With unlimited data weights at their best given each other obey, with $\ell=\rho+\eta$ along the "
               r"signal,"),
    Step("training-jacobian", "Its Jacobian at collapse", sp.MatrixSymbol("J", 2, 2), stability.training_jacobian,
         sp.Matrix([[0, population], [1 / beta, 0]]), _DOMAINS, "[IH] App. C.4", ("α → ∞, λ/α → 0",),
         prose="The Jacobian of this map at collapse is"),
    Step("training-eigenvalues", "Linear stability of the map", sp.Symbol(r"\mathrm{eig}J"),
         stability.training_eigenvalues, (-sp.sqrt(population / beta), sp.sqrt(population / beta)), _DOMAINS,
         "[IH] App. C.4", ("α → ∞, λ/α → 0",),
         prose=r"whose eigenvalues reach $1$ at $\beta=\rho+\eta$:"),
    Step("training-latents", "Two latents", sp.MatrixSymbol("J", 8, 8), latents.response_jacobian,
         sp.diag(*[sp.Matrix([[0, top], [1 / beta, 0]]) for top in _TOPS for _ in range(2)]),
         {**_DOMAINS, **indexed_domains("eigenvalue", *_TOPS)}, "[IH] App. C.4", ("λ → 0",),
         prose=r"For two latents and two directions the Jacobian of best responses, from the Hessian by the implicit "
               r"function theorem, is block diagonal: a pair of eigenvalues $\pm\sqrt{\Lambda_i/\beta}$ for each "
               r"direction and latent:"),
    Step("covariance", "Any covariance, any decoder variance", sp.Symbol(r"\det H/\alpha^2"),
         stability.general_determinant, eigenvalue * (beta * sigma**2 - eigenvalue), _DOMAINS, "[LZ]", ("λ = 0",),
         prose=r"Nothing here used the spiked model: $\Lambda$ is an eigenvalue of any sample covariance. "
               r"Without weight decay and with decoder variance $\sigma^2$ collapse is stable iff "
               r"$\beta\sigma^2\ge\Lambda_{\max}$:"),
    Step("active-norm", "An active latent", Q, stability.active_norm, eigenvalue - beta * sigma**2, _DOMAINS, "[LZ]",
         ("λ = 0",), (eigenvalue > beta * sigma**2,),
         prose=r"Latent $l$ is active iff $\Lambda_l>\beta\sigma^2$, with"),
    Step("active-kl", "Its KL", sp.Symbol(r"\mathrm{KL}"), stability.active_kl,
         sp.log(eigenvalue / (beta * sigma**2)) / 2, _DOMAINS, "[LZ]", ("λ = 0", "over the training set"),
         (eigenvalue > beta * sigma**2,), prose="and carries"),
    Step("kl-slope", "The KL at the threshold", sp.Symbol(r"\partial_{\beta}\mathrm{KL}"),
         lambda: sp.diff(stability.active_kl().subs(sigma, 1), beta).subs(beta, eigenvalue),
         -1 / (2 * eigenvalue), _DOMAINS, "[LZ]", ("λ = 0, β → Λ from below",),
         prose=r"It is continuous there; its slope jumps from the value below to $0$:"),
    Step("gain", "What an active latent gains", sp.Symbol(r"-\Phi/\alpha"), stability.active_gain,
         (eigenvalue - beta) / 2 - beta * sp.log(eigenvalue / beta) / 2, _DOMAINS, "new", ("λ = 0",),
         (eigenvalue > beta,), prose=r"The gain in ELBO per sample is"),
    Step("gain-onset", "The ELBO at the threshold", sp.Symbol(r"-\Phi/(\alpha(\Lambda-\beta)^2)"),
         lambda: sp.limit(stability.active_gain() / (eigenvalue - beta) ** 2, beta, eigenvalue),
         1 / (4 * eigenvalue), _DOMAINS, "[LZ]", ("λ = 0, β → Λ from below",),
         prose="which grows as the square of the distance to the threshold: the ELBO and its slope are continuous, "
               "its second derivative jumps:"),
    Step("norm-slope", "The weights at the threshold", sp.Symbol(r"\partial_{\beta}Q"), stability.norm_slope,
         -_ONSET_AT * (alpha + lam) / (_ONSET_AT * (alpha + 2 * lam) - lam / eigenvalue), _DOMAINS, "new",
         ("β → β_c from below", "the transition is continuous"), _ONSET,
         prose=r"With weight decay $Q$ grows linearly below $\beta_c$, so the weights as "
               r"$\|W\|\propto(\beta_c-\beta)^{1/2}$: a supercritical pitchfork. The slope diverges where "
               r"$\beta(\alpha+2\lambda)=\lambda/\Lambda$, the tricritical line of Chapter~\ref{chapter:phases}:"),
), {_ONSET_AT: _BETA_C})

CHAPTER = Chapter(
    "collapse", "Posterior collapse",
    "When does a latent carry nothing? The collapsed state is always stationary; its Hessian decides. "
    "Three ways lead to the same threshold: the Hessian of the loss for any data, the Jacobian of the replica "
    "equations, and the linear stability of the fixed-point map of unlimited data.", STEPS)
