"""Steps for two latents and two signals; they close the chapter on the free energy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sympy as sp

from derivations.linear_vae.replicas.matrices import stated
from vaesym.algebra import Domain, Pointwise, Step
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.loss import kl_to_prior
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    D,
    alpha,
    beta,
    domains_of,
    eta,
    indexed,
    indexed_domains,
    lam,
    quantity,
    rho,
    temperature,
    x2,
)
from vaesym.linear_vae.statement.symbols import h as field
from vaesym.replica import QuadraticProblem

VARIANCES = (indexed("D", 1), indexed("D", 2))
_FIELDS = tuple(indexed(name, latent) for name in "kh" for latent in (1, 2))


def _blocks(decoder: str, cross: str, encoder: str) -> sp.ImmutableMatrix:
    """A symmetric 4 × 4 matrix with named blocks on decoder and encoder."""
    def block(name: str, *, symmetric: bool) -> sp.Matrix:
        return sp.Matrix(2, 2, lambda i, j: indexed(name, *(sorted((i + 1, j + 1)) if symmetric else (i + 1, j + 1))))

    mixed = block(cross, symmetric=False)
    return sp.ImmutableMatrix(sp.BlockMatrix([[block(decoder, symmetric=True), mixed],
                                              [mixed.T, block(encoder, symmetric=True)]]).as_explicit())


OVERLAP = _blocks("Q", "R", "E")
SUSCEPTIBILITY = _blocks("chi_kk", "chi_kh", "chi_hh")
PLANTED = sp.ImmutableMatrix(4, 2, lambda i, j: indexed("md"[i // 2], i % 2 + 1, j + 1))


def loss(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the loss of one sample with two latents, averaged over q(z|x) = N(h, diag D), without ‖x‖²/2."""
    z = [indexed("z", 1), indexed("z", 2)]
    k, h = list(_FIELDS[:2]), list(_FIELDS[2:])
    norms = OVERLAP[:2, :2]
    square = x2 - 2 * sum(a * b for a, b in zip(k, z, strict=True)) + (sp.Matrix([z]) * norms * sp.Matrix(z))[0, 0]
    error = stated.reconstruction_weight * (average(square, z, h, sp.diag(*VARIANCES)) - x2) / 2
    kl = [kl_to_prior(stated).subs({field: h[i], D: VARIANCES[i]}, simultaneous=True) for i in range(2)]
    return sp.expand(error + stated.kl_weight * sp.Add(*kl))


@cache
def problem(stated: Assumptions = STANDARD) -> QuadraticProblem:
    """Return the problem with all overlaps between the latents and between the signals."""
    sample = loss(stated)
    return QuadraticProblem(
        loss=sp.ImmutableMatrix(sp.hessian(sample, _FIELDS)), overlap=OVERLAP, planted=PLANTED,
        susceptibility=SUSCEPTIBILITY, signal=rho * stated.signal_variance, noise=eta * stated.noise_variance,
        samples=alpha, weight_decay=lam,
        constant=sample.xreplace(dict.fromkeys(_FIELDS, sp.S.Zero)), temperature=temperature)


def _at(values: Mapping[Any, Any]) -> QuadraticProblem:
    quadratic = problem()
    fields = ("loss", "overlap", "planted", "susceptibility", "signal", "noise", "samples", "weight_decay", "constant")
    replaced = {name: getattr(quadratic, name).xreplace(dict(values)) for name in fields}
    return QuadraticProblem(**replaced, temperature=temperature)


def diagonal() -> dict[sp.Symbol, sp.Expr]:
    """Return the substitution that leaves no overlap between the latents."""
    every = {symbol for matrix in (OVERLAP, SUSCEPTIBILITY, PLANTED) for symbol in matrix.free_symbols}
    return {symbol: sp.S.Zero for symbol in every if symbol.name[-2] != symbol.name[-1]}


def diagonal_free_energy() -> sp.Expr:
    """Return the free energy with diagonal overlaps, by the six moves on the 4 × 4 problem."""
    return _at(diagonal()).free_energy(factored=False)


def free_energy_at(point: Mapping[Any, Any]) -> sp.Expr:
    """Run the six moves at a rational point of all overlaps, exactly; n and T stay symbols until their limits."""
    return _at(point).free_energy(factored=False)



_D1, _D2 = VARIANCES
_Q = OVERLAP[:2, :2]
# Diagonally dominant susceptibilities, so that χ is positive definite at every point.
_DOMAINS = {
    **domains_of(), **indexed_domains("D", _D1, _D2),
    **{s: Domain(1, 3) if s.name[-2] == s.name[-1] and "kh" not in s.name
       else Domain(sp.Rational(-1, 3), sp.Rational(1, 3), "uniform") for s in SUSCEPTIBILITY.free_symbols},
    **{s: quantity("Q").domain if s.is_positive else quantity("R").domain for s in OVERLAP.free_symbols},
    **{s: quantity("m").domain for s in PLANTED.free_symbols},
}
_MATRICES = stated(SUSCEPTIBILITY, OVERLAP, PLANTED)
_chi, _omega, _mu, _a, _c = _MATRICES
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
    symbols = {s for matrix in (OVERLAP, SUSCEPTIBILITY, PLANTED) for s in matrix.free_symbols} | {
        alpha, beta, lam, rho, eta, _D1, _D2}
    return Pointwise(tuple(sorted(symbols, key=lambda symbol: symbol.name)), free_energy_at)


def _single(latent: int) -> tuple[sp.Expr, dict[sp.Basic, sp.Basic]]:
    """The typed free energy of one latent, folded, and its matrices in that latent's symbols."""
    def named(name: str) -> sp.Symbol:
        return indexed(name, latent, latent)

    q, e, r, m, d = (named(name) for name in "QERmd")
    variance = indexed("D", latent)
    susceptibility = sp.Matrix([[named("chi_kk"), named("chi_kh")], [named("chi_kh"), named("chi_hh")]])
    matrices = stated(susceptibility, sp.Matrix([[q, r], [r, e]]), sp.Matrix([m, d]), f"_{latent}")
    chi, omega, planted, loss, fields = matrices
    energy = sp.Trace((sp.Identity(2) + eta * loss * chi).I * loss * fields) / 2
    entropy = -sp.Trace(chi.I * (omega - planted * planted.T)) / 2
    constant = q * variance / 2 + beta * (variance - sp.log(variance) - 1) / 2
    typed = lam * sp.Trace(omega) / 2 + entropy + alpha * (energy + constant)
    return typed, matrices


(_FIRST, _FIRST_WHERE), (_SECOND, _SECOND_WHERE) = _single(1), _single(2)

STEPS = (
    Step("lemma-any-size", "The lemma for larger blocks", sp.Symbol(r"\partial_n\det(\Delta+nO)|_{n=0}"),
         _determinant_slope, sp.Trace(_adjugate * _o), _GENERIC, "textbook", where=_BLOCKS,
         prose=r"Nothing in these moves depends on the size of the blocks. For generic $4\times4$ blocks, those of two "
               r"latents, the derivative of the determinant is $\mathrm{tr}(\mathrm{adj}\Delta\,O)$ as well:"),
    Step("two-latents-diagonal", "Two latents without mutual overlap", sp.Symbol("f"),
         diagonal_free_energy, _FIRST + _SECOND, _DOMAINS, "new",
         ("M = M* = 2; overlaps between different latents and signals vanish",), (), {**_FIRST_WHERE, **_SECOND_WHERE},
         prose=r"With two latents, $M^*=2$ signals and no overlap between different ones, the six moves on the "
               r"$4\times4$ "
               r"problem give the sum of two single free energies, each with the matrices of its own latent:"),
    Step("two-latents", "Two latents with all overlaps", sp.Symbol("f"), _pointwise_free_energy,
         lam * sp.Trace(_omega) / 2 - sp.Trace(_chi.I * (_omega - _mu * _mu.T)) / 2
         + alpha * (sp.Trace((sp.Identity(4) + eta * _a * _chi).I * _a * _c) / 2 + _CONSTANT),
         _DOMAINS, "new", ("M = M* = 2",), (), _MATRICES,
         prose=r"With all overlaps the same formula holds in blocks, "
               r"$A=\begin{pmatrix}0&-I\\-I&Q+\beta I\end{pmatrix}$ and $\mu\in\mathbb R^{4\times2}$:",
         numeric_only="35 free symbols make the 4 × 4 inverses too large to carry; at each rational point the six "
                      "moves run exactly, with n and T as symbols until their limits."),
)
