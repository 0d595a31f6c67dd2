"""The report in plain sentences and tables, and as plain numbers for machines."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from validation.agreement.measurement import QUANTITIES, Comparison, Measurements
from validation.agreement.points import DETECTION_FACTOR, DISTANCE, Point, describe
from validation.agreement.studies import EXCESS, GRADIENT
from validation.study.judging import AGREES, DISAGREES, UNTESTED, Equality, Verdict
from validation.study.report import plain, table
from validation.study.statistics import LEVEL, POWER, fraction_interval


def _comparison(points: list[Point], one: Comparison) -> dict[str, Any]:
    point = points[one.point]
    given = {field.name: getattr(point, field.name) for field in dataclasses.fields(point)}
    return {**plain(given), "phase": point.phase.name.lower(), **plain(one)}


def convergence(found: Measurements) -> dict[str, Any]:
    """Return how many trainings converged and how many ended at the global minimum, in all and by point."""
    ends, table = found.trained_ends, found.tables["trained"]
    rows = []
    for i, point in enumerate(found.trained_points):
        at = table["point"] == i
        rows.append({**{name: plain(getattr(point, name)) for name in ("alpha", "beta", "lam", "strengths", "noise",
                                                                     "latents", "law")},
                     "phase": point.phase.name.lower(), "runs": int(at.sum()),
                     "converged": int(ends.converged[at].sum()), "global": int(ends.globally[at].sum()),
                     "worst_excess": float(ends.excess[at].max())})
    total = len(ends.globally)
    both = int((ends.converged & ends.globally).sum())
    return {"runs": total, "converged": int(ends.converged.sum()), "global": int(ends.globally.sum()),
            "global_interval": list(fraction_interval(int(ends.globally.sum()), total)),
            "converged_and_global": both, "points": rows}


def record(found: Measurements, verdicts: list[Verdict], seconds: float) -> dict[str, Any]:
    """Return everything that the report rests on."""
    return {
        "preset": plain(found.preset), "seed": found.seed, "seconds": seconds, "level": LEVEL, "runs": found.runs,
        "claims": [{"label": v.finding.label, "statement": v.finding.statement, "measured": v.finding.measured,
                    "verdict": v.verdict, "corrected_p": v.corrected, "joint": plain(v.joint),
                    "detectable_common_deviation": plain(v.deviation), "rival": v.finding.rival,
                    "broken": list(v.broken), "scores": plain(v.finding.scores),
                    "equalities": [{**plain(e), "holds": e.holds} for e in v.finding.equalities]} for v in verdicts],
        "points": [_comparison(found.points, one) for one in found.comparisons],
        "near_transitions": [_comparison(found.near, one) for one in found.near_comparisons],
        "trained_points": [_comparison(found.trained_points, one) for one in found.trained_comparisons],
        "trainings": convergence(found),
        "boundaries": [{**plain(end.line), **plain(end),
                        "collapse_end": end.line.collapse_end,
                        "coexistence": end.line.coexistence,
                        "active_end": end.line.active_end} for end in found.ends],
    }


def _p(value: float) -> str:
    return "< 0.001" if value < 1e-3 else f"{value:.2g}"


def _seen(verdict: Verdict) -> str:
    finding, parts = verdict.finding, []
    if verdict.joint is not None:
        parts.append(f"worst z {verdict.joint.worst:+.1f} of {len(finding.scores)}, beyond "
                     f"{verdict.joint.critical:.1f} it would disagree")
    parts += [f"{e.name}: at worst {e.worst:.2g}, allowed {e.allowed:.2g}" for e in _worst(verdict)]
    return "; ".join(parts) or "—"


def _worst(verdict: Verdict) -> list[Equality]:
    """Each kind of equality once, at its worst."""
    found: dict[str, Equality] = {}
    for equality in verdict.finding.equalities:
        if equality.name not in found or equality.worst > found[equality.name].worst:
            found[equality.name] = equality
    return list(found.values())


def _power(verdict: Verdict) -> str:
    parts = [] if np.isnan(verdict.deviation) else [
        f"a common deviation of {100 * verdict.deviation:.2g} % would have been seen" +
        (f" (needed: {100 * verdict.finding.relevant:.2g} %)" if verdict.deviation > verdict.finding.relevant else "")]
    return "; ".join(parts + ([verdict.finding.rival] if verdict.finding.rival else [])) or "—"


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    rows = []
    for v in verdicts:
        tested = v.joint is not None or v.finding.equalities
        p = "—" if not tested else _p(v.corrected) if v.joint is not None or v.broken else "exact: no p"
        rows.append([v.finding.label, v.finding.statement, f"**{v.verdict}**", p])
    details = [f"- **{v.finding.label}.** Measured: {v.finding.measured}. Found: {_seen(v)}. Power: {_power(v)}."
               for v in verdicts if v.verdict != UNTESTED or v.finding.scores or v.finding.equalities]
    return table(["claim", "what it says", "verdict", "corrected p"], rows) + "\n\n" + "\n".join(details)


def _near(found: Measurements) -> str:
    rows = []
    for one in found.near_comparisons:
        if one.quantity in {"distortion", "free_energy"}:
            margin = found.near[one.point].margin(found.preset.sizes[0])
            distance = f"{margin:.1f}" if margin < _FAR else f"≥ {_FAR:g} (near α_B)"
            rows.append([describe(found.near[one.point]), distance, QUANTITIES[one.quantity], f"{one.expected:.4g}",
                         f"{one.limit.value:.4g} ± {one.limit.error:.1g}",
                         "—" if one.sharp else f"{one.score:+.1f}"])
    return table(["point", "distance (s.d.)", "quantity", "theory", "extrapolated", "z"], rows)


def _unconverged(found: Measurements) -> str:
    """Which points have trainings that are not at their end, in words."""
    left = [i for i in range(len(found.trained_points)) if i not in found.converged_points]
    if not left:
        return ""
    return (f"**Not converged, or not at the global minimum, are some runs at {len(left)} of "
            f"{len(found.trained_points)} points** (rows below with fewer than all runs); the verdict on T leaves "
            "these points out. ")


def _trainings(found: Measurements) -> str:
    all_of = convergence(found)
    low, high = all_of["global_interval"]
    rows = [[describe(point), row["phase"], str(row["runs"]), str(row["converged"]), str(row["global"]),
             f"{row['worst_excess']:.1e}"]
            for point, row in zip(found.trained_points, all_of["points"], strict=True)]
    text = (f"Adam, {found.preset.epochs} epochs at learning rate {found.preset.learning_rate:g}, then L-BFGS, two "
            f"random starts on each data set. {all_of['global']} of {all_of['runs']} trainings end at the global "
            f"minimum ({100 * low:.0f}–{100 * high:.0f} %, 95 % interval): their loss is above that of the exact "
            f"minimiser on the same data by at most {EXCESS:g} of it. {all_of['converged']} have converged: the "
            f"gradient of R/P is below {GRADIENT:g}. {_unconverged(found)}"
            "With λ = 0 and α < 1 the minimum is not unique: the encoder keeps what it began with in the directions "
            "that no sample has, and rate and distortion on fresh data are not compared there.")
    return text + "\n\n" + table(["point", "phase", "runs", "converged", "global minimum", "worst excess"], rows)


def _boundaries(found: Measurements) -> str:
    rows = []
    for end in found.ends:
        one = end.line
        if one.family not in {"continuous", "first order"}:
            continue
        rows.append([f"α = {one.alpha:g}, λ = {one.lam:g}, ρ = {one.rho:g}, η = {one.eta:g}", one.family,
                     "end of collapse" if end.start == "collapsed" else "end of the active state",
                     f"{end.expected:.4f}", f"{end.limit.value:.4f} ± {end.limit.error:.4f}", f"{end.score:+.1f}",
                     f"{np.abs(end.own).max():.2f}"])
    return table(["boundary", "order", "in β", "theory", "extrapolated", "z", "off its own eigenvalue (steps)"], rows)


_SYMBOLS = """\
Data: N dimensions, P = αN samples, signals of strength ρ in noise of strength η. Model: a linear VAE of M latents with
weight β of the KL term and weight decay λ. D is the variance of its encoder, Q the squared norm of its decoder over N,
m the overlap of decoder and signal, ε the recovery error of the signal, Λ an eigenvalue of XᵀX/P, o the squared overlap
of its eigenvector with the signal. A latent is *learning* (m ≠ 0), *overfitting* (Q > 0, m = 0) or *regularized*
(collapsed, Q = 0). α_B = (η/ρ)² is the α from which the signal can be detected. z is a deviation in standard errors."""

#: Distance beyond which only a detection threshold can be near.
_FAR = 12.0
_RULES = f"""\
A point counts as away from transitions if, at the smallest N, the eigenvalue of no latent would change its state by
moving less than {DISTANCE:g} of its standard deviations, and if α is a factor of {DETECTION_FACTOR:g} or more
from every detection threshold. Points nearer to a transition are listed below and do not count.

Every point and size has data sets of its own. Means are extrapolated by a weighted straight line: in 1/N where all
active latents lie on outliers, since the outlier's mean and the variance by which it is smeared are of that order;
where one lies on the edge of the noise, in the mean shift of that edge (Tracy–Widom law, N^(-2/3)). Weights come from
the expected spread, errors from the scatter over the data sets. z is the deviation over its error, turned by Student's
t into a normal number.

A claim is judged by its farthest z (Bonferroni, since the numbers of a point depend on one another) and, for each kind
of number, by the sum of squares over the points, which are independent (χ²); the least p counts as often as there are
tests. Claims share data, so p is then corrected over the claims by Holm. A claim disagrees if p < {LEVEL:g} or if
something fails that must hold without scatter. It agrees only if a deviation of the stated size would have been seen
with a probability of {POWER:g}; otherwise it is not tested."""


def markdown(found: Measurements, verdicts: Sequence[Verdict], figures: Sequence[tuple[str, str]],
             seconds: float) -> str:
    """Return the report; ``figures`` are file names and captions."""
    by = {kind: [v.finding.label for v in verdicts if v.verdict == kind] for kind in (AGREES, DISAGREES, UNTESTED)}
    answer = ("Theory and simulation agree." if not by[DISAGREES] else
              f"Theory and simulation disagree on {', '.join(by[DISAGREES])}.")
    untested = f" Not tested by this preset: {', '.join(by[UNTESTED])}." if by[UNTESTED] else ""
    runs = sum(found.runs.values())
    parts = [
        "# Do theory and training agree?",
        f"{answer} {len(by[AGREES])} of {len(verdicts)} claims agree.{untested}",
        f"Preset {found.preset.name}, seed {found.seed}: {runs} runs, {seconds:.0f} s beside what the store held. "
        "S is the exact solution, T its trainings; C1–C4 are claims of the papers, N1–N11 new ones, T1 and T6 those of "
        "training in time; L and LS are the VAE under absolute values of its weights, of a spread and a sparse signal.",
        _SYMBOLS,
        "## Verdicts", _verdicts(verdicts),
        "## How it is judged", _RULES,
        "## Where trainings end", _trainings(found),
        "## Metastability", "Descents from collapse and from the signal, over a grid of β on the same data. Where the "
        "two ends differ there is hysteresis between them.", _boundaries(found),
        "## Near transitions", _near(found),
        "## Figures", "Points are simulations, lines the theory for N → ∞. Near α_B finite N rounds the curves; below "
        "it the overlap with the signal falls only as N^(-1/2), which lowers the recovery error. Points of one α are "
        "from the same data sets and err together.",
        *[f"![{caption}]({name})\n\n*{caption}*" for name, caption in figures],
    ]
    return "\n\n".join(parts) + "\n"
