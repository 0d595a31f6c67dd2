"""The same blocks on many processes or machines, by Dask."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaesym.inputs import InputError
from validation.runner.experiment import Block, Experiment, differences, software_versions
from validation.runner.progress import Display
from validation.runner.store import Store
from validation.runner.work import CheckpointInterval, Event, run_block

if TYPE_CHECKING:
    from distributed import Client

_ADDRESS = re.compile(r"([a-z]+://)?(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):\d{1,5}")
#: Deaths of workers that a block survives on local workers; each time it continues from its checkpoint.
_ALLOWED_DEATHS = 10


def parse_scheduler(text: str) -> int | str:
    """Return the number of local workers that ``local:K`` asks for, or the address of a scheduler.

    Raises :class:`vaesym.InputError`: neither the one nor the other.

    >>> parse_scheduler("local:4"), parse_scheduler("tcp://10.0.0.1:8786")
    (4, 'tcp://10.0.0.1:8786')
    >>> parse_scheduler("local:none")
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected a scheduler as ADDRESS or local:K with K >= 1; received 'local:none'; give e.g. \
local:2 or tcp://10.0.0.1:8786
    """
    kind, _, number = text.partition(":")
    if kind == "local":
        if number.isascii() and number.isdecimal() and int(number) >= 1:
            return int(number)
    elif _ADDRESS.fullmatch(text):
        return text
    raise InputError("a scheduler as ADDRESS or local:K with K >= 1", f"{text!r}",
                     "give e.g. local:2 or tcp://10.0.0.1:8786")


@contextlib.contextmanager
def _local_client(workers: int) -> Generator[Client, None, None]:
    import dask
    from distributed import Client, LocalCluster

    # A death is told by the display, and memory is left to the operating system, as without a scheduler. There is no
    # dashboard, but its server runs all the same: on any free port, since another cluster may have the usual one.
    with (dask.config.set({"distributed.scheduler.allowed-failures": _ALLOWED_DEATHS}),
          LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, memory_limit=0,
                       dashboard_address=":0", scheduler_kwargs={"dashboard": False},
                       silence_logs=logging.CRITICAL) as cluster,
          Client(cluster) as client):
        client.register_worker_callbacks(_leave_interrupts)
        yield client


def _leave_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that the user started: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


async def _shake_hands(address: str, timeout: float) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    async with asyncio.timeout(timeout):
        comm = await connect(address, timeout=timeout, **Security().get_connection_args("client"))
        await comm.close()


@contextlib.contextmanager
def _remote_client(address: str, timeout: float) -> Generator[Client, None, None]:
    from distributed import Client

    try:
        # A client waits for ever on a port that accepts and then keeps silent. In a thread, as there may be an event
        # loop in this one, such as that of a notebook.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, _shake_hands(address, timeout)).result()
        client = Client(address, timeout=timeout)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        reason = f": {error}".splitlines()[0] if str(error) else ""
        raise InputError(f"a scheduler that answers within {timeout:g} s", f"none at {address}{reason}",
                         "start one with `dask scheduler`, or correct the address") from error
    with client:
        try:
            client.wait_for_workers(1, timeout)
        except TimeoutError as error:
            raise InputError(f"a scheduler with workers within {timeout:g} s", f"none at {address}",
                             f"start some with `dask worker {address}`") from error
        yield client


def _run_on_worker(folder: Path, block: Block, first_run: int, interval: CheckpointInterval, session: str) -> None:
    from distributed import get_worker

    worker, store = get_worker(), Store(folder)
    if store.session() != session:
        raise InputError("a store on a disk that all workers share", f"{folder}, which {worker.address} does not see",
                         "choose a store on a shared disk")
    found = differences({"software": store.record()["software"]}, {"software": software_versions()})
    if found:
        raise InputError("workers with the software of this process", f"{worker.address}, where {'; '.join(found)}",
                         "install the same versions on all workers")
    run_block(store, block, first_run, interval, session, lambda event: worker.log_event(session, event._asdict()))


def outcome(future: Any, block: Block) -> None:
    """Wait for a block on a worker.

    Raises :class:`vaesym.InputError`: its workers died again and again, or the scheduler is gone. Any error of the work
    itself comes as it was.
    """
    from distributed import KilledWorker

    try:
        future.result()
    except KilledWorker as error:
        raise InputError("workers that live until the next checkpoint", f"a worker lost again and again at block "
                         f"{block.key}", "look at its memory, then run the same command again") from error
    except CancelledError as error:
        raise InputError("a scheduler that stays", f"none any more, at block {block.key}",
                         "start it again, then run the same command again: it continues") from error


def run_on_cluster(experiment: Experiment, blocks: Sequence[Block], store: Store, session: str,
                   interval: CheckpointInterval, display: Display, scheduler: int | str, timeout: float) -> None:
    """Run blocks on Dask workers; a worker that dies costs its block the work since the last checkpoint.

    The store is on a disk that the workers share; ``scheduler`` is a number of local workers, or an address, and
    ``timeout`` how many seconds to wait for it and its first worker.

    Raises :class:`vaesym.InputError`: no scheduler, no workers, workers without the store or with other software, or an
    error of the store.
    """
    from distributed import as_completed

    fields = set(Event._fields)

    def received(message: tuple[float, dict[str, Any]]) -> None:
        display(Event(**{name: value for name, value in message[1].items() if name in fields}))

    connect = _local_client(scheduler) if isinstance(scheduler, int) else _remote_client(scheduler, timeout)
    with connect as client, contextlib.ExitStack() as stack:
        # Before the client leaves: workers that go on would hold it up, and Dask cannot stop them.
        stack.callback(store.end_session)
        client.subscribe_topic(session, received)
        futures = {client.submit(_run_on_worker, store.folder, block, experiment.first_runs[block.key], interval,
                                 session, key=f"{block.key}-{session}", pure=False): block for block in blocks}
        for future in as_completed(futures):
            outcome(future, futures[future])
            display.finished(futures[future].key)
