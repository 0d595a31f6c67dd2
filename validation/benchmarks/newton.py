"""``python -m validation.benchmarks.newton``: Newton on the replica equations against ``scipy.optimize.root``.

The batched solver, on NumPy and compiled, finds all branches at random points of the three phases from scratch. The
other side is what one would write by hand: ``root`` on the same nine equations with their Jacobian, point by point
along lines through the same box, each started from the solution before it. It follows one branch. It is given the
generated functions twice: as :mod:`vaesym.linear_vae.point.formulas` has them, and bare, with nothing checked or
broadcast.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
import typer
from scipy.optimize import root

import vaesym
from vaesym.commands import run_command
from vaesym.inputs import Floats, count
from vaesym.linear_vae.point import formulas
from vaesym.output import columns, console
from vaesym.solvers import Status
from validation.study.command import AsJson, finish

#: Points per second of the compiled solver over those of ``root``, at least.
WANTED_RATIO = 30.0
#: Fraction of points that reach the physical branch, at least.
WANTED_FRACTION = 0.9999
#: Largest residual, relative to the terms that cancel in it, and largest difference from the exact solution.
ALLOWED_RESIDUAL, ALLOWED_DIFFERENCE = 1e-11, 1e-9
#: Points given to NumPy, and points on a line for ``root``.
_NUMPY_POINTS, _LINE = 20_000, 50
_RANGES = ((np.log(0.05), np.log(50)), (0.05, 3), (0.01, 2), (0.2, 3), (0.2, 3))


@dataclass(frozen=True)
class Row:
    """One solver: its speed, and what came out.

    ``reached`` is the fraction of points at the least branch of the exact solution with a relative residual of at most
    1e-11, ``silent`` the number of the others that were not flagged; ``within`` is the fraction with a residual of at
    most 1e-11 in the equations as they are.
    """

    solver: str
    points: int
    seconds: float
    reached: float
    silent: int
    within: float
    residual: float
    relative_residual: float
    difference: float

    @property
    def per_second(self) -> float:
        """Points per second."""
        return self.points / self.seconds


def random_points(points: int, seed: int = 0) -> list[Floats]:
    """Return α log-uniform in [0.05, 50] and β, λ, ρ, η uniform in [0.05, 3], [0.01, 2], [0.2, 3], [0.2, 3].

    >>> [len(p) for p in random_points(3)]
    [3, 3, 3, 3, 3]
    """
    rng = np.random.default_rng(seed)
    log_alpha, *others = (rng.uniform(low, high, points) for low, high in _RANGES)
    return [np.exp(log_alpha), *others]


def _solve(given: list[Floats], backend: str | None) -> Any:
    alpha, beta, lam, rho, eta = given
    return vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta, backend=backend)


def _difference(given: list[Floats], state: Floats) -> Floats:
    """Return the largest difference of Q, E, R, |m|, |d|, D (P, 6) from the exact solution, infinite where NaN."""
    alpha, beta, lam, rho, eta = given
    exact = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    true = np.stack([np.abs(getattr(exact, name)) for name in "QERmdD"], axis=-1)
    gap = np.abs(np.abs(state) - true).max(axis=-1)
    return np.where(np.isfinite(gap), gap, np.inf)


def batched(given: list[Floats], backend: str | None) -> Row:
    """Time the batched solver and compare its least branch with the exact solution.

    >>> row = batched(random_points(50), "numpy")
    >>> row.reached, row.silent
    (1.0, 0)
    """
    before = time.perf_counter()
    found = _solve(given, backend)
    seconds = time.perf_counter() - before
    state = np.stack([getattr(found, name)[:, 0] for name in "QERmdD"], axis=-1)
    claimed = (found.status[:, 0] == Status.CONVERGED) & found.complete
    return _row(f"batched, {backend or 'numpy'}", seconds, claimed, claimed, found.residual[:, 0],
                found.relative_residual[:, 0], _difference(given, state))


def _row(name: str, seconds: float, claimed: Any, right: Any, residual: Floats, relative: Floats,
         difference: Floats) -> Row:
    """Judge the points that a solver claims; those that are not ``right`` otherwise do not count as reached."""
    good = right & (relative <= ALLOWED_RESIDUAL) & (difference <= ALLOWED_DIFFERENCE)
    largest = (float(values[good].max(initial=0.0)) for values in (residual, relative, difference))
    return Row(name, len(good), seconds, float(good.mean()), int((claimed & ~good).sum()),
               float((good & (residual <= 1e-11)).mean()), *largest)


def lines(points: int, seed: int = 0) -> list[Floats]:
    """Return points in lines of 50 small steps from one random point of the box to another.

    >>> given = lines(100)
    >>> [len(p) for p in given], bool(np.allclose(np.diff(given[1][:50]), given[1][1] - given[1][0]))
    ([100, 100, 100, 100, 100], True)
    """
    number = -(-points // _LINE)
    ends = (random_points(number, seed + 1), random_points(number, seed + 2))
    along = np.linspace(0.0, 1.0, _LINE)
    first, last = (np.stack([np.log(p[0]), *p[1:]]) for p in ends)
    log_alpha, *others = (first[..., None] + (last - first)[..., None] * along).reshape(5, -1)[:, :points]
    return [np.exp(log_alpha), *others]


def _bare(name: str) -> Callable[..., Floats]:
    function = getattr(formulas, name)
    return lambda *arguments: np.array(function.evaluate(*arguments)).reshape(function.shape)


def by_root(given: list[Floats], *, bare: bool) -> Row:
    """Time ``scipy.optimize.root`` along the lines, each point started from the solution before it.

    >>> 0 < by_root(lines(10), bare=True).seconds
    True
    """
    names = ("stationarity", "stationarity_jacobian")
    equations, jacobian = (_bare(name) if bare else getattr(formulas, name) for name in names)
    starts = _solve([p[::_LINE] for p in given], "numpy")
    first = np.stack([*(getattr(starts, name)[:, 0] for name in "QERmdD"),
                      *(starts.chi[:, 0, i, j] for i, j in ((0, 0), (0, 1), (1, 1)))], axis=-1)
    points = np.stack(given, axis=-1)
    ended, success = np.empty((len(points), 9)), np.zeros(len(points), dtype=np.bool_)
    x, before = first[0], time.perf_counter()
    for i, point in enumerate(points.tolist()):
        if i % _LINE == 0:
            x = first[i // _LINE]
        result = root(lambda y, p=point: equations(*p, *y), x, jac=lambda y, p=point: jacobian(*p, *y), tol=1e-12)
        ended[i], success[i] = result.x, result.success
        x = result.x if result.success else x
    seconds = time.perf_counter() - before
    return _judged(f"root, {'bare' if bare else 'model'}", given, ended, success, seconds)


def _judged(name: str, given: list[Floats], ended: Floats, success: Any, seconds: float) -> Row:
    f, slope = formulas.stationarity(*given, *ended.T), formulas.stationarity_jacobian(*given, *ended.T)
    residual = np.abs(f).max(axis=-1)
    relative = np.abs(f / np.maximum(1.0, np.einsum("bij,bj->bi", np.abs(slope), np.abs(ended)))).max(axis=-1)
    physical = (ended[:, 6] > 0) & (ended[:, 6] * ended[:, 8] > ended[:, 7] ** 2)
    return _row(name, seconds, success, success & physical, residual, relative, _difference(given, ended[:, :6]))


def measure(points: int = 100_000, naive: int = 2_000, seed: int = 0) -> dict[str, Any]:
    """Run all of them and return a record: the rows, the ratios of speed, and whether what is wanted was reached.

    Parameters
    ----------
    points : random points for the compiled solver; NumPy gets the first 20,000 of them
    naive : points for ``root``
    seed : of the points

    Raises :class:`vaesym.InputError`: without numba.
    """
    given = random_points(points, seed)
    before = time.perf_counter()
    _solve([p[:1] for p in given], "numba")
    ready = time.perf_counter() - before
    path = lines(naive, seed)
    # The slow ones run before and after the compiled one, so that what else the machine does falls on all.
    rows = [by_root(path, bare=False), batched(given, "numba"), by_root(path, bare=True),
            batched([p[:_NUMPY_POINTS] for p in given], "numpy")]
    ratios = {row.solver: row.per_second / rows[0].per_second for row in rows}
    fast = rows[1]
    passed = ratios[fast.solver] >= WANTED_RATIO and fast.reached >= WANTED_FRACTION and fast.silent == 0
    return {"rows": [{**asdict(row), "per_second": row.per_second} for row in rows], "ratios": ratios,
            "first_call_seconds": ready, "wanted_ratio": WANTED_RATIO, "wanted_fraction": WANTED_FRACTION,
            "passed": bool(passed)}


def _print(record: dict[str, Any]) -> None:
    table = columns("Newton on the nine replica equations", "solver", "points/s", "ratio", "reached", "silent",
                    "residual", "relative", words=("solver",))
    for row in record["rows"]:
        table.add_row(row["solver"], f"{row['per_second']:,.0f}", f"{record['ratios'][row['solver']]:.1f}",
                      f"{100 * row['reached']:.3f}%", str(row["silent"]), f"{row['residual']:.0e}",
                      f"{row['relative_residual']:.0e}")
    fast = record["rows"][1]
    out = console()
    out.print(table)
    out.print(
        f"reached: of {fast['points']:,} points (compiled), those at the least exact branch, to "
        f"{ALLOWED_DIFFERENCE:g}, with a relative residual of at most {ALLOWED_RESIDUAL:g}. silent: other points that "
        f"were not flagged. residual, relative: the largest of those that reached. In the equations as they are, "
        f"{100 * fast['within']:.3f}% have a residual of at most 1e-11. First compiled call: "
        f"{record['first_call_seconds']:.1f} s. Wanted: a ratio of {WANTED_RATIO:g}, "
        f"{100 * WANTED_FRACTION:g}% reached, none silent: {'reached' if record['passed'] else 'not reached'}.")


def main(points: Annotated[int, typer.Option(help="random points for the compiled solver")] = 100_000,
         naive: Annotated[int, typer.Option(help="points for scipy.optimize.root")] = 2_000,
         seed: Annotated[int, typer.Option(help="seed of the points")] = 0,
         as_json: AsJson = False) -> None:
    """Time Newton on the replica equations against scipy.optimize.root."""
    record = measure(count("points", points), count("naive", naive), seed)
    finish(record, lambda: _print(record), passed=record["passed"], as_json=as_json)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
