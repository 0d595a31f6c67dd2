"""How far something else can be better than full collapse: the bound, against channels by hand, for each family."""

import numpy as np
import pytest
from scipy import optimize
from scipy.special import softmax

from vaesym.practice.network.beyond import last_collapse
from vaesym.practice.scan.observations import columns, family_of, observe

RANDOM = np.random.default_rng(3)
LABELS = RANDOM.integers(0, 3, (300, 1))
SAMPLES = {"bernoulli": (RANDOM.random((300, 6)) < 0.3 + 0.3 * (LABELS == 1)).astype(float),
           "poisson": RANDOM.poisson(1 + 4 * (LABELS == 1), (300, 6)).astype(float),
           "categorical": np.where(RANDOM.random((300, 4)) < 0.5, LABELS, RANDOM.integers(0, 3, (300, 4)))}


def ready(likelihood, values):
    """Columns (P, F), θ of full collapse (F,), and the family."""
    cols, groups = columns(values, likelihood)
    family = family_of(observe(cols, likelihood, groups))
    return cols.astype(float), family.natural(cols.mean(axis=0, dtype=float), len(cols)), family


@pytest.mark.parametrize("likelihood", SAMPLES)
@pytest.mark.parametrize("seed", range(5))
def test_no_channel_is_better_than_the_bound(likelihood, seed):
    """A latent of K states: any encoder q(z|x), the prior that suits it best, and outputs that suit it best."""
    cols, start, family = ready(likelihood, SAMPLES[likelihood])
    random = np.random.default_rng(seed)
    beta, states = random.uniform(0.3, 4.0), 4

    def suited(encoder):
        theta = family.natural((encoder / encoder.sum(axis=0)).T @ cols, len(cols))
        ratio = cols @ (theta - start).T - family.partition(theta) + family.partition(start[None])
        return encoder.mean(axis=0), ratio

    encoder = softmax(random.normal(size=(len(cols), states)) * 3, axis=1)
    prior, ratio = suited(encoder)
    for _ in range(seed):  # the encoder that suits these best, and again
        encoder = softmax(ratio / beta + np.log(prior), axis=1)
        prior, ratio = suited(encoder)
    rate = (encoder * np.log(np.maximum(encoder, 1e-300) / prior)).sum(axis=1).mean()
    gain = (encoder * ratio).sum(axis=1).mean() - beta * rate
    assert gain <= beta * np.log(np.exp(ratio / beta).mean(axis=0).max()) + 1e-9


@pytest.mark.parametrize(("likelihood", "rest"), [
    ("bernoulli", lambda random, size: (random.random(size) < 0.1).astype(float)),
    ("poisson", lambda random, size: random.poisson(2.0, size).astype(float)),
    ("categorical", lambda random, size: random.integers(0, 3, size)),
])
def test_a_rare_cluster_moves_full_collapse_and_nothing_else_does(likelihood, rest):
    """Where the best output, by a general minimiser, gains nothing on all samples."""
    random = np.random.default_rng(0)
    values = rest(random, (1500, 12))
    cols, start, family = ready(likelihood, values)
    assert last_collapse(cols, 1.5, family) == 1.5
    values[:45] = {"bernoulli": 1.0, "poisson": 9.0, "categorical": 0}[likelihood]
    cols, start, family = ready(likelihood, values)
    cluster = family.natural(cols[:45].mean(axis=0), 45) - start

    def gain(beta):
        def lost(moved):
            ratio = cols @ moved - family.partition((start + moved)[None]) + family.partition(start[None])
            return -np.logaddexp.reduce(ratio / beta) + np.log(len(cols))
        return -optimize.minimize(lost, cluster, method="L-BFGS-B").fun

    last = last_collapse(cols, 1.5, family)
    assert last > 3
    assert gain(1.15 * last) < 0.01 < gain(last / 1.15)


def test_of_negative_binomial_counts_it_is_not_known():
    assert family_of(observe(SAMPLES["poisson"], "negative_binomial")) is None
