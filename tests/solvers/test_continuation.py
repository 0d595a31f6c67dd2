"""Continuation on curves whose folds and branch points are known."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym.inputs import InputError
from vaesym.solvers import CurveStatus, Family, PointKind, StepSettings, crossings, follow, switch_branch, trace
from vaesym.solvers.branching import crossing_tangents
from vaesym.solvers.continuation import start_point

CIRCLE = Family(lambda x, p: x**2 + p**2 - 1, lambda x, p: np.diag(2 * x), lambda x, p: np.array([2 * p]))
PITCHFORK = Family(lambda x, p: x**3 - p * x, lambda x, p: np.diag(3 * x**2 - p), lambda x, p: -x)
TRANSCRITICAL = Family(lambda x, p: x * (p - x), lambda x, p: np.diag(p - 2 * x), lambda x, p: x)
LINE = Family(lambda x, p: x - 2 * p, lambda x, p: np.eye(1), lambda x, p: np.array([-2.0]))


def s_curve(height):
    """x³ − 3hx + p = 0 with folds at x = ∓√h, p = ∓2h^{3/2}."""
    return Family(lambda x, p: x**3 - 3 * height * x + p, lambda x, p: np.diag(3 * x**2 - 3 * height),
                  lambda x, p: np.ones(1))


def assert_on_curve(family, curve):
    for point in curve.points:
        assert np.abs(family.residual(point.x, point.p)).max() < 1e-11
        slope = family.jacobian(point.x, point.p) @ point.tangent[:-1]
        assert np.abs(slope + family.derivative(point.x, point.p) * point.tangent[-1]).max() < 1e-8
        assert np.linalg.norm(point.tangent) == pytest.approx(1)


@pytest.mark.parametrize("direction", [1, -1])
def test_circle_closes_and_both_folds_are_exact(direction):
    curve = follow(CIRCLE, np.array([1.1]), 0.0, (-2.0, 2.0), direction=direction)
    assert curve.status == CurveStatus.CLOSED
    np.testing.assert_allclose([f.p for f in curve.of_kind(PointKind.FOLD)], [direction, -direction], atol=1e-10)
    np.testing.assert_allclose([f.x[0] for f in curve.of_kind(PointKind.FOLD)], 0, atol=1e-10)
    assert curve.arc[-1] == pytest.approx(2 * np.pi, rel=3e-3)
    assert (np.diff(curve.arc) > 0).all()
    assert not curve.of_kind(PointKind.BRANCH)
    # Orientation is kept: the curve is walked around once, in one sense.
    turning = np.array([a.tangent @ b.tangent for a, b in itertools.pairwise(curve.points)])
    assert (turning > 0.95).all()
    np.testing.assert_array_equal(curve.sign[curve.x[:, 0] > 1e-9], 1)
    np.testing.assert_array_equal(curve.sign[curve.x[:, 0] < -1e-9], -1)
    assert_on_curve(CIRCLE, curve)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 3.0))
def test_s_curve_has_its_two_folds(height):
    family = s_curve(height)
    far = 4 * height**1.5 + 0.3
    x = float(np.roots([1, 0, -3 * height, far])[0].real)
    curve = follow(family, np.array([x]), far, (-far, far), direction=-1)
    expected = np.array([[-1, -2], [1, 2]]) * [height**0.5, height**1.5]
    np.testing.assert_allclose([f.z for f in curve.of_kind(PointKind.FOLD)], expected, rtol=1e-9)
    assert curve.status == CurveStatus.LEFT_INTERVAL
    assert curve.p[-1] == -far
    np.testing.assert_allclose(crossings(family, [curve], 0.0)[:, 0], np.array([-1, 0, 1]) * (3 * height) ** 0.5,
                               atol=1e-9)
    assert_on_curve(family, curve)


def test_cusp_s_curve_folds_at_two():
    curve = follow(s_curve(1.0), np.array([-2.1]), 3.0, (-3.0, 3.0), direction=-1)
    np.testing.assert_allclose([f.p for f in curve.of_kind(PointKind.FOLD)], [-2, 2], atol=1e-10)


def test_pitchfork_from_the_trivial_curve_and_from_the_parabola():
    trivial = follow(PITCHFORK, np.zeros(1), -1.0, (-1.0, 1.0))
    (branch,) = trivial.of_kind(PointKind.BRANCH)
    np.testing.assert_allclose(branch.z, 0, atol=1e-12)
    assert trivial.sign[0] == 1
    assert trivial.sign[-1] == -1
    ends = [switch_branch(PITCHFORK, branch, (-1.0, 1.0), direction=d) for d in (1, -1)]
    np.testing.assert_allclose(sorted(curve.x[-1, 0] for curve in ends), [-1, 1], rtol=1e-12)
    parabola = follow(PITCHFORK, np.ones(1), 1.0, (-1.0, 1.0), direction=-1)
    (branch,) = parabola.of_kind(PointKind.BRANCH)
    assert not parabola.of_kind(PointKind.FOLD)
    np.testing.assert_allclose(branch.z, 0, atol=1e-12)
    np.testing.assert_allclose(np.abs(branch.other), [0, 1], atol=1e-8)
    for curve in ends:
        np.testing.assert_allclose(curve.x[1:, 0] ** 2, curve.p[1:], atol=1e-9)
    for curve in (trivial, parabola, *ends):
        assert_on_curve(PITCHFORK, curve)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_branch_points_of_rotated_systems(seed, size):
    # The transcritical curve in the first unknown, and linear equations for the others, in random coordinates.
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(size, size)))[0]
    slope = rng.normal(size=size - 1)

    def plain(u, p):
        return np.append(u[0] * (p - u[0]), u[1:] - slope * p)

    def jacobian(x, p):
        inner = np.eye(size)
        inner[0, 0] = p - 2 * (turn @ x)[0]
        return inner @ turn

    family = Family(lambda x, p: plain(turn @ x, p), jacobian, lambda x, p: np.append((turn @ x)[0], -slope))
    curve = follow(family, turn.T @ np.append(0.0, -slope), -1.0, (-1.0, 1.0))
    (branch,) = curve.of_kind(PointKind.BRANCH)
    np.testing.assert_allclose(branch.z, 0, atol=1e-9)
    other = switch_branch(family, branch, (-1.0, 1.0), direction=int(np.sign(branch.other[-1])))
    np.testing.assert_allclose(turn @ other.x[-1], np.append(1.0, slope), atol=1e-9)


def test_line_ends_exactly_at_the_interval():
    curve = follow(LINE, np.zeros(1), 0.0, (-0.5, 0.75))
    assert curve.status == CurveStatus.LEFT_INTERVAL
    assert curve.p[-1] == 0.75
    assert curve.arc[-1] == pytest.approx(0.75 * 5**0.5)
    assert not curve.of_kind(PointKind.FOLD)
    assert not curve.of_kind(PointKind.BRANCH)
    np.testing.assert_array_equal(curve.sign, 1)
    assert follow(LINE, np.zeros(1), 0.0, (-0.5, 0.75), direction=-1).p[-1] == -0.5


@settings(max_examples=20, deadline=None)
@given(slope=st.floats(-3, 3), offset=st.floats(-2, 2))
def test_a_straight_line_is_followed_to_both_ends(slope, offset):
    line = Family(lambda x, p: x - slope * p - offset, lambda x, p: np.eye(1), lambda x, p: np.array([-slope]))
    for direction, end in ((1, 1.0), (-1, -1.0)):
        curve = follow(line, np.array([offset]), 0.0, (-1.0, 1.0), direction=direction)
        assert curve.p[-1] == end
        np.testing.assert_allclose(curve.x[:, 0], slope * curve.p + offset, atol=1e-11)
        assert not curve.of_kind(PointKind.FOLD)
        assert not curve.of_kind(PointKind.BRANCH)


def test_folds_of_two_coupled_unknowns():
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


def test_why_a_curve_ends():
    cut = follow(LINE, np.zeros(1), 0.0, (-9.0, 9.0), settings=StepSettings(most_points=4))
    assert cut.status == CurveStatus.MOST_POINTS
    assert len(cut.points) == 4
    assert "most_points" in cut.message
    stopped = follow(LINE, np.zeros(1), 0.0, (-9.0, 9.0), stop=lambda point: point.p > 1)
    assert stopped.status == CurveStatus.STOPPED
    assert stopped.p[-2] <= 1 < stopped.p[-1]
    walled = Family(LINE.residual, LINE.jacobian, LINE.derivative, feasible=lambda x, p: p < 0.3)
    ended = follow(walled, np.zeros(1), 0.0, (-9.0, 9.0))
    assert ended.status == CurveStatus.STEP_TOO_SMALL
    assert 0.3 - 1e-6 < ended.p[-1] < 0.3


def test_points_come_one_by_one():
    points = trace(LINE, start_point(LINE, np.zeros(1), 0.0), (-9.0, 9.0), StepSettings())
    assert [round(next(points).arc, 12) for _ in range(3)] == [0.0, 0.02, 0.05]


def test_an_isolated_point_has_no_crossing():
    bowl = Family(lambda x, p: x**2 + p**2, lambda x, p: np.diag(2 * x), lambda x, p: np.array([2 * p]))
    assert crossing_tangents(bowl, np.zeros(2), np.array([0.0, 1.0])) is None


def test_bad_input():
    with pytest.raises(InputError, match="inside the interval"):
        follow(LINE, np.zeros(1), 2.0, (0.0, 1.0))
    with pytest.raises(InputError, match="start on the curve"):
        follow(CIRCLE, np.array([1.0]), 1.5, (-2.0, 2.0))
    with pytest.raises(InputError, match="most_points"):
        StepSettings(most_points=1)
    with pytest.raises(InputError, match="first <= largest"):
        StepSettings(first=1.0)
    with pytest.raises(InputError, match="two tangents"):
        switch_branch(LINE, start_point(LINE, np.zeros(1), 0.0), (-1.0, 1.0))
