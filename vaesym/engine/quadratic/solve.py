"""States of problems without labels: all that Newton finds from named starts, and the deepest of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.grids.grid import TOLERANCE, Status
from vaesym.engine.proximal import Convex
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.points import (
    BLIND,
    ORDER,
    PULLED,
    Pace,
    Points,
    carried,
    drawn,
    fields_of,
    free_energy,
    newton_from,
    pull,
    some_state,
)
from vaesym.inputs import Floats

#: Gauss-Legendre nodes of a panel in a search.
_SEARCH = 4
#: What is tried in turn until Newton converges: iterations of the map before it, and their damping.
_ATTEMPTS = ((0, 0.0), (12, 0.5), (60, 0.8))
#: Samples per dimension that are many, and how states are followed from there to fewer.
_EASY, _PACE = 8.0, Pace(first=0.15, growth=1.5, least=1e-3, steps=60)
#: How many times more samples than a point has are many to it, where its own state is blind.
_MORE = 16.0
#: Weights over αη of the further ½‖w‖² that fades away on the way to points where nothing else led to.
_RIDGES, _FADED = (0.3, 0.03), 1e-8
#: Nodes over the spectrum of samples of noise.
_ANGLES = 64
#: Grids of factors on which the best sizes of weights are found, for weight decay down to the last one.
_GRIDS = (np.geomspace(0.03, 30, 25), np.geomspace(0.8, 1.25, 7), np.geomspace(0.94, 1.064, 5),
          *(np.exp(0.03 * 0.5**i * np.linspace(-1, 1, 5)) for i in range(14)))
#: Overlaps, over the size of the weights or 1, with which blind states are turned to the planted direction.
_TURNS = (0.5, 0.1, 0.9)


def starts(points: Points) -> dict[str, list[Floats]]:
    """Name points from which to search: along the strongest direction of the data, spike or noise, and no weights.

    The first eigenvalue Λ of the sample covariance and its overlap with the planted direction are those of a spiked
    covariance (Baik, Ben Arous and Péché). The weights are taken along its eigenvector, at the best of a few sizes.
    """
    equations, k, count = points.equations, points.equations.count, len(points.noise)
    eta, alpha = points.noise, points.given["alpha"]
    rho = np.maximum(equations.at(equations.signal, given=points.given), 1e-300)
    seen = _signal_seen(points)
    spike, edge = (rho + eta) * (1 + eta / (alpha * rho)), eta * (1 + 1 / np.sqrt(alpha)) ** 2
    overlap = np.sqrt((1 - (eta / rho) ** 2 / alpha) / (1 + eta / (alpha * rho)), where=seen, out=np.full(count, 0.3))
    found: dict[str, list[Floats]] = {}
    blind = _sizes(points, np.sqrt(np.maximum(edge - eta, 0) / rho))
    factors = (1.1, 2.0, 4.0) if equations.kept else (1.0, 0.8, 1.3) if equations.decay_alone else (0.8, 0.5)
    for name, eigenvalue, planted in (("informed", np.where(seen, spike, rho + eta), overlap),
                                      ("uninformed", edge, np.zeros(count))):
        sizes = _sizes(points, np.sqrt(np.maximum(eigenvalue - eta, 0) / rho))
        if equations.decay_alone:
            # Weights that know of the signal where its eigenvector does not are no state: the blind ones stand in.
            found[name] = [_of_the_spectrum(points, np.where(seen[:, None], sizes, blind), planted * seen,
                                            np.where(seen, eigenvalue, edge))]
        for factor in factors:
            scaled = sizes if equations.kept else sizes * factor
            kept = np.repeat(eigenvalue[:, None] * factor, len(equations.kept), axis=1)
            for apart in (0.02, 0.002) if k > 1 and equations.decay_alone else (0.02,):
                overlaps = scaled[:, :, None] * scaled[:, None, :] * (1 + apart * np.eye(k))
                found.setdefault(name, []).extend(answering(points, overlaps, scaled * planted[:, None], kept))
    if equations.decay_alone:
        found["collapsed"] = answering(points, np.zeros((count, k, k)), np.zeros((count, k)),
                                        np.repeat(edge[:, None], len(equations.kept), axis=1))
    return found


def _signal_seen(points: Points) -> NDArray[np.bool_]:
    """Whether an eigenvector of the samples knows of the planted direction: α > (η/ρ)²."""
    signal = points.equations.at(points.equations.signal, given=points.given)
    return points.noise**2 < points.given["alpha"] * signal**2


def answering(points: Points, overlaps: Floats, along: Floats, kept: Floats) -> list[Floats]:
    """Return states of given overlaps, with the answers χ that belong to them: those of no answers before, and more."""
    equations, k = points.equations, points.equations.count
    size = len(equations.state)
    answers = np.zeros((len(along), k, k))
    found = []
    for _ in range(4):
        state = np.concatenate([equations.joined(overlaps, along, answers), kept], axis=1)
        with np.errstate(all="ignore"):
            _, site = points.mapped(state)
        following = equations.split(site.value)[2]
        trial = np.concatenate([equations.joined(overlaps, along, following), kept], axis=1)
        good = points.feasible(trial[:, :size + kept.shape[1]])
        small = np.eye(k) * 0.1 / points.noise[:, None, None]
        answers = np.where(good[:, None, None], following, (answers + small) / 2)
        found.append(np.concatenate([equations.joined(overlaps, along, answers), kept], axis=1))
    return found[::-1]


def _of_the_spectrum(points: Points, sizes: Floats, planted: Floats, eigenvalue: Floats) -> Floats:
    """Return states of weights along an eigenvector, with the answers χ = ∫H(x)⁻¹ν(dx) under weight decay alone.

    H(x) is the Hessian of what is minimised in directions in which the samples have variance x, of which Marchenko and
    Pastur's law ν tells: where these are few, a student that they alone hold has answers of the size of 1/λ.
    """
    equations, k, alpha = points.equations, points.equations.count, points.given["alpha"]
    angle = (np.arange(_ANGLES) + 0.5) * np.pi / _ANGLES
    x = points.noise[:, None] * (1 + 1 / alpha[:, None] + 2 / np.sqrt(alpha)[:, None] * np.cos(angle))
    share = 2 * points.noise[:, None] / x * np.sin(angle) ** 2 / _ANGLES
    x, share = np.pad(x, ((0, 0), (0, 1))), np.pad(share, ((0, 0), (0, 1)))
    share[:, -1] = np.maximum(1 - alpha, 0)
    overlaps, kept = sizes[:, :, None] * sizes[:, None], np.repeat(eigenvalue[:, None], len(equations.kept), axis=1)
    own, moments = equations.triangle(overlaps), equations.triangle(eigenvalue[:, None, None] * overlaps)
    best = np.empty((len(x), len(equations.free)))
    if equations.free:
        best[:] = equations.values(equations.trained, np.concatenate([own, moments], axis=1), points.given)
    best[:, [equations.free.index(name) for name in equations.kept]] = kept
    known = np.concatenate([own, best, moments], axis=1)
    slopes = equations.values(equations.sample, known, points.given)[:, 1:]
    bent = equations.matrices(slopes) * (1 + np.eye(k)) + points.decay[:, :, None] / alpha[:, None, None] * np.eye(k)
    matrix = equations.values(equations.sample_matrix, known, points.given)
    values, vectors = np.linalg.eigh(bent[:, None] + x[..., None, None] * matrix[:, None])
    values = 1 / np.maximum(np.abs(values), 1e-300)
    answers = np.einsum("bx,bxij,bxj,bxkj->bik", share, vectors, values, vectors) / alpha[:, None, None]
    return np.concatenate([equations.joined(overlaps, sizes * planted[:, None], answers), kept], axis=1)


def _sizes(points: Points, along: Floats) -> Floats:
    """Return sizes (B, k) of the students' weights, all along one direction, at which the loss is least on a grid.

    With weights s the fields have variance Λs², which the overlap s·``along`` makes of ρ and η. A penalty that makes
    weights vanish would choose none, and does not count here.
    """
    equations, k, count = points.equations, points.equations.count, len(along)
    if equations.kept:
        return np.ones((count, k))
    best = np.ones((count, k))
    # On narrower and narrower grids: where weights are scaled against one another the loss is nearly flat.
    for axis in _GRIDS if equations.decay_alone else _GRIDS[:3]:
        grid = np.stack(np.meshgrid(*[axis] * k, indexing="ij"), axis=-1).reshape(-1, k)
        sizes = (best[:, None] * grid).reshape(-1, k)
        total = _along(points, sizes, np.repeat(along, len(grid)))
        best = sizes.reshape(count, -1, k)[np.arange(count), total.reshape(count, -1).argmin(axis=1)]
    return best


def _along(points: Points, sizes: Floats, along: Floats) -> Floats:
    """Return the loss over N for weights (B·n, k) along one direction, infinite where it is no number."""
    equations, times = points.equations, len(sizes) // len(points.noise)
    many = Points(equations, {name: np.repeat(value, times) for name, value in points.given.items()})
    overlaps = sizes[:, :, None] * sizes[:, None, :]
    state = equations.joined(overlaps, sizes * along[:, None], np.zeros_like(overlaps))
    total = many.given["alpha"] * many.energy(state)[:, 0]
    if equations.decay_alone:
        total += many.penalty(sizes)
    return np.nan_to_num(total, nan=np.inf)


def _iterated(points: Points, point: Floats, rounds: int, damping: float) -> Floats:
    """Damped iteration of the map: slow, but it comes near from afar. Trained scalars among the unknowns stay."""
    size = len(points.equations.state)
    for _ in range(rounds):
        _, site = points.mapped(point)
        following = point.copy()
        following[:, :size] = damping * point[:, :size] + (1 - damping) * site.value
        point = np.where(points.feasible(following)[:, None], following, point)
    return point


def searched(points: Points, begun: list[Floats], *,
             informed: bool | NDArray[np.bool_] = False) -> tuple[Floats, Floats]:
    """Return what the first successful search from any of the starts finds at each point, and its residual.

    An ``informed`` search goes on from the other starts where what it found knows nothing of the planted direction.
    """
    own, k = len(points.equations.pairs), points.equations.count
    rough = Points(points.equations, points.given, _SEARCH)
    best, left = begun[0].copy(), np.full(len(begun[0]), np.inf)
    # 0: as wanted, 1: a state, but blind to the planted direction; more: none yet.
    rank = np.full(len(left), np.inf)
    informed = np.broadcast_to(informed, len(left))
    for rounds, damping in _ATTEMPTS:
        for start in begun:
            rows = np.flatnonzero(rank > (1 if rounds else 0))
            if not len(rows):
                break
            part = rough.rows(rows)
            found, residual = newton_from(part, _iterated(part, start[rows], rounds, damping))
            blind = informed[rows] & (np.abs(found[:, own:own + k]).max(axis=1) < BLIND)
            new = np.where(residual <= TOLERANCE, blind, 2.0 + residual)
            better = new < rank[rows]
            best[rows[better]], left[rows[better]], rank[rows[better]] = found[better], residual[better], new[better]
    if points.equations.decay_alone:
        return best, left
    near = np.flatnonzero(left <= TOLERANCE)
    if len(near):
        best[near], left[near] = newton_from(points.rows(near), best[near])
    return best, left


def _from_many_samples(points: Points, many: Floats, *, informed: bool) -> tuple[Floats, Floats]:
    """Follow the state from many samples (B,) down to the points, by steps in ln α."""
    alpha = points.given["alpha"]

    def at(share: Floats, rows: NDArray[np.int64]) -> Points:
        moved = np.exp((1 - share) * np.log(many[rows]) + share * np.log(alpha[rows]))
        return Points(points.equations, {**points.rows(rows).given, "alpha": moved}, points.order)

    return _along_a_way(at, len(alpha), informed=informed)


def _along_a_way(at: Any, count: int, *, informed: bool) -> tuple[Floats, Floats]:
    """Search at the begin of a way, and follow what was found to its end."""
    easy = at(np.zeros(count), np.arange(count))
    state, left = searched(easy, starts(easy)["informed" if informed else "uninformed"], informed=informed)
    return carried(at, state, left <= TOLERANCE, _PACE)


def _under_a_ridge(points: Points, *, informed: bool) -> tuple[Floats, Floats]:
    """Follow the state under a further weight decay that fades away: without one the loss may be nearly flat."""
    state, left = some_state(points), np.full(len(points.noise), np.inf)
    unit = points.given["alpha"] * points.noise
    for ridge in _RIDGES:
        lost = np.flatnonzero(~(left <= TOLERANCE))
        if not len(lost):
            break

        def at(share: Floats, rows: NDArray[np.int64], lost: NDArray[np.int64] = lost, ridge: float = ridge) -> Points:
            fading = ridge * (_FADED**share - _FADED) / (1 - _FADED)
            return replace(points.rows(lost[rows]), ridge=fading * unit[lost[rows]])

        state[lost], left[lost] = _along_a_way(at, len(lost), informed=informed)
    return state, left


def _turned(points: Points, blind: Floats, turn: Floats) -> tuple[Floats, Floats]:
    """Return states that know of the planted direction where blind ones are drawn to it, with residuals.

    They are searched from the blind states, turned some way; then from more samples; then under a fading ridge.
    """
    equations, own, k = points.equations, len(points.equations.pairs), points.equations.count
    sizes = np.array([i == j for i, j in equations.pairs])
    norm = np.sqrt(np.maximum(blind[:, :own][:, sizes].max(axis=1), 0))
    begun = []
    for share in _TURNS:
        start, along = blind.copy(), share * np.where(norm > BLIND, norm, 1.0)[:, None] * turn
        start[:, own:own + k] = along
        start[:, :own] += equations.triangle(along[:, :, None] * along[:, None, :])
        begun.append(start)
    state, left = searched(points, begun, informed=True)
    for way in (lambda part: _from_many_samples(part, _MORE * part.given["alpha"], informed=True),
                lambda part: _under_a_ridge(part, informed=True)):
        rows = np.flatnonzero(~_seeing(points, state, left))
        if len(rows):
            state[rows], left[rows] = way(points.rows(rows))
    return state, np.where(_seeing(points, state, left), left, np.inf)


def _seeing(points: Points, state: Floats, left: Floats) -> NDArray[np.bool_]:
    """Whether states were found, and know of the planted direction."""
    own, k = len(points.equations.pairs), points.equations.count
    return (left <= TOLERANCE) & (np.abs(state[:, own:own + k]).max(axis=1) >= BLIND)


def collapsed(points: Points) -> tuple[Floats, Floats]:
    """Return the state without weights, whose answers solve χ = J(Ĝ(χ)) at no field, and its residual."""
    equations, size = points.equations, len(points.equations.state)
    k = equations.count
    point = np.zeros((len(points.noise), size + len(equations.kept)))
    point[:, size:] = 2.0
    held = np.zeros((len(points.noise), k))
    for i, parts in enumerate(equations.penalties):
        convex = Convex(parts, points.column)
        one = np.ones((len(points.noise), 1))
        for kink, low, high in convex.edges(one, 0 * one):
            held[:, i] += ((kink == 0) & (low < 0) & (high > 0))[:, 0]
    if equations.group is not None:
        held[:] = 1.0
    if held.all() and not equations.kept:
        residual = np.where(points.feasible(point), 0.0, np.inf)
        return point, residual
    return point, np.full(len(point), np.inf)


def branches(points: Points) -> list[tuple[str, Floats, Floats]]:
    """Return (name, points, residuals) of the searches, in the order of :func:`starts`, with the collapsed state.

    Where no search has found anything, states are followed from many samples down. The sign of the planted direction
    is that of the first student's overlap, as samples do not tell it.
    """
    with np.errstate(all="ignore"):
        # Under weight decay alone weights are eigenvectors: where none of these knows of the signal, no state does.
        knowing = _signal_seen(points) if points.equations.decay_alone else True
        found = [(name, *searched(points, begun, informed=knowing if name == "informed" else False))
                 for name, begun in starts(points).items()]
        lost = np.all([~(left <= TOLERANCE) for _, _, left in found], axis=0)
        for name, state, left in found[:2]:
            rows = np.flatnonzero(lost & (points.given["alpha"] < _EASY))
            if len(rows):
                easy = np.full(len(rows), _EASY)
                state[rows], left[rows] = _from_many_samples(points.rows(rows), easy, informed=name == "informed")
            rows = np.flatnonzero(lost & ~(left <= TOLERANCE))
            if len(rows):
                state[rows], left[rows] = _under_a_ridge(points.rows(rows), informed=name == "informed")
    found = [(name, signed(points, state), left) for name, state, left in found]
    return found if points.equations.decay_alone else [*found, ("collapsed", *collapsed(points))]


def signed(points: Points, state: Floats) -> Floats:
    """Return states in which the first student's overlap is not negative."""
    own, count = len(points.equations.pairs), points.equations.count
    state[:, own:own + count] *= np.where(state[:, own] < 0, -1.0, 1.0)[:, None]
    return state


def deepest(points: Points, named: Sequence[tuple[str, Floats, Floats]] | None = None) -> tuple[Floats, Floats]:
    """Return the state of least free energy at each point, and its residual, infinite where none was found.

    ``named`` is what :func:`branches` returns, if that was called.
    """
    best = some_state(points)
    least, left = np.full(len(best), np.inf), np.full(len(best), np.inf)
    for _, point, residual in branches(points) if named is None else named:
        rows = np.flatnonzero(residual <= TOLERANCE)
        if not len(rows):
            continue
        with np.errstate(all="ignore"):
            f, _, _ = free_energy(points.rows(rows), point[rows])
        better = f < least[rows] - 1e-13
        rows = rows[better]
        best[rows], least[rows], left[rows] = point[rows], f[better], residual[rows]
    with np.errstate(all="ignore"):
        strength, turn = pull(points, best)
        rows = np.flatnonzero((strength > PULLED) & (left <= TOLERANCE))
        if len(rows):
            point, residual = _turned(points.rows(rows), best[rows], turn[rows])
            found = residual <= TOLERANCE
            rows = rows[found]
            best[rows], left[rows] = signed(points, point[found]), residual[found]
    return best, left


def students_block(equations: Quadratic, given: dict[str, Floats],
                   derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields of the deepest state at each point, and their derivatives by parameters."""
    points = Points(equations, given)
    return accurate(points, *deepest(points), derivatives)


def accurate(points: Points, state: Floats, left: Floats, derivatives: Sequence[str],
             saddle: Callable[[Points, Floats], NDArray[np.bool_]] = drawn) -> dict[str, Any]:
    """Return the fields of states, as :func:`fields_of`, by finer quadrature where that is needed."""
    with np.errstate(all="ignore"):  # numbers of points without a state are not kept
        fields = fields_of(points, state, left, derivatives, saddle)
    rough = np.flatnonzero(fields["status"] == Status.INACCURATE)
    if len(rough):
        finer = replace(points.rows(rough), order=2 * ORDER)
        with np.errstate(all="ignore"):
            again = fields_of(finer, *newton_from(finer, state[rough]), derivatives, saddle)
        for name, values in again.items():
            fields[name][rough] = values
    return fields
