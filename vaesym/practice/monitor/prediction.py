"""What theory predicts for the latents: eigenvalues in units of the user's KL weight."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice import Advice, LossScale
from vaesym.practice.data.decomposition import decompose
from vaesym.practice.data.readers import as_loaded
from vaesym.practice.monitor.rule import Expected
from vaesym.practice.network.growth import growth_rate
from vaesym.practice.objectives.noise_scale import scaled_kl


class Prediction:
    """Thresholds of the latents, largest first, and the KL that they mean.

    Parameters: ``eigenvalues`` (M,) Λ_l of the data, or better thresholds in their place; ``scale``, the KL weight at
    which a latent of eigenvalue one collapses; ``slope``, the gradient of the loss over that of the theory's;
    ``noise_scale``, s of a sampling z = μ + s·σ·ε, which is in ``scale`` already.

    >>> Prediction(np.array([4.0, 1.0]), 2.0).expected(2.0)
    Expected(active=1, kl=array([0.69314718, 0.        ]), waited=None)
    """

    def __init__(self, eigenvalues: Floats, scale: float, slope: float = 1.0, noise_scale: float = 1.0) -> None:
        self.eigenvalues, self.scale, self.slope, self.noise_scale = eigenvalues, scale, slope, noise_scale
        #: Number of latents that were active, and the value measured for the next one.
        self.next: tuple[int, float] | None = None

    def thresholds(self) -> Floats:
        """Return the KL weight at which each latent collapses (M,), largest first."""
        values = self.eigenvalues.copy()
        if self.next is not None:
            active, value = self.next
            values[active:] = np.minimum(values[active:], value)
            values[active : active + 1] = value
        return self.scale * values

    def measured(self) -> NDArray[np.bool_]:
        """Return which thresholds (M,) are that of :attr:`next` in place of the eigenvalue.

        >>> prediction = Prediction(np.array([4.0, 3.0, 1.0]), 2.0)
        >>> prediction.next = (1, 2.0)
        >>> prediction.thresholds(), prediction.measured()
        (array([8., 4., 2.]), array([False,  True, False]))
        """
        known, value = (len(self.eigenvalues), 0.0) if self.next is None else self.next
        rank = np.arange(len(self.eigenvalues))
        return (rank == known) | ((rank > known) & (self.eigenvalues > value))

    def expected(self, beta: float) -> Expected:
        """Return how many latents are active at a KL weight, and the KL of each, largest first."""
        limits = self.thresholds()
        # Latents that were active when the next threshold was measured are active, whatever linear theory says.
        given = 0 if self.next is None else self.next[0]
        active = given + int((limits[given:] > beta).sum())
        if self.noise_scale == 1:
            return Expected(active, 0.5 * np.log(np.maximum(limits / beta, 1.0)))
        # In units of the threshold at s = 1, an eigenvalue is s² times its threshold.
        square = self.noise_scale**2
        return Expected(active, np.array([scaled_kl(square * limit, beta, self.noise_scale) for limit in limits]))

    def rates(self, beta: float, learning_rate: float) -> Floats:
        """Return by how much the logarithm of each latent's information grows in a step of gradient descent (M,).

        >>> Prediction(np.array([4.0, 1.0]), 1.0).rates(2.0, 0.1).round(3)
        array([ 0.163, -0.076])
        """
        # Scaled noise costs s²w² in place of w²: w' = Λv − s²w, v' = Λw − βΛv, which is s² times the rate at Λ/s².
        square = self.noise_scale**2
        unit = square * self.scale
        return 2 * learning_rate * self.slope * square * growth_rate(self.thresholds() / unit, beta / unit)


def predict(source: Any, *, loss: LossScale | None, thresholds: Any, n_latents: int | None,
            n_features: int | None) -> Prediction:
    """Return the prediction for a source; arguments as for :class:`vaesym.Monitor`."""
    if loss is not None and not isinstance(loss, LossScale):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError("loss as a vaesym.LossScale", f"{loss!r}",
                         "say how your loss reduces its terms, e.g. LossScale(reconstruction='mean')")
    if loss is not None and loss.likelihood != "gaussian" and thresholds is None:
        raise InputError("thresholds beside a loss of cross-entropy", "none",
                         "pass those of vaesym.collapse_thresholds, of which the first is exact")
    if isinstance(source, Advice):
        found = _from_advice(source, loss, n_latents)
    else:
        if n_latents is None:
            raise InputError("n_latents", "none", "say how many latents the model has")
        found = _from_data(source, loss or LossScale(), inputs.count("n_latents", n_latents), n_features)
    if thresholds is None:
        return found
    own = _sorted("thresholds", getattr(thresholds, "thresholds", thresholds))
    if len(own) != len(found.eigenvalues):
        raise InputError(f"one threshold for each of the {len(found.eigenvalues)} latents", f"{len(own)}",
                         "give them in units of the eigenvalues, 0 for latents that are never used")
    return Prediction(own, found.scale, found.slope, found.noise_scale)


def _from_advice(advice: Advice, loss: LossScale | None, n_latents: int | None) -> Prediction:
    if loss is not None:
        raise InputError("advice alone, which has its loss already", "advice and a loss",
                         "pass the loss to advise(), or the data in place of the advice")
    if n_latents not in (None, len(advice.latents)):
        raise InputError(f"n_latents = {len(advice.latents)}, as in the advice", f"{n_latents}",
                         "ask advise() for as many latents as the model has")
    if advice.free_bits is not None:
        raise InputError("advice on a loss without free bits", f"one with {advice.free_bits.nats:g} free nats a latent",
                         "watch no collapse: with free bits none is expected at any β")
    first = advice.latents[0]
    return Prediction(np.array([latent.eigenvalue for latent in advice.latents]),
                      first.collapse_weight / first.eigenvalue, advice.slope, advice.noise_scale)


def _from_data(source: Any, loss: LossScale, latents: int, n_features: int | None) -> Prediction:
    if _is_data(source):
        loaded = as_loaded(source)
        least, features = min(loaded.array.shape), loaded.array.shape[1]
        values = decompose(loaded.array, min(latents, least), scaling=loaded.scaling).spectrum.eigenvalues
    else:
        values, features = _sorted("eigenvalues", source), n_features
        if len(values) < latents:
            raise InputError(f"an eigenvalue for each of the {latents} latents", f"{len(values)}",
                             "give more of them, 0 where the data have no further direction")
    if features is None and loss.reconstruction == "mean":
        raise InputError("n_features beside eigenvalues, as this loss averages over the features", "none",
                         "pass n_features, or the data in place of the eigenvalues")
    scale = float(loss.kl_weight_for(1.0, n_features=features or 1, n_latents=latents))
    padded = np.zeros(latents)
    padded[: min(latents, len(values))] = values[:latents]
    return Prediction(padded, scale, loss.slope(features or 1))


def _is_data(source: Any) -> bool:
    """Return whether a source is samples and not a list of eigenvalues."""
    if isinstance(source, (int, float, list, tuple)):
        return np.ndim(cast(Any, source)) > 1
    return getattr(source, "ndim", 2) > 1


def _sorted(name: str, values: Any) -> Floats:
    array = inputs.non_negative(name, values)
    if array.ndim != 1 or not len(array):
        raise InputError(f"{name} as a list of numbers", f"an array of shape {array.shape}",
                         "give one number for each direction; or data, samples x features")
    return np.sort(array)[::-1].copy()
