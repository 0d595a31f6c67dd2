"""Derivatives of the zeros of F(z, p) in p, and of functions of them, by the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats

#: Eight-point rules for a derivative, inside a domain and from its ends: offsets, and what the values count.
_RULES = [(np.arange(first, first + 9), np.linalg.solve(
    np.vander(np.arange(first, first + 9), increasing=True).T, np.eye(9)[1])) for first in (-4, 0, -8)]
#: The step, relative to the parameter and to its distance from the ends of its domain; the absolute one at an end.
_STEP, _END_STEP = 0.01, 1e-3


def _slope(function: Callable[[Floats], Floats], step: Floats, side: NDArray[np.int64]) -> Floats:
    """Return the derivative of a function of shifts (B,) at 0, by the rule of each point's side."""
    shape = (-1, *[1] * (function(0 * step).ndim - 1))
    total = np.zeros(1)
    for k in range(9):
        offset = np.choose(side, [rule[0][k] for rule in _RULES]) * step
        total = total + np.choose(side, [rule[1][k] for rule in _RULES]).reshape(shape) * function(offset)
    return total / step.reshape(shape)


def implicit_slopes(name: str, p: Floats, domain: tuple[float, float], jacobian: Floats, z: Floats,
                    residual: Callable[[Floats], Floats],
                    fields: Callable[[Floats, Floats], dict[str, Floats]]) -> dict[str, Floats]:
    """Return d<field>_d<name> (B,) of all fields at zeros z (B, n) of F(z, p).

    Parameters
    ----------
    name, p, domain : of the parameter: its name, its value (B,) at each zero, its least and largest value
    jacobian : dF/dz (B, n, n)
    z : the zeros
    residual : F(z, p + shift) (B, n), from shifts (B,)
    fields : the fields at p + shift and at points (B, n)

    Notes
    -----
    F(z, p) = 0 stays true along dz/dp = −(∂F/∂z)⁻¹ ∂F/∂p, with the exact Jacobian. What is left, the explicit
    dependence of F and of the fields along that direction, is smooth on the scale of p itself, and is taken by
    differences of eighth order.

    >>> p = np.array([4.0])
    >>> found = implicit_slopes("p", p, (0.0, np.inf), np.array([[[4.0]]]), np.array([[2.0]]),
    ...                         lambda shift: 4.0 - (p + shift)[:, None], lambda shift, z: {"root": z[:, 0]})
    >>> round(float(found["droot_dp"][0]), 12)   # of z² = p
    0.25
    """
    room = np.stack([p - domain[0], domain[1] - p])
    side = np.select([room[0] <= 0, room[1] <= 0], [1, 2], 0)
    # From an end nothing but its own step says how far is near.
    step = np.where(side > 0, _END_STEP, _STEP * np.minimum(np.abs(p), room.min(axis=0)))
    direction = -np.linalg.solve(jacobian, _slope(residual, step, side)[..., None])[..., 0]
    step = np.minimum(step, _STEP / np.maximum(np.abs(direction).max(axis=1), 1e-300))
    names = list(fields(0 * step, z))

    def along(shift: Floats) -> Floats:
        found = fields(shift, z + direction * shift[:, None])
        return np.stack([found[field] for field in names], axis=1)

    return {f"d{field}_d{name}": column for field, column in zip(names, _slope(along, step, side).T, strict=True)}
