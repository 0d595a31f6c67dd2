"""Reading data: round trips of every format, and a clear message for everything that is refused."""

from __future__ import annotations

import contextlib
import gzip
import io
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.inputs import InputError
from vaesym.practice.data import readers
from vaesym.practice.data.readers import FASHION_MNIST_FILES, FASHION_MNIST_FOLDER, check_matrix, load_data

FLOATS = np.array([[1.0, 2.5], [3.0, -4.0], [0.5, 6.0]])
IMAGES = np.arange(24, dtype=np.uint8).reshape(3, 2, 4)
HOLES = np.array([[0, 1, 2], [3, 4, np.nan], [6, -np.inf, 8], [np.inf, 10, 11]])
WIDE = bool(np.finfo("g").max > np.finfo("d").max)  # long double: not everywhere wider than double
IDX_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, IDX_CODES[array.dtype.str[1:]], array.ndim])
    return header + np.array(array.shape, ">u4").tobytes() + array.astype(f">{array.dtype.str[1:]}").tobytes()


def npy(array: Any) -> bytes:
    np.save(stream := io.BytesIO(), array, allow_pickle=True)
    return stream.getvalue()


def npz(**arrays: Any) -> bytes:
    np.savez_compressed(stream := io.BytesIO(), **arrays)
    return stream.getvalue()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refused(source: Any, *words: str) -> None:
    """Every word stands in the message, which has the three parts of an InputError."""
    with pytest.raises(InputError, match=r"(?s)^expected .*; received .*; ") as caught:
        load_data(source)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)


@pytest.mark.parametrize("dtype", ["f8", "f4", ">f8", ">f4", "f2", "g", "i1", "i4", "u2", "i8", "?"])
def test_npy_keeps_values_and_gives_native_floats(tmp_path: Path, dtype: str) -> None:
    data = np.array([[1, 2], [3, 0], [5, 7]]).astype(dtype)
    loaded = load_data(write(tmp_path / "x.npy", npy(data)))
    assert loaded.array.dtype == (np.float32 if dtype.endswith("f4") else np.float64)
    np.testing.assert_array_equal(loaded.array, data)
    assert (loaded.name, loaded.scaling, loaded.notes) == ("x.npy", 1.0, ())


@pytest.mark.parametrize("order", ["C", "F"])
def test_uint8_images_stay_uint8_and_are_flattened(tmp_path: Path, order: Any) -> None:
    path = write(tmp_path / "x.npy", npy(np.array(IMAGES, order=order)))
    loaded, raw = load_data(path), load_data(path, raw=True)
    assert loaded.notes == ("2x4 images flattened to 8 features",
                            "uint8 values scaled to [0, 1] (divide by 255); pass --raw to keep them")
    assert raw.notes[1] == "uint8 values kept as they are, 0 to 255"
    assert (loaded.scaling, raw.scaling) == (1 / 255, 1.0)
    for array in (loaded.array, raw.array):
        assert array.dtype == np.uint8
        np.testing.assert_array_equal(array, IMAGES.reshape(3, 8))


def test_more_than_three_dimensions_are_flattened(tmp_path: Path) -> None:
    for shape, kind in (((2, 3, 4, 5), "3x4x5 images"), ((2, 1, 2, 2, 3), "1x2x2x3 arrays")):
        data = np.arange(float(np.prod(shape))).reshape(shape)
        loaded = load_data(write(tmp_path / "x.npy", npy(data)))
        np.testing.assert_array_equal(loaded.array, data.reshape(2, -1))
        assert loaded.notes == (f"{kind} flattened to {data[0].size} features",)


def test_npz_with_one_array_or_one_named(tmp_path: Path) -> None:
    two = write(tmp_path / "two.npz", npz(X=FLOATS, labels=np.arange(3)))
    np.testing.assert_array_equal(load_data(write(tmp_path / "one.npz", npz(X=FLOATS))).array, FLOATS)
    np.testing.assert_array_equal(load_data(f"{two}:X").array, FLOATS)
    assert load_data(f"{two}:X").name == "two.npz:X"
    refused(two, "one array", "X, labels", f"{two}:NAME")
    refused(f"{two}:Y", "an array named 'Y'", "X, labels")


def test_csv_round_trip(tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(size=(7, 3))
    for header, notes in (("", ()), ("a,b,c", ("header row skipped: # a,b,c (--no-header to keep it)",))):
        np.savetxt(tmp_path / "x.csv", data, delimiter=",", header=header)
        loaded = load_data(tmp_path / "x.csv")
        np.testing.assert_array_equal(loaded.array, data)
        assert loaded.notes == notes
    assert load_data(write(tmp_path / "x.csv", b"1\n2\n3\n")).array.shape == (3, 1)


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n", "\ufeffa,b\r\n1,2\r\n3,4\r\n", "\na , b\n\n 1, 2\n3,4",
                                  '"a",b\n1,2\n3,4', "id,2019\n1,2\n3,4"])
def test_csv_header_blank_lines_bom_and_spaces(tmp_path: Path, text: str) -> None:
    loaded = load_data(write(tmp_path / "x.CSV", text.encode()))
    np.testing.assert_array_equal(loaded.array, [[1, 2], [3, 4]])
    assert loaded.notes[0].startswith("header row skipped: ")


X = np.random.default_rng(0).normal(size=(50, 20))
WHOLE = np.random.default_rng(0).integers(0, 5, (50, 20))
MIXED = pd.DataFrame({year: WHOLE[:, 0] if year == 1993 else X[:, year - 1990] for year in range(1990, 2010)})
HEADER, INDEX = "header row skipped", "first column taken as the index"
#: What pandas writes, how, and what is said of it; all of it is the same numbers.
WRITTEN: list[tuple[pd.DataFrame, dict[str, Any], list[str]]] = [
    (pd.DataFrame(X), {"index": False}, [HEADER]),
    (pd.DataFrame(X), {}, [HEADER, INDEX]),
    (pd.DataFrame(X), {"header": False}, [INDEX]),
    (pd.DataFrame(X), {"header": False, "index": False}, []),
    (pd.DataFrame(X, columns=range(1990, 2010)), {"index": False}, [HEADER]),
    (pd.DataFrame(X, columns=range(1990, 2010)), {}, [HEADER, INDEX]),
    (MIXED, {"index": False}, [HEADER]),
    (pd.DataFrame(X, index=range(1, 51)), {"header": False}, [INDEX]),
    (pd.DataFrame(X, index=pd.RangeIndex(50, name="id")), {}, [HEADER, INDEX]),
    (pd.DataFrame(X, index=[f"s{i}" for i in range(50)]), {"header": False}, [INDEX]),
    (pd.DataFrame(X, index=pd.date_range("2020", periods=50)), {}, [HEADER, INDEX]),
    (pd.DataFrame(X), {"index": False, "sep": ";"}, ["columns separated by semicolons", HEADER]),
    (pd.DataFrame(X), {"sep": ";", "decimal": ","}, ["semicolons, with decimal commas", HEADER, INDEX]),
    (pd.DataFrame(X), {"sep": "\t"}, ["columns separated by tabs", HEADER, INDEX]),
    (pd.DataFrame(X), {"quoting": 1}, [HEADER, INDEX]),
    (pd.DataFrame(WHOLE), {"index": False}, [HEADER]),
    (pd.DataFrame(WHOLE), {}, [HEADER, INDEX]),
    (pd.DataFrame(WHOLE), {"header": False, "index": False}, []),
    (pd.DataFrame(X[:, :1]), {"index": False}, [HEADER]),
    (pd.DataFrame(X[:, :2]), {}, [HEADER, INDEX]),
]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.tsv"])
@pytest.mark.parametrize("case", range(len(WRITTEN)))
def test_tables_as_pandas_writes_them(tmp_path: Path, case: int, name: str) -> None:
    frame, options, said = WRITTEN[case]
    frame.to_csv(tmp_path / name, **options)
    loaded = load_data(tmp_path / name)
    np.testing.assert_array_equal(loaded.array, frame.to_numpy())
    assert [word in note for word, note in zip(said, loaded.notes, strict=True)] == [True] * len(said)


def test_header_and_index_are_a_choice(tmp_path: Path) -> None:
    pd.DataFrame(X).to_csv(tmp_path / "x.csv")
    np.testing.assert_array_equal(load_data(tmp_path / "x.csv", index=False).array, np.c_[np.arange(50), X])
    pd.DataFrame(X).to_csv(tmp_path / "y.csv", index=False)
    kept = load_data(tmp_path / "y.csv", header=False)
    np.testing.assert_array_equal(kept.array, np.vstack([np.arange(20), X]))
    assert "--header" in kept.notes[0]
    np.testing.assert_array_equal(load_data(tmp_path / "y.csv", index=True).array, X[:, 1:])
    pd.DataFrame(WHOLE[:, :2]).to_csv(tmp_path / "z.csv", index=False)
    assert load_data(tmp_path / "z.csv").notes[0].startswith("first row, which counts 0, 1, ..., taken as a sample")
    np.testing.assert_array_equal(load_data(tmp_path / "z.csv", header=True).array, WHOLE[:, :2])
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(InputError, match="beside a table in text"):
        load_data(tmp_path / "x.npy", header=True)


def test_numbers_without_a_point_are_no_header(tmp_path: Path) -> None:
    # As R writes them: 1 and not 1.0.
    text = "1,2\n3.5,4\n5,6.5\n7.5,8.5\n"
    assert load_data(write(tmp_path / "x.csv", text.encode())).array.shape == (4, 2)


def test_commas_between_thousands_are_told_from_decimal_ones(tmp_path: Path) -> None:
    # Between tabs a comma may be either, unless one number leaves no choice; between semicolons it is decimal.
    for name, text in (("x.tsv", "2,500\t4\n0,250\t3\n"), ("x.tsv", "2,500\t4\n,25\t3\n"),
                       ("x.csv", "2,500;4\n0,250;3\n")):
        np.testing.assert_array_equal(load_data(write(tmp_path / name, text.encode())).array, [[2.5, 4], [0.25, 3]])
    assert load_data(write(tmp_path / "x.csv", b"1,250;3\n2,500;4\n")).array[0, 0] == 1.25


def test_later_gaps_and_words_are_found_beyond_the_rows_looked_at(tmp_path: Path) -> None:
    lines = ["i,a,b", *(f"{i},0.5,1.5" for i in range(200))]
    lines[150] = "149,,1.5"
    refused(write(tmp_path / "x.csv", "\n".join(lines).encode()), "a missing value, '' in line 151, column 2")
    lines[150] = "149,0.5,1.5,2.5"
    refused(write(tmp_path / "x.csv", "\n".join(lines).encode()), "4 values in line 151 and 3 in line 1")


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", ["a-idx3-ubyte", "x.idx", "a-idx3-ubyte.gz", "x.idx.gz", "whatever.gz"])
def test_idx_round_trip_gzipped_or_not_whatever_the_name(tmp_path: Path, name: str, packed: bool) -> None:
    loaded = load_data(write(tmp_path / name, gzip.compress(idx(IMAGES)) if packed else idx(IMAGES)))
    np.testing.assert_array_equal(loaded.array, IMAGES.reshape(3, 8))
    assert (loaded.array.dtype, loaded.array.flags.writeable, loaded.name) == (np.uint8, True, name)


@pytest.mark.parametrize("dtype", list(IDX_CODES))
def test_idx_types(tmp_path: Path, dtype: str) -> None:
    data = np.array([[1, 2], [3 if dtype == "u1" else -3, 4]], dtype=dtype)
    loaded = load_data(write(tmp_path / "x.idx", idx(data)))
    np.testing.assert_array_equal(loaded.array, data)
    assert loaded.array.dtype == {"u1": np.uint8, "f4": np.float32}.get(dtype, np.float64)


def test_digits_keep_their_values() -> None:
    assert (load_data("digits").array.dtype, load_data("digits").array.max()) == (np.float64, 16)


@pytest.mark.parametrize("name", FASHION_MNIST_FILES)
def test_fashion_mnist_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = write(tmp_path / name, gzip.compress(idx(IMAGES)))
    for variable, folder in ((path, "/none"), (tmp_path, "/none"), ("", tmp_path)):
        monkeypatch.setenv("VAESYM_FASHION_MNIST", str(variable))
        monkeypatch.setattr(readers, "FASHION_MNIST_FOLDER", Path(folder))
        np.testing.assert_array_equal(load_data("fashion-mnist").array, IMAGES.reshape(3, 8))


def test_fashion_mnist_absent_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "FASHION_MNIST_FOLDER", tmp_path)
    for variable, place in ((f"{tmp_path}/nowhere", f"{tmp_path}/nowhere"), ("", str(tmp_path))):
        monkeypatch.setenv("VAESYM_FASHION_MNIST", variable)
        refused("fashion-mnist", place, "apt-get install dataset-fashion-mnist", "VAESYM_FASHION_MNIST",
                "train-images-idx3-ubyte.gz")


@pytest.mark.skipif(not FASHION_MNIST_FOLDER.exists(), reason="dataset-fashion-mnist is not installed")
def test_the_real_fashion_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAESYM_FASHION_MNIST", raising=False)
    loaded = load_data("fashion-mnist")
    assert (loaded.name, loaded.array.shape, loaded.array.dtype) == ("fashion-mnist", (60000, 784), np.uint8)
    assert (loaded.array.min(), loaded.array.max()) == (0, 255)
    assert loaded.notes[0] == "28x28 images flattened to 784 features"


def test_missing_files_folders_and_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("x.npy", "x.npz", "x.csv", "x.idx", "minst", "x.npz:X"):
        refused(f"{tmp_path}/{name}", "No such file", name.split(":")[0], ".npy, .npz", "digits and fashion")
    (tmp_path / "folder.npy").mkdir()
    for folder in (tmp_path, tmp_path / "folder.npy", ""):
        refused(folder, "Is a directory", str(folder))
    refused("nul\0.npy", "null byte")
    refused("x" * 5000 + ".npy", "too long")
    # Root may read every file, so the refusal of the system is put in place by hand.
    monkeypatch.setattr(Path, "open", Mock(side_effect=PermissionError(13, "Permission denied")))
    refused(tmp_path / "x.npy", "Permission denied", "x.npy", "check the path")


def test_a_source_that_is_no_path() -> None:
    for source in (3, None, FLOATS, b"x.npy", ["x.npy"]):
        refused(source, "the path or the name of a data set", type(source).__name__)


ZIPPED, OBJECTS = gzip.compress(idx(IMAGES)), np.array([[1, None]], dtype=object)
FILES: list[tuple[str, bytes, str]] = [
    *((f"x.{end}", b"", "an empty file") for end in ("npy", "npz", "csv", "idx", "gz", "txt")),
    ("x.xyz", b"1", "known kind|.npy, .npz|.csv|IDX|digits and fashion-mnist"), ("x", b"1", "known kind"),
    *((f"x.{end}", b"1,2\n3,4\n", "numpy.save or numpy.savez did not write it") for end in ("npy", "npz")),
    ("x.npy", npy(OBJECTS), "Object arrays|not read"), ("x.npz", npz(X=OBJECTS), "Object arrays|not read"),
    ("x.npz", npz(), "one array|arrays: none"), ("x.npz", npz(X=FLOATS)[:-30], "NumPy cannot read"),
    ("x.npy", npy(FLOATS)[:-3], "NumPy cannot read"), ("x.gz", ZIPPED[:-10], "file ended before"),
    ("x.gz", ZIPPED[:-8] + bytes(8), "CRC check"), ("x.gz", ZIPPED[:10] + b"\xff" * 20, "decompressing"),
    ("x.csv.gz", gzip.compress(b"1,2\n"), "at least two samples|(1, 2)"), ("x.csv.gz", b"1,2\n", "Not a gzipped file"),
    ("x.csv", b"\xff\xfe1\0", "text in UTF-8|save it"),
    ("x.csv", b"1,2\n" * 9000 + b"\xb5,2\n", "text in UTF-8"),
    ("x.tsv", b"a\tb\n1,250\t3\n2,500\t4\n", "read in one way|1,250|thousands"),
    ("x.idx", idx(IMAGES)[:-1], "promises shape (3, 2, 4), 40 bytes, but 39 came"),
    ("x.idx", idx(IMAGES) + b"\0", "but 41 came"), ("x.gz", gzip.compress(idx(IMAGES)[:-5]), "but 35 came"),
    *(("x.idx", header, "no header of an IDX file")
      for header in (idx(IMAGES)[:10], b"\0\0\7\1\0\0\0\1", b"\0\0\x08\0", b"\0\0\x08\xff" + bytes(2000))),
    ("labels-idx1-ubyte", idx(np.arange(4, dtype=np.uint8)), "2-D array|1-D array|labels"),
]
CSV = {
    **dict.fromkeys(["\n \n", "a,b\n", "\ufeff"], "without rows of numbers"),
    "1,2\n3,cat\n": "'cat' in line 2, column 2", "1,2\n3,\n": "'' in line 2, column 2",
    "a,b\n1,2\n\nc,d\n": "'c' in line 4, column 1|commas|equal length|header row",
    "1,2\n3,NA\n5,\n": "a missing value, 'NA' in line 2, column 2|remove or impute", "1 2\n3 4\n": "'3 4' in line 2",
    "1,2,\n3,4,\n": "'' in line 1, column 3|or the separator at the end of the lines",
    "1,cat\n3,4\n": "'cat' in line 1, column 2", ",cat,2.5\n3,4,5\n": "'' in line 1, column 1",
    "1_0,2\n3,4\n": "'1_0' in line 1, column 1", "1+2j,2\n3,4\n": "'1+2j' in line 1, column 1",
    "1,2\n3,4,5\n": "3 values in line 2 and 2 in line 1", "a,b\n1,2\n3\n": "1 values in line 3 and 2",
    "1,2\n": "at least two samples|(1, 2)", "a,b\n1,2\nnan,1e999\n": "2 of 4 values|row 1, column 0",
}
ARRAYS = [
    *((data, f"real numbers|{data.dtype}") for data in (
        FLOATS + 1j, np.array([["a"], ["b"]]), np.zeros((2, 2), "M8[s]"), np.zeros(3, [("a", "f8")]))),
    (np.arange(4.0), "2-D array|1-D array, shape (4,)"), (np.array(4), "2-D array|0-D array, shape ()"),
    *((np.ones(shape, dtype), "at least two samples (rows) and one feature") for dtype in ("u1", "f8")
      for shape in ((1, 3), (0, 3), (3, 0), (1, 2, 2), (0, 2, 2), (2, 0, 5))),
    *((HOLES.astype(dtype), "3 of 12 values|row 1, column 2 (counted from 0)") for dtype in "fdg"),
    *((np.tile(np.array([[1, 0]], dtype), (5, 1)), "5 equal rows (no variance: nothing to learn)")
      for dtype in ("u1", "?", "f4", "i8")), (np.array([[2**60], [2**60 + 1]]), f"2^53|received {2**60 + 1}"),
    (np.array([[-(2**60)], [1]]), f"received {-(2**60)}"),
    *[(np.array([[1], [np.finfo("g").max]], "g"), "1 of 2 values|row 1, column 0")] * WIDE,
]
REFUSED = [*FILES, *(("x.csv", text.encode(), words) for text, words in CSV.items()),
           *(("x.npy", npy(data), words) for data, words in ARRAYS)]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_a_refused_file_says_why(tmp_path: Path, case: int) -> None:
    name, content, words = REFUSED[case]
    refused(write(tmp_path / name, content), *words.split("|"))


@given(place=st.integers(min_value=0, max_value=400), byte=st.integers(min_value=0, max_value=255))
def test_damaged_files_never_raise_anything_else(tmp_path_factory: Any, place: int, byte: int) -> None:
    """Cut a file at a place, or change a byte there: it is read, or refused with an InputError."""
    folder = tmp_path_factory.mktemp("damaged")
    for name, whole in (("x.npy", npy(FLOATS)), ("x.npz", npz(X=FLOATS)), ("x.csv", b"a,b\n1,2\n3,4\n"),
                        ("x.idx", idx(IMAGES)), ("x.idx.gz", ZIPPED)):
        at = place % len(whole)
        for damaged in (whole[:at], whole[:at] + bytes([byte]) + whole[at + 1:]):
            with contextlib.suppress(InputError):
                load_data(write(folder / name, damaged))


def test_check_matrix_works_through_the_chunks_without_copying() -> None:
    data = np.full((4000, 500), 7, dtype=np.uint8)
    with pytest.raises(InputError, match="4000 equal rows"):
        check_matrix(data)
    data[-1, -1] = 8
    assert check_matrix(data) is data
    holes = data.astype(np.float32)
    holes[3000, 7] = holes[3999, 499] = np.nan
    with pytest.raises(InputError, match=r"2 of 2000000 values .* row 3000, column 7 "):
        check_matrix(holes)
    assert check_matrix(data[-2:].repeat(600, axis=1)).shape == (2, 300_000)  # a chunk is one row


@pytest.mark.parametrize("data", [[[1, 2], [3, 4]], None, np.ma.masked_array(FLOATS, FLOATS > 5)])
def test_check_matrix_wants_a_plain_array(data: Any) -> None:
    with pytest.raises(InputError, match=f"plain NumPy array; received a {type(data).__name__}"):
        check_matrix(data)
