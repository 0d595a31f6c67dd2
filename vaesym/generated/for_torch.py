"""The shipped model as torch functions.

Written by `python -m vaesym.model.lowering`; do not edit. A test regenerates and compares it.
"""

import torch

BACKEND = "torch"
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
    return D*Q*t1 + D*t2 + E*t0 + Q*t0 + t1*(E*Q*eta + E*t12 + Q*t15 - 2*R*eta + R*t13*t7 + beta*t15 - chi_hh*t16*t9 - chi_kk*t10*t16 + t11*t14 - t13*t5 - t13*t6 - 2*t14)/(chi_hh*t12 + eta*t6 - t11 - t13*t3 + t13*t4 + 1) - t2*torch.log(D) - t2 + (1/2)*(2*R*chi_kh + chi_hh*t9 + chi_kk*t10 - t5 - t6 - t7*t8)/(t3 - t4)


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


def point(alpha, beta, lam, rho, eta, decoder_variance):
    """Exact solution of a latent: Q, E, R, m, d, D, eigenvalue, overlap, phase, free_energy, signal_recovery_error, rate, distortion, kl_variational_to_posterior, kl_posterior_to_variational."""
    beta_ = beta*decoder_variance
    lambda_ = decoder_variance*lam
    iota = 1/alpha
    phi = iota*lambda_
    t0 = eta**2*iota
    detected = rho**2 - t0
    safe_rho = torch.where(detected > 0, rho, 1)
    safe_inverse = torch.where(detected > 0, 1, iota)
    t1 = eta + safe_rho
    t2 = 1/safe_rho
    t3 = eta*iota
    t4 = t2*t3
    Lambda = torch.where(detected > 0, t1*(t4 + 1), eta*(torch.sqrt(safe_inverse) + 1)**2)
    t5 = 1/(safe_rho + t3)
    o = torch.where(detected > 0, t2*t5*(safe_rho**2 - t0), 0)
    deficit = torch.where(detected > 0, t1*t4*t5, 1)
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
    outward = torch.abs(first) + torch.sqrt(torch.where(discriminant > 0, discriminant, 0))
    size = torch.where(outward > 0, outward, 1)
    quadratic = torch.where(first > 0, -2*constant/size, (1/2)*size/second)
    t12 = Lambda*kappa
    asymptote = (281474976710657/140737488355328)*t12/(beta_ + torch.sqrt(beta_**2 + 4*phi*t12)) + t7
    exists = torch.where(-distance > 0, 1, torch.where(-first > 0, torch.where(discriminant > 0, torch.where(asymptote > 0, asymptote, 0), 0), 0))
    above = torch.where(exists > 0, torch.where(asymptote > 0, torch.where(-asymptote + quadratic > 0, asymptote, quadratic), quadratic), 1)
    linear = torch.where(exists > 0, first, 0)
    offset = torch.where(exists > 0, constant, -second - third)
    with torch.no_grad():
        newton_3 = above
        for _ in range(3):
            t13 = newton_3*third
            newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t13)) + offset)/(linear + newton_3*(2*second + 3*t13))
    t14 = newton_3*third
    t15 = 2*second
    newton_4 = newton_3 - (newton_3*(linear + newton_3*(second + t14)) + offset)/(linear + newton_3*(3*t14 + t15))
    t16 = newton_4*third
    newton_5 = newton_4 - (newton_4*(linear + newton_4*(second + t16)) + offset)/(linear + newton_4*(t15 + 3*t16))
    root = torch.where(newton_5 > 0, newton_5, 1)
    t17 = (1/2)*root
    per_sample = -Lambda*t17/(kappa + root) + (1/2)*beta_*torch.log1p(root/beta_) + phi*t17
    active = torch.where(exists > 0, torch.where(-distance > 0, 1, -per_sample), 0)
    t18 = kappa + root
    t19 = 1/t18**2
    t20 = root*t19
    t21 = 1/t18
    t22 = torch.sqrt(root)
    t23 = torch.where(detected > 0, t22*torch.sqrt(torch.where(detected > 0, o, 1)), 0)
    t24 = beta_ + root
    t25 = 1/t24
    t26 = beta_*t25
    t27 = 1/decoder_variance
    t28 = deficit*rho
    t29 = torch.sqrt(torch.where(detected > 0, target, root))
    t30 = eta*iota
    t31 = safe_rho + t30
    t32 = 1/t31
    t33 = safe_rho**2
    t34 = eta**2
    t35 = -iota*t34 + t33
    t36 = t32*t35
    t37 = beta_ + t36
    t38 = phi/Lambda
    t39 = iota**2
    t40 = t37 + t38
    t41 = (1/2)*t25
    t42 = 1/beta_
    t43 = root*t42
    t44 = eta + o*rho
    t45 = t20*t44
    t46 = (1/2)*t45
    t47 = beta_ - decoder_variance
    t48 = root*t27
    t49 = t41*t48
    t50 = t47*t49
    t51 = decoder_variance + root
    t52 = (decoder_variance - kappa)**2/t51**2
    t53 = 1/t51
    t54 = -t47*t53
    t55 = (1/2)*t43
    t56 = torch.abs(t47)
    t57 = (1/2)*torch.log1p(t53*t55*t56 + t54*t55)
    t58 = (1/2)*torch.log1p(t49*t56 + t50)
    return (
        torch.where(active > 0, root, 0),
        torch.where(active > 0, t20, 0),
        torch.where(active > 0, root*t21, 0),
        torch.where(active > 0, t23, 0),
        torch.where(active > 0, t21*t23, 0),
        torch.where(active > 0, t26, 1),
        Lambda,
        o,
        torch.where(active > 0, torch.where(detected > 0, torch.zeros_like(detected) + 2, 1), 0),
        torch.where(active > 0, alpha*per_sample*t27, 0),
        torch.where(active > 0, t28 + torch.where(detected > 0, torch.where(torch.where(-root + 2*target > 0, 2*root - target, 0) > 0, (-t37*(2*beta_*t38 + beta_*(beta_ - eta*t32*(eta*safe_rho*t39 + 2*iota*t33 + 3*safe_rho*t30 + t33 + t34*t39)/safe_rho) + phi*(t40 - 1)*(t40 + 1)) - beta_*phi**2/Lambda**2)**2/((t22 + t29)**2*(first + second*(root + t36) + third*(root**2 + root*t36 + t35**2/t31**2))**2), (t22 - t29)**2), root), rho),
        torch.where(active > 0, -root*t41 + t46 + (1/2)*torch.log1p(t43), 0),
        torch.where(active > 0, kappa**2*t19*t44 + root*t26 + t28, eta + rho),
        torch.where(active > 0, t46*t52*(t48 + 1) + t50 + t57 - t58, 0),
        torch.where(active > 0, (1/2)*t42*(root*t54 + t24*t45*t52) - t57 + t58, 0),
    )


def point_derivatives(alpha, beta, lam, rho, eta, decoder_variance):
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
    safe_rho = torch.where(detected > 0, rho, 1)
    dsafe_rho_D_rho = torch.where(detected > 0, torch.zeros_like(detected) + 1, 0)
    safe_inverse = torch.where(detected > 0, 1, iota)
    dsafe_inverse_D_alpha = diota_D_alpha*torch.where(detected > 0, torch.zeros_like(detected) + 0, 1)
    t2 = eta + safe_rho
    t3 = 1/safe_rho
    t4 = eta*iota
    t5 = t3*t4
    t6 = t5 + 1
    t7 = torch.sqrt(safe_inverse)
    t8 = t7 + 1
    t9 = t8**2
    Lambda = torch.where(detected > 0, t2*t6, eta*t9)
    t10 = t2*t3
    t11 = iota*t10
    dLambda_D_eta = torch.where(detected > 0, t11 + t6, t9)
    t12 = eta*t10
    dLambda_D_alpha = diota_D_alpha*torch.where(detected > 0, t12, 0) + dsafe_inverse_D_alpha*torch.where(detected > 0, 0, eta*t8/t7)
    t13 = safe_rho**2
    t14 = 1/t13
    t15 = t2*t4
    dLambda_D_rho = dsafe_rho_D_rho*torch.where(detected > 0, -t14*t15 + t6, 0)
    t16 = -t1 + t13
    t17 = safe_rho + t4
    t18 = 1/t17
    t19 = t18*t3
    o = torch.where(detected > 0, t16*t19, 0)
    t20 = 1/t17**2
    t21 = t16*t20*t3
    do_D_eta = torch.where(detected > 0, -iota*t21 - 2*t18*t5, 0)
    do_D_alpha = diota_D_alpha*torch.where(detected > 0, -eta*t21 - t0*t19, 0)
    t22 = t14*t18
    do_D_rho = dsafe_rho_D_rho*torch.where(detected > 0, -t16*t22 + 2*t18 - t21, 0)
    t23 = t18*t5
    deficit = torch.where(detected > 0, t2*t23, 1)
    ddeficit_D_eta = torch.where(detected > 0, -iota**2*t12*t20 + t11*t18 + t23, 0)
    ddeficit_D_alpha = diota_D_alpha*torch.where(detected > 0, eta*t18*t2*t3 - t1*t10*t20, 0)
    ddeficit_D_rho = dsafe_rho_D_rho*torch.where(detected > 0, eta*iota*t18*t3 - t15*t22 - t2*t20*t5, 0)
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
    outward = torch.abs(first) + torch.sqrt(torch.where(discriminant > 0, discriminant, 0))
    size = torch.where(outward > 0, outward, 1)
    quadratic = torch.where(first > 0, -2*constant/size, (1/2)*size/second)
    t49 = Lambda*kappa
    asymptote = t28 + (281474976710657/140737488355328)*t49/(beta_ + torch.sqrt(beta_**2 + 4*phi*t49))
    exists = torch.where(-distance > 0, 1, torch.where(-first > 0, torch.where(discriminant > 0, torch.where(asymptote > 0, asymptote, 0), 0), 0))
    above = torch.where(exists > 0, torch.where(asymptote > 0, torch.where(-asymptote + quadratic > 0, asymptote, quadratic), quadratic), 1)
    linear = torch.where(exists > 0, first, 0)
    t50 = torch.where(exists > 0, torch.zeros_like(exists) + 1, 0)
    dlinear_D_eta = dfirst_D_eta*t50
    dlinear_D_alpha = dfirst_D_alpha*t50
    dlinear_D_rho = dfirst_D_rho*t50
    dlinear_D_beta = dfirst_D_beta*t50
    dlinear_D_decoder_variance = dfirst_D_decoder_variance*t50
    dlinear_D_lam = dfirst_D_lam*t50
    offset = torch.where(exists > 0, constant, -second - third)
    t51 = torch.where(exists > 0, torch.zeros_like(exists) + 0, -1)
    doffset_D_eta = dconstant_D_eta*t50 + dsecond_D_eta*t51
    doffset_D_alpha = dconstant_D_alpha*t50 + dsecond_D_alpha*t51 + dthird_D_alpha*t51
    doffset_D_rho = dconstant_D_rho*t50 + dsecond_D_rho*t51
    doffset_D_beta = dconstant_D_beta*t50 + dsecond_D_beta*t51
    doffset_D_decoder_variance = dconstant_D_decoder_variance*t50 + dsecond_D_decoder_variance*t51 + dthird_D_decoder_variance*t51
    doffset_D_lam = dconstant_D_lam*t50 + dsecond_D_lam*t51 + dthird_D_lam*t51
    with torch.no_grad():
        newton_3 = above
        for _ in range(3):
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
    root = torch.where(newton_5 > 0, newton_5, 1)
    t74 = torch.where(newton_5 > 0, torch.zeros_like(newton_5) + 1, 0)
    droot_D_eta = dnewton_5_D_eta*t74
    droot_D_alpha = dnewton_5_D_alpha*t74
    droot_D_rho = dnewton_5_D_rho*t74
    droot_D_beta = dnewton_5_D_beta*t74
    droot_D_decoder_variance = dnewton_5_D_decoder_variance*t74
    droot_D_lam = dnewton_5_D_lam*t74
    t75 = (1/2)*phi
    t76 = root/beta_
    t77 = (1/2)*torch.log1p(t76)
    t78 = kappa + root
    t79 = 1/t78
    t80 = (1/2)*Lambda
    t81 = t79*t80
    per_sample = beta_*t77 + root*t75 - root*t81
    t82 = (1/2)*root
    t83 = t79*t82
    t84 = root*t80/t78**2
    t85 = (1/2)/(t76 + 1)
    t86 = t75 - t81 + t84 + t85
    dper_sample_D_eta = -dLambda_D_eta*t83 + dkappa_D_eta*t84 + droot_D_eta*t86
    dper_sample_D_alpha = -dLambda_D_alpha*t83 + dkappa_D_alpha*t84 + dphi_D_alpha*t82 + droot_D_alpha*t86
    dper_sample_D_rho = -dLambda_D_rho*t83 + dkappa_D_rho*t84 + droot_D_rho*t86
    t87 = -t76*t85 + t77
    dper_sample_D_beta = dbeta_D_beta*t87 + dkappa_D_beta*t84 + droot_D_beta*t86
    dper_sample_D_decoder_variance = dbeta_D_decoder_variance*t87 + dkappa_D_decoder_variance*t84 + dphi_D_decoder_variance*t82 + droot_D_decoder_variance*t86
    dper_sample_D_lam = dkappa_D_lam*t84 + dphi_D_lam*t82 + droot_D_lam*t86
    active = torch.where(exists > 0, torch.where(-distance > 0, 1, -per_sample), 0)
    t88 = torch.where(active > 0, torch.zeros_like(active) + 1, 0)
    t89 = kappa + root
    t90 = 1/t89**3
    t91 = 2*root
    t92 = t90*t91
    t93 = torch.where(active > 0, -t92, 0)
    t94 = 1/t89**2
    t95 = torch.where(active > 0, -t92 + t94, 0)
    t96 = root*t94
    t97 = torch.where(active > 0, -t96, 0)
    t98 = 1/t89
    t99 = torch.where(active > 0, -t96 + t98, 0)
    t100 = torch.sqrt(root)
    t101 = 1/t100
    t102 = torch.sqrt(torch.where(detected > 0, o, 1))
    t103 = torch.where(detected > 0, (1/2)*t101*t102, 0)
    t104 = torch.where(active > 0, t103, 0)
    t105 = torch.where(detected > 0, torch.zeros_like(detected) + 1, 0)
    t106 = torch.where(detected > 0, (1/2)*t100*t105/t102, 0)
    t107 = torch.where(active > 0, t106, 0)
    t108 = -t94*torch.where(detected > 0, t100*t102, 0)
    t109 = torch.where(active > 0, t108, 0)
    t110 = torch.where(active > 0, t106*t98, 0)
    t111 = torch.where(active > 0, t103*t98 + t108, 0)
    t112 = beta_ + root
    t113 = 1/t112**2
    t114 = beta_*t113
    t115 = torch.where(active > 0, -t114, 0)
    t116 = 1/t112
    t117 = torch.where(active > 0, -t114 + t116, 0)
    t118 = 1/decoder_variance
    t119 = torch.where(active > 0, alpha*t118, 0)
    t120 = 1/decoder_variance**2
    t121 = torch.where(active > 0, rho, 0)
    t122 = ddeficit_D_alpha*t121
    t123 = torch.where(-root + 2*target > 0, t91 - target, 0)
    t124 = torch.sqrt(torch.where(detected > 0, target, root))
    t125 = t100 + t124
    t126 = 1/t125**2
    t127 = 1/Lambda**2
    t128 = phi**2
    t129 = t127*t128
    t130 = eta*iota
    t131 = safe_rho + t130
    t132 = 1/t131
    t133 = safe_rho**2
    t134 = eta**2
    t135 = iota*t134
    t136 = t133 - t135
    t137 = t132*t136
    t138 = beta_ + t137
    t139 = 1/Lambda
    t140 = phi*t139
    t141 = 2*beta_
    t142 = 1/safe_rho
    t143 = 3*safe_rho
    t144 = 2*t133
    t145 = iota**2
    t146 = eta*t145
    t147 = iota*t144 + safe_rho*t146 + t130*t143 + t133 + t134*t145
    t148 = t142*t147
    t149 = t132*t148
    t150 = -eta*t149
    t151 = beta_*(beta_ + t150)
    t152 = t138 + t140
    t153 = t152 - 1
    t154 = t152 + 1
    t155 = t153*t154
    t156 = phi*t155
    t157 = t140*t141 + t151 + t156
    t158 = -beta_*t129 - t138*t157
    t159 = t158**2
    t160 = root**2
    t161 = 1/t131**2
    t162 = t136**2
    t163 = t161*t162
    t164 = first + second*(root + t137) + third*(root*t137 + t160 + t163)
    t165 = t126*t159/t164**3
    t166 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, -2*t165, 0), 0), 0)
    t167 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t165*(-2*t137 - t91), 0), 0), 0)
    t168 = 1/t124
    t169 = t105*t168
    t170 = 1/t164**2
    t171 = t159*t170/t125**3
    t172 = t100 - t124
    t173 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, -t169*t171, -t169*t172), 0), 0)
    t174 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t165*(-t137*t91 - 2*t160 - 2*t163), 0), 0), 0)
    t175 = phi*t127
    t176 = 2*t138
    t177 = t126*t158*t170
    t178 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t177*(-t176*(-t129*t153 - t129*t154 - t141*t175) + 4*beta_*t128/Lambda**3), 0), 0), 0)
    t179 = 4*beta_
    t180 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t177*(-t175*t179 - t176*(t139*t141 + t140*t153 + t140*t154 + t155)), 0), 0), 0)
    t181 = t168*torch.where(detected > 0, torch.zeros_like(detected) + 0, 1)
    t182 = 2*second
    t183 = 2*third
    t184 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t165*(-t182 - t183*(t137 + t91)) + t171*(-t101 - t181), t172*(t101 - t181)), 1), 0)
    t185 = t132*t134
    t186 = t136*t161
    t187 = eta*t186
    t188 = -t185 - t187
    t189 = 2*t162/t131**3
    t190 = 2*t157
    t191 = phi*t153
    t192 = phi*t154
    t193 = 2*safe_rho
    t194 = eta*t132
    t195 = t142*t194
    t196 = t148*t161
    t197 = torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t177*(-2*t129 - t140*t179 - 2*t151 - 2*t156 - t176*(2*t140 + t141 + t150 + t191 + t192)), 0), 0), 0)
    t198 = ddeficit_D_rho*t121
    t199 = t132*t193 - t186
    t200 = t132*t91
    t201 = root*t186
    t202 = 4*safe_rho
    t203 = ddeficit_D_eta*t121
    t204 = -iota*t186 - 2*t130*t132
    t205 = (1/2)*t96
    t206 = rho*t205
    t207 = torch.where(active > 0, t206, 0)
    t208 = eta + o*rho
    t209 = t208*t90
    t210 = root*t209
    t211 = -t210
    t212 = torch.where(active > 0, t211, 0)
    t213 = (1/2)*t116
    t214 = (1/2)*root
    t215 = t113*t214
    t216 = (1/2)*t208*t94
    t217 = 1/beta_
    t218 = root*t217
    t219 = 1/(t218 + 1)
    t220 = (1/2)*t217
    t221 = torch.where(active > 0, t211 - t213 + t215 + t216 + t219*t220, 0)
    t222 = 1/beta_**2
    t223 = t214*t222
    t224 = torch.where(active > 0, t215 - t219*t223, 0)
    t225 = o*t205
    t226 = kappa**2
    t227 = t226*t94
    t228 = torch.where(active > 0, rho*t227, 0)
    t229 = 2*t209*t226
    t230 = torch.where(active > 0, 2*kappa*t208*t94 - t229, 0)
    t231 = root*t114
    t232 = torch.where(active > 0, beta_*t116 - t229 - t231, 0)
    t233 = torch.where(active > 0, root*t116 - t231, 0)
    t234 = root*t118
    t235 = t234 + 1
    t236 = decoder_variance + root
    t237 = 1/t236**2
    t238 = (decoder_variance - kappa)**2
    t239 = t237*t238
    t240 = t235*t239
    t241 = torch.where(active > 0, t206*t240, 0)
    t242 = 2*decoder_variance - 2*kappa
    t243 = -t237*t242
    t244 = t210*t240
    t245 = torch.where(active > 0, t205*t208*t235*t243 - t244, 0)
    t246 = beta_ - decoder_variance
    t247 = -1/2*t116*t118*t246
    t248 = (1/2)*t113*t234
    t249 = t246*t248
    t250 = t208*t96
    t251 = t238*t250/t236**3
    t252 = t235*t251
    t253 = torch.abs(t246)
    t254 = t248*t253 + t249
    t255 = t213*t234
    t256 = (1/2)/(t246*t255 + t253*t255 + 1)
    t257 = -t246
    t258 = 1/t236
    t259 = t237*t257
    t260 = (1/2)*t218
    t261 = t237*t253*t260 + t259*t260
    t262 = t257*t258
    t263 = (1/2)/(t253*t258*t260 + t260*t262 + 1)
    t264 = t256*((1/2)*t116*t118*t253 - t247 - t254) - t263*((1/2)*t217*t253*t258 + (1/2)*t217*t257*t258 - t261)
    t265 = torch.where(active > 0, (1/2)*root*t118*t208*t237*t238*t94 + (1/2)*t208*t235*t237*t238*t94 - t244 - t247 - t249 - t252 - t264, 0)
    t266 = -t255
    t267 = torch.sign(t246)
    t268 = t255*t267
    t269 = t258*t260
    t270 = root*t258
    t271 = (1/2)*t222
    t272 = t267*t269
    t273 = t256*(-t254 - t266 + t268) - t263*(-t223*t262 - t253*t270*t271 - t269 + t272)
    t274 = torch.where(active > 0, -t249 - t266 - t273, 0)
    t275 = root*t120*t213
    t276 = t246*t275 + t255
    t277 = t256*(-t253*t275 - t268 - t276) - t263*(-t261 + t269 - t272)
    t278 = t112*t239
    t279 = t220*t278*t96
    t280 = torch.where(active > 0, rho*t279, 0)
    t281 = t208*t278*t92
    t282 = torch.where(active > 0, t220*(t112*t243*t250 - t281), 0)
    t283 = root*t259 + 2*t112*t251
    t284 = torch.where(active > 0, t220*(root*t208*t237*t238*t94 + t112*t208*t237*t238*t94 + t257*t258 - t281 - t283) + t264, 0)
    t285 = -t270
    t286 = t239*t250
    t287 = torch.where(active > 0, t220*(t285 + t286) - t271*(root*t262 + t112*t286) + t273, 0)
    return (
        droot_D_alpha*t88,
        droot_D_beta*t88,
        droot_D_lam*t88,
        droot_D_rho*t88,
        droot_D_eta*t88,
        droot_D_decoder_variance*t88,
        dkappa_D_alpha*t93 + droot_D_alpha*t95,
        dkappa_D_beta*t93 + droot_D_beta*t95,
        dkappa_D_lam*t93 + droot_D_lam*t95,
        dkappa_D_rho*t93 + droot_D_rho*t95,
        dkappa_D_eta*t93 + droot_D_eta*t95,
        dkappa_D_decoder_variance*t93 + droot_D_decoder_variance*t95,
        dkappa_D_alpha*t97 + droot_D_alpha*t99,
        dkappa_D_beta*t97 + droot_D_beta*t99,
        dkappa_D_lam*t97 + droot_D_lam*t99,
        dkappa_D_rho*t97 + droot_D_rho*t99,
        dkappa_D_eta*t97 + droot_D_eta*t99,
        dkappa_D_decoder_variance*t97 + droot_D_decoder_variance*t99,
        do_D_alpha*t107 + droot_D_alpha*t104,
        droot_D_beta*t104,
        droot_D_lam*t104,
        do_D_rho*t107 + droot_D_rho*t104,
        do_D_eta*t107 + droot_D_eta*t104,
        droot_D_decoder_variance*t104,
        dkappa_D_alpha*t109 + do_D_alpha*t110 + droot_D_alpha*t111,
        dkappa_D_beta*t109 + droot_D_beta*t111,
        dkappa_D_lam*t109 + droot_D_lam*t111,
        dkappa_D_rho*t109 + do_D_rho*t110 + droot_D_rho*t111,
        dkappa_D_eta*t109 + do_D_eta*t110 + droot_D_eta*t111,
        dkappa_D_decoder_variance*t109 + droot_D_decoder_variance*t111,
        droot_D_alpha*t115,
        dbeta_D_beta*t117 + droot_D_beta*t115,
        droot_D_lam*t115,
        droot_D_rho*t115,
        droot_D_eta*t115,
        dbeta_D_decoder_variance*t117 + droot_D_decoder_variance*t115,
        dLambda_D_alpha,
        0,
        0,
        dLambda_D_rho,
        dLambda_D_eta,
        0,
        do_D_alpha,
        0,
        0,
        do_D_rho,
        do_D_eta,
        0,
        dper_sample_D_alpha*t119 + torch.where(active > 0, per_sample*t118, 0),
        dper_sample_D_beta*t119,
        dper_sample_D_lam*t119,
        dper_sample_D_rho*t119,
        dper_sample_D_eta*t119,
        dper_sample_D_decoder_variance*t119 + torch.where(active > 0, -alpha*per_sample*t120, 0),
        dLambda_D_alpha*t178 + dfirst_D_alpha*t166 + diota_D_alpha*torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t165*(-t182*t188 - t183*(-eta*t189 - root*t185 - root*t187 - 2*t134*t186)) + t177*(-t176*(beta_*(t134*t196 - t195*(eta*t143 + t130*t193 + 2*t135 + t144)) + t188*t191 + t188*t192) - t188*t190), 0), 0), 0) + dphi_D_alpha*t180 + droot_D_alpha*t184 + dsecond_D_alpha*t167 + dtarget_D_alpha*t173 + dthird_D_alpha*t174 + t122,
        dbeta_D_beta*t197 + dfirst_D_beta*t166 + droot_D_beta*t184 + dsecond_D_beta*t167,
        dfirst_D_lam*t166 + dphi_D_lam*t180 + droot_D_lam*t184 + dsecond_D_lam*t167 + dthird_D_lam*t174,
        dLambda_D_rho*t178 + dfirst_D_rho*t166 + droot_D_rho*t184 + dsafe_rho_D_rho*torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t165*(-t182*t199 - t183*(safe_rho*t200 + t186*t202 - t189 - t201)) + t177*(-t176*(beta_*(eta*t196 - t195*(iota*t202 + 3*t130 + t146 + t193) + t147*t194/t133) + t191*t199 + t192*t199) - t190*t199), 0), 0), 0) + dsecond_D_rho*t167 + dtarget_D_rho*t173 + t198 + torch.where(active > 0, deficit, 1),
        dLambda_D_eta*t178 + dfirst_D_eta*t166 + droot_D_eta*t184 + dsecond_D_eta*t167 + dtarget_D_eta*t173 + t203 + torch.where(active > 0, torch.where(detected > 0, torch.where(t123 > 0, t165*(-t182*t204 - t183*(-iota*t189 - iota*t201 - 4*t130*t186 - t130*t200)) + t177*(-t176*(beta_*(eta*iota*t142*t147*t161 - t149 - t195*(iota*t143 + safe_rho*t145 + 2*t146)) + t191*t204 + t192*t204) - t190*t204), 0), 0), 0),
        dbeta_D_decoder_variance*t197 + dfirst_D_decoder_variance*t166 + dphi_D_decoder_variance*t180 + droot_D_decoder_variance*t184 + dsecond_D_decoder_variance*t167 + dthird_D_decoder_variance*t174,
        dkappa_D_alpha*t212 + do_D_alpha*t207 + droot_D_alpha*t221,
        dbeta_D_beta*t224 + dkappa_D_beta*t212 + droot_D_beta*t221,
        dkappa_D_lam*t212 + droot_D_lam*t221,
        dkappa_D_rho*t212 + do_D_rho*t207 + droot_D_rho*t221 + torch.where(active > 0, t225, 0),
        dkappa_D_eta*t212 + do_D_eta*t207 + droot_D_eta*t221 + torch.where(active > 0, t205, 0),
        dbeta_D_decoder_variance*t224 + dkappa_D_decoder_variance*t212 + droot_D_decoder_variance*t221,
        dkappa_D_alpha*t230 + do_D_alpha*t228 + droot_D_alpha*t232 + t122,
        dbeta_D_beta*t233 + dkappa_D_beta*t230 + droot_D_beta*t232,
        dkappa_D_lam*t230 + droot_D_lam*t232,
        dkappa_D_rho*t230 + do_D_rho*t228 + droot_D_rho*t232 + t198 + torch.where(active > 0, deficit + o*t227, 1),
        dkappa_D_eta*t230 + do_D_eta*t228 + droot_D_eta*t232 + t203 + torch.where(active > 0, t227, 1),
        dbeta_D_decoder_variance*t233 + dkappa_D_decoder_variance*t230 + droot_D_decoder_variance*t232,
        dkappa_D_alpha*t245 + do_D_alpha*t241 + droot_D_alpha*t265,
        dbeta_D_beta*t274 + dkappa_D_beta*t245 + droot_D_beta*t265,
        dkappa_D_lam*t245 + droot_D_lam*t265,
        dkappa_D_rho*t245 + do_D_rho*t241 + droot_D_rho*t265 + torch.where(active > 0, t225*t240, 0),
        dkappa_D_eta*t245 + do_D_eta*t241 + droot_D_eta*t265 + torch.where(active > 0, t205*t240, 0),
        dbeta_D_decoder_variance*t274 + dkappa_D_decoder_variance*t245 + droot_D_decoder_variance*t265 + torch.where(active > 0, (1/2)*root*t208*t235*t237*t242*t94 - t120*t160*t216*t239 - t252 - t276 - t277, 0),
        dkappa_D_alpha*t282 + do_D_alpha*t280 + droot_D_alpha*t284,
        dbeta_D_beta*t287 + dkappa_D_beta*t282 + droot_D_beta*t284,
        dkappa_D_lam*t282 + droot_D_lam*t284,
        dkappa_D_rho*t282 + do_D_rho*t280 + droot_D_rho*t284 + torch.where(active > 0, o*t279, 0),
        dkappa_D_eta*t282 + do_D_eta*t280 + droot_D_eta*t284 + torch.where(active > 0, t279, 0),
        dbeta_D_decoder_variance*t287 + dkappa_D_decoder_variance*t282 + droot_D_decoder_variance*t284 + torch.where(active > 0, t220*(root*t112*t208*t237*t242*t94 - t283 - t285) + t277, 0),
    )


def stationary_point(alpha, beta, lam, rho, eta, decoder_variance, eigenvalue, overlap, Q):
    """What point returns, but for the phase, at any stationary Q > 0 on an eigenvalue."""
    beta_ = beta*decoder_variance
    lambda_ = decoder_variance*lam
    iota = 1/alpha
    phi = iota*lambda_
    detected = overlap
    safe_rho = torch.where(detected > 0, rho, 1)
    t0 = phi/eigenvalue
    kappa = beta_ + t0
    t1 = eta*iota
    deficit = torch.where(detected > 0, t1*(eta + safe_rho)/(safe_rho*(safe_rho + t1)), 1)
    target = overlap*rho
    third = phi
    t2 = 2*phi
    t3 = phi + 1
    second = beta_*t3 + kappa*t2
    first = kappa*(beta_*(t2 + 1) - t0 + t3*(-eigenvalue/t3 + kappa))
    root = Q
    t4 = (1/2)*Q
    per_sample = (1/2)*beta_*torch.log1p(Q/beta_) - eigenvalue*t4/(Q + kappa) + phi*t4
    active = 1
    t5 = kappa + root
    t6 = 1/t5**2
    t7 = root*t6
    t8 = 1/t5
    t9 = torch.sqrt(root)
    t10 = torch.where(detected > 0, t9*torch.sqrt(torch.where(detected > 0, overlap, 1)), 0)
    t11 = beta_ + root
    t12 = 1/t11
    t13 = beta_*t12
    t14 = 1/decoder_variance
    t15 = deficit*rho
    t16 = torch.sqrt(torch.where(detected > 0, target, root))
    t17 = eta*iota
    t18 = safe_rho + t17
    t19 = 1/t18
    t20 = safe_rho**2
    t21 = eta**2
    t22 = -iota*t21 + t20
    t23 = t19*t22
    t24 = beta_ + t23
    t25 = phi/eigenvalue
    t26 = iota**2
    t27 = t24 + t25
    t28 = (1/2)*t12
    t29 = 1/beta_
    t30 = root*t29
    t31 = eta + overlap*rho
    t32 = t31*t7
    t33 = (1/2)*t32
    t34 = beta_ - decoder_variance
    t35 = root*t14
    t36 = t28*t35
    t37 = t34*t36
    t38 = decoder_variance + root
    t39 = (decoder_variance - kappa)**2/t38**2
    t40 = 1/t38
    t41 = -t34*t40
    t42 = (1/2)*t30
    t43 = torch.abs(t34)
    t44 = (1/2)*torch.log1p(t40*t42*t43 + t41*t42)
    t45 = (1/2)*torch.log1p(t36*t43 + t37)
    return (
        torch.where(active > 0, root, 0),
        torch.where(active > 0, t7, 0),
        torch.where(active > 0, root*t8, 0),
        torch.where(active > 0, t10, 0),
        torch.where(active > 0, t10*t8, 0),
        torch.where(active > 0, t13, 1),
        eigenvalue,
        overlap,
        torch.where(active > 0, alpha*per_sample*t14, 0),
        torch.where(active > 0, t15 + torch.where(detected > 0, torch.where(torch.where(-root + 2*target > 0, 2*root - target, 0) > 0, (-beta_*phi**2/eigenvalue**2 - t24*(2*beta_*t25 + beta_*(beta_ - eta*t19*(eta*safe_rho*t26 + 2*iota*t20 + 3*safe_rho*t17 + t20 + t21*t26)/safe_rho) + phi*(t27 - 1)*(t27 + 1)))**2/((t16 + t9)**2*(first + second*(root + t23) + third*(root**2 + root*t23 + t22**2/t18**2))**2), (-t16 + t9)**2), root), rho),
        torch.where(active > 0, -root*t28 + t33 + (1/2)*torch.log1p(t30), 0),
        torch.where(active > 0, kappa**2*t31*t6 + root*t13 + t15, eta + rho),
        torch.where(active > 0, t33*t39*(t35 + 1) + t37 + t44 - t45, 0),
        torch.where(active > 0, (1/2)*t29*(root*t41 + t11*t32*t39) - t44 + t45, 0),
    )


def minimiser(alpha, beta, lam, eigenvalue):
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
    outward = torch.abs(first) + torch.sqrt(torch.where(discriminant > 0, discriminant, 0))
    size = torch.where(outward > 0, outward, 1)
    quadratic = torch.where(first > 0, -2*constant/size, (1/2)*size/second)
    t6 = eigenvalue*kappa
    asymptote = t1 + (281474976710657/140737488355328)*t6/(beta + torch.sqrt(beta**2 + 4*phi*t6))
    exists = torch.where(-distance > 0, 1, torch.where(-first > 0, torch.where(discriminant > 0, torch.where(asymptote > 0, asymptote, 0), 0), 0))
    above = torch.where(exists > 0, torch.where(asymptote > 0, torch.where(-asymptote + quadratic > 0, asymptote, quadratic), quadratic), 1)
    linear = torch.where(exists > 0, first, 0)
    offset = torch.where(exists > 0, constant, -second - third)
    with torch.no_grad():
        newton_3 = above
        for _ in range(3):
            t7 = newton_3*third
            newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t7)) + offset)/(linear + newton_3*(2*second + 3*t7))
    t8 = newton_3*third
    t9 = 2*second
    newton_4 = newton_3 - (newton_3*(linear + newton_3*(second + t8)) + offset)/(linear + newton_3*(3*t8 + t9))
    t10 = newton_4*third
    newton_5 = newton_4 - (newton_4*(linear + newton_4*(second + t10)) + offset)/(linear + newton_4*(3*t10 + t9))
    root = torch.where(newton_5 > 0, newton_5, 1)
    t11 = (1/2)*root
    per_sample = (1/2)*beta*torch.log1p(root/beta) - eigenvalue*t11/(kappa + root) + phi*t11
    active = torch.where(exists > 0, torch.where(-distance > 0, 1, -per_sample), 0)
    return torch.where(active > 0, root, 0)


def outlier(alpha, rho, eta):
    """Outlier: eigenvalue, overlap, 1 - overlap."""
    iota = 1/alpha
    t0 = eta + rho
    t1 = 1/rho
    t2 = eta*iota
    t3 = t1*t2
    t4 = 1/(rho + t2)
    return (
        t0*(t3 + 1),
        t1*t4*(-eta**2*iota + rho**2),
        t0*t3*t4,
    )


def detection(alpha, rho, eta):
    """Positive where the signal is detected."""
    iota = 1/alpha
    return -eta**2*iota + rho**2


def bulk_edge(alpha, eta):
    """Upper edge of the noise spectrum."""
    iota = 1/alpha
    return eta*(torch.sqrt(iota) + 1)**2


def detection_threshold(rho, eta):
    """Samples per dimension to detect."""
    return eta**2/rho**2


def collapse_threshold(alpha, lam, eigenvalue):
    """Least beta of stable collapse."""
    iota = 1/alpha
    phi = iota*lam
    return eigenvalue/(phi + 1) - phi/eigenvalue


def cubic_coefficients(alpha, beta, lam, eigenvalue):
    """Stationarity cubic in Q, over alpha."""
    iota = 1/alpha
    phi = iota*lam
    kappa = beta + phi/eigenvalue
    t0 = 2*phi
    t1 = phi + 1
    t2 = beta*t1
    t3 = -eigenvalue/t1 + kappa
    return (
        phi,
        kappa*t0 + t2,
        kappa*(beta*(t0 + 1) + t1*t3 - phi/eigenvalue),
        kappa*t2*t3,
    )


def potential(alpha, beta, lam, eigenvalue, Q):
    """Potential of one latent."""
    iota = 1/alpha
    phi = iota*lam
    kappa = beta + phi/eigenvalue
    t0 = (1/2)*Q
    return alpha*((1/2)*beta*torch.log1p(Q/beta) - eigenvalue*t0/(Q + kappa) + phi*t0)


def observables(alpha, beta, lam, rho, eta, decoder_variance, eigenvalue, overlap, Q):
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
    t17 = torch.abs(t8)
    t18 = (1/2)*torch.log1p(t14*t16*t17 + t15*t16)
    t19 = (1/2)*torch.log1p(t10*t17 + t11)
    return (
        -1/2*t2 + t7 + (1/2)*torch.log1p(t4),
        beta*t2 + kappa**2*t5,
        (torch.sqrt(Q) - torch.sqrt(overlap)*torch.sqrt(rho))**2,
        t11 + t13*t7*(t9 + 1) + t18 - t19,
        -t18 + t19 + (1/2)*t3*(Q*t15 + t0*t13*t6),
    )


def outlier_fluctuations(alpha, rho, eta):
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
    return (
        t3*t5/(alpha*t0),
        2*alpha*eta*t4**3/(rho*t7**2),
        t1*t5*t8*(alpha*t1 + 4*eta*t6 + t0*t8 + t1 + t2)/(t3*t7**4),
    )


def responses(alpha, beta, lam, rho, eta, eigenvalue, overlap, Q):
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
    t74 = torch.sqrt(Q)
    t75 = torch.sqrt(overlap)
    t76 = torch.sqrt(rho)
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
    return (
        1,
        0,
        0,
        1,
        -t27,
        0,
        -t27*(t3*t42 + t32*(lam*t8 + t11*t37 + t2 - t24) - t39*t43) + t32*(-t1*t13 + t28*t33 + t35) + t36*t39,
        0,
        -t27*((1/2)*eta*t12*t22*t46 + (1/2)*overlap*rho*t12*t22*t46 - t53 - t55 - t57 - t58) + t44*t47 + t47*t49 + (1/2)*t48*t52 + t50*t52,
        t61,
        2*eigenvalue*eta*t12*t17*t46 + 2*eigenvalue*overlap*rho*t12*t17*t46 + eta*t12*t17*t22*t36*t51 + overlap*rho*t12*t17*t22*t36*t51 - t27*(4*Q*eta*t12*t22*t46 + 4*Q*overlap*rho*t12*t22*t46 - eta*t18*t56 - t18*t48*t56 - t43*t63 - t43*t64 - t69) - t29*t63 - t29*t64 - t30*t66 - t30*t67,
        -t30*t70 + t73,
        -t27*(1 - t75*t76/t74),
        -t74*t76/t75,
        Q*eigenvalue*eta*t12*t46 + Q*eigenvalue*overlap*rho*t12*t46 + (1/2)*Q*eta*t12*t22*t36*t51 + (1/2)*Q*overlap*rho*t12*t22*t36*t51 + eigenvalue*eta*t12*t17*t46 + eigenvalue*overlap*rho*t12*t17*t46 + (1/2)*eta*t12*t17*t22*t36*t51 + (1/2)*overlap*rho*t12*t17*t22*t36*t51 - t27*(-Q*t55 + beta*t42 + eta*t94 + overlap*t73*t78 + t1*t88 + t1*t90 - t100*t56 + t100*t71*t78 - t17*t48*t56 - t19*t79 - t19*t80 - t30*t79 - t30*t80 + t37*t97 + t37*t99 + t42 + t44*t91 + t48*t94 + t49*t91 - t55 - t57 - t58 + t78*t93 + t78*t98 + t83*t97 + t83*t99 - t84 + t88 + t90 + t92 + t93 + t95 + t98) - t28*t79 - t28*t80 - t34*t79 - t34*t80 - t37*t81 - t37*t82 - t81*t83 - t82*t83,
        Q*t89 - t101*t37 - t101*t83 + t17*t89 + t61 + (1/2)*t73,
        Q*eigenvalue*eta*t102*t12*t40*t46 + Q*eigenvalue*overlap*rho*t102*t12*t40*t46 + (1/2)*Q*eta*t102*t12*t22*t36*t40*t51 + (1/2)*Q*overlap*rho*t102*t12*t22*t36*t40*t51 - t105*t28 - t106*t28 - t107*t66 - t107*t67 - t27*(eta*t114 + overlap*t115 + t1*t109 + t102*t48*t60 + t102*t50*t59 + t104*t93 + t104*t98 - t105*t19 - t106*t19 + 2*t109 - t110*t57 - t110*t58 + t110*t92 + t110*t95 - t117*t63 - t117*t64 + t118*t44 + t118*t49 + t53 + t84 + (t1*t54 - t111 + t116)/(t1*t68 + t111)**2 - 1/t108),
        Q*t115 - t107*t70 + t110*t61,
    )


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


def optimal_beta_coefficients(alpha, lam, rho, eta, eigenvalue):
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
    return (
        t0,
        t0*t5 + t9,
        t10 + t5*t9 + phi**2/eigenvalue**2,
        t10*t5,
    )
