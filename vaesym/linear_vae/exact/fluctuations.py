r"""Finite-size fluctuations of the outlier and its eigenvector, and the error bars that follow.

Let y be the P components of the samples along the signal, of variance ℓ = ρ+η, and K the P × P Gram matrix of all
other components over P. The outlier Λ solves q(Λ) = 1 with :math:`q(\zeta) = \frac1P y^T(\zeta - K)^{-1}y`, and its
squared overlap is o = −1/(Λ q'(Λ)) (Schur complement). To leading order q fluctuates through y alone. Nothing here
uses replicas: the resolvent comes from leaving out one sample at a time.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.linear_vae.exact import eigenvector
from vaesym.linear_vae.exact.minimum import norm_derivative, potential
from vaesym.linear_vae.statement import observables
from vaesym.linear_vae.statement.symbols import (
    Q,
    alpha,
    beta,
    companion,
    eigenvalue,
    eta,
    lam,
    overlap,
    population,
    resolvent,
    rho,
    spectral,
    sym,
)

samples = sym("samples")
#: The first three derivatives of u at the outlier, and the noise (ξ, ξ') of q and of its slope there.
SLOPES = sp.symbols("u_1 u_2 u_3", real=True)
NOISE = sp.symbols("xi xi_1", real=True)


def sherman_morrison() -> sp.Expr:
    r"""Return :math:`x^T(A - xx^T/P)^{-1}x` for a symmetric 2 × 2 matrix A, in terms of :math:`y = x^TA^{-1}x`."""
    a, b, c, first, second = sp.symbols("A_11 A_12 A_22 x_1 x_2", real=True)
    matrix, vector = sp.Matrix([[a, b], [b, c]]), sp.Matrix([first, second])
    without = (vector.T * matrix.inv() * vector)[0, 0]
    with_sample = (vector.T * (matrix - vector * vector.T / samples).inv() * vector)[0, 0]
    # Eliminate an entry of A in favour of y; the others drop out.
    y = sp.Symbol("y", positive=True)
    (entry,) = sp.solve(without - y, a)
    return sp.factor(lowest_terms(with_sample.subs(a, entry)))


def leave_one_out() -> sp.Expr:
    r"""Return ζ(g) for the noise without replicas: tr(ζ − S)G = N with each sample taken out of G in turn.

    tr SG = Σ xᵀGx/P over the samples; without its own sample G does not know x, so that y concentrates at ηNg.
    """
    y = sp.Symbol("y", positive=True)
    ratio = sherman_morrison().subs(y, eta * resolvent * samples / alpha)
    trace = sp.cancel(alpha * ratio / samples)  # tr SG/N = (P/N)·xᵀGx/P, with N = P/α
    (solution,) = sp.solve(spectral * resolvent - trace - 1, spectral)
    return sp.factor(solution)


@cache
def companion_inverse() -> sp.Expr:
    """Return ζ(u): K has the eigenvalues of S and P − N more that vanish, −u = g/α + (1 − 1/α)/ζ; eliminate g."""
    (of_companion,) = sp.solve(companion + resolvent / alpha + (1 - 1 / alpha) / spectral, resolvent)
    equation = sp.numer(sp.together((leave_one_out() - spectral).subs(resolvent, of_companion)))
    root = next(root for root in sp.solve(equation, spectral) if root != 0)
    return sp.factor(root)


def outlier_by_schur() -> sp.Expr:
    """Return Λ from q(Λ) = 1 with q = −ℓu on average."""
    (at_outlier,) = sp.solve(1 + population * companion, companion)
    return sp.factor(companion_inverse().subs(companion, at_outlier))


@cache
def companion_derivatives() -> tuple[sp.Expr, ...]:
    """Return (u', u'', u''') at the outlier, in terms of ℓ: u is the inverse of ζ(u), and u = −1/ℓ there."""
    slope = 1 / sp.diff(companion_inverse(), companion)
    chain = [slope]
    for _ in range(2):
        chain.append(lowest_terms(sp.diff(chain[-1], companion) * slope))
    return tuple(sp.factor(term.subs(companion, -1 / population)) for term in chain)


def quadratic_form_variance() -> sp.Expr:
    r"""Return the variance of gᵀBg over standard normal g (2 × 2), from its cumulants −½ ln det(1 − 2tB)."""
    t = sp.Symbol("t", real=True)
    entries = sp.symbols("B_11 B_12 B_22", real=True)
    form = sp.Matrix([[entries[0], entries[1]], [entries[1], entries[2]]])
    cumulants = -sp.log((sp.eye(2) - 2 * t * form).det()) / 2
    return sp.expand(sp.diff(cumulants, t, 2).subs(t, 0))


def _rise(shift: sp.Expr) -> sp.Expr:
    """u(Λ + shift) − u(Λ) to third order, in the derivatives of u."""
    return sp.Add(*[slope * shift**i / sp.factorial(i) for i, slope in enumerate(SLOPES, 1)])


def noise_covariance() -> tuple[sp.Expr, ...]:
    r"""Return P times var ξ, cov(ξ, ξ'), var ξ' for the noise ξ of q(ζ) and ξ' of its slope, in the derivatives of u.

    cov(q(ζ), q(ζ')) is 2ℓ²/P times tr R(ζ)R(ζ')/P, which by the resolvent identity is (u(ζ) − u(ζ'))/(ζ − ζ').
    """
    s, t = sp.symbols("s t", real=True)
    kernel = sp.cancel(2 * population**2 * (_rise(s) - _rise(t)) / (s - t))
    at = {s: 0, t: 0}
    return kernel.subs(at), sp.diff(kernel, t).subs(at), sp.diff(kernel, s, t).subs(at)


def linear_response() -> tuple[sp.Expr, sp.Expr]:
    """Return δΛ and δo to first order in the noise (ξ, ξ'), from q(Λ) = 1 and o = −1/(Λq'(Λ))."""
    small, shift, z = sp.symbols("epsilon delta_1 z", real=True)
    q = -population * _rise(z) + small * (NOISE[0] + NOISE[1] * z)
    (moved,) = sp.solve(sp.diff(q.xreplace({z: small * shift}), small).subs(small, 0), shift)
    squared = (-1 / ((eigenvalue + z) * sp.diff(q, z))).xreplace({z: small * shift})
    return moved, sp.factor(sp.diff(squared, small).subs(small, 0).subs(shift, moved))


@cache
def covariance() -> sp.ImmutableMatrix:
    """Return P times the covariance of (Λ, o), in terms of ℓ."""
    first, cross, second = noise_covariance()
    noise = sp.Matrix([[first, cross], [cross, second]])
    response = sp.Matrix(linear_response()).jacobian(NOISE)
    at = {**dict(zip(SLOPES, companion_derivatives(), strict=True)), eigenvalue: outlier_by_schur()}
    product = (response * noise * response.T).xreplace(at)
    return sp.ImmutableMatrix(product.applyfunc(lambda entry: sp.factor(lowest_terms(entry))))


def signal_covariance() -> sp.ImmutableMatrix:
    """Return the covariance of (Λ, o) in terms of ρ, η, α and P."""
    return sp.ImmutableMatrix((covariance() / samples).xreplace({population: rho + eta}).applyfunc(sp.factor))


def overlap_by_schur() -> sp.Expr:
    """Return o = −1/(Λq'(Λ)) = 1/(Λℓu') at ℓ = ρ+η."""
    squared = 1 / (outlier_by_schur() * population * companion_derivatives()[0])
    return sp.factor(squared.xreplace({population: rho + eta}))


@cache
def norm_response() -> sp.Expr:
    """Return dQ/dΛ of the active state."""
    return sp.factor(sp.cancel(norm_derivative(eigenvalue)))


def error_bar_without_decay(observable: sp.Expr) -> sp.Expr:
    """Return the variance of an observable of (Q, Λ, o) without weight decay, where Q = Λ − β and dQ/dΛ = 1.

    By the delta method on the covariance of (Λ, o).
    """
    response = sp.cancel(norm_response().subs(lam, 0).subs(beta, eigenvalue - Q))
    gradient = sp.Matrix([_slopes(observable, response)])
    return (gradient * signal_covariance() * gradient.T)[0, 0]


def _slopes(observable: sp.Expr, response: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Slopes of an observable in Λ, Q moving along, and in o."""
    return sp.diff(observable, eigenvalue) + sp.diff(observable, Q) * response, sp.diff(observable, overlap)


@cache
def responses() -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """Return the slopes in (Λ, o) of each observable of an active latent on the outlier, by API name."""
    along = eigenvector.state_along_eigenvector()
    forms = {"eigenvalue": eigenvalue, "overlap": overlap, "Q": Q, "free_energy": potential()}
    for name, form in observables.OBSERVABLES.items():
        forms[name] = form().subs(along, simultaneous=True).replace(sp.Abs, lambda argument: argument)
    return {name: _slopes(form, norm_response()) for name, form in forms.items()}
