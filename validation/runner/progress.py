"""Progress with the time left: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shlex
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from validation.runner.experiment import Experiment
from validation.runner.work import Event

#: Least seconds between two lines where there is no terminal.
_LINE_SECONDS = 30.0
_NAME_WIDTH = 24


def say_interrupted(console: Console) -> None:
    """Say how to go on after an interruption; the command in one line, to be copied."""
    console.print("Interrupted. Checkpoints and finished blocks are kept; the same command continues from them:",
                  highlight=False)
    console.print("  " + shlex.join(sys.orig_argv), soft_wrap=True, highlight=False, markup=False, emoji=False)


class Display:
    """Shows how far an experiment is, and says what the user should know. Use it as a context manager.

    ``finished`` are the keys of the blocks that were finished before.
    """

    def __init__(self, console: Console, experiment: Experiment, finished: set[str],
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock, self._experiment = console, clock, experiment
        self._lock = threading.Lock()
        self._weights = {block.key: block.weight for block in experiment.blocks}
        self._fractions = dict.fromkeys(finished, 1.0)
        self._finished, self._seen = set(finished), set[str]()
        self._worked, self._begun, self._printed = 0.0, clock(), clock()
        name = experiment.name
        self._name = name if len(name) <= _NAME_WIDTH else name[:_NAME_WIDTH - 1] + "…"
        self._bar = Progress(TextColumn("{task.description}", markup=False), BarColumn(bar_width=None),
                             TaskProgressColumn(), TextColumn("{task.fields[blocks]}"),
                             TextColumn("{task.fields[left]}"), console=console, disable=not console.is_terminal,
                             expand=True)
        self._task = self._bar.add_task(self._name, total=sum(self._weights.values()), completed=self._done(),
                                        blocks=self._blocks(), left=self._left())

    def __enter__(self) -> Self:
        blocks, runs = len(self._weights), self._experiment.runs
        self._say(f"{self._experiment.name}: {blocks} block{'s' * (blocks > 1)}, {runs} run{'s' * (runs > 1)}")
        if self._finished:
            self._say(f"continuing: {self._blocks()} finished before")
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._bar.stop()
        if error is not None and not self._console.is_terminal:
            self._say_progress()

    def __call__(self, event: Event) -> None:
        """Take in what happens to a block; from any thread."""
        if event.text:
            self._say(f"block {event.key}: {event.text}")
            return
        with self._lock:
            # News from a worker may come after its result.
            if event.key not in self._finished:
                self._take_in(event)

    def _take_in(self, event: Event) -> None:
        fraction = event.epoch / event.total if event.total else 0.0
        if event.started:
            self._say_start(event)
        else:
            # What an earlier session or a lost worker did says nothing about the speed of this one.
            self._worked += self._weights[event.key] * (fraction - self._fractions.get(event.key, 0.0))
        self._fractions[event.key] = fraction
        self._update()

    def finished(self, key: str) -> None:
        """Count a block as finished."""
        with self._lock:
            self._worked += self._weights[key] * (1.0 - self._fractions.get(key, 0.0))
            self._fractions[key] = 1.0
            self._finished.add(key)
            self._update(last=len(self._finished) == len(self._weights))

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, emoji=False)

    def _say_start(self, event: Event) -> None:
        if event.key in self._seen:
            self._say(f"block {event.key}: its worker was lost; it runs again from epoch {event.epoch}")
        elif event.epoch:
            self._say(f"block {event.key}: continues from epoch {event.epoch} of {event.total}")
        self._seen.add(event.key)

    def _done(self) -> float:
        return sum(self._weights[key] * fraction for key, fraction in self._fractions.items())

    def _blocks(self) -> str:
        return f"{len(self._finished)} of {len(self._weights)} block{'s' * (len(self._weights) > 1)}"

    def _left(self) -> str:
        if self._worked <= 0:
            return "-:--:-- left"
        rest = sum(self._weights.values()) - self._done()
        return f"{timedelta(seconds=round(rest * (self._clock() - self._begun) / self._worked))} left"

    def _update(self, *, last: bool = False) -> None:
        self._bar.update(self._task, completed=self._done(), blocks=self._blocks(), left=self._left())
        now = self._clock()
        if not self._console.is_terminal and (last or now - self._printed >= _LINE_SECONDS):
            self._printed = now
            self._say_progress()

    def _say_progress(self) -> None:
        share = self._done() / sum(self._weights.values())
        self._say(f"{self._name}: {share:4.0%}, {self._blocks()}, {self._left()}")
