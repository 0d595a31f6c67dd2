"""The likelihoods of which full collapse is known: what each asks of the data, and its information per feature."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError, count, positive
from vaesym.practice.data.matrix import Array, row_chunks
from vaesym.practice.data.readers import Loaded
from vaesym.practice.data.rows import Rows
from vaesym.practice.objectives import outside

Likelihood = Literal["gaussian", "gaussian_shared", "gaussian_diagonal", "bernoulli", "poisson", "negative_binomial",
                     "multinomial", "categorical"]
#: Beyond this multiple of 1 + mean a dispersion makes no difference to a Poisson law.
_POISSON = 1e6
#: Grey levels of scikit-learn's digits: 0 to 16.
_DIGIT_LEVELS = 16
#: Categories of a feature beyond which it is rather a number.
_CATEGORIES = 256
#: How far the values of a one-hot group may sum to something else than 1.
_ROUNDING = 1e-5
#: Columns that are read at once where each is sorted.
_COLUMNS = 64


@dataclass(frozen=True)
class Family:
    """A likelihood.

    Attributes
    ----------
    share : the weight that the reconstruction term S has in the loss of the theory
    term : S in a printed loss
    unscaled : its data are counts or shares of one, so that bytes of a file are never divided by 255
    """

    share: float
    term: str
    unscaled: bool = False


FAMILIES: dict[str, Family] = {
    "gaussian": Family(0.5, "(x - xhat)^2"),
    "bernoulli": Family(1.0, " BCE(x, xhat)"),
    "poisson": Family(1.0, " Poisson(x, rate)", True),
    "negative_binomial": Family(1.0, " NB(x, mean, r)", True),
    "multinomial": Family(1.0, " CE(counts, softmax)", True),
    "categorical": Family(1.0, " CE(x, softmax)", True),
    "gaussian_shared": Family(1.0, " normal(x, xhat, s2)"),
    "gaussian_diagonal": Family(1.0, " normal(x, xhat, s2_i)"),
}


def check_likelihood(likelihood: Any) -> None:
    """Raise :class:`~vaesym.inputs.InputError` for a likelihood that is not known.

    >>> check_likelihood("poisson")
    """
    if (words := outside.known(likelihood)) is not None:
        raise InputError("a loss that the theory covers: gaussian for a squared error, bernoulli for cross-entropy",
                         words.partition(":")[0], words.partition(":")[2].strip())
    if not isinstance(likelihood, str) or likelihood not in FAMILIES:
        raise InputError(f"likelihood as one of {', '.join(FAMILIES)}", f"{likelihood!r}",
                         "pass 'gaussian' for a squared error, 'bernoulli' for binary cross-entropy")


def check_options(likelihood: Likelihood, dispersion: Any, groups: Any) -> None:
    """Raise :class:`~vaesym.inputs.InputError` for options of another likelihood.

    >>> check_options("poisson", None, None)
    """
    if dispersion is not None and likelihood != "negative_binomial":
        raise InputError("dispersion with likelihood negative_binomial", f"likelihood {likelihood!r}",
                         "leave it out, or choose negative_binomial")
    if groups is not None and likelihood != "categorical":
        raise InputError("groups with likelihood categorical", f"likelihood {likelihood!r}",
                         "leave them out, or choose categorical")


def one_hot(codes: Array) -> tuple[Array, tuple[int, ...]]:
    """Return codes 0, 1, … of categories (P, N) as one column for each, float32, and the number of each feature's.

    Raises :class:`~vaesym.inputs.InputError` for what is no code.

    >>> columns, groups = one_hot(np.array([[0, 2], [1, 1]]))
    >>> columns.tolist(), groups
    ([[1.0, 0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0, 0.0]], (2, 3))
    """
    least, most = float(codes.min()), float(codes.max())
    if least < 0 or most >= _CATEGORIES or (codes != np.floor(codes)).any():
        raise InputError(f"codes 0 to {_CATEGORIES - 1} of categories, or one-hot columns and their groups",
                         "fractions" if (codes != np.floor(codes)).any() else f"values from {least:g} to {most:g}",
                         "number the categories of each feature from 0, or give groups, e.g. groups=[3, 5]")
    if most <= 1 and codes.shape[1] > 1 and (codes.sum(axis=1) == codes[0].sum()).all():
        raise InputError("groups beside one-hot columns", "none", "pass how many columns each feature has, e.g. "
                         "groups=[3, 5]")
    whole = codes.astype(np.intp)
    groups = tuple(max(int(top) + 1, 2) for top in whole.max(axis=0))
    return np.hstack([np.eye(size, dtype=np.float32)[column] for size, column in zip(groups, whole.T, strict=True)]), (
        groups)


def checked_groups(groups: Any, features: int) -> tuple[int, ...]:
    """Return the number of columns of each one-hot group: as given, or all of the one size that is given.

    Raises :class:`~vaesym.inputs.InputError` for sizes that are not whole numbers ≥ 1 with the sum ``features``.

    >>> checked_groups(3, 6), checked_groups([1, 5], 6)
    ((3, 3), (1, 5))
    """
    if isinstance(groups, (str, bytes)) or not isinstance(groups, (Sequence, np.ndarray)):
        size = count("groups", groups)
        groups = [size] * (features // size)
    sizes = tuple(count("groups", size.item() if isinstance(size, np.generic) else size)
                  for size in cast("Sequence[Any]", groups))
    if sum(sizes) != features:
        raise InputError(f"groups that make up the {features} features", f"sizes with the sum {sum(sizes)}",
                         "give the number of columns of each one-hot group, in their order")
    return sizes


def check_one_hot(matrix: Array, scaling: float, groups: tuple[int, ...]) -> None:
    """Raise :class:`~vaesym.inputs.InputError` with the first row and group whose values do not sum to 1.

    Values ≥ 0 are taken for granted. Shares that sum to 1 pass as well as one-hot rows.

    >>> check_one_hot(np.array([[0, 1, 1], [1, 0, 1]]), 1.0, (2, 1))
    """
    starts = np.cumsum((0, *groups[:-1]))
    for first, rows in row_chunks(matrix):
        sums = np.add.reduceat(rows.astype(np.float64), starts, axis=1) * scaling
        wrong = np.argwhere(np.abs(sums - 1) > _ROUNDING)
        if len(wrong):
            row, group = (int(index) for index in wrong[0])
            raise InputError("one-hot groups, or shares that sum to 1",
                             f"{sums[row, group]:g} in row {first + row}, group {group} (counted from 0)",
                             "encode each category as one column, and give groups in the order of the columns")


def checked_dispersion(dispersion: Any, features: int) -> Floats | None:
    """Return the dispersion of each feature (N), or None where the model learns it: None or "learned".

    Raises :class:`~vaesym.inputs.InputError` for another word, values ≤ 0, or a wrong number of them.

    >>> checked_dispersion(2.0, 3)
    array([2., 2., 2.])
    """
    if dispersion is None or (isinstance(dispersion, str) and dispersion == "learned"):
        return None
    if isinstance(dispersion, str):
        raise InputError("dispersion as 'learned' or a number > 0", f"{dispersion!r}",
                         "give r of the variance mean + mean^2/r")
    values = positive("dispersion", dispersion)
    if values.shape not in ((), (features,)):
        raise InputError(f"one dispersion, or one for each of {features} features", f"shape {values.shape}",
                         "leave out none, also not of features that never vary")
    return np.broadcast_to(values, (features,)).astype(np.float64)


def learned_dispersion(matrix: Array, mean: Floats, varying: Any, scaling: float = 1.0,
                       labels: Any = None) -> Floats:
    r"""Return the dispersion r (N) of maximum likelihood of each column around its mean; inf where that is Poisson.

    The root of :math:`\mathrm{E}[\psi(x+r)-\psi(r)]=\mathrm{E}\ln(1+\bar x/r)`, which exists iff the variance of the
    column exceeds its mean. ``mean`` (N) is that of ``scaling * matrix``, or the means for each label (C, N), with the
    ``labels`` of the samples (P,); columns that do not vary are not read.

    Notes
    -----
    Source: maximum likelihood, B. Levin and J. Reeds, Ann. Statist. 5 (1977) 79.

    >>> counts = np.array([[0, 1], [0, 2], [5, 1], [1, 2]])
    >>> learned_dispersion(counts, counts.mean(axis=0), np.ones(2, dtype=bool)).round(4)
    array([0.5112,    inf])
    """
    means = np.atleast_2d(mean)
    which = np.zeros(len(matrix), np.intp) if labels is None else labels
    found = np.full(means.shape[1], np.inf)
    wanted = np.flatnonzero(varying)
    for start in range(0, len(wanted), _COLUMNS):
        columns = wanted[start : start + _COLUMNS]
        block = matrix[:, columns].astype(np.float64) * scaling
        for column, values in zip(columns, block.T, strict=True):
            found[column] = _one_dispersion(values, means[:, column], which)
    return found


def _one_dispersion(values: Floats, means: Floats, labels: Any) -> float:
    from scipy.optimize import brentq  # slow to import, and seldom needed
    from scipy.special import digamma

    mean = float(values.mean())
    if np.mean((values - means[labels]) ** 2) <= mean:
        return np.inf
    levels, counts = np.unique(values, return_counts=True)
    shares, sizes = counts / len(values), np.bincount(labels) / len(values)

    def slope(log: float) -> float:
        r = np.exp(log)
        return float(shares @ (digamma(levels + r) - digamma(r)) - sizes @ np.log1p(means / r))

    low, high = np.log(1e-9 * min(mean, 1.0)), np.log(_POISSON * (1 + mean))
    if slope(high) >= 0:
        return np.inf
    return float(np.exp(cast(float, brentq(slope, low, high, xtol=1e-13))))


def unit_digits(loaded: Loaded, likelihood: str, source: Any) -> Loaded:
    """Return the named set ``"digits"`` scaled from its grey levels to [0, 1] for "bernoulli"; all else as it is.

    >>> from vaesym.practice.data.readers import as_loaded
    >>> unit_digits(as_loaded("digits"), "bernoulli", "digits").scaling
    0.0625
    """
    if likelihood != "bernoulli" or not isinstance(source, str) or source != "digits":
        return loaded
    note = f"grey levels 0 to {_DIGIT_LEVELS} scaled to [0, 1]"
    return dataclasses.replace(loaded, scaling=1 / _DIGIT_LEVELS, notes=(*loaded.notes, note))


class OffShares(Rows):
    """Counts less what the total of each sample makes of the shares of all features, some rows at a time.

    ``mean`` (N) is that of the counts.

    >>> OffShares(np.array([[1, 3], [5, 3]]), np.array([3.0, 3.0]))[:].tolist()
    [[-1.0, 1.0], [1.0, -1.0]]
    """

    def __init__(self, matrix: Any, mean: Floats) -> None:
        super().__init__(matrix.shape, np.float64)
        self._matrix, self._shares = matrix, mean / mean.sum()
        self._totals = np.concatenate([rows.sum(axis=1, dtype=np.float64) for _, rows in row_chunks(matrix)])

    def dense(self, rows: Any, columns: Any) -> NDArray[Any]:
        """Return some rows of some columns as an array."""
        return self._matrix[rows, columns] - np.outer(self._totals[rows], self._shares[columns])


def information(likelihood: Likelihood, mean: Floats, variance: Floats | None, dispersion: Floats | None) -> Floats:
    """Return F of each feature (N) at the best constant decoder, for the means and variances of the data.

    Columns of one one-hot group have the information diag p − ppᵀ together; whitened by p alone the covariance has the
    same eigenvalues, as the deviations of a group sum to zero.

    >>> information("negative_binomial", np.array([2.0]), None, np.array([4.0]))
    array([3.])
    """
    if likelihood in ("poisson", "multinomial", "categorical"):
        return mean
    if likelihood == "bernoulli":
        return mean * (1 - mean)
    if likelihood == "negative_binomial":
        return mean + mean**2 / cast(Floats, dispersion)
    if likelihood == "gaussian_diagonal":
        return cast(Floats, variance)
    return np.full_like(mean, 1.0 if likelihood == "gaussian" else cast(Floats, variance).mean())
