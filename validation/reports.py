"""What the commands that write reports share: checks before any work, tables, and files that appear whole."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaesym.inputs import InputError
from vaesym.output import replacing
from validation.laboratory.data import whole_seed
from validation.laboratory.runs import Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_run(scheduler: str | None, device: str, seed: int) -> None:
    """Check the options that every report has.

    Raises
    ------
    vaesym.InputError
        torch is not installed, or no such scheduler, device or seed.
    """
    if importlib.util.find_spec("torch") is None:
        raise InputError("torch, which trains the models", "none", "pip install 'vaesym[torch]'")
    from validation.runner.scheduler import parse_scheduler

    whole_seed(seed)
    Settings(device=device).resolved_device()
    if scheduler is not None:
        parse_scheduler(scheduler)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown.

    >>> print(table(["claim", "p"], [["C1", "1"]]))
    | claim | p |
    |---|---|
    | C1 | 1 |
    """
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def write_figures(figures: Iterable[tuple[str, str, Figure]], folder: Path) -> list[tuple[str, str]]:
    """Write figures, each a name, a caption and what was drawn, as PNG; return their file names and captions."""
    from vaesym.figures import save

    drawn = []
    for name, caption, figure in figures:
        with replacing(folder / f"{name}.png") as scratch:
            save(figure, scratch)
        drawn.append((f"{name}.png", caption))
    return drawn


def write_report(report: str, record: dict[str, Any], folder: Path, name: str) -> None:
    """Write report.md and, as NAME.json, the same in plain numbers."""
    texts = {"report.md": report, f"{name}.json": json.dumps(record, indent=1, allow_nan=False) + "\n"}
    for file, text in texts.items():
        with replacing(folder / file) as scratch:
            scratch.write_text(text, encoding="utf-8")
