"""What is measured in a training: averages, and their course since β settled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.practice.monitor.batches import information, moments, snapshot
from vaesym.practice.monitor.history import History, MovingAverage

#: Batches that are gathered before they are worked up together, and numbers that they may hold.
_GATHER, _NUMBERS = 16, 2**18


class Measurement:
    """Running KL, activity and information of each latent.

    Parameters: ``latents``, their number M.

    >>> measured = Measurement(1)
    >>> measured.gather([[0.75**0.5], [-(0.75**0.5)]] * 500, [np.log(0.25)])
    False
    >>> measured.kl.round(3), measured.information.round(2)
    (array([0.693]), array([0.69]))
    """

    def __init__(self, latents: int) -> None:
        self.n_latents = latents
        #: Latents (M,) for which NaN or infinity has come; such batches are left out.
        self.broken: NDArray[np.bool_] = np.zeros(latents, bool)
        self._average, self._history = MovingAverage(3 * latents), History(3 * latents)
        self._gathered: list[tuple[Any, Any]] = []
        self._last: tuple[Floats, int] | None = None

    def gather(self, mu: Any, logvar: Any) -> bool:
        """Take in a batch; returns whether it is time to :meth:`work_up`. Raises as :func:`snapshot` does."""
        batch = snapshot(mu, logvar, self.n_latents)
        self._gathered.append(batch)
        return len(self._gathered) * self.n_latents * len(batch[0]) > _NUMBERS or len(self._gathered) >= _GATHER

    def work_up(self) -> None:
        """Add what has been gathered to the running sums, and let it go."""
        if not self._gathered:
            return
        kl, activity, variance, mean = moments(self._gathered, self._last)
        values = np.hstack([kl, activity, variance])
        good = np.isfinite(values).all(axis=1)
        if not good.all():
            self.broken |= ~np.isfinite(kl + activity + variance).all(axis=0)
            values = values[good]
        if len(values):
            self._average.add(values)
            self._history.add(values)
            last = int(np.flatnonzero(good)[-1])
            self._last = mean[last], len(self._gathered[last][0])
        self._gathered = []

    def _forget_course(self) -> None:
        self.work_up()
        self._history.clear()

    @property
    def kl(self) -> Floats:
        """Moving average of the KL of each latent (M,), in nats; NaN before the first batch."""
        return self._averages()[0]

    @property
    def kl_error(self) -> Floats:
        """Standard error of :attr:`kl`, batches taken as independent (M,)."""
        self.work_up()
        return self._average.error[: self.n_latents]

    @property
    def activity(self) -> Floats:
        """Moving average of the variance of mu over the data (M,); NaN before the first batch."""
        return self._averages()[1]

    @property
    def information(self) -> Floats:
        """Information of each latent in nats, ½ ln(1 + Var(mu)/D), from moving averages (M,)."""
        _, activity, variance = self._averages()
        return information(activity, variance)

    def _averages(self) -> Floats:
        self.work_up()
        return self._average.mean.reshape(3, self.n_latents)

    def _measured_state(self) -> dict[str, Any]:
        self.work_up()
        last = None if self._last is None else [self._last[0].tolist(), self._last[1]]
        return {"average": self._average.state(), "history": self._history.state(), "last": last,
                "broken": self.broken.tolist()}

    def _restore_measured(self, state: dict[str, Any]) -> None:
        self._gathered = []
        self._average.restore(state["average"])
        self._history.restore(state["history"])
        last = state["last"]
        self._last = None if last is None else (np.array(last[0], float), int(last[1]))
        self.broken = np.array(state["broken"], bool)
