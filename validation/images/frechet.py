"""Fréchet distance between Gaussians, of images in pixel space, and what the linear theory predicts for it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import Floats, InputError

#: Rows that are turned into double precision at a time.
_ROWS = 4096
#: Negative eigenvalues over the largest that a covariance computed in single precision can have.
_ROUNDING = 1e-6


def frechet_distance(mean1: Any, covariance1: Any, mean2: Any, covariance2: Any) -> float:
    r"""Return the squared Fréchet (2-Wasserstein) distance between two Gaussians.

    Parameters
    ----------
    mean1, mean2 : (N,), real and finite
    covariance1, covariance2 : (N, N), symmetric and positive semidefinite; they may be singular, even zero. An
        eigenvalue down to −1e-6 of the largest is taken for the rounding of a 0

    Raises
    ------
    vaesym.InputError
        Shapes that do not fit, or a matrix that is not symmetric or has a negative eigenvalue beyond rounding.

    Notes
    -----
    :math:`\|m_1 - m_2\|^2 + \mathrm{tr}(C_1 + C_2 - 2 (C_1^{1/2} C_2 C_1^{1/2})^{1/2})`, Dowson and Landau (1982). With
    :math:`C_i = F_i F_i^\top` from the eigendecompositions, the trace of the last root is the sum of the singular
    values of :math:`F_1^\top F_2`: no root of a matrix that is not symmetric, and nothing to invert. It is the number
    that is called FID when the Gaussians are those of Inception features.

    Examples
    --------
    >>> frechet_distance([0.0, 0.0], [[4.0, 0.0], [0.0, 0.0]], [3.0, 0.0], [[1.0, 0.0], [0.0, 1.0]])
    11.0
    """
    first, second = inputs.real_array("mean1", mean1), inputs.real_array("mean2", mean2)
    if first.ndim != 1 or first.shape != second.shape or not first.size:
        raise InputError("means of one shape (N,)", f"{first.shape} and {second.shape}", "pass vectors of one length")
    factor1 = _factor("covariance1", covariance1, len(first))
    factor2 = _factor("covariance2", covariance2, len(first))
    overlap = np.linalg.svd(factor1.T @ factor2, compute_uv=False).sum()
    traces = np.sum(factor1**2) + np.sum(factor2**2)
    return float(np.sum((first - second) ** 2) + traces - 2 * overlap)


def _factor(name: str, covariance: Any, features: int) -> Floats:
    """Return F (N, r) with C = FFᵀ, r the number of positive eigenvalues."""
    matrix = inputs.real_array(name, covariance)
    if matrix.shape != (features, features):
        raise InputError(f"{name} of shape ({features}, {features})", f"{matrix.shape}", "pass a covariance matrix")
    size = np.abs(matrix).max()
    if np.abs(matrix - matrix.T).max() > 1e-8 * size:
        raise InputError(f"a symmetric {name}", f"deviations up to {np.abs(matrix - matrix.T).max():.1e}",
                         "pass a covariance matrix")
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if values[0] < -_ROUNDING * np.abs(values).max():
        raise InputError(f"a positive semidefinite {name}", f"the eigenvalue {values[0]:g} beside {values[-1]:g}",
                         "pass a covariance matrix")
    kept = values > 0
    return vectors[:, kept] * np.sqrt(values[kept])


def moments(values: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return mean (N,) and covariance (N, N), divided by P as the theory's XᵀX/P is, of values (P, N).

    Integers and single precision are summed in double precision. Equal rows are allowed: a collapsed decoder's.

    Raises
    ------
    vaesym.InputError
        Not a 2-D array of real numbers with P ≥ 2 and N ≥ 1, or values that are NaN or infinite.

    Examples
    --------
    >>> moments(np.array([[255, 0], [253, 2]], dtype=np.uint8))
    (array([254.,   1.]), array([[ 1., -1.],
           [-1.,  1.]]))
    """
    matrix = np.asarray(values)
    if matrix.ndim != 2 or matrix.shape[0] < 2 or not matrix.shape[1] or matrix.dtype.kind not in "uif":
        raise InputError("real numbers (P, N) with P >= 2 and N >= 1", f"shape {matrix.shape} of {matrix.dtype}",
                         "flatten the images, one a row")
    if bad := matrix.size - np.count_nonzero(np.isfinite(matrix)):
        raise InputError("finite values", f"{bad} NaN or infinite out of {matrix.size}", "check what made them")
    mean = matrix.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((len(mean), len(mean)))
    for start in range(0, len(matrix), _ROWS):
        piece = matrix[start:start + _ROWS] - mean
        covariance += piece.T @ piece
    return mean, covariance / len(matrix)


def pixel_frechet(images: NDArray[Any], samples: NDArray[Any]) -> float:
    """Return the squared Fréchet distance between the pixels of images (P, N) and of samples (P', N).

    Both in the same units: it is in the squared units of a pixel. With finite sets it is biased upwards, by an amount
    that falls like 1/P + 1/P': compare numbers at equal P and P' only.

    Raises
    ------
    vaesym.InputError
        Different numbers of pixels, or as :func:`moments` does.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 256, (50, 4), dtype=np.uint8)
    >>> abs(round(pixel_frechet(images, images), 6)), round(pixel_frechet(images, images + 0.5), 6)
    (0.0, 1.0)
    """
    mean1, covariance1 = moments(images)
    mean2, covariance2 = moments(samples)
    if mean1.shape != mean2.shape:
        raise InputError(f"samples of {len(mean1)} pixels", f"{len(mean2)}", "flatten images and samples alike")
    return frechet_distance(mean1, covariance1, mean2, covariance2)


def commuting_frechet(eigenvalues: Any, generated: Any) -> Floats:
    r"""Return :math:`\sum_i (\sqrt{\Lambda_i} - \sqrt{g_i})^2`: the squared Fréchet distance at equal means.

    The covariances have the same eigenvectors and, in their order, the eigenvalues Λ and g, both (..., N) and ≥ 0.

    Raises :class:`~vaesym.inputs.InputError` where these are below 0, not finite, or of shapes that do not broadcast.

    >>> commuting_frechet([4.0, 1.0], [1.0, 1.0])
    array(1.)
    """
    data, model = inputs.non_negative("eigenvalues", eigenvalues), inputs.non_negative("generated", generated)
    data, model = inputs.broadcast(eigenvalues=data, generated=model)
    return np.asarray(np.sum((np.sqrt(data) - np.sqrt(model)) ** 2, axis=-1))


class Prediction(NamedTuple):
    """Squared Fréchet distances between the data and what a linear VAE generates.

    ``means``: the decoder's mean images x̂ = Wz/√N + mean, z ~ N(0, I); ``noisy``: x̂ with the decoder's noise.
    """

    means: Floats
    noisy: Floats


def linear_prediction(eigenvalues: Any, latents: int, beta: Any, *, variance: float = 1.0) -> Prediction:
    r"""Return the pixel-space Fréchet distances of the linear β-VAE at its global minimum without weight decay.

    Parameters
    ----------
    eigenvalues : all N eigenvalues Λ of the data's covariance XᵀX/P, zeros included, ≥ 0, in any order
    latents : M, from 1 to N
    beta : β > 0, a number or an array, whose shape the results have
    variance : σ² > 0 of the decoder, fixed

    Raises
    ------
    vaesym.InputError
        Arguments outside these domains.

    Notes
    -----
    At the minimum W_l lies along the l-th eigenvector of the covariance with :math:`\|W_l\|^2/N = Q_l =
    (\Lambda_l - \beta\sigma^2)_+`. So the mean images x̂ have the mean of the data and a covariance that commutes with
    theirs, of eigenvalues :math:`g_l = Q_l` for the M largest Λ and 0 beyond; the noise adds σ² to every one. The
    distance is that of :func:`commuting_frechet`; with weight decay pass it the ``Q_`` of :class:`vaesym.LinearVAE`.
    Of ``means`` an active latent keeps :math:`(\sqrt\Lambda - \sqrt{\Lambda - \beta\sigma^2})^2`, which grows with β;
    a collapsed one keeps Λ. Of ``noisy`` an active latent keeps :math:`(\sqrt\Lambda - \sqrt{\Lambda + (1 -
    \beta)\sigma^2})^2`, zero at β = 1. Derived here.

    Examples
    --------
    >>> linear_prediction([4.0, 1.0, 0.0], 2, [3.0, 5.0])
    Prediction(means=array([2., 5.]), noisy=array([1.34314575, 2.        ]))
    """
    spectrum = np.sort(inputs.non_negative("eigenvalues", eigenvalues), axis=None)[::-1]
    if np.ndim(eigenvalues) != 1 or not 1 <= inputs.count("latents", latents) <= len(spectrum):
        raise InputError("N eigenvalues (N,) and latents from 1 to N", f"shape {np.shape(eigenvalues)} and {latents}",
                         "give the whole spectrum, and at most as many latents")
    noise = inputs.positive("variance", variance)
    threshold = inputs.positive("beta", beta)[..., None] * noise
    generated = np.where(np.arange(len(spectrum)) < latents, np.maximum(spectrum - threshold, 0.0), 0.0)
    return Prediction(commuting_frechet(spectrum, generated), commuting_frechet(spectrum, generated + noise))
