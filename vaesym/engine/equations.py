"""A problem as the engine takes it: functions of NumPy arrays, with the domain of every parameter."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError

Function = Callable[..., Any]

#: Arrays that ``numpy.broadcast`` takes at once in every release of NumPy: some take 32, others 64.
_TOGETHER = 32


class Limits(NamedTuple):
    """A parameter: its name, its meaning, its least and largest value, and whether those are excluded."""

    name: str
    meaning: str
    least: float
    most: float
    strict: bool


class Part(NamedTuple):
    """A smooth part of a convex function, from ``start`` (None: −∞) to the start of the next one.

    ``value``, ``slope`` and ``curvature`` are functions of the variable and of all parameters; ``quadratic`` says that
    the curvature is constant, ``wall`` that the function is infinite there.
    """

    start: Function | None
    value: Function
    slope: Function
    curvature: Function
    quadratic: bool
    wall: bool


@dataclass(frozen=True)
class Lowered:
    """What every problem brings to the engine: names, the domain of each parameter, the laws of data and teacher.

    ``planted`` holds the (probability, mean, variance) of the planted rows. All functions take all parameters.
    """

    name: str
    title: str
    parameters: tuple[Limits, ...]
    planted: tuple[tuple[Function, Function, Function], ...]
    noise: Function
    signal: Function
    observables: Mapping[str, Function]

    def checked(self, given: Mapping[str, Any]) -> dict[str, Floats]:
        """Return the parameters in calling order, checked against their domains: numbers, or axes of a grid.

        Raises
        ------
        vaesym.InputError
            A parameter that is missing or unknown, not finite, outside its domain, or of two or more dimensions.
        """
        names = [limits.name for limits in self.parameters]
        unknown = sorted(set(given) - set(names))
        missing = [name for name in names if name not in given]
        if unknown or missing:
            received = f"{unknown[0]!r}" if unknown else f"none of the name {missing[0]!r}"
            raise InputError(f"the parameters {', '.join(names)} of {self.name}", received,
                             "give each of them by its name")
        return {limits.name: self._one(limits, given[limits.name]) for limits in self.parameters}

    @staticmethod
    def _one(limits: Limits, value: Any) -> Floats:
        array = inputs.real_array(limits.name, value)
        if not array.size:
            raise InputError(f"{limits.name} as a number or an axis", "an empty axis", "give one value at least")
        if array.ndim > 1:
            raise InputError(f"{limits.name} as a number or a one-dimensional axis", f"shape {array.shape}",
                             "pass an axis for each parameter; they span a grid")
        strict = limits.strict
        bad = (array <= limits.least) | (array >= limits.most) if strict else (
            array < limits.least) | (array > limits.most)
        if bad.any():
            above = "" if np.isinf(limits.most) else f" and {'<' if strict else '<='} {limits.most:g}"
            raise InputError(f"{limits.name} {'>' if strict else '>='} {limits.least:g}{above}",
                             f"{array[bad].flat[0]:g}", f"choose {limits.name} inside its domain")
        return array

    def at(self, function: Function, *variables: Floats, given: Mapping[str, Floats]) -> Floats:
        """Return a function at variables and parameters, broadcast to their common shape."""
        arguments = (*variables, *given.values())
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found: Any = function(*arguments)
        if len(arguments) > _TOGETHER or not type(arguments[0]) is type(arguments[-1]) is np.ndarray:
            found = np.asarray(found, dtype=np.float64, like=arguments[-1])
            return np.broadcast_to(found, np.broadcast_shapes(*map(np.shape, arguments)))
        # What is called most often takes the short way.
        shape = np.broadcast(*arguments).shape
        if isinstance(found, np.ndarray) and found.shape == shape and found.dtype == np.float64:
            return found
        whole = np.empty(shape)
        whole[...] = found
        return whole


@dataclass(frozen=True)
class Students(Lowered):
    """Several students, whose order parameters are matrices and vectors.

    ``state`` names the overlaps (upper triangle), the overlaps with each planted direction and the susceptibilities
    (upper triangle), ``free`` the trained scalars.
    """

    students: tuple[str, ...]
    state: tuple[str, ...]
    free: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number k of students."""
        return len(self.students)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Places in the upper triangle of a k × k matrix."""
        return list(itertools.combinations_with_replacement(range(self.count), 2))

    def triangle(self, matrices: Floats) -> Floats:
        """Return the upper triangles (…, n) of symmetric matrices (…, k, k)."""
        return np.stack([matrices[..., i, j] for i, j in self.pairs], axis=-1)


@dataclass(frozen=True)
class Equations(Lowered):
    """One vector of weights, convex loss and penalty: all that the replica-symmetric equations are made of.

    ``kind`` is the law of the label: "linear" (y = √label_signal t + √label_noise ε, loss of u − y), "sign" (±1 with
    ``probability`` of +1 given t; with ``step`` that probability has the two ``step_values`` at t > 0 and t < 0),
    "random" and "cluster" (±1 with ``share`` of +1). ``loss`` holds the parts of the loss for each of the ``values``
    of the label. ``target`` is the multiple τ of the planted weights that real labels are made of, 0 for other labels;
    ``observables`` are functions of E = ‖w − τw*‖²/N, the gap m − τ and χ.

    Where rows have ``widths``, the variances of their noise for each part of ``planted``, all is stated for weights
    √width·w, for which rows are alike: ``planted`` holds rows over √width, brought to norm 1, and ``norm`` what that
    took, so that the overlap of w is ``norm`` times theirs.
    """

    kind: str
    values: tuple[float, ...]
    loss: tuple[tuple[Part, ...], ...]
    penalty: tuple[Part, ...]
    target: Function
    symmetric: bool
    step: bool = False
    probability: Function | None = None
    step_values: tuple[Function, Function] | None = None
    share: Function | None = None
    label_signal: Function | None = None
    label_noise: Function | None = None
    widths: tuple[Function, ...] = ()
    norm: Function | None = None

    @property
    def closed(self) -> bool:
        """Whether every average is closed: labels are no teacher's, and all parts are parabolas."""
        parts = [*self.penalty, *[part for parts in self.loss for part in parts]]
        return self.kind != "sign" and all(part.quadratic or part.wall for part in parts)
