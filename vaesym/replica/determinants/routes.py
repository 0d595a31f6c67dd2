r"""The two determinants of the replica method by a second route, which uses none.

The average of :math:`\exp(-\frac12\sum_a u_a^TAu_a)` is integrated over one standard normal variable after the other,
and the volume of weights with given overlaps is the product of what each weight has beyond the ones before it. Both
take a whole number of replicas, and nothing of :class:`vaesym.replica.RSMatrix`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sympy as sp

from vaesym.algebra import lowest_terms


@cache
def normal_integral() -> tuple[sp.Symbol, sp.Symbol, sp.Expr]:
    r"""Return (p, b, value) of :math:`\int \frac{dg}{\sqrt{2\pi}}\,e^{-\frac p2g^2+bg}` for p > 0, integrated.

    >>> normal_integral()[2]
    exp(b**2/(2*p))/sqrt(p)
    """
    g, b = sp.symbols("g b", real=True)
    p = sp.Symbol("p", positive=True)
    value = sp.integrate(sp.exp(-p * g**2 / 2 + b * g), (g, -sp.oo, sp.oo)) / sp.sqrt(2 * sp.pi)
    return p, b, sp.simplify(value)


def integrate_out(exponent: sp.Expr, variables: Sequence[sp.Symbol]) -> tuple[sp.Expr, sp.Expr]:
    r"""Integrate :math:`e^{-\text{exponent}}` over standard normal variables, one after the other.

    Parameters
    ----------
    exponent : a quadratic form in the variables and others
    variables : the standard normal variables

    Returns
    -------
    tuple
        (p, rest): the integral is :math:`p^{-1/2}e^{-\text{rest}}`, with p the product of the factors of the variables.
    """
    p, b, value = normal_integral()
    # ln of the integral is −½ ln p + c b²: read both off the integral of one variable.
    drive: Any = sp.expand_log(sp.log(value), force=True).coeff(b**2)
    product, rest = sp.S.One, sp.expand(exponent)
    for variable in variables:
        polynomial = sp.Poly(rest, variable)
        stiffness = lowest_terms(1 + 2 * polynomial.nth(2))
        shift = drive.xreplace({p: stiffness}) * polynomial.nth(1) ** 2
        product *= stiffness
        rest = _collected(polynomial.nth(0) - shift)
    return lowest_terms(product), rest


def _collected(form: sp.Expr) -> sp.Expr:
    """A quadratic form with each coefficient in lowest terms."""
    symbols = [symbol for symbol in (*COMMON, *OWN) if symbol in form.free_symbols]
    if not symbols:
        return lowest_terms(form)
    return sp.Add(*[lowest_terms(coefficient) * sp.prod([s**k for s, k in zip(symbols, powers, strict=True)])
                    for powers, coefficient in sp.Poly(form, *symbols).terms()])


#: Standard normal variables: what all replicas of a field share, and what is one replica's own.
COMMON, OWN = sp.symbols("g_1:5", real=True), sp.symbols("xi_1:5", real=True)


def average_over_a_sample(loss: sp.MatrixBase, common: sp.MatrixBase, own: sp.MatrixBase, replicas: int) -> sp.Expr:
    r"""Return :math:`(E\,e^{-\frac12\sum_a u_a^TAu_a})^{-2}` for n replicas of a vector of fields, by integration.

    The fields of replica a are :math:`u_a = Lg + K\xi_a` with standard normal g, shared by all replicas, and
    :math:`\xi_a`, their own: they covary as LLᵀ between replicas and LLᵀ + KKᵀ within one. Given g the replicas are
    independent, so that the integral over one :math:`\xi` is taken to the power n.

    Parameters
    ----------
    loss : k × k symmetric matrix A, temperature included
    common, own : k × k matrices L and K
    replicas : whole number n ≥ 1

    Returns
    -------
    Expr

    Examples
    --------
    >>> a, l, s = sp.symbols("a l s")
    >>> one = [sp.ImmutableMatrix([[entry]]) for entry in (a, l, s)]
    >>> sp.expand(average_over_a_sample(*one, replicas=1))
    a*l**2 + a*s**2 + 1
    """
    alone, shared = _one_replica(*map(sp.ImmutableMatrix, (loss, common, own)))
    together, _ = integrate_out(replicas * shared, COMMON[:loss.rows])
    return alone**replicas * together


@cache
def _one_replica(loss: sp.ImmutableMatrix, common: sp.ImmutableMatrix, own: sp.ImmutableMatrix) -> tuple[Any, Any]:
    """The integral over what is one replica's own, whatever the number of replicas."""
    size = loss.rows
    fields = common * sp.Matrix(COMMON[:size]) + own * sp.Matrix(OWN[:size])
    return integrate_out((fields.T * loss * fields)[0, 0] / 2, OWN[:size])


def volume_of_weights(overlaps: sp.MatrixBase, fixed: int = 1) -> sp.Expr:
    r"""Return the squared volume over which weights with given scalar products range, per dimension.

    The weights are placed one after the other. What a weight has in the span of those before is given by its scalar
    products with them; the rest is a vector of a given length r in all other directions, and the sphere of that radius
    has the volume :math:`r^N` to leading order. So the logarithm of the number of weights over N is half the logarithm
    of the product of the :math:`r^2`.

    Parameters
    ----------
    overlaps : all scalar products over N, the ``fixed`` vectors that do not move (the planted directions) first
    fixed : how many of the vectors do not move

    Returns
    -------
    Expr

    Examples
    --------
    >>> q, m = sp.symbols("q m")
    >>> volume_of_weights(sp.ImmutableMatrix([[1, m], [m, q]]))
    -m**2 + q
    """
    products, squares = sp.Matrix(overlaps), []
    for i in range(products.rows):
        length = lowest_terms(products[i, i])
        squares.append(length)
        # What is left of the later vectors beyond this one: w − (w·v/v·v) v, in all scalar products.
        for a in range(i + 1, products.rows):
            for b in range(a, products.rows):
                left = lowest_terms(products[a, b] - products[a, i] * products[i, b] / length)
                products[a, b] = products[b, a] = left
    return lowest_terms(sp.prod(squares[fixed:]))
