"""Chapter: training in time, one pass over fresh data and gradient flow on a training set."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae import plates
from vaesym.algebra import Step
from vaesym.linear_vae.exact import flow, online
from vaesym.linear_vae.statement.symbols import (
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
    h,
    indexed_domains,
    k,
    lam,
    learning_rate,
    m,
    population,
    resolvent,
    rho,
    sample_decay,
    sampled,
    spectral,
    variance_rate,
    x2,
    z,
)

_ELL, _G, _S = population, learning_rate, sampled
_KK, _KH, _HH = sp.symbols("C_kk C_kh C_hh")
_FIELDS = {_KK: rho * m**2 + eta * Q, _KH: rho * m * d + eta * R, _HH: rho * d**2 + eta * E}
_FOLD = {sample_decay: lam / alpha, spectral: 1 / resolvent + eta / (1 - eta * resolvent / alpha)}
#: The component of each eigenvector, for which the first stands.
_W, _V = sp.symbols("w_i v_i", real=True)
_L = sp.Symbol("Lambda_i", positive=True)
_EACH = {flow.DECODERS[0]: _W, flow.ENCODERS[0]: _V, flow.EIGENVALUES[0]: _L}
_DOMAINS = {**domains_of(), **indexed_domains("eigenvalue", _L, *flow.EIGENVALUES),
            **indexed_domains("w", _W, *flow.DECODERS), **indexed_domains("v", _V, *flow.ENCODERS)}
_Y = sp.Symbol("y", positive=True)
_LONG = {**_FIELDS, _Y: Q + beta}
_ERROR_NORM = _KK - 2 * _Y * _KH + _Y**2 * _HH + _S * Q**2 * D
_ROOT = sp.sqrt((1 - beta * _ELL) ** 2 + 4 * _ELL**2)
_SUMS = {Q: flow.NORM.xreplace(_EACH), _HH: flow.FIELD_VARIANCE.xreplace(_EACH)}
_SHARE = sp.Symbol("b_0", real=True)
_RATE = sp.Symbol("r", real=True)


def _dot(symbol: sp.Symbol) -> sp.Symbol:
    return sp.Symbol(rf"\dot{{{sp.latex(symbol)}}}")


STEPS = folded((
    Step("sampled-loss", "The loss of a drawn latent", sp.Symbol(r"\langle\ell\rangle_z"),
         lambda: online.OnePass().mean_over_latents(online.OnePass().loss()),
         x2 / 2 - k * h + Q * (h**2 + D) / 2 + beta * (h**2 + D - sp.log(D) - 1) / 2, _DOMAINS, "[IH2]",
         prose=r"A step sees one fresh sample, and a latent $z\sim N(h,D)$ that is drawn. The loss at $z$ is "
               r"$\frac12\|x-Wz/\sqrt N\|^2$ plus $\beta$ times the KL; its average over $z$ is the loss of "
               r"Chapter~\ref{chapter:model} and $\frac12\|x\|^2$:"),
    Step("gradient", "Its gradient", sp.Tuple(*sp.symbols(r"[\nabla_W]_x [\nabla_W]_W [\nabla_V]_x")),
         lambda: (online.OnePass().gradients()[0].along, *online.OnePass().gradients()[0].back,
                  online.OnePass().gradients()[1].along), (-z, z**2, Q * z + beta * h - k), _DOMAINS, "[IH2]",
         prose=r"Its gradients in $W/\sqrt N$ and in $V/\sqrt N$ are $\nabla_W=[\nabla_W]_x\,x+[\nabla_W]_W\,W/\sqrt "
               r"N$ and $\nabla_V=[\nabla_V]_x\,x$, as $z$ moves with $h$, with the coefficients"),
    Step("decoder-norm", "Norm of the decoder", _dot(Q), lambda: online.equations()["Q"],
         2 * _G * (_KH - (_HH + D + lam) * Q) + _G**2 * eta * (_HH + _S * D), _DOMAINS, "[IH2]",
         ("N → ∞", "ς = 1 if z is sampled, 0 if its average is taken"), where=_FIELDS,
         prose=r"A step changes $W/\sqrt N$ by $-\gamma/N$ times $\nabla_W+\lambda W/\sqrt N$, and $V/\sqrt N$ "
               r"likewise; time is steps over $N$. As long as samples are fresh $\lambda$ is the weight decay of each "
               r"step, which is $\lambda/\alpha$ on a training set of $\alpha N$ samples. A product of two "
               r"vectors changes by the products of each with the other's step, and by that of the "
               r"steps, where only $\|x\|^2=\eta N$ counts. Averaged over the fields, with the covariance "
               r"$C=\rho\mu\mu^T+\eta\Omega$ of entries $C_{kk}$, $C_{kh}$, $C_{hh}$,"),
    Step("encoder-norm", "Norm of the encoder", _dot(E), lambda: online.equations()["E"],
         2 * _G * (_KH - _Y * _HH - lam * E) + _G**2 * eta * _ERROR_NORM, _DOMAINS, "[IH2]", ("N → ∞",),
         where=_LONG, prose="likewise, with $y=Q+\\beta$,"),
    Step("overlap", "Overlap of decoder and encoder", _dot(R), lambda: online.equations()["R"],
         _G * (_HH + _KK - _Y * _KH - (_HH + D + 2 * lam) * R)
         + _G**2 * eta * (_KH - _Y * _HH - _S * Q * D), _DOMAINS, "[IH2]", ("N → ∞",), where=_LONG,
         prose="and"),
    Step("signal", "Overlaps with the signal", sp.Tuple(_dot(m), _dot(d)),
         lambda: (online.equations()["m"], online.equations()["d"]),
         (_G * ((rho + eta) * d - (_HH + D + lam) * m), _G * ((rho + eta) * (m - (Q + beta) * d) - lam * d)), _DOMAINS,
         "[IH2]", ("N → ∞",), where=_FIELDS,
         prose=r"The signal's field has the covariances $(\rho+\eta)m$ and $(\rho+\eta)d$ with $k$ and $h$:"),
    Step("variance", "Posterior variance", _dot(D), lambda: online.equations()["D"],
         -variance_rate * (Q + beta - beta / D) / 2, _DOMAINS, "[IH2]", ("N → ∞",),
         prose=r"and $D$ goes down its own gradient by $\gamma_D/N$:"),
    Step("fixed-point", "Where slow training ends", sp.Tuple(Q, D), online.fixed_point,
         (rho + eta - beta, beta / (rho + eta)), _DOMAINS, "[IH2]", ("λ = 0, γ → 0, β < ρ+η",), (beta < rho + eta,),
         prose=r"At small rates the terms in $\gamma^2$ drop out, and what is not along the signal dies if "
               r"$\beta>\eta$. With $Q=m^2$, $E=d^2$, $R=md$ all rests where unlimited data end:"),
    Step("growth", "How fast collapse is left", sp.Symbol(r"r"), online.growth_rate,
         (_ROOT - 1 - beta * _ELL) / 2 - lam, _DOMAINS, "new",
         ("γ → 0, per unit of γ", "λ the weight decay of each step"),
         prose=r"At collapse $Q=C_{hh}=0$, $D=1$ the pair $(m,d)$ has a symmetric Jacobian. Its larger eigenvalue, "
               r"with $\ell=\rho+\eta$ along the signal, and $\ell=\eta$ for what starts along the noise, is"),
    Step("threshold", "When it does not grow", sp.Symbol(r"\beta_0"), online.growth_zero,
         (_ELL**2 - lam * (1 + lam)) / (_ELL * (1 + lam)), _DOMAINS, "[IH2]",
         prose=r"It vanishes at the $\beta$ below, positive only for smaller ones. For $\lambda=0$ that is $\ell$: "
               r"at small rates collapse is locally stable for $\beta\ge\rho+\eta$ at any length of training, and a "
               r"superfluous latent fits noise iff $\beta<\eta$. Weight decay stays, as it acts in each step:"),
    Step("slowing", "Critical slowing down", sp.Symbol(r"-\partial_{\beta} r"), online.critical_slowing,
         _ELL / (_ELL**2 + 1), _DOMAINS, "new", ("λ = 0, β = ℓ",),
         prose=r"Towards the threshold the rate vanishes linearly, so that the plateau in time, $\ln(1/m_0)/r$ "
               r"from an overlap $m_0$, thus $\ln N/(2r)$ from a random start, diverges:"),
    Step("onset", "How it saturates", sp.Symbol(r"r_3"), online.onset_curvature, _ELL / (1 + _ELL**2),
         _DOMAINS, "new", ("λ = 0, β = ℓ, D and the encoder follow the decoder",),
         prose=r"Near the threshold the decoder's component $w$ is slow, and encoder and $D$ follow it. To third order "
               r"$\dot w=r w-r_3w^3$, so that $Q=w^2$ tends to $r/r_3=\ell-\beta=Q_\infty$ and, from a "
               r"$Q_0<Q_\infty/2$ at which encoder and $D$ already follow, is half of it after the time "
               r"$\frac1{2r}\ln(Q_\infty/Q_0-1)$, with"),
    Step("collapsed-norms", "What sampling leaves of collapse",
         sp.Tuple(*[sp.Symbol(rf"{name}/\gamma") for name in "QER"]), online.collapsed_overlaps,
         (_S * eta / 2 * (1 + eta * _SHARE), _SHARE * _S * eta / (2 * beta), _SHARE * _S * eta / 2), _DOMAINS, "new",
         ("m = d = 0", "λ = 0, β > η, γ → 0"), (beta > eta,),
         where={_SHARE: beta * eta / ((beta - eta) * (1 + beta * eta))},
         argued="that to this order a superfluous latent decouples from one that has the signal",
         prose=r"At a finite rate the noise of $z$ keeps a latent without signal at norms of order $\gamma$, which "
               r"diverge as $\beta\to\eta$: a collapsed one, or, where $\beta<\rho+\eta$ makes collapse unstable to "
               r"the signal, a superfluous one beside a latent that has it. With "
               r"$b_0=\beta\eta/[(\beta-\eta)(1+\beta\eta)]$,"),
    Step("growth-bound", "No start grows faster", sp.Symbol(r"r\,(m^2+d^2)-m\dot m-d\dot d"), online.growth_excess,
         ((1 + lam + _RATE) * m - _ELL * d) ** 2 / (1 + lam + _RATE), _DOMAINS, "new",
         ("per unit of γ; λ the weight decay of each step",),
         where={_RATE: (_ROOT - 1 - beta * _ELL) / 2 - lam},
         prose=r"No start leaves collapse faster than at the rate $r$: it exceeds the rate at which the length of "
               r"$(m,d)$ grows by a square over a positive number, $1+\lambda+r$, and at the direction where the "
               r"square "
               r"vanishes the two are equal. This holds at every time, so while $\beta$ is changed too:"),
    Step("annealing-slope", "Annealing", sp.Symbol(r"\partial_{\beta} r"), online.annealing_slope,
         _ELL / 2 * ((beta * _ELL - 1) / _ROOT - 1), _DOMAINS, "new", ("λ = 0, D = 1",),
         prose=r"So under a schedule $\beta(t)$ the length of $(m,d)$ grows on the plateau by the factor "
               r"$\exp\int r(\beta(t))\,dt$ at most, and by about as much under a slow "
               r"one. The rate falls with $\beta$, as the quotient below is less than $1$:"),
    Step("annealing-bound", "How much it can save",
         sp.Tuple(sp.Symbol(r"r(0)"), sp.Symbol(r"r(0)|_{D\to0}")),
         lambda: (online.rate_without_kl(), online.rate_without_variance()), ((sp.sqrt(1 + 4 * _ELL**2) - 1) / 2, _ELL),
         _DOMAINS, "new", ("λ = 0, γ → 0",),
         prose=r"At $Q=0$ a $D$ that starts at $1$ stays there under any schedule, by \eqref{training-time:variance}. "
               r"Then no schedule $\beta(t)\ge0$ shortens the plateau at a $\beta<\ell$ by more than the ratio of "
               r"$r(0)$ to $r(\beta)$, to leading order for a small start, whose share along the slow direction costs "
               r"a constant time: $2.78$ at $\ell=2$, $\beta=1$; the ratio diverges as "
               r"$\beta\to\ell$, where the plateau is longest. If $D$ starts below $1$, $r$ may be larger, up to "
               r"$\ell$:"),
    Step("flow", "Gradient flow on a training set", sp.Tuple(_dot(_W), _dot(_V), _dot(D)),
         lambda: tuple(change.xreplace(_EACH) for change in flow.equations()),
         (_L * _V - (_HH + D + sample_decay) * _W, _L * _W - (Q + beta) * _L * _V - sample_decay * _V,
          -(Q + beta - beta / D) / 2), _DOMAINS, "new",
         ("φ = λ/α", "Q = ∑w², C_hh = ∑Λv²"), where=_SUMS,
         prose=r"Now a training set of $\alpha N$ samples, and gradient flow on $\mathcal L/P$ in $W/\sqrt N$, "
               r"$V/\sqrt N$ and, at the same rate, $D$; time is epochs times this rate. Along the eigenvectors of "
               r"the sample covariance, of the eigenvalues $\Lambda_i$, $i=1,\dots,N$, the weights have the "
               r"components $w_i$, $v_i$, which see each other through $Q$, $C_{hh}$ and $D$ only:"),
    Step("flow-threshold", "Which latent wakes", sp.Symbol(r"\beta_c"), flow.growth_threshold,
         alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue), _DOMAINS, "new",
         prose=r"At collapse, $D=1$, this is the linear system of one pass, with $\Lambda$ for $\ell$ and "
               r"$\lambda/\alpha$ for $\lambda$. A latent grows along an eigenvector iff $\beta$ is below the collapse "
               r"threshold:"),
    Step("jacobi-tail", "The measure of what starts at random", sp.Symbol("1/g_+"), flow.tail_repeats,
         1 / resolvent - eta / alpha, _DOMAINS, "Marchenko and Pastur 1967",
         argued="the entries of the Jacobi matrix (Dumitriu and Edelman 2002)",
         prose=r"As $N\to\infty$ the sums are integrals over spectral measures. Householder's reduction of the sample "
               r"to a bidiagonal matrix, begun with a vector, gives the Jacobi matrix of the measure at that vector. "
               r"For noise it has $\eta$, then $\eta(1+1/\alpha)$ for ever on the diagonal, and the squared steps "
               r"$\eta^2/\alpha$. Let $g$ be the first entry of its resolvent, and $g_+$ that of the "
               r"matrix without its first row and column, which repeats itself, "
               r"$g_+=1/(\zeta-\eta(1+1/\alpha)-\eta^2g_+/\alpha)$. The $\zeta(g)$ of the noise, "
               r"\eqref{exact-solution:resolvent}, solves this with"),
    Step("jacobi-first", "It is that of the noise", sp.Symbol("g_+"), flow.tail,
         resolvent / (1 - eta * resolvent / alpha), _DOMAINS, "Marchenko and Pastur 1967",
         prose=r"and the first row, $g=1/(\zeta-\eta-\eta^2g_+/\alpha)$, has the same"),
    Step("signal-resolvent", "The measure of what starts along the signal", sp.Symbol("g_*"), flow.signal_resolvent,
         1 / (spectral - (rho + eta) * (1 - 1 / alpha + spectral * resolvent / alpha)), _DOMAINS, "new",
         ("ζ = 1/g + η/(1 − ηg/α)",), argued="the entries of the Jacobi matrix (Dumitriu and Edelman 2002)",
         prose=r"Begun with $W^*$ the first entry is $\rho+\eta$, the first squared step $(\rho+\eta)\eta/\alpha$, and "
               r"the rest the same. Its resolvent is"),
    Step("signal-outlier", "The outlier and its mass", sp.Tuple(eigenvalue, sp.Symbol("o")), flow.signal_pole,
         ((rho + eta) * (1 + eta / (alpha * rho)), (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))),
         _DOMAINS, "Baik, Ben Arous and Péché 2005", ("α > α_B",), (alpha * rho**2 > eta**2,),
         prose=r"with a pole above the noise, whose place and residue are eigenvalue and overlap of the outlier:"),
), _FOLD)

CHAPTER = Chapter(
    "training-time", "Training in time",
    r"First every sample is used once, then gradient flow runs on one training set. As $N\to\infty$ the "
    r"first closes on a few numbers, the second on two spectral measures.", STEPS,
    question=r"Does training reach the minimum, when, and is it better to stop before?",
    answer=r"Collapse is left at a rate that vanishes at its threshold, \eqref{training-time:slowing}, so that near "
           r"it a latent may seem dead for long; then training ends at the minimum of "
           r"Chapter~\ref{chapter:exact-solution}. From $D=1$ on annealing shortens the plateau at most "
           r"by $r(0)/r(\beta)$, \eqref{training-time:annealing-bound}, which diverges at the threshold. "
           r"Stopping early lessens the noise that is fitted. From a start that has an overlap with the signal the "
           r"error at the best time may even be below $\rho(1-o)$, the least that any $\beta$ reaches at the end "
           r"(Figure~\ref{figure:dynamics}): such a start knows of the signal what the minimum has forgotten.",
    plates=(plates.DYNAMICS,))
