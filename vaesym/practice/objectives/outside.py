"""Losses that the theory does not cover: what is known about each, plainly."""

from __future__ import annotations

_L1 = ("an absolute error (L1, Laplace): no thresholds are computed. The same expansion as for a squared error puts "
       "full collapse at half the largest eigenvalue of P^(-1/2) E[s s^T] P^(-1/2), with s the signs of x - median and "
       "P the densities at the medians; this has not been tested")
_PERCEPTUAL = ("a perceptual or adversarial loss: outside the theory. A squared error of fixed features phi(x) "
               "collapses fully at the top eigenvalue of Cov(phi(x)) at the latest: give phi(x) as the data for that "
               "bound; of an adversarial term nothing is known")
_AUTOREGRESSIVE = ("an autoregressive decoder: it can model the data without any latent, and where it does so exactly, "
                   "collapse is the optimum of the plain ELBO (arXiv:1611.02731). No threshold is known; aim at a KL "
                   "with target_kl or free_bits, or weaken the decoder")
_QUANTISED = ("a quantised latent (VQ-VAE): its KL is constant, ln K for each code, so that no beta collapses it: what "
              "collapses is the use of the codebook, about which this theory says nothing")

_INFLATED = ("zero inflation: no thresholds are computed, as what makes the extra zeros can depend on the latents too. "
             "Those of negative_binomial, whose learned dispersion takes such zeros up, are a hint")

#: What is known of a loss, by the names people give it.
OUTSIDE: dict[str, str] = {
    **dict.fromkeys(("l1", "laplace", "mae", "absolute"), _L1),
    **dict.fromkeys(("perceptual", "lpips", "vgg", "ssim", "adversarial", "gan"), _PERCEPTUAL),
    **dict.fromkeys(("autoregressive", "text", "lstm", "transformer", "pixelcnn"), _AUTOREGRESSIVE),
    **dict.fromkeys(("zinb", "zip", "zero_inflated"), _INFLATED),
    **dict.fromkeys(("vq", "vqvae", "vq-vae", "quantised", "quantized"), _QUANTISED),
}


def known(name: object) -> str | None:
    """Return what is known of a loss that the theory does not cover; None for another name.

    >>> known("VQ").startswith("a quantised latent"), known("gaussian")
    (True, None)
    """
    return OUTSIDE.get(name.lower()) if isinstance(name, str) else None
