"""Real roots of cubics against mpmath and against exact rational arithmetic."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vaesym.inputs import InputError
from vaesym.solvers.cubic import real_cubic_roots

Floats = NDArray[np.float64]

TOLERANCE = 1e-15
SIGNS = np.array([-1.0, 1.0])


def present(roots: Floats) -> list[float]:
    return [float(x) for x in roots if not np.isnan(x)]


def reference(cubic: Floats) -> list[mp.mpf]:
    """Real roots, ascending, of the float64 coefficients (c3, c2, c1, c0) taken as exact."""
    with mp.workdps(80):
        coefficients = np.trim_zeros(cubic, "f").tolist()
        roots = mp.polyroots(coefficients, maxsteps=600, extraprec=300)
        return sorted(mp.re(x) for x in roots if abs(mp.im(x)) <= mp.mpf(10) ** -60 * abs(x))


def discriminant(cubic: Floats) -> Fraction:
    a, b, c, d = (Fraction(float(x)) for x in cubic)
    return 18 * a * b * c * d - 4 * b**3 * d + b * b * c * c - 4 * a * c**3 - 27 * a * a * d * d


def assert_matches_mpmath(cubics: Floats) -> None:
    """Compare an array (4, n) of coefficients (c3, c2, c1, c0) root by root."""
    for cubic, roots in zip(cubics.T, real_cubic_roots(*cubics), strict=True):
        expected, found = reference(cubic), present(roots)
        assert len(found) == len(expected), (cubic.tolist(), found, expected)
        for x, true in zip(found, expected, strict=True):
            assert abs(x - true) <= TOLERANCE * abs(true), (cubic.tolist(), found, expected)


def assert_roots_proved(cubic: Floats) -> None:
    """Prove number and accuracy of the roots in rational arithmetic: signs change around each."""
    a, b, c, d = (Fraction(float(x)) for x in cubic)
    found = present(real_cubic_roots(*cubic))
    if a != 0:
        assert len(found) == (3 if discriminant(cubic) >= 0 else 1), (cubic.tolist(), found)
    edges = [sorted((Fraction(x) * (1 - Fraction(TOLERANCE)), Fraction(x) * (1 + Fraction(TOLERANCE))))
             for x in found if np.isfinite(x) and abs(x) > 1e-290]
    for i, (low, high) in enumerate(edges):
        if any(low <= other[1] and other[0] <= high for j, other in enumerate(edges) if j != i):
            continue  # too close to a neighbour for a sign change; the count above stands
        values = [((a * x + b) * x + c) * x + d for x in (low, high)]
        assert values[0] * values[1] <= 0, (cubic.tolist(), found)


def from_roots(*roots: Floats) -> Floats:
    """Coefficients (4, n) with the given roots, each rounded to float64 once."""
    x, y, z = (np.array([Fraction(float(v)) for v in column], dtype=object) for column in roots)
    rows = (x * 0 + 1, -(x + y + z), x * y + x * z + y * z, -x * y * z)
    return np.array([row.astype(np.float64) for row in rows])


def test_random_coefficients() -> None:
    assert_matches_mpmath(np.random.default_rng(1).standard_normal((4, 150)))


def test_roots_of_very_different_size() -> None:
    rng = np.random.default_rng(2)
    assert_matches_mpmath(from_roots(*(rng.choice(SIGNS, (3, 100)) * 10.0 ** rng.uniform(-12, 12, (3, 100)))))


@pytest.mark.parametrize("digits", range(2, 15))
def test_nearly_coincident_pair(digits: int) -> None:
    rng = np.random.default_rng(digits)
    first = rng.choice(SIGNS, 15) * rng.uniform(0.5, 2, 15)
    third = rng.choice(SIGNS, 15) * 10.0 ** rng.uniform(-3, 3, 15)
    assert_matches_mpmath(from_roots(first, first * (1 + 10.0**-digits), third))


@pytest.mark.parametrize("digits", [1, 2, 3, 5])
def test_cluster_of_three(digits: int) -> None:
    rng = np.random.default_rng(digits)
    first, *ratios = rng.uniform(0.5, 2, 15), *(1 + 10.0**-digits * rng.uniform(-1, 1, (2, 15)))
    assert_matches_mpmath(from_roots(first, first * ratios[0], first * ratios[1]))


@pytest.mark.parametrize("small", ["c3", "c0", "both"])
def test_vanishing_outer_coefficients(small: str) -> None:
    rng = np.random.default_rng(3)
    cubics = rng.standard_normal((4, 60))
    for row in {"c3": [0], "c0": [3], "both": [0, 3]}[small]:
        cubics[row] *= 10.0 ** -np.linspace(1, 30, 60)
    assert_matches_mpmath(cubics)
    for row in {"c3": [0], "c0": [3], "both": [0, 3]}[small]:
        cubics[row] *= 10.0 ** -np.linspace(1, 270, 60)
    for cubic in cubics.T:
        assert_roots_proved(cubic)


def test_moderate_roots_do_not_feel_a_vanishing_leading_coefficient() -> None:
    leading = 10.0 ** -np.arange(20.0, 300.0, 7.0)
    np.testing.assert_array_equal(real_cubic_roots(leading, 1, -3, 2)[:, 1:], [[1.0, 2.0]] * len(leading))


def test_two_tiny_roots_beside_a_large_one() -> None:
    tiny = 2.0 ** -np.arange(0.0, 400.0, 7.0)
    roots = real_cubic_roots(1, -(1 + 3 * tiny), 3 * tiny, 0)  # a zero root and two others
    np.testing.assert_array_equal(roots[:, 0], 0.0)
    roots = real_cubic_roots(1, -1, 3 * tiny, -2 * tiny**2)  # x near tiny, 2 tiny, 1
    np.testing.assert_allclose(roots[20:, :2], tiny[20:, None] * [1, 2], rtol=1e-14)
    for t in tiny:
        assert_roots_proved(np.array([1, -1, 3 * t, -2 * t * t]))


@given(st.integers(-10**5, 10**5), st.integers(-10**5, 10**5))
def test_exact_double_and_triple_roots(p: int, q: int) -> None:
    roots = real_cubic_roots(1, -(2 * p + q), p * p + 2 * p * q, -p * p * q)
    np.testing.assert_allclose(roots, sorted([p, p, q]), rtol=TOLERANCE)
    assert roots[1] == roots[0 if p <= q else 2]


@pytest.mark.parametrize("k", range(1, 51))
def test_double_root_inside_a_cluster(k: int) -> None:
    gap = 2.0**-k  # (x - 1)² (x - 1 - gap): every coefficient is a float64
    assert real_cubic_roots(1, -(3 + gap), 3 + 2 * gap, -(1 + gap)).tolist() == [1.0, 1.0, 1.0 + gap]


@given(st.integers(1, 2**16), st.integers(-2**16, 2**16), st.integers(0, 3), st.sampled_from([-1, 1]))
def test_one_ulp_decides_between_a_real_and_a_complex_pair(p: int, q: int, which: int, side: int) -> None:
    cubic = np.array([1.0, -(2 * p + q), p * p + 2 * p * q, -p * p * q])
    cubic[which] = np.nextafter(cubic[which], side * np.inf)
    assert_roots_proved(cubic)


@pytest.mark.parametrize("exponent", [-300, -150, -60, -20])
@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_negligible_coefficient_decides_over_a_double_root(exponent: int, side: int) -> None:
    tiny = side * 10.0**exponent
    pair = [] if side > 0 else [1.0, 1.0]  # (x - 1)² + tiny x³
    inner = present(real_cubic_roots(tiny, 1, -2, 1))
    assert [x for x in inner if abs(x) < 2] == pytest.approx(pair, abs=2 * abs(tiny) ** 0.5)
    inner = present(real_cubic_roots(1, -2, 1, tiny))
    assert [x for x in inner if x > 0.5] == pytest.approx(pair, abs=2 * abs(tiny) ** 0.5)


coefficient = st.one_of(st.just(0.0), st.builds(lambda s, x: s * x, st.sampled_from([-1.0, 1.0]),
                                                st.floats(1e-200, 1e200)))
moderate = st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-3)


@settings(max_examples=300)
@given(st.tuples(coefficient, coefficient, coefficient, coefficient))
def test_any_coefficients(cubic: tuple[float, ...]) -> None:
    assert_roots_proved(np.array(cubic))


@settings(max_examples=300)
@given(st.tuples(*[st.integers(-9, 9)] * 4))
def test_small_integers(cubic: tuple[int, ...]) -> None:
    assert_roots_proved(np.array(cubic, dtype=np.float64))


@given(st.tuples(moderate, moderate, moderate, moderate), st.integers(-150, 150), st.integers(-150, 150))
def test_powers_of_two_scale_exactly(cubic: tuple[float, ...], variable: int, overall: int) -> None:
    powers = np.array([3, 2, 1, 0])
    scaled = np.ldexp(cubic, overall - variable * powers)
    np.testing.assert_array_equal(real_cubic_roots(*scaled), np.ldexp(real_cubic_roots(*cubic), variable))


@given(st.tuples(moderate, moderate, moderate, moderate))
def test_reflection(cubic: tuple[float, ...]) -> None:
    mirrored = real_cubic_roots(*(np.array(cubic) * [-1, 1, -1, 1]))
    np.testing.assert_allclose(present(mirrored)[::-1], np.negative(present(real_cubic_roots(*cubic))),
                               rtol=2 * TOLERANCE)


def test_lower_degrees_element_by_element() -> None:
    nan = np.nan
    cubics = np.array([[0, 0, 0, 0], [0, 0, 0, 5], [0, 0, 2, -3], [0, 1, 0, 1], [0, 1, 0, -4], [0, 4, -4, 1],
                       [0, -2, 0, 0], [3, 0, 0, 0], [2, 4, 0, 0], [1, 0, -1, 0], [1, 0, 1, 0], [1, 0, 0, -8]])
    expected = [[nan, nan, nan], [nan, nan, nan], [1.5, nan, nan], [nan, nan, nan], [-2, 2, nan],
                [0.5, 0.5, nan], [0, 0, nan], [0, 0, 0], [-2, 0, 0], [-1, 0, 1], [0, nan, nan], [2, nan, nan]]
    roots = real_cubic_roots(*cubics.T)
    np.testing.assert_array_equal(roots, expected)
    assert not np.signbit(roots[roots == 0]).any()


def test_roots_at_the_ends_of_float64() -> None:
    assert real_cubic_roots(0, 1e-300, 1e200, 1.0).tolist()[:2] == [-np.inf, -1e-200]
    assert real_cubic_roots(1e-200, -1e100, 1e100, -1e-200)[2] == pytest.approx(1e300, rel=TOLERANCE)
    assert real_cubic_roots(0, 0, 1e200, -1e-200)[0] == 0.0
    assert real_cubic_roots(5e-324, 0, 0, -5e-324)[0] == 1.0


def test_shapes() -> None:
    assert real_cubic_roots(1, 2, 3, 4).shape == (3,)
    assert real_cubic_roots([], 2, 3, 4).shape == (0, 3)
    assert real_cubic_roots(np.ones((2, 1)), 2, np.ones(5), 4).shape == (2, 5, 3)
    assert real_cubic_roots(1, 2, 3, 4).dtype == np.float64


def test_blocks_do_not_change_the_roots_and_nothing_warns() -> None:
    rng = np.random.default_rng(4)
    cubics = rng.choice([-1.0, 0.0, 1.0], (4, 20000)) * 10.0 ** rng.uniform(-300, 300, (4, 20000))
    with np.errstate(all="raise"):
        roots = real_cubic_roots(*cubics)
    some = slice(None, None, 397)
    alone = np.array([real_cubic_roots(*cubic) for cubic in cubics.T[some]])
    np.testing.assert_array_equal(roots[some], alone)
    count = (~np.isnan(roots)).sum(axis=1)
    assert (np.sort(roots, axis=1)[count == 3] == roots[count == 3]).all()
    assert not np.isin(count[cubics[0] != 0], [0, 2]).any()


@pytest.mark.parametrize("name", ["c3", "c2", "c1", "c0"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(name: str, bad: float) -> None:
    good = {"c3": 1.0, "c2": 2.0, "c1": 3.0, "c0": 4.0}
    with pytest.raises(InputError, match=f"finite {name}; received"):
        real_cubic_roots(**{**good, name: [1.0, bad]})


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InputError, match=r"c2 \(3,\)"):
        real_cubic_roots(np.ones(2), np.ones(3), 1, 1)
