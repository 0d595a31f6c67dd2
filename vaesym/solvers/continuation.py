"""Pseudo-arc-length continuation: follow F(x, p) = 0 through folds, find its branch points, switch branches there.

The determinant of DF = (F_x, F_p) bordered by the tangent keeps its sign through a fold and changes it at a simple
branch point, on either curve through it; dp/ds changes sign at a fold.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace

import numpy as np

from vaesym.inputs import Floats, InputError
from vaesym.solvers.branching import (
    Family,
    correct,
    crossing_tangents,
    full_derivative,
    null_vector,
    refine_branch,
    refine_fold,
)
from vaesym.solvers.curve import Curve, CurvePoint, CurveStatus, PointKind, StepSettings

#: Newton iterations up to which the step grows, and from which it shrinks.
_EASY, _HARD = 4, 7
#: How much a step grows or shrinks.
_GROW, _SHRINK = 1.5, 0.6


def _point(family: Family, z: Floats, along: Floats, arc: float) -> CurvePoint:
    matrix = full_derivative(family, z)
    tangent = null_vector(matrix, along)
    sign, border = (int(np.linalg.slogdet(m)[0]) for m in (matrix[:, :-1], np.vstack([matrix, tangent])))
    return CurvePoint(z, tangent, arc, sign, border, PointKind.REGULAR, np.full_like(z, np.nan))


def _halfway(family: Family, old: CurvePoint, new: CurvePoint, tolerance: float) -> Floats:
    """Halve the interval in which the bordered determinant changes sign until Newton feels the branch point."""
    low, high = old.z, new.z
    for _ in range(8):
        found = correct(family, (low + high) / 2, old.tangent, tolerance)
        if found is None:
            break
        same = _point(family, found[0], old.tangent, 0.0).border == old.border
        low, high = (found[0], high) if same else (low, found[0])
    return (low + high) / 2


def _special(family: Family, old: CurvePoint, new: CurvePoint, tolerance: float) -> Generator[CurvePoint]:
    """Find the branch point or the fold between neighbours; a step is short enough to hold at most one."""
    chord = float(np.linalg.norm(new.z - old.z))
    if old.border * new.border < 0:
        z = refine_branch(family, _halfway(family, old, new, tolerance), tolerance)
        if z is not None and np.linalg.norm(z - old.z) <= 2 * chord:
            pair = crossing_tangents(family, z, new.z - old.z)
            tangent, other = pair or (old.tangent, np.full_like(z, np.nan))
            yield CurvePoint(z, tangent, old.arc + float(np.linalg.norm(z - old.z)), 0, 0, PointKind.BRANCH, other)
    elif old.tangent[-1] * new.tangent[-1] < 0 and old.border != 0:
        found = refine_fold(family, old.z, new.z, (old.tangent, new.tangent), tolerance)
        if found is not None:
            arc = old.arc + float(np.linalg.norm(found[0] - old.z))
            yield replace(_point(family, *found, arc), sign=0, kind=PointKind.FOLD)


def _clip(family: Family, old: CurvePoint, new: CurvePoint, end: float, tolerance: float) -> CurvePoint | None:
    """Return the point between neighbours at which p = ``end``, exactly."""
    fraction = (end - old.p) / (new.p - old.p)
    guess = old.z + fraction * (new.z - old.z)
    guess[-1] = end
    found = correct(family, guess, np.eye(len(guess))[-1], tolerance)
    if found is None:
        return None
    z = np.append(found[0][:-1], end)
    return _point(family, z, old.tangent, old.arc + float(np.linalg.norm(z - old.z)))


def trace(family: Family, start: CurvePoint, interval: tuple[float, float], settings: StepSettings,
          stop: Callable[[CurvePoint], bool] | None = None) -> Generator[CurvePoint, None, CurveStatus]:
    """Yield the points of a curve one by one, from ``start`` along its tangent; the generator returns the status.

    What was yielded stays valid when the caller stops asking. Arguments as in :func:`follow`.
    """
    yield start
    old, step, regular = start, settings.first, 1
    while regular < settings.most_points:
        found = correct(family, old.z + step * old.tangent, old.tangent, settings.tolerance)
        new = None if found is None else _point(family, found[0], old.tangent,
                                                old.arc + float(np.linalg.norm(found[0] - old.z)))
        if found is None or new is None or (new.tangent @ old.tangent < settings.turn and old.border != 0):
            step /= 2
            if step < settings.least:
                return CurveStatus.STEP_TOO_SMALL
            continue
        before, after = ((point.z - start.z) @ start.tangent for point in (old, new))
        closed = regular > 3 and before < 0 <= after and np.linalg.norm(new.z - start.z) <= 2 * step
        if closed:
            new = replace(start, arc=old.arc + float(np.linalg.norm(start.z - old.z)))
        outside = not interval[0] <= new.p <= interval[1]
        clipped = _clip(family, old, new, interval[int(new.p > interval[1])], settings.tolerance) if outside else new
        specials = [s for s in _special(family, old, new, settings.tolerance) if interval[0] <= s.p <= interval[1]]
        for point in [*specials, *([clipped] if clipped is not None else [])]:
            yield point
            if stop is not None and stop(point):
                return CurveStatus.STOPPED
        if closed or outside:
            return CurveStatus.CLOSED if closed else CurveStatus.LEFT_INTERVAL
        old, regular = new, regular + 1
        factor = _GROW if found[1] <= _EASY else _SHRINK if found[1] >= _HARD else 1.0
        step = float(np.clip(step * factor, settings.least, settings.largest))
    return CurveStatus.MOST_POINTS


def _collect(points: Generator[CurvePoint, None, CurveStatus]) -> Curve:
    found: list[CurvePoint] = []
    while True:
        try:
            found.append(next(points))
        except StopIteration as end:
            return Curve(tuple(found), end.value)


def start_point(family: Family, x: Floats, p: float, direction: int = 1, tolerance: float = 1e-12) -> CurvePoint:
    """Polish ``x`` (n,) at fixed p and return the point with its tangent towards larger (1) or smaller (-1) p.

    Raises :class:`vaesym.InputError` where Newton does not converge from ``x``.
    """
    z = np.append(np.asarray(x, dtype=np.float64), p)
    upward = np.eye(len(z))[-1]
    found = correct(family, z, upward, tolerance)
    if found is None:
        raise InputError("a start on the curve", f"x = {z[:-1]} at p = {p}, from where Newton does not converge",
                         "start nearer to a solution")
    return _point(family, np.append(found[0][:-1], p), direction * upward, 0.0)


def follow(family: Family, x: Floats, p: float, interval: tuple[float, float], *, direction: int = 1,
           settings: StepSettings | None = None, stop: Callable[[CurvePoint], bool] | None = None) -> Curve:
    """Follow the curve F(x, p) = 0 from a point on it.

    Parameters
    ----------
    family : F with its derivatives
    x : (n,) a start, near enough to the curve for Newton at fixed p
    p, interval : its parameter, and the (low, high) between which the curve is wanted
    direction : 1 to start towards larger p, -1 towards smaller p
    settings : steps and tolerances
    stop : called on each new point; the curve ends with the point at which it is true

    Returns
    -------
    Curve
        Ends at the interval's end exactly; its folds and branch points are refined to Newton's precision.

    Raises
    ------
    vaesym.InputError
        p outside the interval, or no solution near x.

    Notes
    -----
    H. B. Keller (1977). Two branch points within one step, or two folds, are missed: lower ``largest``.

    Examples
    --------
    >>> circle = Family(lambda x, p: x**2 + p**2 - 1, lambda x, p: np.diag(2 * x), lambda x, p: np.array([2 * p]))
    >>> curve = follow(circle, np.array([1.0]), 0.0, (-2.0, 2.0))
    >>> [round(fold.p, 9) for fold in curve.of_kind(PointKind.FOLD)], curve.message
    ([1.0, -1.0], 'returned to its start')
    """
    if not interval[0] <= p <= interval[1]:
        raise InputError("p inside the interval", f"p = {p}, interval {interval}", "start inside the interval")
    settings = settings or StepSettings()
    start = start_point(family, x, p, direction, settings.tolerance)
    return _collect(trace(family, start, interval, settings, stop))


def switch_branch(family: Family, branch: CurvePoint, interval: tuple[float, float], *, direction: int = 1,
                  settings: StepSettings | None = None, stop: Callable[[CurvePoint], bool] | None = None) -> Curve:
    """Follow the second curve through a branch point, along its tangent ``other`` (1) or against it (-1).

    Arguments and result as in :func:`follow`; the branch point is the first point. Raises
    :class:`vaesym.InputError` where the second tangent is not known.
    """
    if not np.isfinite(branch.other).all():
        raise InputError("a simple branch point with two tangents", f"a point of kind {branch.kind.name} without",
                         "pass one whose field `other` is finite")
    start = replace(branch, tangent=direction * branch.other, other=branch.tangent, arc=0.0)
    return _collect(trace(family, start, interval, settings or StepSettings(), stop))


def crossings(family: Family, curves: Iterable[Curve], p: float, tolerance: float = 1e-12) -> Floats:
    """Return all points x (k, n) at which curves cross the parameter p, by Newton from their chords."""
    found: list[Floats] = []
    for curve in curves:
        for old, new in zip(curve.points, curve.points[1:], strict=False):
            if min(old.p, new.p) <= p <= max(old.p, new.p) and old.p != new.p:
                guess = old.z + (p - old.p) / (new.p - old.p) * (new.z - old.z)
                solution = correct(family, guess, np.eye(len(guess))[-1], tolerance)
                found.extend([] if solution is None else [solution[0][:-1]])
    size = len(found[0]) if found else 0
    return np.array(found).reshape(len(found), size)
