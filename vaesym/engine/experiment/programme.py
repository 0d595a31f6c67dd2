"""Train runs whose losses and penalties are made of lines, by a linear programme.

A convex function of lines is the cheapest way from a base, at a kink, to a place: along segments as long as its lines,
each at the cost of its slope. As slopes rise, segments fill in order. So weights and fields are bases and segments,
tied by u = Aw, and the multipliers of the ties are the forces ℓ' (S. Boyd and L. Vandenberghe, Convex Optimization
(2004), section 5.6).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from vaesym.engine.experiment.runs import Runs
from vaesym.engine.proximal import Convex, Minimum
from vaesym.inputs import Floats


class _Segments(NamedTuple):
    """The bases (n,) of n functions, and their segments: which function's, towards which side, costs and lengths."""

    base: Floats
    owner: NDArray[np.int_]
    side: Floats
    cost: Floats
    length: Floats

    @property
    def matrix(self) -> csr_array:
        """What leads from segments to places less bases, (n, segments)."""
        return csr_array((self.side, (self.owner, np.arange(len(self.owner)))), (len(self.base), len(self.owner)))


def all_lines(runs: Runs) -> bool:
    """Whether every loss and the penalty are made of lines and walls, at the parameters of all runs.

    A penalty of one line alone is none: then many weights may be best, and the programme takes an extreme one.
    """
    equations = runs.equations
    if len(runs.biased) > 1 or len(equations.penalty) == 1:
        return False
    if not all(part.quadratic for parts in (equations.penalty, *runs.losses) for part in parts):
        return False
    convex = [Convex(equations.penalty, runs.at), *[runs.loss(*where)[0] for where in runs.parted()]]
    return not any(each.evaluate(part.curvature, np.zeros((1, 1))).any()
                   for each in convex for part in each.parts if not part.wall)


def by_programme(runs: Runs) -> tuple[Minimum, Floats, Minimum, Floats]:
    """Return the minimum of each run as proxes see it: of weights (R, n), the fields (R, P), of losses, their scale.

    All is NaN where there is none.
    """
    (held,), one = runs.held, np.ones((len(runs), 1))
    matrices = runs.products.times(held, np.eye(runs.dimension + runs.biased[0])[None])
    each = [_one(runs.some(np.arange(len(runs)) == i), matrix) for i, matrix in enumerate(matrices)]
    weights, force = (np.stack(part) for part in zip(*each, strict=True))
    scale = (runs.lengths**2)[:, None]
    site = runs.penalty.solve(one, scale, scale * weights - runs.products.back(held, force))
    goal = runs.products.times(held, weights) + scale * force
    losses = Minimum(*runs.of_losses(lambda f, x, pick: f.solve(pick(scale), np.ones_like(pick(scale)), x), goal))
    return site, losses.place + runs.shift[..., 0], losses, scale


def _one(run: Runs, matrix: Floats) -> tuple[Floats, Floats]:
    """Return the weights and the forces of a single run."""
    weights = _segments(Convex(run.equations.penalty, run.at), run.dimension)
    parts = [(_segments(run.loss(*where)[0], len(where[1][1])), where[1][1]) for where in run.parted()]
    bases, places = np.empty(run.points), np.concatenate([rows[part.owner] for part, rows in parts])
    for part, rows in parts:
        bases[rows] = part.base
    side, cost, length = (np.concatenate([getattr(part, name) for part, _ in parts])
                          for name in ("side", "cost", "length"))
    fields = _Segments(bases, places, side, cost, length)
    n, free = run.dimension, matrix.shape[1] - run.dimension
    ties = hstack([fields.matrix, -csr_array(matrix[:, :n]) @ weights.matrix, -csr_array(matrix[:, n:])], format="csr")
    lengths = np.concatenate([length, weights.length])
    found = linprog(np.concatenate([cost, weights.cost, np.zeros(free)]), A_eq=ties,
                    b_eq=matrix[:, :n] @ weights.base - bases - run.shift[0, :, 0],
                    bounds=[*((0, most) for most in lengths), *[(None, None)] * free], method="highs-ipm")
    if found.status:
        return np.full(n + free, np.nan), np.full(run.points, np.nan)
    steps = weights.matrix @ found.x[len(cost):len(lengths)]
    return np.concatenate([weights.base + steps, found.x[len(lengths):]]), found.eqlin.marginals


def _segments(convex: Convex, count: int) -> _Segments:
    """Return the segments of ``count`` functions, about the first kink of each, or 0 where there is none."""
    zero, parts = np.zeros((count, 1)), convex.parts
    starts = [(convex.evaluate(part.start) + zero)[:, 0] for part in parts[1:]]
    endless = np.full(count, np.inf)
    lines = [(parts[0], -1.0, endless)] if starts else [(parts[0], -1.0, endless), (parts[0], 1.0, endless)]
    lines += [(part, 1.0, end - start)
              for part, start, end in zip(parts[1:], starts, [*starts[1:], endless], strict=False)]
    kept = [(side, side * convex.evaluate(part.slope, zero)[:, 0], length) for part, side, length in lines
            if not part.wall]
    return _Segments(starts[0] if starts else zero[:, 0], np.tile(np.arange(count), len(kept)),
                     np.concatenate([np.full(count, side) for side, _, _ in kept]),
                     np.concatenate([cost for _, cost, _ in kept]), np.concatenate([length for _, _, length in kept]))
