"""Draw samples without labels, train several students by accelerated proximal steps, and measure."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from vaesym.engine.experiment.products import ByNumpy, Products
from vaesym.engine.experiment.runs import stacked
from vaesym.engine.experiment.sample import TOLERANCE, Sample, Trained
from vaesym.engine.proximal import Convex
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.rows import Group
from vaesym.inputs import Floats, InputError

#: Steps; one of them costs a product with the data, or more where its size is cut.
_STEPS = 20_000


class StudentsSample(Sample):
    """The data of one run at one point of the parameters; see :class:`vaesym.engine.experiment.sample.Sample`."""

    equations: Quadratic

    def _prepare(self, count: int) -> None:
        """Add the signal: x = √(ρ/N) w* c + √η n, c standard normal."""
        latent = self._random.standard_normal(count)
        self.inputs += np.sqrt(self.rho) / len(self.planted) * latent[:, None] * self.planted
        zero, equations = np.zeros((1, 1)), self.equations
        free = equations.decay_alone and not any(
            self._evaluate(part, zero)[0, 0] for (only,) in equations.penalties for part in only[2:4])
        if equations.kept and not (len(equations.kept) == equations.count == 1 and free):
            raise InputError("a multiplier of one student alone, with no penalty", f"{', '.join(equations.kept)}",
                             "train such a problem by your own code")

    def train(self, *, start: Floats | None = None, tolerance: float = TOLERANCE / 10) -> Trained:
        """Train on this sample alone, from a start (N, k)."""
        return train([self], start=None if start is None else np.array(start, dtype=np.float64)[None],
                     tolerance=tolerance)[0]

    def slope(self, weights: Floats) -> tuple[float, Floats, Floats]:
        """Return the mean loss, the gradient of the summed losses (N, k) and the scalars that are best."""
        loss, gradient, scalars = _Runs([self], ByNumpy()).slope(weights[None])
        return float(loss[0]), gradient[0], scalars[0]

    def measure(self, trained: Trained) -> dict[str, float]:
        """Return the names of the theory, measured; the signs of all students are those of the first's overlap."""
        equations, w = self.equations, trained.weights
        planted = self.planted @ w / len(w)
        planted = planted * (np.sign(planted[0]) or 1.0)
        scalars, own = trained.scalars, equations.triangle(w.T @ w / len(w))
        if equations.kept:
            multiplier = -float(np.sum(w * self.slope(w)[1])) / (len(self.inputs) * own[0])
            scalars = np.where(np.isnan(scalars), multiplier, scalars)
        state = [*own, *planted, *np.full(len(equations.pairs), np.nan)]
        total = trained.loss * len(self.inputs) / len(w) + trained.penalty
        found = dict(zip((*equations.state, *equations.free), (*state, *scalars), strict=True))
        found |= {"free_energy": total, "training_loss": trained.loss, "penalty": trained.penalty}
        zero = [float(np.mean(w[:, i] == 0)) for i in range(equations.count)]
        names = [f"zero_{name}" for name in equations.students] if equations.count > 1 else ["zero_fraction"]
        found |= dict(zip(names, zero, strict=True))
        found |= {name: self.number(f, *state, *scalars) for name, f in equations.observables.items()}
        return {name: float(number) for name, number in found.items() if not np.isnan(number)} | {
            "residual": trained.residual, "converged": trained.residual <= TOLERANCE}


class _Runs:
    """Runs with equally many samples and weights, along the first axis R of everything."""

    def __init__(self, samples: Sequence[Sample], products: Products) -> None:
        self.equations, self.products, self.places = samples[0].equations, products, np.arange(len(samples))
        self.given = {name: np.concatenate([s.columns[name] for s in samples]) for name in samples[0].columns}
        inputs = stacked([s.inputs for s in samples])
        self.count, self.dimension = inputs.shape[1:]
        self._held = products.hold(inputs)
        # All that a quadratic loss knows of the data is XᵀX.
        self._gram = self.count > self.dimension
        if self._gram:
            self._held = products.gram(self._held)

    def __len__(self) -> int:
        return len(self.places)

    def some(self, rows: Any) -> Self:
        """Return some of the runs, by a mask."""
        found = copy.copy(self)
        found.given, found.places = {name: column[rows] for name, column in self.given.items()}, self.places[rows]
        found._held = self.products.some(self._held, rows)
        return found

    def times(self, weights: Floats) -> Floats:
        """Return XᵀX times weights (R, N, k)."""
        found = self.products.times(self._held, weights)
        return found if self._gram else self.products.back(self._held, found)

    def _matrix(self, entries: Any) -> Floats:
        return np.stack([np.broadcast_to(np.asarray(part, dtype=np.float64), len(self)) for part in entries], axis=-1)

    def slope(self, weights: Floats, product: Floats | None = None) -> tuple[Floats, Floats, Floats]:
        """Return mean losses (R,), gradients of the summed losses (R, N, k) and the scalars (R, f) that are best.

        ``product`` is XᵀX times the weights, if known.
        """
        equations, k, given = self.equations, self.equations.count, [c[:, 0] for c in self.given.values()]
        seen, turned = self.times(weights) if product is None else product, weights.swapaxes(1, 2)
        own = equations.triangle(turned @ weights / self.dimension).T
        moments = equations.triangle(turned @ seen / self.count).T
        free = equations.trained(*own, *moments, *given)
        scalars = self._matrix(free) if free else np.zeros((len(self), 0))
        known = [*own, *np.where(np.isnan(scalars), 0.0, scalars).T, *moments, *given]
        loss, *slopes = equations.sample(*known)
        matrix = self._matrix([part for row in equations.sample_matrix(*known) for part in row]).reshape(-1, k, k)
        towards = equations.matrices(self._matrix(slopes)) * (1 + np.eye(k))
        gradient = seen @ matrix + self.count / self.dimension * (weights @ towards)
        return np.broadcast_to(np.asarray(loss, dtype=np.float64), len(self)), gradient, scalars

    def _evaluate(self, function: Any, *variables: Floats) -> Floats:
        return self.equations.at(function, *variables, given=self.given)

    def nearest(self, goal: Floats, step: Floats) -> Floats:
        """Return the rows that are least for the penalty and their squared distance to goals over 2·step (R,)."""
        equations, one, stiff = self.equations, np.ones((len(goal), 1)), 1 / step[:, None]
        if equations.kept:
            return goal * (np.sqrt(self.dimension) / np.linalg.norm(goal, axis=(1, 2)))[:, None, None]
        convex = [Convex(parts, self._evaluate) for parts in equations.penalties]
        if equations.group is not None:
            decay = np.concatenate([c.evaluate(c.parts[0].curvature, 0 * one) for c in convex], axis=1)
            norm = Group(self._evaluate(equations.group)[:, 0], decay)
            return norm.least(np.eye(2) * stiff[..., None], goal * stiff[..., None]).place
        return np.stack([each.solve(one, stiff, goal[..., i] * stiff).place for i, each in enumerate(convex)], axis=-1)

    def penalties(self, weights: Floats) -> Floats:
        """Return the sums (R,) of the penalties of weights."""
        equations = self.equations
        if equations.kept:
            return np.zeros(len(weights))
        found = sum(Convex(parts, self._evaluate).value(weights[..., i]).sum(axis=1)
                    for i, parts in enumerate(equations.penalties))
        if equations.group is not None:
            found += self._evaluate(equations.group)[:, 0] * np.linalg.norm(weights, axis=2).sum(axis=1)
        return np.asarray(found)

    def residuals(self, weights: Floats, seen: Floats, step: Floats) -> Floats:
        """Return how far proximal steps move, relative to their forces."""
        _, gradient, _ = self.slope(weights, seen)
        moved = self.nearest(weights - step[:, None, None] * gradient, step) - weights
        moved, force, size = (np.linalg.norm(part, axis=(1, 2)) for part in (moved, gradient, weights))
        return moved / (step * force + size + 1e-300)

    def starts(self, samples: Sequence[Sample]) -> Floats:
        """All weights along the first eigenvector of the data, the planted direction's side of it."""
        found = np.empty((len(samples), self.dimension, self.equations.count))
        for i, sample in enumerate(samples):
            found[i] = self.some(np.arange(len(samples)) == i).start(sample.planted)[:, None]
        return found

    def start(self, planted: Floats) -> Floats:
        """Return the first eigenvector of the one run, of norm √N."""
        size = self.dimension
        times = LinearOperator((size, size), lambda v: self.times(v.reshape(1, -1, 1))[0, :, 0])
        vector = planted if size < 3 else eigsh(times, 1, v0=planted)[1][:, 0]
        return vector * np.sqrt(size) / np.linalg.norm(vector) * (np.sign(vector @ planted) or 1.0)


class _Path(NamedTuple):
    """Where runs are: weights, their products, those before, momentum, size of a step, and the least total so far."""

    weights: Floats
    seen: Floats
    old: Floats
    old_seen: Floats
    momentum: Floats
    step: Floats
    total: Floats


def train(samples: Sequence[Sample], products: Products | None = None, *, start: Floats | None = None,
          tolerance: float = TOLERANCE / 10) -> list[Trained]:
    """Minimise from starts (R, N, k), by steps with momentum that begin anew where the total would rise.

    A run that is done leaves the others.
    """
    runs = _Runs(samples, products or ByNumpy())
    w = runs.starts(samples) if start is None else start
    seen, one = runs.times(w), np.ones(len(runs))
    path = _Path(w, seen, w, seen, one, one, runs.slope(w, seen)[0] * runs.count + runs.penalties(w))
    found: dict[int, Trained] = {}
    for number in range(_STEPS):
        path = _onward(runs, path)
        last = number == _STEPS - 1
        if number % 10 and not last:
            continue
        path = path._replace(step=1.3 * path.step)
        done = last | (runs.residuals(path.weights, path.seen, path.step) <= tolerance)
        if done.any():
            _keep(runs.some(done), _Path(*[part[done] for part in path]), found)
            runs, path = runs.some(~done), _Path(*[part[~done] for part in path])
        if not len(runs):
            break
    return [found[i] for i in range(len(samples))]


def _onward(runs: _Runs, path: _Path) -> _Path:
    """Take one step with momentum, or where that raises the total, forget the momentum."""
    w, seen, old, old_seen, momentum, step, total = path
    following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
    push = ((momentum - 1) / following)[:, None, None]
    trial, trial_seen, value, step = _step(runs, w + push * (w - old), seen + push * (seen - old_seen), step)
    rises = (value > total + 1e-13 * (1 + np.abs(total))) & (momentum > 1)
    up = rises[:, None, None]
    return _Path(np.where(up, w, trial), np.where(up, seen, trial_seen), w, seen, np.where(rises, 1.0, following),
                 step, np.where(rises, total, np.minimum(total, value)))


def _step(runs: _Runs, ahead: Floats, seen: Floats, step: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return proximal steps with their products and totals, and the sizes of step with which these fall enough."""
    loss, gradient, _ = runs.slope(ahead, seen)
    base = loss * runs.count
    for _ in range(60):
        trial = runs.nearest(ahead - step[:, None, None] * gradient, step)
        trial_seen, move = runs.times(trial), trial - ahead
        value = runs.slope(trial, trial_seen)[0] * runs.count
        expected = base + np.sum(gradient * move, axis=(1, 2)) + np.sum(move**2, axis=(1, 2)) / (2 * step)
        falls = value <= expected + 1e-12 * (1 + np.abs(base))
        if falls.all():
            break
        step = np.where(falls, step, step / 2)
    return trial, trial_seen, value + runs.penalties(trial), step  # type: ignore[possibly-unbound]


def _keep(runs: _Runs, path: _Path, found: dict[int, Trained]) -> None:
    """Keep runs that are done."""
    loss, _, scalars = runs.slope(path.weights)
    penalty = runs.penalties(path.weights) / runs.dimension
    residual = runs.residuals(path.weights, runs.times(path.weights), path.step)
    for i, place in enumerate(runs.places):
        found[int(place)] = Trained(path.weights[i], scalars[i], float(loss[i]), float(penalty[i]), float(residual[i]))
