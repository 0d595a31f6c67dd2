"""What is asked of a problem with labels: probabilities, convexity, bounds, and averages that quadrature can take."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import sympy as sp

from vaesym.inputs import InputError
from vaesym.problem.data import LABEL, CountLabel
from vaesym.problem.labelled.law import branches, cuts, knows_teacher, label_symbols, outer_symbols, positive
from vaesym.problem.labelled.loss import bias_of, decays, losses, residual, without_bias
from vaesym.problem.pieces import Piece, conditions

if TYPE_CHECKING:
    from vaesym.problem.problem import Problem

#: Fields at which laws and losses are tried.
_FIELDS = (-3, -sp.Rational(6, 5), -sp.Rational(1, 4), sp.Rational(2, 5), sp.Rational(11, 7), 4)


def check_labelled(problem: Problem) -> None:
    """Refuse what has no theory here.

    Raises
    ------
    vaesym.InputError
        More than two students, a scalar that is no bias, probabilities that are none, a loss that is not convex, not
        smooth (two students) or not bounded, or a penalty that is not convex or (two students) not weight decay.
    """
    students = problem.students
    if students.count > 2:
        raise InputError("one or two students where samples have labels", f"{students.count}: too many for quadrature",
                         "take two, or a loss without labels that is quadratic in the fields")
    _check_chances(problem)
    bias_of(problem)
    cuts(problem)
    teachers, normals = (len(part) for part in outer_symbols(problem))
    many = students.count + (teachers if knows_teacher(problem) else 0) + normals
    if many > 3 and residual(problem) is None:
        raise InputError("averages over at most three normal variables", f"{many}: fields of {students.count} students,"
                         f" {teachers} teachers and {normals} of the label", "too many for quadrature; take fewer, or "
                         "a loss of u - y alone with y linear in them")
    if students.count == 1:
        every = losses(problem).parts
        penalty = problem.pieces(problem.penalty, students.weights[0])
        if not _grows(penalty, students.weights[0]) and any(_falls(parts, students.fields[0]) for parts in every):
            raise InputError("a loss that is bounded below, or a penalty that grows as a square", f"{problem.loss}",
                             "the weights would run away; add weight decay")
        return
    _check_two(problem)


def _grows(found: tuple[Piece, ...], variable: Any) -> bool:
    """Whether a function has walls or curvature on both sides."""
    return all(piece.value == sp.oo or sp.simplify(piece.curvature) != 0 for piece in (found[0], found[-1]))


def _falls(found: tuple[Piece, ...], variable: Any) -> bool:
    """Whether a convex function falls without bound on a side, at parameters and labels that are tried."""
    for piece, side in ((found[-1], 1), (found[0], -1)):
        if piece.value == sp.oo:
            continue
        spare = {s: sp.Rational(3, 2) for s in piece.slope.free_symbols - {variable}}
        at = sp.N(piece.slope.xreplace(spare).xreplace({variable: sp.Integer(side * 300)}), 30)
        if side * at < -1e-9:
            return True
    return False


def _check_two(problem: Problem) -> None:
    loss, students = without_bias(problem), problem.students
    if conditions(loss):
        raise InputError("a loss without kinks where two students are trained on labels: the least loss of two fields "
                         "is found by Newton's method, and averages over them by smooth quadrature", f"{problem.loss}",
                         "smooth each kink over a width s, as s*log(1 + exp(x/s)) does max(0, x), and let s fall; if "
                         "the loss is a sum of one term for each student, state two problems")
    decays(problem)
    hessian = sp.hessian(loss, students.fields)
    ys = label_symbols(problem)
    values: list[Any] = [case.values for case in branches(problem) if not sp.Tuple(*case.values).free_symbols]
    values = values or list(itertools.product((-1, sp.Rational(1, 2), 2), repeat=len(ys)))
    spare = sorted(hessian.free_symbols - {*students.fields, *ys}, key=str)
    for value, place in itertools.product(values[:6], itertools.product(_FIELDS[::2], repeat=2)):
        at = {**dict(zip(ys, map(sp.sympify, value), strict=True)), **dict(zip(students.fields, place, strict=True)),
              **{s: sp.Rational(3 + k, 4) for k, s in enumerate(spare)}}
        entries = sp.Matrix(hessian.xreplace(at)).evalf(30)
        size = 1e-20 * (1 + abs(entries[0, 0]) + abs(entries[1, 1]))
        if min(entries[0, 0], entries[1, 1], entries.det()) < -size:
            raise InputError("a convex function of both fields", f"{problem.loss}",
                             "the theory needs a unique minimum; choose a convex loss")


def tried_counts(most: float) -> list[int]:
    """Return counts at which a law is tried.

    >>> tried_counts(10), tried_counts(float("inf"))
    ([0, 2, 5, 10], [0, 8, 20, 40])
    """
    end = int(min(most, 40))
    return sorted({0, end // 5, end // 2, end})


def _check_chances(problem: Problem) -> None:
    """Try probabilities at fields and parameters inside their domains."""
    teachers, normals = outer_symbols(problem)
    cases, counted = branches(problem), isinstance(problem.data.label, CountLabel)
    if positive(problem) and not counted:
        _check_positive(problem, cases[0].values, [*teachers, *normals])
    fields = list(itertools.islice(itertools.product(_FIELDS, repeat=len(teachers)), 0, None, 2 * len(teachers) - 1))
    for index, place in itertools.product(range(3), fields):
        at = dict(zip(teachers, map(sp.sympify, place), strict=True))
        at |= {p.symbol: _inside(p, index) for p in problem.every_parameter}
        chances = [sp.N(case.chance.xreplace(at | {LABEL: sp.Integer(y)}), 30) for case in cases
                   for y in (tried_counts(case.most) if counted else (0,))]
        if any(not chance.is_real or not -1e-12 <= chance <= 1 + 1e-12 for chance in chances):
            raise InputError("probabilities between 0 and 1", f"{', '.join(str(case.chance) for case in cases)}",
                             "correct the law of the label")
        if not counted and abs(sum(chances) - 1) > 1e-12:
            raise InputError("a law of the label that sums to 1", f"{sp.N(sum(chances), 4)} at t = {place[0]}",
                             "give every value its probability")


def _check_positive(problem: Problem, values: tuple[Any, ...], outer: list[Any]) -> None:
    """Try labels that are said to be at least 0."""
    inside = {p.symbol: _inside(p, 1) for p in problem.every_parameter}
    for place in itertools.islice(itertools.product(_FIELDS, repeat=len(outer)), 216):
        at = inside | dict(zip(outer, map(sp.sympify, place), strict=True))
        low = min(sp.N(value.xreplace(at), 20) for value in values)
        if low < 0:
            raise InputError("labels of at least 0, as the law says", f"{sp.N(low, 4)} of {values}",
                             "leave out positive=True, or write a law that has no others")


def _inside(parameter: Any, index: int) -> Any:
    """Return one of three values inside a parameter's domain."""
    least, most = sp.Rational(str(parameter.least)), parameter.most
    if most == float("inf"):
        return least + (sp.Rational(1, 8), 1, sp.Rational(5, 2))[index]
    return least + (sp.Rational(str(most)) - least) * (sp.Rational(1, 9), sp.Rational(1, 2), sp.Rational(7, 8))[index]
