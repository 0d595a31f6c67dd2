"""The Inception distance without its weights: what is refused, and the way of images to a small network."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from vaesym.inputs import InputError
from validation.images import inception
from validation.images.frechet import frechet_distance
from validation.images.inception import inception_frechet

GREY = np.random.default_rng(0).integers(0, 256, (40, 6)) / 255
OTHER = np.random.default_rng(1).integers(0, 128, (30, 6)) / 255


class TinyNetwork(torch.nn.Module):
    """Takes RGB bytes, as the Inception network does, and gives two features."""

    num_features = 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.dtype == torch.uint8
        assert x.shape[1:] == (3, 2, 3)
        plane = x.float()
        return torch.stack([plane.mean((1, 2, 3)), plane[:, 0, 0, 1] - plane[:, 2, 1, 2]], dim=1)


class TinyMetric:
    """The metric's interface, with the moments of everything it has been given."""

    def __init__(self) -> None:
        self.features: dict[bool, list[np.ndarray]] = {True: [], False: []}

    def update(self, images: torch.Tensor, *, real: bool) -> None:
        self.features[real].append(TinyNetwork()(images).numpy())

    def compute(self) -> torch.Tensor:
        sets = [np.concatenate(self.features[real]).astype(float) for real in (True, False)]
        return torch.tensor(frechet_distance(*(moment for part in sets
                                               for moment in (part.mean(axis=0), np.cov(part, rowvar=False)))))


def expected() -> float:
    pixels = [np.rint(values * 255) for values in (GREY, OTHER)]
    sets = [np.stack([part.mean(axis=1), part[:, 1] - part[:, 5]], axis=1) for part in pixels]
    return frechet_distance(*(moment for part in sets for moment in (part.mean(axis=0), np.cov(part, rowvar=False))))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.save({"layer": torch.ones(3)}, tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


@pytest.mark.parametrize("batch_size", [7, 64])
def test_all_images_reach_the_network_in_three_channels(
        weights: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int) -> None:
    monkeypatch.setattr(inception, "_metric", lambda features, path: TinyMetric())
    found = inception_frechet(GREY, OTHER, (1, 2, 3), weights=weights, check=False, batch_size=batch_size)
    assert found == pytest.approx(expected(), rel=1e-5)
    coloured = inception_frechet(np.tile(GREY, 3), np.tile(OTHER, 3), (3, 2, 3), weights=weights, check=False)
    assert coloured == pytest.approx(expected(), rel=1e-5)


def test_every_grey_level_reaches_the_network_as_it_is(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For 24 levels 255·(k·(1/255)) is below k in double precision: cutting off would make it k − 1."""
    levels = np.arange(256, dtype=np.uint8).reshape(2, 128)
    images = levels * (1 / 255)
    metric = Mock(compute=lambda: 0.0)
    monkeypatch.setattr(inception, "_metric", lambda features, path: metric)
    inception_frechet(images, images, (1, 8, 16), weights=weights, check=False)
    for call in metric.update.call_args_list:
        for channel in range(3):
            np.testing.assert_array_equal(call.args[0][:, channel].reshape(2, 128), levels)
    assert [call.kwargs for call in metric.update.call_args_list] == [{"real": True}, {"real": False}]


def test_torchmetrics_with_a_small_network(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fid = pytest.importorskip("torchmetrics.image.fid")
    metric = fid.FrechetInceptionDistance(feature=TinyNetwork())
    monkeypatch.setattr(inception, "_metric", lambda features, path: metric)
    found = inception_frechet(GREY, OTHER, (1, 2, 3), weights=weights, check=False)
    assert found == pytest.approx(expected(), rel=1e-4)


def test_the_weights_go_to_torchmetrics(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class Module:
        @staticmethod
        def FrechetInceptionDistance(**arguments: Any) -> TinyMetric:
            asked.update(arguments)
            if arguments["feature"] == 64:
                raise RuntimeError("Missing key(s) in state_dict")
            return TinyMetric()

    modules = {"torch_fidelity": None, "torchmetrics.image.fid": Module}
    monkeypatch.setattr(inception, "import_module", modules.__getitem__)
    found = inception_frechet(GREY, OTHER, (1, 2, 3), weights=str(weights), check=False, features=768)
    assert found == pytest.approx(expected(), rel=1e-5)
    assert asked == {"feature": 768, "feature_extractor_weights_path": str(weights)}
    with pytest.raises(InputError, match=r"torch-fidelity's Inception network.*Missing key"):
        inception_frechet(GREY, OTHER, (1, 2, 3), weights=weights, check=False, features=64)


@pytest.mark.parametrize("package", ["torchmetrics.image.fid", "torch_fidelity"])
def test_what_is_not_installed_is_named(weights: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=rf"received .*{package}.*; run `pip install torchmetrics torch-fidelity`"):
        inception_frechet(GREY, OTHER, (1, 2, 3), weights=weights, check=False)


class Trap:
    """An object whose pickle would run code."""

    def __reduce__(self) -> Any:
        return sys.exit, (3,)


def test_weights_that_are_refused(weights: Path, tmp_path: Path) -> None:
    cases = {None: "received None", tmp_path / "none.pth": "none.pth", weights: "SHA-256 that starts with 6726825d"}
    for given, words in cases.items():
        with pytest.raises(InputError, match=words):
            inception_frechet(GREY, OTHER, (1, 2, 3), weights=given)
    torch.save({"layer": Trap()}, weights)
    with pytest.raises(InputError, match="tensors and nothing else"):
        inception_frechet(GREY, OTHER, (1, 2, 3), weights=weights, check=False)
    weights.write_bytes(b"")
    with pytest.raises(InputError, match="tensors and nothing else"):
        inception_frechet(GREY, OTHER, (1, 2, 3), weights=weights, check=False)


@pytest.mark.parametrize(("change", "words"), [
    ({"features": 100}, "features out of 64"),
    ({"batch_size": 0}, "batch_size >= 1"),
    ({"shape": (2, 1, 3)}, "1 or 3 channels"),
    ({"shape": (1, 2, 4)}, r"images of shape \(P, 8\)"),
    ({"samples": OTHER[:1]}, r"samples of shape \(P, 6\), P >= 2"),
    ({"samples": OTHER * 255}, r"samples .* from 0 to 1; received float64 from 0.0 to 127"),
    ({"images": GREY - 0.5}, "images .* from 0 to 1"),
    ({"images": np.full((3, 6), np.nan)}, "images .* from 0 to 1"),
    ({"images": np.zeros((3, 6), np.uint8)}, "uint8"),
])
def test_images_that_are_refused(weights: Path, change: dict[str, Any], words: str) -> None:
    given = {"images": GREY, "samples": OTHER, "shape": (1, 2, 3), "weights": weights, "check": False} | change
    with pytest.raises(InputError, match=words):
        inception_frechet(**given)
