"""The linear VAE in torch: as a module on samples, and batches of runs on samples or on second moments."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vaesym import inputs


def gram_loss(moments: Tensor, samples: Tensor, weights: Tensor, logs: Tensor, decoder_log: Tensor, beta: Tensor,
              lam: Tensor, learned: Tensor | None = None) -> Tensor:
    r"""Return the loss R of a batch of B runs through their second moments, at a cost that does not depend on P.

    Parameters
    ----------
    moments : S = XᵀX/N (B, N, N)
    samples : P (B,)
    weights : rows of W, then rows of V (B, 2M, N)
    logs : ln D (B, M)
    decoder_log : ln σ² (B,)
    beta, lam : (B,)
    learned : which runs learn σ² (B,), bool; none if not given

    Returns
    -------
    R (B,): the sum over samples of ½‖x − Wz/√N‖²/σ² in the mean over q, β KL and the weight decay, with 0 at
    collapse (W = V = 0, D = 1). Where σ² is learned, the terms in it that fixed it leaves out are kept, and
    collapse has R = 0 at σ² = 1.

    Notes
    -----
    Source: theory, section 1.
    """
    energy = torch.diagonal(moments, dim1=1, dim2=2).sum(1) * moments.shape[-1] / 2
    return field_loss(weights @ moments, energy, samples, weights, logs, decoder_log, beta, lam, learned)


def field_loss(fields: Tensor, energy: Tensor, samples: Tensor, weights: Tensor, logs: Tensor, decoder_log: Tensor,
               beta: Tensor, lam: Tensor, learned: Tensor | None = None) -> Tensor:
    """Return the loss R of a batch from fields = weights·S (B, 2M, N) and energy = ½ Σ‖x‖² (B,); cf. gram_loss."""
    latents, features = logs.shape[1], weights.shape[-1]
    decoder, encoder, carried = weights[:, :latents], weights[:, latents:], fields[:, latents:]
    overlap, spread = decoder @ decoder.mT / features, encoder @ carried.mT
    mean = -(decoder * carried).sum((1, 2)) + (overlap * spread).sum((1, 2)) / 2
    means = torch.diagonal(spread, dim1=1, dim2=2).sum(1)
    return _assemble(mean, means, overlap, energy, samples, features, logs, decoder_log, beta, lam, learned, weights)


def sample_loss(x: Tensor, weights: Tensor, logs: Tensor, decoder_log: Tensor, beta: Tensor, lam: Tensor,
                learned: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
    """Return the loss R of a batch of runs on their samples x (B, P, N); the rest as for :func:`gram_loss`.

    With ``noise``, standard normals (B, P, M), the reconstruction term is sampled by z = z̄ + √D·noise.
    """
    latents, features = logs.shape[1], x.shape[-1]
    fields = x @ weights.mT / features**0.5
    k, h = fields[..., :latents], fields[..., latents:]
    decoder = weights[:, :latents]
    overlap = decoder @ decoder.mT / features
    z = h if noise is None else h + (logs / 2).exp()[:, None] * noise
    mean = (-k * z + (z @ overlap) * z / 2).sum((1, 2))
    energy, means = (x * x).sum((1, 2)) / 2, (h * h).sum((1, 2))
    samples = torch.full_like(decoder_log, x.shape[1])
    return _assemble(mean, means, overlap, energy, samples, features, logs, decoder_log, beta, lam, learned, weights,
                     sampled=noise is not None)


def _assemble(mean: Tensor, means: Tensor, overlap: Tensor, energy: Tensor, samples: Tensor, features: int,
              logs: Tensor, decoder_log: Tensor, beta: Tensor, lam: Tensor, learned: Tensor | None, weights: Tensor,
              *, sampled: bool = False) -> Tensor:
    """Add to the terms of the posterior means those of its variances, of σ² and of the weight decay."""
    misfit = mean
    if not sampled:
        misfit = mean + samples * (logs.exp() * torch.diagonal(overlap, dim1=1, dim2=2)).sum(1) / 2
    divergence = (means + samples * (torch.expm1(logs) - logs).sum(1)) / 2
    loss = misfit * (-decoder_log).exp() + beta * divergence + lam * (weights * weights).sum((1, 2)) / 2
    if learned is None:
        return loss
    return loss + learned * (samples * features * decoder_log / 2 + energy * torch.expm1(-decoder_log))


class GramGradient:
    """Gradient of :func:`gram_loss`, written out, in buffers that are used again.

    Parameters
    ----------
    samples, beta, lam, learned : as for :func:`gram_loss`
    energy : ½ Σ‖x‖² (B,), used where σ² is learned
    latents, features : M and N

    Notes
    -----
    With A = [[0, −1], [−1, Q + βσ²]] the gradient in the weights is (A·fields + C·weights)/σ², where
    C = diag(VSVᵀ/N + αD + λσ², λσ²): one large product, and the rest small.
    """

    def __init__(self, samples: Tensor, beta: Tensor, lam: Tensor, learned: Tensor, energy: Tensor, latents: int,
                 features: int) -> None:
        self.samples, self.beta, self.lam, self.energy = samples, beta, lam, energy
        self.learned = learned if bool(learned.any()) else None
        self.latents, self.features = latents, features
        self._identity = torch.eye(latents, dtype=samples.dtype, device=samples.device)
        self._ratio = samples[:, None] / features
        self._of_weights = samples.new_zeros(len(samples), 2 * latents, 2 * latents)
        self._of_fields = torch.zeros_like(self._of_weights)
        self._held: float | None = None

    def _hold(self, factor: float, decoder_log: Tensor) -> None:
        """Set what only the annealing factor and σ² change."""
        self._precision = (-decoder_log).exp()
        self._kl = self.beta[:, None] * factor
        shrunk = self._precision[:, None, None] * self._identity
        m = self.latents
        self._of_fields[:, :m, m:] = self._of_fields[:, m:, :m] = -shrunk
        self._rest_of_fields = self._kl[:, None] * self._identity
        self._decay = self.lam[:, None, None] * self._identity
        self._of_weights[:, m:, m:] = self._decay
        self._fixed = self._precision[:, None, None], self._ratio * self._precision[:, None]
        self._held = factor if self.learned is None else None

    def __call__(self, fields: Tensor, weights: Tensor, logs: Tensor, decoder_log: Tensor, by_weights: Tensor,
                 by_logs: Tensor, by_decoder_log: Tensor, factor: float = 1.0) -> None:
        """Write the gradients into the last three tensors.

        ``fields`` are weights·S; β is multiplied by ``factor``. Where no run learns σ², the ``decoder_log`` of the
        first call is taken for all calls.
        """
        if self._held != factor:
            self._hold(factor, decoder_log)
        m, scale = self.latents, 1 / self.features
        precision, ratio = self._fixed
        decoder, encoder, carried = weights[:, :m], weights[:, m:], fields[:, m:]
        variances = logs.exp()
        overlap = torch.bmm(decoder, decoder.mT).mul_(scale)
        spread = torch.bmm(encoder, carried.mT)
        torch.addcmul(self._rest_of_fields, overlap, precision, out=self._of_fields[:, m:, m:])
        block = torch.addcmul(self._decay, spread, precision, value=scale)
        torch.diagonal(block, dim1=1, dim2=2).addcmul_(variances, ratio)
        self._of_weights[:, :m, :m] = block
        torch.bmm(self._of_weights, weights, out=by_weights)
        by_weights.baddbmm_(self._of_fields, fields)
        norms = torch.diagonal(overlap, dim1=1, dim2=2)
        by_norms = torch.addcmul(self._kl, norms, self._precision[:, None])
        torch.addcmul(-self._kl, variances, by_norms, out=by_logs)
        by_logs.mul_(self.samples[:, None] / 2)
        if self.learned is None:
            by_decoder_log.zero_()
            return
        misfit = ((overlap * spread).sum((1, 2)) / 2 - (decoder * carried).sum((1, 2))
                  + self.samples * (variances * norms).sum(1) / 2 + self.energy)
        torch.mul(self.learned, self.samples * self.features / 2 - misfit * self._precision, out=by_decoder_log)


class LinearVAE(nn.Module):
    r"""The linear VAE: q(z|x) = N(Vᵀx/√N, diag D), p(x|z) = N(Wz/√N, σ²I), prior N(0, I).

    Parameters
    ----------
    features, latents : N and M, whole numbers ≥ 1
    decoder_variance : σ² > 0, or its starting value
    learn_decoder_variance : whether σ² is a parameter
    dtype : torch.float64 unless given

    Attributes
    ----------
    decoder, encoder : W and V (N, M), standard normal at first (torch's generator)
    log_variances : ln D (M,), 0 at first
    decoder_log : ln σ², a parameter if it is learned

    Raises
    ------
    vaesym.InputError
        Sizes or a variance outside their domain.

    Notes
    -----
    Source: theory, section 1. For W and V equal to those of ``vaesym.LinearVAE`` the loss is N times its.

    Examples
    --------
    >>> vae = LinearVAE(5, 2)
    >>> x = torch.ones(7, 5, dtype=torch.float64)
    >>> vae.decode(vae.encode(x)).shape, vae.loss(x, beta=1.0, lam=0.0).shape
    (torch.Size([7, 5]), torch.Size([]))
    """

    def __init__(self, features: int, latents: int = 1, *, decoder_variance: float = 1.0,
                 learn_decoder_variance: bool = False, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        shape = (inputs.count("features", features), inputs.count("latents", latents))
        self.decoder, self.encoder = (nn.Parameter(torch.randn(shape, dtype=dtype)) for _ in "WV")
        self.log_variances = nn.Parameter(torch.zeros(latents, dtype=dtype))
        logarithm = torch.tensor(float(inputs.positive("decoder_variance", decoder_variance)), dtype=dtype).log()
        self.learns_decoder_variance = learn_decoder_variance
        self.decoder_log = nn.Parameter(logarithm, requires_grad=learn_decoder_variance)

    def encode(self, x: Tensor) -> Tensor:
        """Return the posterior means Vᵀx/√N (P, M) of samples (P, N)."""
        return x @ self.encoder / len(self.encoder) ** 0.5

    def decode(self, z: Tensor) -> Tensor:
        """Return the means Wz/√N (P, N) of latents (P, M)."""
        return z @ self.decoder.mT / len(self.decoder) ** 0.5

    def loss(self, x: Tensor, beta: float, lam: float, noise: Tensor | None = None) -> Tensor:
        """Return R on samples x (P, N); with ``noise`` (P, M) the reconstruction term is sampled, else exact."""
        def batch(value: float | bool) -> Tensor:
            return torch.as_tensor(value, dtype=x.dtype, device=x.device)[None]

        weights = torch.cat([self.decoder, self.encoder], dim=1).mT[None]
        learned = batch(True) if self.learns_decoder_variance else None
        return sample_loss(x[None], weights, self.log_variances[None], self.decoder_log[None], batch(beta), batch(lam),
                           learned, None if noise is None else noise[None])[0]
