"""What tests of the validation share: interrupts, threads, and one report of the smallest preset, made once."""

import json
import signal
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from validation.__main__ import app
from validation.agreement.measurement import gather
from validation.agreement.presets import preset
from validation.study.simulations import Workshop


@pytest.fixture(autouse=True)
def _interrupts_are_heard():
    """Let Ctrl-C interrupt, also where the shell that started the tests has it ignored, as nohup has."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _one_thread_each():
    """Many small matrices, and one process a core: more threads would only wait for one another."""
    with threadpool_limits(1):
        yield


def _make(folder: Path) -> None:
    result = CliRunner().invoke(app, ["agreement", "--preset", "tiny", "--output", str(folder), "--device", "cpu"])
    # An error that is no exit of the command ends with 1 as well.
    if not isinstance(result.exception, SystemExit | None):
        raise result.exception
    assert result.exit_code in {0, 1}, result.output
    (folder / "exit-code").write_text(str(result.exit_code))


@pytest.fixture(scope="session")
def tiny_report(tmp_path_factory, worker_id):
    """The exit code, folder and record of ``agreement --preset tiny``."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "agreement"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "exit-code").exists():
            _make(folder)
    record = json.loads((folder / "agreement.json").read_text(encoding="utf-8"))
    return int((folder / "exit-code").read_text()), folder, record


@pytest.fixture(scope="session")
def tiny(tiny_report):
    """Its measurements, from its store."""
    workshop = Workshop(tiny_report[1] / "store" / "tiny-0-cpu", device="cpu", console=Console(quiet=True))
    with FileLock(tiny_report[1] / "lock"):
        return gather(preset("tiny"), 0, workshop)
