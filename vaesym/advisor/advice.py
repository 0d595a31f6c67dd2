"""Data and a loss in, advice out: which β collapses which latent, and which β is best."""

from __future__ import annotations

import dataclasses
import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.advisor.best import best_effective_beta
from vaesym.advisor.readers import Loaded, check_matrix, load_data
from vaesym.advisor.scale import LossScale
from vaesym.advisor.spectrum import Spectrum, debias, detection_edge, misfit, noise_level
from vaesym.advisor.decomposition import spectrum_of
from vaesym.inputs import Floats, InputError
from vaesym.theory import model

#: Latents reported when the user names no number.
_DEFAULT_LATENTS = 10
#: Above this distance the bulk of the spectrum is not that of white noise.
_POOR_FIT = 0.1

ASSUMPTIONS = (
    "The theory is that of a linear VAE with learnable posterior variances, trained to its global minimum without "
    "weight decay. Nonlinear networks follow its thresholds approximately: the first to collapse fully does so near "
    "the largest eigenvalue.",
    "The loss is a squared error plus a weighted KL divergence. Binary cross-entropy, perceptual and adversarial "
    "losses are outside the theory.",
    "Collapse thresholds need only the covariance of the data. Noise level, signal strengths and the best β assume "
    "few signals on white noise (a spiked covariance).",
)


@dataclass(frozen=True)
class LatentAdvice:
    """One latent: its eigenvalue, the signal behind it, and when it collapses.

    ``collapse_weight`` is in units of the user's KL weight; ``active`` and ``kl`` (in nats, over the training set)
    are None where no weight was given.
    """

    eigenvalue: float
    signal_strength: float
    overlap: float
    collapse_weight: float
    active: bool | None
    kl: float | None


@dataclass(frozen=True)
class Advice:
    r"""What the theory says about a data set and a loss before training.

    Attributes
    ----------
    name, n_samples, n_features, alpha : the data; α counts samples per varying feature
    notes : what was done to the data
    total_variance : trace of the covariance
    noise, noise_method : η and how it was estimated
    misfit : Kolmogorov–Smirnov distance of the bulk to the Marchenko–Pastur law, 0 for white noise
    bulk_edge, detection_edge, signals : edge of the noise spectrum, 99 % detection level, eigenvalues above it
    loss : the loss in words
    kl_weight, effective_beta : the user's KL weight and the βσ² it means; None if not given
    best_kl_weight : the KL weight that recovers the signals best at this sample size; None without a signal
    latents : advice per latent, largest eigenvalue first
    assumptions : what all of this assumes
    eigenvalues : the spectrum, for the figure
    """

    name: str
    n_samples: int
    n_features: int
    alpha: float
    notes: tuple[str, ...]
    total_variance: float
    noise: float
    noise_method: str
    misfit: float
    bulk_edge: float
    detection_edge: float
    signals: int
    loss: str
    kl_weight: float | None
    effective_beta: float | None
    best_kl_weight: float | None
    latents: tuple[LatentAdvice, ...]
    assumptions: tuple[str, ...]
    eigenvalues: Floats = dataclasses.field(repr=False)

    @property
    def spiked(self) -> bool:
        """Whether the bulk looks like white noise, so that the signal estimates can be trusted."""
        return self.misfit <= _POOR_FIT

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists, without the full spectrum."""
        fields = dataclasses.asdict(dataclasses.replace(self, eigenvalues=np.empty(0)))
        del fields["eigenvalues"]
        return {**fields, "spiked": self.spiked}


def advise(data: Any, *, latents: int | None = None, beta: float | None = None, loss: LossScale | None = None,
           noise: str = "median", center: bool = True, raw: bool = False) -> Advice:
    r"""Predict, before training, how a VAE's latents will behave on a data set.

    Parameters
    ----------
    data : array (samples × features), a path (``.npy``, ``.npz``, ``.csv``, IDX, also gzipped), or the name
        ``"digits"`` or ``"fashion-mnist"``. Arrays are used as they are; uint8 files are scaled to [0, 1]
    latents : number of latents of the model; by default ten, or fewer where the data have fewer dimensions
    beta : the KL weight of the user's loss; by default that of ``loss``, or open if that is not given either
    loss : how the loss reduces its terms; by default ½·sum of squares + β·sum of KL
    noise : "median", or a share of the variance as text; see :func:`vaesym.advisor.noise_level`
    center : subtract the mean, as a decoder with a bias does
    raw : do not scale uint8 files

    Returns
    -------
    Advice

    Raises
    ------
    vaesym.InputError
        Data that cannot be read or hold nothing to learn, more latents than min(P, N), or a bad option.

    Notes
    -----
    A latent collapses at βσ² = Λ_l and has KL ½ ln(Λ_l/(βσ²)) below (arXiv:2510.01621 and the exact solution at
    λ = 0). The best β minimises the summed recovery error over the latents at the debiased signals.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = 3 * rng.normal(size=(500, 1)) * np.eye(20)[0] + rng.normal(size=(500, 20))
    >>> result = advise(X, latents=2, beta=1.0)
    >>> result.signals, [bool(latent.active) for latent in result.latents]
    (1, [True, True])
    """
    weight = beta if beta is not None or loss is None else loss.kl_weight
    return advise_at(data, weight, loss or LossScale(), latents=latents, noise=noise, center=center, raw=raw)


def advise_at(data: Any, weight: float | None, loss: LossScale, *, latents: int | None, noise: str, center: bool,
              raw: bool) -> Advice:
    """Return the advice for a loss whose KL weight is ``weight``, or open if that is None; see :func:`advise`."""
    loaded = _load(data, raw=raw)
    weight = None if weight is None else float(inputs.positive("beta", weight)[()])
    loss = loss if weight is None else dataclasses.replace(loss, kl_weight=weight)
    samples, features = loaded.array.shape
    wanted = min(_DEFAULT_LATENTS, samples, features) if latents is None else inputs.count("latents", latents)
    if wanted > min(samples, features):
        raise InputError(f"latents <= min(samples, features) = {min(samples, features)}", f"{wanted}",
                         "ask for fewer latents, or give more data")
    spectrum = spectrum_of(loaded.array, scaling=loaded.scaling, center=center)
    if spectrum.eigenvalues[0] <= 0:
        raise InputError("data with variance", "a covariance of zero", "check the data: nothing can be learned")
    return _advice(loaded, spectrum, wanted, weight, loss, noise)


def _load(data: Any, *, raw: bool) -> Loaded:
    if isinstance(data, Loaded):
        return data
    if isinstance(data, (str, os.PathLike)):
        return load_data(data, raw=raw)
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise InputError("a matrix of samples x features", "rows of unequal length", "pad or drop rows") from error
    check_matrix(array)
    if array.dtype != np.uint8:
        return Loaded(array.astype(np.float64, copy=False), "array", 1.0)
    return Loaded(array, "array", 1.0, ("uint8 values used as they are, 0 to 255",))


def _advice(loaded: Loaded, spectrum: Spectrum, wanted: int, weight: float | None, loss: LossScale,
            method: str) -> Advice:
    noise = noise_level(spectrum, method)
    edge = detection_edge(spectrum, noise)
    strength, overlap = debias(spectrum.eigenvalues, spectrum.alpha, noise, edge)
    signals = int(np.count_nonzero(strength))
    sizes = {"n_features": loaded.array.shape[1], "n_latents": wanted}
    effective = None if weight is None else float(loss.effective_beta(**sizes, kl_weight=weight))
    best = best_effective_beta(spectrum.eigenvalues[:wanted], (strength * overlap)[:wanted])
    rows: list[LatentAdvice] = []
    for i in range(wanted):
        value = float(spectrum.eigenvalues[i])
        active = None if effective is None else value > effective
        kl = None if effective is None else _kl(value, effective) if active else 0.0
        collapse = float(loss.kl_weight_for(value, **sizes)) if value > 0 else 0.0
        rows.append(LatentAdvice(value, float(strength[i]), float(overlap[i]), collapse, active, kl))
    return Advice(
        name=loaded.name, n_samples=spectrum.n_samples, n_features=loaded.array.shape[1], alpha=spectrum.alpha,
        notes=loaded.notes, total_variance=float(spectrum.eigenvalues.sum()), noise=noise, noise_method=method,
        misfit=misfit(spectrum, noise, signals), bulk_edge=float(model.bulk_edge(spectrum.alpha, noise)),
        detection_edge=edge, signals=signals, loss=loss.describe("β" if weight is None else None), kl_weight=weight,
        effective_beta=effective,
        best_kl_weight=None if best is None else float(loss.kl_weight_for(best, **sizes)),
        latents=tuple(rows), assumptions=ASSUMPTIONS, eigenvalues=spectrum.eigenvalues)


def _kl(eigenvalue: float, beta: float) -> float:
    """Return the mean KL of an active latent over the training set, in nats."""
    ratio = eigenvalue / beta
    # The difference of logarithms never overflows, but loses digits near the threshold.
    return (math.log(ratio) if math.isfinite(ratio) else math.log(eigenvalue) - math.log(beta)) / 2
