"""The figure of the advice: the latents and levels it must show, and that no text covers another."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from vaesym import LossScale, advise, figures

RNG = np.random.default_rng(3)
SPIKES = RNG.normal(size=(400, 2)) * [3, 2] @ np.linalg.qr(RNG.normal(size=(60, 2)))[0].T
DATA = SPIKES + RNG.normal(size=(400, 60))
CASES: dict[str, dict[str, Any]] = {
    "few": dict(latents=2, beta=6.0), "open": dict(latents=10), "all": dict(latents=60, beta=1.0),
    "one": dict(latents=1, beta=6.0), "far": dict(latents=3, beta=1e-9), "farther": dict(latents=3, beta=1e300),
    "scaled": dict(latents=16, beta=1e-3, loss=LossScale("mean", "sum", 1.0)),
}


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_no_text_covers_another_or_leaves_the_figure(options: dict[str, Any], check_view: Any) -> None:
    check_view(lambda: figures.advice(advise(DATA, **options)))


def test_latents_stand_at_their_collapse_and_are_told_apart() -> None:
    advice = advise(DATA, latents=3, beta=6.0)
    figure = figures.advice(advice)
    left, right = figure.axes
    weights, eigenvalues = ([getattr(latent, name) for latent in advice.latents]
                            for name in ("collapse_weight", "eigenvalue"))
    for axes, heights in ((left, weights), (right, eigenvalues)):
        active, collapsed = [line for line in axes.lines if line.get_marker() == "o"]
        assert [*active.get_ydata(), *collapsed.get_ydata()] == heights
        assert collapsed.get_markerfacecolor() == "white"
        assert active.get_markerfacecolor() != "white"
    assert [text.get_text() for text in left.texts] == [f"{weight:.4g}" for weight in weights]
    np.testing.assert_array_equal(right.lines[0].get_ydata(), advice.eigenvalues)


def test_bars_are_the_intervals() -> None:
    advice = advise(DATA, latents=3, beta=6.0)
    bars = figures.advice(advice).axes[0].collections[0].get_segments()
    assert [(bar[0][1], bar[1][1]) for bar in bars] == [latent.collapse_weight_interval for latent in advice.latents]
    assert [bar[0][0] for bar in bars] == [1, 2, 3]
    assert not figures.advice(advise(DATA, latents=3, intervals=None)).axes[0].collections


def test_levels_are_those_of_the_advice() -> None:
    advice = advise(DATA, latents=3, beta=0.2, loss=LossScale("mean", "sum", 1.0))
    figure = figures.advice(advice)
    left, right = figure.axes
    heights = {line.get_linestyle(): line.get_ydata()[0] for line in right.lines if line.get_marker() == "None"}
    assert heights == {"--": advice.bulk_edge, ":": advice.noise, "-": advice.effective_beta}
    assert left.lines[0].get_ydata()[0] == advice.kl_weight
    entries = " | ".join(legend(figure))
    for part in (rf"your $\beta$ = {advice.kl_weight:.4g}", f"edge of noise, {advice.bulk_edge:.4g}",
                 rf"noise level $\eta$ = {advice.noise:.4g}", "active latent", "collapsed latent"):
        assert part in entries


def test_axes_say_what_they_show_and_in_what_units() -> None:
    figure = figures.advice(advise(DATA, latents=2, beta=6.0))
    left, right = figure.axes
    assert right.get_yscale() == right.get_xscale() == "log"
    assert "KL term" in left.get_ylabel()
    assert "units of the data" in right.get_ylabel()
    assert all(axes.get_xlabel() for axes in figure.axes)
    assert "400 samples, 60 features" in figure.get_suptitle()
    assert "0.5*sum_features" in figure.get_suptitle()


def test_what_is_out_of_view_or_rough_is_said() -> None:
    assert any("not in view" in entry for entry in legend(figures.advice(advise(DATA, latents=2, beta=1e-9))))
    assert not any("your" in entry or "rough" in entry for entry in legend(figures.advice(advise(DATA, latents=2))))
    assert any("(rough)" in entry for entry in legend(figures.advice(advise(DATA * np.geomspace(1, 9, 60), latents=2))))


@pytest.mark.parametrize("name", ["$x^$ %_{.npy", "long" * 60 + ".npy"])
def test_any_name_of_the_data_has_room(name: str) -> None:
    figure = figures.advice(dataclasses.replace(advise(DATA, latents=2, beta=6.0), name=name))
    FigureCanvasAgg(figure).draw()
    box = figure.texts[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert name[-50:] in figure.get_suptitle()


def test_latents_without_variance_are_left_out() -> None:
    figure = figures.advice(advise(np.outer(RNG.normal(size=30), np.ones(5)), beta=1.0, latents=4))
    assert "(3 without variance left out)" in figure.axes[0].get_xlabel()
    assert len(figure.axes[0].texts) == 1
