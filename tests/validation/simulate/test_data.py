"""Spiked data: the laws, the covariance, the pieces, and what is refused."""

import numpy as np
import pytest

from vaesym.inputs import InputError
from validation.simulate.data import LAWS, SpikedData, all_samples, second_moments

DRAWS = 200_000


def draw(name, pieces=(DRAWS,)):
    values, choices = np.random.default_rng(1), np.random.default_rng(2)
    return np.concatenate([LAWS[name].draw(values, choices, (rows, 1))[:, 0] for rows in pieces])


@pytest.mark.parametrize("name", LAWS)
def test_laws_have_zero_mean_unit_variance_and_their_fourth_moment(name):
    c = draw(name)
    for power, expected in ((1, 0.0), (2, 1.0), (4, LAWS[name].fourth_moment)):
        values = c**power
        error = max(values.std() / np.sqrt(DRAWS), 1e-12)
        assert abs(values.mean() - expected) / error < 4, power


@pytest.mark.parametrize("name", LAWS)
def test_numbers_do_not_depend_on_the_pieces(name):
    data = SpikedData(7, 50, strengths=(1.0, 0.4), law=name, seed=5)
    whole = all_samples(data)
    for rows in (1, 13, 49, 1000):
        assert (np.concatenate(list(data.pieces(rows))) == whole).all()


@pytest.mark.parametrize("name", LAWS)
def test_covariance_is_that_of_the_model(name):
    data = SpikedData(6, 60_000, strengths=(2.0, 0.5), noise=0.7, law=name, seed=2)
    x, w = all_samples(data), data.weights() / np.sqrt(6)
    projected = x @ w
    rest = x - projected @ w.T
    for values, expected in ((projected[:, 0]**2, 2.7), (projected[:, 1]**2, 1.2), ((rest**2).sum(1), 4 * 0.7),
                             (projected[:, 0] * projected[:, 1], 0.0)):
        assert abs(values.mean() - expected) < 4 * values.std() / np.sqrt(len(x))


def test_moments_are_those_of_the_samples_across_pieces():
    data = SpikedData(11, 2500, seed=9)
    x = all_samples(data)
    np.testing.assert_allclose(second_moments(data), x.T @ x / 11, rtol=1e-12, atol=1e-10)
    assert (second_moments(data) == second_moments(data).T).all()


def test_seeds_and_runs_differ_but_repeat():
    one, two = SpikedData(5, 8, seed=1), SpikedData(5, 8, seed=2)
    assert (all_samples(one) == all_samples(SpikedData(5, 8, seed=1))).all()
    assert not np.isclose(all_samples(one), all_samples(two)).any()
    assert not np.isclose(one.weights(), two.weights()).any()


def test_directions_are_orthogonal():
    w = SpikedData(9, 4, strengths=(1, 1, 1), seed=4).weights()
    np.testing.assert_allclose(w.T @ w, 9 * np.eye(3), atol=1e-12)


def test_numpy_numbers_become_plain_ones():
    data = SpikedData(np.int64(5), np.int32(6), np.array([2.0]), np.float32(0.5), seed=np.int64(3))
    assert [type(x) for x in (data.features, data.samples, data.seed, data.noise, *data.strengths)] == [int] * 3 + [
        float] * 2
    assert data == SpikedData(5, 6, (2.0,), 0.5, seed=3)


def test_more_samples_begin_with_the_same():
    assert (all_samples(SpikedData(5, 30))[:20] == all_samples(SpikedData(5, 20))).all()


@pytest.mark.parametrize(("fields", "named"), [
    ({"features": 0}, "features >= 1"), ({"samples": -3}, "samples >= 1"), ({"samples": 2.5}, "whole number"),
    ({"strengths": (0.0,)}, "strengths > 0"), ({"strengths": (1,) * 6}, "between 1 and 5"),
    ({"noise": -1.0}, "noise > 0"), ({"law": "cauchy"}, "gaussian, rademacher"), ({"seed": -1}, "seed"),
])
def test_bad_specifications_are_refused(fields, named):
    with pytest.raises(InputError, match=named):
        SpikedData(**{"features": 5, "samples": 6, **fields})


def test_sizes_beyond_memory_are_refused_with_the_figure():
    with pytest.raises(InputError, match=r"745 GiB"):
        all_samples(SpikedData(100_000, 1_000_000))
    with pytest.raises(InputError, match=r"14.1 GiB"):
        second_moments(SpikedData(30_000, 1_000_000))
