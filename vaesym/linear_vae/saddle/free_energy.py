"""The replica-symmetric free energy of the linear β-VAE, computed from its loss."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.data import field_covariance
from vaesym.linear_vae.statement.loss import sample_loss
from vaesym.linear_vae.statement.symbols import (
    SUSCEPTIBILITY,
    D,
    eta,
    lam,
    rho,
    sym,
    symmetric,
)
from vaesym.problem import Data, Parameter, Unlabelled, normal
from vaesym.problems import linear_vae
from vaesym.replica import ConjugateEntropy, QuadraticProblem
from vaesym.replica.derive import Theory, derive
from vaesym.replica.matrix import inverse
from vaesym.replica.students import replica_problem


@cache
def theory(stated: Assumptions = STANDARD) -> Theory:
    """Return what the engine derives of the linear β-VAE, stated with the loss and the symbols of this package.

    Raises ArithmeticError if the fields of the data model do not have the covariance that the method assumes.
    """
    sample, penalty = sample_loss(stated), lam * sum(w**2 for w in linear_vae.students.weights) / 2
    data = Data(Unlabelled(), normal(), eta * stated.noise_variance, rho * stated.signal_variance)
    trained = {*linear_vae.students.fields, *linear_vae.students.overlaps, *linear_vae.students.weights, D}
    named = sp.Tuple(sample, penalty, data.noise, data.signal).free_symbols - trained
    found = derive(linear_vae.but(loss=sample, penalty=penalty, data=data, parameters=tuple(
        Parameter(symbol, f"{symbol} of the symbol table") for symbol in sorted(named, key=str))))
    if (replica_problem(found.problem).fields().off - field_covariance(stated)).expand() != sp.zeros(2):
        raise ArithmeticError("expected the field covariance of the data between replicas; received "
                              f"{replica_problem(found.problem).fields().off}; mend statement/data.py")
    return found


@cache
def problem(stated: Assumptions = STANDARD) -> QuadraticProblem:
    """Return the same as a problem of the replica method: matrices of the loss, overlaps and susceptibilities."""
    return replica_problem(theory(stated).problem)


def free_energy(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the function of the nine order parameters whose extremum is the free energy f."""
    return theory(stated).free_energy


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


@cache
def conjugate_solution() -> dict[sp.Symbol, sp.Expr]:
    r"""Return the conjugates at their saddle, by solving the gradient of the free energy in them.

    The derivatives in χ̂ fix Ĝ, those in μ̂ are then linear in μ̂, those in Ĝ linear in χ̂.
    """
    hats, energy = conjugates(), conjugate_free_energy()
    (g_kk, g_kh, _, g_hh), (x_kk, x_kh, _, x_hh) = hats.precision.flat(), hats.variance.flat()
    # ∂f/∂χ̂ is half of χ minus a matrix K(Ĝ), whose inverse is linear in Ĝ.
    kernel = SUSCEPTIBILITY - symmetric(2 * sp.diff(energy, x_kk), sp.diff(energy, x_kh), 2 * sp.diff(energy, x_hh))
    balance = (inverse(_reduced(kernel)) - inverse(SUSCEPTIBILITY)).applyfunc(sp.cancel)
    solution = _solved([balance[0, 0], balance[0, 1], balance[1, 1]], [g_kk, g_kh, g_hh], {})
    solution = _solved([sp.diff(energy, hat) for hat in hats.drive], list(hats.drive), solution)
    return _solved([sp.diff(energy, hat) for hat in (g_kk, g_kh, g_hh)], [x_kk, x_kh, x_hh], solution)


def _reduced(matrix: sp.MatrixBase) -> sp.ImmutableMatrix:
    return sp.ImmutableMatrix(matrix.applyfunc(lowest_terms))


def _solved(equations: list[sp.Expr], unknowns: list[sp.Symbol],
            known: dict[sp.Symbol, sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
    """Solve equations that are linear in the unknowns, given the symbols known before; return all of them."""
    given = [lowest_terms(equation.subs(known, simultaneous=True)) for equation in equations]
    (found,) = sp.solve(given, unknowns, dict=True)
    return {**known, **{symbol: lowest_terms(found[symbol]) for symbol in unknowns}}


def eliminate_conjugates() -> sp.Expr:
    """Return the free energy after the conjugates are put at their saddle."""
    substituted = conjugate_free_energy().subs(conjugate_solution(), simultaneous=True)
    return sp.Add(*[t if t.has(sp.log) else lowest_terms(t) for t in sp.Add.make_args(substituted)])
