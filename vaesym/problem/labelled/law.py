"""The law of the labels: its cases, the variables that they and the students' fields depend on, and where it bends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp

from vaesym.inputs import InputError
from vaesym.problem.data import (
    LABEL,
    NOISE,
    TEACHER,
    ClusterLabel,
    Clusters,
    CountLabel,
    DiscreteLabel,
    LinearLabel,
    RandomLabel,
    RealLabel,
    SignLabel,
    numbered,
)
from vaesym.problem.pieces import conditions

if TYPE_CHECKING:
    from vaesym.problem.problem import Problem


class Branch(NamedTuple):
    """A case of the label's law: its probability given t, the centre of its samples, its labels.

    Counts go to ``most``, which may be infinite. The noise of its samples has ``variance`` over η.
    """

    chance: Any
    center: tuple[Any, ...]
    values: tuple[Any, ...]
    most: float = -1
    variance: Any = sp.S.One


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(map(sp.sympify, value)) if isinstance(value, tuple) else (sp.sympify(value),)


def branches(problem: Problem) -> tuple[Branch, ...]:
    """Return the cases of the label's law; their probabilities sum to one."""
    data, law = problem.data, problem.data.label
    none = (sp.S.Zero,) * data.directions
    if isinstance(law, SignLabel):
        law = DiscreteLabel(((1, law.probability), (-1, 1 - law.probability)))
    if isinstance(law, RandomLabel):
        law = DiscreteLabel(((1, law.share), (-1, 1 - law.share)))
    if isinstance(law, ClusterLabel):
        law = Clusters(((law.share, (1,), 1), (1 - law.share, (-1,), -1)))
    if isinstance(law, LinearLabel):
        law = RealLabel((sp.sqrt(law.signal) * TEACHER + sp.sqrt(law.noise) * NOISE,))
    if isinstance(law, RealLabel):
        return (Branch(sp.S.One, none, _several(law.values)),)
    if isinstance(law, CountLabel):
        most = float("inf") if law.most == sp.oo else int(law.most)
        return (Branch(sp.sympify(law.probability), none, (LABEL,), most),)
    if isinstance(law, Clusters):
        wide = law.variances or (1,) * len(law.parts)
        return tuple(Branch(sp.sympify(share), _several(center), _several(value), variance=sp.sympify(variance))
                     for (share, center, value), variance in zip(law.parts, wide, strict=True))
    assert isinstance(law, DiscreteLabel)
    return tuple(Branch(sp.sympify(chance), none, _several(value)) for value, chance in law.parts)


def label_symbols(problem: Problem) -> tuple[sp.Symbol, ...]:
    """Return the symbols of the labels, y or y_1, y_2 …"""
    return numbered(LABEL, len(branches(problem)[0].values))


def outer_symbols(problem: Problem) -> tuple[tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    """Return the symbols of the teachers' fields and of the label's normal variables."""
    law = problem.data.label
    if isinstance(law, LinearLabel):
        return (TEACHER,), (NOISE,)
    return numbered(TEACHER, problem.data.directions), (
        numbered(NOISE, law.noises) if isinstance(law, RealLabel | DiscreteLabel) else ())


def positive(problem: Problem) -> bool:
    """Whether no label is below 0."""
    law = problem.data.label
    return isinstance(law, CountLabel) or (isinstance(law, RealLabel) and law.positive)


def knows_teacher(problem: Problem) -> bool:
    """Whether a label, or its probability, depends on a teacher's field."""
    teachers, _ = outer_symbols(problem)
    return any({*teachers} & sp.Tuple(case.chance, *case.values).free_symbols for case in branches(problem))


def cuts(problem: Problem, *, sides: bool = False) -> list[tuple[int, Any]]:
    """Return where the label's law bends or jumps: the number of a variable, and its value given the ones before.

    The variables are the teachers' fields and after them the label's normal variables. With ``sides`` the loss is
    another one on each side of y = 0, which parts the variables too where the label is linear in the last of them; and
    so do zeros of labels that are at least 0, as near them such labels have an unbounded density.

    Raises
    ------
    vaesym.InputError
        A condition that is not linear in the last of its variables.
    """
    outer, law = [s for part in outer_symbols(problem) for s in part], problem.data.label
    found: list[tuple[int, Any]] = []

    def add(difference: Any, where: Any) -> None:
        last = max((i for i, s in enumerate(outer) if s in difference.free_symbols), default=-1)
        if last < 0:
            return
        slope = difference.diff(outer[last])
        if outer[last] in slope.free_symbols or slope == 0:
            raise InputError("conditions on a label that are linear in each variable", f"{where}",
                             "write the law with sign, Abs, Max or Piecewise of linear conditions")
        entry = (last, sp.simplify(-difference.xreplace({outer[last]: sp.S.Zero}) / slope))
        if entry not in found:
            found.append(entry)
        add(slope, where)

    for case in branches(problem):
        for part in (case.chance, *case.values):
            for relation in sorted(conditions(part), key=str):
                add(sp.expand(relation.lhs - relation.rhs), relation)
        if isinstance(law, RealLabel) and law.positive:
            for value in case.values:
                for zero in _roots(value, outer):
                    add(zero, value)
        value: Any = sp.expand(case.values[0])
        while sides and (last := [s for s in outer if s in value.free_symbols]) and not value.diff(last[-1], 2):
            add(value, value)
            # Without noise the variable before is the last one.
            value = value.xreplace({last[-1]: sp.S.Zero})
    return sorted(found, key=lambda entry: (entry[0], str(entry[1])))


def _roots(value: Any, outer: list[Any]) -> list[Any]:
    """Return the factors of a label, without their powers, that are linear in the last variable of it.

    >>> t, e = sp.symbols("t e", real=True)
    >>> _roots(sp.exp(t) * (e - 1)**2, [t, e])
    [e - 1]
    """
    seen = [s for s in outer if s in value.free_symbols]
    bases = [factor.as_base_exp()[0] if factor.is_Pow else factor.args[0] if isinstance(factor, sp.Abs) else factor
             for factor in sp.Mul.make_args(sp.factor(value))]
    return [base for base in bases if seen and base.is_polynomial(seen[-1]) and sp.degree(base, seen[-1]) == 1]


def planted_symbols(problem: Problem) -> list[sp.Symbol]:
    """Return the symbols of each student's overlaps with all planted directions: m, or m_1, m_2 …"""
    return [sp.Symbol(part.name, real=True) for student in problem.students.each
            for part in numbered(student.overlap, problem.data.directions)]


def state_symbols(problem: Problem) -> list[sp.Symbol]:
    """Return the symbols of all order parameters: overlaps, planted overlaps, susceptibilities."""
    students = problem.students
    return [*students.overlaps, *planted_symbols(problem), *students.susceptibilities]
