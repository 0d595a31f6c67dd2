"""``python -m validation curves FOLDER``: published learning curves of two Gaussian clusters, solved again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from vaesym.inputs import InputError
from vaesym.output import console, print_json
from validation.study.command import refusals


def curves(
    folder: Annotated[Path, typer.Argument(help="Folder of the published files, K2mix/data/theory.",
                                           show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Solve published learning curves of two clusters again, and compare."""
    from validation.problems.curves import ALLOWED, COMPARED, compare, read_curve

    with refusals():
        files = sorted(path for path in folder.glob("*.csv") if not path.name.startswith("sim_"))
        if not files:
            raise InputError("a folder of published curves", f"{folder} without one", "name K2mix/data/theory")
        found = [compare(read_curve(path)) for path in files]
    if as_json:
        print_json({"allowed": ALLOWED, "curves": found})
    else:
        _print(found, COMPARED, ALLOWED)
    raise typer.Exit(0 if all(one["agrees"] for one in found) else 1)


def _print(found: list[dict[str, Any]], columns: Iterable[str], allowed: float) -> None:
    table = Table("loss", "penalty", "solved", *columns, title="Largest differences", title_justify="left",
                  box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for one in found:
        table.add_row(one["loss"], one["penalty"], f"{one['solved']}/{one['points']}",
                      *[f"{gap:.0e}" for gap in one["gaps"].values()], style=None if one["agrees"] else "bold red")
    out = console()
    out.print(table)
    out.print(f"{sum(one['agrees'] for one in found)} of {len(found)} curves within {allowed:g}.")
