"""Labels without a largest value: counts as far as they have weight, and real ones that grow as exponentials."""

import numpy as np
import pytest
import sympy as sp
from scipy.stats import poisson as counts

from vaesym import solve_problem
from vaesym.engine.equations import Part
from vaesym.engine.labelled.outer import _strides
from vaesym.engine.proximal import Convex
from vaesym.engine.solve import Status
from vaesym.problem import Data, Parameter, Problem, RealLabel, field, label, teacher, weight

lam = sp.Symbol("lam", positive=True)


def test_the_far_corner_of_counts():
    """There counts up to thousands matter: under a heavy decay by the variance of the label."""
    given = {"alpha": 2.0, "lam": 1e7, "signal": 1.0, "rate": 2.99}
    states = solve_problem("poisson_regression", **given)
    assert int(states.status) == Status.SOLVED
    mean = 2.99 * np.exp(0.5)
    assert float(states.bias) == pytest.approx(np.log(mean), abs=1e-5)
    assert float(states.Q - states.m**2) * 1e14 / 2 == pytest.approx(mean + mean**2 * np.expm1(1.0), rel=1e-5)


def test_few_of_many_counts_are_enough_where_a_law_is_wide():
    y = np.arange(4096.0)
    wide = counts.pmf(y, 900.0)
    chance = np.stack([wide, counts.pmf(y, 2.0), np.where(y % 2, 0, 2) * wide])[None]
    taken = _strides(chance, y)
    # Of even counts alone none can be left out: every second one has not their mass.
    used = ((taken * chance[0] > 1e-16) & (taken > 0)).sum(axis=1)
    assert used[0] < 70
    assert used[2] > 200
    found, whole = (np.sum(part * chance[0] * np.log1p(y), axis=1) for part in (taken, 1))
    np.testing.assert_allclose(found, whole, rtol=1e-11)


def test_labels_that_grow_as_exponentials_are_not_cut_off():
    """Under a square loss labels count by their mean slope and their variance alone."""
    slope, square = 2 * np.exp(2), np.exp(8)
    steep = Problem("steep", "", (label - field) ** 2 / 2, lam * weight**2 / 2, Data(RealLabel((sp.exp(2 * teacher),))),
                    (Parameter(lam, "weight decay"),))
    states = solve_problem(steep, alpha=2.0, lam=0.4)
    ridge = solve_problem("ridge", alpha=2.0, lam=0.4, signal=slope**2, noise=square - slope**2)
    assert int(states.status) == Status.SOLVED
    for name in ("Q", "m", "free_energy"):
        assert float(states[name]) == pytest.approx(float(ridge[name]), rel=1e-8)


def test_minima_far_from_where_an_exponential_overflows():
    """On the way from the slope 5000 the exponential passes the range of numbers."""
    part = Part(None, lambda u: np.exp(u) - 5000 * u, lambda u: np.exp(u) - 5000, np.exp, quadratic=False, wall=False)
    h = np.linspace(-30, 30, 301)[None]
    with np.errstate(over="ignore", invalid="ignore"):
        found = Convex((part,), lambda function, *at: function(*at)).solve(np.ones((1, 1)), np.ones((1, 1)), h)
    np.testing.assert_allclose(np.exp(found.place) - 5000 + found.place, h, atol=1e-9)
