"""What a trained VAE's latents carry, from encoder means and log-variances, and its rate, distortion and ELBO."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from validation.laboratory.data import whole_seed

#: Numbers of the table of log-densities that are held at a time.
_PIECE = 2**23
#: Largest logarithm taken, so that exponentials and their sums stay within float64.
_LOGARITHM = 700


def gaussian_kl(means: Any, log_variances: Any) -> Floats:
    r"""Return KL(q(z_l|x) ‖ N(0, 1)) in nats for each sample and latent, shape (P, M).

    Parameters
    ----------
    means, log_variances : real, finite, both (P, M)

    Raises
    ------
    vaesym.InputError
        Other shapes, values that are not finite, or log-variances beyond ±700, whose exponentials leave float64.

    Notes
    -----
    :math:`\tfrac12(\mu^2 + v - 1 - \ln v)` with v = exp(log-variance), also where it is tiny to 12 digits. Its mean
    over the samples is the KL of each latent, the sum of these the rate.

    Examples
    --------
    >>> gaussian_kl([[1.0, 0.0]], [[0.0, 0.0]])
    array([[0.5, 0. ]])
    """
    mu, log_variance = _encoded(means, log_variances)
    series = log_variance**2 / 2 * (1 + log_variance / 3 * (1 + log_variance / 4 * (1 + log_variance / 5)))
    # Near 0 the difference would cancel, and could come out below 0.
    return (mu**2 + np.where(np.abs(log_variance) < 1e-3, series, np.expm1(log_variance) - log_variance)) / 2


def _encoded(means: Any, log_variances: Any) -> tuple[Floats, Floats]:
    mu, log_variance = inputs.real_array("means", means), inputs.real_array("log_variances", log_variances)
    if mu.ndim != 2 or mu.shape != log_variance.shape or not mu.size:
        raise InputError("means and log-variances of one shape (P, M)", f"{mu.shape} and {log_variance.shape}",
                         "give one row for each sample and one column for each latent")
    if (largest := np.abs(log_variance).max()) > _LOGARITHM:
        raise InputError(f"log-variances within ±{_LOGARITHM}", f"{largest:g} in size", "check the training")
    return mu, log_variance


def active_units(means: Any, threshold: float = 0.01) -> NDArray[np.bool_]:
    """Return which latents are active, bool (M,): the variance over the samples of the posterior mean > threshold.

    Source: Burda, Grosse and Salakhutdinov (2016), section 5.2; the variance is divided by P.

    Parameters
    ----------
    means : (P, M), real and finite
    threshold : in units of the prior's variance, ≥ 0

    Raises
    ------
    vaesym.InputError
        Means of another shape, or a threshold below 0.

    Examples
    --------
    >>> active_units([[1.0, 0.1], [-1.0, -0.05]])
    array([ True, False])
    """
    mu, _ = _encoded(means, means)
    return mu.var(axis=0) > inputs.non_negative("threshold", threshold)


def collapsed_latents(kl: Any, *, epsilon: float, delta: float) -> NDArray[np.bool_]:
    """Return which latents have collapsed, bool (M,): KL_l < ε on at least the share 1 − δ of the samples.

    Source: Lucas, Tucker, Grosse and Norouzi (2019), (ε, δ)-collapse.

    Parameters
    ----------
    kl : (P, M), of :func:`gaussian_kl`
    epsilon : in nats, > 0
    delta : share of the samples, in [0, 1)

    Raises
    ------
    vaesym.InputError
        Arguments outside these domains.

    Examples
    --------
    >>> collapsed_latents([[0.0, 0.5], [0.02, 0.5]], epsilon=0.01, delta=0.5)
    array([ True, False])
    """
    values = _kl(kl)
    limit, share = inputs.positive("epsilon", epsilon), inputs.non_negative("delta", delta)
    if share >= 1:
        raise InputError("delta < 1", f"{delta}", "choose the share of samples that may lie above epsilon")
    return np.count_nonzero(values >= limit, axis=0) / len(values) <= share


def _kl(kl: Any) -> Floats:
    values = inputs.non_negative("kl", kl)
    if values.ndim != 2 or not values.size:
        raise InputError("kl of shape (P, M)", f"{values.shape}", "give one row for each sample")
    return values


class Information(NamedTuple):
    """Parts of the rate, in nats: rate = mutual_information + marginal_kl.

    ``rate`` is E_x KL(q(z|x) ‖ p), an upper bound on the mutual information; ``marginal_kl`` is KL(q(z) ‖ p) of the
    aggregated posterior; ``standard_error`` is that of ``marginal_kl``, from its spread over the samples.
    """

    rate: float
    mutual_information: float
    marginal_kl: float
    standard_error: float


def mutual_information(means: Any, log_variances: Any, *, seed: int, population: float | None = None,
                       draws: int = 1) -> Information:
    r"""Estimate I(x; z) = E KL(q(z|x) ‖ p) − KL(q(z) ‖ p) with the aggregated posterior q(z) = mean of the q(z|x).

    Parameters
    ----------
    means, log_variances : (P, M), of a Gaussian encoder with diagonal covariance; P ≥ 2
    seed : of the draws z ~ q(z|x)
    population : number of samples x over which q(z) is the mean. If not given, it is P: q(z) is the mixture of the
        given posteriors, so that I ≤ ln P. If the P samples are drawn from more, give their number: the own posterior
        of a draw then weighs 1/population, the others share the rest. ``numpy.inf`` leaves the own one out, which
        makes the estimate of I an upper one, as P makes it a lower one
    draws : number of z for each sample, ≥ 1

    Returns
    -------
    Information

    Raises
    ------
    vaesym.InputError
        Arrays of other shapes or not finite, fewer than two samples, population < P, draws < 1.

    Notes
    -----
    Source: Hoffman and Johnson (2016); the weights are those of stratified mini-batches of Chen, Li, Grosse and
    Duvenaud (2018), the bounds those of Poole et al. (2019). The rate is exact, the marginal KL is the mean of
    ln q(z) − ln p(z) over the draws, with log-sum-exp over P² densities: it takes P²·M operations. The standard error
    takes the mixture q(z) for known.

    Examples
    --------
    >>> parts = mutual_information([[3.0], [-3.0]] * 50, [[-9.0], [-9.0]] * 50, seed=0)
    >>> bool(abs(parts.mutual_information - np.log(2)) < 3 * parts.standard_error)
    True
    """
    mu, log_variance = _encoded(means, log_variances)
    samples = len(mu)
    if samples < 2:
        raise InputError("at least two samples", "1", "give more samples")
    own = 1 / _population(population, samples)
    generator = np.random.default_rng(whole_seed(seed))
    rows = max(1, _PIECE // samples)
    parts = []
    for _ in range(inputs.count("draws", draws)):
        z = mu + np.exp(log_variance / 2) * generator.standard_normal(mu.shape)
        pieces = [_marginal(z, start, min(start + rows, samples), mu, log_variance, own)
                  for start in range(0, samples, rows)]
        parts.append(np.concatenate(pieces))
    # Draws of one sample share its posterior: their mean is one observation.
    excess = np.mean(parts, axis=0)
    rate, marginal = float(gaussian_kl(mu, log_variance).sum(axis=1).mean()), float(excess.mean())
    return Information(rate, rate - marginal, marginal, float(excess.std(ddof=1) / np.sqrt(samples)))


def _population(population: float | None, samples: int) -> float:
    size = float(inputs.positive("population", samples if population is None else population, unlimited=True))
    if size < samples:
        raise InputError(f"population >= {samples}, the samples given", f"{population}", "give the number of all")
    return size


def _marginal(z: Floats, start: int, stop: int, mu: Floats, log_variance: Floats, own: float) -> Floats:
    """Return ln q(z) − ln p(z) of the rows from start to stop; the constants ln 2π cancel."""
    piece = z[start:stop]
    table = np.zeros((stop - start, len(mu)))
    for latent in range(mu.shape[1]):
        deviation = piece[:, latent, None] - mu[None, :, latent]
        table -= (deviation**2 * np.exp(-log_variance[:, latent]) + log_variance[:, latent]) / 2
    weights = np.full_like(table, (1 - own) / (len(mu) - 1))
    weights[np.arange(stop - start), np.arange(start, stop)] = own
    return logsumexp(table, axis=1, b=weights) + (piece**2).sum(axis=1) / 2


class Bound(NamedTuple):
    """Terms of the evidence lower bound per sample, in nats: elbo = −distortion − rate.

    ``objective`` is what training minimises, distortion + β·rate; at β = 1 it is −elbo.
    """

    rate: float
    distortion: float
    elbo: float
    objective: float


def evidence_bound(squared_errors: Any, kl: Any, *, features: int, variance: float = 1.0, beta: float = 1.0) -> Bound:
    r"""Return rate, distortion, ELBO and training objective of a VAE with Gaussian decoder N(x̂, σ²I).

    Parameters
    ----------
    squared_errors : ‖x − x̂‖² summed over the N features, averaged over or drawn from q(z|x), shape (P,), ≥ 0
    kl : (P, M), of :func:`gaussian_kl`
    features : N
    variance : σ² > 0, in the squared units of x
    beta : β > 0

    Raises
    ------
    vaesym.InputError
        Arguments outside these domains, or another number of errors than of KL.

    Notes
    -----
    distortion = mean of ½‖x − x̂‖²/σ² + (N/2) ln(2πσ²), the mean of −ln p(x|z); rate = mean over samples of the sum over
    latents of the KL. The ELBO has no β: it bounds the log-likelihood whatever β the training used. The theory's loss
    ½‖x − x̂‖² + β'·KL is σ²·objective without its constant, with β' = βσ².

    Examples
    --------
    >>> bound = evidence_bound([2.0, 4.0], [[1.0], [3.0]], features=2, beta=0.5)
    >>> bound.rate, bound.objective + bound.elbo, round(bound.distortion, 6)
    (2.0, -1.0, 3.337877)
    """
    errors, values = inputs.non_negative("squared_errors", squared_errors), _kl(kl)
    if errors.shape != values.shape[:1]:
        raise InputError(f"squared_errors of shape ({len(values)},)", f"{errors.shape}", "sum them over the features")
    noise, weight = float(inputs.positive("variance", variance)), float(inputs.positive("beta", beta))
    constant = inputs.count("features", features) / 2 * np.log(2 * np.pi * noise)
    rate, distortion = float(values.sum(axis=1).mean()), float(errors.mean() / (2 * noise) + constant)
    return Bound(rate, distortion, -distortion - rate, distortion + weight * rate)
