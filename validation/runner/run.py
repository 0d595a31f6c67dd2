"""The runner's face: run an experiment to its end, or continue it; read its results."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import xarray as xr
from rich.console import Console

from vaesym.inputs import InputError, positive
from vaesym.output import console as standard_console
from validation.runner.experiment import Block, Experiment
from validation.runner.progress import Display, say_interrupted
from validation.runner.scheduler import parse_scheduler, run_on_cluster
from validation.runner.store import Store, open_store
from validation.runner.work import CheckpointInterval, run_block

#: What a shell reports for a program that Ctrl-C ended.
_INTERRUPTED = 130


def _require(*modules: str) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(f"the packages {', '.join(modules)}", f"an installation without {', '.join(missing)}",
                         "install them with: pip install 'vaesym[lab]'")


def run_experiment(experiment: Experiment, store: str | os.PathLike[str], *, scheduler: str | None = None,
                   interval: CheckpointInterval | None = None, console: Console | None = None,
                   timeout: float = 30.0) -> xr.Dataset:
    """Run an experiment, or continue it where it was interrupted, and return its results.

    The results are the same bit for bit however often the work was interrupted, and on workers as without them,
    provided that the trainings keep what :class:`Training` promises.

    Parameters
    ----------
    experiment : what to run
    store : folder for checkpoints and results, new or that of the same experiment
    scheduler : ``local:K`` for K worker processes, the address of a Dask scheduler, or None for this process
    interval : how much work may be lost at most; a minute if None
    console : where progress is shown; standard error if None
    timeout : seconds to wait for a scheduler at an address, and for its first worker

    Returns
    -------
    Dataset along ``run`` with the parameters of the runs as coordinates; in the store it is ``results.zarr``.

    Raises
    ------
    vaesym.InputError
        A store that belongs to something else, is in use, full or cannot be written; a scheduler that does not
        answer; missing packages. Nothing is lost: the same call continues.
    SystemExit
        Code 130 after Ctrl-C, with a message that says how to continue.

    >>> import tempfile
    >>> import numpy as np
    >>> class Doubling:
    ...     total = 10
    ...     def __init__(self, seeds):
    ...         self.epoch, self.value = 0, np.asarray(seeds, dtype=float)
    ...     def advance(self, until):
    ...         self.value, self.epoch = self.value * 2.0 ** (until - self.epoch), until
    ...     def state(self):
    ...         return {"epoch": np.array(self.epoch), "value": self.value}
    ...     def restore(self, state):
    ...         self.epoch, self.value = int(state["epoch"]), state["value"]
    ...     def result(self):
    ...         return {"value": ("run", self.value)}
    >>> class Task:
    ...     def start(self):
    ...         return Doubling([1, 2])
    >>> experiment = Experiment("doubling", "1", {"epochs": 10}, [Block("a", {"seed": [1, 2]}, Task())])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = run_experiment(experiment, folder, console=Console(quiet=True))
    >>> results.value.values, results.seed.values, results.attrs["experiment"]
    (array([1024., 2048.]), array([1, 2]), 'doubling')
    """
    where = None if scheduler is None else parse_scheduler(scheduler)
    seconds = float(positive("timeout", timeout))
    _require("zarr", "filelock", *(() if where is None else ("distributed",)))
    output = console or standard_console(stderr=True)
    try:
        return _run(experiment, Path(store).resolve(), interval or CheckpointInterval(), output, where, seconds)
    except KeyboardInterrupt:
        say_interrupted(output)
        raise SystemExit(_INTERRUPTED) from None


def _run(experiment: Experiment, folder: Path, interval: CheckpointInterval, console: Console,
         scheduler: int | str | None, timeout: float) -> xr.Dataset:
    with open_store(folder, experiment) as (store, session):
        finished = {block.key for block in experiment.blocks if store.is_finished(block.key)}
        pending = [block for block in experiment.blocks if block.key not in finished]
        with Display(console, experiment, finished) as display:
            if scheduler is not None and pending:
                run_on_cluster(experiment, pending, store, session, interval, display, scheduler, timeout)
            else:
                _run_here(experiment, pending, store, session, interval, display)
        store.finish()
        return store.results()


def _run_here(experiment: Experiment, pending: list[Block], store: Store, session: str, interval: CheckpointInterval,
              display: Display) -> None:
    for block in pending:
        run_block(store, block, experiment.first_runs[block.key], interval, session, display)
        display.finished(block.key)


def read_results(store: str | os.PathLike[str], *, partial: bool = False) -> xr.Dataset:
    """Return the results of an experiment, from its store; with ``partial`` of the finished blocks, if there are any.

    Raises :class:`vaesym.InputError`: not the store of an experiment, or one that is not finished.

    >>> read_results("nowhere")
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected the folder of an experiment; received nowhere, which has no record.json; \
check the name, or run the experiment first
    """
    _require("zarr")
    return Store(Path(store)).results(partial=partial)
