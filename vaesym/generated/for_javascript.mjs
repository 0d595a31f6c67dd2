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
  const t6 = t1*t4;
  const deficit = (detected > 0 ? t5*t6 : 1);
  const target = o*rho;
  const t8 = phi/Lambda;
  const kappa = beta_ + t8;
  const t10 = -kappa;
  const t11 = phi + 1;
  const distance = -Lambda/t11 - t10;
  const unstable = -distance;
  const third = phi;
  const t13 = 2*phi;
  const t14 = beta_*t11;
  const second = kappa*t13 + t14;
  const first = kappa*(beta_*(t13 + 1) + distance*t11 - t8);
  const constant = distance*kappa*t14;
  const discriminant = -4*constant*second + (first*first);
  const outward = Math.abs(first) + Math.sqrt((discriminant > 0 ? discriminant : 0));
  const size = (outward > 0 ? outward : 1);
  const quadratic = (first > 0 ? -2*constant/size : (1/2)*size/second);
  const t15 = Lambda*kappa;
  const asymptote = t10 + (281474976710657/140737488355328)*t15/(beta_ + Math.sqrt((beta_*beta_) + 4*phi*t15));
  const exists = (unstable > 0 ? 1 : (-first > 0 ? (discriminant > 0 ? asymptote : 0) : 0));
  const above = (exists > 0 ? ((asymptote > 0 ? -asymptote + quadratic : 0) > 0 ? asymptote : quadratic) : 1);
  const linear = (exists > 0 ? first : 0);
  const offset = (exists > 0 ? constant : -second - third);
  let newton_3 = above;
  for (let i = 0; i < 3; i++) {
    const t46 = newton_3*third;
    const t47 = linear + newton_3*(second + t46);
    newton_3 = newton_3 - (newton_3*t47 + offset)/(newton_3*(second + 2*t46) + t47);
  }
  const t16 = newton_3*third;
  const t17 = linear + newton_3*(second + t16);
  const newton_4 = newton_3 - (newton_3*t17 + offset)/(newton_3*(second + 2*t16) + t17);
  const t18 = newton_4*third;
  const t19 = linear + newton_4*(second + t18);
  const newton_5 = newton_4 - (newton_4*t19 + offset)/(newton_4*(second + 2*t18) + t19);
  const root = (newton_5 > 0 ? newton_5 : 1);
  const gain = 1/(kappa + root);
  const t20 = beta_ + root;
  const narrowing = 1/t20;
  const precision = 1/(decoder_variance + root);
  const t21 = 1/beta_;
  const t22 = root*t21;
  const logarithm = Math.log1p(t22);
  const t23 = (1/2)*logarithm;
  const t24 = (1/2)*root;
  const t25 = gain*root;
  const per_sample = -1/2*Lambda*t25 + beta_*t23 + phi*t24;
  const active = (exists > 0 ? (unstable > 0 ? 1 : -per_sample) : 0);
  const length = Math.sqrt(root);
  const t27 = root + target;
  const t28 = kappa + target;
  const excess = (-beta_*t8*(2*beta_ + t8 + 2*target) - (beta_ + target)*(beta_*(beta_ - eta - t1*t3*t5 - t6) + phi*(t28 - 1)*(t28 + 1)))/(first + second*t27 + third*(-root*target + (t27*t27)));
  const t29 = Math.sqrt((detected > 0 ? target : root));
  const apart = ((-root + 2*target > 0 ? 2*root - target : 0) > 0 ? excess/(length + t29) : length - t29);
  const t30 = (gain*gain);
  const t31 = root*t30;
  const t32 = (detected > 0 ? length*Math.sqrt((detected > 0 ? o : 1)) : 0);
  const t33 = beta_*narrowing;
  const t34 = 1/decoder_variance;
  const t35 = deficit*rho;
  const t36 = eta + target;
  const t37 = t31*t36;
  const t38 = (1/2)*t37;
  const t40 = root*t34;
  const t39 = beta_ - decoder_variance;
  const t41 = narrowing*t39*t40;
  const t42 = (precision*precision)*Math.pow(decoder_variance + t10, 2.0);
  const t43 = -precision*t39;
  const t44 = Math.log1p((t39 > 0 ? t41 : t22*t43));
  const t45 = (1/2)*(t39 > 0 ? t44 : -t44);
  return [(active > 0 ? root : 0), (active > 0 ? t31 : 0), (active > 0 ? t25 : 0), (active > 0 ? t32 : 0), (active > 0 ? gain*t32 : 0), (active > 0 ? t33 : 1), Lambda, o, (active > 0 ? (detected > 0 ? 2 : 1) : 0), (active > 0 ? alpha*per_sample*t34 : 0), (active > 0 ? t35 + (detected > 0 ? (apart*apart) : root) : rho), (active > 0 ? -narrowing*t24 + t23 + t38 : 0), (active > 0 ? (kappa*kappa)*t30*t36 + root*t33 + t35 : eta + rho), (active > 0 ? t38*t42*(t40 + 1) + (1/2)*t41 - t45 : 0), (active > 0 ? (1/2)*t21*(root*t43 + t20*t37*t42) + t45 : 0)];
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
  const t3 = (detected > 0 ? 0 : 1);
  const dsafe_inverse_D_alpha = diota_D_alpha*t3;
  const t4 = eta + safe_rho;
  const t5 = 1/safe_rho;
  const t6 = eta*iota;
  const t7 = t5*t6;
  const t8 = t7 + 1;
  const t9 = Math.sqrt(safe_inverse);
  const t10 = t9 + 1;
  const t11 = (t10*t10);
  const Lambda = (detected > 0 ? t4*t8 : eta*t11);
  const t12 = t4*t5;
  const t13 = iota*t12;
  const t14 = t13 + t8;
  const dLambda_D_eta = (detected > 0 ? t14 : t11);
  const t15 = eta*t12;
  const dLambda_D_alpha = diota_D_alpha*(detected > 0 ? t15 : 0) + dsafe_inverse_D_alpha*(detected > 0 ? 0 : eta*t10/t9);
  const t16 = (safe_rho*safe_rho);
  const t17 = 1/t16;
  const t18 = t4*t6;
  const t19 = t17*t18;
  const dLambda_D_rho = dsafe_rho_D_rho*(detected > 0 ? -t19 + t8 : 0);
  const t20 = -t1 + t16;
  const t21 = safe_rho + t6;
  const t22 = 1/t21;
  const t23 = t22*t5;
  const o = (detected > 0 ? t20*t23 : 0);
  const t24 = 1/(t21*t21);
  const t25 = t20*t24*t5;
  const do_D_eta = (detected > 0 ? -iota*t25 - 2*t22*t7 : 0);
  const do_D_alpha = diota_D_alpha*(detected > 0 ? -eta*t25 - t0*t23 : 0);
  const t26 = t17*t22;
  const do_D_rho = dsafe_rho_D_rho*(detected > 0 ? -t20*t26 + 2*t22 - t25 : 0);
  const t27 = t22*t4;
  const deficit = (detected > 0 ? t27*t7 : 1);
  const t28 = (iota*iota);
  const ddeficit_D_eta = (detected > 0 ? t13*t22 - t15*t24*t28 + t22*t7 : 0);
  const ddeficit_D_alpha = diota_D_alpha*(detected > 0 ? eta*t22*t4*t5 - t1*t12*t24 : 0);
  const t29 = t4*t7;
  const ddeficit_D_rho = dsafe_rho_D_rho*(detected > 0 ? eta*iota*t22*t5 - t18*t26 - t24*t29 : 0);
  const target = o*rho;
  const dtarget_D_eta = do_D_eta*rho;
  const dtarget_D_alpha = do_D_alpha*rho;
  const dtarget_D_rho = do_D_rho*rho + o;
  const t31 = 1/Lambda;
  const t32 = phi*t31;
  const kappa = beta_ + t32;
  const t34 = 1/(Lambda*Lambda);
  const t35 = phi*t34;
  const dkappa_D_eta = -dLambda_D_eta*t35;
  const dkappa_D_alpha = -dLambda_D_alpha*t35 + dphi_D_alpha*t31;
  const dkappa_D_rho = -dLambda_D_rho*t35;
  const dkappa_D_beta = dbeta_D_beta;
  const dkappa_D_decoder_variance = dbeta_D_decoder_variance + dphi_D_decoder_variance*t31;
  const dkappa_D_lam = dphi_D_lam*t31;
  const t36 = -kappa;
  const t37 = phi + 1;
  const t38 = Lambda/t37;
  const distance = -t36 - t38;
  const unstable = -distance;
  const third = phi;
  const dthird_D_alpha = dphi_D_alpha;
  const dthird_D_lam = dphi_D_lam;
  const dthird_D_decoder_variance = dphi_D_decoder_variance;
  const t40 = 2*kappa;
  const t41 = beta_*t37;
  const second = phi*t40 + t41;
  const t42 = 2*phi;
  const t43 = dbeta_D_beta*t37;
  const dsecond_D_beta = dkappa_D_beta*t42 + t43;
  const t44 = dbeta_D_decoder_variance*t37;
  const t45 = beta_ + t40;
  const dsecond_D_decoder_variance = dkappa_D_decoder_variance*t42 + dphi_D_decoder_variance*t45 + t44;
  const dsecond_D_eta = dkappa_D_eta*t42;
  const dsecond_D_alpha = dkappa_D_alpha*t42 + dphi_D_alpha*t45;
  const dsecond_D_rho = dkappa_D_rho*t42;
  const dsecond_D_lam = dkappa_D_lam*t42 + dphi_D_lam*t45;
  const t46 = t42 + 1;
  const t47 = beta_*t46 + distance*t37 - t32;
  const first = kappa*t47;
  const t48 = kappa*(phi*t34 - 1);
  const t49 = kappa*t37 + t47;
  const dfirst_D_eta = dLambda_D_eta*t48 + dkappa_D_eta*t49;
  const t50 = 2*beta_;
  const t51 = kappa*(kappa - t31 + t50);
  const dfirst_D_alpha = dLambda_D_alpha*t48 + dkappa_D_alpha*t49 + dphi_D_alpha*t51;
  const dfirst_D_rho = dLambda_D_rho*t48 + dkappa_D_rho*t49;
  const t52 = kappa*t46;
  const dfirst_D_beta = dbeta_D_beta*t52 + dkappa_D_beta*t49;
  const dfirst_D_decoder_variance = dbeta_D_decoder_variance*t52 + dkappa_D_decoder_variance*t49 + dphi_D_decoder_variance*t51;
  const dfirst_D_lam = dkappa_D_lam*t49 + dphi_D_lam*t51;
  const t53 = kappa*t41;
  const constant = distance*t53;
  const t54 = beta_*kappa;
  const t55 = distance*t41 + t53;
  const dconstant_D_eta = -dLambda_D_eta*t54 + dkappa_D_eta*t55;
  const t56 = distance*t54 + t38*t54;
  const dconstant_D_alpha = -dLambda_D_alpha*t54 + dkappa_D_alpha*t55 + dphi_D_alpha*t56;
  const dconstant_D_rho = -dLambda_D_rho*t54 + dkappa_D_rho*t55;
  const t57 = distance*kappa;
  const dconstant_D_beta = dkappa_D_beta*t55 + t43*t57;
  const dconstant_D_decoder_variance = dkappa_D_decoder_variance*t55 + dphi_D_decoder_variance*t56 + t44*t57;
  const dconstant_D_lam = dkappa_D_lam*t55 + dphi_D_lam*t56;
  const discriminant = -4*constant*second + (first*first);
  const outward = Math.abs(first) + Math.sqrt((discriminant > 0 ? discriminant : 0));
  const size = (outward > 0 ? outward : 1);
  const quadratic = (first > 0 ? -2*constant/size : (1/2)*size/second);
  const t58 = (beta_*beta_);
  const t59 = Lambda*kappa;
  const asymptote = t36 + (281474976710657/140737488355328)*t59/(beta_ + Math.sqrt(4*phi*t59 + t58));
  const exists = (unstable > 0 ? 1 : (-first > 0 ? (discriminant > 0 ? asymptote : 0) : 0));
  const above = (exists > 0 ? ((asymptote > 0 ? -asymptote + quadratic : 0) > 0 ? asymptote : quadratic) : 1);
  const linear = (exists > 0 ? first : 0);
  const t60 = (exists > 0 ? 1 : 0);
  const dlinear_D_eta = dfirst_D_eta*t60;
  const dlinear_D_alpha = dfirst_D_alpha*t60;
  const dlinear_D_rho = dfirst_D_rho*t60;
  const dlinear_D_beta = dfirst_D_beta*t60;
  const dlinear_D_decoder_variance = dfirst_D_decoder_variance*t60;
  const dlinear_D_lam = dfirst_D_lam*t60;
  const offset = (exists > 0 ? constant : -second - third);
  const t61 = (exists > 0 ? 0 : -1);
  const doffset_D_eta = dconstant_D_eta*t60 + dsecond_D_eta*t61;
  const doffset_D_alpha = dconstant_D_alpha*t60 + dsecond_D_alpha*t61 + dthird_D_alpha*t61;
  const doffset_D_rho = dconstant_D_rho*t60 + dsecond_D_rho*t61;
  const doffset_D_beta = dconstant_D_beta*t60 + dsecond_D_beta*t61;
  const doffset_D_decoder_variance = dconstant_D_decoder_variance*t60 + dsecond_D_decoder_variance*t61 + dthird_D_decoder_variance*t61;
  const doffset_D_lam = dconstant_D_lam*t60 + dsecond_D_lam*t61 + dthird_D_lam*t61;
  let newton_3 = above;
  for (let i = 0; i < 3; i++) {
    const t249 = newton_3*third;
    const t250 = linear + newton_3*(second + t249);
    newton_3 = newton_3 - (newton_3*t250 + offset)/(newton_3*(second + 2*t249) + t250);
  }
  const t62 = newton_3*third;
  const t63 = linear + newton_3*(second + t62);
  const t64 = newton_3*t63 + offset;
  const t65 = newton_3*(second + 2*t62) + t63;
  const t66 = 1/t65;
  const newton_4 = newton_3 - t64*t66;
  const t67 = 1/(t65*t65);
  const t68 = -newton_3*t66 + t64*t67;
  const t69 = (newton_3*newton_3);
  const t70 = 2*newton_3*t64*t67 - t66*t69;
  const dnewton_4_D_eta = dlinear_D_eta*t68 - doffset_D_eta*t66 + dsecond_D_eta*t70;
  const t71 = -Math.pow(newton_3, 3.0)*t66 + 3*t64*t67*t69;
  const dnewton_4_D_alpha = dlinear_D_alpha*t68 - doffset_D_alpha*t66 + dsecond_D_alpha*t70 + dthird_D_alpha*t71;
  const dnewton_4_D_rho = dlinear_D_rho*t68 - doffset_D_rho*t66 + dsecond_D_rho*t70;
  const dnewton_4_D_beta = dlinear_D_beta*t68 - doffset_D_beta*t66 + dsecond_D_beta*t70;
  const dnewton_4_D_decoder_variance = dlinear_D_decoder_variance*t68 - doffset_D_decoder_variance*t66 + dsecond_D_decoder_variance*t70 + dthird_D_decoder_variance*t71;
  const dnewton_4_D_lam = dlinear_D_lam*t68 - doffset_D_lam*t66 + dsecond_D_lam*t70 + dthird_D_lam*t71;
  const t72 = newton_4*third;
  const t73 = linear + newton_4*(second + t72);
  const t74 = newton_4*t73 + offset;
  const t75 = newton_4*(second + 2*t72) + t73;
  const t76 = 1/t75;
  const newton_5 = newton_4 - t74*t76;
  const t77 = 1/(t75*t75);
  const t78 = t74*t77*(-2*second - 6*t72);
  const t79 = -newton_4*t76 + t74*t77;
  const t80 = (newton_4*newton_4);
  const t81 = 2*newton_4*t74*t77 - t76*t80;
  const dnewton_5_D_eta = dlinear_D_eta*t79 - dnewton_4_D_eta*t78 - doffset_D_eta*t76 + dsecond_D_eta*t81;
  const t82 = -Math.pow(newton_4, 3.0)*t76 + 3*t74*t77*t80;
  const dnewton_5_D_alpha = dlinear_D_alpha*t79 - dnewton_4_D_alpha*t78 - doffset_D_alpha*t76 + dsecond_D_alpha*t81 + dthird_D_alpha*t82;
  const dnewton_5_D_rho = dlinear_D_rho*t79 - dnewton_4_D_rho*t78 - doffset_D_rho*t76 + dsecond_D_rho*t81;
  const dnewton_5_D_beta = dlinear_D_beta*t79 - dnewton_4_D_beta*t78 - doffset_D_beta*t76 + dsecond_D_beta*t81;
  const dnewton_5_D_decoder_variance = dlinear_D_decoder_variance*t79 - dnewton_4_D_decoder_variance*t78 - doffset_D_decoder_variance*t76 + dsecond_D_decoder_variance*t81 + dthird_D_decoder_variance*t82;
  const dnewton_5_D_lam = dlinear_D_lam*t79 - dnewton_4_D_lam*t78 - doffset_D_lam*t76 + dsecond_D_lam*t81 + dthird_D_lam*t82;
  const root = (newton_5 > 0 ? newton_5 : 1);
  const t83 = (newton_5 > 0 ? 1 : 0);
  const droot_D_eta = dnewton_5_D_eta*t83;
  const droot_D_alpha = dnewton_5_D_alpha*t83;
  const droot_D_rho = dnewton_5_D_rho*t83;
  const droot_D_beta = dnewton_5_D_beta*t83;
  const droot_D_decoder_variance = dnewton_5_D_decoder_variance*t83;
  const droot_D_lam = dnewton_5_D_lam*t83;
  const t84 = kappa + root;
  const gain = 1/t84;
  const t85 = 1/(t84*t84);
  const dgain_D_eta = -dkappa_D_eta*t85 - droot_D_eta*t85;
  const dgain_D_alpha = -dkappa_D_alpha*t85 - droot_D_alpha*t85;
  const dgain_D_rho = -dkappa_D_rho*t85 - droot_D_rho*t85;
  const dgain_D_beta = -dkappa_D_beta*t85 - droot_D_beta*t85;
  const dgain_D_decoder_variance = -dkappa_D_decoder_variance*t85 - droot_D_decoder_variance*t85;
  const dgain_D_lam = -dkappa_D_lam*t85 - droot_D_lam*t85;
  const t86 = beta_ + root;
  const narrowing = 1/t86;
  const t87 = 1/(t86*t86);
  const dnarrowing_D_beta = -dbeta_D_beta*t87 - droot_D_beta*t87;
  const dnarrowing_D_decoder_variance = -dbeta_D_decoder_variance*t87 - droot_D_decoder_variance*t87;
  const dnarrowing_D_eta = -droot_D_eta*t87;
  const dnarrowing_D_alpha = -droot_D_alpha*t87;
  const dnarrowing_D_rho = -droot_D_rho*t87;
  const dnarrowing_D_lam = -droot_D_lam*t87;
  const t88 = decoder_variance + root;
  const precision = 1/t88;
  const t89 = 1/(t88*t88);
  const dprecision_D_eta = -droot_D_eta*t89;
  const dprecision_D_alpha = -droot_D_alpha*t89;
  const dprecision_D_rho = -droot_D_rho*t89;
  const dprecision_D_beta = -droot_D_beta*t89;
  const dprecision_D_decoder_variance = -droot_D_decoder_variance*t89 - t89;
  const dprecision_D_lam = -droot_D_lam*t89;
  const t90 = 1/beta_;
  const t91 = root*t90;
  const logarithm = Math.log1p(t91);
  const t92 = 1/(t91 + 1);
  const t93 = t90*t92;
  const t94 = 1/t58;
  const t95 = root*t92*t94;
  const dlogarithm_D_beta = -dbeta_D_beta*t95 + droot_D_beta*t93;
  const dlogarithm_D_decoder_variance = -dbeta_D_decoder_variance*t95 + droot_D_decoder_variance*t93;
  const dlogarithm_D_eta = droot_D_eta*t93;
  const dlogarithm_D_alpha = droot_D_alpha*t93;
  const dlogarithm_D_rho = droot_D_rho*t93;
  const dlogarithm_D_lam = droot_D_lam*t93;
  const t96 = (1/2)*beta_;
  const t97 = (1/2)*root;
  const t98 = Lambda*gain;
  const per_sample = logarithm*t96 + (1/2)*phi*root - t97*t98;
  const t99 = Lambda*t97;
  const t100 = gain*t97;
  const t101 = (1/2)*phi - 1/2*t98;
  const dper_sample_D_eta = (1/2)*beta_*dlogarithm_D_eta - dLambda_D_eta*t100 - dgain_D_eta*t99 + droot_D_eta*t101;
  const dper_sample_D_alpha = -dLambda_D_alpha*t100 - dgain_D_alpha*t99 + dlogarithm_D_alpha*t96 + dphi_D_alpha*t97 + droot_D_alpha*t101;
  const dper_sample_D_rho = (1/2)*beta_*dlogarithm_D_rho - dLambda_D_rho*t100 - dgain_D_rho*t99 + droot_D_rho*t101;
  const t102 = (1/2)*logarithm;
  const dper_sample_D_beta = dbeta_D_beta*t102 - dgain_D_beta*t99 + dlogarithm_D_beta*t96 + droot_D_beta*t101;
  const dper_sample_D_decoder_variance = dbeta_D_decoder_variance*t102 - dgain_D_decoder_variance*t99 + dlogarithm_D_decoder_variance*t96 + dphi_D_decoder_variance*t97 + droot_D_decoder_variance*t101;
  const dper_sample_D_lam = -dgain_D_lam*t99 + dlogarithm_D_lam*t96 + dphi_D_lam*t97 + droot_D_lam*t101;
  const active = (exists > 0 ? (unstable > 0 ? 1 : -per_sample) : 0);
  const length = Math.sqrt(root);
  const t104 = (1/2)/length;
  const dlength_D_eta = droot_D_eta*t104;
  const dlength_D_alpha = droot_D_alpha*t104;
  const dlength_D_rho = droot_D_rho*t104;
  const dlength_D_beta = droot_D_beta*t104;
  const dlength_D_decoder_variance = droot_D_decoder_variance*t104;
  const dlength_D_lam = droot_D_lam*t104;
  const t105 = root + target;
  const t106 = root*target - (t105*t105);
  const t107 = first + second*t105 - t106*third;
  const t108 = 1/t107;
  const t109 = 2*target;
  const t110 = t109 + t32 + t50;
  const t111 = beta_*t110;
  const t112 = beta_ + target;
  const t113 = kappa + target;
  const t114 = t113 - 1;
  const t115 = t113 + 1;
  const t116 = phi*t115;
  const t117 = t22*t6;
  const t118 = t117*t4;
  const t119 = beta_*(beta_ - eta - t118 - t29) + t114*t116;
  const t120 = -t111*t32 - t112*t119;
  const excess = t108*t120;
  const t121 = beta_*t108*t112;
  const t122 = (phi*phi);
  const t123 = beta_*t35;
  const t124 = t122*t34;
  const t125 = t108*(t110*t123 - t112*(-t114*t124 - t115*t124) + beta_*t122/Math.pow(Lambda, 3.0));
  const t126 = t120/(t107*t107);
  const t127 = -t105*t126;
  const t128 = 2*root;
  const t129 = t126*(-second - third*(t128 + target));
  const t130 = phi*t114 + t116;
  const t131 = t119 + t32*t50;
  const t132 = t108*(-t112*t130 - t131) + t126*(-second - third*(root + t109));
  const dexcess_D_eta = dLambda_D_eta*t125 - dfirst_D_eta*t126 + droot_D_eta*t129 + dsecond_D_eta*t127 + dtarget_D_eta*t132 - t121*(eta*t24*t28*t4 - iota*t27 - t117 - t14);
  const t133 = t108*(-t111*t31 - t112*(t114*t115 + t114*t32 + t115*t32) - t123);
  const t134 = t106*t126;
  const dexcess_D_alpha = dLambda_D_alpha*t125 - dfirst_D_alpha*t126 - diota_D_alpha*t121*(-eta*t27 + iota*t0*t24*t4 - t15) + dphi_D_alpha*t133 + droot_D_alpha*t129 + dsecond_D_alpha*t127 + dtarget_D_alpha*t132 + dthird_D_alpha*t134;
  const dexcess_D_rho = dLambda_D_rho*t125 - dfirst_D_rho*t126 + droot_D_rho*t129 - dsafe_rho_D_rho*t121*(-t117 + t18*t24 + t19 - t7) + dsecond_D_rho*t127 + dtarget_D_rho*t132;
  const t135 = t108*(-t110*t32 - t112*(-eta - t118 + t130 - t29 + t50) - t131);
  const dexcess_D_beta = dbeta_D_beta*t135 - dfirst_D_beta*t126 + droot_D_beta*t129 + dsecond_D_beta*t127;
  const dexcess_D_decoder_variance = dbeta_D_decoder_variance*t135 - dfirst_D_decoder_variance*t126 + dphi_D_decoder_variance*t133 + droot_D_decoder_variance*t129 + dsecond_D_decoder_variance*t127 + dthird_D_decoder_variance*t134;
  const dexcess_D_lam = -dfirst_D_lam*t126 + dphi_D_lam*t133 + droot_D_lam*t129 + dsecond_D_lam*t127 + dthird_D_lam*t134;
  const t136 = (-root + 2*target > 0 ? t128 - target : 0);
  const t137 = Math.sqrt((detected > 0 ? target : root));
  const t138 = length + t137;
  const t139 = 1/t138;
  const apart = (t136 > 0 ? excess*t139 : length - t137);
  const t140 = (t136 > 0 ? t139 : 0);
  const t141 = excess/(t138*t138);
  const t142 = (t136 > 0 ? -t141 : 1);
  const t143 = (1/2)/t137;
  const t144 = t143*t3;
  const t145 = (t136 > 0 ? -t141*t144 : -t144);
  const t146 = dsafe_rho_D_rho*t143;
  const t147 = (t136 > 0 ? -t141*t146 : -t146);
  const dapart_D_eta = dexcess_D_eta*t140 + dlength_D_eta*t142 + droot_D_eta*t145 + dtarget_D_eta*t147;
  const dapart_D_alpha = dexcess_D_alpha*t140 + dlength_D_alpha*t142 + droot_D_alpha*t145 + dtarget_D_alpha*t147;
  const dapart_D_rho = dexcess_D_rho*t140 + dlength_D_rho*t142 + droot_D_rho*t145 + dtarget_D_rho*t147;
  const dapart_D_beta = dexcess_D_beta*t140 + dlength_D_beta*t142 + droot_D_beta*t145;
  const dapart_D_decoder_variance = dexcess_D_decoder_variance*t140 + dlength_D_decoder_variance*t142 + droot_D_decoder_variance*t145;
  const dapart_D_lam = dexcess_D_lam*t140 + dlength_D_lam*t142 + droot_D_lam*t145;
  const t148 = (active > 0 ? 1 : 0);
  const t149 = (gain*gain);
  const t150 = (active > 0 ? t149 : 0);
  const t151 = (active > 0 ? gain*t128 : 0);
  const t152 = (active > 0 ? root : 0);
  const t153 = (active > 0 ? gain : 0);
  const t154 = Math.sqrt((detected > 0 ? o : 1));
  const t155 = (detected > 0 ? t104*t154 : 0);
  const t156 = (active > 0 ? t155 : 0);
  const t157 = (detected > 0 ? (1/2)*dsafe_rho_D_rho*length/t154 : 0);
  const t158 = (active > 0 ? t157 : 0);
  const t159 = (active > 0 ? (detected > 0 ? length*t154 : 0) : 0);
  const t160 = (active > 0 ? gain*t155 : 0);
  const t161 = (active > 0 ? gain*t157 : 0);
  const t162 = (active > 0 ? beta_ : 0);
  const t163 = (active > 0 ? narrowing : 0);
  const t164 = 1/decoder_variance;
  const t165 = (active > 0 ? alpha*t164 : 0);
  const t166 = 1/(decoder_variance*decoder_variance);
  const t167 = (active > 0 ? rho : 0);
  const t168 = ddeficit_D_alpha*t167;
  const t169 = (active > 0 ? t3 : 0);
  const t170 = (active > 0 ? (detected > 0 ? 2*apart : 0) : 0);
  const t171 = ddeficit_D_rho*t167;
  const t172 = ddeficit_D_eta*t167;
  const t173 = (active > 0 ? 1/2 : 0);
  const t174 = (active > 0 ? -t97 : 0);
  const t175 = t149*t97;
  const t176 = rho*t175;
  const t177 = (active > 0 ? t176 : 0);
  const t178 = eta + target;
  const t179 = gain*t178;
  const t180 = root*t179;
  const t181 = (active > 0 ? t180 : 0);
  const t182 = (1/2)*narrowing;
  const t183 = t149*t178;
  const t184 = (1/2)*t183;
  const t185 = (active > 0 ? -t182 + t184 : 0);
  const t186 = o*t175;
  const t187 = (active > 0 ? beta_*root : 0);
  const t188 = (active > 0 ? beta_*narrowing : 0);
  const t189 = (kappa*kappa);
  const t190 = t149*t189;
  const t191 = (active > 0 ? rho*t190 : 0);
  const t192 = (active > 0 ? 2*t179*t189 : 0);
  const t193 = (active > 0 ? t183*t40 : 0);
  const t194 = narrowing*root;
  const t195 = (active > 0 ? t194 : 0);
  const t196 = root*t164;
  const t197 = t196 + 1;
  const t198 = (precision*precision);
  const t199 = Math.pow(decoder_variance + t36, 2.0);
  const t200 = t198*t199;
  const t201 = t197*t200;
  const t202 = (active > 0 ? t176*t201 : 0);
  const t203 = (active > 0 ? t180*t201 : 0);
  const t204 = t183*t197;
  const t205 = 2*decoder_variance - 2*kappa;
  const t206 = -t198*t205;
  const t207 = (active > 0 ? t204*t206*t97 : 0);
  const t208 = beta_ - decoder_variance;
  const t209 = t164*t208;
  const t210 = -t208;
  const t211 = precision*t210;
  const t212 = 1/((t208 > 0 ? t194*t209 : t211*t91) + 1);
  const t213 = t212*(t208 > 0 ? t196*t208 : 0);
  const t214 = (1/2)*(t208 > 0 ? t213 : -t213);
  const t215 = (active > 0 ? (1/2)*root*t164*t208 - t214 : 0);
  const t216 = precision*root;
  const t217 = t212*(t208 > 0 ? 0 : t210*t91);
  const t218 = (1/2)*(t208 > 0 ? t217 : -t217);
  const t219 = (active > 0 ? t199*t204*t216 - t218 : 0);
  const t220 = t183*t200;
  const t221 = t212*(t208 > 0 ? narrowing*t209 : t211*t90);
  const t222 = (1/2)*(t208 > 0 ? t221 : -t221);
  const t223 = (active > 0 ? t164*t220*t97 + t182*t209 + t184*t201 - t222 : 0);
  const t224 = narrowing*t97;
  const t225 = t164*t224;
  const t226 = t164*t194;
  const t227 = precision*t91;
  const t228 = root*t210;
  const t229 = precision*t228;
  const t230 = t212*(t208 > 0 ? t226 : -t227 - t229*t94);
  const t231 = (1/2)*(t208 > 0 ? t230 : -t230);
  const t232 = (active > 0 ? t225 - t231 : 0);
  const t233 = t166*t208;
  const t234 = t212*(t208 > 0 ? -t194*t233 - t226 : t227);
  const t235 = (1/2)*(t208 > 0 ? t234 : -t234);
  const t236 = t86*t91;
  const t237 = t200*t236;
  const t238 = (1/2)*t149*t237;
  const t239 = (active > 0 ? rho*t238 : 0);
  const t240 = (active > 0 ? t179*t237 : 0);
  const t241 = (active > 0 ? t184*t206*t236 : 0);
  const t242 = (active > 0 ? t214 : 0);
  const t243 = t183*t86;
  const t244 = (1/2)*t90;
  const t245 = (active > 0 ? t218 + t244*(precision*t128*t199*t243 + t228) : 0);
  const t246 = root*t220;
  const t247 = (active > 0 ? t222 + t244*(t211 + t220*t86 + t246) : 0);
  const t248 = (active > 0 ? t231 + t244*(-t216 + t246) - 1/2*t94*(t229 + t246*t86) : 0);
  return [droot_D_alpha*t148, droot_D_beta*t148, droot_D_lam*t148, droot_D_rho*t148, droot_D_eta*t148, droot_D_decoder_variance*t148, dgain_D_alpha*t151 + droot_D_alpha*t150, dgain_D_beta*t151 + droot_D_beta*t150, dgain_D_lam*t151 + droot_D_lam*t150, dgain_D_rho*t151 + droot_D_rho*t150, dgain_D_eta*t151 + droot_D_eta*t150, dgain_D_decoder_variance*t151 + droot_D_decoder_variance*t150, dgain_D_alpha*t152 + droot_D_alpha*t153, dgain_D_beta*t152 + droot_D_beta*t153, dgain_D_lam*t152 + droot_D_lam*t153, dgain_D_rho*t152 + droot_D_rho*t153, dgain_D_eta*t152 + droot_D_eta*t153, dgain_D_decoder_variance*t152 + droot_D_decoder_variance*t153, do_D_alpha*t158 + droot_D_alpha*t156, droot_D_beta*t156, droot_D_lam*t156, do_D_rho*t158 + droot_D_rho*t156, do_D_eta*t158 + droot_D_eta*t156, droot_D_decoder_variance*t156, dgain_D_alpha*t159 + do_D_alpha*t161 + droot_D_alpha*t160, dgain_D_beta*t159 + droot_D_beta*t160, dgain_D_lam*t159 + droot_D_lam*t160, dgain_D_rho*t159 + do_D_rho*t161 + droot_D_rho*t160, dgain_D_eta*t159 + do_D_eta*t161 + droot_D_eta*t160, dgain_D_decoder_variance*t159 + droot_D_decoder_variance*t160, dnarrowing_D_alpha*t162, dbeta_D_beta*t163 + dnarrowing_D_beta*t162, dnarrowing_D_lam*t162, dnarrowing_D_rho*t162, dnarrowing_D_eta*t162, dbeta_D_decoder_variance*t163 + dnarrowing_D_decoder_variance*t162, dLambda_D_alpha, 0, 0, dLambda_D_rho, dLambda_D_eta, 0, do_D_alpha, 0, 0, do_D_rho, do_D_eta, 0, dper_sample_D_alpha*t165 + (active > 0 ? per_sample*t164 : 0), dper_sample_D_beta*t165, dper_sample_D_lam*t165, dper_sample_D_rho*t165, dper_sample_D_eta*t165, dper_sample_D_decoder_variance*t165 + (active > 0 ? -alpha*per_sample*t166 : 0), dapart_D_alpha*t170 + droot_D_alpha*t169 + t168, dapart_D_beta*t170 + droot_D_beta*t169, dapart_D_lam*t170 + droot_D_lam*t169, dapart_D_rho*t170 + droot_D_rho*t169 + t171 + (active > 0 ? deficit : 1), dapart_D_eta*t170 + droot_D_eta*t169 + t172, dapart_D_decoder_variance*t170 + droot_D_decoder_variance*t169, dgain_D_alpha*t181 + dlogarithm_D_alpha*t173 + dnarrowing_D_alpha*t174 + do_D_alpha*t177 + droot_D_alpha*t185, dgain_D_beta*t181 + dlogarithm_D_beta*t173 + dnarrowing_D_beta*t174 + droot_D_beta*t185, dgain_D_lam*t181 + dlogarithm_D_lam*t173 + dnarrowing_D_lam*t174 + droot_D_lam*t185, dgain_D_rho*t181 + dlogarithm_D_rho*t173 + dnarrowing_D_rho*t174 + do_D_rho*t177 + droot_D_rho*t185 + (active > 0 ? t186 : 0), dgain_D_eta*t181 + dlogarithm_D_eta*t173 + dnarrowing_D_eta*t174 + do_D_eta*t177 + droot_D_eta*t185 + (active > 0 ? t175 : 0), dgain_D_decoder_variance*t181 + dlogarithm_D_decoder_variance*t173 + dnarrowing_D_decoder_variance*t174 + droot_D_decoder_variance*t185, dgain_D_alpha*t192 + dkappa_D_alpha*t193 + dnarrowing_D_alpha*t187 + do_D_alpha*t191 + droot_D_alpha*t188 + t168, dbeta_D_beta*t195 + dgain_D_beta*t192 + dkappa_D_beta*t193 + dnarrowing_D_beta*t187 + droot_D_beta*t188, dgain_D_lam*t192 + dkappa_D_lam*t193 + dnarrowing_D_lam*t187 + droot_D_lam*t188, dgain_D_rho*t192 + dkappa_D_rho*t193 + dnarrowing_D_rho*t187 + do_D_rho*t191 + droot_D_rho*t188 + t171 + (active > 0 ? deficit + o*t190 : 1), dgain_D_eta*t192 + dkappa_D_eta*t193 + dnarrowing_D_eta*t187 + do_D_eta*t191 + droot_D_eta*t188 + t172 + (active > 0 ? t190 : 1), dbeta_D_decoder_variance*t195 + dgain_D_decoder_variance*t192 + dkappa_D_decoder_variance*t193 + dnarrowing_D_decoder_variance*t187 + droot_D_decoder_variance*t188, dgain_D_alpha*t203 + dkappa_D_alpha*t207 + dnarrowing_D_alpha*t215 + do_D_alpha*t202 + dprecision_D_alpha*t219 + droot_D_alpha*t223, dbeta_D_beta*t232 + dgain_D_beta*t203 + dkappa_D_beta*t207 + dnarrowing_D_beta*t215 + dprecision_D_beta*t219 + droot_D_beta*t223, dgain_D_lam*t203 + dkappa_D_lam*t207 + dnarrowing_D_lam*t215 + dprecision_D_lam*t219 + droot_D_lam*t223, dgain_D_rho*t203 + dkappa_D_rho*t207 + dnarrowing_D_rho*t215 + do_D_rho*t202 + dprecision_D_rho*t219 + droot_D_rho*t223 + (active > 0 ? t186*t201 : 0), dgain_D_eta*t203 + dkappa_D_eta*t207 + dnarrowing_D_eta*t215 + do_D_eta*t202 + dprecision_D_eta*t219 + droot_D_eta*t223 + (active > 0 ? t175*t201 : 0), dbeta_D_decoder_variance*t232 + dgain_D_decoder_variance*t203 + dkappa_D_decoder_variance*t207 + dnarrowing_D_decoder_variance*t215 + dprecision_D_decoder_variance*t219 + droot_D_decoder_variance*t223 + (active > 0 ? -(root*root)*t166*t184*t200 + (1/2)*root*t149*t178*t197*t198*t205 - t224*t233 - t225 - t235 : 0), dgain_D_alpha*t240 + dkappa_D_alpha*t241 + dnarrowing_D_alpha*t242 + do_D_alpha*t239 + dprecision_D_alpha*t245 + droot_D_alpha*t247, dbeta_D_beta*t248 + dgain_D_beta*t240 + dkappa_D_beta*t241 + dnarrowing_D_beta*t242 + dprecision_D_beta*t245 + droot_D_beta*t247, dgain_D_lam*t240 + dkappa_D_lam*t241 + dnarrowing_D_lam*t242 + dprecision_D_lam*t245 + droot_D_lam*t247, dgain_D_rho*t240 + dkappa_D_rho*t241 + dnarrowing_D_rho*t242 + do_D_rho*t239 + dprecision_D_rho*t245 + droot_D_rho*t247 + (active > 0 ? o*t238 : 0), dgain_D_eta*t240 + dkappa_D_eta*t241 + dnarrowing_D_eta*t242 + do_D_eta*t239 + dprecision_D_eta*t245 + droot_D_eta*t247 + (active > 0 ? t238 : 0), dbeta_D_decoder_variance*t248 + dgain_D_decoder_variance*t240 + dkappa_D_decoder_variance*t241 + dnarrowing_D_decoder_variance*t242 + dprecision_D_decoder_variance*t245 + droot_D_decoder_variance*t247 + (active > 0 ? t235 + t244*(root*t198*t205*t243 + t216) : 0)];
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
  const t2 = eta*iota;
  const t3 = 1/(safe_rho + t2);
  const t4 = t2*(eta + safe_rho);
  const t5 = t4/safe_rho;
  const deficit = (detected > 0 ? t3*t5 : 1);
  const target = overlap*rho;
  const third = phi;
  const t7 = 2*phi;
  const t8 = phi + 1;
  const second = beta_*t8 + kappa*t7;
  const t9 = -kappa;
  const first = kappa*(beta_*(t7 + 1) - t0 + t8*(-eigenvalue/t8 - t9));
  const root = Q;
  const gain = 1/(kappa + root);
  const t10 = beta_ + root;
  const narrowing = 1/t10;
  const precision = 1/(decoder_variance + root);
  const t11 = 1/beta_;
  const t12 = root*t11;
  const logarithm = Math.log1p(t12);
  const t13 = (1/2)*logarithm;
  const t14 = (1/2)*root;
  const t15 = gain*root;
  const per_sample = beta_*t13 - 1/2*eigenvalue*t15 + phi*t14;
  const length = Math.sqrt(root);
  const t17 = root + target;
  const t18 = kappa + target;
  const excess = (-beta_*t0*(2*beta_ + t0 + 2*target) - (beta_ + target)*(beta_*(beta_ - eta - t3*t4 - t5) + phi*(t18 - 1)*(t18 + 1)))/(first + second*t17 + third*(-root*target + (t17*t17)));
  const t19 = Math.sqrt((detected > 0 ? target : root));
  const apart = ((-root + 2*target > 0 ? 2*root - target : 0) > 0 ? excess/(length + t19) : length - t19);
  const t20 = (gain*gain);
  const t21 = root*t20;
  const t22 = (detected > 0 ? length*Math.sqrt((detected > 0 ? overlap : 1)) : 0);
  const t23 = beta_*narrowing;
  const t24 = 1/decoder_variance;
  const t25 = deficit*rho;
  const t26 = eta + target;
  const t27 = t21*t26;
  const t28 = (1/2)*t27;
  const t30 = root*t24;
  const t29 = beta_ - decoder_variance;
  const t31 = narrowing*t29*t30;
  const t32 = (precision*precision)*Math.pow(decoder_variance + t9, 2.0);
  const t33 = -precision*t29;
  const t34 = Math.log1p((t29 > 0 ? t31 : t12*t33));
  const t35 = (1/2)*(t29 > 0 ? t34 : -t34);
  return [root, t21, t15, t22, gain*t22, t23, eigenvalue, overlap, alpha*per_sample*t24, t25 + (detected > 0 ? (apart*apart) : root), -narrowing*t14 + t13 + t28, (kappa*kappa)*t20*t26 + root*t23 + t25, t28*t32*(t30 + 1) + (1/2)*t31 - t35, (1/2)*t11*(root*t33 + t10*t27*t32) + t35];
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
  const distance = -eigenvalue/t2 - t1;
  const unstable = -distance;
  const third = phi;
  const t4 = 2*phi;
  const t5 = beta*t2;
  const second = kappa*t4 + t5;
  const first = kappa*(beta*(t4 + 1) + distance*t2 - t0);
  const constant = distance*kappa*t5;
  const discriminant = -4*constant*second + (first*first);
  const outward = Math.abs(first) + Math.sqrt((discriminant > 0 ? discriminant : 0));
  const size = (outward > 0 ? outward : 1);
  const quadratic = (first > 0 ? -2*constant/size : (1/2)*size/second);
  const t6 = eigenvalue*kappa;
  const asymptote = t1 + (281474976710657/140737488355328)*t6/(beta + Math.sqrt((beta*beta) + 4*phi*t6));
  const exists = (unstable > 0 ? 1 : (-first > 0 ? (discriminant > 0 ? asymptote : 0) : 0));
  const above = (exists > 0 ? ((asymptote > 0 ? -asymptote + quadratic : 0) > 0 ? asymptote : quadratic) : 1);
  const linear = (exists > 0 ? first : 0);
  const offset = (exists > 0 ? constant : -second - third);
  let newton_3 = above;
  for (let i = 0; i < 3; i++) {
    const t12 = newton_3*third;
    const t13 = linear + newton_3*(second + t12);
    newton_3 = newton_3 - (newton_3*t13 + offset)/(newton_3*(second + 2*t12) + t13);
  }
  const t7 = newton_3*third;
  const t8 = linear + newton_3*(second + t7);
  const newton_4 = newton_3 - (newton_3*t8 + offset)/(newton_3*(second + 2*t7) + t8);
  const t9 = newton_4*third;
  const t10 = linear + newton_4*(second + t9);
  const newton_5 = newton_4 - (newton_4*t10 + offset)/(newton_4*(second + 2*t9) + t10);
  const root = (newton_5 > 0 ? newton_5 : 1);
  const gain = 1/(kappa + root);
  const logarithm = Math.log1p(root/beta);
  const t11 = (1/2)*root;
  const per_sample = (1/2)*beta*logarithm - eigenvalue*gain*t11 + phi*t11;
  const active = (exists > 0 ? (unstable > 0 ? 1 : -per_sample) : 0);
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
  const t0 = phi/eigenvalue;
  const kappa = beta + t0;
  const t1 = 2*phi;
  const t2 = phi + 1;
  const t3 = beta*t2;
  const t4 = -eigenvalue/t2 + kappa;
  return [phi, kappa*t1 + t3, kappa*(beta*(t1 + 1) - t0 + t2*t4), kappa*t3*t4];
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
  const t9 = Q/decoder_variance;
  const t8 = beta - decoder_variance;
  const t10 = t1*t8*t9;
  const t11 = Q + decoder_variance;
  const t12 = Math.pow(decoder_variance - kappa, 2.0)/(t11*t11);
  const t13 = -t8/t11;
  const t14 = Math.log1p((t8 > 0 ? t10 : t13*t4));
  const t15 = (1/2)*(t8 > 0 ? t14 : -t14);
  return [-1/2*t2 + t7 + (1/2)*Math.log1p(t4), beta*t2 + (kappa*kappa)*t5, Math.pow(Math.sqrt(Q) - Math.sqrt(overlap)*Math.sqrt(rho), 2.0), (1/2)*t10 + t12*t7*(t9 + 1) - t15, t15 + (1/2)*t3*(Q*t13 + t0*t12*t6)];
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
  const t12 = (alpha*alpha);
  const t11 = 2*lam;
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
  const t3 = -(eta*eta)*iota + (rho*rho);
  const t4 = 1/eigenvalue;
  const t5 = t1*(eta + rho);
  const t6 = t2*t3;
  const t7 = phi*t4 + t6;
  const t8 = eta - 2*phi*t4 - 2*phi*t7 + t2*t5 + t5/rho;
  const t9 = phi*(t7 - 1)*(t7 + 1);
  return [t0, t0*t2*t3 - t8, -t6*t8 + t9 + (phi*phi)/(eigenvalue*eigenvalue), t6*t9];
}
