"""Samples with any labels: trained as other libraries train them, and confronted with the theory."""

import numpy as np
import pytest
import sympy as sp
from sklearn.linear_model import LogisticRegression, PoissonRegressor, QuantileRegressor, Ridge
from sklearn.svm import LinearSVC
from stated import GIVEN, field, hinge_bias, label, quantile

import vaesym
from vaesym.engine.experiment import training
from vaesym.engine.experiment.products import ByNumpy
from vaesym.engine.experiment.runs import Runs
from vaesym.engine.experiment.sample import TOLERANCE
from vaesym.engine.experiment.training import train
from vaesym.engine.labelled.training import LabelledSample
from vaesym.engine.lowered import equations_of

LAM, W = sp.Symbol("lam", positive=True), sp.Symbol("w", real=True)


def sample_of(problem, dimension, **given):
    return LabelledSample(equations_of(problem), given, dimension, 0)


def test_poisson_regression_is_that_of_scikit_learn():
    sample = sample_of("poisson_regression", 60, alpha=4.0, lam=0.5, signal=0.4, rate=1.5)
    x, y = sample.inputs, sample.labels[:, 0]
    other = PoissonRegressor(alpha=0.5 / len(y), tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(x, y)
    found = train([sample])[0]
    np.testing.assert_allclose(found.weights[:, 0], other.coef_, atol=1e-6)
    assert float(found.scalars[0]) == pytest.approx(other.intercept_, abs=1e-6)


def test_a_mixture_with_intercept_is_that_of_scikit_learn():
    sample = sample_of("gaussian_mixture_bias", 60, alpha=3.0, lam=0.4, separation=1.5, share=0.2)
    other = LogisticRegression(C=1 / 0.4, tol=1e-12, max_iter=10_000).fit(sample.inputs, sample.labels[:, 0])
    for general in (False, True):
        found = train([sample], general=general)[0]
        assert found.residual <= TOLERANCE
        np.testing.assert_allclose(found.weights[:, 0], other.coef_[0], atol=2e-5)
        assert float(found.scalars[0]) == pytest.approx(other.intercept_[0], abs=2e-5)


def test_hinge_with_intercept_is_a_minimum():
    """LIBLINEAR penalises an intercept of a column of 30 by a thousandth, and so comes near."""
    sample = sample_of(hinge_bias, 60, alpha=2.0, lam=0.4, separation=1.5)
    other = LinearSVC(loss="hinge", C=1 / 0.4, intercept_scaling=30, tol=1e-9, max_iter=2_000_000)
    other.fit(sample.inputs, sample.labels[:, 0])
    found = train([sample])[0]
    assert found.residual <= TOLERANCE
    np.testing.assert_allclose(found.weights[:, 0], other.coef_[0], atol=2e-2)
    assert float(found.scalars[0]) == pytest.approx(other.intercept_[0], abs=2e-2)


def test_quantiles_are_those_of_scikit_learn():
    """With absolute values as its penalty, for which scikit-learn has a linear programme."""
    plain = quantile.but(penalty=LAM * sp.Abs(W))
    sample = sample_of(plain, 40, alpha=3.0, lam=0.2)
    x, y = sample.inputs, sample.labels[:, 0]
    other = QuantileRegressor(quantile=1 / 3, alpha=0.2 / len(y), fit_intercept=False).fit(x, y)

    np.testing.assert_allclose(train([sample])[0].weights[:, 0], other.coef_, atol=1e-9)


@pytest.mark.parametrize("penalty", [LAM * sp.Abs(W), sp.Piecewise((sp.oo, W < 0), (LAM * sp.Max(W, 2 * W - 1), True))])
@pytest.mark.parametrize("problem", [quantile, hinge_bias], ids=["quantile", "hinge_bias"])
def test_lines_are_a_linear_programme(problem, penalty, monkeypatch):
    """Multipliers do not end there, and come near in a quarter of their rounds."""
    monkeypatch.setattr(training, "_ROUNDS", 2_500)
    sample = sample_of(problem.but(penalty=penalty), 24, **GIVEN[problem.name][1])
    found = train([sample])[0]
    assert found.residual < 1e-10
    assert 0 < np.mean(found.weights == 0) < 0.95
    if problem is hinge_bias:
        near = train([sample], general=True)[0]
        total, other = (part.loss * len(sample.inputs) + part.penalty * 24 for part in (found, near))
        assert total == pytest.approx(other, rel=1e-4)


def test_what_no_weights_fulfil_has_no_minimum():
    """No field is at least 1 and at most -1."""
    wall = hinge_bias.but(loss=sp.Piecewise((sp.oo, label * field < 1), (0, True)), penalty=LAM * sp.Abs(W), free=())
    runs = vaesym.simulate(wall, 20, 2, alpha=6.0, lam=0.4, separation=0.1)
    assert not runs.converged.any()
    assert not np.isfinite(runs.residual).any()


def test_two_outputs_are_trained_as_scikit_learn_does():
    sample = sample_of("multi_output_ridge", 60, alpha=2.0, lam=0.3, signal=1.0, noise=0.3)
    other = Ridge(alpha=0.3, fit_intercept=False).fit(sample.inputs, sample.shift)
    np.testing.assert_allclose(train([sample])[0].weights, other.coef_.T, atol=1e-9)


@pytest.mark.parametrize("name", ["softmax", "joint_huber"])
def test_two_students_are_at_a_minimum(name):
    """No step along any weight lowers the sum of losses and penalties."""
    problem, given = GIVEN[name]
    sample = sample_of(problem, 30, **given)
    found, runs = train([sample])[0], Runs([sample], ByNumpy())
    assert found.residual <= TOLERANCE

    def total(weights):
        loss, _, _ = runs.jets((sample.inputs @ weights)[None])
        return loss.sum() + runs.rows(weights[None])[0].sum()

    best, rng = total(found.weights), np.random.default_rng(1)
    for size in (1e-1, 1e-2, 1e-3):
        assert total(found.weights + size * rng.standard_normal(found.weights.shape)) > best


def test_labels_have_their_law():
    sample = sample_of("poisson_regression", 400, alpha=20.0, lam=0.5, signal=0.2, rate=1.5)
    rates = 1.5 * np.exp(np.sqrt(0.2) * sample.inputs @ sample.planted[:, 0])
    left = sample.labels[:, 0] - rates
    assert abs(left.mean()) < 4 * np.sqrt(rates.mean() / len(rates))
    assert np.mean(left**2) / rates.mean() == pytest.approx(1, abs=0.1)
    sample = sample_of("softmax", 300, alpha=10.0, lam=0.3, separation=2.0)
    np.testing.assert_allclose(sample.planted.T @ sample.planted / 300, np.eye(2), atol=1e-12)
    means = [sample.inputs[(sample.labels == y).all(axis=1)].mean(axis=0) @ sample.planted for y in
             ([1, 0], [0, 1], [0, 0])]
    expected = np.sqrt(2.0) * np.array([[1, 0], [-0.5, np.sqrt(0.75)], [-0.5, -np.sqrt(0.75)]])
    np.testing.assert_allclose(means, expected, atol=0.15)


CONFRONTED = ["poisson_regression", "gaussian_mixture_bias", "softmax", "multi_output_ridge"]
_VARIANTS = [name for name in GIVEN if name not in CONFRONTED]


@pytest.mark.parametrize("name", [*CONFRONTED, *[pytest.param(name, marks=pytest.mark.slow) for name in _VARIANTS]])
def test_simulated(name):
    problem, given = GIVEN[name]
    states, runs = vaesym.solve_problem(problem, **given), vaesym.simulate(problem, [100, 200], 12, **given)
    found = vaesym.confront(states, runs)
    assert int(runs.converged.sum()) == 24
    assert found.p_value > 0.01, found.worst
    wrong = vaesym.solve_problem(problem, **(given | {"lam": 2 * given["lam"]})).assign_coords(lam=given["lam"])
    assert vaesym.confront(wrong, runs).p_value < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFRONTED)
def test_simulated_at_five_points(name):
    problem, given = GIVEN[name]
    given = given | {"alpha": [0.5, 1.0, 2.0, 3.0, 5.0]}
    found = vaesym.confront(vaesym.solve_problem(problem, **given), vaesym.simulate(problem, 200, 16, **given))
    assert found.p_value > 0.01, found.worst
