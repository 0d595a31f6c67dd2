r"""Gradient flow on a whole data set: its equations along eigenvectors, and the spectral measures that it starts from.

Time is in epochs times rate: u = W/√N, v = V/√N and D go down the gradient of R/P.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.linear_vae.sample.random_matrix import inverse_resolvent
from vaesym.linear_vae.statement.loss import loss_constant, loss_matrix
from vaesym.linear_vae.statement.symbols import (
    D,
    Q,
    alpha,
    beta,
    eigenvalue,
    eta,
    indexed,
    lam,
    resolvent,
    rho,
)

#: Eigenvalues of the sample and components of the weights along two eigenvectors, which stand for any number.
EIGENVALUES = tuple(indexed("eigenvalue", i) for i in (1, 2))
DECODERS, ENCODERS = (tuple(indexed(name, i) for i in (1, 2)) for name in "wv")
#: Q and the variance C_hh of the encoder field over the training set, as sums over the eigenvectors.
NORM = sum(x**2 for x in DECODERS)
FIELD_VARIANCE = sum(s * x**2 for s, x in zip(EIGENVALUES, ENCODERS, strict=True))


@cache
def sample_share() -> sp.Expr:
    """Return R/P along the eigenvectors, weight decay included."""
    weights = [sp.Matrix(pair) for pair in zip(DECODERS, ENCODERS, strict=True)]
    fields = sum(s * (x.T * loss_matrix() * x)[0, 0] for s, x in zip(EIGENVALUES, weights, strict=True)) / 2
    decay = lam / alpha * (NORM + sum(x**2 for x in ENCODERS)) / 2
    return sp.expand((fields + loss_constant()).xreplace({Q: NORM}) + decay)


@cache
def equations() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return the speeds of w and v along the first eigenvector, and of D: minus the gradient."""
    return tuple(sp.expand(-sp.diff(sample_share(), x)) for x in (DECODERS[0], ENCODERS[0], D))


@cache
def collapse_jacobian() -> sp.ImmutableMatrix:
    """Return the Jacobian of the speeds of (w, v) along an eigenvector of eigenvalue Λ, at collapse."""
    moved = (DECODERS[0], ENCODERS[0])
    at_collapse = {**dict.fromkeys((*DECODERS, *ENCODERS), sp.S.Zero), D: sp.S.One, EIGENVALUES[0]: eigenvalue}
    return sp.ImmutableMatrix(sp.Matrix(equations()[:2]).jacobian(moved).xreplace(at_collapse))


def growth_threshold() -> sp.Expr:
    """Return the β at which the growth rate along an eigenvector vanishes, where the determinant does."""
    (solution,) = sp.solve(collapse_jacobian().det(), beta)
    return solution


@cache
def tail() -> sp.Expr:
    """Return the resolvent T of the rest of the noise's Jacobi matrix, as a function of its own resolvent g.

    The Jacobi matrix begins with the diagonal entry η and the squared step η²/α: g = 1/(ζ − η − (η²/α)T).
    """
    return sp.factor((inverse_resolvent() - eta - 1 / resolvent) * alpha / eta**2)


def tail_repeats() -> sp.Expr:
    """Return 1/T of a Jacobi matrix that goes on as it is: with the entry η(1 + 1/α) and the squared step η²/α."""
    return sp.factor(inverse_resolvent() - eta * (1 + 1 / alpha) - eta**2 / alpha * tail())


@cache
def signal_resolvent() -> sp.Expr:
    """Return the resolvent of the sample covariance between W* and itself, as a function of g.

    Householder's reduction of the sample to a bidiagonal matrix, begun with W*, changes the first entries only:
    (ρ+η) for η on the diagonal, and (ρ+η)η/α for η²/α as the squared step.
    """
    ell = rho + eta
    return sp.factor(1 / (inverse_resolvent() - ell - ell * eta / alpha * tail()))


@cache
def signal_pole() -> tuple[sp.Expr, sp.Expr]:
    """Return where the resolvent of W* has a pole, and its residue: eigenvalue and mass of the outlier."""
    poles = [g for g in sp.solve(sp.numer(sp.together(1 / signal_resolvent())), resolvent) if g != 0]
    (pole,) = poles
    slope = sp.diff(1 / signal_resolvent(), resolvent) / sp.diff(inverse_resolvent(), resolvent)
    return tuple(sp.factor(sp.cancel(x.xreplace({resolvent: pole}))) for x in (inverse_resolvent(), 1 / slope))
