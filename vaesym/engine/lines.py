"""Problems with labels along one of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from scipy.optimize import brentq

from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.equations import Equations, Lowered
from vaesym.engine.grids.grid import Status
from vaesym.engine.grids.line import Line
from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.outer import Fineness
from vaesym.engine.labelled.solve import FINENESS, System, affordable, afresh, fields_at
from vaesym.engine.labelled.state import state_of
from vaesym.engine.plain import solve
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.line import StudentsLine
from vaesym.engine.thresholds import most_separable, most_separable_of
from vaesym.inputs import Floats

#: ln of the squared norm beyond which weights run away.
_FAR = float(np.log(1e6))
#: Quadrature error at which a branch is given up.
_ROUGH = 1e-8
#: How far from the last point of a branch, in p, the threshold is looked for towards which its weights run away.
_NEAR = 0.2
_ANSWERS = (Status.SOLVED, Status.UNSTABLE)


def line_of(equations: Lowered, given: Mapping[str, float], name: str, ends: tuple[float, float]) -> Line:
    """Return a problem along the parameter ``name`` between two ends."""
    if isinstance(equations, Quadratic):
        return StudentsLine(equations, given, name, ends)
    if isinstance(equations, Labelled):
        return _AnyLine(equations, given, name, ends, FINENESS)
    plain = cast("Equations", equations)
    # Towards a threshold, which is known, panels for smooth losses would be slow and reach no farther.
    smooth = all(len(parts) == 1 for parts in plain.loss)
    return _PlainLine(plain, given, name, ends, solve.ACCURACIES[:2] if smooth else solve.ACCURACIES[::2][:2])


def _threshold(at: Callable[[Floats], Any], most: Callable[[Any], float], p: float) -> float | None:
    """Return where near p a point has just as many samples as can be separated, None if nowhere."""
    def spare(place: float) -> float:
        """How many samples less than can be separated, as a ratio."""
        points = at(np.array([place]))
        return min(most(points), 1e9) / float(points.alpha[0]) - 1

    for end in (max(p - _NEAR, 0.0), min(p + _NEAR, 1.0)):
        if spare(p) * spare(end) < 0:
            return float(brentq(spare, p, end, xtol=1e-14))  # type: ignore[arg-type]
    return None


@dataclass(frozen=True)
class _PlainLine(Line):
    """One vector of weights with labels; its branches end where the data can be separated."""

    equations: Equations
    accuracies: tuple[Accuracy, ...]

    def _batch(self, p: Floats) -> Batch:
        return Batch(self.equations, self.at(p), self.accuracies[0])

    def residual(self, x: Floats, p: Floats) -> Floats:
        """Return F at points (B, 3) and p (B,)."""
        return solve.System(self._batch(p)).residual(x, np.arange(len(p)))

    def jacobian(self, x: Floats, p: Floats) -> Floats:
        """Return dF/dx (B, 3, 3) there."""
        return solve.System(self._batch(p)).jacobian(x, np.arange(len(p)))

    def begin(self, p: float) -> Floats | None:
        """Return Newton's variables of a state at p, or None."""
        batch = self._batch(np.array([p]))
        z, residual = solve.afresh(batch)
        return z[0] if solve.fields_at(batch, z, residual)["status"][0] in _ANSWERS else None

    def fields(self, x: Floats, p: Floats) -> dict[str, Any]:
        """Return all fields (B,) of states."""
        return solve.fields_at(self._batch(p), x, np.abs(self.residual(x, p)).max(axis=1))

    def finer(self) -> _PlainLine | None:
        """Return the same with finer quadrature; None where there is none."""
        rest = self.accuracies[1:]
        return replace(self, accuracies=rest) if rest and not self._batch(np.zeros(1)).closed else None

    def lost(self, z: Floats) -> bool:
        """Whether the weights run away."""
        return bool(max(z[0], 2 * np.log(np.abs(z[1]) + 1e-300)) > _FAR)

    def rough(self, z: Floats) -> bool:
        """Whether the quadrature is no longer accurate."""
        return bool(solve.values_at(self._batch(z[-1:]), z[None, :-1], check=True)[1][0] > _ROUGH)

    def beyond(self, p: float) -> float | None:
        """Return p of the threshold of separability near p; None where there is none, or labels are real numbers."""
        return None if self.equations.kind == "linear" else _threshold(self._batch, most_separable, p)


@dataclass(frozen=True)
class _AnyLine(Line):
    """One or two students with labels of any law; branches end as those of :class:`_PlainLine`."""

    equations: Labelled
    fineness: tuple[Fineness, ...]

    def _points(self, p: Floats) -> Points:
        return Points(self.equations, self.at(p), self.fineness[0])

    def residual(self, x: Floats, p: Floats) -> Floats:
        """Return F at points (B, n) and p (B,)."""
        return System(self._points(p), x).residual(x, np.arange(len(p)))

    def jacobian(self, x: Floats, p: Floats) -> Floats:
        """Return dF/dx (B, n, n) there."""
        return System(self._points(p), x).jacobian(x, np.arange(len(p)))

    def begin(self, p: float) -> Floats | None:
        """Return Newton's variables of a state at p, or None."""
        points = self._points(np.array([p]))
        z, residual = afresh(points)
        return z[0] if fields_at(points, z, residual)["status"][0] in _ANSWERS else None

    def fields(self, x: Floats, p: Floats) -> dict[str, Any]:
        """Return all fields (B,) of states."""
        return fields_at(self._points(p), x, np.abs(self.residual(x, p)).max(axis=1))

    def finer(self) -> _AnyLine | None:
        """Return the same with finer quadrature; None where that would take too many nodes."""
        rest = self.fineness[1:]
        return replace(self, fineness=rest) if rest and affordable(self.equations, rest[0]) else None

    def lost(self, z: Floats) -> bool:
        """Whether the weights run away."""
        return bool(np.einsum("bii->bi", state_of(self.equations, z[None, :-1]).overlaps).max() > np.exp(_FAR))

    def rough(self, z: Floats) -> bool:
        """Whether the quadrature is no longer accurate."""
        error = fields_at(self._points(z[-1:]), z[None, :-1], np.zeros(1))["quadrature_error"]
        return not bool(error[0] <= _ROUGH)

    def beyond(self, p: float) -> float | None:
        """Return p of the threshold of separability near p; None where there is none, or labels are not ±1."""
        return _threshold(self._points, most_separable_of, p) if self.equations.binary else None
