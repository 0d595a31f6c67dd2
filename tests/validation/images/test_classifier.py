"""The classifier: how well it does, what its features are, that it is kept, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from vaesym.inputs import InputError
from vaesym.practice.data.readers import FASHION_MNIST_FOLDER
from validation.images import measures as module
from validation.images.data.sources import Images, load_images
from validation.images.measures import (
    Classifier,
    ClassifierSettings,
    frechet_distance,
    moments,
    trained_classifier,
)
from validation.study.threads import limited_threads

DIGITS, TEST = load_images("digits"), load_images("digits", split="test")
QUICK = ClassifierSettings(epochs=6, batch_size=32)


def part(images: Images, count: int) -> Images:
    assert images.labels is not None
    return replace(images, values=images.values[:count], labels=images.labels[:count])


def feature_frechet(classifier: Classifier, *parts: np.ndarray) -> float:
    first, second = (moments(classifier.features(images)) for images in parts)
    return frechet_distance(*first, *second)


@pytest.fixture(scope="module")
def digits_classifier() -> Classifier:
    return trained_classifier(DIGITS, TEST, QUICK)


def test_it_learns_digits_and_features_are_the_last_hidden_layer(digits_classifier: Classifier) -> None:
    weights = digits_classifier.network.state_dict()
    assert (digits_classifier.shape, digits_classifier.accuracy > 0.9) == ((1, 8, 8), True)
    x = torch.from_numpy(TEST.scaled()).view(-1, 1, 8, 8)
    x = functional.conv2d(x, weights["0.weight"], weights["0.bias"], stride=2, padding=2).clamp(min=0)
    x = functional.conv2d(x, weights["2.weight"], weights["2.bias"], stride=2, padding=1).clamp(min=0)
    hidden = (x.flatten(1) @ weights["5.weight"].T + weights["5.bias"]).clamp(min=0)
    features = digits_classifier.features(TEST.scaled())
    np.testing.assert_allclose(features, hidden.numpy(), rtol=1e-4, atol=1e-4)
    logits = hidden @ weights["7.weight"].T + weights["7.bias"]
    assert digits_classifier.accuracy == np.mean(logits.argmax(1).numpy() == TEST.labels)


def test_training_depends_on_the_seed_alone() -> None:
    torch.manual_seed(99)
    state = torch.get_rng_state()
    with torch.no_grad(), limited_threads():  # more threads round differently
        first, again = (trained_classifier(DIGITS, TEST, QUICK) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    for name, weights in first.network.state_dict().items():
        assert torch.equal(weights, again.network.state_dict()[name])
    other = trained_classifier(DIGITS, TEST, replace(QUICK, epochs=1, seed=1))
    assert not torch.equal(other.network[0].weight, again.network[0].weight)


@pytest.mark.skipif(not FASHION_MNIST_FOLDER.is_dir(), reason="Debian's dataset-fashion-mnist is missing")
def test_a_tenth_of_fashion_mnist_is_enough_for_three_quarters() -> None:
    train, test = part(load_images("fashion-mnist"), 6000), part(load_images("fashion-mnist", split="test"), 2000)
    assert trained_classifier(train, test, ClassifierSettings(epochs=3)).accuracy > 0.75


def test_colours_and_odd_sizes() -> None:
    values = np.random.default_rng(0).integers(0, 256, (20, 3 * 5 * 7), dtype=np.uint8)
    images = Images(values, (3, 5, 7), np.arange(20) % 2, "drawn", 1 / 255)
    found = trained_classifier(images, images, ClassifierSettings(epochs=1, features=6))
    assert found.features(images.scaled()).shape == (20, 6)


def test_a_trained_classifier_is_kept_by_the_digest_of_data_and_settings(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits_classifier: Classifier) -> None:
    folder = tmp_path / "new" / "folder"
    first = trained_classifier(DIGITS, TEST, QUICK, folder=folder)
    trainings = []
    monkeypatch.setattr(module, "_train", lambda *arguments: trainings.append(arguments) or digits_classifier)
    again = trained_classifier(DIGITS, TEST, QUICK, folder=str(folder))
    assert not trainings
    assert again.accuracy == first.accuracy
    np.testing.assert_array_equal(again.features(TEST.scaled()), first.features(TEST.scaled()))
    assert DIGITS.labels is not None
    moved = DIGITS.values.copy()
    moved[0, 20] += 1
    others = [(replace(DIGITS, values=moved), TEST, QUICK), (replace(DIGITS, labels=DIGITS.labels[::-1]), TEST, QUICK),
              (replace(DIGITS, scaling=1.0), TEST, QUICK), (DIGITS, part(TEST, 300), QUICK),
              (DIGITS, TEST, replace(QUICK, seed=5)), (DIGITS, TEST, replace(QUICK, epochs=5))]
    for count, (train, test, settings) in enumerate(others, start=1):
        trained_classifier(train, test, settings, folder=folder)
        assert len(trainings) == count
        assert len(list(folder.iterdir())) == count + 1


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "foreign", "object"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch,
                                   digits_classifier: Classifier) -> None:
    monkeypatch.setattr(module, "_train", lambda *arguments: digits_classifier)
    trained_classifier(DIGITS, TEST, QUICK, folder=tmp_path)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    if damage == "foreign":
        torch.save(torch.load(path, weights_only=True) | {"digest": "0" * 64}, path)
    elif damage == "object":
        torch.save({"digest": Path("an object")}, path)
    else:
        path.write_bytes({"cut": content[:-100], "empty": b"", "text": b"weights"}[damage])
    with pytest.raises(InputError, match=r"whole file of a stored classifier.*classifier-.*delete it"):
        trained_classifier(DIGITS, TEST, QUICK, folder=tmp_path)


def test_feature_distance(digits_classifier: Classifier) -> None:
    """The same images: 0; more images of the same kind: little; one class for another: much more."""
    images, labels = DIGITS.scaled(), DIGITS.labels
    assert abs(feature_frechet(digits_classifier, images, images)) < 1e-6
    halves = feature_frechet(digits_classifier, images[::2], images[1::2])
    classes = feature_frechet(digits_classifier, images[labels == 0], images[labels == 1])
    assert 0 < 20 * halves < classes
    features = [digits_classifier.features(part).astype(float) for part in (images[:30], images[30:99])]
    (mean1, cov1), (mean2, cov2) = ((part.mean(axis=0), np.cov(part, rowvar=False, bias=True)) for part in features)
    cross = np.linalg.eigvals(cov1 @ cov2).real
    expected = np.sum((mean1 - mean2)**2) + np.trace(cov1 + cov2) - 2 * np.sqrt(cross[cross > 0]).sum()
    assert feature_frechet(digits_classifier, images[:30], images[30:99]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: trained_classifier(replace(DIGITS, labels=None), TEST), "images with labels"),
    (lambda: trained_classifier(DIGITS, TEST, ClassifierSettings(epochs=1, learning_rate=1e30)), "converges"),
    (lambda: trained_classifier(DIGITS, TEST, folder=__file__), "a place that can be written"),
])
def test_input_that_is_refused(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
