"""For certificates: parameters as the exact rational numbers that they are, and the spectrum of a sample."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.linear_vae.point.arguments import LARGEST, check
from vaesym.solvers import Ball

#: A rational number, ``flint.fmpq``.
Exact = Any
_Result = TypeVar("_Result")
#: The least and the largest working precision, in bits.
START, LIMIT = 64, 4096


def functions() -> ModuleType:
    """Return the generated functions for balls and rational numbers."""
    return importlib.import_module("vaesym.generated.for_arb")


def rational(name: str, value: Any, *, unlimited: bool = False) -> Exact:
    """Return a parameter as the rational number that it is: floats are binary fractions, taken as such.

    With ``unlimited``, α = ∞ comes back as None.

    >>> rational("beta", 0.1) == rational("beta", Fraction(1, 10))
    False
    """
    fmpq = functions().fmpq
    value = fraction(value) if isinstance(value, fmpq) else int(value) if isinstance(value, np.integer) else value
    whole = isinstance(value, (int, Fraction)) and not isinstance(value, bool)
    try:
        number = check(name, float(value) if whole else value, unlimited=unlimited, shape="number")
    except OverflowError as error:
        raise InputError(f"{name} between -{LARGEST:g} and {LARGEST:g}", "a larger number",
                         "choose units in which the parameters are of ordinary size") from error
    if np.isinf(number):
        return None
    ratio = Fraction(value) if whole else Fraction(float(number))
    return fmpq(ratio.numerator, ratio.denominator)


@dataclass(frozen=True)
class Problem:
    """The data and the weight decay, exactly: ι = 1/α, φ = λ/α, λ, ρ, η; unlimited data are ι = φ = 0."""

    inverse_alpha: Exact
    sample_decay: Exact
    lam: Exact
    rho: Exact
    eta: Exact

    @classmethod
    def given(cls, alpha: Any, lam: Any, rho: Any, eta: Any) -> Problem:
        """Check the parameters and take them as exact numbers."""
        fmpq = functions().fmpq
        samples = rational("alpha", alpha, unlimited=True)
        decay, signal, noise = rational("lam", lam), rational("rho", rho), rational("eta", eta)
        inverse = fmpq(0) if samples is None else 1 / samples
        return cls(inverse, decay * inverse, decay, signal, noise)

    def stated(self, **others: Exact) -> dict[str, Fraction | float]:
        """Return the parameters by name, with others after α, which may be infinite."""
        samples = float("inf") if self.inverse_alpha == 0 else fraction(1 / self.inverse_alpha)
        rest = {**others, "lam": self.lam, "rho": self.rho, "eta": self.eta}
        return {"alpha": samples, **{name: fraction(value) for name, value in rest.items()}}

    @property
    def detected(self) -> int:
        """The sign of ρ²α − η², exactly; unlimited data show every signal."""
        return sign(functions().detection(self.inverse_alpha, self.rho, self.eta))

    def spectrum(self) -> tuple[Any, Exact, Exact]:
        """Return (Λ, o, 1 − o): rational on the outlier, or where √α is; otherwise Λ is a ball of working precision."""
        from flint.utils.flint_exceptions import DomainError

        module = functions()
        if self.detected > 0:
            return module.outlier(self.inverse_alpha, self.rho, self.eta)
        try:
            edge = module.bulk_edge(self.inverse_alpha, self.eta)
        except DomainError:  # √α is irrational
            edge = module.bulk_edge(ball(self.inverse_alpha), self.eta)
        return edge, module.fmpq(0), module.fmpq(1)


def sign(value: Any) -> int:
    """Return the sign of a rational number, or of a ball all of whose numbers share it.

    Raises ArithmeticError: ``Undecided`` of the generated module, if a ball holds numbers of two signs.
    """
    if value == 0:
        return 0
    if value > 0 or value < 0:
        return 1 if value > 0 else -1
    raise functions().Undecided(f"the sign of {value}")


def fraction(value: Exact) -> Fraction:
    """Return a rational number of python-flint as one of Python."""
    return Fraction(int(value.p), int(value.q))


def text(value: Fraction | float) -> str:
    """Return a parameter as text: as float64 if it is one, otherwise as a fraction.

    >>> text(Fraction(0.1)), text(Fraction(1, 10))
    ('0.1', '1/10')
    """
    return repr(float(value)) if float(value) == value else str(value)


def ball(value: Any) -> Ball:
    """Return a number as a ball of the working precision."""
    return functions().arb(value)


def precisions(limit: int) -> Iterator[int]:
    """Yield working precisions in bits, doubling up to the limit."""
    bits = START
    while bits < limit:
        yield bits
        bits *= 2
    yield limit


def checked_limit(value: Any) -> int:
    """Return the largest precision as an int of at least :data:`START` bits."""
    bits = inputs.count("precision", value)
    if bits < START:
        raise InputError(f"precision of at least {START} bits", f"{bits}", "leave it out or choose a larger one")
    return bits


def at_precision(bits: int, compute: Callable[[], _Result]) -> _Result:
    """Return what ``compute`` returns at a working precision of so many bits; it is restored afterwards."""
    from flint import ctx

    with ctx.workprec(bits):
        return compute()


def wide(ball_: Ball, bits: int) -> bool:
    """Tell whether a ball is known to fewer than ``bits`` bits relative; an exact zero is not wide."""
    return not ball_.is_exact() and ball_.is_finite() and ball_.rel_accuracy_bits() < bits
