"""Chapter: the conditional VAE, whose encoder and decoder are told a covariate."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.minimum.collapse import active_norm
from vaesym.algebra import Step
from vaesym.linear_vae.exact import collapse, minimum
from vaesym.linear_vae.sample.random_matrix import signal
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


def _loss(encoded: sp.Expr, squared_mean: sp.Expr) -> sp.Expr:
    """Return the loss of a group's samples along an eigenvector: encoder mean and its mean square."""
    error = average((_residual + _MEAN - w * encoded - _DECODER) ** 2, [_residual], [0], sp.Matrix([[eigenvalue]]))
    return sp.expand((error + w**2 * D) / 2 + beta * (squared_mean + D - sp.log(D) - 1) / 2)


@cache
def group_loss() -> sp.Expr:
    """Return it where the encoder is told the group: it adds a shift of its own to v times the deviation."""
    encoded = v * _residual + _ENCODER
    return _loss(encoded, average(encoded**2, [_residual], [0], sp.Matrix([[eigenvalue]])))


def best_shifts() -> tuple[sp.Expr, sp.Expr]:
    """Return the shifts of encoder and decoder that make the loss least."""
    (found,) = sp.solve([sp.diff(group_loss(), shift) for shift in (_ENCODER, _DECODER)], [_ENCODER, _DECODER],
                        dict=True)
    return found[_ENCODER], found[_DECODER]


def residual_loss() -> sp.Expr:
    """Return the loss with both shifts at their best, less that of a VAE on the deviations without weight decay."""
    best = group_loss().subs(dict(zip((_ENCODER, _DECODER), best_shifts(), strict=True)))
    return sp.expand(best - (minimum.direction_loss() / alpha).subs(lam, 0).subs(Q, w**2))


def residual_eigenvalue() -> sp.Expr:
    """Return αΛ of the deviations where covariates of rank rN have been regressed out: that of P − rN samples."""
    fewer = alpha - _RANK
    # The sum of squares of P samples off their means is that of P − rN free ones; αΛ is that sum over N.
    return sp.factor(fewer * signal()[0].subs(alpha, fewer))


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

STEPS = (
    Step("shifts", "What is told is not encoded", sp.Symbol("(a_c,b_c)"), best_shifts, (sp.S.Zero, _MEAN), _DOMAINS,
         "new", ("encoder and decoder have a shift of their own for each value of the covariate",),
         prose=r"Samples come in groups: a label, a batch, any covariate of finitely many values, and encoder and "
               r"decoder are told which. Along an eigenvector of the covariance within the groups let $x_c$ be the "
               r"mean of a group, and the encoder's mean $v$ times the deviation plus a shift $a_c$, the decoder's "
               r"$wz+b_c$. The loss is least at"),
    Step("residual", "A VAE on the deviations", sp.Symbol(r"\ell-\ell_{\mathrm{VAE}}"), residual_loss,
         eigenvalue / 2, _DOMAINS, "new", ("λ = 0, or weight decay on W and V only",),
         prose=r"so that the group's mean costs nothing, and what is left is the loss of a VAE on the deviations, up "
               r"to their variance $\Lambda/2$. Everything holds with the covariance within groups "
               r"$\mathrm{Cov}(x|c)$, averaged over them; for numbers in place of groups, with the residuals of the "
               r"linear regression on them:"),
    Step("samples", "Fewer samples", sp.Symbol(r"\alpha\Lambda"), residual_eigenvalue, _SEEN, _DOMAINS, "new",
         ("covariates of rank rN, independent of signal and noise", "α − r > α_B"), _FREE,
         prose=r"Residuals of Gaussian data on covariates of rank $rN$ are $(\alpha-r)N$ free samples in a rotated "
               r"frame, so that the eigenvalue, still over all $P$, is that of $\alpha-r$ times $1-r/\alpha$:"),
    Step("threshold", "Its threshold", sp.Symbol("beta_c"), conditional_threshold,
         _SEEN / (alpha + lam) - lam / _SEEN, _DOMAINS, "new", ("α − r > α_B",), _FREE,
         prose=r"The KL is paid for all $P$ samples. So $\alpha\to\alpha-r$ in the eigenvalue and in $\alpha_B$ only, "
               r"not in the threshold as a whole: covariates make collapse easier than fewer samples do."),
    Step("blind", "An encoder that is not told", sp.Symbol("beta_c"), blind_threshold,
         eigenvalue**2 / (eigenvalue + _BETWEEN), _DOMAINS, "new", ("λ = 0", "α → ∞, or Λ, B of the sample"),
         prose=r"If only the decoder is told, the encoder pays for the variance $B$ of the groups' means too, which "
               r"its latent cannot tell from the deviations; along one direction"),
    Step("variance", "Where a latent is active", sp.Symbol("(Q,D)"), lambda: (active_norm(), active_variance()),
         (eigenvalue - beta * sigma**2, beta * sigma**2 / eigenvalue), _DOMAINS, "Dang et al. 2024",
         ("λ = 0",), (eigenvalue > beta * sigma**2,),
         prose=r"Without weight decay, and at decoder variance $\sigma^2$ (their $\eta_{\mathrm{dec}}^2$; their "
               r"$\theta$ is $\Lambda$, a singular value of the residual covariance), an active latent has"),
    Step("branch", "Where its variance leaves 1",
         sp.Symbol(r"(D|_{\Lambda=\beta\sigma^2},D|_{\Lambda=\sqrt\beta\sigma})"),
         lambda: tuple(active_variance().subs(eigenvalue, at) for at in (beta * sigma**2, sp.sqrt(beta) * sigma)),
         (sp.S.One, sp.sqrt(beta) * sigma), _DOMAINS, "Dang et al. 2024", ("λ = 0",),
         prose=r"One condition rules both: at $\Lambda=\beta\sigma^2$ norm and variance leave $0$ and $1$ together. "
               r"A branch at $\Lambda=\sqrt\beta\sigma$, the test for a singular value of the data instead of their "
               r"covariance, would make $D$ jump unless $\beta\sigma^2=1$:"),
)

CHAPTER = Chapter(
    "conditional", "The conditional VAE",
    r"Samples come with a covariate, a label or a batch or a number, and encoder and decoder are told it.", STEPS,
    question=r"Does a covariate that encoder and decoder are told change what collapses?",
    answer=r"It takes its own part of the variance away, and samples with it: everything holds with the covariance "
           r"within the groups. At finite $\alpha$ the eigenvalue and $\alpha_B$ follow from $\alpha-r$, "
           r"\eqref{conditional:samples}, but the KL is still paid for every sample, so that covariates make "
           r"collapse easier than fewer samples do, \eqref{conditional:threshold}.")
