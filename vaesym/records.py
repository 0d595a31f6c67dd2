"""Solutions as plain records: what each field means, its unit, and values ready for JSON."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vaesym.inputs import InputError
from vaesym.solvers.newton import Status
from vaesym.theory import Phase, SaddlePoints, Solution


class Meaning(NamedTuple):
    """What a field of a solution says, and its unit ("1" if it has none)."""

    text: str
    unit: str = "1"


#: The parameters of a point, in calling order.
PARAMETERS = {
    "alpha": Meaning("samples per dimension, P/N"),
    "beta": Meaning("weight of the KL term"),
    "lam": Meaning("weight decay of decoder and encoder"),
    "rho": Meaning("strength of the signal"),
    "eta": Meaning("strength of the noise"),
}
#: Fields that each latent has.
LATENT_FIELDS = {
    "phase": Meaning("phase of the latent"),
    "Q": Meaning("squared norm of the decoder, |W|^2/N"),
    "E": Meaning("squared norm of the encoder, |V|^2/N"),
    "R": Meaning("decoder on encoder, W.V/N"),
    "m": Meaning("decoder on signal, W.W*/N"),
    "d": Meaning("encoder on signal, V.W*/N"),
    "D": Meaning("posterior variance"),
    "eigenvalue": Meaning("sample covariance along the latent"),
    "overlap": Meaning("squared overlap of that direction with the signal"),
}
#: Fields of the model as a whole.
MODEL_FIELDS = {
    "free_energy": Meaning("least loss per dimension; 0 if collapsed"),
    "signal_recovery_error": Meaning("mean squared distance to the signals"),
    "rate": Meaning("KL to the prior, fresh data", "nats"),
    "distortion": Meaning("squared error beyond the noise, fresh data"),
    "kl_variational_to_posterior": Meaning("KL(q || true posterior)", "nats"),
    "kl_posterior_to_variational": Meaning("KL(true posterior || q)", "nats"),
}
_BRANCH_FIELDS = ("Q", "E", "R", "m", "d", "D", "chi", "free_energy", "replicon", "residual", "iterations")


def _plain(name: str, value: Any) -> Any:
    """Return numbers and lists of Python, phases by name."""
    plain: Any = np.asarray(value).tolist()
    if name != "phase":
        return plain
    return [Phase(p).name for p in plain] if np.ndim(plain) else Phase(plain).name


def solution_record(solution: Solution) -> dict[str, Any]:
    """Return the solution at one point as numbers, phase names and lists over latents.

    Raises
    ------
    vaesym.InputError
        The solution is of many points, or a field overflowed.

    Examples
    --------
    >>> from vaesym.theory import solve
    >>> record = solution_record(solve(2.0, 1.0, lam=1.0))
    >>> record["phase"], round(record["Q"], 12), record["parameters"]["alpha"]
    ('LEARNING', 0.595914655183, 2.0)
    """
    parameters = {name: float(value) for name, value in solution.parameters.items()}
    record: dict[str, Any] = {"parameters": parameters, "latents": solution.latents, "spikes": solution.spikes}
    for name in (*LATENT_FIELDS, *MODEL_FIELDS):
        value = getattr(solution, name)
        if not np.isfinite(value).all():
            given = ", ".join(f"{key} = {number:g}" for key, number in parameters.items())
            raise InputError("parameters whose results float64 can hold", f"{given}, where {name} overflows",
                             "choose parameters of more usual size")
        record[name] = _plain(name, value)
    return record


def branch_records(points: SaddlePoints) -> list[dict[str, Any]]:
    """Return the converged stationary points at one point of parameter space, in order of free energy.

    Examples
    --------
    >>> from vaesym.theory import saddle_points
    >>> [branch["phase"] for branch in branch_records(saddle_points(2.0, 1.0, lam=1.0))]
    ['LEARNING', 'OVERFITTING']
    """
    found = np.flatnonzero(points.status == Status.CONVERGED)
    return [{name: _plain(name, getattr(points, name)[i]) for name in ("phase", *_BRANCH_FIELDS)} for i in found]


def branch_failure(points: SaddlePoints) -> str:
    """Return why no stationary point was found, in words; empty if one was.

    >>> from vaesym.theory import saddle_points
    >>> branch_failure(saddle_points(2.0, 1.0, lam=1.0))
    ''
    """
    return "" if points.branches > 0 else Status(int(points.status[0])).message
