"""Figures of spectra: the law that the spectrum of the data follows, and the advice on a data set's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vaesym.figures.frame import add_legend, check, label, logarithmic, new, new_pair, of_dataset, with_parameters
from vaesym.inputs import Floats

if TYPE_CHECKING:
    import xarray as xr

_BLUE, _BROWN, _GREEN, _RED = "#0072B2", "#8C510A", "#1B7837", "#B2182B"
#: Room for the number at a latent, as fractions of the width and the height of the axes.
_ROOM = (0.17, 0.055)
#: Levels more than this factor away from all eigenvalues do not stretch the axis.
_FAR = 30.0
#: Characters of the data's name that have room.
_NAME = 60
#: Eigenvalues below this fraction of the largest are zero up to rounding.
_ZERO = 1e-12
#: Bins of the histogram across the width of the noise.
_BINS = 40
#: The latents that are drawn, with their numbers from 1 on.
Numbered = Sequence[tuple[int, Any]]


@of_dataset("spectrum_law")
def spectrum_law(dataset: xr.Dataset) -> Figure:
    r"""Draw the density of the eigenvalues of the sample covariance: the noise, and the outlier of the signal.

    Measured eigenvalues are drawn as a histogram of the same normalisation.

    Notes
    -----
    Marchenko and Pastur (1967) for the noise; Baik, Ben Arous and Péché (2005) for the outlier, which stands clear of
    the noise above the detection threshold (η/ρ)².

    Examples
    --------
    >>> import vaesym
    >>> figure = spectrum_law(vaesym.spectrum_law(4.0))
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


def advice(advised: Any) -> Figure:
    r"""Draw the β at which each latent of the model collapses, and the spectrum of the data behind it.

    Left, the latents and the β at which they collapse, in units of the user's KL weight: a latent above the line of
    the user's β is active, one in the grey region collapsed; bars are the 95 % intervals. Right, the eigenvalues of the
    covariance, with the noise level and the edge of pure noise. Eigenvalues that are zero up to rounding are left out.

    Parameters
    ----------
    advised : a :class:`vaesym.Advice`, as from :func:`vaesym.advise`

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    A latent collapses at βσ² = Λ, its eigenvalue (arXiv:2510.01621). The edge of the noise is
    :math:`\eta(1 + 1/\sqrt\alpha)^2` (Marchenko and Pastur 1967).

    Examples
    --------
    >>> from vaesym.practice import advise
    >>> X = np.random.default_rng(0).normal(size=(500, 20)) * np.geomspace(4, 1, 20)
    >>> figure = advice(advise(X, latents=2, beta=9.0))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['17.09', '13.73']
    """
    values = advised.eigenvalues
    shown = values[values > values[0] * len(values) * np.finfo(np.float64).eps]
    name = advised.name if len(advised.name) <= _NAME else f"...{advised.name[-_NAME:]}"
    figure, left, right = new_pair(f"{name}: {advised.n_samples:,} samples, {advised.n_features:,} features\n"
                                   f"loss of one sample: {advised.loss}", math=False)
    latents = list(enumerate(advised.latents[: len(shown)], 1))
    _draw_collapse(left, advised, latents)
    _draw_spectrum(right, advised, shown, latents)
    add_legend(figure, right, 3)
    return figure


def _draw_collapse(axes: Axes, advised: Any, latents: Numbered) -> None:
    weights = [latent.collapse_weight for _, latent in latents]
    bars = [(number, *latent.collapse_weight_interval) for number, latent in latents
            if latent.collapse_weight_interval is not None]
    axes.set_title(r"$\beta$ at which each latent collapses" + (", with 95 % intervals" if bars else ""), fontsize=10)
    hidden = len(advised.latents) - len(latents)
    left_out = f" ({hidden} without variance left out)" if hidden else ""
    # On the right there is room for the number of the last latent.
    axes.set(xlim=(0.5, 1.15 * len(latents) + 0.5), xlabel=f"latent, strongest first{left_out}",
             ylabel=r"weight $\beta$ of the KL term in your loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ends = [end for _, *interval in bars for end in interval]
    _set_heights(axes, weights, [advised.kl_weight or weights[0], *ends])
    _draw_weight(axes, advised.kl_weight, "")
    _draw_latents(axes, [(number, latent.collapse_weight, latent.active) for number, latent in latents])
    if bars:
        axes.vlines(*zip(*bars, strict=True), color=_BLUE, linewidth=1.2)
    _write_numbers(axes, weights)


def _draw_spectrum(axes: Axes, advised: Any, shown: Floats, latents: Numbered) -> None:
    axes.set_title("Spectrum of the data", fontsize=10)
    axes.set(xlabel="number of the eigenvalue, largest first", ylabel="eigenvalue: variance, in (units of the data)²")
    logarithmic(axes, "x", (0.8, 1.3 * len(shown)))
    levels = [advised.effective_beta or advised.noise, advised.noise, advised.bulk_edge]
    # What lies far below the noise and the latents says nothing, and would squeeze the rest.
    bottom = min(advised.noise, latents[-1][1].eigenvalue) / _FAR
    _set_heights(axes, shown[shown >= bottom].tolist(), levels)
    numbers = np.arange(1, len(shown) + 1)
    axes.plot(numbers, shown, ".", color="0.45", markersize=4, label="eigenvalue of the covariance")
    rough = "" if advised.spiked else " (rough)"
    edge = f"Marchenko–Pastur edge of noise, {advised.bulk_edge:.4g}{rough}"
    _draw_level(axes, advised.bulk_edge, "--", _BROWN, edge)
    _draw_level(axes, advised.noise, ":", _GREEN, rf"noise level $\eta$ = {advised.noise:.4g}{rough}")
    if advised.kl_weight is not None:
        _draw_weight(axes, advised.effective_beta, rf"your $\beta$ = {advised.kl_weight:.4g}: collapse below")
    _draw_latents(axes, [(number, latent.eigenvalue, latent.active) for number, latent in latents])


def _set_heights(axes: Axes, values: Sequence[float], levels: Sequence[float]) -> None:
    """Scale the upward axis so that all values are in view, and the levels unless they are far away."""
    heights = [*values, *(level for level in levels if min(values) / _FAR < level < max(values) * _FAR)]
    low, high = min(heights), max(heights)
    if high < 3 * low:
        margin = 0.15 * (high - low) or 0.15 * high
        axes.set_ylim(low - margin, high + margin)
        return
    margin = (high / low) ** 0.1
    logarithmic(axes, "y", (low / margin, high * margin))


def _draw_weight(axes: Axes, height: float | None, label: str) -> None:
    if height is None:
        return
    _draw_level(axes, height, "-", _RED, label)
    bottom, top = axes.get_ylim()
    axes.axhspan(bottom, min(max(height, bottom), top), color="0.93", zorder=0)


def _draw_level(axes: Axes, height: float, style: str, colour: str, label: str) -> None:
    bottom, top = axes.get_ylim()
    inside = bottom < height < top
    axes.axhline(height if inside else np.nan, linestyle=style, color=colour, linewidth=1.4,
                 label=label if inside or not label else f"{label}, not in view")


def _draw_latents(axes: Axes, points: Sequence[tuple[int, float, bool | None]]) -> None:
    kinds = {True: ("active latent", _BLUE), False: ("collapsed latent", "white"), None: ("latent", _BLUE)}
    for kind, (what, face) in kinds.items():
        chosen = [(number, height) for number, height, active in points if active is kind]
        if chosen:
            axes.plot(*zip(*chosen, strict=True), "o", color=_BLUE, markerfacecolor=face, markersize=7, label=what)


def _write_numbers(axes: Axes, heights: Sequence[float]) -> None:
    """Write heights at their points, the strongest first; leave out numbers that would cover another."""
    to_axes = axes.transData + axes.transAxes.inverted()
    taken: list[tuple[float, float]] = []
    for number, height in enumerate(heights, 1):
        x, y = (float(value) for value in to_axes.transform((number, height)))
        if all(abs(x - left) >= _ROOM[0] or abs(y - low) >= _ROOM[1] for left, low in taken):
            taken.append((x, y))
            axes.annotate(f"{height:.4g}", (number, height), (4, 5), textcoords="offset points", fontsize=9)
