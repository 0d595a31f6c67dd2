"""Losses with tails of the normal law keep their digits far out, and are solved: a probit loss."""

from functools import cache

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize
from scipy.special import log_ndtr

from vaesym import solve_problem
from vaesym.engine.grids.grid import Status
from vaesym.engine.lowered import equations_of
from vaesym.problem import Data, Parameter, Problem, binary, field, label, teacher, weight

LAM = sp.Symbol("lam", positive=True)
AWAY = -label * field / sp.sqrt(2)
FORMS = [-sp.log(sp.erfc(AWAY) / 2), -sp.log((1 - sp.erf(AWAY)) / 2), sp.log(2) - sp.log(1 + sp.erf(-AWAY))]


def probit(loss=FORMS[0]):
    return Problem("probit", "", loss, LAM * weight**2 / 2, Data(binary(sp.erfc(-teacher / sp.sqrt(2)) / 2)),
                   (Parameter(LAM, "weight decay"),))


@cache
def exact(side, u, order):
    """The loss of a label at u, its slope or its curvature; the same however the loss is written."""
    with mp.workdps(450):  # a probability of 1 - 1e-196 has a slope
        return float(mp.diff(lambda x: -mp.log(mp.erfc(-side * x / mp.sqrt(2)) / 2), mp.mpf(u), order,
                             h=mp.mpf(10) ** -20))


@pytest.mark.parametrize("loss", FORMS)
@pytest.mark.parametrize("side", [1, -1])
def test_value_slope_and_curvature_far_out(loss, side):
    equations = equations_of(probit(loss))
    part, = equations.loss[0 if side == 1 else 1]
    for u in (-60.0, -30.0, -6.0, -0.3, 0.4, 5.0, 20.0, 60.0):
        for order, function in enumerate((part.value, part.slope, part.curvature)):
            with np.errstate(over="ignore"):
                found = float(function(np.float64(u), 1.0, 0.1))
            assert found == pytest.approx(exact(side, u, order), rel=1e-9, abs=1e-300 if order else 1e-15)


def objective(w, x, y):
    """The regularised loss and its gradient, the ratio of density and tail by logarithms."""
    away = y * (x @ w)
    tail = log_ndtr(away)
    slope = -np.exp(-away**2 / 2 - np.log(2 * np.pi) / 2 - tail)
    return -tail.sum() + 0.05 * w @ w, x.T @ (slope * y) + 0.1 * w


def test_probit_regression_is_solved():
    """Against minimisation by hand."""
    states = solve_problem(probit(), alpha=[1.0, 3.0], lam=0.1)
    assert states.status.values.tolist() == [Status.SOLVED] * 2
    size = 200
    for alpha, theory in zip((1, 3), states.free_energy.values, strict=True):
        found = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            truth = rng.normal(size=size)
            x = rng.normal(size=(alpha * size, size)) / np.sqrt(size)
            t = x @ truth * np.sqrt(size) / np.linalg.norm(truth)
            y = np.where(rng.normal(size=len(t)) < t, 1.0, -1.0)
            found.append(minimize(objective, np.zeros(size), (x, y), "L-BFGS-B", jac=True).fun / size)
        assert theory == pytest.approx(np.mean(found), abs=4 * np.std(found) / np.sqrt(len(found)))
