// @ts-check
// Spectra: the law of noise, samples that are drawn, covariances of data and their eigenvalues.

/** The ends of the spectrum of noise. @param {number} alpha @param {number} eta */
export function noiseEdges(alpha, eta) {
  const root = 1 / Math.sqrt(alpha);
  return [eta * (1 - root) ** 2, eta * (1 + root) ** 2];
}

/** Density of the eigenvalues of noise (Marchenko and Pastur 1967). @param {number} x @param {number} alpha @param {number} eta */
export function noiseDensity(x, alpha, eta) {
  const [lower, upper] = noiseEdges(alpha, eta);
  return x > lower && x < upper ? alpha * Math.sqrt((upper - x) * (x - lower)) / (2 * Math.PI * eta * x) : 0;
}

/**
 * Eigenvalues of a symmetric matrix given row by row, descending; the matrix is overwritten.
 * Householder's reduction and implicit QL steps, as EISPACK's tred1 and tql1 (Wilkinson and Reinsch 1971).
 * @param {Float64Array} a @param {number} n @returns {Float64Array}
 */
export function eigenvalues(a, n) {
  const d = new Float64Array(n), e = new Float64Array(n + 1);
  reduce(a, n, d, e);
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  diagonalise(d, e, n);
  return d.sort().reverse();
}

/** Reduce to a tridiagonal matrix: diagonal d, off-diagonal e from 1 on. @param {Float64Array} a @param {number} n @param {Float64Array} d @param {Float64Array} e */
function reduce(a, n, d, e) {
  const v = new Float64Array(n), p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    let scale = 0, h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[i * n + k]);
    d[i] = a[i * n + i];
    if (scale === 0 || i === 1) {
      e[i] = a[i * n + i - 1];
      continue;
    }
    for (let k = 0; k < i; k++) {
      v[k] = a[i * n + k] / scale;
      h += v[k] * v[k];
    }
    const g = v[i - 1] > 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= v[i - 1] * g;
    v[i - 1] -= g;
    p.fill(0, 0, i);
    for (let j = 0; j < i; j++) { // with the lower triangle alone, along its rows
      const row = j * n, vj = v[j];
      let sum = a[row + j] * vj;
      for (let k = 0; k < j; k++) {
        sum += a[row + k] * v[k];
        p[k] += a[row + k] * vj;
      }
      p[j] += sum;
    }
    let along = 0;
    for (let j = 0; j < i; j++) along += (p[j] /= h) * v[j];
    const half = along / (2 * h);
    for (let j = 0; j < i; j++) p[j] -= half * v[j];
    for (let j = 0; j < i; j++) {
      const row = j * n, vj = v[j], pj = p[j];
      for (let k = 0; k <= j; k++) a[row + k] -= vj * p[k] + pj * v[k];
    }
  }
  d[0] = a[0];
}

/** Diagonalise a tridiagonal matrix in place. @param {Float64Array} d @param {Float64Array} e @param {number} n */
function diagonalise(d, e, n) {
  for (let l = 0; l < n; l++) {
    for (let steps = 0; ; steps++) {
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.abs(d[m]) + Math.abs(d[m + 1]);
        if (Math.abs(e[m]) <= Number.EPSILON * size) break;
      }
      if (m === l) break;
      if (steps > 60) throw new Error("the eigenvalues of these data do not converge");
      let g = (d[l + 1] - d[l]) / (2 * e[l]), r = Math.hypot(g, 1), s = 1, c = 1, p = 0, i = m - 1;
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      for (; i >= l; i--) {
        const f = s * e[i], b = c * e[i];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
      }
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/**
 * Add x xᵀ of all samples to the lower triangle of a matrix: two of its rows and four samples at a time.
 * @param {Float64Array} gram @param {Float64Array} rows @param {number} count @param {number} n
 */
export function addProducts(gram, rows, count, n) {
  let first = 0;
  for (; first + 4 <= count; first += 4) {
    const x0 = rows.subarray(first * n, first * n + n), x1 = rows.subarray((first + 1) * n, (first + 2) * n);
    const x2 = rows.subarray((first + 2) * n, (first + 3) * n), x3 = rows.subarray((first + 3) * n, (first + 4) * n);
    let i = 0;
    for (; i + 1 < n; i += 2) {
      const upper = gram.subarray(i * n, i * n + n), lower = gram.subarray((i + 1) * n, (i + 2) * n);
      const a0 = x0[i], a1 = x1[i], a2 = x2[i], a3 = x3[i], b0 = x0[i + 1], b1 = x1[i + 1], b2 = x2[i + 1], b3 = x3[i + 1];
      for (let j = 0; j <= i + 1; j++) { // the one product above the diagonal is never read
        const c0 = x0[j], c1 = x1[j], c2 = x2[j], c3 = x3[j];
        upper[j] += a0 * c0 + a1 * c1 + a2 * c2 + a3 * c3;
        lower[j] += b0 * c0 + b1 * c1 + b2 * c2 + b3 * c3;
      }
    }
    if (i < n) {
      for (let j = 0; j <= i; j++) gram[i * n + j] += x0[i] * x0[j] + x1[i] * x1[j] + x2[i] * x2[j] + x3[i] * x3[j];
    }
  }
  for (; first < count; first++) {
    const x = rows.subarray(first * n, first * n + n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) gram[i * n + j] += x[i] * x[j];
  }
}

/**
 * Eigenvalues of the covariance of centred samples, min(P, N) of them, and how many columns vary. Of another likelihood
 * than the Gaussian each column is first divided by the root of the variance that the best constant decoder gives it.
 * @param {import("./files.mjs").Table} table its data are overwritten
 * @param {(share: number) => void} [advance] @param {string} [likelihood]
 */
export function covarianceSpectrum(table, advance = () => undefined, likelihood = "gaussian") {
  const { data, samples, features } = table;
  check(table, likelihood);
  const { varying, means } = centre(data, samples, features);
  whiten(data, means, samples, likelihood);
  if (!varying) throw new Error("a table whose columns vary is expected, but every column of this one is constant");
  const wide = samples < features, n = wide ? samples : features;
  const rows = wide ? transposed(data, samples, features) : data, count = wide ? features : samples;
  const gram = new Float64Array(n * n), chunk = Math.max(4, 4 * Math.floor(count / 80));
  for (let done = 0; done < count; done += chunk) {
    const now = Math.min(chunk, count - done);
    addProducts(gram, rows.subarray(done * n, (done + now) * n), now, n);
    advance((done + now) / count);
  }
  let trace = 0;
  for (let i = 0; i < n; i++) trace += gram[i * n + i];
  if (!(trace > 0 && trace < Infinity)) {
    throw new Error(`variances that 64 bits hold are expected, but these are too ${trace === 0 ? "small" : "large"}; rescale the data`);
  }
  const values = eigenvalues(gram, n);
  for (let i = 0; i < n; i++) values[i] = Math.max(0, values[i] / samples);
  // Rounding leaves no eigenvalue at exactly 0; those that it explains are.
  const least = values[0] * Number.EPSILON * n;
  for (let i = 0; i < n; i++) if (values[i] < least) values[i] = 0;
  return { eigenvalues: values, varying };
}

/** @param {import("./files.mjs").Table} table @param {string} likelihood */
function check({ data, bytes }, likelihood) {
  if (likelihood !== "bernoulli" && likelihood !== "poisson") return;
  const most = likelihood === "bernoulli" ? 1 : Infinity, what = likelihood === "bernoulli" ? "from 0 to 1" : "0 or larger";
  const wrong = data.find((value) => value < 0 || value > most);
  if (wrong !== undefined) throw new Error(`the likelihood ${likelihood} expects values ${what}, but there is ${wrong}`);
  if (likelihood === "bernoulli" && bytes && data.every((value) => value <= 1 / 255)) {
    throw new Error("grey values 0 to 255 are expected in a file of bytes, but there are 0 and 1 only; save it as floats");
  }
}

/** Divide centred columns by √F; those that do not vary stay 0. @param {Float64Array} data @param {Float64Array} means @param {number} samples @param {string} likelihood */
function whiten(data, means, samples, likelihood) {
  if (likelihood === "gaussian") return;
  const n = means.length, variances = new Float64Array(n);
  for (let k = 0; k < data.length; k++) variances[k % n] += data[k] ** 2 / samples;
  const shared = variances.reduce((sum, value) => sum + value, 0) / n;
  /** @type {Record<string, (j: number) => number>} */
  const information = { bernoulli: (j) => means[j] * (1 - means[j]), poisson: (j) => means[j], gaussian_shared: () => shared,
    gaussian_diagonal: (j) => variances[j] };
  const factor = Float64Array.from(variances, (variance, j) => (variance > 0 ? 1 / Math.sqrt(information[likelihood](j)) : 0));
  for (let k = 0; k < data.length; k++) data[k] *= factor[k % n];
}

/** Subtract the means; them, and the number of columns that vary. @param {Float64Array} data @param {number} samples @param {number} features */
function centre(data, samples, features) {
  const means = new Float64Array(features), first = data.slice(0, features), varies = new Uint8Array(features);
  for (let r = 0, k = 0; r < samples; r++) {
    for (let j = 0; j < features; j++, k++) {
      if (data[k] !== first[j]) varies[j] = 1;
      means[j] += (data[k] - first[j]) / samples; // a difference, for what is far from zero
    }
  }
  for (let r = 0, k = 0; r < samples; r++) for (let j = 0; j < features; j++, k++) {
    data[k] = varies[j] ? data[k] - first[j] - means[j] : 0;
  }
  return { varying: varies.reduce((sum, one) => sum + one, 0), means: means.map((mean, j) => mean + first[j]) };
}

/** @param {Float64Array} data @param {number} samples @param {number} features */
function transposed(data, samples, features) {
  const out = new Float64Array(data.length);
  for (let r = 0; r < samples; r++) for (let j = 0; j < features; j++) out[j * samples + r] = data[r * features + j];
  return out;
}

/**
 * Standard normal numbers from a seed (mulberry32; Marsaglia's polar method).
 * @param {number} seed @returns {() => number}
 */
export function normals(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  /** @type {number | null} */
  let kept = null;
  return () => {
    if (kept !== null) {
      const value = kept;
      kept = null;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1, y = 2 * uniform() - 1, r = x * x + y * y;
      if (r > 0 && r < 1) {
        const factor = Math.sqrt(-2 * Math.log(r) / r);
        kept = y * factor;
        return x * factor;
      }
    }
  };
}

/** The dimension of a sample that is drawn at once: 200, or fewer where samples are many. @param {number} alpha */
export const dimensionAt = (alpha) => Math.max(2, Math.min(200, Math.floor(Math.sqrt(4e6 / alpha))));

/**
 * Eigenvalues of a sample of spiked data, descending; the signals lie along the first axes.
 * @param {{alpha: number, rho: number, eta: number, signals: number}} p @param {number} dimension @param {number} seed
 */
export function drawnSpectrum(p, dimension, seed) {
  const samples = Math.max(1, Math.round(p.alpha * dimension)), normal = normals(seed);
  const small = Math.min(samples, dimension), gram = new Float64Array(small * small);
  const data = Float64Array.from({ length: samples * dimension }, normal);
  const noise = Math.sqrt(p.eta), signal = Math.sqrt(p.rho + p.eta);
  for (let k = 0; k < data.length; k++) data[k] *= k % dimension < p.signals ? signal : noise;
  const wide = samples < dimension;
  addProducts(gram, wide ? transposed(data, samples, dimension) : data, wide ? dimension : samples, small);
  const values = eigenvalues(gram, small), out = new Float64Array(dimension);
  for (let i = 0; i < small; i++) out[i] = Math.max(0, values[i] / samples);
  return out;
}

/** @typedef {{likelihood: string, reconstruction: string, kl: string, weight: number, batch: number, half: string, klWeight: number}} Loss */

/** The weight of the reconstruction term in the loss of the theory. @param {string} likelihood */
export const share = (likelihood) => (likelihood === "gaussian" ? 0.5 : 1);

/**
 * βσ² of the theory (β for other likelihoods) for a KL weight of 1 in a loss a·S + w·K, as vaesym.LossScale has it.
 * @param {Loss} loss @param {number} features @param {number} latents
 */
export function lossFactor(loss, features, latents) {
  const times = loss.batch * (loss.half === "without" ? 2 : 1) * (loss.reconstruction === "mean" ? features : 1);
  return times * share(loss.likelihood) / (loss.weight * (loss.kl === "mean" ? latents : 1));
}

/**
 * What becomes of each latent: eigenvalue, the KL weight at which it collapses, its KL at the weight given. Of other
 * likelihoods than the Gaussian the first alone is known: where everything collapses.
 * @param {{eigenvalues: ArrayLike<number>, features: number}} data @param {Loss} loss @param {number} latents
 */
export function thresholds(data, loss, latents) {
  const factor = lossFactor(loss, data.features, latents), beta = loss.klWeight * factor;
  return Array.from({ length: Math.min(loss.likelihood === "gaussian" ? latents : 1, data.eigenvalues.length) }, (_, l) => {
    const eigenvalue = data.eigenvalues[l];
    const known = loss.likelihood === "gaussian" || eigenvalue <= beta; // of others only that a collapsed latent has none
    return { eigenvalue, collapse: eigenvalue / factor, kl: !known ? NaN : eigenvalue > beta ? Math.log(eigenvalue / beta) / 2 : 0 };
  });
}
