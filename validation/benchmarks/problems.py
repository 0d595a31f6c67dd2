"""``python -m validation.benchmarks.problems``: the engine against what a research script does for one problem.

A learning curve of logistic regression with weight decay is solved by :func:`vaesym.solve_problem` to a residual of
1e-10, compiled and in arrays. The other side is written by hand as in the scripts of papers: SciPy's ``quad`` over
integrands compiled by numba, inside it Newton for the minimum and Gauss–Hermite nodes for the teacher's field, and
damped iteration to 1e-6, each point from the one before. LASSO, of which all averages are closed, is solved compiled,
and the theory of every shipped problem is derived. With ``--checkout`` the logistic loss on labels of a probit teacher
is solved by published research code too. Times are those of the processor, over all threads, medians of
several runs; what numba compiles once and keeps on disk is not in them.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import sympy as sp
import typer

import vaesym
from vaesym import problems
from vaesym.commands import run_command
from vaesym.inputs import Floats, InputError, count
from vaesym.output import columns, console
from vaesym.problem import Data, Parameter, binary, teacher
from validation.study.command import AsJson, finish

#: Points per second over those of the script, and of LASSO compiled, at least; seconds of a derivation at most.
WANTED_RATIO, WANTED_LASSO, WANTED_DERIVE = 100.0, 1e5, 10.0
_LOGISTIC = {"signal": 2.0, "lam": 0.1}
_PROBIT = {"noise": 0.5, "lam": 0.1}
#: The published code ends its iteration at 1e-6, damped: so far from the solution Q is at most.
_PUBLISHED = 1e-5
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
    before, found, (q, m, chi) = time.process_time(), [], (1.0, 0.5, 1.0)
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
    return np.array(found), time.process_time() - before


def published(checkout: Path, alpha: Floats) -> tuple[Floats, float]:
    """Return Q at each α by the code of mvilucchio/linear-regression (arXiv:2305.18974), and the seconds it took.

    Raises :class:`vaesym.InputError`: a folder that does not hold it.
    """
    sys.path.insert(0, str(checkout))
    try:
        from linear_regression.fixed_point_equations.classification import (  # pyright: ignore[reportMissingImports]
            Logistic_loss as channel,
        )
        from linear_regression.fixed_point_equations.fpeqs import (  # pyright: ignore[reportMissingImports]
            fixed_point_finder,
        )
        from linear_regression.fixed_point_equations.regularisation.L2_reg import (  # pyright: ignore[reportMissingImports]
            f_L2_reg,
        )
    except ImportError as error:
        raise InputError("a checkout of mvilucchio/linear-regression", f"{checkout}, where {error}",
                         "clone the repository and name its folder") from error
    finally:
        sys.path.remove(str(checkout))

    def at(a: float, start: Any) -> Any:
        return fixed_point_finder(f_L2_reg, channel.f_hat_Logistic_probit_classif, start,
                                  {"reg_param": _PROBIT["lam"]}, {"alpha": a, "delta": _PROBIT["noise"]})

    state, found = at(float(alpha[0]), (0.6, 1.0, 0.9)), []  # Compiles.
    before = time.process_time()
    for a in alpha:
        state = at(float(a), state)
        found.append(state[1])
    return np.array(found), time.process_time() - before


def probit_teacher() -> Any:
    """Return logistic regression on labels sign(teacher + noise)."""
    noise, logistic = sp.Symbol("noise", positive=True), problems.logistic
    return logistic.but(name="logistic_probit_teacher", data=Data(binary(sp.erfc(-teacher / sp.sqrt(2 * noise)) / 2)),
                        parameters=(Parameter(noise, "variance of the noise beside the teacher's field"),
                                    logistic.parameters[1]))


def _against(checkout: Path, points: int, some: Any, runs: int) -> dict[str, Any]:
    """Return points per second of published code and of the engine on its problem, and the largest difference of Q."""
    alpha = np.geomspace(0.5, 20, points)
    q, slow = published(checkout, alpha[some])
    states, seconds = _timed(probit_teacher(), "numba", alpha, _PROBIT, runs)
    difference = float(np.abs(states.Q.values[some] - q).max())
    ratio = points / seconds * slow / len(some)
    return {"published_per_second": len(some) / slow, "published_ratio": ratio, "published_difference": difference,
            "published_passed": bool((states.status == 0).all()) and difference <= _PUBLISHED
            and ratio >= WANTED_RATIO}


def _timed(problem: Any, backend: str, alpha: Floats, given: dict[str, Any], runs: int) -> tuple[Any, float]:
    """Return states and seconds, the median of some runs after a first call that loads and compiles."""
    states, seconds = vaesym.solve_problem(problem, backend=backend, alpha=alpha[:3], **given), []
    for _ in range(runs):
        before = time.process_time()
        states = vaesym.solve_problem(problem, backend=backend, alpha=alpha, **given)
        seconds.append(time.process_time() - before)
    return states, statistics.median(seconds)


def _derived() -> tuple[str, float]:
    """Return the shipped problem whose theory takes longest to derive, and the seconds."""
    seconds = {}
    for name in sorted(problems.HOMES):
        before = time.process_time()
        vaesym.derive(getattr(problems, name))
        seconds[name] = time.process_time() - before
    slowest = max(seconds, key=lambda name: seconds[name])
    return slowest, seconds[slowest]


def measure(points: int = 1000, naive: int = 20, lasso: int = 200_000, runs: int = 5,
            checkout: Path | None = None) -> dict[str, Any]:
    """Return points per second of each, the largest residual, and the largest difference of Q from the script's.

    Parameters
    ----------
    points : of the learning curve of logistic regression
    naive : of them, evenly spaced, for the script
    lasso : points of LASSO
    runs : of each but the script, which runs twice
    checkout : of mvilucchio/linear-regression, to solve the problem that it has in common with the engine
    """
    alpha = np.geomspace(0.5, 20, points)
    some = np.unique(np.linspace(0, points - 1, naive).astype(int))
    # Before and after, so that what else the machine does falls on both.
    q, slow = by_hand(alpha[some])
    states, seconds = _timed("logistic", "numba", alpha, _LOGISTIC, runs)
    arrays, plain = _timed("logistic", "numpy", alpha, _LOGISTIC, runs)
    slow = (slow + by_hand(alpha[some])[1]) / 2
    fast, fast_seconds = _timed("lasso", "numba", np.geomspace(0.3, 10, lasso), _LASSO, runs)
    slowest, derive_seconds = _derived()
    speed, other = points / seconds, len(some) / slow
    solved = all(bool((one.status == 0).all()) for one in (states, arrays, fast))
    residual = float(max(one.residual.max() for one in (states, arrays, fast)))
    ratio, rate = speed / other, lasso / fast_seconds
    others = _against(checkout, points, some, runs) if checkout is not None else {"published_passed": True}
    passed = (others["published_passed"] and solved and residual <= 1e-10 and ratio >= WANTED_RATIO
              and rate >= WANTED_LASSO and derive_seconds <= WANTED_DERIVE)
    return {**others, "logistic_per_second": speed, "logistic_arrays_per_second": points / plain,
            "by_hand_per_second": other, "ratio": ratio, "lasso_per_second": rate, "residual": residual,
            "difference": float(np.abs(states.Q.values[some] - q).max()),
            "from_arrays": float(np.abs(states.Q.values - arrays.Q.values).max()), "solved": solved,
            "slowest_derivation": slowest, "derive_seconds": derive_seconds, "passed": passed}


def _print(record: dict[str, Any]) -> None:
    table = columns("Stated problems, points per second", "problem", "points/s", words=("problem",))
    for name, key in (("logistic regression, compiled", "logistic_per_second"),
                      ("the same in arrays", "logistic_arrays_per_second"),
                      ("the same by hand", "by_hand_per_second"), ("LASSO, compiled", "lasso_per_second")):
        table.add_row(name, f"{record[key]:,.0f}" if record[key] >= 10 else f"{record[key]:.2f}")
    out = console()
    out.print(table)
    out.print(f"Ratio {record['ratio']:.0f}, wanted {WANTED_RATIO:.0f}; LASSO wanted {WANTED_LASSO:,.0f} a second. "
              f"Largest residual {record['residual']:.0e}; largest difference of Q from the script "
              f"{record['difference']:.0e}, from arrays {record['from_arrays']:.0e}. Slowest derivation: "
              f"{record['slowest_derivation']}, {record['derive_seconds']:.1f} s. "
              f"{'Reached' if record['passed'] else 'Not reached'}.")
    if "published_ratio" in record:
        out.print(f"Published code, probit teacher: {record['published_per_second']:.1f} points a second, ratio "
                  f"{record['published_ratio']:,.0f}; largest difference of Q {record['published_difference']:.0e}.")


def main(points: Annotated[int, typer.Option(help="points of the learning curve")] = 1000,
         naive: Annotated[int, typer.Option(help="of them, for the script")] = 20,
         lasso: Annotated[int, typer.Option(help="points of LASSO")] = 200_000,
         runs: Annotated[int, typer.Option(help="runs of each, of which the median counts")] = 5,
         checkout: Annotated[Path | None, typer.Option(help="folder of mvilucchio/linear-regression")] = None,
         as_json: AsJson = False) -> None:
    """Time the engine on stated problems."""
    record = measure(count("points", points), count("naive", naive), count("lasso", lasso), count("runs", runs),
                     checkout)
    finish(record, lambda: _print(record), passed=record["passed"], as_json=as_json)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
