"""``python -m validation curves FOLDER``: published learning curves of two Gaussian clusters, solved again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from vaesym.inputs import InputError
from vaesym.output import columns, console
from validation.study.command import AsJson, finish


def curves(
    folder: Annotated[Path, typer.Argument(help="Folder of the published files, K2mix/data/theory.",
                                           show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Solve published learning curves of two clusters again, and compare."""
    from validation.problems.curves import ALLOWED, COMPARED, compare, read_curve

    files = sorted(path for path in folder.glob("*.csv") if not path.name.startswith("sim_"))
    if not files:
        raise InputError("a folder of published curves", f"{folder} without one", "name K2mix/data/theory")
    found = [compare(read_curve(path)) for path in files]
    finish({"allowed": ALLOWED, "curves": found}, lambda: _print(found, COMPARED, ALLOWED),
           passed=all(one["agrees"] for one in found), as_json=as_json)


def _print(found: list[dict[str, Any]], compared: Iterable[str], allowed: float) -> None:
    table = columns("Largest differences", "loss", "penalty", "solved", *compared, words=("loss", "penalty"))
    for one in found:
        table.add_row(one["loss"], one["penalty"], f"{one['solved']}/{one['points']}",
                      *[f"{gap:.0e}" for gap in one["gaps"].values()], style=None if one["agrees"] else "bold red")
    out = console()
    out.print(table)
    out.print(f"{sum(one['agrees'] for one in found)} of {len(found)} curves within {allowed:g}.")
