"""The least row: two weights under a convex penalty of parabolas and lines, or of the norm of a row, and a field."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from vaesym.engine.proximal import Convex
from vaesym.inputs import Floats


class Rows(NamedTuple):
    """Weights (B, n, 2) at fields, J = ∂w/∂h (B, n, 2, 2), penalties (B, n), and which weights are zero (B, n, 2)."""

    place: Floats
    answer: Floats
    penalty: Floats
    zero: Floats


class Penalty(Protocol):
    """What the averages ask of a penalty; ``linear`` says that the least row is linear in the field between bends."""

    linear: bool

    @property
    def even(self) -> bool:
        """Whether rows of opposite sign cost the same."""
        ...

    def least(self, stiff: Floats, field: Floats, shared: int = 1) -> Rows:
        """Return the least rows at fields (B, n, 2) for stiffness Ĝ (B, 2, 2)."""
        ...

    def outer(self, stiff: Floats) -> list[Floats]:
        """Return second fields (B,) at which the number of bends along the first one changes."""
        ...

    def inner(self, stiff: Floats, second: Floats) -> list[Floats]:
        """Return the first fields (B, n) at which the least row bends, for second fields (B, n)."""
        ...


class _Line(NamedTuple):
    """A smooth part of a penalty, r' = slope + curvature·w, or a kink of it (infinite curvature); ends in w and r'."""

    slope: Floats
    curvature: Floats
    start: Floats
    end: Floats
    low: Floats
    high: Floats
    kink: bool


class Separate:
    """A penalty r_1(w_1) + r_2(w_2), each of parabolas and lines."""

    linear = True

    def __init__(self, penalties: tuple[Convex, Convex]) -> None:
        self.penalties = penalties
        self.lines = [_lines(penalty) for penalty in penalties]

    @property
    def even(self) -> bool:
        """Whether both functions are even."""
        return all(_mirrored(lines) for lines in self.lines)

    def least(self, stiff: Floats, field: Floats, shared: int = 1) -> Rows:
        """Return the least rows: of all pairs of parts, the one whose own minimum lies in it (or nearest to it).

        Fields come in groups of ``shared`` neighbours between two bends, for which the middle one decides.
        """
        pairs = [(first, second) for first in self.lines[0] for second in self.lines[1]]
        maps = [_affine(stiff, pair) for pair in pairs]
        middle = field[:, shared // 2::shared]
        excess = [_excess(stiff, middle, _image(*found, middle), pair) for found, pair in zip(maps, pairs, strict=True)]
        chosen = np.repeat(np.argmin(excess, axis=0), shared, axis=1)
        batch = np.arange(len(field))[:, None]
        answer, offset = (np.stack(part)[chosen, batch] for part in zip(*maps, strict=True))
        place = _image(answer, offset, field)
        still = np.array([[first.kink, second.kink] for first, second in pairs])[chosen]
        penalty = sum(convex.value(place[..., i]) for i, convex in enumerate(self.penalties))
        return Rows(place, answer, np.asarray(penalty), (still & (place == 0)).astype(np.float64))

    def outer(self, stiff: Floats) -> list[Floats]:
        """Return the second fields of pairs of kinks."""
        return [stiff[:, 1, 0] * a.start[:, 0] + stiff[:, 1, 1] * b.start[:, 0] + end[:, 0]
                for a in self.lines[0] for b in self.lines[1] if a.kink and b.kink for end in (b.low, b.high)]

    def inner(self, stiff: Floats, second: Floats) -> list[Floats]:
        """Return where a kink of either weight is reached or left."""
        g11, g12, g22 = (stiff[:, i, j, None] for i, j in ((0, 0), (0, 1), (1, 1)))
        one = np.ones_like(g11)
        found = []
        for kink in (line for line in self.lines[0] if line.kink):
            other = self.penalties[1].solve(one, g22, second - g12 * kink.start).place
            found += [g11 * kink.start + g12 * other + end for end in (kink.low, kink.high)]
        for kink in (line for line in self.lines[1] if line.kink):
            for end in (kink.low, kink.high):
                with np.errstate(all="ignore"):
                    w = (second - g22 * kink.start - end) / g12
                    found += [np.where((w >= line.start) & (w <= line.end),
                                       g11 * w + g12 * kink.start + line.slope + line.curvature * w, np.nan)
                              for line in self.lines[0] if not line.kink]
        return found


def _lines(penalty: Convex) -> list[_Line]:
    """Return the smooth parts and kinks of a penalty; entries are (B, 1)."""
    zero = penalty.evaluate(penalty.parts[0].slope, 0.0) * 0.0
    edges = penalty.edges(np.ones_like(zero), np.zeros_like(zero))
    found = []
    for i, part in enumerate(penalty.parts):
        if part.wall:
            continue
        start = edges[i - 1][0] if i else zero - np.inf
        end = edges[i][0] if i < len(edges) else zero + np.inf
        found.append(_Line(penalty.evaluate(part.slope, zero), penalty.evaluate(part.curvature, zero), start, end,
                           zero, zero, False))
    return found + [_Line(zero, zero + np.inf, kink, kink, low, high, True) for kink, low, high in edges]


def _mirrored(lines: list[_Line]) -> bool:
    """Whether every part has its mirror image among the parts."""
    def alike(one: _Line, other: _Line) -> bool:
        ends = ((one.start, -other.end), (one.end, -other.start), (one.low, -other.high), (one.high, -other.low),
                (one.slope, -other.slope), (one.curvature, other.curvature))
        return one.kink == other.kink and all(bool(np.all(a == b)) for a, b in ends)

    return all(any(alike(one, other) for other in lines) for one in lines)


def _affine(stiff: Floats, pair: tuple[_Line, _Line]) -> tuple[Floats, Floats]:
    """Return (J, b) with which the quadratic function of a pair of parts is least at Jh + b: (B, 2, 2) and (B, 2)."""
    matrix, offset, held = np.array(stiff), np.zeros(stiff.shape[:2]), np.zeros(2)
    for i, line in enumerate(pair):
        held[i] = float(line.kink)
        if line.kink:
            offset[:, i] = line.start[:, 0]
        else:
            matrix[:, i, i] += line.curvature[:, 0]
    if not held.any():
        response = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
        return response, -np.einsum("bij,bj->bi", response, np.stack([line.slope[:, 0] for line in pair], axis=1))
    response = np.zeros_like(matrix)
    if not held.all():
        i = int(held[0])
        response[:, i, i] = 1 / matrix[:, i, i]
        offset[:, i] = -(pair[i].slope[:, 0] + matrix[:, i, 1 - i] * offset[:, 1 - i]) * response[:, i, i]
    return response, offset


def _image(response: Floats, offset: Floats, field: Floats) -> Floats:
    """Return Jh + b at fields (B, n, 2), for one map a point or one a field."""
    if response.ndim == 3:
        response, offset = response[:, None], offset[:, None]
    return np.stack([response[..., i, 0] * field[..., 0] + response[..., i, 1] * field[..., 1] + offset[..., i]
                     for i in range(2)], axis=-1)


def _excess(stiff: Floats, field: Floats, place: Floats, pair: tuple[_Line, _Line]) -> Floats:
    """Return by how much a minimum lies outside its parts; 0 where it is the minimum of the whole."""
    force = field - _image(stiff, np.zeros(stiff.shape[:2]), place)
    found = np.zeros(field.shape[:2])
    for i, line in enumerate(pair):
        at, low, high = ((force[..., i], line.low, line.high) if line.kink
                            else (place[..., i], line.start, line.end))
        found = found + np.maximum(low - at, 0) + np.maximum(at - high, 0)
    return found


class Group:
    """A penalty g √(w_1² + w_2²) + ½ c_1 w_1² + ½ c_2 w_2²."""

    linear = False
    even = True

    def __init__(self, weight: Floats, decay: Floats) -> None:
        self.weight, self.decay = weight, decay

    def _stiff(self, stiff: Floats) -> Floats:
        return stiff + self.decay[:, :, None] * np.eye(2)

    def least(self, stiff: Floats, field: Floats, shared: int = 1) -> Rows:
        """Return the least rows: zero for fields shorter than g, else by Newton for their length."""
        del shared
        g = self.weight[:, None]
        bends, vectors = np.linalg.eigh(self._stiff(stiff))
        along = np.einsum("bji,bnj->bni", vectors, field)
        size = np.linalg.norm(field, axis=2)
        open_ = size > g
        # Σ h_i²/(s_i l + g)² = 1 is convex and falls in the length l; Newton from the left does not overshoot.
        safe = np.where(open_, size, 2 * g + 1)
        along = np.where(open_[..., None], along, 0.0)
        along[..., 0] = np.where(open_, along[..., 0], safe)
        length = np.maximum((safe - g) / bends[:, 1, None], 0.0)
        for _ in range(60):
            low = bends[:, None, :] * length[..., None] + g[..., None]
            ratio = (along / low) ** 2
            norm = np.sqrt(ratio.sum(2))
            # In 1/√(…) the equation is nearly linear in l.
            slope = (ratio * bends[:, None, :] / low).sum(2) / norm**3
            step = (1 / norm - 1) / slope
            length = np.maximum(length - step, 0.0)
            if np.all(np.abs(step) <= 1e-15 * (length + g)):
                break
        inside = np.where(open_[..., None], along * length[..., None] / (bends[:, None, :] * length[..., None]
                                                                         + g[..., None]), 0.0)
        place = np.einsum("bij,bnj->bni", vectors, inside)
        unit = place / np.where(open_, length, 1.0)[..., None]
        bend = (np.eye(2) - unit[..., :, None] * unit[..., None, :]) * (
            g / np.where(open_ & (length > 0), length, 1.0))[..., None, None]
        answer = np.linalg.inv(self._stiff(stiff)[:, None] + bend) * open_[..., None, None]
        penalty = g * np.where(open_, length, 0.0) + np.einsum("bi,bni->bn", self.decay, place**2) / 2
        return Rows(place, answer, penalty, np.repeat(~open_[..., None], 2, axis=2).astype(np.float64))

    def outer(self, stiff: Floats) -> list[Floats]:
        """Return the second fields at which the circle of zero rows begins and ends."""
        del stiff
        return [sign * self.weight for sign in (-1.0, 1.0)]

    def inner(self, stiff: Floats, second: Floats) -> list[Floats]:
        """Return where the circle is crossed."""
        del stiff
        half = np.sqrt(np.maximum(self.weight[:, None] ** 2 - second**2, 0.0))
        return [-half, half]


def penalty_of(convex: list[Convex], group: Any, decay: Floats) -> Penalty:
    """Return the penalty of two students; ``group`` (B,) is the weight of the norm of a row, or None."""
    return Separate((convex[0], convex[1])) if group is None else Group(group, decay)
