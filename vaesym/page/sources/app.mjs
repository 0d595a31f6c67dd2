// @ts-check
// The page: state, controls, views, data, lecture.

import { PHASES, along, phases, solve, solveRows } from "./model.mjs";
import { COLOURS, TINTS, escaped, frame, render, shown, table } from "./plot.mjs";
import { lossFactor, share, thresholds } from "./spectrum.mjs";
import { STOPS } from "./lecture.mjs";
import { ALPHA, SIDE, VIEWS, reach, sampleKey, trainingKey } from "./views.mjs";

/** What the builder puts into the page. @type {{glossary: Record<string, string>, formulas: Record<string, any[]>, start: Record<string, any>, data: any}} */
const GIVEN = JSON.parse(document.getElementById("given")?.textContent ?? "{}");

/** @typedef {{name: string, label: string, text: string, min: number, max: number, kind: "log"|"cube"|"whole"}} Control */
/** @type {Control[]} */
const CONTROLS = [
  { name: "alpha", label: "α", text: "samples per dimension", min: 0.05, max: 100, kind: "log" },
  { name: "beta", label: "β", text: "weight of the KL", min: 0.005, max: 10, kind: "log" },
  { name: "lam", label: "λ", text: "weight decay", min: 0, max: 8, kind: "cube" },
  { name: "rho", label: "ρ", text: "strength of the signal", min: 0.1, max: 10, kind: "log" },
  { name: "eta", label: "η", text: "strength of the noise", min: 0.1, max: 10, kind: "log" },
  { name: "latents", label: "M", text: "latents of the model", min: 1, max: 20, kind: "whole" },
  { name: "signals", label: "M*", text: "signals in the data", min: 1, max: 20, kind: "whole" },
];
const DEFAULTS = { alpha: 2, beta: 1, lam: 0.1, rho: 1, eta: 1, latents: 1, signals: 1, view: "phase", stop: 0,
  likelihood: "gaussian", reconstruction: "sum", kl: "sum", half: "with", weight: 0.5, w: 1, batch: 1 };
/** What the loss is written with: choices, and positive numbers. @type {Record<string, string[]>} */
const CHOICES = { likelihood: ["gaussian", "bernoulli", "poisson", "gaussian_shared", "gaussian_diagonal"], reconstruction: ["sum", "mean"], kl: ["sum", "mean"], half: ["with", "without"] };
const WEIGHTS = ["weight", "w", "batch"];
const positive = (/** @type {number} */ value) => value > 1e-12 && value < 1e12;
/** Text of an address as a number, plainly written. @param {string | null} text */
const plain = (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text ?? "") ? Number(text) : NaN);
/** @type {any} */
const state = { ...DEFAULTS, ...GIVEN.start };
/** @type {import("./views.mjs").Found} */
const found = { sample: null, sampleFor: "", training: null, trainingFor: "", data: GIVEN.data,
  loss: { likelihood: "gaussian", reconstruction: "sum", kl: "sum", half: "with", weight: 0.5, batch: 1, klWeight: 1 } };
let seed = 1, queued = false;
/** @type {Record<string, {spec: import("./plot.mjs").Spec, width: number, height: number}>} */
const drawn = {};
/** Milliseconds of the last drawing, by view; read by tests. @type {Record<string, number>} */
const timing = {};

/** @param {string} id @returns {any} */
const $ = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => (dark.matches ? { ink: "#e8e8e8", faint: "#3c4148", paper: "#1b1e23", tints: TINTS } : { ink: "#1d1f22", faint: "#e3e5e8", paper: "#ffffff" });

// --- state -----------------------------------------------------------------------------------------------------------

/** Why a value does not do, or "". @param {Control} control @param {number} value */
function fault({ name, label, min, max, kind }, value) {
  if (!Number.isFinite(value)) return `${label} is a number`;
  if (kind === "whole") return Number.isInteger(value) && value >= min && value <= max ? "" : `${label} is a whole number from ${min} to ${max}`;
  if (name === "lam") return value >= 0 && value <= 1e6 ? "" : "λ is 0 or larger, up to 1,000,000";
  return value >= 1e-6 && value <= 1e6 ? "" : `${label} is larger than 0, between 0.000001 and 1,000,000`;
}

/** Take the state that a fragment holds; what does not do is left as it was. */
function fromFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  const stop = plain(given.get("stop")), at = STOPS[stop - 1], view = given.get("view");
  state.stop = at ? stop : 0;
  if (at) Object.assign(state, at.state, { view: at.view });
  for (const control of CONTROLS) {
    const value = plain(given.get(control.name));
    if (!fault(control, value)) state[control.name] = value;
  }
  if (VIEWS.some(({ id }) => id === view)) state.view = view;
  for (const [name, choices] of Object.entries(CHOICES)) if (choices.includes(given.get(name) ?? "")) state[name] = given.get(name);
  for (const name of WEIGHTS) if (positive(plain(given.get(name)))) state[name] = plain(given.get(name));
}

function fragment() {
  const start = /** @type {Record<string, any>} */ ({ ...DEFAULTS, ...GIVEN.start });
  return "#" + Object.keys(DEFAULTS).filter((name) => state[name] !== start[name] || CONTROLS.some((c) => c.name === name))
    .map((name) => `${name}=${encodeURIComponent(state[name])}`).join("&");
}

/** @param {Record<string, any>} changes */
function set(changes) {
  Object.assign(state, changes);
  if (!queued) {
    queued = true;
    requestAnimationFrame(draw);
  }
}

/** @returns {import("./model.mjs").Model} */
const model = () => {
  const { alpha, beta, lam, rho, eta, latents, signals } = state;
  return { alpha, beta, lam, rho, eta, latents, signals };
};

// --- worker ----------------------------------------------------------------------------------------------------------

const worker = new Worker(URL.createObjectURL(new Blob([$("worker-source").textContent], { type: "text/javascript" })));
/** @type {Record<string, {busy: number, next: any, key: string}>} */
const waiting = {};
let asked = 0;

/** Ask the worker; of requests of a kind that come while it is busy the last alone is sent. @param {string} kind @param {string} key @param {any} request */
function ask(kind, key, request) {
  const slot = waiting[kind] ??= { busy: 0, next: null, key: "" };
  if (slot.busy) {
    slot.next = [key, request];
    return;
  }
  slot.busy = ++asked;
  slot.key = key;
  worker.postMessage({ id: asked, kind, ...request });
}

worker.onmessage = (/** @type {MessageEvent<any>} */ { data: { kind, value, error, share, what } }) => {
  const slot = waiting[kind];
  if (share !== undefined) {
    if (slot.key === opening?.key) say(`${what} … ${Math.round(100 * share)} %`);
    return;
  }
  const key = slot.key, next = slot.next;
  slot.busy = 0;
  slot.next = null;
  if (next) ask(kind, next[0], next[1]);
  if (kind === "sample" && value) Object.assign(found, { sample: value, sampleFor: key });
  if (kind === "time" && value) Object.assign(found, { training: value, trainingFor: key });
  if (kind === "data") {
    if (key === opening?.key) take(value, error);
  }
  set({});
};

/** @param {string} text @param {boolean} [bad] */
function say(text, bad = false) {
  $("message").textContent = text;
  $("message").classList.toggle("bad", bad);
}

// --- drawing ---------------------------------------------------------------------------------------------------------

const wide = matchMedia("(min-width: 1100px)"), roomy = matchMedia("(min-width: 760px)");
const canvas = document.createElement("canvas");
canvas.width = canvas.height = SIDE;

/** The values that each canvas shows. @type {WeakMap<HTMLCanvasElement, Uint8Array>} */
const painted = new WeakMap();

/** Paint a picture of classes, unless it is there; its rows run upwards. @param {import("./plot.mjs").Picture} picture @param {HTMLCanvasElement} on */
function paint(picture, on) {
  const context = on.getContext("2d");
  if (!context || painted.get(on) === picture.values) return;
  painted.set(on, picture.values);
  const image = context.createImageData(SIDE, SIDE), pixels = new Uint32Array(image.data.buffer);
  const colours = picture.colours.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
  for (let i = 0, k = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) pixels[(SIDE - 1 - j) * SIDE + i] = colours[picture.values[k++]];
  context.putImageData(image, 0, 0);
}

const visible = () => (wide.matches ? VIEWS : VIEWS.filter(({ id }) => id === state.view));

function draw() {
  queued = false;
  const began = performance.now(), p = model();
  found.data = state.stop ? null : aside;
  const { reconstruction, kl, half, weight, batch, w } = state, likelihood = likelihoodOf(found.data);
  found.loss = { likelihood, reconstruction, kl, half, weight, batch, klWeight: w };
  for (const { id } of VIEWS) $(`view-${id}`).hidden = !wide.matches && id !== state.view;
  // All widths before the first chart is written: each reading after a writing would lay the page out anew.
  const widths = visible().map(({ id }) => $(`chart-${id}`).clientWidth);
  for (const [i, view] of visible().entries()) {
    const from = performance.now();
    drawView(view, p, widths[i]);
    timing[view.id] = performance.now() - from;
  }
  showControls();
  showNumbers(p);
  timing.all = performance.now() - began;
  const shownViews = visible().map(({ id }) => id);
  if (shownViews.includes("spectrum") && !found.data && found.sampleFor !== sampleKey(p)) ask("sample", sampleKey(p), { model: p, seed });
  if (shownViews.includes("time") && found.trainingFor !== trainingKey(p)) ask("time", trainingKey(p), { model: p });
  remember();
}

let remembering = 0;
/** Keep the fragment, when the hand rests: browsers allow few changes a second. */
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(keep, 150);
}

function keep() {
  if (location.protocol === "about:") return; // inside a notebook there is no address of its own
  if (location.hash !== fragment()) history.replaceState(null, "", fragment());
}

/** @param {import("./views.mjs").View} view @param {import("./model.mjs").Model} p @param {number} room */
function drawView(view, p, room) {
  const box = $(`chart-${view.id}`), width = Math.max(280, Math.floor(room)), height = Math.round(Math.min(400, Math.max(300, width * 0.66)));
  const spec = view.draw(p, found);
  drawn[view.id] = { spec, width, height };
  if (reading[view.id]) readAt(view.id, spec, ...reading[view.id]);
  const f = frame(spec, width, height);
  box.querySelector(".svg").innerHTML = render(spec, width, height, theme(), view.id);
  if (spec.picture) {
    const on = box.querySelector("canvas");
    paint(spec.picture, on);
    Object.assign(on.style, { left: `${f.left}px`, top: `${f.top}px`, width: `${f.right - f.left}px`, height: `${f.bottom - f.top}px` });
  }
}

/** @param {import("./model.mjs").Model} p */
function showNumbers(p) {
  const s = solve(p);
  const cells = [["phase", PHASES[s.phase]], ["Q", shown(s.Q)], ["m", shown(s.m)], ["D", shown(s.D)], ["Λ", shown(s.eigenvalue)], ["overlap o", shown(s.overlap)],
    ["rate", shown(s.rate)], ["distortion", shown(s.distortion)], ["error ε", shown(s.signal_recovery_error)]];
  $("numbers").innerHTML = cells.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
  showData(p);
}

// --- controls --------------------------------------------------------------------------------------------------------

/** @param {Control} c @param {number} value */
const toSlider = ({ min, max, kind }, value) => (kind === "log" ? Math.log(value / min) / Math.log(max / min) : kind === "cube" ? Math.cbrt(value / max) : value);
/** @param {Control} c @param {number} t */
const fromSlider = ({ min, max, kind }, t) => (kind === "whole" ? t : Number((kind === "log" ? min * (max / min) ** t : max * t ** 3).toPrecision(4)));

function makeControls() {
  $("controls").innerHTML = CONTROLS.map((c) => `<div class="control"><label for="number-${c.name}"><b>${c.label}</b> ${c.text}</label>`
    + `<input type="number" id="number-${c.name}" step="any" inputmode="decimal">`
    + `<input type="range" id="slider-${c.name}" aria-label="${c.text}" ${c.kind === "whole" ? `min="${c.min}" max="${c.max}" step="1"` : 'min="0" max="1" step="0.001"'}></div>`).join("");
  for (const c of CONTROLS) {
    $(`slider-${c.name}`).addEventListener("input", (/** @type {any} */ event) => set({ [c.name]: fromSlider(c, Number(event.target.value)) }));
    $(`number-${c.name}`).addEventListener("input", (/** @type {any} */ event) => {
      const value = event.target.value === "" ? NaN : Number(event.target.value), why = fault(c, value);
      event.target.setAttribute("aria-invalid", String(Boolean(why)));
      $("fault").textContent = why;
      if (why) return;
      $(`slider-${c.name}`).value = String(toSlider(c, value)); // at once: a key may move it before the next frame
      set({ [c.name]: value });
    });
    $(`number-${c.name}`).addEventListener("blur", (/** @type {any} */ event) => {
      event.target.setAttribute("aria-invalid", "false");
      $("fault").textContent = "";
      event.target.value = state[c.name];
    });
  }
}

function showControls() {
  for (const c of CONTROLS) {
    const number = $(`number-${c.name}`), slider = $(`slider-${c.name}`);
    if (document.activeElement !== number) number.value = state[c.name];
    slider.value = String(toSlider(c, state[c.name]));
    slider.setAttribute("aria-valuetext", shown(state[c.name]));
  }
  for (const { id } of VIEWS) {
    const tab = $(`tab-${id}`), chosen = id === state.view;
    if (chosen && tab.getAttribute("aria-selected") !== "true" && !wide.matches) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    tab.setAttribute("aria-selected", String(chosen));
  }
  const stop = STOPS[state.stop - 1], head = () => `${stop ? $("lecture").offsetHeight + 14 : 10}px`;
  $("lecture").hidden = !stop;
  $("start-lecture").hidden = Boolean(stop);
  if (stop) {
    $("stop-title").textContent = `${state.stop} of ${STOPS.length}: ${stop.title}`;
    if ($("stop-text").dataset.stop !== String(state.stop)) $("stop-text").innerHTML = worded(stop.text);
    $("stop-text").dataset.stop = String(state.stop);
    $("back").disabled = state.stop === 1;
    $("next").textContent = state.stop === STOPS.length ? "End" : "Next";
  }
  document.documentElement.style.setProperty("--head", head());
  for (const { id } of VIEWS) $(`view-${id}`).classList.toggle("current", Boolean(stop) && id === stop.view);
}

/** Words with the terms of the glossary, [[term]] or [[term|as shown]]. @param {string} text */
function worded(text) {
  return escaped(text).replace(/\[\[([^\]|]+)(?:\|([^\]]+))?\]\]/g, (_, term, as) =>
    `<span class="term" tabindex="0" role="note" aria-label="${as ?? term}: ${escaped(GIVEN.glossary[term] ?? "")}" data-tip="${escaped(GIVEN.glossary[term] ?? "")}">${as ?? term}</span>`);
}

// --- views -----------------------------------------------------------------------------------------------------------

function makeViews() {
  $("tabs").innerHTML = VIEWS.map(({ id, title }) => `<button role="tab" id="tab-${id}" aria-controls="view-${id}">${title}</button>`).join("");
  $("views").innerHTML = VIEWS.map(({ id, title, text }) => `<section class="view" id="view-${id}" aria-label="${title}"><h2>${title}</h2>`
    + `<div class="chart" id="chart-${id}" tabindex="0" role="img" aria-label="${title}; arrow keys move the point and read values">`
    + `<canvas width="${SIDE}" height="${SIDE}"></canvas><div class="svg"></div><div class="cross" hidden></div></div>`
    + `<output id="read-${id}">&nbsp;</output><details><summary>What it shows</summary><p>${worded(text)}</p>${formulas(id)}</details>`
    + `<div class="save">${id === "spectrum" ? '<button id="redraw">Draw a fresh sample</button>' : ""}`
    + ["svg", "png", "csv"].map((kind) => `<button data-save="${kind}" data-view="${id}" aria-label="${title} as ${kind.toUpperCase()}">${kind.toUpperCase()}</button>`).join("") + "</div></section>").join("");
  for (const words of document.querySelectorAll("#views details")) words.toggleAttribute("open", roomy.matches);
  for (const view of VIEWS) {
    $(`tab-${view.id}`).addEventListener("click", () => set({ view: view.id }));
    watch(view);
  }
  $("tabs").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = VIEWS[(VIEWS.findIndex(({ id }) => id === state.view) + step + VIEWS.length) % VIEWS.length].id;
    set({ view: next });
    $(`tab-${next}`).focus();
  });
  $("views").addEventListener("click", (/** @type {any} */ event) => event.target.dataset?.save && save(event.target.dataset.view, event.target.dataset.save));
  $("redraw").addEventListener("click", () => {
    seed++;
    ask("sample", sampleKey(model()), { model: model(), seed });
  });
}

/** @param {string} id */
function formulas(id) {
  return (GIVEN.formulas[id] ?? []).map(({ mathml, number, title, verdict }) =>
    `<figure><div class="math">${mathml}</div><figcaption>Book, step ${number}: ${escaped(title)} <span class="verdict">${escaped(verdict)}</span></figcaption></figure>`).join("");
}

/** Read values under the pointer, and drag the point of the phase diagram. @param {import("./views.mjs").View} view */
function watch(view) {
  const box = $(`chart-${view.id}`);
  let dragging = false, cursor = 0.5;
  /** @param {number} px @param {number} py */
  const move = (px, py) => {
    const { spec, width, height } = drawn[view.id], f = frame(spec, width, height);
    const x = f.x.back(Math.min(f.right, Math.max(f.left, px))), y = f.y.back(Math.min(f.bottom, Math.max(f.top, py)));
    if (dragging) set({ alpha: Number(x.toPrecision(4)), beta: Number(Math.max(reach(model()) / 1000, y).toPrecision(4)) });
    readAt(view.id, spec, x, y);
    const cross = box.querySelector(".cross");
    cross.hidden = false;
    Object.assign(cross.style, { left: `${Math.min(f.right, Math.max(f.left, px))}px`, top: `${f.top}px`, height: `${f.bottom - f.top}px` });
  };
  /** @param {PointerEvent} event */
  const at = (event) => {
    const area = box.getBoundingClientRect();
    move(event.clientX - area.left, event.clientY - area.top);
  };
  box.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (view.id === "phase" && event.button === 0) {
      dragging = true;
      box.setPointerCapture(event.pointerId);
      event.preventDefault();
      box.focus({ preventScroll: true });
    }
    at(event);
  });
  box.addEventListener("pointermove", at);
  for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => (dragging = false));
  box.addEventListener("pointerleave", () => (box.querySelector(".cross").hidden = true));
  box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step || !drawn[view.id]) return;
    event.preventDefault();
    const { spec, width, height } = drawn[view.id], f = frame(spec, width, height);
    if (view.id === "phase") {
      const top = reach(model()), rounded = (/** @type {number} */ value) => Number(value.toPrecision(4));
      if (step[0]) set({ alpha: rounded(Math.min(Math.max(ALPHA[1], state.alpha), Math.max(Math.min(ALPHA[0], state.alpha), state.alpha * 1.04 ** step[0]))) });
      else set({ beta: rounded(Math.min(Math.max(top, state.beta), Math.max(Math.min(top / 1000, state.beta), state.beta + step[1] * top / 100))) });
      readAt("phase", spec, state.alpha, state.beta);
      return;
    }
    cursor = Math.min(1, Math.max(0, cursor + 0.02 * (step[0] + step[1])));
    move(f.left + cursor * (f.right - f.left), (f.top + f.bottom) / 2);
  });
}

/** Where each view was read last. @type {Record<string, [number, number]>} */
const reading = {};

/** Say what the lines are at x. @param {string} id @param {import("./plot.mjs").Spec} spec @param {number} x @param {number} y */
function readAt(id, spec, x, y) {
  const named = (/** @type {string} */ label) => label.split(",")[0];
  reading[id] = [x, y];
  const parts = [`${named(spec.x.label)} ${shown(x)}`];
  if (spec.picture) {
    parts.push(`${named(spec.y.label)} ${shown(y)}`, PHASES[solve({ ...model(), alpha: x, beta: Math.max(y, 1e-6) }).phase]);
  }
  for (const line of spec.lines) {
    const value = line.name ? interpolated(line, x) : NaN;
    if (Number.isFinite(value)) parts.push(`${line.name} ${shown(value)}`);
  }
  $(`read-${id}`).textContent = parts.join(" · ");
}

/** @param {import("./plot.mjs").Line} line @param {number} x */
function interpolated({ x: xs, y }, x) {
  for (let i = 0; i + 1 < xs.length; i++) {
    if ((xs[i] - x) * (xs[i + 1] - x) <= 0 && xs[i] !== xs[i + 1]) return y[i] + (y[i + 1] - y[i]) * (x - xs[i]) / (xs[i + 1] - xs[i]);
  }
  return NaN;
}

// --- saving ----------------------------------------------------------------------------------------------------------

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = document.createElement("a"), address = URL.createObjectURL(blob);
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The chart as a picture of its own, its background and its points with it. @param {string} id */
function standalone(id) {
  const { spec, width, height } = drawn[id], paper = theme();
  let whole = spec;
  if (spec.picture) {
    paint(spec.picture, canvas);
    whole = { ...spec, picture: { ...spec.picture, href: canvas.toDataURL() } };
  }
  return { width, height, text: render(whole, width, height, paper, id).replace(/(<svg[^>]*>)/, `$1<rect width="100%" height="100%" fill="${paper.paper}"/>`) };
}

/** @param {string} id @param {string} kind */
async function save(id, kind) {
  const name = `vaesym-${id}.${kind}`;
  if (kind === "csv") {
    download(new Blob([table(drawn[id].spec, `vaesym ${fragment()}`)], { type: "text/csv" }), name);
    return;
  }
  const { text, width, height } = standalone(id), svg = new Blob([text], { type: "image/svg+xml" });
  if (kind === "svg") {
    download(svg, name);
    return;
  }
  const image = new Image(), large = document.createElement("canvas");
  Object.assign(large, { width: 2 * width, height: 2 * height });
  image.src = `data:image/svg+xml;base64,${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;
  await image.decode();
  large.getContext("2d")?.drawImage(image, 0, 0, 2 * width, 2 * height);
  large.toBlob((blob) => blob && download(blob, name));
}

// --- data ------------------------------------------------------------------------------------------------------------

/** The likelihood that a spectrum belongs to. @param {import("./views.mjs").Data | null} data */
const likelihoodOf = (data) => data?.likelihood ?? "gaussian";

/** The file that is being read, with the likelihood asked for and the weight of its loss. @type {{key: string, file: File, likelihood: string, weight: number} | null} */
let opening = null;
let opened = 0;

/** What the worker made of the file that is being read. @param {any} data @param {string | undefined} error */
function take(data, error) {
  if (!opening) return;
  const { file, likelihood, weight } = opening, before = likelihoodOf(aside);
  opening = null;
  say(error ? `This file cannot be used: ${error.replace(/\.+$/, "")}.` : "", Boolean(error));
  if (data) {
    aside = { ...data, file, likelihood };
    set({ view: "spectrum", likelihood, weight });
  } else if (state.likelihood !== before) set({ likelihood: before, weight: share(before) });
}

/** @param {File | null | undefined} file @param {string} [likelihood] the state takes it, and the weight, when the file has been read */
function open(file, likelihood = state.likelihood, weight = state.weight) {
  if (!file) return;
  opening = { key: String(++opened), file, likelihood, weight };
  say("reading …");
  ask("data", opening.key, { file, name: file.name, likelihood });
}

/** The fields of the loss show the state. */
function showLoss() {
  for (const name of ["reconstruction", "kl", "half", ...WEIGHTS]) if (document.activeElement !== $(`loss-${name}`)) $(`loss-${name}`).value = state[name];
  // A spectrum that came with the page is the plain covariance's.
  for (const option of $("loss-likelihood").options) option.disabled = option.value !== "gaussian" && !found.data?.file;
  $("loss-likelihood").value = found.loss.likelihood;
  $("loss-sigma").disabled = found.loss.likelihood !== "gaussian";
}

function makeData() {
  for (const name of Object.keys(CHOICES)) $(`loss-${name}`).addEventListener("change", () => {
    const value = $(`loss-${name}`).value;
    if (name === "likelihood") open(opening?.file ?? aside?.file, value, share(value));
    else set({ [name]: value });
  });
  for (const name of [...WEIGHTS, "sigma"]) $(`loss-${name}`).addEventListener("input", () => {
    const value = Number($(`loss-${name}`).value), weight = name === "sigma" ? 1 / (2 * value ** 2) : value, good = positive(value) && positive(weight);
    $(`loss-${name}`).setAttribute("aria-invalid", String(!good));
    say(good ? "" : "A weight of the loss is a number larger than 0, between 10⁻¹² and 10¹².", !good);
    if (name === "weight") $("loss-sigma").value = "";
    if (good) set({ [name === "sigma" ? "weight" : name]: weight });
  });
  $("loss").addEventListener("focusout", () => {
    for (const name of [...WEIGHTS, "sigma"]) $(`loss-${name}`).setAttribute("aria-invalid", "false");
    if ($("loss-sigma").value !== "" && 1 / (2 * Number($("loss-sigma").value) ** 2) !== state.weight) $("loss-sigma").value = "";
    set({});
  });
  $("file").addEventListener("change", () => {
    open($("file").files[0]);
    $("file").value = "";
  });
  $("forget").addEventListener("click", () => {
    found.data = aside = opening = null;
    if (state.likelihood !== "gaussian") Object.assign(state, { likelihood: "gaussian", weight: share("gaussian") });
    say("");
    set({});
  });
  for (const kind of ["dragover", "dragenter"]) addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
  addEventListener("dragleave", () => $("drop").classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    $("drop").classList.remove("over");
    open(event.dataTransfer?.files[0]);
  });
}

/** @param {import("./model.mjs").Model} p */
function showData(p) {
  const data = found.data;
  $("forget").hidden = !data;
  $("loss").hidden = !data;
  $("redraw").hidden = Boolean(data);
  showLoss();
  if (!data) {
    $("table").innerHTML = "";
    return;
  }
  const rows = thresholds(data, found.loss, p.latents), beta = found.loss.klWeight * lossFactor(found.loss, data.features, p.latents);
  const said = found.loss.likelihood === "gaussian" ? `βσ² = ${shown(beta)}; ${rows.filter((row) => row.kl > 0).length} of ${rows.length} latents active. Choose their number above (M).`
    : `β = ${shown(beta)}; everything collapses from w = ${shown(rows[0].collapse, 6)} on. Below it this likelihood needs training: vaesym scan.`;
  $("table").innerHTML = `<p><b>${escaped(data.name)}</b>: ${data.samples} samples, ${data.features} features; ${said}</p>`
    + "<div class=\"scroll\"><table><thead><tr><th>latent</th><th>eigen&shy;value</th><th>collapses at <i>w</i></th><th>KL, nats</th></tr></thead><tbody>"
    + rows.map((row, l) => `<tr><td>${l + 1}</td><td>${shown(row.eigenvalue, 6)}</td><td>${shown(row.collapse, 6)}</td><td>${row.kl === 0 ? "collapsed" : shown(row.kl)}</td></tr>`).join("") + "</tbody></table></div>";
}

// --- lecture ---------------------------------------------------------------------------------------------------------

/** The data. What is drawn takes them in the next frame, or when the lecture, which speaks of the model, is over. @type {import("./views.mjs").Data | null} */
let aside = found.data;

/** @param {number} stop 0 ends */
function visit(stop) {
  const at = STOPS[stop - 1];
  set(at ? { ...at.state, view: at.view, stop } : { stop: 0 });
  requestAnimationFrame(() => {
    $(at ? "next" : "start-lecture").focus({ preventScroll: true });
    if (at && wide.matches) $(`view-${at.view}`).scrollIntoView({ block: "start" });
  });
}

$("start-lecture").addEventListener("click", () => visit(1));
$("next").addEventListener("click", () => visit(state.stop === STOPS.length ? 0 : state.stop + 1));
$("back").addEventListener("click", () => visit(state.stop - 1));
$("leave").addEventListener("click", () => visit(0));
$("share").addEventListener("click", async () => {
  keep();
  try {
    await navigator.clipboard.writeText(location.href);
    $("share").textContent = "Copied";
  } catch {
    $("share").textContent = "In the address bar";
  }
  setTimeout(() => ($("share").textContent = "Copy link"), 2000);
});

if (location.protocol === "about:") $("share").hidden = true; // inside a notebook there is no address to copy
fromFragment();
makeControls();
makeViews();
makeData();
for (const query of [dark, wide]) query.addEventListener("change", () => set({}));
addEventListener("resize", () => set({}));
addEventListener("hashchange", () => {
  fromFragment();
  set({});
});
draw();

// For tests, and for those who like a console.
Object.assign(globalThis, { vaesym: { state, set, solve, solveRows, along, phases, thresholds, found, timing, draw, drawn, COLOURS, busy: () => Object.values(waiting).some((slot) => slot.busy) } });
