"""Training: linear VAEs on spiked data of finite size, by torch, against the theory of infinite size."""

from __future__ import annotations

import numpy as np

import vaesym
from validation.result import CheckResult

#: Points (α, β, λ), one in each phase and one near the threshold of detection.
POINTS = ((4.0, 0.5, 0.5), (0.8, 0.3, 0.2), (2.0, 2.5, 0.1), (2.0, 0.6, 0.05))


def train(data: np.ndarray, beta: float, lam: float, seed: int) -> float:
    """Train a linear VAE with one latent on the rows of ``data`` by L-BFGS; return R_min/N.

    The model sees the samples themselves; the expectation over the posterior is exact.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(data, dtype=torch.float64)
    features = x.shape[1]
    decoder, encoder = (torch.randn(features, generator=generator, dtype=torch.float64).requires_grad_() for _ in "WV")
    log_variance = torch.zeros((), dtype=torch.float64, requires_grad=True)

    def loss() -> torch.Tensor:
        k, h = x @ decoder / features**0.5, x @ encoder / features**0.5
        norm, variance = decoder @ decoder / features, log_variance.exp()
        sample = -h * k + norm * (h**2 + variance) / 2 + beta * (h**2 + variance - log_variance - 1) / 2
        return (sample.sum() + lam / 2 * (decoder @ decoder + encoder @ encoder)) / features

    optimiser = torch.optim.LBFGS([decoder, encoder, log_variance], max_iter=5000, tolerance_grad=1e-10,
                                  tolerance_change=1e-14, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(closure)
    return float(loss().detach())


def training_against_theory(dimension: int = 200, repeats: int = 16, seed: int = 0) -> CheckResult:
    """Compare the mean least loss over random data sets with the free energy, as a z-score.

    The dimension is finite, so the mean is taken at N and 2N and extrapolated in 1/N to infinity; the error is that
    of the extrapolated mean.
    """
    rng = np.random.default_rng(seed)
    scores = {}
    for alpha, beta, lam in POINTS:
        means, errors = [], []
        for size in (dimension, 2 * dimension):
            samples = round(alpha * size)
            direction = np.sqrt(size) * np.eye(size)[0]
            losses = []
            for repeat in range(repeats):
                data = rng.normal(size=(samples, 1)) * direction / np.sqrt(size) + rng.normal(size=(samples, size))
                losses.append(train(data, beta, lam, seed + repeat))
            means.append(np.mean(losses))
            errors.append(np.std(losses, ddof=1) / np.sqrt(repeats))
        theory = float(vaesym.solve(alpha, beta, lam=lam).free_energy)
        error = np.hypot(2 * errors[1], errors[0])
        score = (2 * means[1] - means[0] - theory) / max(error, 1e-9)
        scores[f"z at α={alpha:g}, β={beta:g}, λ={lam:g}"] = float(score)
    # Unlike max, NumPy's maximum does not lose a NaN.
    worst = float(np.abs(list(scores.values())).max())
    return CheckResult("training = free energy", len(POINTS), worst, 4.0, "largest |z|", scores)
