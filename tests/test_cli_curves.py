"""The commands of curves: values against the library, files, and messages."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import xarray as xr

import vaesym
from vaesym.cli import main

COMMANDS = {
    "curve": ["curve", "--alpha", "0.1:10:5:log", "--beta", "0.5,1", "--lam", "0.1", "--eta", "0.8"],
    "rd": ["rd", "--alpha", "2,20", "--lam", "0.1", "--eta", "0.8"],
    "phase": ["phase", "--alpha", "0.1:10:5:log", "--beta", "0.5:3:4", "--lam", "3", "--eta", "0.8"],
}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: expected ")
    assert "; received " in captured.err
    return captured.err


def expected(name: str) -> xr.Dataset:
    alpha = np.geomspace(0.1, 10, 5)
    if name == "curve":
        return vaesym.learning_curve(alpha, beta=[0.5, 1.0], lam=0.1, eta=0.8)
    if name == "rd":
        return vaesym.rate_distortion([2.0, 20.0], lam=0.1, eta=0.8)
    return vaesym.phase_diagram(alpha, np.linspace(0.5, 3, 4), lam=3.0, eta=0.8)


@pytest.mark.parametrize("name", COMMANDS)
def test_files_hold_the_values_of_the_library(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main([*COMMANDS[name], "--output", str(tmp_path / "x.nc")]) == 0
    assert str(tmp_path / "x.nc") in capsys.readouterr().out
    dataset = xr.load_dataset(tmp_path / "x.nc", engine="scipy")
    xr.testing.assert_equal(dataset, expected(name))
    assert dataset.attrs["vaesym_version"] == vaesym.__version__
    assert main([*COMMANDS[name], "--output", str(tmp_path / "x.csv")]) == 0
    with (tmp_path / "x.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["rate"]) for row in rows] == dataset.rate.values.ravel().tolist()
    assert {row["phase"] for row in rows} <= {phase.name for phase in vaesym.Phase}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.nc"]


@pytest.mark.parametrize("name", ["curve", "rd"])
def test_figures_and_overwriting(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    target = tmp_path / "x.png"
    assert main([*COMMANDS[name], "--output", str(target)]) == 0
    assert matplotlib.image.imread(target)[..., :3].std() > 0.05
    capsys.readouterr()
    assert "--overwrite" in refused(capsys, *COMMANDS[name], "--output", str(target))
    assert main([*COMMANDS[name], "--output", str(target), "--overwrite", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["output"] == str(target)


@pytest.mark.parametrize("name", ["curve", "rd"])
def test_json_has_full_precision(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main([*COMMANDS[name], "--json"]) == 0
    record, dataset = json.loads(capsys.readouterr().out), expected(name)
    assert record["output"] is None
    assert record["dims"] == ["alpha", "beta"]
    assert record["parameters"]["eta"] == 0.8
    assert record["rate"] == dataset.rate.values.tolist()
    assert record["alpha"] == dataset.alpha.values.tolist()
    assert record["phase"][0][0] == vaesym.Phase(int(dataset.phase[0, 0])).name


def test_one_point_is_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    point = ["curve", "--alpha", "2", "--beta", "1", "--lam", "1"]
    assert main([*point, "--json", "--output", str(tmp_path / "x.csv")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["rate"] == float(vaesym.solve(2.0, 1.0, lam=1.0).rate)
    assert record["phase"] == "LEARNING"
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 2


def test_json_of_the_phases_has_every_boundary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMANDS["phase"], "--output", str(tmp_path / "x.svg"), "--json"]) == 0
    record, diagram = json.loads(capsys.readouterr().out), expected("phase")
    assert record["spinodal"] == diagram.spinodal.values.tolist()
    assert record["tricritical_alpha"] == diagram.tricritical_alpha.values.tolist()
    assert [value is None for value in record["coexistence"]] == np.isnan(diagram.coexistence.values).tolist()


@pytest.mark.parametrize(("arguments", "words"), [
    (["curve", "--beta", "1", "--lam", "1"], "--output FILE or --json"),
    (["rd", "--alpha", "1"], "--output FILE or --json"),
    (["rd", "--alpha", "1", "--output", "x.txt"], ".png or .pdf"),
    (["rd", "--alpha", "0", "--json"], "alpha > 0"),
    (["rd", "--alpha", "1", "--lam", "nan", "--json"], "finite lam"),
    (["rd", "--alpha", "1:2:99999", "--output", "x.nc"], "at most 4,000,000 points"),
    (["rd", "--alpha", "1:2:20", "--output", "x.png"], "1 to 8 values of alpha"),
    (["curve", "--alpha", "1", "--beta", "1", "--lam", "1", "--output", "x.pdf"], "ascending"),
    (["curve", "--beta", "1:2", "--lam", "1", "--json"], "start:stop:count"),
    (["curve", "--beta", "1", "--json"], "curve --help"),
])
def test_bad_input_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
                              arguments: list[str], words: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_formats(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert ".nc" in out
        assert "--json" in out
