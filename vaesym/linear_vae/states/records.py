"""Solutions as plain records, with values ready for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import InputError
from vaesym.linear_vae.point.fields import LATENT_FIELDS, MODEL_FIELDS, phase_names
from vaesym.linear_vae.point.solution import Solution
from vaesym.linear_vae.states.saddle import SaddlePoints
from vaesym.solvers.newton import Status

_BRANCH_FIELDS = ("Q", "E", "R", "m", "d", "D", "chi", "free_energy", "replicon", "residual", "iterations")


def plain(name: str, values: Any) -> Any:
    """Return the values of a field for JSON, as numbers or lists: phases by name, null for NaN.

    JSON has no infinity; it is written as the text that the command line takes, "inf" or "-inf".

    >>> plain("Q", [0.5, float("nan")]), plain("alpha", float("inf")), plain("phase", 2)
    ([0.5, None], 'inf', 'LEARNING')
    """
    if name == "phase":
        return phase_names(values).tolist()
    numbers: Any = np.asarray(values).astype(object)
    for value, text in ((np.inf, "inf"), (-np.inf, "-inf")):
        numbers[np.asarray(values) == value] = text
    numbers[np.isnan(values)] = None
    return numbers.tolist()


def overflowed(solution: Solution, name: str) -> NDArray[np.bool_]:
    """Return where a field is NaN or infinite; a free energy of −∞ is the right one for unlimited data.

    >>> from vaesym.linear_vae import solve
    >>> bool(overflowed(solve(float("inf"), 1.0, lam=1.0), "free_energy"))
    False
    """
    value = getattr(solution, name)
    if name == "free_energy":
        value = np.where(np.isinf(solution.parameters["alpha"]) & (value == -np.inf), 0.0, value)
    return np.asarray(~np.isfinite(value))


def solution_record(solution: Solution) -> dict[str, Any]:
    """Return the solution at one point as numbers, phase names and lists over latents.

    Raises :class:`vaesym.InputError`: the solution is of many points, or a field overflowed.

    >>> from vaesym.linear_vae import solve
    >>> record = solution_record(solve(2.0, 1.0, lam=1.0))
    >>> record["phase"], round(record["Q"], 12), record["parameters"]["alpha"]
    ('LEARNING', 0.595914655183, 2.0)
    """
    solution = solution.to_numpy()
    parameters = {name: float(value) for name, value in solution.parameters.items()}
    record: dict[str, Any] = {"parameters": {name: plain(name, value) for name, value in parameters.items()},
                              "latents": solution.latents, "spikes": solution.spikes}
    for name in (*LATENT_FIELDS, *MODEL_FIELDS):
        if overflowed(solution, name).any():
            given = ", ".join(f"{key} = {number:g}" for key, number in parameters.items())
            raise InputError("parameters whose results float64 can hold", f"{given}, where {name} overflows",
                             "choose parameters of more usual size")
        record[name] = plain(name, getattr(solution, name))
    return record


def branch_records(points: SaddlePoints) -> list[dict[str, Any]]:
    """Return the converged stationary points at one point of parameter space, in order of free energy.

    >>> from vaesym.linear_vae import saddle_points
    >>> [branch["phase"] for branch in branch_records(saddle_points(2.0, 1.0, lam=1.0))]
    ['LEARNING', 'OVERFITTING']
    """
    found = np.flatnonzero(points.status == Status.CONVERGED)
    return [{name: plain(name, getattr(points, name)[i]) for name in ("phase", *_BRANCH_FIELDS)} for i in found]


def branch_failure(points: SaddlePoints) -> str:
    """Return in words why no stationary point was found, or that others must exist; empty if all are there.

    >>> from vaesym.linear_vae import saddle_points
    >>> branch_failure(saddle_points(2.0, 1.0, lam=1.0))
    ''
    """
    if points.branches > 0:
        return "" if points.complete else "the states found call for others, which Newton did not reach"
    return Status(int(points.status[0])).message
