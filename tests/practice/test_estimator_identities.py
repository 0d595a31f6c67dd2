"""What the exact solution of the linear VAE must satisfy: structure, symmetries, special cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_vae_problems import random_problem, spiked, with_eigenvalues
from scipy.stats import multivariate_normal, ortho_group
from sklearn.base import clone

from vaesym.practice.estimator import LinearVAE


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_structure_of_the_solution(seed):
    X, vae = random_problem(seed)
    samples, features = X.shape
    centred = X - vae.mean_
    Q, L = vae.Q_, vae.eigenvalues_
    assert (np.diff(L) <= 0).all()
    assert (np.diff(Q) <= 1e-12 * Q[0]).all()
    assert vae.loss_ <= 0
    np.testing.assert_array_equal(vae.collapsed_, Q == 0)
    if vae.lam == 0:
        np.testing.assert_allclose(Q, np.maximum(L - vae.beta, 0), atol=1e-13 * L[0])
    np.testing.assert_allclose(vae.W_.T @ vae.W_, features * np.diag(Q), atol=1e-12 * features * L[0])
    np.testing.assert_allclose(centred.T @ centred / samples @ vae.W_, vae.W_ * L, atol=1e-12 * L[0] * (1 + L[0]))
    np.testing.assert_allclose(vae.D_, vae.beta / (Q + vae.beta))
    live = ~vae.collapsed_
    kappa = vae.beta + vae.lam * features / (samples * L[live])
    np.testing.assert_allclose(vae.V_[:, live], vae.W_[:, live] / (Q[live] + kappa))
    assert not vae.V_[:, ~live].any()
    assert (vae.W_.max(axis=0) >= -vae.W_.min(axis=0)).all()
    shrunk = vae.inverse_transform(vae.transform(X)) - vae.mean_
    np.testing.assert_allclose(shrunk, centred @ vae.W_ @ vae.V_.T / features, atol=1e-12 * np.abs(X).max())


def test_reference_values_of_the_theory():
    X = with_eigenvalues(8, [3.0, 0.2, 0.1, 0.05], seed=0)
    vae = LinearVAE(1, beta=1.0, lam=1.0).fit(X)
    assert vae.eigenvalues_[0] == pytest.approx(3, rel=1e-14)
    assert vae.Q_[0] == pytest.approx(0.5959146551834544, rel=1e-12)
    assert vae.loss_ == pytest.approx(-0.24887166758670, rel=1e-12)
    assert (vae.V_**2).sum() / 4 == pytest.approx(0.191816401321, rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_equivariance(seed, times):
    """Order of samples, rotation and shift of features, repeated samples, empty features."""
    X, vae = random_problem(seed)
    rng, features = np.random.default_rng(seed), X.shape[1]
    rotation = ortho_group.rvs(features, random_state=rng) if features > 1 else -np.eye(1)
    same = {"beta": vae.beta, "lam": vae.lam, "center": vae.center}
    padded = {**same, "lam": vae.lam * features / (features + times)}
    shift = rng.normal(size=features) if vae.center else 0
    for other, parameters, Q, loss, embed in (
        (rng.permutation(X), same, vae.Q_, vae.loss_, np.eye(features)),
        (X @ rotation, same, vae.Q_, vae.loss_, rotation),
        (X + shift, same, vae.Q_, vae.loss_, np.eye(features)),
        (np.tile(X, (times, 1)), {**same, "lam": vae.lam * times}, vae.Q_, times * vae.loss_, np.eye(features)),
        (np.pad(X, ((0, 0), (0, times))), padded, vae.Q_, vae.loss_ * features / (features + times),
         np.eye(features, features + times)),
    ):
        again = LinearVAE(vae.n_components, **parameters).fit(other)
        np.testing.assert_allclose(again.Q_, Q, atol=1e-9 * vae.eigenvalues_[0])
        assert again.loss_ == pytest.approx(loss, rel=1e-9, abs=1e-12 * vae.eigenvalues_[0])
        first, second = vae.W_ @ vae.W_.T / features, again.W_ @ again.W_.T / other.shape[1]
        np.testing.assert_allclose(second, embed.T @ first @ embed, atol=1e-6 * vae.eigenvalues_[0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-250, 250))
def test_scale_without_decay(seed, power):
    """x → c x with β → c² β: Q, Λ and the loss gain c², D and the latents stay, whatever the size of c."""
    X, vae = random_problem(seed)
    c = 2.0**power
    vae.set_params(lam=0).fit(X)
    scaled = clone(vae).set_params(beta=c * c * vae.beta).fit(c * X)
    np.testing.assert_allclose(scaled.Q_ / c**2, vae.Q_, rtol=1e-12)
    np.testing.assert_allclose(scaled.eigenvalues_ / c**2, vae.eigenvalues_, rtol=1e-12)
    np.testing.assert_allclose(scaled.D_, vae.D_, rtol=1e-12)
    np.testing.assert_allclose(scaled.transform(c * X), vae.transform(X), atol=1e-10)
    assert scaled.loss_ / c**2 == pytest.approx(vae.loss_, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1.01, 30))
def test_scale_with_decay(seed, c):
    """With decay only the encoder's term changes, from λ to λ/c⁴ in the units of cx: the loss over c² falls."""
    X, vae = random_problem(seed)
    scaled = clone(vae).set_params(beta=c * c * vae.beta).fit(c * X)
    assert scaled.loss_ / c**2 <= vae.loss_ * (1 - 1e-11) + 1e-13 * vae.eigenvalues_[0]


@pytest.mark.parametrize(("samples", "features"), [(80, 6), (7, 12)])
def test_is_probabilistic_pca_at_beta_1_without_decay(samples, features):
    X, fresh = (spiked(samples, features, [5.0, 2.0], seed) for seed in (7, 8))
    vae = LinearVAE(3, beta=1.0).fit(X)
    values, vectors = np.linalg.eigh(np.cov(X.T, bias=True))
    gain = np.maximum(values - 1, 0) * (np.arange(features) >= features - 3)
    np.testing.assert_allclose(vae.W_ @ vae.W_.T / features, vectors * gain @ vectors.T, atol=1e-12 * values[-1])
    for data in (X, fresh):  # the bound is tight on any data, as the posterior is exact
        model = multivariate_normal(X.mean(axis=0), np.eye(features) + vae.W_ @ vae.W_.T / features)
        likelihood = model.logpdf(data).mean() + features / 2 * np.log(2 * np.pi)
        assert vae.score(data) == pytest.approx(likelihood, rel=1e-12)


def test_collapse_and_rate_without_decay():
    """C4 of the theory: a latent is active iff Λ > β, and its rate on the training data is ½ ln(Λ/β)."""
    values = np.array([5.0, 3.0, 2.0, 1.0, 0.5])
    X = with_eigenvalues(20, values, seed=1)
    for beta in (0.7, 2 - 1e-11, 2 + 1e-11, 6.0):
        vae = LinearVAE(5, beta=beta).fit(X)
        np.testing.assert_array_equal(vae.collapsed_, values <= beta)
        np.testing.assert_allclose(vae.kl(X), np.maximum(np.log(values / beta), 0) / 2, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_score_and_kl_are_the_expectations(seed):
    """Over z̄ ± √(M D_l) e_l the mean of a quadratic is its mean over the posterior, exactly."""
    X, vae = random_problem(seed)
    fresh = X[::-1] * 1.5 + 0.3
    means, latents = vae.transform(fresh), vae.n_components
    offsets = np.concatenate([np.diag(np.sqrt(latents * vae.D_)), -np.diag(np.sqrt(latents * vae.D_))])
    squared = np.mean([((fresh - vae.inverse_transform(means + o)) ** 2).sum(axis=1).mean() for o in offsets])
    kl = ((means**2).mean(axis=0) + vae.D_ - np.log(vae.D_) - 1) / 2
    np.testing.assert_allclose(vae.kl(fresh), kl, atol=1e-12, rtol=1e-10)
    assert vae.score(fresh) == pytest.approx(-squared / 2 - vae.beta * kl.sum(), rel=1e-10)


def test_offsets_constant_columns_and_missing_rank_leave_no_trace():
    X = spiked(6, 4, [3.0], seed=2)
    X[:, 1] = 0.1
    plain, moved = LinearVAE(4, beta=1e-9).fit(X), LinearVAE(4, beta=1e-9).fit(X + np.array([1e9, 1e9, 0, -1e9]))
    assert plain.mean_[1] == 0.1
    np.testing.assert_allclose(plain.W_[1], 0, atol=1e-14)
    assert plain.eigenvalues_[3] == 0
    assert plain.collapsed_.tolist() == [False, False, False, True]
    np.testing.assert_allclose(moved.eigenvalues_, plain.eigenvalues_, rtol=1e-6)
    wide = LinearVAE(3, beta=1e-30).fit(spiked(3, 9, [], seed=0))  # centring takes one from the rank
    assert wide.collapsed_.tolist() == [False, False, True]


@pytest.mark.parametrize("shape", [(40, 12), (12, 40), (20, 20)])
def test_both_ways_to_the_eigenvectors_agree(shape):
    """Asked for the last eigenvalue the fit goes by SVD, otherwise by the smaller Gram matrix."""
    X = spiked(*shape, [5.0, 3.0], seed=6)
    X[:, :3] *= 1e-5 if shape[1] <= shape[0] else 1
    few, all_of_them = (LinearVAE(m, beta=0.1, lam=0.2).fit(X) for m in (2, min(shape)))
    assert all_of_them.eigenvalues_[-1] < 1e-3 * few.eigenvalues_[0]
    for name in ("W_", "V_", "D_", "Q_", "eigenvalues_"):
        a, b = getattr(few, name), getattr(all_of_them, name)[..., :2]
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(9, 4), (4, 9)])
def test_variances_too_small_for_float64_collapse(shape):
    vae = LinearVAE(2, beta=1e-30, lam=0.5).fit(spiked(*shape, [], seed=0) * 1e-170)
    assert vae.collapsed_.all()
    assert not vae.W_.any()
    assert not vae.V_.any()


def test_small_eigenvalues_keep_their_digits():
    X = with_eigenvalues(9, [1e8, 1e-8], seed=5)
    assert LinearVAE(2).fit(X).eigenvalues_[1] == pytest.approx(1e-8, rel=1e-5)
