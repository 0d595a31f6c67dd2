"""The matrices in which statements about replicas are typed: printed as symbols, checked as what they stand for."""

from __future__ import annotations

import sympy as sp

from vaesym.linear_vae.statement.symbols import OVERLAP, PLANTED, SUSCEPTIBILITY, beta, eta, rho


def stated(susceptibility: sp.Matrix, overlap: sp.Matrix, planted: sp.Matrix,
           mark: str = "") -> dict[sp.MatrixSymbol, sp.ImmutableMatrix]:
    """Return χ, Ω, μ, the loss A and the field covariance C, in this order, of latents with the given overlaps."""
    latents = overlap.rows // 2
    one, norms = sp.eye(latents), sp.Matrix(overlap[:latents, :latents])
    loss = sp.Matrix.vstack(sp.Matrix.hstack(0 * one, -one), sp.Matrix.hstack(-one, norms + beta * one))
    fields = rho * planted * planted.T + eta * overlap
    named = {"chi": susceptibility, "Omega": overlap, "mu": planted, "A": loss, "C": fields}
    return {sp.MatrixSymbol(name + mark, *matrix.shape): sp.ImmutableMatrix(matrix) for name, matrix in named.items()}


#: Those of one latent.
MATRICES = stated(SUSCEPTIBILITY, OVERLAP, PLANTED)
#: χ ≻ 0.
POSITIVE = (SUSCEPTIBILITY[0, 0] > 0, SUSCEPTIBILITY[1, 1] > 0, SUSCEPTIBILITY.det() > 0)
