"""Where other linear VAEs collapse: conditional, hierarchical, with tied weights, unequal decay, a learned variance."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import documented, parameters


@documented()
def conditional_threshold(alpha: Any, covariates: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return β_c of a conditional VAE whose encoder and decoder are told covariates.

    The VAE sees residuals only. Their largest eigenvalue over all P samples is 1 − r/α times that of α − r:

    .. math:: \beta_c = \frac{\alpha\Lambda_c}{\alpha+\lambda} - \frac{\lambda}{\alpha\Lambda_c},
              \qquad \alpha\Lambda_c = (\alpha-r)\,\Lambda(\alpha-r)

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0 and > r
    covariates : their rank over N, r ≥ 0: groups or numbers, independent of signal and noise
    lam : weight decay of decoder and encoder, ≥ 0; none on what multiplies the covariates

    Returns
    -------
    array of the broadcast shape; ≤ 0 says that collapse is stable at every β

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, as many covariates as samples, or shapes that do not broadcast.

    Notes
    -----
    Source: new; chapter "The conditional VAE" of the book.

    Examples
    --------
    >>> conditional_threshold(2.0, [0.0, 0.5], lam=0.0)
    array([3. , 2.5])
    """
    rank = inputs.non_negative("covariates", covariates)
    a, decay, r, e, rank = inputs.broadcast(
        **dict(zip(("alpha", "lam", "rho", "eta"), parameters(alpha=alpha, lam=lam, rho=rho, eta=eta), strict=True)),
        covariates=rank)
    if (rank >= a).any():
        raise InputError("fewer covariates than samples, covariates < alpha",
                         f"covariates = {rank[rank >= a].flat[0]:g} at alpha = {a[rank >= a].flat[0]:g}",
                         "give their rank divided by the dimension of the data")
    eigenvalue, _, _ = formulas.top_eigenvalue(a - rank, r, e)
    return formulas.threshold(a, decay, eigenvalue * (1 - rank / a))


@documented()
def unequal_decay_threshold(alpha: Any, *, lam_decoder: Any, lam_encoder: Any, rho: Any = 1.0,
                            eta: Any = 1.0) -> Floats:
    r"""Return β_c where decoder and encoder have weight decays of their own.

    .. math:: \beta_c = \frac{\alpha\Lambda}{\alpha+\lambda_W} - \frac{\lambda_V}{\alpha\Lambda}
              \le \Lambda\Big(1-\frac{\sqrt{\lambda_W\lambda_V}}{\alpha\Lambda}\Big)^2

    Parameters
    ----------
    lam_decoder, lam_encoder : weight decays λ_W and λ_V, ≥ 0

    Returns
    -------
    array of the broadcast shape; ≤ 0 says that collapse is stable at every β

    Notes
    -----
    Source: new; chapter "Extensions" of the book.

    Examples
    --------
    >>> unequal_decay_threshold(2.0, lam_decoder=[1.0, 2.0, 0.0], lam_encoder=[1.0, 0.0, 2.0]).round(6)
    array([1.833333, 1.5     , 2.666667])
    """
    decoder, encoder = (inputs.non_negative(name, value) for name, value in (
        ("lam_decoder", lam_decoder), ("lam_encoder", lam_encoder)))
    a, r, e = parameters(alpha=alpha, rho=rho, eta=eta)
    a, r, e, decoder, encoder = inputs.broadcast(alpha=a, rho=r, eta=e, lam_decoder=decoder, lam_encoder=encoder)
    eigenvalue, _, _ = formulas.top_eigenvalue(a, r, e)
    return a * eigenvalue / (a + decoder) - encoder / (a * eigenvalue)


@documented()
def tied_threshold(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return the β from which collapse is stable where the encoder is the decoder, V = W.

    .. math:: \beta_c = 2 - \frac{1+\lambda/\alpha}{\Lambda}

    for weight decay λ‖W‖²/2 that counts once: never more than 2, and at λ = 0 never more than the Λ of an untied model.
    A scale of its own for the encoder, V = aW with a learned, has that of ``unequal_decay_threshold`` at
    ``lam_encoder=0``.

    Parameters
    ----------
    lam : weight decay of decoder and encoder, which are one, ≥ 0

    Returns
    -------
    array of the broadcast shape; ≤ 0 says that collapse is stable at every β

    Notes
    -----
    Source: new; chapter "Extensions" of the book. The transition is continuous iff Λ ≥ 3/4 + λ/2α.

    Examples
    --------
    >>> tied_threshold(2.0, lam=[0.0, 1.0]).round(6)
    array([1.666667, 1.5     ])
    """
    a, decay, r, e = parameters(alpha=alpha, lam=lam, rho=rho, eta=eta)
    eigenvalue, _, _ = formulas.top_eigenvalue(a, r, e)
    return 2 - (1 + decay / a) / eigenvalue


@documented()
def learned_variance_threshold(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return β_c where the decoder learns its variance, in high dimension: it learns η whatever a few latents do.

    .. math:: \beta_c = \frac{\alpha\Lambda}{\eta(\alpha+\lambda\eta)} - \frac{\lambda}{\alpha\Lambda}

    Parameters
    ----------
    lam : weight decay of decoder and encoder beside the log-likelihood, ≥ 0

    Returns
    -------
    array of the broadcast shape; ≤ 0 says that collapse is stable at every β

    Notes
    -----
    Source: new; chapter "Extensions" of the book. For a data set of any size the mean eigenvalue takes the place of η.

    Examples
    --------
    >>> learned_variance_threshold(2.0, lam=[0.0, 1.0], eta=2.0, rho=2.0).round(6)
    array([3.      , 1.416667])
    """
    a, decay, r, e = parameters(alpha=alpha, lam=lam, rho=rho, eta=eta)
    eigenvalue, _, _ = formulas.top_eigenvalue(a, r, e)
    return formulas.threshold(a, decay * e, eigenvalue) / e


class LevelThresholds(NamedTuple):
    """Eigenvalues of the data up to which the levels of a hierarchical VAE are dead."""

    first: Floats
    second: Floats


def hierarchical_thresholds(beta_first: Any, beta_second: Any, *, variance: Any, output_variance: Any = 1.0,
                            prior_variance: Any = 1.0) -> LevelThresholds:
    r"""Return the eigenvalue Λ of the data up to which each level of a linear two-level VAE is dead.

    With q(z₁|x) = N(V₁x, Σ₁), p(x|z₁) = N(W₁z₁, s), p(z₁|z₂) = N(W₂z₂, p), z₂ ~ N(0, p): if β₁Σ₁ < β₂p the second
    level dies first as Λ falls, at sβ₂²p/(β₁Σ₁), and the first at sβ₁Σ₁/p. Else the first dies at sβ₂, and the second
    never does (0): it goes on to code the first level's noise.

    Parameters
    ----------
    beta_first, beta_second : weights of the KL of the levels, β₁ and β₂ > 0
    variance : Σ₁ > 0 of the first level's encoder, which is not trained
    output_variance : s > 0 of the decoder of the data
    prior_variance : p > 0 of both priors

    Returns
    -------
    LevelThresholds, arrays of the broadcast shape

    Raises
    ------
    vaesym.InputError
        An argument that is not > 0, or shapes that do not broadcast.

    Notes
    -----
    Source: chapter "Two levels of latents" of the book; Dang et al., arXiv:2306.05023, at s = p. With Σ₁ learned and
    β₂ > β₁ the second level is always dead and the first dies at sβ₁; with β₂ < β₁ the loss has no minimum.

    Examples
    --------
    >>> first, second = hierarchical_thresholds(1.0, 1.0, variance=[0.25, 4.0])
    >>> first, second
    (array([0.25, 1.  ]), array([4., 0.]))
    """
    one, two, spread, s, p = inputs.broadcast(**{name: inputs.positive(name, value) for name, value in (
        ("beta_first", beta_first), ("beta_second", beta_second), ("variance", variance),
        ("output_variance", output_variance), ("prior_variance", prior_variance))})
    noise = one * spread / p
    return LevelThresholds(np.where(noise < two, s * noise, s * two), np.where(noise < two, s * two**2 / noise, 0.0))
