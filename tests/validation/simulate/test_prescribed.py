"""Data of prescribed covariance: exact moments, clusters, and latents that switch off one at a time at βσ² = Λ_l."""

import numpy as np
import pytest
import torch

from vaesym.inputs import InputError
from validation.images.networks import Architecture, Descent, Ensemble
from validation.simulate.data import PrescribedData, all_samples, second_moments
from validation.simulate.descent import train
from validation.simulate.runs import Run, Settings
from validation.study.threads import limited_threads

EIGENVALUES = (4.0, 2.0, 0.4, 0.2)


def predicted(products):
    """The KL of two latents: ½ ln(Λ_l/βσ²), 0 where βσ² ≥ Λ_l."""
    return np.log(np.maximum(np.array(EIGENVALUES[:2]) / np.array(products)[:, None], 1.0)) / 2


def measured(runs, settings):
    found = train(runs, settings)
    overlaps, variances = (np.stack([one[name] for one in found]) for name in ("d", "D"))
    means = (overlaps**2 * np.array(EIGENVALUES)).sum(axis=2)
    return -np.sort(-(means + variances - 1 - np.log(variances)) / 2, axis=1)


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
    runs = [Run(PrescribedData(EIGENVALUES, 60, law), latents=2, decoder_variance=variance) for variance in variances]
    found = measured(runs, Settings(epochs=3000, learning_rate=0.01, device="cpu"))
    np.testing.assert_allclose(found, predicted(variances), atol=2e-4)
    assert (found > 1e-3).sum(axis=1).tolist() == [2, 2, 1, 1, 0]


def test_beta_and_the_decoder_variance_act_by_their_product():
    runs = [Run(PrescribedData(EIGENVALUES, 60), beta, latents=2, decoder_variance=1.5 / beta) for beta in (0.5, 2.0)]
    one, other = measured(runs, Settings(method="exact"))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("law", ["gaussian", "mixture"])
def test_relu_latents_switch_off_in_the_same_order(law):
    images = torch.from_numpy(all_samples(PrescribedData(EIGENVALUES, 250, law))).float()
    betas, members = (1.0, 2.8, 5.0), np.tile(np.arange(250), (3, 1))
    descent = Descent(700, 250, 6e-3, threads=1)
    networks = Ensemble(Architecture("mlp", (1, 1, 4), 2, (24,)), descent, images, members, (0, 0, 0))
    with limited_threads():
        for step in range(descent.steps):
            networks.step(step, torch.tensor(betas))
    found = -np.sort(-networks.kl(), axis=1)
    assert (found > 0.03).sum(axis=1).tolist() == [2, 1, 0]
    np.testing.assert_allclose(found, predicted(betas), atol=0.12)


@pytest.mark.parametrize("given", [((1.0, 2.0), 9), ((2.0, -1.0), 9), ((2.0, 1.0), 1), ((2.0, 1.0), 9, "cauchy"),
                                   ((2.0, 1.0), 9, "gaussian", -1)])
def test_bad_input_is_refused(given):
    with pytest.raises(InputError):
        PrescribedData(*given)
