// @ts-check
// Six stops of a lecture, each a state of the page with a sentence or two.

/** @typedef {{title: string, view: string, state: Record<string, number>, text: string}} Stop */

/** @type {Stop[]} */
export const STOPS = [
  { title: "What collapse is", view: "kl", state: { alpha: 100, beta: 1, lam: 0, rho: 1, eta: 1, latents: 1, signals: 1 },
    text: "A VAE pays β for every nat that a latent says about its input. Here data are plentiful. As β grows the latent says less, and from β ≈ ρ + η = 2 on nothing at all: [[posterior collapse]]. Move β across it." },
  { title: "The threshold", view: "potential", state: { alpha: 100, beta: 1.9, lam: 0, rho: 1, eta: 1, latents: 1, signals: 1 },
    text: "Collapse (Q = 0) is stable once β exceeds the [[eigenvalue]] Λ of the data along the latent. Just below, the valley is shallow and close to zero: the latent fades out, it does not break off. Raise β past Λ and the valley is gone." },
  { title: "Finite data", view: "phase", state: { alpha: 0.6, beta: 0.8, lam: 0.2, rho: 1, eta: 1, latents: 1, signals: 1 },
    text: "With few samples the strongest direction of the data is noise: the latent is active and yet knows nothing of the signal. Drag the point to the right, past the [[detection threshold]], and it learns." },
  { title: "The peak", view: "curve", state: { alpha: 1, beta: 0.05, lam: 0.1, rho: 1, eta: 1, latents: 1, signals: 1 },
    text: "With a small β the error first grows with the data, up to (η/ρ)² samples per dimension, and falls only then: the model fits noise ever better until the signal comes into sight. Raise β, and the peak melts." },
  { title: "The first-order jump", view: "potential", state: { alpha: 0.7, beta: 0.036, lam: 3, rho: 1, eta: 1, latents: 1, signals: 1 },
    text: "Strong weight decay and few data: two valleys, with a barrier between them. Raise β from 0.036 to 0.041: the best state jumps to collapse at 0.0393, although the old valley is still there. What training finds depends on where it starts ([[hysteresis]])." },
  { title: "Choosing β", view: "curve", state: { alpha: 5, beta: 1.6, lam: 0.1, rho: 1, eta: 1, latents: 1, signals: 1 },
    text: "The best β makes the decoder as large as the samples allow, Q = ρo, unless the weight decay is strong; then the error touches the dashed line. Try β from 0.3 to 2.5: too small fits noise, too large collapses. For your own data, drop a file below." },
];
