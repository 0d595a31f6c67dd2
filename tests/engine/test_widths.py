"""Rows of unlike width: what is known of equal ones, what is derived, and what is simulated."""

import numpy as np
import pytest
import sympy as sp

from vaesym.engine import Status, confront, simulate, solve_problem
from vaesym.inputs import InputError
from vaesym.problem import ClusterLabel, Data, Parameter, Planted, weight
from vaesym.problems import gaussian_mixture, ridge
from vaesym.problems.gaussian_mixture_classification import hinge, lam, square
from vaesym.replica.derive import CHI_HAT, G_HAT, M_HAT, derive

WIDTHS = sp.symbols("width_1 width_2", positive=True)
#: A third of the rows, where alone the centres are not zero, has another width than the rest.
LAW = Planted(((sp.Rational(1, 3), 1, 2), (sp.Rational(2, 3), 0, 0)), WIDTHS)
WIDE = gaussian_mixture.but(name="wide", data=Data(ClusterLabel(sp.Rational(2, 5)), LAW, signal=2), parameters=(
    Parameter(lam, "weight of the penalty"), *[Parameter(width, "width") for width in WIDTHS]))
UNLIKE = {"lam": 0.2, "width_1": 0.3, "width_2": 1.4}


@pytest.mark.parametrize("change", [{}, {"loss": hinge}, {"loss": square, "penalty": lam * sp.Abs(weight)}])
def test_equal_widths_are_the_noise(change):
    wide = solve_problem(WIDE.but(**change), alpha=[0.7, 3.0], lam=0.2, width_1=0.6, width_2=0.6)
    plain = Data(ClusterLabel(sp.Rational(2, 5)), Planted(LAW.parts), noise=sp.Rational(3, 5), signal=2)
    alike = solve_problem(WIDE.but(data=plain, **change), alpha=[0.7, 3.0], lam=0.2, width_1=1.0, width_2=1.0)
    for name in ("m", "free_energy", "training_loss", "penalty", "replicon", "classification_error", "zero_fraction"):
        np.testing.assert_allclose(wide[name], alike[name], rtol=1e-9, atol=1e-14, err_msg=name)
    # Q and χ count the width of a row.
    np.testing.assert_allclose(wide.Q, 0.6 * alike.Q, rtol=1e-9)
    np.testing.assert_allclose(wide.chi, 0.6 * alike.chi, rtol=1e-9)


def test_derived_and_lowered_agree():
    problem = WIDE.but(loss=square)
    theory, states = derive(problem), solve_problem(problem, alpha=1.5, **UNLIKE)
    at = {symbol: sp.Float(float(states[symbol.name]), 30) for symbol in theory.free_energy.free_symbols
          if symbol.name in states or symbol.name in states.coords}
    hats = [G_HAT, CHI_HAT, M_HAT]
    slopes = [equation.doit().xreplace(at) for equation in theory.equations.values()]
    found = sp.solve(slopes[:3], hats, dict=True)[0]  # linear in the conjugates
    for slope in slopes[3:]:
        assert abs(slope.xreplace(found)) < 1e-12
    assert float(theory.free_energy.doit().xreplace({**at, **found})) == pytest.approx(float(states.free_energy),
                                                                                       rel=1e-12)
    assert float(theory.replicon.doit().xreplace({**at, **found})) == pytest.approx(float(states.replicon), rel=1e-12)


@pytest.mark.parametrize("change", [{}, {"loss": square, "penalty": lam * sp.Abs(weight)}])
def test_simulated(change):
    problem = WIDE.but(**change)
    runs = simulate(problem, 250, 10, alpha=[0.7, 3.0], **UNLIKE)
    states = solve_problem(problem, alpha=[0.7, 3.0], **UNLIKE)
    assert bool((states.status == Status.SOLVED).all())
    result = confront(states, runs)
    assert result.p_value > 0.01, result.table()
    wrong = solve_problem(problem, alpha=[0.7, 3.0], lam=0.2, width_1=1.4, width_2=0.3)
    assert confront(wrong.assign_coords({name: states[name] for name in ("width_1", "width_2")}), runs).p_value < 1e-6


def test_what_has_no_widths():
    with pytest.raises(InputError, match="a width for each of 2 parts"):
        Planted(LAW.parts, WIDTHS[:1])
    with pytest.raises(InputError, match="clusters where rows have widths"):
        Data(ridge.data.label, LAW)
