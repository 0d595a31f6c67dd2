"""How much the exact minimum of a finite data set fluctuates from one data set to the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import documented, parameters
from vaesym.linear_vae.point.potential import minimise_potential

#: The quantities that have error bars, in the order of the generated function.
FLUCTUATING = ("eigenvalue", "overlap", "Q", "free_energy", "rate", "distortion", "signal_recovery_error",
               "kl_variational_to_posterior", "kl_posterior_to_variational")


@documented()
def error_bars(alpha: Any, beta: Any, *, lam: Any, samples: Any, rho: Any = 1.0, eta: Any = 1.0) -> dict[str, Floats]:
    r"""Return the standard deviation of each observable over data sets of P samples with a Gaussian signal.

    To leading order in 1/P, for one latent and one signal above the detection threshold α > (η/ρ)².

    Parameters
    ----------
    samples : number P of samples of a data set, > 0

    Returns
    -------
    dict
        Name → array of the broadcast shape, for :data:`FLUCTUATING`. Where the latent is collapsed all are 0 but
        those of the eigenvalue and the overlap. At or below the detection threshold they are NaN: fluctuations of
        the edge of the noise are of another kind.

    Notes
    -----
    Delta method on the covariance of (Λ, o), with Q moving along with Λ. At a transition they are those of the side
    on which the global minimum lies.

    Examples
    --------
    >>> bars = error_bars(4.0, 0.5, lam=0.0, samples=1000)
    >>> [round(float(bars[name]), 6) for name in ("eigenvalue", "Q", "signal_recovery_error")]
    [0.07746, 0.07746, 0.079557]
    """
    *given, count = parameters(alpha=alpha, beta=beta, lam=lam, rho=rho, eta=eta, samples=samples)
    a, b, decay, r, e = given
    top, overlap, _ = formulas.top_eigenvalue(a, r, e)
    norm, seen = minimise_potential(a, b, decay, top), overlap > 0
    active = norm > 0
    # Where nothing is to be said the slopes are taken at an ordinary point and thrown away.
    slopes = formulas.responses(*given, top, np.where(seen, overlap, 0.5), np.where(active, norm, 1.0))
    slopes = slopes.reshape(*a.shape, len(FLUCTUATING), 2)
    covariance = formulas.outlier_fluctuations(np.where(seen, a, 4 * (e / r) ** 2), r, e)
    var, cross, var_overlap = np.moveaxis(covariance, -1, 0)
    bars = {}
    for i, name in enumerate(FLUCTUATING):
        first, second = slopes[..., i, 0], slopes[..., i, 1]
        squared = (first**2 * var + 2 * first * second * cross + second**2 * var_overlap) / count
        moving = np.where(active, np.sqrt(squared), 0.0) if i > 1 else np.sqrt(squared)
        bars[name] = np.where(seen, moving, np.nan)[()]
    return bars
