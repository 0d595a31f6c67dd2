"""The thresholds of counts, categories and learned variances against training: small nonlinear VAEs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from family_losses import CASES, drawn, negative_log_likelihood, start_of

import vaesym

torch = pytest.importorskip("torch")

SAMPLES, HIDDEN, STEPS, RATE = 120, 4, 300, 0.03
#: Cases that every run of the tests trains.
QUICK = ("poisson-softplus", "categorical")
#: The average over the posterior, by Gauss–Hermite quadrature: without noise training is short.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(6)


def trained_kl(case: str, ratios: tuple[float, ...]) -> list[float]:
    """Train a VAE of one latent and a hidden layer of tanh each way, at each ratio of β to the threshold in turn.

    Dispersions and variances are trained with it. Each training goes on from the one before.
    """
    likelihood, options, link = CASES[case]
    data = drawn(likelihood, SAMPLES)[:, :9 if likelihood == "categorical" else 5]
    found = vaesym.collapse_thresholds(data, likelihood=likelihood, **options)
    x = torch.tensor(data, dtype=torch.float64)
    scaled, features = (x - x.mean(dim=0)) / x.std(dim=0), x.shape[1]
    shapes = [(features, HIDDEN), (1, HIDDEN), (HIDDEN, 2), (1, 2), (1, HIDDEN), (1, HIDDEN), (HIDDEN, features),
              (1, features), (1, features)]
    nodes, chances = torch.tensor(NODES), torch.tensor(WEIGHTS / WEIGHTS.sum())

    def loss(parameters: Any, beta: float) -> tuple[Any, Any]:
        a, b, c, d, e, f, g, bias, spare = (part.view(shape) for part, shape in zip(
            parameters.split([rows * columns for rows, columns in shapes]), shapes, strict=True))
        mu, logvar = (torch.tanh(scaled @ a + b) @ c + d).T
        z = (mu + torch.exp(logvar / 2) * nodes[:, None])[..., None]
        output = start_of(x.mean(dim=0), link) + bias + torch.tanh(z @ e + f) @ g
        level = spare[0] * ("dispersion" not in options) + np.log(options.get("dispersion", 1.0))
        error = chances @ negative_log_likelihood(x, output, likelihood, link, level).mean(dim=1)
        kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1).mean()
        return error + beta * kl, kl

    generator = torch.Generator().manual_seed(0)
    at = torch.cat([torch.randn(rows * columns, generator=generator, dtype=torch.float64) / 2
                    for rows, columns in shapes])
    at[-2 * features:] = 0
    parameters, reached = at.requires_grad_(), []
    steps = 2 * STEPS if case == "nb-learned" else STEPS  # a dispersion that is learned as well takes longer
    for ratio in ratios:
        optimiser = torch.optim.Adam([parameters], lr=RATE)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for _ in range(steps):
            optimiser.zero_grad()
            value, kl = loss(parameters, ratio * found.full_collapse)
            value.backward()
            optimiser.step()
            scheduler.step()
        reached.append(kl.item())
    return reached


@pytest.mark.parametrize("case", [case if case in QUICK else pytest.param(case, marks=pytest.mark.slow)
                                  for case in CASES])
def test_training_collapses_where_the_threshold_says(case: str) -> None:
    warm, below, above = trained_kl(case, (0.5, 0.85, 1.2))
    assert warm > 0.2
    assert 0.05 < below < warm
    assert above < 1e-3
