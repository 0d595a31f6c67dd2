"""Figures: the curves, lines and names they must show, and that nothing covers anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from vaesym import figures, linear_vae
from vaesym.inputs import InputError

ALPHA, BETA = np.geomspace(0.05, 50, 60), np.linspace(0.02, 3, 60)


def diagram(alpha: Any = ALPHA, beta: Any = BETA, **parameters: float) -> Figure:
    return figures.phase_diagram(linear_vae.phase_diagram(alpha, beta, **parameters))


def curve(lam: float, alpha: Any = ALPHA, rho: float = 1.0, eta: float = 1.0) -> Figure:
    threshold = linear_vae.collapse_threshold(alpha, lam=lam, rho=rho, eta=eta)
    return figures.collapse_curve(alpha, threshold, lam=lam, rho=rho, eta=eta)


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def names(figure: Figure) -> list[str]:
    return [text.get_text().split("\n")[0] for text in figure.axes[0].texts]


@pytest.mark.parametrize("make", [lambda: diagram(lam=1.0), lambda: diagram(lam=3.0), lambda: diagram(lam=0.0, eta=0.3),
                                  lambda: diagram(beta=np.geomspace(0.01, 10, 60), lam=3.0, rho=0.5),
                                  lambda: diagram(alpha=np.geomspace(2, 5, 20), lam=0.5),
                                  lambda: diagram(alpha=np.geomspace(1, 1.15, 20), lam=0.5),
                                  lambda: diagram(np.geomspace(0.02, 0.59, 20), np.geomspace(1, 5, 9), lam=0.5),
                                  lambda: curve(1.0), lambda: curve(0.1), lambda: curve(3.0, ALPHA[:20])])
def test_figures_show_something_and_no_text_covers_another(make: Any, check_view: Any) -> None:
    check_view(make)


def test_phase_diagram_names_axes_phases_and_parameters() -> None:
    figure = diagram(lam=1.0, rho=1.5, eta=0.75)
    axes = figure.axes[0]
    assert "\\alpha" in axes.get_xlabel()
    assert "\\beta" in axes.get_ylabel()
    assert axes.get_xscale() == "log"
    assert all(part in axes.get_title() for part in ("\\lambda = 1", "\\rho = 1.5", "\\eta = 0.75"))
    assert names(diagram(lam=1.0)) == ["regularized", "overfitting", "learning"]


def test_titles_write_small_numbers_as_mathematics() -> None:
    for figure in (diagram(lam=1e-5), curve(lam=1e-5)):
        assert r"$\lambda = 10^{-5}$" in figure.axes[0].get_title()


def test_names_stand_in_their_phases() -> None:
    dataset = linear_vae.phase_diagram(ALPHA, BETA, lam=1.0)
    axes = figures.phase_diagram(dataset).axes[0]
    for text, phase in zip(axes.texts, linear_vae.Phase, strict=True):
        alpha, beta = (axes.transAxes + axes.transData.inverted()).transform(text.get_position())
        assert int(linear_vae.solve(alpha, beta, lam=1.0).phase) == phase


def test_boundaries_are_those_of_the_dataset() -> None:
    dataset = linear_vae.phase_diagram(ALPHA, BETA, lam=1.0, eta=0.8)
    solid, *_, detection = figures.phase_diagram(dataset).axes[0].lines
    np.testing.assert_array_equal(solid.get_ydata(), dataset.global_collapse_threshold)
    assert solid.get_linestyle() == "-"
    np.testing.assert_allclose(detection.get_xdata(), 0.8**2)


def test_local_threshold_is_dashed_where_it_differs() -> None:
    figure = diagram(beta=np.geomspace(0.01, 10, 60), lam=3.0, rho=0.5)
    (dashed,) = (line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    shown = np.isfinite(np.asarray(dashed.get_ydata(), dtype=float))
    assert 0 < shown.sum() < len(shown)
    assert any("locally stable" in text for text in legend(figure))
    assert figure.axes[0].get_yscale() == "log"
    assert not any("locally stable" in text for text in legend(diagram(lam=0.0)))


def line(figure: Figure, words: str) -> np.ndarray:
    """The points of the one line with these words in the legend."""
    (found,) = (line for line in figure.axes[0].lines if words in str(line.get_label()))
    return np.asarray(found.get_xydata(), dtype=float)


def test_first_order_transitions_have_their_boundaries_and_their_tricritical_point() -> None:
    alpha = np.geomspace(0.4, 4, 61)
    dataset = linear_vae.phase_diagram(alpha, np.geomspace(0.003, 3, 30), lam=3.0)
    figure = figures.phase_diagram(dataset)
    spinodal, coexistence, local = (line(figure, words) for words in ("spinodal", "coexistence", "locally stable"))
    first_order = np.isfinite(dataset.coexistence.values)
    assert 3 < first_order.sum() < 40
    np.testing.assert_array_equal(coexistence[first_order, 1], dataset.global_collapse_threshold[first_order])
    assert np.isnan(coexistence[~first_order, 1]).all()
    # Drawn to the next points, so that the lines meet the solid one, and leave the figure at the bottom.
    drawn = np.isfinite(spinodal[:, 1])
    assert drawn.sum() == first_order.sum() + 2
    np.testing.assert_array_equal(spinodal[drawn, 1], dataset.spinodal[drawn])
    np.testing.assert_array_equal(local[drawn, 1], dataset.collapse_threshold[drawn])
    np.testing.assert_allclose(line(figure, "tricritical")[0], np.ravel(linear_vae.tricritical_points(alpha, lam=3.0)))


def test_continuous_transitions_have_none_of_these() -> None:
    assert not any(word in text for text in legend(diagram(lam=0.5))
                   for word in ("spinodal", "coexistence", "tricritical"))
    # Out of view it is not drawn.
    assert not any("tricritical" in text for text in legend(diagram(beta=np.linspace(0.5, 3, 30), lam=3.0)))


def test_small_regions_are_named_in_the_legend() -> None:
    figure = diagram(lam=3.0)
    assert names(figure) == ["regularized", "learning"]
    assert legend(figure)[0] == "overfitting"


def test_detection_line_is_left_out_where_it_is_not_in_view() -> None:
    assert len(diagram(alpha=np.geomspace(2, 5, 20), lam=0.5).axes[0].lines) == 1


def test_collapse_curve_shows_threshold_and_limit() -> None:
    figure = curve(1.0, rho=1.5, eta=0.75)
    threshold, limit = figure.axes[0].lines
    expected = linear_vae.collapse_threshold(ALPHA, lam=1.0, rho=1.5, eta=0.75)
    np.testing.assert_array_equal(threshold.get_ydata(), expected)
    np.testing.assert_array_equal(limit.get_ydata(), 2.25)
    assert names(figure) == ["posterior collapse", "latent active"]
    assert "\\rho + \\eta = 2.25" in legend(figure)[1]


def test_bad_input_is_refused() -> None:
    dataset = linear_vae.phase_diagram(ALPHA, BETA, lam=1.0)
    with pytest.raises(InputError, match="one without phase"):
        figures.phase_diagram(dataset.drop_vars("phase"))
    with pytest.raises(InputError, match="ascending"):
        figures.phase_diagram(dataset.isel(alpha=slice(None, None, -1)))
    with pytest.raises(InputError, match="ascending"):
        figures.phase_diagram(dataset.isel(beta=[3]))
    with pytest.raises(InputError, match="shape of alpha"):
        figures.collapse_curve(ALPHA, ALPHA[:3], lam=1.0, rho=1.0, eta=1.0)
    with pytest.raises(InputError, match="finite threshold"):
        figures.collapse_curve(ALPHA, np.full_like(ALPHA, np.nan), lam=1.0, rho=1.0, eta=1.0)
