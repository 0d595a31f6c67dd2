"""What is run: an experiment of blocks, each a set of runs trained together, and the record that tells two apart."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vaesym.inputs import InputError

#: Names along the runs that the runner gives itself.
RESERVED = frozenset({"run", "block"})
#: Software that decides the numbers.
_SOFTWARE = ("vaesym", "torch", "numpy")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")

Arrays = dict[str, NDArray[Any]]
#: Values by name, each with its dimensions: ``run`` comes first, except for the coordinates of other dimensions.
Results = Mapping[str, tuple[str | Sequence[Hashable], ArrayLike]]


class Training(Protocol):
    """A training under way, of all runs of a block together.

    The numbers may depend neither on how the epochs are divided between calls of :meth:`advance`, nor on whether the
    state was saved and restored in between, nor on the process: a training that uses threads fixes their number.
    """

    @property
    def total(self) -> int:
        """Epochs in all, ≥ 0."""
        ...

    def advance(self, until: int) -> None:
        """Train until so many epochs are done in all."""

    def state(self) -> Arrays:
        """Return all that :meth:`restore` needs: parameters, optimiser, generators, history, epoch. No objects."""
        ...

    def restore(self, state: Arrays) -> None:
        """Continue from a saved state as if it had never stopped."""

    def result(self) -> Results:
        """Return the results after the last epoch, as name → (dimensions, values)."""
        ...


class Task(Protocol):
    """How to begin the training of a block; can be pickled, and small: it makes its own data."""

    def start(self) -> Training:
        """Return the training at epoch 0."""
        ...


@dataclass(frozen=True, eq=False)
class Block:
    """Runs that are trained together, written together, and lost together at most.

    Parameters
    ----------
    key : name, one in the experiment; letters, digits, dot, dash, underscore
    parameters : values of each run by name (seed included), arrays of equal length ≥ 1 of numbers, flags or strings
    task : begins the training
    cost : expected work relative to other blocks, for the time left; the number of runs if None

    Raises :class:`vaesym.InputError` for a key that cannot name a folder, or parameters that are not arrays of equal
    length.

    >>> Block("a", {"beta": [0.5, 1.0], "seed": [0, 1]}, task=None).runs
    2
    """

    key: str
    parameters: Mapping[str, ArrayLike]
    task: Task
    cost: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.key, str) or not _KEY.fullmatch(self.key):
            raise InputError("a block key of at most 100 letters, digits, dots, dashes and underscores",
                             f"{self.key!r}", "choose e.g. 'N250-M1'")
        arrays = {name: np.array(values) for name, values in self.parameters.items()}
        for name, values in arrays.items():
            if not name or name in RESERVED or values.ndim != 1 or values.dtype.kind not in "biufU":
                raise InputError("parameters with a name other than run and block, as arrays over the runs",
                                 f"{name!r} of shape {values.shape} and type {values.dtype} in block {self.key}",
                                 "give one number, flag or string for each run")
        lengths = {len(values) for values in arrays.values()}
        if len(lengths) != 1 or 0 in lengths:
            given = ", ".join(f"{name} {len(values)}" for name, values in arrays.items()) or "none"
            raise InputError("parameters of equal length >= 1", f"{given} in block {self.key}", "give one value a run")
        if self.cost is not None and not self.cost > 0:
            raise InputError("a cost > 0", f"{self.cost} in block {self.key}", "leave it out to count runs")
        object.__setattr__(self, "parameters", arrays)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(next(iter(self.parameters.values())))

    @property
    def weight(self) -> float:
        """Share of the work, in arbitrary units."""
        return float(self.runs if self.cost is None else self.cost)

    def digest(self) -> str:
        """Return a fingerprint of the parameters, bit for bit."""
        fingerprint = hashlib.sha256()
        for name, values in sorted(self.parameters.items()):
            fingerprint.update(json.dumps([name, values.dtype.str, values.shape]).encode() + values.tobytes())
        return fingerprint.hexdigest()


@dataclass(frozen=True, eq=False)
class Experiment:
    """Blocks of runs under one name, with the settings that decide their numbers.

    Parameters
    ----------
    name, version : name, and version of the code of the tasks
    settings : all that decides the numbers beside the parameters of the runs; can be written as JSON
    blocks : at least one, each with a key of its own and all with parameters of the same names
    device : where the trainings compute, in words

    Raises :class:`vaesym.InputError`: settings that JSON cannot hold, no blocks, two of one key, or parameters of
    different names or kinds.

    >>> Experiment("figure-1", "1", {"epochs": 10}, [Block("a", {"seed": [0, 1]}, task=None)]).first_runs
    {'a': 0}
    """

    name: str
    version: str
    settings: Mapping[str, Any]
    blocks: Sequence[Block]
    device: str = "cpu"
    first_runs: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            settings = json.loads(json.dumps(dict(self.settings), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise InputError("settings that JSON can hold", f"{error}",
                             "use numbers, strings, lists and dictionaries") from error
        _check_blocks(self.blocks)
        offsets = np.cumsum([0, *(block.runs for block in self.blocks)]).tolist()
        for name, value in {"settings": settings, "blocks": tuple(self.blocks), "version": str(self.version),
                            "first_runs": dict(zip((b.key for b in self.blocks), offsets, strict=False))}.items():
            object.__setattr__(self, name, value)

    @property
    def runs(self) -> int:
        """Number of runs of all blocks."""
        return sum(block.runs for block in self.blocks)


def _check_blocks(blocks: Sequence[Block]) -> None:
    keys = [block.key.casefold() for block in blocks]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if not keys or twice:
        raise InputError("blocks with a key each, whatever the case of its letters",
                         f"{twice[0]!r} twice" if twice else "no blocks", "give each block its own key")
    kinds = [{name: values.dtype.kind == "U" for name, values in block.parameters.items()} for block in blocks]
    for block, kind in zip(blocks, kinds, strict=True):
        if kind != kinds[0]:
            raise InputError(f"the parameters {', '.join(kinds[0])} in each block, of one kind",
                             f"{', '.join(kind)} in block {block.key}", "give all blocks the same parameters")


def software_versions() -> dict[str, str]:
    """Return the versions of the software that decides the numbers.

    >>> sorted(software_versions())
    ['numpy', 'torch', 'vaesym']
    """
    found = {}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def record_of(experiment: Experiment) -> dict[str, Any]:
    """Return what tells this experiment from another, ready for JSON; no time stamps, no names of machines.

    >>> block = Block("a", {"seed": [0]}, task=None)
    >>> sorted(record_of(Experiment("e", "1", {}, [block])))
    ['blocks', 'device', 'experiment', 'settings', 'software', 'version']
    """
    return {
        "experiment": experiment.name, "version": experiment.version, "device": experiment.device,
        "software": software_versions(), "settings": experiment.settings,
        "blocks": [{"key": b.key, "runs": b.runs, "parameters": b.digest()} for b in experiment.blocks],
    }


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    flat = {k: v for key, inner in items for k, v in _flat(inner, f"{path}.{key}" if path else str(key)).items()}
    return flat or {path: value}


def differences(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return in words where two records differ.

    >>> differences({"settings": {"lr": 0.1, "epochs": 5}}, {"settings": {"lr": 0.2, "epochs": 5}})
    ['settings.lr = 0.1 there, 0.2 here']
    """
    old, new = ({path: repr(value) for path, value in _flat(dict(record)).items()} for record in (stored, wanted))
    found = []
    for path in dict.fromkeys([*old, *new]):
        there, here = old.get(path, "absent"), new.get(path, "absent")
        if there != here:
            # Fingerprints tell that parameters differ, but are nothing to read.
            digests = path.endswith(".parameters") and path.startswith("blocks.")
            found.append(f"{path} differ" if digests else f"{path} = {there} there, {here} here")
    return found
