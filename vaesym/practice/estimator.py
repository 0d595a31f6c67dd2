"""The linear VAE as a scikit-learn estimator, trained exactly: a singular value decomposition, no descent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import validation

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.potential import minimise_potential

if TYPE_CHECKING:
    import xarray as xr

# scikit-learn has no types: its functions are reached through this name only.
_validation: Any = validation

#: Above this fraction of the largest eigenvalue the fast way, by the Gram matrix, costs three digits at most.
_GRAM = 1e-3


class LinearVAE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""Linear variational autoencoder at the global minimum of its regularised loss.

    The encoder is :math:`q(z|x) = N(V^\top x/\sqrt N, \mathrm{diag}\,D)`, the decoder
    :math:`p(x|z) = N(Wz/\sqrt N, I)`, the prior :math:`N(0, I)`, and the loss over P samples of N features

    .. math:: R = \sum_\mu \Big\{ \tfrac12 E_q \|x^\mu - Wz/\sqrt N\|^2
       + \tfrac\beta2 \sum_l (\bar z_l^2 + D_l - \ln D_l - 1) \Big\} + \tfrac\lambda2 (\|W\|^2 + \|V\|^2).

    With α = P/N, Λ_l the eigenvalues of XᵀX/P and κ_l = β + λ/(αΛ_l), the columns of W lie along the leading
    eigenvectors with ‖W_l‖² = N Q_l, V_l = W_l/(Q_l + κ_l), D_l = β/(Q_l + β), and each Q_l minimises

    .. math:: \Phi(Q) = -\frac{\alpha Q\Lambda}{2(Q+\kappa)} + \frac{\alpha\beta}2 \ln(1 + Q/\beta) + \frac\lambda2 Q.

    Parameters
    ----------
    n_components : number M of latents, a whole number from 1 to min(P, N)
    beta : weight of the KL term, > 0; for a decoder variance σ² other than 1 pass βσ² and λσ²
    lam : weight decay λ on W and V, ≥ 0; it is not divided by the number of samples
    center : whether to subtract the mean of the training data; if not, the model is fitted to X as it is

    Attributes
    ----------
    W_, V_ : decoder and encoder weights (N, M); the largest entry of each column of W_ is positive
    D_ : posterior variances (M,)
    Q_ : squared norms of the decoder's columns over N (M,)
    eigenvalues_ : the M leading eigenvalues Λ of the sample covariance, descending; 0 beyond its rank
    collapsed_ : which latents have collapsed to the prior, bool (M,)
    loss_ : R/N at the minimum, counted from the collapsed state; ≤ 0
    mean_ : what is subtracted from the data (N,), zero if ``center`` is False
    n_features_in_, n_samples_ : N and P

    Notes
    -----
    Source: theory, section 3; at β = 1, λ = 0 it is probabilistic PCA with noise variance 1. Small eigenvalues
    come from an SVD, so that they keep their digits. Where some coincide the directions are one choice of many.

    Examples
    --------
    >>> X = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]])
    >>> vae = LinearVAE(2, beta=1.0).fit(X)
    >>> vae.eigenvalues_.round(12), vae.Q_.round(12), vae.collapsed_
    (array([2. , 0.5]), array([1., 0.]), array([False,  True]))
    """

    def __init__(self, n_components: int, *, beta: float = 1.0, lam: float = 0.0, center: bool = True):
        self.n_components = n_components
        self.beta, self.lam, self.center = beta, lam, center

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the global minimum of the loss on X.

        Parameters
        ----------
        X : array-like (P, N), finite and dense, P ≥ 2
        y : ignored

        Raises
        ------
        vaesym.InputError
            A parameter outside its domain, more components than min(P, N), data without variance, or numbers
            beyond float64. It is a ValueError, as are scikit-learn's own for malformed data.

        Examples
        --------
        >>> X = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]])
        >>> bool(np.isclose(LinearVAE(1).fit(X).loss_, np.log(2) - 1))
        True
        """
        latents, beta, lam = self._parameters()
        data: Floats = _validation.validate_data(self, _readable(X, "X"), dtype=np.float64, ensure_min_samples=2)
        self.n_samples_, features = data.shape
        if latents > (most := min(data.shape)):
            raise InputError(f"n_components <= min(n_samples, n_features) = {most}", f"n_components={latents}",
                             "lower n_components or pass more data")
        self.mean_, centred = _centred(data, self.center)
        self.eigenvalues_, directions = _leading(centred, latents)
        self.Q_, inverse_gain, self.loss_ = _minimum(self.n_samples_ / features, beta, lam, self.eigenvalues_)
        self.W_: Floats = directions * np.sqrt(features * self.Q_)
        self.V_: Floats = self.W_ / inverse_gain
        self.D_: Floats = beta / (self.Q_ + beta)
        self.collapsed_ = self.Q_ == 0
        self._n_features_out, self._beta, self._lam = latents, beta, lam  # kept, should set_params follow
        return self

    def transform(self, X: Any) -> Floats:
        r"""Return the posterior means :math:`V^\top(x - \text{mean})/\sqrt N`, shape (samples, M).

        Raises a ValueError for data that do not have the N features of the fit, or are not finite.

        >>> LinearVAE(1).fit([[2, 0], [-2, 0], [0, 1], [0, -1]]).transform([[2, 5]]).round(12)
        array([[1.]])
        """
        return self._deviations(X) @ self.V_ / np.sqrt(len(self.mean_))

    def inverse_transform(self, Z: Any) -> Floats:
        r"""Return the decoder's means :math:`Wz/\sqrt N + \text{mean}`, shape (samples, N).

        Raises a ValueError for latents Z that are not (samples, M) finite numbers.

        >>> LinearVAE(1).fit([[2, 0], [-2, 0], [0, 1], [0, -1]]).inverse_transform([[3]]).round(12)
        array([[3., 0.]])
        """
        _validation.check_is_fitted(self, "collapsed_")
        latents: Floats = _validation.check_array(_readable(Z, "Z"), dtype=np.float64, input_name="Z")
        if (came := latents.shape[1]) != len(self.Q_):
            raise InputError(f"latents with {len(self.Q_)} columns", f"{came}", "pass the output of transform")
        return latents @ self.W_.T / np.sqrt(len(self.mean_)) + self.mean_

    def score(self, X: Any, y: Any = None) -> float:
        r"""Return minus the β-VAE objective per sample, without weight decay; larger is better.

        It is the mean over samples of :math:`-\frac12 E_q\|x - Wz/\sqrt N\|^2 - \beta\,\mathrm{KL}(q\|p(z))`,
        the expectation exact, the decoder variance 1. At β = 1 subtract (N/2) ln 2π for the ELBO; if also λ = 0,
        the posterior is exact and that is the log-likelihood. X is checked as in :meth:`transform`.

        >>> X = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]])
        >>> round(LinearVAE(1).fit(X).score(X), 6)
        -1.096574
        """
        centred, root = self._deviations(X), np.sqrt(len(self.mean_))
        means = centred @ self.V_ / root
        residual = centred - means @ self.W_.T / root
        error = (residual**2).sum(axis=1).mean() / 2 + (self.D_ * self.Q_).sum() / 2
        return float(-error - self._beta * self._rates(means).sum())

    def loss(self, X: Any) -> float:
        """Return R/N of the fitted parameters on X, weight decay included; the collapsed state has 0.

        On the training data it is ``loss_``. R is a sum over the samples of X: the more there are, the less
        the weight decay counts. X is checked as in :meth:`transform`.

        >>> X = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]])
        >>> vae = LinearVAE(1, lam=0.25).fit(X)
        >>> bool(np.isclose(vae.loss(X), vae.loss_))
        True
        """
        centred, features, beta = self._deviations(X), len(self.mean_), self._beta
        means, fields = (centred @ weights / np.sqrt(features) for weights in (self.V_, self.W_))
        # ½‖x − x̂‖² − ½‖x‖² by latents, the columns of W being orthogonal; QD + β(D − ln D − 1) = β ln(1 + Q/β).
        signal = ((self.Q_ + beta) * means**2 / 2 - fields * means).sum(axis=1).mean()
        spread = beta * np.log1p(self.Q_ / beta).sum() / 2
        decay = self._lam * (np.sum(self.W_**2) + np.sum(self.V_**2)) / 2
        return float((len(centred) * (signal + spread) + decay) / features)

    def kl(self, X: Any) -> Floats:
        """Return the mean KL divergence of each latent's posterior from the prior, in nats, shape (M,).

        It is ½ (mean of z̄² + D − ln D − 1), 0 for a collapsed latent. X is checked as in :meth:`transform`.

        >>> X = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]])
        >>> bool(np.isclose(LinearVAE(1).fit(X).kl(X)[0], np.log(2) / 2))
        True
        """
        return self._rates(self._deviations(X) @ self.V_ / np.sqrt(len(self.mean_)))

    def training_curve(self, X: Any, time: Any, start: Mapping[str, Any], *, seed: int = 0) -> xr.Dataset:
        r"""Return how gradient flow on the loss of X would train this model, exactly, by the eigenvalues of X.

        :math:`W/\sqrt N`, :math:`V/\sqrt N` and D go down the gradient of R/P; no fit is needed, none is changed.

        Parameters
        ----------
        X : array-like (P, N), finite and dense, P ≥ 2
        time : ascending times ≥ 0 (T,): epochs times the rate of the descent on R/P
        start : at time 0: ``decoder`` and ``encoder``, W and V as arrays (N, M) or variances of random normal ones,
            and ``D``, a number or (M,), > 0
        seed : of the random numbers, a whole number ≥ 0

        Returns
        -------
        xarray.Dataset
            ``Q``, ``E``, ``R`` and ``C_hh`` = VᵀSV/N over (time, latent, other), S = XᵀX/P; ``D`` over (time, latent);
            ``training_loss`` R/N and ``training_rate`` over time. The loss tends to ``loss_``, from most starts.

        Raises
        ------
        vaesym.InputError
            A parameter outside its domain, data that do not vary, or an incomplete start.

        Notes
        -----
        As :func:`vaesym.gradient_flow`, which is its limit for spiked data. The smaller β, the smaller the steps of
        the integration: with many features and β far below the eigenvalues it takes minutes.

        Examples
        --------
        >>> X = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]])
        >>> vae = LinearVAE(1, beta=1.0)
        >>> run = vae.training_curve(X, [0, 5, 50], {"decoder": 0.01, "encoder": 0.01, "D": 1.0})
        >>> bool(np.isclose(run.training_loss[-1], vae.fit(X).loss_))
        True
        """
        from vaesym.linear_vae.time.data_flow import data_flow
        from vaesym.linear_vae.time.trajectories import check_time

        latents, beta, lam = self._parameters()
        times = check_time(time)
        data: Floats = _validation.check_array(_readable(X, "X"), dtype=np.float64, ensure_min_samples=2,
                                               input_name="X")
        _, centred = _centred(data, self.center)
        decoder, encoder, variances = _weights(start, data.shape[1], latents, seed)
        return data_flow(times, centred, decoder, encoder, variances, beta, lam)

    def _rates(self, means: Floats) -> Floats:
        """Return the mean KL of each latent given its posterior means; D − ln D − 1 without cancellation."""
        ratio = self.Q_ / self._beta
        return ((means**2).mean(axis=0) + np.log1p(ratio) - ratio / (1 + ratio)) / 2

    def _deviations(self, X: Any) -> Floats:
        """Check that there is a fit and that X suits it; return X minus the mean in float64."""
        _validation.check_is_fitted(self, "collapsed_")
        return _validation.validate_data(self, _readable(X, "X"), dtype=np.float64, reset=False) - self.mean_

    def _parameters(self) -> tuple[int, float, float]:
        """Return M, β and λ, checked."""
        latents = inputs.count("n_components", self.n_components)
        beta, lam = inputs.positive("beta", self.beta), inputs.non_negative("lam", self.lam)
        if beta.ndim or lam.ndim:
            raise InputError("beta and lam as single numbers", f"shapes {beta.shape}, {lam.shape}", "fit one at a time")
        inputs.flag("center", self.center)
        return latents, float(beta), float(lam)


def _weights(start: Mapping[str, Any], features: int, latents: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return W, V (N, M) and D (M,) of the start of a training."""
    names = ("decoder", "encoder", "D")
    if set(start) != set(names):
        raise InputError(f"a start with {', '.join(names)}", ", ".join(map(str, start)) or "an empty one",
                         "give each of them, by name")
    random = np.random.default_rng(seed)
    found: list[Floats] = []
    for name in names[:2]:
        given = inputs.real_array(f"start[{name!r}]", start[name])
        if given.shape not in ((), (features, latents)):
            raise InputError(f"start[{name!r}] as a variance, or weights of shape {(features, latents)}",
                             f"shape {given.shape}", "reshape it")
        if not given.ndim:
            given = np.sqrt(inputs.non_negative(f"start[{name!r}]", given)) * random.normal(size=(features, latents))
        found.append(given)
    variances = inputs.positive("start['D']", start["D"])
    if variances.shape not in ((), (latents,)):
        raise InputError(f"start['D'] as a number or of shape {(latents,)}", f"shape {variances.shape}", "reshape it")
    return found[0], found[1], np.broadcast_to(variances, latents).copy()


def _readable(given: Any, name: str) -> Any:
    """Return what scikit-learn reads as it is: a tensor as an array, all else itself, if nothing would be lost."""
    inputs.check_unmasked(given, name)
    values: Any = inputs.as_numpy(given) if hasattr(given, "detach") else given
    if isinstance(values, np.ndarray):
        inputs.check_whole(values)
    return values


def _centred(data: Floats, center: bool) -> tuple[Floats, Floats]:
    """Return the mean (or zero) and the data without it, or raise where nothing varies."""
    with np.errstate(over="ignore", invalid="ignore"):
        # Relative to the first sample: exact for constant columns, and no digits go to a large offset.
        origin = data[0] if center else np.zeros(data.shape[1])
        centred = data - origin
        shift = centred.mean(axis=0) if center else origin
        centred -= shift
        if not np.isfinite(np.vdot(centred, centred)):
            raise InputError("data whose variance fits float64", f"|X| up to {np.abs(data).max():g}", "rescale X")
    if not centred.any():
        raise InputError("data that vary", f"X of shape {data.shape} with {'equal rows' if center else 'zeros'}, "
                         "so no variance: nothing to learn", "pass samples that differ")
    return origin + shift, centred


def _leading(centred: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the leading eigenvalues of XᵀX/P and their eigenvectors (N, count), signs fixed."""
    wide = centred.shape[0] < centred.shape[1]
    tall = centred.T if wide else centred
    values, vectors = np.linalg.eigh(tall.T @ tall)
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    if values[-1] <= _GRAM * values[0]:
        _, singular, right = np.linalg.svd(centred if wide else np.linalg.qr(tall, mode="r"), full_matrices=False)
        # What the SVD cannot tell from zero is zero (the bound of numpy.linalg.matrix_rank).
        rounding = singular[0] * len(tall) * np.finfo(np.float64).eps
        values, vectors = np.where(singular > rounding, singular, 0.0)[:count] ** 2, right[:count].T
    elif wide:
        vectors = tall @ vectors / np.sqrt(values)
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return values / len(centred), vectors * np.sign(largest)


def _minimum(alpha: float, beta: float, lam: float, eigenvalues: Floats) -> tuple[Floats, Floats, float]:
    """Return Q (M,), Q + κ (M,; 1 where the latent has collapsed), and the sum of the potentials."""
    norms, gains, total = np.zeros_like(eigenvalues), np.ones_like(eigenvalues), 0.0
    # Φ(Q) ≥ (α/2)(β − Λ) Q/(Q+β), as ln(1+u) ≥ u/(1+u): where Λ ≤ β the latent collapses, whatever λ.
    alive = eigenvalues > beta
    # Without weight decay only Λ/β matters: β is brought to about 1, by a power of two, which is exact.
    unit = 2.0 ** (math.frexp(beta)[1] - 1) if lam == 0 else 1.0
    try:
        with np.errstate(over="raise", under="raise"):
            a, b, decay, top = np.broadcast_arrays(alpha, beta / unit, lam, eigenvalues[alive] / unit)
            least = minimise_potential(a, b, decay, top)
            norms[alive], gains[alive] = least * unit, (least + b + decay / (a * top)) * unit
            total = float(formulas.potential(a, b, decay, top, least).sum()) * unit
    except FloatingPointError as error:
        raise InputError("beta, lam and variances whose ratios fit float64", f"beta={beta:g}, lam={lam:g}, "
                         f"variances up to {eigenvalues[0]:g}", "rescale X, beta and lam") from error
    return norms, gains, total
