"""Problems with any labels in one form: branches of the label's law, biases, and losses of the residual alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp
from sympy.codegen.numpy_nodes import logaddexp

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
from vaesym.problem.pieces import Piece, by_pieces, relations, sample

if TYPE_CHECKING:
    from vaesym.problem.problem import Problem

#: Labels and fields at which what is stated is tried.
_TRIED = (-2, -sp.Rational(3, 4), sp.Rational(1, 3), sp.Rational(5, 2))
_FIELDS = (-3, -sp.Rational(6, 5), -sp.Rational(1, 4), sp.Rational(2, 5), sp.Rational(11, 7), 4)


class Branch(NamedTuple):
    """A case of the label's law: its probability given t, the centre of its samples, its labels.

    Counts go to ``most``, which may be infinite. The noise of its samples has ``variance`` over η.
    """

    chance: Any
    center: tuple[Any, ...]
    values: tuple[Any, ...]
    most: float = -1
    variance: Any = sp.S.One


class Residual(NamedTuple):
    """A loss of u − y alone, where y = y_0 + At + Nε in each case of the label's law: the loss at y = 0, the cases."""

    loss: Any
    cases: Sequence[Normal]


class Normal(NamedTuple):
    """A case of such a law: its probability, y_0, A and NNᵀ."""

    chance: Any
    offset: sp.ImmutableMatrix
    slopes: sp.ImmutableMatrix
    noise: sp.ImmutableMatrix


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
            for relation in sorted(_conditions(part), key=str):
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


def bias_of(problem: Problem) -> tuple[int, ...]:
    """Return for each trained scalar to which student's field it is added.

    Raises
    ------
    vaesym.InputError
        A scalar that is no bias.
    """
    found: list[int] = []
    for scalar in problem.free:
        at = [i for i, u in enumerate(problem.students.fields)
              if _same(problem.loss.diff(scalar.symbol), problem.loss.diff(u))]
        if len(at) != 1 or at[0] in found:
            raise InputError("trained scalars that are added to a student's field, one for each",
                             f"{scalar.symbol} in {problem.loss}",
                             "write the loss in u + b, with a bias b")
        found.append(at[0])
    return tuple(found)


def without_bias(problem: Problem) -> Any:
    """Return the loss with every trained scalar at zero."""
    return problem.loss.xreplace({scalar.symbol: sp.S.Zero for scalar in problem.free})


def residual(problem: Problem) -> Residual | None:
    """Return the loss as one of the residual u − y, if labels are linear in normal variables and enter by that."""
    ys, fields, law = label_symbols(problem), problem.students.fields, problem.data.label
    if not isinstance(law, LinearLabel | RealLabel | DiscreteLabel) or len(ys) != len(fields):
        return None
    cases = [_normal(case, *outer_symbols(problem)) for case in branches(problem)]
    whole = tuple(case for case in cases if case)
    # Labels of a few values have their own losses, which need no noise.
    if len(whole) < len(cases) or not any(any(case.slopes) or any(case.noise) for case in whole):
        return None
    loss = without_bias(problem)
    moved = loss.xreplace({u: u + y for u, y in zip(fields, ys, strict=True)})
    if any(not _same(moved.diff(y), sp.S.Zero) for y in ys):
        return None
    return Residual(loss.xreplace(dict.fromkeys(ys, sp.S.Zero)), whole)


def _normal(case: Branch, ts: tuple[sp.Symbol, ...], normals: tuple[sp.Symbol, ...]) -> Normal | None:
    """Return a case of which the labels are linear in normal variables, None for another."""
    each: list[Any] = [sp.expand(value) for value in case.values]
    slopes = [sp.Matrix(len(each), len(variables), [value.diff(x) for value in each for x in variables])
              for variables in (ts, normals)]
    variables = {*ts, *normals}
    if any(part.free_symbols & variables for part in (*slopes, case.chance)) or _conditions(sp.Tuple(*each)):
        return None
    offset = sp.Matrix(each).xreplace(dict.fromkeys(variables, sp.S.Zero))
    return Normal(case.chance, *map(sp.ImmutableMatrix, (offset, slopes[0], slopes[1] * slopes[1].T)))


def _conditions(expression: Any) -> set[Any]:
    return relations(by_pieces(expression))


def _same(a: Any, b: Any) -> bool:
    difference = by_pieces(a - b)
    if difference == 0:
        return True
    if not difference.has(sp.Derivative, sp.Subs):
        # Square roots of primes have no rational relation: such a point is on no kink. One number refutes most pairs.
        roots = {s: sp.sqrt(sp.prime(k + 1)).n(30) for k, s in enumerate(sorted(difference.free_symbols, key=str))}
        value = difference.xreplace(roots)
        if value.is_comparable and abs(value) > 1e-12:
            return False
    return sp.simplify(sp.piecewise_fold(difference).doit()) == 0


def stable(expression: Any) -> Any:
    """Write logarithms of sums of exponentials such that they, and their derivatives, do not overflow.

    >>> u, v = sp.symbols("u v")
    >>> stable(sp.log(1 + sp.exp(u) + sp.exp(v)))
    logaddexp(0, logaddexp(u, v))
    """
    def exponents(total: Any) -> list[Any] | None:
        terms = [sp.log(term) if term.is_positive and not term.has(sp.exp) else
                 sp.expand_log(sp.log(term), force=True) for term in sp.Add.make_args(total)]
        return None if len(terms) < 2 or any(
            log.free_symbols for term in terms for log in term.atoms(sp.log)) else terms

    def written(total: Any) -> Any:
        terms = exponents(total)
        if terms is None:
            return sp.log(total)
        ordered = sorted(terms, key=sp.default_sort_key, reverse=True)
        found = ordered[0]
        for term in ordered[1:]:
            found = logaddexp(term, found)
        return found

    return sp.sympify(expression).replace(sp.log, written)


@dataclass(frozen=True)
class Losses:
    """The parts of a loss of one field, for each branch the index of its parts; −1 is 0 where y > 0 and 1 elsewhere."""

    parts: tuple[tuple[Piece, ...], ...]
    index: tuple[int, ...]


def losses(problem: Problem) -> Losses:
    """Return the loss of one student's field as parts, biases left out."""
    u, reduced = problem.students.fields[0], residual(problem)
    if reduced is not None:
        return Losses((problem.pieces(reduced.loss, u),), (0,) * len(reduced.cases))
    loss, ys, cases = without_bias(problem), label_symbols(problem), branches(problem)
    if all(not value.free_symbols for case in cases for value in case.values):
        each = [problem.pieces(loss.xreplace(dict(zip(ys, case.values, strict=True))), u) for case in cases]
        return Losses(tuple(each), tuple(range(len(each))))
    counted = cases[0].most >= 0
    numbers = (0, 1, 4) if counted else [y for y in _TRIED if y > 0] if positive(problem) else _TRIED
    tried = [dict(zip(ys, map(sp.sympify, values), strict=True)) for values in itertools.islice(
        itertools.product(numbers, repeat=len(ys)), 8)]
    for values in tried:
        problem.pieces(loss.xreplace(values), u)
    bends = any(ys[0] in _bend(relation, u) for relation in _conditions(loss))
    whole = None if bends else _in_order(problem, loss, tried)
    if whole:
        return Losses((whole,), (0,) * len(cases))
    size, sides = sp.Symbol("y", positive=True), []
    for side in (1, -1) if len(ys) == 1 and not counted else ():
        sizes = [{size: side * values[ys[0]]} for values in tried if side * values[ys[0]] > 0]
        sides.append(_in_order(problem, loss.xreplace({ys[0]: side * size}), sizes))
    if not sides or not all(sides):
        raise InputError("a loss whose kinks keep their order whatever the label", f"{problem.loss}",
                         "kinks at the label and at other places change their order; smooth one of them, as "
                         "log(1 + exp(x)) does max(0, x)")
    return Losses((sides[0], tuple(_mirrored(piece, size) for piece in sides[1])), (-1,) * len(cases))


def _in_order(problem: Problem, loss: Any, tried: list[dict[Any, Any]]) -> tuple[Piece, ...]:
    """Return the pieces of a loss, which is convex at each label that is tried, or () if their order depends on it."""
    try:
        found = problem.pieces(loss, problem.students.fields[0])
    except InputError:
        return ()
    spare = sample(sp.Tuple(*[piece.start for piece in found]).free_symbols, problem.domains)
    for values in tried:
        starts = [piece.start.xreplace(spare | values) for piece in found[1:]]
        if any(before > after for before, after in itertools.pairwise(starts)):
            return ()
    return found


def _bend(relation: Any, u: sp.Symbol) -> set[Any]:
    """Return the symbols of the factor by which a condition depends on the field."""
    return sp.expand(relation.lhs - relation.rhs).diff(u).free_symbols


def _mirrored(piece: Piece, size: sp.Symbol) -> Piece:
    """Return a piece written by |y| in y."""
    at = [sp.sympify(part).xreplace({size: -LABEL})
          for part in (piece.start, piece.value, piece.slope, piece.curvature)]
    return Piece(*at, piece.variable)


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
    if _conditions(loss):
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


def decays(problem: Problem) -> list[Any]:
    """Return the weight decay of each of two students.

    Raises
    ------
    vaesym.InputError
        Another penalty.
    """
    found: list[Any] = []
    parts = problem.penalty_parts
    for part, student in zip(parts.each, problem.students.each, strict=True):
        decay = sp.diff(part, student.weight, 2)
        if parts.group != 0 or sp.simplify(part - decay * student.weight**2 / 2) != 0 or (
                decay.free_symbols & {student.weight}):
            raise InputError("weight decay where two students are trained on labels", f"{problem.penalty}",
                             "write the penalty as a sum of squares of their weights")
        found.append(decay)
    return found


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
