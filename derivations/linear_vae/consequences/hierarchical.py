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


def _spread() -> sp.Expr:
    return _V[0] ** 2 * eigenvalue + _S1


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


def learned_slopes() -> tuple[sp.Expr, sp.Expr]:
    """Return the slope of the loss in A₁ with Σ₁ at its best, the second level dead, and alive."""
    lower = (lower_loss() - _B[0] * sp.log(_S1) / 2).subs(_S1, learned_variance())
    return tuple(sp.factor(sp.cancel(sp.diff(lower + value, _A))) for value in upper_minimum())


_DOMAINS = {**domains_of(), _D2: domains_of()[sym("D")],
            **{symbol: domain for name, symbols in (("w", _W), ("v", _V), ("beta", _B))
               for symbol, domain in indexed_domains(name, *symbols).items()}}
_SPREAD = _V[0] ** 2 * eigenvalue + _S1
_INNER = _B[0] * _A > _B[1]

STEPS = (
    Step("loss", "Two levels", sp.Symbol(r"\ell"), hierarchy_loss,
         ((1 - _W[0] * _V[0]) ** 2 * eigenvalue + _W[0] ** 2 * _S1) / (2 * decoder_variance)
         + _B[0] * ((1 - _W[1] * _V[1]) ** 2 * _A + _W[1] ** 2 * _D2 - sp.log(_S1)) / 2
         + _B[1] * (_V[1] ** 2 * _A + _D2 - 1 - sp.log(_D2)) / 2, _DOMAINS, _SOURCE,
         ("one mode: all weights along one singular vector",), where={_A: _SPREAD},
         prose=r"A second level of latents codes the first and is its prior: $q(z_1|x)=N(v_1x,\Sigma_1)$, "
               r"$q(z_2|z_1)=N(v_2z_1,D_2)$, $p(x|z_1)=N(w_1z_1,s)$, $p(z_1|z_2)=N(w_2z_2,1)$, the KL of the levels "
               r"weighted by $\beta_1,\beta_2$. In units of the prior, and up to constants, a mode of "
               r"variance $\Lambda$ of the data costs, with $A_1=v_1^2\Lambda+\Sigma_1$ the variance of $z_1$,"),
    Step("upper", "The second level", sp.Symbol(r"\ell_2(A_1)"), upper_minimum,
         (_B[0] * _A / 2, _B[1] * (1 + sp.log(_B[0] * _A / _B[1])) / 2), _DOMAINS, "new",
         ("dead for A₁ ≤ β₂/β₁; alive beyond",), (_INNER,),
         prose=r"The second level is a VAE on data of variance $A_1$ at the weight $\beta_2/\beta_1$: dead up to "
               r"$A_1=\beta_2/\beta_1$, alive beyond. Dead and alive it costs"),
    Step("joining", "Where it switches on", sp.Symbol(r"\ell_2'(\beta_2/\beta_1)"), joining_slopes,
         (_B[0] / 2, _B[0] / 2), _DOMAINS, "new", ("from below, from above",),
         prose=r"whose slopes agree there,"),
    Step("lower", "The first level", sp.Symbol(r"\ell_1"), lower_loss,
         eigenvalue * _S1 / (2 * decoder_variance * _A), _DOMAINS, "new", (), (_A > _S1,),
         prose=r"and with $w_1$ at its best the reconstruction costs"),
    Step("spread", "Its best variance", _A, best_spreads,
         (sp.sqrt(eigenvalue * _S1 / (decoder_variance * _B[0])), eigenvalue * _S1 / (decoder_variance * _B[1])),
         _DOMAINS, "new", ("Σ₁ given",),
         prose=r"For a given $\Sigma_1$ the slope of the sum is continuous in $A_1\ge\Sigma_1$ and changes sign once, "
               r"from negative to positive, so that there is one minimum: with the second level dead, and "
               r"alive, at"),
    Step("thresholds", "Which level dies", sp.Symbol(r"(\Lambda_{2},\Lambda_{1},\Lambda_{1}')"), thresholds,
         (decoder_variance * _B[1] ** 2 / (_B[0] * _S1), decoder_variance * _B[0] * _S1, decoder_variance * _B[1]),
         _DOMAINS, _SOURCE, ("Σ₁ given",),
         prose=r"If $\beta_1\Sigma_1<\beta_2$ the second level dies first as $\Lambda$ falls, at $\Lambda_2$, and the "
               r"first at $\Lambda_1<\Lambda_2$. If $\beta_1\Sigma_1\ge\beta_2$ the first level dies at $\Lambda_1'$, "
               r"and the second never: it goes on to code the noise $\Sigma_1$ of the first, nats that say "
               r"nothing of the data. In the letters of Dang et al., with $\theta^2=\Lambda$ and "
               r"$\eta_{\mathrm{enc}}=\eta_{\mathrm{dec}}=\eta$, these are $\theta\le\beta_2\eta^2/(\sqrt{\beta_1}"
               r"\sigma_1)$, $\theta\le\sqrt{\beta_1}\sigma_1$ and $\theta\le\sqrt{\beta_2}\,\eta$:"),
    Step("learned", "A learned first variance", _S1, learned_variance,
         _B[0] * decoder_variance * _A / eigenvalue, _DOMAINS, "new", ("Λ ≥ β₁s, so that Σ₁ ≤ A₁",),
         prose=r"If $\Sigma_1$ is learned too, it is"),
    Step("learned-slopes", "which leaves nothing to the second level", sp.Symbol(r"\partial_{A_1}\ell"),
         learned_slopes, (_B[0] * (1 - 1 / _A) / 2, (_B[1] - _B[0]) / (2 * _A)), _DOMAINS, "new",
         ("Λ ≥ β₁s", "second level dead; alive"),
         prose=r"and the loss has in $A_1$, with the second level dead and alive, the slopes below. For "
               r"$\beta_2>\beta_1$ it is least at $A_1=1$ with the second level dead, at every $\Lambda$: the first "
               r"level is then a VAE of its own, which dies at $\Lambda=\beta_1s$. For $\beta_2=\beta_1$ all "
               r"$A_1\ge1$ are equally good. For $\beta_2<\beta_1$ the loss falls without end as $A_1\to\infty$: it is "
               r"no bound, and has no minimum."),
)

CHAPTER = Chapter(
    "hierarchical", "Two levels of latents",
    r"A second latent generates the first. Each level has a KL term with a weight of its own.", STEPS,
    question=r"Which level of a hierarchical VAE dies first?",
    answer=r"The upper, unless the noise that the lower must have is large; and always the upper, if all variances "
           r"are learned and its KL weighs more.")
