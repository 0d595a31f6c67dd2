// @ts-check
// Training in time: full-batch gradient flow of the infinitely large model, its spectra cut into nodes.

import { latent, topEigenvalue } from "./model.mjs";
import { noiseDensity, noiseEdges } from "./spectrum.mjs";

const NODES = 120;
/** Beyond so many steps, which extreme parameters need, a training is left off; so is one that moves less than STILL. */
const MOST_STEPS = 30_000;
const STILL = 1e-9;
/** Below it a part of a collapsed model is nothing; numbers much smaller are slow to compute with. */
const TINY = 1e-120;

/**
 * Nodes s of the spectrum, with the weights of random parts (Marchenko–Pastur) and of parts along the signal: mass o at
 * the outlier and the density Im[1/(s − (ρ+η)h)]/π, h = 1 − 1/α + sG/α, G the resolvent of the noise.
 * @param {import("./model.mjs").Model} p
 */
export function measures(p) {
  const [lower, upper] = noiseEdges(p.alpha, p.eta), half = (upper - lower) / 2, total = p.rho + p.eta;
  const s = [], random = [], signal = [];
  let seen = 0, noise = 0;
  for (let i = 0; i < NODES; i++) {
    const angle = Math.PI * (i + 0.5) / NODES, x = (lower + upper) / 2 - half * Math.cos(angle);
    const density = noiseDensity(x, p.alpha, p.eta), step = half * Math.sin(angle) * Math.PI / NODES;
    const real = (x - p.eta * (1 - 1 / p.alpha)) / (2 * p.eta); // x Re G / α
    const a = x - total * (1 - 1 / p.alpha + real), b = total * x * Math.PI * density / p.alpha;
    s.push(x);
    random.push(density * step);
    signal.push(b / (a * a + b * b) / Math.PI * step);
    noise += random[i];
    seen += signal[i];
  }
  const { overlap } = latent(p);
  if (overlap > 0) {
    s.push(topEigenvalue(p.alpha, p.rho, p.eta));
    random.push(0);
    signal.push(overlap);
    seen += overlap;
  }
  if (p.alpha < 1) { // directions without a sample
    s.push(0);
    random.push(1 - noise);
    signal.push(Math.max(0, 1 - seen));
  }
  return { s: Float64Array.from(s), random: Float64Array.from(random), signal: Float64Array.from(signal) };
}

/** The averages over the nodes. @param {Float64Array} y @param {ReturnType<typeof measures>} nodes */
function averages(y, nodes) {
  const n = nodes.s.length;
  let Q = 0, C = 0, E = 0, R = 0, m = 0, d = 0;
  for (let i = 0; i < n; i++) {
    const u = nodes.random[i], v = nodes.signal[i], w = y[3 * n + i], h = y[4 * n + i];
    Q += u * y[i] + v * w * w;
    R += u * y[n + i] + v * w * h;
    const encoder = u * y[2 * n + i] + v * h * h;
    E += encoder;
    C += nodes.s[i] * encoder;
    m += v * w;
    d += v * h;
  }
  return { Q, E, R, C, m, d, D: y[5 * n] };
}

/** Time derivative of all, into out. @param {Float64Array} y @param {Float64Array} out @param {ReturnType<typeof measures>} nodes @param {import("./model.mjs").Model} p */
function slope(y, out, nodes, p) {
  const n = nodes.s.length, { Q, C, D } = averages(y, nodes), phi = p.lam / p.alpha, g = C + D + phi;
  for (let i = 0; i < n; i++) {
    const s = nodes.s[i], k = (Q + p.beta) * s + phi, b = y[n + i];
    out[i] = 2 * (s * b - g * y[i]);
    out[n + i] = s * (y[i] + y[2 * n + i]) - (g + k) * b;
    out[2 * n + i] = 2 * (s * b - k * y[2 * n + i]);
    out[3 * n + i] = s * y[4 * n + i] - g * y[3 * n + i];
    out[4 * n + i] = s * y[3 * n + i] - k * y[4 * n + i];
  }
  out[5 * n] = (p.beta / D - Q - p.beta) / 2;
}

/**
 * Training from random weights of variance `size`² with an overlap `start` with the signal, D = 1.
 * @param {import("./model.mjs").Model} p @param {number} [size] @param {number} [start] @param {number} [horizon]
 */
export function train(p, size = 0.1, start = 0.02, horizon = 300) {
  const nodes = measures(p), n = nodes.s.length, largest = Math.max(...nodes.s), length = 5 * n + 1;
  const y = new Float64Array(length), ks = [0, 1, 2, 3].map(() => new Float64Array(length)), at = new Float64Array(length);
  for (let i = 0; i < n; i++) {
    y[i] = y[2 * n + i] = size * size;
    y[3 * n + i] = y[4 * n + i] = start;
  }
  y[5 * n] = 1;
  const times = Array.from({ length: 160 }, (_, i) => 0.05 * (horizon / 0.05) ** (i / 159));
  /** @type {{time: number[], Q: number[], m: number[], D: number[], error: number[], rate: number[], left: boolean}} left: off before the horizon */
  const out = { time: [], Q: [], m: [], D: [], error: [], rate: [], left: false };
  let time = 0, steps = 0, still = false;
  for (const next of times) {
    // The stability of Runge and Kutta's steps: the fastest decay times the step stays below 2.
    while (!still && time < next * (1 - 1e-12)) {
      const { Q, C, D } = averages(y, nodes);
      const fastest = 2 * (largest * (1 + Q + p.beta) + C + D + p.lam / p.alpha) + p.beta / (D * D);
      const step = Math.min(next - time, 1 / fastest);
      runge(y, at, ks, step, nodes, p);
      time += step;
      if (++steps > MOST_STEPS) return { ...out, left: true };
      still = steps % 100 === 0 && ks[0].every((moved, i) => Math.abs(moved) * (horizon - time) <= STILL * (Math.abs(y[i]) + STILL));
    }
    const { Q, E, m, d, D } = averages(y, nodes);
    out.time.push(next);
    out.Q.push(Q);
    out.m.push(m);
    out.D.push(D);
    out.error.push(p.rho - 2 * Math.sqrt(p.rho) * Math.abs(m) + Q);
    out.rate.push((p.rho * d * d + p.eta * E + D - 1 - Math.log(D)) / 2);
  }
  return out;
}

/** One step of fourth order. @param {Float64Array} y @param {Float64Array} at @param {Float64Array[]} ks @param {number} step @param {ReturnType<typeof measures>} nodes @param {import("./model.mjs").Model} p */
function runge(y, at, ks, step, nodes, p) {
  slope(y, ks[0], nodes, p);
  for (let stage = 1; stage < 4; stage++) {
    const reach = stage < 3 ? step / 2 : step, k = ks[stage - 1];
    for (let i = 0; i < y.length; i++) at[i] = y[i] + reach * k[i];
    slope(at, ks[stage], nodes, p);
  }
  for (let i = 0; i < y.length; i++) {
    y[i] += step / 6 * (ks[0][i] + 2 * (ks[1][i] + ks[2][i]) + ks[3][i]);
    if (Math.abs(y[i]) < TINY) y[i] = 0;
  }
}
