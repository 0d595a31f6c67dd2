"""Curves of the exact solution as labelled datasets: learning, rate and distortion, the two KLs to the posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.linear_vae.boundaries.thresholds import global_collapse_threshold
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import documented, grid, numbers
from vaesym.linear_vae.point.labelled import dataset
from vaesym.linear_vae.point.solution import solve

if TYPE_CHECKING:
    import xarray as xr

#: Points of the β axis of :func:`rate_distortion`, and its start as a fraction of ρ+η, where none is given.
_BETAS, _LEAST_BETA = 200, 1e-3


@documented("number or axis", unlimited=True)
def learning_curve(alpha: Any, *, beta: Any, lam: Any, rho: float = 1.0, eta: float = 1.0) -> xr.Dataset:
    r"""Return how well the signal is learned from α samples per dimension.

    Returns
    -------
    xarray.Dataset
        ``signal_recovery_error`` ε, ``rate`` and ``distortion`` over fresh data, ``phase``, ``Q`` and ``m`` over
        the dimensions (alpha, beta, lam), without those given as numbers. ε is ρ where the latent is collapsed.

    Notes
    -----
    [IH, Sec. 6.2]. At small β and λ the curve peaks at the detection threshold (η/ρ)².

    Examples
    --------
    >>> curves = learning_curve([0.5, 2.0, 8.0], beta=1.0, lam=[0.0, 1.0])
    >>> dict(curves.sizes), curves.signal_recovery_error.sel(lam=1.0).values.round(3).tolist()
    ({'alpha': 3, 'lam': 2}, [1.346, 0.705, 0.223])
    """
    axes = grid(alpha=alpha, beta=beta, lam=lam)
    r, e = numbers(rho=rho, eta=eta)
    solution = solve(**axes.points, rho=r, eta=e)
    names = ("signal_recovery_error", "rate", "distortion", "phase", "Q", "m")
    return dataset(axes, "learning curves of the linear beta-VAE", {name: getattr(solution, name) for name in names},
                   **axes.fixed, rho=r, eta=e)


@documented("number or axis", unlimited=True)
def rate_distortion(alpha: Any, *, beta: Any = None, lam: float = 0.0, rho: float = 1.0,
                    eta: float = 1.0) -> xr.Dataset:
    r"""Return the curves of rate against distortion that β traces, on fresh data and on the training set.

    On the training set the variance along the learned direction is Λ, the largest eigenvalue of the sample
    covariance, where fresh data has η + ρo: there C_hh = k²QΛ and C_kh = kQΛ with k = 1/(Q+κ). The distortion of
    the training set is measured along that direction, Λ − 2C_kh + Q(C_hh + D), so it is Λ where the latent is
    collapsed, while on fresh data it is ρ+η there.

    Parameters
    ----------
    beta : weight of the KL term, > 0, likewise; if not given, 200 values from 0.001 (ρ+η) to where all is collapsed

    Returns
    -------
    xarray.Dataset
        ``rate`` and ``distortion`` (fresh data), ``training_rate`` and ``training_distortion``, ``phase``, and
        ``gaussian_rate`` ½ ln((ρ+η)/distortion), the least rate by which a Gaussian source of variance ρ+η is known to
        that distortion of fresh data (0 where the distortion is ρ+η or more), over (alpha, beta).

    Notes
    -----
    [IH, Claim 6.2]: as α → ∞ the rate is the Gaussian one. At λ = 0 the training set obeys ½ ln(Λ/D) at every α.

    Examples
    --------
    >>> curves = rate_distortion([2.0, float("inf")], beta=[0.5, 1.0])
    >>> curves.rate.values.round(4).tolist(), curves.gaussian_rate.values.round(4).tolist()
    ([[0.6644, 0.3641], [0.6931, 0.3466]], [[0.2897, 0.1501], [0.6931, 0.3466]])
    """
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    if beta is None:
        ends = global_collapse_threshold(grid(alpha=alpha).points["alpha"], lam=decay, rho=r, eta=e)
        beta = np.geomspace(_LEAST_BETA * (r + e), np.max(ends, initial=r + e), _BETAS)
    axes = grid(alpha=alpha, beta=beta)
    solution = solve(**axes.points, lam=decay, rho=r, eta=e)
    # Over the training set the variance is that of noise of strength Λ, without a signal.
    top = solution.eigenvalue
    seen = np.moveaxis(formulas.observables(**axes.points, lam=decay, rho=r, eta=top, decoder_variance=1.0,
                                            eigenvalue=top, overlap=0.0, Q=solution.Q), -1, 0)
    values = {"rate": solution.rate, "distortion": solution.distortion, "training_rate": seen[0],
              "training_distortion": seen[1], "phase": solution.phase,
              "gaussian_rate": np.log(np.maximum((r + e) / solution.distortion, 1.0)) / 2}
    return dataset(axes, "rate and distortion of the linear beta-VAE", values, lam=decay, rho=r, eta=e)


@documented("number or axis", unlimited=True)
def kl_curves(alpha: Any, beta: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0) -> xr.Dataset:
    """Return how far the encoder is from the posterior of the decoder, in both directions, and the rate.

    Returns
    -------
    xarray.Dataset
        ``kl_variational_to_posterior`` KL(q‖p), ``kl_posterior_to_variational`` KL(p‖q), ``rate`` (KL to the
        prior) and ``phase``, over fresh data and the dimensions (alpha, beta), without those given as numbers.

    Notes
    -----
    Both KLs to the posterior vanish at β = 1, λ = 0, where the loss is the negative evidence bound, and where the
    latent is collapsed [IH, Sec. 6].

    Examples
    --------
    >>> kl_curves(2.0, [0.5, 1.0, 2.0], lam=0.0).kl_variational_to_posterior.values.round(4).tolist()
    [0.0744, 0.0, 0.0599]
    """
    axes = grid(alpha=alpha, beta=beta)
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    solution = solve(**axes.points, lam=decay, rho=r, eta=e)
    names = ("kl_variational_to_posterior", "kl_posterior_to_variational", "rate", "phase")
    return dataset(axes, "KL of the posteriors of the linear beta-VAE",
                   {name: getattr(solution, name) for name in names}, lam=decay, rho=r, eta=e)
