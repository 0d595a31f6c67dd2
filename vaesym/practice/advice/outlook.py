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

    Examples
    --------
    >>> round(best_effective_beta(np.array([2.5]), np.array([0.6])), 9)
    1.9
    """
    if not (recoverable > 0).any():
        return None
    # In units of the largest eigenvalue, so that no power of a variance leaves float64.
    unit = float(eigenvalues[0])
    values, targets = eigenvalues / unit, np.sqrt(recoverable / unit)
    borders = np.append(values, 0.0)
    found = [_least(values[:k], targets[:k], float(borders[k])) for k in range(1, len(borders))
             if borders[k] < borders[k - 1]]

    def excess(beta: float) -> float:
        return float(((np.sqrt(np.maximum(values - beta, 0.0)) - targets) ** 2).sum())

    return unit * min(found, key=excess)


def _least(values: Floats, targets: Floats, low: float) -> float:
    """Return the least point between ``low`` and the last eigenvalue, where all are active and the error is convex."""
    signals, count = targets > 0, len(values)
    levels, weights = values[signals], targets[signals]
    # From here on the last latent alone outweighs the others, if it has a signal.
    beta = min(float(np.nextafter(values[-1], 0.0)), float(values[-1] - (targets[-1] / count) ** 2))
    # The slope is increasing and convex: Newton's steps from its positive side descend to its root without a bracket.
    for _ in range(_STEPS):
        if beta <= low or not len(levels):
            break
        terms = weights / np.sqrt(levels - beta)
        lower = beta - float(2 * (terms.sum() - count) / (terms / (levels - beta)).sum())
        if lower >= beta:
            break
        beta = lower
    return max(beta, low)


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

    Examples
    --------
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
