"""The published runs of [IH]: their data rebuilt, solved exactly and by training, and compared."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError
from validation.laboratory.runs import Run, Settings

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

    Examples
    --------
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


@dataclass(frozen=True)
class PublishedRun:
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

    @property
    def agreeing(self) -> NDArray[np.bool_]:
        """Which published ε lie within ``ALLOWED`` of the exact ones."""
        return np.abs(self.exact - self.errors) <= ALLOWED

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which of our trainings came within ``CONVERGED`` of the exact minimum."""
        if self.excess is None:
            raise InputError("a comparison with training", "one without", "call compare with settings")
        return self.excess <= CONVERGED


def read_published(path: Path) -> list[PublishedRun]:
    """Read a file of published runs.

    Parameters
    ----------
    path : a CSV file with the columns N, P, seed, beta, lambda, rho, eta, epoch and signal_recovery_error

    Raises
    ------
    vaesym.InputError
        No such file, a missing column, no rows, or a row that does not hold numbers in their domain.
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

    Parameters
    ----------
    published : what :func:`read_published` returned
    settings : how to train, or None not to

    Examples
    --------
    >>> one = PublishedRun(Run(PublishedData(50, 200), lam=1.0), 100, 0.5)
    >>> compare([one]).exact.shape
    (1,)
    """
    from validation.laboratory.optimisers import train

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
