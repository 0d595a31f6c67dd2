"""Networks trained together are those trained alone, and an interruption changes nothing."""

import numpy as np
import pytest
import torch

from validation.images.collapse import DescentTask, Search, SearchTask
from validation.images.data.material import Material
from validation.images.measures import Quality, next_latents
from validation.images.networks import Architecture, Descent, Ensemble, gaussian_kl, latent_kl
from validation.study.threads import limited_threads

DIGITS = Material("digits")
NET = Architecture("mlp", (1, 8, 8), 2, (12,))
SHORT = Descent(12, 32, 1e-2, threads=1)


def _trained(seeds, betas, descent=SHORT):
    images, members = DIGITS.training(200, seeds)
    ensemble = Ensemble(NET, descent, images, members, seeds)
    # Many small matrices gain nothing from threads, and wait for one another on a busy machine.
    with limited_threads():
        for step in range(descent.steps):
            ensemble.step(step, torch.tensor(betas))
    return ensemble


def test_together_is_as_alone():
    together = _trained((3, 4), (0.1, 0.5)).networks()
    for network, seed, beta in zip(together, (3, 4), (0.1, 0.5), strict=True):
        alone = _trained((seed,), (beta,)).networks()[0]
        for one, other in zip(network.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_one_step_is_that_of_adam_on_the_loss():
    images, members = DIGITS.training(40, (5,))
    ensemble = Ensemble(NET, Descent(5, 40, 1e-2, threads=1), images, members, (5,))
    network = NET.build(5)
    rows, noise = ensemble._batch(0, 0)[0], ensemble._generator(0, 0, 5)
    mean, log = network.encode(images[rows])
    squares = (images[rows] - network.decode(mean + noise * torch.exp(log / 2))).square().sum(-1)
    (squares.mean() / 2 + 0.3 * gaussian_kl(mean, log).sum(-1).mean()).backward()
    optimiser = torch.optim.Adam([p for name, p in network.named_parameters() if name != "decoder_log"], lr=1e-2)
    optimiser.step()
    ensemble.step(0, torch.tensor([0.3]))
    for one, other in zip(ensemble.networks()[0].parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_an_epoch_shows_every_image_once():
    images, members = DIGITS.training(96, (0, 1))
    ensemble = Ensemble(NET, SHORT, images, members, (0, 1))
    shown = torch.cat([ensemble._batch(step, 0) for step in range(3)], dim=1).numpy()
    assert (np.sort(shown, axis=1) == np.sort(members, axis=1)).all()
    assert (shown[0] != shown[1]).any()


def test_decoder_variance_is_learned_only_if_asked_for():
    fixed = _trained((0,), (0.1,))
    learned = _trained((0,), (0.1,), Descent(350, 100, 4e-2, learn_decoder_variance=True, threads=1))
    assert float(fixed.parameters["decoder_log"].detach()) == 0
    network = learned.networks()[0]
    images = learned.images[learned.members[0]]
    with torch.no_grad():
        mean, log = network.encode(images)
        noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(0))
        squares = (images - network.decode(mean + noise * torch.exp(log / 2))).square().sum(-1)
    # At the optimum σ² is the mean squared error of a pixel.
    assert float(network.decoder_log.detach().exp()) == pytest.approx(float(squares.mean()) / 64, rel=0.1)


def test_kl_is_the_mean_over_the_samples():
    network, images = NET.build(0), DIGITS.prepared.train
    expected = gaussian_kl(*(part.double() for part in network.encode(images[:70]))).mean(0).detach().numpy()
    np.testing.assert_allclose(latent_kl(network, images, torch.arange(70)), expected, rtol=1e-5)


@pytest.mark.parametrize("task", [
    DescentTask(DIGITS, NET, SHORT, 100, (0.1, 0.2), (0, 1), Quality(DIGITS)),
    DescentTask(DIGITS, Architecture("mlp", (1, 8, 8), 1, (12,)), SHORT, 100, (0.1, 0.2), (0, 1), next_latents),
    SearchTask(DIGITS, NET, SHORT, Search(1, 0.7, "cold", 3), 100, (0, 1)),
    SearchTask(DIGITS, NET, SHORT, Search(2, 0.5, "active", 2), 100, (0, 1)),
    SearchTask(DIGITS, NET, SHORT, Search(2, 0.5, "added", 2), 100, (0, 1))])
def test_an_interruption_changes_nothing(task):
    whole = task.start()
    whole.advance(whole.total)
    training, stops = task.start(), sorted({1, 7, 12, 13, 29, whole.total})
    for stop in (stop for stop in stops if stop <= whole.total):
        training.advance(stop)
        saved = training.state()
        training = task.start()
        training.restore(saved)
    expected, found = whole.result(), training.result()
    assert set(expected) == set(found)
    for name, (_, values) in expected.items():
        np.testing.assert_array_equal(found[name][1], values, err_msg=name)


@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_a_latent_set_to_zero_is_collapsed_and_unseen_by_the_decoder(kind):
    images, members = DIGITS.training(40, (0, 1))
    ensemble = Ensemble(Architecture(kind, (1, 8, 8), 3, (12,)), SHORT, images, members, (0, 1))
    before = ensemble.networks()
    ensemble.set_latent(1)
    assert (ensemble.kl()[:, 1] == 0).all()
    z = torch.randn(5, 3)
    moved = z + torch.tensor([0.0, 2.0, 0.0])
    for old, new in zip(before, ensemble.networks(), strict=True):
        assert not torch.allclose(old.decode(z), old.decode(moved))
        torch.testing.assert_close(new.decode(z), new.decode(moved))
        torch.testing.assert_close(new.encode(images)[0][:, 0], old.encode(images)[0][:, 0])
    ensemble.set_latent(1, {name: 0.5 * value for name, value in ensemble.parameters.items()})
    assert (ensemble.kl()[:, 1] == 0).all()


def test_samples_are_nested_in_the_data_and_differ_by_seed():
    images, members = DIGITS.training(50, (0, 1))
    assert members.shape == (2, 50)
    assert all(len(set(row)) == 50 for row in members.tolist())
    assert (members[0] != members[1]).any()
    assert members.max() < len(images)
    with pytest.raises(ValueError, match="at most 1437 samples"):
        DIGITS.training(5000, (0,))


def test_fewer_images_than_latents_are_refused():
    images, members = DIGITS.training(1, (0,))
    with pytest.raises(ValueError, match="at least as many images as latents, 2; received 1 images"):
        Ensemble(NET, SHORT, images, members, (0,))


def test_too_few_images_are_refused_before_any_training(tmp_path):
    np.save(tmp_path / "few.npy", np.random.default_rng(0).integers(0, 255, (5, 4, 4), dtype=np.uint8))
    with pytest.raises(ValueError, match="at least 2 images to train on and 2 to test with; received 4 and 1"):
        _ = Material(str(tmp_path / "few.npy")).prepared


def test_components_are_an_orthogonal_change_of_coordinates():
    all_of, some = Material("digits", 64).prepared, Material("digits", 20).prepared
    pixels = DIGITS.prepared.train.numpy()
    np.testing.assert_allclose(all_of.pixels(all_of.train.numpy()), pixels, atol=1e-5)
    error = np.square(some.pixels(some.train.numpy()) - pixels).sum(axis=1).mean()
    assert error == pytest.approx(some.left_out, rel=1e-4)
    assert some.left_out == pytest.approx(some.eigenvalues[20:].sum(), rel=1e-4)
    np.testing.assert_allclose(np.cov(some.train.numpy().T, bias=True), np.diag(some.eigenvalues[:20]), atol=1e-4)
