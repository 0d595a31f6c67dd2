"""``vaesym problem``: any stated problem from the command line."""

import importlib
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


def test_by_torch(capsys):
    pytest.importorskip("torch")
    asked = [*RIDGE, "--alpha", "0.5:2:4", "--lam", "0.1", "--json", "--backend"]
    plain, other = ((main([*asked, backend]), json.loads(capsys.readouterr().out)) for backend in ("numpy", "torch"))
    assert (plain[0], other[0], other[1]["status"]) == (0, 0, ["SOLVED"] * 4)
    np.testing.assert_allclose(other[1]["risk"], plain[1]["risk"], rtol=1e-12)
    assert main(["problem", "pca", "--alpha", "2", "--rho", "2", "--eta", "1", "--backend", "torch", "--json"]) == 2
    assert "received pca; solve it with backend='numpy'" in " ".join(capsys.readouterr().err.split())


def test_points_without_a_solution_are_said(capsys):
    assert main(["problem", "logistic", "--alpha", "1,5", "--signal", "1", "--lam", "0", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["status"] == ["NO_SOLUTION_FOUND", "SOLVED"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["--alpha", "2"], "lam"), (["--alpha", "2", "--lam", "0.1", "--beta", "1"], "beta"),
    (["--alpha", "2", "--lam", "-1"], "lam > 0"), (["--alpha", "2", "--lam"], "--lam"),
    (["--alpha", "2", "--lam", "0.1", "--lam", "0.2"], "once"), (["--alpha", "many", "--lam", "0.1"], "many"),
    (["--alpha", "2", "--lam", "0.1", "stray"], "stray")])
def test_refused(refused, arguments, words):
    assert words in refused(*RIDGE, *arguments, "--json")


@pytest.mark.parametrize(("arguments", "words"), [
    (["--observable", "rist"], "rist"), (["--lam", "0.1:1:20"], "lines"), (["--alpha", "2"], "several values"),
    (["--observable", "chi", "--simulate", "30"], "which simulations measure"),
    (["--simulate", "30", "--device", "nothing"], "a device"), (["--simulate", "0"], "dimension"),
    (["--beta", "2"], "the parameters alpha, lam, signal, noise of ridge"), (["--lam", "-1"], "lam > 0")])
def test_figures_refused(tmp_path, refused, monkeypatch, arguments, words):
    """Before any work."""
    monkeypatch.setattr("vaesym.engine.solve.solve_block", None)
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    lam = [] if "--lam" in given else ["--lam", "0.1"]
    alpha = [] if "--alpha" in given else ["--alpha", "0.5:2:30"]
    assert words in refused(*RIDGE, *alpha, *lam, *arguments, "--output", str(tmp_path / "a.png"))
    assert list(tmp_path.iterdir()) == []


BRANCHES = ["problem", "pca", "--branches", "--rho", "2", "--eta", "1"]


@pytest.mark.parametrize("name", ["states.png", "states.nc", "states.csv"])
def test_all_states(tmp_path, capsys, name):
    """At alpha = 0.1 the edge of the noise is the answer; at 1 and 2 it is a saddle above the spike."""
    assert main([*BRANCHES, "--alpha", "0.1,1,2", "--observable", "free_energy", "--output", str(tmp_path / name)]) == 0
    printed = capsys.readouterr().out
    assert "3 points" in printed
    assert "2 of 5 states: a saddle" in " ".join(printed.split())
    assert max(map(len, printed.replace(str(tmp_path / name), "").splitlines())) <= 80
    if name.endswith(".csv"):
        rows = (tmp_path / name).read_text().splitlines()
        assert len(rows) == 6
        assert [row.count("SADDLE") for row in rows] == [0, 0, 0, 1, 0, 1]
    elif name.endswith(".nc"):
        assert dict(xr.load_dataset(tmp_path / name).sizes) == {"alpha": 3, "branch": 2}
    assert (tmp_path / name).stat().st_size > 500


def test_all_states_as_json(capsys, refused):
    assert main([*BRANCHES, "--alpha", "0.1,2", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["status"] == [["SOLVED", None], ["SOLVED", "SADDLE"]]
    assert printed["answer"] == [[True, False], [True, False]]
    assert printed["eigenvalue"][0][1] is None
    assert "--branches or --simulate" in refused(*BRANCHES, "--alpha", "2", "--json", "--simulate", "40")


SIMULATED = [*RIDGE, "--lam", "0.1", "--simulate"]


def test_simulated_beside_the_theory(capsys, tmp_path):
    at = {"alpha": [0.5, 2.0], "lam": 0.1, "signal": 1.0, "noise": 0.5}
    assert main([*SIMULATED, "40,80", "--seeds", "4", "--alpha", "0.5,2", "--store", str(tmp_path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    found = vaesym.confront(vaesym.solve_problem("ridge", **at), vaesym.simulate("ridge", [40, 80], 4, **at))
    assert printed["p_value"] == found.p_value
    assert printed["observable"] == found.data.observable.values.tolist()
    np.testing.assert_array_equal(printed["measured"], found.data.measured)
    assert printed["unsolved"] == [False, False]
    assert len(list((tmp_path / "runs").glob("block-*.npz"))) == 4


@pytest.mark.parametrize("name", ["risk.png", "risk.nc", "risk.csv"])
def test_files_of_simulations(tmp_path, capsys, name):
    output = ["--seeds", "3", "--alpha", "0.5,2", "--output", str(tmp_path / name)]
    assert main([*SIMULATED, "30", *output]) == 0
    printed = capsys.readouterr().out
    assert "scores of theory against simulation" in printed
    assert "the chance of scores as bad as these" in printed
    assert max(map(len, printed.replace(str(tmp_path / name), "").splitlines())) <= 80
    if name.endswith(".nc"):
        assert dict(xr.load_dataset(tmp_path / name).sizes)["alpha"] == 2
    assert (tmp_path / name).stat().st_size > 500


def test_runs_without_a_minimum_are_said(capsys):
    arguments = ["--alpha", "0.8,8", "--signal", "1", "--lam", "0", "--simulate", "40", "--seeds", "3"]
    assert main(["problem", "logistic", *arguments, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["unconverged"] == [3, 0]
    assert printed["unsolved"] == [True, False]


def test_an_interrupt_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def stops(*_):
        raise KeyboardInterrupt

    module = importlib.import_module("vaesym.engine.experiment.simulate")
    monkeypatch.setattr(module, "run_part", stops)
    arguments = [*SIMULATED, "30", "--alpha", "2", "--json", "--store", str(tmp_path / "kept")]
    assert main(arguments) == 130
    assert f"goes on from {tmp_path / 'kept'}" in " ".join(capsys.readouterr().err.split())
    monkeypatch.undo()
    assert main(arguments) == 0


@pytest.mark.parametrize(("arguments", "words"), [
    (["--simulate", "40.5"], "whole numbers"), (["--simulate", "0"], "dimension"), (["--simulate", "x"], "simulate"),
    (["--simulate", "40", "--seeds", "2"], "--seeds of at least 3"), (["--seeds", "4"], "--simulate N"),
    (["--device", "cpu"], "--simulate N"), (["--simulate", "40", "--device", "nothing"], "a device of this machine"),
    (["--simulate", "40", "--observable", "rsik"], "an observable among"),
    (["--simulate", "40", "--scheduler", "local:0"], "local:K"),
    (["--simulate", "40", "--output", "risk.png"], "several values")])
def test_simulations_refused(refused, arguments, words):
    assert words in refused(*RIDGE, "--alpha", "2", "--lam", "0.1", *arguments, "--json")
