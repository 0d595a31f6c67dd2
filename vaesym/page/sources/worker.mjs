// @ts-check
// What takes longer than a frame: data, drawn samples, training in time. One request is answered at a time.

import { read } from "./files.mjs";
import { train } from "./flow.mjs";
import { covarianceSpectrum, dimensionAt, drawnSpectrum } from "./spectrum.mjs";

/** @typedef {{id: number, kind: "data"|"sample"|"time", file?: Blob, name?: string, likelihood?: string, model?: any, seed?: number, size?: number, start?: number}} Request */

/** @param {Request} request @param {(share: number, what: string) => void} advance */
async function answer(request, advance) {
  const { kind, model } = request;
  if (kind === "time") return train(model, request.size, request.start);
  if (kind === "sample") return drawnSpectrum(model, dimensionAt(model.alpha), request.seed ?? 1);
  const table = await read(/** @type {Blob} */ (request.file), request.name ?? "", (share) => advance(share, "reading"), request.likelihood);
  const found = covarianceSpectrum(table, (share) => advance(share, "covariance"), request.likelihood);
  return { name: request.name, samples: table.samples, features: table.features, varying: found.varying,
    eigenvalues: Array.from(found.eigenvalues) };
}

self.onmessage = async (/** @type {MessageEvent<Request>} */ event) => {
  const { id, kind } = event.data;
  try {
    const value = await answer(event.data, (share, what) => self.postMessage({ id, kind, share, what }));
    self.postMessage({ id, kind, value });
  } catch (error) {
    self.postMessage({ id, kind, error: error instanceof Error ? error.message : String(error) });
  }
};
