"""``python -m validation images``: train nonlinear VAEs on images, compare with the linear theory, write a report."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaesym.inputs import count
from vaesym.output import columns
from validation.simulate.runs import Settings
from validation.study.command import Device, Output, Scheduler, Store, check_run, folders, show
from validation.study.report import write_figures, write_report

if TYPE_CHECKING:
    from validation.images.report import Verdict
    from validation.images.studies import Preset

_SHOWN = {"holds": "green", "does not hold": "yellow"}


def images(
    data: Annotated[str, typer.Option(help="fashion-mnist, mnist, cifar-10, digits or a .npy file.")] = "fashion-mnist",
    root: Annotated[str | None, typer.Option(help="Folder of the files of a known set.", show_default=False)] = None,
    size: Annotated[str, typer.Option("--preset", help="small (under 10 minutes) or full (about an hour on two cores "
                                                     "with --scheduler local:2).")] = "small",
    components: Annotated[int | None, typer.Option(help="Principal components in which MLPs are trained; 0 for pixels; "
                                                      "that of the preset if not given.", show_default=False)] = None,
    output: Output = Path("images"),
    store: Store = None,
    scheduler: Scheduler = None,
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="The first of all seeds.")] = 0,
) -> None:
    """Find where the latents of nonlinear VAEs collapse on images, and which β is best; compare with the theory.

    What the store holds is not computed again: the same command continues.
    """
    check_run(scheduler, device, seed)
    chosen = _chosen(size, components)
    judged = run_images(chosen, data, root, output, folders(output, store), scheduler=scheduler, device=device,
                        seed=seed)
    headings = ("statement", "found", "verdict")
    show(columns(None, *headings, words=headings),
         (((one.statement, one.found, one.verdict), _SHOWN.get(one.verdict)) for one in judged), output)


def _chosen(size: str, components: int | None) -> Preset:
    from validation.images.studies import preset

    if components is None:
        return preset(size)
    return dataclasses.replace(preset(size), components=count("components", components) if components else None)


def fitting(chosen: Preset, pixels: int) -> Preset:
    """Return a preset for images of so many pixels: its own number of components is for larger ones.

    Another number is the user's, and is left to be refused.
    """
    from validation.images.studies import preset

    if chosen == preset(chosen.name) and (chosen.components or 0) > pixels:
        return dataclasses.replace(chosen, components=None)
    return chosen


def run_images(chosen: Preset, data: str, root: str | None, output: Path, store: Path, *,
               scheduler: str | None = None, device: str = "auto", seed: int = 0) -> list[Verdict]:
    """Run a preset and write report.md, images.json and the figures; return the verdicts.

    ``output`` is an existing folder; ``store`` keeps the results, in a folder for each data set, preset, seed and
    device.
    """
    from validation.images import analysis, studies
    from validation.images.data.material import Material
    from validation.images.figures import figures
    from validation.images.measures import Judge
    from validation.images.report import markdown, record, verdicts

    begun = time.monotonic()
    chosen = fitting(chosen, Material(data, None, root).prepared.train.shape[1])
    material = Material(data, chosen.components, root)
    where = Settings(device=device).resolved_device()
    folder = store / f"{Path(data).stem}-{chosen.name}-{chosen.components or 'pixels'}-{seed}-{where}"
    judge = Judge(data, root, str(store / "classifiers")) if material.prepared.labelled else None
    shop = studies.Workshop(material, chosen, folder, where, scheduler, seed, judge)
    shop.check()
    accuracy = None if judge is None else judge.classifier.accuracy
    searched, predicted, swept = studies.searches(shop), studies.predictions(shop), studies.sweeps(shop)
    second, added = studies.second_latent(shop), studies.added_latent(shop)
    rows = [row for found in (*searched, second, added) for row in analysis.thresholds(shop, found)]
    crossed, best = analysis.crossings(shop, predicted), analysis.best_betas(shop, swept)
    noise = analysis.noise_estimates(shop)
    judged = verdicts(rows, crossed, best, noise)
    drawn = write_figures(figures(shop, [*searched, second], predicted, swept, rows), output)
    report = markdown(shop, rows, crossed, best, noise, judged, drawn, time.monotonic() - begun, accuracy)
    write_report(report, record(rows, crossed, best, noise, judged), output, "images")
    return judged
