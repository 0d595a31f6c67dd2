"""The spectrum of the data: covariance eigenvalues, noise level, and the signals that stand out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError
from vaesym.theory import model

#: Rows of uint8 data whose products still sum exactly in float32: 255² · 256 < 2²⁴.
_EXACT_ROWS = 256
_ROWS = 4096
#: 99 % quantile of the Tracy–Widom law with β = 1.
_TRACY_WIDOM = 2.0234
#: Points at which the Marchenko–Pastur law is tabulated.
_TABLE = 4097


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of the covariance XᵀX/P of a data matrix, largest first, min(P, N) of them.

    ``n_features`` counts the columns that vary; columns without variance carry no information.
    """

    eigenvalues: Floats
    n_samples: int
    n_features: int

    @property
    def alpha(self) -> float:
        """Samples per varying dimension, P/N."""
        return self.n_samples / self.n_features

    @property
    def bulk(self) -> Floats:
        """The eigenvalues that are not zero up to rounding."""
        floor = self.eigenvalues[0] * len(self.eigenvalues) * np.finfo(np.float64).eps
        return self.eigenvalues[self.eigenvalues > floor]


def _gram(matrix: NDArray[Any]) -> Floats:
    """Return XᵀX in float64, by chunks; integers of one byte are multiplied exactly in float32."""
    small = matrix.dtype == np.uint8
    rows, kind = (_EXACT_ROWS, np.float32) if small else (_ROWS, np.float64)
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    for start in range(0, len(matrix), rows):
        block = matrix[start : start + rows].astype(kind)
        total += block.T @ block
    return total


def spectrum_of(matrix: NDArray[Any], *, scaling: float = 1.0, center: bool = True) -> Spectrum:
    """Return the spectrum of the covariance of ``scaling * matrix`` (samples × features).

    Parameters
    ----------
    matrix : two-dimensional, checked by the caller; uint8, float32 or float64
    scaling : factor on the values
    center : subtract the mean of every column

    Raises
    ------
    vaesym.InputError
        If the covariance overflows float64.
    """
    samples, features = matrix.shape
    mean = matrix.mean(axis=0, dtype=np.float64) if center else np.zeros(features)
    with np.errstate(over="ignore", invalid="ignore"):
        if matrix.dtype == np.uint8 and samples >= features:
            # Exact sums of integers: subtracting the mean afterwards loses nothing that matters.
            product = _gram(matrix) / samples - np.outer(mean, mean)
        else:
            centred = matrix - mean
            product = (_gram(centred) if samples >= features else centred @ centred.T) / samples
        product *= scaling**2
    if not np.isfinite(product).all():
        raise InputError("values whose squares fit in float64", "a covariance that overflows", "rescale the data")
    eigenvalues = np.maximum(np.linalg.eigvalsh(product)[::-1], 0.0)
    varying = np.count_nonzero(np.any(matrix != matrix[0], axis=0)) if center else features
    return Spectrum(np.ascontiguousarray(eigenvalues), samples, max(int(varying), 1))


def marchenko_pastur(alpha: float) -> tuple[Floats, Floats]:
    """Return (x, F): the distribution function of the non-zero eigenvalues of unit noise at P = αN samples.

    Marchenko and Pastur (1967), tabulated with the square-root edges resolved.
    """
    half = 2 / np.sqrt(alpha)
    angle = np.linspace(0.0, np.pi, _TABLE)
    x = 1 + 1 / alpha - half * np.cos(angle)
    # density dx ∝ √((x₊−x)(x−x₋))/x dx = half² sin²θ / x dθ; at α = 1 the lower edge is 0 and the ratio finite.
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(x > 0, np.sin(angle) ** 2 / x, 2 / half)
    steps = np.concatenate([[0.0], np.cumsum((weight[1:] + weight[:-1]) / 2)])
    return x, steps / steps[-1]


def noise_level(spectrum: Spectrum, method: str = "median") -> float:
    """Return the noise strength η of the data.

    Parameters
    ----------
    spectrum : of the data
    method : "median" divides the median eigenvalue by that of the Marchenko–Pastur law (Gavish and Donoho 2014),
        which few strong signals do not move; a number in (0, 1), as text, averages the eigenvalues beyond that
        cumulative share of the variance, as [IH, App. D.1] does with PCA

    Raises
    ------
    vaesym.InputError
        An unknown method or a share outside (0, 1).

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(2000, 400))
    >>> abs(noise_level(spectrum_of(noise)) - 1) < 0.02
    True
    """
    bulk = spectrum.bulk
    if method == "median":
        x, distribution = marchenko_pastur(spectrum.alpha)
        return float(np.median(bulk) / np.interp(0.5, distribution, x))
    try:
        share = float(method)
    except ValueError:
        share = np.nan
    if not 0 < share < 1:
        raise InputError("noise as 'median' or a share of the variance in (0, 1)", repr(method),
                         "pass e.g. --noise 0.9")
    beyond = np.cumsum(bulk) > share * bulk.sum()
    beyond[-1] = True
    return float(bulk[beyond].mean())


def misfit(spectrum: Spectrum, noise: float, signals: int) -> float:
    """Return the Kolmogorov–Smirnov distance of the bulk without the signals to the Marchenko–Pastur law."""
    bulk = np.sort(spectrum.bulk[signals:]) / noise
    if not len(bulk):
        return 1.0
    x, distribution = marchenko_pastur(spectrum.alpha)
    law = np.interp(bulk, x, distribution, left=0.0, right=1.0)
    steps = np.arange(len(bulk) + 1) / len(bulk)
    return float(max(np.abs(law - steps[1:]).max(), np.abs(law - steps[:-1]).max()))


def detection_edge(spectrum: Spectrum, noise: float) -> float:
    """Return the eigenvalue above which a signal is detected at 99 % confidence.

    The largest eigenvalue of pure noise follows the Tracy–Widom law with the centre and scale of Johnstone (2001).
    """
    p, n = np.sqrt(max(spectrum.n_samples - 1, 1)), np.sqrt(spectrum.n_features)
    centre, scale = (p + n) ** 2, (p + n) * (1 / p + 1 / n) ** (1 / 3)
    return float(noise * (centre + _TRACY_WIDOM * scale) / spectrum.n_samples)


def debias(eigenvalues: Floats, alpha: float, noise: float, edge: float) -> tuple[Floats, Floats]:
    r"""Return (ρ, o) of sample eigenvalues: signal strength with the sampling bias removed, squared overlap.

    Inverts :math:`\Lambda = (\rho+\eta)(1+\eta/(\alpha\rho))` (Baik, Ben Arous and Péché 2005) on its upper branch.
    Below ``edge`` there is no signal: both are 0.

    Examples
    --------
    >>> debias(np.array([3.0]), 2.0, 1.0, 2.9)
    (array([1.]), array([0.33333333]))
    """
    # In units of the noise, so that no power of a variance leaves float64.
    values, limit = eigenvalues / noise, max(edge / noise, float(model.bulk_edge(alpha, 1.0)))
    detected = values > limit
    safe = np.where(detected, values, 2 * limit)
    # αρ² + (α + 1 − αΛ)ρ + 1 = 0; the larger root, by the sum that does not cancel.
    linear = alpha * (safe - 1) - 1
    strength = (linear + np.sqrt(np.maximum(linear**2 - 4 * alpha, 0.0))) / (2 * alpha)
    overlap = model.outlier(alpha, strength, 1.0)[..., 1]
    return np.where(detected, noise * strength, 0.0), np.where(detected, overlap, 0.0)
