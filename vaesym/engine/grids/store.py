"""Blocks of points one after the other, in processes or on Dask, each kept in a folder when it is done."""

from __future__ import annotations

import hashlib
import os
import signal
import zipfile
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from vaesym.inputs import InputError, require

Work = Callable[..., dict[str, Any]]


class Store:
    """A folder of finished blocks, which belong to one grid.

    Parameters
    ----------
    folder : it is made if it is not there
    digest : of all that the blocks depend on

    Raises
    ------
    vaesym.InputError
        The folder holds blocks of another grid, or cannot be written.
    """

    def __init__(self, folder: str | Path, digest: str) -> None:
        self.folder = Path(folder)
        name = self.folder / "grid.sha256"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not name.exists():
                if any(self.folder.glob("block-*.npz")):
                    raise InputError("an empty folder, or the store of this grid", f"{self.folder}", "choose another")
                name.write_text(digest, encoding="utf-8")
        except OSError as error:
            raise InputError("a folder that can be written", f"{self.folder}: {error.strerror}",
                             "choose another") from error
        if name.read_text(encoding="utf-8") != digest:
            raise InputError("a store of this problem, these parameters and this version", f"another in {self.folder}",
                             "choose another folder, or repeat the call that began it")

    def _path(self, number: int) -> Path:
        return self.folder / f"block-{number:06d}.npz"

    def load(self, number: int) -> dict[str, Any] | None:
        """Return a block, or None where it is missing or damaged."""
        try:
            with np.load(self._path(number), allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def save(self, number: int, fields: dict[str, Any]) -> None:
        """Keep a block; it appears whole or not at all."""
        scratch = self.folder / f".block-{number:06d}-{os.getpid()}.npz"
        try:
            np.savez(scratch, **fields)
            scratch.replace(self._path(number))
        except OSError as error:
            raise InputError("a folder that can be written", f"{self.folder}: {error.strerror}",
                             "free space, then repeat the call: it goes on where it stopped") from error
        finally:
            scratch.unlink(missing_ok=True)


def _digest(arguments: tuple[str, ...], parts: Sequence[dict[str, Any]]) -> str:
    found = hashlib.sha256(repr((version("vaesym"), arguments)).encode())
    for part in parts:
        for name, values in part.items():
            found.update(name.encode() + np.ascontiguousarray(values).tobytes() + b";")
    return found.hexdigest()


def _leave_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that the user started: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _executor(scheduler: str) -> Generator[Executor]:
    """Yield what works in other processes: of this machine, which end with it, or those of a Dask scheduler."""
    kind, _, count = scheduler.partition(":")
    if kind == "local":
        if not (count.isdecimal() and int(count) > 0):
            raise InputError("local:K with K processes", f"{scheduler!r}", "write e.g. local:2")
        pool = ProcessPoolExecutor(int(count), get_context("spawn"), initializer=_leave_interrupts)
        try:
            yield pool
        except BrokenProcessPool as error:
            raise InputError("processes that live until their work is done", "one that ended",
                             'look at its memory; a script that calls this needs `if __name__ == "__main__":`, since '
                             "each process reads it") from error
        finally:
            pool.shutdown(cancel_futures=True)
        return
    require("distributed", "a scheduler", "lab")
    from distributed import Client

    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError("local:K, or the address of a running Dask scheduler", f"{scheduler!r} ({error})",
                         "check the address") from error
    with client, client.get_executor(pure=False) as executor:
        yield executor


def in_blocks(work: Work, arguments: tuple[str, ...], parts: Sequence[dict[str, Any]], scheduler: str | None,
              store: str | Path | None) -> list[dict[str, Any]]:
    """Return ``work(*arguments, part)`` of every part, in their order.

    Parameters
    ----------
    work : a function of a module, so that other processes find it
    arguments : texts that are the same for all parts
    parts : arrays by name
    scheduler : None to work in this process, "local:K", or an address
    store : a folder that keeps what is done, or None

    Raises
    ------
    vaesym.InputError
        As :class:`Store` does; or no such scheduler, an address without Dask, or a process that died.
    """
    kept = None if store is None else Store(store, _digest(arguments, parts))
    found = {number: block for number in range(len(parts))
             if kept is not None and (block := kept.load(number)) is not None}
    missing = [number for number in range(len(parts)) if number not in found]

    def keep(number: int, block: dict[str, Any]) -> None:
        found[number] = block
        if kept is not None:
            kept.save(number, block)

    if scheduler is None:
        for number in missing:
            keep(number, work(*arguments, parts[number]))
    elif missing:
        with _executor(scheduler) as executor:
            futures = {executor.submit(work, *arguments, parts[number]): number for number in missing}
            for future in as_completed(futures):
                keep(futures[future], future.result())
    return [found[number] for number in range(len(parts))]
