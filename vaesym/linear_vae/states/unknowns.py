r"""The unknowns in which the nine replica equations are solved: χ = LLᵀ by its Cholesky factor, so that χ ≻ 0 always.

States are (…, 9): (Q, E, R, m, d, D, χ_kk, χ_kh, χ_hh); unknowns are (…, 9) too, with
:math:`(\ln L_{11}, L_{21}, \ln L_{22})` in place of χ.
"""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas

#: Order parameters below this are those of the collapsed state, or of a state without signal.
ZERO = 1e-9
#: How far rounding may carry the replicon of a marginal state beyond 1.
MARGINAL = 1e-6


def to_unknowns(state: Floats) -> Floats:
    """Return the unknowns of states; NaN where χ is not positive definite.

    >>> y = to_unknowns(np.array([1, 1, 1, 1, 1, 0.5, 4, 2, 2.0]))
    >>> from_unknowns(y).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 4.0, 2.0, 2.0]
    >>> bool(np.isnan(to_unknowns(np.array([1, 1, 1, 1, 1, 0.5, 1, 2, 1.0]))[-1]))
    True
    """
    kk, kh, hh = np.moveaxis(state[..., 6:], -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.sqrt(kk)
        second = kh / first
        third = np.sqrt(hh - second**2)
        factor = np.stack([np.log(first), second, np.log(third)], axis=-1)
    return np.concatenate([state[..., :6], np.where(np.isfinite(factor), factor, np.nan)], axis=-1)


def from_unknowns(y: Floats) -> Floats:
    """Return the states of unknowns; the inverse of :func:`to_unknowns`."""
    first, second, third = np.moveaxis(y[..., 6:], -1, 0)
    chi = np.stack([np.exp(2 * first), np.exp(first) * second, second**2 + np.exp(2 * third)], axis=-1)
    return np.concatenate([y[..., :6], chi], axis=-1)


def chain(y: Floats, jacobian: Floats) -> Floats:
    """Return the derivative in the unknowns y (…, 9) of what has ``jacobian`` (…, k, 9) in the state.

    The determinant of this change of variables is positive.
    """
    first, second, third = (part[..., None] for part in np.moveaxis(y[..., 6:], -1, 0))
    kk, kh, hh = np.moveaxis(jacobian[..., 6:], -1, 0)
    root = np.exp(first)
    factor = [2 * root**2 * kk + root * second * kh, root * kh + 2 * second * hh, 2 * np.exp(2 * third) * hh]
    return np.concatenate([jacobian[..., :6], np.stack(factor, axis=-1)], axis=-1)


def replicon(parameters: list[Floats], state: Floats) -> Floats:
    """Return αη² max|eig χG|² of states (…, 9), which replica symmetry needs to be at most 1."""
    gain = formulas.replicon(*parameters, *np.moveaxis(state, -1, 0))
    trace = gain[..., 0, 0] + gain[..., 1, 1]
    determinant = gain[..., 0, 0] * gain[..., 1, 1] - gain[..., 0, 1] * gain[..., 1, 0]
    split = trace**2 / 4 - determinant
    # Two real eigenvalues, the larger of which adds what has the same sign; or a pair of modulus √det.
    real = (np.abs(trace) / 2 + np.sqrt(np.maximum(split, 0.0))) ** 2
    return parameters[0] * parameters[4] ** 2 * np.where(split >= 0, real, determinant)
