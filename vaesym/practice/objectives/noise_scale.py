r"""Scaled sampling noise, z = μ + s·σ·ε, with the KL of the unscaled σ: where latents collapse and what they carry.

In the loss of the linear VAE the noise costs s²QD in place of QD, so that D = β/(s²Q + β), and a latent minimises

.. math:: \Phi(Q) = -\frac{Q\Lambda}{2(Q+\beta)} + \frac\beta2 \ln(1 + s^2 Q/\beta).

Near Q = 0 it is (Q/2)(s² − Λ/β): collapse is unstable iff Λ > s²β. The stationary Q solve
:math:`s^2Q^2 + (2\beta - \Lambda)s^2 Q + s^2\beta^2 - \Lambda\beta = 0`. For Λ ≤ s²β both roots are positive only if
Λ > 2β as well, which needs s² > 2: up to s = √2 the transition is continuous and the threshold s²β the whole truth.
"""

from __future__ import annotations

import math
from typing import Any

from vaesym.inputs import InputError, positive_number

#: Beyond it latents switch by a jump, and may live above the threshold.
LARGEST = math.sqrt(2)


def check_noise_scale(scale: Any) -> float:
    """Return s, a number in (0, √2].

    Raises :class:`vaesym.InputError`: another one.

    >>> check_noise_scale(0.5)
    0.5
    """
    value = positive_number("noise_scale", scale)
    if value > LARGEST * (1 + 1e-12):
        raise InputError("noise_scale <= 1.414, the square root of 2", f"{value:g}",
                         "choose a smaller one: beyond it latents switch by a jump, not at their threshold")
    return value


def scaled_kl(eigenvalue: float, beta: float, scale: float) -> float:
    """Return the mean KL of a latent over the training set, in nats, at βσ² = ``beta``; 0 where it is collapsed.

    Source: new, the notes of this module; KL = ½(Λ/(Q+β)² Q + D − 1 − ln D). At s = 1 it is ½ ln(Λ/β).

    >>> scaled_kl(4.0, 1.0, 1.0) == math.log(4) / 2, round(scaled_kl(4.0, 1.0, 0.5), 4)
    (True, 0.4055)
    """
    square = scale * scale
    if eigenvalue <= square * beta:
        return 0.0
    # In units of β.
    value = eigenvalue / beta
    half = value / 2 - 1
    norm = half + math.sqrt(half * half - 1 + value / square)
    variance = 1 / (1 + square * norm)
    return (norm * value / (norm + 1) ** 2 + variance - 1 - math.log(variance)) / 2
