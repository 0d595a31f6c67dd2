"""The label's law as nodes and weights: teachers' fields, the label's own variables, and the cases of the law."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.labelled.equations import Branch, Labelled
from vaesym.engine.quadrature import REACH, SMOOTH_REACH, density, panels, trapezoid
from vaesym.inputs import Floats


class Fineness(NamedTuple):
    """Nodes over a smooth variable and in a panel: of the label's law, and of the students' fields; and their reach.

    ``grades`` counts panels on both sides of a cut of the label's law that are ever narrower towards it. Where a label
    is near 0, averages may change within far less than a standard deviation.
    """

    line: int
    order: int
    inner_line: int
    inner_order: int
    reach: float = SMOOTH_REACH
    grades: int = 0

    @property
    def finer(self) -> Fineness:
        """Half as many nodes more, and farther out: what grows as an exponential has weight there."""
        line, order, inner_line, inner_order = (count * 3 // 2 for count in self[:4])
        return Fineness(line, order, inner_line, inner_order, self.reach + 1.5, self.grades)

    def about(self, cut: Floats) -> list[Floats]:
        """Return a cut and the ends of the narrower panels around it."""
        return [cut, *[cut + side / 4.0**k for k in range(self.grades) for side in (-1, 1)]]

    @property
    def edges(self) -> Floats:
        """Where panels over a variable end in any case."""
        end = max(self.reach, REACH)
        return np.array([-end, -3.5, 0.0, 3.5, end])


#: Weights below which a node is left out; of counts, in proportion to what all make of 1 + y².
_NOTHING, _SMALL = 1e-18, 1e-14
#: How many counts are tried at first and in the end where there is no largest one.
_FIRST, LAST_COUNT = 64, 2**15


class Outer(NamedTuple):
    """Nodes of B points: teachers' fields over √η (B, n, s), centres (B, n, s), labels (B, n, l), weights, losses.

    ``variance`` is that of the noise of a sample over η.
    """

    teachers: Floats
    centers: Floats
    labels: Floats
    weight: Floats
    loss: NDArray[np.int64]
    variance: Floats

    def rows(self, rows: Any) -> Outer:
        """Return the same at some of the points."""
        each: list[Any] = [part[rows] for part in self]
        return Outer(*each)


def _variables(equations: Labelled, given: dict[str, Floats], root: Floats,
               fineness: Fineness) -> tuple[Floats, Floats]:
    """Return teachers' fields over √η and the label's variables (B, n, s + normals), and weights (B, n)."""
    count, size = len(root), equations.directions + equations.normals
    nodes, weight = np.zeros((count, 1, size)), np.ones((count, 1))
    columns = {name: value[:, None] for name, value in given.items()}
    for place in range(size):
        if place < equations.directions and not equations.knows_teacher:
            continue
        scale = root[:, None] if place < equations.directions else np.ones((count, 1))
        before = [nodes[:, :, j] * (root[:, None] if j < equations.directions else 1) for j in range(place)]
        many = nodes.shape[1]
        with np.errstate(all="ignore"):
            cuts = [(equations.at(cut, *before, given=columns) / scale * np.ones((count, many))).reshape(-1, 1)
                    for last, cut in equations.cuts if last == place]
        if cuts:
            cuts = [end for cut in cuts for end in fineness.about(cut)]
            x, w = panels(cuts, count * many, fineness.order, fineness.edges)
        else:
            line, share = trapezoid(fineness.line, fineness.reach)
            x, w = (np.broadcast_to(part, (count * many, len(part))) for part in (line, share))
        inner = x.shape[1]
        nodes = np.repeat(nodes, inner, axis=1)
        nodes[:, :, place] = x.reshape(count, -1)
        weight = np.repeat(weight, inner, axis=1) * w.reshape(count, -1)
    return nodes, weight


def outer_nodes(equations: Labelled, given: dict[str, Floats], eta: Floats, fineness: Fineness) -> Outer:
    """Return the nodes at points (B,) of the parameters; noise η is (B,)."""
    nodes, weight = _variables(equations, given, np.sqrt(eta), fineness)
    columns = {name: value[:, None] for name, value in given.items()}
    fields = [nodes[:, :, j] * np.sqrt(eta)[:, None] for j in range(equations.directions)]
    normals = [nodes[:, :, equations.directions + j] for j in range(equations.normals)]
    parts = [part for branch in equations.branches
             for part in _of_branch(equations, branch, columns, (nodes, fields, normals, weight))]
    each: list[Any] = [np.concatenate(column, axis=1) for column in zip(*parts, strict=True)]
    least = _NOTHING * float(density(np.array(fineness.reach)) / density(np.array(SMOOTH_REACH)))
    if equations.residual:
        return Outer(*each)
    kept = np.flatnonzero((np.abs(each[3]) > least).any(axis=0))
    return Outer(*[part[:, kept] for part in each])


def _of_branch(equations: Labelled, branch: Branch, columns: dict[str, Floats],
               at: tuple[Floats, list[Floats], list[Floats], Floats]) -> list[Outer]:
    nodes, fields, normals, weight = at
    shape = weight.shape
    center = np.stack([np.broadcast_to(equations.at(c, given=columns), shape) for c in branch.center], axis=-1)
    teachers = nodes[:, :, :equations.directions]
    if branch.most >= 0:
        place, counts, share = _counts(equations, branch, columns, fields, weight)
        return [Outer(teachers[:, place], center[:, place], counts, share, np.full(share.shape, branch.loss),
                      np.ones(share.shape))]
    each = [equations.at(value, *fields, *normals, given=columns) for value in branch.values]
    labels = np.stack([np.broadcast_to(value, shape) for value in each], axis=-1) if each else np.zeros((*shape, 0))
    chance = equations.at(branch.chance, *fields, given=columns)
    loss = np.full(shape, branch.loss) if branch.loss >= 0 else (labels[..., 0] <= 0).astype(np.int64)
    variance = np.ones(shape) if branch.variance is None else equations.at(branch.variance, given=columns)
    return [Outer(teachers, center, labels, weight * chance, loss, np.broadcast_to(variance, shape))]


def _counts(equations: Labelled, branch: Branch, columns: dict[str, Floats], fields: list[Floats],
            weight: Floats) -> tuple[Any, Floats, Floats]:
    """Return the places (n,) of nodes that belong to some counts, these (B, n, 1), and their weights (B, n).

    Where there is no largest count they end when all the probability is there and twice as many add nothing.
    """
    deep = {name: value[:, :, None] for name, value in columns.items()}
    size = _FIRST if np.isinf(branch.most) else int(branch.most) + 1
    while True:
        y = np.arange(size, dtype=np.float64)
        chance = equations.at(branch.chance, y, *[field[:, :, None] for field in fields], given=deep)
        if np.isinf(branch.most):
            chance = chance * _strides(chance, y)
        share = weight[:, :, None] * chance
        heavy = np.abs(share) * (1 + y**2)
        least = _SMALL * heavy.sum(axis=(1, 2))
        whole = (share.sum(axis=(1, 2)) > 0.999 * weight.sum(axis=1)) & (heavy[:, :, size // 2:].sum((1, 2)) <= least)
        if np.isfinite(branch.most) or whole.all() or size >= LAST_COUNT:
            break
        size *= 2
    place, count = np.nonzero((heavy > least[:, None, None]).any(axis=0))
    return place, np.broadcast_to(y[count, None], (len(weight), len(count), 1)), share[:, place, count]


def _strides(chance: Floats, y: Floats) -> Floats:
    """Return the weights (n, Y) of counts of which only every second, fourth … is taken where a law is wide.

    As the trapezoidal rule has it, sums over a smooth law do not change until the steps are about its width; where its
    first moments do, all counts are taken.
    """
    powers = y ** np.arange(3)[:, None]
    whole, taken = chance @ powers.T, np.ones(chance.shape[1:])
    stride = 2
    while stride < len(y):
        again = stride * (chance[..., ::stride] @ powers[:, ::stride].T)
        same = (np.abs(again - whole) <= 1e-11 * whole).all(axis=(0, 2))
        if not same.any():
            break
        taken[same] = np.where(y % stride == 0, stride, 0.0)
        stride *= 2
    return taken
