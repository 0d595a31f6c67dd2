"""Sets of images on the user's disk, never downloaded, as they are read and as networks see them."""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice.data.matrix import check_matrix
from vaesym.practice.data.readers import FASHION_MNIST_FOLDER, FASHION_MNIST_VARIABLE, read_file

Array = NDArray[Any]

#: MD5 of cifar-10-binary.tar.gz as its authors publish it; they publish none of the files in it.
CIFAR_MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
CIFAR_SHAPE = (3, 32, 32)
CIFAR_VARIABLE = "VAESYM_CIFAR_10"
_RECORD = 1 + 3 * 32 * 32
_CLASSES = 10
_BATCHES = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}
_BATCH_BYTES = 10_000 * _RECORD
_CIFAR_SOURCE = ("get cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html and give it, or the "
                 f"folder with its .bin files, as root or in {CIFAR_VARIABLE}")


class IdxSet(NamedTuple):
    """An image set in the four files of MNIST: where it is looked for, where to get it, SHA-256 of each content."""

    variable: str
    folder: Path | None
    remedy: str
    digests: dict[str, str]


#: Digests of the decompressed files. Those of Fashion-MNIST belong to files whose gzip archives have the MD5 sums that
#: its authors publish (8d4fb7e6..., 25c81989..., bef4ecab..., bb300cfd...); those of MNIST are as widely published.
IDX_SETS = {
    "fashion-mnist": IdxSet(
        FASHION_MNIST_VARIABLE, FASHION_MNIST_FOLDER,
        "install it with `apt-get install dataset-fashion-mnist`, or get its four files from "
        f"github.com/zalandoresearch/fashion-mnist and give their folder as root or in {FASHION_MNIST_VARIABLE}",
        {"train-images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
         "train-labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
         "t10k-images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
         "t10k-labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}),
    "mnist": IdxSet(
        "VAESYM_MNIST", None,
        "get its four files from https://ossci-datasets.s3.amazonaws.com/mnist/ and give their folder as root or in "
        "VAESYM_MNIST",
        {"train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
         "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
         "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
         "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}),
}


def _idx(name: str, split: str, root: Any, check: bool) -> Images:
    """Return a set in the files of MNIST."""
    known, arrays = IDX_SETS[name], []
    for kind, dimensions in (("images", 3), ("labels", 1)):
        stem = f"{'train' if split == 'train' else 't10k'}-{kind}"
        path = _idx_path(name, f"{stem}-idx{dimensions}-ubyte", root)
        array, *_ = read_file(path)
        if check:
            _compare(path, _content_digest(path), known.digests[stem], "SHA-256 of the decompressed content")
        if array.dtype != np.uint8 or array.ndim != dimensions:
            raise InputError(f"{kind}, a {dimensions}-D array of uint8",
                             f"{path} with {array.ndim}-D {array.dtype}", "give the file of this name")
        arrays.append(array)
    images, labels = arrays
    if len(images) != len(labels):
        raise InputError("a label for each image", f"{len(images)} images, {len(labels)} labels", known.remedy)
    height, width = images.shape[1:]
    return Images(images.reshape(len(images), height * width), (1, height, width), labels.astype(np.int64), name,
                  1 / 255)


def _place(root: str | os.PathLike[str] | None, variable: str, usual: Path | None, remedy: str) -> Path:
    given = root or os.environ.get(variable) or usual
    if given is None:
        raise InputError("a folder with the data set", f"no root, and {variable} is not set", remedy)
    return Path(given)


def _idx_path(name: str, file: str, root: str | os.PathLike[str] | None) -> Path:
    known = IDX_SETS[name]
    place = _place(root, known.variable, known.folder, known.remedy)
    folder = place.parent if place.is_file() else place
    # Some copies have a dot before idx.
    for candidate in (f"{file}.gz", file, f"{file.replace('-idx', '.idx')}.gz", file.replace("-idx", ".idx")):
        if (folder / candidate).is_file():
            return folder / candidate
    raise InputError(f"{name}'s {file}, plain or .gz", f"no such file in {folder}", known.remedy)


def _content_digest(path: Path) -> str:
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        with gzip.GzipFile(fileobj=raw) if packed else raw as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def _compare(path: Path, received: str, expected: str, kind: str) -> None:
    if received != expected:
        raise InputError(f"{kind} {expected}", f"{received} for {path}",
                         "get the file again, or pass check=False to read it nevertheless")


def _cifar(name: str, split: str, root: Any, check: bool) -> Images:
    """Return CIFAR-10.

    An archive must have the published MD5, and each file the published size, unless ``check`` is false. No digest is
    published for the files in the archive.
    """
    place = _place(root, CIFAR_VARIABLE, None, _CIFAR_SOURCE)
    folder = place / "cifar-10-batches-bin" if (place / "cifar-10-batches-bin").is_dir() else place
    archive = next((path for path in (place, place / "cifar-10-binary.tar.gz") if path.is_file()), None)
    if archive is not None and not (folder / _BATCHES[split][0]).is_file():
        if check:
            with archive.open("rb") as stream:
                digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            _compare(archive, digest, CIFAR_MD5, "MD5 of the archive")
        contents = _from_archive(archive, _BATCHES[split])
    else:
        contents = _from_folder(folder, _BATCHES[split])
    joined = np.concatenate([_records(*batch, check) for batch in zip(_BATCHES[split], contents, strict=True)])
    return Images(np.ascontiguousarray(joined[:, 1:]), CIFAR_SHAPE, joined[:, 0].astype(np.int64), name, 1 / 255)


def _from_folder(folder: Path, names: list[str]) -> list[bytes]:
    if not (folder / names[0]).is_file():
        present = {path.name for path in folder.iterdir()} if folder.is_dir() else set[str]()
        _refuse_pickles(present, folder)
    for name in names:
        if not (folder / name).is_file():
            raise InputError(f"CIFAR-10's {name}", f"no such file in {folder}", _CIFAR_SOURCE)
    return [(folder / name).read_bytes() for name in names]


def _from_archive(archive: Path, names: list[str]) -> list[bytes]:
    try:
        with tarfile.open(archive) as tar:
            members = {Path(member.name).name: member for member in tar if member.isfile()}
            _refuse_pickles(set(members), archive)
            if missing := [name for name in names if name not in members]:
                raise InputError(f"CIFAR-10's {missing[0]}", f"no such file in {archive}", _CIFAR_SOURCE)
            streams = [tar.extractfile(members[name]) for name in names]
            return [stream.read() for stream in streams if stream is not None]
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise InputError("a readable, undamaged archive", f"{archive} ({error})", _CIFAR_SOURCE) from error


def _refuse_pickles(names: set[str], place: Path) -> None:
    if names & {"data_batch_1", "test_batch", "batches.meta", "cifar-10-batches-py"}:
        raise InputError("the binary version of CIFAR-10", f"the Python version in {place}: pickles, which can run "
                         "any code when they are read", _CIFAR_SOURCE)


def _records(name: str, content: bytes, check: bool) -> Array:
    if not content or len(content) % _RECORD or (check and len(content) != _BATCH_BYTES):
        raise InputError(f"{name} of {_BATCH_BYTES} bytes ({_RECORD} for each image)", f"{len(content)} bytes",
                         f"get it again: {_CIFAR_SOURCE}")
    records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
    if (largest := records[:, 0].max()) >= _CLASSES:
        raise InputError(f"labels from 0 to {_CLASSES - 1} in {name}", f"a label {largest}",
                         f"get it again: {_CIFAR_SOURCE}")
    return records


NAMES = ("digits", "fashion-mnist", "mnist", "cifar-10")
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
    images = _reader(name)(name, split, root, check)
    check_matrix(images.values)
    return images


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
    return Images(parts[chosen], (1, 8, 8), parts[2 + chosen], name, 1 / _DIGIT_LEVELS)


def _array_file(name: str, split: str, root: Any, check: bool) -> Images:
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
    source : what :func:`validation.images.sources.load_images` reads; bytes are scaled to [0, 1], other values stay
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
