"""Two latents and two signals in the replica method: 4 × 4 blocks on both decoders, then both encoders."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sympy as sp

from vaesym.linear_vae.saddle.free_energy import free_energy
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    D,
    Q,
    R,
    alpha,
    beta,
    chi_hh,
    chi_kh,
    chi_kk,
    eta,
    indexed,
    lam,
    rho,
    temperature,
    x2,
)
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


def loss() -> sp.Expr:
    """Return the loss of one sample with two latents, averaged over q(z|x) = N(h, diag D), without ‖x‖²/2."""
    z = [indexed("z", 1), indexed("z", 2)]
    k, h = list(_FIELDS[:2]), list(_FIELDS[2:])
    norms = OVERLAP[:2, :2]
    square = x2 - 2 * sum(a * b for a, b in zip(k, z, strict=True)) + (sp.Matrix([z]) * norms * sp.Matrix(z))[0, 0]
    reconstruction = average(square, z, h, sp.diag(*VARIANCES)) / 2
    kl = sum((h[i] ** 2 + VARIANCES[i] - sp.log(VARIANCES[i]) - 1) / 2 for i in range(2))
    return sp.expand(reconstruction + beta * kl - x2 / 2)


@cache
def problem() -> QuadraticProblem:
    """Return the problem with all overlaps between the latents and between the signals."""
    sample = loss()
    return QuadraticProblem(
        loss=sp.ImmutableMatrix(sp.hessian(sample, _FIELDS)), overlap=OVERLAP, planted=PLANTED,
        susceptibility=SUSCEPTIBILITY, signal=rho, noise=eta, samples=alpha, weight_decay=lam,
        constant=sample.xreplace(dict.fromkeys(_FIELDS, sp.S.Zero)), temperature=temperature)


def _at(values: Mapping[Any, Any]) -> QuadraticProblem:
    stated = problem()
    fields = ("loss", "overlap", "planted", "susceptibility", "signal", "noise", "samples", "weight_decay", "constant")
    replaced = {name: getattr(stated, name).xreplace(dict(values)) for name in fields}
    return QuadraticProblem(**replaced, temperature=temperature)


def diagonal() -> dict[sp.Symbol, sp.Expr]:
    """Return the substitution that leaves no overlap between the latents."""
    every = {symbol for matrix in (OVERLAP, SUSCEPTIBILITY, PLANTED) for symbol in matrix.free_symbols}
    return {symbol: sp.S.Zero for symbol in every if symbol.name[-2] != symbol.name[-1]}


def diagonal_free_energy() -> sp.Expr:
    """Return the free energy with diagonal overlaps, by the six moves on the 4 × 4 problem."""
    return _at(diagonal()).free_energy(factored=False)


def single_free_energy(latent: int) -> sp.Expr:
    """Return the free energy of one latent, in the symbols of ``latent``."""
    names = {Q: "Q", R: "R", chi_kk: "chi_kk", chi_kh: "chi_kh", chi_hh: "chi_hh"}
    renamed = {symbol: indexed("D", latent) if symbol == D else
               indexed(names.get(symbol, symbol.name), latent, latent) for symbol in ORDER_PARAMETERS}
    return free_energy().xreplace(renamed)


def free_energy_at(point: Mapping[Any, Any]) -> sp.Expr:
    """Run the six moves at a rational point of all overlaps, exactly; n and T stay symbols until their limits."""
    return _at(point).free_energy(factored=False)
