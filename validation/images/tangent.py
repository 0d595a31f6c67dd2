"""What one network can do itself: the exact linear stability of a collapsed latent in a VAE with one hidden layer."""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg import svdvals
from torch import Tensor, nn

from vaesym.inputs import Floats, InputError
from validation.images.networks import VAE

_ROWS = 4096
#: Relative size below which a direction of a second moment is rounding of float32.
_CUTOFF = 1e-7


def tangent_threshold(network: VAE, images: Tensor, *, draws: int = 4, seed: int = 0) -> float:
    r"""Return the largest βσ² at which one more latent of this very network would grow.

    The new latent's encoder mean is v·(φ(x), 1) with the encoder's last hidden layer φ, and its weights w into the
    decoder's hidden layer change the output by ζ J(z) w. At v = w = 0 the loss is even in (v, w), so that no other
    parameter mixes in, and the second-order form is unstable iff
    σ²_max of (E φφᵀ)^{-1/2} E[φ rᵀJ] (E JᵀJ)^{-1/2} exceeds βσ².

    Parameters
    ----------
    network : a trained VAE whose decoder is linear – ReLU – linear, at a stationary point
    images : what it was trained on (P, N)
    draws : of z for each image, in pairs of opposite noise
    seed : of the draws

    Raises
    ------
    vaesym.InputError
        A decoder of another form.

    Notes
    -----
    Source: theory, section 6, with b and a in the span that the network has; new.

    Examples
    --------
    >>> from validation.images.networks import mlp_vae
    >>> net = mlp_vae((1, 2, 2), 1, (8,))
    >>> tangent_threshold(net, torch.zeros(10, 4)) >= 0
    True
    """
    first, output = _layers(network)
    generator = torch.Generator().manual_seed(seed)
    hidden, features = first.out_features, network.mean.in_features + 1
    cross = np.zeros((features, hidden))
    inner, outer = np.zeros((features, features)), np.zeros((hidden, hidden))
    with torch.no_grad():
        for x in images.split(_ROWS):
            phi = network.features(x)
            mean, log = network.mean(phi), network.log_variance(phi)
            phi = torch.cat([phi, torch.ones_like(phi[:, :1])], dim=1)
            half = torch.randn((draws // 2, *mean.shape), generator=generator).to(x.device)
            z = mean + torch.cat([half, -half]) * torch.exp(log / 2)
            before = first(z)
            gate = (before > 0).to(x.dtype)
            residual = x - output(torch.relu(before))
            pulled = (gate * (residual @ output.weight)).mean(0)
            cross += (phi.T @ pulled).double().cpu().numpy()
            inner += (phi.T @ phi).double().cpu().numpy()
            flat = gate.reshape(-1, hidden)
            outer += (flat.T @ flat).double().cpu().numpy() / len(z)
    weight = output.weight.detach().double().cpu().numpy()
    count = len(images)
    whitened = _inverse_root(inner / count) @ (cross / count) @ _inverse_root(outer * (weight.T @ weight) / count)
    return float(svdvals(whitened)[0] ** 2)


def _layers(network: VAE) -> tuple[nn.Linear, nn.Linear]:
    linear = [layer for layer in network.decoder.modules() if isinstance(layer, nn.Linear)]
    known = (nn.Linear, nn.ReLU, nn.Sequential)
    others = [layer for layer in network.decoder.modules() if not isinstance(layer, known)]
    if len(linear) != 2 or others:
        raise InputError("a decoder with one hidden layer of ReLUs", f"{network.decoder}", "use mlp_vae with one width")
    return linear[0], linear[1]


def _inverse_root(matrix: Floats) -> Floats:
    sizes, vectors = np.linalg.eigh(matrix)
    kept = sizes > _CUTOFF * max(sizes[-1], np.finfo(np.float64).tiny)
    return (vectors[:, kept] / np.sqrt(sizes[kept])) @ vectors[:, kept].T
