"""The β that recovers the signals best."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from vaesym.inputs import Floats


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

    def slope(beta: float) -> float:
        return float((targets[signals] / np.sqrt(values[signals] - beta)).sum()) - count

    # From here on the last latent alone outweighs the others, if it has a signal.
    high = min(float(np.nextafter(values[-1], 0.0)), float(values[-1] - (targets[-1] / count) ** 2))
    if high <= low or slope(low) >= 0:
        return low
    if slope(high) <= 0:
        return high
    root: Any = brentq(slope, low, high, xtol=1e-300)
    return float(root)
