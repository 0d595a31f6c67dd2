"""Data and random problems for the tests of LinearVAE."""

import numpy as np
from scipy.stats import ortho_group

from vaesym.practice.estimator import LinearVAE


def spiked(samples, features, strengths, seed, noise=1.0):
    """Draw Gaussian data with one spike for each strength, and a mean."""
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.normal(size=(features, features)))[0][:, : len(strengths)]
    signal = rng.normal(size=(samples, len(strengths))) * np.sqrt(strengths) @ directions.T
    return signal + np.sqrt(noise) * rng.normal(size=(samples, features)) + rng.normal(size=features)


def with_eigenvalues(samples, eigenvalues, seed):
    """Return centred data (samples, N) whose covariance has exactly these N eigenvalues; samples > N."""
    rng = np.random.default_rng(seed)
    features = len(eigenvalues)
    frame = rng.normal(size=(samples, features))
    frame = np.linalg.qr(frame - frame.mean(axis=0))[0]
    return frame * np.sqrt(samples * np.asarray(eigenvalues)) @ ortho_group.rvs(features, random_state=rng)


def random_problem(seed):
    """Return a random data matrix, and a random LinearVAE fitted to it."""
    rng = np.random.default_rng(seed)
    samples, features = (int(n) for n in rng.integers(2, 15, size=2))
    X = spiked(samples, features, [3.0][: rng.integers(2)], seed) * 10 ** rng.uniform(-0.3, 0.2)
    latents = int(rng.integers(1, min(3, samples, features) + 1))
    beta, lam = X.var() * 10 ** rng.uniform(-1.2, 0.7), rng.choice([0, 10 ** rng.uniform(-2, 1)])
    return X, LinearVAE(latents, beta=beta, lam=lam, center=bool(rng.integers(2))).fit(X)
