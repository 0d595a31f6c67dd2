"""Order parameters and observables of weights, measured against W*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError
from validation.simulate.runs import Parameters, Run


@dataclass(frozen=True)
class OrderParameters:
    r"""Overlaps of the weights of runs of one shape.

    Attributes
    ----------
    Q, E, R : WᵀW/N, VᵀV/N and WᵀV/N, shape (runs, M, M)
    m, d : WᵀW*/N and VᵀW*/N, shape (runs, M, M*)
    D : posterior variances (runs, M)

    Source: theory, section 1, where M = M* = 1. ``measure`` computes them.
    """

    Q: Floats
    E: Floats
    R: Floats
    m: Floats
    d: Floats
    D: Floats


def measure(decoder: Floats, encoder: Floats, variances: Floats, directions: Floats) -> OrderParameters:
    """Measure decoders and encoders (runs, N, M) with posterior variances (runs, M) against W* (runs, N, M*).

    Raises :class:`vaesym.InputError` for shapes that do not fit together.

    >>> W = np.full((1, 4, 1), 2.0)
    >>> found = measure(W, W / 4, np.ones((1, 1)), np.ones((1, 4, 1)))
    >>> found.Q.item(), found.E.item(), found.R.item(), found.m.item(), found.d.item()
    (4.0, 0.25, 1.0, 2.0, 0.5)
    """
    runs, features, latents = decoder.shape
    fit = (encoder.shape == decoder.shape and variances.shape == (runs, latents)
           and directions.shape[:2] == (runs, features))
    if not fit:
        shapes = ", ".join(str(array.shape) for array in (decoder, encoder, variances, directions))
        raise InputError("shapes (runs, N, M) twice, (runs, M) and (runs, N, M*)", shapes, "reshape them")

    def overlap(left: Floats, right: Floats) -> Floats:
        return left.swapaxes(1, 2) @ right / features

    return OrderParameters(overlap(decoder, decoder), overlap(encoder, encoder), overlap(decoder, encoder),
                           overlap(decoder, directions), overlap(encoder, directions), variances)


def observables(overlaps: OrderParameters, strengths: Floats, noise: Floats,
                decoder_variance: Floats) -> dict[str, Floats]:
    r"""Return what the theory predicts of fresh data.

    Parameters
    ----------
    overlaps : order parameters of R runs
    strengths : ρ_k (R, M*)
    noise, decoder_variance : η and σ² (R,)

    Returns
    -------
    dict of arrays (R,)
        ``signal_recovery_error`` Σρ_k + tr Q − 2‖m diag(√ρ)‖ with the nuclear norm; ``rate``; ``distortion``, less
        the (N − M*)η of the directions without signal; ``kl_posterior``, the mean KL(q ‖ p(z|x)).

    Source: theory, section 1, with matrices for M, M* > 1.

    >>> one = np.ones((1, 1, 1))
    >>> collapsed = OrderParameters(0 * one, 0 * one, 0 * one, 0 * one, 0 * one, np.ones((1, 1)))
    >>> found = observables(collapsed, np.ones((1, 1)), np.ones(1), np.ones(1))
    >>> {name: value.item() for name, value in found.items()}
    {'signal_recovery_error': 1.0, 'rate': 0.0, 'distortion': 2.0, 'kl_posterior': 0.0}
    """
    p, eta = overlaps, noise[:, None, None]
    decoded, encoded = p.m * np.sqrt(strengths)[:, None], p.d * np.sqrt(strengths)[:, None]
    c_kk, c_hh = decoded @ _transposed(decoded) + eta * p.Q, encoded @ _transposed(encoded) + eta * p.E
    c_kh = decoded @ _transposed(encoded) + eta * p.R
    nuclear = np.linalg.svd(decoded, compute_uv=False).sum(-1)
    spread = c_hh + _diagonal(p.D)
    signal = strengths.sum(-1)
    return {
        "signal_recovery_error": signal + _trace(p.Q) - 2 * nuclear,
        "rate": (np.einsum("rll->r", c_hh) + (p.D - 1 - np.log(p.D)).sum(-1)) / 2,
        "distortion": signal + strengths.shape[1] * noise - 2 * _trace(c_kh) + _trace(p.Q @ spread),
        "kl_posterior": _kl_posterior(p, c_kk, c_hh, c_kh, decoder_variance[:, None, None]),
    }


def _trace(matrices: Floats) -> Floats:
    return np.trace(matrices, axis1=-2, axis2=-1)


def _transposed(matrices: Floats) -> Floats:
    return matrices.swapaxes(-1, -2)


def _diagonal(vectors: Floats) -> Floats:
    return vectors[..., None] * np.eye(vectors.shape[-1])


def _kl_posterior(p: OrderParameters, c_kk: Floats, c_hh: Floats, c_kh: Floats, variance: Floats) -> Floats:
    """Mean KL to the posterior N((σ²I + Q)⁻¹k, σ²(σ²I + Q)⁻¹) of the model."""
    latents = p.Q.shape[-1]
    precision = np.eye(latents) + p.Q / variance
    gain = np.linalg.inv(precision) / variance
    error = c_hh + gain @ c_kk @ _transposed(gain) - gain @ c_kh - _transposed(gain @ c_kh)
    logarithms = np.log(p.D).sum(-1) + np.linalg.slogdet(precision)[1]
    return (_trace(precision @ (_diagonal(p.D) + error)) - latents - logarithms) / 2


def report(runs: Sequence[Run], found: Parameters, loss: Floats, gradient: Floats) -> dict[str, NDArray[Any]]:
    """Return the losses, order parameters and observables of trained runs, by name.

    Parameters
    ----------
    runs : R runs of one shape
    found : their parameters
    loss : R/N at them (R,)
    gradient : norm of the gradient of R/N in (W/√N, V/√N, ln D) (R,)

    Returns
    -------
    dict of arrays whose first axis is the run: ``loss``, ``gradient``, ``decoder_variance``, ``Q``, ``E``, ``R``
    (R, M, M), ``m``, ``d`` (R, M, M*), ``D`` (R, M) and what :func:`observables` returns. All but the first three
    are NaN for a run that has diverged.
    """
    directions = np.stack([run.data.weights() for run in runs])
    strengths = np.array([run.data.strengths for run in runs])
    noise = np.array([run.data.noise for run in runs])
    sound = _sound(found) & np.isfinite(loss)
    kept = Parameters(*(array[sound] for array in vars(found).values()))
    overlaps = measure(kept.decoder, kept.encoder, kept.variances, directions[sound])
    measured = {**vars(overlaps), **observables(overlaps, strengths[sound], noise[sound], kept.decoder_variance)}
    return {"loss": loss, "gradient": gradient, "decoder_variance": found.decoder_variance,
            **{name: _spread(array, sound) for name, array in measured.items()}}


def _sound(found: Parameters) -> NDArray[np.bool_]:
    """Which runs have only finite parameters whose squares are finite: those that have not diverged."""
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = [(array**2).reshape(len(array), -1).sum(axis=1) ** 2 for array in vars(found).values()]
    return np.isfinite(sizes).all(axis=0) & (found.variances > 0).all(axis=1)


def _spread(values: Floats, sound: NDArray[np.bool_]) -> Floats:
    """Return the values of the sound runs in their places, and NaN elsewhere."""
    everywhere = np.full((len(sound), *values.shape[1:]), np.nan)
    everywhere[sound] = values
    return everywhere
