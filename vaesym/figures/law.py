"""The figure of the law that the spectrum of the data follows: noise and outlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vaesym.figures.frame import add_legend, check, label, new, with_parameters
from vaesym.inputs import Floats

if TYPE_CHECKING:
    import xarray as xr

_BLUE, _RED = "#0072B2", "#B2182B"
#: Eigenvalues below this fraction of the largest are zero up to rounding.
_ZERO = 1e-12
#: Bins of the histogram across the width of the noise.
_BINS = 40


def spectrum_law(dataset: xr.Dataset) -> Figure:
    r"""Draw the density of the eigenvalues of the sample covariance: the noise, and the outlier of the signal.

    Measured eigenvalues are drawn as a histogram of the same normalisation.

    Parameters
    ----------
    dataset : as from :func:`vaesym.spectrum_law`

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    vaesym.InputError
        A dataset that lacks a variable.

    Notes
    -----
    Marchenko and Pastur (1967) for the noise; Baik, Ben Arous and Péché (2005) for the outlier, which stands clear of
    the noise above the detection threshold (η/ρ)².

    Examples
    --------
    >>> from vaesym import linear_vae
    >>> figure = spectrum_law(linear_vae.spectrum_law(4.0))
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['noise (Marchenko–Pastur law)', 'outlier $\\Lambda = 2.5$, overlap with the signal $o = 0.6$']
    """
    check(dataset, ("density", "noise_edge", "outlier", "overlap", "zero_fraction", "detection_threshold"),
          "spectrum_law")
    x, density = dataset.eigenvalue.values, dataset.density.values
    figure, axes = new(with_parameters("Spectrum of the data", **dataset.attrs))
    axes.fill_between(x, density, color=_BLUE, alpha=0.25, linewidth=0)
    axes.plot(x, density, color=_BLUE, linewidth=1.8, label="noise (Marchenko–Pastur law)")
    top = _height(x, density)
    if "measured" in dataset:
        top = max(top, _draw_measured(axes, dataset.measured.values, float(np.ptp(dataset.noise_edge.values))))
    _draw_outlier(axes, dataset, top)
    axes.set(ylim=(0, 1.08 * top), xlabel=label("eigenvalue"), ylabel="density of eigenvalues")
    if dataset.zero_fraction > 0:
        zero = float(dataset.zero_fraction)
        axes.plot([], [], color="none", label=f"a fraction 1 − α = {zero:.3g} of the eigenvalues is zero (not shown)")
    add_legend(figure, axes, 1)
    return figure


def _draw_outlier(axes: Axes, dataset: xr.Dataset, top: float) -> None:
    outlier, overlap = float(dataset.outlier), float(dataset.overlap)
    hidden = np.isnan(outlier)
    threshold = float(dataset.detection_threshold)
    unseen = rf"no outlier: $\alpha \leq (\eta/\rho)^2 = {threshold:.4g}$, the signal is hidden in the noise"
    seen = rf"outlier $\Lambda = {outlier:.4g}$, overlap with the signal $o = {overlap:.3g}$"
    axes.plot([outlier] * 2, [0.0, 0.6 * top], color="none" if hidden else _RED, linewidth=2.0,
              label=unseen if hidden else seen)


def _height(x: Floats, density: Floats) -> float:
    """The height in view: near α = 1 the density diverges at zero, and only its bulk can be shown."""
    return float(density.max()) if density.max() < 6 * np.median(density) else float(6 * np.median(density))


def _draw_measured(axes: Axes, values: Floats, width: float) -> float:
    """Draw the histogram of the non-zero eigenvalues per eigenvalue of all; return its height."""
    shown = values[values > _ZERO * values.max()]
    step = width / max(4, min(_BINS, int(np.sqrt(len(values)) * 1.5)))
    count = int(np.clip(np.ceil((shown.max() - shown.min()) / step), 1, 10_000))
    heights, edges = np.histogram(shown, np.linspace(shown.min(), shown.min() + count * step, count + 1))
    heights = heights / (len(values) * step)
    axes.stairs(heights, edges, color="0.35", linewidth=1.0, fill=False, label=f"{len(values):,} measured eigenvalues")
    return float(heights.max())
