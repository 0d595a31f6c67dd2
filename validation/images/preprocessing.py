"""Preprocessing of images that can be undone: scale, centre, standardise, whiten."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import InputError
from validation.images.sources import Images


class Preprocessing:
    r"""Scale images by their ``scaling``, and on request centre, standardise and whiten them.

    Parameters
    ----------
    center : subtract the mean image
    standardise : divide each pixel by its standard deviation over the images; pixels that do not vary are not divided
    whiten : number of principal components to project on and to bring to variance 1; 0 for no projection. It centres

    Raises
    ------
    vaesym.InputError
        ``whiten`` not a whole number ≥ 0; from ``fit``, more components than the images span, or deviations too small
        to divide by; from ``transform`` and ``inverse``, before the fit, or for arrays of another width or with values
        that are not finite.

    Notes
    -----
    Everything is learned from the images of ``fit``: pass those of training, then transform those of testing alike.
    The means and variances are scikit-learn's ``StandardScaler``, the components its ``PCA``. Without whitening
    ``inverse`` undoes ``transform`` up to the rounding of float32; with it, up to the projection.

    Examples
    --------
    >>> from validation.images.sources import load_images
    >>> digits = load_images("digits")
    >>> prepared = Preprocessing(center=True).fit(digits)
    >>> pixels = prepared.transform(digits.values)
    >>> pixels.dtype, abs(float(pixels.mean())) < 1e-6
    (dtype('float32'), True)
    >>> bool(np.allclose(prepared.inverse(pixels), digits.values, atol=1e-5))
    True
    """

    def __init__(self, *, center: bool = False, standardise: bool = False, whiten: int = 0) -> None:
        self.center, self.standardise = bool(center), bool(standardise)
        self.whiten = inputs.count("whiten", whiten) if whiten else 0
        self._scaling = 1.0
        self._features = 0
        self._steps: Any = None

    def fit(self, images: Images) -> Self:
        """Learn mean, deviations and components from the images; see the class for what is raised.

        >>> from validation.images.sources import load_images
        >>> Preprocessing(whiten=5).fit(load_images("digits")).transform(load_images("digits").values).shape
        (1437, 5)
        """
        samples, features = images.values.shape
        if self.whiten > (most := min(samples - 1, features)):
            raise InputError(f"whiten <= {most}, the directions that {samples} images can span", f"{self.whiten}",
                             "lower it or give more images")
        # Imported here because it takes a second; by name because scikit-learn has no types.
        preprocessing, pipeline = import_module("sklearn.preprocessing"), import_module("sklearn.pipeline")
        steps = [preprocessing.StandardScaler(with_mean=self.center, with_std=self.standardise)]
        if self.whiten:
            # Double precision: small eigenvalues of a covariance in single precision are rounding.
            steps += [preprocessing.FunctionTransformer(np.float64),
                      import_module("sklearn.decomposition").PCA(self.whiten, whiten=True, svd_solver="full")]
        fitted = pipeline.make_pipeline(*steps).fit(images.scaled())
        if self.standardise and (least := fitted[0].scale_.min()) < np.finfo(np.float32).tiny:
            raise InputError("deviations that single precision can divide by", f"{least:g}", "rescale the images")
        if self.whiten:
            self._check_rank(fitted[-1].explained_variance_)
        self._steps, self._scaling, self._features = fitted, images.scaling, features
        return self

    def _check_rank(self, variances: NDArray[np.float64]) -> None:
        # Single precision of the values: what is below is their rounding, which whitening would blow up.
        rank = int(np.count_nonzero(variances > variances[0] * np.finfo(np.float32).eps ** 2 * len(variances)))
        if rank < self.whiten:
            raise InputError(f"whiten <= {rank}, the rank of the images", f"{self.whiten}", "lower it")

    def transform(self, values: Any) -> NDArray[np.float32]:
        """Return values (P, N), in the units in which images are read, as the network is to see them: float32.

        See the class for what is raised, and for an example.
        """
        scaled = self._checked(values, self._features, "values").astype(np.float32) * np.float32(self._scaling)
        return self._steps.transform(scaled).astype(np.float32)

    def inverse(self, array: Any) -> NDArray[np.float32]:
        """Return what :meth:`transform` made, or a network, in the units in which images are read: float32.

        Multiply it by the images' ``scaling`` for values from 0 to 1; nothing is clipped. See the class for what is
        raised, and for an example.
        """
        checked = self._checked(array, self.whiten or self._features, "array")
        kind = np.float64 if self.whiten else np.float32
        undone = self._steps.inverse_transform(checked.astype(kind)).astype(np.float32)
        return undone / np.float32(self._scaling)

    def _checked(self, values: Any, width: int, name: str) -> NDArray[Any]:
        if self._steps is None:
            raise InputError("a fit before", "none", "call fit with the training images")
        array = np.asarray(values)
        if array.ndim != 2 or array.shape[1] != width or array.dtype.kind not in "uif":
            raise InputError(f"{name} of shape (samples, {width}), real numbers",
                             f"shape {array.shape} of {array.dtype}", "pass one image a row")
        if not np.isfinite(array).all():
            raise InputError(f"finite {name}", "NaN or infinite values", "check what made them")
        return array
