"""The figure of training: what it shows, and that nothing covers anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import vaesym
from vaesym import figures
from vaesym.inputs import InputError

START = {"signal": 0.1, "decoder": 0.1, "encoder": 0.1, "D": 1.0}
TIMES = np.linspace(0.0, 10.0, 21)


def two_latents() -> Any:
    first = {"Q": np.diag([0.1, 0.2]), "E": np.diag([0.1, 0.1]), "R": np.zeros((2, 2)), "m": [[0.1], [0.0]],
             "d": [[0.0], [0.0]], "D": [1.0, 1.0]}
    return vaesym.online_dynamics(TIMES, [0.5, 1.5], lam=0.0, rate=0.2, variance_rate=0.2, start=first, latents=2)


FIGURES: dict[str, Callable[[], Figure]] = {
    "flow": lambda: figures.training(vaesym.gradient_flow(TIMES, [1.0, 4.0], [0.3, 1.0], lam=0.2, start=START)),
    "late flow": lambda: figures.training(
        vaesym.gradient_flow(np.geomspace(0.1, 50, 40), 2.0, 0.3, lam=0.2, start=START)),
    "two latents": lambda: figures.training(two_latents())}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figures_show_something_and_no_text_covers_another(make: Callable[[], Figure], check_view: Any) -> None:
    check_view(make)


def test_lines_are_those_of_the_dataset() -> None:
    run = vaesym.gradient_flow(TIMES, 2.0, [0.3, 1.0], lam=0.2, start=START)
    left, right = figures.training(run).axes
    np.testing.assert_array_equal(left.lines[1].get_ydata(), run.signal_recovery_error.sel(beta=1.0))
    np.testing.assert_array_equal(right.lines[2].get_ydata(), run.Q.sel(beta=1.0))
    np.testing.assert_array_equal(right.lines[3].get_ydata(), run.m.sel(beta=1.0))
    both = two_latents()
    np.testing.assert_array_equal(figures.training(both).axes[1].lines[1].get_ydata(), both.Q[0, :, 1, 1])


@pytest.mark.parametrize(("make", "words"), [
    (lambda: vaesym.gradient_flow(1.0, 2.0, 1.0, lam=0.2, start=START), "two times or more"),
    (lambda: vaesym.learning_curve([1.0, 2.0], beta=1.0, lam=0.1), "gradient_flow or of vaesym.online_dynamics")])
def test_bad_input_is_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        figures.training(make())
