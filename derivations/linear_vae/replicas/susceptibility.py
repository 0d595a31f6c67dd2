r"""The susceptibility at a saddle point, mode by mode.

The equations for E and R say :math:`\chi^{-1} - \alpha\eta G = H_0` with
:math:`H_0 = \mathrm{diag}(\lambda+y, \lambda)`, the stiffness of decoder and encoder without data. In a
basis that diagonalises H₀ and A at once each mode obeys an equation of its own, labelled by the eigenvalue s of the
data at which H₀ + αsA is singular.
"""

from __future__ import annotations

import sympy as sp

from vaesym.linear_vae.sample.random_matrix import sample_eigenvalue
from vaesym.linear_vae.statement.symbols import alpha, eta, spike_1, sym

x, share = sym("mode"), sym("share")


def mode_balance(stiffness: sp.Expr, loss: sp.Expr, chi: sp.Expr) -> sp.Expr:
    r"""Return :math:`\chi^{-1} - h - \alpha\eta a/(1+\eta a\chi)`, zero at a mode of stiffness h and loss a."""
    return 1 / chi - stiffness - alpha * eta * loss / (1 + eta * loss * chi)


def mode_polynomial() -> sp.Expr:
    """Return the quadratic that x = ηhχ/(αs) solves, for a mode of eigenvalue s; only b = η/(αs) enters."""
    stiffness = sp.Symbol("h_0", positive=True)
    eigenvalue = eta / (alpha * share)
    balance = mode_balance(stiffness, -stiffness / (alpha * eigenvalue), alpha * eigenvalue * x / (eta * stiffness))
    numerator = sp.Poly(sp.numer(sp.together(balance)), x)
    return sp.expand(sp.cancel(numerator.as_expr() / numerator.LC()))


def mode_polynomial_of_spike() -> sp.Expr:
    """Return the same with s = ψ(r + η), the eigenvalue that a spike of strength r would have."""
    eigenvalue = sample_eigenvalue(spike_1 + eta)
    return sp.factor(mode_polynomial().xreplace({share: eta / (alpha * eigenvalue)}))


def mode_replicon(root: sp.Expr) -> sp.Expr:
    """Return αη²(χG)² of a mode at the root ``root`` of its quadratic."""
    stiffness, eigenvalue = sp.symbols("h_0 s", positive=True)
    loss, chi = -stiffness / (alpha * eigenvalue), alpha * eigenvalue * root / (eta * stiffness)
    return sp.factor(sp.cancel(alpha * eta**2 * (chi * loss / (1 + eta * loss * chi)) ** 2))


def replicon_product() -> sp.Expr:
    """Return the product of the replicon values at the two roots of a mode."""
    first, second = sp.symbols("x_1 x_2", positive=True)
    product = sp.numer(mode_replicon(first)) * sp.numer(mode_replicon(second))
    divisor = sp.denom(mode_replicon(first)) * sp.denom(mode_replicon(second))
    quadratic = sp.Poly(mode_polynomial(), x)
    # Both are symmetric in the roots: eliminate x_2 by the sum of the roots, then x_1 by the quadratic.
    total = -quadratic.nth(1)
    reduced = [sp.rem(sp.expand(e.xreplace({second: total - first})), mode_polynomial().xreplace({x: first}), first)
               for e in (product, divisor)]
    return sp.cancel(reduced[0] / reduced[1])
