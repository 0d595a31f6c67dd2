"""Gradient flow along the eigenvectors of a sample covariance, for several latents; and on given data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.time.trajectories import integrate, solution

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class SpectralFlow:
    """Weights along directions of given eigenvalues, how much each counts, and where they start.

    Parameters
    ----------
    eigenvalues, masses : of K directions; Q is the sum of mass times squared decoder component
    decoder, encoder : components at time 0, (K, M)
    variances : D at time 0 (M,)
    beta : weight of the KL term
    decay : λ/α, the weight decay a sample bears
    """

    eigenvalues: Floats
    masses: Floats
    decoder: Floats
    encoder: Floats
    variances: Floats
    beta: float
    decay: float

    def speed(self, _: float, state: Floats) -> Floats:
        """Return the rate of change of all components: the decoders', the encoders', and D."""
        decoder, encoder, variances = self.unpack(state)
        seen, counted = self.eigenvalues[:, None] * encoder, self.masses[:, None]
        second = encoder.T @ (counted * seen) + np.diag(variances + self.decay)
        norms = decoder.T @ (counted * decoder)
        gain = norms + self.beta * np.eye(len(variances))
        return np.concatenate([
            (seen - decoder @ second).ravel(),
            (self.eigenvalues[:, None] * decoder - seen @ gain - self.decay * encoder).ravel(),
            (self.beta / variances - norms.diagonal() - self.beta) / 2])

    def unpack(self, state: Floats) -> tuple[Floats, Floats, Floats]:
        """Return decoders and encoders (K, M), and D (M,), of a state."""
        ends = self.decoder.size
        return (state[:ends].reshape(self.decoder.shape), state[ends : 2 * ends].reshape(self.decoder.shape),
                state[2 * ends :])

    @property
    def first(self) -> Floats:
        """The state at time 0."""
        return np.concatenate([self.decoder.ravel(), self.encoder.ravel(), self.variances])

    def at(self, times: Floats) -> Floats:
        """Return the states at the times (T, …)."""
        return integrate(self.speed, self.first, times)

    def until(self, end: float) -> Callable[[Any], Floats]:
        """Return the state as a function of time up to ``end``."""
        return solution(self.speed, self.first, end)


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
