"""The exact minimiser and L-BFGS against the estimator, the theory of σ², and each other."""

import numpy as np
import pytest

import vaesym
from validation.simulate.data import SpikedData, all_samples, second_moments
from validation.simulate.descent import training
from validation.simulate.minimisers import leading_eigenpairs
from validation.simulate.runs import Run, Settings

DATA = [SpikedData(30, 70, strengths=(3.0, 1.0), seed=1), SpikedData(30, 20, strengths=(2.0, 2.0), seed=2)]
RUNS = [Run(data, beta, lam, 2, start_seed=i) for i, data in enumerate(DATA)
        for beta, lam in ((0.4, 0.0), (1.0, 0.5), (30.0, 1.0), (1.0, 40.0))]


def finished(runs, method):
    batch = training(runs, Settings(method=method))
    batch.advance(batch.steps)
    return batch.result()


def test_exact_minimiser_is_the_estimator():
    found = finished(RUNS, "exact")
    for i, run in enumerate(RUNS):
        fitted = vaesym.LinearVAE(2, beta=run.beta, lam=run.lam, center=False).fit(all_samples(run.data))
        assert found["loss"][i] == pytest.approx(fitted.loss_, rel=1e-11, abs=1e-13)
        np.testing.assert_allclose(found["Q"][i], np.diag(fitted.Q_), atol=1e-10)
        np.testing.assert_allclose(found["D"][i], fitted.D_, rtol=1e-10)
        np.testing.assert_allclose(found["eigenvalues"][i], fitted.eigenvalues_, rtol=1e-11)
        overlap = np.abs(fitted.W_.T @ run.data.weights() / 30)
        np.testing.assert_allclose(np.abs(found["m"][i]), overlap, atol=1e-8)
    assert (found["gradient"] < 1e-10).all()


def test_lbfgs_reaches_the_exact_minimum():
    runs = [run for run in RUNS if run.lam < 10]
    exact, found = finished(runs, "exact"), finished(runs, "lbfgs")
    np.testing.assert_allclose(found["loss"], exact["loss"], rtol=1e-8, atol=1e-8)
    # Without weight decay and with P < N the encoder is free where there are no data.
    decayed = [i for i, run in enumerate(runs) if run.lam > 0]
    np.testing.assert_allclose(found["rate"][decayed], exact["rate"][decayed], atol=1e-3)


def test_a_decoder_variance_rescales_the_problem():
    run = Run(DATA[0], 0.5, 0.2, 2, decoder_variance=1.7)
    scaled = Run(DATA[0], 0.5 * 1.7, 0.2 * 1.7, 2)
    one, other = finished([run], "exact"), finished([scaled], "exact")
    assert one["loss"][0] * 1.7 == pytest.approx(other["loss"][0], rel=1e-12)
    np.testing.assert_allclose(one["Q"], other["Q"], rtol=1e-12)
    assert finished([run], "lbfgs")["loss"][0] == pytest.approx(one["loss"][0], rel=1e-8)


def test_a_learned_decoder_variance_is_that_of_probabilistic_pca():
    data = SpikedData(12, 200, strengths=(5.0, 3.0), seed=3)
    found = finished([Run(data, 1.0, 0.0, 2, learn_decoder_variance=True)], "lbfgs")
    eigenvalues = np.linalg.eigvalsh(second_moments(data) * 12 / 200)
    assert found["decoder_variance"][0] == pytest.approx(eigenvalues[:-2].mean(), rel=1e-5)
    np.testing.assert_allclose(np.sort(np.linalg.eigvalsh(found["Q"][0])),
                               eigenvalues[-2:] - eigenvalues[:-2].mean(), rtol=1e-3)


@pytest.mark.parametrize("method", ["exact", "lbfgs"])
def test_interrupted_minimisation_ends_with_the_same_bits(method):
    whole, batch = finished(RUNS, method), training(RUNS, Settings(method=method))
    for until in (1, 5, 99):
        batch.advance(until)
        state, batch = batch.state(), training(RUNS, Settings(method=method))
        batch.restore(state)
    assert batch.done == len(RUNS)
    for name, array in batch.result().items():
        assert (array == whole[name]).all(), name


def test_eigenpairs_are_leading_and_descending():
    moments = np.stack([second_moments(data) for data in DATA])
    values, vectors = leading_eigenpairs(moments, 3)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(moments)[:, :-4:-1], rtol=1e-12)
    np.testing.assert_allclose(moments @ vectors, vectors * values[:, None], atol=1e-11)
