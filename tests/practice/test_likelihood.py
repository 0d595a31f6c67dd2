"""Thresholds of full collapse: special cases, ways of reading the data, and what is refused."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vaesym
from vaesym import collapse_thresholds
from vaesym.inputs import InputError
from vaesym.practice import load_data

RNG = np.random.default_rng(0)
GREY = 0.7 * RNG.beta(0.5, 0.8, (300, 4)) @ RNG.dirichlet(np.ones(4), 12).T + 0.3 * RNG.random((300, 12))
BYTES = RNG.integers(0, 256, (40, 3, 3)).astype(np.uint8)


def by_hand(data: Any) -> Any:
    """Eigenvalues of F^(−1/2) Σ F^(−1/2), from definitions."""
    mean = data.mean(axis=0)
    scale = np.sqrt(mean * (1 - mean))
    return np.linalg.eigvalsh(np.cov(data.T, bias=True) / np.outer(scale, scale))[::-1]


def test_grey_values() -> None:
    found = collapse_thresholds(GREY, likelihood="bernoulli", latents=12)
    np.testing.assert_allclose(found.thresholds, by_hand(GREY), rtol=1e-10, atol=1e-14)
    assert found.full_collapse == found.thresholds[0]
    assert (found.constant, found.n_samples, found.n_features, found.likelihood) == (0, 300, 12, "bernoulli")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), features=st.integers(2, 8), samples=st.integers(3, 40))
def test_binary_data_have_the_eigenvalues_of_the_correlation_matrix(seed: int, features: int, samples: int) -> None:
    rng = np.random.default_rng(seed)
    data = (rng.random((samples, features)) < rng.random((samples, 1))).astype(np.uint8)
    varying = data[:, data.min(axis=0) != data.max(axis=0)]
    if varying.shape[1] < 2:
        return
    top = np.linalg.eigvalsh(np.corrcoef(varying.T))[-1]
    found = collapse_thresholds(data, likelihood="bernoulli")
    assert found.full_collapse == pytest.approx(top, rel=1e-10)
    assert found.full_collapse >= 1 - 1e-12
    assert found.constant == features - varying.shape[1]


def test_squared_error_has_the_eigenvalues_of_the_covariance() -> None:
    data = 50 * GREY[:80] - 3
    advice = vaesym.advise(data, latents=4, intervals=None)
    np.testing.assert_allclose(collapse_thresholds(data, latents=4).thresholds, advice.eigenvalues[:4], rtol=1e-12)
    assert collapse_thresholds("digits", latents=1).full_collapse == pytest.approx(178.907, abs=1e-3)


def test_constant_features_are_left_out() -> None:
    wide = np.column_stack([np.zeros(300), GREY, np.ones(300), np.full(300, 0.3)])
    found = collapse_thresholds(wide, likelihood="bernoulli", latents=12)
    np.testing.assert_allclose(found.thresholds, by_hand(GREY), rtol=1e-10, atol=1e-14)
    assert found.constant == 3
    assert len(collapse_thresholds(wide[:, :4], likelihood="bernoulli").thresholds) == 3


@pytest.mark.parametrize("samples", [8, 300])
@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_both_solvers_agree_for_few_and_many_samples(samples: int, likelihood: Any) -> None:
    data = GREY[:samples]
    full, top = (collapse_thresholds(data, likelihood=likelihood, latents=3, solver=solver).thresholds
                 for solver in ("full", "top"))
    np.testing.assert_allclose(full, top, rtol=1e-8)
    if likelihood == "bernoulli":
        np.testing.assert_allclose(full, by_hand(data)[:3], rtol=1e-10)


def test_bytes_are_scaled_in_files_only(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", BYTES)
    expected = by_hand(BYTES.reshape(40, 9) / 255)
    found = collapse_thresholds(str(tmp_path / "x.npy"), likelihood="bernoulli", latents=9)
    np.testing.assert_allclose(found.thresholds, expected, rtol=1e-9)
    assert any("divide by 255" in note for note in found.notes)
    header = bytes([0, 0, 8, 3]) + np.array([40, 3, 3], ">u4").tobytes()
    (tmp_path / "x-ubyte.gz").write_bytes(gzip.compress(header + BYTES.tobytes()))
    again = collapse_thresholds(tmp_path / "x-ubyte.gz", likelihood="bernoulli", latents=9)
    np.testing.assert_array_equal(found.thresholds, again.thresholds)
    with pytest.raises(InputError, match=r"from 0 to 255"):
        collapse_thresholds(BYTES.reshape(40, 9), likelihood="bernoulli")


def test_binary_bytes_in_a_file_are_not_taken_for_grey(tmp_path: Path) -> None:
    bits = BYTES.reshape(40, 9) % 2
    np.save(tmp_path / "x.npy", bits)
    with pytest.raises(InputError, match="--raw"):
        collapse_thresholds(tmp_path / "x.npy", likelihood="bernoulli")
    found = collapse_thresholds(tmp_path / "x.npy", likelihood="bernoulli", raw=True)
    truth = collapse_thresholds(bits.astype(bool), likelihood="bernoulli")
    np.testing.assert_allclose(found.thresholds, truth.thresholds, rtol=1e-9)


def test_named_digits_are_scaled() -> None:
    digits = load_data("digits").array / 16
    named, given = (collapse_thresholds(data, likelihood="bernoulli", latents=2) for data in ("digits", digits))
    np.testing.assert_allclose(named.thresholds, given.thresholds, rtol=1e-12)
    assert "grey levels 0 to 16 scaled to [0, 1]" in named.notes
    assert named.constant == given.constant == 3


def test_tensors_and_chunks() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(GREY, requires_grad=True)
    expected = collapse_thresholds(GREY, likelihood="bernoulli").thresholds
    np.testing.assert_array_equal(collapse_thresholds(tensor, likelihood="bernoulli").thresholds, expected)
    many = np.tile(GREY, (40, 1))
    np.testing.assert_allclose(collapse_thresholds(many, likelihood="bernoulli").thresholds, expected, rtol=1e-9)


def test_the_answer_is_frozen_and_plain() -> None:
    found = collapse_thresholds(GREY, likelihood="bernoulli", latents=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.constant = 1
    plain = found.to_dict()
    assert plain["thresholds"] == list(found.thresholds)
    assert plain["full_collapse"] == found.full_collapse


HOLE, WIDE, LOW = GREY.copy(), GREY.copy(), GREY.copy()
HOLE[3, 4], WIDE[5, 6], LOW[0, 0] = np.nan, 1.001, -1e-9
BAD = [
    (GREY, {"likelihood": "unknown"}, "likelihood as one of gaussian, bernoulli"),
    (GREY, {"likelihood": ["bernoulli"]}, "likelihood as one of"),
    (WIDE, {"likelihood": "bernoulli"}, r"values in \[0, 1\].*to 1.001.*scale the data"),
    (LOW, {"likelihood": "bernoulli"}, r"values from -1e-09"),
    (HOLE, {"likelihood": "bernoulli"}, "row 3, column 4"),
    (HOLE, {}, "row 3, column 4"),
    (np.full((9, 3), 0.5), {"likelihood": "bernoulli"}, "a column that varies"),
    (1e200 * GREY, {}, "fit in float64"),
    (GREY, {"latents": 13}, r"features that vary\) = 12; received 13"),
    (GREY[:5], {"latents": 6}, r"features that vary\) = 5; received 6"),
    (GREY, {"latents": 0}, "latents >= 1"),
    (GREY, {"seed": -1}, "seed"),
    (GREY, {"solver": "fast"}, "auto, full, top"),
    (GREY[0], {}, "2-D"),
    ([[1, 2], [3]], {}, "unequal length"),
    ("missing.npy", {}, "missing.npy"),
]


@pytest.mark.parametrize(("data", "options", "message"), BAD)
def test_bad_input_is_refused(data: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        collapse_thresholds(data, **options)


def test_a_column_that_varies_by_rounding_only_is_constant() -> None:
    x = np.column_stack([np.tile([0.0, 1.0], 10), np.tile([0.0, 0.0, 1.0, 1.0], 5), np.ones(20)])
    x[3, 2] = np.nextafter(1.0, 0.0)
    found = collapse_thresholds(x, likelihood="bernoulli")
    assert (found.constant, len(found.thresholds)) == (1, 2)
