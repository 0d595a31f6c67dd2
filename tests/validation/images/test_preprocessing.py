"""Preprocessing is undone by its inverse and does what it says to mean, deviation and covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vaesym.inputs import InputError
from validation.images.preprocessing import Preprocessing
from validation.images.sources import Images, load_images

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=8)
BYTES = arrays(np.uint8, SHAPES)
FLOATS = arrays(np.float32, SHAPES, elements=st.integers(-10**5, 10**5).map(lambda k: np.float32(k / 1000)))


def images(values: np.ndarray) -> Images:
    return Images(values, (1, 1, values.shape[1]), None, "drawn", (), 1 / 255 if values.dtype == np.uint8 else 1.0)


@settings(deadline=None)  # the first call imports scikit-learn
@given(BYTES | FLOATS, st.booleans(), st.booleans())
def test_inverse_undoes_transform(values: np.ndarray, center: bool, standardise: bool) -> None:
    prepared = Preprocessing(center=center, standardise=standardise).fit(images(values))
    seen = prepared.transform(values)
    assert seen.dtype == np.float32
    largest = np.abs(values.astype(float)).max()
    np.testing.assert_allclose(prepared.inverse(seen), values, rtol=0, atol=4e-6 * largest)


def test_each_step_on_digits() -> None:
    digits, test = load_images("digits"), load_images("digits", split="test").values
    scaled, mean = digits.values.astype(float) / 16, digits.values.mean(axis=0) / 16
    deviation = scaled.std(axis=0)
    varying = deviation > 0
    assert not varying.all()
    np.testing.assert_allclose(Preprocessing().fit(digits).transform(test), test / 16, rtol=1e-6)
    centred = Preprocessing(center=True).fit(digits).transform(test)
    np.testing.assert_allclose(centred, test / 16 - mean, atol=1e-6)
    divided = Preprocessing(standardise=True).fit(digits).transform(test)
    np.testing.assert_allclose(divided[:, varying], (test / 16)[:, varying] / deviation[varying], rtol=1e-5)
    np.testing.assert_array_equal(divided[:, ~varying], (test / 16)[:, ~varying])


def test_whitened_images_have_unit_covariance_and_come_back_projected() -> None:
    digits = load_images("digits")
    prepared = Preprocessing(whiten=20).fit(digits)
    seen = prepared.transform(digits.values).astype(float)
    np.testing.assert_allclose(np.cov(seen, rowvar=False), np.eye(20), atol=1e-5)
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-5)
    centred = digits.values - digits.values.mean(axis=0)
    assert np.linalg.matrix_rank(centred) == 60  # four of the 64 pixels never vary
    left, singular, right = np.linalg.svd(centred.astype(float), full_matrices=False)
    projected = (left[:, :20] * singular[:20]) @ right[:20] + digits.values.mean(axis=0)
    np.testing.assert_allclose(prepared.inverse(seen), projected, atol=1e-4)


def test_bytes_do_not_overflow() -> None:
    values = np.array([[255, 250], [1, 2], [200, 199]], np.uint8)
    seen = Preprocessing(center=True).fit(images(values)).transform(values)
    np.testing.assert_allclose(seen, (values - values.mean(axis=0)) / 255, atol=1e-6)


@pytest.mark.parametrize(("call", "words"), [
    (lambda fit: Preprocessing(whiten=-1), "whiten >= 1"),
    (lambda fit: Preprocessing(whiten=3).fit(images(np.eye(3, dtype=np.float32))), "whiten <= 2"),
    (lambda fit: Preprocessing(whiten=62).fit(load_images("digits")), r"whiten <= 60, the rank"),
    (lambda fit: Preprocessing(standardise=True).fit(images(np.float32([[0, 1e-45], [1e-45, 0]]))), "rescale"),
    (lambda fit: Preprocessing().transform(np.eye(3)), "a fit before"),
    (lambda fit: fit.transform(np.eye(3)), r"values of shape \(samples, 64\)"),
    (lambda fit: fit.inverse(np.eye(64)), r"array of shape \(samples, 5\)"),
    (lambda fit: fit.inverse([[np.nan] * 5]), "finite array"),
    (lambda fit: fit.transform(np.zeros((2, 64), complex)), "complex"),
])
def test_input_that_is_refused(call: Any, words: str) -> None:
    fitted = Preprocessing(whiten=5).fit(load_images("digits"))
    with pytest.raises(InputError, match=words):
        call(fitted)
