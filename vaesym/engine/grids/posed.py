"""Whether a problem is well posed at the values that are to be solved: laws that are laws, convex functions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vaesym.engine.equations import Equations, Function, Lowered, Part
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.inputs import Floats, InputError

#: Where between the ends of a piece its curvature is tried, and how far beyond an end where there is no other.
_INSIDE = np.linspace(0, 1, 65)[1:-1]
_BEYOND = np.concatenate([np.linspace(0.05, 12, 80), np.geomspace(14, 1e3, 12)])
#: Labels and teachers' fields that are tried.
_TRIED = (-2.5, -0.75, 0.3, 1.0, 4.0)
_ROUNDING, _CHANCE = 1e-9, "a probability of the label between 0 and 1"


def posed(equations: Lowered, parameters: Mapping[str, Any]) -> dict[str, Floats]:
    """Return the parameters in calling order, numbers or axes of a grid, if there is a theory at all their values.

    Raises
    ------
    vaesym.InputError
        As :meth:`vaesym.engine.equations.Lowered.checked`; a probability outside [0, 1], a negative variance, a loss or
        penalty that is not convex, or whose kinks have another order than in its statement.

    Examples
    --------
    >>> from vaesym.engine.lowered import equations_of
    >>> given = {"alpha": 1.0, "lam": 0.1, "noise": 0.1, "amplitude": 1.0}
    >>> float(posed(equations_of("lasso"), {**given, "sparsity": 0.5})["sparsity"])
    0.5
    """
    checked = equations.checked(parameters)
    axes = [name for name, value in checked.items() if value.ndim]
    mesh = {name: value.reshape([-1 if axis == name else 1 for axis in axes]) if value.ndim else value
            for name, value in checked.items()}
    at = _At(mesh)
    _require_laws(equations, at)
    if isinstance(equations, Equations):
        for parts in equations.loss:
            at.require_convex("loss", parts)
        at.require_convex("penalty", equations.penalty)
    elif isinstance(equations, Quadratic):
        for parts in equations.penalties:
            at.require_convex("penalty", parts)
        if equations.group:
            at.require("a weight of the norm of a row >= 0", equations.group, low=0.0)
    elif isinstance(equations, Labelled):
        tried = [abs(y) for y in _TRIED] if equations.positive else _TRIED
        for labels in itertools.product(tried, repeat=equations.labels):
            for i, parts in enumerate(equations.losses):
                signed = any(branch.loss < 0 for branch in equations.branches)
                if not signed or (i == 0) == (labels[0] > 0):
                    at.require_convex("loss", parts, *labels)
        if equations.penalty:
            at.require_convex("penalty", equations.penalty)
        for decay in equations.decays:
            at.require("a weight decay >= 0", decay, low=0.0)
    return checked


def _require_laws(equations: Lowered, at: _At) -> None:
    at.require("a variance of the noise >= 0", equations.noise, low=0.0)
    at.require("a strength of the signal >= 0", equations.signal, low=0.0)
    for share, _, variance in equations.planted:
        at.require("probabilities of the planted weights between 0 and 1", share, low=0.0, high=1.0)
        at.require("variances of the planted weights >= 0", variance, low=0.0)
    if isinstance(equations, Equations):
        for what, function in (("a variance of the label's noise >= 0", equations.label_noise),
                               ("a strength of the label's signal >= 0", equations.label_signal)):
            if function:
                at.require(what, function, low=0.0)
        for chance in (equations.share, *(equations.step_values or ())):
            if chance:
                at.require(_CHANCE, chance, low=0.0, high=1.0)
        if equations.probability and not equations.step:
            for field in _TRIED:
                at.require(_CHANCE, equations.probability, field, low=0.0, high=1.0)
    if isinstance(equations, Labelled):
        for branch in equations.branches:
            if branch.variance:
                at.require("a variance of each cluster >= 0", branch.variance, low=0.0)
    if isinstance(equations, Labelled) and equations.residual is None:
        _require_chances(equations, at)


def _require_chances(equations: Labelled, at: _At) -> None:
    for fields in itertools.islice(itertools.product(_TRIED, repeat=equations.directions), 25):
        for branch in equations.branches:
            end = min(branch.most, 40)
            counts = [()] if branch.most < 0 else [(np.float64(y),) for y in {0, end // 2, end}]
            for count in counts:
                at.require(_CHANCE, branch.chance, *count, *fields, low=0.0, high=1.0)


class _At:
    """Functions at the points of a grid, of which each is evaluated only over the axes that it depends on."""

    def __init__(self, mesh: Mapping[str, Floats]) -> None:
        self.mesh = mesh

    def value(self, function: Function, *variables: Any) -> Floats:
        """Return a function of variables and all parameters."""
        with np.errstate(all="ignore"):
            return np.asarray(function(*map(np.asarray, variables), *self.mesh.values()), dtype=np.float64)

    def require(self, what: str, function: Function, *variables: Any, low: float, high: float = np.inf) -> None:
        """Refuse where a function lies outside an interval."""
        value = self.value(function, *variables)
        self.refuse(~((value >= low - _ROUNDING) & (value <= high + _ROUNDING)), what, value)

    def refuse(self, bad: Any, expected: str, value: Any = None,
               advice: str = "choose other values, or state the problem for these") -> None:
        """Raise where anything is bad, naming the first such point."""
        if not np.any(bad):
            return
        names = list(self.mesh)
        every = np.broadcast_arrays(bad, *([] if value is None else [value]), *self.mesh.values())
        place = np.unravel_index(int(np.argmax(every[0])), every[0].shape)
        point = ", ".join(f"{name} = {float(axis[place]):.6g}"
                          for name, axis in zip(names, every[-len(names):], strict=True) if name != "alpha")
        received = f"{point}" if value is None else f"{float(every[1][place]):.6g} at {point}"
        raise InputError(expected, received or "a statement without parameters", advice)

    def require_convex(self, what: str, parts: Sequence[Part], *labels: float) -> None:
        """Refuse pieces that are out of order, leave gaps, or are not convex."""
        starts = [self.value(part.start, *labels) for part in parts[1:] if part.start]
        for before, after in itertools.pairwise(starts):
            self.refuse(before > after + _ROUNDING, f"a {what} whose kinks keep the order of its statement", advice=(
                "write a kink as another plus a positive parameter, or give the Parameters least and most between "
                "which no two change places"))
        convex, depth = f"a {what} that is convex", len(np.broadcast_shapes(*map(np.shape, self.mesh.values())))
        ends = [None, *starts, None]
        for part, (low, high) in zip(parts, itertools.pairwise(ends), strict=True):
            if not part.wall:
                bend = self.value(part.curvature, _places(part, low, high, depth), *labels)
                down = bend < -_ROUNDING
                self.refuse(down.any(axis=0) if down.ndim > depth else down, convex)
        for left, right, start in zip(parts, parts[1:], starts, strict=False):
            if left.wall or right.wall:
                continue
            turn = self.value(right.slope, start, *labels) - self.value(left.slope, start, *labels)
            jump = self.value(right.value, start, *labels) - self.value(left.value, start, *labels)
            self.refuse((turn < -1e-7) | (np.abs(jump) > 1e-7), convex)


def _places(part: Part, low: Floats | None, high: Floats | None, depth: int) -> Floats:
    """Return values of the variable inside a piece, along an axis before the ``depth`` axes of the grid."""
    inside, beyond = (np.array([0.5]), np.array([1.0])) if part.quadratic else (_INSIDE, _BEYOND)
    inside, beyond = (steps.reshape(-1, *[1] * depth) for steps in (inside, beyond))
    if low is not None and high is not None:
        return low + (high - low) * inside
    if low is not None:
        return low + beyond
    return np.concatenate([-beyond[::-1], 0 * beyond[:1], beyond]) if high is None else high - beyond
