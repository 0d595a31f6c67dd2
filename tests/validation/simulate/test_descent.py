"""Batched descent: equal to training alone, to torch's Adam, and to itself when interrupted."""

import numpy as np
import pytest
import torch

from vaesym.inputs import InputError
from validation.benchmarks.training import PlainTraining
from validation.simulate.data import SpikedData
from validation.simulate.descent import BatchedTraining, recorded_epochs, train, training
from validation.simulate.minimisers import DirectMinimisation
from validation.simulate.runs import Run, Settings, blocks

SPIKES = SpikedData(24, 60, strengths=(3.0, 1.5), seed=1)
OTHER = SpikedData(24, 90, strengths=(2.0, 1.0), law="exponential", seed=2)
RUNS = [Run(SPIKES, 0.5, 0.3, 2, start_seed=1), Run(OTHER, 1.0, 0.0, 2, start="informed", start_seed=2),
        Run(SPIKES, 2.0, 1.0, 2, start="collapsed", start_seed=3, decoder_variance=0.7),
        Run(OTHER, 0.7, 0.1, 2, start_seed=4, decoder_variance=1.3, learn_decoder_variance=True)]


def quick(**changes):
    return Settings(**{"epochs": 60, "learning_rate": 0.01, "device": "cpu", **changes})


def finished(runs, settings):
    batch = training(runs, settings)
    batch.advance(batch.steps)
    return batch.result()


def test_adam_is_that_of_torch_run_by_run():
    """Autograd on the samples of one run alone."""
    settings = quick()
    found = finished(RUNS, settings)
    for i, run in enumerate(RUNS):
        plain = PlainTraining(run, settings)
        plain.advance(settings.epochs)
        weights, logs, decoder_log = (part.detach()[0] for part in plain.parameters)
        assert found["loss"][i] == pytest.approx(plain.loss_per_feature(), rel=1e-10)
        np.testing.assert_allclose(found["Q"][i], weights[:2] @ weights[:2].mT / 24, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(found["D"][i], logs.exp(), rtol=1e-8)
        assert found["decoder_variance"][i] == pytest.approx(float(decoder_log.exp()), rel=1e-9)


def test_gradient_descent_is_that_of_torch_in_the_basis_of_the_data():
    """Steps of R/P in W/√N, V/√N and ln D, by autograd on the samples, beside the descent among eigenvectors."""
    settings = quick(method="sgd", learning_rate=0.05)
    found = finished(RUNS[:3], settings)
    for i, run in enumerate(RUNS[:3]):
        plain, samples = PlainTraining(run, settings), run.data.samples
        for _ in range(settings.epochs):
            for part, slope, scale in zip(plain.parameters, torch.autograd.grad(plain.loss(), plain.parameters[:2]),
                                          (24 / samples, 1 / samples), strict=False):
                part.data -= settings.learning_rate * scale * slope
        weights = plain.parameters[0].detach()[0]
        assert found["loss"][i] == pytest.approx(plain.loss_per_feature(), rel=1e-10)
        np.testing.assert_allclose(found["R"][i], weights[:2] @ weights[2:].mT / 24, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(found["m"][i], weights[:2].numpy() @ run.data.weights() / 24, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("changes", [{}, {"method": "sgd", "learning_rate": 0.05}, {"precision": "float32"}])
def test_lbfgs_takes_a_descent_to_its_minimum(changes):
    runs = [Run(SPIKES, 0.5, 0.3, 2, start_seed=1), Run(OTHER, 1.0, 0.2, 2, start_seed=5), RUNS[3]]
    settings = quick(finish=True, **changes)
    found, left = finished(runs, settings), finished(runs, quick(**changes))
    exact = finished(runs[:2], quick(method="exact"))
    assert (left["gradient"] > 1e-2).all()
    assert (found["gradient"] < (1e-2 if "precision" in changes else 1e-4)).all()
    np.testing.assert_allclose(found["loss"][:2], exact["loss"], rtol=1e-6)
    np.testing.assert_allclose(found["loss_history"], left["loss_history"])
    batch = training(runs, settings)
    for until in (59, 60, 61, 62):
        batch.advance(until)
        state, batch = batch.state(), training(runs, settings)
        batch.restore(state)
    batch.advance(99)
    for name, values in batch.result().items():
        np.testing.assert_array_equal(values, found[name], err_msg=name)


@pytest.mark.parametrize("changes", [{}, {"precision": "float32"}, {"method": "sgd", "learning_rate": 0.05}])
def test_interrupted_training_ends_with_the_same_bits(changes):
    settings = quick(**changes)
    whole = finished(RUNS, settings)
    batch = training(RUNS, settings)
    for until in (0, 1, 17, 59, 1000):
        batch.advance(until)
        state = batch.state()
        batch = training(RUNS, settings)
        batch.restore(state)
    assert batch.done == 60
    again = batch.result()
    assert whole.keys() == again.keys()
    for name, array in whole.items():
        assert (array == again[name]).all(), name


def test_order_and_company_do_not_matter():
    settings = quick()
    together = finished(RUNS, settings)
    backwards = finished(RUNS[::-1], settings)
    for i, run in enumerate(RUNS):
        alone = finished([run], settings)
        for name in ("loss", "Q", "m", "signal_recovery_error", "loss_history"):
            np.testing.assert_allclose(together[name][i], alone[name][0], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(together[name][i], backwards[name][-1 - i], rtol=1e-9, atol=1e-12)


def test_float32_follows_float64():
    double, single = finished(RUNS, quick()), finished(RUNS, quick(precision="float32"))
    np.testing.assert_allclose(single["loss"], double["loss"], rtol=1e-4)
    assert (single["loss"] != double["loss"]).all()
    assert single["loss"].dtype == np.float64


@pytest.mark.parametrize("changes", [{"method": "adam", "learning_rate": 0.02, "epochs": 5000},
                                     {"method": "sgd", "learning_rate": 0.1, "epochs": 6000}])
def test_descents_reach_the_exact_minimum(changes):
    runs = [Run(SPIKES, 0.5, 0.3, 2, start_seed=1), Run(OTHER, 1.0, 0.0, 2, start_seed=5),
            Run(SPIKES, 2.0, 1.0, 2, decoder_variance=0.7)]
    exact, found = finished(runs, quick(method="exact")), finished(runs, quick(**changes))
    np.testing.assert_allclose(found["loss"], exact["loss"], rtol=1e-6)
    np.testing.assert_allclose(found["signal_recovery_error"], exact["signal_recovery_error"], atol=2e-3)
    assert (found["gradient"] < 1e-2).all()


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_run_that_diverges_is_flagged_and_harms_no_other():
    runs = [Run(SPIKES, 1.0, 0.5, 2), Run(SPIKES, 1.0, 1000.0, 2)]
    settings = quick(method="sgd", learning_rate=0.1)
    both, alone = finished(runs, settings), finished(runs[:1], settings)
    assert np.isnan(both["signal_recovery_error"]).tolist() == [False, True]
    assert both["signal_recovery_error"][0] == pytest.approx(alone["signal_recovery_error"][0], rel=1e-9)


def test_train_covers_every_shape():
    runs = [Run(SpikedData(n, 40, strengths=(4.0,), seed=n)) for n in (8, 9, 8)]
    found = train(runs, quick(method="exact"))
    for run, one in zip(runs, found, strict=True):
        assert one["loss"] == finished([run], quick(method="exact"))["loss"][0]
    assert train(runs, quick(epochs=2))[1]["epochs"].tolist() == [0, 1, 2]


def test_blocks_respect_the_budget_and_share_data():
    runs = [Run(SpikedData(10, 20, seed=seed), beta=beta) for beta in (0.5, 1.0, 2.0) for seed in (1, 2, 3)]
    divided = blocks(runs, Settings(memory=1600))
    assert sorted(i for block in divided for i in block) == list(range(9))
    assert [len(block) for block in divided] == [6, 3]
    assert [len(block) for block in blocks(runs, Settings(), most=4)] == [4, 4, 1]
    with pytest.raises(InputError, match="GiB"):
        blocks(runs, Settings(memory=100))
    with pytest.raises(InputError, match="at once"):
        BatchedTraining(runs, Settings(memory=1600, device="cpu"))


def test_recorded_epochs_are_spaced_in_the_logarithm():
    epochs = recorded_epochs(15_000)
    assert epochs[[0, 1, -1]].tolist() == [0, 1, 15_000]
    assert np.diff(np.log(epochs[epochs > 50])).max() < 0.25


@pytest.mark.parametrize(("make", "named"), [
    (lambda: Settings(device="tpu"), "auto, cpu, cuda"), (lambda: Settings(method="newton"), "adam, sgd"),
    (lambda: Settings(epochs=0), "epochs >= 1"),
    (lambda: Settings(precision="half"), "float32"),
    (lambda: Settings(learning_rate=-1.0), "learning_rate"),
    (lambda: Run(SPIKES, beta=0.0), "beta > 0"), (lambda: Run(SPIKES, lam=-1.0), "lam >= 0"),
    (lambda: Run(SPIKES, latents=25), "latents <= features"), (lambda: Run(SPIKES, start="warm"), "random, collapsed"),
    (lambda: Run(SPIKES, start_seed=-1), "seed"), (lambda: blocks([], Settings()), "at least one run"),
    (lambda: training([RUNS[0], Run(SPIKES)], Settings()), "one shape"),
    (lambda: training(RUNS, Settings(method="exact")), "fixed decoder variance"),
    (lambda: BatchedTraining(RUNS, Settings(method="exact")), "adam or sgd"),
    (lambda: DirectMinimisation(RUNS, Settings()), "exact or lbfgs"),
    (lambda: training(RUNS, quick()).restore({}), "a state of shapes"),
])
def test_bad_input_is_refused(make, named):
    with pytest.raises(InputError, match=named):
        make()


def test_an_absent_device_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="CUDA"):
        training(RUNS, Settings(device="cuda"))
    assert Settings().resolved_device() == "cpu"
