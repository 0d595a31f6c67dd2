"""Latents switch off one at a time at βσ² = Λ_l, in linear and in ReLU networks, for Gaussian and mixed data."""

import numpy as np
import pytest
import torch

from vaesym.inputs import InputError
from validation.simulate.data import PrescribedData, all_samples, second_moments
from validation.simulate.runs import Settings
from validation.simulate.switching import BatchedReLU, Switching

EIGENVALUES = (4.0, 2.0, 0.4, 0.2)
#: A decoder variance in each interval: two latents active, one, none.
VARIANCES = (1.0, 2.8, 5.0)


@pytest.mark.parametrize("law", ["gaussian", "mixture"])
def test_covariance_is_exactly_the_prescribed_one(law):
    data = PrescribedData(EIGENVALUES, 90, law, seed=3)
    moments = second_moments(data) * 4 / 90
    np.testing.assert_allclose(np.linalg.eigvalsh(moments)[::-1], EIGENVALUES, rtol=1e-12)
    basis = data.weights() / 2
    np.testing.assert_allclose(basis.T @ moments @ basis, np.diag(EIGENVALUES), atol=1e-12)


def test_the_mixture_has_clusters_and_the_gaussian_none():
    coordinates = {law: all_samples(data := PrescribedData(EIGENVALUES, 4000, law)) @ data.weights()
                   / np.sqrt(4 * np.array(EIGENVALUES)) for law in ("gaussian", "mixture")}
    fourth = {law: (c**4).mean(axis=0) for law, c in coordinates.items()}
    assert (fourth["mixture"][:2] < 2).all()
    assert (fourth["mixture"][2:] > 2.5).all()
    assert (fourth["gaussian"] > 2.5).all()


@pytest.mark.parametrize("law", ["gaussian", "mixture"])
def test_linear_latents_switch_off_at_the_eigenvalues(law):
    variances = (0.5, 1.8, 2.2, 3.6, 4.4)
    sweep = Switching(PrescribedData(EIGENVALUES, 60, law), variances, beta=1.0,
                      settings=Settings(epochs=3000, learning_rate=0.01, device="cpu"))
    measured = sweep.measured()
    np.testing.assert_allclose(measured, sweep.predicted(), atol=2e-4)
    assert (measured > 1e-3).sum(axis=1).tolist() == [2, 2, 1, 1, 0]


def test_beta_and_the_decoder_variance_act_by_their_product():
    data = PrescribedData(EIGENVALUES, 60)
    one, other = (Switching(data, (product / beta,), beta=beta, settings=Settings(method="exact")).measured()
                  for product, beta in ((1.5, 0.5), (1.5, 2.0)))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("law", ["gaussian", "mixture"])
def test_relu_latents_switch_off_in_the_same_order(law):
    settings = Settings(epochs=700, learning_rate=6e-3, device="cpu", precision="float32")
    sweep = Switching(PrescribedData(EIGENVALUES, 250, law), VARIANCES, network="relu", hidden=24, settings=settings)
    measured = sweep.measured()
    assert (measured > 0.03).sum(axis=1).tolist() == [2, 1, 0]
    np.testing.assert_allclose(measured, sweep.predicted(), atol=0.12)


def test_copies_are_independent_networks():
    networks = BatchedReLU(2, 4, 8, 3, seed=0)
    x = torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    means, logs = networks.encode(x)
    hidden = torch.relu(x[1] @ networks.weights[0][1] + networks.biases[0][1])
    torch.testing.assert_close(torch.cat([means[1], logs[1]], dim=1),
                               hidden @ networks.weights[1][1] + networks.biases[1][1])
    gradient = torch.autograd.grad(networks.decode(means)[0].sum(), networks.weights[0])[0]
    assert gradient[0].abs().sum() > 0
    assert (gradient[1] == 0).all()


@pytest.mark.parametrize("make", [
    lambda: PrescribedData((1.0, 2.0), 9), lambda: PrescribedData((2.0, -1.0), 9),
    lambda: PrescribedData((2.0, 1.0), 1),
    lambda: PrescribedData((2.0, 1.0), 9, "cauchy"), lambda: PrescribedData((2.0, 1.0), 9, seed=-1),
    lambda: Switching(PrescribedData((2.0, 1.0), 9), (0.0,)),
    lambda: Switching(PrescribedData((2.0, 1.0), 9), (1.0,), latents=3),
    lambda: Switching(PrescribedData((2.0, 1.0), 9), (1.0,), network="tanh"),
    lambda: Switching(PrescribedData((2.0, 1.0), 9), (1.0,), beta=-1.0),
])
def test_bad_input_is_refused(make):
    with pytest.raises(InputError):
        make()
