"""Training in time on sampled data: one pass of stochastic gradient descent, and gradient flow on a training set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from validation.simulate.loss import moment_loss

Columns = dict[str, NDArray[np.float64]]


def one_pass(given: Mapping[str, float], start: Mapping[str, float], time: float, dimension: int, runs: int,
             seed: int) -> Columns:
    """Return the overlaps of runs of stochastic gradient descent, each sample used once, at a time in steps over N.

    Parameters
    ----------
    given : rho, eta, lam, beta, rate, variance_rate, and sampled, 1 if the latent is drawn, 0 if averaged over
    start : Q, E, R, m, d, D of all runs
    time, dimension, runs : steps over N, N, and how many
    seed : of the samples; the signal's latent is a sign, so that only second moments are those of a normal law
    """
    random, rate, beta, lam = np.random.default_rng([seed, dimension]), given["rate"], given["beta"], given["lam"]
    u, v = np.zeros((2, runs, dimension))
    u[:, 0], v[:, 0], variance = start["m"], start["d"], np.full(runs, start["D"])
    u[:, 1] = np.sqrt(start["Q"] - start["m"] ** 2)
    v[:, 1] = (start["R"] - start["m"] * start["d"]) / u[:, 1]
    v[:, 2] = np.sqrt(start["E"] - start["d"] ** 2 - v[:, 1] ** 2)
    for _ in range(round(time * dimension)):
        x = np.sqrt(given["eta"]) * random.standard_normal((runs, dimension))
        x[:, 0] += np.sqrt(given["rho"]) * random.choice([-1.0, 1.0], size=runs)
        k, h, norm = ((a * b).sum(1) for a, b in ((u, x), (v, x), (u, u)))
        z = h + given["sampled"] * np.sqrt(variance) * random.standard_normal(runs)
        second = z**2 if given["sampled"] else h**2 + variance
        step_u = z[:, None] * x - (second + lam)[:, None] * u
        step_v = (k - norm * z - beta * h)[:, None] * x - lam * v
        u, v = u + rate / dimension * step_u, v + rate / dimension * step_v
        variance = variance - given["variance_rate"] / dimension * (norm + beta - beta / variance) / 2
    return {"Q": (u * u).sum(1), "E": (v * v).sum(1), "R": (u * v).sum(1), "m": u[:, 0], "d": v[:, 0], "D": variance}


def flow(given: Mapping[str, float], start: Mapping[str, float], time: float, dimension: int, runs: int, seed: int,
         step: float = 0.1) -> Columns:
    """Return the overlaps of gradient flow on training sets, each run on its own, at a time in epochs times rate.

    The gradient is that of the laboratory's loss by automatic differentiation; steps are by Heun's rule, whose error
    is of the second order of their length.

    Parameters
    ----------
    given : alpha, beta, lam, rho, eta
    start : signal, decoder, encoder, D, as for :func:`vaesym.gradient_flow`
    time, dimension, runs : when, N, and how many
    seed : of data and starts
    step : length of a step
    """
    random, count = np.random.default_rng([seed, dimension]), round(given["alpha"] * dimension)
    x = np.sqrt(given["eta"]) * random.standard_normal((runs, count, dimension))
    x[:, :, 0] += np.sqrt(given["rho"]) * random.standard_normal((runs, count))
    first = random.standard_normal((runs, 2, dimension)) * np.sqrt([[start["decoder"]], [start["encoder"]]])
    first[:, 0, 0] += start["signal"] * np.sqrt(dimension)
    moments = torch.from_numpy(x.transpose(0, 2, 1) @ x / dimension)
    weights, logs = torch.from_numpy(first), torch.full((runs, 1), float(np.log(start["D"])), dtype=torch.float64)
    samples, zero = torch.full((runs,), float(count), dtype=torch.float64), torch.zeros(runs, dtype=torch.float64)
    beta, lam = (torch.full_like(samples, given[name]) for name in ("beta", "lam"))

    def speed(at: torch.Tensor, log: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        at, log = at.detach().requires_grad_(), log.detach().requires_grad_()
        loss = moment_loss(at @ moments, zero, samples, at, log, zero, beta, lam)
        by_weights, by_log = torch.autograd.grad(loss.sum(), (at, log))
        # The weights over √N and D go down the gradient of the loss over P.
        return -dimension / count * by_weights, -by_log / count / log.detach().exp() ** 2

    for _ in range(round(time / step)):
        now = speed(weights, logs)
        then = speed(weights + step * now[0], logs + step * now[1])
        weights, logs = weights + step / 2 * (now[0] + then[0]), logs + step / 2 * (now[1] + then[1])
    w, v = weights.detach().numpy().transpose(1, 0, 2) / np.sqrt(dimension)
    return {"Q": (w * w).sum(1), "E": (v * v).sum(1), "R": (w * v).sum(1), "m": w[:, 0], "d": v[:, 0],
            "D": logs.exp()[:, 0].numpy()}
