"""``python -m validation.benchmarks.engine``: points per second of the exact solution, as ratios in one run.

A grid of α × β with every observable: the backends of ``vaesym.solve`` against NumPy written by hand, and against
SciPy's root finder on the nine replica equations with their exact Jacobian and warm starts. Then how the cost grows
with the grid and with the number of latents, what importing costs, and the worst error against 50 digits.
"""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
import typer

import vaesym
from vaesym.commands import run_command
from vaesym.inputs import count
from vaesym.output import columns, console
from validation.benchmarks.newton import by_root
from validation.study.by_hand import FIELDS, vectorised
from validation.study.command import AsJson, finish

#: Ratios to the named yardstick that are required, and the memory that is allowed.
REQUIRED = {"NumPy over root finder": 700.0, "NumPy over by hand": 1.5, "numba over NumPy": 5.0,
            "CUDA over NumPy": 100.0}
ALLOWED_BYTES = 200.0
#: How often each is timed; the least time counts, since what else the machine does only adds.
_REPEATS = 7
#: Points at which the root finder, which takes them one by one, is timed.
_ONE_BY_ONE = 300
_LAM = 0.1


@dataclass(frozen=True)
class Speed:
    """Points, the least seconds for all of them, and peak memory in bytes a point (None where it was not traced)."""

    name: str
    points: int
    seconds: float
    bytes_per_point: float | None = None

    @property
    def rate(self) -> float:
        """Points per second."""
        return self.points / self.seconds


def grid(points: int) -> tuple[Any, Any]:
    """Return α (k, 1) and β (k,) whose grid has about ``points`` points in all three phases.

    >>> [axis.shape for axis in grid(10_000)]
    [(100, 1), (100,)]
    """
    side = max(2, round(math.sqrt(points)))
    return np.geomspace(0.1, 50, side)[:, None], np.geomspace(0.05, 4, side)


def least_seconds(call: Callable[[], Any], repeats: int) -> float:
    """Return the least time of several calls, after one that warms up."""
    call()
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def timed(name: str, points: int, call: Callable[[], Any], repeats: int, *, traced: bool = True) -> Speed:
    """Time a call, and trace the memory of one more."""
    seconds = least_seconds(call, repeats)
    if not traced:
        return Speed(name, points, seconds)
    tracemalloc.start()
    result = call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del result
    return Speed(name, points, seconds, peak / points)


def backends(points: int, repeats: int = _REPEATS) -> list[Speed]:
    """Time the same grid on every backend at hand, and by hand."""
    alpha, beta = grid(points)
    size = alpha.size * beta.size
    full = [np.ascontiguousarray(p) for p in np.broadcast_arrays(alpha, beta)]
    ones = np.ones(full[0].shape)
    speeds = [timed("NumPy", size, lambda: vaesym.solve(alpha, beta, lam=_LAM), repeats),
              timed("by hand", size, lambda: vectorised(*full, _LAM * ones, ones, ones), repeats)]
    if importlib.util.find_spec("numba"):
        speeds.append(timed("numba", size, lambda: vaesym.solve(alpha, beta, lam=_LAM, backend="numba"), repeats))
    if importlib.util.find_spec("torch"):
        speeds += _tensors(alpha, beta, repeats)
    return speeds


def _tensors(alpha: Any, beta: Any, repeats: int) -> list[Speed]:
    import torch

    speeds: list[Speed] = []
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        a, b = torch.from_numpy(alpha).to(device), torch.from_numpy(beta).to(device)

        def call(a: Any = a, b: Any = b, device: str = device) -> None:
            with torch.no_grad():
                vaesym.solve(a, b, lam=_LAM)
            if device == "cuda":
                torch.cuda.synchronize()

        name = "torch" if device == "cpu" else "CUDA"
        speeds.append(timed(name, alpha.size * beta.size, call, repeats, traced=False))
    return speeds


def one_by_one(points: int = _ONE_BY_ONE) -> Speed:
    """Time the root finder along β at one α; it starts from a solution and must find the same as ``solve``.

    Raises
    ------
    ArithmeticError
        If it finds anything else than the exact solution at more than one point in ten: the comparison would be
        between different things.
    """
    along, ones = np.linspace(0.3, 1.5, points), np.ones(points)
    row = by_root([4 * ones, along, _LAM * ones, ones, ones], bare=False)
    if row.reached < 0.9:
        raise ArithmeticError(f"the root finder missed the exact solution at {1 - row.reached:.0%} of the points")
    return Speed("root finder", points, row.seconds)


def agreement(points: int = 10_000) -> float:
    """Return the largest difference between ``solve`` and NumPy by hand, relative to 1 + |value|."""
    alpha, beta = np.broadcast_arrays(*grid(points))
    ones = np.ones(alpha.shape)
    solution = vaesym.solve(alpha, beta, lam=_LAM)
    rows = vectorised(alpha, beta, _LAM * ones, ones, ones)
    exact = np.stack([getattr(solution, name) for name in FIELDS])
    return float((np.abs(rows - exact) / (1 + np.abs(exact))).max())


def growth(repeats: int = _REPEATS) -> dict[str, list[Speed]]:
    """Time NumPy as the grid grows, and as the number of latents does, each with a signal of its own strength."""
    sizes = [timed(f"{n:,} points", n, lambda n=n: vaesym.solve(*grid(n), lam=_LAM), repeats)
             for n in (10**4, 10**5, 10**6, 4 * 10**6)]
    alpha, beta = grid(10**5)
    latents = [timed(f"M = {m}", alpha.size * beta.size, lambda m=m: vaesym.solve(
        alpha, beta, lam=_LAM, latents=m, spikes=np.linspace(2, 1, m).tolist()), repeats) for m in (1, 2, 4, 8)]
    return {"grid": sizes, "latents": latents}


def start_up(repeats: int = 3) -> dict[str, float]:
    """Return the seconds that a bare interpreter, ``import vaesym`` and one point on the command line take."""
    commands = {"python": ["-c", "pass"], "import numpy": ["-c", "import numpy"],
                "import vaesym": ["-c", "import vaesym"],
                "one point": ["-m", "vaesym", "solve", "--alpha", "2", "--beta", "1", "--lam", "1"]}

    def run(arguments: list[str]) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    return {name: least_seconds(lambda a=a: run(a), repeats) for name, a in commands.items()}


def ratios(speeds: list[Speed]) -> dict[str, float]:
    """Return the required ratios among the speeds measured."""
    rate = {speed.name: speed.rate for speed in speeds}
    pairs = {f"{fast} over {slow}": (fast, slow) for fast, slow in (
        ("NumPy", "root finder"), ("NumPy", "by hand"), ("numba", "NumPy"), ("CUDA", "NumPy"))}
    return {name: rate[fast] / rate[slow] for name, (fast, slow) in pairs.items() if fast in rate and slow in rate}


def _print(speeds: list[Speed], grown: dict[str, list[Speed]], started: dict[str, float], difference: float) -> None:
    out = console()
    table = columns("All observables on one grid", "", "points/s", "ns/point", "bytes/point", words=("",))
    for speed in [*speeds, *grown["grid"], *grown["latents"]]:
        memory = "" if speed.bytes_per_point is None else f"{speed.bytes_per_point:.0f}"
        table.add_row(speed.name, f"{speed.rate:.3g}", f"{1e9 / speed.rate:.0f}", memory)
    out.print(table)
    for name, ratio in ratios(speeds).items():
        met = ratio >= REQUIRED[name]
        out.print(f"{name}: {ratio:.3g} (required {REQUIRED[name]:g})", style="green" if met else "bold red")
    for name, seconds in started.items():
        out.print(f"{name}: {seconds:.2f} s", highlight=False)
    out.print(f"largest difference to NumPy by hand: {difference:.1e}", highlight=False)


def main(points: Annotated[int, typer.Option(help="Points of the grid.")] = 10**6,
         repeats: Annotated[int, typer.Option(help="How often each is timed.")] = _REPEATS,
         as_json: AsJson = False) -> None:
    """Time the engine against what a user would write."""
    points, repeats = count("points", points), count("repeats", repeats)
    speeds = [*backends(points, repeats), one_by_one()]
    grown, started, difference = growth(min(repeats, 3)), start_up(), agreement()
    memory = [s.bytes_per_point or 0.0 for s in speeds if s.name in ("NumPy", "numba")]
    passed = all(ratio >= REQUIRED[name] for name, ratio in ratios(speeds).items()) and max(memory) <= ALLOWED_BYTES
    finish({"speeds": [asdict(s) | {"points_per_second": s.rate} for s in speeds], "ratios": ratios(speeds),
            "growth": {name: [asdict(s) for s in row] for name, row in grown.items()}, "start_up": started,
            "difference": difference},
           lambda: _print(speeds, grown, started, difference), passed=passed, as_json=as_json)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
