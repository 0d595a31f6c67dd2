"""Data and a loss in, advice out: which β collapses which latent, and which β is best."""

from __future__ import annotations

import dataclasses
from typing import Any

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.practice.advice.assembly import Settings, assemble
from vaesym.practice.advice.intervals import check_intervals
from vaesym.practice.advice.result import Advice
from vaesym.practice.data.decomposition import Solver, chosen_solver, decompose
from vaesym.practice.data.matrix import Advance
from vaesym.practice.data.readers import as_loaded
from vaesym.practice.data.spectrum import check_method
from vaesym.practice.objectives.condition import conditioned, standardised
from vaesym.practice.objectives.noise_scale import check_noise_scale
from vaesym.practice.scale import LossScale

#: Latents reported when the user names no number.
DEFAULT_LATENTS = 10


def advise(data: Any, *, latents: int | None = None, beta: float | None = None, loss: LossScale | None = None,
           noise: str = "median", center: bool = True, raw: bool = False, intervals: str | None = "bootstrap",
           seed: int = 0, solver: Solver = "auto", target_kl: float | None = None, free_bits: float | None = None,
           noise_scale: float = 1.0, condition: Any = None, standardise: bool = False) -> Advice:
    r"""Predict, before training, how a VAE's latents will behave on a data set.

    Parameters
    ----------
    data : array (samples × features; images are flattened), a path (``.npy``, ``.npz``, ``.csv``, IDX, HDF5, ``.h5ad``,
        Parquet, a folder of images), the name ``"digits"`` or ``"fashion-mnist"``, a DataFrame, a sparse matrix of
        SciPy, AnnData, a data set of h5py, or a Dataset or DataLoader of torch. Arrays are used as they are; uint8
        files are scaled to [0, 1]. ``.npy`` and HDF5 files and memory maps are read in chunks and may be larger than
        memory; sparse matrices are never made dense
    latents : number of latents of the model; by default ten, or fewer where the data have fewer dimensions
    beta : the KL weight of the user's loss; by default that of ``loss``, or open if that is not given either
    loss : how the loss reduces its terms; by default ½·sum of squares + β·sum of KL
    noise : "median", "trace", or a share of the variance as text; see :func:`vaesym.practice.noise_level`. With the top
        of the spectrum only, "trace" takes the place of "median"
    center : subtract the mean, as a decoder with a bias does
    raw : do not scale uint8 files
    intervals : "bootstrap" for data of any distribution, "spiked" for Gaussian signals on white noise, None for
        none; see :func:`vaesym.practice.advice.intervals.spread`. An interval says where 95 % of data sets of this
        kind and size put a number: for these very samples the collapse weights are exact
    seed : of what is drawn for the intervals
    solver : "full", "top" or "auto"; see :func:`vaesym.practice.data.decomposition.decompose`
    target_kl : total KL C in nats that is aimed at: the β for it, and what capacity annealing, γ·|KL − C|, does; see
        :mod:`vaesym.practice.objectives.capacity`
    free_bits : nats f of each latent that cost nothing, β·Σ max(f, KL_l)
    noise_scale : s of a sampling z = μ + s·σ·ε, up to √2: a latent is active iff Λ_l > s²βσ²; see
        :mod:`vaesym.practice.objectives.noise_scale`
    condition : what a conditional VAE is given beside x: labels (text, whole numbers or truth values) or numbers
        (floats) for each sample, of pandas with the index of the data, or a file of them; see
        :mod:`vaesym.practice.objectives.condition`
    standardise : divide each column by its standard deviation, as must be done for the network too

    Returns
    -------
    Advice

    Raises
    ------
    vaesym.InputError
        Data that cannot be read or hold nothing to learn, more latents than min(P, N), or a bad option.

    Notes
    -----
    A latent collapses at βσ² = Λ_l and has KL ½ ln(Λ_l/(βσ²)) below (arXiv:2510.01621 and the exact solution at
    λ = 0). The best β minimises the summed recovery error over the latents at the debiased signals.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = 3 * rng.normal(size=(500, 1)) * np.eye(20)[0] + rng.normal(size=(500, 20))
    >>> result = advise(X, latents=2, beta=1.0)
    >>> result.signals, [bool(latent.active) for latent in result.latents]
    (1, [True, True])
    >>> low, high = result.latents[0].eigenvalue_interval
    >>> low < 10 < high
    True
    """
    if loss is not None and not isinstance(loss, LossScale):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError("loss as a vaesym.LossScale", f"{loss!r}",
                         "say how your loss reduces its terms, e.g. LossScale(reconstruction='mean')")
    weight = beta if beta is not None or loss is None else loss.kl_weight
    settings = Settings(latents, noise, center, raw, intervals, seed, solver, target_kl, free_bits, noise_scale,
                        condition, standardise)
    return advise_at(data, weight, loss or LossScale(), settings)


def advise_at(data: Any, weight: float | None, loss: LossScale, settings: Settings,
              advance: Advance | None = None) -> Advice:
    """Return the advice for a loss whose KL weight is ``weight``, or open if that is None; see :func:`advise`."""
    method = check_intervals(settings.intervals)
    check_method(settings.noise)
    seed = inputs.whole_seed(settings.seed)
    check_noise_scale(settings.noise_scale)
    for name in ("center", "raw", "standardise"):
        inputs.flag(name, getattr(settings, name))
    if settings.noise_scale != 1 and not settings.target_kl is settings.free_bits is None:
        raise InputError("noise_scale = 1 beside target_kl or free_bits", f"{settings.noise_scale}",
                         "ask for one of them at a time")
    loaded = as_loaded(data, raw=settings.raw)
    if settings.standardise:
        loaded = standardised(loaded, seed)
    rank = 0
    if settings.condition is not None:
        loaded, given = conditioned(loaded, settings.condition)
        rank = given.rank
    matrix = loaded.array
    solver = chosen_solver(settings.solver, matrix)
    weight = None if weight is None else inputs.positive_number("beta", weight)
    if loss.likelihood != "gaussian":
        raise InputError("a loss of squared error", f"likelihood {loss.likelihood!r}",
                         "ask vaesym.collapse_thresholds where everything collapses under that loss")
    loss = loss if weight is None else dataclasses.replace(loss, kl_weight=weight)
    least = min(matrix.shape)
    latents = min(DEFAULT_LATENTS, least) if settings.latents is None else inputs.count("latents", settings.latents)
    if latents > least:
        raise InputError(f"latents <= min(samples, features) = {least}", f"{latents}",
                         "ask for fewer latents, or give more data")
    found = decompose(matrix, latents, scaling=loaded.scaling, center=settings.center, solver=solver, seed=seed,
                      advance=advance)
    if found.spectrum.eigenvalues[0] <= 0:
        raise InputError("data with variance", "a covariance of zero", "check the data: nothing can be learned")
    if rank:
        spectrum = dataclasses.replace(found.spectrum, n_samples=found.spectrum.n_samples - rank)
        found = dataclasses.replace(found, spectrum=spectrum)
    return assemble(loaded, found, latents, weight, loss, dataclasses.replace(settings, seed=seed), method)
