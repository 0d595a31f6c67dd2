"""A problem with any labels as the engine takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vaesym.engine.equations import Function, Part, Students


class Branch(NamedTuple):
    """A case of the label's law.

    ``chance`` is its probability given the teachers' fields (and the label, if there are counts), ``center`` the
    multiples of the planted directions around which its samples lie, ``values`` its labels as functions of the
    teachers' fields and of normal variables. ``loss`` is the index of its loss, −1 for loss 0 where y > 0 and 1
    elsewhere. With ``most`` ≥ 0 the label is a count from 0 to ``most``, with infinity as many as have weight.
    ``variance`` is that of the noise of its samples over η, 1 if not given.
    """

    chance: Function
    center: tuple[Function, ...]
    values: tuple[Function, ...]
    loss: int
    most: float
    variance: Function | None = None


@dataclass(frozen=True)
class Labelled(Students):
    """One or two students under a convex loss of their fields and of labels of any law.

    The trained scalars ``free`` are biases, and ``bias`` is the student of each. ``cuts`` are (variable, function
    of the variables before and the parameters) where the law of the label bends; variables are the ``directions``
    teachers' fields and ``normals`` of the label. ``positive`` says that no label is below 0. With ``residual``
    the loss is one of u − y alone, and each branch has (y_0, A, NNᵀ) of y = y_0 + At + Nε. One student has ``losses``,
    parts of functions of u, the labels and all parameters, and a ``penalty``; two have ``joint`` (loss, its gradient
    and its Hessian) and ``decays``.
    """

    bias: tuple[int, ...]
    directions: int
    knows_teacher: bool
    normals: int
    labels: int
    positive: bool
    branches: tuple[Branch, ...]
    cuts: tuple[tuple[int, Function], ...]
    residual: tuple[tuple[tuple[tuple[Function, ...], ...], ...], ...] | None
    losses: tuple[tuple[Part, ...], ...]
    joint: Function | None
    penalty: tuple[Part, ...]
    decays: tuple[Function, ...]

    @property
    def binary(self) -> bool:
        """Whether there is one student and the label is +1 or −1."""
        return self.count == self.labels == 1 and all(
            branch.most < 0 and isinstance(number := _constant(branch), float) and abs(number) == 1
            for branch in self.branches)


def _constant(branch: Branch) -> float | None:
    """Return the label of a branch if it is one number."""
    value = branch.values[0]
    count = value.__code__.co_argcount
    first, second = (value(*[np.float64(x * 1.1**i) for i in range(count)]) for x in (0.7, 0.3))
    return float(first) if first == second else None
