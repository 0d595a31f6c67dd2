"""Asking the network in training whether one more latent would be used, and what the monitor says from then on."""

import json

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError
from vaesym.practice import load_data
from vaesym.practice.monitor import Monitor, Verdict

LATENTS = 4


@pytest.fixture(scope="module")
def digits():
    return load_data("digits").array.reshape(-1, 64) / 16


@pytest.fixture(scope="module")
def gaussian():
    """Eigenvalues 4, 2, 1, 0.5, …; so many samples that Λ*(A) is known to a few percent."""
    return np.random.default_rng(0).normal(size=(20_000, 6)) * np.sqrt(0.5 ** np.arange(-2, 4))


class Trained:
    """A linear VAE at its optimum with ``used`` latents in use, and the others of four collapsed."""

    def __init__(self, x, beta, used):
        self.vae, self.used = vaesym.LinearVAE(used, beta=beta).fit(x), used

    def encode(self, x):
        mean, log = np.zeros((len(x), LATENTS)), np.zeros((len(x), LATENTS))
        mean[:, : self.used] = self.vae.transform(x)
        log[:, : self.used] = np.log(self.vae.D_)
        return mean, log

    def decode(self, z):
        return self.vae.inverse_transform(z[:, : self.used])


def feed(monitor, model, x, steps=400, seed=0):
    rng = np.random.default_rng(seed)
    return [alert for _ in range(steps) for alert in monitor.update(*model.encode(x[rng.integers(len(x), size=128)]))]


def near(text, value):
    """Whether a number in the text is the value, but for its rounding to three digits."""
    words = [word.strip(",;:()") for word in text.split()]
    return any(abs(float(word) / value - 1) < 0.01 for word in words if word.replace(".", "", 1).isdigit())


@pytest.mark.parametrize(("beta", "used", "answer"), [(1.5, 2, False), (0.7, 2, True)])
def test_the_answer_is_that_of_one_more_and_replaces_the_threshold(gaussian, beta, used, answer):
    model = Trained(gaussian, beta, used)
    watched = Monitor(gaussian, beta=beta, n_latents=LATENTS, every=1)
    found = watched.ask_one_more(model, gaussian, seed=3)
    assert found == vaesym.one_more(model, gaussian, beta, seed=3)
    assert (found.used, found.thresholds.active) == (answer, (0, 1))
    assert watched.to_dict()["thresholds"][2] == pytest.approx(found.thresholds.conditional, rel=1e-12)
    by_hand = Monitor(gaussian, beta=beta, n_latents=LATENTS, every=1)
    by_hand.set_next_threshold(found.thresholds.conditional, active=2)
    assert by_hand.to_dict()["thresholds"] == watched.to_dict()["thresholds"]
    assert by_hand.to_dict()["expected_active"] == watched.to_dict()["expected_active"] == 2 + answer


def test_above_the_measured_threshold_what_was_called_stuck_is_told_to_be_collapsed(gaussian):
    model = Trained(gaussian, 1.5, 2)
    watched = Monitor(gaussian, beta=1.5, n_latents=LATENTS, every=1, thresholds=[4.0, 2.0, 2.0, 2.0])
    (before,) = feed(watched, model, gaussian)
    assert (before.kind, before.latents) == ("stuck", (2, 3))
    limit = watched.ask_one_more(model, gaussian).thresholds.conditional
    (after,) = feed(watched, model, gaussian, steps=16)
    assert (after.kind, after.latents) == ("collapsed", (2, 3))
    assert "Λ*(A) of this network" in after.action
    assert limit < 1.5
    assert near(after.action, limit)
    assert watched.verdicts[2:] == (Verdict.COLLAPSED, Verdict.COLLAPSED)
    assert "an unused latent would stay collapsed at β = 1.5" in watched.summary()
    assert feed(watched, model, gaussian, seed=1) == []


def test_digits_above_all_thresholds(digits):
    model = Trained(digits, 0.8, 1)
    watched = Monitor(digits, beta=0.8, n_latents=LATENTS, every=1, thresholds=[0.9] * LATENTS)
    assert [alert.kind for alert in feed(watched, model, digits)] == ["stuck"]
    assert watched.ask_one_more(model, digits).used is False
    (after,) = feed(watched, model, digits, steps=16)
    assert after.kind == "collapsed"
    assert after.action.startswith("lower β below 0.69")  # the largest eigenvalue of the digits is 0.6989


def test_below_the_measured_threshold_what_was_called_collapsed_is_told_to_be_stuck(digits):
    model = Trained(digits, 0.1, 2)
    watched = Monitor(digits, beta=0.1, n_latents=LATENTS, every=1, thresholds=[0.9, 0.9, 0.05, 0.05])
    (before,) = feed(watched, model, digits)
    assert (before.kind, before.latents) == ("collapsed", (2, 3))
    answer = watched.ask_one_more(model, digits)
    assert answer.used is True
    alerts = feed(watched, model, digits, steps=16)
    assert [alert.kind for alert in alerts if 2 in alert.latents] == ["stuck"]
    (stuck,) = (alert for alert in alerts if alert.kind == "stuck")
    assert "Λ*(A) of this network" in stuck.message
    assert near(stuck.message, answer.thresholds.conditional)
    assert "an unused latent would be used at β = 0.1" in watched.summary()


def test_a_confirmed_alert_is_told_once_more_with_the_measured_threshold_and_then_no_more(gaussian):
    model = Trained(gaussian, 1.5, 2)
    watched = Monitor(gaussian, beta=1.5, n_latents=LATENTS, every=1)
    (before,) = feed(watched, model, gaussian)
    assert "network" not in before.action
    watched.ask_one_more(model, gaussian)
    (after,) = feed(watched, model, gaussian)
    assert (after.kind, after.latents) == (before.kind, before.latents) == ("collapsed", (2, 3))
    assert "Λ*(A) of this network" in after.action
    watched.ask_one_more(model, gaussian, seed=1)
    assert feed(watched, model, gaussian) == []


def test_where_all_latents_are_active_the_answer_is_about_one_more(digits):
    model = Trained(digits, 0.1, 4)
    watched = Monitor(digits, beta=0.1, n_latents=LATENTS, every=1)
    before = watched.to_dict()["thresholds"]
    assert watched.ask_one_more(model, digits).used is True
    assert watched.to_dict()["thresholds"] == before
    assert feed(watched, model, digits) == []
    assert "with 4 latents active: one more latent would be used at β = 0.1" in watched.summary()


def test_too_close_to_call_is_said_and_changes_nothing_else(digits):
    model = Trained(digits, 0.45, 3)
    watched = Monitor(digits, beta=0.45, n_latents=LATENTS, every=1)
    (before,) = feed(watched, model, digits)
    assert (before.kind, before.latents) == ("collapsed", (3,))
    thresholds = watched.to_dict()["thresholds"]
    answer = watched.ask_one_more(model, digits)
    assert answer.thresholds.held_out < 0.45 < answer.thresholds.conditional
    assert answer.used is None
    assert "whether an unused latent would be used is too close to call at β = 0.45" in watched.summary()
    assert watched.to_dict()["thresholds"] == thresholds
    assert feed(watched, model, digits) == []


def test_the_answer_is_in_the_units_of_the_loss(digits):
    loss = vaesym.LossScale("mean", "mean", 1.0)
    weight = loss.kl_weight_for(0.45, n_features=64, n_latents=LATENTS)
    watched = Monitor(digits, beta=weight, loss=loss, n_latents=LATENTS)
    answer = watched.ask_one_more(Trained(digits, 0.45, 3), digits)
    assert answer.effective_beta == pytest.approx(0.45, rel=1e-12)
    asked = watched.to_dict()["one_more"]
    for name, value in (("threshold", answer.thresholds.conditional), ("held_out", answer.thresholds.held_out)):
        expected = loss.kl_weight_for(value, n_features=64, n_latents=LATENTS)
        assert asked[name] == pytest.approx(expected, rel=1e-12)


def test_an_answer_outlives_an_interruption(gaussian):
    model = Trained(gaussian, 1.5, 2)
    first = Monitor(gaussian, beta=1.5, n_latents=LATENTS, every=1)
    feed(first, model, gaussian)
    first.ask_one_more(model, gaussian)
    resumed = Monitor(gaussian, beta=1.5, n_latents=LATENTS, every=1)
    resumed.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert feed(resumed, model, gaussian, steps=64) == feed(first, model, gaussian, steps=64) != []
    assert resumed.to_dict() == first.to_dict()
    assert resumed.summary() == first.summary()
    resumed.set_next_threshold(None)
    assert resumed.to_dict()["one_more"] is None


def test_a_latent_that_was_active_when_asked_is_not_said_to_lie_below_a_threshold():
    rng, watched = np.random.default_rng(0), Monitor([0.5, 0.4], beta=1.0, n_latents=2, every=1)
    watched.set_next_threshold(0.1, active=1)
    for step in range(800):
        watched.update(rng.normal(size=(64, 2)) * [0.5 * np.exp(-step / 30), 0.0], np.zeros(2))
    stuck = next(alert for alert in watched.alerts if alert.kind == "stuck")
    assert stuck.latents == (0,)
    assert "though active when" in stuck.message
    assert "below" not in str(stuck)


def test_bad_input_is_refused_and_changes_nothing(digits):
    model = Trained(digits, 0.45, 3)
    watched = Monitor(digits, beta=0.45, n_latents=2, every=1)
    before = watched.state_dict()
    with pytest.raises(InputError, match="the model that is watched, of 2 latents"):
        watched.ask_one_more(model, digits)
    with pytest.raises(InputError, match="encode and decode"):
        watched.ask_one_more(model.encode, digits)
    with pytest.raises(InputError):
        watched.ask_one_more(model, digits[0])
    with pytest.raises(InputError, match="finite"):
        watched.ask_one_more(model, np.full((10, 64), np.nan))
    assert watched.state_dict() == before
    watched.update(*(part[:, :2] for part in model.encode(digits)), beta=0.1)
    with pytest.raises(InputError, match="final value"):
        watched.ask_one_more(model, digits)


def test_a_torch_module_is_asked_in_the_midst_of_its_training(digits):
    torch = pytest.importorskip("torch")
    from validation.benchmarks.monitor import Case, Training

    case = Case("asked", "digits", 2, 0.2, 5e-3, 1500, hidden=32, batch=64)
    training = Training(case, 0)
    network = training.network
    network.encode, network.decode = lambda x: network.encoder(x).chunk(2, dim=1), network.decoder
    network.decoder.append(torch.nn.Dropout(0.0))
    network.decoder[-1].eval()
    watched = Monitor(digits, beta=case.beta, n_latents=2, total_steps=case.steps)
    for _ in range(case.steps):
        watched.update(*training.step())
    draws = torch.get_rng_state()
    answer = watched.ask_one_more(network, training.x.numpy())
    assert torch.equal(torch.get_rng_state(), draws)
    assert network.training
    assert network.encoder.training
    assert not network.decoder[-1].training
    assert answer == vaesym.one_more(network, training.x.numpy(), case.beta)
    assert len(answer.thresholds.active) == sum(verdict is Verdict.ACTIVE for verdict in watched.verdicts)
    assert all(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("scale", [0.5, 1.3])
def test_advice_on_scaled_noise_brings_its_kl_and_its_rates(gaussian, scale):
    """The rates of w' = Λv − s²w, v' = Λw − βΛv by their matrix."""
    advice = vaesym.advise(gaussian, latents=LATENTS, beta=0.7, noise_scale=scale, intervals=None)
    watched = Monitor(advice)
    np.testing.assert_allclose(watched.predicted_kl, [latent.kl for latent in advice.latents], rtol=1e-12)
    values = advice.eigenvalues[:LATENTS]
    growth = [np.linalg.eigvalsh([[-(scale**2), value], [value, -0.7 * value]])[-1] for value in values]
    np.testing.assert_allclose(watched._prediction.rates(0.7, 0.01), 0.02 * np.array(growth), rtol=1e-9)
    with pytest.raises(InputError, match="noise_scale = 1"):
        watched.ask_one_more(Trained(gaussian, 0.7, 2), gaussian)


def test_advice_on_other_objectives(digits):
    """A KL that is aimed at has a β, which is watched where no other is given; with free bits no latent collapses."""
    aimed = vaesym.advise(digits, latents=LATENTS, target_kl=1.0, intervals=None)
    assert Monitor(aimed).beta == aimed.target_kl.kl_weight
    assert Monitor(aimed).predicted_kl.sum() == pytest.approx(1.0)
    both = vaesym.advise(digits, latents=LATENTS, beta=0.3, target_kl=1.0, intervals=None)
    assert Monitor(both).beta == 0.3
    with pytest.raises(InputError, match="free bits"):
        Monitor(vaesym.advise(digits, latents=LATENTS, beta=0.3, free_bits=0.1, intervals=None))
