"""Sets of images on the user's disk, never downloaded, as they are read."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import InputError
from vaesym.practice.data.matrix import check_matrix
from vaesym.practice.data.readers import read_file
from validation.images.data.published import IDX_SETS, read_cifar, read_idx

Array = NDArray[Any]

_PUBLISHED = {**dict.fromkeys(IDX_SETS, read_idx), "cifar-10": read_cifar}
NAMES = ("digits", *_PUBLISHED)
SPLITS = ("train", "test")
_CHANNELS = (1, 3)
#: Grey levels of scikit-learn's digits: 0 to 16.
_DIGIT_LEVELS = 16


@dataclass(frozen=True, eq=False)
class Images:
    """Images as they were read; ``values * scaling`` are the values to use.

    Fields: ``values`` (P, N) uint8 or float32, each row an image (C, H, W) flattened; ``shape`` (C, H, W); ``labels``
    (P,) int64 or None; ``name`` of the source; ``scaling``, which brings known sets to [0, 1].

    Raises :class:`~vaesym.inputs.InputError` where values, shape and labels do not fit together.

    >>> Images(np.full((3, 8), 255, np.uint8), (2, 2, 2), None, "mine", scaling=1 / 255).scaled().max()
    np.float32(1.0)
    """

    values: Array
    shape: tuple[int, int, int]
    labels: NDArray[np.int64] | None
    name: str
    scaling: float = 1.0

    def __post_init__(self) -> None:
        values, labels = self.values, self.labels
        if values.ndim != 2 or values.dtype not in (np.uint8, np.float32):
            raise InputError("values (P, N) of uint8 or float32", f"shape {values.shape} of {values.dtype}",
                             "flatten the images and convert them")
        if len(self.shape) != 3 or math.prod(self.shape) != values.shape[1]:
            raise InputError(f"a shape (C, H, W) with product {values.shape[1]}", f"{self.shape}", "correct the shape")
        if labels is not None and labels.shape != values.shape[:1]:
            raise InputError(f"one label for each of {len(values)} images", f"labels of shape {labels.shape}",
                             "leave the labels out or give one for each image")

    def scaled(self) -> NDArray[np.float32]:
        """Return ``values * scaling`` (P, N) in float32."""
        return self.values.astype(np.float32) * np.float32(self.scaling)


def load_images(source: str | os.PathLike[str], *, split: str = "train", root: str | os.PathLike[str] | None = None,
                check: bool = True) -> Images:
    """Read a set of images from the user's disk; nothing is ever downloaded.

    Parameters
    ----------
    source : "digits" (from scikit-learn, 8×8), "fashion-mnist", "mnist", "cifar-10", or the path of a ``.npy`` file
        of shape (P, N), (P, H, W), (P, C, H, W) or (P, H, W, C) with C = 1 or 3
    split : "train" or "test"; the digits are split 80 to 20, always in the same way; a ``.npy`` is all "train"
    root : where the files of a known set are: their folder, or CIFAR-10's archive. Without it the environment
        variable VAESYM_FASHION_MNIST, VAESYM_MNIST or VAESYM_CIFAR_10 says it, for Fashion-MNIST else Debian's package
    check : refuse known files of another digest than the published one

    Raises :class:`vaesym.InputError`: files that are missing, damaged, of another digest or shape; values that are not
    finite; images that are all equal; an unknown name or split.

    Notes
    -----
    CIFAR-10 is read in its binary version: the Python version is made of pickles, which can run any code.

    >>> digits = load_images("digits", split="test")
    >>> digits.values.shape, digits.shape, digits.scaling
    ((360, 64), (1, 8, 8), 0.0625)
    """
    if split not in SPLITS:
        raise InputError("split 'train' or 'test'", f"{split!r}", "choose one of the two")
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""
    if root is not None and name not in NAMES[1:]:
        raise InputError(f"root for {', '.join(NAMES[1:])} only", f"root={str(root)!r} for {source!r}", "leave it out")
    if name.lower().endswith(".npy"):
        images = _array_file(name, split)
    elif name == "digits":
        images = _digits(split)
    elif name in _PUBLISHED:
        images = Images(*_PUBLISHED[name](name, split, root, check), name, 1 / 255)
    else:
        raise InputError(f"one of {', '.join(NAMES)}, or the path of a .npy file", f"{name!r}",
                         "save other images with numpy.save")
    check_matrix(images.values)
    return images


def _digits(split: str) -> Images:
    # Imported here because it takes a second; by name because scikit-learn has no types.
    values, labels = import_module("sklearn.datasets").load_digits(return_X_y=True)
    divide = import_module("sklearn.model_selection").train_test_split
    parts = divide(values.astype(np.float32), labels.astype(np.int64), test_size=0.2, random_state=0, stratify=labels)
    chosen = SPLITS.index(split)
    return Images(parts[chosen], (1, 8, 8), parts[2 + chosen], "digits", 1 / _DIGIT_LEVELS)


def _array_file(name: str, split: str) -> Images:
    if split != "train":
        raise InputError("split 'train' of a .npy file, which is one set", f"{split!r}",
                         "save the test images in a file of their own")
    path = Path(name)
    array, *_ = read_file(path)
    planes = _planes(array, name)
    values = planes.reshape(len(planes), math.prod(planes.shape[1:]))
    check_matrix(values)
    if values.dtype not in (np.uint8, np.float32):
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
    channels, height, width = planes.shape[1:]
    scaling = 1 / 255 if values.dtype == np.uint8 else 1.0
    return Images(np.ascontiguousarray(values), (channels, height, width), None, path.name, scaling)


def _planes(array: Array, name: str) -> Array:
    """Return the images as (P, C, H, W): rows of a square number of pixels as squares."""
    shape = array.shape
    if array.ndim == 2:
        side = math.isqrt(shape[1])
        return array.reshape(shape[0], 1, *((side, side) if side * side == shape[1] else (1, shape[1])))
    if array.ndim == 3:
        return array[:, None]
    first, last = (array.ndim == 4 and shape[axis] in _CHANNELS for axis in (1, 3))
    if first and not last:
        return array
    if last and not first:
        return array.transpose(0, 3, 1, 2)
    if first:
        raise InputError("images (P, C, H, W) or (P, H, W, C), with C = 1 or 3 on one side", f"{name}: shape {shape}",
                         "which of the two cannot be told: flatten the images to (P, N) or pad them")
    raise InputError("images (P, N), (P, H, W), (P, C, H, W) or (P, H, W, C) with C = 1 or 3",
                     f"{name}: shape {shape}", "reshape the array, one image first")
