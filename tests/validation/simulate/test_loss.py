"""The three forms of the loss: on samples, through second moments, in NumPy, and their gradients."""

import numpy as np
import pytest
import torch

import vaesym
from validation.simulate.loss import moment_gradient, moment_loss, sample_loss
from validation.simulate.loss_by_hand import loss_and_gradient

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
    energy = (b["x"] ** 2).sum((1, 2)) / 2
    by_moments, others = differentiated(lambda w, *p: moment_loss(w @ moments, energy, samples, w, *p, *rest),
                                        parameters)
    torch.testing.assert_close(by_moments, by_samples, rtol=1e-12, atol=0)
    written = moment_gradient(b["weights"] @ moments, energy, samples, *parameters, *rest)
    free = moment_gradient(b["weights"] @ moments, energy, samples, *parameters, b["beta"], b["lam"])
    torch.testing.assert_close(free[0], written[0])
    assert (free[2] == 0).all()
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
    energy = (b["x"] ** 2).sum((1, 2)) / 2
    value, (w, logs, s) = differentiated(lambda w, *p: moment_loss(
        w @ moments, energy, samples, w, *p, b["beta"], b["lam"], learned), (b["weights"], b["logs"], sigma))
    for i in range(RUNS):
        both = b["weights"][i].reshape(2, 2, N).mT.numpy() / np.sqrt(N)
        flat = np.concatenate([both.ravel(), b["logs"][i].numpy(), sigma[i : i + 1].numpy() if learn else []])
        beta, lam = float(b["beta"][i]), float(b["lam"][i])
        loss, gradient = loss_and_gradient(flat, moments[i].numpy(), P, 2, beta, lam, learn)
        assert loss == pytest.approx(float(value[i]) / N, rel=1e-12)
        expected = [w[i].reshape(2, 2, N).mT.numpy().ravel() * np.sqrt(N), logs[i].numpy()]
        expected.append(s[i : i + 1].numpy() if learn else np.zeros(0))
        np.testing.assert_allclose(gradient, np.concatenate(expected) / N, rtol=1e-10, atol=1e-11)


def test_the_estimator_is_at_a_minimum_of_this_loss():
    x = np.random.default_rng(0).normal(size=(P, N)) * np.linspace(2, 0.5, N)
    fitted = vaesym.LinearVAE(2, beta=0.8, lam=0.3, center=False).fit(x)
    weights = torch.as_tensor(np.concatenate([fitted.W_, fitted.V_], axis=1).T[None])
    beta, lam, none = (torch.tensor([value], dtype=torch.float64) for value in (0.8, 0.3, 0.0))
    value, slopes = differentiated(lambda w, logs: sample_loss(torch.as_tensor(x)[None], w, logs, none, beta, lam),
                                   (weights, torch.as_tensor(np.log(fitted.D_))[None]))
    assert value.item() / N == pytest.approx(fitted.loss_, rel=1e-12)
    assert all(float(slope.abs().max()) < 1e-10 for slope in slopes)
