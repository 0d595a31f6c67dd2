"""What a batch gives, and what is measured in a training: averages, and their course since β settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError, as_numpy, check_unmasked
from vaesym.practice.monitor.history import History, MovingAverage

_SHAPE = "mu of shape (batch, latents) and logvar of the same shape, or (latents,) if it is shared by all samples"


class Moments(NamedTuple):
    """Means over each of n batches, for each latent (n, M): KL in nats, variance of mu, posterior variance, mean of mu.

    Example: see :func:`moments`.
    """

    kl: Floats
    activity: Floats
    variance: Floats
    mean: Floats


def snapshot(mu: Any, logvar: Any, latents: int) -> tuple[Any, Any]:
    """Return copies of both that no later step changes: tensors stay on their device, and nothing waits for it.

    Tensors are known by their method ``detach``: torch itself is not needed.

    Raises
    ------
    vaesym.InputError
        Shapes other than (B, M) with B ≥ 1, ``logvar`` also (M,); or what is not real numbers.

    Examples
    --------
    >>> snapshot([[1.0, 2.0]], [0.0, 0.0], 2)
    (array([[1., 2.]]), array([0., 0.]))
    """
    mean, log = _copy("mu", mu), _copy("logvar", logvar)
    shape = tuple(mean.shape)
    if len(shape) != 2 or not shape[0] or shape[1] != latents or tuple(log.shape) not in (shape, (latents,)):
        raise InputError(f"{_SHAPE}, with {latents} latents", f"mu {shape} and logvar {tuple(log.shape)}",
                         "flatten other axes, and set n_latents to the number of latents")
    return mean, log


def _copy(name: str, value: Any) -> Any:
    if hasattr(value, "detach"):
        return value.detach().clone()
    check_unmasked(value, name)
    try:
        array = np.array(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} as an array or a tensor", f"{type(value).__name__} ({error})",
                         "pass the encoder's output as it is") from error
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name} as real numbers", f"{type(value).__name__} of type {array.dtype}",
                         "pass the encoder's output as it is")
    return array


def moments(batches: Sequence[tuple[Any, Any]], before: tuple[Floats, int] | None = None) -> Moments:
    """Return the moments of batches in the order of training; NaN and infinity are let through.

    Parameters
    ----------
    batches : pairs as :func:`snapshot` gives them
    before : mean of mu over the batch before (M,), and its size. A batch of one sample has its variance estimated
        from its distance to the batch before it; the very first is given the variance zero

    Notes
    -----
    A training step leaves the caches cold, and each call of NumPy then costs several times what it does in a loop of
    its own. So batches are worked up together.

    Examples
    --------
    >>> moments([([[1.0], [-1.0]], [[0.0], [0.0]])])
    Moments(kl=array([[0.5]]), activity=array([[2.]]), variance=array([[1.]]), mean=array([[0.]]))
    """
    means = [as_numpy(mu) for mu, _ in batches]
    sizes = np.array([len(mu) for mu in means])
    mu = np.concatenate(means).astype(np.float64, copy=False)
    logs = [np.broadcast_to(as_numpy(log), np.shape(mean)) for mean, (_, log) in zip(means, batches, strict=True)]
    logvar, starts = np.concatenate(logs).astype(np.float64, copy=False), np.cumsum(sizes) - sizes
    count = sizes[:, None]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(mu, starts) / count
        activity = np.add.reduceat((mu - np.repeat(mean, sizes, axis=0)) ** 2, starts) / (count - 1)
        excess = np.expm1(logvar)
        kl = 0.5 * np.add.reduceat(mu**2 + excess - logvar, starts) / count
        variance = 1 + np.add.reduceat(excess, starts) / count
        if (sizes == 1).any():
            first, size = (mean[0], 1) if before is None else before
            distance = mean - np.concatenate([first[None], mean[:-1]])
            spread = distance**2 / (1 + 1 / np.concatenate([[size], sizes[:-1]]))[:, None]
            activity = np.where(count == 1, spread, activity)
    return Moments(kl, activity, variance, mean)


def information(activity: Floats, variance: Floats) -> Floats:
    """Return ½ ln(1 + Var(mu)/D): what a Gaussian channel of this signal and noise carries, in nats.

    In the linear model at its optimum Var(mu) = 1 − βσ²/Λ and D = βσ²/Λ, so that this is its KL, ½ ln(Λ/(βσ²)). During
    training it leaves out what the KL counts but says nothing about x: a mean of mu that is not zero, and a posterior
    variance that is not one.

    >>> information(np.array([0.75]), np.array([0.25])).round(4)
    array([0.6931])
    """
    # A posterior variance of zero is no error of the user: the latent is then without noise. The ratio of an encoder
    # that diverges can overflow, its logarithm cannot.
    noise = np.maximum(variance, np.finfo(np.float64).tiny)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 0.5 * np.logaddexp(0.0, np.log(activity) - np.log(noise))


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
