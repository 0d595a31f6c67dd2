"""``vaesym problem``: any stated problem from the command line."""

import json

import numpy as np
import pytest
import xarray as xr

import vaesym
from vaesym.cli import main

RIDGE = ["problem", "ridge", "--signal", "1", "--noise", "0.5"]


def test_json_has_the_states(capsys):
    assert main([*RIDGE, "--alpha", "0.5:2:4", "--lam=0.1", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    states = vaesym.solve_problem("ridge", alpha=np.linspace(0.5, 2, 4), lam=0.1, signal=1.0, noise=0.5)
    np.testing.assert_allclose(printed["risk"], states.risk)
    assert printed["status"] == ["SOLVED"] * 4


@pytest.mark.parametrize("name", ["risk.png", "risk.nc", "risk.csv"])
def test_files(tmp_path, capsys, name):
    assert main([*RIDGE, "--alpha", "0.5:2:4:log", "--lam", "0.1,1", "--output", str(tmp_path / name)]) == 0
    assert "8 points" in capsys.readouterr().out
    if name.endswith(".nc"):
        assert dict(xr.load_dataset(tmp_path / name).sizes) == {"alpha": 4, "lam": 2}
    assert (tmp_path / name).stat().st_size > 500


def test_ones_own_problem_in_the_working_folder(tmp_path, monkeypatch, capsys):
    (tmp_path / "own_module.py").write_text(
        "from vaesym.problems import ridge\nmine = ridge.but(name='mine', penalty=2 * ridge.penalty)\n")
    monkeypatch.chdir(tmp_path)
    arguments = ["--alpha", "2", "--lam", "0.1", "--signal", "1", "--noise", "0.5", "--json"]
    assert main(["problem", "own_module:mine", *arguments]) == 0
    doubled = json.loads(capsys.readouterr().out)["Q"]
    states = vaesym.solve_problem("ridge", alpha=2.0, lam=0.2, signal=1.0, noise=0.5)
    assert doubled == pytest.approx(float(states.Q))


def test_points_without_a_solution_are_said(capsys):
    assert main(["problem", "logistic", "--alpha", "1,5", "--signal", "1", "--lam", "0", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["status"] == ["NO_SOLUTION_FOUND", "SOLVED"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["--alpha", "2"], "lam"), (["--alpha", "2", "--lam", "0.1", "--beta", "1"], "beta"),
    (["--alpha", "2", "--lam", "-1"], "lam > 0"), (["--alpha", "2", "--lam"], "--lam"),
    (["--alpha", "2", "--lam", "0.1", "--lam", "0.2"], "once"), (["--alpha", "many", "--lam", "0.1"], "many"),
    (["--alpha", "2", "--lam", "0.1", "stray"], "stray")])
def test_refused(capsys, arguments, words):
    assert main([*RIDGE, *arguments, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err


@pytest.mark.parametrize(("arguments", "words"), [
    (["--observable", "rist"], "rist"), (["--lam", "0.1:1:20"], "lines")])
def test_figures_refused(tmp_path, capsys, arguments, words):
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    lam = [] if "--lam" in given else ["--lam", "0.1"]
    assert main([*RIDGE, "--alpha", "0.5:2:30", *lam, *arguments, "--output", str(tmp_path / "a.png")]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
