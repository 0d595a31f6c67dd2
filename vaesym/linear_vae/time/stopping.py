"""When to stop training, and whether stopping early does what the right β does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats
from vaesym.linear_vae.boundaries.thresholds import optimal_beta
from vaesym.linear_vae.point.arguments import documented, grid, numbers
from vaesym.linear_vae.point.labelled import dataset
from vaesym.linear_vae.point.solution import solve
from vaesym.linear_vae.time.flow import limit_flow, nodes_for, read_start

if TYPE_CHECKING:
    import xarray as xr

#: Times at which the error is looked at, evenly in their logarithm from this fraction of the end on.
_LOOKS, _FIRST = 400, 1e-4
#: How much less than at the end an error must be to count as a minimum in between, relative to ρ.
_LESS = 1e-7


@documented("number or axis", unlimited=True)
def best_stopping(alpha: Any, beta: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0, start: Mapping[str, Any],
                  until: float = 300.0) -> xr.Dataset:
    r"""Return when gradient flow recovers the signal best, and what stopping there gains.

    Parameters
    ----------
    start : as in :func:`vaesym.gradient_flow`
    until : a number > 0, the time up to which training is followed

    Returns
    -------
    xarray.Dataset
        ``stopping_time``, inf where the error still falls at ``until``; ``stopped_error``, the least one;
        ``final_error`` after endless training; ``best_error``, the least over all β after endless training, over
        (alpha, beta) without those given as numbers.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, an axis of more than one dimension, or an incomplete start.

    Notes
    -----
    New. Where the error falls before it rises, stopping helps; it does not do what β does. From a small start that
    knows next to nothing of the signal, the noise of the sample is learned along with it: at ρ = η = 1, λ = 0.2,
    β = 0.3, signal 0.001 and variances 0.0001, the error is 1.17 in the end, 0.92 stopped and 0.67 at the best β for
    α = 2, and 0.39, 0.25 and 0.22 for α = 8. A start that holds much of the signal keeps it: then a stopped run may be
    better than any β, also below the detection threshold.

    Examples
    --------
    >>> start = {"signal": 0.1, "decoder": 0.01, "encoder": 0.01, "D": 1.0}
    >>> found = best_stopping(2.0, 0.3, lam=0.2, start=start, until=50.0)
    >>> round(float(found.stopping_time), 2), round(float(found.stopped_error), 3), round(float(found.final_error), 3)
    (1.83, 0.51, 1.168)
    """
    axes = grid(alpha=alpha, beta=beta)
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    first, end = read_start(start), inputs.positive_number("until", until)
    points = np.broadcast_arrays(*axes.points.values())
    found: list[tuple[float, float]] = []
    for a, b in zip(*(values.ravel() for values in points), strict=True):
        limit = limit_flow(float(a), float(b), decay, r, e, first, nodes_for(end, e))
        state = limit.flow.until(end)

        def errors(times: Any, limit: Any = limit, state: Any = state) -> Floats:
            return limit.seen(np.atleast_2d(state(np.atleast_1d(times)).T))["signal_recovery_error"]

        found.append(_least(errors, end, r))
    times, least = (np.array(part).reshape(axes.shape) for part in zip(*found, strict=True))
    best = optimal_beta(points[0], lam=decay, rho=r, eta=e)
    values = {"stopping_time": times, "stopped_error": least,
              "final_error": solve(*points, lam=decay, rho=r, eta=e).signal_recovery_error,
              "best_error": solve(points[0], best, lam=decay, rho=r, eta=e).signal_recovery_error}
    return dataset(axes, "early stopping of gradient flow", values, **axes.fixed, lam=decay, rho=r, eta=e)


def _least(errors: Any, end: float, rho: float) -> tuple[float, float]:
    """Return the time of the least error and that error; inf where it is at the end."""
    from scipy.optimize import minimize_scalar

    times = np.concatenate([[0.0], np.geomspace(_FIRST * end, end, _LOOKS)])
    looked = errors(times)
    place = int(looked.argmin())
    if looked[-1] <= looked[place] + _LESS * rho:
        return np.inf, float(looked[-1])
    around = times[max(place - 1, 0)], times[place + 1]
    refined = minimize_scalar(lambda time: float(errors(time)[0]), bounds=around, method="bounded",
                              options={"xatol": 1e-6 * end})
    return (float(refined.x), float(refined.fun)) if refined.fun < looked[place] else (
        float(times[place]), float(looked[place]))
