"""What is trained: networks by name, with the images they see and where linear theory puts their thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vaesym.inputs import Floats
from validation.images.material import Material
from validation.images.networks import Architecture


@dataclass(frozen=True)
class Subject:
    """A network under a name, and the images it sees.

    Parameters
    ----------
    name : how the report calls it
    material : the images, in the coordinates of the network
    architecture : the network
    """

    name: str
    material: Material
    architecture: Architecture

    @property
    def most(self) -> int:
        """Number of training images there are."""
        return len(self.material.prepared.train)

    def spectrum(self, samples: int, seed: int) -> Floats:
        r"""Return the local thresholds around full collapse on what a seed sees, largest first.

        They are the eigenvalues of :math:`D^{-1/2}CD^{-1/2}` with the covariance C of the samples and the variance D of
        a pixel at the constant decoder: 1 for Gaussian pixels, p(1 − p) for Bernoulli ones. Only the first is exact for
        a nonlinear network.
        """
        return local_spectrum(self.material, samples, seed, self.architecture.likelihood)


@lru_cache(maxsize=64)
def local_spectrum(material: Material, samples: int, seed: int, likelihood: str = "gaussian") -> Floats:
    """Return the spectrum of :meth:`Subject.spectrum`.

    >>> values = local_spectrum(Material("digits"), 200, 0)
    >>> values.shape, bool(values[0] > values[1])
    ((64,), True)
    """
    images, members = material.training(samples, (seed,))
    values = images[members[0]].double().numpy()
    covariance = np.cov(values.T, bias=True)
    if likelihood == "bernoulli":
        mean = values.mean(axis=0)
        used = (mean > 0) & (mean < 1)
        scale = np.sqrt(mean[used] * (1 - mean[used]))
        covariance = covariance[np.ix_(used, used)] / np.outer(scale, scale)
    return np.maximum(np.linalg.eigvalsh(covariance)[::-1], 0.0)
