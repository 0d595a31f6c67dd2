"""Averages over the sites of two students, by quadrature over two normal variables between the bends of the rows."""

from __future__ import annotations

import numpy as np

from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.rows import Penalty, Rows
from vaesym.engine.quadratic.site import Law, Site
from vaesym.engine.quadrature import panels, segments
from vaesym.inputs import Floats


def _nodes(penalty: Penalty, stiff: Floats, law: Law, order: int) -> tuple[Floats, Floats]:
    """Return z (B, n, 2) and weights (B, n); the outer variable is the second one."""
    count = len(stiff)
    with np.errstate(divide="ignore", invalid="ignore"):  # a field that does not vary meets no bend
        cuts = [((cut - law.center[:, 1]) / law.root[:, 1, 1])[:, None] for cut in penalty.outer(stiff)]
    outer, outer_weight = panels(cuts, count, order)
    many = outer.shape[1]
    second = law.center[:, 1, None] + law.root[:, 1, 1, None] * outer
    first = law.center[:, 0, None] + law.root[:, 0, 1, None] * outer
    with np.errstate(divide="ignore", invalid="ignore"):
        bends = [((bend - first) / law.root[:, 0, 0, None]).reshape(-1, 1) for bend in penalty.inner(stiff, second)]
    # Rows that are linear between their bends make parabolas of all integrands, for which three nodes are exact.
    inner, inner_weight = (segments(bends, count * many) if penalty.linear else panels(bends, count * many, order))
    inner = inner.reshape(count, many, -1)
    z = np.stack([inner, np.broadcast_to(outer[..., None], inner.shape)], axis=-1)
    weight = outer_weight[..., None] * inner_weight.reshape(inner.shape)
    return z.reshape(count, -1, 2), weight.reshape(count, -1)


class _Sums:
    """Averages of one part of the law, added to those of the others."""

    def __init__(self, equations: Quadratic, hats: Floats) -> None:
        count, size = hats.shape
        self.equations = equations
        self.value, self.slope = np.zeros((count, size)), np.zeros((count, size, size))
        self.gain = np.zeros((count, 2, 2, 2, 2))
        self.penalty, self.envelope, self.zero = np.zeros(count), np.zeros(count), np.zeros((count, 2))

    def add(self, law: Law, stiff: Floats, z: Floats, weight: Floats, field: Floats, rows: Rows,
            tangents: bool) -> None:
        """Add the averages over the nodes."""
        w = rows.place
        star = law.mean[:, None] + law.variance[:, None] * np.einsum("bnj,bj->bn", z, _row(law.drive, law.inverse))
        crossed = np.einsum("bn,bni,bnk->bik", weight, w, z)
        self.value += self._joined(np.einsum("bn,bni,bnj->bij", weight, w, w),
                                   np.einsum("bn,bni,bn->bi", weight, w, star), crossed @ law.inverse)
        self.penalty += np.einsum("bn,bn->b", weight, rows.penalty)
        least = rows.penalty + np.einsum("bni,bij,bnj->bn", w, stiff, w) / 2 - np.einsum("bni,bni->bn", w, field)
        self.envelope += np.einsum("bn,bn->b", weight, least)
        self.zero += np.einsum("bn,bni->bi", weight, rows.zero)
        answers = rows.answer.reshape(*rows.answer.shape[:2], 4)
        gain = (np.swapaxes(weight[..., None] * answers, 1, 2) @ answers).reshape(-1, 2, 2, 2, 2)
        self.gain += np.swapaxes(gain, 2, 3)
        if tangents:
            self._tangents(law, z, weight, rows, crossed)

    def _joined(self, overlaps: Floats, planted: Floats, answers: Floats) -> Floats:
        return self.equations.joined(overlaps, planted, (answers + np.swapaxes(answers, 1, 2)) / 2)

    def _tangents(self, law: Law, z: Floats, weight: Floats, rows: Rows, crossed: Floats) -> None:
        """Add the derivatives in each conjugate: dw = J(dh − dĜ w), linear in p = (1, w, z) as all that it meets."""
        count, many, size = *z.shape[:2], self.value.shape[1]
        p = np.concatenate([np.ones((count, many, 1)), rows.place, z], axis=2)
        pairs = (p[..., :, None] * p[..., None, :]).reshape(count, many, 25)
        answers = (weight[..., None, None] * rows.answer).reshape(count, many, 4)
        # E[J_ij p_k p_l] holds every average that the derivatives need.
        moments = (np.swapaxes(answers, 1, 2) @ pairs).reshape(count, 2, 2, 5, 5)
        for column, direction in enumerate(np.eye(size)):
            d_stiff, d_drive, d_spread = self.equations.split(np.broadcast_to(direction, self.value.shape))
            d_center, d_root = law.moved(d_drive, d_spread)
            pushed = np.concatenate([d_center[:, :, None], -d_stiff, d_root], axis=2)
            moved = np.einsum("bijkl,bjk->bil", moments, pushed)
            half = moved[:, :, 1:3]
            d_inverse = -law.inverse @ d_root @ law.inverse
            d_row = law.variance[:, None] * (_row(d_drive, law.inverse) + _row(law.drive, d_inverse))
            along = law.variance[:, None] * _row(law.drive, law.inverse)
            d_planted = (moved[:, :, 0] * law.mean[:, None] + np.einsum("bik,bk->bi", moved[:, :, 3:], along)
                         + np.einsum("bik,bk->bi", crossed, d_row))
            d_answer = moved[:, :, 3:] @ law.inverse + crossed @ d_inverse
            self.slope[:, :, column] += self._joined(half + np.swapaxes(half, 1, 2), d_planted, d_answer)


def _row(drive: Floats, inverse: Floats) -> Floats:
    """μ̂ᵀL⁻ᵀ, by which the mean of w* rises with z."""
    return np.einsum("bi,bji->bj", drive, inverse)


def _halved(laws: list[tuple[Floats, Floats, Floats]]) -> list[tuple[Floats, Floats, Floats]]:
    """Join parts of the law of w* that are mirror images: what is averaged does not change with all signs."""
    found: list[tuple[Floats, Floats, Floats]] = []
    for share, mean, variance in laws:
        twin = next((i for i, (_, other, same) in enumerate(found)
                     if np.all(mean == -other) and np.all(variance == same)), None)
        if twin is None:
            found.append((share, mean, variance))
        else:
            found[twin] = (found[twin][0] + share, *found[twin][1:])
    return found


def by_quadrature(equations: Quadratic, hats: Floats, penalty: Penalty,
                  laws: list[tuple[Floats, Floats, Floats]], order: int, *, tangents: bool = True) -> Site:
    """Return the averages over the sites; ``laws`` are (probability, mean, variance) of w*, each (B,)."""
    stiff, drive, spread = equations.split(hats)
    sums = _Sums(equations, hats)
    for share, mean, variance in _halved(laws) if penalty.even else laws:
        law = Law.of(mean, variance, drive, spread)
        z, weight = _nodes(penalty, stiff, law, order)
        field = law.center[:, None] + np.einsum("bij,bnj->bni", law.root, z)
        sums.add(law, stiff, z, share[:, None] * weight, field, penalty.least(stiff, field, 3 if penalty.linear else 1),
                 tangents)
    more = {"penalty": sums.penalty, "envelope": sums.envelope,
            **{f"zero_{name}": sums.zero[:, i] for i, name in enumerate(equations.students)}}
    return Site(sums.value, sums.slope, sums.gain, more)
