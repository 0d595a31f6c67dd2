"""What is expected of the latents in a training: by linear theory, and by the network itself where it was asked."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice import Advice, LossScale, OneMore, one_more
from vaesym.practice.monitor.measurement import Measurement
from vaesym.practice.monitor.prediction import predict
from vaesym.practice.monitor.rule import ESTABLISHED, Verdicts

#: Samples that the first tenth of a training should have, and the longest stride between samples.
_SAMPLES, _STRIDE = 50, 10
#: Relative change of β that counts as none.
_SAME = 0.01


class Schedule:
    """The KL weight: its final value, the one in use, and the one at which the present history began.

    >>> schedule = Schedule(2.0)
    >>> schedule.move(1.0), schedule.finished
    (True, False)
    """

    def __init__(self, final: float) -> None:
        self.final = self.used = self.began = final

    @property
    def finished(self) -> bool:
        """Whether β has come to its final value."""
        return _same(self.used, self.final)

    def move(self, beta: Any) -> bool:
        """Set the β in use; returns whether it is another than that of the history, which must then begin anew."""
        self.used = float(inputs.non_negative("beta", beta)[()])
        if _same(self.used, self.began):
            return False
        self.began = self.used
        return True

    def state(self) -> dict[str, float]:
        """Return the three values."""
        return {"final": self.final, "used": self.used, "began": self.began}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave, except the final value, which the caller compares."""
        self.used, self.began = float(state["used"]), float(state["began"])


def stride(total_steps: int | None) -> int:
    """Return how many steps lie between two batches that are looked at: at most ten.

    >>> stride(None), stride(4000), stride(100)
    (10, 8, 1)
    """
    if total_steps is None:
        return _STRIDE
    return min(_STRIDE, max(1, inputs.count("total_steps", total_steps) // (10 * _SAMPLES)))


def _same(beta: float, other: float) -> bool:
    return abs(beta - other) <= _SAME * other


@dataclass(frozen=True)
class Asked:
    """The answer to "would one more latent be used?" in the units of the user's loss.

    Fields: the training ``step``; ``active``, the number of active latents A; the KL weights below which a further
    latent grows, ``threshold`` from Λ*(A) and ``held_out`` from its value on unseen samples; ``used``, None where β
    lies between the two.

    >>> Asked(2000, 1, 0.4, 0.3, None).used is None
    True
    """

    step: int
    active: int
    threshold: float
    held_out: float
    used: bool | None


class Expectation(Measurement):
    """The measured latents beside what is expected of them; arguments as for :class:`vaesym.Monitor`.

    >>> Expectation([19.8, 12.4], beta=15.0, n_latents=2).predicted_kl.round(3)
    array([0.139, 0.   ])
    """

    def __init__(self, source: Any, *, beta: float | None = None, loss: LossScale | None = None,
                 n_latents: int | None = None, n_features: int | None = None, thresholds: Any = None) -> None:
        if beta is None and loss is not None:
            beta = loss.kl_weight
        if beta is None and isinstance(source, Advice):
            aim = source.target_kl
            beta = aim.kl_weight if source.kl_weight is None and aim is not None else source.kl_weight
        if beta is None:
            raise InputError("beta, the KL weight of the loss", "none", "pass beta, or a loss with its kl_weight")
        self._schedule = Schedule(float(inputs.positive("beta", beta)[()]))
        self._prediction = predict(source, loss=loss, thresholds=thresholds, n_latents=n_latents,
                                   n_features=n_features)
        super().__init__(len(self._prediction.eigenvalues))
        self.step = 0
        self._verdicts = Verdicts(self.n_latents)
        self._asked: Asked | None = None

    @property
    def beta(self) -> float:
        """The KL weight at the end of the schedule."""
        return self._schedule.final

    @property
    def predicted_kl(self) -> Floats:
        """KL that theory predicts for each latent (M,), the strongest prediction to the latent of the largest KL."""
        rank = np.argsort(np.argsort(-self.information, kind="stable"), kind="stable")
        return self._prediction.expected(self.beta).kl[rank]

    def ask_one_more(self, model: Any, data: Any, *, seed: int = 0, scaling: float = 1.0) -> OneMore:
        """Ask the network in training whether one more latent would be used, and go by the answer from now on.

        Parameters
        ----------
        model : the network that is watched, with ``encode(x)``, which returns mean and log-variance of q(z|x), and
            ``decode(z)``, as :func:`vaesym.one_more` takes it: a torch module, or any object on float32 arrays
        data : samples × features, as the model sees them
        seed : of the draws of z
        scaling : factor on the data, which the model sees multiplied by it

        Returns
        -------
        OneMore, the answer of :func:`vaesym.one_more` at the βσ² of the training

        Raises
        ------
        vaesym.InputError
            As :func:`vaesym.one_more` does; for a model of more latents; for scaled noise; and while β still
            follows its schedule.

        Notes
        -----
        Λ*(A) takes the place of the eigenvalue of the strongest latent that is not active, as by
        :meth:`set_next_threshold`; where the answer is too close to call, what was expected before stays. The answer
        itself stands in :meth:`vaesym.Monitor.summary`. Where all latents are active, it is about a model with one
        latent more. It holds for the network as it is: ask when the active latents have settled, and again when their
        number has changed. It costs a few passes over the data, none of it in ``update``.

        Examples
        --------
        >>> class Trained:                                  # stands in for a network of two latents, neither in use
        ...     def encode(self, x): return np.zeros((len(x), 2)), np.zeros((len(x), 2))
        ...     def decode(self, z): return np.zeros((len(z), 2))
        >>> x = np.random.default_rng(0).normal(size=(1000, 2)) * [3, 1]
        >>> watched = Expectation(x, beta=4.0, n_latents=2)
        >>> answer = watched.ask_one_more(Trained(), x)
        >>> answer.used, round(answer.thresholds.conditional, 1)
        (True, 9.4)
        """
        if not self._schedule.finished:
            raise InputError(f"β at its final value, {self.beta:g}", f"β = {self._schedule.used:g}",
                             "ask after the end of its schedule, when the network has settled")
        if self._prediction.noise_scale != 1:
            raise InputError("a training with noise_scale = 1", f"{self._prediction.noise_scale:g}",
                             "leave the question out: its answer is known for the noise of the posterior alone")
        scale = self._prediction.scale
        answer = one_more(model, data, self.beta / scale, seed=seed, scaling=scaling)
        found = answer.thresholds
        if found.active and found.active[-1] >= self.n_latents:
            raise InputError(f"the model that is watched, of {self.n_latents} latents",
                             f"one whose latent {found.active[-1]} is active", "pass the model whose output is watched")
        if answer.used is not None:
            self.set_next_threshold(found.conditional, active=len(found.active))
        self._asked = Asked(self.step, len(found.active), scale * found.conditional, scale * found.held_out,
                            answer.used)
        return answer

    def set_next_threshold(self, value: float | None, *, active: int | None = None) -> None:
        """Replace the linear prediction of when one more latent is used, by one measured on the network itself.

        What has been said of collapsed latents is judged anew, and told again where the new threshold changes it.
        :meth:`ask_one_more` does both, the measurement and this.

        Parameters
        ----------
        value : the eigenvalue, in units of the data's variance, that takes the place of Λ for the strongest of the
            latents that are not active, and bounds those of the others; None goes back to linear theory
        active : number of latents that are active where it was measured; by default those that are so now

        Raises
        ------
        vaesym.InputError
            A value that is no number ≥ 0, or ``active`` outside 0 … M.

        Examples
        --------
        >>> watched = Expectation([19.8, 12.4], beta=10.0, n_latents=2)
        >>> watched.set_next_threshold(8.0, active=1)
        >>> watched.predicted_kl.round(3)
        array([0.342, 0.   ])
        """
        following = None
        if value is not None:
            known = int((self.information >= ESTABLISHED).sum()) if active is None else active
            if not 0 <= known <= self.n_latents:
                raise InputError(f"active from 0 to {self.n_latents}", f"{known}", "count the latents that are active")
            following = known, float(inputs.non_negative("value", value)[()])
        # Another kind of threshold changes what every alert says; another value, only which latents it is about.
        self._verdicts.revise(anew=(self._prediction.next is None) != (following is None))
        self._prediction.next, self._asked = following, None

    def _expected_state(self) -> dict[str, Any]:
        return {"schedule": self._schedule.state(), "next": self._prediction.next, "one_more": self._one_more(),
                "verdicts": self._verdicts.state()}

    def _restore_expected(self, state: dict[str, Any]) -> None:
        self._schedule.restore(state["schedule"])
        following, asked = state["next"], state["one_more"]
        self._prediction.next = None if following is None else (int(following[0]), float(following[1]))
        self._asked = None if asked is None else Asked(**asked)
        self._verdicts.restore(state["verdicts"])

    def _one_more(self) -> dict[str, Any] | None:
        return None if self._asked is None else dataclasses.asdict(self._asked)
