"""Gradient flow on given data, for several latents: along the eigenvectors of their covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.time.flow import SpectralFlow

if TYPE_CHECKING:
    import xarray as xr


def data_flow(times: Floats, data: Floats, decoder: Floats, encoder: Floats, variances: Floats, beta: float,
              lam: float) -> xr.Dataset:
    """Return how gradient flow on R/P moves a linear VAE on data, from given weights.

    ``times`` ascend from 0 or later (T,); ``data`` are centred (P, N); ``decoder``, ``encoder`` are W, V (N, M), and
    ``variances`` is D (M,). Returns a dataset as :meth:`vaesym.LinearVAE.training_curve` does.

    >>> data = np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]])
    >>> run = data_flow(np.array([0.0, 100.0]), data, np.ones((2, 1)), np.zeros((2, 1)), np.ones(1), 1.0, 0.0)
    >>> run.Q.values.round(6).ravel(), run.training_loss.values.round(6)
    (array([1., 1.]), array([ 1.      , -0.306853]))
    """
    samples, features = data.shape
    flow = reduced(data, decoder, encoder, variances, beta, lam)
    states = [flow.unpack(state) for state in flow.at(times)]
    w, v, spread = (np.stack(parts) for parts in zip(*states, strict=True))
    seen = flow.eigenvalues[:, None] * v

    def overlap(left: Floats, right: Floats) -> Floats:
        return left.swapaxes(1, 2) @ right / features

    norms, codes, crossed, fields = overlap(w, w), overlap(v, v), overlap(w, seen), overlap(v, seen)
    own = norms.diagonal(axis1=1, axis2=2)
    surplus = (spread - np.log(spread) - 1).sum(-1)
    power = fields.trace(axis1=1, axis2=2)
    gained = (np.einsum("tij,tji->t", norms, fields) + beta * power) / 2 - crossed.trace(axis1=1, axis2=2)
    loss = samples / features * (gained + (own * spread).sum(-1) / 2 + beta * surplus / 2)
    loss += lam * (own.sum(-1) + codes.trace(axis1=1, axis2=2)) / 2
    pairs = {"Q": norms, "E": codes, "R": overlap(w, v), "C_hh": fields}
    values = {name: (("time", "latent", "other"), value) for name, value in pairs.items()}
    return States({**values, "D": (("time", "latent"), spread), "training_loss": (("time",), loss),
                   "training_rate": (("time",), (power + surplus) / 2)}, {"time": (("time",), times)}, {
        "title": "gradient flow on data", "beta": beta, "lam": lam, "samples": samples, "features": features,
    }).to_xarray()


def reduced(data: Floats, decoder: Floats, encoder: Floats, variances: Floats, beta: float, lam: float) -> SpectralFlow:
    """Return the flow along the eigenvectors of the data.

    Outside their span only the overlaps count, so that the weights there may be turned into 2M dimensions.
    """
    samples, features = data.shape
    _, singular, directions = np.linalg.svd(data, full_matrices=False)
    inside = [directions @ weights for weights in (decoder, encoder)]
    outside = [weights - directions.T @ part for weights, part in zip((decoder, encoder), inside, strict=True)]
    rest = np.linalg.qr(np.hstack(outside), mode="r") if samples < features else np.zeros((0, 2 * len(variances)))
    w, v = (np.vstack(pair) for pair in zip(inside, np.hsplit(rest, 2), strict=True))
    eigenvalues = np.concatenate([singular**2 / samples, np.zeros(len(rest))])
    return SpectralFlow(eigenvalues, np.full(len(eigenvalues), 1 / features), w, v, variances, beta,
                        lam * features / samples)
