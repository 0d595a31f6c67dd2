"""Labels of figures: numbers along logarithmic axes, and where the name of a region can stand clear of every line."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from vaesym.inputs import Floats

#: Points across and up at which a place is looked for.
_POINTS = (192, 144)


def _number(value: float, position: int | None = None) -> str:
    del position
    return f"{value:g}"


def _two_or_five(value: float, position: int | None = None) -> str:
    return _number(value, position) if f"{value:.0e}"[0] in "25" else ""


def label_logarithmic(axis: Axis, values: Floats) -> None:
    """Label a logarithmic axis over ascending values with plain numbers; a short one at minor ticks too.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot(xscale="log", xlim=(1, 10))
    >>> label_logarithmic(axes.xaxis, np.array([1.0, 10.0]))
    >>> [axes.xaxis.get_minor_formatter()(value) for value in (2.0, 3.0)]
    ['2', '']
    """
    decades = np.log10(values[-1] / values[0])
    axis.set_major_formatter(FuncFormatter(_number))
    label = _number if decades < 0.5 else _two_or_five
    axis.set_minor_formatter(FuncFormatter(label) if decades < 1.5 else NullFormatter())
    axis.set_tick_params(which="minor", pad=5)  # in line with the labels of the longer major ticks


def raster(axes: Axes) -> tuple[Floats, Floats]:
    """Return the data coordinates x and y of a raster that covers the axes evenly, whatever their scales.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot(xscale="log", xlim=(1, 100))
    >>> x, y = raster(axes)
    >>> float(x[0].round(9)), float(x[-1].round(9)), float(y[-1].round(9))
    (1.0, 100.0, 1.0)
    """
    across, up = (np.linspace(0.0, 1.0, count) for count in _POINTS)
    to_data = axes.transAxes + axes.transData.inverted()
    x = to_data.transform(np.column_stack([across, np.zeros_like(across)]))[:, 0]
    y = to_data.transform(np.column_stack([np.zeros_like(up), up]))[:, 1]
    return x, y


def place(region: NDArray[np.bool_], text: str) -> tuple[float, float] | None:
    """Return where the middle of a text can stand, as fractions of the axes; None where it would cross a border.

    Parameters
    ----------
    region : which points of the raster may be covered, (rows upwards, columns)
    text : a few short lines in the usual size

    Examples
    --------
    >>> region = np.zeros((144, 192), dtype=bool)
    >>> region[:, 96:] = True
    >>> place(region, "right")
    (0.75, 0.5)
    >>> place(region, 50 * "wide") is None
    True
    """
    ndimage = import_module("scipy.ndimage")  # by name because it has no types
    lines = text.split("\n")
    # Half width and half height of the text with a margin, as fractions of the axes.
    width, height = 0.02 + 0.0085 * max(map(len, lines)), 0.02 + 0.025 * len(lines)
    spacing = (1 / (_POINTS[1] * height), 1 / (_POINTS[0] * width))
    distance: Floats = ndimage.distance_transform_edt(np.pad(region, 1), sampling=spacing)[1:-1, 1:-1]
    if distance.max() < 1:
        return None
    far = np.argwhere(distance >= max(1.0, 0.9 * distance.max()))
    row, column = far[np.abs(far - far.mean(axis=0)).sum(axis=1).argmin()]
    return round(float(column) / (_POINTS[0] - 1), 2), round(float(row) / (_POINTS[1] - 1), 2)
