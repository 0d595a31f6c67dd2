"""Forms of the exact solution in which nothing cancels, each proved equal to the derived expression.

A form is chosen by hand; :func:`proved` compares it with what was derived and refuses it unless SymPy
reduces the difference to exact zero. Lowering uses these forms, so that the generated code is the derivation.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from vaesym.algebra import Kind, compare
from vaesym.codegen import use_log1p
from vaesym.model import collapse, exact, observables, random_matrix
from vaesym.model.symbols import D, E, Q, R, alpha, beta, d, domains_of, eigenvalue, eta, lam, m, overlap, rho

#: κ = β + λ/(αΛ), the gap between the gains 1/Q and 1/(Q+κ) of an unregularised and a regularised encoder.
KAPPA = beta + lam / (alpha * eigenvalue)
#: Distance to the collapse threshold, β − β_c.
DISTANCE = KAPPA - alpha * eigenvalue / (alpha + lam)


def proved(form: Any, derived: Any) -> Any:
    """Return ``form`` if it is identically equal to ``derived``.

    Raises
    ------
    ArithmeticError
        If the difference does not reduce to exact zero.
    """
    verdict = compare(form, derived, domains_of())
    if verdict.kind is not Kind.IDENTITY:
        raise ArithmeticError(f"expected a form equal to the derived expression; received {verdict} for {form}; "
                              "mend the form")
    return form


@cache
def cubic_coefficients() -> tuple[sp.Expr, ...]:
    """Return the coefficients of the stationarity cubic, highest power first.

    The last two are written with the distance to the threshold, so that the root that vanishes there keeps its
    digits; at λ = 0 the first is an exact zero.
    """
    form = (
        lam,
        beta * (alpha + lam) + 2 * lam * KAPPA,
        KAPPA * (beta * (alpha + 2 * lam) - lam / eigenvalue + (alpha + lam) * DISTANCE),
        beta * KAPPA * (alpha + lam) * DISTANCE,
    )
    return proved(form, tuple(exact.stationarity_cubic().all_coeffs()))


@cache
def potential() -> sp.Expr:
    """Return Φ(Q) with the logarithm as log1p(Q/β)."""
    form = -alpha * Q * eigenvalue / (2 * (Q + KAPPA)) + alpha * beta * sp.log(1 + Q / beta) / 2 + lam * Q / 2
    return proved(form, exact.potential()).replace(sp.log, lambda argument: log1p(argument - 1))


@cache
def outlier() -> tuple[sp.Expr, ...]:
    """Return (Λ, o, 1 − o) of the signal above the detection threshold."""
    form = (
        (rho + eta) * (1 + eta / (alpha * rho)),
        (alpha * rho**2 - eta**2) / (rho * (alpha * rho + eta)),
        eta * (rho + eta) / (rho * (alpha * rho + eta)),
    )
    edge, squared = random_matrix.signal()
    return proved(form, (edge, squared, 1 - squared))


@cache
def collapse_threshold() -> sp.Expr:
    """Return β_c = αΛ/(α+λ) − λ/(αΛ)."""
    form = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
    return proved(form, collapse.collapse_threshold())


def _along_eigenvector(expression: sp.Expr) -> sp.Expr:
    return expression.subs(observables.state_along_eigenvector(), simultaneous=True)


@cache
def state() -> tuple[sp.Expr, ...]:
    """Return (E, R, m, d, D) of a latent with decoder norm Q."""
    gain = 1 / (Q + KAPPA)
    aligned = sp.sqrt(Q) * sp.sqrt(overlap)
    form = (gain**2 * Q, gain * Q, aligned, gain * aligned, beta / (Q + beta))
    return proved(form, tuple(observables.state_along_eigenvector()[s] for s in (E, R, m, d, D)))


@cache
def observable_forms() -> dict[str, sp.Expr]:
    """Return the observables of a latent with decoder norm Q along (Λ, o), by API name.

    ``variance`` η + ρo is that of fresh data along the learned direction. Recovery error and distortion are the parts
    beyond ρ(1−o), which no latent can save.
    """
    gain = 1 / (Q + KAPPA)
    variance = eta + rho * overlap
    posterior = Q * (beta - 1) / (Q + beta)
    gap = (1 - KAPPA) ** 2 * Q * variance / ((Q + KAPPA) * (1 + Q)) ** 2
    shrink = Q / (Q + beta)
    forms = {
        "rate": (gain**2 * Q * variance - shrink + sp.log(1 + Q / beta)) / 2,
        "distortion": variance * (gain * KAPPA) ** 2 + beta * shrink,
        "signal_recovery_error": (sp.sqrt(Q) - sp.sqrt(rho) * sp.sqrt(overlap)) ** 2,
        "kl_variational_to_posterior": (posterior - sp.log(1 + posterior) + (1 + Q) * gap) / 2,
        "kl_posterior_to_variational": (
            (gap * (Q + beta) + Q * (1 - beta) / (1 + Q)) / beta + sp.log(1 + posterior)) / 2,
    }
    offsets = {"distortion": rho * (1 - overlap), "signal_recovery_error": rho * (1 - overlap)}
    stable = {}
    for name, form in forms.items():
        derived = _along_eigenvector(observables.OBSERVABLES[name]()).replace(sp.Abs, lambda argument: argument)
        stable[name] = _use_two_sided(use_log1p(proved(form, derived - offsets.get(name, 0))), posterior)
    return stable


@cache
def norm_excess() -> sp.Expr:
    r"""Return Q − ρo of an active latent on the outlier, without the cancellation of the two near the best β.

    The cubic p vanishes at Q, so Q − ρo = −p(ρo) over its divided difference; p(ρo) is written with Λ − ρo, a sum of
    positive terms.
    """
    target = (alpha * rho**2 - eta**2) / (alpha * rho + eta)
    shrinkage = eta * (alpha**2 * rho**2 + 3 * alpha * eta * rho + 2 * alpha * rho**2 + eta**2 + eta * rho) / (
        alpha * rho * (alpha * rho + eta))
    top, squared = random_matrix.signal()
    proved((target, shrinkage), (rho * squared, top - rho * squared))
    decay, shifted = lam / (alpha * eigenvalue), target + beta
    at_target = shifted * (alpha * beta * (beta - shrinkage) + lam * (shifted + decay - 1) * (shifted + decay + 1)
                           + 2 * alpha * beta * decay) + alpha * beta * decay**2
    cubic = exact.stationarity_cubic().as_expr()
    proved(at_target.xreplace({eigenvalue: top}), cubic.xreplace({Q: target}).xreplace({eigenvalue: top}))
    third, second, first, _ = cubic_coefficients()
    slope = third * (Q**2 + Q * target + target**2) + second * (Q + target) + first
    proved((Q - target) * slope, cubic - cubic.xreplace({Q: target}))
    return -at_target / slope


def _use_two_sided(expression: sp.Expr, excess: sp.Expr) -> sp.Expr:
    """Replace log1p(x) at x = ``excess`` by a form that keeps its digits for x → −1 too.

    With 1/(1+x) = 1+y, x and y have opposite signs and ln(1+x) is log1p(x) where x > 0 and −log1p(y) where y > 0.
    """
    inverse = proved(Q * (1 - beta) / (beta * (1 + Q)), 1 / (1 + excess) - 1)
    positive = [(part + sp.Abs(part)) / 2 for part in (excess, inverse)]
    two_sided = log1p(positive[0]) - log1p(positive[1])
    return expression.replace(lambda node: isinstance(node, log1p) and sp.cancel(node.args[0] - excess) == 0,
                              lambda node: two_sided)


__all__ = ["DISTANCE", "KAPPA", "collapse_threshold", "cubic_coefficients", "norm_excess", "observable_forms",
           "outlier", "potential", "proved", "state"]
