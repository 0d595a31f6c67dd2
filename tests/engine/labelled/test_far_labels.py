"""Labels without a largest value: counts as far as they have weight, and real ones that grow as exponentials."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize
from scipy.stats import poisson as counts

from vaesym import solve_problem
from vaesym.engine.equations import Part
from vaesym.engine.labelled.outer import _strides
from vaesym.engine.proximal import Convex
from vaesym.engine.solve import Status
from vaesym.inputs import InputError
from vaesym.problem import (
    CountLabel,
    Data,
    Parameter,
    Problem,
    RealLabel,
    field,
    label,
    teacher,
    weight,
)

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


def least(loss, y, x, decay):
    """The least objective over N, and ‖w‖²/N, of a smooth loss (value and slope) at one data set."""
    def total(w):
        value, slope = loss(x @ w, y)
        return value.sum() + decay * w @ w / 2, x.T @ slope + decay * w

    found = minimize(total, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"ftol": 1e-13, "gtol": 1e-9})
    return found.fun / x.shape[1], found.x @ found.x / x.shape[1]


def gamma_loss(u, y):
    return y * np.exp(-u) + u, 1 - y * np.exp(-u)


def binomial_loss(u, y):
    return (y + 2) * np.logaddexp(0, u) - y * u, (y + 2) / (1 + np.exp(-u)) - y


def gamma():
    """The loss of a gamma law on labels without noise."""
    return Problem("gamma", "", label * sp.exp(-field) + field, lam * weight**2 / 2, Data(RealLabel(
        (sp.exp(teacher / 2),), positive=True)), (Parameter(lam, "weight decay"),))


def binomial():
    """Negative binomial counts of two failures: the loss is convex for y ≥ −2 alone."""
    rate = sp.exp(teacher / 2 - 1)
    odds = rate / (1 + rate)
    return Problem("negative_binomial", "", (label + 2) * sp.log(1 + sp.exp(field)) - label * field,
                   lam * weight**2 / 2, Data(CountLabel((label + 1) * odds**label * (1 - odds) ** 2)),
                   (Parameter(lam, "weight decay"),))


@pytest.mark.parametrize(("state", "draw", "loss"), [
    (gamma, lambda rng, t: np.exp(t / 2), gamma_loss),
    (binomial, lambda rng, t: rng.negative_binomial(2, 1 / (1 + np.exp(t / 2 - 1))), binomial_loss)])
def test_labels_of_at_least_zero(state, draw, loss):
    """Against a minimiser by hand, with a loss that is convex for such labels alone."""
    states = solve_problem(state(), alpha=3.0, lam=1.0)
    assert int(states.status) == Status.SOLVED
    rng, size, runs = np.random.default_rng(3), 120, []
    for _ in range(10):
        truth = rng.normal(size=size)
        x = rng.normal(size=(3 * size, size)) / np.sqrt(size)
        t = x @ truth * np.sqrt(size) / np.linalg.norm(truth)
        runs.append(least(loss, draw(rng, t), x, 1.0))
    for name, value in zip(("free_energy", "Q"), np.transpose(runs), strict=True):
        assert float(states[name]) == pytest.approx(value.mean(), abs=4 * value.std() / np.sqrt(len(value)) + 3e-3)


def test_labels_that_are_below_zero_after_all():
    with pytest.raises(InputError, match="labels of at least 0, as the law says"):
        Problem("none", "", (label - field) ** 2, lam * weight**2, Data(RealLabel((teacher,), positive=True)),
                (Parameter(lam, "weight decay"),))
