"""Where solutions end: how many samples can be separated, with a margin or without."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import ndtr

from vaesym import inputs
from vaesym.engine.averages import Batch
from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.outer import Fineness
from vaesym.engine.lowered import equations_of, labelled_equations
from vaesym.inputs import Floats, InputError

#: Nodes over the label's law, and overlaps over what is left of the norm from which on it is taken to vanish.
_FINE, _ALL = Fineness(120, 28, 8, 8), 1e3


def separability(problem: Any, *, margin: float = 0.0, **parameters: Any) -> float:
    r"""Return the samples per dimension up to which weights of norm √N put every sample right by a margin.

    Parameters
    ----------
    problem : one of one student with labels ±1, or its name; of it only the data matter, and whether it has a bias
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
        Labels that are not ±1, two students, or a parameter outside its domain.

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
    equations = equations_of(problem)
    if not isinstance(equations, Labelled):
        equations = labelled_equations(problem)
    if not equations.binary if isinstance(equations, Labelled) else equations.kind == "linear":
        raise InputError("a problem of one student whose labels are +1 and -1", f"{equations.name}",
                         "follow its states without a penalty to where the weights run away")
    width = float(inputs.non_negative("margin", margin)[()])
    spare = {limits.name: 0.5 for limits in equations.parameters if limits.name not in parameters}
    given = equations.checked({**spare, **parameters, "alpha": 1.0})
    point = {name: np.reshape(value, (1,)) for name, value in given.items()}
    if isinstance(equations, Labelled):
        return most_separable_of(Points(equations, point, _FINE), width)
    return most_separable(Batch(equations, point), width)


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


def most_separable_of(points: Points, width: float = 0.0) -> float:
    r"""Return the same for one point of a problem with several planted directions, a bias, or labels of another law.

    With a = m/s, s² = 1 − ‖m‖², and the bias over s, :math:`1/\alpha = \min_{a,b} E[(\kappa\sqrt{1+a^2} -
    y\omega)_+^2/v]/\eta` at the field ω of weights of norm √(1 + a²), vη the variance of the noise of the sample: a
    convex function.
    """
    features, y, weight = points.features()[0], points.outer.labels[0, :, 0], points.outer.weight[0]
    wide = points.outer.variance[0]
    s, eta, rho = points.equations.directions, float(points.eta[0]), float(points.rho[0])
    intercept = bool(points.equations.bias)
    seen = np.sqrt(rho) * features[:, 1:1 + s]
    if points.equations.knows_teacher:
        seen = seen + np.sqrt(eta) * features[:, 1 + s:]

    def missing(x: Floats) -> tuple[float, Floats]:
        """E[(κ√(1+a²) − yω)₊²/v]/η and its derivatives in a and the bias."""
        a, norm = x[:s], np.sqrt(1 + x[:s] @ x[:s])
        own = np.sqrt(eta * wide) * (1.0 if points.equations.knows_teacher else norm)
        gap = width * norm - y * (seen @ a + (x[s] if intercept else 0.0))
        chance, height = ndtr(gap / own), np.exp(-((gap / own) ** 2) / 2) / np.sqrt(2 * np.pi)
        value = (weight / wide) @ ((gap**2 + own**2) * chance + gap * own * height)
        push = 2 * weight / wide * (gap * chance + own * height)
        turn = width * a / norm * push.sum() - (push * y) @ seen
        if not points.equations.knows_teacher:
            turn = turn + 2 * eta * a * (weight @ chance)
        return float(value) / eta, np.append(turn, -(push @ y))[:len(x)] / eta

    found = minimize(missing, np.zeros(s + intercept), jac=True, method="BFGS", options={"gtol": 1e-11})
    # A teacher without noise in its labels: the nearer the weights are to it, the more samples they put right.
    return float("inf") if np.abs(found.x[:s]).max() > _ALL else 1 / float(found.fun)
