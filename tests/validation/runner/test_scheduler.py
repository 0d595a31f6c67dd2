"""The same blocks on Dask workers: the same store, whatever happens to a worker."""

import contextlib
import logging
import pickle
import socket
from concurrent.futures import Future

import pytest
from distributed import KilledWorker, LocalCluster
from distributed.client import FutureCancelledError
from runner_fakes import EVERY_TWO, Accident, chaos_experiment, contents, recorded, run_quietly

from vaesym.inputs import InputError
from validation.runner import Block, Experiment
from validation.runner.scheduler import outcome, parse_scheduler
from validation.runner.store import Store, open_store
from validation.runner.work import StoppedError, run_block


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference") / "store"
    run_quietly(chaos_experiment(count=3), folder)
    return contents(folder)


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=0, threads_per_worker=1, processes=True, dashboard_address=":0",
                      scheduler_kwargs={"dashboard": False}, silence_logs=logging.CRITICAL) as cluster:
        yield cluster


def test_killed_worker_costs_its_block_only(tmp_path, reference):
    accident = Accident("kill", 7, str(tmp_path / "killed"))
    with recorded() as (console, text):
        run_quietly(chaos_experiment(accident, at=1, count=3), tmp_path / "store", scheduler="local:2", console=console)
    assert (tmp_path / "killed").exists()
    assert "100%, 3 of 3 blocks" in text()
    assert contents(tmp_path / "store") == reference


def test_interrupt_is_not_for_workers(tmp_path, reference, capfd):
    # Ctrl-C reaches every process of a terminal.
    accident = Accident("interrupt", 7, str(tmp_path / "interrupted"))
    run_quietly(chaos_experiment(accident, at=1, count=3), tmp_path / "store", scheduler="local:1")
    assert (tmp_path / "interrupted").exists()
    assert "Traceback" not in "".join(capfd.readouterr())
    assert contents(tmp_path / "store") == reference


def test_local_workers_beside_another_cluster(tmp_path, reference):
    with socket.socket() as usual:
        # The usual port of a scheduler's server; if it is taken already, so much the better.
        with contextlib.suppress(OSError):
            usual.bind(("0.0.0.0", 8787))
            usual.listen()
        run_quietly(chaos_experiment(count=3), tmp_path / "store", scheduler="local:1")
    assert contents(tmp_path / "store") == reference


def test_no_workers_then_some_at_an_address(tmp_path, cluster, reference):
    address = cluster.scheduler_address
    with pytest.raises(InputError, match=r"a scheduler with workers within 2 s; received none at"):
        run_quietly(chaos_experiment(count=3), tmp_path / "store", scheduler=address, timeout=2)
    cluster.scale(1)
    run_quietly(chaos_experiment(count=3), tmp_path / "store", scheduler=address, timeout=300)
    assert contents(tmp_path / "store") == reference
    accident = Accident("loss is not finite", 5, str(tmp_path / "m"))
    with pytest.raises(RuntimeError, match="loss is not finite"):
        run_quietly(chaos_experiment(accident, count=3), tmp_path / "second", scheduler=address)
    clash = Experiment("clash", "1", {}, [Block("a", {"loss": [0.0, 1.0]}, chaos_experiment().blocks[0].task)])
    with pytest.raises(InputError, match="'loss' of dimensions"):
        run_quietly(clash, tmp_path / "third", scheduler=address)
    run_quietly(chaos_experiment(count=3), tmp_path / "second")
    assert contents(tmp_path / "second") == reference


@pytest.mark.parametrize("listening", [False, True])
def test_scheduler_that_does_not_answer(tmp_path, listening):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listening:
            silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match=rf"a scheduler that answers within 0\.5 s; received none at {address}"):
            run_quietly(chaos_experiment(), tmp_path, scheduler=address, timeout=0.5)


@pytest.mark.parametrize("text", ["local:0", "local:-1", "local:two", "local:", "local", "local:1.5", "local:²", "",
                                  "nowhere", "tcp://", "tcp://host", "host:port", "host:8786:1", "a b:8786"])
def test_unparsable_scheduler_is_refused_before_any_work(tmp_path, text):
    with pytest.raises(InputError, match="a scheduler as ADDRESS or local:K"):
        run_quietly(chaos_experiment(), tmp_path / "store", scheduler=text)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("text", ["10.0.0.1:8786", "tcp://node-1.site:8786", "tls://[::1]:8786"])
def test_addresses(text):
    assert parse_scheduler(text) == text


def test_work_ends_with_the_session_that_asked_for_it(tmp_path):
    experiment, epochs = chaos_experiment(), []
    with open_store(tmp_path, experiment) as (store, session):
        def tell(event):
            epochs.append(event.epoch)
            if event.epoch >= 3:
                (tmp_path / "session").write_text("another")

        with pytest.raises(StoppedError, match="width-1"):
            run_block(Store(tmp_path), experiment.blocks[0], 0, EVERY_TWO, session, tell)
    assert epochs == [0, 1, 2, 4]
    assert not store.is_finished("width-1")


@pytest.mark.parametrize("module", ["zarr", "distributed"])
def test_missing_packages(tmp_path, monkeypatch, module):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == module else "found")
    with pytest.raises(InputError, match=rf"without {module}; install them with: pip install 'vaesym\[lab\]'"):
        run_quietly(chaos_experiment(), tmp_path / "store", scheduler="local:1")


def test_no_scheduler_needs_no_dask(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "distributed" else "found")
    assert run_quietly(chaos_experiment(), tmp_path).sizes["run"] == 5


@pytest.mark.parametrize(("error", "words"), [
    (KilledWorker("a", None, 3), "a worker lost again and again at block width-1"),
    (FutureCancelledError("a", "lost"), "a scheduler that stays; received none any more, at block width-1"),
])
def test_what_dask_reports_is_told_in_words(error, words):
    future = Future()
    future.set_exception(error)
    with pytest.raises(InputError, match=words):
        outcome(future, chaos_experiment().blocks[0])


def test_errors_return_from_workers():
    error = pickle.loads(pickle.dumps(InputError("a", "b", "c")))
    assert str(error) == "expected a; received b; c"
