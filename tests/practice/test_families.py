"""Thresholds of counts, one-hot groups and learned variances: from definitions, special cases, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from family_losses import GROUPS, drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from vaesym import collapse_thresholds
from vaesym.inputs import InputError

COUNTS, TABLE, NORMAL = drawn("negative_binomial", 200), drawn("categorical", 200), drawn("gaussian_diagonal", 200)


def eigenvalues(data: Any, information: Any) -> Any:
    """Of F^(−1/2) Σ F^(−1/2), from definitions; F a vector or a matrix, pseudo-inverted."""
    square = np.diag(information) if np.ndim(information) == 1 else information
    values, vectors = np.linalg.eigh(square)
    root = vectors @ np.diag([0 if value < 1e-12 else value**-0.5 for value in values]) @ vectors.T
    return np.linalg.eigvalsh(root @ np.cov(data.T, bias=True) @ root)[::-1]


def test_from_definitions() -> None:
    mean, variance = COUNTS.mean(axis=0), NORMAL.var(axis=0)
    r = np.linspace(0.5, 3, len(mean))
    for data, likelihood, options, information in (
            (COUNTS, "poisson", {}, mean), (COUNTS, "negative_binomial", {"dispersion": r}, mean + mean**2 / r),
            (NORMAL, "gaussian_diagonal", {}, variance), (NORMAL, "gaussian_shared", {}, np.full(6, variance.mean()))):
        for solver in ("full", "top"):
            found = collapse_thresholds(data, likelihood=likelihood, latents=4, solver=solver, **options)
            np.testing.assert_allclose(found.thresholds, eigenvalues(data, information)[:4], rtol=1e-8)


def test_counts_of_samples_of_any_size() -> None:
    """Sizes alone are nothing to explain; as Poisson counts they would be a latent."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.outer(rng.uniform(1, 9, 300), rng.uniform(1, 5, 8)))
    found = collapse_thresholds(counts, likelihood="multinomial")
    assert len(found.thresholds) == 7
    assert found.full_collapse < 1.5 < 20 < collapse_thresholds(counts, likelihood="poisson").full_collapse
    share = counts.mean(axis=0) / counts.sum(axis=1).mean()
    scores = counts - np.outer(counts.sum(axis=1), share)
    fisher = counts.sum(axis=1).mean() * (np.diag(share) - np.outer(share, share))
    np.testing.assert_allclose(found.thresholds, eigenvalues(scores, fisher)[:7], rtol=1e-8)
    top = collapse_thresholds(counts, likelihood="multinomial", latents=3, solver="top")
    np.testing.assert_allclose(top.thresholds, found.thresholds[:3], rtol=1e-8)


@pytest.mark.parametrize("solver", ["full", "top"])
def test_sparse_counts_have_the_thresholds_of_dense_ones(solver: Any) -> None:
    counts = np.random.default_rng(3).poisson(np.random.default_rng(4).gamma(1.0, 0.7, (90, 12))) * (np.arange(12) != 5)
    codes = np.minimum(counts, 2)
    for likelihood, data in (("negative_binomial", counts), ("multinomial", counts), ("categorical", codes),
                             ("multinomial", counts[:9])):
        found, dense = (collapse_thresholds(one, likelihood=likelihood, latents=3, solver=solver)
                        for one in (sparse.csc_matrix(data), data))
        np.testing.assert_allclose(found.thresholds, dense.thresholds, rtol=1e-9)


def test_counts_that_are_no_counts_are_noticed() -> None:
    for likelihood in ("poisson", "negative_binomial", "multinomial"):
        for data in (np.log1p(COUNTS), sparse.csr_array(np.log1p(COUNTS))):
            assert "not whole numbers" in collapse_thresholds(data, likelihood=likelihood).notes[-1]
        assert not collapse_thresholds(COUNTS.astype(np.float32), likelihood=likelihood).notes
    assert not collapse_thresholds(np.log1p(COUNTS)).notes


def test_one_hot_rows_are_texts_of_one_word() -> None:
    table = np.eye(5)[np.random.default_rng(0).integers(0, 5, 100)]
    texts, groups = (collapse_thresholds(table, likelihood=likelihood, **options) for likelihood, options in (
        ("multinomial", {}), ("categorical", {"groups": 5})))
    np.testing.assert_allclose(texts.thresholds, groups.thresholds, rtol=1e-9)
    np.testing.assert_allclose(texts.thresholds, np.ones(4), rtol=1e-9)


def test_softmax_information_is_pseudo_inverted() -> None:
    mean, start, blocks = TABLE.mean(axis=0), 0, np.zeros((9, 9))
    for size in GROUPS:
        part = slice(start, start + size)
        blocks[part, part] = np.diag(mean[part]) - np.outer(mean[part], mean[part])
        start += size
    found = collapse_thresholds(TABLE, likelihood="categorical", groups=GROUPS)
    assert (len(found.thresholds), found.n_terms, found.groups) == (6, 3, GROUPS)
    np.testing.assert_allclose(found.thresholds, eigenvalues(TABLE, blocks)[:6], rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), samples=st.integers(6, 40))
def test_groups_of_two_are_binary_data(seed: int, samples: int) -> None:
    bits = np.random.default_rng(seed).integers(0, 2, (samples, 3))
    bits[:2] = [[0, 0, 0], [1, 1, 1]]
    table = np.stack([bits, 1 - bits], axis=2).reshape(samples, 6)
    pairs = collapse_thresholds(table, likelihood="categorical", groups=2)
    binary = collapse_thresholds(bits, likelihood="bernoulli")
    np.testing.assert_allclose(pairs.thresholds, binary.thresholds, rtol=1e-9, atol=1e-12)
    assert pairs.full_collapse >= 1 - 1e-12


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100))
def test_learned_variances_forget_the_units(seed: int, scale: float) -> None:
    data = np.random.default_rng(seed).normal(size=(30, 4))
    factors = np.random.default_rng(seed + 1).uniform(0.1, 10, 4)
    one, other = (collapse_thresholds(values, likelihood="gaussian_diagonal").thresholds
                  for values in (data, data * factors))
    np.testing.assert_allclose(one, other, rtol=1e-9)
    assert one[0] >= 1
    one, other = (collapse_thresholds(values, likelihood="gaussian_shared").thresholds
                  for values in (data, data * scale))
    np.testing.assert_allclose(one, other, rtol=1e-9)


def test_a_large_dispersion_is_poisson_and_a_learned_one_lies_between() -> None:
    poisson, far = (collapse_thresholds(COUNTS, **options).thresholds for options in (
        {"likelihood": "poisson"}, {"likelihood": "negative_binomial", "dispersion": 1e12}))
    np.testing.assert_allclose(poisson, far, rtol=1e-9)
    learned = collapse_thresholds(COUNTS, likelihood="negative_binomial")
    assert learned.full_collapse < poisson[0]
    assert learned.dispersion is not None
    assert learned.dispersion[-1] == np.inf
    assert np.isfinite(learned.dispersion[:-1]).all()
    given = collapse_thresholds(COUNTS, likelihood="negative_binomial", dispersion=np.minimum(learned.dispersion, 1e15))
    np.testing.assert_allclose(given.thresholds, learned.thresholds, rtol=1e-9)


def test_the_learned_dispersion_recovers_that_of_the_law() -> None:
    rng = np.random.default_rng(0)
    counts = rng.negative_binomial([[0.7, 5.0, 40.0]], [[0.2, 0.5, 0.9]], (20_000, 3))
    found = collapse_thresholds(counts, likelihood="negative_binomial")
    assert found.dispersion is not None
    assert (np.abs(found.dispersion / [0.7, 5.0, 40.0] - 1) < [0.05, 0.05, 0.4]).all()


def test_constant_columns_are_left_out() -> None:
    wide = np.column_stack([np.zeros(200), COUNTS, np.full(200, 4)])
    for likelihood in ("poisson", "negative_binomial"):
        found, narrow = (collapse_thresholds(data, likelihood=likelihood) for data in (wide, COUNTS))
        np.testing.assert_allclose(found.thresholds, narrow.thresholds, rtol=1e-9)
        assert found.constant == 2
    table = np.column_stack([TABLE, np.ones(200), np.zeros(200)])
    found = collapse_thresholds(table, likelihood="categorical", groups=[*GROUPS, 2])
    np.testing.assert_allclose(found.thresholds, collapse_thresholds(
        TABLE, likelihood="categorical", groups=GROUPS).thresholds, rtol=1e-9)


def test_shares_pass_as_categories() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(4), 100)
    found = collapse_thresholds(shares.astype(np.float32), likelihood="categorical", groups=4)
    # Shares that vary less than one-hot rows are explained less.
    assert 0 < found.full_collapse < 1


LOW, TWO = COUNTS.copy(), TABLE.copy()
LOW[3, 1] = -1
TWO[7, 4] += 1
BAD = [
    (LOW, {"likelihood": "poisson"}, r"values >= 0 for the likelihood poisson; received -1"),
    (LOW, {"likelihood": "negative_binomial"}, "values >= 0"),
    (-TABLE, {"likelihood": "categorical", "groups": GROUPS}, "values >= 0"),
    (TWO, {"likelihood": "categorical", "groups": GROUPS}, "2 in row 7, group 1 "),
    (TABLE, {"likelihood": "categorical"}, "groups beside one-hot columns"),
    (TABLE / 2, {"likelihood": "categorical"}, "codes 0 to 255 of categories.*fractions"),
    (TABLE, {"likelihood": "categorical", "groups": 4}, "groups that make up the 9 features; received sizes with the "
                                                        "sum 8"),
    (TABLE, {"likelihood": "categorical", "groups": [3, 6.0]}, "groups as a whole number"),
    (TABLE, {"likelihood": "categorical", "groups": "3"}, "groups as a whole number"),
    (TABLE, {"likelihood": "categorical", "groups": GROUPS, "latents": 7}, r"features that vary\) = 6"),
    (COUNTS, {"likelihood": "poisson", "dispersion": 1.0}, "dispersion with likelihood negative_binomial"),
    (LOW, {"likelihood": "multinomial"}, "values >= 0"),
    (COUNTS[:, :1], {"likelihood": "multinomial"}, "at least two features"),
    (COUNTS, {"likelihood": "poisson", "groups": 2}, "groups with likelihood categorical"),
    (COUNTS, {"likelihood": "negative_binomial", "dispersion": 0.0}, "dispersion > 0"),
    (COUNTS, {"likelihood": "negative_binomial", "dispersion": "gene"}, "'learned' or a number"),
    (COUNTS, {"likelihood": "negative_binomial", "dispersion": [1.0, 2.0]}, "one for each of 6 features"),
    (1e200 * NORMAL, {"likelihood": "gaussian_diagonal"}, "fit in float64"),
]


@pytest.mark.parametrize(("data", "options", "message"), BAD)
def test_bad_input_is_refused(data: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        collapse_thresholds(data, **options)
