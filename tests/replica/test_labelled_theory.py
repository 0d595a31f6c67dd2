"""Theories of problems with any labels: those of one student again, and stationary where the engine says."""

from pathlib import Path

import pytest
import sympy as sp

import vaesym
from vaesym.problem import Data, DiscreteLabel, Parameter, RealLabel, Student, Students, epsilon, field, teacher
from vaesym.problems import logistic, multi_output_ridge, poisson_regression, ridge, softmax
from vaesym.problems.hinge_classification import hinge, of_teacher
from vaesym.replica.derive import CHI_HAT, G_HAT, M_HAT, derive
from vaesym.replica.labelled import LabelledTheory, _least_parabola, entropy, samples

bias = sp.Symbol("bias", real=True)


@pytest.mark.parametrize("problem", [logistic, of_teacher], ids=["logistic", "hinge"])
def test_a_law_stated_case_by_case_has_the_same_theory(problem):
    chance = problem.data.label.probability
    again = problem.but(data=Data(DiscreteLabel(((1, chance), (-1, 1 - chance)))))
    theory = derive(again)
    assert isinstance(theory, LabelledTheory)
    assert sp.expand(theory.free_energy - derive(problem).free_energy) == 0


def test_an_intercept_is_an_order_parameter():
    law = ridge.data.label
    value = sp.sqrt(law.signal) * teacher + sp.sqrt(law.noise) * epsilon + 3
    moved = ridge.but(loss=ridge.loss.xreplace({field: field + bias}), data=Data(RealLabel((value,))),
                      free=(Parameter(bias, "intercept", least=float("-inf")),))
    theory, given = derive(moved), {"alpha": 1.5, "lam": 0.3, "signal": 1.0, "noise": 0.25}
    states = vaesym.solve_problem(moved, **given)
    assert bias in theory.order_parameters
    at = {name: float(states[name]) for name in ("Q", "m", "chi", "bias")}
    stiff = 1 / at["chi"] - given["lam"]
    at |= {G_HAT.name: stiff, M_HAT.name: at["m"] / at["chi"],
           CHI_HAT.name: (at["Q"] - at["m"] ** 2) / at["chi"] ** 2, **given}
    closed = theory.free_energy.doit()
    place = {symbol: sp.Float(at[symbol.name], 30) for symbol in closed.free_symbols}
    assert float(closed.xreplace(place)) == pytest.approx(float(states.free_energy), rel=1e-12)
    for symbol in theory.order_parameters:
        assert float(closed.diff(symbol).xreplace(place)) == pytest.approx(0, abs=1e-11), symbol
    assert float(theory.replicon.doit().xreplace(place)) == pytest.approx(float(states.replicon), rel=1e-12)
    assert {verdict.kind.value for verdict in theory.check().values()} == {"identity"}


def test_two_outputs_are_stationary_where_the_engine_says():
    given = {"alpha": 1.5, "lam": 0.3, "signal": 1.2, "noise": 0.4}
    states = vaesym.solve_problem("multi_output_ridge", **given)
    f = entropy(multi_output_ridge) + sp.Symbol("alpha", positive=True) * _least_parabola(
        multi_output_ridge, multi_output_ridge.loss.xreplace(dict.fromkeys(sp.symbols("y_1 y_2", real=True), 0)))
    at = {symbol: sp.Float(float(states[symbol.name]) if symbol.name in states else given[symbol.name], 30)
          for symbol in f.free_symbols}
    assert float(f.xreplace(at)) == pytest.approx(float(states.free_energy), rel=1e-12)
    for symbol in derive(multi_output_ridge).order_parameters:
        assert float(f.diff(symbol).xreplace(at)) == pytest.approx(0, abs=1e-11), symbol
    matrix = derive(multi_output_ridge).replicon.doit()
    numbers = sp.Matrix(matrix.xreplace(at)).evalf()
    assert max(abs(complex(value)) for value in numbers.eigenvals()) == pytest.approx(float(states.replicon), rel=1e-9)


def test_every_case_of_a_law_is_a_term():
    assert len(samples(softmax)) == 3
    assert derive(poisson_regression).free_energy.has(sp.Sum)
    assert derive(softmax).replicon.shape == (4, 4)


@pytest.mark.parametrize("problem", [softmax, poisson_regression], ids=lambda problem: problem.name)
def test_documents(problem, tmp_path):
    text = Path(derive(problem).latex(tmp_path)).read_text(encoding="utf-8")
    assert rf"\title{{{problem.title}}}" in text
    assert (r"(y_{1}, y_{2}) = (1, 0)" if problem is softmax else r"P(y\mid t)") in text
    assert "not passed" not in text


def test_one_student_may_have_symbols_of_its_own():
    h, v, d = sp.symbols("h v d", real=True)
    norm, w = sp.Symbol("E", positive=True), sp.Symbol("w", real=True)
    other = hinge.but(loss=hinge.loss.xreplace({field: h}), penalty=hinge.penalty.xreplace({w: v}),
                      students=Students((Student("other", h, v, norm, d),)))
    given = {"alpha": 2.0, "lam": 0.3, "margin": 1.0}
    assert float(vaesym.solve_problem(other, **given).E) == pytest.approx(float(vaesym.solve_problem(hinge, **given).Q))
