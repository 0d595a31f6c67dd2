"""What the studies on images say: thresholds beside predictions, the best β, and the observations of [IH]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from vaesym.advisor import learned_variance
from vaesym.advisor.best import best_effective_beta
from vaesym.advisor.spectrum import Spectrum, debias, detection_edge, noise_level
from vaesym.inputs import Floats
from validation.images.collapse import estimates
from validation.images.intervals import Interval, interval
from validation.images.metrics import evidence_bound
from validation.images.noise import noise_by_contribution
from validation.images.statements import NEXT, TOLERANCE
from validation.images.studies import Workshop
from validation.images.subjects import local_spectrum

#: Rates at which the noise level is estimated.
RATES = (0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Threshold:
    """A measured threshold beside the eigenvalue of the same samples.

    ``ratio`` is measured over predicted, seed by seed; ``population`` the estimate of the eigenvalue at P → ∞ from
    these samples, with the bias of Baik, Ben Arous and Péché removed (for Gaussian pixels).
    """

    network: str
    samples: int
    rank: int
    start: str
    measured: Interval
    predicted: Interval
    ratio: Interval
    population: Interval


def thresholds(shop: Workshop, found: xr.Dataset) -> list[Threshold]:
    """Return the thresholds of a study of searches, one for each network, P, latent and start."""
    rows = []
    for (network, samples, rank, start), part in _groups(found, "network", "samples", "rank", "start"):
        low, high = part["low"].values, part["high"].values
        measured = estimates(low, high)
        with np.errstate(invalid="ignore"):
            read = np.log(high / np.where(low > 0, low, np.nan)) / np.sqrt(12)
        subject = shop.subjects[network]
        spectra = [subject.spectrum(samples, int(seed)) for seed in part["seed"].values]
        own = np.array([values[rank - 1] for values in spectra])
        rows.append(Threshold(network, samples, rank, start, interval(measured, measured * read), interval(own),
                              interval(measured / own, measured / own * read),
                              interval([_population(values, samples, rank) for values in spectra]
                                       if subject.architecture.likelihood == "gaussian" else [])))
    return rows


def _groups(found: xr.Dataset, *names: str) -> Iterator[tuple[tuple[Any, ...], xr.Dataset]]:
    keys = list(zip(*(found[name].values.tolist() for name in names), strict=True))
    for key in dict.fromkeys(keys):
        yield key, found.isel(run=[i for i, one in enumerate(keys) if one == key])


def _population(eigenvalues: Floats, samples: int, rank: int) -> float:
    strength, _, noise = _signals(eigenvalues[rank - 1 : rank], eigenvalues, samples)
    return float(strength[0] + noise) if strength[0] > 0 else np.nan


def _spectrum(eigenvalues: Floats, samples: int) -> Spectrum:
    """Return a spectrum without the zeros that fewer samples than dimensions bring."""
    return Spectrum(eigenvalues[: min(samples, len(eigenvalues))], samples, len(eigenvalues))


def _signals(chosen: Floats, eigenvalues: Floats, samples: int) -> tuple[Floats, Floats, float]:
    """Return debiased strengths and overlaps of chosen eigenvalues, and the noise level of all, by the spiked model."""
    spectrum = _spectrum(eigenvalues, samples)
    noise = noise_level(spectrum)
    return *debias(chosen, spectrum.alpha, noise, detection_edge(spectrum, noise)), noise


@dataclass(frozen=True)
class Margin:
    """Where a prediction of the second threshold is within a tolerance of β: below ``low`` it says that the latent is
    used, above ``high`` that it is not; between, it is too close to call, and a latent grows or decays slowly.

    Both are means over seeds; 0 stands for below the grid and infinity for above it.
    """

    low: Interval
    high: Interval

    def meets(self, measured: Interval) -> bool:
        """Return whether a measured threshold lies between, by its interval."""
        return measured.high >= self.low.mean and measured.low <= self.high.mean

    def __str__(self) -> str:
        if self.high.mean == 0:
            return "below the grid"
        return f"{self.low.mean:.2f} to {self.high.mean:.2f}" if np.isfinite(self.high.mean) else "above the grid"


def margins(shop: Workshop, found: xr.Dataset) -> dict[str, Margin]:
    """Return, for each prediction, the β between which it neither says that the second latent is used nor that not."""
    second = float(shop.material.prepared.eigenvalues[1])
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in NEXT}
    for _, part in _groups(found, "seed"):
        ordered = part.sortby("beta")
        betas = ordered["beta"].values
        for name, ends in rows.items():
            values = np.full(len(betas), second) if name == "linear" else ordered[name].values
            ends.append(_margin(betas, values))
    return {name: Margin(*(interval(np.array(ends)[:, side]) for side in (0, 1))) for name, ends in rows.items()
            if not np.isnan(ends).any()}


def _margin(betas: Floats, values: Floats) -> tuple[float, float]:
    """Return the first β where ln(values/β) has fallen to the tolerance, and the last where it leaves its negative.

    >>> low, high = _margin(np.array([8.0, 10.0, 14.0]), np.array([11.0, 11.0, 11.0]))
    >>> round(low, 2), round(high, 2)
    (10.78, 11.22)
    """
    x, gap = np.log(betas), np.log(values / betas)
    if np.isnan(gap).any():
        return np.nan, np.nan
    first, last = np.flatnonzero(gap <= TOLERANCE), np.flatnonzero(gap >= -TOLERANCE)
    low = np.inf if not len(first) else 0.0 if first[0] == 0 else _between(x, gap - TOLERANCE, first[0] - 1)
    high = 0.0 if not len(last) else np.inf if last[-1] == len(x) - 1 else _between(x, gap + TOLERANCE, last[-1])
    return low, high


def _between(x: Floats, values: Floats, i: int) -> float:
    """Return e^x where the line through two neighbours is 0."""
    return float(np.exp(x[i] + (x[i + 1] - x[i]) * values[i] / (values[i] - values[i + 1])))


@dataclass(frozen=True)
class Best:
    """The β at which a measure of a network is best at one P: measured, and what the linear theory says.

    The prediction beside the distance of features is that for the recovery of the signals, as in [IH].
    """

    network: str
    measure: str
    samples: int
    measured: Interval
    predicted: Interval
    edge: str = ""

    @property
    def words(self) -> str:
        """The measured value in words; "at or below" and "at or above" where the grid of β ends."""
        return f"{self.edge} {self.measured.mean:.3g}" if self.edge else str(self.measured)


def fresh_elbo(part: xr.Dataset, pixels: int) -> Floats:
    """Return the evidence bound on fresh images at σ² = β, for which the loss is −β times it, in nats."""
    runs = zip(part["test_squared_error"].values, part["test_rate"].values, part["beta"].values, strict=True)
    return np.array([evidence_bound([error], [[rate]], features=pixels, variance=beta).elbo
                     for error, rate, beta in runs])


def best_betas(shop: Workshop, found: xr.Dataset) -> list[Best]:
    """Return the best β by each measure, for each network at each P."""
    pixels, rows = len(shop.material.prepared.mean), []
    measures = [name for name in ("pixel_frechet", "feature_frechet") if name in found]
    for (network, samples), part in _groups(found, "network", "samples"):
        seeds = sorted(set(part["seed"].values.tolist()))
        spectra = [_full_spectrum(shop, samples, seed) for seed in seeds]
        for measure in (*measures, "test_elbo"):
            values = -fresh_elbo(part, pixels) if measure == "test_elbo" else part[measure].values
            measured, edge = _best(part, values)
            rows.append(Best(network, measure, samples, measured, _predicted(measure, spectra, samples), edge))
    return rows


def _full_spectrum(shop: Workshop, samples: int, seed: int) -> Floats:
    """Return all eigenvalues of the pixels' covariance over the samples of a seed, zeros included."""
    return local_spectrum(shop.pixels, samples, seed)


def _predicted(measure: str, spectra: list[Floats], samples: int) -> Interval:
    if measure == "test_elbo":
        # There the best β is the decoder variance that a σ-VAE learns.
        return interval([learned_variance(values, latents=2, n_features=len(values)).variance for values in spectra])
    return interval([_spiked(values, samples, fresh=measure == "pixel_frechet") for values in spectra])


def _spiked(eigenvalues: Floats, samples: int, *, fresh: bool) -> float:
    """Return the best β of two latents by the spiked model: for recovery, or for the law of the mean images.

    The squared Fréchet distance of W z, W along sample directions v_l of length √Q_l, to fresh data is a constant plus
    Σ (√Q_l − √c_l)² with c_l = v_lᵀCv_l = η + ρ_l o_l; the recovery error is that with c_l = ρ_l o_l.
    """
    strength, overlap, noise = _signals(eigenvalues[:2], eigenvalues, samples)
    best = best_effective_beta(eigenvalues[:2], strength * overlap + noise * fresh)
    return np.nan if best is None else best


def noise_estimates(shop: Workshop) -> dict[tuple[int, str], Interval]:
    """Return the noise level by rate and statistic, and by the median, at each P, over the seeds of the sweep."""
    rows: dict[tuple[int, str], Interval] = {}
    for samples in sorted({size for _, curves in shop.measured for size in shop.sizes(curves)}):
        spectra = [_full_spectrum(shop, samples, seed) for seed in shop.seeds(shop.preset.mlp.sweep_seeds)]
        for rate in RATES:
            for statistic in ("mean", "std"):
                rows[samples, f"{statistic} beyond {rate:g}"] = interval(
                    [noise_by_contribution(values, rate, statistic) for values in spectra])
        rows[samples, "median"] = interval(
            [noise_level(_spectrum(values, samples)) for values in spectra])
    return rows


def _best(part: xr.Dataset, values: Floats) -> tuple[Interval, str]:
    """Return where values are least, over the seeds, and whether that is at an end of the grid."""
    betas = np.unique(part["beta"].values)
    places = [_least(np.log(betas), values[part["seed"].values == seed][np.argsort(
        part["beta"].values[part["seed"].values == seed])]) for seed in np.unique(part["seed"].values)]
    found, ends = np.exp(places), np.log(betas[[0, -1]])
    edge = "at or below" if ends[0] in places else "at or above" if ends[1] in places else ""
    # A parabola through three points of the grid is no better than a fraction of its step.
    read = found * np.log(betas[1] / betas[0]) / np.sqrt(12)
    return interval(found, read), edge


def _least(x: Floats, values: Floats) -> float:
    """Return the place of the least value, between points of the grid by a parabola."""
    i = int(np.argmin(values))
    if i in (0, len(x) - 1):
        return float(x[i])
    a, b, _ = np.polyfit(x[i - 1 : i + 2] - x[i], values[i - 1 : i + 2], 2)
    return float(x[i] - b / (2 * a))


@dataclass(frozen=True)
class Carried:
    """The total KL of two latents of a network at one P and β: measured, and by the linear theory on all images."""

    network: str
    samples: int
    beta: float
    measured: Interval
    linear: float


def carried(shop: Workshop, found: xr.Dataset) -> list[Carried]:
    """Return what the latents carry along the sweep."""
    values = shop.material.prepared.eigenvalues[:2]
    return [Carried(network, samples, beta, interval(part["kl"].values.sum(axis=1)),
                    float(np.log(np.maximum(values / beta, 1.0)).sum() / 2))
            for (network, samples, beta), part in _groups(found, "network", "samples", "beta")]
