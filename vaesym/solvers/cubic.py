"""All real roots of cubics, each to a few units in the last place, over whole arrays.

Where the roots are apart, Kahan's scheme of 1986: the extreme simple root by Newton's iteration from
outside, deflation from the better end, the quadratic by its stable formula, in double-double. Where
two or three nearly coincide no fixed precision tells a real pair from a complex one, so there the
invariants of the cubic are computed in whole numbers, rounded once, and the roots follow in closed
form. Coefficients and variable are scaled by powers of two, which is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import broadcast, real_array
from vaesym.solvers.doubledouble import DoubleDouble, Floats

Whole = NDArray[np.int64]

#: Row i of a block of coefficients multiplies x^i.
_POWER = np.arange(4)[:, None]
#: The exponent written for a zero coefficient: below any other, whatever the scaling.
_ZERO_EXPONENT = -(10**6)
#: Elements worked on together, few enough for some tens of temporaries to stay in the cache.
_BLOCK = 1 << 13
#: Where roots are a factor 2^this apart, the cubic falls apart, to 2^-(half of this) at least.
_SPREAD = 360
#: Three roots within this relative distance of their mean form a cluster.
_CLUSTER = 1.0 / 16
#: Discriminants below this fraction of their terms are recomputed in whole numbers.
_TIE = 2.0**-44


def real_cubic_roots(c3: Any, c2: Any, c1: Any, c0: Any) -> Floats:
    """Return all real roots x of c3 x³ + c2 x² + c1 x + c0 = 0, in ascending order.

    Parameters
    ----------
    c3, c2, c1, c0 : finite real numbers or arrays whose shapes broadcast; each float64 is taken as the
        exact number that it is. Any may be zero; where c3 = c2 = c1 = 0 there are no roots.

    Returns
    -------
    float64 array of the broadcast shape with a last axis of length 3: the roots with their
    multiplicities, NaN after the last one. Their number is that of exact arithmetic, always. Every
    root has a relative error below 1e-15 (largest seen: 4e-16), also in pairs and triples at any
    distance from each other. Subnormal roots are rounded as such, larger ones than float64 to ±inf.

    Raises
    ------
    InputError
        For NaN, infinite or non-real coefficients (named), and for shapes that do not broadcast.

    Notes
    -----
    W. Kahan, "To solve a real cubic equation", report PAM-352, Berkeley (1986). Coinciding roots come
    from Viète's trigonometric form of y³ - 3 Δ₀ y + Δ₁ = 0, y = 3 c3 x + c2, and cost four times more.

    Examples
    --------
    >>> real_cubic_roots(1, [-6, -5, 0], [11, 7, 1], [-6, -3, 2])
    array([[ 1.,  2.,  3.],
           [ 1.,  1.,  3.],
           [-1., nan, nan]])
    >>> real_cubic_roots(0, 1, -3, 2)
    array([ 1.,  2., nan])
    """
    given = {"c0": c0, "c1": c1, "c2": c2, "c3": c3}
    rows = broadcast(**{name: real_array(name, value) for name, value in given.items()})
    coefficients = np.stack([row.reshape(-1) for row in rows])
    roots = np.empty((3, coefficients.shape[1]))
    for start in range(0, coefficients.shape[1], _BLOCK):
        part = slice(start, start + _BLOCK)
        with np.errstate(under="ignore"):  # What scaling makes vanish is far below the last digit.
            roots[:, part] = _solve_block(coefficients[:, part])
    roots.sort(axis=0)
    return roots.T.reshape((*rows[0].shape, 3)) + 0.0  # -0.0 becomes 0.0


def _solve_block(coefficients: Floats) -> Floats:
    """Return the roots (3, n), unordered, of cubics (4, n): send each to the method that fits it."""
    m, e = np.frexp(coefficients)
    e = np.where(m == 0, _ZERO_EXPONENT, e.astype(np.int64))
    # Exponents of the largest and the smallest root, up to ±1 (the ends of Newton's polygon).
    largest = (-((e[3] - e[:3]) // np.array([3, 2, 1])[:, None])).max(axis=0)
    smallest = ((e[0] - e[1:]) // np.array([1, 2, 3])[:, None]).min(axis=0)
    middle = e[0] - e[3] - largest - smallest
    whole = (m[3] != 0) & (m[0] != 0) & (largest - smallest <= _SPREAD)
    # Otherwise one linear factor goes: x = -c2 / c3 (or none), or x = -c0 / c1 (or zero).
    upper = ~whole & ((m[3] == 0) | ((m[0] != 0) & (largest - middle >= middle - smallest)))
    scale = np.where(whole, largest, 0)
    scaled = _scaled(m, e, scale)
    cluster = whole & _is_cluster(scaled)
    roots = np.full((3, m.shape[1]), np.nan)
    for mask, solver in ((whole & ~cluster, _separate), (cluster, _clustered)):
        if mask.any():
            roots[:, mask] = solver(m[:, mask], e[:, mask], scale[mask], scaled[:, mask])
    for mask, first in ((upper, 0), (~whole & ~upper, 1)):
        if mask.any():
            roots[:, mask] = _split(m[:, mask], e[:, mask], first)
    return roots


def _scaled(m: Floats, e: Whole, k: Whole) -> Floats:
    """Return the coefficients for the variable x / 2^k, times the power of two that brings them to 1."""
    e = e + np.arange(len(m))[:, None] * k
    return np.ldexp(m, e - np.where(m == 0, 2 * _ZERO_EXPONENT, e).max(axis=0))


def _unscaled(x: Floats, k: Whole) -> Floats:
    """Return x 2^k, rounded to ±inf beyond the range of float64."""
    with np.errstate(over="ignore"):
        return np.ldexp(x, k)


def _is_cluster(c: Floats) -> NDArray[np.bool_]:
    """Tell where all three roots, real or complex, lie close to their mean."""
    size = np.abs(c[2]) * _CLUSTER
    delta0 = c[2] * c[2] - 3 * c[3] * c[1]
    delta1 = c[2] * (2 * c[2] * c[2] - 9 * c[3] * c[1]) + 27 * c[3] * c[3] * c[0]
    return (np.abs(delta0) < size * size) & (np.abs(delta1) < size * size * size)


def _split(m: Floats, e: Whole, first: int) -> Floats:
    """Return the roots of c[first:first + 3] and of the linear rest, which do not feel each other."""
    head, tail = (3, 2) if first == 0 else (1, 0)
    usable = m[head] != 0
    linear = _unscaled(-m[tail] / np.where(usable, m[head], 1.0), np.where(usable, e[tail] - e[head], 0))
    linear = np.where(usable, linear, np.nan if first == 0 else 0.0)
    *pair, tie = _quadratic(m[first:first + 3], e[first:first + 3])
    roots = np.stack([linear, *pair])
    if tie.any():  # The neglected coefficient decides whether a double root is a real pair.
        roots[1:, tie] = np.where(_invariants(m[:, tie], e[:, tie])[3], roots[1:, tie], np.nan)
    return roots


def _quadratic(m: Floats, e: Whole) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return both roots of a quadratic (3, n) (NaN for what is missing) and where they coincide."""
    has_2, has_0 = m[2] != 0, m[0] != 0
    k = np.select([has_2 & has_0, has_2], [(e[0] - e[2]) >> 1, e[1] - e[2]], e[0] - e[1]).clip(-5000, 5000)
    # Roots 2^600 apart are brought to that distance, and moved back at the end.
    apart = e[1] + k - np.maximum(e[2] + 2 * k, e[0]) - 300
    apart = np.where(has_2 & has_0, np.maximum(apart, 0), 0)
    c = _scaled(m, e + np.array([[1], [0], [1]]) * apart, k)
    half = -c[1] / 2
    discriminant = DoubleDouble.product(half, half) - DoubleDouble.product(c[2], c[0])
    real = (discriminant.hi >= 0) & (has_2 | (m[1] != 0))
    outer = half + np.copysign(np.sqrt(np.maximum(discriminant.hi, 0.0)), half)
    large = np.where(real & has_2, outer / np.where(has_2, c[2], 1.0), np.nan)
    small = np.where(real, c[0] / np.where(real & (outer != 0), outer, 1.0), np.nan)
    return _unscaled(large, k + apart), _unscaled(small, k - apart), real & (discriminant.hi == 0)


def _horner(c: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return the cubic and its derivative at x in float64."""
    return ((c[3] * x + c[2]) * x + c[1]) * x + c[0], (3 * c[3] * x + 2 * c[2]) * x + c[1]


def _extreme_root(c: Floats) -> DoubleDouble:
    """Return the simple real root farthest from the inflection, to about 1e-30 relative."""
    inflection = -c[2] / (3 * c[3])
    value, slope = (part / c[3] for part in _horner(c, inflection))
    # 1.3247… is the real root of x³ = x + 1: from there Newton's iterates approach monotonically.
    reach = 1.324717957244746 * np.maximum(np.cbrt(np.abs(value)), np.sqrt(np.maximum(-slope, 0.0)))
    x = inflection - np.copysign(reach, value)
    for _ in range(40):
        value, slope = _horner(c, x)
        step = value / slope
        x = x - step
        if (np.abs(step) <= 1e-15 * np.abs(x)).all():
            break
    root = DoubleDouble.of(x)
    for _ in range(2):
        root = root - (((root * c[3] + c[2]) * root + c[1]) * root + c[0]).hi / _horner(c, root.hi)[1]
    return root


def _separate(m: Floats, e: Whole, k: Whole, c: Floats) -> Floats:
    """Return the roots of scaled cubics ``c`` whose extreme root is simple, by Kahan's deflation."""
    root = _extreme_root(c)
    upper_1 = root * c[3] + c[2]
    upper_0 = upper_1 * root + c[1]
    lower_0 = DoubleDouble.of(-c[0]) / root
    lower_1 = (lower_0 - c[1]) / root
    outside = np.abs(c[3] * root.hi * root.hi * root.hi) > np.abs(c[0])
    half = DoubleDouble.where(outside, lower_1, upper_1) * -0.5
    last = DoubleDouble.where(outside, lower_0, upper_0)
    square, product = half * half, last * c[3]
    discriminant = square - product
    real = discriminant.hi > 0
    spread = DoubleDouble.where(real, discriminant, DoubleDouble.of(0.0)).sqrt().hi
    outer = (half + np.copysign(spread, half.hi)).hi
    pair = np.stack([outer / c[3], last.hi / np.where(real, outer, 1.0)])
    roots = np.stack([root.hi, *np.where(real, pair, np.nan)])
    # The discriminant is good to 1e-30 of its terms, so what is not a tie is decided, with digits to spare.
    tie = np.abs(discriminant.hi) < _TIE * square.hi
    if tie.any():
        roots[1:, tie] = _near_double(m[:, tie], e[:, tie] + _POWER * k[tie],
                                      (half.hi / c[3])[tie], root.hi[tie])
    return _unscaled(roots, k)


def _near_double(m: Floats, e: Whole, middle: Floats, simple: Floats) -> Floats:
    """Return the pair (2, n) near ``middle``; ``simple`` is the third root."""
    k = np.frexp(middle)[1].astype(np.int64)
    e = e + _POWER * k
    # From y = 3 c3 x + c2 the pair loses digits if |simple| ≫ |middle|: then take the roots 1 / x.
    turn = np.abs(simple) > np.abs(middle)
    roots = _closed_form(np.where(turn, m[::-1], m), np.where(turn, e[::-1], e))[1:]
    return np.ldexp(np.where(turn, 1 / roots, roots), k)


def _clustered(m: Floats, e: Whole, k: Whole, c: Floats) -> Floats:
    """Return the roots of cubics whose three roots are close to their mean."""
    k = k + np.frexp(c[2] / (3 * c[3]))[1]
    return _unscaled(_closed_form(m, e + _POWER * k), k)


def _invariants(m: Floats, e: Whole) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Return Δ₀, Δ₁ and 4 Δ₀³ - Δ₁² = 27 c3² disc, correctly rounded, and where the last is ≥ 0.

    The coefficients are first divided by the power of two that is the largest among them. Python's
    integers inside NumPy arrays make this exact for any spread of the exponents.
    """
    e = np.where(m == 0, 0, e - np.where(m == 0, 2 * _ZERO_EXPONENT, e).max(axis=0))
    lowest = e.min(axis=0)
    c: Any = np.ldexp(m, 53).astype(np.int64).astype(object) << (e - lowest).astype(object)
    delta0 = c[2] * c[2] - 3 * c[3] * c[1]
    delta1 = c[2] * (2 * c[2] * c[2] - 9 * c[3] * c[1]) + 27 * c[3] * c[3] * c[0]
    rest = 4 * delta0**3 - delta1**2
    unit: Any = 1 << (53 - lowest).astype(object)
    values = delta0 / unit**2, delta1 / unit**3, rest / unit**6
    delta0, delta1, ratio = (value.astype(np.float64) for value in values)
    return delta0, delta1, ratio, (rest >= 0).astype(np.bool_)


def _closed_form(m: Floats, e: Whole) -> Floats:
    """Return the roots (simple, pair) by Viète and Cardano, to a few ulps of max(|x|, |c2 / c3|)."""
    delta0, delta1, rest, real = _invariants(m, e)
    leading, shift = _scaled(m, e, np.zeros_like(e[0]))[[3, 2]]
    radius = np.sqrt(np.maximum(delta0, 0.0))
    angle = np.arctan2(np.sqrt(np.maximum(rest, 0.0)), np.abs(delta1)) / 3
    near, far = radius * np.cos(angle), np.sqrt(3.0) * radius * np.sin(angle)
    size = np.cbrt((np.abs(delta1) + np.sqrt(np.maximum(-rest, 0.0))) / 2)
    single = size + delta0 / np.where(size == 0, 1.0, size)
    y = np.stack([np.where(real, 2 * near, single), *np.where(real, [-near - far, far - near], np.nan)])
    return (-np.copysign(1.0, delta1) * y - shift) / (3 * leading)
