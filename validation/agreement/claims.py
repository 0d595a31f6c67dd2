"""What was measured of each claim about points: the exact solution, unlimited data, the best β, fluctuations."""

from __future__ import annotations

import numpy as np

import vaesym
from vaesym import Phase
from validation.agreement import extras
from validation.agreement.extrapolation import Limit, extrapolate, outlier_shift
from validation.agreement.gathering import Measurements, merged_best
from validation.agreement.judging import Equality, Finding, Score
from validation.agreement.measurement import QUANTITIES, Comparison, measured
from validation.agreement.points import Point
from validation.agreement.spreads import describe_short, spread_scores

#: Relative difference that the criterion of convergence leaves in tr Q and ε, and size below which it is absolute.
_CONVERGED, _SMALL = 0.05, 0.1
_COLLAPSED = "where all collapse, every run is collapsed exactly"


def scores_of(points: list[Point], comparisons: list[Comparison], only: tuple[str, ...] = ()) -> tuple[Score, ...]:
    """Return the scores of comparisons; relative to the theory, or to what it is without learning where that is 0."""
    scores = []
    for one in comparisons:
        if one.sharp or (only and one.quantity not in only):
            continue
        point = points[one.point]
        scale = max(abs(one.expected), 0.1 * (sum(point.strengths) + point.noise))
        name = f"{QUANTITIES[one.quantity]} at {describe(point)}"
        scores.append(Score(name, one.expected, one.limit.value, one.limit.error, one.score, scale,
                            # ‖m‖² has its limit 0 at a few points only: it is judged by its farthest score alone.
                            one.quantity if one.quantity != "m_squared" else ""))
    return tuple(scores)


def describe(point: Point) -> str:
    """Return a point in words.

    >>> describe(Point(2.0, 0.5, 0.1))
    'α = 2, β = 0.5, λ = 0.1, ρ = 1, η = 1, M = 1, gaussian'
    """
    strengths = ", ".join(f"{strength:g}" for strength in point.strengths)
    return (f"{describe_short(point)}, ρ = {strengths if len(point.strengths) == 1 else f'({strengths})'}, "
            f"η = {point.noise:g}, M = {point.latents}, {point.law}")


def _sharp(comparisons: list[Comparison], what: str, allowed: float = 1e-9) -> tuple[Equality, ...]:
    gaps = [abs(one.limit.value - one.expected) for one in comparisons if one.sharp]
    return (Equality(what, max(gaps), allowed),) if gaps else ()


def exact_solution(found: Measurements) -> Finding:
    """The closed form of theory, section 3, in the limit of many dimensions."""
    scores = scores_of(found.points, found.comparisons)
    phases = [point.phase for point in found.points]
    counts = ", ".join(f"{phases.count(phase)} {phase.name.lower()}" for phase in (Phase.LEARNING, Phase.OVERFITTING,
                                                                                     Phase.REGULARIZED))
    laws, latents = len({p.law for p in found.points}), ", ".join(map(str, sorted({p.latents for p in found.points})))
    return Finding("S", "the exact solution holds in the limit of many dimensions, for every law of the signal",
                   f"{len(found.points)} points ({counts}; M among {latents}; {laws} laws), {len(scores)} numbers "
                   f"extrapolated from N = {', '.join(map(str, found.preset.sizes))}", scores,
                   _sharp(found.comparisons, _COLLAPSED))


def trained_solution(found: Measurements) -> Finding:
    """The same for trainings that have converged."""
    scores = scores_of(found.trained_points, found.trained_comparisons)
    return Finding("T", "trainings that converge end at the exact solution",
                   f"Adam at {len(found.trained_points)} points, of which {len(found.converged_points)} have all runs "
                   f"converged; {len(scores)} numbers of these extrapolated from N = "
                   f"{', '.join(map(str, found.preset.trained_sizes))}", scores,
                   (*_sharp(found.trained_comparisons, "where all collapse, trainings end collapsed", 1e-3),
                    *_beside_exact(found)),
                   # That collapsed runs are collapsed says nothing of those that learn.
                   distinguished=bool(scores), relevant=0.25)


def _beside_exact(found: Measurements) -> tuple[Equality, ...]:
    """Converged trainings beside the exact minimum of the same data: no fluctuation is in the way."""
    ends = found.trained_ends
    use = ends.converged & ends.globally
    if not use.any():
        return ()
    trained, exact = measured(found.tables["trained"]), measured(found.tables["trained-exact"])
    gaps = [np.abs(trained[name] - exact[name])[use] / np.maximum(np.abs(exact[name][use]), _SMALL)
            for name in ("Q", "signal_recovery_error")]
    return (Equality("tr Q and ε of each converged training beside the exact minimum of its own data, relative",
                     float(np.max(gaps)), _CONVERGED),)


def _large(found: Measurements, values: np.ndarray, number: int) -> Limit:
    table = found.tables["large-data"]
    groups = [values[(table["point"] == number) & (table["size"] == alpha)] for alpha in extras.LARGE_ALPHAS]
    alphas = np.array(extras.LARGE_ALPHAS, dtype=float)
    # At α = 25 the second order is as large as the errors.
    return extrapolate(np.stack([1 / alphas, alphas**-2.0], axis=1), groups, alphas**-0.5)


def _large_scores(found: Measurements, columns: dict[str, np.ndarray],
                  expected: dict[str, list[float]]) -> tuple[tuple[Score, ...], tuple[Equality, ...]]:
    scores, gaps = [], []
    for i, (beta, lam, rho, eta) in enumerate(extras.LARGE):
        for name, values in columns.items():
            limit, aim = _large(found, values, i), expected[name][i]
            if limit.error < 1e-12:
                gaps.append(abs(limit.value - aim))
                continue
            where = f"{name} at β = {beta:g}, λ = {lam:g}, ρ = {rho:g}, η = {eta:g}"
            scores.append(Score(where, aim, limit.value, limit.error, limit.score(aim), max(abs(aim), 0.1 * rho),
                                name))
    equal = (Equality("where β ≥ ρ+η, every run is collapsed exactly", max(gaps), 1e-12),) if gaps else ()
    return tuple(scores), equal


def unlimited(found: Measurements) -> Finding:
    """C1, by data of growing α."""
    columns = {key: measured(found.tables["large-data"])[key] for key in ("Q", "rate", "signal_recovery_error")}
    betas, _, rhos, etas = (np.array(column) for column in zip(*extras.LARGE, strict=True))
    norm = np.maximum(rhos + etas - betas, 0.0)
    expected = {"Q": norm, "rate": np.log(np.maximum((rhos + etas) / betas, 1)) / 2,
                "signal_recovery_error": (np.sqrt(rhos) - np.sqrt(norm)) ** 2}
    scores, equal = _large_scores(found, columns, {name: v.tolist() for name, v in expected.items()})
    return Finding("C1", "α → ∞: collapse iff β ≥ ρ+η; below it Q = ρ+η−β, rate ½ ln((ρ+η)/β), ε = (√ρ−√Q)²",
                   f"{len(extras.LARGE)} points at N = {extras.LARGE_SIZE}, extrapolated in 1/α and 1/α² from α = "
                   f"{', '.join(map(str, extras.LARGE_ALPHAS))}", scores, equal)


def gaussian_source(found: Measurements) -> Finding:
    """C3, on the same data."""
    table = measured(found.tables["large-data"])
    betas, _, rhos, etas = (np.array(column) for column in zip(*extras.LARGE, strict=True))
    total = (rhos + etas)[found.tables["large-data"]["point"]]
    gap = table["rate"] - np.log(total / table["distortion"]) / 2
    excess = "rate − ½ ln((ρ+η)/distortion)"
    expected = {"distortion": np.minimum(betas, rhos + etas).tolist(), excess: [0.0] * len(betas)}
    columns = {"distortion": table["distortion"], excess: gap}
    scores, equal = _large_scores(found, columns, expected)
    return Finding("C3", "α → ∞: the distortion is β, and rate and distortion are those of a Gaussian source",
                   "the points of C1", scores, equal)


def best_beta(found: Measurements) -> Finding:
    """N6: the same best error for every λ, at the best β."""
    scores, contrasts = [], []
    sizes = np.array(found.preset.sizes, dtype=float)
    aim = float(1.0 - vaesym.solve(extras.BEST_ALPHA, 1.0, lam=0.0).overlap)
    for group, lam in enumerate(extras.DECAYS):
        best, low, high = (list(merged_best(found, group, member).values()) for member in range(3))
        limit = extrapolate(outlier_shift(sizes), best, sizes**-0.5)
        name = f"ε at the best β, λ = {lam:g}"
        scores.append(Score(name, aim, limit.value, limit.error, limit.score(aim), aim, "best"))
        for other in (low, high):
            above = extrapolate(outlier_shift(sizes), [x - y for x, y in zip(other, best, strict=True)], sizes**-0.5)
            contrasts.append(above.score(0.0))
    return Finding("N6", "the best error over β is ρ(1−o), whatever λ", f"α = {extras.BEST_ALPHA:g}, λ = "
                   f"{', '.join(f'{lam:g}' for lam in extras.DECAYS)}, at the best β of the theory and 30 % beside it",
                   tuple(scores), rival=f"30 % away from the best β the error is larger, by {min(contrasts):.1f} "
                   "standard errors at least", distinguished=min(contrasts) > 3)


def fluctuations(found: Measurements) -> Finding:
    """N9. Variances are noisy; what must be seen is the factor 1 − η²/(αρ²), without which a point is off by 33 %."""
    sizes = found.preset.spread_sizes
    return Finding("N9", "Λ and o fluctuate with the covariance of N9, and error bars follow",
                   f"variances over {' and '.join(map(str, found.preset.spread_seeds))} data sets at N = "
                   f"{' and '.join(map(str, sizes))}, extrapolated, at 3 points, Gaussian; at the first of Λ only",
                   tuple(spread_scores({size: found.tables[f"fluctuations-{size}"] for size in sizes})), relevant=1 / 3)


def unequal_spikes(found: Measurements) -> Finding:
    """N11: the points of the exact solution with unequal signals."""
    unequal = {i for i, point in enumerate(found.points) if len(set(point.strengths)) > 1}
    chosen = [one for one in found.comparisons if one.point in unequal]
    return Finding("N11", "unequal spikes have each their own α_B, Λ and o, and latents decouple",
                   f"{len(unequal)} points of S with two or three unequal signals",
                   scores_of(found.points, chosen), _sharp(chosen, _COLLAPSED))
