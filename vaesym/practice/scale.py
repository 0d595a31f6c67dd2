"""From the training loss of a real implementation to the effective β of the theory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast, overload

import numpy as np
from numpy.typing import ArrayLike

from vaesym.inputs import Floats, InputError, count, positive, positive_number
from vaesym.practice.families import FAMILIES, Likelihood, check_likelihood

Reduction = Literal["sum", "mean"]


@dataclass(frozen=True)
class LossScale:
    """The training loss of one sample, a·S + w·K: reconstruction error and KL divergence, with their weights.

    S is the squared error of one reconstruction (``likelihood`` "gaussian") or its negative log-likelihood: binary
    cross-entropy ("bernoulli"), that of counts ("poisson", "negative_binomial"), cross-entropy of one-hot groups
    ("categorical"), or of a normal law whose variance is learned, one for all features or one each
    ("gaussian_shared", "gaussian_diagonal"). It is summed or averaged over the N features (``reconstruction``; N counts
    the groups of "categorical"); K is the KL divergence (in nats, with its factor 1/2) of one sample, summed or
    averaged over the M latents (``kl``); a > 0 is ``reconstruction_weight`` and w > 0 is ``kl_weight``. By default a
    is that of the theory: 1/2 for a squared error, 1 for all others.

    What counts is the loss of one sample. An average, or a sum, over the batch changes nothing when both
    terms have it. In PyTorch:

    - ``mse_loss(xhat, x, reduction="mean")`` averages over the batch *and* the features: this is
      ``reconstruction="mean"`` with weight 1. The KL term that belongs to it is averaged over the batch.
    - ``mse_loss(xhat, x, reduction="sum") / len(x)`` is ``reconstruction="sum"`` with weight 1.
    - ``binary_cross_entropy_with_logits`` is the same with ``likelihood="bernoulli"``, ``poisson_nll_loss`` with
      ``"poisson"``, ``cross_entropy`` with ``"categorical"``, ``gaussian_nll_loss`` with ``"gaussian_diagonal"``.
    - A term summed over a batch of size B, beside one averaged over it, has B times its weight: ``batch_factor`` = B
      where it is the KL that is summed, 1/B where it is the reconstruction.
    - A decoder of standard deviation σ in the loss, S/(2σ²), is ``sigma`` in place of the weight a.
    - A KL without its factor 1/2, as ``-torch.sum(1 + logvar - mu**2 - logvar.exp())``, is ``kl_half=False``.
    - ``torch.mean`` over a KL of shape (batch, latents) is ``kl="mean"``.

    The default, a = 1/2 and w = 1 with two sums, has βσ² = w = β: the loss of the theory at σ² = 1. Of the
    other likelihoods the theory knows where everything collapses, :func:`vaesym.collapse_thresholds`, and no more;
    their β stands where βσ² does. Absolute, perceptual and adversarial losses, autoregressive decoders and quantised
    latents are outside the theory: as a ``likelihood`` their names are refused with what is known of them.

    Raises :class:`~vaesym.inputs.InputError` for another reduction or likelihood, for a weight that is not one
    finite positive number, and for a sigma beside a reconstruction weight or another likelihood than the Gaussian.

    Source: theory section 5, βσ² = w/(2a) for two sums; new, β = w/a for other likelihoods. An average divides a by N,
    or w by M.

    >>> scale = LossScale(reconstruction="mean", reconstruction_weight=1.0)
    >>> scale.effective_beta(n_features=784, n_latents=16)
    392.0
    >>> LossScale(sigma=0.05).effective_beta(n_features=784, n_latents=16).__round__(6)
    0.0025
    >>> LossScale(batch_factor=128, kl_half=False).effective_beta(n_features=784, n_latents=16)
    256.0
    >>> LossScale(reconstruction="mean", likelihood="bernoulli").effective_beta(n_features=784, n_latents=16)
    784.0
    """

    reconstruction: Reduction = "sum"
    kl: Reduction = "sum"
    reconstruction_weight: float | None = None
    kl_weight: float = 1.0
    likelihood: Likelihood = "gaussian"
    sigma: float | None = None
    batch_factor: float = 1.0
    kl_half: bool = True

    def __post_init__(self) -> None:
        for name in ("reconstruction", "kl"):
            value: Any = getattr(self, name)
            if not isinstance(value, str) or value not in ("sum", "mean"):
                raise InputError(f"{name} as 'sum' or 'mean'", f"{value!r}",
                                 "say how reconstruction and KL are reduced; binary cross-entropy is likelihood "
                                 "'bernoulli', perceptual and adversarial losses are outside the theory")
        check_likelihood(self.likelihood)
        if self.sigma is not None:
            object.__setattr__(self, "reconstruction_weight", self._of_sigma())
        if self.reconstruction_weight is None:
            object.__setattr__(self, "reconstruction_weight", FAMILIES[self.likelihood].share)
        if type(self.kl_half) is not bool:
            raise InputError("kl_half as True or False", f"{self.kl_half!r}", "pass False for a KL without its 1/2")
        for name in ("reconstruction_weight", "kl_weight", "batch_factor"):
            weight = positive(name, getattr(self, name))
            if weight.ndim:
                raise InputError(f"{name} as one number", f"shape {weight.shape}",
                                 "make one LossScale for each weight, or pass kl_weight to effective_beta")
            object.__setattr__(self, name, float(weight))

    def _of_sigma(self) -> float:
        """Return 1/(2σ²), which is also what ``dataclasses.replace`` hands on beside sigma."""
        with np.errstate(all="ignore"):
            weight = float(1 / (2 * np.float64(positive_number("sigma", self.sigma)) ** 2))
        if not 0 < weight < np.inf:
            raise InputError("a sigma whose 1/(2 sigma^2) fits in float64", f"{self.sigma!r}", "rescale the data")
        if self.likelihood != "gaussian" or self.reconstruction_weight not in (None, weight):
            raise InputError("sigma alone, of a squared error", f"sigma beside reconstruction_weight = "
                             f"{self.reconstruction_weight:g}" if self.likelihood == "gaussian" else
                             f"sigma beside likelihood {self.likelihood!r}", "leave one of them out")
        return weight

    @overload
    def effective_beta(self, *, n_features: int, n_latents: int, kl_weight: float | None = None) -> float: ...
    @overload
    def effective_beta(self, *, n_features: int, n_latents: int, kl_weight: ArrayLike) -> float | Floats: ...
    def effective_beta(self, *, n_features: int, n_latents: int,
                       kl_weight: ArrayLike | None = None) -> float | Floats:
        """Return βσ², the value that takes the place of β in the theory.

        Parameters: ``n_features`` = N ≥ 1, ``n_latents`` = M ≥ 1; ``kl_weight`` > 0 of any shape, in place
        of the weight of this object (for a sweep). Returns a float, or an array of ``kl_weight``'s shape.

        Raises :class:`~vaesym.inputs.InputError` for arguments outside these domains, and for a result
        that float64 cannot hold.

        Source: theory section 5: w/(2a), w/a for cross-entropy; times N if that term is averaged, over M if the KL is.

        >>> LossScale(reconstruction="mean", kl="mean", reconstruction_weight=1.0).effective_beta(
        ...     n_features=784, n_latents=16, kl_weight=[0.5, 1.0])
        array([12.25, 24.5 ])
        """
        weight = positive("kl_weight", self.kl_weight if kl_weight is None else kl_weight)
        with np.errstate(all="ignore"):
            return _in_range("effective beta", weight * self._factor(n_features, n_latents))

    @overload
    def kl_weight_for(self, effective_beta: float, *, n_features: int, n_latents: int) -> float: ...
    @overload
    def kl_weight_for(self, effective_beta: ArrayLike, *, n_features: int,
                      n_latents: int) -> float | Floats: ...
    def kl_weight_for(self, effective_beta: ArrayLike, *, n_features: int, n_latents: int) -> float | Floats:
        """Return the KL weight w at which the loss has this βσ²: the inverse of :meth:`effective_beta`.

        Parameters: ``effective_beta`` = βσ² > 0 of any shape, ``n_features`` = N ≥ 1, ``n_latents`` = M ≥ 1.
        Returns a float, or an array of the shape of ``effective_beta``. The ``kl_weight`` of this object
        is not used.

        Raises :class:`~vaesym.inputs.InputError` for arguments outside these domains, and for a result
        that float64 cannot hold.

        Source: theory section 5, solved for w: 2a βσ², for cross-entropy aβ; over N if that term is averaged,
        times M if the KL is.

        >>> LossScale(reconstruction="mean", reconstruction_weight=1.0).kl_weight_for(
        ...     392.0, n_features=784, n_latents=16)
        1.0
        """
        beta = positive("effective_beta", effective_beta)
        with np.errstate(all="ignore"):
            return _in_range("KL weight", beta / self._factor(n_features, n_latents))

    def slope(self, n_features: int) -> float:
        """Return 2a, over N if that term is averaged: the gradient of this loss over that of the theory's ½S + βσ²K.

        >>> LossScale("mean", reconstruction_weight=1.0).slope(100)
        0.02
        """
        features = count("n_features", n_features)
        return 2 * cast(float, self.reconstruction_weight) / (features if self.reconstruction == "mean" else 1)

    def describe(self, kl_weight: str | None = None) -> str:
        """Return the loss of one sample as one line of text; a name can stand for the weight of the KL.

        >>> LossScale().describe()
        '0.5*sum_features(x - xhat)^2 + 1*sum_latents KL'
        >>> LossScale().describe("w")
        '0.5*sum_features(x - xhat)^2 + w*sum_latents KL'
        """
        return (f"{self.reconstruction_weight:.12g}*{self.reconstruction}_features{FAMILIES[self.likelihood].term}"
                f" + {kl_weight or f'{self.kl_weight:.12g}'}*{self._factors()}{self.kl}_latents KL")

    def _factors(self) -> str:
        """What the KL is multiplied by beside its weight, in words."""
        return ("" if self.batch_factor == 1 else f"{self.batch_factor:g}*") + ("" if self.kl_half else "2*")

    def _factor(self, n_features: int, n_latents: int) -> np.float64:
        """βσ² at kl_weight = 1."""
        features, latents = count("n_features", n_features), count("n_latents", n_latents)
        over = features if self.reconstruction == "mean" else 1
        under = latents if self.kl == "mean" else 1
        # Never None: the constructor has put the default in its place.
        weight = np.float64(cast(float, self.reconstruction_weight))
        weight /= self.batch_factor * (1 if self.kl_half else 2)
        return np.float64(over) / (weight / FAMILIES[self.likelihood].share * under)


def _in_range(name: str, value: Any) -> float | Floats:
    result = np.asarray(value, dtype=np.float64)
    if not (np.isfinite(result) & (result > 0)).all():
        raise InputError(f"weights whose {name} float64 can hold", "a ratio that is 0 or infinite in float64",
                         "choose weights of more usual size")
    return result if result.ndim else float(result)
