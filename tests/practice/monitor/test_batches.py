"""Moments of batches: against plain formulas, for arrays and tensors, for batches of one, and for bad input."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.inputs import InputError
from vaesym.practice.monitor.measurement import information, moments, snapshot


def batch(rng, size, latents=3):
    return rng.normal(1.0, 0.7, (size, latents)), rng.normal(-1.0, 0.5, (size, latents))


@given(sizes=st.lists(st.integers(2, 9), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_moments_are_those_of_each_batch(sizes, seed):
    rng = np.random.default_rng(seed)
    batches = [batch(rng, size) for size in sizes]
    found = moments(batches)
    for i, (mu, logvar) in enumerate(batches):
        variance = np.exp(logvar)
        np.testing.assert_allclose(found.kl[i], 0.5 * (mu**2 + variance - logvar - 1).mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.activity[i], mu.var(axis=0, ddof=1), rtol=1e-12)
        np.testing.assert_allclose(found.variance[i], variance.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.mean[i], mu.mean(axis=0), rtol=1e-12)


def test_a_tiny_kl_keeps_its_digits():
    found = moments([(np.zeros((4, 1)), np.full((4, 1), 1e-7))])
    assert found.kl[0, 0] == pytest.approx(2.5e-15, rel=0.1)


def test_batches_of_one_estimate_the_variance_without_bias():
    """10,000 batches of one sample, of standard deviation 0.5 about 3: z-score of the mean of the estimates."""
    rng = np.random.default_rng(3)
    draws = rng.normal(3.0, 0.5, (10_000, 1, 1))
    found = moments([(mu, np.zeros((1, 1))) for mu in draws]).activity[1:, 0]
    # Neighbours share a sample: estimates of pairs that share none are independent.
    apart = found[::2]
    assert abs(apart.mean() - 0.25) < 4 * apart.std() / np.sqrt(len(apart))
    after = moments([(draws[0], np.zeros((1, 1)))], (np.array([3.0]), 1000)).activity
    assert after[0, 0] == pytest.approx((draws[0, 0, 0] - 3.0) ** 2, rel=2e-3)


def test_logvar_may_be_shared():
    mu = np.arange(6.0).reshape(3, 2)
    shared = moments([snapshot(mu, [-1.0, 0.5], 2)])
    np.testing.assert_array_equal(shared.kl, moments([(mu, np.tile([-1.0, 0.5], (3, 1)))]).kl)


@pytest.mark.parametrize("kind", ["float32", "float64", "float16", "bfloat16"])
def test_tensors_are_read_and_copied(kind):
    torch = pytest.importorskip("torch")
    mu = torch.tensor([[1.0, 2.0], [3.0, 5.0]], dtype=getattr(torch, kind), requires_grad=True)
    taken = snapshot(mu, torch.zeros(2), 2)
    with torch.no_grad():
        mu.zero_()
    np.testing.assert_allclose(moments([taken]).activity, [[2.0, 4.5]])


def test_arrays_are_copied():
    mu = np.ones((2, 1))
    taken = snapshot(mu, np.zeros((2, 1)), 1)
    mu[:] = 7
    assert moments([taken]).mean[0, 0] == 1


@pytest.mark.parametrize(("mu", "logvar"), [
    (np.zeros(2), np.zeros(2)), (np.zeros((3, 4)), np.zeros((3, 4))), (np.zeros((0, 2)), np.zeros((0, 2))),
    (np.zeros((3, 2)), np.zeros((4, 2))), (np.zeros((3, 2)), np.zeros(3)), (np.zeros((3, 2, 1)), np.zeros((3, 2, 1))),
    ([[0.0, 1.0], [2.0]], np.zeros((2, 2))), (np.zeros((3, 2), complex), np.zeros((3, 2))), (None, np.zeros((3, 2))),
    ([["a", "b"]], np.zeros((1, 2)))])
def test_other_shapes_and_kinds_are_refused(mu, logvar):
    with pytest.raises(InputError, match="expected"):
        snapshot(mu, logvar, 2)


def test_overflow_and_nan_come_through():
    found = moments([(np.array([[1.0, np.nan], [2.0, 0.0]]), np.array([[1e4, 0.0], [0.0, 0.0]]))])
    assert np.isinf(found.kl[0, 0])
    assert np.isnan(found.kl[0, 1])


@given(ratio=st.floats(1.0, 1e6))
def test_information_is_the_kl_of_the_linear_optimum(ratio):
    """At Q = Λ − β, λ = 0: Var(mu) = 1 − β/Λ, D = β/Λ and KL = ½ ln(Λ/β)."""
    found = information(np.array([1 - 1 / ratio]), np.array([1 / ratio]))
    assert found[0] == pytest.approx(0.5 * np.log(ratio), abs=1e-9)


def test_monitor_needs_no_torch():
    script = ("import sys; sys.modules['torch'] = None\nimport numpy as np, vaesym\n"
              "m = vaesym.Monitor([2.0, 1.0], beta=1.5, n_latents=2, every=1)\n"
              "m.update(np.ones((4, 2)), np.zeros((4, 2)))\nprint(m.kl.tolist())")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[0.5, 0.5]\n", "")


def test_information_is_finite_where_the_ratio_overflows():
    found = information(np.array([1e200, 0.0, 1e-12, 3.0]), np.array([1e-200, 0.0, 1.0, 1.0]))
    np.testing.assert_allclose(found, [200 * np.log(10), 0.0, 5e-13, np.log(2)], rtol=1e-9)
