"""Figures of the best β, of the plateau, and of the states of the replica equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import vaesym
from vaesym import Phase, Stability, figures
from vaesym.inputs import InputError
from vaesym.solvers import PointKind

#: One process makes what these tests share.
pytestmark = pytest.mark.xdist_group("plot_optima")

ALPHA = np.geomspace(0.05, 100, 60)


def best(alpha: object = ALPHA, lam: object = (0.0, 0.1, 1.0), **given: float) -> Figure:
    return figures.optimal_beta_curve(vaesym.optimal_beta_curve(alpha, lam=lam, **given))


def plateau(beta: object = None, lam: object = (0.1, 1.0, 3.0), **given: float) -> Figure:
    return figures.plateau_curve(vaesym.plateau_curve(beta, lam=lam, **given))


@pytest.fixture(scope="module")
def states() -> xr.Dataset:
    return vaesym.bifurcation_diagram("beta", (0.02, 0.2), alpha=0.3, lam=0.8, eta=0.4).to_xarray()


FIGURES: dict[str, Callable[[], Figure]] = {
    "best": best, "best with limit": lambda: best([*ALPHA, np.inf]), "one best": lambda: best(lam=0.1),
    "best, much decay": lambda: best(lam=[0.1, 4.5], rho=2.0), "best learns": lambda: best(ALPHA[40:]),
    "plateau": plateau, "one plateau": lambda: plateau(lam=1.0, eta=0.3),
    "no end": lambda: plateau(np.linspace(2.5, 4, 9), lam=[1.0, 3.0]),
    "log beta": lambda: plateau(np.geomspace(0.01, 3, 30)),
    "states over alpha": lambda: figures.bifurcation_diagram(
        vaesym.bifurcation_diagram("alpha", (0.5, 20.0), beta=1.5, lam=0.5).to_xarray()),
}


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figures_show_something_and_no_text_covers_another(make: Callable[[], Figure], check_view: Any) -> None:
    check_view(make)


def test_best_beta_its_error_and_its_limit() -> None:
    dataset = vaesym.optimal_beta_curve([*ALPHA, np.inf], lam=[0.1, 1.0], rho=1.5, eta=0.5)
    figure = figures.optimal_beta_curve(dataset)
    left, right = figure.axes
    learning = dataset.phase.values[:-1, 0] == Phase.LEARNING
    solid, dashed = (np.asarray(line.get_ydata(), dtype=float) for line in left.lines[:2])
    np.testing.assert_array_equal(solid, np.where(learning, dataset.optimal_beta[:-1, 0], np.nan))
    # Both parts meet, and nothing is left out.
    assert np.isfinite(np.where(np.isfinite(solid), solid, dashed)).all()
    assert (np.isfinite(solid) & np.isfinite(dashed)).sum() == 1
    error, bound, limit = (np.asarray(line.get_ydata()) for line in right.lines[:3])
    np.testing.assert_array_equal(error, dataset.signal_recovery_error[:-1, 0])
    np.testing.assert_array_equal(bound, dataset.recovery_error_bound[:-1, 0])
    np.testing.assert_array_equal(limit, [dataset.signal_recovery_error[-1, 0]] * 2)
    assert any(r"\eta = 0.5" in text for text in legend(figure))
    assert any(np.asarray(line.get_ydata()).tolist() == [0.5, 0.5] for line in left.lines)


def test_a_best_beta_near_zero_does_not_stretch_the_axis() -> None:
    figure = best([1.0, 2.0, 4.0, 40.0], lam=[0.1, 4.5], rho=2.0)
    assert float(vaesym.optimal_beta(2.0, lam=4.5, rho=2.0)) < 1e-6
    assert figure.axes[0].get_ylim()[0] >= 0
    assert figure.axes[0].get_yscale() == "linear" or figure.axes[0].get_ylim()[0] > 1e-4
    assert any("out of view" in text for text in legend(figure))
    assert not any("out of view" in text for text in legend(best()))


def test_plateau_with_its_divergence() -> None:
    dataset = vaesym.plateau_curve(np.linspace(0.5, 2.5, 101), lam=[0.1, 1.0, 5.0])
    figure = figures.plateau_curve(dataset)
    (axes,) = figure.axes
    ends = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines[:6:2]]
    for i, end in enumerate(ends):
        expected = dataset.plateau_end[:, i].values
        np.testing.assert_array_equal(end, np.where(np.isfinite(expected), expected, np.nan))
    asymptote = np.asarray(axes.lines[3].get_ydata(), dtype=float)
    shown = np.isfinite(asymptote)
    np.testing.assert_array_equal(asymptote[shown], dataset.plateau_asymptote[shown, 1])
    assert shown.any()
    assert not np.isfinite(np.asarray(axes.lines[1].get_ydata(), dtype=float)).any()
    assert any(np.asarray(line.get_xdata()).tolist() == [2.0, 2.0] for line in axes.lines)
    assert any(r"\rho + \eta = 2" in text for text in legend(figure))
    assert legend(plateau(np.linspace(2.5, 4, 9), lam=[1.0, 3.0]))[0] == r"$\lambda = 1$ (never ends)"


def test_states_are_told_apart(states: xr.Dataset) -> None:
    figure = figures.bifurcation_diagram(states)
    (axes,) = figure.axes
    circles = [line for line in axes.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(circles[0].get_ydata(), states.closed_form_Q[:, 1])
    styles = {"-": Stability.STABLE, "--": Stability.METASTABLE, ":": Stability.UNSTABLE}
    drawn = {style: np.concatenate([np.asarray(line.get_xydata(), dtype=float) for line in axes.lines
                                    if line.get_linestyle() == style]) for style in styles}
    for style, rank in styles.items():
        at = (states.stability == rank).values
        points = np.column_stack([states.beta.values[at], states.Q.values[at]])
        assert len(points)
        assert all((drawn[style] == point).all(axis=1).any() for point in points)
    folds = next(line for line in axes.lines if line.get_marker() == "^")
    assert sorted(folds.get_xdata()) == sorted(states.beta.values[states.kind.values == PointKind.FOLD])
    assert {"metastable: local minimum", "unstable", "fold (spinodal)", "branch point", "closed form"} <= set(
        legend(figure))


@pytest.mark.parametrize(("call", "words"), [
    (lambda: best(2.0), "ascending"), (lambda: best([1.0, np.inf]), "two or more ascending"),
    (lambda: best(ALPHA[::-1]), "ascending"), (lambda: best([np.inf, 1.0, 2.0]), "inf, if at all"),
    (lambda: best([]), "ascending"), (lambda: best(lam=np.linspace(0, 1, 9)), "1 to 8 values of lam"),
    (lambda: best(lam=[]), "1 to 8 values of lam"), (lambda: plateau(1.0), "ascending"),
    (lambda: plateau([]), "ascending"), (lambda: plateau(lam=np.linspace(0, 1, 9)), "1 to 8 values of lam"),
    (lambda: figures.optimal_beta_curve(vaesym.plateau_curve(lam=1.0)), "one without optimal_beta"),
    (lambda: figures.plateau_curve(vaesym.optimal_beta_curve(ALPHA, lam=1.0)), "one without collapse_limit"),
    (lambda: figures.bifurcation_diagram(vaesym.plateau_curve(lam=1.0)), "one without Q"),
])
def test_bad_input_is_refused(call: Callable[[], Figure], words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
