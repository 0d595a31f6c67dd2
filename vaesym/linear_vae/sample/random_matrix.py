r"""What a finite sample shows of the signal, derived by the same replica method from principal components.

A unit vector's worth of weights w with loss :math:`\frac{\alpha\zeta}{2}\|w\|^2 - \frac12\sum_\mu (w\cdot x^\mu)^2/N`
has the Hessian α(ζ − S) with S = XᵀX/P, so its susceptibility is the Stieltjes transform
:math:`g(\zeta) = \frac1N \mathrm{tr}(\zeta - S)^{-1}` over α: the free energy of this one-field problem holds the
spectrum of the data, its edges and its outliers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.symbols import Q, alpha, eta, m, resolvent, rho, root_alpha, spectral, temperature
from vaesym.replica import QuadraticProblem


def problem(planted: Sequence[sp.Symbol], strengths: Sequence[sp.Symbol],
            stated: Assumptions = STANDARD) -> QuadraticProblem:
    """Return principal component analysis of spiked data as a problem of the replica method.

    ``planted`` are the overlaps with the signals, ``strengths`` the strengths of these.
    """
    matrix = sp.ImmutableMatrix
    return QuadraticProblem(
        loss=matrix([[-1]]), overlap=matrix([[Q]]), planted=matrix([list(planted)]),
        susceptibility=matrix([[resolvent / alpha]]), signal=matrix(sp.diag(*strengths)) * stated.signal_variance,
        noise=eta * stated.noise_variance, samples=alpha, weight_decay=alpha * spectral,
        constant=sp.S.Zero, temperature=temperature)


@cache
def free_energy(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the replica-symmetric free energy of one signal, a function of Q, m and g."""
    return problem([m], [rho], stated).free_energy()


def resolvent_at_outlier(energy: sp.Expr, planted: sp.Symbol) -> sp.Expr:
    """Return the g at which a free energy is stationary in the overlap ``planted``, which does not vanish."""
    (at_outlier,) = sp.solve(sp.numer(sp.together(sp.diff(energy, planted) / planted)), resolvent)
    return sp.factor(at_outlier)


def squared_overlap(energy: sp.Expr, planted: sp.Symbol) -> sp.Expr:
    """Return planted²/Q there, from stationarity in g."""
    square = sp.Symbol("m2", positive=True)
    balance = sp.diff(energy, resolvent).subs(planted, sp.sqrt(square))
    (solution,) = sp.solve(sp.numer(sp.together(balance)), square)
    return sp.factor(sp.cancel((solution / Q).xreplace({resolvent: resolvent_at_outlier(energy, planted)})))


@cache
def inverse_resolvent(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return ζ as a function of g for the noise, from stationarity in Q (Marchenko and Pastur 1967)."""
    (solution,) = sp.solve(sp.diff(free_energy(stated), Q), spectral)
    return sp.Add(*[sp.factor(term) for term in sp.Add.make_args(sp.apart(solution, resolvent))])


def resolvent_polynomial() -> sp.Poly:
    """Return the polynomial in g that the resolvent solves; its discriminant vanishes at the edges."""
    return sp.Poly(sp.numer(sp.together(inverse_resolvent() - spectral)), resolvent)


def edge_polynomial() -> sp.Expr:
    """Return the discriminant of the resolvent's equation in ζ, monic; its zeros are the edges of the spectrum."""
    discriminant = sp.Poly(resolvent_polynomial().discriminant(), spectral)
    return (discriminant.as_expr() / discriminant.LC()).xreplace({alpha: root_alpha**2})


@cache
def edges() -> tuple[sp.Expr, sp.Expr]:
    """Return the lower and the upper edge of the spectrum of the noise."""
    roots = [sp.factor(root) for root in sp.solve(edge_polynomial(), spectral)]
    at = {root_alpha: sp.Integer(2), eta: sp.Integer(1)}
    lower, upper = sorted(roots, key=lambda root: root.xreplace(at))
    return tuple(root.xreplace({root_alpha: sp.sqrt(alpha)}) for root in (lower, upper))


def moments(order: int) -> tuple[sp.Expr, ...]:
    """Return the first moments of the spectrum of the noise, tr Sᵏ/N for k = 0 … ``order`` − 1.

    The resolvent generates them, g = Σ ζ^(−k−1) tr Sᵏ/N; its equation is iterated from g = 1/ζ.
    """
    small = sp.Symbol("epsilon", positive=True)
    # g = 1/(ζ − (ζ(g) − 1/g)), with ζ = 1/ε; every iteration gains a moment.
    shift = inverse_resolvent() - 1 / resolvent
    series = small
    for _ in range(order):
        iterate = 1 / (1 / small - shift.xreplace({resolvent: series}))
        series = sp.series(lowest_terms(iterate), small, 0, order + 1).removeO()
    expansion = sp.Poly(series, small)
    return tuple(sp.expand(expansion.coeff_monomial(small ** (k + 1))) for k in range(order))


@cache
def outlier(stated: Assumptions = STANDARD) -> tuple[sp.Expr, sp.Expr]:
    """Return (ζ, g) at which weights overlap with the signal, m ≠ 0: the outlier and the resolvent there."""
    at_outlier = resolvent_at_outlier(free_energy(stated), m)
    return sp.factor(inverse_resolvent(stated).xreplace({resolvent: at_outlier})), at_outlier


@cache
def outlier_overlap(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return o = m²/Q at the outlier."""
    return squared_overlap(free_energy(stated), m)


def sample_eigenvalue(ell: sp.Expr) -> sp.Expr:
    """Return ψ(ℓ), the sample eigenvalue at which an isolated population eigenvalue ``ell`` > η appears.

    The outlier, with the strength of its spike written as ρ = ℓ − η; it appears as long as ψ increases.
    """
    return sp.factor(outlier()[0].xreplace({rho: ell - eta}))


@cache
def signal(stated: Assumptions = STANDARD) -> tuple[sp.Expr, sp.Expr]:
    r"""Return (Λ, o): sample eigenvalue and squared overlap of the signal, for :math:`\alpha > (\eta/\rho)^2`."""
    return outlier(stated)[0], outlier_overlap(stated)


@cache
def detection_threshold() -> sp.Expr:
    r"""Return :math:`\alpha_B = (\eta/\rho)^2`, where the overlap vanishes (Baik, Ben Arous and Péché 2005)."""
    (root,) = sp.solve(sp.numer(outlier_overlap()), alpha)
    return sp.factor(root)


def bulk_edge() -> sp.Expr:
    r"""Return the upper edge :math:`\eta(1+\alpha^{-1/2})^2` of the noise spectrum."""
    return edges()[1]
