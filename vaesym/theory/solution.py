"""The exact solution at any point of parameter space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.theory.arguments import checked
from vaesym.theory.evaluation import FIELDS, chosen_backend, evaluate

if TYPE_CHECKING:
    import xarray as xr


class Phase(IntEnum):
    """The phase of the global minimum [IH, Sec. 6.2]."""

    REGULARIZED = 0
    OVERFITTING = 1
    LEARNING = 2


@dataclass(frozen=True)
class Solution:
    r"""The global minimum of the training loss in the limit of many dimensions and samples.

    Fields have the broadcast shape of the arguments, as NumPy scalars if that is (). With ``latents`` > 1 the
    fields marked * have a last axis ``latent``.

    Attributes
    ----------
    Q, E, R, m, d, D : order parameters * : ‖W‖²/N, ‖V‖²/N, W·V/N, W·W*/N, V·W*/N, posterior variance
    eigenvalue, overlap : Λ of the sample covariance along the latent, squared overlap o with the signal *
    phase : :class:`Phase` as int64 *
    free_energy : least loss over N, R_min/N (0 if collapsed)
    signal_recovery_error : ε, mean squared distance between decoded latents and signals
    rate : KL to the prior over fresh data, in nats
    distortion : E‖x − x̂‖² − (N − M*)η over fresh data; collapsed, M*(ρ+η)
    kl_variational_to_posterior, kl_posterior_to_variational : KL(q‖p) and KL(p‖q) to the model's posterior, in nats
    parameters : the arguments, broadcast
    latents, spikes : M and M*
    """

    Q: Floats
    E: Floats
    R: Floats
    m: Floats
    d: Floats
    D: Floats
    eigenvalue: Floats
    overlap: Floats
    phase: NDArray[np.int64]
    free_energy: Floats
    signal_recovery_error: Floats
    rate: Floats
    distortion: Floats
    kl_variational_to_posterior: Floats
    kl_posterior_to_variational: Floats
    parameters: dict[str, Floats]
    latents: int = 1
    spikes: int = 1

    def to_xarray(self) -> xr.Dataset:
        """Return the solution as a labelled dataset.

        Dimensions are ``dim_0``, ``dim_1`` … of the broadcast shape, and ``latent`` if there are several; the
        parameters are coordinates.
        """
        import xarray as xr

        shape = np.shape(self.rate)
        dims = [f"dim_{i}" for i in range(len(shape))]
        data: dict[str, Any] = {}
        for name in FIELDS:
            value = _array(getattr(self, name))
            data[name] = (dims if value.shape == shape else [*dims, "latent"], value)
        coordinates = {name: (dims, _array(value)) for name, value in self.parameters.items()}
        attributes = {"latents": self.latents, "spikes": self.spikes,
                      "phase_meaning": ", ".join(f"{p.value}: {p.name.lower()}" for p in Phase)}
        return xr.Dataset(data, coordinates, attributes)


def _array(value: Any) -> Any:
    """Return arrays, and tensors without their history, as NumPy arrays."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)


def solve(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0, latents: int = 1,
          spikes: int | Sequence[float] = 1, decoder_variance: Any = 1.0, backend: str | None = None) -> Solution:
    r"""Solve the linear β-VAE on spiked data exactly, at any number of points.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0; ``inf`` is the limit of unlimited data
    beta : weight of the KL term, > 0
    lam : weight decay λ of decoder and encoder, ≥ 0
    rho, eta : strengths of signal and noise, > 0
    latents : number M of latents of the model
    spikes : number M* of signals of strength ρ, or their strengths as multiples of ρ, the strongest first
    decoder_variance : variance σ² of the decoder, > 0
    backend : "numpy"; "numba", compiled on all cores; "torch", differentiable, on any device, the choice where a
        tensor is given; "mpmath", numbers of any precision in arrays of objects

    Returns
    -------
    Solution
        The global minimum among all branches; fields have the broadcast shape of the arguments, and are tensors
        with the backend "torch".

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, NaN or infinite (but for α), shapes that do not broadcast, tensors on
        different devices, an unknown backend or one that is not installed.

    Notes
    -----
    Replica-symmetric free energy of [IH, Claim 5.2] at its exact extremum: each latent minimises its own potential
    Φ(Q) at an eigenvalue of the sample covariance; the eigenvalues are those of Baik, Ben Arous and Péché (2005).
    Each signal has its own outlier; latents beyond M* sit on the edge of the noise spectrum. With a decoder variance
    the problem is that at (βσ², λσ²), but for the two KLs to the posterior. Unlimited data make the free energy per
    dimension −∞ unless all latents collapse.

    Examples
    --------
    >>> solution = solve(2.0, 1.0, lam=1.0)
    >>> round(float(solution.Q), 12), Phase(int(solution.phase)).name
    (0.595914655183, 'LEARNING')
    >>> solve(float("inf"), 0.5, lam=1.0, latents=3, spikes=[1.0, 0.25]).Q
    array([1.5 , 0.75, 0.5 ])
    """
    given = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta, "decoder_variance": decoder_variance}
    chosen = chosen_backend(backend, list(given.values()))
    arguments = checked(chosen, given)
    latents, strengths = inputs.count("latents", latents), _strengths(spikes)
    found: dict[float, dict[str, Any]] = {}
    for strength in {*strengths, *([0.0] if latents > len(strengths) else [])}:
        found[strength] = _latent(chosen, arguments, strength)
    ordered = [found[s] for s in (*strengths, *[0.0] * (latents - len(strengths)))]
    fields = {name: _per_latent(chosen, [latent[name] for latent in ordered[:latents]]) for name in _PER_LATENT}
    _, _, _, noise_rho, noise, _ = arguments
    # What collapsed latents that nothing is left for would add is the variance of one noise direction each.
    collapsed = sum(strengths[latents:]) * noise_rho
    extra = {"distortion": collapsed + (len(strengths[latents:]) - max(0, latents - len(strengths))) * noise,
             "signal_recovery_error": collapsed}
    sums = {name: sum(latent[name] for latent in ordered[:latents]) + extra.get(name, 0.0) for name in _SUMMED}
    found_fields = {**fields, **sums}
    results = {name: value[()] if isinstance(value, np.ndarray) else value for name, value in found_fields.items()}
    parameters = dict(zip(given, _broadcast(chosen, arguments), strict=True))
    return Solution(**results, parameters=parameters, latents=latents, spikes=len(strengths))


_PER_LATENT = ("Q", "E", "R", "m", "d", "D", "eigenvalue", "overlap", "phase")
_SUMMED = tuple(name for name in FIELDS if name not in _PER_LATENT)


def _strengths(spikes: Any) -> tuple[float, ...]:
    """Return the strengths of the signals as multiples of ρ."""
    if np.ndim(spikes) == 0:
        return (1.0,) * inputs.count("spikes", spikes)
    strengths = inputs.positive("spikes", spikes)
    if strengths.ndim != 1 or not strengths.size:
        raise InputError("spikes as a number or a list of strengths", f"an array of shape {strengths.shape}",
                         "pass one strength a signal")
    if (np.diff(strengths) > 0).any():
        raise InputError("spikes from the strongest to the weakest", f"{strengths.tolist()}", "sort them")
    return tuple(float(strength) for strength in strengths)


def _broadcast(backend: str, arguments: list[Any]) -> list[Any]:
    if backend != "torch":
        return list(np.broadcast_arrays(*arguments))
    import torch

    return list(torch.broadcast_tensors(*arguments))


def _per_latent(backend: str, values: list[Any]) -> Any:
    if len(values) == 1:
        return values[0]
    if backend != "torch":
        return np.stack(values, axis=-1)
    import torch

    return torch.stack(values, dim=-1)


def _latent(backend: str, arguments: list[Any], strength: float) -> dict[str, Any]:
    """Return every field of one latent that learns a signal of ``strength`` times ρ; 0 for none."""
    alpha, beta, lam, rho, eta, variance = arguments
    with np.errstate(invalid="ignore"):  # ∞ · 0 of collapsed latents on unlimited data, mended below
        rows = evaluate("point", backend, [alpha, beta, lam, strength * rho, eta, variance])
    fields = dict(zip(FIELDS, rows, strict=True))
    if backend == "torch":
        import torch

        fields["phase"] = fields["phase"].to(torch.int64)
        return fields
    fields["phase"] = np.asarray(fields["phase"]).astype(np.int64)
    if backend != "mpmath" and np.isinf(alpha).any():
        unlimited = np.broadcast_to(np.isinf(alpha), fields["Q"].shape)
        fields["free_energy"] = np.where(unlimited, np.where(fields["Q"] > 0, -np.inf, 0.0), fields["free_energy"])
    return fields
