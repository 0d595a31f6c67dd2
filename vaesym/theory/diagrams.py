"""Phase diagrams as labelled grids with their exact boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.theory import model
from vaesym.theory.solution import Phase, solve
from vaesym.theory.thresholds import collapse_threshold, global_collapse_threshold

if TYPE_CHECKING:
    import xarray as xr


def _axis(name: str, values: Any) -> inputs.Floats:
    axis = inputs.positive(name, values)
    if axis.ndim != 1 or axis.size == 0:
        raise InputError(f"{name} as a one-dimensional axis", f"shape {axis.shape}", "pass e.g. numpy.geomspace")
    return axis


def phase_diagram(alpha: Any, beta: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0) -> xr.Dataset:
    """Return the phases over a grid of (α, β), with their exact boundaries.

    Parameters
    ----------
    alpha, beta : one-dimensional axes, > 0
    lam, rho, eta : numbers; weight decay ≥ 0, strengths of signal and noise > 0

    Returns
    -------
    xarray.Dataset
        ``phase`` (:class:`Phase` as int), ``signal_recovery_error``, ``rate`` over (alpha, beta);
        ``collapse_threshold`` (collapse locally stable above it) and ``global_collapse_threshold`` (global minimum
        above it) over alpha; ``detection_threshold`` α_B, which parts overfitting from learning.

    Raises
    ------
    vaesym.InputError
        Axes that are empty or not one-dimensional, or a parameter outside its domain.

    Notes
    -----
    [IH, Sec. 6.2]; the boundaries are closed forms.

    Examples
    --------
    >>> diagram = phase_diagram([0.5, 5.0], [0.5, 1.0, 3.0], lam=0.1)
    >>> diagram.phase.values.tolist()
    [[1, 1, 1], [2, 2, 0]]
    """
    import xarray as xr

    a, b = _axis("alpha", alpha), _axis("beta", beta)
    decay, r, e = (p[()] for p in model.parameters(lam=lam, rho=rho, eta=eta))
    if np.ndim(decay) > 0:
        raise InputError("numbers lam, rho and eta", f"shape {np.shape(decay)}", "call once for each parameter set")
    solution = solve(a[:, None], b[None, :], lam=decay, rho=r, eta=e)
    grid = {name: (("alpha", "beta"), getattr(solution, name)) for name in ("phase", "signal_recovery_error", "rate")}
    curves = {
        "collapse_threshold": ("alpha", collapse_threshold(a, lam=decay, rho=r, eta=e)),
        "global_collapse_threshold": ("alpha", global_collapse_threshold(a, lam=decay, rho=r, eta=e)),
        "detection_threshold": ((), model.detection_threshold(r, e)),
    }
    dataset = xr.Dataset({**grid, **curves}, {"alpha": a, "beta": b})
    dataset.attrs.update(lam=float(decay), rho=float(r), eta=float(e),
                         phase_meaning=", ".join(f"{p.value}: {p.name.lower()}" for p in Phase))
    dataset.rate.attrs["units"] = "nats"
    return dataset
