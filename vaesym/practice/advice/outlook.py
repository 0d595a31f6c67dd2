"""What more data would buy: overlaps, the best β, the recovery error and the weakest signal that shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas

#: Far more steps than any root has needed; each brings the gap to an eigenvalue up to three times nearer.
_STEPS = 200


def best_effective_beta(eigenvalues: Floats, recoverable: Floats) -> float | None:
    r"""Return the βσ² that minimises the recovery error :math:`\sum_l (\sqrt{Q_l} - \sqrt{\rho_l o_l})^2` at λ = 0.

    Parameters
    ----------
    eigenvalues : Λ_l of the latents, largest first
    recoverable : ρ_l o_l of the latents, 0 where no signal was detected

    Returns
    -------
    float or None
        With one latent Λ − ρo exactly; None where no signal was detected.

    >>> round(best_effective_beta(np.array([2.5]), np.array([0.6])), 9)
    1.9
    """
    best = float(best_effective_betas(eigenvalues[None], recoverable[None])[0])
    return None if np.isnan(best) else best


def best_effective_betas(eigenvalues: Floats, recoverable: Floats) -> Floats:
    """Return :func:`best_effective_beta` of every row; NaN where no signal was detected.

    >>> best_effective_betas(np.array([[2.5, 1.0], [2.5, 1.0]]), np.array([[0.6, 0.0], [0.0, 0.0]])).round(9)
    array([1.9, nan])
    """
    found = np.full(len(eigenvalues), np.nan)
    signal = (recoverable > 0).any(axis=1)
    # In units of the largest eigenvalue, so that no power of a variance leaves float64.
    unit = eigenvalues[signal, :1]
    values, targets = eigenvalues[signal] / unit, np.sqrt(recoverable[signal] / unit)
    borders = np.append(values, np.zeros_like(unit), axis=1)
    best, least = np.zeros(len(values)), np.full(len(values), np.inf)
    for k in range(1, borders.shape[1]):
        beta = _least(values[:, :k], targets[:, :k], borders[:, k])
        excess = ((np.sqrt(np.maximum(values - beta[:, None], 0.0)) - targets) ** 2).sum(axis=1)
        better = (borders[:, k] < borders[:, k - 1]) & (excess < least)
        best, least = np.where(better, beta, best), np.where(better, excess, least)
    found[signal] = unit[:, 0] * best
    return found


def _least(values: Floats, targets: Floats, low: Floats) -> Floats:
    """Return the least point between ``low`` and the last eigenvalue, where all are active and the error is convex."""
    count = values.shape[1]
    # From here on the last latent alone outweighs the others, if it has a signal.
    found = np.minimum(np.nextafter(values[:, -1], 0.0), values[:, -1] - (targets[:, -1] / count) ** 2)
    going = np.flatnonzero((found > low) & (targets > 0).any(axis=1))
    # The slope is increasing and convex: Newton's steps from its positive side descend to its root without a bracket.
    for _ in range(_STEPS):
        levels = values[going] - found[going, None]
        terms = targets[going] / np.sqrt(levels)
        lower = found[going] - 2 * (terms.sum(axis=1) - count) / (terms / levels).sum(axis=1)
        falls = lower < found[going]
        going = going[falls]
        found[going] = lower[falls]
        going = going[found[going] > low[going]]
        if not len(going):
            break
    return np.maximum(found, low)


#: Multiples of the samples at hand.
FACTORS = (1.0, 2.0, 10.0, np.inf)


@dataclass(frozen=True)
class Outlook:
    """Predictions for a multiple of the samples; ``factor`` and ``n_samples`` are None for unlimited data.

    Attributes
    ----------
    overlaps : squared overlap of the latents with the detected signals, strongest first
    best_kl_weight, recovery_error : the KL weight with the least recovery error, and that error over the variance of
        these signals: 1 where nothing is recovered, 0 where all is; None without a signal. Without noise the error goes
        to 0 with the KL weight, and the best one is None
    recovery_error_at_weight : the same at the user's KL weight, if given
    detectable : strength ρ above which a signal shows, η/√α (Baik, Ben Arous and Péché 2005)
    """

    factor: float | None
    n_samples: int | None
    overlaps: tuple[float, ...]
    best_kl_weight: float | None
    recovery_error: float | None
    recovery_error_at_weight: float | None
    detectable: float


def outlook(eigenvalues: Floats, strength: Floats, noise: float, alpha: float, n_samples: int, *, unit: float,
            effective_beta: float | None) -> tuple[Outlook, ...]:
    r"""Return the predictions of the spiked theory for 1, 2, 10 times the samples and unlimited data.

    Parameters
    ----------
    eigenvalues, strength : Λ_l and debiased ρ_l of the latents, the latter 0 where no signal was detected
    noise, alpha, n_samples : η, P/N, P
    unit : KL weight in the user's loss that means βσ² = 1
    effective_beta : the user's βσ², if any

    Notes
    -----
    The error is :math:`\sum_l(\sqrt{Q_l}-\sqrt{\rho_l o_l})^2 + \rho_l(1-o_l)` at Q_l = max(Λ_l − βσ², 0), over the
    sum of ρ_l. With more samples latents without a detected signal sit on the edge of the noise. Signals that are too
    weak to be detected now are unknown, and left out.

    >>> now, twice, _, ever = outlook(np.array([2.5]), np.array([1.0]), 1.0, 4.0, 400, unit=1.0, effective_beta=None)
    >>> round(now.recovery_error, 6), round(twice.recovery_error, 6), ever.recovery_error
    (0.4, 0.222222, 0.0)
    >>> now.detectable, ever.detectable
    (0.5, 0.0)
    """
    if not noise:
        return tuple(_noiseless(factor, eigenvalues, n_samples, effective_beta) for factor in FACTORS)
    return tuple(_at(factor, eigenvalues, strength, noise, alpha, n_samples, unit, effective_beta)
                 for factor in FACTORS)


def _noiseless(factor: float, eigenvalues: Floats, n_samples: int, beta: float | None) -> Outlook:
    values = eigenvalues[eigenvalues > 0]
    limited = np.isfinite(factor)
    left = None if beta is None else float(((np.sqrt(np.maximum(values - beta, 0)) - np.sqrt(values)) ** 2).sum())
    return Outlook(float(factor) if limited else None, round(factor * n_samples) if limited else None,
                   (1.0,) * len(values), None, 0.0, None if left is None else left / float(values.sum()), 0.0)


def _at(factor: float, eigenvalues: Floats, strength: Floats, noise: float, alpha: float, n_samples: int, unit: float,
        effective_beta: float | None) -> Outlook:
    samples, seen = np.float64(factor * alpha), strength > 0
    # In units of the noise, so that no power of a variance leaves float64.
    found = strength[seen] / noise
    outliers, overlap, deficit = formulas.top_eigenvalue(np.full(found.shape, samples), found, np.ones(found.shape))
    values = eigenvalues / noise
    if factor > 1:
        values = np.full(strength.shape, float(formulas.bulk_edge(samples, 1.0)))
        values[seen] = outliers
    targets = np.zeros(strength.shape)
    targets[seen] = found * overlap

    def error(beta: float | None) -> float | None:
        if beta is None or not len(found):
            return None
        norms = np.sqrt(np.maximum(values - beta, 0.0))
        return float((((norms - np.sqrt(targets)) ** 2).sum() + (found * deficit).sum()) / found.sum())

    best = best_effective_beta(values, targets)
    limited = np.isfinite(factor)
    return Outlook(float(factor) if limited else None, round(factor * n_samples) if limited else None,
                   tuple(overlap.tolist()), None if best is None else best * noise * unit, error(best),
                   error(None if effective_beta is None else effective_beta / noise),
                   noise / float(np.sqrt(samples)))
