"""The networks of [IH]: shapes, parameters, and the KL of a Gaussian."""

import pytest
import torch

from vaesym.inputs import InputError
from validation.images.networks import Architecture, conv_vae, gaussian_kl, mlp_vae


def test_mlp_of_the_paper_has_its_parameters():
    net = mlp_vae((1, 28, 28), latents=2)
    sizes = [784 * 128 + 128, 2 * (128 * 2 + 2), 2 * 128 + 128, 128 * 784 + 784, 1]
    assert sum(p.numel() for p in net.parameters()) == sum(sizes)


def test_convolutional_vae_of_the_paper():
    net = conv_vae((3, 32, 32), latents=128)
    x = torch.rand(2, 3 * 32 * 32)
    assert net.mean.in_features == 4096
    assert net.features(x).shape == (2, 4096)
    assert net.decode(net.encode(x)[0]).shape == x.shape


def test_hidden_layers_are_mirrored():
    net = mlp_vae((1, 4, 4), 3, (20, 10))
    assert [p.shape[0] for name, p in net.decoder.named_parameters() if name.endswith("weight")] == [10, 20, 16]


def test_kl_is_that_of_torch():
    mean, log = torch.randn(50, 3, dtype=torch.float64), torch.randn(50, 3, dtype=torch.float64)
    q = torch.distributions.Normal(mean, torch.exp(log / 2))
    p = torch.distributions.Normal(torch.zeros(3, dtype=torch.float64), 1.0)
    torch.testing.assert_close(gaussian_kl(mean, log), torch.distributions.kl_divergence(q, p))


def test_seeds_decide_and_leave_global_state_alone():
    architecture = Architecture("mlp", (1, 2, 2), 1, (3,))
    before = torch.random.get_rng_state()
    first, again, other = (architecture.build(seed).mean.weight for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(("make", "words"), [
    (lambda: mlp_vae((1, 4, 4), 0), "latents"), (lambda: mlp_vae((1, 4, 4), 2, ()), "hidden layer"),
    (lambda: conv_vae((1, 30, 28)), "multiples of 4"), (lambda: conv_vae((1, 28, 28), channels=()), "convolution"),
    (lambda: Architecture("rnn", (1, 2, 2), 1, (3,)), "mlp, conv")])
def test_bad_networks_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()
