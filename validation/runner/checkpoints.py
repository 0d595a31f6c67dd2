"""Saved states of a block under way: the last two, each a file that says when it is damaged."""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vaesym.inputs import InputError
from validation.runner.durable import remove, replacing_file, storage_errors
from validation.runner.experiment import Arrays, Block, Training

_NAME = re.compile(r"epoch-(\d{12})\.npz")
_KEPT = 2
#: Put before the names of arrays, which may be any word: NumPy gives some of them a meaning of its own.
_PREFIX = "state/"
_DAMAGE = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError, NotImplementedError)


class Checkpoints:
    """The checkpoints of one block, in a folder of its own.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoints = Checkpoints(Path(folder, "block"))
    ...     for epoch in (5, 10, 15):
    ...         checkpoints.save(epoch, {"x": np.array(epoch)})
    ...     checkpoints.latest(print)
    (15, {'x': array(15)})
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _files(self) -> list[tuple[int, Path]]:
        """Return epochs and files, the latest first."""
        if not self._folder.is_dir():
            return []
        found = [(_NAME.fullmatch(path.name), path) for path in self._folder.iterdir()]
        return sorted(((int(name[1]), path) for name, path in found if name), reverse=True)

    def save(self, epoch: int, state: Arrays) -> None:
        """Write the state after ``epoch`` epochs, then drop all but the last two.

        Raises :class:`vaesym.InputError` for a state that is not of arrays of numbers or strings, or no room to write
        it, and then the earlier checkpoints are as they were.
        """
        arrays: dict[str, Any] = {_PREFIX + name: np.asarray(value) for name, value in state.items()}
        objects = [name.removeprefix(_PREFIX) for name, value in arrays.items() if value.dtype.hasobject]
        if objects:
            raise InputError("a state of arrays of numbers or strings", f"objects in {objects[0]!r}",
                             "save the numbers that the object is made of")
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        with replacing_file(self._folder / f"epoch-{epoch:012d}.npz") as stream:
            np.savez(stream, **arrays)
        for _, path in self._files()[_KEPT:]:
            remove(path)

    def latest(self, warn: Callable[[str], None]) -> tuple[int, Arrays] | None:
        """Return epoch and state of the latest checkpoint that is whole, or None; each damaged one is told."""
        for epoch, path in self._files():
            try:
                with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
                    # The archive holds a check sum of each array, and reading compares it.
                    return epoch, {name.removeprefix(_PREFIX): archive[name] for name in archive.files}
            except _DAMAGE as error:
                warn(f"the checkpoint of epoch {epoch} is damaged ({type(error).__name__}): going back to the one "
                     "before")
                # It would count as one of those kept.
                remove(path)
        return None

    def clear(self) -> None:
        """Remove all checkpoints of the block, as far as possible: the end of the experiment removes the rest."""
        shutil.rmtree(self._folder, ignore_errors=True)


def start_or_resume(block: Block, checkpoints: Checkpoints, warn: Callable[[str], None]) -> tuple[Training, int]:
    """Return the training of a block and the epochs it has behind it, from the latest whole checkpoint if any.

    Raises :class:`vaesym.InputError` for a training whose number of epochs is not a whole number ≥ 0.
    """
    training = block.task.start()
    if not isinstance(training.total, int | np.integer) or training.total < 0:
        raise InputError("a number of epochs >= 0", f"{training.total!r} in block {block.key}",
                         "let the training's total be a whole number")
    saved = checkpoints.latest(warn)
    if saved is None:
        return training, 0
    epoch, state = saved
    training.restore(state)
    return training, epoch
