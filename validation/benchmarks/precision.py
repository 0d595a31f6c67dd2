"""``python -m validation.benchmarks.precision``: ``vaesym.solve`` against 50 digits over the whole parameter space.

Points are log-uniform over the domain; a quarter of them lies within a relative 1e-12 … 1e-3 of the collapse threshold,
a quarter as near to the detection threshold. No program that reads float64 parameters can do better than its
condition number times 1.1e-16 allows: the sum over parameters of |θ ∂y/∂θ|/|y|, from the generated derivatives.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any

import mpmath
import numpy as np
import typer
from rich.progress import track

import vaesym
from vaesym.commands import run_command
from vaesym.inputs import count
from vaesym.linear_vae.point.arguments import PROBLEM
from vaesym.linear_vae.point.derivatives import derivatives
from vaesym.linear_vae.point.evaluation import DIFFERENTIABLE
from vaesym.output import columns, console
from validation.study.command import AsJson, finish

#: Relative error that is allowed, or this many times what the condition number makes of the spacing of float64.
ALLOWED, ALLOWED_SPACINGS = 1e-12, 20.0
_SPACING = 1.1e-16
_DIGITS = 50
_CHUNK = 1000


@dataclass
class Worst:
    """The largest relative error of one field, the largest in units of condition × spacing, and where that was."""

    error: float = 0.0
    spacings: float = 0.0
    excess: float = 0.0
    at: tuple[float, ...] = ()

    def include(self, other: Worst) -> None:
        """Keep the larger of both."""
        if other.excess > self.excess or not self.at:
            self.at = other.at
        self.error, self.spacings = max(self.error, other.error), max(self.spacings, other.spacings)
        self.excess = max(self.excess, other.excess)


def draw(points: int, seed: int) -> dict[str, np.ndarray]:
    """Return points of the domain, half of them close to a critical line.

    >>> sorted(draw(8, 0))
    ['alpha', 'beta', 'eta', 'lam', 'rho']
    """
    rng = np.random.default_rng(seed)

    def spread(low: float, high: float) -> np.ndarray:
        return 10 ** rng.uniform(np.log10(low), np.log10(high), points)

    alpha, beta, rho, eta = spread(1e-6, 1e8), spread(1e-8, 1e4), spread(1e-4, 1e4), spread(1e-4, 1e4)
    lam = np.where(rng.random(points) < 0.15, 0.0, spread(1e-10, 1e4))
    hair = 1 + spread(1e-12, 1e-3) * rng.choice([-1, 1], points)
    alpha[1::4] = np.clip((eta / rho) ** 2 * hair, 1e-6, 1e8)[1::4]
    threshold = vaesym.collapse_threshold(alpha, lam=lam, rho=rho, eta=eta) * hair
    beta[2::4] = np.where(threshold > 0, np.clip(threshold, 1e-8, 1e4), beta)[2::4]
    return {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta}


def compare(points: int, seed: int) -> tuple[int, dict[str, Worst]]:
    """Return the number of wrong phases and the worst of each field, over so many points."""
    given = draw(points, seed)
    solution = vaesym.solve(**given)
    with mpmath.workdps(_DIGITS):
        exact = vaesym.solve(**{name: _precise(values) for name, values in given.items()}, backend="mpmath")
    slopes = derivatives(**given)
    wrong = int((solution.phase != exact.phase).sum())
    same = solution.phase == exact.phase
    worst = {name: _worst(name, given, solution, exact, slopes, same) for name in DIFFERENTIABLE}
    return wrong, worst


def _precise(values: np.ndarray) -> np.ndarray:
    return np.array([mpmath.mpf(float(value)) for value in values], dtype=object)


def _worst(name: str, given: dict[str, Any], solution: Any, exact: Any, slopes: dict[str, Any],
           same: np.ndarray) -> Worst:
    with mpmath.workdps(_DIGITS):
        true, found = getattr(exact, name), _precise(getattr(solution, name))
        pairs = zip(found, true, strict=True)
        error = np.array([float(abs(f - t) / abs(t)) if t != 0 else float(abs(f)) for f, t in pairs])
    value = np.abs(getattr(solution, name))
    moved = sum(np.abs(given[p] * slopes[f"d{name}_D_{p}"]) for p in PROBLEM)
    condition = 1 + moved / np.where(value > 0, value, 1.0)
    spacings = error / (condition * _SPACING)
    excess = np.where(same, np.minimum(error / ALLOWED, spacings / ALLOWED_SPACINGS), 0.0)
    i = int(np.argmax(excess))
    calm = same & (condition < 100)
    return Worst(float(error[calm].max(initial=0.0)), float(spacings[same].max(initial=0.0)), float(excess[i]),
                 tuple(float(given[p][i]) for p in PROBLEM))


def _compare_seed(arguments: tuple[int, int]) -> tuple[int, dict[str, Worst]]:
    return compare(*arguments)


def measure(points: int, seed: int = 0) -> Iterator[tuple[int, dict[str, Worst]]]:
    """Yield the comparison chunk by chunk, on all cores."""
    sizes = [_CHUNK] * (points // _CHUNK) + ([points % _CHUNK] if points % _CHUNK else [])
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(_compare_seed, [(size, seed + i) for i, size in enumerate(sizes)])


def main(points: Annotated[int, typer.Option(help="How many points.")] = 100_000,
         seed: Annotated[int, typer.Option(help="Seed of the points.")] = 0,
         as_json: AsJson = False) -> None:
    """Compare every field of the solution with 50 digits; fail where it is worse than float64 has to be."""
    points = count("points", points)
    total: dict[str, Worst] = {name: Worst() for name in DIFFERENTIABLE}
    wrong = 0
    for phases, found in track(measure(points, seed), "comparing", -(-points // _CHUNK), console=console(stderr=True)):
        wrong += phases
        for name, worst in found.items():
            total[name].include(worst)
    passed = wrong == 0 and all(worst.excess <= 1 for worst in total.values())
    finish({"points": points, "wrong_phases": wrong, "passed": passed,
            "fields": {name: vars(worst) for name, worst in total.items()}},
           lambda: _print(points, wrong, total, passed), passed=passed, as_json=as_json)


def _print(points: int, wrong: int, total: dict[str, Worst], passed: bool) -> None:
    table = columns(f"Relative error at {points:,} points against {_DIGITS} digits", "field", "worst, condition < 100",
                    "worst / (condition x 1.1e-16)", words=("field",))
    for name, worst in total.items():
        table.add_row(name, f"{worst.error:.1e}", f"{worst.spacings:.1f}")
    out = console()
    out.print(table)
    out.print(f"{wrong} wrong phases; {'passed' if passed else 'failed'}: every error below {ALLOWED:g} or "
              f"{ALLOWED_SPACINGS:g} times what the condition number asks", style="green" if passed else "bold red")
    worst = max(total, key=lambda name: total[name].excess)
    named = ", ".join(f"{p} = {v!r}" for p, v in zip(PROBLEM, total[worst].at, strict=True))
    out.print(f"worst of all: {worst} at {named}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
