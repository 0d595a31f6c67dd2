"""The scale of a loss against training: four losses as they are written in PyTorch collapse where LossScale says.

Each is trained on digits with a linear VAE, all samples at once, and the KL weight is bisected for the one at which
the KL falls to a given level. Theory gives this weight from the eigenvalues, Σ_l ½ ln(Λ_l/(βσ²)) = level.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from vaesym.practice import LossScale, load_data, spectrum_of

torch = pytest.importorskip("torch")
F = torch.nn.functional

LATENTS, SEEDS, STEPS, HALVINGS, LEVEL = 3, 6, 400, 7, 0.1
IMAGES = load_data("digits").array[:128].reshape(128, 64)


def sum_and_sum(recons, x, kl, weight):
    return (F.mse_loss(recons, x, reduction="sum") + weight * kl.sum()) / len(x)


def mean_and_sum(recons, x, kl, weight):
    return F.mse_loss(recons, x) + weight * kl.sum(dim=1).mean()


def mean_and_mean(recons, x, kl, weight):
    return F.mse_loss(recons, x) + weight * kl.mean()


def mean_and_weighted(recons, x, kl, weight):
    kld_weight = kl.shape[1] / x.shape[1]
    return F.mse_loss(recons, x) + weight * kld_weight * kl.sum(dim=1).mean()


#: The loss, its scale, and the factor that it puts on the user's weight itself.
LOSSES = [
    (sum_and_sum, LossScale("sum", "sum", 1.0), 1.0),
    (mean_and_sum, LossScale("mean", "sum", 1.0), 1.0),
    (mean_and_mean, LossScale("mean", "mean", 1.0), 1.0),
    (mean_and_weighted, LossScale("mean", "sum", 1.0), LATENTS / 64),
]


def trained_kl(loss, weights, seed):
    """Train one linear VAE for each weight (S,) and return the KL of each, summed over latents (S,)."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.tensor(IMAGES - IMAGES.mean(axis=0), dtype=torch.float32) / 16
    shape = (len(weights), LATENTS, x.shape[1])
    parts = [torch.randn(shape, generator=generator) * 0.1 for _ in range(2)] + [torch.zeros(shape[:2])]
    for part in parts:
        part.requires_grad_()
    optimiser = torch.optim.Adam(parts, lr=0.02)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)

    def one(encoder, decoder, logvar, weight, noise):
        mu = x @ encoder.T
        kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1)
        return loss((mu + torch.exp(logvar / 2) * noise) @ decoder, x, kl, weight), kl.mean(dim=0).sum()

    runs, late = torch.vmap(one), []
    for step in range(STEPS):
        noise = torch.randn((len(weights), len(x), LATENTS), generator=generator)
        losses, kl = runs(*parts, torch.as_tensor(weights, dtype=torch.float32), noise)
        # The size of a loss does not matter to Adam, so that runs of all scales are trained alike.
        optimiser.zero_grad()
        losses.sum().backward()
        optimiser.step()
        scheduler.step()
        late += [kl.detach().numpy()] if step >= STEPS - 20 else []
    return np.mean(late, axis=0)


def predicted(scale, factor):
    """The user's weight at which theory has the KL at the level."""
    values = spectrum_of(IMAGES / 16).eigenvalues[:LATENTS]

    def excess(log):
        weight = np.exp(log)
        beta = scale.effective_beta(n_features=64, n_latents=LATENTS, kl_weight=weight)
        return 0.5 * np.log(np.maximum(values / beta, 1)).sum() - LEVEL

    top = np.log(scale.kl_weight_for(values[0], n_features=64, n_latents=LATENTS))
    return np.exp(brentq(excess, top - 3, top)) / factor


def measured(loss, centre, seed):
    """Bisect each run's weight, between a fourth and four times the prediction; returns the logarithms (S,)."""
    low, high = np.full(SEEDS, np.log(centre / 4)), np.full(SEEDS, np.log(centre * 4))
    for halving in range(HALVINGS):
        middle = (low + high) / 2
        active = trained_kl(loss, np.exp(middle), 100 * seed + halving) > LEVEL
        low, high = np.where(active, middle, low), np.where(active, high, middle)
    return (low + high) / 2


@pytest.mark.parametrize("case", range(len(LOSSES)), ids=[loss.__name__ for loss, _, _ in LOSSES])
def test_training_collapses_where_the_scale_says(case):
    loss, scale, factor = LOSSES[case]
    prediction = predicted(scale, factor)
    distances = measured(loss, prediction, case) - np.log(prediction)
    resolution = np.log(16) / 2**HALVINGS
    error = np.sqrt((distances.var(ddof=1) + resolution**2 / 12) / SEEDS)
    assert abs(distances.mean()) < 4 * error
    # The smallest mistake, a factor of two, would be ten errors away.
    assert np.log(2) > 10 * error
