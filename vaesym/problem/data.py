"""The data of a problem: noise, signal, the law of the label given its fields, and the law of the planted weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from vaesym.inputs import InputError

#: The teacher's field w*·x/√N of a sample; its variance is the noise of the data.
TEACHER = sp.Symbol("t", real=True)


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


Label = LinearLabel | SignLabel | RandomLabel | ClusterLabel | Unlabelled


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
    label : the law of the label: :class:`LinearLabel`, :func:`binary`, :class:`RandomLabel`, :class:`ClusterLabel`
        or :class:`Unlabelled`
    planted : the law of the rows of w*
    noise : η, variance of the noise in every direction
    signal : ρ, strength of the signal along w*: of the cluster centres with :class:`ClusterLabel`, of a spike of any
        law of unit variance with :class:`Unlabelled`; none where a teacher makes the label
    """

    label: Label
    planted: Planted = field(default_factory=normal)
    noise: Any = sp.S.One
    signal: Any = sp.S.Zero

    def __post_init__(self) -> None:
        if (sp.sympify(self.signal) != 0) != isinstance(self.label, ClusterLabel | Unlabelled):
            raise InputError("a signal with clusters or without labels, and none with a teacher",
                             f"signal {self.signal} with {type(self.label).__name__}",
                             "give a teacher's label its own strength instead")
        if self.planted.widths and not isinstance(self.label, ClusterLabel):
            raise InputError("clusters where rows have widths of their own", type(self.label).__name__,
                             "leave the widths out, or choose ClusterLabel")
