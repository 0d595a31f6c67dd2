"""Thresholds of full collapse that the linear theory gives for a network, and networks with Bernoulli pixels."""

import numpy as np
import pytest
import torch

from validation.images.collapse import Search, SearchTask, estimates
from validation.images.data.material import Material
from validation.images.networks import Architecture, Descent, Ensemble, gaussian_kl
from validation.images.studies import Subject, Workshop, local_spectrum, preset

DIGITS = Material("digits")


@pytest.fixture(scope="module")
def binary(tmp_path_factory):
    """Binary pixels driven by one hidden cause, and two that never change."""
    rng, path = np.random.default_rng(3), tmp_path_factory.mktemp("binary") / "binary.npy"
    logits = rng.normal(size=(2100, 1)) * np.array([1.5, -1.5, 1.0, -1.0, 0.7, 2.0]) + np.array([0, 0, 1, -1, 1.5, -1])
    x = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    np.save(path, np.column_stack([x, np.zeros(2100), np.ones(2100)]).astype(np.float32))
    return Material(str(path))


def test_gaussian_threshold_is_the_eigenvalue_of_the_covariance():
    images, members = DIGITS.training(150, (2,))
    expected = np.linalg.svd(images[members[0]].numpy() - images[members[0]].numpy().mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose(local_spectrum(DIGITS, 150, 2)[:20], expected[:20] / 150, rtol=1e-4)


def test_bernoulli_threshold_of_binary_pixels_is_the_eigenvalue_of_their_correlations(binary):
    x = binary.prepared.train.numpy()
    found = local_spectrum(binary, len(x), 0, "bernoulli")
    np.testing.assert_allclose(found, np.linalg.eigvalsh(np.corrcoef(x[:, :6].T))[::-1], rtol=1e-6)


def test_one_step_with_bernoulli_pixels_is_that_of_adam_on_the_cross_entropy():
    images, members = DIGITS.training(40, (5,))
    architecture = Architecture("mlp", (1, 8, 8), 2, (12,), "bernoulli")
    ensemble = Ensemble(architecture, Descent(5, 40, 1e-2, threads=1), images, members, (5,))
    network = architecture.build(5)
    x, noise = images[ensemble._batch(0, 0)[0]], ensemble._generator(0, 0, 5)
    mean, log = network.encode(x)
    entropy = torch.nn.functional.binary_cross_entropy(network.decode(mean + noise * torch.exp(log / 2)), x,
                                                       reduction="sum") / len(x)
    (entropy + 0.3 * gaussian_kl(mean, log).sum(-1).mean()).backward()
    torch.optim.Adam([p for name, p in network.named_parameters() if name != "decoder_log"], lr=1e-2).step()
    ensemble.step(0, torch.tensor([0.3]))
    for one, other in zip(ensemble.networks()[0].parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_networks_with_bernoulli_pixels_collapse_where_the_local_theory_says(binary):
    samples = len(binary.prepared.train)
    expected = float(local_spectrum(binary, samples, 0, "bernoulli")[0])
    task = SearchTask(binary, Architecture("mlp", binary.prepared.shape, 2, (16,), "bernoulli"),
                      Descent(250, 600, 1e-2, threads=1), Search(1, expected, "active", 5), samples, (0, 1))
    search = task.start()
    search.advance(search.total)
    found = search.result()
    # The eigenvalue of the covariance, or one half or twice of the right one, is far outside.
    covariance = float(local_spectrum(binary, samples, 0)[0])
    assert covariance < 0.5 * expected
    assert np.abs(np.log(estimates(found["low"][1], found["high"][1]) / expected)).max() < 0.1


def test_bernoulli_pixels_only_for_images_within_their_range(tmp_path):
    path = tmp_path / "wide.npy"
    np.save(path, np.random.default_rng(0).normal(size=(60, 4, 4)).astype(np.float32))
    shop = Workshop(Material(str(path)), preset("tiny"), tmp_path)
    assert set(shop.subjects) == {"MLP", "convolutional", "MLP 24-16"}
    assert "MLP, Bernoulli pixels" in Workshop(DIGITS, preset("tiny"), tmp_path).subjects


def test_images_that_a_network_cannot_take_are_refused_before_any_work(tmp_path):
    path = tmp_path / "odd.npy"
    np.save(path, np.random.default_rng(0).normal(size=(60, 6, 6)).astype(np.float32))
    with pytest.raises(ValueError, match="multiples of 4"):
        Workshop(Material(str(path)), preset("tiny"), tmp_path).check()


def test_a_subject_has_the_spectrum_of_its_likelihood():
    for likelihood in ("gaussian", "bernoulli"):
        subject = Subject("one", DIGITS, Architecture("mlp", (1, 8, 8), 2, (4,), likelihood))
        np.testing.assert_array_equal(subject.spectrum(300, 1), local_spectrum(DIGITS, 300, 1, likelihood))
