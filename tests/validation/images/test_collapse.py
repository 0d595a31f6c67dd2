"""The search for a threshold finds what is there, and the thresholds of networks where the theory puts them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.inputs import InputError
from validation.images.collapse import Brackets, Search, SearchTask, estimates
from validation.images.data.material import Material
from validation.images.networks import Architecture, Descent


@given(st.floats(0.3, 3.0), st.integers(5, 14))
def test_brackets_close_on_any_threshold(threshold, trials):
    brackets = Brackets(Search(1, 1.0), 1)
    for _ in range(trials):
        brackets.learn(brackets.trial() < threshold)
        assert brackets.low[0] <= threshold <= brackets.high[0] or np.isinf(brackets.high[0])
    # Trials at distances 0, 1, 3, 7, ... of ln 1.1 from the expected place, until one is beyond the threshold.
    outside = int(np.ceil(np.log2(abs(np.log(threshold)) / np.log(1.1) + 1))) if threshold != 1 else 1
    if trials > outside + 1:
        widest = 2.0 ** (outside - 1) * np.log(1.1)
        assert np.log(brackets.high[0] / brackets.low[0]) <= widest * 0.5 ** (trials - outside - 1) * 1.0001


def test_runs_have_brackets_of_their_own():
    brackets, thresholds = Brackets(Search(1, 1.0), 3), np.array([0.5, 1.1, 2.0])
    for _ in range(12):
        brackets.learn(brackets.trial() < thresholds)
    assert (np.abs(estimates(brackets.low, brackets.high) / thresholds - 1) < 0.01).all()


@pytest.fixture(scope="module")
def two_latents(tmp_path_factory):
    """Samples with eigenvalues 4 and 1 above noise of 0.05, and a bent third direction that a network can follow."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("data") / "two.npy"
    z = rng.normal(size=(1400, 2))
    x = np.column_stack([2 * z[:, 0], z[:, 1], 0.3 * (z[:, 0] ** 2 - 1), np.zeros((1400, 1))])
    np.save(path, (x + rng.normal(size=x.shape) * np.sqrt(0.05)).astype(np.float32))
    return Material(str(path))


@pytest.mark.slow
def test_full_collapse_of_a_network_is_where_linear_theory_puts_it(two_latents):
    expected = float(np.linalg.eigvalsh(np.cov(two_latents.prepared.train.numpy().T, bias=True))[-1])
    samples = len(two_latents.prepared.train)
    brackets = {}
    for start in ("cold", "active"):
        task = SearchTask(two_latents, Architecture("mlp", (1, 2, 2), 2, (16,)), Descent(200, 300, 1e-2, threads=1),
                          Search(1, expected * 1.1, start, 5), samples, (0, 1))
        search = task.start()
        search.advance(search.total)
        brackets[start] = {name: search.result()[name][1] for name in ("low", "high")}
    # A fresh latent grows slowly near its threshold, a used one decays slowly: the threshold lies between.
    assert (brackets["cold"]["low"] < expected).all()
    assert (brackets["active"]["high"] > expected * np.exp(-2 * 0.005)).all()
    # The bend and the finite descents move them by some per cent; a factor of √2 anywhere would be seen.
    every = np.concatenate([estimates(one["low"], one["high"]) for one in brackets.values()])
    assert np.abs(np.log(every / expected)).max() < 0.25


@pytest.mark.parametrize(("fields", "words"), [
    ({"rank": 0}, "rank"), ({"expected": 0.0}, "expected"), ({"start": "warm"}, "cold, active, collapsed, added"),
    ({"trials": 0}, "trials"), ({"active": -1.0}, "active")])
def test_bad_searches_are_refused(fields, words):
    with pytest.raises(InputError, match=words):
        Search(**{"rank": 1, "expected": 1.0, **fields})
