"""Sets of images as networks see them: a training and a test set, in pixels or in principal components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from validation.images.data.sources import load_images

Floats32 = NDArray[np.float32]

#: Fewest images that have a covariance.
_LEAST = 2
#: Share of the images held out as a test set where the source has none.
_HELD_OUT = 1 / 7


@dataclass(frozen=True)
class Material:
    """A set of training images and the coordinates in which networks see them.

    Parameters
    ----------
    source : what :func:`~validation.images.data.sources.load_images` reads; bytes are scaled to [0, 1], others stay
    components : None for pixels, or K: deviations from the mean image in the K leading principal components. This is
        an orthogonal change of coordinates, and for an MLP the same family of functions; what lies beyond the K
        components is left out
    root : folder of the files, where the source needs one

    Raises :class:`vaesym.InputError` for a number of components that is not whole or not positive.
    """

    source: str
    components: int | None = None
    root: str | None = None

    def __post_init__(self) -> None:
        if self.components is not None:
            inputs.count("components", self.components)

    @property
    def prepared(self) -> Prepared:
        """The images, read once in each process."""
        return _prepare(self)

    def training(self, samples: int, seeds: Sequence[int]) -> tuple[Tensor, NDArray[np.int64]]:
        """Return all training images (P_all, N) and which of them each seed sees, (S, samples).

        All of them, in order, if there are no more; else drawn without replacement.
        """
        images = self.prepared.train
        if inputs.count("samples", samples) > len(images):
            raise InputError(f"at most {len(images)} samples of {self.source}", f"{samples}", "ask for fewer")
        if samples == len(images):
            return images, np.tile(np.arange(samples), (len(seeds), 1))
        rows = [np.random.default_rng([seed, samples]).choice(len(images), samples, replace=False) for seed in seeds]
        return images, np.stack(rows)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Images in the coordinates of the networks.

    ``train`` and ``test`` (P, N) float32; ``shape`` (C, H, W) as networks are told, (1, 1, K) for components;
    ``labelled`` says whether the training images have labels; ``eigenvalues`` of the pixels' covariance over all
    training images, largest first; ``basis`` (pixels, N) and ``mean`` (pixels,) lead back to pixels; ``left_out`` and
    ``left_out_test`` are the mean squares beyond the components, of training and test images.
    """

    train: Tensor
    test: Tensor
    shape: tuple[int, int, int]
    labelled: bool
    eigenvalues: Floats
    basis: Floats | None
    mean: Floats
    left_out: float
    left_out_test: float

    def pixels(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return images (P, pixels) of values in the coordinates of the networks (P, N)."""
        return values if self.basis is None else values @ self.basis.T + self.mean


@lru_cache(maxsize=4)
def _prepare(material: Material) -> Prepared:
    first, second, shape, labelled = _read(material)
    if min(len(first), len(second)) < _LEAST:
        raise InputError(f"at least {_LEAST} images to train on and {_LEAST} to test with",
                         f"{len(first)} and {len(second)} of {material.source}", "give more images")
    mean = first.mean(axis=0, dtype=np.float64)
    centred = (first - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(first))
    values, vectors, count = np.maximum(values[::-1], 0.0), vectors[:, ::-1], material.components
    if count is None:
        train, test = torch.from_numpy(first), torch.from_numpy(second)
        return Prepared(train, test, shape, labelled, values, None, mean, 0.0, 0.0)
    if count > first.shape[1]:
        raise InputError(f"at most {first.shape[1]} components", f"{count}", "ask for fewer")
    basis = np.ascontiguousarray(vectors[:, :count])
    parts = [(one - mean) @ basis for one in (first, second)]
    beyond = [float(np.square(one - mean).sum(axis=1).mean() - np.square(part).sum(axis=1).mean())
              for one, part in zip((first, second), parts, strict=True)]
    train, test = (torch.tensor(part, dtype=torch.float32) for part in parts)
    return Prepared(train, test, (1, 1, count), labelled, values, basis, mean, *beyond)


def _read(material: Material) -> tuple[Floats32, Floats32, tuple[int, int, int], bool]:
    """Return training and test images, scaled, their shape, and whether they have labels; a single set is divided."""
    train = load_images(material.source, root=material.root)
    first, labelled = train.scaled(), train.labels is not None
    if not material.source.lower().endswith(".npy"):
        return first, load_images(material.source, split="test", root=material.root).scaled(), train.shape, labelled
    held = max(1, round(_HELD_OUT * len(first)))
    order = np.random.default_rng(0).permutation(len(first))
    return first[order[held:]], first[order[:held]], train.shape, labelled
