"""What tests of the validation share: interrupts, threads, and one report of the smallest preset, made once."""

import signal
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from rich.console import Console

from validation.__main__ import app
from validation.agreement.measurement import Measurements, gather
from validation.agreement.points import chosen
from validation.agreement.presets import preset
from validation.study.simulations import Workshop
from validation.study.threads import libraries

#: Tables of a report of the smallest preset; and what no judge looks at.
RECORDED = Path(__file__).parent / "agreement" / "tiny.npz"
_LEFT_OUT = {"loss_history", "epoch", "run", "latent", "latent_2", "spike", "kl", "trial_kl"}


@pytest.fixture(autouse=True)
def _interrupts_are_heard():
    """Let Ctrl-C interrupt, also where the shell that started the tests has it ignored, as nohup has."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _one_thread_each():
    """Many small matrices, and one process a core: more threads would only wait for one another."""
    with libraries().limit(limits=1):
        yield


@pytest.fixture(scope="session")
def tiny_report(tmp_path_factory, request, ended):
    """The exit code, folder and measurements of a live ``agreement --preset tiny``, which ``--update`` records."""
    base = tmp_path_factory.getbasetemp()
    # Processes of pytest-xdist have folders of their own in one that they share.
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "agreement"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "exit-code").exists():
            done = ended(app, "agreement", "--preset", "tiny", "--output", folder, "--device", "cpu")
            assert done.returncode in {0, 1}, done.stderr
            (folder / "exit-code").write_text(str(done.returncode))
        workshop = Workshop(folder / "store" / "tiny-0-cpu", device="cpu", console=Console(quiet=True))
        found = gather(preset("tiny"), 0, workshop)
        if request.config.getoption("--update"):
            numbers = {f"{study}/{name}": values for study, table in found.tables.items()
                       for name, values in table.items() if values.dtype.kind in "biuf" and name not in _LEFT_OUT}
            np.savez_compressed(RECORDED, **numbers)
    return int((folder / "exit-code").read_text()), folder, found


@pytest.fixture(scope="session")
def recorded():
    """The tables of that report as they were recorded."""
    tables = {}
    with np.load(RECORDED) as archive:
        for key in archive.files:
            study, name = key.split("/")
            tables.setdefault(study, {})[name] = archive[key]
    return tables


@pytest.fixture(scope="session")
def tiny(recorded):
    """Measurements as recorded: what judges them needs no training."""
    smallest = preset("tiny")
    return Measurements(smallest, 0, chosen(smallest.sizes[0], smallest.points),
                        chosen(smallest.sizes[0], smallest.near_points, away=False), recorded)
