"""Draw samples with any labels, train one or two students with their biases on them, and measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from vaesym.engine.experiment.simulate import TOLERANCE, Sample
from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.fresh import fresh
from vaesym.engine.labelled.outer import Fineness
from vaesym.engine.labelled.state import State
from vaesym.engine.proximal import Convex, Minimum
from vaesym.engine.quadratic.training import Trained
from vaesym.inputs import Floats

_STEPS = 80
#: Nodes of the averages over fresh samples.
_FRESH = Fineness(48, 12, 48, 12)


class _WithFree:
    """A penalty on all but the last weight, which is a bias."""

    def __init__(self, penalty: Convex) -> None:
        self.penalty = penalty

    def solve(self, a: Floats, b: Floats, h: Floats) -> Minimum:
        """Return the minimum; a bias feels no force."""
        found, zero = self.penalty.solve(a, b, h[:, :-1]), np.zeros((1, 1))
        return Minimum(*[np.concatenate([part, last], axis=1) for part, last in
                         zip(found, (h[:, -1:] / b, zero, zero), strict=True)])

    def value(self, place: Floats) -> Floats:
        """Return the penalty of every weight, 0 for the bias."""
        return np.concatenate([self.penalty.value(place[:, :-1]), np.zeros((1, 1))], axis=1)


class LabelledSample(Sample):
    """The data of one run at one point of the parameters: ``planted`` is (N, s), ``labels`` (P, l)."""

    equations: Labelled  # type: ignore[assignment]

    def _draw_planted(self, dimension: int) -> Floats:
        """Each direction has norm √N; normal ones are orthogonal too, as they are nearly."""
        size = self.equations.directions
        columns = [super(LabelledSample, self)._draw_planted(dimension) for _ in range(size)]
        planted = np.stack([column if i == 0 else self._random.permutation(column)
                            for i, column in enumerate(columns)], axis=1)
        if size > 1 and len(self.equations.planted) == 1:
            planted = np.linalg.qr(planted)[0] * np.sqrt(dimension)
        return planted

    def _prepare(self, count: int) -> None:
        """Draw the labels, move clusters to their centres, add a column for a bias."""
        equations = self.equations
        teachers = self.inputs @ self.planted
        fields = [teachers[:, i][None] for i in range(equations.directions)]
        normals = [self._random.standard_normal((1, count)) for _ in range(equations.normals)]
        which, counts = self._draw_cases(fields)
        labels = np.zeros((count, equations.labels))
        centers = np.zeros((count, equations.directions))
        for number, branch in enumerate(equations.branches):
            rows = which == number
            for place, center in enumerate(branch.center):
                centers[rows, place] = self.number(center)
            for place, value in enumerate(branch.values):
                labels[rows, place] = self._evaluate(value, *fields, *normals)[0, rows]
        self.labels = counts[:, None] if equations.branches[0].most >= 0 else labels
        self.inputs += np.sqrt(self.rho) / len(self.planted) * centers @ self.planted.T
        first = [branch.loss for branch in equations.branches]
        self._which = np.where(self.labels[:, 0] > 0, 0, 1) if first[0] < 0 else np.array(first)[which]
        self._shifts = self._targets(teachers)
        self.shift = self._shifts[:, 0]
        self._column = np.full((count, 1), 1 / np.sqrt(len(self.planted)))
        self._plain = self.inputs
        if equations.count == 1:
            self._prepare_one()

    def _prepare_one(self) -> None:
        equations = self.equations
        penalty = Convex(equations.penalty, self._evaluate)
        self._penalty = _WithFree(penalty) if equations.bias else penalty  # type: ignore[assignment]
        if equations.bias:
            self.inputs = np.concatenate([self.inputs, self._column], axis=1)
        self.held = self.products.hold(self.inputs)
        self._groups = [(rows, self._loss(int(index), rows)) for index in np.unique(self._which)
                        for rows in (np.flatnonzero(self._which == index),)]
        self.smooth = all(len(parts) == 1 for parts in (equations.penalty, *equations.losses))

    def _loss(self, index: int, rows: Any) -> Convex:
        seen = [self.labels[rows, i][None] for i in range(self.equations.labels)]
        return Convex(self.equations.losses[index],
                      lambda function, *places: self._evaluate(function, *places, *seen))

    def _draw_cases(self, fields: list[Floats]) -> tuple[Any, Floats]:
        """Return which branch each sample has, and its count where labels are counts."""
        first = self.equations.branches[0]
        if first.most >= 0:
            chances = np.stack([self._evaluate(first.chance, np.full_like(fields[0], y), *fields)[0]
                                for y in range(first.most + 1)], axis=1)
        else:
            chances = np.stack([np.broadcast_to(self._evaluate(branch.chance, *fields), fields[0].shape)[0]
                                for branch in self.equations.branches], axis=1)
        chances = np.cumsum(chances, axis=1)
        drawn = self._random.random(len(chances)) * chances[:, -1]
        which = np.minimum((drawn[:, None] > chances).sum(axis=1), chances.shape[1] - 1)
        return (np.zeros_like(which), which.astype(float)) if first.most >= 0 else (which, np.zeros(len(which)))

    def _targets(self, teachers: Floats) -> Floats:
        """Return the labels (P, k) that a loss of the residual alone takes off the fields; zeros for others."""
        equations = self.equations
        if equations.residual is None:
            return np.zeros((len(teachers), equations.count))
        offset, slopes, noise = (np.array([[self.number(f) for f in row] for row in matrix])
                                 for matrix in equations.residual)
        size, vectors = np.linalg.eigh(noise)
        own = self._random.standard_normal((len(teachers), equations.count)) * np.sqrt(np.maximum(size, 0))
        return offset[:, 0] + teachers @ slopes.T + own @ vectors.T

    def _by_label(self, call: Callable[[Convex, Floats], Any], field: Floats) -> Floats:
        """Return what ``call`` gives of each sample's own loss, (3, P)."""
        found = np.empty((3, len(field)))
        for rows, loss in self._groups:
            found[:, rows] = np.array(call(loss, (field - self.shift)[None, rows]))[:, 0]
        return found

    def train(self, *, general: bool = False) -> Trained:  # type: ignore[override]
        """Minimise, by Newton's method where all is smooth and by the method of multipliers elsewhere."""
        with np.errstate(all="ignore"):
            if self.equations.count == 2 or (self.smooth and not general):
                return self._by_newton()
            found = self._multipliers()
        size = len(self.planted)
        bias = found.weights[size:] / np.sqrt(size)
        return Trained(found.weights[:size, None], bias, float(found.losses.mean()),
                       float(found.penalties.sum() / size), found.residual)

    def _jets(self, fields: Floats) -> tuple[Floats, Floats, Floats]:
        """Return losses (P,), gradients (P, k) and Hessians (P, k, k) at fields (P, k)."""
        k = self.equations.count
        if k == 1:
            loss, slope, bend = self._by_label(Convex.jet, fields[:, 0])
            return loss, slope[:, None], bend[:, None, None]
        joint: Any = self.equations.joint
        given = [column[0, 0] for column in self._columns.values()]
        parts = joint(*(fields - self._shifts).T, *self.labels.T, *given)
        every = np.stack([np.broadcast_to(np.asarray(part, dtype=np.float64), len(fields)) for part in parts], axis=1)
        return every[:, 0], every[:, 1:1 + k], every[:, 1 + k:].reshape(-1, k, k)

    def _of_rows(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Return penalties, slopes and curvatures (N, k)."""
        if self.equations.count == 1:
            penalty = Convex(self.equations.penalty, self._evaluate)
            return tuple(part[0][:, None] for part in penalty.jet(weights.T))  # type: ignore[return-value]
        decay = np.array([self.number(f) for f in self.equations.decays])
        return decay * weights**2 / 2, decay * weights, decay * np.ones_like(weights)

    def _by_newton(self) -> Trained:
        """Newton with halved steps, over all weights and biases in one vector."""
        k, size, biased = self.equations.count, len(self.planted), self.equations.bias
        columns = [np.concatenate([self._plain, self._column], axis=1) if i in biased else self._plain
                   for i in range(k)]
        ends = np.cumsum([0, *[c.shape[1] for c in columns]])

        def at(vector: Floats) -> tuple[Any, ...]:
            each = [vector[ends[i]:ends[i + 1]] for i in range(k)]
            weights = np.stack([part[:size] for part in each], axis=1)
            loss, force, bend = self._jets(np.stack([c @ part for c, part in zip(columns, each, strict=True)], axis=1))
            penalty, slope, stiff = self._of_rows(weights)
            pushes = [c.T @ force[:, i] for i, c in enumerate(columns)]
            slopes = [np.append(slope[:, i], np.zeros(len(pushes[i]) - size)) for i in range(k)]
            gradient = np.concatenate([a + b for a, b in zip(pushes, slopes, strict=True)])
            terms = np.linalg.norm(slope) + np.linalg.norm(self._plain) / np.sqrt(len(force)) * np.linalg.norm(force)
            residual = float(np.linalg.norm(gradient) / terms) if terms > 0 else np.inf
            total = float(loss.sum() + penalty.sum())
            return total, gradient, bend, stiff, Trained(weights, np.array([each[i][size] for i in biased])
                                                         / np.sqrt(size), float(loss.mean()),
                                                         float(penalty.sum() / size), residual)

        vector = np.zeros(ends[-1])
        state = at(vector)
        for _ in range(_STEPS):
            total, gradient, bend, stiff, trained = state
            if trained.residual <= TOLERANCE / 1000:
                break
            step = _newton_step(columns, ends, gradient, bend, stiff)
            if step is None:
                break
            following, trial = state, vector
            for part in 0.5 ** np.arange(40):
                trial = vector - part * step
                following = at(trial)
                if following[0] < total or following[4].residual < trained.residual:
                    break
            if not following[4].residual < np.inf or (
                    following[4].residual >= trained.residual and trained.residual <= TOLERANCE):
                break
            vector, state = trial, following
        return state[4]

    def measure(self, trained: Trained) -> dict[str, float]:  # type: ignore[override]
        """Return the names of the theory, measured; averages over fresh samples are exact, given the weights."""
        equations, w, size = self.equations, trained.weights, len(self.planted)
        overlaps, planted = w.T @ w / size, w.T @ self.planted / size
        state = [*equations.triangle(overlaps), *planted.ravel(), *np.full(len(equations.pairs), np.nan)]
        found = dict(zip((*equations.state, *equations.free), (*state, *trained.scalars), strict=True))
        found |= {"free_energy": trained.loss * len(self.inputs) / size + trained.penalty,
                  "training_loss": trained.loss, "penalty": trained.penalty}
        if equations.count == 1:
            found["zero_fraction"] = float(np.mean(w == 0))
        own = overlaps - planted @ planted.T
        given = {name: column[0] for name, column in self._columns.items()}
        seen = State(own[None], planted[None], np.eye(equations.count)[None], trained.scalars[None])
        with np.errstate(all="ignore"):
            found |= {name: float(value[0]) for name, value in fresh(Points(equations, given, _FRESH), seen).items()}
        found |= {name: self.number(f, *state, *trained.scalars) for name, f in equations.observables.items()}
        return {name: float(value) for name, value in found.items() if not np.isnan(value)} | {
            "residual": trained.residual, "converged": trained.residual <= TOLERANCE}


def _newton_step(columns: list[Floats], ends: Any, gradient: Floats, bend: Floats, stiff: Floats) -> Floats | None:
    """Return Newton's step, or None where the Hessian is not positive definite."""
    hessian, size = np.zeros((ends[-1], ends[-1])), len(stiff)
    for i, first in enumerate(columns):
        for j, second in enumerate(columns):
            hessian[ends[i]:ends[i + 1], ends[j]:ends[j + 1]] = first.T @ (bend[:, i, j, None] * second)
        rows = ends[i] + np.arange(size)
        hessian[rows, rows] += stiff[:, i]
    try:
        return np.asarray(cho_solve(cho_factor(hessian), gradient))
    except (LinAlgError, ValueError):
        return None
