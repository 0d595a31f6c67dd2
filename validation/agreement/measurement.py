"""What a study measured at each point, extrapolated to many dimensions, beside what the theory says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vaesym import Phase, Solution
from vaesym.inputs import Floats
from vaesym.linear_vae import error_bars
from validation.agreement.extrapolation import Limit, edge_shift, extrapolate, outlier_shift
from validation.agreement.points import Point
from validation.agreement.studies import Table

#: Quantities that are compared, and in words.
QUANTITIES = {
    "free_energy": "least loss R/N", "Q": "tr Q", "rate": "rate", "distortion": "distortion",
    "kl_variational_to_posterior": "KL(q‖p)", "signal_recovery_error": "recovery error ε", "m_squared": "‖m‖²"}
#: With less scatter than this all runs of a point count as equal to one another: they are collapsed.
_EXACT, _TRAINED_EXACT = 1e-9, 1e-4
#: Quantities that do not depend on the encoder beyond the training set.
_OF_DECODER = ("free_energy", "Q", "signal_recovery_error", "m_squared")


@dataclass(frozen=True)
class Comparison:
    """One quantity at one point.

    Attributes
    ----------
    point : number of the point
    quantity : name in :data:`QUANTITIES`
    expected : the theory
    limit : what was measured
    score : standard normal number; NaN where nothing fluctuates
    runs : number of runs that went into it
    sizes, means, errors : what was measured at each size
    predicted : standard errors of the means that the theory of fluctuations predicts; NaN where there is none
    sharp : whether nothing fluctuates, so that only equality can be asked for
    """

    point: int
    quantity: str
    expected: float
    limit: Limit
    score: float
    runs: int
    sizes: tuple[int, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]
    predicted: tuple[float, ...]
    sharp: bool = False


def measured(table: Table) -> dict[str, Floats]:
    """Return the quantities of every run of a table, by the names of the theory."""
    traces = np.nansum(np.diagonal(table["Q"], axis1=1, axis2=2), axis=1)
    return {"free_energy": table["loss"], "Q": traces, "rate": table["rate"], "distortion": table["distortion"],
            "kl_variational_to_posterior": table["kl_posterior"],
            "signal_recovery_error": table["signal_recovery_error"],
            "m_squared": np.nansum(table["m"] ** 2, axis=(1, 2))}


def expected(solution: Solution) -> dict[str, float]:
    """Return the same quantities of the theory.

    >>> round(expected(Point(2.0, 1.0, 1.0).theory())["m_squared"], 6)
    0.198638
    """
    found = {name: float(np.sum(getattr(solution, name))) for name in QUANTITIES if name != "m_squared"}
    return found | {"m_squared": float(np.sum(np.square(solution.m)))}


def quantities_of(point: Point) -> list[str]:
    """Return the quantities that can be extrapolated at a point.

    Where no signal is learned, |m| falls as N^(-1/2) and ε has that term beside the others: ‖m‖², which falls as
    1/N, and tr Q stand for it.
    """
    left_out = "signal_recovery_error" if point.phase is Phase.OVERFITTING else "m_squared"
    return [name for name in QUANTITIES if name != left_out]


def shifts_and_spread(point: Point, quantity: str, sizes: Floats) -> tuple[Floats, Floats]:
    """Return what the mean of a quantity is linear in, and how its spread falls with the size.

    Below the detection threshold ‖m‖² is of order 1/N; that the largest eigenvalue lies N^(-2/3) off the edge, where
    overlaps vary as the root of the distance, adds N^(-4/3), which three sizes or more can tell from it.
    """
    if quantity == "m_squared":
        powers = (-1.0, -4 / 3) if len(sizes) > 2 else (-1.0,)
        return np.stack([sizes**power for power in powers], axis=1), 1 / sizes
    if point.on_edge:
        count = sum(phase is Phase.OVERFITTING for phase in point.phases)
        return edge_shift(sizes, point.alpha, count), sizes ** (-2 / 3)
    return outlier_shift(sizes), sizes**-0.5


def compare(points: list[Point], table: Table, trained: bool = False) -> list[Comparison]:
    """Return every quantity of every point of a study, extrapolated over its sizes.

    Of trained runs those on fresh data are left out where λ = 0 and α < 1: the encoder is then free in the directions
    that no sample has, and keeps there what it began with.
    """
    columns = measured(table)
    free = [trained and point.lam == 0 and point.alpha < 1 for point in points]
    return [comparison(i, point, quantity, table, columns[quantity], trained) for i, point in enumerate(points)
            for quantity in quantities_of(point) if not free[i] or quantity in _OF_DECODER]


def comparison(number: int, point: Point, quantity: str, table: Table, values: Floats,
               trained: bool = False) -> Comparison:
    """Return one quantity of one point, extrapolated over the sizes at which it was measured."""
    sizes = np.unique(table["size"][table["point"] == number])
    groups = [values[(table["point"] == number) & (table["size"] == size)] for size in sizes]
    shifts, spread = shifts_and_spread(point, quantity, sizes.astype(float))
    limit = extrapolate(shifts, groups, spread)
    aim = expected(point.theory())[quantity]
    means, errors = ([float(f(group)) for group in groups] for f in (np.mean, standard_error))
    predicted = [_predicted(point, quantity, int(size), len(group)) for size, group in zip(sizes, groups, strict=True)]
    collapsed = Phase.OVERFITTING not in point.phases and Phase.LEARNING not in point.phases
    sharp = limit.error <= (_TRAINED_EXACT if collapsed and trained else _EXACT)
    score = float("nan") if sharp else limit.score(aim)
    return Comparison(number, quantity, aim, limit, score, sum(map(len, groups)), tuple(map(int, sizes)), tuple(means),
                      tuple(errors), tuple(predicted), sharp)


def standard_error(group: Floats) -> float:
    """Return the standard error of a mean.

    >>> standard_error(np.array([1.0, 3.0]))
    1.0
    """
    return float(np.std(group, ddof=1) / np.sqrt(len(group)))


def _predicted(point: Point, quantity: str, size: int, count: int) -> float:
    """The standard error that the theory predicts: one latent, one signal, Gaussian, above detection."""
    plain = point.latents == 1 and len(point.strengths) == 1 and point.law == "gaussian"
    if not plain or point.phase is not Phase.LEARNING or quantity == "m_squared":
        return float("nan")
    bars = error_bars(point.alpha, point.beta, lam=point.lam, samples=round(point.alpha * size) * count,
                      rho=point.strengths[0], eta=point.noise)
    return float(bars[quantity])
