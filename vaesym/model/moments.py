"""Averages of polynomials of second degree over random vectors with given mean and covariance."""

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

    Raises
    ------
    ValueError
        If the expression is not a polynomial of degree at most 2 in the variables.

    Examples
    --------
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
