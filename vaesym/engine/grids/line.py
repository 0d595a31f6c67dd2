"""A problem along one of its parameters, as a map whose zeros are a branch of states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from vaesym.engine.equations import Lowered
from vaesym.inputs import Floats
from vaesym.solvers.branching import Family, correct

#: Offsets and weights of a derivative by differences; it points the way, and Newton does the rest.
_OFFSETS, _WEIGHTS = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([1.0, -8.0, 8.0, -1.0]) / 12
_DIFFERENCE = 1e-3
#: Parameters over more than this ratio are followed by ratios.
_RATIO = 4.0


@dataclass(frozen=True)
class Line:
    """The equations over one parameter, as p in [0, 1]: its logarithm where the interval spans a large ratio.

    What states are, and when they end, is told by those who know the equations.
    """

    equations: Lowered
    given: Mapping[str, float]
    name: str
    ends: tuple[float, float]

    @property
    def geometric(self) -> bool:
        """Whether p is a logarithm."""
        return self.ends[0] > 0 and self.ends[1] > _RATIO * self.ends[0]

    def parameter(self, p: Any) -> Any:
        """Return the parameter at p."""
        low, high = self.ends
        return low * (high / low) ** p if self.geometric else low + (high - low) * p

    def at(self, p: Floats) -> dict[str, Floats]:
        """Return all parameters at each p (B,)."""
        values = {**self.given, self.name: self.parameter(p)}
        return {limits.name: np.broadcast_to(np.asarray(values[limits.name], float), p.shape)
                for limits in self.equations.parameters}

    @property
    def family(self) -> Family:
        """The map F(x, p) with its derivatives."""
        return Family(lambda x, p: self.residual(x[None], np.array([p]))[0],
                      lambda x, p: self.jacobian(x[None], np.array([p]))[0], self._derivative)

    def _derivative(self, x: Floats, p: float) -> Floats:
        # Beside an end of the domain, differences stay on this side of it.
        center = min(max(p, 2 * _DIFFERENCE), 1 - 2 * _DIFFERENCE)
        shifted = center + _DIFFERENCE * _OFFSETS
        return _WEIGHTS @ self.residual(np.tile(x, (len(shifted), 1)), shifted) / _DIFFERENCE

    def crossing(self, old: Floats, new: Floats, function: Any, tolerance: float) -> tuple[Floats, float] | None:
        """Return the point (x, p) between neighbours at which a function of points is 0, and its part of the way.

        None where the function jumps, or Newton fails between.
        """
        chord = new - old

        def on(fraction: float) -> Floats:
            if fraction in (0.0, 1.0):
                return new if fraction else old
            found = correct(self.family, old + fraction * chord, chord / np.linalg.norm(chord), tolerance)
            return np.full_like(old, np.nan) if found is None else found[0]

        try:
            fraction: Any = brentq(lambda s: function(on(s)), 0.0, 1.0, xtol=1e-13)
        except ValueError:
            return None
        return on(fraction), float(fraction)

    def residual(self, x: Floats, p: Floats) -> Floats:
        """Return F at points (B, n) and p (B,)."""
        raise NotImplementedError

    def jacobian(self, x: Floats, p: Floats) -> Floats:
        """Return dF/dx (B, n, n) there."""
        raise NotImplementedError

    def begin(self, p: float) -> Floats | None:
        """Return the point (n,) of a state at p, or None."""
        raise NotImplementedError

    def fields(self, x: Floats, p: Floats) -> dict[str, Any]:
        """Return all fields (B,) of states."""
        raise NotImplementedError

    def finer(self) -> Line | None:
        """Return the same with finer quadrature; None where there is none."""
        raise NotImplementedError

    def lost(self, z: Floats) -> bool:
        """Whether the weights run away at a point (x, p)."""
        raise NotImplementedError

    def rough(self, z: Floats) -> bool:
        """Whether the quadrature is no longer accurate there."""
        raise NotImplementedError

    def watched(self, x: Floats) -> Callable[[Floats], float] | None:
        """Return a function of points (x, p) that vanishes where the branch from x ends in its mirror image."""
        del x
        return None

    def event(self, z: Floats) -> tuple[str, Floats]:
        """Name what happens there, and return the point with zeros where they belong."""
        raise NotImplementedError

    def beyond(self, p: float) -> float | None:
        """Return p of the threshold near p towards which weights run away; None if that is not known."""
        del p
        return None
