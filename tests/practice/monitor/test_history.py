"""Running sums: averages, errors and bins against the whole series."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.practice.monitor.history import History, MovingAverage, Trend


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_bins_are_means_of_stretches_and_do_not_depend_on_portions(lengths):
    series = np.random.default_rng(0).normal(size=(sum(lengths), 2))
    whole, parts = History(2), History(2)
    whole.add(series)
    for part in np.split(series, np.cumsum(lengths)[:-1]):
        parts.add(part)
    width = len(series) // whole.bins
    assert whole.bins <= 64
    np.testing.assert_allclose(whole.means(), series[: whole.bins * width].reshape(whole.bins, width, 2).mean(axis=1))
    np.testing.assert_array_equal(whole.means(), parts.means())


def test_memory_does_not_grow():
    history = History(1)
    history.add(np.ones((10_000, 1)))
    assert 32 <= history.bins <= 64
    assert len(json.dumps(history.state())) < 2000


@given(cut=st.integers(1, 99))
def test_moving_average_is_the_weighted_mean(cut):
    values = np.random.default_rng(1).normal(size=(100, 1))
    average = MovingAverage(1)
    average.add(values[:cut])
    average.add(values[cut:])
    weights = 0.96 ** np.arange(99, -1, -1.0)
    assert average.mean[0] == pytest.approx((weights / weights.sum()) @ values[:, 0], rel=1e-12)


def test_standard_error_of_the_moving_average():
    """The error predicts the spread over 2,000 series: their ratio is one, to four standard errors of a spread."""
    values = np.random.default_rng(2).normal(size=(200, 2000))
    average = MovingAverage(2000)
    average.add(values)
    ratio = average.mean.std() / np.sqrt((average.error**2).mean())
    # About 50 batches have weight: the error itself is known to 1 in 2000·50, the spread to 1 in 4000.
    assert abs(ratio - 1) < 4 / np.sqrt(4000)
    single = MovingAverage(1)
    single.add(np.ones((1, 1)))
    assert np.isnan(single.error[0])


@pytest.mark.parametrize("rate", [-0.02, 0.0, 0.02])
def test_growth_of_an_exponential_with_noise(rate):
    """Growth over a quarter of n bins is n/4·rate; z-scores of 4,000 noisy series have unit spread."""
    rng = np.random.default_rng(4)
    bins = np.arange(60.0)
    series = np.exp(rate * bins)[:, None] * (1 + 0.05 * rng.normal(size=(60, 4000)))
    trend = Trend.of(series)
    expected = rate * 15
    z = (trend.growth - expected) / trend.growth_error
    assert abs(z.mean()) < 0.3
    assert 0.8 < z.std() < 1.3


def test_trend_of_nothing_is_nothing():
    trend = Trend.of(np.zeros((16, 2)))
    assert not trend.growth.any()
    assert not trend.level.any()


def test_states_survive_json():
    history, average = History(2), MovingAverage(2)
    values = np.random.default_rng(5).normal(size=(150, 2))
    history.add(values)
    average.add(values)
    other, again = History(2), MovingAverage(2)
    other.restore(json.loads(json.dumps(history.state())))
    again.restore(json.loads(json.dumps(average.state())))
    for one in (history, other):
        one.add(values)
    np.testing.assert_array_equal(other.means(), history.means())
    np.testing.assert_array_equal(again.error, average.error)
