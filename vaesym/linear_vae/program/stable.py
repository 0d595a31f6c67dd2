"""Forms of the exact solution in which nothing cancels, each proved equal to the derived expression.

A form is chosen by hand; :func:`proved` compares it with what was derived and refuses it unless SymPy
reduces the difference to exact zero. Lowering uses these forms, so that the generated code is the derivation.
The sample complexity enters through ι = 1/α and φ = λ/α, per sample, so that unlimited data are ι = φ = 0.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from vaesym.algebra import Kind, compare
from vaesym.codegen import Where, use_log1p
from vaesym.linear_vae.exact import collapse, eigenvector, limits, minimum
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement import observables
from vaesym.linear_vae.statement.symbols import (
    D,
    E,
    Q,
    R,
    alpha,
    beta,
    d,
    decoder_variance,
    domains_of,
    eigenvalue,
    eta,
    inverse_alpha,
    kappa,
    lam,
    m,
    overlap,
    rho,
    sample_decay,
)

#: The quantities per sample in terms of the parameters.
PER_SAMPLE = {inverse_alpha: 1 / alpha, sample_decay: lam / alpha}
#: κ = β + φ/Λ, the gap between the gains 1/Q and 1/(Q+κ) of an unregularised and a regularised encoder.
KAPPA = beta + sample_decay / eigenvalue
#: Distance to the collapse threshold, β − β_c.
DISTANCE = kappa - eigenvalue / (1 + sample_decay)


def proved(form: Any, derived: Any) -> Any:
    """Return ``form`` if it is identically equal to ``derived`` once κ, ι and φ are those of the parameters.

    Raises ArithmeticError if the difference does not reduce to exact zero.
    """
    meant = [sp.sympify(f).xreplace({kappa: KAPPA}).xreplace(PER_SAMPLE) for f in sp.flatten([form])]
    verdict = compare(tuple(meant) if isinstance(form, tuple) else meant[0], derived, domains_of())
    if verdict.kind is not Kind.IDENTITY:
        raise ArithmeticError(f"expected a form equal to the derived expression; received {verdict} for {form}; "
                              "mend the form")
    return form


@cache
def cubic_coefficients() -> tuple[sp.Expr, ...]:
    """Return the coefficients of the stationarity cubic over α, highest power first.

    The last two are written with the distance to the threshold, so that the root that vanishes there keeps its
    digits; at λ = 0 the first is an exact zero.
    """
    form = (
        sample_decay,
        beta * (1 + sample_decay) + 2 * sample_decay * kappa,
        kappa * (beta * (1 + 2 * sample_decay) - sample_decay / eigenvalue + (1 + sample_decay) * DISTANCE),
        beta * kappa * (1 + sample_decay) * DISTANCE,
    )
    return proved(form, tuple(c / alpha for c in minimum.stationarity_cubic().all_coeffs()))


@cache
def potential() -> sp.Expr:
    """Return the potential per sample, Φ(Q)/α, with the logarithm as log1p(Q/β)."""
    form = (-Q * eigenvalue / (Q + kappa) + beta * sp.log(1 + Q / beta) + sample_decay * Q) / 2
    return proved(form, minimum.potential() / alpha).replace(sp.log, lambda argument: log1p(argument - 1))


@cache
def outlier() -> tuple[sp.Expr, ...]:
    """Return (Λ, o, 1 − o) of the signal above the detection threshold."""
    form = (
        (rho + eta) * (1 + eta * inverse_alpha / rho),
        detection() / (rho * (rho + eta * inverse_alpha)),
        eta * inverse_alpha * (rho + eta) / (rho * (rho + eta * inverse_alpha)),
    )
    edge, squared = random_matrix.signal()
    return proved(form, (edge, squared, 1 - squared))


@cache
def detection() -> sp.Expr:
    """Return what is positive above the detection threshold α_B = (η/ρ)²."""
    form = rho**2 - eta**2 * inverse_alpha
    return proved(form, rho**2 * (1 - random_matrix.detection_threshold() / alpha))


@cache
def bulk_edge() -> sp.Expr:
    """Return the upper edge of the noise spectrum."""
    return proved(eta * (1 + sp.sqrt(inverse_alpha)) ** 2, random_matrix.bulk_edge())


@cache
def collapse_threshold() -> sp.Expr:
    """Return β_c = Λ/(1+φ) − φ/Λ."""
    form = eigenvalue / (1 + sample_decay) - sample_decay / eigenvalue
    return proved(form, collapse.collapse_threshold())


@cache
def state() -> tuple[sp.Expr, ...]:
    """Return (E, R, m, d, D) of a latent with decoder norm Q."""
    gain = 1 / (Q + kappa)
    aligned = sp.sqrt(Q) * sp.sqrt(overlap)
    form = (gain**2 * Q, gain * Q, aligned, gain * aligned, beta / (Q + beta))
    return proved(form, tuple(eigenvector.state_along_eigenvector()[s] for s in (E, R, m, d, D)))


@cache
def observable_forms() -> dict[str, sp.Expr]:
    """Return the observables of a latent with decoder norm Q along (Λ, o), by API name.

    ``variance`` η + ρo is that of fresh data along the learned direction. Recovery error and distortion are the parts
    beyond ρ(1−o), which no latent can save. With a decoder of variance s, β and λ are those of the problem of unit
    variance, s times the user's; only the posterior of the model knows s itself.
    """
    s = decoder_variance
    gain = 1 / (Q + kappa)
    variance = eta + rho * overlap
    posterior = Q * (beta - s) / (s * (Q + beta))
    gap = (s - kappa) ** 2 * Q * variance / ((Q + kappa) * (s + Q)) ** 2
    shrink = Q / (Q + beta)
    forms = {
        "rate": (gain**2 * Q * variance - shrink + sp.log(1 + Q / beta)) / 2,
        "distortion": variance * (gain * kappa) ** 2 + beta * shrink,
        "signal_recovery_error": (sp.sqrt(Q) - sp.sqrt(rho) * sp.sqrt(overlap)) ** 2,
        "kl_variational_to_posterior": (posterior - sp.log(1 + posterior) + (1 + Q / s) * gap) / 2,
        "kl_posterior_to_variational": (
            (gap * (Q + beta) + Q * (s - beta) / (s + Q)) / beta + sp.log(1 + posterior)) / 2,
    }
    offsets = {"distortion": rho * (1 - overlap), "signal_recovery_error": rho * (1 - overlap)}
    stable = {}
    for name, form in forms.items():
        given = (s,) if name.startswith("kl") else ()
        derived = eigenvector.along_eigenvector(observables.OBSERVABLES[name](*given))
        derived = derived.replace(sp.Abs, lambda argument: argument)
        stable[name] = _use_two_sided(use_log1p(proved(form, derived - offsets.get(name, 0))), posterior)
    return stable


def norm_excess(coefficients: tuple[sp.Expr, ...] | None = None, target: sp.Expr | None = None) -> sp.Expr:
    r"""Return Q − ρo of an active latent on the outlier, without the cancellation of the two near the best β.

    The cubic p vanishes at Q, so Q − ρo = −p(ρo) over its divided difference; p(ρo) is written with Λ − ρo, a sum of
    positive terms. ``coefficients`` and ``target`` are symbols for the first three of the cubic and for ρo, if they
    are known by then.
    """
    third, second, first = coefficients or cubic_coefficients()[:3]
    signal = _target()[0] if target is None else target
    slope = third * ((Q + signal) ** 2 - Q * signal) + second * (Q + signal) + first
    _prove_excess()
    return -_cubic_at(signal) / slope


@cache
def _target() -> tuple[sp.Expr, sp.Expr]:
    """Return ρo and Λ − ρo on the outlier, without cancellation."""
    noise = eta * inverse_alpha
    target = detection() / (rho + noise)
    shrinkage = eta + (rho + eta) * noise / rho + (rho + eta) * noise / (rho + noise)
    top, squared = random_matrix.signal()
    return proved((target, shrinkage), (rho * squared, top - rho * squared))


def _cubic_at(target: sp.Expr) -> sp.Expr:
    """Return p(ρo)/α with ρo called ``target``."""
    shrinkage, decay, shifted = _target()[1], sample_decay / eigenvalue, target + beta
    return (shifted * (beta * (beta - shrinkage) + sample_decay * (shifted + decay - 1) * (shifted + decay + 1))
            + beta * decay * (2 * shifted + decay))


@cache
def _prove_excess() -> None:
    """Prove p(ρo), and the divided difference by which it is divided."""
    target, top = _target()[0], random_matrix.signal()[0]
    at_target = _cubic_at(target)
    cubic = minimum.stationarity_cubic().as_expr() / alpha
    proved(at_target.xreplace({eigenvalue: top}), cubic.xreplace({Q: target}).xreplace({eigenvalue: top, **PER_SAMPLE}))
    third, second, first, _ = cubic_coefficients()
    slope = third * ((Q + target) ** 2 - Q * target) + second * (Q + target) + first
    proved((Q - target) * slope, cubic - cubic.xreplace({Q: target}).xreplace(PER_SAMPLE))


@cache
def optimal_beta_coefficients() -> tuple[sp.Expr, ...]:
    """Return the polynomial in β that vanishes where an active latent on the outlier has Q = ρo, highest power first.

    That is :func:`vaesym.linear_vae.exact.limits.optimal_beta_coefficients` over α, again with Λ − ρo as one positive
    number.
    """
    (target, shrinkage), top = _target(), random_matrix.signal()[0]
    decay = sample_decay / eigenvalue
    linear = 2 * sample_decay * (target + decay) + 2 * decay - shrinkage
    constant = sample_decay * (target + decay - 1) * (target + decay + 1)
    form = (1 + sample_decay, target * (1 + sample_decay) + linear, target * linear + constant + decay**2,
            target * constant)
    derived = tuple(c / alpha for c in limits.optimal_beta_coefficients())
    proved(tuple(c.xreplace({eigenvalue: top}) for c in form),
           tuple(c.xreplace({Q: target}).xreplace({eigenvalue: top, **PER_SAMPLE}) for c in derived))
    return form


def _use_two_sided(expression: sp.Expr, excess: sp.Expr) -> sp.Expr:
    """Replace log1p(x) at x = ``excess`` by a form that keeps its digits for x → −1 too.

    With 1/(1+x) = 1+y, x and y have opposite signs and ln(1+x) is log1p(x) where x > 0 and −log1p(y) where y > 0.
    """
    s = decoder_variance
    inverse = proved(Q * (s - beta) / (beta * (s + Q)), 1 / (1 + excess) - 1)
    logarithm = log1p(Where(beta - s, excess, inverse))
    two_sided = Where(beta - s, logarithm, -logarithm)
    return expression.replace(lambda node: isinstance(node, log1p) and sp.cancel(node.args[0] - excess) == 0,
                              lambda node: two_sided)
