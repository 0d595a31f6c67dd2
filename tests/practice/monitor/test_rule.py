"""The rule on made-up courses: what grows lives, what decays dies, and what is undecided is left open."""

import numpy as np
import pytest

from vaesym.practice.monitor.rule import Expected, Verdict, judge

TIME = np.linspace(0.0, 1.0, 64)
STEADY, COLLAPSING = np.full(64, 0.5), 0.3 * np.exp(-6 * TIME)
GROWING, NOTHING = 0.001 * np.exp(3 * TIME), np.full(64, 1e-4)


def verdicts(*courses, expected):
    noise = 1 + 0.02 * np.random.default_rng(0).normal(size=(64, len(courses)))
    series = np.stack(courses, axis=1) * noise
    return judge(series, Expected(expected, np.array([0.4] * expected + [0.0] * (len(courses) - expected))))


@pytest.mark.parametrize(("courses", "expected", "found"), [
    ([STEADY, COLLAPSING], 1, [Verdict.ACTIVE, Verdict.COLLAPSED]),
    ([COLLAPSING, STEADY], 1, [Verdict.COLLAPSED, Verdict.ACTIVE]),
    ([STEADY, NOTHING], 1, [Verdict.ACTIVE, Verdict.COLLAPSED]),
    ([STEADY, GROWING], 1, [Verdict.ACTIVE, Verdict.OPEN]),
    ([STEADY, GROWING], 2, [Verdict.ACTIVE, Verdict.OPEN]),
    ([STEADY, NOTHING], 2, [Verdict.ACTIVE, Verdict.STUCK]),
    ([STEADY, STEADY], 1, [Verdict.ACTIVE, Verdict.UNEXPECTED]),
    ([STEADY, STEADY], 2, [Verdict.ACTIVE, Verdict.ACTIVE]),
    ([COLLAPSING, NOTHING], 0, [Verdict.COLLAPSED, Verdict.COLLAPSED]),
    ([NOTHING, NOTHING], 1, [Verdict.OPEN, Verdict.OPEN]),
    ([COLLAPSING / 3, COLLAPSING / 3], 2, [Verdict.STUCK, Verdict.STUCK]),
    ([0 * TIME, 0 * TIME], 2, [Verdict.STUCK, Verdict.STUCK]),
])
def test_courses(courses, expected, found):
    assert verdicts(*courses, expected=expected) == found


def test_while_others_still_learn_nothing_is_said_of_a_weak_latent():
    learning = 0.1 * np.exp(2 * TIME)
    assert verdicts(learning, NOTHING, expected=2) == [Verdict.ACTIVE, Verdict.OPEN]
    assert verdicts(STEADY, GROWING, NOTHING, expected=3)[2] is Verdict.OPEN


def test_a_latent_near_its_threshold_is_not_called_dead():
    """A share of 0.015 nats is what theory gives it: half of that is enough to be established."""
    series = np.stack([STEADY, np.full(64, 0.012)], axis=1)
    series *= 1 + 0.02 * np.random.default_rng(1).normal(size=series.shape)
    assert judge(series, Expected(2, np.array([0.4, 0.015])))[1] is Verdict.ACTIVE
    assert judge(series, Expected(2, np.array([0.4, 0.4])))[1] is Verdict.STUCK


@pytest.mark.parametrize(("kl", "verdict"), [(0.4, Verdict.STUCK), (0.14, Verdict.STUCK), (0.11, Verdict.OPEN)])
def test_a_latent_of_small_growth_is_given_more_time(kl, verdict):
    """The strongest took an eighth of the time, and 2.5 times as much is given: 0.4 · 2.5/8 = 0.125."""
    strongest = np.where(TIME < 0.125, 0.01, 0.5)
    series = np.stack([strongest, NOTHING], axis=1)
    assert judge(series, Expected(2, np.array([0.4, kl])))[1] is verdict


def test_a_latent_below_the_floor_does_not_wait_until_what_is_active_settles():
    """A second latent came up late and still grows by 17 % a quarter; the third has been dead from the start."""
    late_riser = np.where(TIME < 0.3, 0.005, 0.2 + 0.25 * TIME)
    assert verdicts(STEADY, late_riser, NOTHING, expected=3)[2] is Verdict.STUCK
    # A third one that was active over the last quarter may come back.
    fallen = np.where(TIME < 0.8, 0.3, 1e-4)
    assert verdicts(STEADY, late_riser, fallen, expected=3)[2] is Verdict.OPEN
    # Another weak latent grows, so this one may be about to.
    assert verdicts(STEADY, late_riser, GROWING, NOTHING, expected=4)[3] is Verdict.OPEN
