"""The data of one run, drawn by the laws of a problem, and what is measured of the weights trained on them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from vaesym.engine.equations import Lowered, Part
from vaesym.inputs import Floats, InputError

#: Largest residual of the optimality condition, relative to its terms, of a run that has converged.
TOLERANCE = 1e-7


class Trained(NamedTuple):
    """Weights (N, k), trained scalars, mean loss of a sample, mean penalty of a row, residual of the condition."""

    weights: Floats
    scalars: Floats
    loss: float
    penalty: float
    residual: float


def samples_of(alpha: float, dimension: int) -> int:
    """Return the number of samples P.

    >>> samples_of(1.5, 5), samples_of(0.01, 5)
    (8, 1)
    """
    return max(1, round(alpha * dimension))


class Sample:
    """The data of one run at one point of the parameters: ``inputs`` x/√N (P, N), labels (P,) and planted w* (N,).

    What training needs beside them: ``shift`` (P, k), what is taken off the fields before they enter the loss;
    ``kinds`` (P,), which of the ``losses`` a sample has; ``seen`` (P, l), what that loss depends on besides; and
    ``biased``, which students have a bias.

    Parameters
    ----------
    equations : of the problem
    given : the value of every parameter
    dimension : N
    seed : of the run; runs at other parameters or dimensions with the same seed are independent
    """

    equations: Any
    losses: tuple[tuple[Part, ...], ...]
    seen: Floats
    biased: tuple[bool, ...] = (False,)

    def __init__(self, equations: Lowered, given: dict[str, float], dimension: int, seed: int) -> None:
        self.equations = equations
        ordered = {limits.name: given[limits.name] for limits in equations.parameters}
        self.columns = {name: np.array([[value]]) for name, value in ordered.items()}
        words = np.array(list(ordered.values()), dtype=np.float64).view(np.uint32).tolist()
        self._random = np.random.default_rng([seed, dimension, *words])
        self.planted = self._draw_planted(dimension)
        norm = getattr(equations, "norm", None)
        self.eta, self.rho = self.number(equations.noise), self.number(equations.signal)
        self.rho /= 1.0 if norm is None else self.number(norm) ** 2
        self.inputs = self._random.standard_normal((samples_of(given["alpha"], dimension), dimension))
        self.inputs *= np.sqrt(self.eta * self.widths / dimension)
        self._prepare(len(self.inputs))

    def _prepare(self, count: int) -> None:
        """Draw the labels."""
        equations = self.equations
        self.labels, self.seen, self.losses = self._draw_labels(), np.zeros((count, 0)), equations.loss
        # Real labels enter by the residual u − y, others by a loss of their own.
        linear = equations.kind == "linear"
        self.shift = self.labels[:, None] if linear else np.zeros((count, 1))
        self.kinds = np.zeros(count, int) if linear else np.argmax(
            self.labels[:, None] == np.array(equations.values), axis=1)

    def _evaluate(self, function: Any, *variables: Floats) -> Floats:
        return self.equations.at(function, *variables, given=self.columns)

    def number(self, function: Any, *variables: float) -> float:
        """Return a function of the parameters at this point."""
        return float(self._evaluate(function, *[np.array([[value]]) for value in variables])[0, 0])

    def _draw_planted(self, dimension: int) -> Floats:
        """Each part of the law has its share of the rows, as near as whole numbers allow; the norm is exactly √N."""
        shares, means, variances = (np.array(column) for column in zip(
            *[[self.number(f) for f in part] for part in self.equations.planted], strict=True))
        ends = np.rint(np.cumsum(shares) * dimension).astype(int)
        part = np.repeat(np.arange(len(shares)), np.diff(ends, prepend=0))
        widths = [self.number(f) for f in getattr(self.equations, "widths", ())] or [1.0] * len(shares)
        #: Variance of the noise of each row, over η.
        self.widths = np.array(widths)[part]
        rows = (means[part] + np.sqrt(variances[part]) * self._random.standard_normal(dimension)) * np.sqrt(self.widths)
        size = np.linalg.norm(rows)
        if size == 0:
            raise InputError("a dimension in which some planted weights are not zero", f"{dimension}",
                             "choose a larger dimension or a larger share")
        return rows * (np.sqrt(dimension) / size)

    def _draw_labels(self) -> Floats:
        """Draw the labels; clusters move the inputs."""
        eq, count = self.equations, len(self.inputs)
        teacher = self.inputs @ self.planted
        if eq.kind == "linear":
            noise = self._random.standard_normal(count)
            return np.sqrt(self.number(eq.label_signal)) * teacher + np.sqrt(self.number(eq.label_noise)) * noise
        labels = np.where(self._random.random(count) < self._chance(teacher), 1.0, -1.0)
        if eq.kind == "cluster":
            self.inputs += np.outer(labels, np.sqrt(self.rho) / len(self.planted) * self.planted)
        return labels

    def _chance(self, teacher: Floats) -> Floats:
        """Return the probability of the label +1 given the teacher's field."""
        eq = self.equations
        return self._evaluate(eq.probability, teacher[None])[0] if eq.kind == "sign" else np.full(
            teacher.shape, self.number(eq.share))

    def measure(self, trained: Trained) -> dict[str, float]:
        """Return the names of the theory, measured."""
        w, size = trained.weights[:, 0], len(self.planted)
        q, m = float(self.widths @ w**2) / size, float(w @ self.planted) / size
        found = {"Q": q, "m": m, "free_energy": trained.loss * len(self.inputs) / size + trained.penalty,
                 "training_loss": trained.loss, "penalty": trained.penalty, "zero_fraction": float(np.mean(w == 0))}
        if self.equations.kind != "linear":
            found["classification_error"] = self._error(q, m)
        # An observable of the susceptibility is not measured: it comes out NaN.
        target = self.number(self.equations.target)
        error = w - target * self.planted
        at = float(self.widths @ error**2) / size, float(error @ self.planted) / size, np.nan
        found |= {name: self.number(f, *at) for name, f in self.equations.observables.items()}
        return {name: value for name, value in found.items() if not np.isnan(value)} | {
            "residual": trained.residual, "converged": trained.residual <= TOLERANCE}

    def _error(self, q: float, m: float) -> float:
        """Return the probability that a fresh sample's field has not the sign of its label.

        Given the teacher's field t = √η s, where it matters, the student's is normal with mean m t and variance
        η(Q − m²).
        """
        s = np.linspace(-8, 8, 20001)[:-1] + 4e-4
        weight = np.exp(-s * s / 2)
        center = np.sqrt(self.rho) * m if self.equations.kind == "cluster" else 0.0
        along = m if self.equations.kind == "sign" else 0.0
        own = np.sqrt(max(self.eta * (q - along * along), 1e-300))
        chance, mean = self._chance(np.sqrt(self.eta) * s), along * np.sqrt(self.eta) * s
        wrong = chance * ndtr(-(center + mean) / own) + (1 - chance) * ndtr((mean - center) / own)
        return float(weight @ wrong / weight.sum())
