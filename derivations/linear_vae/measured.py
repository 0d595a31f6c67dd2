"""Points for the book's learning curves: the exact minimum of the loss of sampled data sets, recorded once.

``python -m derivations.linear_vae.measured`` draws them anew, in some minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

DIMENSION, DATA_SETS = 2000, 8
ALPHAS = (0.15, 0.3, 0.6, 0.8, 1.25, 2.0, 3.0, 5.0)
_RECORD = Path(__file__).with_name("measured.json")


def top_direction(alpha: float, dimension: int, seed: int) -> tuple[float, float]:
    """Return the largest eigenvalue of the covariance of one data set of ρ = η = 1, and its overlap with the signal.

    The overlap is squared. With few samples the P × P matrix is formed, with many none.
    """
    rng, count = np.random.default_rng([seed, round(1000 * alpha)]), round(alpha * dimension)
    x = rng.standard_normal((count, dimension))
    x[:, 0] += rng.standard_normal(count)  # the signal lies along the first axis: √ρ W*/√N is its unit vector
    if count < dimension:
        values, vectors = eigsh(x @ x.T / count, k=1, which="LA", v0=np.ones(count))
        direction = x.T @ vectors[:, 0]
    else:
        covariance = LinearOperator((dimension, dimension), matvec=lambda v: x.T @ (x @ v) / count, dtype=float)
        values, vectors = eigsh(covariance, k=1, which="LA", v0=np.ones(dimension))
        direction = vectors[:, 0]
    return float(values[0]), float(direction[0] ** 2 / (direction @ direction))


def at_minimum(alpha: float, beta: float, lam: float, eigenvalue: float, overlap: float) -> dict[str, float]:
    """Return the observables over fresh data at the global minimum, from the data's eigenvalue and overlap."""
    kappa = beta + lam / (alpha * eigenvalue)
    cubic = np.poly1d([lam, lam * beta + alpha * beta]) * np.poly1d([1, kappa]) ** 2
    roots = (cubic - alpha * eigenvalue * kappa * np.poly1d([1, beta])).roots
    states = [0.0, *[root.real for root in roots if abs(root.imag) < 1e-9 and root.real > 0]]
    losses = [-alpha / 2 * q * eigenvalue / (q + kappa) + alpha * beta / 2 * np.log1p(q / beta) + lam * q / 2
              for q in states]
    norm = states[int(np.argmin(losses))]
    gain, variance, spread = 1 / (norm + kappa), beta / (norm + beta), 1 + overlap
    encoder = gain**2 * norm * spread
    return {"signal_recovery_error": 1 - 2 * np.sqrt(norm * overlap) + norm,
            "rate": (encoder + variance - 1 - np.log(variance)) / 2,
            "distortion": 2 - 2 * gain * norm * spread + norm * (encoder + variance)}


def measure(betas: tuple[float, ...], lam: float, alphas: tuple[float, ...] = ALPHAS, dimension: int = DIMENSION,
            data_sets: int = DATA_SETS) -> list[dict[str, Any]]:
    """Return mean and standard deviation of each observable over data sets, a row for each α and β."""
    rows: list[dict[str, Any]] = []
    for alpha in alphas:
        tops = [top_direction(alpha, dimension, seed) for seed in range(data_sets)]
        for beta in betas:
            found = [at_minimum(alpha, beta, lam, *top) for top in tops]
            rows.append({"alpha": alpha, "beta": beta, "lam": lam} | {
                name: {"mean": float(np.mean([f[name] for f in found])),
                       "deviation": float(np.std([f[name] for f in found], ddof=1))} for name in found[0]})
    return rows


@cache
def recorded() -> tuple[Mapping[str, Any], ...]:
    """Return the rows that were recorded."""
    return tuple(json.loads(_RECORD.read_text(encoding="utf-8")))


if __name__ == "__main__":
    from derivations.linear_vae.plates import BETAS, LAM

    _RECORD.write_text(json.dumps(measure(BETAS, LAM), indent=1) + "\n", encoding="utf-8")
