"""Draw samples with any labels, and measure what one or two students with their biases learn of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.engine.experiment.sample import TOLERANCE, Sample, Trained
from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.fresh import fresh
from vaesym.engine.labelled.outer import LAST_COUNT, Fineness
from vaesym.engine.labelled.state import State
from vaesym.inputs import Floats

#: Nodes of the averages over fresh samples.
_FRESH = Fineness(48, 12, 48, 12)


class LabelledSample(Sample):
    """The data of one run at one point of the parameters: ``planted`` is (N, s), ``labels`` (P, l)."""

    equations: Labelled

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
        """Draw the labels, and move clusters to their centres."""
        equations = self.equations
        teachers = self.inputs @ self.planted
        fields = [teachers[:, i][None] for i in range(equations.directions)]
        normals = [self._random.standard_normal((1, count)) for _ in range(equations.normals)]
        which, counts = self._draw_cases(fields)
        labels = np.zeros((count, equations.labels))
        centers = np.zeros((count, equations.directions))
        for number, branch in enumerate(equations.branches):
            rows = which == number
            if branch.variance is not None:
                self.inputs[rows] *= np.sqrt(self.number(branch.variance))
            for place, center in enumerate(branch.center):
                centers[rows, place] = self.number(center)
            for place, value in enumerate(branch.values):
                labels[rows, place] = self._evaluate(value, *fields, *normals)[0, rows]
        self.labels = self.seen = counts[:, None] if equations.branches[0].most >= 0 else labels
        self.inputs += np.sqrt(self.rho) / len(self.planted) * centers @ self.planted.T
        first = [branch.loss for branch in equations.branches]
        self.kinds = np.where(self.labels[:, 0] > 0, 0, 1) if first[0] < 0 else np.array(first)[which]
        self.losses, self.shift = equations.losses, self._targets(teachers, which)
        self.biased = tuple(student in equations.bias for student in range(equations.count))

    def _draw_cases(self, fields: list[Floats]) -> tuple[Any, Floats]:
        """Return which branch each sample has, and its count where labels are counts."""
        first = self.equations.branches[0]
        if first.most >= 0:
            return np.zeros(fields[0].size, int), self._draw_counts(fields)
        chances = np.stack([np.broadcast_to(self._evaluate(branch.chance, *fields), fields[0].shape)[0]
                            for branch in self.equations.branches], axis=1)
        chances = np.cumsum(chances, axis=1)
        drawn = self._random.random(len(chances)) * chances[:, -1]
        which = np.minimum((drawn[:, None] > chances).sum(axis=1), chances.shape[1] - 1)
        return which, np.zeros(len(which))

    def _draw_counts(self, fields: list[Floats]) -> Floats:
        """Return a count for each sample: the first up to which its law has the drawn probability."""
        branch = self.equations.branches[0]
        left = self._random.random(fields[0].size)
        found, y, rows = np.zeros_like(left), 0, np.arange(len(left))
        while len(rows) and y < min(branch.most, LAST_COUNT):
            chance = self._evaluate(branch.chance, np.full((1, len(rows)), float(y)), *[f[:, rows] for f in fields])[0]
            left[rows] -= chance
            rows, y = rows[left[rows] > 0], y + 1
            found[rows] = y
        return found

    def _targets(self, teachers: Floats, which: Any) -> Floats:
        """Return the labels (P, k) that a loss of the residual alone takes off the fields; zeros for others."""
        equations = self.equations
        found = np.zeros((len(teachers), equations.count))
        for number, case in enumerate(equations.residual or ()):
            rows = which == number
            offset, slopes, noise = (np.array([[self.number(f) for f in row] for row in matrix]) for matrix in case)
            size, vectors = np.linalg.eigh(noise)
            own = self._random.standard_normal((rows.sum(), equations.count)) * np.sqrt(np.maximum(size, 0))
            found[rows] = offset[:, 0] + teachers[rows] @ slopes.T + own @ vectors.T
        return found

    def measure(self, trained: Trained) -> dict[str, float]:
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
        given = {name: column[0] for name, column in self.columns.items()}
        seen = State(own[None], planted[None], np.eye(equations.count)[None], trained.scalars[None])
        with np.errstate(all="ignore"):
            found |= {name: float(value[0]) for name, value in fresh(Points(equations, given, _FRESH), seen).items()}
        found |= {name: self.number(f, *state, *trained.scalars) for name, f in equations.observables.items()}
        return {name: float(value) for name, value in found.items() if not np.isnan(value)} | {
            "residual": trained.residual, "converged": trained.residual <= TOLERANCE}
