"""Phase diagrams as labelled grids with their exact boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.boundaries.thresholds import collapse_threshold, global_collapse_threshold, last_beta
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import check, documented, grid, numbers, parameters
from vaesym.linear_vae.point.labelled import dataset
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.linear_vae.point.solution import solve

if TYPE_CHECKING:
    import xarray as xr

#: Points between which at most one tricritical point is looked for, beside the axis itself.
_SCAN = 513


@documented(unlimited=True)
def spinodal(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return the largest β at which an active state exists, be it only metastable; 0 if there is none at any β.

    Equal to :func:`vaesym.collapse_threshold` where the transition is continuous. Where it is of first order it is
    the fold at which the local minimum of the potential and the barrier merge, above
    :func:`vaesym.global_collapse_threshold`.

    Notes
    -----
    An active state is a positive root Q of (λ(Q+β) + αβ)(Q+κ)² = αΛκ(Q+β), κ = β + λ/(αΛ). Where two of them
    merge, the left side over the right grows with β, so that they exist up to one β and not again beyond it; and
    that is below Λ.

    Examples
    --------
    >>> from vaesym.linear_vae import collapse_threshold, global_collapse_threshold
    >>> bool(spinodal(0.7, lam=3.0) > global_collapse_threshold(0.7, lam=3.0) > collapse_threshold(0.7, lam=3.0))
    True
    """
    a, decay, r, e = parameters(unlimited=True, alpha=alpha, lam=lam, rho=rho, eta=eta)
    eigenvalue, _, _ = formulas.top_eigenvalue(a, r, e)
    fold = last_beta(a, decay, eigenvalue, lambda *point: np.isfinite(potential_branches(*point)[..., 1]))
    local = formulas.threshold(a, decay, eigenvalue)
    return np.where((local > 0) & (_order(a, decay, eigenvalue) >= 0), local, fold)[()]


def _order(alpha: Floats, lam: Floats | float, eigenvalue: Floats) -> Floats:
    """β_c(1 + 2λ/α)Λ − λ/α: positive where the transition is continuous, zero at a tricritical point."""
    decay = lam / alpha
    return formulas.threshold(alpha, lam, eigenvalue) * (1 + 2 * decay) * eigenvalue - decay


@documented("number")
def tricritical_points(alpha: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0) -> tuple[Floats, Floats]:
    r"""Return (α, β) of the points at which collapse changes from a continuous to a first-order transition.

    They lie on the collapse threshold where :math:`\beta_c(\alpha + 2\lambda) = \lambda/\Lambda`.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0, two values or more; points between the least and the largest are returned,
        in ascending order

    Examples
    --------
    >>> alpha, beta = tricritical_points([0.01, 100.0], lam=2.0)
    >>> alpha.round(6), beta.round(6)
    (array([0.221358]), array([0.048501]))
    """
    a = np.ravel(check("alpha", alpha))
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    if a.size < 2 or decay == 0:
        return np.empty(0), np.empty(0)
    # Roots are sought for ln α; the detection threshold is a kink of Λ, so it ends an interval.
    least, largest = float(a.min()), float(a.max())
    detection = float(np.clip(formulas.detection_threshold(r, e), least, largest))
    x = np.unique(np.log(np.concatenate([a, [detection], np.geomspace(least, largest, _SCAN)])))

    def order(position: Any) -> Any:
        at = np.exp(np.asarray(position, dtype=float))
        return _order(at, decay, formulas.top_eigenvalue(at, np.full(at.shape, r), np.full(at.shape, e))[0])

    sign = np.sign(order(x))
    changes = np.flatnonzero(sign[:-1] * sign[1:] < 0)
    found = list(x[sign == 0])
    if len(changes):
        from scipy.optimize import brentq  # slow to import, and seldom needed

        found += [brentq(order, x[i], x[i + 1], xtol=1e-300, rtol=np.float64(1e-15)) for i in changes]
    points = np.exp(np.sort(np.array(found, dtype=float)))
    return points, collapse_threshold(points, lam=decay, rho=r, eta=e)


@documented("number")
def phase_diagram(alpha: Any, beta: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0) -> xr.Dataset:
    """Return the phases over a grid of (α, β), with their exact boundaries.

    Parameters
    ----------
    alpha, beta : one-dimensional axes of samples per dimension P/N and weight of the KL term, > 0

    Returns
    -------
    xarray.Dataset
        ``phase`` (:class:`Phase` as int), ``signal_recovery_error``, ``rate`` over (alpha, beta); over alpha
        ``collapse_threshold`` (collapse locally stable above it), ``global_collapse_threshold`` (global minimum above
        it), ``spinodal`` (no active state above it) and ``coexistence`` (the global threshold where the transition
        is of first order, NaN where it is continuous); ``tricritical_alpha`` and ``tricritical_beta``, the points
        in the range of alpha at which its order changes (often none), over ``tricritical``;
        ``detection_threshold`` α_B, which parts overfitting from learning.

    Raises
    ------
    vaesym.InputError
        Axes that are empty or not one-dimensional, or a parameter outside its domain.

    Notes
    -----
    [IH, Sec. 6.2]; local threshold and detection threshold are closed forms, the others found to full precision.

    Examples
    --------
    >>> diagram = phase_diagram([0.5, 5.0], [0.5, 1.0, 3.0], lam=0.1)
    >>> diagram.phase.values.tolist()
    [[1, 1, 1], [2, 2, 0]]
    """
    axes = grid(alpha=check("alpha", alpha, shape="axis"), beta=check("beta", beta, shape="axis"))
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    solution = solve(**axes.points, lam=decay, rho=r, eta=e)
    values = {name: getattr(solution, name) for name in ("phase", "signal_recovery_error", "rate")}
    boundaries = _boundaries(axes.coordinates["alpha"][1], decay, r, e)
    return dataset(axes, "phases of the linear beta-VAE", {**values, **boundaries}, lam=decay, rho=r, eta=e)


def _boundaries(alpha: Floats, lam: float, rho: float, eta: float) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return the dimension and the values of each boundary."""
    local, everywhere = (threshold(alpha, lam=lam, rho=rho, eta=eta)
                         for threshold in (collapse_threshold, global_collapse_threshold))
    points = tricritical_points(alpha, lam=lam, rho=rho, eta=eta)
    return {
        "collapse_threshold": (("alpha",), local),
        "global_collapse_threshold": (("alpha",), everywhere),
        "spinodal": (("alpha",), spinodal(alpha, lam=lam, rho=rho, eta=eta)),
        "coexistence": (("alpha",), np.where((everywhere > 0) & (everywhere > local), everywhere, np.nan)),
        "tricritical_alpha": (("tricritical",), points[0]),
        "tricritical_beta": (("tricritical",), points[1]),
        "detection_threshold": ((), float(formulas.detection_threshold(rho, eta))),
    }
