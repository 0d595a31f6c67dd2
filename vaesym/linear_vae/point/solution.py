"""The exact solution at any point of parameter space."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.linear_vae.point.arguments import checked, documented
from vaesym.linear_vae.point.evaluation import FIELDS, chosen_backend, evaluate
from vaesym.linear_vae.point.fields import Phase
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.point.signals import add_what_nobody_learns, check_strengths, signal_strengths

__all__ = ["FIELDS", "Phase", "Solution", "solve"]


@dataclass(frozen=True, repr=False, eq=False)
class Solution(States):
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


@documented(unlimited=True)
def solve(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0, latents: int = 1,
          spikes: int | Sequence[float] = 1, decoder_variance: Any = 1.0, backend: str | None = None) -> Solution:
    r"""Solve the linear β-VAE on spiked data exactly, at any number of points.

    Parameters
    ----------
    latents : number M of latents of the model
    spikes : number M* of signals of strength ρ, or their strengths as multiples of ρ, the strongest first
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
    latents, strengths = inputs.count("latents", latents), signal_strengths(spikes)
    check_strengths(strengths, arguments[3])
    found: dict[float, dict[str, Any]] = {}
    for strength in {*strengths, *([0.0] if latents > len(strengths) else [])}:
        found[strength] = _latent(chosen, arguments, strength)
    ordered = [found[s] for s in (*strengths, *[0.0] * (latents - len(strengths)))]
    fields = {name: _per_latent(chosen, [latent[name] for latent in ordered[:latents]]) for name in _PER_LATENT}
    learning = ordered[:latents]
    sums = {name: functools.reduce(operator.add, [latent[name] for latent in learning]) for name in _SUMMED}
    add_what_nobody_learns(sums, strengths, latents, *arguments[3:5])
    found_fields = {**fields, **sums}
    results = {name: value[()] if isinstance(value, np.ndarray) else value for name, value in found_fields.items()}
    parameters = dict(zip(given, _broadcast(chosen, arguments), strict=True))
    return Solution.at(parameters, results, ("latent",), latents=latents, spikes=len(strengths))


_PER_LATENT = ("Q", "E", "R", "m", "d", "D", "eigenvalue", "overlap", "phase")
_SUMMED = tuple(name for name in FIELDS if name not in _PER_LATENT)


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


def _whole_numbers(row: Any) -> Any:
    """Return a row of whole numbers as int64, in its own memory if it can."""
    if not isinstance(row, np.ndarray) or row.dtype != np.float64:
        return np.asarray(row).astype(np.int64)
    whole = row.view(np.int64)
    np.copyto(whole, row, casting="unsafe")
    return whole


def _latent(backend: str, arguments: list[Any], strength: float) -> dict[str, Any]:
    """Return every field of one latent that learns a signal of ``strength`` times ρ; 0 for none."""
    alpha, beta, lam, rho, eta, variance = arguments
    with np.errstate(invalid="ignore"):  # ∞ · 0 of collapsed latents on unlimited data, mended below
        rows = evaluate("point", backend, [alpha, beta, lam, strength * rho, eta, variance])
    fields = dict(zip(FIELDS, rows, strict=True))
    if backend == "torch":
        import torch

        fields["phase"] = fields["phase"].to(torch.int64)
        at_limit = torch.where(fields["Q"] > 0, -torch.inf, 0.0).to(fields["Q"].dtype)
        fields["free_energy"] = torch.where(torch.isinf(alpha), at_limit, fields["free_energy"])
        return fields
    fields["phase"] = _whole_numbers(fields["phase"])
    if backend != "mpmath" and np.isinf(alpha).any():
        unlimited = np.broadcast_to(np.isinf(alpha), fields["Q"].shape)
        fields["free_energy"] = np.where(unlimited, np.where(fields["Q"] > 0, -np.inf, 0.0), fields["free_energy"])
    return fields
