r"""The linear β-VAE's loss of one sample, with the expectation over the posterior taken exactly.

Model [IH, Eq. 5]: :math:`q(z|x) = N(V^Tx/\sqrt N, D)`, :math:`p(x|z) = N(Wz/\sqrt N, 1)`, prior N(0, 1).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.model.moments import average
from vaesym.model.symbols import D, Q, beta, h, k, x2, z


def reconstruction() -> sp.Expr:
    r"""Return :math:`\frac12 E_q\|x - Wz/\sqrt N\|^2` in terms of ‖x‖², the fields k, h and Q.

    ‖x − Wz/√N‖² = ‖x‖² − 2kz + Qz², averaged over z ~ N(h, D).
    """
    squared_error = x2 - 2 * k * z + Q * z**2
    return sp.expand(average(squared_error, [z], [h], sp.Matrix([[D]])) / 2)


def kl_to_prior() -> sp.Expr:
    """Return KL(q(z|x) ‖ prior) for q = N(h, D): the Gaussian integral of ln q − ln prior."""
    log_ratio = -sp.log(D) / 2 - (z - h) ** 2 / (2 * D) + z**2 / 2
    return average(log_ratio, [z], [h], sp.Matrix([[D]]))


@cache
def sample_loss() -> sp.Expr:
    """Return the loss of one sample without the constant ‖x‖²/2, so that the collapsed state has loss 0."""
    return sp.expand(reconstruction() + beta * kl_to_prior() - x2 / 2)


@cache
def loss_matrix() -> sp.ImmutableMatrix:
    r"""Return A with loss = ½ uᵀAu + constant in the fields u = (k, h): the Hessian of the loss."""
    return sp.ImmutableMatrix(sp.hessian(sample_loss(), (k, h)))


@cache
def loss_constant() -> sp.Expr:
    """Return the part of a sample's loss that no field enters."""
    return sample_loss().xreplace({k: sp.S.Zero, h: sp.S.Zero})
