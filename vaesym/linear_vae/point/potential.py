r"""The potential Φ(Q) of one latent: all its stationary points, and the least of them."""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas

#: Newton steps for a root: from bounds less than a factor 2 away, twice what reaches the last digit.
_STEPS = 10


def potential_branches(alpha: Floats, beta: Floats, lam: Floats, eigenvalue: Floats) -> Floats:
    """Return the decoder norms Q at which the potential of a latent is stationary.

    Parameters
    ----------
    alpha, beta, lam, eigenvalue : as in :func:`vaesym.solve`, of one shape, checked by the caller; eigenvalue > 0

    Returns
    -------
    array (…, 3)
        Q = 0 (collapse), the larger positive root of the stationarity cubic (a local minimum), and the smaller
        one (a local maximum, the barrier of a first-order transition); NaN where there is none.
    """
    larger, smaller = positive_roots(formulas.cubic_coefficients(alpha, beta, lam, eigenvalue))
    return np.stack([np.zeros_like(larger), larger, smaller], axis=-1)


def positive_roots(coefficients: Floats) -> tuple[Floats, Floats]:
    """Return the largest positive root of cubics, and another positive one below it; NaN where there is none.

    Parameters
    ----------
    coefficients : array (…, 4), highest power first; the first two, of which one may be zero, are not negative

    Returns
    -------
    two arrays (…)
        Good to what a unit in the last place of the coefficients does to them. So is the decision whether there is a
        pair, by the sign of the least value: a double root may come out as two, equal to half their digits, or as none.

    Notes
    -----
    Such a cubic p is convex for x > 0, so p ≤ 0 between both roots and Newton's iterates approach each monotonically
    from outside. From the place v of the least value −M on, p(v+d) + M = A d² + c₃d³ with A = p''(v)/2 ≥ 3c₃v, and
    p'(v) d besides if v = 0: no summand exceeds M at the root above, and A d² ≤ 3M/2 at the one below, |d| ≤ v.

    >>> positive_roots(np.array([[1.0, 0.0, -7.0, 6.0], [0.0, 1.0, 1.0, -6.0], [1.0, 1.0, 1.0, 1.0]]))
    (array([ 2.,  2., nan]), array([ 1., nan, nan]))
    """
    # The products of two shall not overflow.
    scaled = np.ldexp(coefficients, -np.frexp(np.abs(coefficients).max(axis=-1, keepdims=True))[1])
    c3, c2, c1, c0 = np.moveaxis(scaled, -1, 0)
    with np.errstate(all="ignore"):  # of what is not there
        valley = np.where(c1 < 0, -c1 / (c2 + np.hypot(c2, np.sqrt(3 * c3) * np.sqrt(-c1))), 0.0)
        depth = np.maximum(-(((c3 * valley + c2) * valley + c1) * valley + c0), -c0)
        depth = np.where(depth >= 0, depth, np.nan)
        bend = 3 * c3 * valley + c2
        reach = np.fmin(np.fmin(np.sqrt(depth / bend), np.cbrt(depth / c3)), depth / np.maximum(c1, 0.0))
        roots = []
        for low, high, start in ((valley, valley + reach, valley + reach),
                                 (np.maximum(valley - np.sqrt(1.5 * depth / bend), 0.0), valley, 0.0)):
            x = np.maximum(low, start)
            for _ in range(_STEPS):
                step = (((c3 * x + c2) * x + c1) * x + c0) / ((3 * c3 * x + 2 * c2) * x + c1)
                x = np.where(np.isfinite(step), np.clip(x - step, low, high), x)  # at a double root the slope vanishes
            roots.append(np.where(x > 0, x, np.nan))
    return roots[0], np.where((c0 > 0) & (c1 < 0), roots[1], np.nan)


def minimise_potential(alpha: Floats, beta: Floats, lam: Floats, eigenvalue: Floats) -> Floats:
    """Return the decoder norm Q of the global minimum of the potential, 0 where the latent collapses.

    Below the collapse threshold the minimum is the positive root, whatever the rounding of the potential; above
    it the potential at the larger root decides, and a tie goes to collapse.

    Examples
    --------
    >>> one = np.ones(1)
    >>> minimise_potential(2 * one, one, one, 3 * one).round(12)
    array([0.59591466])
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # of iterates where there is no root, which are rejected
        return formulas.minimiser(alpha, beta, lam, eigenvalue)
