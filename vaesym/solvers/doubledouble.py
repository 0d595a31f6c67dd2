"""Double-double arithmetic: about 32 decimal digits from pairs of float64, on whole arrays.

A number is the unevaluated sum hi + lo of two float64, |lo| ≤ ulp(hi) / 2. With u = 2⁻⁵³ every
operation here has a relative error of a few u² ≈ 1.2e-32, also where two numbers of opposite sign
nearly cancel. The algorithms and the bounds quoted are those of Joldes, Muller and Popescu, "Tight
and rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44 (2017).

They hold while nothing overflows and no rounding error falls below the smallest subnormal: keep
magnitudes inside about 1e-290 … 1e290 by scaling with powers of two. Nothing is checked here; this
is the innermost loop of the solvers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import InputError

Floats = NDArray[np.float64]

#: Veltkamp's constant 2²⁷ + 1 cuts 53 bits into two halves whose products are exact.
_SPLITTER = 134217729.0


def two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return (s, e) with s = fl(a + b) and s + e = a + b exactly (Knuth).

    Arrays broadcast; both results have the broadcast shape. Raises nothing.

    >>> [float(x) for x in two_sum(np.float64(1.0), np.float64(1e-20))]
    [1.0, 1e-20]
    """
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def fast_two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return what :func:`two_sum` does where |a| ≥ |b| or a = 0, in half the work (Dekker).

    Arrays broadcast; both results have the broadcast shape. Raises nothing.

    >>> [float(x) for x in fast_two_sum(np.float64(1.0), np.float64(1e-20))]
    [1.0, 1e-20]
    """
    total = a + b
    return total, b - (total - a)


def _halves(a: Floats) -> tuple[Floats, Floats]:
    """Cut float64 into two parts of at most 26 bits, a = high + low exactly (Veltkamp)."""
    shifted = _SPLITTER * a
    high = shifted - (shifted - a)
    return high, a - high


def two_prod(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return (p, e) with p = fl(a b) and p + e = a b exactly (Dekker; NumPy has no fused multiply).

    Arrays broadcast; both results have the broadcast shape. Raises nothing.

    >>> product, error = two_prod(np.float64(1 + 2**-30), np.float64(1 + 2**-30))
    >>> float(product) == 1 + 2**-29, float(error) == 2**-60
    (True, True)
    """
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@dataclass(frozen=True, slots=True)
class DoubleDouble:
    """An array of unevaluated sums hi + lo, with +, -, *, / among themselves and with float64.

    Parameters
    ----------
    hi : float64 array, the value rounded to float64
    lo : float64 array of the same shape, |lo| ≤ ulp(hi) / 2 (see :meth:`normalised`)

    Raises
    ------
    InputError
        By :meth:`sqrt`, for negative numbers. Nothing else is checked: finite input is assumed,
        as is a non-zero divisor (NumPy warns of the latter).

    Examples
    --------
    >>> third = DoubleDouble.of(1.0) / 3.0
    >>> residue = third * 3.0 - 1.0
    >>> bool(abs(residue.hi) < 1e-31)
    True
    """

    hi: Floats
    lo: Floats

    #: Makes ``array * pair`` come to us instead of NumPy's elementwise object arithmetic.
    __array_ufunc__ = None

    @classmethod
    def of(cls, value: Floats | float) -> DoubleDouble:
        """Return float64 ``value`` (any shape) as a pair with lo = 0, exactly.

        >>> DoubleDouble.of(2.0)
        DoubleDouble(hi=array(2.), lo=array(0.))
        """
        array = np.asarray(value, dtype=np.float64)
        return cls(array, np.zeros_like(array))

    @classmethod
    def normalised(cls, a: Floats | float, b: Floats | float) -> DoubleDouble:
        """Return the exact sum of two float64 arrays, which may overlap and come in any order.

        >>> DoubleDouble.normalised(1e-20, 1.0).hi
        np.float64(1.0)
        """
        return cls(*two_sum(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)))

    @classmethod
    def product(cls, a: Floats | float, b: Floats | float) -> DoubleDouble:
        """Return the exact product of two float64 arrays.

        >>> float(DoubleDouble.product(1 + 2**-30, 1 + 2**-30).lo) == 2**-60
        True
        """
        return cls(*two_prod(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)))

    @classmethod
    def where(cls, condition: NDArray[np.bool_], a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
        """Return ``a`` where the condition holds and ``b`` elsewhere, elementwise.

        >>> DoubleDouble.where(np.array([True, False]), DoubleDouble.of(1.0), DoubleDouble.of(2.0)).hi
        array([1., 2.])
        """
        return cls(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.hi, -self.lo)

    def __add__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        """Return the sum, with relative error ≤ 3 u² + O(u³) (2 u² where ``other`` is float64)."""
        if not isinstance(other, DoubleDouble):
            high, low = two_sum(self.hi, np.asarray(other, dtype=np.float64))
            return DoubleDouble(*fast_two_sum(high, self.lo + low))
        high, low = two_sum(self.hi, other.hi)
        small_high, small_low = two_sum(self.lo, other.lo)
        high, low = fast_two_sum(high, low + small_high)
        return DoubleDouble(*fast_two_sum(high, small_low + low))

    __radd__ = __add__

    def __sub__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        """Return the difference, with relative error ≤ 3 u² + O(u³)."""
        return self + (-other)

    def __rsub__(self, other: Floats | float) -> DoubleDouble:
        return (-self) + other

    def __mul__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        """Return the product, with relative error ≤ 5 u²."""
        if not isinstance(other, DoubleDouble):
            factor = np.asarray(other, dtype=np.float64)
            high, low = two_prod(self.hi, factor)
            return DoubleDouble(*fast_two_sum(high, low + self.lo * factor))
        high, low = two_prod(self.hi, other.hi)
        cross = self.hi * other.lo + self.lo * other.hi
        return DoubleDouble(*fast_two_sum(high, low + cross))

    __rmul__ = __mul__

    def __truediv__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        """Return the quotient, with relative error ≤ 15 u² + O(u³)."""
        divisor = other if isinstance(other, DoubleDouble) else DoubleDouble.of(other)
        quotient = self.hi / divisor.hi
        product = divisor * quotient
        # The two leading parts agree to within a few ulps, so their difference is exact (Sterbenz).
        rest = (self.hi - product.hi) + (self.lo - product.lo)
        return DoubleDouble(*fast_two_sum(quotient, rest / divisor.hi))

    def __rtruediv__(self, other: Floats | float) -> DoubleDouble:
        return DoubleDouble.of(other) / self

    def sqrt(self) -> DoubleDouble:
        """Return the square root, with relative error ≤ 25/8 u²; the root of 0 is 0.

        Raises :class:`~vaesym.inputs.InputError` where hi < 0.

        >>> root = DoubleDouble.of(2.0).sqrt()
        >>> bool(abs((root * root - 2.0).hi) < 1e-31)
        True
        """
        if (self.hi < 0).any():
            raise InputError("numbers >= 0 under the square root", f"{float(np.min(self.hi))}",
                             "keep the negative ones out before taking the root")
        root = np.sqrt(self.hi)
        square, error = two_prod(root, root)
        rest = ((self.hi - square) - error) + self.lo
        return DoubleDouble(*fast_two_sum(root, rest / np.where(root == 0, 1.0, 2.0 * root)))
