"""``vaesym advise``: every bad input ends with one clear message and exit code 2."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
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
    (["--plot", "x.gif"], [".png or .pdf or .svg", "'x.gif'"]),
    (["--plot", "missing/x.png"], ["existing folder"]),
    (["more"], ["unexpected extra argument"]),
]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["advise", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: expected ")
    assert "; received " in captured.err
    assert captured.err.count("; ") >= 2
    assert captured.err.count("\n") == 1
    return captured.err


def written(path: Path, content: Any) -> str:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    return str(path)


@pytest.mark.parametrize(("name", "content", "words"), FILES, ids=[name for name, _, _ in FILES])
def test_bad_data(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: Any,
                  words: list[str]) -> None:
    message = refused(capsys, written(tmp_path / name, content), "--latents", "1")
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(("options", "words"), OPTIONS, ids=[" ".join(options) for options, _ in OPTIONS])
def test_bad_options(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str],
                     words: list[str]) -> None:
    message = refused(capsys, written(tmp_path / "x.npy", DATA), *options)
    assert [word for word in words if word not in message] == []
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


def test_the_real_entry_point_shows_no_traceback(tmp_path: Path) -> None:
    path = written(tmp_path / "text.npy", b"hello")
    result = subprocess.run([sys.executable, "-m", "vaesym.cli", "advise", path], capture_output=True, text=True,
                            env={**os.environ, "COLUMNS": "80"}, timeout=60, check=False)
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
