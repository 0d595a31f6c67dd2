"""Bifurcation diagrams: the replica-symmetric states over one parameter, joined at folds and branch points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import PROBLEM, check, numbers
from vaesym.linear_vae.point.fields import Phase, Stability
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.states.branches import PHASES
from vaesym.linear_vae.states.branches import branches as closed_form
from vaesym.linear_vae.states.replica_curve import Walk, locally_stable, replica_family
from vaesym.linear_vae.states.saddle import saddle_points
from vaesym.linear_vae.states.unknowns import from_unknowns, replicon, to_unknowns
from vaesym.solvers.continuation import start_point
from vaesym.solvers.curve import CurvePoint, PointKind, StepSettings
from vaesym.solvers.newton import Status

_TITLE = "bifurcation diagram of the linear beta-VAE"
#: Norms and overlaps below this are zero.
_ZERO = 1e-7
#: Relative distance of free energies that counts as a tie.
_TIE = 1e-10
#: Parameter values at which states are sought that no branch point leads to.
_SEEDS = 7
#: Values of the parameter at which the closed form is computed.
_SAMPLES = 61
#: Fields of a point of a branch; whole numbers are padded with −1.
_NUMBERS = ("Q", "E", "R", "m", "d", "D", "free_energy", "replicon")
_KINDS = ("stability", "kind")


@dataclass(frozen=True, repr=False, eq=False)
class BifurcationBranch(States):
    """One curve of states between branch points, interval ends or where it ends by itself.

    ``phase``; per point (k,): ``parameter``, ``Q E R m d D``, ``free_energy``, ``replicon``, ``stability``
    (:class:`Stability`) and ``kind`` (:class:`vaesym.solvers.PointKind`); ``chi`` (k, 2, 2); ``messages``, why each
    end is one. m ≥ 0: the mirrored branch (−m, −d) is left out. What vanishes does so to rounding.
    """

    @property
    def parameter(self) -> Floats:
        """The values of the parameter that varies."""
        ((_, values),) = self.coordinates.values()
        return values


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class BifurcationDiagram(States):
    """All branches found over ``interval`` of ``parameter``; the other four parameters are in ``fixed``.

    Its own fields are those of its branches over (branch, point), padded with NaN, −1 where whole numbers stand. Beside
    them stand, over (sample, state), the stationary points ``closed_form_Q`` of the exact potential at values of the
    parameter spread over the interval, with ``closed_form_phase`` (state); NaN where none is.
    """

    interval: tuple[float, float]
    fixed: dict[str, float]
    branches: tuple[BifurcationBranch, ...]

    def special(self, phase: Phase, kind: PointKind) -> Floats:
        """Return the parameter values, ascending, of the folds or branch points on the branches of a phase."""
        values = [b.parameter[b.kind == kind] for b in self.branches if b.phase == phase]
        found = np.sort(np.concatenate([np.zeros(0), *values]))
        return found[np.append(True, np.diff(found) > 1e-9 * found[1:])[:len(found)]]


def _seeds(walk: Walk) -> list[tuple[Floats, float]]:
    """All states at a few parameter values, with the logarithm of that value."""
    logs = np.linspace(*walk.interval, _SEEDS)
    found = saddle_points(**dict(zip(PROBLEM, walk.given(logs), strict=True)))
    values = np.stack([getattr(found, name) for name in "QERmdD"]
                      + [found.chi[..., i, j] for i, j in ((0, 0), (0, 1), (1, 1))], axis=-1)
    return [(to_unknowns(values[i, j]), float(logs[i])) for i, j in np.argwhere(found.status == Status.CONVERGED)]


def _least(walk: Walk) -> list[Floats]:
    """Return the least free energy at each point of each curve, by Newton from the named states; collapse has 0."""
    logs = np.array([point.p for points in walk.curves for point in points])
    found = saddle_points(**dict(zip(PROBLEM, walk.given(logs), strict=True))).free_energy[..., 0]
    return np.split(np.where(np.isfinite(found), found, 0.0), np.cumsum([len(points) for points in walk.curves])[:-1])


def _between(walk: Walk, ends: tuple[CurvePoint, CurvePoint], p: float) -> CurvePoint:
    """Return the point of a curve at p between two of its points."""
    old, new = ends
    return start_point(walk.family, old.x + (p - old.p) / (new.p - old.p) * (new.x - old.x), p)


def _energy(walk: Walk, points: Sequence[CurvePoint]) -> Floats:
    states = from_unknowns(np.array([point.x for point in points]))
    return formulas.free_energy(*walk.given(np.array([point.p for point in points])), *states.T)


def _with_coexistence(walk: Walk, points: tuple[CurvePoint, ...], places: Sequence[float]) -> tuple[CurvePoint, ...]:
    """Return the points of a curve with those at the places of coexistence among them."""
    found = list(points[:1])
    for ends in pairwise(points):
        inside = [p for p in places if min(ends[0].p, ends[1].p) < p < max(ends[0].p, ends[1].p)]
        found += [_between(walk, ends, p) for p in sorted(inside, reverse=ends[1].p < ends[0].p)] + [ends[1]]
    return tuple(found)


def _coexistence(walk: Walk) -> list[float]:
    """Return where the free energy of an active state is that of collapse, 0: the global minimum changes there."""
    from scipy.optimize import brentq

    places: list[float] = []
    for points in walk.curves:
        energy = _energy(walk, points)
        apart = np.abs(energy) > _TIE
        for i in np.flatnonzero((np.diff(np.sign(energy)) != 0) & apart[:-1] & apart[1:]):
            ends = points[i], points[i + 1]

            def excess(p: float, ends: tuple[CurvePoint, CurvePoint] = ends) -> float:
                return float(_energy(walk, [_between(walk, ends, p)])[0])

            places.append(float(cast("Any", brentq(excess, ends[0].p, ends[1].p, xtol=1e-14))))
    return places


def _branch(walk: Walk, points: tuple[CurvePoint, ...], ends: tuple[str, str], least: Floats) -> BifurcationBranch:
    """Return the arrays of one curve, with the stability of its states."""
    logs = np.array([point.p for point in points])
    states, given = from_unknowns(np.array([point.x for point in points])), walk.given(logs)
    kind = np.array([point.kind for point in points], dtype=np.int64)
    regular = kind == PointKind.REGULAR
    signal = bool(states[:, 3].max() > _ZERO)
    phase = Phase.LEARNING if signal else Phase.OVERFITTING if states[:, 0].max() > _ZERO else Phase.REGULARIZED
    energy = formulas.free_energy(*given, *states.T)
    deepest = energy <= least + _TIE * (1 + np.abs(energy))
    minimum = locally_stable(given, states, signal=signal) > 0
    labels = [Stability.MARGINAL, Stability.UNSTABLE, Stability.METASTABLE]
    stability = np.select([~regular, ~minimum, ~deepest], labels, Stability.STABLE).astype(np.int64)
    fields = {**dict(zip("QERmdD", states.T[:6], strict=True)), "free_energy": energy,
              "replicon": replicon(given, states), "stability": stability, "kind": kind}
    named: dict[str, tuple[tuple[str, ...], Any]] = {name: (("point",), value) for name, value in fields.items()}
    named |= {"phase": ((), phase), "chi": (("point", "row", "column"), states[:, [6, 7, 7, 8]].reshape(-1, 2, 2))}
    return BifurcationBranch(named, {walk.parameter: (("point",), np.exp(logs))}, {"messages": ends})


def _checked(parameter: str, interval: tuple[float, float], given: dict[str, float | None]) -> dict[str, float]:
    """Return the four fixed parameters, or raise for what does not fit."""
    if parameter not in PROBLEM or given[parameter] is not None:
        raise InputError(f"a parameter among {list(PROBLEM)} whose own argument is None",
                         f"{parameter!r} with {given}", "name the one that varies and pass it as None")
    ends = check(parameter, interval, shape="axis")
    if len(ends) != 2 or not 0 < ends[0] < ends[1]:
        raise InputError("an interval of two numbers, 0 < low < high", f"{interval}", "order them")
    fixed = {name: value for name, value in given.items() if name != parameter}
    inputs.positive("lam", fixed.get("lam", 1.0))
    return dict(zip(fixed, numbers(**fixed), strict=True))


def bifurcation_diagram(parameter: str, interval: tuple[float, float], *, alpha: float | None = None,
                        beta: float | None = None, lam: float | None = None, rho: float | None = 1.0,
                        eta: float | None = 1.0, settings: StepSettings | None = None) -> BifurcationDiagram:
    r"""Follow every replica-symmetric state over one parameter.

    Collapse, learning and overfitting come from the nine stationarity equations alone: states found at a few values
    are followed through folds (spinodals) and to branch points (collapse, detection of the signal, edge of the noise),
    and there all curves are taken up. Where an active state has the free energy of collapse (coexistence), both curves
    have a point. Curves with a replicon above 1 or with negative norms are dropped.

    Parameters
    ----------
    parameter : "alpha", "beta", "lam", "rho" or "eta"; that argument must be None
    interval : its least and largest value, > 0
    alpha, beta, lam, rho, eta : as in :func:`vaesym.solve`, numbers > 0 (at λ = 0 the collapsed state has no finite χ)
    settings : steps, in the unknowns and the logarithm of the parameter

    Returns
    -------
    BifurcationDiagram

    Raises
    ------
    vaesym.InputError
        An unknown parameter, a parameter outside its domain, an interval that is none, or one over which no state is
        found at all.

    Notes
    -----
    [IH, Claim 5.2] for the equations. A branch that no branch point of a found one leads to, and that none of the
    values tried lies on, is missed; steps suit parameters of ordinary size.

    Examples
    --------
    >>> diagram = bifurcation_diagram("beta", (0.5, 3.0), alpha=4.0, lam=0.5)
    >>> diagram.special(Phase.LEARNING, PointKind.BRANCH).round(10)
    array([2.17222222])
    """
    given = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta}
    fixed = _checked(parameter, interval, given)
    logs = float(np.log(interval[0])), float(np.log(interval[1]))
    walk = Walk(replica_family(parameter, fixed), parameter, fixed, logs, settings or StepSettings(), [], [])
    for x, p in _seeds(walk):
        walk.seed(x, p)
    if not walk.curves:
        raise InputError("parameters at which Newton finds a state", f"{parameter} in {interval}, {fixed}",
                         "choose a wider interval or parameters of ordinary size; branches has the closed form")
    places = _coexistence(walk)
    walk.curves[:] = [_with_coexistence(walk, points, places) for points in walk.curves]
    branches = tuple(_branch(walk, *curve) for curve in zip(walk.curves, walk.ends, _least(walk), strict=True))
    ends = (float(interval[0]), float(interval[1]))
    return BifurcationDiagram(*_joined(walk, branches, ends), {"title": _TITLE, "parameter": parameter, **fixed},
                              interval=ends, fixed=fixed, branches=branches)


def _joined(walk: Walk, branches: tuple[BifurcationBranch, ...], interval: tuple[float, float]) -> tuple[Any, Any]:
    """Return fields and coordinates of all branches over (branch, point), beside the closed form over (sample, state).

    >>> diagram = bifurcation_diagram("beta", (1.5, 3.0), alpha=4.0, lam=0.5)
    >>> diagram.Q.shape == diagram.beta.shape, diagram.closed_form_Q.shape, diagram.to_xarray().stability.flag_meanings
    (True, (61, 5), 'stable metastable unstable marginal')
    """
    longest = max(len(branch.parameter) for branch in branches)

    def padded(name: str) -> tuple[tuple[str, str], Any]:
        kind, fill = (np.int32, -1) if name in _KINDS else (np.float64, np.nan)
        rows = np.full((len(branches), longest), fill, dtype=kind)
        for row, branch in zip(rows, branches, strict=True):
            row[: len(branch.parameter)] = getattr(branch, name)
        return ("branch", "point"), rows

    x = _sampled(interval)
    closed = closed_form(**{**walk.fixed, walk.parameter: x})
    fields: dict[str, Any] = {name: padded(name) for name in (*_NUMBERS, *_KINDS)}
    fields |= {"phase": (("branch",), np.array([branch.phase for branch in branches], np.int32)),
               "closed_form_Q": (("sample", "state"), closed.Q),
               "closed_form_phase": (("state",), np.array(PHASES, np.int32))}
    return fields, {walk.parameter: padded("parameter"), f"closed_form_{walk.parameter}": (("sample",), x)}


def _sampled(interval: tuple[float, float]) -> Floats:
    """Values over the interval, spread evenly if it is shorter than a decade and a half, geometrically otherwise."""
    low, high = interval
    spread = np.geomspace if high > 30 * low else np.linspace
    return np.clip(spread(low, high, _SAMPLES), low, high)
