"""Fresh samples: the loss of weights on them, and how often the sign of the field is not the label."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.state import State
from vaesym.engine.quadrature import panels, segments, trapezoid
from vaesym.inputs import Floats


def fresh(points: Points, state: State) -> dict[str, Floats]:
    """Return ``fresh_loss``, the mean loss of a fresh sample, and for labels ±1 ``classification_error``."""
    equations = points.equations
    features, (linear, _, _) = points.features(), points.linear(state)
    width, k, outer = features.shape[2], equations.count, points.outer
    means = points.means(features, linear)
    count, many, _ = means.shape
    roots = np.repeat(linear[..., width:], many // linear.shape[1], axis=1)
    at = np.repeat(np.arange(count), many)
    labels, which = outer.labels.reshape(count * many, -1), outer.loss.reshape(-1)
    total, wide = np.zeros(count * many), np.sqrt(outer.variance.reshape(-1, 1, 1))
    for index in np.unique(which):
        rows = np.flatnonzero(which == index)
        part = _one if k == 1 else _two
        own = wide[rows] * roots.reshape(-1, k, k)[rows]
        total[rows] = part(points, int(index), at[rows], means.reshape(-1, k)[rows], own, labels[rows])
    found = {"fresh_loss": np.sum(outer.weight * total.reshape(count, many), axis=1)}
    if equations.binary:
        spread = roots[..., 0, 0] * np.sqrt(outer.variance)
        wrong = ndtr(-outer.labels[:, :, 0] * means[:, :, 0] / spread)
        found["classification_error"] = np.sum(outer.weight * wrong, axis=1)
    return found


def _one(points: Points, index: int, at: Floats, center: Floats, root: Floats, labels: Floats) -> Floats:
    """Average a loss of one field over its own variable, between its kinks."""
    loss, sigma = points.convex(index, at, labels), root[:, :, 0]
    parts = loss.parts
    if any(part.wall for part in parts):
        return np.full(len(at), np.inf)
    cuts = [(loss.evaluate(part.start) - center) / sigma for part in parts[1:]]
    if all(part.quadratic for part in parts):
        x, w = segments(cuts, len(at))
    elif cuts:
        x, w = panels(cuts, len(at), points.fineness.inner_order)
    else:
        line = trapezoid(points.fineness.inner_line, points.fineness.reach)
        x, w = (np.broadcast_to(part, (len(at), len(part))) for part in line)
    return np.sum(w * loss.value(center + sigma * x), axis=1)


def _two(points: Points, index: int, at: Floats, center: Floats, root: Floats, labels: Floats) -> Floats:
    del index
    line, share = trapezoid(points.fineness.inner_line, points.fineness.reach)
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    goal = center[:, None] + np.einsum("rij,mj->rmi", root, grid)
    each = np.repeat(np.arange(len(at)), len(grid))
    loss, _, _ = points.jet(at[each], labels[each])(goal.reshape(-1, 2), np.arange(len(each)))
    return loss.reshape(len(at), -1) @ (share[:, None] * share).ravel()
