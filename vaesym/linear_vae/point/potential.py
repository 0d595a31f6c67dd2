r"""The potential Φ(Q) of one latent: all its stationary points, and the least of them."""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.solvers.cubic import real_cubic_roots


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
    coefficients = formulas.cubic_coefficients(alpha, beta, lam, eigenvalue)
    roots = real_cubic_roots(*np.moveaxis(coefficients, -1, 0))
    # The sum of the roots is negative, so at most two are positive; below the threshold, exactly one.
    positive = np.sort(np.where(roots > 0, roots, np.nan), axis=-1)[..., :2]
    count = np.isfinite(positive).sum(axis=-1)
    larger = np.where(count == 2, positive[..., 1], positive[..., 0])
    smaller = np.where(count == 2, positive[..., 0], np.nan)
    return np.stack([np.zeros_like(larger), larger, smaller], axis=-1)


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
