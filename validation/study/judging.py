"""From measurements to a verdict on a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from validation.study.statistics import LEVEL, Joint, common_deviation, holm, joint

#: A claim is called agreeing only if a deviation of this size, common to all its measurements, would have been seen.
RELEVANT = 0.1
AGREES, DISAGREES, UNTESTED = "agrees", "disagrees", "not tested by this preset"


@dataclass(frozen=True)
class Score:
    """One number measured with an error beside what is expected.

    Attributes
    ----------
    name : what it is
    expected, value, error : theory, measurement and its standard error
    z : their difference as a standard normal number
    scale : size by which a deviation counts as relative
    group : scores of its claim in the same group are independent of one another; empty if it is in none
    """

    name: str
    expected: float
    value: float
    error: float
    z: float
    scale: float
    group: str = ""


@dataclass(frozen=True)
class Equality:
    """What must hold without any scatter, within what rounding, grids or convergence allow."""

    name: str
    worst: float
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether it holds; NaN does not."""
        return bool(self.worst <= self.allowed)


@dataclass(frozen=True)
class Finding:
    """What was measured of a claim.

    Attributes
    ----------
    label, statement : of the claim
    measured : in words
    scores, equalities : the numbers
    rival : in words, how far off a different statement is
    distinguished : whether the measurement tells the claim from that statement
    relevant : deviation, common to all measurements, that must be seen before the claim is called agreeing
    """

    label: str
    statement: str
    measured: str
    scores: tuple[Score, ...] = ()
    equalities: tuple[Equality, ...] = ()
    rival: str = ""
    distinguished: bool = True
    relevant: float = RELEVANT


@dataclass(frozen=True)
class Verdict:
    """A finding and what follows from it.

    Attributes
    ----------
    finding : what was measured
    verdict : :data:`AGREES`, :data:`DISAGREES` or :data:`UNTESTED`
    corrected : p-value corrected for the number of scores, of tests and of claims; 1 where there is no chance in it
    joint : of the scores, if there are any
    deviation : relative deviation common to all scores of any group that would have been seen; NaN without groups
    """

    finding: Finding
    verdict: str
    corrected: float
    joint: Joint | None
    deviation: float
    broken: tuple[str, ...] = field(default=())


def _groups(finding: Finding) -> list[list[Score]]:
    names = dict.fromkeys(score.group for score in finding.scores if score.group)
    return [[score for score in finding.scores if score.group == name] for name in names]


def _joint(finding: Finding, claims: int) -> Joint | None:
    if not finding.scores:
        return None
    groups = [np.array([score.z for score in group]) for group in _groups(finding)]
    return joint(np.array([score.z for score in finding.scores]), groups, claims)


def _deviation(finding: Finding, found: Joint | None, claims: int) -> float:
    """The largest over the groups: each kind of number has been measured at least that well."""
    if found is None or not _groups(finding):
        return float("nan")
    level = LEVEL / (found.tests * claims)
    return max(common_deviation(np.array([score.error / score.scale for score in group]), level)
               for group in _groups(finding))


def judge(findings: Sequence[Finding]) -> list[Verdict]:
    """Return the verdicts, corrected by Holm for the number of claims, whose measurements may depend on one another.

    Notes
    -----
    A claim disagrees where an equality is broken or its corrected p-value is below ``LEVEL``. It agrees where that is
    not so, a deviation of ``relevant`` would have been seen, and it is told from its rival; else it is untested.

    >>> score = Score("Q", 1.0, 1.001, 0.001, 1.0, 1.0, "Q")
    >>> [one.verdict for one in judge([Finding("A", "Q = 1", "Q", (score,)), Finding("B", "nothing", "")])]
    ['agrees', 'not tested by this preset']
    """
    tested = [finding for finding in findings if finding.scores or finding.equalities]
    claims = max(1, len(tested))
    joints = {id(finding): _joint(finding, claims) for finding in tested}
    raw = [1.0 if (one := joints[id(finding)]) is None else one.p for finding in tested]
    corrected = dict(zip(map(id, tested), holm(np.array(raw)).tolist() if raw else [], strict=True))
    return [_verdict(finding, joints.get(id(finding)), corrected.get(id(finding)), claims) for finding in findings]


def _verdict(finding: Finding, found: Joint | None, p: float | None, claims: int) -> Verdict:
    if p is None:
        return Verdict(finding, UNTESTED, 1.0, None, float("nan"))
    broken = tuple(equality.name for equality in finding.equalities if not equality.holds)
    deviation = _deviation(finding, found, claims)
    if broken or p < LEVEL:
        return Verdict(finding, DISAGREES, 0.0 if broken else p, found, deviation, broken)
    # Where no number is independent there is only the rival statement to be told from.
    strong = (np.isnan(deviation) or deviation <= finding.relevant) and finding.distinguished
    return Verdict(finding, AGREES if strong else UNTESTED, p, found, deviation)
