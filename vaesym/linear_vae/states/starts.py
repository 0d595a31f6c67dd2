r"""Named states from which Newton starts on the replica equations, made without their closed-form solution.

Three facts about stationary points go in.

The equations for E and R say that :math:`\chi^{-1} - \alpha\eta\,(A^{-1}+\eta\chi)^{-1} = Y` with
Y = diag(λ+y, λ). With χ = A⁻¹Z this is a quadratic equation for Z in terms of :math:`K = YA^{-1}`, so χ is known where
y and Q are, and there is none on the physical branch where that quadratic has no real root.

Away from collapse each state obeys the elementary stationarity cubic of a single eigenvalue s, of which only a crude
guess is made: multiples of η(1+1/α), the mean of the non-zero eigenvalues of few noise samples, where noise is
learned, and of ρ more where the signal is.

At the eigenvalue :math:`s_c` at which collapse turns unstable, which follows from K there, the linear coefficient of
that cubic tells whether an eigenvalue below it has active states at all: see :func:`coexists`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import potential_branches


@dataclass(frozen=True)
class Start:
    """A way to start: which state, and at which multiple of the guessed eigenvalue."""

    state: str
    factor: float = 1.0


#: A state that learns noise sits where χ is about to turn complex; its barrier is sought this far on the real side.
_BEYOND = 1e-7
#: Each family is tried in turn until a point converges to its state.
COLLAPSED = (Start("collapsed"),)
INFORMED = tuple(Start("informed", f) for f in (
    1.25, 1.4, 1.6, 1.8, 2.0, 1.15, 1.07, 1.03, 1.0, 3.0, 5.0, 1.1, 1.05, 1.01, 1.003, 1.2, 1.3, 1.35, 1.5, 1.7))
NOISE = tuple(Start("noise", f) for f in (
    2.0, 1.75, 1.6, 1.5, 1.42, 1.35, 1.27, 1.2, 1.15, 1.1, 1.07, 1.04, 1.02, 1.0, 2.5, 3.0,
    1.98, 1.95, 1.91, 1.87, 1.83, 1.79, 1.71, 1.67, 1.63, 1.55, 1.46, 1.38, 1.31, 1.23))


def critical_eigenvalue(parameters: list[Floats]) -> Floats:
    r"""Return the eigenvalue :math:`s_c` along which collapse turns unstable, from the curvature at collapse.

    It is :math:`-1/\alpha` times the negative eigenvalue of K, where y = α and Q = 0.
    """
    alpha, beta, lam = parameters[:3]
    negative, _ = _spectrum(beta, lam, alpha)
    return -negative / alpha


def coexists(parameters: list[Floats]) -> NDArray[np.bool_]:
    r"""Return where an eigenvalue :math:`s \le s_c`, under which collapse is stable, can have active states too.

    For such s the constant coefficient of the cubic is not negative, nor are the two highest ones; so by the rule of
    Descartes it has a positive root only if the linear one is negative. That one over κ falls with s: if it is
    not negative at :math:`s_c`, it is so nowhere below.
    """
    alpha, beta, lam = parameters[:3]
    return formulas.cubic_coefficients(alpha, beta, lam, critical_eigenvalue(parameters))[..., 2] < 0


def _spectrum(sharpness: Floats, lam: Floats, stiffness: Floats) -> tuple[Floats, Floats]:
    """The negative and the other eigenvalue of K = YA⁻¹, A⁻¹ = [[−b, −1], [−1, 0]] with b = Q + β."""
    half = sharpness * (lam + stiffness) / 2
    negative = -half - np.sqrt(half**2 + lam * (lam + stiffness))
    return negative, -lam * (lam + stiffness) / negative


def _susceptibility(alpha: Floats, beta: Floats, lam: Floats, eta: Floats, norm: Floats, stiffness: Floats) -> Floats:
    """Rows (χ_kk, χ_kh, χ_hh) = A⁻¹Z with Z⁻¹ − αη(1 + ηZ)⁻¹ = K; NaN where no such real χ exists.

    Of the two solutions z for an eigenvalue τ of K it is the one that tends to 1/τ as η → 0.
    """
    sharpness = norm + beta
    negative, positive = _spectrum(sharpness, lam, stiffness)
    with np.errstate(all="ignore"):
        excess = eta * (alpha - 1)
        low = 2 / (negative + excess - np.sqrt((negative + excess) ** 2 + 4 * eta * negative))
        high = 2 / (positive + excess + np.sqrt((positive + excess) ** 2 + 4 * eta * positive))
        # The function z of the matrix K, which has two different eigenvalues: slope·K + offset·1.
        slope = (high - low) / (positive - negative)
        offset = (low * positive - high * negative) / (positive - negative)
        kk = slope * (sharpness**2 * (lam + stiffness) + lam) - offset * sharpness
        kh = slope * sharpness * (lam + stiffness) - offset
        hh = slope * (lam + stiffness)
    return np.stack([kk, kh, hh], axis=-1)


def starting_points(start: Start, parameters: list[Floats]) -> Floats:
    """Return (B, 9) order parameters to start from; rows are NaN where the named state makes no sense."""
    alpha, beta, lam, rho, eta = parameters
    if start.state == "collapsed":
        # D = 1 and no fields: the stationarity in Q leaves λ + y = λ + α as the stiffness of the decoder.
        return _assemble(parameters, np.zeros_like(alpha), rho + eta, alpha, informed=False)
    eigenvalue = start.factor * ((rho if start.state == "informed" else 0.0) + eta * (1 + 1 / alpha))
    norm = potential_branches(alpha, beta, lam, eigenvalue)[..., 1]
    return _along(parameters, eigenvalue, norm, informed=start.state == "informed")


def barrier_points(parent: Floats, parameters: list[Floats]) -> Floats:
    """Return (B, 9) starts for the barrier between collapse and the found states ``parent`` (B, 9).

    The encoder gain of a state tells the eigenvalue it sits on, R/Q = 1/(Q + β + λ/(αs)); the barrier is the other
    root of the cubic there. Rows are NaN where there is no barrier, as always at λ = 0.
    """
    alpha, beta, lam = parameters[:3]
    with np.errstate(invalid="ignore", divide="ignore"):
        decay = parent[:, 0] / parent[:, 2] - parent[:, 0] - beta
        eigenvalue = np.where((decay > 0) & (lam > 0), (1 + _BEYOND) * lam / (alpha * decay), np.nan)
    known = np.isfinite(eigenvalue) & (eigenvalue > 0)
    points = np.full(parent.shape, np.nan)
    given = [p[known] for p in parameters]
    norm = potential_branches(given[0], given[1], given[2], eigenvalue[known])[..., 2]
    points[known] = _along(given, eigenvalue[known], norm, informed=np.abs(parent[known, 3]) > 0)
    return points


def _along(parameters: list[Floats], eigenvalue: Floats, norm: Floats, *,
           informed: bool | NDArray[np.bool_]) -> Floats:
    alpha, beta, lam = parameters[:3]
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
