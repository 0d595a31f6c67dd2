"""Problems as equations: shipped ones come lowered, others are lowered once and kept by their content."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

from vaesym import inputs
from vaesym.engine.equations import Equations, Lowered
from vaesym.engine.labelled.equations import Labelled
from vaesym.inputs import InputError

#: Where the shipped problems lie, lowered.
_GENERATED = "vaesym.problems.generated"


@functools.lru_cache(maxsize=256)
def _compiled(source: str) -> Lowered:
    namespace: dict[str, Any] = {"__name__": "vaesym_problem"}
    exec(compile(source, "<problem>", "exec"), namespace)
    return namespace["EQUATIONS"]


def equations_of(problem: Any) -> Lowered:
    """Return the equations of a problem, of a shipped one's name, or of ``module:object``.

    Raises
    ------
    vaesym.InputError
        No such problem.

    Examples
    --------
    >>> equations_of("ridge").title
    'Ridge regression'
    """
    return problem if isinstance(problem, Lowered) else equations_of_text(text_of(problem))


def labelled_equations(problem: Any) -> Equations:
    """Return the equations of a problem whose samples have labels.

    Raises
    ------
    vaesym.InputError
        No such problem, one without labels, or one with more than one student, one planted direction, and so on.

    Examples
    --------
    >>> labelled_equations("pca")
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected a problem whose samples have labels; received pca, which has none; solve it \
with vaesym.solve_problem
    """
    equations = equations_of(problem)
    if isinstance(equations, Labelled):
        raise InputError("one student, one planted direction, no bias, and labels ±1 or a loss of y - u",
                         f"{equations.name}", "solve it with vaesym.solve_problem, point by point")
    if not isinstance(equations, Equations):
        raise InputError("a problem whose samples have labels", f"{equations.name}, which has none",
                         "solve it with vaesym.solve_problem")
    return equations


def text_of(problem: Any) -> str:
    """Return a text that stands for a problem in every process: the name of a shipped one, or lowered source.

    Raises :class:`vaesym.InputError`: no such problem.
    """
    if isinstance(problem, Lowered):
        raise InputError("a problem or its name", "lowered equations", "pass the problem that was lowered")
    if isinstance(problem, str):
        if ":" not in problem:
            return problem
        problem = inputs.named_object(problem, "a problem", "name your own as my_module:my_problem")
    # SymPy starts only here, for a problem that does not come lowered.
    if not isinstance(problem, importlib.import_module("vaesym.problem").Problem):
        raise InputError("a vaesym.Problem, or the name of one", f"{type(problem).__name__} {problem!r:.60}",
                         "state one with vaesym.Problem, or name a shipped one such as 'lasso'")
    return importlib.import_module("vaesym.problem.source").source(problem)


def equations_of_text(text: str) -> Lowered:
    """Return the equations that a text of :func:`text_of` stands for."""
    return _compiled(text) if "\n" in text else _shipped(text)


def _shipped(name: str) -> Lowered:
    try:
        return importlib.import_module(f"{_GENERATED}.{name}").EQUATIONS
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(_GENERATED):
            raise
        folder = Path(str(importlib.import_module(_GENERATED).__file__)).parent
        names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
        raise InputError(f"a problem among {', '.join(names)}, or module:object", f"{name!r}",
                         "choose one, or name your own as my_module:my_problem") from error
