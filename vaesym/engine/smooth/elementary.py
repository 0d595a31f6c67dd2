"""What lowered functions call, for single numbers, such that a compiler computes it for several nodes at once.

The module stands for NumPy, and for SciPy, in functions that were printed for arrays. It needs numba.
"""
# Arguments are machine numbers, typed by the compiler: annotations would say nothing.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import math
import sys
from math import atan as arctan
from math import cos, erf, erfc, log, sin, sinh, sqrt, tanh

import numba

from vaesym.codegen.numba_prelude import bits, from_bits
from vaesym.codegen.numba_prelude import log1p as _log1p

__all__ = ["arctan", "cos", "cosh", "erf", "erfc", "exp", "inf", "log", "log1p", "logaddexp", "pi", "sin", "sinh",
           "special", "sqrt", "tanh"]

#: Inlined into the loop over the nodes; products and sums may be fused, but keep their order.
inlined = numba.njit(error_model="numpy", forceinline=True, fastmath={"contract"})
#: 1.5 · 2^52: a number to which it is added is rounded to an integer, in the last bits.
_SHIFT = 6755399441055744.0
# Names under which functions were printed: ``scipy.special.erf``, ``numpy.pi``.
special, pi, inf = sys.modules[__name__], math.pi, math.inf


@inlined
def exp(x):
    """e^x to an ulp, without a branch or a call; between e^−708 and e^709 where it is outside.

    >>> exp(1.0) == math.e
    True
    """
    y = min(max(x, -708.0), 709.0)
    shifted = y * 1.4426950408889634 + _SHIFT
    n = shifted - _SHIFT
    r = y - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10
    # Taylor's polynomial: |r| ≤ ½ ln 2, so what follows is below 5e-18.
    p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0
    p = ((p * r + 1.0 / 39916800.0) * r + 1.0 / 3628800.0) * r + 1.0 / 362880.0
    p = ((p * r + 1.0 / 40320.0) * r + 1.0 / 5040.0) * r + 1.0 / 720.0
    p = ((p * r + 1.0 / 120.0) * r + 1.0 / 24.0) * r + 1.0 / 6.0
    p = ((p * r + 0.5) * r + 1.0) * r + 1.0
    return p * from_bits((bits(shifted) + 1023) << 52)


@inlined
def cosh(x):
    """Hyperbolic cosine."""
    e = exp(x)
    return 0.5 * (e + 1.0 / e)


@inlined
def log1p(x):
    """ln(1 + x)."""
    return _log1p(float(x))


@inlined
def logaddexp(x, y):
    """ln(e^x + e^y).

    >>> logaddexp(0.0, 0.0) == math.log(2)
    True
    """
    return max(x, y) + _log1p(exp(-abs(x - y)))
