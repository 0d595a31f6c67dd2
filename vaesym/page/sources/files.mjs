// @ts-check
// Tables dropped into the page: .csv (or .tsv) and .npy, read as vaesym reads them.

/** @typedef {{data: Float64Array, samples: number, features: number, bytes?: boolean}} Table bytes: it holds grey values over 255 */

const MISSING = new Set(["", "na", "n/a", "#n/a", "<na>", "null", "none", "?", "-"]);
const LOOKED_AT = 50;

/** Read a file by its ending. @param {Blob} file @param {string} name @param {(share: number) => void} advance @param {string} [likelihood] of "poisson" bytes are counts @returns {Promise<Table>} */
export async function read(file, name, advance, likelihood = "gaussian") {
  const ending = name.toLowerCase().replace(/^.*\./, ".");
  if (ending === ".npy") return checked(npy(await file.arrayBuffer(), likelihood !== "poisson"));
  if (ending === ".csv" || ending === ".tsv") return checked(await csv(file, advance));
  throw new Error(`a file .csv or .npy is expected, not ${name}; write your table as one of them`);
}

/** @param {Table} table */
function checked(table) {
  const { data, samples, features } = table;
  if (samples < 2 || features < 1) {
    throw new Error(`two samples or more, a row each, are expected; this file has ${samples} × ${features} numbers`);
  }
  for (let k = 0; k < data.length; k++) {
    if (!Number.isFinite(data[k])) {
      throw new Error(`finite numbers are expected, but row ${Math.floor(k / features) + 1}, column ${k % features + 1} `
        + "has none; remove or impute such samples");
    }
  }
  return table;
}

/** @type {Record<string, [number, (view: DataView, at: number, little: boolean) => number]>} */
const KINDS = {
  f8: [8, (view, at, little) => view.getFloat64(at, little)], f4: [4, (view, at, little) => view.getFloat32(at, little)],
  u1: [1, (view, at) => view.getUint8(at)], b1: [1, (view, at) => view.getUint8(at)], i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)], i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)], i4: [4, (view, at, little) => view.getInt32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

/** NumPy's own format; uint8 becomes [0, 1], as images do, if it is to be scaled. @param {ArrayBuffer} buffer @param {boolean} scaled @returns {Table} */
export function npy(buffer, scaled) {
  const bytes = new Uint8Array(buffer), view = new DataView(buffer);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== "NUMPY") {
    throw new Error("a file that numpy.save wrote is expected; this one is damaged or of another kind");
  }
  const wide = bytes[6] > 1, from = wide ? 12 : 10;
  const end = from + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder("latin1").decode(bytes.subarray(from, end));
  const kind = /'descr':\s*'([<>|=])(\w+)'/.exec(header), sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (!kind || !sizes || !Object.hasOwn(KINDS, kind[2])) {
    throw new Error(`an array of plain numbers is expected; this file says ${header.slice(0, 60).trim() || "nothing"}`);
  }
  const shape = sizes[1].split(",").filter((part) => part.trim()).map(Number);
  if (shape.length < 2) throw new Error("samples × features are expected; this array has fewer than two dimensions");
  const samples = shape[0], features = shape.slice(1).reduce((product, size) => product * size, 1);
  const [size, get] = KINDS[kind[2]], little = kind[1] !== ">", fortran = /'fortran_order':\s*True/.test(header);
  if (end + samples * features * size > bytes.length) throw new Error("the file ends before its numbers do; save it again");
  if (fortran && shape.length > 2) throw new Error("C order is expected; save numpy.ascontiguousarray(x)");
  const data = new Float64Array(samples * features);
  for (let k = 0, at = end; k < data.length; k++, at += size) {
    data[fortran ? (k % samples) * features + Math.floor(k / samples) : k] = get(view, at, little);
  }
  const grey = kind[2] === "u1" && scaled;
  if (grey) for (let k = 0; k < data.length; k++) data[k] /= 255;
  return { data, samples, features, bytes: grey };
}

/** Yield the lines of a file, a piece at a time. @param {Blob} file @param {(share: number) => void} advance */
async function* lines(file, advance) {
  const decoder = new TextDecoder("utf-8"), piece = 1 << 23;
  let rest = "";
  for (let at = 0; at < file.size; at += piece) {
    const text = rest + decoder.decode(await file.slice(at, at + piece).arrayBuffer(), { stream: true });
    const parts = text.split(/\r\n|\n|\r(?!$)/);
    rest = at + piece < file.size ? parts.pop() ?? "" : "";
    yield parts;
    advance(Math.min(1, (at + piece) / file.size));
  }
}

/** @param {string} text @param {Dialect} dialect */
function cells(text, { separator, decimal }) {
  const parts = text.includes('"') ? unquoted(text, separator) : text.split(separator);
  return parts.map((part) => (decimal === "," ? part.trim().replace(",", ".") : part.trim()));
}

/** @param {string} text @param {string} separator */
function unquoted(text, separator) {
  const out = [""];
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"' && inside && text[i + 1] === '"') out[out.length - 1] += text[++i];
    else if (text[i] === '"') inside = !inside;
    else if (text[i] === separator && !inside) out.push("");
    else out[out.length - 1] += text[i];
  }
  return out;
}

/** A cell as a number, in decimal notation. @param {string} cell */
const valued = (cell) => (cell === "" || /^[+-]?0[xob]/i.test(cell) ? NaN : Number(cell));
/** @param {string} cell */
const isNumber = (cell) => cell !== "" && (!Number.isNaN(valued(cell)) || /^[+-]?(nan|inf|infinity)$/i.test(cell));
/** @param {string} cell */
const isWhole = (cell) => /^\d+$/.test(cell);
/** @param {string} cell */
const isGap = (cell) => MISSING.has(cell.toLowerCase());

/** @typedef {{separator: string, decimal: string}} Dialect */

/** @param {string[]} top @returns {Dialect} */
function dialectOf(top) {
  const looked = top.slice(0, 20);
  /** @param {string} mark */
  const count = (mark) => Math.min(...looked.map((line) => line.split(mark).length - 1));
  const separator = count(";") > 0 ? ";" : count("\t") > 0 ? "\t" : ",", body = looked.slice(1).join("");
  return { separator, decimal: separator !== "," && body.includes(",") && !body.includes(".") ? "," : "." };
}

/** Whether the first row names the columns. @param {string[]} first @param {string[][]} below */
function isHeader(first, below) {
  const numbers = first.map(isNumber), names = first.filter((_, i) => numbers[i]);
  if (!numbers.some(Boolean)) return !first.every(isGap);
  if (!numbers.every(Boolean)) {
    const named = below.every((row) => isNumber(row[0])) || !first[0];
    return below.length > 0 && named && !numbers[0] && !/^\d/.test(first[0]) && first.slice(1).every(Boolean)
      && names.every(isWhole) && new Set(names).size === names.length;
  }
  if (!below.length || !first.every(isWhole) || new Set(first).size < first.length) return false;
  return (first.length > 2 && first.every((cell, i) => cell === String(i))) || fractions(below, first.length);
}

/** @param {string[][]} below @param {number} width */
function fractions(below, width) {
  if (below.some((row) => row.length !== width)) return false;
  const columns = Array.from({ length: width }, (_, j) => below.map((row) => row[j]).filter((cell) => !isGap(cell))
    .map((cell) => isWhole(cell.replace(/^[+-]+/, ""))));
  const fractional = columns.map((column) => !column.some(Boolean));
  return fractional.filter(Boolean).length > width / 2 && columns.every((column, j) => fractional[j] || column.every(Boolean));
}

/** @param {Blob} file @param {(share: number) => void} advance @returns {Promise<Table>} */
async function csv(file, advance) {
  let size = 1 << 16, data = new Float64Array(size), used = 0, width = 0, samples = 0, line = 0;
  /** @type {Dialect | null} */
  let dialect = null;
  /** @type {string[][]} */
  let sample = [];
  let named = false, index = false;
  for await (const part of lines(file, advance)) {
    const full = part.filter((text) => text.trim() !== "");
    if (!dialect && full.length) {
      dialect = dialectOf(full);
      const top = full.slice(0, LOOKED_AT + 1).map((text) => cells(text, /** @type {Dialect} */ (dialect)));
      named = isHeader(top[0], top.slice(1));
      sample = named ? top.slice(1) : top;
      index = top[0].length > 1 && ((named && !top[0][0]) || !sample.some((row) => isNumber(row[0]) || isGap(row[0])));
    }
    for (const text of part) {
      line++;
      if (text.trim() === "" || !dialect) continue;
      const row = cells(text, dialect);
      width = width || row.length;
      if (row.length !== width) throw new Error(`rows of equal length are expected; line ${line} has ${row.length} values, not ${width}`);
      if (named) { // once
        named = false;
        continue;
      }
      if (used + width > size) {
        const larger = new Float64Array(size *= 2);
        larger.set(data);
        data = larger;
      }
      for (let j = index ? 1 : 0; j < width; j++) {
        const value = valued(row[j]);
        if (Number.isNaN(value)) {
          throw new Error(`numbers are expected; line ${line}, column ${j + 1} has ${row[j] === "" ? "none" : `“${row[j].slice(0, 30)}”`}`);
        }
        data[used++] = value;
      }
      samples++;
    }
  }
  if (!samples) throw new Error("rows of numbers are expected; this file has none");
  const features = width - (index ? 1 : 0);
  const table = { data: data.subarray(0, used), samples, features };
  return !index && counts(table, sample) ? withoutFirst(table) : table;
}

/** Whether the first column counts the rows from 0 or 1. @param {Table} table @param {string[][]} sample */
function counts({ data, samples, features }, sample) {
  if (features < 2 || samples < 3 || !sample.every((row) => isWhole(row[0])) || (data[0] !== 0 && data[0] !== 1)) return false;
  for (let r = 1; r < samples; r++) if (data[r * features] - data[(r - 1) * features] !== 1) return false;
  return true;
}

/** @param {Table} table @returns {Table} */
function withoutFirst({ data, samples, features }) {
  const out = new Float64Array(samples * (features - 1));
  for (let r = 0; r < samples; r++) out.set(data.subarray(r * features + 1, (r + 1) * features), r * (features - 1));
  return { data: out, samples, features: features - 1 };
}
