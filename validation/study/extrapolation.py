"""From finite sizes to the limit of many dimensions, with an error and its degrees of freedom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from validation.study.statistics import normal_score

#: Means of the Tracy–Widom laws of real matrices: where the largest eigenvalues of noise lie, in the same width.
_TRACY_WIDOM = (-1.2065335745820, -3.2624279028615)


@dataclass(frozen=True)
class Limit:
    """An estimate of the limit of many dimensions, its standard error, and the degrees of freedom of that."""

    value: float
    error: float
    freedom: float

    def score(self, expected: float) -> float:
        """Return the deviation from what is expected as a standard normal number; NaN without an error to judge by.

        >>> round(Limit(1.2, 0.1, 1e9).score(1.0), 6)
        2.0
        """
        if not self.error > 0:
            return float("nan")
        return float(normal_score((self.value - expected) / self.error, self.freedom))


def outlier_shift(features: Floats) -> Floats:
    r"""Return 1/N, by which means of an outlier's observables approach their limit.

    The outlier moves by noise of variance ∝ 1/N, which shifts the mean of a smooth function by as much; its own mean
    has a bias of the same order.

    >>> outlier_shift(np.array([100.0]))
    array([0.01])
    """
    return 1 / np.asarray(features, dtype=float)


def edge_shift(features: Floats, alpha: float, count: int = 1) -> Floats:
    r"""Return how far the ``count`` ≤ 2 largest eigenvalues of noise lie from the edge of its spectrum, mean over η.

    :math:`N^{-2/3}` to leading order, with the centring that is right to order :math:`N^{-1}`: regression on it has
    neither term left.

    Notes
    -----
    Johnstone, Ann. Statist. 29 (2001) 295; centring of Ma, Bernoulli 18 (2012) 322.

    >>> edge_shift(np.array([1e3, 8e3]), 1.0).round(3)
    array([-0.032, -0.008])
    """
    n = np.asarray(features, dtype=float)
    p = np.round(alpha * n)
    roots = np.sqrt(n - 0.5), np.sqrt(p - 0.5)
    centre = (roots[0] + roots[1]) ** 2
    width = (roots[0] + roots[1]) * (1 / roots[0] + 1 / roots[1]) ** (1 / 3)
    return (centre + width * float(np.mean(_TRACY_WIDOM[:count]))) / p - (1 + np.sqrt(n / p)) ** 2


def extrapolate(shifts: Floats, groups: Sequence[Floats], spread: Floats) -> Limit:
    r"""Return the value at shift 0 of a straight line (or plane) through the means of groups of measurements.

    Parameters
    ----------
    shifts : what the mean of each group is linear in, one number a group or several (G, K), K < G; a single one of 0
        means no extrapolation
    groups : measurements of each group, at least two each
    spread : expected standard deviation of each group, up to a common factor; it sets the weights

    Raises :class:`vaesym.InputError`: too few groups or measurements, or shapes that do not fit.

    Notes
    -----
    The weights do not look at the measurements, so the estimate is linear in them and unbiased; its error is from
    the scatter within each group, whatever the true spread, with the degrees of freedom of Welch and Satterthwaite.

    >>> rng = np.random.default_rng(0)
    >>> sizes = np.array([100.0, 200.0, 400.0])
    >>> groups = [2 + 30 / n + rng.normal(size=50) / np.sqrt(n) for n in sizes]
    >>> limit = extrapolate(1 / sizes, groups, 1 / np.sqrt(sizes))
    >>> abs(limit.score(2.0)) < 3
    True
    """
    x, s = (np.atleast_1d(inputs.real_array(name, v)) for name, v in (("shifts", shifts), ("spread", spread)))
    counts = np.array([len(group) for group in groups])
    columns = x.reshape(len(x), -1)
    columns = columns[:, :0] if len(x) == 1 and not columns.any() else columns / np.abs(columns).max(axis=0)
    design = np.concatenate([np.ones((len(x), 1)), columns], axis=1)
    if not len(x) == len(s) == len(groups) or (s <= 0).any() or np.linalg.matrix_rank(design) < design.shape[1]:
        raise InputError("more groups than shifts of a group, at different ones, each with a spread > 0",
                         f"{len(groups)} groups at shifts of shape {x.shape}", "give shifts and one spread a group")
    if (counts < 2).any():
        raise InputError("two measurements or more in each group", f"{counts.tolist()}", "take more seeds")
    weights = counts / s**2
    solver = np.linalg.solve(design.T * weights @ design, design.T * weights)[0]
    means, variances = (np.array([f(group) for group in groups]) for f in (np.mean, partial(np.var, ddof=1)))
    parts = solver**2 * variances / counts
    total = float(parts.sum())
    freedom = total**2 / float((parts**2 / (counts - 1)).sum()) if total > 0 else float(counts.sum() - len(counts))
    return Limit(float(solver @ means), float(np.sqrt(total)), freedom)
