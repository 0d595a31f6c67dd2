"""The least loss of two fields near given ones, by Newton's method with halved steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats

Rows = NDArray[np.int64]
#: Newton steps, halvings of one, and the residual of a minimum relative to the size of its terms.
_STEPS, _HALVINGS, _ROUNDING = 60, 30, 1e-14


class Least(NamedTuple):
    """Fields u (n, 2), forces g = ∇ℓ(u), their answers H = (I + ℓ''V)⁻¹ℓ'' (n, 2, 2), and losses (n,)."""

    place: Floats
    force: Floats
    answer: Floats
    loss: Floats


#: Loss (n,), gradient (n, 2) and Hessian (n, 2, 2) at fields (n, 2).
Jet = Callable[[Floats, Rows], tuple[Floats, Floats, Floats]]


def least(jet: Jet, spread: Floats, goal: Floats) -> Least:
    r"""Return the minimum of :math:`\ell(u) + \frac12(u-\omega)^TV^{-1}(u-\omega)` over u.

    Parameters
    ----------
    jet : of fields (n, 2) and of the rows that they belong to
    spread : V (n, 2, 2), positive definite
    goal : ω (n, 2)

    Examples
    --------
    >>> square = lambda u, rows: ((u**2).sum(1) / 2, u, np.broadcast_to(np.eye(2), (len(u), 2, 2)))
    >>> least(square, np.eye(2)[None], np.array([[1.0, 4.0]])).place
    array([[0.5, 2. ]])
    """
    u, rows = goal.copy(), np.arange(len(goal), dtype=np.int64)
    loss, force, bend = (np.array(part) for part in jet(u, rows))
    # Where the loss or its slope is out of range the search begins nearer to zero.
    for _ in range(_HALVINGS):
        wild = np.flatnonzero(~(np.isfinite(loss) & np.isfinite(force).all(axis=1) & np.isfinite(bend).all((1, 2))))
        if not len(wild):
            break
        u[wild] /= 2
        loss[wild], force[wild], bend[wild] = jet(u[wild], wild)
    gap = u - goal + _times(spread, force)
    active: Rows = rows
    for _ in range(_STEPS):
        size = np.maximum(np.abs(u[active]), np.abs(goal[active])).max(axis=1) + np.abs(gap[active]).max(axis=1) + 1e-30
        active = active[np.abs(gap[active]).max(axis=1) > _ROUNDING * size]
        if not len(active):
            break
        step = -_solved(np.eye(goal.shape[1]) + spread[active] @ bend[active], gap[active])
        active = _searched(jet, spread, goal, (u, loss, force, bend, gap), active, step)
    response = np.swapaxes(np.eye(goal.shape[1]) + spread @ bend, 1, 2)
    answer = np.stack([_solved(response, bend[:, :, i]) for i in range(goal.shape[1])], axis=2)
    return Least(u, force, (answer + np.swapaxes(answer, 1, 2)) / 2, loss)


def _times(matrix: Floats, vector: Floats) -> Floats:
    return (matrix @ vector[..., None])[..., 0]


def _solved(matrix: Floats, vector: Floats) -> Floats:
    """Solve 2 × 2 systems whose determinant is positive."""
    a, b, c, d = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 0], matrix[:, 1, 1]
    first, second = vector.T
    return np.stack([d * first - b * second, a * second - c * first], axis=1) / (a * d - b * c)[:, None]


def _searched(jet: Jet, spread: Floats, goal: Floats, at: tuple[Floats, ...], rows: Rows, step: Floats) -> Rows:
    """Move the rows by their steps, halved until the sum falls by a tenth of what its slope promises."""
    u, loss, force, bend, gap = at
    pending, begun, old = rows, u[rows], np.abs(gap[rows]).max(axis=1)
    sums, promise = loss[rows] + _distance(spread[rows], begun - goal[rows]), _distance(spread[rows], step)
    failed = np.ones(len(u), bool)
    size = 1.0
    for _ in range(_HALVINGS):
        trial = begun + size * step
        new_loss, new_force, new_bend = jet(trial, pending)
        apart = trial - goal[pending]
        new_gap = apart + _times(spread[pending], new_force)
        total = new_loss + _distance(spread[pending], apart)
        with np.errstate(invalid="ignore"):
            # Near the minimum the sum is all rounding, and the gap decides.
            good = (total <= sums - 0.2 * size * promise) | (
                (np.abs(new_gap).max(axis=1) < old / 2) & (total <= sums + 1e-13 * (1 + np.abs(sums))))
        good &= np.isfinite(new_gap).all(axis=1) & np.isfinite(new_bend).all(axis=(1, 2))
        won = pending[good]
        u[won], loss[won], force[won], bend[won], gap[won] = (
            part[good] for part in (trial, new_loss, new_force, new_bend, new_gap))
        failed[won] = False
        if good.all():
            break
        left = ~good
        pending = pending[left]
        begun, old, step, sums, promise = (part[left] for part in (begun, old, step, sums, promise))
        size /= 2
    return rows[~failed[rows]]


def _distance(spread: Floats, gap: Floats) -> Floats:
    return np.sum(gap * _solved(spread, gap), axis=1) / 2
