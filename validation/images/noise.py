"""The noise level of images by principal components, in the ways that are in use, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.practice.data.spectrum import Spectrum, noise_level

STATISTICS = ("mean", "std", "pixel_std")


def noise_by_contribution(eigenvalues: Any, rate: float, statistic: str = "mean") -> float:
    r"""Return the noise level from the bulk: the eigenvalues beyond a cumulative contribution rate.

    Parameters
    ----------
    eigenvalues : of the covariance, all N of them, zeros included, ≥ 0, in any order
    rate : share of the variance, in (0, 1), for which the leading components are kept
    statistic : "mean" of the bulk eigenvalues, the maximum-likelihood η of probabilistic PCA, a variance; "std", the
        standard deviation of the bulk eigenvalues; "pixel_std", the standard deviation of a pixel of the images
        rebuilt from the bulk, the square root of the sum of the bulk eigenvalues over N

    Raises
    ------
    vaesym.InputError
        A rate outside (0, 1), an unknown statistic, eigenvalues that are all zero, or a rate that leaves no bulk.

    Notes
    -----
    Source: [IH, section 6.5 and appendix D.1]. Their words fit "std" (section 6.5: of the bulk of eigenmodes) and
    "pixel_std" (D.1: of the rebuilt data), while the η of their model is what "mean" estimates. The components that
    are kept are the fewest whose share exceeds the rate, as in scikit-learn's PCA.

    Examples
    --------
    >>> noise_by_contribution([8.0, 1.5, 0.5], 0.7), noise_by_contribution([8.0, 1.5, 0.5], 0.7, "std")
    (1.0, 0.5)
    """
    bulk, count = _bulk(eigenvalues, rate)
    if statistic == "mean":
        return float(bulk.mean())
    if statistic == "std":
        return float(bulk.std())
    if statistic == "pixel_std":
        return float(np.sqrt(bulk.sum() / count))
    raise InputError(f"a statistic out of {', '.join(STATISTICS)}", f"{statistic!r}", "choose one of them")


def _bulk(eigenvalues: Any, rate: float) -> tuple[Floats, int]:
    spectrum = np.sort(inputs.non_negative("eigenvalues", np.atleast_1d(eigenvalues)), axis=None)[::-1]
    share = float(inputs.positive("rate", rate))
    if share >= 1:
        raise InputError("rate < 1", f"{rate}", "choose a share of the variance, such as 0.9")
    if not spectrum.any():
        raise InputError("eigenvalues that are not all zero", "zeros", "check the data")
    total = np.cumsum(spectrum)
    kept = int(np.searchsorted(total, share * total[-1], side="right")) + 1
    if kept >= len(spectrum):
        raise InputError("a rate that leaves a bulk", f"{rate}, for which all {len(spectrum)} components are kept",
                         "lower the rate")
    return spectrum[kept:], len(spectrum)


def noise_table(spectrum: Spectrum, rates: Sequence[float] = (0.7, 0.8, 0.9, 0.95)) -> xr.Dataset:
    """Return the noise levels of a data set by contribution rate, and by the median eigenvalue, to compare.

    Parameters
    ----------
    spectrum : of :func:`vaesym.practice.spectrum_of`
    rates : as :func:`noise_by_contribution` takes them

    Returns
    -------
    xarray.Dataset
        Over ``rate``: ``components`` kept, and the three statistics; ``median``, the method of
        :func:`vaesym.practice.data.spectrum.noise_level`, which no rate enters. Only pixels that vary are counted, and
        the zeros that fewer samples than pixels bring are part of the bulk.

    Raises
    ------
    vaesym.InputError
        No rates, or as :func:`noise_by_contribution` does.

    Examples
    --------
    >>> from vaesym.practice import spectrum_of
    >>> data = np.random.default_rng(0).normal(size=(4000, 50)) * np.where(np.arange(50) < 3, 4.0, 1.0)
    >>> table = noise_table(spectrum_of(data), [0.45, 0.9])
    >>> table.components.values, table["mean"].values.round(1), round(float(table["median"]), 1)
    (array([ 3, 40]), array([1. , 0.9]), 1.0)
    """
    if not len(rates):
        raise InputError("at least one rate", "none", "pass rates such as [0.8, 0.9]")
    count = spectrum.n_features
    values = np.zeros(count)
    values[:min(count, len(spectrum.eigenvalues))] = spectrum.eigenvalues[:count]
    columns = {name: ("rate", [noise_by_contribution(values, rate, name) for rate in rates]) for name in STATISTICS}
    kept = [count - len(_bulk(values, rate)[0]) for rate in rates]
    return xr.Dataset({"components": ("rate", kept), **columns, "median": noise_level(spectrum)},
                      coords={"rate": list(rates)})
