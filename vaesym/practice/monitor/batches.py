"""From the encoder's output on one batch to a few numbers per latent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vaesym.inputs import Floats, InputError, as_numpy, check_unmasked

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
    # A posterior variance of zero is no error of the user: the latent is then without noise.
    return 0.5 * np.log1p(activity / np.maximum(variance, np.finfo(np.float64).tiny))
