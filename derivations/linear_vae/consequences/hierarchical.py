"""Chapter: two levels of latents, and which of them dies first."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.frame.chapter import Chapter
from vaesym.algebra import Step
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import decoder_variance, domains_of, eigenvalue, indexed, indexed_domains, sym

_W, _V, _B = (tuple(indexed(name, level) for level in (1, 2)) for name in ("w", "v", "beta"))
_D2, _S1, _A = indexed("D", 2), sym("first_variance"), sym("aggregate")
_SOURCE = "Dang et al. 2024"


def hierarchy_loss() -> sp.Expr:
    """Return the loss of one mode: the second level codes the first, whose prior it is.

    The noise of data and encoders is averaged; ln Σ₁ is kept, other constants are dropped.
    """
    x, first, second = (sp.Dummy(name, real=True) for name in ("x", "first", "second"))
    noises = [x, first, second]
    moments = sp.diag(eigenvalue, _S1, _D2)

    def mean(expression: sp.Expr) -> sp.Expr:
        return average(sp.expand(expression), noises, [0, 0, 0], moments)

    z1 = _V[0] * x + first
    z2 = _V[1] * z1 + second
    error = mean((x - _W[0] * z1) ** 2) / (2 * decoder_variance)
    # KL of the first level: minus the entropy of its encoder, and its cross-entropy with N(w₂z₂, 1).
    own = (mean((z1 - _W[1] * z2) ** 2) - sp.log(_S1)) / 2
    upper = (mean(z2**2) - sp.log(_D2) - 1) / 2
    return error + _B[0] * own + _B[1] * upper


@cache
def upper_loss() -> sp.Expr:
    """Return what the second level adds at given variance A₁ of the first, as a function of Q₂ = w₂²."""
    loss = sp.expand(hierarchy_loss())
    shared = sp.expand(loss.subs({_W[0]: 0})) - eigenvalue / (2 * decoder_variance) + _B[0] * sp.log(_S1) / 2
    shared = sp.expand(shared.subs(_V[0], sp.sqrt((_A - _S1) / eigenvalue)))
    for variable in (_V[1], _D2):
        (best,) = sp.solve(sp.diff(shared, variable), variable)
        shared = sp.expand(sp.expand_log(shared.subs(variable, best)))
    return forms.reduced(shared)


def upper_minimum() -> tuple[sp.Expr, sp.Expr]:
    """Return the least value of it with the second level dead, and alive."""
    norm = sp.Dummy("norm", positive=True)
    loss = upper_loss().subs(_W[1], sp.sqrt(norm))
    roots = sp.solve(sp.numer(sp.together(sp.diff(loss, norm))), norm)
    (alive,) = [root for root in roots if root.has(_A)]
    return forms.reduced(loss.subs(norm, 0)), forms.reduced(sp.expand_log(loss.subs(norm, alive), force=True))


def joining_slopes() -> tuple[sp.Expr, sp.Expr]:
    """Return the slope in A₁ of both where the second level switches on."""
    return tuple(sp.cancel(sp.diff(value, _A).subs(_A, _B[1] / _B[0])) for value in upper_minimum())


@cache
def lower_loss() -> sp.Expr:
    """Return the reconstruction error with the first level's decoder at its best."""
    error = sp.expand(hierarchy_loss().subs({_B[0]: 0, _B[1]: 0}))
    (best,) = sp.solve(sp.diff(error, _W[0]), _W[0])
    at_best = error.subs(_W[0], best).subs(_V[0], sp.sqrt((_A - _S1) / eigenvalue))
    return sp.factor(sp.cancel(at_best))


def spread_slopes() -> tuple[sp.Expr, sp.Expr]:
    """Return A₁² times the slope of the loss in A₁ at given Σ₁, with the second level dead, and alive."""
    return tuple(sp.cancel(_A**2 * sp.diff(lower_loss() + value, _A)) for value in upper_minimum())


@cache
def best_spreads() -> tuple[sp.Expr, sp.Expr]:
    """Return the A₁ that makes the loss least with the second level dead, and alive, at given Σ₁."""
    return tuple(next(root for root in sp.solve(sp.diff(lower_loss() + value, _A), _A) if root.is_positive)
                 for value in upper_minimum())


def thresholds() -> tuple[sp.Expr, ...]:
    """Return the Λ up to which level 2 is dead, level 1 is dead below it, and level 1 is dead beside a live level 2."""
    dead, alive = best_spreads()
    return tuple(sp.factor(sp.solve(spread - end, eigenvalue)[0]) for spread, end in (
        (dead, _B[1] / _B[0]), (dead, _S1), (alive, _S1)))


def learned_variance() -> sp.Expr:
    """Return the Σ₁ that makes the loss least at given A₁."""
    (best,) = sp.solve(sp.diff(lower_loss() - _B[0] * sp.log(_S1) / 2, _S1), _S1)
    return best


def _slopes(first_variance: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    lower = (lower_loss() - _B[0] * sp.log(_S1) / 2).subs(_S1, first_variance)
    return tuple(sp.factor(sp.cancel(sp.diff(lower + value, _A))) for value in upper_minimum())


def learned_slopes() -> tuple[sp.Expr, sp.Expr]:
    """Return the slope of the loss in A₁ with Σ₁ at its best, the second level dead, and alive."""
    return _slopes(learned_variance())


def bounded_slopes() -> tuple[sp.Expr, sp.Expr]:
    """Return the same where Σ₁ is as large as it may be, A₁."""
    return _slopes(_A)


_DOMAINS = {**domains_of(), _D2: domains_of()[sym("D")],
            **{symbol: domain for name, symbols in (("w", _W), ("v", _V), ("beta", _B))
               for symbol, domain in indexed_domains(name, *symbols).items()}}
_SPREAD = _V[0] ** 2 * eigenvalue + _S1
_INNER = _B[0] * _A > _B[1]


def _both(name: str) -> sp.Tuple:
    """The left sides with the second level dead, and alive."""
    return sp.Tuple(*[sp.Symbol(name.format(rf"\mathrm{{{state}}}")) for state in ("dead", "alive")])


STEPS = (
    Step("loss", "Two levels", sp.Symbol(r"\ell"), hierarchy_loss,
         ((1 - _W[0] * _V[0]) ** 2 * eigenvalue + _W[0] ** 2 * _S1) / (2 * decoder_variance)
         + _B[0] * ((1 - _W[1] * _V[1]) ** 2 * _A + _W[1] ** 2 * _D2 - sp.log(_S1)) / 2
         + _B[1] * (_V[1] ** 2 * _A + _D2 - 1 - sp.log(_D2)) / 2, _DOMAINS, _SOURCE,
         ("one mode: all weights along one singular vector", "λ = 0"), where={_A: _SPREAD},
         argued="that modes decouple",
         prose=r"A second level of latents codes the first and is its prior: $q(z_1|x)=N(v_1x,\Sigma_1)$, "
               r"$q(z_2|z_1)=N(v_2z_1,D_2)$, $p(x|z_1)=N(w_1z_1,s)$, $p(z_1|z_2)=N(w_2z_2,1)$, the prior of $z_2$ "
               r"standard normal. $\beta_1$ weighs $\ln q(z_1|x)-\ln p(z_1|z_2)$, averaged over both encoders, and "
               r"$\beta_2$ the KL of $z_2$. Without weight decay, and up to constants, a mode of "
               r"variance $\Lambda$ of the data (of the sample, at any size) costs, with $A_1=v_1^2\Lambda+\Sigma_1$ "
               r"the variance of $z_1$,"),
    Step("upper", "The second level", _both("\\ell_{{2,{}}}"), upper_minimum,
         (_B[0] * _A / 2, _B[1] * (1 + sp.log(_B[0] * _A / _B[1])) / 2), _DOMAINS, "new",
         ("dead for A₁ ≤ β₂/β₁; alive beyond",), (_INNER,),
         prose=r"With $v_2$ and $D_2$ at their best, $D_2$ one number for all samples, the second level is a VAE on "
               r"data of variance $A_1$ at decoder variance 1 and the weight $\beta_2/\beta_1$: dead, $w_2=v_2=0$, up "
               r"to $A_1=\beta_2/\beta_1$, alive beyond. It costs"),
    Step("joining", "Where it switches on", sp.Symbol(r"\ell_2'(\beta_2/\beta_1\mp0)"), joining_slopes,
         (_B[0] / 2, _B[0] / 2), _DOMAINS, "new", ("from below, from above",),
         prose=r"whose slopes agree there,"),
    Step("lower", "The first level", sp.Symbol(r"\ell_1"), lower_loss,
         eigenvalue * _S1 / (2 * decoder_variance * _A), _DOMAINS, "new", (), (_A > _S1,),
         prose=r"and with $w_1$ at its best the reconstruction costs"),
    Step("slopes", "One minimum", _both("A_1^2\\ell'_{{{}}}"), spread_slopes,
         ((_B[0] * _A**2 - eigenvalue * _S1 / decoder_variance) / 2,
          (_B[1] * _A - eigenvalue * _S1 / decoder_variance) / 2), _DOMAINS, "new", ("Σ₁ given",),
         prose=r"Let $\Sigma_1$ be given. The sum $\ell_1+\ell_2$, $A_1\ge\Sigma_1$, has a continuous slope, of the "
               r"sign of the following, which rise with $A_1$: it changes sign once at most, from negative to "
               r"positive, and there is one minimum."),
    Step("spread", "Its best variance", _both("A_{{1,{}}}"), best_spreads,
         (sp.sqrt(eigenvalue * _S1 / (decoder_variance * _B[0])), eigenvalue * _S1 / (decoder_variance * _B[1])),
         _DOMAINS, "new", ("Σ₁ given",),
         prose=r"It lies, with the second level dead, and alive, at the following, or at $A_1=\Sigma_1$ if that is "
               r"larger: then the first level is dead, $w_1=v_1=0$."),
    Step("thresholds", "Which level dies", sp.Tuple(*sp.symbols(r"\Lambda_{2} \Lambda_{1} \Lambda_{1}'")), thresholds,
         (decoder_variance * _B[1] ** 2 / (_B[0] * _S1), decoder_variance * _B[0] * _S1, decoder_variance * _B[1]),
         _DOMAINS, _SOURCE, ("Σ₁ given",),
         prose=r"If $\beta_1\Sigma_1<\beta_2$ the second level dies first as $\Lambda$ falls, at $\Lambda_2$, and the "
               r"first at $\Lambda_1<\Lambda_2$. At $\beta_1\Sigma_1=\beta_2$ both die at once. If "
               r"$\beta_1\Sigma_1>\beta_2$ the first level dies at $\Lambda_1'$, "
               r"and the second never: it goes on to code the noise $\Sigma_1$ of the first, nats that say "
               r"nothing of the data. Dang et al. have singular values $\theta$ with $\theta^2=\Lambda$, the variances "
               r"$\sigma_1^2$ of $q(z_1|x)$, $\eta_{\mathrm{enc}}^2$ of $p(z_1|z_2)$ and $\eta_{\mathrm{dec}}^2$ of "
               r"$p(x|z_1)$. In units of $\eta_{\mathrm{enc}}$ for $z_1$ these are "
               r"$\Sigma_1=\sigma_1^2/\eta_{\mathrm{enc}}^2$, $s=\eta_{\mathrm{dec}}^2$, and with "
               r"$\eta_{\mathrm{enc}}=\eta_{\mathrm{dec}}$ the levels die at $\theta\le\beta_2\eta_{\mathrm{dec}}^2/"
               r"(\sqrt{\beta_1}\sigma_1)$, $\theta\le\sqrt{\beta_1}\sigma_1$ and "
               r"$\theta\le\sqrt{\beta_2}\,\eta_{\mathrm{dec}}$:"),
    Step("learned", "A learned first variance", _S1, learned_variance,
         _B[0] * decoder_variance * _A / eigenvalue, _DOMAINS, "new", ("Λ ≥ β₁s, so that Σ₁ ≤ A₁",),
         prose=r"If $\Sigma_1$ is learned too, it is"),
    Step("learned-slopes", "which leaves nothing to the second level", _both(r"\partial_{{A_1}}\ell_{{{}}}"),
         learned_slopes, (_B[0] * (1 - 1 / _A) / 2, (_B[1] - _B[0]) / (2 * _A)), _DOMAINS, "new",
         ("Λ ≥ β₁s",),
         prose=r"and the loss has in $A_1$ the slopes"),
    Step("bounded-slopes", "and below the first threshold", _both(r"\partial_{{A_1}}\ell_{{{}}}"), bounded_slopes,
         (_B[0] * (1 - 1 / _A) / 2, (_B[1] - _B[0]) / (2 * _A)), _DOMAINS, "new", ("Λ < β₁s, Σ₁ = A₁",),
         prose=r"For smaller $\Lambda$ the loss falls with $\Sigma_1$ up to $\Sigma_1=A_1$, where the first level is "
               r"dead, and has the same slopes. So for $\beta_2>\beta_1$ it is least at $A_1=1$ with the second level "
               r"dead, at every $\Lambda$: the first level is then a VAE of its own, which dies at $\Lambda=\beta_1s$. "
               r"For $\beta_2=\beta_1$ all $A_1\ge1$ are equally good. For $\beta_2<\beta_1$ the loss falls without "
               r"end as $A_1\to\infty$ and has no minimum: such a weighted sum bounds no likelihood, as what $\beta_1$ "
               r"weighs is averaged over $q(z_2|z_1)$ and has no least value."),
)

CHAPTER = Chapter(
    "hierarchical", "Two levels of latents",
    r"A second latent generates the first. Each level has a KL term with a weight of its own.", STEPS,
    question=r"Which level of a hierarchical VAE dies first?",
    answer=r"At a given $\Sigma_1$ the upper, if $\beta_1\Sigma_1<\beta_2$; if $\beta_1\Sigma_1>\beta_2$ the lower "
           r"alone, \eqref{hierarchical:thresholds}. If $\Sigma_1$ is learned too, the upper is dead at every "
           r"$\Lambda$ for $\beta_2>\beta_1$, undecided at $\beta_2=\beta_1$, and for $\beta_2<\beta_1$ there is no "
           r"minimum, \eqref{hierarchical:bounded-slopes}.")
