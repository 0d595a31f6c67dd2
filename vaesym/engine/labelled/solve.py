"""States of problems with any labels: Newton with the exact Jacobian, from nothing or along a fading ridge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.grids.grid import TOLERANCE, Status, judged
from vaesym.engine.labelled.energy import Energy, Hats, Points
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.fresh import fresh
from vaesym.engine.labelled.outer import Fineness
from vaesym.engine.labelled.site import Site, merged, site
from vaesym.engine.labelled.state import State, directions, inverse_of, roots, state_of, variables_of
from vaesym.engine.proximal import Convex
from vaesym.inputs import Floats
from vaesym.solvers.fading import faded
from vaesym.solvers.newton import NewtonSettings, newton
from vaesym.solvers.slopes import implicit_slopes

#: Nodes that are tried in turn until they are enough, for a law of few and of many variables: closer where integrands
#: are steep, in narrow panels about its cuts, farther out where they grow.
FINENESS = tuple(Fineness(line, order, line, order, reach, grades) for line, order, reach, grades in (
    (32, 8, 7.5, 0), (48, 12, 7.5, 0), (48, 12, 7.5, 6), (80, 18, 9.0, 0), (80, 18, 9.0, 9), (160, 28, 7.5, 0),
    (160, 28, 12.0, 0), (400, 48, 7.5, 0), (400, 48, 20.0, 0)))
#: Values of the integrand of a point that are too many.
_MOST = 8_000_000
#: Nodes over a line from which on a point is solved where fewer found nothing.
_STEEP = 160
#: About how many counts have weight at each node of a law without a largest one.
_COUNTS = 60
#: Points that are solved together.
_BLOCK = 16
#: Weights over α(η + ρ) of the further ½‖w‖² with which a point is approached where nothing else led to it.
_RIDGES = (*np.geomspace(10, 1e-6, 15).tolist(), 0.0)
_ROUNDS, _RUNAWAY = 8, 18.0
#: Slopes by which a loss only just has its minimum at zero, and what stands for a χ that vanishes; Q is its cube.
_JUST, _VANISHED = 1e-9, 1e-20


def _moved(points: Points, z: Floats) -> tuple[State, State, Energy, Hats, Hats, Site]:
    """Return the state at variables, its directions, averages, conjugates, their derivatives, and the next state."""
    state, steps = state_of(points.equations, z), directions(points.equations, z)
    energy = points.energy(state)
    hats, slopes = points.hats(energy), points.slopes(energy, steps)
    return state, steps, energy, hats, slopes, site(points, *merged(state, hats, slopes, steps))


class System:
    """F(z), how far the equations move a state relative to its size, and its exact Jacobian, from the last call."""

    def __init__(self, points: Points, z: Floats) -> None:
        self.points = points
        self._at, self._slope = np.full_like(z, np.nan), np.full((*z.shape, z.shape[1]), np.nan)

    def residual(self, z: Floats, rows: Any) -> Floats:
        """Return F at z (B, n) of some rows of the batch."""
        if not len(rows):
            return np.empty_like(z)
        found, slope = self._values(self.points.but(rows), z)
        self._at[rows], self._slope[rows] = z, slope
        return found

    def jacobian(self, z: Floats, rows: Any) -> Floats:
        """Return dF/dz (B, n, n)."""
        other = (self._at[rows] != z).any(axis=1)
        self.residual(z[other], rows[other])
        return self._slope[rows]

    def _values(self, points: Points, z: Floats) -> tuple[Floats, Floats]:
        equations, count, k = points.equations, len(z), points.equations.count
        state, steps, energy, hats, slopes, after = _moved(points, z)
        left, right = roots(equations, z)
        parts: list[Floats] = []
        moves: list[Floats] = []
        for root, new, d_new, d_old in ((left, after.state.own, after.slope.own, steps.own),
                                        (right, after.state.answers, after.slope.answers, steps.answers)):
            inverse = inverse_of(root)
            ratio = inverse @ new @ np.swapaxes(inverse, 1, 2)
            # d(L⁻¹XL⁻ᵀ) = L⁻¹dXL⁻ᵀ − ΦR − RΦᵀ, Φ = L⁻¹dL.
            inner = inverse @ d_old @ np.swapaxes(inverse, 1, 2)
            turn = np.tril(inner, -1) + np.eye(k) * inner / 2
            moved = inverse @ d_new @ np.swapaxes(inverse, 1, 2) - turn @ ratio - ratio @ np.swapaxes(turn, -1, -2)
            parts.append(equations.triangle(ratio - np.eye(k)))
            moves.append(equations.triangle(moved))
        size = np.sqrt(np.einsum("bii->bi", state.overlaps))[:, :, None]
        d_square = np.einsum("nbii->nbi", steps.own) / 2 + np.sum(state.planted * steps.planted, axis=3)
        d_size = d_square[..., None] / size
        gap = (after.state.planted - state.planted) / size
        parts.insert(1, gap.reshape(count, -1))
        d_gap = (after.slope.planted - steps.planted) / size - gap * d_size / size
        moves.insert(1, d_gap.reshape(len(d_gap), count, -1))
        # Forces that have to vanish on average count by the size of their part on the weights.
        forces = np.sqrt(np.einsum("bii->bi", energy.sums.forces))[:, list(equations.bias)]
        d_forces = np.einsum("nbii->nbi", slopes.spread)[:, :, list(equations.bias)] / (
            2 * points.alpha * points.eta)[:, None] / forces
        push = hats.condition / forces
        parts.append(push)
        moves.append(slopes.condition / forces - push * d_forces / forces)
        return np.concatenate(parts, axis=1), np.moveaxis(np.concatenate(moves, axis=2), 0, 2)


def _newton(points: Points, z: Floats, most: int = 40) -> tuple[Floats, Floats]:
    """Return the variables at which Newton ends and the residuals there, infinite where it found nothing."""
    system = System(points, z)
    settings = NewtonSettings(tolerance=1e-12, max_iterations=most, halvings=8)
    found = newton(system.residual, system.jacobian, z, settings=settings)
    return found.value, np.where(np.isfinite(found.residual), found.residual, np.inf)


def _rounds(points: Points) -> Floats:
    """Return variables after some damped rounds of the map, which comes near from afar."""
    equations, count, k = points.equations, len(points.alpha), points.equations.count
    eye = np.broadcast_to(np.eye(k), (count, k, k))
    state = State(eye, points.target.mean(axis=1), eye, np.zeros((count, len(equations.bias))))
    z = variables_of(equations, state)
    for _ in range(_ROUNDS):
        state, _, _, hats, _, after = _moved(points, z)
        stiff = np.einsum("bii->bi", hats.stiff)[:, list(equations.bias)] / (points.alpha * points.eta)[:, None]
        bias = state.bias - np.clip(hats.condition / stiff, -1, 1)
        following = variables_of(equations, State(after.state.own, after.state.planted, after.state.answers, bias))
        good = np.isfinite(following).all(axis=1, keepdims=True) & (following[:, :1] < _RUNAWAY)
        z = np.where(good, 0.4 * z + 0.6 * following, z)
    return z


def afresh(points: Points) -> tuple[Floats, Floats]:
    """Return variables and residuals, from nothing: some rounds of the map, and where needed a fading ridge.

    Where every sample holds the weights at zero that is the state. Where one only just does, they vanish too, but
    answer each drive in its own way: there is no χ, and nothing to search for.
    """
    hold, z = _held(points)
    residual = np.where(hold > _JUST, 0.0, np.inf)
    rows = np.flatnonzero(hold < -_JUST)
    if len(rows):
        z[rows], residual[rows] = _sought(points.but(rows))
    return z, residual


def _held(points: Points) -> tuple[Floats, Floats]:
    """Return how far zero lies between the slopes of all losses on both sides of u = 0 (B,), and the state w = 0.

    Below 0 some sample pulls, or the penalty may; at least 0, no weights are the minimum of a convex sum. The state
    has χ = (1 − α)/r'': what no sample holds answers. Only one student without a bias is looked at.
    """
    equations, count = points.equations, len(points.alpha)
    hold, every = np.full(count, -np.inf), np.arange(count)
    if equations.count > 1 or equations.bias or equations.residual is not None:
        return hold, np.full((count, len(equations.state) + len(equations.bias)), np.nan)
    columns = {name: value[:, None] for name, value in points.given.items()}
    penalty = Convex(equations.penalty, lambda function, *places: equations.at(function, *places, given=columns))
    low, high, bend = _about_zero(penalty, count)
    labels, which = points.outer.labels.reshape(-1, equations.labels), points.outer.loss.ravel()
    each = np.empty(len(which))
    for index in np.unique(which):
        rows = np.flatnonzero(which == index)
        sides = _about_zero(points.convex(int(index), np.repeat(every, points.outer.loss.shape[1])[rows], labels[rows]),
                            len(rows))
        each[rows] = np.minimum(-sides[0], sides[1])
    kink = (low < -_JUST) & (high > _JUST)
    fine = kink | ((np.abs(low) < 1e-100) & (high == 0) & (bend > 0))
    hold[fine] = each.reshape(count, -1).min(axis=1)[fine]
    answer = np.where(fine & ~kink, np.maximum(1 - points.alpha, 0) / np.where(bend > 0, bend, 1.0), 0.0)
    state = State(np.full((count, 1, 1), _VANISHED**3), np.zeros((count, 1, equations.directions)),
                  np.maximum(answer, _VANISHED)[:, None, None], np.zeros((count, 0)))
    return hold, variables_of(equations, state)


def _about_zero(convex: Convex, count: int) -> tuple[Floats, Floats, Floats]:
    """Return the slopes on the left and on the right of 0 (R,), and the curvature on the right."""
    place = np.zeros((count, 1))
    left, (_, right, bend) = convex.jet(place - np.finfo(np.float64).tiny)[1], convex.jet(place)
    return (np.nan_to_num(left[:, 0], nan=-np.inf), np.nan_to_num(right[:, 0], nan=np.inf), bend[:, 0])


def _sought(points: Points) -> tuple[Floats, Floats]:
    z, residual = _newton(points, _rounds(points), 12)
    lost = np.flatnonzero(~(residual <= TOLERANCE))
    if len(lost):
        part = points.but(lost)
        unit = part.alpha * (part.eta + part.rho)
        z[lost], residual[lost], *_ = faded(
            lambda start, rows, ridge: _newton(part.but(rows).but(ridge=ridge * unit[rows]), start, 20),
            _rounds(part.but(ridge=_RIDGES[0] * unit)), _RIDGES, tolerance=TOLERANCE, ceiling=_RUNAWAY)
    return z, residual


def fields_at(points: Points, z: Floats, residual: Floats, derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field of the points, and derivatives by parameters; NaN where nothing was found."""
    safe = np.where((residual <= TOLERANCE)[:, None], z, 0.0)
    state, _, energy, hats, _, after = _moved(points, safe)
    fields = _values(points, state, energy, hats, after)
    finer = Points(points.equations, points.given, points.fineness.finer)
    again = _moved(finer, safe)[-1].state
    left, right = (inverse_of(root) for root in roots(points.equations, safe))
    error = np.abs(1 - points.outer.weight.sum(axis=1))
    for inverse, change in ((left, again.own - after.state.own), (right, again.answers - after.state.answers)):
        error = np.maximum(error, np.abs(inverse @ change @ np.swapaxes(inverse, 1, 2)).max(axis=(1, 2)))
    size = np.sqrt(np.einsum("bii->bi", state.overlaps))[:, :, None]
    error = np.maximum(error, np.abs((again.planted - after.state.planted) / size).max(axis=(1, 2)))
    for name, value in fresh(finer, state).items():
        error = np.maximum(error, np.abs(value - fields[name]) / np.maximum(1, np.abs(value)))
    for name in derivatives:
        # A state without weights is no regular solution, of which the implicit function theorem would tell.
        fields |= {key: np.where(_gone(state), np.nan, value) for key, value in _slopes(points, safe, name).items()}
    return judged(fields, residual, error)


def _gone(state: State) -> NDArray[np.bool_]:
    """Whether all weights vanish (B,)."""
    return state.overlaps[:, 0, 0] < 2 * _VANISHED**3


def _slopes(points: Points, z: Floats, name: str) -> dict[str, Floats]:
    """Return d<field>_d<name> (B,) of all fields, by the implicit function theorem."""
    limits, rows = next(limits for limits in points.equations.parameters if limits.name == name), np.arange(len(z))

    def at(shift: Floats) -> Points:
        return Points(points.equations, points.given | {name: points.given[name] + shift}, points.fineness)

    def values(shift: Floats, moved: Floats) -> dict[str, Floats]:
        there = at(shift)
        state, _, energy, hats, _, after = _moved(there, moved)
        return _values(there, state, energy, hats, after)

    return implicit_slopes(name, points.given[name], (limits.least, limits.most), System(points, z).jacobian(z, rows),
                           z, lambda shift: System(at(shift), z).residual(z, rows), values)


def _values(points: Points, state: State, energy: Energy, hats: Hats, after: Site) -> dict[str, Floats]:
    """Return the fields of states by name."""
    equations, k = points.equations, points.equations.count
    every = np.concatenate([equations.triangle(state.overlaps), state.planted.reshape(len(points.alpha), -1),
                            equations.triangle(state.answers), state.bias], axis=1)
    drive = hats.drive + hats.stiff @ state.planted
    f = (np.einsum("bij,bij->b", hats.spread, state.answers) - np.einsum("bij,bij->b", hats.stiff, state.overlaps)) / 2
    f += np.einsum("bis,bis->b", drive, state.planted) + after.more["envelope"] + points.alpha * energy.sums.envelope
    product = np.einsum("bikjl,bjlmn->bikmn", _paired(after.gain), _paired(energy.sums.gain)).reshape(-1, k * k, k * k)
    spectrum = np.linalg.eigvals(np.where(np.isfinite(product), product, 0.0))
    # What stands for nothing is nothing.
    gone = _gone(state)[:, None] & (np.abs(every) <= _VANISHED)
    fields = dict(zip((*equations.state, *equations.free), np.where(gone, 0.0, every).T, strict=True))
    fields |= {"free_energy": f, "training_loss": energy.sums.loss, "penalty": after.more["penalty"],
               "replicon": points.alpha * points.eta**2 * np.abs(spectrum).max(axis=1)}
    fields |= {name: np.where(_gone(state), 1.0, after.more[name]) for name in ("zero_fraction",) if name in after.more}
    fields |= fresh(points, state)
    return fields | {name: equations.at(function, *every.T, given=points.given)
                     for name, function in equations.observables.items()}


def _paired(gain: Floats) -> Floats:
    """E[J_ij J_kl] with the map B ↦ E[J B Jᵀ] in the order (i, k; j, l)."""
    return np.einsum("bijkl->bikjl", gain)


def labelled_block(equations: Labelled, given: dict[str, Floats], derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field (B,) at points of the parameters, and derivatives by some of them."""
    count = len(next(iter(given.values())))
    # Points with counts have each as many nodes as the one with the most.
    size = 1 if any(np.isinf(branch.most) for branch in equations.branches) else _BLOCK
    parts = [_block(equations, {name: value[i:i + size] for name, value in given.items()}, derivatives)
             for i in range(0, count, size)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _block(equations: Labelled, given: dict[str, Floats], derivatives: Sequence[str]) -> dict[str, Any]:
    points = Points(equations, given, FINENESS[0])
    with np.errstate(all="ignore"):
        z, residual = afresh(points)
        fields = fields_at(points, z, residual, derivatives)
        for fineness in [each for each in FINENESS[1:] if equations.cuts or not each.grades]:
            # Where nothing was found the integrand is steep, and a little finer is of use about cuts alone.
            steep = fineness.line >= _STEEP or fineness.grades
            poor = [Status.INACCURATE, *([Status.NO_SOLUTION_FOUND] if steep else [])]
            rough = np.flatnonzero(np.isin(fields["status"], poor))
            for row in rough[:, None]:
                _refine(equations, {name: value[row] for name, value in given.items()}, fineness, row, z, fields,
                        derivatives)
    return fields


def _refine(equations: Labelled, given: dict[str, Floats], fineness: Fineness, row: Any, z: Floats,
            fields: dict[str, Any], derivatives: Sequence[str]) -> None:
    """Solve a point anew with finer quadrature, if that is not too much: from what was found, or from nothing."""
    if not affordable(equations, fineness):
        return
    fine = Points(equations, given, fineness)
    known = np.isfinite(fields[equations.state[0]][row]).all()
    start, residual = _newton(fine, z[row]) if known else afresh(fine)
    if known and not (residual <= TOLERANCE).all():
        start, residual = afresh(fine)
    if not known and not (residual <= TOLERANCE).all():
        return
    z[row] = start
    for name, values in fields_at(fine, start, residual, derivatives).items():
        fields[name][row] = values


def affordable(equations: Labelled, fineness: Fineness) -> bool:
    """Whether a point does not take too many nodes."""
    return _cost(equations, fineness) <= _MOST


def _cost(equations: Labelled, fineness: Fineness) -> int:
    """Return about how many values of the integrand a point has."""
    known = equations.directions * equations.knows_teacher
    cut = {place for place, _ in equations.cuts}
    total = sum(int(max(1, min(branch.most, _COUNTS))) for branch in equations.branches)
    if equations.count == 2:
        total *= 8 * fineness.inner_line**2
    elif all(part.quadratic or part.wall for parts in equations.losses for part in parts):
        total *= 16
    else:
        total *= fineness.inner_line * (1 if all(len(parts) == 1 for parts in equations.losses) else 16)
    for place in range(equations.directions + equations.normals):
        if place >= equations.directions or known:
            total *= (5 + 2 * fineness.grades) * fineness.order if place in cut else fineness.line
    return total
