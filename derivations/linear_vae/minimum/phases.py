"""Chapter: the phase diagram, the order of its transitions, and what a finite data set can and cannot escape."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae import plates
from derivations.linear_vae.replicas.saddle_point import mode_replicon
from vaesym.algebra import Domain, Step, lowest_terms
from vaesym.linear_vae.exact import collapse, forms, minimum
from vaesym.linear_vae.exact.collapse import collapse_threshold, plateau_polynomial
from vaesym.linear_vae.exact.minimum import potential, stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import bulk_edge, detection_threshold, outlier_overlap, signal
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
    root_alpha,
    sym,
)

#: κ = β + λ/(αΛ) and θ = αΛκ as symbols of their own: the conditions below are linear in (λ, θ) at given κ.
KAPPA, STRENGTH = sym("kappa"), sym("theta")


def physical_replicon(spike: sp.Expr) -> sp.Expr:
    """Return the replicon value of a mode at the eigenvalue of a spike of this strength, on its physical root."""
    return sp.factor(mode_replicon(eta / (alpha * spike + eta)))


def instability_line() -> sp.Expr:
    """Return the α at which the learning phase becomes unstable to replica symmetry breaking."""
    (root,) = sp.solve(physical_replicon(rho) - 1, alpha)
    return root


def second_mode_replicons() -> tuple[sp.Expr, sp.Expr]:
    r"""Return the second mode's replicon value in terms of t₂ > 0, for α ≥ 1 and for α ≤ 1.

    Its χ̃ = (r+η)/r and 1−x = αr/(αr+η) are positive with r < 0, so r < −η and r < −η/α.
    """
    excess = sp.Symbol("t_2", positive=True)
    spikes = (-eta * (1 + excess), -eta / alpha * (1 + excess))
    return tuple(sp.factor(physical_replicon(spike)) for spike in spikes)


def plateau_divergence() -> sp.Expr:
    """Return the limit β → ρ+η of (ρ+η−β) times the larger root of the plateau's polynomial."""
    polynomial = plateau_polynomial()
    # The leading coefficient vanishes at β = ρ+η: the large root is minus the next coefficient over it.
    second, first, _ = polynomial.all_coeffs()
    return sp.factor(sp.cancel(-first / second * (rho + eta - beta)).subs(beta, rho + eta))


def escape_polynomial() -> sp.Expr:
    """Return what is positive iff β_c(α) > ρ+η on the outlier: (β_c − ρ − η) times its positive denominator."""
    top = signal()[0]
    excess = collapse_threshold().xreplace({eigenvalue: top}) - (rho + eta)
    return sp.factor(lowest_terms(excess * (alpha + lam) * alpha * top))


def escape_weight_decay() -> sp.Expr:
    """Return λ*, below which β_c approaches ρ+η from above: the coefficient of α vanishes."""
    coefficient = sp.Poly(sp.expand(escape_polynomial() * rho**2), alpha).nth(1)
    return next(root for root in sp.solve(coefficient, lam) if not root.could_extract_minus_sign())


def outlier_slope() -> sp.Expr:
    """Return dβ_c/dα on the outlier."""
    return sp.diff(collapse_threshold().xreplace({eigenvalue: signal()[0]}), alpha)


def edge_threshold() -> sp.Expr:
    """Return β_c on the edge of the noise, where overfitting replaces collapse, as a function of a = √α."""
    edge = bulk_edge().subs(sp.sqrt(alpha), root_alpha).subs(alpha, root_alpha**2)
    return collapse_threshold().xreplace({eigenvalue: edge, alpha: root_alpha**2})


def double_root() -> tuple[sp.Expr, sp.Expr]:
    """Return (λ, θ) at which the cubic has the double root Q, for given β and κ: the spinodal."""
    polynomial = _cubic_in_kappa()
    (solution,) = sp.solve([polynomial, sp.diff(polynomial, Q)], (lam, STRENGTH), dict=True)
    return sp.factor(solution[lam]), sp.factor(solution[STRENGTH])


def coexistence() -> tuple[sp.Expr, sp.Expr]:
    """Return (λ, θ) at which the active state Q has the loss of collapse, for given β and κ."""
    rational, logarithm = forms.split(potential())
    # In κ and θ the gain is θQ/(2κ(Q+κ)); written so, the condition is linear in both unknowns.
    gain = STRENGTH * Q / (2 * KAPPA * (Q + KAPPA))
    kappa = beta + lam / (alpha * eigenvalue)
    at = {STRENGTH: alpha * eigenvalue * KAPPA}
    if lowest_terms(rational - lam * Q / 2 + gain.xreplace(at).xreplace({KAPPA: kappa})) != 0:
        raise ArithmeticError(f"expected the gain of the potential; received {rational}; mend phases.py")
    (solution,) = sp.solve([_cubic_in_kappa(), lam * Q / 2 - gain + logarithm], (lam, STRENGTH), dict=True)
    return solution[lam], solution[STRENGTH]


def _cubic_in_kappa() -> sp.Expr:
    """The stationarity cubic with κ and θ = αΛκ as symbols; ArithmeticError if it is another polynomial."""
    polynomial = (lam * (Q + beta) + alpha * beta) * (Q + KAPPA) ** 2 - STRENGTH * (Q + beta)
    kappa = beta + lam / (alpha * eigenvalue)
    back = polynomial.xreplace({STRENGTH: alpha * eigenvalue * KAPPA}).xreplace({KAPPA: kappa})
    if sp.expand(back - stationarity_cubic().as_expr()) != 0:
        raise ArithmeticError(f"expected the stationarity cubic; received {back}; mend phases.py")
    return polynomial


def cusp() -> sp.Expr:
    """Return the limit α ↓ α_B of (ε − ρ − Q)²/(α − α_B) at given Q: the error falls as a square root."""
    error = (sp.sqrt(Q) - sp.sqrt(rho * overlap)) ** 2 + rho * (1 - overlap)
    drop = sp.expand(error - rho - Q).xreplace({overlap: outlier_overlap()})
    return sp.factor(sp.cancel(drop**2 / (alpha - detection_threshold())).subs(alpha, detection_threshold()))


def edge_norm_slope() -> sp.Expr:
    r"""Return what has the sign of dQ/dα on the edge of the noise: minus the cubic's derivative along α.

    With Y = αΛ = η(1+√α)² the cubic is
    :math:`(\lambda(Q+\beta)+\alpha\beta)(Q+\beta+\lambda/Y)^2 - (\beta Y+\lambda)(Q+\beta)`,
    and it rises with Q at the minimum.
    """
    cubic = stationarity_cubic().as_expr().xreplace({eigenvalue: bulk_edge()})
    return -sp.diff(cubic, alpha).subs(alpha, root_alpha**2)


def small_cubic() -> sp.Expr:
    """Return the limit of p(Q)/(λQ) as β, λ → 0 at a fixed β/λ."""
    small, ratio = sp.symbols("epsilon t", positive=True)
    cubic = stationarity_cubic().as_expr().xreplace({lam: small, beta: ratio * small})
    return sp.cancel(lowest_terms(cubic / (small * Q)).subs(small, 0)).xreplace({ratio: beta / lam})


def peak_ratio() -> sp.Expr:
    """Return the largest β/λ at which the error still rises up to α_B, as β, λ → 0: Q rises while d(αΛ)/dα > Q."""
    ratio = sp.Symbol("t", positive=True)
    driven = small_cubic().xreplace({beta: ratio * lam, eigenvalue: bulk_edge()})
    at = {alpha: detection_threshold()}
    (turning,) = sp.solve(sp.diff(driven, alpha).subs(at), Q)
    (critical,) = sp.solve(driven.subs(at).subs(Q, turning), ratio)
    return sp.factor(critical)


def landau_coefficients() -> tuple[sp.Expr, sp.Expr]:
    """Return the first two coefficients of Φ(Q) = Φ₁Q + Φ₂Q² + …; the second one on the threshold."""
    first = sp.factor(sp.diff(minimum.potential(), Q).subs(Q, 0))
    second = sp.diff(minimum.potential(), Q, 2).subs(Q, 0) / 2
    return first, sp.factor(sp.cancel(second.subs(beta, collapse.collapse_threshold())))



_C, _TAU, _A, _ONSET = population, sym("noise_ratio"), root_alpha, sym("onset")
_K, _S = KAPPA, STRENGTH
#: Excesses over what is said where they are used, each its own letter.
_EXCESSES = sp.symbols("t_1:5", positive=True)
_DOMAINS = {**domains_of(), _K: Domain(sp.Rational(1, 10), 4), _S: Domain(sp.Rational(1, 10), 4),
            **dict.fromkeys(_EXCESSES, Domain(sp.Rational(1, 10), 4))}
_BETA_C = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
_FOLD = {_C: rho + eta, _TAU: eta / rho}
_X = Q + beta
#: αΛ on the edge of the noise and its slope in α, which are printed as letters of their own.
_Y, _DY = sp.Symbol("Y", positive=True), sp.Symbol("Y'", positive=True)
_EDGE = {_Y: eta * (1 + _A) ** 2, _DY: eta * (1 + 1 / _A)}

STEPS = folded((
    Step("replicon-learning", "Stability of the learning phase", sp.Symbol("Gamma"),
         lambda: physical_replicon(rho), eta**2 / (alpha * rho**2), _DOMAINS, "new", ("r₁ = ρ",),
         prose=r"Replica symmetry is stable while $\Gamma=\alpha\eta^2\max|\mathrm{eig}\,\chi G|^2\le1$. "
               r"In the learning phase the mode on the outlier has $r_1=\rho$ "
               r"\eqref{exact-solution:certificate-learning}, so"),
    Step("replicon-overfitting", "Stability of the overfitting phase", sp.Symbol("Gamma"),
         lambda: physical_replicon(eta / sp.sqrt(alpha)), sp.Integer(1), _DOMAINS, "new", ("r₁ = η/√α",),
         prose=r"In the overfitting phase the mode sits on the edge of a continuous spectrum, where a virtual spike "
               r"has strength $\eta/\sqrt\alpha$. With it the state solves the saddle-point equations, by "
               r"\eqref{exact-solution:certificate-overfitting}; there the phase is marginal everywhere:"),
    Step("replicon-regularized", "Stability of the regularized phase", sp.Symbol("Gamma"),
         lambda: physical_replicon(eta / sp.sqrt(alpha) * (1 + _EXCESSES[0])), 1 / (1 + _EXCESSES[0]) ** 2, _DOMAINS,
         "new", (r"$r_1=(1+t_1)\eta/\sqrt\alpha$, $t_1>0$",),
         prose=r"In the regularized phase $\beta>\beta_c$ at the top eigenvalue. There the first mode sits at the "
               r"$\tilde\Lambda_1$ for which $\beta=\beta_c(\tilde\Lambda_1)$ \eqref{collapse:replica-threshold}, "
               r"and as $\beta_c$ rises with the eigenvalue (next equation) $\tilde\Lambda_1$ lies beyond the top "
               r"one. So its virtual spike is stronger than $\eta/\sqrt\alpha$, and"),
    Step("threshold-rises", "The threshold rises with the eigenvalue", sp.Symbol(r"\partial_{\Lambda}\beta_c"),
         lambda: sp.diff(collapse_threshold(), eigenvalue), alpha / (alpha + lam) + lam / (alpha * eigenvalue**2),
         _DOMAINS, "new", sign=1, prose=r"where"),
    Step("replicon-second", "The other mode never decides", sp.Symbol("Gamma_2"), second_mode_replicons,
         (1 / (alpha * (1 + _EXCESSES[1]) ** 2), alpha / (1 + _EXCESSES[1]) ** 2), _DOMAINS, "new",
         (r"$r_2=-\eta(1+t_2)$ for $\alpha\ge1$, $r_2=-(\eta/\alpha)(1+t_2)$ for $\alpha\le1$, $t_2>0$",),
         prose=r"$\chi G$ has a second eigenvalue, that of the mode with $\tilde\Lambda_2<0$. Its $\chi_2$, of the "
               r"sign of $1+\eta/r_2$, and $1-\tilde\chi=\alpha r_2/(\alpha r_2+\eta)$ are positive, "
               r"so $r_2<-\eta\max(1,1/\alpha)$ and its $\Gamma$ is below $\min(\alpha,1/\alpha)\le1$; "
               r"it may be the larger of the two, but replica symmetry is stable throughout:"),
    Step("at-line", "The marginal line is the detection line", sp.Symbol("alpha_B"), instability_line,
         (eta / rho) ** 2, _DOMAINS, "new",
         prose=r"The learning phase becomes marginal where the signal is lost in the noise: the line of de Almeida "
               r"and Thouless is the transition of Baik, Ben Arous and P\'ech\'e:"),
    Step("plateau", "End of the plateau", sp.Symbol(r"\Pi(\alpha)"),
         lambda: collapse.plateau_polynomial().as_expr() / rho**2,
         _C**2 * (alpha + _TAU) ** 2 - (alpha + lam) * (beta * _C * (alpha + _TAU) + lam), _DOMAINS, "new",
         prose=r"On the outlier collapse is locally unstable, $\beta<\beta_c(\alpha)$, iff the quadratic below, "
               r"$(\beta_c-\beta)(\alpha+\lambda)\alpha\Lambda$, is positive, with $\ell=\rho+\eta$ and "
               r"$\tau=\eta/\rho$, so that $\alpha\Lambda=\ell(\alpha+\tau)$. For $\beta<\ell$ it opens upwards: "
               r"collapse is unstable beyond its larger root for good, and the plateau of the learning curve ends "
               r"there (or at $\alpha_B$, if both roots lie below, or none is real). If $\alpha_B$ lies below the "
               r"smaller root, learning starts at $\alpha_B$, is lost between the roots and returns: it is re-entrant. "
               r"For $\beta>\ell$ it opens downwards and collapse is unstable between the roots only. Where the "
               r"transition is of first order, the global minimum learns before the root, at coexistence:"),
    Step("plateau-opens", "Which way it opens", sp.Symbol(r"\lim\Pi(\alpha)/\alpha^2"),
         lambda: sp.factor(plateau_polynomial().LC() / rho**2), _C * (_C - beta), _DOMAINS, "new", ("α → ∞",),
         prose=r"where the leading coefficient is"),
    Step("plateau-divergence", "How the plateau grows", sp.Symbol(r"(\ell-\beta)\alpha_c"), plateau_divergence,
         (lam * (1 + _C**2) - _C**2 * _TAU) / _C, _DOMAINS, "new", ("β → ρ+η from below, λ > λ*",),
         prose=r"Its larger root $\alpha_c$ diverges as $1/(\rho+\eta-\beta)$ if $\lambda$ exceeds the $\lambda^*$ "
               r"of \eqref{phases:escape-decay} (for $\lambda<\lambda^*$ it stays finite, and the smaller one runs "
               r"off to $-\infty$), with the amplitude"),
    Step("escape", "Who escapes the inevitable", sp.Symbol(r"(\beta_c-\ell)(\alpha+\lambda)\alpha\Lambda"),
         escape_polynomial, alpha * (_C**2 * (_TAU - lam) - lam) + _C**2 * _TAU * (_TAU - lam) - lam**2,
         _DOMAINS, "new", ("α > α_B",),
         prose=r"``Posterior collapse becomes inevitable at $\beta\ge\rho+\eta$, regardless of the size of the "
               r"data set''. Unlimited data obey this. A finite data set, whose signal looks stronger than it is, "
               r"can escape: on the outlier collapse is locally unstable at $\beta=\rho+\eta$, that is "
               r"$\beta_c(\alpha)>\rho+\eta$, iff the expression below, linear in $\alpha$, is positive. "
               r"(Where the transition is of first order the escape reaches further, to the line of coexistence.)"),
    Step("escape-decay", "The critical weight decay", sp.Symbol(r"\lambda^{*}"), escape_weight_decay,
         _C**2 * _TAU / (_C**2 + 1), _DOMAINS, "new",
         prose=r"so $\beta_c$ tends to $\rho+\eta$ from above iff $\lambda<\lambda^*$, and for larger $\lambda$ only a "
               r"window of small $\alpha$ can escape:"),
    Step("outlier-slope", "The threshold along the outlier", sp.Symbol(r"\partial_{\alpha}\beta_c"),
         outlier_slope, _C * (lam - _TAU) / (alpha + lam) ** 2 + lam / (_C * (alpha + _TAU) ** 2), _DOMAINS,
         "new", ("α > α_B",),
         prose=r"The complete picture of $\beta_c$ follows from the slope. For $\lambda\ge\tau$ it is positive and "
               r"$\beta_c$ rises to $\ell$. For $\lambda<\tau$ it is negative iff "
               r"$\frac{\alpha+\lambda}{\alpha+\tau}<\ell\sqrt{(\tau-\lambda)/\lambda}$, where the left side "
               r"rises to $1$: $\beta_c$ falls all the way to $\ell$ if $\lambda\le\lambda^*$; else it falls as long "
               r"as the inequality holds, if it does at $\alpha_B$, and from then on rises to $\ell$ from below. "
               r"In every case $\sup_{\alpha\ge\alpha_B}\beta_c=\max(\beta_c(\alpha_B),\rho+\eta)$:"),
    Step("outlier-rise", "Weight decay above η/ρ", sp.Symbol(r"\partial_{\alpha}\beta_c"),
         lambda: outlier_slope().subs(lam, eta / rho + _EXCESSES[2]),
         _C * _EXCESSES[2] / (alpha + _TAU + _EXCESSES[2]) ** 2 + (_TAU + _EXCESSES[2]) / (_C * (alpha + _TAU) ** 2),
         _DOMAINS, "new", (r"$\lambda=\tau+t_3$, $t_3>0$",), sign=1,
         prose=r"The first case, written so that it shows:"),
    Step("outlier-turn", "Weight decay below η/ρ", sp.Symbol(r"\partial_{\alpha}\frac{\alpha+\lambda}{\alpha+\tau}"),
         lambda: sp.diff((alpha + lam) / (alpha + lam + _EXCESSES[3]), alpha),
         _EXCESSES[3] / (alpha + lam + _EXCESSES[3]) ** 2, _DOMAINS, "new", (r"$\tau=\lambda+t_4$, $t_4>0$",), sign=1,
         argued="that a function which falls and then rises is largest at one of the ends",
         prose=r"And the second: the left side of the inequality rises with $\alpha$, so that the slope changes its "
               r"sign at most once, from falling to rising:"),
    Step("edge-threshold", "The threshold along the edge of the noise", sp.Symbol("beta_c"), edge_threshold,
         eta * (1 + _A) ** 2 / (_A**2 + lam) - lam / (eta * (1 + _A) ** 2), _DOMAINS, "new", ("α = a² < α_B",),
         prose=r"With fewer samples the noise itself keeps the latent alive, without any signal (overfitting), up to"),
    Step("edge-slope", "Its slope", sp.Symbol(r"\partial_{a}\beta_c"), lambda: sp.diff(edge_threshold(), _A),
         2 * eta * (1 + _A) * (lam - _A) / (_A**2 + lam) ** 2 + 2 * lam / (eta * (1 + _A) ** 3), _DOMAINS, "new",
         prose=r"which rises at least up to $a=\lambda$,"),
    Step("edge-bound", "It is unbounded", sp.Symbol(r"\beta_c(a=\lambda)"),
         lambda: edge_threshold().subs(_A, lam),
         eta * (1 + lam) / lam - lam / (eta * (1 + lam) ** 2), _DOMAINS, "new", ("λ < η/ρ",),
         argued="that no first-order part reaches beyond the supremum of the local thresholds, and the value 0.8152, "
                "which are computed",
         prose=r"and at $a=\lambda$ (put in) exceeds any bound as $\lambda\to0$. Altogether "
               r"$\sup_\alpha\beta_c=\max(\rho+\eta,\max_{a\le\eta/\rho}\beta_c(a))$. Collapse at $\beta\ge\rho+\eta$ "
               r"is inevitable at every sample size iff this supremum is $\rho+\eta$ and no first-order part reaches "
               r"beyond. For $\rho=\eta=1$ that is so iff $\lambda\ge0.8152$; with weaker weight decay it is not:"),
    Step("landau", "Landau's expansion", sp.Tuple(sp.Symbol("Phi_1"), sp.Symbol("Phi_2")),
         landau_coefficients,
         ((alpha + lam) * (beta - _ONSET) / (2 * (beta + lam / (alpha * eigenvalue))),
          (_ONSET * (alpha + 2 * lam) - lam / eigenvalue) / (4 * _ONSET * (_ONSET + lam / (alpha * eigenvalue)))),
         _DOMAINS, "new", (), (_BETA_C > 0,), {_ONSET: _BETA_C},
         prose=r"The order of the transition is read off $\Phi(Q)=\Phi_1Q+\Phi_2Q^2+\dots$ (the second "
               r"coefficient is taken on the threshold). It is continuous iff $\Phi_2\ge0$ there: the cubic is "
               r"convex \eqref{exact-solution:cubic-convex} and vanishes at $Q=0$ on the threshold, so that it has "
               r"another positive root, with $\Phi$ lower than $0$, iff it first falls:"),
    Step("tricritical", "Where continuous transitions end", sp.Symbol(r"\Theta"), collapse.tricritical_condition,
         beta * (alpha + 2 * lam) - lam / eigenvalue, _DOMAINS, "new",
         prose="The same sign decides in the cubic, whose linear coefficient on the threshold is a positive "
               "factor times the expression below. Where it is negative the transition is of first order; "
               "where it vanishes is the tricritical line:"),
    Step("spinodal", "The spinodal", sp.Tuple(lam, _S), double_root,
         (alpha * beta * (_K - Q - 2 * beta) / (2 * (Q + beta) ** 2),
          alpha * beta * (Q + _K) ** 3 / (2 * (Q + beta) ** 2)),
         _DOMAINS, "new", ("θ = αΛκ", "first order: κ > Q + 2β"),
         prose=r"An active state exists up to the spinodal, where the cubic has a double root. With $\kappa$ and "
               r"$\theta=\alpha\Lambda\kappa$ the two conditions are linear in $(\lambda,\theta)$ and give the line "
               r"with $Q$ as its parameter, $\kappa=\beta+\lambda/(\alpha\Lambda)$ following from "
               r"$\kappa(\theta-\lambda)=\beta\theta$:"),
    Step("coexistence", "Coexistence", sp.Tuple(lam, _S), coexistence,
         (alpha * beta * (_K * sp.log(1 + Q / beta) / Q**2 - (Q + _K) / (Q * _X)),
          (Q + _K) ** 2 * alpha * beta * (1 / _X + _K * sp.log(1 + Q / beta) / Q**2 - (Q + _K) / (Q * _X))),
         _DOMAINS, "new", ("θ = αΛκ",),
         prose=r"and it is the global minimum up to the line on which its loss is that of collapse, $\Phi(Q)=0$. "
               r"There the KL jumps from a finite value to zero. $p(Q)=0$ and $\Phi(Q)=0$ are linear in "
               r"$(\lambda,\theta)$ too, and give the line with $Q$ as its parameter, $\kappa$ again following from "
               r"$\kappa(\theta-\lambda)=\beta\theta$:"),
    Step("cusp", "The learning curve at detection", sp.Symbol(r"(\epsilon-\rho-Q)^2/(\alpha-\alpha_B)"), cusp,
         4 * Q * rho**3 / (eta * (rho + eta)), _DOMAINS, "new", ("α → α_B from above",),
         prose=r"The error of an active model drops as a square root once the signal is detected, "
               r"$\epsilon=\rho+Q-\mathrm{const}\sqrt{\alpha-\alpha_B}$, an infinitely steep fall at "
               r"$\alpha_B=(\eta/\rho)^2$ and not at $\alpha=1$; the two agree only for $\rho=\eta$:"),
    Step("edge-norm", "The learning curve before detection", sp.Symbol(r"-\partial_{\alpha}p"), edge_norm_slope,
         _DY * (beta * _X + 2 * lam * (_X + lam / _Y) * (lam * _X + _A**2 * beta) / _Y**2)
         - beta * (_X + lam / _Y) ** 2,
         _DOMAINS, "new", ("α = a² < α_B", "Q solves p(Q) = 0"), where=_EDGE,
         prose=r"Before ($m=0$) it is $\epsilon=\rho+Q$, which rises with $\alpha$ iff the expression below is "
               r"positive, where $Y=\alpha\Lambda=\eta(1+a)^2$ and $Y'=\eta(1+1/a)$. If it is positive up to "
               r"$\alpha_B$, the peak of the error is the cusp:"),
    Step("small-cubic", "The states of small β and λ", sp.Symbol(r"\lim p(Q)/(\lambda Q)"), small_cubic,
         Q**2 - 1 + beta / lam * (alpha * Q - alpha * eigenvalue), _DOMAINS, "new", ("β, λ → 0 at fixed β/λ",),
         prose=r"For small $\beta$ and $\lambda$ the states are the roots of"),
    Step("peak-condition", "When the peak sits at detection", sp.Symbol(r"(\beta/\lambda)^{*}"), peak_ratio,
         (_C**2 - 1) / (_TAU * _C), _DOMAINS, "new", ("β, λ → 0 at fixed β/λ",), (_C > 1,),
         prose=r"where on the edge $\alpha\Lambda=Y$ as before, and again $\ell=\rho+\eta$, $\tau=\eta/\rho$. There "
               r"$Q$ rises with $\alpha$ as long as $Q<Y'$, and at $\alpha_B$, where $Y'=\ell$ and "
               r"$Y=\tau\ell^2/\rho$, it is $Q=\ell$ at the ratio below. For small $\beta$ and $\lambda$ the peak sits "
               r"at $\alpha_B$ iff $\beta/\lambda$ is below it; above it the error peaks earlier, where "
               r"$Q=\eta(1+\alpha^{-1/2})$, and as $\lambda\to0$ at fixed $\beta$ there is no peak at all: $Q$ falls "
               r"with $\alpha$, as $\Lambda-\beta$ does. The ratio is"),
), _FOLD)

CHAPTER = Chapter(
    "phases", "Phases",
    r"Three phases meet: learning ($m\neq0$), overfitting ($Q>0$, $m=0$) and the regularized phase ($Q=0$, "
    r"posterior collapse). Every line between them is known in closed form, two of them with the norm as a parameter "
    r"along the line.", STEPS,
    question="What does the best model do, by samples, KL weight and weight decay, and how does it change from one "
             "to another?",
    answer=r"Learning begins at $\alpha_B=(\eta/\rho)^2$ if the latent is active, and the latent is active below "
           r"$\beta_c(\alpha)$ or, where $\beta(\alpha+2\lambda)<\lambda/\Lambda$, below coexistence, with a jump. "
           r"Collapse at $\beta\ge\rho+\eta$ is inevitable with unlimited data; a finite data set with weak weight "
           r"decay can escape it. Replica symmetry is stable in the learning and regularized phases and marginal in "
           r"the other.",
    plates=(plates.PHASES, plates.BIFURCATION, plates.LEARNING, plates.FINITE_SIZE))
