"""Points for the book's figures, recorded once: the exact minimum of the loss of sampled data sets, and descents on it.

``python -m derivations.linear_vae.measured`` draws them anew, in about four minutes on one core.
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
#: Where and at which dimensions the way to N → ∞ is followed: below detection, and on more data sets.
TREND_ALPHAS, TREND_DIMENSIONS, TREND_DATA_SETS = (0.3, 0.8), (250, 500, 1000, 2000, 4000), 24
#: Gradient descent on training sets: where, the start, the times of the points, and the rate (time is epochs × rate).
FLOW = {"alpha": 2.0, "betas": (0.3, 1.0, 1.5), "lam": 0.2}
START = {"signal": 0.1, "decoder": 0.1, "encoder": 0.1, "D": 1.0}
FLOW_TIMES = (1.0, 2.0, 4.0, 6.0, 9.0, 12.0, 16.0, 20.0, 25.0, 30.0)
FLOW_DIMENSION, FLOW_DATA_SETS, FLOW_RATE = 1000, 16, 0.01
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
            rows.append({"alpha": alpha, "beta": beta, "lam": lam, "dimension": dimension} | {
                name: {"mean": float(np.mean([f[name] for f in found])),
                       "deviation": float(np.std([f[name] for f in found], ddof=1))} for name in found[0]})
    return rows


def descend(alpha: float, betas: tuple[float, ...], lam: float, times: tuple[float, ...], dimension: int, seed: int,
            rate: float) -> list[dict[str, np.ndarray]]:
    """Return Q, m, D and ε of gradient descent on the loss over P of one data set at the given times, for each β.

    Written out from the loss of a sample, with u = W/√N and v = V/√N; nothing of the theory goes in.
    """
    rng, count = np.random.default_rng([seed, dimension]), round(alpha * dimension)
    x = rng.standard_normal((count, dimension))
    x[:, 0] += rng.standard_normal(count)
    moments, beta, decay = x.T @ x / count, np.array(betas), lam / alpha
    u, v = (np.tile((np.sqrt(START[part]) * rng.standard_normal(dimension) / np.sqrt(dimension))[:, None], len(betas))
            for part in ("decoder", "encoder"))
    u[0], variance, rows = u[0] + START["signal"], np.full(len(betas), START["D"]), []
    last = 0
    for time in times:
        for _ in range(round(time / rate) - last):
            h_x, k_x = np.hsplit(moments @ np.hstack([v, u]), 2)    # means of h x and k x over the samples
            norm = (u * u).sum(0)
            step_u = h_x - ((v * h_x).sum(0) + variance) * u - decay * u
            step_v = k_x - (norm + beta) * h_x - decay * v
            variance = variance - rate / 2 * (norm + beta - beta / variance)
            u, v = u + rate * step_u, v + rate * step_v
        last = round(time / rate)
        norm, overlap = (u * u).sum(0), u[0]
        rows.append((norm, overlap, variance, 1 - 2 * np.abs(overlap) + norm))
    return [dict(zip(("Q", "m", "D", "signal_recovery_error"), np.array(rows)[:, :, i].T, strict=True))
            for i in range(len(betas))]


def measure_flow(dimension: int = FLOW_DIMENSION, data_sets: int = FLOW_DATA_SETS) -> list[dict[str, Any]]:
    """Return mean and standard deviation over data sets of what descends, a row for each β and time."""
    runs = [descend(FLOW["alpha"], FLOW["betas"], FLOW["lam"], FLOW_TIMES, dimension, seed, FLOW_RATE)
            for seed in range(data_sets)]
    return [{"beta": beta, "time": time} | {
        name: {"mean": float(np.mean([run[i][name][j] for run in runs])),
               "deviation": float(np.std([run[i][name][j] for run in runs], ddof=1))} for name in runs[0][0]}
        for i, beta in enumerate(FLOW["betas"]) for j, time in enumerate(FLOW_TIMES)]


@cache
def recorded(kind: str = "curves") -> tuple[Mapping[str, Any], ...]:
    """Return the rows that were recorded: of the learning "curves", of the "trend" in N, or of the "flow" in time."""
    return tuple(json.loads(_RECORD.read_text(encoding="utf-8"))[kind])


def _written(row: Mapping[str, Any]) -> str:
    """A row of a record, numbers to eight digits."""
    return json.dumps(json.loads(json.dumps(row), parse_float=lambda digits: float(f"{float(digits):.8g}")))


if __name__ == "__main__":
    from derivations.linear_vae.plates import BETAS, LAM

    found = {"flow": measure_flow(), "curves": measure(BETAS, LAM), "trend": [
        row for dimension in TREND_DIMENSIONS
        for row in measure(BETAS[:2], LAM, TREND_ALPHAS, dimension, TREND_DATA_SETS)]}
    lines = ",\n"
    kinds = [f'"{kind}": [\n{lines.join(map(_written, rows))}\n]' for kind, rows in found.items()]
    _RECORD.write_text("{" + lines.join(kinds) + "}\n", encoding="utf-8")
