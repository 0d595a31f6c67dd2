"""The β that recovers the signals best."""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats

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
