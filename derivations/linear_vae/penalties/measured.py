"""Trained linear VAEs under absolute values, recorded once: beside the theory, at one coordinate, from many starts.

``python -m derivations.linear_vae.penalties.measured`` trains them anew, in about four minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vaesym.engine.experiment.sample import Sample, Trained
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic.training import StudentsSample

#: Points with replica symmetry: below the threshold of the spectrum, at 1 and 3 % of the entries, and a spread signal.
POINTS = (
    {"problem": "sparse_vae", "alpha": 0.7, "beta": 0.8, "lam": 0.8, "share": 0.01},
    {"problem": "sparse_vae", "alpha": 1.0, "beta": 0.8, "lam": 0.8, "share": 0.03},
    {"problem": "l1_vae", "alpha": 2.0, "beta": 1.0, "lam": 0.4},
)
DIMENSIONS = {500: 16, 1000: 12, 2000: 8, 4000: 4}
NAMES = ("Q", "E", "m", "d", "free_energy", "zero_decoder", "zero_encoder")
#: Without replica symmetry, and with: α, β, λ of a spread signal; starts, data sets and dimensions.
BROKEN, UNBROKEN = {"alpha": 3.0, "beta": 0.7, "lam": 1.0}, {"alpha": 4.0, "beta": 1.0, "lam": 0.5}
STARTS, SETS, BROKEN_DIMENSIONS = 6, 4, (200, 400, 800)
#: One coordinate: β < η at a penalty under which no spread state beats collapse.
LOCALISED = {"alpha": 2.0, "beta": 0.6, "lam": 2.0}
_TOLERANCE = 1e-7
_RECORD = Path(__file__).with_name("measured.json")


class Run(NamedTuple):
    """Data of one seed and what was trained on them."""

    sample: StudentsSample
    trained: Trained

    @property
    def measured(self) -> dict[str, float]:
        """Names of the theory, measured."""
        return self.sample.measure(self.trained)


def trained(point: Mapping[str, Any], dimension: int, seed: int, start: Callable[[Sample], Any]) -> Run:
    """Train at a point on the data of a seed, from a start that is made of the data."""
    given = {name: float(value) for name, value in point.items() if name not in ("problem", "lam")}
    given |= {"lam_decoder": float(point["lam"]), "lam_encoder": float(point["lam"]), "rho": 1.0, "eta": 1.0}
    equations: Any = equations_of(point.get("problem", "l1_vae"))
    sample = StudentsSample(equations, given, dimension, seed)
    return Run(sample, sample.train(start=start(sample), tolerance=_TOLERANCE))


def from_signal(sample: Sample) -> Any:
    """Start on the signal, decoder and encoder of norms about those of learning states."""
    return sample.planted[:, None] * [0.9, 0.5]


def from_coordinate(sample: Sample) -> Any:
    """Start on the first coordinate."""
    weights = np.zeros((len(sample.planted), 2))
    weights[0] = np.sqrt(len(weights)) * np.array([0.6, 0.6])
    return weights


def from_noise(number: int) -> Callable[[Sample], Any]:
    """Return a start of independent normal weights, decoder and encoder alike."""
    def start(sample: Sample) -> Any:
        return np.repeat(np.random.default_rng(number).standard_normal((len(sample.planted), 1)), 2, axis=1)

    return start


def beside_theory(point: Mapping[str, Any], dimension: int, seeds: int) -> dict[str, Any]:
    """Return mean, deviation and number of runs at a point."""
    runs = [trained(point, dimension, seed, from_signal).measured for seed in range(seeds)]
    return {**point, "dimension": dimension, "seeds": seeds, "residual": max(run["residual"] for run in runs)} | {
        name: {"mean": float(np.mean([run[name] for run in runs])),
               "deviation": float(np.std([run[name] for run in runs], ddof=1))} for name in NAMES}


def minima(point: Mapping[str, Any], dimension: int, seed: int) -> dict[str, Any]:
    """Return the losses per dimension and overlaps with the signal that training from several starts ends at."""
    runs = [trained(point, dimension, seed, from_noise(number)).measured for number in range(STARTS)]
    return {**point, "dimension": dimension, "seed": seed, "free_energy": [run["free_energy"] for run in runs],
            "m": [run["m"] for run in runs], "residual": max(run["residual"] for run in runs)}


def one_coordinate(dimension: int) -> dict[str, Any]:
    """Return the loss and the share of zero weights of a latent that starts on one coordinate."""
    run = trained(LOCALISED, dimension, 0, from_coordinate)
    return {"dimension": dimension, **{name: run.measured[name] for name in ("free_energy", "Q", "zero_decoder")},
            "largest": float(run.trained.weights[0, 0] ** 2 / dimension)}


def measure(report: Callable[[dict[str, Any]], None]) -> None:
    """Train everything, telling the parts as they are done."""
    report({"localised": [one_coordinate(dimension) for dimension in (250, 1000, 4000)]})
    for dimension, seeds in DIMENSIONS.items():
        report({"points": [beside_theory(point, dimension, seeds) for point in POINTS]})
    for dimension in BROKEN_DIMENSIONS:
        for name, point in (("broken", BROKEN), ("unbroken", UNBROKEN)):
            report({name: [minima(point, dimension, seed) for seed in range(SETS)]})


@cache
def recorded() -> Mapping[str, Any]:
    """Return what was recorded."""
    return json.loads(_RECORD.read_text(encoding="utf-8"))


def _main() -> None:
    found: dict[str, list[Any]] = {}

    def report(part: dict[str, Any]) -> None:
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
        _RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

    measure(report)


if __name__ == "__main__":
    _main()
