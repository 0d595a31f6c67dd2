"""What a user observes, from the order parameters (Q, E, R, m, d, D) and the field covariance."""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.statement.data import field_covariance
from vaesym.linear_vae.statement.loss import kl_to_prior, reconstruction
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import D, Q, eta, h, k, m, rho, x2, z


def _over_fresh_data(expression: sp.Expr) -> sp.Expr:
    return average(expression, [k, h], [0, 0], field_covariance())


@cache
def rate() -> sp.Expr:
    """Return the KL to the prior, averaged over fresh data: ½(C_hh + D − 1 − ln D)."""
    return _over_fresh_data(kl_to_prior())


@cache
def distortion() -> sp.Expr:
    """Return E‖x − x̂‖² − (N−1)η over fresh data; the collapsed state has ρ + η."""
    return sp.expand(_over_fresh_data(2 * reconstruction() - x2) + rho + eta)


@cache
def signal_recovery_error() -> sp.Expr:
    r"""Return ε, the mean squared distance of the decoded latent to the signal, minimised over the sign of z.

    :math:`\frac1N E_z\|\sqrt\rho W^* z - W z\|^2 = \rho - 2\sqrt\rho\,m + Q`, with |m| for the better sign.
    """
    squared = rho * z**2 - 2 * sp.sqrt(rho) * sp.Abs(m) * z**2 + Q * z**2
    return average(squared, [z], [0], sp.eye(1))


def true_posterior(variance: sp.Expr = sp.S.One) -> tuple[sp.Expr, sp.Expr]:
    """Return mean and variance of p(z|x) of a decoder of that variance, by completing the square in its exponent."""
    exponent = -(x2 - 2 * k * z + Q * z**2) / (2 * variance) - z**2 / 2
    (mean,) = sp.solve(sp.diff(exponent, z), z)
    return mean, -1 / sp.diff(exponent, z, 2)


def _gaussian_kl(first: tuple[sp.Expr, sp.Expr], second: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """Average ln first − ln second over the first of two normal laws (mean, variance), then over fresh data."""
    log_ratio = (sp.log(second[1]) - sp.log(first[1])) / 2 - (z - first[0]) ** 2 / (2 * first[1]) + (
        z - second[0]) ** 2 / (2 * second[1])
    return _over_fresh_data(average(log_ratio, [z], [first[0]], sp.Matrix([[first[1]]])))


def kl_variational_to_posterior(variance: sp.Expr = sp.S.One) -> sp.Expr:
    """Return KL(q(z|x) ‖ p(z|x)) with q = N(h, D), averaged over fresh data, for a decoder of that variance."""
    return _gaussian_kl((h, D), true_posterior(variance))


def kl_posterior_to_variational(variance: sp.Expr = sp.S.One) -> sp.Expr:
    """Return KL(p(z|x) ‖ q(z|x)), averaged over fresh data, for a decoder of that variance."""
    return _gaussian_kl(true_posterior(variance), (h, D))


#: The observables by API name, as functions that return their expression.
OBSERVABLES = {
    "rate": rate,
    "distortion": distortion,
    "signal_recovery_error": signal_recovery_error,
    "kl_variational_to_posterior": kl_variational_to_posterior,
    "kl_posterior_to_variational": kl_posterior_to_variational,
}
