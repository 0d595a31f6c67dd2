"""All states of problems without labels that a search finds: minima of the loss, and saddles and barriers between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.grids.grid import TOLERANCE, UNUSED
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.points import Points, jacobian_at, newton_from, replicon, residual_at
from vaesym.engine.quadratic.solve import accurate, answering, branches, deepest, signed, starts
from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonSettings, newton

#: States whose overlaps differ by no more than this, over 1 + their size, are one.
_SAME = 1e-6
#: Shares of the weights of one state in those from which what lies between two is searched.
_SHARES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95)
#: Newton's steps on equations that what was found is divided out of.
_STEPS = 40
#: Curvatures of the loss below this, over the largest one, are rounding.
_FLAT = 1e-9


class Found:
    """Distinct states (B, S, n) of B points, with residuals (B, S), infinite in places that hold nothing.

    The first place is for the answer (B, n), where there is one: its residual tells.
    """

    def __init__(self, points: Points, answer: Floats, residual: Floats) -> None:
        self.points, self.own = points, len(points.equations.pairs) + points.equations.count
        self.answered: NDArray[np.bool_] = residual <= TOLERANCE
        self.state, self.residual = answer[:, None].copy(), np.where(self.answered, residual, np.inf)[:, None]

    def add(self, rows: NDArray[np.int64], state: Floats, residual: Floats) -> None:
        """Keep a state at each of some points, all different, where it is one that is not known yet.

        The equations may have two answers χ at the same overlaps, whose replicon values are reciprocal where loss and
        penalty are quadratic; the one of smaller replicon is kept.
        """
        good = residual <= TOLERANCE
        rows, state, residual = rows[good], signed(self.points, state[good]), residual[good]
        last = len(self.points.equations.state)
        near = np.abs(self.state[rows] - state[:, None]) <= _SAME * (1 + np.abs(state[:, None]))
        overlaps: NDArray[np.bool_] = np.all(np.concatenate([near[..., :self.own], near[..., last:]], axis=2), axis=2)
        alike: NDArray[np.bool_] = overlaps & np.all(near, axis=2)
        known, place = np.any(overlaps, axis=1), np.isfinite(self.residual[rows]).sum(axis=1)
        twin = np.flatnonzero(known & ~np.any(alike, axis=1))
        if len(twin):
            place[twin] = overlaps[twin].argmax(axis=1)
            old = self.state[rows[twin], place[twin]]
            known[twin] = ~(self._replicon(rows[twin], state[twin]) < self._replicon(rows[twin], old))
        if (~known).any() and place[~known].max() == self.state.shape[1]:
            self.state = np.pad(self.state, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
            self.residual = np.pad(self.residual, ((0, 0), (0, 1)), constant_values=np.inf)
        self.state[rows[~known], place[~known]], self.residual[rows[~known], place[~known]] = (
            state[~known], residual[~known])

    def _replicon(self, rows: NDArray[np.int64], state: Floats) -> Floats:
        part = self.points.rows(rows)
        return replicon(part, state, part.mapped(state)[1])

    def search(self, begun: list[tuple[NDArray[np.int64], Floats]]) -> None:
        """Search from starts (R, n) at some points each, all in one run of Newton."""
        begun = [(rows[usable], start[usable]) for rows, start in begun
                 for usable in [np.isfinite(start).all(axis=1)]]
        if not begun:
            return
        every = np.concatenate([rows for rows, _ in begun])
        state, residual = newton_from(self.points.rows(every), np.concatenate([start for _, start in begun]))
        ends = np.cumsum([len(rows) for rows, _ in begun])[:-1]
        for (rows, _), one, left in zip(begun, np.split(state, ends), np.split(residual, ends), strict=True):
            self.add(rows, one, left)

    def search_between(self) -> None:
        """Search between every two states: from weights that are a mixture of theirs."""
        equations, size = self.points.equations, len(self.points.equations.state)
        begun: list[tuple[NDArray[np.int64], Floats]] = []
        for first, second in itertools.permutations(range(self.state.shape[1]), 2):
            rows = np.flatnonzero(np.isfinite(self.residual[:, [first, second]]).all(axis=1))
            part, pair = self.points.rows(rows), [self.state[rows, place] for place in (first, second)]
            for share in _SHARES if len(rows) else ():
                # The weights share·w + √(1 − share²)·w' of states that know nothing of each other.
                mixed = share**2 * pair[0] + (1 - share**2) * pair[1]
                overlaps, _, _ = equations.split(mixed)
                along = share * equations.split(pair[0])[1] + np.sqrt(1 - share**2) * equations.split(pair[1])[1]
                begun += [(rows, mixed), (rows, answering(part, overlaps, along, mixed[:, size:])[0])]
        self.search(begun)

    def search_elsewhere(self, begun: list[Floats]) -> None:
        """Search from starts (B, n) for other states than those found: these are divided out (deflation)."""
        start, rows = np.concatenate(begun), np.tile(np.arange(len(self.state)), len(begun))
        known = self.state[rows]
        mirrored = known.copy()
        mirrored[..., len(self.points.equations.pairs):self.own] *= -1
        moved = _deflated(self.points.rows(rows), start, np.concatenate([known, mirrored], axis=1))
        self.search([(rows[:len(self.state)], one) for one in np.split(moved, len(begun))])


def _deflated(points: Points, start: Floats, roots: Floats) -> Floats:
    """Solve M(x) F(x) = 0, M = Π (1 + 1/‖x − r‖²) over roots r (B, S, n), by Newton from a start (B, n).

    P. E. Farrell, Á. Birkisson and S. W. Funke, SIAM J. Sci. Comput. 37 (2015) A2026.
    """
    def factor(x: Floats, rows: Any) -> tuple[Floats, Floats]:
        """M (B, 1), and the gradient (B, n) of ln M."""
        away = x[:, None] - roots[rows]
        square = np.where(np.isfinite(away).all(axis=2), np.sum(away**2, axis=2), np.inf)[..., None]
        slope = -2 * np.where(np.isfinite(square), away / (square * (1 + square)), 0.0)
        return np.prod(1 + 1 / square, axis=1), slope.sum(axis=1)

    def residual(x: Floats, rows: Any) -> Floats:
        return factor(x, rows)[0] * residual_at(points.rows(rows), x) if len(rows) else np.empty_like(x)

    def jacobian(x: Floats, rows: Any) -> Floats:
        part = points.rows(rows)
        size, slope = factor(x, rows)
        return size[..., None] * (jacobian_at(part, x) + residual_at(part, x)[..., None] * slope[:, None])

    return newton(residual, jacobian, start, feasible=lambda x, rows: points.rows(rows).feasible(x),
                  settings=NewtonSettings(tolerance=1e-9, max_iterations=_STEPS, halvings=10)).value


def falling(points: Points, state: Floats) -> NDArray[np.bool_]:
    """Whether (B,) the least loss at given overlaps falls from states (B, n) into some direction of the overlaps.

    A further term s·y of the loss, y the overlaps (Ω, μ), moves them by dy = −C ds, where C⁻¹ is the second derivative
    of that least loss: at a minimum C is positive. At overlaps that cannot move its part vanishes.
    """
    equations, own = points.equations, len(points.equations.pairs) + points.equations.count
    _, site = points.mapped(state, tangents=True)
    unit = np.array([2.0 if i == j else 1.0 for i, j in equations.pairs] + [-1.0] * equations.count)
    push = np.zeros((len(state), state.shape[1], own))
    push[:, :len(equations.state)] = site.slope[:, :, :own] * unit
    jacobian = jacobian_at(points, state)
    usable: NDArray[np.bool_] = np.all(np.isfinite(jacobian), axis=(1, 2)) & np.all(np.isfinite(push), axis=(1, 2))
    moved = np.linalg.solve(np.where(usable[:, None, None], jacobian, np.eye(state.shape[1])),
                            np.where(usable[:, None, None], push, 0.0))[:, :own]
    bends = np.linalg.eigvalsh((moved + np.swapaxes(moved, 1, 2)) / 2)
    return bends[:, 0] < -_FLAT * np.maximum(np.abs(bends).max(axis=1), 1.0)


def every_state(points: Points) -> Found:
    """Search for all states; the first place of each point is for the answer, the deepest one of the named searches.

    Then follow what these found themselves, what lies between two states, and what is left when all are divided out.
    """
    everywhere = np.arange(len(points.noise))
    named = branches(points)
    found = Found(points, *deepest(points, named))
    with np.errstate(all="ignore"):
        for _, state, left in named:
            found.add(everywhere, state, left)
        found.search_between()
        found.search_elsewhere([begun[0] for begun in starts(points).values()])
    return found


def states_block(equations: Quadratic, given: dict[str, Floats], derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields (B, S) of all states that were found at each point, in the order of their free energy.

    ``answer`` is true of the state that :func:`students_block` returns. Unused places hold NaN and the status −1.
    """
    points = Points(equations, given)
    found = every_state(points)
    used = np.isfinite(found.residual)
    # A point without any state has one place, which says so.
    used[:, 0] = True
    rows, places = np.nonzero(used)
    fields = accurate(points.rows(rows), found.state[rows, places], found.residual[rows, places], derivatives, falling)
    fields["answer"] = (places == 0) & found.answered[rows]
    energy = np.full(used.shape, np.inf)
    energy[rows, places] = np.nan_to_num(fields["free_energy"], nan=np.inf)
    order = np.argsort(energy, axis=1, kind="stable")
    block: dict[str, Any] = {}
    for name, values in fields.items():
        whole = np.full(used.shape, UNUSED.get(name, np.nan), dtype=values.dtype)
        whole[rows, places] = values
        block[name] = np.take_along_axis(whole, order, axis=1)
    return block
