"""The VAEs of [IH] on images, and ensembles of them that are trained as one."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from vaesym import inputs
from vaesym.inputs import Floats, InputError, count
from vaesym.practice.scan.networks import preset
from validation.runner.experiment import Arrays
from validation.simulate.data import one_of

KINDS = ("mlp", "conv")
LIKELIHOODS = ("gaussian", "bernoulli")


class VAE(nn.Module):
    """A Gaussian encoder and a decoder of means, apart from what they are made of.

    ``features`` maps x (..., N) to the layer before the two linear heads ``mean`` and ``log_variance``; ``decoder``
    maps z (..., M) to the means x̂ (..., N) of a Gaussian, whose variance is e^{``decoder_log``}, a parameter that may
    be learned, or to the logits of independent Bernoulli pixels.

    Parameters
    ----------
    features, width : the encoder without its heads, and the number of its outputs
    decoder : the decoder
    latents : M ≥ 1
    likelihood : of a pixel, "gaussian" or "bernoulli"
    """

    def __init__(self, features: nn.Module, width: int, decoder: nn.Module, latents: int,
                 likelihood: str = "gaussian") -> None:
        super().__init__()
        self.features, self.decoder, self.likelihood = features, decoder, likelihood
        self.mean, self.log_variance = nn.Linear(width, latents), nn.Linear(width, latents)
        self.decoder_log = nn.Parameter(torch.zeros(()))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x), each (..., M), of x (..., N)."""
        hidden = self.features(x)
        return self.mean(hidden), self.log_variance(hidden)

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z), (..., N), of z (..., M)."""
        return torch.sigmoid(self.decoder(z)) if self.likelihood == "bernoulli" else self.decoder(z)

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return −ln p(x|z) (B,) at z = μ + e^{ν/2}·noise, and the KL of each latent (B, M).

        The first is ‖x − x̂‖²/2σ² + (N/2) ln σ², without its constant, or the cross-entropy summed over the pixels.
        """
        mean, log_variance = self.encode(x)
        given = self.decoder(mean + noise * torch.exp(log_variance / 2))
        if self.likelihood == "bernoulli":
            misfit = nn.functional.binary_cross_entropy_with_logits(given, x, reduction="none").sum(-1)
        else:
            misfit = (x - given).square().sum(-1) / (2 * self.decoder_log.exp()) + x.shape[-1] * self.decoder_log / 2
        return misfit, gaussian_kl(mean, log_variance)


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(μ, e^ν) ‖ N(0, 1)) in nats, entry by entry.

    >>> gaussian_kl(torch.tensor(2.0), torch.tensor(0.0)).item()
    2.0
    """
    # expm1 keeps the small values exact, which tell collapse.
    return (mean.square() + torch.expm1(log_variance) - log_variance) / 2


def mlp_vae(shape: Sequence[int], latents: int = 2, widths: Sequence[int] = (128,),
            likelihood: str = "gaussian") -> VAE:
    """Return the VAE of [IH, App. D.1]: N – widths – ReLU – M and back, every layer with a bias.

    ``shape`` (C, H, W) is that of an image; the decoder has the ``widths`` of the encoder in reverse order.

    Raises :class:`vaesym.InputError`: numbers that are not whole or not positive, or no hidden layer.

    >>> net = mlp_vae((1, 28, 28))
    >>> net.decode(net.encode(torch.zeros(5, 784))[0]).shape
    torch.Size([5, 784])
    """
    sizes, latents = [count("widths", width) for width in widths], count("latents", latents)
    if not sizes:
        raise InputError("at least one hidden layer", "none", "give widths, e.g. (128,)")
    pixels = count("pixels", int(torch.Size(shape).numel()))
    encoder, decoder = [pixels, *sizes], [latents, *reversed(sizes)]
    return VAE(_layers(encoder), sizes[-1], nn.Sequential(_layers(decoder), nn.Linear(sizes[0], pixels)), latents,
               likelihood)


def _layers(sizes: Sequence[int]) -> nn.Sequential:
    return nn.Sequential(*(layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())))


def conv_vae(shape: Sequence[int], latents: int = 128, channels: Sequence[int] = (32, 64),
             likelihood: str = "gaussian") -> VAE:
    """Return the convolutional VAE of [IH, App. E.2]: kernels of 4, stride 2, padding 1, ReLU; mirrored decoder.

    ``shape`` (C, H, W) has sides that can be halved once for each convolution.

    Raises :class:`vaesym.InputError`: sides that cannot be halved so often, or numbers that are not whole or not
    positive.

    >>> net = conv_vae((3, 32, 32))
    >>> net.mean
    Linear(in_features=4096, out_features=128, bias=True)
    """
    sizes, latents = [count("channels", one) for one in channels], count("latents", latents)
    colours, height, width = (count("shape", side) for side in shape)
    shrink = 2 ** len(sizes)
    if not sizes or height % shrink or width % shrink:
        raise InputError(f"images whose sides are multiples of {shrink}" if sizes else "at least one convolution",
                         f"{height} x {width}" if sizes else "none", "choose other channels, or pad the images")
    features, decoder = preset((colours, height, width), sizes, colours * height * width, latents)
    return VAE(features, decoder[0].out_features, decoder, latents, likelihood)


@dataclass(frozen=True)
class Architecture:
    """Which network: kind "mlp" (sizes are widths) or "conv" (sizes are channels), for images of a shape.

    ``likelihood`` is that of a pixel given z, "gaussian" or "bernoulli".

    >>> Architecture("mlp", (1, 8, 8), 2, (16,)).build(seed=0).log_variance
    Linear(in_features=16, out_features=2, bias=True)
    """

    kind: str
    shape: tuple[int, int, int]
    latents: int
    sizes: tuple[int, ...]
    likelihood: str = "gaussian"

    def __post_init__(self) -> None:
        one_of("network", self.kind, KINDS)
        one_of("likelihood", self.likelihood, LIKELIHOODS)

    def build(self, seed: int) -> VAE:
        """Return the network with PyTorch's default initial values, drawn from a seed; global state is left alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            make = mlp_vae if self.kind == "mlp" else conv_vae
            return make(self.shape, self.latents, self.sizes, self.likelihood)


#: Images evaluated at once.
_CHUNK = 5000


@dataclass(frozen=True)
class Descent:
    """How networks descend: Adam on mini-batches, with a rate that falls to 0 along half a cosine.

    Parameters
    ----------
    steps : of one descent
    batch_size : images of a mini-batch; samples smaller than that are taken whole
    learning_rate : at the beginning
    weight_decay : of Adam (L2, as in [IH])
    learn_decoder_variance : whether σ² is learned; 1 otherwise
    threads : of the processor; the numbers depend on it in their last digits, so it belongs to the settings
    """

    steps: int
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    learn_decoder_variance: bool = False
    threads: int = 2

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "threads"):
            inputs.count(name, getattr(self, name))
        inputs.positive("learning_rate", self.learning_rate)
        inputs.non_negative("weight_decay", self.weight_decay)

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0.

        >>> [round(Descent(2, learning_rate=1.0).rate(step), 3) for step in (0, 1)]
        [1.0, 0.5]
        """
        return self.learning_rate * (1 + cos(pi * step / self.steps)) / 2


class Ensemble:
    """S networks of one architecture under training, each on its own samples of the same images.

    ``images`` are all of them (P_all, N), float32; ``members`` (S, P) says which each network sees, ``seeds`` its
    initial values, order and noise.
    """

    def __init__(self, architecture: Architecture, descent: Descent, images: Tensor, members: NDArray[np.int64],
                 seeds: Sequence[int], device: str = "cpu") -> None:
        if members.ndim != 2 or len(members) != len(seeds):
            raise InputError("members (S, P) and S seeds", f"{members.shape} and {len(seeds)}", "give one row a seed")
        if members.shape[1] < architecture.latents:
            raise InputError(f"at least as many images as latents, {architecture.latents}",
                             f"{members.shape[1]} images", "give more images, or fewer latents")
        self.descent, self.device, self.seeds = descent, device, [int(seed) for seed in seeds]
        self.images, self.members = images.to(device), torch.as_tensor(members, device=device)
        self._template: VAE = copy.deepcopy(architecture.build(0)).to("meta")
        self.load(stacked([architecture.build(seed) for seed in self.seeds]))
        self._orders: tuple[int, Tensor] | None = None

    def load(self, parameters: dict[str, Tensor]) -> None:
        """Take over parameters, stacked along the networks, with a fresh optimiser."""
        self.parameters = {name: value.detach().clone().to(self.device).requires_grad_()
                           for name, value in parameters.items()}
        trained = [value for name, value in self.parameters.items()
                   if name != "decoder_log" or self.descent.learn_decoder_variance]
        self._optimiser = torch.optim.Adam(trained, lr=self.descent.learning_rate,
                                           weight_decay=self.descent.weight_decay)

    def set_latent(self, latent: int, values: dict[str, Tensor] | None = None) -> None:
        """Set all weights of a latent, in the heads of the encoder and the first layer of the decoder.

        ``values`` are parameters, stacked like those of this ensemble; by default all become 0, and it collapses.
        """
        with torch.no_grad():
            for name, place in self._latent_places(latent):
                self.parameters[name][place] = 0.0 if values is None else values[name][place].to(self.device)

    def _latent_places(self, latent: int) -> list[tuple[str, tuple[Any, ...]]]:
        rows, column = (slice(None), latent), (slice(None), slice(None), latent)
        # The decoder's first layer takes the latents, whatever the network.
        first = next(name for name in self.parameters if name.startswith("decoder.") and name.endswith("weight"))
        heads = [f"{head}.{part}" for head in ("mean", "log_variance") for part in ("weight", "bias")]
        return [*((name, rows) for name in heads), (first, column)]

    def step(self, number: int, beta: Tensor, salt: int = 0) -> None:
        """Take step ``number`` of a descent at β (S,); ``salt`` tells its draws from those of other descents."""
        noise = torch.stack([self._generator(salt, number, seed) for seed in self.seeds])
        images = self.images[self._batch(number, salt)]
        misfit, kl = vmap(self._call)(self.parameters, images, noise.to(self.device))
        loss = misfit.mean(-1) + beta.to(self.device) * kl.sum(-1).mean(-1)
        for group in self._optimiser.param_groups:
            group["lr"] = self.descent.rate(number)
        self._optimiser.zero_grad()
        # Each network's gradient is its own: their losses only share the sum.
        loss.sum().backward()
        self._optimiser.step()

    def _call(self, parameters: dict[str, Tensor], x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        return functional_call(self._template, parameters, (x, noise))

    def _generator(self, salt: int, number: int, seed: int) -> Tensor:
        latents = self.parameters["mean.bias"].shape[-1]
        shape = (min(self.descent.batch_size, self.members.shape[1]), latents)
        return torch.randn(shape, generator=_seeded(seed, salt, number, 1))

    def _batch(self, number: int, salt: int) -> Tensor:
        """Return which images the networks see (S, B): each epoch in an order of its own, without replacement."""
        size, samples = min(self.descent.batch_size, self.members.shape[1]), self.members.shape[1]
        epoch, place = divmod(number, samples // size)
        stamp = salt * 2**32 + epoch
        if self._orders is None or self._orders[0] != stamp:
            orders = torch.stack([torch.randperm(samples, generator=_seeded(seed, salt, epoch, 2))
                                  for seed in self.seeds])
            self._orders = stamp, self.members.gather(1, orders.to(self.device))
        return self._orders[1][:, place * size : (place + 1) * size]

    def networks(self) -> list[VAE]:
        """Return the networks one by one, as they are now."""
        made = []
        for i in range(len(self.seeds)):
            network = copy.deepcopy(self._template).to_empty(device=self.device)
            network.load_state_dict({name: value[i].detach() for name, value in self.parameters.items()})
            made.append(network.eval())
        return made

    def kl(self) -> Floats:
        """Return the mean KL of each latent over the samples of its network, in nats, (S, M)."""
        return np.stack([latent_kl(network, self.images, rows)
                         for network, rows in zip(self.networks(), self.members, strict=True)])

    def finite_kl(self) -> Floats:
        """Return :meth:`kl`, or raise :class:`vaesym.InputError` where a training has diverged."""
        kl = self.kl()
        if not np.isfinite(kl).all():
            seeds = [seed for seed, row in zip(self.seeds, kl, strict=True) if not np.isfinite(row).all()]
            raise InputError("a KL that is finite after each descent", f"NaN or infinity for the seeds {seeds}",
                             "scale the images to [0, 1], or lower the learning rate")
        return kl

    def state(self) -> Arrays:
        """Return parameters and optimiser as plain arrays."""
        arrays = {f"parameter.{name}": value.detach().cpu().numpy() for name, value in self.parameters.items()}
        for number, entry in self._optimiser.state_dict()["state"].items():
            arrays |= {f"optimiser.{number}.{name}": _array(value) for name, value in entry.items()}
        return arrays

    def restore(self, arrays: Arrays) -> None:
        """Take over what :meth:`state` returned."""
        prefix = "parameter."
        self.load({name.removeprefix(prefix): torch.tensor(value) for name, value in arrays.items()
                   if name.startswith(prefix)})
        entries: dict[int, dict[str, Any]] = {}
        for name, value in arrays.items():
            if name.startswith("optimiser."):
                _, number, entry = name.split(".", 2)
                entries.setdefault(int(number), {})[entry] = torch.tensor(value)
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": entries})


def stacked(networks: Sequence[VAE]) -> dict[str, Tensor]:
    """Return the parameters of networks, stacked along a first axis."""
    return dict(stack_module_state(list(networks))[0])


def latent_kl(network: VAE, images: Tensor, rows: Tensor | None = None) -> Floats:
    """Return the mean KL of each latent (M,) over images (P, N), or over some rows of them, in nats."""
    rows = torch.arange(len(images), device=images.device) if rows is None else rows
    with torch.no_grad():
        sums = [gaussian_kl(*network.encode(images[chunk])).double().sum(0) for chunk in rows.split(_CHUNK)]
    return (torch.stack(sums).sum(0) / len(rows)).cpu().numpy()


def _seeded(*key: int) -> torch.Generator:
    """Return a generator of its own for each key: draws depend on the place in the training, not on the past."""
    words = np.random.SeedSequence([abs(int(part)) for part in key]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(words[0] >> np.uint64(1)))


def _array(value: Any) -> NDArray[Any]:
    return value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)
