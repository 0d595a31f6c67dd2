"""The claims of the theory as they were measured, a function for each, and the verdicts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import vaesym
from vaesym import Phase
from validation.agreement import studies
from validation.agreement.beyond.findings import FINDINGS
from validation.agreement.boundaries import BOUNDARIES, End
from validation.agreement.measurement import (
    QUANTITIES,
    Comparison,
    Measurements,
    measured,
    merged_best,
    spread_scores,
    standard_error,
)
from validation.agreement.points import Point, describe
from validation.study.extrapolation import Limit, extrapolate, outlier_shift
from validation.study.judging import Equality, Finding, Score, Verdict, judge
from validation.study.statistics import normal_score

#: Relative difference that the criterion of convergence leaves in tr Q and ε, and size below which it is absolute.
_CONVERGED, _SMALL = 0.05, 0.1
#: Steps of the grid of β by which a measured boundary may lie off the one of its own data set: half a step is the
#: grid's resolution, the rest the time a descent needs to leave a state that has just ceased to exist.
_STEPS = 1.0
#: Shift of a first-order boundary, over the spinodal, that must be seen: less than its distance from the other.
_WINDOW = 0.3
#: Relative deviation of the replicon that must be seen: half the least distance of α_B/α from 1/α at its points.
_MARGIN = 0.25
#: Relative tolerance for minimisations by L-BFGS, and for the KL of a latent in nats.
_TOLERANCE, _NATS = 1e-4, 2e-3
#: Tolerance of the training rate-distortion curve for Adam's trainings that have converged, in nats.
_CURVE_NATS = 5e-3
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
                   f"Adam, then L-BFGS, at {len(found.trained_points)} points, of which {len(found.converged_points)} "
                   f"have all runs converged; {len(scores)} numbers of these extrapolated from N = "
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
    groups = [values[(table["point"] == number) & (table["size"] == alpha)] for alpha in studies.LARGE_ALPHAS]
    alphas = np.array(studies.LARGE_ALPHAS, dtype=float)
    # At α = 25 the second order is as large as the errors.
    return extrapolate(np.stack([1 / alphas, alphas**-2.0], axis=1), groups, alphas**-0.5)


def _large_scores(found: Measurements, columns: dict[str, np.ndarray],
                  expected: dict[str, list[float]]) -> tuple[tuple[Score, ...], tuple[Equality, ...]]:
    scores, gaps = [], []
    for i, (beta, lam, rho, eta) in enumerate(studies.LARGE):
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
    betas, _, rhos, etas = (np.array(column) for column in zip(*studies.LARGE, strict=True))
    norm = np.maximum(rhos + etas - betas, 0.0)
    expected = {"Q": norm, "rate": np.log(np.maximum((rhos + etas) / betas, 1)) / 2,
                "signal_recovery_error": (np.sqrt(rhos) - np.sqrt(norm)) ** 2}
    scores, equal = _large_scores(found, columns, {name: v.tolist() for name, v in expected.items()})
    return Finding("C1", "α → ∞: collapse iff β ≥ ρ+η; below it Q = ρ+η−β, rate ½ ln((ρ+η)/β), ε = (√ρ−√Q)²",
                   f"{len(studies.LARGE)} points at N = {studies.LARGE_SIZE}, extrapolated in 1/α and 1/α² from α = "
                   f"{', '.join(map(str, studies.LARGE_ALPHAS))}", scores, equal)


def gaussian_source(found: Measurements) -> Finding:
    """C3, on the same data."""
    table = measured(found.tables["large-data"])
    betas, _, rhos, etas = (np.array(column) for column in zip(*studies.LARGE, strict=True))
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
    aim = float(1.0 - vaesym.solve(studies.BEST_ALPHA, 1.0, lam=0.0).overlap)
    for group, lam in enumerate(studies.BEST_DECAYS):
        best, low, high = (list(merged_best(found, group, member).values()) for member in range(3))
        limit = extrapolate(outlier_shift(sizes), best, sizes**-0.5)
        name = f"ε at the best β, λ = {lam:g}"
        scores.append(Score(name, aim, limit.value, limit.error, limit.score(aim), aim, "best"))
        for other in (low, high):
            above = extrapolate(outlier_shift(sizes), [x - y for x, y in zip(other, best, strict=True)], sizes**-0.5)
            contrasts.append(above.score(0.0))
    return Finding("N6", "the best error over β is ρ(1−o), whatever λ", f"α = {studies.BEST_ALPHA:g}, λ = "
                   f"{', '.join(f'{lam:g}' for lam in studies.BEST_DECAYS)}, at the best β of the theory and 30 % "
                   "beside it", tuple(scores), rival="30 % away from the best β the error is larger, by "
                   f"{min(contrasts):.1f} standard errors at least", distinguished=min(contrasts) > 3)


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


def _boundary_scores(ends: list[End], expected: dict[int, float] | None = None) -> tuple[Score, ...]:
    scores = []
    for end in ends:
        one = end.line
        aim = end.expected if expected is None else expected[end.boundary]
        what = "end of collapse" if end.start == "collapsed" else "end of the active state"
        name = f"{what} in β at α = {one.alpha:g}, λ = {one.lam:g}, ρ = {one.rho:g}, η = {one.eta:g}"
        scores.append(Score(name, aim, end.limit.value, end.limit.error, end.limit.score(aim), one.active_end,
                            end.start))
    return tuple(scores)


def _own(ends: list[End], what: str) -> Equality:
    return Equality(f"{what} of every data set lies where its own eigenvalue puts it, in steps of the grid of β",
                    float(np.abs(np.concatenate([end.own for end in ends])).max()), _STEPS)


def stability(found: Measurements) -> Finding:
    """N1: the end of collapse by descents that start there."""
    ends = [end for end in found.ends if end.start == "collapsed"]
    return Finding("N1", "collapse is locally stable iff β ≥ β_c = αΛ/(α+λ) − λ/(αΛ)",
                   f"gradient descent from collapse over grids of β at {len(ends)} pairs (α, λ), on "
                   f"{min(len(end.values) for end in ends)} data sets or more each", _boundary_scores(ends),
                   (_own(ends, "the end of collapse"),))


def unlimited_stability(found: Measurements) -> Finding:
    """C2: the same as α → ∞."""
    scores = []
    for family in ("large data 0", "large data 1"):
        ends = [end for end in found.ends if end.line.family == family]
        if len(ends) < 2:
            continue
        one = ends[0].line
        alphas = np.array([end.line.alpha for end in ends])
        limit = extrapolate(1 / alphas, [end.values for end in ends], alphas**-0.5)
        aim = one.rho + one.eta
        scores.append(Score(f"end of collapse as α → ∞ at λ = {one.lam:g}, ρ = {one.rho:g}, η = {one.eta:g}", aim,
                            limit.value, limit.error, limit.score(aim), aim, "end"))
    return Finding("C2", "α → ∞: collapse is linearly stable iff β ≥ ρ+η", "the end of collapse, extrapolated in 1/α "
                   "from α = 25, 100, 400", tuple(scores))


def plateau(found: Measurements) -> Finding:
    """N2: the α at which the plateau of the learning curve ends, as a function of β."""
    ends = [e for e in found.ends if e.start == "collapsed" and e.line.family in {"threshold", "escape"}
            and e.line.collapse_end < e.line.rho + e.line.eta]
    expected = {}
    for end in ends:
        b = end.line
        expected[end.boundary] = _beta_of_plateau(b.alpha, b.lam, b.rho, b.eta)
    return Finding("N2", "below ρ+η the plateau ends at the larger root α_c(β)", "the end of collapse at "
                   f"{len(ends)} pairs (α, λ), against the β at which the plateau ends at that α",
                   _boundary_scores(ends, expected))


def _beta_of_plateau(alpha: float, lam: float, rho: float, eta: float) -> float:
    """The β at which the plateau ends at α: the end grows with β, from α_B on."""
    low, high = 1e-6, rho + eta
    for _ in range(60):
        middle = (low + high) / 2
        low, high = ((middle, high) if vaesym.plateau_end(middle, lam=lam, rho=rho, eta=eta) < alpha
                     else (low, middle))
    return (low + high) / 2


def escape(found: Measurements) -> Finding:
    """N3: finite data escape a collapse that unlimited data cannot."""
    ends = [end for end in found.ends if end.line.family == "escape"]
    above = [end.limit.score(end.line.rho + end.line.eta) for end in ends]
    beyond = [float((end.values > end.line.rho + end.line.eta).mean()) for end in ends]
    return Finding("N3", "for weak weight decay finite data learn at β > ρ+η, where unlimited data collapse",
                   f"the end of collapse at {len(ends)} pairs (α, λ); {100 * np.mean(beyond):.0f} % of the data sets "
                   "learn beyond ρ+η", _boundary_scores(ends),
                   rival=f"the end of collapse lies above ρ+η by {max(above):.1f} standard errors at best",
                   distinguished=max(above) > 3)


def order(found: Measurements) -> Finding:
    """N4: hysteresis where the transition is of first order, none where it is continuous."""
    by = {(end.boundary, end.start): end for end in found.ends}
    scores, equal, gaps = [], [], []
    for number in found.preset.boundaries:
        boundary = BOUNDARIES[number]
        if boundary.family not in {"continuous", "first order"}:
            continue
        low, high = by[number, "collapsed"], by[number, "informed"]
        if boundary.family == "continuous":
            own = float(np.abs(high.own - low.own).max())
            equal.append(Equality("both starts end alike where the transition is continuous, in steps of β", own,
                                  1.5 * _STEPS))
            continue
        scores.extend(_boundary_scores([low, high]))
        equal.append(_own([high], "the end of the active state"))
        gaps.append(float(np.min(high.values - low.values) / high.step))
    return Finding("N4", "the transition is continuous iff β(α+2λ) ≥ λ/Λ on it; else there is hysteresis between β_c "
                   "and the spinodal", f"gradient descent from collapse and from the signal at {len(gaps)} first-order "
                   "and one continuous boundary", tuple(scores), tuple(equal),
                   f"in every data set of first order the two ends are {min(gaps):.1f} steps of β apart or more",
                   min(gaps) > _STEPS, relevant=_WINDOW)


def peak(found: Measurements) -> Finding:
    """N5: between α = 1 and α_B the error is larger than at α = 1, on either side."""
    values, number = found.tables["peak"]["signal_recovery_error"], found.tables["peak"]["point"]
    contrasts = []
    for i in range(len(studies.PEAKS)):
        between, at_one = values[number == 2 * i], values[number == 2 * i + 1]
        error = np.hypot(standard_error(between), standard_error(at_one))
        contrasts.append(float(normal_score((between.mean() - at_one.mean()) / error, len(between) - 1)))
    worst = min(contrasts)
    where = " and ".join(f"α = {alpha:g} (α_B = {(eta / rho) ** 2:g})" for rho, eta, alpha in studies.PEAKS)
    # Only a smaller error would speak against the claim.
    score = Score("ε between 1 and α_B less ε(1) in standard errors, if negative", 0.0, min(worst, 0.0), 1.0,
                  min(worst, 0.0), 1.0)
    return Finding("N5", "at small β, λ the learning curve peaks at α_B = (η/ρ)², not at α = 1",
                   f"ε at {where} and at α = 1, β = {studies.PEAK_BETA:g}, λ = {studies.PEAK_DECAY:g}, "
                   f"N = {found.preset.sizes[-1]}", (score,),
                   rival=f"towards α_B the error is larger than at α = 1, by {worst:.1f} standard errors or more",
                   distinguished=worst > 4)


def training_curve(found: Measurements) -> Finding:
    """N7: rate and distortion at λ = 0, on the training set and on fresh data."""
    without = {i for i, point in enumerate(found.points) if point.lam == 0 and point.latents == 1}
    fresh = scores_of(found.points, [c for c in found.comparisons if c.point in without], ("rate", "distortion"))
    table, exact = found.tables["trained"], found.tables["trained-exact"]
    plain = np.array([p.lam == 0 and p.latents == 1 and p.phase > 0 for p in found.trained_points])[table["point"]]
    use = plain & found.trained_ends.converged & found.trained_ends.globally
    top, norm = exact["eigenvalues"][use, 0], table["Q"][use, 0, 0]
    variance, product = table["D"][use, 0], table["R"][use, 0, 0] * top
    # The encoder's field on the samples follows from the loss; ‖V‖ also has what no sample sees.
    gain = exact["samples"][use] / exact["features"][use]
    beta = table["beta"][use]
    within = ((2 * (table["loss"][use] / gain + product) - norm * variance - beta * (variance - 1 - np.log(variance)))
              / (norm + beta))
    rate = (within + variance - 1 - np.log(variance)) / 2
    distortion = top - 2 * product + norm * (within + variance)
    equal = (Equality(f"½ ln(Λ/distortion) on the training set of {use.sum()} trained runs, in nats",
                      float(np.abs(rate - np.log(top / distortion) / 2).max()), _CURVE_NATS),) if use.any() else ()
    seen = [np.log((point.strengths[0] + point.noise) / float(s.distortion)) / 2 - float(s.rate)
            for point, s in ((found.points[i], found.points[i].theory()) for i in without) if s.rate > 0]
    return Finding("N7", "λ = 0: the training set follows ½ ln(Λ/distortion); fresh data do not",
                   f"trained runs, and fresh data at {len(without)} points of S", fresh, equal,
                   f"on fresh data the rate is above that curve by up to {-min(seen, default=0.0):.2f} nats")


def covariance(found: Measurements) -> Finding:
    """C4: latents switch off one by one."""
    table = found.tables["prescribed"]
    levels = np.array(studies.SPECTRUM[:3]) / table["starting_decoder_variance"][:, None]
    gap = np.abs(studies.kl_at(table) - np.log(np.maximum(levels, 1.0)) / 2)
    return Finding("C4", "any covariance: latent l is active iff Λ_l > βσ², with KL_l = ½ ln(Λ_l/(βσ²))",
                   f"L-BFGS with three latents at {len(studies.VARIANCES)} decoder variances, for Gaussian data and "
                   "for a mixture", equalities=(Equality("KL of every latent, in nats", float(gap.max()), _NATS),),
                   rival="one latent more or less, or a jump of the KL at its onset, would show as 0.01 nats or more")


def learned_variance(found: Measurements) -> Finding:
    """N10."""
    table, spectra = found.tables["learned-variance"], found.tables["learned-variance-spectra"]
    gaps, rivals = [], []
    for variance, beta, latents, values in zip(table["decoder_variance"], table["beta"], table["latents"],
                                               spectra["eigenvalues"], strict=True):
        formula = [values[k:].sum() / (len(values) - beta * k) for k in range(int(latents) + 1)]
        # As many latents are active as have their eigenvalue above βσ².
        k = max(k for k in range(int(latents) + 1) if k == 0 or values[k - 1] > beta * formula[k])
        gaps.append(abs(variance / formula[k] - 1))
        if beta != 1 and k:
            rivals.append(abs(values[k:].sum() / (len(values) - k) / variance - 1))
    return Finding("N10", "λ = 0: the learned decoder variance is (Σ_inactive Λ)/(N − βk); β = 1 is probabilistic PCA",
                   f"L-BFGS on {len(gaps)} runs, N = {len(spectra['eigenvalues'][0])}", equalities=(
                       Equality("relative difference of σ²", float(max(gaps)), _TOLERANCE),),
                   rival=f"with N − k for N − βk the variance would be off by {100 * min(rivals):.0f} % or more",
                   distinguished=min(rivals) > 10 * _TOLERANCE)


def replicon(found: Measurements) -> Finding:
    """N8, above the detection threshold."""
    points, pairs = found.tables["replicons"]["point"], found.replicon_scores
    contrasts = [(score.value - 1 / alpha) / score.error for score, alpha in pairs]
    return Finding("N8", "the replicon is α_B/α above the detection threshold: it becomes marginal there",
                   f"the answer of the exact minimum to small fields, from its Hessian, on {len(points)} data sets at "
                   f"{len(studies.replicon_points())} points of one and two latents; below the threshold, where it is "
                   "1 for N → ∞, finite data approach it too slowly to be judged", tuple(score for score, _ in pairs),
                   rival=f"with the threshold at α = 1 it would be 1/α, {min(contrasts):.1f} standard errors or more "
                   "below what it is", distinguished=min(contrasts) > 4, relevant=_MARGIN)


#: What is measured of each claim, in the order of the report.
CLAIMS: tuple[Callable[[Measurements], Finding], ...] = (
    exact_solution, trained_solution, unlimited, unlimited_stability,
    gaussian_source, covariance, stability, plateau,
    escape, order, peak, best_beta, training_curve,
    replicon, fluctuations, learned_variance, unequal_spikes, *FINDINGS)


def verdicts(found: Measurements) -> list[Verdict]:
    """Return the verdict on each claim."""
    return judge([claim(found) for claim in CLAIMS])
