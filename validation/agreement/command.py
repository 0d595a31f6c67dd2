"""``python -m validation agreement``: simulate, compare with the theory, and write a report."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaesym.output import columns
from validation.agreement.presets import Preset, preset, with_sizes
from validation.simulate.runs import Settings
from validation.study.command import Device, Output, Scheduler, Store, check_run, folders, show
from validation.study.report import write_figures, write_report

if TYPE_CHECKING:
    from validation.study.judging import Verdict


def agreement(
    size: Annotated[str, typer.Option("--preset", help="small (under 5 minutes) or full (an estimated 10 hours of "
                                                     "one core; --scheduler shares them out).")] = "small",
    output: Output = Path("agreement"),
    store: Store = None,
    scheduler: Scheduler = None,
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="Of all data sets.")] = 0,
    sizes: Annotated[str | None, typer.Option(help="Dimensions N of the exact minimiser, e.g. 80,160,320, if not those "
                                                   "of the preset.", show_default=False)] = None,
) -> None:
    """Train and solve models at many points, compare with the theory claim by claim, and write a report.

    Ends with 1 if a claim disagrees. What the store holds is not computed again.
    """
    check_run(scheduler, device, seed)
    chosen = preset(size) if sizes is None else with_sizes(preset(size), sizes)
    verdicts = run_agreement(chosen, output, folders(output, store), scheduler, device, seed)
    from validation.study.judging import AGREES, DISAGREES

    colours = {AGREES: "green", DISAGREES: "bold red"}
    show(columns(None, "claim", "verdict", "corrected p", words=("claim", "verdict")),
         (((v.finding.label, v.verdict, "" if v.joint is None else f"{v.corrected:.2g}"), colours.get(v.verdict))
          for v in verdicts), output)
    raise typer.Exit(1 if any(verdict.verdict == DISAGREES for verdict in verdicts) else 0)


def run_agreement(chosen: Preset, output: Path, store: Path, scheduler: str | None = None, device: str = "auto",
                  seed: int = 0) -> list[Verdict]:
    """Run a preset and write report.md, agreement.json and the figures; return the verdicts.

    ``output`` is an existing folder; ``store`` keeps the results, in a folder for each preset, seed and device.
    """
    from validation.agreement.claims import verdicts
    from validation.agreement.figures import own_figures, theory_figures
    from validation.agreement.measurement import gather
    from validation.agreement.report import markdown, record
    from validation.study.simulations import Workshop

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
