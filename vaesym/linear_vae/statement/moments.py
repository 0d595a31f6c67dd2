"""Averages of polynomials: of second degree over any random vector, of any degree over a normal variable."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp


def average(
    expression: sp.Expr,
    variables: Sequence[sp.Symbol],
    mean: Sequence[sp.Expr],
    covariance: sp.MatrixBase,
) -> sp.Expr:
    """Return the average of a polynomial of degree ≤ 2 in ``variables``; only two moments are needed.

    Raises ValueError if the expression is not a polynomial of degree at most 2 in the variables.

    >>> z, h, D = sp.symbols("z h D")
    >>> average(z**2, [z], [h], sp.Matrix([[D]]))
    D + h**2
    """
    polynomial = sp.Poly(sp.expand(expression), *variables)
    total = sp.S.Zero
    for powers, coefficient in polynomial.terms():
        indices = [i for i, power in enumerate(powers) for _ in range(power)]
        if len(indices) > 2:
            raise ValueError(f"expected degree <= 2 in {list(variables)}; received {expression}; "
                             "higher moments depend on the law of the variables")
        factor = sp.prod([mean[i] for i in indices])
        if len(indices) == 2:
            factor += covariance[indices[0], indices[1]]
        total += coefficient * factor
    return sp.expand(total)


def normal_average(expression: sp.Expr, variable: sp.Symbol, mean: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """Return the average of a polynomial of any degree in a normal variable.

    Raises sympy.PolynomialError if the expression is not a polynomial in the variable.

    >>> z, D = sp.symbols("z D")
    >>> normal_average(z**4, z, sp.S.Zero, D)
    3*D**2
    """
    total = sp.S.Zero
    for (power,), coefficient in sp.Poly(sp.expand(expression), variable).terms():
        total += coefficient * sp.Add(*[
            sp.binomial(power, 2 * pairs) * sp.factorial2(2 * pairs - 1) * variance**pairs * mean ** (power - 2 * pairs)
            for pairs in range(power // 2 + 1)])
    return sp.expand(total)
