"""Plain verdicts on what the papers and the theory say about images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from validation.images.analysis import Best, Margin, Threshold
from validation.images.intervals import Interval, separated
from validation.images.statements import ALLOWED, FAILS, HOLDS, NEXT, OPEN, TOLERANCE


@dataclass(frozen=True)
class Verdict:
    """A statement, what was found, and whether it holds."""

    statement: str
    found: str
    verdict: str


def verdicts(thresholds: Sequence[Threshold], margins: Mapping[str, Margin], best: Sequence[Best],
             noise: Mapping[tuple[int, str], Interval]) -> list[Verdict]:
    """Return a verdict on each statement."""
    full = [one for one in thresholds if one.rank == 1]
    second = [one for one in thresholds if one.rank == 2]
    made = [*(_collapse(one) for one in full), *(_next(name, value, second) for name, value in margins.items())]
    made += [_hysteresis([one for one in full if one.network == name]) for name in _networks(full)]
    made.append(_hysteresis(second))
    for name in _networks(full):
        made += _moves([one for one in full if one.network == name])
    for name in _networks(best):
        rows = [one for one in best if one.network == name]
        made += [*_tends(rows, noise), *_correction(rows)]
    return made


def _networks(rows: Sequence[Threshold] | Sequence[Best]) -> list[str]:
    return list(dict.fromkeys(one.network for one in rows))


def _collapse(one: Threshold) -> Verdict:
    statement = (f"{one.network}, P = {one.samples:,}, {one.start} start: full collapse within {ALLOWED:.0%} of the "
                 "linear theory")
    found = f"measured {one.measured}, predicted {one.predicted}, ratio {one.ratio}"
    if one.ratio.count < 2:
        return Verdict(statement, found, OPEN)
    if abs(one.ratio.mean - 1) <= ALLOWED:
        return Verdict(statement, found, HOLDS)
    return Verdict(statement, found, FAILS if abs(one.ratio.mean - 1) - one.ratio.half > ALLOWED else OPEN)


def _next(name: str, predicted: Margin, measured: Sequence[Threshold]) -> Verdict:
    """Compare a prediction of the second threshold with the starts that reach the active state."""
    starts = [one for one in measured if one.start in {"cold", "active"} and one.measured.count > 1]
    statement = f"second latent: its threshold is where {NEXT[name]} equals β"
    found = f"within {TOLERANCE:.0%} of β for β = {predicted}; " + \
        ", ".join(f"{one.start} {one.measured}" for one in starts)
    if not starts:
        return Verdict(statement, found, OPEN)
    met = [predicted.meets(one.measured) for one in starts]
    return Verdict(statement, found, HOLDS if all(met) else OPEN if any(met) else FAILS)


def _hysteresis(rows: Sequence[Threshold]) -> Verdict:
    chosen = [one for one in rows if one.samples == max(r.samples for r in rows)]
    by = {one.start: one.measured for one in chosen}
    rank = "second latent" if chosen and chosen[0].rank == 2 else "full collapse"
    name = chosen[0].network if chosen else "MLP"
    statement = f"{name}, {rank}: a network that uses the latent keeps it beyond where a fresh one takes it up"
    found = ", ".join(f"{start} {value}" for start, value in by.items())
    told = separated(by["cold"], by["active"]) if {"cold", "active"} <= set(by) else None
    return Verdict(statement, found, OPEN if not told else HOLDS if by["active"].mean > by["cold"].mean else FAILS)


def _moves(rows: Sequence[Threshold]) -> list[Verdict]:
    made = []
    for start in ("cold", "active"):
        by = {one.samples: one for one in rows if one.start == start}
        sizes = sorted(by)
        if len(sizes) > 1:
            found = "; ".join(f"P = {size:,}: {by[size].measured} (samples' own Λ₁ {by[size].predicted})"
                              for size in sizes)
            made.append(Verdict(f"[IH], {rows[0].network}: the threshold moves to higher β with more samples ({start} "
                                "start)", found, _ordered(by[sizes[0]].measured, by[sizes[-1]].measured)))
    return made


def _ordered(lower: Interval, higher: Interval) -> str:
    """Return the verdict on whether the second is larger."""
    return OPEN if not separated(lower, higher) else HOLDS if higher.mean > lower.mean else FAILS


def _tends(best: Sequence[Best], noise: Mapping[tuple[int, str], Interval]) -> list[Verdict]:
    largest = max(one.samples for one in best)
    levels = {name: value.mean for (size, name), value in noise.items() if size == largest}
    low, high = min(levels.values(), default=np.nan), max(levels.values(), default=np.nan)
    made = []
    for one in best:
        if one.samples == largest and one.measured.count:
            error = 0.0 if np.isnan(one.measured.half) else one.measured.half
            near = low <= one.measured.mean + error and one.measured.mean - error <= high
            made.append(Verdict(f"[IH], {one.network}: best β by {measure_words(one.measure)} tends to the noise level "
                                "η", f"at P = {largest:,}: {one.words}; estimates of η from {low:.3g} to {high:.3g}",
                                OPEN if one.measured.count < 2 or one.edge else HOLDS if near else FAILS))
    return made


def _correction(best: Sequence[Best]) -> list[Verdict]:
    made = []
    for measure in dict.fromkeys(one.measure for one in best):
        rows = sorted((one for one in best if one.measure == measure), key=lambda one: one.samples)
        if len(rows) > 1:
            verdict = OPEN if rows[0].edge or rows[-1].edge else _ordered(rows[-1].measured, rows[0].measured)
            found = "; ".join(f"P = {one.samples:,}: {one.words}" for one in rows)
            made.append(Verdict(f"[IH], {rows[0].network}: fewer samples ask for a larger β, by "
                                f"{measure_words(measure)}", found, verdict))
    return made


def measure_words(measure: str) -> str:
    """Return a measure in words.

    >>> measure_words("test_elbo")
    'test ELBO'
    """
    return {"pixel_frechet": "Fréchet distance of pixels", "feature_frechet": "Fréchet distance of features",
            "test_elbo": "test ELBO"}[measure]
