"""Laboratory runs through the runner: the same numbers, in the order given, whatever the blocks."""

import numpy as np
import pytest
import torch
from rich.console import Console

from vaesym.inputs import InputError
from validation.runner import CheckpointInterval, run_experiment
from validation.simulate.data import SpikedData
from validation.simulate.descent import train
from validation.simulate.runs import Run, Settings
from validation.study.simulations import LaboratoryTask, Workshop, experiment_of, labelled
from validation.study.threads import limited_threads

RUNS = [Run(SpikedData(n, 2 * n, seed=s), beta=b, latents=m, start_seed=s)
        for n in (12, 16) for m in (1, 2) for s in (0,) for b in (0.5, 1.0)]
QUIET = Console(quiet=True)


@pytest.mark.parametrize("settings", [Settings(method="exact"), Settings(epochs=40, learning_rate=0.05, device="cpu"),
                                      Settings(method="lbfgs")], ids=lambda settings: settings.method)
def test_results_are_those_of_the_laboratory(tmp_path, settings):
    experiment = experiment_of("runs", RUNS, settings, {"label": range(len(RUNS))}, most=2)
    found = run_experiment(experiment, tmp_path / "store", console=QUIET, interval=CheckpointInterval(epochs=7))
    found = found.sortby("position")
    # Where L-BFGS stops within its tolerance depends on rounding, and so on the number of threads.
    with limited_threads():
        direct = train(RUNS, settings)
    assert found.label.values.tolist() == list(range(len(RUNS)))
    np.testing.assert_allclose(found.loss, [one["loss"] for one in direct], rtol=1e-12)
    for i, one in enumerate(direct):
        latents = RUNS[i].latents
        np.testing.assert_allclose(found.m.values[i, :latents, :1], one["m"], rtol=1e-9, atol=1e-12)
        assert np.isnan(found.D.values[i, latents:]).all()


def test_interrupted_training_continues_with_the_same_numbers():
    task = LaboratoryTask(tuple(RUNS[:2]), Settings(epochs=30, device="cpu"))
    whole, half = task.start(), task.start()
    whole.advance(30)
    half.advance(11)
    resumed = task.start()
    resumed.restore(half.state())
    resumed.advance(30)
    for name, (dims, values) in whole.result().items():
        np.testing.assert_array_equal(resumed.result()[name][1], values)
        assert len(dims) == np.ndim(values) or dims == name


def test_what_decides_the_numbers_is_recorded():
    one = experiment_of("runs", RUNS[:2], Settings(epochs=10, device="cpu"))
    other = experiment_of("runs", RUNS[:2], Settings(epochs=11, device="cpu"))
    law = experiment_of("runs", [Run(SpikedData(12, 24, law="sparse", seed=0), beta=b) for b in (0.5, 1.0)],
                        Settings(epochs=10, device="cpu"))
    assert one.settings != other.settings
    assert one.blocks[0].digest() != law.blocks[0].digest()


def test_labels_of_another_length_are_refused():
    with pytest.raises(InputError, match="values of label"):
        experiment_of("runs", RUNS, Settings(method="exact"), {"label": [1]})


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_training_keeps_to_one_thread_and_gives_the_others_back(monkeypatch, threads):
    before, seen = torch.get_num_threads(), []
    monkeypatch.setattr("validation.simulate.descent.BatchedTraining.advance",
                        lambda self, until: seen.append(torch.get_num_threads()))
    try:
        torch.set_num_threads(threads)
        LaboratoryTask(tuple(RUNS[:2]), Settings(epochs=5, device="cpu")).start().advance(5)
        assert (seen, torch.get_num_threads()) == ([1], threads)
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_local_workers_give_the_same_bits(tmp_path):
    study = labelled("runs", Settings(epochs=40, learning_rate=0.05, device="cpu"),
                     [(run, {"number": i}) for i, run in enumerate(RUNS[::2])])
    serial = Workshop(tmp_path / "serial", device="cpu", console=QUIET).run(study)
    shared = Workshop(tmp_path / "shared", "local:1", "cpu", QUIET).run(study)
    assert serial.keys() == shared.keys()
    for name, values in serial.items():
        np.testing.assert_array_equal(shared[name], values)
