// The shipped model as javascript functions.
// Written by `python -m vaesym.model.lowering`; do not edit. A test regenerates and compares it.

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

/** Replica-symmetric free energy. */
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

/** Gradient of the free energy. */
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

/** Hessian of the free energy. */
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

/** The matrix chi G of the replicon condition. */
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

/** Positive where the average over a sample exists. */
export function field_determinant(alpha, beta, lam, rho, eta, Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh) {
  const t0 = chi_hh*eta;
  const t1 = (eta*eta);
  return Q*t0 + beta*t0 - chi_hh*chi_kk*t1 + (chi_kh*chi_kh)*t1 - 2*chi_kh*eta + 1;
}

/** Exact solution of a latent: Q, E, R, m, d, D, eigenvalue, overlap, phase, free_energy, signal_recovery_error, rate, distortion, kl_variational_to_posterior, kl_posterior_to_variational. */
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
  const t17 = (1/2)*root;
  const per_sample = -Lambda*t17/(kappa + root) + (1/2)*beta_*Math.log1p(root/beta_) + phi*t17;
  const active = (exists > 0 ? (-distance > 0 ? 1 : -per_sample) : 0);
  const t18 = kappa + root;
  const t19 = 1/(t18*t18);
  const t20 = root*t19;
  const t21 = 1/t18;
  const t22 = Math.sqrt(root);
  const t23 = (detected > 0 ? t22*Math.sqrt((detected > 0 ? o : 1)) : 0);
  const t24 = beta_ + root;
  const t25 = 1/t24;
  const t26 = beta_*t25;
  const t27 = 1/decoder_variance;
  const t28 = deficit*rho;
  const t29 = Math.sqrt((detected > 0 ? target : root));
  const t30 = eta*iota;
  const t31 = safe_rho + t30;
  const t32 = 1/t31;
  const t33 = (safe_rho*safe_rho);
  const t34 = (eta*eta);
  const t35 = -iota*t34 + t33;
  const t36 = t32*t35;
  const t37 = beta_ + t36;
  const t38 = phi/Lambda;
  const t39 = (iota*iota);
  const t40 = t37 + t38;
  const t41 = (1/2)*t25;
  const t42 = 1/beta_;
  const t43 = root*t42;
  const t44 = eta + o*rho;
  const t45 = t20*t44;
  const t46 = (1/2)*t45;
  const t47 = beta_ - decoder_variance;
  const t48 = root*t27;
  const t49 = t41*t48;
  const t50 = t47*t49;
  const t51 = decoder_variance + root;
  const t52 = Math.pow(decoder_variance - kappa, 2.0)/(t51*t51);
  const t53 = 1/t51;
  const t54 = -t47*t53;
  const t55 = (1/2)*t43;
  const t56 = Math.abs(t47);
  const t57 = (1/2)*Math.log1p(t53*t55*t56 + t54*t55);
  const t58 = (1/2)*Math.log1p(t49*t56 + t50);
  return [(active > 0 ? root : 0), (active > 0 ? t20 : 0), (active > 0 ? root*t21 : 0), (active > 0 ? t23 : 0), (active > 0 ? t21*t23 : 0), (active > 0 ? t26 : 1), Lambda, o, (active > 0 ? (detected > 0 ? 2 : 1) : 0), (active > 0 ? alpha*per_sample*t27 : 0), (active > 0 ? t28 + (detected > 0 ? ((-root + 2*target > 0 ? 2*root - target : 0) > 0 ? Math.pow(-t37*(2*beta_*t38 + beta_*(beta_ - eta*t32*(eta*safe_rho*t39 + 2*iota*t33 + 3*safe_rho*t30 + t33 + t34*t39)/safe_rho) + phi*(t40 - 1)*(t40 + 1)) - beta_*(phi*phi)/(Lambda*Lambda), 2.0)/(Math.pow(t22 + t29, 2.0)*Math.pow(first + second*(root + t36) + third*((root*root) + root*t36 + (t35*t35)/(t31*t31)), 2.0)) : Math.pow(t22 - t29, 2.0)) : root) : rho), (active > 0 ? -root*t41 + t46 + (1/2)*Math.log1p(t43) : 0), (active > 0 ? (kappa*kappa)*t19*t44 + root*t26 + t28 : eta + rho), (active > 0 ? t46*t52*(t48 + 1) + t50 + t57 - t58 : 0), (active > 0 ? (1/2)*t42*(root*t54 + t24*t45*t52) - t57 + t58 : 0)];
}

/** Derivatives of what point returns, but for the phase, each by every argument. */
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
  const t75 = (1/2)*phi;
  const t76 = root/beta_;
  const t77 = (1/2)*Math.log1p(t76);
  const t78 = kappa + root;
  const t79 = 1/t78;
  const t80 = (1/2)*Lambda;
  const t81 = t79*t80;
  const per_sample = beta_*t77 + root*t75 - root*t81;
  const t82 = (1/2)*root;
  const t83 = t79*t82;
  const t84 = root*t80/(t78*t78);
  const t85 = (1/2)/(t76 + 1);
  const t86 = t75 - t81 + t84 + t85;
  const dper_sample_D_eta = -dLambda_D_eta*t83 + dkappa_D_eta*t84 + droot_D_eta*t86;
  const dper_sample_D_alpha = -dLambda_D_alpha*t83 + dkappa_D_alpha*t84 + dphi_D_alpha*t82 + droot_D_alpha*t86;
  const dper_sample_D_rho = -dLambda_D_rho*t83 + dkappa_D_rho*t84 + droot_D_rho*t86;
  const t87 = -t76*t85 + t77;
  const dper_sample_D_beta = dbeta_D_beta*t87 + dkappa_D_beta*t84 + droot_D_beta*t86;
  const dper_sample_D_decoder_variance = dbeta_D_decoder_variance*t87 + dkappa_D_decoder_variance*t84 + dphi_D_decoder_variance*t82 + droot_D_decoder_variance*t86;
  const dper_sample_D_lam = dkappa_D_lam*t84 + dphi_D_lam*t82 + droot_D_lam*t86;
  const active = (exists > 0 ? (-distance > 0 ? 1 : -per_sample) : 0);
  const t88 = (active > 0 ? 1 : 0);
  const t89 = kappa + root;
  const t90 = 1/Math.pow(t89, 3.0);
  const t91 = 2*root;
  const t92 = t90*t91;
  const t93 = (active > 0 ? -t92 : 0);
  const t94 = 1/(t89*t89);
  const t95 = (active > 0 ? -t92 + t94 : 0);
  const t96 = root*t94;
  const t97 = (active > 0 ? -t96 : 0);
  const t98 = 1/t89;
  const t99 = (active > 0 ? -t96 + t98 : 0);
  const t100 = Math.sqrt(root);
  const t101 = 1/t100;
  const t102 = Math.sqrt((detected > 0 ? o : 1));
  const t103 = (detected > 0 ? (1/2)*t101*t102 : 0);
  const t104 = (active > 0 ? t103 : 0);
  const t105 = (detected > 0 ? 1 : 0);
  const t106 = (detected > 0 ? (1/2)*t100*t105/t102 : 0);
  const t107 = (active > 0 ? t106 : 0);
  const t108 = -t94*(detected > 0 ? t100*t102 : 0);
  const t109 = (active > 0 ? t108 : 0);
  const t110 = (active > 0 ? t106*t98 : 0);
  const t111 = (active > 0 ? t103*t98 + t108 : 0);
  const t112 = beta_ + root;
  const t113 = 1/(t112*t112);
  const t114 = beta_*t113;
  const t115 = (active > 0 ? -t114 : 0);
  const t116 = 1/t112;
  const t117 = (active > 0 ? -t114 + t116 : 0);
  const t118 = 1/decoder_variance;
  const t119 = (active > 0 ? alpha*t118 : 0);
  const t120 = 1/(decoder_variance*decoder_variance);
  const t121 = (active > 0 ? rho : 0);
  const t122 = ddeficit_D_alpha*t121;
  const t123 = (-root + 2*target > 0 ? t91 - target : 0);
  const t124 = Math.sqrt((detected > 0 ? target : root));
  const t125 = t100 + t124;
  const t126 = 1/(t125*t125);
  const t127 = 1/(Lambda*Lambda);
  const t128 = (phi*phi);
  const t129 = t127*t128;
  const t130 = eta*iota;
  const t131 = safe_rho + t130;
  const t132 = 1/t131;
  const t133 = (safe_rho*safe_rho);
  const t134 = (eta*eta);
  const t135 = iota*t134;
  const t136 = t133 - t135;
  const t137 = t132*t136;
  const t138 = beta_ + t137;
  const t139 = 1/Lambda;
  const t140 = phi*t139;
  const t141 = 2*beta_;
  const t142 = 1/safe_rho;
  const t143 = 3*safe_rho;
  const t144 = 2*t133;
  const t145 = (iota*iota);
  const t146 = eta*t145;
  const t147 = iota*t144 + safe_rho*t146 + t130*t143 + t133 + t134*t145;
  const t148 = t142*t147;
  const t149 = t132*t148;
  const t150 = -eta*t149;
  const t151 = beta_*(beta_ + t150);
  const t152 = t138 + t140;
  const t153 = t152 - 1;
  const t154 = t152 + 1;
  const t155 = t153*t154;
  const t156 = phi*t155;
  const t157 = t140*t141 + t151 + t156;
  const t158 = -beta_*t129 - t138*t157;
  const t159 = (t158*t158);
  const t160 = (root*root);
  const t161 = 1/(t131*t131);
  const t162 = (t136*t136);
  const t163 = t161*t162;
  const t164 = first + second*(root + t137) + third*(root*t137 + t160 + t163);
  const t165 = t126*t159/Math.pow(t164, 3.0);
  const t166 = (active > 0 ? (detected > 0 ? (t123 > 0 ? -2*t165 : 0) : 0) : 0);
  const t167 = (active > 0 ? (detected > 0 ? (t123 > 0 ? t165*(-2*t137 - t91) : 0) : 0) : 0);
  const t168 = 1/t124;
  const t169 = t105*t168;
  const t170 = 1/(t164*t164);
  const t171 = t159*t170/Math.pow(t125, 3.0);
  const t172 = t100 - t124;
  const t173 = (active > 0 ? (detected > 0 ? (t123 > 0 ? -t169*t171 : -t169*t172) : 0) : 0);
  const t174 = (active > 0 ? (detected > 0 ? (t123 > 0 ? t165*(-t137*t91 - 2*t160 - 2*t163) : 0) : 0) : 0);
  const t175 = phi*t127;
  const t176 = 2*t138;
  const t177 = t126*t158*t170;
  const t178 = (active > 0 ? (detected > 0 ? (t123 > 0 ? t177*(-t176*(-t129*t153 - t129*t154 - t141*t175) + 4*beta_*t128/Math.pow(Lambda, 3.0)) : 0) : 0) : 0);
  const t179 = 4*beta_;
  const t180 = (active > 0 ? (detected > 0 ? (t123 > 0 ? t177*(-t175*t179 - t176*(t139*t141 + t140*t153 + t140*t154 + t155)) : 0) : 0) : 0);
  const t181 = t168*(detected > 0 ? 0 : 1);
  const t182 = 2*second;
  const t183 = 2*third;
  const t184 = (active > 0 ? (detected > 0 ? (t123 > 0 ? t165*(-t182 - t183*(t137 + t91)) + t171*(-t101 - t181) : t172*(t101 - t181)) : 1) : 0);
  const t185 = t132*t134;
  const t186 = t136*t161;
  const t187 = eta*t186;
  const t188 = -t185 - t187;
  const t189 = 2*t162/Math.pow(t131, 3.0);
  const t190 = 2*t157;
  const t191 = phi*t153;
  const t192 = phi*t154;
  const t193 = 2*safe_rho;
  const t194 = eta*t132;
  const t195 = t142*t194;
  const t196 = t148*t161;
  const t197 = (active > 0 ? (detected > 0 ? (t123 > 0 ? t177*(-2*t129 - t140*t179 - 2*t151 - 2*t156 - t176*(2*t140 + t141 + t150 + t191 + t192)) : 0) : 0) : 0);
  const t198 = ddeficit_D_rho*t121;
  const t199 = t132*t193 - t186;
  const t200 = t132*t91;
  const t201 = root*t186;
  const t202 = 4*safe_rho;
  const t203 = ddeficit_D_eta*t121;
  const t204 = -iota*t186 - 2*t130*t132;
  const t205 = (1/2)*t96;
  const t206 = rho*t205;
  const t207 = (active > 0 ? t206 : 0);
  const t208 = eta + o*rho;
  const t209 = t208*t90;
  const t210 = root*t209;
  const t211 = -t210;
  const t212 = (active > 0 ? t211 : 0);
  const t213 = (1/2)*t116;
  const t214 = (1/2)*root;
  const t215 = t113*t214;
  const t216 = (1/2)*t208*t94;
  const t217 = 1/beta_;
  const t218 = root*t217;
  const t219 = 1/(t218 + 1);
  const t220 = (1/2)*t217;
  const t221 = (active > 0 ? t211 - t213 + t215 + t216 + t219*t220 : 0);
  const t222 = 1/(beta_*beta_);
  const t223 = t214*t222;
  const t224 = (active > 0 ? t215 - t219*t223 : 0);
  const t225 = o*t205;
  const t226 = (kappa*kappa);
  const t227 = t226*t94;
  const t228 = (active > 0 ? rho*t227 : 0);
  const t229 = 2*t209*t226;
  const t230 = (active > 0 ? 2*kappa*t208*t94 - t229 : 0);
  const t231 = root*t114;
  const t232 = (active > 0 ? beta_*t116 - t229 - t231 : 0);
  const t233 = (active > 0 ? root*t116 - t231 : 0);
  const t234 = root*t118;
  const t235 = t234 + 1;
  const t236 = decoder_variance + root;
  const t237 = 1/(t236*t236);
  const t238 = Math.pow(decoder_variance - kappa, 2.0);
  const t239 = t237*t238;
  const t240 = t235*t239;
  const t241 = (active > 0 ? t206*t240 : 0);
  const t242 = 2*decoder_variance - 2*kappa;
  const t243 = -t237*t242;
  const t244 = t210*t240;
  const t245 = (active > 0 ? t205*t208*t235*t243 - t244 : 0);
  const t246 = beta_ - decoder_variance;
  const t247 = -1/2*t116*t118*t246;
  const t248 = (1/2)*t113*t234;
  const t249 = t246*t248;
  const t250 = t208*t96;
  const t251 = t238*t250/Math.pow(t236, 3.0);
  const t252 = t235*t251;
  const t253 = Math.abs(t246);
  const t254 = t248*t253 + t249;
  const t255 = t213*t234;
  const t256 = (1/2)/(t246*t255 + t253*t255 + 1);
  const t257 = -t246;
  const t258 = 1/t236;
  const t259 = t237*t257;
  const t260 = (1/2)*t218;
  const t261 = t237*t253*t260 + t259*t260;
  const t262 = t257*t258;
  const t263 = (1/2)/(t253*t258*t260 + t260*t262 + 1);
  const t264 = t256*((1/2)*t116*t118*t253 - t247 - t254) - t263*((1/2)*t217*t253*t258 + (1/2)*t217*t257*t258 - t261);
  const t265 = (active > 0 ? (1/2)*root*t118*t208*t237*t238*t94 + (1/2)*t208*t235*t237*t238*t94 - t244 - t247 - t249 - t252 - t264 : 0);
  const t266 = -t255;
  const t267 = Math.sign(t246);
  const t268 = t255*t267;
  const t269 = t258*t260;
  const t270 = root*t258;
  const t271 = (1/2)*t222;
  const t272 = t267*t269;
  const t273 = t256*(-t254 - t266 + t268) - t263*(-t223*t262 - t253*t270*t271 - t269 + t272);
  const t274 = (active > 0 ? -t249 - t266 - t273 : 0);
  const t275 = root*t120*t213;
  const t276 = t246*t275 + t255;
  const t277 = t256*(-t253*t275 - t268 - t276) - t263*(-t261 + t269 - t272);
  const t278 = t112*t239;
  const t279 = t220*t278*t96;
  const t280 = (active > 0 ? rho*t279 : 0);
  const t281 = t208*t278*t92;
  const t282 = (active > 0 ? t220*(t112*t243*t250 - t281) : 0);
  const t283 = root*t259 + 2*t112*t251;
  const t284 = (active > 0 ? t220*(root*t208*t237*t238*t94 + t112*t208*t237*t238*t94 + t257*t258 - t281 - t283) + t264 : 0);
  const t285 = -t270;
  const t286 = t239*t250;
  const t287 = (active > 0 ? t220*(t285 + t286) - t271*(root*t262 + t112*t286) + t273 : 0);
  return [droot_D_alpha*t88, droot_D_beta*t88, droot_D_lam*t88, droot_D_rho*t88, droot_D_eta*t88, droot_D_decoder_variance*t88, dkappa_D_alpha*t93 + droot_D_alpha*t95, dkappa_D_beta*t93 + droot_D_beta*t95, dkappa_D_lam*t93 + droot_D_lam*t95, dkappa_D_rho*t93 + droot_D_rho*t95, dkappa_D_eta*t93 + droot_D_eta*t95, dkappa_D_decoder_variance*t93 + droot_D_decoder_variance*t95, dkappa_D_alpha*t97 + droot_D_alpha*t99, dkappa_D_beta*t97 + droot_D_beta*t99, dkappa_D_lam*t97 + droot_D_lam*t99, dkappa_D_rho*t97 + droot_D_rho*t99, dkappa_D_eta*t97 + droot_D_eta*t99, dkappa_D_decoder_variance*t97 + droot_D_decoder_variance*t99, do_D_alpha*t107 + droot_D_alpha*t104, droot_D_beta*t104, droot_D_lam*t104, do_D_rho*t107 + droot_D_rho*t104, do_D_eta*t107 + droot_D_eta*t104, droot_D_decoder_variance*t104, dkappa_D_alpha*t109 + do_D_alpha*t110 + droot_D_alpha*t111, dkappa_D_beta*t109 + droot_D_beta*t111, dkappa_D_lam*t109 + droot_D_lam*t111, dkappa_D_rho*t109 + do_D_rho*t110 + droot_D_rho*t111, dkappa_D_eta*t109 + do_D_eta*t110 + droot_D_eta*t111, dkappa_D_decoder_variance*t109 + droot_D_decoder_variance*t111, droot_D_alpha*t115, dbeta_D_beta*t117 + droot_D_beta*t115, droot_D_lam*t115, droot_D_rho*t115, droot_D_eta*t115, dbeta_D_decoder_variance*t117 + droot_D_decoder_variance*t115, dLambda_D_alpha, 0, 0, dLambda_D_rho, dLambda_D_eta, 0, do_D_alpha, 0, 0, do_D_rho, do_D_eta, 0, dper_sample_D_alpha*t119 + (active > 0 ? per_sample*t118 : 0), dper_sample_D_beta*t119, dper_sample_D_lam*t119, dper_sample_D_rho*t119, dper_sample_D_eta*t119, dper_sample_D_decoder_variance*t119 + (active > 0 ? -alpha*per_sample*t120 : 0), dLambda_D_alpha*t178 + dfirst_D_alpha*t166 + diota_D_alpha*(active > 0 ? (detected > 0 ? (t123 > 0 ? t165*(-t182*t188 - t183*(-eta*t189 - root*t185 - root*t187 - 2*t134*t186)) + t177*(-t176*(beta_*(t134*t196 - t195*(eta*t143 + t130*t193 + 2*t135 + t144)) + t188*t191 + t188*t192) - t188*t190) : 0) : 0) : 0) + dphi_D_alpha*t180 + droot_D_alpha*t184 + dsecond_D_alpha*t167 + dtarget_D_alpha*t173 + dthird_D_alpha*t174 + t122, dbeta_D_beta*t197 + dfirst_D_beta*t166 + droot_D_beta*t184 + dsecond_D_beta*t167, dfirst_D_lam*t166 + dphi_D_lam*t180 + droot_D_lam*t184 + dsecond_D_lam*t167 + dthird_D_lam*t174, dLambda_D_rho*t178 + dfirst_D_rho*t166 + droot_D_rho*t184 + dsafe_rho_D_rho*(active > 0 ? (detected > 0 ? (t123 > 0 ? t165*(-t182*t199 - t183*(safe_rho*t200 + t186*t202 - t189 - t201)) + t177*(-t176*(beta_*(eta*t196 - t195*(iota*t202 + 3*t130 + t146 + t193) + t147*t194/t133) + t191*t199 + t192*t199) - t190*t199) : 0) : 0) : 0) + dsecond_D_rho*t167 + dtarget_D_rho*t173 + t198 + (active > 0 ? deficit : 1), dLambda_D_eta*t178 + dfirst_D_eta*t166 + droot_D_eta*t184 + dsecond_D_eta*t167 + dtarget_D_eta*t173 + t203 + (active > 0 ? (detected > 0 ? (t123 > 0 ? t165*(-t182*t204 - t183*(-iota*t189 - iota*t201 - 4*t130*t186 - t130*t200)) + t177*(-t176*(beta_*(eta*iota*t142*t147*t161 - t149 - t195*(iota*t143 + safe_rho*t145 + 2*t146)) + t191*t204 + t192*t204) - t190*t204) : 0) : 0) : 0), dbeta_D_decoder_variance*t197 + dfirst_D_decoder_variance*t166 + dphi_D_decoder_variance*t180 + droot_D_decoder_variance*t184 + dsecond_D_decoder_variance*t167 + dthird_D_decoder_variance*t174, dkappa_D_alpha*t212 + do_D_alpha*t207 + droot_D_alpha*t221, dbeta_D_beta*t224 + dkappa_D_beta*t212 + droot_D_beta*t221, dkappa_D_lam*t212 + droot_D_lam*t221, dkappa_D_rho*t212 + do_D_rho*t207 + droot_D_rho*t221 + (active > 0 ? t225 : 0), dkappa_D_eta*t212 + do_D_eta*t207 + droot_D_eta*t221 + (active > 0 ? t205 : 0), dbeta_D_decoder_variance*t224 + dkappa_D_decoder_variance*t212 + droot_D_decoder_variance*t221, dkappa_D_alpha*t230 + do_D_alpha*t228 + droot_D_alpha*t232 + t122, dbeta_D_beta*t233 + dkappa_D_beta*t230 + droot_D_beta*t232, dkappa_D_lam*t230 + droot_D_lam*t232, dkappa_D_rho*t230 + do_D_rho*t228 + droot_D_rho*t232 + t198 + (active > 0 ? deficit + o*t227 : 1), dkappa_D_eta*t230 + do_D_eta*t228 + droot_D_eta*t232 + t203 + (active > 0 ? t227 : 1), dbeta_D_decoder_variance*t233 + dkappa_D_decoder_variance*t230 + droot_D_decoder_variance*t232, dkappa_D_alpha*t245 + do_D_alpha*t241 + droot_D_alpha*t265, dbeta_D_beta*t274 + dkappa_D_beta*t245 + droot_D_beta*t265, dkappa_D_lam*t245 + droot_D_lam*t265, dkappa_D_rho*t245 + do_D_rho*t241 + droot_D_rho*t265 + (active > 0 ? t225*t240 : 0), dkappa_D_eta*t245 + do_D_eta*t241 + droot_D_eta*t265 + (active > 0 ? t205*t240 : 0), dbeta_D_decoder_variance*t274 + dkappa_D_decoder_variance*t245 + droot_D_decoder_variance*t265 + (active > 0 ? (1/2)*root*t208*t235*t237*t242*t94 - t120*t160*t216*t239 - t252 - t276 - t277 : 0), dkappa_D_alpha*t282 + do_D_alpha*t280 + droot_D_alpha*t284, dbeta_D_beta*t287 + dkappa_D_beta*t282 + droot_D_beta*t284, dkappa_D_lam*t282 + droot_D_lam*t284, dkappa_D_rho*t282 + do_D_rho*t280 + droot_D_rho*t284 + (active > 0 ? o*t279 : 0), dkappa_D_eta*t282 + do_D_eta*t280 + droot_D_eta*t284 + (active > 0 ? t279 : 0), dbeta_D_decoder_variance*t287 + dkappa_D_decoder_variance*t282 + droot_D_decoder_variance*t284 + (active > 0 ? t220*(root*t112*t208*t237*t242*t94 - t283 - t285) + t277 : 0)];
}

/** What point returns, but for the phase, at any stationary Q > 0 on an eigenvalue. */
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
  const t4 = (1/2)*Q;
  const per_sample = (1/2)*beta_*Math.log1p(Q/beta_) - eigenvalue*t4/(Q + kappa) + phi*t4;
  const active = 1;
  const t5 = kappa + root;
  const t6 = 1/(t5*t5);
  const t7 = root*t6;
  const t8 = 1/t5;
  const t9 = Math.sqrt(root);
  const t10 = (detected > 0 ? t9*Math.sqrt((detected > 0 ? overlap : 1)) : 0);
  const t11 = beta_ + root;
  const t12 = 1/t11;
  const t13 = beta_*t12;
  const t14 = 1/decoder_variance;
  const t15 = deficit*rho;
  const t16 = Math.sqrt((detected > 0 ? target : root));
  const t17 = eta*iota;
  const t18 = safe_rho + t17;
  const t19 = 1/t18;
  const t20 = (safe_rho*safe_rho);
  const t21 = (eta*eta);
  const t22 = -iota*t21 + t20;
  const t23 = t19*t22;
  const t24 = beta_ + t23;
  const t25 = phi/eigenvalue;
  const t26 = (iota*iota);
  const t27 = t24 + t25;
  const t28 = (1/2)*t12;
  const t29 = 1/beta_;
  const t30 = root*t29;
  const t31 = eta + overlap*rho;
  const t32 = t31*t7;
  const t33 = (1/2)*t32;
  const t34 = beta_ - decoder_variance;
  const t35 = root*t14;
  const t36 = t28*t35;
  const t37 = t34*t36;
  const t38 = decoder_variance + root;
  const t39 = Math.pow(decoder_variance - kappa, 2.0)/(t38*t38);
  const t40 = 1/t38;
  const t41 = -t34*t40;
  const t42 = (1/2)*t30;
  const t43 = Math.abs(t34);
  const t44 = (1/2)*Math.log1p(t40*t42*t43 + t41*t42);
  const t45 = (1/2)*Math.log1p(t36*t43 + t37);
  return [(active > 0 ? root : 0), (active > 0 ? t7 : 0), (active > 0 ? root*t8 : 0), (active > 0 ? t10 : 0), (active > 0 ? t10*t8 : 0), (active > 0 ? t13 : 1), eigenvalue, overlap, (active > 0 ? alpha*per_sample*t14 : 0), (active > 0 ? t15 + (detected > 0 ? ((-root + 2*target > 0 ? 2*root - target : 0) > 0 ? Math.pow(-beta_*(phi*phi)/(eigenvalue*eigenvalue) - t24*(2*beta_*t25 + beta_*(beta_ - eta*t19*(eta*safe_rho*t26 + 2*iota*t20 + 3*safe_rho*t17 + t20 + t21*t26)/safe_rho) + phi*(t27 - 1)*(t27 + 1)), 2.0)/(Math.pow(t16 + t9, 2.0)*Math.pow(first + second*(root + t23) + third*((root*root) + root*t23 + (t22*t22)/(t18*t18)), 2.0)) : Math.pow(-t16 + t9, 2.0)) : root) : rho), (active > 0 ? -root*t28 + t33 + (1/2)*Math.log1p(t30) : 0), (active > 0 ? (kappa*kappa)*t31*t6 + root*t13 + t15 : eta + rho), (active > 0 ? t33*t39*(t35 + 1) + t37 + t44 - t45 : 0), (active > 0 ? (1/2)*t29*(root*t41 + t11*t32*t39) - t44 + t45 : 0)];
}

/** Q of the global minimum of the potential, 0 if collapsed. */
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
  const t11 = (1/2)*root;
  const per_sample = (1/2)*beta*Math.log1p(root/beta) - eigenvalue*t11/(kappa + root) + phi*t11;
  const active = (exists > 0 ? (-distance > 0 ? 1 : -per_sample) : 0);
  return (active > 0 ? root : 0);
}

/** Outlier: eigenvalue, overlap, 1 - overlap. */
export function outlier(alpha, rho, eta) {
  const iota = 1/alpha;
  const t0 = eta + rho;
  const t1 = 1/rho;
  const t2 = eta*iota;
  const t3 = t1*t2;
  const t4 = 1/(rho + t2);
  return [t0*(t3 + 1), t1*t4*(-(eta*eta)*iota + (rho*rho)), t0*t3*t4];
}

/** Positive where the signal is detected. */
export function detection(alpha, rho, eta) {
  const iota = 1/alpha;
  return -(eta*eta)*iota + (rho*rho);
}

/** Upper edge of the noise spectrum. */
export function bulk_edge(alpha, eta) {
  const iota = 1/alpha;
  return eta*Math.pow(Math.sqrt(iota) + 1, 2.0);
}

/** Samples per dimension to detect. */
export function detection_threshold(rho, eta) {
  return (eta*eta)/(rho*rho);
}

/** Least beta of stable collapse. */
export function collapse_threshold(alpha, lam, eigenvalue) {
  const iota = 1/alpha;
  const phi = iota*lam;
  return eigenvalue/(phi + 1) - phi/eigenvalue;
}

/** Stationarity cubic in Q, over alpha. */
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

/** Potential of one latent. */
export function potential(alpha, beta, lam, eigenvalue, Q) {
  const iota = 1/alpha;
  const phi = iota*lam;
  const kappa = beta + phi/eigenvalue;
  const t0 = (1/2)*Q;
  return alpha*((1/2)*beta*Math.log1p(Q/beta) - eigenvalue*t0/(Q + kappa) + phi*t0);
}

/** Of a latent, beyond collapse: rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational. */
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

/** Over data sets, times P: variance of the outlier, its covariance with the overlap, variance of that. */
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

/** Slopes in (eigenvalue, overlap) on the outlier of eigenvalue, overlap, Q, free_energy, rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational. */
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

/** Quadratic in alpha, positive where collapse is unstable. */
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

/** Cubic in beta whose roots make Q = rho o stationary, on the outlier. */
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
