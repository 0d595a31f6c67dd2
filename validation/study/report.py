"""Reports: tables, figures and files that appear whole, and values as JSON holds them."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.output import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: what is not finite as null.

    >>> plain({"z": np.float64("nan"), "sizes": (1, 2)})
    {'z': None, 'sizes': [1, 2]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
