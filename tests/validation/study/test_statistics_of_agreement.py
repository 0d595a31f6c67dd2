"""Statistics on numbers whose truth is known: p-values under the null, power under a planted deviation."""

import numpy as np
import pytest
from scipy import stats

from vaesym.inputs import InputError
from validation.agreement.measurement import variance_ratio
from validation.study.extrapolation import edge_shift, extrapolate, outlier_shift
from validation.study.statistics import (
    LEVEL,
    POWER,
    chi_square,
    common_deviation,
    fraction_interval,
    holm,
    joint,
    normal_score,
    two_sided,
)


def uniform(p):
    return stats.kstest(p, "uniform").pvalue


def test_students_t_becomes_normal():
    t = stats.t(5).rvs(20000, random_state=1)
    assert uniform(two_sided(normal_score(t, 5))) > 1e-3
    assert normal_score(-4.0, 5) == -normal_score(4.0, 5)
    assert abs(normal_score(8.0, 3)) < 8


def test_chi_square_is_uniform_without_deviation():
    z = np.random.default_rng(2).normal(size=(4000, 7))
    assert uniform([chi_square(row) for row in z]) > 1e-3


def test_holm_keeps_the_chance_of_a_false_alarm_for_dependent_numbers():
    rng = np.random.default_rng(3)
    common = rng.normal(size=(4000, 1))
    z = 0.7 * common + np.sqrt(1 - 0.49) * rng.normal(size=(4000, 12))
    alarms = np.mean([holm(two_sided(row)).min() < 0.05 for row in z])
    assert 0.01 < alarms < 0.05


def test_holm_is_step_down():
    corrected = holm([0.001, 0.02, 0.03, 0.5])
    np.testing.assert_allclose(corrected, [0.004, 0.06, 0.06, 0.5])
    # A second true deviation is easier to see than by Bonferroni.
    assert holm([0.001, 0.016, 0.9])[1] < 3 * 0.016


def test_joint_judgement_seldom_alarms_and_sees_both_kinds_of_deviation():
    rng = np.random.default_rng(4)
    z = rng.normal(size=(3000, 40))
    alarms = np.mean([joint(row, [row]).p < 0.05 for row in z])
    assert 0.02 < alarms < 0.06
    one, many = z.copy(), z + 1.2
    one[:, 7] += 7
    assert np.mean([joint(row, [row]).p < LEVEL for row in one]) > 0.95
    assert np.mean([joint(row, [row]).p < LEVEL for row in many]) > 0.95
    # The farthest score alone would not see that all are a little off.
    assert np.mean([joint(row).p < LEVEL for row in many]) < 0.6


def test_common_deviation_is_seen_with_the_stated_power():
    errors = np.array([0.02, 0.05, 0.1, 0.1, 0.3])
    shift = common_deviation(errors, 0.01)
    z = np.random.default_rng(6).normal(size=(6000, 5)) + shift / errors
    assert np.mean([chi_square(row) < 0.01 for row in z]) == pytest.approx(POWER, abs=0.02)


def test_extrapolated_scores_are_standard_normal():
    rng = np.random.default_rng(7)
    sizes = np.array([50.0, 100.0, 200.0])
    z = [extrapolate(1 / sizes, [3 - 40 / n + rng.normal(size=8) * 5 / np.sqrt(n) for n in sizes], sizes**-0.5).score(3)
         for _ in range(2000)]
    assert uniform(two_sided(z)) > 1e-3
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))


def test_wrong_spread_costs_no_bias_and_a_wrong_limit_is_seen():
    rng = np.random.default_rng(8)
    sizes = np.array([50.0, 100.0, 200.0])
    groups = [[3 - 40 / n + rng.normal(size=30) for n in sizes] for _ in range(600)]
    z = np.array([extrapolate(1 / sizes, group, sizes**-0.5).score(3) for group in groups])
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert 0.9 < z.std() < 1.1
    assert np.mean([abs(extrapolate(1 / sizes, group, np.ones(3)).score(4.5)) > 2 for group in groups]) > 0.9


def test_two_shifts_take_two_orders_out():
    rng = np.random.default_rng(12)
    sizes = np.array([50.0, 100.0, 200.0, 400.0])
    shifts = np.stack([1 / sizes, sizes ** (-4 / 3)], axis=1)
    both, one = [], []
    for _ in range(400):
        groups = [3 - 40 / n + 300 * n ** (-4 / 3) + rng.normal(size=20) * 5 / n for n in sizes]
        both.append(extrapolate(shifts, groups, 1 / sizes).score(3))
        one.append(extrapolate(1 / sizes, groups, 1 / sizes).score(3))
    assert abs(np.mean(both)) < 4 / np.sqrt(len(both))
    assert 0.85 < np.std(both) < 1.15
    assert abs(np.mean(one)) > 20 / np.sqrt(len(one))


def test_errors_of_variances_hold_for_heavy_tails():
    rng = np.random.default_rng(13)
    for draw in (rng.normal, lambda size: rng.laplace(size=size) / np.sqrt(2)):
        shifts = np.array([0.2, 0.1])
        pairs = [variance_ratio([draw(size=600), draw(size=600)], np.ones(2), shifts) for _ in range(500)]
        z = np.array([(ratio - 1) / error for ratio, error in pairs])
        assert abs(np.mean([ratio for ratio, _ in pairs]) - 1) < 0.04
        # With errors as of normal values it would be 1.6 for the second.
        assert 0.85 < z.std() < 1.2


def test_edge_of_noise_lies_where_the_law_puts_it():
    rng = np.random.default_rng(9)
    for n, ratio in ((60, 0.5), (60, 4.0)):
        p = round(n * ratio)
        top = [np.sort(np.linalg.svd(rng.normal(size=(p, n)), compute_uv=False))[::-1][:2] ** 2 / p for _ in range(400)]
        gaps = np.array(top) - (1 + np.sqrt(n / p)) ** 2
        for count in (1, 2):
            values = gaps[:, :count].mean(axis=1)
            # Terms of order N^(-4/3) are left: about 0.02 at this size, against shifts of 0.1 to 1.
            error = np.hypot(values.std() / np.sqrt(400), 0.02)
            assert abs(values.mean() - edge_shift(np.array([float(n)]), ratio, count)[0]) < 3 * error
    assert outlier_shift(np.array([50.0])) == 1 / 50


def test_interval_of_a_fraction_holds_it():
    rng = np.random.default_rng(10)
    inside = [low <= 0.8 <= high for low, high in (fraction_interval(int(k), 30) for k in rng.binomial(30, 0.8, 2000))]
    assert np.mean(inside) > 0.92


@pytest.mark.parametrize("bad", [lambda: holm([]), lambda: holm([0.5, 1.5]), lambda: holm([np.nan]),
                                 lambda: joint([]), lambda: joint([1.0, np.nan]),
                                 lambda: extrapolate([1.0, 1.0], [np.ones(3)] * 2, [1.0, 1.0]),
                                 lambda: extrapolate([1.0, 0.5], [np.ones(3), np.ones(1)], [1.0, 1.0]),
                                 lambda: extrapolate([1.0, 0.5], [np.ones(3)] * 2, [1.0, 0.0]),
                                 lambda: extrapolate([[1.0, 2.0], [0.5, 3.0]], [np.ones(3)] * 2, [1.0, 1.0])])
def test_bad_input(bad):
    with pytest.raises(InputError):
        bad()
