"""The shipped model as numpy functions.

Written by `python -m vaesym.model.lowering`; do not edit. A test regenerates and compares it.
"""

import numpy

BACKEND = "numpy"
SHAPES = {
    "free_energy": (),
    "stationarity": (9,),
    "stationarity_jacobian": (9, 9),
    "replicon": (2, 2),
    "field_determinant": (),
    "outlier": (3,),
    "bulk_edge": (),
    "detection_threshold": (),
    "collapse_threshold": (),
    "cubic_coefficients": (4,),
    "potential": (),
    "state": (5,),
    "observables": (5,),
    "norm_excess": (),
    "plateau_coefficients": (3,),
    "optimal_beta_coefficients": (4,),
}


def free_energy(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh):
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
    return D*Q*t1 + D*t2 + E*t0 + Q*t0 + t1*(E*Q*eta + E*t12 + Q*t15 - 2*R*eta + R*t13*t7 + beta*t15 - chi_hh*t16*t9 - chi_kk*t10*t16 + t11*t14 - t13*t5 - t13*t6 - 2*t14)/(chi_hh*t12 + eta*t6 - t11 - t13*t3 + t13*t4 + 1) - t2*numpy.log(D) - t2 + (1/2)*(2*R*chi_kh + chi_hh*t9 + chi_kk*t10 - t5 - t6 - t7*t8)/(t3 - t4)


def stationarity(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh):
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
    return (
        D*t1 - chi_hh*eta*t26 - chi_hh*t6 + t0 + t17*(-t11 + t7 + t9),
        -chi_kk*t6 + t0 + t17*t27,
        chi_kh*t5 + t17*t29,
        t17*(-chi_hh*t33 + 2*chi_kh*d*eta*rho - t31) + t6*(chi_hh*t18 - t30),
        t17*(Q*t31 + beta*t31 - chi_kk*d*t32 + m*t22 - t19) + t6*(2*chi_kk*d - m*t28),
        Q*t1 + t34 - t34/D,
        -chi_hh*t36 + t11*t26 + t17*(-E*t10 - t25) + t6*(-E + t8),
        chi_kh*t35 + t17*(d*t33 + t10*t21) - t26*t29 + t6*(-d*t18 + t21),
        -chi_kk*t36 + t17*(-Q*t10 - t23*t24) - t26*t27 + t6*(-Q + t23),
    )


def stationarity_jacobian(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh):
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
    return (
        -t13*t14*t5 + t25*t28,
        t34,
        t37,
        t41,
        t44,
        t31,
        t51,
        t60,
        t70,
        t34,
        0,
        0,
        0,
        0,
        0,
        t72,
        t74,
        t76,
        t37,
        0,
        0,
        0,
        0,
        0,
        t77,
        t79,
        t80,
        t41,
        0,
        0,
        chi_hh*t61 - chi_hh*t81,
        t82,
        0,
        t88,
        t91,
        t93,
        t44,
        0,
        0,
        t82,
        chi_kk*t61 + t63*(Q*t15 + beta*t15 - chi_kk*t38),
        0,
        t96,
        t97,
        t98,
        t31,
        0,
        0,
        0,
        0,
        beta*t31/D**2,
        0,
        0,
        0,
        t51,
        t72,
        t77,
        t88,
        t96,
        0,
        -chi_hh*t47*t99 + eta**4*t50 + t101*t26 + t13*t4*t48,
        t105,
        t109,
        t60,
        t74,
        t79,
        t91,
        t97,
        0,
        t105,
        4*t10*t101 + 2*t102*t52 + t108 + t110*t57 - t13*t25 + t13*t54*t56,
        t111,
        t70,
        t76,
        t80,
        t93,
        t98,
        0,
        t109,
        t111,
        -chi_kk*t106*t47 + t101*t75 + t13*t65*t67 + t67*t69,
    )


def replicon(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh):
    """The matrix chi G of the replicon condition."""
    t0 = chi_hh*chi_kk
    t1 = eta*t0
    t2 = chi_kh**2
    t3 = Q*chi_hh
    t4 = beta*chi_hh
    t5 = eta**2
    t6 = 1/(-2*chi_kh*eta + eta*t3 + eta*t4 - t0*t5 + t2*t5 + 1)
    return (
        t6*(-chi_kh + eta*t2 - t1),
        t6*(Q*chi_kh + beta*chi_kh - chi_kk),
        -chi_hh*t6,
        t6*(-chi_kh + eta*t2 - t1 + t3 + t4),
    )


def field_determinant(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh):
    """Positive where the average over a sample exists."""
    t0 = chi_hh*eta
    t1 = eta**2
    return Q*t0 + beta*t0 - chi_hh*chi_kk*t1 + chi_kh**2*t1 - 2*chi_kh*eta + 1


def outlier(alpha, rho, eta):
    """Outlier: eigenvalue, overlap, 1 - overlap."""
    t0 = eta + rho
    t1 = 1/rho
    t2 = eta*t1
    t3 = 1/(alpha*rho + eta)
    return (
        t0*(1 + t2/alpha),
        t1*t3*(alpha*rho**2 - eta**2),
        t0*t2*t3,
    )


def bulk_edge(alpha, eta):
    """Upper edge of the noise spectrum."""
    return eta*(numpy.sqrt(alpha) + 1)**2/alpha


def detection_threshold(rho, eta):
    """Samples per dimension to detect."""
    return eta**2/rho**2


def collapse_threshold(alpha, lam, eigenvalue):
    """Least beta of stable collapse."""
    return alpha*eigenvalue/(alpha + lam) - lam/(alpha*eigenvalue)


def cubic_coefficients(alpha, beta, lam, eigenvalue):
    """Stationarity cubic in Q."""
    t0 = alpha + lam
    t1 = beta*t0
    t2 = lam/eigenvalue
    t3 = beta + t2/alpha
    t4 = 2*lam
    t5 = -alpha*eigenvalue/t0 + t3
    return (
        lam,
        t1 + t3*t4,
        t3*(beta*(alpha + t4) + t0*t5 - t2),
        t1*t3*t5,
    )


def potential(alpha, beta, lam, eigenvalue, Q):
    """Potential of one latent."""
    return -Q*alpha*eigenvalue/(2*Q + 2*beta + 2*lam/(alpha*eigenvalue)) + (1/2)*Q*lam + (1/2)*alpha*beta*numpy.log1p(Q/beta)


def state(alpha, beta, lam, eigenvalue, overlap, Q):
    """E, R, m, d, D of a latent."""
    t0 = Q + beta
    t1 = t0 + lam/(alpha*eigenvalue)
    t2 = 1/t1
    t3 = numpy.sqrt(Q)*numpy.sqrt(overlap)
    return (
        Q/t1**2,
        Q*t2,
        t3,
        t2*t3,
        beta/t0,
    )


def observables(alpha, beta, lam, rho, eta, eigenvalue, overlap, Q):
    """Of a latent, beyond collapse: rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational."""
    t0 = Q + beta
    t1 = Q/t0
    t2 = (1/2)*t1
    t3 = 1/beta
    t4 = Q*t3
    t5 = lam/(alpha*eigenvalue)
    t6 = (eta + overlap*rho)/(t0 + t5)**2
    t7 = Q*t6
    t8 = (1/2)*t7
    t9 = beta + t5
    t10 = beta - 1
    t11 = t10*t2
    t12 = numpy.abs(t10)
    t13 = (1/2)*numpy.log1p(t11 + t12*t2)
    t14 = Q + 1
    t15 = 1/t14
    t16 = (1/2)*t4
    t17 = -t10*t15
    t18 = (1/2)*numpy.log1p(t12*t15*t16 + t16*t17)
    t19 = (1 - t9)**2
    return (
        -t2 + t8 + (1/2)*numpy.log1p(t4),
        beta*t1 + t6*t9**2,
        (numpy.sqrt(Q) - numpy.sqrt(overlap)*numpy.sqrt(rho))**2,
        t11 - t13 + t15*t19*t8 + t18,
        t13 - t18 + (1/2)*t3*(Q*t17 + t0*t19*t7/t14**2),
    )


def norm_excess(alpha, beta, lam, rho, eta, eigenvalue, Q):
    """Q - rho o of an active latent."""
    t0 = alpha + lam
    t1 = 1/alpha
    t2 = 1/eigenvalue
    t3 = lam*t2
    t4 = beta + t1*t3
    t5 = 2*lam
    t6 = alpha*rho
    t7 = eta + t6
    t8 = 1/t7
    t9 = eta**2
    t10 = rho**2
    t11 = alpha*t10
    t12 = t11 - t9
    t13 = t12*t8
    t14 = t13 + t4
    return (-beta*lam**2*t1/eigenvalue**2 - (beta + t13)*(alpha*beta*(beta - eta*t1*t8*(alpha**2*t10 + eta*rho + 3*eta*t6 + 2*t11 + t9)/rho) + beta*t2*t5 + lam*(t14 - 1)*(t14 + 1)))/(lam*(Q**2 + Q*t13 + t12**2/t7**2) + t4*(beta*(alpha + t5) + t0*(-alpha*eigenvalue/t0 + t4) - t3) + (Q + t13)*(beta*t0 + t4*t5))


def plateau_coefficients(beta, lam, rho, eta):
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
    return (
        2*eta*t0 + rho**4 - t1 + t2*t3 - t5,
        2*eta*t0 - lam*t1 + 4*t2*t3 - t5 - t6 - t7 - t8,
        eta**4 - lam**2*t3 - lam*t7 + t2*t3 - t8,
    )


def optimal_beta_coefficients(alpha, lam, eigenvalue, Q):
    """Cubic in beta whose roots make Q stationary."""
    t0 = lam**2
    t1 = alpha*lam
    t2 = alpha**2
    t3 = Q*eigenvalue
    t4 = t2*t3
    t5 = eigenvalue**2
    t6 = 3*t1*t3 - t2*t5
    t7 = alpha*eigenvalue
    t8 = Q*t7 + lam
    t9 = 1/(t2*t5)
    return (
        alpha + lam,
        -(-2*t0 - 2*t1 - 2*t4 - t6)/(alpha*eigenvalue),
        -t8*t9*(-t0 - t1 - t4 - t6),
        Q*lam*t9*(-t7 + t8)*(t7 + t8),
    )
