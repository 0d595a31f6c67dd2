"""What is measured on trained networks: latents, errors, pictures, and whether one more latent would be used."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import svdvals
from torch import Tensor, nn

from vaesym.inputs import Floats, InputError
from vaesym.practice.next_latent import NextLatent, next_latent
from validation.images.data.material import Material, Prepared
from validation.images.data.sources import Images, load_images
from validation.images.networks import VAE, Ensemble, latent_kl
from validation.runner.durable import replacing_file, storage_errors
from validation.runner.experiment import Results
from validation.study.threads import limited_threads

#: Part of the digest: to be raised when architecture or training change, so that stored classifiers are not taken.
_VERSION = 1
#: Images that go through the classifier, and through a VAE, at a time where no gradient is needed.
_ROWS, _CHUNK = 1000, 5000
#: Images at a time where each has draws of its own, one pass after another.
_DRAWN = 4096
#: Relative size below which a direction of a second moment is rounding of float32.
_CUTOFF = 1e-7


@dataclass(frozen=True)
class ClassifierSettings:
    """How the classifier is built and trained; the defaults reach 89 % and more on Fashion-MNIST.

    Fields: ``epochs``, ``batch_size``, ``channels`` of the first convolution (the second has twice as many) and
    ``features`` of the last hidden layer; ``learning_rate``, the peak of the one-cycle schedule of Adam; ``seed`` of
    weights and order.
    """

    epochs: int = 6
    batch_size: int = 256
    learning_rate: float = 4e-3
    channels: int = 16
    features: int = 64
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained classifier of images of one shape; ``accuracy`` is its share of test images classified rightly."""

    network: nn.Sequential
    shape: tuple[int, int, int]
    accuracy: float

    def features(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the last hidden layer (P, F), after its ReLU, for images (P, N) with values from 0 to 1.

        Values outside, as a decoder can make, are passed on as they are.
        """
        return _forward(self.network[:-1], values, self.shape).numpy()


def trained_classifier(train: Images, test: Images, settings: ClassifierSettings | None = None, *,
                       folder: str | os.PathLike[str] | None = None) -> Classifier:
    """Return a classifier trained on ``train``, with its accuracy on ``test``: features without foreign weights.

    Parameters
    ----------
    train, test : images of one shape, with labels 0, 1, ...
    settings : of the training; the defaults if not given
    folder : where trained classifiers are kept. One whose digest of data and settings matches is read, not trained
        again; without a folder it is always trained

    Raises :class:`vaesym.InputError`: images without labels, a stored classifier that is damaged, a folder that cannot
    be written, or a training that ends in NaN.

    Notes
    -----
    Two convolutions of stride 2 and two linear layers, ReLU between. The files hold tensors and numbers only and are
    read as such (torch's ``weights_only``). Another machine, torch or number of threads rounds differently: keep the
    file where numbers must agree to the last digit.

    >>> digits, test = load_images("digits"), load_images("digits", split="test")
    >>> classifier = trained_classifier(digits, test, ClassifierSettings(epochs=5, batch_size=32))
    >>> classifier.accuracy > 0.9, classifier.features(test.scaled()).shape
    (True, (360, 64))
    """
    chosen = settings or ClassifierSettings()
    if train.labels is None or test.labels is None:
        raise InputError("images with labels", f"{train.name} and {test.name}, one without", "give labelled images")
    classes = int(train.labels.max()) + 1
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


def _forward(network: nn.Module, values: NDArray[Any], shape: tuple[int, int, int]) -> Tensor:
    with torch.no_grad():
        return torch.cat([network(piece) for piece in _tensor(values, shape).split(_ROWS)])


def _tensor(values: NDArray[Any], shape: tuple[int, int, int]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).view(-1, *shape)


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
    logits = _forward(network, test.scaled(), test.shape).numpy()
    if not np.isfinite(logits).all():
        raise InputError("a training that converges", "NaN or infinite outputs", "lower the learning rate")
    return Classifier(network, train.shape, float((logits.argmax(axis=1) == test.labels).mean()))


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


def moments(values: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return mean (N,) and covariance (N, N), divided by P as the theory's XᵀX/P is, of values (P, N).

    >>> moments(np.array([[255, 0], [253, 2]], dtype=np.uint8))
    (array([254.,   1.]), array([[ 1., -1.],
           [-1.,  1.]]))
    """
    doubled = values.astype(np.float64)
    return doubled.mean(axis=0), np.atleast_2d(np.cov(doubled, rowvar=False, bias=True))


def frechet_distance(mean1: Floats, covariance1: Floats, mean2: Floats, covariance2: Floats) -> float:
    r"""Return the squared Fréchet (2-Wasserstein) distance between two Gaussians.

    Parameters
    ----------
    mean1, mean2 : (N,)
    covariance1, covariance2 : (N, N), symmetric and positive semidefinite up to rounding; they may be singular

    Notes
    -----
    :math:`\|m_1 - m_2\|^2 + \mathrm{tr}(C_1 + C_2 - 2 (C_1^{1/2} C_2 C_1^{1/2})^{1/2})`, Dowson and Landau (1982). With
    :math:`C_i = F_i F_i^\top` from the eigendecompositions, the trace of the last root is the sum of the singular
    values of :math:`F_1^\top F_2`: no root of a matrix that is not symmetric, and nothing to invert. It is the number
    that is called FID when the Gaussians are those of Inception features. With finite sets it is biased upwards:
    compare numbers at equal P only.

    >>> frechet_distance(np.zeros(2), np.diag([4.0, 0.0]), np.array([3.0, 0.0]), np.eye(2))
    11.0
    """
    factors = []
    for covariance in (covariance1, covariance2):
        values, vectors = np.linalg.eigh(covariance)
        factors.append(vectors * np.sqrt(np.maximum(values, 0.0)))
    first, second = factors
    traces = np.sum(first**2) + np.sum(second**2)
    return float(np.sum((np.asarray(mean1) - mean2) ** 2) + traces - 2 * svdvals(first.T @ second).sum())


def tangent_threshold(network: VAE, images: Tensor, *, draws: int = 4, seed: int = 0) -> float:
    r"""Return the largest βσ² at which one more latent of this very network would grow.

    The new latent's encoder mean is v·(φ(x), 1) with the encoder's last hidden layer φ, and its weights w into the
    decoder's hidden layer change the output by ζ J(z) w. At v = w = 0 the loss is even in (v, w), so that no other
    parameter mixes in, and the second-order form is unstable iff
    σ²_max of (E φφᵀ)^{-1/2} E[φ rᵀJ] (E JᵀJ)^{-1/2} exceeds βσ². The network is at a stationary point of its loss on
    ``images`` (P, N); the ``draws`` of z for each come in pairs of opposite noise.

    Raises :class:`vaesym.InputError` for a decoder of another form.

    Source: theory, section 6, with b and a in the span that the network has; new.

    >>> from validation.images.networks import mlp_vae
    >>> net = mlp_vae((1, 2, 2), 1, (8,))
    >>> tangent_threshold(net, torch.zeros(10, 4)) >= 0
    True
    """
    first, output = layers(network)
    generator = torch.Generator().manual_seed(seed)
    hidden, features = first.out_features, network.mean.in_features + 1
    cross = np.zeros((features, hidden))
    inner, outer = np.zeros((features, features)), np.zeros((hidden, hidden))
    with torch.no_grad():
        for x in images.split(_DRAWN):
            phi = network.features(x)
            mean, log = network.mean(phi), network.log_variance(phi)
            phi = torch.cat([phi, torch.ones_like(phi[:, :1])], dim=1)
            half = torch.randn((draws // 2, *mean.shape), generator=generator).to(x.device)
            z = mean + torch.cat([half, -half]) * torch.exp(log / 2)
            before = first(z)
            gate = (before > 0).to(x.dtype)
            residual = x - output(torch.relu(before))
            pulled = (gate * (residual @ output.weight)).mean(0)
            cross += (phi.T @ pulled).double().cpu().numpy()
            inner += (phi.T @ phi).double().cpu().numpy()
            flat = gate.reshape(-1, hidden)
            outer += (flat.T @ flat).double().cpu().numpy() / len(z)
    weight = output.weight.detach().double().cpu().numpy()
    count = len(images)
    whitened = _inverse_root(inner / count) @ (cross / count) @ _inverse_root(outer * (weight.T @ weight) / count)
    return float(svdvals(whitened)[0] ** 2)


def layers(network: VAE) -> tuple[nn.Linear, nn.Linear]:
    """Return the two layers of a decoder with one hidden layer of ReLUs, or refuse another one."""
    modules = list(network.decoder.modules())
    linear = [layer for layer in modules if isinstance(layer, nn.Linear)]
    if len(linear) != 2 or not all(isinstance(layer, nn.Linear | nn.ReLU | nn.Sequential) for layer in modules):
        raise InputError("a decoder with one hidden layer of ReLUs", f"{network.decoder}", "use mlp_vae with one width")
    return linear[0], linear[1]


def _inverse_root(matrix: Floats) -> Floats:
    sizes, vectors = np.linalg.eigh(matrix)
    kept = sizes > _CUTOFF * max(sizes[-1], np.finfo(np.float64).tiny)
    return (vectors[:, kept] / np.sqrt(sizes[kept])) @ vectors[:, kept].T


def next_latents(ensemble: Ensemble, prepared: Prepared | None = None) -> Results:
    """Return the thresholds of a further latent beside trained ones: constant b, free b, and the network's own.

    ``own`` is NaN for networks that are not of the form which :func:`tangent_threshold` knows.
    """
    found, own = [], []
    for network, rows in zip(ensemble.networks(), ensemble.members, strict=True):
        images = ensemble.images[rows]
        found.append(_next(network, images))
        own.append(_own(network, images))
    values = {name: ("run", np.array([getattr(one, name) for one in found]))
              for name in ("constant", "conditional", "held_out")}
    return {"kl": (("run", "latent"), -np.sort(-ensemble.finite_kl(), axis=1)), **values,
            "own": ("run", np.array(own))}


def _next(network: VAE, images: Tensor) -> NextLatent:
    def tensor(values: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(images.device)

    with torch.no_grad():
        return next_latent(images.cpu().numpy(), lambda x: network.encode(tensor(x)),
                           lambda z: network.decode(tensor(z)))


def _own(network: VAE, images: Tensor) -> float:
    try:
        return tangent_threshold(network, images)
    except InputError:
        return np.nan


@dataclass(frozen=True)
class Judge:
    """A classifier whose features tell pictures apart, by the data it was trained on and the folder that keeps it."""

    source: str
    root: str | None
    folder: str

    @property
    def classifier(self) -> Classifier:
        """The classifier, read from the folder; trained if it is not there."""
        return _classifier(self)


@lru_cache(maxsize=2)
def _classifier(judge: Judge) -> Classifier:
    train, test = (load_images(judge.source, split=split, root=judge.root) for split in ("train", "test"))
    # Its digits depend on the number of threads, and two that share a busy core wait for one another.
    with limited_threads():
        return trained_classifier(train, test, folder=judge.folder)


@dataclass(frozen=True)
class Quality:
    """Measures errors and pictures of an ensemble.

    As many pictures as there are test images, 10,000 in [IH, App. D.1], are drawn from the prior and compared with the
    test images of ``real`` in pixels, of which nothing is left out; without a judge there is no distance of features.
    """

    real: Material
    judge: Judge | None = None

    def __call__(self, ensemble: Ensemble, prepared: Prepared) -> Results:
        """Return the measures of all networks, as the runner takes them."""
        kl, rows = -np.sort(-ensemble.finite_kl(), axis=1), []
        for network, members, seed in zip(ensemble.networks(), ensemble.members, ensemble.seeds, strict=True):
            images = ensemble.images[members]
            pictures = prepared.pixels(_pictures(network, len(prepared.test), seed)).astype(np.float32)
            rows.append(_errors(network, images, prepared, seed) | {
                name: frechet_distance(*found, *_laws(self)[name]) for name, found in self.laws(pictures).items()})
        return {"kl": (("run", "latent"), kl),
                **{name: ("run", np.array([row[name] for row in rows])) for name in rows[0]}}

    def laws(self, pictures: NDArray[np.float32]) -> dict[str, tuple[Floats, Floats]]:
        """Return mean and covariance of pictures (P, pixels) in each space in which they are compared."""
        found = {"pixel_frechet": moments(pictures)}
        if self.judge is not None:
            found["feature_frechet"] = moments(self.judge.classifier.features(pictures))
        return found


@lru_cache(maxsize=2)
def _laws(quality: Quality) -> dict[str, tuple[Floats, Floats]]:
    return quality.laws(quality.real.prepared.test.numpy())


def _errors(network: VAE, images: Tensor, prepared: Prepared, seed: int) -> dict[str, float]:
    held = prepared.test.to(images.device)
    return {"train_squared_error": _squared_error(network, images, seed) + prepared.left_out,
            "test_squared_error": _squared_error(network, held, seed) + prepared.left_out_test,
            "test_rate": float(latent_kl(network, held).sum()),
            "decoder_variance": float(network.decoder_log.detach().exp())}


def _pictures(network: VAE, count: int, seed: int) -> NDArray[np.float32]:
    """Return pictures that the decoder makes of draws from the prior, in the coordinates of the network."""
    draws = torch.randn((count, network.mean.out_features), generator=torch.Generator().manual_seed(seed))
    z = draws.to(network.decoder_log.device)
    with torch.no_grad():
        return torch.cat([network.decode(chunk) for chunk in z.split(_CHUNK)]).cpu().numpy()


def _squared_error(network: VAE, images: Tensor, seed: int) -> float:
    """Return the mean of ‖x − x̂‖² with one draw of z an image."""
    generator, total = torch.Generator().manual_seed(seed), 0.0
    with torch.no_grad():
        for chunk in images.split(_CHUNK):
            mean, log = network.encode(chunk)
            noise = torch.randn(mean.shape, generator=generator).to(images.device)
            total += (chunk - network.decode(mean + noise * torch.exp(log / 2))).double().square().sum().item()
    return total / len(images)
