"""``vaesym advise``: every bad input ends with one clear message and exit code 2."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vaesym.cli import main

DATA = np.random.default_rng(0).normal(size=(50, 8))
HOLE, INFINITE = DATA.copy(), DATA.copy()
HOLE[3, 4], INFINITE[5, 6] = np.nan, np.inf
IDX = bytes([0, 0, 8, 3]) + np.array([4, 2, 3], ">u4").tobytes() + bytes(range(24))

#: What is wrong, the file and what it holds, and words of the message.
FILES: list[tuple[str, Any, list[str]]] = [
    ("nan.npy", HOLE, ["1 of 400 values NaN or infinite", "row 3, column 4"]),
    ("infinity.npy", INFINITE, ["1 of 400 values NaN or infinite", "row 5, column 6"]),
    ("one.npy", DATA[:1], ["at least two samples", "shape (1, 8)"]),
    ("constant.npy", np.ones((9, 8)), ["a column that varies", "nothing to learn"]),
    ("vector.npy", DATA[0], ["2-D array", "1-D array, shape (8,)"]),
    ("huge.npy", 1e200 * DATA, ["fit in float64", "rescale the data"]),
    ("text.npy", b"hello, I am text\n", ["text.npy", "numpy.save or numpy.savez did not write it"]),
    ("cut-idx3-ubyte.gz", gzip.compress(IDX)[:-6], ["cut-idx3-ubyte.gz", "file ended before"]),
    ("empty.csv", b"", ["empty.csv", "an empty file"]),
    ("words.csv", b"a,b\n1,2\n3,cat\n", ["words.csv", "'cat' in line 3, column 2"]),
]
OPTIONS = [
    (["--latents", "9"], ["latents <= min(samples, features) = 8", "received 9"]),
    (["--latents", "0"], ["latents >= 1"]),
    (["--latents", "two"], ["--latents", "advise --help"]),
    (["--beta", "0"], ["beta > 0"]),
    (["--beta", "nan"], ["finite beta"]),
    (["--beta", "inf"], ["finite beta"]),
    (["--reconstruction", "bce"], ["reconstruction as 'sum' or 'mean'", "'bce'", "cross-entropy"]),
    (["--kl", "max"], ["kl as 'sum' or 'mean'", "'max'"]),
    (["--reconstruction-weight", "-1"], ["reconstruction_weight > 0"]),
    (["--reconstruction-weight", "1e300", "--beta", "1e-300"], ["float64"]),
    (["--noise", "1.5"], ["'median' or a share", "'1.5'"]),
    (["--intervals", "jackknife"], ["intervals as bootstrap or spiked", "'jackknife'"]),
    (["--seed", "-1"], ["seed as a whole number >= 0"]),
    (["--solver", "fast"], ["auto, full, top", "'fast'"]),
    (["--solver", "top", "--noise", "0.5", "--latents", "2"], ["all eigenvalues", "--noise trace"]),
    (["--fail-on-collapse"], ["--beta beside --fail-on-collapse"]),
    (["--beta", "1", "--allow-collapsed", "1"], ["add --fail-on-collapse"]),
    (["--beta", "1", "--fail-on-collapse", "--allow-collapsed", "-1"], ["allow-collapsed >= 0"]),
    (["--plot", "x.gif"], [".png or .pdf or .svg", "'x.gif'"]),
    (["--plot", "missing/x.png"], ["existing folder"]),
    (["more"], ["unexpected extra argument"]),
]


def written(path: Path, content: Any) -> str:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    return str(path)


@pytest.mark.parametrize(("name", "content", "words"), FILES, ids=[name for name, _, _ in FILES])
def test_bad_data(tmp_path: Path, refused: Callable[..., str], name: str, content: Any, words: list[str]) -> None:
    message = refused("advise", written(tmp_path / name, content), "--latents", "1")
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(("options", "words"), OPTIONS, ids=[" ".join(options) for options, _ in OPTIONS])
def test_bad_options(tmp_path: Path, refused: Callable[..., str], options: list[str], words: list[str]) -> None:
    message = refused("advise", written(tmp_path / "x.npy", DATA), *options)
    assert [word for word in words if word not in message] == []
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


def test_the_real_entry_point_shows_no_traceback(tmp_path: Path) -> None:
    path = written(tmp_path / "text.npy", b"hello")
    result = subprocess.run([sys.executable, "-m", "vaesym", "advise", path], capture_output=True, text=True,
                            env={**os.environ, "COLUMNS": "80"}, timeout=300, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: expected ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("options", [["--beta", "1e-320"], ["--beta", "1e300"], ["--kl", "mean", "--beta", "2"],
                                     ["--reconstruction", "mean", "--reconstruction-weight", "1e-300"],
                                     ["--noise", "0.5", "--no-center"]])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_extremes_give_finite_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str],
                                      scale: float) -> None:
    path = written(tmp_path / "x.npy", scale * DATA)
    code = main(["advise", path, "--json", "--plot", str(tmp_path / "x.png"), *options])
    captured = capsys.readouterr()
    if code == 2:
        assert "float64" in captured.err
        return
    record = json.loads(captured.out, parse_constant=pytest.fail)
    assert len(record["latents"]) == 8
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("options", "code"), [
    (["--beta", "0.01", "--fail-on-collapse"], 0), (["--beta", "1.2", "--fail-on-collapse"], 3),
    (["--beta", "1.2"], 0), (["--beta", "1.2", "--fail-on-collapse", "--allow-collapsed", "7"], 0),
    (["--beta", "9", "--fail-on-collapse", "--allow-collapsed", "7"], 3),
    (["--beta", "9", "--fail-on-collapse", "--free-bits", "0.1"], 0),
])
def test_collapse_can_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int) -> None:
    path = written(tmp_path / "x.npy", DATA)
    assert main(["advise", path, "--json", *options]) == code
    captured = capsys.readouterr()
    record = json.loads(captured.out)
    # With free bits none collapses, as latents of the plain loss do.
    lost = 0 if record["free_bits"] else sum(not latent["active"] for latent in record["latents"])
    assert record["collapsed"] == lost
    assert ("latents collapse at β" in captured.err) == (code == 3)


def test_exit_codes_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    parts = ("0 done", "2 bad input", "3 --beta collapses", "130 interrupted")
    assert [part for part in parts if part not in words] == []


def test_json_has_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = DATA + np.random.default_rng(1).normal(size=(50, 1)) * np.eye(8)[0] * 9
    assert main(["advise", written(tmp_path / "x.npy", data), "--json", "--beta", "2", "--latents", "2"]) == 0
    record = json.loads(capsys.readouterr().out)
    for name in ("total_variance", "noise", "total_kl", "best_kl_weight"):
        low, high = record[f"{name}_interval"]
        assert low <= record[name] <= high
    for name in ("eigenvalue", "signal_strength", "overlap", "collapse_weight", "kl"):
        low, high = record["latents"][0][f"{name}_interval"]
        assert low <= record["latents"][0][name] <= high
    assert record["total_kl"] == pytest.approx(sum(latent["kl"] for latent in record["latents"]))
    assert [row["n_samples"] for row in record["outlook"]] == [50, 100, 500, None]
    assert record["learned_variance"]["active"] == 2
    assert record["recommendation"]["choice"]["reason"]


@pytest.mark.parametrize("options", [[], ["--intervals", "spiked"], ["--intervals", "none"], ["--solver", "top"]])
def test_every_report_fits_eighty_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                          options: list[str]) -> None:
    path = written(tmp_path / "x.npy", 1e3 * DATA)
    assert main(["advise", path, "--beta", "123456", "--latents", "3", *options]) == 0
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) <= 80
    assert ("±" in output) == (options != ["--intervals", "none"])
    assert "What more data would buy" in output


def test_progress_only_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "x.npy", DATA)
    assert main(["advise", path]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["advise", path, "--json"]) == 0
    captured = capsys.readouterr()
    assert "reading the data" in captured.err
    json.loads(captured.out)


def test_an_interrupt_ends_cleanly(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                   monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vaesym.practice.data.decomposition.moments", interrupt)
    assert main(["advise", written(tmp_path / "x.npy", DATA), "--plot", str(tmp_path / "x.png")]) == 130
    assert capsys.readouterr() == ("", "Interrupted: no output file was written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]
