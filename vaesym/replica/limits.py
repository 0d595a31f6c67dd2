"""The two limits of the replica method, taken exactly: n → 0 replicas, then temperature T → 0."""

from __future__ import annotations

from typing import Any

import sympy as sp

from vaesym.algebra import lowest_terms
from vaesym.replica.matrix import REPLICAS

_INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo)


def per_replica(exponent: Any, replicas: sp.Symbol = REPLICAS) -> Any:
    r"""Return :math:`\lim_{n\to 0} \frac{1}{n}` ``exponent``, where ``exponent`` vanishes at n = 0.

    For an exponent analytic in n this is its derivative at n = 0, the replica identity
    :math:`E \ln Z = \lim_{n\to 0} \partial_n \ln E Z^n`.

    Raises
    ------
    ValueError
        If ``exponent`` does not vanish at n = 0, or its slope there is infinite: then the limit does not exist.

    Examples
    --------
    >>> from vaesym.replica import RSMatrix
    >>> a, b = sp.symbols("a b")
    >>> per_replica(RSMatrix(sp.Matrix([[a]]), sp.Matrix([[b]])).log_det())
    log(a) + b/a
    """
    exponent = sp.sympify(exponent)
    at_zero = exponent.subs(replicas, 0)
    if sp.expand(at_zero) != 0 and sp.simplify(at_zero) != 0:
        raise ValueError(f"expected an exponent that vanishes at {replicas} = 0; received {at_zero} there; "
                         "divide out the replica-independent factor first")
    slope = sp.diff(exponent, replicas).subs(replicas, 0)
    if slope.has(*_INFINITE):
        raise ValueError(f"expected an exponent with a finite slope at {replicas} = 0; received {exponent}; "
                         f"write it as a function analytic in {replicas}")
    return sp.Add(*[_rational_sum(term) for term in sp.Add.make_args(slope)])


def _rational_sum(term: Any) -> Any:
    """Bring a term without logarithms over one denominator; leave the others alone."""
    return term if term.has(sp.log) else lowest_terms(term)


def zero_temperature(expression: Any, temperature: sp.Symbol, *, factored: bool = True) -> Any:
    r"""Return the limit T → 0⁺ of a sum of rational functions of T and terms :math:`c(T) \ln g(T)`.

    Here c and g are rational functions of T. The rational part is reduced to lowest terms and evaluated at T = 0.
    An argument g that goes as :math:`T^q` is split into that power and a rest that is finite at T = 0. The rests keep
    their values there, and the powers add up to one term :math:`c \ln T`, which vanishes where c does. The rational
    part comes in factors unless ``factored`` is False, which spares the time for large ones.

    Raises
    ------
    ValueError
        If the limit is infinite, a logarithm diverges without a power of T to tame it or has a coefficient with a
        pole, or the expression is of another form.

    Examples
    --------
    >>> T, a = sp.symbols("T a", positive=True)
    >>> zero_temperature(T * sp.log(a * T) + (a**2 - T**2) / (a - T), T)
    a
    """
    finite, poles, powers = sp.S.Zero, sp.S.Zero, sp.S.Zero
    for term in _terms(sp.sympify(expression)):
        if term.has(sp.log):
            value, power = _log_term_at_zero(term, temperature)
            finite, powers = finite + value, powers + power
            continue
        reduced: Any = lowest_terms(_rational(term, temperature))
        if sp.denom(reduced).subs(temperature, 0) == 0:
            poles += reduced
        else:
            at_zero = reduced.subs(temperature, 0)
            finite += sp.factor(at_zero) if factored else at_zero
    if _rational_at_zero(powers, temperature) != 0:
        raise ValueError(f"expected T*log(T) to vanish; received the divergent term {powers * sp.log(temperature)}; "
                         "multiply the exponent by the temperature first")
    return finite + _rational_at_zero(poles, temperature)


def _terms(expression: Any) -> list[Any]:
    """Split into terms, each free of logarithms or with one as a factor; rational terms stay together."""
    terms: list[Any] = []
    for term in sp.Add.make_args(sp.expand(expression, deep=False, log=False)):
        terms += sp.Add.make_args(sp.expand(term, log=False)) if term.has(sp.log) else [term]
    return terms


def _rational(part: Any, temperature: sp.Symbol) -> Any:
    """Return ``part`` if it is a rational function of the temperature with finite coefficients."""
    if part.has(*_INFINITE) or part.is_rational_function(temperature) is not True:
        raise ValueError(f"expected rational functions of {temperature} and terms c*T**p*log(g) of such; received "
                         f"{part}; expand it in {temperature} first")
    return part


def _rational_at_zero(expression: Any, temperature: sp.Symbol) -> Any:
    numerator, denominator = sp.fraction(lowest_terms(expression))
    at_zero = denominator.subs(temperature, 0)
    if sp.expand(at_zero) == 0:
        raise ValueError(f"expected a finite limit {temperature} -> 0; received a pole of {expression}; "
                         "multiply by the missing power of the temperature")
    return numerator.subs(temperature, 0) / at_zero


def _log_term_at_zero(term: Any, temperature: sp.Symbol) -> tuple[Any, Any]:
    """Split c·ln g into its value at T = 0 without the power of T in g, and the factor of ln T."""
    factors = sp.Mul.make_args(term)
    logs = [factor for factor in factors if isinstance(factor, sp.log)]
    prefactor = sp.Mul(*[factor for factor in factors if factor not in logs])
    if len(logs) != 1 or prefactor.has(sp.log):
        raise ValueError(f"expected terms c*T**p*log(g); received {term}; split products of logarithms")
    argument = _rational(logs[0].args[0], temperature)
    above, below = (_lowest(part, temperature) for part in sp.fraction(lowest_terms(argument)))
    coefficient = _rational_at_zero(_rational(prefactor, temperature), temperature)
    return coefficient * sp.log(above[1] / below[1]), prefactor * (above[0] - below[0])


def _lowest(polynomial: Any, temperature: sp.Symbol) -> tuple[int, Any]:
    """The lowest power of the temperature in a polynomial of it, and its coefficient."""
    (order,), coefficient = sp.Poly(sp.expand(polynomial), temperature).terms()[-1]
    return order, coefficient
