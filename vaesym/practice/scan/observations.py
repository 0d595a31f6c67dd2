"""What is observed given the latents: checks of the data, what the networks see and give, and −ln p(x|z)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.special import logsumexp

from vaesym.inputs import Floats, InputError
from vaesym.practice import families
from vaesym.practice.data.matrix import Array
from vaesym.practice.families import information
from vaesym.practice.network.beyond import GAUSSIAN, Family

if TYPE_CHECKING:
    from torch import Tensor

#: Of the likelihoods of :data:`vaesym.practice.families.FAMILIES` those that a scan trains.
LIKELIHOODS = ("gaussian", "bernoulli", "poisson", "negative_binomial", "categorical")
COUNTS = ("poisson", "negative_binomial")
#: Total variance of the data in units of the networks, which the steps of Adam suit: that of images in [0, 1].
_TOTAL = 64.0
#: Least information of a feature that a condition may leave.
_TINY = 1e-6
#: Pseudo-samples of a mean, so that no probability starts at 0 or 1.
_PRIOR = 0.5


@dataclass(frozen=True, eq=False)
class Observation:
    r"""The likelihood of a data set, with what its start and its linear theory need.

    A feature of mean μ gives the natural parameter ``offset`` that the decoder starts from, and the weight 1/√F with
    which the covariance has the thresholds of collapse as its eigenvalues; F is the variance of a feature under the
    model in which nothing is active: 1 for squared error, p(1−p), μ, μ + μ²/θ. Categories are told apart by one column
    each, of F = p, which is diag(p) − ppᵀ where that is not zero.

    Attributes
    ----------
    likelihood : its name
    shift, unit : what is taken off the data and what they are then divided by; 0 and 1 unless "gaussian"
    offset : the decoder's output where no latent is active, (F,)
    weights : 1/√F, (F,)
    dispersion : θ of each feature at the start, "negative_binomial" alone
    groups : of "categorical", how many columns each feature has; empty for the others
    """

    likelihood: str
    shift: Floats
    unit: float
    offset: Floats
    weights: Floats
    dispersion: Floats
    groups: tuple[int, ...] = ()

    def nats(self, values: Tensor, output: Tensor, log_dispersion: Tensor) -> Tensor:
        """Return −ln p(x|z) of each sample (B,), of "gaussian" half the squared error, in units of ``unit``²."""
        import torch
        from torch.nn import functional

        if self.likelihood == "gaussian":
            return (values - output).square().sum(1) / 2
        if self.likelihood == "bernoulli":
            return functional.binary_cross_entropy_with_logits(output, values, reduction="none").sum(1)
        if self.likelihood == "categorical":
            if len(set(self.groups)) == 1:  # in one call, which is faster
                return -(values * output.unflatten(1, (-1, self.groups[0])).log_softmax(-1).flatten(1)).sum(1)
            logs = [part.log_softmax(1) for part in output.split(self.groups, 1)]
            return -(values * torch.cat(logs, 1)).sum(1)
        if self.likelihood == "poisson":
            return (output.exp() - values * output + torch.lgamma(values + 1)).sum(1)
        theta = log_dispersion.exp()
        total = torch.logaddexp(output, log_dispersion)
        chosen = torch.lgamma(values + theta) - torch.lgamma(theta) - torch.lgamma(values + 1)
        return -(chosen + values * (output - total) + theta * (log_dispersion - total)).sum(1)


def check_likelihood(likelihood: Any) -> str:
    """Return the name of a likelihood that a scan trains.

    >>> check_likelihood("multinomial")
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected likelihood as one of gaussian, bernoulli, poisson, negative_binomial, \
categorical for a scan; received 'multinomial'; choose one of them, or ask vaesym.collapse_thresholds where everything \
collapses
    """
    families.check_likelihood(likelihood)
    if likelihood not in LIKELIHOODS:
        raise InputError(f"likelihood as one of {', '.join(LIKELIHOODS)} for a scan", f"{likelihood!r}",
                         "choose one of them, or ask vaesym.collapse_thresholds where everything collapses")
    return likelihood


def columns(array: Array, likelihood: str, groups: Any = None) -> tuple[Array, tuple[int, ...]]:
    """Return the data as the columns of a likelihood, and how many each feature has of "categorical".

    They are float32, of "gaussian" with all digits that the data have: a large mean is only taken off later.

    Raises :class:`vaesym.InputError` for values that the likelihood cannot give.

    >>> columns(np.array([[0, 2], [1, 1]]), "categorical")[1]
    (2, 3)
    """
    if likelihood == "categorical" and groups is None:
        return families.one_hot(array)
    least, most = float(array.min()), float(array.max())
    span = f"values from {least:g} to {most:g}"
    if likelihood == "bernoulli" and (least < 0 or most > 1):
        raise InputError("values in [0, 1] for the likelihood bernoulli", span, "scale the data, or choose another")
    if likelihood in COUNTS and (least < 0 or (array != np.floor(array)).any()):
        raise InputError(f"whole numbers >= 0 for the likelihood {likelihood}", span if least < 0 else "fractions",
                         "pass counts as they are, or choose gaussian")
    sizes = ()
    if likelihood == "categorical":
        sizes = families.checked_groups(groups, array.shape[1])
        families.check_one_hot(array, 1.0, sizes)
    kind = np.result_type(array, np.float32) if likelihood == "gaussian" else np.float32
    return array.astype(np.float64 if np.dtype(kind).itemsize > 8 else kind, copy=False), sizes


def observe(values: Array, likelihood: str, groups: tuple[int, ...] = ()) -> Observation:
    """Return the observation of training samples, the columns of a likelihood (P, F).

    >>> seen = observe(np.array([[0.0], [1.0]], dtype=np.float32), "bernoulli")
    >>> float(seen.offset[0]), float(seen.weights[0])
    (0.0, 2.0)
    """
    with np.errstate(over="ignore"):  # which is said where the covariance is made
        mean, variance = values.mean(axis=0, dtype=np.float64), values.var(axis=0, dtype=np.float64)
    ones, zeros = np.ones_like(mean), np.zeros_like(mean)
    if likelihood == "gaussian":
        unit = float(np.sqrt(variance.sum() / _TOTAL))
        return Observation(likelihood, mean, unit, zeros, ones / unit, ones)
    smooth = _smooth(likelihood, mean, len(values), groups)
    offset = _natural(likelihood, smooth)
    if likelihood in COUNTS:
        theta = np.clip(smooth**2 / np.maximum(variance - smooth, 1e-3 * smooth**2), 1e-2, 1e3)
        weights = 1 / np.sqrt(information(cast("Any", likelihood), smooth, None, theta))
        return Observation(likelihood, zeros, 1.0, offset, weights, theta)
    if likelihood == "categorical":
        weights = 1 / np.sqrt(information(likelihood, smooth, None, None))
        return Observation(likelihood, zeros, 1.0, offset, weights, ones, groups)
    exact = information("bernoulli", mean, None, None)
    varying = exact > 0
    weights = np.where(varying, 1 / np.sqrt(np.where(varying, exact, 1.0)), 0.0)
    return Observation(likelihood, zeros, 1.0, offset, weights, ones)


def _smooth(likelihood: str, mean: Floats, samples: int, groups: tuple[int, ...]) -> Floats:
    """Return means (…, F) of so many samples with half a sample of each kind added."""
    kinds: Any = 1 if likelihood in COUNTS else np.repeat(groups, groups) if groups else 2
    return (samples * mean + _PRIOR) / (samples + kinds * _PRIOR)


def _natural(likelihood: str, means: Floats) -> Floats:
    """Return the natural parameters of means (…, F), of "negative_binomial" what its decoder gives, ln μ."""
    return np.log(means / (1 - means) if likelihood == "bernoulli" else means)


def family_of(observation: Observation) -> Family | None:
    """Return the family whose natural parameters decoders give, or None of "negative_binomial", whose θ is learned.

    >>> poisson = family_of(observe(np.array([[1.0], [3.0]]), "poisson"))
    >>> poisson.partition(np.log([[2.0], [5.0]])).round(9).tolist()
    [2.0, 5.0]
    """
    likelihood, groups = observation.likelihood, observation.groups

    def natural(means: Floats, samples: int) -> Floats:
        return _natural(likelihood, _smooth(likelihood, means, samples, groups))

    def categories(theta: Floats) -> Floats:
        parts = np.split(theta, np.cumsum(groups)[:-1], axis=1)
        return np.asarray([logsumexp(part, axis=1) for part in parts]).sum(axis=0)

    partitions = {"bernoulli": lambda theta: np.logaddexp(0.0, theta).sum(axis=1),
                  "poisson": lambda theta: np.exp(theta).sum(axis=1), "categorical": categories}
    if likelihood == "gaussian":
        return GAUSSIAN
    return Family(natural, partitions[likelihood]) if likelihood in partitions else None


def told_information(fitted: Floats, observation: Observation) -> Floats:
    """Return F of each sample and feature (P, F) at their means given a condition (P, F).

    Means of numbers, which are fitted by a plane, are kept within what the likelihood allows.

    >>> told_information(np.array([[0.5], [0.1]]), observe(np.array([[0.0], [1.0]]), "bernoulli")).ravel().round(9)
    array([0.25, 0.09])
    """
    most = np.inf if observation.likelihood in COUNTS else 1.0
    likelihood: Any = observation.likelihood
    return information(likelihood, np.clip(fitted, 0.0, most), None, observation.dispersion)


def told_weights(known: Floats, observation: Observation) -> Floats:
    """Return 1/√F (F,) with F the mean over the samples of :func:`told_information` (P, F).

    >>> seen = observe(np.array([[0.0], [1.0]]), "bernoulli")
    >>> round(float(told_weights(np.array([[0.25], [0.09]]), seen)[0]) ** -2, 9)
    0.17
    """
    return np.where(observation.weights > 0, 1 / np.sqrt(np.maximum(known.mean(axis=0), _TINY)), 0.0)


def whitened(left: Floats, known: Floats) -> Floats:
    """Return what a condition leaves (P, F) over the roots of the information of each sample and feature (P, F).

    >>> whitened(np.array([[0.3, 0.0]]), np.array([[0.09, 0.0]])).round(9).tolist()
    [[1.0, 0.0]]
    """
    return left / np.sqrt(np.maximum(known, _TINY))


def seen(values: Array, observation: Observation, training: Array) -> tuple[Array, Array]:
    """Return what the loss compares and what the encoder sees, both float32 (P, F), of columns (P, F).

    ``training`` are the numbers of the rows whose mean and spread the encoder's input is measured by.

    >>> counts = np.array([[0.0], [7.0]], dtype=np.float32)
    >>> seen(counts, observe(counts, "poisson"), np.arange(2))[1].round(3).tolist()
    [[-1.0], [1.0]]
    """
    if observation.likelihood == "gaussian":
        scaled = ((values - observation.shift) / observation.unit).astype(np.float32)
        return scaled, scaled
    inputs = np.log1p(values) if observation.likelihood in COUNTS else values
    centred = inputs - inputs[training].mean(axis=0)
    return values, (centred / max(float(centred[training].std()), 1e-12)).astype(np.float32)
