"""What the studies measured, extrapolated to many dimensions, beside what the theory says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from vaesym import Phase, Solution
from vaesym.inputs import Floats
from vaesym.linear_vae import error_bars
from validation.agreement import boundaries, studies
from validation.agreement.beyond.plans import gather_beyond
from validation.agreement.boundaries import BOUNDARIES, End
from validation.agreement.points import Point, chosen, describe_short
from validation.agreement.presets import Preset
from validation.agreement.studies import exact_study, replicon_points, spread_points
from validation.simulate.data import second_moments
from validation.study.extrapolation import Limit, edge_shift, extrapolate, outlier_shift
from validation.study.judging import Score
from validation.study.simulations import Table, Workshop
from validation.study.threads import limited_threads

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


def measured_replicon(levels: Floats, alpha: float, beta: float, lam: float, state: tuple[float, float, float],
                      top: float) -> float:
    r"""Return the replicon of one latent at the minimum of a data set.

    Parameters
    ----------
    levels : eigenvalues s of XᵀX/P, those of the learned directions left out
    alpha, beta, lam : of the run
    state : Q, E and D of the latent
    top : eigenvalue Λ of its own direction

    Notes
    -----
    In each of the other directions the Hessian of R/N in (W, V) is the 2 × 2 matrix h(s). The mean answer to a field
    is χ = ⟨h⁻¹⟩, the mean over pairs of replicas K = ⟨h⁻¹ ⊗ h⁻¹⟩, and K = χ⊗χ + Γ K, where the largest eigenvalue of
    Γ is the replicon: the answers diverge where it reaches 1. Neither signal nor noise strength goes in.

    >>> bool(abs(measured_replicon(np.ones(9), 4.0, 0.5, 0.1, (1.0, 0.3, 0.3), 2.5)) < 1e-12)
    True
    """
    norm, encoder, variance = state
    hessian = np.empty((len(levels), 2, 2))
    hessian[:, 0, 0] = alpha * (top * encoder + variance) + lam
    hessian[:, 0, 1] = hessian[:, 1, 0] = -alpha * levels
    hessian[:, 1, 1] = alpha * (norm + beta) * levels + lam
    answers = np.linalg.inv(hessian)
    mean = answers.mean(axis=0)
    pairs = np.einsum("nab,ncd->acbd", answers, answers).reshape(4, 4) / len(levels)
    return float(np.linalg.eigvals(np.eye(4) - np.linalg.solve(pairs.T, np.kron(mean, mean).T).T).real.max())


def replicons(table: Table) -> Floats:
    """Return the replicon of each latent (R, 2) of every run of the study; NaN where a run has fewer latents."""
    found, points = np.full((len(table["point"]), 2), np.nan), replicon_points()
    for i, number in enumerate(table["point"].tolist()):
        point = points[number]
        run = point.run(int(table["features"][i]), int(table["seed"][i]))
        moments = second_moments(run.data) * (run.data.features / run.data.samples)
        with limited_threads():
            levels = np.linalg.eigvalsh(moments)[::-1].astype(np.float64)
        for k in range(point.latents):
            state = float(table["Q"][i, k, k]), float(table["E"][i, k, k]), float(table["D"][i, k])
            found[i, k] = measured_replicon(levels[point.latents :], run.data.samples / run.data.features, point.beta,
                                            point.lam, state, float(levels[k]))
    return found


def replicon_scores(table: Table) -> list[tuple[Score, float]]:
    """Return the replicons, extrapolated to many dimensions, beside α_B/α of their latents, each with its α."""
    values, scores = replicons(table), []
    for number, point in enumerate(replicon_points()):
        at = table["point"] == number
        sizes = np.unique(table["size"][at])
        for k, strength in enumerate(point.strengths):
            groups = [values[at & (table["size"] == size), k] for size in sizes]
            limit = extrapolate(outlier_shift(sizes), groups, sizes**-0.5)
            aim = (point.noise / strength) ** 2 / point.alpha
            # Latents of one data set depend on one another; the weakest signal decides on the state.
            group = "replicon" if k == len(point.strengths) - 1 else ""
            scores.append((Score(f"replicon at α = {point.alpha:g}, β = {point.beta:g}, λ = {point.lam:g}, ρ = "
                                f"{strength:g}, η = {point.noise:g}", aim, limit.value, limit.error, limit.score(aim),
                                aim, group), point.alpha))
    return scores


@dataclass(frozen=True)
class Measurements:
    """Points and tables of results.

    Attributes
    ----------
    preset, seed : of the report
    points, near : points away from transitions, and near one
    tables : results of each study by its name
    """

    preset: Preset
    seed: int
    points: list[Point]
    near: list[Point]
    tables: dict[str, Table]

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The exact minimiser away from transitions."""
        return compare(self.points, self.tables["exact"])

    @cached_property
    def near_comparisons(self) -> list[Comparison]:
        """The exact minimiser near transitions."""
        return compare(self.near, self.tables["exact-near"])

    @cached_property
    def trained_points(self) -> list[Point]:
        """The points of the trainings."""
        return studies.trained_points(self.preset)

    @cached_property
    def trained_ends(self) -> studies.Ends:
        """Where the trainings ended."""
        return studies.compare_ends(self.tables["trained"], self.tables["trained-exact"])

    @cached_property
    def converged_points(self) -> list[int]:
        """Points at which every training has converged and is at the global minimum."""
        ends, table = self.trained_ends, self.tables["trained"]
        good = ends.converged & ends.globally
        return [i for i in range(len(self.trained_points)) if good[table["point"] == i].all()]

    @cached_property
    def trained_comparisons(self) -> list[Comparison]:
        """The trainings at those points, one start on each data set."""
        table = self.tables["trained"]
        runs, first = len(table["trial"]), table["trial"] == 0
        first = {name: values[first] for name, values in table.items() if len(values) == runs}
        return [one for one in compare(self.trained_points, first, trained=True) if one.point in self.converged_points]

    @cached_property
    def ends(self) -> list[End]:
        """The measured boundaries."""
        spectra = boundaries.eigenvalues_of(self.tables["boundary-spectra"])
        tables = {i: self.tables["hysteresis" if BOUNDARIES[i].first_order else "thresholds"]
                  for i in self.preset.boundaries}
        return [end for i, table in tables.items() for end in boundaries.ends(i, table, spectra)]

    @cached_property
    def replicon_scores(self) -> list[tuple[Score, float]]:
        """The measured replicons, each with its α."""
        return replicon_scores(self.tables["replicons"])

    @property
    def runs(self) -> dict[str, int]:
        """Number of runs of each study."""
        return {name: len(table["position"]) for name, table in self.tables.items()}


def gather(preset: Preset, seed: int, workshop: Workshop) -> Measurements:
    """Run all studies of a preset, or take from the store what is there."""
    smallest = preset.sizes[0]
    points, near = chosen(smallest, preset.points), chosen(smallest, preset.near_points, away=False)
    adam, exact = studies.trained_studies(preset, seed)
    planned = [
        exact_study(points, preset, seed), exact_study(near, preset, seed, "exact-near", 4),
        studies.large_data_study(preset, seed), studies.peak_study(preset, seed),
        *studies.spread_studies(preset, seed),
        *[studies.best_study(preset, seed, place) for place in range(len(preset.sizes))],
        studies.replicon_study(preset, seed), studies.prescribed_study(seed), studies.learned_study(seed),
        studies.learned_spectra_study(seed),
        *studies.curve_studies(preset, seed), adam, exact,
        boundaries.boundary_study(preset, seed, False), boundaries.boundary_study(preset, seed, True),
        boundaries.eigenvalue_study(preset, seed),
    ]
    tables = {study.name: workshop.run(study) for study in planned}
    return Measurements(preset, seed, points, near, tables | gather_beyond(preset, seed, workshop))


def merged_best(measurements: Measurements, group: int, member: int) -> dict[int, np.ndarray]:
    """Return ε of the study of the best β by size, for one weight decay and one β; rows are data sets."""
    found = {}
    for size in measurements.preset.sizes:
        table = measurements.tables[f"best-beta-{size}"]
        where = (table["group"] == group) & (table["member"] == member)
        found[size] = table["signal_recovery_error"][where][np.argsort(table["replicate"][where])]
    return found
