"""The linear theory beside a scan: what the best linear VAE does at each β, from the eigenvalues of the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import optimize

from vaesym.inputs import Floats
from vaesym.practice.data.decomposition import decompose
from vaesym.practice.data.matrix import Array
from vaesym.practice.next_latent import ACTIVE
from vaesym.practice.objectives.condition import eigenvalues_within
from vaesym.practice.scan.observations import Observation, told_information, told_weights, whitened

#: The default range of β: beyond full collapse by this factor, below the last latent's threshold by that one, over a
#: ratio of at least and at most these.
_ABOVE, _BELOW, _LEAST, _MOST = 1.3, 1.5, 30.0, 1000.0
#: Share of the largest threshold below which one is rounding, in float32 as the networks hold the data.
_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class Linear:
    r"""Thresholds of the latents and the total variance of the data, in units in which the decoder's variance is 1.

    At β the latent of threshold Λ_l has

    .. math:: \mathrm{KL}_l = \tfrac12\ln(\Lambda_l/\beta)_+,\quad
              E\|x-\hat x\|^2 = \sum_l\min(\Lambda_l,\beta) + \text{the variance beyond the latents}.

    Of labels ``labelled`` (C, M) are the thresholds that each has for itself, and ``shares`` (C,) are those of the
    samples. A latent that adds to what a label explains wakes below the first of ``thresholds``, the eigenvalues of
    the mean of the covariances within labels. But networks in which label and latents interact can use it for one
    label alone: given c the loss is that of a VAE of the samples of c, so that full collapse is unstable below the
    largest of ``labelled``, and stable above. ``last`` is the β from which on nothing is better than full collapse, 0
    where that is not known; see :func:`vaesym.practice.network.beyond.last_collapse`.

    Source: theory, section 3 at λ = 0, and 8; for other likelihoods the thresholds are those of the expansion around
    full collapse, of which the first is exact, the others are a guide, and the error is not known.

    >>> theory = Linear(np.array([4.0, 1.0]), 6.0, True)
    >>> theory.kl(np.array([2.0])).round(3).tolist(), theory.error(np.array([2.0])).tolist()
    ([[0.347, 0.0]], [4.0])
    """

    thresholds: Floats
    total: float
    gaussian: bool
    labelled: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    shares: Floats = field(default_factory=lambda: np.zeros(0))
    last: float = 0.0

    @property
    def far(self) -> bool:
        """Whether a state far from full collapse is better than it up to a β where it is stable.

        >>> Linear(np.array([4.0]), 6.0, True, last=20.0).far
        True
        """
        return self.last > float(self.thresholds[0])

    @property
    def collapse(self) -> float:
        """The β from which on no latent counts as active in networks that are not linear, if they find their best.

        >>> labels = {"labelled": np.array([[9.0], [1.0]]), "shares": np.array([0.5, 0.5])}
        >>> round(Linear(np.array([5.0]), 6.0, True, **labels).collapse, 3)    # 9 e^{-0.04}
        8.647
        """
        top = max(float(self.thresholds[0]), self.last)
        if not len(self.labelled) or self._labels_kl(top) <= ACTIVE:
            return top
        found: Any = optimize.brentq(lambda beta: self._labels_kl(beta) - ACTIVE, top, self.labelled.max())
        return float(found)

    def _labels_kl(self, beta: float) -> float:
        """Return the KL of the first latent of each label, in the mean."""
        return float(self.shares @ np.log(np.maximum(self.labelled[:, 0] / beta, 1.0))) / 2

    def kl(self, beta: Floats) -> Floats:
        """Return the KL of each latent in nats at β (B,), shape (B, M)."""
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(self.thresholds / beta[:, None]), 0.0) / 2

    def error(self, beta: Floats) -> Floats:
        """Return E‖x − x̂‖² at β (B,); NaN for other likelihoods than "gaussian"."""
        kept = np.minimum(self.thresholds, beta[:, None]).sum(axis=1)
        return kept + self.rest if self.gaussian else np.full(len(beta), np.nan)

    @property
    def rest(self) -> float:
        """The variance beyond the latents."""
        return max(self.total - float(self.thresholds.sum()), 0.0)

    @property
    def rank(self) -> int:
        """How many latents have a direction of their own in the data."""
        return int((self.thresholds > _NOTHING * self.thresholds[0]).sum())

    def default_range(self) -> tuple[float, float]:
        """Return the range of β in which latents collapse one after the other.

        >>> Linear(np.array([10.0, 3.0, 0.0]), 15.0, True).default_range() == (10 / 30, 13.0)
        True
        """
        top = self.collapse
        # Latents beyond the rank of the data have no threshold.
        last = float(self.thresholds[: max(self.rank, 1)][-1])
        return max(min(last / _BELOW, top / _LEAST), top / _MOST), _ABOVE * top


def linear_theory(values: Array, observation: Observation, latents: int, condition: Array, seed: int, *,
                  labels: bool = False) -> Linear:
    """Return the linear theory of training samples (P, F), with what a condition (P, C) explains taken out.

    With ``labels`` the condition has a column for each, and what each has for itself is returned besides.

    Source: theory, sections 3 and 8: a condition leaves the covariance of the residual.

    >>> from vaesym.practice.scan.observations import observe
    >>> values = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> found = linear_theory(values, observe(values, "gaussian"), 2, np.empty((4, 0)), 0)
    >>> found.thresholds.round(6).tolist(), round(found.total, 6)
    ([2.0, 0.5], 2.5)
    """
    gaussian = observation.likelihood == "gaussian"
    weights: Any = 1.0 if gaussian else observation.weights
    left, labelled, shares = values, np.zeros((0, 0)), np.zeros(0)
    if condition.shape[1]:
        known = np.column_stack([np.ones(len(values)), condition]).astype(np.float64)
        fitted = known @ np.linalg.lstsq(known, values.astype(np.float64), rcond=None)[0]
        left = values - fitted
        told = np.ones((1, 1)) if gaussian else told_information(fitted, observation)
        weights = weights if gaussian else told_weights(told, observation)
        if labels:
            labelled = eigenvalues_within(whitened(left, told), condition, latents)
            shares = condition.mean(axis=0, dtype=np.float64)
    count = min(latents, *values.shape)
    spectrum = decompose(left, count, scaling=weights, seed=seed).spectrum
    found = np.zeros(latents)
    found[:count] = spectrum.eigenvalues[:count]
    return Linear(found, spectrum.total_variance, gaussian, labelled, shares)
