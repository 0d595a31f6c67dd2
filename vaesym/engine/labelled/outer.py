"""The label's law as nodes and weights: teachers' fields, the label's own variables, and the cases of the law."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.labelled.equations import Branch, Labelled
from vaesym.engine.quadrature import REACH, panels, trapezoid
from vaesym.inputs import Floats


class Fineness(NamedTuple):
    """Nodes over a smooth variable and in a panel: of the label's law, and of the students' fields."""

    line: int
    order: int
    inner_line: int
    inner_order: int

    @property
    def finer(self) -> Fineness:
        """Half as many nodes more."""
        return Fineness(*[count * 3 // 2 for count in self])


#: Where panels over a variable of the label end in any case.
_EDGES = np.array([-REACH, -3.5, 0.0, 3.5, REACH])
#: Weights below which a node is left out.
_NOTHING = 1e-18


class Outer(NamedTuple):
    """Nodes of B points: teachers' fields over √η (B, n, s), centres (B, n, s), labels (B, n, l), weights, losses."""

    teachers: Floats
    centers: Floats
    labels: Floats
    weight: Floats
    loss: NDArray[np.int64]

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
            x, w = panels(cuts, count * many, fineness.order, _EDGES)
        else:
            line, share = trapezoid(fineness.line)
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
    kept = np.flatnonzero((np.abs(each[3]) > _NOTHING).any(axis=0))
    return Outer(*[part[:, kept] for part in each])


def _of_branch(equations: Labelled, branch: Branch, columns: dict[str, Floats],
               at: tuple[Floats, list[Floats], list[Floats], Floats]) -> list[Outer]:
    nodes, fields, normals, weight = at
    shape = weight.shape
    center = np.stack([np.broadcast_to(equations.at(c, given=columns), shape) for c in branch.center], axis=-1)
    found = []
    for y in range(branch.most + 1) if branch.most >= 0 else (None,):
        if y is None:
            seen, each = [], [equations.at(value, *fields, *normals, given=columns) for value in branch.values]
        else:
            seen = each = [np.full(shape, float(y))]
        labels = np.stack([np.broadcast_to(value, shape) for value in each], axis=-1) if each else np.zeros((*shape, 0))
        chance = equations.at(branch.chance, *seen, *fields, given=columns)
        loss = np.full(shape, branch.loss) if branch.loss >= 0 else (labels[..., 0] <= 0).astype(np.int64)
        found.append(Outer(nodes[:, :, :equations.directions], center, labels, weight * chance, loss))
    return found
