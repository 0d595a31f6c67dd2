"""Full collapse of networks that are not linear: how far beyond the top eigenvalue something else can be better."""

from __future__ import annotations

import math

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


def last_collapse(values: Array, top: float) -> float:
    r"""Return the β from which on full collapse is the best that any network can do with values (P, N).

    With squared error, ½E‖x − x̂‖² + β·KL, full collapse is locally stable from the top eigenvalue ``top`` on. Another
    state, far from it, can be better: one that tells a small cluster from the rest. For any encoder and decoder, whose
    outputs less the mean are y, the loss is at least

    .. math:: \tfrac12 E\|x\|^2 - \beta\ln\sup_y E\,e^{(x\cdot y - \|y\|^2/2)/\beta},

    so that none is better than full collapse once the supremum is 1. It is looked for by y ← the mean of x weighted by
    the exponential, from samples on. Each y is found with one half of the samples and judged by the other: one y for
    each sample is better still, and of no use. Where that is not clearly beyond ``top``, ``top`` is returned.

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
    return max(_split(values, top, np.random.default_rng(split)) for split in range(_SPLITS))


def _split(values: Array, top: float, random: np.random.Generator) -> float:
    order = random.permutation(len(values))[: 2 * _SAMPLES]
    halves = [np.asarray(values[np.sort(rows)], dtype=np.float64) for rows in (order[::2], order[1::2])]
    pair = [half - half.mean(axis=0) for half in halves]
    low = top * (_MARGIN + _ERRORS * 2 / float(np.sqrt(len(order))))
    if _gain(pair, low, random) <= _GAIN:
        return top
    high = 2 * low
    while _gain(pair, high, random) > _GAIN:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _gain(pair, middle, random) > _GAIN else (low, middle)
    return high


def _gain(pair: list[Floats], beta: float, random: np.random.Generator) -> float:
    """Return the logarithm of the supremum, of the better of two directions."""
    return max(_judged(one, other, beta, random) for one, other in (pair, pair[::-1]))


def _judged(found: Floats, judge: Floats, beta: float, random: np.random.Generator) -> float:
    far = np.argsort(-(found**2).sum(axis=1))[: _TRIED // 2]
    outputs = found[np.union1d(far, random.choice(len(found), min(_TRIED // 2, len(found)), replace=False))]
    outputs = outputs[np.argsort(-_value(found, outputs, beta))[:_KEPT]]
    for _ in range(_STEPS):
        logs = found @ outputs.T / beta
        weights = np.exp(logs - logs.max(axis=0))
        outputs = (weights / weights.sum(axis=0)).T @ found
    return float(_value(judge, outputs, beta).max())


def _value(samples: Floats, outputs: Floats, beta: float) -> Floats:
    logs = samples @ outputs.T / beta
    return logsumexp(logs, axis=0) - np.log(len(samples)) - (outputs**2).sum(axis=1) / (2 * beta)
