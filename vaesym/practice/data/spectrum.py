"""The spectrum of the data: covariance eigenvalues, noise level, and the signals that stand out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas

#: 99 % quantile of the Tracy–Widom law with β = 1.
_TRACY_WIDOM = 2.0234
#: Distance to the Marchenko–Pastur law from which on a bulk of many eigenvalues is not that of white noise.
_POOR_FIT = 0.1
#: Points at which the Marchenko–Pastur law is tabulated.
_TABLE = 4097


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of the covariance XᵀX/P of a data matrix, largest first, min(P, N) of them.

    ``n_features`` counts the columns that vary; columns without variance carry no information. Where only the top
    eigenvalues are known, ``trace`` is the sum of all; it is None where all are known.
    """

    eigenvalues: Floats
    n_samples: int
    n_features: int
    trace: float | None = None

    @property
    def total_variance(self) -> float:
        """Sum of all eigenvalues."""
        return float(self.eigenvalues.sum()) if self.trace is None else self.trace

    @property
    def alpha(self) -> float:
        """Samples per varying dimension, P/N."""
        return self.n_samples / self.n_features

    @property
    def bulk(self) -> Floats:
        """The known eigenvalues that noise in all varying features would leave above zero."""
        # Given a condition there are fewer samples than the rows whose eigenvalues these are.
        most = min(len(self.eigenvalues), self.n_features, self.n_samples)
        # The mean of so few samples takes up one of the dimensions that they span.
        if self.n_samples <= most and self.eigenvalues[most - 1] <= np.finfo(np.float64).eps * self.eigenvalues.sum():
            most -= 1
        return self.eigenvalues[:most]


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
    """Return the noise strength η of the data; 0 where most directions have no variance.

    Parameters
    ----------
    spectrum : of the data
    method : "median" divides the median eigenvalue by that of the Marchenko–Pastur law (Gavish and Donoho 2014),
        signals above the detection edge counted out; "trace" is the variance per dimension that the debiased signals
        leave, and needs the top eigenvalues only; a number in (0, 1), as text, averages the eigenvalues beyond that
        cumulative share of the variance, as [IH, App. D.1] does with PCA

    Raises
    ------
    vaesym.InputError
        An unknown method, a share outside (0, 1), or one that needs eigenvalues that are not known.

    Notes
    -----
    Noise of this strength in all N varying features has no more variance than the data: Nη is at most the trace. White
    noise leaves no direction empty: where more than one in ten is, whatever the rank of the rest, there is none.

    Examples
    --------
    >>> from vaesym.practice.data.decomposition import spectrum_of
    >>> noise = np.random.default_rng(0).normal(size=(2000, 400))
    >>> abs(noise_level(spectrum_of(noise)) - 1) < 0.02
    True
    """
    share = check_method(method)
    if np.isnan(share) and spectrum.trace is None and _has_gaps(spectrum.bulk):
        return 0.0
    if method == "trace":
        return _noise_of_trace(spectrum)
    if spectrum.trace is not None:
        raise InputError("all eigenvalues for this estimate of the noise", f"the top ones, and noise {method!r}",
                         "pass --noise trace, or --solver full")
    if method == "median":
        return _noise_of_median(spectrum)
    bulk = spectrum.bulk
    # The component that crosses the share is kept, as in [IH] and in scikit-learn's PCA: it may be a signal.
    kept = int(np.searchsorted(np.cumsum(bulk), share * bulk.sum(), side="right")) + 1
    kept = min(kept, len(bulk) - 1)
    # With fewer samples than features noise has directions without variance, which count in its mean.
    return float(bulk[kept:].sum()) / (spectrum.n_features - kept)


def check_method(method: str) -> float:
    """Return the share of the variance that a method of :func:`noise_level` names, NaN for the named methods."""
    if method in ("median", "trace"):
        return np.nan
    try:
        share = float(method)
    except (ValueError, TypeError):
        share = np.nan
    if not 0 < share < 1:
        raise InputError("noise as 'median' or a share of the variance in (0, 1), or as 'trace'", repr(method),
                         "pass e.g. --noise 0.9")
    return share


def _noise_of_median(spectrum: Spectrum) -> float:
    bulk = spectrum.bulk
    x, distribution = marchenko_pastur(spectrum.alpha)
    median = float(np.median(bulk))
    most = spectrum.total_variance / spectrum.n_features
    noise = min(median / float(np.interp(0.5, distribution, x)), most)
    signals = int(np.count_nonzero(bulk > detection_edge(spectrum, noise)))
    if not signals or not noise:
        return noise
    # Each signal takes one dimension and one sample from the noise.
    left = spectrum.n_samples - signals
    x, distribution = marchenko_pastur(left / (spectrum.n_features - signals))
    rest = float(np.median(bulk[signals:]) / (np.interp(0.5, distribution, x) * left / spectrum.n_samples))
    return min(rest, most)


def _noise_of_trace(spectrum: Spectrum) -> float:
    total, values = spectrum.total_variance, spectrum.eigenvalues
    noise = total / spectrum.n_features
    # Less noise lets more signals stand out and makes them stronger: the sequence falls, and is at its limit when it
    # falls no more.
    while True:
        strength, _ = debias(values, spectrum.alpha, noise, detection_edge(spectrum, noise))
        lower = (total - float(strength.sum())) / spectrum.n_features
        # A difference of nearly equal sums is rounding.
        if lower <= np.finfo(np.float64).eps * total:
            return 0.0
        if not 0 < lower < noise * (1 - 1e-12):
            return noise
        noise = lower


def misfit(spectrum: Spectrum, noise: float, signals: int) -> float:
    """Return the Kolmogorov–Smirnov distance of the bulk without the signals to the Marchenko–Pastur law.

    Without noise there is no bulk but zeros, which it fits. Beside noise no direction is empty, by whatever chance: the
    distance is 1 where more than one in ten is.
    """
    if not noise:
        return 0.0
    bulk = np.sort(spectrum.bulk[signals:]) / noise
    if not len(bulk) or _has_gaps(bulk):
        return 1.0
    x, distribution = marchenko_pastur(spectrum.alpha)
    law = np.interp(bulk, x, distribution, left=0.0, right=1.0)
    steps = np.arange(len(bulk) + 1) / len(bulk)
    return float(max(np.abs(law - steps[1:]).max(), np.abs(law - steps[:-1]).max()))


def _has_gaps(bulk: Floats) -> bool:
    """Return whether more than one direction in ten has no variance at all."""
    return bool(np.count_nonzero(bulk == 0) > _POOR_FIT * len(bulk))


def misfit_limit(spectrum: Spectrum, signals: int) -> float:
    """Return the distance of :func:`misfit` that the bulk of white noise hardly ever exceeds.

    Of n eigenvalues it is (0.9 + 0.65 ln n)/n, the 99 % quantile for pure noise and for one signal on it, simulated
    at n = 2 … 50 and 1.5 to 5000 samples per feature; and 0.1 where that is smaller.

    >>> spectrum = Spectrum(np.array([3.0, 1.1, 1.0, 0.9]), 400, 4)
    >>> round(misfit_limit(spectrum, 1), 2)
    0.54
    """
    left = max(len(spectrum.bulk) - signals, 1)
    return max(_POOR_FIT, (0.9 + 0.65 * float(np.log(left))) / left)


def detection_edge(spectrum: Spectrum, noise: float) -> float:
    """Return the eigenvalue above which a signal is detected at 99 % confidence.

    The largest eigenvalue of pure noise follows the Tracy–Widom law with the centre and scale of Johnstone (2001).
    """
    centre, scale = johnstone(spectrum.n_samples, spectrum.n_features)
    return float(noise * (centre + _TRACY_WIDOM * scale))


def johnstone(samples: int, features: int) -> tuple[float, float]:
    """Return centre and scale of the largest eigenvalue of white noise of unit strength (Johnstone 2001)."""
    p, n = np.sqrt(max(samples - 1, 1)), np.sqrt(features)
    return float((p + n) ** 2 / samples), float((p + n) * (1 / p + 1 / n) ** (1 / 3) / samples)


def debias(eigenvalues: Floats, alpha: float, noise: float, edge: float) -> tuple[Floats, Floats]:
    r"""Return (ρ, o) of sample eigenvalues: signal strength with the sampling bias removed, squared overlap.

    Inverts :math:`\Lambda = (\rho+\eta)(1+\eta/(\alpha\rho))` (Baik, Ben Arous and Péché 2005) on its upper branch.
    Below ``edge`` there is no signal: both are 0. Without noise all variance is signal, and the overlap is 1.

    Examples
    --------
    >>> debias(np.array([3.0]), 2.0, 1.0, 2.9)
    (array([1.]), array([0.33333333]))
    """
    if not noise:
        return eigenvalues.copy(), (eigenvalues > 0).astype(np.float64)
    # In units of the noise, so that no power of a variance leaves float64.
    values, limit = eigenvalues / noise, max(edge / noise, float(formulas.bulk_edge(alpha, 1.0)))
    detected = values > limit
    safe = np.where(detected, values, 2 * limit)
    # αρ² + (α + 1 − αΛ)ρ + 1 = 0; the larger root, by the sum that does not cancel.
    linear = alpha * (safe - 1) - 1
    strength = (linear + np.sqrt(np.maximum(linear**2 - 4 * alpha, 0.0))) / (2 * alpha)
    overlap = formulas.outlier(alpha, strength, 1.0)[..., 1]
    return np.where(detected, noise * strength, 0.0), np.where(detected, overlap, 0.0)
