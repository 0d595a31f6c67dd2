"""Order parameters as arrays, and as variables of Newton's method of which every value is a possible state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vaesym.engine.labelled.equations import Labelled
from vaesym.inputs import Floats

#: ln of the largest and smallest root that is told from infinity and from nothing.
_FAR = 100.0


class State(NamedTuple):
    """What weights have beyond the planted directions, Ω − μμᵀ (B, k, k); μ (B, k, s), χ (B, k, k), biases (B, f)."""

    own: Floats
    planted: Floats
    answers: Floats
    bias: Floats

    @property
    def overlaps(self) -> Floats:
        """Ω = wᵀw/N (B, k, k)."""
        return self.own + self.planted @ np.swapaxes(self.planted, -1, -2)


def _root(equations: Labelled, entries: Floats) -> Floats:
    """Return lower triangular matrices with the exponentials of entries on their diagonals."""
    found = np.zeros((len(entries), equations.count, equations.count))
    for place, (i, j) in enumerate(equations.pairs):
        found[:, j, i] = np.exp(np.clip(entries[:, place], -_FAR, _FAR)) if i == j else entries[:, place]
    return found


def roots(equations: Labelled, z: Floats) -> tuple[Floats, Floats]:
    """Return the lower triangular roots (B, k, k) of Ω − μμᵀ and of χ at variables (B, n)."""
    own = len(equations.pairs)
    start = own + equations.count * equations.directions
    return _root(equations, z[:, :own]), _root(equations, z[:, start:start + own])


def state_of(equations: Labelled, z: Floats) -> State:
    """Return the state at variables (B, n)."""
    own, k, s = len(equations.pairs), equations.count, equations.directions
    left, right = roots(equations, z)
    return State(left @ np.swapaxes(left, 1, 2), z[:, own:own + k * s].reshape(-1, k, s),
                 right @ np.swapaxes(right, 1, 2), z[:, 2 * own + k * s:])


def variables_of(equations: Labelled, state: State) -> Floats:
    """Return the variables (B, n) of a state; NaN where it is none."""
    parts = []
    for root in (root_of(state.own), root_of(state.answers)):
        parts.append(np.stack([np.log(root[:, j, i]) if i == j else root[:, j, i] for i, j in equations.pairs], axis=1))
    return np.concatenate([parts[0], state.planted.reshape(len(state.own), -1), parts[1], state.bias], axis=1)


def root_of(matrix: Floats) -> Floats:
    """Return lower triangular roots (…, k, k) for k ≤ 2, NaN for what is not positive definite."""
    root = np.zeros_like(matrix)
    with np.errstate(all="ignore"):
        root[..., 0, 0] = np.where(matrix[..., 0, 0] > 0, np.sqrt(matrix[..., 0, 0]), np.nan)
        if matrix.shape[-1] == 2:
            root[..., 1, 0] = matrix[..., 1, 0] / root[..., 0, 0]
            left = matrix[..., 1, 1] - root[..., 1, 0] ** 2
            root[..., 1, 1] = np.where(left > 0, np.sqrt(left), np.nan)
    return root


def inverse_of(root: Floats) -> Floats:
    """Return inverses (…, k, k) of lower triangular matrices for k ≤ 2, not finite where there is none."""
    found = np.zeros_like(root)
    with np.errstate(all="ignore"):
        found[..., 0, 0] = 1 / root[..., 0, 0]
        if root.shape[-1] == 2:
            found[..., 1, 1] = 1 / root[..., 1, 1]
            found[..., 1, 0] = -root[..., 1, 0] * found[..., 0, 0] * found[..., 1, 1]
    return found


def directions(equations: Labelled, z: Floats) -> State:
    """Return the derivatives of the state in each variable: (n, B, …) for every part."""
    size, k, s = z.shape[1], equations.count, equations.directions
    left, right = roots(equations, z)
    own, count = len(equations.pairs), len(z)
    found = State(np.zeros((size, count, k, k)), np.zeros((size, count, k, s)), np.zeros((size, count, k, k)),
                  np.zeros((size, count, z.shape[1] - 2 * own - k * s)))
    for part, root, start in ((found.own, left, 0), (found.answers, right, own + k * s)):
        for place, (i, j) in enumerate(equations.pairs):
            moved = np.zeros_like(root)
            moved[:, j, i] = root[:, j, j] if i == j else 1.0
            half = moved @ np.swapaxes(root, 1, 2)
            part[start + place] = half + np.swapaxes(half, 1, 2)
    for place in range(k * s):
        found.planted[own + place, :, place // s, place % s] = 1.0
    for place in range(found.bias.shape[2]):
        found.bias[2 * own + k * s + place, :, place] = 1.0
    return found


def root_slope(root: Floats, change: Floats) -> Floats:
    """Return the change of the lower triangular root of a matrix with that of the matrix, dL = L Φ(L⁻¹ dS L⁻ᵀ)."""
    inverse = inverse_of(root)
    inner = inverse @ change @ np.swapaxes(inverse, -1, -2)
    return root @ (np.tril(inner, -1) + np.eye(root.shape[-1]) * inner / 2)
