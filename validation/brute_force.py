"""Brute force: the full loss of random data matrices, minimised from random starts without any theory."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from vaesym import LinearVAE
from validation.result import CheckResult


def full_loss(flat: np.ndarray, second: np.ndarray, samples: int, latents: int, beta: float,
              lam: float) -> tuple[float, np.ndarray]:
    """Return R/N and its gradient in (W, V, log D), from the second-moment matrix XᵀX/P.

    The reconstruction term keeps every product of latents: W need not be orthogonal.
    """
    features = len(second)
    decoder, encoder = flat[: 2 * features * latents].reshape(2, features, latents)
    log_variance = flat[2 * features * latents :]
    variance = np.exp(log_variance)
    moved = second @ encoder
    overlap, spread = decoder.T @ decoder / features, encoder.T @ moved / features
    fields = np.sum(decoder * moved) / features
    loss = samples * (-fields + np.sum(overlap * spread) / 2 + variance @ np.diag(overlap) / 2
                      + beta / 2 * (np.trace(spread) + np.sum(variance - log_variance - 1)))
    loss += lam / 2 * (np.sum(decoder**2) + np.sum(encoder**2))
    by_decoder = samples / features * (-moved + decoder @ (spread + np.diag(variance))) + lam * decoder
    by_encoder = samples / features * (-second @ decoder + moved @ (overlap + beta * np.eye(latents))) + lam * encoder
    by_variance = samples / 2 * (variance * np.diag(overlap) + beta * (variance - 1))
    gradient = np.concatenate([by_decoder.ravel(), by_encoder.ravel(), by_variance])
    return loss / features, gradient / features


def brute_force_against_exact(matrices: int = 12, starts: int = 20, seed: int = 0) -> CheckResult:
    """Minimise by L-BFGS from random starts; the exact minimum must never be beaten, and must be reached.

    >>> brute_force_against_exact(2, starts=6).passed
    True
    """
    rng = np.random.default_rng(seed)
    worst, reached = 0.0, 0
    for i in range(matrices):
        features, samples, latents = int(rng.integers(5, 61)), int(rng.integers(4, 121)), 1 + i % 3
        latents = min(latents, features, samples)
        spike = rng.normal(size=(samples, 1)) * rng.normal(size=features) * (2.0 if i % 2 else 0.0)
        data = rng.normal(size=(samples, features)) + spike
        beta, lam = float(rng.uniform(0.1, 2.0)), float(rng.choice([0.0, rng.uniform(0.0, 1.0)]))
        exact = LinearVAE(latents, beta=beta, lam=lam, center=False).fit(data).loss_
        arguments = (data.T @ data / samples, samples, latents, beta, lam)
        size = 2 * features * latents + latents
        values = [minimize(full_loss, rng.normal(size=size), arguments, jac=True, method="L-BFGS-B",
                           options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10}).fun
                  for _ in range(starts)]
        scale = max(1.0, abs(exact))
        # Unlike max and min, NumPy's do not lose a NaN.
        worst = float(np.maximum(worst, abs(np.min(values) - exact) / scale))
        reached += sum((value - exact) / scale < 1e-8 for value in values)
    return CheckResult("brute force = exact minimum", matrices * starts, worst, 1e-8, "relative difference of the best",
                       {"share of starts that reach it": reached / (matrices * starts)})
