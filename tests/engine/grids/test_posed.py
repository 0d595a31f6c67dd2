"""What is well posed at some values of its parameters only is solved there and refused elsewhere, before any work."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize

from vaesym import follow, simulate, solve_problem
from vaesym.engine.grids.grid import Status
from vaesym.inputs import InputError
from vaesym.problem import Data, LinearLabel, Parameter, Problem, RealLabel, field, label, sparse, teacher, weight

A, C, LAM = sp.symbols("a c lam", positive=True)
LOW = sp.Symbol("low", real=True)
RIDGE, DATA = LAM * weight**2 / 2, Data(LinearLabel(1, sp.Rational(1, 2)))
AT = {"alpha": 2.0, "lam": 0.3}


def stated(loss=(label - field) ** 2 / 2, penalty=RIDGE, data=DATA, parameters=(LAM,), **domains):
    return Problem("mine", "", loss, penalty, data, tuple(
        Parameter(symbol, str(symbol), **domains.get(str(symbol), {})) for symbol in parameters))


def two_kinks(**domains):
    away = label - field
    return stated(sp.Max(0, away - A) + sp.Max(0, away - C) + away**2 / 2, parameters=(LAM, A, C), **domains)


def test_kinks_that_change_places_are_refused():
    for call in (lambda **at: solve_problem(two_kinks(), **AT, **at),
                 lambda **at: solve_problem(two_kinks(), alpha=2.0, lam=[0.1, 0.3], **at),
                 lambda **at: simulate(two_kinks(), dimension=20, seeds=1, **AT, **at),
                 lambda **at: follow(two_kinks(), "alpha", (1.0, 2.0), lam=0.3, **at)):
        with pytest.raises(InputError, match=r"a loss whose kinks keep the order .* a = 1\.5, c = 0\.2"):
            call(a=1.5, c=0.2)


def test_the_order_is_that_inside_the_domains_and_names_may_be_exchanged():
    found = [solve_problem(two_kinks(**domains), a=a, c=c, **AT) for a, c, domains in (
        (0.2, 1.5, {}), (1.5, 0.2, {"a": {"least": 1.0}, "c": {"most": 1.0}}))]
    assert [float(states.status) for states in found] == [Status.SOLVED] * 2
    for name in ("Q", "m", "free_energy"):
        assert float(found[0][name]) == pytest.approx(float(found[1][name]), rel=1e-12)


def bounded(**domain):
    """Absolute values above a lower bound: the kink at 0 counts only where the bound is below it."""
    penalty = sp.Piecewise((sp.oo, weight < LOW), (LAM * sp.Abs(weight), True))
    return stated(penalty=penalty, parameters=(LAM, LOW), low=domain)


def least(low, seed, size=150):
    """The least objective over N at one data set, with weights split into positive and negative parts."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=size)
    x = rng.normal(size=(2 * size, size)) / np.sqrt(size)
    y = x @ truth * np.sqrt(size) / np.linalg.norm(truth) + np.sqrt(0.5) * rng.normal(size=2 * size)

    def value(parts):
        gap = x @ (parts[:size] - parts[size:]) - y
        slope = x.T @ gap
        return gap @ gap / 2 + 0.3 * parts.sum(), np.concatenate([slope, -slope]) + 0.3

    return minimize(value, np.zeros(2 * size), jac=True, method="L-BFGS-B",
                    bounds=[(0, None)] * size + [(0, -low)] * size).fun / size


def test_a_bound_below_a_kink_and_above_it():
    states = solve_problem(bounded(least=-5.0, most=0.0), low=-0.5, **AT)
    runs = [least(-0.5, seed) for seed in range(12)]
    assert float(states.free_energy) == pytest.approx(np.mean(runs), abs=4 * np.std(runs) / np.sqrt(len(runs)))
    with pytest.raises(InputError, match="kinks keep the order"):
        solve_problem(bounded(least=-5.0), low=0.5, **AT)
    with pytest.raises(InputError, match="low > 0"):
        solve_problem(bounded(), low=-0.5, **AT)


def test_a_hidden_kink_that_would_appear_is_refused_when_the_problem_is_stated():
    with pytest.raises(InputError, match=r"whose kinks .* change places; give the Parameters least and most"):
        bounded(least=-0.5, most=10.0)


def test_kinks_whose_order_depends_on_the_label():
    """Split by the label's sign where that decides, else refused."""
    gap = sp.Abs(field - label)
    assert solve_problem(stated(gap**2 / 2 + sp.Abs(field)), **AT).status == Status.SOLVED
    with pytest.raises(InputError, match="keep their order whatever the label"):
        stated(gap + sp.Max(0, sp.Abs(field) - 1))
    with pytest.raises(InputError, match="keep their order whatever the label"):
        stated(gap**2 / 2 + sp.Max(0, field - 1) + sp.Max(0, field - label))


@pytest.mark.parametrize(("problem", "given", "words"), [
    (lambda: stated(penalty=(1 - C) * weight**2 / 2, parameters=(C,)), {"c": [0.5, 2.5]}, "a penalty that is convex"),
    (lambda: stated(loss=(label - field) ** 2 / 2 - C * sp.cos(field - label), parameters=(LAM, C)),
     {"lam": 0.3, "c": 2.5}, "a loss that is convex; received lam = 0.3, c = 2.5"),
    (lambda: stated(penalty=(C - A) * sp.Abs(weight) + RIDGE, parameters=(LAM, A, C)),
     {"lam": 0.3, "a": 2.0, "c": 1.0}, "a penalty that is convex"),
    (lambda: stated(penalty=LAM * sp.Abs(weight), data=Data(LinearLabel(1, 0), sparse(C)), parameters=(LAM, C)),
     {"lam": 0.3, "c": 1.7}, "between 0 and 1; received -0.7"),
    (lambda: stated(data=Data(LinearLabel(1, C - 1)), parameters=(LAM, C)), {"lam": 0.3, "c": 0.5},
     "label's noise >= 0; received -0.5"),
    (lambda: stated(data=Data(RealLabel((teacher,)), noise=C - 1), parameters=(LAM, C)), {"lam": 0.3, "c": 0.5},
     "variance of the noise >= 0; received -0.5"),
    (stated, {"lam": []}, "lam as a number or an axis")])
def test_values_without_a_theory_are_refused(problem, given, words):
    with pytest.raises(InputError, match=words):
        solve_problem(problem(), alpha=2.0, **given)


def test_values_inside_are_solved():
    problem = stated(loss=(label - field) ** 2 / 2 - C * sp.cos(field - label), parameters=(LAM, C))
    assert solve_problem(problem, lam=0.3, c=[0.1, 0.9], alpha=2.0).status.values.tolist() == [Status.SOLVED] * 2


@pytest.mark.parametrize(("change", "words"), [
    ({"observables": {"Q": weight}}, "for the observable that nothing else has; received 'Q'"),
    ({"observables": {"status": LAM}}, "received 'status'"), ({"observables": {"lam": LAM}}, "received 'lam'"),
    ({"parameters": (Parameter(LAM, ""), Parameter(LAM, ""))}, "each parameter once"),
    ({"parameters": (Parameter(LAM, ""), Parameter(sp.Symbol("backend"), ""))}, "for the parameter that nothing else"),
    ({"parameters": Parameter(LAM, "")}, "a tuple of Parameter"), ({"parameters": (LAM,)}, "a tuple of Parameter"),
    ({"loss": sp.nan * field}, "with real values"), ({"loss": (label - sp.Symbol("u")) ** 2}, "take field, label")])
def test_statements_that_are_none(change, words):
    with pytest.raises(InputError, match=words):
        stated().but(**change)


def test_names_are_identifiers_where_a_problem_is_solved():
    decay = sp.Symbol("lambda", positive=True)
    problem = stated().but(penalty=decay * weight**2 / 2, parameters=(Parameter(decay, ""),))
    with pytest.raises(InputError, match="Python identifiers; received 'lambda'; call it lam"):
        solve_problem(problem, alpha=1.0, **{"lambda": 0.1})


@pytest.mark.parametrize("thing", [3, sp.Symbol("x"), "math:pi"])
def test_what_is_no_problem_is_said(thing):
    with pytest.raises(InputError, match=r"a vaesym\.Problem, or the name of one"):
        solve_problem(thing, **AT)
