"""The figure of sparse signals: what it shows, and that nothing covers anything."""

from __future__ import annotations

from typing import Any

import pytest

from derivations.linear_vae.penalties import plate
from vaesym import figures
from vaesym.inputs import InputError


def test_the_figure_shows_something_and_no_text_covers_another(check_view: Any) -> None:
    check_view(plate.draw)


def test_curves_are_those_of_the_dataset() -> None:
    found = plate.recorded()
    _, right = figures.sparse_recovery(found).axes
    curves = {line.get_label(): [*line.get_ydata()] for line in right.lines}
    assert curves["weight decay"] == found.best_quadratic_error.values.tolist()
    assert curves["absolute values"] == found.best_error.values.tolist()
    below = found.alpha.values < 1
    assert (found.best_error.values[below] < 0.6).any()


def test_a_dataset_of_another_function_is_refused() -> None:
    with pytest.raises(InputError, match="dataset of vaesym"):
        figures.sparse_recovery(plate.recorded().drop_vars("recovery"))
