"""Files and folders that appear whole or not at all, also when the process is killed or the machine stops."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import IO

from vaesym.inputs import InputError

#: Ending of what is being written; hidden, and removed by the next run if this one dies.
_SCRATCH = ".part"


@contextlib.contextmanager
def storage_errors(target: Path) -> Generator[None, None, None]:
    """Turn an error of the operating system into one that names the place and says how to go on.

    Raises :class:`vaesym.InputError`: the operating system refuses to read or write, as on a full disk.

    >>> with storage_errors(Path("store")):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected a place that can be written; received store: No space left on device; free \
space or make it writable, then run the same command again: it continues from the last checkpoint
    """
    try:
        yield
    except OSError as error:
        raise InputError("a place that can be written", f"{target}: {error.strerror or error}",
                         "free space or make it writable, then run the same command again: it continues from the "
                         "last checkpoint") from error


@contextlib.contextmanager
def interrupts_wait() -> Generator[None, None, None]:
    """Let Ctrl-C wait until the block has ended; in other threads than the main one, which it never hits, do nothing.

    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> try:
    ...     with interrupts_wait():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("this is said first")
    ... except KeyboardInterrupt:
    ...     print("interrupted")
    this is said first
    interrupted
    >>> _ = signal.signal(signal.SIGINT, before)
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        signal.raise_signal(signal.SIGINT)


def _scratch_beside(target: Path) -> Path:
    # No two processes share a name, so that a worker given up for lost cannot spoil what its successor writes.
    return target.with_name(f".{target.name}.{uuid.uuid4().hex}{_SCRATCH}")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def replacing_file(target: Path) -> Generator[IO[bytes], None, None]:
    """Yield a binary stream whose content becomes the file ``target`` when the block ends, and is dropped if it fails.

    Raises :class:`vaesym.InputError`: the operating system refuses to write; ``target`` is as it was.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing_file(Path(folder, "a")) as stream:
    ...         _ = stream.write(b"whole")
    ...     [(path.name, path.read_bytes()) for path in Path(folder).iterdir()]
    [('a', b'whole')]
    """
    scratch = _scratch_beside(target)
    with storage_errors(target):
        try:
            with scratch.open("xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(target)
            _flush(target.parent)
        finally:
            with contextlib.suppress(OSError):
                scratch.unlink()


@contextlib.contextmanager
def _unless_exists(target: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError:
        if not target.exists():
            raise


@contextlib.contextmanager
def new_folder(target: Path) -> Generator[Path, None, None]:
    """Yield a scratch folder that becomes ``target`` when the block ends, and is removed if it fails.

    Where ``target`` exists already with content it stays, and the scratch folder is dropped.

    Raises :class:`vaesym.InputError`: the operating system refuses to write; nothing of ``target`` exists.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with new_folder(Path(folder, "a")) as scratch:
    ...         _ = Path(scratch, "b").write_text("whole")
    ...     [str(path.relative_to(folder)) for path in Path(folder).rglob("*")]
    ['a', 'a/b']
    """
    scratch = _scratch_beside(target)
    with storage_errors(target):
        try:
            scratch.mkdir()
            yield scratch
            for path in (*scratch.rglob("*"), scratch):
                _flush(path)
            with _unless_exists(target):
                scratch.rename(target)
            _flush(target.parent)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds, if it exists.

    >>> remove(Path("there", "is", "nothing"))
    """
    with storage_errors(path):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def is_scratch(path: Path) -> bool:
    """Return whether the name is that of a file or folder which was being written.

    >>> is_scratch(Path("store", ".results.zarr.0123.part")), is_scratch(Path("notes.part"))
    (True, False)
    """
    return path.name.startswith(".") and path.name.endswith(_SCRATCH)


def remove_scratch(folder: Path) -> None:
    """Remove what an earlier process was writing into this folder when it died.

    >>> remove_scratch(Path("."))
    """
    for path in folder.glob(f".*{_SCRATCH}"):
        remove(path)
