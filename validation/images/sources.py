"""Sets of images with their shape and labels, from known data sets or from the user's array."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.practice.data.matrix import check_matrix
from vaesym.practice.data.readers import read_file
from validation.images import archives
from validation.laboratory.data import whole_seed

Array = NDArray[Any]

NAMES = ("digits", "fashion-mnist", "mnist", "cifar-10")
SPLITS = ("train", "test")
_CHANNELS = (1, 3)
#: Grey levels of scikit-learn's digits: 0 to 16.
_DIGIT_LEVELS = 16


@dataclass(frozen=True, eq=False)
class Images:
    """Images as they were read; ``values * scaling`` are the values to use.

    Fields: ``values`` (P, N) uint8 or float32, each row an image (C, H, W) flattened; ``shape`` (C, H, W); ``labels``
    (P,) int64 or None; ``name`` of the source; ``notes``, sentences for the reader; ``scaling``, which brings known
    sets to [0, 1].

    Raises :class:`~vaesym.inputs.InputError` where values, shape and labels do not fit together.

    >>> Images(np.zeros((3, 8), np.uint8), (2, 2, 2), None, "mine").subset(2, seed=0).values.shape
    (2, 8)
    """

    values: Array
    shape: tuple[int, int, int]
    labels: NDArray[np.int64] | None
    name: str
    notes: tuple[str, ...] = ()
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

    def subset(self, count: int, seed: int) -> Images:
        """Return ``count`` of the images, drawn without replacement; a smaller set of one seed is part of a larger.

        Raises :class:`~vaesym.inputs.InputError` if there are fewer images or the seed is not a whole number ≥ 0.

        >>> digits = load_images("digits")
        >>> small, large = digits.subset(10, seed=1), digits.subset(20, seed=1)
        >>> bool((small.values == large.values[:10]).all())
        True
        """
        if inputs.count("count", count) > len(self.values):
            raise InputError(f"at most {len(self.values)} images of {self.name}", f"count={count}",
                             "choose a smaller count")
        chosen = np.random.default_rng(whole_seed(seed)).permutation(len(self.values))[:count]
        labels = None if self.labels is None else self.labels[chosen]
        return replace(self, values=self.values[chosen], labels=labels)

    def scaled(self) -> NDArray[np.float32]:
        """Return ``values * scaling`` (P, N) in float32.

        >>> float(load_images("digits").scaled().max())
        1.0
        """
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

    Raises
    ------
    vaesym.InputError
        Files that are missing, damaged, of another digest or shape; values that are not finite; images that are
        all equal; an unknown name or split.

    Notes
    -----
    CIFAR-10 is read in its binary version: the Python version is made of pickles, which can run any code.

    Examples
    --------
    >>> digits = load_images("digits", split="test")
    >>> digits.values.shape, digits.shape, digits.scaling
    ((360, 64), (1, 8, 8), 0.0625)
    """
    if split not in SPLITS:
        raise InputError("split 'train' or 'test'", f"{split!r}", "choose one of the two")
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""
    if root is not None and name not in NAMES[1:]:
        raise InputError(f"root for {', '.join(NAMES[1:])} only", f"root={str(root)!r} for {source!r}", "leave it out")
    images = _reader(name)(name, split, root, check)
    check_matrix(images.values)
    dark = int(np.count_nonzero(~images.values.any(axis=0)))
    note = (f"{dark} of {images.values.shape[1]} pixels are zero in every image",) if dark else ()
    return replace(images, notes=images.notes + note)


def _reader(name: str) -> Callable[[str, str, Any, bool], Images]:
    if name.lower().endswith(".npy"):
        return _array_file
    readers = {"digits": _digits, "fashion-mnist": _idx, "mnist": _idx, "cifar-10": _cifar}
    if name not in readers:
        raise InputError(f"one of {', '.join(NAMES)}, or the path of a .npy file", f"{name!r}",
                         "save other images with numpy.save")
    return readers[name]


def _digits(name: str, split: str, root: Any, check: bool) -> Images:
    # Imported here because it takes a second; by name because scikit-learn has no types.
    values, labels = import_module("sklearn.datasets").load_digits(return_X_y=True)
    divide = import_module("sklearn.model_selection").train_test_split
    parts = divide(values.astype(np.float32), labels.astype(np.int64), test_size=0.2, random_state=0, stratify=labels)
    chosen = SPLITS.index(split)
    return Images(parts[chosen], (1, 8, 8), parts[2 + chosen], name,
                  ("split 80 to 20 within each class, with a fixed seed",), 1 / _DIGIT_LEVELS)


def _idx(name: str, split: str, root: Any, check: bool) -> Images:
    images, labels = archives.idx_set(name, split, root, check=check)
    height, width = images.shape[1:]
    return Images(images.reshape(len(images), height * width), (1, height, width), labels.astype(np.int64), name,
                  _digest_note(check), 1 / 255)


def _cifar(name: str, split: str, root: Any, check: bool) -> Images:
    values, labels, notes = archives.cifar(split, root, check=check)
    return Images(values, archives.CIFAR_SHAPE, labels.astype(np.int64), name, (*notes, *_digest_note(check)), 1 / 255)


def _digest_note(check: bool) -> tuple[str, ...]:
    return () if check else ("read without comparing digests",)


def _array_file(name: str, split: str, root: Any, check: bool) -> Images:
    if split != "train":
        raise InputError("split 'train' of a .npy file, which is one set", f"{split!r}",
                         "save the test images in a file of their own")
    path = Path(name)
    array, _ = read_file(path)
    planes, notes = _planes(array, name)
    values = planes.reshape(len(planes), math.prod(planes.shape[1:]))
    check_matrix(values)
    if values.dtype not in (np.uint8, np.float32):
        notes.append(f"{values.dtype} values rounded to float32")
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
    channels, height, width = planes.shape[1:]
    scaling = 1 / 255 if values.dtype == np.uint8 else 1.0
    return Images(np.ascontiguousarray(values), (channels, height, width), None, path.name, tuple(notes), scaling)


def _planes(array: Array, name: str) -> tuple[Array, list[str]]:
    """Return the images as (P, C, H, W), and how their shape was read."""
    shape = array.shape
    if array.ndim == 2:
        side = math.isqrt(shape[1])
        square = side * side == shape[1]
        image = (side, side) if square else (1, shape[1])
        return array.reshape(shape[0], 1, *image), [f"rows of {shape[1]} read as images {image[0]}x{image[1]}"]
    if array.ndim == 3:
        return array[:, None], []
    first, last = (array.ndim == 4 and shape[axis] in _CHANNELS for axis in (1, 3))
    if first and not last:
        return array, []
    if last and not first:
        return array.transpose(0, 3, 1, 2), ["channels moved from last to first"]
    if first:
        raise InputError("images (P, C, H, W) or (P, H, W, C), with C = 1 or 3 on one side", f"{name}: shape {shape}",
                         "which of the two cannot be told: flatten the images to (P, N) or pad them")
    raise InputError("images (P, N), (P, H, W), (P, C, H, W) or (P, H, W, C) with C = 1 or 3",
                     f"{name}: shape {shape}", "reshape the array, one image first")
