"""A store keeps what it has: full disks, strangers, other experiments, a second process, damaged checkpoints."""

import errno
import json
import multiprocessing
import os
import resource
import shutil
import sys

import numpy as np
import pytest
import xarray as xr
from runner_fakes import EVERY_TWO, Accident, WriteCounter, chaos_experiment, contents, recorded, run_quietly

from vaesym.inputs import InputError
from validation.runner import Block, Experiment, read_results
from validation.runner.checkpoints import Checkpoints
from validation.runner.durable import new_folder, replacing_file
from validation.runner.experiment import record_of
from validation.runner.labels import block_dataset


def _full(seen, at):
    if seen == at:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def small(**changes):
    return chaos_experiment(count=1, total=3, **changes)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run_quietly(chaos_experiment(), folder)
    return contents(folder)


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


@pytest.mark.parametrize(("change", "words"), [
    ({"settings": {"total": 9, "map": {"a": 3.8}}}, "settings.map.a = 3.9 there, 3.8 here"),
    ({"settings": {"total": 9}}, "settings.map.a = 3.9 there, absent here"),
    ({"name": "order"}, "experiment = 'chaos' there, 'order' here"),
    ({"version": "2"}, "version = '1' there, '2' here"),
    ({"device": "cuda"}, "device = 'cpu' there, 'cuda' here"),
    ({"blocks": chaos_experiment(count=1).blocks}, "blocks.1.key = 'width-2' there, absent here"),
    ({"blocks": [Block(b.key, {**b.parameters, "beta": np.full(b.runs, 7.0)}, b.task)
                 for b in chaos_experiment().blocks]}, "blocks.0.parameters differ"),
])
def test_store_of_another_experiment_is_refused(tmp_path, reference, change, words):
    (tmp_path / "record.json").write_bytes(reference["record.json"])
    with pytest.raises(InputError, match=r"choose another store") as caught:
        run_quietly(chaos_experiment(**change), tmp_path)
    assert words in str(caught.value)
    assert contents(tmp_path) == {"record.json": reference["record.json"]}


def test_store_of_other_software_is_refused(tmp_path, monkeypatch):
    run_quietly(small(), tmp_path)
    monkeypatch.setattr("validation.runner.experiment.version", lambda name: "0.0")
    with pytest.raises(InputError, match=r"software\.numpy = '.*' there, '0\.0' here"):
        run_quietly(small(), tmp_path)


def test_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("the only copy")
    with pytest.raises(InputError, match=r"which holds 'thesis\.tex'"):
        run_quietly(small(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"a place that can be written; received .*Not a directory"):
        run_quietly(small(), tmp_path / "file" / "store")
    with pytest.raises(InputError, match=r"a place that can be written; received .*File exists"):
        run_quietly(small(), tmp_path / "file")


def test_damaged_record(tmp_path):
    run_quietly(small(), tmp_path)
    (tmp_path / "record.json").write_text("{")
    with pytest.raises(InputError, match=r"a record\.json that can be read"):
        run_quietly(small(), tmp_path)


def _hold(folder, connection):
    from validation.runner.store import open_store
    with open_store(folder, small()):
        connection.send("locked")
        connection.recv()


def test_second_process_is_refused_and_a_killed_one_leaves_no_lock(tmp_path):
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe()
    process = context.Process(target=_hold, args=(tmp_path, there))
    process.start()
    assert here.poll(60)
    with pytest.raises(InputError, match="no other process works on"):
        run_quietly(small(), tmp_path)
    process.kill()
    process.join(60)
    assert run_quietly(small(), tmp_path).sizes["run"] == 2


def test_finished_store_is_read_and_not_computed_again(tmp_path, monkeypatch):
    first = run_quietly(small(), tmp_path)
    monkeypatch.setattr("runner_fakes.ChaosTask.start", lambda task: pytest.fail("computed again"))
    assert run_quietly(small(), tmp_path).identical(first)
    assert {path.name for path in tmp_path.iterdir()} == {"lock", "record.json", "results.zarr"}


def test_any_reader_of_zarr_finds_one_labelled_dataset(tmp_path):
    results = run_quietly(chaos_experiment(), tmp_path)
    with xr.open_zarr(tmp_path / "results.zarr", chunks=None) as dataset:
        xr.testing.assert_identical(dataset.load(), results)
    assert json.loads(results.attrs["settings"]) == {"total": 9, "map": {"a": 3.9}}


def test_unfinished_results(tmp_path):
    with pytest.raises(SystemExit):
        run_quietly(chaos_experiment(Accident("interrupt", 3, str(tmp_path / "m"))), tmp_path / "store")
    for partial in (False, True):
        with pytest.raises(InputError, match="0 of 2 blocks; run it again to continue"):
            read_results(tmp_path / "store", partial=partial)


@pytest.mark.parametrize(("results", "words"), [
    ({"loss": ("run", np.zeros(3))}, r"'loss' of dimensions \('run',\), shape \(3,\)"),
    ({"loss": (("epoch", "run"), np.zeros((4, 2)))}, "'loss' of dimensions"),
    ({"seed": ("run", np.zeros(2))}, "'seed' of dimensions"),
    ({"run": ("run", np.zeros(2))}, "'run' of dimensions"),
    ({"epoch": ("epoch", [1, 1])}, "'epoch' of dimensions"),
    ({"epoch": ("epoch", 1)}, "'epoch' of dimensions"), ({"loss": ((), 1.0)}, "'loss' of dimensions"),
    ({"note": ("run", np.array([None, {}]))}, "type object"),
])
def test_results_that_do_not_fit_are_refused(results, words):
    with pytest.raises(InputError, match=words):
        block_dataset(Block("a", {"seed": [0, 1]}, None), 0, results)


class Fixed:
    """A training without epochs, as an exact minimiser is."""

    total = 0

    def __init__(self, results):
        self.results = results

    def start(self):
        return self

    def result(self):
        return self.results


def test_blocks_that_lack_a_result_or_a_flag(tmp_path):
    tasks = {"a": {"flag": ("run", [True]), "law": ("run", ["x"]), "minus": ("run", [-0.0])}, "b": {"n": ("run", [2])}}
    blocks = [Block(key, {"seed": [0]}, Fixed(results)) for key, results in tasks.items()]
    found = run_quietly(Experiment("e", "1", {}, blocks), tmp_path)
    np.testing.assert_array_equal(found.flag, [1, np.nan])
    np.testing.assert_array_equal(found.n, [np.nan, 2])
    assert found.law.values.tolist() == ["x", ""]
    assert np.signbit(found.minus.values[0])


@pytest.mark.skipif(sys.platform != "linux", reason="counts on /proc")
def test_no_descriptor_stays_open(tmp_path):
    run_quietly(small(), tmp_path / "a")
    before = len(os.listdir("/proc/self/fd"))
    run_quietly(small(), tmp_path / "b", interval=EVERY_TWO)
    assert len(os.listdir("/proc/self/fd")) == before
