"""Signals of unequal strength, and what the latents leave of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.linear_vae.point.arguments import check


def signal_strengths(spikes: Any) -> tuple[float, ...]:
    """Return the strengths of the signals as multiples of ρ.

    Parameters
    ----------
    spikes : their number, or their strengths, > 0, the strongest first

    Raises :class:`vaesym.InputError`: neither a whole number ≥ 1 nor such a list.

    >>> signal_strengths(2), signal_strengths([1.0, 0.5])
    ((1.0, 1.0), (1.0, 0.5))
    """
    if np.ndim(spikes) == 0:
        return (1.0,) * inputs.count("spikes", spikes)
    strengths = inputs.positive("spikes", spikes)
    if strengths.ndim != 1 or not strengths.size:
        raise InputError("spikes as a number or a list of strengths", f"an array of shape {strengths.shape}",
                         "pass one strength a signal")
    if (np.diff(strengths) > 0).any():
        raise InputError("spikes from the strongest to the weakest", f"{strengths.tolist()}", "sort them")
    return tuple(float(strength) for strength in strengths)


def check_strengths(strengths: tuple[float, ...], rho: Any) -> None:
    """Refuse strengths that are no longer within the domain once multiplied by ρ."""
    if strengths != (1.0,) * len(strengths) and np.size(rho):
        ends = np.array([float(rho.min()), float(rho.max())])
        for strength in strengths:
            check("rho times each of spikes", strength * ends)


def add_what_nobody_learns(sums: dict[str, Any], strengths: tuple[float, ...], latents: int, rho: Any,
                            eta: Any) -> None:
    """Add signals without a latent; take off the noise along latents without a signal, which distortion leaves out."""
    lost, spare = strengths[latents:], max(0, latents - len(strengths))
    if lost or spare:
        sums["signal_recovery_error"] = sums["signal_recovery_error"] + sum(lost) * rho
        sums["distortion"] = sums["distortion"] + (sum(lost) * rho + (len(lost) - spare) * eta)
