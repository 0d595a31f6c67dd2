"""Chapter: the conditional VAE, whose encoder and decoder are told a covariate."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.minimum.collapse import active_norm
from vaesym.algebra import Step
from vaesym.linear_vae.exact import collapse, minimum
from vaesym.linear_vae.sample.random_matrix import bulk_edge, outlier_overlap, signal
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    lam,
    rho,
    sigma,
    sym,
    v,
    w,
)

_MEAN, _ENCODER, _DECODER = sym("group_mean"), sym("encoder_shift"), sym("decoder_shift")
_BETWEEN, _RANK = sym("between"), sym("covariates")
#: The deviation of a sample from the mean of its group.
_residual = sp.Dummy("residual", real=True)
#: A covariate that is a number of mean square 1, uncorrelated with the residuals; of a group it is 1.
_number = sp.Dummy("number", real=True)


def _mean(expression: sp.Expr) -> sp.Expr:
    return average(sp.expand(expression), [_residual, _number], [0, 0], sp.diag(eigenvalue, 1))


def _loss(encoded: sp.Expr, squared_mean: sp.Expr, told: sp.Expr = sp.S.One) -> sp.Expr:
    """Return the loss along an eigenvector: encoder mean, its mean square, and what is told."""
    error = _mean((_residual + told * _MEAN - w * encoded - told * _DECODER) ** 2)
    return sp.expand((error + w**2 * D) / 2 + beta * (squared_mean + D - sp.log(D) - 1) / 2)


@cache
def group_loss() -> sp.Expr:
    """Return it where the encoder is told the group: it adds a shift of its own to v times the deviation."""
    return _told_loss(sp.S.One)


def _told_loss(told: sp.Expr) -> sp.Expr:
    encoded = v * _residual + told * _ENCODER
    return _loss(encoded, _mean(encoded**2), told)


def best_shifts(told: sp.Expr = sp.S.One) -> tuple[sp.Expr, sp.Expr]:
    """Return the shifts of encoder and decoder, for a unit of what is told, that make the loss least."""
    (found,) = sp.solve([sp.diff(_told_loss(told), shift) for shift in (_ENCODER, _DECODER)], [_ENCODER, _DECODER],
                        dict=True)
    return found[_ENCODER], found[_DECODER]


def residual_loss() -> sp.Expr:
    """Return the loss with both shifts at their best, less that of a VAE on the deviations without weight decay."""
    best = group_loss().subs(dict(zip((_ENCODER, _DECODER), best_shifts(), strict=True)))
    return sp.expand(best - (minimum.direction_loss() / alpha).subs(lam, 0).subs(Q, w**2))


def residual_eigenvalue() -> sp.Expr:
    """Return αΛ of the deviations where covariates of rank $rN$ have been regressed out: that of P − rN samples."""
    fewer = alpha - _RANK
    # The sum of squares of P samples off their means is that of P − rN free ones; αΛ is that sum over N.
    return sp.factor(fewer * signal()[0].subs(alpha, fewer))


def residual_spectrum() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return αΛ of the outlier, its overlap with the signal, and αΛ of the edge of the noise."""
    fewer = alpha - _RANK
    return (residual_eigenvalue(), outlier_overlap().subs(alpha, fewer),
            sp.simplify(fewer * bulk_edge().subs(alpha, fewer)))


def conditional_threshold() -> sp.Expr:
    """Return β_c: the weights of the loss still sum over all P samples, and only the eigenvalue is that of fewer."""
    return collapse.collapse_threshold().subs(eigenvalue, residual_eigenvalue() / alpha)


def blind_threshold() -> sp.Expr:
    """Return the β at which collapse loses stability if only the decoder is told the group."""
    encoded = v * (_residual + _MEAN)
    loss = _loss(encoded, v**2 * (eigenvalue + _BETWEEN))
    (shift,) = sp.solve(sp.diff(loss, _DECODER), _DECODER)
    hessian = sp.hessian(loss.subs(_DECODER, shift), (w, v)).subs({w: 0, v: 0, D: 1})
    (found,) = sp.solve(hessian.det(), beta)
    return sp.factor(found)


def active_variance() -> sp.Expr:
    """Return D of an active latent without weight decay for decoders of variance σ²."""
    return sp.factor((minimum.optimal_variance().subs(beta, beta * sigma**2)).subs(Q, active_norm()))


_DOMAINS = domains_of()
_FREE = (alpha > _RANK,)
_SEEN = (rho + eta) * (alpha - _RANK + eta / rho)
_OVERLAP = (alpha - _RANK - eta**2 / rho**2) / (alpha - _RANK + eta / rho)

STEPS = (
    Step("shifts", "What is told is not encoded", sp.Symbol("(a_c,b_c)"), best_shifts, (sp.S.Zero, _MEAN), _DOMAINS,
         "new", ("β > 0", "encoder and decoder have a shift of their own for each value of the covariate, and share "
                 "w, v, D",),
         prose=r"Samples come in groups: a label, a batch, any covariate of finitely many values. Along an eigenvector "
               r"of the covariance within the groups, $\Lambda$ its eigenvalue, let $x_c$ be the mean of the group of "
               r"value $c$, and the encoder's mean $v$ times the deviation from it plus a shift $a_c$, the decoder's "
               r"$wz+b_c$. The loss is least at"),
    Step("regression", "Numbers in place of groups", sp.Symbol("(a_c,b_c)"), lambda: best_shifts(_number),
         (sp.S.Zero, _MEAN), _DOMAINS, "new",
         ("β > 0", "shifts $a_ct$, $b_ct$, linear in a number $t$ of mean square 1"),
         prose=r"A covariate that is a number $t$ shifts both linearly, by $a_ct$ and $b_ct$, and $x_c$ is now the "
               r"coefficient of the linear regression on it, whose residuals are the deviations, uncorrelated with "
               r"$t$. Several numbers, a constant among them, can be taken uncorrelated. The loss is least at the "
               r"same"),
    Step("residual", "A VAE on the deviations", sp.Symbol(r"\ell-\ell_{\mathrm{VAE}}"), residual_loss,
         eigenvalue / 2, _DOMAINS, "new", ("λ = 0, or weight decay on W and V only",),
         prose=r"so that what is told costs nothing. Let $\ell$ be the mean loss of a sample along the eigenvector "
               r"with these shifts, and $\ell_{\mathrm{VAE}}$ that of a VAE on the deviations, from which "
               r"\eqref{model:sample-loss} leaves out half of their variance:"),
    Step("samples", "Fewer samples", sp.Tuple(sp.Symbol(r"\alpha\Lambda"), sp.Symbol("o"),
                                              sp.Symbol(r"\alpha\Lambda_0")), residual_spectrum,
         (_SEEN, _OVERLAP, eta * (1 + sp.sqrt(alpha - _RANK)) ** 2), _DOMAINS, "new",
         ("covariates of rank $rN$, r < α, independent of signal and noise, Gaussian data",
          "α − r > α_B for Λ and o, else Λ₀"), _FREE,
         argued="that the residuals are as many free samples in a rotated frame",
         prose=r"Everything holds with the covariance of the deviations. A finite number of groups or numbers has "
               r"$r=0$ and takes no samples away. Residuals of Gaussian data on covariates of rank $rN$ are "
               r"$(\alpha-r)N$ free samples in a rotated frame: eigenvectors, and with them the overlap, are those of "
               r"so many, and the eigenvalue, still over all $P$, is theirs times $1-r/\alpha$. With $\Lambda_0$ on "
               r"the edge of the noise, which stands for $\Lambda$ where the signal does not show,"),
    Step("threshold", "Its threshold", sp.Symbol("beta_c"), conditional_threshold,
         _SEEN / (alpha + lam) - lam / _SEEN, _DOMAINS, "new", ("α − r > α_B",), _FREE,
         prose=r"Each of the $P$ samples pays the KL, though only $(\alpha-r)N$ deviations are free. So $\alpha$ "
               r"becomes $\alpha-r$ in $\alpha\Lambda$ and in the condition $\alpha>\alpha_B$, not in the threshold as "
               r"a whole: covariates make collapse easier than fewer samples do."),
    Step("blind", "An encoder that is not told", sp.Symbol("beta_c"), blind_threshold,
         eigenvalue**2 / (eigenvalue + _BETWEEN), _DOMAINS, "new", ("λ = 0", "α → ∞, or Λ, B of the sample"),
         prose=r"If only the decoder is told, the encoder pays for the variance $B$ of the groups' means too, which "
               r"its latent cannot tell from the deviations; along a direction that is an eigenvector of both "
               r"covariances, within and between groups,"),
    Step("variance", "Where a latent is active", sp.Symbol("(Q,D)"), lambda: (active_norm(), active_variance()),
         (eigenvalue - beta * sigma**2, beta * sigma**2 / eigenvalue), _DOMAINS, "Dang et al. 2024",
         ("λ = 0",), (eigenvalue > beta * sigma**2,),
         prose=r"Without weight decay, and at decoder variance $\sigma^2$, an active latent has (in their part on the "
               r"conditional VAE Dang et al. write $\eta_{\mathrm{dec}}^2$ for $\sigma^2$ and $\theta$ for $\Lambda$, "
               r"a singular value of the residual covariance)"),
    Step("branch", "Where its variance leaves 1",
         sp.Symbol(r"(D|_{\Lambda=\beta\sigma^2},D|_{\Lambda=\sqrt\beta\sigma})"),
         lambda: tuple(active_variance().subs(eigenvalue, at) for at in (beta * sigma**2, sp.sqrt(beta) * sigma)),
         (sp.S.One, sp.sqrt(beta) * sigma), _DOMAINS, "Dang et al. 2024", ("λ = 0",),
         prose=r"One condition rules both: at $\Lambda=\beta\sigma^2$ norm and variance leave $0$ and $1$ together. "
               r"They print the branch of the variance at $\Lambda=\sqrt\beta\sigma$, the test for a singular value of "
               r"the data instead of their covariance, which would make $D$ jump unless $\beta\sigma^2=1$:"),
)

CHAPTER = Chapter(
    "conditional", "The conditional VAE",
    r"Samples come with a covariate, a label or a batch or a number, and encoder and decoder are told it.", STEPS,
    question=r"Does a covariate that encoder and decoder are told change what collapses?",
    answer=r"It takes its own part of the variance away: everything holds with the covariance within the groups, or "
           r"of the residuals. Finitely many groups take away no samples; covariates of rank $rN$ do: the eigenvalue, "
           r"the overlap and the condition $\alpha>\alpha_B$ follow from $\alpha-r$, \eqref{conditional:samples}, but "
           r"the KL is still paid for every sample, so that they make collapse easier than fewer samples do, "
           r"\eqref{conditional:threshold}.")
