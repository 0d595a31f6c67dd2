"""The perceptron with a margin: hinge loss and weight decay, on random labels or on those of a teacher.

Source: E. Gardner, J. Phys. A 21 (1988) 257.
"""

import sympy as sp

from vaesym.problem import Data, Parameter, Problem, RandomLabel, binary, field, label, teacher, weight

lam = sp.Symbol("lam", positive=True)
margin = sp.Symbol("margin", positive=True)

hinge = Problem(
    name="hinge",
    title="Hinge loss on random labels",
    loss=sp.Max(0, margin - label * field),
    penalty=lam * weight**2 / 2,
    data=Data(RandomLabel()),
    parameters=(Parameter(margin, "margin of the hinge"), Parameter(lam, "weight decay")),
    source="Gardner 1988",
)

#: The labels of a perceptron, y = sign(t).
of_teacher = hinge.but(
    title="Hinge loss on a perceptron's labels",
    data=Data(binary(sp.Piecewise((1, teacher > 0), (0, True)))),
)
