"""Files of published image sets, MNIST's, Fashion-MNIST's and CIFAR-10's, checked against published digests."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import InputError
from vaesym.practice.data.readers import FASHION_MNIST_FOLDER, FASHION_MNIST_VARIABLE, read_file

#: Bytes of the images (P, N), their shape (C, H, W), and their labels.
Found = tuple[NDArray[np.uint8], tuple[int, int, int], NDArray[np.int64]]

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


def read_idx(name: str, split: str, root: Any, check: bool) -> Found:
    """Return a set in the files of MNIST, one of :data:`IDX_SETS`."""
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
    return images.reshape(len(images), height * width), (1, height, width), labels.astype(np.int64)


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


def read_cifar(name: str, split: str, root: Any, check: bool) -> Found:
    """Return CIFAR-10, of which no other ``name`` is kept in such files.

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
    return np.ascontiguousarray(joined[:, 1:]), CIFAR_SHAPE, joined[:, 0].astype(np.int64)


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


def _records(name: str, content: bytes, check: bool) -> NDArray[np.uint8]:
    if not content or len(content) % _RECORD or (check and len(content) != _BATCH_BYTES):
        raise InputError(f"{name} of {_BATCH_BYTES} bytes ({_RECORD} for each image)", f"{len(content)} bytes",
                         f"get it again: {_CIFAR_SOURCE}")
    records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
    if (largest := records[:, 0].max()) >= _CLASSES:
        raise InputError(f"labels from 0 to {_CLASSES - 1} in {name}", f"a label {largest}",
                         f"get it again: {_CIFAR_SOURCE}")
    return records
