"""Search for the stationary points of a family of states: starts in turn, Newton, and what is physical."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError, require
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.states.starts import COLLAPSED, INFORMED, NOISE, Start, barrier_points, coexists, starting_points
from vaesym.linear_vae.states.unknowns import MARGINAL, ZERO, chain, from_unknowns, replicon, to_unknowns
from vaesym.solvers.newton import NewtonResult, NewtonSettings, Status, newton

#: From starts (B, 9) in the unknowns, parameters (B,) each, and settings.
Newton = Callable[[Floats, list[Floats], NewtonSettings], NewtonResult]
#: Points times starts up to which one run of Newton from all is faster than a run for each.
_TOGETHER = 4000


@dataclass
class Found:
    """What the attempts at a family of states found, over the whole batch."""

    value: Floats
    residual: Floats
    relative_residual: Floats
    iterations: NDArray[np.int64]
    status: NDArray[np.int64]

    @classmethod
    def nowhere(cls, size: int) -> Found:
        """Nothing found yet, at ``size`` points."""
        return cls(np.full((size, 9), np.nan), np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, np.int64),
                   np.full(size, Status.INFEASIBLE_START, np.int64))

    @property
    def found(self) -> NDArray[np.bool_]:
        """Where there is a state."""
        return self.status == Status.CONVERGED


def _physical(parameters: list[Floats], x: Floats) -> NDArray[np.bool_]:
    """χ⁻¹ + ηA ≻ 0, D > 0 and norms that are not negative (up to rounding at the collapsed state).

    With χ ≻ 0, which the unknowns ensure, and A_kk = 0 the first condition is that of the determinant alone.
    """
    averaged = formulas.field_determinant(*parameters, *x.T) > 0
    return averaged & (x[:, 5] > 0) & (x[:, 0] > -ZERO) & (x[:, 1] > -ZERO)


def _on_numpy(start: Floats, parameters: list[Floats], settings: NewtonSettings) -> NewtonResult:
    def given(rows: NDArray[np.int64]) -> list[Floats]:
        return [p[rows] for p in parameters]

    with np.errstate(all="ignore"):  # trial points may leave the domain; the solver rejects what is not finite
        return newton(
            lambda y, rows: formulas.stationarity(*given(rows), *from_unknowns(y).T),
            lambda y, rows: chain(y, formulas.stationarity_jacobian(*given(rows), *from_unknowns(y).T)),
            start, feasible=lambda y, rows: _physical(given(rows), from_unknowns(y)), settings=settings)


def _on_numba(start: Floats, parameters: list[Floats], settings: NewtonSettings) -> NewtonResult:
    from vaesym.linear_vae.states.compiled import ReplicaSystem, replica_loop
    from vaesym.solvers.compiled import newton_compiled

    return newton_compiled(ReplicaSystem(), start, np.stack(parameters, axis=-1), settings=settings, loop=replica_loop)


_NEWTON: dict[str, Newton] = {"numpy": _on_numpy, "numba": _on_numba}


def newton_on(backend: str | None) -> Newton:
    """Return Newton on the nine equations, in unknowns that keep χ ≻ 0, inside the physical domain.

    Raises :class:`vaesym.InputError`: a backend of that name does not exist, or numba is not installed.
    """
    chosen = "numpy" if backend is None else backend
    if chosen not in _NEWTON:
        raise InputError(f"a backend of Newton among {', '.join(_NEWTON)}", f"{backend!r}",
                         "choose one of them or leave it out")
    if chosen == "numba":
        require("numba", "the backend 'numba'", "fast")
    return _NEWTON[chosen]


@dataclass(frozen=True)
class Search:
    """Newton with its settings, at points with parameters (B,) each."""

    parameters: list[Floats]
    settings: NewtonSettings
    newton: Newton

    def families(self) -> tuple[list[Found], NDArray[np.bool_]]:
        """Search for collapse, for the stable states without and with signal, and for the barriers below those.

        No state is sought where the equations say that there is none. A state without signal lies on an eigenvalue
        of noise for which collapse is stable, if collapse is a solution at all: then it needs one that has active
        states nonetheless. The state with signal branches off the one that learns noise, or off collapse, and is not
        sought where that is stable against it, unless it may coexist with collapse.

        Returns the families, and where every state was found that the others call for.
        """
        several = coexists(self.parameters)
        collapsed = self._family(COLLAPSED, np.arange(len(several)))
        noise = self._family(NOISE, np.flatnonzero(~collapsed.found | several))
        repelled = {"collapse": self._repels_signal(collapsed), "noise": self._repels_signal(noise)}
        informed = self._family(INFORMED, np.flatnonzero(~repelled["noise"] & (~repelled["collapse"] | several)))
        # Without collapse noise is learned; and what is not stable against the signal gives way to a state with it.
        due = np.where(noise.found, ~repelled["noise"], collapsed.found & ~repelled["collapse"])
        complete = (collapsed.found | noise.found) & (informed.found | ~due)
        barriers = [self._barrier(state, parent, collapsed.found & several)
                    for state, parent in (("informed", informed), ("noise", noise))]
        return [collapsed, informed, noise, *barriers], complete

    def _given(self, rows: Any) -> list[Floats]:
        return [p[rows] for p in self.parameters]

    def _family(self, family: tuple[Start, ...], rows: NDArray[np.int64]) -> Found:
        found, left = Found.nowhere(len(self.parameters[0])), family
        while left and len(rows):
            # The first start finds most states; where few points are left, all others share one run of Newton.
            many = 1 if left is family else max(1, _TOGETHER // len(rows))
            starts = np.array([starting_points(start, self._given(rows)) for start in left[:many]])
            rows, left = self._attempt(found, family[0].state, starts, rows), left[many:]
        return found

    def _barrier(self, state: str, parent: Found, coexisting: NDArray[np.bool_]) -> Found:
        found = Found.nowhere(len(self.parameters[0]))
        rows = np.flatnonzero(parent.found & coexisting)
        self._attempt(found, state, barrier_points(parent.value[rows], self._given(rows))[None], rows)
        return found

    def _attempt(self, found: Found, state: str, starts: Floats, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Start at ``rows`` from each of ``starts`` (s, rows, 9), and return the rows without the wanted state.

        Into ``found`` goes what the first start that leads there gives, as if the others had never been tried.
        """
        usable = np.isfinite(starts).all(axis=-1)
        order, place = np.nonzero(usable)
        tried = rows[place]
        given = self._given(tried)
        result = self.newton(to_unknowns(starts[usable]), given, self.settings)
        value = from_unknowns(result.value)
        wanted = result.converged & _is_state(value, state)
        wanted[wanted] &= replicon([p[wanted] for p in given], value[wanted]) <= 1 + MARGINAL
        begun = result.status != Status.INFEASIBLE_START
        # Converged, but to another state: for this family that is a stall.
        status = np.where(wanted, Status.CONVERGED, np.maximum(result.status, Status.STALLED))
        for start in range(len(starts)):
            now = np.flatnonzero((order == start) & (found.status[tried] != Status.CONVERGED))
            found.iterations[tried[now]] += result.iterations[now]
            found.status[tried[now][begun[now]]] = status[now][begun[now]]
            now = now[wanted[now]]
            hit = tried[now]
            found.value[hit], found.residual[hit] = value[now], result.residual[now]
            found.relative_residual[hit] = result.relative_residual[now]
        return rows[found.status[rows] != Status.CONVERGED]

    def _repels_signal(self, found: Found) -> NDArray[np.bool_]:
        """Where a state without signal was found at which the second derivatives in (m, d) are those of a minimum."""
        rows = np.flatnonzero(found.found)
        hessian = formulas.stationarity_jacobian.evaluate(*self._given(rows), *found.value[rows].T)
        along_m, across, along_d = (hessian[9 * i + j] for i, j in ((3, 3), (3, 4), (4, 4)))
        stable = np.zeros(len(found.status), dtype=np.bool_)
        stable[rows] = along_m * along_d > across**2
        return stable


def _is_state(x: Floats, state: str) -> NDArray[np.bool_]:
    """Whether a stationary point is of the named kind; a start may fall into another state's basin."""
    if state == "collapsed":
        return x[:, 0] < ZERO
    return (x[:, 0] > ZERO) & ((np.abs(x[:, 3]) > ZERO) == (state == "informed"))
