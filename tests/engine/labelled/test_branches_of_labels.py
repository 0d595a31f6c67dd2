"""Problems with any labels along a parameter: derivatives, branches, and how many samples can be separated."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from stated import GIVEN, line

import vaesym
from vaesym.engine import separability
from vaesym.engine.solve import Status
from vaesym.inputs import InputError
from vaesym.problem import Data, DiscreteLabel, Parameter, field, label, numbered, teacher
from vaesym.problems import gaussian_mixture_bias, hinge, logistic

t_1, t_2 = numbered(teacher, 2)
#: An eighth-order rule, independent of the engine's.
WEIGHTS = {-4: 1 / 280, -3: -4 / 105, -2: 1 / 5, -1: -4 / 5, 1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
#: Logistic labels of two directions, under logistic loss without a penalty, and with a bias.
signal, bias = sp.Symbol("signal", positive=True), sp.Symbol("bias", real=True)
chance = 1 / (1 + sp.exp(-sp.sqrt(signal) * (t_1 + t_2) / sp.sqrt(2)))
LOGISTIC = logistic.but(name="two_directions", data=Data(DiscreteLabel(((1, chance), (-1, 1 - chance)))))
SHIFTED = LOGISTIC.but(name="with_bias", loss=sp.log(1 + sp.exp(-label * (field + bias))),
                       free=(Parameter(bias, "intercept", least=float("-inf")),))


@pytest.mark.parametrize("name", ["multi_output_ridge", "hinge_bias", "gaussian_mixture_bias",
                                  pytest.param("softmax", marks=pytest.mark.slow)])
def test_derivatives_are_slopes_of_solutions(name):
    problem, given = GIVEN[name]
    states = vaesym.solve_problem(problem, derivatives=list(given), **given)
    for parameter, value in given.items():
        step = 0.02 * value
        line_ = vaesym.solve_problem(problem, **{**given, parameter: [value + k * step for k in WEIGHTS]})
        for field_ in set(line_.data_vars) - {"residual", "quadrature_error", "status"}:
            expected = sum(w * line_[field_].values[i] for i, w in enumerate(WEIGHTS.values())) / step
            found = float(states[f"d{field_}_d{parameter}"])
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-8), (field_, parameter)


@pytest.mark.parametrize("name", ["gaussian_mixture_bias", "multi_output_ridge"])
def test_a_branch_is_made_of_states(name):
    problem, given = GIVEN[name]
    given = {key: value for key, value in given.items() if key != "lam"}
    branch = vaesym.follow(problem, "lam", (0.1, 1.0), **given)
    assert (branch.status == Status.SOLVED).all()
    assert branch.lam.values[[0, -1]] == pytest.approx([0.1, 1.0])
    some = branch.isel(point=[0, branch.sizes["point"] // 2, -1])
    states = vaesym.solve_problem(problem, lam=some.lam.values, **given)
    for field_ in set(states.data_vars) - {"residual", "quadrature_error", "status"}:
        np.testing.assert_allclose(some[field_], states[field_], rtol=1e-7, atol=1e-9, err_msg=field_)


def test_a_mark_on_the_way():
    given = {"alpha": 1.5, "signal": 1.2, "noise": 0.4}
    wanted = float(vaesym.solve_problem("multi_output_ridge", lam=3.0, **given).training_loss)
    branch = vaesym.follow("multi_output_ridge", "lam", (2.0, 4.0), marks={"training_loss": wanted}, **given)
    marked = branch.lam[branch.kind == f"training_loss = {wanted:g}"].values
    np.testing.assert_allclose(marked, [3.0], rtol=1e-8)


@pytest.mark.slow
def test_without_a_penalty_a_branch_ends_where_the_data_can_be_separated():
    free = gaussian_mixture_bias.but(name="undecayed", penalty=sp.S.Zero, parameters=tuple(
        parameter for parameter in gaussian_mixture_bias.parameters if parameter.symbol.name != "lam"))
    given = {"separation": 1.5, "share": 0.2}
    threshold = separability("gaussian_mixture_bias", **given)
    branch = vaesym.follow(free, "alpha", (6.3, 8.5), **given)
    assert branch.attrs["threshold"] == pytest.approx(threshold, rel=1e-9)
    assert threshold < float(branch.alpha[0]) < 1.1 * threshold
    assert (branch.status == Status.SOLVED).all()
    assert "the data can be separated" in branch.attrs["ended"]


def test_two_directions_that_act_as_one_are_separated_as_one():
    assert separability(LOGISTIC, signal=1.0) == pytest.approx(separability("logistic", signal=1.0), rel=1e-7)


def test_separability_with_a_bias():
    """Even labels make none; in uneven clusters one helps, and then with the shifts minimised by hand."""
    assert separability(SHIFTED, signal=1.0) == pytest.approx(separability("logistic", signal=1.0), rel=1e-7)
    share, separation = 0.2, 1.5

    def missing(m, b):
        """E[(−y u)₊²]/(1 − m²) of weights of norm √N, for clusters at ±√separation."""
        total = 0.0
        for y, weight in ((1, share), (-1, 1 - share)):
            gap = -y * (b + y * np.sqrt(separation) * m)
            total += weight * ((gap**2 + 1) * norm.cdf(gap) + gap * norm.pdf(gap))
        return total / (1 - m * m)

    def best(m):
        return minimize_scalar(lambda b: missing(m, b), bounds=(-5, 5), method="bounded", options={"xatol": 1e-10}).fun

    found = minimize_scalar(best, bounds=(0, 0.999), method="bounded", options={"xatol": 1e-10})
    with_bias = separability("gaussian_mixture_bias", separation=separation, share=share)
    assert with_bias == pytest.approx(1 / found.fun, rel=1e-7)
    assert with_bias > separability("gaussian_mixture", separation=separation, share=share)


@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_the_capacity_is_gardner_s(margin):
    half = sp.Rational(1, 2)
    random = hinge.but(data=Data(DiscreteLabel(((1, half), (-1, half)))))
    assert random.general
    gap = (1 + margin**2) * norm.cdf(margin) + margin * norm.pdf(margin)
    assert separability(random, margin=margin) == pytest.approx(1 / gap, rel=1e-8)


def test_a_teacher_without_noise_is_always_followed():
    sure = line.but(data=Data(DiscreteLabel(((1, sp.Piecewise((1, t_1 + t_2 > 0), (0, True))),
                                             (-1, sp.Piecewise((0, t_1 + t_2 > 0), (1, True)))))))
    assert separability(sure) == float("inf")


def test_what_has_no_such_threshold():
    for name in ("softmax", "poisson_regression", "multi_output_ridge", "ridge"):
        with pytest.raises(InputError, match="labels are"):
            separability(name)


def test_blocks_are_kept(tmp_path):
    given = GIVEN["gaussian_mixture_bias"][1] | {"alpha": [0.5, 2.0]}
    plain = vaesym.solve_problem("gaussian_mixture_bias", **given)
    kept = vaesym.solve_problem("gaussian_mixture_bias", store=tmp_path, **given)
    assert plain.identical(kept)
    assert gaussian_mixture_bias.general
