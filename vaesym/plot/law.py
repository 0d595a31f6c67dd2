"""The figure of the law that the spectrum of the data follows: noise and outlier."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vaesym import inputs, theory
from vaesym.inputs import Floats, InputError
from vaesym.plot.frame import add_legend, new, with_parameters
from vaesym.theory.curves import numbers

_BLUE, _RED = "#0072B2", "#B2182B"
#: Eigenvalues below this fraction of the largest are zero up to rounding.
_ZERO = 1e-12
#: Points of the density, and bins of the histogram across its width.
_POINTS, _BINS = 600, 40


def spectrum_law(alpha: float, rho: float = 1.0, eta: float = 1.0, eigenvalues: Any = None) -> Figure:
    r"""Draw the density of the eigenvalues of the sample covariance: the noise, and the outlier of the signal.

    Parameters
    ----------
    alpha : samples per dimension P/N, a number > 0
    rho, eta : numbers; strengths of signal and noise, > 0
    eigenvalues : measured eigenvalues of the N × N sample covariance, shape (N,), all of them; drawn as a histogram
        of the same normalisation

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain or not a number, or eigenvalues that are not a list of numbers ≥ 0.

    Notes
    -----
    Marchenko and Pastur (1967) for the noise; Baik, Ben Arous and Péché (2005) for the outlier, which stands clear of
    the noise above the detection threshold (η/ρ)².

    Examples
    --------
    >>> figure = spectrum_law(4.0)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['noise (Marchenko–Pastur law)', 'outlier $\\Lambda = 2.5$, overlap with the signal $o = 0.6$']
    """
    a, r, e = numbers(alpha=alpha, rho=rho, eta=eta)
    lower, upper = (float(edge) for edge in theory.noise_edges(a, eta=e))
    point = theory.solve(a, 1.0, lam=0.0, rho=r, eta=e)
    figure, axes = new(with_parameters("Spectrum of the data", alpha=a, rho=r, eta=e))
    # Points are dense at both edges, where the density rises as a square root.
    x = lower + (upper - lower) * (1 - np.cos(np.linspace(0.0, np.pi, _POINTS))) / 2
    density = theory.noise_density(x, a, eta=e)
    axes.fill_between(x, density, color=_BLUE, alpha=0.25, linewidth=0)
    axes.plot(x, density, color=_BLUE, linewidth=1.8, label="noise (Marchenko–Pastur law)")
    top = _height(x, density)
    if eigenvalues is not None:
        top = max(top, _draw_measured(axes, _measured(eigenvalues), upper - lower))
    outlier, overlap = float(point.eigenvalue), float(point.overlap)
    label = (rf"outlier $\Lambda = {outlier:.4g}$, overlap with the signal $o = {overlap:.3g}$" if overlap > 0 else
             rf"no outlier: $\alpha \leq (\eta/\rho)^2 = {(e / r) ** 2:.4g}$, the signal is hidden in the noise")
    axes.plot([outlier] * 2, [0.0, 0.6 * top if overlap > 0 else np.nan], color=_RED if overlap > 0 else "none",
              linewidth=2.0, label=label)
    axes.set(ylim=(0, 1.08 * top), xlabel="eigenvalue of the sample covariance", ylabel="density of eigenvalues")
    if a < 1:
        axes.plot([], [], color="none", label=f"a fraction 1 − α = {1 - a:.3g} of the eigenvalues is zero (not shown)")
    add_legend(figure, axes, 1)
    return figure


def _height(x: Floats, density: Floats) -> float:
    """The height in view: near α = 1 the density diverges at zero, and only its bulk can be shown."""
    return float(density.max()) if density.max() < 6 * np.median(density) else float(6 * np.median(density))


def _measured(eigenvalues: Any) -> Floats:
    values = inputs.real_array("eigenvalues", eigenvalues)
    if values.ndim != 1 or values.size == 0 or values.max() <= 0 or values.min() < -_ZERO * values.max():
        raise InputError("eigenvalues of a covariance as a list of numbers >= 0",
                         f"shape {values.shape}" + (f", least {values.min():g}" if values.size else ""),
                         "pass e.g. numpy.linalg.eigvalsh(X.T @ X / len(X))")
    return values


def _draw_measured(axes: Axes, values: Floats, width: float) -> float:
    """Draw the histogram of the non-zero eigenvalues per eigenvalue of all; return its height."""
    shown = values[values > _ZERO * values.max()]
    step = width / max(4, min(_BINS, int(np.sqrt(len(values)) * 1.5)))
    count = int(np.clip(np.ceil((shown.max() - shown.min()) / step), 1, 10_000))
    heights, edges = np.histogram(shown, np.linspace(shown.min(), shown.min() + count * step, count + 1))
    heights = heights / (len(values) * step)
    axes.stairs(heights, edges, color="0.35", linewidth=1.0, fill=False, label=f"{len(values):,} measured eigenvalues")
    return float(heights.max())
