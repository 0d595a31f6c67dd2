"""Sums of a rational function and logarithms: taken apart, and reduced."""

from __future__ import annotations

import sympy as sp

from vaesym.algebra import lowest_terms


def split(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the terms of a sum without logarithms, and those with them.

    >>> x = sp.Symbol("x")
    >>> split(1 / x + x * sp.log(x))
    (1/x, x*log(x))
    """
    return expression.as_independent(sp.log, as_Add=True)


def factor_logarithms(expression: sp.Expr) -> sp.Expr:
    """Return an expression with the argument of each logarithm in factors.

    >>> x = sp.Symbol("x")
    >>> factor_logarithms(sp.log(x + x**2))
    log(x*(x + 1))
    """
    return expression.replace(sp.log, lambda argument: sp.log(sp.factor(argument)))


def reduced(expression: sp.Expr) -> sp.Expr:
    """Return an expression with its rational part in lowest terms, and the arguments of logarithms in factors.

    >>> x = sp.Symbol("x")
    >>> reduced(((x**2 - 1) / (x - 1) + sp.log(x + x**2)) / 2)
    (x + 1)/2 + log(x*(x + 1))/2
    """
    rational, logarithms = split(sp.expand(expression))
    return sp.factor(lowest_terms(rational)) + factor_logarithms(logarithms)
