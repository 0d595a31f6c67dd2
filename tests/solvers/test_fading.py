"""A perturbation that fades away in large steps, and then from where these were lost in smaller ones."""

import numpy as np

from vaesym.solvers.fading import faded

COARSE, FINE = [64.0, 16.0, 4.0, 1.0, 0.0], [64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.0]


def ladder(lost):
    """Return a solver of z = 1 + level that fails at some levels of each row, and the record of its calls."""
    calls = []

    def solve(start, rows, level):
        calls.extend((int(row), level) for row in rows)
        fails = np.array([level in lost[row] for row in rows], bool)
        return np.full_like(start, 1 + level), np.where(fails, np.inf, 0.0)
    return solve, calls


def test_small_steps_begin_one_level_before_the_place_of_the_loss():
    solve, _ = ladder([{1.0}, {64.0}, set()])
    start = np.full((3, 1), 65.0)
    value, residual, found, reached = faded(solve, start, COARSE, tolerance=1e-9, ceiling=1e3)
    assert residual.tolist() == [np.inf, np.inf, 0]
    assert value[2, 0] == 1
    assert reached.tolist() == [16, np.inf, 1]
    assert found[:, 0].tolist() == [17, 65, 2]
    solve, calls = ladder([set(), {32.0}])
    value, residual, *_ = faded(solve, found[:2], FINE, tolerance=1e-9, ceiling=1e3, below=reached[:2])
    assert residual.tolist() == [0, np.inf]
    assert value[:, 0].tolist() == [1, 33]
    assert [level for row, level in calls if row == 0] == [8, 4, 2, 1, 0.5, 0]
    assert [level for row, level in calls if row == 1] == [64, 32]


def test_a_row_beyond_the_ceiling_is_lost():
    solve, calls = ladder([set()])
    _, residual, _, reached = faded(solve, np.full((1, 1), 65.0), COARSE, tolerance=1e-9, ceiling=50)
    assert residual[0] == np.inf
    assert reached[0] == np.inf
    assert calls == [(0, 64.0)]
