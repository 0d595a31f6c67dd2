r"""The spiked covariance: fields of a sample, and what a finite sample shows of the population.

Data [IH, Eq. 4]: :math:`x = \sqrt{\rho/N}\,W^* c + \sqrt{\eta}\,n`, so that Cov(x) is η plus ρ on the signal.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from vaesym.model.moments import average
from vaesym.model.symbols import OVERLAP, PLANTED, alpha, c, eta, population, rho


def field_covariance() -> sp.ImmutableMatrix:
    r"""Return the covariance of the fields (k, h) of fresh data, ρ μμᵀ + η Ω.

    Computed from :math:`(k, h) = \sqrt\rho\,\mu c + \sqrt\eta\,\nu` with c of unit variance and ν, the fields
    of white noise, of covariance Ω.
    """
    noise = sp.symbols("nu_k nu_h", real=True)
    fields = [sp.sqrt(rho) * PLANTED[i] * c + sp.sqrt(eta) * noise[i] for i in range(2)]
    moments = sp.diag(sp.eye(1), OVERLAP)
    entry = [[average(a * b, [c, *noise], [0, 0, 0], moments) for b in fields] for a in fields]
    return sp.ImmutableMatrix(entry)


def sample_eigenvalue(ell: sp.Expr) -> sp.Expr:
    r"""Return the sample eigenvalue that belongs to the population eigenvalue ``ell`` > η.

    The spectrum of noise of strength η seen through P = αN samples satisfies
    :math:`\psi(s) = s\left(1 + \frac{\eta/\alpha}{s-\eta}\right)`; an isolated population eigenvalue appears at
    :math:`\psi(\ell)` as long as ψ increases there (Baik and Silverstein 2006).
    """
    return ell * (1 + (eta / alpha) / (ell - eta))


@cache
def outlier() -> tuple[sp.Expr, sp.Expr]:
    r"""Return (Λ, o): sample eigenvalue and squared overlap of the signal, for :math:`\alpha > (\eta/\rho)^2`.

    Λ = ψ(ρ+η); the squared overlap of its eigenvector is :math:`o = \ell\,\psi'(\ell)/\psi(\ell)`.
    """
    psi = sample_eigenvalue(population)
    ell = {population: rho + eta}
    slope = sp.diff(psi, population)
    return sp.factor(psi.xreplace(ell)), sp.factor(sp.cancel((population * slope / psi).xreplace(ell)))


@cache
def detection_threshold() -> sp.Expr:
    r"""Return :math:`\alpha_B = (\eta/\rho)^2`, the samples per dimension above which the signal stands out.

    It is where the increasing branch of ψ ends: ψ'(ρ+η) = 0 (Baik, Ben Arous and Péché 2005).
    """
    slope = sp.diff(sample_eigenvalue(population), population).xreplace({population: rho + eta})
    (root,) = sp.solve(sp.numer(sp.together(slope)), alpha)
    return sp.factor(root)


@cache
def bulk_edge() -> sp.Expr:
    r"""Return the upper edge :math:`\eta(1+\alpha^{-1/2})^2` of the noise spectrum, the minimum of ψ on s > η."""
    psi = sample_eigenvalue(population)
    slope = sp.numer(sp.together(sp.diff(psi, population)))
    root = next(r for r in sp.solve(slope, population) if (r - eta).subs({alpha: 1, eta: 1}) > 0)
    return sp.factor(sp.simplify(psi.xreplace({population: root})))
