"""Problems without labels at points of their parameters: the equations, Newton's method on them, and all fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.grids.grid import TOLERANCE, judged
from vaesym.engine.proximal import Convex
from vaesym.engine.quadratic.averages import by_quadrature
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.rows import Penalty, penalty_of
from vaesym.engine.quadratic.site import Site, closed
from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonSettings, newton
from vaesym.solvers.slopes import implicit_slopes

#: Gauss-Legendre nodes of a panel.
ORDER = 8
#: Overlaps with the planted direction below this are none; pulls towards it above the next one are no rounding.
BLIND, PULLED = 1e-6, 1e-7
#: Squared norms up to which weights are taken to vanish, and the share of one at which they shrink on the way.
_SMALL, _SHRUNK = 1e-6, 0.1


@dataclass(frozen=True)
class Points:
    """A problem at B points of its parameters, with a further ½·ridge‖w‖² in the penalty."""

    equations: Quadratic
    given: dict[str, Floats]
    order: int = ORDER
    ridge: Floats | float = 0.0

    def rows(self, rows: NDArray[np.int64]) -> Points:
        """Return the same at some of the points."""
        if len(rows) == len(self.noise) and (rows == np.arange(len(rows))).all():
            return self  # with what it knows already
        return Points(self.equations, {name: value[rows] for name, value in self.given.items()}, self.order,
                      self.ridge[rows] if isinstance(self.ridge, np.ndarray) else self.ridge)

    def column(self, function: Any, *variables: Floats) -> Floats:
        """Return a function of variables (B, n) and the parameters at each point."""
        return self.equations.at(function, *variables, given={n: v[:, None] for n, v in self.given.items()})

    @cached_property
    def noise(self) -> Floats:
        """η at each point."""
        return self.equations.at(self.equations.noise, given=self.given)

    @cached_property
    def decay(self) -> Floats:
        """The curvature (B, k) of the penalties at small weights below 0, which is that of weight decay."""
        zero = np.zeros((len(self.noise), 1))
        return np.concatenate([self.column(parts[0].curvature, zero) for parts in self.equations.penalties], axis=1)

    def site(self, hats: Floats, *, tangents: bool = True) -> Site:
        """Return the averages over the sites at conjugates (B, n)."""
        equations = self.equations
        if equations.decay_alone:
            return closed(equations, hats, self.decay, tangents=tangents)
        if equations.count == 1:
            return self._one_student(hats)
        return by_quadrature(equations, hats, self._penalty, self._laws, self.order, tangents=tangents)

    @cached_property
    def _penalty(self) -> Penalty:
        """The penalty of two students."""
        equations = self.equations
        convex = [Convex(parts, self.column) for parts in equations.penalties]
        group = None if equations.group is None else equations.at(equations.group, given=self.given)
        return penalty_of(convex, group, self.decay)

    @cached_property
    def _laws(self) -> Any:
        """Probability, mean and variance (B,) of each part of the law of the planted rows."""
        return [tuple(self.equations.at(part, given=self.given) for part in law) for law in self.equations.planted]

    @cached_property
    def _bends(self) -> list[Floats]:
        """The least curvature (B,) of each penalty at 0."""
        zero = np.zeros((len(self.noise), 1))
        return [np.min([self.column(part.curvature, zero)[:, 0] for part in parts if not part.wall], axis=0)
                for parts in self.equations.penalties]

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

    def feasible(self, point: Floats, energy: Floats | None = None) -> NDArray[np.bool_]:
        """Return whether both minima exist: χ ⪰ 0, (ηχ)⁻¹ + A ≻ 0, and Ĝ with the penalty's curvature ≻ 0."""
        equations, count = self.equations, self.equations.count
        overlaps, _, answer = equations.split(point)
        hats = self.felt(self.energy(point) if energy is None else energy)
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
        for i, bend in enumerate(self._bends):
            stiff[:, i, i] += bend
        good &= np.linalg.eigvalsh(stiff)[:, 0] > 0
        return good

    def possible(self, point: Floats) -> NDArray[np.bool_]:
        """Return whether some weights have these overlaps: Ω − μμᵀ ⪰ 0 but for rounding."""
        overlaps, planted, _ = self.equations.split(point)
        own = np.nan_to_num(overlaps - planted[:, :, None] * planted[:, None, :], nan=-1.0)
        return np.linalg.eigvalsh(own)[:, 0] >= -1e-8 * (1 + np.abs(overlaps).max(axis=(1, 2)))

    def mapped(self, point: Floats, energy: Floats | None = None, *, tangents: bool = False) -> tuple[Floats, Site]:
        """Return the energies at points, which may be known, and the averages over the sites at their conjugates."""
        energy = self.energy(point) if energy is None else energy
        return energy, self.site(self.felt(energy), tangents=tangents)

    def felt(self, energy: Floats) -> Floats:
        """Return the conjugates (B, n) among energies as a row feels them, with the ridge."""
        hats = energy[:, 2:2 + len(self.equations.state)].copy()
        for place, (i, j) in enumerate(self.equations.pairs):
            hats[:, place] += self.ridge if i == j else 0.0
        return hats


@dataclass(frozen=True)
class _View:
    """A problem without labels as :class:`Batch` reads it for one student."""

    own: Quadratic

    def __getattr__(self, name: str) -> Any:
        own = {"penalty": self.own.penalties[0], "loss": (), "kind": "none", "widths": (), "target": lambda *_: 0.0}
        return own[name] if name in own else getattr(self.own, name)


def residual_at(points: Points, z: Floats, energy: Floats | None = None) -> Floats:
    """Return by how much the equations are missed at states with kept scalars (B, n + t)."""
    size = len(points.equations.state)
    energy, site = points.mapped(z, energy)
    return np.concatenate([site.value - z[:, :size], energy[:, 2 + size:]], axis=1)


def jacobian_at(points: Points, z: Floats, energy: Floats | None = None) -> Floats:
    """Return the derivatives (B, n + t, n + t) of :func:`residual_at`."""
    size = len(points.equations.state)
    _, site = points.mapped(z, energy, tangents=True)
    slope = points.equations.values(points.equations.slope, z, points.given)
    top = site.slope @ slope[:, :size] - np.eye(size, z.shape[1])
    return np.concatenate([top, slope[:, size:]], axis=1)


def newton_from(points: Points, start: Floats, iterations: int = 40, halvings: int = 10) -> tuple[Floats, Floats]:
    """Return the points (B, n + t) that Newton ends at, and the residuals of the equations there.

    ``iterations`` and halvings of a step are the most that are spent. The variables are first the logarithms of the
    norms, and what is left of the state at norms 1: little decay leaves it nearly free to scale the students' weights
    against one another, along a valley that is straight in these. Where weights are small, or become so on the way,
    the variables are the states themselves.
    """
    valley = _Valley(points.equations)
    value, residual = start.copy(), np.full(len(start), np.inf)
    tried = (start[:, valley.norms] > _SMALL).all(axis=1) & (points.equations.count > 1)
    rows = np.flatnonzero(tried)
    if len(rows):
        value[rows], residual[rows] = _newton(points.rows(rows), start[rows], valley, iterations, halvings)
    small = value[:, valley.norms].min(axis=1) < _SHRUNK * start[:, valley.norms].min(axis=1)
    rows = np.flatnonzero(~(residual <= TOLERANCE) & small | ~tried)
    if len(rows):
        again, left = _newton(points.rows(rows), start[rows], None, iterations, halvings)
        better = ~(left > residual[rows])
        value[rows[better]], residual[rows[better]] = again[better], left[better]
    return value, residual


class _Valley:
    """States as functions of ln ‖wᵢ‖² and of what they are for students of norm 1."""

    def __init__(self, equations: Quadratic) -> None:
        pairs, k = equations.pairs, equations.count
        twice = [np.eye(k)[i] + np.eye(k)[j] for i, j in pairs]
        #: How often the norm of each student is a factor of each part of a state.
        self.powers = np.array([*twice, *np.eye(k), *twice, *[np.zeros(k)] * len(equations.kept)])
        self.norms = [place for place, (i, j) in enumerate(pairs) if i == j]

    def state(self, y: Floats) -> Floats:
        """Return the states (B, n) at variables."""
        factor = np.exp(y[:, self.norms] / 2 @ self.powers.T)
        state = y * factor
        state[:, self.norms] = factor[:, self.norms]
        return state

    def variables(self, state: Floats) -> Floats:
        """Return the variables (B, n) of states."""
        logarithms = np.log(state[:, self.norms])
        y = state * np.exp(-logarithms / 2 @ self.powers.T)
        y[:, self.norms] = logarithms
        return y

    def slope(self, y: Floats) -> Floats:
        """Return the derivatives (B, n, n) of the states."""
        places, state = np.arange(y.shape[1]), self.state(y)
        found = np.zeros((*y.shape, y.shape[1]))
        found[:, places, places] = np.exp(y[:, self.norms] / 2 @ self.powers.T)
        found[:, :, self.norms] = state[:, :, None] * self.powers / 2
        return found


class _Known:
    """States and energies at the last variables of each row: a step asks three times, the Jacobian included."""

    def __init__(self, points: Points, size: int, state: Callable[[Floats], Floats]) -> None:
        self.points, self.state = points, state
        many = 2 + size  # energy, training loss, and as many conjugates and conditions as unknowns
        self._at, self._energy = np.full((len(points.noise), size), np.nan), np.empty((len(points.noise), many))

    def at(self, y: Floats, rows: NDArray[np.int64]) -> tuple[Points, Floats, Floats]:
        """Return the points, states and energies at variables (B, n) of some rows."""
        new = (self._at[rows] != y).any(axis=1)
        if new.any():
            self._at[rows[new]] = y[new]
            self._energy[rows[new]] = self.points.rows(rows[new]).energy(self.state(y[new]))
        return self.points.rows(rows), self.state(y), self._energy[rows]


def _newton(points: Points, start: Floats, valley: _Valley | None, iterations: int,
            halvings: int) -> tuple[Floats, Floats]:
    known = _Known(points, start.shape[1], valley.state if valley else lambda y: y)
    state = known.state

    def residual(y: Floats, rows: Any) -> Floats:
        return residual_at(*known.at(y, rows)) if len(rows) else np.empty_like(y)

    def jacobian(y: Floats, rows: Any) -> Floats:
        slope = jacobian_at(*known.at(y, rows))
        return slope @ valley.slope(y) if valley else slope

    def feasible(y: Floats, rows: Any) -> NDArray[np.bool_]:
        some, z, energy = known.at(y, rows)
        return some.feasible(z, energy)

    found = newton(residual, jacobian, valley.variables(start) if valley else start, feasible=feasible,
                   settings=NewtonSettings(tolerance=1e-13, max_iterations=iterations, halvings=halvings))
    value = state(found.value)
    scale = np.maximum(1.0, np.abs(value).max(axis=1, initial=0.0))
    return value, np.where(points.feasible(value) & points.possible(value), found.residual / scale, np.inf)


class Pace(NamedTuple):
    """How states are followed: the first step, as a share of the way, by what steps grow, the least and how many.

    ``iterations`` and ``halvings`` are Newton's at each step, ``tolerance`` the residual up to which it is taken.
    """

    first: float
    growth: float
    least: float
    steps: int
    iterations: int = 40
    halvings: int = 10
    tolerance: float = TOLERANCE


def carried(at: Callable[[Floats, NDArray[np.int64]], Points], state: Floats, there: NDArray[np.bool_], pace: Pace,
            wanted: Callable[[Floats], NDArray[np.bool_]] | None = None) -> tuple[Floats, Floats]:
    """Follow states (B, n) to the end of a way, by steps that grow and shrink as Newton allows.

    ``at`` gives the points of rows at shares of their way, ``there`` says which states there are, and ``wanted`` which
    are still those that are followed. Returns the states and their residuals, infinite where the end was not reached.
    """
    state, residual, alive = state.copy(), np.full(len(state), np.inf), there.copy()
    way, step = np.zeros(len(state)), np.full(len(state), pace.first)
    for _ in range(pace.steps):
        rows = np.flatnonzero(alive & (way < 1))
        if not len(rows):
            break
        trial = np.minimum(way[rows] + step[rows], 1.0)
        with np.errstate(all="ignore"):
            reached, left = newton_from(at(trial, rows), state[rows], pace.iterations, pace.halvings)
        good = left <= pace.tolerance
        good &= True if wanted is None else wanted(reached)
        state[rows[good]], way[rows[good]] = reached[good], trial[good]
        step[rows] *= np.where(good, pace.growth, 0.5)
        alive[rows[step[rows] < pace.least]] = False
        ended = good & (trial == 1)
        residual[rows[ended]] = left[ended]
    return state, residual


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


def pull(points: Points, point: Floats) -> tuple[Floats, Floats]:
    """Return how strongly states (B, n) that are blind to the planted direction are drawn to it, and how they turn.

    At μ = 0 the equations map small overlaps μ to χKμ, K = −α ∂²(energy)/∂μ². A further drive h along the planted
    direction moves μ by (χ⁻¹ − K)⁻¹h, which is the inverse of the Hessian of what is minimised, seen in that direction:
    where an eigenvalue of χK is above 1 there is no minimum, and a better state lies that way. Returned are the largest
    of these eigenvalues less 1, −∞ for states that are not blind, and its eigenvector (B, k).
    """
    own, k = len(points.equations.pairs), points.equations.count
    rows = np.flatnonzero(np.abs(point[:, own:own + k]).max(axis=1) < BLIND)
    strength, turn = np.full(len(point), -np.inf), np.zeros((len(point), k))
    if len(rows):
        block = jacobian_at(points.rows(rows), point[rows])[:, own:own + k, own:own + k]
        values, vectors = np.linalg.eig(np.where(np.isfinite(block), block, -np.eye(k)))
        # χ and K are symmetric and χ positive, so that the eigenvalues are real.
        first, at = np.real(values).argmax(axis=1), np.arange(len(rows))
        strength[rows], turn[rows] = np.real(values)[at, first], np.real(vectors)[at, :, first]
    return strength, turn


def some_state(points: Points) -> Floats:
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


def drawn(points: Points, point: Floats) -> NDArray[np.bool_]:
    """Whether states (B, n) that are blind to the planted direction are drawn to it."""
    return pull(points, point)[0] > PULLED


def fields_of(points: Points, point: Floats, residual: Floats, derivatives: Sequence[str] = (),
              saddle: Callable[[Points, Floats], NDArray[np.bool_]] = drawn) -> dict[str, Any]:
    """Return every field of the points, and derivatives by parameters; NaN where nothing was found.

    ``saddle`` says which states are no minimum.
    """
    size = len(points.equations.state)
    safe = np.where((residual <= TOLERANCE)[:, None], point, some_state(points))
    fields, site = values_of(points, safe)
    _, again = Points(points.equations, points.given, points.order * 3 // 2).mapped(safe)
    error = np.max(np.abs(again.value - site.value), axis=1) / np.maximum(1.0, np.abs(safe[:, :size]).max(axis=1))
    for name in derivatives:
        fields |= _slopes(points, safe, name)
    return judged(fields, residual, error, saddle=saddle(points, safe))


def _slopes(points: Points, point: Floats, name: str) -> dict[str, Floats]:
    """Return d<field>_d<name> (B,) by the implicit function theorem."""
    limits = next(limits for limits in points.equations.parameters if limits.name == name)

    def at(shift: Floats) -> Points:
        return Points(points.equations, points.given | {name: points.given[name] + shift}, points.order)

    return implicit_slopes(
        name, points.given[name], (limits.least, limits.most), jacobian_at(points, point), point,
        lambda shift: residual_at(at(shift), point), lambda shift, moved: values_of(at(shift), moved)[0])
