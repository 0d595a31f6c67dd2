"""Reading sets of images: what comes back, and a clear message for everything that is refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vaesym.inputs import InputError
from vaesym.practice.data.readers import FASHION_MNIST_FOLDER, FASHION_MNIST_VARIABLE
from validation.images.data import published
from validation.images.data.sources import Images, load_images

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 4, 5), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)
FASHION = pytest.mark.skipif(not FASHION_MNIST_FOLDER.is_dir(), reason="Debian's dataset-fashion-mnist is missing")


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def mnist_files(folder: Path, images: np.ndarray = PIXELS, labels: np.ndarray = LABELS, stem: str = "train") -> Path:
    (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
    (folder / f"{stem}-labels.idx1-ubyte").write_bytes(idx(labels))
    return folder


def records(label: int, count: int = 3, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 3072), dtype=np.uint8)
    return np.concatenate([np.full((count, 1), label, np.uint8), pixels], axis=1).tobytes()


def cifar_folder(folder: Path) -> Path:
    for i in range(1, 6):
        (folder / f"data_batch_{i}.bin").write_bytes(records(i, seed=i))
    (folder / "test_batch.bin").write_bytes(records(0, 4))
    return folder


def cifar_archive(path: Path, names: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in names.items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def saved(folder: Path, array: Any) -> Path:
    np.save(folder / "x.npy", array)
    return folder / "x.npy"


def refused(*words: str, **arguments: Any) -> None:
    with pytest.raises(InputError, match=r"(?s)^expected .*; received .*; ") as caught:
        load_images(**arguments)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)


def test_digits_are_split_once_and_for_all() -> None:
    train, test = load_images("digits"), load_images("digits", split="test")
    assert (train.values.shape, test.values.shape, train.shape) == ((1437, 64), (360, 64), (1, 8, 8))
    assert (train.values.dtype, train.scaling) == (np.float32, 1 / 16)
    both = np.concatenate([np.column_stack([part.values, part.labels]) for part in (train, test)])
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    whole = np.column_stack([values, labels])
    np.testing.assert_array_equal(both[np.lexsort(both.T)], whole[np.lexsort(whole.T)])
    np.testing.assert_array_equal(train.values, load_images("digits").values)


@FASHION
def test_fashion_mnist_has_the_published_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FASHION_MNIST_VARIABLE, raising=False)
    packed = load_images("fashion-mnist", split="test")
    assert (packed.values.shape, packed.shape, packed.values.dtype) == ((10_000, 784), (1, 28, 28), np.uint8)
    assert packed.labels is not None
    assert np.bincount(packed.labels).tolist() == [1000] * 10
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        (tmp_path / name).write_bytes(gzip.decompress((FASHION_MNIST_FOLDER / f"{name}.gz").read_bytes()))
    monkeypatch.setenv(FASHION_MNIST_VARIABLE, str(tmp_path / "t10k-images-idx3-ubyte"))
    plain = load_images("fashion-mnist", split="test")
    np.testing.assert_array_equal(plain.values, packed.values)
    np.testing.assert_array_equal(plain.labels, packed.labels)
    label_file = tmp_path / "t10k-labels-idx1-ubyte"
    label_file.write_bytes(label_file.read_bytes()[:-1] + b"\x01")
    refused("SHA-256", published.IDX_SETS["fashion-mnist"].digests["t10k-labels"], str(label_file), "check=False",
            source="fashion-mnist", split="test")
    assert load_images("fashion-mnist", split="test", check=False).labels[-1] == 1


@FASHION
def test_fashion_mnist_is_the_file_whose_archive_has_the_published_md5() -> None:
    """Debian packs with another name and time in the header; with those of the authors the MD5 is theirs."""
    archive = (FASHION_MNIST_FOLDER / "t10k-labels-idx1-ubyte.gz").read_bytes()
    header = b"\x1f\x8b\x08\x08" + (1504176627).to_bytes(4, "little") + archive[8:10] + b"t10k-labels-idx1-ubyte\0"
    assert hashlib.md5(header + archive[10:]).hexdigest() == "bb300cfdad3c16e7a12a480ee83cd310"


def test_mnist_files_packed_or_plain_with_dash_or_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAESYM_MNIST", str(mnist_files(tmp_path)))
    images = load_images("mnist", check=False)
    np.testing.assert_array_equal(images.values, PIXELS.reshape(6, 20))
    np.testing.assert_array_equal(images.labels, LABELS)
    assert (images.shape, images.scaling, images.name) == ((1, 4, 5), 1 / 255, "mnist")
    content = hashlib.sha256(idx(PIXELS)).hexdigest()
    refused(content, published.IDX_SETS["mnist"].digests["train-images"], "train-images-idx3-ubyte.gz", source="mnist")
    refused("t10k-images-idx3-ubyte", "VAESYM_MNIST", "https://", source="mnist", split="test", check=False)


def test_a_set_with_the_known_digests_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {"train-images": hashlib.sha256(idx(PIXELS)).hexdigest(),
               "train-labels": hashlib.sha256(idx(LABELS)).hexdigest()}
    monkeypatch.setitem(published.IDX_SETS, "mnist", published.IDX_SETS["mnist"]._replace(digests=digests))
    images = load_images("mnist", root=mnist_files(tmp_path))
    np.testing.assert_array_equal(images.values, PIXELS.reshape(6, 20))


def test_missing_and_mixed_up_mnist_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAESYM_MNIST", raising=False)
    refused("no root", "VAESYM_MNIST is not set", source="mnist")
    refused("fashion-mnist's train-images-idx3-ubyte", "apt-get install", FASHION_MNIST_VARIABLE,
            source="fashion-mnist", root=tmp_path)
    mnist_files(tmp_path, labels=LABELS[:5])
    refused("6 images, 5 labels", source="mnist", root=tmp_path, check=False)
    mnist_files(tmp_path, images=LABELS)
    refused("3-D array", "1-D uint8", source="mnist", root=tmp_path, check=False)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(PIXELS))[:-20])
    refused("undamaged", source="mnist", root=tmp_path)


def test_cifar_from_folder_and_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAESYM_CIFAR_10", str(cifar_folder(tmp_path)))
    images = load_images("cifar-10", check=False)
    assert (images.values.shape, images.shape) == ((15, 3072), (3, 32, 32))
    np.testing.assert_array_equal(images.labels, np.repeat([1, 2, 3, 4, 5], 3))
    assert images.values[4].tobytes() == records(2, seed=2)[3074:6146]
    names = {path.name: path.read_bytes() for path in tmp_path.glob("*.bin")}
    archive = cifar_archive(tmp_path / "cifar.tar.gz", names)
    packed = load_images("cifar-10", root=archive, split="test", check=False)
    assert packed.values.tobytes() == load_images("cifar-10", split="test", check=False).values.tobytes()
    refused("MD5", published.CIFAR_MD5, hashlib.md5(archive.read_bytes()).hexdigest(), source="cifar-10", root=archive)
    monkeypatch.setattr(published, "CIFAR_MD5", hashlib.md5(archive.read_bytes()).hexdigest())
    refused("30730000 bytes", "9219 bytes", source="cifar-10", root=archive)


def test_damaged_and_foreign_cifar_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAESYM_CIFAR_10", raising=False)
    refused("VAESYM_CIFAR_10 is not set", "cs.toronto.edu", source="cifar-10")
    refused("data_batch_1.bin", str(tmp_path), source="cifar-10", root=tmp_path)
    refused("30730000 bytes", "9219 bytes", source="cifar-10", root=cifar_folder(tmp_path))
    (tmp_path / "data_batch_3.bin").write_bytes(records(10))
    refused("labels from 0 to 9 in data_batch_3.bin", "a label 10", source="cifar-10", root=tmp_path, check=False)
    (tmp_path / "data_batch_3.bin").write_bytes(records(3)[:-1])
    refused("3073 for each image", "9218 bytes", source="cifar-10", root=tmp_path, check=False)
    (tmp_path / "broken.tar.gz").write_bytes(b"\x1f\x8b" + bytes(50))
    refused("undamaged archive", source="cifar-10", root=tmp_path / "broken.tar.gz", check=False)
    partial = cifar_archive(tmp_path / "partial.tar.gz", {"data_batch_1.bin": records(1)})
    refused("data_batch_2.bin", "partial.tar.gz", source="cifar-10", root=partial, check=False)


def test_pickles_are_refused(tmp_path: Path) -> None:
    archive = cifar_archive(tmp_path / "python.tar.gz", {"data_batch_1": b"cos\nsystem\n(S'false'\ntR."})
    refused("binary version", "run any code", source="cifar-10", root=archive, check=False)
    (tmp_path / "cifar-10-batches-py").mkdir()
    refused("binary version", "run any code", source="cifar-10", root=tmp_path)


@pytest.mark.parametrize(("array", "shape", "values"), [
    (PIXELS, (1, 4, 5), PIXELS.reshape(6, 20)),
    (PIXELS.reshape(6, 20)[:, :16], (1, 4, 4), PIXELS.reshape(6, 20)[:, :16]),
    (PIXELS.reshape(6, 20), (1, 1, 20), PIXELS.reshape(6, 20)),
    (np.stack([PIXELS] * 3, axis=1), (3, 4, 5), np.tile(PIXELS.reshape(6, 20), 3)),
    (np.stack([PIXELS, PIXELS // 2, PIXELS // 3], axis=3), (3, 4, 5),
     np.hstack([PIXELS.reshape(6, 20) // k for k in (1, 2, 3)])),
    (PIXELS[..., None], (1, 4, 5), PIXELS.reshape(6, 20)),
    (PIXELS.astype(np.float32) - 7, (1, 4, 5), PIXELS.reshape(6, 20).astype(np.float32) - 7),
])
def test_arrays_of_each_layout(tmp_path: Path, array: np.ndarray, shape: Any, values: np.ndarray) -> None:
    images = load_images(saved(tmp_path, array))
    assert (images.shape, images.labels, images.name) == (shape, None, "x.npy")
    assert images.values.dtype == array.dtype
    assert images.scaling == (1 / 255 if array.dtype == np.uint8 else 1.0)
    np.testing.assert_array_equal(images.values, values)


def test_double_precision_is_rounded(tmp_path: Path) -> None:
    images = load_images(saved(tmp_path, np.array([[0.1, 0.0], [0.3, 0.0]])))
    np.testing.assert_array_equal(images.values, np.array([[0.1, 0.0], [0.3, 0.0]], np.float32))


@pytest.mark.parametrize(("array", "words"), [
    (np.array([[0.0, 1.0], [np.nan, np.inf]]), ("2 of 4 values NaN or infinite", "row 1, column 0")),
    (np.zeros((5, 4, 4), np.uint8), ("a column that varies", "5 equal rows")),
    (np.array([[0.0, 1e300], [0.0, 0.0]]), ("1 of 4 values NaN or infinite", "row 0, column 1")),
    (np.zeros((5, 3, 4, 3)), ("C = 1 or 3", "cannot be told")),
    (np.zeros((5, 2, 4, 2)), ("C = 1 or 3", "(5, 2, 4, 2)")),
    (np.zeros(5), ("(P, N)", "(5,)")),
    (np.zeros((5, 4), complex), ("real numbers", "complex128")),
])
def test_arrays_that_are_refused(tmp_path: Path, array: np.ndarray, words: tuple[str, ...]) -> None:
    refused(*words, source=saved(tmp_path, array))


def test_other_input_that_is_refused(tmp_path: Path) -> None:
    refused("'validation'", source="digits", split="validation")
    refused("cifar-10", "'cifar'", source="cifar")
    refused("the path of a .npy", source=3)
    refused("root for", source="digits", root=tmp_path)
    refused("split 'train'", source=saved(tmp_path, PIXELS), split="test")
    refused("missing.npy", source=tmp_path / "missing.npy")


def test_scaled_values_do_not_overflow() -> None:
    images = Images(np.array([[255, 0], [254, 255]], np.uint8), (1, 1, 2), None, "mine", 1 / 255)
    np.testing.assert_allclose(images.scaled(), [[1, 0], [254 / 255, 1]], rtol=1e-7)
    assert images.scaled().dtype == np.float32


@pytest.mark.parametrize(("values", "shape", "labels", "words"), [
    (np.zeros((3, 4)), (1, 2, 2), None, "uint8 or float32"),
    (np.zeros((3, 4), np.uint8), (1, 2, 3), None, "product 4"),
    (np.zeros((3, 4), np.uint8), (1, 2, 2), np.zeros(2), "one label for each of 3"),
])
def test_parts_that_do_not_fit(values: Any, shape: Any, labels: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Images(values, shape, labels, "mine")
