"""Loss and penalty of a problem with labels as the theory takes them: without biases, by u − y if it can be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp
from sympy.codegen.numpy_nodes import logaddexp

from vaesym.inputs import InputError
from vaesym.problem.data import LABEL, DiscreteLabel, LinearLabel, RealLabel
from vaesym.problem.labelled.law import Branch, branches, label_symbols, outer_symbols, positive
from vaesym.problem.pieces import Piece, by_pieces, conditions, sample

if TYPE_CHECKING:
    from vaesym.problem.problem import Problem

#: Labels at which a loss is tried.
_TRIED = (-2, -sp.Rational(3, 4), sp.Rational(1, 3), sp.Rational(5, 2))


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
    if any(part.free_symbols & variables for part in (*slopes, case.chance)) or conditions(sp.Tuple(*each)):
        return None
    offset = sp.Matrix(each).xreplace(dict.fromkeys(variables, sp.S.Zero))
    return Normal(case.chance, *map(sp.ImmutableMatrix, (offset, slopes[0], slopes[1] * slopes[1].T)))


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
    bends = any(ys[0] in _bend(relation, u) for relation in conditions(loss))
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
