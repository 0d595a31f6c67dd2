"""The engine against numbers from the literature, and mutants of each that have to fail."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from vaesym import problems
from vaesym.engine import Status, solve_problem
from vaesym.problem import field, label, weight


def solved(problem, **parameters):
    states = solve_problem(problem, **parameters)
    assert (states.status == Status.SOLVED).all()
    return states


@pytest.mark.parametrize(("kappa", "expected"), [
    (0.2, (1.4993501, 4.7435532, 3.0269262)), (0.1, (1.1677817, 3.3465643, 0.9604942))])
def test_logistic_regression_without_penalty(kappa, expected):
    """Sur and Candès 2019: slope and spread of the maximum likelihood estimate at γ² = 5, and their λ*."""
    states = solved("logistic", alpha=1 / kappa, signal=5.0, lam=0.0)
    spread = np.sqrt((states.Q - states.m**2) / kappa)
    found = float(states.m / np.sqrt(5.0)), float(spread), float(states.chi)
    np.testing.assert_allclose(found, expected, rtol=0, atol=6e-8)  # as many digits as are printed


def ridgeless(alpha, signal, noise):
    gamma = 1 / alpha
    return noise * gamma / (1 - gamma) if gamma < 1 else signal * (1 - 1 / gamma) + noise / (gamma - 1)


@pytest.mark.parametrize("alpha", [0.3, 0.7, 1.5, 4.0])
def test_ridgeless_regression(alpha):
    """Hastie et al. 2019. At λ the risk differs from that at 0 in the order of λ: it is extrapolated."""
    small = solved("ridge", alpha=alpha, lam=[1e-7, 2e-7], signal=1.3, noise=0.4).risk.values
    np.testing.assert_allclose(2 * small[0] - small[1], ridgeless(alpha, 1.3, 0.4), rtol=1e-10)


def test_the_best_weight_decay_of_ridge_regression():
    """It is noise/signal per dimension: λ = γσ²/r² with losses averaged over samples, whatever α is."""
    for alpha in (0.4, 2.0):
        found = minimize_scalar(lambda lam, alpha=alpha: float(
            solved("ridge", alpha=alpha, lam=lam, signal=0.8, noise=0.3).risk), bracket=(0.2, 0.5), tol=1e-10)
        assert found.x == pytest.approx(0.3 / 0.8, rel=1e-5)


def lasso(threshold_lam):
    delta = 0.8  # in the scale of Bayati and Montanari the fields are smaller by √δ
    return solved("lasso", alpha=delta, lam=threshold_lam * delta, noise=delta * 1.5**2, sparsity=0.2, amplitude=1.0)


def effective_threshold(states):
    """α of the literature: the threshold in units of the effective noise τ."""
    stiffness = 0.8 / (1 + states.chi)
    spread = np.sqrt(0.8 * (states.risk + 0.8 * 1.5**2)) / (1 + states.chi)
    return float(states.lam / spread), float(stiffness)


def test_lasso_of_bayati_and_montanari():
    best = minimize_scalar(lambda lam: float(lasso(lam).risk), bracket=(3.0, 5.0, 8.0), tol=1e-10)
    assert best.fun == pytest.approx(0.19983954, abs=1e-8)
    assert effective_threshold(lasso(best.x))[0] == pytest.approx(3.154802, abs=2e-5)
    lam = brentq(lambda lam: effective_threshold(lasso(lam))[0] - 1.1, 0.1, 3.0, xtol=1e-13)
    assert float(lasso(lam).risk) == pytest.approx(0.4807855, abs=1e-7)


@pytest.mark.parametrize(("delta", "expected"), [(0.25, 0.267384), (0.5, 0.385690), (0.75, 0.533712)])
def test_the_line_of_donoho_and_tanner(delta, expected):
    """Without noise the error falls as λ² below the line, and stays as λ → 0 above it."""
    def risk(share, lam):
        return float(solved("lasso", alpha=delta, lam=lam, noise=0.0, sparsity=share * delta, amplitude=1.0).risk)

    below = risk(0.95 * expected, 1e-3) / risk(0.95 * expected, 1e-4)
    above = risk(1.05 * expected, 1e-3) / risk(1.05 * expected, 1e-4)
    assert below > 30
    assert above < 3


@pytest.mark.parametrize("name", ["square", "hinge", "logistic"])
def test_gaussian_mixtures_are_labelled_as_well_as_bayes_at_strong_penalty(name):
    """λ → ∞ makes w the class mean for every loss (Mignacco et al. 2020): the Bayes-optimal direction."""
    from vaesym.problems import gaussian_mixture_classification as clusters

    problem = clusters.gaussian_mixture
    if name != "logistic":
        problem = problem.but(loss=getattr(clusters, name))
    alpha, separation = 2.0, 1.5
    states = solved(problem, alpha=alpha, lam=1e4, separation=separation, share=0.5)
    overlap = separation * alpha / np.sqrt(separation * alpha + 1) / np.sqrt(alpha)
    assert float(states.classification_error) == pytest.approx(norm.cdf(-overlap), abs=1e-4)


CHANGED = {
    "loss": problems.ridge.but(loss=(label - field) ** 2),
    "penalty": problems.ridge.but(penalty=problems.ridge.penalty * 2),
    "law": problems.ridge.but(data=problems.lasso.data.__class__(
        problems.ridge.data.label.__class__(2 * problems.ridge.data.label.signal, problems.ridge.data.label.noise))),
}


@pytest.mark.parametrize("name", CHANGED)
def test_another_problem_has_another_answer(name):
    states = solved(CHANGED[name], alpha=2.0, lam=0.3, signal=1.0, noise=0.25)
    right = solved("ridge", alpha=2.0, lam=0.3, signal=1.0, noise=0.25)
    assert abs(float(states.Q - right.Q)) > 1e-2


def test_wrong_formulas_are_noticed(monkeypatch):
    """A factor of two in one average of the engine moves the literature's numbers."""
    from vaesym.engine import averages

    plain = averages.Batch._energy_side

    def wrong(self, sums):
        return plain(self, {**sums, "gg": 2 * sums["gg"]})

    monkeypatch.setattr(averages.Batch, "_energy_side", wrong)
    states = solve_problem("lasso", alpha=0.8, lam=4.0, noise=0.8 * 1.5**2, sparsity=0.2, amplitude=1.0)
    assert not np.isclose(float(states.risk), 0.19983954, rtol=1e-3)


def test_a_penalty_of_ones_own():
    """Non-negative weights: a strong penalty leaves half of them at zero, for the planted ones are symmetric."""
    problem = problems.ridge.but(name="non_negative", penalty=sp.Piecewise(
        (problems.ridge.penalty, weight >= 0), (sp.oo, True)))
    states = solved(problem, alpha=2.0, lam=50.0, signal=1.0, noise=1.0)
    assert float(states.zero_fraction) == pytest.approx(0.5, abs=1e-12)
    assert float(states.Q) < float(solved("ridge", alpha=2.0, lam=50.0, signal=1.0, noise=1.0).Q)
