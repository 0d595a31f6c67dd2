// @ts-check
// One chart as SVG text: lines, bars, points and a picture behind them, on linear or logarithmic axes.

import { line, scaleLinear, scaleLog } from "./d3.mjs";

/** @typedef {{label: string, min: number, max: number, log?: boolean}} Axis */
/** @typedef {{name: string, series?: string, x: ArrayLike<number>, y: ArrayLike<number>, colour: string, dash?: string, width?: number}} Line series: its name in a table, where the legend has none */
/** @typedef {{x: number, y: number, colour: string, label?: string, kind?: "open"|"full"|"handle"}} Point */
/** @typedef {{x?: number, y?: number, label: string, low?: boolean}} Rule */
/** @typedef {{name: string, edges: number[], heights: number[], colour: string}} Bars */
/** @typedef {{name: string, x: ArrayLike<number>, y: ArrayLike<number>, values: Uint8Array, colours: number[][], names: string[], href?: string}} Picture */
/** @typedef {{x: Axis, y: Axis, lines: Line[], points?: Point[], rules?: Rule[], bars?: Bars, picture?: Picture, note?: string}} Spec */
/** @typedef {{ink: string, faint: string, paper: string, tints?: Record<string, string>}} Theme */

/** Colours that the colour-blind can tell apart (Okabe and Ito). */
export const COLOURS = { blue: "#0072B2", orange: "#E69F00", green: "#009E73", red: "#D55E00", purple: "#CC79A7", sky: "#56B4E9" };

/** What the darker ones of them become on a dark ground. */
export const TINTS = { "#0072B2": "#4C9BE8", "#56B4E9": "#A6DCFF", "#009E73": "#2CC79A", "#D55E00": "#FF8A3D" };

/** A number as people write it. @param {number} value @param {number} [digits] */
export function shown(value, digits = 4) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

/** @param {string} text */
export function escaped(text) {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd").replace(/[&<>"]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[mark] ?? mark);
}

/** Pixels of the values of an axis that runs from `from` to `to`, and back. @param {Axis} axis @param {number} from @param {number} to */
function scale({ min, max, log }, from, to) {
  const at = (log ? scaleLog() : scaleLinear()).domain([min, max]).range([from, to]);
  const count = log ? Math.max(2, Math.abs(to - from) / 75) : 5, named = log ? at.tickFormat(count) : String;
  return { at, back: at.invert, ticks: () => at.ticks(count).filter((/** @type {number} */ value) => named(value)) };
}

const LEFT = 70, RIGHT = 14, TOP = 10, LINE = 17;

/** The names beneath a chart, broken into rows: [row, x, name, colour, dash]. @param {Spec} spec @param {number} width */
function legend(spec, width) {
  const entries = [
    ...(spec.picture ? spec.picture.names.map((name, i) => ({ name, colour: rgb(spec.picture?.colours[i] ?? []), dash: "box" })) : []),
    ...(spec.bars ? [{ name: spec.bars.name, colour: spec.bars.colour, dash: "box" }] : []),
    ...spec.lines.filter((line) => line.name).map(({ name, colour, dash }) => ({ name, colour, dash: dash ?? "" })),
  ];
  let row = 0, x = 16;
  return entries.map((entry) => {
    const wide = 46 + 6.4 * entry.name.length;
    if (x + wide > width && x > 16) {
      row++;
      x = 16;
    }
    const placed = { ...entry, row, x };
    x += wide;
    return placed;
  });
}

/** @param {number[]} colour */
const rgb = (colour) => `rgb(${colour.join(",")})`;

/** The frame of a chart: its scales and its size. @param {Spec} spec @param {number} width @param {number} height */
export function frame(spec, width, height) {
  const entries = legend(spec, width), rows = entries.length ? entries[entries.length - 1].row + 1 : 0;
  const bottom = height - 42 - rows * LINE;
  return { entries, bottom, x: scale(spec.x, LEFT, width - RIGHT), y: scale(spec.y, bottom, TOP), left: LEFT, right: width - RIGHT, top: TOP };
}

/** @param {Line} given @param {ReturnType<typeof frame>} f @param {Spec} spec @returns {string} */
function path({ x, y }, f, spec) {
  const low = f.top - 4000, high = f.bottom + 4000;
  return line().digits(1)
    .defined((/** @type {any} */ _, /** @type {number} */ i) => Number.isFinite(y[i]) && (!spec.y.log || y[i] > 0) && (!spec.x.log || x[i] > 0))
    .x((/** @type {any} */ _, /** @type {number} */ i) => f.x.at(x[i]))
    .y((/** @type {any} */ _, /** @type {number} */ i) => Math.min(high, Math.max(low, f.y.at(y[i]))))(x) ?? "";
}

/** A chart as SVG text. @param {Spec} spec @param {number} width @param {number} height @param {Theme} theme @param {string} id */
export function render(spec, width, height, theme, id) {
  const f = frame(spec, width, height), parts = [];
  const box = `x="${f.left}" y="${f.top}" width="${f.right - f.left}" height="${f.bottom - f.top}"`;
  parts.push(`<defs><clipPath id="clip-${id}"><rect ${box}/></clipPath></defs>`);
  if (spec.picture?.href) parts.push(`<image ${box} preserveAspectRatio="none" style="image-rendering:pixelated" href="${spec.picture.href}"/>`);
  parts.push(...grid(spec, f, theme, width), `<g clip-path="url(#clip-${id})">`);
  if (spec.bars) parts.push(...bars(spec.bars, f));
  const inside = spec.picture ? { ...theme, ink: "#1d1f22" } : theme; // pictures are light in every theme
  for (const rule of spec.rules ?? []) parts.push(ruled(rule, f, inside));
  for (const line of spec.lines) {
    parts.push(`<path d="${path(line, f, spec)}" fill="none" stroke="${line.colour}" stroke-width="${line.width ?? 2}" `
      + `stroke-dasharray="${line.dash ?? ""}" stroke-linejoin="round"/>`);
  }
  parts.push("</g>");
  for (const mark of spec.points ?? []) parts.push(marked(mark, f, inside));
  for (const { row, x, name, colour, dash } of f.entries) {
    const y = f.bottom + 46 + row * LINE;
    parts.push(dash === "box" ? `<rect x="${x + 4}" y="${y - 9}" width="18" height="10" fill="${colour}" stroke="${theme.ink}" stroke-width="0.5"/>`
      : (spec.picture ? `<rect x="${x - 2}" y="${y - 10}" width="28" height="12" fill="#f4f4f4"/>` : "")
        + `<line x1="${x}" x2="${x + 24}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/>`);
    parts.push(`<text x="${x + 28}" y="${y}" fill="${theme.ink}" font-size="12">${escaped(name)}</text>`);
  }
  if (spec.note) parts.push(`<text x="${f.right - 6}" y="${f.top + 16}" text-anchor="end" fill="${theme.ink}" font-size="12">${escaped(spec.note)}</text>`);
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" `
    + `font-family="system-ui, sans-serif">${parts.join("")}</svg>`;
  return theme.tints && !spec.picture ? text.replace(/#[0-9A-F]{6}/g, (colour) => theme.tints?.[colour] ?? colour) : text;
}

/** @param {Spec} spec @param {ReturnType<typeof frame>} f @param {Theme} theme @param {number} width */
function grid(spec, f, theme, width) {
  const out = [], strong = `stroke="${theme.faint}" stroke-width="1"`;
  for (const value of f.x.ticks()) {
    const x = f.x.at(value).toFixed(1);
    if (!spec.picture) out.push(`<line x1="${x}" x2="${x}" y1="${f.top}" y2="${f.bottom}" ${strong}/>`);
    out.push(`<text x="${x}" y="${f.bottom + 15}" text-anchor="middle" fill="${theme.ink}" font-size="11.5">${shown(value)}</text>`);
  }
  for (const value of f.y.ticks()) {
    const y = f.y.at(value);
    if (!spec.picture) out.push(`<line x1="${f.left}" x2="${f.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" ${strong}/>`);
    out.push(`<text x="${f.left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end" fill="${theme.ink}" font-size="11.5">${shown(value)}</text>`);
  }
  const middle = (f.top + f.bottom) / 2;
  out.push(`<rect x="${f.left}" y="${f.top}" width="${f.right - f.left}" height="${f.bottom - f.top}" fill="none" stroke="${theme.ink}" stroke-width="0.8"/>`);
  out.push(`<text x="${(f.left + width - RIGHT) / 2}" y="${f.bottom + 30}" text-anchor="middle" fill="${theme.ink}" font-size="12.5">${escaped(spec.x.label)}</text>`);
  out.push(`<text x="13" y="${middle}" transform="rotate(-90 13 ${middle})" text-anchor="middle" fill="${theme.ink}" font-size="12.5">${escaped(spec.y.label)}</text>`);
  return out;
}

/** @param {Bars} given @param {ReturnType<typeof frame>} f */
function bars({ edges, heights, colour }, f) {
  return heights.map((height, i) => {
    const x = f.x.at(edges[i]), y = f.y.at(height);
    return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0.5, f.x.at(edges[i + 1]) - x - 0.5).toFixed(1)}" height="${Math.max(0, f.bottom - y).toFixed(1)}" fill="${colour}" fill-opacity="0.55"/>`;
  });
}

/** @param {Rule} rule @param {ReturnType<typeof frame>} f @param {Theme} theme */
function ruled({ x, y, label, low }, f, theme) {
  const style = `stroke="${theme.ink}" stroke-width="1.2" stroke-dasharray="2 3"`, text = `fill="${theme.ink}" font-size="12"`;
  if (x !== undefined) {
    const at = f.x.at(x), end = at > (f.left + f.right) / 2;
    return `<line x1="${at}" x2="${at}" y1="${f.top}" y2="${f.bottom}" ${style}/>`
      + `<text x="${at + (end ? -5 : 5)}" y="${low ? f.bottom - 8 : f.top + 30}" text-anchor="${end ? "end" : "start"}" ${text}>${escaped(label)}</text>`;
  }
  const at = f.y.at(y ?? 0);
  return `<line x1="${f.left}" x2="${f.right}" y1="${at}" y2="${at}" ${style}/><text x="${f.left + 6}" y="${at + 15}" ${text}>${escaped(label)}</text>`;
}

/** @param {Point} mark @param {ReturnType<typeof frame>} f @param {Theme} theme */
function marked({ x, y, colour, label, kind }, f, theme) {
  const px = Math.min(f.right, Math.max(f.left, f.x.at(x))), py = Math.min(f.bottom, Math.max(f.top, f.y.at(y)));
  const end = px > f.right - 90;
  return `<circle class="${kind ?? "full"}" cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="${kind === "handle" ? 8 : 5}" `
    + `fill="${kind === "open" ? theme.paper : colour}" stroke="${kind === "open" ? colour : theme.paper}" stroke-width="2"/>`
    + (label ? `<text x="${px + (end ? -10 : 10)}" y="${py - 9}" text-anchor="${end ? "end" : "start"}" fill="${theme.ink}" font-size="12">${escaped(label)}</text>` : "");
}

/** The numbers of a chart as CSV. @param {Spec} spec @param {string} about */
export function table(spec, about) {
  const rows = [`# ${about}`, "series,x,y"];
  /** @param {string} text */
  const quoted = (text) => `"${text.replace(/"/g, '""')}"`;
  for (const { name, series, x, y } of spec.lines) for (let i = 0; i < x.length; i++) rows.push(`${quoted(series ?? name)},${x[i]},${y[i]}`);
  for (const { label, x, y } of spec.points ?? []) rows.push(`${quoted(label ?? "point")},${x},${y}`);
  if (spec.bars) spec.bars.heights.forEach((height, i) => rows.push(`${quoted(spec.bars?.name ?? "")},${spec.bars?.edges[i]},${height}`));
  if (spec.picture) {
    const { x, y, values, names } = spec.picture;
    for (let i = 0, k = 0; i < x.length; i++) for (let j = 0; j < y.length; j++) rows.push(`${quoted(names[values[k++]])},${x[i]},${y[j]}`);
  }
  return rows.join("\n") + "\n";
}
