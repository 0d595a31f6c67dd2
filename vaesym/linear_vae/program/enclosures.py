"""The functions that certificates evaluate in ball arithmetic, with the derivatives that interval Newton needs.

Their arguments are the parameters per sample, ι = 1/α and φ = λ/α, so that unlimited data are exact zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sympy as sp

from vaesym.codegen import Program
from vaesym.linear_vae.exact import collapse
from vaesym.linear_vae.program import solution, stable
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import (
    Q,
    alpha,
    api_names,
    beta,
    decoder_variance,
    eigenvalue,
    eta,
    inverse_alpha,
    lam,
    overlap,
    rho,
    sample_decay,
)

_COEFFICIENTS = tuple(sp.Symbol(name, real=True) for name in ("third", "second", "first", "constant"))
_DEFICIT = sp.Symbol("deficit", nonnegative=True)


def _arguments(*symbols: sp.Symbol) -> dict[str, sp.Symbol]:
    return dict(zip(api_names(list(symbols)), symbols, strict=True))


def _program(*forms: Any) -> Program:
    return Program((solution.STIFFNESS,), {str(i): form for i, form in enumerate(forms)})


@cache
def cubic() -> tuple[sp.Expr, ...]:
    """Return the stationarity cubic p over α, then p_Q, p_β, p_QQ and p_Qβ."""
    value: Any = sp.S.Zero
    for coefficient in stable.cubic_coefficients():
        value = value * Q + coefficient
    value = value.xreplace({solution.STIFFNESS.symbol: stable.KAPPA})
    return value, *(sp.diff(value, *by) for by in ((Q,), (beta,), (Q, Q), (Q, beta)))


@cache
def potential() -> tuple[sp.Expr, ...]:
    """Return the potential per sample, Φ/α, then its derivatives along Q and β."""
    value = stable.potential().xreplace({solution.STIFFNESS.symbol: stable.KAPPA})
    return value, sp.diff(value, Q), sp.diff(value, beta)


def discriminant() -> sp.Expr:
    """Return the discriminant of a cubic; of a quadratic times the square of its leading coefficient, if that is it."""
    third, second, first, constant = _COEFFICIENTS
    unknown = sp.Symbol("x")
    return sp.discriminant(((third * unknown + second) * unknown + first) * unknown + constant, unknown)


@cache
def order(*, detected: bool) -> tuple[sp.Expr, sp.Expr]:
    """Return what is positive on the collapse threshold where the transition is continuous, and its slope along ι."""
    per_sample = {lam: sample_decay * alpha}
    condition = sp.expand(collapse.tricritical_condition().xreplace(per_sample) / alpha)
    form = stable.proved(beta * (1 + 2 * sample_decay) - sample_decay / eigenvalue,
                         condition.xreplace({sample_decay: lam / alpha}))
    top = stable.outlier()[0] if detected else stable.bulk_edge()
    at = form.xreplace({beta: stable.collapse_threshold()}).xreplace({eigenvalue: top})
    value = at.xreplace({sample_decay: lam * inverse_alpha})
    return value, sp.diff(value, inverse_alpha)


@cache
def observables() -> dict[str, sp.Expr]:
    """Return the observables of a latent of norm Q by API name; collapsed is Q = 0, and the decoder has variance 1."""
    forms = dict(zip(("E", "R", "m", "d", "D"), stable.state(), strict=True)) | stable.observable_forms()
    lost = {name: rho * _DEFICIT for name in ("signal_recovery_error", "distortion")}
    return {name: (form + lost.get(name, 0)).xreplace({decoder_variance: sp.S.One}) for name, form in forms.items()}


def shipped() -> dict[str, tuple[Any, Mapping[str, sp.Symbol], str]]:
    """Return name → (expression, arguments, one-line docstring) of every function for balls."""
    at_norm = _arguments(Q, beta, sample_decay, eigenvalue)
    state = _arguments(Q, beta, sample_decay, rho, eta, eigenvalue, overlap) | {"deficit": _DEFICIT}
    along = _arguments(inverse_alpha, lam, rho, eta)
    return {
        "detection": (
            stable.detection(), _arguments(inverse_alpha, rho, eta), "Positive where the signal is detected."),
        "detection_threshold": (
            random_matrix.detection_threshold(), _arguments(rho, eta), "Samples per dimension to detect."),
        "outlier": (
            stable.outlier(), _arguments(inverse_alpha, rho, eta), "Outlier: eigenvalue, overlap, 1 - overlap."),
        "bulk_edge": (stable.bulk_edge(), _arguments(inverse_alpha, eta), "Upper edge of the noise spectrum."),
        "collapse_threshold": (
            stable.collapse_threshold(), _arguments(sample_decay, eigenvalue), "Least beta of stable collapse."),
        "cubic_coefficients": (
            _program(*stable.cubic_coefficients()), _arguments(beta, sample_decay, eigenvalue),
            "Stationarity cubic in Q over alpha, highest power first."),
        "discriminant": (
            discriminant(), dict(zip(("third", "second", "first", "constant"), _COEFFICIENTS, strict=True)),
            "Discriminant of a cubic, or of a quadratic up to a square."),
        "cubic": (cubic(), at_norm, "Stationarity cubic over alpha: p, p_Q, p_beta, p_QQ, p_Qbeta."),
        "potential": (potential(), at_norm, "Potential over alpha, and its derivatives along Q and beta."),
        "observables": (
            _program(*observables().values()), state, f"Of a latent, also collapsed: {', '.join(observables())}."),
        "order_detected": (
            order(detected=True), along, "Positive where the transition is continuous; slope along 1/alpha; outlier."),
        "order_undetected": (
            order(detected=False), along, "Positive where the transition is continuous; slope along 1/alpha; edge."),
    }
