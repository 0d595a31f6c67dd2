"""What all figures share: checks of what they draw, size, title, axes, legend, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, NullFormatter

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.arguments import PROBLEM, add_sections
from vaesym.linear_vae.point.fields import MEANINGS

if TYPE_CHECKING:
    import xarray as xr

_Figure = TypeVar("_Figure", bound=Callable[..., Figure])
#: The parameters as mathematics, in the order in which titles list them.
SYMBOLS = {name: MEANINGS[name].symbol for name in PROBLEM}


def label(name: str) -> str:
    r"""Return the label of an axis: what a quantity is, and its symbol or its unit.

    >>> label("beta"), label("rate")
    ('weight of the KL term  $\\beta$', 'rate: KL to the prior  (nats)')
    """
    what = MEANINGS[name]
    words, unit = what.text.partition(",")[0], "" if what.unit == "1" else f"  ({what.unit})"
    return f"{words}  ${what.symbol}$" if what.symbol else f"{name.replace('_', ' ')}: {words}{unit}"


def check(dataset: xr.Dataset, needed: Sequence[str], maker: str) -> None:
    """Raise :class:`vaesym.InputError` if variables are missing; ``maker`` is the function that gives them."""
    missing = sorted(set(needed) - {str(name) for name in dataset.variables})
    if missing:
        raise InputError(f"the dataset of vaesym.{maker}", f"one without {', '.join(missing)}",
                         "pass it as it was returned")


def of_dataset(maker: str, over: str = "", refused: str = "") -> Callable[[_Figure], _Figure]:
    """Return a decorator that says in a figure's docstring whose dataset it draws, over what, and what it refuses.

    >>> @of_dataset("kl_curves", ", with an ascending axis", ", or an axis that does not ascend")
    ... def drawn(dataset: xr.Dataset) -> Figure: return Figure()
    >>> drawn.__doc__.splitlines()[-1]
    '    A dataset that lacks a variable, or an axis that does not ascend.'
    """
    return lambda draw: add_sections(
        draw, {"dataset": f"dataset : as from :func:`vaesym.{maker}`{over}"}, returned="matplotlib.figure.Figure",
        refused=f"A dataset that lacks a variable{refused}.")


def ascending(name: str, values: Any) -> Floats:
    """Return the values of an axis, or raise :class:`vaesym.InputError` if they are not positive or do not ascend.

    >>> ascending("alpha", [1, 2])
    array([1., 2.])
    """
    axis = inputs.positive(name, values)
    if axis.ndim != 1 or axis.size < 2 or (np.diff(axis) <= 0).any():
        raise InputError(f"{name} as two or more ascending values", f"{axis.size} values of shape {axis.shape}",
                         "give an axis such as numpy.geomspace(0.1, 10, 100)")
    return axis


def number(value: float) -> str:
    r"""Return a number of four digits as mathematics, 10⁴ not as 1e+04.

    >>> number(0.5), number(20000.0), number(float("inf"))
    ('0.5', '2 \\times 10^{4}', '\\infty')
    """
    if np.isinf(value):
        return r"\infty"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    if not exponent:
        return mantissa
    return (rf"{mantissa} \times " if mantissa != "1" else "") + f"10^{{{int(exponent)}}}"


def with_parameters(what: str, **parameters: float) -> str:
    r"""Return a title that ends in the parameters of the figure.

    >>> with_parameters("Phases", eta=2.0, lam=0.1)
    'Phases  ($\\lambda = 0.1$, $\\eta = 2$)'
    """
    listed = [f"${symbol} = {number(parameters[name])}$" for name, symbol in SYMBOLS.items() if name in parameters]
    return f"{what}  ({', '.join(listed)})"


def is_geometric(values: Floats) -> bool:
    """Return whether three or more values > 0 are evenly spaced on a logarithmic scale.

    >>> is_geometric(np.array([1.0, 2.0, 4.0])), is_geometric(np.array([1.0, 2.0, 3.0]))
    (True, False)
    """
    steps = np.diff(np.log(values))
    return len(values) > 2 and bool(np.allclose(steps, steps[0], rtol=1e-6))


def new(title: str) -> tuple[Figure, Axes]:
    """Return a figure with one pair of axes under a title.

    >>> new("Spectrum")[1].get_title()
    'Spectrum'
    """
    figure = Figure(figsize=(6.4, 4.8), layout=ConstrainedLayoutEngine(w_pad=0.1))
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11)
    return figure, axes


def new_pair(title: str, *, math: bool = True) -> tuple[Figure, Axes, Axes]:
    """Return a wide figure with two pairs of axes side by side under a title, in which dollar signs may mean nothing.

    >>> new_pair("Spectrum")[0].get_suptitle()
    'Spectrum'
    """
    figure = Figure(figsize=(9.6, 4.8), layout=ConstrainedLayoutEngine(w_pad=0.1))
    figure.suptitle(title, fontsize=11, parse_math=math)
    return figure, figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)


def logarithmic(axes: Axes, which: Literal["x", "y"], ends: Sequence[float] | Floats | None = None) -> None:
    """Make an axis logarithmic, from the first of ``ends`` to the last; plain numbers, a short one at minor ticks too.

    >>> _, axes = new("Spectrum")
    >>> logarithmic(axes, "x", (1, 10))
    >>> [axes.xaxis.get_minor_formatter()(value) for value in (2.0, 3.0)]
    ['2', '']
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    axes.set(**{f"{which}scale": "log"})
    if ends is not None:
        axes.set(**{f"{which}lim": (float(ends[0]), float(ends[-1]))})
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    decades = np.log10(high / low)
    shown = "123456789" if decades < 0.5 else "25"
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}" if f"{value:.0e}"[0] in shown else "")
                             if decades < 1.5 else NullFormatter())
    axis.set_tick_params(which="minor", pad=5)  # in line with the labels of the longer major ticks


def label_along(axes: Axes, along: str, values: Floats) -> None:
    """Make the axis across that of a parameter: α logarithmic, any other if its values span much, spaced so.

    >>> _, axes = new("Phases")
    >>> label_along(axes, "alpha", np.array([0.1, 10.0]))
    >>> axes.get_xscale()
    'log'
    """
    axes.set(xlim=(float(values[0]), float(values[-1])), xlabel=label(along))
    if along == "alpha" or (values[-1] > 30 * values[0] and is_geometric(values)):
        logarithmic(axes, "x", values)


def add_legend(figure: Figure, axes: Axes, columns: int, first: Sequence[Artist] = ()) -> None:
    """Put a legend below the figure: the artists of ``first``, then all that the axes have labels for.

    >>> figure, axes = new("Spectrum")
    >>> _ = axes.plot([1, 2], label="eigenvalues")
    >>> add_legend(figure, axes, 1)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['eigenvalues']
    """
    handles, _ = axes.get_legend_handles_labels()
    figure.legend(handles=[*first, *handles], loc="outside lower center", ncols=columns, frameon=False, fontsize=9)


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's ending, at 150 dots per inch if that has dots.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Figure(), Path(folder, "empty.png"))
    """
    figure.savefig(path, dpi=150)
