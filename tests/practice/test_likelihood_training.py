"""The threshold of full collapse against training: small nonlinear VAEs with binary cross-entropy on digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.practice import load_data

torch = pytest.importorskip("torch")
F = torch.nn.functional

RATIOS, SEEDS, WARM, STEPS, HIDDEN, RATE = (0.9, 1.1), 2, 200, 500, 16, 0.005
IMAGES = load_data("digits").array[:450].reshape(-1, 64) / 16
VARYING = IMAGES[:, IMAGES.min(axis=0) < IMAGES.max(axis=0)]
THRESHOLD = vaesym.collapse_thresholds(IMAGES, likelihood="bernoulli", latents=1).full_collapse


def trained_kl() -> list[Any]:
    """Train a VAE of one latent and one hidden layer of tanh each way, for each ratio and seed at once (R, S).

    First all with a small weight of the KL, so that the latent is active. All samples at once, and a learning rate that
    falls to zero: the noise of a large one puts out weak latents.
    """
    generator = torch.Generator().manual_seed(0)
    runs, features = len(RATIOS) * SEEDS, VARYING.shape[1]
    x = torch.tensor(VARYING, dtype=torch.float32).expand(runs, *VARYING.shape)
    beta = torch.tensor(RATIOS).repeat_interleave(SEEDS) * THRESHOLD

    def layer(inputs: int, outputs: int) -> list[Any]:
        weight = torch.randn((runs, inputs, outputs), generator=generator) / np.sqrt(inputs)
        return [part.requires_grad_() for part in (weight, torch.zeros((runs, 1, outputs)))]

    layers = [layer(features, HIDDEN), layer(HIDDEN, 2), layer(1, HIDDEN), layer(HIDDEN, features)]
    with torch.no_grad():
        layers[-1][1] += torch.logit(x[0].mean(dim=0))
    optimiser = torch.optim.Adam([part for parts in layers for part in parts], lr=RATE)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)

    def network(z: Any, first: list[Any], second: list[Any]) -> Any:
        return torch.baddbmm(second[1], torch.tanh(torch.baddbmm(first[1], z, first[0])), second[0])

    kl, warm = torch.zeros(runs), torch.zeros(runs)
    for step in range(WARM + STEPS):
        mu, logvar = network(x, *layers[:2]).chunk(2, dim=2)
        logits = network(mu + torch.exp(logvar / 2) * torch.randn(mu.shape, generator=generator), *layers[2:])
        entropy = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=2).mean(dim=1)
        kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1).sum(dim=2).mean(dim=1)
        optimiser.zero_grad()
        (entropy + (beta if step >= WARM else 0.7 * THRESHOLD) * kl).sum().backward()
        optimiser.step()
        if step >= WARM:
            scheduler.step()
        else:
            warm = kl
    return [values.detach().numpy().reshape(len(RATIOS), SEEDS) for values in (warm, kl)]


def test_training_collapses_where_the_threshold_says() -> None:
    warm, (below, above) = trained_kl()
    assert (warm > 0.1).all()
    # The latent of a linear model of squared error would carry ½ ln(1/0.9) = 0.053 nats here.
    assert (below > 0.03).all()
    assert (above < 0.005).all()
