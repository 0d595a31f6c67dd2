"""Verdicts: what is off is called so, what has no power is called untested."""

import numpy as np
import pytest

from validation.study.judging import AGREES, DISAGREES, UNTESTED, Equality, Finding, Score, judge


def scores(z, error=0.01):
    return tuple(Score(f"number {i}", 1.0, 1.0 + error * value, error, float(value), 1.0, "kind")
                 for i, value in enumerate(z))


def verdict(**given):
    return judge([Finding("X", "a claim", "numbers", **given)])[0]


def test_agreement_needs_power():
    z = np.random.default_rng(0).normal(size=20)
    assert verdict(scores=scores(z)).verdict == AGREES
    assert verdict(scores=scores(z, error=1.0)).verdict == UNTESTED
    assert verdict(scores=scores(z), distinguished=False).verdict == UNTESTED
    assert verdict().verdict == UNTESTED


def test_one_number_that_is_off_is_seen_and_corrected_for_their_number():
    z = np.zeros(20)
    z[3] = 5.0
    found = verdict(scores=scores(z))
    assert found.verdict == DISAGREES
    assert found.corrected == pytest.approx(2 * 20 * 5.733e-7, rel=1e-3)


def test_equality_that_fails_needs_no_chance():
    found = verdict(equalities=(Equality("holds", 0.5, 1.0), Equality("fails", 2.0, 1.0)))
    assert (found.verdict, found.broken) == (DISAGREES, ("fails",))
    assert verdict(equalities=(Equality("unknown", float("nan"), 1.0),)).verdict == DISAGREES
    assert verdict(equalities=(Equality("holds", 1.0, 1.0),)).verdict == AGREES


def test_many_claims_are_corrected_for():
    off = np.array([3.6] + [0.0] * 4)
    alone = judge([Finding("A", "", "", scores(off))])[0]
    among = judge([Finding(str(i), "", "", scores(off if i == 0 else np.zeros(5))) for i in range(17)])
    assert (alone.verdict, among[0].verdict) == (DISAGREES, AGREES)
    assert among[0].corrected == pytest.approx(17 * alone.corrected)
