"""Positive roots of convex cubics against 60 digits: apart, nearly double, and of very different size."""

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import positive_roots, potential_branches

#: Units in the last place of the coefficients that a root may be off by, times its condition (largest seen: 0.9).
UNITS = 2


def reference(cubic):
    """Positive roots, largest first, of the float64 coefficients taken as exact."""
    whole = flint.fmpq_poly([flint.fmpq(*x.as_integer_ratio()) for x in cubic[::-1].tolist()])
    with flint.ctx.workdps(60):
        # A root is real if its imaginary part is exactly zero: roots are told apart in balls.
        real = [mpmath.mpf(x.real.str(70, radius=False)) for x, times in whole.complex_roots() for _ in range(times)
                if x.imag == 0]
    return sorted((x for x in real if x > mpmath.mpf(10) ** -300), reverse=True)


def assert_roots(cubics):
    """Compare the roots of (n, 4) coefficients one by one; return how many cubics have a pair."""
    pairs = 0
    with mpmath.workdps(60):
        for cubic, *roots in zip(cubics, *positive_roots(cubics), strict=True):
            expected, found = reference(cubic), [x for x in roots if not np.isnan(x)]
            assert len(found) == len(expected), (cubic.tolist(), found, expected)
            pairs += len(found) == 2
            c3, c2, c1, c0 = map(mpmath.mpf, cubic.tolist())
            for x, true in zip(found, expected, strict=True):
                terms = abs(c3) * true**3 + abs(c2) * true**2 + abs(c1) * true + abs(c0)
                slope = abs((3 * c3 * true + 2 * c2) * true + c1)
                assert abs(x - true) <= UNITS * 2.0**-52 * terms / slope, (cubic.tolist(), found, expected)
    return pairs


@pytest.mark.parametrize("decades", [2, 10, 25])
def test_cubics_of_the_model(decades):
    """Anywhere, and at all distances from the collapse threshold down to rounding; without decay no cube."""
    rng = np.random.default_rng(decades)
    alpha, beta, lam, eigenvalue = 10 ** rng.uniform(-decades, decades, (4, 300))
    lam[::7] = 0.0
    threshold = np.abs(formulas.threshold(alpha, lam, eigenvalue))
    beta[::2] = (threshold * (1 + rng.choice([-1, 1], 300) * 10 ** rng.uniform(-15, -0.1, 300)))[::2]
    assert_roots(formulas.cubic_coefficients(alpha, beta, lam, eigenvalue))


@pytest.mark.parametrize("digits", range(8))
def test_pairs_at_any_distance(digits):
    """(x - p)(x - p(1+d))(x + s), s at least the sum of the others, each coefficient rounded."""
    rng = np.random.default_rng(digits)
    first, other, scale = 10 ** rng.uniform(-3, 3, 60), 10 ** rng.uniform(0, 12, 60), 10 ** rng.uniform(-100, 100, 60)
    second = first * (1 + rng.uniform(0.3, 1, 60) * (10.0**-digits if digits else 1e10))
    third = -(first + second) * other
    cubics = np.stack([np.ones(60), -(first + second + third), first * second + third * (first + second),
                       -first * second * third], axis=-1)
    assert assert_roots(cubics * scale[:, None]) >= (60 if digits < 7 else 0)


@given(st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(-99, 99)] * 2).filter(lambda c: c[0] + c[1] > 0))
@settings(max_examples=300)
def test_small_integers(cubic):
    """Double roots among them: no polynomial root solver is needed to count them."""
    c3, c2, c1, c0 = cubic
    square = c2**2 * c1**2 - 4 * c3 * c1**3 - 4 * c2**3 * c0 + 18 * c3 * c2 * c1 * c0 - 27 * c3**2 * c0**2
    if square != 0 or not (c1 < 0 < c0):
        assert_roots(np.array([cubic], dtype=float))
        return
    larger, smaller = positive_roots(np.array(cubic, dtype=float))  # double, found up to the root of rounding or not
    if not np.isnan(larger):
        slope, bend = (3 * c3 * larger + 2 * c2) * larger + c1, 3 * c3 * larger + c2
        assert abs(slope) <= 1e-6 * bend * larger
        assert smaller == pytest.approx(larger, rel=1e-6)


def test_branches_have_the_shape_of_the_points():
    assert potential_branches(*np.ones((4, 2, 3))).shape == (2, 3, 3)
    assert potential_branches(*np.ones((4, 0))).shape == (0, 3)
    collapse, larger, smaller = potential_branches(*np.array([2.0, 1.0, 1.0, 3.0]))
    assert (collapse, np.isnan(smaller)) == (0, True)
    assert larger == pytest.approx(0.59591466, rel=1e-8)
