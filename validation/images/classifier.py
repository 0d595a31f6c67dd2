"""A small classifier trained on the images themselves: features for a Fréchet distance without foreign weights."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vaesym import inputs
from vaesym.inputs import InputError
from validation.images.frechet import frechet_distance, moments
from validation.images.sources import Images
from validation.laboratory.data import whole_seed
from validation.runner.durable import replacing_file, storage_errors

#: Part of the digest: to be raised when architecture or training change, so that stored classifiers are not taken.
_VERSION = 1
#: Images that go through the network at a time where no gradient is needed.
_ROWS = 1000


@dataclass(frozen=True)
class ClassifierSettings:
    """How the classifier is built and trained; the defaults reach 89 % and more on Fashion-MNIST.

    Fields: ``epochs``, ``batch_size``, ``channels`` of the first convolution (the second has twice as many) and
    ``features`` of the last hidden layer, whole numbers ≥ 1; ``learning_rate`` > 0, the peak of the one-cycle schedule
    of Adam; ``seed`` ≥ 0 of weights and order.

    Raises :class:`~vaesym.inputs.InputError` for a field outside its domain.

    >>> ClassifierSettings(epochs=1).features
    64
    """

    epochs: int = 6
    batch_size: int = 256
    learning_rate: float = 4e-3
    channels: int = 16
    features: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "channels", "features"):
            object.__setattr__(self, name, inputs.count(name, getattr(self, name)))
        object.__setattr__(self, "learning_rate", float(inputs.positive("learning_rate", self.learning_rate)))
        object.__setattr__(self, "seed", whole_seed(self.seed))


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained classifier of images of one shape; ``accuracy`` is its share of test images classified rightly.

    Made by :func:`trained_classifier`, where an example is.
    """

    network: nn.Sequential
    shape: tuple[int, int, int]
    accuracy: float

    def features(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the last hidden layer (P, F), after its ReLU, for images (P, N) with values from 0 to 1.

        Values outside, as a decoder can make, are passed on as they are.

        Raises
        ------
        vaesym.InputError
            Images of another number of pixels, or values that are not finite.
        """
        size = int(np.prod(self.shape))
        if values.ndim != 2 or values.shape[1] != size or values.dtype.kind != "f":
            raise InputError(f"floating-point images of shape (P, {size})", f"{values.shape} of {values.dtype}",
                             "flatten the images and scale them to [0, 1]")
        if not np.isfinite(values).all():
            raise InputError("finite images", "NaN or infinite values", "check what made them")
        return _forward(self.network[:-1], _tensor(values, self.shape)).numpy()


def trained_classifier(train: Images, test: Images, settings: ClassifierSettings | None = None, *,
                       folder: str | os.PathLike[str] | None = None) -> Classifier:
    """Return a classifier trained on ``train``, with its accuracy on ``test``.

    Parameters
    ----------
    train, test : images of one shape, with labels 0, 1, ...; the labels of ``test`` among those of ``train``
    settings : of the training; the defaults if not given
    folder : where trained classifiers are kept. One whose digest of data and settings matches is read, not trained
        again; without a folder it is always trained

    Raises
    ------
    vaesym.InputError
        Images without labels or of different shapes, a stored classifier that is damaged, a folder that cannot be
        written, or a training that ends in NaN.

    Notes
    -----
    Two convolutions of stride 2 and two linear layers, ReLU between. The files hold tensors and numbers only and are
    read as such (torch's ``weights_only``). Another machine, torch or number of threads rounds differently: keep the
    file where numbers must agree to the last digit.

    Examples
    --------
    >>> from validation.images.sources import load_images
    >>> digits, test = load_images("digits"), load_images("digits", split="test")
    >>> classifier = trained_classifier(digits, test, ClassifierSettings(epochs=5, batch_size=32))
    >>> classifier.accuracy > 0.9, classifier.features(test.scaled()).shape
    (True, (360, 64))
    """
    chosen = settings or ClassifierSettings()
    classes = _classes(train, test)
    if folder is None:
        return _train(train, test, chosen, classes)
    digest = _digest(train, test, chosen)
    path = Path(folder) / f"classifier-{digest[:16]}.pt"
    if path.is_file():
        return _read(path, digest, train.shape, chosen, classes)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    classifier = _train(train, test, chosen, classes)
    with replacing_file(path) as stream:
        weights = classifier.network.state_dict()
        torch.save({"digest": digest, "accuracy": classifier.accuracy, "weights": weights}, stream)
    return classifier


def feature_frechet(classifier: Classifier, images: NDArray[Any], samples: NDArray[Any]) -> float:
    """Return the squared Fréchet distance between the classifier's features of images (P, N) and samples (P', N).

    Both with values from 0 to 1. As with every such distance, compare only numbers at equal P and P', and only of one
    classifier: it is no FID, whose features are Inception's.

    Raises :class:`~vaesym.inputs.InputError` as :meth:`Classifier.features` and :func:`.frechet.moments` do.
    """
    return frechet_distance(*moments(classifier.features(images)), *moments(classifier.features(samples)))


def _classes(train: Images, test: Images) -> int:
    if train.labels is None or test.labels is None:
        raise InputError("images with labels", f"{train.name} and {test.name}, one without", "give labelled images")
    if train.shape != test.shape:
        raise InputError(f"test images of shape {train.shape}", f"{test.shape}", "give two splits of one data set")
    classes = int(train.labels.max()) + 1
    low, high = (min(part.min() for part in (train.labels, test.labels)), int(test.labels.max()))
    if low < 0 or high >= classes or classes < 2:
        raise InputError("labels 0, 1, ... of at least two classes, those of the test among them",
                         f"labels from {low} to {max(high, classes - 1)}", "number the classes from 0")
    return classes


def _digest(train: Images, test: Images, settings: ClassifierSettings) -> str:
    found = hashlib.sha256(json.dumps([_VERSION, asdict(settings)], sort_keys=True).encode())
    for part in (train, test):
        found.update(json.dumps([part.values.dtype.str, part.values.shape, part.shape, part.scaling]).encode())
        found.update(np.ascontiguousarray(part.values))
        found.update(np.ascontiguousarray(part.labels, dtype=np.int64))
    return found.hexdigest()


def _network(shape: tuple[int, int, int], settings: ClassifierSettings, classes: int) -> nn.Sequential:
    channels, height, width = shape
    first = settings.channels
    pixels = -(-height // 4) * -(-width // 4)
    return nn.Sequential(
        nn.Conv2d(channels, first, 5, stride=2, padding=2), nn.ReLU(),
        nn.Conv2d(first, 2 * first, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(),
        nn.Linear(2 * first * pixels, settings.features), nn.ReLU(), nn.Linear(settings.features, classes))


def _tensor(values: NDArray[Any], shape: tuple[int, int, int]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).view(-1, *shape)


def _forward(network: nn.Sequential, x: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat([network(piece) for piece in x.split(_ROWS)])


def _train(train: Images, test: Images, settings: ClassifierSettings, classes: int) -> Classifier:
    x, y = _tensor(train.scaled(), train.shape), torch.from_numpy(np.ascontiguousarray(train.labels, dtype=np.int64))
    steps = settings.epochs * -(-len(x) // settings.batch_size)
    # The layers draw their weights from torch's global generator: it is put back as it was.
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(settings.seed)
        network = _network(train.shape, settings, classes)
        optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=steps)
        for _ in range(settings.epochs):
            for chosen in torch.randperm(len(x)).split(settings.batch_size):
                optimiser.zero_grad()
                nn.functional.cross_entropy(network(x[chosen]), y[chosen]).backward()
                optimiser.step()
                schedule.step()
    return Classifier(network, train.shape, _accuracy(network, test))


def _accuracy(network: nn.Sequential, test: Images) -> float:
    logits = _forward(network, _tensor(test.scaled(), test.shape)).numpy()
    if not np.isfinite(logits).all():
        raise InputError("a training that converges", "NaN or infinite outputs", "lower the learning rate")
    return float((logits.argmax(axis=1) == test.labels).mean())


def _read(path: Path, digest: str, shape: tuple[int, int, int], settings: ClassifierSettings,
          classes: int) -> Classifier:
    network = _network(shape, settings, classes)
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        if stored["digest"] != digest:
            raise ValueError("it belongs to other data or settings")
        network.load_state_dict(stored["weights"])
        return Classifier(network, shape, float(stored["accuracy"]))
    except Exception as error:  # torch gives no closed list of what a damaged file raises.
        raise InputError("a whole file of a stored classifier", f"{path} ({type(error).__name__}: {str(error)[:80]})",
                         "delete it: the classifier is then trained again") from error
