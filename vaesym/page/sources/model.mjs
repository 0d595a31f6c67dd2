// @ts-check
// The exact solution for any number of latents and signals, and what is drawn of it. Every formula is generated.

import {
  FIELDS, bulk_edge, collapse_threshold, cubic_coefficients, detection, detection_threshold, minimiser, outlier, point,
  potential,
} from "../../generated/for_javascript.mjs";

/** @typedef {{alpha: number, beta: number, lam: number, rho: number, eta: number, latents: number, signals: number}} Model */

/** What a sum over the latents is made of; the other fields are those of the first latent. */
const SUMMED = ["free_energy", "signal_recovery_error", "rate", "distortion", "kl_variational_to_posterior",
  "kl_posterior_to_variational"];
export const PHASES = ["collapsed", "overfitting", "learning"];

/** @type {Record<string, number>} */
const PLACE = Object.fromEntries(FIELDS.map((name, i) => [name, i]));

/**
 * The fields of one latent on a signal of strength rho, 0 for none.
 * @param {Model} p @param {number} [rho] @returns {Record<string, number>}
 */
export function latent(p, rho = p.rho) {
  const values = point(p.alpha, p.beta, p.lam, rho, p.eta, 1);
  return Object.fromEntries(FIELDS.map((name, i) => [name, values[i]]));
}

/**
 * The fields of the whole model, as vaesym.solve has them.
 * @param {Model} p @returns {Record<string, number>}
 */
export function solve(p) {
  const learning = Math.min(p.latents, p.signals), spare = p.latents - learning, lost = p.signals - learning;
  const fields = latent(p), none = spare > 0 ? latent(p, 0) : fields;
  for (const name of SUMMED) fields[name] = learning * fields[name] + (spare > 0 ? spare * none[name] : 0);
  fields.signal_recovery_error += lost * p.rho;
  fields.distortion += lost * (p.rho + p.eta) - spare * p.eta;
  return fields;
}

/** The eigenvalue that a latent sees: the outlier, or the edge of the noise. @param {number} alpha @param {number} rho @param {number} eta */
export function topEigenvalue(alpha, rho, eta) {
  return detection(alpha, rho, eta) > 0 ? outlier(alpha, rho, eta)[0] : bulk_edge(alpha, eta);
}

/**
 * The phase (0, 1, 2) of the first latent at every α (slow) and β (fast).
 * @param {ArrayLike<number>} alphas @param {ArrayLike<number>} betas @param {Model} p
 */
export function phases(alphas, betas, p) {
  const out = new Uint8Array(alphas.length * betas.length);
  for (let i = 0, k = 0; i < alphas.length; i++) {
    const alpha = alphas[i], active = detection(alpha, p.rho, p.eta) > 0 ? 2 : 1;
    const eigenvalue = topEigenvalue(alpha, p.rho, p.eta);
    for (let j = 0; j < betas.length; j++) out[k++] = minimiser(alpha, betas[j], p.lam, eigenvalue) > 0 ? active : 0;
  }
  return out;
}

/** β_c above which collapse is locally stable, 0 if it always is. @param {number} alpha @param {Model} p */
export function localThreshold(alpha, p) {
  return Math.max(0, collapse_threshold(alpha, p.lam, topEigenvalue(alpha, p.rho, p.eta)));
}

/** β above which collapse is the best state, by bisection on the generated minimum. @param {number} alpha @param {Model} p */
export function globalThreshold(alpha, p) {
  const eigenvalue = topEigenvalue(alpha, p.rho, p.eta);
  const start = Math.max(0, collapse_threshold(alpha, p.lam, eigenvalue));
  let low = start, high = Math.max(eigenvalue, start);
  for (let i = 0; i < 52 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (minimiser(alpha, middle, p.lam, eigenvalue) > 0) low = middle;
    else high = middle;
  }
  return low > start ? high : start;
}

/** α_B below which no direction of the samples shows the signal. @param {Model} p */
export function detectionThreshold(p) {
  return detection_threshold(p.rho, p.eta);
}

/** Φ(Q) of the first latent. @param {Model} p @param {number} q */
export function landscape(p, q) {
  return potential(p.alpha, p.beta, p.lam, topEigenvalue(p.alpha, p.rho, p.eta), q);
}

/** All Q ≥ 0 at which Φ is stationary or ends, ascending: 0 first. @param {Model} p */
export function stationaryPoints(p) {
  const [a, b, c, d] = cubic_coefficients(p.alpha, p.beta, p.lam, topEigenvalue(p.alpha, p.rho, p.eta));
  /** @param {number} q */
  const slope = (q) => ((a * q + b) * q + c) * q + d;
  const bound = 1 + Math.max(Math.abs(b), Math.abs(c), Math.abs(d)) / (a > 0 ? a : b);
  // The cubic rises for large Q and is convex on Q > 0: one valley at most.
  const inner = b * b - 3 * a * c, valley = inner > 0 ? -c / (b + Math.sqrt(inner)) : 0;
  const ends = valley > 0 ? [0, valley, bound] : [0, bound], found = [0];
  for (let i = 0; i + 1 < ends.length; i++) {
    let low = ends[i], high = ends[i + 1];
    if (slope(low) * slope(high) >= 0) continue;
    const sign = Math.sign(slope(low));
    for (let k = 0; k < 200 && high - low > 1e-15 * high; k++) {
      const middle = (low + high) / 2;
      if (slope(middle) * sign > 0) low = middle;
      else high = middle;
    }
    found.push((low + high) / 2);
  }
  return found;
}

/** Values of a field of the whole model over one parameter. @param {Model} p @param {"alpha"|"beta"} name @param {ArrayLike<number>} values @param {string} field */
export function along(p, name, values, field) {
  return Array.from(values, (value) => solve({ ...p, [name]: value })[field]);
}

/** The recovery error at the best β: what the samples leave out, ρ(1 − o), for each learned signal. @param {Model} p @param {number} alpha */
export function bestError(p, alpha) {
  const missing = detection(alpha, p.rho, p.eta) > 0 ? outlier(alpha, p.rho, p.eta)[2] : 1;
  const learning = Math.min(p.latents, p.signals);
  return p.rho * (learning * missing + p.signals - learning);
}

/** @param {Float64Array[]} rows columns alpha, beta, lam, rho, eta, latents, signals; for tests. */
export function solveRows(rows) {
  return rows.map(([alpha, beta, lam, rho, eta, latents, signals]) => {
    const fields = solve({ alpha, beta, lam, rho, eta, latents, signals });
    return FIELDS.map((name) => fields[name]);
  });
}

/** @param {number} low @param {number} high @param {number} count */
export function geometric(low, high, count) {
  return Float64Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
}

/** @param {number} low @param {number} high @param {number} count */
export function linear(low, high, count) {
  return Float64Array.from({ length: count }, (_, i) => low + (high - low) * (i / (count - 1)));
}

export { FIELDS, PLACE };
