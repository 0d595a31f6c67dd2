"""Thresholds of full collapse of counts, categories and learned variances against the Hessian of PyTorch's own losses.

The posterior is averaged by Gauss–Hermite quadrature. The least eigenvalue of the Hessian at full collapse passes zero
at the threshold, to a millionth. Learned dispersions and variances are parameters like all others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from family_losses import CASES, drawn, negative_log_likelihood, start_of

import vaesym

torch = pytest.importorskip("torch")

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(12)


def hessian_at_collapse(data: Any, case: str, found: Any) -> tuple[Any, Any]:
    """Hessian of the reconstruction and of the KL at full collapse, in decoder, encoder and spare parameters."""
    likelihood, _, link = CASES[case]
    x = torch.tensor(data, dtype=torch.float64)
    features, mean = x.shape[1], x.mean(dim=0)
    spare = {"negative_binomial": lambda: torch.tensor(found.dispersion).clamp(max=1e9).log(),
             "gaussian_shared": lambda: x.var(dim=0, correction=0).mean().log().expand(features),
             "gaussian_diagonal": lambda: x.var(dim=0, correction=0).log()}.get(likelihood, lambda: mean * 0)()
    sizes = [features, features, features, features, features, 1, features]

    def parts(p: Any, weight: float) -> Any:
        offset, slope, bend, encoder, spread, level, extra = p.split(sizes)
        centred = x - mean
        mu, logvar = centred @ encoder, centred @ spread + level
        z = mu + torch.exp(logvar / 2) * torch.tensor(NODES)[:, None]
        u = start_of(mean, link) + offset + z[..., None] * slope + (z[..., None] ** 2 - 1) * bend
        free = spare if CASES[case][1].get("dispersion") else spare + extra
        error = torch.tensor(WEIGHTS / WEIGHTS.sum()) @ negative_log_likelihood(x, u, likelihood, link, free)
        return (error * (1 - weight) + weight * 0.5 * (mu**2 + logvar.exp() - logvar - 1)).mean()

    at = torch.zeros(sum(sizes), dtype=torch.float64)
    return tuple(torch.autograd.functional.hessian(lambda p, w=w: parts(p, w), at).numpy() for w in (0.0, 1.0))


@pytest.mark.parametrize("case", CASES)
def test_threshold_is_where_the_hessian_loses_positivity(case: str) -> None:
    likelihood, options, _ = CASES[case]
    data = drawn(likelihood, 40)[:, :9 if likelihood == "categorical" else 5]
    found = vaesym.collapse_thresholds(data, likelihood=likelihood, **options)
    error, divergence = hessian_at_collapse(data, case, found)

    weights = [ratio * found.full_collapse for ratio in (1 - 1e-6, 1 + 1e-6)]
    least = [np.linalg.eigvalsh(error + weight * divergence)[0] for weight in weights]
    # A softmax has directions without any curvature, and a given dispersion is none, with eigenvalues of rounding.
    assert least[0] < -1e-9
    assert least[1] > -1e-10


def test_the_gradient_vanishes_at_the_learned_dispersion() -> None:
    """The dispersion is that of the best constant decoder; of the last column any larger one is better."""
    counts = drawn("negative_binomial", 40)
    found = vaesym.collapse_thresholds(counts, likelihood="negative_binomial")
    assert found.dispersion is not None
    assert np.isfinite(found.dispersion[:-1]).all()
    assert found.dispersion[-1] == np.inf
    x = torch.tensor(counts, dtype=torch.float64)
    spare = torch.tensor(found.dispersion).clamp(max=1e3).log().requires_grad_()
    negative_log_likelihood(x, x.mean(dim=0).log(), "negative_binomial", "exp", spare).mean().backward()
    slopes = spare.grad.numpy()
    assert np.abs(slopes[:-1]).max() < 1e-9
    assert slopes[-1] < 0
