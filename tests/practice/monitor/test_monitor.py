"""The monitor on made-up encoders: predictions, schedules, bad batches, and going on after an interruption."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

import vaesym
from vaesym.inputs import InputError
from vaesym.practice.monitor import Alert, Monitor, Verdict

EIGENVALUES = [19.8, 12.4, 4.1]


def batch(rng, signal, size=64):
    """Output of an encoder at the linear optimum with Var(mu) = ``signal`` and D = 1 − ``signal``."""
    signal = np.asarray(signal, float)
    return np.sqrt(signal) * rng.normal(size=(size, len(signal))), np.tile(np.log1p(-signal), (size, 1))


def run(monitor, course, steps=1200, seed=0, first=0, **more):
    """Feed the course of signals over time in [0, 1]; returns the alerts."""
    rng = np.random.default_rng([seed, first])
    return [alert for step in range(first, steps)
            for alert in monitor.update(*batch(rng, course(step / 1200)), **more)]


def collapsing(time):
    return [0.6, 0.3, 0.2 * np.exp(-15 * time)]


def monitor(beta=8.0, **more):
    return Monitor(EIGENVALUES, beta=beta, n_latents=3, every=1, **more)


def test_a_latent_that_collapses_as_predicted():
    watched = monitor()
    (alert,) = run(watched, collapsing)
    assert (alert.kind, alert.latents) == ("collapsed", (2,))
    assert alert.action == "lower β below 4.1 or drop this latent"
    assert watched.verdicts == (Verdict.ACTIVE, Verdict.ACTIVE, Verdict.COLLAPSED)


def test_measured_and_predicted_values():
    watched = monitor(beta=8.0)
    signal = np.array([1 - 8 / 12.4, 1 - 8 / 19.8, 0.0])
    assert run(watched, lambda _: signal, steps=400) == watched.alerts
    np.testing.assert_allclose(watched.predicted_kl, [0.5 * np.log(12.4 / 8), 0.5 * np.log(19.8 / 8), 0.0])
    # At this signal the expected KL is the predicted one.
    z = (watched.kl - watched.predicted_kl)[:2] / watched.kl_error[:2]
    assert (abs(z) < 4).all()
    assert (abs(watched.activity - signal) < 0.05).all()


def test_no_alert_at_the_start_nor_in_health():
    watched = monitor(beta=1.0)
    assert run(watched, lambda time: np.array([0.9, 0.8, 0.6]) * (1 - 0.999 * np.exp(-8 * time))) == []


def test_alive_though_predicted_collapsed():
    alerts = run(monitor(beta=15.0), lambda _: [0.3, 0.2, 0.0], steps=600)
    assert {(alert.kind, alert.latents) for alert in alerts} == {("collapsed", (2,)), ("unexpected", (1,))}


def test_dead_though_predicted_active():
    (alert,) = run(monitor(beta=1.0), collapsing)
    assert (alert.kind, alert.latents) == ("stuck", (2,))
    assert "learning rate" in alert.action
    (near,) = run(monitor(beta=3.0), collapsing)
    assert near.action.startswith("lower β")


def test_before_three_fortieths_of_the_training_nothing_is_called_dead_against_theory():
    """Without a length it is told as soon as it is judged."""
    told = {}
    for total in (None, 10_000, 40_000):
        (alert,) = run(monitor(beta=1.0, total_steps=total), collapsing, steps=4000)
        told[total] = alert.step
        assert (alert.kind, alert.latents) == ("stuck", (2,))
    assert told[None] < 700
    assert 750 <= told[10_000] < 1000
    assert 3000 <= told[40_000] < 4000
    # What theory predicts need not wait.
    (alert,) = run(monitor(beta=8.0, total_steps=40_000), collapsing)
    assert (alert.kind, alert.step < 1000) == ("collapsed", True)


def test_recovery_is_told_once():
    watched = monitor()
    run(watched, collapsing)
    run(watched, lambda _: [0.6, 0.3, 0.25], steps=6000, first=1200)
    assert [alert.kind for alert in watched.alerts].count("recovered") <= 1
    assert watched.verdicts[2] is Verdict.UNEXPECTED
    assert len({(alert.kind, alert.latents) for alert in watched.alerts}) == len(watched.alerts)


def test_a_measured_next_threshold_takes_the_place_of_the_linear_one():
    watched = monitor(beta=10.0)
    watched.set_next_threshold(8.0, active=1)
    (alert,) = run(watched, lambda time: [0.5, 0.2 * np.exp(-15 * time), 0.2 * np.exp(-15 * time)])
    assert (alert.kind, alert.latents) == ("collapsed", (1, 2))
    assert alert.action == "lower β below 8, Λ*(A) of this network, or drop these latents"
    watched.set_next_threshold(None)
    assert watched.to_dict()["expected_active"] == 2
    watched.set_next_threshold(15.0)
    assert watched.to_dict()["thresholds"] == [19.8, 15.0, 4.1]


def test_thresholds_of_the_user_replace_the_eigenvalues():
    assert monitor(beta=8.0, thresholds=[25.0, 7.0, 9.0]).to_dict()["thresholds"] == [25.0, 9.0, 7.0]


def test_warm_up_is_silent_and_forgotten():
    watched = monitor(beta=8.0)
    rng = np.random.default_rng(1)
    for step in range(800):
        assert watched.update(*batch(rng, collapsing(step / 400)), beta=8.0 * step / 800) == []
    # From here on all three live: nothing of the warm-up may count.
    alerts = [alert for _ in range(600) for alert in watched.update(*batch(rng, [0.6, 0.3, 0.2]), beta=8.0)]
    assert [(alert.kind, alert.latents) for alert in alerts] == [("unexpected", (2,))]


def test_data_advice_and_eigenvalues_predict_the_same():
    x = np.random.default_rng(2).normal(size=(300, 5)) * [5, 4, 3, 2, 1]
    loss = vaesym.LossScale("mean", "mean", 1.0, 0.7)
    advice = vaesym.advise(x, latents=2, loss=loss)
    values = [latent.eigenvalue for latent in advice.latents]
    found = [Monitor(advice), Monitor(x, loss=loss, n_latents=2), Monitor(values, loss=loss, n_latents=2, n_features=5)]
    for one in found:
        np.testing.assert_allclose(one.to_dict()["thresholds"], [latent.collapse_weight for latent in advice.latents])
        assert one.beta == 0.7


def test_interrupted_and_resumed_is_the_same():
    whole, first = monitor(), monitor()
    run(whole, collapsing, steps=500)
    run(first, collapsing, steps=500)
    resumed = monitor()
    resumed.load_state_dict(json.loads(json.dumps(first.state_dict())))
    whole.state_dict()
    run(whole, collapsing, first=500)
    run(resumed, collapsing, first=500)
    assert resumed.to_dict() == whole.to_dict()
    assert resumed.alerts == whole.alerts
    assert resumed.alerts
    with pytest.raises(InputError, match="3 latents at β = 9"):
        monitor(beta=9.0).load_state_dict(first.state_dict())


@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e5])
def test_divergence_is_told_once_and_nothing_is_raised(broken):
    watched, rng = monitor(beta=1.0), np.random.default_rng(0)
    alerts = []
    for step in range(300):
        mu, logvar = batch(rng, [0.6, 0.3, 0.2])
        logvar[:, 1] = broken if step >= 100 else logvar[:, 1]
        alerts += watched.update(mu, logvar)
    assert [(alert.kind, alert.latents) for alert in alerts] == [("diverged", (1,))]
    assert np.isfinite(watched.kl).all()


def test_a_finite_kl_beyond_all_data_is_divergence():
    watched = monitor()
    alerts = [alert for _ in range(64) for alert in watched.update(np.full((8, 3), [0.0, 0.0, 40.0]), np.zeros((8, 3)))]
    assert [(alert.kind, alert.latents) for alert in alerts] == [("diverged", (2,))]


def test_shapes_that_change_are_told_once_but_a_wrong_beginning_is_refused():
    with pytest.raises(InputError, match="3 latents"):
        monitor().update(np.zeros((4, 2)), np.zeros((4, 2)))
    watched = monitor()
    watched.update(np.zeros((4, 3)), np.zeros((4, 3)))
    assert watched.update(np.zeros((1, 3)), np.zeros((1, 3))) == []
    (alert,) = watched.update(np.zeros((4, 2)), np.zeros((4, 2)))
    assert alert.kind == "input"
    assert watched.update(np.zeros(3), np.zeros(3)) == []


def test_batches_of_one():
    watched, rng = monitor(), np.random.default_rng(5)
    for step in range(8000):
        watched.update(*batch(rng, collapsing(step / 8000), 1))
    assert [(alert.kind, alert.latents) for alert in watched.alerts] == [("collapsed", (2,))]


def test_only_each_kth_batch_is_taken_in():
    """The others are looked at for NaN and infinity only."""
    watched, rng, same = Monitor(EIGENVALUES, beta=8.0, n_latents=3, every=5), np.random.default_rng(0), monitor()
    for call in range(50):
        taken = batch(rng, [0.5, 0.3, 0.1])
        watched.update(*(taken if call % 5 == 0 else (np.full((2, 3), 7.0), np.zeros((2, 3)))))
        if call % 5 == 0:
            same.update(*taken)
    assert watched.step == 50
    np.testing.assert_array_equal(watched.kl, same.kl)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("every", [1, 10, 100])
def test_nan_is_told_at_the_step_at_which_it_comes(every, broken):
    for place in (0, 1):
        watched, rng = Monitor(EIGENVALUES, beta=8.0, n_latents=3, every=every), np.random.default_rng(0)
        for step in range(1, 120):
            both = [values.copy() for values in batch(rng, [0.6, 0.3, 0.2])]
            if step >= 7:
                both[place][3, 1] = broken
            told = watched.update(*both)
            assert [(alert.kind, alert.latents) for alert in told] == ([("diverged", (1,))] if step == 7 else [])
        assert "Diverged at step 7: latent 1." in watched.summary()


def test_large_half_precision_is_no_divergence():
    watched = monitor()
    assert watched.update(np.full((4096, 3), 100.0, np.float16), np.zeros((4096, 3), np.float16)) == []


def test_a_tensor_is_fetched_from_its_device_for_many_batches_at_once():
    """Each fetch makes a device wait: none may happen at a step that is only gathered."""
    fetched = []

    class Tensor:
        shape, dtype, device = (4, 3), "float32", "cuda:0"

        def __init__(self):
            self.values = np.random.default_rng(0).normal(size=self.shape)

        def __len__(self):
            return 4

        detach = clone = float = lambda self: self

        def sum(self):
            return self.values.sum()  # stays on the device

        def cpu(self):
            fetched.append(watched.step)
            return self

        def numpy(self):
            return self.values

    watched = monitor()
    for _ in range(64):
        watched.update(Tensor(), Tensor())
    assert sorted(set(fetched)) == [16, 32, 48, 64]
    (broken := Tensor()).values[2, 1] = np.nan
    told = [alert for step in range(40) for alert in watched.update(broken if step == 3 else Tensor(), Tensor())]
    assert [(alert.kind, alert.step) for alert in told] == [("diverged", 80)]


def test_data_of_all_kinds_are_read_as_advice_reads_them(tmp_path):
    x = np.random.default_rng(2).integers(0, 256, (300, 3, 2)).astype(np.uint8)
    np.save(tmp_path / "x.npy", x)
    sparse = pytest.importorskip("scipy.sparse").csr_array(x.reshape(300, 6).astype(float))
    for source, factor in ((x, 1), (tmp_path / "x.npy", 1 / 255**2), (sparse, 1), (sparse.tocoo(), 1)):
        thresholds = Monitor(source, beta=1.0, n_latents=2).to_dict()["thresholds"]
        advice = vaesym.advise(source, latents=2, intervals=None)
        np.testing.assert_allclose(thresholds, [latent.collapse_weight for latent in advice.latents])
        top = np.linalg.eigvalsh(np.cov(x.reshape(300, 6).T, bias=True))[-1]
        assert thresholds[0] == pytest.approx(factor * top)


@pytest.mark.parametrize(("arguments", "match"), [
    ({"source": None, "beta": 1.0}, "advice, data, or the eigenvalues.*received nothing"),
    ({"source": EIGENVALUES, "n_latents": 3}, "beta"), ({"source": EIGENVALUES, "beta": 0.0, "n_latents": 3}, "beta"),
    ({"source": EIGENVALUES, "beta": 1.0}, "n_latents"), ({"source": EIGENVALUES, "beta": 1.0, "n_latents": 4}, "4"),
    ({"source": [-1.0, 2.0], "beta": 1.0, "n_latents": 2}, "eigenvalues"),
    ({"source": 3.0, "beta": 1.0, "n_latents": 1}, "eigenvalues"),
    ({"source": EIGENVALUES, "beta": 1.0, "n_latents": 3, "thresholds": [1.0]}, "thresholds|one threshold"),
    ({"source": EIGENVALUES, "beta": 1.0, "n_latents": 3, "every": 0}, "every"),
    ({"source": EIGENVALUES, "beta": 1.0, "n_latents": 3, "total_steps": 0}, "total_steps"),
    ({"source": EIGENVALUES, "loss": vaesym.LossScale("mean"), "n_latents": 3}, "n_features"),
])
def test_bad_arguments_are_refused_by_name(arguments, match):
    with pytest.raises(InputError, match=match):
        Monitor(arguments.pop("source"), **arguments)


def test_advice_that_contradicts_is_refused():
    advice = vaesym.advise("digits", latents=2)
    with pytest.raises(InputError, match="n_latents = 2"):
        Monitor(advice, beta=1.0, n_latents=3)
    with pytest.raises(InputError, match="its loss already"):
        Monitor(advice, beta=1.0, loss=vaesym.LossScale())
    with pytest.raises(InputError, match="beta"):
        Monitor(advice)


def test_words_and_table():
    watched = monitor()
    run(watched, collapsing)
    assert watched.summary().startswith("step 1200, β = 8: theory expects 2 of 3 latents active. Total KL")
    assert "collapsed as predicted: 2" in watched.summary()
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(watched.table())
    text = console.export_text()
    assert f"{watched.kl[0]:.4f}" in text
    assert max(map(len, text.splitlines())) <= 80
    json.dumps(watched.to_dict(), allow_nan=False)
    json.dumps(monitor().to_dict(), allow_nan=False)
    assert Alert.from_dict(json.loads(json.dumps(watched.alerts[0].to_dict()))) == watched.alerts[0]


def test_what_is_no_loss_no_step_or_no_state_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="LossScale; received 'mse'"):
        Monitor([2.0, 1.0], beta=1.0, n_latents=2, loss="mse")
    watched = Monitor([2.0, 1.0], beta=1.0, n_latents=2)
    with pytest.raises(InputError, match="step as a number; received 'one'"):
        watched.update(np.zeros((4, 2)), np.zeros((4, 2)), step="one")
    with pytest.raises(InputError, match="state_dict"):
        watched.load_state_dict(None)


def test_collapse_thresholds_are_taken_as_they_are_returned():
    pixels = np.random.default_rng(0).integers(0, 2, (50, 4))
    found = vaesym.collapse_thresholds(pixels, likelihood="bernoulli", latents=2)
    loss = vaesym.LossScale(likelihood="bernoulli")
    watched = Monitor(pixels, beta=0.5, n_latents=2, loss=loss, thresholds=found)
    np.testing.assert_allclose(watched.predicted_kl, 0.5 * np.log(found.thresholds / 0.5))
