"""The VAEs of [IH] on images: one with a hidden layer of ReLUs on each side, and a convolutional one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from vaesym.inputs import InputError, count
from validation.laboratory.runs import one_of

KINDS = ("mlp", "conv")
LIKELIHOODS = ("gaussian", "bernoulli")
#: Of both convolutions, in both directions: each halves an image, or doubles it.
_KERNEL = {"kernel_size": 4, "stride": 2, "padding": 1}


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

    Parameters
    ----------
    shape : of an image, (C, H, W); N is its product
    latents : M ≥ 1
    widths : of the hidden layers of the encoder, at least one; the decoder has them in reverse order
    likelihood : of a pixel, "gaussian" or "bernoulli"

    Raises
    ------
    vaesym.InputError
        Numbers that are not whole or not positive, or no hidden layer.

    Examples
    --------
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

    Parameters
    ----------
    shape : of an image, (C, H, W), with sides that can be halved once for each convolution
    latents : M ≥ 1
    channels : of the convolutions, at least one
    likelihood : of a pixel, "gaussian" or "bernoulli"

    Raises
    ------
    vaesym.InputError
        Sides that cannot be halved so often, or numbers that are not whole or not positive.

    Examples
    --------
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
    inner = (sizes[-1], height // shrink, width // shrink)
    flat = inner[0] * inner[1] * inner[2]
    down = [layer for pair in pairwise([colours, *sizes]) for layer in (nn.Conv2d(*pair, **_KERNEL), nn.ReLU())]
    up = [layer for pair in pairwise([*reversed(sizes), colours])
          for layer in (nn.ConvTranspose2d(*pair, **_KERNEL), nn.ReLU())][:-1]
    features = nn.Sequential(nn.Unflatten(-1, (colours, height, width)), *down, nn.Flatten(-3))
    decoder = nn.Sequential(nn.Linear(latents, flat), nn.Unflatten(-1, inner), *up, nn.Flatten(-3))
    return VAE(features, flat, decoder, latents, likelihood)


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
