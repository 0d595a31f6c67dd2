"""How fast a collapsed latent grows, and when it wakes, in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats
from vaesym.linear_vae.point.arguments import documented, parameters
from vaesym.linear_vae.point.solution import solve
from vaesym.linear_vae.time.flow import read_start


@documented()
def growth_rate(variance: Any, beta: Any, *, decay: Any = 0.0) -> Floats:
    r"""Return the rate at which a collapsed latent grows along a direction in which the data vary.

    .. math:: \Gamma = \tfrac12\sqrt{(1-\beta\ell)^2 + 4\ell^2} - \tfrac12(1 + \beta\ell) - \varphi

    per unit of time of :func:`vaesym.gradient_flow`, where ℓ is an eigenvalue of the sample covariance and φ = λ/α; per
    learning rate and unit of time of :func:`vaesym.online_dynamics` at small rates, where ℓ = ρ + η along the signal,
    η elsewhere, and φ = λ.

    Parameters
    ----------
    variance : ℓ, > 0
    decay : φ ≥ 0

    Returns
    -------
    array of the broadcast shape; negative where collapse is stable

    Notes
    -----
    New; the larger eigenvalue of the Jacobian at collapse. It vanishes at β = ℓ for φ = 0, as ℓ(ℓ−β)/(ℓ²+1).

    Examples
    --------
    >>> growth_rate(2.0, [0.5, 1.0, 2.0]).round(4)
    array([1.    , 0.5616, 0.    ])
    """
    ell, b = parameters(variance=variance, beta=beta)
    phi = inputs.non_negative("decay", decay)
    ell, b, phi = inputs.broadcast(variance=ell, beta=b, decay=phi)
    loss = (1 + b * ell) / 2 + phi
    # Minus determinant over the other root: nothing cancels near the threshold.
    return ((ell**2 - (1 + phi) * (b * ell + phi)) / (loss + np.hypot((1 - b * ell) / 2, ell)))[()]


@documented(unlimited=True)
def waking_time(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0,
                start: Mapping[str, Any]) -> Floats:
    r"""Return when a latent that starts near zero has half of its final norm, in closed form near the threshold.

    .. math:: t = \frac{1}{2\Gamma}\ln\Big(\frac{Q_\infty}{Q_0} - 1\Big)

    with Γ of :func:`growth_rate` along the outlier, Q∞ of :func:`vaesym.solve`, and Q₀ the part of the start that
    grows. How D and the noise relax at first is left out, a time that stays finite where Γ → 0; so the ratio to
    the exact time of :func:`vaesym.gradient_flow` tends to 1 there. A random start in N dimensions of variance q has
    a signal of about √(q/N): then t ≈ ln N/(2Γ), and a latent may be called dead only after that.

    Parameters
    ----------
    start : as in :func:`vaesym.gradient_flow`

    Returns
    -------
    array of the broadcast shape; inf where collapse is stable or nothing starts along the signal, NaN where noise
    hides the signal (no single direction wakes first there), 0 where the start has half of the norm

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, shapes that do not broadcast, or an incomplete start.

    Notes
    -----
    New; the amplitude a of the unstable direction obeys :math:`\dot a = \Gamma a(1 - a^2/Q_\infty)` near the threshold.

    Examples
    --------
    >>> start = {"signal": 0.01, "decoder": 0.0, "encoder": 0.0, "D": 1.0}
    >>> waking_time(4.0, [1.0, 2.0, 3.0], lam=0.0, start=start).round(1)
    array([ 6.4, 23.4,  inf])
    """
    first = read_start(start)
    a, b, decay, r, e = parameters(unlimited=True, alpha=alpha, beta=beta, lam=lam, rho=rho, eta=eta)
    state = solve(a, b, lam=decay, rho=r, eta=e)
    phi = decay / a
    gamma = np.asarray(growth_rate(state.eigenvalue, b, decay=phi))
    # The unstable eigenvector of the symmetric Jacobian is (Λ, 1 + φ + Γ).
    share = state.eigenvalue**2 / (state.eigenvalue**2 + (1 + phi + gamma) ** 2)
    grown = (share * first.signal) ** 2 * state.overlap
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.log(np.maximum(state.Q / grown - 1, 1.0)) / (2 * gamma)
    hidden = np.where(np.asarray(state.overlap) > 0, times, np.nan)
    return np.where(gamma > 0, hidden, np.inf)[()]
