"""The figure of the advice: the spectrum of the data, the latents, and the levels that decide about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vaesym.figures.frame import add_legend, new_pair
from vaesym.figures.labels import label_logarithmic
from vaesym.inputs import Floats

_BLUE, _BROWN, _GREEN, _RED = "#0072B2", "#8C510A", "#1B7837", "#B2182B"
#: Room for the number at a latent, as fractions of the width and the height of the axes.
_ROOM = (0.17, 0.055)
#: Levels more than this factor away from all eigenvalues do not stretch the axis.
_FAR = 30.0
#: Characters of the data's name that have room.
_NAME = 60


class Latent(Protocol):
    """What is drawn of a latent."""

    @property
    def eigenvalue(self) -> float:
        """Variance of the data along it."""
        ...

    @property
    def collapse_weight(self) -> float:
        """The user's KL weight at which it collapses."""
        ...

    @property
    def collapse_weight_interval(self) -> tuple[float, float] | None:
        """Where another data set would put that weight; None if not known."""
        ...

    @property
    def active(self) -> bool | None:
        """Whether it is active; None where no KL weight was given."""
        ...


class Advised(Protocol):
    """What is drawn of an advice: :class:`vaesym.Advice` has it all."""

    @property
    def name(self) -> str:
        """The data."""
        ...

    @property
    def n_samples(self) -> int:
        """P."""
        ...

    @property
    def n_features(self) -> int:
        """N."""
        ...

    @property
    def loss(self) -> str:
        """The loss in words."""
        ...

    @property
    def eigenvalues(self) -> Floats:
        """The spectrum, largest first."""
        ...

    @property
    def latents(self) -> Sequence[Latent]:
        """The latents of the model, strongest first."""
        ...

    @property
    def kl_weight(self) -> float | None:
        """The user's KL weight."""
        ...

    @property
    def effective_beta(self) -> float | None:
        """The eigenvalue that collapses at the user's KL weight."""
        ...

    @property
    def noise(self) -> float:
        """η."""
        ...

    @property
    def bulk_edge(self) -> float:
        """Upper edge of the spectrum of noise alone."""
        ...

    @property
    def spiked(self) -> bool:
        """Whether the noise is white, as its level and its edge assume."""
        ...


Numbered = Sequence[tuple[int, Latent]]


def advice(advised: Advised) -> Figure:
    r"""Draw the β at which each latent of the model collapses, and the spectrum of the data behind it.

    Left, the latents and the β at which they collapse, in units of the user's KL weight: a latent above the line of
    the user's β is active, one in the grey region collapsed; bars are the 95 % intervals. Right, the eigenvalues of the
    covariance, with the noise level and the edge of pure noise. Eigenvalues that are zero up to rounding are left out.

    Parameters
    ----------
    advised : as from :func:`vaesym.advise`

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
                                   f"loss of one sample: {advised.loss}")
    latents = list(enumerate(advised.latents[: len(shown)], 1))
    _draw_collapse(left, advised, latents)
    _draw_spectrum(right, advised, shown, latents)
    add_legend(figure, right, 3)
    return figure


def _draw_collapse(axes: Axes, advised: Advised, latents: Numbered) -> None:
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


def _draw_spectrum(axes: Axes, advised: Advised, shown: Floats, latents: Numbered) -> None:
    axes.set_title("Spectrum of the data", fontsize=10)
    axes.set(xscale="log", xlim=(0.8, 1.3 * len(shown)), xlabel="number of the eigenvalue, largest first",
             ylabel="eigenvalue: variance, in (units of the data)²")
    label_logarithmic(axes.xaxis, np.array(axes.get_xlim()))
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
    axes.set(yscale="log", ylim=(low / margin, high * margin))
    label_logarithmic(axes.yaxis, np.array(axes.get_ylim()))


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
    for kind, (label, face) in kinds.items():
        chosen = [(number, height) for number, height, active in points if active is kind]
        if chosen:
            axes.plot(*zip(*chosen, strict=True), "o", color=_BLUE, markerfacecolor=face, markersize=7, label=label)


def _write_numbers(axes: Axes, heights: Sequence[float]) -> None:
    """Write heights at their points, the strongest first; leave out numbers that would cover another."""
    to_axes = axes.transData + axes.transAxes.inverted()
    taken: list[tuple[float, float]] = []
    for number, height in enumerate(heights, 1):
        x, y = (float(value) for value in to_axes.transform((number, height)))
        if all(abs(x - left) >= _ROOM[0] or abs(y - low) >= _ROOM[1] for left, low in taken):
            taken.append((x, y))
            axes.annotate(f"{height:.4g}", (number, height), (4, 5), textcoords="offset points", fontsize=9)
