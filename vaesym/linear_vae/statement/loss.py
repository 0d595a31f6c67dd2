r"""The linear β-VAE's loss of one sample, with the expectation over the posterior taken exactly.

Model [IH, Eq. 5]: :math:`q(z|x) = N(V^Tx/\sqrt N, D)`, :math:`p(x|z) = N(Wz/\sqrt N, 1)`, prior N(0, 1).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import D, E, Q, alpha, beta, h, k, lam, sigma, sym, x2, z


def reconstruction() -> sp.Expr:
    r"""Return :math:`\frac12 E_q\|x - Wz/\sqrt N\|^2` in terms of ‖x‖², the fields k, h and Q.

    ‖x − Wz/√N‖² = ‖x‖² − 2kz + Qz², averaged over z ~ N(h, D).
    """
    squared_error = x2 - 2 * k * z + Q * z**2
    return sp.expand(average(squared_error, [z], [h], sp.Matrix([[D]])) / 2)


def kl_to_prior(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return KL(q(z|x) ‖ prior) for q = N(h, D): the Gaussian integral of ln q − ln prior."""
    prior = stated.prior_variance
    log_ratio = (sp.log(prior) - sp.log(D)) / 2 - (z - h) ** 2 / (2 * D) + z**2 / (2 * prior)
    return average(log_ratio, [z], [h], sp.Matrix([[D]]))


@cache
def sample_loss(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the loss of one sample without the constant ‖x‖²/2, so that the collapsed state has loss 0."""
    error = stated.reconstruction_weight * (reconstruction() - x2 / 2)
    return sp.expand(error + stated.kl_weight * kl_to_prior(stated))


@cache
def loss_matrix(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    r"""Return A with loss = ½ uᵀAu + constant in the fields u = (k, h): the Hessian of the loss."""
    return sp.ImmutableMatrix(sp.hessian(sample_loss(stated), (k, h)))


@cache
def loss_constant(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the part of a sample's loss that no field enters."""
    return sample_loss(stated).xreplace({k: sp.S.Zero, h: sp.S.Zero})


def loss_with_decoder_variance() -> sp.Expr:
    r"""Return the loss of one sample for decoders of variance σ², with its share of weight decay.

    The squared error is divided by σ²; summed over the samples and divided by N, weight decay is
    :math:`\frac{\lambda}{2}(Q+E)`, so each of the αN samples carries 1/α of it.
    """
    return (reconstruction() - x2 / 2) / sigma**2 + beta * kl_to_prior() + lam * (Q + E) / (2 * alpha)


def effective_beta(error_mean: bool = False, kl_mean: bool = False, share: sp.Expr = sp.S.Half) -> sp.Expr:
    r"""Return βσ² of a user's loss :math:`a S + w K`, the ratio of its KL to its half squared error.

    Parameters
    ----------
    error_mean : the squared error S is averaged over the N dimensions instead of summed
    kl_mean : the KL K is averaged over the M latents instead of summed
    share : how often the model's loss has S: half of a squared error, all of a cross-entropy
    """
    error = sym("reconstruction_weight") / (sym("dimension") if error_mean else 1)
    divergence = sym("kl_weight") / (sym("latents") if kl_mean else 1)
    loss, kl = sp.symbols("S K", positive=True)
    users = error * loss + divergence * kl
    # The model's loss S/2 + b K, or S + b K, is the user's up to a common factor: solve for both.
    factor, b = sp.symbols("factor b", positive=True)
    equations = sp.Poly(users - factor * (share * loss + b * kl), loss, kl).coeffs()
    (solution,) = sp.solve(equations, (factor, b), dict=True)
    return solution[b]
