"""The advice from the spectrum: every number, its interval, and what follows."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.practice.advice import intervals as confidence
from vaesym.practice.advice.decoder import LearnedVariance, learned_variance
from vaesym.practice.advice.intervals import Interval, Method, Spread, around
from vaesym.practice.advice.outlook import best_effective_beta, outlook
from vaesym.practice.advice.recommendation import every, recommend
from vaesym.practice.advice.result import ASSUMPTIONS, Advice, LatentAdvice, white
from vaesym.practice.data.decomposition import Decomposition, Solver
from vaesym.practice.data.readers import Loaded
from vaesym.practice.data.spectrum import debias, detection_edge, misfit, misfit_limit, noise_level
from vaesym.practice.objectives.capacity import free_bits, target_kl
from vaesym.practice.objectives.noise_scale import scaled_kl
from vaesym.practice.scale import LossScale


@dataclass(frozen=True)
class Settings:
    """How the advice is computed; the fields are arguments of :func:`advise`."""

    latents: int | None = None
    noise: str = "median"
    center: bool = True
    raw: bool = False
    intervals: str | None = "bootstrap"
    seed: int = 0
    solver: Solver = "auto"
    target_kl: float | None = None
    free_bits: float | None = None
    noise_scale: float = 1.0
    condition: Any = None
    standardise: bool = False


def assemble(loaded: Loaded, found: Decomposition, latents: int, weight: float | None, loss: LossScale,
             settings: Settings, intervals: Method | None) -> Advice:
    """Return the advice for decomposed data; the arguments are those of :func:`vaesym.advise`, checked."""
    plain, noise_method = settings.noise_scale == 1, settings.noise
    spectrum, features, notes = found.spectrum, loaded.array.shape[1], (*loaded.notes, *found.notes)
    if spectrum.trace is not None and noise_method == "median":
        noise_method = "trace"
        notes += (f"only the top {len(spectrum.eigenvalues)} eigenvalues are known: noise level from the trace",)
    noise = noise_level(spectrum, noise_method)
    edge = detection_edge(spectrum, noise)
    strength, overlap = debias(spectrum.eigenvalues, spectrum.alpha, noise, edge)
    signals = int(np.count_nonzero(strength))
    # No eigenvalue is larger: where its weight is in the range of float64, the others are 0 or in it too.
    largest = float(spectrum.eigenvalues[0])
    unit = float(loss.kl_weight_for(largest, n_features=features, n_latents=latents)) / largest
    effective = None if weight is None else loss.effective_beta(n_features=features, n_latents=latents)
    rows = tuple(_latent(value, unit, effective, settings.noise_scale, *signal) for value, *signal in
                 zip(spectrum.eigenvalues[:latents].tolist(), strength.tolist(), overlap.tolist(), strict=False))
    # Without noise the recovery has no best β: it improves down to zero.
    known = bool(noise) and plain
    best = best_effective_beta(spectrum.eigenvalues[:latents], (strength * overlap)[:latents]) if known else None
    distance = None if spectrum.trace is not None else misfit(spectrum, noise, signals)
    limit = misfit_limit(spectrum, signals)
    learned = _learned(found, latents, features, unit) if plain else None
    thresholds, shown = tuple(row.collapse_weight for row in rows), strength[:latents] * plain
    advice = Advice(
        name=loaded.name, n_samples=len(loaded.array), n_features=features, alpha=spectrum.alpha, notes=notes,
        total_variance=spectrum.total_variance, noise=noise, noise_method=noise_method, misfit=distance,
        misfit_limit=limit,
        bulk_edge=float(formulas.bulk_edge(spectrum.alpha, noise)), detection_edge=edge, signals=signals,
        signals_complete=spectrum.trace is None or signals < len(strength),
        loss=loss.describe("β" if weight is None else None), kl_weight=weight, effective_beta=effective,
        total_kl=None if effective is None else sum(row.kl or 0.0 for row in rows),
        best_kl_weight=None if best is None else best * unit, latents=rows, learned_variance=learned,
        outlook=outlook(spectrum.eigenvalues[:latents], shown, noise, spectrum.alpha, spectrum.n_samples, unit=unit,
                        effective_beta=effective),
        recommendation=recommend(thresholds, None if best is None else best * unit, learned,
                                 signals=int(np.count_nonzero(shown)), spiked=white(distance, limit),
                                 samples=spectrum.n_samples) if plain else every(thresholds),
        solver="full" if spectrum.trace is None else "top", assumptions=ASSUMPTIONS, eigenvalues=spectrum.eigenvalues,
        slope=loss.slope(features), noise_scale=settings.noise_scale,
        **_aimed(spectrum.eigenvalues[:latents], settings, unit))
    if intervals is None:
        return advice
    drawn = confidence.spread(found, noise, strength, intervals, latents=latents, median=noise_method == "median",
                              seed=settings.seed)
    return _with_intervals(advice, drawn, intervals, unit)


def _aimed(eigenvalues: Floats, settings: Settings, unit: float) -> dict[str, Any]:
    """Return the answers about a KL that is aimed at, and free bits, where they were asked for."""
    asked = {"target_kl": target_kl, "free_bits": free_bits}
    return {name: find(eigenvalues, nats, unit=unit) for name, find in asked.items()
            if (nats := getattr(settings, name)) is not None}


def _latent(eigenvalue: float, unit: float, effective: float | None, scale: float, strength: float,
            overlap: float) -> LatentAdvice:
    active = None if effective is None else eigenvalue > effective * scale**2
    kl = None if effective is None else _kl(eigenvalue, effective, scale)
    return LatentAdvice(eigenvalue, strength, overlap, eigenvalue * unit / scale**2, active, kl)


def _kl(eigenvalue: float, beta: float, scale: float) -> float:
    """Return the mean KL of a latent over the training set, in nats: 0 where it is collapsed."""
    if scale != 1:
        return scaled_kl(eigenvalue, beta, scale)
    if eigenvalue <= beta:
        return 0.0
    ratio = eigenvalue / beta
    # The difference of logarithms never overflows, but loses digits near the threshold.
    return (math.log(ratio) if math.isfinite(ratio) else math.log(eigenvalue) - math.log(beta)) / 2


def _learned(found: Decomposition, latents: int, features: int, unit: float) -> LearnedVariance | None:
    try:
        learned = learned_variance(found.spectrum.eigenvalues, latents=latents, n_features=features,
                                   total=found.spectrum.total_variance)
    except InputError:  # no minimum, which is an answer here
        return None
    return dataclasses.replace(learned, kl_weight=learned.variance * unit)


def _with_intervals(advice: Advice, drawn: Spread, method: Method, unit: float) -> Advice:
    strength, overlap = confidence.signal_draws(drawn, advice.alpha, advice.noise, advice.detection_edge)
    rows, here = list[LatentAdvice](), unit / advice.noise_scale**2
    for i, row in enumerate(advice.latents):
        ends = around(row.eigenvalue, float(drawn.eigenvalue_deviations[i]))
        seen = row.signal_strength > 0
        beta, scale = advice.effective_beta, advice.noise_scale
        kl = None if beta is None else (_kl(ends[0], beta, scale), _kl(ends[1], beta, scale))
        rows.append(dataclasses.replace(
            row, eigenvalue_interval=ends, collapse_weight_interval=(ends[0] * here, ends[1] * here), kl_interval=kl,
            signal_strength_interval=confidence.between(strength[:, i]) if seen else None,
            overlap_interval=confidence.between(overlap[:, i]) if seen else None))
    # A latent without a signal is none in all draws: the best β is that for the signals that were found.
    known = np.array([row.signal_strength > 0 for row in rows])
    best = (np.empty(0) if advice.best_kl_weight is None else
            confidence.best_draws(drawn, strength * overlap * known) * unit)
    return dataclasses.replace(
        advice, latents=tuple(rows), intervals=method,
        total_variance_interval=around(advice.total_variance, drawn.total_deviation),
        noise_interval=around(advice.noise, drawn.noise_deviation), total_kl_interval=_total_kl(advice, drawn),
        best_kl_weight_interval=confidence.between(best) if len(best) else None)


def _total_kl(advice: Advice, drawn: Spread) -> Interval | None:
    if advice.effective_beta is None:
        return None
    if advice.noise_scale != 1:
        return confidence.between(np.array([sum(_kl(value, advice.effective_beta, advice.noise_scale) for value in row)
                                            for row in drawn.eigenvalues.tolist()]))
    levels = np.maximum(drawn.eigenvalues, advice.effective_beta)
    # Differences of logarithms, as ratios can overflow.
    return confidence.between((np.log(levels) - math.log(advice.effective_beta)).sum(axis=1) / 2)
