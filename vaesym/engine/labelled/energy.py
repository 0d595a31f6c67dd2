r"""The average over a sample, with its derivatives.

The fields of a sample are :math:`\omega = D\varphi`, linear in the features φ = (1, centre c, teachers' fields t/√η
where the label knows them, ζ), with ζ standard normal: :math:`\omega = b - y_0 + \sqrt\rho\,\mu c + \sqrt\eta(\mu t +
L\zeta)`, where LLᵀ is what the fields have beside the teachers' that the label knows. With g the gradient of the least
loss (Moreau envelope) at ω and H its second derivative, dg = H(dω − dV g) for V = ηχ. So the averages of gφᵀ, H ⊗ φφᵀ,
H ⊗ gφᵀ and H ⊗ ggᵀ give the conjugates

.. math:: \hat G = \alpha\eta E[H], \quad \hat\chi = \alpha\eta E[gg^T], \quad E[H] = E[g\zeta^T]L^{-1}/\sqrt\eta

and all their derivatives. Samples whose noise has the variance vη take √vζ for ζ and vχ for χ. For a loss of u − y
alone, y = y_0 + At + Nε, the planted overlaps count from A and the covariance has NNᵀ beside.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.joint import least
from vaesym.engine.labelled.outer import Fineness, Outer, outer_nodes
from vaesym.engine.labelled.state import State, inverse_of, root_of, root_slope
from vaesym.engine.proximal import Convex
from vaesym.engine.quadrature import panels, segments, trapezoid
from vaesym.inputs import Floats

#: Values of an integrand that are held at once.
_HELD = 2**18


class Sums(NamedTuple):
    """Averages over the students' own variables, a row each, with ψ = (1, ζ): gψᵀ, Hψψᵀ, Hgψᵀ, Hggᵀ, ggᵀ, H ⊗ H …"""

    force: Floats
    bend: Floats
    bend_force: Floats
    bend_forces: Floats
    forces: Floats
    gain: Floats
    envelope: Floats
    loss: Floats


class Energy(NamedTuple):
    """Averages over a sample at B points: as :class:`Sums`, with features φ in the place of ψ, and D, L, S.

    ``force``, ``bend`` and ``bend_force``, like D, L and S, are those of each case of the law (B, c, …) under a loss of
    the residual alone; for others c = 1. The other averages are over all.
    """

    sums: Sums
    linear: Floats
    root: Floats
    shift: Floats


class Hats(NamedTuple):
    """Conjugates Ĝ, χ̂ and μ̂ (about μ w*), and the mean force on every bias."""

    stiff: Floats
    spread: Floats
    drive: Floats
    condition: Floats


def _summed(w: Floats, g: Floats, h: Floats, psi: Floats, loss: Floats, v: Floats) -> Sums:
    """Sum over nodes (R, m): g (R, m, k), H (R, m, k, k), ψ (R, m, 1 + k); V is (R, k, k)."""
    rows, _, k = g.shape
    heavy = (w[..., None] * h.reshape(*w.shape, -1))
    pressed = heavy[..., None] * g[:, :, None, :]
    flat = pressed.reshape(rows, w.shape[1], -1)
    square = np.swapaxes(w[..., None] * g, 1, 2)
    moved = np.swapaxes(heavy[..., None] * psi[:, :, None, :], 1, 2).reshape(rows, k * k, w.shape[1], -1)
    envelope = loss + np.einsum("rmi,rij,rmj->rm", g, v, g) / 2
    return Sums(square @ psi, (np.swapaxes(moved, 2, 3) @ psi[:, None]).reshape(rows, k, k, 1 + k, 1 + k),
                (np.swapaxes(flat, 1, 2) @ psi).reshape(rows, k, k, k, 1 + k),
                (np.swapaxes(flat, 1, 2) @ g).reshape(rows, k, k, k, k), square @ g,
                (np.swapaxes(heavy, 1, 2) @ h.reshape(*w.shape, -1)).reshape(rows, k, k, k, k),
                np.sum(w * envelope, axis=1), np.sum(w * loss, axis=1))


class Points:
    """A problem at B points of its parameters, with a further ½·ridge‖w‖² in the penalty."""

    def __init__(self, equations: Labelled, given: dict[str, Floats], fineness: Fineness,
                 ridge: Floats | None = None, outer: Outer | None = None) -> None:
        self.equations, self.given, self.fineness = equations, given, fineness
        self.alpha, self.eta, self.rho = given["alpha"], self._number(equations.noise), self._number(equations.signal)
        self.ridge = np.zeros_like(self.alpha) if ridge is None else ridge
        self.outer = outer_nodes(equations, given, self.eta, fineness) if outer is None else outer
        self.offset, self.target, self.noise = self._residual()

    def _number(self, function: Any) -> Floats:
        return self.equations.at(function, given=self.given)

    def _residual(self) -> tuple[Floats, Floats, Floats]:
        """Return y_0 (B, c, k), A (B, c, k, s), NNᵀ (B, c, k, k) of a loss of the residual alone; zeros for others."""
        count, k, s = len(self.alpha), self.equations.count, self.equations.directions
        if self.equations.residual is None:
            return np.zeros((count, 1, k)), np.zeros((count, 1, k, s)), np.zeros((count, 1, k, k))
        offset, slopes, noise = (
            np.stack([np.stack([np.stack([self._number(f) for f in row], axis=-1) for row in matrix], axis=1)
                      for matrix in matrices], axis=1) for matrices in zip(*self.equations.residual, strict=True))
        return offset[..., 0], slopes, noise

    def but(self, rows: Any = None, ridge: Floats | None = None) -> Points:
        """Return the same at some of the points, or with another ridge."""
        if ridge is not None:
            return Points(self.equations, self.given, self.fineness, ridge, self.outer)
        return Points(self.equations, {name: value[rows] for name, value in self.given.items()}, self.fineness,
                      self.ridge[rows], self.outer.rows(rows))

    def features(self) -> Floats:
        """Return the features (B, n, q) that do not depend on the students: 1, centre, teachers' fields over √η."""
        outer = self.outer
        parts = [np.ones((*outer.weight.shape, 1)), outer.centers]
        return np.concatenate([*parts, outer.teachers] if self.equations.knows_teacher else parts, axis=2)

    def linear(self, state: State) -> tuple[Floats, Floats, Floats]:
        """Return D (B, c, k, q + k), L (B, c, k, k) and μ − A (B, c, k, s)."""
        equations, root = self.equations, np.sqrt(self.eta)[:, None, None, None]
        shift = state.planted[:, None] - self.target
        covariance = state.own[:, None] + self.noise / root**2
        if not equations.knows_teacher:
            covariance = covariance + shift @ np.swapaxes(shift, 2, 3)
        own = root_of(covariance)
        center = -self.offset.copy()
        for place, student in enumerate(equations.bias):
            center[:, :, student] += state.bias[:, None, place]
        moved = np.sqrt(self.rho)[:, None, None, None] * state.planted[:, None]
        parts = [center[..., None], np.broadcast_to(moved, shift.shape)]
        return np.concatenate([*parts, *([root * shift] if equations.knows_teacher else []), root * own],
                              axis=3), own, shift

    def energy(self, state: State) -> Energy:
        """Return the averages at a state."""
        features = self.features()
        linear, root, shift = self.linear(state)
        width, k = features.shape[2], self.equations.count
        means = self.means(features, linear)
        rows = self._rows(means, linear[..., width:], self.eta[:, None, None] * state.answers)
        wide = self.outer.variance
        # φ = Tψ: T has the features in the place of 1, and leaves ζ as it is, but for the width of the noise.
        turn = np.zeros((*features.shape[:2], width + k, 1 + k))
        turn[..., :width, 0] = features
        turn[..., width:, 1:] = np.sqrt(wide)[..., None, None] * np.eye(k)
        heavy = self.outer.weight[..., None, None] * turn
        cases, weight = linear.shape[1], self.outer.weight

        def by_case(array: Floats) -> Floats:
            return array.reshape(len(array), cases, -1, *array.shape[2:])

        each = [by_case(part) for part in rows[:3]]
        heavy, turn, spread = by_case(heavy), by_case(turn), by_case(wide)
        bend = np.einsum("bcnijpr,bcnfp,bcngr->bcijfg", each[1], heavy, turn, optimize=True)
        found = Sums(np.einsum("bcnip,bcnfp->bcif", each[0], heavy), bend,
                     np.einsum("bcnijlp,bcnfp,bcn->bcijlf", each[2], heavy, spread),
                     *[np.einsum("bn...,bn->b...", part, weight * wide**power)
                       for part, power in zip(rows[3:], (2, 1, 2, 0, 0), strict=True)])
        return Energy(found, linear, root, shift)

    @staticmethod
    def means(features: Floats, linear: Floats) -> Floats:
        """Return the means of the fields at every node (B, n, k), of which each case of the law has as many."""
        width, cases = features.shape[2], linear.shape[1]
        split = features.reshape(len(features), cases, -1, width)
        return np.einsum("bcnq,bckq->bcnk", split, linear[..., :width]).reshape(*features.shape[:2], -1)

    def _rows(self, means: Floats, roots: Floats, spread: Floats) -> Sums:
        """Return the averages over ζ for every node of the label's law, (B, n, …)."""
        count, many, k = means.shape
        flat, wide = np.repeat(np.arange(count), many), self.outer.variance.reshape(-1, 1, 1)
        roots = np.repeat(roots, many // roots.shape[1], axis=1).reshape(count * many, k, k)
        labels, which = self.outer.labels.reshape(count * many, -1), self.outer.loss.reshape(-1)
        shape = (count * many, k)
        found: list[Any] = [np.zeros((count * many, *part)) for part in (
            (k, 1 + k), (k, k, 1 + k, 1 + k), (k, k, k, 1 + k), (k, k, k, k), (k, k), (k, k, k, k), (), ())]
        center = means.reshape(shape)
        for index in np.unique(which):
            chosen = np.flatnonzero(which == index)
            step = max(1, _HELD // self._inner_count(int(index)))
            for rows in (chosen[i:i + step] for i in range(0, len(chosen), step)):
                at = flat[rows]
                v = wide[rows]
                part = (self._one if k == 1 else self._two)(int(index), at, center[rows], np.sqrt(v) * roots[rows],
                                                            v * spread[at], labels[rows])
                for whole, piece in zip(found, part, strict=True):
                    whole[rows] = piece
        return Sums(*[part.reshape(count, many, *part.shape[1:]) for part in found])

    def _inner_count(self, index: int) -> int:
        if self.equations.count == 2:
            return self.fineness.inner_line ** 2 * 8
        return 16 * len(self.equations.losses[index]) * self.fineness.inner_order + self.fineness.inner_line

    def convex(self, index: int, at: Any, labels: Floats) -> Convex:
        """Return a loss of one field for rows of labels (R, l) at points ``at`` (R,)."""
        columns = {name: value[at][:, None] for name, value in self.given.items()}
        seen = [labels[:, i, None] for i in range(labels.shape[1])]
        return Convex(self.equations.losses[index],
                      lambda function, *places: self.equations.at(function, *places, *seen, given=columns))

    def _one(self, index: int, at: Any, center: Floats, root: Floats, spread: Floats, labels: Floats) -> Sums:
        """One student: between the bends of the least loss, or over a line where it is smooth."""
        loss, v, sigma, one = self.convex(index, at, labels), spread[:, :, 0], root[:, :, 0], np.ones_like(center)
        if all(part.quadratic or part.wall for part in loss.parts):
            x, w = segments([(edge - center) / sigma for edge in loss.breakpoints(v, one)], len(at))
        elif len(loss.parts) > 1:
            x, w = panels([(edge - center) / sigma for edge in loss.breakpoints(v, one)], len(at),
                          self.fineness.inner_order)
        else:
            line = trapezoid(self.fineness.inner_line, self.fineness.reach)
            x, w = (np.broadcast_to(part, (len(at), len(part))) for part in line)
        found = loss.solve(v, one, center + sigma * x)
        with np.errstate(invalid="ignore"):
            bend = np.where(np.isinf(found.curvature), 1 / v, found.curvature / (1 + v * found.curvature))
        return _summed(w, found.slope[..., None], bend[..., None, None], np.stack([np.ones_like(x), x], axis=-1),
                       loss.value(found.place), spread)

    def jet(self, at: Any, labels: Floats) -> Any:
        """Return the loss of two fields for rows at points, as :func:`vaesym.engine.labelled.joint.least` takes it."""
        joint: Any = self.equations.joint

        def of(u: Floats, rows: Any) -> tuple[Floats, Floats, Floats]:
            with np.errstate(all="ignore"):
                parts = joint(u[:, 0], u[:, 1], *labels[rows].T, *[value[at[rows]] for value in self.given.values()])
            every = np.stack([np.broadcast_to(np.asarray(part, dtype=np.float64), len(u)) for part in parts], axis=1)
            return every[:, 0], every[:, 1:3], every[:, 3:].reshape(-1, 2, 2)

        return of

    def _two(self, index: int, at: Any, center: Floats, root: Floats, spread: Floats, labels: Floats) -> Sums:
        """Two students, under a smooth loss: over a grid."""
        del index
        line, share = trapezoid(self.fineness.inner_line, self.fineness.reach)
        grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
        weight = (share[:, None] * share).ravel()
        kept = weight > 1e-19
        grid, weight = grid[kept], weight[kept]
        rows, many = len(at), len(grid)
        goal = center[:, None] + np.einsum("rij,mj->rmi", root, grid)
        each = np.repeat(np.arange(rows), many)
        found = least(self.jet(at[each], labels[each]), spread[each], goal.reshape(-1, 2))
        psi = np.concatenate([np.ones((many, 1)), grid], axis=1)
        return _summed(np.broadcast_to(weight, (rows, many)), found.force.reshape(rows, many, 2),
                       found.answer.reshape(rows, many, 2, 2), np.broadcast_to(psi, (rows, many, 3)),
                       found.loss.reshape(rows, many), spread)

    def _mean_bend(self, force: Floats, root: Floats) -> Floats:
        """Return E[H] = E[gζᵀ]L⁻¹/√η (B, c, k, k)."""
        k = self.equations.count
        value = force[..., -k:] @ inverse_of(root) / np.sqrt(self.eta)[:, None, None, None]
        return (value + np.swapaxes(value, -1, -2)) / 2

    def _split(self, force: Floats) -> tuple[Floats, Floats]:
        """Return E[g cᵀ] and E[g tᵀ] of E[g φᵀ]."""
        s = self.equations.directions
        return force[..., 1:1 + s], force[..., 1 + s:1 + 2 * s]

    def hats(self, energy: Energy) -> Hats:
        """Return the conjugates at averages."""
        alpha, eta = self.alpha[:, None, None], self.eta[:, None, None]
        force = energy.sums.force.sum(axis=1)
        bend, (center, teacher) = self._mean_bend(energy.sums.force, energy.root), self._split(force)
        drive = np.sqrt(self.rho)[:, None, None] * center
        drive = drive + (np.sqrt(eta) * teacher if self.equations.knows_teacher else
                         eta * (bend @ energy.shift).sum(axis=1))
        return Hats(alpha * eta * bend.sum(axis=1), alpha * eta * energy.sums.forces, -alpha * drive,
                    force[:, list(self.equations.bias), 0])

    def slopes(self, energy: Energy, moved: State) -> Hats:
        """Return the derivatives of the conjugates along directions of the state (n, B, …)."""
        equations, sums, alpha = self.equations, energy.sums, self.alpha[:, None, None]
        eta, rho = self.eta[:, None, None, None], self.rho[:, None, None, None]
        planted, change = moved.planted[:, :, None], moved.own[:, :, None]
        if not equations.knows_teacher:
            half = planted @ np.swapaxes(energy.shift, 2, 3)
            change = change + half + np.swapaxes(half, -1, -2)
        d_root = root_slope(energy.root, change)
        center = np.zeros((*planted.shape[:4], 1))
        for place, student in enumerate(equations.bias):
            center[..., student, 0] += moved.bias[:, :, None, place]
        teachers = [np.sqrt(eta) * planted] if equations.knows_teacher else []
        shape = d_root.shape[:4]
        d_linear = np.concatenate([np.broadcast_to(part, (*shape, part.shape[-1])) for part in (
            center, np.sqrt(rho) * planted, *teachers, np.sqrt(eta) * d_root)], axis=4)
        d_spread = eta[:, 0] * moved.answers
        d_force = (np.einsum("bcijaf,nbcja->nbcif", sums.bend, d_linear)
                   - np.einsum("bcijlf,nbjl->nbcif", sums.bend_force, d_spread))
        half = (np.einsum("bcijla,nbcja->nbil", sums.bend_force, d_linear)
                - np.einsum("bijpl,nbjp->nbil", sums.bend_forces, d_spread))
        inverse = inverse_of(energy.root)
        k = equations.count
        bend = self._mean_bend(sums.force, energy.root)
        raw = (d_force[..., -k:] - sums.force[..., -k:] @ inverse @ d_root) @ inverse / np.sqrt(eta)
        d_bend = (raw + np.swapaxes(raw, -1, -2)) / 2
        d_center, d_teacher = self._split(d_force)
        drive = np.sqrt(rho) * d_center + (np.sqrt(eta) * d_teacher if equations.knows_teacher else
                                           eta * (d_bend @ energy.shift + bend @ planted))
        return Hats(alpha * eta[:, 0] * d_bend.sum(axis=2), alpha * eta[:, 0] * (half + np.swapaxes(half, -1, -2)),
                    -alpha * drive.sum(axis=2), d_force.sum(axis=2)[:, :, list(equations.bias), 0])
