"""States of problems without labels: all that Newton finds from named starts, and the deepest of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.grids.grid import QUADRATURE, TOLERANCE, Status
from vaesym.engine.proximal import Convex
from vaesym.engine.quadratic.averages import by_quadrature
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.rows import penalty_of
from vaesym.engine.quadratic.site import Site, closed
from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonSettings, newton
from vaesym.solvers.slopes import implicit_slopes

#: Gauss-Legendre nodes of a panel: of the search and of the answer.
_SEARCH, _ORDER = 4, 8
#: What is tried in turn until Newton converges: iterations of the map before it, and their damping.
_ATTEMPTS = ((0, 0.0), (12, 0.5), (60, 0.8))
#: Samples per dimension that are many, and steps from there to fewer.
_EASY, _STEPS = 8.0, 60


@dataclass(frozen=True)
class Points:
    """A problem at B points of its parameters."""

    equations: Quadratic
    given: dict[str, Floats]
    order: int = _ORDER

    def rows(self, rows: NDArray[np.int64]) -> Points:
        """Return the same at some of the points."""
        return Points(self.equations, {name: value[rows] for name, value in self.given.items()}, self.order)

    def column(self, function: Any, *variables: Floats) -> Floats:
        """Return a function of variables (B, n) and the parameters at each point."""
        return self.equations.at(function, *variables, given={n: v[:, None] for n, v in self.given.items()})

    @property
    def noise(self) -> Floats:
        """η at each point."""
        return self.equations.at(self.equations.noise, given=self.given)

    def site(self, hats: Floats, *, tangents: bool = True) -> Site:
        """Return the averages over the sites at conjugates (B, n)."""
        equations = self.equations
        convex = [Convex(parts, self.column) for parts in equations.penalties]
        zero = np.zeros((len(hats), 1))
        decay = np.concatenate([c.evaluate(c.parts[0].curvature, zero) for c in convex], axis=1)
        if equations.decay_alone:
            return closed(equations, hats, decay)
        laws: Any = [tuple(equations.at(part, given=self.given) for part in law) for law in equations.planted]
        if equations.count == 1:
            return self._one_student(hats)
        group = None if equations.group is None else equations.at(equations.group, given=self.given)
        return by_quadrature(equations, hats, penalty_of(convex, group, decay), laws, self.order, tangents=tangents)

    def _one_student(self, hats: Floats) -> Site:
        """One vector of weights: the averages that problems with labels have; its order is Ĝ, χ̂, μ̂."""
        batch = Batch(_View(self.equations), self.given, Accuracy())  # type: ignore[arg-type]
        side = batch.site(hats[:, [0, 2, 1]], np.zeros(len(hats)))
        more = {name: side.more[name] for name in ("penalty", "envelope")} | {"zero_fraction": side.more["zero"]}
        return Site(side.value, side.slope[:, :, [0, 2, 1]], side.more["gain"][:, None, None, None, None], more)

    def penalty(self, rows: Floats) -> Floats:
        """Return the penalty of rows (B, k)."""
        total = np.zeros(len(rows)) if self.equations.group is None else self.equations.at(
            self.equations.group, given=self.given) * np.linalg.norm(rows, axis=1)
        for i, parts in enumerate(self.equations.penalties):
            total += Convex(parts, self.column).value(rows[:, i, None])[:, 0]
        return total

    def energy(self, point: Floats) -> Floats:
        """Return energy, training loss, conjugates and conditions (B, 2 + n + t) at states with kept scalars."""
        return self.equations.values(self.equations.energy, point, self.given)

    def feasible(self, point: Floats) -> NDArray[np.bool_]:
        """Return whether both minima exist: χ ⪰ 0, (ηχ)⁻¹ + A ≻ 0, and Ĝ with the penalty's curvature ≻ 0."""
        equations, count = self.equations, self.equations.count
        overlaps, _, answer = equations.split(point)
        hats = self.energy(point)[:, 2:2 + len(equations.state)]
        matrix = equations.values(equations.matrix, point, self.given)
        every = [answer, matrix, hats, overlaps]
        usable = np.all([np.isfinite(part).all(axis=tuple(range(1, part.ndim))) for part in every], axis=0)
        good = usable.copy()
        safe = usable[:, None, None]
        size, vectors = np.linalg.eigh(np.where(safe, answer, np.eye(count)))
        good &= size[:, 0] >= -1e-12
        root = vectors * np.sqrt(np.maximum(size, 0))[:, None, :]
        bent = np.eye(count) + self.noise[:, None, None] * np.swapaxes(root, 1, 2) @ np.where(safe, matrix, 0.0) @ root
        good &= np.linalg.eigvalsh(bent)[:, 0] > 0
        stiff = equations.split(np.where(usable[:, None], hats, 1.0))[0]
        for i, parts in enumerate(equations.penalties):
            bends = [self.column(part.curvature, np.zeros((len(point), 1)))[:, 0] for part in parts if not part.wall]
            stiff[:, i, i] += np.min(bends, axis=0)
        good &= np.linalg.eigvalsh(stiff)[:, 0] > 0
        return good

    def possible(self, point: Floats) -> NDArray[np.bool_]:
        """Return whether some weights have these overlaps: Ω − μμᵀ ⪰ 0 but for rounding."""
        overlaps, planted, _ = self.equations.split(point)
        own = np.nan_to_num(overlaps - planted[:, :, None] * planted[:, None, :], nan=-1.0)
        return np.linalg.eigvalsh(own)[:, 0] >= -1e-8 * (1 + np.abs(overlaps).max(axis=(1, 2)))

    def mapped(self, point: Floats, *, tangents: bool = False) -> tuple[Floats, Site]:
        """Return the energies at points, and the averages over the sites at their conjugates."""
        energy = self.energy(point)
        return energy, self.site(energy[:, 2:2 + len(self.equations.state)], tangents=tangents)


@dataclass(frozen=True)
class _View:
    """A problem without labels as :class:`Batch` reads it for one student."""

    own: Quadratic

    def __getattr__(self, name: str) -> Any:
        own = {"penalty": self.own.penalties[0], "loss": (), "kind": "none", "widths": (), "target": lambda *_: 0.0}
        return own[name] if name in own else getattr(self.own, name)


def residual_at(points: Points, z: Floats) -> Floats:
    """Return by how much the equations are missed at states with kept scalars (B, n + t)."""
    size = len(points.equations.state)
    energy, site = points.mapped(z)
    return np.concatenate([site.value - z[:, :size], energy[:, 2 + size:]], axis=1)


def jacobian_at(points: Points, z: Floats) -> Floats:
    """Return the derivatives (B, n + t, n + t) of :func:`residual_at`."""
    size = len(points.equations.state)
    _, site = points.mapped(z, tangents=True)
    slope = points.equations.values(points.equations.slope, z, points.given)
    top = site.slope @ slope[:, :size] - np.eye(size, z.shape[1])
    return np.concatenate([top, slope[:, size:]], axis=1)


def newton_from(points: Points, start: Floats, iterations: int = 40, halvings: int = 10) -> tuple[Floats, Floats]:
    """Return the points (B, n + t) that Newton ends at, and the residuals of the equations there.

    ``iterations`` and halvings of a step are the most that are spent.
    """
    def residual(z: Floats, rows: Any) -> Floats:
        return residual_at(points.rows(rows), z) if len(rows) else np.empty_like(z)

    settings = NewtonSettings(tolerance=1e-13, max_iterations=iterations, halvings=halvings)
    found = newton(residual, lambda z, rows: jacobian_at(points.rows(rows), z), start,
                   feasible=lambda z, rows: points.rows(rows).feasible(z), settings=settings)
    scale = np.maximum(1.0, np.abs(found.value).max(axis=1, initial=0.0))
    return found.value, np.where(points.feasible(found.value) & points.possible(found.value),
                                 found.residual / scale, np.inf)


def starts(points: Points) -> dict[str, list[Floats]]:
    """Name points from which to search: along the strongest direction of the data, spike or noise, and no weights.

    The first eigenvalue Λ of the sample covariance and its overlap with the planted direction are those of a spiked
    covariance (Baik, Ben Arous and Péché). The weights are taken along its eigenvector, at the best of a few sizes.
    """
    equations, k, count = points.equations, points.equations.count, len(points.noise)
    eta, alpha = points.noise, points.given["alpha"]
    rho = np.maximum(equations.at(equations.signal, given=points.given), 1e-300)
    seen = alpha > (eta / rho) ** 2
    spike, edge = (rho + eta) * (1 + eta / (alpha * rho)), eta * (1 + 1 / np.sqrt(alpha)) ** 2
    overlap = np.sqrt((1 - (eta / rho) ** 2 / alpha) / (1 + eta / (alpha * rho)), where=seen, out=np.full(count, 0.3))
    found: dict[str, list[Floats]] = {}
    factors = (1.1, 2.0, 4.0) if equations.kept else (1.0, 0.8, 1.3) if equations.decay_alone else (0.8, 0.5)
    for name, eigenvalue, planted in (("informed", np.where(seen, spike, rho + eta), overlap),
                                      ("uninformed", edge, np.zeros(count))):
        sizes = _sizes(points, np.sqrt(np.maximum(eigenvalue - eta, 0) / rho))
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
    for axis in (np.geomspace(0.03, 30, 25), np.geomspace(0.8, 1.25, 7), np.geomspace(0.94, 1.064, 5)):
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


def searched(points: Points, begun: list[Floats], *, informed: bool = False) -> tuple[Floats, Floats]:
    """Return what the first successful search from any of the starts finds at each point, and its residual.

    An ``informed`` search goes on from the other starts where what it found knows nothing of the planted direction.
    """
    own, k = len(points.equations.pairs), points.equations.count
    rough = Points(points.equations, points.given, _SEARCH)
    best, left = begun[0].copy(), np.full(len(begun[0]), np.inf)
    # 0: as wanted, 1: a state, but blind to the planted direction; more: none yet.
    rank = np.full(len(left), np.inf)
    for rounds, damping in _ATTEMPTS:
        for start in begun:
            rows = np.flatnonzero(rank > (1 if rounds else 0))
            if not len(rows):
                break
            part = rough.rows(rows)
            found, residual = newton_from(part, _iterated(part, start[rows], rounds, damping))
            blind = informed & (np.abs(found[:, own:own + k]).max(axis=1) < 1e-6)
            new = np.where(residual <= TOLERANCE, blind, 2.0 + residual)
            better = new < rank[rows]
            best[rows[better]], left[rows[better]], rank[rows[better]] = found[better], residual[better], new[better]
    if points.equations.decay_alone:
        return best, left
    near = np.flatnonzero(left <= TOLERANCE)
    if len(near):
        best[near], left[near] = newton_from(points.rows(near), best[near])
    return best, left


def _from_many_samples(points: Points, *, informed: bool) -> tuple[Floats, Floats]:
    """Follow the state from many samples down to the points, by steps in ln α that grow and shrink as Newton allows."""
    alpha = points.given["alpha"]

    def at(share: Floats, rows: NDArray[np.int64]) -> Points:
        moved = np.exp((1 - share) * np.log(_EASY) + share * np.log(alpha[rows]))
        return Points(points.equations, {**points.rows(rows).given, "alpha": moved}, points.order)

    every = np.arange(len(alpha))
    easy = at(np.zeros(len(alpha)), every)
    state, left = searched(easy, starts(easy)["informed" if informed else "uninformed"], informed=informed)
    share, step = np.zeros(len(alpha)), np.full(len(alpha), 0.15)
    residual = np.where(left <= TOLERANCE, np.inf, np.nan)
    for _ in range(_STEPS):
        rows = np.flatnonzero((residual == np.inf) & (step > 1e-3))
        if not len(rows):
            break
        trial = np.minimum(share[rows] + step[rows], 1.0)
        found, left = newton_from(at(trial, rows), state[rows])
        good = left <= TOLERANCE
        state[rows[good]], share[rows[good]] = found[good], trial[good]
        step[rows] *= np.where(good, 1.5, 0.5)
        residual[rows[good & (trial == 1)]] = left[good & (trial == 1)]
    return state, np.where(np.isnan(residual), np.inf, residual)


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
        found = [(name, *searched(points, begun, informed=name == "informed"))
                 for name, begun in starts(points).items()]
        lost = np.all([~(left <= TOLERANCE) for _, _, left in found], axis=0)
        for name, state, left in found[:2]:
            rows = np.flatnonzero(lost & (points.given["alpha"] < _EASY))
            if len(rows):
                state[rows], left[rows] = _from_many_samples(points.rows(rows), informed=name == "informed")
    own, count = len(points.equations.pairs), points.equations.count
    for _, state, _ in found:
        state[:, own:own + count] *= np.where(state[:, own] < 0, -1.0, 1.0)[:, None]
    return found if points.equations.decay_alone else [*found, ("collapsed", *collapsed(points))]


def free_energy(points: Points, point: Floats) -> tuple[Floats, Floats, Site]:
    """Return the free energy, the energies and the averages over the sites at points."""
    equations, size = points.equations, len(points.equations.state)
    energy, site = points.mapped(point)
    hats, state = energy[:, 2:2 + size], point[:, :size]
    own, k = len(equations.pairs), equations.count
    double = np.array([1.0 if i == j else 2.0 for i, j in equations.pairs])
    f = (-(hats[:, :own] * state[:, :own]) @ double / 2 + (hats[:, own + k:] * state[:, own + k:]) @ double / 2
         + np.sum(hats[:, own:own + k] * state[:, own:own + k], axis=1))
    return f + site.more["envelope"] + points.given["alpha"] * energy[:, 0], energy, site


def replicon(points: Points, point: Floats, site: Site) -> Floats:
    """Return the spectral radius of B ↦ αη² E[J G B G J], G = A(I + ηχA)⁻¹; replica symmetry is stable up to 1."""
    equations, k = points.equations, points.equations.count
    answer = equations.split(point)[2]
    matrix, noise = equations.values(equations.matrix, point, points.given), points.noise[:, None, None]
    bend = matrix @ np.linalg.inv(np.eye(k) + noise * answer @ matrix)
    pair = (bend[:, :, None, :, None] * bend[:, None, :, None, :]).reshape(-1, k * k, k * k)
    whole = points.given["alpha"][:, None, None] * noise**2 * site.gain.reshape(-1, k * k, k * k) @ pair
    return np.abs(np.linalg.eigvals(whole)).max(axis=1)


def _some_state(points: Points) -> Floats:
    """Return a state at which everything is finite, for points whose numbers are not kept."""
    equations, k = points.equations, points.equations.count
    small = np.tile(np.eye(k), (len(points.noise), 1, 1)) * 1e-3 / points.noise[:, None, None]
    state = equations.joined(np.tile(np.eye(k), (len(small), 1, 1)), np.zeros((len(small), k)), small)
    return np.concatenate([state, np.ones((len(small), len(equations.kept)))], axis=1)


def values_of(points: Points, point: Floats) -> tuple[dict[str, Floats], Site]:
    """Return what is known of points (B,) by name, and the averages over the sites."""
    equations, size = points.equations, len(points.equations.state)
    f, energy, site = free_energy(points, point)
    scalars = equations.values(equations.scalars, point, points.given) if equations.free else np.empty((len(point), 0))
    whole = [*point[:, :size].T, *scalars.T]
    fields = dict(zip((*equations.state, *equations.free), whole, strict=True))
    fields |= {"free_energy": f, "training_loss": energy[:, 1], "replicon": replicon(points, point, site), **site.more}
    fields.pop("envelope")
    return fields | {name: equations.at(function, *whole, given=points.given)
                     for name, function in equations.observables.items()}, site


def fields_of(points: Points, point: Floats, residual: Floats, derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field of the points, and derivatives by parameters; NaN where nothing was found."""
    size = len(points.equations.state)
    bad = ~(residual <= TOLERANCE)
    safe = np.where(bad[:, None], _some_state(points), point)
    fields, site = values_of(points, safe)
    _, again = Points(points.equations, points.given, points.order * 3 // 2).mapped(safe)
    error = np.max(np.abs(again.value - site.value), axis=1) / np.maximum(1.0, np.abs(safe[:, :size]).max(axis=1))
    status = np.select([bad, fields["replicon"] > 1 + 1e-9, error > QUADRATURE],
                       [Status.NO_SOLUTION_FOUND, Status.UNSTABLE, Status.INACCURATE], Status.SOLVED)
    for name in derivatives:
        fields |= _slopes(points, safe, name)
    return {name: np.where(bad, np.nan, value) for name, value in fields.items()} | {
        "residual": residual, "quadrature_error": np.where(bad, np.nan, error), "status": status}


def _slopes(points: Points, point: Floats, name: str) -> dict[str, Floats]:
    """Return d<field>_d<name> (B,) by the implicit function theorem."""
    limits = next(limits for limits in points.equations.parameters if limits.name == name)

    def at(shift: Floats) -> Points:
        return Points(points.equations, points.given | {name: points.given[name] + shift}, points.order)

    return implicit_slopes(
        name, points.given[name], (limits.least, limits.most), jacobian_at(points, point), point,
        lambda shift: residual_at(at(shift), point), lambda shift, moved: values_of(at(shift), moved)[0])


def deepest(points: Points) -> tuple[Floats, Floats]:
    """Return the state of least free energy at each point, and its residual, infinite where none was found."""
    best = _some_state(points)
    least, left = np.full(len(best), np.inf), np.full(len(best), np.inf)
    for _, point, residual in branches(points):
        rows = np.flatnonzero(residual <= TOLERANCE)
        if not len(rows):
            continue
        with np.errstate(all="ignore"):
            f, _, _ = free_energy(points.rows(rows), point[rows])
        better = f < least[rows] - 1e-13
        rows = rows[better]
        best[rows], least[rows], left[rows] = point[rows], f[better], residual[rows]
    return best, left


def students_block(equations: Quadratic, given: dict[str, Floats],
                   derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields of the deepest state at each point, and their derivatives by parameters."""
    points = Points(equations, given)
    best, left = deepest(points)
    with np.errstate(all="ignore"):  # numbers of points without a state are not kept
        fields = fields_of(points, best, left, derivatives)
    rough = np.flatnonzero(fields["status"] == Status.INACCURATE)
    if len(rough):
        finer = Points(equations, {name: value[rough] for name, value in given.items()}, 2 * _ORDER)
        with np.errstate(all="ignore"):
            again = fields_of(finer, *newton_from(finer, best[rough]), derivatives)
        for name, values in again.items():
            fields[name][rough] = values
    return fields
