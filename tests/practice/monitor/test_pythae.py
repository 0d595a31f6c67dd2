"""The callback for pythae: on a trainer shaped like pythae's 0.1.2, and on pythae itself where it is installed."""

import copy
import pickle
import subprocess
import sys
import types

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError

torch = pytest.importorskip("torch")


class TrainingCallback:
    """As in pythae/trainers/training_callbacks.py: every event takes the configuration, the rest by keyword."""

    def on_train_begin(self, training_config, **kwargs): ...
    def on_train_step_begin(self, training_config, **kwargs): ...
    def on_train_step_end(self, training_config, **kwargs): ...
    def on_train_end(self, training_config, **kwargs): ...


class Output:
    def __init__(self, embedding, log_covariance):
        self.embedding, self.log_covariance = embedding, log_covariance


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.calls = torch.nn.Linear(5, 4), 0

    def forward(self, x):
        self.calls += 1
        mu, logvar = self.layer(x).chunk(2, dim=1)
        return Output(mu, logvar)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()


def train(model, callback, epochs=2, steps=3):
    """The order of events of pythae's base_trainer: after each epoch an evaluation and a copy of the model."""
    config, x = object(), torch.randn(8, 5)
    callback.on_train_begin(config, model=model, model_config=None)
    copies = []
    for epoch in range(epochs):
        callback.on_train_step_begin(config, model=model, train_loader=None, epoch=epoch, rank=-1)
        model.train()
        for _ in range(steps):
            model.encoder(x)
            callback.on_train_step_end(config, model=model)
        model.eval()
        model.encoder(x)
        copies.append(copy.deepcopy(model))
    callback.on_train_end(config, model=model)
    return copies, x


@pytest.fixture
def module(monkeypatch):
    stub = types.ModuleType("pythae.trainers.training_callbacks")
    stub.TrainingCallback = TrainingCallback
    for name in ("pythae", "pythae.trainers"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, stub.__name__, stub)
    import vaesym.practice.monitor.pythae as made

    made.__dict__.pop("MonitorCallback", None)
    yield made
    made.__dict__.pop("MonitorCallback", None)


def monitor():
    return vaesym.Monitor([3.0, 2.0], beta=1.0, n_latents=2, every=1)


def test_each_training_step_is_seen_once_and_evaluation_is_not(module):
    watched = monitor()
    callback = module.MonitorCallback(watched)
    assert isinstance(callback, TrainingCallback)
    model = Model()
    copies, x = train(model, callback)
    assert watched.step == 6
    mu, logvar = model.encoder.layer(x).detach().numpy().reshape(8, 2, 2).transpose(1, 0, 2)
    np.testing.assert_allclose(watched.kl, 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).mean(axis=0), rtol=1e-4)
    for one in (model, *copies):
        one.train()
        one.encoder(x)
    callback.on_train_step_end(object())
    assert watched.step == 6


def test_a_saved_model_does_not_hold_the_monitor(module):
    model = Model()
    callback = module.MonitorCallback(monitor())
    callback.on_train_begin(object(), model=model)
    loaded = pickle.loads(pickle.dumps(model))
    loaded.train()
    loaded.encoder(torch.zeros(2, 5))
    assert len(loaded.encoder._forward_hooks) == 1
    assert next(iter(loaded.encoder._forward_hooks.values())).receive is None


def test_alerts_are_told(module):
    told = []
    callback = module.MonitorCallback(monitor(), told.append)
    model = Model()
    torch.nn.init.constant_(model.encoder.layer.bias, float("nan"))
    train(model, callback, epochs=8)
    assert [alert.kind for alert in told] == ["diverged"]


def test_alerts_are_logged_if_nobody_listens(module, caplog):
    model = Model()
    torch.nn.init.constant_(model.encoder.layer.bias, float("nan"))
    train(model, module.MonitorCallback(monitor()), epochs=8)
    assert "the encoder diverges" in caplog.text


def test_a_model_without_encoder_is_refused(module):
    with pytest.raises(InputError, match="encoder"):
        module.MonitorCallback(monitor()).on_train_begin(object(), model=torch.nn.Linear(2, 2))


def test_without_pythae_the_module_is_there_and_the_callback_says_what_is_missing():
    script = ("import sys; sys.modules['pythae'] = None\nimport vaesym.practice.monitor.pythae as module\n"
              "try:\n    module.MonitorCallback\nexcept ValueError as error:\n    print(error)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install pythae" in done.stdout


def test_with_pythae_itself(tmp_path):
    pytest.importorskip("pythae")
    from pythae.models import BetaVAE, BetaVAEConfig
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig

    from vaesym.practice.monitor.pythae import MonitorCallback

    data = np.random.default_rng(0).normal(size=(256, 1, 6)).astype(np.float32) * [3, 1, 1, 1, 1, 1]
    config = BaseTrainerConfig(output_dir=str(tmp_path), num_epochs=25, per_device_train_batch_size=32,
                               learning_rate=1e-3, no_cuda=True)
    model = BetaVAE(BetaVAEConfig(input_dim=(1, 6), latent_dim=2, beta=20.0))
    watched = vaesym.Monitor(data.reshape(256, 6), beta=20.0, n_latents=2, every=1)
    TrainingPipeline(training_config=config, model=model)(train_data=data.astype(np.float32),
                                                          callbacks=[MonitorCallback(watched)])
    assert watched.step == 25 * 8
    assert sorted(latent for alert in watched.alerts for latent in alert.latents) == [0, 1]
    assert {alert.kind for alert in watched.alerts} == {"collapsed"}
