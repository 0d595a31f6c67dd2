"""What the networks of a scan start from, before any step: the exact linear VAE, at every β."""

import numpy as np
import pytest

from vaesym.practice.scan.networks import Conditioned
from vaesym.practice.scan.prepared import prepare
from vaesym.practice.scan.settings import checked
from vaesym.practice.scan.training import evaluate, log_range_of, tensors_of

torch = pytest.importorskip("torch")


def data(samples: int = 500) -> np.ndarray:
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(12, 12)))[0]
    return rng.normal(size=(samples, 12)) * np.sqrt([9.0, 5.0, 2.5, *[0.5] * 9]) @ turn + 3.0


def begun(values: np.ndarray, condition: object = None, **options: object):
    settings = checked(3, held_out=0.0, beta_range=(0.6, 12.0), **options)
    ready = prepare(values, condition, settings)
    return ready, Conditioned(ready, settings, log_range_of(ready), 0)


@pytest.mark.parametrize("hidden", [(24,), (40, 12), (16, 33, 20)])
@pytest.mark.parametrize("beta", [0.7, 2.0, 4.0, 7.0, 11.0])
def test_rectified_networks_start_as_the_exact_linear_vae(hidden, beta):
    ready, model = begun(data(), hidden=hidden)
    unit = ready.observation.unit**2
    found = evaluate(model, tensors_of(ready, "cpu"), ready.training, np.log(beta / unit))
    theory = ready.linear
    assert found.kl == pytest.approx(theory.kl(np.array([beta]))[0], abs=1e-5)
    # The noise of z is drawn, of variance 1 in each latent but not free of correlations.
    assert 2 * unit * found.misfit == pytest.approx(float(theory.error(np.array([beta]))[0]), rel=0.03)


def test_latents_without_room_or_signal_start_as_they_come():
    flat = data() * 0 + np.random.default_rng(0).normal(size=(500, 1)) * np.ones(12)
    for values, hidden in ((data(), (8,)), (data(), (3,)), (flat, (24,))):
        ready, model = begun(values, hidden=hidden)
        found = evaluate(model, tensors_of(ready, "cpu"), ready.training, model.low)
        assert np.isfinite([found.misfit, *found.kl]).all()


def test_the_first_gate_stays_where_full_collapse_is_known():
    """Not with other likelihoods, with a condition, or in networks whose reach is not known."""
    own = {"encoder": lambda inputs: torch.nn.Linear(inputs, 6), "decoder": lambda inputs: torch.nn.Linear(inputs, 12)}
    for options, stays in (({}, True), ({"hidden": ()}, True), (own, False),
                           ({"likelihood": "poisson"}, False), ({"condition": np.arange(500.0)}, False)):
        _, model = begun(np.round(np.abs(data())), **options)
        at = torch.zeros(4) + model.low
        model.gates(at).sum().backward()
        assert (model.log_gates.grad[0] == 0) == stays
        assert (model.log_gates.grad[1:] != 0).all()
