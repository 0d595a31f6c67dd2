"""What is trained: networks by name, with the images they see and where linear theory puts their thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vaesym.inputs import Floats
from vaesym.practice import collapse_thresholds
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
        """Return the local thresholds around full collapse on what a seed sees, largest first.

        All of them for Gaussian pixels, the leading ones of :func:`vaesym.collapse_thresholds` for Bernoulli pixels.
        Only the first is exact for a nonlinear network.
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
    if likelihood == "bernoulli":
        return collapse_thresholds(values, likelihood="bernoulli", solver="full").thresholds
    return np.maximum(np.linalg.eigvalsh(np.cov(values.T, bias=True))[::-1], 0.0)
