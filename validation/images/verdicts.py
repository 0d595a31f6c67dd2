"""Plain verdicts on what the papers and the theory say about images.

A statement holds, or does not, only where the whole 95 % interval says so and every seed gave a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from validation.images.analysis import Carried, Threshold
from validation.images.best import Best
from validation.images.crossings import Crossing
from validation.images.intervals import Interval, ratio, separated
from validation.images.statements import ALLOWED, FAILS, HOLDS, NEXT, OPEN


@dataclass(frozen=True)
class Verdict:
    """A statement, what was found, and whether it holds."""

    statement: str
    found: str
    verdict: str


def verdicts(thresholds: Sequence[Threshold], crossings: Mapping[str, Crossing], carried: Sequence[Carried],
             best: Sequence[Best], noise: Mapping[tuple[int, str], Interval]) -> list[Verdict]:
    """Return a verdict on each statement."""
    full = [one for one in thresholds if one.rank == 1]
    second = [one for one in thresholds if one.rank == 2]
    made = [_collapse(one) for one in full]
    made += [_next(name, value, one) for name, value in crossings.items() for one in second]
    made += [_hysteresis([one for one in full if one.network == name]) for name in _networks(full)]
    made.append(_hysteresis(second))
    made += [_gain([one for one in carried if one.network == name]) for name in _networks(carried)]
    for name in _networks(full):
        made += _moves([one for one in full if one.network == name])
    for name in _networks(best):
        rows = [one for one in best if one.network == name]
        made += [*_tends(rows, noise), *_correction(rows)]
    return made


def _networks(rows: Sequence[Threshold] | Sequence[Best] | Sequence[Carried]) -> list[str]:
    return list(dict.fromkeys(one.network for one in rows))


def _close(one: Interval) -> str:
    """Return the verdict on whether a ratio is within what is allowed of 1."""
    if not one.complete:
        return OPEN
    away = abs(one.mean - 1)
    return HOLDS if away + one.half <= ALLOWED else FAILS if away - one.half > ALLOWED else OPEN


def _collapse(one: Threshold) -> Verdict:
    statement = (f"{one.network}, P = {one.samples:,}, {one.start} start: full collapse within {ALLOWED:.0%} of the "
                 "linear theory")
    return Verdict(statement, f"measured {one.measured}, predicted {one.predicted}, ratio {one.ratio}",
                   _close(one.ratio))


def _next(name: str, predicted: Crossing, one: Threshold) -> Verdict:
    """Compare a prediction of the second threshold with what was measured from one start."""
    statement = f"second latent, {one.start} start: it collapses within {ALLOWED:.0%} of where {NEXT[name]} equals β"
    found = f"measured {one.measured}, predicted {predicted}"
    if predicted.side is not None:
        # All that is known is on which side of the grid it lies.
        beyond = one.measured.low > predicted.low * (1 + ALLOWED) if predicted.side == 0 else \
            one.measured.high < predicted.high * (1 - ALLOWED)
        return Verdict(statement, found, FAILS if one.measured.complete and beyond else OPEN)
    if not predicted.interval.count or not one.measured.count:
        return Verdict(statement, found, OPEN)
    compared = ratio(one.measured, predicted.interval)
    return Verdict(statement, f"{found}, ratio {compared}", _close(compared))


def _hysteresis(rows: Sequence[Threshold]) -> Verdict:
    chosen = [one for one in rows if one.samples == max(r.samples for r in rows)]
    by = {one.start: one.measured for one in chosen}
    rank = "second latent" if chosen and chosen[0].rank == 2 else "full collapse"
    name = chosen[0].network if chosen else "MLP"
    statement = f"{name}, {rank}: a network that uses the latent keeps it beyond where a fresh one takes it up"
    found = ", ".join(f"{start} {value}" for start, value in by.items())
    verdict = _ordered(by["cold"], by["active"]) if {"cold", "active"} <= set(by) else OPEN
    return Verdict(statement, found, verdict)


def _ordered(lower: Interval, higher: Interval) -> str:
    """Return the verdict on whether the second is larger."""
    return OPEN if not separated(lower, higher) else HOLDS if higher.mean > lower.mean else FAILS


def _gain(rows: Sequence[Carried]) -> Verdict:
    active = [one for one in rows if one.linear.mean > 0]
    above = sum(one.excess.low > 0 for one in active)
    below = sum(one.excess.high < 0 for one in active)
    statement = f"{rows[0].network}: active latents carry more than the linear theory says, at every P and β"
    found = f"of {len(active)} points with Λ₁ > β {above} lie above and {below} below, by their intervals"
    return Verdict(statement, found, FAILS if below else HOLDS if active and above == len(active) else OPEN)


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


def _tends(best: Sequence[Best], noise: Mapping[tuple[int, str], Interval]) -> list[Verdict]:
    largest = max(one.samples for one in best)
    levels = {name: value.mean for (size, name), value in noise.items() if size == largest}
    low, high = min(levels.values(), default=np.nan), max(levels.values(), default=np.nan)
    made = []
    for one in best:
        if one.samples == largest:
            value = one.measured
            apart = value.high < low or value.low > high
            verdict = FAILS if apart else HOLDS if low <= value.low and value.high <= high else OPEN
            made.append(Verdict(
                f"[IH], {one.network}: at the largest P the best β by {measure_words(one.measure)} is the noise level "
                "η, by one of its estimates",
                f"at P = {largest:,}: {one.words}; estimates of η from {low:.3g} to {high:.3g}",
                OPEN if not value.complete or one.edge else verdict))
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
