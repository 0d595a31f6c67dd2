"""The words of alerts: thresholds rounded to the safe side, and an action that fits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesym.practice.monitor.alerts import Situation, alert
from vaesym.practice.monitor.rule import Verdict


def situation(beta, thresholds, active, activity=0.01, measured=False):
    size = len(thresholds)
    values = np.array(thresholds)
    return Situation(7, beta, values, active, np.full(size, 0.003), np.full(size, activity), np.full(size, measured))


@given(limit=st.floats(1e-9, 1e9))
def test_the_named_weight_is_below_the_threshold_and_near(limit):
    text = alert(Verdict.COLLAPSED, [0], situation(2 * limit, [limit], 0)).action
    named = float(text.split()[3])
    assert 0.989 * limit < named <= limit * (1 + 1e-9)


def test_latents_without_an_eigenvalue_can_only_be_dropped():
    assert alert(Verdict.COLLAPSED, [1, 2], situation(2.0, [3.0, 0.0, 0.0], 1)).action == "drop these latents"


@pytest.mark.parametrize(("beta", "activity", "words"), [
    (1.0, 0.0, "no longer depends on its input"), (1.0, 0.01, "raised from 0"), (9.0, 0.01, "lower β")])
def test_one_action_for_each_cause(beta, activity, words):
    assert words in alert(Verdict.STUCK, [1], situation(beta, [12.0, 10.0], 2, activity)).action


def test_every_verdict_that_is_told_has_words():
    for verdict in set(Verdict) - {Verdict.OPEN}:
        one = alert(verdict, [0, 1], situation(5.0, [12.0, 4.0], 1))
        assert one.latents == (0, 1)
        assert "latents 0 and 1" in one.message
        assert str(one) == f"step 7: {one.message}: {one.action}"
