// The shipped model as javascript functions.
// Written by `python -m vaesym.linear_vae.program.generate`; do not edit. A test regenerates and compares it.

export const FIELDS = [
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
];
export const DIFFERENTIABLE = [
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
];

/** Replica-symmetric free energy.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} Q @param {number} E @param {number} R @param {number} m @param {number} d @param {number} D @param {number} chi_kk @param {number} chi_kh @param {number} chi_hh */
export function free_energy(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh) {
  const t0 = (1/2)*lam;
  const t1 = (1/2)*alpha;
  const t2 = beta*t1;
  const t3 = chi_hh*chi_kk;
  const t4 = (chi_kh*chi_kh);
  const t5 = E*chi_kk;
  const t6 = Q*chi_hh;
  const t7 = 2*chi_kh;
  const t8 = d*m;
  const t9 = (m*m);
  const t10 = (d*d);
  const t11 = eta*t7;
  const t12 = beta*eta;
  const t13 = (eta*eta);
  const t14 = rho*t8;
  const t15 = rho*t10;
  const t16 = eta*rho;
  return D*Q*t1 + D*t2 + E*t0 + Q*t0 + t1*(E*Q*eta + E*t12 + Q*t15 - 2*R*eta + R*t13*t7 + beta*t15 - chi_hh*t16*t9 - chi_kk*t10*t16 + t11*t14 - t13*t5 - t13*t6 - 2*t14)/(chi_hh*t12 + eta*t6 - t11 - t13*t3 + t13*t4 + 1) - t2*Math.log(D) - t2 + (1/2)*(2*R*chi_kh + chi_hh*t9 + chi_kk*t10 - t5 - t6 - t7*t8)/(t3 - t4);
}

/** Gradient of the free energy.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} Q @param {number} E @param {number} R @param {number} m @param {number} d @param {number} D @param {number} chi_kk @param {number} chi_kh @param {number} chi_hh */
export function stationarity(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh) {
  const t0 = (1/2)*lam;
  const t1 = (1/2)*alpha;
  const t2 = chi_hh*chi_kk;
  const t3 = (chi_kh*chi_kh);
  const t4 = t2 - t3;
  const t5 = 1/t4;
  const t6 = (1/2)*t5;
  const t7 = E*eta;
  const t8 = (d*d);
  const t9 = rho*t8;
  const t10 = (eta*eta);
  const t11 = chi_hh*t10;
  const t12 = 2*eta;
  const t13 = chi_kh*t12;
  const t14 = Q*eta;
  const t15 = beta*eta;
  const t16 = chi_hh*t14 + chi_hh*t15 - t10*t2 + t10*t3 - t13 + 1;
  const t17 = t1/t16;
  const t18 = 2*m;
  const t19 = rho*t18;
  const t20 = chi_kk*t10;
  const t21 = 2*R;
  const t22 = rho*t13;
  const t23 = (m*m);
  const t24 = eta*rho;
  const t25 = eta*t9;
  const t26 = t1*(-E*t20 - Q*t11 + Q*t7 + Q*t9 - R*t12 + beta*t7 + beta*t9 - chi_hh*t23*t24 + chi_kh*t10*t21 - chi_kk*t25 + d*m*t22 - d*t19)/(t16*t16);
  const t27 = t14 + t15 - t20;
  const t28 = 2*chi_kh;
  const t29 = t10*t28 - t12;
  const t30 = d*t28;
  const t31 = 2*d*rho;
  const t32 = rho*t12;
  const t33 = m*t32;
  const t34 = beta*t1;
  const t35 = (-E*chi_kk - Q*chi_hh + 2*R*chi_kh + chi_hh*t23 + chi_kk*t8 - m*t30)/(t4*t4);
  const t36 = (1/2)*t35;
  return [D*t1 - chi_hh*eta*t26 - chi_hh*t6 + t0 + t17*(-t11 + t7 + t9), -chi_kk*t6 + t0 + t17*t27, chi_kh*t5 + t17*t29, t17*(-chi_hh*t33 + 2*chi_kh*d*eta*rho - t31) + t6*(chi_hh*t18 - t30), t17*(Q*t31 + beta*t31 - chi_kk*d*t32 + m*t22 - t19) + t6*(2*chi_kk*d - m*t28), Q*t1 + t34 - t34/D, -chi_hh*t36 + t11*t26 + t17*(-E*t10 - t25) + t6*(-E + t8), chi_kh*t35 + t17*(d*t33 + t10*t21) - t26*t29 + t6*(-d*t18 + t21), -chi_kk*t36 + t17*(-Q*t10 - t23*t24) - t26*t27 + t6*(-Q + t23)];
}

/** Hessian of the free energy.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} Q @param {number} E @param {number} R @param {number} m @param {number} d @param {number} D @param {number} chi_kk @param {number} chi_kh @param {number} chi_hh */
export function stationarity_jacobian(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh) {
  const t0 = E*eta;
  const t1 = (d*d);
  const t2 = rho*t1;
  const t3 = (eta*eta);
  const t4 = chi_hh*t3;
  const t5 = t0 + t2 - t4;
  const t6 = 2*eta;
  const t7 = chi_kh*t6;
  const t8 = Q*eta;
  const t9 = beta*eta;
  const t10 = (chi_kh*chi_kh);
  const t11 = chi_hh*t8 + chi_hh*t9 - chi_kk*t4 + t10*t3 - t7 + 1;
  const t12 = 1/(t11*t11);
  const t13 = alpha*t12;
  const t14 = chi_hh*eta;
  const t15 = 2*rho;
  const t16 = d*t15;
  const t17 = chi_kk*t3;
  const t18 = 2*R;
  const t19 = chi_kh*t3;
  const t20 = d*rho;
  const t21 = (m*m);
  const t22 = eta*rho;
  const t23 = eta*t2;
  const t24 = -E*t17 + Q*t0 + Q*t2 - Q*t4 - R*t6 + beta*t0 + beta*t2 - chi_hh*t21*t22 - chi_kk*t23 - m*t16 + m*t20*t7 + t18*t19;
  const t25 = t24*t3;
  const t26 = (chi_hh*chi_hh);
  const t27 = 1/Math.pow(t11, 3.0);
  const t28 = alpha*t26*t27;
  const t29 = 1/t11;
  const t30 = -t17 + t8 + t9;
  const t31 = (1/2)*alpha;
  const t32 = t12*t31;
  const t33 = t30*t32;
  const t34 = (1/2)*alpha*eta*t29 - t14*t33;
  const t35 = 2*t19 - t6;
  const t36 = t32*t35;
  const t37 = -t14*t36;
  const t38 = rho*t6;
  const t39 = -chi_hh*m*t38 + 2*chi_kh*d*eta*rho - t16;
  const t40 = t32*t39;
  const t41 = -t14*t40;
  const t42 = rho*t7;
  const t43 = t32*(Q*t16 + beta*t16 - chi_kk*d*t38 - m*t15 + m*t42);
  const t44 = alpha*d*rho*t29 - t14*t43;
  const t45 = chi_hh*chi_kk;
  const t46 = -t10 + t45;
  const t47 = 1/(t46*t46);
  const t48 = -E*t3 - t23;
  const t49 = t32*t48;
  const t50 = t24*t28;
  const t51 = (1/2)*alpha*chi_hh*t12*t3*t5 - Math.pow(eta, 3.0)*t50 - t14*t49 + (1/2)*t26*t47;
  const t52 = chi_kh*t47;
  const t53 = chi_hh*t52;
  const t54 = m*t20*t6 + t18*t3;
  const t55 = t32*t54;
  const t56 = -t35;
  const t57 = 4*eta - 4*t19;
  const t58 = t24*t27*t31;
  const t59 = t57*t58;
  const t60 = (1/2)*alpha*t12*t5*t56 - t14*t55 - t14*t59 - t53;
  const t61 = 1/t46;
  const t62 = (1/2)*t61;
  const t63 = t29*t31;
  const t64 = t3*t63;
  const t65 = -Q*t3 - t21*t22;
  const t66 = t32*t65;
  const t67 = -t30;
  const t68 = 2*chi_kk*t3 - 2*t8 - 2*t9;
  const t69 = t58*t68;
  const t70 = (1/2)*alpha*t12*t5*t67 + (1/2)*chi_hh*chi_kk*t47 - eta*t24*t32 - t14*t66 - t14*t69 - t62 - t64;
  const t71 = (1/2)*t47;
  const t72 = t33*t4 + t45*t71 - t62 - t64;
  const t73 = -chi_kk*t52;
  const t74 = t33*t56 + t73;
  const t75 = (chi_kk*chi_kk);
  const t76 = t33*t67 + t71*t75;
  const t77 = t36*t4 - t53;
  const t78 = alpha*t29;
  const t79 = 2*t10*t47 + t3*t78 + t36*t56 + t61;
  const t80 = t36*t67 + t73;
  const t81 = t22*t78;
  const t82 = -chi_kh*t61 + t63*(-t15 + t42);
  const t83 = 2*m;
  const t84 = 2*chi_kh;
  const t85 = d*t84;
  const t86 = chi_hh*t83 - t85;
  const t87 = t71*t86;
  const t88 = -chi_hh*t87 + t4*t40;
  const t89 = d*t61;
  const t90 = d*t81;
  const t91 = t40*t56 + t52*t86 - t89 + t90;
  const t92 = -m*t61 + m*t81;
  const t93 = (1/2)*alpha*t12*t39*t67 - chi_kk*t87 - t92;
  const t94 = 2*chi_kk*d - m*t84;
  const t95 = t71*t94;
  const t96 = -chi_hh*t95 + t4*t43 + t89 - t90;
  const t97 = t43*t56 + t52*t94 + t92;
  const t98 = -chi_kk*t95 + t43*t67;
  const t99 = -E + t1;
  const t100 = -E*chi_kk - Q*chi_hh + 2*R*chi_kh + chi_hh*t21 + chi_kk*t1 - m*t85;
  const t101 = t100/Math.pow(t46, 3.0);
  const t102 = -d*t83 + t18;
  const t103 = chi_hh*t71;
  const t104 = t101*t84;
  const t105 = -chi_hh*t104 - t102*t103 + t4*t55 + t4*t59 + t49*t56 + t52*t99;
  const t106 = -Q + t21;
  const t107 = chi_kk*t71;
  const t108 = t100*t47;
  const t109 = t101*t45 - t103*t106 - t107*t99 - 1/2*t108 + t25*t32 + t4*t66 + t4*t69 + t49*t67;
  const t110 = t56*t58;
  const t111 = -chi_kk*t104 - t102*t107 + t106*t52 + t110*t68 + t55*t67 + t56*t66;
  return [-t13*t14*t5 + t25*t28, t34, t37, t41, t44, t31, t51, t60, t70, t34, 0, 0, 0, 0, 0, t72, t74, t76, t37, 0, 0, 0, 0, 0, t77, t79, t80, t41, 0, 0, chi_hh*t61 - chi_hh*t81, t82, 0, t88, t91, t93, t44, 0, 0, t82, chi_kk*t61 + t63*(Q*t15 + beta*t15 - chi_kk*t38), 0, t96, t97, t98, t31, 0, 0, 0, 0, beta*t31/(D*D), 0, 0, 0, t51, t72, t77, t88, t96, 0, -chi_hh*t47*t99 + Math.pow(eta, 4.0)*t50 + t101*t26 + t13*t4*t48, t105, t109, t60, t74, t79, t91, t97, 0, t105, 4*t10*t101 + 2*t102*t52 + t108 + t110*t57 - t13*t25 + t13*t54*t56, t111, t70, t76, t80, t93, t98, 0, t109, t111, -chi_kk*t106*t47 + t101*t75 + t13*t65*t67 + t67*t69];
}

/** The matrix chi G of the replicon condition.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} Q @param {number} E @param {number} R @param {number} m @param {number} d @param {number} D @param {number} chi_kk @param {number} chi_kh @param {number} chi_hh */
export function replicon(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh) {
  const t0 = chi_hh*chi_kk;
  const t1 = eta*t0;
  const t2 = (chi_kh*chi_kh);
  const t3 = Q*chi_hh;
  const t4 = beta*chi_hh;
  const t5 = (eta*eta);
  const t6 = 1/(-2*chi_kh*eta + eta*t3 + eta*t4 - t0*t5 + t2*t5 + 1);
  return [t6*(-chi_kh + eta*t2 - t1), t6*(Q*chi_kh + beta*chi_kh - chi_kk), -chi_hh*t6, t6*(-chi_kh + eta*t2 - t1 + t3 + t4)];
}

/** Positive where the average over a sample exists.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} Q @param {number} E @param {number} R @param {number} m @param {number} d @param {number} D @param {number} chi_kk @param {number} chi_kh @param {number} chi_hh */
export function field_determinant(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh) {
  const t0 = chi_hh*eta;
  const t1 = (eta*eta);
  return Q*t0 + beta*t0 - chi_hh*chi_kk*t1 + (chi_kh*chi_kh)*t1 - 2*chi_kh*eta + 1;
}

/** Exact solution of a latent: Q, E, R, m, d, D, eigenvalue, overlap, phase, free_energy, signal_recovery_error, rate, distortion, kl_variational_to_posterior, kl_posterior_to_variational.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} decoder_variance */
export function point(alpha, beta, lam, rho, eta, decoder_variance) {
  const beta_ = beta*decoder_variance;
  const lambda_ = decoder_variance*lam;
  const iota = 1/alpha;
  const phi = iota*lambda_;
  const t0 = (eta*eta)*iota;
  const detected = (rho*rho) - t0;
  const safe_rho = (detected > 0 ? rho : 1);
  const safe_inverse = (detected > 0 ? 1 : iota);
  const t1 = eta + safe_rho;
  const t2 = 1/safe_rho;
  const t3 = eta*iota;
  const t4 = t2*t3;
  const Lambda = (detected > 0 ? t1*(t4 + 1) : eta*Math.pow(Math.sqrt(safe_inverse) + 1, 2.0));
  const t5 = 1/(safe_rho + t3);
  const o = (detected > 0 ? t2*t5*((safe_rho*safe_rho) - t0) : 0);
  const deficit = (detected > 0 ? t1*t4*t5 : 1);
  const target = o*rho;
  const t6 = phi/Lambda;
  const kappa = beta_ + t6;
  const t7 = -kappa;
  const t8 = phi + 1;
  const t9 = -Lambda/t8 - t7;
  const distance = t9;
  const third = phi;
  const t10 = 2*phi;
  const t11 = beta_*t8;
  const second = kappa*t10 + t11;
  const first = kappa*(beta_*(t10 + 1) - t6 + t8*t9);
  const constant = kappa*t11*t9;
  const discriminant = -4*constant*second + (first*first);
  const outward = Math.abs(first) + Math.sqrt((discriminant > 0 ? discriminant : 0));
  const size = (outward > 0 ? outward : 1);
  const quadratic = (first > 0 ? -2*constant/size : (1/2)*size/second);
  const t12 = Lambda*kappa;
  const asymptote = (281474976710657/140737488355328)*t12/(beta_ + Math.sqrt((beta_*beta_) + 4*phi*t12)) + t7;
  const exists = (-distance > 0 ? 1 : (-first > 0 ? (discriminant > 0 ? (asymptote > 0 ? asymptote : 0) : 0) : 0));
  const above = (exists > 0 ? (asymptote > 0 ? (-asymptote + quadratic > 0 ? asymptote : quadratic) : quadratic) : 1);
  const linear = (exists > 0 ? first : 0);
  const offset = (exists > 0 ? constant : -second - third);
  let newton_3 = above;
  for (let i = 0; i < 3; i++) {
    const t13 = newton_3*third;
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t13)) + offset)/(linear + newton_3*(2*second + 3*t13));
  }
  const t14 = newton_3*third;
  const t15 = 2*second;
  const newton_4 = newton_3 - (newton_3*(linear + newton_3*(second + t14)) + offset)/(linear + newton_3*(3*t14 + t15));
  const t16 = newton_4*third;
  const newton_5 = newton_4 - (newton_4*(linear + newton_4*(second + t16)) + offset)/(linear + newton_4*(t15 + 3*t16));
  const root = (newton_5 > 0 ? newton_5 : 1);
  const gain = 1/(kappa + root);
  const narrowing = 1/(beta_ + root);
  const precision = 1/(decoder_variance + root);
  const logarithm = Math.log1p(root/beta_);
  const t17 = (1/2)*root;
  const per_sample = -Lambda*gain*t17 + (1/2)*beta_*logarithm + phi*t17;
  const active = (exists > 0 ? (-distance > 0 ? 1 : -per_sample) : 0);
  const t18 = (gain*gain);
  const t19 = root*t18;
  const t20 = Math.sqrt(root);
  const t21 = (detected > 0 ? t20*Math.sqrt((detected > 0 ? o : 1)) : 0);
  const t22 = beta_*narrowing;
  const t23 = 1/decoder_variance;
  const t24 = deficit*rho;
  const t25 = Math.sqrt((detected > 0 ? target : root));
  const t26 = beta_ + target;
  const t27 = phi/Lambda;
  const t28 = t26 + t27;
  const t29 = eta*iota;
  const t30 = (safe_rho*safe_rho);
  const t31 = (iota*iota);
  const t32 = (1/2)*root;
  const t33 = eta + o*rho;
  const t34 = t19*t33;
  const t35 = (1/2)*t34;
  const t36 = beta_ - decoder_variance;
  const t37 = root*t23;
  const t38 = (1/2)*narrowing*t37;
  const t39 = t36*t38;
  const t40 = (precision*precision)*Math.pow(decoder_variance - kappa, 2.0);
  const t41 = -precision*t36;
  const t42 = 1/beta_;
  const t43 = t32*t42;
  const t44 = Math.abs(t36);
  const t45 = (1/2)*Math.log1p(precision*t43*t44 + t41*t43);
  const t46 = (1/2)*Math.log1p(t38*t44 + t39);
  return [(active > 0 ? root : 0), (active > 0 ? t19 : 0), (active > 0 ? gain*root : 0), (active > 0 ? t21 : 0), (active > 0 ? gain*t21 : 0), (active > 0 ? t22 : 1), Lambda, o, (active > 0 ? (detected > 0 ? 2 : 1) : 0), (active > 0 ? alpha*per_sample*t23 : 0), (active > 0 ? t24 + (detected > 0 ? ((-root + 2*target > 0 ? 2*root - target : 0) > 0 ? Math.pow(-t26*(2*beta_*t27 + beta_*(beta_ - eta*((eta*eta)*t31 + eta*safe_rho*t31 + 2*iota*t30 + 3*safe_rho*t29 + t30)/(safe_rho*(safe_rho + t29))) + phi*(t28 - 1)*(t28 + 1)) - beta_*(phi*phi)/(Lambda*Lambda), 2.0)/(Math.pow(t20 + t25, 2.0)*Math.pow(first + second*(root + target) + third*((root*root) + root*target + (target*target)), 2.0)) : Math.pow(t20 - t25, 2.0)) : root) : rho), (active > 0 ? (1/2)*logarithm - narrowing*t32 + t35 : 0), (active > 0 ? (kappa*kappa)*t18*t33 + root*t22 + t24 : eta + rho), (active > 0 ? t35*t40*(t37 + 1) + t39 + t45 - t46 : 0), (active > 0 ? (1/2)*t42*(root*t41 + t34*t40*(beta_ + root)) - t45 + t46 : 0)];
}

/** Derivatives of what point returns, but for the phase, each by every argument.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} decoder_variance */
export function point_derivatives(alpha, beta, lam, rho, eta, decoder_variance) {
  const beta_ = beta*decoder_variance;
  const dbeta_D_beta = decoder_variance;
  const dbeta_D_decoder_variance = beta;
  const lambda_ = decoder_variance*lam;
  const dlambda_D_lam = decoder_variance;
  const dlambda_D_decoder_variance = lam;
  const iota = 1/alpha;
  const diota_D_alpha = -1/(alpha*alpha);
  const phi = iota*lambda_;
  const dphi_D_alpha = diota_D_alpha*lambda_;
  const dphi_D_lam = dlambda_D_lam*iota;
  const dphi_D_decoder_variance = dlambda_D_decoder_variance*iota;
  const t0 = (eta*eta);
  const t1 = iota*t0;
  const detected = (rho*rho) - t1;
  const safe_rho = (detected > 0 ? rho : 1);
  const dsafe_rho_D_rho = (detected > 0 ? 1 : 0);
  const safe_inverse = (detected > 0 ? 1 : iota);
  const dsafe_inverse_D_alpha = diota_D_alpha*(detected > 0 ? 0 : 1);
  const t2 = eta + safe_rho;
  const t3 = 1/safe_rho;
  const t4 = eta*iota;
  const t5 = t3*t4;
  const t6 = t5 + 1;
  const t7 = Math.sqrt(safe_inverse);
  const t8 = t7 + 1;
  const t9 = (t8*t8);
  const Lambda = (detected > 0 ? t2*t6 : eta*t9);
  const t10 = t2*t3;
  const t11 = iota*t10;
  const dLambda_D_eta = (detected > 0 ? t11 + t6 : t9);
  const t12 = eta*t10;
  const dLambda_D_alpha = diota_D_alpha*(detected > 0 ? t12 : 0) + dsafe_inverse_D_alpha*(detected > 0 ? 0 : eta*t8/t7);
  const t13 = (safe_rho*safe_rho);
  const t14 = 1/t13;
  const t15 = t2*t4;
  const dLambda_D_rho = dsafe_rho_D_rho*(detected > 0 ? -t14*t15 + t6 : 0);
  const t16 = -t1 + t13;
  const t17 = safe_rho + t4;
  const t18 = 1/t17;
  const t19 = t18*t3;
  const o = (detected > 0 ? t16*t19 : 0);
  const t20 = 1/(t17*t17);
  const t21 = t16*t20*t3;
  const do_D_eta = (detected > 0 ? -iota*t21 - 2*t18*t5 : 0);
  const do_D_alpha = diota_D_alpha*(detected > 0 ? -eta*t21 - t0*t19 : 0);
  const t22 = t14*t18;
  const do_D_rho = dsafe_rho_D_rho*(detected > 0 ? -t16*t22 + 2*t18 - t21 : 0);
  const t23 = t18*t5;
  const deficit = (detected > 0 ? t2*t23 : 1);
  const ddeficit_D_eta = (detected > 0 ? -(iota*iota)*t12*t20 + t11*t18 + t23 : 0);
  const ddeficit_D_alpha = diota_D_alpha*(detected > 0 ? eta*t18*t2*t3 - t1*t10*t20 : 0);
  const ddeficit_D_rho = dsafe_rho_D_rho*(detected > 0 ? eta*iota*t18*t3 - t15*t22 - t2*t20*t5 : 0);
  const target = o*rho;
  const dtarget_D_eta = do_D_eta*rho;
  const dtarget_D_alpha = do_D_alpha*rho;
  const dtarget_D_rho = do_D_rho*rho + o;
  const t24 = 1/Lambda;
  const t25 = phi*t24;
  const kappa = beta_ + t25;
  const t26 = 1/(Lambda*Lambda);
  const t27 = phi*t26;
  const dkappa_D_eta = -dLambda_D_eta*t27;
  const dkappa_D_alpha = -dLambda_D_alpha*t27 + dphi_D_alpha*t24;
  const dkappa_D_rho = -dLambda_D_rho*t27;
  const dkappa_D_beta = dbeta_D_beta;
  const dkappa_D_decoder_variance = dbeta_D_decoder_variance + dphi_D_decoder_variance*t24;
  const dkappa_D_lam = dphi_D_lam*t24;
  const t28 = -kappa;
  const t29 = phi + 1;
  const t30 = Lambda/t29;
  const t31 = -t28 - t30;
  const distance = t31;
  const third = phi;
  const dthird_D_alpha = dphi_D_alpha;
  const dthird_D_lam = dphi_D_lam;
  const dthird_D_decoder_variance = dphi_D_decoder_variance;
  const t32 = 2*kappa;
  const t33 = beta_*t29;
  const second = phi*t32 + t33;
  const t34 = 2*phi;
  const t35 = dbeta_D_beta*t29;
  const dsecond_D_beta = dkappa_D_beta*t34 + t35;
  const t36 = dbeta_D_decoder_variance*t29;
  const t37 = beta_ + t32;
  const dsecond_D_decoder_variance = dkappa_D_decoder_variance*t34 + dphi_D_decoder_variance*t37 + t36;
  const dsecond_D_eta = dkappa_D_eta*t34;
  const dsecond_D_alpha = dkappa_D_alpha*t34 + dphi_D_alpha*t37;
  const dsecond_D_rho = dkappa_D_rho*t34;
  const dsecond_D_lam = dkappa_D_lam*t34 + dphi_D_lam*t37;
  const t38 = t34 + 1;
  const t39 = beta_*t38 - t25 + t29*t31;
  const first = kappa*t39;
  const t40 = kappa*(phi*t26 - 1);
  const t41 = kappa*t29 + t39;
  const dfirst_D_eta = dLambda_D_eta*t40 + dkappa_D_eta*t41;
  const t42 = kappa*(2*beta_ + kappa - t24);
  const dfirst_D_alpha = dLambda_D_alpha*t40 + dkappa_D_alpha*t41 + dphi_D_alpha*t42;
  const dfirst_D_rho = dLambda_D_rho*t40 + dkappa_D_rho*t41;
  const t43 = kappa*t38;
  const dfirst_D_beta = dbeta_D_beta*t43 + dkappa_D_beta*t41;
  const dfirst_D_decoder_variance = dbeta_D_decoder_variance*t43 + dkappa_D_decoder_variance*t41 + dphi_D_decoder_variance*t42;
  const dfirst_D_lam = dkappa_D_lam*t41 + dphi_D_lam*t42;
  const t44 = kappa*t33;
  const constant = t31*t44;
  const t45 = beta_*kappa;
  const t46 = t31*t33 + t44;
  const dconstant_D_eta = -dLambda_D_eta*t45 + dkappa_D_eta*t46;
  const t47 = t30*t45 + t31*t45;
  const dconstant_D_alpha = -dLambda_D_alpha*t45 + dkappa_D_alpha*t46 + dphi_D_alpha*t47;
  const dconstant_D_rho = -dLambda_D_rho*t45 + dkappa_D_rho*t46;
  const t48 = kappa*t31;
  const dconstant_D_beta = dkappa_D_beta*t46 + t35*t48;
  const dconstant_D_decoder_variance = dkappa_D_decoder_variance*t46 + dphi_D_decoder_variance*t47 + t36*t48;
  const dconstant_D_lam = dkappa_D_lam*t46 + dphi_D_lam*t47;
  const discriminant = -4*constant*second + (first*first);
  const outward = Math.abs(first) + Math.sqrt((discriminant > 0 ? discriminant : 0));
  const size = (outward > 0 ? outward : 1);
  const quadratic = (first > 0 ? -2*constant/size : (1/2)*size/second);
  const t49 = Lambda*kappa;
  const asymptote = t28 + (281474976710657/140737488355328)*t49/(beta_ + Math.sqrt((beta_*beta_) + 4*phi*t49));
  const exists = (-distance > 0 ? 1 : (-first > 0 ? (discriminant > 0 ? (asymptote > 0 ? asymptote : 0) : 0) : 0));
  const above = (exists > 0 ? (asymptote > 0 ? (-asymptote + quadratic > 0 ? asymptote : quadratic) : quadratic) : 1);
  const linear = (exists > 0 ? first : 0);
  const t50 = (exists > 0 ? 1 : 0);
  const dlinear_D_eta = dfirst_D_eta*t50;
  const dlinear_D_alpha = dfirst_D_alpha*t50;
  const dlinear_D_rho = dfirst_D_rho*t50;
  const dlinear_D_beta = dfirst_D_beta*t50;
  const dlinear_D_decoder_variance = dfirst_D_decoder_variance*t50;
  const dlinear_D_lam = dfirst_D_lam*t50;
  const offset = (exists > 0 ? constant : -second - third);
  const t51 = (exists > 0 ? 0 : -1);
  const doffset_D_eta = dconstant_D_eta*t50 + dsecond_D_eta*t51;
  const doffset_D_alpha = dconstant_D_alpha*t50 + dsecond_D_alpha*t51 + dthird_D_alpha*t51;
  const doffset_D_rho = dconstant_D_rho*t50 + dsecond_D_rho*t51;
  const doffset_D_beta = dconstant_D_beta*t50 + dsecond_D_beta*t51;
  const doffset_D_decoder_variance = dconstant_D_decoder_variance*t50 + dsecond_D_decoder_variance*t51 + dthird_D_decoder_variance*t51;
  const doffset_D_lam = dconstant_D_lam*t50 + dsecond_D_lam*t51 + dthird_D_lam*t51;
  let newton_3 = above;
  for (let i = 0; i < 3; i++) {
    const t52 = newton_3*third;
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t52)) + offset)/(linear + newton_3*(2*second + 3*t52));
  }
  const t53 = newton_3*third;
  const t54 = newton_3*(linear + newton_3*(second + t53)) + offset;
  const t55 = 2*second;
  const t56 = linear + newton_3*(3*t53 + t55);
  const t57 = 1/t56;
  const newton_4 = newton_3 - t54*t57;
  const t58 = 1/(t56*t56);
  const t59 = -newton_3*t57 + t54*t58;
  const t60 = (newton_3*newton_3);
  const t61 = 2*newton_3*t54*t58 - t57*t60;
  const dnewton_4_D_eta = dlinear_D_eta*t59 - doffset_D_eta*t57 + dsecond_D_eta*t61;
  const t62 = -Math.pow(newton_3, 3.0)*t57 + 3*t54*t58*t60;
  const dnewton_4_D_alpha = dlinear_D_alpha*t59 - doffset_D_alpha*t57 + dsecond_D_alpha*t61 + dthird_D_alpha*t62;
  const dnewton_4_D_rho = dlinear_D_rho*t59 - doffset_D_rho*t57 + dsecond_D_rho*t61;
  const dnewton_4_D_beta = dlinear_D_beta*t59 - doffset_D_beta*t57 + dsecond_D_beta*t61;
  const dnewton_4_D_decoder_variance = dlinear_D_decoder_variance*t59 - doffset_D_decoder_variance*t57 + dsecond_D_decoder_variance*t61 + dthird_D_decoder_variance*t62;
  const dnewton_4_D_lam = dlinear_D_lam*t59 - doffset_D_lam*t57 + dsecond_D_lam*t61 + dthird_D_lam*t62;
  const t63 = newton_4*third;
  const t64 = linear + newton_4*(second + t63);
  const t65 = newton_4*t64 + offset;
  const t66 = linear + newton_4*(t55 + 3*t63);
  const t67 = 1/t66;
  const newton_5 = newton_4 - t65*t67;
  const t68 = 1/(t66*t66);
  const t69 = -newton_4*t67 + t65*t68;
  const t70 = (newton_4*newton_4);
  const t71 = 2*newton_4*t65*t68 - t67*t70;
  const t72 = -t65*t68*(-t55 - 6*t63) - t67*(newton_4*(second + 2*t63) + t64) + 1;
  const dnewton_5_D_eta = dlinear_D_eta*t69 + dnewton_4_D_eta*t72 - doffset_D_eta*t67 + dsecond_D_eta*t71;
  const t73 = -Math.pow(newton_4, 3.0)*t67 + 3*t65*t68*t70;
  const dnewton_5_D_alpha = dlinear_D_alpha*t69 + dnewton_4_D_alpha*t72 - doffset_D_alpha*t67 + dsecond_D_alpha*t71 + dthird_D_alpha*t73;
  const dnewton_5_D_rho = dlinear_D_rho*t69 + dnewton_4_D_rho*t72 - doffset_D_rho*t67 + dsecond_D_rho*t71;
  const dnewton_5_D_beta = dlinear_D_beta*t69 + dnewton_4_D_beta*t72 - doffset_D_beta*t67 + dsecond_D_beta*t71;
  const dnewton_5_D_decoder_variance = dlinear_D_decoder_variance*t69 + dnewton_4_D_decoder_variance*t72 - doffset_D_decoder_variance*t67 + dsecond_D_decoder_variance*t71 + dthird_D_decoder_variance*t73;
  const dnewton_5_D_lam = dlinear_D_lam*t69 + dnewton_4_D_lam*t72 - doffset_D_lam*t67 + dsecond_D_lam*t71 + dthird_D_lam*t73;
  const root = (newton_5 > 0 ? newton_5 : 1);
  const t74 = (newton_5 > 0 ? 1 : 0);
  const droot_D_eta = dnewton_5_D_eta*t74;
  const droot_D_alpha = dnewton_5_D_alpha*t74;
  const droot_D_rho = dnewton_5_D_rho*t74;
  const droot_D_beta = dnewton_5_D_beta*t74;
  const droot_D_decoder_variance = dnewton_5_D_decoder_variance*t74;
  const droot_D_lam = dnewton_5_D_lam*t74;
  const t75 = kappa + root;
  const gain = 1/t75;
  const t76 = 1/(t75*t75);
  const dgain_D_eta = -dkappa_D_eta*t76 - droot_D_eta*t76;
  const dgain_D_alpha = -dkappa_D_alpha*t76 - droot_D_alpha*t76;
  const dgain_D_rho = -dkappa_D_rho*t76 - droot_D_rho*t76;
  const dgain_D_beta = -dkappa_D_beta*t76 - droot_D_beta*t76;
  const dgain_D_decoder_variance = -dkappa_D_decoder_variance*t76 - droot_D_decoder_variance*t76;
  const dgain_D_lam = -dkappa_D_lam*t76 - droot_D_lam*t76;
  const t77 = beta_ + root;
  const narrowing = 1/t77;
  const t78 = 1/(t77*t77);
  const dnarrowing_D_beta = -dbeta_D_beta*t78 - droot_D_beta*t78;
  const dnarrowing_D_decoder_variance = -dbeta_D_decoder_variance*t78 - droot_D_decoder_variance*t78;
  const dnarrowing_D_eta = -droot_D_eta*t78;
  const dnarrowing_D_alpha = -droot_D_alpha*t78;
  const dnarrowing_D_rho = -droot_D_rho*t78;
  const dnarrowing_D_lam = -droot_D_lam*t78;
  const t79 = decoder_variance + root;
  const precision = 1/t79;
  const t80 = 1/(t79*t79);
  const dprecision_D_eta = -droot_D_eta*t80;
  const dprecision_D_alpha = -droot_D_alpha*t80;
  const dprecision_D_rho = -droot_D_rho*t80;
  const dprecision_D_beta = -droot_D_beta*t80;
  const dprecision_D_decoder_variance = -droot_D_decoder_variance*t80 - t80;
  const dprecision_D_lam = -droot_D_lam*t80;
  const t81 = 1/beta_;
  const t82 = root*t81;
  const logarithm = Math.log1p(t82);
  const t83 = 1/(t82 + 1);
  const t84 = t81*t83;
  const t85 = root*t83/(beta_*beta_);
  const dlogarithm_D_beta = -dbeta_D_beta*t85 + droot_D_beta*t84;
  const dlogarithm_D_decoder_variance = -dbeta_D_decoder_variance*t85 + droot_D_decoder_variance*t84;
  const dlogarithm_D_eta = droot_D_eta*t84;
  const dlogarithm_D_alpha = droot_D_alpha*t84;
  const dlogarithm_D_rho = droot_D_rho*t84;
  const dlogarithm_D_lam = droot_D_lam*t84;
  const t86 = (1/2)*beta_;
  const t87 = (1/2)*Lambda;
  const t88 = gain*t87;
  const per_sample = logarithm*t86 + (1/2)*phi*root - root*t88;
  const t89 = root*t87;
  const t90 = (1/2)*root;
  const t91 = gain*t90;
  const t92 = (1/2)*phi - t88;
  const dper_sample_D_eta = (1/2)*beta_*dlogarithm_D_eta - dLambda_D_eta*t91 - dgain_D_eta*t89 + droot_D_eta*t92;
  const dper_sample_D_alpha = -dLambda_D_alpha*t91 - dgain_D_alpha*t89 + dlogarithm_D_alpha*t86 + dphi_D_alpha*t90 + droot_D_alpha*t92;
  const dper_sample_D_rho = (1/2)*beta_*dlogarithm_D_rho - dLambda_D_rho*t91 - dgain_D_rho*t89 + droot_D_rho*t92;
  const t93 = (1/2)*logarithm;
  const dper_sample_D_beta = dbeta_D_beta*t93 - dgain_D_beta*t89 + dlogarithm_D_beta*t86 + droot_D_beta*t92;
  const dper_sample_D_decoder_variance = dbeta_D_decoder_variance*t93 - dgain_D_decoder_variance*t89 + dlogarithm_D_decoder_variance*t86 + dphi_D_decoder_variance*t90 + droot_D_decoder_variance*t92;
  const dper_sample_D_lam = -dgain_D_lam*t89 + dlogarithm_D_lam*t86 + dphi_D_lam*t90 + droot_D_lam*t92;
  const active = (exists > 0 ? (-distance > 0 ? 1 : -per_sample) : 0);
  const t94 = (active > 0 ? 1 : 0);
  const t95 = (gain*gain);
  const t96 = (active > 0 ? t95 : 0);
  const t97 = 2*root;
  const t98 = (active > 0 ? gain*t97 : 0);
  const t99 = (active > 0 ? root : 0);
  const t100 = (active > 0 ? gain : 0);
  const t101 = Math.sqrt(root);
  const t102 = 1/t101;
  const t103 = Math.sqrt((detected > 0 ? o : 1));
  const t104 = (detected > 0 ? (1/2)*t102*t103 : 0);
  const t105 = (active > 0 ? t104 : 0);
  const t106 = (detected > 0 ? 1 : 0);
  const t107 = (detected > 0 ? (1/2)*t101*t106/t103 : 0);
  const t108 = (active > 0 ? t107 : 0);
  const t109 = (active > 0 ? (detected > 0 ? t101*t103 : 0) : 0);
  const t110 = (active > 0 ? gain*t104 : 0);
  const t111 = (active > 0 ? gain*t107 : 0);
  const t112 = (active > 0 ? beta_ : 0);
  const t113 = (active > 0 ? narrowing : 0);
  const t114 = 1/decoder_variance;
  const t115 = (active > 0 ? alpha*t114 : 0);
  const t116 = 1/(decoder_variance*decoder_variance);
  const t117 = (active > 0 ? rho : 0);
  const t118 = ddeficit_D_alpha*t117;
  const t119 = 2*target;
  const t120 = (-root + t119 > 0 ? t97 - target : 0);
  const t121 = Math.sqrt((detected > 0 ? target : root));
  const t122 = t101 + t121;
  const t123 = 1/(t122*t122);
  const t124 = 1/(Lambda*Lambda);
  const t125 = (phi*phi);
  const t126 = t124*t125;
  const t127 = beta_ + target;
  const t128 = 1/Lambda;
  const t129 = phi*t128;
  const t130 = 2*beta_;
  const t131 = t127 + t129;
  const t132 = t131 - 1;
  const t133 = t131 + 1;
  const t134 = t132*t133;
  const t135 = phi*t134;
  const t136 = eta*iota;
  const t137 = safe_rho + t136;
  const t138 = 1/t137;
  const t139 = 1/safe_rho;
  const t140 = (safe_rho*safe_rho);
  const t141 = 3*safe_rho;
  const t142 = 2*t140;
  const t143 = (iota*iota);
  const t144 = eta*t143;
  const t145 = (eta*eta);
  const t146 = iota*t142 + safe_rho*t144 + t136*t141 + t140 + t143*t145;
  const t147 = t139*t146;
  const t148 = t138*t147;
  const t149 = -eta*t148;
  const t150 = beta_*(beta_ + t149);
  const t151 = -beta_*t126 - t127*(t129*t130 + t135 + t150);
  const t152 = (t151*t151);
  const t153 = (root*root);
  const t154 = (target*target);
  const t155 = first + second*(root + target) + third*(root*target + t153 + t154);
  const t156 = t123*t152/Math.pow(t155, 3.0);
  const t157 = (active > 0 ? (detected > 0 ? (t120 > 0 ? -2*t156 : 0) : 0) : 0);
  const t158 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t156*(-t119 - t97) : 0) : 0) : 0);
  const t159 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t156*(-root*t119 - 2*t153 - 2*t154) : 0) : 0) : 0);
  const t160 = phi*t124;
  const t161 = 2*t127;
  const t162 = 1/(t155*t155);
  const t163 = t123*t151*t162;
  const t164 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t163*(-t161*(-t126*t132 - t126*t133 - t130*t160) + 4*beta_*t125/Math.pow(Lambda, 3.0)) : 0) : 0) : 0);
  const t165 = 4*beta_;
  const t166 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t163*(-t160*t165 - t161*(t128*t130 + t129*t132 + t129*t133 + t134)) : 0) : 0) : 0);
  const t167 = 2*safe_rho;
  const t168 = eta*t138;
  const t169 = t139*t168;
  const t170 = 1/(t137*t137);
  const t171 = t147*t170;
  const t172 = t127*t130*t163;
  const t173 = 2*second;
  const t174 = 2*third;
  const t175 = 1/t121;
  const t176 = t175*(detected > 0 ? 0 : 1);
  const t177 = t152*t162/Math.pow(t122, 3.0);
  const t178 = t101 - t121;
  const t179 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t156*(-t173 - t174*(t97 + target)) + t177*(-t102 - t176) : t178*(t102 - t176)) : 1) : 0);
  const t180 = t106*t175;
  const t181 = phi*t132 + phi*t133;
  const t182 = t129*t165 + 2*t135 + 2*t150;
  const t183 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t156*(-t173 - t174*(root + t119)) + t163*(-t161*t181 - t182) - t177*t180 : -t178*t180) : 0) : 0);
  const t184 = (active > 0 ? (detected > 0 ? (t120 > 0 ? t163*(-2*t126 - t161*(2*t129 + t130 + t149 + t181) - t182) : 0) : 0) : 0);
  const t185 = ddeficit_D_rho*t117;
  const t186 = ddeficit_D_eta*t117;
  const t187 = (active > 0 ? 1/2 : 0);
  const t188 = (1/2)*root;
  const t189 = (active > 0 ? -t188 : 0);
  const t190 = t188*t95;
  const t191 = rho*t190;
  const t192 = (active > 0 ? t191 : 0);
  const t193 = eta + o*rho;
  const t194 = gain*t193;
  const t195 = root*t194;
  const t196 = (active > 0 ? t195 : 0);
  const t197 = (1/2)*narrowing;
  const t198 = t193*t95;
  const t199 = (1/2)*t198;
  const t200 = (active > 0 ? -t197 + t199 : 0);
  const t201 = o*t190;
  const t202 = (active > 0 ? beta_*root : 0);
  const t203 = (active > 0 ? beta_*narrowing : 0);
  const t204 = (kappa*kappa);
  const t205 = t204*t95;
  const t206 = (active > 0 ? rho*t205 : 0);
  const t207 = (active > 0 ? 2*t194*t204 : 0);
  const t208 = (active > 0 ? 2*kappa*t198 : 0);
  const t209 = (active > 0 ? narrowing*root : 0);
  const t210 = root*t114 + 1;
  const t211 = (precision*precision);
  const t212 = Math.pow(decoder_variance - kappa, 2.0);
  const t213 = t211*t212;
  const t214 = t210*t213;
  const t215 = (active > 0 ? t191*t214 : 0);
  const t216 = (active > 0 ? t195*t214 : 0);
  const t217 = t198*t210;
  const t218 = 2*decoder_variance - 2*kappa;
  const t219 = -t211*t218;
  const t220 = (active > 0 ? t188*t217*t219 : 0);
  const t221 = beta_ - decoder_variance;
  const t222 = t114*t188;
  const t223 = t221*t222;
  const t224 = Math.abs(t221);
  const t225 = t222*t224;
  const t226 = (1/2)/(narrowing*t223 + narrowing*t225 + 1);
  const t227 = t226*(t223 + t225);
  const t228 = (active > 0 ? (1/2)*root*t114*t221 - t227 : 0);
  const t229 = precision*root;
  const t230 = -t221;
  const t231 = 1/beta_;
  const t232 = t188*t231;
  const t233 = t224*t232;
  const t234 = precision*t230;
  const t235 = (1/2)/(precision*t233 + t232*t234 + 1);
  const t236 = t235*(t230*t232 + t233);
  const t237 = (active > 0 ? t212*t217*t229 + t236 : 0);
  const t238 = t114*t197;
  const t239 = t221*t238;
  const t240 = t198*t213;
  const t241 = (1/2)*t231;
  const t242 = precision*t224;
  const t243 = t235*(t234*t241 + t241*t242);
  const t244 = t226*(t224*t238 + t239);
  const t245 = (active > 0 ? t199*t214 + t222*t240 + t239 + t243 - t244 : 0);
  const t246 = narrowing*t222;
  const t247 = Math.sign(t221);
  const t248 = t246*t247 + t246;
  const t249 = t226*t248;
  const t250 = precision*t232;
  const t251 = 1/(beta_*beta_);
  const t252 = t188*t251;
  const t253 = t247*t250;
  const t254 = t235*(-t234*t252 - t242*t252 - t250 + t253);
  const t255 = (active > 0 ? t246 - t249 + t254 : 0);
  const t256 = narrowing*t116*t188;
  const t257 = t221*t256;
  const t258 = t226*(-t224*t256 - t248 - t257) - t235*(t250 - t253);
  const t259 = beta_ + root;
  const t260 = t213*t231*t259;
  const t261 = (active > 0 ? t191*t260 : 0);
  const t262 = (active > 0 ? t195*t260 : 0);
  const t263 = t198*t259;
  const t264 = (active > 0 ? t219*t232*t263 : 0);
  const t265 = (active > 0 ? t227 : 0);
  const t266 = root*t230;
  const t267 = (active > 0 ? (1/2)*t231*(precision*t212*t263*t97 + t266) - t236 : 0);
  const t268 = root*t240;
  const t269 = (active > 0 ? t241*(t234 + t240*t259 + t268) - t243 + t244 : 0);
  const t270 = (active > 0 ? t241*(-t229 + t268) + t249 - 1/2*t251*(precision*t266 + t259*t268) - t254 : 0);
  return [droot_D_alpha*t94, droot_D_beta*t94, droot_D_lam*t94, droot_D_rho*t94, droot_D_eta*t94, droot_D_decoder_variance*t94, dgain_D_alpha*t98 + droot_D_alpha*t96, dgain_D_beta*t98 + droot_D_beta*t96, dgain_D_lam*t98 + droot_D_lam*t96, dgain_D_rho*t98 + droot_D_rho*t96, dgain_D_eta*t98 + droot_D_eta*t96, dgain_D_decoder_variance*t98 + droot_D_decoder_variance*t96, dgain_D_alpha*t99 + droot_D_alpha*t100, dgain_D_beta*t99 + droot_D_beta*t100, dgain_D_lam*t99 + droot_D_lam*t100, dgain_D_rho*t99 + droot_D_rho*t100, dgain_D_eta*t99 + droot_D_eta*t100, dgain_D_decoder_variance*t99 + droot_D_decoder_variance*t100, do_D_alpha*t108 + droot_D_alpha*t105, droot_D_beta*t105, droot_D_lam*t105, do_D_rho*t108 + droot_D_rho*t105, do_D_eta*t108 + droot_D_eta*t105, droot_D_decoder_variance*t105, dgain_D_alpha*t109 + do_D_alpha*t111 + droot_D_alpha*t110, dgain_D_beta*t109 + droot_D_beta*t110, dgain_D_lam*t109 + droot_D_lam*t110, dgain_D_rho*t109 + do_D_rho*t111 + droot_D_rho*t110, dgain_D_eta*t109 + do_D_eta*t111 + droot_D_eta*t110, dgain_D_decoder_variance*t109 + droot_D_decoder_variance*t110, dnarrowing_D_alpha*t112, dbeta_D_beta*t113 + dnarrowing_D_beta*t112, dnarrowing_D_lam*t112, dnarrowing_D_rho*t112, dnarrowing_D_eta*t112, dbeta_D_decoder_variance*t113 + dnarrowing_D_decoder_variance*t112, dLambda_D_alpha, 0, 0, dLambda_D_rho, dLambda_D_eta, 0, do_D_alpha, 0, 0, do_D_rho, do_D_eta, 0, dper_sample_D_alpha*t115 + (active > 0 ? per_sample*t114 : 0), dper_sample_D_beta*t115, dper_sample_D_lam*t115, dper_sample_D_rho*t115, dper_sample_D_eta*t115, dper_sample_D_decoder_variance*t115 + (active > 0 ? -alpha*per_sample*t116 : 0), dLambda_D_alpha*t164 + dfirst_D_alpha*t157 + diota_D_alpha*(active > 0 ? (detected > 0 ? (t120 > 0 ? -t172*(t145*t171 - t169*(eta*t141 + 2*iota*t145 + t136*t167 + t142)) : 0) : 0) : 0) + dphi_D_alpha*t166 + droot_D_alpha*t179 + dsecond_D_alpha*t158 + dtarget_D_alpha*t183 + dthird_D_alpha*t159 + t118, dbeta_D_beta*t184 + dfirst_D_beta*t157 + droot_D_beta*t179 + dsecond_D_beta*t158, dfirst_D_lam*t157 + dphi_D_lam*t166 + droot_D_lam*t179 + dsecond_D_lam*t158 + dthird_D_lam*t159, dLambda_D_rho*t164 + dfirst_D_rho*t157 + droot_D_rho*t179 + dsafe_rho_D_rho*(active > 0 ? (detected > 0 ? (t120 > 0 ? -t172*(eta*t171 - t169*(4*iota*safe_rho + 3*t136 + t144 + t167) + t146*t168/t140) : 0) : 0) : 0) + dsecond_D_rho*t158 + dtarget_D_rho*t183 + t185 + (active > 0 ? deficit : 1), dLambda_D_eta*t164 + dfirst_D_eta*t157 + droot_D_eta*t179 + dsecond_D_eta*t158 + dtarget_D_eta*t183 + t186 + (active > 0 ? (detected > 0 ? (t120 > 0 ? -t172*(eta*iota*t139*t146*t170 - t148 - t169*(iota*t141 + safe_rho*t143 + 2*t144)) : 0) : 0) : 0), dbeta_D_decoder_variance*t184 + dfirst_D_decoder_variance*t157 + dphi_D_decoder_variance*t166 + droot_D_decoder_variance*t179 + dsecond_D_decoder_variance*t158 + dthird_D_decoder_variance*t159, dgain_D_alpha*t196 + dlogarithm_D_alpha*t187 + dnarrowing_D_alpha*t189 + do_D_alpha*t192 + droot_D_alpha*t200, dgain_D_beta*t196 + dlogarithm_D_beta*t187 + dnarrowing_D_beta*t189 + droot_D_beta*t200, dgain_D_lam*t196 + dlogarithm_D_lam*t187 + dnarrowing_D_lam*t189 + droot_D_lam*t200, dgain_D_rho*t196 + dlogarithm_D_rho*t187 + dnarrowing_D_rho*t189 + do_D_rho*t192 + droot_D_rho*t200 + (active > 0 ? t201 : 0), dgain_D_eta*t196 + dlogarithm_D_eta*t187 + dnarrowing_D_eta*t189 + do_D_eta*t192 + droot_D_eta*t200 + (active > 0 ? t190 : 0), dgain_D_decoder_variance*t196 + dlogarithm_D_decoder_variance*t187 + dnarrowing_D_decoder_variance*t189 + droot_D_decoder_variance*t200, dgain_D_alpha*t207 + dkappa_D_alpha*t208 + dnarrowing_D_alpha*t202 + do_D_alpha*t206 + droot_D_alpha*t203 + t118, dbeta_D_beta*t209 + dgain_D_beta*t207 + dkappa_D_beta*t208 + dnarrowing_D_beta*t202 + droot_D_beta*t203, dgain_D_lam*t207 + dkappa_D_lam*t208 + dnarrowing_D_lam*t202 + droot_D_lam*t203, dgain_D_rho*t207 + dkappa_D_rho*t208 + dnarrowing_D_rho*t202 + do_D_rho*t206 + droot_D_rho*t203 + t185 + (active > 0 ? deficit + o*t205 : 1), dgain_D_eta*t207 + dkappa_D_eta*t208 + dnarrowing_D_eta*t202 + do_D_eta*t206 + droot_D_eta*t203 + t186 + (active > 0 ? t205 : 1), dbeta_D_decoder_variance*t209 + dgain_D_decoder_variance*t207 + dkappa_D_decoder_variance*t208 + dnarrowing_D_decoder_variance*t202 + droot_D_decoder_variance*t203, dgain_D_alpha*t216 + dkappa_D_alpha*t220 + dnarrowing_D_alpha*t228 + do_D_alpha*t215 + dprecision_D_alpha*t237 + droot_D_alpha*t245, dbeta_D_beta*t255 + dgain_D_beta*t216 + dkappa_D_beta*t220 + dnarrowing_D_beta*t228 + dprecision_D_beta*t237 + droot_D_beta*t245, dgain_D_lam*t216 + dkappa_D_lam*t220 + dnarrowing_D_lam*t228 + dprecision_D_lam*t237 + droot_D_lam*t245, dgain_D_rho*t216 + dkappa_D_rho*t220 + dnarrowing_D_rho*t228 + do_D_rho*t215 + dprecision_D_rho*t237 + droot_D_rho*t245 + (active > 0 ? t201*t214 : 0), dgain_D_eta*t216 + dkappa_D_eta*t220 + dnarrowing_D_eta*t228 + do_D_eta*t215 + dprecision_D_eta*t237 + droot_D_eta*t245 + (active > 0 ? t190*t214 : 0), dbeta_D_decoder_variance*t255 + dgain_D_decoder_variance*t216 + dkappa_D_decoder_variance*t220 + dnarrowing_D_decoder_variance*t228 + dprecision_D_decoder_variance*t237 + droot_D_decoder_variance*t245 + (active > 0 ? (1/2)*root*t193*t210*t211*t218*t95 - t116*t153*t199*t213 - t246 - t257 - t258 : 0), dgain_D_alpha*t262 + dkappa_D_alpha*t264 + dnarrowing_D_alpha*t265 + do_D_alpha*t261 + dprecision_D_alpha*t267 + droot_D_alpha*t269, dbeta_D_beta*t270 + dgain_D_beta*t262 + dkappa_D_beta*t264 + dnarrowing_D_beta*t265 + dprecision_D_beta*t267 + droot_D_beta*t269, dgain_D_lam*t262 + dkappa_D_lam*t264 + dnarrowing_D_lam*t265 + dprecision_D_lam*t267 + droot_D_lam*t269, dgain_D_rho*t262 + dkappa_D_rho*t264 + dnarrowing_D_rho*t265 + do_D_rho*t261 + dprecision_D_rho*t267 + droot_D_rho*t269 + (active > 0 ? t201*t260 : 0), dgain_D_eta*t262 + dkappa_D_eta*t264 + dnarrowing_D_eta*t265 + do_D_eta*t261 + dprecision_D_eta*t267 + droot_D_eta*t269 + (active > 0 ? t190*t260 : 0), dbeta_D_decoder_variance*t270 + dgain_D_decoder_variance*t262 + dkappa_D_decoder_variance*t264 + dnarrowing_D_decoder_variance*t265 + dprecision_D_decoder_variance*t267 + droot_D_decoder_variance*t269 + (active > 0 ? t241*(root*t211*t218*t263 + t229) + t258 : 0)];
}

/** What point returns, but for the phase, at any stationary Q > 0 on an eigenvalue.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} decoder_variance @param {number} eigenvalue @param {number} overlap @param {number} Q */
export function stationary_point(alpha, beta, lam, rho, eta, decoder_variance, eigenvalue, overlap, Q) {
  const beta_ = beta*decoder_variance;
  const lambda_ = decoder_variance*lam;
  const iota = 1/alpha;
  const phi = iota*lambda_;
  const detected = overlap;
  const safe_rho = (detected > 0 ? rho : 1);
  const t0 = phi/eigenvalue;
  const kappa = beta_ + t0;
  const t1 = eta*iota;
  const deficit = (detected > 0 ? t1*(eta + safe_rho)/(safe_rho*(safe_rho + t1)) : 1);
  const target = overlap*rho;
  const third = phi;
  const t2 = 2*phi;
  const t3 = phi + 1;
  const second = beta_*t3 + kappa*t2;
  const first = kappa*(beta_*(t2 + 1) - t0 + t3*(-eigenvalue/t3 + kappa));
  const root = Q;
  const gain = 1/(kappa + root);
  const narrowing = 1/(beta_ + root);
  const precision = 1/(decoder_variance + root);
  const logarithm = Math.log1p(root/beta_);
  const t4 = (1/2)*root;
  const per_sample = (1/2)*beta_*logarithm - eigenvalue*gain*t4 + phi*t4;
  const t5 = (gain*gain);
  const t6 = root*t5;
  const t7 = Math.sqrt(root);
  const t8 = (detected > 0 ? t7*Math.sqrt((detected > 0 ? overlap : 1)) : 0);
  const t9 = beta_*narrowing;
  const t10 = 1/decoder_variance;
  const t11 = deficit*rho;
  const t12 = Math.sqrt((detected > 0 ? target : root));
  const t13 = beta_ + target;
  const t14 = phi/eigenvalue;
  const t15 = t13 + t14;
  const t16 = eta*iota;
  const t17 = (safe_rho*safe_rho);
  const t18 = (iota*iota);
  const t19 = (1/2)*root;
  const t20 = eta + overlap*rho;
  const t21 = t20*t6;
  const t22 = (1/2)*t21;
  const t23 = beta_ - decoder_variance;
  const t24 = root*t10;
  const t25 = (1/2)*narrowing*t24;
  const t26 = t23*t25;
  const t27 = (precision*precision)*Math.pow(decoder_variance - kappa, 2.0);
  const t28 = -precision*t23;
  const t29 = 1/beta_;
  const t30 = t19*t29;
  const t31 = Math.abs(t23);
  const t32 = (1/2)*Math.log1p(precision*t30*t31 + t28*t30);
  const t33 = (1/2)*Math.log1p(t25*t31 + t26);
  return [root, t6, gain*root, t8, gain*t8, t9, eigenvalue, overlap, alpha*per_sample*t10, t11 + (detected > 0 ? ((-root + 2*target > 0 ? 2*root - target : 0) > 0 ? Math.pow(-beta_*(phi*phi)/(eigenvalue*eigenvalue) - t13*(2*beta_*t14 + beta_*(beta_ - eta*((eta*eta)*t18 + eta*safe_rho*t18 + 2*iota*t17 + 3*safe_rho*t16 + t17)/(safe_rho*(safe_rho + t16))) + phi*(t15 - 1)*(t15 + 1)), 2.0)/(Math.pow(t12 + t7, 2.0)*Math.pow(first + second*(root + target) + third*((root*root) + root*target + (target*target)), 2.0)) : Math.pow(-t12 + t7, 2.0)) : root), (1/2)*logarithm - narrowing*t19 + t22, (kappa*kappa)*t20*t5 + root*t9 + t11, t22*t27*(t24 + 1) + t26 + t32 - t33, (1/2)*t29*(root*t28 + t21*t27*(beta_ + root)) - t32 + t33];
}

/** Q of the global minimum of the potential, 0 if collapsed.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} eigenvalue */
export function minimiser(alpha, beta, lam, eigenvalue) {
  const iota = 1/alpha;
  const phi = iota*lam;
  const t0 = phi/eigenvalue;
  const kappa = beta + t0;
  const t1 = -kappa;
  const t2 = phi + 1;
  const t3 = -eigenvalue/t2 - t1;
  const distance = t3;
  const third = phi;
  const t4 = 2*phi;
  const t5 = beta*t2;
  const second = kappa*t4 + t5;
  const first = kappa*(beta*(t4 + 1) - t0 + t2*t3);
  const constant = kappa*t3*t5;
  const discriminant = -4*constant*second + (first*first);
  const outward = Math.abs(first) + Math.sqrt((discriminant > 0 ? discriminant : 0));
  const size = (outward > 0 ? outward : 1);
  const quadratic = (first > 0 ? -2*constant/size : (1/2)*size/second);
  const t6 = eigenvalue*kappa;
  const asymptote = t1 + (281474976710657/140737488355328)*t6/(beta + Math.sqrt((beta*beta) + 4*phi*t6));
  const exists = (-distance > 0 ? 1 : (-first > 0 ? (discriminant > 0 ? (asymptote > 0 ? asymptote : 0) : 0) : 0));
  const above = (exists > 0 ? (asymptote > 0 ? (-asymptote + quadratic > 0 ? asymptote : quadratic) : quadratic) : 1);
  const linear = (exists > 0 ? first : 0);
  const offset = (exists > 0 ? constant : -second - third);
  let newton_3 = above;
  for (let i = 0; i < 3; i++) {
    const t7 = newton_3*third;
    newton_3 = newton_3 - (newton_3*(linear + newton_3*(second + t7)) + offset)/(linear + newton_3*(2*second + 3*t7));
  }
  const t8 = newton_3*third;
  const t9 = 2*second;
  const newton_4 = newton_3 - (newton_3*(linear + newton_3*(second + t8)) + offset)/(linear + newton_3*(3*t8 + t9));
  const t10 = newton_4*third;
  const newton_5 = newton_4 - (newton_4*(linear + newton_4*(second + t10)) + offset)/(linear + newton_4*(3*t10 + t9));
  const root = (newton_5 > 0 ? newton_5 : 1);
  const gain = 1/(kappa + root);
  const logarithm = Math.log1p(root/beta);
  const t11 = (1/2)*root;
  const per_sample = (1/2)*beta*logarithm - eigenvalue*gain*t11 + phi*t11;
  const active = (exists > 0 ? (-distance > 0 ? 1 : -per_sample) : 0);
  return (active > 0 ? root : 0);
}

/** Outlier: eigenvalue, overlap, 1 - overlap.
 * @param {number} alpha @param {number} rho @param {number} eta */
export function outlier(alpha, rho, eta) {
  const iota = 1/alpha;
  const t0 = eta + rho;
  const t1 = 1/rho;
  const t2 = eta*iota;
  const t3 = t1*t2;
  const t4 = 1/(rho + t2);
  return [t0*(t3 + 1), t1*t4*(-(eta*eta)*iota + (rho*rho)), t0*t3*t4];
}

/** Positive where the signal is detected.
 * @param {number} alpha @param {number} rho @param {number} eta */
export function detection(alpha, rho, eta) {
  const iota = 1/alpha;
  return -(eta*eta)*iota + (rho*rho);
}

/** Upper edge of the noise spectrum.
 * @param {number} alpha @param {number} eta */
export function bulk_edge(alpha, eta) {
  const iota = 1/alpha;
  return eta*Math.pow(Math.sqrt(iota) + 1, 2.0);
}

/** Samples per dimension to detect.
 * @param {number} rho @param {number} eta */
export function detection_threshold(rho, eta) {
  return (eta*eta)/(rho*rho);
}

/** Least beta of stable collapse.
 * @param {number} alpha @param {number} lam @param {number} eigenvalue */
export function collapse_threshold(alpha, lam, eigenvalue) {
  const iota = 1/alpha;
  const phi = iota*lam;
  return eigenvalue/(phi + 1) - phi/eigenvalue;
}

/** Stationarity cubic in Q, over alpha.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} eigenvalue */
export function cubic_coefficients(alpha, beta, lam, eigenvalue) {
  const iota = 1/alpha;
  const phi = iota*lam;
  const kappa = beta + phi/eigenvalue;
  const t0 = 2*phi;
  const t1 = phi + 1;
  const t2 = beta*t1;
  const t3 = -eigenvalue/t1 + kappa;
  return [phi, kappa*t0 + t2, kappa*(beta*(t0 + 1) + t1*t3 - phi/eigenvalue), kappa*t2*t3];
}

/** Potential of one latent.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} eigenvalue @param {number} Q */
export function potential(alpha, beta, lam, eigenvalue, Q) {
  const iota = 1/alpha;
  const phi = iota*lam;
  const kappa = beta + phi/eigenvalue;
  const t0 = (1/2)*Q;
  return alpha*((1/2)*beta*Math.log1p(Q/beta) - eigenvalue*t0/(Q + kappa) + phi*t0);
}

/** Of a latent, beyond collapse: rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} decoder_variance @param {number} eigenvalue @param {number} overlap @param {number} Q */
export function observables(alpha, beta, lam, rho, eta, decoder_variance, eigenvalue, overlap, Q) {
  const iota = 1/alpha;
  const phi = iota*lam;
  const kappa = beta + phi/eigenvalue;
  const t0 = Q + beta;
  const t1 = 1/t0;
  const t2 = Q*t1;
  const t3 = 1/beta;
  const t4 = Q*t3;
  const t5 = (eta + overlap*rho)/Math.pow(Q + kappa, 2.0);
  const t6 = Q*t5;
  const t7 = (1/2)*t6;
  const t8 = beta - decoder_variance;
  const t9 = Q/decoder_variance;
  const t10 = (1/2)*t1*t9;
  const t11 = t10*t8;
  const t12 = Q + decoder_variance;
  const t13 = Math.pow(decoder_variance - kappa, 2.0)/(t12*t12);
  const t14 = 1/t12;
  const t15 = -t14*t8;
  const t16 = (1/2)*t4;
  const t17 = Math.abs(t8);
  const t18 = (1/2)*Math.log1p(t14*t16*t17 + t15*t16);
  const t19 = (1/2)*Math.log1p(t10*t17 + t11);
  return [-1/2*t2 + t7 + (1/2)*Math.log1p(t4), beta*t2 + (kappa*kappa)*t5, Math.pow(Math.sqrt(Q) - Math.sqrt(overlap)*Math.sqrt(rho), 2.0), t11 + t13*t7*(t9 + 1) + t18 - t19, -t18 + t19 + (1/2)*t3*(Q*t15 + t0*t13*t6)];
}

/** Over data sets, times P: variance of the outlier, its covariance with the overlap, variance of that.
 * @param {number} alpha @param {number} rho @param {number} eta */
export function outlier_fluctuations(alpha, rho, eta) {
  const t0 = (rho*rho);
  const t1 = (eta*eta);
  const t2 = alpha*t0;
  const t3 = -t1 + t2;
  const t4 = eta + rho;
  const t5 = 2*(t4*t4);
  const t6 = alpha*rho;
  const t7 = eta + t6;
  const t8 = (alpha*alpha);
  return [t3*t5/(alpha*t0), 2*alpha*eta*Math.pow(t4, 3.0)/(rho*(t7*t7)), t1*t5*t8*(alpha*t1 + 4*eta*t6 + t0*t8 + t1 + t2)/(t3*Math.pow(t7, 4.0))];
}

/** Slopes in (eigenvalue, overlap) on the outlier of eigenvalue, overlap, Q, free_energy, rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational.
 * @param {number} alpha @param {number} beta @param {number} lam @param {number} rho @param {number} eta @param {number} eigenvalue @param {number} overlap @param {number} Q */
export function responses(alpha, beta, lam, rho, eta, eigenvalue, overlap, Q) {
  const t0 = Math.pow(lam, 3.0);
  const t1 = 2*Q;
  const t2 = (lam*lam);
  const t3 = alpha*beta;
  const t4 = 2*t3;
  const t5 = Math.pow(alpha, 3.0);
  const t6 = Math.pow(eigenvalue, 3.0);
  const t7 = t5*t6;
  const t8 = eigenvalue*t3;
  const t9 = Q*t2;
  const t10 = 4*t9;
  const t11 = 2*lam;
  const t12 = (alpha*alpha);
  const t13 = eigenvalue*t12;
  const t14 = t11*t13;
  const t15 = beta*t14;
  const t16 = (beta*beta);
  const t17 = (Q*Q);
  const t18 = 2*t17;
  const t19 = alpha*eigenvalue;
  const t20 = t19*t2;
  const t21 = 2*t16;
  const t22 = (eigenvalue*eigenvalue);
  const t23 = t22*t5;
  const t24 = t12*t22;
  const t25 = lam*t24;
  const t26 = 3*t25;
  const t27 = (Q*beta*t7 + Q*t15 + 2*beta*t0 + t0*t1 + t10*t8 + t14*t16 + t16*t7 + t18*t20 + t2*t4 + t20*t21)/(eigenvalue*(-6*Q*beta*t25 - beta*t1*t23 + beta*t5*t6 + lam*t12*t22 - t0 - t10*t19 - t15 - t16*t26 - t17*t26 - 4*t2*t8 - t21*t23));
  const t28 = Q*alpha;
  const t29 = 2*t28;
  const t30 = eigenvalue*t29;
  const t31 = eigenvalue*t4 + t11 + t30;
  const t32 = 1/t31;
  const t33 = beta*lam;
  const t34 = alpha*t17;
  const t35 = lam*t34;
  const t36 = -t29 - t4;
  const t37 = eigenvalue*t28;
  const t38 = Q*t24;
  const t39 = (eigenvalue*t35 + t33*t37 - t38 + t9)/(t31*t31);
  const t40 = Q + beta;
  const t41 = 1/t40;
  const t42 = (1/2)*t41;
  const t43 = 2*t19;
  const t44 = Q*eta;
  const t45 = lam + t37 + t8;
  const t46 = 1/(t45*t45);
  const t47 = t13*t46;
  const t48 = overlap*rho;
  const t49 = Q*t48;
  const t50 = (1/2)*eta;
  const t51 = 1/Math.pow(t45, 3.0);
  const t52 = t36*t38*t51;
  const t53 = -t42;
  const t54 = beta/(t40*t40);
  const t55 = (1/2)*t54;
  const t56 = t51*t7;
  const t57 = t44*t56;
  const t58 = t49*t56;
  const t59 = t38*t46;
  const t60 = (1/2)*t59;
  const t61 = rho*t60;
  const t62 = 1/t45;
  const t63 = eta*t62;
  const t64 = t48*t62;
  const t65 = t46*(-t28 - t3);
  const t66 = eta*t65;
  const t67 = t48*t65;
  const t68 = beta*t41;
  const t69 = Q*t54 - t68;
  const t70 = rho*t62;
  const t71 = t24*t46;
  const t72 = rho*t71;
  const t73 = t17*t72;
  const t74 = Math.sqrt(Q);
  const t75 = Math.sqrt(overlap);
  const t76 = Math.sqrt(rho);
  const t77 = Q + 1;
  const t78 = 1/t77;
  const t79 = t63*t78;
  const t80 = t64*t78;
  const t81 = t66*t78;
  const t82 = t67*t78;
  const t83 = eigenvalue*t34;
  const t84 = (1/2)*t78;
  const t85 = 4*Q;
  const t86 = t18 + t85 + 2;
  const t87 = 1/t86;
  const t88 = eta*t87;
  const t89 = rho*t87;
  const t90 = overlap*t89;
  const t91 = (-t85 - 4)/(t86*t86);
  const t92 = t50*t71;
  const t93 = eta*t59;
  const t94 = t17*t91;
  const t95 = (1/2)*overlap*t72;
  const t96 = 1/(t77*t77);
  const t97 = t63*t96;
  const t98 = t48*t59;
  const t99 = t64*t96;
  const t100 = eta*t17;
  const t101 = t70*t78;
  const t102 = 1/beta;
  const t103 = Q*t68 + t68;
  const t104 = 1/t103;
  const t105 = t104*t63;
  const t106 = t104*t64;
  const t107 = t104*t37;
  const t108 = t1 + 2;
  const t109 = 1/(t108*t108);
  const t110 = t102*t40;
  const t111 = 2*t68;
  const t112 = t68*t85;
  const t113 = t111 + t112 + t18*t68;
  const t114 = 1/t113;
  const t115 = rho*t114;
  const t116 = 2*t54;
  const t117 = t37*(t54 + t69)/(t103*t103);
  const t118 = (-t112 + t116 + t18*t54 + t54*t85 - 4*t68)/(t113*t113);
  return [1, 0, 0, 1, -t27, 0, -t27*(t3*t42 + t32*(lam*t8 + t11*t37 + t2 - t24) - t39*t43) + t32*(-t1*t13 + t28*t33 + t35) + t36*t39, 0, -t27*((1/2)*eta*t12*t22*t46 + (1/2)*overlap*rho*t12*t22*t46 - t53 - t55 - t57 - t58) + t44*t47 + t47*t49 + (1/2)*t48*t52 + t50*t52, t61, 2*eigenvalue*eta*t12*t17*t46 + 2*eigenvalue*overlap*rho*t12*t17*t46 + eta*t12*t17*t22*t36*t51 + overlap*rho*t12*t17*t22*t36*t51 - t27*(4*Q*eta*t12*t22*t46 + 4*Q*overlap*rho*t12*t22*t46 - eta*t18*t56 - t18*t48*t56 - t43*t63 - t43*t64 - t69) - t29*t63 - t29*t64 - t30*t66 - t30*t67, -t30*t70 + t73, -t27*(1 - t75*t76/t74), -t74*t76/t75, Q*eigenvalue*eta*t12*t46 + Q*eigenvalue*overlap*rho*t12*t46 + (1/2)*Q*eta*t12*t22*t36*t51 + (1/2)*Q*overlap*rho*t12*t22*t36*t51 + eigenvalue*eta*t12*t17*t46 + eigenvalue*overlap*rho*t12*t17*t46 + (1/2)*eta*t12*t17*t22*t36*t51 + (1/2)*overlap*rho*t12*t17*t22*t36*t51 - t27*(-Q*t55 + beta*t42 + eta*t94 + overlap*t73*t78 + t1*t88 + t1*t90 - t100*t56 + t100*t71*t78 - t17*t48*t56 - t19*t79 - t19*t80 - t30*t79 - t30*t80 + t37*t97 + t37*t99 + t42 + t44*t91 + t48*t94 + t49*t91 - t55 - t57 - t58 + t78*t93 + t78*t98 + t83*t97 + t83*t99 - t84 + t88 + t90 + t92 + t93 + t95 + t98) - t28*t79 - t28*t80 - t34*t79 - t34*t80 - t37*t81 - t37*t82 - t81*t83 - t82*t83, Q*t89 - t101*t37 - t101*t83 + t17*t89 + t61 + (1/2)*t73, Q*eigenvalue*eta*t102*t12*t40*t46 + Q*eigenvalue*overlap*rho*t102*t12*t40*t46 + (1/2)*Q*eta*t102*t12*t22*t36*t40*t51 + (1/2)*Q*overlap*rho*t102*t12*t22*t36*t40*t51 - t105*t28 - t106*t28 - t107*t66 - t107*t67 - t27*(eta*t114 + overlap*t115 + t1*t109 + t102*t48*t60 + t102*t50*t59 + t104*t93 + t104*t98 - t105*t19 - t106*t19 + 2*t109 - t110*t57 - t110*t58 + t110*t92 + t110*t95 - t117*t63 - t117*t64 + t118*t44 + t118*t49 + t53 + t84 + (t1*t54 - t111 + t116)/Math.pow(t1*t68 + t111, 2.0) - 1/t108), Q*t115 - t107*t70 + t110*t61];
}

/** Quadratic in alpha, positive where collapse is unstable.
 * @param {number} beta @param {number} lam @param {number} rho @param {number} eta */
export function plateau_coefficients(beta, lam, rho, eta) {
  const t0 = Math.pow(rho, 3.0);
  const t1 = beta*t0;
  const t2 = (eta*eta);
  const t3 = (rho*rho);
  const t4 = beta*eta;
  const t5 = t3*t4;
  const t6 = lam*t3;
  const t7 = beta*rho*t2;
  const t8 = -2*Math.pow(eta, 3.0)*rho + t4*t6;
  return [2*eta*t0 + Math.pow(rho, 4.0) - t1 + t2*t3 - t5, 2*eta*t0 - lam*t1 + 4*t2*t3 - t5 - t6 - t7 - t8, Math.pow(eta, 4.0) - (lam*lam)*t3 - lam*t7 + t2*t3 - t8];
}

/** Cubic in beta whose roots make Q = rho o stationary, on the outlier.
 * @param {number} alpha @param {number} lam @param {number} rho @param {number} eta @param {number} eigenvalue */
export function optimal_beta_coefficients(alpha, lam, rho, eta, eigenvalue) {
  const iota = 1/alpha;
  const phi = iota*lam;
  const t0 = phi + 1;
  const t1 = eta*iota;
  const t2 = 1/(rho + t1);
  const t3 = (rho*rho);
  const t4 = (eta*eta);
  const t5 = t2*(-iota*t4 + t3);
  const t6 = phi/eigenvalue;
  const t7 = t5 + t6;
  const t8 = (iota*iota);
  const t9 = -eta*t2*(eta*rho*t8 + 2*iota*t3 + 3*rho*t1 + t3 + t4*t8)/rho + 2*phi*t7 + 2*t6;
  const t10 = phi*(t7 - 1)*(t7 + 1);
  return [t0, t0*t5 + t9, t10 + t5*t9 + (phi*phi)/(eigenvalue*eigenvalue), t10*t5];
}
