"""The best β of trained networks by each measure, beside what the linear theory says, and the noise level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from vaesym.inputs import Floats
from vaesym.practice import learned_variance
from vaesym.practice.advice.best import best_effective_beta
from vaesym.practice.data.spectrum import noise_level
from validation.images.groups import groups
from validation.images.intervals import Interval, interval
from validation.images.metrics import evidence_bound
from validation.images.noise import noise_by_contribution
from validation.images.spectra import signals, spectrum_without_zeros
from validation.images.studies import Workshop
from validation.images.subjects import local_spectrum

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
    runs = zip(part["test_squared_error"].values, part["test_rate"].values, part["beta"].values, strict=True)
    return np.array([evidence_bound([error], [[rate]], features=pixels, variance=beta).elbo
                     for error, rate, beta in runs])


def best_betas(shop: Workshop, found: xr.Dataset) -> list[Best]:
    """Return the best β by each measure, for each network at each P."""
    pixels, rows = len(shop.material.prepared.mean), []
    measures = [name for name in ("pixel_frechet", "feature_frechet") if name in found]
    for (network, samples), part in groups(found, "network", "samples"):
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
        spectra = [_full_spectrum(shop, samples, seed) for seed in shop.seeds(shop.preset.mlp.sweep_seeds)]
        for rate in RATES:
            for statistic in ("mean", "std"):
                rows[samples, f"{statistic} beyond {rate:g}"] = interval(
                    [noise_by_contribution(values, rate, statistic) for values in spectra])
        rows[samples, "median"] = interval([noise_level(spectrum_without_zeros(values, samples)) for values in spectra])
    return rows
