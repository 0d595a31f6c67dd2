"""Axes of a grid, the pieces it is solved in, and files that appear whole or not at all."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import vaesym
from vaesym.cli import main
from vaesym.cli.frame.specs import axis
from vaesym.inputs import InputError
from vaesym.linear_vae.curves import sweep as sweeps
from vaesym.linear_vae.curves.sweep import Grid, pieces
from vaesym.linear_vae.point.fields import PARAMETERS
from vaesym.linear_vae.point.solution import FIELDS

GRID = ["--alpha", "0.5:8:4:log", "--beta", "0.4:2.4:5", "--lam", "0.1,1", "--rho", "1.5"]
#: A sweep of two pieces that gets Ctrl-C in the second.
INTERRUPTED = """
import os, signal, sys
from vaesym.linear_vae.curves import sweep
from vaesym.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
pieces = []
def solve(*args, solve=sweep.solve, **options):
    pieces.append(1)
    if len(pieces) == 2:
        os.kill(os.getpid(), signal.SIGINT)
    return solve(*args, **options)
sweep.solve = solve
sys.exit(main(["sweep", "--alpha", "1:2:400", "--beta", "1:2:300", "--lam", "1", "--output", sys.argv[1]]))
"""
positive = st.floats(1e-30, 1e30)


@given(st.lists(positive, min_size=1, max_size=5))
def test_a_list_is_read_back_exactly(values: list[float]) -> None:
    assert axis("alpha", ",".join(map(repr, values))).tolist() == values


@given(positive, positive, st.integers(2, 50), st.booleans())
def test_a_range_has_its_ends_and_its_count(start: float, stop: float, count: int, logarithmic: bool) -> None:
    values = axis("beta", f"{start!r}:{stop!r}:{count}" + ":log" * logarithmic)
    assert (values[0], values[-1], len(values)) == (start, stop, count)
    steps = np.diff(np.log(values) if logarithmic else values)
    scale = np.abs(np.log(values) if logarithmic else values).max()
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-6, atol=1e-12 * scale)


def test_only_weight_decay_may_be_zero() -> None:
    assert axis("lam", "0,1").tolist() == [0.0, 1.0]
    with pytest.raises(InputError, match="expected alpha > 0"):
        axis("alpha", "0,1")


@pytest.mark.parametrize("values", [1, 7, 1000])
def test_pieces_cover_the_grid_in_order(values: int) -> None:
    grid = Grid({"alpha": np.array([0.5, 2.0, 4.0]), "beta": np.array([0.5, 1.0]), "lam": np.array([0.0, 1.0]),
                 "rho": np.ones(1), "eta": np.ones(1), "decoder_variance": np.array([1.0, 2.0])}, 3, spikes=2)
    found = list(pieces(grid, values))
    assert np.concatenate([np.arange(where.start, where.stop) for where, _, _ in found]).tolist() == list(range(24))
    assert all((where.stop - where.start) * 3 <= max(values, 3) for where, _, _ in found)
    axes = np.meshgrid(*(grid.axes[name] for name in PARAMETERS), indexing="ij")
    expected = vaesym.solve(**{name: array.ravel() for name, array in zip(PARAMETERS, axes, strict=True)}, latents=3,
                            spikes=2)
    np.testing.assert_allclose(np.concatenate([solution.Q for _, _, solution in found]), expected.Q, rtol=1e-13)


@pytest.mark.parametrize("engine", ["scipy", "netcdf4"])
def test_netcdf_holds_the_solution_at_every_point(tmp_path: Path, engine: Any) -> None:
    if engine == "netcdf4":
        pytest.importorskip("netCDF4")
    target = tmp_path / "grid.nc"
    assert main(["sweep", *GRID, "--latents", "2", "--output", str(target)]) == 0
    with xr.open_dataset(target, engine=engine) as grid:
        assert dict(grid.sizes) == {"alpha": 4, "beta": 5, "lam": 2, "rho": 1, "eta": 1, "decoder_variance": 1,
                                    "latent": 2}
        np.testing.assert_allclose(grid.alpha, np.geomspace(0.5, 8, 4), rtol=1e-15)
        axes = np.meshgrid(*(grid[name] for name in PARAMETERS), indexing="ij")
        names = ("lam", "rho", "eta", "decoder_variance")
        expected = vaesym.solve(*axes[:2], **dict(zip(names, axes[2:], strict=True)), latents=2)
        for name in FIELDS:
            np.testing.assert_allclose(grid[name].values, getattr(expected, name), rtol=1e-13, err_msg=name)
        assert grid.rate.units == "nats"
        assert grid.attrs["vaesym_version"] == vaesym.__version__
        assert grid.phase.flag_meanings == "regularized overfitting learning"


def test_csv_holds_the_solution_at_every_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "grid.csv"
    assert main(["sweep", *GRID, "--output", str(target), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    with target.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert summary["points"] == len(rows) == 40
    for row in rows:
        point = {name: float(row.pop(name)) for name in PARAMETERS}
        solution = vaesym.solve(**point)
        assert row.pop("phase") == vaesym.Phase(int(solution.phase)).name
        np.testing.assert_allclose([float(value) for value in row.values()],
                                   [getattr(solution, name) for name in row], rtol=1e-12)
    assert sum(summary["phases"].values()) == 40


@pytest.mark.parametrize("output", ["x.nc", "x.csv"])
@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left"), 2)])
def test_a_sweep_that_stops_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, code: int,
                                           monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    present: list[Path] = []

    def stop(*arguments: Any, **options: Any) -> None:
        present.extend(tmp_path.iterdir())
        raise error

    monkeypatch.setattr(sweeps, "solve", stop)
    assert main(["sweep", *GRID, "--output", str(tmp_path / output)]) == code
    assert [path.name.startswith(".vaesym-") for path in present] == [True]
    assert list(tmp_path.iterdir()) == []
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_interrupt_signal(tmp_path: Path) -> None:
    result = subprocess.run([sys.executable, "-c", INTERRUPTED, str(tmp_path / "x.csv")], capture_output=True,
                            text=True, timeout=300, check=False)
    assert (result.returncode, result.stdout) == (130, "")
    assert result.stderr.strip() == "Interrupted: no output file was written."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("beta", ["1,1e-320", "1:1e40:3:log"])
def test_absurd_values_are_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                   monkeypatch: pytest.MonkeyPatch, beta: str) -> None:
    monkeypatch.setattr(sweeps, "solve", lambda *arguments, **options: pytest.fail("solved"))
    assert main(["sweep", "--alpha", "2", "--beta", beta, "--lam", "0", "--output", str(tmp_path / "x.csv")]) == 2
    assert capsys.readouterr().err.startswith("Error: expected beta between 1e-30 and 1e+30; received ")
    assert list(tmp_path.iterdir()) == []


def test_values_that_overflow_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    def overflowing(*arguments: Any, **options: Any) -> vaesym.Solution:
        solution = vaesym.solve(*arguments, **options)
        return solution.but(rate=np.where(solution.parameters["beta"] < 1, np.nan, solution.rate))

    monkeypatch.setattr(sweeps, "solve", overflowing)
    target = tmp_path / "x.csv"
    assert main(["sweep", "--alpha", "2", "--beta", "1,0.5", "--lam", "0", "--output", str(target)]) == 0
    assert "in the file: 1\n" in capsys.readouterr().out
    assert target.read_text().count("nan") == 1


@pytest.mark.parametrize("output", ["x.nc", "x.csv"])
def test_unlimited_data_are_no_overflow(tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str) -> None:
    target = tmp_path / output
    options = ["--alpha", "2,inf", "--beta", "0.5,3", "--lam", "0.1", "--output", str(target), "--json"]
    assert main(["sweep", *options]) == 0
    assert json.loads(capsys.readouterr().out)["not_finite"] == 0
    if output == "x.csv":
        with target.open(newline="") as stream:
            rows = [(float(row["alpha"]), float(row["free_energy"])) for row in csv.DictReader(stream)]
    else:
        grid = xr.load_dataset(target, engine="scipy")
        rows = list(zip(np.repeat(grid.alpha, 2).values, grid.free_energy.values.ravel(), strict=True))
    assert [row[0] for row in rows] == [2.0, 2.0, np.inf, np.inf]
    assert [row[1] for row in rows][2:] == [-np.inf, 0.0]


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch", "mpmath"])
def test_strengths_decoder_variance_and_backend(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                backend: str) -> None:
    pytest.importorskip(backend)
    target = tmp_path / "x.nc"
    options = ["--alpha", "2,5", "--beta", "0.5", "--lam", "0.1", "--decoder-variance", "1,0.5", "--latents", "2",
               "--spikes", "1,0.5", "--backend", backend, "--output", str(target), "--json"]
    assert main(["sweep", *options]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["backend"], summary["spikes"]) == (backend, [1.0, 0.5])
    grid = xr.load_dataset(target, engine="scipy").squeeze()
    expected = vaesym.solve(np.array([[2.0], [5.0]]), 0.5, lam=0.1, decoder_variance=[1.0, 0.5], latents=2,
                            spikes=[1.0, 0.5])
    for name in FIELDS:
        np.testing.assert_allclose(grid[name], getattr(expected, name), rtol=1e-12, err_msg=name)
    assert grid.attrs["spikes"].tolist() == [1.0, 0.5]
