"""Solve the replica-symmetric equations of a problem over arrays of parameters, with a status at every point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.equations import Equations
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.solve import solve_block
from vaesym.engine.status import QUADRATURE, TOLERANCE, Status
from vaesym.inputs import Floats, broadcast
from vaesym.solvers.newton import NewtonSettings, newton

if TYPE_CHECKING:
    import xarray as xr

#: Points that are solved together.
_BLOCK = 256
#: What is tried in turn until Newton converges: iterations of the map before it, and their damping.
_ATTEMPTS = ((20, 0.6), (80, 0.9), (300, 0.95))
#: A squared norm beyond which a point is given up: without a penalty it runs away where the data can be separated.
_RUNAWAY = 1e8
#: Quadrature for points at which the usual one is too rough.
_FINE = Accuracy(28, 160)


class _Unknowns:
    """Newton's variables: ln(Q − m²), m/√Q-free m, and ln χ, so that every iterate is a possible state."""

    @staticmethod
    def state(z: Floats) -> Floats:
        own, m, chi = np.exp(z[:, 0]), z[:, 1], np.exp(z[:, 2])
        return np.stack([own + m * m, m, chi], axis=1)

    @staticmethod
    def of(state: Floats) -> Floats:
        own = np.maximum(state[:, 0] - state[:, 1] ** 2, 1e-12 * state[:, 0])
        return np.stack([np.log(own), state[:, 1], np.log(state[:, 2])], axis=1)

    @staticmethod
    def slope(z: Floats) -> Floats:
        """Derivatives of (Q, m, χ) in the variables, (B, 3, 3)."""
        jacobian = np.zeros((len(z), 3, 3))
        jacobian[:, 0, 0], jacobian[:, 0, 1] = np.exp(z[:, 0]), 2 * z[:, 1]
        jacobian[:, 1, 1], jacobian[:, 2, 2] = 1.0, np.exp(z[:, 2])
        return jacobian


def _scale(state: Floats) -> Floats:
    return np.stack([state[:, 0], np.sqrt(state[:, 0]), state[:, 2]], axis=1)


def _map(batch: Batch, state: Floats) -> Floats:
    return batch.site(batch.energy(state).value).value


def _iterate(batch: Batch, state: Floats, rounds: int, damping: float) -> Floats:
    """Damped iteration of the map from states to states: slow, but it comes near from afar."""
    for _ in range(rounds):
        following = _map(batch, state)
        good = np.isfinite(following).all(axis=1) & (following[:, 0] > 0) & (following[:, 2] > 0)
        good &= following[:, 0] < 1e12
        mixed = (1 - damping) * state + damping * following
        state = np.where(good[:, None], mixed, state)
    return state


class _System:
    """F(z) = map(state)/scale − state/scale and its exact Jacobian; the last evaluation is kept for both."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def residual(self, z: Floats, rows: Any) -> Floats:
        if not len(rows):
            return np.empty_like(z)
        state = _Unknowns.state(z)
        return (_map(self.batch.rows(rows), state) - state) / _scale(state)

    def jacobian(self, z: Floats, rows: Any) -> Floats:
        state, batch = _Unknowns.state(z), self.batch.rows(rows)
        energy = batch.energy(state)
        site = batch.site(energy.value)
        inner = _Unknowns.slope(z)
        moved = site.slope @ energy.slope @ inner
        scale, size = _scale(state), _scale(state)
        # d(F/s) = dF/s − F ds/s²
        d_scale = np.stack([inner[:, 0], inner[:, 0] / (2 * size[:, 1:2]), inner[:, 2]], axis=1)
        difference = site.value - state
        return (moved - inner) / scale[..., None] - difference[..., None] * d_scale / scale[..., None] ** 2


def _search(batch: Batch) -> tuple[Floats, Floats]:
    """Return the states (B, 3) and their residuals, NaN and infinite where nothing was found."""
    count = len(batch.alpha)
    state, residual = np.full((count, 3), np.nan), np.full(count, np.inf)
    near = np.tile([1.0, 0.5, 1.0], (count, 1))
    for rounds, damping in _ATTEMPTS:
        rows = np.flatnonzero(~(residual <= TOLERANCE) & (near[:, 0] < _RUNAWAY))
        if not len(rows):
            break
        part = batch.rows(rows)
        with np.errstate(all="ignore"):
            near[rows] = _iterate(part, near[rows], rounds, damping)
            found, left = _newton(part, near[rows])
        better = left < residual[rows]
        state[rows[better]], residual[rows[better]] = found[better], left[better]
    return state, residual


def _newton(batch: Batch, start: Floats) -> tuple[Floats, Floats]:
    system = _System(batch)
    found = newton(system.residual, system.jacobian, _Unknowns.of(start),
                   settings=NewtonSettings(tolerance=1e-12, max_iterations=30, halvings=8))
    return _Unknowns.state(found.value), found.residual


def _solve_block(equations: Equations, given: dict[str, Floats]) -> dict[str, Any]:
    batch = Batch(equations, given)
    state, residual = _search(batch)
    fields = _fields(equations, batch, state, residual)
    rough = np.flatnonzero(fields["status"] == Status.INACCURATE)
    if len(rough):
        fine = Batch(equations, {name: value[rough] for name, value in given.items()}, _FINE)
        with np.errstate(all="ignore"):
            again = _fields(equations, fine, *_newton(fine, state[rough]))
        for name, values in again.items():
            fields[name][rough] = values
    return fields


def _fields(equations: Equations, batch: Batch, state: Floats, residual: Floats) -> dict[str, Any]:
    """Return every field of the points; NaN where nothing was found."""
    bad = ~(residual <= TOLERANCE)
    safe = np.where(bad[:, None], [1.0, 0.0, 1.0], state)
    energy = batch.energy(safe)
    site = batch.site(energy.value)
    more = Accuracy(batch.accuracy.order * 3 // 2, batch.accuracy.teacher * 3 // 2)
    fine = Batch(equations, batch.given, more)
    error = np.max(np.abs(_map(fine, safe) - site.value) / _scale(safe), axis=1)
    hats = energy.value
    f = (-hats[:, 0] * safe[:, 0] / 2 + hats[:, 1] * safe[:, 2] / 2 + hats[:, 2] * safe[:, 1]
         + site.more["envelope"] + batch.alpha * energy.more["envelope"])
    replicon = batch.alpha * batch.eta[:, 0] ** 2 * energy.more["gain"] * site.more["gain"]
    fields = {"Q": safe[:, 0], "m": safe[:, 1], "chi": safe[:, 2], "free_energy": f, "replicon": replicon,
              "training_loss": energy.more["loss"], "penalty": site.more["penalty"],
              "zero_fraction": site.more["zero"]}
    if equations.kind != "linear":
        fields["classification_error"] = energy.more["wrong"]
    for name, function in equations.observables.items():
        fields[name] = equations.at(function, *safe.T, given=batch.given)
    status = np.select([bad, replicon > 1 + 1e-9, error > QUADRATURE],
                       [Status.NO_SOLUTION_FOUND, Status.UNSTABLE, Status.INACCURATE], Status.SOLVED)
    fields = {name: np.where(bad, np.nan, value) for name, value in fields.items()}
    return fields | {"residual": residual, "quadrature_error": np.where(bad, np.nan, error),
                     "status": status}


def solve_problem(problem: Any, **parameters: Any) -> xr.Dataset:
    r"""Solve the replica-symmetric equations of a problem.

    Parameters
    ----------
    problem : a :class:`vaesym.problem.Problem`, the name of a shipped one, or ``"module:object"``
    parameters : each parameter of the problem by its name, a number or a one-dimensional axis; axes span a grid.
        ``alpha`` is the number of samples per dimension, P/N

    Returns
    -------
    xarray.Dataset
        Over the axes: ``Q`` = ‖w‖²/N, ``m`` (overlap with the planted direction), ``chi`` (how the weights answer to
        a force), ``free_energy`` (least loss over N), ``training_loss`` (of a sample), ``penalty`` (of a row),
        ``replicon``, the observables of the problem, ``residual``, ``quadrature_error`` and ``status``
        (:class:`Status`): only where it is SOLVED are the numbers an answer.

    Raises
    ------
    vaesym.InputError
        An unknown problem, a parameter that is missing, unknown or outside its domain, or an axis of more than one
        dimension.

    Examples
    --------
    >>> states = solve_problem("ridge", alpha=[0.5, 2.0], lam=1e-9, signal=1.0, noise=0.25)
    >>> states.risk.values.round(6).tolist(), states.status.values.tolist()
    ([0.75, 0.25], [0, 0])
    """
    import xarray as xr

    equations = equations_of(problem)
    checked = equations.checked(parameters)
    dims = [name for name, value in checked.items() if value.ndim]
    axes = {name: value.reshape([-1 if dim == name else 1 for dim in dims]) if value.ndim else value
            for name, value in checked.items()}
    grid = dict(zip(axes, broadcast(**axes), strict=True))
    shape = next(iter(grid.values())).shape
    flat = {name: np.ascontiguousarray(value).ravel() for name, value in grid.items()}
    count = len(flat["alpha"])
    one: Any = solve_block if isinstance(equations, Quadratic) else _solve_block
    blocks = [one(equations, {name: value[i:i + _BLOCK] for name, value in flat.items()})
              for i in range(0, count, _BLOCK)]
    data: dict[str, Any] = {name: (dims, np.concatenate([block[name] for block in blocks]).reshape(shape))
                            for name in blocks[0]}
    coordinates = {limits.name: ((limits.name,) if checked[limits.name].ndim else (), checked[limits.name],
                                 {"long_name": limits.meaning, "units": "1"}) for limits in equations.parameters}
    states = xr.Dataset(data, coordinates, {"title": equations.title, "problem": equations.name})
    states.status.attrs.update(flag_values=np.array([int(s) for s in Status], np.int32),
                               flag_meanings=" ".join(s.name.lower() for s in Status))
    return states
