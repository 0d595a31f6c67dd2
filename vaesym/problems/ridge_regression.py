"""Ridge regression on the labels of a linear teacher.

Source: T. Hastie, A. Montanari, S. Rosset and R. Tibshirani, arXiv:1903.08560.
"""

import sympy as sp

from vaesym.problem import Data, LinearLabel, Parameter, Problem, field, label, weight
from vaesym.problem.problem import Q, m

lam = sp.Symbol("lam", positive=True)
signal = sp.Symbol("signal", positive=True)
noise = sp.Symbol("noise", positive=True)
risk = signal - 2 * sp.sqrt(signal) * m + Q

ridge = Problem(
    name="ridge",
    title="Ridge regression",
    loss=(label - field) ** 2 / 2,
    penalty=lam * weight**2 / 2,
    data=Data(LinearLabel(signal, noise)),
    parameters=(
        Parameter(lam, "weight decay"),
        Parameter(signal, "variance of the teacher's field", strict=False),
        Parameter(noise, "variance of the label's noise", strict=False),
    ),
    observables={"risk": risk, "generalization_error": risk + noise},
    source="arXiv:1903.08560",
)
