"""The three forms of the loss: on samples, through second moments, in NumPy, and their gradients."""

import numpy as np
import pytest
import torch

import vaesym
from vaesym.inputs import InputError
from validation.laboratory.gram import loss_and_gradient
from validation.laboratory.models import GramGradient, LinearVAE, gram_loss, sample_loss

N, P, RUNS = 13, 29, 3


def batch(latents, seed=0):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(RUNS, P, N, generator=g, dtype=torch.float64)
    return {
        "x": x, "weights": torch.randn(RUNS, 2 * latents, N, generator=g, dtype=torch.float64),
        "logs": torch.randn(RUNS, latents, generator=g, dtype=torch.float64),
        "decoder_log": torch.randn(RUNS, generator=g, dtype=torch.float64) / 2,
        "beta": torch.tensor([0.3, 1.0, 2.0], dtype=torch.float64),
        "lam": torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64),
        "learned": torch.tensor([True, False, True]),
    }


def differentiated(function, parameters):
    leaves = [p.clone().requires_grad_() for p in parameters]
    value = function(*leaves)
    return value.detach(), [part.detach() for part in torch.autograd.grad(value.sum(), leaves)]


def definition(x, w, v, logs, decoder_log, beta, lam):
    """R of one run, term by term as it is defined."""
    variances, sigma2 = np.exp(logs), np.exp(decoder_log)
    total = lam / 2 * (np.sum(w**2) + np.sum(v**2))
    for sample in x:
        mean = v.T @ sample / np.sqrt(N)
        residual = sample - w @ mean / np.sqrt(N)
        spread = np.sum(variances * np.sum(w**2, axis=0)) / N
        total += (residual @ residual + spread - sample @ sample) / 2 / sigma2
        total += beta / 2 * np.sum(mean**2 + variances - logs - 1)
    return total


@pytest.mark.parametrize("latents", [1, 3])
def test_samples_moments_and_written_gradient_agree(latents):
    b = batch(latents)
    moments, samples = b["x"].mT @ b["x"] / N, torch.full((RUNS,), P, dtype=torch.float64)
    rest = (b["beta"], b["lam"], b["learned"])
    parameters = (b["weights"], b["logs"], b["decoder_log"])
    by_samples, gradients = differentiated(lambda *p: sample_loss(b["x"], *p, *rest), parameters)
    by_moments, others = differentiated(lambda *p: gram_loss(moments, samples, *p, *rest), parameters)
    torch.testing.assert_close(by_moments, by_samples, rtol=1e-12, atol=0)
    written = [torch.empty_like(p) for p in parameters]
    energy = (b["x"] ** 2).sum((1, 2)) / 2
    gradient = GramGradient(samples, b["beta"], b["lam"], b["learned"].double(), energy, latents, N)
    gradient(b["weights"] @ moments, *parameters, *written)
    # A decoder variance that is not learned stays where it is.
    gradients[2][1] = others[2][1] = 0.0
    for one, two, three in zip(gradients, others, written, strict=True):
        scale = float(one.abs().max())
        assert float((one - two).abs().max()) < 1e-12 * scale
        assert float((one - three).abs().max()) < 1e-12 * scale


@pytest.mark.parametrize("latents", [1, 2])
def test_loss_is_its_definition(latents):
    b = batch(latents, seed=1)
    found = sample_loss(b["x"], b["weights"], b["logs"], b["decoder_log"], b["beta"], b["lam"])
    for i in range(RUNS):
        weights = b["weights"][i].numpy().T
        expected = definition(b["x"][i].numpy(), weights[:, :latents], weights[:, latents:], b["logs"][i].numpy(),
                              float(b["decoder_log"][i]), float(b["beta"][i]), float(b["lam"][i]))
        assert float(found[i]) == pytest.approx(expected, rel=1e-12)


def test_a_learned_decoder_variance_adds_the_terms_of_a_gaussian_likelihood():
    b = batch(2, seed=2)
    everything = (b["x"], b["weights"], b["logs"], b["decoder_log"], b["beta"], b["lam"])
    added = sample_loss(*everything, torch.ones(RUNS, dtype=torch.bool)) - sample_loss(*everything)
    sigma2, energy = b["decoder_log"].exp(), (b["x"] ** 2).sum((1, 2)) / 2
    torch.testing.assert_close(added, P * N / 2 * sigma2.log() + energy / sigma2 - energy, rtol=1e-11, atol=1e-10)


def test_scaling_of_the_decoder_variance():
    b = batch(2, seed=3)
    first = sample_loss(b["x"], b["weights"], b["logs"], b["decoder_log"], b["beta"], b["lam"])
    sigma2 = b["decoder_log"].exp()
    scaled = sample_loss(b["x"], b["weights"], b["logs"], 0 * b["decoder_log"], b["beta"] * sigma2, b["lam"] * sigma2)
    torch.testing.assert_close(sigma2 * first, scaled, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("learn", [False, True])
def test_numpy_form_and_its_gradient_are_those_of_torch(learn):
    b = batch(2, seed=4)
    moments = b["x"].mT @ b["x"] / N
    samples, learned = torch.full((RUNS,), P, dtype=torch.float64), torch.full((RUNS,), learn)
    sigma = b["decoder_log"] if learn else torch.zeros(RUNS, dtype=torch.float64)
    value, (w, logs, s) = differentiated(lambda *p: gram_loss(moments, samples, *p, b["beta"], b["lam"], learned),
                                         (b["weights"], b["logs"], sigma))
    for i in range(RUNS):
        both = b["weights"][i].reshape(2, 2, N).mT.numpy() / np.sqrt(N)
        flat = np.concatenate([both.ravel(), b["logs"][i].numpy(), sigma[i : i + 1].numpy() if learn else []])
        beta, lam = float(b["beta"][i]), float(b["lam"][i])
        loss, gradient = loss_and_gradient(flat, moments[i].numpy(), P, 2, beta, lam, learn)
        assert loss == pytest.approx(float(value[i]) / N, rel=1e-12)
        expected = [w[i].reshape(2, 2, N).mT.numpy().ravel() * np.sqrt(N), logs[i].numpy()]
        expected.append(s[i : i + 1].numpy() if learn else np.zeros(0))
        np.testing.assert_allclose(gradient, np.concatenate(expected) / N, rtol=1e-10, atol=1e-11)


def test_sampled_reconstruction_is_unbiased():
    vae = LinearVAE(N, 2)
    x = torch.randn(5, N, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        vae.log_variances[:] = torch.tensor([-0.5, 0.3])
        exact = float(vae.loss(x, 0.7, 0.2))
        drawn = np.array([float(vae.loss(x, 0.7, 0.2, torch.randn(5, 2, generator=generator, dtype=torch.float64)))
                          for _ in range(2000)])
    assert abs(drawn.mean() - exact) < 4 * drawn.std() / np.sqrt(len(drawn))
    assert drawn.std() > 1e-3


def test_module_agrees_with_the_estimator_at_its_minimum_and_is_stationary_there():
    x = np.random.default_rng(0).normal(size=(P, N)) * np.linspace(2, 0.5, N)
    fitted = vaesym.LinearVAE(2, beta=0.8, lam=0.3, center=False).fit(x)
    vae = LinearVAE(N, 2)
    with torch.no_grad():
        vae.decoder[:], vae.encoder[:] = torch.as_tensor(fitted.W_), torch.as_tensor(fitted.V_)
        vae.log_variances[:] = torch.as_tensor(fitted.D_).log()
    data = torch.as_tensor(x)
    loss = vae.loss(data, 0.8, 0.3)
    loss.backward()
    assert loss.item() / N == pytest.approx(fitted.loss_, rel=1e-12)
    assert all(float(p.grad.abs().max()) < 1e-10 for p in vae.parameters() if p.requires_grad)
    np.testing.assert_allclose(vae.encode(data).detach().numpy(), fitted.transform(x), atol=1e-12)


@pytest.mark.parametrize("sizes", [{"features": 0}, {"features": 3, "latents": 0},
                                   {"features": 3, "decoder_variance": 0}])
def test_bad_sizes_are_refused(sizes):
    with pytest.raises(InputError):
        LinearVAE(**sizes)
