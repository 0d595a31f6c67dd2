"""Where everything collapses: for squared error, cross-entropy, counts, categories and learned variances."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice import families
from vaesym.practice.advice.advice import DEFAULT_LATENTS
from vaesym.practice.data import iterative
from vaesym.practice.data.decomposition import Solver, chosen_solver, spectrum_of
from vaesym.practice.data.matrix import Advance, Array, check_matrix, row_chunks
from vaesym.practice.data.moments import provisional_mean
from vaesym.practice.data.readers import Loaded, as_loaded
from vaesym.practice.families import FAMILIES, Likelihood
from vaesym.practice.objectives.condition import Condition, Residuals, read_condition

ASSUMPTIONS = (
    "The threshold of full collapse is exact for every VAE with normal posteriors whose networks can be linear "
    "functions and whose decoder has a bias for each feature, trained without weight decay, whatever the function that "
    "makes a mean of the decoder's output. It is local: above it a state with active latents may survive, and a noisy "
    "optimiser can lose a weak latent somewhat below it.",
    "The further thresholds come from the same expansion, in which everything is collapsed. Once a latent is active "
    "they are no more than a guide; for a linear model of squared error they are exact.",
)


@dataclass(frozen=True, eq=False)
class CollapseThresholds:
    r"""Where full collapse loses its stability, as β of the loss :math:`\sum_i\ell_i+\beta\,\mathrm{KL}` of a sample.

    Here ℓ_i is half the squared error of a feature, or the negative logarithm of its likelihood.

    Attributes
    ----------
    likelihood : its name
    thresholds : (k,), descending. The first is exact for any network; the further ones are those of the expansion
        around full collapse, and would hold if nothing else were active
    constant : features that never vary; they are left out
    n_samples, n_features, name, notes : the data, and what was done to them
    groups : the number of columns of each one-hot group; empty for other likelihoods than "categorical"
    dispersion : of "negative_binomial", given or learned (N), inf where the law is that of Poisson; else None
    """

    likelihood: Likelihood
    thresholds: Floats
    constant: int
    n_samples: int
    n_features: int
    name: str
    notes: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    dispersion: Floats | None = None

    @property
    def n_terms(self) -> int:
        """The number of terms of which the reconstruction is the sum: features, or one-hot groups."""
        return len(self.groups) or self.n_features

    @property
    def full_collapse(self) -> float:
        """The β from which on the state without any active latent is stable."""
        return float(self.thresholds[0])

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**fields, "thresholds": self.thresholds.tolist(), "notes": list(self.notes),
                "groups": list(self.groups), "full_collapse": self.full_collapse,
                "dispersion": None if self.dispersion is None else self.dispersion.tolist()}


def collapse_thresholds(data: Any, *, likelihood: Likelihood = "gaussian", latents: int | None = None,
                        raw: bool = False, solver: Solver = "auto", seed: int = 0, dispersion: Any = None,
                        groups: Any = None, condition: Any = None) -> CollapseThresholds:
    r"""Return where a VAE on these data collapses altogether, for its likelihood.

    The state in which no latent is used is locally unstable iff

    .. math:: \beta < \lambda_{\max}(F^{-1/2}\,\mathrm{Cov}(x)\,F^{-1/2})

    with F_i the variance that the likelihood gives a feature at the best constant decoder. With means m (p of
    probabilities) and variances s² of the data:

    - "gaussian", half the squared error: 1
    - "bernoulli", binary cross-entropy: p(1 − p). For binary data that makes the correlation matrix.
    - "poisson", counts: m
    - "negative_binomial", counts of variance m + m²/r: just that, with the dispersion r given, or learned for each
      feature by the model, and then at its maximum likelihood
    - "multinomial", counts (words of a text, say) under one softmax, and Poisson counts whose mean is multiplied by
      the total of the sample: m, and in place of x what it is beyond the shares of all times its own total
    - "categorical", cross-entropy of one-hot groups under a softmax each: p. That is multiple correspondence analysis.
    - "gaussian_shared" and "gaussian_diagonal", a normal law of learned variance, one for all features or one each:
      the mean of s², and s². The latter makes the correlation matrix.

    Softplus or exponential, logits or log-odds, all are the same: what makes a mean of the decoder's output drops out.

    Parameters
    ----------
    data : as for :func:`vaesym.advise`; for "bernoulli" with values in [0, 1], to which the named set ``"digits"`` is
        scaled; for counts with values ≥ 0
    likelihood : as above, summed over features or groups; other weights and averages are translated by
        :class:`vaesym.LossScale`
    latents : number k of thresholds; by default ten, or fewer where the data have fewer dimensions
    raw : do not scale uint8 files; those of counts and categories never are
    solver : "full", "top" or "auto"; see :func:`vaesym.practice.data.decomposition.decompose`
    seed : of the first Lanczos vector of "top"
    dispersion : r of "negative_binomial": "learned" (if not given), a number > 0, or one for each feature (N)
    groups : of "categorical": the number of columns of each one-hot group, or the size of all; if not given, the data
        are codes 0, 1, … of the categories, a column a feature
    condition : what encoder and decoder are told besides, as for :func:`vaesym.advise`: Cov and F are then those given
        it, both averaged over the samples. For other likelihoods than the normal ones labels alone; not for
        "multinomial" and "categorical"

    Returns
    -------
    CollapseThresholds

    Raises
    ------
    vaesym.InputError
        Data that cannot be read, hold nothing to learn or do not fit the likelihood (outside [0, 1], negative counts,
        groups that are not one-hot), more latents than samples or varying features, or a bad option.

    Notes
    -----
    Source: new; chapter "Other likelihoods" of the book. The loss around full collapse to second order. It is that of
    these very samples: a feature that hardly ever differs from 0 weighs much, so that a few odd samples can carry an
    eigenvalue of a small data set. With a condition it is that of networks in which what is told and what is encoded
    add up; where they interact, so that each label has a VAE of its own, the largest threshold within any label.

    Examples
    --------
    >>> pixels = np.array([[0, 0, 1], [1, 1, 1], [0, 0, 1], [1, 0, 1]])
    >>> found = collapse_thresholds(pixels, likelihood="bernoulli", latents=2)
    >>> found.thresholds.round(4).tolist(), found.constant
    ([1.5774, 0.4226], 1)
    >>> counts = np.array([[0, 9], [1, 12], [0, 3], [3, 8]])
    >>> collapse_thresholds(counts, likelihood="poisson").thresholds.round(4).tolist()
    [1.772, 1.0405]
    """
    return thresholds_at(data, likelihood, latents, raw=raw, solver=solver, seed=seed, dispersion=dispersion,
                         groups=groups, condition=condition)


def thresholds_at(data: Any, likelihood: Likelihood, latents: int | None, *, raw: bool, solver: Solver, seed: int,
                  dispersion: Any = None, groups: Any = None, condition: Any = None,
                  advance: Advance | None = None) -> CollapseThresholds:
    """Return the thresholds, telling ``advance`` how many rows have been read; see :func:`collapse_thresholds`."""
    families.check_likelihood(likelihood)
    families.check_options(likelihood, dispersion, groups)
    seed = inputs.whole_seed(seed)
    wanted = None if latents is None else inputs.count("latents", latents)
    loaded = families.unit_digits(as_loaded(data, raw=raw or FAMILIES[likelihood].unscaled), likelihood, data)
    sizes = ()
    if likelihood == "categorical":
        loaded, sizes = _one_hot(loaded, groups)
    matrix: Any = loaded.array
    how = chosen_solver(solver, matrix)
    given = families.checked_dispersion(dispersion, matrix.shape[1])
    known = None if condition is None else _condition(condition, likelihood, loaded)
    columns = _columns(matrix, advance)
    _check_values(loaded, columns, likelihood, raw)
    notes = (*loaded.notes, *_fractions(columns.whole, likelihood))
    if likelihood == "multinomial":
        # A count that never varies does so as a share, unless it is 0.
        columns = dataclasses.replace(columns, least=np.zeros_like(columns.mean), most=columns.mean + columns.most)
    mean = columns.mean
    if known is not None:
        matrix = Residuals(matrix, 1.0, known.basis)
        notes, mean = (*notes, f"given {known.what}"), np.zeros_like(mean)
        columns = dataclasses.replace(columns, varies=columns.varying & matrix.varying)
    varying = int(np.count_nonzero(columns.varying))
    rank = 0 if known is None else known.rank
    top = _checked_top(wanted, min(len(matrix) - rank, varying - _idle(columns, likelihood, sizes)))
    weights, used = _weights(loaded, matrix, columns, likelihood, given, known)
    if likelihood == "multinomial":
        matrix, mean = families.OffShares(matrix, mean), np.zeros_like(mean)
    if how == "top" and top < min(matrix.shape):
        found, _ = iterative.leading(matrix, mean, top, seed, weights)
    else:
        found = spectrum_of(matrix, scaling=weights).eigenvalues[:top]
    samples, features = matrix.shape
    return CollapseThresholds(likelihood, np.maximum(found, 0.0), features - varying, samples, features, loaded.name,
                              notes, sizes, used)


def _one_hot(loaded: Loaded, groups: Any) -> tuple[Loaded, tuple[int, ...]]:
    """Return the one-hot columns of categories, and how many each feature has; codes where no groups are given."""
    if groups is None:
        columns, sizes = families.one_hot(check_matrix(np.asarray(loaded.array)))
        notes = (*loaded.notes, "codes as one column a category")
        return dataclasses.replace(loaded, array=columns, notes=notes), sizes
    sizes = families.checked_groups(groups, loaded.array.shape[1])
    if float(np.min(loaded.array)) >= 0:
        families.check_one_hot(loaded.array, loaded.scaling, sizes)
    return loaded, sizes


def _condition(condition: Any, likelihood: Likelihood, loaded: Loaded) -> Condition:
    """Return a condition that goes with a likelihood."""
    known = read_condition(condition, loaded)
    normal = likelihood.startswith("gaussian")
    if likelihood in ("multinomial", "categorical") or (known.labels is None and not normal):
        raise InputError("labels beside bernoulli, poisson or negative_binomial, labels or numbers beside gaussian",
                         f"{known.what} beside {likelihood}", "ask vaesym.scan, which trains with any condition")
    return known


@dataclass(frozen=True)
class _Columns:
    """Mean, least and largest value of each column (N), whether all values are ``whole``; which ``varies`` if known."""

    mean: Floats
    least: Floats
    most: Floats
    whole: bool = True
    varies: Array | None = None

    @property
    def varying(self) -> Array:
        # A column whose mean rounds to its end varies by rounding only.
        return (self.least < self.mean) & (self.mean < self.most) if self.varies is None else self.varies


def _columns(matrix: Array, advance: Advance | None) -> _Columns:
    """Return the columns' statistics in one pass; the values are checked to be finite and to vary."""
    shift = provisional_mean(matrix)
    sums, least, most, whole = np.zeros_like(shift), matrix[0].copy(), matrix[0].copy(), True
    with np.errstate(over="ignore", invalid="ignore"):
        for _, rows in row_chunks(matrix, advance):
            sums += (rows - shift).sum(axis=0)
            np.minimum(least, rows.min(axis=0), out=least)
            np.maximum(most, rows.max(axis=0), out=most)
            whole = whole and bool((rows == np.floor(rows)).all())
        found = _Columns(shift + sums / len(matrix), least, most, whole)
    if not np.isfinite(sums).all() or not found.varying.any():
        check_matrix(matrix)
        raise InputError("values whose squares fit in float64", "means that overflow", "rescale the data")
    return found


def _check_values(loaded: Loaded, columns: _Columns, likelihood: Likelihood, raw: bool) -> None:
    least, most = float(columns.least.min()) * loaded.scaling, float(columns.most.max()) * loaded.scaling
    if FAMILIES[likelihood].unscaled and least < 0:
        raise InputError(f"values >= 0 for the likelihood {likelihood}", f"{least:g}",
                         "give counts or one-hot columns as they are, without logarithms, centring or scaling")
    if likelihood != "bernoulli":
        return
    if least < 0 or most > 1:
        raise InputError("values in [0, 1] for a Bernoulli likelihood", f"values from {least:g} to {most:g}",
                         "scale the data, for bytes by 1/255, or choose the likelihood gaussian")
    if loaded.array.dtype == np.uint8 and not raw and loaded.scaling < 1 and columns.most.max() <= 1:
        raise InputError("grey values 0 to 255 in a uint8 file", "0 and 1 only, as of binary data",
                         "pass raw=True, or --raw, to keep them as they are")


def _fractions(whole: bool, likelihood: Likelihood) -> tuple[str, ...]:
    """Say that counts are no whole numbers."""
    if whole or likelihood not in ("poisson", "negative_binomial", "multinomial"):
        return ()
    return (f"values are not whole numbers: {likelihood} is a law of counts as they are, without logarithms or "
            "normalisation",)


def _idle(columns: _Columns, likelihood: Likelihood, sizes: tuple[int, ...]) -> int:
    """Return how many combinations of the columns that vary never do: scores sum to zero over a group, or over all."""
    if likelihood == "multinomial":
        return 1
    return int(np.logical_or.reduceat(columns.varying, np.cumsum((0, *sizes[:-1]))).sum()) if sizes else 0


def _checked_top(wanted: int | None, least: int) -> int:
    if least < 1:
        raise InputError("at least two features that are not 0 throughout", "one, which has all shares",
                         "check the columns, or choose another likelihood")
    if wanted is None:
        return min(DEFAULT_LATENTS, least)
    if wanted > least:
        raise InputError(f"latents <= min(samples, features that vary) = {least}", f"{wanted}",
                         "ask for fewer latents, or give more data")
    return wanted


def _weights(loaded: Loaded, matrix: Any, columns: _Columns, likelihood: Likelihood, dispersion: Floats | None,
             known: Condition | None) -> tuple[Floats, Floats | None]:
    """Return what each column is multiplied by, its scaling over √F and 0 where it is constant, and its dispersion.

    ``matrix`` is what the condition leaves; F is the mean over the samples of that given it.
    """
    labels = None if known is None else known.labels
    shares = np.ones(1) if labels is None else np.bincount(labels) / len(labels)
    means = loaded.scaling * (columns.mean[None] if labels is None else _means(loaded.array, labels))
    variance = None
    if likelihood == "negative_binomial" and dispersion is None:
        dispersion = families.learned_dispersion(loaded.array, means, columns.varying, loaded.scaling, labels)
    if likelihood in ("gaussian_shared", "gaussian_diagonal"):
        variance = loaded.scaling**2 * _variances(matrix, columns.mean if known is None else np.zeros_like(means[0]))
    information = shares @ [families.information(likelihood, mean, variance, dispersion) for mean in means]
    return loaded.scaling * columns.varying / np.sqrt(np.where(columns.varying, information, 1.0)), dispersion


def _means(matrix: Array, labels: Array) -> Floats:
    """Return the mean of each column for each label (C, N)."""
    ones = np.eye(int(labels.max()) + 1)[labels]
    return sum(ones[start : start + len(rows)].T @ rows for start, rows in row_chunks(matrix)) / ones.sum(0)[:, None]


def _variances(matrix: Array, mean: Floats) -> Floats:
    """Return the variances of the columns, about means that are known."""
    total = np.zeros_like(mean)
    with np.errstate(over="ignore"):
        for _, rows in row_chunks(matrix):
            total += ((rows - mean) ** 2).sum(axis=0)
    if not np.isfinite(total).all():
        raise InputError("values whose squares fit in float64", "variances that overflow", "rescale the data")
    return total / len(matrix)
