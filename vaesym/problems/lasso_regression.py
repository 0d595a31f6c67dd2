"""LASSO and elastic net: a linear teacher of whose weights only a share is not zero.

Source: M. Bayati and A. Montanari, IEEE Trans. Inf. Theory 58 (2012) 1997; D. Donoho and J. Tanner, arXiv:0906.2530.
"""

import sympy as sp

from vaesym.problem import Data, LinearLabel, Parameter, Problem, field, label, sparse, weight
from vaesym.problem.problem import Q, m

lam, lam_1, lam_2 = sp.symbols("lam lam_1 lam_2", positive=True)
noise, sparsity, amplitude = sp.symbols("noise sparsity amplitude", positive=True)
signal = sparsity * amplitude**2
risk = signal - 2 * sp.sqrt(signal) * m + Q
_TEACHER = (
    Parameter(noise, "variance of the label's noise", strict=False),
    Parameter(sparsity, "share of the teacher's weights that are not zero", most=1.0),
    Parameter(amplitude, "size of those weights"),
)

lasso = Problem(
    name="lasso",
    title="LASSO",
    loss=(label - field) ** 2 / 2,
    penalty=lam * sp.Abs(weight),
    data=Data(LinearLabel(signal, noise), sparse(sparsity)),
    parameters=(Parameter(lam, "weight of the absolute values"), *_TEACHER),
    observables={"risk": risk, "generalization_error": risk + noise},
    source="Bayati and Montanari 2012",
)

elastic_net = lasso.but(
    name="elastic_net",
    title="Elastic net",
    penalty=lam_1 * sp.Abs(weight) + lam_2 * weight**2 / 2,
    parameters=(
        Parameter(lam_1, "weight of the absolute values", strict=False),
        Parameter(lam_2, "weight decay"),
        *_TEACHER,
    ),
    source="Zou and Hastie 2005",
)
