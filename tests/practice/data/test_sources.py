"""Data as other libraries hold and store them: each read as its values are, each refusal naming what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import vaesym
from vaesym.inputs import InputError
from vaesym.practice.data.decomposition import decompose, spectrum_of
from vaesym.practice.data.readers import as_loaded, load_data, open_data
from vaesym.practice.data.rows import SparseRows, StoredRows

X = np.random.default_rng(0).normal(size=(60, 12)) * np.geomspace(3, 1, 12)
IMAGES = np.random.default_rng(1).integers(0, 256, (20, 3, 4), dtype=np.uint8)


def top(data: Any) -> float:
    """The first threshold that advice gives for data of any kind."""
    return vaesym.advise(data, latents=1, intervals=None).latents[0].eigenvalue


def refused(data: Any, *words: str) -> None:
    with pytest.raises(InputError) as caught:
        as_loaded(data)
    for word in words:
        assert word in str(caught.value)


def test_frames_of_pandas() -> None:
    frame = pd.DataFrame(X.copy(), columns=[f"gene {i}" for i in range(12)])
    assert top(frame) == top(X)
    assert as_loaded(frame).name == "DataFrame"
    whole = frame.assign(count=pd.array([1, 2] * 30, dtype="Int64"))
    assert as_loaded(whole).array.dtype == np.float64
    for kind, column in {"object": ["a", "b"] * 30, "str": ["a", "b"] * 30, "category": pd.Categorical(["u", "v"] * 30),
                         "bool": [True, False] * 30, "datetime64[ns]": pd.date_range("2020", periods=60)}.items():
        values = pd.Series(column, dtype="object") if kind == "object" else column
        refused(frame.assign(batch=values), "'batch' (", "leave them out")
    frame.iloc[4, 7] = np.nan
    with pytest.raises(InputError, match="row 4, column 7"):
        vaesym.advise(frame)


def test_sparse_frames_of_pandas() -> None:
    given = sparse.random_array((50, 9), density=0.3, rng=np.random.default_rng(3))
    frame = pd.DataFrame.sparse.from_spmatrix(given)
    assert isinstance(as_loaded(frame).array, SparseRows)
    # Values that are not stored need not be 0, and not all columns sparse.
    gaps = pd.DataFrame(given.toarray()).astype(pd.SparseDtype(float, np.nan))
    for same in (frame, frame + 1.0, gaps, frame.assign(**{"z": 1.0})):
        assert top(same) == pytest.approx(top(given.toarray()))
    refused(pd.get_dummies(pd.Series(list("abc")), sparse=True), "'a' (Sparse[bool, False])")


def test_frames_of_polars() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({f"c{i}": X[:, i] for i in range(12)})
    assert top(frame) == top(frame.lazy()) == top(X)
    refused(frame.with_columns(kind=polars.Series(["a", "b"] * 30)), "'kind' (String)")
    refused(frame.with_columns(seen=polars.Series([True, False] * 30)), "'seen' (Boolean)")
    with pytest.raises(InputError, match="1 of 720 values NaN"):
        vaesym.advise(frame.with_columns(c3=polars.Series([None, *X[1:, 3]])))


def test_arrays_of_images_are_flattened() -> None:
    loaded = as_loaded(IMAGES)
    np.testing.assert_array_equal(loaded.array, IMAGES.reshape(20, 12))
    assert loaded.notes[0] == "3x4 images flattened to 12 features"
    assert as_loaded(np.zeros((5, 3, 2, 2)) + np.arange(5)[:, None, None, None]).array.shape == (5, 12)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil"])
@pytest.mark.parametrize("kind", ["float64", "float32", "int64"])
def test_sparse_matrices_have_the_spectrum_of_dense_ones(form: str, kind: str) -> None:
    counts = np.random.default_rng(2).poisson(0.3, (300, 40)).astype(kind) * (np.arange(40) < 37)
    given = sparse.csr_matrix(counts).asformat(form)
    for center in (True, False):
        for solver in ("full", "top"):
            found = decompose(as_loaded(given).array, 3, center=center, solver=solver)
            expected = decompose(counts, 3, center=center, solver=solver)
            np.testing.assert_allclose(found.spectrum.eigenvalues[:3], expected.spectrum.eigenvalues[:3], rtol=1e-9)
            assert found.spectrum.n_features == expected.spectrum.n_features
            assert found.spectrum.total_variance == pytest.approx(expected.spectrum.total_variance)
            np.testing.assert_allclose(abs(found.scores), abs(expected.scores), atol=1e-6)


def test_sparse_with_entries_given_twice_and_faults() -> None:
    twice = sparse.coo_matrix((np.ones(4), ([0, 0, 1, 2], [0, 0, 1, 1])), shape=(3, 2))
    assert SparseRows(twice)[0].tolist() == [2.0, 0.0]
    broken = sparse.csr_array(np.diag([1.0, np.nan, 2.0]))
    for solver in ("full", "top"):
        with pytest.raises(InputError, match="row 1, column 1"):
            decompose(SparseRows(broken), 0, solver=solver)
    with pytest.raises(InputError, match="a column that varies"):
        vaesym.advise(sparse.csr_array((5, 3)))
    refused(sparse.coo_array(([1.0, 2.0], ([0, 1],))), "1 dimensions")
    assert len(vaesym.collapse_thresholds(SparseRows(sparse.eye_array(9)), latents=2).thresholds) == 2


def test_sparse_in_a_file_and_standard_errors(tmp_path: Path) -> None:
    given = sparse.random_array((200, 30), density=0.2, rng=np.random.default_rng(3), format="csr")
    sparse.save_npz(tmp_path / "x.npz", given)
    assert top(tmp_path / "x.npz") == pytest.approx(top(given.toarray()))
    found, dense = (vaesym.advise(data, latents=2, beta=0.01) for data in (given, given.toarray()))
    assert found.latents[0].eigenvalue_interval == pytest.approx(dense.latents[0].eigenvalue_interval)


def test_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    for shape in (X.shape, (12, 60)):
        with h5py.File(tmp_path / "one.h5", "w") as file:
            file["group/x"], file["labels"] = X.reshape(shape), np.arange(60)
        opened = open_data(tmp_path / "one.h5")
        assert isinstance(opened.array, StoredRows)
        np.testing.assert_allclose(spectrum_of(opened.array).eigenvalues, spectrum_of(X.reshape(shape)).eigenvalues,
                                   rtol=1e-12)
        assert load_data(tmp_path / "one.h5").array.tolist() == X.reshape(shape).tolist()
        del opened
    with h5py.File(tmp_path / "two.h5", "w") as file:
        file["a"], file["images"] = X, IMAGES
    loaded = open_data(f"{tmp_path}/two.h5:images")
    assert (loaded.scaling, loaded.name) == (1 / 255, "two.h5:images")
    assert top(f"{tmp_path}/two.h5:images") == pytest.approx(top(IMAGES / 255))
    for name, words in ((f"{tmp_path}/two.h5", "matrices: a, images"), (f"{tmp_path}/two.h5:b", "named 'b'")):
        refused(name, words, "choose one: ")
    (tmp_path / "bad.h5").write_bytes(b"no")
    refused(tmp_path / "bad.h5", "undamaged")
    with h5py.File(tmp_path / "two.h5") as file:
        assert top(file["a"]) == top(X)


def test_hdf5_is_read_once_and_in_slices(tmp_path: Path) -> None:
    """What a pass needs is a chunk: the file may be larger than memory."""
    pytest.importorskip("h5py")

    class Counting:
        shape, ndim, dtype, name = (20_000, 8), 2, np.dtype(np.float64), "x"
        read = longest = 0

        def __getitem__(self, key: Any) -> Any:
            rows, columns = key
            start, stop, _ = rows.indices(self.shape[0])
            self.read, self.longest = self.read + stop - start, max(self.longest, stop - start)
            return np.random.default_rng(start).normal(size=(stop - start, 8))[:, columns]

    stored = Counting()
    spectrum_of(StoredRows(stored))
    assert stored.longest <= 4096
    assert stored.read < 1.5 * 20_000


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of anndata's own use of pandas
def test_anndata_in_memory_and_in_a_file(tmp_path: Path) -> None:
    anndata = pytest.importorskip("anndata")
    pytest.importorskip("h5py")
    counts = np.random.default_rng(4).poisson(0.5, (80, 20)).astype(float)
    for values in (counts, sparse.csr_matrix(counts), sparse.csc_matrix(counts)):
        cells = anndata.AnnData(values, layers={"twice": 2 * values})
        assert top(cells) == pytest.approx(top(counts))
        assert top(cells.layers["twice"]) == pytest.approx(4 * top(counts))
        with anndata.settings.override(allow_write_nullable_strings=True):  # of pandas 3
            cells.write_h5ad(tmp_path / "x.h5ad")
        assert top(tmp_path / "x.h5ad") == pytest.approx(top(counts))
        assert top(f"{tmp_path}/x.h5ad:layers/twice") == pytest.approx(4 * top(counts))
        backed = anndata.read_h5ad(tmp_path / "x.h5ad", backed="r")
        assert top(backed) == pytest.approx(top(counts))
        backed.file.close()
    refused(anndata.AnnData(layers={"raw": counts}), "AnnData with X", "raw")


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(X, columns=list("abcdefghijkl"))
    frame.index = pd.Index([f"s{i}" for i in range(60)])
    frame.to_parquet(tmp_path / "x.parquet")
    assert top(tmp_path / "x.parquet") == top(X)
    places, groups = (pd.Index(np.random.default_rng(0).permutation(60), name="place"), pd.Index([3, 5] * 30, name="g"))
    for index in (places, [places, groups]):  # an index with a name is a column of the file as well
        frame.set_index(index).to_parquet(tmp_path / "named.parquet")
        assert as_loaded(tmp_path / "named.parquet").notes == ("index of the rows left out",)
        assert top(tmp_path / "named.parquet") == top(X)
    frame.assign(kind="u").to_parquet(tmp_path / "y.parquet")
    refused(tmp_path / "y.parquet", "'kind' (", "leave them out")
    frame.mask(frame > 5).to_parquet(tmp_path / "z.parquet")
    refused(tmp_path / "z.parquet", "gaps in 'a'")
    (tmp_path / "bad.parquet").write_bytes(b"no")
    refused(tmp_path / "bad.parquet", "undamaged")


def test_a_folder_of_images(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for i, pixels in enumerate(IMAGES):
        (folder := tmp_path / f"class{i % 2}").mkdir(exist_ok=True)
        image.fromarray(pixels).save(folder / f"{i:02}.png")
    loaded = load_data(tmp_path)
    np.testing.assert_array_equal(loaded.array, np.concatenate([IMAGES[::2], IMAGES[1::2]]).reshape(20, 12))
    assert loaded.scaling == 1 / 255
    assert loaded.notes[0] == "20 images of the folder, in the order of their names"
    image.fromarray(IMAGES[0, :2]).save(tmp_path / "z.png")
    refused(tmp_path, "images of one size, 3x4 as the first", "z.png of 2x4")
    (tmp_path / "z.png").write_bytes(b"no")
    refused(tmp_path, "z.png (")


def test_modes_of_images(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    red = np.stack([IMAGES, 0 * IMAGES, 0 * IMAGES], axis=-1)  # in 256 colours, all of which a palette holds
    cases: dict[str, tuple[Any, Any, str]] = {
        "P": (red, red, "3x4x3 images"), "P of greys": (IMAGES, IMAGES, "3x4 images"),
        "RGBA": (red, np.insert(red, 3, 255, axis=-1), "images of mode RGBA: all 4 channels"),
        "I;16": (IMAGES * np.uint16(257), IMAGES * np.uint16(257), "uint16 values used as they are, ")}
    for mode, (given, wanted, note) in cases.items():
        (folder := tmp_path / mode).mkdir()
        for i, pixels in enumerate(given):
            plain = image.fromarray(pixels)
            name = mode.split()[0]
            made = plain.quantize(256) if mode == "P" else plain if mode == "I;16" else plain.convert(name)
            made.save(folder / f"{i:02}.png")
        loaded = load_data(folder)
        np.testing.assert_array_equal(loaded.array, wanted.reshape(20, -1))
        assert any(said.startswith(note) for said in loaded.notes)


def test_datasets_and_loaders_of_torch() -> None:
    data = pytest.importorskip("torch.utils.data")
    from torch import tensor

    class Pairs(data.Dataset):
        def __len__(self) -> int:
            return 60

        def __getitem__(self, i: int) -> Any:
            if i >= 60:
                raise IndexError
            return {"image": tensor(X[i].reshape(1, 3, 4)), "label": i % 2}

    class Words(data.Dataset):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, i: int) -> Any:
            return object()

    class Stream(data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(map(tensor, X))

    tensors = data.TensorDataset(tensor(X), tensor(np.arange(60)))
    for given in (tensors, Pairs(), Stream(), *(data.DataLoader(one, batch_size=7) for one in (tensors, Pairs()))):
        assert top(given) == pytest.approx(top(X))
    assert "what comes beside the samples, such as labels, left out" in as_loaded(data.DataLoader(tensors)).notes
    refused(Words(), "samples of numbers", "a transform that makes tensors")
    assert top(tensor(X)) == top(X)
    # Without batches each item is a sample, unless it could be a batch as well.
    assert top(data.DataLoader(tensors, batch_size=None)) == pytest.approx(top(X))
    refused(data.DataLoader(Pairs(), batch_size=None), "batch_size=None")
    refused(data.TensorDataset(tensor(np.arange(60)), tensor(X)), "single numbers first, such as labels")


def test_lists_of_tensors_and_tensors_without_values() -> None:
    torch = pytest.importorskip("torch")
    rows = [torch.tensor(row, requires_grad=True) for row in X]
    assert top(rows) == top(X)
    half = torch.tensor(X).bfloat16()
    assert top([*half]) == top(half) == top(half.double().numpy())
    refused(torch.empty(3, 4, device="meta"), "a Tensor that NumPy cannot read")


def test_a_library_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for module, name in (("h5py", "x.h5"), ("pyarrow.parquet", "x.parquet")):
        monkeypatch.setitem(sys.modules, module, None)
        (tmp_path / name).write_bytes(b"1")
        refused(tmp_path / name, "install it with `pip install")


def test_objects_that_hold_no_array_are_named() -> None:
    refused((row for row in X), "a matrix of samples x features", "an object of type generator", "np.stack(list(data))")
    refused(map(list, X), "type map", "np.stack")
    refused({"a": [1, 2]}, "type dict", "one of its values")
    refused(None, "type NoneType", "the array itself")
    refused([["a", "b"], ["c", "d"]], "real numbers", "one column of 0 and 1")


def test_an_open_hdf5_file_is_no_matrix(tmp_path: Path) -> None:
    with pytest.importorskip("h5py").File(tmp_path / "x.h5", "w") as file:
        file["a"] = X
        refused(file, "type File", "one of its values")
        assert top(file["a"]) == pytest.approx(top(X))
