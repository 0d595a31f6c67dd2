"""Runs are minima of the stated problem, on data of the stated laws, and measure what they say."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import erf
from simulated_problems import SHIPPED, VARIANTS
from sklearn.linear_model import Lasso
from sklearn.svm import LinearSVC

from vaesym.engine import simulate
from vaesym.engine.experiment import training
from vaesym.engine.experiment.sample import TOLERANCE, Sample, Trained
from vaesym.engine.lowered import equations_of
from vaesym.inputs import InputError
from vaesym.problem import weight
from vaesym.problems import hinge, ridge

CASES = {**SHIPPED, **VARIANTS}
RIDGE = {"alpha": 2.0, "lam": 0.3, "signal": 1.0, "noise": 0.25}


def _sample(name: str, dimension: int, seed: int = 0, **given: float) -> Sample:
    case = CASES[name]
    return Sample(equations_of(case.problem), {"alpha": case.alphas[0], **case.given, **given}, dimension, seed)


def _train(sample: Sample, *, general: bool = False) -> Trained:
    return training.train([sample], general=general)[0]


def _total(sample: Sample, found: Trained) -> float:
    return found.loss * len(sample.labels) + found.penalty * len(sample.planted)


def test_ridge_solves_the_normal_equations():
    sample = _sample("ridge", 80, lam=0.3)
    a = sample.inputs
    exact = np.linalg.solve(a.T @ a + 0.3 * np.eye(80), a.T @ sample.labels)
    np.testing.assert_allclose(_train(sample).weights[:, 0], exact, rtol=0, atol=1e-12)
    np.testing.assert_allclose(_train(sample, general=True).weights[:, 0], exact, rtol=0, atol=1e-6)


def test_lasso_is_that_of_scikit_learn():
    sample = _sample("lasso", 100, alpha=1.2)
    count = len(sample.labels)
    other = Lasso(0.3 / count, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(sample.inputs, sample.labels)
    found = _train(sample)
    np.testing.assert_allclose(found.weights[:, 0], other.coef_, atol=1e-6)
    np.testing.assert_array_equal(found.weights[:, 0] == 0, other.coef_ == 0)


def test_hinge_is_that_of_liblinear():
    sample = _sample("hinge_of_teacher", 60, alpha=2.0)
    other = LinearSVC(loss="hinge", C=1 / 0.3, fit_intercept=False, tol=1e-10, max_iter=1_000_000)
    other.fit(sample.inputs, sample.labels)
    np.testing.assert_allclose(_train(sample).weights[:, 0], other.coef_[0], atol=1e-5)


@pytest.mark.parametrize("name", ["logistic", "mixture", "mixture_square"])
def test_both_methods_find_the_same_minimum(name):
    sample = _sample(name, 60)
    newton, multipliers = _train(sample), _train(sample, general=True)
    assert max(newton.residual, multipliers.residual) <= TOLERANCE
    np.testing.assert_allclose(newton.weights, multipliers.weights, atol=1e-5)
    assert _total(sample, newton) == pytest.approx(_total(sample, multipliers), rel=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_no_step_away_from_the_minimum_lowers_the_total(name):
    sample, rng = _sample(name, 50), np.random.default_rng(1)
    found = _train(sample)
    y = sample.labels
    u, w = sp.symbols("u w", real=True)
    case = CASES[name]
    values = {sp.Symbol(key, positive=True): value for key, value in case.given.items()}
    loss = sp.lambdify((u, sp.Symbol("y", real=True)), case.problem.loss.xreplace(values), "numpy")
    penalty = sp.lambdify(w, case.problem.penalty.xreplace(values), "numpy")

    def total(weights):
        return float(np.sum(loss(sample.inputs @ weights, y)) + np.sum(penalty(weights)))

    weights, least = found.weights[:, 0], _total(sample, found)
    assert total(weights) == pytest.approx(least, rel=1e-6)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        for _ in range(5):
            step = size * rng.standard_normal(50)
            assert total(weights + step) > least * (1 - 1e-6)
        assert total(weights * (1 + size)) > least * (1 - 1e-6)
        assert total(weights * (1 - size)) > least * (1 - 1e-6)


def test_the_laws_of_the_data():
    clusters = _sample("quiet_clusters", 200, alpha=20.0)
    assert clusters.planted @ clusters.planted == pytest.approx(200)
    plus = clusters.labels > 0
    assert plus.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 4000))
    centers = clusters.labels @ clusters.inputs / 4000
    assert centers @ clusters.planted == pytest.approx(1.0, abs=4 * np.sqrt(0.5 / 4000))
    noise = clusters.inputs - np.outer(clusters.labels, clusters.planted) / 200
    assert np.var(noise) * 200 == pytest.approx(0.5, rel=4 * np.sqrt(2 / noise.size))

    sparse = _sample("lasso", 200).planted
    np.testing.assert_allclose(np.sort(sparse), np.repeat([-np.sqrt(5), 0, np.sqrt(5)], [20, 160, 20]))

    linear = _sample("loud_ridge", 100, alpha=40.0, signal=3.0)
    t = linear.inputs @ linear.planted
    slope = linear.labels @ t / (t @ t)
    assert slope == pytest.approx(np.sqrt(3), abs=4 * np.sqrt(0.25 / (t @ t)))
    assert np.var(linear.labels - slope * t) == pytest.approx(0.25, rel=4 * np.sqrt(2 / 4000))

    probit = _sample("lopsided_probit", 100, alpha=40.0)
    t = probit.inputs @ probit.planted
    chance = (1 + erf(2 * t + 0.5)) / 2
    misses = (probit.labels > 0) - chance
    error = np.sqrt(np.sum(chance * (1 - chance)))
    assert abs(misses.sum()) < 4 * error
    assert abs(misses @ t) < 4 * np.sqrt(np.sum(t**2 * chance * (1 - chance)))


@pytest.mark.parametrize("name", ["quiet_clusters", "lopsided_probit", "hinge_of_teacher", "lopsided_random"])
def test_classification_error_is_that_of_fresh_samples(name):
    sample = _sample(name, 40)
    found = _train(sample)
    fresh = _sample(name, 40, alpha=4000.0)
    # The planted weights are drawn first, of the same parts: rotate them onto those that were trained on.
    mirror = fresh.planted - sample.planted
    inputs = fresh.inputs - np.outer(fresh.inputs @ mirror, 2 * mirror / (mirror @ mirror))
    wrong = inputs @ found.weights[:, 0] * fresh.labels < 0
    assert sample.measure(found)["classification_error"] == pytest.approx(wrong.mean(), abs=4 * wrong.std() / 400)


def test_a_seed_is_a_run():
    runs = simulate("lasso", [40, 60], [3, 1], alpha=[0.5, 1.0], lam=0.3, noise=0.1, sparsity=0.2, amplitude=1.0)
    assert runs.Q.dims == ("dimension", "alpha", "seed")
    one = simulate("lasso", 60, [1], alpha=1.0, lam=0.3, noise=0.1, sparsity=0.2, amplitude=1.0)
    assert float(one.Q[0]) == float(runs.Q.sel(dimension=60, alpha=1.0, seed=1))
    assert len(np.unique(runs.Q.values)) == runs.Q.size
    assert bool(runs.converged.all())
    assert runs.attrs["problem"] == "lasso"


def test_names_add_up():
    runs = simulate("ridge", 50, 3, **RIDGE)
    np.testing.assert_allclose(runs.free_energy, 2 * runs.training_loss + runs.penalty, rtol=1e-12)
    np.testing.assert_allclose(runs.penalty, 0.15 * runs.Q, rtol=1e-12)
    np.testing.assert_allclose(runs.risk, 1 - 2 * runs.m + runs.Q, rtol=1e-12)


def test_separable_data_without_weight_decay_have_no_minimum_and_are_said_to():
    runs = simulate("logistic", 60, 4, alpha=[0.8, 8.0], lam=0.0, signal=1.0)
    assert runs.converged.values.tolist() == [[False] * 4, [True] * 4]


def test_too_few_rounds_are_said(monkeypatch):
    monkeypatch.setattr(training, "_ROUNDS", 3)
    run = simulate("hinge", 60, 1, alpha=2.0, lam=0.3, margin=1.0)
    assert not bool(run.converged.any())
    assert float(run.residual.max()) > TOLERANCE


def test_a_penalty_that_is_nothing_in_the_end():
    flat = hinge.but(penalty=0 * weight)
    run = simulate(flat, 60, 2, alpha=0.5, lam=0.3, margin=1.0)
    assert bool(run.converged.all())
    np.testing.assert_allclose(run.training_loss, 0, atol=1e-6)


@pytest.mark.parametrize(("arguments", "words"), [
    (("ridge", 0, 3), "dimension as different whole numbers >= 1"),
    (("ridge", 1.5, 3), "dimension as different whole numbers >= 1"),
    (("ridge", [], 3), "dimension as different whole numbers >= 1"),
    (("ridge", 50, 0), "seeds >= 1"),
    (("ridge", 50, 2.5), "seeds as a whole number"),
    (("ridge", 50, [-1]), "seeds as different whole numbers >= 0"),
    (("ridge", 50, [1, 2, 1]), "seeds as different whole numbers >= 0"),
    (("rigde", 50, 3), "a problem among"),
])
def test_what_cannot_be_simulated_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        simulate(*arguments, **RIDGE)


def test_parameters_are_checked():
    with pytest.raises(InputError, match="lam > 0"):
        simulate(ridge, 50, 3, **RIDGE | {"lam": -1.0})
    with pytest.raises(InputError, match="none of the name 'alpha'"):
        simulate(ridge, 50, 3, lam=0.3, signal=1.0, noise=0.25)
    with pytest.raises(InputError, match="one-dimensional axis"):
        simulate(ridge, 50, 3, **RIDGE | {"alpha": [[1.0]]})
    with pytest.raises(InputError, match="larger dimension"):
        simulate("lasso", 2, 3, alpha=1.0, lam=0.3, noise=0.1, sparsity=0.01, amplitude=1.0)
