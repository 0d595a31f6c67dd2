"""The threshold of full collapse against the Hessian of the loss itself, as it is written in PyTorch.

The posterior is averaged by Gauss–Hermite quadrature in double precision, and the weight of the KL is sought at which
the least eigenvalue of the Hessian at full collapse passes zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.practice import LossScale

torch = pytest.importorskip("torch")
F = torch.nn.functional

LATENTS = 2
RNG = np.random.default_rng(5)
_HIDDEN = RNG.random((30, 2)) @ RNG.random((2, 5))
GREY = np.clip(_HIDDEN / _HIDDEN.max() + 0.1 * RNG.random((30, 5)), 0, 1)
BINARY = (_HIDDEN + 0.5 * RNG.random((30, 5)) > np.median(_HIDDEN, axis=0) + 0.25).astype(float)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(10)


def mean_loss(parameters: Any, x: Any, scale: LossScale, weight: float) -> Any:
    """The loss: encoder mean and log-variance linear in x, decoder quadratic in each latent."""
    features = x.shape[1]
    parts = parameters.split([features, *4 * [LATENTS * features], LATENTS])
    offset, (slope, bend, encoder, spread), level = parts[0], (p.view(LATENTS, -1) for p in parts[1:5]), parts[5]
    centred = x - x.mean(dim=0)
    mu, logvar = centred @ encoder.T, centred @ spread.T + level
    pairs = torch.cartesian_prod(*LATENTS * [torch.tensor(NODES)])
    chances = torch.cartesian_prod(*LATENTS * [torch.tensor(WEIGHTS / WEIGHTS.sum())]).prod(dim=1)
    z = mu + torch.exp(logvar / 2) * pairs[:, None, :]
    start = torch.logit(x.mean(dim=0)) if scale.likelihood == "bernoulli" else x.mean(dim=0)
    output = start + offset + z @ slope + (z**2 - 1) @ bend
    target = x.expand(output.shape)
    term = (F.binary_cross_entropy_with_logits if scale.likelihood == "bernoulli" else F.mse_loss)(
        output, target, reduction="none")
    reduced = term.sum(dim=2) if scale.reconstruction == "sum" else term.mean(dim=2)
    kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1)
    divergence = kl.sum(dim=1) if scale.kl == "sum" else kl.mean(dim=1)
    return ((chances @ reduced) * scale.reconstruction_weight + weight * divergence).mean()


def least_eigenvalues(data: Any, scale: LossScale, weight: float) -> Any:
    x = torch.tensor(data, dtype=torch.float64)
    at = torch.zeros(x.shape[1] * (1 + 4 * LATENTS) + LATENTS, dtype=torch.float64)
    hessian = torch.autograd.functional.hessian(lambda p: mean_loss(p, x, scale, weight), at)
    return np.linalg.eigvalsh(hessian.numpy())


def assert_positivity_is_lost_at(data: Any, scale: LossScale, weight: float) -> None:
    """To nine digits; an eigenvalue of the Hessian is known to fourteen."""
    below, above = (least_eigenvalues(data, scale, weight * factor)[0] for factor in (1 - 1e-9, 1 + 1e-9))
    assert below < 0 < above


@pytest.mark.parametrize("data", [GREY, BINARY], ids=["grey", "binary"])
@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_threshold_is_where_the_hessian_loses_positivity(data: Any, likelihood: Any) -> None:
    found = vaesym.collapse_thresholds(data, likelihood=likelihood)
    assert_positivity_is_lost_at(data, LossScale(likelihood=likelihood), found.full_collapse)


def test_further_thresholds_count_the_unstable_directions() -> None:
    """Between two thresholds each latent has as many unstable directions, in its mean and again in its variance."""
    found = vaesym.collapse_thresholds(GREY, likelihood="bernoulli").thresholds
    for number in range(1, 5):
        weight = np.sqrt(found[number - 1] * found[number])
        values = least_eigenvalues(GREY, LossScale(likelihood="bernoulli"), weight)
        assert np.count_nonzero(values < 0) == 2 * LATENTS * number


@pytest.mark.parametrize("kl", ["sum", "mean"])
@pytest.mark.parametrize("reconstruction", ["sum", "mean"])
def test_each_normalisation_of_cross_entropy(reconstruction: Any, kl: Any) -> None:
    scale = LossScale(reconstruction, kl, 3.0, likelihood="bernoulli")
    threshold = vaesym.collapse_thresholds(GREY, likelihood="bernoulli").full_collapse
    assert_positivity_is_lost_at(GREY, scale, scale.kl_weight_for(threshold, n_features=5, n_latents=LATENTS))
