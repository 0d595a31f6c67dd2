"""Replica-symmetric stationary points, found by Newton on the nine generated equations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import PROBLEM, parameters
from vaesym.linear_vae.point.fields import Phase
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.states.search import Found, Newton, Search, newton_on
from vaesym.linear_vae.states.unknowns import ZERO, replicon
from vaesym.solvers.newton import NewtonSettings, Status

#: Two stationary points closer than this (relative to 1 + |value|) in Q and m are one.
_SAME = 1e-6
#: Points searched together.
_BLOCK = 1 << 14
#: Status of a branch slot that holds nothing.
ABSENT = -1


@dataclass(frozen=True, repr=False, eq=False)
class SaddlePoints(States):
    r"""Physical stationary points of the replica-symmetric free energy, in order of free energy.

    Every array but ``complete`` has the broadcast shape of the arguments and a last axis ``branch``; unused slots hold
    NaN.

    Attributes
    ----------
    Q, E, R, m, d, D : order parameters, with m ≥ 0 (of the pair ±(m, d))
    chi : susceptibilities (…, branch, 2, 2), positive definite
    free_energy : value of the free energy there; its least is the global minimum where the point is ``complete``
    phase : :class:`Phase` of the state, −1 in unused slots
    replicon : αη² max|eig χG|²; replica symmetry is stable where it is ≤ 1
    residual : largest absolute residual of the nine equations. Rounding the order parameters alone leaves about 1e-16
        of the size of the terms that cancel in an equation, which grows as α²Q: 1e-11 at α = 50
    relative_residual : the same with each residual relative to max(1, Σ_j |J_ij x_j|), the size of those terms
    iterations : Newton iterations spent
    status : :class:`vaesym.solvers.Status`; −1 in unused slots. A point at which nothing converged has the status of
        its last attempt in slot 0.
    complete : (…) whether every state was found that those found call for. At parameters of ordinary size (0.05 to 50
        for α, 0.05 to 3 for the others) practically always; towards small β and λ not at a few points in a hundred
    parameters : the arguments, broadcast
    """

    @property
    def branches(self) -> NDArray[np.int64]:
        """How many branches were found at each point."""
        return (self.status == Status.CONVERGED).sum(axis=-1)


def saddle_points(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0,
                  settings: NewtonSettings | None = None, backend: str | None = None) -> SaddlePoints:
    r"""Find the physical stationary points of the replica-symmetric free energy.

    The nine equations are solved by damped Newton with their exact Jacobian, from named states (collapsed,
    informed, noise, and the barriers between them) that use crude guesses and not the closed-form solution.
    χ = LLᵀ is solved for by its Cholesky factor, so that the spurious branch with χ indefinite does not exist. Steps
    that leave χ⁻¹ + ηA ≻ 0 are shortened, so that for α < 1 the saddles in the gap of the data's spectrum, at which
    χ ≻ 0 but the average over a sample does not exist, are never entered. Of the two χ that share all overlaps, whose
    replicon values are reciprocal, the one with a replicon above 1 is rejected.

    Parameters
    ----------
    alpha, beta, lam, rho, eta : as in :func:`vaesym.solve`; at λ = 0 with α < 1 the encoder is free along directions
        without samples, no state has a finite χ, and the points are flagged
    settings : tolerance and iterations of Newton
    backend : "numpy", the default, or "numba": the same Newton compiled, on all cores, for many points. It needs the
        extra ``fast``, is never chosen unasked, and compiles for about ten seconds when it is first used on a machine

    Returns
    -------
    SaddlePoints
        With a last axis ``branch``, in order of free energy.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, shapes that do not broadcast, an unknown backend, or numba not installed.

    Notes
    -----
    Free energy of [IH, Claim 5.2] with its conjugates eliminated; stability after de Almeida and Thouless (1978).

    Examples
    --------
    >>> points = saddle_points(2.0, 1.0, lam=1.0)
    >>> round(float(points.Q[0]), 10), round(float(points.free_energy[0]), 10), int(points.phase[0])
    (0.5959146552, -0.2488716676, 2)
    """
    newton = newton_on(backend)
    checked = parameters(alpha=alpha, beta=beta, lam=lam, rho=rho, eta=eta)
    shape = checked[0].shape
    flat = [np.ascontiguousarray(p).ravel() for p in checked]
    fields = _found(flat, settings or NewtonSettings(), newton)
    shaped = {name: value.reshape(shape + value.shape[1:]) for name, value in fields.items()}
    return SaddlePoints.at(dict(zip(PROBLEM, checked, strict=True)), shaped, ("branch", "row", "column"))


def _found(parameters: list[Floats], settings: NewtonSettings, newton: Newton) -> dict[str, Any]:
    """Search block by block, so that what the search works on stays in the cache; return the fields over all points."""
    blocks: list[dict[str, Any]] = []
    for first in range(0, max(len(parameters[0]), 1), _BLOCK):
        block = [p[first:first + _BLOCK] for p in parameters]
        blocks.append(_collect(*Search(block, settings, newton).families(), block))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _collect(attempts: list[Found], complete: NDArray[np.bool_], parameters: list[Floats]) -> dict[str, Any]:
    """Drop repeated points, order by free energy, and add what is derived from the order parameters."""
    stacked = {name: np.stack([getattr(attempt, name) for attempt in attempts], axis=1)
               for name in ("value", "status", "iterations", "residual", "relative_residual")}
    values, status = stacked.pop("value"), stacked.pop("status")
    values[..., 3:5] *= np.where(values[..., 3:4] < 0, -1.0, 1.0)
    good = _distinct(values, status == Status.CONVERGED)
    energy, stability = np.full(good.shape, np.inf), np.full(good.shape, np.nan)
    given = [p[np.nonzero(good)[0]] for p in parameters]
    energy[good], stability[good] = formulas.free_energy(*given, *values[good].T), replicon(given, values[good])
    order = np.argsort(energy, axis=1, kind="stable")

    def sort(array: Any, empty: Any = np.nan) -> Any:
        """In order of free energy, with ``empty`` in unused slots."""
        kept = np.where(good.reshape(good.shape + (1,) * (array.ndim - 2)), array, empty)
        return np.take_along_axis(kept, order.reshape(order.shape + (1,) * (array.ndim - 2)), axis=1)

    failed = ~good.any(axis=1)
    labels = sort(status, ABSENT)
    # Of the attempts that began, the last of the list; none began where every start was infeasible.
    labels[failed, 0] = np.where(status == Status.INFEASIBLE_START, ABSENT, status)[failed].max(axis=1)
    labels[labels[:, 0] == ABSENT, 0] = Status.INFEASIBLE_START
    fields = {name: sort(stacked[name]) for name in ("residual", "relative_residual")}
    fields |= {"free_energy": sort(energy), "replicon": sort(stability), "phase": sort(_phase(values), ABSENT)}
    fields |= {"iterations": sort(stacked["iterations"], 0), "status": labels}
    return {**_named(sort(values)), **fields, "complete": complete}


def _distinct(values: Floats, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the found branches (B, n) are no repetition of an earlier one: of the same Q and m."""
    distinct = good.copy()
    for i in range(1, values.shape[1]):
        for j in range(i):
            near = [np.abs(values[:, i, k] - values[:, j, k]) <= _SAME * (1 + np.abs(values[:, i, k])) for k in (0, 3)]
            distinct[:, i] &= ~(distinct[:, j] & near[0] & near[1])
    return distinct


def _phase(values: Floats) -> NDArray[np.int64]:
    signal = np.where(values[..., 3] > ZERO, Phase.LEARNING, Phase.OVERFITTING)
    return np.where(values[..., 0] < ZERO, Phase.REGULARIZED, signal)


def _named(values: Floats) -> dict[str, Floats]:
    """Return the order parameters (…, 9) by name."""
    named = dict(zip("QERmdD", np.moveaxis(values[..., :6], -1, 0), strict=True))
    return {**named, "chi": values[..., [6, 7, 7, 8]].reshape((*values.shape[:-1], 2, 2))}
