r"""Replica = random matrix: the closed form put into the saddle-point equations, exactly.

A rational parametrisation makes every order parameter a rational function, so that the equations can be reduced to
zero in the field of fractions: the eigenvalues of both modes are written through virtual spikes,
:math:`s = \psi(r+\eta)`, whose susceptibility is :math:`(r+\eta)/r` over the stiffness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.algebra.fractions import Fraction, Fractions
from vaesym.linear_vae.exact import forms
from vaesym.linear_vae.exact.minimum import potential, stationarity_cubic
from vaesym.linear_vae.sample.random_matrix import outlier_overlap, sample_eigenvalue
from vaesym.linear_vae.statement.symbols import (
    Q,
    alpha,
    beta,
    conic,
    eigenvalue,
    eta,
    lam,
    rho,
    root_alpha,
    spike_1,
    spike_2,
)


@dataclass(frozen=True)
class State:
    """A point of the phase diagram and its saddle, as rational functions.

    ``planted`` is m² (it may have no rational root), ``gain`` is V/W; E = gain²·Q, R = gain·Q, d = gain·m.
    """

    alpha: sp.Expr
    beta: sp.Expr
    lam: sp.Expr
    rho: sp.Expr
    eta: sp.Expr
    Q: sp.Expr
    D: sp.Expr
    gain: sp.Expr
    planted: sp.Expr
    chi: sp.Matrix
    generators: tuple[sp.Symbol, ...]


def susceptibility(stiffness: sp.Matrix, loss: sp.Matrix, samples: sp.Expr, eigenvalues: Sequence[sp.Expr],
                   chi_of_mode: Sequence[sp.Expr]) -> sp.Matrix:
    """Return χ = Σ χ̃ψψᵀ/(ψᵀH₀ψ) over the modes ψ, the kernels of H₀ + αsA."""
    total = sp.zeros(2)
    for s, scaled in zip(eigenvalues, chi_of_mode, strict=True):
        singular = stiffness + samples * s * loss
        mode = sp.Matrix([-singular[0, 1], singular[0, 0]])
        total += scaled * mode * mode.T / (mode.T * stiffness * mode)[0, 0]
    return total


def _virtual(r: sp.Expr) -> sp.Expr:
    return (r + eta) / r


def _active(top: sp.Expr, scaled: sp.Expr, samples: sp.Expr, overlap: sp.Expr,
            generators: tuple[sp.Symbol, ...]) -> State:
    """The state on the eigenvalue ``top``; the second mode's virtual spike stands for β."""
    s1, s2 = top, sample_eigenvalue(spike_2 + eta).xreplace({alpha: samples})
    shifted = -lam * (1 / s1 + 1 / s2) / samples  # Q + β
    inverse_gain = -lam / (samples * s2)  # Q + κ
    beta = lam * shifted * (1 - inverse_gain**2) / (samples * (inverse_gain**2 - s1 * shifted))
    norm = shifted - beta
    loss = sp.Matrix([[0, -1], [-1, shifted]])
    stiffness = sp.diag(samples**2 * s1**2 / (samples * shifted * s1 + lam), lam)
    chi = susceptibility(stiffness, loss, samples, (s1, s2), (scaled, _virtual(spike_2)))
    return State(samples, beta, lam, rho, eta, norm, beta / shifted, 1 / inverse_gain, norm * overlap, chi, generators)


@cache
def learning() -> State:
    """Return the learning phase: the outlier, with the squared overlap o."""
    return _active(sample_eigenvalue(rho + eta), _virtual(rho), alpha, outlier_overlap(),
                   (alpha, lam, rho, eta, spike_2))


@cache
def overfitting() -> State:
    """Return the overfitting phase: the edge of the noise, where the virtual spike is η/√α; α = a²."""
    spike = eta / root_alpha
    edge = sample_eigenvalue(spike + eta).xreplace({alpha: root_alpha**2})
    return _active(edge, _virtual(spike), root_alpha**2, sp.S.Zero, (root_alpha, lam, rho, eta, spike_2))


@cache
def collapsed() -> State:
    r"""Return the regularized phase, with both eigenvalues virtual.

    There H₀ = diag(λ+α, λ) and s₁s₂ = −l(l+1) with l = λ/α, a conic in l that ``conic`` parametrises by rational
    functions; the scale η is fixed with it.
    """
    unit = {eta: sp.S.One, alpha: alpha}
    first, second = (sample_eigenvalue(r + eta).xreplace(unit) for r in (spike_1, spike_2))
    scale = conic / (first + second * conic**2)
    ratio = -scale * second * conic
    s1, s2 = scale * first, scale * second
    beta = (s1 + s2) / (ratio + 1)
    stiffness = sp.diag(alpha * (ratio + 1), alpha * ratio)
    loss = sp.Matrix([[0, -1], [-1, beta]])
    chi = susceptibility(stiffness, loss, alpha, (s1, s2), [(r + 1) / r for r in (spike_1, spike_2)])
    return State(alpha, beta, alpha * ratio, rho, scale, sp.S.Zero, sp.S.One, sp.S.One, sp.S.Zero, chi,
                 (alpha, rho, spike_1, spike_2, conic))


class _Reduced:
    """The matrices of a state as arrays of fractions in lowest terms."""

    def __init__(self, state: State) -> None:
        self.field = Fractions(state.generators)
        self.loss = self.matrix([[0, -1], [-1, state.Q + state.beta]])
        self.samples, self.noise, self.signal, self.decay, self.norm, self.planted, self.variance, self.beta = (
            self.scalar(value) for value in (state.alpha, state.eta, state.rho, state.lam, state.Q, state.planted,
                                             state.D, state.beta))
        chi = self.matrix(state.chi)
        self.inverse = _inverse(chi)
        self.kernel = _inverse(self.matrix(sp.eye(2)) + self.loss @ chi * self.noise)
        self.response = _lowest(self.kernel @ self.loss)
        self.direction = self.matrix([[1], [state.gain]])
        self.square = _lowest(self.direction @ self.direction.T)
        self.fields = _lowest(self.square * (self.signal * self.planted + self.noise * self.norm))

    def scalar(self, expression: Any) -> Fraction:
        return self.field(sp.sympify(expression)).lowest()

    def matrix(self, entries: Any) -> Any:
        return np.vectorize(self.scalar, otypes=[object])(np.array(sp.Matrix(entries)))


_lowest = np.vectorize(Fraction.lowest, otypes=[object])


def _inverse(matrix: Any) -> Any:
    (a, b), (c, d) = matrix
    return _lowest(np.array([[d, -b], [-c, a]]) / (a * d - b * c).lowest())


def saddle_residuals(state: State) -> tuple[sp.Expr, ...]:
    """Return what the nine saddle-point equations leave at a state, reduced to lowest terms.

    In matrix form: planted overlaps (over m), susceptibilities, encoder norms, decoder norm, posterior variance.
    """
    at = _Reduced(state)
    tilt = at.inverse @ at.direction + at.response @ at.direction * (at.samples * at.signal)
    if not at.planted:
        tilt = tilt * at.planted
    width = _lowest(at.inverse @ at.square @ at.inverse) * (at.norm - at.planted)
    width = width - _lowest(at.response @ at.fields @ at.response) * (at.samples * at.noise)
    stiffness = at.inverse - at.response * (at.samples * at.noise)
    driven = (at.kernel.T @ at.fields @ at.kernel)[1, 1].lowest()
    decoder = at.decay - stiffness[0, 0] + at.samples * (driven + at.variance)
    variance = at.norm + at.beta - at.beta / at.variance
    encoder = [stiffness[0, 1], stiffness[1, 1] - at.decay]
    entries = (*tilt.flat, *width.flat, *encoder, decoder, variance)
    return tuple(at.field.expression(entry.lowest()) for entry in entries)


def _on_state(state: State, top: sp.Expr, expression: sp.Expr) -> sp.Expr:
    """An expression in Q, β, λ, α, Λ at a state, reduced; Q is written as (Q+β) − β, in which β mostly drops out."""
    field = Fractions(state.generators)
    shifted = sp.Symbol("B", positive=True)
    sparse = lowest_terms(expression.xreplace({Q: shifted - beta}))
    values = {shifted: state.beta / state.D, beta: state.beta, alpha: state.alpha, eigenvalue: top, lam: state.lam}
    lowest = {symbol: field.expression(field(sp.sympify(value)).lowest()) for symbol, value in values.items()}
    return field.expression(field(sparse.xreplace(lowest)).lowest())


def cubic_residual(state: State, top: sp.Expr) -> sp.Expr:
    """Return what the stationarity cubic of the eigenvalue ``top`` leaves at a state."""
    return _on_state(state, top, stationarity_cubic().as_expr())


def energy_gap(state: State, top: sp.Expr) -> sp.Expr:
    """Return the replica free energy minus Φ(Q), without their logarithms, which are the same one.

    On both sides it is (αβ/2) ln(1 + Q/β), for D = β/(Q+β).
    """
    at = _Reduced(state)
    overlap = at.planted / at.norm
    # Per unit of Q the terms are simple; their sum is multiplied by it at the end.
    one = at.field(sp.S.One)
    replica = at.decay * (one + at.scalar(state.gain) ** 2)
    replica -= (one - overlap) * np.trace(at.inverse @ at.square).lowest()
    replica += at.samples * np.trace(at.response @ at.square).lowest() * (at.signal * overlap + at.noise)
    replica = replica.lowest() * at.norm + at.samples * (at.norm * at.variance + at.beta * (at.variance - one))
    rational, _ = forms.split(potential())
    return at.field.expression((replica - at.scalar(2 * _on_state(state, top, rational))).lowest()) / 2


def planted_determinant() -> sp.Expr:
    r"""Return :math:`\det(\chi^{-1}+\alpha\rho G)/\det H_0` at the collapsed saddle, in virtual spikes.

    ρ, r₁ and r₂ are in units of the noise η, which the parametrisation fixes.
    """
    state = collapsed()
    at = _Reduced(state)
    (a, b), (c, d) = at.inverse + at.response * (at.samples * at.scalar(state.eta * rho))
    stiffness = at.scalar((state.lam + state.alpha) * state.lam)
    return sp.factor(at.field.expression(((a * d - b * c) / stiffness).lowest()))
