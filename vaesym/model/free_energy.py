"""The replica-symmetric free energy of the linear β-VAE, computed from its loss."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.model.data import field_covariance
from vaesym.model.loss import loss_constant, loss_matrix
from vaesym.model.symbols import (
    OVERLAP,
    PLANTED,
    SUSCEPTIBILITY,
    alpha,
    eta,
    lam,
    rho,
    sym,
    symmetric,
    temperature,
)
from vaesym.replica import ConjugateEntropy, QuadraticProblem


@cache
def problem() -> QuadraticProblem:
    """Return the linear β-VAE on spiked data as a problem of the replica method.

    Raises
    ------
    ArithmeticError
        If the fields of the data model do not have the covariance that the method assumes.
    """
    stated = QuadraticProblem(
        loss=loss_matrix(),
        overlap=OVERLAP,
        planted=PLANTED,
        susceptibility=SUSCEPTIBILITY,
        signal=rho,
        noise=eta,
        samples=alpha,
        weight_decay=lam,
        constant=loss_constant(),
        temperature=temperature,
    )
    if (stated.fields().off - field_covariance()).expand() != sp.zeros(2):
        raise ArithmeticError("expected the field covariance of the data between replicas; received "
                              f"{stated.fields().off}; mend model/data.py")
    return stated


@cache
def free_energy() -> sp.Expr:
    """Return the function of the nine order parameters whose extremum is the free energy f."""
    return problem().free_energy()


@cache
def conjugates() -> ConjugateEntropy:
    """Return the entropy of the problem in the conjugate ("hatted") variables of [IH]."""
    return ConjugateEntropy(
        problem=problem(),
        precision=symmetric(sym("G_hat_kk"), sym("G_hat_kh"), sym("G_hat_hh")),
        variance=symmetric(sym("chi_hat_kk"), sym("chi_hat_kh"), sym("chi_hat_hh")),
        drive=sp.ImmutableMatrix([sym("m_hat"), sym("d_hat")]),
    )


@cache
def conjugate_free_energy() -> sp.Expr:
    """Return the free energy with conjugate variables, as in [IH, Eq. 12], at zero temperature."""
    stated = problem()
    energy = stated.free_part(stated.samples * stated.energy_exponent())
    return conjugates().free_part() + energy


def conjugate_solution() -> dict[sp.Symbol, sp.Expr]:
    r"""Return the conjugates at their saddle: Ĝ = χ⁻¹ − λ, μ̂ = χ⁻¹μ, χ̂ = χ⁻¹(Ω − μμᵀ)χ⁻¹."""
    hats = conjugates()
    inverse = SUSCEPTIBILITY.inv(method="ADJ")
    precision = inverse - lam * sp.eye(2)
    drive = inverse * PLANTED
    variance = inverse * (OVERLAP - PLANTED * PLANTED.T) * inverse
    solution: dict[sp.Symbol, sp.Expr] = {}
    for hat, value in ((hats.precision, precision), (hats.variance, variance), (hats.drive, drive)):
        for symbol, expression in zip(hat, value, strict=True):
            solution[symbol] = sp.cancel(sp.together(expression))
    return solution


def eliminate_conjugates() -> sp.Expr:
    """Return the free energy after the conjugates are put at their saddle."""
    substituted = conjugate_free_energy().subs(conjugate_solution(), simultaneous=True)
    return sp.Add(*[t if t.has(sp.log) else sp.cancel(sp.together(t)) for t in sp.Add.make_args(substituted)])
