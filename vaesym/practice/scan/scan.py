"""Data and the kind of your network in, what it does at every β out: one training for all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

from vaesym.practice.scan.prepared import prepare
from vaesym.practice.scan.result import Scan
from vaesym.practice.scan.settings import Factory, Progress, checked
from vaesym.practice.scan.training import train


def scan(data: Any, *, latents: int, hidden: Sequence[int] | None = None, likelihood: str = "gaussian",
         beta_range: tuple[float, float] | None = None, epochs: int | None = None, seed: int = 0, seeds: int = 1,
         network: str = "mlp", encoder: Factory | None = None, decoder: Factory | None = None,
         shape: Sequence[int] | None = None, variance: float | Literal["learned"] = 1.0, condition: Any = None,
         held_out: float = 0.1, batch: int = 256, learning_rate: float = 3e-3, gated: bool = True, raw: bool = False,
         device: str = "cpu", checkpoint: Any = None, groups: Any = None, progress: Progress | None = None) -> Scan:
    r"""Train your kind of VAE once for all β, and return what it does at each.

    The loss of one sample is −ln p(x|z) + β·KL, for a Gaussian decoder of variance 1 half the squared error plus β·KL;
    :class:`vaesym.LossScale` translates others. Each half of a batch has a β of its own, ln β uniform over half of the
    range, and its loss is divided by what linear theory expects there.

    Parameters
    ----------
    data : (P, N), or the path or the name of a source, as for :func:`vaesym.advise`
    latents : M ≥ 1
    hidden : widths of the encoder's hidden layers, in reverse those of the decoder; () is a linear VAE. For the
        convolutional network the channels. If not given (256,), or (32, 64)
    likelihood : "gaussian", "bernoulli" (values in [0, 1]), "poisson" or "negative_binomial" (counts), or
        "categorical"; "gaussian_shared" is "gaussian" with its variance learned
    groups : of "categorical", as for :func:`vaesym.collapse_thresholds`: codes 0, 1, … if not given
    beta_range : (low, high); if not given, from below the last latent's threshold in linear theory (but over a ratio of
        at most a thousand) to beyond full collapse
    epochs : if not given so many that 2.4 million samples are seen, from 40 to 600
    seed, seeds : of the first network, and how many are trained, of seeds that follow: two or more give intervals
    network : "mlp" or "convolutional"
    encoder, decoder : functions that make your own torch modules of a number of inputs: (B, N + C) to any features,
        before the two linear heads, and (B, M + C) to the output, (B, N); C is the width of the condition. All
        their weights depend on ln β
    shape : of an image, (channels, height, width), for the convolutional network; square and grey if not given
    variance : of a Gaussian decoder, σ² or "learned"
    condition : what encoder and decoder are told besides, as for :func:`vaesym.advise`: labels or numbers, or a file
    held_out : share of the samples that is kept from the training
    batch, learning_rate : of Adam; its rate falls along half a cosine, and is smaller for units of an encoder that have
        more than 100 inputs
    gated : False for scale and shift alone, without the gates of the theory: to see what they are worth
    raw : do not scale uint8 files
    device : of torch
    checkpoint : file that keeps each epoch. A scan that was interrupted goes on from it
    progress : told after each step how many have been made, and of how many

    Returns
    -------
    Scan

    Raises
    ------
    vaesym.InputError
        A bad option, data that the likelihood cannot give, networks that do not fit, a checkpoint of another scan, or a
        loss that does not stay finite.

    Notes
    -----
    Source: theory, section 10; new. In the linear VAE the gates are exact: it is reproduced at every β by one set of
    weights. Bae et al., arXiv:2212.03905, argue likewise for scale and shift.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(500, 6)) * [3, 1, 1, 1, 1, 1]
    >>> found = scan(x, latents=2, hidden=(), epochs=40, batch=50, learning_rate=1e-2)
    >>> found.at(3.0).active, found.at(3.0).linear.active
    (1, 1)
    """
    settings = checked(latents, hidden=hidden, likelihood=likelihood, beta_range=beta_range, epochs=epochs, seed=seed,
                       seeds=seeds, network=network, encoder=encoder, decoder=decoder, shape=shape, variance=variance,
                       held_out=held_out, batch=batch, learning_rate=learning_rate, gated=gated, device=device,
                       checkpoint=checkpoint, groups=groups)
    ready = prepare(data, condition, settings, raw=raw)
    begun = time.perf_counter()
    models = train(ready, settings, progress)
    return Scan(settings, ready, tuple(models), time.perf_counter() - begun)
