"""Averages over standard normal variables: panels between breakpoints, and moments of what enters linearly."""

from __future__ import annotations

import functools

import numpy as np
from scipy.special import ndtr

from vaesym.inputs import Floats

#: Beyond this many standard deviations nothing is left of a normal law in float64.
REACH = 9.0
#: The same to ten digits, for integrands that are smooth.
SMOOTH_REACH = 7.5
#: Beyond this many the density is no number.
_FAR = 40.0
_PANELS = np.linspace(-REACH, REACH, 11)


@functools.cache
def _legendre(order: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return nodes, weights


def density(x: Floats) -> Floats:
    """Return the standard normal density.

    >>> density(np.zeros(1)).round(6)
    array([0.398942])
    """
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def panels(breakpoints: list[Floats], batch: int, order: int, edges: Floats = _PANELS) -> tuple[Floats, Floats]:
    """Return nodes and weights (B, n) for averages over a standard normal variable.

    Parameters
    ----------
    breakpoints : arrays (B, 1) where the integrand bends; those beyond the reach of the law do not matter
    batch : B
    order : Gauss–Legendre nodes in each panel
    edges : where panels end in any case

    Examples
    --------
    >>> x, w = panels([np.array([[0.3]])], 1, 12)
    >>> float(np.sum(w * np.abs(x - 0.3)).round(12))   # 2 φ(0.3) + 0.3 (2 Φ(0.3) − 1)
    0.833522484234
    """
    fixed = np.broadcast_to(edges, (batch, len(edges)))
    low, high = edges[0], edges[-1]
    cuts = [np.broadcast_to(np.clip(np.nan_to_num(b, nan=0.0, posinf=high, neginf=low), low, high), (batch, 1))
            for b in breakpoints]
    ends = np.sort(np.concatenate([fixed, *cuts], axis=1), axis=1)
    nodes, weights = _legendre(order)
    half = np.diff(ends, axis=1)[..., None] / 2
    x = (ends[:, :-1, None] + half + half * nodes).reshape(batch, -1)
    w = (half * weights).reshape(batch, -1) * density(x)
    return x, w


def segments(breakpoints: list[Floats], batch: int) -> tuple[Floats, Floats]:
    """Return nodes and weights (B, n), three between neighbours, exact for what is a parabola between breakpoints.

    The weights are those that give each stretch its three first moments, which are closed; so they may be negative.

    >>> x, w = segments([np.array([[0.3]])], 1)
    >>> x.shape, float(np.sum(w * np.abs(x - 0.3)).round(12))
    ((1, 6), 0.833522484234)
    """
    ends = [np.full((batch, 1), -_FAR), np.full((batch, 1), _FAR)]
    ends += [np.broadcast_to(np.clip(np.nan_to_num(b, nan=0.0, posinf=_FAR, neginf=-_FAR), -_FAR, _FAR), (batch, 1))
             for b in breakpoints]
    edges = np.sort(np.concatenate(ends, axis=1), axis=1)
    left, right = edges[:, :-1], edges[:, 1:]
    # In the tail that is the smaller one nothing cancels.
    sign = np.where(left > 0, -1.0, 1.0)
    m_0 = sign * (ndtr(sign * right) - ndtr(sign * left))
    peak_left, peak_right = density(left), density(right)
    m_1, m_2 = peak_left - peak_right, m_0 + left * peak_left - right * peak_right
    # Nodes lie where the mass is: within 1.5 of the middle, or in the half nearest to it.
    low, high = np.clip(-1.5, left, right), np.clip(1.5, left, right)
    high = np.maximum(high, np.minimum(right, low + 0.5))
    low = np.minimum(low, np.maximum(left, high - 0.5))
    center, apart = (low + high) / 2, (high - low) / 3
    narrow = apart < 1e-5
    safe = np.where(narrow, 1.0, apart)
    d_1, d_2 = (m_1 - center * m_0) / safe, (m_2 - center * (2 * m_1 - center * m_0)) / safe**2
    inner = np.where(narrow, density(center) * (right - left), m_0 - d_2)
    outer = [np.where(narrow, 0.0, (d_2 + side * d_1) / 2) for side in (-1, 1)]
    x = np.stack([center - apart, center, center + apart], axis=-1)
    return x.reshape(batch, -1), np.stack([outer[0], inner, outer[1]], axis=-1).reshape(batch, -1)


def step_moments(cut: Floats, above: Floats, below: Floats) -> tuple[Floats, Floats, Floats]:
    """Return E[P], E[P v], E[P v²] for a standard normal v, with P = ``above`` for v > cut and ``below`` otherwise.

    >>> [round(float(value), 6) for value in step_moments(np.array(0.0), np.array(1.0), np.array(0.0))]
    [0.5, 0.398942, 0.5]
    """
    tail, peak = ndtr(-cut), density(cut)
    jump = above - below
    return below + jump * tail, jump * peak, below + jump * (tail + cut * peak)


@functools.cache
def trapezoid(count: int, reach: float = SMOOTH_REACH) -> tuple[Floats, Floats]:
    """Return nodes and weights of the trapezoidal rule for a standard normal variable and an analytic integrand.

    Integrands that grow as exponentials need a longer ``reach``.

    >>> v, w = trapezoid(60, 12.0)
    >>> float((w @ np.exp(4 * v) / np.exp(8)).round(9))
    1.0
    """
    v = np.linspace(-reach, reach, count)
    v = (v - v[::-1]) / 2  # as far to the left as to the right, to the last digit
    w = density(v) * (v[1] - v[0])
    return v, w / w.sum()
