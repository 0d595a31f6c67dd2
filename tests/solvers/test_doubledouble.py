"""Double-double arithmetic against exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.inputs import InputError
from vaesym.solvers.doubledouble import DoubleDouble, fast_two_sum, two_prod, two_sum

UNIT2 = Fraction(1, 2**106)  # u², u = 2⁻⁵³

magnitudes = st.floats(min_value=1e-100, max_value=1e100)
numbers = st.one_of(st.just(0.0), magnitudes, magnitudes.map(lambda x: -x))
small = st.floats(min_value=-1.0, max_value=1.0).filter(lambda x: x == 0 or abs(x) > 1e-10)


@st.composite
def pairs(draw: st.DrawFn, positive: bool = False) -> DoubleDouble:
    high = draw(magnitudes if positive else numbers)
    return DoubleDouble.normalised(high, high * draw(small) * 2.0**-53)


def exact(x: DoubleDouble) -> Fraction:
    return Fraction(float(x.hi)) + Fraction(float(x.lo))


def assert_close(result: DoubleDouble, expected: Fraction, units: int) -> None:
    assert abs(exact(result) - expected) <= units * UNIT2 * abs(expected)
    assert float(result.hi) == float(result.hi) + float(result.lo)


@given(numbers, numbers)
def test_sums_and_products_are_exact(a: float, b: float) -> None:
    for function, expected in ((two_sum, Fraction(a) + Fraction(b)), (two_prod, Fraction(a) * Fraction(b))):
        high, low = function(np.float64(a), np.float64(b))
        assert Fraction(float(high)) + Fraction(float(low)) == expected
        assert float(high) == float(expected)


@given(numbers, small)
def test_fast_two_sum_is_exact_when_the_larger_comes_first(a: float, ratio: float) -> None:
    high, low = fast_two_sum(np.float64(a), np.float64(a * ratio))
    assert Fraction(float(high)) + Fraction(float(low)) == Fraction(a) + Fraction(a * ratio)


@given(pairs(), pairs())
def test_field_operations(a: DoubleDouble, b: DoubleDouble) -> None:
    assert_close(a + b, exact(a) + exact(b), 4)
    assert_close(a - b, exact(a) - exact(b), 4)
    assert_close(a * b, exact(a) * exact(b), 6)
    if b.hi != 0:
        assert_close(a / b, exact(a) / exact(b), 16)


@given(pairs(), numbers)
def test_field_operations_with_float64(a: DoubleDouble, b: float) -> None:
    assert_close(a + b, exact(a) + Fraction(b), 4)
    assert_close(b + a, exact(a) + Fraction(b), 4)
    assert_close(a - b, exact(a) - Fraction(b), 4)
    assert_close(b - a, Fraction(b) - exact(a), 4)
    assert_close(a * b, exact(a) * Fraction(b), 6)
    assert_close(b * a, exact(a) * Fraction(b), 6)
    if b != 0:
        assert_close(a / b, exact(a) / Fraction(b), 16)
    if a.hi != 0:
        assert_close(b / a, Fraction(b) / exact(a), 16)


@given(pairs(), st.integers(min_value=-10, max_value=10))
def test_cancellation_keeps_the_relative_error(a: DoubleDouble, ulps: int) -> None:
    near = DoubleDouble.normalised(a.hi * (1 + ulps * 2.0**-52), -a.lo)
    assert_close(a - near, exact(a) - exact(near), 4)
    assert float((a - a).hi) == 0.0


@given(pairs(positive=True))
def test_square_root(a: DoubleDouble) -> None:
    # (1 + ε)² = 1 + 2 ε: four units in the root are eight in its square.
    assert abs(exact(a.sqrt()) ** 2 - exact(a)) <= 9 * UNIT2 * exact(a)


def test_square_root_of_zero_and_of_negative_numbers() -> None:
    assert DoubleDouble.of(np.array([0.0, 4.0])).sqrt().hi.tolist() == [0.0, 2.0]
    with pytest.raises(InputError, match=r"square root.*-3\.0"):
        DoubleDouble.of(np.array([1.0, -3.0])).sqrt()


def test_arrays_broadcast_and_numpy_arrays_may_stand_on_the_left() -> None:
    column, row = np.array([[1.0], [2.0]]), DoubleDouble.of(np.array([3.0, 4.0, 5.0]))
    for result, expected in ((column + row, column + row.hi), (column - row, column - row.hi),
                             (column * row, column * row.hi), (column / row, column / row.hi)):
        assert isinstance(result, DoubleDouble)
        np.testing.assert_array_equal(result.hi, expected)
    assert DoubleDouble.where(column > 1, row, -row).hi.tolist() == [[-3.0, -4.0, -5.0], [3.0, 4.0, 5.0]]
