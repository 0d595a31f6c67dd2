"""What is measured on trained networks: their latents and pictures, and whether one more latent would be used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaesym.advisor.next_latent import NextLatent, next_latent
from vaesym.inputs import Floats
from validation.images.ensemble import Ensemble, latent_kl
from validation.images.frechet import frechet_distance, moments
from validation.images.material import Prepared
from validation.images.metrics import active_units
from validation.images.networks import VAE
from validation.images.tangent import tangent_threshold
from validation.runner.experiment import Results

_CHUNK = 5000
#: Pictures drawn from the prior to compare their law with that of the images, as in [IH, App. D.1].
_PICTURES = 10_000


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
    return {"kl": (("run", "latent"), -np.sort(-ensemble.kl(), axis=1)), **values, "own": ("run", np.array(own))}


def _next(network: VAE, images: Tensor) -> NextLatent:
    def tensor(values: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(images.device)

    with torch.no_grad():
        return next_latent(images.cpu().numpy(), lambda x: network.encode(tensor(x)), lambda z: network.decode(tensor(z)))


def _simple(network: VAE) -> bool:
    return sum(isinstance(layer, torch.nn.Linear) for layer in network.decoder.modules()) == 2 and not any(
        isinstance(layer, torch.nn.ConvTranspose2d) for layer in network.decoder.modules())


@dataclass(frozen=True)
class Quality:
    """Measures latents and pictures; ``features`` maps pixels to those of a classifier, whose folder it names."""

    classifier: str | None = None

    def __call__(self, ensemble: Ensemble, prepared: Prepared) -> Results:
        """Return the measures of all networks of an ensemble."""
        test = moments(prepared.pixels(prepared.test.numpy()))
        rows = [self._one(network, ensemble.images[rows], prepared, test, seed)
                for network, rows, seed in zip(ensemble.networks(), ensemble.members, ensemble.seeds, strict=True)]
        return {"kl": (("run", "latent"), np.stack([latent for latent, _, _ in rows])),
                "active_units": ("run", np.array([units for _, units, _ in rows])),
                **{name: ("run", np.array([row[name] for _, _, row in rows])) for name in rows[0][2]}}

    def _one(self, network: VAE, images: Tensor, prepared: Prepared, test: tuple[Floats, Floats],
             seed: int) -> tuple[Floats, int, dict[str, float]]:
        kl = latent_kl(network, images)
        with torch.no_grad():
            means = torch.cat([network.encode(chunk)[0] for chunk in images.split(_CHUNK)]).cpu().numpy()
        held = prepared.test.to(images.device)
        pictures = _pictures(network, seed, images.device)
        values = {"train_squared_error": _squared_error(network, images, seed) + prepared.left_out,
                  "test_squared_error": _squared_error(network, held, seed) + prepared.left_out_test,
                  "test_rate": float(latent_kl(network, held).sum()),
                  "decoder_variance": float(network.decoder_log.detach().exp()),
                  "pixel_frechet": frechet_distance(*moments(prepared.pixels(pictures)), *test)}
        if self.classifier is not None:
            from validation.images.classifier import feature_moments

            own = feature_moments(self.classifier, prepared.pixels(pictures).astype(np.float32))
            real = feature_moments(self.classifier, prepared.pixels(prepared.test.numpy()).astype(np.float32))
            values["feature_frechet"] = frechet_distance(*own, *real)
        return -np.sort(-kl), int(active_units(means).sum()), values


def _pictures(network: VAE, seed: int, device: torch.device) -> NDArray[np.float32]:
    """Return pictures that the decoder makes of draws from the prior, in the coordinates of the network."""
    latents = network.mean.out_features
    z = torch.randn((_PICTURES, latents), generator=torch.Generator().manual_seed(seed)).to(device)
    with torch.no_grad():
        return torch.cat([network.decode(chunk) for chunk in z.split(_CHUNK)]).cpu().numpy()


def _squared_error(network: VAE, images: Tensor, seed: int) -> float:
    """Return the mean of ‖x − x̂‖² with one draw of z an image."""
    generator, total = torch.Generator().manual_seed(seed), 0.0
    with torch.no_grad():
        for chunk in images.split(_CHUNK):
            noise = torch.randn((len(chunk), network.mean.out_features), generator=generator).to(images.device)
            total += network(chunk, noise)[0].double().sum().item()
    return total / len(images)
