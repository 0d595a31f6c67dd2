"""Laws of the signal: the coefficients c of the spiked data, of zero mean and unit variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from vaesym.inputs import Floats, InputError

#: Share of the coefficients that are not zero under the sparse law.
SPARSITY = 0.1
#: Means of the two components of the mixture are ± this; their variance is what is left of 1.
SEPARATION = 0.9


@dataclass(frozen=True)
class SignalLaw:
    """A law of zero mean and unit variance.

    Attributes
    ----------
    name : how it is asked for
    fourth_moment : E c⁴
    draw : takes two generators, of values and of choices, and a shape. Each generator serves one kind of draw, one
        after another, so that the numbers do not depend on the pieces in which they are drawn.
    """

    name: str
    fourth_moment: float
    draw: Callable[[Generator, Generator, tuple[int, int]], Floats]


def _gaussian(values: Generator, choices: Generator, shape: tuple[int, int]) -> Floats:
    return values.standard_normal(shape)


def _rademacher(values: Generator, choices: Generator, shape: tuple[int, int]) -> Floats:
    return np.where(choices.random(shape) < 0.5, -1.0, 1.0)


def _sparse(values: Generator, choices: Generator, shape: tuple[int, int]) -> Floats:
    return values.standard_normal(shape) * (choices.random(shape) < SPARSITY) / np.sqrt(SPARSITY)


def _exponential(values: Generator, choices: Generator, shape: tuple[int, int]) -> Floats:
    return values.standard_exponential(shape) - 1.0


def _mixture(values: Generator, choices: Generator, shape: tuple[int, int]) -> Floats:
    return SEPARATION * _rademacher(values, choices, shape) + np.sqrt(1 - SEPARATION**2) * values.standard_normal(shape)


def _mixture_fourth_moment() -> float:
    within = 1 - SEPARATION**2
    return SEPARATION**4 + 6 * SEPARATION**2 * within + 3 * within**2


#: The laws by name: Gaussian, ±1, Bernoulli–Gauss, exponential less its mean, and a mixture of two Gaussians.
LAWS = {law.name: law for law in (
    SignalLaw("gaussian", 3.0, _gaussian),
    SignalLaw("rademacher", 1.0, _rademacher),
    SignalLaw("sparse", 3.0 / SPARSITY, _sparse),
    SignalLaw("exponential", 9.0, _exponential),
    SignalLaw("mixture", _mixture_fourth_moment(), _mixture),
)}


def signal_law(name: str) -> SignalLaw:
    """Return the law of that name, or raise :class:`vaesym.InputError` naming those there are.

    >>> signal_law("exponential").fourth_moment
    9.0
    """
    if name not in LAWS:
        raise InputError(f"a signal law among {', '.join(LAWS)}", f"{name!r}", "choose one of them")
    return LAWS[name]
