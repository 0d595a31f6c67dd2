"""The folder of an experiment: its record, checkpoints, finished blocks, and in the end one labelled Dataset.

``record.json`` says which experiment it is, ``checkpoints/`` and ``blocks/`` live until all blocks are finished, and
``results.zarr`` appears then. ``lock`` is held by the process at work, ``session`` names it to its workers.
"""

from __future__ import annotations

import contextlib
import json
import uuid
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from vaesym.inputs import InputError
from validation.runner.checkpoints import Checkpoints
from validation.runner.durable import (
    interrupts_wait,
    is_scratch,
    new_folder,
    remove,
    remove_scratch,
    replacing_file,
    storage_errors,
)
from validation.runner.experiment import Experiment, differences, record_of
from validation.runner.labels import merged, storable

_RECORD, _LOCK, _SESSION, _RESULTS = "record.json", "lock", "session", "results.zarr"
_SHOWN = 5


def _write(dataset: xr.Dataset, target: Path) -> None:
    # Zarr works in a thread of its own, and complains when the one that waits for it is interrupted.
    with interrupts_wait(), new_folder(target) as scratch, warnings.catch_warnings():
        # Consolidated metadata is no part of Zarr 3 yet; who does not know it does not need it.
        warnings.filterwarnings("ignore", "Consolidated metadata is currently not part", UserWarning)
        dataset.to_zarr(scratch, mode="w-", zarr_format=3, consolidated=True)


def _read(folder: Path) -> xr.Dataset:
    with interrupts_wait(), xr.open_zarr(folder, chunks=None, consolidated=False) as dataset:
        loaded = dataset.load().drop_encoding()
    # NumPy's strings of variable length cannot be padded.
    strings = [name for name, variable in loaded.variables.items() if variable.dtype.kind == "T"]
    return loaded.assign({name: loaded[name].astype(object) for name in strings})


def _read_block(path: Path) -> xr.Dataset:
    data: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            kind, dims, name = key.split("/", 2)
            values = archive[key]
            (coords if kind == "coord" else data)[name] = (dims.split(","), storable(values))
    return xr.Dataset(data, coords)


class Store:
    """The folder of an experiment, as a worker sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoints(self, key: str) -> Checkpoints:
        """Return the checkpoints of a block."""
        return Checkpoints(self.folder / "checkpoints" / key)

    def _block(self, key: str) -> Path:
        return self.folder / "blocks" / f"{key}.npz"

    def has_results(self) -> bool:
        """Return whether all blocks are finished and put together."""
        return (self.folder / _RESULTS).exists()

    def is_finished(self, key: str) -> bool:
        """Return whether the results of a block are written."""
        return self.has_results() or self._block(key).exists()

    def write_block(self, key: str, dataset: xr.Dataset) -> None:
        """Write the results of a block, whole or not at all."""
        with storage_errors(self._block(key)):
            self._block(key).parent.mkdir(exist_ok=True)
        # One file for a block that lives until the end of the experiment: a store of Zarr has some for each variable.
        arrays = {f"{'coord' if name in dataset.coords else 'data'}/{','.join(map(str, variable.dims))}/{name}":
                  variable.values.astype(str) if variable.dtype == object else variable.values
                  for name, variable in dataset.variables.items()}
        with replacing_file(self._block(key)) as stream:
            np.savez(stream, **arrays)

    def record(self) -> dict[str, Any]:
        """Return which experiment this is.

        Raises :class:`vaesym.InputError`: the folder is not that of an experiment.
        """
        try:
            return json.loads((self.folder / _RECORD).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InputError("the folder of an experiment", f"{self.folder}, which has no {_RECORD}",
                             "check the name, or run the experiment first") from error
        except ValueError as error:
            raise InputError(f"a {_RECORD} that can be read", f"{self.folder / _RECORD}: {error}",
                             "put it back from a copy, or choose another store") from error

    def session(self) -> str:
        """Return the name of the session at work, or nothing."""
        try:
            return (self.folder / _SESSION).read_text(encoding="utf-8")
        except OSError:
            return ""

    def end_session(self) -> None:
        """Let all work on the store stop at its next look at the session."""
        with contextlib.suppress(OSError):
            (self.folder / _SESSION).unlink()

    def finish(self) -> None:
        """Put the finished blocks together as ``results.zarr``, then remove what was needed on the way."""
        record = self.record()
        if not self.has_results():
            parts = [_read_block(self._block(block["key"])) for block in record["blocks"]]
            _write(merged(parts, record), self.folder / _RESULTS)
        for name in ("checkpoints", "blocks"):
            remove(self.folder / name)

    def results(self, *, partial: bool = False) -> xr.Dataset:
        """Return the results; see :func:`validation.runner.read_results`."""
        record = self.record()
        if self.has_results():
            return _read(self.folder / _RESULTS)
        done = [block["key"] for block in record["blocks"] if self.is_finished(block["key"])]
        if not (partial and done):
            raise InputError("an experiment that is finished", f"{self.folder}, {len(done)} of "
                             f"{len(record['blocks'])} blocks", "run it again to continue, or ask for partial results")
        return merged([_read_block(self._block(key)) for key in done], record)


def _make_folder(folder: Path) -> None:
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        strangers = [path.name for path in folder.iterdir() if path.name != _LOCK and not is_scratch(path)]
    if strangers and _RECORD not in strangers:
        raise InputError("a new or empty folder, or that of an experiment", f"{folder}, which holds {strangers[0]!r}",
                         "choose another folder")


@contextlib.contextmanager
def _locked(folder: Path) -> Generator[None, None, None]:
    from filelock import FileLock, Timeout

    # The operating system lets go of this lock when its holder dies, however it dies.
    lock = FileLock(folder / _LOCK)
    with storage_errors(folder):
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            raise InputError("a store that no other process works on", f"{folder}, where one is at work",
                             "wait for it or stop it, or choose another store") from error
    try:
        yield
    finally:
        lock.release()


def _claim(store: Store, experiment: Experiment) -> None:
    """Write the record of a new store, or refuse one of another experiment."""
    wanted = record_of(experiment)
    path = store.folder / _RECORD
    if not path.exists():
        with replacing_file(path) as stream:
            stream.write(json.dumps(wanted, indent=2).encode())
        return
    found = differences(store.record(), wanted)
    if found:
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise InputError(f"the store of this experiment, {experiment.name!r}",
                         f"{store.folder}, where {'; '.join(found[:_SHOWN])}{more}",
                         "choose another store, or the settings and software it was begun with")


@contextlib.contextmanager
def open_store(folder: Path, experiment: Experiment) -> Generator[tuple[Store, str], None, None]:
    """Yield the store of an experiment, made if it is new, locked while the block runs, and the name of the session.

    Raises :class:`vaesym.InputError`: the folder belongs to something else or to another experiment, cannot be written,
    or is in use.
    """
    _make_folder(folder)
    with _locked(folder):
        store, session = Store(folder), uuid.uuid4().hex
        _claim(store, experiment)
        for place in (folder, folder / "blocks", *(folder / "checkpoints").glob("*")):
            remove_scratch(place)
        with replacing_file(folder / _SESSION) as stream:
            stream.write(session.encode())
        try:
            yield store, session
        finally:
            store.end_session()
