"""The engine's benchmarks compare the same things, and notice what is wrong. How fast they are is not tested."""

import dataclasses
import json

import mpmath
import numpy as np
import pytest
import typer

import vaesym
from validation.benchmarks import engine, precision
from validation.benchmarks.newton import by_root, lines
from validation.study import by_hand


def test_by_hand_is_the_same_physics():
    assert engine.agreement(2500) < 1e-8
    rng = np.random.default_rng(0)
    alpha, beta, lam = rng.uniform(0.05, 20, 500), rng.uniform(0.05, 3, 500), rng.uniform(0.01, 3, 500)
    rho, eta = rng.uniform(0.2, 3, (2, 500))
    rows = by_hand.vectorised(alpha, beta, lam, rho, eta)
    solution = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    for name, row in zip(by_hand.FIELDS, rows, strict=True):
        np.testing.assert_allclose(row, getattr(solution, name), atol=1e-7, err_msg=name)


def test_the_root_finder_finds_the_solution():
    assert engine.one_by_one(12).points == 12


def test_a_root_finder_that_misses_is_no_yardstick(monkeypatch):
    missed = dataclasses.replace(by_root(lines(5), bare=False), reached=0.0)
    monkeypatch.setattr(engine, "by_root", lambda given, bare: missed)
    with pytest.raises(ArithmeticError, match="missed the exact solution at 100%"):
        engine.one_by_one(5)


def test_every_backend_is_timed_over_the_whole_grid(monkeypatch):
    solve = vaesym.solve
    # What is compiled has tests of its own; compiling it takes longer than all else here.
    monkeypatch.setattr(vaesym, "solve", lambda *at, backend=None, **given: solve(*at, **given))
    speeds = {speed.name: speed for speed in engine.backends(400, repeats=1)}
    assert {"NumPy", "by hand"} <= set(speeds)
    assert all(speed.points == 400 and speed.seconds > 0 for speed in speeds.values())
    assert speeds["NumPy"].bytes_per_point > 120


def test_memory_that_was_not_traced_is_null_in_json(monkeypatch, capsys):
    speeds = [engine.Speed("NumPy", 1000, 1.0, 10.0), engine.Speed("numba", 1000, 0.1, 300.0)]
    monkeypatch.setattr(engine, "backends", lambda points, repeats: speeds)
    monkeypatch.setattr(engine, "one_by_one", lambda: engine.Speed("root finder", 1, 1.0))
    monkeypatch.setattr(engine, "growth", lambda repeats: {})
    monkeypatch.setattr(engine, "start_up", dict)
    for memory, code in ((150.0, 0), (300.0, 1)):
        speeds[1] = dataclasses.replace(speeds[1], bytes_per_point=memory)
        with pytest.raises(typer.Exit) as caught:
            engine.main(points=4, repeats=1, as_json=True)
        assert caught.value.exit_code == code
        memories = {row["name"]: row["bytes_per_point"] for row in json.loads(capsys.readouterr().out)["speeds"]}
        assert memories == {"NumPy": 10.0, "numba": memory, "root finder": None}


def test_ratios_are_of_points_per_second():
    speeds = [engine.Speed("NumPy", 1000, 1.0), engine.Speed("root finder", 10, 2.0), engine.Speed("numba", 1000, 0.1)]
    assert engine.ratios(speeds) == pytest.approx({"NumPy over root finder": 200.0, "numba over NumPy": 10.0})


@pytest.mark.parametrize("module", [engine, precision])
def test_no_points_is_refused(module, ended):
    done = ended(module.main, "--points", 0)
    assert done.returncode == 2
    assert "expected points >= 1; received 0" in done.stderr


def test_points_near_the_critical_lines_are_drawn():
    given = precision.draw(4000, 1)
    detection = np.abs(given["alpha"] * (given["rho"] / given["eta"]) ** 2 - 1)
    threshold = vaesym.collapse_threshold(given["alpha"], lam=given["lam"], rho=given["rho"], eta=given["eta"])
    collapse = np.abs(given["beta"] / threshold - 1)
    assert (detection < 1e-3).sum() > 500
    assert ((collapse < 1e-3) & (collapse > 0)).sum() > 300


def test_precision_passes_and_a_wrong_digit_is_noticed(monkeypatch, capsys):
    wrong, worst = precision.compare(150, 3)
    assert wrong == 0
    assert all(w.excess <= 1 and len(w.at) == 5 for w in worst.values())
    solve = vaesym.solve

    def spoiled(*args, **named):
        solution = solve(*args, **named)
        if named.get("backend") != "mpmath":
            object.__setattr__(solution, "rate", solution.rate * (1 + 1e-9))
        return solution

    monkeypatch.setattr(vaesym, "solve", spoiled)
    assert precision.compare(150, 3)[1]["rate"].excess > 1
    monkeypatch.setattr(precision, "measure", lambda points, seed: iter([precision.compare(150, 3)]))
    with pytest.raises(typer.Exit) as caught:
        precision.main(points=150, as_json=True)
    assert caught.value.exit_code == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["passed"] is False
    assert mpmath.mp.dps == 15
