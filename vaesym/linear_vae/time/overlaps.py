"""Overlaps of the weights of several latents, and what is observed of them over fresh data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vaesym.inputs import Floats


class Overlaps(NamedTuple):
    """Overlaps at any number of times: matrices over the last two axes, D over the last one.

    Q, E are (..., M, M), R is (..., M, M) with R[i, j] = W_i·V_j/N, m and d are (..., M, M*), D is (..., M).

    >>> one = np.ones((1, 1))
    >>> float(Overlaps(one, one, one, one, one, np.ones(1)).covariance(np.ones(1), 0.5)[0, 0])
    1.5
    """

    Q: Floats
    E: Floats
    R: Floats
    m: Floats
    d: Floats
    D: Floats

    def geometry(self) -> tuple[Floats, Floats]:
        """Return Ω, the overlaps among all weights (..., 2M, 2M), and μ, those with the signals (..., 2M, M*)."""
        top, bottom = (np.concatenate(pair, axis=-1) for pair in ((self.Q, self.R), (self.R.swapaxes(-1, -2), self.E)))
        return np.concatenate([top, bottom], axis=-2), np.concatenate([self.m, self.d], axis=-2)

    def covariance(self, strengths: Floats, eta: float) -> Floats:
        """Return the covariance of the fields over fresh data, Σ ρ_a μ_a μ_aᵀ + ηΩ, decoders first."""
        omega, planted = self.geometry()
        return (planted * strengths) @ planted.swapaxes(-1, -2) + eta * omega


def observables(overlaps: Overlaps, strengths: Floats, eta: float) -> dict[str, Floats]:
    """Return the observables of :func:`vaesym.solve` from overlaps that need be neither at rest nor diagonal.

    ``strengths`` are those of the signals (M*). The recovery error is least over the rotations of the latents, by the
    nuclear norm of the overlaps with the signals; the distortion of M* signals counts the noise along each.

    >>> zero, none = np.zeros((1, 1)), Overlaps(*[np.zeros((1, 1))] * 5, D=np.ones(1))
    >>> {name: float(value) for name, value in observables(none, np.ones(1), 0.5).items()}["distortion"]
    1.5
    """
    latents = overlaps.D.shape[-1]
    fields = overlaps.covariance(strengths, eta)
    crossed, encoded = fields[..., :latents, latents:], fields[..., latents:, latents:]
    eye, variances = np.eye(latents), overlaps.D[..., None] * np.eye(latents)
    posterior = np.linalg.inv(eye + overlaps.Q)
    gain = np.concatenate([-posterior, np.broadcast_to(eye, posterior.shape)], axis=-1)
    gap = gain @ fields @ gain.swapaxes(-1, -2)
    logarithms = np.log(overlaps.D).sum(-1)
    volume = logarithms - np.linalg.slogdet(posterior)[1]
    weighted = np.linalg.svd(overlaps.m * np.sqrt(strengths), compute_uv=False).sum(-1)

    def trace(matrix: Floats) -> Floats:
        return matrix.trace(axis1=-2, axis2=-1)

    second = encoded + variances
    return {
        "rate": (trace(second) - latents - logarithms) / 2,
        "distortion": strengths.sum() + eta * len(strengths) - 2 * trace(crossed) + trace(overlaps.Q @ second),
        "signal_recovery_error": strengths.sum() - 2 * weighted + trace(overlaps.Q),
        "kl_variational_to_posterior": (trace((eye + overlaps.Q) @ (variances + gap)) - latents - volume) / 2,
        "kl_posterior_to_variational": (trace((posterior + gap) / overlaps.D[..., None]) - latents + volume) / 2}
