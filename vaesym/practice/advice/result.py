"""What an advice holds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.output import Reported
from vaesym.practice.advice.decoder import LearnedVariance
from vaesym.practice.advice.intervals import Interval
from vaesym.practice.advice.outlook import Outlook
from vaesym.practice.advice.recommendation import Recommendation
from vaesym.practice.objectives.capacity import FreeBits, TargetKl

if TYPE_CHECKING:
    from rich.console import Console

ASSUMPTIONS = (
    "The theory is that of a linear VAE with learnable posterior variances, trained to its global minimum without "
    "weight decay. A nonlinear network follows its largest threshold, but its count of active latents is another. "
    "Of MLPs with 20 latents on three data sets it was right at 0.4 times the largest eigenvalue; below, those of the "
    "lowest loss used as many latents or up to eight fewer. vaesym scan DATA --latents M trains yours.",
    "The loss is a squared error plus a weighted KL divergence. Binary cross-entropy and other likelihoods collapse "
    "fully elsewhere (see collapse_thresholds, or --likelihood); perceptual and adversarial losses are outside the "
    "theory.",
    "Collapse thresholds need only the covariance of the data. Noise level, signal strengths and the best β assume "
    "few signals on white noise (a spiked covariance).",
)


@dataclass(frozen=True)
class LatentAdvice:
    """One latent: its eigenvalue, the signal behind it, and when it collapses.

    ``collapse_weight`` is in units of the user's KL weight; ``active`` and ``kl`` (in nats, over the training set)
    are None where no weight was given. The 95 % intervals, (low, high), are None where none were asked for, and those
    of ``signal_strength`` and ``overlap`` also where no signal was detected.
    """

    eigenvalue: float
    signal_strength: float
    overlap: float
    collapse_weight: float
    active: bool | None
    kl: float | None
    eigenvalue_interval: Interval | None = None
    signal_strength_interval: Interval | None = None
    overlap_interval: Interval | None = None
    collapse_weight_interval: Interval | None = None
    kl_interval: Interval | None = None


@dataclass(frozen=True, repr=False)
class Advice(Reported):
    r"""What the theory says about a data set and a loss before training.

    Attributes
    ----------
    name, n_samples, n_features, alpha : the data; α counts samples per varying feature
    notes : what was done to the data
    total_variance : trace of the covariance
    noise, noise_method : η and how it was estimated
    misfit : Kolmogorov–Smirnov distance of the bulk to the Marchenko–Pastur law, 0 for white noise; None where only the
        top of the spectrum is known
    misfit_limit : the distance that white noise hardly ever exceeds; the fewer features, the larger
    bulk_edge, detection_edge, signals : edge of the noise spectrum, 99 % detection level, eigenvalues above it
    signals_complete : whether all eigenvalues that may lie above it are known
    loss : the loss in words
    kl_weight, effective_beta : the user's KL weight and the βσ² it means; None if not given
    total_kl : mean KL of all latents at it, in nats, over the training set
    best_kl_weight : the KL weight that recovers the signals best at this sample size; None without a signal, or without
        noise, where the recovery improves down to β = 0
    latents : advice per latent, largest eigenvalue first
    intervals : how the intervals were found, "bootstrap" or "spiked"; None without them
    ..._interval : where another data set of this kind and size would put the number, 95 %, as (low, high)
    learned_variance : where training ends with a learned decoder variance and β = 1; None where it has no minimum
    outlook : what 1, 2, 10 times the samples and unlimited data would give
    recommendation : the β to take, why, and the alternatives
    solver : "full" or "top", how the eigenvalues were found
    assumptions : what all of this assumes
    eigenvalues : the spectrum, or its top, for the figure
    slope : gradient of the user's loss over that of ½S + βσ²K
    noise_scale : s of the sampling z = μ + s·σ·ε; with another than 1 the best β is not known
    target_kl, free_bits : the answers to a KL that is aimed at, and to free bits; None if not asked for. All else, such
        as ``active`` and ``kl`` of the latents, is of the loss without them
    """

    name: str
    n_samples: int
    n_features: int
    alpha: float
    notes: tuple[str, ...]
    total_variance: float
    noise: float
    noise_method: str
    misfit: float | None
    misfit_limit: float
    bulk_edge: float
    detection_edge: float
    signals: int
    signals_complete: bool
    loss: str
    kl_weight: float | None
    effective_beta: float | None
    total_kl: float | None
    best_kl_weight: float | None
    latents: tuple[LatentAdvice, ...]
    learned_variance: LearnedVariance | None
    outlook: tuple[Outlook, ...]
    recommendation: Recommendation
    solver: str
    assumptions: tuple[str, ...]
    eigenvalues: Floats = dataclasses.field(repr=False)
    intervals: str | None = None
    total_variance_interval: Interval | None = None
    noise_interval: Interval | None = None
    total_kl_interval: Interval | None = None
    best_kl_weight_interval: Interval | None = None
    slope: float = 1.0
    noise_scale: float = 1.0
    target_kl: TargetKl | None = None
    free_bits: FreeBits | None = None

    @property
    def spiked(self) -> bool:
        """Whether the bulk looks like white noise, so that the signal estimates can be trusted."""
        return white(self.misfit, self.misfit_limit)

    @property
    def collapsed(self) -> int | None:
        """How many latents collapse at the user's KL weight, none with free bits; None if not given."""
        if self.kl_weight is None:
            return None
        return 0 if self.free_bits is not None else sum(not latent.active for latent in self.latents)

    def __repr__(self) -> str:
        return (f"<Advice on {self.name}: {self.n_samples:,} samples x {self.n_features:,} features, "
                f"{len(self.latents)} latents, signals: {self.signals:,}>")

    def _report(self, out: Console) -> None:
        from vaesym.practice.advice.report import report

        report(self, out)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists, without the full spectrum."""
        fields = dataclasses.asdict(dataclasses.replace(self, eigenvalues=np.empty(0)))
        del fields["eigenvalues"]
        return {**fields, "spiked": self.spiked, "collapsed": self.collapsed}


def white(misfit: float | None, limit: float) -> bool:
    """Return whether a bulk at this distance from the Marchenko–Pastur law counts as white noise."""
    return misfit is not None and misfit <= limit
