"""Watch a training: which latents live, which collapse, and whether theory expects it."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.output import Reported, output_path, replacing
from vaesym.practice import LossScale
from vaesym.practice.monitor.alerts import Alert, Situation, alert, bad_input, diverged
from vaesym.practice.monitor.expectation import Expectation, stride
from vaesym.practice.monitor.measurement import information
from vaesym.practice.monitor.rule import ESTABLISHED, Verdict
from vaesym.practice.network.finite import Finite

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: KL in nats beyond which no ratio of eigenvalues in float64 goes: ½ ln of the largest number.
_LARGEST_KL = 0.5 * float(np.log(np.finfo(np.float64).max))

#: Share of the training before which a latent is not called collapsed against theory. At a high learning rate 5 of 88
#: latents that were collapsed at a fortieth of the training came back before its first tenth was over.
_EARLY = 0.075


class Monitor(Reported, Expectation):
    r"""Compare the latents of a VAE in training with what theory predicts for them.

    Parameters
    ----------
    source : :class:`vaesym.Advice`; or the data, in any form that :func:`vaesym.advise` reads, and read as it does; or
        the eigenvalues of their covariance. Advice brings its loss, its number of
        latents and its β, or without one that of its ``target_kl``, which is where γ·|KL − C| ends too
    beta : KL weight of the loss, at the end of its schedule if it has one; by default that of ``loss`` or the advice
    loss : how the loss reduces its terms; by default ½·sum of squares + β·sum of KL
    n_latents : number M of latents of the model
    n_features : number of features; only beside eigenvalues, for a loss that averages over the features
    total_steps : length of the training in steps, if known. It sets the default of ``every``, and before 7.5 % of it
        no latent is called collapsed against theory, as until then such latents still come back
    every : take in each ``every``-th call of :meth:`update`; the others are looked at for NaN only. By
        default 10, or less where the first tenth of the training would have fewer than 50 samples
    learning_rate : of plain gradient descent (SGD; over 1 − momentum) on the loss of a sample, averaged over the batch.
        Theory then says how fast each latent grows, and none is called collapsed against it before the weakest that is
        to live has had the time to: near its threshold that can be long. Leave it out for Adam and its like, whose
        steps do not follow the size of the gradient: there ``total_steps`` sets the time
    thresholds : better values (M,) in place of the eigenvalues, in the same units; or what
        :func:`vaesym.collapse_thresholds` gives, of as many latents

    Raises
    ------
    vaesym.InputError
        Arguments outside these domains, or that contradict each other.

    Notes
    -----
    The theory is that of the linear VAE: latent l is active iff Λ_l > βσ², with KL ½ ln(Λ_l/(βσ²)). The order of
    latents in a model is arbitrary, so the l-th strongest latent is compared with the l-th eigenvalue. Whether a
    latent collapses is decided from its measured trend; theory says which trend to wait for. Only running sums are
    kept, of a fixed size. NaN and infinity are noticed at the step at which they come, whatever ``every``; on an
    accelerator within 32 steps, as no step waits for its tensors but where a batch is taken in.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> monitor = Monitor([19.8, 12.4], beta=15.0, n_latents=2, every=1)
    >>> for step in range(400):                             # stands in for a training
    ...     size = np.array([0.5, np.exp(-step / 20)])
    ...     mu, logvar = size * rng.normal(size=(64, 2)), np.log(1 - size**2 / 2) * np.ones((64, 2))
    ...     for alert in monitor.update(mu, logvar):
    ...         print(alert.latents, alert.kind, "|", alert.action)
    (1,) collapsed | lower β below 12.4 or drop this latent
    """

    def __init__(self, source: Any = None, *, beta: float | None = None, loss: LossScale | None = None,
                 n_latents: int | None = None, n_features: int | None = None, total_steps: int | None = None,
                 every: int | None = None, thresholds: Any = None, learning_rate: float | None = None) -> None:
        if source is None:
            raise InputError("advice, data, or the eigenvalues of their covariance", "nothing",
                             "pass e.g. Monitor(x_train, beta=1.0, n_latents=8)")
        super().__init__(source, beta=beta, loss=loss, n_latents=n_latents, n_features=n_features,
                         thresholds=thresholds)
        self.every = stride(total_steps) if every is None else inputs.count("every", every)
        self._finite = Finite()
        #: Least information of a latent at the start, or after β settled.
        self._start: float | None = None
        self._rate = None if learning_rate is None else inputs.positive_number("learning_rate", learning_rate)
        self._calls, self._total = 0, None if total_steps is None else inputs.count("total_steps", total_steps)
        #: All alerts so far.
        self.alerts: list[Alert] = []

    def update(self, mu: Any, logvar: Any, *, step: int | None = None, beta: float | None = None) -> list[Alert]:
        """Take in the encoder's output on one batch; returns the alerts that are new, most often none.

        Parameters
        ----------
        mu, logvar : mean and logarithm of the variance of q(z|x), (batch, M), arrays or tensors; ``logvar`` may be
            (M,). Batches may differ in size
        step : number of the training step; by default the number of calls
        beta : KL weight of this step, if it follows a schedule. Nothing is judged before it has come to the ``beta``
            of the constructor, and trends are measured from there on

        Raises
        ------
        vaesym.InputError
            Other shapes in the first batch, a ``beta`` that is no number ≥ 0, or a ``step`` that is none. Later on, and
            for NaN, there is an alert instead: no training stops because it is watched.
        """
        self.step = self._calls + 1 if step is None else _step(step)
        self._calls += 1
        if beta is not None and self._schedule.move(beta):
            self._forget_course()
            self._start = None
            self._verdicts.restart()
        if len(broken := self._finite.broken(mu, logvar)) and broken[-1] < self.n_latents:
            self.broken[broken] = True
            return self._once(diverged(self.step, broken.tolist(), "NaN or infinite"))
        if (self._calls - 1) % self.every:
            return []
        try:
            due = self.gather(mu, logvar)
        except InputError as error:
            if self._calls == 1:
                raise
            return self._once(bad_input(self.step, str(error)))
        return self._worked_up() if due else []

    def _worked_up(self) -> list[Alert]:
        """Return the alerts that what has been gathered gives rise to."""
        kl = self.kl
        if (large := kl > _LARGEST_KL).any():
            return self._once(diverged(self.step, np.flatnonzero(large).tolist(), f"a KL of {kl.max():.3g} nats"))
        new: list[Alert] = []
        if self.broken.any():
            new += self._once(diverged(self.step, np.flatnonzero(self.broken).tolist(), "NaN or infinite"))
        return new + self._judged() if self._schedule.finished else new

    def _judged(self) -> list[Alert]:
        """Return the alerts about latents that are due."""
        expected = self._prediction.expected(self.beta)
        if self._rate is None:
            early = self._total is not None and self._calls < _EARLY * self._total
        else:
            if self._start is None:
                first, latents = self._history.means().mean(axis=0), self.n_latents
                self._start = float(information(first[latents : 2 * latents], first[2 * latents :]).min())
            early = self._history.count * self.every < self.waiting_steps()
            expected = dataclasses.replace(expected, waited=not early)
        told = self._verdicts.consider(self._history, expected, early=early)
        if not told:
            return []
        at = Situation(self.step, self.beta, self._prediction.thresholds(), expected.active,
                       self._verdicts.level, self.activity, self._prediction.measured())
        new = [alert(verdict, latents, at) for verdict, latents in told.items()]
        self.alerts += new
        return new

    def waiting_steps(self) -> float:
        """Return how many steps after the start, or after β settled, the weakest latent that is to live needs to show.

        It is the time in which gradient descent takes the least information that was seen at the start to half of what
        this latent is to carry, or 0.05 nats if that is less; 0 before the first judgement, where none is to live, and
        without a ``learning_rate``. Source: :mod:`vaesym.practice.network.growth`.

        >>> Monitor([4.0, 1.1], beta=1.0, n_latents=2).waiting_steps()
        0.0
        """
        expected = self._prediction.expected(self.beta)
        if self._rate is None or not expected.active or self._start is None:
            return 0.0
        last = expected.active - 1
        rate = float(self._prediction.rates(self.beta, self._rate)[last])
        goal = min(ESTABLISHED, float(expected.kl[last]) / 2) / max(self._start, np.finfo(np.float64).eps)
        return max(0.0, float(np.log(goal))) / rate if rate > 0 else float("inf")

    def _once(self, one: Alert) -> list[Alert]:
        """Return an alert of this kind the first time only."""
        if any(earlier.kind == one.kind for earlier in self.alerts):
            return []
        self.alerts.append(one)
        return [one]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict on each latent (M,)."""
        return tuple(self._verdicts.current)

    def to_dict(self) -> dict[str, Any]:
        """Return where the training stands, as plain numbers, texts and lists; None for what is not known yet."""
        columns = {"kl": self.kl, "kl_error": self.kl_error, "activity": self.activity,
                   "information": self.information, "predicted_kl": self.predicted_kl}
        rows = {name: [float(value) if np.isfinite(value) else None for value in column]
                for name, column in columns.items()}
        return {"step": self.step, "beta": self._schedule.used, "final_beta": self.beta,
                "expected_active": self._prediction.expected(self.beta).active,
                "thresholds": self._prediction.thresholds().tolist(), **rows,
                "one_more": self._one_more(), "verdicts": [verdict.value for verdict in self.verdicts],
                "alerts": [one.to_dict() for one in self.alerts]}

    def summary(self) -> str:
        """Return where the training stands, in one sentence or two."""
        from vaesym.practice.monitor.report import summary

        return summary(self.to_dict())

    def table(self) -> Table:
        """Return a table of the latents, to be printed with rich."""
        from vaesym.practice.monitor.report import table

        return table(self.to_dict())

    def _report(self, out: Console) -> None:
        from vaesym.practice.monitor.report import report

        report(self.to_dict(), out)

    def html(self, path: str | os.PathLike[str]) -> Path:
        """Write summary, table and alerts as a page, anew each time, and return its path.

        Notebooks show the same, and ``print(monitor)`` the same as text.

        Raises :class:`vaesym.InputError` for another ending than ``.html``, or a place that cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = Monitor([19.8, 12.4], beta=15.0, n_latents=2).html(f"{folder}/training.html")
        ...     "theory expects 1 of 2 latents active" in page.read_text(encoding="utf-8")
        True
        """
        target = output_path(os.fsdecode(path), (".html",), overwrite=True)
        with replacing(target) as scratch:
            scratch.write_text(f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>Training at step {self.step}</title>\n'
                               f"{self._repr_html_()}\n", encoding="utf-8")
        return target

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on after an interruption, as plain numbers, texts and lists."""
        return {"n_latents": self.n_latents, "step": self.step, "calls": self._calls, "start": self._start,
                **self._measured_state(), **self._expected_state(), "alerts": [one.to_dict() for one in self.alerts]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`state_dict` was called, in a monitor built with the same arguments.

        Raises
        ------
        vaesym.InputError
            The state of a monitor of other latents or another β.
        """
        if not isinstance(state, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError("what state_dict() gave", f"{state!r:.40}", "save monitor.state_dict(), and load that")
        here = self.n_latents, self.beta
        there = state.get("n_latents"), state.get("schedule", {}).get("final")
        if here != there:
            raise InputError(f"the state of a monitor of {here[0]} latents at β = {here[1]:g}",
                             f"that of {there[0]} latents at β = {there[1]}", "build the monitor as it was built then")
        self.step, self._calls = int(state["step"]), int(state["calls"])
        self._start = state.get("start")
        self._restore_measured(state)
        self._restore_expected(state)
        self.alerts = [Alert.from_dict(fields) for fields in state["alerts"]]


def _step(step: Any) -> int:
    try:
        return int(step)
    except (TypeError, ValueError) as error:
        raise InputError("step as a number", f"{step!r:.40}", "leave it out to count the calls") from error
