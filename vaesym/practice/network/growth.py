r"""How fast a latent grows out of collapse under gradient descent, and how long one must wait for it.

Near collapse decoder and encoder of a latent of eigenvalue Λ obey, for the loss ½S + βK of one sample (theory, section
9: w' = Λv − w, v' = Λw − βΛv), so that they grow as e^{rt}, t the learning rate times the number of steps, with

.. math:: r = \tfrac12\Big(\sqrt{(1-\beta\Lambda)^2 + 4\Lambda^2} - (1 + \beta\Lambda)\Big),

positive iff Λ > β and vanishing there as (Λ − β)Λ/(1 + Λ²): critical slowing down. The information that a latent
carries grows as the square, e^{2rt}.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats


def growth_rate(eigenvalues: Any, beta: Any) -> Floats:
    """Return r for each eigenvalue, at βσ² = ``beta``; negative where latents stay collapsed.

    Source: theory, sections 9a and 9b, linearised at the collapsed state; [IH2] arXiv:2310.15440.

    >>> growth_rate([2.0, 1.0, 0.5], 1.0).round(4)
    array([ 0.5616,  0.    , -0.191 ])
    """
    values, weight = inputs.non_negative("eigenvalues", eigenvalues), inputs.positive("beta", beta)
    product = weight * values
    root = np.hypot(1 - product, 2 * values)
    # The difference of squares, (1 − βΛ)² + 4Λ² − (1 + βΛ)² = 4Λ(Λ − β): no digits are lost near the threshold.
    return 2 * values * (values - weight) / (root + 1 + product)


def waiting_steps(eigenvalue: float, beta: float, *, learning_rate: float, start: float, end: float) -> float:
    """Return how many steps of gradient descent a latent needs from one information, in nats, to another.

    Infinite where it does not grow. ``learning_rate`` is that of the loss ½S + βK, averaged over the samples.

    >>> round(waiting_steps(2.0, 1.0, learning_rate=0.01, start=1e-4, end=0.05))
    553
    >>> waiting_steps(1.0, 1.0, learning_rate=0.01, start=1e-4, end=0.05)
    inf
    """
    rate = float(growth_rate(eigenvalue, beta)[()])
    if rate <= 0:
        return float("inf")
    return max(0.0, float(np.log(end / max(start, np.finfo(np.float64).tiny)))) / (2 * rate * learning_rate)
