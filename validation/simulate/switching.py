"""Latents that switch off one after another as the decoder variance grows: the synthetic experiment of [LZ]."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vaesym import inputs
from vaesym.inputs import Floats
from validation.simulate.data import PrescribedData, all_samples
from validation.simulate.descent import train
from validation.simulate.runs import Run, Settings, one_of

NETWORKS = ("linear", "relu")


@dataclass(frozen=True)
class Switching:
    """A sweep of the decoder variance.

    Parameters
    ----------
    data : samples with prescribed eigenvalues
    decoder_variances : the values of σ² > 0
    latents : M ≤ N
    beta : β > 0
    network : "linear", or "relu": encoder and decoder with one hidden layer of ReLUs each, all biases, and posterior
        variances that depend on x
    hidden : width of the hidden layers
    settings : of the descent; the ReLU networks use its epochs, learning rate, device and precision, take all samples
        at once, and sample the reconstruction term

    Raises
    ------
    vaesym.InputError
        A field outside its domain.
    """

    data: PrescribedData
    decoder_variances: tuple[float, ...]
    latents: int = 2
    beta: float = 1.0
    network: str = "linear"
    hidden: int = 64
    settings: Settings = field(default_factory=lambda: Settings(epochs=3000, learning_rate=3e-3))

    def __post_init__(self) -> None:
        variances = inputs.positive("decoder_variances", np.atleast_1d(self.decoder_variances))
        object.__setattr__(self, "decoder_variances", tuple(variances.tolist()))
        one_of("network", self.network, NETWORKS)
        inputs.count("hidden", self.hidden)
        Run(self.data, self.beta, latents=self.latents)

    def predicted(self) -> Floats:
        """Return KL_l = ½ ln(Λ_l/(βσ²)), 0 where βσ² ≥ Λ_l, for each σ² and latent: the theory of linear networks.

        >>> Switching(PrescribedData((4.0, 1.0), 10), (2.0,)).predicted().round(3)
        array([[0.347, 0.   ]])
        """
        thresholds = self.beta * np.array(self.decoder_variances)[:, None]
        return np.log(np.maximum(np.array(self.data.eigenvalues[: self.latents]) / thresholds, 1.0)) / 2

    def measured(self) -> Floats:
        """Train at every σ² and return the mean KL of each latent in nats (K, M), in descending order.

        >>> sweep = Switching(PrescribedData((4.0, 1.0), 20), (2.0, 6.0), settings=Settings(method="exact"))
        >>> sweep.measured().round(3)
        array([[0.347, 0.   ],
               [0.   , 0.   ]])
        """
        found = _linear(self) if self.network == "linear" else _nonlinear(self)
        return -np.sort(-found, axis=1)


def _linear(sweep: Switching) -> Floats:
    """The KL of each latent of linear networks over the samples, whose covariance is that of the data."""
    runs = [Run(sweep.data, sweep.beta, 0.0, sweep.latents, decoder_variance=variance)
            for variance in sweep.decoder_variances]
    found = train(runs, sweep.settings)
    overlaps, variances = (np.stack([one[name] for one in found]) for name in ("d", "D"))
    means = (overlaps**2 * np.array(sweep.data.strengths)).sum(axis=2)
    return (means + variances - 1 - np.log(variances)) / 2


class BatchedReLU(nn.Module):
    """K variational autoencoders of one shape, each with a ReLU layer in the encoder and in the decoder.

    Parameters
    ----------
    copies, features, hidden, latents : K, N, width of the hidden layers, M
    seed : of the starting weights, uniform as torch's linear layers have them; all copies start alike

    Examples
    --------
    >>> networks = BatchedReLU(3, 5, 16, 2, seed=0)
    >>> [part.shape for part in networks.encode(torch.ones(3, 7, 5, dtype=torch.float64))]
    [torch.Size([3, 7, 2]), torch.Size([3, 7, 2])]
    """

    def __init__(self, copies: int, features: int, hidden: int, latents: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        shapes = ((features, hidden), (hidden, 2 * latents), (latents, hidden), (hidden, features))
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for inward, outward in shapes:
            drawn = torch.rand(inward + 1, outward, generator=generator, dtype=torch.float64) * 2 - 1
            scaled = (drawn / inward**0.5).expand(copies, -1, -1)
            self.weights.append(nn.Parameter(scaled[:, :-1].clone()))
            self.biases.append(nn.Parameter(scaled[:, -1:].clone()))

    def _layers(self, x: Tensor, first: int) -> Tensor:
        hidden = torch.baddbmm(self.biases[first], x, self.weights[first]).relu()
        return torch.baddbmm(self.biases[first + 1], hidden, self.weights[first + 1])

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the posterior means and the logarithms of the variances, each (K, P, M), of x (K, P, N)."""
        means, logs = self._layers(x, 0).chunk(2, dim=-1)
        return means, logs

    def decode(self, z: Tensor) -> Tensor:
        """Return the decoder's means (K, P, N) of latents (K, P, M)."""
        return self._layers(z, 2)


def _divergences(means: Tensor, logs: Tensor) -> Tensor:
    """KL to the prior, sample by sample and latent by latent."""
    return (means**2 + torch.expm1(logs) - logs) / 2


def _nonlinear(sweep: Switching) -> Floats:
    """The KL of each latent of ReLU networks, which are trained together, one for each σ²."""
    settings, copies = sweep.settings, len(sweep.decoder_variances)
    like: dict[str, Any] = {"device": settings.resolved_device(), "dtype": getattr(torch, settings.precision)}
    x = torch.as_tensor(all_samples(sweep.data)).to(**like).expand(copies, -1, -1)
    variance = torch.tensor(sweep.decoder_variances, **like)
    networks = BatchedReLU(copies, sweep.data.features, sweep.hidden, sweep.latents, sweep.data.seed).to(**like)
    optimiser = torch.optim.Adam(networks.parameters(), lr=settings.learning_rate, fused=True)
    generator = torch.Generator().manual_seed(sweep.data.seed + 1)
    for epoch in range(settings.epochs):
        beta = sweep.beta * settings.annealing.factor(epoch)
        means, logs = networks.encode(x)
        # Drawn on the CPU, and one noise for all copies: the copies differ by σ² alone.
        noise = torch.randn(means.shape[1:], generator=generator, dtype=torch.float64).to(**like)
        residual = x - networks.decode(means + (logs / 2).exp() * noise)
        loss = (residual**2).sum((1, 2)) / (2 * variance) + beta * _divergences(means, logs).sum((1, 2))
        optimiser.zero_grad()
        (loss.sum() / x.shape[1]).backward()
        optimiser.step()
    with torch.no_grad():
        return _divergences(*networks.encode(x)).mean(1).double().cpu().numpy()
