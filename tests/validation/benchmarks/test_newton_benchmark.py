"""The benchmark of Newton: both sides solve the same problem, and what is wrong counts as such."""

import json
import sys

import numpy as np
import pytest

from vaesym.inputs import InputError
from validation.benchmarks import newton


def test_random_points_fill_the_box():
    given = newton.random_points(5000, 3)
    ranges = [(0.05, 50), (0.05, 3), (0.01, 2), (0.2, 3), (0.2, 3)]
    for value, (low, high) in zip(given, ranges, strict=True):
        assert low <= value.min() < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < value.max() <= high
    assert np.median(given[0]) == pytest.approx((0.05 * 50) ** 0.5, rel=0.1)
    assert not np.array_equal(given[0], newton.random_points(5000, 4)[0])


def test_lines_are_of_small_steps_in_the_box():
    given = newton.lines(120)
    steps = np.abs(np.diff(np.stack([np.log(given[0]), *given[1:]]), axis=1))
    inside = np.delete(steps, [49, 99], axis=1)
    assert inside.max() < 7 / 48
    assert steps[:, 49].max() > 1
    assert [len(p) for p in given] == [120] * 5


@pytest.mark.parametrize("bare", [True, False])
def test_root_follows_a_branch_to_the_exact_solution(bare):
    # Along one line through the learning phase nothing can go astray.
    along = np.linspace(5.0, 6.0, 50)
    row = newton.by_root([along, *(np.full(50, p) for p in (0.5, 0.1, 1.0, 1.0))], bare=bare)
    assert (row.reached, row.silent, row.points) == (1.0, 0, 50)
    assert row.difference < 1e-9
    assert row.per_second == 50 / row.seconds


def test_wrong_states_are_silent_or_flagged_but_never_reached(monkeypatch):
    given = newton.random_points(200)
    exact = newton._solve(given, None)
    moved = {name: getattr(exact, name).copy() for name in ("Q", "complete", "relative_residual")}
    moved["Q"][:3, 0] += 1e-3
    moved["complete"][2] = False
    moved["relative_residual"][3, 0] = 1e-6
    monkeypatch.setattr(newton, "_solve", lambda given, backend: exact.but(**moved))
    row = newton.batched(given, None)
    assert row.reached == 1 - 4 / 200
    assert row.silent == 3
    assert row.relative_residual < 1e-11


def test_record_and_table(capsys, monkeypatch):
    solve = newton._solve
    # What is compiled has tests of its own; compiling it takes longer than all else here.
    monkeypatch.setattr(newton, "_solve", lambda given, backend: solve(given, None))
    monkeypatch.setenv("COLUMNS", "80")
    printed = []
    for as_json in (True, False):
        with pytest.raises(newton.typer.Exit) as caught:
            newton.main(points=600, naive=30, seed=0, as_json=as_json)
        printed.append(capsys.readouterr())
    record, table = json.loads(printed[0].out), printed[1].out
    assert caught.value.exit_code in {0, 1}
    assert record["passed"] is (record["ratios"]["batched, numba"] >= newton.WANTED_RATIO)
    rows = {row["solver"]: row for row in record["rows"]}
    assert list(rows) == ["root, model", "batched, numba", "root, bare", "batched, numpy"]
    assert rows["batched, numba"]["reached"] == rows["batched, numpy"]["reached"] == 1.0
    slow = rows["root, model"]
    assert record["ratios"] == {
        name: pytest.approx(row["points"] / row["seconds"] * slow["seconds"] / slow["points"])
        for name, row in rows.items()}
    assert printed[0].err == printed[1].err == ""
    assert max(map(len, table.splitlines())) <= 80
    assert "points/s" in table


def test_bad_input(ended, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(InputError, match="pip install"):
        newton.measure(10, 5)
    done = ended(newton.main, "--points", 0)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: expected points")
