r"""The nine replica equations as a family of one parameter, with χ ≻ 0 built in.

The unknowns are those of :mod:`vaesym.linear_vae.states.unknowns` and the logarithm of the parameter. The equations are
the generated ones; they stay nine, in the order of the order parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import PROBLEM
from vaesym.linear_vae.states.unknowns import MARGINAL, chain, from_unknowns, replicon
from vaesym.solvers.branching import Family
from vaesym.solvers.continuation import crossings, follow, start_point, switch_branch
from vaesym.solvers.curve import Curve, CurvePoint, CurveStatus, PointKind, StepSettings

#: Imaginary step of the derivative in the parameter, so small that its square vanishes: no digit is lost.
_STEP = 1e-20
#: Norms and overlaps below this are zero.
_ZERO = 1e-7
#: Points closer than this in all unknowns are one.
_SAME = 1e-6
#: Unknowns that change sign under m → −m, and those that do not.
_ODD, _EVEN = [3, 4], [0, 1, 2, 5, 6, 7, 8]


def replica_family(parameter: str, fixed: dict[str, float]) -> Family:
    """Return the nine equations in y and the logarithm of ``parameter``; ``fixed`` holds the other four parameters.

    A point is feasible where D > 0 and χ⁻¹ + ηA ≻ 0. The Jacobian is the generated one, the derivative in the parameter
    a complex step through the generated equations.
    """

    def given(p: float) -> list[float]:
        return [float(np.exp(p)) if name == parameter else fixed[name] for name in PROBLEM]

    def derivative(y: Floats, p: float) -> Floats:
        shifted = [value * (1 + _STEP * 1j) if name == parameter else value
                   for name, value in zip(PROBLEM, given(p), strict=True)]
        return np.imag(np.array(formulas.stationarity.evaluate(*shifted, *from_unknowns(y)))) / _STEP

    def feasible(y: Floats, p: float) -> bool:
        state = from_unknowns(y)
        return bool(state[5] > 0 and formulas.field_determinant(*given(p), *state) > 0)

    def jacobian(y: Floats, p: float) -> Floats:
        return chain(y, np.reshape(formulas.stationarity_jacobian.evaluate(*given(p), *from_unknowns(y)), (9, 9)))

    return Family(lambda y, p: np.array(formulas.stationarity.evaluate(*given(p), *from_unknowns(y))), jacobian,
                  derivative, feasible)


def locally_stable(parameters: list[Floats], states: Floats, *, signal: bool) -> Floats:
    r"""Return where states (k, 9) are local minima (1), saddles (−1), or neither to rounding (0).

    The free energy is extremal, not least, in χ, so a minimum is told from the parity of the Hessian's negative
    eigenvalues: at the stable collapsed state the block of (m, d) has a positive determinant, and the block of the
    other seven, which reads [[·, B], [Bᵀ, 0]] next to ∂²f/∂D² > 0, a negative one. Neither changes along a curve but at
    folds and branch points, and by exchange of stability there. Without signal the blocks are judged apart; with it
    the determinant of all nine is, and more than one unstable direction would not be told.
    """
    hessian = formulas.stationarity_jacobian(*parameters, *states.T)
    if signal:
        return -np.linalg.slogdet(hessian)[0]
    odd, even = (np.linalg.slogdet(hessian[:, rows][:, :, rows])[0] for rows in (_ODD, _EVEN))
    return np.where(odd * even == 0, 0.0, np.where((odd > 0) & (even < 0), 1.0, -1.0))


@dataclass(frozen=True)
class Walk:
    """The curves of states found so far with the reasons of their ends, and what is needed to look for more."""

    family: Family
    parameter: str
    fixed: dict[str, float]
    interval: tuple[float, float]
    settings: StepSettings
    curves: list[tuple[CurvePoint, ...]]
    ends: list[tuple[str, str]]

    def given(self, p: Floats) -> list[Floats]:
        """The five parameters at logarithms p (k,) of the one that varies."""
        return [np.exp(p) if name == self.parameter else np.full(p.shape, self.fixed[name]) for name in PROBLEM]

    def physical(self, point: CurvePoint) -> bool:
        """Norms that are not negative, m not either, and a replicon of at most 1; special points count as physical."""
        state = from_unknowns(point.x)[None]
        inside = bool((state[0, [0, 1, 3]] > -_ZERO).all())
        return inside and bool(replicon(self.given(point.z[-1:]), state)[0] <= 1 + MARGINAL)

    def stop(self, point: CurvePoint) -> bool:
        """Curves are cut at branch points."""
        return point.kind == PointKind.BRANCH or not self.physical(point)

    def stop_where_known(self) -> Callable[[CurvePoint], bool]:
        """Return the same for one curve, which also ends at its first regular point if that is known."""
        unseen = iter((True,))

        def stop(point: CurvePoint) -> bool:
            first = point.kind == PointKind.REGULAR and next(unseen, False)
            return self.stop(point) or (first and self.known(point))

        return stop

    def known(self, point: CurvePoint) -> bool:
        """Whether a regular point lies on a curve found before."""
        seen = crossings(self.family, [Curve(points, CurveStatus.STOPPED) for points in self.curves],
                         point.p)
        return bool(len(seen)) and bool((np.abs(seen - point.x) < _SAME * (1 + np.abs(point.x))).all(axis=1).any())

    def add(self, points: tuple[CurvePoint, ...], ends: tuple[str, str]) -> None:
        """Keep a curve that is physical and new, and follow all curves through the branch points at its ends."""
        points = tuple(p for p in points if p.kind == PointKind.BRANCH or self.physical(p))
        regular = [p for p in points if p.kind == PointKind.REGULAR]
        if not regular or self.known(regular[len(regular) // 2]):
            return
        self.curves.append(points)
        self.ends.append(ends)
        for point in {id(p): p for p in (points[0], points[-1]) if p.kind == PointKind.BRANCH}.values():
            self.switch(point)

    def switch(self, branch: CurvePoint) -> None:
        """Follow both curves through a branch point in both directions; what is known or unphysical falls out."""
        if not np.isfinite(branch.other).all():
            return
        for tangent in (branch.tangent, branch.other):
            for direction in (1, -1):
                through = CurvePoint(branch.z, tangent, 0.0, 0, 0, PointKind.BRANCH, tangent)
                curve = switch_branch(self.family, through, self.interval, direction=direction,
                                      settings=self.settings, stop=self.stop_where_known())
                self.add((branch, *curve.points[1:]), ("branch point", _message(curve)))

    def seed(self, x: Floats, p: float) -> None:
        """Follow the curve through a state in both directions."""
        if self.known(start_point(self.family, x, p)):
            return
        ahead, behind = (follow(self.family, x, p, self.interval, direction=direction, settings=self.settings,
                                stop=self.stop) for direction in (1, -1))
        start = ahead.points[0]
        # A seed at an end of the interval would be met again there.
        back, on = ([point for point in curve.points[1:] if point.p != start.p] for curve in (behind, ahead))
        self.add((*back[::-1], start, *on), (_message(behind), _message(ahead)))


def _message(curve: Curve) -> str:
    if curve.status == CurveStatus.STOPPED:
        return "branch point" if curve.points[-1].kind == PointKind.BRANCH else "no longer physical"
    return curve.message
