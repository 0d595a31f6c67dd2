"""A store belongs to one experiment and one process, and ends as one labelled dataset."""

import json
import multiprocessing
import os
import sys

import numpy as np
import pytest
import xarray as xr
from runner_fakes import EVERY_TWO, Accident, chaos_experiment, contents, run_quietly, small

from vaesym.inputs import InputError
from validation.runner import Block, Experiment, read_results
from validation.runner.labels import block_dataset


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
