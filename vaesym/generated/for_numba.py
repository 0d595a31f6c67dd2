"""The shipped model as numba functions.

Written by `python -m vaesym.linear_vae.program.generate`; do not edit. A test regenerates and compares it.
"""

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


# Without Python's lock, so that threads can share the points out.
arrays = numba.njit(error_model="numpy", nogil=True, cache=True)

BACKEND = "numba"
SHAPES = {
    "free_energy": (),
    "stationarity": (9,),
    "stationarity_jacobian": (9, 9),
    "replicon": (2, 2),
    "field_determinant": (),
    "point": (15,),
    "point_derivatives": (84,),
    "stationary_point": (14,),
    "minimiser": (),
    "outlier": (3,),
    "detection": (),
    "bulk_edge": (),
    "detection_threshold": (),
    "collapse_threshold": (),
    "cubic_coefficients": (4,),
    "potential": (),
    "observables": (5,),
    "outlier_fluctuations": (3,),
    "responses": (18,),
    "plateau_coefficients": (3,),
    "optimal_beta_coefficients": (4,),
}
FIELDS = [
    "Q",
    "E",
    "R",
    "m",
    "d",
    "D",
    "eigenvalue",
    "overlap",
    "phase",
    "free_energy",
    "signal_recovery_error",
    "rate",
    "distortion",
    "kl_variational_to_posterior",
    "kl_posterior_to_variational",
]
DIFFERENTIABLE = [
    "Q",
    "E",
    "R",
    "m",
    "d",
    "D",
    "eigenvalue",
    "overlap",
    "free_energy",
    "signal_recovery_error",
    "rate",
    "distortion",
    "kl_variational_to_posterior",
    "kl_posterior_to_variational",
]


@scalar
def free_energy(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh, _results, _lane):
    """Replica-symmetric free energy."""
    t0 = (1/2)*lam
    t1 = (1/2)*alpha
    t2 = beta*t1
    t3 = chi_hh*chi_kk
    t4 = chi_kh**2
    t5 = E*chi_kk
    t6 = Q*chi_hh
    t7 = 2*chi_kh
    t8 = d*m
    t9 = m**2
    t10 = d**2
    t11 = eta*t7
    t12 = beta*eta
    t13 = eta**2
    t14 = rho*t8
    t15 = rho*t10
    t16 = eta*rho
    _results[0, _lane] = D*Q*t1 + D*t2 + E*t0 + Q*t0 + t1*(E*Q*eta + E*t12 + Q*t15 - 2*R*eta + R*t13*t7 + beta*t15 - chi_hh*t16*t9 - chi_kk*t10*t16 + t11*t14 - t13*t5 - t13*t6 - 2*t14)/(chi_hh*t12 + eta*t6 - t11 - t13*t3 + t13*t4 + 1) - t2*math.log(D) - t2 + (1/2)*(2*R*chi_kh + chi_hh*t9 + chi_kk*t10 - t5 - t6 - t7*t8)/(t3 - t4)


@arrays
def free_energy_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, array_9, array_10, array_11, array_12, array_13, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((14, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        gather(array_9, runs[9], first, used, points, given[9])
        gather(array_10, runs[10], first, used, points, given[10])
        gather(array_11, runs[11], first, used, points, given[11])
        gather(array_12, runs[12], first, used, points, given[12])
        gather(array_13, runs[13], first, used, points, given[13])
        for lane in range(BLOCK):
            free_energy(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], given[9, lane], given[10, lane], given[11, lane], given[12, lane], given[13, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def stationarity(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh, _results, _lane):
    """Gradient of the free energy."""
    t0 = (1/2)*lam
    t1 = (1/2)*alpha
    t2 = chi_hh*chi_kk
    t3 = chi_kh**2
    t4 = t2 - t3
    t5 = 1/t4
    t6 = (1/2)*t5
    t7 = E*eta
    t8 = d**2
    t9 = rho*t8
    t10 = eta**2
    t11 = chi_hh*t10
    t12 = 2*eta
    t13 = chi_kh*t12
    t14 = Q*eta
    t15 = beta*eta
    t16 = chi_hh*t14 + chi_hh*t15 - t10*t2 + t10*t3 - t13 + 1
    t17 = t1/t16
    t18 = 2*m
    t19 = rho*t18
    t20 = chi_kk*t10
    t21 = 2*R
    t22 = rho*t13
    t23 = m**2
    t24 = eta*rho
    t25 = eta*t9
    t26 = t1*(-E*t20 - Q*t11 + Q*t7 + Q*t9 - R*t12 + beta*t7 + beta*t9 - chi_hh*t23*t24 + chi_kh*t10*t21 - chi_kk*t25 + d*m*t22 - d*t19)/t16**2
    t27 = t14 + t15 - t20
    t28 = 2*chi_kh
    t29 = t10*t28 - t12
    t30 = d*t28
    t31 = 2*d*rho
    t32 = rho*t12
    t33 = m*t32
    t34 = beta*t1
    t35 = (-E*chi_kk - Q*chi_hh + 2*R*chi_kh + chi_hh*t23 + chi_kk*t8 - m*t30)/t4**2
    t36 = (1/2)*t35
    _results[0, _lane] = D*t1 - chi_hh*eta*t26 - chi_hh*t6 + t0 + t17*(-t11 + t7 + t9)
    _results[1, _lane] = -chi_kk*t6 + t0 + t17*t27
    _results[2, _lane] = chi_kh*t5 + t17*t29
    _results[3, _lane] = t17*(-chi_hh*t33 + 2*chi_kh*d*eta*rho - t31) + t6*(chi_hh*t18 - t30)
    _results[4, _lane] = t17*(Q*t31 + beta*t31 - chi_kk*d*t32 + m*t22 - t19) + t6*(2*chi_kk*d - m*t28)
    _results[5, _lane] = Q*t1 + t34 - t34/D
    _results[6, _lane] = -chi_hh*t36 + t11*t26 + t17*(-E*t10 - t25) + t6*(-E + t8)
    _results[7, _lane] = chi_kh*t35 + t17*(d*t33 + t10*t21) - t26*t29 + t6*(-d*t18 + t21)
    _results[8, _lane] = -chi_kk*t36 + t17*(-Q*t10 - t23*t24) - t26*t27 + t6*(-Q + t23)


@arrays
def stationarity_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, array_9, array_10, array_11, array_12, array_13, runs, result, start, end):
    if result.shape[0] != 9:
        raise ValueError("expected room for 9 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((14, BLOCK))
    found = numpy.empty((9, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        gather(array_9, runs[9], first, used, points, given[9])
        gather(array_10, runs[10], first, used, points, given[10])
        gather(array_11, runs[11], first, used, points, given[11])
        gather(array_12, runs[12], first, used, points, given[12])
        gather(array_13, runs[13], first, used, points, given[13])
        for lane in range(BLOCK):
            stationarity(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], given[9, lane], given[10, lane], given[11, lane], given[12, lane], given[13, lane], found, lane)
        for k in range(9):
            scatter(found[k], result[k], first, used)


@scalar
def stationarity_jacobian(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh, _results, _lane):
    """Hessian of the free energy."""
    t0 = E*eta
    t1 = d**2
    t2 = rho*t1
    t3 = eta**2
    t4 = chi_hh*t3
    t5 = t0 + t2 - t4
    t6 = 2*eta
    t7 = chi_kh*t6
    t8 = Q*eta
    t9 = beta*eta
    t10 = chi_kh**2
    t11 = chi_hh*t8 + chi_hh*t9 - chi_kk*t4 + t10*t3 - t7 + 1
    t12 = 1/t11**2
    t13 = alpha*t12
    t14 = chi_hh*eta
    t15 = 2*rho
    t16 = d*t15
    t17 = chi_kk*t3
    t18 = 2*R
    t19 = chi_kh*t3
    t20 = d*rho
    t21 = m**2
    t22 = eta*rho
    t23 = eta*t2
    t24 = -E*t17 + Q*t0 + Q*t2 - Q*t4 - R*t6 + beta*t0 + beta*t2 - chi_hh*t21*t22 - chi_kk*t23 - m*t16 + m*t20*t7 + t18*t19
    t25 = t24*t3
    t26 = chi_hh**2
    t27 = 1/t11**3
    t28 = alpha*t26*t27
    t29 = 1/t11
    t30 = -t17 + t8 + t9
    t31 = (1/2)*alpha
    t32 = t12*t31
    t33 = t30*t32
    t34 = (1/2)*alpha*eta*t29 - t14*t33
    t35 = 2*t19 - t6
    t36 = t32*t35
    t37 = -t14*t36
    t38 = rho*t6
    t39 = -chi_hh*m*t38 + 2*chi_kh*d*eta*rho - t16
    t40 = t32*t39
    t41 = -t14*t40
    t42 = rho*t7
    t43 = t32*(Q*t16 + beta*t16 - chi_kk*d*t38 - m*t15 + m*t42)
    t44 = alpha*d*rho*t29 - t14*t43
    t45 = chi_hh*chi_kk
    t46 = -t10 + t45
    t47 = 1/t46**2
    t48 = -E*t3 - t23
    t49 = t32*t48
    t50 = t24*t28
    t51 = (1/2)*alpha*chi_hh*t12*t3*t5 - eta**3*t50 - t14*t49 + (1/2)*t26*t47
    t52 = chi_kh*t47
    t53 = chi_hh*t52
    t54 = m*t20*t6 + t18*t3
    t55 = t32*t54
    t56 = -t35
    t57 = 4*eta - 4*t19
    t58 = t24*t27*t31
    t59 = t57*t58
    t60 = (1/2)*alpha*t12*t5*t56 - t14*t55 - t14*t59 - t53
    t61 = 1/t46
    t62 = (1/2)*t61
    t63 = t29*t31
    t64 = t3*t63
    t65 = -Q*t3 - t21*t22
    t66 = t32*t65
    t67 = -t30
    t68 = 2*chi_kk*t3 - 2*t8 - 2*t9
    t69 = t58*t68
    t70 = (1/2)*alpha*t12*t5*t67 + (1/2)*chi_hh*chi_kk*t47 - eta*t24*t32 - t14*t66 - t14*t69 - t62 - t64
    t71 = (1/2)*t47
    t72 = t33*t4 + t45*t71 - t62 - t64
    t73 = -chi_kk*t52
    t74 = t33*t56 + t73
    t75 = chi_kk**2
    t76 = t33*t67 + t71*t75
    t77 = t36*t4 - t53
    t78 = alpha*t29
    t79 = 2*t10*t47 + t3*t78 + t36*t56 + t61
    t80 = t36*t67 + t73
    t81 = t22*t78
    t82 = -chi_kh*t61 + t63*(-t15 + t42)
    t83 = 2*m
    t84 = 2*chi_kh
    t85 = d*t84
    t86 = chi_hh*t83 - t85
    t87 = t71*t86
    t88 = -chi_hh*t87 + t4*t40
    t89 = d*t61
    t90 = d*t81
    t91 = t40*t56 + t52*t86 - t89 + t90
    t92 = -m*t61 + m*t81
    t93 = (1/2)*alpha*t12*t39*t67 - chi_kk*t87 - t92
    t94 = 2*chi_kk*d - m*t84
    t95 = t71*t94
    t96 = -chi_hh*t95 + t4*t43 + t89 - t90
    t97 = t43*t56 + t52*t94 + t92
    t98 = -chi_kk*t95 + t43*t67
    t99 = -E + t1
    t100 = -E*chi_kk - Q*chi_hh + 2*R*chi_kh + chi_hh*t21 + chi_kk*t1 - m*t85
    t101 = t100/t46**3
    t102 = -d*t83 + t18
    t103 = chi_hh*t71
    t104 = t101*t84
    t105 = -chi_hh*t104 - t102*t103 + t4*t55 + t4*t59 + t49*t56 + t52*t99
    t106 = -Q + t21
    t107 = chi_kk*t71
    t108 = t100*t47
    t109 = t101*t45 - t103*t106 - t107*t99 - 1/2*t108 + t25*t32 + t4*t66 + t4*t69 + t49*t67
    t110 = t56*t58
    t111 = -chi_kk*t104 - t102*t107 + t106*t52 + t110*t68 + t55*t67 + t56*t66
    _results[0, _lane] = -t13*t14*t5 + t25*t28
    _results[1, _lane] = t34
    _results[2, _lane] = t37
    _results[3, _lane] = t41
    _results[4, _lane] = t44
    _results[5, _lane] = t31
    _results[6, _lane] = t51
    _results[7, _lane] = t60
    _results[8, _lane] = t70
    _results[9, _lane] = t34
    _results[10, _lane] = 0
    _results[11, _lane] = 0
    _results[12, _lane] = 0
    _results[13, _lane] = 0
    _results[14, _lane] = 0
    _results[15, _lane] = t72
    _results[16, _lane] = t74
    _results[17, _lane] = t76
    _results[18, _lane] = t37
    _results[19, _lane] = 0
    _results[20, _lane] = 0
    _results[21, _lane] = 0
    _results[22, _lane] = 0
    _results[23, _lane] = 0
    _results[24, _lane] = t77
    _results[25, _lane] = t79
    _results[26, _lane] = t80
    _results[27, _lane] = t41
    _results[28, _lane] = 0
    _results[29, _lane] = 0
    _results[30, _lane] = chi_hh*t61 - chi_hh*t81
    _results[31, _lane] = t82
    _results[32, _lane] = 0
    _results[33, _lane] = t88
    _results[34, _lane] = t91
    _results[35, _lane] = t93
    _results[36, _lane] = t44
    _results[37, _lane] = 0
    _results[38, _lane] = 0
    _results[39, _lane] = t82
    _results[40, _lane] = chi_kk*t61 + t63*(Q*t15 + beta*t15 - chi_kk*t38)
    _results[41, _lane] = 0
    _results[42, _lane] = t96
    _results[43, _lane] = t97
    _results[44, _lane] = t98
    _results[45, _lane] = t31
    _results[46, _lane] = 0
    _results[47, _lane] = 0
    _results[48, _lane] = 0
    _results[49, _lane] = 0
    _results[50, _lane] = beta*t31/D**2
    _results[51, _lane] = 0
    _results[52, _lane] = 0
    _results[53, _lane] = 0
    _results[54, _lane] = t51
    _results[55, _lane] = t72
    _results[56, _lane] = t77
    _results[57, _lane] = t88
    _results[58, _lane] = t96
    _results[59, _lane] = 0
    _results[60, _lane] = -chi_hh*t47*t99 + eta**4*t50 + t101*t26 + t13*t4*t48
    _results[61, _lane] = t105
    _results[62, _lane] = t109
    _results[63, _lane] = t60
    _results[64, _lane] = t74
    _results[65, _lane] = t79
    _results[66, _lane] = t91
    _results[67, _lane] = t97
    _results[68, _lane] = 0
    _results[69, _lane] = t105
    _results[70, _lane] = 4*t10*t101 + 2*t102*t52 + t108 + t110*t57 - t13*t25 + t13*t54*t56
    _results[71, _lane] = t111
    _results[72, _lane] = t70
    _results[73, _lane] = t76
    _results[74, _lane] = t80
    _results[75, _lane] = t93
    _results[76, _lane] = t98
    _results[77, _lane] = 0
    _results[78, _lane] = t109
    _results[79, _lane] = t111
    _results[80, _lane] = -chi_kk*t106*t47 + t101*t75 + t13*t65*t67 + t67*t69


@arrays
def stationarity_jacobian_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, array_9, array_10, array_11, array_12, array_13, runs, result, start, end):
    if result.shape[0] != 81:
        raise ValueError("expected room for 81 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((14, BLOCK))
    found = numpy.empty((81, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        gather(array_9, runs[9], first, used, points, given[9])
        gather(array_10, runs[10], first, used, points, given[10])
        gather(array_11, runs[11], first, used, points, given[11])
        gather(array_12, runs[12], first, used, points, given[12])
        gather(array_13, runs[13], first, used, points, given[13])
        for lane in range(BLOCK):
            stationarity_jacobian(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], given[9, lane], given[10, lane], given[11, lane], given[12, lane], given[13, lane], found, lane)
        for k in range(81):
            scatter(found[k], result[k], first, used)


@scalar
def replicon(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh, _results, _lane):
    """The matrix chi G of the replicon condition."""
    t0 = chi_hh*chi_kk
    t1 = eta*t0
    t2 = chi_kh**2
    t3 = Q*chi_hh
    t4 = beta*chi_hh
    t5 = eta**2
    t6 = 1/(-2*chi_kh*eta + eta*t3 + eta*t4 - t0*t5 + t2*t5 + 1)
    _results[0, _lane] = t6*(-chi_kh + eta*t2 - t1)
    _results[1, _lane] = t6*(Q*chi_kh + beta*chi_kh - chi_kk)
    _results[2, _lane] = -chi_hh*t6
    _results[3, _lane] = t6*(-chi_kh + eta*t2 - t1 + t3 + t4)


@arrays
def replicon_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, array_9, array_10, array_11, array_12, array_13, runs, result, start, end):
    if result.shape[0] != 4:
        raise ValueError("expected room for 4 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((14, BLOCK))
    found = numpy.empty((4, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        gather(array_9, runs[9], first, used, points, given[9])
        gather(array_10, runs[10], first, used, points, given[10])
        gather(array_11, runs[11], first, used, points, given[11])
        gather(array_12, runs[12], first, used, points, given[12])
        gather(array_13, runs[13], first, used, points, given[13])
        for lane in range(BLOCK):
            replicon(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], given[9, lane], given[10, lane], given[11, lane], given[12, lane], given[13, lane], found, lane)
        for k in range(4):
            scatter(found[k], result[k], first, used)


@scalar
def field_determinant(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh, _results, _lane):
    """Positive where the average over a sample exists."""
    t0 = chi_hh*eta
    t1 = eta**2
    _results[0, _lane] = Q*t0 + beta*t0 - chi_hh*chi_kk*t1 + chi_kh**2*t1 - 2*chi_kh*eta + 1


@arrays
def field_determinant_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, array_9, array_10, array_11, array_12, array_13, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((14, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        gather(array_9, runs[9], first, used, points, given[9])
        gather(array_10, runs[10], first, used, points, given[10])
        gather(array_11, runs[11], first, used, points, given[11])
        gather(array_12, runs[12], first, used, points, given[12])
        gather(array_13, runs[13], first, used, points, given[13])
        for lane in range(BLOCK):
            field_determinant(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], given[9, lane], given[10, lane], given[11, lane], given[12, lane], given[13, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def point(alpha, beta, lam, rho, eta, decoder_variance, _results, _lane):
    """Exact solution of a latent: Q, E, R, m, d, D, eigenvalue, overlap, phase, free_energy, signal_recovery_error, rate, distortion, kl_variational_to_posterior, kl_posterior_to_variational."""
    beta_ = beta*decoder_variance
    lambda_ = decoder_variance*lam
    iota = 1/alpha
    phi = iota*lambda_
    t0 = eta**2*iota
    detected = rho**2 - t0
    safe_rho = (rho if detected > 0 else 1)
    safe_inverse = (1 if detected > 0 else iota)
    t1 = eta + safe_rho
    t2 = 1/safe_rho
    t3 = eta*iota
    t4 = t2*t3
    Lambda = (t1*(t4 + 1) if detected > 0 else eta*(math.sqrt(safe_inverse) + 1)**2)
    t5 = 1/(safe_rho + t3)
    o = (t2*t5*(safe_rho**2 - t0) if detected > 0 else 0)
    t6 = t1*t4
    deficit = (t5*t6 if detected > 0 else 1)
    target = o*rho
    t8 = phi/Lambda
    kappa = beta_ + t8
    t10 = -kappa
    t11 = phi + 1
    distance = -Lambda/t11 - t10
    unstable = -distance
    third = phi
    t13 = 2*phi
    t14 = beta_*t11
    second = kappa*t13 + t14
    first = kappa*(beta_*(t13 + 1) + distance*t11 - t8)
    constant = distance*kappa*t14
    discriminant = -4*constant*second + first**2
    outward = math.fabs(first) + math.sqrt((discriminant if discriminant > 0 else 0))
    size = (outward if outward > 0 else 1)
    quadratic = (-2*constant/size if first > 0 else (1/2)*size/second)
    t15 = Lambda*kappa
    asymptote = t10 + (281474976710657/140737488355328)*t15/(beta_ + math.sqrt(beta_**2 + 4*phi*t15))
    exists = (1 if unstable > 0 else ((asymptote if discriminant > 0 else 0) if -first > 0 else 0))
    above = ((asymptote if (-asymptote + quadratic if asymptote > 0 else 0) > 0 else quadratic) if exists > 0 else 1)
    linear = (first if exists > 0 else 0)
    offset = (constant if exists > 0 else -second - third)
    newton_3 = above
    t46 = newton_3*third
    t47 = linear + newton_3*(second + t46)
    newton_3 = newton_3 - (newton_3*t47 + offset)/(newton_3*(second + 2*t46) + t47)
    t46 = newton_3*third
    t47 = linear + newton_3*(second + t46)
    newton_3 = newton_3 - (newton_3*t47 + offset)/(newton_3*(second + 2*t46) + t47)
    t46 = newton_3*third
    t47 = linear + newton_3*(second + t46)
    newton_3 = newton_3 - (newton_3*t47 + offset)/(newton_3*(second + 2*t46) + t47)
    t16 = newton_3*third
    t17 = linear + newton_3*(second + t16)
    newton_4 = newton_3 - (newton_3*t17 + offset)/(newton_3*(second + 2*t16) + t17)
    t18 = newton_4*third
    t19 = linear + newton_4*(second + t18)
    newton_5 = newton_4 - (newton_4*t19 + offset)/(newton_4*(second + 2*t18) + t19)
    root = (newton_5 if newton_5 > 0 else 1)
    gain = 1/(kappa + root)
    t20 = beta_ + root
    narrowing = 1/t20
    precision = 1/(decoder_variance + root)
    t21 = 1/beta_
    t22 = root*t21
    logarithm = log1p(t22)
    t23 = (1/2)*logarithm
    t24 = (1/2)*root
    t25 = gain*root
    per_sample = -1/2*Lambda*t25 + beta_*t23 + phi*t24
    active = ((1 if unstable > 0 else -per_sample) if exists > 0 else 0)
    length = math.sqrt(root)
    t27 = root + target
    t28 = kappa + target
    excess = (-beta_*t8*(2*beta_ + t8 + 2*target) - (beta_ + target)*(beta_*(beta_ - eta - t1*t3*t5 - t6) + phi*(t28 - 1)*(t28 + 1)))/(first + second*t27 + third*(-root*target + t27**2))
    t29 = math.sqrt((target if detected > 0 else root))
    apart = (excess/(length + t29) if (2*root - target if -root + 2*target > 0 else 0) > 0 else length - t29)
    t30 = gain**2
    t31 = root*t30
    t32 = (length*math.sqrt((o if detected > 0 else 1)) if detected > 0 else 0)
    t33 = beta_*narrowing
    t34 = 1/decoder_variance
    t35 = deficit*rho
    t36 = eta + target
    t37 = t31*t36
    t38 = (1/2)*t37
    t40 = root*t34
    t39 = beta_ - decoder_variance
    t41 = narrowing*t39*t40
    t42 = precision**2*(decoder_variance + t10)**2
    t43 = -precision*t39
    t44 = log1p((t41 if t39 > 0 else t22*t43))
    t45 = (1/2)*(t44 if t39 > 0 else -t44)
    _results[0, _lane] = (root if active > 0 else 0)
    _results[1, _lane] = (t31 if active > 0 else 0)
    _results[2, _lane] = (t25 if active > 0 else 0)
    _results[3, _lane] = (t32 if active > 0 else 0)
    _results[4, _lane] = (gain*t32 if active > 0 else 0)
    _results[5, _lane] = (t33 if active > 0 else 1)
    _results[6, _lane] = Lambda
    _results[7, _lane] = o
    _results[8, _lane] = ((2 if detected > 0 else 1) if active > 0 else 0)
    _results[9, _lane] = (alpha*per_sample*t34 if active > 0 else 0)
    _results[10, _lane] = (t35 + (apart**2 if detected > 0 else root) if active > 0 else rho)
    _results[11, _lane] = (-narrowing*t24 + t23 + t38 if active > 0 else 0)
    _results[12, _lane] = (kappa**2*t30*t36 + root*t33 + t35 if active > 0 else eta + rho)
    _results[13, _lane] = (t38*t42*(t40 + 1) + (1/2)*t41 - t45 if active > 0 else 0)
    _results[14, _lane] = ((1/2)*t21*(root*t43 + t20*t37*t42) + t45 if active > 0 else 0)


@arrays
def point_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, runs, result, start, end):
    if result.shape[0] != 15:
        raise ValueError("expected room for 15 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((6, BLOCK))
    found = numpy.empty((15, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        for lane in range(BLOCK):
            point(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], found, lane)
        for k in range(15):
            scatter(found[k], result[k], first, used)


@scalar
def point_derivatives(alpha, beta, lam, rho, eta, decoder_variance, _results, _lane):
    """Derivatives of what point returns, but for the phase, each by every argument."""
    beta_ = beta*decoder_variance
    dbeta_D_beta = decoder_variance
    dbeta_D_decoder_variance = beta
    lambda_ = decoder_variance*lam
    dlambda_D_lam = decoder_variance
    dlambda_D_decoder_variance = lam
    iota = 1/alpha
    diota_D_alpha = -1/alpha**2
    phi = iota*lambda_
    dphi_D_alpha = diota_D_alpha*lambda_
    dphi_D_lam = dlambda_D_lam*iota
    dphi_D_decoder_variance = dlambda_D_decoder_variance*iota
    t0 = eta**2
    t1 = iota*t0
    detected = rho**2 - t1
    safe_rho = (rho if detected > 0 else 1)
    dsafe_rho_D_rho = (1 if detected > 0 else 0)
    safe_inverse = (1 if detected > 0 else iota)
    t3 = (0 if detected > 0 else 1)
    dsafe_inverse_D_alpha = diota_D_alpha*t3
    t4 = eta + safe_rho
    t5 = 1/safe_rho
    t6 = eta*iota
    t7 = t5*t6
    t8 = t7 + 1
    t9 = math.sqrt(safe_inverse)
    t10 = t9 + 1
    t11 = t10**2
    Lambda = (t4*t8 if detected > 0 else eta*t11)
    t12 = t4*t5
    t13 = iota*t12
    t14 = t13 + t8
    dLambda_D_eta = (t14 if detected > 0 else t11)
    t15 = eta*t12
    dLambda_D_alpha = diota_D_alpha*(t15 if detected > 0 else 0) + dsafe_inverse_D_alpha*(0 if detected > 0 else eta*t10/t9)
    t16 = safe_rho**2
    t17 = 1/t16
    t18 = t4*t6
    t19 = t17*t18
    dLambda_D_rho = dsafe_rho_D_rho*(-t19 + t8 if detected > 0 else 0)
    t20 = -t1 + t16
    t21 = safe_rho + t6
    t22 = 1/t21
    t23 = t22*t5
    o = (t20*t23 if detected > 0 else 0)
    t24 = 1/t21**2
    t25 = t20*t24*t5
    do_D_eta = (-iota*t25 - 2*t22*t7 if detected > 0 else 0)
    do_D_alpha = diota_D_alpha*(-eta*t25 - t0*t23 if detected > 0 else 0)
    t26 = t17*t22
    do_D_rho = dsafe_rho_D_rho*(-t20*t26 + 2*t22 - t25 if detected > 0 else 0)
    t27 = t22*t4
    deficit = (t27*t7 if detected > 0 else 1)
    t28 = iota**2
    ddeficit_D_eta = (t13*t22 - t15*t24*t28 + t22*t7 if detected > 0 else 0)
    ddeficit_D_alpha = diota_D_alpha*(eta*t22*t4*t5 - t1*t12*t24 if detected > 0 else 0)
    t29 = t4*t7
    ddeficit_D_rho = dsafe_rho_D_rho*(eta*iota*t22*t5 - t18*t26 - t24*t29 if detected > 0 else 0)
    target = o*rho
    dtarget_D_eta = do_D_eta*rho
    dtarget_D_alpha = do_D_alpha*rho
    dtarget_D_rho = do_D_rho*rho + o
    t31 = 1/Lambda
    t32 = phi*t31
    kappa = beta_ + t32
    t34 = 1/Lambda**2
    t35 = phi*t34
    dkappa_D_eta = -dLambda_D_eta*t35
    dkappa_D_alpha = -dLambda_D_alpha*t35 + dphi_D_alpha*t31
    dkappa_D_rho = -dLambda_D_rho*t35
    dkappa_D_beta = dbeta_D_beta
    dkappa_D_decoder_variance = dbeta_D_decoder_variance + dphi_D_decoder_variance*t31
    dkappa_D_lam = dphi_D_lam*t31
    t36 = -kappa
    t37 = phi + 1
    t38 = Lambda/t37
    distance = -t36 - t38
    unstable = -distance
    third = phi
    dthird_D_alpha = dphi_D_alpha
    dthird_D_lam = dphi_D_lam
    dthird_D_decoder_variance = dphi_D_decoder_variance
    t40 = 2*kappa
    t41 = beta_*t37
    second = phi*t40 + t41
    t42 = 2*phi
    t43 = dbeta_D_beta*t37
    dsecond_D_beta = dkappa_D_beta*t42 + t43
    t44 = dbeta_D_decoder_variance*t37
    t45 = beta_ + t40
    dsecond_D_decoder_variance = dkappa_D_decoder_variance*t42 + dphi_D_decoder_variance*t45 + t44
    dsecond_D_eta = dkappa_D_eta*t42
    dsecond_D_alpha = dkappa_D_alpha*t42 + dphi_D_alpha*t45
    dsecond_D_rho = dkappa_D_rho*t42
    dsecond_D_lam = dkappa_D_lam*t42 + dphi_D_lam*t45
    t46 = t42 + 1
    t47 = beta_*t46 + distance*t37 - t32
    first = kappa*t47
    t48 = kappa*(phi*t34 - 1)
    t49 = kappa*t37 + t47
    dfirst_D_eta = dLambda_D_eta*t48 + dkappa_D_eta*t49
    t50 = 2*beta_
    t51 = kappa*(kappa - t31 + t50)
    dfirst_D_alpha = dLambda_D_alpha*t48 + dkappa_D_alpha*t49 + dphi_D_alpha*t51
    dfirst_D_rho = dLambda_D_rho*t48 + dkappa_D_rho*t49
    t52 = kappa*t46
    dfirst_D_beta = dbeta_D_beta*t52 + dkappa_D_beta*t49
    dfirst_D_decoder_variance = dbeta_D_decoder_variance*t52 + dkappa_D_decoder_variance*t49 + dphi_D_decoder_variance*t51
    dfirst_D_lam = dkappa_D_lam*t49 + dphi_D_lam*t51
    t53 = kappa*t41
    constant = distance*t53
    t54 = beta_*kappa
    t55 = distance*t41 + t53
    dconstant_D_eta = -dLambda_D_eta*t54 + dkappa_D_eta*t55
    t56 = distance*t54 + t38*t54
    dconstant_D_alpha = -dLambda_D_alpha*t54 + dkappa_D_alpha*t55 + dphi_D_alpha*t56
    dconstant_D_rho = -dLambda_D_rho*t54 + dkappa_D_rho*t55
    t57 = distance*kappa
    dconstant_D_beta = dkappa_D_beta*t55 + t43*t57
    dconstant_D_decoder_variance = dkappa_D_decoder_variance*t55 + dphi_D_decoder_variance*t56 + t44*t57
    dconstant_D_lam = dkappa_D_lam*t55 + dphi_D_lam*t56
    discriminant = -4*constant*second + first**2
    outward = math.fabs(first) + math.sqrt((discriminant if discriminant > 0 else 0))
    size = (outward if outward > 0 else 1)
    quadratic = (-2*constant/size if first > 0 else (1/2)*size/second)
    t58 = beta_**2
    t59 = Lambda*kappa
    asymptote = t36 + (281474976710657/140737488355328)*t59/(beta_ + math.sqrt(4*phi*t59 + t58))
    exists = (1 if unstable > 0 else ((asymptote if discriminant > 0 else 0) if -first > 0 else 0))
    above = ((asymptote if (-asymptote + quadratic if asymptote > 0 else 0) > 0 else quadratic) if exists > 0 else 1)
    linear = (first if exists > 0 else 0)
    t60 = (1 if exists > 0 else 0)
    dlinear_D_eta = dfirst_D_eta*t60
    dlinear_D_alpha = dfirst_D_alpha*t60
    dlinear_D_rho = dfirst_D_rho*t60
    dlinear_D_beta = dfirst_D_beta*t60
    dlinear_D_decoder_variance = dfirst_D_decoder_variance*t60
    dlinear_D_lam = dfirst_D_lam*t60
    offset = (constant if exists > 0 else -second - third)
    t61 = (0 if exists > 0 else -1)
    doffset_D_eta = dconstant_D_eta*t60 + dsecond_D_eta*t61
    doffset_D_alpha = dconstant_D_alpha*t60 + dsecond_D_alpha*t61 + dthird_D_alpha*t61
    doffset_D_rho = dconstant_D_rho*t60 + dsecond_D_rho*t61
    doffset_D_beta = dconstant_D_beta*t60 + dsecond_D_beta*t61
    doffset_D_decoder_variance = dconstant_D_decoder_variance*t60 + dsecond_D_decoder_variance*t61 + dthird_D_decoder_variance*t61
    doffset_D_lam = dconstant_D_lam*t60 + dsecond_D_lam*t61 + dthird_D_lam*t61
    newton_3 = above
    t249 = newton_3*third
    t250 = linear + newton_3*(second + t249)
    newton_3 = newton_3 - (newton_3*t250 + offset)/(newton_3*(second + 2*t249) + t250)
    t249 = newton_3*third
    t250 = linear + newton_3*(second + t249)
    newton_3 = newton_3 - (newton_3*t250 + offset)/(newton_3*(second + 2*t249) + t250)
    t249 = newton_3*third
    t250 = linear + newton_3*(second + t249)
    newton_3 = newton_3 - (newton_3*t250 + offset)/(newton_3*(second + 2*t249) + t250)
    t62 = newton_3*third
    t63 = linear + newton_3*(second + t62)
    t64 = newton_3*t63 + offset
    t65 = newton_3*(second + 2*t62) + t63
    t66 = 1/t65
    newton_4 = newton_3 - t64*t66
    t67 = 1/t65**2
    t68 = -newton_3*t66 + t64*t67
    t69 = newton_3**2
    t70 = 2*newton_3*t64*t67 - t66*t69
    dnewton_4_D_eta = dlinear_D_eta*t68 - doffset_D_eta*t66 + dsecond_D_eta*t70
    t71 = -newton_3**3*t66 + 3*t64*t67*t69
    dnewton_4_D_alpha = dlinear_D_alpha*t68 - doffset_D_alpha*t66 + dsecond_D_alpha*t70 + dthird_D_alpha*t71
    dnewton_4_D_rho = dlinear_D_rho*t68 - doffset_D_rho*t66 + dsecond_D_rho*t70
    dnewton_4_D_beta = dlinear_D_beta*t68 - doffset_D_beta*t66 + dsecond_D_beta*t70
    dnewton_4_D_decoder_variance = dlinear_D_decoder_variance*t68 - doffset_D_decoder_variance*t66 + dsecond_D_decoder_variance*t70 + dthird_D_decoder_variance*t71
    dnewton_4_D_lam = dlinear_D_lam*t68 - doffset_D_lam*t66 + dsecond_D_lam*t70 + dthird_D_lam*t71
    t72 = newton_4*third
    t73 = linear + newton_4*(second + t72)
    t74 = newton_4*t73 + offset
    t75 = newton_4*(second + 2*t72) + t73
    t76 = 1/t75
    newton_5 = newton_4 - t74*t76
    t77 = 1/t75**2
    t78 = t74*t77*(-2*second - 6*t72)
    t79 = -newton_4*t76 + t74*t77
    t80 = newton_4**2
    t81 = 2*newton_4*t74*t77 - t76*t80
    dnewton_5_D_eta = dlinear_D_eta*t79 - dnewton_4_D_eta*t78 - doffset_D_eta*t76 + dsecond_D_eta*t81
    t82 = -newton_4**3*t76 + 3*t74*t77*t80
    dnewton_5_D_alpha = dlinear_D_alpha*t79 - dnewton_4_D_alpha*t78 - doffset_D_alpha*t76 + dsecond_D_alpha*t81 + dthird_D_alpha*t82
    dnewton_5_D_rho = dlinear_D_rho*t79 - dnewton_4_D_rho*t78 - doffset_D_rho*t76 + dsecond_D_rho*t81
    dnewton_5_D_beta = dlinear_D_beta*t79 - dnewton_4_D_beta*t78 - doffset_D_beta*t76 + dsecond_D_beta*t81
    dnewton_5_D_decoder_variance = dlinear_D_decoder_variance*t79 - dnewton_4_D_decoder_variance*t78 - doffset_D_decoder_variance*t76 + dsecond_D_decoder_variance*t81 + dthird_D_decoder_variance*t82
    dnewton_5_D_lam = dlinear_D_lam*t79 - dnewton_4_D_lam*t78 - doffset_D_lam*t76 + dsecond_D_lam*t81 + dthird_D_lam*t82
    root = (newton_5 if newton_5 > 0 else 1)
    t83 = (1 if newton_5 > 0 else 0)
    droot_D_eta = dnewton_5_D_eta*t83
    droot_D_alpha = dnewton_5_D_alpha*t83
    droot_D_rho = dnewton_5_D_rho*t83
    droot_D_beta = dnewton_5_D_beta*t83
    droot_D_decoder_variance = dnewton_5_D_decoder_variance*t83
    droot_D_lam = dnewton_5_D_lam*t83
    t84 = kappa + root
    gain = 1/t84
    t85 = 1/t84**2
    dgain_D_eta = -dkappa_D_eta*t85 - droot_D_eta*t85
    dgain_D_alpha = -dkappa_D_alpha*t85 - droot_D_alpha*t85
    dgain_D_rho = -dkappa_D_rho*t85 - droot_D_rho*t85
    dgain_D_beta = -dkappa_D_beta*t85 - droot_D_beta*t85
    dgain_D_decoder_variance = -dkappa_D_decoder_variance*t85 - droot_D_decoder_variance*t85
    dgain_D_lam = -dkappa_D_lam*t85 - droot_D_lam*t85
    t86 = beta_ + root
    narrowing = 1/t86
    t87 = 1/t86**2
    dnarrowing_D_beta = -dbeta_D_beta*t87 - droot_D_beta*t87
    dnarrowing_D_decoder_variance = -dbeta_D_decoder_variance*t87 - droot_D_decoder_variance*t87
    dnarrowing_D_eta = -droot_D_eta*t87
    dnarrowing_D_alpha = -droot_D_alpha*t87
    dnarrowing_D_rho = -droot_D_rho*t87
    dnarrowing_D_lam = -droot_D_lam*t87
    t88 = decoder_variance + root
    precision = 1/t88
    t89 = 1/t88**2
    dprecision_D_eta = -droot_D_eta*t89
    dprecision_D_alpha = -droot_D_alpha*t89
    dprecision_D_rho = -droot_D_rho*t89
    dprecision_D_beta = -droot_D_beta*t89
    dprecision_D_decoder_variance = -droot_D_decoder_variance*t89 - t89
    dprecision_D_lam = -droot_D_lam*t89
    t90 = 1/beta_
    t91 = root*t90
    logarithm = log1p(t91)
    t92 = 1/(t91 + 1)
    t93 = t90*t92
    t94 = 1/t58
    t95 = root*t92*t94
    dlogarithm_D_beta = -dbeta_D_beta*t95 + droot_D_beta*t93
    dlogarithm_D_decoder_variance = -dbeta_D_decoder_variance*t95 + droot_D_decoder_variance*t93
    dlogarithm_D_eta = droot_D_eta*t93
    dlogarithm_D_alpha = droot_D_alpha*t93
    dlogarithm_D_rho = droot_D_rho*t93
    dlogarithm_D_lam = droot_D_lam*t93
    t96 = (1/2)*beta_
    t97 = (1/2)*root
    t98 = Lambda*gain
    per_sample = logarithm*t96 + (1/2)*phi*root - t97*t98
    t99 = Lambda*t97
    t100 = gain*t97
    t101 = (1/2)*phi - 1/2*t98
    dper_sample_D_eta = (1/2)*beta_*dlogarithm_D_eta - dLambda_D_eta*t100 - dgain_D_eta*t99 + droot_D_eta*t101
    dper_sample_D_alpha = -dLambda_D_alpha*t100 - dgain_D_alpha*t99 + dlogarithm_D_alpha*t96 + dphi_D_alpha*t97 + droot_D_alpha*t101
    dper_sample_D_rho = (1/2)*beta_*dlogarithm_D_rho - dLambda_D_rho*t100 - dgain_D_rho*t99 + droot_D_rho*t101
    t102 = (1/2)*logarithm
    dper_sample_D_beta = dbeta_D_beta*t102 - dgain_D_beta*t99 + dlogarithm_D_beta*t96 + droot_D_beta*t101
    dper_sample_D_decoder_variance = dbeta_D_decoder_variance*t102 - dgain_D_decoder_variance*t99 + dlogarithm_D_decoder_variance*t96 + dphi_D_decoder_variance*t97 + droot_D_decoder_variance*t101
    dper_sample_D_lam = -dgain_D_lam*t99 + dlogarithm_D_lam*t96 + dphi_D_lam*t97 + droot_D_lam*t101
    active = ((1 if unstable > 0 else -per_sample) if exists > 0 else 0)
    length = math.sqrt(root)
    t104 = (1/2)/length
    dlength_D_eta = droot_D_eta*t104
    dlength_D_alpha = droot_D_alpha*t104
    dlength_D_rho = droot_D_rho*t104
    dlength_D_beta = droot_D_beta*t104
    dlength_D_decoder_variance = droot_D_decoder_variance*t104
    dlength_D_lam = droot_D_lam*t104
    t105 = root + target
    t106 = root*target - t105**2
    t107 = first + second*t105 - t106*third
    t108 = 1/t107
    t109 = 2*target
    t110 = t109 + t32 + t50
    t111 = beta_*t110
    t112 = beta_ + target
    t113 = kappa + target
    t114 = t113 - 1
    t115 = t113 + 1
    t116 = phi*t115
    t117 = t22*t6
    t118 = t117*t4
    t119 = beta_*(beta_ - eta - t118 - t29) + t114*t116
    t120 = -t111*t32 - t112*t119
    excess = t108*t120
    t121 = beta_*t108*t112
    t122 = phi**2
    t123 = beta_*t35
    t124 = t122*t34
    t125 = t108*(t110*t123 - t112*(-t114*t124 - t115*t124) + beta_*t122/Lambda**3)
    t126 = t120/t107**2
    t127 = -t105*t126
    t128 = 2*root
    t129 = t126*(-second - third*(t128 + target))
    t130 = phi*t114 + t116
    t131 = t119 + t32*t50
    t132 = t108*(-t112*t130 - t131) + t126*(-second - third*(root + t109))
    dexcess_D_eta = dLambda_D_eta*t125 - dfirst_D_eta*t126 + droot_D_eta*t129 + dsecond_D_eta*t127 + dtarget_D_eta*t132 - t121*(eta*t24*t28*t4 - iota*t27 - t117 - t14)
    t133 = t108*(-t111*t31 - t112*(t114*t115 + t114*t32 + t115*t32) - t123)
    t134 = t106*t126
    dexcess_D_alpha = dLambda_D_alpha*t125 - dfirst_D_alpha*t126 - diota_D_alpha*t121*(-eta*t27 + iota*t0*t24*t4 - t15) + dphi_D_alpha*t133 + droot_D_alpha*t129 + dsecond_D_alpha*t127 + dtarget_D_alpha*t132 + dthird_D_alpha*t134
    dexcess_D_rho = dLambda_D_rho*t125 - dfirst_D_rho*t126 + droot_D_rho*t129 - dsafe_rho_D_rho*t121*(-t117 + t18*t24 + t19 - t7) + dsecond_D_rho*t127 + dtarget_D_rho*t132
    t135 = t108*(-t110*t32 - t112*(-eta - t118 + t130 - t29 + t50) - t131)
    dexcess_D_beta = dbeta_D_beta*t135 - dfirst_D_beta*t126 + droot_D_beta*t129 + dsecond_D_beta*t127
    dexcess_D_decoder_variance = dbeta_D_decoder_variance*t135 - dfirst_D_decoder_variance*t126 + dphi_D_decoder_variance*t133 + droot_D_decoder_variance*t129 + dsecond_D_decoder_variance*t127 + dthird_D_decoder_variance*t134
    dexcess_D_lam = -dfirst_D_lam*t126 + dphi_D_lam*t133 + droot_D_lam*t129 + dsecond_D_lam*t127 + dthird_D_lam*t134
    t136 = (t128 - target if -root + 2*target > 0 else 0)
    t137 = math.sqrt((target if detected > 0 else root))
    t138 = length + t137
    t139 = 1/t138
    apart = (excess*t139 if t136 > 0 else length - t137)
    t140 = (t139 if t136 > 0 else 0)
    t141 = excess/t138**2
    t142 = (-t141 if t136 > 0 else 1)
    t143 = (1/2)/t137
    t144 = t143*t3
    t145 = (-t141*t144 if t136 > 0 else -t144)
    t146 = dsafe_rho_D_rho*t143
    t147 = (-t141*t146 if t136 > 0 else -t146)
    dapart_D_eta = dexcess_D_eta*t140 + dlength_D_eta*t142 + droot_D_eta*t145 + dtarget_D_eta*t147
    dapart_D_alpha = dexcess_D_alpha*t140 + dlength_D_alpha*t142 + droot_D_alpha*t145 + dtarget_D_alpha*t147
    dapart_D_rho = dexcess_D_rho*t140 + dlength_D_rho*t142 + droot_D_rho*t145 + dtarget_D_rho*t147
    dapart_D_beta = dexcess_D_beta*t140 + dlength_D_beta*t142 + droot_D_beta*t145
    dapart_D_decoder_variance = dexcess_D_decoder_variance*t140 + dlength_D_decoder_variance*t142 + droot_D_decoder_variance*t145
    dapart_D_lam = dexcess_D_lam*t140 + dlength_D_lam*t142 + droot_D_lam*t145
    t148 = (1 if active > 0 else 0)
    t149 = gain**2
    t150 = (t149 if active > 0 else 0)
    t151 = (gain*t128 if active > 0 else 0)
    t152 = (root if active > 0 else 0)
    t153 = (gain if active > 0 else 0)
    t154 = math.sqrt((o if detected > 0 else 1))
    t155 = (t104*t154 if detected > 0 else 0)
    t156 = (t155 if active > 0 else 0)
    t157 = ((1/2)*dsafe_rho_D_rho*length/t154 if detected > 0 else 0)
    t158 = (t157 if active > 0 else 0)
    t159 = ((length*t154 if detected > 0 else 0) if active > 0 else 0)
    t160 = (gain*t155 if active > 0 else 0)
    t161 = (gain*t157 if active > 0 else 0)
    t162 = (beta_ if active > 0 else 0)
    t163 = (narrowing if active > 0 else 0)
    t164 = 1/decoder_variance
    t165 = (alpha*t164 if active > 0 else 0)
    t166 = 1/decoder_variance**2
    t167 = (rho if active > 0 else 0)
    t168 = ddeficit_D_alpha*t167
    t169 = (t3 if active > 0 else 0)
    t170 = ((2*apart if detected > 0 else 0) if active > 0 else 0)
    t171 = ddeficit_D_rho*t167
    t172 = ddeficit_D_eta*t167
    t173 = (1/2 if active > 0 else 0)
    t174 = (-t97 if active > 0 else 0)
    t175 = t149*t97
    t176 = rho*t175
    t177 = (t176 if active > 0 else 0)
    t178 = eta + target
    t179 = gain*t178
    t180 = root*t179
    t181 = (t180 if active > 0 else 0)
    t182 = (1/2)*narrowing
    t183 = t149*t178
    t184 = (1/2)*t183
    t185 = (-t182 + t184 if active > 0 else 0)
    t186 = o*t175
    t187 = (beta_*root if active > 0 else 0)
    t188 = (beta_*narrowing if active > 0 else 0)
    t189 = kappa**2
    t190 = t149*t189
    t191 = (rho*t190 if active > 0 else 0)
    t192 = (2*t179*t189 if active > 0 else 0)
    t193 = (t183*t40 if active > 0 else 0)
    t194 = narrowing*root
    t195 = (t194 if active > 0 else 0)
    t196 = root*t164
    t197 = t196 + 1
    t198 = precision**2
    t199 = (decoder_variance + t36)**2
    t200 = t198*t199
    t201 = t197*t200
    t202 = (t176*t201 if active > 0 else 0)
    t203 = (t180*t201 if active > 0 else 0)
    t204 = t183*t197
    t205 = 2*decoder_variance - 2*kappa
    t206 = -t198*t205
    t207 = (t204*t206*t97 if active > 0 else 0)
    t208 = beta_ - decoder_variance
    t209 = t164*t208
    t210 = -t208
    t211 = precision*t210
    t212 = 1/((t194*t209 if t208 > 0 else t211*t91) + 1)
    t213 = t212*(t196*t208 if t208 > 0 else 0)
    t214 = (1/2)*(t213 if t208 > 0 else -t213)
    t215 = ((1/2)*root*t164*t208 - t214 if active > 0 else 0)
    t216 = precision*root
    t217 = t212*(0 if t208 > 0 else t210*t91)
    t218 = (1/2)*(t217 if t208 > 0 else -t217)
    t219 = (t199*t204*t216 - t218 if active > 0 else 0)
    t220 = t183*t200
    t221 = t212*(narrowing*t209 if t208 > 0 else t211*t90)
    t222 = (1/2)*(t221 if t208 > 0 else -t221)
    t223 = (t164*t220*t97 + t182*t209 + t184*t201 - t222 if active > 0 else 0)
    t224 = narrowing*t97
    t225 = t164*t224
    t226 = t164*t194
    t227 = precision*t91
    t228 = root*t210
    t229 = precision*t228
    t230 = t212*(t226 if t208 > 0 else -t227 - t229*t94)
    t231 = (1/2)*(t230 if t208 > 0 else -t230)
    t232 = (t225 - t231 if active > 0 else 0)
    t233 = t166*t208
    t234 = t212*(-t194*t233 - t226 if t208 > 0 else t227)
    t235 = (1/2)*(t234 if t208 > 0 else -t234)
    t236 = t86*t91
    t237 = t200*t236
    t238 = (1/2)*t149*t237
    t239 = (rho*t238 if active > 0 else 0)
    t240 = (t179*t237 if active > 0 else 0)
    t241 = (t184*t206*t236 if active > 0 else 0)
    t242 = (t214 if active > 0 else 0)
    t243 = t183*t86
    t244 = (1/2)*t90
    t245 = (t218 + t244*(precision*t128*t199*t243 + t228) if active > 0 else 0)
    t246 = root*t220
    t247 = (t222 + t244*(t211 + t220*t86 + t246) if active > 0 else 0)
    t248 = (t231 + t244*(-t216 + t246) - 1/2*t94*(t229 + t246*t86) if active > 0 else 0)
    _results[0, _lane] = droot_D_alpha*t148
    _results[1, _lane] = droot_D_beta*t148
    _results[2, _lane] = droot_D_lam*t148
    _results[3, _lane] = droot_D_rho*t148
    _results[4, _lane] = droot_D_eta*t148
    _results[5, _lane] = droot_D_decoder_variance*t148
    _results[6, _lane] = dgain_D_alpha*t151 + droot_D_alpha*t150
    _results[7, _lane] = dgain_D_beta*t151 + droot_D_beta*t150
    _results[8, _lane] = dgain_D_lam*t151 + droot_D_lam*t150
    _results[9, _lane] = dgain_D_rho*t151 + droot_D_rho*t150
    _results[10, _lane] = dgain_D_eta*t151 + droot_D_eta*t150
    _results[11, _lane] = dgain_D_decoder_variance*t151 + droot_D_decoder_variance*t150
    _results[12, _lane] = dgain_D_alpha*t152 + droot_D_alpha*t153
    _results[13, _lane] = dgain_D_beta*t152 + droot_D_beta*t153
    _results[14, _lane] = dgain_D_lam*t152 + droot_D_lam*t153
    _results[15, _lane] = dgain_D_rho*t152 + droot_D_rho*t153
    _results[16, _lane] = dgain_D_eta*t152 + droot_D_eta*t153
    _results[17, _lane] = dgain_D_decoder_variance*t152 + droot_D_decoder_variance*t153
    _results[18, _lane] = do_D_alpha*t158 + droot_D_alpha*t156
    _results[19, _lane] = droot_D_beta*t156
    _results[20, _lane] = droot_D_lam*t156
    _results[21, _lane] = do_D_rho*t158 + droot_D_rho*t156
    _results[22, _lane] = do_D_eta*t158 + droot_D_eta*t156
    _results[23, _lane] = droot_D_decoder_variance*t156
    _results[24, _lane] = dgain_D_alpha*t159 + do_D_alpha*t161 + droot_D_alpha*t160
    _results[25, _lane] = dgain_D_beta*t159 + droot_D_beta*t160
    _results[26, _lane] = dgain_D_lam*t159 + droot_D_lam*t160
    _results[27, _lane] = dgain_D_rho*t159 + do_D_rho*t161 + droot_D_rho*t160
    _results[28, _lane] = dgain_D_eta*t159 + do_D_eta*t161 + droot_D_eta*t160
    _results[29, _lane] = dgain_D_decoder_variance*t159 + droot_D_decoder_variance*t160
    _results[30, _lane] = dnarrowing_D_alpha*t162
    _results[31, _lane] = dbeta_D_beta*t163 + dnarrowing_D_beta*t162
    _results[32, _lane] = dnarrowing_D_lam*t162
    _results[33, _lane] = dnarrowing_D_rho*t162
    _results[34, _lane] = dnarrowing_D_eta*t162
    _results[35, _lane] = dbeta_D_decoder_variance*t163 + dnarrowing_D_decoder_variance*t162
    _results[36, _lane] = dLambda_D_alpha
    _results[37, _lane] = 0
    _results[38, _lane] = 0
    _results[39, _lane] = dLambda_D_rho
    _results[40, _lane] = dLambda_D_eta
    _results[41, _lane] = 0
    _results[42, _lane] = do_D_alpha
    _results[43, _lane] = 0
    _results[44, _lane] = 0
    _results[45, _lane] = do_D_rho
    _results[46, _lane] = do_D_eta
    _results[47, _lane] = 0
    _results[48, _lane] = dper_sample_D_alpha*t165 + (per_sample*t164 if active > 0 else 0)
    _results[49, _lane] = dper_sample_D_beta*t165
    _results[50, _lane] = dper_sample_D_lam*t165
    _results[51, _lane] = dper_sample_D_rho*t165
    _results[52, _lane] = dper_sample_D_eta*t165
    _results[53, _lane] = dper_sample_D_decoder_variance*t165 + (-alpha*per_sample*t166 if active > 0 else 0)
    _results[54, _lane] = dapart_D_alpha*t170 + droot_D_alpha*t169 + t168
    _results[55, _lane] = dapart_D_beta*t170 + droot_D_beta*t169
    _results[56, _lane] = dapart_D_lam*t170 + droot_D_lam*t169
    _results[57, _lane] = dapart_D_rho*t170 + droot_D_rho*t169 + t171 + (deficit if active > 0 else 1)
    _results[58, _lane] = dapart_D_eta*t170 + droot_D_eta*t169 + t172
    _results[59, _lane] = dapart_D_decoder_variance*t170 + droot_D_decoder_variance*t169
    _results[60, _lane] = dgain_D_alpha*t181 + dlogarithm_D_alpha*t173 + dnarrowing_D_alpha*t174 + do_D_alpha*t177 + droot_D_alpha*t185
    _results[61, _lane] = dgain_D_beta*t181 + dlogarithm_D_beta*t173 + dnarrowing_D_beta*t174 + droot_D_beta*t185
    _results[62, _lane] = dgain_D_lam*t181 + dlogarithm_D_lam*t173 + dnarrowing_D_lam*t174 + droot_D_lam*t185
    _results[63, _lane] = dgain_D_rho*t181 + dlogarithm_D_rho*t173 + dnarrowing_D_rho*t174 + do_D_rho*t177 + droot_D_rho*t185 + (t186 if active > 0 else 0)
    _results[64, _lane] = dgain_D_eta*t181 + dlogarithm_D_eta*t173 + dnarrowing_D_eta*t174 + do_D_eta*t177 + droot_D_eta*t185 + (t175 if active > 0 else 0)
    _results[65, _lane] = dgain_D_decoder_variance*t181 + dlogarithm_D_decoder_variance*t173 + dnarrowing_D_decoder_variance*t174 + droot_D_decoder_variance*t185
    _results[66, _lane] = dgain_D_alpha*t192 + dkappa_D_alpha*t193 + dnarrowing_D_alpha*t187 + do_D_alpha*t191 + droot_D_alpha*t188 + t168
    _results[67, _lane] = dbeta_D_beta*t195 + dgain_D_beta*t192 + dkappa_D_beta*t193 + dnarrowing_D_beta*t187 + droot_D_beta*t188
    _results[68, _lane] = dgain_D_lam*t192 + dkappa_D_lam*t193 + dnarrowing_D_lam*t187 + droot_D_lam*t188
    _results[69, _lane] = dgain_D_rho*t192 + dkappa_D_rho*t193 + dnarrowing_D_rho*t187 + do_D_rho*t191 + droot_D_rho*t188 + t171 + (deficit + o*t190 if active > 0 else 1)
    _results[70, _lane] = dgain_D_eta*t192 + dkappa_D_eta*t193 + dnarrowing_D_eta*t187 + do_D_eta*t191 + droot_D_eta*t188 + t172 + (t190 if active > 0 else 1)
    _results[71, _lane] = dbeta_D_decoder_variance*t195 + dgain_D_decoder_variance*t192 + dkappa_D_decoder_variance*t193 + dnarrowing_D_decoder_variance*t187 + droot_D_decoder_variance*t188
    _results[72, _lane] = dgain_D_alpha*t203 + dkappa_D_alpha*t207 + dnarrowing_D_alpha*t215 + do_D_alpha*t202 + dprecision_D_alpha*t219 + droot_D_alpha*t223
    _results[73, _lane] = dbeta_D_beta*t232 + dgain_D_beta*t203 + dkappa_D_beta*t207 + dnarrowing_D_beta*t215 + dprecision_D_beta*t219 + droot_D_beta*t223
    _results[74, _lane] = dgain_D_lam*t203 + dkappa_D_lam*t207 + dnarrowing_D_lam*t215 + dprecision_D_lam*t219 + droot_D_lam*t223
    _results[75, _lane] = dgain_D_rho*t203 + dkappa_D_rho*t207 + dnarrowing_D_rho*t215 + do_D_rho*t202 + dprecision_D_rho*t219 + droot_D_rho*t223 + (t186*t201 if active > 0 else 0)
    _results[76, _lane] = dgain_D_eta*t203 + dkappa_D_eta*t207 + dnarrowing_D_eta*t215 + do_D_eta*t202 + dprecision_D_eta*t219 + droot_D_eta*t223 + (t175*t201 if active > 0 else 0)
    _results[77, _lane] = dbeta_D_decoder_variance*t232 + dgain_D_decoder_variance*t203 + dkappa_D_decoder_variance*t207 + dnarrowing_D_decoder_variance*t215 + dprecision_D_decoder_variance*t219 + droot_D_decoder_variance*t223 + (-root**2*t166*t184*t200 + (1/2)*root*t149*t178*t197*t198*t205 - t224*t233 - t225 - t235 if active > 0 else 0)
    _results[78, _lane] = dgain_D_alpha*t240 + dkappa_D_alpha*t241 + dnarrowing_D_alpha*t242 + do_D_alpha*t239 + dprecision_D_alpha*t245 + droot_D_alpha*t247
    _results[79, _lane] = dbeta_D_beta*t248 + dgain_D_beta*t240 + dkappa_D_beta*t241 + dnarrowing_D_beta*t242 + dprecision_D_beta*t245 + droot_D_beta*t247
    _results[80, _lane] = dgain_D_lam*t240 + dkappa_D_lam*t241 + dnarrowing_D_lam*t242 + dprecision_D_lam*t245 + droot_D_lam*t247
    _results[81, _lane] = dgain_D_rho*t240 + dkappa_D_rho*t241 + dnarrowing_D_rho*t242 + do_D_rho*t239 + dprecision_D_rho*t245 + droot_D_rho*t247 + (o*t238 if active > 0 else 0)
    _results[82, _lane] = dgain_D_eta*t240 + dkappa_D_eta*t241 + dnarrowing_D_eta*t242 + do_D_eta*t239 + dprecision_D_eta*t245 + droot_D_eta*t247 + (t238 if active > 0 else 0)
    _results[83, _lane] = dbeta_D_decoder_variance*t248 + dgain_D_decoder_variance*t240 + dkappa_D_decoder_variance*t241 + dnarrowing_D_decoder_variance*t242 + dprecision_D_decoder_variance*t245 + droot_D_decoder_variance*t247 + (t235 + t244*(root*t198*t205*t243 + t216) if active > 0 else 0)


@arrays
def point_derivatives_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, runs, result, start, end):
    if result.shape[0] != 84:
        raise ValueError("expected room for 84 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((6, BLOCK))
    found = numpy.empty((84, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        for lane in range(BLOCK):
            point_derivatives(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], found, lane)
        for k in range(84):
            scatter(found[k], result[k], first, used)


@scalar
def stationary_point(alpha, beta, lam, rho, eta, decoder_variance, eigenvalue, overlap, Q, _results, _lane):
    """What point returns, but for the phase, at any stationary Q > 0 on an eigenvalue."""
    beta_ = beta*decoder_variance
    lambda_ = decoder_variance*lam
    iota = 1/alpha
    phi = iota*lambda_
    detected = overlap
    safe_rho = (rho if detected > 0 else 1)
    t0 = phi/eigenvalue
    kappa = beta_ + t0
    t2 = eta*iota
    t3 = 1/(safe_rho + t2)
    t4 = t2*(eta + safe_rho)
    t5 = t4/safe_rho
    deficit = (t3*t5 if detected > 0 else 1)
    target = overlap*rho
    third = phi
    t7 = 2*phi
    t8 = phi + 1
    second = beta_*t8 + kappa*t7
    t9 = -kappa
    first = kappa*(beta_*(t7 + 1) - t0 + t8*(-eigenvalue/t8 - t9))
    root = Q
    gain = 1/(kappa + root)
    t10 = beta_ + root
    narrowing = 1/t10
    precision = 1/(decoder_variance + root)
    t11 = 1/beta_
    t12 = root*t11
    logarithm = log1p(t12)
    t13 = (1/2)*logarithm
    t14 = (1/2)*root
    t15 = gain*root
    per_sample = beta_*t13 - 1/2*eigenvalue*t15 + phi*t14
    length = math.sqrt(root)
    t17 = root + target
    t18 = kappa + target
    excess = (-beta_*t0*(2*beta_ + t0 + 2*target) - (beta_ + target)*(beta_*(beta_ - eta - t3*t4 - t5) + phi*(t18 - 1)*(t18 + 1)))/(first + second*t17 + third*(-root*target + t17**2))
    t19 = math.sqrt((target if detected > 0 else root))
    apart = (excess/(length + t19) if (2*root - target if -root + 2*target > 0 else 0) > 0 else length - t19)
    t20 = gain**2
    t21 = root*t20
    t22 = (length*math.sqrt((overlap if detected > 0 else 1)) if detected > 0 else 0)
    t23 = beta_*narrowing
    t24 = 1/decoder_variance
    t25 = deficit*rho
    t26 = eta + target
    t27 = t21*t26
    t28 = (1/2)*t27
    t30 = root*t24
    t29 = beta_ - decoder_variance
    t31 = narrowing*t29*t30
    t32 = precision**2*(decoder_variance + t9)**2
    t33 = -precision*t29
    t34 = log1p((t31 if t29 > 0 else t12*t33))
    t35 = (1/2)*(t34 if t29 > 0 else -t34)
    _results[0, _lane] = root
    _results[1, _lane] = t21
    _results[2, _lane] = t15
    _results[3, _lane] = t22
    _results[4, _lane] = gain*t22
    _results[5, _lane] = t23
    _results[6, _lane] = eigenvalue
    _results[7, _lane] = overlap
    _results[8, _lane] = alpha*per_sample*t24
    _results[9, _lane] = t25 + (apart**2 if detected > 0 else root)
    _results[10, _lane] = -narrowing*t14 + t13 + t28
    _results[11, _lane] = kappa**2*t20*t26 + root*t23 + t25
    _results[12, _lane] = t28*t32*(t30 + 1) + (1/2)*t31 - t35
    _results[13, _lane] = (1/2)*t11*(root*t33 + t10*t27*t32) + t35


@arrays
def stationary_point_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, runs, result, start, end):
    if result.shape[0] != 14:
        raise ValueError("expected room for 14 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((9, BLOCK))
    found = numpy.empty((14, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        for lane in range(BLOCK):
            stationary_point(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], found, lane)
        for k in range(14):
            scatter(found[k], result[k], first, used)


@scalar
def minimiser(alpha, beta, lam, eigenvalue, _results, _lane):
    """Q of the global minimum of the potential, 0 if collapsed."""
    iota = 1/alpha
    phi = iota*lam
    t0 = phi/eigenvalue
    kappa = beta + t0
    t1 = -kappa
    t2 = phi + 1
    distance = -eigenvalue/t2 - t1
    unstable = -distance
    third = phi
    t4 = 2*phi
    t5 = beta*t2
    second = kappa*t4 + t5
    first = kappa*(beta*(t4 + 1) + distance*t2 - t0)
    constant = distance*kappa*t5
    discriminant = -4*constant*second + first**2
    outward = math.fabs(first) + math.sqrt((discriminant if discriminant > 0 else 0))
    size = (outward if outward > 0 else 1)
    quadratic = (-2*constant/size if first > 0 else (1/2)*size/second)
    t6 = eigenvalue*kappa
    asymptote = t1 + (281474976710657/140737488355328)*t6/(beta + math.sqrt(beta**2 + 4*phi*t6))
    exists = (1 if unstable > 0 else ((asymptote if discriminant > 0 else 0) if -first > 0 else 0))
    above = ((asymptote if (-asymptote + quadratic if asymptote > 0 else 0) > 0 else quadratic) if exists > 0 else 1)
    linear = (first if exists > 0 else 0)
    offset = (constant if exists > 0 else -second - third)
    newton_3 = above
    t12 = newton_3*third
    t13 = linear + newton_3*(second + t12)
    newton_3 = newton_3 - (newton_3*t13 + offset)/(newton_3*(second + 2*t12) + t13)
    t12 = newton_3*third
    t13 = linear + newton_3*(second + t12)
    newton_3 = newton_3 - (newton_3*t13 + offset)/(newton_3*(second + 2*t12) + t13)
    t12 = newton_3*third
    t13 = linear + newton_3*(second + t12)
    newton_3 = newton_3 - (newton_3*t13 + offset)/(newton_3*(second + 2*t12) + t13)
    t7 = newton_3*third
    t8 = linear + newton_3*(second + t7)
    newton_4 = newton_3 - (newton_3*t8 + offset)/(newton_3*(second + 2*t7) + t8)
    t9 = newton_4*third
    t10 = linear + newton_4*(second + t9)
    newton_5 = newton_4 - (newton_4*t10 + offset)/(newton_4*(second + 2*t9) + t10)
    root = (newton_5 if newton_5 > 0 else 1)
    gain = 1/(kappa + root)
    logarithm = log1p(root/beta)
    t11 = (1/2)*root
    per_sample = (1/2)*beta*logarithm - eigenvalue*gain*t11 + phi*t11
    active = ((1 if unstable > 0 else -per_sample) if exists > 0 else 0)
    _results[0, _lane] = (root if active > 0 else 0)


@arrays
def minimiser_over_arrays(array_0, array_1, array_2, array_3, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((4, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        for lane in range(BLOCK):
            minimiser(given[0, lane], given[1, lane], given[2, lane], given[3, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def outlier(alpha, rho, eta, _results, _lane):
    """Outlier: eigenvalue, overlap, 1 - overlap."""
    iota = 1/alpha
    t0 = eta + rho
    t1 = 1/rho
    t2 = eta*iota
    t3 = t1*t2
    t4 = 1/(rho + t2)
    _results[0, _lane] = t0*(t3 + 1)
    _results[1, _lane] = t1*t4*(-eta**2*iota + rho**2)
    _results[2, _lane] = t0*t3*t4


@arrays
def outlier_over_arrays(array_0, array_1, array_2, runs, result, start, end):
    if result.shape[0] != 3:
        raise ValueError("expected room for 3 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((3, BLOCK))
    found = numpy.empty((3, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        for lane in range(BLOCK):
            outlier(given[0, lane], given[1, lane], given[2, lane], found, lane)
        for k in range(3):
            scatter(found[k], result[k], first, used)


@scalar
def detection(alpha, rho, eta, _results, _lane):
    """Positive where the signal is detected."""
    iota = 1/alpha
    _results[0, _lane] = -eta**2*iota + rho**2


@arrays
def detection_over_arrays(array_0, array_1, array_2, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((3, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        for lane in range(BLOCK):
            detection(given[0, lane], given[1, lane], given[2, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def bulk_edge(alpha, eta, _results, _lane):
    """Upper edge of the noise spectrum."""
    iota = 1/alpha
    _results[0, _lane] = eta*(math.sqrt(iota) + 1)**2


@arrays
def bulk_edge_over_arrays(array_0, array_1, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((2, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        for lane in range(BLOCK):
            bulk_edge(given[0, lane], given[1, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def detection_threshold(rho, eta, _results, _lane):
    """Samples per dimension to detect."""
    _results[0, _lane] = eta**2/rho**2


@arrays
def detection_threshold_over_arrays(array_0, array_1, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((2, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        for lane in range(BLOCK):
            detection_threshold(given[0, lane], given[1, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def collapse_threshold(alpha, lam, eigenvalue, _results, _lane):
    """Least beta of stable collapse."""
    iota = 1/alpha
    phi = iota*lam
    _results[0, _lane] = eigenvalue/(phi + 1) - phi/eigenvalue


@arrays
def collapse_threshold_over_arrays(array_0, array_1, array_2, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((3, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        for lane in range(BLOCK):
            collapse_threshold(given[0, lane], given[1, lane], given[2, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def cubic_coefficients(alpha, beta, lam, eigenvalue, _results, _lane):
    """Stationarity cubic in Q, over alpha."""
    iota = 1/alpha
    phi = iota*lam
    t0 = phi/eigenvalue
    kappa = beta + t0
    t1 = 2*phi
    t2 = phi + 1
    t3 = beta*t2
    t4 = -eigenvalue/t2 + kappa
    _results[0, _lane] = phi
    _results[1, _lane] = kappa*t1 + t3
    _results[2, _lane] = kappa*(beta*(t1 + 1) - t0 + t2*t4)
    _results[3, _lane] = kappa*t3*t4


@arrays
def cubic_coefficients_over_arrays(array_0, array_1, array_2, array_3, runs, result, start, end):
    if result.shape[0] != 4:
        raise ValueError("expected room for 4 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((4, BLOCK))
    found = numpy.empty((4, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        for lane in range(BLOCK):
            cubic_coefficients(given[0, lane], given[1, lane], given[2, lane], given[3, lane], found, lane)
        for k in range(4):
            scatter(found[k], result[k], first, used)


@scalar
def potential(alpha, beta, lam, eigenvalue, Q, _results, _lane):
    """Potential of one latent."""
    iota = 1/alpha
    phi = iota*lam
    kappa = beta + phi/eigenvalue
    t0 = (1/2)*Q
    _results[0, _lane] = alpha*((1/2)*beta*log1p(Q/beta) - eigenvalue*t0/(Q + kappa) + phi*t0)


@arrays
def potential_over_arrays(array_0, array_1, array_2, array_3, array_4, runs, result, start, end):
    if result.shape[0] != 1:
        raise ValueError("expected room for 1 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((5, BLOCK))
    found = numpy.empty((1, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        for lane in range(BLOCK):
            potential(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], found, lane)
        for k in range(1):
            scatter(found[k], result[k], first, used)


@scalar
def observables(alpha, beta, lam, rho, eta, decoder_variance, eigenvalue, overlap, Q, _results, _lane):
    """Of a latent, beyond collapse: rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational."""
    iota = 1/alpha
    phi = iota*lam
    kappa = beta + phi/eigenvalue
    t0 = Q + beta
    t1 = 1/t0
    t2 = Q*t1
    t3 = 1/beta
    t4 = Q*t3
    t5 = (eta + overlap*rho)/(Q + kappa)**2
    t6 = Q*t5
    t7 = (1/2)*t6
    t9 = Q/decoder_variance
    t8 = beta - decoder_variance
    t10 = t1*t8*t9
    t11 = Q + decoder_variance
    t12 = (decoder_variance - kappa)**2/t11**2
    t13 = -t8/t11
    t14 = log1p((t10 if t8 > 0 else t13*t4))
    t15 = (1/2)*(t14 if t8 > 0 else -t14)
    _results[0, _lane] = -1/2*t2 + t7 + (1/2)*log1p(t4)
    _results[1, _lane] = beta*t2 + kappa**2*t5
    _results[2, _lane] = (math.sqrt(Q) - math.sqrt(overlap)*math.sqrt(rho))**2
    _results[3, _lane] = (1/2)*t10 + t12*t7*(t9 + 1) - t15
    _results[4, _lane] = t15 + (1/2)*t3*(Q*t13 + t0*t12*t6)


@arrays
def observables_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, array_8, runs, result, start, end):
    if result.shape[0] != 5:
        raise ValueError("expected room for 5 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((9, BLOCK))
    found = numpy.empty((5, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        gather(array_8, runs[8], first, used, points, given[8])
        for lane in range(BLOCK):
            observables(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], given[8, lane], found, lane)
        for k in range(5):
            scatter(found[k], result[k], first, used)


@scalar
def outlier_fluctuations(alpha, rho, eta, _results, _lane):
    """Over data sets, times P: variance of the outlier, its covariance with the overlap, variance of that."""
    t0 = rho**2
    t1 = eta**2
    t2 = alpha*t0
    t3 = -t1 + t2
    t4 = eta + rho
    t5 = 2*t4**2
    t6 = alpha*rho
    t7 = eta + t6
    t8 = alpha**2
    _results[0, _lane] = t3*t5/(alpha*t0)
    _results[1, _lane] = 2*alpha*eta*t4**3/(rho*t7**2)
    _results[2, _lane] = t1*t5*t8*(alpha*t1 + 4*eta*t6 + t0*t8 + t1 + t2)/(t3*t7**4)


@arrays
def outlier_fluctuations_over_arrays(array_0, array_1, array_2, runs, result, start, end):
    if result.shape[0] != 3:
        raise ValueError("expected room for 3 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((3, BLOCK))
    found = numpy.empty((3, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        for lane in range(BLOCK):
            outlier_fluctuations(given[0, lane], given[1, lane], given[2, lane], found, lane)
        for k in range(3):
            scatter(found[k], result[k], first, used)


@scalar
def responses(alpha, beta, lam, rho, eta, eigenvalue, overlap, Q, _results, _lane):
    """Slopes in (eigenvalue, overlap) on the outlier of eigenvalue, overlap, Q, free_energy, rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational."""
    t0 = lam**3
    t1 = 2*Q
    t2 = lam**2
    t3 = alpha*beta
    t4 = 2*t3
    t5 = alpha**3
    t6 = eigenvalue**3
    t7 = t5*t6
    t8 = eigenvalue*t3
    t9 = Q*t2
    t10 = 4*t9
    t12 = alpha**2
    t11 = 2*lam
    t13 = eigenvalue*t12
    t14 = t11*t13
    t15 = beta*t14
    t16 = beta**2
    t17 = Q**2
    t18 = 2*t17
    t19 = alpha*eigenvalue
    t20 = t19*t2
    t21 = 2*t16
    t22 = eigenvalue**2
    t23 = t22*t5
    t24 = t12*t22
    t25 = lam*t24
    t26 = 3*t25
    t27 = (Q*beta*t7 + Q*t15 + 2*beta*t0 + t0*t1 + t10*t8 + t14*t16 + t16*t7 + t18*t20 + t2*t4 + t20*t21)/(eigenvalue*(-6*Q*beta*t25 - beta*t1*t23 + beta*t5*t6 + lam*t12*t22 - t0 - t10*t19 - t15 - t16*t26 - t17*t26 - 4*t2*t8 - t21*t23))
    t28 = Q*alpha
    t29 = 2*t28
    t30 = eigenvalue*t29
    t31 = eigenvalue*t4 + t11 + t30
    t32 = 1/t31
    t33 = beta*lam
    t34 = alpha*t17
    t35 = lam*t34
    t36 = -t29 - t4
    t37 = eigenvalue*t28
    t38 = Q*t24
    t39 = (eigenvalue*t35 + t33*t37 - t38 + t9)/t31**2
    t40 = Q + beta
    t41 = 1/t40
    t42 = (1/2)*t41
    t43 = 2*t19
    t44 = Q*eta
    t45 = lam + t37 + t8
    t46 = 1/t45**2
    t47 = t13*t46
    t48 = overlap*rho
    t49 = Q*t48
    t50 = (1/2)*eta
    t51 = 1/t45**3
    t52 = t36*t38*t51
    t53 = -t42
    t54 = beta/t40**2
    t55 = (1/2)*t54
    t56 = t51*t7
    t57 = t44*t56
    t58 = t49*t56
    t59 = t38*t46
    t60 = (1/2)*t59
    t61 = rho*t60
    t62 = 1/t45
    t63 = eta*t62
    t64 = t48*t62
    t65 = t46*(-t28 - t3)
    t66 = eta*t65
    t67 = t48*t65
    t68 = beta*t41
    t69 = Q*t54 - t68
    t70 = rho*t62
    t71 = t24*t46
    t72 = rho*t71
    t73 = t17*t72
    t74 = math.sqrt(Q)
    t75 = math.sqrt(overlap)
    t76 = math.sqrt(rho)
    t77 = Q + 1
    t78 = 1/t77
    t79 = t63*t78
    t80 = t64*t78
    t81 = t66*t78
    t82 = t67*t78
    t83 = eigenvalue*t34
    t84 = (1/2)*t78
    t85 = 4*Q
    t86 = t18 + t85 + 2
    t87 = 1/t86
    t88 = eta*t87
    t89 = rho*t87
    t90 = overlap*t89
    t91 = (-t85 - 4)/t86**2
    t92 = t50*t71
    t93 = eta*t59
    t94 = t17*t91
    t95 = (1/2)*overlap*t72
    t96 = 1/t77**2
    t97 = t63*t96
    t98 = t48*t59
    t99 = t64*t96
    t100 = eta*t17
    t101 = t70*t78
    t102 = 1/beta
    t103 = Q*t68 + t68
    t104 = 1/t103
    t105 = t104*t63
    t106 = t104*t64
    t107 = t104*t37
    t108 = t1 + 2
    t109 = 1/t108**2
    t110 = t102*t40
    t111 = 2*t68
    t112 = t68*t85
    t113 = t111 + t112 + t18*t68
    t114 = 1/t113
    t115 = rho*t114
    t116 = 2*t54
    t117 = t37*(t54 + t69)/t103**2
    t118 = (-t112 + t116 + t18*t54 + t54*t85 - 4*t68)/t113**2
    _results[0, _lane] = 1
    _results[1, _lane] = 0
    _results[2, _lane] = 0
    _results[3, _lane] = 1
    _results[4, _lane] = -t27
    _results[5, _lane] = 0
    _results[6, _lane] = -t27*(t3*t42 + t32*(lam*t8 + t11*t37 + t2 - t24) - t39*t43) + t32*(-t1*t13 + t28*t33 + t35) + t36*t39
    _results[7, _lane] = 0
    _results[8, _lane] = -t27*((1/2)*eta*t12*t22*t46 + (1/2)*overlap*rho*t12*t22*t46 - t53 - t55 - t57 - t58) + t44*t47 + t47*t49 + (1/2)*t48*t52 + t50*t52
    _results[9, _lane] = t61
    _results[10, _lane] = 2*eigenvalue*eta*t12*t17*t46 + 2*eigenvalue*overlap*rho*t12*t17*t46 + eta*t12*t17*t22*t36*t51 + overlap*rho*t12*t17*t22*t36*t51 - t27*(4*Q*eta*t12*t22*t46 + 4*Q*overlap*rho*t12*t22*t46 - eta*t18*t56 - t18*t48*t56 - t43*t63 - t43*t64 - t69) - t29*t63 - t29*t64 - t30*t66 - t30*t67
    _results[11, _lane] = -t30*t70 + t73
    _results[12, _lane] = -t27*(1 - t75*t76/t74)
    _results[13, _lane] = -t74*t76/t75
    _results[14, _lane] = Q*eigenvalue*eta*t12*t46 + Q*eigenvalue*overlap*rho*t12*t46 + (1/2)*Q*eta*t12*t22*t36*t51 + (1/2)*Q*overlap*rho*t12*t22*t36*t51 + eigenvalue*eta*t12*t17*t46 + eigenvalue*overlap*rho*t12*t17*t46 + (1/2)*eta*t12*t17*t22*t36*t51 + (1/2)*overlap*rho*t12*t17*t22*t36*t51 - t27*(-Q*t55 + beta*t42 + eta*t94 + overlap*t73*t78 + t1*t88 + t1*t90 - t100*t56 + t100*t71*t78 - t17*t48*t56 - t19*t79 - t19*t80 - t30*t79 - t30*t80 + t37*t97 + t37*t99 + t42 + t44*t91 + t48*t94 + t49*t91 - t55 - t57 - t58 + t78*t93 + t78*t98 + t83*t97 + t83*t99 - t84 + t88 + t90 + t92 + t93 + t95 + t98) - t28*t79 - t28*t80 - t34*t79 - t34*t80 - t37*t81 - t37*t82 - t81*t83 - t82*t83
    _results[15, _lane] = Q*t89 - t101*t37 - t101*t83 + t17*t89 + t61 + (1/2)*t73
    _results[16, _lane] = Q*eigenvalue*eta*t102*t12*t40*t46 + Q*eigenvalue*overlap*rho*t102*t12*t40*t46 + (1/2)*Q*eta*t102*t12*t22*t36*t40*t51 + (1/2)*Q*overlap*rho*t102*t12*t22*t36*t40*t51 - t105*t28 - t106*t28 - t107*t66 - t107*t67 - t27*(eta*t114 + overlap*t115 + t1*t109 + t102*t48*t60 + t102*t50*t59 + t104*t93 + t104*t98 - t105*t19 - t106*t19 + 2*t109 - t110*t57 - t110*t58 + t110*t92 + t110*t95 - t117*t63 - t117*t64 + t118*t44 + t118*t49 + t53 + t84 + (t1*t54 - t111 + t116)/(t1*t68 + t111)**2 - 1/t108)
    _results[17, _lane] = Q*t115 - t107*t70 + t110*t61


@arrays
def responses_over_arrays(array_0, array_1, array_2, array_3, array_4, array_5, array_6, array_7, runs, result, start, end):
    if result.shape[0] != 18:
        raise ValueError("expected room for 18 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((8, BLOCK))
    found = numpy.empty((18, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        gather(array_5, runs[5], first, used, points, given[5])
        gather(array_6, runs[6], first, used, points, given[6])
        gather(array_7, runs[7], first, used, points, given[7])
        for lane in range(BLOCK):
            responses(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], given[5, lane], given[6, lane], given[7, lane], found, lane)
        for k in range(18):
            scatter(found[k], result[k], first, used)


@scalar
def plateau_coefficients(beta, lam, rho, eta, _results, _lane):
    """Quadratic in alpha, positive where collapse is unstable."""
    t0 = rho**3
    t1 = beta*t0
    t2 = eta**2
    t3 = rho**2
    t4 = beta*eta
    t5 = t3*t4
    t6 = lam*t3
    t7 = beta*rho*t2
    t8 = -2*eta**3*rho + t4*t6
    _results[0, _lane] = 2*eta*t0 + rho**4 - t1 + t2*t3 - t5
    _results[1, _lane] = 2*eta*t0 - lam*t1 + 4*t2*t3 - t5 - t6 - t7 - t8
    _results[2, _lane] = eta**4 - lam**2*t3 - lam*t7 + t2*t3 - t8


@arrays
def plateau_coefficients_over_arrays(array_0, array_1, array_2, array_3, runs, result, start, end):
    if result.shape[0] != 3:
        raise ValueError("expected room for 3 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((4, BLOCK))
    found = numpy.empty((3, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        for lane in range(BLOCK):
            plateau_coefficients(given[0, lane], given[1, lane], given[2, lane], given[3, lane], found, lane)
        for k in range(3):
            scatter(found[k], result[k], first, used)


@scalar
def optimal_beta_coefficients(alpha, lam, rho, eta, eigenvalue, _results, _lane):
    """Cubic in beta whose roots make Q = rho o stationary, on the outlier."""
    iota = 1/alpha
    phi = iota*lam
    t0 = phi + 1
    t1 = eta*iota
    t2 = 1/(rho + t1)
    t3 = -eta**2*iota + rho**2
    t4 = 1/eigenvalue
    t5 = t1*(eta + rho)
    t6 = t2*t3
    t7 = phi*t4 + t6
    t8 = eta - 2*phi*t4 - 2*phi*t7 + t2*t5 + t5/rho
    t9 = phi*(t7 - 1)*(t7 + 1)
    _results[0, _lane] = t0
    _results[1, _lane] = t0*t2*t3 - t8
    _results[2, _lane] = -t6*t8 + t9 + phi**2/eigenvalue**2
    _results[3, _lane] = t6*t9


@arrays
def optimal_beta_coefficients_over_arrays(array_0, array_1, array_2, array_3, array_4, runs, result, start, end):
    if result.shape[0] != 4:
        raise ValueError("expected room for 4 results; generate the source again")
    points = result.shape[1]
    given = numpy.ones((5, BLOCK))
    found = numpy.empty((4, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
        gather(array_0, runs[0], first, used, points, given[0])
        gather(array_1, runs[1], first, used, points, given[1])
        gather(array_2, runs[2], first, used, points, given[2])
        gather(array_3, runs[3], first, used, points, given[3])
        gather(array_4, runs[4], first, used, points, given[4])
        for lane in range(BLOCK):
            optimal_beta_coefficients(given[0, lane], given[1, lane], given[2, lane], given[3, lane], given[4, lane], found, lane)
        for k in range(4):
            scatter(found[k], result[k], first, used)
