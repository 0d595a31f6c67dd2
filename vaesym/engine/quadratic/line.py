"""A problem without labels along one of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vaesym.engine.grids.grid import TOLERANCE
from vaesym.engine.grids.line import Line
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.points import Points, fields_of, jacobian_at, residual_at
from vaesym.engine.quadratic.solve import deepest
from vaesym.inputs import Floats

#: Overlaps with the planted direction below this are none; norms below it are those of weights that vanish.
_NONE = 1e-6
#: The squared norm beyond which weights run away.
_FAR = 1e6


@dataclass(frozen=True)
class StudentsLine(Line):
    """Branches of states with a signal end where it is lost: at their mirror image, where its overlap vanishes."""

    equations: Quadratic
    #: Whether states that know nothing of the signal are followed, too.
    blind: bool = False

    def _points(self, p: Floats) -> Points:
        return Points(self.equations, self.at(p))

    def residual(self, x: Floats, p: Floats) -> Floats:
        """Return F at points (B, n) and p (B,)."""
        return residual_at(self._points(p), x)

    def jacobian(self, x: Floats, p: Floats) -> Floats:
        """Return dF/dx (B, n, n) there."""
        return jacobian_at(self._points(p), x)

    def begin(self, p: float) -> Floats | None:
        """Return the deepest state (n,) at p, or None where it has no weights or, unless ``blind``, no signal."""
        found, left = deepest(self._points(np.array([p])))
        seen = self.norms(found[0]).min() > _NONE and (self.blind or abs(found[0, len(self.equations.pairs)]) > _NONE)
        return found[0] if left[0] <= TOLERANCE and seen else None

    def fields(self, x: Floats, p: Floats) -> dict[str, Any]:
        """Return all fields (B,) of states."""
        points = self._points(p)
        residual = np.abs(residual_at(points, x)).max(axis=1) / np.maximum(1.0, np.abs(x).max(axis=1))
        return fields_of(points, x, residual)

    def finer(self) -> StudentsLine | None:
        """Return the same for blind states: they are taken where there are no others."""
        return None if self.blind else replace(self, blind=True)

    def norms(self, x: Floats) -> Floats:
        """Return the squared norm of each student."""
        return np.array([x[place] for place, (i, j) in enumerate(self.equations.pairs) if i == j])

    def lost(self, z: Floats) -> bool:
        """Whether the weights run away."""
        return bool(self.norms(z).max() > _FAR)

    def rough(self, z: Floats) -> bool:
        """Not asked for on the way: the fields of the branch say it."""
        del z
        return False

    def watched(self, x: Floats) -> Callable[[Floats], float]:
        """Return the first overlap with the planted direction, or for weights that are blind to it their least norm."""
        own = len(self.equations.pairs)
        if abs(x[own]) > _NONE:
            return lambda z: float(z[own])
        return lambda z: float(self.norms(z).min())

    def event(self, z: Floats) -> tuple[str, Floats]:
        """Name what happens where that vanishes, all weights do or only what they know of the signal; and the point."""
        own = len(self.equations.pairs)
        blind = np.where((np.arange(len(z)) >= own) & (np.arange(len(z)) < own + self.equations.count), 0.0, z)
        return "collapse" if self.norms(z).max() < _NONE else "detection", blind
