"""The commands of curves: values against the library, files, and messages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import xarray as xr

import vaesym
from vaesym import linear_vae
from vaesym.cli import main

COMMANDS = {
    "curve": ["curve", "--alpha", "0.1:10:5:log", "--beta", "0.5,1", "--lam", "0.1", "--eta", "0.8"],
    "rd": ["rd", "--alpha", "2,20", "--lam", "0.1", "--eta", "0.8"],
    "kl": ["kl", "--alpha", "0.1:10:5:log", "--beta", "0.5,1", "--lam", "0.1", "--eta", "0.8"],
    "optimal-beta": ["optimal-beta", "--alpha", "0.1,1,10,inf", "--lam", "0,1", "--eta", "0.8"],
    "plateau": ["plateau", "--beta", "0.5:3:6", "--lam", "0,1", "--eta", "0.8"],
    "phase": ["phase", "--alpha", "0.1:10:5:log", "--beta", "0.5:3:4", "--lam", "3", "--eta", "0.8"],
}


def expected(name: str) -> xr.Dataset:
    alpha = np.geomspace(0.1, 10, 5)
    if name == "curve":
        return vaesym.learning_curve(alpha, beta=[0.5, 1.0], lam=0.1, eta=0.8)
    if name == "rd":
        return vaesym.rate_distortion([2.0, 20.0], lam=0.1, eta=0.8)
    if name == "kl":
        return vaesym.kl_curves(alpha, [0.5, 1.0], lam=0.1, eta=0.8)
    if name == "optimal-beta":
        return vaesym.optimal_beta_curve([0.1, 1.0, 10.0, np.inf], lam=[0.0, 1.0], eta=0.8)
    if name == "plateau":
        return vaesym.plateau_curve(np.linspace(0.5, 3, 6), lam=[0.0, 1.0], eta=0.8)
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
    field = "rate" if "rate" in dataset else "plateau_end"
    assert [float(row[field]) for row in rows] == dataset[field].values.ravel().tolist()
    assert {row.get("phase", "LEARNING") for row in rows} <= {phase.name for phase in vaesym.Phase}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.nc"]


@pytest.mark.parametrize("name", ["curve", "rd", "kl", "optimal-beta", "plateau"])
def test_figures_and_overwriting(tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: Callable[..., str],
                                 name: str) -> None:
    target = tmp_path / "x.png"
    assert main([*COMMANDS[name], "--output", str(target)]) == 0
    assert matplotlib.image.imread(target)[..., :3].std() > 0.05
    capsys.readouterr()
    assert "--overwrite" in refused(*COMMANDS[name], "--output", str(target))
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
    assert "phase" not in record
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
    (["curve", "--alpha", "inf,1", "--beta", "1", "--lam", "1", "--output", "x.png"], "ascending"),
    (["curve", "--alpha", "1,inf", "--beta", "1", "--lam", "1", "--output", "x.png"], "ascending"),
    (["curve", "--alpha", "1:inf:3", "--beta", "1", "--lam", "1", "--json"], "finite alpha"),
    (["curve", "--alpha", "1e400", "--beta", "1", "--lam", "1", "--json"], "alpha as a number"),
    (["curve", "--alpha=-inf", "--beta", "1", "--lam", "1", "--json"], "finite alpha, or inf"),
    (["curve", "--beta", "inf", "--lam", "1", "--json"], "finite beta"),
    (["phase", "--alpha", "1,inf", "--lam", "1", "--json"], "finite alpha"),
    (["phase", "--lam", "1"], "--output FILE or --json"),
    (["kl", "--beta", "1", "--lam", "1"], "--output FILE or --json"),
    (["kl", "--beta", "1", "--lam", "-1", "--json"], "lam >= 0"),
    (["kl", "--alpha", "2", "--beta", "1", "--lam", "1", "--output", "x.png"], "ascending"),
    (["optimal-beta", "--lam", "0:1:200", "--json"], "at most 50,000 points"),
    (["optimal-beta", "--lam", "nan", "--json"], "finite lam"),
    (["optimal-beta", "--lam", "0:1:20", "--output", "x.png"], "1 to 8 values of lam"),
    (["plateau", "--lam", "1", "--beta", "0", "--json"], "beta > 0"),
    (["plateau", "--lam", "1", "--rho", "nan", "--json"], "finite rho"),
    (["plateau", "--lam", "1", "--output", "x.gif"], ".png or .pdf"),
    (["spectrum", "--alpha", "inf", "--json"], "finite alpha"),
    (["spectrum", "--alpha", "2", "--dimension", "0", "--json"], "dimension >= 1"),
    (["spectrum", "--alpha", "2", "--dimension", "100000", "--json"], "1 to 50,000,000 numbers"),
    (["spectrum", "--alpha", "2", "--dimension", "10", "--seed", "-1", "--json"], "seed >= 0"),
    (["bifurcation", "--alpha", "2", "--beta", "1", "--lam", "1", "--json"], "0 ranges"),
    (["bifurcation", "--alpha", "1:2", "--beta", "1:2", "--lam", "1", "--json"], "2 ranges"),
    (["bifurcation", "--alpha", "2", "--beta", "2:1", "--lam", "1", "--json"], "low < high"),
    (["bifurcation", "--alpha", "2", "--beta", "1:2:3", "--lam", "1", "--json"], "beta as a number"),
    (["bifurcation", "--alpha", "1:inf", "--beta", "1", "--lam", "1", "--json"], "finite alpha"),
    (["bifurcation", "--alpha", "inf", "--beta", "1:2", "--lam", "1", "--json"], "finite alpha"),
    (["bifurcation", "--alpha", "2", "--beta", "1:2", "--lam", "0", "--json"], "lam > 0"),
])
def test_bad_input_is_refused(tmp_path: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch,
                              arguments: list[str], words: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_formats(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert ".nc" in out
        assert "--json" in out


def test_unlimited_data_are_written_as_text_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figure = tmp_path / "x.png"
    assert main(["curve", "--alpha", "1,10,inf", "--beta", "0.5", "--lam", "1", "--json", "--output", str(figure)]) == 0
    record = json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))
    assert record["alpha"] == [1.0, 10.0, "inf"]
    assert record["rate"][2] == pytest.approx(np.log(2 / 0.5) / 2)
    assert figure.stat().st_size > 10_000
    assert main(["plateau", "--beta", "1,3", "--lam", "1", "--json"]) == 0
    record = json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))
    assert record["plateau_end"] == [1.0, "inf"]
    assert record["plateau_asymptote"] == [0.5, None]


def test_spectrum_with_a_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["spectrum", "--alpha", "4", "--dimension", "200", "--seed", "3"]
    assert main([*options, "--output", str(tmp_path / "x.png"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["measured"] == sorted(linear_vae.sample_eigenvalues(4.0, 200, seed=3).tolist())
    assert record["noise_edge"] == [0.25, 2.25]
    assert main(["spectrum", "--alpha", "0.5", "--output", str(tmp_path / "x.csv")]) == 0
    assert "no outlier" in capsys.readouterr().out
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 601


def test_bifurcation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["bifurcation", "--alpha", "4", "--beta", "1.5:3", "--lam", "0.5"]
    assert main([*options, "--output", str(tmp_path / "x.csv")]) == 0
    out = capsys.readouterr().out
    assert f"{float(vaesym.collapse_threshold(4.0, lam=0.5)):.6g}" in out
    with (tmp_path / "x.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["stability"] for row in rows} == {"STABLE", "UNSTABLE", "MARGINAL"}
    learning = [row for row in rows if row["phase"] == "LEARNING" and row["kind"] == "REGULAR"]
    solution = vaesym.solve(4.0, [float(row["beta"]) for row in learning], lam=0.5)
    np.testing.assert_allclose([float(row["Q"]) for row in learning], solution.Q, rtol=1e-9, atol=1e-9)
    assert main([*options, "--output", str(tmp_path / "x.png"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["dims"] == ["branch", "point"]
    assert record["parameters"] == {"alpha": 4.0, "lam": 0.5, "rho": 1.0, "eta": 1.0}
    assert record["kind"][0][-1] in {None, "REGULAR", "BRANCH"}
