"""The two limits of the replica method, taken exactly: n → 0 replicas, then temperature T → 0."""

from __future__ import annotations

import sympy as sp

from vaesym.replica.matrix import REPLICAS


def per_replica(exponent: sp.Expr, replicas: sp.Symbol = REPLICAS) -> sp.Expr:
    r"""Return :math:`\lim_{n\to 0} \frac{1}{n}` ``exponent``, where ``exponent`` vanishes at n = 0.

    For an exponent analytic in n this is its derivative at n = 0, the replica identity
    :math:`E \ln Z = \lim_{n\to 0} \partial_n \ln E Z^n`.

    Raises
    ------
    ValueError
        If ``exponent`` does not vanish at n = 0: then the limit does not exist.

    Examples
    --------
    >>> from vaesym.replica import RSMatrix
    >>> a, b = sp.symbols("a b")
    >>> per_replica(RSMatrix(sp.Matrix([[a]]), sp.Matrix([[b]])).log_det())
    log(a) + b/a
    """
    exponent = sp.sympify(exponent)
    at_zero = exponent.subs(replicas, 0)
    if sp.simplify(at_zero) != 0:
        raise ValueError(f"expected an exponent that vanishes at {replicas} = 0; received {at_zero} there; "
                         "divide out the replica-independent factor first")
    return sp.Add(*[_rational_sum(term) for term in sp.Add.make_args(sp.diff(exponent, replicas).subs(replicas, 0))])


def _rational_sum(term: sp.Expr) -> sp.Expr:
    """Bring a term without logarithms over one denominator; leave the others alone."""
    return term if term.has(sp.log) else sp.cancel(sp.together(term))


def zero_temperature(expression: sp.Expr, temperature: sp.Symbol) -> sp.Expr:
    r"""Return the limit T → 0⁺ of a sum of rational functions of T and terms :math:`c\,T^p \ln g(T)`.

    The rational part is reduced to lowest terms and evaluated at T = 0. A logarithm keeps its value
    at T = 0 where its argument is finite there; where its argument goes as :math:`T^q`, the term
    vanishes, for its prefactor carries p ≥ 1 powers of T.

    Raises
    ------
    ValueError
        If the limit is infinite, or a logarithm diverges without a power of T to tame it.

    Examples
    --------
    >>> T, a = sp.symbols("T a", positive=True)
    >>> zero_temperature(T * sp.log(a * T) + (a**2 - T**2) / (a - T), T)
    a
    """
    finite, poles = sp.S.Zero, sp.S.Zero
    for term in _terms(expression):
        if term.has(sp.log):
            finite += _log_term_at_zero(term, temperature)
            continue
        reduced = sp.factor(sp.cancel(sp.together(term)))
        if sp.denom(reduced).subs(temperature, 0) == 0:
            poles += reduced
        else:
            finite += reduced.subs(temperature, 0)
    return finite + _rational_at_zero(poles, temperature)


def _terms(expression: sp.Expr) -> list[sp.Expr]:
    """Split into terms, each free of logarithms or with one as a factor; rational terms stay together."""
    terms: list[sp.Expr] = []
    for term in sp.Add.make_args(sp.expand(expression, deep=False)):
        terms += sp.Add.make_args(sp.expand(term)) if term.has(sp.log) else [term]
    return terms


def _rational_at_zero(expression: sp.Expr, temperature: sp.Symbol) -> sp.Expr:
    numerator, denominator = sp.fraction(sp.cancel(sp.together(expression)))
    at_zero = denominator.subs(temperature, 0)
    if sp.expand(at_zero) == 0:
        raise ValueError(f"expected a finite limit {temperature} -> 0; received a pole of {expression}; "
                         "multiply by the missing power of the temperature")
    return numerator.subs(temperature, 0) / at_zero


def _log_term_at_zero(term: sp.Expr, temperature: sp.Symbol) -> sp.Expr:
    factors = sp.Mul.make_args(term)
    logs = [factor for factor in factors if isinstance(factor, sp.log)]
    prefactor = sp.Mul(*[factor for factor in factors if factor not in logs])
    if len(logs) != 1 or prefactor.has(sp.log):
        raise ValueError(f"expected terms c*T**p*log(g); received {term}; split products of logarithms")
    numerator, denominator = sp.fraction(sp.cancel(sp.together(logs[0].args[0])))
    order = _valuation(numerator, temperature) - _valuation(denominator, temperature)
    if order == 0:
        argument = _rational_at_zero(numerator / denominator, temperature)
        return _rational_at_zero(prefactor, temperature) * sp.log(argument)
    if _rational_at_zero(prefactor, temperature) != 0:
        raise ValueError(f"expected T*log(T) to vanish; received the divergent term {term}; "
                         "multiply the exponent by the temperature first")
    return sp.S.Zero


def _valuation(polynomial: sp.Expr, temperature: sp.Symbol) -> int:
    """The lowest power of the temperature in a polynomial of it."""
    return min(monomial[0] for monomial in sp.Poly(sp.expand(polynomial), temperature).monoms())
