"""The loss of the linear VAE through sufficient statistics, in NumPy: one run, and its gradient."""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats


def loss_and_gradient(flat: Floats, moments: Floats, samples: int, latents: int, beta: float, lam: float,
                      learn_variance: bool = False) -> tuple[float, Floats]:
    r"""Return R/N and its gradient, at decoder variance 1 or with the decoder variance learned.

    Parameters
    ----------
    flat : (W/√N, V/√N, ln D) flattened, and ln σ² behind them if it is learned: 2NM + M (+ 1) numbers
    moments : S = XᵀX/N (N, N)
    samples, latents : P and M
    beta, lam : of the loss; for a fixed decoder variance σ² multiply both by it, and divide the loss by it
    learn_variance : whether ln σ² is among the parameters

    Notes
    -----
    In the units w = W/√N, v = V/√N of order 1, R/N = [−tr wᵀSv + ½ tr(wᵀw vᵀSv) + (α/2) Σ D_l (wᵀw)_ll]/σ²
    + (β/2) [tr vᵀSv + α Σ(D_l − ln D_l − 1)] + (λ/2)(‖w‖² + ‖v‖²), and for a learned σ² further
    (P/2) ln σ² + ½ tr S (1/σ² − 1).
    """
    features = len(moments)
    size = features * latents
    decoder, encoder = flat[: 2 * size].reshape(2, features, latents)
    logs = flat[2 * size : 2 * size + latents]
    alpha, variances = samples / features, np.exp(logs)
    precision = np.exp(-flat[-1]) if learn_variance else 1.0
    moved, carried = moments @ encoder, moments @ decoder
    overlap, spread = decoder.T @ decoder, encoder.T @ moved
    norms = np.diag(overlap)
    misfit = -np.sum(decoder * moved) + np.sum(overlap * spread) / 2 + alpha * (variances @ norms) / 2
    rate = np.trace(spread) + alpha * np.sum(np.expm1(logs) - logs)
    loss = precision * misfit + beta * rate / 2 + lam * np.sum(flat[: 2 * size] ** 2) / 2
    by_decoder = precision * (-moved + decoder @ (spread + alpha * np.diag(variances))) + lam * decoder
    by_encoder = precision * (-carried + moved @ overlap) + beta * moved + lam * encoder
    by_logs = alpha / 2 * (precision * variances * norms + beta * np.expm1(logs))
    parts = [by_decoder.ravel(), by_encoder.ravel(), by_logs]
    if learn_variance:
        total = np.trace(moments) / 2
        loss += samples * flat[-1] / 2 + total * (precision - 1)
        parts.append(np.array([samples / 2 - precision * (misfit + total)]))
    return float(loss), np.concatenate(parts)
