"""Ridge regression of two outputs, and softmax regression of three clusters.

Sources: T. Hastie, A. Montanari, S. Rosset and R. Tibshirani, arXiv:1903.08560 (ridge); B. Loureiro et al.,
arXiv:2106.03791 (softmax of several clusters).
"""

import sympy as sp

from vaesym.problem import (
    Clusters,
    Data,
    Parameter,
    Problem,
    RealLabel,
    Student,
    Students,
    epsilon,
    label,
    numbered,
    teacher,
)

lam, signal, noise, separation = sp.symbols("lam signal noise separation", positive=True)
u, v, w_u, w_v, m, d, R = sp.symbols("u v w_u w_v m d R", real=True)
Q, E = sp.symbols("Q E", positive=True)
y_1, y_2 = numbered(label, 2)
t_1, t_2 = numbered(teacher, 2)
e_1, e_2 = numbered(epsilon, 2)
BOTH = Students((Student("first", u, w_u, Q, m), Student("second", v, w_v, E, d)), (R,))
_DECAY = Parameter(lam, "weight decay")
_third = sp.Rational(1, 3)

multi_output_ridge = Problem(
    name="multi_output_ridge",
    title="Ridge regression of two outputs",
    loss=((y_1 - u) ** 2 + (y_2 - v) ** 2) / 2,
    penalty=lam * (w_u**2 + w_v**2) / 2,
    data=Data(RealLabel((sp.sqrt(signal) * t_1 + sp.sqrt(noise) * e_1,
                         sp.sqrt(signal) * (t_1 + t_2) / sp.sqrt(2) + sp.sqrt(noise) * e_2))),
    parameters=(_DECAY, Parameter(signal, "variance of each teacher's field", strict=False),
                Parameter(noise, "variance of the noise of each label", strict=False)),
    source="arXiv:1903.08560",
    students=BOTH,
)

#: The third class is the reference, of field 0; the centres of the clusters are at the corners of a regular triangle.
softmax = Problem(
    name="softmax",
    title="Softmax regression of three clusters",
    loss=sp.log(1 + sp.exp(u) + sp.exp(v)) - y_1 * u - y_2 * v,
    penalty=lam * (w_u**2 + w_v**2) / 2,
    data=Data(Clusters(((_third, (1, 0), (1, 0)), (_third, (-sp.S.Half, sp.sqrt(3) / 2), (0, 1)),
                        (_third, (-sp.S.Half, -sp.sqrt(3) / 2), (0, 0)))), signal=separation),
    parameters=(_DECAY, Parameter(separation, "squared distance of a centre from the origin, over the noise")),
    source="arXiv:2106.03791",
    students=BOTH,
)
