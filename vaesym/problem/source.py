"""Problems as source for the engine: everything that it evaluates, printed for NumPy, so that it never starts SymPy."""

from __future__ import annotations

import functools
import keyword
from typing import Any

import sympy as sp
from sympy.codegen.numpy_nodes import logaddexp
from sympy.printing.numpy import SciPyPrinter

from vaesym.inputs import InputError
from vaesym.problem.data import ClusterLabel, LinearLabel, RandomLabel, SignLabel
from vaesym.problem.labelled import state_symbols
from vaesym.problem.pieces import Piece, by_pieces
from vaesym.problem.problem import Problem, Q, chi, field, label, m, teacher, weight
from vaesym.problem.source_labelled import labelled_source
from vaesym.problem.source_quadratic import quadratic_source

#: Names that a problem may not give to a parameter, for its source uses them.
_IMPORTS = "import numpy\nimport scipy.special\nfrom numpy import inf\n"
_HOMES = {"Equations": "from vaesym.engine.equations import Equations, Limits, Part",
          "Quadratic": "from vaesym.engine.equations import Limits, Part\n"
                       "from vaesym.engine.quadratic.equations import Quadratic",
          "Labelled": "from vaesym.engine.equations import Limits, Part\n"
                      "from vaesym.engine.labelled.equations import Branch, Labelled"}


class Writer:
    """Prints expressions as functions of a few variables and of all parameters."""

    def __init__(self, problem: Problem) -> None:
        names = [*[p.name for p in (*problem.every_parameter, *problem.free)], *problem.observables]
        for name in names:
            if not str(name).isidentifier() or keyword.iskeyword(name):
                raise InputError("names of parameters and observables that are Python identifiers", f"{name!r}",
                                 "call it lam" if name == "lambda" else "choose another")
        self.parameters = [parameter.symbol for parameter in problem.every_parameter]
        self.printer = SciPyPrinter({"fully_qualified_modules": True})

    def function(self, expression: Any, *variables: sp.Symbol) -> str:
        """Return a lambda; names of symbols are those of the API."""
        arguments = ", ".join(symbol.name for symbol in (*variables, *self.parameters))
        return f"lambda {arguments}: {self._printed(expression)}"

    def _printed(self, expression: Any) -> str:
        # log(1 + exp(x)) is printed such that it does not overflow.
        some, plain = sp.Wild("some"), sp.sympify(expression)
        # SymPy prints Max by functools, which sources do not import.
        plain = by_pieces(plain) if plain.has(sp.Max, sp.Min) else plain
        safe = plain.replace(sp.log(1 + sp.exp(some)), logaddexp(0, some))
        printed: Any = self.printer.doprint(safe)
        return str(printed.replace("-numpy.inf", "-inf").replace("numpy.inf", "inf"))

    def several(self, name: str, variables: list[sp.Symbol], values: list[Any]) -> str:
        """Return a function that returns all values, with what they share computed once."""
        common, results = sp.cse(values, symbols=sp.numbered_symbols("_"), optimizations="basic")
        lines = [f"    {symbol} = {self._printed(part)}" for symbol, part in common]
        names = ", ".join(symbol.name for symbol in (*variables, *self.parameters))
        texts = ", ".join(self._printed(result) for result in results)
        return "\n".join([f"def {name}({names}):", *lines, f"    return ({texts},)", "", ""])

    def pieces(self, found: tuple[Piece, ...], variable: sp.Symbol) -> str:
        """Return the pieces of a function as a tuple of ``Part``."""
        rows = []
        for piece in found:
            start = "None" if piece.start == -sp.oo else self.function(piece.start)
            rows.append(f"Part({start},\n         {self.function(piece.value, variable)},\n"
                        f"         {self.function(piece.slope, variable)},\n"
                        f"         {self.function(piece.curvature, variable)},\n"
                        f"         {piece.quadratic}, {piece.value == sp.oo})")
        return "(\n    " + ",\n    ".join(rows) + ",\n)"


def _residual_loss(problem: Problem) -> Any:
    """Return the loss as a function of u − y alone, in the symbol of the field."""
    return sp.simplify(problem.loss.xreplace({field: field + label}))


def _target(problem: Problem) -> Any:
    """Return the multiple τ of the planted weights that real labels are made of; 0 for other labels."""
    law = problem.data.label
    return sp.sqrt(law.signal) if isinstance(law, LinearLabel) else sp.S.Zero


def _of_error(problem: Problem, observable: Any) -> Any:
    """Write an observable by E = ‖w − τw*‖²/N and the gap m − τ, in the symbols of Q and m, so that nothing cancels."""
    target = _target(problem)
    return sp.expand(sp.sympify(observable).xreplace({Q: Q + 2 * target * m + target**2, m: m + target}))


def _even(problem: Problem) -> tuple[Any, Any]:
    r"""Return the planted parts (probability, mean, variance) of rows over the root of their width, and their norm.

    In the weights :math:`\sqrt{\text{width}}\,w` the noise of all rows is alike, and the centre lies along
    :math:`w_*/\sqrt{\text{width}}`, which is brought to norm 1.
    """
    planted = problem.data.planted
    if not planted.widths:
        return planted.parts, sp.S.One
    pairs = list(zip(planted.parts, planted.widths, strict=True))
    second = sum(share * (mean**2 + variance) / width for (share, mean, variance), width in pairs)
    return tuple((share, mean / sp.sqrt(width * second), variance / (width * second))
                 for (share, mean, variance), width in pairs), sp.sqrt(second)


def _widths(problem: Problem, write: Writer) -> dict[str, str]:
    widths = ", ".join(write.function(width) for width in problem.data.planted.widths)
    return {"widths": f"({widths},)", "norm": write.function(_even(problem)[1])} if widths else {}


def _law(problem: Problem, write: Writer) -> dict[str, str]:
    law, data = problem.data.label, problem.data
    known = {"noise": write.function(data.noise), "signal": write.function(data.signal * _even(problem)[1] ** 2),
             "symmetric": "False", "step": "False", "target": write.function(_target(problem))}
    if isinstance(law, LinearLabel):
        loss = _residual_loss(problem)
        return known | {"kind": repr("linear"), "label_signal": write.function(law.signal),
                        "label_noise": write.function(law.noise), "values": "(0.0,)",
                        "loss": f"({write.pieces(problem.pieces(loss, field), field)},)"}
    losses = ", ".join(write.pieces(problem.pieces(problem.loss.xreplace({label: sp.Integer(value)}), field), field)
                       for value in (1, -1))
    known |= {"values": "(1.0, -1.0)", "loss": f"({losses})", "symmetric": str(problem.symmetric)}
    if isinstance(law, SignLabel):
        folded: Any = sp.piecewise_fold(law.probability.rewrite(sp.Piecewise))
        step = isinstance(folded, sp.Piecewise) and all(not case.args[0].has(teacher) for case in folded.args)
        chances = [folded.subs(teacher, sp.Integer(side)) for side in (1, -1)] if step else [law.probability] * 2
        return known | {"kind": repr("sign"), "step": str(step),
                        "probability": write.function(law.probability, teacher),
                        "step_values": f"({write.function(chances[0].subs(teacher, 1))}, "
                                       f"{write.function(chances[1].subs(teacher, -1))})"}
    kind = "cluster" if isinstance(law, ClusterLabel) else "random"
    assert isinstance(law, (ClusterLabel, RandomLabel))
    return known | {"kind": repr(kind), "share": write.function(law.share)}


def source(problem: Problem) -> str:
    """Return the source of a module that holds the problem as ``EQUATIONS`` for :mod:`vaesym.engine`.

    >>> from vaesym.problem import Data, LinearLabel, Problem, field, label, weight
    >>> text = source(Problem("least_squares", "", (label - field) ** 2 / 2, weight**2 / 2, Data(LinearLabel(1, 0))))
    >>> "EQUATIONS = Equations(" in text
    True
    """
    return _source(problem, tuple(problem.observables.items()))


@functools.lru_cache(maxsize=256)
def _source(problem: Problem, _observables: tuple[Any, ...]) -> str:
    """Return the source, written once: the observables, which might be changed in place, are part of the key."""
    write = Writer(problem)
    parameters = ", ".join(f"Limits({p.name!r}, {p.meaning!r}, {float(p.least)!r}, {float(p.most)!r}, {p.strict})"
                           for p in problem.every_parameter)
    shares = ", ".join("(" + ", ".join(write.function(part) for part in row) + ")"
                       for row in _even(problem)[0])
    shared = {"name": repr(problem.name), "title": repr(problem.title), "parameters": f"({parameters},)",
              "planted": f"({shares},)"}
    functions, kind, own = _parts(problem, write)
    lines = [f'"""{problem.title or problem.name}: for the engine; written by ``vaesym.problem.source``."""', "",
             _IMPORTS + _HOMES[kind], "", *([functions] if functions else []),
             f"EQUATIONS = {kind}(", *[f"    {name}={text}," for name, text in (shared | own).items()], ")", ""]
    return "\n".join(lines)


def _parts(problem: Problem, write: Writer) -> tuple[str, str, dict[str, str]]:
    """Return functions, the kind of equations, and their arguments."""
    if problem.quadratic:
        functions, own = quadratic_source(problem, write)
        return functions, "Quadratic", own | {"noise": write.function(problem.data.noise),
                                              "signal": write.function(problem.data.signal)}
    if problem.general:
        functions, own = labelled_source(problem, write)
        seen = [*state_symbols(problem), *[scalar.symbol for scalar in problem.free]]
        own["observables"] = "{" + ", ".join(f"{name!r}: {write.function(value, *seen)}"
                                             for name, value in problem.observables.items()) + "}"
        return functions, "Labelled", own | {"noise": write.function(problem.data.noise),
                                             "signal": write.function(problem.data.signal)}
    observables = ", ".join(f"{name!r}: {write.function(_of_error(problem, value), Q, m, chi)}"
                            for name, value in problem.observables.items())
    return "", "Equations", _law(problem, write) | _widths(problem, write) | {
        "observables": f"{{{observables}}}", "penalty": write.pieces(problem.pieces(problem.penalty, weight), weight)}
