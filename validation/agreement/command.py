"""``python -m validation agreement``: simulate, compare with the theory, and write a report."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from vaesym.inputs import InputError
from vaesym.output import console, print_error, writable_folder
from validation.agreement.judging import DISAGREES, Verdict
from validation.agreement.presets import Preset, preset, with_sizes
from validation.laboratory.runs import Settings
from validation.reports import check_run, write_figures, write_report

_SHOWN = {"agrees": "green", DISAGREES: "bold red"}


def agreement(
    size: Annotated[str, typer.Option("--preset", help="small (under 5 minutes) or full (an estimated 10 hours of "
                                                     "one core; --scheduler shares them out).")] = "small",
    output: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("agreement"),
    store: Annotated[Path | None, typer.Option(help="Folder of the results; OUTPUT/store if not given.",
                                               show_default=False)] = None,
    scheduler: Annotated[str | None, typer.Option(help="local:K for K processes, or the address of a Dask scheduler.",
                                                  show_default=False)] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of all data sets.")] = 0,
    sizes: Annotated[str | None, typer.Option(help="Dimensions N of the exact minimiser, e.g. 80,160,320, if not those "
                                                   "of the preset.", show_default=False)] = None,
) -> None:
    """Train and solve models at many points, compare with the theory claim by claim, and write a report.

    Ends with 1 if a claim disagrees. What the store holds is not computed again.
    """
    try:
        check_run(scheduler, device, seed)
        chosen = preset(size) if sizes is None else with_sizes(preset(size), sizes)
        for folder in (output, store or output / "store"):
            writable_folder(folder)
        verdicts = run_agreement(chosen, output, store or output / "store", scheduler, device, seed)
    except InputError as error:
        print_error(str(error))
        raise typer.Exit(2) from error
    _print(verdicts, output)
    raise typer.Exit(1 if any(verdict.verdict == DISAGREES for verdict in verdicts) else 0)


def run_agreement(chosen: Preset, output: Path, store: Path, scheduler: str | None = None, device: str = "auto",
                  seed: int = 0) -> list[Verdict]:
    """Run a preset and write report.md, agreement.json and the figures; return the verdicts.

    Parameters
    ----------
    chosen : what is run
    output : an existing folder
    store : where results are kept, in a folder for each preset, seed and device
    scheduler, device, seed : as on the command line
    """
    from validation.agreement.figures import theory_figures
    from validation.agreement.gathering import gather
    from validation.agreement.own_figures import own_figures
    from validation.agreement.record import record
    from validation.agreement.report import markdown
    from validation.agreement.studies import Workshop
    from validation.agreement.verdicts import verdicts

    begun = time.monotonic()
    resolved = Settings(device=device).resolved_device()
    found = gather(chosen, seed, Workshop(store / _folder(chosen, seed, resolved), scheduler, device))
    judged = verdicts(found)
    drawn = write_figures(itertools.chain(theory_figures(found), own_figures(found)), output)
    seconds = time.monotonic() - begun
    write_report(markdown(found, judged, drawn, seconds), record(found, judged, seconds), output, "agreement")
    return judged


def _folder(chosen: Preset, seed: int, device: str) -> str:
    """The folder of the results of a preset: other sizes have another."""
    changed = () if chosen == preset(chosen.name) else ("N" + "-".join(map(str, chosen.sizes)),)
    return "-".join((chosen.name, str(seed), device, *changed))


def _print(verdicts: list[Verdict], output: Path) -> None:
    table = Table("claim", "verdict", "corrected p", box=box.SIMPLE)
    for verdict in verdicts:
        p = "" if verdict.joint is None else f"{verdict.corrected:.2g}"
        table.add_row(verdict.finding.label, verdict.verdict, p, style=_SHOWN.get(verdict.verdict))
    out = console()
    out.print(table)
    out.print("report:", str(output / "report.md"), soft_wrap=True)
