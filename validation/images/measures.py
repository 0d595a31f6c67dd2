"""What is measured on trained networks: their latents and pictures, and whether one more latent would be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaesym.inputs import Floats
from vaesym.practice.next_latent import NextLatent, next_latent
from validation.images.classifier import Classifier, trained_classifier
from validation.images.ensemble import Ensemble, latent_kl
from validation.images.frechet import frechet_distance, moments
from validation.images.material import Material, Prepared
from validation.images.metrics import active_units, mutual_information
from validation.images.networks import VAE
from validation.images.sources import load_images
from validation.images.tangent import tangent_threshold
from validation.runner.experiment import Results
from validation.threads import limited_threads

_CHUNK = 5000
#: Images over which the mutual information is estimated.
_INFORMATION = 2000


def next_latents(ensemble: Ensemble, prepared: Prepared) -> Results:
    """Return the thresholds of a further latent beside trained ones: constant b, free b, and the network's own.

    ``own`` is NaN for networks that are not of the form which :func:`tangent_threshold` knows.
    """
    found, own = [], []
    for network, rows in zip(ensemble.networks(), ensemble.members, strict=True):
        images = ensemble.images[rows]
        found.append(_next(network, images))
        own.append(tangent_threshold(network, images) if _simple(network) else np.nan)
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


def _simple(network: VAE) -> bool:
    return sum(isinstance(layer, torch.nn.Linear) for layer in network.decoder.modules()) == 2 and not any(
        isinstance(layer, torch.nn.ConvTranspose2d) for layer in network.decoder.modules())


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
    """Measures latents, errors and pictures of an ensemble.

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
            rows.append(_latents(network, images, seed) | _errors(network, images, prepared, seed) | {
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


def _latents(network: VAE, images: Tensor, seed: int) -> dict[str, float]:
    with torch.no_grad():
        parts = [network.encode(chunk) for chunk in images.split(_CHUNK)]
    mean, log = (torch.cat([part[i] for part in parts]).cpu().numpy() for i in (0, 1))
    few = mutual_information(mean[:_INFORMATION], log[:_INFORMATION], seed=seed, population=len(mean))
    return {"active_units": float(active_units(mean).sum()), "mutual_information": few.mutual_information}


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
