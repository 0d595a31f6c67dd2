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
    for lane in range(used):
        part[lane] = row[lane]


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
    deficit = (t1*t4*t5 if detected > 0 else 1)
    target = o*rho
    t6 = phi/Lambda
    kappa = beta_ + t6
    t7 = -kappa
    t8 = phi + 1
    t9 = -Lambda/t8 - t7
    distance = t9
    third = phi
    t10 = 2*phi
    t11 = beta_*t8
    second = kappa*t10 + t11
    first = kappa*(beta_*(t10 + 1) - t6 + t8*t9)
    constant = kappa*t11*t9
    discriminant = -4*constant*second + first**2
    outward = math.fabs(first) + math.sqrt((discriminant if discriminant > 0 else 0))
    size = (outward if outward > 0 else 1)
    quadratic = (-2*constant/size if first > 0 else (1/2)*size/second)
    t12 = Lambda*kappa
    asymptote = (281474976710657/140737488355328)*t12/(beta_ + math.sqrt(beta_**2 + 4*phi*t12)) + t7
    exists = (1 if -distance > 0 else (((asymptote if asymptote > 0 else 0) if discriminant > 0 else 0) if -first > 0 else 0))
    above = (((asymptote if -asymptote + quadratic > 0 else quadratic) if asymptote > 0 else quadratic) if exists > 0 else 1)
    linear = (first if exists > 0 else 0)
    offset = (constant if exists > 0 else -second - third)
    newton_3 = above
    t13 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t13)) + offset)/(linear + newton_3*(2*second + 3*t13))
    t13 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t13)) + offset)/(linear + newton_3*(2*second + 3*t13))
    t13 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t13)) + offset)/(linear + newton_3*(2*second + 3*t13))
    t14 = newton_3*third
    t15 = 2*second
    newton_4 = newton_3 - (newton_3*(linear + newton_3*(second + t14)) + offset)/(linear + newton_3*(3*t14 + t15))
    t16 = newton_4*third
    newton_5 = newton_4 - (newton_4*(linear + newton_4*(second + t16)) + offset)/(linear + newton_4*(t15 + 3*t16))
    root = (newton_5 if newton_5 > 0 else 1)
    gain = 1/(kappa + root)
    narrowing = 1/(beta_ + root)
    precision = 1/(decoder_variance + root)
    logarithm = log1p(root/beta_)
    t17 = (1/2)*root
    per_sample = -Lambda*gain*t17 + (1/2)*beta_*logarithm + phi*t17
    active = ((1 if -distance > 0 else -per_sample) if exists > 0 else 0)
    t18 = gain**2
    t19 = root*t18
    t20 = math.sqrt(root)
    t21 = (t20*math.sqrt((o if detected > 0 else 1)) if detected > 0 else 0)
    t22 = beta_*narrowing
    t23 = 1/decoder_variance
    t24 = deficit*rho
    t25 = math.sqrt((target if detected > 0 else root))
    t26 = beta_ + target
    t27 = phi/Lambda
    t28 = t26 + t27
    t29 = eta*iota
    t30 = safe_rho**2
    t31 = iota**2
    t32 = (1/2)*root
    t33 = eta + o*rho
    t34 = t19*t33
    t35 = (1/2)*t34
    t36 = beta_ - decoder_variance
    t37 = root*t23
    t38 = (1/2)*narrowing*t37
    t39 = t36*t38
    t40 = precision**2*(decoder_variance - kappa)**2
    t41 = -precision*t36
    t42 = 1/beta_
    t43 = t32*t42
    t44 = math.fabs(t36)
    t45 = (1/2)*log1p(precision*t43*t44 + t41*t43)
    t46 = (1/2)*log1p(t38*t44 + t39)
    _results[0, _lane] = (root if active > 0 else 0)
    _results[1, _lane] = (t19 if active > 0 else 0)
    _results[2, _lane] = (gain*root if active > 0 else 0)
    _results[3, _lane] = (t21 if active > 0 else 0)
    _results[4, _lane] = (gain*t21 if active > 0 else 0)
    _results[5, _lane] = (t22 if active > 0 else 1)
    _results[6, _lane] = Lambda
    _results[7, _lane] = o
    _results[8, _lane] = ((2 if detected > 0 else 1) if active > 0 else 0)
    _results[9, _lane] = (alpha*per_sample*t23 if active > 0 else 0)
    _results[10, _lane] = (t24 + (((-t26*(2*beta_*t27 + beta_*(beta_ - eta*(eta**2*t31 + eta*safe_rho*t31 + 2*iota*t30 + 3*safe_rho*t29 + t30)/(safe_rho*(safe_rho + t29))) + phi*(t28 - 1)*(t28 + 1)) - beta_*phi**2/Lambda**2)**2/((t20 + t25)**2*(first + second*(root + target) + third*(root**2 + root*target + target**2))**2) if (2*root - target if -root + 2*target > 0 else 0) > 0 else (t20 - t25)**2) if detected > 0 else root) if active > 0 else rho)
    _results[11, _lane] = ((1/2)*logarithm - narrowing*t32 + t35 if active > 0 else 0)
    _results[12, _lane] = (kappa**2*t18*t33 + root*t22 + t24 if active > 0 else eta + rho)
    _results[13, _lane] = (t35*t40*(t37 + 1) + t39 + t45 - t46 if active > 0 else 0)
    _results[14, _lane] = ((1/2)*t42*(root*t41 + t34*t40*(beta_ + root)) - t45 + t46 if active > 0 else 0)


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
    dsafe_inverse_D_alpha = diota_D_alpha*(0 if detected > 0 else 1)
    t2 = eta + safe_rho
    t3 = 1/safe_rho
    t4 = eta*iota
    t5 = t3*t4
    t6 = t5 + 1
    t7 = math.sqrt(safe_inverse)
    t8 = t7 + 1
    t9 = t8**2
    Lambda = (t2*t6 if detected > 0 else eta*t9)
    t10 = t2*t3
    t11 = iota*t10
    dLambda_D_eta = (t11 + t6 if detected > 0 else t9)
    t12 = eta*t10
    dLambda_D_alpha = diota_D_alpha*(t12 if detected > 0 else 0) + dsafe_inverse_D_alpha*(0 if detected > 0 else eta*t8/t7)
    t13 = safe_rho**2
    t14 = 1/t13
    t15 = t2*t4
    dLambda_D_rho = dsafe_rho_D_rho*(-t14*t15 + t6 if detected > 0 else 0)
    t16 = -t1 + t13
    t17 = safe_rho + t4
    t18 = 1/t17
    t19 = t18*t3
    o = (t16*t19 if detected > 0 else 0)
    t20 = 1/t17**2
    t21 = t16*t20*t3
    do_D_eta = (-iota*t21 - 2*t18*t5 if detected > 0 else 0)
    do_D_alpha = diota_D_alpha*(-eta*t21 - t0*t19 if detected > 0 else 0)
    t22 = t14*t18
    do_D_rho = dsafe_rho_D_rho*(-t16*t22 + 2*t18 - t21 if detected > 0 else 0)
    t23 = t18*t5
    deficit = (t2*t23 if detected > 0 else 1)
    ddeficit_D_eta = (-iota**2*t12*t20 + t11*t18 + t23 if detected > 0 else 0)
    ddeficit_D_alpha = diota_D_alpha*(eta*t18*t2*t3 - t1*t10*t20 if detected > 0 else 0)
    ddeficit_D_rho = dsafe_rho_D_rho*(eta*iota*t18*t3 - t15*t22 - t2*t20*t5 if detected > 0 else 0)
    target = o*rho
    dtarget_D_eta = do_D_eta*rho
    dtarget_D_alpha = do_D_alpha*rho
    dtarget_D_rho = do_D_rho*rho + o
    t24 = 1/Lambda
    t25 = phi*t24
    kappa = beta_ + t25
    t26 = 1/Lambda**2
    t27 = phi*t26
    dkappa_D_eta = -dLambda_D_eta*t27
    dkappa_D_alpha = -dLambda_D_alpha*t27 + dphi_D_alpha*t24
    dkappa_D_rho = -dLambda_D_rho*t27
    dkappa_D_beta = dbeta_D_beta
    dkappa_D_decoder_variance = dbeta_D_decoder_variance + dphi_D_decoder_variance*t24
    dkappa_D_lam = dphi_D_lam*t24
    t28 = -kappa
    t29 = phi + 1
    t30 = Lambda/t29
    t31 = -t28 - t30
    distance = t31
    third = phi
    dthird_D_alpha = dphi_D_alpha
    dthird_D_lam = dphi_D_lam
    dthird_D_decoder_variance = dphi_D_decoder_variance
    t32 = 2*kappa
    t33 = beta_*t29
    second = phi*t32 + t33
    t34 = 2*phi
    t35 = dbeta_D_beta*t29
    dsecond_D_beta = dkappa_D_beta*t34 + t35
    t36 = dbeta_D_decoder_variance*t29
    t37 = beta_ + t32
    dsecond_D_decoder_variance = dkappa_D_decoder_variance*t34 + dphi_D_decoder_variance*t37 + t36
    dsecond_D_eta = dkappa_D_eta*t34
    dsecond_D_alpha = dkappa_D_alpha*t34 + dphi_D_alpha*t37
    dsecond_D_rho = dkappa_D_rho*t34
    dsecond_D_lam = dkappa_D_lam*t34 + dphi_D_lam*t37
    t38 = t34 + 1
    t39 = beta_*t38 - t25 + t29*t31
    first = kappa*t39
    t40 = kappa*(phi*t26 - 1)
    t41 = kappa*t29 + t39
    dfirst_D_eta = dLambda_D_eta*t40 + dkappa_D_eta*t41
    t42 = kappa*(2*beta_ + kappa - t24)
    dfirst_D_alpha = dLambda_D_alpha*t40 + dkappa_D_alpha*t41 + dphi_D_alpha*t42
    dfirst_D_rho = dLambda_D_rho*t40 + dkappa_D_rho*t41
    t43 = kappa*t38
    dfirst_D_beta = dbeta_D_beta*t43 + dkappa_D_beta*t41
    dfirst_D_decoder_variance = dbeta_D_decoder_variance*t43 + dkappa_D_decoder_variance*t41 + dphi_D_decoder_variance*t42
    dfirst_D_lam = dkappa_D_lam*t41 + dphi_D_lam*t42
    t44 = kappa*t33
    constant = t31*t44
    t45 = beta_*kappa
    t46 = t31*t33 + t44
    dconstant_D_eta = -dLambda_D_eta*t45 + dkappa_D_eta*t46
    t47 = t30*t45 + t31*t45
    dconstant_D_alpha = -dLambda_D_alpha*t45 + dkappa_D_alpha*t46 + dphi_D_alpha*t47
    dconstant_D_rho = -dLambda_D_rho*t45 + dkappa_D_rho*t46
    t48 = kappa*t31
    dconstant_D_beta = dkappa_D_beta*t46 + t35*t48
    dconstant_D_decoder_variance = dkappa_D_decoder_variance*t46 + dphi_D_decoder_variance*t47 + t36*t48
    dconstant_D_lam = dkappa_D_lam*t46 + dphi_D_lam*t47
    discriminant = -4*constant*second + first**2
    outward = math.fabs(first) + math.sqrt((discriminant if discriminant > 0 else 0))
    size = (outward if outward > 0 else 1)
    quadratic = (-2*constant/size if first > 0 else (1/2)*size/second)
    t49 = Lambda*kappa
    asymptote = t28 + (281474976710657/140737488355328)*t49/(beta_ + math.sqrt(beta_**2 + 4*phi*t49))
    exists = (1 if -distance > 0 else (((asymptote if asymptote > 0 else 0) if discriminant > 0 else 0) if -first > 0 else 0))
    above = (((asymptote if -asymptote + quadratic > 0 else quadratic) if asymptote > 0 else quadratic) if exists > 0 else 1)
    linear = (first if exists > 0 else 0)
    t50 = (1 if exists > 0 else 0)
    dlinear_D_eta = dfirst_D_eta*t50
    dlinear_D_alpha = dfirst_D_alpha*t50
    dlinear_D_rho = dfirst_D_rho*t50
    dlinear_D_beta = dfirst_D_beta*t50
    dlinear_D_decoder_variance = dfirst_D_decoder_variance*t50
    dlinear_D_lam = dfirst_D_lam*t50
    offset = (constant if exists > 0 else -second - third)
    t51 = (0 if exists > 0 else -1)
    doffset_D_eta = dconstant_D_eta*t50 + dsecond_D_eta*t51
    doffset_D_alpha = dconstant_D_alpha*t50 + dsecond_D_alpha*t51 + dthird_D_alpha*t51
    doffset_D_rho = dconstant_D_rho*t50 + dsecond_D_rho*t51
    doffset_D_beta = dconstant_D_beta*t50 + dsecond_D_beta*t51
    doffset_D_decoder_variance = dconstant_D_decoder_variance*t50 + dsecond_D_decoder_variance*t51 + dthird_D_decoder_variance*t51
    doffset_D_lam = dconstant_D_lam*t50 + dsecond_D_lam*t51 + dthird_D_lam*t51
    newton_3 = above
    t52 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t52)) + offset)/(linear + newton_3*(2*second + 3*t52))
    t52 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t52)) + offset)/(linear + newton_3*(2*second + 3*t52))
    t52 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t52)) + offset)/(linear + newton_3*(2*second + 3*t52))
    t53 = newton_3*third
    t54 = newton_3*(linear + newton_3*(second + t53)) + offset
    t55 = 2*second
    t56 = linear + newton_3*(3*t53 + t55)
    t57 = 1/t56
    newton_4 = newton_3 - t54*t57
    t58 = 1/t56**2
    t59 = -newton_3*t57 + t54*t58
    t60 = newton_3**2
    t61 = 2*newton_3*t54*t58 - t57*t60
    dnewton_4_D_eta = dlinear_D_eta*t59 - doffset_D_eta*t57 + dsecond_D_eta*t61
    t62 = -newton_3**3*t57 + 3*t54*t58*t60
    dnewton_4_D_alpha = dlinear_D_alpha*t59 - doffset_D_alpha*t57 + dsecond_D_alpha*t61 + dthird_D_alpha*t62
    dnewton_4_D_rho = dlinear_D_rho*t59 - doffset_D_rho*t57 + dsecond_D_rho*t61
    dnewton_4_D_beta = dlinear_D_beta*t59 - doffset_D_beta*t57 + dsecond_D_beta*t61
    dnewton_4_D_decoder_variance = dlinear_D_decoder_variance*t59 - doffset_D_decoder_variance*t57 + dsecond_D_decoder_variance*t61 + dthird_D_decoder_variance*t62
    dnewton_4_D_lam = dlinear_D_lam*t59 - doffset_D_lam*t57 + dsecond_D_lam*t61 + dthird_D_lam*t62
    t63 = newton_4*third
    t64 = linear + newton_4*(second + t63)
    t65 = newton_4*t64 + offset
    t66 = linear + newton_4*(t55 + 3*t63)
    t67 = 1/t66
    newton_5 = newton_4 - t65*t67
    t68 = 1/t66**2
    t69 = -newton_4*t67 + t65*t68
    t70 = newton_4**2
    t71 = 2*newton_4*t65*t68 - t67*t70
    t72 = -t65*t68*(-t55 - 6*t63) - t67*(newton_4*(second + 2*t63) + t64) + 1
    dnewton_5_D_eta = dlinear_D_eta*t69 + dnewton_4_D_eta*t72 - doffset_D_eta*t67 + dsecond_D_eta*t71
    t73 = -newton_4**3*t67 + 3*t65*t68*t70
    dnewton_5_D_alpha = dlinear_D_alpha*t69 + dnewton_4_D_alpha*t72 - doffset_D_alpha*t67 + dsecond_D_alpha*t71 + dthird_D_alpha*t73
    dnewton_5_D_rho = dlinear_D_rho*t69 + dnewton_4_D_rho*t72 - doffset_D_rho*t67 + dsecond_D_rho*t71
    dnewton_5_D_beta = dlinear_D_beta*t69 + dnewton_4_D_beta*t72 - doffset_D_beta*t67 + dsecond_D_beta*t71
    dnewton_5_D_decoder_variance = dlinear_D_decoder_variance*t69 + dnewton_4_D_decoder_variance*t72 - doffset_D_decoder_variance*t67 + dsecond_D_decoder_variance*t71 + dthird_D_decoder_variance*t73
    dnewton_5_D_lam = dlinear_D_lam*t69 + dnewton_4_D_lam*t72 - doffset_D_lam*t67 + dsecond_D_lam*t71 + dthird_D_lam*t73
    root = (newton_5 if newton_5 > 0 else 1)
    t74 = (1 if newton_5 > 0 else 0)
    droot_D_eta = dnewton_5_D_eta*t74
    droot_D_alpha = dnewton_5_D_alpha*t74
    droot_D_rho = dnewton_5_D_rho*t74
    droot_D_beta = dnewton_5_D_beta*t74
    droot_D_decoder_variance = dnewton_5_D_decoder_variance*t74
    droot_D_lam = dnewton_5_D_lam*t74
    t75 = kappa + root
    gain = 1/t75
    t76 = 1/t75**2
    dgain_D_eta = -dkappa_D_eta*t76 - droot_D_eta*t76
    dgain_D_alpha = -dkappa_D_alpha*t76 - droot_D_alpha*t76
    dgain_D_rho = -dkappa_D_rho*t76 - droot_D_rho*t76
    dgain_D_beta = -dkappa_D_beta*t76 - droot_D_beta*t76
    dgain_D_decoder_variance = -dkappa_D_decoder_variance*t76 - droot_D_decoder_variance*t76
    dgain_D_lam = -dkappa_D_lam*t76 - droot_D_lam*t76
    t77 = beta_ + root
    narrowing = 1/t77
    t78 = 1/t77**2
    dnarrowing_D_beta = -dbeta_D_beta*t78 - droot_D_beta*t78
    dnarrowing_D_decoder_variance = -dbeta_D_decoder_variance*t78 - droot_D_decoder_variance*t78
    dnarrowing_D_eta = -droot_D_eta*t78
    dnarrowing_D_alpha = -droot_D_alpha*t78
    dnarrowing_D_rho = -droot_D_rho*t78
    dnarrowing_D_lam = -droot_D_lam*t78
    t79 = decoder_variance + root
    precision = 1/t79
    t80 = 1/t79**2
    dprecision_D_eta = -droot_D_eta*t80
    dprecision_D_alpha = -droot_D_alpha*t80
    dprecision_D_rho = -droot_D_rho*t80
    dprecision_D_beta = -droot_D_beta*t80
    dprecision_D_decoder_variance = -droot_D_decoder_variance*t80 - t80
    dprecision_D_lam = -droot_D_lam*t80
    t81 = 1/beta_
    t82 = root*t81
    logarithm = log1p(t82)
    t83 = 1/(t82 + 1)
    t84 = t81*t83
    t85 = root*t83/beta_**2
    dlogarithm_D_beta = -dbeta_D_beta*t85 + droot_D_beta*t84
    dlogarithm_D_decoder_variance = -dbeta_D_decoder_variance*t85 + droot_D_decoder_variance*t84
    dlogarithm_D_eta = droot_D_eta*t84
    dlogarithm_D_alpha = droot_D_alpha*t84
    dlogarithm_D_rho = droot_D_rho*t84
    dlogarithm_D_lam = droot_D_lam*t84
    t86 = (1/2)*beta_
    t87 = (1/2)*Lambda
    t88 = gain*t87
    per_sample = logarithm*t86 + (1/2)*phi*root - root*t88
    t89 = root*t87
    t90 = (1/2)*root
    t91 = gain*t90
    t92 = (1/2)*phi - t88
    dper_sample_D_eta = (1/2)*beta_*dlogarithm_D_eta - dLambda_D_eta*t91 - dgain_D_eta*t89 + droot_D_eta*t92
    dper_sample_D_alpha = -dLambda_D_alpha*t91 - dgain_D_alpha*t89 + dlogarithm_D_alpha*t86 + dphi_D_alpha*t90 + droot_D_alpha*t92
    dper_sample_D_rho = (1/2)*beta_*dlogarithm_D_rho - dLambda_D_rho*t91 - dgain_D_rho*t89 + droot_D_rho*t92
    t93 = (1/2)*logarithm
    dper_sample_D_beta = dbeta_D_beta*t93 - dgain_D_beta*t89 + dlogarithm_D_beta*t86 + droot_D_beta*t92
    dper_sample_D_decoder_variance = dbeta_D_decoder_variance*t93 - dgain_D_decoder_variance*t89 + dlogarithm_D_decoder_variance*t86 + dphi_D_decoder_variance*t90 + droot_D_decoder_variance*t92
    dper_sample_D_lam = -dgain_D_lam*t89 + dlogarithm_D_lam*t86 + dphi_D_lam*t90 + droot_D_lam*t92
    active = ((1 if -distance > 0 else -per_sample) if exists > 0 else 0)
    t94 = (1 if active > 0 else 0)
    t95 = gain**2
    t96 = (t95 if active > 0 else 0)
    t97 = 2*root
    t98 = (gain*t97 if active > 0 else 0)
    t99 = (root if active > 0 else 0)
    t100 = (gain if active > 0 else 0)
    t101 = math.sqrt(root)
    t102 = 1/t101
    t103 = math.sqrt((o if detected > 0 else 1))
    t104 = ((1/2)*t102*t103 if detected > 0 else 0)
    t105 = (t104 if active > 0 else 0)
    t106 = (1 if detected > 0 else 0)
    t107 = ((1/2)*t101*t106/t103 if detected > 0 else 0)
    t108 = (t107 if active > 0 else 0)
    t109 = ((t101*t103 if detected > 0 else 0) if active > 0 else 0)
    t110 = (gain*t104 if active > 0 else 0)
    t111 = (gain*t107 if active > 0 else 0)
    t112 = (beta_ if active > 0 else 0)
    t113 = (narrowing if active > 0 else 0)
    t114 = 1/decoder_variance
    t115 = (alpha*t114 if active > 0 else 0)
    t116 = 1/decoder_variance**2
    t117 = (rho if active > 0 else 0)
    t118 = ddeficit_D_alpha*t117
    t119 = 2*target
    t120 = (t97 - target if -root + t119 > 0 else 0)
    t121 = math.sqrt((target if detected > 0 else root))
    t122 = t101 + t121
    t123 = 1/t122**2
    t124 = 1/Lambda**2
    t125 = phi**2
    t126 = t124*t125
    t127 = beta_ + target
    t128 = 1/Lambda
    t129 = phi*t128
    t130 = 2*beta_
    t131 = t127 + t129
    t132 = t131 - 1
    t133 = t131 + 1
    t134 = t132*t133
    t135 = phi*t134
    t136 = eta*iota
    t137 = safe_rho + t136
    t138 = 1/t137
    t139 = 1/safe_rho
    t140 = safe_rho**2
    t141 = 3*safe_rho
    t142 = 2*t140
    t143 = iota**2
    t144 = eta*t143
    t145 = eta**2
    t146 = iota*t142 + safe_rho*t144 + t136*t141 + t140 + t143*t145
    t147 = t139*t146
    t148 = t138*t147
    t149 = -eta*t148
    t150 = beta_*(beta_ + t149)
    t151 = -beta_*t126 - t127*(t129*t130 + t135 + t150)
    t152 = t151**2
    t153 = root**2
    t154 = target**2
    t155 = first + second*(root + target) + third*(root*target + t153 + t154)
    t156 = t123*t152/t155**3
    t157 = (((-2*t156 if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    t158 = (((t156*(-t119 - t97) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    t159 = (((t156*(-root*t119 - 2*t153 - 2*t154) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    t160 = phi*t124
    t161 = 2*t127
    t162 = 1/t155**2
    t163 = t123*t151*t162
    t164 = (((t163*(-t161*(-t126*t132 - t126*t133 - t130*t160) + 4*beta_*t125/Lambda**3) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    t165 = 4*beta_
    t166 = (((t163*(-t160*t165 - t161*(t128*t130 + t129*t132 + t129*t133 + t134)) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    t167 = 2*safe_rho
    t168 = eta*t138
    t169 = t139*t168
    t170 = 1/t137**2
    t171 = t147*t170
    t172 = t127*t130*t163
    t173 = 2*second
    t174 = 2*third
    t175 = 1/t121
    t176 = t175*(0 if detected > 0 else 1)
    t177 = t152*t162/t122**3
    t178 = t101 - t121
    t179 = (((t156*(-t173 - t174*(t97 + target)) + t177*(-t102 - t176) if t120 > 0 else t178*(t102 - t176)) if detected > 0 else 1) if active > 0 else 0)
    t180 = t106*t175
    t181 = phi*t132 + phi*t133
    t182 = t129*t165 + 2*t135 + 2*t150
    t183 = (((t156*(-t173 - t174*(root + t119)) + t163*(-t161*t181 - t182) - t177*t180 if t120 > 0 else -t178*t180) if detected > 0 else 0) if active > 0 else 0)
    t184 = (((t163*(-2*t126 - t161*(2*t129 + t130 + t149 + t181) - t182) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    t185 = ddeficit_D_rho*t117
    t186 = ddeficit_D_eta*t117
    t187 = (1/2 if active > 0 else 0)
    t188 = (1/2)*root
    t189 = (-t188 if active > 0 else 0)
    t190 = t188*t95
    t191 = rho*t190
    t192 = (t191 if active > 0 else 0)
    t193 = eta + o*rho
    t194 = gain*t193
    t195 = root*t194
    t196 = (t195 if active > 0 else 0)
    t197 = (1/2)*narrowing
    t198 = t193*t95
    t199 = (1/2)*t198
    t200 = (-t197 + t199 if active > 0 else 0)
    t201 = o*t190
    t202 = (beta_*root if active > 0 else 0)
    t203 = (beta_*narrowing if active > 0 else 0)
    t204 = kappa**2
    t205 = t204*t95
    t206 = (rho*t205 if active > 0 else 0)
    t207 = (2*t194*t204 if active > 0 else 0)
    t208 = (2*kappa*t198 if active > 0 else 0)
    t209 = (narrowing*root if active > 0 else 0)
    t210 = root*t114 + 1
    t211 = precision**2
    t212 = (decoder_variance - kappa)**2
    t213 = t211*t212
    t214 = t210*t213
    t215 = (t191*t214 if active > 0 else 0)
    t216 = (t195*t214 if active > 0 else 0)
    t217 = t198*t210
    t218 = 2*decoder_variance - 2*kappa
    t219 = -t211*t218
    t220 = (t188*t217*t219 if active > 0 else 0)
    t221 = beta_ - decoder_variance
    t222 = t114*t188
    t223 = t221*t222
    t224 = math.fabs(t221)
    t225 = t222*t224
    t226 = (1/2)/(narrowing*t223 + narrowing*t225 + 1)
    t227 = t226*(t223 + t225)
    t228 = ((1/2)*root*t114*t221 - t227 if active > 0 else 0)
    t229 = precision*root
    t230 = -t221
    t231 = 1/beta_
    t232 = t188*t231
    t233 = t224*t232
    t234 = precision*t230
    t235 = (1/2)/(precision*t233 + t232*t234 + 1)
    t236 = t235*(t230*t232 + t233)
    t237 = (t212*t217*t229 + t236 if active > 0 else 0)
    t238 = t114*t197
    t239 = t221*t238
    t240 = t198*t213
    t241 = (1/2)*t231
    t242 = precision*t224
    t243 = t235*(t234*t241 + t241*t242)
    t244 = t226*(t224*t238 + t239)
    t245 = (t199*t214 + t222*t240 + t239 + t243 - t244 if active > 0 else 0)
    t246 = narrowing*t222
    t247 = (math.copysign(1.0, t221) if t221 != 0 else 0.0)
    t248 = t246*t247 + t246
    t249 = t226*t248
    t250 = precision*t232
    t251 = 1/beta_**2
    t252 = t188*t251
    t253 = t247*t250
    t254 = t235*(-t234*t252 - t242*t252 - t250 + t253)
    t255 = (t246 - t249 + t254 if active > 0 else 0)
    t256 = narrowing*t116*t188
    t257 = t221*t256
    t258 = t226*(-t224*t256 - t248 - t257) - t235*(t250 - t253)
    t259 = beta_ + root
    t260 = t213*t231*t259
    t261 = (t191*t260 if active > 0 else 0)
    t262 = (t195*t260 if active > 0 else 0)
    t263 = t198*t259
    t264 = (t219*t232*t263 if active > 0 else 0)
    t265 = (t227 if active > 0 else 0)
    t266 = root*t230
    t267 = ((1/2)*t231*(precision*t212*t263*t97 + t266) - t236 if active > 0 else 0)
    t268 = root*t240
    t269 = (t241*(t234 + t240*t259 + t268) - t243 + t244 if active > 0 else 0)
    t270 = (t241*(-t229 + t268) + t249 - 1/2*t251*(precision*t266 + t259*t268) - t254 if active > 0 else 0)
    _results[0, _lane] = droot_D_alpha*t94
    _results[1, _lane] = droot_D_beta*t94
    _results[2, _lane] = droot_D_lam*t94
    _results[3, _lane] = droot_D_rho*t94
    _results[4, _lane] = droot_D_eta*t94
    _results[5, _lane] = droot_D_decoder_variance*t94
    _results[6, _lane] = dgain_D_alpha*t98 + droot_D_alpha*t96
    _results[7, _lane] = dgain_D_beta*t98 + droot_D_beta*t96
    _results[8, _lane] = dgain_D_lam*t98 + droot_D_lam*t96
    _results[9, _lane] = dgain_D_rho*t98 + droot_D_rho*t96
    _results[10, _lane] = dgain_D_eta*t98 + droot_D_eta*t96
    _results[11, _lane] = dgain_D_decoder_variance*t98 + droot_D_decoder_variance*t96
    _results[12, _lane] = dgain_D_alpha*t99 + droot_D_alpha*t100
    _results[13, _lane] = dgain_D_beta*t99 + droot_D_beta*t100
    _results[14, _lane] = dgain_D_lam*t99 + droot_D_lam*t100
    _results[15, _lane] = dgain_D_rho*t99 + droot_D_rho*t100
    _results[16, _lane] = dgain_D_eta*t99 + droot_D_eta*t100
    _results[17, _lane] = dgain_D_decoder_variance*t99 + droot_D_decoder_variance*t100
    _results[18, _lane] = do_D_alpha*t108 + droot_D_alpha*t105
    _results[19, _lane] = droot_D_beta*t105
    _results[20, _lane] = droot_D_lam*t105
    _results[21, _lane] = do_D_rho*t108 + droot_D_rho*t105
    _results[22, _lane] = do_D_eta*t108 + droot_D_eta*t105
    _results[23, _lane] = droot_D_decoder_variance*t105
    _results[24, _lane] = dgain_D_alpha*t109 + do_D_alpha*t111 + droot_D_alpha*t110
    _results[25, _lane] = dgain_D_beta*t109 + droot_D_beta*t110
    _results[26, _lane] = dgain_D_lam*t109 + droot_D_lam*t110
    _results[27, _lane] = dgain_D_rho*t109 + do_D_rho*t111 + droot_D_rho*t110
    _results[28, _lane] = dgain_D_eta*t109 + do_D_eta*t111 + droot_D_eta*t110
    _results[29, _lane] = dgain_D_decoder_variance*t109 + droot_D_decoder_variance*t110
    _results[30, _lane] = dnarrowing_D_alpha*t112
    _results[31, _lane] = dbeta_D_beta*t113 + dnarrowing_D_beta*t112
    _results[32, _lane] = dnarrowing_D_lam*t112
    _results[33, _lane] = dnarrowing_D_rho*t112
    _results[34, _lane] = dnarrowing_D_eta*t112
    _results[35, _lane] = dbeta_D_decoder_variance*t113 + dnarrowing_D_decoder_variance*t112
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
    _results[48, _lane] = dper_sample_D_alpha*t115 + (per_sample*t114 if active > 0 else 0)
    _results[49, _lane] = dper_sample_D_beta*t115
    _results[50, _lane] = dper_sample_D_lam*t115
    _results[51, _lane] = dper_sample_D_rho*t115
    _results[52, _lane] = dper_sample_D_eta*t115
    _results[53, _lane] = dper_sample_D_decoder_variance*t115 + (-alpha*per_sample*t116 if active > 0 else 0)
    _results[54, _lane] = dLambda_D_alpha*t164 + dfirst_D_alpha*t157 + diota_D_alpha*(((-t172*(t145*t171 - t169*(eta*t141 + 2*iota*t145 + t136*t167 + t142)) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0) + dphi_D_alpha*t166 + droot_D_alpha*t179 + dsecond_D_alpha*t158 + dtarget_D_alpha*t183 + dthird_D_alpha*t159 + t118
    _results[55, _lane] = dbeta_D_beta*t184 + dfirst_D_beta*t157 + droot_D_beta*t179 + dsecond_D_beta*t158
    _results[56, _lane] = dfirst_D_lam*t157 + dphi_D_lam*t166 + droot_D_lam*t179 + dsecond_D_lam*t158 + dthird_D_lam*t159
    _results[57, _lane] = dLambda_D_rho*t164 + dfirst_D_rho*t157 + droot_D_rho*t179 + dsafe_rho_D_rho*(((-t172*(eta*t171 - t169*(4*iota*safe_rho + 3*t136 + t144 + t167) + t146*t168/t140) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0) + dsecond_D_rho*t158 + dtarget_D_rho*t183 + t185 + (deficit if active > 0 else 1)
    _results[58, _lane] = dLambda_D_eta*t164 + dfirst_D_eta*t157 + droot_D_eta*t179 + dsecond_D_eta*t158 + dtarget_D_eta*t183 + t186 + (((-t172*(eta*iota*t139*t146*t170 - t148 - t169*(iota*t141 + safe_rho*t143 + 2*t144)) if t120 > 0 else 0) if detected > 0 else 0) if active > 0 else 0)
    _results[59, _lane] = dbeta_D_decoder_variance*t184 + dfirst_D_decoder_variance*t157 + dphi_D_decoder_variance*t166 + droot_D_decoder_variance*t179 + dsecond_D_decoder_variance*t158 + dthird_D_decoder_variance*t159
    _results[60, _lane] = dgain_D_alpha*t196 + dlogarithm_D_alpha*t187 + dnarrowing_D_alpha*t189 + do_D_alpha*t192 + droot_D_alpha*t200
    _results[61, _lane] = dgain_D_beta*t196 + dlogarithm_D_beta*t187 + dnarrowing_D_beta*t189 + droot_D_beta*t200
    _results[62, _lane] = dgain_D_lam*t196 + dlogarithm_D_lam*t187 + dnarrowing_D_lam*t189 + droot_D_lam*t200
    _results[63, _lane] = dgain_D_rho*t196 + dlogarithm_D_rho*t187 + dnarrowing_D_rho*t189 + do_D_rho*t192 + droot_D_rho*t200 + (t201 if active > 0 else 0)
    _results[64, _lane] = dgain_D_eta*t196 + dlogarithm_D_eta*t187 + dnarrowing_D_eta*t189 + do_D_eta*t192 + droot_D_eta*t200 + (t190 if active > 0 else 0)
    _results[65, _lane] = dgain_D_decoder_variance*t196 + dlogarithm_D_decoder_variance*t187 + dnarrowing_D_decoder_variance*t189 + droot_D_decoder_variance*t200
    _results[66, _lane] = dgain_D_alpha*t207 + dkappa_D_alpha*t208 + dnarrowing_D_alpha*t202 + do_D_alpha*t206 + droot_D_alpha*t203 + t118
    _results[67, _lane] = dbeta_D_beta*t209 + dgain_D_beta*t207 + dkappa_D_beta*t208 + dnarrowing_D_beta*t202 + droot_D_beta*t203
    _results[68, _lane] = dgain_D_lam*t207 + dkappa_D_lam*t208 + dnarrowing_D_lam*t202 + droot_D_lam*t203
    _results[69, _lane] = dgain_D_rho*t207 + dkappa_D_rho*t208 + dnarrowing_D_rho*t202 + do_D_rho*t206 + droot_D_rho*t203 + t185 + (deficit + o*t205 if active > 0 else 1)
    _results[70, _lane] = dgain_D_eta*t207 + dkappa_D_eta*t208 + dnarrowing_D_eta*t202 + do_D_eta*t206 + droot_D_eta*t203 + t186 + (t205 if active > 0 else 1)
    _results[71, _lane] = dbeta_D_decoder_variance*t209 + dgain_D_decoder_variance*t207 + dkappa_D_decoder_variance*t208 + dnarrowing_D_decoder_variance*t202 + droot_D_decoder_variance*t203
    _results[72, _lane] = dgain_D_alpha*t216 + dkappa_D_alpha*t220 + dnarrowing_D_alpha*t228 + do_D_alpha*t215 + dprecision_D_alpha*t237 + droot_D_alpha*t245
    _results[73, _lane] = dbeta_D_beta*t255 + dgain_D_beta*t216 + dkappa_D_beta*t220 + dnarrowing_D_beta*t228 + dprecision_D_beta*t237 + droot_D_beta*t245
    _results[74, _lane] = dgain_D_lam*t216 + dkappa_D_lam*t220 + dnarrowing_D_lam*t228 + dprecision_D_lam*t237 + droot_D_lam*t245
    _results[75, _lane] = dgain_D_rho*t216 + dkappa_D_rho*t220 + dnarrowing_D_rho*t228 + do_D_rho*t215 + dprecision_D_rho*t237 + droot_D_rho*t245 + (t201*t214 if active > 0 else 0)
    _results[76, _lane] = dgain_D_eta*t216 + dkappa_D_eta*t220 + dnarrowing_D_eta*t228 + do_D_eta*t215 + dprecision_D_eta*t237 + droot_D_eta*t245 + (t190*t214 if active > 0 else 0)
    _results[77, _lane] = dbeta_D_decoder_variance*t255 + dgain_D_decoder_variance*t216 + dkappa_D_decoder_variance*t220 + dnarrowing_D_decoder_variance*t228 + dprecision_D_decoder_variance*t237 + droot_D_decoder_variance*t245 + ((1/2)*root*t193*t210*t211*t218*t95 - t116*t153*t199*t213 - t246 - t257 - t258 if active > 0 else 0)
    _results[78, _lane] = dgain_D_alpha*t262 + dkappa_D_alpha*t264 + dnarrowing_D_alpha*t265 + do_D_alpha*t261 + dprecision_D_alpha*t267 + droot_D_alpha*t269
    _results[79, _lane] = dbeta_D_beta*t270 + dgain_D_beta*t262 + dkappa_D_beta*t264 + dnarrowing_D_beta*t265 + dprecision_D_beta*t267 + droot_D_beta*t269
    _results[80, _lane] = dgain_D_lam*t262 + dkappa_D_lam*t264 + dnarrowing_D_lam*t265 + dprecision_D_lam*t267 + droot_D_lam*t269
    _results[81, _lane] = dgain_D_rho*t262 + dkappa_D_rho*t264 + dnarrowing_D_rho*t265 + do_D_rho*t261 + dprecision_D_rho*t267 + droot_D_rho*t269 + (t201*t260 if active > 0 else 0)
    _results[82, _lane] = dgain_D_eta*t262 + dkappa_D_eta*t264 + dnarrowing_D_eta*t265 + do_D_eta*t261 + dprecision_D_eta*t267 + droot_D_eta*t269 + (t190*t260 if active > 0 else 0)
    _results[83, _lane] = dbeta_D_decoder_variance*t270 + dgain_D_decoder_variance*t262 + dkappa_D_decoder_variance*t264 + dnarrowing_D_decoder_variance*t265 + dprecision_D_decoder_variance*t267 + droot_D_decoder_variance*t269 + (t241*(root*t211*t218*t263 + t229) + t258 if active > 0 else 0)


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
    t1 = eta*iota
    deficit = (t1*(eta + safe_rho)/(safe_rho*(safe_rho + t1)) if detected > 0 else 1)
    target = overlap*rho
    third = phi
    t2 = 2*phi
    t3 = phi + 1
    second = beta_*t3 + kappa*t2
    first = kappa*(beta_*(t2 + 1) - t0 + t3*(-eigenvalue/t3 + kappa))
    root = Q
    gain = 1/(kappa + root)
    narrowing = 1/(beta_ + root)
    precision = 1/(decoder_variance + root)
    logarithm = log1p(root/beta_)
    t4 = (1/2)*root
    per_sample = (1/2)*beta_*logarithm - eigenvalue*gain*t4 + phi*t4
    t5 = gain**2
    t6 = root*t5
    t7 = math.sqrt(root)
    t8 = (t7*math.sqrt((overlap if detected > 0 else 1)) if detected > 0 else 0)
    t9 = beta_*narrowing
    t10 = 1/decoder_variance
    t11 = deficit*rho
    t12 = math.sqrt((target if detected > 0 else root))
    t13 = beta_ + target
    t14 = phi/eigenvalue
    t15 = t13 + t14
    t16 = eta*iota
    t17 = safe_rho**2
    t18 = iota**2
    t19 = (1/2)*root
    t20 = eta + overlap*rho
    t21 = t20*t6
    t22 = (1/2)*t21
    t23 = beta_ - decoder_variance
    t24 = root*t10
    t25 = (1/2)*narrowing*t24
    t26 = t23*t25
    t27 = precision**2*(decoder_variance - kappa)**2
    t28 = -precision*t23
    t29 = 1/beta_
    t30 = t19*t29
    t31 = math.fabs(t23)
    t32 = (1/2)*log1p(precision*t30*t31 + t28*t30)
    t33 = (1/2)*log1p(t25*t31 + t26)
    _results[0, _lane] = root
    _results[1, _lane] = t6
    _results[2, _lane] = gain*root
    _results[3, _lane] = t8
    _results[4, _lane] = gain*t8
    _results[5, _lane] = t9
    _results[6, _lane] = eigenvalue
    _results[7, _lane] = overlap
    _results[8, _lane] = alpha*per_sample*t10
    _results[9, _lane] = t11 + (((-beta_*phi**2/eigenvalue**2 - t13*(2*beta_*t14 + beta_*(beta_ - eta*(eta**2*t18 + eta*safe_rho*t18 + 2*iota*t17 + 3*safe_rho*t16 + t17)/(safe_rho*(safe_rho + t16))) + phi*(t15 - 1)*(t15 + 1)))**2/((t12 + t7)**2*(first + second*(root + target) + third*(root**2 + root*target + target**2))**2) if (2*root - target if -root + 2*target > 0 else 0) > 0 else (-t12 + t7)**2) if detected > 0 else root)
    _results[10, _lane] = (1/2)*logarithm - narrowing*t19 + t22
    _results[11, _lane] = kappa**2*t20*t5 + root*t9 + t11
    _results[12, _lane] = t22*t27*(t24 + 1) + t26 + t32 - t33
    _results[13, _lane] = (1/2)*t29*(root*t28 + t21*t27*(beta_ + root)) - t32 + t33


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
    t3 = -eigenvalue/t2 - t1
    distance = t3
    third = phi
    t4 = 2*phi
    t5 = beta*t2
    second = kappa*t4 + t5
    first = kappa*(beta*(t4 + 1) - t0 + t2*t3)
    constant = kappa*t3*t5
    discriminant = -4*constant*second + first**2
    outward = math.fabs(first) + math.sqrt((discriminant if discriminant > 0 else 0))
    size = (outward if outward > 0 else 1)
    quadratic = (-2*constant/size if first > 0 else (1/2)*size/second)
    t6 = eigenvalue*kappa
    asymptote = t1 + (281474976710657/140737488355328)*t6/(beta + math.sqrt(beta**2 + 4*phi*t6))
    exists = (1 if -distance > 0 else (((asymptote if asymptote > 0 else 0) if discriminant > 0 else 0) if -first > 0 else 0))
    above = (((asymptote if -asymptote + quadratic > 0 else quadratic) if asymptote > 0 else quadratic) if exists > 0 else 1)
    linear = (first if exists > 0 else 0)
    offset = (constant if exists > 0 else -second - third)
    newton_3 = above
    t7 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t7)) + offset)/(linear + newton_3*(2*second + 3*t7))
    t7 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t7)) + offset)/(linear + newton_3*(2*second + 3*t7))
    t7 = newton_3*third
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t7)) + offset)/(linear + newton_3*(2*second + 3*t7))
    t8 = newton_3*third
    t9 = 2*second
    newton_4 = newton_3 - (newton_3*(linear + newton_3*(second + t8)) + offset)/(linear + newton_3*(3*t8 + t9))
    t10 = newton_4*third
    newton_5 = newton_4 - (newton_4*(linear + newton_4*(second + t10)) + offset)/(linear + newton_4*(3*t10 + t9))
    root = (newton_5 if newton_5 > 0 else 1)
    gain = 1/(kappa + root)
    logarithm = log1p(root/beta)
    t11 = (1/2)*root
    per_sample = (1/2)*beta*logarithm - eigenvalue*gain*t11 + phi*t11
    active = ((1 if -distance > 0 else -per_sample) if exists > 0 else 0)
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
    kappa = beta + phi/eigenvalue
    t0 = 2*phi
    t1 = phi + 1
    t2 = beta*t1
    t3 = -eigenvalue/t1 + kappa
    _results[0, _lane] = phi
    _results[1, _lane] = kappa*t0 + t2
    _results[2, _lane] = kappa*(beta*(t0 + 1) + t1*t3 - phi/eigenvalue)
    _results[3, _lane] = kappa*t2*t3


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
    t8 = beta - decoder_variance
    t9 = Q/decoder_variance
    t10 = (1/2)*t1*t9
    t11 = t10*t8
    t12 = Q + decoder_variance
    t13 = (decoder_variance - kappa)**2/t12**2
    t14 = 1/t12
    t15 = -t14*t8
    t16 = (1/2)*t4
    t17 = math.fabs(t8)
    t18 = (1/2)*log1p(t14*t16*t17 + t15*t16)
    t19 = (1/2)*log1p(t10*t17 + t11)
    _results[0, _lane] = -1/2*t2 + t7 + (1/2)*log1p(t4)
    _results[1, _lane] = beta*t2 + kappa**2*t5
    _results[2, _lane] = (math.sqrt(Q) - math.sqrt(overlap)*math.sqrt(rho))**2
    _results[3, _lane] = t11 + t13*t7*(t9 + 1) + t18 - t19
    _results[4, _lane] = -t18 + t19 + (1/2)*t3*(Q*t15 + t0*t13*t6)


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
    t11 = 2*lam
    t12 = alpha**2
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
    t3 = rho**2
    t4 = eta**2
    t5 = t2*(-iota*t4 + t3)
    t6 = phi/eigenvalue
    t7 = t5 + t6
    t8 = iota**2
    t9 = -eta*t2*(eta*rho*t8 + 2*iota*t3 + 3*rho*t1 + t3 + t4*t8)/rho + 2*phi*t7 + 2*t6
    t10 = phi*(t7 - 1)*(t7 + 1)
    _results[0, _lane] = t0
    _results[1, _lane] = t0*t5 + t9
    _results[2, _lane] = t10 + t5*t9 + phi**2/eigenvalue**2
    _results[3, _lane] = t10*t5


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
