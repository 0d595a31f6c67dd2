"""Verdicts over time: a verdict is told when it has stood for a while, and only once."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.practice.monitor.batches import information
from vaesym.practice.monitor.history import History, Trend
from vaesym.practice.monitor.rule import Expected, Verdict, judge

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
