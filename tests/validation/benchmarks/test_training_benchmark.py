"""The benchmark of training: what it compares is the same, and what it requires is looked at. Time is not tested."""

import json
from functools import partial

import numpy as np
import pytest

from validation.benchmarks import training
from validation.benchmarks.training import PlainTraining
from validation.simulate.descent import BatchedTraining
from validation.simulate.runs import Settings

SETTINGS = Settings(epochs=30, device="cpu")


@pytest.fixture
def measured(ended):
    return partial(ended, training.main, "--runs", 3, "--features", 12, "--epochs", 3, "--plain-runs", 2, "--length",
                   20, "--device", "cpu")


def test_workload_is_that_of_the_published_runs():
    runs = training.workload(65, 250)
    assert sorted({run.data.samples for run in runs}) == list(range(100, 1301, 100))
    assert len({(run.data.samples, run.data.seed) for run in runs}) == 65
    assert {run.data.seed for run in runs} == set(range(5))


def test_plain_loop_descends_as_the_batch_does():
    run = training.workload(5, 20)[4]
    batch, plain = BatchedTraining([run], SETTINGS), PlainTraining(run, SETTINGS)
    for _ in range(3):
        assert plain.loss_per_feature() == pytest.approx(batch.result()["loss"][0], rel=1e-10)
        batch.advance(batch.done + 10)
        plain.advance(10)


def test_differences_are_seen(monkeypatch):
    runs = training.workload(4, 16)
    assert training.final_difference(runs, SETTINGS, 2) < 1e-10
    monkeypatch.setattr(PlainTraining, "advance", lambda self, epochs: None)
    assert training.final_difference(runs, SETTINGS, 2) > 1e-3


def test_times_to_the_minimum_say_who_reached_it():
    found = {row["optimiser"]: row["share"] for row in training.times_to_minimum(training.workload(2, 20), SETTINGS)}
    assert found["exact"] == found["L-BFGS"] == 1.0
    assert found["Adam, 1e-3"] == 0.0


def test_requirements(monkeypatch, measured):
    monkeypatch.setattr(training, "_SIZES", [(10, 2, 3)])
    monkeypatch.setattr(training, "memory_bandwidth", lambda settings: 10.0)
    for ratio in (24.0, 26.0):
        timing = training.Timing(3, 1.0, ratio, 2, 3)
        monkeypatch.setattr(training, "epoch_times", lambda *_, timing=timing: timing)
        for difference in (1e-6, 1e-4):
            monkeypatch.setattr(training, "final_difference", lambda *_, difference=difference: difference)
            done = measured("--json")
            assert done.returncode == (0 if ratio > 25 and difference < 1e-5 else 1)
            record = json.loads(done.stdout)
            assert record["epoch"]["ratio"] == ratio
            row = record["scaling"][0]
            assert row["share"] == pytest.approx(row["bandwidth"] / 10)
            assert row["bandwidth"] == pytest.approx(4 * 3 * 10**2 / row["ms"] / 1e6)


def test_table_and_ratio_of_a_real_measurement(monkeypatch, measured):
    monkeypatch.setattr(training, "_SIZES", [(10, 1, 2), (10**5, 1, 2)])
    done = measured()
    assert done.returncode in {0, 1}
    assert "ratio" in done.stdout
    assert "L-BFGS" in done.stdout
    timing = training.epoch_times(training.workload(4, 12), SETTINGS, 2, 2, 1)
    assert (timing.plain_runs, timing.plain_epochs, timing.runs) == (2, 2, 4)
    assert np.isfinite(timing.ratio)


@pytest.mark.parametrize("option", [("--runs", 0), ("--features", -1), ("--device", "tpu"), ("--precision", "half"),
                                    ("--length", 0)])
def test_bad_input_ends_with_2(option, measured):
    done = measured(*option)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: expected ")
