"""What is simulated of training in time and of absolute values as the penalty: points, sizes, computations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import vaesym
from validation.agreement.presets import Preset
from validation.simulate import motion
from validation.study.simulations import Computed, Table, Workshop

#: Names of what is compared in time.
OVERLAPS = ("Q", "E", "R", "m", "d", "D")
#: Names of what is compared under absolute values; the shares of weights that are zero last.
ROWS = ("Q", "E", "R", "m", "d", "zero_decoder", "zero_encoder")


@dataclass(frozen=True)
class Course:
    """A training in time: the parameters, and when it is looked at."""

    given: Mapping[str, float]
    time: float


_PASS = {"rho": 1.0, "eta": 0.8, "lam": 0.1, "rate": 0.4, "variance_rate": 0.6}
#: One pass: below the threshold with a latent that is drawn, then averaged over, and above the threshold.
PASSES = (Course({**_PASS, "beta": 0.4, "sampled": 1.0}, 3.0), Course({**_PASS, "beta": 1.0, "sampled": 0.0}, 6.0),
          Course({**_PASS, "beta": 2.5, "sampled": 1.0}, 3.0))
PASS_START = {"Q": 0.3, "E": 0.2, "R": 0.05, "m": 0.2, "d": 0.1, "D": 0.8}
_FLOW = {"lam": 0.2, "rho": 1.0, "eta": 1.0}
#: Gradient flow: below the detection threshold, above it, and far above.
FLOWS = (Course({**_FLOW, "alpha": 0.6, "beta": 0.3}, 4.0), Course({**_FLOW, "alpha": 2.0, "beta": 0.3}, 6.0),
         Course({**_FLOW, "alpha": 4.0, "beta": 1.0}, 3.0))
FLOW_START = {"signal": 0.3, "decoder": 0.1, "encoder": 0.1, "D": 1.0}
#: Absolute values: α, β, λ of decoder and encoder, at ρ = η = 1, where replica symmetry is stable; and where not.
ABSOLUTE = ((4.0, 1.0, 0.5), (4.0, 0.5, 0.5))
UNSTABLE = (3.0, 0.7, 1.0)
#: The same with a signal on this share of the entries, with which the state that was unstable is stable.
SPARSE, SHARE = ((4.0, 1.0, 0.5), (3.0, 0.7, 1.0)), 0.1


def absolute_parameters(point: tuple[float, float, float]) -> dict[str, float]:
    """Return the parameters of a point by the names of the problem ``l1_vae``."""
    alpha, beta, lam = point
    return {"alpha": alpha, "beta": beta, "lam_decoder": lam, "lam_encoder": lam, "rho": 1.0, "eta": 1.0}


def _absolute(number: int, dimension: int, runs: int, seed: int) -> dict[str, Any]:
    seeds = [100_000 * seed + 1000 * number + k for k in range(runs)]
    found = vaesym.simulate("l1_vae", dimension, seeds, **absolute_parameters(ABSOLUTE[number]))
    return {name: found[name].values for name in (*ROWS, "converged")}


def _sparse(number: int, dimension: int, runs: int, seed: int) -> dict[str, Any]:
    seeds = [100_000 * seed + 1000 * (len(ABSOLUTE) + number) + k for k in range(runs)]
    found = vaesym.simulate("sparse_vae", dimension, seeds, share=SHARE, **absolute_parameters(SPARSE[number]))
    return {name: found[name].values for name in (*ROWS, "converged")}


def _pass(number: int, dimension: int, runs: int, seed: int) -> dict[str, Any]:
    course = PASSES[number]
    return motion.one_pass(course.given, PASS_START, course.time, dimension, runs, 10 * seed + number)


def _flow(number: int, dimension: int, runs: int, seed: int) -> dict[str, Any]:
    course = FLOWS[number]
    return motion.flow(course.given, FLOW_START, course.time, dimension, runs, 1000 + 10 * seed + number)


def _computations(function: Callable[[int, int, int, int], dict[str, Any]], points: int, sizes: tuple[int, ...],
                  runs: tuple[int, ...], seed: int) -> Iterator[tuple[dict[str, int], int, Computed]]:
    for number in range(points):
        for size, count in zip(sizes, runs, strict=True):
            yield {"point": number, "size": size}, count, Computed(function, (number, size, count, seed))


def gather_beyond(preset: Preset, seed: int, workshop: Workshop) -> dict[str, Table]:
    """Run the computations of a preset, or take from the store what is there; the tables by name."""
    planned = {"one-pass": (_pass, len(PASSES), preset.moving_sizes, preset.moving_runs),
               "flow": (_flow, len(FLOWS), preset.moving_sizes, preset.moving_runs),
               "absolute": (_absolute, len(ABSOLUTE), preset.absolute_sizes, preset.absolute_runs),
               "sparse": (_sparse, len(SPARSE), preset.absolute_sizes, preset.absolute_runs)}
    return {name: workshop.compute(name, list(_computations(*plan, seed))) for name, plan in planned.items()}
