"""LinearVAE against brute-force training on the full loss, written here from the data, without eigenvectors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_vae_problems import random_problem, spiked, with_eigenvalues
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.practice.estimator import LinearVAE


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """The matrices are small: threads would only wait for each other."""
    with threadpool_limits(1):
        yield


def full_loss(X, W, V, log_D, beta, lam):
    """Return R/N minus its value at collapse, straight from its definition, for centred X (also complex weights)."""
    samples, features = X.shape
    D = np.exp(log_D)
    means = X @ V / np.sqrt(features)
    residual = X - means @ W.T / np.sqrt(features)
    squared = (residual**2).sum() + samples * (D * (W**2).sum(axis=0)).sum() / features - (X**2).sum()
    kl = (means**2).sum() + samples * (D - log_D - 1).sum()
    return (squared + beta * kl + lam * ((W**2).sum() + (V**2).sum())) / (2 * features)


def full_gradient(X, W, V, log_D, beta, lam):
    """Return the gradient of full_loss with respect to W, V and log D, by hand."""
    samples, features = X.shape
    root, D = np.sqrt(features), np.exp(log_D)
    means = X @ V / root
    residual = X - means @ W.T / root
    to_means = beta * means - residual @ W / root
    by_W = -residual.T @ means / root + samples * W * D / features + lam * W
    by_V = X.T @ to_means / root + lam * V
    by_log_D = samples * (D * ((W**2).sum(axis=0) / features + beta) - beta) / 2
    return by_W / features, by_V / features, by_log_D / features


def train(X, latents, beta, lam, rng):
    """Minimise the full loss by L-BFGS from one random start; return its value."""
    features = X.shape[1]
    shapes = (features, latents), (features, latents), (latents,)
    cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]

    def objective(flat):
        parts = [part.reshape(shape) for part, shape in zip(np.split(flat, cuts), shapes, strict=True)]
        gradient = full_gradient(X, *parts, beta, lam)
        return full_loss(X, *parts, beta, lam), np.concatenate([g.ravel() for g in gradient])

    start = rng.normal(size=sum(map(np.prod, shapes))) * 10 ** rng.uniform(-1, 0.5)
    options = {"maxiter": 5000, "maxfun": 6000, "ftol": 2e-15, "gtol": 1e-9, "maxcor": 20}
    return minimize(objective, start, jac=True, method="L-BFGS-B", options=options).fun


def check_against_training(X, vae, starts=20):
    """Train from random starts: none may do better than the fit, and the best must do as well."""
    rng, centred = np.random.default_rng(1), X - vae.mean_
    values = np.array([train(centred, vae.n_components, vae.beta, vae.lam, rng) for _ in range(starts)])
    # The trained loss is a difference of squares, which rounding leaves with an error of about 1e-16 of them.
    rounding = 2e-15 * (centred**2).sum() / X.shape[1]
    assert values.min() >= vae.loss_ - rounding
    assert values.min() <= vae.loss_ + 1e-8 * abs(vae.loss_) + rounding
    return values


#: samples, features, latents, spikes, β, λ
CASES = {
    "noise, P > N": (60, 20, 2, [], 0.5, 0.0),
    "noise, P < N, decay": (15, 40, 2, [], 0.7, 0.3),
    "one spike": (60, 30, 1, [4.0], 1.0, 0.0),
    "one spike, decay": (60, 30, 1, [4.0], 1.0, 1.0),
    "two spikes, one latent more": (50, 25, 3, [5.0, 2.0], 0.8, 0.5),
    "two spikes, P < N": (25, 50, 3, [6.0, 3.0], 0.5, 0.0),
    "equal spikes, P = N": (30, 30, 2, [3.0, 3.0], 1.0, 0.1),
    "strong decay, one latent collapsed": (60, 20, 2, [5.0], 0.4, 6.0),
    "low beta, P < N": (12, 30, 2, [1.0], 0.05, 1.5),
    "all collapsed": (40, 20, 2, [2.0], 20.0, 0.2),
    "collapsed by decay": (40, 20, 1, [2.0], 0.1, 60.0),
}


@pytest.mark.parametrize("case", CASES)
def test_training_reaches_the_fit_and_never_beats_it(case):
    samples, features, latents, spikes, beta, lam = CASES[case]
    X = spiked(samples, features, spikes, seed=len(case))
    check_against_training(X, LinearVAE(latents, beta=beta, lam=lam).fit(X))


@pytest.mark.parametrize("seed", range(20))
def test_training_on_random_problems(seed):
    check_against_training(*random_problem(seed))


@pytest.mark.parametrize("lam", [0.0, 0.4])
@pytest.mark.parametrize("ratio", [0.98, 0.999, 1.001, 1.02])
def test_training_near_collapse(lam, ratio):
    X = with_eigenvalues(24, [3.0, 1.2, 0.9, 0.5], seed=3)
    threshold = 6 * 3 / (6 + lam) - lam / (6 * 3)  # N1 of the theory
    vae = LinearVAE(2, beta=ratio * threshold, lam=lam).fit(X)
    assert vae.collapsed_.tolist() == [ratio > 1, True]
    check_against_training(X, vae)


@pytest.mark.parametrize(("beta", "alive"), [(0.04, True), (0.06, True), (0.065, False), (0.07, False)])
def test_first_order_transition_picks_the_lower_of_two_minima(beta, alive):
    """At α = 2, Λ = 1, λ = 1.3 both states are minima for 0 < β ≤ 0.07, with equal loss at 0.062545."""
    X = with_eigenvalues(8, [1.0, 0.3, 0.2, 0.1], seed=4)
    vae = LinearVAE(1, beta=beta, lam=1.3).fit(X)
    larger, smaller = potential_branches(*np.array([[2.0], [beta], [1.3], [1.0]]))[0, 1:]
    assert smaller < larger  # there is a barrier
    assert vae.collapsed_[0] != alive
    values = check_against_training(X, vae)
    higher = np.array(0.0 if alive else formulas.potential(2.0, beta, 1.3, 1.0, larger))
    assert np.isclose(values, higher, rtol=0, atol=1e-8).any()  # some runs end in the other minimum


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_gradient_by_hand_is_the_derivative(seed):
    """The complex step is exact to rounding, and needs only the loss."""
    rng = np.random.default_rng(seed)
    samples, features, latents = rng.integers(1, 6, size=3)
    X = rng.normal(size=(samples, features))
    beta, lam = rng.uniform(0.1, 3, size=2)
    point, step = ([rng.normal(size=s) for s in [(features, latents)] * 2 + [latents]] for _ in range(2))
    moved = full_loss(X, *(p + 1e-100j * s for p, s in zip(point, step, strict=True)), beta, lam).imag / 1e-100
    along = sum((g * s).sum() for g, s in zip(full_gradient(X, *point, beta, lam), step, strict=True))
    assert moved == pytest.approx(along, rel=1e-11, abs=1e-10)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_fit_is_stationary_and_its_loss_is_the_full_loss(seed):
    X, vae = random_problem(seed)
    centred, weights = X - vae.mean_, (vae.W_, vae.V_, np.log(vae.D_))
    size = (centred**2).sum() / X.shape[1]
    for gradient in full_gradient(centred, *weights, vae.beta, vae.lam):
        np.testing.assert_allclose(gradient, 0, atol=1e-13 * size * (1 + 1 / vae.beta))
    loss = full_loss(centred, *weights, vae.beta, vae.lam)
    assert [vae.loss_, vae.loss(X)] == pytest.approx([loss, loss], rel=1e-10, abs=1e-14 * size)
    fresh = X[1:] * 1.5 + 0.3
    loss = full_loss(fresh - vae.mean_, *weights, vae.beta, vae.lam)
    assert vae.loss(fresh) == pytest.approx(loss, rel=1e-9, abs=1e-12 * (fresh**2).sum())
