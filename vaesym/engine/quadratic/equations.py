"""A problem without labels as the engine takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.equations import Function, Part, Students
from vaesym.inputs import Floats


@dataclass(frozen=True)
class Quadratic(Students):
    """Students whose loss is quadratic in their fields.

    ``kept`` names the trained scalars among ``free`` that belong to the unknowns; the others follow from them.
    ``energy`` gives energy, training loss, the conjugates in the order of ``state`` and the conditions of the kept
    scalars, ``slope`` the derivatives of the latter two, ``matrix`` the matrix of the loss, ``scalars`` all free
    ones: functions of the state, the kept scalars and all parameters. ``sample`` gives the mean loss of samples and
    its derivatives in the overlaps, ``sample_matrix`` the matrix of the loss, from overlaps, free scalars and
    second moments of the fields; ``trained`` the scalars that are best then, NaN for one that is a multiplier.
    ``penalties`` are the parts of each student's penalty, ``group`` the weight of the norm of a row.
    """

    kept: tuple[str, ...]
    energy: Function
    slope: Function
    matrix: Function
    scalars: Function
    sample: Function
    sample_matrix: Function
    trained: Function
    penalties: tuple[tuple[Part, ...], ...]
    group: Function | None

    @property
    def decay_alone(self) -> bool:
        """Whether every penalty is one parabola, so that all averages over sites are closed."""
        return self.group is None and all(len(parts) == 1 and parts[0].quadratic for parts in self.penalties)

    def split(self, state: Floats) -> tuple[Floats, Floats, Floats]:
        """Return matrices Ω or Ĝ, vectors μ or μ̂ and matrices χ or χ̂ of states (B, n)."""
        own = len(self.pairs)
        return (self.matrices(state[:, :own]), state[:, own:own + self.count],
                self.matrices(state[:, own + self.count:own + self.count + own]))

    def matrices(self, entries: Floats) -> Floats:
        """Return symmetric matrices (B, k, k) of the entries of their upper triangles."""
        return entries[:, self._places]

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """The place of each entry of a symmetric matrix in its upper triangle."""
        places = np.zeros((self.count, self.count), dtype=np.int64)
        for place, (i, j) in enumerate(self.pairs):
            places[i, j] = places[j, i] = place
        return places

    def joined(self, overlaps: Floats, planted: Floats, answers: Floats) -> Floats:
        """Return the states whose parts :meth:`split` gives."""
        return np.concatenate([self.triangle(overlaps), planted, self.triangle(answers)], axis=-1)

    def values(self, function: Function, point: Floats, given: Mapping[str, Floats]) -> Floats:
        """Return what a function of point (B, n) and parameters gives, each entry broadcast: (B, …)."""
        with np.errstate(all="ignore"):
            found = function(*point.T, *given.values())
        out = np.empty((len(point), *_shape(found)))
        _fill(out, found)
        return out


def _shape(found: Any) -> tuple[int, ...]:
    """Return the shape of a nested tuple."""
    return (len(found), *_shape(found[0])) if isinstance(found, tuple) else ()


def _fill(out: Floats, found: Any) -> None:
    """Write the entries of a nested tuple, each (B,) or a number, to an array (B, …)."""
    if not isinstance(found, tuple):
        out[:] = found
        return
    for place, part in enumerate(found):
        _fill(out[:, place], part)
