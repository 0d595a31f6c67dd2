"""Bifurcation diagrams as labelled datasets, with the stationary points of the exact potential beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.curves import learning
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.fields import BRANCH_FIELDS, flag
from vaesym.linear_vae.point.formulas import PARAMETERS
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.linear_vae.point.solution import Phase
from vaesym.solvers.curve import PointKind

if TYPE_CHECKING:
    import xarray as xr

    from vaesym.linear_vae.states.bifurcation import BifurcationDiagram

#: Values of the parameter at which the closed form is computed.
_SAMPLES = 61
#: Fields of a point of a branch; whole numbers are padded with −1.
_NUMBERS = ("Q", "E", "R", "m", "d", "D", "free_energy", "replicon")
_KINDS = ("stability", "kind")


def labelled(diagram: BifurcationDiagram) -> xr.Dataset:
    """Return the branches over (branch, point) and the closed form over (sample, state).

    Examples
    --------
    >>> from vaesym.linear_vae import bifurcation_diagram
    >>> data = labelled(bifurcation_diagram("beta", (1.5, 3.0), alpha=4.0, lam=0.5))
    >>> data.Q.dims, data.closed_form_Q.dims, data.stability.flag_meanings
    (('branch', 'point'), ('sample', 'state'), 'stable metastable unstable marginal')
    """
    from vaesym.linear_vae.states.bifurcation import Stability

    longest = max((len(branch.parameter) for branch in diagram.branches), default=0)

    def padded(name: str) -> Any:
        kind, fill = (np.int32, -1) if name in _KINDS else (np.float64, np.nan)
        rows = np.full((len(diagram.branches), longest), fill, dtype=kind)
        for row, branch in zip(rows, diagram.branches, strict=True):
            row[: len(branch.parameter)] = getattr(branch, name)
        return rows

    x = _sampled(diagram)
    variables: dict[str, tuple[Any, Any]] = {name: (("branch", "point"), padded(name)) for name in (*_NUMBERS, *_KINDS)}
    phases = np.array([branch.phase for branch in diagram.branches], dtype=np.int32)
    variables |= {"phase": ("branch", phases), "closed_form_Q": (("sample", "state"), _closed_form(diagram, x)),
                  "closed_form_phase": ("state", np.array([Phase.REGULARIZED, *[Phase.LEARNING] * 2,
                                                           *[Phase.OVERFITTING] * 2], dtype=np.int32))}
    coordinates = {diagram.parameter: (("branch", "point"), padded("parameter"), learning.meaning(diagram.parameter)),
                   f"closed_form_{diagram.parameter}": ("sample", x, learning.meaning(diagram.parameter))}
    empty = learning.Axes((), {}, coordinates)
    data = learning.dataset(empty, "bifurcation diagram of the linear beta-VAE", {}, **diagram.fixed)
    data.attrs["parameter"] = diagram.parameter
    data = data.assign({name: (*value, _meaning(name)) for name, value in variables.items()})
    for name, kinds in {"phase": Phase, "closed_form_phase": Phase, "stability": Stability, "kind": PointKind}.items():
        flag(data[name], kinds)
    return data


def _meaning(name: str) -> dict[str, str]:
    return BRANCH_FIELDS[name].attributes if name in BRANCH_FIELDS else learning.meaning(name)


def _sampled(diagram: BifurcationDiagram) -> Floats:
    """Values over the interval, spread evenly if it is shorter than a decade and a half, geometrically otherwise."""
    low, high = diagram.interval
    spread = np.geomspace if high > 30 * low else np.linspace
    return np.clip(spread(low, high, _SAMPLES), low, high)


def _closed_form(diagram: BifurcationDiagram, values: Floats) -> Floats:
    """Return (k, 5): collapse; the minimum and the barrier along the signal; those along noise (NaN: there is none)."""
    alpha, beta, lam, rho, eta = (values if name == diagram.parameter else np.full(values.shape, diagram.fixed[name])
                                  for name in PARAMETERS)
    detected = formulas.detection(alpha, rho, eta)[:, None] > 0
    signal = potential_branches(alpha, beta, lam, formulas.top_eigenvalue(alpha, rho, eta)[0])
    noise = potential_branches(alpha, beta, lam, formulas.bulk_edge(alpha, eta))
    return np.concatenate([signal[:, :1], np.where(detected, signal[:, 1:], np.nan), noise[:, 1:]], axis=1)
