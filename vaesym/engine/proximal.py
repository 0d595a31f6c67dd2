"""Minima of a convex function of one variable plus a parabola, over arrays: its smooth parts, its kinks, its ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.equations import Part
from vaesym.inputs import Floats

#: Newton steps and halvings of the bracket; few take more than ten.
_STEPS = 100
#: Values of the variable whose images part the integral where a loss bends smoothly.
_BENDS = (-16.0, -8.0, -5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.0, 16.0)


class Minimum(NamedTuple):
    """The minimiser, the derivative of the function there (as the minimum condition has it), and its curvature.

    At a kink the derivative is the one that balances the parabola, and the curvature is infinite.
    """

    place: Floats
    slope: Floats
    curvature: Floats


class Convex:
    r"""A convex function in parts, for batches of parameters: solves :math:`a f'(u) + b u = h`.

    Parameters
    ----------
    parts : the parts, from left to right
    evaluate : calls a function of a part at (variable, …) with the parameters of the batch, shape (B, 1)
    """

    def __init__(self, parts: tuple[Part, ...], evaluate: Callable[..., Floats]) -> None:
        self.parts, self.evaluate = parts, evaluate

    def value(self, place: Floats) -> Floats:
        """Return the function at places (B, n) where it is finite."""
        return self._at(place, "value")

    def jet(self, place: Floats) -> Floats:
        """Return value, slope and curvature (3, B, n) at places (B, n) where the function is finite."""
        return np.stack([self._at(place, name) for name in ("value", "slope", "curvature")])

    def _at(self, place: Floats, name: str) -> Floats:
        found = np.full(place.shape, np.nan)
        for part in self.parts:
            if not part.wall:
                inside = True if part.start is None else place >= self.evaluate(part.start)
                found = np.where(inside, self.evaluate(getattr(part, name), place), found)
        return found

    def edges(self, a: Floats, b: Floats) -> list[tuple[Floats, Floats, Floats]]:
        """Return (kink, lower, upper) for each kink: at h in [lower, upper] the minimiser is the kink."""
        found = []
        for i in range(1, len(self.parts)):
            kink = self.evaluate(self.parts[i].start) * np.ones_like(a * b)
            below, above = (
                np.full_like(kink, sign * np.inf) if self.parts[j].wall
                else a * self.evaluate(self.parts[j].slope, kink) + b * kink
                for j, sign in ((i - 1, -1.0), (i, 1.0)))
            found.append((kink, below, above))
        return found

    def breakpoints(self, a: Floats, b: Floats) -> list[Floats]:
        """Return the values of h at which the minimiser bends, and those around which it bends smoothly."""
        hard = [edge for _, below, above in self.edges(a, b) for edge in (below, above)]
        soft = []
        for part in self.parts:
            if not (part.quadratic or part.wall):
                soft += [a * self.evaluate(part.slope, np.full_like(a * b, bend)) + b * bend for bend in _BENDS]
        return [*hard, *soft]

    def solve(self, a: Floats, b: Floats, h: Floats) -> Minimum:
        """Return the minimum at h (B, n); a and b are (B, 1), a ≥ 0 and b > 0, or b = 0 where f is strictly convex."""
        if not {a.shape, b.shape} <= {h.shape, (len(h), 1)}:
            h = np.broadcast_to(h, np.broadcast_shapes(a.shape, b.shape, h.shape))
        place: Any = np.nan
        slope: Any = np.nan
        curvature: Any = np.nan
        edges = self.edges(a[:, :1], b[:, :1])
        for i, part in enumerate(self.parts):
            if part.wall:
                continue
            low = edges[i - 1][2] if i else -np.inf
            high = edges[i][1] if i < len(edges) else np.inf
            inside = (h > low) & (h < high)
            u = self._within(part, a, b, h, edges[i - 1][0] if i else None, edges[i][0] if i < len(edges) else None)
            place = np.where(inside, u, place)
            slope = np.where(inside, self.evaluate(part.slope, u), slope)
            curvature = np.where(inside, self.evaluate(part.curvature, u), curvature)
        for kink, low, high in edges:
            at = (h >= low) & (h <= high)
            with np.errstate(invalid="ignore", divide="ignore"):
                balance = (h - b * kink) / a
            place, curvature = np.where(at, kink, place), np.where(at, np.inf, curvature)
            slope = np.where(at, balance, slope)
        return Minimum(place, slope, curvature)

    def _within(self, part: Part, a: Floats, b: Floats, h: Floats, left: Floats | None, right: Floats | None) -> Floats:
        if part.quadratic:
            zero = np.zeros_like(h[:, :1])
            with np.errstate(invalid="ignore", divide="ignore"):
                u = (h - a * self.evaluate(part.slope, zero)) / (a * self.evaluate(part.curvature, zero) + b)
            return u
        # Where f' has one sign over the step to the minimiser of the parabola, both ends of that step bracket it.
        start = h / b
        other = (h - a * self.evaluate(part.slope, start)) / b
        low, high = np.minimum(start, other), np.maximum(start, other)
        low = low if left is None else np.maximum(low, left)
        high = high if right is None else np.minimum(high, right)
        with np.errstate(invalid="ignore"):
            near = start - (start - other) * b / (a * self.evaluate(part.curvature, start) + b)
        return self._newton(part, a, b, h, low, high, np.where((near >= low) & (near <= high), near, (low + high) / 2))

    def _newton(self, part: Part, a: Floats, b: Floats, h: Floats, low: Floats, high: Floats, u: Floats) -> Floats:
        """Newton, halving the certified bracket where a step leaves it or is more than half of the last one."""
        last, before = high - low, np.full_like(u, np.nan)
        done = np.zeros(u.shape, bool)
        for _ in range(_STEPS):
            push = a * self.evaluate(part.slope, u)
            value, stiffness = push + b * u - h, a * self.evaluate(part.curvature, u) + b
            low, high = np.where(value <= 0, u, low), np.where(value >= 0, u, high)
            step = value / stiffness
            following = u - step
            poor: NDArray[np.bool_] = ~((following >= low) & (following <= high) & (np.abs(step) <= last / 2))
            # A residual of a few units in the last place of its terms is rounding; so is what a step leaves that is as
            # much smaller than rounding as it is smaller than the one before, squared.
            rounding = 4e-16 * (np.abs(push) + stiffness * np.abs(u) + np.abs(h))
            # A slope out of range is no end, but a reason to halve.
            ends = np.isfinite(rounding) & (np.abs(value) <= rounding)
            ends |= ~poor & (np.abs(value) * step**2 <= rounding / 100 * before**2)
            following = np.where(poor & ~ends, (low + high) / 2, following)
            u, last, before = np.where(done, u, following), np.abs(following - u), np.where(poor, np.nan, step)
            done = done | ends
            if done.all():
                return u
        return u


class Widened:
    r"""A convex function of u/√width, as a function of u.

    Parameters
    ----------
    convex : the function
    width : (B, 1)
    """

    def __init__(self, convex: Convex, width: Floats) -> None:
        self.parts, self._convex, self._width, self._root = convex.parts, convex, width, np.sqrt(width)

    def value(self, place: Floats) -> Floats:
        """Return the function at places (B, n)."""
        return self._convex.value(place / self._root)

    def breakpoints(self, a: Floats, b: Floats) -> list[Floats]:
        """Return the values of h at which the minimiser bends."""
        return [edge / self._root for edge in self._convex.breakpoints(a, b * self._width)]

    def solve(self, a: Floats, b: Floats, h: Floats) -> Minimum:
        """Return the minimum at h (B, n)."""
        place, slope, curvature = self._convex.solve(a, b * self._width, h * self._root)
        return Minimum(place * self._root, slope / self._root, curvature / self._width)


def response(minimum: Minimum, a: Floats, b: Floats) -> Floats:
    """Return the derivative of the minimiser in h: 1/(a f'' + b), zero at a kink."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value: Any = 1.0 / (a * minimum.curvature + b)
    return np.where(np.isinf(minimum.curvature), 0.0, value)
