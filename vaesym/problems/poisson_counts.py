"""Poisson regression of counts, with an intercept.

Source: P. McCullagh and J. A. Nelder, Generalized Linear Models (1989), chapter 6; T. Hastie et al. 2009 for decay.
"""

import sympy as sp

from vaesym.problem import Data, Parameter, Problem, field, label, poisson, teacher, weight

lam, signal, rate = sp.symbols("lam signal rate", positive=True)
bias = sp.Symbol("bias", real=True)

poisson_regression = Problem(
    name="poisson_regression",
    title="Poisson regression",
    loss=sp.exp(field + bias) - label * (field + bias),
    penalty=lam * weight**2 / 2,
    data=Data(poisson(rate * sp.exp(sp.sqrt(signal) * teacher))),
    parameters=(
        Parameter(lam, "weight decay"),
        Parameter(signal, "variance of the logarithm of the rate", most=1.0, strict=False),
        Parameter(rate, "rate of a sample whose teacher's field is 0", most=3.0),
    ),
    source="McCullagh and Nelder 1989",
    free=(Parameter(bias, "intercept, not penalised", least=float("-inf")),),
)
