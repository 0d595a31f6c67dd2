"""Follow the states of a problem along one parameter, through folds, to where the branch ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from vaesym import inputs
from vaesym.engine import solve
from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.equations import Equations
from vaesym.engine.lowered import labelled_equations
from vaesym.inputs import Floats, InputError
from vaesym.solvers.branching import Family, correct
from vaesym.solvers.continuation import follow as follow_curve
from vaesym.solvers.curve import Curve, CurvePoint, CurveStatus, PointKind, StepSettings

if TYPE_CHECKING:
    import xarray as xr

#: Offsets and weights of a derivative by differences; it points the way, and Newton does the rest.
_OFFSETS, _WEIGHTS = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([1.0, -8.0, 8.0, -1.0]) / 12
_DIFFERENCE = 1e-3
#: ln of the squared norm beyond which weights run away; parameters over more than this ratio are followed by ratios.
_FAR, _RATIO = float(np.log(1e6)), 4.0
#: Quadrature error at which a branch is given up.
_ROUGH = 1e-8
_SETTINGS = StepSettings(first=0.05, largest=0.25, tolerance=1e-11, turn=0.9)
_NAMES = {PointKind.REGULAR: "", PointKind.FOLD: "fold", PointKind.BRANCH: "branch"}


@dataclass(frozen=True)
class _Line:
    """The equations over one parameter, as p in [0, 1]: its logarithm where the interval spans a large ratio."""

    equations: Equations
    given: Mapping[str, float]
    name: str
    ends: tuple[float, float]
    accuracy: Accuracy

    @property
    def geometric(self) -> bool:
        return self.ends[0] > 0 and self.ends[1] > _RATIO * self.ends[0]

    def parameter(self, p: Any) -> Any:
        """Return the parameter at p."""
        low, high = self.ends
        return low * (high / low) ** p if self.geometric else low + (high - low) * p

    def batch(self, p: Floats) -> Batch:
        """Return the problem at each p (B,)."""
        values = {**self.given, self.name: self.parameter(p)}
        return Batch(self.equations, {limits.name: np.broadcast_to(np.asarray(values[limits.name], float), p.shape)
                                      for limits in self.equations.parameters}, self.accuracy)

    def _residual(self, x: Floats, p: Floats) -> Floats:
        return solve.System(self.batch(p)).residual(np.tile(x, (len(p), 1)), np.arange(len(p)))

    def _derivative(self, x: Floats, p: float) -> Floats:
        # Beside an end of the domain, differences stay on this side of it.
        center = min(max(p, 2 * _DIFFERENCE), 1 - 2 * _DIFFERENCE)
        return _WEIGHTS @ self._residual(x, center + _DIFFERENCE * _OFFSETS) / _DIFFERENCE

    @property
    def family(self) -> Family:
        return Family(lambda x, p: self._residual(x, np.array([p]))[0],
                      lambda x, p: solve.System(self.batch(np.array([p]))).jacobian(x[None], np.arange(1))[0],
                      self._derivative)

    def error(self, z: Floats) -> float:
        """Return the error of the quadrature at a point (x, p)."""
        return float(solve.values_at(self.batch(z[-1:]), z[None, :-1], check=True)[1][0])

    def field(self, z: Floats, name: str) -> float:
        """Return a field at a point (x, p)."""
        return float(solve.values_at(self.batch(z[-1:]), z[None, :-1])[0][name][0])


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
        an ordinary point, "fold", "branch", a mark such as "replicon = 1", or "end" where the weights run away: a
        threshold of separability or capacity), and the fields of :func:`vaesym.engine.solve_problem`. The attribute
        ``ended`` says in words why the branch ends.

    Raises
    ------
    vaesym.InputError
        An unknown problem, parameter or field, an interval that is none, or no state at both of its ends and between.

    Notes
    -----
    Pseudo-arc-length continuation (H. B. Keller 1977) in ln E, m, ln χ and the parameter, or its logarithm where the
    interval spans a large ratio. Folds and marks are refined to Newton's precision. For a convex loss and penalty
    states are unique, and a fold is a sign of quadrature that fails.

    Examples
    --------
    >>> branch = follow("hinge", "alpha", (0.5, 4.0), marks={"classification_error": 0.5}, margin=1.0, lam=0.1)
    >>> branch.attrs["ended"], set(branch.kind.values.tolist())
    ('reached the end of the parameter interval', {''})
    >>> branch = follow("ridge", "lam", (0.01, 10.0), marks={"risk": 0.5}, alpha=2.0, signal=1.0, noise=0.25)
    >>> branch.lam[branch.kind == "risk = 0.5"].values.round(6).tolist()
    [3.556783]
    """
    equations = labelled_equations(problem)
    ends, given = _checked(equations, name, interval, parameters)
    marks = {"replicon": 1.0} if marks is None else dict(marks)
    p, z, accuracy = _start(equations, name, ends, given)
    line = _Line(equations, given, name, ends, accuracy)
    known = solve.values_at(line.batch(np.array([p])), z[None])[0]
    unknown = [field for field in marks if field not in known]
    if unknown:
        raise InputError(f"marks of some of {', '.join(known)}", f"{unknown[0]!r}", "name fields of the states")
    with np.errstate(all="ignore"):
        curves = [_side(line, z, p, side) for side in (-1, 1) if 0 <= p + side * 1e-9 <= 1]
        points = _joined(curves)
        kinds = ["end" if _runs_away(point) else _NAMES[point.kind] for point in points]
        points, kinds = _marked(line, points, kinds, marks)
    return _dataset(line, points, kinds, "; ".join(dict.fromkeys(_ended(curve) for curve in curves)))


def _checked(equations: Equations, name: str, interval: tuple[float, float],
             parameters: Mapping[str, Any]) -> tuple[tuple[float, float], dict[str, float]]:
    known = [limits.name for limits in equations.parameters]
    if name not in known or name in parameters:
        raise InputError(f"a parameter among {', '.join(known)}, which is not given as well", f"{name!r}",
                         "choose one to follow, and give the others as numbers")
    ends = inputs.real_array("interval", interval)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise InputError("an interval (low, high) with low < high", f"{interval}", "give its two ends")
    checked = equations.checked({**parameters, name: ends})
    arrays = [key for key, value in checked.items() if value.ndim and key != name]
    if arrays:
        raise InputError(f"{arrays[0]} as a number", "an axis", "follow one branch at a time")
    return (float(ends[0]), float(ends[1])), {key: float(value) for key, value in checked.items() if key != name}


def _start(equations: Equations, name: str, ends: tuple[float, float],
           given: Mapping[str, float]) -> tuple[float, Floats, Accuracy]:
    """Return p, Newton's variables and the quadrature at which there is a state: at an end, or between."""
    for accuracy in solve.ACCURACIES[:2]:
        line = _Line(equations, given, name, ends, accuracy)
        for p in (0.0, 1.0, 0.5, 0.25, 0.75):
            batch = line.batch(np.array([p]))
            with np.errstate(all="ignore"):
                z, residual = solve.afresh(batch)
                if solve.fields_at(batch, z, residual)["status"][0] in (solve.Status.SOLVED, solve.Status.UNSTABLE):
                    return p, z[0], accuracy
    raise InputError("a state of the problem somewhere in the interval", f"none at five values of {name} in {ends}",
                     "choose an interval that holds some")


def _side(line: _Line, z: Floats, p: float, side: int) -> Curve:
    """Follow a branch to one side; to where the weights run away or the quadrature gets rough."""
    def stop(point: CurvePoint) -> bool:
        return _runs_away(point) or line.error(point.z) > _ROUGH

    return follow_curve(line.family, z, p, (0.0, 1.0), direction=side, settings=_SETTINGS, stop=stop)


def _runs_away(point: CurvePoint) -> bool:
    return bool(max(point.x[0], 2 * np.log(np.abs(point.x[1]) + 1e-300)) > _FAR)


def _ended(curve: Curve) -> str:
    if _runs_away(curve.points[-1]):
        return "the weights run away: beyond this threshold there is no state"
    if curve.status == CurveStatus.STOPPED:
        return "the quadrature is no longer accurate to 1e-8, as where weights grow towards a threshold"
    return curve.message


def _joined(curves: list[Curve]) -> list[CurvePoint]:
    """Return the points of one branch from both sides of its start, with the arc from its lower end."""
    back = [curve for curve in curves if curve.points[0].tangent[-1] < 0]
    forth = [curve for curve in curves if curve.points[0].tangent[-1] >= 0]
    points = [replace(point, arc=-point.arc) for curve in back for point in reversed(curve.points)]
    points = [*(points[:-1] if forth else points), *[point for curve in forth for point in curve.points]]
    return [replace(point, arc=point.arc - points[0].arc) for point in points]


def _marked(line: _Line, points: list[CurvePoint], kinds: list[str],
            marks: Mapping[str, float]) -> tuple[list[CurvePoint], list[str]]:
    """Insert the points at which a field has a wanted value."""
    batch = line.batch(np.array([point.p for point in points]))
    fields = solve.values_at(batch, np.array([point.x for point in points]))[0]
    found = list(zip(points, kinds, strict=True))
    for field, wanted in marks.items():
        above = fields[field] > wanted
        for i in np.flatnonzero(above[1:] != above[:-1]):
            point = _crossing(line, points[i], points[i + 1], field, wanted)
            found += [] if point is None else [(point, f"{field} = {wanted:g}")]
    found.sort(key=lambda pair: pair[0].arc)
    return [point for point, _ in found], [kind for _, kind in found]


def _crossing(line: _Line, old: CurvePoint, new: CurvePoint, field: str, wanted: float) -> CurvePoint | None:
    chord = new.z - old.z

    def at(fraction: float) -> Floats:
        found = correct(line.family, old.z + fraction * chord, chord / np.linalg.norm(chord), _SETTINGS.tolerance)
        return np.full_like(old.z, np.nan) if found is None else found[0]

    try:
        fraction: Any = brentq(lambda s: line.field(at(s), field) - wanted, 0.0, 1.0, xtol=1e-13)
    except ValueError:  # the field jumps, or Newton fails between
        return None
    return replace(old, z=at(fraction), arc=old.arc + fraction * (new.arc - old.arc), kind=PointKind.REGULAR)


def _fields(line: _Line, z: Floats, p: Floats) -> dict[str, Any]:
    batch = line.batch(p)
    residual = np.abs(solve.System(batch).residual(z, np.arange(len(p)))).max(axis=1)
    return solve.fields_at(batch, z, residual)


def _dataset(line: _Line, points: list[CurvePoint], kinds: list[str], ended: str) -> xr.Dataset:
    import xarray as xr

    p, z = np.array([point.p for point in points]), np.array([point.x for point in points])
    with np.errstate(all="ignore"):
        fields = _fields(line, z, p)
    data: dict[str, Any] = {name: ("point", values) for name, values in fields.items()}
    followed = next(limits for limits in line.equations.parameters if limits.name == line.name)
    coordinates = {line.name: ("point", line.parameter(p), {"long_name": followed.meaning}),
                   "arc": ("point", np.array([point.arc for point in points])), "kind": ("point", np.array(kinds)),
                   **line.given}
    return xr.Dataset(data, coordinates, {"title": line.equations.title, "problem": line.equations.name,
                                          "ended": ended})
