r"""A decoder whose variance is learned along with it (σ-VAE): where training ends.

The loss of a sample is :math:`\frac N2\ln\sigma^2 + \frac1{2\sigma^2}\|x-\hat x\|^2 + \beta\,\mathrm{KL}`. Given
σ² the rest is the theory at βσ² without weight decay: latent l is active iff Λ_l > βσ², and then leaves βσ² of its
variance unexplained. The slope in σ² at the minimum over the rest is the explicit one, so
:math:`N\sigma^2 = \sum_{l\,\mathrm{inactive}}\Lambda_l + k\beta\sigma^2` with k active latents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError


@dataclass(frozen=True)
class LearnedVariance:
    """The global minimum: σ², how many latents stay active, and the fixed KL weight in the user's loss it equals.

    ``beta`` is the weight of the KL in the loss with σ² learned, 1 for the evidence lower bound.
    """

    beta: float
    variance: float
    active: int
    kl_weight: float | None = None


def learned_variance(eigenvalues: Any, *, latents: int, n_features: int, beta: float = 1.0,
                     total: float | None = None) -> LearnedVariance:
    r"""Return where the training of a linear VAE with learned decoder variance ends.

    Parameters
    ----------
    eigenvalues : Λ_l of the covariance, largest first, at least ``latents`` of them
    latents : of the model, M ≤ N
    n_features : N, over all of which σ² is shared, constant ones too
    beta : weight of the KL, > 0
    total : trace of the covariance, if more eigenvalues exist than are given

    Returns
    -------
    LearnedVariance

    Raises
    ------
    vaesym.InputError
        Arguments outside these domains; a loss without a minimum, as σ² → 0 lowers it without limit. That is so if
        the latents can take up all variance and βM is not above N.

    Notes
    -----
    σ² = (Σ_inactive Λ)/(N − βk), theory section N10. The loss has one stationary σ², as
    :math:`N - \sum_{l\le M}\min(\Lambda_l/\sigma^2, \beta) - \sum_{l>M}\Lambda_l/\sigma^2` rises with σ².
    At β = 1 it is that of probabilistic PCA (Tipping and Bishop 1999): the mean of the N − M smaller eigenvalues.

    Examples
    --------
    >>> learned_variance([5.0, 3.0, 1.2, 0.8], latents=2, n_features=4)
    LearnedVariance(beta=1.0, variance=1.0, active=2, kl_weight=None)
    >>> learned_variance([5.0, 3.0, 1.2, 0.8], latents=2, n_features=4, beta=1.5).active
    1
    """
    values: Floats = inputs.non_negative("eigenvalues", eigenvalues)
    weight = inputs.positive_number("beta", beta)
    features, count = inputs.count("n_features", n_features), inputs.count("latents", latents)
    if values.ndim != 1 or count > min(len(values), features) or (np.diff(values) > 0).any():
        raise InputError("falling eigenvalues, as many as latents at least", f"shape {values.shape}, latents {count}",
                         "sort them, or take fewer latents")
    rest = float(values.sum() if total is None else inputs.non_negative("total", total)[()])
    left = rest - np.concatenate([[0.0], np.cumsum(values[:count])])
    # What is left over of a sum that is used up is rounding.
    left[left <= rest * len(values) * np.finfo(np.float64).eps] = 0.0
    if left[count] == 0 and weight * count <= features:
        raise InputError("data of more dimensions than the latents can take up", f"{count} latents that leave no "
                         "variance", "take fewer latents, or a fixed decoder variance: a learned one goes to zero")
    return next(_candidates(values, left, weight, features, count))


def _candidates(values: Floats, left: Floats, weight: float, features: int, count: int) -> Iterator[LearnedVariance]:
    """Yield the stationary points with the largest number of active latents first; the first is the minimum.

    For a number that is too large, the variance that it implies would collapse the last of these latents.
    """
    for active in range(count, -1, -1):
        share = features - weight * active
        if share > 0 and left[active] > 0:
            variance = float(left[active] / share)
            if active == 0 or values[active - 1] > weight * variance:
                yield LearnedVariance(weight, variance, active)
