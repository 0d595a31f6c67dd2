"""A tiny chaotic training, and accidents that befall it: what the tests of the runner run."""

import contextlib
import io
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from validation.runner import Block, CheckpointInterval, Experiment, run_experiment

QUIET = Console(quiet=True)
EVERY_TWO = CheckpointInterval(seconds=float("inf"), epochs=2)


@dataclass(frozen=True)
class Accident:
    """Something that happens when an epoch begins, once: the marker file says that it did."""

    kind: str
    epoch: int
    marker: str

    def happen(self):
        if os.path.exists(self.marker):
            return
        Path(self.marker).touch()
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "interrupt":
            signal.raise_signal(signal.SIGINT)
        else:
            raise RuntimeError(self.kind)


class Chaos:
    """Logistic maps driven by noise: every bit of every epoch before, generator included, decides the next."""

    def __init__(self, task):
        self.task, self.total, self.epoch = task, task.total, 0
        self.rng = np.random.default_rng(task.seeds)
        self.x = self.rng.random((len(task.seeds), task.width))
        self.logged = np.unique([0, *np.geomspace(1, task.total, 4).astype(int)])
        self.history = np.full((len(task.seeds), len(self.logged)), np.nan)
        self.log()

    def log(self):
        self.history[:, self.logged == self.epoch] = self.x.mean(axis=1, keepdims=True)

    def advance(self, until):
        while self.epoch < until:
            if self.task.accident and self.epoch == self.task.accident.epoch:
                self.task.accident.happen()
            self.x = np.clip(3.9 * self.x * (1 - self.x) + 1e-3 * self.rng.normal(size=self.x.shape), 0, 1)
            self.epoch += 1
            self.log()

    def state(self):
        return {"file": self.x, "history": self.history, "epoch": np.array(self.epoch),
                "generator": np.array(json.dumps(self.rng.bit_generator.state))}

    def restore(self, state):
        self.x, self.history, self.epoch = state["file"].copy(), state["history"].copy(), int(state["epoch"])
        self.rng.bit_generator.state = json.loads(str(state["generator"]))

    def result(self):
        return {"x": (("run", "latent"), self.x), "loss": (("run", "epoch"), self.history),
                "epoch": ("epoch", self.logged), "high": ("run", self.x[:, 0] > 0.5)}


@dataclass(frozen=True)
class ChaosTask:
    seeds: tuple
    total: int
    width: int
    accident: Accident | None = None

    def start(self):
        return Chaos(self)


def chaos_experiment(accident=None, at=0, total=9, count=2, **changes):
    """Return blocks of different sizes; the accident befalls block number ``at``."""
    made = []
    for i in range(count):
        seeds = tuple(range(10 * i, 10 * i + 2 + i))
        parameters = {"seed": seeds, "beta": np.full(len(seeds), 0.1 * i), "law": ["gaussian"] * len(seeds)}
        task = ChaosTask(seeds, total + i, 1 + i, accident if i == at else None)
        made.append(Block(f"width-{1 + i}", parameters, task))
    return Experiment(**{"name": "chaos", "version": "1", "settings": {"total": total, "map": {"a": 3.9}},
                         "blocks": made} | changes)


def small(**changes):
    return chaos_experiment(count=1, total=3, **changes)


def run_quietly(experiment, folder, **options):
    return run_experiment(experiment, folder, **{"console": QUIET, "interval": EVERY_TWO} | options)


@contextlib.contextmanager
def recorded():
    """Yield a console of 80 columns that is no terminal, and what it printed, without its line breaks."""
    stream = io.StringIO()
    yield Console(file=stream, width=80, force_terminal=False), lambda: " ".join(stream.getvalue().split())


def contents(folder):
    """Return the bytes of every file of a store; the empty lock file apart."""
    files = (path for path in Path(folder).rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


class WriteCounter:
    """Calls back at every opening for writing, renaming and making of a folder under a place, by audit events."""

    def __init__(self):
        self.folder, self.action, self.seen = None, None, 0
        sys.addaudithook(self._hear)

    def watch(self, folder, action):
        self.folder, self.action, self.seen = str(folder), action, 0

    def stop(self):
        self.folder = None

    def _hear(self, event, arguments):
        if self.folder is None or event not in {"open", "os.rename", "os.mkdir"}:
            return
        path = arguments[0]
        writes = event != "open" or bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if isinstance(path, str | os.PathLike) and writes and os.fspath(path).startswith(self.folder):
            self.seen += 1
            self.action(self.seen)
