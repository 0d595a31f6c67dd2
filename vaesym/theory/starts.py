r"""Named states from which Newton starts on the replica equations, made without their closed-form solution.

Two facts about stationary points go in. Away from collapse each obeys the elementary stationarity cubic of a single
eigenvalue s, of which only a crude guess is made: multiples of the population eigenvalue ρ+η where the signal is
learned, and of η(1+1/α), the mean of the non-zero eigenvalues of few noise samples, where noise is. And the
equations for E and R say that :math:`\chi^{-1} - \alpha\eta G(\chi) = \mathrm{diag}(\lambda+y, \lambda)`; iterated
from χ = 0 this sums the moment series of the physical branch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.solvers.cubic import real_cubic_roots
from vaesym.theory import model

#: Iterations of the moment series: it need only come near.
_MOMENTS = 100


@dataclass(frozen=True)
class Start:
    """A way to start: which state, and at which multiple of the guessed eigenvalue."""

    state: str
    factor: float = 1.0


#: Each family is tried in turn until a point converges to its state.
COLLAPSED = (Start("collapsed"),)
INFORMED = tuple(Start("informed", f) for f in (2.0, 1.5, 3.0, 1.2, 5.0, 1.05, 1.0, 8.0, 15.0, 30.0))
NOISE = tuple(Start("noise", f) for f in (2.0, 1.75, 1.6, 1.5, 1.42, 1.35, 1.27, 1.2, 1.15, 1.1, 1.07, 1.04, 1.02, 1.0,
                                          2.5, 3.0))


def _inverse(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    determinant = a * d - b * c
    return d / determinant, -b / determinant, -c / determinant, a / determinant


def _susceptibility(alpha: Floats, beta: Floats, lam: Floats, eta: Floats, norm: Floats, stiffness: Floats) -> Floats:
    """Iterate χ ← (diag(λ+y, λ) + αηG(χ))⁻¹ from χ = 0; rows (χ_kk, χ_kh, χ_hh), NaN where it runs away."""
    kk = kh = hh = np.zeros_like(alpha)
    gain = alpha * eta
    with np.errstate(all="ignore"):
        for _ in range(_MOMENTS):
            # G = (I + ηAχ)⁻¹A with A = [[0, −1], [−1, Q+β]].
            rows = (1 - eta * kh, -eta * hh, eta * (-kk + (norm + beta) * kh), 1 + eta * (-kh + (norm + beta) * hh))
            p, q, r, s = _inverse(*rows)
            kk, kh, _, hh = _inverse(lam + stiffness + gain * -q, gain * (-p + (norm + beta) * q),
                                     gain * (-p + (norm + beta) * q), lam + gain * (-r + (norm + beta) * s))
    return np.stack([kk, kh, hh], axis=-1)


def _norm(parameters: list[Floats], eigenvalue: Floats, root: int) -> Floats:
    """The positive root of the elementary cubic at the guessed eigenvalue; NaN where there is none."""
    alpha, beta, lam = parameters[:3]
    roots = real_cubic_roots(*np.moveaxis(model.cubic_coefficients(alpha, beta, lam, eigenvalue), -1, 0))
    largest_first = -np.sort(-np.where(roots > 0, roots, np.nan), axis=-1)
    return largest_first[..., root]


def starting_points(start: Start, parameters: list[Floats]) -> Floats:
    """Return (B, 9) order parameters to start from; rows are NaN where the named state makes no sense."""
    alpha, _, _, rho, eta = parameters
    if start.state == "collapsed":
        # D = 1 and no fields: the stationarity in Q leaves λ + y = λ + α as the stiffness of the decoder.
        return _assemble(parameters, np.zeros_like(alpha), rho + eta, alpha, informed=False)
    eigenvalue = start.factor * (rho + eta if start.state == "informed" else eta * (1 + 1 / alpha))
    return _along(parameters, eigenvalue, 0, informed=start.state == "informed")


def barrier_points(parent: Floats, parameters: list[Floats]) -> Floats:
    """Return (B, 9) starts for the barrier between collapse and the found states ``parent`` (B, 9).

    The encoder gain of a state tells the eigenvalue it sits on, R/Q = 1/(Q + β + λ/(αs)); the barrier is the other
    root of the cubic there. Rows are NaN where there is no barrier, as always at λ = 0.
    """
    alpha, beta, lam = parameters[:3]
    with np.errstate(invalid="ignore", divide="ignore"):
        decay = parent[:, 0] / parent[:, 2] - parent[:, 0] - beta
        eigenvalue = np.where((decay > 0) & (lam > 0), lam / (alpha * decay), np.nan)
    known = np.isfinite(eigenvalue) & (eigenvalue > 0)
    points = np.full(parent.shape, np.nan)
    given = [p[known] for p in parameters]
    points[known] = _along(given, eigenvalue[known], 1, informed=np.abs(parent[known, 3]) > 0)
    return points


def _along(parameters: list[Floats], eigenvalue: Floats, root: int, *, informed: bool | NDArray[np.bool_]) -> Floats:
    alpha, beta, lam = parameters[:3]
    norm = _norm(parameters, eigenvalue, root)
    stiffness = (alpha * eigenvalue) ** 2 / (alpha * (norm + beta) * eigenvalue + lam) - lam
    return _assemble(parameters, norm, eigenvalue, stiffness, informed=informed)


def _assemble(parameters: list[Floats], norm: Floats, eigenvalue: Floats, stiffness: Floats, *,
              informed: bool | NDArray[np.bool_]) -> Floats:
    alpha, beta, lam, _, eta = parameters
    gain = 1 / (norm + beta + lam / (alpha * eigenvalue))
    aligned = np.where(informed, np.sqrt(norm), 0.0)
    chi = _susceptibility(alpha, beta, lam, eta, norm, stiffness)
    rows = (norm, gain**2 * norm, gain * norm, aligned, gain * aligned, beta / (norm + beta))
    return np.concatenate([np.stack(rows, axis=-1), chi], axis=-1)
