"""Chapter: the phase diagram, the order of its transitions, and what a finite data set can and cannot escape."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae.minimum import phases_formulas, stability
from vaesym.algebra import Domain, Step
from vaesym.linear_vae.exact import collapse
from vaesym.linear_vae.statement.symbols import (
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    lam,
    population,
    rho,
    root_alpha,
    sym,
)

_C, _TAU, _A, _ONSET = population, sym("noise_ratio"), root_alpha, sym("onset")
_K, _S = phases_formulas.KAPPA, phases_formulas.STRENGTH
_EXCESS = sp.Symbol("t", positive=True)
_DOMAINS = {**domains_of(), _K: Domain(sp.Rational(1, 10), 4), _S: Domain(sp.Rational(1, 10), 4),
            _EXCESS: Domain(sp.Rational(1, 10), 4)}
_BETA_C = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
_FOLD = {_C: rho + eta, _TAU: eta / rho}
_X, _L, _DL = Q + beta, eta * (1 + _A) ** 2, eta * (1 + 1 / _A)

STEPS = folded((
    Step("replicon-learning", "Stability of the learning phase", sp.Symbol("Gamma"),
         lambda: phases_formulas.physical_replicon(rho), eta**2 / (alpha * rho**2), _DOMAINS, "new", ("r₁ = ρ",),
         prose=r"Replica symmetry is stable while $\Gamma=\alpha\eta^2\max|\mathrm{eig}\,\chi G|^2\le1$. "
               r"In the learning phase the mode on the outlier has $r_1=\rho$, so"),
    Step("replicon-overfitting", "Stability of the overfitting phase", sp.Symbol("Gamma"),
         lambda: phases_formulas.physical_replicon(eta / sp.sqrt(alpha)), sp.Integer(1), _DOMAINS, "new", ("r₁ = η/√α",),
         prose=r"In the overfitting phase the mode sits on the edge of a continuous spectrum, "
               r"where a virtual spike has strength $\eta/\sqrt\alpha$: the phase is marginal everywhere,"),
    Step("replicon-second", "The other mode never decides", sp.Symbol("Gamma_2"), phases_formulas.second_mode_replicons,
         (1 / (alpha * (1 + _EXCESS) ** 2), alpha / (1 + _EXCESS) ** 2), _DOMAINS, "new",
         ("r₂ = −η(1+t) for α ≥ 1, r₂ = −(η/α)(1+t) for α ≤ 1, t > 0",),
         prose=r"$\chi G$ has a second eigenvalue, that of the mode with $s_2<0$. "
               r"Its $\tilde\chi=(r_2+\eta)/r_2$ and $1-x=\alpha r_2/(\alpha r_2+\eta)$ are positive, "
               r"so $r_2<-\eta\max(1,1/\alpha)$ and its $\Gamma$ is below $\min(\alpha,1/\alpha)\le1$; "
               r"it may be the larger of the two, but replica symmetry is stable throughout:"),
    Step("at-line", "The marginal line is the detection line", sp.Symbol("alpha_B"), phases_formulas.instability_line,
         (eta / rho) ** 2, _DOMAINS, "new",
         prose=r"The learning phase becomes marginal where the signal is lost in the noise: "
               r"the line of de Almeida and Thouless is the transition of Baik, Ben Arous and P\'ech\'e:"),
    Step("plateau", "End of the plateau", sp.Symbol(r"p(\alpha)"),
         lambda: collapse.plateau_polynomial().as_expr() / rho**2,
         _C**2 * (alpha + _TAU) ** 2 - (alpha + lam) * (beta * _C * (alpha + _TAU) + lam), _DOMAINS, "new",
         prose=r"On the outlier collapse is locally unstable, $\beta<\beta_c(\alpha)$, iff the quadratic below "
               r"is positive, with $\ell=\rho+\eta$ and $\tau=\eta/\rho$. For $\beta<\ell$ it opens upwards: "
               r"collapse is unstable beyond its larger root for good, and the plateau of the learning curve ends "
               r"there (or at $\alpha_B$, if both roots lie below). If $\alpha_B$ lies below the smaller root, "
               r"learning starts at $\alpha_B$, is lost between the roots and returns: it is re-entrant. "
               r"For $\beta>\ell$ it opens downwards and collapse is unstable between the roots only. "
               r"Where the transition is of first order, the global minimum learns before the root, at coexistence:"),
    Step("plateau-divergence", "How the plateau grows", sp.Symbol(r"(\ell-\beta)\alpha_c"), phases_formulas.plateau_divergence,
         (lam * (1 + _C**2) - _C**2 * _TAU) / _C, _DOMAINS, "new", ("β → ρ+η from below, λ > λ*",),
         prose=r"The root diverges as $1/(\rho+\eta-\beta)$ with the amplitude"),
    Step("escape", "Who escapes the inevitable", sp.Symbol(r"(\beta_c-\ell)(\alpha+\lambda)\alpha\Lambda"),
         phases_formulas.escape_polynomial, alpha * (_C**2 * (_TAU - lam) - lam) + _C**2 * _TAU * (_TAU - lam) - lam**2,
         _DOMAINS, "new", ("α > α_B",),
         prose=r"``Posterior collapse becomes inevitable at $\beta\ge\rho+\eta$, regardless of the size of the "
               r"data set''. Unlimited data obey this. A finite data set, whose signal looks stronger than it is, "
               r"can escape: on the outlier collapse is locally unstable at $\beta=\rho+\eta$, "
               r"that is $\beta_c(\alpha)>\rho+\eta$, iff the expression below, linear in $\alpha$, is positive. "
               r"(Where the transition is of first order the escape reaches further, to the line of coexistence.)"),
    Step("escape-decay", "The critical weight decay", sp.Symbol(r"\lambda^{*}"), phases_formulas.escape_weight_decay,
         _C**2 * _TAU / (_C**2 + 1), _DOMAINS, "new",
         prose=r"so $\beta_c$ tends to $\rho+\eta$ from above iff $\lambda<\lambda^*$, and for larger $\lambda$ only a "
               r"window of small $\alpha$ can escape:"),
    Step("outlier-slope", "The threshold along the outlier", sp.Symbol(r"\partial_{\alpha}\beta_c"),
         phases_formulas.outlier_slope, _C * (lam - _TAU) / (alpha + lam) ** 2 + lam / (_C * (alpha + _TAU) ** 2), _DOMAINS,
         "new", ("α > α_B",),
         prose=r"The complete picture of $\beta_c$ follows from the slope. "
               r"For $\lambda\ge\tau$ it is positive and $\beta_c$ rises to $\ell$. For $\lambda<\tau$ it is negative "
               r"iff $\frac{\alpha+\lambda}{\alpha+\tau}<\ell\sqrt{(\tau-\lambda)/\lambda}$, where the left side "
               r"rises to $1$: $\beta_c$ falls all the way to $\ell$ if $\lambda\le\lambda^*$; else it falls as long "
               r"as the inequality holds, if it does at $\alpha_B$, and from then on rises to $\ell$ from below. "
               r"In every case $\sup_{\alpha\ge\alpha_B}\beta_c=\max(\beta_c(\alpha_B),\rho+\eta)$:"),
    Step("edge-threshold", "The threshold along the edge of the noise", sp.Symbol("beta_c"), phases_formulas.edge_threshold,
         eta * (1 + _A) ** 2 / (_A**2 + lam) - lam / (eta * (1 + _A) ** 2), _DOMAINS, "new", ("α = a² < α_B",),
         prose=r"With fewer samples the noise itself keeps the latent alive, without any signal (overfitting), up to"),
    Step("edge-slope", "Its slope", sp.Symbol(r"\partial_{a}\beta_c"), lambda: sp.diff(phases_formulas.edge_threshold(), _A),
         2 * eta * (1 + _A) * (lam - _A) / (_A**2 + lam) ** 2 + 2 * lam / (eta * (1 + _A) ** 3), _DOMAINS, "new",
         prose=r"which rises at least up to $a=\lambda$"),
    Step("edge-bound", "It is unbounded", sp.Symbol(r"\beta_c(a=\lambda)"),
         lambda: phases_formulas.edge_threshold().subs(_A, lam),
         eta * (1 + lam) / lam - lam / (eta * (1 + lam) ** 2), _DOMAINS, "new", ("λ < η/ρ",),
         prose=r"and at $a=\lambda$ exceeds any bound as $\lambda\to0$. Altogether "
               r"$\sup_\alpha\beta_c=\max(\rho+\eta,\max_{a\le\eta/\rho}\beta_c(a))$. Collapse at $\beta\ge\rho+\eta$ "
               r"is inevitable at every sample size iff this supremum is $\rho+\eta$ and no first-order part reaches "
               r"beyond, as for $\rho=\eta=1$ and $\lambda\ge1$; for weak weight decay it is not:"),
    Step("landau", "Landau's expansion", sp.Tuple(sp.Symbol("phi_1"), sp.Symbol("phi_2")),
         stability.landau_coefficients,
         ((alpha + lam) * (beta - _ONSET) / (2 * (beta + lam / (alpha * eigenvalue))),
          (_ONSET * (alpha + 2 * lam) - lam / eigenvalue) / (4 * _ONSET * (_ONSET + lam / (alpha * eigenvalue)))),
         _DOMAINS, "new", (), (_BETA_C > 0,), {_ONSET: _BETA_C},
         prose=r"The order of the transition is read off $\Phi(Q)=\varphi_1Q+\varphi_2Q^2+\dots$ (the second "
               r"coefficient is taken on the threshold). It is continuous iff $\varphi_2\ge0$ there:"),
    Step("tricritical", "Where continuous transitions end", sp.Symbol("t"), collapse.tricritical_condition,
         beta * (alpha + 2 * lam) - lam / eigenvalue, _DOMAINS, "new",
         prose="The same sign decides in the cubic, whose linear coefficient on the threshold is a positive "
               "factor times the expression below. Where it is negative the transition is of first order; "
               "where it vanishes is the tricritical line:"),
    Step("spinodal", "The spinodal", sp.Tuple(lam, _S), phases_formulas.double_root,
         (alpha * beta * (_K - Q - 2 * beta) / (2 * (Q + beta) ** 2),
          alpha * beta * (Q + _K) ** 3 / (2 * (Q + beta) ** 2)),
         _DOMAINS, "new", ("θ = αΛκ", "first order: κ > Q + 2β"),
         prose=r"An active state exists up to the spinodal, where the cubic has a double root. "
               r"With $\kappa$ and $\theta=\alpha\Lambda\kappa$ the two conditions are linear in $(\lambda,\theta)$ "
               r"and give the line with $Q$ as its parameter:"),
    Step("coexistence", "Coexistence", sp.Tuple(lam, _S), phases_formulas.coexistence,
         (alpha * beta * (_K * sp.log(1 + Q / beta) / Q**2 - (Q + _K) / (Q * _X)),
          (Q + _K) ** 2 * alpha * beta * (1 / _X + _K * sp.log(1 + Q / beta) / Q**2 - (Q + _K) / (Q * _X))),
         _DOMAINS, "new", ("θ = αΛκ",),
         prose=r"and it is the global minimum up to the line on which its loss is that of collapse, $\Phi(Q)=0$. "
               r"There the KL jumps from a finite value to zero:"),
    Step("cusp", "The learning curve at detection", sp.Symbol(r"(\epsilon-\rho-Q)^2/(\alpha-\alpha_B)"), phases_formulas.cusp,
         4 * Q * rho**3 / (eta * (rho + eta)), _DOMAINS, "new", ("α → α_B from above",),
         prose=r"The error of an active model drops as a square root once the signal is detected, "
               r"$\epsilon=\rho+Q-\mathrm{const}\sqrt{\alpha-\alpha_B}$, an infinitely steep fall at "
               r"$\alpha_B=(\eta/\rho)^2$ and not at $\alpha=1$; the two agree only for $\rho=\eta$:"),
    Step("edge-norm", "The learning curve before detection", sp.Symbol(r"-\partial_{\alpha}p"), phases_formulas.edge_norm_slope,
         _DL * (beta * _X + 2 * lam * (_X + lam / _L) * (lam * _X + _A**2 * beta) / _L**2)
         - beta * (_X + lam / _L) ** 2,
         _DOMAINS, "new", ("α = a² < α_B", "Q solves p(Q) = 0"),
         prose=r"Before, $\epsilon=\rho+Q$, which rises with $\alpha$ iff the expression below is positive, "
               r"where $L=\alpha\Lambda=\eta(1+a)^2$ and $L'=\eta(1+1/a)$. If it is positive up to $\alpha_B$, "
               r"the peak of the error is the cusp:"),
    Step("peak-condition", "When the peak sits at detection", sp.Symbol(r"(\beta/\lambda)^{*}"), phases_formulas.peak_ratio,
         (_C**2 - 1) / (_TAU * _C), _DOMAINS, "new", ("β, λ → 0 at fixed β/λ",), (_C > 1,),
         prose=r"For small $\beta$ and $\lambda$ that is so iff $\beta/\lambda$ is below the ratio here; "
               r"above it the error peaks earlier, where $Q=\eta(1+\alpha^{-1/2})$, and as $\lambda\to0$ at fixed "
               r"$\beta$ there is no peak at all:"),
), _FOLD)

CHAPTER = Chapter(
    "phases", "Phases",
    r"Three phases meet: learning ($m\neq0$), overfitting ($Q>0$, $m=0$) and the regularized phase ($Q=0$, "
    r"posterior collapse). Every line between them is known in closed form.", STEPS)
