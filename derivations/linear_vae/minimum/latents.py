r"""Several latents: why they decouple, at the exact minimum and around collapse.

With the decoder written as :math:`W/\sqrt N = U\,\mathrm{diag}(q)^{1/2}O^T`, the posterior variances see only the
diagonal of :math:`W^TW/N` and the reconstruction only its eigenvalues q and the eigenvectors U.
"""

from __future__ import annotations

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.linear_vae.exact.minimum import optimal_encoder, optimal_variance
from vaesym.linear_vae.statement.loss import loss_constant, loss_matrix
from vaesym.linear_vae.statement.symbols import D, Q, alpha, beta, eigenvalue, indexed, lam, v, w

#: Decoder and encoder rows of two latents along one eigenvector, and the 2 × 2 matrix WᵀW/N.
DECODER = sp.ImmutableMatrix([indexed("w", 1), indexed("w", 2)])
ENCODER = sp.ImmutableMatrix([indexed("v", 1), indexed("v", 2)])
NORMS = sp.ImmutableMatrix(2, 2, lambda i, j: indexed("Q", *sorted((i + 1, j + 1))))
VARIANCES = (indexed("D", 1), indexed("D", 2))


def variance_cost(latents: int = 2) -> sp.Expr:
    r"""Return :math:`e^{2c/\beta}` of the cost c of the posterior variances at their best, Π (1 + Q_ll/β)."""
    cost = loss_constant().subs(D, optimal_variance())
    single = sp.simplify(sp.exp(sp.expand(2 * cost / beta)))
    return sp.prod([single.xreplace({Q: NORMS[i, i]}) for i in range(latents)])


def hadamard_excess() -> sp.Expr:
    r"""Return by how much Π(Q_ll+β) exceeds det(Q+β) for two latents; it is a square.

    So at given eigenvalues of WᵀW the variances cost least when it is diagonal.
    """
    shifted = NORMS + beta * sp.eye(2)
    return sp.expand(beta**2 * variance_cost() - shifted.det())


def encoder_gain() -> sp.Expr:
    """Return what the best encoder of two latents gains along one eigenvector, for any WᵀW/N."""
    shifted = NORMS + beta * sp.eye(2)
    form = -eigenvalue * (DECODER.T * ENCODER)[0, 0] + eigenvalue * (ENCODER.T * shifted * ENCODER)[0, 0] / 2
    loss = alpha * form + lam * (ENCODER.T * ENCODER)[0, 0] / 2
    best = sp.solve([sp.diff(loss, entry) for entry in ENCODER], list(ENCODER), dict=True)[0]
    return lowest_terms(loss.xreplace(best))


def pair_gain() -> sp.Expr:
    """Return what a decoder norm q along an eigenvector gains, with V eliminated: the rational part of −Φ."""
    fields = sp.Matrix([w, v])
    loss = alpha * eigenvalue * (fields.T * loss_matrix() * fields)[0, 0] / 2 + lam * v**2 / 2
    gain = -loss.subs(v, optimal_encoder())
    return sp.factor(sp.cancel(gain.subs(w, sp.sqrt(Q))))


def supermodularity() -> sp.Expr:
    r"""Return ∂²/∂Q∂Λ of the gain; it is positive, so large norms belong on large eigenvalues.

    The squared components of U are doubly substochastic; their extreme points are partial matchings (Birkhoff), and
    of all matchings the ordered one gains most (rearrangement inequality).
    """
    return sp.factor(sp.diff(pair_gain(), Q, eigenvalue))


def collapse_hessian() -> sp.ImmutableMatrix:
    """Return the Hessian of R/N at collapse for two latents and two eigenvectors, in (w₁₁, v₁₁, w₁₂, v₁₂, ...).

    Index 1 of a weight is its eigenvector, index 2 its latent.
    """
    tops = (indexed("eigenvalue", 1), indexed("eigenvalue", 2))
    decoder = sp.Matrix(2, 2, lambda i, j: indexed("w", i + 1, j + 1))
    encoder = sp.Matrix(2, 2, lambda i, j: indexed("v", i + 1, j + 1))
    norms, data = decoder.T * decoder, sp.diag(*tops)
    fields = -(encoder.T * data * decoder).trace() + (
        (encoder.T * data * encoder) * (norms + beta * sp.eye(2))).trace() / 2
    constant = sp.Add(*[norms[j, j] * VARIANCES[j] / 2 + beta * (VARIANCES[j] - sp.log(VARIANCES[j]) - 1) / 2
                        for j in range(2)])
    weights = [entry for i in range(2) for j in range(2) for entry in (decoder[i, j], encoder[i, j])]
    loss = alpha * (fields + constant) + lam * ((decoder.T * decoder).trace() + (encoder.T * encoder).trace()) / 2
    at = {**dict.fromkeys(weights, 0), **dict.fromkeys(VARIANCES, 1)}
    return sp.ImmutableMatrix(sp.hessian(loss, weights).subs(at))


def response_jacobian() -> sp.ImmutableMatrix:
    """Return the Jacobian at collapse of best responses of decoders to encoders and back, without weight decay.

    Where weights x are at their best given y, dx/dy = −H_xx⁻¹H_xy.
    """
    hessian = sp.Matrix(collapse_hessian().subs(lam, 0))
    decoders, encoders = list(range(0, 8, 2)), list(range(1, 8, 2))
    jacobian = sp.zeros(8)
    for rows, columns in ((decoders, encoders), (encoders, decoders)):
        response = -hessian.extract(rows, rows).inv() * hessian.extract(rows, columns)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                jacobian[row, column] = sp.cancel(response[i, j])
    return sp.ImmutableMatrix(jacobian)
