"""Records as tables of at most 80 columns, and the progress of what takes long."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vaesym.linear_vae.point.fields import LATENT_FIELDS, MODEL_FIELDS, Meaning
from vaesym.output import columns, console

#: Columns of the table of branches, with their headings and significant digits.
_BRANCH_COLUMNS = {"phase": ("phase", 0), "free_energy": ("free energy", 8), "Q": ("Q", 8), "m": ("m", 8),
                   "replicon": ("replicon", 4), "residual": ("residual", 2)}


def _text(value: Any, digits: int = 12) -> str:
    return value.lower() if isinstance(value, str) else f"{value:.{digits}g}"


def _table(title: str, headings: list[str], **options: Any) -> Table:
    numbers_and_names = [heading for heading in headings if heading != "meaning"]
    return columns(title, *headings, words=("field", "meaning", "phase"), no_wrap=numbers_and_names, **options)


def _meaning(meaning: Meaning) -> str:
    return meaning.text if meaning.unit == "1" else f"{meaning.text} ({meaning.unit})"


def _groups(record: dict[str, Any]) -> list[tuple[str, int]]:
    """Return (name, index of the first) of each run of latents whose fields are all equal."""
    rows = list(zip(*(record[name] for name in LATENT_FIELDS), strict=True))
    starts = [i for i in range(len(rows)) if i == 0 or rows[i] != rows[i - 1]]
    ends = [*starts[1:], len(rows)]
    return [(f"latent {start + 1}" if end == start + 1 else f"latents {start + 1}-{end}", start)
            for start, end in zip(starts, ends, strict=True)]


def _latent_table(record: dict[str, Any]) -> Table:
    if record["latents"] == 1:
        table = _table("The latent", ["field", "value", "meaning"])
        columns = [record]
    else:
        groups = _groups(record)
        table = _table("Each latent", ["field", *(name for name, _ in groups), "meaning"])
        columns = [{name: record[name][first] for name in LATENT_FIELDS} for _, first in groups]
    for name, meaning in LATENT_FIELDS.items():
        table.add_row(name, *(_text(column[name]) for column in columns), _meaning(meaning))
    return table


def _model_table(record: dict[str, Any]) -> Table:
    table = _table("The model", ["field", "value", "meaning"])
    for name, meaning in MODEL_FIELDS.items():
        table.add_row(name, _text(record[name]), _meaning(meaning))
    return table


def _branch_table(branches: list[dict[str, Any]]) -> Table:
    headings = [heading for heading, _ in _BRANCH_COLUMNS.values()]
    table = _table("Stationary points of one latent", headings, collapse_padding=True)
    for branch in branches:
        table.add_row(*(_text(branch[name], digits) for name, (_, digits) in _BRANCH_COLUMNS.items()))
    return table


def print_solution(record: dict[str, Any], out: Console | None = None) -> None:
    """Print the record of a solution, and its branches if it has them.

    >>> from vaesym.linear_vae.states.records import solution_record
    >>> from vaesym.linear_vae import solve
    >>> record = solution_record(solve(2.0, 1.0, lam=1.0))
    >>> print_solution(record, Console(width=80, record=True, quiet=True))
    """
    out = out or console()
    given = ", ".join(f"{name} = {_text(value, 6)}" for name, value in record["parameters"].items()
                      if name != "decoder_variance" or value != 1)
    out.print(f"Exact solution at {given}")
    strengths = record.get("spike_strengths")
    relative = f" of strength rho times {', '.join(f'{strength:g}' for strength in strengths)}" if strengths else ""
    out.print(f"latents {record['latents']}, signals {record['spikes']}{relative}\n")
    out.print(_latent_table(record))
    out.print(_model_table(record))
    if record["free_energy"] == "-inf":
        out.print("Unlimited data: the free energy per dimension is -inf unless all latents collapse.")
    if record.get("branches"):
        out.print(_branch_table(record["branches"]))
        out.print("Replica symmetry is stable where the replicon is at most 1.")
    if record.get("branches_failure"):
        what = "Some are missing" if record.get("branches") else "No stationary point was found"
        out.print(f"{what}: {record['branches_failure']}.")


@contextlib.contextmanager
def progress(what: str, total: int, unit: str = "") -> Generator[Callable[[int], None]]:
    """Show a progress bar on standard error if that is a terminal; yields what advances it by a number of steps.

    >>> with progress("solving", 10, "points") as advance:
    ...     advance(10)
    """
    err = console(stderr=True)
    counted = (MofNCompleteColumn(), TextColumn(unit)) if unit else (TextColumn("{task.percentage:3.0f} %"),)
    with Progress(TextColumn(what), BarColumn(), *counted, TimeRemainingColumn(), console=err,
                  disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)
