"""Two Gaussian clusters told apart by logistic, square or hinge loss.

Source: B. Loureiro et al., arXiv:2106.03791; F. Mignacco et al., arXiv:2002.11544.
"""

import sympy as sp

from vaesym.problem import ClusterLabel, Data, Parameter, Problem, field, label, weight

lam = sp.Symbol("lam", positive=True)
separation = sp.Symbol("separation", positive=True)
share = sp.Symbol("share", positive=True)
#: Losses to choose from: ``gaussian_mixture.but(loss=square)``.
square = (1 - label * field) ** 2 / 2
hinge = sp.Max(0, 1 - label * field)

gaussian_mixture = Problem(
    name="gaussian_mixture",
    title="Two Gaussian clusters",
    loss=sp.log(1 + sp.exp(-label * field)),
    penalty=lam * weight**2 / 2,
    data=Data(ClusterLabel(share), signal=separation),
    parameters=(
        Parameter(lam, "weight decay"),
        Parameter(separation, "squared distance of a cluster from the origin, over the variance of the noise"),
        Parameter(share, "share of the first cluster", most=1.0),
    ),
    source="arXiv:2106.03791",
)

bias = sp.Symbol("bias", real=True)
#: With an intercept that is trained too and not penalised.
gaussian_mixture_bias = gaussian_mixture.but(
    name="gaussian_mixture_bias",
    title="Two Gaussian clusters, with an intercept",
    loss=gaussian_mixture.loss.xreplace({field: field + bias}),
    free=(Parameter(bias, "intercept, not penalised", least=float("-inf")),),
    source="arXiv:2002.11544",
)
