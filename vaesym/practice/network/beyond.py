"""Full collapse of networks that are not linear: how far beyond the top eigenvalue something else can be better."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from vaesym.inputs import Floats
from vaesym.practice.data.matrix import Array

#: Samples of each half at most, outputs that are tried of them, and those that are improved, so many times.
_SAMPLES, _TRIED, _KEPT, _STEPS = 4096, 128, 8, 20
#: A gain counts from here on, so far beyond the top eigenvalue and so many of its standard errors in half the samples.
_GAIN, _MARGIN, _ERRORS = 0.01, 1.1, 2.0
_HALVINGS = 10
#: Splittings into halves, and samples below which there is none.
_SPLITS, _FEWEST = 4, 40


class Family(NamedTuple):
    r"""Likelihoods p(x|θ) ∝ e^{x·θ − A(θ)}: θ (K, N) of means (K, N) of so many samples, and A (K,) of θ (K, N)."""

    natural: Callable[[Floats, int], Floats]
    partition: Callable[[Floats], Floats]


#: Squared error, of samples whose mean is 0.
GAUSSIAN = Family(lambda means, _samples: means, lambda theta: (theta**2).sum(axis=1) / 2)


class _Half(NamedTuple):
    """Half of the samples (n, N), and the θ of full collapse (N,) that suits them."""

    samples: Floats
    collapsed: Floats


def last_collapse(values: Array, top: float, family: Family = GAUSSIAN) -> float:
    r"""Return the β from which on full collapse is the best that any network can do with values (P, N).

    The loss is E[−ln p(x|z)] + β·KL; full collapse is locally stable from the top threshold ``top`` on, with squared
    error the top eigenvalue. Another state, far from it, can be better: one that tells a small cluster from the rest.
    For any encoder and decoder, whose outputs are the natural parameters θ of a family, the loss exceeds that of full
    collapse, θ₀, by at least

    .. math:: -\beta\ln\sup_\theta E\,e^{(x\cdot(\theta-\theta_0) - A(\theta) + A(\theta_0))/\beta},

    so that none is better than full collapse once the supremum is 1. With squared error A(θ) is ½‖θ‖². It is looked for
    by θ ← that whose mean is the mean of x weighted by the exponential, from samples on. Each θ − θ₀ is found with one
    half of the samples and judged by the other: one for each sample is better still, and of no use. Where that is not
    clearly beyond ``top``, ``top`` is returned.

    Source: new; the encoder that is best given a decoder, then Jensen's inequality twice, as for rate–distortion
    functions (Csiszár 1974).

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(2000, 4))
    >>> last_collapse(x, 1.0)
    1.0
    >>> x[:40, 0] += 20
    >>> 40 < last_collapse(x, float(np.linalg.eigvalsh(np.cov(x.T))[-1])) < 70
    True
    """
    if len(values) < _FEWEST:
        return top
    return max(_split(values, top, family, np.random.default_rng(split)) for split in range(_SPLITS))


def _split(values: Array, top: float, family: Family, random: np.random.Generator) -> float:
    order = random.permutation(len(values))[: 2 * _SAMPLES]
    pair = [_half(np.asarray(values[np.sort(rows)], dtype=np.float64), family) for rows in (order[::2], order[1::2])]
    low = top * (_MARGIN + _ERRORS * 2 / float(np.sqrt(len(order))))
    if _gain(pair, low, family, random) <= _GAIN:
        return top
    high = 2 * low
    while _gain(pair, high, family, random) > _GAIN:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _gain(pair, middle, family, random) > _GAIN else (low, middle)
    return high


def _half(samples: Floats, family: Family) -> _Half:
    mean = samples.mean(axis=0)
    if family is GAUSSIAN:
        return _Half(samples - mean, np.zeros_like(mean))
    return _Half(samples, family.natural(mean, len(samples)))


def _gain(pair: list[_Half], beta: float, family: Family, random: np.random.Generator) -> float:
    """Return the logarithm of the supremum, of the better of two directions."""
    return max(_judged(one, other, beta, family, random) for one, other in (pair, pair[::-1]))


def _judged(found: _Half, judge: _Half, beta: float, family: Family, random: np.random.Generator) -> float:
    samples, start = found
    far = np.argsort(-((samples - samples.mean(axis=0)) ** 2).sum(axis=1))[: _TRIED // 2]
    rows = np.union1d(far, random.choice(len(samples), min(_TRIED // 2, len(samples)), replace=False))
    moved = family.natural(samples[rows], len(samples)) - start
    moved = moved[np.argsort(-_value(found, moved, beta, family))[:_KEPT]]
    for _ in range(_STEPS):
        logs = samples @ moved.T / beta
        weights = np.exp(logs - logs.max(axis=0))
        moved = family.natural((weights / weights.sum(axis=0)).T @ samples, len(samples)) - start
    return float(_value(judge, moved, beta, family).max())


def _value(half: _Half, moved: Floats, beta: float, family: Family) -> Floats:
    """Return the logarithm of the mean for each θ − θ₀ (K, N), shape (K,)."""
    samples, start = half
    cost = family.partition(start + moved) - family.partition(start[None])
    return logsumexp(samples @ moved.T / beta, axis=0) - np.log(len(samples)) - cost / beta
