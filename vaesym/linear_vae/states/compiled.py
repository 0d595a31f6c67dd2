"""The nine replica equations as a compiled system, in the unknowns of :mod:`vaesym.linear_vae.states.unknowns`.

The module needs numba (``pip install 'vaesym[fast]'``).
"""
# Arguments are machine numbers, typed by the compiler: annotations would say nothing.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import NamedTuple

import numba

from vaesym.generated import for_numba
from vaesym.linear_vae.states import unknowns
from vaesym.linear_vae.states.unknowns import ZERO
from vaesym.solvers import compiled
from vaesym.solvers.compiled import compile_system, newton_loop, scalar

# The compiled functions are those of the generated module under other names.
_determinant, _equations, _hessian = (
    for_numba.field_determinant, for_numba.stationarity, for_numba.stationarity_jacobian)


@scalar
def susceptibilities(y):
    """Return (χ_kk, χ_kh, χ_hh) of the unknowns."""
    first = math.exp(y[6])
    return first * first, first * y[7], y[7] * y[7] + math.exp(2.0 * y[8])


@scalar
def residual(y, p, out):
    """Write the nine equations at unknowns y (9,), with parameters p (5,); say whether the state is physical."""
    kk, kh, hh = susceptibilities(y)
    column = out.reshape(9, 1)
    _determinant(p[0], p[1], p[2], p[3], p[4], y[0], y[1], y[2], y[3], y[4], y[5], kk, kh, hh, column, 0)
    if not (out[0] > 0.0 and y[5] > 0.0 and y[0] > -ZERO and y[1] > -ZERO):
        return False
    _equations(p[0], p[1], p[2], p[3], p[4], y[0], y[1], y[2], y[3], y[4], y[5], kk, kh, hh, column, 0)
    return True


@scalar
def jacobian(y, p, out):
    """Write their derivative by the unknowns: the chain rule of :func:`vaesym.linear_vae.states.unknowns.chain`."""
    kk, kh, hh = susceptibilities(y)
    column = out.reshape(81, 1)
    _hessian(p[0], p[1], p[2], p[3], p[4], y[0], y[1], y[2], y[3], y[4], y[5], kk, kh, hh, column, 0)
    first, second = math.exp(y[6]), y[7]
    third = 2.0 * (hh - second * second)
    for i in range(9):
        by_kk, by_kh, by_hh = out[i, 6], out[i, 7], out[i, 8]
        out[i, 6] = 2.0 * kk * by_kk + kh * by_kh
        out[i, 7] = first * by_kh + 2.0 * second * by_hh
        out[i, 8] = third * by_hh


class ReplicaSystem(NamedTuple):
    """The name of the nine equations among compiled systems."""


compile_system(ReplicaSystem, residual, jacobian)


def _digest():
    """A digest of the sources behind the loop, to which numba's own check, of this file alone, is blind."""
    text = b"".join(Path(str(module.__file__)).read_bytes() for module in (for_numba, compiled, unknowns))
    return hashlib.sha256(text).hexdigest()


def _kept_on_disk(digest):
    """Return the loop over points; what numba keeps on disk of it counts for this ``digest`` only."""

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def loop(system, given, settings, value, sizes, iterations, status):
        _ = digest  # numba's key holds the variables that a function takes from the one around it
        newton_loop(system, given, settings, value, sizes, iterations, status)

    return loop


#: Newton over all points, for :func:`vaesym.solvers.compiled.newton_compiled`.
replica_loop = _kept_on_disk(_digest())
