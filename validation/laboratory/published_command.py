"""``python -m validation published FILE``: the published runs of [IH] against the exact minimum and our training."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich import box
from rich.table import Table

from vaesym.inputs import InputError, count
from vaesym.output import console, print_error, print_json
from validation.laboratory.published import ALLOWED, CONVERGED, Comparison, compare, read_published
from validation.laboratory.runs import Settings


def published(
    file: Annotated[Path, typer.Argument(help="CSV file of the published runs.", show_default=False)],
    train: Annotated[bool, typer.Option(help="Also train the runs, not only solve them.")] = True,
    epochs: Annotated[int | None, typer.Option(help="Epochs of Adam; those of the file if not given.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str, typer.Option(help="float32 or float64.")] = "float64",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Rebuild the data of published trainings, solve and train them again, and compare."""
    try:
        if importlib.util.find_spec("torch") is None:
            raise InputError("torch, which drew the published data", "none", "pip install 'vaesym[torch]'")
        runs = read_published(file)
        length = max(one.epoch for one in runs) if epochs is None else count("epochs", epochs)
        settings = Settings(epochs=length, device=device, precision=precision)
        settings.resolved_device()
        with console(stderr=True).status(f"solving {len(runs)} runs"):
            found = compare(runs, settings if train else None)
    except InputError as error:
        print_error(str(error))
        raise typer.Exit(2) from error
    if as_json:
        print_json(record(found))
    else:
        _print(found)
    raise typer.Exit(0 if found.agreeing.all() else 1)


def record(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain numbers, run by run and in sum.

    ``trained_agrees`` counts only trainings that have converged.
    """
    gaps = np.abs(found.exact - found.errors)
    summary: dict[str, Any] = {"runs": len(gaps), "agree": int(found.agreeing.sum()), "allowed": ALLOWED,
                               "worst": float(gaps.max())}
    rows = [{"N": one.run.data.features, "P": one.run.data.samples, "seed": one.run.start_seed,
             "published": one.error, "exact": float(exact)}
            for one, exact in zip(found.published, found.exact, strict=True)]
    if found.trained is not None and found.excess is not None:
        near = np.abs(found.trained - found.exact) <= ALLOWED
        summary |= {"converged": int(found.converged.sum()), "converged_within": CONVERGED,
                    "trained_agree": int((near & found.converged).sum())}
        for row, trained, excess in zip(rows, found.trained, found.excess, strict=True):
            row |= {"trained": _number(trained), "excess_loss": _number(excess)}
    return {**summary, "rows": rows}


def _number(value: float) -> float | None:
    """JSON knows no NaN: what has diverged has no value."""
    return float(value) if np.isfinite(value) else None


def _print(found: Comparison) -> None:
    summary, out = record(found), console()
    table = Table("alpha", "runs", "published", "exact", "largest gap", box=box.SIMPLE)
    alphas = np.array([one.run.data.samples / one.run.data.features for one in found.published])
    if found.trained is not None:
        table.add_column("trained")
        table.add_column("converged")
    for alpha in np.unique(alphas):
        at = alphas == alpha
        gap = np.abs(found.exact - found.errors)[at].max()
        cells = [f"{alpha:g}", str(at.sum()), f"{found.errors[at].mean():.4f}", f"{found.exact[at].mean():.4f}",
                 f"{gap:.1e}"]
        if found.trained is not None:
            cells += [f"{found.trained[at].mean():.4f}", f"{found.converged[at].sum()}/{at.sum()}"]
        table.add_row(*cells)
    out.print(table)
    out.print(f"{summary['agree']} of {summary['runs']} published errors within {ALLOWED:g} of the exact minimum; "
              f"largest gap {summary['worst']:.1e}")
    if found.trained is not None:
        out.print(f"{summary['converged']} trainings reached the least loss within {CONVERGED:g}, relatively; of these "
                  f"{summary['trained_agree']} have the exact error within {ALLOWED:g}")
