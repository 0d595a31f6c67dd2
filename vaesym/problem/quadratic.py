"""Losses that are quadratic in the fields of several students, and penalties on their rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from vaesym.inputs import InputError
from vaesym.problem.pieces import Domains, pieces
from vaesym.problem.students import Students


class QuadraticLoss(NamedTuple):
    """A loss ½uᵀAu + c: matrix A and constant c, of overlaps, trained scalars and parameters."""

    matrix: sp.ImmutableMatrix
    constant: Any


class Penalty(NamedTuple):
    """A penalty Σ r_i(w_i) + g √(Σ w_i²): a function for each student, and the weight g of a row's norm."""

    each: tuple[Any, ...]
    group: Any


def quadratic_loss(loss: Any, students: Students) -> QuadraticLoss:
    """Return matrix and constant of a loss.

    Raises
    ------
    vaesym.InputError
        The loss is not a quadratic form of the fields plus a constant.
    """
    fields = students.fields
    matrix = sp.ImmutableMatrix(sp.hessian(loss, fields))
    constant = loss.xreplace(dict.fromkeys(fields, sp.S.Zero))
    vector = sp.Matrix(fields)
    form = (vector.T * matrix * vector)[0, 0] / 2 + constant
    if matrix.free_symbols & set(fields) or sp.simplify(sp.expand(loss - form)) != 0:
        raise InputError("a loss without labels that is quadratic in the fields, plus a constant", f"{loss}",
                         "write it with the fields squared or multiplied; other losses need labels and one student")
    return QuadraticLoss(matrix, constant)


def penalty_parts(penalty: Any, students: Students, domains: Domains | None = None) -> Penalty:
    """Return the penalty of each student and the weight of the norm of a row.

    Raises
    ------
    vaesym.InputError
        A term of it couples students and is not the norm of a row, or a part is not convex.
    """
    weights = students.weights
    norm = sp.sqrt(sp.Add(*[w**2 for w in weights]))
    each, group = [sp.S.Zero] * len(weights), sp.S.Zero
    for term in sp.Add.make_args(sp.expand(sp.sympify(penalty))):
        seen = [i for i, w in enumerate(weights) if w in term.free_symbols]
        if len(seen) < 2:
            each[seen[0] if seen else 0] += term
            continue
        factor = sp.simplify(term / norm)
        if factor.free_symbols & set(weights):
            raise InputError("a penalty that is a sum over the students, or the norm of a row", f"{term}",
                             f"write each term in one of {', '.join(map(str, weights))}, or as {norm}")
        group += factor
    found = [pieces(part, w, domains) for part, w in zip(each, weights, strict=True)]
    kinked = any(len(part) > 1 for part in found)
    if len(weights) > 1 and (kinked or group != 0) and not all(p.quadratic for part in found for p in part):
        raise InputError("penalties made of parabolas and lines where several students are trained", f"{penalty}",
                         "choose absolute values, squares, walls, or the norm of a row")
    if group != 0 and kinked:
        raise InputError("the norm of a row with squares beside it", f"{penalty}", "leave out the other terms")
    if len(weights) > 2 and (kinked or group != 0):
        raise InputError("weight decay alone where more than two students are trained", f"{penalty}",
                         "averages over more than two normal variables are not done by quadrature")
    return Penalty(tuple(each), group)


class Energy(NamedTuple):
    """The least loss of a sample averaged over the data, and what the order parameters and scalars make of it."""

    energy: Any
    training_loss: Any
    #: Ĝ and χ̂ (entries of the upper triangle) and μ̂, in the order Ĝ, μ̂, χ̂ of the overlaps that they belong to.
    conjugates: list[Any]
    #: Derivatives in the trained scalars that are not eliminated; they vanish at a state.
    conditions: list[Any]


def least_energy(loss: QuadraticLoss, students: Students, noise: Any, signal: Any) -> tuple[Any, Any]:
    r"""Return the least loss of a sample and its loss there, averaged over the data.

    With fields of covariance C = ρμμᵀ + ηΩ between replicas, :math:`\min_u[\frac12u^TAu + \frac12(u-\omega)^T
    (\eta\chi)^{-1}(u-\omega)] = \frac12\omega^TA(I+\eta\chi A)^{-1}\omega` at :math:`u = (I+\eta\chi A)^{-1}\omega`.
    """
    a = loss.matrix
    chi, planted = students.symmetric(students.susceptibilities), sp.Matrix(students.planted)
    covariance = signal * planted * planted.T + noise * students.symmetric(students.overlaps)
    moved = sp.eye(students.count) + noise * chi * a
    shrink = moved.adjugate() / moved.det()
    energy = (a * shrink * covariance).trace() / 2 + loss.constant
    trained = (shrink.T * a * shrink * covariance).trace() / 2 + loss.constant
    return energy, trained


def eliminated(energy: Any, scalars: list[sp.Symbol]) -> dict[sp.Symbol, Any]:
    """Return the trained scalars that the vanishing of their derivative gives in closed form."""
    found: dict[sp.Symbol, Any] = {}
    for scalar in scalars:
        slope = sp.together(energy.diff(scalar))
        if not slope.has(scalar):
            continue
        solutions = sp.solve(sp.numer(slope), scalar)
        if len(solutions) == 1 and not solutions[0].free_symbols & set(scalars):
            found[scalar] = solutions[0]
    return found


def energy_side(loss: QuadraticLoss, students: Students, noise: Any, signal: Any, alpha: Any,
                scalars: list[sp.Symbol]) -> tuple[Energy, dict[sp.Symbol, Any]]:
    r"""Return the energy with its conjugates, and the values of the scalars that are eliminated.

    :math:`\hat G = 2\alpha\partial_\Omega`, :math:`\hat\chi = -2\alpha\partial_\chi`,
    :math:`\hat\mu = -\alpha\partial_\mu` of the energy, where an entry off the diagonal stands for two.
    """
    energy, trained = least_energy(loss, students, noise, signal)
    closed = eliminated(energy, scalars)
    double = [2 if i == j else 1 for i, j in students.pairs]
    hats = [double[i] * alpha * energy.diff(s) for i, s in enumerate(students.overlaps)]
    hats += [-alpha * energy.diff(s) for s in students.planted]
    hats += [-double[i] * alpha * energy.diff(s) for i, s in enumerate(students.susceptibilities)]
    conditions = [energy.diff(s) for s in scalars if s not in closed]
    put = [part.subs(closed) for part in (energy, trained, *hats, *conditions)]
    return Energy(put[0], put[1], put[2:2 + len(hats)], put[2 + len(hats):]), closed


def of_a_sample(loss: QuadraticLoss, students: Students) -> tuple[Any, list[sp.Symbol]]:
    """Return the mean loss of samples whose fields have given second moments, and the symbols of those (triangle)."""
    names = [f"S_{students.fields[i].name}{students.fields[j].name}" for i, j in students.pairs]
    moments = [sp.Symbol(name, real=True) for name in names]
    return (loss.matrix * students.symmetric(moments)).trace() / 2 + loss.constant, moments
