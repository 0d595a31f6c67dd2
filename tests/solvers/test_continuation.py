"""Continuation on curves with known folds and branch points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.inputs import InputError
from vaesym.solvers.branching import Family
from vaesym.solvers.continuation import crossings, follow, switch_branch
from vaesym.solvers.curve import CurveStatus, PointKind, StepSettings


def scalar(f, fx, fp):
    return Family(lambda x, p: np.array([f(x[0], p)]), lambda x, p: np.array([[fx(x[0], p)]]),
                  lambda x, p: np.array([fp(x[0], p)]))


CIRCLE = scalar(lambda x, p: x**2 + p**2 - 1, lambda x, p: 2 * x, lambda x, p: 2 * p)
S_CURVE = scalar(lambda x, p: x**3 - 3 * x + p, lambda x, p: 3 * x**2 - 3, lambda x, p: 1.0)
PITCHFORK = scalar(lambda x, p: x**3 - p * x, lambda x, p: 3 * x**2 - p, lambda x, p: -x)


def test_circle():
    curve = follow(CIRCLE, np.array([1.0]), 0.0, (-2.0, 2.0))
    np.testing.assert_allclose([fold.p for fold in curve.of_kind(PointKind.FOLD)], [1, -1], atol=1e-10)
    np.testing.assert_allclose(curve.x[:, 0] ** 2 + curve.p**2, 1, atol=1e-12)
    assert curve.status is CurveStatus.CLOSED
    assert curve.arc[-1] == pytest.approx(2 * np.pi, rel=1e-2)


def test_s_curve_has_two_folds_and_ends_at_the_interval():
    curve = follow(S_CURVE, np.array([2.2]), -4.048, (-5.0, 5.0))
    folds = curve.of_kind(PointKind.FOLD)
    np.testing.assert_allclose([fold.p for fold in folds], [2, -2], atol=1e-10)
    np.testing.assert_allclose([fold.x[0] for fold in folds], [1, -1], atol=1e-5)
    assert curve.status is CurveStatus.LEFT_INTERVAL
    assert curve.p[-1] == 5.0
    np.testing.assert_allclose(np.sort(crossings(S_CURVE, [curve], 0.0)[:, 0]), [-(3**0.5), 0, 3**0.5], atol=1e-10)


def test_pitchfork_and_its_second_branch():
    trivial = follow(PITCHFORK, np.array([0.0]), -1.0, (-1.0, 1.0))
    (branch,) = trivial.of_kind(PointKind.BRANCH)
    assert branch.p == pytest.approx(0, abs=1e-8)
    assert not trivial.x.any()
    assert trivial.sign[0] > 0 > trivial.sign[-1]
    for direction in (1, -1):
        fork = switch_branch(PITCHFORK, branch, (-1.0, 1.0), direction=direction)
        assert fork.p[-1] == 1.0
        np.testing.assert_allclose(fork.x[1:, 0] ** 2, fork.p[1:], atol=1e-9)
        assert np.sign(fork.x[-1, 0]) == np.sign(direction * branch.other[0])


@given(slope=st.floats(-3, 3), offset=st.floats(-2, 2))
def test_a_straight_line_is_followed_to_both_ends(slope, offset):
    line = scalar(lambda x, p: x - slope * p - offset, lambda x, p: 1.0, lambda x, p: -slope)
    for direction, end in ((1, 1.0), (-1, -1.0)):
        curve = follow(line, np.array([offset]), 0.0, (-1.0, 1.0), direction=direction)
        assert curve.p[-1] == end
        np.testing.assert_allclose(curve.x[:, 0], slope * curve.p + offset, atol=1e-11)
        assert not curve.of_kind(PointKind.FOLD)
        assert not curve.of_kind(PointKind.BRANCH)


def test_several_unknowns():
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def residual(x, p):
        y = turn @ x
        return np.array([y[0] ** 3 - 3 * y[0] + p, y[1] - y[0] * p])

    def jacobian(x, p):
        y = turn @ x
        return np.array([[3 * y[0] ** 2 - 3, 0.0], [-p, 1.0]]) @ turn

    family = Family(residual, jacobian, lambda x, p: np.array([1.0, -(turn @ x)[0]]))
    start = np.linalg.solve(turn, np.array([2.0, -4.0]))
    curve = follow(family, start, -2.0, (-3.0, 3.0))
    assert sorted(round(fold.p, 9) for fold in curve.of_kind(PointKind.FOLD)) == [-2.0, 2.0]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: follow(CIRCLE, np.array([1.0]), 3.0, (-2.0, 2.0)), "p inside the interval"),
    (lambda: StepSettings(first=1.0, largest=0.1), "least <= first <= largest"),
    (lambda: StepSettings(most_points=1), "most_points"),
    (lambda: follow(scalar(lambda x, p: x**2 + 1, lambda x, p: 2 * x, lambda x, p: 0.0), np.array([1.0]), 0.0,
                    (-1.0, 1.0)), "a start on the curve"),
    (lambda: switch_branch(CIRCLE, follow(CIRCLE, np.array([1.0]), 0.0, (-2.0, 2.0)).points[0], (-2.0, 2.0)),
     "branch point"),
])
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_most_points_and_stop():
    short = follow(CIRCLE, np.array([1.0]), 0.0, (-2.0, 2.0), settings=StepSettings(most_points=5))
    assert short.status is not CurveStatus.CLOSED
    half = follow(CIRCLE, np.array([1.0]), 0.0, (-2.0, 2.0), stop=lambda point: point.x[0] < 0)
    assert half.x[-1, 0] < 0 <= half.x[:-1, 0].min()
