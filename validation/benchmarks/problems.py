"""``python -m validation.benchmarks.problems``: the engine against what a research script does for one problem.

A learning curve of logistic regression with weight decay is solved by :func:`vaesym.solve_problem` to a residual of
1e-10. The other side is written by hand as in the scripts of papers: SciPy's ``quad`` over integrands compiled by
numba, inside it Newton for the minimum and Gauss–Hermite nodes for the teacher's field, and damped iteration to 1e-6,
each point from the one before. LASSO, of which all averages are closed, is solved compiled.
"""

from __future__ import annotations

import math
import time
from typing import Annotated, Any

import numpy as np
import typer
from rich import box
from rich.table import Table

import vaesym
from vaesym.inputs import Floats, count
from vaesym.output import console, print_json
from validation.study.command import refusals

#: Points per second over those of the script, and of LASSO compiled, at least.
WANTED_RATIO, WANTED_LASSO = 100.0, 1e5
_LOGISTIC = {"signal": 2.0, "lam": 0.1}
_LASSO = {"lam": 0.3, "noise": 0.2, "sparsity": 0.3, "amplitude": 1.2}


def _integrands() -> dict[str, Any]:
    """Return the three averages over the field as functions for ``quad``: of g² P, −g' P and g t P."""
    import numba
    from scipy import LowLevelCallable

    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    signature = numba.types.double(numba.types.intc, numba.types.CPointer(numba.types.double))

    def compiled(which: int) -> Any:
        @numba.cfunc(signature)
        def integrand(_: Any, given: Any) -> float:
            x, q, m, chi, size = given[0], given[1], given[2], given[3], given[4]
            omega = math.sqrt(q) * x
            u = omega
            for _ in range(100):
                s = 1 / (1 + math.exp(u))
                step = (u - omega - chi * s) / (1 + chi * s * (1 - s))
                u -= step
                if abs(step) < 1e-12:
                    break
            s = 1 / (1 + math.exp(u))
            along, across = m / math.sqrt(q), math.sqrt(max(1 - m * m / q, 0.0))
            chance = moment = 0.0
            for k in range(len(nodes)):
                t = along * x + across * nodes[k]
                p = weights[k] / (1 + math.exp(-size * t))
                chance += p
                moment += p * t
            h = s * (1 - s) / (1 + chi * s * (1 - s))
            value = s * s * chance if which == 0 else h * chance if which == 1 else s * moment
            return 2 * value * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)

        return integrand

    found = {name: compiled(which) for which, name in enumerate(("gg", "h", "gt"))}
    return {name: (LowLevelCallable(function.ctypes), function) for name, function in found.items()}


def by_hand(alpha: Floats, tolerance: float = 1e-6) -> tuple[Floats, float]:
    """Return Q at each α by damped iteration with ``quad``, and the seconds it took without compiling."""
    from scipy.integrate import quad

    integrands, size, lam = _integrands(), math.sqrt(_LOGISTIC["signal"]), _LOGISTIC["lam"]
    before, found, (q, m, chi) = time.perf_counter(), [], (1.0, 0.5, 1.0)
    for a in alpha:
        for _ in range(10_000):
            gg, h, gt = (quad(integrands[name][0], -9, 9, args=(q, m, chi, size))[0] for name in ("gg", "h", "gt"))
            stiff, spread, drive = a * h, a * gg, a * gt + a * h * m
            after = (spread + drive**2) / (lam + stiff) ** 2, drive / (lam + stiff), 1 / (lam + stiff)
            change = max(abs(new - old) for new, old in zip(after, (q, m, chi), strict=True))
            q, m, chi = (0.3 * old + 0.7 * new for new, old in zip(after, (q, m, chi), strict=True))
            if change < tolerance:
                break
        found.append(q)
    return np.array(found), time.perf_counter() - before


def _timed(problem: str, backend: str, alpha: Floats, given: dict[str, float]) -> tuple[Any, float]:
    """Return states and seconds, after a first call that loads and compiles."""
    vaesym.solve_problem(problem, backend=backend, alpha=alpha[:3], **given)
    before = time.perf_counter()
    states = vaesym.solve_problem(problem, backend=backend, alpha=alpha, **given)
    return states, time.perf_counter() - before


def measure(points: int = 1000, naive: int = 20, lasso: int = 200_000) -> dict[str, Any]:
    """Return points per second of each, the largest residual, and the largest difference of Q from the script's.

    Parameters
    ----------
    points : of the learning curve of logistic regression
    naive : of them, evenly spaced, for the script
    lasso : points of LASSO
    """
    alpha = np.geomspace(0.5, 20, points)
    some = np.unique(np.linspace(0, points - 1, naive).astype(int))
    # Before and after, so that what else the machine does falls on both.
    q, slow = by_hand(alpha[some])
    states, seconds = _timed("logistic", "numpy", alpha, _LOGISTIC)
    fast, fast_seconds = _timed("lasso", "numba", np.geomspace(0.3, 10, lasso), _LASSO)
    speed, other = points / seconds, len(some) / slow
    solved = bool((states.status == 0).all() and (fast.status == 0).all())
    residual = float(max(states.residual.max(), fast.residual.max()))
    difference = float(np.abs(states.Q.values[some] - q).max())
    ratio, rate = speed / other, lasso / fast_seconds
    return {"logistic_per_second": speed, "by_hand_per_second": other, "ratio": ratio, "lasso_per_second": rate,
            "residual": residual, "difference": difference, "solved": solved,
            "passed": solved and residual <= 1e-10 and ratio >= WANTED_RATIO and rate >= WANTED_LASSO}


def _print(record: dict[str, Any]) -> None:
    table = Table(title="Stated problems, points per second", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("problem")
    table.add_column("points/s", justify="right")
    for name, key in (("logistic regression", "logistic_per_second"), ("the same by hand", "by_hand_per_second"),
                      ("LASSO, compiled", "lasso_per_second")):
        table.add_row(name, f"{record[key]:,.0f}" if record[key] >= 10 else f"{record[key]:.2f}")
    out = console()
    out.print(table)
    out.print(f"Ratio {record['ratio']:.0f}, wanted {WANTED_RATIO:.0f}; LASSO wanted {WANTED_LASSO:,.0f} a second. "
              f"Largest residual {record['residual']:.0e}; largest difference of Q from the script "
              f"{record['difference']:.0e}. {'Reached' if record['passed'] else 'Not reached'}.")


def main(points: Annotated[int, typer.Option(help="points of the learning curve")] = 1000,
         naive: Annotated[int, typer.Option(help="of them, for the script")] = 20,
         lasso: Annotated[int, typer.Option(help="points of LASSO")] = 200_000,
         as_json: Annotated[bool, typer.Option("--json", help="print JSON instead")] = False) -> None:
    """Time the engine on stated problems."""
    with refusals():
        record = measure(count("points", points), count("naive", naive), count("lasso", lasso))
    if as_json:
        print_json(record)
    else:
        _print(record)
    raise typer.Exit(0 if record["passed"] else 1)


if __name__ == "__main__":
    typer.run(main)
