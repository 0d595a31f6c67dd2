"""Full disks, damaged files, processes that died: nothing is lost but the last interval."""

import errno
import json
import os
import resource
import shutil

import numpy as np
import pytest
from runner_fakes import Accident, WriteCounter, chaos_experiment, contents, recorded, run_quietly, small

from vaesym.inputs import InputError
from validation.runner import Block, Experiment
from validation.runner.checkpoints import Checkpoints
from validation.runner.durable import new_folder, replacing_file
from validation.runner.experiment import record_of


def _full(seen, at):
    if seen == at:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(scope="module")
def small_reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    run_quietly(small(), folder)
    return contents(folder)


class Counting:
    """The least training that has a state."""

    total = 3

    def start(self):
        self.epochs = np.zeros(1)
        return self

    def advance(self, until):
        self.epochs[:] = until

    def state(self):
        return {"epochs": self.epochs}

    def restore(self, state):
        self.epochs = state["epochs"]

    def result(self):
        return {"epochs": ("run", self.epochs)}


COUNT = Experiment("count", "1", {}, [Block("a", {"seed": [0]}, Counting())])


def _fails(store, counter, at):
    """Run with a disk that is full at one write; return whether that was told."""
    counter.watch(store, lambda seen: _full(seen, at))
    try:
        run_quietly(COUNT, store)
    except InputError:
        return True
    finally:
        counter.stop()
    return False


@pytest.mark.parametrize("begun", [False, True])
def test_disk_full_at_any_write(tmp_path, monkeypatch, begun):
    """Each run fails one write later than the one before: until the block is written or, if begun, the results."""
    store, counter, failures, at = tmp_path / "store", WriteCounter(), 0, 0
    run_quietly(COUNT, tmp_path / "reference")
    while at == 0 or counter.seen >= at:
        at += 1
        if begun and not store.exists():
            with monkeypatch.context() as patch:
                patch.setattr("validation.runner.store.Store.finish", lambda self: 1 / 0)
                with pytest.raises(ZeroDivisionError):
                    run_quietly(COUNT, store)
        if _fails(store, counter, at):
            failures += 1
            if (store / "blocks" / "a").exists() and not begun:
                break
        else:
            # Python's own way to make a folder that exists already shrugs off the error.
            assert contents(store) == contents(tmp_path / "reference")
            shutil.rmtree(store)
    run_quietly(COUNT, store)
    assert failures > 30
    assert contents(store) == contents(tmp_path / "reference")


@pytest.mark.parametrize("at", [0, 1, 3, 9, 27])
def test_disk_full_while_flushing(tmp_path, monkeypatch, small_reference, at):
    flushed, flush = [], os.fsync

    def failing(descriptor):
        flushed.append(descriptor)
        _full(len(flushed) - 1, at)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(InputError, match="No space left on device"):
        run_quietly(small(), tmp_path)
    monkeypatch.undo()
    run_quietly(small(), tmp_path)
    assert contents(tmp_path) == small_reference


def test_checkpoint_that_the_system_cuts_short_leaves_the_one_before(tmp_path):
    checkpoints, limits = Checkpoints(tmp_path / "block"), resource.getrlimit(resource.RLIMIT_FSIZE)
    checkpoints.save(1, {"x": np.zeros(10)})
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(InputError, match="File too large; free space"):
            checkpoints.save(2, {"x": np.zeros(10_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in (tmp_path / "block").iterdir()] == ["epoch-000000000001.npz"]
    assert checkpoints.latest(pytest.fail)[0] == 1


@pytest.mark.parametrize(("damage", "both"), [("cut", False), ("flip", False), ("empty", False), ("garbage", True)])
def test_damaged_checkpoint(tmp_path, reference, damage, both):
    with pytest.raises(SystemExit):
        run_quietly(chaos_experiment(Accident("interrupt", 7, str(tmp_path / "m"))), tmp_path / "store")
    files = sorted((tmp_path / "store" / "checkpoints" / "width-1").iterdir())
    assert [path.name for path in files] == ["epoch-000000000004.npz", "epoch-000000000006.npz"]
    for path in files if both else files[1:]:
        path.write_bytes(damaged(path.read_bytes(), damage))
    with recorded() as (console, text):
        run_quietly(chaos_experiment(), tmp_path / "store", console=console)
    assert "block width-1: the checkpoint of epoch 6 is damaged" in text()
    assert ("continues from epoch 4 of 9" in text()) is not both
    assert contents(tmp_path / "store") == reference


def damaged(content, how):
    middle = content.index(b"\x93NUMPY") + 130
    return {"cut": content[:len(content) // 2], "empty": b"", "garbage": b"x" * len(content),
            "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:]}[how]


@pytest.mark.parametrize("at", range(0, 2000, 37))
def test_any_flipped_bit_is_found_or_harmless(tmp_path, at):
    checkpoints = Checkpoints(tmp_path)
    state = {"x": np.arange(100.0), "file": np.array("word"), "flags": np.array([True, False])}
    checkpoints.save(5, state)
    path = tmp_path / "epoch-000000000005.npz"
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << at % 8
    path.write_bytes(content)
    warnings = []
    found = checkpoints.latest(warnings.append)
    assert (found is None) == (len(warnings) == 1)
    for name in state if found else ():
        np.testing.assert_array_equal(found[1][name], state[name])


def test_damaged_checkpoint_is_not_counted_among_those_kept(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in (4, 8):
        checkpoints.save(epoch, {"x": np.array(epoch)})
    (tmp_path / "epoch-000000000008.npz").write_bytes(b"")
    assert checkpoints.latest(str)[0] == 4
    checkpoints.save(5, {"x": np.array(5)})
    (tmp_path / "epoch-000000000005.npz").write_bytes(b"")
    assert checkpoints.latest(str)[0] == 4


def test_a_file_is_flushed_and_then_replaced_at_once(tmp_path, monkeypatch):
    target, flushed, flush = tmp_path / "file", [], os.fsync
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", lambda descriptor: (flushed.append(os.fstat(descriptor)), flush(descriptor)))
    with target.open("rb") as reader:
        with replacing_file(target) as stream:
            stream.write(b"new")
        assert reader.read() == b"old"
    assert target.read_bytes() == b"new"
    assert [(status.st_ino, status.st_size if i == 0 else 0) for i, status in enumerate(flushed)] == [
        (target.stat().st_ino, 3), (tmp_path.stat().st_ino, 0)]


def test_a_folder_is_flushed_with_all_it_holds(tmp_path, monkeypatch):
    flushed, flush = set(), os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (flushed.add(os.fstat(descriptor).st_ino), flush(descriptor)))
    with new_folder(tmp_path / "new") as scratch:
        (scratch / "inner").mkdir()
        (scratch / "inner" / "file").write_text("whole")
    assert flushed == {path.stat().st_ino for path in (tmp_path, *tmp_path.rglob("*"))}


def test_a_folder_that_another_worker_has_written_stays(tmp_path):
    with new_folder(tmp_path / "block") as mine:
        (mine / "result").write_text("mine")
        with new_folder(tmp_path / "block") as theirs:
            (theirs / "result").write_text("theirs")
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["block", "block/result"]
    assert (tmp_path / "block" / "result").read_text() == "theirs"


def test_what_a_killed_process_was_writing_is_removed_at_the_start(tmp_path):
    accident = Accident("interrupt", 1, str(tmp_path / "m"))
    (tmp_path / "store").mkdir()
    for place in ("", "blocks", "checkpoints/width-1"):
        (tmp_path / "store" / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / "store" / place / ".x.0.part").touch()
    record = json.dumps(record_of(chaos_experiment()))
    (tmp_path / "store" / "record.json").write_text(record)
    with pytest.raises(SystemExit):
        run_quietly(chaos_experiment(accident), tmp_path / "store")
    assert list((tmp_path / "store").rglob("*.part")) == []


def test_state_with_objects_is_refused(tmp_path):
    with pytest.raises(InputError, match="objects in 'rng'"):
        Checkpoints(tmp_path).save(1, {"rng": np.random.default_rng(0)})
