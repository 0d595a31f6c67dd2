"""Laws of labels, biases and losses of any form: what they are lowered to, and what is refused with a sentence."""

import numpy as np
import pytest
import sympy as sp

from vaesym import InputError
from vaesym.problem import (
    Clusters,
    CountLabel,
    Data,
    DiscreteLabel,
    Parameter,
    RandomLabel,
    RealLabel,
    Student,
    Students,
    binary,
    epsilon,
    field,
    label,
    labelled,
    numbered,
    random_signs,
    spread_evenly,
    teacher,
    weight,
)
from vaesym.problems import gaussian_mixture, hinge, logistic, ridge
from vaesym.problems.several_outputs import BOTH, softmax

bias, size = sp.Symbol("bias", real=True), sp.Symbol("size", positive=True)
BIAS = (Parameter(bias, "intercept", least=float("-inf")),)
t_1, t_2 = numbered(teacher, 2)
signs = Data(DiscreteLabel(((1, sp.Piecewise((1, t_1 * t_2 > 0), (0, True))),
                            (-1, sp.Piecewise((0, t_1 * t_2 > 0), (1, True))))))


def test_cuts_of_a_law_are_those_of_its_conditions():
    problem = logistic.but(data=signs)
    assert labelled.cuts(problem) == [(0, 0), (1, 0)]
    above = sp.Piecewise((1, t_1 + 2 * t_2 > 1), (0, True))
    other = logistic.but(data=Data(DiscreteLabel(((1, above), (-1, 1 - above)))))
    (place, at), = labelled.cuts(other)
    assert place == 1
    assert sp.simplify(at - (1 - t_1) / 2) == 0


def test_residuals_are_noticed():
    law = RealLabel((2 * teacher + epsilon + 1,))
    found = labelled.residual(ridge.but(data=Data(law)))
    (case,) = found.cases
    assert (case.chance, case.offset[0], case.slopes[0], case.noise[0]) == (1, 1, 2, 1)
    assert labelled.residual(ridge.but(data=Data(RealLabel((teacher * epsilon,))))) is None
    assert labelled.residual(ridge.but(loss=(label * field - 1) ** 2)) is None


def test_a_kink_at_the_inverse_of_the_label_has_two_sides():
    problem = ridge.but(loss=sp.Max(0, 1 - label * field) ** 2)
    found = labelled.losses(problem)
    assert found.index == (-1,)
    above, below = found.parts
    y = sp.Symbol("y", positive=True)
    assert [piece.start for piece in above] == [-sp.oo, 1 / y]
    assert [piece.start for piece in below] == [-sp.oo, 1 / label]
    assert above[1].value == 0
    assert below[0].value == 0


def test_logarithms_of_sums_of_exponentials_do_not_overflow():
    u, v = sp.symbols("u v", real=True)
    safe = labelled.stable(sp.log(1 + sp.exp(u) + 3 * sp.exp(v)))
    slope = sp.lambdify((u, v), safe.diff(u), "numpy")
    with np.errstate(over="ignore"):  # 1/(1 + e^800) is 0, as it should be
        assert slope(800.0, 0.0) == 1
        assert slope(-800.0, 2.0) == 0
    assert float(sp.lambdify((u, v), safe, "numpy")(1.0, 2.0)) == pytest.approx(np.log(1 + np.e + 3 * np.exp(2)))


THREE = Students((*BOTH.each, Student("third", *sp.symbols("g w_g", real=True), sp.Symbol("G", positive=True),
                                      sp.Symbol("n", real=True))), sp.symbols("R S T", real=True))


@pytest.mark.parametrize(("problem", "change", "words"), [
    (logistic, {"data": Data(binary(teacher))}, "between 0 and 1"),
    (logistic, {"data": Data(RandomLabel(sp.Rational(3, 2)))}, "between 0 and 1"),
    (logistic, {"data": Data(DiscreteLabel(((1, sp.S.Half), (-1, sp.Rational(1, 3)))))}, "sums to 1"),
    (gaussian_mixture, {"data": Data(Clusters(((sp.S.Half, (1,), 1),)), signal=1)}, "sums to 1"),
    (logistic, {"data": Data(CountLabel(2 + label, 5))}, "between 0 and 1"),
    (hinge, {"loss": -label * field, "penalty": sp.Abs(weight)}, "bounded below"),
    (ridge, {"loss": (label - field) ** 2 * sp.Symbol("size", positive=True)}, "meaning for every symbol"),
    (ridge, {"penalty": weight**2 * sp.Symbol("Q", positive=True)}, "sum over the rows"),
    (ridge, {"penalty": (weight - field) ** 2}, "sum over the rows"),
    (ridge, {"free": BIAS}, "added to a student's field"),
    (ridge, {"free": BIAS, "loss": (label - bias * field) ** 2}, "added to a student's field"),
    (ridge, {"loss": (label**2 - field**2) ** 2}, "convex"),
    (ridge, {"observables": {"risk": sp.Symbol("rsk")}}, "meaning for every symbol"),
    (softmax, {"students": THREE}, "one or two students"),
    (logistic, {"data": Data(DiscreteLabel(((1, sp.Piecewise((1, teacher**2 > 1), (0, True))),
                                            (-1, sp.Piecewise((0, teacher**2 > 1), (1, True))))))}, "linear in each"),
])
def test_refusals(problem, change, words):
    with pytest.raises(InputError, match=words) as refusal:
        problem.but(**change)
    assert str(refusal.value).count("expected") == 1


def test_directions_have_to_be_orthogonal():
    with pytest.raises(InputError, match="mean 0"):
        Data(signs.label, spread_evenly())
    assert Data(signs.label, random_signs()).directions == 2


def test_unbounded_losses_are_fine_with_weight_decay():
    assert hinge.but(loss=-label * field).name == "hinge"
