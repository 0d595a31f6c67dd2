"""The loss of the linear VAE in torch, for batches of runs: on samples or on second moments, and its gradient."""

from __future__ import annotations

import torch
from torch import Tensor


def moment_loss(fields: Tensor, energy: Tensor, samples: Tensor, weights: Tensor, logs: Tensor, decoder_log: Tensor,
                beta: Tensor, lam: Tensor, learned: Tensor | None = None) -> Tensor:
    r"""Return the loss R of a batch of B runs through their second moments S = XᵀX/N, at a cost free of P.

    Parameters
    ----------
    fields : weights·S (B, 2M, N)
    energy : ½ Σ‖x‖² (B,), used where σ² is learned
    samples : P (B,)
    weights : rows of W, then rows of V (B, 2M, N)
    logs : ln D (B, M)
    decoder_log : ln σ² (B,)
    beta, lam : (B,)
    learned : which runs learn σ² (B,), 0 or 1; none if not given

    Returns
    -------
    R (B,): the sum over samples of ½‖x − Wz/√N‖²/σ² in the mean over q, β KL and the weight decay, with 0 at
    collapse (W = V = 0, D = 1). Where σ² is learned, the terms in it that fixed it leaves out are kept, and
    collapse has R = 0 at σ² = 1.

    Source: theory, section 1.
    """
    latents, features = logs.shape[1], weights.shape[-1]
    decoder, encoder, carried = weights[:, :latents], weights[:, latents:], fields[:, latents:]
    overlap, spread = decoder @ decoder.mT / features, encoder @ carried.mT
    mean = -(decoder * carried).sum((1, 2)) + (overlap * spread).sum((1, 2)) / 2
    means = spread.diagonal(dim1=1, dim2=2).sum(1)
    smeared = samples * (logs.exp() * overlap.diagonal(dim1=1, dim2=2)).sum(1) / 2
    return _assemble(mean + smeared, means, energy, samples, features, weights, logs, decoder_log, beta, lam, learned)


def sample_loss(x: Tensor, weights: Tensor, logs: Tensor, decoder_log: Tensor, beta: Tensor, lam: Tensor,
                learned: Tensor | None = None) -> Tensor:
    """Return the loss R of a batch of runs on their samples x (B, P, N); the rest as for :func:`moment_loss`."""
    latents, features = logs.shape[1], x.shape[-1]
    fields = x @ weights.mT / features**0.5
    k, h = fields[..., :latents], fields[..., latents:]
    overlap = weights[:, :latents] @ weights[:, :latents].mT / features
    samples = torch.full_like(decoder_log, x.shape[1])
    misfit = (-k * h + (h @ overlap) * h / 2).sum((1, 2))
    misfit = misfit + samples * (logs.exp() * overlap.diagonal(dim1=1, dim2=2)).sum(1) / 2
    energy, means = (x * x).sum((1, 2)) / 2, (h * h).sum((1, 2))
    return _assemble(misfit, means, energy, samples, features, weights, logs, decoder_log, beta, lam, learned)


def _assemble(misfit: Tensor, means: Tensor, energy: Tensor, samples: Tensor, features: int, weights: Tensor,
              logs: Tensor, decoder_log: Tensor, beta: Tensor, lam: Tensor, learned: Tensor | None) -> Tensor:
    """Add to the misfit the KL, whose posterior means have the sum of squares ``means``, σ² and the weight decay."""
    divergence = (means + samples * (torch.expm1(logs) - logs).sum(1)) / 2
    loss = misfit * (-decoder_log).exp() + beta * divergence + lam * (weights * weights).sum((1, 2)) / 2
    if learned is None:
        return loss
    return loss + learned * (samples * features * decoder_log / 2 + energy * torch.expm1(-decoder_log))


def moment_gradient(fields: Tensor, energy: Tensor, samples: Tensor, weights: Tensor, logs: Tensor,
                    decoder_log: Tensor, beta: Tensor, lam: Tensor,
                    learned: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient of :func:`moment_loss` in weights, logs and decoder_log, written out.

    With A = [[0, −1], [−1, Q + βσ²]] the gradient in the weights is (A·fields + C·weights)/σ², where
    C = diag(VSVᵀ/N + αD + λσ², λσ²): no second product with S, which automatic differentiation would take.
    """
    latents, features = logs.shape[1], weights.shape[-1]
    decoder, encoder, carried = weights[:, :latents], weights[:, latents:], fields[:, latents:]
    precision, variances, kl = (-decoder_log).exp()[:, None], logs.exp(), beta[:, None]
    overlap, spread = torch.bmm(decoder, decoder.mT) / features, torch.bmm(encoder, carried.mT)
    norms = overlap.diagonal(dim1=1, dim2=2)
    of_weights = torch.diag_embed(lam[:, None].expand(-1, 2 * latents))
    block = of_weights[:, :latents, :latents]
    block += spread * (precision / features)[..., None]
    block.diagonal(dim1=1, dim2=2).add_(variances * (samples[:, None] / features * precision))
    of_fields = torch.zeros_like(of_weights)
    shrunk = torch.diag_embed(-precision.expand(-1, latents))
    of_fields[:, :latents, latents:] = of_fields[:, latents:, :latents] = shrunk
    of_fields[:, latents:, latents:] = overlap * precision[..., None] + torch.diag_embed(kl.expand(-1, latents))
    by_weights = torch.baddbmm(torch.bmm(of_weights, weights), of_fields, fields)
    by_logs = (variances * (kl + norms * precision) - kl) * (samples[:, None] / 2)
    if learned is None:
        return by_weights, by_logs, torch.zeros_like(decoder_log)
    misfit = ((overlap * spread).sum((1, 2)) / 2 - (decoder * carried).sum((1, 2))
              + samples * (variances * norms).sum(1) / 2 + energy)
    return by_weights, by_logs, learned * (samples * features / 2 - misfit * precision[:, 0])
