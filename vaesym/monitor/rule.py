"""The rule: what a latent is judged to do, from its measured trend and what theory expects of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.monitor.history import Trend

#: A growth counts as measured from this many standard errors on.
SIGNIFICANT = 3.0
#: Growth of what is active that counts as settled: a tenth from one quarter of the time to the next.
SETTLED = 0.1
#: Information in nats from which a latent counts as established, and below which as collapsed.
ESTABLISHED, COLLAPSED = 0.05, 0.02
#: A latent that is to collapse must have this many times less than the last one that is to stay.
APART = 4.0
#: What all latents must have lost of their start where none becomes active.
LOST = 0.1


class Verdict(Enum):
    """What a latent does.

    >>> Verdict.ACTIVE.value
    'active'
    """

    OPEN = "open"
    ACTIVE = "active"
    COLLAPSED = "collapsed as predicted"
    STUCK = "collapsed though predicted active"
    UNEXPECTED = "active though predicted collapsed"


@dataclass(frozen=True)
class Expected:
    """What theory expects: the number of active latents and the KL of each, largest first (M,)."""

    active: int
    kl: Floats


def judge(trend: Trend, start: Floats, expected: Expected) -> list[Verdict]:
    """Return a verdict on each latent.

    Parameters
    ----------
    trend : of the information of each latent, in nats
    start : information of each latent at the beginning of the history (M,)
    expected : of the theory

    Notes
    -----
    Near the collapsed state the information of a latent grows or decays exponentially, with the sign of
    Λ*(A) − βσ², where Λ*(A) is what the active latents A leave to explain (theory section 6). So a decay says that a
    latent stays collapsed, provided that A has taken its final form: a latent often gives up one direction to another
    latent and then takes the next. Hence nothing is said of a weak latent before either as many as expected are
    established, or what is active has settled. Where none becomes active, all must have lost most of what they had.
    """
    order = np.argsort(-trend.level, kind="stable")
    rank = np.argsort(order, kind="stable")
    established = trend.level >= np.minimum(ESTABLISHED, _half(expected.kl)[rank])
    established &= trend.growth > -SETTLED - SIGNIFICANT * trend.growth_error
    growing = trend.growth > np.maximum(SIGNIFICANT * trend.growth_error, SETTLED)
    low = _stays_low(trend, growing)
    settled = _settled(trend, established) and bool((low | ~growing | established).all())
    count = int(established.sum())
    weakest = float(trend.level[established].min()) if count else 0.0
    down = _down(trend, low, weakest)
    still = established & (np.abs(trend.growth) < SETTLED + SIGNIFICANT * trend.growth_error)
    verdicts = [Verdict.OPEN] * len(order)
    for latent in range(len(order)):
        if established[latent]:
            surplus = rank[latent] >= expected.active
            verdicts[latent] = Verdict.ACTIVE if not surplus else Verdict.OPEN
            if surplus and settled and still[latent] and trend.level[latent] >= ESTABLISHED:
                verdicts[latent] = Verdict.UNEXPECTED
        elif down[latent] and count >= expected.active:
            verdicts[latent] = Verdict.COLLAPSED
        elif settled and low[latent]:
            lost = bool((trend.level <= LOST * start).all())
            if count or lost:
                verdicts[latent] = Verdict.STUCK if rank[latent] < expected.active else Verdict.COLLAPSED
    return verdicts


def _half(kl: Floats) -> Floats:
    # A latent that is expected to be collapsed has no expected share to reach.
    return np.where(kl > 0, kl / 2, ESTABLISHED)


def _down(trend: Trend, low: NDArray[np.bool_], weakest: float) -> NDArray[np.bool_]:
    """Return which latents decay from a small level, or stay below the floor, far below the weakest active one."""
    decaying = (trend.growth < -SIGNIFICANT * trend.growth_error) & (trend.level < ESTABLISHED)
    apart = trend.level * APART < weakest if weakest > 0 else np.ones(len(trend.level), bool)
    return (decaying | low) & apart


def _stays_low(trend: Trend, growing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which latents lie below the floor and do not grow, or not over it in as much time as there has been."""
    quarters = 4.0
    room = np.log(COLLAPSED) - np.log(np.maximum(trend.level, np.finfo(np.float64).tiny))
    return (room > 0) & (~growing | (quarters * trend.growth < room))


def _settled(trend: Trend, established: NDArray[np.bool_]) -> bool:
    return bool(((np.abs(trend.growth) < SETTLED) & (trend.growth_error < SETTLED))[established].all())
