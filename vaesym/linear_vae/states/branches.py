"""Every stationary state of one latent in closed form: stable, metastable and unstable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import PARAMETERS, documented, parameters
from vaesym.linear_vae.point.evaluation import DIFFERENTIABLE
from vaesym.linear_vae.point.fields import Phase, Stability
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.point.potential import potential_branches

#: The branches, in the order of the last axis, and their phases.
BRANCHES = ("collapsed", "learning", "learning barrier", "overfitting", "overfitting barrier")
PHASES = (Phase.REGULARIZED, Phase.LEARNING, Phase.LEARNING, Phase.OVERFITTING, Phase.OVERFITTING)
#: Stability of a branch slot that holds nothing.
ABSENT = -1


@dataclass(frozen=True, repr=False, eq=False)
class Branches(States):
    """The stationary states of one latent, on the signal and on the edge of the noise.

    Every field has the broadcast shape of the arguments and a last axis over :data:`BRANCHES`, with NaN (−1 for
    ``phase`` and ``stability``, a :class:`Stability`) where a branch does not exist. Fields are those of
    :class:`vaesym.Solution`, and ``stability``. As a dataset they have the dimension ``branch``, whose coordinate is
    its name.
    """


@documented()
def branches(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0,
             decoder_variance: Any = 1.0) -> Branches:
    """Return every stationary state of one latent, with its stability.

    Collapse; and on the outlier of the signal (above the detection threshold) and on the edge of the noise the local
    minimum of the potential and the barrier before it, where they exist.

    Returns
    -------
    Branches
        With a last axis ``branch`` of five.

    Notes
    -----
    Along one eigenvector the stationary points are the roots of a cubic. A state on the edge of the noise is a
    minimum only where there is no outlier to turn to; collapse only for β ≥ β_c, also at the tie, which
    :func:`vaesym.certify` calls marginal.

    Examples
    --------
    >>> state = branches(0.7, 0.03, lam=3.0)
    >>> [(name, Stability(s).name) for name, s in zip(BRANCHES, state.stability, strict=True) if s != ABSENT]
    [('collapsed', 'METASTABLE'), ('overfitting', 'STABLE'), ('overfitting barrier', 'UNSTABLE')]
    """
    given = parameters(alpha=alpha, beta=beta, lam=lam, rho=rho, eta=eta, decoder_variance=decoder_variance)
    a, b, decay, r, e, variance = given
    top, overlap, _ = formulas.top_eigenvalue(a, r, e)
    edge = formulas.bulk_edge(a, e)
    norms = [potential_branches(a, b * variance, decay * variance, s) for s in (top, edge)]
    on_signal = (overlap > 0)[..., None]
    q = np.concatenate([norms[0][..., :1], np.where(on_signal, norms[0][..., 1:], np.nan), norms[1][..., 1:]], axis=-1)
    values = np.stack([top] * 3 + [edge] * 2, axis=-1)
    squared = np.stack([overlap] * 3 + [np.zeros(a.shape)] * 2, axis=-1)
    fields = _fields([p[..., None] for p in given], values, squared, q)
    fields["phase"] = np.where(np.isnan(q), ABSENT, np.array(PHASES))
    fields["stability"] = _stability(given, q, fields["free_energy"], top)
    found = Branches.at(dict(zip(PARAMETERS, given, strict=True)), fields, ("branch",))
    return replace(found, coordinates={**found.coordinates, "branch": (("branch",), np.array(BRANCHES))})


def _fields(given: list[Floats], eigenvalue: Floats, overlap: Floats, q: Floats) -> dict[str, Any]:
    """Return every field at the norms q (…, 5); the first branch is collapse."""
    _, _, _, rho, eta, _ = given
    rows = formulas.stationary_point(*given, eigenvalue, overlap, np.where(q > 0, q, 1.0))
    fields = {name: np.where(q > 0, rows[..., i], np.nan) for i, name in enumerate(DIFFERENTIABLE)}
    collapsed = {name: 0.0 for name in DIFFERENTIABLE} | {
        "D": 1.0, "signal_recovery_error": rho[..., 0], "distortion": (rho + eta)[..., 0]}
    for name in DIFFERENTIABLE:
        fields[name][..., 0] = collapsed[name]
    fields["eigenvalue"], fields["overlap"] = (np.where(np.isnan(q), np.nan, p) for p in (eigenvalue, overlap))
    return fields


def _stability(given: list[Floats], q: Floats, energy: Floats, top: Floats) -> NDArray[np.int64]:
    alpha, beta, lam, _, _, variance = given
    collapse = beta * variance >= formulas.threshold(alpha, lam * variance, top)
    detected = np.isfinite(q[..., 1]) | (top > formulas.bulk_edge(alpha, given[4]))
    minimum = np.stack([collapse, detected, np.zeros_like(collapse), ~detected, np.zeros_like(collapse)], axis=-1)
    exists = ~np.isnan(q)
    least = np.where(exists & minimum, energy, np.inf).min(axis=-1, keepdims=True)
    kinds = [~exists, ~minimum, energy > least]
    return np.select(kinds, [ABSENT, Stability.UNSTABLE, Stability.METASTABLE], Stability.STABLE).astype(np.int64)
