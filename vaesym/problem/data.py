"""The data of a problem: noise, signal, the law of the label given its fields, and the law of the planted weights."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from vaesym.inputs import InputError

#: The teacher's field w*·x/√N of a sample; its variance is the noise of the data.
TEACHER = sp.Symbol("t", real=True)
#: The label of a sample, and a standard normal variable of its own.
LABEL, NOISE = sp.Symbol("y", real=True), sp.Symbol("epsilon", real=True)


def numbered(symbol: sp.Symbol, count: int) -> tuple[sp.Symbol, ...]:
    """Return the symbol itself for a count of 1, else the symbol with the indices 1 to the count.

    >>> numbered(TEACHER, 2)
    (t_1, t_2)
    """
    return (symbol,) if count == 1 else tuple(sp.Symbol(f"{symbol.name}_{i + 1}", real=True) for i in range(count))


def _highest(symbol: sp.Symbol, *expressions: Any, least: int = 1) -> int:
    """Return how many numbered symbols expressions speak of, 1 for the symbol itself."""
    names = {s.name for e in expressions for s in sp.sympify(e).free_symbols}
    indices = [int(name.partition("_")[2]) for name in names if re.fullmatch(rf"{symbol.name}_\d+", name)]
    return max([*indices, *([1] if symbol.name in names else [])], default=least)


@dataclass(frozen=True)
class LinearLabel:
    r"""Labels :math:`y = \sqrt{\text{signal}}\,t + \sqrt{\text{noise}}\,\epsilon` with standard normal ε."""

    signal: Any
    noise: Any


@dataclass(frozen=True)
class SignLabel:
    """Labels y = ±1, with the probability of +1 given the teacher's field t as an expression; see :func:`binary`."""

    probability: Any


@dataclass(frozen=True)
class RandomLabel:
    """Labels y = ±1 that know nothing of the sample, +1 with probability ``share``."""

    share: Any = sp.S.Half


@dataclass(frozen=True)
class ClusterLabel:
    """The label is the cluster: y = c = ±1, +1 with probability ``share``."""

    share: Any = sp.S.Half


@dataclass(frozen=True)
class Unlabelled:
    """No label: the sample is all there is, as for autoencoders and principal components."""


@dataclass(frozen=True)
class RealLabel:
    r"""Real labels, one or several, as functions of teachers' fields and of standard normal variables.

    Parameters
    ----------
    values : an expression for each label, in t (or t_1, t_2 … of several planted directions) and ε (or ε_1, ε_2 …),
        which are :func:`numbered` from ``vaesym.problem.teacher`` and ``vaesym.problem.epsilon``
    positive : whether all labels are at least 0, so that the loss need be convex for such labels alone

    Examples
    --------
    >>> RealLabel((sp.exp(TEACHER) * NOISE,)).directions
    1
    >>> RealLabel((sp.exp(TEACHER) * NOISE**2,), positive=True).noises
    1
    """

    values: tuple[Any, ...]
    positive: bool = False

    @property
    def directions(self) -> int:
        """How many planted directions it knows."""
        return _highest(TEACHER, *self.values)

    @property
    def noises(self) -> int:
        """How many normal variables it has."""
        return _highest(NOISE, *self.values, least=0)


@dataclass(frozen=True)
class DiscreteLabel:
    """Labels of a few values, or of a few laws, each with its probability given teachers' fields.

    Parameters
    ----------
    parts : (value, probability) of each; a value is a number, or an expression as for :class:`RealLabel` where some
        samples have another law than others, as outliers have; or a tuple of these for several labels

    Examples
    --------
    >>> t_1, t_2 = numbered(TEACHER, 2)
    >>> agree = sp.Piecewise((1, t_1 * t_2 > 0), (0, True))
    >>> DiscreteLabel(((1, agree), (-1, 1 - agree))).directions
    2
    >>> outliers = DiscreteLabel(((TEACHER + NOISE, sp.Rational(9, 10)), (5 * NOISE, sp.Rational(1, 10))))
    >>> outliers.noises
    1
    """

    parts: tuple[tuple[Any, Any], ...]

    @property
    def _values(self) -> list[Any]:
        return [each for value, _ in self.parts for each in (value if isinstance(value, tuple) else (value,))]

    @property
    def directions(self) -> int:
        """How many planted directions it knows."""
        return _highest(TEACHER, *self._values, *[chance for _, chance in self.parts])

    @property
    def noises(self) -> int:
        """How many normal variables it has."""
        return _highest(NOISE, *self._values, least=0)


@dataclass(frozen=True)
class CountLabel:
    """Labels 0, 1, 2 … with a probability of y given teachers' fields.

    Without ``most`` as many are taken as have weight; with it what lies beyond counts as error.
    """

    probability: Any
    most: Any = sp.oo

    @property
    def directions(self) -> int:
        """How many planted directions it knows."""
        return _highest(TEACHER, self.probability)


@dataclass(frozen=True)
class Clusters:
    r"""Several clusters, with centres :math:`\sqrt{\rho/N}\sum_ac_aw^*_a` and labels of their own.

    Parameters
    ----------
    parts : (share, (c_1, …, c_s), value) of each; a value is a number, or a tuple of numbers for several labels
    variances : of each cluster the variance of its noise in every direction, over η; 1 if not given

    Raises
    ------
    vaesym.InputError
        Variances that are not one for each cluster, or a negative one.

    Examples
    --------
    >>> Clusters(((sp.S.Half, (1,), 1), (sp.S.Half, (-1,), -1)), variances=(1, 4)).directions
    1
    """

    parts: tuple[tuple[Any, tuple[Any, ...], Any], ...]
    variances: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.variances and len(self.variances) != len(self.parts):
            raise InputError(f"a variance for each of {len(self.parts)} clusters", f"{len(self.variances)}",
                             "give one for each")
        for variance in self.variances:
            if sp.sympify(variance).is_negative:
                raise InputError("variances of clusters >= 0", f"{variance}", "correct it")

    @property
    def directions(self) -> int:
        """How many planted directions span the centres."""
        return len(self.parts[0][1])


def poisson(rate: Any, most: Any = sp.oo) -> CountLabel:
    """Return labels of Poisson's law with a rate given teachers' fields, as many as have weight or up to ``most``.

    >>> poisson(sp.exp(TEACHER)).probability
    exp(t*y - exp(t) - loggamma(y + 1))
    """
    return CountLabel(sp.exp(LABEL * sp.log(rate) - rate - sp.loggamma(LABEL + 1)), most)


Label = (LinearLabel | SignLabel | RandomLabel | ClusterLabel | Unlabelled | RealLabel | DiscreteLabel | CountLabel
         | Clusters)


def binary(probability: Any) -> SignLabel:
    """Return labels ±1 with this probability of +1 given t (``vaesym.problem.teacher``).

    >>> binary(1 / (1 + sp.exp(-TEACHER))).probability
    1/(1 + exp(-t))
    """
    return SignLabel(sp.sympify(probability))


@dataclass(frozen=True)
class Planted:
    """The law of the rows of the planted direction: a mixture of normal laws, some of which may be points.

    Parameters
    ----------
    parts : (probability, mean, variance) of each; together they have second moment 1
    widths : for each part the variance of the noise of its rows, over η; 1 if not given. The samples of a cluster are
        then wider along some rows than along others, and Q counts the square of a weight by the width of its row
    """

    parts: tuple[tuple[Any, Any, Any], ...]
    widths: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        total = sp.simplify(sum(part[0] for part in self.parts))
        second = sp.simplify(sum(share * (mean**2 + variance) for share, mean, variance in self.parts))
        if total != 1 or second != 1:
            raise InputError("a law whose probabilities sum to 1 and whose second moment is 1",
                             f"{total} and {second}", "scale it; the strength of the teacher belongs to its label")
        if self.widths and len(self.widths) != len(self.parts):
            raise InputError(f"a width for each of {len(self.parts)} parts", f"{len(self.widths)}", "give one for each")


def point_masses(*parts: tuple[Any, Any]) -> Planted:
    """Return the law of a few values, from pairs (probability, value)."""
    return Planted(tuple((sp.sympify(share), sp.sympify(value), sp.S.Zero) for share, value in parts))


def spread_evenly() -> Planted:
    """Return 1 for every row."""
    return point_masses((1, 1))


def normal() -> Planted:
    """Return the standard normal law.

    >>> normal().parts
    ((1, 0, 1),)
    """
    return Planted(((sp.S.One, sp.S.Zero, sp.S.One),))


def random_signs() -> Planted:
    """Return ±1 with equal probability."""
    return point_masses((sp.Rational(1, 2), 1), (sp.Rational(1, 2), -1))


def sparse(share: Any) -> Planted:
    r"""Return 0 but for a ``share`` of the rows, which are :math:`\pm1/\sqrt{\text{share}}` with equal probability."""
    size = 1 / sp.sqrt(share)
    return point_masses((1 - share, 0), (share / 2, size), (share / 2, -size))


@dataclass(frozen=True)
class Data:
    r"""Samples :math:`x = \sqrt{\rho/N}\,w^* c + \sqrt\eta\,n` with labels.

    Parameters
    ----------
    label : the law of the label: :class:`LinearLabel`, :func:`binary`, :class:`RandomLabel`, :class:`ClusterLabel`,
        :class:`RealLabel`, :class:`DiscreteLabel`, :func:`poisson`, :class:`Clusters` or :class:`Unlabelled`
    planted : the law of the rows of w*; several planted directions have it independently
    noise : η, variance of the noise in every direction
    signal : ρ, strength of the signal along w*: of the cluster centres with :class:`ClusterLabel`, of a spike of any
        law of unit variance with :class:`Unlabelled`; none where a teacher makes the label
    """

    label: Label
    planted: Planted = field(default_factory=normal)
    noise: Any = sp.S.One
    signal: Any = sp.S.Zero

    def __post_init__(self) -> None:
        if (sp.sympify(self.signal) != 0) != isinstance(self.label, ClusterLabel | Unlabelled | Clusters):
            raise InputError("a signal with clusters or without labels, and none with a teacher",
                             f"signal {self.signal} with {type(self.label).__name__}",
                             "give a teacher's label its own strength instead")
        if self.planted.widths and not isinstance(self.label, ClusterLabel):
            raise InputError("clusters where rows have widths of their own", type(self.label).__name__,
                             "leave the widths out, or choose ClusterLabel")
        mean = sp.simplify(sum(share * center for share, center, _ in self.planted.parts))
        if self.directions > 1 and mean != 0:
            raise InputError("planted weights of mean 0 where there are several directions", f"mean {mean}",
                             "only then are the directions orthogonal; take normal() or random_signs()")

    @property
    def directions(self) -> int:
        """The number s of planted directions."""
        return getattr(self.label, "directions", 1)
