"""The names that solutions and simulations of a problem have, known before any work."""

from __future__ import annotations

import numpy as np

from vaesym.engine.equations import Equations, Lowered, Students
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.quadratic.equations import Quadratic

#: What says how a number came about.
_ABOUT = ("residual", "quadrature_error", "status")


def names_of(equations: Lowered) -> list[str]:
    """Return the names of all fields of a solution.

    >>> from vaesym.engine.lowered import equations_of
    >>> names_of(equations_of("ridge"))[:3]
    ['Q', 'm', 'chi']
    """
    found = [*_state(equations), "free_energy", "training_loss", "penalty", "replicon"]
    if isinstance(equations, Quadratic) and equations.count > 1:
        found += [f"zero_{name}" for name in equations.students]
    elif not isinstance(equations, Students) or equations.count == 1:
        found.append("zero_fraction")
    if isinstance(equations, Labelled):
        found += ["fresh_loss", *(["classification_error"] if equations.binary else [])]
    if isinstance(equations, Equations) and equations.kind != "linear":
        found.append("classification_error")
    return [*found, *equations.observables, *_ABOUT]


def measured_names(equations: Lowered) -> list[str]:
    """Return those that a simulation measures too: all but susceptibilities and what is made of them.

    >>> from vaesym.engine.lowered import equations_of
    >>> "chi" in measured_names(equations_of("ridge"))
    False
    """
    state = _state(equations)
    place = [np.nan if name.startswith("chi") else 0.5 for name in state]
    given = {limits.name: np.array(limits.least + min(1.0, limits.most - limits.least) / 2)
             for limits in equations.parameters}
    unseen = {name for name in state if name.startswith("chi")} | {"replicon", *_ABOUT}
    unseen |= {name for name, function in equations.observables.items()
               if np.isnan(equations.at(function, *map(np.array, place), given=given))}
    return [name for name in names_of(equations) if name not in unseen]


def _state(equations: Lowered) -> list[str]:
    if isinstance(equations, Students):
        return [*equations.state, *equations.free]
    return ["Q", "m", "chi"]
