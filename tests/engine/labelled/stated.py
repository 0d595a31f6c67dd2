"""Problems with labels of many laws, that are not shipped, and the parameters at which they are tested."""

import sympy as sp

from vaesym.problem import (
    ClusterLabel,
    Clusters,
    Data,
    DiscreteLabel,
    Parameter,
    Problem,
    RealLabel,
    epsilon,
    field,
    label,
    numbered,
    teacher,
    weight,
)
from vaesym.problems.several_outputs import BOTH, multi_output_ridge, softmax, u, v, y_1, y_2

lam, separation = sp.symbols("lam separation", positive=True)
bias = sp.Symbol("bias", real=True)
_LAM, _SEPARATION = Parameter(lam, "weight decay"), Parameter(separation, "squared distance")
_BIAS = Parameter(bias, "intercept", least=float("-inf"))
_half, _third = sp.Rational(1, 2), sp.Rational(1, 3)
t_1, t_2 = numbered(teacher, 2)
_decay = lam * weight**2 / 2
_above = sp.Piecewise((1, t_1 + t_2 / 2 > _third), (_third, True))
_ordered = sp.exp(teacher) + 1 + sp.exp(-teacher)


def _problem(name, loss, label_, penalty=_decay, **changes):
    signal = separation if isinstance(label_, ClusterLabel | Clusters) else sp.S.Zero
    parameters = (_LAM, _SEPARATION) if signal != 0 else (_LAM,)
    return Problem(name, name, loss, penalty, Data(label_, signal=signal), parameters, **changes)


#: Labels that jump across a line of two teachers' fields.
line = _problem("line", sp.log(1 + sp.exp(-label * field)), DiscreteLabel(((1, _above), (-1, 1 - _above))))
#: A single index with two directions, under a smooth loss and absolute values.
square = _problem("square", sp.sqrt(1 + (label - field) ** 2) - 1, RealLabel((t_1 + t_2**2 / 2,)),
                  lam * sp.Abs(weight))
#: A quantile of labels with noise that multiplies.
quantile = _problem("quantile", sp.Max((label - field) * _third, (field - label) * (1 - _third)),
                    RealLabel((teacher * (1 + epsilon / 2) + epsilon / 4,)))
#: Huber's loss where some samples are outliers.
_gap = label - field
outliers = _problem("outliers", sp.Piecewise((_gap - _half, _gap > 1), (-_gap - _half, _gap < -1), (_gap**2 / 2, True)),
                    DiscreteLabel(((teacher + epsilon / 4, sp.Rational(4, 5)), (5 * epsilon, sp.Rational(1, 5)))))
#: Squared hinge of real labels: its kink is at 1/y, on either side.
squared_hinge = _problem("squared_hinge", sp.Max(0, 1 - label * field) ** 2, RealLabel((teacher + epsilon / 4,)))
#: Hinge with an intercept.
hinge_bias = _problem("hinge_bias", sp.Max(0, 1 - label * (field + bias)), ClusterLabel(sp.Rational(1, 5)),
                      free=(_BIAS,))
#: Both residuals together under one pseudo-Huber loss.
joint_huber = multi_output_ridge.but(name="joint_huber", loss=sp.sqrt(1 + (y_1 - u) ** 2 + (y_2 - v) ** 2) - 1)
#: Two clusters, one wider than the other.
unlike = _problem("unlike", sp.log(1 + sp.exp(-label * field)), Clusters(
    ((_third, (1,), 1), (1 - _third, (-1,), -1)), variances=(2, lam)), lam * sp.Abs(weight))
#: Three classes of unequal share and width.
uneven = softmax.but(name="uneven", data=Data(Clusters(
    ((_half, (1, 0), (1, 0)), (sp.Rational(3, 10), (-1, 1), (0, 1)), (sp.Rational(1, 5), (0, -1), (0, 0))),
    variances=(1, 2, _third)), signal=separation))
#: Softmax of the ordered classes of one teacher's field: three normal variables.
ordered = Problem(
    "ordered", "ordered", softmax.loss, softmax.penalty, Data(DiscreteLabel((
        ((1, 0), sp.exp(teacher) / _ordered), ((0, 1), 1 / _ordered), ((0, 0), sp.exp(-teacher) / _ordered)))),
    (_LAM,), students=BOTH)

GIVEN = {
    "line": (line, {"alpha": 2.0, "lam": 0.4}),
    "square": (square, {"alpha": 2.0, "lam": 0.4}),
    "quantile": (quantile, {"alpha": 2.0, "lam": 0.4}),
    "outliers": (outliers, {"alpha": 2.0, "lam": 0.4}),
    "squared_hinge": (squared_hinge, {"alpha": 2.0, "lam": 0.4}),
    "hinge_bias": (hinge_bias, {"alpha": 2.0, "lam": 0.4, "separation": 1.5}),
    "joint_huber": (joint_huber, {"alpha": 2.0, "lam": 0.4, "signal": 1.0, "noise": 0.3}),
    "unlike": (unlike, {"alpha": 2.0, "lam": 0.4, "separation": 1.5}),
    "uneven": (uneven, {"alpha": 2.0, "lam": 0.4, "separation": 1.5}),
    "multi_output_ridge": ("multi_output_ridge", {"alpha": 1.5, "lam": 0.3, "signal": 1.2, "noise": 0.4}),
    "softmax": ("softmax", {"alpha": 2.0, "lam": 0.3, "separation": 1.5}),
    "poisson_regression": ("poisson_regression", {"alpha": 3.0, "lam": 0.5, "signal": 0.3, "rate": 1.5}),
    "gaussian_mixture_bias": ("gaussian_mixture_bias", {"alpha": 2.0, "lam": 0.4, "separation": 1.5, "share": 0.2}),
}
