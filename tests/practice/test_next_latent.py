"""The threshold of a further latent: exact in the linear model, and above the residual covariance where b can turn."""

import numpy as np
import pytest

from vaesym.inputs import InputError
from vaesym.practice.next_latent import next_latent


def _linear(scales, beta, samples=20_000, seed=0):
    """The linear VAE with one latent at its minimum on Gaussian data: data, encoder, decoder."""
    x = np.random.default_rng(seed).normal(size=(samples, len(scales))) * scales
    values, vectors = np.linalg.eigh(x.T @ x / samples)
    top, direction = values[-1], vectors[:, -1]
    weight, shrink = np.sqrt(top - beta), np.log(beta / top)
    return x, lambda x: (x @ direction[:, None] * weight / top, np.full((len(x), 1), shrink)), \
        lambda z: z * weight * direction, values[-2]


def test_linear_model_gives_the_second_eigenvalue():
    x, encode, decode, second = _linear([3.0, 2.0, 1.0, 0.5], beta=2.5)
    found = next_latent(x, encode, decode, centres=8)
    assert found.active == (0,)
    assert found.constant == pytest.approx(second, rel=1e-4)
    # With b free the in-sample value is above by what 8 bumps can follow of the noise: at most a few standard errors.
    error = second * np.sqrt(2 * 8 / len(x))
    assert second * (1 - 1e-6) <= found.conditional < second + 5 * error
    assert abs(found.held_out - second) < 5 * error


@pytest.mark.parametrize(("beta", "draws"), [(0.6, 4), (1.05, 8), (1.3, 4), (1.5, 8)])
def test_noise_of_the_draws_is_not_counted_as_something_to_explain(beta, draws):
    """Two active latents of a linear model: the third eigenvalue, or what an active latent leaves of its own, β²/Λ."""
    x = np.random.default_rng(0).normal(size=(20_000, 5)) * np.sqrt([4.0, 2.0, 1.0, 0.5, 0.25])
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    top, directions = values[:-3:-1], vectors[:, :-3:-1]
    weight, shrink = np.sqrt(top - beta), np.log(beta / top)
    found = next_latent(x, lambda x: (x @ directions * (weight / top), np.tile(shrink, (len(x), 1))),
                        lambda z: (z * weight) @ directions.T, draws=draws)
    exact = max(values[2], *(beta**2 / top))
    assert found.active == (0, 1)
    assert found.constant == pytest.approx(exact, rel=1e-3)
    # With one group of draws it would be about β, whatever the eigenvalues.
    assert exact * (1 - 1e-3) < found.conditional < exact * 1.01
    assert found.held_out == pytest.approx(exact, rel=0.015)


def test_collapsed_latents_leave_the_covariance():
    x = np.random.default_rng(1).normal(size=(500, 5)) * [3, 2, 1, 1, 1]
    found = next_latent(x, lambda x: (np.zeros((len(x), 2)), np.zeros((len(x), 2))), lambda z: np.zeros((len(z), 5)))
    top = np.linalg.eigvalsh(x.astype(np.float32).T @ x / 500)[-1]
    assert found.constant == found.conditional == found.held_out == pytest.approx(top, rel=1e-4)


def test_a_direction_that_turns_with_the_active_latent():
    rng = np.random.default_rng(2)
    z, u = rng.normal(size=20_000), rng.normal(size=20_000) * 2.0
    x = np.column_stack([20 * z, np.where(z > 0, u, 0.0), np.where(z > 0, 0.0, u)])
    sharp = np.log(1e-4)
    found = next_latent(x, lambda x: (x[:, :1] / 20, np.full((len(x), 1), sharp)),
                        lambda z: np.column_stack([20 * z, np.zeros((len(z), 2))]), centres=8)
    # Constant b sees half of the variance 4 in each direction; b(z) that turns at z = 0 sees all of it.
    assert found.constant == pytest.approx(2.0, rel=0.05)
    # The largest of 8 regions' variances in the sample: each scatters by √(2/n) of itself.
    assert 4.0 * 0.97 < found.conditional < 4.0 * (1 + 4 * np.sqrt(2 * 8 / len(x)))
    assert found.held_out == pytest.approx(4.0, rel=0.05)


def test_tensors_with_gradients_are_taken():
    torch = pytest.importorskip("torch")
    x, encode, decode, _ = _linear([3.0, 2.0, 1.0], beta=2.5, samples=2000)
    weight = torch.tensor(1.0, requires_grad=True)
    tensors = next_latent(x, lambda x: tuple(torch.tensor(part) * weight for part in encode(x)),
                          lambda z: torch.tensor(decode(z)) * weight)
    arrays = next_latent(x, encode, decode)
    assert tensors.conditional == pytest.approx(arrays.conditional, rel=1e-5)


@pytest.mark.parametrize(("change", "words"), [
    ({"encode": lambda x: (x[:, 0], x[:, 0])}, "means and log-variances"),
    ({"decode": lambda z: z[:, :1]}, r"reconstructions \(B, 3\)"),
    ({"draws": 6}, "multiple of 4"), ({"centres": 0}, "centres"), ({"data": np.full((5, 3), np.nan)}, "finite")])
def test_what_does_not_fit_is_refused(change, words):
    x, encode, decode, _ = _linear([3.0, 2.0, 1.0], beta=2.5, samples=100)
    options = {"data": x, "encode": encode, "decode": decode, **change}
    with pytest.raises(InputError, match=words):
        next_latent(options.pop("data"), options.pop("encode"), options.pop("decode"), **options)
