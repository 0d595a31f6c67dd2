"""What the studies on images say: thresholds beside predictions, and what the latents carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from vaesym.inputs import Floats
from validation.images.collapse import estimates
from validation.images.groups import groups
from validation.images.intervals import Interval, interval
from validation.images.spectra import signals
from validation.images.studies import Workshop


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
class Carried:
    """What two latents of a network carry at one P and β.

    Attributes
    ----------
    measured : total KL
    linear : that of the linear theory on the same samples, Σ ½ ln(Λ_l/β) over Λ_l > β
    excess : measured minus linear, seed by seed
    active_units, information : number of active units, and the mutual information of image and latents, in nats
    """

    network: str
    samples: int
    beta: float
    measured: Interval
    linear: Interval
    excess: Interval
    active_units: Interval
    information: Interval


def carried(shop: Workshop, found: xr.Dataset) -> list[Carried]:
    """Return what the latents carry along the sweep."""
    rows = []
    for (network, samples, beta), part in groups(found, "network", "samples", "beta"):
        subject, kl = shop.subjects[network], part["kl"].values.sum(axis=1)
        tops = np.array([subject.spectrum(samples, int(seed))[:2] for seed in part["seed"].values])
        linear = np.log(np.maximum(tops / beta, 1.0)).sum(axis=1) / 2
        rows.append(Carried(network, samples, beta, interval(kl), interval(linear), interval(kl - linear),
                            interval(part["active_units"].values), interval(part["mutual_information"].values)))
    return rows
