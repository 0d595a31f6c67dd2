"""Chapter: posterior collapse, its threshold at finite and infinite sample size."""

from __future__ import annotations

import sympy as sp

from derivations.chapter import Chapter
from vaesym.algebra import Step
from vaesym.model import collapse, limits
from vaesym.model.symbols import alpha, beta, domains_of, eigenvalue, eta, lam, rho

_DOMAINS = domains_of()
_C = rho + eta
_TAU = eta / rho

STEPS = (
    Step("hessian", "Hessian of the collapsed state", sp.MatrixSymbol("H", 2, 2), collapse.collapse_hessian,
         sp.Matrix([[lam + alpha, -alpha * eigenvalue], [-alpha * eigenvalue, beta * alpha * eigenvalue + lam]]),
         _DOMAINS, "new", prose=r"At $W=V=0$, $D=1$ the loss has, along an eigenvector of eigenvalue $\Lambda$, the Hessian"),
    Step("threshold", "Collapse threshold", sp.Symbol("beta_c"), collapse.collapse_threshold,
         alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue), _DOMAINS, "new",
         prose=r"Its first entry is positive, so collapse is locally stable iff the determinant is, that is iff "
               r"$\beta\ge\beta_c$ with"),
    Step("tricritical", "Where continuous transitions end", sp.Symbol("t"), collapse.tricritical_condition,
         beta * (alpha + 2 * lam) - lam / eigenvalue, _DOMAINS, "new",
         prose=r"On the threshold the cubic has the root $Q=0$. Its linear coefficient there is a positive factor times "
               r"the expression below: positive, the transition is continuous; negative, it is of first order and a "
               r"collapsed and an active state coexist."),
    Step("plateau", "End of the plateau", sp.Symbol(r"p(\alpha)"), lambda: collapse.plateau_polynomial().as_expr() / rho**2,
         _C**2 * (alpha + _TAU) ** 2 - (alpha + lam) * (beta * _C * (alpha + _TAU) + lam), _DOMAINS, "new",
         prose=r"With the outlier for $\Lambda$, collapse is unstable iff the quadratic in $\alpha$ below is positive; "
               r"its root ends the plateau of the learning curve."),
    Step("large-data-threshold", "Inevitable collapse", sp.Symbol(r"\beta_c(\infty)"), limits.large_data_threshold, rho + eta,
         _DOMAINS, "[IH] Claim 6.1", ("α → ∞, any λ",), prose=r"As $\alpha\to\infty$, for any weight decay,"),
    Step("large-data-norm", "Norm below the threshold", sp.Symbol(r"Q(\infty)"), limits.large_data_norm, rho + eta - beta,
         _DOMAINS, "[IH] Claim 6.1", ("α → ∞, β < ρ+η",), (beta < rho + eta,), prose=r"Below it the decoder norm tends to"),
    Step("large-data-recovery", "Recovery error with unlimited data", sp.Symbol(r"\epsilon(\infty)"),
         limits.large_data_recovery_error, rho - 2 * sp.sqrt(rho) * sp.sqrt(rho + eta - beta) + rho + eta - beta,
         _DOMAINS, "[IH] Claim 6.1", ("α → ∞, β < ρ+η",), (beta < rho + eta,),
         prose=r"and the recovery error to $(\sqrt\rho-\sqrt{\rho+\eta-\beta})^2$, which vanishes at $\beta=\eta$:"),
)

CHAPTER = Chapter(
    "collapse", "Posterior collapse",
    r"When does a latent carry nothing? The collapsed state is always stationary; it is the Hessian that decides.", STEPS)
