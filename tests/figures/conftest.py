"""What every figure must be: something in view, and no text that covers another or leaves the figure."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def texts(figure: Figure) -> list[Any]:
    """Every text in view."""
    found = [*figure.texts, *figure.legends[0].get_texts()]
    for axes in figure.axes:
        found += [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = axis.get_view_interval()
            for minor in (False, True):
                ticks = zip(axis.get_ticklocs(minor=minor), axis.get_ticklabels(minor=minor), strict=True)
                found += [label for location, label in ticks if low <= location <= high]
    return [text for text in found if text.get_text()]


@pytest.fixture
def check_view() -> Callable[[Callable[[], Figure]], None]:
    def check(make: Callable[[], Figure]) -> None:
        before = dict(mpl.rcParams)
        figure = make()
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        assert len(np.unique(np.asarray(canvas.buffer_rgba()).view(np.uint32))) > 20  # colours
        boxes = [text.get_window_extent() for text in texts(figure)]
        shrunk = [box.shrunk(0.98, 0.98) for box in boxes]
        assert not [pair for pair in combinations(shrunk, 2) if pair[0].overlaps(pair[1])]
        assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 and figure.bbox.y0 <= box.y0
                   and box.y1 <= figure.bbox.y1 for box in boxes)
        assert dict(mpl.rcParams) == before

    return check
