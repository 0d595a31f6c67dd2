"""Fluctuations from data set to data set beside those of the theory."""

from __future__ import annotations

import numpy as np
from scipy import stats

from vaesym.inputs import Floats
from vaesym.linear_vae import error_bars
from validation.agreement.extras import spread_points
from validation.agreement.judging import Score
from validation.agreement.measurement import measured
from validation.agreement.studies import Table

_COMPARED = {"eigenvalue": "Λ", "overlap": "o", "signal_recovery_error": "ε", "rate": "rate",
             "distortion": "distortion"}


def variance_ratio(groups: list[Floats], deviations: Floats, shifts: Floats) -> tuple[float, float]:
    """Return the ratio of measured to expected variance, extrapolated to shift 0 from two sizes, and its error.

    >>> rng = np.random.default_rng(1)
    >>> ratio, error = variance_ratio([rng.normal(size=4000), rng.normal(size=4000)], np.ones(2), np.array([0.2, 0.1]))
    >>> abs(ratio - 1) < 3 * error
    True
    """
    ratios = np.array([np.var(group, ddof=1) for group in groups]) / deviations**2
    line = np.array([-shifts[1], shifts[0]]) / (shifts[0] - shifts[1])
    errors = ratios * np.array([_relative_error(group) for group in groups])
    return float(line @ ratios), float(np.sqrt((line**2) @ errors**2))


def _relative_error(group: Floats) -> float:
    """The standard error of a variance over it, from the fourth moment: tails are heavier than normal ones."""
    count = len(group)
    return float(np.sqrt((stats.kurtosis(group, fisher=False) - (count - 3) / (count - 1)) / count))


def spread_scores(tables: dict[int, Table]) -> list[Score]:
    """Return the variances of observables over data sets, over the predicted ones; ``tables`` by dimension."""
    # At the first point only Λ is nearly normal at these sizes: o and what follows from it are bent too much.
    return [_score(tables, i, name) for i in range(len(spread_points())) for name in _COMPARED
            if i > 0 or name == "eigenvalue"]


def _score(tables: dict[int, Table], number: int, name: str) -> Score:
    point = spread_points()[number][0]
    groups, deviations = [], []
    for table in tables.values():
        chosen = table["group"] == number
        columns = measured(table) | {"eigenvalue": table["eigenvalues"][:, 0],
                                     "overlap": table["m"][:, 0, 0] ** 2 / table["Q"][:, 0, 0]}
        groups.append(columns[name][chosen])
        bars = error_bars(point.alpha, point.beta, lam=point.lam, samples=int(table["samples"][chosen][0]),
                          rho=point.strengths[0], eta=point.noise)
        deviations.append(float(bars[name]))
    ratio, error = variance_ratio(groups, np.array(deviations), 1 / np.array(list(tables), dtype=float))
    return Score(f"var({_COMPARED[name]}) over the predicted one at {describe_short(point)}", 1.0, ratio, error,
                 (ratio - 1) / error, 1.0, name)


def describe_short(point: object) -> str:
    """Return α, β and λ of a point in words.

    >>> from validation.agreement.points import Point
    >>> describe_short(Point(2.0, 0.5, 0.1))
    'α = 2, β = 0.5, λ = 0.1'
    """
    return ", ".join(f"{symbol} = {getattr(point, name):g}"
                     for symbol, name in (("α", "alpha"), ("β", "beta"), ("λ", "lam")))
