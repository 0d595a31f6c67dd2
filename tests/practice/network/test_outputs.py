"""Encoders and decoders in the forms in which people write them: all give the same answer, or a sentence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vaesym.inputs import InputError
from vaesym.practice.models import one_more
from vaesym.practice.network.outputs import posterior

X = np.random.default_rng(4).normal(size=(2000, 4)) * [3.0, 2.0, 1.0, 0.5]
VALUES, VECTORS = np.linalg.eigh(np.cov(X.T, bias=True))
BETA, DIRECTION, TOP = 2.5, VECTORS[:, -1:].astype(np.float32), float(VALUES[-1])
LOG = float(np.log(BETA / TOP))


def mean(x: Any) -> Any:
    return x.reshape(len(x), -1) @ DIRECTION * np.float32(np.sqrt(TOP - BETA) / TOP)


def decode(z: Any) -> Any:
    return z * np.float32(np.sqrt(TOP - BETA)) @ DIRECTION.T


def model(form: Any, shape: tuple[int, ...] | None = None, back: Any = decode) -> Any:
    def encode(x: Any) -> Any:
        assert shape is None or x.shape[1:] == shape
        mu = mean(x)
        return form(mu, np.full_like(mu, LOG))

    return SimpleNamespace(encode=encode, decode=back)


class Normal:
    """Stands in for a torch distribution."""

    def __init__(self, mu: Any, log: Any) -> None:
        self.mean, self.stddev = mu, np.exp(log / 2)

    def rsample(self) -> Any: ...


PLAIN = one_more(model(lambda mu, log: (mu, log)), X, BETA)


@pytest.mark.parametrize("form", [
    lambda mu, log: [mu, log], lambda mu, log: (mu, log, mu + 1), lambda mu, log: np.hstack([mu, log]), Normal,
    lambda mu, log: (Normal(mu, log), mu), lambda mu, log: {"mu": mu, "logvar": log, "z": mu},
    lambda mu, log: {"embedding": mu, "log_covariance": log}, lambda mu, log: (mu, log[0])])
def test_every_form_of_an_encoder_gives_the_same_answer(form: Any) -> None:
    found = one_more(model(form), X, BETA)
    assert found.thresholds.conditional == pytest.approx(PLAIN.thresholds.conditional, rel=1e-5)
    assert found.thresholds.active == (0,)


@pytest.mark.parametrize("back", [
    lambda z: (decode(z), z), lambda z: {"reconstruction": decode(z)}, lambda z: decode(z).reshape(-1, 1, 2, 2),
    lambda z: Normal(decode(z), np.zeros(4))])
def test_every_form_of_a_decoder_gives_the_same_answer(back: Any) -> None:
    pair = model(lambda mu, log: (mu, log), back=back)
    assert one_more(pair, X, BETA).thresholds.conditional == pytest.approx(PLAIN.thresholds.conditional, rel=1e-6)


def test_an_encoder_that_wants_images_gets_them_or_says_so() -> None:
    pair = model(lambda mu, log: (mu, log), shape=(1, 2, 2))
    assert one_more(pair, X, BETA, shape=(1, 2, 2)).thresholds == PLAIN.thresholds
    with pytest.raises(InputError, match=r"batch of shape \(2000, 4\).*AssertionError.*--shape 1x28x28"):
        one_more(pair, X, BETA)
    for shape, words in (((1, 3, 2), "a shape of 4 numbers"), ((0,), "each size of shape"), ("no", "each size")):
        with pytest.raises(InputError, match=words):
            one_more(pair, X, BETA, shape=shape)


def test_torch_encoders_as_they_are_written() -> None:
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(1, 1, 1)

        def encode(self, x: Any) -> Any:
            x = self.layer(x).flatten(1)
            return torch.distributions.Independent(torch.distributions.Normal(0 * x, torch.ones_like(x)), 1)

        def decode(self, z: Any) -> Any:
            return torch.zeros(len(z), 1, 2, 2)

    found = one_more(Net(), torch.tensor(X), 1.0, shape=(1, 2, 2))
    assert found.thresholds.constant == pytest.approx(np.linalg.eigvalsh(X.T @ X / len(X))[-1], rel=1e-4)
    with pytest.raises(InputError, match="RuntimeError"):
        one_more(Net(), X, 1.0)


@pytest.mark.parametrize(("output", "words"), [
    (np.zeros((3, 3)), r"one ndarray of shape \(3, 3\)"), ((np.zeros((3, 2)),), "1 of them in a tuple"), ({}, "none"),
    ({"mu": np.zeros((3, 2))}, "the keys mu"), ((np.zeros((2, 2)), np.zeros((2, 2))), r"\(3, M\)"),
    ((np.zeros((3, 2)), np.zeros((3, 5))), r"\(3, 2\) and \(3, 5\)"), ("words", "str"),
    ((np.array([["a"]] * 3), np.zeros((3, 1))), "return")])
def test_what_is_no_posterior_is_refused(output: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        posterior(output, 3)


def test_a_decoder_of_other_features_is_refused() -> None:
    for back, words in ((lambda z: z, r"\(B, 4\) of the decoder"), (lambda z: {"y": z}, "the keys y"),
                        (lambda z: z @ np.zeros((7, 4)), "decode.z. of the model to take a batch")):
        with pytest.raises(InputError, match=words):
            one_more(model(lambda mu, log: (mu, log), back=back), X, BETA)
