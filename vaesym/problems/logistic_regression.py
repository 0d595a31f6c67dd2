"""Logistic regression on the labels of a logistic teacher, with weight decay or without.

Source: P. Sur and E. Candès, PNAS 116 (2019) 14516; F. Salehi, E. Abbasi and B. Hassibi, arXiv:1906.03761.
"""

import sympy as sp

from vaesym.problem import Data, Parameter, Problem, binary, field, label, teacher, weight

lam = sp.Symbol("lam", positive=True)
signal = sp.Symbol("signal", positive=True)

logistic = Problem(
    name="logistic",
    title="Logistic regression",
    loss=sp.log(1 + sp.exp(-label * field)),
    penalty=lam * weight**2 / 2,
    data=Data(binary(1 / (1 + sp.exp(-sp.sqrt(signal) * teacher)))),
    parameters=(
        Parameter(signal, "variance of the teacher's logit", strict=False),
        Parameter(lam, "weight decay; 0 where the data are not separable", strict=False),
    ),
    source="Sur and Candès 2019",
)
