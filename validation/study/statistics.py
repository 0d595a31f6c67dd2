"""Tests of agreement and intervals: scores, p-values corrected for their number, power, means over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from vaesym import inputs
from vaesym.inputs import Floats, InputError

#: A claim disagrees where its corrected p-value is below this.
LEVEL = 0.01
#: Probability of intervals.
_COVERAGE = 0.95
#: Probability with which a deviation of the stated size is seen.
POWER = 0.9


def normal_score(t: Floats | float, freedom: Floats | float) -> Floats:
    """Return the standard normal number that is as unlikely as Student's t of so many degrees of freedom; inf stays.

    >>> normal_score([-4.0, 3.0], [5.0, 1e9]).round(6)
    array([-2.564804,  3.      ])
    """
    t = np.asarray(t, dtype=float)
    return np.sign(t) * -stats.norm.ppf(stats.t.sf(np.abs(t), freedom))


def two_sided(z: Floats | float) -> Floats:
    """Return the probability that a standard normal number is as far from 0 as z.

    >>> two_sided([0.0, 1.959964]).round(6)
    array([1.  , 0.05])
    """
    return 2 * stats.norm.sf(np.abs(np.asarray(z, dtype=float)))


def _probabilities(p: Floats) -> Floats:
    array = np.atleast_1d(inputs.real_array("p-values", p))
    if array.ndim != 1 or not array.size or (array < 0).any() or (array > 1).any():
        raise InputError("p-values between 0 and 1 in a list", f"{array.tolist()!r:.60}", "give one a comparison")
    return array


def holm(p: Floats) -> Floats:
    """Return p-values corrected by Holm: the chance that any true hypothesis is rejected is kept, whatever depends.

    Raises :class:`vaesym.InputError`: numbers that are no probabilities, or none.

    Notes
    -----
    Holm (1979): the k-th least of n is multiplied by n + 1 − k, and none is below the one before.

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    array = _probabilities(p)
    order = np.argsort(array)
    factors = len(array) - np.arange(len(array))
    corrected = np.empty_like(array)
    corrected[order] = np.minimum(np.maximum.accumulate(array[order] * factors), 1.0)
    return corrected


def chi_square(z: Floats) -> float:
    """Return the probability that independent standard normal numbers have a sum of squares as large as z has.

    >>> chi_square([0.0, 0.0]), chi_square([3.0, 3.0, 3.0]) < 1e-5
    (1.0, True)
    """
    array = np.atleast_1d(np.asarray(z, dtype=float))
    return float(stats.chi2.sf((array**2).sum(), len(array)))


@dataclass(frozen=True)
class Joint:
    """Many scores judged together.

    Attributes
    ----------
    p : chance of scores as bad as these, corrected for their number and for the number of tests
    worst : score that is farthest from 0
    tests : number of tests: one of the farthest score, and one of each group
    critical : |z| beyond which a single score alone makes the claim disagree, all corrections counted
    """

    p: float
    worst: float
    tests: int
    critical: float


def joint(z: Floats, groups: Sequence[Floats] = (), claims: int = 1) -> Joint:
    """Judge scores together: the farthest of them, and the sum of squares of each group of independent ones.

    The first sees one point that is off, the others many that are a little off. The least p-value counts as often as
    there are tests; the farthest score is corrected by the number of scores, which holds for dependent ones.

    Parameters
    ----------
    z : scores, standard normal if all is as expected; they may depend on one another
    groups : of scores that are independent within their group; those of one score are left to the first test
    claims : number of claims that are judged like this; ``critical`` counts them, p does not

    Raises :class:`vaesym.InputError`: no scores, or NaN among them.

    >>> joint(np.zeros(5)).p, joint(np.array([0.0, 9.0])).p < 1e-15
    (1.0, True)
    """
    array = np.atleast_1d(np.asarray(z, dtype=float))
    if not array.size or np.isnan(array).any():
        raise InputError("scores without NaN", f"{array.size} scores, {int(np.isnan(array).sum())} of them NaN",
                         "leave out what was not measured")
    tests = [float(two_sided(np.abs(array).max())) * len(array)]
    tests += [chi_square(group) for group in groups if len(group) > 1]
    critical = float(stats.norm.isf(LEVEL / (2 * claims * len(tests) * len(array))))
    return Joint(min(1.0, len(tests) * min(tests)), float(array[np.abs(array).argmax()]), len(tests), critical)


def common_deviation(relative_errors: Floats, level: float) -> float:
    """Return the relative deviation, common to all measurements, that the sum of squares shows with probability POWER.

    ``relative_errors`` > 0 are standard errors over the sizes of what is measured; it is seen where p < ``level``.

    >>> round(common_deviation(np.array([0.1]), 0.01), 3)
    0.386
    """
    errors = np.atleast_1d(inputs.positive("relative_errors", relative_errors))
    bound, information = stats.chi2.isf(level, len(errors)), float((errors**-2.0).sum())
    missing: Any = optimize.brentq(lambda x: stats.ncx2.sf(bound, len(errors), x) - POWER, 1e-6, 1e4)
    return float(np.sqrt(missing / information))


def fraction_interval(found: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of Wilson for a probability of which ``found`` of ``of`` trials were seen.

    >>> [round(end, 3) for end in fraction_interval(20, 20)]
    [0.839, 1.0]
    """
    interval = stats.binomtest(found, of).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


@dataclass(frozen=True)
class Interval:
    """A mean over ``count`` of ``asked`` seeds and the half-width of its 95 % interval (NaN with one seed).

    Seeds for which nothing was found are missing from the mean, and not at random: see :attr:`complete`.

    >>> str(Interval(19.6, 0.2, 3)), str(Interval(19.6, 0.2, 2, 5))
    ('19.60 ± 0.20', '19.60 ± 0.20 (2 of 5 seeds)')
    """

    mean: float
    half: float
    count: int
    asked: int | None = None

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + self.half

    @property
    def complete(self) -> bool:
        """Whether it has a value from every seed, and more than one."""
        return self.count > 1 and self.count == (self.count if self.asked is None else self.asked)

    def __str__(self) -> str:
        if not self.count:
            return "not found"
        missing = "" if self.asked in (None, self.count) else f" ({self.count} of {self.asked} seeds)"
        if not np.isfinite(self.half):
            return f"{self.mean:.3g}{missing or ' (1 seed)'}"
        if self.half <= 1e-4 * abs(self.mean):
            return f"{self.mean:.4g}{missing}"
        digits = min(max(0, 1 - int(np.floor(np.log10(self.half)))), 6)
        return f"{self.mean:.{digits}f} ± {self.half:.{digits}f}{missing}"


def interval(values: ArrayLike, resolution: ArrayLike | None = None) -> Interval:
    """Return the mean of values with Student's 95 % interval; NaN are left out, and counted.

    ``resolution`` is the standard deviation of each value from how it was read (the width of a bracket over √12). Seeds
    read on one scale err alike: it does not shrink with their number, and comes on top of the scatter.

    >>> found = interval([1.0, 2.0, 3.0])
    >>> round(found.mean, 1), round(found.half, 2)
    (2.0, 2.48)
    """
    array = np.asarray(values, dtype=float).ravel()
    good = np.isfinite(array)
    count, asked = int(good.sum()), len(array)
    if count == 0:
        return Interval(np.nan, np.nan, 0, asked)
    mean = float(array[good].mean())
    if count == 1:
        return Interval(mean, np.nan, 1, asked)
    half = float(stats.t.ppf((1 + _COVERAGE) / 2, count - 1) * array[good].std(ddof=1) / np.sqrt(count))
    if resolution is not None:
        read = np.broadcast_to(np.asarray(resolution, dtype=float), array.shape)[good]
        half = float(np.hypot(half, stats.norm.ppf((1 + _COVERAGE) / 2) * read.mean()))
    return Interval(mean, half, count, asked)


def ratio(measured: Interval, predicted: Interval) -> Interval:
    """Return the ratio of two independent means, its relative error the root of the sum of squares of both.

    >>> str(ratio(Interval(9.0, 0.09, 3), Interval(10.0, 0.0, 3)))
    '0.9000 ± 0.0090'
    """
    mean = measured.mean / predicted.mean
    half = abs(mean) * float(np.hypot(measured.half / measured.mean, predicted.half / predicted.mean))
    asked = [one.count if one.asked is None else one.asked for one in (measured, predicted)]
    whole = measured.complete and predicted.complete
    return Interval(mean, half, min(measured.count, predicted.count), None if whole else max(asked))


def separated(first: Interval, second: Interval) -> bool | None:
    """Return whether two means differ at the 95 % level, by their intervals taken together; None with seeds missing."""
    if not first.complete or not second.complete:
        return None
    return abs(first.mean - second.mean) > float(np.hypot(first.half, second.half))
