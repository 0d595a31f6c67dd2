"""A problem with any labels as source for the engine: branches of the label's law, cuts, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from vaesym.problem import labelled
from vaesym.problem.pieces import Piece

if TYPE_CHECKING:
    from vaesym.problem.problem import Problem
    from vaesym.problem.source import Writer


def _row(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' if parts else ''})"


def _parts(write: Writer, found: tuple[Piece, ...], u: sp.Symbol, ys: tuple[sp.Symbol, ...]) -> str:
    """Return the pieces of a loss as a tuple of ``Part``, functions of u, the labels and all parameters."""
    rows = []
    for piece in found:
        start = "None" if piece.start == -sp.oo else write.function(piece.start, *ys)
        each = [write.function(labelled.stable(part), u, *ys) for part in (piece.value, piece.slope, piece.curvature)]
        rows.append(f"Part({start},\n         " + ",\n         ".join(each) +
                    f",\n         {piece.quadratic}, {piece.value == sp.oo})")
    return "(\n    " + ",\n    ".join(rows) + ",\n)"


def labelled_source(problem: Problem, write: Writer) -> tuple[str, dict[str, str]]:
    """Return the functions of the problem and the arguments of ``Labelled`` that other problems have not."""
    students, reduced = problem.students, labelled.residual(problem)
    teachers, normals = labelled.outer_symbols(problem)
    ys = () if reduced else labelled.label_symbols(problem)
    none, cases = (sp.S.Zero,) * len(teachers), labelled.branches(problem)
    if reduced:
        cases = tuple(labelled.Branch(case.chance, none, ()) for case in reduced.cases)
    found = labelled.losses(problem) if students.count == 1 else None
    index = found.index if found else (0,) * len(cases)
    rows = []
    for case, loss in zip(cases, index, strict=True):
        seen = ys if case.most >= 0 else ()
        values = () if case.most >= 0 else case.values
        rows.append(f"Branch({write.function(case.chance, *seen, *teachers)},\n           "
                    f"{_row([write.function(part) for part in case.center])},\n           "
                    f"{_row([write.function(value, *teachers, *normals) for value in values])}, {loss}, {case.most}"
                    f"{'' if case.variance == 1 else ', ' + write.function(case.variance)})")
    knows = not reduced and labelled.knows_teacher(problem)
    outer = [] if reduced else labelled.cuts(problem, sides=min(index) < 0)
    every = [*teachers, *normals]
    own = {"students": repr(tuple(student.name for student in students.each)),
           "state": repr(tuple(symbol.name for symbol in labelled.state_symbols(problem))),
           "free": repr(tuple(scalar.name for scalar in problem.free)), "bias": repr(labelled.bias_of(problem)),
           "directions": repr(len(teachers)), "knows_teacher": repr(bool(knows)),
           "positive": repr(labelled.positive(problem)),
           "normals": repr(0 if reduced else len(normals)), "labels": repr(len(ys)),
           "branches": "(\n    " + ",\n    ".join(rows) + ",\n)",
           "cuts": _row([f"({i}, {write.function(cut, *every[:i])})" for i, cut in outer]),
           "residual": _residual(write, reduced)}
    return _losses(problem, write, ys, found, own)


def _residual(write: Writer, reduced: labelled.Residual | None) -> str:
    if reduced is None:
        return "None"
    return _row([_row(["(" + ", ".join(_row([write.function(entry) for entry in matrix.row(i)])
                                       for i in range(matrix.rows)) + ",)"
                       for matrix in (case.offset, case.slopes, case.noise)]) for case in reduced.cases])


def _losses(problem: Problem, write: Writer, ys: tuple[sp.Symbol, ...], found: labelled.Losses | None,
            own: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return functions of a loss of two fields, and all arguments with losses and penalties."""
    students = problem.students
    if found is not None:
        each = ", ".join(_parts(write, part, students.fields[0], ys) for part in found.parts)
        weight = students.weights[0]
        return "", own | {"losses": f"({each},)", "joint": "None",
                          "penalty": write.pieces(problem.pieces(problem.penalty, weight), weight),
                          "decays": "()"}
    reduced = labelled.residual(problem)
    loss = labelled.stable(reduced.loss if reduced else labelled.without_bias(problem))
    fields = students.fields
    slopes = [loss.diff(u) for u in fields]
    parts: list[Any] = [loss, *slopes, *[slope.diff(u) for slope in slopes for u in fields]]
    functions = write.several("_joint", [*fields, *ys], parts)
    return functions, own | {"losses": "()", "joint": "_joint", "penalty": "()",
                             "decays": _row([write.function(decay) for decay in labelled.decays(problem)])}
