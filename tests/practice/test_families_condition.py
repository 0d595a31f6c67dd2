"""Other likelihoods given labels: thresholds from definitions and by minimising the loss; codes are one-hot groups."""

from typing import Any

import numpy as np
import pytest
from family_losses import drawn
from scipy.optimize import minimize
from scipy.special import digamma

import vaesym
from vaesym import collapse_thresholds
from vaesym.inputs import InputError

LABELS = np.random.default_rng(1).integers(0, 3, 200)
COUNTS = drawn("negative_binomial", 200) + 4 * LABELS[:, None]
BITS = (drawn("gaussian_diagonal", 200) > 3 + LABELS[:, None] - 1).astype(float)
NORMAL = drawn("gaussian_diagonal", 200) + 5 * LABELS[:, None]
SHARES = np.bincount(LABELS) / 200


def within(data: Any) -> tuple[Any, Any]:
    """The mean of each label, and what is left (P, N)."""
    means = np.array([data[label == LABELS].mean(axis=0) for label in range(3)])
    return means, data - means[LABELS]


def wanted(data: Any, information: Any) -> Any:
    covariance = within(data)[1].T @ within(data)[1] / 200
    return np.linalg.eigvalsh(covariance / np.sqrt(np.outer(information, information)))[::-1]


@pytest.mark.parametrize("solver", ["full", "top"])
def test_both_are_averages_given_the_label(solver: Any) -> None:
    counts, bits = within(COUNTS)[0], within(BITS)[0]
    r, variance = np.linspace(0.5, 3, 6), within(NORMAL)[1].var(axis=0)
    for data, likelihood, options, information in (
            (COUNTS, "poisson", {}, SHARES @ counts), (BITS, "bernoulli", {}, SHARES @ (bits * (1 - bits))),
            (COUNTS, "negative_binomial", {"dispersion": r}, SHARES @ (counts + counts**2 / r)),
            (NORMAL, "gaussian", {}, np.ones(6)), (NORMAL, "gaussian_diagonal", {}, variance),
            (NORMAL, "gaussian_shared", {}, np.full(6, variance.mean()))):
        found = collapse_thresholds(data, likelihood=likelihood, condition=LABELS, latents=4, solver=solver, **options)
        np.testing.assert_allclose(found.thresholds, wanted(data, information)[:4], rtol=1e-8)
        assert "given 3 labels" in found.notes


def test_a_learned_dispersion_is_that_around_the_means_of_the_labels() -> None:
    found = collapse_thresholds(COUNTS, likelihood="negative_binomial", condition=LABELS)
    means, r = within(COUNTS)[0][:, 0], found.dispersion[0]
    slope = (digamma(COUNTS[:, 0] + r) - digamma(r)).mean() - SHARES @ np.log1p(means / r)
    assert slope == pytest.approx(0, abs=1e-9)
    assert r > collapse_thresholds(COUNTS, likelihood="negative_binomial").dispersion[0]


def test_columns_that_the_label_determines_are_left_out() -> None:
    data = np.c_[BITS, LABELS == 1]
    found = collapse_thresholds(data, likelihood="bernoulli", condition=LABELS)
    alone = collapse_thresholds(BITS, likelihood="bernoulli", condition=LABELS)
    assert (found.constant, alone.constant) == (1, 0)
    np.testing.assert_allclose(found.thresholds, alone.thresholds, rtol=1e-9)


@pytest.mark.parametrize("apart", [False, True], ids=["added", "interacting"])
def test_a_poisson_vae_given_labels_collapses_where_it_says(apart: bool) -> None:
    """One latent, ln rate = b_c + w z: E over z in closed form. With w and v for each label each is its own VAE."""
    rng = np.random.default_rng(0)
    label = np.arange(400) % 2
    hidden = rng.normal(size=400)
    x = rng.poisson(np.exp(1 + 0.5 * label[:, None] + hidden[:, None] * np.array([0.5, -0.3, 0.4])
                           * np.where(label, 1.0, 0.4)[:, None])).astype(float)
    means = np.array([x[label == one].mean(axis=0) for one in (0, 1)])
    kinds = 2 if apart else 1
    which = label if apart else np.zeros(400, int)

    def loss(weights: Any, beta: float) -> float:
        w, v = weights[:6].reshape(2, 3)[:kinds], weights[6:12].reshape(2, 3)[:kinds]
        biases, shifts, logs = weights[12:18].reshape(2, 3), weights[18:20], weights[20:22][:kinds][which]
        mean = ((x - means[label]) * v[which]).sum(axis=1) + shifts[which]
        slope = w[which]
        rate = np.log(means[label]) + biases[label] + slope * mean[:, None]
        nats = np.exp(np.minimum(rate + slope**2 * np.exp(logs)[:, None] / 2, 50)) - x * rate
        return float((nats.sum(axis=1) + beta * (mean**2 + np.expm1(logs) - logs) / 2).mean())

    if apart:
        edge = max(collapse_thresholds(x[label == one], likelihood="poisson").full_collapse for one in (0, 1))
        assert edge > 1.2 * collapse_thresholds(x, likelihood="poisson", condition=label).full_collapse
    else:
        edge = collapse_thresholds(x, likelihood="poisson", condition=label).full_collapse
    for factor in (0.93, 1.07):
        start = rng.normal(size=22) / 20
        found = minimize(loss, start, (factor * edge,), method="BFGS", options={"gtol": 1e-6, "maxiter": 500})
        assert (np.abs(found.x[:6].reshape(2, 3)[:kinds]).max() > 0.05) == (factor < 1)


def test_codes_are_one_hot_groups_everywhere() -> None:
    codes = np.random.default_rng(0).integers(0, [2, 4, 3], (200, 3))
    codes[:, 1] = (codes[:, 0] + codes[:, 1]) % 4 * (codes[:, 2] > 0)
    table = np.hstack([np.eye(size)[column] for size, column in zip((2, 4, 3), codes.T, strict=True)])
    one = collapse_thresholds(codes, likelihood="categorical")
    other = collapse_thresholds(table, likelihood="categorical", groups=[2, 4, 3])
    np.testing.assert_allclose(one.thresholds, other.thresholds, rtol=1e-9)
    assert one.groups == other.groups == (2, 4, 3)
    assert one.n_terms == 3
    pytest.importorskip("torch")
    tiny = {"latents": 2, "hidden": (8,), "epochs": 2, "likelihood": "categorical", "held_out": 0.0,
            "beta_range": (0.5, 2.0)}
    scans = [vaesym.scan(codes, **tiny), vaesym.scan(table, groups=[2, 4, 3], **tiny)]
    assert scans[0].at(1.0).loss == scans[1].at(1.0).loss
    # A scan smooths the shares, so that none starts at 0.
    assert scans[0].ready.linear.thresholds == pytest.approx(one.thresholds[:2], rel=0.02)


def test_a_scan_told_labels_has_the_thresholds_given_them() -> None:
    pytest.importorskip("torch")
    for data, likelihood in ((COUNTS, "poisson"), (BITS, "bernoulli")):
        exact = collapse_thresholds(data, likelihood=likelihood, condition=LABELS, latents=2)
        told = vaesym.scan(data, latents=2, hidden=(8,), epochs=1, likelihood=likelihood, held_out=0.0,
                           condition=LABELS)
        assert told.ready.linear.thresholds == pytest.approx(exact.thresholds, rel=1e-4)


@pytest.mark.parametrize(("likelihood", "condition"), [("categorical", LABELS), ("multinomial", LABELS),
                                                       ("poisson", LABELS / 2)])
def test_conditions_of_which_nothing_is_known_are_refused(likelihood: Any, condition: Any) -> None:
    with pytest.raises(InputError, match="labels beside bernoulli"):
        collapse_thresholds(COUNTS, likelihood=likelihood, condition=condition)
