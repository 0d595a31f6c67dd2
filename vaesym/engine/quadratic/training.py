"""Draw samples without labels, train several students by accelerated proximal steps, and measure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from vaesym.engine.experiment.simulate import TOLERANCE, Sample
from vaesym.engine.proximal import Convex
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.rows import Group
from vaesym.inputs import Floats, InputError

#: Steps; one of them costs a product with the data, or more where its size is cut.
_STEPS = 20_000


class Trained(NamedTuple):
    """Weights (N, k), trained scalars, mean loss of a sample, penalty of a row, residual of its condition."""

    weights: Floats
    scalars: Floats
    loss: float
    penalty: float
    residual: float


class StudentsSample(Sample):
    """The data of one run at one point of the parameters; see :class:`vaesym.engine.simulate.Sample`."""

    equations: Quadratic  # type: ignore[assignment]
    inputs: Floats

    def _prepare(self, count: int) -> None:
        """Add the signal: x = √(ρ/N) w* c + √η n, c standard normal."""
        latent = self._random.standard_normal(count)
        self.inputs += np.sqrt(self.rho) / len(self.planted) * latent[:, None] * self.planted
        self._held = self.products.hold(self.inputs)
        self._gram = self.products.gram(self._held) if count > len(self.planted) else None
        self._convex = [Convex(parts, self._evaluate) for parts in self.equations.penalties]
        self._given = [float(column[0, 0]) for column in self._columns.values()]
        group = self.equations.group
        self._group = 0.0 if group is None else self.number(group)
        zero = np.zeros((1, 1))
        free = self.equations.decay_alone and not any(
            self._evaluate(part, zero)[0, 0] for (only,) in self.equations.penalties for part in only[2:4])
        if self.equations.kept and not (len(self.equations.kept) == self.equations.count == 1 and free):
            raise InputError("a multiplier of one student alone, with no penalty", f"{', '.join(self.equations.kept)}",
                             "train such a problem by your own code")

    def _products(self, vectors: Floats) -> list[float]:
        """Return the scalar products of columns over their length, in the order of the overlaps."""
        return self.equations.triangle(vectors.T @ vectors / len(vectors)).tolist()

    def slope(self, weights: Floats, product: Floats | None = None) -> tuple[float, Floats, Floats]:
        """Return the mean loss, the gradient of the summed losses (N, k) and the scalars that are best.

        ``product`` is XᵀX times the weights, if known.
        """
        equations, count = self.equations, len(self.inputs)
        seen = self.times(weights) if product is None else product
        own, moments = self._products(weights), equations.triangle(weights.T @ seen / count).tolist()
        scalars = np.array(equations.trained(*own, *moments, *self._given), dtype=np.float64)
        known = [*own, *np.where(np.isnan(scalars), 0.0, scalars), *moments, *self._given]
        loss, *slopes = equations.sample(*known)
        matrix = np.array(equations.sample_matrix(*known), dtype=np.float64).reshape(equations.count, -1)
        towards = equations.matrices(np.array([slopes], dtype=np.float64))[0] * (1 + np.eye(equations.count))
        return float(loss), seen @ matrix + count / len(weights) * weights @ towards, scalars

    def times(self, weights: Floats) -> Floats:
        """Return XᵀX times the weights: all that a quadratic loss knows of the data."""
        if self._gram is not None:
            return self.products.times(self._gram, weights)
        return self.products.back(self._held, self.products.times(self._held, weights))

    def _nearest(self, goal: Floats, step: float) -> Floats:
        """Return the rows that are least for the penalty and their squared distance to the goal over 2·step."""
        if self.equations.kept:
            return goal * np.sqrt(len(goal)) / np.linalg.norm(goal)
        one, stiff = np.ones((1, 1)), np.full((1, 1), 1 / step)
        if self._group:
            decay = np.concatenate([c.evaluate(c.parts[0].curvature, 0 * one) for c in self._convex], axis=1)
            norm = Group(np.array([self._group]), decay)
            return norm.least(np.eye(2)[None] / step, goal[None] / step).place[0]
        return np.stack([convex.solve(one, stiff, goal[None, :, i] / step).place[0]
                         for i, convex in enumerate(self._convex)], axis=1)

    def _penalties(self, weights: Floats) -> float:
        if self.equations.kept:
            return 0.0
        total = self._group * np.linalg.norm(weights, axis=1).sum()
        return float(total + sum(convex.value(weights[None, :, i]).sum() for i, convex in enumerate(self._convex)))

    def _start(self) -> Floats:
        """All weights along the first eigenvector of the data, the planted direction's side of it."""
        size = len(self.planted)
        times = LinearOperator((size, size), lambda v: self.times(v.reshape(-1, 1))[:, 0])  # type: ignore[call-arg]
        vector = self.planted if size < 3 else eigsh(times, 1, v0=self.planted)[1][:, 0]
        first = vector * np.sqrt(size) / np.linalg.norm(vector) * (np.sign(vector @ self.planted) or 1.0)
        return np.repeat(first[:, None], self.equations.count, axis=1)

    def train(self, *, start: Floats | None = None,  # type: ignore[override]
              tolerance: float = TOLERANCE / 10) -> Trained:
        """Minimise from a start (N, k), by steps with momentum that begin anew where the total would rise."""
        w = self._start() if start is None else np.array(start, dtype=np.float64)
        seen = self.times(w)
        old, old_seen, momentum, step = w, seen, 1.0, 1.0
        total = self.slope(w, seen)[0] * len(self.inputs) + self._penalties(w)
        for number in range(_STEPS):
            following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
            push = (momentum - 1) / following
            trial, trial_seen, value, step = self._step(w + push * (w - old), seen + push * (seen - old_seen), step)
            if value > total + 1e-13 * (1 + abs(total)) and momentum > 1:
                momentum, old, old_seen = 1.0, w, seen
                continue
            old, old_seen, w, seen, total, momentum = w, seen, trial, trial_seen, min(total, value), following
            if number % 10 == 0:
                step *= 1.3
                if self._residual_of(w, seen, step) <= tolerance:
                    break
        loss, _, scalars = self.slope(w)
        return Trained(w, scalars, loss, self._penalties(w) / len(w), self._residual_of(w, self.times(w), step))

    def _step(self, ahead: Floats, seen: Floats, step: float) -> tuple[Floats, Floats, float, float]:
        """Return a proximal step with its product and total, and the step size with which it falls enough."""
        loss, gradient, _ = self.slope(ahead, seen)
        base, count = loss * len(self.inputs), len(self.inputs)
        for _ in range(60):
            trial = self._nearest(ahead - step * gradient, step)
            trial_seen, move = self.times(trial), trial - ahead
            found = self.slope(trial, trial_seen)[0] * count
            if found <= base + np.sum(gradient * move) + np.sum(move**2) / (2 * step) + 1e-12 * (1 + abs(base)):
                break
            step /= 2
        return trial, trial_seen, found + self._penalties(trial), step  # type: ignore[possibly-unbound]

    def _residual_of(self, weights: Floats, seen: Floats, step: float) -> float:
        """Return how far a proximal step moves, relative to its force."""
        _, gradient, _ = self.slope(weights, seen)
        moved = self._nearest(weights - step * gradient, step) - weights
        return float(np.linalg.norm(moved) / (step * np.linalg.norm(gradient) + np.linalg.norm(weights) + 1e-300))

    def measure(self, trained: Trained) -> dict[str, float]:  # type: ignore[override]
        """Return the names of the theory, measured; the signs of all students are those of the first's overlap."""
        equations, w = self.equations, trained.weights
        planted = self.planted @ w / len(w)
        planted = planted * (np.sign(planted[0]) or 1.0)
        scalars = trained.scalars
        if equations.kept:
            _, gradient, _ = self.slope(w)
            multiplier = -float(np.sum(w * gradient)) / (len(self.inputs) * self._products(w)[0])
            scalars = np.where(np.isnan(scalars), multiplier, scalars)
        state = [*self._products(w), *planted, *np.full(len(equations.pairs), np.nan)]
        total = trained.loss * len(self.inputs) / len(w) + trained.penalty
        found = dict(zip((*equations.state, *equations.free), (*state, *scalars), strict=True))
        found |= {"free_energy": total, "training_loss": trained.loss, "penalty": trained.penalty}
        zero = [float(np.mean(w[:, i] == 0)) for i in range(equations.count)]
        names = [f"zero_{name}" for name in equations.students] if equations.count > 1 else ["zero_fraction"]
        found |= dict(zip(names, zero, strict=True))
        found |= {name: self.number(f, *state, *scalars) for name, f in equations.observables.items()}
        return {name: number for name, number in found.items() if not np.isnan(number)} | {
            "residual": trained.residual, "converged": trained.residual <= TOLERANCE}
