"""Alerts: what happened to which latents, and one thing to do about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.practice.monitor.rule import Verdict

Kind = Literal["collapsed", "stuck", "unexpected", "recovered", "diverged", "input"]

#: Linear thresholds are taken as uncertain by this factor for nonlinear networks.
_NEAR = 1.5
#: Var(mu) of an encoder whose output does not depend on its input, in single precision.
_CONSTANT = 1e-12


@dataclass(frozen=True)
class Alert:
    """One thing to know about a training, and one thing to do.

    Attributes
    ----------
    step : training step at which it was seen
    latents : the latents it concerns, counted from 0 as in the arrays
    kind : "collapsed" (as theory predicts at this β), "stuck" (collapsed though theory says it need not), "unexpected"
        (active though predicted collapsed), "recovered" (active after an alert that it collapses), "diverged", "input"
    message, action : for the reader

    Examples
    --------
    >>> print(Alert(120, (3,), "stuck", "latent 3 carries nothing", "restart"))
    step 120: latent 3 carries nothing: restart
    """

    step: int
    latents: tuple[int, ...]
    kind: Kind
    message: str
    action: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.message}: {self.action}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists."""
        return {**dataclasses.asdict(self), "latents": list(self.latents)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Alert:
        """Return the alert that :meth:`to_dict` described."""
        return cls(fields["step"], tuple(fields["latents"]), fields["kind"], fields["message"], fields["action"])


@dataclass(frozen=True)
class Situation:
    """What the words of an alert need.

    Fields: step, KL weight, thresholds (M,) in its units and how many latents they say are active; information and
    activity of the latents (M,); which thresholds were ``measured`` on the network itself (M,).
    """

    step: int
    beta: float
    thresholds: Floats
    active: int
    information: Floats
    activity: Floats
    measured: NDArray[np.bool_]

    def named(self, rank: int, limit: str | None = None) -> str:
        """Return a threshold in words, for whose number other digits can be given."""
        text = f"{float(self.thresholds[rank]):.3g}" if limit is None else limit
        return f"{text}, Λ*(A) of this network" if self.measured[rank] else text


def alert(verdict: Verdict, latents: Sequence[int], at: Situation) -> Alert:
    """Return the alert for latents that are all judged alike.

    Examples
    --------
    >>> nothing = np.zeros(2)
    >>> at = Situation(90, 25.0, np.array([19.8, 12.4]), 0, nothing, nothing, nothing > 0)
    >>> print(alert(Verdict.COLLAPSED, [1], at))
    step 90: latent 1 will stay collapsed at β = 25 (0.000 nats): lower β below 19.8 or drop this latent
    """
    write = {Verdict.COLLAPSED: _collapsed, Verdict.STUCK: _stuck, Verdict.UNEXPECTED: _unexpected,
             Verdict.ACTIVE: _recovered}[verdict]
    return write(tuple(latents), at)


def _collapsed(latents: tuple[int, ...], at: Situation) -> Alert:
    message = f"{_names(latents)} will stay collapsed at β = {at.beta:g} ({_carried(latents, at)})"
    these = "this latent" if len(latents) == 1 else "these latents"
    limit = float(at.thresholds[at.active]) if at.active < len(at.thresholds) else 0.0
    if limit <= 0:
        return Alert(at.step, latents, "collapsed", message, f"drop {these}")
    named = at.named(at.active, _below(min(limit, at.beta)))
    comma = "," if at.measured[at.active] else ""
    return Alert(at.step, latents, "collapsed", message, f"lower β below {named}{comma} or drop {these}")


def _stuck(latents: tuple[int, ...], at: Situation) -> Alert:
    last = max(at.active - 1, 0)
    limit, message = float(at.thresholds[last]), f"{_names(latents)} {_is(latents)} collapsed ({_carried(latents, at)})"
    if limit <= at.beta:
        return Alert(at.step, latents, "stuck", f"{message} though active when one more latent was asked for",
                     "ask once more, as the threshold was that of another network")
    message += f" though β = {at.beta:g} lies below the threshold {at.named(last)}"
    if (at.activity[list(latents)] < _CONSTANT).all():
        action = "restart with a lower learning rate, as the encoder's output no longer depends on its input"
    elif limit < _NEAR * at.beta and not at.measured[last]:
        action = f"lower β, as nonlinear networks may switch this one off before the linear threshold {limit:.3g}"
    elif limit < _NEAR * at.beta:
        action = f"lower β, as a latent grows slowly so close to {limit:.3g}"
    else:
        action = "restart with a lower learning rate and β raised from 0 over the first epochs"
    return Alert(at.step, latents, "stuck", message, action)


def _unexpected(latents: tuple[int, ...], at: Situation) -> Alert:
    limit = float(at.thresholds[at.active]) if at.active < len(at.thresholds) else 0.0
    message = (f"{_names(latents)} {_is(latents)} active ({_carried(latents, at)}) though linear theory switches off "
               f"all but {at.active} at β = {at.beta:g}, the next at {limit:.3g}")
    return Alert(at.step, latents, "unexpected", message,
                 "compare the losses on training and held-out data, as nonlinearity or overfitting keeps it alive")


def _recovered(latents: tuple[int, ...], at: Situation) -> Alert:
    return Alert(at.step, latents, "recovered", f"{_names(latents)} {_is(latents)} active after all "
                 f"({_carried(latents, at)})", "disregard the earlier alert")


def diverged(step: int, latents: Sequence[int], what: str) -> Alert:
    """Return the alert for a training whose encoder gives NaN, infinity, or a KL that no data can ask for."""
    return Alert(step, tuple(latents), "diverged", f"the encoder diverges at {_names(latents)} ({what})",
                 "stop, and restart from the last checkpoint with a lower learning rate")


def bad_input(step: int, what: str) -> Alert:
    """Return the alert for a batch that cannot be read in the midst of a training."""
    return Alert(step, (), "input", f"a batch was left out ({what})", "pass mu and logvar as at the first step")


def _names(latents: Sequence[int]) -> str:
    if len(latents) == 1:
        return f"latent {latents[0]}"
    return f"latents {', '.join(map(str, latents[:-1]))} and {latents[-1]}"


def _is(latents: Sequence[int]) -> str:
    return "is" if len(latents) == 1 else "are"


def _carried(latents: Sequence[int], at: Situation) -> str:
    most = float(np.max(at.information[list(latents)]))
    return f"{most:.3f} nats" if len(latents) == 1 else f"at most {most:.3f} nats"


def _below(limit: float) -> str:
    """Return a threshold with three digits, rounded down: at the rounded value the latent must be active."""
    digits = 2 - int(np.floor(np.log10(limit)))
    rounded = np.floor(limit * 10.0**digits * (1 + 1e-12)) / 10.0**digits  # 4.1 is no exact binary number
    return f"{rounded:.3g}"
