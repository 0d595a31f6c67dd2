"""Solve the replica-symmetric equations of a problem over arrays of parameters, with a status at every point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.interpolate import Akima1DInterpolator, make_interp_spline

from vaesym.engine.averages import Accuracy, Batch, Side
from vaesym.engine.closed import rows as closed
from vaesym.engine.device.batch import TorchBatch, device_of
from vaesym.engine.equations import Equations, Lowered
from vaesym.engine.grids.grid import TOLERANCE, Grid, Status, judged
from vaesym.engine.grids.store import in_blocks
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.solve import labelled_block
from vaesym.engine.lowered import equations_of, equations_of_text, text_of
from vaesym.engine.quadratic.branches import states_block
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.solve import students_block
from vaesym.engine.smooth import rows as smooth
from vaesym.inputs import Floats, InputError, require
from vaesym.solvers.fading import faded
from vaesym.solvers.newton import NewtonSettings, newton
from vaesym.solvers.slopes import implicit_slopes

if TYPE_CHECKING:
    import xarray as xr

#: Points that are solved together in arrays, and where that is compiled or averages are closed; every how many along
#: the longest axis come first, and next.
_BLOCK, _COMPILED_BLOCK, _STRIDES = 1024, 32768, (64, 16, 4, 1)
#: By torch, where averages are not closed: their nodes take 0.1 MB a point.
_DEVICE_BLOCK = 8192
#: Where a point takes up to seconds, a block is soon done, to be kept or shared among workers.
_LABELLED_BLOCK = 64
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


def solve_block(equations: Lowered, given: dict[str, Floats], backend: str = "numpy",
                derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field (B,) at points of which neighbours are close, as along the axes of a grid."""
    if isinstance(equations, Quadratic):
        return students_block(equations, given, derivatives)
    if isinstance(equations, Labelled):
        return labelled_block(equations, given, derivatives)
    batch = _batch(cast("Equations", equations), given, backend)
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


def branches_block(equations: Lowered, given: dict[str, Floats], backend: str = "numpy",
                   derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field (B, S) of all states that are found; with labels, loss and penalty are convex: there is one.

    ``answer`` is true of the state that :func:`solve_block` returns.
    """
    if isinstance(equations, Quadratic):
        return states_block(equations, given, derivatives)
    fields = solve_block(equations, given, backend, derivatives)
    fields["answer"] = fields["status"] != Status.NO_SOLUTION_FOUND
    return {name: values[:, None] for name, values in fields.items()}


def solve_problem(problem: Any, *, branches: bool = False, derivatives: Sequence[str] = (), backend: str = "numpy",
                  scheduler: str | None = None, store: str | Path | None = None, **parameters: Any) -> xr.Dataset:
    r"""Solve the replica-symmetric equations of a problem.

    Parameters
    ----------
    problem : a :class:`vaesym.problem.Problem`, the name of a shipped one, or ``"module:object"``
    branches : whether to return all states that a search finds, and not the deepest one alone
    derivatives : names of parameters; every field gets a derivative by each, as in ``dQ_dalpha``, by the implicit
        function theorem
    backend : "numpy", or "numba": compiled, for many points of a problem with one smooth loss, such as logistic
        regression, or of one made of parabolas and lines, such as LASSO or hinge loss on random labels; others are
        solved as by "numpy". A problem is compiled at its first call, in some ten seconds, and kept on disk. It needs
        the extra ``fast``. Or "torch": averages and minimisers in float64 on the first GPU, or on the processor where
        there is none; "torch:cuda:1" names the device. For problems with labels whose state is (Q, m, χ); others are
        refused. The numbers are those of "numpy" up to rounding. It needs the extra ``torch``
    scheduler : "local:K" for K processes, or the address of a Dask scheduler; then blocks of points are shared among
        workers. The result is the same to the last digit. It needs the extra ``lab``
    store : a folder that keeps each block when it is done. The same call goes on where it was stopped
    parameters : each parameter of the problem by its name, a number or a one-dimensional axis; axes span a grid.
        ``alpha`` is the number of samples per dimension, P/N

    Returns
    -------
    xarray.Dataset
        Over the axes: ``Q`` = ‖w‖²/N, ``m`` (overlap with the planted direction), ``chi`` (how the weights answer to
        a force), ``free_energy`` (least loss over N), ``training_loss`` (of a sample), ``penalty`` (of a row),
        ``replicon``, the observables of the problem, ``residual``, ``quadrature_error`` and ``status``
        (:class:`Status`): only where it is SOLVED are the numbers an answer. With ``branches`` all have a further axis
        ``branch``, in order of free energy, with NaN and the status −1 in unused places; SOLVED are minima, SADDLE what
        lies between, and ``answer`` is true of the state that is returned without ``branches``.

    Raises
    ------
    vaesym.InputError
        An unknown problem, derivative, backend, device or scheduler, a problem that the backend does not take, an
        extra that is not installed, a parameter that is missing, unknown or outside its domain, an axis of more than
        one dimension, or a store of another grid.

    Notes
    -----
    With labels, loss and penalty are convex, and there is one state. Without, ``branches`` are those that Newton finds
    from named starts, from mixtures of the weights of two states (where barriers lie), and from the named starts again
    when all that is known is divided out (deflation): a search, which may miss some. A state counts as a minimum where
    the least loss at given overlaps bends up in all of them.

    Examples
    --------
    >>> states = solve_problem("ridge", alpha=[0.5, 2.0], lam=1e-9, signal=1.0, noise=0.25)
    >>> states.risk.values.round(6).tolist(), states.status.values.tolist()
    ([0.75, 0.25], [0, 0])
    >>> states = solve_problem("pca", branches=True, alpha=2.0, rho=2.0, eta=1.0)  # the spike, and the noise's edge
    >>> states.eigenvalue.values.round(6).tolist(), [Status(s).name for s in states.status.values]
    ([3.75, 2.914214], ['SOLVED', 'SADDLE'])
    """
    equations = equations_of(problem)
    backend = checked_backend(backend, equations)
    grid, names = Grid.of(equations, parameters), _checked_derivatives(equations, derivatives)
    parts = grid.blocks(block_size(equations, backend))
    if scheduler is None and store is None:
        solve = branches_block if branches else solve_block
        return grid.states([solve(equations, part, backend, names) for part in parts])
    asked = (text_of(problem), backend, ",".join(names), *(["branches"] if branches else []))
    return grid.states(in_blocks(solve_text, asked, parts, scheduler, store))


def solve_text(text: str, backend: str, derivatives: str, *more: Any) -> dict[str, Any]:
    """Solve a block of the problem that a text of :func:`vaesym.engine.lowered.text_of` stands for, in any process.

    The last argument is the block, before it may stand the word "branches".
    """
    *asked, given = more
    solve = branches_block if asked else solve_block
    return solve(equations_of_text(text), given, backend, [name for name in derivatives.split(",") if name])


def _checked_derivatives(equations: Lowered, names: Sequence[str]) -> list[str]:
    listed = [names] if isinstance(names, str) else list(names)
    known = [limits.name for limits in equations.parameters]
    unknown = [name for name in listed if name not in known]
    if unknown:
        raise InputError(f"derivatives by some of {', '.join(known)}", f"{unknown[0]!r}", "name parameters")
    return listed


def block_size(equations: Lowered, backend: str) -> int:
    """Return how many points are solved together: their results depend on it in the last digits."""
    if isinstance(equations, Labelled):
        return _LABELLED_BLOCK
    closed = isinstance(equations, Equations) and equations.closed
    if backend.startswith("torch") and not closed:
        return _DEVICE_BLOCK
    return _BLOCK if backend == "numpy" and not closed else _COMPILED_BLOCK


def checked_backend(backend: str, equations: Lowered) -> str:
    """Return a backend by the name that workers take, with the device if it is torch's: "numpy", "torch:cuda".

    Raises :class:`vaesym.InputError`: no such backend, an extra that is not installed, or a problem that it cannot do.
    """
    name, _, device = backend.partition(":")
    if name not in ("numpy", "numba", "torch") or (device and name != "torch"):
        raise InputError("a backend of 'numpy', 'numba', 'torch' or 'torch:DEVICE'", f"{backend!r}",
                         "choose one of them")
    if name == "numba":
        require("numba", "the backend 'numba'", "fast")
    if name != "torch":
        return name
    if not isinstance(equations, Equations):
        raise InputError(f"one student whose samples have labels ±1 or a loss of y - u, for the backend {backend!r}",
                         f"{equations.name}", "solve it with backend='numpy'")
    device = device_of(backend)
    # What torch lacks is said at one point, before there is work.
    one = {limits.name: np.ones(1) for limits in equations.parameters}
    with np.errstate(all="ignore"):
        values_at(TorchBatch(equations, one, ACCURACIES[0], device=device), np.zeros((1, 3)))
    return f"torch:{device}"
