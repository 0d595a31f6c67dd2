"""Steps for two latents and two signals; they close the chapter on the free energy."""

from __future__ import annotations

import sympy as sp

from derivations.linear_vae.replicas import two_latents_formulas
from vaesym.algebra import Domain, Pointwise, Step
from vaesym.linear_vae.statement.symbols import (
    alpha,
    beta,
    domains_of,
    eta,
    indexed,
    indexed_domains,
    lam,
    quantity,
    rho,
)

_OVERLAP, _CHI, _PLANTED = two_latents_formulas.OVERLAP, two_latents_formulas.SUSCEPTIBILITY, two_latents_formulas.PLANTED
_D1, _D2 = two_latents_formulas.VARIANCES
_Q = _OVERLAP[:2, :2]
# Diagonally dominant susceptibilities, so that χ is positive definite at every point.
_DOMAINS = {
    **domains_of(), **indexed_domains("D", _D1, _D2),
    **{s: Domain(1, 3) if s.name[-2] == s.name[-1] and "kh" not in s.name
       else Domain(sp.Rational(-1, 3), sp.Rational(1, 3), "uniform") for s in _CHI.free_symbols},
    **{s: quantity("Q").domain if s.is_positive else quantity("R").domain for s in _OVERLAP.free_symbols},
    **{s: quantity("m").domain for s in _PLANTED.free_symbols},
}
_MATRICES = {
    sp.MatrixSymbol("Omega", 4, 4): _OVERLAP,
    sp.MatrixSymbol("chi", 4, 4): _CHI,
    sp.MatrixSymbol("mu", 4, 2): _PLANTED,
    sp.MatrixSymbol("A", 4, 4): sp.ImmutableMatrix(sp.BlockMatrix([
        [sp.zeros(2), -sp.eye(2)], [-sp.eye(2), sp.Matrix(_Q) + beta * sp.eye(2)]]).as_explicit()),
    sp.MatrixSymbol("C", 4, 4): sp.ImmutableMatrix(rho * _PLANTED * _PLANTED.T + eta * _OVERLAP),
}
_omega, _chi, _mu, _a, _c = _MATRICES
_CONSTANT = sp.Add(*[_Q[i, i] * d / 2 + beta * (d - sp.log(d) - 1) / 2 for i, d in enumerate((_D1, _D2))])

# Generic 4 × 4 blocks for the lemma behind any number of latents.
_DELTA = sp.Matrix(4, 4, lambda i, j: sp.Symbol(f"Delta_{i + 1}{j + 1}", real=True))
_O = sp.Matrix(4, 4, lambda i, j: sp.Symbol(f"O_{i + 1}{j + 1}", real=True))
_BLOCKS = {
    sp.MatrixSymbol(r"\mathrm{adj}\Delta", 4, 4): sp.ImmutableMatrix(_DELTA.adjugate()),
    sp.MatrixSymbol("O", 4, 4): sp.ImmutableMatrix(_O),
}
_adjugate, _o = _BLOCKS
_GENERIC = {s: Domain(-1, 1, "uniform") for s in (*_DELTA, *_O)}


def _determinant_slope() -> sp.Expr:
    n = sp.Symbol("n", positive=True)
    return sp.diff((_DELTA + n * _O).det(method="berkowitz"), n).subs(n, 0)


def _pointwise_free_energy() -> Pointwise:
    symbols = {s for matrix in (_OVERLAP, _CHI, _PLANTED) for s in matrix.free_symbols} | {
        alpha, beta, lam, rho, eta, _D1, _D2}
    return Pointwise(tuple(sorted(symbols, key=lambda symbol: symbol.name)), two_latents_formulas.free_energy_at)


def _single(latent: int) -> tuple[sp.Expr, dict[sp.Basic, sp.Basic]]:
    """The typed free energy of one latent, folded, and its matrices in that latent's symbols."""
    def named(name: str) -> sp.Symbol:
        return indexed(name, latent, latent)

    q, e, r, m, d = (named(name) for name in "QERmd")
    variance = indexed("D", latent)
    overlap, mu = sp.Matrix([[q, r], [r, e]]), sp.Matrix([m, d])
    matrices = {
        sp.MatrixSymbol(f"Omega_{latent}", 2, 2): overlap,
        sp.MatrixSymbol(f"chi_{latent}", 2, 2): sp.Matrix(
            [[named("chi_kk"), named("chi_kh")], [named("chi_kh"), named("chi_hh")]]),
        sp.MatrixSymbol(f"mu_{latent}", 2, 1): mu,
        sp.MatrixSymbol(f"A_{latent}", 2, 2): sp.Matrix([[0, -1], [-1, q + beta]]),
        sp.MatrixSymbol(f"C_{latent}", 2, 2): rho * mu * mu.T + eta * overlap,
    }
    omega, chi, planted, loss, fields = matrices
    energy = sp.Trace((sp.Identity(2) + eta * loss * chi).I * loss * fields) / 2
    entropy = -sp.Trace(chi.I * (omega - planted * planted.T)) / 2
    constant = q * variance / 2 + beta * (variance - sp.log(variance) - 1) / 2
    typed = lam * sp.Trace(omega) / 2 + entropy + alpha * (energy + constant)
    return typed, {name: sp.ImmutableMatrix(matrix) for name, matrix in matrices.items()}


(_FIRST, _FIRST_WHERE), (_SECOND, _SECOND_WHERE) = _single(1), _single(2)

STEPS = (
    Step("lemma-any-size", "The lemma for larger blocks", sp.Symbol(r"\partial_n\det(\Delta+nO)|_{n=0}"),
         _determinant_slope, sp.Trace(_adjugate * _o), _GENERIC, "textbook", where=_BLOCKS,
         prose=r"Nothing in these moves depends on the size of the blocks. For generic $4\times4$ blocks, those of two "
               r"latents, the derivative of the determinant is $\mathrm{tr}(\mathrm{adj}\Delta\,O)$ as well:"),
    Step("two-latents-diagonal", "Two latents without mutual overlap", sp.Symbol("f"),
         two_latents_formulas.diagonal_free_energy, _FIRST + _SECOND, _DOMAINS, "new",
         ("M = M* = 2; overlaps between different latents and signals vanish",), (), {**_FIRST_WHERE, **_SECOND_WHERE},
         prose=r"With two latents, two signals and no overlap between different ones, the six moves on the $4\times4$ "
               r"problem give the sum of two single free energies:"),
    Step("two-latents", "Two latents with all overlaps", sp.Symbol("f"), _pointwise_free_energy,
         lam * sp.Trace(_omega) / 2 - sp.Trace(_chi.I * (_omega - _mu * _mu.T)) / 2
         + alpha * (sp.Trace((sp.Identity(4) + eta * _a * _chi).I * _a * _c) / 2 + _CONSTANT),
         _DOMAINS, "new", ("M = M* = 2",), (), _MATRICES,
         prose=r"With all overlaps the same formula holds in blocks, "
               r"$A=\begin{pmatrix}0&-I\\-I&Q+\beta I\end{pmatrix}$ and $\mu\in R^{4\times2}$:",
         numeric_only="35 free symbols make the 4 × 4 inverses too large to carry; at each rational point the six "
                      "moves run exactly, with n and T as symbols until their limits."),
)

