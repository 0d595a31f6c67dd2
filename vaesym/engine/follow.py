"""Follow the states of a problem along one parameter, through folds, to where the branch ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.engine.equations import Lowered
from vaesym.engine.grids.line import Line
from vaesym.engine.grids.posed import posed
from vaesym.engine.lines import line_of
from vaesym.engine.lowered import equations_of
from vaesym.inputs import Floats, InputError
from vaesym.solvers.continuation import follow as follow_curve
from vaesym.solvers.curve import Curve, CurvePoint, CurveStatus, PointKind, StepSettings

if TYPE_CHECKING:
    import xarray as xr

_SETTINGS = StepSettings(first=0.05, largest=0.25, tolerance=1e-11, turn=0.9)
_NAMES = {PointKind.REGULAR: "", PointKind.FOLD: "fold", PointKind.BRANCH: "branch"}


def follow(problem: Any, name: str, interval: tuple[float, float], *, marks: Mapping[str, float] | None = None,
           **parameters: float) -> xr.Dataset:
    r"""Follow the states of a problem along one of its parameters.

    Parameters
    ----------
    problem : as for :func:`vaesym.engine.solve_problem`
    name : the parameter
    interval : (low, high) of it
    marks : values of fields to be found on the way, by default {"replicon": 1}: where replica symmetry becomes unstable
    parameters : all others, as numbers

    Returns
    -------
    xarray.Dataset
        Over ``point``, in the order of the branch: the parameter, ``arc`` (length along the branch), ``kind`` ("" for
        an ordinary point, "fold", "branch", a mark such as "replicon = 1", "collapse" where all weights vanish,
        "detection" where they lose the planted direction, or "end" where they run away: a threshold of separability or
        capacity), and the fields of :func:`vaesym.engine.solve_problem`. The attribute ``ended`` says in words why the
        branch ends, and ``threshold`` holds the parameter at such a collapse, detection or separability, NaN without.

    Raises
    ------
    vaesym.InputError
        An unknown problem, parameter or field, an interval that is none, or no state at both of its ends and between.

    Notes
    -----
    Pseudo-arc-length continuation (H. B. Keller 1977) in ln E, m, ln χ and the parameter, or its logarithm where the
    interval spans a large ratio; with several students, directions or a bias in the roots of Ω − μμᵀ and of χ, μ and
    the bias, and without labels in the order parameters themselves. Folds, marks and thresholds are
    refined to Newton's precision: a branch that loses its signal runs smoothly into its mirror image, and is followed
    to where its overlap vanishes; where weights run away, the threshold is that of :func:`separability`. For labels and
    a convex loss and penalty states are unique, and a fold is a sign of quadrature that fails.

    Examples
    --------
    >>> branch = follow("hinge", "alpha", (0.5, 4.0), marks={"classification_error": 0.5}, margin=1.0, lam=0.1)
    >>> branch.attrs["ended"], set(branch.kind.values.tolist())
    ('reached the end of the parameter interval', {''})
    >>> branch = follow("pca", "alpha", (0.1, 2.0), rho=2.0, eta=1.0)   # detection at α = (η/ρ)²
    >>> round(branch.attrs["threshold"], 9), branch.kind.values[0].item()
    (0.25, 'detection')
    >>> branch = follow("ridge", "lam", (0.01, 10.0), marks={"risk": 0.5}, alpha=2.0, signal=1.0, noise=0.25)
    >>> branch.lam[branch.kind == "risk = 0.5"].values.round(6).tolist()
    [3.556783]
    """
    equations = equations_of(problem)
    ends, given = _checked(equations, name, interval, parameters)
    marks = {"replicon": 1.0} if marks is None else dict(marks)
    with np.errstate(all="ignore"):
        line, x, p = _start(line_of(equations, given, name, ends))
        known = line.fields(x[None], np.array([p]))
        unknown = [field for field in marks if field not in known]
        if unknown:
            raise InputError(f"marks of some of {', '.join(known)}", f"{unknown[0]!r}", "name fields of the states")
        sides = [_Side.followed(line, x, p, side) for side in (-1, 1) if 0 <= p + side * 1e-9 <= 1]
        points = _joined(sides)
        return _dataset(line, _marked(points, marks), sides)


def _checked(equations: Lowered, name: str, interval: tuple[float, float],
             parameters: Mapping[str, Any]) -> tuple[tuple[float, float], dict[str, float]]:
    known = [limits.name for limits in equations.parameters]
    if name not in known or name in parameters:
        raise InputError(f"a parameter among {', '.join(known)}, which is not given as well", f"{name!r}",
                         "choose one to follow, and give the others as numbers")
    ends = inputs.real_array("interval", interval)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise InputError("an interval (low, high) with low < high", f"{interval}", "give its two ends")
    checked = posed(equations, {**parameters, name: ends})
    arrays = [key for key, value in checked.items() if value.ndim and key != name]
    if arrays:
        raise InputError(f"{arrays[0]} as a number", "an axis", "follow one branch at a time")
    return (float(ends[0]), float(ends[1])), {key: float(value) for key, value in checked.items() if key != name}


def _start(line: Line) -> tuple[Line, Floats, float]:
    """Return a line, with the quadrature it takes, and a state at one of its ends, or between."""
    finest: Line | None = line
    while finest is not None:
        for p in (0.0, 1.0, 0.5, 0.25, 0.75):
            found = finest.begin(p)
            if found is not None:
                return finest, found, p
        finest = finest.finer()
    raise InputError("a state of the problem somewhere in the interval",
                     f"none at five values of {line.name} in {line.ends}", "choose an interval that holds some")


@dataclass(frozen=True)
class _Point:
    """A point of a branch, the line that it was found on, its arc and what it is."""

    line: Line
    z: Floats
    arc: float
    kind: str = ""


@dataclass(frozen=True)
class _Side:
    """A branch from its start to one side: its points, whether p fell, why it ended, and the threshold there."""

    points: list[_Point]
    falls: bool
    ended: str
    threshold: float | None = None

    @classmethod
    def followed(cls, line: Line, x: Floats, p: float, side: int) -> _Side:
        """Follow a branch: with finer quadrature where it is needed, to an event, or to where the weights run away."""
        watch, begun = line.watched(x), np.append(x, p)
        found: list[_Point] = []
        while True:
            curve = _curve(line, begun, side)
            arc = found[-1].arc if found else 0.0
            new = [_Point(line, point.z, arc + point.arc, _NAMES[point.kind]) for point in curve.points[bool(found):]]
            rough, following = line.rough(curve.points[-1].z), line.finer()
            found += new[:-1] if rough and (found or len(new) > 1) else new
            if not rough or following is None or line.lost(found[-1].z):
                break
            last = curve.points[max(len(curve.points) - 2, 0)]
            line, begun, side = following, found[-1].z, 1 if last.tangent[-1] >= 0 else -1
        falls = curve.points[0].tangent[-1] < 0 if not found[1:] else found[1].z[-1] < found[0].z[-1]
        event = None if watch is None else _event(found, watch)
        if event is not None:
            value = float(line.parameter(event[-1].z[-1]))
            return cls(event, falls, f"{event[-1].kind} at {line.name} = {value:.6g}", value)
        return cls._ended(found, falls, curve, line)

    @classmethod
    def _ended(cls, found: list[_Point], falls: bool, curve: Curve, line: Line) -> _Side:
        last = found[-1].z
        if curve.status != CurveStatus.STOPPED:
            return cls(found, falls, curve.message)
        limit = line.beyond(float(last[-1]))
        if line.lost(last):
            found[-1] = replace(found[-1], kind="end")
        if limit is not None:
            value = float(line.parameter(limit))
            return cls(found, falls, f"the weights run away towards {line.name} = {value:.6g}: beyond this threshold "
                                     "the data can be separated, and there is no state", value)
        return cls(found, falls, "the weights run away: beyond this threshold there is no state" if line.lost(last) else
                   "the quadrature is no longer accurate to 1e-8")


def _curve(line: Line, begun: Floats, side: int) -> Curve:
    """Follow a branch to one side, to where its weights run away, its quadrature gets rough, or it meets its mirror."""
    watch = line.watched(begun[:-1])

    def stop(point: CurvePoint) -> bool:
        return (watch is not None and watch(point.z) <= 0 < watch(begun)) or line.lost(point.z) or line.rough(point.z)

    return follow_curve(line.family, begun[:-1], float(begun[-1]), (0.0, 1.0), direction=side, settings=_SETTINGS,
                        stop=stop)


def _event(points: list[_Point], watch: Any) -> list[_Point] | None:
    """Return the branch up to where what is watched vanishes, which is its last point; None if it does not.

    There the mirror images turn back and cross the branch without a signal: continuation finds the point as a crossing
    or a fold, refined. Between others the parameter is even in what is watched, and is extrapolated to its zero.
    """
    least = 1e-6 * watch(points[0].z)
    beyond = next((i for i, point in enumerate(points) if watch(point.z) <= least), None)
    if not beyond:
        return None
    before, last = points[:beyond], points[beyond]
    if not last.kind:
        goals = watch(before[-1].z) * np.array([0.2, 0.1, 0.05])
        near = [last.line.crossing(before[-1].z, last.z, lambda z, goal=goal: watch(z) - goal, _SETTINGS.tolerance)
                for goal in goals]
        if any(point is None for point in near):
            return None
        places = np.array([point[0] for point in near if point is not None])
        last = replace(last, z=np.array([1, -20, 64]) @ places / 45)
    kind, z = last.line.event(last.z)
    return [*before, replace(last, kind=kind, z=z)]


def _joined(sides: list[_Side]) -> list[_Point]:
    """Return the points of one branch from both sides of its start, with the arc from its lower end."""
    back = [side.points for side in sides if side.falls]
    forth = [side.points for side in sides if not side.falls]
    points = [replace(point, arc=-point.arc) for half in back for point in reversed(half)]
    points = [*(points[:-1] if forth else points), *[point for half in forth for point in half]]
    return [replace(point, arc=point.arc - points[0].arc) for point in points]


def _fields(points: list[_Point]) -> dict[str, Any]:
    """Return the fields of points, those of neighbours on one line together."""
    groups: list[list[_Point]] = []
    for point in points:
        if groups and groups[-1][-1].line == point.line:
            groups[-1].append(point)
        else:
            groups.append([point])
    found = [group[0].line.fields(np.array([point.z[:-1] for point in group]),
                                  np.array([point.z[-1] for point in group])) for group in groups]
    return {name: np.concatenate([fields[name] for fields in found]) for name in found[0]}


def _marked(points: list[_Point], marks: Mapping[str, float]) -> list[_Point]:
    """Insert the points at which a field has a wanted value."""
    fields, found = _fields(points), list(points)
    for field, wanted in marks.items():
        above = fields[field] > wanted
        for i in np.flatnonzero(above[1:] != above[:-1]):
            old, new, line = points[i], points[i + 1], points[i + 1].line

            def excess(z: Floats, line: Line = line, field: str = field, wanted: float = wanted) -> float:
                return float(line.fields(z[None, :-1], z[-1:])[field][0]) - wanted

            crossed = line.crossing(old.z, new.z, excess, _SETTINGS.tolerance)
            if crossed is not None:
                found.append(_Point(line, crossed[0], old.arc + crossed[1] * (new.arc - old.arc),
                                    f"{field} = {wanted:g}"))
    return sorted(found, key=lambda point: point.arc)


def _dataset(line: Line, points: list[_Point], sides: list[_Side]) -> xr.Dataset:
    import xarray as xr

    p = np.array([point.z[-1] for point in points])
    data: dict[str, Any] = {name: ("point", values) for name, values in _fields(points).items()}
    followed = next(limits for limits in line.equations.parameters if limits.name == line.name)
    coordinates = {line.name: ("point", line.parameter(p), {"long_name": followed.meaning}),
                   "arc": ("point", np.array([point.arc for point in points])),
                   "kind": ("point", np.array([point.kind for point in points])), **line.given}
    thresholds = [side.threshold for side in sides if side.threshold is not None]
    return xr.Dataset(data, coordinates, {
        "title": line.equations.title, "problem": line.equations.name,
        "ended": "; ".join(dict.fromkeys(side.ended for side in sides)),
        "threshold": thresholds[0] if thresholds else np.nan})
