"""Bifurcation diagrams: the replica-symmetric states over one parameter, joined at folds and branch points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.fields import BRANCH_FIELDS, flag
from vaesym.linear_vae.point.formulas import PARAMETERS
from vaesym.linear_vae.point.labelled import Axes, dataset, meaning
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.linear_vae.point.solution import Phase
from vaesym.linear_vae.states.branches import Stability
from vaesym.linear_vae.states.replica_curve import Walk, locally_stable, replica_family
from vaesym.linear_vae.states.saddle import saddle_points
from vaesym.linear_vae.states.unknowns import from_unknowns, replicon, to_unknowns
from vaesym.solvers.curve import CurvePoint, PointKind, StepSettings
from vaesym.solvers.newton import Status

if TYPE_CHECKING:
    import xarray as xr

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


@dataclass(frozen=True)
class BifurcationBranch:
    """One curve of states between branch points, interval ends or where it ends by itself.

    ``phase``; per point (k,): ``parameter``, ``Q E R m d D``, ``free_energy``, ``replicon``, ``stability``
    (:class:`Stability`) and ``kind`` (:class:`vaesym.solvers.PointKind`); ``chi`` (k, 2, 2); ``messages``, why each
    end is one. m ≥ 0: the mirrored branch (−m, −d) is left out. What vanishes does so to rounding.
    """

    phase: Phase
    parameter: Floats
    Q: Floats
    E: Floats
    R: Floats
    m: Floats
    d: Floats
    D: Floats
    chi: Floats
    free_energy: Floats
    replicon: Floats
    stability: NDArray[np.int64]
    kind: NDArray[np.int64]
    messages: tuple[str, str]


@dataclass(frozen=True)
class BifurcationDiagram:
    """All branches found over ``interval`` of ``parameter``; the other four parameters are in ``fixed``."""

    parameter: str
    interval: tuple[float, float]
    fixed: dict[str, float]
    branches: tuple[BifurcationBranch, ...]

    def special(self, phase: Phase, kind: PointKind) -> Floats:
        """Return the parameter values, ascending, of the folds or branch points on the branches of a phase."""
        values = [b.parameter[b.kind == kind] for b in self.branches if b.phase == phase]
        found = np.sort(np.concatenate([np.zeros(0), *values]))
        return found[np.append(True, np.diff(found) > 1e-9 * found[1:])[:len(found)]]

    def to_xarray(self) -> xr.Dataset:
        """Return a dataset over (branch, point), padded with NaN, −1 where whole numbers stand.

        Beside the branches stand, over (sample, state), the stationary points ``closed_form_Q`` of the exact potential
        at values of the parameter spread over the interval, with ``closed_form_phase`` (state); NaN where none is.
        """
        return _labelled(self)


def _seeds(walk: Walk) -> list[tuple[Floats, float]]:
    """All states at a few parameter values, with the logarithm of that value."""
    logs = np.linspace(*walk.interval, _SEEDS)
    found = saddle_points(**dict(zip(PARAMETERS, walk.given(logs), strict=True)))
    values = np.stack([getattr(found, name) for name in "QERmdD"]
                      + [found.chi[..., i, j] for i, j in ((0, 0), (0, 1), (1, 1))], axis=-1)
    return [(to_unknowns(values[i, j]), float(logs[i])) for i, j in np.argwhere(found.status == Status.CONVERGED)]


def _least(walk: Walk) -> list[Floats]:
    """Return the least free energy at each point of each curve, by Newton from the named states; collapse has 0."""
    logs = np.array([point.p for points in walk.curves for point in points])
    found = saddle_points(**dict(zip(PARAMETERS, walk.given(logs), strict=True))).free_energy[..., 0]
    return np.split(np.where(np.isfinite(found), found, 0.0), np.cumsum([len(points) for points in walk.curves])[:-1])


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
    return BifurcationBranch(
        phase=phase, parameter=np.exp(logs), **dict(zip("QERmdD", states.T[:6], strict=True)),
        chi=states[:, [6, 7, 7, 8]].reshape(-1, 2, 2), free_energy=energy, replicon=replicon(given, states),
        stability=stability, kind=kind, messages=ends)


def _checked(parameter: str, interval: tuple[float, float], given: dict[str, float | None]) -> dict[str, float]:
    """Return the four fixed parameters, or raise for what does not fit."""
    if parameter not in PARAMETERS or given[parameter] is not None:
        raise InputError(f"a parameter among {list(PARAMETERS)} whose own argument is None",
                         f"{parameter!r} with {given}", "name the one that varies and pass it as None")
    low, high = (inputs.positive("interval", end) for end in interval)
    if low.ndim or high.ndim or not low < high:
        raise InputError("an interval of two numbers, low < high", f"{interval}", "order them")
    formulas.parameters(**{parameter: np.array([low, high])})
    fixed: dict[str, float] = {}
    for name in PARAMETERS:
        if name != parameter:
            value = inputs.positive(name, given[name])
            if value.ndim:
                raise InputError(f"a number {name}", f"shape {value.shape}", "call once for each parameter set")
            fixed[name] = float(value)
    formulas.parameters(**fixed)
    return fixed


def bifurcation_diagram(parameter: str, interval: tuple[float, float], *, alpha: float | None = None,
                        beta: float | None = None, lam: float | None = None, rho: float | None = 1.0,
                        eta: float | None = 1.0, settings: StepSettings | None = None) -> BifurcationDiagram:
    r"""Follow every replica-symmetric state over one parameter.

    Collapse, learning and overfitting come from the nine stationarity equations alone: states found at a few values
    are followed through folds (spinodals) and to branch points (collapse, detection of the signal, edge of the noise),
    and there all curves are taken up. Curves with a replicon above 1 or with negative norms are dropped.

    Parameters
    ----------
    parameter : "alpha", "beta", "lam", "rho" or "eta"; that argument must be None
    interval : its least and largest value, > 0
    alpha, beta, lam, rho, eta : numbers > 0 (at λ = 0 the collapsed state has no finite χ)
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
    branches = tuple(_branch(walk, *curve) for curve in zip(walk.curves, walk.ends, _least(walk), strict=True))
    return BifurcationDiagram(parameter, (float(interval[0]), float(interval[1])), fixed, branches)


def _labelled(diagram: BifurcationDiagram) -> xr.Dataset:
    """Return the branches over (branch, point) and the closed form over (sample, state).

    Examples
    --------
    >>> from vaesym.linear_vae import bifurcation_diagram
    >>> data = _labelled(bifurcation_diagram("beta", (1.5, 3.0), alpha=4.0, lam=0.5))
    >>> data.Q.dims, data.closed_form_Q.dims, data.stability.flag_meanings
    (('branch', 'point'), ('sample', 'state'), 'stable metastable unstable marginal')
    """
    longest = max((len(branch.parameter) for branch in diagram.branches), default=0)

    def padded(name: str) -> Any:
        kind, fill = (np.int32, -1) if name in _KINDS else (np.float64, np.nan)
        rows = np.full((len(diagram.branches), longest), fill, dtype=kind)
        for row, branch in zip(rows, diagram.branches, strict=True):
            row[: len(branch.parameter)] = getattr(branch, name)
        return rows

    x = _sampled(diagram)
    variables: dict[str, tuple[Any, Any]] = {name: (("branch", "point"), padded(name)) for name in (*_NUMBERS, *_KINDS)}
    phases = np.array([branch.phase for branch in diagram.branches], dtype=np.int32)
    variables |= {"phase": ("branch", phases), "closed_form_Q": (("sample", "state"), _closed_form(diagram, x)),
                  "closed_form_phase": ("state", np.array([Phase.REGULARIZED, *[Phase.LEARNING] * 2,
                                                           *[Phase.OVERFITTING] * 2], dtype=np.int32))}
    coordinates = {diagram.parameter: (("branch", "point"), padded("parameter"), meaning(diagram.parameter)),
                   f"closed_form_{diagram.parameter}": ("sample", x, meaning(diagram.parameter))}
    empty = Axes((), {}, coordinates)
    data = dataset(empty, "bifurcation diagram of the linear beta-VAE", {}, **diagram.fixed)
    data.attrs["parameter"] = diagram.parameter
    data = data.assign({name: (*value, _meaning(name)) for name, value in variables.items()})
    for name, kinds in {"phase": Phase, "closed_form_phase": Phase, "stability": Stability, "kind": PointKind}.items():
        flag(data[name], kinds)
    return data


def _meaning(name: str) -> dict[str, str]:
    return BRANCH_FIELDS[name].attributes if name in BRANCH_FIELDS else meaning(name)


def _sampled(diagram: BifurcationDiagram) -> Floats:
    """Values over the interval, spread evenly if it is shorter than a decade and a half, geometrically otherwise."""
    low, high = diagram.interval
    spread = np.geomspace if high > 30 * low else np.linspace
    return np.clip(spread(low, high, _SAMPLES), low, high)


def _closed_form(diagram: BifurcationDiagram, values: Floats) -> Floats:
    """Return (k, 5): collapse; the minimum and the barrier along the signal; those along noise (NaN: there is none)."""
    alpha, beta, lam, rho, eta = (values if name == diagram.parameter else np.full(values.shape, diagram.fixed[name])
                                  for name in PARAMETERS)
    detected = formulas.detection(alpha, rho, eta)[:, None] > 0
    signal = potential_branches(alpha, beta, lam, formulas.top_eigenvalue(alpha, rho, eta)[0])
    noise = potential_branches(alpha, beta, lam, formulas.bulk_edge(alpha, eta))
    return np.concatenate([signal[:, :1], np.where(detected, signal[:, 1:], np.nan), noise[:, 1:]], axis=1)
