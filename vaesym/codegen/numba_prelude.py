"""What compiled functions start with; its text is copied to the top of each generated module for numba.

The copy is complete, so that numba's cache, which watches one file, never runs code that was edited elsewhere.
"""
# Arguments are machine numbers, typed by the compiler: annotations would say nothing.
# pyright: basic, reportCallIssue=false

import math

import numba
import numpy  # noqa: F401 (used by the loops that are written after this)
from llvmlite import ir
from numba.extending import intrinsic

#: Points that share scratch memory: enough to amortise the loop, few enough for the first-level cache.
BLOCK = 256
#: Points whose results are more than the caches hold, so that they are written past them.
BEYOND_CACHE = 1 << 17
# Functions of one point are inlined into the loop over a block, which the compiler then turns into vector instructions.
scalar = numba.njit(error_model="numpy", forceinline=True)


@intrinsic
def bits(typing, x):
    """The bits of a float64 as an int64."""
    signature = numba.int64(numba.float64)
    return signature, lambda context, builder, _, arguments: builder.bitcast(arguments[0], ir.IntType(64))


@intrinsic
def from_bits(typing, n):
    """The float64 of these bits."""
    signature = numba.float64(numba.int64)
    return signature, lambda context, builder, _, arguments: builder.bitcast(arguments[0], ir.DoubleType())


@intrinsic
def stream(typing, values, place, x):
    """Write a float64 to a place of an array in memory, without first reading what the cache would hold of it."""
    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        written = builder.store(arguments[2], builder.gep(array.data, [arguments[1]]), align=8)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return numba.void(values, place, x), generate


@scalar
def log1p(x):
    """ln(1 + x) to an ulp, without a branch or a call, so that it is computed for several points at once.

    1 + x = 2^k (1 + f) with 1 + f in [√½, √2); with s = f/(2 + f) the series of ln(1 + f) = 2 artanh s, cut by the
    minimax polynomial of Ng (Sun's libm, 1993); ``c`` is what rounding 1 + x lost.
    """
    u = 1.0 + x
    shifted = bits(u) + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD)  # the exponent is now that of u/√½
    k = (shifted >> 52) - 0x3FF
    lost = (1.0 - (u - x)) if k >= 2 else (x - (u - 1.0))
    c = 0.0 if k == 0 else lost / u
    f = x if k == 0 else from_bits((shifted & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0
    half = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (
        1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    n = float(k)
    value = s * (half + odd + even) + (n * 1.90821492927058770002e-10 + c) - half + f + n * 6.93147180369123816490e-01
    edge = x if x > 0.0 else (-math.inf if x == -1.0 else math.nan)
    return value if (x > -1.0 and x < math.inf) else edge


# Called once a block: inlined for every argument it would be most of what is compiled.
@numba.njit(error_model="numpy")
def gather(values, run, first, used, points, row):
    """Write the values at the points from ``first`` on into a row: each holds for a run of points, then all repeat."""
    if values.size == 1:
        for lane in range(used):
            row[lane] = values[0]
    elif values.size == points:
        part = values[first:]  # whose places are counted from 0: so the compiler knows that they are neighbours
        for lane in range(used):
            row[lane] = part[lane]
    else:
        whole = first // run
        repeated, at = first - whole * run, whole % values.size
        for lane in range(used):
            row[lane] = values[at]
            repeated += 1
            if repeated == run:
                repeated = 0
                at = at + 1 if at + 1 < values.size else 0


@numba.njit(error_model="numpy")
def scatter(row, values, first, used):
    """Write the first numbers of a row to the points from ``first`` on."""
    part = values[first:]
    if values.size < BEYOND_CACHE:
        for lane in range(used):
            part[lane] = row[lane]
    else:
        for lane in range(used):
            stream(part, lane, row[lane])
