"""The exact solution at any point of parameter space."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import Floats
from vaesym.theory import model
from vaesym.theory.potential import minimise_potential

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
            value = np.asarray(getattr(self, name))
            data[name] = (dims if value.shape == shape else [*dims, "latent"], value)
        coordinates = {name: (dims, value) for name, value in self.parameters.items()}
        attributes = {"latents": self.latents, "spikes": self.spikes,
                      "phase_meaning": ", ".join(f"{p.value}: {p.name.lower()}" for p in Phase)}
        return xr.Dataset(data, coordinates, attributes)


#: The fields of a solution that hold results.
FIELDS = tuple(f.name for f in dataclasses.fields(Solution) if f.name not in {"parameters", "latents", "spikes"})


def solve(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0, latents: int = 1,
          spikes: int = 1) -> Solution:
    r"""Solve the linear β-VAE on spiked data exactly, at any number of points.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0
    beta : weight of the KL term, > 0 (with a decoder variance σ², pass βσ² here and λσ² for ``lam``)
    lam : weight decay λ of decoder and encoder, ≥ 0
    rho, eta : strengths of signal and noise, > 0
    latents, spikes : M latents of the model, M* signal directions of equal strength

    Returns
    -------
    Solution
        The global minimum among all branches; fields have the broadcast shape of the arguments.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, NaN or infinite, or shapes that do not broadcast.

    Notes
    -----
    Replica-symmetric free energy of [IH, Claim 5.2] at its exact extremum: each latent minimises its own potential
    Φ(Q) at an eigenvalue of the sample covariance; the eigenvalues are those of Baik, Ben Arous and Péché (2005).
    At M* > 1 the strength of all signals is ρ; latents beyond M* sit on the edge of the noise spectrum.

    Examples
    --------
    >>> solution = solve(2.0, 1.0, lam=1.0)
    >>> round(float(solution.Q), 12), Phase(int(solution.phase)).name
    (0.595914655183, 'LEARNING')
    """
    names = ("alpha", "beta", "lam", "rho", "eta")
    checked = model.parameters(alpha=alpha, beta=beta, lam=lam, rho=rho, eta=eta)
    latents, spikes = inputs.count("latents", latents), inputs.count("spikes", spikes)
    signal = _latent(checked, on_signal=True)
    beyond = _latent(checked, on_signal=False) if latents > spikes else signal
    learned = min(latents, spikes)
    sums = {key: learned * signal[key] + (latents - learned) * beyond[key] for key in _SUMMED}
    a, _, _, r, e = checked
    _, _, deficit = model.top_eigenvalue(a, r, e)
    sums["distortion"] += learned * r * deficit + (spikes - learned) * (r + e) - (latents - learned) * e
    sums["signal_recovery_error"] += learned * r * deficit + (spikes - learned) * r
    fields = {key: _per_latent(signal[key], beyond[key], latents, spikes) for key in _PER_LATENT}
    results = {key: value[()] for key, value in {**fields, **sums}.items()}
    return Solution(**results, parameters=dict(zip(names, checked, strict=True)), latents=latents, spikes=spikes)


_PER_LATENT = ("Q", "E", "R", "m", "d", "D", "eigenvalue", "overlap", "phase")
_SUMMED = ("free_energy", "rate", "distortion", "signal_recovery_error", "kl_variational_to_posterior",
           "kl_posterior_to_variational")


def _per_latent(signal: Any, beyond: Any, latents: int, spikes: int) -> Any:
    if latents == 1:
        return signal
    return np.stack([signal if i < spikes else beyond for i in range(latents)], axis=-1)


def _recoverable_error(checked: list[Floats], eigenvalue: Floats, overlap: Floats, q: Floats) -> Floats:
    """Return (√Q − √(ρo))², the part of ε that β can change, to full precision near its zero too."""
    rho = checked[3]
    target = rho * overlap
    near = (q < 2 * target) & (target < 2 * q)
    # Elsewhere nothing cancels; safe arguments stand in for what is thrown away.
    safe = [np.where(near, p, 1.0) for p in (*checked, eigenvalue, q)]
    reach = np.sqrt(np.where(near, q, 1.0)) + np.sqrt(target)
    return np.where(near, (model.norm_excess(*safe) / reach) ** 2, (np.sqrt(q) - np.sqrt(target)) ** 2)


def _latent(checked: list[Floats], *, on_signal: bool) -> dict[str, Any]:
    """Return every field of one latent; error and distortion are those beyond the part ρ(1−o) that none can save."""
    alpha, beta, lam, rho, eta = checked
    if on_signal:
        eigenvalue, overlap, _ = model.top_eigenvalue(alpha, rho, eta)
    else:
        eigenvalue, overlap = model.bulk_edge(alpha, eta), np.zeros(alpha.shape)
    q = minimise_potential(alpha, beta, lam, eigenvalue)
    fields: dict[str, Any] = {"Q": q, "eigenvalue": eigenvalue, "overlap": overlap}
    state = model.state(alpha, beta, lam, eigenvalue, overlap, q)
    fields.update(zip(("E", "R", "m", "d", "D"), np.moveaxis(state, -1, 0), strict=True))
    observed = np.moveaxis(model.observables(alpha, beta, lam, rho, eta, eigenvalue, overlap, q), -1, 0)
    order = ("rate", "distortion", "signal_recovery_error", "kl_variational_to_posterior",
             "kl_posterior_to_variational")
    fields.update(zip(order, observed, strict=True))
    fields["signal_recovery_error"] = _recoverable_error(checked, eigenvalue, overlap, q) if on_signal else q
    fields["free_energy"] = model.potential(alpha, beta, lam, eigenvalue, q)
    phase = np.where(overlap > 0, Phase.LEARNING, Phase.OVERFITTING)
    fields["phase"] = np.where(q > 0, phase, Phase.REGULARIZED).astype(np.int64)
    return fields
