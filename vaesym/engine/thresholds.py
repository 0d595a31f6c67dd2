"""Where solutions end: how many samples can be separated, with a margin or without."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from vaesym import inputs
from vaesym.engine.averages import Batch
from vaesym.engine.lowered import labelled_equations
from vaesym.inputs import InputError


def separability(problem: Any, *, margin: float = 0.0, **parameters: Any) -> float:
    r"""Return the samples per dimension up to which weights of norm √N put every sample right by a margin.

    Parameters
    ----------
    problem : a problem with labels ±1, or its name; of it only the data matter
    margin : what y u has to be at least on every sample, a number ≥ 0; 0 asks for separability alone
    parameters : those of the problem but ``alpha``, as numbers; ones that the data do not need may be left out

    Returns
    -------
    float
        α up to which there are such weights; infinite where there always are. Beyond it a loss like the logistic one
        has its minimum at finite weights without a penalty.

    Raises
    ------
    vaesym.InputError
        Labels that are real numbers, or a parameter outside its domain.

    Notes
    -----
    Minimise ½‖w‖² under y u ≥ κ: in the replica-symmetric equations the loss is infinite below κ, so the prox is
    max(ω, κ) for y = 1, and with unit norm they become :math:`1 - m^2 = \alpha\,E[(\kappa - y\omega)_+^2]` at the m
    for which the right side over the left one is least. Gardner 1988 for random labels; Candès and Sur 2020 for those
    of a teacher.

    Examples
    --------
    >>> round(separability("hinge", margin=0.5), 6)
    0.961205
    """
    equations = labelled_equations(problem)
    if equations.kind == "linear":
        raise InputError("a problem whose labels are +1 and -1", f"{equations.name}", "its data are always fitted")
    width = float(inputs.non_negative("margin", margin)[()])
    spare = {limits.name: 0.5 for limits in equations.parameters if limits.name not in parameters}
    given = equations.checked({**spare, **parameters, "alpha": 1.0})
    batch = Batch(equations, {name: np.reshape(value, (1,)) for name, value in given.items()})

    return most_separable(batch, width)


def most_separable(batch: Batch, width: float = 0.0) -> float:
    """Return the samples per dimension up to which a batch of one point can be separated with a margin."""
    def missing(m: float) -> float:
        """E[(κ − yω)₊²]/(1 − m²)."""
        return float(batch.shortfall(np.full((1, 1), m), width)[0]) / (1 - m * m)

    if batch.equations.kind == "random":
        return 1 / missing(0.0)
    found = minimize_scalar(missing, bounds=(-1 + 1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-12})
    # A teacher without noise in its labels: the nearer the weights are to it, the more samples they put right.
    return float("inf") if missing(1 - 1e-12) < found.fun else 1 / float(found.fun)
