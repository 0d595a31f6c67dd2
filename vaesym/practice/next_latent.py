"""Would one more latent be used? The stability of a collapsed latent beside active ones, for any trained VAE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice.data.matrix import check_matrix
from vaesym.practice.data.moments import moments
from vaesym.practice.data.readers import as_loaded
from vaesym.practice.network.outputs import posterior, reconstruction

Array = NDArray[Any]
#: Samples handled at once.
_ROWS = 4096
#: Mean KL in nats above which a latent counts as active.
ACTIVE = 0.01
#: Samples for each weight of b, below which it would follow single samples.
_SAMPLES_PER_WEIGHT = 10
#: Relative size below which a direction of the feature's second moment is rounding.
_CUTOFF = 1e-9


@dataclass(frozen=True)
class NextLatent:
    r"""The largest βσ² at which one more latent, added to a trained model, would start to grow.

    Attributes
    ----------
    constant : b constant: the top eigenvalue of the second moment of x − E f(z) given x. A lower bound
    conditional : b free, a function of the active latents: Λ*(A) over the samples given
    held_out : the same b, found on one half of the samples and judged on the other, in the mean over both ways: what is
        left when b cannot follow single samples
    active : which latents are active
    linear : the next eigenvalue of the data's covariance after as many as are active: where linear theory has the
        threshold of a model that is trained afresh with one more latent
    """

    constant: float
    conditional: float
    held_out: float
    active: tuple[int, ...]
    linear: float


def next_latent(data: Any, encode: Callable[[Array], Any], decode: Callable[[Array], Any], *,
                centres: int = 24, components: int = 48, draws: int = 8, seed: int = 0,
                scaling: float = 1.0) -> NextLatent:
    r"""Return the thresholds at which a further latent of a trained VAE would switch on.

    A collapsed latent ζ with encoder mean a(x) and decoder term ζ b(z), both small, lowers the loss iff

    .. math:: \Lambda^* = \max_b \frac{E_x\big(E_{z|x}[b(z)\cdot(x-f(z))]\big)^2}{E\|b(z)\|^2} > \beta\sigma^2.

    Parameters
    ----------
    data : samples x features, real and finite, as the model sees them
    encode : maps a float32 batch (B, N) to mean and log-variance of q(z|x), each (B, M), arrays or tensors, or to
        another form of them that :func:`vaesym.practice.network.outputs.posterior` reads
    decode : maps float32 latents (B, M) to the mean of p(x|z), (B, N)
    centres : b(z) is a sum of so many bumps around k-means centres of the active latents
    components : b(z) has values in the span of so many leading principal components of the residual; fewer where there
        are less than ten samples for each pair of bump and component
    draws : of z for each x, a multiple of four: pairs ± in two groups, whose means are multiplied, since the square of
        one mean would count the noise of its draws as something to explain
    seed : of the draws and of k-means
    scaling : factor on the data, which the model sees multiplied by it

    Returns
    -------
    NextLatent, in units of the data squared, as the eigenvalues of :func:`vaesym.advise`

    Raises
    ------
    vaesym.InputError
        Data that are no matrix of finite numbers, an encoder or decoder whose output does not fit, or a count < 1.

    Notes
    -----
    Source: theory, section 6; new. The model must be trained to a stationary point at the β of interest. The statement
    is local, about a latent added to this model: one that is already in use can survive beyond it, and a training
    afresh, in which all latents start at once, can use one more. Without active latents all three values are the top
    eigenvalue of the second moment around what the decoder gives. In a linear model they are the next eigenvalue, or
    what an active latent leaves of its own, (βσ²)²/Λ_l < βσ², if that is more.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(4000, 3)) * [3.0, 2.0, 1.0]
    >>> none = next_latent(x, lambda x: (0 * x[:, :1], 0 * x[:, :1]), lambda z: np.zeros((len(z), 3)))
    >>> round(none.constant, 2) == round(float(np.linalg.eigvalsh(x.T @ x / 4000)[-1]), 2), none.active
    (True, ())
    """
    matrix = check_matrix(as_loaded(data).array)
    numbers = {"centres": centres, "components": components, "draws": draws}
    centres, components, draws = (inputs.count(name, value) for name, value in numbers.items())
    if draws % 4:
        raise InputError("a number of draws that is a multiple of 4", f"{draws}",
                         "they come in pairs of opposite noise, and the pairs in two groups")
    model = _Model(matrix, encode, decode, draws, seed, scaling)
    kl, means = model.codes()
    active = np.flatnonzero(kl > ACTIVE)
    bumps = _Bumps.around(means[:, active], active, centres, seed) if len(active) else None
    enough = max(1, len(matrix) // (_SAMPLES_PER_WEIGHT * centres))
    return _solve(model, bumps, active, min(components, matrix.shape[1], enough))


@dataclass(frozen=True)
class _Model:
    """The trained model on the data: chunks of x, z and residuals, always with the same draws."""

    data: Array
    encode: Callable[[Array], Any]
    decode: Callable[[Array], Any]
    draws: int
    seed: int
    scaling: float

    def encoded(self) -> Iterator[tuple[Array, Array, Array]]:
        for start in range(0, len(self.data), _ROWS):
            x = self.data[start : start + _ROWS].astype(np.float32) * np.float32(self.scaling)
            yield x, *posterior(self.encode(x), len(x))

    def codes(self) -> tuple[Floats, Array]:
        """Return the mean KL of each latent (M,) and the posterior means (P, M)."""
        means, total = [], 0.0
        for _, mean, log in self.encoded():
            means.append(mean)
            total = total + 0.5 * (mean.astype(np.float64) ** 2 + np.expm1(log) - log).sum(axis=0)
        return np.asarray(total) / len(self.data), np.concatenate(means)

    def residuals(self) -> Iterator[tuple[Array, Array]]:
        """Yield z (draws, B, M) and x − f(z) (draws, B, N); the two halves of the draws are independent."""
        rng = np.random.default_rng(self.seed)
        for x, mean, log in self.encoded():
            noise = [rng.standard_normal((self.draws // 4, *mean.shape), dtype=np.float32) for _ in range(2)]
            z = (mean + np.concatenate([sign * one for one in noise for sign in (1, -1)]) * np.exp(log / 2)).astype(
                np.float32)
            flat = z.reshape(-1, z.shape[-1])
            means = reconstruction(self.decode(flat), len(flat), x.shape[1])
            yield z, x - means.reshape(z.shape[0], *x.shape)


@dataclass(frozen=True)
class _Bumps:
    """Smooth functions of the active latents, orthonormal over the samples; their span contains the constant."""

    active: Array
    scale: Array
    centres: Array
    width: float
    mixing: Array

    @classmethod
    def around(cls, means: Array, active: Array, count: int, seed: int) -> _Bumps:
        from sklearn.cluster import MiniBatchKMeans

        scale = means.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        found = MiniBatchKMeans(min(count, len(means)), random_state=seed, n_init="auto").fit(means / scale)
        centres = np.unique(found.cluster_centers_, axis=0)
        gaps = np.linalg.norm(centres[:, None] - centres, axis=-1)
        np.fill_diagonal(gaps, np.inf)
        width = float(np.median(gaps.min(axis=1))) if len(centres) > 1 else 1.0
        return cls(active, scale, centres, width, np.eye(len(centres)))

    def __call__(self, z: Array) -> Array:
        distance = (z[..., self.active] / self.scale)[..., None, :] - self.centres
        logs = -(distance**2).sum(-1) / (2 * self.width**2)
        weights = np.exp(logs - logs.max(-1, keepdims=True))
        return (weights / weights.sum(-1, keepdims=True)) @ self.mixing

    def orthonormal(self, model: _Model) -> _Bumps:
        """Return the functions mixed so that their second moment over the draws is the identity."""
        total = np.zeros((len(self.centres), len(self.centres)))
        for z, _ in model.residuals():
            values = self(z).reshape(-1, len(self.centres))
            total += values.T @ values
        sizes, vectors = np.linalg.eigh(total / (len(model.data) * model.draws))
        kept = sizes > _CUTOFF * sizes[-1]
        return replace(self, mixing=vectors[:, kept] / np.sqrt(sizes[kept]))


def _groups(values: Array) -> tuple[Array, Array]:
    """Return the means of the two independent halves of the draws, the first axis."""
    half = len(values) // 2
    return values[:half].mean(axis=0), values[half:].mean(axis=0)


def _symmetric(product: Floats) -> Floats:
    return (product + product.T) / 2


def _moments(model: _Model) -> tuple[Floats, Floats]:
    """Return the second moments of E_z(x − f), without the noise of the draws, and of x − f, each (N, N)."""
    features = model.data.shape[1]
    mean, full = np.zeros((features, features)), np.zeros((features, features))
    for _, residuals in model.residuals():
        (one, other), flat = _groups(residuals), residuals.reshape(-1, features)
        mean += one.T @ other
        full += flat.T @ flat
    return _symmetric(mean) / len(model.data), full / (len(model.data) * model.draws)


def _conditional(model: _Model, bumps: _Bumps, basis: Array) -> tuple[float, float]:
    """Return Λ* with b in the span of bumps × basis, and its value on samples that b has not seen."""
    halves: list[Floats] = [np.zeros(()), np.zeros(())]
    counts = [0, 0]
    for number, (z, residuals) in enumerate(model.residuals()):
        pair = _fields(bumps(z), residuals @ basis)
        # Halves of each chunk: the order of the samples may mean something, and one chunk may be all there is.
        for half in (0, 1):
            one, other = (group[(half + number) % 2 :: 2] for group in pair)
            halves[half] = halves[half] + _symmetric(one.T @ other)
            counts[half] += len(one)
    top = float(eigh(sum(halves) / sum(counts), eigvals_only=True, subset_by_index=[len(halves[0]) - 1] * 2)[0])
    crossed = []
    for here, there in ((0, 1), (1, 0)):
        _, vector = eigh(halves[here], subset_by_index=[len(halves[here]) - 1] * 2)
        crossed.append((vector.T @ halves[there] @ vector).item() / max(counts[there], 1))
    return top, float(np.mean(crossed))


def _fields(bumps: Array, residuals: Array) -> list[Array]:
    """Return the means over both groups of draws of bump × component of the residual, each (B, bumps · components)."""
    half = len(bumps) // 2
    means = [np.einsum("dbk,dbn->bkn", bumps[part], residuals[part], optimize=True) / half
             for part in (slice(None, half), slice(half, None))]
    return [mean.reshape(len(mean), -1).astype(np.float32) for mean in means]


def _solve(model: _Model, bumps: _Bumps | None, active: Array, components: int) -> NextLatent:
    mean, full = _moments(model)
    constant = float(np.linalg.eigvalsh(mean)[-1])
    names = tuple(int(latent) for latent in active)
    spectrum = np.linalg.eigvalsh(moments(model.data, scaling=model.scaling).product)[::-1]
    linear = float(spectrum[len(active)]) if len(active) < len(spectrum) else 0.0
    if bumps is None:
        return NextLatent(constant, constant, constant, names, linear)
    basis = np.linalg.eigh(full)[1][:, ::-1][:, :components].astype(np.float32)
    conditional, held_out = _conditional(model, bumps.orthonormal(model), basis)
    # Outside the span of the components b is constant at best.
    return NextLatent(constant, max(conditional, constant), held_out, names, linear)
