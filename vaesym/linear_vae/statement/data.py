r"""The spiked covariance: the fields of a sample.

Data [IH, Eq. 4]: :math:`x = \sqrt{\rho/N}\,W^* c + \sqrt{\eta}\,n`, so that Cov(x) is η plus ρ on the signal.
"""

from __future__ import annotations

import sympy as sp

from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import OVERLAP, PLANTED, c, eta, rho


def field_covariance(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    r"""Return the covariance of the fields (k, h) of fresh data, ρ μμᵀ + η Ω.

    Computed from :math:`(k, h) = \sqrt\rho\,\mu c + \sqrt\eta\,\nu` with c of unit variance and ν, the fields
    of white noise, of covariance Ω, unless the statement says otherwise.
    """
    noise = sp.symbols("nu_k nu_h", real=True)
    fields = [sp.sqrt(rho) * PLANTED[i] * c + sp.sqrt(eta) * noise[i] for i in range(2)]
    moments = sp.diag(stated.signal_variance, stated.noise_variance * OVERLAP)
    entry = [[average(a * b, [c, *noise], [sp.S.Zero] * 3, moments) for b in fields] for a in fields]
    return sp.ImmutableMatrix(entry)
