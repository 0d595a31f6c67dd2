"""The likelihoods as PyTorch writes them, and data for each."""

from __future__ import annotations

from typing import Any

import numpy as np

GROUPS = (3, 2, 4)
#: What is given beside the likelihood.
OPTIONS: dict[str, dict[str, Any]] = {"categorical": {"groups": GROUPS}}
#: Name of a case → (likelihood, options, how the decoder's output u makes a mean).
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "poisson-exp": ("poisson", {}, "exp"),
    "poisson-softplus": ("poisson", {}, "softplus"),
    "nb-fixed": ("negative_binomial", {"dispersion": 1.5}, "exp"),
    "nb-learned": ("negative_binomial", {}, "softplus"),
    "multinomial": ("multinomial", {}, "softmax"),
    "poisson-size": ("multinomial", {}, "exp"),
    "categorical": ("categorical", OPTIONS["categorical"], "softmax"),
    "gaussian-shared": ("gaussian_shared", {}, "identity"),
    "gaussian-diagonal": ("gaussian_diagonal", {}, "identity"),
}


def drawn(likelihood: str, samples: int, seed: int = 0) -> Any:
    """Data with one or two hidden causes, of the kind that the likelihood is for (samples × features)."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(samples, 2)) @ rng.normal(size=(2, sum(GROUPS)))
    if likelihood == "categorical":
        blocks, start = [], 0
        for size in GROUPS:
            noisy = hidden[:, start:start + size] + rng.gumbel(size=(samples, size))
            blocks.append(np.eye(size)[noisy.argmax(axis=1)])
            start += size
        return np.hstack(blocks)
    hidden = hidden[:, :6]
    signal = rng.uniform(-1.7, 1.7, (samples, 1)) * [1, -1, 1, 1, -1, 1]
    if likelihood in ("poisson", "negative_binomial", "multinomial"):
        rate = np.exp(0.5 * signal + rng.uniform(1, 2, 6))
        if likelihood == "poisson":
            return rng.poisson(rate)
        if likelihood == "multinomial":
            return rng.poisson(rate * rng.uniform(0.5, 2, (samples, 1)))
        # Overdispersed in all columns but the last, whose dispersion has no finite maximum likelihood.
        return np.column_stack([rng.poisson(rng.gamma(3.0, rate / 3.0))[:, :-1], rng.binomial(10, 0.9, samples)])
    return hidden * rng.uniform(0.5, 2, 6) + rng.normal(size=hidden.shape) * rng.uniform(0.5, 2, 6) + 3.0


def start_of(mean: Any, link: str) -> Any:
    """The decoder's output at which it gives the mean of the data."""
    import torch

    return {"exp": torch.log, "softmax": torch.log, "softplus": lambda m: m + torch.log(-torch.expm1(-m)),
            "identity": lambda m: m}[link](mean)


def negative_log_likelihood(x: Any, u: Any, likelihood: str, link: str, spare: Any) -> Any:
    """The loss summed over the features; ``spare`` (N) are logarithms of dispersions or variances."""
    import torch

    if likelihood == "categorical":
        logs = torch.cat([torch.log_softmax(part, dim=-1) for part in u.split(GROUPS, dim=-1)], dim=-1)
        return -(x * logs).sum(dim=-1)
    if likelihood == "multinomial":
        total = x.sum(dim=-1, keepdim=True)
        # Of a softmax, or a Poisson law whose mean is multiplied by the total of the sample.
        return -(x * torch.log_softmax(u, dim=-1)).sum(dim=-1) if link == "softmax" else (
            total * u.exp() / total.mean() - x * u).sum(dim=-1)
    mean = {"exp": torch.exp, "softplus": torch.nn.functional.softplus, "identity": lambda v: v}[link](u)
    if likelihood == "poisson":
        return torch.nn.functional.poisson_nll_loss(mean, x, log_input=False, reduction="none", eps=0.0).sum(dim=-1)
    if likelihood == "negative_binomial":
        law = torch.distributions.NegativeBinomial(spare.exp(), logits=mean.log() - spare, validate_args=False)
        return -law.log_prob(x).sum(dim=-1)
    level = spare.mean() if likelihood == "gaussian_shared" else spare
    return (0.5 * (x - mean) ** 2 * torch.exp(-level) + 0.5 * level).sum(dim=-1)
