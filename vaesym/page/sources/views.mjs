// @ts-check
// The seven views: what each is called, says, and draws of a state.

import {
  FIELDS, PHASES, PLACE, along, bestError, detectionThreshold, geometric, globalThreshold, landscape, latent, linear,
  localThreshold, phases, solve, stationaryPoints, topEigenvalue,
} from "./model.mjs";
import { observables, point } from "../../generated/for_javascript.mjs";
import { COLOURS, shown } from "./plot.mjs";
import { dimensionAt, lossFactor, noiseDensity, noiseEdges, thresholds } from "./spectrum.mjs";

/** @typedef {import("./model.mjs").Model} Model */
/** @typedef {import("./plot.mjs").Spec} Spec */
/** @typedef {{name: string, samples: number, features: number, varying: number, eigenvalues: ArrayLike<number>, file?: File, likelihood?: string}} Data */
/** @typedef {{sample: Float64Array | null, sampleFor: string, training: any, trainingFor: string, data: Data | null, loss: import("./spectrum.mjs").Loss}} Found */
/** @typedef {{id: string, title: string, text: string, draw: (p: Model, found: Found) => Spec}} View */

/** The picture of the phases has this many points along each side. */
export const SIDE = 200;
export const ALPHA = [0.05, 100];
const PHASE_COLOURS = [[217, 217, 217], [246, 190, 92], [122, 184, 222]];

/** β up to which the diagram reaches. @param {Model} p */
export const reach = (p) => 1.25 * (p.rho + p.eta);

/** @type {Record<string, {key: string, value: any}>} */
const kept = {};

/** What `compute` gave for the same key last time, so that a moving α or β redraws only what it changes. @template T @param {string} name @param {number[]} on @param {() => T} compute @returns {T} */
function once(name, on, compute) {
  const key = on.join();
  if (kept[name]?.key !== key) kept[name] = { key, value: compute() };
  return kept[name].value;
}

/** The phases at 40,000 points, and both boundaries. @param {Model} p */
function boundaries(p) {
  const top = reach(p), alphas = geometric(ALPHA[0], ALPHA[1], SIDE), betas = linear(top / (2 * SIDE), top * (1 - 0.5 / SIDE), SIDE);
  const sparse = geometric(ALPHA[0], ALPHA[1], 120);
  return { top, alphas, betas, sparse, values: phases(alphas, betas, p), local: Array.from(sparse, (alpha) => localThreshold(alpha, p)),
    best: Array.from(sparse, (alpha) => globalThreshold(alpha, p)) };
}

/** @param {Model} p @returns {Spec} */
function phaseDiagram(p) {
  const { top, alphas, betas, sparse, values, local, best } = once("phase", [p.lam, p.rho, p.eta], () => boundaries(p)), detection = detectionThreshold(p);
  return {
    x: { label: "α, samples per dimension", min: ALPHA[0], max: ALPHA[1], log: true }, y: { label: "β, weight of the KL", min: 0, max: top },
    picture: { name: "phase", x: alphas, y: betas, values, colours: PHASE_COLOURS, names: PHASES },
    lines: [
      { name: "collapse is best above", x: sparse, y: best, colour: "#000000" },
      { name: "collapse is stable above", x: sparse, y: local, colour: COLOURS.red, dash: "6 4" },
    ],
    rules: detection > ALPHA[0] && detection < ALPHA[1] ? [{ x: detection, label: `visible from ${shown(detection, 3)}`, low: true }] : [],
    points: [{ x: p.alpha, y: p.beta, colour: COLOURS.purple, kind: "handle" }],
    note: p.beta > top || p.alpha < ALPHA[0] || p.alpha > ALPHA[1] ? `the point lies outside, at α = ${shown(p.alpha)}, β = ${shown(p.beta)}` : "",
  };
}

/** @param {Model} p @returns {Spec} */
function learningCurve(p) {
  const { alphas, error, best } = once("curve", [p.beta, p.lam, p.rho, p.eta, p.latents, p.signals], () => {
    const points = geometric(ALPHA[0], ALPHA[1], 241);
    return { alphas: points, error: along(p, "alpha", points, "signal_recovery_error"), best: Array.from(points, (alpha) => bestError(p, alpha)) };
  });
  const detection = detectionThreshold(p);
  return {
    x: { label: "α, samples per dimension", min: ALPHA[0], max: ALPHA[1], log: true },
    y: { label: "signal recovery error ε", min: 0, max: 1.08 * Math.max(...error, ...best) },
    lines: [{ name: "error at this β and λ", x: alphas, y: error, colour: COLOURS.blue },
      { name: "no β does better", x: alphas, y: best, colour: COLOURS.green, dash: "6 4" }],
    rules: detection > ALPHA[0] && detection < ALPHA[1] ? [{ x: detection, label: `visible from ${shown(detection, 3)}` }] : [],
    points: p.alpha < ALPHA[0] || p.alpha > ALPHA[1] ? [] : [{ x: p.alpha, y: solve(p).signal_recovery_error, colour: COLOURS.purple }],
  };
}

/** Rate and distortion over the training set, where the variance is that of noise of strength Λ. @param {Model} p */
function onTraining(p) {
  const { Q, eigenvalue } = latent(p);
  const [rate, distortion] = observables(p.alpha, p.beta, p.lam, p.rho, eigenvalue, 1, eigenvalue, 0, Q);
  return [distortion, rate];
}

/** @param {Model} p @returns {Spec} */
function rateDistortion(p) {
  const one = { ...p, latents: 1, signals: 1 }, total = p.rho + p.eta, end = Math.max(globalThreshold(p.alpha, p), 0.02 * total);
  const betas = geometric(0.01 * total, end, 161), fresh = Array.from(betas, (beta) => solve({ ...one, beta }));
  const training = Array.from(betas, (beta) => onTraining({ ...one, beta })), here = solve(one);
  const most = 1.1 * Math.max(total, ...fresh.map((f) => f.distortion), ...training.map((t) => t[0])), grid = linear(0.01 * total, most, 161);
  return {
    x: { label: "distortion", min: 0, max: most }, y: { label: "rate, nats", min: 0, max: Math.max(1, 1.05 * Math.max(...fresh.map((f) => f.rate))) },
    lines: [
      { name: "fresh data", x: fresh.map((f) => f.distortion), y: fresh.map((f) => f.rate), colour: COLOURS.blue },
      { name: "training set", x: training.map((t) => t[0]), y: training.map((t) => t[1]), colour: COLOURS.orange, dash: "7 3" },
      { name: "Gaussian source", x: grid, y: Array.from(grid, (d) => Math.max(0, Math.log(total / d) / 2)), colour: COLOURS.green, dash: "2 3" },
    ],
    points: [{ x: here.distortion, y: here.rate, colour: COLOURS.purple, label: `β = ${shown(p.beta, 3)}` }],
  };
}

/** @param {Model} p @returns {Spec} */
function potentialView(p) {
  const stationary = stationaryPoints(p), largest = stationary[stationary.length - 1];
  const end = largest > 0 ? 1.45 * largest : 0.5 * topEigenvalue(p.alpha, p.rho, p.eta), qs = linear(0, end, 241);
  const values = Array.from(qs, (q) => landscape(p, q)), low = Math.min(...values), high = Math.max(...values);
  const room = 0.12 * (high - low) || 1, active = latent(p).Q > 0;
  const marks = stationary.map((q, i) => {
    const last = i === stationary.length - 1, barrier = stationary.length === 3 && i === 1;
    const isBest = active ? last && q > 0 : q === 0, unstable = barrier || (q === 0 && stationary.length === 2);
    return { x: q, y: landscape(p, q), colour: isBest ? COLOURS.purple : unstable ? COLOURS.red : COLOURS.orange,
      kind: /** @type {"open"|"full"} */ (unstable ? "open" : "full"),
      label: isBest ? "best" : unstable ? (barrier ? "barrier" : "unstable") : "metastable" };
  });
  return { x: { label: "Q, squared size of the decoder", min: 0, max: end }, y: { label: "potential Φ(Q)", min: low - room, max: high + room },
    lines: [{ name: "Φ, the loss along the latent", x: qs, y: values, colour: COLOURS.blue }], points: marks };
}

/** @param {Model} p */
export const sampleKey = (p) => [p.alpha, p.rho, p.eta, p.signals].join();
/** @param {Model} p */
export const trainingKey = (p) => [p.alpha, p.beta, p.lam, p.rho, p.eta].join();

/** @param {Model} p @param {Found} found @returns {Spec} */
function spectrumView(p, found) {
  if (found.data) return scree(p, found.data, found.loss);
  const [lower, upper] = noiseEdges(p.alpha, p.eta), top = topEigenvalue(p.alpha, p.rho, p.eta), detected = top > upper;
  const angles = linear(0, Math.PI, 241), xs = angles.map((angle) => lower + (upper - lower) * (1 - Math.cos(angle)) / 2);
  const density = Array.from(xs, (x) => noiseDensity(x, p.alpha, p.eta)), middle = [...density].sort((a, b) => a - b)[180];
  const values = found.sampleFor === sampleKey(p) && found.sample ? Array.from(found.sample).filter((v) => v > 1e-12 * top) : [];
  const end = 1.06 * Math.max(top, upper, values[0] ?? 0), high = Math.min(Math.max(...density), 4 * middle);
  const bins = 60, edges = Array.from(linear(0, end, bins + 1)), heights = new Array(bins).fill(0);
  for (const value of values) heights[Math.min(bins - 1, Math.floor(value / end * bins))] += bins / end / (found.sample?.length ?? 1);
  return {
    x: { label: "eigenvalue of the sample covariance", min: 0, max: end }, y: { label: "density", min: 0, max: 1.15 * Math.max(high, Math.min(2 * high, ...[Math.max(...heights, 0)])) },
    bars: { name: `a sample, N = ${dimensionAt(p.alpha)}`, edges, heights, colour: COLOURS.sky }, lines: [{ name: "law of the noise", x: xs, y: density, colour: COLOURS.blue }],
    rules: detected ? [{ x: top, label: `outlier Λ = ${shown(top, 4)}` }] : [{ x: upper, label: "edge: the signal hides below" }],
    points: values.slice(0, Math.min(p.signals, 10)).filter((v) => v > upper).map((v) => ({ x: v, y: 0.02 * high, colour: COLOURS.purple })),
    note: p.alpha < 1 ? `${shown(100 * (1 - p.alpha), 3)} % of them are 0` : "",
  };
}

/** @param {Model} p @param {Data} data @param {import("./spectrum.mjs").Loss} loss @returns {Spec} */
function scree(p, data, loss) {
  const values = Array.from(data.eigenvalues).filter((v) => v > 0), beta = loss.klWeight * lossFactor(loss, data.features, p.latents);
  const low = Math.max(values[values.length - 1], 1e-6 * values[0]);
  const linear = loss.likelihood === "gaussian";
  return { x: { label: "rank", min: 1, max: Math.max(2, values.length), log: true },
    y: { label: linear ? "eigenvalue of the covariance" : "eigenvalue, over the likelihood's variance", min: 0.7 * Math.min(low, beta), max: 1.6 * Math.max(values[0], beta), log: true },
    lines: [{ name: data.name, x: values.map((_, i) => i + 1), y: values, colour: COLOURS.blue }],
    rules: [{ y: beta, label: linear ? `βσ² = ${shown(beta)}: latents above it live` : `β = ${shown(beta)}: above the first eigenvalue all collapse` }],
    points: values.slice(0, linear ? Math.min(p.latents, 50) : 1).map((v, i) => ({ x: i + 1, y: v, colour: v > beta ? COLOURS.purple : COLOURS.red, kind: v > beta ? "full" : "open" })) };
}

/** @param {Model} p @param {Found} found @returns {Spec} */
function klView(p, found) {
  if (found.data) return klOfData(p, found.data, found.loss);
  const end = 1.3 * Math.max(p.rho + p.eta, globalThreshold(p.alpha, p)), betas = geometric(end / 300, end, 241), place = PLACE.rate;
  /** @param {number} rho */
  const rates = (rho) => Array.from(betas, (beta) => point(p.alpha, beta, p.lam, rho, p.eta, 1)[place]);
  const learning = Math.min(p.latents, p.signals), first = rates(p.rho), spare = p.latents - learning;
  const lines = [{ name: learning > 1 ? `each of ${learning} latents on signals` : "the latent on the signal", x: betas, y: first, colour: COLOURS.blue }];
  if (spare) {
    lines.push({ name: spare > 1 ? `each of ${spare} spare latents` : "the spare latent", x: betas, y: rates(0), colour: COLOURS.orange });
  }
  const inside = p.beta >= betas[0] && p.beta <= end;
  return { x: { label: "β, weight of the KL", min: betas[0], max: end, log: true },
    y: { label: "KL of a latent, nats", min: 0, max: Math.max(0.5, 1.05 * Math.max(...lines.flatMap((line) => line.y))) }, lines,
    rules: [{ x: Math.max(betas[0], globalThreshold(p.alpha, p)), label: "collapse" }],
    points: inside ? [{ x: p.beta, y: latent(p).rate, colour: COLOURS.purple }] : [] };
}

/** @param {Model} p @param {Data} data @param {import("./spectrum.mjs").Loss} loss @returns {Spec} */
function klOfData(p, data, loss) {
  const rows = thresholds(data, loss, p.latents).filter((row) => row.eigenvalue > 0), most = rows[0].collapse;
  const low = Math.min(loss.klWeight, most) / 100, high = 1.5 * Math.max(loss.klWeight, most), weights = geometric(low, high, 201);
  const palette = Object.values(COLOURS), linear = loss.likelihood === "gaussian";
  return { x: { label: "weight of the KL in your loss", min: low, max: high, log: true }, y: { label: "KL of a latent, nats", min: 0, max: 1.05 * Math.log(most / low) / 2 },
    note: linear ? "" : "beyond full collapse this likelihood needs training: vaesym scan",
    lines: rows.slice(0, linear ? 30 : 0).map((row, l) => ({ name: l < 6 ? `latent ${l + 1}` : "", series: `latent ${l + 1}`, x: weights, colour: palette[l % 6], dash: l < 6 ? "" : "3 2", width: l < 6 ? 2 : 1,
      y: Array.from(weights, (w) => Math.max(0, Math.log(row.collapse / w) / 2)) })),
    rules: [{ x: loss.klWeight, label: `your weight ${shown(loss.klWeight)}` }, ...(linear ? [] : [{ x: most, label: "everything collapses", low: true }])] };
}

/** @param {Model} p @param {Found} found @returns {Spec} */
function timeView(p, found) {
  const t = found.trainingFor === trainingKey(p) ? found.training : null, final = latent(p), total = p.rho + p.eta;
  const times = t?.time ?? [0.05, 300], level = (/** @type {number} */ v) => times.map(() => v);
  const high = 1.1 * Math.max(total / 2, p.rho, final.Q, final.signal_recovery_error, ...(t ? [...t.Q, ...t.error].filter(Number.isFinite) : []));
  return { x: { label: "time, epochs × learning rate", min: 0.05, max: 300, log: true }, y: { label: "Q, overlap m, error ε", min: 0, max: high },
    lines: [...(t ? [{ name: "Q", x: t.time, y: t.Q, colour: COLOURS.blue }, { name: "m", x: t.time, y: t.m, colour: COLOURS.green },
      { name: "error ε", x: t.time, y: t.error, colour: COLOURS.red }] : []),
      { name: "best state", series: "Q of the best state", x: times, y: level(final.Q), colour: COLOURS.blue, dash: "3 4", width: 1.3 },
      { name: "", series: "m of the best state", x: times, y: level(final.m), colour: COLOURS.green, dash: "3 4", width: 1.3 },
      { name: "", series: "error ε of the best state", x: times, y: level(final.signal_recovery_error), colour: COLOURS.red, dash: "3 4", width: 1.3 }],
    note: !t ? "integrating …" : t.left ? `too stiff here: left off at time ${shown(t.time.at(-1) ?? 0, 3)}` : "" };
}

/** @type {View[]} */
export const VIEWS = [
  { id: "phase", title: "Phases", draw: phaseDiagram,
    text: "What the best model does for each amount of data and each β: it is [[posterior collapse|collapsed]], it follows noise, or it has found the [[signal]]. Drag the point, or move it with the arrow keys. Where the solid line leaves the dashed one, the [[transition]] is of first order. Left of the dotted line, the [[detection threshold]], noise hides the signal." },
  { id: "curve", title: "Learning curve", draw: learningCurve,
    text: "The [[signal recovery error]] over α: how far what the model generates is from the true signal. More data may do harm first: at small β and λ the error peaks where the signal becomes visible. No β gets below the dashed curve." },
  { id: "rd", title: "Rate and distortion", draw: rateDistortion,
    text: "What one latent pays, the [[rate]], and what it gets, the [[distortion]], as β runs. A Gaussian source of the same variance sets the standard, which unlimited data reach. At small β a model looks better on its training set than it is." },
  { id: "potential", title: "Potential", draw: potentialView,
    text: "The loss as a function of the size Q of the decoder, all else at its best. The lowest point is the state. Two valleys and a barrier mean a first-order [[transition]]: training may stay in the [[metastable]] one. Move β slowly and watch them change places." },
  { id: "spectrum", title: "Spectrum", draw: spectrumView,
    text: "The eigenvalues of the covariance of the samples: noise fills the [[bulk]], a signal that can be seen stands out as an [[outlier]]. The bars are a sample drawn in this page. With your data: their eigenvalues, and those that outgrow βσ²." },
  { id: "kl", title: "KL per latent", draw: klView,
    text: "How much each [[latent]] says about its input, over the weight of its KL. It falls to zero where the latent [[posterior collapse|collapses]]; a jump means a first-order transition. Spare latents have no signal left and can only follow noise." },
  { id: "time", title: "Training in time", draw: timeView,
    text: "Gradient descent in very small steps on the whole training set, from small random weights with a slight [[overlap]] with the signal (0.02), in the limit of many dimensions. Dotted: the best state. Near a threshold training waits long before anything happens." },
];

export { FIELDS };
