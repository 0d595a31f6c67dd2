"""What the studies say: thresholds beside predictions, the best β, the noise level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from vaesym.inputs import Floats, InputError
from vaesym.practice import learned_variance
from vaesym.practice.advice.outlook import best_effective_beta
from vaesym.practice.data.spectrum import Spectrum, debias, detection_edge, noise_level
from validation.images.collapse import estimates
from validation.images.studies import Workshop, local_spectrum
from validation.study.statistics import Interval, interval

HOLDS, FAILS, OPEN = "holds", "does not hold", "undecided"

#: The predictions of a further latent's threshold by name, with what they say.
NEXT = {"linear": "Λ₂ of the linear theory", "constant": "residual covariance (b constant)",
        "conditional": "Λ*(A), b free", "held_out": "Λ*(A), b judged on unseen samples",
        "own": "this network's own stability (b, a in its span)"}
#: Relative deviation from a prediction within which a threshold is to be found.
ALLOWED = 0.05


def groups(found: xr.Dataset, *names: str) -> Iterator[tuple[tuple[Any, ...], xr.Dataset]]:
    """Yield the values of some labels, in the order in which they appear, and the runs that have them.

    >>> runs = xr.Dataset({"samples": ("run", [10, 20, 10]), "loss": ("run", [1.0, 2.0, 3.0])})
    >>> [(key, part["loss"].values.tolist()) for key, part in groups(runs, "samples")]
    [((10,), [1.0, 3.0]), ((20,), [2.0])]
    """
    keys = list(zip(*(found[name].values.tolist() for name in names), strict=True))
    for key in dict.fromkeys(keys):
        yield key, found.isel(run=[i for i, one in enumerate(keys) if one == key])


def spectrum_without_zeros(eigenvalues: Floats, samples: int) -> Spectrum:
    """Return a spectrum without the zeros that fewer samples than dimensions bring."""
    return Spectrum(eigenvalues[: min(samples, len(eigenvalues))], samples, len(eigenvalues))


def signals(chosen: Floats, eigenvalues: Floats, samples: int) -> tuple[Floats, Floats, float]:
    """Return debiased strengths and overlaps of chosen eigenvalues, and the noise level of all."""
    spectrum = spectrum_without_zeros(eigenvalues, samples)
    noise = noise_level(spectrum)
    return *debias(chosen, spectrum.alpha, noise, detection_edge(spectrum, noise)), noise


def noise_by_contribution(eigenvalues: Floats, rate: float, statistic: str = "mean") -> float:
    r"""Return the noise level from the bulk: the eigenvalues beyond a cumulative contribution rate.

    Parameters
    ----------
    eigenvalues : of the covariance, all N of them, zeros included, ≥ 0, in any order
    rate : share of the variance, in (0, 1), for which the leading components are kept
    statistic : "mean" of the bulk eigenvalues, the maximum-likelihood η of probabilistic PCA, or "std", their standard
        deviation, which fits the words of [IH]

    Raises :class:`vaesym.InputError` for a rate that leaves no bulk.

    Source: [IH, section 6.5 and appendix D.1]. The components that are kept are the fewest whose share exceeds the
    rate, as in scikit-learn's PCA.

    >>> noise_by_contribution([8.0, 1.5, 0.5], 0.7), noise_by_contribution([8.0, 1.5, 0.5], 0.7, "std")
    (1.0, 0.5)
    """
    spectrum = np.sort(eigenvalues)[::-1]
    total = np.cumsum(spectrum)
    bulk = spectrum[int(np.searchsorted(total, rate * total[-1], side="right")) + 1 :]
    if not len(bulk):
        raise InputError("a rate that leaves a bulk", f"{rate}, for which all {len(spectrum)} components are kept",
                         "lower the rate")
    return float({"mean": np.mean, "std": np.std}[statistic](bulk))


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
    for (network, samples, rank, start), part in groups(found, "network", "samples", "rank", "start"):
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


def _population(eigenvalues: Floats, samples: int, rank: int) -> float:
    strength, _, noise = signals(eigenvalues[rank - 1 : rank], eigenvalues, samples)
    return float(strength[0] + noise) if strength[0] > 0 else np.nan


@dataclass(frozen=True)
class Crossing:
    """The β that a prediction says, over the seeds: 0 for those where it lies below the grid, infinity for above.

    ``low`` and ``high`` are the ends of the grid.
    """

    places: tuple[float, ...]
    low: float
    high: float

    @property
    def interval(self) -> Interval:
        """The mean over the seeds; seeds off the grid are missing."""
        places = np.array(self.places)
        return interval(np.where((places > 0) & np.isfinite(places), places, np.nan))

    @property
    def side(self) -> float | None:
        """0 or infinity if all seeds lie on that side of the grid, else None."""
        first = self.places[0]
        off = first == 0 or np.isinf(first)
        return first if off and all(place == first for place in self.places) else None

    def __str__(self) -> str:
        if self.side is not None:
            return f"below {self.low:.3g}" if self.side == 0 else f"above {self.high:.3g}"
        return str(self.interval)


def crossings(shop: Workshop, found: xr.Dataset) -> dict[str, Crossing]:
    """Return where each prediction equals β; predictions that the networks do not have are left out."""
    second = float(shop.material.prepared.eigenvalues[1])
    rows: dict[str, list[float]] = {name: [] for name in NEXT}
    ends = float(found["beta"].min()), float(found["beta"].max())
    for _, part in groups(found, "seed"):
        ordered = part.sortby("beta")
        betas = ordered["beta"].values
        for name, places in rows.items():
            # Linear theory does not depend on the network: its place is known wherever the grid ends.
            places.append(second if name == "linear" else crossing(betas, ordered[name].values))
    return {name: Crossing(tuple(places), *ends) for name, places in rows.items() if not np.isnan(places).any()}


def crossing(betas: Floats, values: Floats) -> float:
    """Return the least β at which a prediction is no longer above β, between points of the grid on logarithmic scales.

    0 if it is below at the first point, infinity if it is above at the last, NaN for values that are not there.

    >>> float(round(crossing(np.array([8.0, 10.0, 14.0]), np.array([11.0, 11.0, 11.0])), 6))
    11.0
    """
    if np.isnan(values).any():
        return np.nan
    x, gap = np.log(betas), np.log(np.maximum(values, np.finfo(float).tiny) / betas)
    below = np.flatnonzero(gap <= 0)
    if not len(below):
        return np.inf
    i = int(below[0])
    if i == 0:
        return 0.0
    return float(np.exp(x[i - 1] + (x[i] - x[i - 1]) * gap[i - 1] / (gap[i - 1] - gap[i])))


#: Rates at which the noise level is estimated.
RATES = (0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Best:
    """The β at which a measure of a network is best at one P: measured, and what the linear theory says.

    The prediction beside the distance of features is that for the recovery of the signals, as in [IH]. ``edge`` says so
    where the grid of β ends before the best for some seeds.
    """

    network: str
    measure: str
    samples: int
    measured: Interval
    predicted: Interval
    edge: str = ""

    @property
    def words(self) -> str:
        """The measured value in words."""
        return self.edge or str(self.measured)


def fresh_elbo(part: xr.Dataset, pixels: int) -> Floats:
    """Return the evidence bound on fresh images at σ² = β, in nats.

    There the loss is −β times it, up to β(N/2) ln 2πβ, which the networks do not see.
    """
    beta = part["beta"].values
    distortion = pixels / 2 * np.log(2 * np.pi * beta) + part["test_squared_error"].values / (2 * beta)
    return -distortion - part["test_rate"].values


def best_betas(shop: Workshop, found: xr.Dataset) -> list[Best]:
    """Return the best β by each measure, for each network at each P."""
    pixels, rows = len(shop.material.prepared.mean), []
    measures = [name for name in ("pixel_frechet", "feature_frechet") if name in found]
    for (network, samples), part in groups(found, "network", "samples"):
        seeds = sorted(set(part["seed"].values.tolist()))
        spectra = [local_spectrum(shop.pixels, samples, seed) for seed in seeds]
        for measure in (*measures, "test_elbo"):
            values = -fresh_elbo(part, pixels) if measure == "test_elbo" else part[measure].values
            measured, edge = _best(part, values)
            rows.append(Best(network, measure, samples, measured, _predicted(measure, spectra, samples), edge))
    return rows


def _predicted(measure: str, spectra: list[Floats], samples: int) -> Interval:
    if measure == "test_elbo":
        # With unlimited data that is the decoder variance which a σ-VAE learns; here, that of the samples.
        return interval([learned_variance(values, latents=2, n_features=len(values)).variance for values in spectra])
    return interval([_spiked(values, samples, fresh=measure == "pixel_frechet") for values in spectra])


def _spiked(eigenvalues: Floats, samples: int, *, fresh: bool) -> float:
    """Return the best β of two latents by the spiked model: for recovery, or for the law of the mean images.

    The squared Fréchet distance of W z, W along sample directions v_l of length √Q_l, to fresh data is a constant plus
    Σ (√Q_l − √c_l)² with c_l = v_lᵀCv_l = η + ρ_l o_l; the recovery error is that with c_l = ρ_l o_l.
    """
    strength, overlap, noise = signals(eigenvalues[:2], eigenvalues, samples)
    best = best_effective_beta(eigenvalues[:2], strength * overlap + noise * fresh)
    return np.nan if best is None else best


def _best(part: xr.Dataset, values: Floats) -> tuple[Interval, str]:
    """Return where values are least, over the seeds, and in words where that is an end of the grid."""
    betas = np.unique(part["beta"].values)
    x, places = np.log(betas), []
    for seed in np.unique(part["seed"].values):
        own = part["seed"].values == seed
        places.append(_least(x, values[own][np.argsort(part["beta"].values[own])]))
    found, low, high = np.exp(places), places.count(x[0]), places.count(x[-1])
    # A parabola through three points of the grid is no better than a fraction of its step.
    read = found * (x[1] - x[0]) / np.sqrt(12)
    if low == len(places):
        return interval(found, read), f"at or below {betas[0]:.3g}"
    if high == len(places):
        return interval(found, read), f"at or above {betas[-1]:.3g}"
    measured = interval(found, read)
    return measured, f"{measured}, {low + high} of {len(places)} seeds at an end of the grid" if low + high else ""


def _least(x: Floats, values: Floats) -> float:
    """Return the place of the least value, between points of the grid by a parabola."""
    i = int(np.argmin(values))
    if i in (0, len(x) - 1):
        return float(x[i])
    a, b, _ = np.polyfit(x[i - 1 : i + 2] - x[i], values[i - 1 : i + 2], 2)
    return float(x[i] - b / (2 * a))


def noise_estimates(shop: Workshop) -> dict[tuple[int, str], Interval]:
    """Return the noise level by rate and statistic, and by the median, at each P, over the seeds of the sweep."""
    rows: dict[tuple[int, str], Interval] = {}
    for samples in sorted({size for _, curves in shop.measured for size in shop.sizes(curves)}):
        spectra = [local_spectrum(shop.pixels, samples, seed) for seed in shop.seeds(shop.preset.mlp.sweep_seeds)]
        for rate in RATES:
            for statistic in ("mean", "std"):
                rows[samples, f"{statistic} beyond {rate:g}"] = interval(
                    [noise_by_contribution(values, rate, statistic) for values in spectra])
        rows[samples, "median"] = interval([noise_level(spectrum_without_zeros(values, samples)) for values in spectra])
    return rows
