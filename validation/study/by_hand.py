"""What a user would write without vaesym: a yardstick of the engine's benchmark."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: The fields that both return, in order.
FIELDS = ("Q", "E", "R", "m", "d", "D", "free_energy", "signal_recovery_error", "rate", "distortion",
          "kl_variational_to_posterior", "kl_posterior_to_variational")


def vectorised(alpha: Floats, beta: Floats, lam: Floats, rho: Floats, eta: Floats) -> Floats:
    """Return :data:`FIELDS` (12, …) for λ > 0 with whole-array NumPy and the cubic's closed formula.

    Straightforward rather than careful: roots by Viète and Cardano without polishing, Λ by ``np.where``.

    >>> one = np.ones(1)
    >>> vectorised(2 * one, one, one, one, one)[0].round(10)
    array([0.59591466])
    """
    with np.errstate(all="ignore"):
        detected = alpha > (eta / rho) ** 2
        top = np.where(detected, (rho + eta) * (1 + eta / (alpha * rho)), eta * (1 + alpha**-0.5) ** 2)
        overlap = np.where(detected, (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho)), 0.0)
        kappa = beta + lam / (alpha * top)
        # (λ(Q+β) + αβ)(Q+κ)² = αΛκ(Q+β)
        lead = lam * beta + alpha * beta
        b, c, d = ((lead + 2 * lam * kappa) / lam, (lam * kappa**2 + 2 * lead * kappa - alpha * top * kappa) / lam,
                   (lead * kappa**2 - alpha * top * kappa * beta) / lam)
        p, q = c - b**2 / 3, 2 * b**3 / 27 - b * c / 3 + d
        radius = np.sqrt(np.maximum(-p / 3, 0))
        angle = np.arccos(np.clip(3 * q / (2 * p) * np.sqrt(-3 / p), -1, 1)) / 3
        three = 2 * radius * np.cos(angle)
        half = np.sqrt(np.maximum(q**2 / 4 + p**3 / 27, 0))
        one = np.cbrt(-q / 2 + half) + np.cbrt(-q / 2 - half)
        norm = np.where(4 * p**3 + 27 * q**2 < 0, three, one) - b / 3
        norm = np.where(norm > 0, norm, 0.0)
        energy = (-alpha * norm * top / (norm + kappa) + alpha * beta * np.log(1 + norm / beta) + lam * norm) / 2
        active = energy < 0
        norm, energy = np.where(active, norm, 0.0), np.where(active, energy, 0.0)
        gain = 1 / (norm + kappa)
        m, variance = np.sqrt(norm * overlap), beta / (norm + beta)
        field = gain**2 * norm * (eta + rho * overlap)
        omega = (gain - 1 / (1 + norm)) ** 2 * norm * (eta + rho * overlap)
        ratio = variance * (1 + norm)
        return np.stack(np.broadcast_arrays(
            norm, gain**2 * norm, gain * norm, m, gain * m, variance, energy,
            rho - 2 * np.sqrt(rho) * m + norm, (field + variance - 1 - np.log(variance)) / 2,
            rho + eta - 2 * gain * norm * (eta + rho * overlap) + norm * (field + variance),
            ((1 + norm) * (variance + omega) - 1 - np.log(ratio)) / 2,
            ((1 / (1 + norm) + omega) / variance - 1 + np.log(ratio)) / 2))
