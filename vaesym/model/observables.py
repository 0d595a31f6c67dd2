"""What a user observes, from the order parameters (Q, E, R, m, d, D) and the field covariance."""

from __future__ import annotations

import sympy as sp

from vaesym.model.data import field_covariance
from vaesym.model.loss import kl_to_prior, reconstruction
from vaesym.model.moments import average
from vaesym.model.symbols import D, E, Q, R, beta, d, eigenvalue, eta, h, k, lam, m, overlap, rho, x2, z


def _over_fresh_data(expression: sp.Expr) -> sp.Expr:
    return average(expression, [k, h], [0, 0], field_covariance())


def rate() -> sp.Expr:
    """Return the KL to the prior, averaged over fresh data: ½(C_hh + D − 1 − ln D)."""
    return _over_fresh_data(kl_to_prior())


def distortion() -> sp.Expr:
    """Return E‖x − x̂‖² − (N−1)η over fresh data; the collapsed state has ρ + η."""
    return sp.expand(_over_fresh_data(2 * reconstruction() - x2) + rho + eta)


def signal_recovery_error() -> sp.Expr:
    r"""Return ε, the mean squared distance of the decoded latent to the signal, minimised over the sign of z.

    :math:`\frac1N E_z\|\sqrt\rho W^* z - W z\|^2 = \rho - 2\sqrt\rho\,m + Q`, with |m| for the better sign.
    """
    squared = rho * z**2 - 2 * sp.sqrt(rho) * sp.Abs(m) * z**2 + Q * z**2
    return average(squared, [z], [0], sp.eye(1))


def _posterior_gap() -> sp.Expr:
    """The variance ω of h − k/(1+Q), the gap between the means of q and of the true posterior."""
    return _over_fresh_data(sp.expand((h - k / (1 + Q)) ** 2))


def _gaussian_kl(mean_gap_squared: sp.Expr, first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """KL between Gaussians of variances ``first`` and ``second``, the squared gap of means averaged."""
    return (first / second + mean_gap_squared / second - 1 - sp.log(first / second)) / 2


def kl_variational_to_posterior() -> sp.Expr:
    """Return KL(q(z|x) ‖ p(z|x)); the true posterior is N(k/(1+Q), 1/(1+Q))."""
    return _gaussian_kl(_posterior_gap(), D, 1 / (1 + Q))


def kl_posterior_to_variational() -> sp.Expr:
    """Return KL(p(z|x) ‖ q(z|x))."""
    return _gaussian_kl(_posterior_gap(), 1 / (1 + Q), D)


def state_along_eigenvector() -> dict[sp.Symbol, sp.Expr]:
    """Return E, R, m, d, D of a latent with decoder norm Q along an eigenvector (Λ, o)."""
    from vaesym.model.exact import optimal_encoder, optimal_variance
    from vaesym.model.symbols import w

    gain = sp.factor(optimal_encoder() / w)
    aligned = sp.sqrt(Q) * sp.sqrt(overlap)
    return {E: gain**2 * Q, R: gain * Q, m: aligned, d: gain * aligned, D: optimal_variance()}


#: The observables by API name, as functions that return their expression.
OBSERVABLES = {
    "rate": rate,
    "distortion": distortion,
    "signal_recovery_error": signal_recovery_error,
    "kl_variational_to_posterior": kl_variational_to_posterior,
    "kl_posterior_to_variational": kl_posterior_to_variational,
}

__all__ = [
    "OBSERVABLES",
    "beta",
    "distortion",
    "eigenvalue",
    "kl_posterior_to_variational",
    "kl_variational_to_posterior",
    "lam",
    "rate",
    "signal_recovery_error",
    "state_along_eigenvector",
]
