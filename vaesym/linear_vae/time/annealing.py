"""Annealing of β in one pass: the best length of a family of schedules, and how much time it saves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.arguments import documented, grid, numbers
from vaesym.linear_vae.point.labelled import dataset
from vaesym.linear_vae.time.online import OnePass, follow, read_start
from vaesym.linear_vae.time.overlaps import Overlaps, observables
from vaesym.linear_vae.time.rates import growth_rate
from vaesym.linear_vae.time.schedules import Schedule

if TYPE_CHECKING:
    import xarray as xr

#: The error has settled when its distance to its final value stays below this fraction of ρ.
_NEAR = 0.05
#: Lengths tried, as fractions of the settling time at fixed β, before the search between neighbours.
_LENGTHS = np.geomspace(0.05, 2.0, 7)
_LOOKS = 1000
#: The final error is that at so many times the end.
_LATE = 100.0
#: β at which the growth rate stands for that without KL term.
_NO_KL = 1e-12


@documented("number")
def best_annealing(beta: float, family: str = "linear", *, lam: float = 0.0, rho: float = 1.0, eta: float = 1.0,
                   rate: float, variance_rate: float, start: Mapping[str, float], until: float) -> xr.Dataset:
    r"""Return the length of annealing by which one pass of training settles first.

    Training has settled when the recovery error stays within 5 % of ρ around its final value: annealing that is too
    slow delays that, as β is still on its way.

    Parameters
    ----------
    beta : final weight of the KL term, a number > 0
    family : of schedules, "linear", "tanh" or "cyclical"
    rate, variance_rate : learning rates of the weights and of D, numbers > 0
    start : the overlaps of one latent at time 0 by name, numbers: Q, E, R, m, d, D
    until : a number > 0: the time up to which training is followed; it must have settled by then

    Returns
    -------
    xarray.Dataset
        ``schedule_length``; ``settling_time`` at fixed β, ``annealed_settling_time`` with the best length, ``speedup``
        their ratio; and ``speedup_bound``, the ratio of the growth rates at β = 0 and at β, with D = 1.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, an unknown family, or training that has not settled at ``until``.

    Notes
    -----
    New. The bound is for the time on the plateau, where D = 1. If D shrinks at small β before the signal is found, the
    rate may rise up to ℓ = ρ + η.

    Examples
    --------
    >>> start = {"Q": 1e-3, "E": 1e-3, "R": 0.0, "m": 1e-2, "d": 0.0, "D": 1.0}
    >>> found = best_annealing(1.5, rate=0.02, variance_rate=0.02, start=start, until=2000.0)
    >>> 3 < float(found.speedup) < float(found.speedup_bound), round(float(found.speedup_bound), 3)
    (True, 6.615)
    """
    from scipy.optimize import minimize_scalar

    axes = grid(beta=inputs.positive_number("beta", beta))
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    slow, variance_slow, end = (inputs.positive_number(name, value) for name, value in (
        ("rate", rate), ("variance_rate", variance_rate), ("until", until)))
    motion = OnePass(np.array([r]), eta=e, lam=decay, rate=slow, variance_rate=variance_slow, sampled=True)
    first, times = read_start(start, 1, 1), np.linspace(0.0, end, _LOOKS)
    weight = float(axes.points["beta"])
    Schedule(family, 1.0)
    fixed = follow(motion, times, weight, first)
    # What holds on a plateau is no final value.
    goal = float(_errors(follow(motion, np.array([0.0, _LATE * end]), weight, first), r, e)[-1])
    at_fixed = _settled(times, _errors(fixed, r, e), goal, r)
    if not 0 < at_fixed < 0.9 * end:
        raise InputError("training that settles, but not at once, before the time in until", f"until={end:g}",
                         "choose a later time, or another start")

    def settled(length: float) -> float:
        run = follow(motion, times, weight, first, Schedule(family, length))
        return _settled(times, _errors(run, r, e), goal, r)

    tried = np.array([settled(length) for length in _LENGTHS * at_fixed])
    place = int(tried.argmin())
    around = at_fixed * _LENGTHS[[max(place - 1, 0), min(place + 1, len(_LENGTHS) - 1)]]
    search = minimize_scalar(settled, bounds=around, method="bounded", options={"maxiter": 5})
    length, best = min(((search.x, search.fun), (_LENGTHS[place] * at_fixed, tried[place])), key=lambda pair: pair[1])
    bound = float(growth_rate(r + e, _NO_KL, decay=decay)) / float(growth_rate(r + e, weight, decay=decay))
    values = {"schedule_length": length, "settling_time": at_fixed, "annealed_settling_time": best,
              "speedup": at_fixed / best, "speedup_bound": bound if bound > 0 else np.inf}
    return dataset(axes, f"{family} annealing of beta", values, **axes.fixed, lam=decay, rho=r, eta=e)


def _errors(run: Overlaps, rho: float, eta: float) -> Floats:
    return observables(run, np.array([rho]), eta)["signal_recovery_error"]


def _settled(times: Floats, errors: Floats, goal: float, rho: float) -> float:
    """Return the time from which on the errors stay near the goal, between the times by a straight line."""
    away = np.abs(errors - goal) - _NEAR * rho
    outside = np.flatnonzero(away > 0)
    if not outside.size:
        return 0.0
    last = int(outside[-1])
    if last == len(times) - 1:
        return np.inf
    part = away[last] / (away[last] - away[last + 1])
    return float(times[last] + part * (times[last + 1] - times[last]))
