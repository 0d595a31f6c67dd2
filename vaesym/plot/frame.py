"""What all figures share: size, title, legend, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine


def new(title: str) -> tuple[Figure, Axes]:
    """Return a figure with one pair of axes under a title.

    >>> new("Spectrum")[1].get_title()
    'Spectrum'
    """
    figure = Figure(figsize=(6.4, 4.8), layout=ConstrainedLayoutEngine(w_pad=0.1))
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11)
    return figure, axes


def new_pair(title: str) -> tuple[Figure, Axes, Axes]:
    """Return a wide figure with two pairs of axes side by side under a title.

    >>> new_pair("Spectrum")[0].get_suptitle()
    'Spectrum'
    """
    figure = Figure(figsize=(9.6, 4.8), layout=ConstrainedLayoutEngine(w_pad=0.1))
    figure.suptitle(title, fontsize=11, parse_math=False)  # a file's name may hold a dollar sign
    return figure, figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)


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
