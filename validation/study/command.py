"""What the commands share: options, checks before any work, and how a result is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.table import Table

from vaesym import inputs
from vaesym.output import console, print_json, writable_folder
from validation.simulate.runs import Settings

Output = Annotated[Path, typer.Option(help="Folder of the report.")]
Store = Annotated[Path | None, typer.Option(help="Folder of the results; OUTPUT/store if not given.",
                                            show_default=False)]
Scheduler = Annotated[str | None, typer.Option(help="local:K for K processes, or the address of a Dask scheduler.",
                                               show_default=False)]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]


def check_run(scheduler: str | None, device: str, seed: int) -> None:
    """Check the options that every report has.

    Raises :class:`vaesym.InputError`: torch is not installed, or no such scheduler, device or seed.
    """
    inputs.require("torch", "training the models", "torch")
    from validation.runner.scheduler import parse_scheduler

    inputs.whole_seed(seed)
    Settings(device=device).resolved_device()
    if scheduler is not None:
        parse_scheduler(scheduler)


def folders(output: Path, store: Path | None) -> Path:
    """Make the folders of report and results, or refuse them; return that of the results."""
    for folder in (output, store or output / "store"):
        writable_folder(folder)
    return store or output / "store"


def finish(record: Any, describe: Callable[[], None], *, as_json: bool, passed: bool = True) -> NoReturn:
    """Print a record as JSON, or describe it in words, and end the command: with code 0 if it passed, else with 1."""
    if as_json:
        print_json(record)
    else:
        describe()
    raise typer.Exit(0 if passed else 1)


def show(table: Table, rows: Iterable[tuple[Sequence[str], str | None]], output: Path) -> None:
    """Print a table with rows, each with a style, and where the report is."""
    for cells, style in rows:
        table.add_row(*cells, style=style)
    out = console()
    out.print(table)
    out.print("Report written to", str(output / "report.md"), soft_wrap=True)
