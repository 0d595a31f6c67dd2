"""The stability of a collapsed latent in one network: the sign of the loss along the worst direction tells it."""

import numpy as np
import pytest
import torch

from vaesym.inputs import InputError
from validation.images.measures import tangent_threshold
from validation.images.networks import conv_vae, mlp_vae


def _double(network):
    return network.double().eval()


def test_where_all_units_are_on_it_is_the_residual_covariance():
    torch.manual_seed(0)
    net = _double(mlp_vae((1, 1, 4), 1, (12,)))
    x = torch.randn(3000, 4, dtype=torch.float64) * torch.tensor([3.0, 2.0, 1.0, 0.5])
    with torch.no_grad():
        # Biases so large that every ReLU is linear: encoder and decoder span all linear maps.
        net.features[0].bias += 100
        net.decoder[0][0].bias += 100
        net.mean.weight *= 0
        net.mean.bias *= 0
        net.decoder[1].bias += -net.decode(torch.zeros(1, 1, dtype=torch.float64))[0]
        net.decoder[0][0].weight *= 0
    second = np.linalg.eigvalsh((x.T @ x / len(x)).numpy())[-1]
    assert tangent_threshold(net, x) == pytest.approx(second, rel=1e-4)


def test_the_loss_falls_below_the_threshold_and_not_above():
    """Grow the new latent by descent on its own weights only: it pays at β below the threshold, not above."""
    torch.manual_seed(1)
    net = _double(mlp_vae((1, 1, 3), 1, (8,)))
    x = torch.randn(800, 3, dtype=torch.float64) * torch.tensor([2.0, 1.5, 1.0])
    with torch.no_grad():
        # Stationary in what a constant b and a constant a could do: otherwise order one terms mix in.
        net.decoder[1].bias += (x - net.decode(net.encode(x)[0])).mean(0)
    threshold = tangent_threshold(net, x, draws=2)
    for factor, pays in ((0.8, True), (1.25, False)):
        assert (_least_change(net, x, factor * threshold) < -1e-9) == pays


def _least_change(net, x, beta):
    """The least eigenvalue of the second-order form in (v, w), by automatic differentiation of the loss itself."""
    half = torch.randn((1, len(x), 1), generator=torch.Generator().manual_seed(0))
    mean, log = net.encode(x)
    phi = torch.cat([net.features(x), torch.ones(len(x), 1, dtype=x.dtype)], dim=1).detach()
    first, output = net.decoder[0][0], net.decoder[1]
    z = (mean + torch.cat([half, -half]).double() * torch.exp(log / 2)).detach()
    features, hidden = phi.shape[1], first.out_features

    def loss(parameters):
        v, w = parameters[:features], parameters[features:]
        a, total = phi @ v, 0.0
        # ζ ~ N(a, 1): two points a ± 1 have the moments that enter at second order.
        for sign in (1.0, -1.0):
            before = first(z) + (a + sign)[None, :, None] * w
            total = total + (x - output(torch.relu(before))).square().sum(-1).mean() / 4
        return total + beta * a.square().mean() / 2

    # Units that are off keep w without effect; ReLUs have no curvature of their own.
    hessian = torch.autograd.functional.hessian(loss, torch.zeros(features + hidden, dtype=x.dtype))
    return float(torch.linalg.eigvalsh(hessian)[0])


def test_other_decoders_are_refused():
    with pytest.raises(InputError, match="one hidden layer"):
        tangent_threshold(mlp_vae((1, 2, 2), 1, (4, 4)), torch.zeros(5, 4))
    with pytest.raises(InputError, match="one hidden layer"):
        tangent_threshold(conv_vae((1, 4, 4), 1, (2,)), torch.zeros(5, 16))
