"""A problem without labels as source for the engine: its energy with conjugates and derivatives, its penalty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from vaesym.problem.problem import Problem, alpha
from vaesym.problem.quadratic import eliminated, energy_side, of_a_sample

if TYPE_CHECKING:
    from vaesym.problem.source import Writer


def _printed(write: Writer, name: str, arguments: list[sp.Symbol], values: list[Any], rows: int | None = None) -> str:
    """Return a function of the arguments and all parameters that returns values, or rows of them."""
    common, results = sp.cse(values, symbols=sp.numbered_symbols("_"), optimizations="basic")
    lines = [f"    {symbol} = {write.printer.doprint(part)}" for symbol, part in common]
    texts = [str(write.printer.doprint(result)) for result in results]
    if rows is not None:
        texts = [f"({', '.join(texts[i:i + rows])},)" for i in range(0, len(texts), rows)]
    names = ", ".join(symbol.name for symbol in (*arguments, *write.parameters))
    result = f"({', '.join(texts)}{',' if texts else ''})"
    return "\n".join([f"def {name}({names}):", *lines, f"    return {result}", "", ""])


def quadratic_source(problem: Problem, write: Writer) -> tuple[str, dict[str, str]]:
    """Return the functions of the problem and the arguments of ``Quadratic`` that differ from a labelled problem."""
    students, data, loss = problem.students, problem.data, problem.quadratic_loss
    scalars = [scalar.symbol for scalar in problem.free]
    side, closed = energy_side(loss, students, data.noise, data.signal, alpha, scalars)
    kept = [scalar for scalar in scalars if scalar not in closed]
    point = [*students.state, *kept]
    balance = [*side.conjugates, *side.conditions]
    slope = [part.diff(symbol) for part in balance for symbol in point]
    entries: list[Any] = loss.matrix.flat()
    matrix = [entry.subs(closed) for entry in entries]
    values = [closed.get(scalar, scalar) for scalar in scalars]
    sample, moments = of_a_sample(loss, students)
    seen = [*students.overlaps, *scalars, *moments]
    trained = eliminated(sample, scalars)
    penalty = problem.penalty_parts
    functions = "\n".join([
        _printed(write, "_energy", point, [side.energy, side.training_loss, *balance]),
        _printed(write, "_slope", point, slope, len(point)),
        _printed(write, "_matrix", point, matrix, students.count),
        _printed(write, "_scalars", point, values),
        _printed(write, "_sample", seen, [sample, *[sample.diff(symbol) for symbol in students.overlaps]]),
        _printed(write, "_sample_matrix", seen, list(loss.matrix), students.count),
        _printed(write, "_trained", [*students.overlaps, *moments], [trained.get(s, sp.nan) for s in scalars])])
    each = [write.pieces(problem.pieces(part, student.weight), student.weight)
            for part, student in zip(penalty.each, students.each, strict=True)]
    observables = ", ".join(f"{name!r}: {write.function(value, *students.state, *scalars)}"
                            for name, value in problem.observables.items())
    return functions, {
        "students": repr(tuple(student.name for student in students.each)),
        "state": repr(tuple(symbol.name for symbol in students.state)),
        "free": repr(tuple(symbol.name for symbol in scalars)), "kept": repr(tuple(symbol.name for symbol in kept)),
        "energy": "_energy", "slope": "_slope", "matrix": "_matrix", "scalars": "_scalars",
        "sample": "_sample", "sample_matrix": "_sample_matrix", "trained": "_trained",
        "penalties": f"({', '.join(each)},)", "group": write.function(penalty.group) if penalty.group != 0 else "None",
        "observables": f"{{{observables}}}"}
