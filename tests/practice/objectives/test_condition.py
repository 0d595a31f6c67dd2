"""Conditional VAEs: thresholds of the residual covariance, against a training; and standardised columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize

import vaesym
from vaesym import advise, collapse_thresholds
from vaesym.inputs import InputError

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 300)
X = RNG.normal(size=(3, 5))[LABELS] * 4 + RNG.normal(size=(300, 5)) * [3, 2, 1, 1, 1] + 100
WITHIN = X - np.array([X[label == LABELS].mean(axis=0) for label in range(3)])[LABELS]
VALUES = np.linalg.svd(WITHIN, compute_uv=False) ** 2 / 300
NUMBERS = RNG.normal(size=(300, 2))


def eigenvalues(data: Any, **options: Any) -> Any:
    return [latent.eigenvalue for latent in advise(data, latents=5, intervals=None, **options).latents]


@pytest.mark.parametrize("labels", [LABELS, LABELS.astype(str), np.array(["a", "b", "c"])[LABELS].tolist(),
                                    np.array(["a", "b", "c"], dtype=object)[LABELS], LABELS[:, None]])
def test_labels_leave_the_covariance_within_them(labels: Any) -> None:
    np.testing.assert_allclose(eigenvalues(X, condition=labels), VALUES, rtol=1e-10)
    advice = advise(X, condition=labels)
    assert advice.alpha == pytest.approx((300 - 2) / 5)
    assert advice.n_samples == 300
    assert any("given 3 labels, which take 2 of the 300 samples" in note for note in advice.notes)
    tops = [np.linalg.eigvalsh(np.cov(X[label == LABELS].T, bias=True))[-1] for label in range(3)]
    assert any(f"largest eigenvalue within one label is {max(tops):.4g}" in note for note in advice.notes)


def test_numbers_leave_the_residuals_of_a_regression() -> None:
    basis = np.c_[np.ones(300), NUMBERS]
    rest = X - basis @ np.linalg.lstsq(basis, X, rcond=None)[0]
    wanted = np.linalg.svd(rest, compute_uv=False) ** 2 / 300
    for given in (NUMBERS, NUMBERS.tolist(), np.c_[NUMBERS, NUMBERS[:, 0] * 2, np.ones(300)]):
        np.testing.assert_allclose(eigenvalues(X, condition=given), wanted, rtol=1e-9)
    np.testing.assert_allclose(eigenvalues(sparse.csr_array(X), condition=NUMBERS, solver="top")[:2], wanted[:2],
                               rtol=1e-9)


def test_a_conditional_vae_collapses_where_the_residual_covariance_says() -> None:
    """Trained: decoder Wz + a mean for each label, encoder Vᵀx + a shift for each label, on the exact loss."""
    def loss(weights: Any, beta: float) -> float:
        decoder, encoder, log = weights[:5], weights[5:10], weights[10]
        means, shifts = weights[11:26].reshape(3, 5), weights[26:29]
        code = (X - 100) @ encoder + shifts[LABELS]
        rest = X - 100 - means[LABELS] - np.outer(code, decoder)
        kl = (code**2).mean() + np.exp(log) - log - 1
        return ((rest**2).sum(axis=1).mean() + (decoder**2).sum() * np.exp(log) + beta * kl) / 2

    top = advise(X, latents=1, condition=LABELS, intervals=None).latents[0].eigenvalue
    assert top < 0.8 * advise(X, latents=1, intervals=None).latents[0].eigenvalue
    for factor in (0.9, 1.1):
        start = np.random.default_rng(1).normal(size=29) / 10
        found = minimize(loss, start, (factor * top,), method="BFGS", options={"gtol": 1e-6, "maxiter": 3000})
        assert (np.linalg.norm(found.x[:5]) > 0.3) == (factor < 1)
        assert -found.x[10] == pytest.approx(max(0.0, -np.log(factor)), abs=2e-2)


def test_a_column_that_the_condition_determines_is_constant() -> None:
    given = np.c_[X, LABELS * 1e5, NUMBERS[:, 0]]
    assert advise(given, condition=LABELS, latents=5, intervals=None).alpha == pytest.approx(298 / 6)


@pytest.mark.parametrize("name", ["c.npy", "c.csv", "c.txt"])
def test_conditions_from_files(tmp_path: Path, name: str) -> None:
    for given, wanted in ((LABELS, VALUES), (NUMBERS, eigenvalues(X, condition=NUMBERS))):
        if name.endswith(".npy"):
            np.save(tmp_path / name, given)
        else:
            np.savetxt(tmp_path / name, given, delimiter=",", fmt="%d" if given is LABELS else "%.17g")
        np.testing.assert_allclose(eigenvalues(X, condition=tmp_path / name), wanted, rtol=1e-9)
    if not name.endswith(".npy"):
        # A header over numbers is seen, and other separators.
        (tmp_path / name).write_text("\n".join(["age;dose", *(f"{a:.17g};{b:.17g}" for a, b in NUMBERS)]))
        np.testing.assert_allclose(eigenvalues(X, condition=tmp_path / name), wanted, rtol=1e-9)
        (tmp_path / name).write_text("\n".join(np.array(["u", "v", "w"])[LABELS]))
        np.testing.assert_allclose(eigenvalues(X, condition=str(tmp_path / name)), VALUES, rtol=1e-9)


def test_many_labels_leave_the_noise_that_there_is() -> None:
    """More labels than leave a sample for each feature: the directions that they take are no gaps."""
    noise = np.random.default_rng(0).normal(size=(60, 40))
    for labels in (25, 35):
        advice = advise(noise + 9 * (np.arange(60) % labels)[:, None], condition=np.arange(60) % labels, intervals=None)
        # Of 60 samples 60 - labels are left, and their scatter is divided by 60.
        assert advice.noise * 60 / (61 - labels) == pytest.approx(1, rel=0.15)
        assert not advice.signals
    with pytest.raises(InputError, match="a condition leaves something of"):
        advise(np.c_[LABELS, 3 * LABELS], condition=LABELS)


COUNTED = [f"{i},{label}" for i, label in enumerate(LABELS)]


@pytest.mark.parametrize("lines", [
    COUNTED, [",label", *COUNTED], ["id;kind", *(f"{i + 1};k{label}" for i, label in enumerate(LABELS))],
    ["kind", *(f"k{label}" for label in LABELS)]])
def test_an_index_and_a_header_beside_labels_are_left_out(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "c.csv").write_text("\n".join(lines))
    advice = advise(X, latents=2, condition=tmp_path / "c.csv", intervals=None)
    np.testing.assert_allclose([latent.eigenvalue for latent in advice.latents], VALUES[:2], rtol=1e-9)
    assert "left out, which take 2 of the 300 samples" in advice.notes[0]


@pytest.mark.parametrize(("given", "words"), [
    (LABELS[:-1], "each of the 300 samples; received 299"), (np.arange(300), "more samples than a condition takes up"),
    (NUMBERS * np.nan, "finite numbers"), (np.zeros((300, 2), complex), "labels .samples. or numbers"),
    ([None, *LABELS[1:]], "without gaps"), (np.ones(300, int), "a condition that varies"),
    ("nowhere.csv", "nowhere.csv"),
    (np.ma.masked_equal(LABELS, 1), "condition without gaps"), (np.array([["a", "b"]] * 300), "array of type <U1")])
def test_bad_conditions_are_refused(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        advise(X, condition=given)


@pytest.mark.parametrize("text", ["a,b\nc\n", "a\n,\n", ""])
def test_bad_files_of_conditions_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(InputError, match="a label or numbers in each line"):
        advise(X, condition=tmp_path / "c.csv")


def written(folder: Path, name: str, index: Any) -> Path:
    """A file of the data that names their rows, as pandas and AnnData write it."""
    pd = pytest.importorskip("pandas")
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        pd.DataFrame(X, index=index, columns=list("abcde")).to_parquet(folder / name)
        return folder / name
    with pytest.importorskip("h5py").File(folder / name, "w") as file:
        file["X"], names = X, [str(one) for one in index]
        file.create_group("obs").attrs["_index"] = "cell"
        file["obs/cell/values" if name.startswith("nullable") else "obs/cell"] = names
    return folder / name


@pytest.mark.parametrize("ask", [advise, lambda data, condition: vaesym.scan(data, latents=1, condition=condition),
                                 lambda data, condition: collapse_thresholds(data, likelihood="gaussian_shared",
                                                                             condition=condition)])
def test_labels_in_another_order_than_the_data_are_refused(ask: Any) -> None:
    """pandas goes by names, arrays by places: labels that were sorted would be given to other samples."""
    pd = pytest.importorskip("pandas")
    data, labels = pd.DataFrame(X), pd.Series(LABELS)
    with pytest.raises(InputError, match=r"index of the data; received \d+ for \d+ in row \d+; pass condition.loc"):
        ask(data, condition=labels.sort_values(kind="stable"))
    with pytest.raises(InputError, match="received 0 for 'a0' in row 0"):
        ask(data.set_index("a" + data.index.astype(str)), condition=labels)


def test_labels_with_the_index_of_the_data_or_without_any_go_by_place() -> None:
    pd = pytest.importorskip("pandas")
    data, labels = pd.DataFrame(X)[::-1], pd.Series(LABELS)[::-1]
    for given in (labels, labels.to_numpy(), labels.tolist(), labels.to_frame()):
        np.testing.assert_allclose(eigenvalues(data, condition=given), VALUES, rtol=1e-10)
    np.testing.assert_allclose(eigenvalues(X, condition=pd.Series(LABELS, index=range(300, 0, -1))), VALUES, rtol=1e-10)


@pytest.mark.parametrize("name", ["x.parquet", "x.h5ad", "nullable.h5ad"])
def test_the_rows_of_files_have_names_too(tmp_path: Path, name: str) -> None:
    pd = pytest.importorskip("pandas")
    numbers = pd.RangeIndex(300)
    kinds = [pd.Index([f"s{i}" for i in numbers]), pd.Index([f"s{i}" for i in numbers], name="id")]
    if name == "x.parquet":
        kinds += [numbers, pd.date_range("2020", periods=300, tz="UTC"), pd.MultiIndex.from_arrays([numbers, LABELS])]
    for index in kinds:
        path, labels = written(tmp_path, name, index), pd.Series(LABELS, index=index)
        np.testing.assert_allclose(eigenvalues(path, condition=labels), VALUES, rtol=1e-10)
        np.testing.assert_allclose(eigenvalues(path, condition=labels[::-1].to_numpy()[::-1]), VALUES, rtol=1e-10)
        with pytest.raises(InputError, match=r"index of the data; received .* in row 0; pass condition.loc"):
            advise(path, condition=labels[::-1])


def test_a_table_that_has_lost_rows_or_its_index_has_no_names(tmp_path: Path) -> None:
    """Others than pandas change the table and keep what it said of its index."""
    parquet = pytest.importorskip("pyarrow.parquet")
    pd = pytest.importorskip("pandas")
    labels = pd.Series(LABELS, index=[f"s{i}" for i in range(300)])
    parquet.write_table(parquet.read_table(written(tmp_path, "a.parquet", labels.index)).select(list("abcde")),
                        tmp_path / "b.parquet")
    parquet.write_table(parquet.read_table(written(tmp_path, "a.parquet", range(300))).slice(1), tmp_path / "c.parquet")
    assert len(eigenvalues(tmp_path / "b.parquet", condition=labels[::-1])) == 5
    assert len(eigenvalues(tmp_path / "c.parquet", condition=labels[1:])) == 5


def test_files_that_name_their_rows_in_no_known_way_have_no_names(tmp_path: Path) -> None:
    with pytest.importorskip("h5py").File(tmp_path / "old.h5ad", "w") as old:
        old["X"], old["obs"] = X, np.zeros(300, dtype=[("index", "S4"), ("batch", "i4")])
    with pytest.importorskip("h5py").File(tmp_path / "other.h5", "w") as other:
        other["obs/_index"], other["x"] = np.arange(300), X
    for path in (tmp_path / "old.h5ad", f"{tmp_path}/other.h5:x"):
        np.testing.assert_allclose(eigenvalues(path, condition=LABELS), VALUES, rtol=1e-10)


def test_gaps_in_an_index_are_equal_at_the_same_places() -> None:
    pd = pytest.importorskip("pandas")
    for index in (pd.Index([np.nan, *range(299)]), pd.Index([None, *map(str, range(299))]),
                  pd.MultiIndex.from_arrays([[np.nan, *range(299)], LABELS])):
        data, labels = pd.DataFrame(X, index=index), pd.Series(LABELS, index=index.copy(deep=True))
        np.testing.assert_allclose(eigenvalues(data, condition=labels), VALUES, rtol=1e-10)
        with pytest.raises(InputError, match=r"index of the data; received .* in row 0; pass"):
            advise(data, condition=labels[::-1])


@pytest.mark.parametrize("solver", ["full", "top"])
def test_standardising_does_not_blow_up_rounding(solver: Any) -> None:
    for kind in (np.float64, np.float32):
        wide = np.c_[X, np.full(300, 0.3), np.where(X[:, 0] > 100, np.nextafter(kind(0.1), kind(1)), kind(0.1))]
        found, plain = (advise(data.astype(kind), latents=3, solver=solver, standardise=True, intervals=None)
                        for data in (wide, X))
        assert [row.eigenvalue for row in found.latents] == pytest.approx([row.eigenvalue for row in plain.latents])
        assert found.alpha == plain.alpha
        assert found.notes[0].endswith("but for 2 constant, left out")


def test_standardised_columns_have_the_eigenvalues_of_the_correlation() -> None:
    wanted = np.linalg.eigvalsh(np.corrcoef(X.T))[::-1]
    np.testing.assert_allclose(eigenvalues(X, standardise=True), wanted, rtol=1e-10)
    np.testing.assert_allclose(eigenvalues(sparse.csr_array(X), standardise=True), wanted, rtol=1e-10)
    whole = (X * 2).astype(np.uint8)
    np.testing.assert_allclose(eigenvalues(whole, standardise=True), np.linalg.eigvalsh(np.corrcoef(whole.T))[::-1],
                               rtol=1e-10)
    both = advise(X, latents=5, standardise=True, condition=LABELS, intervals=None)
    scaled = WITHIN / X.std(axis=0)
    np.testing.assert_allclose([latent.eigenvalue for latent in both.latents],
                               np.linalg.svd(scaled, compute_uv=False) ** 2 / 300, rtol=1e-9)


def test_scaling_the_data_scales_the_thresholds() -> None:
    """[−1, 1] in place of [0, 1] doubles the values, and makes all thresholds four times as large."""
    np.testing.assert_allclose(eigenvalues(2 * X - 1), 4 * np.array(eigenvalues(X)))
