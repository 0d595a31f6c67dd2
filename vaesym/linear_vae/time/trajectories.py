"""Times, and the integration of equations of motion through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError

if TYPE_CHECKING:
    from scipy.integrate import OdeSolution

#: Relative and absolute error of a step. Weights start small and grow by orders of magnitude.
_RELATIVE, _ABSOLUTE = 1e-9, 1e-13
#: From this many unknowns on the Jacobian of a stiff method costs more than small steps.
_MANY = 1200
#: Overlaps beyond this have diverged.
_HUGE = 1e8


def check_time(time: Any) -> Floats:
    """Return times as an axis, or raise :class:`vaesym.InputError` unless they are ≥ 0 and ascend.

    >>> check_time(2.0)
    array([2.])
    """
    times = inputs.non_negative("time", time)
    if times.ndim > 1 or not times.size or (np.diff(times.ravel()) <= 0).any():
        raise InputError("time as a number or an ascending axis", f"{times.size} values of shape {times.shape}",
                         "give e.g. numpy.linspace(0, 50, 201)")
    return times.reshape(-1)


class _Escape:
    """The event at which a run has diverged; it ends it."""

    terminal = True

    def __call__(self, _: float, state: Floats) -> float:
        return _HUGE - float(np.abs(state).max())


def solution(speed: Callable[[float, Floats], Floats], first: Floats, end: float,
             breaks: Sequence[float] = ()) -> OdeSolution:
    """Return the motion from time 0 to ``end`` as a function of time; ``breaks`` are times at which it has kinks.

    Raises :class:`vaesym.InputError` where it diverges.
    """
    from scipy.integrate import OdeSolution, solve_ivp

    ends = [*(b for b in sorted(breaks) if 0 < b < end), end]
    parts: list[OdeSolution] = []
    now, state = 0.0, first
    for stop in ends:
        with np.errstate(all="ignore"):
            found = solve_ivp(speed, (now, stop), state, method="LSODA" if len(first) < _MANY else "DOP853",
                              rtol=_RELATIVE, atol=_ABSOLUTE, dense_output=True, events=_Escape())
        if found.status or not np.isfinite(found.y[:, -1]).all():
            raise InputError("training that does not diverge", f"a run that does near time {found.t[-1]:.4g}",
                             "lower the rates, or start closer to zero")
        parts.append(found.sol)
        now, state = stop, found.y[:, -1]
    return OdeSolution(np.concatenate([parts[0].ts[:1], *[part.ts[1:] for part in parts]]),
                       [piece for part in parts for piece in part.interpolants])


def integrate(speed: Callable[[float, Floats], Floats], first: Floats, times: Floats,
              breaks: Sequence[float] = ()) -> Floats:
    """Return the states at the times (T, …), from ``first`` at time 0.

    >>> integrate(lambda _, x: -x, np.ones(1), np.array([0.0, 1.0])).round(6).ravel()
    array([1.      , 0.367879])
    """
    if times[-1] == 0:
        return np.tile(first, (len(times), 1))
    return solution(speed, first, float(times[-1]), breaks)(times).T
