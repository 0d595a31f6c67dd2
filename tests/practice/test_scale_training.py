"""The scale of a loss against training: four losses as they are written in PyTorch collapse where LossScale says.

Each is trained on digits with a linear VAE, all samples at once, at the KL weight at which the KL falls to a level.
Theory gives this weight from the eigenvalues, Σ_l ½ ln(Λ_l/(βσ²)) = level. All losses are quadratic in the noise of
the latents, so that their mean over it is that over a few points, without scatter.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

from vaesym.practice import LossScale, load_data, spectrum_of

torch = pytest.importorskip("torch")
F = torch.nn.functional

LATENTS, FEATURES, LEVEL = 3, 16, 0.1
#: Means of two by two pixels.
IMAGES = load_data("digits").array[:128].reshape(128, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(128, FEATURES)


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
    (mean_and_weighted, LossScale("mean", "sum", 1.0), LATENTS / FEATURES),
]


#: Noise (2M, 1, M) of mean 0 and covariance 1: exact for what is quadratic in it. Every sample is given with each.
NOISE = np.sqrt(LATENTS) * torch.cat([torch.eye(LATENTS), -torch.eye(LATENTS)]).double()[:, None]


def trained_kl(loss, weight, seed):
    """Train one linear VAE and return the KL, summed over latents."""
    x = torch.tensor(IMAGES - IMAGES.mean(axis=0)) / 16
    shapes = [(LATENTS, x.shape[1])] * 2 + [(LATENTS,)]

    def evaluate(values):
        at = torch.tensor(values, requires_grad=True)
        encoder, decoder, logvar = (part.view(shape) for part, shape in zip(
            at.split([int(np.prod(shape)) for shape in shapes]), shapes, strict=True))
        mu = x @ encoder.T
        kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1)
        draws = (mu + torch.exp(logvar / 2) * NOISE).reshape(-1, LATENTS)
        found = loss(draws @ decoder, x.repeat(len(NOISE), 1), kl.repeat(len(NOISE), 1), weight)
        return found, at, kl.mean(dim=0).sum()

    def slope(values):
        found, at, _ = evaluate(values)
        # The size of a loss says when the search ends: all scales are searched alike.
        return found.item() / weight, torch.autograd.grad(found, at)[0].numpy() / weight

    start = np.random.default_rng(seed).normal(size=2 * LATENTS * x.shape[1] + LATENTS) / 10
    found = minimize(slope, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-7})
    return evaluate(found.x)[2].item()


def predicted(scale, factor):
    """The user's weight at which theory has the KL at the level."""
    values = spectrum_of(IMAGES / 16).eigenvalues[:LATENTS]

    def excess(log):
        weight = np.exp(log)
        beta = scale.effective_beta(n_features=FEATURES, n_latents=LATENTS, kl_weight=weight)
        return 0.5 * np.log(np.maximum(values / beta, 1)).sum() - LEVEL

    top = np.log(scale.kl_weight_for(values[0], n_features=FEATURES, n_latents=LATENTS))
    return np.exp(brentq(excess, top - 3, top)) / factor


@pytest.mark.parametrize("case", range(len(LOSSES)), ids=[loss.__name__ for loss, _, _ in LOSSES])
def test_training_collapses_where_the_scale_says(case):
    loss, scale, factor = LOSSES[case]
    prediction = predicted(scale, factor)
    # A single active latent has ½ ln 2 = 0.35 nats more at half the weight: the smallest mistake is a factor of two.
    assert trained_kl(loss, prediction, case) == pytest.approx(LEVEL, abs=1e-3)
    assert trained_kl(loss, prediction * np.exp(2 * LEVEL) * 1.01, case) < 1e-6
