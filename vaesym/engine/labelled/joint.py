"""The least loss of two fields near given ones, by Newton's method with halved steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vaesym.inputs import Floats

#: Newton steps, halvings of one, and the residual of a minimum relative to the size of its terms.
_STEPS, _HALVINGS, _ROUNDING = 80, 40, 4e-15


class Least(NamedTuple):
    """Fields u (n, k), forces g = ∇ℓ(u), their answers H = (I + ℓ''V)⁻¹ℓ'' (n, k, k), and losses (n,)."""

    place: Floats
    force: Floats
    answer: Floats
    loss: Floats


#: Loss (n,), gradient (n, k) and Hessian (n, k, k) at fields (n, k).
Jet = Callable[[Floats, "slice | Floats"], tuple[Floats, Floats, Floats]]


def least(jet: Jet, spread: Floats, goal: Floats) -> Least:
    r"""Return the minimum of :math:`\ell(u) + \frac12(u-\omega)^TV^{-1}(u-\omega)` over u.

    Parameters
    ----------
    jet : of fields (n, k) and of the rows that they belong to
    spread : V (n, k, k), positive definite
    goal : ω (n, k)

    Examples
    --------
    >>> square = lambda u, rows: ((u**2).sum(1) / 2, u, np.broadcast_to(np.eye(2), (len(u), 2, 2)))
    >>> least(square, np.eye(2)[None], np.array([[1.0, 4.0]])).place
    array([[0.5, 2. ]])
    """
    u, rows = goal.copy(), np.arange(len(goal))
    loss, force, bend = (np.array(part) for part in jet(u, rows))
    # Where the loss or its slope is out of range the search begins nearer to zero.
    for _ in range(_HALVINGS):
        wild = np.flatnonzero(~(np.isfinite(loss) & np.isfinite(force).all(axis=1) & np.isfinite(bend).all((1, 2))))
        if not len(wild):
            break
        u[wild] /= 2
        loss[wild], force[wild], bend[wild] = jet(u[wild], wild)
    active = rows
    for _ in range(_STEPS):
        v, g = spread[active], force[active]
        moved = np.einsum("nij,nj->ni", v, g)
        gap = u[active] - goal[active] + moved
        size = np.abs(u[active]) + np.abs(goal[active]) + np.abs(moved) + 1e-30
        left = np.abs(gap).max(axis=1) > _ROUNDING * size.max(axis=1)
        active, v, gap = active[left], v[left], gap[left]
        if not len(active):
            break
        step = -_solved(np.eye(goal.shape[1]) + v @ bend[active], gap)
        better = _searched(jet, spread, goal, (u, loss, force, bend), active, step)
        active = active[better]
    response = np.swapaxes(np.eye(goal.shape[1]) + spread @ bend, 1, 2)
    answer = np.linalg.solve(response, bend) if len(goal) else bend
    return Least(u, force, (answer + np.swapaxes(answer, 1, 2)) / 2, loss)


def _solved(matrix: Floats, vector: Floats) -> Floats:
    """Solve 1 × 1 or 2 × 2 systems."""
    return np.linalg.solve(matrix, vector[..., None])[..., 0]


def _searched(jet: Jet, spread: Floats, goal: Floats, at: tuple[Floats, ...], rows: Floats, step: Floats) -> Floats:
    """Move the rows by their steps, halved until the sum falls or the gap does; return which of them moved."""
    u, loss, force, bend = at
    pending, success = np.arange(len(rows)), np.zeros(len(rows), bool)
    old_sum, old_gap = _sum(spread, goal, u, loss, rows), _gap(spread, goal, u, force, rows)
    size = 1.0
    for _ in range(_HALVINGS):
        to = rows[pending]
        trial = u[to] + size * step[pending]
        l, g, h = jet(trial, to)
        gap = np.abs(trial - goal[to] + np.einsum("nij,nj->ni", spread[to], g)).max(axis=1)
        total = l + _distance(spread[to], trial - goal[to])
        with np.errstate(invalid="ignore"):
            good = ((total < old_sum[pending]) | (gap < old_gap[pending] * (1 - size / 4))) & np.isfinite(gap)
        good &= np.isfinite(h).all(axis=(1, 2))
        won = to[good]
        u[won], loss[won], force[won], bend[won] = trial[good], l[good], g[good], h[good]
        success[pending[good]] = True
        pending = pending[~good]
        if not len(pending):
            break
        size /= 2
    return success


def _distance(spread: Floats, gap: Floats) -> Floats:
    return np.einsum("ni,ni->n", gap, _solved(spread, gap)) / 2


def _sum(spread: Floats, goal: Floats, u: Floats, loss: Floats, rows: Floats) -> Floats:
    return loss[rows] + _distance(spread[rows], u[rows] - goal[rows])


def _gap(spread: Floats, goal: Floats, u: Floats, force: Floats, rows: Floats) -> Floats:
    return np.abs(u[rows] - goal[rows] + np.einsum("nij,nj->ni", spread[rows], force[rows])).max(axis=1)
