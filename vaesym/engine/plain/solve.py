"""Solve the equations of the state (E, m, χ) at many points: those of one student with labels ±1 or a loss of y − u.

Each point is solved by Newton's method from its neighbours, and where that fails from nothing: from far off, under a
ridge that fades. Averages are taken by finer quadratures where a coarse one is not accurate enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.interpolate import Akima1DInterpolator, make_interp_spline

from vaesym.engine.averages import Accuracy, Batch, Side
from vaesym.engine.closed import rows as closed
from vaesym.engine.device.batch import TorchBatch
from vaesym.engine.equations import Equations
from vaesym.engine.grids.grid import TOLERANCE, Status, judged
from vaesym.engine.smooth import rows as smooth
from vaesym.inputs import Floats
from vaesym.solvers.fading import faded
from vaesym.solvers.newton import NewtonSettings, newton
from vaesym.solvers.slopes import implicit_slopes

#: Every how many points along the longest axis are solved first, and next.
_STRIDES = (64, 16, 4, 1)
#: Weights over α(η + ρ) of the further ½‖w‖² with which a point is approached where nothing else led to it.
_RIDGES = (*np.geomspace(10, 1e-10, 17).tolist(), 0.0)
#: And, from where that was lost, in smaller steps.
_FINE_RIDGES = (*np.geomspace(10, 1e-10, 61).tolist(), 0.0)
#: ln of the size at which a point is given up: without a penalty it runs away where the data can be separated.
_RUNAWAY = float(np.log(1e8))
#: ln of the size from which a point that was lost on the way to it is taken to run away.
_LARGE = 8.0
#: Quadratures: tried in turn until one is accurate enough.
ACCURACIES = (Accuracy(8, 26, 52), Accuracy(8, 48, 120), Accuracy(), Accuracy(steep=8), Accuracy(28, steep=16))
#: Points that are solved together by the finer ones.
_FEW = 16


def state_of(z: Floats) -> Floats:
    """Return (E, m, χ) at Newton's variables ln E, m and ln χ, of which every value is a possible state."""
    return np.stack([np.exp(z[:, 0]), z[:, 1], np.exp(z[:, 2])], axis=1)


def moved(batch: Batch, state: Floats) -> tuple[Floats, Side, Side]:
    """Return the state to which the equations map a state, and both averages on the way."""
    energy = batch.energy(state)
    site = batch.site(energy.value, batch.reference(state))
    if batch.linear:
        return site.value, energy, site
    e, gap, chi = site.value.T
    return np.stack([np.maximum(e - gap**2, 1e-8 * e), state[:, 1] + gap, chi], axis=1), energy, site


class System:
    """F(z), how far (ln E, m/√Q, ln χ) are moved by the equations, and its exact Jacobian, kept from the last call."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._at = np.full((len(batch.alpha), 3), np.nan)
        self._slope = np.full((len(batch.alpha), 3, 3), np.nan)

    def residual(self, z: Floats, rows: Any) -> Floats:
        """Return F at z (B, 3) of some rows of the batch."""
        if not len(rows):
            return np.empty_like(z)
        state, batch = state_of(z), self.batch.rows(rows)
        after, energy, site = moved(batch, state)
        slope = site.slope @ energy.slope
        size, change = state[:, 0].copy(), (after - state)[:, 1]
        if not batch.linear:
            # The site is measured from mw*: E' = E e² − gap², m' = m + gap.
            about = energy.value[:, :1] * site.slope[:, :, 2] + np.stack(
                [-2 * site.value[:, 1], -np.ones(len(z)), np.zeros(len(z))], axis=1)
            slope[:, :, 1] += about
            slope[:, 0] -= 2 * site.value[:, 1:2] * slope[:, 1]
            size += state[:, 1] ** 2
            slope[:, 1, 1] += 1
        change = change / np.sqrt(size)
        slope[:, 1] = (slope[:, 1] - [0, 1, 0]) / np.sqrt(size)[:, None]
        slope[:, 1, 0] -= change / (2 * size)
        slope[:, 1, 1] -= 0 if batch.linear else change * state[:, 1] / size
        for row in (0, 2):
            slope[:, row] /= after[:, row, None]
            slope[:, row, row] -= 1 / state[:, row]
        slope[:, :, 0] *= state[:, :1]
        slope[:, :, 2] *= state[:, 2:]
        self._at[rows], self._slope[rows] = z, slope
        return np.stack([np.log(after[:, 0] / state[:, 0]), change, np.log(after[:, 2] / state[:, 2])], axis=1)

    def jacobian(self, z: Floats, rows: Any) -> Floats:
        """Return dF/dz (B, 3, 3)."""
        other = (self._at[rows] != z).any(axis=1)
        self.residual(z[other], rows[other])
        return self._slope[rows]


def _newton(batch: Batch, z: Floats, most: int = 30) -> tuple[Floats, Floats]:
    settings, system = NewtonSettings(tolerance=1e-12, max_iterations=most, halvings=8), System(batch)
    if batch.compiled and batch.closed:
        found = closed.solve_rows(batch, z, settings)
    elif batch.compiled and smooth.fits(batch):
        found = smooth.solve_rows(batch, z, settings)
    else:
        found = newton(system.residual, system.jacobian, z, settings=settings)
    return found.value, np.where(np.isfinite(found.residual), found.residual, np.inf)


def afresh(batch: Batch) -> tuple[Floats, Floats]:
    """Return variables (B, 3) and residuals, from nothing: some rounds of the map, and where needed a fading ridge."""
    z, residual = _newton(batch, _rounds(batch))
    rows = np.flatnonzero(~(residual <= TOLERANCE))
    if len(rows):
        z[rows], residual[rows] = _faded(batch.rows(rows))
    return z, residual


def _faded(batch: Batch) -> tuple[Floats, Floats]:
    """Return variables (B, 3) and residuals at the end of a fading ridge, infinite where it was not reached."""
    unit = batch.alpha * (batch.eta + batch.rho)[:, 0]

    def fading(part: Batch, size: Floats, start: Floats, ridges: Sequence[float], below: Floats | None = None) -> Any:
        return faded(lambda z, rows, ridge: _newton(part.rows(rows).but(ridge=ridge * size[rows]), z, 20),
                     start, ridges, tolerance=TOLERANCE, ceiling=_RUNAWAY, below=below)

    z, residual, found, reached = fading(batch, unit, _rounds(batch.but(ridge=_RIDGES[0] * unit)), _RIDGES)
    lost = np.flatnonzero(~(residual <= TOLERANCE))
    if len(lost):
        # Smaller steps would find on the way what these found: they begin shortly before the place of the loss.
        z[lost], residual[lost], *_ = fading(batch.rows(lost), unit[lost], found[lost], _FINE_RIDGES, reached[lost])
    return z, residual


def _rounds(batch: Batch) -> Floats:
    """Return variables after some damped rounds of the map, which comes near from afar."""
    count = len(batch.alpha)
    size = np.maximum(batch.target[:, 0], 0.1) ** 2 if batch.linear else np.ones(count)
    z = np.stack([np.log(size), np.zeros(count), np.zeros(count)], axis=1)
    for _ in range(5):
        after = moved(batch, state_of(z))[0]
        following = np.stack([np.log(after[:, 0]), after[:, 1], np.log(after[:, 2])], axis=1)
        good = np.isfinite(following).all(axis=1) & (following[:, 0] < 30)
        z = np.where(good[:, None], 0.4 * z + 0.6 * following, z)
    return z


def _between(z: Floats, coarse: Any) -> Floats:
    """Return starts (B, 3) for all points of a stretch from the solved ones among its ``coarse`` points."""
    solved = coarse[np.isfinite(z[coarse]).all(axis=1)]
    if len(solved) < 2:
        return np.repeat(z[solved], len(z), axis=0) if len(solved) else np.full_like(z, np.nan)
    every = np.clip(np.arange(len(z)), solved[0], solved[-1])
    if len(solved) == 2:
        return np.stack([np.interp(every, solved, z[solved, i]) for i in range(3)], axis=1)
    return (Akima1DInterpolator(solved, z[solved]) if len(solved) < 12 else
            make_interp_spline(solved, z[solved], k=5))(every)


def _stretches(batch: Batch) -> list[Any]:
    """Return the points in runs along which one parameter changes, and steadily."""
    given = np.stack(list(batch.given.values()), axis=1)
    changes = np.diff(given, axis=0) != 0
    breaks = np.flatnonzero(changes.sum(axis=1) > 1) + 1
    return np.split(np.arange(len(given)), breaks)


def _search(batch: Batch) -> tuple[Floats, Floats]:
    """Return variables (B, 3) and residuals, infinite where nothing was found."""
    z, residual = np.full((len(batch.alpha), 3), np.nan), np.full(len(batch.alpha), np.inf)
    stretches, done = _stretches(batch), np.zeros(len(batch.alpha), bool)
    with np.errstate(all="ignore"):
        for stride in _STRIDES:
            chosen = np.zeros_like(done)
            for points in stretches:
                chosen[[*points[::stride], points[-1]]] = True
            rows = np.flatnonzero(chosen & ~done)
            if done.any() and len(rows):
                start = np.concatenate([_between(z[points], np.flatnonzero(done[points])) for points in stretches])
                z[rows], residual[rows] = _newton(batch.rows(rows), start[rows], 12)
                rows = rows[~(residual[rows] <= TOLERANCE)]
            if len(rows):
                z[rows], residual[rows] = afresh(batch.rows(rows))
            z[~(residual <= TOLERANCE)] = np.nan
            done |= chosen
    return z, residual


def plain_block(equations: Equations, given: dict[str, Floats], backend: str = "numpy",
                derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field (B,) at points of which neighbours are close, as along the axes of a grid."""
    batch = _batch(equations, given, backend)
    with np.errstate(all="ignore"):
        z, residual = _search(batch)
        fields = fields_at(batch, z, residual, derivatives)
        hope = np.ones(len(z), bool)
        for accuracy in () if batch.closed else ACCURACIES[1:]:
            rough = np.flatnonzero(np.isin(fields["status"], (Status.INACCURATE, Status.NO_SOLUTION_FOUND)) & hope)
            for rows in (rough[i:i + _FEW] for i in range(0, len(rough), _FEW)):
                _refine(batch.rows(rows).but(accuracy), rows, z, fields, derivatives)
            # What runs away under panels, whose breakpoints follow the loss, has no minimum at a finite place.
            if not accuracy.line:
                hope &= ~(z[:, 0] >= _LARGE)
    return fields


def _batch(equations: Equations, given: dict[str, Floats], backend: str) -> Batch:
    device = backend.partition("torch:")[2]
    return TorchBatch(equations, given, ACCURACIES[0], device=device) if device else Batch(
        equations, given, ACCURACIES[0], compiled=backend == "numba")


def _refine(fine: Batch, rows: Any, z: Floats, fields: dict[str, Any], derivatives: Sequence[str]) -> None:
    """Solve rows of a block anew with finer quadrature: from what was found, or from nothing."""
    start = np.where(np.isfinite(fields["Q"][rows])[:, None], z[rows], np.nan)
    z[rows], residual = _newton(fine, start)
    lost = np.flatnonzero(~(residual <= TOLERANCE))
    if len(lost):
        z[rows[lost]], residual[lost] = afresh(fine.rows(lost))
    for name, values in fields_at(fine, z[rows], residual, derivatives).items():
        fields[name][rows] = values


def fields_at(batch: Batch, z: Floats, residual: Floats, derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field of the points, and derivatives by parameters; NaN where nothing was found."""
    safe = np.where((residual <= TOLERANCE)[:, None], z, 0.0)
    fields, error = values_at(batch, safe, check=True)
    for name in derivatives:
        fields |= slopes(batch, safe, name)
    return judged(fields, residual, error)


def values_at(batch: Batch, z: Floats, *, check: bool = False) -> tuple[dict[str, Floats], Floats]:
    """Return the fields (B,) of points at Newton's variables (B, 3), and with ``check`` the error of the quadrature."""
    state = state_of(z)
    q, m = batch.moments(state)
    fields, error = {"Q": q, "m": m * batch.norm(), "chi": state[:, 2]}, np.zeros(len(z))
    if batch.compiled and batch.closed:
        fields |= closed.field_rows(batch, z)
    elif batch.compiled and smooth.fits(batch):
        averages, error = smooth.field_rows(batch, z, finer(batch.accuracy) if check else batch.accuracy)
        fields |= averages
    else:
        averages, sides = _averages(batch, state)
        fields |= averages
        if check and not batch.closed:
            error = _quadrature_error(batch, state, sides, averages.get("classification_error"))
    places = state.T if batch.linear else (q, fields["m"], state[:, 2])
    for name, function in batch.equations.observables.items():
        fields[name] = batch.equations.at(function, *places, given=batch.given)
    return fields, error


def _averages(batch: Batch, state: Floats) -> tuple[dict[str, Floats], Floats]:
    """Return the averages at states by name, and the states that the equations map them to."""
    after, energy, site = moved(batch, state)
    hats, gap = energy.value, batch.moments(state)[1] - batch.reference(state)
    f = (-hats[:, 0] * state[:, 0] / 2 + hats[:, 1] * state[:, 2] / 2 + hats[:, 2] * gap
         + site.more["envelope"] + batch.alpha * energy.more["envelope"])
    fields = {"free_energy": f,
              "replicon": batch.alpha * batch.eta[:, 0] ** 2 * energy.more["gain"] * site.more["gain"],
              "training_loss": energy.more["loss"], "penalty": site.more["penalty"],
              "zero_fraction": site.more["zero"]}
    if not batch.linear:
        fields["classification_error"] = batch.misfit(state)
    return fields, after


def finer(accuracy: Accuracy) -> Accuracy:
    """Return half as many nodes more."""
    return Accuracy(*[count * 3 // 2 for count in accuracy])


def _quadrature_error(batch: Batch, state: Floats, after: Floats, wrong: Floats | None) -> Floats:
    """Return how much half as many nodes more change the equations and the error of classification."""
    fine = batch.but(finer(batch.accuracy))
    scale = np.stack([state[:, 0], np.sqrt(batch.moments(state)[0]), state[:, 2]], axis=1)
    error = np.max(np.abs(moved(fine, state)[0] - after) / scale, axis=1)
    return error if wrong is None else np.maximum(error, np.abs(fine.misfit(state) - wrong))


def slopes(batch: Batch, z: Floats, name: str) -> dict[str, Floats]:
    """Return d<field>_d<name> (B,) of all fields, by the implicit function theorem."""
    limits, rows = next(limits for limits in batch.equations.parameters if limits.name == name), np.arange(len(z))

    def at(shift: Floats) -> Batch:
        return batch.but(given=batch.given | {name: batch.given[name] + shift})

    return implicit_slopes(
        name, batch.given[name], (limits.least, limits.most), System(batch).jacobian(z, rows), z,
        lambda shift: System(at(shift)).residual(z, rows), lambda shift, moved_: values_at(at(shift), moved_)[0])
