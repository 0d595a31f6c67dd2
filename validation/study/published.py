"""``python -m validation published FILE``: the published runs of [IH], rebuilt, solved, trained and compared."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from vaesym.inputs import Floats, InputError, count, require
from vaesym.output import columns, console
from validation.simulate.runs import Run, Settings
from validation.study.command import AsJson, Device, finish
from validation.study.report import plain

#: Largest difference in the signal recovery error that counts as agreement.
ALLOWED = 2e-3
#: Largest excess of the loss over the exact minimum, relative to it, with which a training has converged.
CONVERGED = 1e-3
_COLUMNS = ("N", "P", "seed", "beta", "lambda", "rho", "eta", "epoch", "signal_recovery_error")


@dataclass(frozen=True)
class PublishedData:
    """A data set drawn as [IH] drew theirs: W* is all ones and the samples come from torch's generator.

    The generator is seeded; then for each sample c = randn(1, 1) and n = randn(N, 1) are drawn, in single precision,
    and x = √(ρ/N)·c·1 + √η·n. It serves as the data of a :class:`Run`.

    >>> data = PublishedData(16, 3, seed=7)
    >>> [piece.shape for piece in data.pieces(2)], data.weights().sum()
    ([(2, 16), (1, 16)], np.float64(16.0))
    """

    features: int
    samples: int
    strength: float = 1.0
    noise: float = 1.0
    seed: int = 0

    @property
    def strengths(self) -> tuple[float, ...]:
        """The one signal strength, as a tuple."""
        return (self.strength,)

    def weights(self) -> Floats:
        """Return W*, N ones in one column."""
        return np.ones((self.features, 1))

    def pieces(self, rows: int) -> Iterator[Floats]:
        """Draw the samples, at most ``rows`` at a time; torch must be installed."""
        import torch

        generator = torch.Generator().manual_seed(self.seed)
        signal, noise = (self.strength / self.features) ** 0.5, self.noise**0.5
        for start in range(0, self.samples, rows):
            piece = np.empty((min(rows, self.samples - start), self.features))
            for sample in piece:
                c = torch.randn(1, 1, generator=generator)
                n = torch.randn(self.features, 1, generator=generator)
                sample[:] = (signal * c + noise * n)[:, 0].numpy()
            yield piece


class PublishedRun(NamedTuple):
    """One row of the file: a run, the epoch up to which it was trained, and the published error ε."""

    run: Run
    epoch: int
    error: float


@dataclass(frozen=True)
class Comparison:
    """Published runs beside what was found for them; one entry of each array is one run.

    Attributes
    ----------
    published : the published runs
    exact : ε at the exact minimum
    trained : ε of our training, or None where none was asked for
    excess : loss of our training above the exact minimum, relative to that
    """

    published: list[PublishedRun]
    exact: Floats
    trained: Floats | None = None
    excess: Floats | None = None

    @property
    def errors(self) -> Floats:
        """The published ε."""
        return np.array([one.error for one in self.published])


def read_published(path: Path) -> list[PublishedRun]:
    """Read a CSV file of published runs, with the columns of :data:`_COLUMNS`.

    Raises :class:`vaesym.InputError`: no such file, a missing column, no rows, or a row that does not hold numbers in
    their domain.
    """
    try:
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("a readable file of published runs", f"{path} ({error})", "name the file") from error
    missing = [name for name in _COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise InputError(f"columns {', '.join(_COLUMNS)} and at least one row", f"{path} without {', '.join(missing)}",
                         "give the file of published runs")
    return [_parsed(row, line) for line, row in enumerate(rows, start=2)]


def _parsed(row: dict[str, str], line: int) -> PublishedRun:
    try:
        data = PublishedData(int(row["N"]), int(row["P"]), float(row["rho"]), float(row["eta"]), int(row["seed"]))
        run = Run(data, float(row["beta"]), float(row["lambda"]), start_seed=int(row["seed"]))
        return PublishedRun(run, int(row["epoch"]), float(row["signal_recovery_error"]))
    except (ValueError, TypeError) as error:
        raise InputError("numbers in their domain in every row", f"line {line}: {error}", "correct the file") from error


def compare(published: list[PublishedRun], settings: Settings | None = None) -> Comparison:
    """Solve published runs exactly and, given settings of a descent, by training; torch must be installed.

    >>> one = PublishedRun(Run(PublishedData(50, 200), lam=1.0), 100, 0.5)
    >>> compare([one]).exact.shape
    (1,)
    """
    from validation.simulate.descent import train

    runs = [one.run for one in published]
    exact = train(runs, Settings(method="exact"))
    errors = np.array([found["signal_recovery_error"] for found in exact])
    if settings is None:
        return Comparison(published, errors)
    trained = train(runs, settings)
    losses, least = (np.array([one["loss"] for one in found]) for found in (trained, exact))
    scale = np.maximum(np.abs(least), np.finfo(float).tiny)
    return Comparison(published, errors, np.array([found["signal_recovery_error"] for found in trained]),
                      (losses - least) / scale)


def published(
    file: Annotated[Path, typer.Argument(help="CSV file of the published runs.", show_default=False)],
    train: Annotated[bool, typer.Option(help="Also train the runs, not only solve them.")] = True,
    epochs: Annotated[int | None, typer.Option(help="Epochs of Adam; those of the file if not given.")] = None,
    device: Device = "auto",
    precision: Annotated[str, typer.Option(help="float32 or float64.")] = "float64",
    as_json: AsJson = False,
) -> None:
    """Rebuild the data of published trainings, solve and train them again, and compare."""
    require("torch", "drawing the published data", "torch")
    runs = read_published(file)
    length = max(one.epoch for one in runs) if epochs is None else count("epochs", epochs)
    settings = Settings(epochs=length, device=device, precision=precision)
    settings.resolved_device()
    with console(stderr=True).status(f"solving {len(runs)} runs"):
        found = compare(runs, settings if train else None)
    finish(record(found), lambda: _print(found), as_json=as_json,
           passed=bool((np.abs(found.exact - found.errors) <= ALLOWED).all()))


def record(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain numbers, run by run and in sum.

    ``trained_agrees`` counts only trainings that have converged.
    """
    gaps = np.abs(found.exact - found.errors)
    summary: dict[str, Any] = {"runs": len(gaps), "agree": int((gaps <= ALLOWED).sum()), "allowed": ALLOWED,
                               "worst": float(gaps.max())}
    rows = [{"N": one.run.data.features, "P": one.run.data.samples, "seed": one.run.start_seed,
             "published": one.error, "exact": float(exact)}
            for one, exact in zip(found.published, found.exact, strict=True)]
    if found.trained is not None and found.excess is not None:
        near, converged = np.abs(found.trained - found.exact) <= ALLOWED, found.excess <= CONVERGED
        summary |= {"converged": int(converged.sum()), "converged_within": CONVERGED,
                    "trained_agree": int((near & converged).sum())}
        for row, trained, excess in zip(rows, found.trained, found.excess, strict=True):
            row |= {"trained": plain(float(trained)), "excess_loss": plain(float(excess))}
    return {**summary, "rows": rows}


def _print(found: Comparison) -> None:
    summary, out = record(found), console()
    alphas = np.array([one.run.data.samples / one.run.data.features for one in found.published])
    table = columns(None, "alpha", "runs", "published", "exact", "largest gap",
                    *(() if found.trained is None else ("trained", "converged")))
    for alpha in np.unique(alphas):
        at = alphas == alpha
        gap = np.abs(found.exact - found.errors)[at].max()
        cells = [f"{alpha:g}", str(at.sum()), f"{found.errors[at].mean():.4f}", f"{found.exact[at].mean():.4f}",
                 f"{gap:.1e}"]
        if found.trained is not None and found.excess is not None:
            cells += [f"{found.trained[at].mean():.4f}", f"{(found.excess[at] <= CONVERGED).sum()}/{at.sum()}"]
        table.add_row(*cells)
    out.print(table)
    out.print(f"{summary['agree']} of {summary['runs']} published errors within {ALLOWED:g} of the exact minimum; "
              f"largest gap {summary['worst']:.1e}")
    if found.trained is not None:
        out.print(f"{summary['converged']} trainings reached the least loss within {CONVERGED:g}, relatively; of these "
                  f"{summary['trained_agree']} have the exact error within {ALLOWED:g}")
