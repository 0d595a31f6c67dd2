"""Parameters as the command line writes them: numbers, lists, ranges, and signals by number or by strength."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from vaesym import inputs
from vaesym.cli.frame.options import GRID
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.arguments import check
from vaesym.linear_vae.point.signals import signal_strengths

Check = Callable[..., Floats]
#: Points of an axis, and latents or signals, that are accepted.
_MOST_ON_AXIS = 10_000_000
_MOST_LATENTS = 10_000


def _number(text: str) -> float:
    """Return a number; infinity has to be written as such, what overflows is no number."""
    value = float(text)
    if math.isinf(value) and "inf" not in text.lower():
        raise ValueError(f"{text} is too large")
    return value


def number(name: str, spec: str) -> float:
    """Return the one value of a parameter; ``inf`` is one of alpha, for unlimited data.

    Raises :class:`vaesym.InputError`: no number, or a value outside the domain of the parameter.

    >>> number("alpha", "inf"), number("alpha", "2")
    (inf, 2.0)
    """
    try:
        value = _number(spec)
    except ValueError as error:
        raise InputError(f"{name} as a number", f"{spec!r}", "write it e.g. as 0.5") from error
    return float(check(name, value, unlimited=True))


def axis(name: str, spec: str) -> Floats:
    """Return the values that a specification stands for.

    Parameters
    ----------
    name : the parameter, one of alpha, beta, lam, rho, eta and decoder_variance
    spec : a number, a list ``0.5,1,2``, or ``start:stop:count``, linear or, with ``:log`` behind it, geometric; numbers
        and lists of alpha may hold ``inf``

    Raises :class:`vaesym.InputError`: a specification of another form, or values outside the domain of the parameter.

    >>> axis("alpha", "1:100:3:log")
    array([  1.,  10., 100.])
    >>> axis("lam", "0:1:3"), axis("alpha", "0.5,inf")
    (array([0. , 0.5, 1. ]), array([0.5, inf]))
    """
    return values(name, spec, check)


def values(name: str, spec: str, check: Check = inputs.real_array) -> Floats:
    """Return the values of a specification for a parameter of any problem; ``check`` is of the numbers it names.

    >>> values("margin", "0.5,1")
    array([0.5, 1. ])
    """
    parts = spec.split(":")
    logarithmic = len(parts) == 4 and parts[3] == "log"
    try:
        if len(parts) not in {1, 3} and not logarithmic:
            raise ValueError(spec)
        numbers = [_number(part) for part in (spec.split(",") if len(parts) == 1 else parts[:2])]
        count = int(parts[2]) if len(parts) > 1 else len(numbers)
    except ValueError as error:
        raise InputError(f"{name} as {GRID}", f"{spec!r}", "write it e.g. as 0.1:10:50:log") from error
    # The domain is that of the theory: a sweep fails here, not at its last point.
    named = check(name, numbers, unlimited=len(parts) == 1)
    if logarithmic:
        inputs.positive(name, named)
    if not 1 <= count <= _MOST_ON_AXIS:
        raise InputError(f"{name} with a count from 1 to {_MOST_ON_AXIS:,}", f"{count:,}", "choose another count")
    if len(parts) == 1:
        return named
    start, stop = float(named[0]), float(named[1])
    return np.geomspace(start, stop, count) if logarithmic else np.linspace(start, stop, count)


def interval(name: str, spec: str) -> tuple[float, float] | None:
    """Return the ends of a range ``low:high``; None for what is no range.

    Raises :class:`vaesym.InputError`: ends that are no numbers, or outside the domain of the parameter.

    >>> interval("beta", "0.5:2"), interval("beta", "1")
    ((0.5, 2.0), None)
    """
    low, colon, high = spec.partition(":")
    return (number(name, low), number(name, high)) if colon else None


def number_or_word(spec: str | None) -> float | str | None:
    """Return the number that is written, or the word.

    >>> number_or_word("0.5"), number_or_word("learned"), number_or_word(None)
    (0.5, 'learned', None)
    """
    try:
        return None if spec is None else float(spec)
    except ValueError:
        return spec


def sizes(name: str, spec: str | None, example: str) -> tuple[int, ...] | None:
    """Return whole numbers, written with what stands between those of ``example``.

    Raises :class:`vaesym.InputError`: anything else.

    >>> sizes("shape", "1x28X28", "28x28"), sizes("hidden", None, "256,128")
    ((1, 28, 28), None)
    """
    if spec is None:
        return None
    between, called = ("x", "x") if "x" in example else (",", "commas")
    parts = spec.lower().split(between)
    if not all(part.isascii() and part.strip().isdigit() for part in parts):
        raise InputError(f"{name} as whole numbers with {called} between", repr(spec), f"write them e.g. as {example}")
    return tuple(map(int, parts))


def latents(count: int) -> int:
    """Return a number of latents, or raise :class:`vaesym.InputError` unless it is from 1 to 10,000."""
    return _limited("latents", inputs.count("latents", count))


def _limited(name: str, count: int) -> int:
    if count > _MOST_LATENTS:
        raise InputError(f"at most {_MOST_LATENTS:,} {name}", f"{count:,}",
                         f"choose fewer; the theory is for a number of {name} far below the dimension")
    return count


def spikes(spec: str) -> int | tuple[float, ...]:
    """Return a number of signals of equal strength, or the list of their strengths as multiples of ρ.

    Raises :class:`vaesym.InputError`: neither a whole number from 1 to 10,000 nor so many strengths > 0, the strongest
    first.

    >>> spikes("2"), spikes("1,0.5")
    (2, (1.0, 0.5))
    """
    parts = spec.split(",")
    try:
        given = int(parts[0]) if len(parts) == 1 else tuple(_number(part) for part in parts)
    except ValueError as error:
        raise InputError("spikes as a whole number, or strengths 1,0.5 as multiples of rho", f"{spec[:40]!r}",
                         "write e.g. 2 or 1,0.5; the strength of a single signal is rho") from error
    if isinstance(given, int):
        return _limited("spikes", inputs.count("spikes", given))
    _limited("spikes", len(given))
    return signal_strengths(given)
