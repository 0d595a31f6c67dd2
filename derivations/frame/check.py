"""Check the steps of chapters, in one process or several, with a live line on a terminal."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from derivations.frame.chapter import Chapter
from derivations.linear_vae.book import book
from vaesym.algebra import Verdict

Verdicts = dict[str, dict[str, Verdict]]
#: A step by chapter and label, and the function that waits for its verdict.
Pending = tuple[str, str, Callable[[], Verdict]]
_book = cache(book)
#: The chapters to be checked, as processes that are forked find them; others build the book themselves.
_given: dict[str, Chapter] = {}


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(chapter: str) -> dict[str, Verdict]:
    return {label: step.check() for label, step in (_given or _book())[chapter].items()}


def _leave_at_once() -> None:
    """Let an interrupt from the keyboard end a worker without a word, unless the shell has interrupts ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _spread(pool: ProcessPoolExecutor, chapters: Mapping[str, Chapter]) -> list[Pending]:
    # A chapter stays in one process, where its steps share what they derived; the longest ones come first.
    longest = sorted(chapters, key=lambda name: -len(chapters[name]))
    found = {name: pool.submit(_check, name) for name in longest}

    def verdict(name: str, label: str) -> Verdict:
        return found[name].result()[label]

    return [(name, label, partial(verdict, name, label)) for name, steps in chapters.items() for label in steps]


def _collect(pending: list[Pending], chapters: Mapping[str, Chapter], console: Console) -> Verdicts:
    verdicts: Verdicts = {name: {} for name in chapters}
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=16), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(pending))
        for name, label, verdict in pending:
            progress.update(task, description=f"{name}: {chapters[name][label].title}"[:46])
            verdicts[name][label] = verdict()
            progress.advance(task)
    return verdicts


def verify(chapters: Mapping[str, Chapter], console: Console, jobs: int = 1) -> Verdicts:
    """Return the verdicts of all steps in the order of the book.

    Parameters
    ----------
    chapters : chapters by name; with several jobs those of the book, each derived in one of the processes
    console : where the live line is shown if it is a terminal
    jobs : how many processes to use; 1 is this one
    """
    if jobs == 1:
        here = [(name, label, step.check) for name, steps in chapters.items() for label, step in steps.items()]
        return _collect(here, chapters, console)
    _given.clear()
    _given.update(chapters)
    # All processes start before the thread of the live line does: none inherits a lock that it holds.
    pool = ProcessPoolExecutor(jobs, initializer=_leave_at_once)
    try:
        return _collect(_spread(pool, chapters), chapters, console)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def slowest(verdicts: Verdicts, count: int) -> Iterator[tuple[str, str, Verdict]]:
    """Yield the steps that took longest, the slowest first."""
    every = [(name, label, verdict) for name, steps in verdicts.items() for label, verdict in steps.items()]
    yield from sorted(every, key=lambda entry: -entry[2].seconds)[:count]
