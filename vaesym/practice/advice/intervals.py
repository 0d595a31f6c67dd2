r"""Confidence intervals: how the numbers of an advice vary from one data set of a kind and size to another.

All numbers follow from the eigenvalues Λ_l and the noise level η. Their logarithms are taken as jointly Gaussian, with
a covariance C/P that is estimated from the samples ("bootstrap") or predicted for Gaussian data ("spiked"); what
follows from them nonlinearly is computed at seeded draws of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal
from scipy.special import ndtri

from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.practice.advice.outlook import best_effective_betas
from vaesym.practice.data.decomposition import Decomposition
from vaesym.practice.data.spectrum import debias, johnstone

Method = Literal["bootstrap", "spiked"]
METHODS = ("bootstrap", "spiked")
LEVEL = 0.95
#: Draws of (Λ, η) for the nonlinear quantities, and of pure noise for the spread of its median.
_DRAWS, _NOISE_DRAWS = 400, 200
#: The spread of the median of a larger matrix is that of one of this size and shape, in units of 1/N.
_NOISE_SIZE = 800
#: Standard deviation of the Tracy–Widom law with β = 1.
_TRACY_WIDOM_SPREAD = 1.26798

Interval = tuple[float, float]


@dataclass(frozen=True)
class Spread:
    """Draws of eigenvalues (draws × k) and of the noise level (draws), and standard deviations of their logarithms."""

    eigenvalues: Floats
    noise: Floats
    eigenvalue_deviations: Floats
    noise_deviation: float
    total_deviation: float


def check_intervals(method: Any) -> Method | None:
    """Return the method, or None for no intervals.

    Raises :class:`vaesym.InputError`: another name.

    >>> check_intervals("spiked")
    'spiked'
    """
    if method is None or (isinstance(method, str) and method == "none"):
        return None
    if not isinstance(method, str) or method not in METHODS:
        raise InputError(f"intervals as {' or '.join(METHODS)}, or None", f"{method!r}",
                         "take bootstrap for data of any distribution, spiked for Gaussian signals on white noise")
    return "bootstrap" if method == "bootstrap" else "spiked"


def spread(found: Decomposition, noise: float, strength: Floats, method: Method, *, latents: int, median: bool,
           seed: int = 0) -> Spread:
    r"""Return how the leading eigenvalues and the noise level vary between data sets of this kind and size.

    Parameters
    ----------
    found : for "bootstrap" with scores along the eigenvectors of the latents
    noise, strength : η, and ρ of every known eigenvalue (0: none detected)
    method : "bootstrap" or "spiked"
    latents : how many of the leading eigenvalues are in question, k
    median : whether η comes from the median eigenvalue, whose place fluctuates beside its scale
    seed : of the draws

    Notes
    -----
    "bootstrap" is the bootstrap over samples to first order. Under resampling with weights w_i,
    :math:`\delta\ln\Lambda_l = \frac1P\sum_i (w_i-1)(y_{il}^2/\Lambda_l - 1)` with the components
    :math:`y_{il}` of the samples, hence :math:`C_{lm} = \mathrm{Cov}(y_l^2/\Lambda_l, y_m^2/\Lambda_m)`: no Gaussian
    data, and no second decomposition. Resampling itself would be biased, as each resample adds the sampling bias of
    the eigenvalues once more. For a detected signal the in-sample components are corrected for the number of
    dimensions: with :math:`f' = 1 - \eta^2/(\alpha\rho^2)`, s = (ρ+η)/Λ and the excess kurtosis κ of y, the variance is
    :math:`s^2(\kappa + 2f')` in place of κ + 2 (Bai and Yao 2008), which for Gaussian signals is that of "spiked".

    "spiked" takes Gaussian signals on white noise: :math:`C_{ll} = 2f's^2`, the fluctuation of the outlier; other
    eigenvalues fluctuate as the edge of the noise (Tracy–Widom), and η as that of white noise.

    Eigenvalues closer together than they fluctuate repel each other: sample eigenvalues of a degenerate pair lie
    above and below the true one by about their standard deviation, which no interval here corrects, and in
    the bulk of the noise those of "bootstrap" are too wide. Just above the detection threshold f' goes to zero, the
    fluctuations are those of neither law, and intervals are too narrow. So they are for few samples of heavy tails,
    whose fourth moments a sample shows too small: with exponential signals 91 % instead of 95 at P = 400.
    """
    alpha, samples = found.spectrum.alpha, found.spectrum.n_samples
    values, every = found.spectrum.eigenvalues[:latents], strength[strength > 0]
    strength = strength[:latents]
    rng = np.random.default_rng(seed)
    if method == "spiked":
        covariance = np.diag(np.append(_gaussian(found, values, noise, strength), 0.0))
        covariance[-1, -1] = 2 / found.spectrum.n_features
        whole = found.spectrum.total_variance
        rest = found.spectrum.n_features - len(every)
        squares = (((every + noise) / whole) ** 2).sum() + rest * (noise / whole) ** 2
        total = 2 * float(squares)
    else:
        covariance, total = _empirical(found, values, noise, strength, alpha)
    covariance = covariance / samples
    if median:
        covariance[-1, -1] += _median_shape(samples, found.spectrum.n_features)
    deviations = np.sqrt(covariance.diagonal())
    draws = np.exp(_standard(rng, len(covariance)) @ _root(covariance).T)
    return Spread(values * draws[:, :-1], noise * draws[:, -1], deviations[:-1], float(deviations[-1]),
                  float(np.sqrt(total / samples)))


def _corrections(values: Floats, noise: float, strength: Floats, alpha: float) -> tuple[Floats, Floats, Floats]:
    """Return (f', s, ρo/v): slope of Λ in ρ, (ρ+η)/Λ, and the signal's share of the variance along the eigenvector."""
    if not noise:
        ones = np.ones_like(values)
        return ones, ones, ones
    seen = strength > 0
    # In units of the noise; where there is no signal, at an ordinary one whose numbers are thrown away.
    ratio = np.where(seen, strength / noise, 2 / np.sqrt(alpha))
    slope = np.where(seen, 1 - 1 / (alpha * ratio * ratio), 1.0)
    shrink = np.divide(strength + noise, values, out=np.ones_like(values), where=seen)
    variance = ratio * formulas.outlier(alpha, ratio, 1.0)[..., 1]
    return slope, shrink, np.where(seen, variance / (variance + 1), 1.0)


def _gaussian(found: Decomposition, values: Floats, noise: float, strength: Floats) -> Floats:
    slope, shrink, _ = _corrections(values, noise, strength, found.spectrum.alpha)
    _, scale = johnstone(found.spectrum.n_samples, found.spectrum.n_features)
    edge = np.sqrt(found.spectrum.n_samples) * _TRACY_WIDOM_SPREAD * noise * scale
    relative = np.divide(edge, values, out=np.zeros_like(values), where=values > 0)
    return np.where(strength > 0, 2 * slope * shrink**2, relative**2)


def _empirical(found: Decomposition, values: Floats, noise: float, strength: Floats,
               alpha: float) -> tuple[Floats, float]:
    squares, energies = found.scores**2, found.energies
    positive = np.where(values > 0, values, 1.0)
    rest = np.maximum(energies - squares.sum(axis=1), 0.0)
    # Where the latents take up everything, what is left is rounding.
    left = rest.mean() > np.finfo(np.float64).eps * len(rest) * energies.mean()
    columns = [squares / positive, (rest / rest.mean() if left else np.ones_like(rest))[:, None]]
    relative = np.concatenate(columns, axis=1)
    slope, shrink, share = _corrections(values, noise, strength, alpha)
    raw = np.atleast_2d(np.cov(relative, rowvar=False))
    # No signal has an excess kurtosis below −2; the fewer samples, the more an estimate may fall below.
    measured = raw.diagonal()[:-1]
    variance = np.maximum(measured, np.where(strength > 0, 2 - 2 * share**2, 0.0))
    ratio = np.divide(variance - 2 * (1 - slope), measured, out=np.ones_like(measured), where=measured > 0)
    factors = np.append(shrink * np.sqrt(ratio), 1.0)
    return raw * np.outer(factors, factors), float((energies / energies.mean()).var(ddof=1))


@cache
def _median_shape(samples: int, features: int) -> float:
    """Return the variance of ln(median/mean) of the eigenvalues of white noise.

    Drawn from the bidiagonal model of the Laguerre ensemble (Dumitriu and Edelman 2002), whose eigenvalues are those
    of a Wishart matrix. Mean and ratio are independent.
    """
    long, short = max(samples, features), min(samples, features)
    size = min(short, _NOISE_SIZE)
    length = long * size / short
    if size < 2:
        return 0.0
    middle = ((size - 1) // 2, size // 2)
    ratios, rng = np.empty(_NOISE_DRAWS), np.random.default_rng(0)
    for i in range(_NOISE_DRAWS):
        diagonal = rng.chisquare(length - np.arange(size))
        below = rng.chisquare(np.arange(size - 1, 0, -1))
        entries = diagonal + np.append(0.0, below)
        medians: Any = eigvalsh_tridiagonal(entries, np.sqrt(diagonal[:-1] * below), select="i", select_range=middle)
        ratios[i] = np.log(np.mean(medians) / entries.mean())
    return float(ratios.var(ddof=1) * (size / short) ** 2)


def _standard(rng: np.random.Generator, dimensions: int) -> Floats:
    """Return standard normal draws, stratified in each dimension: their quantiles hardly depend on the seed."""
    ranks = rng.permuted(np.tile(np.arange(_DRAWS), (dimensions, 1)), axis=1).T
    return np.asarray(ndtri((ranks + rng.uniform(size=ranks.shape)) / _DRAWS), dtype=np.float64)


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def around(value: float, deviation: float) -> Interval:
    """Return the 95 % interval of a positive value whose logarithm has this standard deviation.

    >>> [round(end, 4) for end in around(2.0, 0.1)]
    [1.644, 2.433]
    """
    factor = float(np.exp(ndtri((1 + LEVEL) / 2) * deviation))
    return value / factor, value * factor


def between(draws: Floats) -> Interval:
    """Return the 95 % interval of draws, by their quantiles.

    >>> [round(end, 9) for end in between(np.arange(201.0))]
    [5.0, 195.0]
    """
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def signal_draws(drawn: Spread, alpha: float, noise: float, edge: float) -> tuple[Floats, Floats]:
    """Return (ρ, o) of every draw (draws × k); 0 where the draw shows no signal."""
    unit = drawn.noise[:, None]
    if not noise:
        return debias(drawn.eigenvalues, alpha, 0.0, 0.0)
    strength, overlap = debias(drawn.eigenvalues / unit, alpha, 1.0, edge / noise)
    return strength * unit, overlap


def best_draws(drawn: Spread, recoverable: Floats) -> Floats:
    """Return the best βσ² of every draw in which there is a signal; ``recoverable`` is ρo (draws × k)."""
    rank = np.argsort(drawn.eigenvalues, axis=1)[:, ::-1]
    values, targets = (np.take_along_axis(array, rank, axis=1) for array in (drawn.eigenvalues, recoverable))
    found = best_effective_betas(values, targets)
    return found[~np.isnan(found)]
