"""Benchmarks: what they compare is the same, and what they say is clear. How long it takes is not tested."""

import gzip
import json
import subprocess
import sys

import numpy as np
import pytest

from vaesym.inputs import InputError
from validation.benchmarks import advise


def written(path, shape=(40, 3, 4), code=8):
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    content = bytes([0, 0, code, len(shape)]) + np.array(shape, ">u4").tobytes() + pixels.tobytes()
    path.write_bytes(gzip.compress(content))
    return path, pixels.reshape(len(pixels), -1)


def plain(path):
    path.write_bytes(gzip.decompress(written(path)[0].read_bytes()))
    return path


def test_both_find_the_same_eigenvalues(tmp_path):
    path, pixels = written(tmp_path / "x-idx3-ubyte.gz")
    np.testing.assert_allclose(advise.bare_file(path), advise.bare(pixels))
    for timing in advise.measure(path, 1):
        assert timing.difference < 1e-12
        assert min(timing.advise, timing.bare) > 0


def test_json_and_table(tmp_path):
    path, _ = written(tmp_path / "x-idx3-ubyte.gz")
    command = [sys.executable, "-m", "validation.benchmarks.advise", str(path), "--repeats", "1"]
    printed, table = (subprocess.run([*command, *more], capture_output=True, text=True, check=False)
                      for more in (["--json"], []))
    record = json.loads(printed.stdout)
    assert [row["start"] for row in record["timings"]] == ["array in memory", "gzipped file", "program, from the file"]
    assert all(row["ratio"] == pytest.approx(row["advise"] / row["bare"]) for row in record["timings"])
    assert printed.returncode == (0 if all(row["passed"] for row in record["timings"]) else 1)
    assert (printed.stderr, table.stderr) == ("", "")
    assert max(map(len, table.stdout.splitlines())) <= 80
    assert "ratio" in table.stdout


def test_too_slow_or_wrong_fails():
    assert advise.Timing("x", 1.4, 1.0, 0.0).passed
    assert not advise.Timing("x", 1.5, 1.0, 0.0).passed
    assert not advise.Timing("x", 1.0, 1.0, 1e-6).passed
    assert not advise.Timing("x", 1.0, 1.0, float("nan")).passed


def test_random_images_stand_in_for_an_absent_file(tmp_path, monkeypatch, ended):
    monkeypatch.setattr(advise, "FASHION_MNIST_FOLDER", tmp_path)
    monkeypatch.setattr(advise, "SHAPE", (30, 2, 5))
    done = ended(advise.main, "--repeats", 1, "--json")
    assert done.returncode in {0, 1}
    assert json.loads(done.stdout)["data"] == "random images"
    assert "is absent" in done.stderr
    assert "dataset-fashion-mnist" in done.stderr


@pytest.mark.parametrize("make", [
    lambda folder: [folder / "nowhere.gz"], lambda folder: ["--repeats", 0],
    lambda folder: [written(folder / "x-idx2-ubyte.gz", (20, 6))[0]], lambda folder: [plain(folder / "x-idx3-ubyte")],
])
def test_bad_input_has_three_parts(tmp_path, ended, make):
    done = ended(advise.main, *make(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: expected ")
    assert "; received " in done.stderr
    assert done.stderr.count("; ") >= 2


def test_large_file_is_measured_and_removed(tmp_path):
    timing = advise.measure_large(tmp_path, 1, (5000, 30))
    assert timing.difference < 1e-9
    assert timing.memory > 10
    assert timing.allowed_ratio == advise.ALLOWED_LARGE_RATIO
    assert list(tmp_path.iterdir()) == []
    assert not advise.Timing("x", 1.0, 1.0, 0.0, 1.3, 1001.0).passed
    assert not advise.Timing("x", 1.4, 1.0, 0.0, 1.3, 1.0).passed


def test_large_file_needs_a_folder_with_room(tmp_path):
    for folder, shape in ((tmp_path / "nowhere", (50, 3)), (tmp_path, (10**12, 784))):
        with pytest.raises(InputError, match=r"large file|free disk"):
            advise.measure_large(folder, 1, shape)
    assert list(tmp_path.iterdir()) == []
