"""The rule: what a latent is judged to do, from its measured trend and what theory expects of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.practice.monitor.history import Trend

#: A growth counts as measured from this many standard errors on.
SIGNIFICANT = 3.0
#: Growth of what is active that counts as settled: a tenth from one quarter of the time to the next.
SETTLED = 0.1
#: Information in nats from which a latent counts as established, and below which as collapsed.
ESTABLISHED, COLLAPSED = 0.05, 0.02
#: A latent that is to collapse must have this many times less than the last one that is to stay.
APART = 4.0
#: A latent is given so many times the time it needs.
PATIENT = 2.5
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


def judge(series: Floats, expected: Expected) -> list[Verdict]:
    """Return a verdict on each latent.

    Parameters
    ----------
    series : information of each latent in nats, over equal stretches of time (bins, M), eight or more
    expected : of the theory

    Notes
    -----
    Near the collapsed state the information of a latent grows or decays exponentially, with the sign of
    Λ*(A) − βσ², where Λ*(A) is what the active latents A leave to explain (theory section 6). So a decay says that a
    latent stays collapsed, provided that A has taken its final form: a latent often gives up one direction to another
    latent and then takes the next. Hence nothing is said of a weak latent before either as many as expected are
    established, or the latent has had the time it needs and no weak latent grows. One round of encoder and decoder
    multiplies a small latent by √(Λ_l/(βσ²)), the exponential of its KL (arXiv:2309.07663, C.4): it needs the time of
    the strongest latent times the ratio of their KLs, and is given 2.5 times as much. Active latents that still grow
    are not waited for: the more they learn, the less is left for it. Where none becomes active, all must have lost most
    of what they had.
    """
    trend = Trend.of(series)
    rank = np.argsort(np.argsort(-trend.level, kind="stable"), kind="stable")
    established = trend.level >= np.minimum(ESTABLISHED, _half(expected.kl)[rank])
    established &= trend.growth > -SETTLED - SIGNIFICANT * trend.growth_error
    growing = trend.growth > np.maximum(SIGNIFICANT * trend.growth_error, SETTLED)
    low = _stays_low(trend, growing)
    quiet = bool((low | ~growing | established).all())
    settled = quiet and _settled(trend, established)
    complete = int(established.sum()) >= expected.active
    down = _down(trend, low, established)
    late = _had_its_time(series, trend, expected)[rank] if established.any() else (
        np.full(len(rank), bool((trend.level <= LOST * series[0]).all())))
    surplus = rank >= expected.active
    steady = np.abs(trend.growth) < SETTLED + SIGNIFICANT * trend.growth_error
    unexpected = established & surplus & settled & steady & (trend.level >= ESTABLISHED)
    dead = ~established & ((down & complete) | (low & late & quiet))
    choice = np.select([unexpected, established & ~surplus, dead & (surplus | complete), dead], [0, 1, 2, 3], 4)
    names = Verdict.UNEXPECTED, Verdict.ACTIVE, Verdict.COLLAPSED, Verdict.STUCK, Verdict.OPEN
    return [names[i] for i in choice]


def _had_its_time(series: Floats, trend: Trend, expected: Expected) -> NDArray[np.bool_]:
    """Return for each rank (M,) whether a latent of its predicted KL has had the time to become active."""
    strongest = int(np.argmax(trend.level))
    weak = np.flatnonzero(series[:, strongest] < trend.level[strongest] / 2)
    taken = int(weak[-1]) + 1 if len(weak) else 1
    # Latents that are expected to be collapsed wait as long as the last one that is not.
    kl = np.maximum(expected.kl, expected.kl[max(expected.active - 1, 0)])
    return PATIENT * taken * kl[0] <= kl * len(series)


def _half(kl: Floats) -> Floats:
    # A latent that is expected to be collapsed has no expected share to reach.
    return np.where(kl > 0, kl / 2, ESTABLISHED)


def _down(trend: Trend, low: NDArray[np.bool_], established: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which latents decay from a small level, or stay below the floor, far below the weakest active one."""
    decaying = (trend.growth < -SIGNIFICANT * trend.growth_error) & (trend.level < ESTABLISHED)
    weakest = float(trend.level[established].min()) if established.any() else np.inf
    return (decaying | low) & (trend.level * APART < weakest)


def _stays_low(trend: Trend, growing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which latents lie below the floor and do not grow, or not over it in as much time as there has been."""
    quarters = 4.0
    room = np.log(COLLAPSED) - np.log(np.maximum(trend.level, np.finfo(np.float64).tiny))
    return (room > 0) & (~growing | (quarters * trend.growth < room))


def _settled(trend: Trend, established: NDArray[np.bool_]) -> bool:
    return bool(((np.abs(trend.growth) < SETTLED) & (trend.growth_error < SETTLED))[established].all())
