"""What generated source for Arb's balls starts with; its text is copied to the top of the generated module.

Rational numbers and balls come from python-flint (Johansson, IEEE Trans. Comput. 66 (2017) 1281).
"""

from typing import Any

from flint import arb, fmpq

#: The numbers that literals become.
NUMBERS = (arb, fmpq)


class Undecided(ArithmeticError):
    """The working precision does not decide a sign."""


def positive(x: Any) -> bool:
    """Tell whether all of the ball is > 0 (true) or <= 0 (false); anything else is refused."""
    if x > 0:
        return True
    if x <= 0:
        return False
    raise Undecided(f"expected a sign; received {x}; raise the precision")
