"""What figures of curves share: how curves are told apart, how their axes are labelled, and the legend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vaesym.figures import frame
from vaesym.figures.labels import label_logarithmic
from vaesym.inputs import Floats, InputError

if TYPE_CHECKING:
    import xarray as xr

Style = Literal["-", "--", ":", "-."]

_STYLES: tuple[Style, ...] = ("-", "--", ":", "-.")
#: The style of a value at α = ∞.
_LIMIT = (0, (1, 3))
#: Curves that can be told apart: by colour, and by style where there are two parameters.
_MOST = (8, len(_STYLES))
#: Beyond this ratio of the largest value to the median the upward axis is logarithmic, if it is larger than 3 too.
_STEEP = 20.0


class Curve(NamedTuple):
    """What tells one curve from the others: its place in the dataset, its colour, and its style."""

    where: dict[str, int]
    colour: Any
    style: Style


def _axes_of(dataset: xr.Dataset, along: str) -> list[str]:
    """The axes that tell curves apart, the longer one first."""
    names = sorted((str(name) for name in dataset.dims if name != along), key=lambda name: -dataset.sizes[name])
    for name, most in zip(names, _MOST, strict=False):
        if not 0 < dataset.sizes[name] <= most:
            raise InputError(f"1 to {most} values of {name} in a figure", f"{dataset.sizes[name]}",
                             "draw fewer curves, or several figures")
    return names


def _colours(count: int) -> list[Any]:
    # The lightest end of the map would not stand out from white.
    return [colormaps["viridis"](place) for place in np.linspace(0.0, 0.85, count)] if count > 1 else ["#0072B2"]


def curves(dataset: xr.Dataset, along: str) -> Iterator[Curve]:
    """Yield the curves of a dataset whose points follow the axis ``along``."""
    names = _axes_of(dataset, along)
    sizes = [dataset.sizes[name] for name in names]
    for index in np.ndindex(*sizes):
        first, second = (*index, 0, 0)[:2]
        colours = _colours(sizes[0] if sizes else 1)
        yield Curve(dict(zip(names, index, strict=True)), colours[first], _STYLES[second])


def sample(label: str, colour: Any = "0.35", style: Style | tuple[int, tuple[int, int]] = "-",
           width: float = 1.8) -> Line2D:
    """Return a line for the legend; grey, unless it stands for one colour.

    >>> sample("fresh data").get_label()
    'fresh data'
    """
    return Line2D([], [], color=colour, linestyle=style, linewidth=width, label=label)


def marker(label: str, shape: str, colour: Any, *, filled: bool = True) -> Line2D:
    """Return a mark for the legend.

    >>> marker("fold", "^", "black").get_label()
    'fold'
    """
    return Line2D([], [], color=colour, linestyle="none", marker=shape, markersize=6, label=label,
                  markerfacecolor=colour if filled else "none")


def part_unlimited(dataset: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset | None]:
    """Return the part at finite α and, if the last α is ∞, the part there, which has no place on a logarithmic axis."""
    if "alpha" in dataset.dims and np.isinf(dataset.alpha.values[:-1]).any():
        raise InputError("inf, if at all, as the last value of an ascending alpha", f"{dataset.alpha.values.tolist()}",
                         "sort alpha")
    if "alpha" not in dataset.dims or not dataset.sizes["alpha"] or np.isfinite(dataset.alpha.values[-1]):
        return dataset, None
    return dataset.isel(alpha=slice(None, -1)), dataset.isel(alpha=-1)


def draw_limit(axes: Axes, limit: xr.Dataset | None, name: str, curve: Curve) -> None:
    """Draw the value of a curve at α = ∞ as a horizontal line."""
    if limit is not None:
        value = float(limit[name].isel(curve.where))
        axes.axhline(value, color=curve.colour, linestyle=_LIMIT, linewidth=1.0, zorder=1)


def limit_sample(limit: xr.Dataset | None, *, hidden: bool = False) -> list[Line2D]:
    """Return the line for the legend that says so, if there is one to explain; ``hidden``: zeros are out of view."""
    left_out = " (0 is out of view)" if hidden else ""
    return [] if limit is None else [sample(rf"value at $\alpha = \infty${left_out}", style=_LIMIT, width=1.0)]


def legend(dataset: xr.Dataset, along: str) -> list[Line2D]:
    """Return a line for the legend for each value of each axis but ``along``."""
    lines: list[Line2D] = []
    for place, name in enumerate(_axes_of(dataset, along)):
        values = dataset[name].values
        looks: list[tuple[Any, Style]]
        looks = [(colour, "-") for colour in _colours(len(values))] if place == 0 else [("0.35", s) for s in _STYLES]
        lines += [sample(f"${frame.SYMBOLS[name]} = {frame.number(value)}$", colour, style)
                  for value, (colour, style) in zip(values, looks, strict=False)]
    return lines


def columns(legend: list[Line2D]) -> int:
    """Return the number of columns for so many lines of the legend."""
    return 3 if len(legend) > 3 else 2


def title(what: str, dataset: xr.Dataset) -> str:
    """Return a title that ends in the parameters that are the same for all curves."""
    fixed = {name: float(value) for name, value in dataset.coords.items() if not value.dims} | dataset.attrs
    return frame.with_parameters(what, **{name: fixed[name] for name in frame.SYMBOLS if name in fixed})


def label_along(axes: Axes, along: str, values: Floats) -> None:
    """Make the axis across that of α or β; the latter logarithmic if its values are spaced so."""
    if along == "alpha":
        frame.label_alpha(axes, values)
        return
    axes.set(xlim=(float(values[0]), float(values[-1])), xlabel=frame.label("beta"))
    if values[-1] > 30 * values[0] and len(values) > 2 and np.ptp(np.diff(np.log(values))) < 1e-6:
        axes.set_xscale("log")
        label_logarithmic(axes.xaxis, values)


def set_height(axes: Axes) -> None:
    """Start at 0; logarithmic, over four decades, if small values would vanish beside large ones."""
    heights = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.lines])
    top = max(float(heights.max()), 1e-3)
    if top < _STEEP * float(np.median(heights)) or top < 3:
        axes.set_ylim(0, 1.05 * top)
        return
    axes.set(yscale="log", ylim=(1e-4 * top, 1.5 * top))
    label_logarithmic(axes.yaxis, np.array(axes.get_ylim()))


def mark_detection(axes: Axes, alpha: Floats, detection: float) -> None:
    """Mark the detection threshold, if it is in view."""
    if alpha[0] < detection < alpha[-1]:
        axes.axvline(detection, color="#08519C", linestyle=(0, (1, 2)), linewidth=1.4, zorder=1,
                     label=rf"$\alpha_B = (\eta/\rho)^2 = {detection:.4g}$: from here the spectrum shows the signal")
