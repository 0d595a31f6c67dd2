"""The commands: values against the library, messages and exit codes, files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

import vaesym
from vaesym.cli import main
from vaesym.linear_vae.point.fields import LATENT_FIELDS, MODEL_FIELDS
from vaesym.linear_vae.point.solution import FIELDS
from vaesym.practice import Settings

POINT = ["--alpha", "2", "--beta", "1", "--lam", "1"]
GRID = ["--alpha", "0.5:8:4:log", "--beta", "0.4:2.4:5", "--lam", "0.1,1", "--rho", "1.5"]
HEAVY = ("sympy", "torch", "matplotlib", "xarray", "sklearn", "scipy.optimize")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real entry point, its output in pipes."""
    return subprocess.run([sys.executable, "-m", "vaesym", *arguments], capture_output=True, text=True,
                          env={**os.environ, **environment}, timeout=300, check=False)


def given(options: Sequence[str], **defaults: str) -> list[str]:
    """The options, and those of ``defaults`` that they leave out: each may be given once."""
    missing = {f"--{name}": value for name, value in defaults.items() if f"--{name}" not in options}
    return [*(word for pair in missing.items() for word in pair), *options]


def solved(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert main(["solve", *POINT, *options, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_field_has_a_meaning() -> None:
    assert set(LATENT_FIELDS) | set(MODEL_FIELDS) == set(FIELDS)


def test_solve_prints_the_values_of_the_library() -> None:
    result = run("solve", *POINT, "--branches", COLUMNS="200", FORCE_COLOR="1")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    solution = vaesym.solve(2.0, 1.0, lam=1.0)
    for name in set(FIELDS) - {"phase"}:
        assert f"{float(getattr(solution, name)):.12g}" in result.stdout
    assert result.stdout.count("learning") == 2
    assert "overfitting" in result.stdout


def test_json_has_full_precision(capsys: pytest.CaptureFixture[str]) -> None:
    record = solved(capsys)
    solution = vaesym.solve(2.0, 1.0, lam=1.0)
    assert record["phase"] == "LEARNING"
    assert record["parameters"] == {"alpha": 2.0, "beta": 1.0, "lam": 1.0, "rho": 1.0, "eta": 1.0,
                                    "decoder_variance": 1.0}
    assert {name: record[name] for name in FIELDS if name != "phase"} == {
        name: float(getattr(solution, name)) for name in FIELDS if name != "phase"}


def test_json_of_several_latents(capsys: pytest.CaptureFixture[str]) -> None:
    record = solved(capsys, "--latents", "3", "--spikes", "2", "--eta", "0.8")
    solution = vaesym.solve(2.0, 1.0, lam=1.0, eta=0.8, latents=3, spikes=2)
    assert record["phase"] == ["LEARNING", "LEARNING", "OVERFITTING"]
    assert record["Q"] == solution.Q.tolist()
    assert record["rate"] == float(solution.rate)


def test_table_joins_latents_that_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", *POINT, "--latents", "4", "--spikes", "3"]) == 0
    out = capsys.readouterr().out
    assert "latents 1-3" in out
    assert "latent 4" in out


def test_branches_are_those_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    branches = solved(capsys, "--branches")["branches"]
    points = vaesym.saddle_points(2.0, 1.0, lam=1.0)
    assert len(branches) == int(points.branches) == 2
    for i, branch in enumerate(branches):
        assert branch["free_energy"] == float(points.free_energy[i])
        assert branch["chi"] == points.chi[i].tolist()


BAD_SOLVE = [
    ["--alpha", "nan"], ["--alpha", "-inf"], ["--alpha", "-1"], ["--alpha", "0"], ["--alpha", "abc"],
    ["--alpha", "1e400"], ["--beta", "0"], ["--beta", "nan"], ["--lam", "-1"], ["--lam", "inf"], ["--rho", "0"],
    ["--eta", "-inf"], ["--latents", "0"], ["--latents", "1.5"], ["--spikes", "-1"], ["--latents", "10001"],
    ["--spikes", "9" * 400], ["--spikes", "0.5,1"], ["--spikes", "1,"], ["--spikes", "1,inf"], ["--backend", "abacus"],
    ["--decoder-variance", "0"], ["--decoder-variance", "inf"], ["--alpha", "inf", "--branches"],
    ["--decoder-variance", "2", "--branches"], ["--nonsense", "1"], ["extra"], ["--beta", "1e-320", "--lam", "0"],
]


@pytest.mark.parametrize("options", BAD_SOLVE, ids=lambda options: " ".join(options)[:30])
def test_solve_refuses_bad_input(refused: Callable[..., str], options: list[str]) -> None:
    assert "once" not in refused("solve", *given(options, alpha="2", beta="1", lam="1"))


@pytest.mark.parametrize("command", [
    ["solve", *POINT, "--beta", "5"], ["sweep", *GRID, "--rho=2", "--output", "x.csv"],
    ["phase", "--lam", "1", "--lam", "2", "--json"], ["advise", "digits", "--beta", "4", "--beta", "5"],
    ["advise", "digits", "--center", "--no-center"], ["rd", "--alpha", "1", "--json", "--json"]], ids=" ".join)
def test_an_option_given_twice_is_refused(refused: Callable[..., str], command: list[str]) -> None:
    assert " once; received it 2 times; keep one of them" in refused(*command)


@pytest.mark.parametrize("arguments", [["nonsense"], ["solve"], ["solve", "--alpha"], ["--nonsense"], ["sweep"],
                                       ["phase"], ["advise"]])
def test_usage_errors_name_the_help(refused: Callable[..., str], arguments: list[str]) -> None:
    assert "--help" in refused(*arguments)


@pytest.mark.parametrize("arguments", [["solve", *POINT[2:], "--alpha", "nan"], ["solve"],
                                       ["sweep", *GRID, "--output", "/nowhere/x.nc"]])
def test_no_traceback_from_the_real_entry_point(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: expected ")
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_standard_output_is_an_error() -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run([sys.executable, "-m", "vaesym", "solve", *POINT], stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: expected ")


@pytest.mark.parametrize("statement", ["import vaesym", "from vaesym.cli import main\n"
                                       f"assert main(['solve', *{POINT}, '--branches']) == 0"])
def test_nothing_heavy_is_imported(statement: str) -> None:
    code = f"import sys\n{statement}\nprint([name for name in {HEAVY} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"vaesym {vaesym.__version__}\n"
    for name in ("solve", "sweep", "phase", "advise"):
        assert main([name, "--help"]) == 0
        assert "--json" in capsys.readouterr().out
    assert main([]) == 2
    assert "sweep" in capsys.readouterr().out


BAD_SPECS = ["", "abc", "1:2", "1:2:0", "1:2:1.5", "1:2:3:lin", "1:2:3:log:4", "0:1:3:log", "1,,2", "nan:1:3",
             "1:2:99999999999", "1;2", "-1,1"]


@pytest.mark.parametrize("spec", BAD_SPECS)
def test_sweep_refuses_a_bad_axis(tmp_path: Path, refused: Callable[..., str], spec: str) -> None:
    for name in ("sweep", "phase"):
        refused(name, *GRID[2:4], "--lam", "1", "--alpha", spec, "--output", str(tmp_path / "x.nc"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("output", "words"), [
    ("x.txt", ".nc or .csv"), ("x", ".nc or .csv"), ("", ".nc or .csv"), ("missing/x.nc", "existing folder"),
    ("folder.nc", "can be written"), ("here.csv", "--overwrite"), ("a" * 300 + ".nc", "name too long"),
])
def test_sweep_refuses_a_bad_file(tmp_path: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch,
                                  output: str, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.nc").mkdir()
    Path("here.csv").write_text("mine")
    assert words in refused("sweep", *GRID, "--output", output)
    assert Path("here.csv").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.nc", "here.csv"]


def test_sweep_overwrites_if_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "[bold] :smile:.csv"
    target.write_text("mine")
    assert main(["sweep", *GRID, "--output", str(target), "--overwrite"]) == 0
    assert str(target) in capsys.readouterr().out
    assert target.read_text().startswith("alpha,beta")


@pytest.mark.parametrize(("output", "count"), [("x.nc", 5000), ("x.csv", 40000)])
def test_sweep_refuses_a_grid_beyond_its_limits(tmp_path: Path, refused: Callable[..., str], output: str,
                                                count: int) -> None:
    refused("sweep", "--alpha", f"1:2:{count}", "--beta", f"1:2:{count}", "--lam", "1", "--output",
            str(tmp_path / output))


def test_phase_draws_a_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: Callable[..., str]) -> None:
    target = tmp_path / "phase.png"
    options = ["--lam", "1", "--alpha", "0.1:10:40:log", "--beta", "0.1:3:30", "--output", str(target)]
    assert main(["phase", *options]) == 0
    picture = matplotlib.image.imread(target)
    assert picture.shape == (720, 960, 4)
    assert picture[..., :3].std() > 0.1
    capsys.readouterr()
    assert "--overwrite" in refused("phase", *options)
    assert main(["phase", *options, "--overwrite", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    np.testing.assert_allclose(record["collapse_threshold"], vaesym.collapse_threshold(record["alpha"], lam=1.0))
    assert [path.name for path in tmp_path.iterdir()] == ["phase.png"]


@pytest.mark.parametrize("options", [["--alpha", "1"], ["--beta", "3:1:5"], ["--output", "x.gif"], ["--lam", "nan"],
                                     ["--alpha", "1:2:3000", "--beta", "1:2:3000"], ["--rho", "0"]])
def test_phase_refuses_bad_input(tmp_path: Path, refused: Callable[..., str], options: list[str]) -> None:
    message = refused("phase", *given(options, lam="1", output=str(tmp_path / "x.png")))
    assert "once" not in message
    assert list(tmp_path.iterdir()) == []


def test_advise_hands_on_its_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    seen: list[Any] = []

    def advised(data: Any, beta: float | None, loss: Any, settings: Any, advance: Any) -> Any:
        seen.extend([data.name, beta, loss, settings])
        raise KeyboardInterrupt

    monkeypatch.setattr("vaesym.practice.advice.advice.advise_at", advised)
    assert main(["advise", "digits", "--beta", "4", "--kl", "mean", "--reconstruction-weight", "2", "--no-center",
                 "--latents", "3", "--noise", "trace", "--intervals", "none", "--seed", "5", "--solver", "full"]) == 130
    assert seen == ["digits", 4.0, vaesym.LossScale("sum", "mean", 2.0),
                    Settings(3, "trace", False, False, "none", 5, "full")]


def test_help_breaks_lines_only_at_the_width_of_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    described = run("advise", "--help", COLUMNS="300", TERMINAL_WIDTH="300").stdout
    described = re.split(r"╭|\+-", described)[0]  # boxes of any locale
    assert [line.split()[0] for line in described.splitlines() if line.strip()] == [
        "Usage:", "Tell", "Files", "Exit", "Example:"]
    assert main(["--help"]) == 0
    commands = capsys.readouterr().out
    assert commands.index(" advise ") < commands.index(" solve ") < commands.index(" phase ")


@pytest.mark.parametrize("module", ["vaesym", "validation", "derivations"])
def test_letters_that_the_terminal_lacks_stop_no_command(module: str) -> None:
    shown = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True, timeout=300,
                           env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")


def test_missing_branches_are_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = vaesym.saddle_points(2.0, 1.0, lam=1.0)
    incomplete = found.but(complete=np.array(False))
    monkeypatch.setattr("vaesym.linear_vae.saddle_points", lambda *args, **named: incomplete)
    record = solved(capsys, "--branches")
    assert record["branches_failure"] == "the states found call for others, which Newton did not reach"
    assert len(record["branches"]) == 2
