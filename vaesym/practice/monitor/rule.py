"""The rule: what a latent is judged to do, from its trend and what theory expects; each verdict is told once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.practice.monitor.history import History, Trend
from vaesym.practice.monitor.measurement import information

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
    """What theory expects: the number of active latents and the KL of each, largest first (M,).

    ``waited`` says whether the weakest that is to live has had the time to, where theory knows the time: under gradient
    descent.
    """

    active: int
    kl: Floats
    waited: bool | None = None


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
    the strongest latent times the ratio of their KLs, and is given 2.5 times as much; under gradient descent the time
    is known (``expected.waited``). Active latents that still grow
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
    if expected.waited is not None:
        return np.full(len(trend.level), expected.waited)
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


#: Batches before the first judgement, and the factor in time from one judgement to the next.
_FIRST, _STEP = 32, 1.08
#: A verdict must stand while the time since β settled grows by this factor before it is told.
_PATIENCE = {Verdict.COLLAPSED: 1.15, Verdict.STUCK: 1.1, Verdict.UNEXPECTED: 1.5, Verdict.ACTIVE: 1.5}
_DOWN = (Verdict.COLLAPSED, Verdict.STUCK)


class Verdicts:
    """The verdict on each latent, and what has been told of it.

    Parameters: ``latents``, their number M.

    >>> Verdicts(2).current
    [<Verdict.OPEN: 'open'>, <Verdict.OPEN: 'open'>]
    """

    def __init__(self, latents: int) -> None:
        #: Verdict on each latent that has stood long enough, ``Verdict.OPEN`` before.
        self.current = [Verdict.OPEN] * latents
        #: Information of each latent at the last judgement, in nats: mean over the last quarter of the history.
        self.level: Floats = np.zeros(latents)
        self._given: set[tuple[int, Verdict]] = set()
        self._revising = False
        self.restart()

    def restart(self) -> None:
        """Forget how long verdicts have stood: the history begins anew."""
        self._since = [(Verdict.OPEN, 0)] * len(self.current)
        self._due = float(_FIRST)

    def revise(self, *, anew: bool) -> None:
        """Have collapsed latents judged anew as soon as can be, as something else is expected of them now.

        No verdict has to stand for a while then: the latents are as collapsed as before. With ``anew``, also what has
        been told before is told.
        """
        self._revising, self._due = True, float(_FIRST)
        if anew:
            self._given = {(latent, verdict) for latent, verdict in self._given if verdict not in _DOWN}

    def consider(self, history: History, expected: Expected, *, early: bool = False) -> dict[Verdict, list[int]]:
        """Judge if it is time to, and return the latents of each verdict that is to be told now.

        ``history`` holds KL, Var(mu) and posterior variance of each latent (3M,). While it is ``early`` in the
        training, no latent is called collapsed against theory.
        """
        if history.count < self._due:
            return {}
        self._due = max(_FIRST, history.count * _STEP)
        latents, means = len(self.current), history.means()
        series = information(means[:, latents : 2 * latents], means[:, 2 * latents :])
        self.level, found = Trend.of(series).level, judge(series, expected)
        new: dict[Verdict, list[int]] = {}
        for latent, verdict in enumerate(found):
            if verdict is not self._since[latent][0]:
                self._since[latent] = verdict, history.count
            revised = self._revising and self.current[latent] in _DOWN and verdict in (*_DOWN, Verdict.OPEN)
            told = verdict is not Verdict.OPEN and not (early and verdict is Verdict.STUCK)
            stands = told and history.count >= self._since[latent][1] * _PATIENCE[verdict]
            if revised or stands:
                if self._is_news(latent, verdict):
                    self._given.add((latent, verdict))
                    new.setdefault(verdict, []).append(latent)
                self.current[latent] = verdict
        self._revising = False
        return new

    def _is_news(self, latent: int, verdict: Verdict) -> bool:
        before = self.current[latent]
        again = verdict in _DOWN and before in _DOWN and not self._revising
        if again or verdict is Verdict.OPEN or (latent, verdict) in self._given:
            return False
        # That a latent lives is told only where the contrary has been, which may have been opened again.
        told = any((latent, down) in self._given for down in _DOWN)
        return verdict is not Verdict.ACTIVE or (before in (*_DOWN, Verdict.OPEN) and told)

    def state(self) -> dict[str, Any]:
        """Return everything as plain lists and texts."""
        return {"current": [verdict.name for verdict in self.current], "due": self._due, "revising": self._revising,
                "since": [[verdict.name, count] for verdict, count in self._since],
                "given": sorted([latent, verdict.name] for latent, verdict in self._given)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        self.current = [Verdict[name] for name in state["current"]]
        self._since = [(Verdict[name], int(count)) for name, count in state["since"]]
        self._given = {(int(latent), Verdict[name]) for latent, name in state["given"]}
        self._due, self._revising = float(state["due"]), bool(state["revising"])
