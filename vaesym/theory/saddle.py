"""Replica-symmetric stationary points, found by Newton on the nine generated equations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonResult, NewtonSettings, Status, newton
from vaesym.theory import model
from vaesym.theory.model import PARAMETERS
from vaesym.theory.solution import Phase
from vaesym.theory.starts import COLLAPSED, INFORMED, NOISE, Start, barrier_points, starting_points
from vaesym.theory.unknowns import MARGINAL, chain, from_unknowns, replicon, to_unknowns

if TYPE_CHECKING:
    import xarray as xr

#: Two stationary points closer than this (relative to 1 + |value|) in Q and m are one.
_SAME = 1e-6
#: Order parameters below this are those of the collapsed state, or of a state without signal.
_ZERO = 1e-9
#: Status of a branch slot that holds nothing.
ABSENT = -1


@dataclass(frozen=True)
class SaddlePoints:
    r"""Physical stationary points of the replica-symmetric free energy, in order of free energy.

    Every array has the broadcast shape of the arguments and a last axis ``branch``; unused slots hold NaN.

    Attributes
    ----------
    Q, E, R, m, d, D : order parameters, with m ≥ 0 (of the pair ±(m, d))
    chi : susceptibilities (…, branch, 2, 2), positive definite
    free_energy : value of the free energy there; its least is the global minimum
    phase : :class:`Phase` of the state, −1 in unused slots
    replicon : αη² max|eig χG|²; replica symmetry is stable where it is ≤ 1
    residual : largest absolute residual of the nine equations
    iterations : Newton iterations spent
    status : :class:`vaesym.solvers.Status`; −1 in unused slots. A point at which nothing converged has the status of
        its last attempt in slot 0.
    parameters : the arguments, broadcast
    """

    Q: Floats
    E: Floats
    R: Floats
    m: Floats
    d: Floats
    D: Floats
    chi: Floats
    free_energy: Floats
    phase: NDArray[np.int64]
    replicon: Floats
    residual: Floats
    iterations: NDArray[np.int64]
    status: NDArray[np.int64]
    parameters: dict[str, Floats]

    @property
    def branches(self) -> NDArray[np.int64]:
        """How many branches were found at each point."""
        return (self.status == Status.CONVERGED).sum(axis=-1)

    def to_xarray(self) -> xr.Dataset:
        """Return the points as a labelled dataset with the dimension ``branch``."""
        import xarray as xr

        dims = [*(f"dim_{i}" for i in range(self.status.ndim - 1)), "branch"]
        names = ("Q", "E", "R", "m", "d", "D", "free_energy", "phase", "replicon", "residual", "iterations", "status")
        data: dict[str, Any] = {name: (dims, getattr(self, name)) for name in names}
        data["chi"] = ([*dims, "row", "column"], self.chi)
        return xr.Dataset(data, {name: (dims[:-1], value) for name, value in self.parameters.items()})


@dataclass
class _Found:
    """One attempt at a family of starts over the whole batch."""

    value: Floats
    residual: Floats
    iterations: NDArray[np.int64]
    status: NDArray[np.int64]


def _physical(parameters: list[Floats], x: Floats) -> NDArray[np.bool_]:
    """χ⁻¹ + ηA ≻ 0, D > 0 and norms that are not negative (up to rounding at the collapsed state).

    With χ ≻ 0, which the unknowns ensure, and A_kk = 0 the first condition is that of the determinant alone.
    """
    averaged = model.field_determinant(*parameters, *x.T) > 0
    return averaged & (x[:, 5] > 0) & (x[:, 0] > -_ZERO) & (x[:, 1] > -_ZERO)


def _run(start: Floats, parameters: list[Floats], settings: NewtonSettings) -> NewtonResult:
    """Newton on the nine equations, in unknowns that keep χ ≻ 0, inside the physical domain."""

    def given(rows: NDArray[np.int64]) -> list[Floats]:
        return [p[rows] for p in parameters]

    with np.errstate(all="ignore"):  # trial points may leave the domain; the solver rejects what is not finite
        result = newton(
            lambda y, rows: model.stationarity(*given(rows), *from_unknowns(y).T),
            lambda y, rows: chain(y, model.stationarity_jacobian(*given(rows), *from_unknowns(y).T)),
            to_unknowns(start), feasible=lambda y, rows: _physical(given(rows), from_unknowns(y)), settings=settings)
        return replace(result, value=from_unknowns(result.value))


def _search(state: str, starts: Iterable[Callable[[list[Floats], Floats], Floats]], parent: Floats,
            parameters: list[Floats], settings: NewtonSettings, pending: NDArray[np.int64]) -> _Found:
    """Try starts in turn, each on those of the points ``pending`` that have not converged to the wanted state yet."""
    size = len(parameters[0])
    found = _Found(np.full((size, 9), np.nan), np.full(size, np.nan), np.zeros(size, np.int64),
                   np.full(size, Status.INFEASIBLE_START, np.int64))
    for start in starts:
        if not len(pending):
            break
        given = [p[pending] for p in parameters]
        result = _run(start(given, parent[pending]), given, settings)
        wanted = result.converged & _is_state(result.value, state)
        wanted[wanted] &= replicon([p[wanted] for p in given], result.value[wanted]) <= 1 + MARGINAL
        found.iterations[pending] += result.iterations
        attempted = result.status != Status.INFEASIBLE_START
        # Converged, but to another state: for this family that is a stall.
        status = np.where(wanted, Status.CONVERGED, np.maximum(result.status, Status.STALLED))
        found.status[pending[attempted]] = status[attempted]
        found.value[pending[wanted]] = result.value[wanted]
        found.residual[pending[wanted]] = result.residual[wanted]
        pending = pending[~wanted]
    return found


def _families(parameters: list[Floats], settings: NewtonSettings) -> list[_Found]:
    """Search for collapse, for the stable states without and with signal, and for the barriers below those.

    The state with signal branches off the one that learns noise, and is not sought where that is stable against it.
    """
    everywhere = np.arange(len(parameters[0]))
    nothing = np.full((len(everywhere), 9), np.nan)

    def search(family: tuple[Start, ...], rows: NDArray[np.int64]) -> _Found:
        starts = [lambda given, _, start=start: starting_points(start, given) for start in family]
        return _search(family[0].state, starts, nothing, parameters, settings, rows)

    collapsed, noise = search(COLLAPSED, everywhere), search(NOISE, everywhere)
    informed = search(INFORMED, np.flatnonzero(~_repels_signal(parameters, noise)))
    barriers = [
        _search(state, [lambda given, parent: barrier_points(parent, given)], found.value, parameters, settings,
                np.flatnonzero(found.status == Status.CONVERGED))
        for state, found in (("informed", informed), ("noise", noise))
    ]
    return [collapsed, informed, noise, *barriers]


def _repels_signal(parameters: list[Floats], noise: _Found) -> NDArray[np.bool_]:
    """Where a state without signal was found at which the second derivatives in (m, d) are those of a minimum."""
    rows = np.flatnonzero(noise.status == Status.CONVERGED)
    hessian = model.stationarity_jacobian(*[p[rows] for p in parameters], *noise.value[rows].T)
    stable = np.zeros(len(parameters[0]), dtype=np.bool_)
    stable[rows] = hessian[:, 3, 3] * hessian[:, 4, 4] > hessian[:, 3, 4] ** 2
    return stable


def _is_state(x: Floats, state: str) -> NDArray[np.bool_]:
    """Whether a stationary point is of the named kind; a start may fall into another state's basin."""
    if state == "collapsed":
        return x[:, 0] < _ZERO
    return (x[:, 0] > _ZERO) & ((np.abs(x[:, 3]) > _ZERO) == (state == "informed"))


def saddle_points(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0,
                  settings: NewtonSettings | None = None) -> SaddlePoints:
    r"""Find the physical stationary points of the replica-symmetric free energy.

    The nine equations are solved by damped Newton with their exact Jacobian, from named states (collapsed,
    informed, noise, and the barriers between them) that use crude guesses and not the closed-form solution.
    χ = LLᵀ is solved for by its Cholesky factor, so that the spurious branch with χ indefinite does not exist. Steps
    that leave χ⁻¹ + ηA ≻ 0 are shortened, so that for α < 1 the saddles in the gap of the data's spectrum, at which
    χ ≻ 0 but the average over a sample does not exist, are never entered. Of the two χ that share all overlaps, whose
    replicon values are reciprocal, the one with a replicon above 1 is rejected.

    Parameters
    ----------
    alpha, beta, lam, rho, eta : as in :func:`vaesym.solve`; λ > 0 is needed for the collapsed state's χ
    settings : tolerance and iterations of Newton

    Returns
    -------
    SaddlePoints
        With a last axis ``branch``, in order of free energy.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or shapes that do not broadcast.

    Notes
    -----
    Free energy of [IH, Claim 5.2] with its conjugates eliminated; stability after de Almeida and Thouless (1978).

    Examples
    --------
    >>> points = saddle_points(2.0, 1.0, lam=1.0)
    >>> round(float(points.Q[0]), 10), round(float(points.free_energy[0]), 10), int(points.phase[0])
    (0.5959146552, -0.2488716676, 2)
    """
    checked = model.parameters(alpha=alpha, beta=beta, lam=lam, rho=rho, eta=eta)
    shape = checked[0].shape
    flat = [np.ascontiguousarray(p).ravel() for p in checked]
    attempts = _families(flat, settings or NewtonSettings())
    fields = _collect(attempts, flat)
    shaped = {name: value.reshape(shape + value.shape[1:]) for name, value in fields.items()}
    return SaddlePoints(**shaped, parameters=dict(zip(PARAMETERS, checked, strict=True)))


def _collect(attempts: list[_Found], parameters: list[Floats]) -> dict[str, Any]:
    """Drop repeated points, order by free energy, and add what is derived from the order parameters."""
    values = np.stack([attempt.value for attempt in attempts], axis=1)
    status = np.stack([attempt.status for attempt in attempts], axis=1)
    iterations = np.stack([attempt.iterations for attempt in attempts], axis=1)
    residual = np.stack([attempt.residual for attempt in attempts], axis=1)
    values[..., 3:5] *= np.where(values[..., 3:4] < 0, -1.0, 1.0)
    good = status == Status.CONVERGED
    for i in range(1, len(attempts)):
        for j in range(i):
            gap = np.abs(values[:, i] - values[:, j]) <= _SAME * (1 + np.abs(values[:, i]))
            good[:, i] &= ~(good[:, j] & gap[:, 0] & gap[:, 3])
    values[~good] = np.nan
    given = [p[:, None] for p in parameters]
    with np.errstate(invalid="ignore"):  # NaN in empty slots
        energy = model.free_energy(*given, *np.moveaxis(values, -1, 0))
        stability = np.where(good, replicon(given, values), np.nan)
    order = np.argsort(np.where(good, energy, np.inf), axis=1, kind="stable")

    def sort(array: Any) -> Any:
        return np.take_along_axis(array, order.reshape(order.shape + (1,) * (array.ndim - 2)), axis=1)

    values, good, energy, residual = sort(values), sort(good), sort(energy), sort(residual)
    failed = ~good.any(axis=1)
    labels = np.where(good, Status.CONVERGED, ABSENT)
    labels[failed, 0] = status[failed].max(axis=1)
    signal = np.where(values[..., 3] > _ZERO, Phase.LEARNING, Phase.OVERFITTING)
    phase = np.where(values[..., 0] < _ZERO, Phase.REGULARIZED, signal)
    chi = values[..., [6, 7, 7, 8]].reshape((*values.shape[:2], 2, 2))
    named = dict(zip("QERmdD", np.moveaxis(values[..., :6], -1, 0), strict=True))
    return {**named, "chi": chi, "free_energy": energy, "phase": np.where(good, phase, ABSENT),
            "replicon": sort(stability), "residual": np.where(good, residual, np.nan),
            "iterations": sort(iterations), "status": labels}
