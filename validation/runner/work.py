"""The work on one block: the same code whether it runs here or on a worker far away."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from validation.runner.checkpoints import start_or_resume
from validation.runner.epochs import CheckpointInterval, Pace
from validation.runner.experiment import Block
from validation.runner.labels import block_dataset
from validation.runner.store import Store


class Event(NamedTuple):
    """What happens to a block: it starts or advances to an epoch, or there is something to say."""

    key: str
    epoch: int = 0
    total: int = 0
    started: bool = False
    text: str = ""


class StoppedError(RuntimeError):
    """The session that asked for this work has ended."""


def run_block(store: Store, block: Block, first_run: int, interval: CheckpointInterval, session: str,
              tell: Callable[[Event], None]) -> None:
    """Train a block from its latest checkpoint to the end and write its results; nothing if that was done before.

    Parameters
    ----------
    store : where checkpoints and results go
    block : what to train
    first_run : number of its first run in the experiment
    interval : how much work may be lost
    session : the session that wants it; the work ends as soon as the store names another
    tell : receives each :class:`Event`

    Raises
    ------
    vaesym.InputError
        The store cannot be written, or the results do not fit the runs.
    StoppedError
        The session has ended.
    """
    if store.is_finished(block.key):
        return
    checkpoints = store.checkpoints(block.key)
    training, epoch = start_or_resume(block, checkpoints, lambda text: tell(Event(block.key, text=text)))
    total = int(training.total)
    tell(Event(block.key, epoch, total, started=True))
    pace = Pace(interval, epoch, total)
    while epoch < total:
        # A task that Dask has cancelled runs on: this is how it learns that nobody waits for it.
        if store.session() != session:
            raise StoppedError(f"block {block.key}: the session that asked for it has ended")
        epoch = pace.next_stop(epoch)
        training.advance(epoch)
        if pace.checkpoint_due(epoch) and epoch < total:
            checkpoints.save(epoch, training.state())
            pace.saved()
        tell(Event(block.key, epoch, total))
    store.write_block(block.key, block_dataset(block, first_run, training.result()))
    checkpoints.clear()
