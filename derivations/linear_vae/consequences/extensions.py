"""Chapter: learnable decoder variance, unequal signals, weight decay weak, strong and unequal, tied weights."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.minimum.collapse import active_gain, active_norm
from vaesym.algebra import Domain, Step, lowest_terms
from vaesym.linear_vae.exact import collapse, forms, minimum
from vaesym.linear_vae.exact.minimum import norm_derivative, norm_without_decay, potential, stationarity_cubic
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import (
    D,
    Q,
    alpha,
    beta,
    decoder_variance,
    domains_of,
    eigenvalue,
    eta,
    indexed,
    indexed_domains,
    lam,
    resolvent,
    sigma,
    spectral,
    sym,
    v,
    w,
)

#: σ² as a variable of its own, to differentiate by.
_VARIANCE = sp.Symbol("sigma2", positive=True)
#: The squared error of a sample, the mean over the training set.
_ERROR = sp.Symbol("S", positive=True)
#: The overlaps of one weight with two signals.
_PLANTED = (indexed("m", 1), indexed("m", 2))


def decoder_variance_loss() -> sp.Expr:
    r"""Return the terms of the loss per sample that hold σ², without weight decay and with M_a active latents.

    A decoder of variance σ² pays :math:`\frac N2\ln\sigma^2`, the variance of all directions over 2σ², and gains
    what each active latent gains at βσ²; of the actives' eigenvalues only terms free of σ² are left out.
    """
    variance = _VARIANCE
    total, active = sym("residual_variance"), sym("active")
    gain = active_gain().subs(beta, beta * variance) / variance
    # One active latent: its share Λ/(2σ²) of the variance, less its gain, is free of Λ up to a constant.
    share = sp.expand(sp.expand_log(eigenvalue / (2 * variance) - gain))
    return total / (2 * variance) + active * share + sym("dimension") * sp.log(variance) / 2


def learned_decoder_variance() -> sp.Expr:
    """Return the σ² that minimises the loss."""
    (solution,) = sp.solve(sp.diff(decoder_variance_loss(), _VARIANCE), _VARIANCE)
    return sp.factor(solution)


def effective_threshold() -> sp.Expr:
    """Return βσ² at the learned variance: an eigenvalue is active iff it exceeds this."""
    return sp.factor(beta * learned_decoder_variance())


def principal_component_norm() -> sp.Expr:
    """Return Q of an active latent at β = 1 and decoder variance σ²: that of probabilistic PCA."""
    return active_norm().subs(beta, 1)


@cache
def unequal_free_energy() -> sp.Expr:
    """Return the free energy of principal component analysis with two signals of strengths ρ₁ and ρ₂."""
    return random_matrix.problem(_PLANTED, [indexed("rho", 1), indexed("rho", 2)]).free_energy()


def tilts() -> tuple[sp.Expr, sp.Expr]:
    """Return ∂f/∂m_i over m_i: both vanish together only if ρ₁ = ρ₂."""
    energy = unequal_free_energy()
    return tuple(sp.factor(lowest_terms(sp.diff(energy, planted) / planted)) for planted in _PLANTED)


def outliers() -> tuple[sp.Expr, sp.Expr]:
    """Return the outliers of the two signals."""
    energy = unequal_free_energy()
    (of_resolvent,) = sp.solve(sp.diff(energy, Q), spectral)
    resolvents = (random_matrix.resolvent_at_outlier(energy, planted) for planted in _PLANTED)
    return tuple(sp.factor(sp.cancel(of_resolvent.xreplace({resolvent: at}))) for at in resolvents)


def overlaps() -> tuple[sp.Expr, sp.Expr]:
    """Return the squared overlaps of the two outliers with their own signals, each with the other overlap zero."""
    return tuple(random_matrix.squared_overlap(unequal_free_energy().subs(other, 0), own)
                 for own, other in (_PLANTED, _PLANTED[::-1]))


def weak_decay_correction() -> sp.Expr:
    """Return dQ/dλ at λ = 0 on the active branch."""
    return sp.factor(sp.cancel(norm_derivative(lam).subs(lam, 0).subs(Q, norm_without_decay())))


def strong_decay_potential() -> sp.Expr:
    """Return Φ in the limit β → 0, where collapse is hardest."""
    rational, _ = forms.split(potential())
    return sp.factor(lowest_terms(rational.subs(beta, 0)))


def strong_decay_norm() -> sp.Expr:
    """Return the Q at which it is least."""
    roots = sp.solve(sp.numer(sp.together(sp.diff(strong_decay_potential(), Q))), Q)
    return next(root for root in roots if root.subs({lam: 1, alpha: 2, eigenvalue: 2}) > 0)


def strong_decay_gain() -> sp.Expr:
    """Return Φ there."""
    return sp.factor(sp.cancel(strong_decay_potential().subs(Q, strong_decay_norm())))


def decay_margin() -> tuple[sp.Expr, ...]:
    r"""Return the coefficients of the stationarity cubic at λ = αΛ(1 + t), positive for t ≥ 0."""
    excess = sym("excess_decay")
    cubic = stationarity_cubic().as_expr().subs(lam, alpha * eigenvalue * (1 + excess))
    return tuple(sp.factor(coefficient) for coefficient in sp.Poly(sp.expand(cubic), Q).all_coeffs())


def learned_variance_distortion() -> sp.Expr:
    """Return the squared error of an active latent along its direction, for a decoder of variance s, weight decay on.

    That of loss s·R, which has β and λ multiplied by s. The derivative of R by s at given weights has weight decay
    nowhere, and makes s the mean over the N directions of these and of Λ where no latent is active.
    """
    scaled = {beta: beta * decoder_variance, lam: lam * decoder_variance}
    encoder = minimum.optimal_encoder().subs(scaled, simultaneous=True)
    error = eigenvalue * (1 - w * encoder) ** 2 + w**2 * minimum.optimal_variance().subs(scaled, simultaneous=True)
    return error.subs(w, sp.sqrt(Q))


def learned_variance_slope() -> sp.Expr:
    """Return the derivative of the loss per sample by s at given weights, S being the squared error."""
    loss = _ERROR / (2 * decoder_variance) + sym("dimension") * sp.log(decoder_variance) / 2
    return sp.factor(sp.diff(loss, decoder_variance))


def learned_variance_threshold() -> sp.Expr:
    """Return β_c where the decoder has learned its variance: that of full collapse, the mean eigenvalue."""
    at = sym("mean_eigenvalue")
    return sp.expand(collapse.collapse_threshold().subs(lam, lam * at) / at)


@cache
def unequal_loss() -> sp.Expr:
    """Return R/N along an eigenvector with a weight decay of its own for decoder and encoder."""
    decay = sym("decoder_decay") * w**2 / 2 + sym("encoder_decay") * v**2 / 2
    return minimum.direction_loss().subs(lam, 0) + decay


@cache
def unequal_threshold() -> sp.Expr:
    """Return its β_c."""
    hessian = sp.hessian(unequal_loss().subs(Q, w**2), (w, v)).subs({w: 0, v: 0, D: 1})
    (found,) = sp.solve(hessian.det(), beta)
    return found


def best_split() -> tuple[sp.Expr, sp.Expr]:
    """Return the decoder's weight decay at which β_c is largest for a given product of both, and that β_c."""
    decoder, middle = sym("decoder_decay"), sym("mean_decay")
    threshold = sp.together(unequal_threshold().subs(sym("encoder_decay"), middle**2 / decoder))
    roots = sp.solve(sp.numer(sp.together(sp.diff(threshold, decoder))), decoder)
    at = {middle: 1, alpha: 3, eigenvalue: 2}
    best = next(root for root in roots if root.subs(at) > 0)
    return sp.factor(best), sp.factor(sp.cancel(threshold.subs(decoder, best)))


def without_kl() -> tuple[sp.Expr, ...]:
    """Return wv, the loss and Q of the minimum as β → 0, where the KL costs nothing."""
    # D = β/(Q+β) vanishes with β, and β ln D too.
    loss = unequal_loss().subs(beta, 0).subs({D: 0, Q: w**2})
    (encoder,) = sp.solve(sp.diff(loss, v), v)
    norm = sp.Dummy("norm", positive=True)
    reduced = sp.cancel(loss.subs(v, encoder).subs(w, sp.sqrt(norm)))
    roots = sp.solve(sp.numer(sp.together(sp.diff(reduced, norm))), norm)
    at = {alpha: 2, eigenvalue: 2, sym("decoder_decay"): 1, sym("encoder_decay"): 1}
    best = next(root for root in roots if root.subs(at) > 0)
    product = sp.cancel((w * encoder).subs(w, sp.sqrt(norm)))
    return tuple(sp.simplify(part.subs(norm, best)) for part in (product, reduced, norm))


@cache
def tied_potential() -> sp.Expr:
    """Return R/N along an eigenvector where the encoder is the decoder, V = W, and their weight decay counts once."""
    loss = minimum.direction_loss().subs(lam, 0).subs(v, w) + lam * w**2 / 2
    return loss.subs(D, minimum.optimal_variance()).subs(w, sp.sqrt(Q))


def tied_threshold() -> sp.Expr:
    """Return the β up to which its collapsed state is unstable."""
    (found,) = sp.solve(sp.diff(tied_potential(), Q).subs(Q, 0), beta)
    return sp.expand(found)


def tied_curvature() -> sp.Expr:
    """Return the second derivative of its potential at collapse."""
    return sp.expand(sp.diff(tied_potential(), Q, 2).subs(Q, 0))


_R1, _R2 = indexed("rho", 1), indexed("rho", 2)
_DOMAINS = {**domains_of(), **indexed_domains("rho", _R1, _R2), _ERROR: Domain(1, 4)}
_N, _K, _S, _T = sym("dimension"), sym("active"), sym("residual_variance"), sym("excess_decay")
_DELTA = lam / (alpha * eigenvalue)
_ROOM = (_N > beta * _K,)
_TOP = alpha * eigenvalue
_KAPPA = beta + 1 + _T
_LEARNED = beta * decoder_variance + lam * decoder_variance / _TOP
_LW, _LV, _ROOT, _MEAN = (sym(name) for name in ("decoder_decay", "encoder_decay", "mean_decay", "mean_eigenvalue"))


def _outlier(rho: sp.Expr) -> sp.Expr:
    return (rho + eta) * (1 + eta / (alpha * rho))


def _overlap(rho: sp.Expr) -> sp.Expr:
    return (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))


STEPS = (
    Step("decoder-variance", "Learnable decoder variance", sigma**2, learned_decoder_variance,
         _S / (_N - beta * _K), _DOMAINS, "new", ("λ = 0", "M_a active latents, $S_0$ the sum of all other "
                                                           "eigenvalues"),
         _ROOM,
         prose=r"Let the decoder learn its variance. With $M_a$ active latents the loss per sample depends on it as "
               r"$\frac{S_0}{2\sigma^2}+\frac{N-\beta M_a}{2}\ln\sigma^2$, where $S_0$ is the sum of all eigenvalues "
               r"without an active latent. It is least at"),
    Step("decoder-threshold", "Who is active then", sp.Symbol(r"\beta\sigma^{2}"), effective_threshold,
         beta * _S / (_N - beta * _K), _DOMAINS, "new", ("λ = 0",), _ROOM,
         prose=r"so that just these $M_a$ latents are active iff their eigenvalues exceed the value below and the "
               r"next eigenvalue does not (more than one $M_a$ may meet this),"),
    Step("probabilistic-pca", "Probabilistic PCA", Q, principal_component_norm, eigenvalue - sigma**2,
         _DOMAINS, "Tipping and Bishop 1999", ("β = 1, λ = 0",), (eigenvalue > sigma**2,),
         prose=r"At $\beta=1$ that is probabilistic principal component analysis: $\sigma^2=S_0/(N-M_a)$ is the mean "
               r"of the discarded eigenvalues, and by \eqref{collapse:active-norm}"),
    Step("variance-slope", "With weight decay", sp.Symbol(r"\partial_s\ell"), learned_variance_slope,
         (_N * decoder_variance - _ERROR) / (2 * decoder_variance**2), _DOMAINS, "new",
         ("$S$ is the squared error of a sample, the mean over the training set",),
         prose=r"With weight decay, and at any number of samples, the loss depends on $s=\sigma^2$ at given weights "
               r"as before, since weight decay is not divided by it: $s$ is $S/N$,"),
    Step("variance-distortion", "The squared error of an active latent", sp.Symbol(r"\Delta_l"),
         learned_variance_distortion,
         eigenvalue * _LEARNED**2 / (Q + _LEARNED)**2 + Q * beta * decoder_variance / (Q + beta * decoder_variance),
         _DOMAINS, "new", (), (),
         prose=r"where a direction without an active latent counts with $\Lambda$, and one with it, at the $Q$ that "
               r"minimises $\Phi$ at $(\beta s,\lambda s)$, as below. In high dimension a few latents are lost "
               r"among $N$ directions, and $s$ is the mean eigenvalue $\Lambda_m\to\eta$ whatever they do:"),
    Step("variance-threshold", "Its threshold", sp.Symbol("beta_c"), learned_variance_threshold,
         _TOP / (_MEAN * (alpha + lam * _MEAN)) - lam / _TOP, _DOMAINS, "new", (),
         prose=r"Full collapse has $s=\Lambda_m$ exactly, and is locally stable for $\beta$ above, and unstable for "
               r"$\beta$ below"),
    Step("unequal-tilts", "Unequal signals", sp.Symbol(r"(\partial_{m_1}f_1/m_1,\partial_{m_2}f_1/m_2)"),
         tilts, tuple(alpha / resolvent - alpha * r / (1 - eta * resolvent / alpha) for r in (_R1, _R2)),
         _DOMAINS, "new",
         prose=r"Two signals of strengths $\rho_1,\rho_2$ give the same one-field problem two planted overlaps. "
               r"Stationarity in both at once would need $\rho_1=\rho_2$, so each outlier belongs to one signal:"),
    Step("unequal-outliers", "Their outliers", sp.Tuple(indexed("eigenvalue", 1), indexed("eigenvalue", 2)),
         outliers, (_outlier(_R1), _outlier(_R2)), _DOMAINS, "new",
         prose=r"each signal has its own eigenvalue,"),
    Step("unequal-overlaps", "Their overlaps", sp.Tuple(indexed("overlap", 1), indexed("overlap", 2)),
         overlaps, (_overlap(_R1), _overlap(_R2)), _DOMAINS, "new", ("α > α_B of each",),
         (alpha * _R1**2 > eta**2, alpha * _R2**2 > eta**2),
         prose=r"its own overlap and its own detection threshold $(\eta/\rho_i)^2$. The rest decouples as before: "
               r"the $l$-th latent minimises $\Phi$ at the $l$-th eigenvalue:"),
    Step("weak-decay", "Weak weight decay", sp.Symbol(r"\partial_{\lambda}Q"), weak_decay_correction,
         -(2 / _TOP + (eigenvalue**2 - 1) / (alpha * beta)), _DOMAINS, "new",
         ("λ → 0 at β < Λ",), (eigenvalue > beta,),
         prose=r"As $\lambda\to0$ the active state tends to $Q=\Lambda-\beta$, from below if $\Lambda>1$, "
               r"with the slope"),
    Step("strong-decay", "Strong weight decay", sp.Tuple(*sp.symbols("p_3 p_2 p_1 p_0")), decay_margin,
         (_TOP * (1 + _T), beta * (alpha + _TOP * (1 + _T)) + 2 * _TOP * (1 + _T) * _KAPPA,
          _KAPPA * (2 * beta * (alpha + _TOP * (1 + _T)) + _TOP * ((1 + _T) * _KAPPA - 1)),
          beta * _KAPPA * ((alpha + _TOP * (1 + _T)) * _KAPPA - _TOP)), _DOMAINS, "new", ("λ = αΛ(1+t), t ≥ 0",),
         prose=r"For $\lambda\ge\alpha\Lambda$ all coefficients of the cubic are positive, with $\kappa=\beta+1+t$: "
               r"no active state exists, and the latent collapses at every $\beta$:"),
    Step("strong-decay-gain", "and not before", sp.Tuple(Q, sp.Symbol(r"\Phi(\beta\to0)")),
         lambda: (strong_decay_norm(), strong_decay_gain()),
         (1 - _DELTA, -((_TOP - lam) ** 2) / (2 * _TOP)), _DOMAINS, "new", ("λ < αΛ, β → 0",), (lam < _TOP,),
         prose=r"For weaker weight decay the potential at small $\beta$ is least at a positive $Q$ with a negative "
               r"value, so that some $\beta$ keeps the latent alive:"),
    Step("unequal-decay", "Unequal weight decay", sp.Symbol("beta_c"), unequal_threshold,
         _TOP / (alpha + _LW) - _LV / _TOP, _DOMAINS, "new",
         prose=r"Let decoder and encoder have weight decays $\lambda_W,\lambda_V$ of their own. Without a KL term "
               r"a decoder could grow as its encoder shrinks, so that only their product would matter. But the "
               r"threshold is"),
    Step("best-split", "The best split", sp.Tuple(_LW, sp.Symbol("beta_c")), best_split,
         (alpha * _ROOT / (_TOP - _ROOT), (_TOP - _ROOT)**2 / (alpha * _TOP)), _DOMAINS, "new",
         ("the product of both decays is given",), (_ROOT < _TOP,),
         prose=r"and at a given product $\lambda_W\lambda_V=\bar\lambda^2$ it is largest, and collapse hardest, at "
               r"the split below "
               r"(for $\bar\lambda\ge\alpha\Lambda$ collapse is stable at every $\beta$):"),
    Step("gauge", "Where only the product matters", sp.Tuple(sp.Symbol("wv"), sp.Symbol(r"\Phi"), Q), without_kl,
         (1 - sp.sqrt(_LW * _LV) / _TOP, -(_TOP - sp.sqrt(_LW * _LV))**2 / (2 * _TOP),
          sp.sqrt(_LV / _LW) - _LV / _TOP), _DOMAINS, "new", ("β → 0",), (_LW * _LV < _TOP**2,),
         prose=r"As $\beta\to0$ that is all: a latent lives iff $\lambda_W\lambda_V<(\alpha\Lambda)^2$, and "
               r"reconstruction and loss depend on the product alone, while the ratio sets $Q$, and with it $D$ and "
               r"the KL:"),
    Step("tied", "Tied weights", sp.Symbol("beta_c"), tied_threshold, 2 - (1 + lam / alpha) / eigenvalue, _DOMAINS,
         "new", (r"$V=W$, weight decay $\frac\lambda2\|W\|^2$",),
         prose=r"If the encoder is the decoder, $V=W$, collapse is stable from the $\beta$ below on, which at "
               r"$\lambda=0$ never exceeds $\Lambda$ ($2-1/\Lambda\le\Lambda$) nor $2$: a strong signal is lost "
               r"at $\beta=2$ though an untied encoder would keep it to $\Lambda$. A scale of its own, $V$ a "
               r"learned multiple of $W$, is all the freedom that is missing: the untied minimum has "
               r"$V=W/(Q+\kappa)$, and the threshold is that of $\lambda_V=0$."),
    Step("tied-order", "Their transition", sp.Symbol(r"\Phi''(0)"), tied_curvature,
         _TOP - alpha / (2 * beta), _DOMAINS, "new", ("V = W",),
         prose=r"At the threshold it is continuous iff $2\beta\Lambda\ge1$, that is "
               r"$\Lambda\ge\frac34+\frac{\lambda}{2\alpha}$:"),
)

CHAPTER = Chapter(
    "extensions", "Extensions",
    r"The steps of the chapters before are repeated with one assumption changed at a time.", STEPS,
    question=r"What changes if the decoder learns its variance, if signals differ in strength, if weight decay is "
             r"absent, strong or unequal, and if weights are tied?",
    answer=r"The threshold keeps its form. A learned variance is what the active latents leave, for each "
           r"direction left, \eqref{extensions:decoder-variance}; each signal has an eigenvalue, an overlap and a "
           r"detection threshold of its own, \eqref{extensions:unequal-overlaps}; without weight decay "
           r"$Q=\Lambda-\beta$, and from $\lambda=\alpha\Lambda$ on nothing is learned at any $\beta$; of two "
           r"weight decays the threshold knows more than the product, \eqref{extensions:unequal-decay}; and "
           r"collapse with a tied encoder is stable from $\beta=2$ on at the latest, \eqref{extensions:tied}.")
