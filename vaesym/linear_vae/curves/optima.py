"""Curves of the best β over α, and of the end of the plateau over β, as labelled datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.boundaries.thresholds import collapse_threshold, optimal_beta, plateau_end
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import SMALLEST, documented, grid, numbers
from vaesym.linear_vae.point.labelled import dataset
from vaesym.linear_vae.point.solution import solve

if TYPE_CHECKING:
    import xarray as xr

#: Points of the default β axis below and above ρ+η, and how near to it they come, relatively.
_BELOW, _ABOVE, _NEAREST = 140, 120, 1e-4
#: Points at which the largest β that collapse can be unstable at is looked for.
_SCAN = 200


@documented("number or axis", unlimited=True)
def optimal_beta_curve(alpha: Any, *, lam: Any, rho: float = 1.0, eta: float = 1.0) -> xr.Dataset:
    r"""Return the β that recovers the signal best from α samples per dimension, and the error that it attains.

    Returns
    -------
    xarray.Dataset
        Over the dimensions (alpha, lam), without those given as numbers: ``optimal_beta`` as from
        :func:`vaesym.optimal_beta`; ``signal_recovery_error`` (the least over β), ``rate`` and ``phase`` of the global
        minimum there; ``recovery_error_bound`` ρ(1 − o), which no β goes below. ``optimal_beta_limit`` is η, the best β
        of unlimited data.

    Notes
    -----
    The limit is [IH, Claim 6.1]; the curve at finite α is that of :func:`vaesym.optimal_beta`. Where nothing is better
    than collapse, as below the detection threshold, the error is ρ.

    Examples
    --------
    >>> best = optimal_beta_curve([0.5, 4.0, float("inf")], lam=0.0)
    >>> best.optimal_beta.values.round(6).tolist(), best.signal_recovery_error.values.round(6).tolist()
    ([5.828427, 1.9, 1.0], [1.0, 0.4, 0.0])
    """
    axes = grid(alpha=alpha, lam=lam)
    r, e = numbers(rho=rho, eta=eta)
    best = optimal_beta(**axes.points, rho=r, eta=e)
    # 0 says that every β collapses the model, the least one that is solved for among them.
    solution = solve(axes.points["alpha"], np.maximum(best, SMALLEST), lam=axes.points["lam"], rho=r, eta=e)
    _, _, deficit = formulas.top_eigenvalue(axes.points["alpha"], np.array(r), np.array(e))
    values = {"optimal_beta": best, "signal_recovery_error": solution.signal_recovery_error,
              "recovery_error_bound": r * deficit, "rate": solution.rate, "phase": solution.phase,
              "optimal_beta_limit": ((), e), "detection_threshold": ((), _detection(r, e))}
    return dataset(axes, "optimal beta of the linear beta-VAE", values, **axes.fixed, rho=r, eta=e)


@documented("number or axis", unlimited=True)
def plateau_curve(beta: Any = None, *, lam: Any, rho: float = 1.0, eta: float = 1.0) -> xr.Dataset:
    r"""Return up to which α the learning curve stays on its plateau, where the signal is not learned, over β.

    Parameters
    ----------
    beta : weight of the KL term, > 0; a number or an axis of shape (b,), which may be empty; if not given, 261 values
        that come close to ρ+η from both sides, up to where no data set escapes collapse

    Returns
    -------
    xarray.Dataset
        Over the dimensions (beta, lam), without those given as numbers: ``plateau_end`` as from
        :func:`vaesym.plateau_end` (inf where the plateau never ends), and ``plateau_asymptote``, the leading term
        A/(ρ+η−β) of its divergence as β rises to ρ+η (NaN where it does not diverge, and for β ≥ ρ+η);
        ``detection_threshold`` α_B, which the plateau reaches at least, and ``collapse_limit`` ρ+η.

    Notes
    -----
    That learning never begins for β ≥ ρ+η is [IH, Sec. 6.1] for unlimited data. At small λ a finite data set escapes
    collapse beyond ρ+η, and the end of the plateau does not diverge.

    Examples
    --------
    >>> plateau = plateau_curve([1.0, 1.9, 1.999, 2.1], lam=1.0)
    >>> plateau.plateau_end.values.round(3).tolist(), plateau.plateau_asymptote.values.round(3).tolist()
    ([1.0, 4.0, 499.0, inf], [0.5, 5.0, 500.0, nan])
    """
    r, e = numbers(rho=rho, eta=eta)
    if beta is None:
        beta = _around_the_limit(grid(lam=lam).points["lam"], r, e)
    axes = grid(beta=beta, lam=lam)
    values = {"plateau_end": plateau_end(**axes.points, rho=r, eta=e),
              "plateau_asymptote": _asymptote(axes.points["beta"], axes.points["lam"], r, e),
              "detection_threshold": ((), _detection(r, e)), "collapse_limit": ((), r + e)}
    return dataset(axes, "end of the plateau of the linear beta-VAE", values, **axes.fixed, rho=r, eta=e)


def _detection(rho: float, eta: float) -> float:
    return float(formulas.detection_threshold(rho, eta))


def _asymptote(beta: Any, lam: Any, rho: float, eta: float) -> Floats:
    """The root that goes to infinity as the leading coefficient vanishes, to leading order: −(the next)/(the leading).

    Collapse is unstable where the quadratic in α is positive; the next coefficient is taken at β = ρ+η.
    """
    leading = formulas.plateau_coefficients(beta, lam, rho, eta)[..., 0]
    following = formulas.plateau_coefficients(np.full(np.shape(beta), rho + eta), lam, rho, eta)[..., 1]
    diverges = (np.asarray(beta) < rho + eta) & (leading > 0) & (following < 0)
    return np.where(diverges, -following / np.where(diverges, leading, 1.0), np.nan)


def _around_the_limit(lam: Any, rho: float, eta: float) -> Floats:
    limit, detection = rho + eta, _detection(rho, eta)
    alpha = detection * np.geomspace(1.0, 1e4, _SCAN)
    escapes = collapse_threshold(alpha[:, None], lam=np.ravel(lam), rho=rho, eta=eta)
    highest = 1.05 * float(escapes.max(initial=limit))
    return np.concatenate([limit * (1 - np.geomspace(0.98, _NEAREST, _BELOW)), [limit],
                           np.linspace(limit * (1 + _NEAREST), highest, _ABOVE)])
