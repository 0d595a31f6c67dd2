"""What was measured of the claims about boundaries, peaks, training sets and decoder variances."""

from __future__ import annotations

import numpy as np

import vaesym
from validation.agreement import extras
from validation.agreement.boundaries import BOUNDARIES
from validation.agreement.claims import scores_of
from validation.agreement.extrapolation import extrapolate
from validation.agreement.gathering import Measurements
from validation.agreement.judging import Equality, Finding, Score
from validation.agreement.measured_ends import End
from validation.agreement.measurement import standard_error
from validation.agreement.replicons import replicon_points
from validation.agreement.statistics import normal_score

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


def _boundary_scores(ends: list[End], expected: dict[int, float] | None = None) -> tuple[Score, ...]:
    scores = []
    for end in ends:
        one = BOUNDARIES[end.boundary]
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
        ends = [end for end in found.ends if BOUNDARIES[end.boundary].family == family]
        one = BOUNDARIES[ends[0].boundary]
        alphas = np.array([BOUNDARIES[end.boundary].alpha for end in ends])
        limit = extrapolate(1 / alphas, [end.values for end in ends], alphas**-0.5)
        aim = one.rho + one.eta
        scores.append(Score(f"end of collapse as α → ∞ at λ = {one.lam:g}, ρ = {one.rho:g}, η = {one.eta:g}", aim,
                            limit.value, limit.error, limit.score(aim), aim, "end"))
    return Finding("C2", "α → ∞: collapse is linearly stable iff β ≥ ρ+η", "the end of collapse, extrapolated in 1/α "
                   "from α = 25, 100, 400", tuple(scores))


def plateau(found: Measurements) -> Finding:
    """N2: the α at which the plateau of the learning curve ends, as a function of β."""
    ends = [e for e in found.ends if e.start == "collapsed" and BOUNDARIES[e.boundary].family in {"threshold", "escape"}
            and BOUNDARIES[e.boundary].collapse_end < BOUNDARIES[e.boundary].rho + BOUNDARIES[e.boundary].eta]
    expected = {}
    for end in ends:
        b = BOUNDARIES[end.boundary]
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
    ends = [end for end in found.ends if BOUNDARIES[end.boundary].family == "escape"]
    above = [end.limit.score(BOUNDARIES[end.boundary].rho + BOUNDARIES[end.boundary].eta) for end in ends]
    beyond = [float((end.values > BOUNDARIES[end.boundary].rho + BOUNDARIES[end.boundary].eta).mean()) for end in ends]
    return Finding("N3", "for weak weight decay finite data learn at β > ρ+η, where unlimited data collapse",
                   f"the end of collapse at {len(ends)} pairs (α, λ); {100 * np.mean(beyond):.0f} % of the data sets "
                   "learn beyond ρ+η", _boundary_scores(ends),
                   rival=f"the end of collapse lies above ρ+η by {max(above):.1f} standard errors at best",
                   distinguished=max(above) > 3)


def order(found: Measurements) -> Finding:
    """N4: hysteresis where the transition is of first order, none where it is continuous."""
    by = {(end.boundary, end.start): end for end in found.ends}
    scores, equal, gaps = [], [], []
    for number, boundary in enumerate(BOUNDARIES):
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
    for i in range(len(extras.PEAKS)):
        between, at_one = values[number == 2 * i], values[number == 2 * i + 1]
        error = np.hypot(standard_error(between), standard_error(at_one))
        contrasts.append(float(normal_score((between.mean() - at_one.mean()) / error, len(between) - 1)))
    worst = min(contrasts)
    where = " and ".join(f"α = {alpha:g} (α_B = {(eta / rho) ** 2:g})" for rho, eta, alpha in extras.PEAKS)
    # Only a smaller error would speak against the claim.
    score = Score("ε between 1 and α_B less ε(1) in standard errors, if negative", 0.0, min(worst, 0.0), 1.0,
                  min(worst, 0.0), 1.0)
    return Finding("N5", "at small β, λ the learning curve peaks at α_B = (η/ρ)², not at α = 1",
                   f"ε at {where} and at α = 1, β = {extras.PEAK_BETA:g}, λ = {extras.PEAK_DECAY:g}, "
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
    levels = np.array(extras.SPECTRUM[:3]) / table["starting_decoder_variance"][:, None]
    gap = np.abs(extras.kl_at(table) - np.log(np.maximum(levels, 1.0)) / 2)
    return Finding("C4", "any covariance: latent l is active iff Λ_l > βσ², with KL_l = ½ ln(Λ_l/(βσ²))",
                   f"L-BFGS with three latents at {len(extras.VARIANCES)} decoder variances, for Gaussian data and for "
                   "a mixture", equalities=(Equality("KL of every latent, in nats", float(gap.max()), _NATS),),
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
                   f"{len(replicon_points())} points of one and two latents; below the threshold, where it is 1 for "
                   "N → ∞, finite data approach it too slowly to be judged", tuple(score for score, _ in pairs),
                   rival=f"with the threshold at α = 1 it would be 1/α, {min(contrasts):.1f} standard errors or more "
                   "below what it is", distinguished=min(contrasts) > 4, relevant=_MARGIN)
