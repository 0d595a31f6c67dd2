"""Measured boundaries on outcomes made by hand, and descents that must be stable to show any."""

import numpy as np
import pytest

from validation.agreement import boundaries
from validation.agreement.boundaries import BOUNDARIES, Boundary, active, ends
from validation.agreement.points import Point, chosen
from validation.agreement.presets import PRESETS


def made(number, shift=0.0, sets=6):
    """A table in which every data set of a boundary becomes collapsed where its own eigenvalue says, moved by shift."""
    boundary, rng, rows, eigenvalues = BOUNDARIES[number], np.random.default_rng(number), [], {}
    for size in (60, 120):
        grid = boundary.grid(60, 40)
        for k in range(sets):
            top = (boundary.rho + boundary.eta) * (1 + boundary.eta / (boundary.alpha * boundary.rho))
            samples = boundary.alpha * size
            eigenvalues[number, size, k] = top * (1 + rng.normal() * np.sqrt(2 / samples))
            own = boundary.ends_at(np.array([eigenvalues[number, size, k]]))
            for s, start in enumerate(boundary.starts):
                for b, beta in enumerate(grid):
                    alive = beta < own[start][0] * (1 + shift)
                    rows.append((number, size, k, s, b, beta, -1.0 if alive else 1.0, 1.0 if alive else 0.0))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    table = dict(zip(("boundary", "size", "replicate", "from", "step", "beta", "loss"), columns, strict=False))
    return table | {"Q": columns[7][:, None, None]}, eigenvalues


@pytest.mark.parametrize("number", [0, 4, len(BOUNDARIES) - 1])
def test_known_boundaries_are_found(number):
    table, eigenvalues = made(number)
    for end in ends(number, table, eigenvalues):
        assert np.abs(end.own).max() <= 0.5 + 1e-9
        assert abs(end.score) < 3.5
        assert end.missed == 0


def test_a_boundary_that_lies_elsewhere_is_seen():
    table, eigenvalues = made(0, shift=0.3, sets=20)
    (end,) = ends(0, table, eigenvalues)
    assert np.abs(end.own).max() > 1
    assert end.score > 3


def test_states_above_collapse_count_as_active_only_where_the_transition_is_of_first_order():
    table = {"Q": np.array([0.5, 0.0, 0.5])[:, None, None], "loss": np.array([0.1, 0.1, -0.1])}
    first = next(one for one in BOUNDARIES if one.first_order)
    assert active(first, table, np.arange(3)).tolist() == [True, False, True]
    assert active(BOUNDARIES[0], table, np.arange(3)).tolist() == [False, False, True]


def test_orders_of_the_boundaries_are_as_named():
    assert {one.family for one in BOUNDARIES if one.first_order} == {"first order"}
    for one in BOUNDARIES:
        assert one.collapse_end <= one.coexistence * (1 + 1e-12)
        assert one.coexistence <= one.active_end * (1 + 1e-12)


@pytest.mark.parametrize("name", ["tiny", "small", "full"])
def test_steps_of_descent_are_stable_on_every_grid(name):
    preset = PRESETS[name]
    for one in BOUNDARIES:
        size = preset.onset_sizes[0]
        spread = np.sqrt(2 / (one.alpha * size))
        top = (one.rho + one.eta) * (1 + one.eta / (one.alpha * one.rho)) * (1 + 4 * spread)
        beta = one.grid(size, preset.onset_grid)[-1]
        # The largest eigenvalue of the Hessian of R/P at collapse is below its trace.
        rate = boundaries.descent(preset, one.first_order).learning_rate
        assert rate * (1 + 2 * one.lam / one.alpha + beta * top) < 2.0, one


def test_points_keep_their_distance():
    for point in chosen(80, 30):
        assert point.away(80)
        assert point.away(320)
    assert not any(point.away(80) for point in chosen(80, 5, away=False))
    assert not Point(1.05, 0.5, 0.1).away(10_000)
    # β_c = 1.9 at α = 4, λ = 1.
    assert not Point(4.0, 1.88, 1.0).away(200)
    assert Boundary(4.0, 1.0, 1.0, 1.0, "x").collapse_end == pytest.approx(1.9)
