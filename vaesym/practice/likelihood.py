"""Where everything collapses, for squared error and for binary cross-entropy."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice.advice.advice import DEFAULT_LATENTS, checked_seed
from vaesym.practice.data import iterative
from vaesym.practice.data.decomposition import Solver, chosen_solver, spectrum_of
from vaesym.practice.data.matrix import Advance, Array, check_matrix, row_chunks
from vaesym.practice.data.moments import provisional_mean
from vaesym.practice.data.readers import Loaded, as_loaded
from vaesym.practice.scale import Likelihood, check_likelihood

#: Grey levels of scikit-learn's digits: 0 to 16.
_DIGIT_LEVELS = 16

ASSUMPTIONS = (
    "The threshold of full collapse is exact for every VAE with normal posteriors whose networks can be linear "
    "functions and whose decoder has a bias for each feature, trained without weight decay. It is local: above it a "
    "state with active latents may survive, and a noisy optimiser can lose a weak latent somewhat below it.",
    "The further thresholds come from the same expansion, in which everything is collapsed. Once a latent is active "
    "they are no more than a guide; for a linear model of squared error they are exact.",
)


@dataclass(frozen=True, eq=False)
class CollapseThresholds:
    r"""Where full collapse loses its stability, as β of the loss :math:`\sum_i\ell_i+\beta\,\mathrm{KL}` of a sample.

    Here ℓ_i is half the squared error of a feature, or its binary cross-entropy.

    Attributes
    ----------
    likelihood : "gaussian" or "bernoulli"
    thresholds : (k,), descending. The first is exact for any network; the further ones are those of the expansion
        around full collapse, and would hold if nothing else were active
    constant : features that never vary; they are left out
    n_samples, n_features, name, notes : the data, and what was done to them
    """

    likelihood: Likelihood
    thresholds: Floats
    constant: int
    n_samples: int
    n_features: int
    name: str
    notes: tuple[str, ...] = ()

    @property
    def full_collapse(self) -> float:
        """The β from which on the state without any active latent is stable."""
        return float(self.thresholds[0])

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**fields, "thresholds": self.thresholds.tolist(), "notes": list(self.notes),
                "full_collapse": self.full_collapse}


def collapse_thresholds(data: Any, *, likelihood: Likelihood = "gaussian", latents: int | None = None,
                        raw: bool = False, solver: Solver = "auto", seed: int = 0) -> CollapseThresholds:
    r"""Return where a VAE on these data collapses altogether, for its likelihood.

    The state in which no latent is used is locally unstable iff

    .. math:: \beta < \lambda_{\max}(F^{-1/2}\,\mathrm{Cov}(x)\,F^{-1/2}), \qquad F_i = 1
              \text{ (squared error)}, \quad F_i = p_i(1-p_i) \text{ (cross-entropy)},

    with p the mean of the data. For binary data that is the top eigenvalue of the correlation matrix.

    Parameters
    ----------
    data : as for :func:`vaesym.advise`; for "bernoulli" with values in [0, 1], to which the named set ``"digits"`` is
        scaled
    likelihood : "gaussian" for ½·sum of squares, "bernoulli" for the sum of binary cross-entropies; other weights and
        averages are translated by :class:`vaesym.LossScale`
    latents : number k of thresholds; by default ten, or fewer where the data have fewer dimensions
    raw : do not scale uint8 files
    solver : "full", "top" or "auto"; see :func:`vaesym.practice.data.decomposition.decompose`
    seed : of the first Lanczos vector of "top"

    Returns
    -------
    CollapseThresholds

    Raises
    ------
    vaesym.InputError
        Data that cannot be read, hold nothing to learn or lie outside [0, 1] for "bernoulli", more latents than
        samples or varying features, or a bad option.

    Notes
    -----
    Source: new; chapter "Other likelihoods" of the book. The loss around full collapse to second order. It is that of
    these very samples: under "bernoulli" a feature that hardly ever varies weighs much, so that a few odd samples can
    carry an eigenvalue of a small data set.

    Examples
    --------
    >>> pixels = np.array([[0, 0, 1], [1, 1, 1], [0, 0, 1], [1, 0, 1]])
    >>> found = collapse_thresholds(pixels, likelihood="bernoulli", latents=2)
    >>> found.thresholds.round(4).tolist(), found.constant
    ([1.5774, 0.4226], 1)
    """
    return thresholds_at(data, likelihood, latents, raw=raw, solver=solver, seed=seed)


def thresholds_at(data: Any, likelihood: Likelihood, latents: int | None, *, raw: bool, solver: Solver, seed: int,
                  advance: Advance | None = None) -> CollapseThresholds:
    """Return the thresholds, telling ``advance`` how many rows have been read; see :func:`collapse_thresholds`."""
    check_likelihood(likelihood)
    seed = checked_seed(seed)
    wanted = None if latents is None else inputs.count("latents", latents)
    loaded = as_loaded(data, raw=raw)
    if likelihood == "bernoulli" and isinstance(data, str) and loaded.name == "digits":
        note = f"grey levels 0 to {_DIGIT_LEVELS} scaled to [0, 1]"
        loaded = dataclasses.replace(loaded, scaling=1 / _DIGIT_LEVELS, notes=(*loaded.notes, note))
    matrix, how = loaded.array, chosen_solver(solver, loaded.array)
    columns = _columns(matrix, advance)
    if likelihood == "bernoulli":
        _check_unit(loaded, columns, raw)
    varying = int(np.count_nonzero(columns.varying))
    top = _checked_top(wanted, min(len(matrix), varying))
    weights = _weights(columns, loaded.scaling, likelihood)
    if how == "top" and top < min(matrix.shape):
        found, _ = iterative.leading(matrix, columns.mean, top, seed, weights)
    else:
        found = spectrum_of(matrix, scaling=weights).eigenvalues[:top]
    samples, features = matrix.shape
    return CollapseThresholds(likelihood, np.maximum(found, 0.0), features - varying, samples, features, loaded.name,
                              loaded.notes)


@dataclass(frozen=True)
class _Columns:
    """Mean, least and largest value of each column (N)."""

    mean: Floats
    least: Floats
    most: Floats

    @property
    def varying(self) -> Array:
        # A column whose mean rounds to its end varies by rounding only.
        return (self.least < self.mean) & (self.mean < self.most)


def _columns(matrix: Array, advance: Advance | None) -> _Columns:
    """Return the columns' statistics in one pass; the values are checked to be finite and to vary."""
    shift = provisional_mean(matrix)
    sums, least, most = np.zeros_like(shift), matrix[0].copy(), matrix[0].copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for _, rows in row_chunks(matrix, advance):
            sums += (rows - shift).sum(axis=0)
            np.minimum(least, rows.min(axis=0), out=least)
            np.maximum(most, rows.max(axis=0), out=most)
        found = _Columns(shift + sums / len(matrix), least, most)
    if not np.isfinite(sums).all() or not found.varying.any():
        check_matrix(matrix)
        raise InputError("values whose squares fit in float64", "means that overflow", "rescale the data")
    return found


def _check_unit(loaded: Loaded, columns: _Columns, raw: bool) -> None:
    least, most = float(columns.least.min()), float(columns.most.max())
    if least < 0 or most * loaded.scaling > 1:
        raise InputError("values in [0, 1] for a Bernoulli likelihood",
                         f"values from {least * loaded.scaling:g} to {most * loaded.scaling:g}",
                         "scale the data, for bytes by 1/255, or choose the likelihood gaussian")
    if loaded.array.dtype == np.uint8 and not raw and loaded.scaling < 1 and most <= 1:
        raise InputError("grey values 0 to 255 in a uint8 file", "0 and 1 only, as of binary data",
                         "pass raw=True, or --raw, to keep them as they are")


def _checked_top(wanted: int | None, least: int) -> int:
    if wanted is None:
        return min(DEFAULT_LATENTS, least)
    if wanted > least:
        raise InputError(f"latents <= min(samples, features that vary) = {least}", f"{wanted}",
                         "ask for fewer latents, or give more data")
    return wanted


def _weights(columns: _Columns, scaling: float, likelihood: Likelihood) -> Floats:
    """Return what each column is multiplied by: its scaling over √F, and 0 where it is constant."""
    mean = scaling * columns.mean
    information = mean * (1 - mean) if likelihood == "bernoulli" else np.ones_like(mean)
    return scaling * columns.varying / np.sqrt(np.where(columns.varying, information, 1.0))
