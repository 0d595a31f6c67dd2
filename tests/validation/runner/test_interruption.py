"""Whatever interrupts the work, and whenever: the store in the end is that of uninterrupted work, bit for bit."""

import itertools
import multiprocessing
import os
import signal
import sys

import numpy as np
import pytest
from runner_fakes import Accident, WriteCounter, chaos_experiment, contents, recorded, run_quietly

from validation.runner import CheckpointInterval, read_results

KILLS = 10
OFTEN = CheckpointInterval(seconds=1e-9, epochs=2)


@pytest.mark.parametrize(("at", "epoch"), [(0, epoch) for epoch in range(9)] + [(1, epoch) for epoch in (0, 1, 9)])
def test_interrupted_at_any_epoch(tmp_path, reference, at, epoch):
    accident = Accident("interrupt", epoch, str(tmp_path / "happened"))
    with pytest.raises(SystemExit) as caught:
        run_quietly(chaos_experiment(accident, at), tmp_path / "store")
    assert caught.value.code == 130
    saved = sorted(path.name for path in (tmp_path / "store" / "checkpoints").glob("*/*"))
    # Epochs since the last checkpoint are lost, and no more.
    assert saved == [f"epoch-{e:012d}.npz" for e in (epoch // 2 * 2 - 2, epoch // 2 * 2) if e > 0]
    run_quietly(chaos_experiment(), tmp_path / "store")
    assert contents(tmp_path / "store") == reference


@pytest.mark.parametrize("interval", [CheckpointInterval(seconds=1e-9), CheckpointInterval(seconds=1e9),
                                      CheckpointInterval(seconds=float("inf"), epochs=1)])
def test_interval_does_not_matter(tmp_path, reference, interval):
    run_quietly(chaos_experiment(), tmp_path, interval=interval)
    assert contents(tmp_path) == reference


def test_results_are_those_of_the_training(tmp_path):
    experiment = chaos_experiment()
    results = run_quietly(experiment, tmp_path / "store")
    for block in experiment.blocks:
        training = block.task.start()
        training.advance(training.total)
        part = results.isel(run=(results.block == block.key).values)
        np.testing.assert_array_equal(part.seed, block.parameters["seed"])
        np.testing.assert_array_equal(part.x.sel(latent=slice(0, block.task.width - 1)), training.x)
        np.testing.assert_array_equal(part.loss.sel(epoch=training.logged), training.history)
        assert np.isnan(part.x.sel(latent=slice(block.task.width, None))).all()
    assert results.identical(read_results(tmp_path / "store"))
    assert results.run.values.tolist() == list(range(5))
    assert set(results.law.values) == {"gaussian"}
    assert {"experiment", "version", "settings", "device", "vaesym", "torch", "numpy"} == set(results.attrs)


def _child(folder, kill_at, connection):
    experiment = chaos_experiment()
    if connection is not None:
        task_type = type(experiment.blocks[0].task.start())
        advance = task_type.advance

        def told(self, until):
            advance(self, until)
            connection.send(until)

        task_type.advance = told
    counter = WriteCounter()
    counter.watch(folder, lambda seen: os.kill(os.getpid(), signal.SIGKILL) if seen == kill_at else None)
    run_quietly(experiment, folder, interval=OFTEN)
    if connection is not None:
        connection.send(None)


@pytest.fixture(scope="module")
def fork():
    """Start copies of a process that has imported everything and has no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["validation.runner", "xarray.backends.zarr", "filelock"])
    return context


@pytest.fixture(scope="module")
def writes(tmp_path_factory):
    """How often the uninterrupted work opens files for writing, renames and makes folders."""
    counter, folder = WriteCounter(), tmp_path_factory.mktemp("counted")
    counter.watch(folder, lambda seen: None)
    run_quietly(chaos_experiment(), folder, interval=OFTEN)
    counter.stop()
    return counter.seen


@pytest.mark.parametrize("share", np.random.default_rng(0).random(KILLS))
def test_killed_at_a_random_write(tmp_path, reference, fork, writes, share):
    process = fork.Process(target=_child, args=(str(tmp_path / "store"), 1 + int(share * writes), None))
    process.start()
    process.join(timeout=300)
    assert process.exitcode == -signal.SIGKILL
    run_quietly(chaos_experiment(), tmp_path / "store")
    assert contents(tmp_path / "store") == reference


def test_killed_from_outside(tmp_path, reference, fork):
    rng, killed = np.random.default_rng(1), 0
    for advances in rng.integers(1, 6, size=KILLS // 2):
        receiver, sender = fork.Pipe(duplex=False)
        process = fork.Process(target=_child, args=(str(tmp_path / "store"), -1, sender))
        process.start()
        sender.close()
        messages = iter(receiver.recv, None)
        heard = len(list(itertools.islice(messages, int(advances))))
        process.kill()
        process.join(timeout=300)
        receiver.close()
        killed += process.exitcode == -signal.SIGKILL
        assert heard == advances or process.exitcode in {0, -signal.SIGKILL}
    assert killed >= 2
    run_quietly(chaos_experiment(), tmp_path / "store")
    assert contents(tmp_path / "store") == reference


def test_message_says_how_to_continue(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "validation", "a name"])
    accident = Accident("interrupt", 1, str(tmp_path / "m"))
    with recorded() as (console, text), pytest.raises(SystemExit):
        run_quietly(chaos_experiment(accident, 1), tmp_path / "store", console=console)
    assert "chaos: 46%, 1 of 2 blocks, " in text()
    assert "Interrupted. Checkpoints and finished blocks are kept" in text()
    assert "the same command continues from them: " in text()
    assert "python -m validation 'a name'" in text()


def test_error_in_a_training_comes_through_and_keeps_the_rest(tmp_path, reference):
    accident = Accident("loss is not finite", 9, str(tmp_path / "m"))
    with pytest.raises(RuntimeError, match="loss is not finite"):
        run_quietly(chaos_experiment(accident, 1), tmp_path / "store")
    partial = read_results(tmp_path / "store", partial=True)
    assert set(partial.block.values) == {"width-1"}
    run_quietly(chaos_experiment(), tmp_path / "store")
    assert contents(tmp_path / "store") == reference
