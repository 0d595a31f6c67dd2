"""Bad input and bad luck: one message, exit code 2, nothing lost."""

import errno
import functools
import os
import socket

import numpy as np
import pytest
from rich.console import Console

from vaesym.inputs import InputError
from validation.__main__ import app
from validation.agreement.presets import PRESETS, with_sizes
from validation.runner import durable
from validation.runner.store import Store
from validation.simulate.data import SpikedData
from validation.simulate.runs import Run, Settings
from validation.study import simulations
from validation.study.simulations import Workshop, labelled

QUIET = Console(quiet=True)
finish = Store.finish


@pytest.fixture
def refused(ended):
    def message(*arguments):
        done = ended(app, "agreement", *arguments)
        assert done.returncode == 2, done.stderr
        # Lines of progress may stand before it.
        *before, last = done.stderr.splitlines()
        assert last.startswith("Error: expected "), done.stderr
        assert not any("rror" in line for line in before), done.stderr
        return last

    return message


@pytest.mark.parametrize(("arguments", "said"), [
    (("--preset", "huge"), "preset among"), (("--device", "tpu"), "device among"), (("--seed", "-1"), "seed"),
    (("--scheduler", "nonsense"), "scheduler"), (("--scheduler", "local:0"), "scheduler"),
    (("--sizes", "-80,160"), "2 to 8 growing sizes"), (("--sizes", "160"), "2 to 8 growing sizes"),
    (("--sizes", "160,80"), "2 to 8 growing sizes"), (("--sizes", "80,80"), "2 to 8 growing sizes"),
    (("--sizes", "20,80"), "whole numbers >= 60"), (("--sizes", "80,many"), "2 to 8 growing sizes"),
    (("--sizes", "80,100000"), "the second moments of 100000 features; received sizes that need 151 GiB")])
def test_refused_before_any_work(refused, tmp_path, arguments, said):
    assert said in refused("--output", tmp_path / "out", *arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--output", "--store"])
def test_folders_that_cannot_be_made(refused, tmp_path, option):
    (tmp_path / "file").write_text("kept")
    said = refused("--preset", "tiny", "--output", tmp_path / "out", option, tmp_path / "file" / "below")
    assert "a folder that can be made" in said
    assert (tmp_path / "file").read_text() == "kept"


def test_folder_that_cannot_be_written(refused, tmp_path, monkeypatch):
    # Whoever runs the tests may be allowed to write everywhere.
    monkeypatch.setattr("vaesym.output.os.access", lambda folder, mode: folder.name != "out")
    assert "a folder that can be written" in refused("--preset", "tiny", "--output", tmp_path / "out")


def test_store_of_another_experiment(refused, tmp_path):
    study = labelled("exact", Settings(method="exact"), [(Run(SpikedData(60, 120)), {"point": 0})])
    Workshop(tmp_path / "store" / "tiny-0-cpu", device="cpu", console=QUIET).run(study)
    record = (tmp_path / "store" / "tiny-0-cpu" / "exact" / "record.json").read_bytes()
    said = refused("--preset", "tiny", "--device", "cpu", "--output", tmp_path)
    assert "the store of this experiment, 'exact'" in said
    assert (tmp_path / "store" / "tiny-0-cpu" / "exact" / "record.json").read_bytes() == record


def full_after(monkeypatch, count):
    """Let the disk be full after so many flushes."""
    flush, seen = durable._flush, []

    def full(*arguments):
        seen.append(arguments)
        if len(seen) > count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return flush(*arguments)

    monkeypatch.setattr(durable, "_flush", full)


def test_store_that_is_full_says_so(refused, tmp_path, monkeypatch):
    full_after(monkeypatch, 2)
    assert "No space left on device; free space" in refused("--preset", "tiny", "--output", tmp_path)


def test_store_that_was_full_is_continued(tmp_path, monkeypatch):
    runs = [Run(SpikedData(n, 40, seed=s), beta=0.5) for s in range(3) for n in (12, 14)]
    study = labelled("exact", Settings(method="exact"), [(run, {"number": i}) for i, run in enumerate(runs)])
    straight = Workshop(tmp_path / "straight", device="cpu", console=QUIET).run(study)
    workshop = Workshop(tmp_path / "store", device="cpu", console=QUIET)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish", lambda self: full_after(patch, 0) or finish(self))
        with pytest.raises(InputError, match="No space left on device"):
            workshop.run(study)
    kept = sorted(path.name for path in (tmp_path / "store" / "exact" / "blocks").iterdir())
    assert len([name for name in kept if name.startswith("000")]) == 2
    for name, values in workshop.run(study).items():
        np.testing.assert_array_equal(values, straight[name])


def test_scheduler_that_does_not_answer(refused, tmp_path, monkeypatch):
    monkeypatch.setattr(simulations, "run_experiment", functools.partial(simulations.run_experiment, timeout=0.3))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        said = refused("--preset", "tiny", "--output", tmp_path, "--scheduler", address)
    assert f"a scheduler that answers within 0.3 s; received none at {address}" in said


def test_sizes_keep_their_numbers_of_data_sets():
    changed = with_sizes(PRESETS["small"], "60,120,240,480")
    assert (changed.sizes, changed.seeds) == ((60, 120, 240, 480), (20, 16, 12, 12))
    with pytest.raises(InputError):
        with_sizes(PRESETS["small"], "")
