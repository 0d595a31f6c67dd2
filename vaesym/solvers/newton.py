"""Damped Newton for many small systems at once, with a status for every one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Called with points (B, k) and the rows (B,) of the batch they belong to.
System = Callable[[Floats, Ints], Floats]
Feasible = Callable[[Floats, Ints], NDArray[np.bool_]]


class Status(IntEnum):
    """How the iteration ended at a point."""

    CONVERGED = 0
    ITERATIONS = 1
    STALLED = 2
    SINGULAR = 3
    INFEASIBLE_START = 4

    @property
    def message(self) -> str:
        """The status in words, with what to do."""
        return _MESSAGES[self]


_MESSAGES = {
    Status.CONVERGED: "converged",
    Status.ITERATIONS: "the residual was still falling at the last iteration; raise max_iterations",
    Status.STALLED: "no damped step lowered the residual; start elsewhere",
    Status.SINGULAR: "the Jacobian became singular or not finite; start elsewhere",
    Status.INFEASIBLE_START: "the start is not feasible or its residual is not finite; start elsewhere",
}


@dataclass(frozen=True)
class NewtonSettings:
    """When to stop.

    ``tolerance`` bounds the residual of each equation relative to the size of its linearisation,
    |F_i| ≤ tolerance · max(1, Σ_j |J_ij x_j|); ``halvings`` bounds the damping at 2^−halvings. Damped steps
    have to lower the norm of the residuals relative to those sizes, so that no equation counts more for its unit.
    """

    tolerance: float = 1e-12
    max_iterations: int = 80
    halvings: int = 24


@dataclass(frozen=True)
class NewtonResult:
    """Values (B, k); and per point the residuals, the iterations and the :class:`Status`.

    ``residual`` is the largest |F_i|; ``relative_residual`` is the largest |F_i| / max(1, Σ_j |J_ij x_j|), with the
    linearisation at the last point at which the Jacobian was computed: what the tolerance bounds.
    """

    value: Floats
    residual: Floats
    relative_residual: Floats
    iterations: Ints
    status: Ints

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which points met the tolerance."""
        return self.status == Status.CONVERGED


def _solve_rows(matrices: Floats, vectors: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Solve each system; rows whose matrix is singular or not finite come back flagged."""
    good: NDArray[np.bool_] = np.all(np.isfinite(matrices), axis=(-2, -1)) & np.all(np.isfinite(vectors), axis=-1)
    steps: Floats = np.zeros_like(vectors)
    safe = np.where(good[:, None, None], matrices, np.eye(matrices.shape[-1]))
    try:
        steps = np.asarray(np.linalg.solve(safe, vectors[..., None])[..., 0], dtype=np.float64)
    except np.linalg.LinAlgError:
        # One singular matrix spoils the batched call: find it by going row by row.
        for i in np.flatnonzero(good):
            try:
                steps[i] = np.linalg.solve(safe[i], vectors[i])
            except np.linalg.LinAlgError:
                good[i] = False
    return steps, good & np.all(np.isfinite(steps), axis=-1)


def _length(f: Floats, scale: Floats) -> Floats:
    """Euclidean length of f / scale, infinite where an entry is not finite."""
    return np.linalg.norm(np.where(np.isfinite(f), f, np.inf) / scale, axis=-1)


def _line_search(residual: System, feasible: Feasible | None, x: Floats, f: Floats, scale: Floats, rows: Ints,
                 step: Floats, halvings: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Halve each step until it is feasible and lowers the norm of f / scale; return points, residuals, success."""
    size = _length(f, scale)
    best_x, best_f = x.copy(), np.full_like(x, np.nan)
    pending = np.arange(len(x))
    damping = 1.0
    for _ in range(halvings + 1):
        trial = x[pending] + damping * step[pending]
        allowed = np.ones(len(pending), dtype=bool) if feasible is None else feasible(trial, rows[pending])
        values = np.full_like(trial, np.inf)
        values[allowed] = residual(trial[allowed], rows[pending[allowed]])
        accepted = _length(values, scale[pending]) <= (1 - 1e-4 * damping) * size[pending]
        best_x[pending[accepted]], best_f[pending[accepted]] = trial[accepted], values[accepted]
        pending = pending[~accepted]
        damping /= 2
        if not len(pending):
            break
    success = np.ones(len(x), dtype=bool)
    success[pending] = False
    return best_x, best_f, success


def newton(residual: System, jacobian: System, start: Floats, *, feasible: Feasible | None = None,
           settings: NewtonSettings | None = None) -> NewtonResult:
    """Solve F(x) = 0 for every row of ``start`` by Newton's method with halved steps.

    Parameters
    ----------
    residual : F, from points (B, k) and their rows in the batch to (B, k)
    jacobian : dF/dx, from the same to (B, k, k)
    start : (P, k) starting points
    feasible : which points are allowed; steps are halved until they are
    settings : when to stop

    Returns
    -------
    NewtonResult
        A point that did not converge is flagged by its status and keeps its last iterate.

    Examples
    --------
    >>> result = newton(lambda x, rows: x**2 - 2, lambda x, rows: (2 * x)[..., None], np.array([[1.0], [3.0]]))
    >>> bool(np.allclose(result.value, 2**0.5)), result.status.tolist()
    (True, [0, 0])
    """
    settings = settings or NewtonSettings()
    x = np.array(start, dtype=np.float64)
    status = np.full(len(x), Status.ITERATIONS, dtype=np.int64)
    iterations = np.zeros(len(x), dtype=np.int64)
    rows = np.arange(len(x))
    f, scale = np.full_like(x, np.nan), np.full_like(x, np.nan)
    inside: NDArray[np.bool_] = np.all(np.isfinite(x), axis=-1)
    if feasible is not None:
        inside[inside] = feasible(x[inside], rows[inside])
    f[inside] = residual(x[inside], rows[inside])
    status[~np.isfinite(f).all(axis=-1)] = Status.INFEASIBLE_START
    active = np.flatnonzero(status == Status.ITERATIONS)
    for _ in range(settings.max_iterations):
        if not len(active):
            break
        iterations[active] += 1
        matrices = jacobian(x[active], active)
        scale[active] = np.maximum(1.0, np.einsum("bij,bj->bi", np.abs(matrices), np.abs(x[active])))
        small = (np.abs(f[active]) <= settings.tolerance * scale[active]).all(axis=-1)
        done = small & np.isfinite(scale[active]).all(axis=-1)  # against an infinite scale everything is small
        step, regular = _solve_rows(matrices, -f[active])
        status[active] = np.select([done, ~regular], [Status.CONVERGED, Status.SINGULAR], Status.ITERATIONS)
        # One more full step after convergence costs little and gains the last digits, if it is not worse.
        for part, halvings in ((regular & ~done, settings.halvings), (regular & done, 0)):
            to = active[part]
            moved, values, better = _line_search(residual, feasible, x[to], f[to], scale[to], to, step[part], halvings)
            x[to[better]], f[to[better]] = moved[better], values[better]
            failed = to[~better]
            status[failed[status[failed] == Status.ITERATIONS]] = Status.STALLED
        active = active[status[active] == Status.ITERATIONS]
    largest, relative = (np.abs(f / by).max(axis=-1, initial=0.0) for by in (1.0, scale))
    return NewtonResult(x, largest, relative, iterations, status)
